"""The Shapley values of every pattern of conditions, in tables.

What the tables are and why they are exact is derived in :mod:`fanpin_risk.tree_shap.tree_shap`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanpin_risk.tree_shap._cut import Floats, Groups, Integers, LeavesOfGroups

__all__ = [
    "PatternTables",
    "gauss_legendre",
    "interactions_of_patterns",
    "merged",
    "pair_numbers",
    "shapley_of_patterns",
    "shapley_of_shares",
    "tabulate",
]


# Numbers worked on at once while tables are filled.
NUMBERS_AT_ONCE = 2**21


@dataclass(frozen=True, eq=False)
class PatternTables:
    """Contributions by code: `numbers[start[e] + code of group[e]]` is a part of sum[e]; sorted by group."""

    groups: Groups
    group: Integers  # (n_entries,)
    sum: Integers  # (n_entries,), number of a feature, of a label of features, or of a pair of features
    start: Integers  # (n_entries,)
    numbers: NDArray[Any]  # (n_numbers,)


def pair_numbers(features: list[int]) -> list[int]:
    """Return a number for each pair among some features, every later one with each before it: (1, 0) is 0, (2, 0) 1."""
    pairs = [(max(a, b), min(a, b)) for j, b in enumerate(features) for a in features[:j]]
    return [high * (high - 1) // 2 + low for high, low in pairs]


def tabulate(
    groups: Groups, members: LeavesOfGroups, histogram: list[Floats] | None, order: list[int], *, pairs: bool = False
) -> tuple[PatternTables, float]:
    """Fill the tables of some groups.

    Parameters
    ----------
    groups : Groups
        The conditions.
    members : Members
        The leaves of these groups.
    histogram : list of ndarray of shape (2**n_bits,), or None
        For each group the share of the background rows with each code; None: the tests of a leaf's features are
        independent and hold in the leaf's own shares.
    order : list of int
        The user's number of each feature of the trees.
    pairs : bool, default=False
        Whether to tabulate Shapley interaction indices of pairs of features, see :func:`pair_numbers`.

    Returns
    -------
    tables : Tables
        One table per group and feature, or pair.
    base : float
        Mean over the reference of what these leaves add to the margin.
    """
    sums = [[order[feature] for feature in features] for features in members.features]
    if pairs:
        sums = [pair_numbers(features) for features in sums]
    by_group: list[set[int]] = [set() for _ in range(len(groups))]
    for number, of_leaf in zip(members.group, sums, strict=True):
        by_group[number].update(of_leaf)
    entry_of = {key: e for e, key in enumerate((g, s) for g, used in enumerate(by_group) for s in sorted(used))}
    group = np.array([g for g, _ in entry_of], dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(1 << groups.n_bits[group])]).astype(np.int64)
    starts = start.tolist()
    numbers = np.zeros(starts[-1], dtype=np.float64)

    same_shape: dict[tuple[int, int], list[int]] = defaultdict(list)
    for leaf, (number, features) in enumerate(zip(members.group, members.features, strict=True)):
        same_shape[int(groups.n_bits[number]), len(features)].append(leaf)
    means: list[float] = []
    for (n_bits, d), leaves in sorted(same_shape.items()):
        codes = np.arange(1 << n_bits)
        step = max(1, NUMBERS_AT_ONCE // (d << max(n_bits, d)))
        for some in (leaves[first : first + step] for first in range(0, len(leaves), step)):
            masks = np.array([members.masks[leaf] for leaf in some])
            wants = np.array([members.wants[leaf] for leaf in some])
            value = np.array([members.value[leaf] for leaf in some])
            pattern = np.zeros((len(some), 1 << n_bits), dtype=np.int64)
            for k in range(d):
                pattern |= ((codes & masks[:, k, None]) == wants[:, k, None]).astype(np.int64) << k
            if histogram is None:
                share = np.array([members.shares[leaf] for leaf in some])
                means += list(value * share.prod(axis=1))
                weight = _products(np.stack([1.0 - share, share], axis=2)) if pairs else share
                table = interactions_of_patterns(weight) if pairs else shapley_of_shares(share)
            else:
                weight = np.zeros((len(some), 1 << d))
                for i, leaf in enumerate(some):
                    weight[i] = np.bincount(pattern[i], weights=histogram[members.group[leaf]], minlength=1 << d)
                means += list(value * weight[:, -1])
                table = interactions_of_patterns(weight) if pairs else shapley_of_patterns(weight)
            table *= value[:, None, None]
            for leaf, of_leaf, found in zip(some, table, pattern, strict=True):
                for number, part in zip(sums[leaf], of_leaf, strict=True):
                    begin = starts[entry_of[members.group[leaf], number]]
                    numbers[begin : begin + len(codes)] += part[found]
    owner = np.array([s for _, s in entry_of], dtype=np.int64)
    # Adding zero turns -0.0 into 0.0, so that it does not matter with what a sum begins.
    return PatternTables(groups, group, owner, start[:-1], numbers + 0.0), fsum(means)


def merged(tables: PatternTables, label: Integers) -> PatternTables:
    """Add up the tables of each group whose sums have the same label, (n_sums,): numbers from 0 up."""
    size = 1 << tables.groups.n_bits
    keys, entry = np.unique(np.stack([tables.group, label[tables.sum]]), axis=1, return_inverse=True)
    start = np.concatenate([[0], np.cumsum(size[keys[0]])]).astype(np.int64)
    numbers = np.zeros(start[-1], dtype=tables.numbers.dtype)
    for first, begin, length in zip(tables.start, start[entry], size[tables.group], strict=True):
        numbers[begin : begin + length] += tables.numbers[first : first + length]
    return PatternTables(tables.groups, keys[0], keys[1], start[:-1], numbers + 0)


def shapley_of_shares(share: Floats) -> Floats:
    """Return the Shapley values of a product of independent conditions, for every pattern a row can show.

    Parameters
    ----------
    share : ndarray of shape (n, d)
        Probability of each condition in the reference.

    Returns
    -------
    ndarray of shape (n, d, 2**d)
        ``[:, k, pattern]``: what condition k contributes to a row with this pattern; bit k is condition k.
    """
    n, d = share.shape
    middle = d // 2
    table = np.zeros((n, d, 1 << (d - middle), 1 << middle))
    for t, weight in zip(*gauss_legendre((d + 1) // 2), strict=True):
        # The factors that a condition of the row and of the reference stand for: mixed, and differentiated.
        mixed = np.stack([(1.0 - t) * share, t + (1.0 - t) * share], axis=2)
        moved = np.stack([-share, 1.0 - share], axis=2)
        low, high = _products(mixed[:, :middle]), _products(mixed[:, middle:]) * weight
        for k in range(d):
            factors = mixed.copy()
            factors[:, k] = moved[:, k]
            if k < middle:
                table[:, k] += high[:, :, None] * _products(factors[:, :middle])[:, None, :]
            else:
                table[:, k] += weight * _products(factors[:, middle:])[:, :, None] * low[:, None, :]
    return table.reshape(n, d, 1 << d)


def _products(factors: Floats) -> Floats:
    """Multiply one factor per condition, for every pattern: (n, d, 2) -> (n, 2**d)."""
    product = np.ones((len(factors), 1))
    for k in range(factors.shape[1]):
        product = (factors[:, k, :, None] * product[:, None, :]).reshape(len(factors), -1)
    return product


def shapley_of_patterns(weight: Floats) -> Floats:
    """Return the Shapley values of a product of conditions, for every pattern a row can show.

    Parameters
    ----------
    weight : ndarray of shape (n, 2**d)
        Share of the reference with each pattern; bit k of a pattern is condition k.

    Returns
    -------
    ndarray of shape (n, d, 2**d)
        ``[:, k, pattern]``: what condition k contributes to a row with this pattern.
    """
    n, n_patterns = weight.shape
    d = n_patterns.bit_length() - 1
    table = np.zeros((n, d, n_patterns))
    for t, share in zip(*gauss_legendre((d + 1) // 2), strict=True):
        _all_but_one(weight * share, 0, d, t, table)
    return table


def interactions_of_patterns(weight: Floats) -> Floats:
    """Return the Shapley interaction indices of a product of conditions, for every pattern a row can show.

    The mean answer is differentiated in the directions of two features, and integrated along the diagonal
    (Owen; the integrand has degree d - 2).

    Parameters
    ----------
    weight : ndarray of shape (n, 2**d)
        Share of the reference with each pattern; bit k of a pattern is condition k.

    Returns
    -------
    ndarray of shape (n, d * (d - 1) / 2, 2**d)
        ``[:, j * (j - 1) / 2 + i, pattern]``: what conditions i < j have to do with each other.
    """
    n, n_patterns = weight.shape
    d = n_patterns.bit_length() - 1
    table = np.zeros((n, d * (d - 1) // 2, n_patterns))
    for t, share in zip(*gauss_legendre(d // 2), strict=True) if d > 1 else ():
        mixed = weight * share
        for j in range(d - 1, 0, -1):
            moved = np.zeros_like(mixed)
            _move(mixed, moved, j)
            _all_but_one(moved, 0, j, t, table[:, j * (j - 1) // 2 :])
            mixed = _mix(mixed, j, t)
    return table


def gauss_legendre(n: int) -> tuple[Floats, Floats]:
    """Return nodes and weights on [0, 1] that integrate polynomials of degree 2 n - 1 exactly."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return (nodes + 1.0) / 2.0, weights / 2.0


def _all_but_one(weight: Floats, first: int, last: int, t: float, table: Floats) -> None:
    """Add to `table` for each condition: that one differentiated, all others mixed; halving shares the work."""
    if last - first == 1:
        _move(weight, table[:, first], first)
        return
    middle = (first + last) // 2
    for part, others in (((first, middle), range(middle, last)), ((middle, last), range(first, middle))):
        mixed = weight
        for k in others:
            mixed = _mix(mixed, k, t)
        _all_but_one(mixed, *part, t, table)


def _move(weight: Floats, table: Floats, k: int) -> None:
    """Add to `table` the weights differentiated by condition k."""
    reference, row = _halves(weight, k), _halves(table, k)
    row[:, :, 0] -= reference[:, :, 1]
    row[:, :, 1] += reference[:, :, 0]


def _mix(weight: Floats, k: int, t: float) -> Floats:
    """Replace the reference's condition k by the row's with probability t."""
    mixed = np.empty_like(weight)
    reference, row = _halves(weight, k), _halves(mixed, k)
    row[:, :, 0] = (1.0 - t) * reference[:, :, 1]
    row[:, :, 1] = t * reference[:, :, 0] + reference[:, :, 1]
    return mixed


def _halves(array: Floats, k: int) -> Floats:
    """View (n, 2**d) as (n, above, 2, below) with bit k of the pattern on the third axis."""
    return array.reshape(len(array), -1, 2, 1 << k)
