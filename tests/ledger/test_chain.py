"""The bytes of an event, and what they are hashed to."""

import hashlib

import pytest

from fanpin_risk.ledger.chain import CHAINED, FIRST_HASH, content_key, event_hash

EVENT = {
    "seq": 1, "household_id": "户1", "event": "found", "from_state": "-", "to_state": "clue", "on_day": "2024-05-01",
    "recorded_at": "2024-05-02T08:00:00.000000+08:00", "who": "village", "as_of": None, "model": None, "list_id": None,
    "visit_id": None, "evidence": "{}", "supersedes": None, "event_key": "k", "prev_hash": FIRST_HASH,
}  # fmt: skip


def test_the_hash_is_that_of_the_text_that_is_documented():
    """Whoever has the columns can compute it without this program."""
    text = (
        '[1,"户1","found","-","clue","2024-05-01","2024-05-02T08:00:00.000000+08:00","village",null,null,null,null,"{}",'
        f'null,"k","{FIRST_HASH}"]'
    )
    assert event_hash(EVENT) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", CHAINED)
def test_every_column_counts(name):
    """A change anywhere makes another hash."""
    assert event_hash({**EVENT, name: "other"}) != event_hash(EVENT)


def test_the_key_is_of_what_the_office_says():
    """Number, time and place in the chain do not belong to it."""
    again = {**EVENT, "seq": 9, "recorded_at": "later", "prev_hash": "x", "event_key": "y"}
    assert content_key(again) == content_key(EVENT)
    assert content_key({**EVENT, "evidence": '{"a":1}'}) != content_key(EVENT)
