"""The compiled way through the tables of :mod:`fanpin_risk.tree_shap.tree_shap`, for many rows.

It adds the same numbers in the same order as the NumPy way, so that both give the same bits. Only additions: there is
no product in it that a compiler could fuse with a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from fanpin_risk.tree_shap._cut import Array, Columns
from fanpin_risk.tree_shap._tables import PatternTables

__all__ = ["explain", "prepare"]

Function = TypeVar("Function", bound=Callable[..., Any])

# Rows whose values are coded at once: they stay in the nearest cache.
ROWS_CODED = 64
# Rows that are written together: their sums of one feature fill a line of the cache.
ROWS_WRITTEN = 8
# Rows and groups whose codes and sums are held at once: few enough for the cache nearby, so many that fetching the
# tables from farther away does not count.
KERNEL_ROWS = 8192
GROUPS_AT_ONCE = 128


def _compiled(function: Function) -> Function:
    """Compile a function when it is first called, and keep the result on disk where that is possible."""
    try:
        return numba.njit(function, nogil=True, cache=True)
    except RuntimeError:  # no place to write to
        return numba.njit(function, nogil=True)


@_compiled
def _code(
    X: Array,
    feature: Array,
    thresholds: Array,
    start: Array,
    half: Array,
    source: Array,
    lookup: Array,
    first: int,
    n: int,
    codes: Array,
) -> None:
    n_counted = len(feature)
    one = np.uint64(1)
    value = np.empty(ROWS_CODED, dtype=np.float64)
    below = np.empty(ROWS_CODED, dtype=np.uint64)
    for begin in range(0, n, ROWS_CODED):
        m = min(ROWS_CODED, n - begin)
        for c in range(n_counted):
            for row in range(m):
                value[row] = X[first + begin + row, feature[c]]
                below[row] = 0
            known, step = thresholds[start[c] :], np.uint64(half[c])
            while step >= one:
                for row in range(m):
                    below[row] += step * np.uint64(known[below[row] + step - one] < value[row])
                step >>= one
            for row in range(m):
                codes[c, begin + row] = 0 if np.isnan(value[row]) else below[row] + one
    for d in range(len(source)):
        for row in range(n):
            codes[n_counted + d, row] = lookup[d, codes[source[d], row]]


@_compiled
def _packed_codes(
    codes: Array,
    n_bits: Array,
    column: Array,
    low: Array,
    width: Array,
    first: int,
    last: int,
    n: int,
    packed: Array,
) -> None:
    for group in range(first, last):
        out = packed[group - first]
        out[:n] = 0
        for bit in range(n_bits[group]):
            byte, bottom, span, value = codes[column[group, bit]], low[group, bit], width[group, bit], 1 << bit
            for row in range(n):
                if np.uint8(byte[row] - bottom) < span:
                    out[row] |= value


@_compiled
def _add(
    packed: Array,
    group: Array,
    start: Array,
    values: Array,
    first: int,
    last: int,
    n: int,
    total: Array,
) -> None:
    e = first
    while e + 4 <= last:  # four at once: as many tables and codes as there are registers to point at them
        c0, c1, c2, c3 = packed[group[e]], packed[group[e + 1]], packed[group[e + 2]], packed[group[e + 3]]
        t0, t1, t2, t3 = values[start[e] :], values[start[e + 1] :], values[start[e + 2] :], values[start[e + 3] :]
        for row in range(n):
            total[row] = total[row] + t0[c0[row]] + t1[c1[row]] + t2[c2[row]] + t3[c3[row]]
        e += 4
    while e < last:
        c0, t0 = packed[group[e]], values[start[e] :]
        for row in range(n):
            total[row] += t0[c0[row]]
        e += 1


@_compiled
def _look_up(
    codes: Array,
    n: int,
    tables: tuple[Any, ...],
    packed: Array,
    totals: Array,
) -> None:
    n_bits, column, low, width, tile, run, group, start, values = tables
    n_sums = len(totals)
    for number in range(len(tile) - 1):
        _packed_codes(codes, n_bits, column, low, width, tile[number], tile[number + 1], n, packed)
        for s in range(n_sums):
            _add(
                packed,
                group,
                start,
                values,
                run[number * n_sums + s],
                run[number * n_sums + s + 1],
                n,
                totals[s],
            )


@_compiled
def _explain(
    X: Array,
    out: Array,
    columns: tuple[Any, ...],
    narrow: tuple[Any, ...],
    wide: tuple[Any, ...],
    n_codes: int,
    rows_at_once: int,
    groups_at_once: int,
) -> None:
    feature, thresholds, start, half, source, lookup = columns
    codes = np.empty((n_codes, rows_at_once), dtype=np.uint8)
    packed = np.empty((groups_at_once, rows_at_once), dtype=np.uint8)
    packed_wide = np.empty((groups_at_once, rows_at_once), dtype=np.uint16)
    totals = np.empty((out.shape[1], rows_at_once), dtype=out.dtype)
    for first in range(0, len(X), rows_at_once):
        n = min(rows_at_once, len(X) - first)
        _code(X, feature, thresholds, start, half, source, lookup, first, n, codes)
        totals[:] = 0
        _look_up(codes, n, narrow, packed, totals)
        _look_up(codes, n, wide, packed_wide, totals)
        whole = n - n % ROWS_WRITTEN
        for begin in range(0, whole, ROWS_WRITTEN):
            for f in range(out.shape[1]):
                for row in range(begin, begin + ROWS_WRITTEN):
                    out[first + row, f] = totals[f, row]
        for row in range(whole, n):
            for f in range(out.shape[1]):
                out[first + row, f] = totals[f, row]


def prepare(columns: Columns, tables: Sequence[PatternTables], n_sums: int) -> tuple[Any, ...]:
    """Lay columns and tables (narrow, wide) out for :func:`explain`."""
    # Thresholds are filled up with +inf to 2**k - 1, so that every search takes k steps.
    steps = [len(thresholds).bit_length() for thresholds in columns.thresholds]
    padded = [np.full((1 << k) - 1, np.inf) for k in steps]
    for row, thresholds in zip(padded, columns.thresholds, strict=True):
        row[: len(thresholds)] = thresholds
    start = np.cumsum([0, *map(len, padded)])[:-1]
    half = np.array([(1 << k) >> 1 for k in steps], dtype=np.int64)
    flat = np.concatenate([*padded, np.empty(0)])
    coding = (columns.feature, flat, start.astype(np.int64), half, columns.source, columns.lookup)
    return (
        *(tuple(map(_own, part)) for part in (coding, *(_tiled(table, n_sums) for table in tables))),
        len(columns),
    )


def _own(array: Array) -> Array:
    """Return an array of the one kind the code is compiled for, which a mapped file or a view of pandas is not."""
    return np.require(array, requirements=["C", "A", "W"])


def _tiled(tables: PatternTables, n_sums: int) -> tuple[Array, ...]:
    """Sort the entries of each tile of groups by sum."""
    groups = tables.groups
    n_tiles = -(-len(groups) // GROUPS_AT_ONCE)
    tile = tables.group // GROUPS_AT_ONCE
    order = np.lexsort([tables.group, tables.sum, tile])
    sizes = np.bincount(tile * n_sums + tables.sum, minlength=n_tiles * n_sums)
    run = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    bounds = np.minimum(np.arange(n_tiles + 1) * GROUPS_AT_ONCE, len(groups))
    local = tables.group[order] - tile[order] * GROUPS_AT_ONCE
    bits = (groups.n_bits, groups.column, groups.low, groups.width)
    return (*bits, bounds, run, local, tables.start[order], tables.numbers)


def explain(prepared: tuple[Any, ...], rows: NDArray[np.float64], out: Array) -> None:
    """Write the contributions of rows to `out`."""
    coding, narrow, wide, n_codes = prepared
    rows_at_once = min(KERNEL_ROWS, len(rows))
    _explain(_own(rows), out, coding, narrow, wide, n_codes, rows_at_once, GROUPS_AT_ONCE)
