"""Which event may follow which state: every pair of the table, and every pair that is not in it."""

import itertools

import pytest

from fanpin_risk.errors import LedgerError
from fanpin_risk.ledger import EVENT_WORDS, STATE_WORDS, transition_rows
from fanpin_risk.ledger.transitions import (
    AT_THE_END,
    IN_PROCEDURE,
    MONITORED_STATES,
    NO_STATE,
    VOIDED,
    actors_of,
    where_to,
)

STATUSES = {"sourced", "inferred", "shortcut", "import"}
# The way of an office that notes every step, from the clue to the end.
EVERY_STEP = (
    ("found", "clue"), ("assigned", "verifying"), ("verified", "verified"), ("authorised", "authorised"),
    ("compared", "compared"), ("discussed", "discussed"), ("published", "published"), ("reviewed", "township_ok"),
    ("approved", "approved"), ("entered", "entered"), ("supported", "supported"), ("checked", "supported"),
    ("exit_checked", "checking"), ("exit_discussed", "elim_discussed"), ("exit_published", "elim_published"),
    ("exit_approved", "elim_approved"), ("eliminated", "eliminated"), ("buffered", "buffer"), ("closed", "closed"),
)  # fmt: skip


def test_every_row_is_of_known_codes_and_says_where_it_is_from():
    """No event or state without a word for it, no row without a status and a source, none twice."""
    rows = transition_rows()
    assert {row["event"] for row in rows} == set(EVENT_WORDS) - {VOIDED}
    assert {row["from"] for row in rows} <= {*STATE_WORDS, NO_STATE}
    assert {row["to"] for row in rows} <= {*STATE_WORDS, "=", "@state", "@succeeds"}
    assert {row["status"] for row in rows} == STATUSES
    assert all(row["source"] and row["actor"] for row in rows)
    assert len({(row["event"], row["from"]) for row in rows}) == len(rows)


def test_every_pair_is_allowed_or_refused_by_the_table():
    """Of all events in all states: those of the table lead where it says, all others are refused by name."""
    table = {(row["event"], row["from"]): row["to"] for row in transition_rows()}
    for event, state in itertools.product(set(EVENT_WORDS) - {VOIDED}, [NO_STATE, *STATE_WORDS]):
        target = table.get((event, state))
        if target is None:
            with pytest.raises(LedgerError, match=rf"the event .* .{event}. cannot follow the state "):
                where_to(event, state, "entered")
        else:
            expected = {"=": state, "@state": "entered", "@succeeds": "entered"}.get(target, target)
            assert where_to(event, state, "entered") == expected


def test_every_state_can_be_reached():
    """A state that no event leads to would be a word without use."""
    assert set(STATE_WORDS) <= {row["to"] for row in transition_rows()}
    assert set(AT_THE_END) | set(IN_PROCEDURE) | set(MONITORED_STATES) | {"eliminated", "buffer"} == set(STATE_WORDS)


def test_the_way_of_every_step():
    """From the clue to the end, as the rules have it."""
    state = NO_STATE
    for event, after in EVERY_STEP:
        state = where_to(event, state)
        assert state == after


@pytest.mark.parametrize(
    "events",
    [
        ("found", "verified", "entered", "supported", "eliminated"),
        ("found", "verified", "authorised", "discussed", "published", "reviewed", "approved", "entered"),
        ("found", "refuted", "found", "verified"),
        ("found", "verified", "entered", "supported", "eliminated", "returned", "verified", "entered"),
        ("found", "moved", "found"),
    ],
)
def test_shorter_ways_are_declared(events):
    """An office that notes few steps can go its way, too."""
    state = NO_STATE
    for event in events:
        state = where_to(event, state)
    assert state in STATE_WORDS


def test_what_is_told_by_the_evidence_must_be_a_state():
    """Without it, or with another word, nobody knows where the household stands."""
    for told in (None, "nonsense", NO_STATE):
        with pytest.raises(LedgerError, match=r"imported. needs state in its evidence: one of clue"):
            where_to("imported", NO_STATE, told)
    with pytest.raises(LedgerError, match="event is none that the ledger knows"):
        where_to("arrested", NO_STATE)


def test_who_brings_an_event_about():
    """By the table; of what it does not know anybody may."""
    assert actors_of("approved") == "county"
    assert actors_of(VOIDED) == "any"
