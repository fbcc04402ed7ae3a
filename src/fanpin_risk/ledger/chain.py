"""How events are chained: the bytes of each, with the hash of the one before it, make its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from fanpin_risk.ledger.evidence import canonical_text

__all__ = ["CHAINED", "FIRST_HASH", "content_key", "event_hash"]

FIRST_HASH = "0" * 64  # before the first event
# What is told of an event by the office: the same again is the same event.
CONTENT_COLUMNS = (
    "household_id", "event", "on_day", "who", "as_of", "model", "list_id", "visit_id", "evidence", "supersedes",
)  # fmt: skip
# What the hash covers, in this order: every column but the hash itself.
CHAINED = (
    "seq", "household_id", "event", "from_state", "to_state", "on_day", "recorded_at", "who", "as_of", "model", "list_id",
    "visit_id", "evidence", "supersedes", "event_key", "prev_hash",
)  # fmt: skip


def content_key(event: Mapping[str, Any]) -> str:
    """Return the key by which an event that is given again is known: SHA-256 of its content, in hex.

    Examples
    --------
    >>> one = dict.fromkeys(CONTENT_COLUMNS)
    >>> content_key(one) == content_key({**one, "seq": 7}), content_key(one) == content_key({**one, "who": "village"})
    (True, False)
    """
    return _sha256_of([event[name] for name in CONTENT_COLUMNS])


def event_hash(event: Mapping[str, Any]) -> str:
    """Return the hash of an event that names the one before it: SHA-256, in hex.

    Examples
    --------
    >>> one = dict.fromkeys(CHAINED)
    >>> event_hash(one) == event_hash({**one, "prev_hash": FIRST_HASH})
    False
    """
    return _sha256_of([event[name] for name in CHAINED])


def _sha256_of(values: list[Any]) -> str:
    return hashlib.sha256(canonical_text(values).encode("utf-8", "surrogatepass")).hexdigest()
