"""When a row was true and when the register knew: filled where it can be, refused where it cannot be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fanpin_risk.records.rows import Rows
from fanpin_risk.records.schema import Table
from fanpin_risk.words import Message

__all__ = ["check_future", "check_times", "fill_recorded_at", "fill_times", "row_time"]

EARLIEST_BIRTH = np.datetime64("1900-01-01", "s")
LONGEST_PERIOD = np.timedelta64(366, "D")


def row_time(table: Table, frame: pd.DataFrame) -> pd.Series:
    """Return the day from which each row counts: its ``table.time``, or 1 September for a school year.

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> row_time(TABLES["enrolments"], pd.DataFrame({"school_year": [2023.0, float("nan")]})).dt.date.tolist()
    [datetime.date(2023, 9, 1), NaT]
    """
    if table[table.time].type == "date":
        return frame[table.time]
    years = frame[table.time].to_numpy(dtype="float64")
    known = ~np.isnan(years)
    september = (np.where(known, years, 1970).astype("int64") - 1970) * 12 + 8
    days = september.astype("datetime64[M]").astype("datetime64[s]")
    return pd.Series(np.where(known, days, np.datetime64("NaT", "s")), index=frame.index)


def fill_times(rows: Rows, data_date: pd.Timestamp | None) -> None:
    """Fill a missing ``valid_from`` by the data's date, and one end of a period by the other."""
    if "valid_from" in rows.table and data_date is None:
        _fill_from_span(rows, "valid_from", {"valid_from": 0})
    elif "period_start" in rows.table:
        _fill_from_span(rows, "period_end", {"period_start": 0, "period_end": 1})
    if "valid_from" in rows.table and data_date is not None:
        filled = rows.frame["valid_from"].isna().to_numpy() & ~rows.fault["valid_from"]
        day = np.datetime64(data_date, "s")
        rows.frame.loc[filled, "valid_from"] = pd.Timestamp(day)
        rows.first["valid_from"] = np.where(filled, day, rows.first["valid_from"])
        rows.last["valid_from"] = np.where(filled, day, rows.last["valid_from"])
    if "period_start" in rows.table:
        for name, other, side in (
            ("period_start", "period_end", rows.first),
            ("period_end", "period_start", rows.last),
        ):
            empty = rows.frame[name].isna().to_numpy() & ~rows.fault[name]
            span = rows.first[other] < rows.last[other]  # given as a year or a month
            use = empty & span
            rows.frame.loc[use, name] = pd.Series(side[other], index=rows.frame.index)[use]


def _fill_from_span(rows: Rows, name: str, sides: Mapping[str, int]) -> None:
    """Fill missing days by those that the title or the name of the sheet says; a year's accounts need a whole year."""
    first, last = rows.span
    empty = ~np.isnat(first)
    for column in sides:
        empty &= rows.frame[column].isna().to_numpy() & ~rows.fault[column]
    if "period_start" in sides:
        empty &= last - first >= LONGEST_PERIOD - np.timedelta64(2, "D")
    if not empty.any():
        return
    for column, side in sides.items():
        day = rows.span[side]
        rows.frame.loc[empty, column] = pd.Series(day, index=rows.frame.index)[empty]
        rows.first[column] = np.where(empty, day if column != name or side == 0 else first, rows.first[column])
        rows.last[column] = np.where(empty, last, rows.last[column])
    for source in pd.unique(rows.sources[empty]):
        mine = empty & (rows.sources == source)
        rows.problems.note(
            table=rows.table.name, source=str(source), code="date_from_name",
            text=Message(
                "has rows without a date of their own; by its title or name they are of {first} to {last}",
                first=str(first[mine][0])[:10], last=str(last[mine][0])[:10],
            ),
        )  # fmt: skip


def check_times(rows: Rows) -> None:
    """Reject periods that cannot be, blank days that cannot be, and warn of rows recorded before they were true."""
    table, frame = rows.table, rows.frame
    began = rows.first.get(table.time, row_time(table, frame).to_numpy())
    if "period_start" in table:
        start, end = frame["period_start"].to_numpy(), frame["period_end"].to_numpy()
        rows.report(
            end < start, "period_end", "period_reversed", "rejected",
            Message("an end not before period_start"),
        )  # fmt: skip
        rows.report(
            end - start >= LONGEST_PERIOD, "period_end", "period_too_long", "rejected",
            Message("a period of at most 366 days"),
        )  # fmt: skip
        began = end
    not_before = Message(table.time, table[table.time].zh)
    if table.open_ended:
        rows.blank(
            rows.last[table.open_ended] < began, table.open_ended, "end_before_start",
            Message("a day not before {column}", column=not_before),
        )  # fmt: skip
    if "birth_date" in table:
        born = frame["birth_date"].to_numpy()
        impossible = (born < EARLIEST_BIRTH) | (born > rows.last["valid_from"])
        rows.blank(
            impossible, "birth_date", "impossible_birth",
            Message("a birth date from 1900 on and not after the row's own date"),
        )  # fmt: skip
    rows.report(
        rows.last["recorded_at"] < began, "recorded_at", "recorded_before", "warning",
        Message("a day not before {column}: the row speaks of a time after it was recorded", column=not_before),
    )  # fmt: skip


def check_future(rows: Rows, data_date: pd.Timestamp | None) -> None:
    """Doubt days after the data's own, or after today; a year or a month counts from its first day."""
    today = pd.Timestamp.now().normalize()
    last_day = np.datetime64(today if data_date is None else min(today, data_date), "s")
    for name in (rows.table.time, "recorded_at"):
        days = rows.first.get(name, row_time(rows.table, rows.frame).to_numpy())
        rows.report(
            (days > last_day) & rows.frame[name].notna().to_numpy(), name, "date_in_future", "warning",
            Message("a day not after today, nor after the data's own date"),
        )  # fmt: skip


def fill_recorded_at(rows: Rows, data_date: pd.Timestamp | None) -> np.ndarray:
    """Fill missing ``recorded_at``: the end of the row's time plus the table's lag; never after the data's own date.

    Returns which rows were filled.
    """
    table = rows.table
    empty = rows.frame["recorded_at"].isna().to_numpy()
    ended = rows.last.get(table.time)
    if ended is None or "period_start" in table:
        ended = row_time(table, rows.frame).to_numpy()
    known = ended + np.timedelta64(table.lag_days, "D")
    if data_date is not None:
        day = np.datetime64(data_date, "s")
        happened = row_time(table, rows.frame).to_numpy() <= day
        known = np.where(happened, np.minimum(known, day), known)
    rows.frame["recorded_at"] = rows.frame["recorded_at"].mask(empty, pd.Series(known, index=rows.frame.index))
    return empty
