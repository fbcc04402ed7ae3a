"""The events of households as they hold after all corrections, and whether a new one fits among them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from fanpin_risk.errors import LedgerError
from fanpin_risk.ledger.transitions import NO_STATE, VOIDED, event_with_code, state_with_code, where_to

__all__ = ["Step", "Timelines"]


class Step(NamedTuple):
    """An event that holds, as far as its place among others goes.

    Attributes
    ----------
    day : str
    seq : int
        Its number.
    before, after : str
        States.
    rank : int
        Its place among the events of its day: its number, or the rank of the event that it corrects.
    """

    day: str
    seq: int
    before: str
    after: str
    rank: int


class Timelines:
    """The steps of each household in the order of days, of one day in the order in which they were recorded.

    A correction stands where the event stood that it takes the place of, if that was of the same day: events that were
    recorded between the two still follow it.

    Examples
    --------
    >>> lines = Timelines()
    >>> lines.add("a", "found", "2024-05-01", 1), lines.add("a", "verified", "2024-05-03", 2)
    (('-', 'clue'), ('clue', 'verified'))
    >>> lines.add("a", "verified", "2024-05-04", 3, supersedes=2), lines.state("a")
    (('clue', 'verified'), 'verified')
    """

    def __init__(self) -> None:
        self._steps: dict[str, list[Step]] = {}

    def load(self, household: str, steps: Iterable[Step]) -> None:
        """Take over the steps of a household that are on record, in the order of days."""
        self._steps[household] = list(steps)

    def knows(self, household: str) -> bool:
        """Tell whether the steps of a household were loaded or added."""
        return household in self._steps

    def state(self, household: str, day: str | None = None) -> str:
        """Return the state of a household at the end of a day; default: after all of its steps."""
        steps = [step for step in self._steps.get(household, ()) if day is None or step.day <= day]
        return steps[-1].after if steps else NO_STATE

    def add(
        self, household: str, event: str, day: str, seq: int, *, told: str | None = None, supersedes: int | None = None
    ) -> tuple[str, str]:
        """Put an event among the others of its household.

        Parameters
        ----------
        household : str
        event : str
            Code of the event.
        day : str
            Its day, as ``2024-05-01``.
        seq : int
            Its number, larger than that of all others.
        told : str, optional
            See :func:`fanpin_risk.ledger.transitions.where_to`.
        supersedes : int, optional
            Number of the event that it takes the place of.

        Returns
        -------
        tuple of str
            State before and after it. Of an event that takes another one back: after and before that one.

        Raises
        ------
        LedgerError
            If it may not happen there, does not fit what was recorded of later days, or supersedes what does not hold.
        """
        steps = self._steps.get(household, [])
        rank = seq
        if supersedes is not None:
            steps, gone = self._without(steps, supersedes)
            rank = gone.rank
            if event == VOIDED:
                _check_joints(steps)
                self._steps[household] = steps
                return gone.after, gone.before
        elif event == VOIDED:
            raise LedgerError(
                "the event {event} needs supersedes: the number of the event to take back", event=event_with_code(event)
            )
        place = bisect_right(steps, (day, rank), key=lambda step: (step.day, step.rank))
        before = steps[place - 1].after if place else NO_STATE
        step = Step(day, seq, before, where_to(event, before, told), rank)
        changed = [*steps[:place], step, *steps[place:]] if place < len(steps) or supersedes is not None else None
        if changed is None:
            self._steps.setdefault(household, []).append(step)
        else:
            _check_joints(changed)
            self._steps[household] = changed
        return step.before, step.after

    @staticmethod
    def _without(steps: list[Step], seq: int) -> tuple[list[Step], Step]:
        gone = next((step for step in steps if step.seq == seq), None)
        if gone is None:
            raise LedgerError(
                "supersedes names the event {seq}, which is none of this household, or was corrected already; expected the "
                "number of an event that holds",
                seq=seq,
            )
        return [step for step in steps if step.seq != seq], gone


def _check_joints(steps: list[Step]) -> None:
    """Raise LedgerError where a step does not begin in the state in which the one before it ends."""
    before = NO_STATE
    for step in steps:
        if step.before != before:
            raise LedgerError(
                "then the event {later} of {day}, recorded as following the state {expected}, would follow {got}; correct the "
                "later events first, the last one before the others",
                later=step.seq,
                day=step.day,
                expected=state_with_code(step.before),
                got=state_with_code(before),
            )
        before = step.after
