"""Exact Shapley values of boosted trees, by look-up: explaining a row costs less than scoring it.

**The game.** A leaf is a product: its `value` where a row passes all tests on its path, else 0. Merge the tests of one
feature into one condition; the leaf then has d conditions, of which a row meets some (s_j = 1) and not others
(s_j = 0). Knowing only the features in S, the rest being those of a reference b, the leaf answers

    v(S) = value * E_b[ prod_{j in S} s_j * prod_{j not in S} b_j ].

*Path-dependent*: the b_j are independent, and b_j = 1 with probability r_j, the product of child/parent training-row
counts over the tests of feature j on the path. This is what TreeSHAP computes [2]_: where a feature is not known it
follows both branches of a split in proportion to their counts, at every split anew. *Interventional*: b is a
background row, E_b a weighted mean over a sample.

**Shapley values as an integral.** Let every feature be known with probability t, independently. The leaf's mean answer
is then a polynomial, and the Shapley value of feature j is its derivative in the direction of j, integrated along the
diagonal (Owen [1]_; ∫ t^k (1-t)^(d-1-k) dt = k! (d-1-k)! / d!, the weight of a coalition of k):

    phi_j = value * ∫_0^1 E_b[ (s_j - b_j) * prod_{k != j} (t s_k + (1-t) b_k) ] dt.

The integrand has degree d-1 in t, so Gauss-Legendre quadrature with ceil(d/2) points is not an approximation: it is
exact. Features that are not on the path get nothing.

**Tables.** phi depends on the row through the pattern (s_1 ... s_d) alone: 2^d cases, computed once. Put the
reference's weights P(b), one per pattern, in a vector of 2^d. "Mix condition k" is the 2 x 2 matrix [[0, 1-t], [t, 1]]
(from b_k to s_k), "differentiate by condition j" is [[0, -1], [1, 0]]; the integrand for all patterns is the Kronecker
product of one such matrix per condition, applied to P one condition after the other, some d * 2^d additions. (For
independent b_k it is simply a product of two numbers per condition.) A background sample of any size enters only
through P, so it costs the rows nothing.

**Groups.** Leaves that stand together share conditions: a tree is cut into groups, each a subtree with the merged
tests of its ancestors, of at most 8 conditions. A row's *code* in a group is the byte of conditions it meets; the
leaves of the group are summed into one table of 2^8 per feature. What remains to be done for a row is one comparison
per condition and one look-up and addition per (group, feature). Leaves with 9 to 16 conditions form wide groups with
codes of two bytes while their tables fit in a bounded memory; for longer ones the formulas above are worked out for
the patterns that occur.

**Bytes.** A feature's value is coded as 0 if missing, else 1 + the number of thresholds below it. A split ``x <= c``, or
its opposite if missing values go left, is then an interval of codes, and so are most intersections of splits; sets of
categories and other sets that are no interval are looked up once per row in a table of 256. A feature with more than
254 thresholds has several such bytes.

References
----------
.. [1] Owen (1972), Multilinear extensions of games, Management Science 18(5).
.. [2] Lundberg et al. (2020), From local explanations to global understanding with explainable AI for trees, Nature
       Machine Intelligence 2.
.. [3] Yang (2021), Fast TreeSHAP: accelerating SHAP value computation for trees, arXiv:2109.09847 (tables by pattern).
.. [4] Yu, Bifet, Read, Xu (2022), Linear TreeShap, NeurIPS (polynomials and quadrature).
.. [5] Nadel, Wettenstein (2025), WOODELF, arXiv (patterns of rows and background).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from importlib import import_module
from math import fsum
from types import ModuleType
from typing import Any, Literal

import joblib
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fanpin_risk.errors import ExplanationError
from fanpin_risk.tree_shap._cut import Array, Columns, Cut, Floats, cut
from fanpin_risk.tree_shap._model import Frame, Model, TableRows, column_names, take
from fanpin_risk.tree_shap._rows import (
    Background,
    count_columns,
    group_histograms,
    mean_of_long_leaf,
    pattern_histogram,
    with_derived,
)
from fanpin_risk.tree_shap._sums import LongSums, Sums
from fanpin_risk.tree_shap._tables import merged, pair_numbers, tabulate
from fanpin_risk.words import Message

__all__ = ["TreeShap", "import_shap"]

# Sums of pairs of features that are worked on at once.
PAIRS_AT_ONCE = 2**21
# Rows of a call whose sums are compared with the model's own answer.
ROWS_CHECKED = 256
# Rows that make a thread worth while: joblib looks every 10 ms whether one has ended.
LEAST_FOR_THREAD = 10_000
# Differences that rounding explains, relative to the sum over the trees of the largest leaf.
TOLERANCE = {np.dtype(np.float64): 1e-11, np.dtype(np.float32): 1e-5}


def import_shap() -> ModuleType:
    """Import shap without the notices that it draws from other packages (matplotlib's colour maps, tqdm's widgets)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("shap")


class TreeShap:
    """Exact Shapley values of the margin of a histogram gradient boosting model.

    They tell how the model came to its margin, not what causes what. Splits on native categories are explained
    exactly as well. Each row's values depend on that row only, to the last bit: not on the rows around it, the size
    of blocks, the number of threads, or whether compiled code was used.

    Parameters
    ----------
    model : HistGradientBoostingClassifier, HistGradientBoostingRegressor or MonotoneBoosting
        Fitted, with one margin per row (two classes, or one number). What is explained is the margin: log-odds, or the
        regressor's answer before its inverse link.
    background : array-like of shape (n_background, n_features), optional
        Reference sample of any size, with the columns of `X`: interventional Shapley values, whose base is the mean
        margin over the sample. Default: path-dependent ones, whose reference is the training rows as the trees
        count them.
    weights : array-like of shape (n_background,), optional
        Weight of each background row, not negative; default: equal.
    dtype : {"float64", "float32"}, default="float64"
        In which contributions are tabulated, added up and returned. float32 takes half the memory.
    n_jobs : int, optional
        Threads at most, as in joblib, each for 10,000 rows or more; default: 1 unless within a
        ``joblib.parallel_config``.
    block_rows : int, default=32768
        Rows that a thread converts and explains at a time; bounds the memory in use beside the result.
    compiled : bool, optional
        Whether to use the compiled code. Default: when it was used before or there is enough work to make up for
        loading it.

    Attributes
    ----------
    base_value : float
        Mean margin over the reference; ``base_value + values.sum(axis=1)`` is the margin.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of str
        Their names, if the model was fitted with a DataFrame.

    Raises
    ------
    ExplanationError
        If the model is not one of these, not fitted, or has several margins; if the background is empty or its
        weights are not usable.
    FeatureMismatchError
        If the background has other columns than the model.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import HistGradientBoostingRegressor
    >>> X = np.random.default_rng(0).normal(size=(300, 3))
    >>> model = HistGradientBoostingRegressor(max_iter=20).fit(X, X[:, 0] * X[:, 1])
    >>> explainer = TreeShap(model)
    >>> values, base = explainer.shap_values(X)
    >>> bool(np.allclose(base + values.sum(axis=1), model.predict(X), rtol=0, atol=1e-12))
    True
    >>> bool((explainer.shap_values(X[7:8])[0] == values[7]).all())
    True
    """

    def __init__(
        self,
        model: Any,
        background: ArrayLike | Frame | None = None,
        *,
        weights: ArrayLike | None = None,
        dtype: Literal["float64", "float32"] = "float64",
        n_jobs: int | None = None,
        block_rows: int = 32_768,
        compiled: bool | None = None,
    ) -> None:
        if dtype not in ("float64", "float32"):
            raise ValueError(f"dtype is {dtype!r}; expected 'float64' or 'float32'")
        if block_rows < 1:
            raise ValueError(f"block_rows is {block_rows}; expected 1 or more")
        if weights is not None and background is None:
            raise ValueError("weights belong to background rows; pass background too")
        self.dtype = np.dtype(dtype)
        self.n_jobs = n_jobs
        self.block_rows = block_rows
        self.compiled = compiled
        self._model = Model(model)
        self.n_features_in_ = self._model.n_features
        if self._model.names is not None:
            self.feature_names_in_ = np.asarray(self._model.names, dtype=object)

        trees = self._model.trees()
        cut_leaves = cut(trees, self._model.known_categories)
        self._background = (
            None if background is None else self._code_background(cut_leaves.columns, background, weights)
        )
        self._of_features, mean = self._tabulate(cut_leaves)
        self._tables = self._of_features.tables
        self.base_value = fsum([self._model.start, mean])
        self._scale = abs(self._model.start) + sum(max(map(abs, tree.value)) for tree in trees)
        self._of_pairs: Sums | None = None
        self._of_labels: dict[tuple[Hashable, ...], Sums] = {}

    def __call__(self, X: ArrayLike | Frame) -> Any:
        """Explain rows as an object that shap's plots take.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            See :meth:`shap_values`.

        Returns
        -------
        shap.Explanation
            With values, base values, data and feature names. Data are numbers, as most of the plots ask for; where
            there are categories without one, they are numbered as the trees do it and stand in `display_data`.
        """
        table = self._model.table(X)
        values, base = self.shap_values(table)
        data, as_given = self._model.shown(table)
        names = column_names(table) or getattr(self, "feature_names_in_", None)
        if names is None:
            names = [f"Feature {number}" for number in range(self.n_features_in_)]
        return import_shap().Explanation(
            values,
            base_values=np.full(len(values), base),
            data=data,
            display_data=as_given,
            feature_names=list(map(str, names)),
        )

    def shap_values(
        self,
        X: ArrayLike | Frame,
        *,
        groups: Sequence[Hashable] | None = None,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> tuple[Array, float]:
        """Attribute the margin of each row to its features.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Features in the model's order, as its own `predict` takes them: an array or a frame of pandas, polars or
            pyarrow; NaN is missing.
        groups : sequence of hashable, optional
            A label for each feature: tables of features with the same label are added up, which makes calls cheaper.
            Such a sum of Shapley values is not the Shapley value of the features as one player who joins coalitions as
            a whole. What three or more features have to do with each other is shared out equally to features here, to
            groups there; the two agree where no more than two features interact.
        progress : callable, optional
            Called with (rows done, rows in all, what is done).

        Returns
        -------
        values : ndarray of shape (n_rows, n_features) or (n_rows, n_groups), of `dtype`
            Contributions to the margin; groups in the order in which their labels first appear. The margin itself is
            ``base + values.sum(axis=1)``: who needs both scores and contributions need not predict.
        base : float
            The mean margin over the reference.

        Raises
        ------
        FeatureMismatchError
            If `X` has not as many columns as the model has features, or others by name.
        ExplanationError
            If the contributions do not add up to the model's own answer on the first rows, or `groups` are not one
            label per feature.
        """
        table = self._model.table(X)
        n = len(table)
        if isinstance(groups, (Mapping, AbstractSet)):
            raise ExplanationError(
                "groups is of the type {name}; expected one label per feature in the features' order",
                name=type(groups).__name__,
            )
        sums = self._of_features if groups is None else self._labelled(tuple(groups))
        values = np.empty((n, sums.n_sums), dtype=self.dtype)
        if n == 0:
            return values, self.base_value
        n_jobs = max(1, min(joblib.effective_n_jobs(self.n_jobs), n // LEAST_FOR_THREAD))
        explain = sums.way(n, compiled=self.compiled)

        def work(block: slice) -> int:
            rows = self._model.matrix(take(table, block))
            explain(rows, values[block])
            return len(rows)

        # The first rows go ahead, so that a model that cannot be explained is refused before the work is done.
        done = work(slice(0, ROWS_CHECKED))
        self._check_sums(take(table, slice(0, ROWS_CHECKED)), values[:ROWS_CHECKED])
        # As many blocks for every thread, all of one size: none waits while another works on the last block.
        rounds = max(1, -(-(n - done) // (self.block_rows * n_jobs)))
        size = max(1, -(-(n - done) // (rounds * n_jobs)))
        blocks = [slice(start, min(start + size, n)) for start in range(done, n, size)]
        pool = joblib.Parallel(n_jobs=min(n_jobs, max(1, len(blocks))), require="sharedmem", return_as="generator")
        for n_rows in pool(joblib.delayed(work)(block) for block in blocks):
            done += n_rows
            if progress is not None:
                progress(done, n, str(Message("explanation")))
        return values, self.base_value

    def shap_interaction_values(self, X: ArrayLike | Frame) -> Array:
        """Attribute the margin of each row to its features and to pairs of them.

        The Shapley interaction index of two features is the Shapley value of the one where the other is known, less
        that where it is not (reference 2 of the class). Both features get half of it; what remains of a feature's
        contribution is its own.
        Tables of pairs are built, and then kept, at the first call; they take about (d - 1) / 2 times the memory of
        those of features, for leaves with d features.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            See :meth:`shap_values`.

        Returns
        -------
        ndarray of shape (n_rows, n_features, n_features), of `dtype`
            Symmetric; the sum of each row is the feature's contribution, all of it is the margin less `base_value`.

        Raises
        ------
        FeatureMismatchError, ExplanationError
            See :meth:`shap_values`.
        """
        table = self._model.table(X)
        shapley, _ = self.shap_values(table)
        n, n_features = shapley.shape
        if self._of_pairs is None:
            cut_leaves = cut(self._model.trees(), self._model.known_categories, pairs=True)
            self._of_pairs, _ = self._tabulate(cut_leaves, pairs=True)
        later, earlier = np.tril_indices(n_features, -1)  # the order of `pair_numbers`
        diagonal = np.arange(n_features)
        explain = self._of_pairs.way(n, compiled=self.compiled)
        values = np.zeros((n, n_features, n_features), dtype=self.dtype)
        size = max(1, min(self.block_rows, PAIRS_AT_ONCE // max(1, len(later))))
        for block in (slice(start, min(start + size, n)) for start in range(0, n, size)):
            halves = np.empty((block.stop - block.start, len(later)), dtype=self.dtype)
            explain(self._model.matrix(take(table, block)), halves)
            halves /= 2
            values[block, later, earlier] = values[block, earlier, later] = halves
            values[block, diagonal, diagonal] = shapley[block] - values[block].sum(axis=2)
        return values

    def _tabulate(self, cut_leaves: Cut, *, pairs: bool = False) -> tuple[Sums, float]:
        """Return the sums of features, or of pairs, that rows look up, and the mean of the trees over the reference."""
        histograms: list[list[Floats] | None] = [None, None]
        backgrounds: list[Background | None] = [None] * len(cut_leaves.long_leaves)
        if self._background is not None:
            counted, counts = self._background
            codes = with_derived(cut_leaves.columns, counted)
            histograms = [group_histograms(groups, codes, counts) for groups in cut_leaves.groups]
            backgrounds = [pattern_histogram(leaf, codes, counts) for leaf in cut_leaves.long_leaves]
        order = list(range(self.n_features_in_))
        if self._model.inner_order is not None:
            order = self._model.inner_order.tolist()
        tables, means = [], [cut_leaves.constant]
        for groups, members, histogram in zip(cut_leaves.groups, cut_leaves.members, histograms, strict=True):
            table, mean = tabulate(groups, members, histogram, order, pairs=pairs)
            tables.append(replace(table, numbers=table.numbers.astype(self.dtype, copy=False)))
            means.append(mean)
        long_leaves = []
        for leaf, reference in zip(cut_leaves.long_leaves, backgrounds, strict=True):
            features = [order[feature] for feature in leaf.feature]
            long_leaves.append(LongSums(leaf, reference, pair_numbers(features) if pairs else features))
            means.append(mean_of_long_leaf(leaf, reference))
        n_sums = len(order) * (len(order) - 1) // 2 if pairs else len(order)
        return Sums(cut_leaves.columns, tables, long_leaves, n_sums, pairs=pairs), fsum(means)

    def _labelled(self, labels: tuple[Hashable, ...]) -> Sums:
        """Return the sums of features with the same label; the last ones asked for are kept."""
        if len(labels) != self.n_features_in_:
            raise ExplanationError(
                "groups has {n_labels} labels; expected one per feature, {n_features_in}",
                n_labels=len(labels),
                n_features_in=self.n_features_in_,
            )
        kept = self._of_labels.get(labels)  # looked up once: another thread may ask for other labels meanwhile
        if kept is None:
            number = {label: k for k, label in enumerate(dict.fromkeys(labels))}
            label = np.array([number[label] for label in labels], dtype=np.int64)
            whole = self._of_features
            tables = [merged(tables, label) for tables in self._tables]
            long_leaves = [long._replace(sums=label[long.sums].tolist()) for long in whole.long_leaves]
            kept = Sums(whole.columns, tables, long_leaves, len(number), pairs=False)
            self._of_labels = {labels: kept}
        return kept

    def _code_background(
        self, columns: Columns, background: ArrayLike | Frame, weights: ArrayLike | None
    ) -> tuple[NDArray[np.uint8], Floats]:
        """Return the background's bytes, (n_counted, n_rows), and what each row counts."""
        table = self._model.table(background)
        n = len(table)
        if n == 0:
            raise ExplanationError("the background has no rows; pass some, or None for the path-dependent reference")
        counts = np.ones(n) if weights is None else np.array(weights, dtype=np.float64)
        if counts.shape != (n,):
            raise ExplanationError(
                "weights have shape {shape}; expected one per background row, ({n},)",
                shape=str(counts.shape),
                n=n,
            )
        if not (np.isfinite(counts).all() and (counts >= 0).all() and counts.any()):
            raise ExplanationError("weights of the background must be finite, not negative, and not all zero")
        blocks = (take(table, slice(start, start + self.block_rows)) for start in range(0, n, self.block_rows))
        codes = [count_columns(columns, self._model.matrix(block)) for block in blocks]
        return np.concatenate(codes, axis=1), counts / counts.max()

    def _check_sums(self, rows: TableRows, values: Array) -> None:
        """Refuse to go on unless contributions add up to what the model itself answers."""
        gap = np.abs(self.base_value + values.sum(axis=1, dtype=np.float64) - self._model.margin(rows))
        allowed = TOLERANCE[self.dtype] * self._scale
        wrong = ~(gap <= allowed)  # also what is not a number
        if wrong.any():
            raise ExplanationError(
                "contributions do not add up to the margin: {count} of {n_gap} rows are off, by up to "
                "{gap:.3g} (allowed {allowed:.3g}); the model was changed after TreeShap read it, or the "
                "installed scikit-learn keeps its trees in another form",
                count=int(wrong.sum()),
                n_gap=len(gap),
                gap=gap.max(),
                allowed=allowed,
            )
