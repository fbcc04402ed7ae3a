"""The watch list: whom to visit first, as far as the visits go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError

__all__ = ["watchlist"]

# Digits of the division code (GB/T 10114) that name the unit.
DIGITS = {"county": 6, "township": 9, "village": 12}
# Visits when nothing is said: one household in fifty.
DEFAULT_SHARE = 0.02


def watchlist(
    scores: pd.DataFrame,
    *,
    capacity: float | None = None,
    per: Literal["county", "township", "village"] | None = None,
    area: Mapping[str, str] | pd.Series | None = None,
    include_monitored: bool = False,
) -> pd.DataFrame:
    """Rank households by risk and keep as many as can be visited.

    The list proposes visits. Whether a household is monitored is decided by people, after the visit.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score`: ``household_id``, ``risk`` and, unless `include_monitored`,
        ``monitored``; all other columns are kept.
    capacity : int or float, optional
        A whole number of visits, or a share (0 < share < 1) of the households that could be listed, rounded up;
        with `per`, in each area. Default: 0.02.
    per : {"county", "township", "village"}, optional
        Units that have a capacity each. Default: one list for all.
    area : Series or mapping of household_id to area code, optional
        Needed for `per`, unless `scores` has a column ``area_code``. Households without a code make an area of
        their own, ``""``.
    include_monitored : bool, default False
        Whether to list households that are monitored already.

    Returns
    -------
    DataFrame
        ``rank`` (from 1; within the area if `per` is given), ``area`` (only with `per`) and the columns of
        `scores`, by area and rank. Equal risks are ranked by ``household_id``.

    Raises
    ------
    SchemaError
        If a column or the area codes are missing, a household occurs twice, or `capacity` is neither a whole number
        of visits nor a share.

    Examples
    --------
    >>> scores = pd.DataFrame({"household_id": ["a", "b", "c"], "risk": [0.1, 0.3, 0.3], "monitored": [False] * 3})
    >>> watchlist(scores, capacity=2)[["rank", "household_id"]].values.tolist()
    [[1, 'b'], [2, 'c']]
    """
    needed = ["household_id", "risk", *([] if include_monitored else ["monitored"])]
    missing = [name for name in needed if name not in scores.columns]
    if missing:
        raise SchemaError(f"scores has no column {', '.join(missing)}; expected the table that score() returns")
    if scores["household_id"].duplicated().any():
        raise SchemaError(
            f"{int(scores['household_id'].duplicated().sum())} rows of scores repeat a household_id; give one day at a time"
        )
    visits = _visits(capacity)
    if not include_monitored:
        scores = scores[~scores["monitored"].fillna(False).astype(bool)]
    ranked = scores.sort_values(["risk", "household_id"], ascending=[False, True], kind="stable")
    unit = _units(ranked, per, area)
    rank = ranked.groupby(unit, sort=False).cumcount().to_numpy() + 1
    size = unit.map(unit.value_counts()).to_numpy(dtype="int64")
    listed = rank <= visits(size)
    result = ranked.drop(columns=["rank", "area"], errors="ignore")
    if per is not None:
        result.insert(0, "area", unit)
    result.insert(0, "rank", rank)
    result = result[listed]
    if per is not None:
        result = result.sort_values(["area", "rank"], kind="stable")
    return result.reset_index(drop=True)


def _visits(capacity: float | None) -> Any:
    """Return the function from the number of households of each row's area to the visits there."""
    if capacity is None:
        capacity = DEFAULT_SHARE
    if not isinstance(capacity, bool):
        if isinstance(capacity, (int, np.integer)) and capacity >= 0:
            return lambda size: np.full(len(size), int(capacity))
        if isinstance(capacity, (float, np.floating)) and 0 < capacity < 1:
            # Rounding first: 0.07 * 100 is 7.000000000000001 in floating point, and still 7 visits.
            return lambda size: np.ceil(np.round(capacity * size, 9)).astype("int64")
    raise SchemaError(
        f"capacity is {capacity!r}; expected a whole number of visits, or a share between 0 and 1 as a decimal such as 0.02"
    )


def _units(ranked: pd.DataFrame, per: str | None, area: Mapping[str, str] | pd.Series | None) -> pd.Series:
    """Return the area of every row, cut to the digits of the unit; one area for all without `per`."""
    if per is None:
        return pd.Series("", index=ranked.index, dtype="str")
    if per not in DIGITS:
        raise SchemaError(f"per is {per!r}; expected one of {', '.join(DIGITS)} or None")
    if area is not None:
        codes = ranked["household_id"].map(area)
    elif "area_code" in ranked.columns:
        codes = ranked["area_code"]
    else:
        raise SchemaError(f"per={per!r} needs area codes: pass area=, household_id -> code, or a column area_code")
    return codes.astype("str").str[: DIGITS[per]].fillna("")
