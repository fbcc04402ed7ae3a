"""Gradient-boosted trees for rare events: few, shallow, monotone where the world is, and the same in any row order.

scikit-learn grows the trees. It moves columns of categories to the front and numbers the categories it met afresh, so
what it grew is taken out and put back in terms of the input: columns in their own order, categories by their own
codes. A fitted classifier and one rebuilt from its arrays hold the very same trees, over plain float64 matrices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._tags import Tags
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import ModelFileError, NotEnoughDataError
from fanpin_risk.model.boosting_input import (
    GivenRows,
    OrderedRows,
    categorical_mask,
    check_codes,
    checked_weight,
    constraint_signs,
    encoded,
    feature_called,
    only_known,
    threads_for,
)
from fanpin_risk.model.canonical_rows import CanonicalRows
from fanpin_risk.model.column_boosting import ColumnBoosting, SomeRows
from fanpin_risk.model.tree_arrays import (
    LARGEST_CODE,
    averaged,
    node_arrays,
    rebuilt,
    set_flags,
    set_words,
    taken_out,
)
from fanpin_risk.model.tree_checks import check_trees

__all__ = ["MonotoneBoosting"]


# A leaf may hold at most this share of the rows' number (1/20), so that twenty rows still make a tree.
LEAVES_AT_LEAST = 20
# Fewer cases of either class than this in all make a held-out tenth say nothing: no early stopping then.
EARLY_STOPPING_CASES = 20


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
        row_weight: ArrayLike | None = None,
        row_weight_val: ArrayLike | None = None,
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
        row_weight, row_weight_val : array-like of shape (n_rows,), optional
            What each row of `X` and of `X_val` counts in the log loss, more than 0. Default: all alike. Not called
            ``sample_weight``: leaves are bounded by rows, so a weight of 2 is not two rows.

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
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val belong together; pass both or neither")
        stop_by = None
        if X_val is not None:
            rows_val, y_val = validate_data(
                self, X_val, y_val, reset=False, dtype=np.float64, ensure_all_finite="allow-nan"
            )
            stop_by = GivenRows.of_matrix(rows_val, y_val, checked_weight(row_weight_val, len(rows_val)))
        return self._fit(GivenRows.of_matrix(rows, y, checked_weight(row_weight, len(rows))), stop_by)

    def fit_rows(self, given: GivenRows, *, stop_by: GivenRows | None = None) -> Self:
        """Grow the trees on some rows of a table that others learn from as well, which is not copied.

        Parameters
        ----------
        given : GivenRows
            What :meth:`fit` is given as `X`, `y` and `row_weight`.
        stop_by : GivenRows, optional
            The same of `X_val`.

        Returns
        -------
        MonotoneBoosting
            Itself: to the bit as :meth:`fit` makes it.
        """
        names = given.table.names
        first = [[column[0] for column in given.table.columns]]
        validate_data(
            self, first if names is None else pd.DataFrame(first, columns=names), ensure_all_finite="allow-nan"
        )
        return self._fit(given, stop_by)

    def _fit(self, given: GivenRows, stop_by: GivenRows | None) -> Self:
        classes, labels = encoded(given.y)
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
        names = getattr(self, "feature_names_in_", None)
        constraints = constraint_signs(self.monotonic_cst, self.n_features_in_, names)
        categorical = categorical_mask(self.categorical_features, self.n_features_in_, names)
        if constraints[categorical].any():
            first = int(np.flatnonzero(categorical & (constraints != 0))[0])
            raise ValueError(
                f"the categorical feature {feature_called(first, names)} has the monotone constraint {constraints[first]}; "
                "codes have no order, so expected 0"
            )
        check_codes(given.of_columns(categorical), names, largest=LARGEST_CODE)
        held: OrderedRows | None = None
        if stop_by is not None:
            if not np.isin(stop_by.y, classes).all():
                raise ValueError("y_val holds a class that y does not")
            check_codes(stop_by.of_columns(categorical), names)
            held = stop_by.ordered(np.searchsorted(classes, stop_by.y))
        stop_early = bool(self.early_stopping) and (held is not None or counts.min() >= EARLY_STOPPING_CASES)
        ordered = given.ordered(labels)
        seeds = [random_state] if self.n_seeds == 1 else random_state.randint(2**31 - 1, size=self.n_seeds).tolist()
        self.monotonic_cst_: Array = constraints
        ensembles, losses = [], []
        for seed in seeds:
            drawn = check_random_state(seed)
            ensemble, loss = self._grow(ordered, drawn, stop_by=held, stop_early=stop_early, categorical=categorical)
            ensembles.append(ensemble)
            losses.append(loss)
        self.validation_loss_ = losses
        arrays = {**averaged(ensembles), "monotonic_cst": constraints.astype("|i1"), "classes": classes}
        self._put(arrays, n_seeds=len(seeds))
        return self

    def _grow(
        self,
        given: OrderedRows,
        random_state: np.random.RandomState,
        *,
        stop_by: OrderedRows | None,
        stop_early: bool,
        categorical: Array,
    ) -> tuple[dict[str, Array], Array]:
        """Grow one ensemble; return its arrays and the log loss of the held-out rows after each round."""
        if stop_early and stop_by is None:
            grown, held = train_test_split(
                np.arange(len(given.labels)), test_size=self.validation_fraction, stratify=given.labels,
                random_state=random_state,
            )  # fmt: skip
            given, stop_by = given.some(grown), given.some(held)
        n_rows = len(given.labels)
        known = {int(j): np.unique(given.known_values(int(j))).astype(int) for j in np.flatnonzero(categorical)}
        self.min_samples_leaf_ = min(self.min_samples_leaf, max(1, n_rows // LEAVES_AT_LEAST))
        # A feature known for fewer rows than a leaf holds can never be split on; one that is never known cannot even
        # be binned. As a constant it stays out of the trees either way.
        n_features = len(given.table.columns)
        constant = np.array([given.count_known(j) < self.min_samples_leaf_ for j in range(n_features)])
        # scikit-learn mixes up the sets of categories where a feature has only one; as a number, known or not, it is
        # grown well.
        several = np.array([len(known.get(j, ())) > 1 for j in range(n_features)])
        boosting = ColumnBoosting(
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
            random_state=random_state,
        )
        held_out = {}
        if stop_early and stop_by is not None:
            some = SomeRows(stop_by.table.columns, stop_by.rows, known, several, constant)
            held_out = {"X_val": some, "y_val": stop_by.labels}
            if stop_by.weight is not None:
                held_out["sample_weight_val"] = stop_by.weight
        rows = SomeRows(given.table.columns, given.rows, known, several, constant)
        with threadpool_limits(limits=threads_for(n_rows * n_features), user_api="openmp"):
            boosting.fit(rows, given.labels, given.weight, **held_out)
        loss = -boosting.validation_score_
        if stop_early:
            boosting._predictors = boosting._predictors[: max(1, int(np.argmin(loss)))]
        return taken_out(boosting, known, several), loss

    def margin_of_rows(self, table: CanonicalRows, rows: Array) -> Array:
        """Return the margin of rows of a table, as :meth:`decision_function` does.

        Parameters
        ----------
        table : CanonicalRows
            What :meth:`fit_rows` learnt from.
        rows : ndarray of int, shape (n,)
            Numbers of its rows.
        """
        margin = np.empty(len(rows))
        for here, matrix in table.matrices(rows):
            margin[here] = self._margin(matrix)
        return margin

    def _margin(self, rows: Array) -> Array:
        return self.boosting_._raw_predict(only_known(rows, self._known), n_threads=threads_for(rows.size)).ravel()

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
        of_codes = {int(j): rows[:, j] for j in np.flatnonzero(self.is_categorical_)}
        check_codes(of_codes, getattr(self, "feature_names_in_", None))
        return self._margin(rows)

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
        return {
            **node_arrays(self.boosting_),
            "known_categories": set_words(self._known),
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
        check_trees(arrays)
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
        self.boosting_ = rebuilt(arrays)
        self.classes_ = np.array(arrays["classes"])
        self._known = set_flags(arrays["known_categories"])
        self.is_categorical_ = np.logical_or.reduce(self._known, axis=1)
        self.n_trees_ = len(self.boosting_._predictors)
        self.n_iter_ = max(1, round(self.n_trees_ / n_seeds))
