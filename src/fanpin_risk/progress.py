"""How far long work is."""

from __future__ import annotations

from collections.abc import Callable

from fanpin_risk.words import Message

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

    def next(self, what: str | Message) -> None:
        """Begin a step, or end the last one with an empty text. A message is shown in the language of the run."""
        self.done += 1
        if self.progress is not None:
            self.progress(min(self.done, self.total), self.total, str(what))
