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
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.watch.changed import Changes

__all__ = ["changes"]

FIRST_SHOWN = 5


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
    if is_packed(register):
        raise InputError(
            "{register} is a packed register; changes are worked out from the files of a county: give their folder",
            register=Path(register).name,
        )
    tell = Teller(quiet=quiet)
    lines = own_lines(lines_file)
    loaded = load(model, lines=lines)
    earlier = None if model_before is None else load(model_before, lines=lines)
    tell_model(loaded, after, tell)
    read = read_checked(
        register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(before, after), model=loaded
    )
    tell_lacking(loaded, read)
    asked = list(dict.fromkeys(households)) or None
    if asked is not None and id_key is not None:
        asked = list(pseudonyms(tuple(asked), id_key))
    with tell.progress(Message("comparing")) as progress:
        moved = fr.changes(loaded, read, before, after, households=asked, model_before=earlier, progress=progress)
    table = _most_risen_first(moved, n_reasons)
    write_table(table, out, kind="changes")
    _tell_moves(moved, table, tell)
    tell(Message("{rows:,} households -> {out}", rows=len(table), out=out))


def _most_risen_first(moved: Changes, n_reasons: int) -> pd.DataFrame:
    """Put the sentences beside the figures; the risks that rose most first, then the others, by id."""
    told = moved.reasons(lang=current_language(), n_reasons=n_reasons)
    table = moved.frame.merge(told, on="household_id", how="left", validate="one_to_one")
    said = [name for name in told.columns if name.startswith("change_")]
    table[said] = table[said].fillna("")
    return table.sort_values(["log_odds_change", "household_id"], ascending=[False, True], ignore_index=True)


def _tell_moves(moved: Changes, table: pd.DataFrame, tell: Teller) -> None:
    """Say how many households moved which way, and the first of those whose risk rose."""
    from fanpin_risk.explanation.letter import percent
    from fanpin_risk.records.ids import mask_id
    from fanpin_risk.watch.changed import MOVES

    counts = moved.frame["move"].value_counts()
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
