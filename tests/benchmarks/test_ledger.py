"""The benchmark of the ledger runs and tells what it promises; its times are not looked at."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "ledger.py"


def test_it_tells_every_figure_of_its_page(tmp_path):
    """A ledger that is kept is made once, then only read."""
    command = [sys.executable, SCRIPT, "--events", "200", "--keep", tmp_path / "a.ledger"]
    first, again = (subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2))
    for name in ("extend", "sqlite3, no chain", "state", "state as known on a day", "append, one event", "verify"):
        assert f"\n{name} " in f"\n{first}"
    assert "20 households" in first
    assert "extend" not in again
    assert "\nstate as known on a day" in again
