"""Events as a caller gives them, alone or as a frame, checked and written as the ledger keeps them."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import Any, NamedTuple

import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import to_day
from fanpin_risk.errors import FanpinError, LedgerError
from fanpin_risk.ledger.chain import content_key
from fanpin_risk.ledger.evidence import checked_evidence, checked_who, evidence_text
from fanpin_risk.ledger.transitions import EVENT_WORDS, NEEDED_EVIDENCE, event_with_code
from fanpin_risk.records.ids import looks_like_citizen_id
from fanpin_risk.words import Message

__all__ = ["GIVEN_COLUMNS", "KEPT_ALONE", "GivenEvent", "RefusedRow", "events_of_frame", "given_event"]

NEEDED_IN_EVENT = ("household_id", "event", "on", "who")
# What is told beside the evidence: as of which day, by which model and list, at which visit.
KEPT_ALONE = ("as_of", "model", "list_id", "visit_id", "supersedes", "event_key")
GIVEN_COLUMNS = (*NEEDED_IN_EVENT, *KEPT_ALONE, "evidence")
# Columns of events() that the ledger itself gives; and what reading a sheet says of its rows, which is no event.
GIVEN_BY_LEDGER = frozenset(
    ("seq", "from_state", "to_state", "recorded_at", "prev_hash", "hash", "superseded_by", "problems")
)
LONGEST_ID = 128
SHORTEST_CITIZEN_ID = 15  # characters
DAYS_AHEAD = 1  # that an event may be dated: a machine may stand in another zone of time, or its clock be wrong


class RefusedRow(NamedTuple):
    """A row that is not recorded, with the column that is at fault and why."""

    row: int
    column: str
    household_id: Any
    event: Any
    on: Any
    error: FanpinError


class _InColumnError(Exception):
    """Carries an error and the column that it is about to whoever names the row."""

    def __init__(self, column: str, error: FanpinError) -> None:
        super().__init__(column)
        self.column, self.error = column, error


@contextmanager
def _about(column: str) -> Iterator[None]:
    try:
        yield
    except FanpinError as error:
        raise _InColumnError(column, error) from None


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """An event as it will be kept, but for its place in the chain.

    Attributes
    ----------
    row : int
        Number of its row in what was given.
    kept : dict
        The columns of the table of events that are known before it is recorded.
    evidence : dict
        Plain values, whose canonical text is in `kept`.
    number : int, optional
        Its number in the ledger that it comes from.
    """

    row: int
    kept: dict[str, Any]
    evidence: dict[str, Any]
    number: int | None = None

    def refused(self, column: str, error: FanpinError) -> RefusedRow:
        """Return that it is refused, because of which column and why."""
        kept = self.kept
        return RefusedRow(self.row, column, kept["household_id"], kept["event"], kept["on_day"], error)

    @property
    def told_state(self) -> str | None:
        """The state that the evidence tells, if it does."""
        told = self.evidence.get("state")
        return told if isinstance(told, str) else None

    @property
    def succeeded_household(self) -> str | None:
        """The household that this one goes on from, if the evidence names one."""
        told = self.evidence.get("succeeds")
        return told if isinstance(told, str) else None


def given_event(row: int, values: Mapping[str, Any], evidence: Mapping[str, Any]) -> GivenEvent:
    """Check one event.

    Parameters
    ----------
    row : int
        Number of its row.
    values : mapping
        ``household_id``, ``event``, ``on``, ``who`` and of `KEPT_ALONE` what there is.
    evidence : mapping
        What it rests on.

    Raises
    ------
    LedgerError
        If a value is missing or none that the ledger keeps.
    SchemaError
        If a day is none.
    """
    try:
        return _event_by_column(row, values, evidence)
    except _InColumnError as found:
        raise found.error from None


def _event_by_column(row: int, values: Mapping[str, Any], evidence: Mapping[str, Any]) -> GivenEvent:
    """Check one event; raise with the column that is at fault."""
    with _about("household_id"):
        household = _household(values["household_id"])
    with _about("event"):
        event = _given_code("event", values["event"])
        if event not in EVENT_WORDS:
            raise LedgerError("event is none that the ledger knows; expected one of {names}", names=tuple(EVENT_WORDS))
    with _about("on"):
        on_day = _given_day(values["on"], "on")
        _check_not_ahead(on_day)
    with _about("who"):
        who = checked_who(values["who"])
    with _about("evidence"):
        plain = checked_evidence(evidence)
        lacking = [name for name in NEEDED_EVIDENCE.get(event, ()) if not plain.get(name)]
        if lacking:
            raise LedgerError(
                "the event {event} needs {names} in its evidence", event=event_with_code(event), names=tuple(lacking)
            )
        text = evidence_text(plain)
    kept: dict[str, Any] = {
        "household_id": household, "event": event, "on_day": on_day, "who": who, "as_of": None, "evidence": text
    }  # fmt: skip
    with _about("as_of"):
        as_of = _present(values.get("as_of"))
        kept["as_of"] = None if as_of is None else _given_day(as_of, "as_of")
    for name in ("model", "list_id", "visit_id"):
        with _about(name):
            kept[name] = _reference(name, values.get(name))
    with _about("supersedes"):
        kept["supersedes"] = _given_number(values.get("supersedes"))
    with _about("event_key"):
        kept["event_key"] = _reference("event_key", values.get("event_key")) or content_key(kept)
    with _about("seq"):
        number = _given_number(values.get("seq"), "seq")
    return GivenEvent(row, kept, plain, number)


def events_of_frame(
    frame: Any, rows: Sequence[int] | None = None, *, refused: list[RefusedRow] | None = None
) -> Iterator[GivenEvent]:
    """Check the events of a frame, row by row.

    Parameters
    ----------
    frame : DataFrame
    rows : sequence of int, optional
        Numbers by which rows are named. Default: from 1.
    refused : list of RefusedRow, optional
        Where rows that hold no event are noted.

    Raises
    ------
    LedgerError
        If a column is missing.
    """
    of_type("events", frame, pd.DataFrame, Message("a frame with {columns}", columns=GIVEN_COLUMNS))
    missing = tuple(name for name in NEEDED_IN_EVENT if name not in frame.columns)
    if missing:
        raise LedgerError("events has no column {missing}; expected {columns}", missing=missing, columns=GIVEN_COLUMNS)
    numbers = range(1, len(frame) + 1) if rows is None else rows
    names = [str(name) for name in frame.columns]
    beside = [name for name in names if name not in GIVEN_COLUMNS and name not in GIVEN_BY_LEDGER]
    columns = {name: frame.iloc[:, place].tolist() for place, name in enumerate(names)}
    for place, row in enumerate(numbers):
        values = {name: columns[name][place] for name in (*GIVEN_COLUMNS, "seq") if name in columns}
        try:
            with _about("evidence"):
                evidence = _evidence_of(values.get("evidence"), {name: columns[name][place] for name in beside})
            event = _event_by_column(row, values, evidence)
        except _InColumnError as found:
            if refused is not None:
                who, what, on = (values[name] for name in ("household_id", "event", "on"))
                refused.append(RefusedRow(row, found.column, who, what, on, found.error))
            continue
        yield event


def _evidence_of(given: Any, beside: dict[str, Any]) -> dict[str, Any]:
    """Return the evidence of a row: a mapping, or its text, and what stands in columns of their own."""
    if isinstance(given, str) and given.strip():
        try:
            given = json.loads(given)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise LedgerError("the column evidence holds a text that is no JSON object; expected keys and values")
    return {**beside, **(given if isinstance(given, Mapping) else {})}


def _present(value: Any) -> Any:
    """Return a value, None where it is missing."""
    return None if value is None or value is pd.NaT or value is pd.NA or value != value or value == "" else value  # noqa: PLR0124


def _given_code(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise LedgerError("{name} is missing, or no text", name=name)
    return value.strip()


def _household(value: Any) -> str:
    text = _given_code("household_id", value)
    if len(text) > LONGEST_ID or not text.isprintable():
        raise LedgerError("household_id is no id: expected up to {most} printable signs", most=LONGEST_ID)
    if len(text) >= SHORTEST_CITIZEN_ID and bool(looks_like_citizen_id(pd.Series([text]))[0]):
        raise LedgerError(
            "household_id is built like the number of a citizen; expected the id of the household; with --id-key a "
            "register replaces such ids, and its results hold those to give here"
        )
    return text


def _reference(name: str, value: Any) -> str | None:
    """Return the id of a list, visit, model or event; such ids are codes of the program or of the office."""
    value = _present(value)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_ID or not value.isprintable():
        raise LedgerError(
            "{name} is no code: expected a text of up to {most} printable signs", name=name, most=LONGEST_ID
        )
    return value.strip() or None


def _given_number(value: Any, name: str = "supersedes") -> int | None:
    value = _present(value)
    if value is None:
        return None
    whole = isinstance(value, (Integral, float)) and not isinstance(value, bool) and float(value).is_integer()
    if not whole or value < 1:
        raise LedgerError("{name} is no number of an event; expected its seq, as events() shows it", name=name)
    return int(value)


def _check_not_ahead(day: str) -> None:
    """Refuse a day that has not come yet, wherever the clock stands: what is planned has not happened."""
    latest = (pd.Timestamp.now() + pd.Timedelta(days=DAYS_AHEAD)).date().isoformat()
    if day > latest:
        raise LedgerError(
            "on is {day}, which is later than today; an event is recorded once it has happened, and a day to come belongs into "
            "its evidence, such as deadline",
            day=day,
        )


def _given_day(value: Any, name: str) -> str:
    return _given_day_once(value, name) if isinstance(value, Hashable) else str(to_day(value, argument=name).date())


@lru_cache(maxsize=4096)
def _given_day_once(value: Any, name: str) -> str:
    """Read a day; a frame has few days and many rows."""
    return to_day(value, argument=name).date().isoformat()
