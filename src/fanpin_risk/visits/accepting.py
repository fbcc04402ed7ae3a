"""Corrections that a clerk accepted, taken into a register: known from the day of acceptance on, and not a day before."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fanpin_risk.arguments import of_type, switch
from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.cells import read_day
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.visits.corrections_file import NEEDED_TO_READ, read_corrections
from fanpin_risk.visits.proposals import proposal_lines, proposals_of
from fanpin_risk.visits.register_at_work import RegisterAtWork
from fanpin_risk.words import Message

__all__ = ["OUTCOMES_OF_LINES", "AcceptedCorrections", "accept_corrections"]

OUTCOMES_OF_LINES = ("taken", "known", "rejected", "undecided", "refused")
TAKEN_COLUMNS = ("row", "entry", "action", "table", "household_id", "member_id", "column", "date", "event_key")
REFUSED_COLUMNS = ("row", "household_id", "table", "column", "code", "problem")


@dataclass(frozen=True, eq=False)
class AcceptedCorrections:
    """What became of proposed corrections.

    Attributes
    ----------
    register : Register
        With what was taken; the register given is as it was.
    on : Timestamp
        The day from which it is known.
    taken : DataFrame
        Lines that were taken: ``row`` (of the file), ``entry, action, table, household_id, member_id, column, date, event_key``.
    refused : DataFrame
        Lines that were not: ``row, household_id, table, column, code`` and ``problem`` (a Message).
    counts : dict of str to int
        Lines by what became of them: ``taken``, ``known`` (the register says it already), ``rejected`` (by the clerk),
        ``undecided`` and ``refused``; they add up to all lines.
    rows_added : dict of str to int
        By table, rows of the new register that were recorded on that day by this.
    """

    register: Register
    on: pd.Timestamp
    taken: pd.DataFrame
    refused: pd.DataFrame
    counts: dict[str, int]
    rows_added: dict[str, int]


def accept_corrections(
    register: Register,
    corrections: pd.DataFrame | Sequence[Mapping[str, Any]] | str | os.PathLike[str],
    *,
    on: Any = None,
    take_undecided: bool = False,
) -> AcceptedCorrections:
    """Take corrections that a clerk accepted into a register.

    What is taken counts from the day of acceptance on, and the features of earlier days keep the same bits. A change is a new row
    of the household or person, true from its ``date`` and recorded on the day of acceptance; the old row stays. A new fact is a new
    row of its table, with what the lines of its entry say and nothing else. What is wrong is refused by line, the others are taken.

    Parameters
    ----------
    register : Register
        Checked records.
    corrections : DataFrame, list of dict, or path-like
        A file that ``visits read --corrections`` wrote, with ``decision`` filled in (accept or reject); or
        ``attrs["corrections"]`` of :func:`fanpin_risk.read_visits`.
    on : date-like, optional
        The day of acceptance: not before the newest record of the register, and not after today. Default: today.
    take_undecided : bool, default False
        Whether lines without a decision are taken, too.

    Returns
    -------
    AcceptedCorrections
        The same corrections again change nothing.

    Raises
    ------
    SchemaError
        If a column of the corrections is missing, or `on` is not such a day.
    InputError, UnreadableFileError
        If a file cannot be read, or is none of corrections.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(100, random_state=1)
    >>> line = {"entry": 1, "action": "change", "table": "households", "household_id": "H000000001", "member_id": "",
    ...         "column": "safe_water", "old": "True", "new": "False", "date": "2025-01-15", "decision": "accept"}
    >>> accepted = fr.accept_corrections(register, [line], on="2025-01-20")
    >>> accepted.counts["taken"], accepted.rows_added
    (1, {'households': 1})
    >>> [int(fr.compute_features(accepted.register, day).loc["H000000001", "unsafe_water"]) for day in ("2025-01-19", "2025-01-20")]
    [0, 1]
    """  # fmt: skip
    checked_register(register)
    switch("take_undecided", take_undecided)
    frame = _frame_of_corrections(corrections)
    day = _day_of_acceptance(register, on)
    lines = proposal_lines(frame)
    at_work = RegisterAtWork(register, day, lines)
    for proposal in proposals_of(lines, take_undecided=take_undecided, check=at_work.check_owner):
        at_work.take(proposal)
    new, rows_added = at_work.finished()
    counts = {name: sum(line.outcome == name for line in lines) for name in OUTCOMES_OF_LINES}
    return AcceptedCorrections(
        register=new,
        on=day,
        taken=pd.DataFrame(
            [[getattr(line, name) for name in TAKEN_COLUMNS] for line in lines if line.outcome == "taken"],
            columns=[*TAKEN_COLUMNS],
        ),
        refused=pd.DataFrame(
            [[getattr(line, name) for name in REFUSED_COLUMNS] for line in lines if line.outcome == "refused"],
            columns=[*REFUSED_COLUMNS],
        ),
        counts=counts,
        rows_added={name: rows_added[name] for name in TABLES if name in rows_added},
    )


def _frame_of_corrections(corrections: Any) -> pd.DataFrame:
    """Return corrections as a frame with the columns that are needed."""
    if isinstance(corrections, (str, os.PathLike)):
        return read_corrections(corrections)
    if isinstance(corrections, (list, tuple)):
        corrections = pd.DataFrame([*corrections], columns=None if corrections else [*NEEDED_TO_READ])
    of_type("corrections", corrections, pd.DataFrame, Message("a table of corrections, or the path of their file"))
    missing = [name for name in NEEDED_TO_READ if name not in corrections.columns]
    if missing:
        raise SchemaError("{argument} has no column {missing}", argument="corrections", missing=missing)
    return corrections


def _day_of_acceptance(register: Register, on: Any) -> pd.Timestamp:
    """Return the day of acceptance; what is known of earlier days is not to change."""
    today = pd.Timestamp.now().normalize()
    day = today if on is None else read_day(on, "on")
    newest = register.observed_until
    if day > today + pd.Timedelta(days=1):  # a day ahead, wherever the clock stands
        raise SchemaError("on is {day}, a day that has not come yet", day=str(day.date()))
    if day < newest:
        raise SchemaError(
            "on is {day}, but the register has rows that were recorded up to {newest}: what it said on earlier days is not to change; "
            "give that day or a later one",
            day=str(day.date()), newest=str(newest.date()),
        )  # fmt: skip
    return day
