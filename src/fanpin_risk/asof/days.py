"""Days: reading the day that a question is about, and counting months up to it.

Days are datetime64[D], or float64 as days since 1970 where they may be missing.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.cells import YEARS
from fanpin_risk.words import Message

__all__ = [
    "DAYS_PER_MONTH",
    "Array",
    "calendar_years",
    "full_months",
    "months_after",
    "months_before",
    "months_of",
    "period_number",
    "school_year_begin",
    "to_day",
]

Array = np.ndarray

DAYS_PER_MONTH = 365.25 / 12
MONTHS_BEHIND = 1_000_000  # a period is written as the number 202210.202309

# Year, month and day in this order: 2023-12-31, 2023/12/31, 2023.12.31, 2023年12月31日, 20231231; a time may follow.
DAY_TEXT = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)


def to_day(value: Any, *, argument: str = "as_of") -> pd.Timestamp:
    """Read a day.

    Parameters
    ----------
    value : date-like
        A text of year, month and day in this order, such as ``2023-12-31``, a date or a timestamp; a time of day is
        dropped.
    argument : str, default "as_of"
        What the day is called in an error.

    Returns
    -------
    Timestamp

    Raises
    ------
    SchemaError
        If it is missing, a number (2023 could be a year or a count), a text that can be read in two ways
        (``01/02/2023``), no day, or before 1800 or after 2200.

    Examples
    --------
    >>> to_day("2023-12-31").year, to_day("2023年12月31日").year
    (2023, 2023)
    """
    got: Any = type(value).__name__
    if isinstance(value, (bool, int, float, np.number)) and not np.isnan(value):
        raise SchemaError("{argument} is a number: expected a day such as '2023-12-31'", argument=argument)
    try:
        if isinstance(value, str):
            got = Message("another text")
            parts = DAY_TEXT.fullmatch(value.strip())
            if parts is None:
                raise ValueError
            numbers = [int(part) for part in parts.groups() if part is not None and part.isdecimal()]
            value = date(*numbers)
        day = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise SchemaError(
            "{argument} is not a day: expected year, month and day such as '2023-12-31', got {got}",
            argument=argument,
            got=got,
        ) from error
    if pd.isna(day):
        raise SchemaError("{argument} is missing: expected a day such as '2023-12-31'", argument=argument)
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise SchemaError(
            "{argument} is in the year {year}: expected a day from {first}-01-01 to {last}-12-31",
            argument=argument,
            year=day.year,
            first=YEARS[0],
            last=YEARS[1],
        )
    return day.tz_localize(None).normalize().as_unit("s")


def months_before(day: np.datetime64, months: int) -> np.datetime64:
    """Return the day some calendar months before a day; that of a month's last day is a month's last day.

    Examples
    --------
    >>> str(months_before(np.datetime64("2023-04-30"), 2))
    '2023-02-28'
    """
    moved = pd.Timestamp(day) - pd.DateOffset(months=months)
    if pd.Timestamp(day).is_month_end:
        moved = moved + pd.offsets.MonthEnd(0)
    return moved.to_datetime64().astype("datetime64[D]")


def months_after(day: Any, months: int) -> pd.Timestamp:
    """Return the last day of a horizon: some calendar months after a day.

    Examples
    --------
    >>> months_after("2022-12-31", 2).date().isoformat()
    '2023-02-28'
    """
    return pd.Timestamp(months_before(to_day(day).to_datetime64().astype("datetime64[D]"), -months)).as_unit("s")


def full_months(days: Array, until: np.datetime64) -> Array:
    """Return the full calendar months from each of `days` to a day.

    Consistent with :func:`months_before`: what is less than 12 full months before the day lies after the day 12
    months before it.

    Parameters
    ----------
    days : ndarray of float64, shape (n,)
        Days since 1970; NaN for unknown.
    until : datetime64[D]
        The day.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where the day is unknown.
    """
    known = ~np.isnan(days)
    day = days[known].astype("int64").astype("datetime64[D]")
    months = (until.astype("datetime64[M]") - day.astype("datetime64[M]")).astype("float64")
    of_month = day - day.astype("datetime64[M]")
    begun = of_month > until - until.astype("datetime64[M]")
    result = np.full(len(days), np.nan)
    result[known] = months - (begun & (not pd.Timestamp(until).is_month_end))
    return result


def calendar_years(days: Array) -> Array:
    """Return the calendar year of each day, float64; NaN where it is unknown.

    Parameters
    ----------
    days : ndarray of shape (n,)
        datetime64[D], or float64 as days since 1970; NaT or NaN for unknown.

    Examples
    --------
    >>> calendar_years(np.array([0.0, -1.0, np.nan]))
    array([1970., 1969.,   nan])
    """
    if days.dtype.kind == "M":
        unknown, dates = np.isnat(days), days.astype("datetime64[D]")
    else:
        unknown = np.isnan(days)
        dates = np.where(unknown, 0.0, days).astype("int64").astype("datetime64[D]")
    years = dates.astype("datetime64[Y]").astype("int64") + 1970
    return np.where(unknown, np.nan, years.astype("float64"))


def period_number(began: Array, ended: Array, scaled: Array) -> Array:
    """Write periods as numbers that can be read: year and month of the first day, and behind the point of the last.

    Parameters
    ----------
    began, ended : ndarray of float64, shape (n,)
        First and last day, as days since 1970; NaN for unknown.
    scaled : ndarray of bool, shape (n,)
        Whether only a part of a year is known and stands for the whole: such numbers are negative.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where a day is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> one = period_number(np.array([19266.0]), np.array([19630.0]), np.array([False]))
    >>> print(one[0], months_of(one[0]))
    202210.202309 ((2022, 10), (2023, 9), False)
    """
    known = ~(np.isnan(began) | np.isnan(ended))
    first, last = (
        np.where(known, days, 0.0).astype("int64").astype("datetime64[D]").astype("datetime64[M]").astype("int64")
        for days in (began, ended)
    )
    written = [100.0 * (1970 + months // 12) + months % 12 + 1 for months in (first, last)]
    number = np.where(scaled, -1.0, 1.0) * (written[0] + written[1] / MONTHS_BEHIND)
    return np.where(known, number, np.nan)


def months_of(number: float) -> tuple[tuple[int, int], tuple[int, int], bool]:
    """Read what :func:`period_number` wrote: year and month of the first day, of the last, and whether it is scaled."""
    whole = round(abs(number) * MONTHS_BEHIND)
    first, last = divmod(whole, MONTHS_BEHIND)
    return divmod(first, 100), divmod(last, 100), bool(number < 0)


def school_year_begin(school_year: Array) -> Array:
    """Return the day on which a school year begins: 1 September, as datetime64[D]; NaN gives NaT.

    Examples
    --------
    >>> school_year_begin(np.array([2023.0, np.nan])).astype(str).tolist()
    ['2023-09-01', 'NaT']
    """
    years = np.where(np.isnan(school_year), 1970, school_year).astype("int64") - 1970
    days = years.astype("datetime64[Y]").astype("datetime64[M]") + np.timedelta64(8, "M")
    days = days.astype("datetime64[D]")
    days[np.isnan(school_year)] = np.datetime64("NaT")
    return days
