"""Commands for registers of any size: pack, and scoring part by part."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

import fanpin_risk as fr
from fanpin_risk.arguments import size_in_bytes
from fanpin_risk.cli.options import (
    DataDate,
    RegisterSource,
    lang_option,
    overwrite_option,
    quiet_option,
    reading_options,
    workers_option,
)
from fanpin_risk.cli.reading import reading_option, tell_packed, write_problem_list
from fanpin_risk.cli.scoring import (
    event_forecast,
    headed,
    tell_groups,
    tell_lacking,
    write_not_ranked,
    write_rule_lists,
)
from fanpin_risk.cli.talking import Teller, say
from fanpin_risk.cli.usage import checked_by
from fanpin_risk.errors import LackingTablesWarning, OtherLagWarning
from fanpin_risk.words import Message

if TYPE_CHECKING:
    from fanpin_risk.batch.scoring.job import ScoreOptions
    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.records.places import Unit
    from fanpin_risk.records.register import Register

__all__ = ["pack", "score_in_parts"]


def _size(option: str, value: str) -> str:
    size_in_bytes(option, value)
    return value


@click.command()
@click.argument("source", metavar="SOURCE", type=RegisterSource(exists=True))
@reading_options
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to make.")
@click.option(
    "--max-households",
    type=click.IntRange(1),
    default=50_000,
    show_default=True,
    help="Counties with more are dealt into buckets, so that each partition fits into memory.",
)
@click.option(
    "--memory",
    default="2GB",
    show_default=True,
    metavar="SIZE",
    callback=checked_by(_size),
    help="What joining and sorting may use, such as 4GB.",
)
@click.option(
    "--temp-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where raw rows lie until they are packed (about the size of the files); default: beside OUT.",
)
@click.option(
    "--temp-limit",
    metavar="SIZE",
    callback=checked_by(_size),
    help="The most that may lie there, such as 200GB; default: no limit.",
)
@click.option("--threads", type=click.IntRange(1), help="Threads of joining and sorting; default: one per core.")
@workers_option("Check partitions in N processes (-1: one per core), each with one in memory; default: one process.")
@overwrite_option
@lang_option
@quiet_option
def pack(
    source: Path | str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    out: Path,
    max_households: int,
    memory: str,
    temp_dir: Path | None,
    temp_limit: str | None,
    threads: int | None,
    workers: int | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Pack the files of SOURCE by county, so that a province or the nation can be scored part by part.

    SOURCE is a folder of csv, parquet or xlsx files, a zip archive, or the address of a database, as for 'check' and
    'score'; rows may lie in any order, and the files may be far larger than memory. The same rows are kept and rejected
    as by 'check'; rejected rows are in OUT/rejected, problems in OUT/problems.parquet. Needs the extra "pack" (DuckDB).
    """
    from fanpin_risk.records.problems import FEWEST_KEPT

    tell = Teller(quiet=quiet)
    with tell.progress(Message("packing")) as progress:
        summary = fr.pack(
            source, out, queries=reading_option("queries"), columns=reading_option("columns"), data_date=data_date,
            known_lag_days=reading_option("known_lag_days"), id_key=None if id_key is None else id_key.read_bytes().strip(),
            encoding=encoding, hidden=bool(reading_option("hidden")), flat=bool(reading_option("flat")),
            max_households=max_households, memory=memory, temp_dir=temp_dir, temp_limit=temp_limit,
            threads=threads, workers=workers, least_kept=FEWEST_KEPT, overwrite=overwrite, progress=progress,
        )  # fmt: skip
    read, kept, rejected = (int(summary.rows[name].sum()) for name in ("read", "kept", "rejected"))
    tell(
        Message(
            "{read:,} rows read = {kept:,} kept + {rejected:,} rejected; {households:,} households in {partitions} partitions "
            "-> {out}",
            read=read,
            kept=kept,
            rejected=rejected,
            households=summary.households,
            partitions=summary.partitions,
            out=out,
        )
    )
    if not quiet:
        tell_packed(out, tell)


def score_in_parts(
    model: RiskModel,
    register: Path | str | Register,
    as_of: str,
    out: Path,
    tell: Teller,
    *,
    options: ScoreOptions,
    workers: int | None,
    capacity: float | None,
    per: Unit | None,
    overwrite: bool,
    problems_of: Register | None,
) -> None:
    """Score a register part by part into out/scores, and write the watch list."""
    from fanpin_risk.batch.layout import read_manifest
    from fanpin_risk.batch.lists import not_ranked_of_parts, rule_lists_of_parts, watchlist_of_parts
    from fanpin_risk.files import new_folder, write_table

    if isinstance(register, (Path, str)):
        packed = read_manifest(register)
        given = fr.Register(
            {}, supplied=packed.tables, known_lag_days=packed.known_lag_days, recorded_at_filled=packed.filled
        )
        if (other := model.other_lag(given)) is not None:
            say(Message("note: {text}", text=other))
    else:
        given = register
    with tell.progress(Message("scoring")) as progress, warnings.catch_warnings():
        tell_lacking(model, given)
        warnings.simplefilter("ignore", LackingTablesWarning)
        warnings.simplefilter("ignore", OtherLagWarning)
        summary = fr.score_register(
            register, model, as_of, out / "scores", **options.as_dict(), workers=workers, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
        nobody = model.score(fr.Register({}), as_of, **options.of_the_model())
    found = watchlist_of_parts(out / "scores", capacity=capacity, per=per)
    in_codes = fr.watchlist(nobody) if found is None else found
    listed = headed(in_codes, event_forecast(model))
    by_rule, differing = rule_lists_of_parts(out / "scores", in_codes)
    below, unknown = not_ranked_of_parts(out / "scores") if model.target == "below_line" else (None, 0)
    tell(
        Message(
            "    {households:,} households = {scored:,} scored + {unscored:,} not on record on the day; {partitions} partitions "
            "({before} of them done before)",
            households=summary["households"],
            scored=summary["scored"],
            unscored=sum(summary["unscored"].values()),
            partitions=summary["partitions"],
            before=summary["kept"],
        )
    )
    if options.groups:
        tell_groups(summary, options, tell)
    with new_folder(out, "score", overwrite=overwrite, stays="scores") as folder:
        if problems_of is not None:
            write_problem_list(problems_of, folder)
        write_table(listed, folder / "watchlist.csv")
        if below is not None:
            write_not_ranked(below, unknown, folder, event_forecast(model), tell)
        write_rule_lists(
            fr.rule_list(nobody) if by_rule is None else by_rule, fr.disagreements(nobody) if differing is None else differing,
            folder, event_forecast(model), tell,
        )  # fmt: skip
    seconds = summary["seconds"]
    tell(
        Message(
            "    {all:.0f} s (over all processes: reading {read:.0f}, scoring {score:.0f}, writing {write:.0f}); a process took "
            "at most {peak:,.0f} MB; {rejected:,} rows were rejected on reading; watch list of {listed:,} households: {file}",
            all=seconds["all"],
            read=seconds["read"],
            score=seconds["score"],
            write=seconds["write"],
            peak=max(number for number in (*summary["peak_mb"].values(), 0.0) if number is not None),
            rejected=sum(summary["rejected"].values()),
            listed=len(listed),
            file=out / "watchlist.csv",
        )
    )
