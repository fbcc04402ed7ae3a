"""Cells with days, months and years as people write them."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.records.cells import (
    parse,
)
from fanpin_risk.records.cells.dates import date_parts, parse_dates
from fanpin_risk.records.schema import TABLES

VALID_FROM = TABLES["households"]["valid_from"]
IDENTIFIED = TABLES["monitoring"]["identified_on"]
BAD = "bad"  # the cell cannot be used


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2023", "2023-01-01", "2023-12-31"), ("2023年", "2023-01-01", "2023-12-31"), (2023, "2023-01-01", "2023-12-31"),
        ("2023年度", "2023-01-01", "2023-12-31"), ("202302", "2023-02-01", "2023-02-28"), ("2024-2", "2024-02-01", "2024-02-29"),
        ("2023年05月", "2023-05-01", "2023-05-31"), ("2023.12", "2023-12-01", "2023-12-31"), (202305.0, "2023-05-01", "2023-05-31"),
        *((text, "2023-06-05", "2023-06-05") for text in (
            "2023-06-05", "2023-6-5", "2023/6/5", "2023.6.5", "2023年6月5日", "20230605", "２０２３／６／５", "45082", 45082, 45082.75,
            "2023-06-05T08:09:10", "2023-06-05 08:09:10.5+08:00", "2023/6/5 0:00", "'2023-06-05", dt.date(2023, 6, 5),
            pd.Timestamp(2023, 6, 5, 23, 59).to_pydatetime(),
            pd.Timestamp("2023-06-05 23:00", tz="Asia/Shanghai"), np.datetime64("2023-06-05"),
        )),
    ],
)  # fmt: skip
def test_dates(read_cells, cell, first, last):
    """A date, month or year is read with its first and last day; which one counts is the column's."""
    parsed = parse(pd.Series([cell], dtype=object), IDENTIFIED)
    assert [str(parsed.first[0])[:10], str(parsed.last[0])[:10]] == [first, last]
    assert parsed.column[0] == pd.Timestamp(last)
    assert read_cells([cell], VALID_FROM) == [pd.Timestamp(first)]


@pytest.mark.parametrize(
    "cell",
    ["2023-13", "2023-02-30", "20231301", "2023-00", "2023-01-00", "13/06/2023", "23-06-05", "2023.1", 2023.1, "x", True, 0, -5,
     "1799", "2201-01-01", "99999", 1e300, "2023-06-05 noon", "2023年第二季度", [2023, 5], "0000", 10**400],
)  # fmt: skip
def test_what_is_no_date_is_bad(read_cells, cell):
    """An impossible or ambiguous date is refused, never guessed."""
    assert read_cells([cell], VALID_FROM) == [BAD]


def test_no_date_is_missing(read_cells):
    """Words for 'no such day' are missing."""
    assert read_cells(["", "无", "长期", "9999-12-31", "infinity", "-", None, pd.NaT, "NaT"], VALID_FROM) == [None] * 9


def test_typed_dates_pass():
    """Columns of dates of any unit and zone keep their day as written."""
    for dates in (
        pd.Series(pd.to_datetime(["2023-06-05 23:00", None])).astype("datetime64[ns]"),
        pd.Series(pd.to_datetime(["2023-06-05 05:00", None])).dt.tz_localize("Asia/Shanghai"),
        pd.Series(["2023-06-05", None]).astype("category"),
    ):
        assert parse(dates, IDENTIFIED).column.tolist() == [pd.Timestamp("2023-06-05"), pd.NaT]


def test_months_as_offices_write_them():
    """A month is read with its sign, with blanks, and where it once was a floating-point number; not without its year."""
    texts = ["202305.0", "2023年5月", "2023年5月份", "2023 年 5 月", "5月份"]
    found = parse_dates(pd.Series(texts, dtype="str"), month_end=True)
    assert found.column.tolist()[:4] == [pd.Timestamp("2023-05-31")] * 4
    assert found.bad.tolist() == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("23年5月", (2023, 5, 0)), ("58年3月2日", (1958, 3, 2)), ("二〇二三年五月", (2023, 5, 0)), ("二零二三年", (2023, 0, 0)),
        ("二〇二三年十二月三十一日", (2023, 12, 31)), ("二三年十月二十日", (2023, 10, 20)), ("二〇二三年元月一日", (2023, 1, 1)),
        ("5/17/2023", (2023, 5, 17)), ("12/31/2022 0:00:00", (2022, 12, 31)), ("5/6/2023", None), ("23年", None),
        ("二〇二三年廿月", None), ("二〇二三年十十月", None),
    ],
)  # fmt: skip
def test_days_in_words_or_month_first(cell, parts):
    """Chinese numerals, years of two digits before a month, and a day that can be no month are read; all else is not."""
    assert date_parts(cell) == parts
