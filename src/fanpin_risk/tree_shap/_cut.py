"""Cut boosted trees into groups of few conditions.

The reason stands in :mod:`fanpin_risk.tree_shap.tree_shap`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "NARROW",
    "Array",
    "Bytes",
    "Columns",
    "Floats",
    "Groups",
    "Integers",
    "LeavesOfGroups",
    "LongLeaf",
    "Tree",
    "cut",
]

Array = NDArray[Any]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]

# A column codes a row in one byte: 0 for missing, 1 for values up to the first threshold, and so on.
THRESHOLDS_PER_COLUMN = 254
# Conditions of an ordinary group: its patterns fill one byte.
NARROW = 8
# Conditions of a wide group, for leaves that alone have more than NARROW. Its tables have up to 2**WIDE numbers per
# feature; wide groups are kept, the smaller ones first, as long as all of their tables fit in WIDE_TABLE_BYTES.
WIDE = 16
WIDE_TABLE_BYTES = 2**28
# Wide groups take in a further leaf up to this number of conditions; beyond it sharing costs more than it saves.
WIDE_SHARED = 10
# A piece of a tree looks for conditions in common with this many groups before it opens its own.
OPEN_GROUPS = 8


class Tree(NamedTuple):
    """One tree as lists over its nodes; the first node is the root."""

    value: list[float]
    rows: list[float]  # training rows that reached the node
    feature: list[int]
    threshold: list[float]
    missing_left: list[bool]
    left: list[int]
    right: list[int]
    is_leaf: list[bool]
    categories: list[int | None]  # bit c is set if category c goes left; None: a numeric split


class Leaf(NamedTuple):
    """A leaf as a product: `value` where every test holds, else 0."""

    value: float
    tests: tuple[tuple[int, int], ...]  # (column, set of codes as the bits of an integer)
    shares: dict[int, float]  # per feature on the path: share of the training rows that pass all its tests


class LongLeaf(NamedTuple):
    """A leaf with too many features for a table."""

    value: float
    column: Integers  # (n_conditions,)
    low: Bytes  # (n_conditions,)
    width: Bytes  # (n_conditions,)
    met: NDArray[np.bool_]  # (n_conditions,), whether the leaf wants the condition met
    owner: Integers  # (n_conditions,), position in `feature`
    feature: Integers  # (n_features,)
    share: Floats  # (n_features,)


@dataclass(frozen=True, eq=False)
class Columns:
    """How rows become bytes.

    The first columns count the thresholds below a feature's value; the derived ones look another column's byte up,
    for sets of codes that are no interval.
    """

    feature: Integers  # (n_counted,)
    thresholds: tuple[Floats, ...]  # (n_counted,), each sorted
    source: Integers  # (n_derived,)
    lookup: Bytes  # (n_derived, 256)

    def __len__(self) -> int:
        return len(self.feature) + len(self.source)


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of conditions: a row's code in a group has bit k set if it meets condition k.

    A condition is met if ``(byte - low) mod 256 < width``. Rows of the arrays are filled up with conditions of width 0,
    which no row meets.
    """

    n_bits: Integers  # (n_groups,)
    column: Integers  # (n_groups, NARROW or WIDE)
    low: Bytes  # the same shape
    width: Bytes  # the same shape

    def __len__(self) -> int:
        return len(self.n_bits)


class LeavesOfGroups(NamedTuple):
    """The leaves of some groups, in one list; features of a leaf in ascending order."""

    group: list[int]
    value: list[float]
    features: list[list[int]]
    masks: list[list[int]]  # per feature: the conditions it depends on
    wants: list[list[int]]  # per feature: what they must be
    shares: list[list[float]]


class Cut(NamedTuple):
    """Trees cut into groups, with their leaves."""

    columns: Columns
    groups: tuple[Groups, Groups]  # narrow, wide
    members: tuple[LeavesOfGroups, LeavesOfGroups]
    long_leaves: list[LongLeaf]
    constant: float  # sum of trees that are one leaf


def cut(trees: Sequence[Tree], known_categories: dict[int, int], *, pairs: bool = False) -> Cut:
    """Cut trees into groups of few conditions.

    Parameters
    ----------
    trees : sequence of Tree
        The ensemble, whose answers are added up.
    known_categories : dict of int to int
        For each categorical feature the categories that are not treated as missing, as the bits of an integer.
    pairs : bool, default=False
        Whether there will be a table per pair of features, not per feature.

    Returns
    -------
    Cut
        Columns, groups and leaves.
    """
    coder = _Coder(trees, known_categories)
    narrow: list[_OpenGroup] = []
    wide: list[_OpenGroup] = []
    long: list[Leaf] = []
    constant: list[float] = []
    for tree in trees:
        open_groups: tuple[list[_OpenGroup], list[_OpenGroup]] = ([], [])
        for leaves in _leaf_parts(tree, coder):
            if not leaves[0].tests:
                constant.append(leaves[0].value)
                continue
            keys = {coder.canonical(test)[0] for leaf in leaves for test in leaf.tests}
            if len(keys) > WIDE:
                long += leaves
                continue
            is_wide = len(keys) > NARROW
            home = _home(keys, open_groups[is_wide], WIDE_SHARED if is_wide else NARROW)
            home.add(keys, leaves)
        narrow += open_groups[0]
        wide += open_groups[1]
    wide.sort(key=lambda group: group.table_numbers(pairs=pairs))
    room = np.cumsum([0] + [8 * group.table_numbers(pairs=pairs) for group in wide])[1:] <= WIDE_TABLE_BYTES
    long += [leaf for group, fits in zip(wide, room, strict=True) if not fits for leaf in group.leaves]
    wide = [group for group, fits in zip(wide, room, strict=True) if fits]
    laid = [_lay_out(groups, coder, width) for groups, width in ((narrow, NARROW), (wide, WIDE))]
    long_leaves = [_long_leaf(leaf, coder) for leaf in long]
    return Cut(
        columns=coder.columns(),
        groups=(laid[0][0], laid[1][0]),
        members=(laid[0][1], laid[1][1]),
        long_leaves=long_leaves,
        constant=fsum(constant),
    )


class _Coder:
    """Gives every feature its columns and every split its set of codes."""

    def __init__(self, trees: Sequence[Tree], known_categories: dict[int, int]) -> None:
        cuts: dict[int, set[float]] = defaultdict(set)
        for tree in trees:
            for feature, threshold, leaf, kind in zip(
                tree.feature, tree.threshold, tree.is_leaf, tree.categories, strict=True
            ):
                if not leaf:
                    # No value is above +inf, and none is at most NaN, which scikit-learn takes for the middle between
                    # -inf and +inf: such a split asks only whether there is a value.
                    cuts[feature] |= {threshold} if kind is None and threshold < np.inf else set()
        self._ranks: dict[int, dict[int, int]] = {}
        for feature, known in known_categories.items():
            categories = [category for category in range(known.bit_length()) if known >> category & 1]
            self._ranks[feature] = {category: rank for rank, category in enumerate(categories)}
            if feature in cuts:
                cuts[feature] = set(map(float, categories[:-1]))
        self._rank = {
            feature: {threshold: rank for rank, threshold in enumerate(sorted(cuts[feature]))} for feature in cuts
        }
        self.feature: list[int] = []
        self._thresholds: list[Floats] = []
        self._first: dict[int, int] = {}
        for feature in sorted(cuts):
            thresholds = np.array(sorted(cuts[feature]), dtype=np.float64)
            self._first[feature] = len(self.feature)
            for start in range(0, max(1, len(thresholds)), THRESHOLDS_PER_COLUMN):
                self.feature.append(feature)
                self._thresholds.append(thresholds[start : start + THRESHOLDS_PER_COLUMN])
        self.full = [(1 << (len(thresholds) + 2)) - 1 for thresholds in self._thresholds]
        self._derived: dict[tuple[int, int], int] = {}

    def left(self, tree: Tree, node: int) -> tuple[int, int]:
        """Return the column of a split and the set of its codes that go left."""
        feature, threshold, categories = tree.feature[node], tree.threshold[node], tree.categories[node]
        column = self._first[feature]
        if categories is not None:
            codes = sum(2 << rank for category, rank in self._ranks[feature].items() if categories >> category & 1)
        elif threshold == np.inf:
            codes = self.full[column] & ~1
        elif np.isnan(threshold):
            codes = 0
        else:
            further, rank = divmod(self._rank[feature][threshold], THRESHOLDS_PER_COLUMN)
            column += further
            codes = (2 << (rank + 1)) - 2
        return column, codes | tree.missing_left[node]

    def canonical(self, test: tuple[int, int]) -> tuple[tuple[int, int], bool]:
        """Return a test or its opposite, whichever missing values fail, and whether it is the test itself."""
        column, codes = test
        if codes & 1:
            return (column, self.full[column] & ~codes), False
        return test, True

    def interval(self, test: tuple[int, int]) -> tuple[int, int, int]:
        """Return a canonical test as (column, low, width), on a derived column if its codes are no interval."""
        column, codes = test
        low = max((codes & -codes).bit_length() - 1, 0)
        if (codes >> low) & ((codes >> low) + 1) == 0:
            return column, low, codes.bit_count()
        return len(self.feature) + self._derived.setdefault(test, len(self._derived)), 1, 1

    def columns(self) -> Columns:
        """Return all columns that were asked for so far."""
        lookup = np.zeros((len(self._derived), 256), dtype=np.uint8)
        for row, (_, codes) in zip(lookup, self._derived, strict=True):
            row[[code for code in range(256) if codes >> code & 1]] = 1
        return Columns(
            feature=np.array(self.feature, dtype=np.int64),
            thresholds=tuple(self._thresholds),
            source=np.array([column for column, _ in self._derived], dtype=np.int64),
            lookup=lookup,
        )


class _OpenGroup:
    """Leaves that share conditions."""

    def __init__(self) -> None:
        self.bits: dict[tuple[int, int], int] = {}
        self.leaves: list[Leaf] = []

    def add(self, keys: set[tuple[int, int]], leaves: list[Leaf]) -> None:
        for key in sorted(keys - self.bits.keys()):
            self.bits[key] = len(self.bits)
        self.leaves += leaves

    def features(self) -> list[int]:
        return sorted({feature for leaf in self.leaves for feature in leaf.shares})

    def table_numbers(self, *, pairs: bool) -> int:
        n = len(self.features())
        return (n * (n - 1) // 2 if pairs else n) << len(self.bits)


def _home(keys: set[tuple[int, int]], groups: list[_OpenGroup], limit: int) -> _OpenGroup:
    """Return the group that a piece shares most conditions with, or a new one if none has room."""
    best, most = None, 0
    for group in groups[-OPEN_GROUPS:]:
        shared = len(keys & group.bits.keys())
        room = max(limit, len(keys), len(group.bits))
        if shared > most and len(keys) + len(group.bits) - shared <= room:
            best, most = group, shared
    if best is None:
        best = _OpenGroup()
        groups.append(best)
    return best


def _leaf_parts(tree: Tree, coder: _Coder) -> Iterator[list[Leaf]]:
    """Yield the leaves of the largest subtrees that need at most NARROW conditions, and the leaves between them.

    Above a piece the tests of a column are merged into one; inside it every split is a condition of its own, which
    its two sides share.
    """
    below = _inner_nodes(tree)
    stack: list[tuple[int, dict[int, int], dict[int, float]]] = [(0, {}, {})]
    while stack:
        node, merged, shares = stack.pop()
        if tree.is_leaf[node] or len(merged) + below[node] <= NARROW:
            yield _leaves(tree, coder, node, tuple(merged.items()), shares)
            continue
        for child, test, share in _children(tree, coder, node):
            column, codes = test
            feature = tree.feature[node]
            codes &= merged.get(column, codes)
            stack.append((child, merged | {column: codes}, shares | {feature: shares.get(feature, 1.0) * share}))


def _leaves(
    tree: Tree, coder: _Coder, root: int, above: tuple[tuple[int, int], ...], shares: dict[int, float]
) -> list[Leaf]:
    """Return the leaves below `root`, with the tests above it."""
    leaves = []
    stack = [(root, above, shares)]
    while stack:
        node, tests, shares = stack.pop()
        if tree.is_leaf[node]:
            leaves.append(Leaf(tree.value[node], tests, shares))
            continue
        feature = tree.feature[node]
        stack += [
            (child, (*tests, test), shares | {feature: shares.get(feature, 1.0) * share})
            for child, test, share in _children(tree, coder, node)
        ]
    return leaves


def _children(tree: Tree, coder: _Coder, node: int) -> Iterator[tuple[int, tuple[int, int], float]]:
    """Yield both children with the test that leads to them and their share of the node's training rows."""
    column, codes = coder.left(tree, node)
    total = tree.rows[node]
    for child, test in (
        (tree.right[node], (column, coder.full[column] & ~codes)),
        (tree.left[node], (column, codes)),
    ):
        # A node that no training row reached says nothing of its children: half each, so that shares add up to 1.
        yield child, test, tree.rows[child] / total if total else 0.5


def _inner_nodes(tree: Tree) -> list[int]:
    """Count the splits in the subtree of each node."""
    order = [0]
    for node in order:
        if not tree.is_leaf[node]:
            order += (tree.left[node], tree.right[node])
    below = [0] * len(tree.is_leaf)
    for node in reversed(order):
        if not tree.is_leaf[node]:
            below[node] = 1 + below[tree.left[node]] + below[tree.right[node]]
    return below


def _lay_out(groups: list[_OpenGroup], coder: _Coder, width: int) -> tuple[Groups, LeavesOfGroups]:
    """Turn groups into arrays."""
    shape = (len(groups), width)
    laid = Groups(
        n_bits=np.array([len(group.bits) for group in groups], dtype=np.int64),
        column=np.zeros(shape, dtype=np.int64),
        low=np.zeros(shape, dtype=np.uint8),
        width=np.zeros(shape, dtype=np.uint8),
    )
    members = LeavesOfGroups([], [], [], [], [], [])
    for number, group in enumerate(groups):
        for test, bit in group.bits.items():
            laid.column[number, bit], laid.low[number, bit], laid.width[number, bit] = coder.interval(test)
        for leaf in group.leaves:
            masks, wants = dict.fromkeys(sorted(leaf.shares), 0), dict.fromkeys(sorted(leaf.shares), 0)
            for test in leaf.tests:
                key, met = coder.canonical(test)
                feature, bit = coder.feature[key[0]], 1 << group.bits[key]
                # Tests that exclude each other leave a want outside the mask, which no code can fulfil.
                contradiction = bool(masks[feature] & bit) and bool(wants[feature] & bit) != met
                masks[feature] |= bit
                wants[feature] |= (bit if met else 0) | (1 << 2 * WIDE if contradiction else 0)
            members.group.append(number)
            members.value.append(leaf.value)
            members.features.append(list(masks))
            members.masks.append(list(masks.values()))
            members.wants.append(list(wants.values()))
            members.shares.append([leaf.shares[feature] for feature in masks])
    return laid, members


def _long_leaf(leaf: Leaf, coder: _Coder) -> LongLeaf:
    features = sorted(leaf.shares)
    keys = [coder.canonical(test) for test in leaf.tests]
    intervals = [coder.interval(key) for key, _ in keys]
    return LongLeaf(
        value=leaf.value,
        column=np.array([column for column, _, _ in intervals], dtype=np.int64),
        low=np.array([low for _, low, _ in intervals], dtype=np.uint8),
        width=np.array([width for _, _, width in intervals], dtype=np.uint8),
        met=np.array([met for _, met in keys], dtype=np.bool_),
        owner=np.array([features.index(coder.feature[column]) for (column, _), _ in keys], dtype=np.int64),
        feature=np.array(features, dtype=np.int64),
        share=np.array([leaf.shares[feature] for feature in features], dtype=np.float64),
    )
