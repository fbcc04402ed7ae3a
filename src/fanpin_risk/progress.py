"""Long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress", "Steps"]

# Called with (done, total, what).
Progress = Callable[[int, int, str], None]


class Steps:
    """Counts steps for a progress callback.

    Parameters
    ----------
    progress : callable or None
        Called with (done, total, what) before every step, and once more at the end.
    total : int
        Number of steps.
    """

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, -1

    def next(self, what: str) -> None:
        """Begin a step, or end the last one with an empty text."""
        self.done += 1
        if self.progress is not None:
            self.progress(min(self.done, self.total), self.total, what)
