"""Whether every event of a ledger is as it was recorded, and none between them is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from fanpin_risk.errors import FanpinError, LedgerError
from fanpin_risk.ledger.chain import FIRST_HASH, event_hash
from fanpin_risk.ledger.store import Store
from fanpin_risk.ledger.timelines import Timelines
from fanpin_risk.words import Message

__all__ = ["verify_chain"]

NOTED_HEAD = re.compile(r"(\d+):([0-9a-f]{64})")
EVENTS_AT_ONCE = 10_000


def verify_chain(store: Store, head: str | None) -> str:
    """Check the events of a store; see :meth:`fanpin_risk.ledger.book.Ledger.verify`.

    Returns
    -------
    str
        Number and hash of the last event.

    Raises
    ------
    LedgerError
        Naming the first event that does not fit.
    """
    noted = _read_head(head)
    lines = Timelines()
    seq, digest = 0, FIRST_HASH
    met = noted is None or noted == (0, FIRST_HASH)
    table = store.events
    with store.reading(forged=True) as connection:
        some_at_once = connection.execution_options(yield_per=EVENTS_AT_ONCE)
        with some_at_once.execute(table.select().order_by(table.c.seq)) as rows:
            for row in rows.mappings():
                digest = _fitting_hash(row, seq + 1, digest, lines)
                seq += 1
                met = met or (seq, digest) == noted
    if not met and noted is not None:
        if noted[0] > seq:
            raise LedgerError(
                "event {seq} does not fit the chain: it is missing, as are all after it; the head that was noted is event {noted}",
                seq=seq + 1,
                noted=noted[0],
            )
        raise _unfit(noted[0], Message("its hash is not the one that was noted as the head"))
    if store.damage():
        raise LedgerError(
            "{database}: every event fits the chain, but the file is damaged beside them; record them anew, with extend() of all "
            "of its events() into a new ledger, and keep this file for when each was recorded",
            database=store.name,
        )
    return f"{seq}:{digest}"


def _read_head(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return None
    read = NOTED_HEAD.fullmatch(head.strip()) if isinstance(head, str) else None
    if read is None:
        raise LedgerError("head is no head of a ledger; expected number, colon and hash, as 'head' shows them")
    return int(read[1]), read[2]


def _fitting_hash(row: Mapping[str, Any], expected: int, before: str, lines: Timelines) -> str:
    """Return the hash of an event that fits what came before it."""
    if row["seq"] != expected:
        raise _unfit(expected, Message("it is missing"))
    if row["prev_hash"] != before:
        raise _unfit(expected, Message("it does not name the hash of the event before it"))
    plain = {name: value if isinstance(value, (str, int, type(None))) else repr(value) for name, value in row.items()}
    if row["hash"] != event_hash(plain):
        raise _unfit(expected, Message("something in it is not as it was recorded"))
    try:
        evidence = json.loads(row["evidence"])
        told = evidence.get("state")
        if "succeeds" in evidence and row["event"] != "imported":
            told = lines.state(evidence["succeeds"], row["on_day"])
        states = lines.add(
            row["household_id"], row["event"], row["on_day"], expected, told=told, supersedes=row["supersedes"]
        )
    except FanpinError as error:
        raise _unfit(expected, error.message) from None
    except (ValueError, AttributeError, TypeError):
        raise _unfit(expected, Message("its evidence cannot be read")) from None
    if states != (row["from_state"], row["to_state"]):
        raise _unfit(expected, Message("the states before and after it are not those of the household"))
    return str(row["hash"])


def _unfit(seq: int, why: Message) -> LedgerError:
    return LedgerError("event {seq} does not fit the chain: {why}", seq=seq, why=why)
