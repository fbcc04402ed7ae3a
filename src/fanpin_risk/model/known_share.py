"""Whether enough is known of a household: its known share, weighed by what moves the model, beside those trained on.

All that is kept are some numbers about all households together, none about one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import FeatureMismatchError, NotEnoughDataError, SchemaError
from fanpin_risk.model.canonical_rows import BLOCK_ROWS
from fanpin_risk.model.needed_counts import applicable
from fanpin_risk.model.uncertainty import _floats

__all__ = ["KnownShare", "fit_known"]


# "Not enough known" is meant for records unlike those trained on: rarer than one in a hundred, and clearly thinner.
KNOWN_QUANTILE, KNOWN_OF_MEDIAN = 0.01, 0.8
# Weights of features are whole millionths: their sums are exact, in any order.
MILLION = 1_000_000


@dataclass(frozen=True)
class KnownShare:
    """How much of what moves the model is known of a household.

    Attributes
    ----------
    features : tuple of str
        The model's features.
    weights : ndarray of shape (n_features,), int64
        Share of each in what moves the model, in millionths.
    least : float
        Known share below which not enough is known.
    """

    features: tuple[str, ...]
    weights: Array
    least: float

    def of(self, table: pd.DataFrame, counts: pd.DataFrame | None = None) -> Array:
        """Return the known share of each household: the weights of the features that are not missing, over those that apply.

        Parameters
        ----------
        table : DataFrame of shape (n_households, n_columns)
            Features, and maybe other columns.
        counts : DataFrame, optional
            What features need to apply, from :func:`~fanpin_risk.model.needed_counts.needed_counts`; without it all apply.

        Returns
        -------
        ndarray of shape (n_households,)
            From 0 (nothing known) to 1.

        Raises
        ------
        FeatureMismatchError
            If a feature is not in the table.
        """
        absent = [name for name in self.features if name not in table.columns]
        if absent:
            raise FeatureMismatchError(
                "{n_absent} of {n_features} features are not in the table: {absent}",
                n_absent=len(absent),
                n_features=len(self.features),
                absent=tuple(absent[:5]),
            )
        known, whole = (np.zeros(len(table), dtype=np.int64) for _ in range(2))
        for begin in range(0, len(table), BLOCK_ROWS):
            here = slice(begin, begin + BLOCK_ROWS)
            some = table.iloc[here][list(self.features)].notna().to_numpy()
            applies = applicable(self.features, None if counts is None else counts.iloc[here], len(some))
            known[here], whole[here] = (some & applies) @ self.weights, applies @ self.weights
        share: Array = np.divide(known, whole, out=np.zeros(len(table)), where=whole > 0)
        return share

    def enough(self, known: ArrayLike) -> Array:
        """Return whether enough is known.

        Parameters
        ----------
        known : array-like of shape (n,)
            Known shares, as from :meth:`of`.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        return np.asarray(known, dtype="float64") >= self.least

    def to_arrays(self) -> dict[str, Array]:
        """Return the weights and the bound as arrays, for a model file; the names of the features are the model's own."""
        return {"known_weights": self.weights.astype("<i8"), "known_least": np.array([self.least], dtype="<f8")}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], features: ArrayLike) -> Self:
        """Return the known share that :meth:`to_arrays` wrote, after checking it.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            With ``known_weights`` and ``known_least``.
        features : array-like of str
            The model's features, in order.

        Raises
        ------
        SchemaError
            If the arrays do not belong to these features.
        """
        names = tuple(str(name) for name in np.asarray(features).ravel())
        weights, least = (np.asarray(arrays.get(key, np.array([]))) for key in ("known_weights", "known_least"))
        weighed = weights.shape == (len(names),) and weights.dtype.kind == "i" and bool((weights >= 0).all())
        if not weighed or not 0 < weights.sum() <= 2 * MILLION:
            raise SchemaError(
                "known_weights are not {n_names} weights in millionths; expected those of the model", n_names=len(names)
            )
        if least.shape != (1,) or not 0 <= least[0] <= 1:
            raise SchemaError("known_least is not one share; expected what KnownShare.to_arrays writes")
        return cls(names, weights.astype("int64"), float(least[0]))


def fit_known(table: pd.DataFrame, importance: ArrayLike, counts: pd.DataFrame | None = None) -> KnownShare:
    """Learn what is usually known of a household.

    Not enough is known of a household if its known share is below that of 99 in 100 households trained on, and below
    0.8 of their median. Where training had many thin records, the model has learnt what such are worth, and they are
    no reason to hold a risk back.

    Parameters
    ----------
    table : DataFrame of shape (n_households, n_features)
        Features of those trained on.
    importance : array-like of shape (n_features,)
        How much each feature moves the model: mean absolute contribution.
    counts : DataFrame, optional
        What features need to apply, of the same households.

    Returns
    -------
    KnownShare

    Raises
    ------
    SchemaError
        If there is not one importance for each feature, finite and at least 0.
    NotEnoughDataError
        If the table has no rows, or no feature moves the model.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> table = pd.DataFrame({"income": [1.0, 2.0, 3.0], "age": [30.0, np.nan, 50.0]})
    >>> fit_known(table, [3.0, 1.0]).of(table).tolist()
    [1.0, 0.75, 1.0]
    """
    weight = _floats(importance, "importance")
    if len(weight) != table.shape[1] or not (np.isfinite(weight) & (weight >= 0)).all():
        raise SchemaError(
            "{n_weight} importances for {table_shape} features; expected one each, finite and at least 0",
            n_weight=len(weight),
            table_shape=table.shape[1],
        )
    if not len(table) or not weight.sum() > 0:
        raise NotEnoughDataError(
            "{n_table} households, {count} features that move the model; expected at least one each",
            n_table=len(table),
            count=int((weight > 0).sum()),
        )
    millionths = np.round(weight / weight.sum() * MILLION).astype("int64")
    share = KnownShare(tuple(str(name) for name in table.columns), millionths, 0.0)
    known = share.of(table, counts)
    least = min(float(np.quantile(known, KNOWN_QUANTILE)), KNOWN_OF_MEDIAN * float(np.median(known)))
    return KnownShare(share.features, millionths, least)
