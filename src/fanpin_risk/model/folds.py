"""Households dealt into groups, so that no model is judged on a household that it learnt from."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["deal"]


def deal(households: pd.Index, y: NDArray[Any], n: int, salt: str) -> NDArray[Any]:
    """Deal households into n groups of equal size, with and without the event apart.

    A household is in one group with all its rows. Its place follows from a hash of its id, so neither the order of
    the rows nor a random state matters.

    Parameters
    ----------
    households : Index of shape (n_rows,)
        Household of each row.
    y : array of shape (n_rows,), 0 or 1
        Whether the event followed.
    n : int
        Number of groups.
    salt : str
        Another salt gives another deal.

    Returns
    -------
    ndarray of int, shape (n_rows,)
        Group of each row, from 0 on.

    Examples
    --------
    >>> deal(pd.Index(["a", "b", "c", "d", "a"]), np.array([1, 0, 1, 0, 1]), 2, "fold").tolist()
    [0, 0, 1, 1, 0]
    """
    event = pd.Series(y, index=households).groupby(level=0).max()
    hashes = [hashlib.blake2b(f"{salt} {i}".encode(), digest_size=8).digest() for i in event.index]
    deck = pd.DataFrame({"event": event.to_numpy(), "hash": hashes}, index=event.index).sort_values(["event", "hash"])
    group = pd.Series(np.arange(len(deck)) % n, index=deck.index)
    return group.loc[households].to_numpy()
