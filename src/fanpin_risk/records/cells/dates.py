"""Cells that hold days, months or years as dates."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.cells.cleaning import MISSING, as_text
from fanpin_risk.records.cells.contents import changed, distinct, with_care
from fanpin_risk.records.cells.parsed import Fault, Parsed
from fanpin_risk.words import Message

__all__ = ["CHINESE_DIGITS", "YEARS", "date_parts", "parse_dates", "read_day", "school_year_start", "years_of_cells"]

SAVED_AS_NUMBER = re.compile(r"^(\d{4}|\d{6}|\d{8})\.0$")  # 202305.0: a month that once was a floating-point number
BESIDE_SIGNS = re.compile(r" (?=[年月日])|(?<=[年月日]) (?=\d)")  # 2023 年 5 月
NO_DATE = MISSING | {
    "无",
    "长期",
    "至今",
    "永久",
    "0000-00-00",
    "9999-12-31",
    "99991231",
    "9999/12/31",
    "infinity",
    "-infinity",
}
PLAIN_DATE = r"^(?:1[89]|2[01])[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"  # if the month has the day
DATE_TEXT = re.compile(
    r"(?P<y>\d{4})"
    r"(?:年度?|[-/.年](?P<m>\d{1,2})(?:月份?|[-/.月](?P<d>\d{1,2})日?)?|(?P<m2>\d{2})(?P<d2>\d{2})?)?"
    r"(?:[T ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
)
SHORT_YEAR_OF_MONTH = re.compile(r"(?P<y>\d{2})年(?=\d{1,2}月)")  # 23年5月: two digits are a year where a month follows
EARLIEST_SHORT_YEAR = 1950
WRITTEN_DATE = re.compile(
    r"(?P<y>[〇零○一二三四五六七八九]{4}|[〇零○一二三四五六七八九]{2}(?=年[^年]*月))年(?:(?P<m>[元正一二三四五六七八九十]{1,2})月份?(?:(?P<d>[一二三四五六七八九十廿卅]{1,3})[日号])?)?"
)
MONTH_FIRST = re.compile(r"(?P<m>0?[1-9]|1[0-2])/(?P<d>1[3-9]|2\d|3[01])/(?P<y>\d{4})(?: 0?0:00(?::00)?)?")
NUMERALS = {sign: number for number, signs in enumerate(("〇零○", *"一二三四五六七八九")) for sign in signs}
AMBIGUOUS_DATE = re.compile(r"\d{4}\.1")  # the number 2023.1 may have been 2023.10
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
SERIAL_RANGE = (10_000, 73_051)  # 1927-05-18 to 2100-01-01 as Excel counts days
YEARS = (1800, 2200)  # outside, a year is a slip of the pen
SCHOOL_YEAR = re.compile(r"(?P<y>\d{4})(?:[-/—–~至](?P<z>\d{4}|\d{2}))?(?:学年度?|年度?)?")
CHINESE_DIGITS = str.maketrans("〇零○O一二三四五六七八九", "0000123456789")
YEAR_IN_WORDS = re.compile(r"(二[〇零○O][〇零○O一二三四][〇零○O一二三四五六七八九])年?度?")
SHORT_YEAR = re.compile(r"(\d{2})年度?")  # 24年, where nothing but a year can stand
FLOATING_MONTH = re.compile(r"((?:19|20)\d{2})\.\d{1,2}")
UNKNOWN_DAY = np.datetime64("NaT", "s")


def school_year_start(text: str) -> int | None:
    """Return the year in which the school year begins, or None if the text names no school year.

    Examples
    --------
    >>> [school_year_start(t) for t in ("2023", "2023-2024", "2023/24", "2023学年", "2024-03-01", "2023-2025")]
    [2023, 2023, 2023, 2023, 2023, None]
    """
    match = SCHOOL_YEAR.fullmatch(text.replace(" ", ""))
    if match:
        year, second = int(match["y"]), match["z"]
        if second is None or int(second) == (year + 1 if len(second) == 4 else (year + 1) % 100):
            return year
    day = date_parts(text)
    if day is None or day[1] == 0:
        return None
    return day[0] if day[1] >= 8 else day[0] - 1  # China's school year begins on 1 September, enrolment in August


def parse_dates(values: pd.Series, *, month_end: bool) -> Parsed:
    """Parse cells that hold days, months or years; of a month or a year, `month_end` takes the last day, else the first.

    Examples
    --------
    >>> parse_dates(pd.Series(["2023年5月", "2023"]), month_end=False).column.dt.date.tolist()
    [datetime.date(2023, 5, 1), datetime.date(2023, 1, 1)]
    """
    dtype: Any = values.dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        if isinstance(dtype, pd.DatetimeTZDtype):
            values = values.dt.tz_localize(None)
        days = values.to_numpy().astype("datetime64[D]")
        first = last = days.astype("datetime64[s]")
        years = days.astype("datetime64[Y]").astype("int64") + 1970
        wrong = ~np.isnat(days) & ((years < YEARS[0]) | (years > YEARS[1]))
    else:
        codes, cells = distinct(values)
        first_of, last_of, wrong_of = _first_and_last(cells)
        first, last, wrong = first_of[codes], last_of[codes], wrong_of[codes]
    if wrong.any():
        first, last = np.where(wrong, UNKNOWN_DAY, first), np.where(wrong, UNKNOWN_DAY, last)
    fault = Fault(wrong, "not_a_date", Message("a date such as 2023-06-30"))
    chosen = last if month_end else first
    return Parsed(pd.Series(chosen), (fault,) if wrong.any() else (), first, last)


def years_of_cells(values: pd.Series, *, keep_days: bool = False) -> tuple[pd.Series, bool]:
    """Return cells below a header that names years with the year of each, and whether any held a month or a day.

    What is no date is returned as it is; with `keep_days` months and days are, too.

    Examples
    --------
    >>> years_of_cells(pd.Series(["202412", "24年", "二〇二四年度", "2024", "2023-2024"]))[0].tolist()
    ['2024', '2024', '2024', '2024', '2023-2024']
    """
    dtype: Any = values.dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        if keep_days:
            return values, False
        return values.dt.year.astype("Int64").astype("str").where(values.notna(), ""), bool(values.notna().any())
    finer = False

    def year_of(cell: object) -> object:
        nonlocal finer
        text = as_text(cell)
        if words := YEAR_IN_WORDS.fullmatch(text):
            return words[1].replace("二", "2").translate(CHINESE_DIGITS)
        if short := SHORT_YEAR.fullmatch(text):
            return f"20{short[1]}"
        day = date_parts(cell)
        if day is None:
            month = FLOATING_MONTH.fullmatch(text)  # 2024.1 is of 2024, whichever month it is
            day = (int(month[1]), 1, 0) if month else (0, 0, 0)
        if day[0] == 0 or day[1] == 0 or keep_days:
            return cell
        finer = True
        return str(day[0])

    return changed(values, year_of), finer


def _first_and_last(cells: list[Any] | pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return first day, last day and whether it cannot be read as a date, per content and for missing (the last)."""
    parts, wrong = np.zeros((len(cells) + 1, 3), dtype="int64"), np.zeros(len(cells) + 1, dtype=bool)
    others = with_care(cells, PLAIN_DATE)
    positions = [position for position, _ in others]
    found = [date_parts(cell) for _, cell in others]
    plain = np.delete(np.arange(len(cells)), positions)
    if not isinstance(cells, list):
        dates = cells.take(plain)
        for number, (start, stop) in enumerate(((0, 4), (5, 7), (8, 10))):
            parts[plain, number] = pc.utf8_slice_codeunits(dates, start, stop).cast(pa.int64()).to_numpy()
    if found:
        parts[positions] = [part or (0, 0, 0) for part in found]
        wrong[positions] = [part is None for part in found]
    year, month, day = parts.T
    known = year > 0
    months = np.where(known, (year - 1970) * 12 + np.maximum(month, 1) - 1, 0).astype("datetime64[M]")
    ends = np.where(month == 0, months + np.timedelta64(11, "M"), months) + np.timedelta64(1, "M")
    first = months.astype("datetime64[D]") + np.maximum(day - 1, 0).astype("timedelta64[D]")
    last = np.where(day > 0, first, ends.astype("datetime64[D]") - np.timedelta64(1, "D"))
    wrong |= known & ((year < YEARS[0]) | (year > YEARS[1]) | (first.astype("datetime64[M]") != months))
    use = known & ~wrong
    return (
        np.where(use, first.astype("datetime64[s]"), UNKNOWN_DAY),
        np.where(use, last.astype("datetime64[s]"), UNKNOWN_DAY),
        wrong,
    )


def date_parts(cell: Any) -> tuple[int, int, int] | None:
    """Return year, month and day (0: not given), all 0 if the cell is missing, None if it holds no date.

    Examples
    --------
    >>> date_parts("2023年5月"), date_parts(45_000), date_parts("长期"), date_parts("soon")
    ((2023, 5, 0), (2023, 3, 15), (0, 0, 0), None)
    >>> date_parts("23年5月"), date_parts("二〇二三年五月十日"), date_parts("5/17/2023"), date_parts("5/6/2023")
    ((2023, 5, 0), (2023, 5, 10), (2023, 5, 17), None)
    """
    if isinstance(cell, dt.date):
        return cell.year, cell.month, cell.day
    text = SAVED_AS_NUMBER.sub(r"\1", BESIDE_SIGNS.sub("", as_text(cell)))
    if text.lower() in NO_DATE:
        return 0, 0, 0
    if SERIAL.fullmatch(text):
        serial = int(float(text))
        if not SERIAL_RANGE[0] <= serial < SERIAL_RANGE[1]:
            return None
        day = dt.date(1899, 12, 30) + dt.timedelta(days=serial)
        return day.year, day.month, day.day
    text = _in_digits(text)
    match = DATE_TEXT.fullmatch(text)
    if match is None or AMBIGUOUS_DATE.fullmatch(text) or (isinstance(cell, float) and not cell.is_integer()):
        return None
    month, day_text = match["m"] or match["m2"], match["d"] or match["d2"]
    if (month is not None and not 1 <= int(month) <= 12) or (day_text is not None and int(day_text) == 0):
        return None
    year = int(match["y"])
    return (year, int(month or 0), int(day_text or 0)) if year > 0 else None


def _in_digits(text: str) -> str:
    """Return a date that is written in Chinese numerals, with two digits of the year, or as 5/17/2023, with four digits first.

    What could be read in two ways, such as 5/6/2023, stays as it is and is no date.
    """
    if written := WRITTEN_DATE.fullmatch(text):
        year = "".join(str(NUMERALS[character]) for character in written["y"])
        parts = [f"{year}年"]
        for name, sign in (("m", "月"), ("d", "日")):
            if written[name]:
                parts.append(f"{_of_numerals(written[name])}{sign}")
        text = "".join(parts)
    if short := SHORT_YEAR_OF_MONTH.match(text):
        century = EARLIEST_SHORT_YEAR // 100 * 100
        century += 100 if century + int(short["y"]) < EARLIEST_SHORT_YEAR else 0
        text = f"{century + int(short['y'])}{text[2:]}"
    if american := MONTH_FIRST.fullmatch(text):
        text = f"{american['y']}-{american['m']}-{american['d']}"
    return text


def _of_numerals(text: str) -> int:
    """Return a number up to 39 as it is written in Chinese; 元 and 正 name the first month; 0 for what is none."""
    text = re.sub("[元正]", "一", text).replace("廿", "二十").replace("卅", "三十")
    tens, sign, ones = text.rpartition("十")
    if len(ones) > 1 or len(tens) > 1 or "十" in tens:
        return 0
    return (NUMERALS.get(tens, 1) * 10 if sign else 0) + NUMERALS.get(ones, 0)


def read_day(value: object, name: str) -> pd.Timestamp:
    """Return the day that an option names.

    Parameters
    ----------
    value : date-like
        A day, month or year as in a cell; of a month or a year, its last day.
    name : str
        Name of the option, for the message.

    Returns
    -------
    Timestamp

    Raises
    ------
    SchemaError
        If it is not a day.

    Examples
    --------
    >>> read_day("2023年6月", "data_date")
    Timestamp('2023-06-30 00:00:00')
    """
    parsed = parse_dates(pd.Series([value], dtype=object), month_end=True)
    day = parsed.column.iloc[0]
    if pd.isna(day):
        raise SchemaError("{name} is not a date; give a day such as 2024-06-30", name=name)
    return pd.Timestamp(day)
