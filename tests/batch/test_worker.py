"""Worker processes end with their run, and are not replaced while it goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

from fanpin_risk.batch.scoring.worker import begin_worker

RUN_IN_PROCESSES = """
import sys
import fanpin_risk as fr
from fanpin_risk.model.store import demo_model

fr.score_register(sys.argv[1], demo_model(), "2023-12-31", sys.argv[2], workers=3)
"""


def children(process):
    """Process ids of the workers of a process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            if parent == process and b"popen_loky" in (stat.parent / "cmdline").read_bytes():
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_workers_that_had_no_work_yet_end_with_a_killed_run(packed, tmp_path):
    """They would wait for it for minutes, and hold their memory."""
    run = subprocess.Popen([sys.executable, "-c", RUN_IN_PROCESSES, str(packed), str(tmp_path / "out")])
    end = time.monotonic() + 120
    while len(workers := children(run.pid)) < 3 and run.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    run.kill()
    run.wait()
    assert len(workers) == 3
    end = time.monotonic() + 60
    while (left := [worker for worker in workers if Path(f"/proc/{worker}").exists()]) and time.monotonic() < end:
        time.sleep(0.1)
    for worker in left:
        os.kill(worker, signal.SIGKILL)
    assert not left


def test_workers_that_grow_are_not_replaced():
    """A new one takes seconds to start, and partitions differ by more than joblib takes for a leak."""
    pytest.importorskip("psutil", reason="joblib looks at memory with psutil only")

    def work(_):
        from fanpin_risk.batch.scoring import worker

        worker.tasks = getattr(worker, "tasks", 0) + 1
        if worker.tasks == 2:
            worker.held = np.ones(50_000_000)
        time.sleep(1.1)  # it looks once a second
        return os.getpid()

    pool = joblib.Parallel(n_jobs=2, timeout=60, initializer=begin_worker, initargs=(os.getpid(),))
    try:
        assert len(set(pool(joblib.delayed(work)(n) for n in range(8)))) == 2
    finally:
        get_reusable_executor().shutdown(kill_workers=True)
