"""Exact path-dependent Shapley values of boosted trees: the one place that knows how they are computed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fanpin_risk.errors import ExplanationError, FeatureMismatchError

__all__ = ["import_shap", "tree_shap"]

# Rows at a time: bounds memory and gives progress; results do not depend on it.
BLOCK_ROWS = 2_048
# Largest difference in log-odds between a margin and its contributions that rounding can explain.
TOLERANCE = 1e-6


def import_shap() -> ModuleType:
    """Import shap without the notices that it draws from other packages (matplotlib's colour maps, tqdm's widgets)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("shap")


def tree_shap(
    model: Any,
    X: ArrayLike,
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[NDArray[np.float64], float]:
    """Attribute the margin of each row to its features.

    Exact Shapley values of the game in which a tree's answer for a set of known features is the mean over its
    leaves, unknown questions being answered in the proportions of the training rows (``tree_path_dependent``).
    They tell how the model came to its margin, not what causes poverty.

    Parameters
    ----------
    model : MonotoneBoosting or HistGradientBoostingClassifier
        Fitted, two classes, no native categorical splits.
    X : array-like of shape (n_rows, n_features)
        Features in the model's order; NaN is missing. Taken as float64.
    progress : callable, optional
        Called with (rows done, rows in all, "explain").

    Returns
    -------
    values : ndarray of shape (n_rows, n_features), float64
        Contributions in log-odds. Each row's depend on that row only, to the last bit.
    base : float
        Mean margin over the training rows as the trees count them; ``base + values.sum(axis=1)`` is the margin.

    Raises
    ------
    FeatureMismatchError
        If `X` has not as many columns as the model has features, or others by name.
    ExplanationError
        If the model has more than two classes or native categorical splits, or if the contributions do not add up
        to the margin.

    References
    ----------
    Lundberg et al. (2020), From local explanations to global understanding with explainable AI for trees, Nature
    Machine Intelligence 2, algorithm 2, as implemented by :class:`shap.TreeExplainer`.

    Examples
    --------
    >>> import numpy as np
    >>> from fanpin_risk.boosting import MonotoneBoosting
    >>> X = np.random.default_rng(0).normal(size=(300, 3))
    >>> model = MonotoneBoosting(max_iter=20, random_state=0).fit(X, X[:, 0] > 1)
    >>> values, base = tree_shap(model, X)
    >>> bool(np.allclose(base + values.sum(axis=1), model.decision_function(X), rtol=0, atol=1e-9))
    True
    """
    boosting = getattr(model, "boosting_", model)
    names = getattr(model, "feature_names_in_", None)
    rows = _rows(X, boosting.n_features_in_, names)
    _check_trees(boosting)

    explainer = import_shap().TreeExplainer(boosting, feature_perturbation="tree_path_dependent")
    base = float(np.ravel(explainer.expected_value)[0])
    values = np.empty(rows.shape, dtype=np.float64)  # C order, so that sums over a row never depend on the other rows
    for start in range(0, len(rows), BLOCK_ROWS):
        block = slice(start, min(start + BLOCK_ROWS, len(rows)))
        values[block] = explainer.shap_values(rows[block], check_additivity=False)
        named = rows[block] if names is None else pd.DataFrame(rows[block], columns=names)
        _check_sums(values[block], base, model.decision_function(named))
        if progress is not None:
            progress(block.stop, len(rows), "explain")
    return values, base


def _rows(X: ArrayLike, n_features: int, names: Any) -> NDArray[np.float64]:
    """Return `X` as a float64 matrix after checking that its columns are the model's."""
    if isinstance(X, pd.DataFrame) and names is not None and list(X.columns) != list(names):
        strange = [name for name in X.columns if name not in set(names)]
        absent = [name for name in names if name not in set(X.columns)]
        raise FeatureMismatchError(
            f"columns to explain are not the model's: {len(absent)} absent ({', '.join(map(str, absent[:5]))}), "
            f"{len(strange)} unknown ({', '.join(map(str, strange[:5]))}); pass the model's columns in its order"
        )
    rows = np.ascontiguousarray(X, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != n_features:
        raise FeatureMismatchError(f"rows to explain have shape {rows.shape}; expected (n_rows, {n_features})")
    return rows


def _check_trees(boosting: Any) -> None:
    """Refuse trees whose Shapley values would be wrong."""
    if boosting.n_trees_per_iteration_ != 1:
        raise ExplanationError(
            f"the model has {boosting.n_trees_per_iteration_} classes; only models of two classes can be explained"
        )
    if any(tree[0].nodes["is_categorical"].any() for tree in boosting._predictors):  # noqa: SLF001
        raise ExplanationError(
            "the model splits on native categories, whose contributions cannot be computed correctly; "
            "train it with numbers or yes/no columns instead (categorical_features=None)"
        )


def _check_sums(values: NDArray[np.float64], base: float, margin: NDArray[np.float64]) -> None:
    gap = np.abs(base + values.sum(axis=1) - margin)
    if not (gap <= TOLERANCE).all():  # also when it is not a number
        raise ExplanationError(
            f"contributions do not add up to the margin: {int((~(gap <= TOLERANCE)).sum())} of {len(gap)} rows are "
            f"off, by up to {gap.max():.3g} in log-odds (allowed {TOLERANCE:g}); "
            "the installed shap does not read these trees rightly"
        )
