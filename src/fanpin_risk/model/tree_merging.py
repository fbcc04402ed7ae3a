"""Several tree models as one: a feature with one value taken out, covers counted anew, margins averaged.

What the arrays are called and hold is said in :meth:`fanpin_risk.MonotoneBoosting.to_arrays`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.model.tree_arrays import LARGEST_CODE, NODE_COLUMNS, averaged, set_flags

__all__ = ["counted_on", "mean_of_trees", "with_last_feature_at"]


def with_last_feature_at(arrays: Mapping[str, Array], value: float) -> dict[str, Array]:
    """Return trees that give what some trees give where their last feature, a number, has a value.

    A split on that feature gives way to the child to which the value goes; no node asks for it any more.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Trees of n + 1 features.
    value : float
        Of the last feature; not missing.

    Returns
    -------
    dict of str to ndarray
        Trees of n features.
    """
    start, last = arrays["tree_start"], len(arrays["monotonic_cst"]) - 1
    asks = (arrays["is_leaf"] == 0) & (arrays["feature_idx"] == last)
    onward = np.where(value <= arrays["num_threshold"], arrays["left"], arrays["right"])
    parts: list[dict[str, Array]] = []
    chosen: list[Array] = []
    for first, end in pairwise(start.tolist()):
        tree = {name: arrays[name][first:end] for name in NODE_COLUMNS}
        goal = np.arange(end - first)
        for node in range(end - first - 1, -1, -1):  # children stand after their parents
            if asks[first + node]:
                goal[node] = goal[onward[first + node]]
        depth = np.full(end - first, -1)
        depth[goal[0]] = 0
        for node in np.flatnonzero(tree["is_leaf"] == 0).tolist():
            if depth[node] >= 0 and not asks[first + node]:
                depth[goal[[tree["left"][node], tree["right"][node]]]] = depth[node] + 1
        kept = np.flatnonzero(depth >= 0)
        number = np.cumsum(depth >= 0) - 1
        inner = tree["is_leaf"][kept] == 0
        part = {name: column[kept] for name, column in tree.items()}
        part["depth"] = depth[kept].astype("<i8")
        for side in ("left", "right"):
            part[side] = np.where(inner, number[goal[np.where(inner, part[side], 0)]], part[side]).astype("<i8")
        parts.append(part)
        chosen.append(first + kept)
    nodes = np.concatenate(chosen)
    of_categories = np.cumsum(arrays["is_categorical"]) - 1
    return {
        **arrays,
        "tree_start": np.cumsum([0, *(len(part) for part in chosen)]).astype("<i8"),
        **{name: np.concatenate([part[name] for part in parts]) for name in NODE_COLUMNS},
        "left_categories": arrays["left_categories"][of_categories[nodes[arrays["is_categorical"][nodes] == 1]]],
        "known_categories": arrays["known_categories"][:last],
        "monotonic_cst": arrays["monotonic_cst"][:last],
    }


def counted_on(arrays: Mapping[str, Array], rows: Array) -> dict[str, Array]:
    """Return trees whose covers are the numbers of some rows that reach each node.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Trees.
    rows : ndarray of shape (n_rows, n_features)
        As for :meth:`fanpin_risk.MonotoneBoosting.decision_function`.

    Returns
    -------
    dict of str to ndarray
        The same trees with another ``count``.
    """
    columns = np.asfortranarray(rows)
    missing = np.isnan(columns)
    left_sets, known = set_flags(arrays["left_categories"]), set_flags(arrays["known_categories"])
    of_categories = np.cumsum(arrays["is_categorical"]) - 1
    count = np.zeros(len(arrays["value"]), dtype="<i8")
    for first, end in pairwise(arrays["tree_start"].tolist()):
        here: dict[int, Array] = {first: np.arange(len(columns))}
        for node in range(first, end):
            reached = here.pop(node)
            count[node] = len(reached)
            if arrays["is_leaf"][node]:
                continue
            feature = int(arrays["feature_idx"][node])
            values, absent = columns[reached, feature], missing[reached, feature]
            if arrays["is_categorical"][node]:
                possible = ~absent & (values >= 0) & (values <= LARGEST_CODE)
                code = np.where(possible, values, 0.0).astype(np.intp)
                absent = ~(possible & known[feature, code])
                goes_left = left_sets[of_categories[node], code]
            else:
                goes_left = values <= arrays["num_threshold"][node]
            goes_left = np.where(absent, arrays["missing_go_to_left"][node] == 1, goes_left)
            here[first + int(arrays["left"][node])] = reached[goes_left]
            here[first + int(arrays["right"][node])] = reached[~goes_left]
    return {**arrays, "count": count}


def mean_of_trees(models: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Return the trees of several models as those of one, whose margin is the mean of theirs.

    Parameters
    ----------
    models : sequence of mapping of str to ndarray
        Trees of the same features and classes.

    Returns
    -------
    dict of str to ndarray
    """
    flags = [
        {**one, **{name: set_flags(one[name]) for name in ("left_categories", "known_categories")}} for one in models
    ]
    return {**averaged(flags), **{name: models[0][name] for name in ("monotonic_cst", "classes")}}
