"""The watch list: whom to visit first, as far as the visits go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError

__all__ = ["SHARES", "Shares", "turns", "watchlist"]

Array = np.ndarray
# What groups may share the visits by, besides numbers of one's own.
SharesName = Literal["households", "risk", "recall"]
Shares = SharesName | Mapping[str, float]
SHARES: tuple[SharesName, ...] = ("households", "risk", "recall")

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
    group: str | Mapping[str, str] | pd.Series | None = None,
    shares: Shares = "households",
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
    group : str, Series or mapping of household_id to group, optional
        Groups that share the visits of each list, so that none is crowded out: a column of `scores`, or the group of
        each household. Households without one make a group of their own, ``""``. Default: the highest risks of all.
        What that costs: :func:`fanpin_risk.evaluation.capacity_cost`. Whether a group may decide on visits is a
        question of law and policy, not of this function.
    shares : {"households", "risk", "recall"} or mapping of group to number, default "households"
        With `group`, what each group's visits are in proportion to: its households; its expected events (the sum of
        its risks); such that of the expected events of each group an equal part is visited; or numbers of your own
        (a group of 0 is visited only when the others are used up). Seats are dealt by highest averages
        (Sainte-Laguë 1910), so they add up to the capacity; what a group cannot use goes to the others.
    include_monitored : bool, default False
        Whether to list households that are monitored already.

    Returns
    -------
    DataFrame
        ``rank`` by risk (from 1; within the area if `per` is given), ``area`` (only with `per`), ``group`` (only with
        `group`) and the columns of `scores`, by area and rank. Equal risks are ranked by ``household_id``.

    Raises
    ------
    SchemaError
        If a column or the area codes are missing, a household occurs twice, `capacity` is neither a whole number
        of visits nor a share, or `shares` is none of those above.

    Examples
    --------
    >>> scores = pd.DataFrame({"household_id": ["a", "b", "c"], "risk": [0.1, 0.3, 0.3], "monitored": [False] * 3})
    >>> watchlist(scores, capacity=2)[["rank", "household_id"]].values.tolist()
    [[1, 'b'], [2, 'c']]
    """
    needed = ["household_id", "risk", *([] if include_monitored else ["monitored"])]
    missing = [name for name in needed if name not in scores.columns]
    if missing:
        raise SchemaError(
            "scores has no column {missing}; expected the table that score() returns", missing=tuple(missing)
        )
    if scores["household_id"].duplicated().any():
        raise SchemaError(
            "{count} rows of scores repeat a household_id; give one day at a time",
            count=int(scores["household_id"].duplicated().sum()),
        )
    visits = _visits(capacity)
    if not include_monitored:
        scores = scores[~scores["monitored"].fillna(False).astype(bool)]
    ranked = scores.sort_values(["risk", "household_id"], ascending=[False, True], kind="stable")
    unit = _units(ranked, per, area)
    groups = None if group is None else _groups(ranked, group)
    size = unit.map(unit.value_counts()).to_numpy(dtype="int64")
    turn = unit.groupby(unit, sort=False).cumcount().to_numpy() + 1
    if groups is not None:
        risk = ranked["risk"].fillna(0.0).to_numpy(dtype="float64")
        for rows in unit.groupby(unit, sort=False).indices.values():
            order = turns(risk[rows], groups.to_numpy()[rows], shares)
            turn[rows[order]] = np.arange(1, len(rows) + 1)
    listed = turn <= visits(size)
    result = ranked.drop(columns=["rank", "area", *([] if groups is None else ["group"])], errors="ignore")
    if groups is not None:
        result.insert(0, "group", groups)
    if per is not None:
        result.insert(0, "area", unit)
    result = result[listed]
    unit = unit[listed]
    result.insert(0, "rank", unit.groupby(unit, sort=False).cumcount().to_numpy() + 1)
    if per is not None:
        result = result.sort_values(["area", "rank"], kind="stable")
    return result.reset_index(drop=True)


def turns(risk: Array, group: Array, shares: Shares, *, weight: Array | None = None) -> Array:
    """Return in which order households come to be visited when groups share the visits.

    A group's next household comes when the visits it has had, half of the next one counted, are the least for what
    it has a claim to: the divisors 1/2, 3/2, 5/2 ... of Sainte-Laguë (1910).

    Parameters
    ----------
    risk : ndarray of float64, shape (n,)
        Falling, without missing values.
    group : ndarray of str, shape (n,)
    shares : {"households", "risk", "recall"} or mapping of group to number
        As for :func:`watchlist`.
    weight : ndarray of float64, shape (n,), optional
        How many households each row stands for. Default: 1.

    Returns
    -------
    ndarray of int, shape (n,)
        Positions of the households, the first to be visited first.

    Raises
    ------
    SchemaError
        If `shares` is none of those above, or lacks a group.
    """
    number, names = pd.factorize(group)
    one = np.ones(len(risk)) if weight is None else weight
    claim = _claims(risk, number, names, shares, one)
    seats = one * risk if isinstance(shares, str) and shares == "recall" else one
    had = pd.Series(seats).groupby(number, sort=False).cumsum().to_numpy() - seats / 2
    due = np.divide(had, claim[number], out=np.full(len(had), np.inf), where=claim[number] > 0)
    return np.lexsort((np.arange(len(due)), due))


def _claims(risk: Array, number: Array, names: Any, shares: Shares, weight: Array) -> Array:
    """Return what the visits of each group are in proportion to."""
    if isinstance(shares, Mapping):
        missing = [name for name in names if name not in shares]
        if missing:
            raise SchemaError(
                "shares lacks the group(s) {map}; give a number for every group, '' being households without one",
                map=tuple(map(repr, missing)),
            )
        claim = np.array([shares[name] for name in names], dtype="float64")
        if not (np.isfinite(claim).all() and (claim >= 0).all()):
            raise SchemaError("shares holds what is not a number from 0 on; expected one for every group")
        return claim
    if shares not in SHARES:
        raise SchemaError(
            "shares is {shares!r}; expected one of {shares_2} or a number for every group",
            shares=shares,
            shares_2=tuple(SHARES),
        )
    return np.bincount(number, weights=weight if shares == "households" else weight * risk, minlength=len(names))


def _groups(ranked: pd.DataFrame, group: str | Mapping[str, str] | pd.Series) -> pd.Series:
    """Return the group of every row, "" where it is not known."""
    if isinstance(group, str):
        if group not in ranked.columns:
            raise SchemaError(
                "scores has no column {group!r}; group is a column, or household_id -> group", group=group
            )
        return ranked[group].astype("str").fillna("")
    return ranked["household_id"].map(group).astype("str").fillna("")


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
        "capacity is {capacity!r}; expected a whole number of visits, or a share between 0 and 1 as "
        "a decimal such as 0.02",
        capacity=capacity,
    )


def _units(ranked: pd.DataFrame, per: str | None, area: Mapping[str, str] | pd.Series | None) -> pd.Series:
    """Return the area of every row, cut to the digits of the unit; one area for all without `per`."""
    if per is None:
        return pd.Series("", index=ranked.index, dtype="str")
    if per not in DIGITS:
        raise SchemaError("per is {per!r}; expected one of {digits} or None", per=per, digits=tuple(DIGITS))
    if area is not None:
        codes = ranked["household_id"].map(area)
    elif "area_code" in ranked.columns:
        codes = ranked["area_code"]
    else:
        raise SchemaError(
            "per={per!r} needs area codes: pass area=, household_id -> code, or a column area_code", per=per
        )
    return codes.astype("str").str[: DIGITS[per]].fillna("")
