"""Which event may happen to a household in which state, and what it leads to: read from a data file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from fanpin_risk.errors import LedgerError
from fanpin_risk.words import Message

__all__ = [
    "ACCEPTED_CORRECTION",
    "AT_THE_END",
    "EVENT_WORDS",
    "IN_PROCEDURE",
    "MONITORED_STATES",
    "NEEDED_EVIDENCE",
    "NO_STATE",
    "STATE_WORDS",
    "VOIDED",
    "actors_of",
    "event_with_code",
    "state_with_code",
    "transition_rows",
    "where_to",
]

NO_STATE = "-"  # of a household without events
SAME, ANY_LIVING = "=", "*"
OF_EVIDENCE = "@"  # the state stands in the evidence, or is that of a household named there
ACCEPTED_CORRECTION = "accepted_correction"  # key of the evidence of what was noted when the register was corrected
VOIDED = "voided"  # takes an event back that should not be there; no transition of its own

STATE_WORDS: Mapping[str, Message] = MappingProxyType(
    {
        "clue": Message("clue", context="state"),
        "verifying": Message("being verified", context="state"),
        "verified": Message("verified", context="state"),
        "authorised": Message("authorised by the household", context="state"),
        "compared": Message("compared by the county's offices", context="state"),
        "discussed": Message("discussed in the village", context="state"),
        "published": Message("published in the village", context="state"),
        "township_ok": Message("reviewed by the township", context="state"),
        "approved": Message("approved by the county", context="state"),
        "entered": Message("entered, without a measure yet", context="state"),
        "supported": Message("supported", context="state"),
        "checking": Message("exit being checked", context="state"),
        "elim_discussed": Message("exit discussed", context="state"),
        "elim_published": Message("exit published", context="state"),
        "elim_approved": Message("exit approved", context="state"),
        "eliminated": Message("risk eliminated", context="state"),
        "buffer": Message("in the buffer", context="state"),
        "closed": Message("closed", context="state"),
        "refuted": Message("found untrue", context="state"),
        "not_here": Message("not of this place", context="state"),
        "refused": Message("the household refused", context="state"),
        "objected": Message("an objection held", context="state"),
        "negative": Message("ruled out by comparison", context="state"),
        "dead": Message("nobody alive", context="state"),
        "moved": Message("moved away", context="state"),
        "merged": Message("part of another household", context="state"),
    }
)
AT_THE_END = ("closed", "refuted", "not_here", "refused", "objected", "negative", "dead", "moved", "merged")
IN_PROCEDURE = (
    "clue", "verifying", "verified", "authorised", "compared", "discussed", "published", "township_ok", "approved",
)  # fmt: skip
MONITORED_STATES = (
    "entered", "supported", "checking", "elim_discussed", "elim_published", "elim_approved",
)  # fmt: skip
EVENT_WORDS: Mapping[str, Message] = MappingProxyType(
    {
        "found": Message("found", context="event"),
        "assigned": Message("assigned to a village", context="event"),
        "not_here": Message("found not to be of this place", context="event"),
        "verified": Message("verified", context="event"),
        "refuted": Message("found untrue", context="event"),
        "authorised": Message("authorised by the household", context="event"),
        "refused": Message("refused by the household", context="event"),
        "compared": Message("compared", context="event"),
        "ruled_out": Message("ruled out by comparison", context="event"),
        "discussed": Message("discussed", context="event"),
        "published": Message("published", context="event"),
        "objected": Message("objected to", context="event"),
        "reviewed": Message("reviewed", context="event"),
        "approved": Message("approved", context="event"),
        "sent_back": Message("sent back", context="event"),
        "entered": Message("entered", context="event"),
        "supported": Message("supported", context="event"),
        "checked": Message("checked", context="event"),
        "exit_checked": Message("exit checked", context="event"),
        "exit_discussed": Message("exit discussed", context="event"),
        "exit_published": Message("exit published", context="event"),
        "exit_approved": Message("exit approved", context="event"),
        "exit_stopped": Message("exit stopped", context="event"),
        "eliminated": Message("risk eliminated", context="event"),
        "eliminated_naturally": Message("risk gone of itself", context="event"),
        "buffered": Message("put into the buffer", context="event"),
        "returned": Message("returned", context="event"),
        "closed": Message("closed", context="event"),
        "item_opened": Message("item opened", context="event"),
        "item_cleared": Message("item cleared", context="event"),
        "noted": Message("noted", context="event"),
        "split": Message("split", context="event"),
        "succeeded": Message("goes on from another household", context="event"),
        "merged": Message("merged into another household", context="event"),
        "died": Message("died", context="event"),
        "moved": Message("moved away", context="event"),
        "imported": Message("taken over from a register", context="event"),
        VOIDED: Message("taken back", context="event"),
    }
)
# Event -> keys of evidence that it cannot do without.
NEEDED_EVIDENCE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "eliminated_naturally": ("reason",),
        "returned": ("reason",),
        "item_opened": ("item",),
        "item_cleared": ("item",),
        "succeeded": ("succeeds",),
        "imported": ("state", "reason"),
        VOIDED: ("reason",),
    }
)


def event_with_code(event: str) -> Message:
    """Return the code of an event with what it stands for.

    Examples
    --------
    >>> event_with_code("found").shown("zh")
    '发现（found）'
    """
    return Message("{word} ({code})", word=EVENT_WORDS[event], code=event)


def state_with_code(state: str) -> Message:
    """Return the code of a state with what it stands for, or that there is none.

    Examples
    --------
    >>> state_with_code("clue").shown("zh"), state_with_code("-").shown("en")
    ('线索（clue）', 'none')
    """
    if state not in STATE_WORDS:
        return Message("none", context="state")
    return Message("{word} ({code})", word=STATE_WORDS[state], code=state)


@cache
def transition_rows() -> tuple[Mapping[str, str], ...]:
    """Return the table: one row for each event and state it may happen in; not to be changed.

    Returns
    -------
    tuple of mapping
        ``event``, ``from``, ``to`` (``=``: the same state; ``@state`` and ``@succeeds``: told by the evidence), ``actor``,
        ``status`` (``sourced``, ``inferred``, ``shortcut``: skips steps that an office does not note, ``import``), ``source``.

    Examples
    --------
    >>> [row["to"] for row in transition_rows() if row["event"] == "refuted" and row["from"] == "verifying"]
    ['refuted']
    """
    living = [state for state in STATE_WORDS if state not in AT_THE_END]
    with resources.files("fanpin_risk.ledger").joinpath("transitions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        MappingProxyType({**row, "from": state})
        for row in rows
        for group in row["from"].split(";")
        for state in (living if group == ANY_LIVING else [group])
    )


@cache
def _targets() -> Mapping[tuple[str, str], str]:
    return MappingProxyType({(row["event"], row["from"]): row["to"] for row in transition_rows()})


def actors_of(event: str) -> str:
    """Return who brings an event about, by the table: codes with a semicolon between them.

    Examples
    --------
    >>> actors_of("compared")
    'county'
    """
    return next((row["actor"] for row in transition_rows() if row["event"] == event), "any")


def where_to(event: str, state: str, told: str | None = None) -> str:
    """Return the state that an event leads to.

    Parameters
    ----------
    event : str
        Code of the event.
    state : str
        State of the household before it; ``NO_STATE`` without one.
    told : str, optional
        What the evidence tells of the state: that of an ``imported`` event, or of the household that is succeeded.

    Returns
    -------
    str

    Raises
    ------
    LedgerError
        If the event is none, or may not happen in this state.

    Examples
    --------
    >>> where_to("verified", "clue"), where_to("checked", "supported"), where_to("imported", "-", "entered")
    ('verified', 'supported', 'entered')
    """
    if event not in EVENT_WORDS:
        raise LedgerError("event is none that the ledger knows; expected one of {names}", names=tuple(EVENT_WORDS))
    target = _targets().get((event, state))
    if target is None:
        possible = sorted({name for name, before in _targets() if before == state})
        raise LedgerError(
            "the event {event} cannot follow the state {state}; possible now: {names}",
            event=event_with_code(event),
            state=state_with_code(state),
            names=tuple(event_with_code(name) for name in possible)
            or Message("nothing but the correction of an event"),
        )
    if target == SAME:
        return state
    if not target.startswith(OF_EVIDENCE):
        return target
    if told is None or told not in STATE_WORDS:
        raise LedgerError(
            "the event {event} needs {key} in its evidence: {expected}",
            event=event_with_code(event),
            key=target.removeprefix(OF_EVIDENCE),
            expected=Message("one of {names}", names=tuple(STATE_WORDS))
            if target == "@state"
            else Message("the id of a household that the ledger knows"),
        )
    return told
