"""The Shapley values of every pattern of conditions, in tables.

What the tables are and why they are exact is derived in :mod:`fanpin_risk.explanation.tree_shap`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanpin_risk.explanation._tree_cut import Groups, Members

__all__ = ["Tables", "gauss_legendre", "shapley_of_patterns", "shapley_of_shares", "tabulate"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Numbers worked on at once while tables are filled.
CHUNK = 2**21


@dataclass(frozen=True, eq=False)
class Tables:
    """Contributions by code: `numbers[start[e] + code of group[e]]` belongs to feature[e]; sorted by group."""

    groups: Groups
    group: Integers  # (n_entries,)
    feature: Integers  # (n_entries,)
    start: Integers  # (n_entries,)
    numbers: NDArray[Any]  # (n_numbers,)


def tabulate(groups: Groups, members: Members, histogram: list[Floats] | None) -> tuple[Tables, float]:
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

    Returns
    -------
    tables : Tables
        One table per group and feature.
    base : float
        Mean over the reference of what these leaves add to the margin.
    """
    by_group: list[set[int]] = [set() for _ in range(len(groups))]
    for number, features in zip(members.group, members.features, strict=True):
        by_group[number].update(features)
    entry_of = {pair: e for e, pair in enumerate((g, f) for g, used in enumerate(by_group) for f in sorted(used))}
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
        step = max(1, CHUNK // (d << max(n_bits, d)))
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
                table = shapley_of_shares(share)
            else:
                weight = np.zeros((len(some), 1 << d))
                for i, leaf in enumerate(some):
                    weight[i] = np.bincount(pattern[i], weights=histogram[members.group[leaf]], minlength=1 << d)
                means += list(value * weight[:, -1])
                table = shapley_of_patterns(weight)
            table *= value[:, None, None]
            for leaf, of_leaf, found in zip(some, table, pattern, strict=True):
                for feature, of_feature in zip(members.features[leaf], of_leaf, strict=True):
                    begin = starts[entry_of[members.group[leaf], feature]]
                    numbers[begin : begin + len(codes)] += of_feature[found]
    owner = np.array([f for _, f in entry_of], dtype=np.int64)
    # Adding zero turns -0.0 into 0.0, so that it does not matter with what a sum begins.
    return Tables(groups, group, owner, start[:-1], numbers + 0.0), fsum(means)


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


def gauss_legendre(n: int) -> tuple[Floats, Floats]:
    """Return nodes and weights on [0, 1] that integrate polynomials of degree 2 n - 1 exactly."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return (nodes + 1.0) / 2.0, weights / 2.0


def _all_but_one(weight: Floats, first: int, last: int, t: float, table: Floats) -> None:
    """Add to `table` for each condition: that one differentiated, all others mixed; halving shares the work."""
    if last - first == 1:
        reference, row = _halves(weight, first), _halves(table[:, first], first)
        row[:, :, 0] -= reference[:, :, 1]
        row[:, :, 1] += reference[:, :, 0]
        return
    middle = (first + last) // 2
    for part, others in (((first, middle), range(middle, last)), ((middle, last), range(first, middle))):
        mixed = weight
        for k in others:
            mixed = _mix(mixed, k, t)
        _all_but_one(mixed, *part, t, table)


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
