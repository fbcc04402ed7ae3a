"""Capacity: how many households can be visited, as a whole number of visits or as a share of the households.

It means the same everywhere: in lists, evaluations, reports and on the command line.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fanpin_risk.errors import SchemaError

__all__ = ["DEFAULT_CAPACITY", "check_capacity", "read_capacity", "visits_of"]

# Where nothing else is said: one household in fifty.
DEFAULT_CAPACITY = 0.02


def check_capacity(capacity: Any, *, name: str = "capacity") -> int | float:
    """Return the capacity as an int or a float, after a check.

    Parameters
    ----------
    capacity : int or float
        A whole number of visits, 1 or more, or a share of the households, 0 < share < 1. A share of 1 is refused:
        it could be meant as one visit; and so is 0, which lists nobody.
    name : str, default "capacity"
        Of the option, for the message.

    Returns
    -------
    int or float

    Raises
    ------
    SchemaError
        If it is neither.

    Examples
    --------
    >>> check_capacity(800), check_capacity(0.02)
    (800, 0.02)
    """
    if not isinstance(capacity, bool):
        if isinstance(capacity, (int, np.integer)) and capacity >= 1:
            return int(capacity)
        if isinstance(capacity, (float, np.floating)) and 0 < capacity < 1:
            return float(capacity)
    raise SchemaError(
        "{option} is {capacity!r}; expected a whole number of visits such as 800, or a share of the households "
        "between 0 and 1 such as 0.02",
        option=name,
        capacity=capacity,
    )


def read_capacity(text: str, *, name: str = "capacity") -> int | float:
    """Read a capacity from a text.

    Parameters
    ----------
    text : str
        ``"800"`` (visits, 1 or more), ``"0.02"`` or ``"2%"`` (a share).
    name : str, default "capacity"
        Of the option, for the message.

    Returns
    -------
    int or float
        As :func:`check_capacity` returns it.

    Raises
    ------
    SchemaError
        If the text is something else.

    Examples
    --------
    >>> read_capacity("800"), read_capacity("0.02"), read_capacity("2%")
    (800, 0.02, 0.02)
    """
    cleaned = text.strip()
    try:
        if cleaned.isdecimal():
            return check_capacity(int(cleaned))
        share = float(cleaned.removesuffix("%").removesuffix("％"))
        return check_capacity(share if cleaned[-1] not in "%％" else share / 100)
    except (ValueError, IndexError):
        return check_capacity(text, name=name)


def visits_of(households: np.ndarray, capacity: float) -> np.ndarray:
    """Return how many visits are made to each of several groups of households.

    Parameters
    ----------
    households : ndarray of int, shape (n,)
        How many households each group has.
    capacity : int or float
        Of each group; a share is rounded up.

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> visits_of(np.array([100, 30]), 0.07), visits_of(np.array([100, 30]), 5)
    (array([7, 3]), array([5, 5]))
    """
    capacity = check_capacity(capacity)
    if isinstance(capacity, int):
        return np.full(len(households), capacity, dtype=np.int64)
    # Rounding first: 0.07 * 100 is 7.000000000000001 in floating point, and still 7 visits.
    return np.ceil(np.round(capacity * np.asarray(households), 9)).astype(np.int64)
