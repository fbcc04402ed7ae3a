"""Which of many differences are told from chance: adjusted for being many, and by days where days are few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

__all__ = ["holm", "p_of_difference", "verdict_of", "with_verdicts"]

Array = NDArray[np.float64]

# With fewer days than this, days that agree by chance alone are not rare enough (2 * 0.5 ** 5 > 0.05).
FEW_DAYS = 6


def p_of_difference(difference: float, draws: Array) -> float:
    """Return the two-sided p-value of a difference, by the standard error that its draws show.

    Parameters
    ----------
    difference : float
        As observed.
    draws : ndarray of shape (n_draws,)
        Bootstrap draws of it.

    Returns
    -------
    float
        NaN where it is not defined in most draws; 1 where nothing differs in any.

    Examples
    --------
    >>> p_of_difference(0.2, np.random.default_rng(0).normal(0.2, 0.1, 1000)) < 0.06
    True
    """
    defined = draws[np.isfinite(draws)]
    if not np.isfinite(difference) or len(defined) < max(2, len(draws) / 2):
        return float("nan")
    error = float(np.std(defined, ddof=1))
    if difference == 0:
        return 1.0
    return float(2 * ndtr(-abs(difference) / error)) if error > 0 else 0.0


def holm(p_values: Array) -> Array:
    """Adjust p-values for being many, so that the chance of any false one among them stays what it is for one.

    Parameters
    ----------
    p_values : ndarray of shape (n,)
        NaN where there is none; it counts for nothing.

    Returns
    -------
    ndarray of shape (n,)

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2).

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, np.nan, 0.03])).round(4).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * p_values[order]))
    return adjusted


def verdict_of(difference: float, adjusted: float, *, level: float, days: int, days_better: int) -> str:
    """Return what is shown of a difference: "better", "worse" or "no difference shown".

    Parameters
    ----------
    difference : float
        Above 0: better.
    adjusted : float
        Its p-value, adjusted for being many.
    level : float
        Level of the intervals: a verdict needs an adjusted p-value below 1 - level.
    days, days_better : int
        Days forecast, and those on which the difference is above 0. With fewer than six days all must agree: what is drawn
        are households, and of how days differ few days say little.

    Examples
    --------
    >>> [verdict_of(0.1, 0.01, level=0.95, days=3, days_better=n) for n in (3, 2)]
    ['better', 'no difference shown']
    """
    agree = days if difference > 0 else 0
    # Rounded: 1 - 0.95 is more than 0.05.
    if not adjusted < round(1 - level, 12) or (days < FEW_DAYS and days_better != agree):
        return "no difference shown"
    return "better" if difference > 0 else "worse"


def with_verdicts(rows: Sequence[dict[str, Any]], level: float) -> None:
    """Adjust the p-values of the rows of one table for being many, and put a verdict into each.

    Parameters
    ----------
    rows : sequence of dict
        With ``difference``, ``p_adjusted`` (not adjusted yet), ``days`` and ``days_better``.
    level : float
        Level of the intervals.
    """
    for row, adjusted in zip(rows, holm(np.array([row["p_adjusted"] for row in rows])), strict=True):
        days = {name: row[name] for name in ("days", "days_better")}
        row |= {"p_adjusted": float(adjusted), "verdict": verdict_of(row["difference"], adjusted, level=level, **days)}
