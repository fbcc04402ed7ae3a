"""The explanation of a model's scores: its trees, its recalibration and what its features' sentences quote."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.explanation import (
    FACT_COLUMNS,
    INCOME_FEATURE,
    INSTEAD_OF_INCOME,
    LINE_OF_OTHER,
    Explanation,
    explain_table,
)
from fanpin_risk.features import CONTEXT, FEATURES
from fanpin_risk.progress import Progress
from fanpin_risk.tree_shap.tree_shap import TreeShap

__all__ = ["explain_features"]


def explain_features(
    table: pd.DataFrame,
    names: NDArray[np.object_],
    trees: TreeShap,
    *,
    slope: float,
    intercept: float,
    horizon_months: int,
    day: pd.Timestamp | None = None,
    context: bool = False,
    progress: Progress | None = None,
) -> Explanation:
    """Attribute calibrated log-odds to features.

    Parameters
    ----------
    table : DataFrame of shape (n_households, n_columns)
        With the features, and with the columns of context where `context` is True.
    names : ndarray of str
        The model's features, in order.
    trees : TreeShap
        Of the model's trees.
    slope, intercept : float
        Of the recalibration.
    horizon_months : int
        Of the model.
    day : Timestamp, optional
        The day of the table.
    context : bool, default False
        Whether sentences can be made, which quote columns that the model never sees.
    progress : callable, optional
        Called with (done, total, name).

    Returns
    -------
    Explanation
    """
    declared = {f.name: f for f in FEATURES}
    features = tuple(declared[name] for name in names)
    needed = {name for f in features for name in (*f.mentions, f.needs)}
    needed |= {*FACT_COLUMNS, INCOME_FEATURE, *INSTEAD_OF_INCOME, LINE_OF_OTHER}
    needed |= {name for f in FEATURES if f.name in needed for name in f.mentions}
    quoted = needed - set(names)
    beside = (*CONTEXT, *(f for f in FEATURES if f.name in quoted))  # a model of few features quotes others
    return explain_table(
        trees,
        table[list(names)],
        slope=slope,
        intercept=intercept,
        features=features,
        context=table[[f.name for f in beside]] if context else None,
        context_features=beside,
        as_of=day,
        horizon_months=horizon_months,
        progress=progress,
    )
