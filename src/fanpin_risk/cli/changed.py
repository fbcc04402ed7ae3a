"""The command changes: whose risk moved between two days, and by what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import fanpin_risk as fr
from fanpin_risk.cli.options import (
    DataDate,
    ModelFolder,
    comparing_options,
    lang_option,
    overwrite_option,
    quiet_option,
    reasons_option,
)
from fanpin_risk.cli.reading import check_ending, own_lines, pseudonyms, read_checked
from fanpin_risk.cli.scoring import load, tell_lacking, tell_model
from fanpin_risk.cli.talking import Teller
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.progress import Progress
    from fanpin_risk.records.register import Register
    from fanpin_risk.watch.changed import Changes

__all__ = ["changes"]

FIRST_SHOWN = 5
COMPARING = Message("comparing")


@click.command()
@comparing_options
@click.option(
    "--model-before",
    type=ModelFolder(),
    metavar="FOLDER",
    help="The model in use on the earlier day, if it was another; what the other model makes of the same records is told apart.",
)
@click.option(
    "--household",
    "households",
    multiple=True,
    metavar="ID",
    help="Household id; give several for several. Default: all on record on either day.",
)
@reasons_option
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .csv, .parquet or .xlsx.",
)
@overwrite_option
@lang_option
@quiet_option
def changes(
    register: Path | str,
    lines_file: Path | None,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    before: str,
    after: str,
    model_before: str | None,
    households: tuple[str, ...],
    n_reasons: int,
    out: Path,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Compare the risks of REGISTER on two days: who is new, rising, falling or gone, and which changed facts moved each risk.

    One row per household, those whose risk rose most first. The difference of the log-odds is split exactly: into what the
    records say now and did not say before, fact by fact, into what a line that moved does, and another model.
    """
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.files import check_target, write_table

    check_ending(out)
    check_target(out, "changes", overwrite=overwrite)
    tell = Teller(quiet=quiet)
    lines = own_lines(lines_file)
    loaded = load(model, lines=lines)
    earlier = None if model_before is None else load(model_before, lines=lines)
    tell_model(loaded, after, tell)
    asked = list(dict.fromkeys(households)) or None
    if asked is not None and id_key is not None:
        asked = list(pseudonyms(tuple(asked), id_key))

    def compare(part: Register, progress: Progress | None = None) -> pd.DataFrame:
        moved = fr.changes(loaded, part, before, after, households=asked, model_before=earlier, progress=progress)
        return _moves_with_reasons(moved, n_reasons)

    if asked is None and is_packed(register):
        from fanpin_risk.cli.packed import each_part, in_order_of_ids, packed_as_described

        packed_as_described(Path(register), tell, model=loaded, given=(data_date, id_key, encoding))
        table = in_order_of_ids(each_part(Path(register), tell, COMPARING, compare))
    else:
        read = read_checked(
            register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(before, after), model=loaded,
            households=asked,
        )  # fmt: skip
        tell_lacking(loaded, read)
        with tell.progress(COMPARING) as progress:
            table = compare(read, progress)
    table = table.sort_values(["log_odds_change", "household_id"], ascending=[False, True], ignore_index=True)
    write_table(table, out, kind="changes")
    _tell_moves(table, tell)
    tell(Message("{rows:,} households -> {out}", rows=len(table), out=out))


def _moves_with_reasons(moved: Changes, n_reasons: int) -> pd.DataFrame:
    """Put the sentences beside the figures."""
    told = moved.reasons(lang=current_language(), n_reasons=n_reasons)
    table = moved.frame.merge(told, on="household_id", how="left", validate="one_to_one")
    said = [name for name in told.columns if name.startswith("change_")]
    table[said] = table[said].fillna("")
    return table


def _tell_moves(table: pd.DataFrame, tell: Teller) -> None:
    """Say how many households moved which way, and the first of those whose risk rose."""
    from fanpin_risk.explanation.letter import percent
    from fanpin_risk.records.ids import mask_id
    from fanpin_risk.watch.changed import MOVES

    counts = table["move"].value_counts()
    for move, label in MOVES.items():
        tell(Message("  {move}: {count:,}", move=label, count=int(counts.get(move, 0))))
    first = table[table["move"] == "rising"].head(FIRST_SHOWN)
    for row in first.to_dict("records"):
        tell(
            Message(
                "  {household}: {before} -> {after}  {why}",
                household=mask_id(row["household_id"]),
                before=percent(row["risk_before"]),
                after=percent(row["risk_after"]),
                why=row.get("change_1", ""),
            )
        )
