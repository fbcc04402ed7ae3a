"""How much is due where and by whom: the list of what is due, summed by place and responsible person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import pandas as pd

from fanpin_risk.arguments import of_type, one_of
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.places import units_of
from fanpin_risk.words import Message

__all__ = ["CountedBy", "due_counts"]

CountedBy = Literal["county", "township", "village", "owner"]
NEEDED_OF_DUE = ("household_id", "due", "by", "responsible", "area_code", "area_name", "days_overdue")


def due_counts(due: pd.DataFrame, by: Sequence[CountedBy] | CountedBy = ("township", "village")) -> pd.DataFrame:
    """Sum what is due by place, by responsible person, or by both.

    Parameters
    ----------
    due : DataFrame
        From :meth:`Ledger.due`.
    by : str or sequence of str, default ("township", "village")
        Of ``"county"``, ``"township"``, ``"village"`` (the code, or the name where a code is not known; ``""`` where neither is)
        and ``"owner"`` (``responsible``: the code of the person; where none is named ``by``, who has to do it).

    Returns
    -------
    DataFrame
        For each group and kind of duty the columns `by`, ``due``, ``households``, ``count``, ``overdue``, ``without_deadline`` and
        ``days_overdue`` (the longest); the groups with the most that is overdue first.

    Raises
    ------
    SchemaError
        If `due` is no such table, or there is no such group.

    Examples
    --------
    >>> due = pd.DataFrame(
    ...     {
    ...         "household_id": ["a", "b"],
    ...         "due": "visit",
    ...         "by": "responsible",
    ...         "responsible": ["v7", None],
    ...         "area_code": "211282101001",
    ...         "area_name": None,
    ...         "days_overdue": pd.array([3, -1], dtype="Int64"),
    ...     }
    ... )
    >>> due_counts(due, by="village")[["village", "count", "overdue"]].to_numpy().tolist()
    [['211282101001', 2, 1]]
    """
    of_type("due", due, pd.DataFrame, Message("the table that Ledger.due() returns"))
    missing = tuple(name for name in NEEDED_OF_DUE if name not in due.columns)
    if missing:
        raise SchemaError("due has no column {missing}; expected the table that Ledger.due() returns", missing=missing)
    asked = [by] if isinstance(by, str) else list(dict.fromkeys(by))
    for one in [str(one) for one in asked] or [""]:
        one_of("by", one, get_args(CountedBy), SchemaError)
    units = units_of(due["area_code"], due["area_name"])
    groups = {one: due["responsible"].fillna(due["by"]) if one == "owner" else units[one] for one in asked}
    rows = due[["household_id", "due", "days_overdue"]].assign(
        **groups, overdue=due["days_overdue"].fillna(0) > 0, without_deadline=due["days_overdue"].isna()
    )
    counted = rows.groupby([*asked, "due"], sort=True, as_index=False).agg(
        households=("household_id", "nunique"), count=("household_id", "size"), overdue=("overdue", "sum"),
        without_deadline=("without_deadline", "sum"), days_overdue=("days_overdue", "max"),
    )  # fmt: skip
    of_group = counted.groupby(asked)["overdue"].transform("sum")
    order = counted.assign(of_group=-of_group).sort_values(["of_group", *asked, "due"]).index
    counted = counted.loc[order].reset_index(drop=True)
    counts = dict.fromkeys(("households", "count", "overdue", "without_deadline"), "int64")
    return counted.astype({**counts, "days_overdue": "Int64", **dict.fromkeys((*asked, "due"), "str")})
