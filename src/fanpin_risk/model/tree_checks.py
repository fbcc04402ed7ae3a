"""Whether arrays describe trees that a row can be walked down safely: asked before anything is built from them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import ModelFileError
from fanpin_risk.model.tree_arrays import LARGEST_CODE, NODE_COLUMNS, SET_WORDS, set_flags

__all__ = ["check_trees"]


def check_trees(arrays: Mapping[str, Array]) -> None:
    """Raise ModelFileError unless the arrays describe binary trees that a row can be walked down safely."""
    sets = ("left_categories", "known_categories")
    expected = {"tree_start", *NODE_COLUMNS, *sets, "baseline", "monotonic_cst", "classes"}
    if set(arrays) != expected:
        missing, extra = sorted(expected - set(arrays)), sorted(set(arrays) - expected)
        raise ModelFileError(
            "trees: arrays missing: [{missing}]; not expected: [{extra}]", missing=missing, extra=extra
        )
    for name, array in arrays.items():
        if array.ndim != 1 + (name in sets):
            raise ModelFileError(
                "trees: {name} has {ndim} dimensions, expected {value}",
                name=name,
                ndim=array.ndim,
                value=1 + (name in sets),
            )
    types = {"tree_start": "<i8", "baseline": "<f8", "monotonic_cst": "|i1", **NODE_COLUMNS}
    types.update(dict.fromkeys(sets, "<u4"))
    for name, kind in types.items():
        if arrays[name].dtype != np.dtype(kind):
            raise ModelFileError(
                "trees: {name} is {dtype}, expected {np}", name=name, dtype=arrays[name].dtype, np=np.dtype(kind)
            )
    classes = arrays["classes"]
    if classes.dtype.kind not in "biu" or classes.shape != (2,) or not classes[0] < classes[1]:
        raise ModelFileError("trees: expected two classes")
    if arrays["baseline"].shape != (1,) or not np.isfinite(arrays["baseline"]).all():
        raise ModelFileError("trees: the baseline is not one finite number")
    if not len(arrays["monotonic_cst"]) or not np.isin(arrays["monotonic_cst"], (-1, 0, 1)).all():
        raise ModelFileError("trees: monotone constraints are not -1, 0 or 1")

    start, n = arrays["tree_start"], len(arrays["value"])
    if any(len(arrays[name]) != n for name in NODE_COLUMNS):
        raise ModelFileError("trees: node columns differ in length")
    if len(start) < 2 or start[0] != 0 or start[-1] != n or (np.diff(start) < 1).any():
        raise ModelFileError("trees: tree_start does not cut the nodes into trees")
    size = np.diff(start)
    first = np.repeat(start[:-1], size)
    local = np.arange(n) - first

    for name in ("is_leaf", "missing_go_to_left", "is_categorical"):
        if not np.isin(arrays[name], (0, 1)).all():
            raise ModelFileError("trees: {name} holds something else than 0 and 1", name=name)
    if not np.isfinite(arrays["value"]).all():
        raise ModelFileError("trees: a node's value is not finite")
    # A leaf that only rows outside those counted on reached has none; a tree has some.
    if (
        (arrays["count"] < 0).any()
        or (arrays["count"][start[:-1]] < 1).any()
        or (arrays["count"] > np.iinfo(np.uint32).max).any()
    ):
        raise ModelFileError("trees: a node's count is out of range")
    inner = arrays["is_leaf"] == 0
    left, right, feature = (arrays[name][inner] for name in ("left", "right", "feature_idx"))
    if ((feature < 0) | (feature >= len(arrays["monotonic_cst"]))).any():
        raise ModelFileError("trees: a node splits on a feature out of range")
    _check_categories(arrays, inner)
    # Splits between missing and not missing have the threshold +inf.
    threshold = arrays["num_threshold"][inner]
    if (np.isnan(threshold) | np.isneginf(threshold)).any():
        raise ModelFileError("trees: a threshold is not a number")
    here, end = local[inner], np.repeat(size, size)[inner]
    if any(((child <= here) | (child >= end)).any() for child in (left, right)):
        raise ModelFileError("trees: a child is out of range or not after its parent")
    parents = np.bincount(first[inner] + left, minlength=n) + np.bincount(first[inner] + right, minlength=n)
    if (parents != (local > 0)).any():
        raise ModelFileError("trees: a node has no parent, or more than one")
    count, depth = arrays["count"], arrays["depth"]
    left, right = left + first[inner], right + first[inner]
    if (count[left] + count[right] != count[inner]).any():
        raise ModelFileError("trees: the counts of two children do not add up to their parent's")
    if (depth[start[:-1]] != 0).any() or any((depth[child] != depth[inner] + 1).any() for child in (left, right)):
        raise ModelFileError("trees: a node's depth is not one more than its parent's")


def _check_categories(arrays: Mapping[str, Array], inner: Array) -> None:
    """Raise ModelFileError unless every categorical split has its set, of codes that its feature knows."""
    by_category = arrays["is_categorical"] == 1
    shapes = {
        "left_categories": (int(by_category.sum()), SET_WORDS),
        "known_categories": (len(arrays["monotonic_cst"]), SET_WORDS),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ModelFileError(
                "trees: {name} has shape {shape}, expected {shape_2}",
                name=name,
                shape=arrays[name].shape,
                shape_2=shape,
            )
    if by_category[~inner].any():
        raise ModelFileError("trees: a leaf is marked as a categorical split")
    known = set_flags(arrays["known_categories"])
    categorical = np.logical_or.reduce(known, axis=1)
    if known[:, LARGEST_CODE + 1 :].any():
        raise ModelFileError("trees: a known category is above {largest_code}", largest_code=LARGEST_CODE)
    feature = arrays["feature_idx"]
    if (categorical[feature[inner]] != by_category[inner]).any():
        raise ModelFileError("trees: a feature is split by categories and has none, or by a threshold and has some")
    if (set_flags(arrays["left_categories"]) & ~known[feature[by_category]]).any():
        raise ModelFileError("trees: a split sends a category to the left that its feature does not know")
    if arrays["monotonic_cst"][categorical].any():
        raise ModelFileError("trees: a categorical feature has a monotone constraint")
