"""The watch list: whom to visit first, for as many visits as can be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, switch
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.places import Unit, unit_of
from fanpin_risk.watch.capacity import DEFAULT_CAPACITY, check_capacity, visits_of
from fanpin_risk.words import Message

__all__ = [
    "SHARES",
    "Shares",
    "areas_of_households",
    "below_line_list",
    "check_scores",
    "could_be_listed",
    "groups_of_households",
    "is_monitored",
    "turns",
    "turns_in_areas",
    "watchlist",
    "with_why_listed",
]

# What groups may share the visits by, besides numbers of one's own.
SharesName = Literal["households", "risk", "recall"]
Shares = SharesName | Mapping[str, float]
SHARES: tuple[SharesName, ...] = ("households", "risk", "recall")
# How columns of scores begin that say something of the event to come.
OF_THE_FORECAST = ("risk", "tier", "reason_", "contribution_", "at_risk", "not_at_risk")


def watchlist(
    scores: pd.DataFrame,
    *,
    capacity: float | None = None,
    per: Unit | None = None,
    area: Mapping[str, str] | pd.Series | None = None,
    group: str | Mapping[str, str] | pd.Series | None = None,
    shares: Shares = "households",
    include_monitored: bool = False,
) -> pd.DataFrame:
    """Rank households by risk and keep as many as can be visited.

    Only households at risk of the event are ranked: those not monitored, or, by a model of those who are or were, these. One that
    is below the line already cannot fall below it, and stands in :func:`below_line_list`. The list proposes visits. Whether a
    household is monitored is decided by people, after the visit.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score`: ``household_id``, ``risk`` and, unless `include_monitored`,
        ``monitored`` (True, False or missing, which counts as False); rows whose ``not_at_risk`` names
        another reason are left out; all other columns are kept.
    capacity : int or float, optional
        A whole number of visits, or a share (0 < share < 1) of the households that could be listed, rounded up;
        with `per`, in each area. Default: 0.02.
    per : {"county", "township", "village"}, optional
        Units that have a capacity each. Default: one list for all.
    area : Series or mapping of household_id to area code, optional
        Needed for `per`, unless `scores` has a column ``area_code``; where that is missing or too short, a column
        ``area_name`` stands in. Households without either make an area of their own, ``""``.
    group : str, Series or mapping of household_id to group, optional
        Groups that share the visits of each list, so that none is crowded out: a column of `scores`, or the group of
        each household. Households without one make a group of their own, ``""``. Default: the highest risks of all.
        What that costs: :func:`fanpin_risk.evaluation.capacity_cost`. Whether a group may decide on visits is a
        question of law and policy, not of this function.
    shares : {"households", "risk", "recall"} or mapping of group to number, default "households"
        With `group`, what the visits of each group are in proportion to. ``"households"``: its number of households;
        ``"risk"``: its expected events (the sum of its risks); ``"recall"``: the same part of the expected events of
        each group is visited; or numbers of your own (a group of 0 is visited only when the others are used up).
        Visits are dealt by highest averages (Sainte-Laguë 1910), so they add up to the capacity; what a group cannot
        use goes to the others.
    include_monitored : bool, default False
        Whether to list households that are monitored already.

    Returns
    -------
    DataFrame
        ``rank`` by risk (from 1; within the area if `per` is given), ``area`` (only with `per`), ``group`` (only with
        `group`), ``why_listed`` (only where `scores` has ``rules``: ``"model"``, or ``"both"`` where a rule is not met too)
        and the columns of `scores`, by area and rank. Equal risks are ranked by ``household_id``. Households that a rule alone
        would list stand in :func:`fanpin_risk.rule_list`.

    Raises
    ------
    SchemaError
        If `scores` is no such table (a column is missing, a household occurs twice, a risk is missing or no number),
        the area codes are missing, `capacity` is neither a whole number of visits nor a share, or `shares` is not
        one of those above.

    Examples
    --------
    >>> scores = pd.DataFrame({"household_id": ["a", "b", "c"], "risk": [0.1, 0.3, 0.3], "monitored": [False] * 3})
    >>> watchlist(scores, capacity=2)[["rank", "household_id"]].values.tolist()
    [[1, 'b'], [2, 'c']]
    """
    capacity = check_capacity(DEFAULT_CAPACITY if capacity is None else capacity)
    switch("include_monitored", include_monitored)
    if area is not None:
        of_type("area", area, (Mapping, pd.Series), Message("household_id -> area code"))
    check_scores(scores, with_monitored=not include_monitored)
    area_of = areas_of_households(scores, per, area)
    scores = could_be_listed(scores, include_monitored=include_monitored)
    ranked = scores.sort_values(["risk", "household_id"], ascending=[False, True], kind="stable")
    areas = area_of.loc[ranked.index]
    groups = None if group is None else groups_of_households(ranked, group)
    visited = turns_in_areas(ranked, areas, groups, shares) <= visits_of(
        areas.map(areas.value_counts()).to_numpy(dtype="int64"), capacity
    )
    result = ranked[visited].drop(columns=["rank", "area", *(["group"] if groups is not None else [])], errors="ignore")
    result = with_why_listed(result, "both", otherwise="model")
    if groups is not None:
        result.insert(0, "group", groups[visited])
    areas = areas[visited]
    if per is not None:
        result.insert(0, "area", areas)
    result.insert(0, "rank", areas.groupby(areas, sort=False).cumcount() + 1)
    if per is not None:
        result = result.sort_values(["area", "rank"], kind="stable")
    return result.reset_index(drop=True)


def below_line_list(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the households that are below the line already: those that a forecast of falling below it is not about.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score`.

    Returns
    -------
    DataFrame
        Rows of `scores` by ``household_id``, without its risk, tier, reasons and contributions, which are about a fall that
        has happened; none where the forecast is about another event.

    Examples
    --------
    >>> scores = pd.DataFrame({"household_id": ["b", "a", "c"], "not_at_risk": ["already_below_line"] * 2 + [""]})
    >>> below_line_list(scores.assign(risk=0.9, cause="illness")).values.tolist()
    [['a', 'illness'], ['b', 'illness']]
    """
    of_type("scores", scores, pd.DataFrame, Message("the table that score() returns"))
    kept = [name for name in scores.columns if not str(name).startswith(OF_THE_FORECAST)]
    if "not_at_risk" not in scores.columns:
        return with_why_listed(scores.iloc[:0][kept], "rule", otherwise="")
    below = with_why_listed(scores.loc[scores["not_at_risk"] == "already_below_line", kept], "rule", otherwise="")
    return below.sort_values("household_id", kind="stable").reset_index(drop=True)


def _forecast_of_monitored(scores: pd.DataFrame) -> pd.Series:
    """Say which rows are of a model that learnt from monitored households: it is they who are to be ranked."""
    if "at_risk" not in scores.columns:
        return pd.Series(data=False, index=scores.index)
    return scores["at_risk"].fillna(value=False).astype(bool)


def could_be_listed(scores: pd.DataFrame, *, include_monitored: bool) -> pd.DataFrame:
    """Return the rows of scores that a list by risk chooses from: not monitored, unless they are asked for, and at risk."""
    if not include_monitored:
        scores = scores[~is_monitored(scores["monitored"]) | _forecast_of_monitored(scores)]
    if "not_at_risk" in scores.columns:
        scores = scores[scores["not_at_risk"].isin(("", "monitored")) | scores["not_at_risk"].isna()]
    return scores


def with_why_listed(listed: pd.DataFrame, where_rules: str, *, otherwise: str) -> pd.DataFrame:
    """Say in front why each household stands on a list, where the scores say which rules are not met.

    Parameters
    ----------
    listed : DataFrame
        Rows of scores.
    where_rules : str
        The code of ``fanpin_risk.model.tiers.WHY_LISTED`` where a rule is not met.
    otherwise : str
        The code where none is.

    Returns
    -------
    DataFrame
        With ``why_listed`` in front; as it was where it has no column ``rules``.

    Examples
    --------
    >>> listed = pd.DataFrame({"household_id": ["a", "b"], "rules": ["safe_housing", ""]})
    >>> with_why_listed(listed, "both", otherwise="model")["why_listed"].tolist()
    ['both', 'model']
    """
    if "rules" not in listed.columns:
        return listed
    met = listed["rules"].fillna("").to_numpy() == ""
    result = listed.drop(columns="why_listed", errors="ignore")
    result.insert(0, "why_listed", pd.Series(np.where(met, otherwise, where_rules), index=listed.index, dtype="str"))
    return result


def turns_in_areas(ranked: pd.DataFrame, areas: pd.Series, groups: pd.Series | None, shares: Shares) -> np.ndarray:
    """Return as which of its area each household comes to be visited, from 1."""
    if groups is None:
        return areas.groupby(areas, sort=False).cumcount().to_numpy() + 1
    risk, group = ranked["risk"].to_numpy(dtype="float64"), groups.to_numpy()
    turn = np.empty(len(ranked), dtype=np.int64)
    for rows in areas.groupby(areas, sort=False).indices.values():
        turn[rows[turns(risk[rows], group[rows], shares)]] = np.arange(1, len(rows) + 1)
    return turn


def check_scores(scores: Any, *, with_monitored: bool) -> None:
    """Raise SchemaError where the table is not one of scores."""
    if not isinstance(scores, pd.DataFrame):
        raise SchemaError(
            "scores: expected the table that score() returns, got the type {got}", got=type(scores).__name__
        )
    needed = ["household_id", "risk", *(["monitored"] if with_monitored else [])]
    missing = [name for name in needed if name not in scores.columns]
    if missing:
        raise SchemaError("scores has no column {missing}; expected the table that score() returns", missing=missing)
    repeated = int(scores["household_id"].duplicated().sum())
    if repeated:
        raise SchemaError("{count} rows of scores repeat a household_id; give one day at a time", count=repeated)
    risk = scores["risk"]
    if risk.dtype == object:
        numbers = [np.nan if isinstance(value, (str, bool)) else value for value in risk]
        risk = pd.to_numeric(pd.Series(numbers, dtype=object), errors="coerce")
    if pd.api.types.is_numeric_dtype(risk) and not pd.api.types.is_bool_dtype(risk):
        wrong = int((~risk.astype("float64").between(0, 1)).sum())
    else:
        wrong = len(risk)
    if wrong:
        raise SchemaError(
            "{count} rows of scores have no risk that is a number from 0 to 1; expected numbers as score() returns them, "
            "not texts such as '35.2%' from a list that was printed",
            count=wrong,
        )


def is_monitored(monitored: pd.Series) -> np.ndarray:
    """Return who is monitored; who is not known to be is not."""
    try:
        return monitored.astype("boolean").fillna(False).to_numpy(dtype=bool)
    except (ValueError, TypeError):
        raise SchemaError(
            "the column monitored of scores holds other values than True and False; give the table that score() "
            "returns, or include_monitored=True to list everyone"
        ) from None


def turns(risk: np.ndarray, group: np.ndarray, shares: Shares, *, weight: np.ndarray | None = None) -> np.ndarray:
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
        If `shares` is not one of those above, or lacks a group.
    """
    number, names = pd.factorize(group)
    one = np.ones(len(risk)) if weight is None else weight
    claim = _claims(risk, number, names, shares, one)
    seats = one * risk if isinstance(shares, str) and shares == "recall" else one
    had = pd.Series(seats).groupby(number, sort=False).cumsum().to_numpy() - seats / 2
    due = np.divide(had, claim[number], out=np.full(len(had), np.inf), where=claim[number] > 0)
    return np.lexsort((np.arange(len(due)), due))


def _claims(risk: np.ndarray, number: np.ndarray, names: Any, shares: Shares, weight: np.ndarray) -> np.ndarray:
    """Return what the visits of each group are in proportion to."""
    if isinstance(shares, Mapping):
        missing = [name for name in names if name not in shares]
        if missing:
            raise SchemaError(
                "shares lacks the group(s) {groups}; give a number for every group, '' being households without one",
                groups=[repr(name) for name in missing],
            )
        claim = np.array([shares[name] for name in names], dtype="float64")
        if not (np.isfinite(claim).all() and (claim >= 0).all()):
            raise SchemaError(
                "shares holds a number below 0, or something else than a number; expected a number for every group"
            )
        return claim
    if not isinstance(shares, str) or shares not in SHARES:
        raise SchemaError(
            "shares is {shares!r}; expected one of {expected} or a number for every group",
            shares=shares,
            expected=SHARES,
        )
    return np.bincount(number, weights=weight if shares == "households" else weight * risk, minlength=len(names))


def groups_of_households(ranked: pd.DataFrame, group: str | Mapping[str, str] | pd.Series) -> pd.Series:
    """Return the group of every row, "" where it is not known."""
    of_type("group", group, (str, Mapping, pd.Series), Message("a column of scores, or household_id -> group"))
    if isinstance(group, str):
        if group not in ranked.columns:
            raise SchemaError(
                "scores has no column {group!r}; group is a column, or household_id -> group", group=group
            )
        return ranked[group].astype("str").fillna("")
    return ranked["household_id"].map(group).astype("str").fillna("")


def areas_of_households(
    scores: pd.DataFrame, per: Unit | None, area: Mapping[str, str] | pd.Series | None
) -> pd.Series:
    """Return the area of every row, by the code of the unit or else by its name; one area for all without `per`."""
    if per is None:
        return pd.Series("", index=scores.index, dtype="str")
    if area is not None:
        return unit_of(scores["household_id"].map(area), per, argument="per")
    if "area_code" not in scores.columns:
        raise SchemaError(
            "per={per!r} needs area codes: pass area=, household_id -> code, or a column area_code", per=per
        )
    return unit_of(scores["area_code"], per, names=scores.get("area_name"), argument="per")
