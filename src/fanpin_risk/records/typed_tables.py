"""Tables as a register holds them: found by any of their names, with exactly the declared columns and types."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.cells import column_dtype, missing
from fanpin_risk.records.declarations import Column, Table
from fanpin_risk.records.schema import TABLES, table

__all__ = ["conform", "empty_table", "find_table", "marked", "was_supplied"]


def find_table(name: str) -> Table | None:
    """Return the table of an English name, Chinese name or alias; None if there is none.

    Examples
    --------
    >>> find_table("家庭成员").name
    'members'
    """
    wanted = name.strip().lower()
    for declared in TABLES.values():
        if wanted in (declared.name, declared.zh, *declared.aliases):
            return declared
    return None


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Cast a frame to exactly the columns and types of one table, without checking what it says.

    Parameters
    ----------
    name : str
        Name of the table.
    frame : DataFrame of shape (n_rows, n)
        With the table's English column names; absent columns are added as missing, others dropped.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns_of_the_table)
        Columns in the schema's order, RangeIndex.

    Raises
    ------
    SchemaError
        If a column cannot be cast, or holds a code that is not declared.

    Examples
    --------
    >>> conform("disabilities", pd.DataFrame({"member_id": ["p1"], "grade": ["grade2"]}))["grade"].tolist()
    ['grade2']
    """
    columns = {}
    for column in table(name).columns:
        values = frame[column.name].reset_index(drop=True) if column.name in frame else missing(column, len(frame))
        try:
            columns[column.name] = _cast(values, column)
        except (ValueError, TypeError, OverflowError) as error:
            raise SchemaError(
                "{table}.{column} cannot be cast to type {type!r}", table=name, column=column.name, type=column.type
            ) from error
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


def empty_table(name: str) -> pd.DataFrame:
    """Return a table without rows, with the right columns and types.

    Parameters
    ----------
    name : str
        Name of the table.

    Returns
    -------
    DataFrame of shape (0, n_columns)

    Examples
    --------
    >>> empty_table("monitoring").shape == (0, len(TABLES["monitoring"].columns))
    True
    """
    frame = conform(name, pd.DataFrame())
    frame.attrs["supplied"] = False
    return frame


def was_supplied(frame: Any) -> bool:
    """Whether a frame was given as a table, and does not only stand for an absent one."""
    return bool(getattr(frame, "attrs", {}).get("supplied", True))


def marked(frame: pd.DataFrame, *, supplied: bool) -> pd.DataFrame:
    """Return a frame that says whether it was given as a table, so that a register made of it knows."""
    if was_supplied(frame) == supplied:
        return frame
    frame = frame.copy(deep=False)
    frame.attrs["supplied"] = supplied
    return frame


def _cast(values: pd.Series, column: Column) -> pd.Series:
    dtype = column_dtype(column)
    if column.type == "date":
        return pd.to_datetime(values).astype(dtype)
    if column.type == "code" and not values.dropna().isin(list(column.codes)).all():
        raise ValueError("undeclared code")
    return values.astype(dtype)
