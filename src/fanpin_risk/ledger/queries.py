"""What is asked of the events on record, and how they are shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from fanpin_risk.asof.days import to_day
from fanpin_risk.ledger.timelines import Step, Timelines
from fanpin_risk.ledger.transitions import VOIDED

__all__ = [
    "EVENT_COLUMNS",
    "Told",
    "corrections_by_event",
    "day_after",
    "event_frame",
    "events_by_key",
    "in_chunks",
    "iso_day",
    "last_days",
    "load_timelines",
    "still_holds",
    "told_events",
]

EVENT_COLUMNS = (
    "seq", "household_id", "event", "from_state", "to_state", "on", "recorded_at", "who", "as_of", "model", "list_id",
    "visit_id", "evidence", "supersedes", "superseded_by", "event_key", "prev_hash", "hash",
)  # fmt: skip
PER_QUERY = 500  # values


def events_by_key(connection: Any, table: Any, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the events on record whose key is among those given."""
    found: dict[str, Mapping[str, Any]] = {}
    for some in in_chunks(keys):
        for row in connection.execute(table.select().where(table.c.event_key.in_(some))).mappings():
            found[row["event_key"]] = row
    return found


def load_timelines(connection: Any, table: Any, lines: Timelines, households: set[str]) -> None:
    """Load the steps of households that hold."""
    columns = table.c
    query = (
        table.select()
        .with_only_columns(columns.household_id, columns.on_day, columns.seq, columns.from_state, columns.to_state)
        .where(still_holds(table, None))
        .order_by(columns.household_id, columns.on_day, columns.seq)
    )
    for some in in_chunks(sorted(households)):
        steps: dict[str, list[Step]] = {household: [] for household in some}
        for household, *step in connection.execute(query.where(columns.household_id.in_(some))):
            steps[household].append(Step(*step))
        for household, own in steps.items():
            lines.load(household, own)


def still_holds(table: Any, known_on: Any) -> Any:
    """Return the condition that an event was not corrected, as far as was known on a day, and takes none back."""
    from sqlalchemy import and_, select

    later = table.alias("later")
    corrected = select(later.c.supersedes).where(later.c.supersedes.is_not(None))
    if known_on is not None:
        corrected = corrected.where(later.c.recorded_at < day_after(known_on))
    return and_(table.c.event != VOIDED, table.c.seq.not_in(corrected))


def corrections_by_event(connection: Any, table: Any, known_on: Any) -> dict[int, int]:
    """Return for each event that was corrected the number of the one that takes its place."""
    query = table.select().with_only_columns(table.c.supersedes, table.c.seq).where(table.c.supersedes.is_not(None))
    if known_on is not None:
        query = query.where(table.c.recorded_at < day_after(known_on))
    return {int(old): int(new) for old, new in connection.execute(query)}


def event_frame(rows: list[Any], names: list[str], corrections: Mapping[int, int]) -> pd.DataFrame:
    """Return events with the columns `EVENT_COLUMNS`, in the order of their numbers."""
    frame = pd.DataFrame([tuple(row) for row in rows], columns=names, dtype="object").rename(columns={"on_day": "on"})
    frame["superseded_by"] = frame["seq"].map(corrections)
    frame = frame.sort_values("seq", ignore_index=True)[list(EVENT_COLUMNS)]
    times = frame["recorded_at"].astype("str").str[:26]
    kinds: dict[str, Any] = {
        **dict.fromkeys(("on", "as_of"), "datetime64[s]"),
        "seq": "int64",
        **dict.fromkeys(("supersedes", "superseded_by"), "Int64"),
    }
    for name in frame.columns:
        column = times.astype("datetime64[us]") if name == "recorded_at" else frame[name]
        frame[name] = column if name == "recorded_at" else column.astype(kinds.get(name, "str"))
    return frame


def in_chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    """Return values in parts that one query takes."""
    return (values[start : start + PER_QUERY] for start in range(0, len(values), PER_QUERY))


def iso_day(day: Any, argument: str) -> str:
    """Return a day as it is kept."""
    return to_day(day, argument=argument).date().isoformat()


def day_after(known_on: Any) -> str:
    """Return the day after, before which everything was recorded that was known on a day."""
    return (to_day(known_on, argument="known_on") + pd.Timedelta(days=1)).date().isoformat()


class Told(NamedTuple):
    """An event that holds, with what it rests on."""

    household_id: str
    event: str
    on: pd.Timestamp
    evidence: dict[str, Any]


def told_events(connection: Any, table: Any, names: Collection[str], day: Any, known_on: Any) -> list[Told]:
    """Return the events of some kinds that hold, until a day, in the order of days."""
    columns = table.c
    query = (
        table.select()
        .with_only_columns(columns.household_id, columns.event, columns.on_day, columns.evidence)
        .where(columns.event.in_(sorted(names)), columns.on_day <= iso_day(day, "day"), still_holds(table, known_on))
        .order_by(columns.on_day, columns.seq)
    )
    if known_on is not None:
        query = query.where(columns.recorded_at < day_after(known_on))
    return [
        Told(household, event, _kept_day(on), json.loads(evidence) if evidence != "{}" else {})
        for household, event, on, evidence in connection.execute(query)
    ]


def last_days(connection: Any, table: Any, day: Any, known_on: Any) -> dict[str, dict[str, pd.Timestamp]]:
    """Return the last day of each event of each household; a further signal about an open clue is none."""
    from sqlalchemy import func, or_

    columns = table.c
    query = (
        table.select()
        .with_only_columns(columns.household_id, columns.event, func.max(columns.on_day))
        .where(
            columns.on_day <= iso_day(day, "day"),
            or_(columns.event != "found", columns.from_state != columns.to_state),
            still_holds(table, known_on),
        )
        .group_by(columns.household_id, columns.event)
    )
    if known_on is not None:
        query = query.where(columns.recorded_at < day_after(known_on))
    found: dict[str, dict[str, pd.Timestamp]] = {}
    for household, event, on in connection.execute(query):
        found.setdefault(household, {})[event] = _kept_day(on)
    return found


@lru_cache(maxsize=4096)
def _kept_day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text).as_unit("s")
