"""From a table of features to an explanation: each household's calibrated log-odds, attributed to its features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import ExplanationError, FeatureMismatchError
from fanpin_risk.explanation.explanation import Explanation
from fanpin_risk.features import CONTEXT
from fanpin_risk.features.feature import Feature
from fanpin_risk.tree_shap.tree_shap import TreeShap

__all__ = ["explain_table"]


def explain_table(
    classifier: Any,
    table: pd.DataFrame,
    *,
    features: Sequence[Feature],
    context: pd.DataFrame | None = None,
    context_features: Sequence[Feature] = CONTEXT,
    slope: float = 1.0,
    intercept: float = 0.0,
    as_of: Any = None,
    horizon_months: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Explanation:
    """Attribute each household's calibrated log-odds to its features.

    The calibrated log-odds are ``slope * margin + intercept``, so the contributions to the margin times the slope
    add up to them exactly.

    Parameters
    ----------
    classifier : MonotoneBoosting, HistGradientBoostingClassifier or TreeShap
        Fitted on the columns of `table`; or its explainer, which spares building the tables again.
    table : DataFrame of shape (n_households, n_features)
        What the model sees, float64, NaN for missing, indexed by ``household_id``.
    features : sequence of Feature
        Declarations of its columns, in order.
    context : DataFrame, optional
        Columns that sentences quote and the model does not see, with the same index.
    context_features : sequence of Feature
        Declarations among which those of the columns of `context` are found; default: the package's.
    slope, intercept : float, default 1.0 and 0.0
        Recalibration of the margin.
    as_of : date-like, optional
        The day whose records were used.
    horizon_months : int, optional
        Months after the day that the risk is about.
    progress : callable, optional
        Called with (households done, households in all, what is done).

    Returns
    -------
    Explanation

    Raises
    ------
    FeatureMismatchError
        If the columns of `table` are not those declared or not the classifier's, or `context` does not fit.
    ExplanationError
        If contributions do not add up to the margin, or the recalibration is not finite.
    """
    names = [declared.name for declared in features]
    if list(table.columns) != names:
        absent = [name for name in names if name not in table.columns]
        raise FeatureMismatchError(
            "the table has {table_shape} columns, {n_names} features are declared, {n_absent} of them "
            "absent ({absent}); pass the declared columns in their order",
            table_shape=table.shape[1],
            n_names=len(names),
            n_absent=len(absent),
            absent=tuple(absent[:5]),
        )
    if not (np.isfinite(slope) and np.isfinite(intercept)):
        raise ExplanationError("slope and intercept of the recalibration must be finite numbers")
    data = table
    quoted: tuple[Feature, ...] = ()
    if context is not None:
        if not context.index.equals(table.index):
            raise FeatureMismatchError("context has other households than the table, or in another order")
        known = {declared.name: declared for declared in context_features}
        undeclared = [name for name in context.columns if name not in known]
        if undeclared:
            raise FeatureMismatchError(
                "context columns without a declaration: {map}", map=tuple(map(str, undeclared[:5]))
            )
        quoted = tuple(known[name] for name in context.columns)
        data = pd.concat([table, context], axis=1)
    explainer = classifier if isinstance(classifier, TreeShap) else TreeShap(classifier)
    values, base = explainer.shap_values(table, progress=progress)
    return Explanation(
        values=values * slope,
        base_value=base * slope + intercept,
        data=data,
        features=tuple(features),
        context_features=quoted,
        as_of=None if as_of is None else pd.Timestamp(as_of),
        horizon_months=horizon_months,
    )
