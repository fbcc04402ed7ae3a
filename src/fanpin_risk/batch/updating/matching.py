"""Rows that are about the same thing, and whether they say the same of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array

__all__ = ["alike", "key_hashes", "newest_correction", "same_content"]


def key_hashes(frame: pd.DataFrame, columns: Sequence[str]) -> Array:
    """Return a number for what each row says in some columns; missing values are values of their own.

    Equal rows have equal numbers; that two different rows of a partition have one is as likely as 1 in 10 million partitions.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n)
        Typed.
    columns : sequence of str

    Returns
    -------
    ndarray of uint64, shape (n_rows,)

    Examples
    --------
    >>> frame = pd.DataFrame({"a": ["x", None, "x"], "b": [1.0, 2.0, 1.0]})
    >>> hashes = key_hashes(frame, ["a", "b"])
    >>> bool(hashes[0] == hashes[2]), bool(hashes[0] == hashes[1])
    (True, False)
    """
    if not len(frame):
        return np.zeros(0, dtype="uint64")
    plain = {name: _comparable(frame[name]) for name in columns}
    return pd.util.hash_pandas_object(pd.DataFrame(plain), index=False).to_numpy(dtype="uint64")


def _comparable(values: pd.Series) -> Array:
    """Return a column as numbers and texts, the same whatever type it is held in."""
    if isinstance(values.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(values.dtype):
        return values.astype("str").fillna("").to_numpy(dtype=object)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.to_numpy(dtype="datetime64[s]").astype("int64")
    numbers: Array = values.to_numpy(dtype="float64", na_value=np.nan)
    return numbers + 0.0  # -0 is 0


def alike(rows: pd.DataFrame, others: pd.DataFrame, columns: Sequence[str]) -> Array:
    """Return for each row the place of the other that is equal in some columns, the first of several; -1 for none.

    Examples
    --------
    >>> alike(pd.DataFrame({"a": ["x", "z"]}), pd.DataFrame({"a": ["y", "x"]}), ["a"]).tolist()
    [1, -1]
    """
    if not len(others):
        return np.full(len(rows), -1)
    theirs = pd.Index(key_hashes(others, columns))
    first = ~theirs.duplicated()
    place = theirs[first].get_indexer(key_hashes(rows, columns))
    return np.append(np.flatnonzero(first), -1)[place]


def newest_correction(frame: pd.DataFrame, key: Sequence[str]) -> Array:
    """Return a mask of the rows that no later row of the same key corrects; rows without a day of recording are the oldest.

    Examples
    --------
    >>> days = pd.to_datetime(["2024-01-01", "2024-02-01", None])
    >>> newest_correction(pd.DataFrame({"a": ["x", "x", "y"], "recorded_at": days}), ["a"]).tolist()
    [False, True, True]
    """
    recorded = frame["recorded_at"].to_numpy(dtype="datetime64[s]").astype("int64")
    newest = pd.Series(recorded).groupby(key_hashes(frame, key)).transform("max").to_numpy()
    mask: Array = recorded == newest
    return mask


def same_content(rows: pd.DataFrame, others: pd.DataFrame, columns: Sequence[str]) -> Array:
    """Tell which rows say in some columns what the others at the same place do; two missing values are the same.

    Examples
    --------
    >>> one = pd.DataFrame({"a": [1.0, None, 2.0]})
    >>> same_content(one, pd.DataFrame({"a": [1.0, None, None]}), ["a"]).tolist()
    [True, True, False]
    """
    same = np.ones(len(rows), dtype=bool)
    for name in columns:
        one, other = _comparable(rows[name]), _comparable(others[name])
        equal = one == other
        if one.dtype.kind == "f":
            equal |= np.isnan(one) & np.isnan(other)
        same &= equal
    return same
