"""When a row was true and when the register knew: filled where it can be, refused where it cannot be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fanpin_risk.records.declarations import Table
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = [
    "check_future",
    "check_times",
    "date_origins",
    "end_without_day",
    "fill_recorded_at",
    "fill_times",
    "lag_days",
    "row_time",
]


EARLIEST_BIRTH = np.datetime64("1900-01-01", "s")
LONGEST_PERIOD = np.timedelta64(366, "D")
# What says which days a sheet is about, as it is said in a sentence.
ORIGINS: Mapping[str, Message] = {
    "option": Message("data_date"),
    "header": Message("the headers of its columns"),
    "title": Message("its title"),
    "sheet": Message("the name of the sheet"),
    "file": Message("the name of the file"),
    "folder": Message("the name of the folder"),
}


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


def lag_days(table: Table, known_lag_days: int | None = None) -> int:
    """Return how many days after its own time a row counts as known whose day of recording is not on record.

    Parameters
    ----------
    table : Table
    known_lag_days : int, optional
        Days to use instead of those of the table; not for tables that are known at once.

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> lag_days(TABLES["incomes"]), lag_days(TABLES["incomes"], 0), lag_days(TABLES["monitoring"], 60)
    (30, 0, 0)
    """
    return table.lag_days if known_lag_days is None or not table.lag_days else known_lag_days


def fill_times(rows: Rows) -> None:
    """Fill a missing ``valid_from`` by the data's date, a missing period by the year a sheet is about, one end by the other."""
    names = [name for name in ("valid_from", "period_start", "period_end") if name in rows.table]
    for name in names or [rows.table.time]:
        rows.origin[rows.frame[name].notna().to_numpy()] = "column"
    if "valid_from" in rows.table:
        asked = _said_by(rows, "option")
        _fill_from_span(rows, "valid_from", {"valid_from": 0}, asked)
        _fill_from_data_date(rows, ~asked)
        _fill_from_span(rows, "valid_from", {"valid_from": 0}, ~asked & np.isnat(rows.data_date))
    elif "period_start" in rows.table:
        everywhere = np.ones(len(rows.frame), dtype=bool)
        _fill_from_span(rows, "period_end", {"period_start": 0, "period_end": 1}, everywhere)
        for name, other, side in (
            ("period_start", "period_end", rows.first),
            ("period_end", "period_start", rows.last),
        ):
            empty = rows.frame[name].isna().to_numpy() & ~rows.fault[name]
            span = rows.first[other] < rows.last[other]  # given as a year or a month
            use = empty & span
            rows.frame.loc[use, name] = pd.Series(side[other], index=rows.frame.index)[use]


def _said_by(rows: Rows, *origins: str) -> np.ndarray:
    """Tell of which rows it is said in one of these ways which days they are about."""
    said = np.array([dating is not None and dating.origin in origins for dating in rows.datings], dtype=bool)
    return said[rows.sheet]


def _fill_from_data_date(rows: Rows, where: np.ndarray) -> None:
    """Fill a missing ``valid_from`` by the day that the data show, and say where the sheet itself names another."""
    day = rows.data_date
    filled = where & rows.frame["valid_from"].isna().to_numpy() & ~rows.fault["valid_from"] & ~np.isnat(day)
    if not filled.any():
        return
    rows.frame.loc[filled, "valid_from"] = pd.Series(day, index=rows.frame.index)[filled]
    rows.first["valid_from"] = np.where(filled, day, rows.first["valid_from"])
    rows.last["valid_from"] = np.where(filled, day, rows.last["valid_from"])
    rows.origin[filled] = "data_date"
    first, last = rows.span
    for number in np.unique(rows.sheet[filled & ((day < first) | (day > last))]):
        if rows.datings[number].origin == "header":  # amounts of earlier years stand in a later sheet
            continue
        one = int(np.flatnonzero(rows.sheet == number)[0])
        rows.problems.note(
            table=rows.table.name, source=str(rows.sources[one]), code="date_differs",
            text=Message(
                "has rows without a date of their own; data_date {day} was used, though {origin} says {first} to {last}; say the "
                "date of the file alone with --data-date FILE=DATE",
                day=str(day[one])[:10], origin=ORIGINS[rows.datings[number].origin],
                first=str(first[one])[:10], last=str(last[one])[:10],
            ),
        )  # fmt: skip


def _fill_from_span(rows: Rows, name: str, sides: Mapping[str, int], where: np.ndarray) -> None:
    """Fill missing days by those that something says of the whole sheet; a year's accounts need a whole year."""
    first, last = rows.span
    empty = where & ~np.isnat(first)
    for column in sides:
        empty &= rows.frame[column].isna().to_numpy() & ~rows.fault[column]
    if "period_start" in sides:
        empty &= np.array([dating is not None and dating.whole_year for dating in rows.datings], dtype=bool)[rows.sheet]
    if not empty.any():
        return
    for column, side in sides.items():
        day = rows.span[side]
        rows.frame.loc[empty, column] = pd.Series(day, index=rows.frame.index)[empty]
        rows.first[column] = np.where(empty, day if column != name or side == 0 else first, rows.first[column])
        rows.last[column] = np.where(empty, last, rows.last[column])
    for number in np.unique(rows.sheet[empty]):
        dating = rows.datings[number]
        assert dating is not None
        mine = empty & (rows.sheet == number)
        rows.origin[mine] = dating.origin
        one = int(np.flatnonzero(mine)[0])
        rows.problems.note(
            table=rows.table.name, source=str(rows.sources[one]), code="date_from_name",
            text=Message(
                "has rows without a date of their own; by {origin} they are of {first} to {last}",
                origin=ORIGINS[dating.origin], first=str(first[one])[:10], last=str(last[one])[:10],
            ),
        )  # fmt: skip


def date_origins(rows: Rows) -> list[tuple[str, str, str, pd.Timestamp, pd.Timestamp, int]]:
    """Return what said which days the rows of each sheet are about.

    Returns
    -------
    list of tuple
        Table, source, origin (see :class:`fanpin_risk.records.sheets.Dating`, or ``column``, or ``data_date``), first
        and last day, and number of rows.
    """
    own = row_time(rows.table, rows.frame)
    first, last = (side.get(rows.table.time, own.to_numpy()) for side in (rows.first, rows.last))
    of_part, sources = pd.factorize(np.array([part.source for part in rows.parts], dtype=object))
    which, origins = pd.factorize(rows.origin)
    group = of_part[rows.sheet] * len(origins) + which if len(of_part) else which  # numbers are grouped much faster
    said = origins[which] != ""
    if not said.all():
        group, first, last = group[said], first[said], last[said]
    groups = pd.Series(first).groupby(group, sort=False)
    begins, ends, sizes = groups.min(), pd.Series(last).groupby(group, sort=False).max(), groups.size()
    return [
        (rows.table.name, sources[number // len(origins)], origins[number % len(origins)], begin, end, size)
        for number, begin, end, size in zip(begins.index, begins, ends, sizes, strict=True)
    ]


def end_without_day(rows: Rows) -> None:
    """Treat members who died or left without a day as gone since the day of the row, and report them."""
    if "present" not in rows.table:
        return
    frame = rows.frame
    gone = ~frame["present"].fillna(True).to_numpy(dtype=bool)
    if "left_reason" in rows.table:
        gone |= frame["left_reason"].notna().to_numpy()
    gone &= (frame["valid_to"].isna() & frame["valid_from"].notna()).to_numpy() & ~rows.rejected
    if not gone.any():
        return
    frame.loc[gone, "valid_to"] = frame.loc[gone, "valid_from"]
    for side in (rows.first, rows.last):
        side["valid_to"] = np.where(gone, rows.first["valid_from"], side["valid_to"])
    rows.report(
        gone, "valid_to", "left_without_day", "warning",
        Message("the day of leaving; without it, taken as gone since the day of the row, and not counted from then on"),
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
        ended_before = rows.last[table.open_ended] < began
        if "present" in table:  # who left before the day of a list is gone on that day
            ended_before &= frame["present"].fillna(False).to_numpy(dtype=bool)
        rows.blank(
            ended_before, table.open_ended, "end_before_start", Message("a day not before {column}", column=not_before)
        )
    if "birth_date" in table:
        born = frame["birth_date"].to_numpy()
        impossible = (born < EARLIEST_BIRTH) | (born > rows.last["valid_from"])
        rows.blank(
            impossible, "birth_date", "impossible_birth",
            Message("a birth date from 1900 on and not after the row's own date"),
        )  # fmt: skip
    rows.report(
        rows.last["recorded_at"] < began, "recorded_at", "recorded_before", "warning",
        Message("a day not before {column}: the row is about a time after it was recorded", column=not_before),
    )  # fmt: skip


def check_future(rows: Rows) -> None:
    """Doubt days after the data's own, or after today; a year or a month counts from its first day."""
    today = np.datetime64(pd.Timestamp.now().normalize(), "s")
    last_day = np.fmin(rows.data_date, today)
    for name in (rows.table.time, "recorded_at"):
        days = rows.first.get(name, row_time(rows.table, rows.frame).to_numpy())
        rows.report(
            (days > last_day) & rows.frame[name].notna().to_numpy(), name, "date_in_future", "warning",
            Message("a day not after today, nor after the data's own date"),
        )  # fmt: skip


def fill_recorded_at(rows: Rows, known_lag_days: int | None = None) -> np.ndarray:
    """Fill missing ``recorded_at``: the end of the row's time plus the table's lag; never after the data's own date.

    Returns which rows were filled.
    """
    table = rows.table
    empty = rows.frame["recorded_at"].isna().to_numpy()
    ended = rows.last.get(table.time)
    if ended is None or "period_start" in table:
        ended = row_time(table, rows.frame).to_numpy()
    known = ended + np.timedelta64(lag_days(table, known_lag_days), "D")
    happened = row_time(table, rows.frame).to_numpy() <= rows.data_date
    known = np.where(happened, np.minimum(known, rows.data_date), known)
    rows.frame["recorded_at"] = rows.frame["recorded_at"].mask(empty, pd.Series(known, index=rows.frame.index))
    return empty
