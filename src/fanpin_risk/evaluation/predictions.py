"""The table of forecasts that everything here reads: one row per model, fold, day and household."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.ranking import Ranking, VisitList
from fanpin_risk.watch.capacity import check_capacity

__all__ = ["check_predictions", "visit_lists"]

NEEDED = ("model", "household_id", "outcome", "risk")
# Columns that may be absent -> what then stands in every row.
DEFAULTS: Mapping[str, Any] = {
    "fold": "",
    "as_of": pd.NaT,
    "cluster": "",
    "weight": 1.0,
    "event_on": pd.NaT,
}


def check_predictions(
    predictions: pd.DataFrame, *, by: Sequence[str] = ("model",), cluster: str | None = "cluster"
) -> pd.DataFrame:
    """Return forecasts with every column, sorted so that nothing hangs on the order in which they came.

    Parameters
    ----------
    predictions : DataFrame
        ``model``, ``household_id``, ``outcome`` (0 or 1) and ``risk`` (0 to 1). ``fold`` (one test day; default one
        for all), ``as_of``, ``cluster``, ``weight`` (default 1) and ``event_on`` may be absent. Other columns are
        groups.
    by : sequence of str
        Columns that name the cells.
    cluster : str or None
        Column of the village; ``""`` or missing where unknown.

    Returns
    -------
    DataFrame
        With a RangeIndex; ``cluster`` as str without missing values.

    Raises
    ------
    SchemaError
        If columns are missing, a household occurs twice in a fold on a day, or cells would mix models.
    """
    if isinstance(by, str):
        raise SchemaError("by is the text {by!r}; expected a list of columns, such as [{by!r}]", by=by)
    own_cluster = [cluster] if cluster not in (None, "cluster") else []
    missing = [name for name in (*NEEDED, *by, *own_cluster) if name not in {*predictions.columns, *DEFAULTS}]
    if missing:
        raise SchemaError(
            "predictions has no column {dict}; expected {needed} and the columns of by",
            dict=tuple(dict.fromkeys(map(str, missing))),
            needed=tuple(NEEDED),
        )
    n_models = predictions["model"].nunique()
    if "model" not in by and n_models > 1:
        raise SchemaError("predictions holds {n_models} models; name 'model' in by, or give one", n_models=n_models)
    frame = pd.DataFrame(predictions).reset_index(drop=True)
    for name, value in DEFAULTS.items():
        if name not in frame.columns:
            frame[name] = value
    for name in ("model", "fold", "household_id"):
        frame[name] = frame[name].astype("str")
    source = frame[cluster] if cluster is not None else pd.Series("", index=frame.index)
    frame["cluster"] = source.astype("str").fillna("")
    keys = list(dict.fromkeys(["model", "fold", "as_of", "household_id", *by]))
    repeated = frame.duplicated(keys)
    if repeated.any():
        raise SchemaError(
            "{count} rows of predictions repeat a household; expected one row per {keys}",
            count=int(repeated.sum()),
            keys=tuple(keys),
        )
    return frame.sort_values(keys if frame.duplicated(keys[:4]).any() else keys[:4], kind="stable", ignore_index=True)


def visit_lists(frame: pd.DataFrame, capacity: float) -> dict[tuple[str, str], tuple[pd.Index, VisitList]]:
    """Make the list of visits of every model and fold, each among all households of the fold.

    Parameters
    ----------
    frame : DataFrame
        From :func:`check_predictions`.
    capacity : int or float
        Whole number of visits on each list, or a share of its households.

    Returns
    -------
    dict of (model, fold) to (Index, VisitList)
        Labels of the rows of `frame` and the list among them, in the same order.

    Raises
    ------
    SchemaError
        If a household would be on a list twice.
    """
    capacity = check_capacity(capacity)
    repeated = frame.duplicated(["model", "fold", "as_of", "household_id"])
    if repeated.any():
        raise SchemaError(
            "{count} rows of predictions repeat a household of the same model, fold and day; one list "
            "for all needs one row for each",
            count=int(repeated.sum()),
        )
    lists: dict[tuple[str, str], tuple[pd.Index, VisitList]] = {}
    for key, rows in frame.groupby(["model", "fold"], observed=True, sort=False):
        model, fold = map(str, key)
        lists[model, fold] = rows.index, Ranking(rows["outcome"], rows["risk"], rows["weight"]).list(capacity)
    return lists
