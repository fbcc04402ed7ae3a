"""Whether trees can tell the rows of two days apart, and by which features."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.evaluation.options import check_whole
from fanpin_risk.leaks.tables import auc, out_of_fold

__all__ = ["two_sample_test"]

FEWEST_SCORED = 50


def two_sample_test(
    reference: pd.DataFrame, current: pd.DataFrame, *, rows: int = 4000, random_state: int = 0
) -> pd.DataFrame:
    """Test whether trees can tell the rows of two days apart, and by which features.

    A classifier two-sample test: small ensembles are cross-fitted to tell the days apart, a household being in one
    fold with its rows of both days. If the days are alike, the AUC of the held-out rows is 0.5 up to its sampling
    error, that of the Mann-Whitney statistic.

    Among many households the test finds differences that do not matter; read the AUC, not the p-value alone. A year on
    everybody is a year older.

    Parameters
    ----------
    reference, current : DataFrame of shape (n_rows, n_features)
        Tables of two days, indexed by household; the features of `reference` are used.
    rows : int, default 4000
        Rows of each day at most; drawn.
    random_state : int, default 0
        Seed.

    Returns
    -------
    DataFrame
        First a row with an empty ``feature`` for all features together, then one row per feature, the most telling
        first: ``feature``, ``auc`` (above 0.5: larger on the current day), ``low``, ``high`` (95 %, DeLong), ``p_value``
        (for single features adjusted for their number, Benjamini & Yekutieli 2001). ``auc`` of a feature
        counts missing as smallest; ``missing_before`` and ``missing_after`` tell whether that is why.

    Raises
    ------
    NotEnoughDataError
        If a table has fewer than 50 rows.
    SchemaError
        If a feature of the reference is not in the current table.

    References
    ----------
    Lopez-Paz & Oquab (2017), Revisiting classifier two-sample tests, ICLR (accuracy there, AUC here).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before = pd.DataFrame(rng.normal(size=(400, 2)), columns=["a", "b"])
    >>> found = two_sample_test(before, before.assign(a=before["a"] + 1).set_axis(range(400, 800)))
    >>> found.loc[1, "feature"], bool(found.loc[0, "p_value"] < 0.001)
    ('a', True)
    """
    check_whole("rows", rows, 1)
    absent = [str(name) for name in reference.columns if name not in current.columns]
    if absent:
        raise SchemaError(
            "{n_absent} features are not in the current table: {absent}", n_absent=len(absent), absent=tuple(absent[:5])
        )
    if min(len(reference), len(current)) < FEWEST_SCORED:
        raise NotEnoughDataError(
            "{n_reference} and {n_current} rows; at least {fewest_rows} of each day are needed",
            n_reference=len(reference),
            n_current=len(current),
            fewest_rows=FEWEST_SCORED,
        )
    rng = np.random.default_rng(random_state)
    drawn = [frame.iloc[np.sort(rng.permutation(len(frame))[:rows])] for frame in (reference, current)]
    table = pd.concat([frame[list(reference.columns)] for frame in drawn]).astype("float64")
    new = np.arange(len(table)) >= len(drawn[0])
    margin = out_of_fold(table, new, random_state)
    null = float(np.sqrt((len(new) + 1) / (12.0 * new.sum() * (~new).sum())))
    overall, error = auc(margin, new)
    unknown = table.isna()
    lines = []
    for name in table.columns:
        area, own = auc(table[name].fillna(-np.inf).to_numpy(), new)
        missing = unknown[name].to_numpy()
        lines.append(
            (str(name), area, own, 2 * norm.sf(abs(area - 0.5) / null), missing[~new].mean(), missing[new].mean())
        )
    columns = ["feature", "auc", "error", "p_value", "missing_before", "missing_after"]
    single = pd.DataFrame(lines, columns=columns)
    single["p_value"] = false_discovery_control(single["p_value"].to_numpy(), method="by")
    single = single.iloc[np.argsort(-(single["auc"] - 0.5).abs().to_numpy(), kind="stable")]
    first = pd.DataFrame([("", overall, error, norm.sf((overall - 0.5) / null), np.nan, np.nan)], columns=columns)
    result = pd.concat([first, single], ignore_index=True).astype({"feature": "str"})
    z = float(norm.ppf(0.975))
    result.insert(2, "low", (result["auc"] - z * result["error"]).clip(0, 1))
    result.insert(3, "high", (result["auc"] + z * result["error"]).clip(0, 1))
    return result.drop(columns="error")
