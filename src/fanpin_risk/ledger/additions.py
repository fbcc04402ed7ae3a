"""Adding events to what is on record: each held against the state in which its household is, all or none recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from fanpin_risk.errors import FanpinError, LedgerError, RefusedEventsError
from fanpin_risk.ledger.chain import FIRST_HASH, content_key, event_hash
from fanpin_risk.ledger.given import GivenEvent, RefusedRow
from fanpin_risk.ledger.queries import events_by_key, load_timelines
from fanpin_risk.ledger.store import Store
from fanpin_risk.ledger.timelines import Timelines
from fanpin_risk.records.ids import mask_id
from fanpin_risk.words import Message

__all__ = ["COLUMNS_OF_REFUSED_EVENTS", "add_events", "in_order", "last_event", "refuse_rows"]

COLUMNS_OF_REFUSED_EVENTS = ("row", "column", "household_id", "event", "on", "problem")


def in_order(given: Iterable[GivenEvent]) -> list[GivenEvent]:
    """Return events in the order in which they are recorded.

    Those that have a number of another ledger in the order of their numbers, as they were recorded there; then the others by
    their days.
    """
    return sorted(given, key=lambda one: (0, one.number, "") if one.number else (1, 0, one.kept["on_day"]))


def last_event(connection: Any, table: Any) -> tuple[int, str, str]:
    """Return number, hash and time of the last event on record."""
    columns = (table.c.seq, table.c.hash, table.c.recorded_at)
    last = connection.execute(table.select().with_only_columns(*columns).order_by(table.c.seq.desc()).limit(1)).first()
    return (0, FIRST_HASH, "") if last is None else (int(last[0]), str(last[1]), str(last[2]))


def add_events(
    store: Store, given: Sequence[GivenEvent], time: str, refused: Sequence[RefusedRow] = (), *, alone: bool = False
) -> list[tuple[int, bool]]:
    """Record events that are not on record yet, all or none.

    Parameters
    ----------
    store : Store
    given : sequence of GivenEvent
        In the order in which they are to be recorded.
    time : str
        When they are recorded.
    refused : sequence of RefusedRow
        Rows that hold no event; then nothing is recorded, but the others are looked at, so that all are named.
    alone : bool, default False
        Whether it is one event, which is no row of a table.

    Returns
    -------
    list of (int, bool)
        The number of each, and whether it is new.

    Raises
    ------
    LedgerError
        If the one event may not happen.
    RefusedEventsError
        Naming the rows that may not happen, and those in `refused`; the first of each household, for what follows it cannot
        be judged.
    """
    if not given and not refused:
        return []
    table = store.events
    wrong = list(refused)
    with store.writing() as connection:
        known = events_by_key(connection, table, [one.kept["event_key"] for one in given])
        seq, digest, last_time = last_event(connection, table)
        time = max(time, last_time)  # a clock that was put back gives no order away
        lines = Timelines()
        fresh = [one for one in given if one.kept["event_key"] not in known]
        load_timelines(connection, table, lines, {name for one in fresh for name in _touched_by(one)})
        numbers: list[tuple[int, bool]] = []
        rows: list[dict[str, Any]] = []
        in_doubt = {row.household_id for row in refused}
        new_numbers: dict[int, int] = {}
        theirs = {one.number for one in given if one.number}
        for one in given:
            if one.kept["household_id"] in in_doubt:
                continue
            column = "supersedes"
            try:
                kept = _numbered_anew(one, new_numbers, theirs, known)
                column = "event_key"
                found = known.get(kept["event_key"])
                if found is not None:
                    _check_same(kept, found)
                    numbers.append((found["seq"], False))
                else:
                    column = "event" if kept["supersedes"] is None else "supersedes"
                    before, after = _step_of(lines, one, kept, seq + 1)
                    seq += 1
                    row = {
                        **kept, "seq": seq, "from_state": before, "to_state": after, "recorded_at": time, "prev_hash": digest
                    }  # fmt: skip
                    digest = row["hash"] = event_hash(row)
                    known[kept["event_key"]] = row
                    rows.append(row)
                    numbers.append((seq, True))
            except FanpinError as error:
                if alone:
                    raise
                wrong.append(one.refused(column, error))
                in_doubt.add(one.kept["household_id"])
                continue
            if one.number:
                new_numbers[one.number] = numbers[-1][0]
        if wrong:
            refuse_rows(wrong)
        if rows:
            connection.execute(table.insert(), rows)
    return numbers


def refuse_rows(wrong: Iterable[RefusedRow]) -> None:
    """Raise RefusedEventsError: its message names the first row, its table all of them."""
    wrong = sorted(wrong, key=lambda one: one.row)
    first, more = wrong[0], len(wrong) - 1
    table = pd.DataFrame([(*one[:-1], one.error.message) for one in wrong], columns=list(COLUMNS_OF_REFUSED_EVENTS))
    said = Message(
        "row {row}, column {column} (household {household}): {why}",
        row=first.row, column=first.column, household=mask_id(first.household_id), why=first.error.message,
    )  # fmt: skip
    if more:
        said = Message("{said}; {count:,} more rows are refused", said=said, count=more)
    error = RefusedEventsError("{said}; nothing was recorded", said=said)
    error.refused = table
    raise error


def _numbered_anew(
    one: GivenEvent, new_numbers: Mapping[int, int], theirs: set[int], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what is kept of an event, the number that it corrects being that of this ledger.

    An event that comes from another ledger with its number there names what it corrects by its number there, too.
    """
    kept, corrected = one.kept, one.kept["supersedes"]
    if corrected is None or not theirs:
        return kept
    if corrected in new_numbers:
        return kept | {"supersedes": new_numbers[corrected]}
    if corrected in theirs or (one.number and kept["event_key"] not in known):
        raise LedgerError(
            "supersedes names the event {seq}, which does not stand before it among the events given; give all events of "
            "the ledger that they come from",
            seq=corrected,
        )
    return kept


def _step_of(lines: Timelines, one: GivenEvent, kept: Mapping[str, Any], seq: int) -> tuple[str, str]:
    told = one.told_state
    if one.succeeded_household is not None and kept["event"] != "imported":
        told = lines.state(one.succeeded_household, kept["on_day"])
    return lines.add(kept["household_id"], kept["event"], kept["on_day"], seq, told=told, supersedes=kept["supersedes"])


def _touched_by(one: GivenEvent) -> Iterable[str]:
    yield one.kept["household_id"]
    if one.succeeded_household is not None:
        yield one.succeeded_household


def _check_same(kept: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Raise LedgerError where the key of an event stands for another one."""
    if content_key(kept) != content_key(found):
        raise LedgerError(
            "its key is that of the event {seq}, which says something else; to correct that one, give another key and "
            "supersedes={seq}",
            seq=found["seq"],
        )
