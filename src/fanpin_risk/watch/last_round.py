"""What became of households of earlier rounds: who is left out of a new list and why, and who is carried over to it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.errors import SchemaError
from fanpin_risk.words import Message

__all__ = [
    "KEPT_OF_DRAWS",
    "LEFT_OUT_OF_PLAN",
    "REFUTED_MONTHS",
    "UNDER_SUPPORT",
    "WAITING_BESIDE",
    "last_list",
    "left_out_by_state",
    "states_of_households",
    "unfinished",
]

REFUTED_MONTHS = 6  # a household that a visit found not to be at risk is not proposed again for so long
# States of households in the procedure: what they mean for a new list.
UNVISITED = ("clue", "verifying")
IN_THE_PROCEDURE = ("verified", "authorised", "compared", "discussed", "published", "township_ok", "approved")
UNDER_SUPPORT = ("entered", "supported", "checking", "elim_discussed", "elim_published", "elim_approved")
AFTER_SUPPORT = ("eliminated", "buffer", "closed")
FOUND_NOT_SO = ("refuted", "negative", "objected", "refused", "not_here")
GONE_FOR_GOOD = ("dead", "moved", "merged", "dissolved", "split")
EVERY_STATE = (*UNVISITED, *IN_THE_PROCEDURE, *UNDER_SUPPORT, *AFTER_SUPPORT, *FOUND_NOT_SO, *GONE_FOR_GOOD)
IN_PROCEDURE = "in_procedure"
NO_STATE_YET = "-"  # of a household without events, where a table writes one
# Why a household that could have been thought of is not on the list, beside what a forecast is not about.
LEFT_OUT_OF_PLAN: Mapping[str, Message] = MappingProxyType(
    {
        "dead": Message("nobody alive", context="left out"),
        "moved": Message("moved away", context="left out"),
        "merged": Message("part of another household", context="left out"),
        "dissolved": Message("dissolved", context="left out"),
        "split": Message("split into others", context="left out"),
        "refuted": Message("found untrue a short time ago", context="left out"),
        "negative": Message("ruled out by comparison a short time ago", context="left out"),
        "objected": Message("an objection held a short time ago", context="left out"),
        "refused": Message("refused a short time ago", context="left out"),
        "not_here": Message("found not to be of this place a short time ago", context="left out"),
        IN_PROCEDURE: Message("visited, recognition under way", context="left out"),
        "not_on_record": Message("no longer on record", context="left out"),
        "waiting": Message("to be carried over, but no visit is left", context="left out"),
        "monitored_no_visit": Message("monitored, and no visit is left", context="left out"),
        "rule_no_visit": Message("listed by a rule alone, and no visit is left", context="left out"),
        "no_forecast": Message("no forecast is about it, and no rule lists it", context="left out"),
    }
)
# The list of a plan says in its attrs how many households were waiting, which do not stand in it.
WAITING_BESIDE = "waiting"
# What goes along when a household is carried over: how it came onto a list first.
KEPT_OF_DRAWS = ("draw_stratum", "draw_probability", "draw_seed", "draw_day")


def states_of_households(states: Any, ids: pd.Series) -> pd.DataFrame:
    """Return the state of each of some households.

    Parameters
    ----------
    states : DataFrame or None
        ``household_id``, ``state`` (missing, ``""`` or ``"-"``: none) and, if it is known, ``since``.
    ids : Series of str, shape (n,)
        Household ids.

    Returns
    -------
    DataFrame of shape (n, 2)
        ``state`` (``""``: none on record) and ``since``, in the order and with the index of `ids`.

    Raises
    ------
    SchemaError
        If `states` is no such table, names a household twice, or has a state that there is not.

    Examples
    --------
    >>> some = pd.DataFrame({"household_id": ["a"], "state": ["moved"]})
    >>> states_of_households(some, pd.Series(["b", "a"]))["state"].tolist()
    ['', 'moved']
    """
    if states is None:
        return pd.DataFrame({"state": "", "since": pd.NaT}, index=ids.index).astype({"since": "datetime64[s]"})
    of_type("states", states, pd.DataFrame, Message("household_id, state and since, such as the ledger gives"))
    missing = [name for name in ("household_id", "state") if name not in states.columns]
    if missing:
        raise SchemaError("states has no column {missing}; expected household_id, state, since", missing=missing)
    repeated = int(states["household_id"].duplicated().sum())
    if repeated:
        raise SchemaError("states: {count} rows repeat a household_id; expected one state for each", count=repeated)
    known = states["state"].astype("object").where(states["state"].notna(), "").replace(NO_STATE_YET, "")
    wrong = int((~known.isin(("", *EVERY_STATE))).sum())
    if wrong:
        raise SchemaError(
            "{column}: {count} value(s) are not codes; expected one of {codes}", column="states.state", count=wrong,
            codes=EVERY_STATE,
        )  # fmt: skip
    place = pd.Index(states["household_id"].astype("str")).get_indexer(pd.Index(ids.astype("str")))
    since = states["since"] if "since" in states.columns else pd.Series([None] * len(states))
    found = pd.DataFrame(
        {"state": known.astype("str").array, "since": pd.to_datetime(since).astype("datetime64[s]").array}
    )
    result = found.reindex(place)
    result.index = ids.index
    result["state"] = result["state"].fillna("")
    return result


def left_out_by_state(found: pd.DataFrame, day: pd.Timestamp, *, refuted_months: int = REFUTED_MONTHS) -> pd.Series:
    """Say why a household is not to be visited in this round, by its state.

    The dead, moved, merged and dissolved are left out for good; who was found not to be at risk, for some months: where it is not
    known since when, it is taken as not long ago; who has been visited and is on the way to be recognised, until that ends.

    Parameters
    ----------
    found : DataFrame
        From :func:`states_of_households`.
    day : Timestamp
        Of the new list; NaT where it is not known.
    refuted_months : int, default 6
        For how many months.

    Returns
    -------
    Series of str
        Codes of :data:`LEFT_OUT_OF_PLAN`, ``""`` for who may be listed.

    Examples
    --------
    >>> found = pd.DataFrame(
    ...     {"state": ["refuted", "refuted", "dead"], "since": pd.to_datetime(["2023-01-02", "2023-09-01", None])}
    ... )
    >>> left_out_by_state(found, pd.Timestamp("2023-12-31")).tolist()
    ['', 'refuted', 'dead']
    """
    state = found["state"]
    long_ago = found["since"] + pd.DateOffset(months=refuted_months) <= day
    reason = state.where(state.isin(GONE_FOR_GOOD) | (state.isin(FOUND_NOT_SO) & ~long_ago), "")
    return reason.mask(state.isin(IN_THE_PROCEDURE), IN_PROCEDURE)


def last_list(previous: Any) -> pd.DataFrame:
    """Return the households of the last list, with what is carried over.

    Parameters
    ----------
    previous : VisitPlan, DataFrame or None
        The last plan, or its list with ``household_id``; the households of a plan that were waiting are part of it.

    Returns
    -------
    DataFrame
        ``household_id``, ``list_id`` (``""``: not known), ``as_of``, ``rounds`` (earlier lists on which it stood, without this
        one), ``draw_stratum``, ``draw_probability``, ``draw_seed``, ``draw_day``.

    Raises
    ------
    SchemaError
        If there is no ``household_id``, or one stands there twice; or if it is the list of a plan that has households waiting,
        who do not stand in the list.

    Examples
    --------
    >>> last_list(pd.DataFrame({"household_id": ["a"], "rank": [1]}))[
    ...     ["household_id", "rounds", "draw_probability"]
    ... ].values.tolist()
    [['a', 0, 1.0]]
    """
    if previous is None:
        previous = pd.DataFrame({"household_id": pd.Series(dtype="str")})
    if not isinstance(previous, pd.DataFrame) and hasattr(previous, "of_last_round"):
        previous = previous.of_last_round()
    of_type("previous", previous, pd.DataFrame, Message("the last plan of visits, or its list"))
    if beside := int(previous.attrs.get(WAITING_BESIDE, 0)):
        raise SchemaError(
            "previous is the list of a plan, and {count} households that were waiting for a visit do not stand in it; give the "
            "plan itself, previous=plan, or plan.of_last_round()",
            count=beside,
        )
    if "household_id" not in previous.columns:
        raise SchemaError(
            "previous has no column {missing}; expected the last plan of visits", missing=("household_id",)
        )
    repeated = int(previous["household_id"].duplicated().sum())
    if repeated:
        raise SchemaError("previous: {count} rows repeat a household_id; expected one list", count=repeated)
    n, columns = len(previous), previous.columns
    kept: dict[str, Any] = {
        "household_id": previous["household_id"].astype("str").array,
        "list_id": _texts_of(previous, "list_id"),
        "as_of": pd.to_datetime(previous["as_of"] if "as_of" in columns else pd.Series([None] * n), errors="coerce").array,
        "rounds": pd.to_numeric(previous["rounds"]).fillna(0).astype("int64").array if "rounds" in columns else np.zeros(n, "int64"),
        "draw_stratum": _texts_of(previous, "draw_stratum"),
        "draw_probability": pd.to_numeric(previous["draw_probability"]).array if "draw_probability" in columns else np.ones(n),
        "draw_seed": pd.array(pd.to_numeric(previous["draw_seed"]) if "draw_seed" in columns else [None] * n, dtype="Int64"),
        "draw_day": _texts_of(previous, "draw_day"),
    }  # fmt: skip
    return pd.DataFrame(kept)


def unfinished(last: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """Say of which households of the last list nobody has told that they were visited.

    Parameters
    ----------
    last : DataFrame
        From :func:`last_list`.
    found : DataFrame
        From :func:`states_of_households`, of the same rows.

    Returns
    -------
    Series of bool
        Those without a state, with an open clue, or of whom nothing new is on record since the list.

    Examples
    --------
    >>> last = last_list(pd.DataFrame({"household_id": ["a", "b"], "as_of": "2023-11-30"}))
    >>> found = pd.DataFrame({"state": ["verifying", "refuted"], "since": pd.to_datetime(["2023-12-01"] * 2)})
    >>> unfinished(last, found).tolist()
    [True, False]
    """
    older = found["since"] <= last["as_of"]
    return found["state"].isin(("", *UNVISITED)) | (found["state"].isin((*AFTER_SUPPORT, *FOUND_NOT_SO)) & older)


def _texts_of(frame: pd.DataFrame, name: str) -> Any:
    if name not in frame.columns:
        return pd.array([""] * len(frame), dtype="str")
    return frame[name].astype("object").where(frame[name].notna(), "").astype("str").array
