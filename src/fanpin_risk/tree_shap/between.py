"""What moved a model's margin between two states of the same row, split exactly by the features that changed.

The Shapley values of going from one row to another: the game in which a coalition of features has the values of the later
row and all others those of the earlier one, which is the interventional game of :mod:`fanpin_risk.tree_shap.tree_shap` with each
row's own earlier state as its background. A feature that is the same in both moves nothing, and the values add up to the
difference of the margins.

A leaf is a product of conditions, one for each feature on its path. Let p be the number of features whose condition the
later row alone meets, q the number of those that the earlier alone meets. If another is met by neither, no coalition
reaches the leaf; else a feature of the first kind gets value * (p-1)! q! / (p+q)!, one of the second kind
-value * p! (q-1)! / (p+q)! [1]_.

References
----------
.. [1] Lundberg et al. (2020), From local explanations to global understanding with explainable AI for trees, Nature
       Machine Intelligence 2, supplement: interventional TreeSHAP with one background row.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fanpin_risk.errors import FeatureMismatchError
from fanpin_risk.tree_shap._cut import Floats, Tree
from fanpin_risk.tree_shap._model import Frame, Model

__all__ = ["contributions_between"]

Mask = NDArray[np.bool_]
# Of each feature on a path: whether the later and whether the earlier row meets its tests so far.
Conditions = dict[int, tuple[Mask, Mask]]


def contributions_between(model: Any, before: ArrayLike | Frame, after: ArrayLike | Frame) -> Floats:
    """Split what moved the margin of each row between two states by the features that changed.

    Parameters
    ----------
    model : HistGradientBoostingClassifier, HistGradientBoostingRegressor or MonotoneBoosting
        Fitted, with one margin per row.
    before, after : array-like or frame of shape (n_rows, n_features)
        The same rows, in the same order, at the two times.

    Returns
    -------
    ndarray of shape (n_rows, n_features), float64
        In the unit of the margin; a row adds up to the margin after less the margin before. Each row depends on itself alone.

    Raises
    ------
    ExplanationError
        If the model is none of these.
    FeatureMismatchError
        If the columns are not the model's, or the numbers of rows differ.

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingRegressor
    >>> X = np.random.default_rng(0).normal(size=(300, 3))
    >>> model = HistGradientBoostingRegressor(max_iter=20).fit(X, X[:, 0] * X[:, 1])
    >>> later = X + [0.5, 0.0, 0.0]
    >>> moved = contributions_between(model, X, later)
    >>> bool(np.allclose(moved.sum(axis=1), model.predict(later) - model.predict(X)))
    True
    >>> bool((moved[:, 1:] == 0).all())
    True
    """
    trees = Model(model)
    earlier, later = (trees.matrix(trees.table(X)) for X in (before, after))
    if len(earlier) != len(later):
        raise FeatureMismatchError(
            "{n_before} rows before and {n_after} after; expected the same rows in the same order",
            n_before=len(earlier),
            n_after=len(later),
        )
    moved = np.zeros(later.shape)
    same = (earlier == later) | (np.isnan(earlier) & np.isnan(later))
    rows = np.flatnonzero(~same.all(axis=1))
    for tree in trees.trees():
        _add_tree(tree, earlier, later, rows, moved)
    if trees.inner_order is None:
        return moved
    result = np.empty_like(moved)
    result[:, trees.inner_order] = moved
    return result


def _add_tree(tree: Tree, earlier: Floats, later: Floats, rows: NDArray[np.intp], moved: Floats) -> None:
    """Add what one tree says of some rows."""
    open_nodes: list[tuple[int, NDArray[np.intp], Conditions]] = [(0, rows, {})]
    while open_nodes:
        node, here, conditions = open_nodes.pop()
        if not len(here):
            continue
        if tree.is_leaf[node]:
            _add_leaf(tree.value[node], here, conditions, moved)
            continue
        feature = tree.feature[node]
        of_later, of_earlier = (_goes_left(tree, node, X[here, feature]) for X in (later, earlier))
        met = conditions.get(feature, (np.ones(len(here), dtype=bool), np.ones(len(here), dtype=bool)))
        for child, passed in (
            (tree.right[node], (~of_later, ~of_earlier)),
            (tree.left[node], (of_later, of_earlier)),
        ):
            now = (met[0] & passed[0], met[1] & passed[1])
            kept = np.flatnonzero(now[0] | now[1])  # a condition that neither meets: no coalition comes here
            narrowed = {name: (s[kept], b[kept]) for name, (s, b) in {**conditions, feature: now}.items()}
            open_nodes.append((child, here[kept], narrowed))


def _goes_left(tree: Tree, node: int, values: Floats) -> Mask:
    missing = np.isnan(values)  # so are categories that training did not know
    categories = tree.categories[node]
    if categories is None:
        left = values <= tree.threshold[node]
    else:
        members = np.array([categories >> code & 1 for code in range(256)], dtype=bool)
        left = members[np.where(missing, 0, values).astype(np.int64)]
    result: Mask = np.where(missing, tree.missing_left[node], left)
    return result


def _add_leaf(value: float, rows: NDArray[np.intp], conditions: Conditions, moved: Floats) -> None:
    if not conditions:  # a tree without a split is the same for all
        return
    gained = {feature: s & ~b for feature, (s, b) in conditions.items()}
    lost = {feature: b & ~s for feature, (s, b) in conditions.items()}
    p = np.sum(list(gained.values()), axis=0)
    q = np.sum(list(lost.values()), axis=0)
    size = len(conditions) + 1
    of_gained, of_lost = np.zeros((2, size, size))
    for i in range(size):
        for j in range(size - i):
            if i:
                of_gained[i, j] = factorial(i - 1) * factorial(j) / factorial(i + j)
            if j:
                of_lost[i, j] = factorial(i) * factorial(j - 1) / factorial(i + j)
    for feature in conditions:
        up, down = gained[feature], lost[feature]
        moved[rows[up], feature] += value * of_gained[p[up], q[up]]
        moved[rows[down], feature] -= value * of_lost[p[down], q[down]]
