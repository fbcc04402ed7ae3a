"""What changed since an earlier day, for a report: how many risks moved which way, and by which facts those that rose most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from fanpin_risk.asof.outcomes import NO_FORECAST
from fanpin_risk.explanation.letter import percent
from fanpin_risk.explanation.reasons import LEAST
from fanpin_risk.reports.sheet_writer import SheetColumn
from fanpin_risk.watch.changed import LINE_PART, MODEL_PART, MOVES, Changes
from fanpin_risk.words import LANGUAGES, Message

__all__ = [
    "RISEN_LISTED",
    "MovedHouseholds",
    "moved_columns",
    "moved_figures",
    "moved_households",
    "moved_note",
    "moved_rows",
]

RISEN_LISTED = 100  # households beside the watch list whose risk rose most, at most
RISEN_ON_PAGE = 20
OF_THE_DAY = ("household_id", "area_code", "area_name", "model")  # columns of the scores


@dataclass(frozen=True, kw_only=True)
class MovedHouseholds:
    """What changed between an earlier day and that of the report.

    Attributes
    ----------
    before, after : Timestamp
        The days.
    counts : dict of str to int
        Code of a move -> households, of those whom the forecast is about on the days on which they are on record.
    not_asked : int
        Households that it is not about on one of the days: below the line already, say. They are in no count.
    other_model : bool
        Whether another model was in use on the earlier day.
    households : DataFrame
        Those of the watch list that can be compared and, of others at risk on both days, the 100 whose risk rose most; the
        greatest rise first, those new on record last. Columns of :class:`fanpin_risk.watch.changed.Changes`, ``listed``
        (number on the watch list, missing for others), ``area_code``, ``area_name``, ``model`` and ``facts`` (tuple of
        Message: which facts on record moved it).
    """

    before: pd.Timestamp
    after: pd.Timestamp
    counts: dict[str, int]
    not_asked: int
    other_model: bool
    households: pd.DataFrame


def moved_households(
    moved: Changes, scores: pd.DataFrame, listed: pd.DataFrame, *, n_reasons: int, other_model: bool = False
) -> MovedHouseholds:
    """Choose whose change a report tells, and say by which facts.

    Parameters
    ----------
    moved : Changes
        From :func:`fanpin_risk.changes`, of the whole register.
    scores : DataFrame
        Of the later day, of the households that lists are about.
    listed : DataFrame
        The watch list.
    n_reasons : int
        Facts for each household, at most.
    other_model : bool
        Whether another model was in use on the earlier day.

    Returns
    -------
    MovedHouseholds

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> model, register = fr.load_model("demo"), fr.make_register(300, random_state=0)
    >>> scores = model.score(register, "2023-12-31")
    >>> moved = fr.changes(model, register, "2023-06-30", "2023-12-31")
    >>> found = moved_households(moved, scores, fr.watchlist(scores, capacity=3), n_reasons=2)
    >>> sum(found.counts.values()) + found.not_asked == len(moved.frame)
    True
    """
    frame = moved.frame
    asked = ~(frame["not_at_risk_before"].isin(NO_FORECAST) | frame["not_at_risk_after"].isin(NO_FORECAST))
    number = pd.Series(range(1, len(listed) + 1), index=listed["household_id"].astype("str"), dtype="Int64")
    of_lists = frame["household_id"].isin(scores["household_id"])
    ours = frame["household_id"].isin(number.index)
    at_risk = (frame["not_at_risk_before"] == "") & (frame["not_at_risk_after"] == "")
    order = ["log_odds_change", "household_id"]
    risen = frame[(frame["move"] == "rising") & at_risk & of_lists & ~ours]
    risen = risen.sort_values(order, ascending=[False, True]).head(RISEN_LISTED)
    chosen = pd.concat([frame[ours & asked], risen])
    chosen = chosen.sort_values(order, ascending=[False, True], na_position="last")
    chosen = chosen.merge(scores[[*OF_THE_DAY]], on="household_id", how="left", validate="one_to_one")
    facts = _facts_told(moved, chosen["household_id"], n_reasons)
    counts = frame.loc[asked, "move"].value_counts()
    return MovedHouseholds(
        before=moved.before,
        after=moved.after,
        counts={move: int(counts.get(move, 0)) for move in MOVES},
        not_asked=int((~asked).sum()),
        other_model=other_model,
        households=chosen.assign(
            listed=number.reindex(chosen["household_id"]).array,
            facts=pd.Series([facts.get(one, ()) for one in chosen["household_id"]], dtype="object"),
        ),
    )


def _facts_told(moved: Changes, household_ids: pd.Series, n_reasons: int) -> dict[str, tuple[Message, ...]]:
    """Say of some households which facts on record moved their risk most; the line and the model are told apart from them."""
    ids = moved.contributions.index.intersection(pd.Index(household_ids), sort=False)
    own = replace(
        moved,
        contributions=moved.contributions.loc[ids].drop(columns=[LINE_PART, MODEL_PART]),
        before_data=moved.before_data.loc[ids],
        after_data=moved.after_data.loc[ids],
    )
    told = {lang: own.reasons(lang=lang, n_reasons=n_reasons) for lang in LANGUAGES}
    columns = [f"change_{k + 1}" for k in range(n_reasons)]
    both = zip(*(told[lang][columns].itertuples(index=False) for lang in ("en", "zh")), strict=True)
    return {
        household: tuple(Message(en, zh=zh) for en, zh in zip(*texts, strict=True) if en)
        for household, texts in zip(ids, both, strict=True)
    }


def moved_figures(moves: MovedHouseholds) -> list[tuple[str, Message, int]]:
    """Return the lines of the summary: key, what it is, and how many."""
    day = f"{moves.before:%Y-%m-%d}"
    lines = [
        (f"since_{move}", Message("Since {day}: {move}", day=day, move=MOVES[move]), moves.counts[move])
        for move in MOVES
    ]
    about = Message("Since {day}: not compared, the forecast is not about them on one of the days", day=day)
    return [*lines, ("since_not_compared", about, moves.not_asked)]


def moved_columns(moves: MovedHouseholds, say: Callable[..., str], *, n_reasons: int) -> Iterator[SheetColumn]:
    """Yield the columns of a sheet of changes.

    Parameters
    ----------
    moves : MovedHouseholds
    say : callable
        Shows a message in the language of the sheet.
    n_reasons : int
        Facts for each household, at most.
    """
    rows = moves.households
    yield SheetColumn(Message("No. on the watch list"), 8, "number", rows["listed"])
    yield SheetColumn(Message("Since then"), 11, "text", (say(MOVES[move]) for move in rows["move"]))
    for name, day in (("risk_before", moves.before), ("risk_after", moves.after)):
        yield SheetColumn(Message("Risk on {day}", day=f"{day:%Y-%m-%d}"), 10.5, "share1", rows[name])
    yield SheetColumn(Message("Change of log-odds"), 9, "effect", rows["log_odds_change"])
    yield SheetColumn(Message("of it by records"), 9, "effect", rows["by_records"])
    yield SheetColumn(Message("of it by the line"), 9, "effect", rows["by_line"])
    if moves.other_model:
        yield SheetColumn(Message("of it by the model"), 9, "effect", rows["by_model"])
    for k in range(n_reasons):
        texts = [say(facts[k]) if k < len(facts) else "" for facts in rows["facts"]]
        yield SheetColumn(Message("What changed {number}", number=k + 1), 34, "text", texts)


def moved_rows(moves: MovedHouseholds) -> list[dict[str, Any]]:
    """Return what each line of the page shows: households whose risk rose most, with numbers of the sheet."""
    rising = moves.households[moves.households["move"] == "rising"].head(RISEN_ON_PAGE)
    return [
        {
            "number": str(row["number"]),
            "listed": "" if pd.isna(row["listed"]) else str(row["listed"]),
            "id": str(row["household_id"]),
            "place": str(row["place"] or ("" if pd.isna(row["area_code"]) else row["area_code"])),
            "before": percent(float(row["risk_before"])),
            "after": percent(float(row["risk_after"])),
            "change": _signed(row["log_odds_change"]),
            "by_records": _signed(row["by_records"]),
            "by_line": _signed(row["by_line"]),
            "by_model": _signed(row["by_model"]) if moves.other_model else None,
            "facts": row["facts"],
        }
        for row in rising.to_dict("records")
    ]


def _signed(value: float) -> str:
    text = f"{value:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text


def moved_note(moves: MovedHouseholds) -> Message:
    """Say what the figures of changes mean."""
    same = (
        Message("On the earlier day another model was in use; what that alone moves stands apart.")
        if moves.other_model
        else Message("The same model is asked on both days.")
    )
    return Message(
        "Each risk is worked out from what was on record on its day, {before} and {after}. Rising and falling: the log-odds moved "
        "by {least} or more. The change of a household's log-odds is the sum of its parts, shown beside it; facts are told from "
        "the one that moved it most, up or down. {same} A change of records is not always a change of the household: what was "
        "entered late counts from the day on which it was on record.",
        before=f"{moves.before:%Y-%m-%d}", after=f"{moves.after:%Y-%m-%d}", least=LEAST, same=same,
    )  # fmt: skip
