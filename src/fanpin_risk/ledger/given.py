"""Events as a caller gives them, alone or as a frame, checked and written as the ledger keeps them."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import Any

import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import to_day
from fanpin_risk.errors import FanpinError, LedgerError
from fanpin_risk.ledger.chain import content_key
from fanpin_risk.ledger.evidence import checked_evidence, checked_who, evidence_text
from fanpin_risk.ledger.transitions import EVENT_WORDS, NEEDED_EVIDENCE, event_with_code
from fanpin_risk.records.ids import mask_id
from fanpin_risk.words import Message

__all__ = ["GIVEN_COLUMNS", "KEPT_ALONE", "GivenEvent", "events_of_frame", "given_event", "in_row"]

NEEDED_IN_EVENT = ("household_id", "event", "on", "who")
# What is told beside the evidence: as of which day, by which model and list, at which visit.
KEPT_ALONE = ("as_of", "model", "list_id", "visit_id", "supersedes", "event_key")
GIVEN_COLUMNS = (*NEEDED_IN_EVENT, *KEPT_ALONE, "evidence")
# Columns of events() that the ledger itself gives; and what reading a sheet says of its rows, which is no event.
GIVEN_BY_LEDGER = frozenset(
    ("seq", "from_state", "to_state", "recorded_at", "prev_hash", "hash", "superseded_by", "problems")
)
LONGEST_ID = 128


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """An event as it will be kept, but for its place in the chain.

    Attributes
    ----------
    row : int
        Number of its row in what was given, from 1.
    kept : dict
        The columns of the table of events that are known before it is recorded.
    evidence : dict
        Plain values, whose canonical text is in `kept`.
    """

    row: int
    kept: dict[str, Any]
    evidence: dict[str, Any]

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


def in_row(row: int, household_id: object, error: FanpinError) -> LedgerError:
    """Return an error that says of which event it is."""
    return LedgerError(
        "row {row} (household {household}): {why}; nothing was recorded",
        row=row,
        household=mask_id(household_id),
        why=error.message,
    )


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
    event = _given_code("event", values["event"])
    if event not in EVENT_WORDS:
        raise LedgerError("event is none that the ledger knows; expected one of {names}", names=tuple(EVENT_WORDS))
    plain = checked_evidence(evidence)
    lacking = [name for name in NEEDED_EVIDENCE.get(event, ()) if not plain.get(name)]
    if lacking:
        raise LedgerError(
            "the event {event} needs {names} in its evidence", event=event_with_code(event), names=tuple(lacking)
        )
    as_of = _present(values.get("as_of"))
    kept: dict[str, Any] = {
        "household_id": _household(values["household_id"]),
        "event": event,
        "on_day": _given_day(values["on"], "on"),
        "who": checked_who(values["who"]),
        "as_of": None if as_of is None else _given_day(as_of, "as_of"),
        **{name: _reference(name, values.get(name)) for name in ("model", "list_id", "visit_id")},
        "evidence": evidence_text(plain),
        "supersedes": _given_number(values.get("supersedes")),
    }
    kept["event_key"] = _reference("event_key", values.get("event_key")) or content_key(kept)
    return GivenEvent(row, kept, plain)


def events_of_frame(frame: Any) -> Iterator[GivenEvent]:
    """Check the events of a frame, row by row.

    Raises
    ------
    LedgerError
        If a column is missing, or a row holds no event; the message names the first such row.
    """
    of_type("events", frame, pd.DataFrame, Message("a frame with {columns}", columns=GIVEN_COLUMNS))
    missing = tuple(name for name in NEEDED_IN_EVENT if name not in frame.columns)
    if missing:
        raise LedgerError("events has no column {missing}; expected {columns}", missing=missing, columns=GIVEN_COLUMNS)
    names = [str(name) for name in frame.columns]
    beside = [name for name in names if name not in GIVEN_COLUMNS and name not in GIVEN_BY_LEDGER]
    columns = {name: frame.iloc[:, place].tolist() for place, name in enumerate(names)}
    for place in range(len(frame)):
        values = {name: columns[name][place] for name in GIVEN_COLUMNS if name in columns}
        try:
            evidence = _evidence_of(values.get("evidence"), {name: columns[name][place] for name in beside})
            event = given_event(place + 1, values, evidence)
        except FanpinError as error:
            raise in_row(place + 1, values["household_id"], error) from None
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


def _given_number(value: Any) -> int | None:
    value = _present(value)
    if value is None:
        return None
    whole = isinstance(value, (Integral, float)) and not isinstance(value, bool) and float(value).is_integer()
    if not whole or value < 1:
        raise LedgerError("supersedes is no number of an event; expected its seq, as events() shows it")
    return int(value)


def _given_day(value: Any, name: str) -> str:
    return _given_day_once(value, name) if isinstance(value, Hashable) else str(to_day(value, argument=name).date())


@lru_cache(maxsize=4096)
def _given_day_once(value: Any, name: str) -> str:
    """Read a day; a frame has few days and many rows."""
    return to_day(value, argument=name).date().isoformat()
