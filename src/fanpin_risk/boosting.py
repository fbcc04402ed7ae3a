"""Gradient-boosted trees for rare events: few, shallow, monotone where the world is, and the same in any row order."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._tags import Tags
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from fanpin_risk.errors import ModelFileError, NotEnoughDataError

__all__ = ["MonotoneBoosting"]

Array = NDArray[Any]

# Node columns that decide a prediction or its explanation, with the type each is stored as. scikit-learn's own
# record has more (gain, bin numbers, categories); they serve training only.
NODE_COLUMNS: Mapping[str, str] = {
    "value": "<f8",
    "count": "<i8",
    "feature_idx": "<i8",
    "num_threshold": "<f8",
    "missing_go_to_left": "|u1",
    "left": "<i8",
    "right": "<i8",
    "depth": "<i8",
    "is_leaf": "|u1",
}
# A leaf may hold at most this share of the rows' number (1/20), so that twenty rows still make a tree.
LEAVES_AT_LEAST = 20
# Fewer cases of either class than this in all make a held-out tenth say nothing: no early stopping then.
EARLY_STOPPING_CASES = 20
# From this many values on (500,000 rows of 100 features) a fit or prediction is spread over threads.
MANY_VALUES = 50_000_000


class MonotoneBoosting(ClassifierMixin, BaseEstimator):
    """Binary gradient boosting with bounded leaves and monotone constraints.

    A thin classifier over :class:`sklearn.ensemble.HistGradientBoostingClassifier` (log loss, no class weights, no
    resampling, no native categories) with defaults for rare events in registers. It adds three things: rows are
    put in a canonical order before fitting, so that the fitted trees do not depend on the order of the rows; rounds
    after the best one are dropped when stopping early; and the trees can be taken out as plain arrays and put back.

    Missing values are NaN and are sent down their own branch. Infinite values are refused.

    Parameters
    ----------
    max_depth : int, default=3
        Largest number of questions on the way to a leaf.
    learning_rate : float, default=0.05
        Shrinkage of each tree.
    max_features : float, default=0.3
        Share of the features that each split may choose from.
    min_samples_leaf : int, default=100
        Fewest rows in a leaf. On small data the bound is ``max(1, n_rows // 20)`` where that is less.
    l2_regularization : float, default=10.0
        Pull of leaf values towards zero.
    max_iter : int, default=400
        Largest number of trees.
    early_stopping : bool, default=True
        Stop when the log loss of held-out rows no longer falls, and keep the trees up to its minimum. Rows are
        held out by `validation_fraction` unless ``X_val`` is passed to :meth:`fit`. Without ``X_val`` it is off
        when either class has fewer than 20 rows.
    validation_fraction : float, default=0.1
        Share of the rows held out, stratified.
    n_iter_no_change : int, default=20
        Rounds without improvement to wait for.
    monotonic_cst : dict of str to int, array of int or None, default=None
        Per feature -1 (never raises the risk), 1 (never lowers it) or 0. A dict is by feature name and may leave
        features out.
    random_state : int, RandomState or None, default=None
        Draws the held-out rows, the features of each split and, above 200,000 rows, those that define the bins.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The second one is the event.
    boosting_ : HistGradientBoostingClassifier
        The fitted trees.
    n_iter_ : int
        Number of trees.
    monotonic_cst_ : ndarray of shape (n_features,), int8
        The constraints as they were used.
    min_samples_leaf_ : int
        The bound on leaves as it was used.
    validation_loss_ : ndarray of shape (n_rounds + 1,)
        Log loss of the held-out rows before the first round and after each; empty without early stopping.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of str
        Their names, if `fit` was given a DataFrame.

    References
    ----------
    Friedman (2001), Greedy function approximation: a gradient boosting machine, Annals of Statistics 29(5).
    Ke et al. (2017), LightGBM, NIPS 30 (histogram-based splits, as in scikit-learn).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(400.0)[:, None]
    >>> y = (X[:, 0] % 100 + X[:, 0] > 250).astype(int)
    >>> model = MonotoneBoosting(monotonic_cst=[1], max_iter=20, random_state=0).fit(X, y)
    >>> bool((np.diff(model.decision_function(X)) >= 0).all())
    True
    """

    def __init__(
        self,
        *,
        max_depth: int = 3,
        learning_rate: float = 0.05,
        max_features: float = 0.3,
        min_samples_leaf: int = 100,
        l2_regularization: float = 10.0,
        max_iter: int = 400,
        early_stopping: bool = True,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 20,
        monotonic_cst: Mapping[str, int] | ArrayLike | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.max_depth = max_depth
        self.learning_rate = learning_rate
        self.max_features = max_features
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.monotonic_cst = monotonic_cst
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Grow the trees.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Features as float64; NaN is missing.
        y : array-like of shape (n_rows,)
            Two classes; the second in sorted order is the event.
        X_val, y_val : array-like, optional
            Rows to stop early by, instead of a share of `X`; of both classes or of one.

        Returns
        -------
        MonotoneBoosting
            Itself.

        Raises
        ------
        ValueError
            If the arrays do not fit together, a value is infinite, or a constraint names no feature.
        NotEnoughDataError
            If there is only one class.
        """
        rows, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        classes, labels = _encode(y)
        random_state = check_random_state(self.random_state)
        counts = np.bincount(labels)
        if len(classes) < 2:
            raise NotEnoughDataError(
                f"MonotoneBoosting needs rows of two classes, got {len(labels)} rows of one class only; "
                "take more days or households, so that the event occurs"
            )
        rows, labels = _canonical(rows, labels)
        stop_early = bool(self.early_stopping) and (X_val is not None or counts.min() >= EARLY_STOPPING_CASES)
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val belong together; pass both or neither")
        if X_val is not None:
            rows_val, y_val = validate_data(
                self, X_val, y_val, reset=False, dtype=np.float64, ensure_all_finite="allow-nan"
            )
            if not np.isin(y_val, classes).all():
                raise ValueError("y_val holds a class that y does not")
            rows_val, labels_val = _canonical(rows_val, np.searchsorted(classes, y_val))
        elif stop_early:
            rows, rows_val, labels, labels_val = train_test_split(
                rows, labels, test_size=self.validation_fraction, stratify=labels, random_state=random_state
            )

        self.classes_ = classes
        self.monotonic_cst_ = self._constraints()
        self.min_samples_leaf_ = min(self.min_samples_leaf, max(1, len(labels) // LEAVES_AT_LEAST))
        # A feature known for fewer rows than a leaf holds can never be split on; one that is never known cannot even
        # be binned. As a constant it stays out of the trees either way.
        rows[:, np.count_nonzero(~np.isnan(rows), axis=0) < self.min_samples_leaf_] = 0.0
        boosting = HistGradientBoostingClassifier(
            max_depth=self.max_depth,
            max_leaf_nodes=None,
            learning_rate=self.learning_rate,
            max_features=self.max_features,
            min_samples_leaf=self.min_samples_leaf_,
            l2_regularization=self.l2_regularization,
            max_iter=self.max_iter,
            early_stopping=stop_early,
            n_iter_no_change=self.n_iter_no_change,
            monotonic_cst=self.monotonic_cst_,
            categorical_features=None,
            random_state=random_state,
        )
        with threadpool_limits(limits=_threads(rows), user_api="openmp"):
            boosting.fit(rows, labels, **({"X_val": rows_val, "y_val": labels_val} if stop_early else {}))
        self.boosting_ = boosting
        self.validation_loss_ = -self.boosting_.validation_score_
        if stop_early:
            best = max(1, int(np.argmin(self.validation_loss_)))
            self.boosting_._predictors = self.boosting_._predictors[:best]
        self.n_iter_ = self.boosting_.n_iter_
        return self

    def decision_function(self, X: ArrayLike) -> Array:
        """Return the margin (log-odds of the event) of each row.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Features as float64; NaN is missing.

        Returns
        -------
        ndarray of shape (n_rows,)
            Each row's margin depends on that row only, to the last bit.
        """
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        return self.boosting_._raw_predict(rows, n_threads=_threads(rows)).ravel()

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probabilities of both classes, of shape (n_rows, 2)."""
        margin = self.decision_function(X)
        return np.column_stack([expit(-margin), expit(margin)])

    def predict(self, X: ArrayLike) -> Array:
        """Return the more probable class of each row, of shape (n_rows,)."""
        check_is_fitted(self)
        return self.classes_[(self.decision_function(X) > 0).astype(np.intp)]

    def to_arrays(self) -> dict[str, Array]:
        """Take the fitted trees out as plain arrays, from which :meth:`from_arrays` rebuilds them exactly.

        Returns
        -------
        dict of str to ndarray
            ``tree_start`` (n_trees + 1,): where each tree begins in the node columns. Per node: ``value`` (margin
            of a leaf), ``count`` (training rows), ``feature_idx``, ``num_threshold`` (a value <= it goes left),
            ``missing_go_to_left``, ``left`` and ``right`` (numbers of the children within the tree), ``depth``,
            ``is_leaf``. Besides ``baseline`` (1,), ``monotonic_cst`` (n_features,) and ``classes`` (2,).
        """
        check_is_fitted(self)
        trees = [trees[0].nodes for trees in self.boosting_._predictors]
        nodes = np.concatenate(trees)
        return {
            "tree_start": np.cumsum([0, *map(len, trees)]).astype("<i8"),
            **{name: nodes[name].astype(kind) for name, kind in NODE_COLUMNS.items()},
            "baseline": self.boosting_._baseline_prediction.ravel().astype("<f8"),
            "monotonic_cst": self.monotonic_cst_.astype("|i1"),
            "classes": self.classes_,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, Array], *, feature_names: ArrayLike | None = None, **parameters: Any
    ) -> MonotoneBoosting:
        """Rebuild a fitted classifier from :meth:`to_arrays`, after checking that every tree is one.

        Prediction walks the nodes without looking out for bad indices, so nothing is built before all of them have
        been checked.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            As from :meth:`to_arrays`.
        feature_names : sequence of str, optional
            Names of the features, in order.
        **parameters
            Of the estimator, kept for the record.

        Returns
        -------
        MonotoneBoosting
            Fitted; it predicts to the bit what the first one did.

        Raises
        ------
        ModelFileError
            If an array is absent, of another shape or type, or does not describe trees.
        """
        _check_trees(arrays)
        n_features = len(arrays["monotonic_cst"])
        nodes = np.zeros(len(arrays["value"]), dtype=PREDICTOR_RECORD_DTYPE)
        for name in NODE_COLUMNS:
            nodes[name] = arrays[name]
        no_categories = np.empty((0, 8), dtype=np.uint32)
        start = arrays["tree_start"]

        model = cls(**parameters)
        inner = HistGradientBoostingClassifier(categorical_features=None)
        inner.classes_ = np.array([0, 1])
        inner.n_features_in_ = inner._n_features = n_features
        inner.n_trees_per_iteration_ = 1
        inner.is_categorical_ = inner._is_categorical_remapped = inner._preprocessor = None
        inner._baseline_prediction = np.array(arrays["baseline"], dtype=np.float64).reshape(1, 1)
        inner._predictors = [
            [TreePredictor(nodes[a:b].copy(), no_categories, no_categories)] for a, b in pairwise(start)
        ]
        inner._bin_mapper = _BinMapper()
        inner._bin_mapper.is_categorical_ = np.zeros(n_features, dtype=np.uint8)
        inner._bin_mapper.bin_thresholds_ = [np.empty(0)] * n_features
        inner._loss = inner._get_loss(sample_weight=None)
        model.boosting_ = inner
        model.classes_ = np.array(arrays["classes"])
        model.monotonic_cst_ = np.array(arrays["monotonic_cst"])
        model.min_samples_leaf_ = int(arrays["count"][arrays["is_leaf"] == 1].min())
        model.validation_loss_ = np.empty(0)
        model.n_iter_ = inner.n_iter_
        model.n_features_in_ = n_features
        if feature_names is not None:
            model.feature_names_in_ = np.asarray(feature_names, dtype=object)
            if len(model.feature_names_in_) != n_features:
                raise ModelFileError(f"{len(model.feature_names_in_)} feature names for trees of {n_features} features")
        return model

    def _constraints(self) -> Array:
        """Return the monotone constraints as one number per feature."""
        constraints = np.zeros(self.n_features_in_, dtype=np.int8)
        if isinstance(self.monotonic_cst, Mapping):
            names = list(getattr(self, "feature_names_in_", ()))
            unknown = sorted(set(self.monotonic_cst) - set(names))
            if unknown:
                raise ValueError(
                    f"monotonic_cst names features that X does not have: {', '.join(unknown[:5])}; "
                    "pass X as a DataFrame with these columns, or the constraints as an array"
                )
            for name, sign in self.monotonic_cst.items():
                constraints[names.index(name)] = _sign(sign)
        elif self.monotonic_cst is not None:
            signs = np.asarray(self.monotonic_cst)
            if signs.shape != constraints.shape:
                raise ValueError(f"monotonic_cst has shape {signs.shape}, expected {constraints.shape}")
            constraints[:] = [_sign(sign) for sign in signs]
        return constraints


def _encode(y: ArrayLike) -> tuple[Array, Array]:
    """Return the sorted classes and each row's number among them; more than two are refused."""
    check_classification_targets(y)
    kind = type_of_target(y, input_name="y", raise_unknown=True)
    if kind != "binary":
        raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
    classes, labels = np.unique(y, return_inverse=True)
    return classes, labels


def _sign(value: Any) -> int:
    if value not in (-1, 0, 1):
        raise ValueError(f"monotonic_cst holds {value!r}; expected -1, 0 or 1")
    return int(value)


def _threads(X: Array) -> int | None:
    """Return 1, or for very much work None for as many threads as there are cores; the result is the same.

    The threads of one fit wait for each other at every split. That gains little (measured, 40,000 rows, two idle
    cores: 0.8 s against 1.4 s) and costs much on a machine that is also used by others (2 s against 50 s). Folds
    are spread over threads instead.
    """
    return 1 if X.size < MANY_VALUES else None


def _canonical(X: Array, labels: Array) -> tuple[Array, Array]:
    """Sort rows by their features, then their class.

    The order decides, above 200,000 rows, which of them define the bins, and at any size the rounding of the
    float32 sums (measured: single probabilities moved by up to 0.26). Rows that are equal in everything may stand
    in any order.
    """
    order = np.lexsort([labels, *X.T[::-1]])
    return X[order], labels[order]


def _check_trees(arrays: Mapping[str, Array]) -> None:
    """Raise ModelFileError unless the arrays describe binary trees that a row can be walked down safely."""
    expected = {"tree_start", *NODE_COLUMNS, "baseline", "monotonic_cst", "classes"}
    if set(arrays) != expected:
        missing, extra = sorted(expected - set(arrays)), sorted(set(arrays) - expected)
        raise ModelFileError(f"trees: arrays missing {missing}, not expected {extra}")
    for name, array in arrays.items():
        if array.ndim != 1:
            raise ModelFileError(f"trees: {name} has {array.ndim} dimensions, expected 1")
    types = {"tree_start": "<i8", "baseline": "<f8", "monotonic_cst": "|i1", **NODE_COLUMNS}
    for name, kind in types.items():
        if arrays[name].dtype != np.dtype(kind):
            raise ModelFileError(f"trees: {name} is {arrays[name].dtype}, expected {np.dtype(kind)}")
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

    for name in ("is_leaf", "missing_go_to_left"):
        if not np.isin(arrays[name], (0, 1)).all():
            raise ModelFileError(f"trees: {name} holds something else than 0 and 1")
    if not np.isfinite(arrays["value"]).all():
        raise ModelFileError("trees: a node's value is not finite")
    if (arrays["count"] < 1).any() or (arrays["count"] > np.iinfo(np.uint32).max).any():
        raise ModelFileError("trees: a node's count is out of range")
    inner = arrays["is_leaf"] == 0
    left, right, feature = (arrays[name][inner] for name in ("left", "right", "feature_idx"))
    if ((feature < 0) | (feature >= len(arrays["monotonic_cst"]))).any():
        raise ModelFileError("trees: a node splits on a feature out of range")
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
