"""Rows of features column by column, with their place in an order that does not depend on how they came.

Trees grown on different rows of one table share it: nobody copies it, and it is put into order once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array

__all__ = ["BLOCK_ROWS", "CanonicalRows", "end_to_end"]

# Rows of a matrix, where one has to be made: 25 MB for 100 features.
BLOCK_ROWS = 32_768


class CanonicalRows:
    """Columns of features, and the place of each row in the order of its values.

    The first feature decides, then the second, and so on; missing values come last. The order decides, above 200,000 rows,
    which of them define the bins, and at any size the rounding of the float32 sums (measured: single probabilities moved by
    up to 0.26).

    Parameters
    ----------
    columns : sequence of ndarray of shape (n_rows,)
        float64, NaN for missing.
    names : sequence of str, optional
        Of the columns.
    index : Index of shape (n_rows,), optional
        Household of each row.

    Attributes
    ----------
    rank : ndarray of int64, shape (n_rows,)
        How many rows come before; equal rows have the same.

    Examples
    --------
    >>> CanonicalRows([np.array([2.0, 1.0, 1.0]), np.array([0.0, np.nan, 5.0])]).rank.tolist()
    [2, 1, 0]
    """

    def __init__(
        self, columns: Sequence[Array], names: Sequence[str] | None = None, *, index: pd.Index | None = None
    ) -> None:
        self.index = index
        self.columns, self.names = list(columns), None if names is None else list(names)
        self.rank = _ranked(self.columns)

    @classmethod
    def of_matrix(cls, matrix: Array, names: Sequence[str] | None = None) -> Self:
        """Return the rows of a float64 matrix."""
        return cls(list(np.ascontiguousarray(matrix.T)), names)

    @classmethod
    def of_table(cls, table: pd.DataFrame) -> Self:
        """Return the rows of a table, whose columns are taken as they are.

        Raises
        ------
        ValueError
            If a value is infinite.
        """
        columns = [np.ascontiguousarray(table[name].to_numpy(dtype="float64")) for name in table.columns]
        if any(np.isinf(column).any() for column in columns):
            raise ValueError("Input X contains infinity or a value too large for dtype('float64').")
        return cls(columns, [str(name) for name in table.columns], index=table.index)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rank)

    def ordered(self, rows: Array, labels: Array, weight: Array | None) -> Array:
        """Return some rows in order; of equal ones that of the lower class comes first, then that which counts less.

        Parameters
        ----------
        rows : ndarray of int, shape (n,)
            Numbers of rows.
        labels : ndarray of int, shape (n,)
            Their classes.
        weight : ndarray of shape (n,) or None
            What they count.

        Returns
        -------
        ndarray of int, shape (n,)
            Places among `rows`.
        """
        return np.lexsort([*([] if weight is None else [weight]), labels, self.rank[rows]])

    def matrices(self, rows: Array) -> Iterator[tuple[slice, Array]]:
        """Give some rows as float64 matrices of shape (n_block, n_features), one at a time, and which of `rows` each holds."""
        for begin in range(0, len(rows), BLOCK_ROWS):
            here = slice(begin, begin + BLOCK_ROWS)
            yield here, np.column_stack([column[rows[here]] for column in self.columns])


def _ranked(columns: Sequence[Array]) -> Array:
    """Return how many rows come before each row."""
    n = len(columns[0]) if columns else 0
    rank = np.zeros(n, dtype=np.int64)
    tied = np.arange(n)  # rows with the rank of another one
    for column in columns:
        if not len(tied):
            break
        order = np.lexsort([column[tied], rank[tied]])
        tied = tied[order]
        group, value = rank[tied], column[tied]
        same_group = group[1:] == group[:-1]
        same = same_group & ((value[1:] == value[:-1]) | (np.isnan(value[1:]) & np.isnan(value[:-1])))
        place = np.arange(len(tied))
        of_group = np.maximum.accumulate(np.where(np.r_[True, ~same_group], place, 0))
        of_value = np.maximum.accumulate(np.where(np.r_[True, ~same], place, 0))
        rank[tied] = group + of_value - of_group
        tied = tied[np.r_[same, False] | np.r_[False, same]]
    return rank


def end_to_end(parts: Sequence[Array]) -> Array:
    """Return arrays one after the other, as they are where they stand so in memory already.

    Parameters
    ----------
    parts : sequence of ndarray of shape (n_k,)
        float64, one or more.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> whole = np.arange(5.0)
    >>> joined = end_to_end([whole[:2], whole[2:]])
    >>> joined.tolist(), np.shares_memory(joined, whole)
    ([0.0, 1.0, 2.0, 3.0, 4.0], True)
    """
    if len(parts) == 1:
        return parts[0]
    base = _root(parts[0])
    address = parts[0].__array_interface__["data"][0]
    begin = (address - base.__array_interface__["data"][0]) // base.itemsize
    sound = base.ndim == 1 and base.dtype == np.float64 and base.flags.c_contiguous
    for part in parts:
        sound = sound and _root(part) is base and part.flags.c_contiguous
        sound = sound and part.__array_interface__["data"][0] == address
        address += part.nbytes
    return base[begin : begin + sum(map(len, parts))] if sound else np.concatenate(parts)


def _root(array: Array) -> Array:
    """Return the array that owns the memory."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
