"""Rows through the tables of :mod:`fanpin_risk.tree_shap.tree_shap` with NumPy.

Every row's sums are taken term by term in the order of the groups, however many rows there are, so that a row alone
has the bits it has among others; the compiled way (:mod:`fanpin_risk.tree_shap._kernel`) keeps to it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, fsum, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanpin_risk.tree_shap._cut import NARROW, Bytes, Columns, Floats, Groups, LongLeaf
from fanpin_risk.tree_shap._tables import PatternTables, gauss_legendre

__all__ = [
    "Background",
    "add_long_leaf",
    "add_tables",
    "code_columns",
    "code_groups",
    "count_columns",
    "group_histograms",
    "mean_of_long_leaf",
    "pattern_histogram",
    "with_derived",
]

# Distinct patterns of a background on a leaf, (n_patterns, n_features), and their shares.
Background = tuple[NDArray[np.bool_], Floats]

# Groups times rows whose codes are collected together: they stay in the second cache.
CODES_AT_ONCE = 2**18
# Up to this many rows one call for all groups of a sum is cheaper than one call for each.
FEW_ROWS = 64
# Background rows whose codes are counted at once.
BACKGROUND_ROWS = 2048


def code_columns(columns: Columns, X: Floats) -> Bytes:
    """Code rows in bytes: (n_rows, n_features) -> (n_columns, n_rows)."""
    return with_derived(columns, count_columns(columns, X))


def with_derived(columns: Columns, codes: Bytes) -> Bytes:
    """Add to the bytes that count, (n_counted, n_rows), those that are derived from them."""
    looked_up = [lookup[codes[source]] for source, lookup in zip(columns.source, columns.lookup, strict=True)]
    return np.concatenate([codes, looked_up]) if looked_up else codes


def count_columns(columns: Columns, X: Floats) -> Bytes:
    """Count the thresholds below each value: (n_rows, n_features) -> (n_counted, n_rows)."""
    codes = np.empty((len(columns.feature), len(X)), dtype=np.uint8)
    feature = -1
    for row, number, thresholds in zip(codes, columns.feature.tolist(), columns.thresholds, strict=True):
        if number != feature:
            feature = number
            x = np.ascontiguousarray(X[:, feature])
            present = ~np.isnan(x)
        # Comparing with every threshold is faster than searching among at most 254, as processors compare in bulk.
        np.add.reduce((x > thresholds[:, None]).view(np.uint8), axis=0, dtype=np.uint8, out=row)
        np.add(row, 1, out=row)
        np.multiply(row, present, out=row)
    return codes


def code_groups(groups: Groups, codes: Bytes) -> NDArray[Any]:
    """Collect which conditions of each group rows meet: (n_columns, n_rows) -> (n_groups, n_rows)."""
    kind = np.dtype(np.uint8 if groups.column.shape[1] == NARROW else np.uint16)
    packed = np.zeros((len(groups), codes.shape[1]), dtype=kind)
    step = max(1, CODES_AT_ONCE // max(codes.shape[1], 1))
    for first in range(0, len(groups), step):
        some = slice(first, first + step)
        part = packed[some]
        for bit in reversed(range(groups.n_bits[some].max())):
            met = codes[groups.column[some, bit]] - groups.low[some, bit, None] < groups.width[some, bit, None]
            part += part
            part += met
    return packed


def add_tables(tables: PatternTables, packed: NDArray[Any], total: NDArray[Any]) -> None:
    """Add to `total` (n_sums, n_rows) what the tables say of rows with the codes `packed` (n_groups, n_rows)."""
    if packed.shape[1] > FEW_ROWS:
        _add_many(tables, packed, total)
    else:
        _add_few(tables, packed, total)


def _add_many(tables: PatternTables, packed: NDArray[Any], total: NDArray[Any]) -> None:
    size = 1 << tables.groups.n_bits
    last = -1
    for group, number, start in zip(tables.group.tolist(), tables.sum.tolist(), tables.start.tolist(), strict=True):
        if group != last:
            last, index = group, packed[group].astype(np.intp)
        total[number] += tables.numbers[start : start + size[group]].take(index)


def _add_few(tables: PatternTables, packed: NDArray[Any], total: NDArray[Any]) -> None:
    order = np.argsort(tables.sum, kind="stable")
    ends = np.cumsum(np.bincount(tables.sum, minlength=len(total)))
    for number, entries in enumerate(np.split(order, ends[:-1])):
        if len(entries):
            found = tables.numbers[tables.start[entries, None] + packed[tables.group[entries]]]
            # accumulate, not sum: sum adds in pairs where it can.
            found[0] += total[number]
            total[number] = np.add.accumulate(found, axis=0)[-1]


def group_histograms(groups: Groups, codes: Bytes, weights: Floats) -> list[Floats]:
    """Return for each group the share of the background with each code: arrays of shape (2**n_bits,).

    `codes` (n_columns, n_rows) are the bytes of the background rows, `weights` (n_rows,) what each counts.
    """
    counts = [np.zeros(1 << n_bits) for n_bits in groups.n_bits.tolist()]
    for first in range(0, codes.shape[1] if counts else 0, BACKGROUND_ROWS):
        some = slice(first, first + BACKGROUND_ROWS)
        for group, packed in enumerate(code_groups(groups, codes[:, some])):
            counts[group] += np.bincount(packed, weights=weights[some], minlength=len(counts[group]))
    # Dividing at the end makes the shares add up to 1 for any number of rows.
    return [count / count.sum() for count in counts]


def pattern_histogram(leaf: LongLeaf, codes: Bytes, weights: Floats) -> Background:
    """Return which patterns the background shows on a long leaf, and how often."""
    patterns, inverse = _distinct_rows(_met(leaf, codes))
    count = np.bincount(inverse, weights=weights, minlength=len(patterns)).astype(np.float64, copy=False)
    return patterns, count / count.sum()


def mean_of_long_leaf(leaf: LongLeaf, background: Background | None) -> float:
    """Return the mean of a long leaf over the reference; None: its features' shares, independently."""
    if background is None:
        return leaf.value * prod(leaf.share.tolist())
    patterns, share = background
    return leaf.value * fsum(share[patterns.all(axis=1)])


def add_long_leaf(
    leaf: LongLeaf,
    background: Background | None,
    sums: Sequence[int],
    codes: Bytes,
    total: NDArray[Any],
    *,
    pairs: bool = False,
) -> None:
    """Add to `total` (n_sums, n_rows) what one leaf that has no table contributes to rows.

    `sums` are the numbers of its features, or of their pairs.
    """
    patterns, inverse = _distinct_rows(_met(leaf, codes))
    if pairs:
        values = _interactions(leaf.share, background, patterns)
    else:
        values = _against_shares(leaf.share, patterns) if background is None else _against_rows(*background, patterns)
    for number, value in zip(sums, leaf.value * values, strict=True):
        total[number] += value.astype(total.dtype)[inverse]


def _met(leaf: LongLeaf, codes: Bytes) -> NDArray[np.bool_]:
    """Return whether rows meet all conditions of each feature of a leaf: (n_rows, n_features)."""
    holds = (codes[leaf.column] - leaf.low[:, None] < leaf.width[:, None]) == leaf.met[:, None]
    met = np.ones((len(leaf.feature), codes.shape[1]), dtype=np.bool_)
    for owner, row in zip(leaf.owner, holds, strict=True):
        met[owner] &= row
    return met.T


def _distinct_rows(met: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Return the distinct rows and which of them each row is."""
    words = _as_words(met)
    if words.shape[1] == 1:
        _, first, inverse = np.unique(words[:, 0], return_index=True, return_inverse=True)
    else:
        _, first, inverse = np.unique(words, axis=0, return_index=True, return_inverse=True)
    return met[first], inverse


def _as_words(met: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return rows of bits as rows of integers of 64 bits."""
    padded = np.zeros((len(met), -(-met.shape[1] // 64) * 64), dtype=np.bool_)
    padded[:, : met.shape[1]] = met
    return np.packbits(padded, axis=1).view(np.uint64)


def _against_shares(share: Floats, met: NDArray[np.bool_]) -> Floats:
    """Return the Shapley values of a product of independent conditions by quadrature: (n_features, n_patterns)."""
    d = len(share)
    ones = np.ones((1, len(met)))
    shapley = np.zeros((d, len(met)))
    for t, weight in zip(*gauss_legendre((d + 1) // 2), strict=True):
        factor = t * met.T + ((1.0 - t) * share)[:, None]
        before = np.multiply.accumulate(np.concatenate([weight * ones, factor[:-1]]), axis=0)
        after = np.multiply.accumulate(np.concatenate([ones, factor[:0:-1]]), axis=0)[::-1]
        shapley += before * after
    return shapley * (met.T - share[:, None])


def _against_rows(reference: NDArray[np.bool_], weights: Floats, met: NDArray[np.bool_]) -> Floats:
    """Return the Shapley values of a product of conditions against weighted patterns: (n_features, n_patterns).

    Where a row alone meets x conditions and the reference alone y, and together they meet all, each of the x gets
    (x - 1)! y! / (x + y)! and each of the y gets - x! (y - 1)! / (x + y)!; in all other cases nobody gets anything.
    """
    n_patterns, d = met.shape
    shapley = np.zeros((d, n_patterns))
    fails = ~_as_words(reference)
    wanted = _as_words(~met)
    for number, row in enumerate(met):
        complete = ~(fails & wanted[number]).any(axis=1)
        only_row = row & ~reference[complete]
        x, y = only_row.sum(axis=1), int((~row).sum())
        each_x = np.array([1.0 / (k * comb(k + y, y)) if k else 0.0 for k in range(d + 1)])
        each_y = np.array([1.0 / (y * comb(k + y, y)) if y else 0.0 for k in range(d + 1)])
        shapley[:, number] = (weights[complete] * each_x[x] * only_row.T).sum(axis=1)
        shapley[~row, number] = -(weights[complete] * each_y[x]).sum()
    return shapley


def _interactions(share: Floats, background: Background | None, met: NDArray[np.bool_]) -> Floats:
    """Return the Shapley interaction indices of a product of conditions: (n_pairs, n_patterns).

    With j known the rest of the product is worth s_j of itself, and b_j of itself without: the interaction of i and j
    is the Shapley value of i in the rest, times their difference.
    """
    d = met.shape[1]
    values = np.zeros((d * (d - 1) // 2, len(met)))
    for j in range(1, d):
        others = np.arange(d) != j
        of_j = values[j * (j - 1) // 2 :][:j]
        if background is None:
            of_j[:] = (_against_shares(share[others], met[:, others]) * (met[:, j] - share[j]))[:j]
            continue
        reference, weights = background
        for known in (False, True):
            some = met[:, j] == known
            moved = weights * (float(known) - reference[:, j])
            of_j[:, some] = _against_rows(reference[:, others], moved, met[np.ix_(some, others)])[:j]
    return values
