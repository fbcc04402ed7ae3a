"""Ends a worker process soon after the run that started it. Loads nothing else: a new process begins with it."""

from __future__ import annotations

import os
import threading
import time

__all__ = ["end_with"]

WATCH_SECONDS = 1.0


def end_with(run: int) -> None:
    """End this process when process `run` is no longer the one that started it.

    Were the run killed, its workers would otherwise wait for work for minutes and hold their memory.

    Parameters
    ----------
    run : int
        Process id of the run.
    """

    def watch() -> None:
        while os.getppid() == run:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
