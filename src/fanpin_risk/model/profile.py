"""What a table of features or scores looks like: small enough to travel with a model, and without persons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import NotEnoughDataError, SchemaError

__all__ = ["MISSING_BIN", "PROFILE_COLUMNS", "as_frame", "reference_profile"]


PROFILE_COLUMNS = ("feature", "bin", "low", "high", "share", "rows")
MISSING_BIN = -1
# So many significant digits of a limit between bins: it must not be some person's exact amount.
LIMIT_DIGITS = 3


def reference_profile(table: pd.DataFrame | pd.Series, *, bins: int = 10, fewest: int = 20) -> pd.DataFrame:
    """Describe a table by the shares of its rows in bins, small enough to travel with a model and without persons.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_features) or Series
        Features or scores as numbers, NaN for missing.
    bins : int, default 10
        Bins of about equal size, by the quantiles; fewer where values repeat.
    fewest : int, default 20
        Fewest rows of a bin. Smaller ones are merged with a neighbour. Fewer missing values than this, or fewer known
        ones, are not shown but counted with the rest.

    Returns
    -------
    DataFrame
        ``feature``, ``bin`` (0, 1, ...; -1 for missing), ``low`` (excluded) and ``high`` (included; rounded to three
        digits, infinite at the ends), ``share`` of the rows and ``rows`` (number of rows of the table).

    Raises
    ------
    SchemaError
        If `bins` or `fewest` is no positive number.
    NotEnoughDataError
        If there are fewer rows than `fewest`.

    Examples
    --------
    >>> profile = reference_profile(pd.DataFrame({"size": [1.0, 2.0, 2.0, 3.0] * 25}))
    >>> profile[["bin", "high", "share"]].values.tolist()
    [[0.0, 1.0, 0.25], [1.0, 2.0, 0.5], [2.0, inf, 0.25]]
    """
    frame = as_frame(table)
    if bins < 1 or fewest < 1:
        raise SchemaError("bins is {bins} and fewest {fewest}; expected 1 or more of each", bins=bins, fewest=fewest)
    n = len(frame)
    if n < fewest:
        raise NotEnoughDataError("{n} rows make no profile; at least {fewest} are needed", n=n, fewest=fewest)
    parts = []
    for name, column in frame.items():
        values = column.to_numpy(dtype="float64", na_value=np.nan)
        known = values[~np.isnan(values)]
        unknown = n - len(known)
        if len(known) < fewest:
            edges, shares, unknown = np.zeros(0), np.zeros(0), n
        else:
            edges = _edges(known, bins, fewest)
            counts = np.bincount(np.searchsorted(edges, known), minlength=len(edges) + 1)
            unknown = unknown if unknown >= fewest else 0
            shares = counts / counts.sum() * (n - unknown) / n
        rows = {
            "feature": str(name),
            "bin": np.r_[MISSING_BIN, np.arange(len(shares))],
            "low": np.r_[np.nan, -np.inf, edges][: len(shares) + 1],
            "high": np.r_[np.nan, edges, np.inf][: len(shares) + 1],
            "share": np.r_[unknown / n, shares],
            "rows": n,
        }
        part = pd.DataFrame(rows)
        parts.append(part[(part["bin"] != MISSING_BIN) | (part["share"] > 0)])
    return pd.concat(parts, ignore_index=True).astype({"feature": "str", "bin": "int64", "rows": "int64"})


def as_frame(table: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Return a table as it is, and a series of scores as a table of one column."""
    return table.to_frame("score" if table.name is None else table.name) if isinstance(table, pd.Series) else table


def _edges(known: Array, bins: int, fewest: int) -> Array:
    """Upper limits of all bins but the last: rounded quantiles, without those that would leave a bin too small."""
    quantiles = np.quantile(known, np.arange(1, bins) / bins, method="inverted_cdf")
    size = np.where(quantiles == 0, 1.0, np.abs(quantiles))
    step = 10.0 ** (LIMIT_DIGITS - 1 - np.floor(np.log10(size)))
    edges: list[float] = []
    below = 0
    ordered = np.sort(known)
    for edge in np.unique(np.round(quantiles * step) / step):
        place = int(np.searchsorted(ordered, edge, side="right"))
        if place - below >= fewest and len(known) - place >= fewest:
            edges.append(float(edge))
            below = place
    return np.array(edges)
