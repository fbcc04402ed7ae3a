"""Days and months: what is read as a day, and how months are counted up to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from fanpin_risk.asof.days import (
    calendar_years,
    full_months,
    months_after,
    months_before,
    months_of,
    period_number,
    school_year_begin,
    to_day,
)
from fanpin_risk.errors import SchemaError


@pytest.mark.parametrize(
    "value",
    [
        "2023-12-03", "2023/12/3", "2023.12.03", "20231203", "2023年12月3日", " 2023-12-3 ", "2023-12-03 23:59:00", "2023-12-03T23:59Z",
        "2023-12-03T23:59:00.5+08:00", date(2023, 12, 3), datetime(2023, 12, 3, 5, tzinfo=UTC),
        pd.Timestamp("2023-12-03", tz="Asia/Shanghai"),
        np.datetime64("2023-12-03"),
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(value):
    """Year, month and day in this order, a date or a timestamp; the time of day is dropped."""
    assert to_day(value) == pd.Timestamp("2023-12-03")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("01/02/2023", "as_of is not a day: expected year, month and day such as '2023-12-31', got another text"),
        ("2023-12", "is not a day"),
        ("2023", "is not a day"),
        ("2023-13-01", "is not a day"),
        ("2023-12-31 soon", "is not a day"),
        ("soon", "is not a day"),
        ("", "is not a day"),
        ([], "is not a day.*got list"),
        (pd.DataFrame(), "is not a day.*got DataFrame"),
        (None, "is missing"),
        (pd.NaT, "is missing"),
        (float("nan"), "is missing"),
        (2023, "is a number"),
        (np.int64(20231231), "is a number"),
        (True, "is a number"),
    ],
)
def test_what_could_be_another_day_is_refused(value, message):
    """The day decides everything, so it is never guessed: 01/02/2023 may be in January or in February."""
    with pytest.raises(SchemaError, match=message):
        to_day(value)


def test_the_error_names_the_argument_and_never_the_value():
    """Who mixes up arguments finds no id of a household in a log."""
    with pytest.raises(SchemaError, match="observed_until is not a day") as caught:
        to_day("H000000412", argument="observed_until")
    assert "412" not in str(caught.value)


@pytest.mark.parametrize("day", ["0001-01-01", date(1799, 12, 31), pd.Timestamp("2201-01-01"), "+292277026-01-01"])
def test_days_beyond_those_of_records_are_refused(day):
    """Months before the first day of all calendars have no date; the message says which days there are."""
    with pytest.raises(SchemaError, match=r"as_of is .*1800-01-01 to 2200-12-31|as_of is not a day"):
        to_day(day)
    assert (to_day("1800-01-01").year, to_day("2200-12-31").year) == (1800, 2200)


@given(
    month=st.dates(date(2019, 1, 1), date(2026, 12, 31)),
    months=st.integers(1, 40),
    around=st.tuples(st.integers(-3, 3), st.integers(-4, 4)),
)
@settings(max_examples=100, deadline=None)
def test_full_months_agree_with_windows(month, months, around):
    """Less than n full months ago is the same as within n months, also at the ends of months and in leap years."""
    day = np.datetime64(month.replace(day=1) + timedelta(days=around[0]))
    edge = months_before(day, months).astype(date) + timedelta(days=around[1])
    days = np.array([(edge - date(1970, 1, 1)).days], dtype="float64")
    assert (full_months(days, day)[0] < months) == (np.datetime64(edge) > months_before(day, months))


def test_full_months_are_counted():
    """A year is twelve months, a day less is eleven; the end of a month completes it; unknown stays unknown."""
    days = (pd.to_datetime(["2022-12-30", "2022-12-31", "2023-12-30"]) - pd.Timestamp("1970-01-01")).days
    numbers = np.append(days.to_numpy(dtype="float64"), np.nan)
    until = np.datetime64("2023-12-30")
    np.testing.assert_array_equal(full_months(numbers, until), [12.0, 11.0, 0.0, np.nan])
    assert full_months(numbers[1:2], np.datetime64("2024-02-29")).tolist() == [14.0]


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2022-12-31", 12, "2023-12-31"),
        ("2023-04-30", 1, "2023-05-31"),
        ("2024-01-30", 1, "2024-02-29"),
        ("2022-12-15", 4, "2023-04-15"),
    ],
)
def test_a_horizon_ends_calendar_months_later(day, months, end):
    """From the last day of a month to the last day of a month."""
    assert months_after(day, months) == pd.Timestamp(end)


def test_school_years_begin_in_september():
    """The school year 2023 begins on 1 September 2023."""
    days = school_year_begin(np.array([2023.0, np.nan]))
    assert days[0] == np.datetime64("2023-09-01")
    assert np.isnat(days[1])


@given(st.dates(date(1960, 1, 1), date(2199, 12, 31)), st.integers(0, 800), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_period_is_read_as_it_was_written(first, length, scaled):
    """Year and month of the first and the last day come back, and whether a part stands for the whole."""
    last = first + timedelta(days=length)
    began, ended = (np.array([float((day - date(1970, 1, 1)).days), np.nan]) for day in (first, last))
    number = period_number(began, ended, np.array([scaled, scaled]))
    assert months_of(number[0]) == ((first.year, first.month), (last.year, last.month), scaled)
    assert np.isnan(number[1])
    assert calendar_years(ended)[0] == last.year
    assert np.isnan(calendar_years(ended)[1])


def test_calendar_years_of_dates():
    """Dates and days since 1970 are of the same year; what is unknown has none."""
    days = np.array(["2023-12-31", "2024-01-01", "NaT", "1969-12-31"], dtype="datetime64[D]")
    np.testing.assert_array_equal(calendar_years(days), [2023.0, 2024.0, np.nan, 1969.0])
