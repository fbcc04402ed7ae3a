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
    "newest_states",
    "ranks_by_event",
    "ranks_of_corrections",
    "still_holds",
    "told_events",
]

EVENT_COLUMNS = (
    "seq", "household_id", "event", "from_state", "to_state", "on", "recorded_at", "who", "as_of", "model", "list_id",
    "visit_id", "evidence", "supersedes", "superseded_by", "event_key", "prev_hash", "hash",
)  # fmt: skip
PER_QUERY = 500  # values
SEQ_PAD = 10**12  # added to numbers, so that as texts they are of one length and in their order


def events_by_key(connection: Any, table: Any, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the events on record whose key is among those given."""
    found: dict[str, Mapping[str, Any]] = {}
    for some in in_chunks(keys):
        for row in connection.execute(table.select().where(table.c.event_key.in_(some))).mappings():
            found[row["event_key"]] = row
    return found


def ranks_by_event(connection: Any, table: Any, households: Sequence[str] | None = None) -> dict[int, int]:
    """Return for each event that corrects another its place among those of one day; all others have that of their own number.

    See :func:`ranks_of_corrections`.
    """
    query = (
        table.select()
        .with_only_columns(table.c.seq, table.c.supersedes)
        .where(table.c.supersedes.is_not(None))
        .order_by(table.c.seq)
    )
    if households is not None:
        query = query.where(table.c.household_id.in_(households))
    return ranks_of_corrections((int(new), int(old)) for new, old in connection.execute(query))


def ranks_of_corrections(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return for each correction the number of the event that was corrected first, in whose place it stands.

    Parameters
    ----------
    pairs : iterable of (int, int)
        Number of the correction and of what it corrects, in the order of numbers.

    Examples
    --------
    >>> ranks_of_corrections([(5, 2), (7, 5)])
    {5: 2, 7: 2}
    """
    ranks: dict[int, int] = {}
    for new, old in pairs:
        ranks[new] = ranks.get(old, old)
    return ranks


def load_timelines(connection: Any, table: Any, lines: Timelines, households: set[str]) -> None:
    """Load the steps of households that hold."""
    columns = table.c
    query = (
        table.select()
        .with_only_columns(columns.household_id, columns.on_day, columns.seq, columns.from_state, columns.to_state)
        .where(still_holds(table, None))
    )
    for some in in_chunks(sorted(households)):
        steps: dict[str, list[Step]] = {household: [] for household in some}
        ranks = ranks_by_event(connection, table, some)
        for household, *step in connection.execute(query.where(columns.household_id.in_(some))):
            steps[household].append(Step(step[0], step[1], step[2], step[3], ranks.get(step[1], step[1])))
        for household, own in steps.items():
            lines.load(household, sorted(own, key=lambda step: (step.day, step.rank)))


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
        .with_only_columns(columns.on_day, columns.seq, columns.household_id, columns.event, columns.evidence)
        .where(columns.event.in_(sorted(names)), columns.on_day <= iso_day(day, "day"), still_holds(table, known_on))
    )
    if known_on is not None:
        query = query.where(columns.recorded_at < day_after(known_on))
    ranks = ranks_by_event(connection, table)
    rows = sorted(connection.execute(query), key=lambda row: (row[0], ranks.get(row[1], row[1])))
    return [
        Told(household, event, _kept_day(on), json.loads(evidence) if evidence != "{}" else {})
        for on, _, household, event, evidence in rows
    ]


def newest_states(connection: Any, table: Any, day: Any, known_on: Any) -> dict[str, tuple[str, str]]:
    """Return for each household the day on which its state last changed, and to which, by what holds until a day."""
    from sqlalchemy import Text, cast, func, literal, select

    columns = table.c
    conditions = [
        columns.on_day <= iso_day(day, "day"), columns.from_state != columns.to_state, still_holds(table, known_on)
    ]  # fmt: skip
    if known_on is not None:
        conditions.append(columns.recorded_at < day_after(known_on))
    # The newest event that changed the state, as one text that sorts by day and number: one pass over one index.
    newest = func.max(columns.on_day + cast(columns.seq + literal(SEQ_PAD), Text) + columns.to_state)
    query = select(columns.household_id, newest).where(*conditions).group_by(columns.household_id)
    found = {household: (text[:10], text[10 + len(str(SEQ_PAD)) :]) for household, text in connection.execute(query)}
    # Where something was corrected, numbers are not the order of a day.
    ranks = ranks_by_event(connection, table)
    query = select(columns.household_id).where(columns.supersedes.is_not(None)).distinct()
    corrected = [household for (household,) in connection.execute(query) if household in found] if ranks else []
    for some in in_chunks(corrected):
        query = select(columns.household_id, columns.on_day, columns.seq, columns.to_state).where(
            columns.household_id.in_(some), *conditions
        )
        rows = sorted(connection.execute(query), key=lambda row: (row[1], ranks.get(row[2], row[2])))
        found.update({household: (on, state) for household, on, _, state in rows})
    return found


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
