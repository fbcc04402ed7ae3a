"""Boosted trees as plain arrays: out of scikit-learn in terms of the input, averaged, and back into scikit-learn.

What the arrays are called and hold is said in :meth:`fanpin_risk.MonotoneBoosting.to_arrays`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

from fanpin_risk.asof.days import Array

__all__ = [
    "LARGEST_CODE",
    "NODE_COLUMNS",
    "SET_WORDS",
    "averaged",
    "category_sets",
    "node_arrays",
    "rebuilt",
    "set_flags",
    "set_words",
    "taken_out",
]


# Node columns that decide a prediction or its explanation, with the type each is stored as. scikit-learn's own
# record has more (gain, bin numbers); they serve training only. Its bitset_idx follows from the order of the nodes.
NODE_COLUMNS: Mapping[str, str] = {
    "value": "<f8",
    "count": "<i8",
    "feature_idx": "<i8",
    "num_threshold": "<f8",
    "missing_go_to_left": "|u1",
    "is_categorical": "|u1",
    "left": "<i8",
    "right": "<i8",
    "depth": "<i8",
    "is_leaf": "|u1",
}
# Sets of categories are eight words of 32 bits; scikit-learn keeps the last of the 256 numbers for missing values.
SET_WORDS, LARGEST_CODE = 8, 254


def category_sets(codes: Mapping[int, list[int]], n: int) -> Array:
    """Return n sets of codes as rows of 256 flags; those not given are empty."""
    sets = np.zeros((n, 32 * SET_WORDS), dtype=bool)
    for row, members in codes.items():
        sets[row, members] = True
    return sets


def set_words(sets: Array) -> Array:
    """Return rows of 256 flags as eight words of 32 bits each."""
    return np.packbits(sets, axis=1, bitorder="little").view("<u4")


def set_flags(words: Array) -> Array:
    """Return sets of eight words as rows of 256 flags."""
    flat = np.ascontiguousarray(words, dtype="<u4").view("|u1")
    return np.unpackbits(flat.reshape(len(words), 4 * SET_WORDS), axis=1, bitorder="little").astype(bool)


def taken_out(boosting: HistGradientBoostingClassifier, known: Mapping[int, Array], several: Array) -> dict[str, Array]:
    """Return the trees that scikit-learn grew in terms of the input's columns and codes.

    `known` holds the codes of each categorical feature met in training; `several` says which features were grown as
    categories: scikit-learn has moved these to the front and numbered their codes 0, 1, ...
    """
    trees = [tree for (tree,) in boosting._predictors]
    nodes = np.concatenate([tree.nodes for tree in trees])
    inner = nodes["is_leaf"] == 0
    order = np.argsort(~several, kind="stable")
    columns = {name: nodes[name].astype(kind) for name, kind in NODE_COLUMNS.items()}
    feature = columns["feature_idx"] = np.where(inner, order[nodes["feature_idx"]], 0).astype("<i8")
    grown = set_flags(
        np.concatenate([t.raw_left_cat_bitsets[t.nodes["bitset_idx"][t.nodes["is_categorical"] == 1]] for t in trees])
    )
    by_category = inner & np.isin(feature, list(known))
    left = np.zeros((len(nodes), 32 * SET_WORDS), dtype=bool)
    of_grown = np.flatnonzero(nodes["is_categorical"])
    for j, codes in known.items():
        if several[j]:
            here = feature[of_grown] == j
            left[np.ix_(of_grown[here], codes)] = grown[here][:, : len(codes)]
        else:  # grown as a number: whether the one code is known
            left[np.ix_(np.flatnonzero(by_category & (feature == j)), codes)] = True
    columns["is_categorical"] = by_category.astype("|u1")
    columns["num_threshold"][by_category] = 0.0
    return {
        "tree_start": np.cumsum([0, *(len(tree.nodes) for tree in trees)]).astype("<i8"),
        **columns,
        "left_categories": left[by_category],
        "known_categories": category_sets({j: codes.tolist() for j, codes in known.items()}, len(several)),
        "baseline": boosting._baseline_prediction.ravel().astype("<f8"),
    }


def averaged(ensembles: list[dict[str, Array]]) -> dict[str, Array]:
    """Return the mean of several ensembles as the arrays of one; sets of codes become words."""
    n = len(ensembles)
    joined = {name: np.concatenate([e[name] for e in ensembles]) for name in (*NODE_COLUMNS, "left_categories")}
    joined["value"] /= n
    sizes = [np.diff(e["tree_start"]) for e in ensembles]
    known = np.any([e["known_categories"] for e in ensembles], axis=0)
    # A code that only another ensemble met counts as missing for this one: it goes where missing values go.
    by_category = joined["is_categorical"] == 1
    to_left = (joined["missing_go_to_left"] == 1)[by_category]
    met = np.repeat(np.arange(n), [len(e["left_categories"]) for e in ensembles])
    own = np.array([e["known_categories"] for e in ensembles])
    feature = joined["feature_idx"][by_category]
    joined["left_categories"] |= to_left[:, None] & known[feature] & ~own[met, feature]
    return {
        "tree_start": np.cumsum([0, *np.concatenate(sizes)]).astype("<i8"),
        **joined,
        "left_categories": set_words(joined["left_categories"]),
        "known_categories": set_words(known),
        "baseline": np.mean([e["baseline"] for e in ensembles], axis=0),
    }


def node_arrays(boosting: HistGradientBoostingClassifier) -> dict[str, Array]:
    """Return the nodes and sets of a classifier from :func:`rebuilt`."""
    trees = [tree for (tree,) in boosting._predictors]
    nodes = np.concatenate([tree.nodes for tree in trees])
    return {
        "tree_start": np.cumsum([0, *(len(tree.nodes) for tree in trees)]).astype("<i8"),
        **{name: nodes[name].astype(kind) for name, kind in NODE_COLUMNS.items()},
        "left_categories": np.concatenate([tree.raw_left_cat_bitsets for tree in trees]).astype("<u4"),
    }


def rebuilt(arrays: Mapping[str, Array]) -> HistGradientBoostingClassifier:
    """Return a classifier that predicts by the trees in some arrays, which are known to be trees.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        As from :meth:`fanpin_risk.MonotoneBoosting.to_arrays`, checked by :func:`~fanpin_risk.model.tree_checks.check_trees`.

    Returns
    -------
    HistGradientBoostingClassifier
        Over plain float64 matrices in the columns and codes of the arrays; parameters are at their defaults.
    """
    n_features = len(arrays["monotonic_cst"])
    nodes = np.zeros(len(arrays["value"]), dtype=PREDICTOR_RECORD_DTYPE)
    for name in NODE_COLUMNS:
        nodes[name] = arrays[name]
    start = arrays["tree_start"]
    # The sets of a tree follow each other in the order of its nodes.
    before = np.concatenate([[0], np.cumsum(nodes["is_categorical"], dtype=np.int64)])
    first = np.repeat(before[start[:-1]], np.diff(start))
    nodes["bitset_idx"] = np.where(nodes["is_categorical"] == 1, before[:-1] - first, 0)
    left = np.ascontiguousarray(arrays["left_categories"], dtype=np.uint32)
    known = set_flags(arrays["known_categories"])

    boosting = HistGradientBoostingClassifier(categorical_features=None)
    boosting.classes_ = np.array([0, 1])
    boosting.n_features_in_ = boosting._n_features = n_features
    boosting.n_trees_per_iteration_ = 1
    boosting.is_categorical_ = boosting._is_categorical_remapped = boosting._preprocessor = None
    boosting._baseline_prediction = np.array(arrays["baseline"], dtype=np.float64).reshape(1, 1)
    boosting._predictors = [
        [TreePredictor(nodes[a:b].copy(), np.empty((0, SET_WORDS), np.uint32), left[before[a] : before[b]].copy())]
        for a, b in pairwise(start)
    ]
    boosting._bin_mapper = _BinMapper()
    boosting._bin_mapper.is_categorical_ = np.logical_or.reduce(known, axis=1).astype(np.uint8)
    boosting._bin_mapper.bin_thresholds_ = [np.flatnonzero(codes).astype(np.float64) for codes in known]
    boosting._loss = boosting._get_loss(sample_weight=None)
    return boosting
