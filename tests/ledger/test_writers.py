"""Nothing acknowledged is lost, nothing half is seen: many writers at once, writers that are killed, a disk that is full."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from fanpin_risk.errors import LedgerError
from fanpin_risk.ledger import Ledger

WRITERS = Path(__file__).with_name("writers.py")
# A long run is made by hand: FANPIN_RISK_KILLS=200 python -m pytest tests/ledger/test_writers.py
KILLS = int(os.environ.get("FANPIN_RISK_KILLS", "20"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the writers are copies of one process")


def run(*arguments):
    ended = subprocess.run(
        [sys.executable, WRITERS, *map(str, arguments)],
        capture_output=True, text=True, timeout=900, check=False, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


def test_eight_writers_at_once_lose_nothing(place):
    """Each waits for the others; the chain is whole, and every event is there."""
    assert run("at-once", place, 8, 25) == 200


def test_killed_writers_leave_a_whole_ledger(tmp_path):
    """After every kill the chain fits, what was acknowledged is there, and no frame is there by half."""
    assert run("killed", tmp_path / "killed.ledger", KILLS, 1) > 0


def test_a_full_disk_is_one_error_and_leaves_the_ledger_whole(tmp_path):
    """The events that did not fit are not there, those before them are, and later ones can be recorded."""
    resource = pytest.importorskip("resource", reason="the size of files can be limited on POSIX only")
    place = tmp_path / "full.ledger"
    many = pd.DataFrame({"household_id": [f"h{i}" for i in range(5000)], "event": "found", "on": "2024-05-01"})
    many["who"] = "village"
    with Ledger(place) as ledger:
        ledger.append(household_id="first", event="found", on="2024-05-01", who="village")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
        try:
            with pytest.raises(
                LedgerError, match=r"nothing of these events was recorded, and the ledger is whole: .* make room"
            ):
                ledger.extend(many)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert ledger.verify().startswith("1:")
        assert ledger.extend(many) == 5000
        assert ledger.verify().startswith("5001:")
