"""The command update: a monthly export into a packed register, one taken back, and the earlier states removed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import fanpin_risk as fr
from fanpin_risk.arguments import size_in_bytes
from fanpin_risk.cli.options import DataDate, RegisterSource, lang_option, one_day_option, quiet_option, reading_options
from fanpin_risk.cli.reading import reading_option
from fanpin_risk.cli.talking import Teller
from fanpin_risk.cli.usage import checked_by, wrong_usage
from fanpin_risk.words import Message

if TYPE_CHECKING:
    from fanpin_risk.batch.update import UpdateSummary

__all__ = ["update"]

PLACES_TOLD = 10


def _bytes(option: str, value: str) -> str:
    size_in_bytes(option, value)
    return value


@click.command()
@click.argument("packed", metavar="PACKED", type=click.Path(file_okay=False, path_type=Path))
@click.argument("export", metavar="[EXPORT]", required=False, type=RegisterSource(exists=True))
@one_day_option(
    "--date", "The day whose state EXPORT shows (YYYY-MM-DD). With --undo: the day of the export to take back."
)
@click.option(
    "--partial",
    is_flag=True,
    help="EXPORT holds only some of the rows of its tables: nothing is taken as gone for not being in it.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Take EXPORT in though it looks wrong: a third of the households or persons are gone or new, or amounts are ten times as "
    "large or small as on record.",
)
@click.option("--undo", is_flag=True, help="Instead: take back the export of --date, or the one that was given last.")
@click.option(
    "--purge",
    is_flag=True,
    help="Instead: remove the earlier states that are kept beside the register; exports on record can then no longer be taken back.",
)
@reading_options
@click.option(
    "--memory",
    default="2GB",
    show_default=True,
    metavar="SIZE",
    callback=checked_by(_bytes),
    help="What joining and sorting may use, such as 4GB.",
)
@click.option(
    "--temp-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where raw rows lie until they are checked (about the size of the files); default: within PACKED.",
)
@click.option("--threads", type=click.IntRange(1), help="Threads of joining and sorting; default: one per core.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@lang_option
@quiet_option
def update(
    packed: Path,
    export: Path | str | None,
    date: str | None,
    partial: bool,
    force: bool,
    undo: bool,
    purge: bool,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    memory: str,
    temp_dir: Path | None,
    threads: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Take EXPORT, the state of a day, into the packed register PACKED as rows dated by that day.

    What is new, changed or gone becomes rows known from that day on; what is equal adds nothing, and partitions that do not
    change are left as they are, so that 'score' into the same folder computes only the others. Exports may come late, twice
    or in any order. Where there is no PACKED yet, it is made of EXPORT. EXPORT is whatever 'check' reads; single tables will do.

    \b
        fanpin-risk update packed 2024-04 --date 2024-04-30
        fanpin-risk update packed corrections.xlsx --date 2024-05-06 --partial
        fanpin-risk update packed --undo
    """  # noqa: D301  click reads the control character
    tell = Teller(quiet=quiet)
    if undo or purge:
        if export is not None or partial or force or (undo and purge) or (purge and date is not None):
            raise wrong_usage(Message("--undo and --purge stand alone; only --undo takes a --date"))
        if purge:
            tell(Message("{count:,} earlier states removed", count=fr.purge_updates(packed)))
            return
        with tell.progress(Message("taking back")) as progress:
            back = fr.undo_update(packed, date=date, progress=progress)
        tell(Message("the export of {day} was taken back", day=back["date"]))
        return
    if export is None or date is None:
        raise wrong_usage(Message("give EXPORT and --date, or --undo, or --purge"))
    if data_date is not None and not isinstance(data_date, dict):
        raise wrong_usage(Message("--data-date: only of single files (FILE=DATE); the day of the export is --date"))
    if reading_option("known_lag_days") is not None:
        raise wrong_usage(
            Message("--known-lag-days: what an export says no day of recording of is known from its --date")
        )
    with tell.progress(Message("updating")) as progress:
        summary = fr.update(
            packed, export, date=date, partial=partial, force=force, queries=reading_option("queries"),
            columns=reading_option("columns"), data_date=data_date, id_key=None if id_key is None else id_key.read_bytes().strip(),
            encoding=encoding, hidden=bool(reading_option("hidden")), flat=bool(reading_option("flat")), memory=memory,
            temp_dir=temp_dir, threads=threads, progress=progress,
        )  # fmt: skip
    if as_json:
        click.echo(summary.rows.reset_index().to_json(orient="records", force_ascii=False))
    _tell_update(summary, tell)


def _tell_update(summary: UpdateSummary, tell: Teller) -> None:
    """Say what became of the rows of an export."""
    from fanpin_risk.records.schema import TABLES

    if summary.known:
        tell(Message("this export was taken in before; nothing has changed"))
        return
    for table, row in summary.rows.to_dict("index").items():
        counts: dict[str, Any] = {str(kind): int(number) for kind, number in row.items()}
        tell(
            Message(
                "  {table}: {read:,} rows read = {good:,} kept + {rejected:,} rejected; {same:,} as on record, {new:,} new, "
                "{changed:,} changed, {corrected:,} corrected within it; of those on record {ended:,} ended, {kept:,} that the "
                "export lacks stay",
                table=TABLES[str(table)].label, good=counts["read"] - counts["rejected"], **counts,
            )
        )  # fmt: skip
    if summary.rows["rejected"].any():
        tell(Message("rejected rows and problems: {folder}", folder=summary.export))
    for place, count in sorted(summary.left.items())[:PLACES_TOLD]:
        tell(
            Message(
                "  {place}: no household in the export, {count:,} on record are left as they are",
                place=place or Message("without an area code"), count=count,
            )
        )  # fmt: skip
    if len(summary.left) > PLACES_TOLD:
        tell(Message("    and {count:,} more townships", count=len(summary.left) - PLACES_TOLD))
    if summary.again:
        tell(Message("it came late: {count:,} later exports were taken in again", count=summary.again))
    tell(
        Message(
            "{path}: {changed:,} of {partitions:,} partitions written, {households:,} households on record",
            path=summary.path, changed=summary.changed, partitions=summary.partitions, households=summary.households,
        )
    )  # fmt: skip
