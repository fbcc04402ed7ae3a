"""A draw of households to learn from, where all of them would be too many: with their rows on all days, the rare event kept.

Households that have the event on any of the days are drawn apart from the others, by a hash of their ids: neither the order
nor the division of a register changes the draw. What a row counts puts the numbers of the whole back, so that the level of the
forecast, its calibration and all figures are those of all households.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import SchemaError

__all__ = ["FEWEST_ROWS", "HouseholdSample", "MetHouseholds", "checked_max_rows", "drawn_sample", "sample_hashes"]

FEWEST_ROWS = 1000  # of a draw: with fewer no trees can be grown
EVERYBODY = 2**64


class MetHouseholds(NamedTuple):
    """The households of a part of a register that are at risk on any day.

    Attributes
    ----------
    ids : Index of str
        Of those with the event on any day.
    hashes : ndarray of uint64, shape (n_households,)
        Of all of them, from :func:`sample_hashes`.
    rows : ndarray of int64, shape (n_households,)
        On how many days each is at risk.
    event : ndarray of bool, shape (n_households,)
        Whether it has the event on any day.
    """

    ids: pd.Index
    hashes: Array
    rows: Array
    event: Array


class HouseholdSample(NamedTuple):
    """Which households are drawn, and what their rows count.

    Attributes
    ----------
    events : Index of str
        Households with the event on any day.
    below : tuple of int
        Hashes from which on a household is not drawn: without the event, with it.
    weight : tuple of float
        What a row of a drawn household counts: without the event, with it.
    """

    events: pd.Index
    below: tuple[int, int]
    weight: tuple[float, float]

    def drawn(self, ids: pd.Index) -> Array:
        """Return which households are drawn."""
        hashes, event = sample_hashes(ids), ids.isin(self.events)
        return np.where(event, _under_bound(hashes, self.below[1]), _under_bound(hashes, self.below[0]))

    def weights(self, ids: pd.Index) -> Array:
        """Return what a row of each drawn household counts."""
        return np.where(ids.isin(self.events), self.weight[1], self.weight[0])

    def even(self, ids: pd.Index) -> Array:
        """Return which of the drawn would have been drawn with and without the event: together they look as all do."""
        return _under_bound(sample_hashes(ids), min(self.below))


def checked_max_rows(max_rows: object) -> int | None:
    """Return the most rows of a draw; refuse what is none.

    Raises
    ------
    SchemaError
        If it is not a whole number of 1,000 or more.

    Examples
    --------
    >>> checked_max_rows(None), checked_max_rows(5000)
    (None, 5000)
    """
    if max_rows is None:
        return None
    if isinstance(max_rows, bool) or not isinstance(max_rows, (int, np.integer)) or max_rows < FEWEST_ROWS:
        raise SchemaError(
            "max_rows is {max_rows!r}; expected a whole number of {fewest} or more",
            max_rows=max_rows,
            fewest=FEWEST_ROWS,
        )
    return int(max_rows)


def sample_hashes(ids: Iterable[str]) -> Array:
    """Return a number for each household that nothing but its id decides, of shape (n,), uint64."""
    numbers = [int.from_bytes(hashlib.blake2b(f"sample {i}".encode(), digest_size=8).digest(), "big") for i in ids]
    return np.array(numbers, dtype=np.uint64)


def drawn_sample(parts: Iterable[MetHouseholds], max_rows: int) -> HouseholdSample | None:
    """Draw households so that they have no more than a number of rows.

    Those with the event fill no more than half of them, unless the others leave room.

    Parameters
    ----------
    parts : iterable of MetHouseholds
        All parts of the register.
    max_rows : int
        The most rows.

    Returns
    -------
    HouseholdSample or None
        None: there are no more rows than that.

    Examples
    --------
    >>> ids = pd.Index([f"h{n}" for n in range(100)])
    >>> met = MetHouseholds(ids[:10], sample_hashes(ids), np.full(100, 2), np.arange(100) < 10)
    >>> sample = drawn_sample([met], 60)
    >>> int(sample.drawn(ids).sum()), sample.weight
    (30, (4.5, 1.0))
    """
    events, hashes, rows, event = (list(values) for values in zip(*parts, strict=True))
    number, n_rows, has_event = np.concatenate(hashes), np.concatenate(rows), np.concatenate(event)
    total = [int(n_rows[has_event == kind].sum()) for kind in (False, True)]
    if sum(total) <= max_rows:
        return None
    of_events = min(total[1], max(max_rows // 2, max_rows - total[0]))
    below, weight = [], []
    for kind, most in ((False, max_rows - of_events), (True, of_events)):
        mine = has_event == kind
        order = np.argsort(number[mine])
        cumulated = np.cumsum(n_rows[mine][order])
        taken = int(np.searchsorted(cumulated, most, side="right"))
        below.append(int(number[mine][order][taken]) if taken < len(order) else EVERYBODY)
        weight.append(total[kind] / int(cumulated[taken - 1]) if taken else 1.0)
    return HouseholdSample(events[0].append(events[1:]), (below[0], below[1]), (weight[0], weight[1]))


def _under_bound(hashes: Array, bound: int) -> Array:
    return np.ones(len(hashes), dtype=bool) if bound >= EVERYBODY else hashes < np.uint64(bound)
