"""Processes that write to a ledger: many at once, and some that are killed. Run by test_writers.py, and by hand.

writers.py at-once PLACE PROCESSES EVENTS      each process appends that many events
writers.py killed PLACE TIMES SEED             as often a writer is killed at a random point
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import warnings
from pathlib import Path

import pandas as pd

from fanpin_risk.ledger import Ledger

BATCH = 7


def forked(work):
    """Run a function in a copy of this process, which has all modules read already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries, which the copy does not use
        pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  the copy must not go on as its parent
            sys.stderr.write(f"{type(error).__name__} {error}\n")
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    return pid


def append_many(place, writer, events):
    with Ledger(place) as ledger:
        for number in range(events):
            ledger.append(household_id=f"h{writer}-{number}", event="found", on="2024-05-01", who=f"writer-{writer}")


def at_once(place, processes, events):
    Ledger(place).close()
    pids = [forked(lambda writer=writer: append_many(place, writer, events)) for writer in range(processes)]
    ended = [os.waitpid(pid, 0)[1] for pid in pids]
    if any(ended):
        sys.exit(f"a writer failed: {ended}")
    with Ledger(place) as ledger:
        ledger.verify()
        sys.stdout.write(f"{len(ledger.events())}\n")


def write_until_killed(place, run, acknowledge):
    """Append single events and frames of BATCH in turn; say each after it is acknowledged."""
    with Ledger(place) as ledger:
        for number in range(1_000_000):
            name = f"r{run}-{number}"
            if number % 2:
                rows = [
                    {"household_id": f"{name}-{part}", "event": "found", "on": "2024-05-01"} for part in range(BATCH)
                ]
                ledger.extend(pd.DataFrame(rows).assign(who="writer"))
            else:
                ledger.append(household_id=name, event="found", on="2024-05-01", who="writer")
            os.write(acknowledge, f"{name}\n".encode())


def killed(place, times, seed):
    chance = random.Random(seed)
    acknowledged = []
    for run in range(times):
        reader, writer = os.pipe()
        pid = forked(lambda run=run, writer=writer: write_until_killed(place, run, writer))
        os.close(writer)
        with os.fdopen(reader) as pipe:
            # A few while the tables are made, the others at any point between two acknowledgements.
            said = [] if run % 5 == 0 else [pipe.readline()]
            time.sleep(chance.uniform(0.0, 0.1))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            acknowledged += [line.strip() for line in (*said, *pipe) if line.endswith("\n")]
        if not Path(place).exists():
            continue  # killed before there was a file
        with Ledger(place) as ledger:
            ledger.verify()
            found = set(ledger.events()["household_id"])
        for name in acknowledged:
            whole = {f"{name}-{part}" for part in range(BATCH)} if int(name.partition("-")[2]) % 2 else {name}
            if not whole <= found:
                sys.exit(f"lost after an acknowledgement: {name}")
        parts = pd.Series([name.rpartition("-")[0] for name in found if name.count("-") == 2])
        if len(parts) and set(parts.value_counts()) != {BATCH}:
            sys.exit("half of a frame was recorded")
    sys.stdout.write(f"{len(acknowledged)}\n")


if __name__ == "__main__":
    mode, place, *numbers = sys.argv[1:]
    {"at-once": at_once, "killed": killed}[mode](place, *map(int, numbers))
