"""Scores of the households that were asked for: a row for each, in their order, also of those that cannot be scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import texts
from fanpin_risk.asof.monitored_households import monitored_households
from fanpin_risk.asof.outcomes import LEFT_OUT, NO_FORECAST
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import InputError
from fanpin_risk.policy import Policy
from fanpin_risk.words import Message

__all__ = ["NOTES_OF_ASKED", "Asked", "ids_asked", "rows_as_asked", "with_monitoring"]

# Households as a caller names them: ids, a frame with a column of them, or a file.
Asked = Iterable[str] | str | Path | pd.DataFrame
# Why a household that was asked for has no risk.
NOTES_OF_ASKED: Mapping[str, Message] = MappingProxyType(
    {
        "not_in_register": Message("not in the register"),
        **{code: LEFT_OUT[code] for code in ("not_on_record", "dissolved", *NO_FORECAST)},
    }
)
# Columns that say something of the event to come begin so.
OF_THE_EVENT = ("risk", "tier", "reason_", "contribution_")
ENDINGS_OF_LISTS = (".csv", ".xlsx", ".xls", ".parquet", ".txt", ".tsv", ".ods")


def ids_asked(households: Asked) -> list[str]:
    """Return the ids of households that were asked for, in their order.

    Parameters
    ----------
    households : str, iterable of str, Series, DataFrame or path-like
        Ids; a frame with a column ``household_id`` (or 户编号); or a file with such a column, such as a sheet of monitored
        households, of which each household counts once.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> ids_asked(pd.DataFrame({"户编号": ["H2", "H1"], "类别": ["a", "b"]}))
    ['H2', 'H1']
    """
    from fanpin_risk.records.read.household_list import position_of_ids, read_household_list

    if isinstance(households, pd.DataFrame):
        place = position_of_ids([str(name) for name in households.columns])
        if place is None:
            raise InputError("households is a frame without a column household_id; expected one with their ids")
        return texts("households", households.iloc[:, place].astype(object).tolist())
    is_file = isinstance(households, str) and households.lower().endswith(ENDINGS_OF_LISTS)
    if isinstance(households, Path) or is_file:
        return read_household_list(str(households)).ids
    return texts("households", households)


def rows_as_asked(
    table: pd.DataFrame,
    unscored: pd.DataFrame,
    ids: list[str],
    *,
    day: pd.Timestamp,
    label: str,
    policy: Policy | None = None,
) -> pd.DataFrame:
    """Return one row for each id, in their order, with why it has no risk.

    Parameters
    ----------
    table : DataFrame
        One row per household that could be scored, with ``household_id``.
    unscored : DataFrame
        ``household_id`` and ``reason`` of those of the register that could not.
    ids : list of str
        May name a household twice, or one that the register does not know.
    day : Timestamp
        The day, and
    label : str
        the model, and
    policy : Policy, optional
        the numbers of the rules, that stand in every row.

    Returns
    -------
    DataFrame of shape (len(ids), n_columns + 1)
        ``note`` follows ``household_id``: a code of ``NOTES_OF_ASKED``, ``""`` for those that have a risk. Of households that
        could not be scored all but the id, the note, the day and the model is missing; yes/no columns are nullable where
        there are such rows. Of households that the forecast is not about (``already_below_line``,
        ``no_income_before``) risk, tier, reasons and contributions are missing.
    """
    place = pd.Index(table["household_id"]).get_indexer(pd.Index(ids, dtype="str"))
    known = place >= 0
    reasons = unscored.set_index("household_id")["reason"].reindex(ids).fillna("not_in_register")
    columns: dict[str, Any] = {
        "household_id": pd.array(ids, dtype="str"),
        "note": pd.array(np.where(known, "", reasons.to_numpy(dtype=object)).tolist(), dtype="str"),
    }
    for name in table.columns.drop("household_id"):
        values = table[name]
        if not known.all() and values.dtype == bool:
            values = values.astype("boolean")
        columns[name] = values.array.take(place, allow_fill=True)
    result = pd.DataFrame(columns)
    beside = result["not_at_risk"].isin(NO_FORECAST)
    if beside.any():
        told = [name for name in result.columns if str(name).startswith(OF_THE_EVENT) and name != "risks"]
        result = result.assign(**{name: result[name].mask(beside) for name in told})
        result["note"] = result["note"].mask(beside, result["not_at_risk"])
    said = {"model": label} | ({} if policy is None else {"policy": policy.label})
    return result.assign(as_of=result["as_of"].fillna(day), **{name: result[name].fillna(said[name]) for name in said})


def with_monitoring(scores: pd.DataFrame, here: Snapshot) -> pd.DataFrame:
    """Add since when and as what the households are monitored, and what was done for them; missing for the others.

    Parameters
    ----------
    scores : DataFrame
        With ``household_id``.
    here : Snapshot
        The day.

    Returns
    -------
    DataFrame
        With the columns of :func:`fanpin_risk.asof.monitored_households.monitored_households` at the end.
    """
    found = monitored_households(here).reindex(scores["household_id"].to_numpy())
    return pd.concat([scores, found.reset_index(drop=True)], axis=1)
