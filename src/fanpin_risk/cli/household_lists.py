"""Scoring the households of a list, such as the sheet of monitored households: a row for each, in its order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import fanpin_risk as fr
from fanpin_risk.cli.reading import reading_option, write_problem_list
from fanpin_risk.cli.scoring import event_forecast, headed, of_groups, write_not_ranked
from fanpin_risk.cli.talking import Teller
from fanpin_risk.errors import FanpinError, InputError
from fanpin_risk.words import Message, listed

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.batch.scoring.job import ScoreOptions
    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.records.places import Unit
    from fanpin_risk.records.read.household_list import HouseholdList
    from fanpin_risk.records.register import Register

__all__ = ["only_a_list", "read_list", "score_list"]

IDS_SHOWN = 5  # of those that the register does not know, masked
ROWS_SHOWN = 10


def read_list(file: Path, tell: Teller, *, id_key: Path | None, encoding: str | None) -> HouseholdList:
    """Read the households that a file names, and say how many they are."""
    from fanpin_risk.records.read.household_list import read_household_list

    found = read_household_list(
        file, id_key=None if id_key is None else id_key.read_bytes().strip(), encoding=encoding,
        columns=reading_option("columns"),
    )  # fmt: skip
    if not found.ids:
        raise InputError("{file} names no household; expected ids below a header such as household_id", file=file.name)
    again = found.n_rows - len(found.ids)
    tell(
        Message(
            "{file}: {rows:,} rows with an id = {count:,} households + {again:,} rows that name one again",
            file=file.name, rows=found.n_rows, count=len(found.ids), again=again,
        )
    )  # fmt: skip
    if found.without_id:
        rows = [str(row) for row in found.without_id[:ROWS_SHOWN]]
        more = ["..."] * (len(found.without_id) > ROWS_SHOWN)
        tell(
            Message(
                "    {count:,} rows have no id and are left out: rows {rows}",
                count=len(found.without_id), rows=listed(rows + more),
            )
        )  # fmt: skip
    return found


def only_a_list(register: Path | str, error: FanpinError) -> InputError | None:
    """Return what an office can do with a list of households that was given as the register; None where it is none."""
    from fanpin_risk.records.read.household_list import read_household_list

    file = Path(register)
    if not file.is_file():
        return None
    try:
        found = read_household_list(file, id_key=b"only to count them")
    except FanpinError:
        return None
    if not found.ids:
        return None
    return InputError(
        "{file} names {count:,} households, but nothing tells enough about them to score them: give the register with their "
        "members and incomes as REGISTER, and this file with --households; or, where the file is the register, mend it: {why}",
        file=file.name, count=len(found.ids), why=error.message,
    )  # fmt: skip


def score_list(
    model: RiskModel,
    register: Path | str | Register,
    as_of: str,
    asked: HouseholdList,
    out: Path,
    tell: Teller,
    *,
    options: ScoreOptions,
    file: Path | None,
    workers: int | None,
    capacity: float | None,
    per: Unit | None,
    overwrite: bool,
) -> None:
    """Score the households of a list into a folder, the scores themselves into a file beside it if one is named."""
    from fanpin_risk.batch.named_households import score_named_households
    from fanpin_risk.files import new_folder, write_table
    from fanpin_risk.model.tiers import in_words
    from fanpin_risk.watch.watchlist import below_line_list

    source = register if isinstance(register, fr.Register) else Path(register)
    with tell.progress(Message("scoring")) as progress:
        tables = score_named_households(
            source, model, as_of, asked.ids, options=options, workers=workers, progress=progress
        )
    scores = tables["scores"]
    _tell_counts(scores, tables["unscored"], as_of, tell)
    of_lists = of_groups(scores, options, tell)
    with_risk = of_lists[of_lists["note"] == ""].drop(columns="note")
    ranked = fr.watchlist(
        with_risk, capacity=max(1, len(with_risk)) if capacity is None else capacity, per=per, include_monitored=True
    )
    places = {table: f"{table}.{ending}" for table, ending in options.tables().items()}
    if file is not None:
        places["scores"] = file.name
    with new_folder(out, "score", overwrite=overwrite, beside=file) as folder:
        if isinstance(register, fr.Register):
            write_problem_list(register, folder)
        write_table(headed(ranked, event_forecast(model)), folder / "watchlist.csv")
        if model.target == "below_line":
            unknown = int((of_lists["note"] == "no_income_before").sum())
            write_not_ranked(below_line_list(of_lists), unknown, folder, event_forecast(model), tell)
        for table, place in places.items():
            codes = tables[table]
            in_codes = table != "scores" or place.lower().endswith(".parquet")
            write_table(codes if in_codes else in_words(codes, lang=options.lang), folder / place)
    written = out / places["scores"] if file is None else file
    tell(
        Message(
            "scores in the order of the list: {scores} ({count:,} rows); by risk: {watchlist} ({ranked:,} rows)",
            scores=written, count=len(scores), watchlist=out / "watchlist.csv", ranked=len(ranked),
        )
    )  # fmt: skip


def _tell_counts(scores: pd.DataFrame, unscored: pd.DataFrame, as_of: str, tell: Teller) -> None:
    """Account for every household of the list, and name those that the register does not know."""
    from fanpin_risk.model.asked_households import NOTES_OF_ASKED
    from fanpin_risk.records.ids import mask_id

    counts = unscored["reason"].value_counts()
    parts = [
        Message("{count:,} {reason}", count=int(counts[code]), reason=name)
        for code, name in NOTES_OF_ASKED.items()
        if code in counts
    ]
    tell(
        Message(
            "    {asked:,} households of the list = {scored:,} with a risk + {without:,} without one{why}; all stand in the scores",
            asked=len(scores), scored=len(scores) - len(unscored), without=len(unscored),
            why=Message(" ({parts})", parts=listed(parts)) if parts else "",
        )
    )  # fmt: skip
    unknown = unscored.loc[unscored["reason"] == "not_in_register", "household_id"]
    if len(unknown):
        shown = [mask_id(one) for one in unknown[:IDS_SHOWN]]
        tell(
            Message(
                "    not in the register: {ids} ({count:,} in all); look for other spellings of the id, a household split or merged, "
                "another county, or ids replaced with another key (--id-key)",
                ids=listed(shown + ["..."] * (len(unknown) > IDS_SHOWN)), count=len(unknown),
            )
        )  # fmt: skip
    monitored = scores["monitored"].fillna(value=False).astype(bool)
    beside = int((scores.loc[scores["note"] == "", "not_at_risk"] == "monitored").sum())
    tell(Message("    {count:,} of them are monitored on {day}", count=int(monitored.sum()), day=as_of))
    if beside:
        tell(
            Message(
                "    note: {count:,} households of the list are monitored, and this model learnt from households that are not: it orders "
                "them, but its risk is no forecast of theirs; a model with --target not_eliminated is one of theirs",
                count=beside,
            )
        )  # fmt: skip
