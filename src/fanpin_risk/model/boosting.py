"""Gradient-boosted trees for rare events: few, shallow, monotone where the world is, and the same in any row order.

scikit-learn grows the trees. It moves columns of categories to the front and numbers the categories it met afresh, so
what it grew is taken out and put back in terms of the input: columns in their own order, categories by their own
codes. A fitted classifier and one rebuilt from its arrays hold the very same trees, over plain float64 matrices.
"""

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
WORDS, LARGEST_CODE = 8, 254
# A leaf may hold at most this share of the rows' number (1/20), so that twenty rows still make a tree.
LEAVES_AT_LEAST = 20
# Fewer cases of either class than this in all make a held-out tenth say nothing: no early stopping then.
EARLY_STOPPING_CASES = 20
# From this many values on (500,000 rows of 100 features) a fit or prediction is spread over threads.
MANY_VALUES = 50_000_000


class MonotoneBoosting(ClassifierMixin, BaseEstimator):
    """Binary gradient boosting with bounded leaves and monotone constraints.

    A thin classifier over :class:`sklearn.ensemble.HistGradientBoostingClassifier` (log loss, no class weights, no
    resampling) with defaults for rare events in registers. It adds four things: rows are put in a canonical order
    before fitting, so that the fitted trees do not depend on the order of the rows; rounds after the best one are
    dropped when stopping early; several ensembles can be averaged into one; and the trees can be taken out as plain
    arrays and put back.

    Missing values are NaN and are sent down their own branch. Infinite values are refused. A category that did not
    occur in training counts as missing.

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
        features out. Categorical features have 0.
    categorical_features : sequence of str, of int or of bool, default=None
        Features whose numbers are codes without an order, whole numbers from 0 to 254: by name, by position, or as a
        mask. Their splits send any set of codes to the left.
    n_seeds : int, default=1
        Ensembles to grow and average. Each draws, and stops, on its own; together they are one list of trees whose
        leaf values are divided by `n_seeds`.
    random_state : int, RandomState or None, default=None
        Draws the held-out rows, the features of each split and, above 200,000 rows, those that define the bins. For
        several ensembles it draws their seeds first: ``check_random_state(random_state).randint(2**31 - 1,
        size=n_seeds)``.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The second one is the event.
    boosting_ : HistGradientBoostingClassifier
        The fitted trees, of all seeds. It predicts; parameters it was not given are at their defaults.
    n_trees_ : int
        Number of trees.
    n_iter_ : int
        Number of rounds: trees per seed, the mean of all seeds.
    is_categorical_ : ndarray of shape (n_features,), bool
        Which features are categorical, of those with any value.
    monotonic_cst_ : ndarray of shape (n_features,), int8
        The constraints as they were used.
    min_samples_leaf_ : int
        The bound on leaves as it was used.
    validation_loss_ : list of ndarray of shape (n_rounds + 1,), length n_seeds
        Of each seed the log loss of the held-out rows before the first round and after each; empty without early
        stopping.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of str
        Their names, if `fit` was given a DataFrame.

    References
    ----------
    Friedman (2001), Greedy function approximation: a gradient boosting machine, Annals of Statistics 29(5).
    Ke et al. (2017), LightGBM, NIPS 30 (histogram-based splits, as in scikit-learn).
    Fisher (1958), On grouping for maximum homogeneity, JASA 53 (the best split of categories is one of those sorted by
    their mean).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(400.0)[:, None]
    >>> y = (X[:, 0] % 100 + X[:, 0] > 250).astype(int)
    >>> model = MonotoneBoosting(monotonic_cst=[1], max_iter=20, random_state=0).fit(X, y)
    >>> bool((np.diff(model.decision_function(X)) >= 0).all())
    True
    """

    boosting_: HistGradientBoostingClassifier  # declared: TreeShap knows by it what will hold trees once it is fitted

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
        categorical_features: ArrayLike | None = None,
        n_seeds: int = 1,
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
        self.categorical_features = categorical_features
        self.n_seeds = n_seeds
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
            If the arrays do not fit together, a value is infinite, a constraint or category names no feature, a
            categorical feature has a constraint, or its values are no codes.
        NotEnoughDataError
            If there is only one class.
        """
        rows, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        classes, labels = _encode(y)
        random_state = check_random_state(self.random_state)
        counts = np.bincount(labels)
        if len(classes) < 2:
            raise NotEnoughDataError(
                "MonotoneBoosting needs rows of two classes, got {n_labels} rows of one class only; take "
                "more days or households, so that the event occurs",
                n_labels=len(labels),
            )
        if not isinstance(self.n_seeds, (int, np.integer)) or self.n_seeds < 1:
            raise ValueError(f"n_seeds is {self.n_seeds!r}; expected a whole number of 1 or more")
        constraints, categorical = self._constraints(), self._categorical()
        if constraints[categorical].any():
            first = int(np.flatnonzero(categorical & (constraints != 0))[0])
            raise ValueError(
                f"the categorical feature {self._label(first)} has the monotone constraint {constraints[first]}; "
                "codes have no order, so expected 0"
            )
        self._check_codes(rows, categorical, largest=LARGEST_CODE)
        rows, labels = _canonical(rows, labels)
        stop_early = bool(self.early_stopping) and (X_val is not None or counts.min() >= EARLY_STOPPING_CASES)
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val belong together; pass both or neither")
        stop_by = None
        if X_val is not None:
            rows_val, y_val = validate_data(
                self, X_val, y_val, reset=False, dtype=np.float64, ensure_all_finite="allow-nan"
            )
            if not np.isin(y_val, classes).all():
                raise ValueError("y_val holds a class that y does not")
            self._check_codes(rows_val, categorical)
            stop_by = _canonical(rows_val, np.searchsorted(classes, y_val))

        seeds = [random_state] if self.n_seeds == 1 else random_state.randint(2**31 - 1, size=self.n_seeds).tolist()
        self.monotonic_cst_: Array = constraints
        ensembles, losses = [], []
        for seed in seeds:
            ensemble, loss = self._grow(
                rows, labels, stop_by=stop_by, stop_early=stop_early, categorical=categorical,
                random_state=check_random_state(seed),
            )  # fmt: skip
            ensembles.append(ensemble)
            losses.append(loss)
        self.validation_loss_ = losses
        self._put(
            {**_average(ensembles), "monotonic_cst": constraints.astype("|i1"), "classes": classes}, n_seeds=len(seeds)
        )
        return self

    def _grow(
        self,
        rows: Array,
        labels: Array,
        *,
        stop_by: tuple[Array, Array] | None,
        stop_early: bool,
        categorical: Array,
        random_state: np.random.RandomState,
    ) -> tuple[dict[str, Array], Array]:
        """Grow one ensemble; return its arrays and the log loss of the held-out rows after each round."""
        if stop_early and stop_by is None:
            rows, rows_val, labels, labels_val = train_test_split(
                rows, labels, test_size=self.validation_fraction, stratify=labels, random_state=random_state
            )
            stop_by = rows_val, labels_val
        else:
            rows = rows.copy()
        known = {int(j): np.unique(rows[~np.isnan(rows[:, j]), j]).astype(int) for j in np.flatnonzero(categorical)}
        self.min_samples_leaf_ = min(self.min_samples_leaf, max(1, len(labels) // LEAVES_AT_LEAST))
        # A feature known for fewer rows than a leaf holds can never be split on; one that is never known cannot even
        # be binned. As a constant it stays out of the trees either way.
        rows[:, np.count_nonzero(~np.isnan(rows), axis=0) < self.min_samples_leaf_] = 0.0
        # scikit-learn mixes up the sets of categories where a feature has only one; as a number, known or not, it is
        # grown well.
        several = np.array([len(known.get(j, ())) > 1 for j in range(rows.shape[1])])
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
            categorical_features=several if several.any() else None,
            random_state=random_state,
        )
        held_out = {}
        if stop_early and stop_by is not None:
            known_sets = _sets({j: codes.tolist() for j, codes in known.items()}, rows.shape[1])
            held_out = {"X_val": _only_known(stop_by[0], known_sets), "y_val": stop_by[1]}
        with threadpool_limits(limits=_threads(rows), user_api="openmp"):
            boosting.fit(rows, labels, **held_out)
        loss = -boosting.validation_score_
        if stop_early:
            boosting._predictors = boosting._predictors[: max(1, int(np.argmin(loss)))]
        return _take_out(boosting, known, several), loss

    def decision_function(self, X: ArrayLike) -> Array:
        """Return the margin (log-odds of the event) of each row.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Features as float64; NaN is missing, and so is a category that did not occur in training.

        Returns
        -------
        ndarray of shape (n_rows,)
            Each row's margin depends on that row only, to the last bit.
        """
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        self._check_codes(rows, self.is_categorical_)
        rows = _only_known(rows, self._known)
        return self.boosting_._raw_predict(rows, n_threads=_threads(rows)).ravel()

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probabilities of both classes.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            As for :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_rows, 2)
        """
        margin = self.decision_function(X)
        return np.column_stack([expit(-margin), expit(margin)])

    def predict(self, X: ArrayLike) -> Array:
        """Return the more probable class of each row.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            As for :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        check_is_fitted(self)
        return self.classes_[(self.decision_function(X) > 0).astype(np.intp)]

    def to_arrays(self) -> dict[str, Array]:
        """Take the fitted trees out as plain arrays, from which :meth:`from_arrays` rebuilds them exactly.

        Returns
        -------
        dict of str to ndarray
            ``tree_start`` (n_trees + 1,): where each tree begins in the node columns. Per node: ``value`` (margin
            of a leaf), ``count`` (training rows), ``feature_idx``, ``num_threshold`` (a value <= it goes left),
            ``missing_go_to_left``, ``is_categorical`` (the split is by a set of codes instead of the threshold),
            ``left`` and ``right`` (numbers of the children within the tree), ``depth``, ``is_leaf``. As bits of eight
            words of 32: ``left_categories`` (n_categorical_nodes, 8), the codes that go left at each categorical node,
            in their order; ``known_categories`` (n_features, 8), the codes that count at all, none for numbers.
            Besides ``baseline`` (1,), ``monotonic_cst`` (n_features,) and ``classes`` (2,).
        """
        check_is_fitted(self)
        trees = [tree for (tree,) in self.boosting_._predictors]
        nodes = np.concatenate([tree.nodes for tree in trees])
        return {
            "tree_start": np.cumsum([0, *(len(tree.nodes) for tree in trees)]).astype("<i8"),
            **{name: nodes[name].astype(kind) for name, kind in NODE_COLUMNS.items()},
            "left_categories": np.concatenate([tree.raw_left_cat_bitsets for tree in trees]).astype("<u4"),
            "known_categories": _words(self._known),
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
        model = cls(**parameters)
        model._put(arrays, n_seeds=model.n_seeds)
        model.min_samples_leaf_ = int(arrays["count"][arrays["is_leaf"] == 1].min())
        model.validation_loss_ = [np.empty(0)] * model.n_seeds
        model.monotonic_cst_ = np.array(arrays["monotonic_cst"])
        model.n_features_in_ = len(model.monotonic_cst_)
        if feature_names is not None:
            model.feature_names_in_ = np.asarray(feature_names, dtype=object)
            if len(model.feature_names_in_) != model.n_features_in_:
                raise ModelFileError(
                    "{n_feature_names_in} feature names for trees of {n_features_in} features",
                    n_feature_names_in=len(model.feature_names_in_),
                    n_features_in=model.n_features_in_,
                )
        return model

    def _put(self, arrays: Mapping[str, Array], *, n_seeds: int) -> None:
        """Put trees in place, from arrays that are known to be trees."""
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
        known = _bits(arrays["known_categories"])

        boosting = HistGradientBoostingClassifier(categorical_features=None)
        boosting.classes_ = np.array([0, 1])
        boosting.n_features_in_ = boosting._n_features = n_features
        boosting.n_trees_per_iteration_ = 1
        boosting.is_categorical_ = boosting._is_categorical_remapped = boosting._preprocessor = None
        boosting._baseline_prediction = np.array(arrays["baseline"], dtype=np.float64).reshape(1, 1)
        boosting._predictors = [
            [TreePredictor(nodes[a:b].copy(), np.empty((0, WORDS), np.uint32), left[before[a] : before[b]].copy())]
            for a, b in pairwise(start)
        ]
        boosting._bin_mapper = _BinMapper()
        boosting._bin_mapper.is_categorical_ = np.logical_or.reduce(known, axis=1).astype(np.uint8)
        boosting._bin_mapper.bin_thresholds_ = [np.flatnonzero(codes).astype(np.float64) for codes in known]
        boosting._loss = boosting._get_loss(sample_weight=None)
        self.boosting_ = boosting
        self.classes_ = np.array(arrays["classes"])
        self.is_categorical_ = np.logical_or.reduce(known, axis=1)
        self._known = known
        self.n_trees_ = len(boosting._predictors)
        self.n_iter_ = max(1, round(self.n_trees_ / n_seeds))

    def _categorical(self) -> Array:
        """Return which features are declared categorical, as a mask."""
        mask = np.zeros(self.n_features_in_, dtype=bool)
        given = np.asarray([] if self.categorical_features is None else self.categorical_features)
        if given.ndim != 1:
            raise ValueError(f"categorical_features has {given.ndim} dimensions, expected 1")
        if not given.size:
            return mask
        if given.dtype.kind == "b":
            if given.shape != mask.shape:
                raise ValueError(f"categorical_features has shape {given.shape}, expected {mask.shape}")
            return given
        if given.dtype.kind in "iu":
            if ((given < 0) | (given >= len(mask))).any():
                raise ValueError(f"categorical_features holds a position outside 0 to {len(mask) - 1}")
            mask[given] = True
            return mask
        names = list(getattr(self, "feature_names_in_", ()))
        unknown = sorted({str(name) for name in given.tolist()} - set(names))
        if unknown:
            raise ValueError(
                f"categorical_features names features that X does not have: {', '.join(unknown[:5])}; "
                "pass X as a DataFrame with these columns, or their positions"
            )
        mask[[names.index(str(name)) for name in given.tolist()]] = True
        return mask

    def _check_codes(self, rows: Array, categorical: Array, *, largest: float = np.inf) -> None:
        """Raise ValueError unless the values of categorical features are codes."""
        for j in np.flatnonzero(categorical).tolist():
            known = rows[~np.isnan(rows[:, j]), j]
            if (known != np.floor(known)).any() or (largest < np.inf and ((known < 0) | (known > largest)).any()):
                bound = f" from 0 to {LARGEST_CODE}" if largest < np.inf else ""
                raise ValueError(
                    f"the categorical feature {self._label(j)} holds values that are no codes; expected whole "
                    f"numbers{bound}, or NaN for missing"
                )

    def _label(self, feature: int) -> str:
        """Return what to call a feature in a message."""
        names = getattr(self, "feature_names_in_", None)
        return f"in column {feature}" if names is None else str(names[feature])

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


def _sets(codes: Mapping[int, list[int]], n: int) -> Array:
    """Return n sets of codes as rows of 256 flags; those not given are empty."""
    sets = np.zeros((n, 32 * WORDS), dtype=bool)
    for row, members in codes.items():
        sets[row, members] = True
    return sets


def _words(sets: Array) -> Array:
    """Return rows of 256 flags as eight words of 32 bits each."""
    return np.packbits(sets, axis=1, bitorder="little").view("<u4")


def _bits(words: Array) -> Array:
    """Return sets of eight words as rows of 256 flags."""
    flat = np.ascontiguousarray(words, dtype="<u4").view("|u1")
    return np.unpackbits(flat.reshape(len(words), 4 * WORDS), axis=1, bitorder="little").astype(bool)


def _only_known(rows: Array, known: Array) -> Array:
    """Return rows with the codes that are not known as missing; known is (n_features, 256), empty for numbers."""
    features = np.flatnonzero(np.logical_or.reduce(known, axis=1))
    if not len(features):
        return rows
    rows = rows.copy()
    for j in features:
        possible = (rows[:, j] >= 0) & (rows[:, j] <= LARGEST_CODE)  # NaN: neither
        code = np.where(possible, rows[:, j], 0.0).astype(np.intp)
        rows[~(possible & known[j, code]), j] = np.nan
    return rows


def _take_out(boosting: HistGradientBoostingClassifier, known: Mapping[int, Array], several: Array) -> dict[str, Array]:
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
    grown = _bits(
        np.concatenate([t.raw_left_cat_bitsets[t.nodes["bitset_idx"][t.nodes["is_categorical"] == 1]] for t in trees])
    )
    by_category = inner & np.isin(feature, list(known))
    left = np.zeros((len(nodes), 32 * WORDS), dtype=bool)
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
        "known_categories": _sets({j: codes.tolist() for j, codes in known.items()}, len(several)),
        "baseline": boosting._baseline_prediction.ravel().astype("<f8"),
    }


def _average(ensembles: list[dict[str, Array]]) -> dict[str, Array]:
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
        "left_categories": _words(joined["left_categories"]),
        "known_categories": _words(known),
        "baseline": np.mean([e["baseline"] for e in ensembles], axis=0),
    }


def _check_trees(arrays: Mapping[str, Array]) -> None:
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
    if (arrays["count"] < 1).any() or (arrays["count"] > np.iinfo(np.uint32).max).any():
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
        "left_categories": (int(by_category.sum()), WORDS),
        "known_categories": (len(arrays["monotonic_cst"]), WORDS),
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
    known = _bits(arrays["known_categories"])
    categorical = np.logical_or.reduce(known, axis=1)
    if known[:, LARGEST_CODE + 1 :].any():
        raise ModelFileError("trees: a known category is above {largest_code}", largest_code=LARGEST_CODE)
    feature = arrays["feature_idx"]
    if (categorical[feature[inner]] != by_category[inner]).any():
        raise ModelFileError("trees: a feature is split by categories and has none, or by a threshold and has some")
    if (_bits(arrays["left_categories"]) & ~known[feature[by_category]]).any():
        raise ModelFileError("trees: a split sends a category to the left that its feature does not know")
    if arrays["monotonic_cst"][categorical].any():
        raise ModelFileError("trees: a categorical feature has a monotone constraint")
