"""What :mod:`fanpin_risk.tree_shap.tree_shap` reads of a scikit-learn model: its trees and its way with input.

All private attributes of scikit-learn that explanations depend on are named here.
"""

from __future__ import annotations

from inspect import get_annotations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fanpin_risk.errors import ExplanationError, FeatureMismatchError
from fanpin_risk.tree_shap._cut import Array, Floats, Tree

__all__ = ["Frame", "Model", "TableRows", "column_names", "take"]

Frame = Any  # of pandas, polars or pyarrow
TableRows = Array | Frame


class Model:
    """A fitted histogram gradient boosting model with one margin per row.

    Parameters
    ----------
    model : HistGradientBoostingClassifier, HistGradientBoostingRegressor, or an estimator with one as `boosting_`
        Fitted.

    Attributes
    ----------
    n_features : int
        Number of columns of the input.
    names : list of str or None
        Their names, if the model knows them.
    inner_order : ndarray of shape (n_features,) or None
        The input's columns in the order in which the trees number them; None if it is the input's own.
    start : float
        The margin before the first tree.
    known_categories : dict of int to int
        For each feature that trees split by categories, the categories known in training, as the bits of an integer.

    Raises
    ------
    ExplanationError
        If it is not such a model, not fitted, or has several margins.
    """

    def __init__(self, model: Any) -> None:
        boosting = getattr(model, "boosting_", model)
        if not hasattr(boosting, "_predictors") or not hasattr(boosting, "_raw_predict"):
            kind = type(model).__name__
            will_hold_one = any("boosting_" in get_annotations(base) for base in type(model).__mro__)
            if hasattr(boosting, "_raw_predict") or will_hold_one:
                raise ExplanationError("the {kind} is not fitted; expected a fitted one: call its fit first", kind=kind)
            raise ExplanationError(
                "cannot explain a {kind}; expected a fitted HistGradientBoostingClassifier, "
                "HistGradientBoostingRegressor or MonotoneBoosting. Of a model that holds one, such as a "
                "pipeline, a search or a calibration, pass that one, and rows as they reach it; a RiskModel "
                "has its own explain",
                kind=kind,
            )
        if boosting.n_trees_per_iteration_ != 1:
            raise ExplanationError(
                "the model has {n_trees_per_iteration} classes; only models of two classes can be explained",
                n_trees_per_iteration=boosting.n_trees_per_iteration_,
            )
        self._boosting = boosting
        self.n_features: int = boosting.n_features_in_
        names = getattr(model, "feature_names_in_", None)
        self.names: list[str] | None = None if names is None else list(names)
        self.start = float(boosting._baseline_prediction[0, 0])  # noqa: SLF001
        predictors = [predictor for (predictor,) in boosting._predictors]  # noqa: SLF001
        self.known_categories = self._known(predictors)
        self._preprocessed = getattr(boosting, "_preprocessor", None) is not None
        self.inner_order: NDArray[np.intp] | None = None
        if self._preprocessed:
            self.inner_order = np.argsort(~boosting.is_categorical_, kind="stable")

    def trees(self) -> list[Tree]:
        """Return the trees, whose answers are added to `start`."""
        return [_tree_of(predictor) for (predictor,) in self._boosting._predictors]  # noqa: SLF001

    def table(self, X: ArrayLike | Frame) -> TableRows:
        """Check that X has the model's columns, and return it as something that can be cut into rows.

        Raises
        ------
        FeatureMismatchError
            If it has not.
        """
        given = column_names(X)
        rows: TableRows = np.asarray(X) if given is None else X
        if given is not None and self.names is not None and given != self.names:
            strange = [str(name) for name in given if name not in set(self.names)]
            absent = [str(name) for name in self.names if name not in set(given)]
            found = "the same in another order"
            if strange or absent:
                found = (
                    f"{len(absent)} absent ({', '.join(absent[:5])}), {len(strange)} unknown ({', '.join(strange[:5])})"
                )
            raise FeatureMismatchError(
                "columns to explain are not the model's: {found}; pass the model's columns in its order", found=found
            )
        if rows.shape == ():
            raise FeatureMismatchError(
                "rows to explain are a {name}; expected an array or a frame, (n_rows, {n_features})",
                name=type(X).__name__,
                n_features=self.n_features,
            )
        if len(rows.shape) != 2 or rows.shape[1] != self.n_features:
            raise FeatureMismatchError(
                "rows to explain have shape {shape}; expected (n_rows, {n_features})",
                shape=str(rows.shape),
                n_features=self.n_features,
            )
        return rows

    def matrix(self, rows: TableRows) -> Floats:
        """Return rows as the trees see them: float64, categories as codes, columns in the inner order."""
        if self._preprocessed:
            return self._boosting._preprocess_X(self._as_fitted(rows), reset=False)  # noqa: SLF001
        matrix = _float_rows(rows)
        if self.known_categories:
            matrix = matrix.copy()
            for feature, known in self.known_categories.items():
                matrix[:, feature] = _categories(matrix[:, feature], known)
        return matrix

    def shown(self, rows: TableRows) -> tuple[Floats, Array | None]:
        """Return rows as numbers in the order of the input; and as they are, if not all of them are numbers.

        Categories without a number get the one by which the trees know them.
        """
        try:
            return _float_rows(rows), None
        except (TypeError, ValueError):
            numbers = np.empty(rows.shape)
            numbers[:, slice(None) if self.inner_order is None else self.inner_order] = self.matrix(rows)
            return numbers, np.asarray(rows, dtype=object)

    def margin(self, rows: TableRows) -> Floats:
        """Return the model's own answer for each of a few rows, before any link."""
        if self.known_categories and not self._preprocessed:
            # Bare trees take codes modulo 256; MonotoneBoosting, who owns them, lets codes that are not known be missing.
            rows = self.matrix(rows)
        # In one thread: these are few rows, and to bring threads together for every tree takes longer than the tree.
        margin = self._boosting._raw_predict(self._as_fitted(rows), n_threads=1)  # noqa: SLF001
        return margin[:, 0]

    def _as_fitted(self, rows: TableRows) -> TableRows:
        """Return rows with column names if and only if the trees were fitted with them."""
        names = getattr(self._boosting, "feature_names_in_", None)
        if names is None:
            return rows if self._preprocessed else _float_rows(rows)
        if not isinstance(rows, np.ndarray):
            return rows
        # None may be a category, which pandas would take for NaN if the type were left to it.
        rows = rows if self._preprocessed else _float_rows(rows)
        return pd.DataFrame(rows, columns=names, dtype=rows.dtype)

    def _known(self, predictors: list[Any]) -> dict[int, int]:
        nodes = [predictor.nodes[predictor.nodes["is_categorical"] == 1] for predictor in predictors]
        used = sorted({int(feature) for some in nodes for feature in some["feature_idx"]})
        if not used:
            return {}
        bitsets, position = self._boosting._bin_mapper.make_known_categories_bitsets()  # noqa: SLF001
        return {feature: _category_set(bitsets[position[feature]]) for feature in used}


def column_names(X: Any) -> list[Any] | None:
    """Return the names of a frame's columns; None if it is not a frame."""
    if isinstance(X, pd.DataFrame):
        return list(X.columns)
    if hasattr(X, "__arrow_c_stream__") and hasattr(X, "columns"):  # polars; pyarrow, whose `columns` are no names
        return list(getattr(X, "column_names", None) or X.columns)
    return None


def take(rows: TableRows, block: slice) -> TableRows:
    """Return some rows by position."""
    return rows.iloc[block] if isinstance(rows, pd.DataFrame) else rows[block]


def _tree_of(predictor: Any) -> Tree:
    nodes = predictor.nodes
    split_by_category = (nodes["is_categorical"] == 1) & (nodes["is_leaf"] == 0)
    categories: list[int | None] = [None] * len(nodes)
    for node in np.flatnonzero(split_by_category).tolist():
        categories[node] = _category_set(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
    return Tree(
        value=nodes["value"].tolist(),
        rows=nodes["count"].astype(np.float64).tolist(),
        feature=nodes["feature_idx"].tolist(),
        threshold=nodes["num_threshold"].tolist(),
        missing_left=(nodes["missing_go_to_left"] == 1).tolist(),
        left=nodes["left"].tolist(),
        right=nodes["right"].tolist(),
        is_leaf=(nodes["is_leaf"] == 1).tolist(),
        categories=categories,
    )


def _category_set(words: NDArray[np.uint32]) -> int:
    """Return scikit-learn's set of categories, eight words of 32 bits, as one integer."""
    return int.from_bytes(words.astype("<u4").tobytes(), "little")


def _float_rows(rows: TableRows) -> Floats:
    if isinstance(rows, pd.DataFrame):
        return rows.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(rows, dtype=np.float64)


def _categories(values: Floats, known: int) -> Floats:
    """Return codes of categories without their fractions, those that are not known as missing, as the trees do."""
    is_known = np.array([known >> category & 1 for category in range(256)], dtype=np.bool_)
    possible = (values >= 0) & (values < len(is_known))  # not a number: neither
    whole = np.where(possible, values, 0.0).astype(np.int64)
    return np.where(possible & is_known[whole], whole, np.nan)
