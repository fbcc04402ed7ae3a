"""The register: ten checked tables, and what was wrong with the rows that did not make it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.schema import TABLES, Column, table

__all__ = ["Register", "conform", "empty_table"]

PROBLEM_COLUMNS = ("table", "source", "row", "column", "code", "severity", "expected", "message", "message_zh")


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
    >>> conform("disabilities", pd.DataFrame({"member_id": ["p1"], "grade": ["grade2"]})).dtypes["grade"].categories[1]
    'grade2'
    """
    columns = {}
    for column in table(name).columns:
        values = frame[column.name].reset_index(drop=True) if column.name in frame else None
        try:
            columns[column.name] = _cast(values, column, len(frame))
        except (ValueError, TypeError, OverflowError) as error:
            raise SchemaError(f"{name}.{column.name} cannot be cast to type {column.type!r}") from error
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


def empty_table(name: str) -> pd.DataFrame:
    """Return the table without rows, with the right columns and types.

    Parameters
    ----------
    name : str
        Name of the table.

    Returns
    -------
    DataFrame of shape (0, n_columns)

    Examples
    --------
    >>> empty_table("monitoring").shape
    (0, 8)
    """
    frame = conform(name, pd.DataFrame())
    frame.attrs["supplied"] = False
    return frame


def _cast(values: pd.Series | None, column: Column, n: int) -> pd.Series:
    dtype = column_dtype(column)
    if values is None:
        return pd.Series([pd.NaT if column.type == "date" else None] * n, dtype=dtype)
    if column.type == "code":
        cast = values.astype(dtype)
        if cast.isna().sum() > values.isna().sum():
            raise ValueError("undeclared code")
        return cast
    if column.type == "date":
        return pd.to_datetime(values).astype(dtype)
    return values.astype(dtype)


def column_dtype(column: Column) -> Any:
    """Return the pandas dtype in which a column is kept."""
    if column.type == "code":
        return pd.CategoricalDtype(list(column.codes))
    return {"int": "float64", "number": "float64", "date": "datetime64[s]", "bool": "boolean"}.get(column.type, "str")


class Register:
    """A household register as ten checked tables.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Typed tables (see :func:`conform`), trusted as they are; missing ones are taken as empty.
    problems : DataFrame, optional
        What was found while reading: ``table, source, row, column, code, severity, expected, message, message_zh``.
    rejected_rows : mapping of str to DataFrame, optional
        The rows that were not taken, as read, with ``source``, ``row`` and ``reason``.
    counts : DataFrame, optional
        Per table ``rows_read, rows_kept, rows_rejected, records``; by default all rows count as kept.
    source : str
        Where it came from, for display.
    supplied : iterable of str, optional
        Names of the tables that were given, even without rows: "no bill on record" is an answer there, and
        unknown elsewhere. Default: the tables given, but those made by :func:`empty_table`.
    """

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        problems: pd.DataFrame | None = None,
        rejected_rows: Mapping[str, pd.DataFrame] | None = None,
        counts: pd.DataFrame | None = None,
        source: str = "",
        supplied: Iterable[str] | None = None,
    ) -> None:
        for name in tables:
            table(name)
        if supplied is None:
            supplied = [name for name, frame in tables.items() if frame.attrs.get("supplied", True)]
        self.supplied: frozenset[str] = frozenset(supplied)
        self.tables: dict[str, pd.DataFrame] = {
            name: tables[name] if name in tables else empty_table(name) for name in TABLES
        }
        self.problems = pd.DataFrame(columns=list(PROBLEM_COLUMNS)) if problems is None else problems
        self.rejected_rows = dict(rejected_rows or {})
        if counts is None:
            n = [len(frame) for frame in self.tables.values()]
            counts = pd.DataFrame(
                {"rows_read": n, "rows_kept": n, "rows_rejected": 0, "records": n},
                index=pd.Index(list(TABLES), name="table"),
            )
        self.counts = counts
        self.source = source

    @property
    def rejects(self) -> pd.DataFrame:
        """The problems for which rows or files were rejected."""
        return self.problems[self.problems["severity"] == "rejected"].reset_index(drop=True)

    @property
    def observed_until(self) -> pd.Timestamp:
        """Newest day on which anything was recorded, or happened where no record day is known; NaT if empty."""
        newest = []
        for name, frame in self.tables.items():
            recorded = frame["recorded_at"].max()
            newest.append(_time(name, frame).max() if pd.isna(recorded) else recorded)
        return pd.Series(newest, dtype="datetime64[s]").max()

    def select(self, household_ids: Iterable[str]) -> Register:
        """Return the register of some households only.

        All versions of their members are kept, also those in another household: who moved away is then known
        to have moved.
        """
        ids = pd.Index([household_ids] if isinstance(household_ids, str) else list(household_ids), dtype="str")
        unknown = ~ids.isin(self.tables["households"]["household_id"])
        if unknown.any():
            raise SchemaError(f"{int(unknown.sum())} of {len(ids)} household ids are not in the register")
        members = self.tables["members"]
        persons = members.loc[members["household_id"].isin(ids), "member_id"]
        tables = {}
        for name, frame in self.tables.items():
            if name == "members" or "household_id" not in frame:
                keep = frame["member_id"].isin(persons)
            else:
                keep = frame["household_id"].isin(ids)
            tables[name] = frame[keep].reset_index(drop=True)
        return Register(tables, source=self.source, supplied=self.supplied)

    @classmethod
    def from_frames(
        cls,
        tables: Mapping[str, Any] | None = None,
        /,
        *,
        data_date: Any = None,
        id_key: bytes | str | Path | None = None,
        **more: Any,
    ) -> Register:
        """Make a register of frames."""
        return cls({name: conform(name, pd.DataFrame(frame)) for name, frame in {**(tables or {}), **more}.items()})


def _time(name: str, frame: pd.DataFrame) -> pd.Series:
    time = frame[table(name).time]
    if table(name)[table(name).time].type == "date":
        return time
    years = time.to_numpy(dtype="float64")
    days = np.full(len(years), np.datetime64("NaT", "s"))
    known = ~np.isnan(years)
    days[known] = (years[known].astype("int64") - 1970).astype("datetime64[Y]").astype("datetime64[M]") + np.timedelta64(8, "M")
    return pd.Series(days, index=frame.index)
