"""How fast events are recorded and states are read, beside the same rows in plain sqlite3 without chain or table.

    python benchmarks/ledger.py --events 200000
    python benchmarks/ledger.py --events 1000000 --keep county.ledger      (made once, then only read)

Ten events for each household: found, verified, entered, supported, five visits, eliminated. Seconds of the clock and of the
processor; on a machine that others use, the latter say more.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk import Ledger

WAY = ("found", "verified", "entered", "supported", "checked", "checked", "checked", "checked", "checked", "eliminated")
DAYS = pd.date_range("2023-01-01", periods=len(WAY), freq="20D")
LAST_DAY = "2024-01-01"


def timed(name: str, work: Callable[[], Any], events: int = 0) -> Any:
    """Run a function and print what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rate = f"{events / wall:10,.0f} events/s, {events / cpu:,.0f} per second of the processor" if events else ""
    print(f"{name:<34} {wall:7.2f} s, processor {cpu:6.2f} s {rate}", flush=True)
    return result


def frames(n_events: int) -> Iterator[pd.DataFrame]:
    """Yield the events in frames, in the order of their days."""
    households = [f"2112240010{number:08}" for number in range(n_events // len(WAY))]
    for event, day in zip(WAY, DAYS, strict=True):
        yield pd.DataFrame({"household_id": households, "event": event, "on": day, "who": "visitor-1", "amount": 3})


def plain(place: Path, n_events: int) -> None:
    """Record the same rows with sqlite3 alone: no check, no chain."""
    connection = sqlite3.connect(place)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, household_id, event, on_day, who, evidence)")
    connection.execute("CREATE INDEX by_household ON events (household_id, on_day, seq, event)")
    for frame in frames(n_events):
        days = frame["on"].dt.strftime("%Y-%m-%d")
        rows = zip(
            frame["household_id"], frame["event"], days, frame["who"], ['{"amount":3}'] * len(frame), strict=True
        )
        with connection:
            connection.executemany(
                "INSERT INTO events (household_id, event, on_day, who, evidence) VALUES (?, ?, ?, ?, ?)", rows
            )
    connection.close()


def plain_state(place: Path) -> pd.DataFrame:
    """Read the last event of each household."""
    with sqlite3.connect(place) as connection:
        return pd.read_sql_query(
            "SELECT household_id, event, max(on_day || printf('%012d', seq)) FROM events WHERE on_day <= ? GROUP BY household_id",
            connection,
            params=(LAST_DAY,),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--keep", type=Path, help="file of the ledger; where it is there, it is only read")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = options.keep or Path(folder) / "county.ledger"
        made = place.exists()
        with Ledger(place) as ledger:
            if not made:
                timed("extend", lambda: [ledger.extend(frame) for frame in frames(options.events)], options.events)
                timed("sqlite3, no chain", lambda: plain(Path(folder) / "plain.db", options.events), options.events)
                timed("sqlite3, last event of each", lambda: plain_state(Path(folder) / "plain.db"))
            states = timed("state", lambda: ledger.state(LAST_DAY))
            timed("state as known on a day", lambda: ledger.state(LAST_DAY, known_on="2100-01-01"))
            if not made:
                one = dict.fromkeys(("household_id", "who"), "one")
                timed("append, one event", lambda: ledger.append(**one, event="found", on=LAST_DAY))
                timed("verify", ledger.verify, options.events)
        print(f"{len(states):,} households, {place.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
