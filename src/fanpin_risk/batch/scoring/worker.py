"""What a worker process does first: it ends soon after the run that started it, and is not replaced while it works.

Loads nothing else: a new process begins with it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any

__all__ = ["begin_worker"]

WATCH_SECONDS = 1.0
MOST_GROWTH = 2_000_000_000  # bytes; more than the largest partition takes, so that beyond it something leaks


def begin_worker(run: int) -> None:
    """Prepare this process for work: it ends when process `run` is no longer the one that started it.

    Were the run killed, its workers would otherwise wait for work for minutes and hold their memory.

    Where psutil is installed, joblib's workers are replaced, which takes seconds, once they hold 300 MB more than after
    their first task. Partitions differ by more than that; the limit becomes ``MOST_GROWTH``. Joblib has no option for it:
    the name is private, and where it is gone nothing is changed.

    Parameters
    ----------
    run : int
        Process id of the run.
    """

    def watch() -> None:
        while os.getppid() == run:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    executor: Any = sys.modules.get("joblib.externals.loky.process_executor")
    if hasattr(executor, "_MAX_MEMORY_LEAK_SIZE"):
        executor._MAX_MEMORY_LEAK_SIZE = MOST_GROWTH  # noqa: SLF001
    threading.Thread(target=watch, daemon=True).start()
