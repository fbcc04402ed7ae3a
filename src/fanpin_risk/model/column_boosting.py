"""scikit-learn's boosting over columns of a shared table: the trees it grows on a matrix, without making the matrix.

It copies its input about four times before it bins it to one byte a value. Here a few columns at a time are taken out, put
in order and binned by scikit-learn itself, so that thresholds, bins and trees are the same to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper

from fanpin_risk.asof.days import Array

__all__ = ["ColumnBoosting", "SomeRows"]

# Columns that are binned together: each costs 8 bytes a row for the time.
COLUMNS_AT_A_TIME = 8


class SomeRows:
    """Some rows of shared columns, as scikit-learn would be given them.

    Columns of categories come first, their codes numbered 0, 1, ... as they were met; others are missing.

    Parameters
    ----------
    columns : sequence of ndarray of shape (n_all,)
        float64, NaN for missing.
    rows : ndarray of int, shape (n_rows,)
        Numbers of rows, in their order.
    known : mapping of int to ndarray
        The codes that were met of categorical columns.
    several : ndarray of bool, shape (n_features,)
        Which columns are grown as categories.
    constant : ndarray of bool, shape (n_features,)
        Which columns stay out of the trees.
    """

    def __init__(
        self, columns: Sequence[Array], rows: Array, known: Mapping[int, Array], several: Array, constant: Array
    ) -> None:
        self.columns, self.rows, self.known = columns, rows, known
        self.several, self.constant = several, constant
        self.order = np.argsort(~several, kind="stable")
        self.shape = (len(rows), len(columns))
        self.nbytes = 8 * len(rows) * len(columns)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def matrix(self, places: Sequence[int]) -> Array:
        """Return some columns, by their places in scikit-learn's order, as a float64 matrix."""
        found = np.empty((len(self.rows), len(places)), order="F")
        for k, place in enumerate(places):
            j = int(self.order[place])
            found[:, k] = self._column(j)
        return found

    def _column(self, j: int) -> Array | float:
        if self.constant[j]:
            return 0.0
        values = self.columns[j][self.rows]
        if j not in self.known:
            return values
        codes = self.known[j].astype("float64")
        place = np.searchsorted(codes, values).clip(max=max(0, len(codes) - 1))
        met = codes[place] == values if len(codes) else np.zeros(len(values), dtype=bool)
        return np.where(met, place.astype("float64") if self.several[j] else values, np.nan)


class ColumnBoosting(HistGradientBoostingClassifier):
    """A boosting that is fitted to :class:`SomeRows`; of its input it asks for a few columns at a time."""

    _bin_mapper: Any

    def _preprocess_X(self, X: SomeRows, *, reset: bool) -> Any:  # noqa: N802  scikit-learn's name
        if not reset:
            return X
        n_several = int(X.several.sum())
        self._preprocessor = None
        self.n_features_in_ = X.shape[1]
        self.is_categorical_ = X.several if n_several else None
        self._is_categorical_remapped = np.arange(X.shape[1]) < n_several if n_several else None
        if not n_several:
            return X, None
        sets = [np.arange(1 if X.constant[j] else len(X.known[int(j)]), dtype=np.float64) for j in X.order[:n_several]]
        return X, sets + [None] * (X.shape[1] - n_several)

    def _bin_data(self, X: SomeRows, *how: Any, **options: Any) -> Array:
        whole = self._bin_mapper
        training = not hasattr(whole, "parts")
        if training:
            whole.parts = []
        n_features = X.shape[1]
        binned = np.empty(X.shape, dtype=np.uint8, order="F" if training else "C")
        try:
            for k, begin in enumerate(range(0, n_features, COLUMNS_AT_A_TIME)):
                here = range(begin, min(begin + COLUMNS_AT_A_TIME, n_features))
                if training:
                    whole.parts.append(_mapper_of(whole, here))
                self._bin_mapper = whole.parts[k]
                binned[:, here.start : here.stop] = super()._bin_data(X.matrix(here), *how, **options)
        finally:
            self._bin_mapper = whole
        if training:
            first = whole.parts[0]
            whole.missing_values_bin_idx_ = first.missing_values_bin_idx_
            whole.bin_thresholds_ = [edges for part in whole.parts for edges in part.bin_thresholds_]
            for name in ("is_categorical_", "n_bins_non_missing_"):
                setattr(whole, name, np.concatenate([getattr(part, name) for part in whole.parts]))
        return binned


def _mapper_of(whole: _BinMapper, here: range) -> _BinMapper:
    """Return a mapper of some columns that draws the same rows as one of all columns would."""
    chosen = slice(here.start, here.stop)
    return _BinMapper(
        n_bins=whole.n_bins,
        is_categorical=None if whole.is_categorical is None else whole.is_categorical[chosen],
        known_categories=None if whole.known_categories is None else whole.known_categories[chosen],
        random_state=whole.random_state,
        n_threads=whole.n_threads,
    )
