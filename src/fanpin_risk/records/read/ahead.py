"""Text files read ahead by threads: most of that work is done outside of Python, several files at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from fanpin_risk.records.read.files import TEXT_SUFFIXES

__all__ = ["reading_ahead"]

T = TypeVar("T")

AT_A_TIME = 2  # files that are read; each is in memory as it is, beside what is made of it


@contextmanager
def reading_ahead(files: Sequence[Path], read: Callable[[Path], T]) -> Iterator[Iterator[Callable[[], T]]]:
    """Read files ahead, as far as they are texts; what is not asked for by the end need not be read.

    Parameters
    ----------
    files : sequence of Path
        Workbooks, which take more memory and hardly leave Python, are read only when asked for.
    read : callable
        Reads a file; is called in several threads.

    Yields
    ------
    iterator of callable
        For each file in turn what returns its content, or raises what reading it raised.
    """
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        ahead = deque(
            pool.submit(read, file).result if file.suffix.lower() in TEXT_SUFFIXES else partial(read, file)
            for file in files
        )
        yield (ahead.popleft() for _ in files)  # what was read is held by none but the one who asks for it
    finally:
        pool.shutdown(cancel_futures=True)
