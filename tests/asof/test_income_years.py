"""Years of income: days covered, and the net income of a year."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fanpin_risk.asof.income_years import RECEIVED, SPENT, IncomeYear, covered_days, newest_end, years_back
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.records.code_lists import INCOME_ITEM
from fanpin_risk.records.income_items import BESIDE_INCOME, STATED
from fanpin_risk.records.register import Register
from fanpin_risk.records.typed_tables import conform

FIRST = date(2021, 1, 1)
DAY = "2024-12-31"

# On the form but no part of net income, or a sum of it that the sheet states.
BESIDE = (*BESIDE_INCOME, *STATED)


def incomes_of(rows: list[dict]) -> KnownRows:
    """Income rows on the day of households A, B and C, of which some may have none."""
    households = pd.DataFrame(
        {"household_id": ["A", "B", "C"], "valid_from": "2020-01-01", "recorded_at": "2020-01-01"}
    )
    columns = ["household_id", "member_id", "period_start", "period_end", "item", "amount_cny", "recorded_at"]
    incomes = pd.DataFrame(rows, columns=columns).assign(recorded_at="2024-12-31")
    tables = {"households": conform("households", households), "incomes": conform("incomes", incomes)}
    return Snapshot(Register(tables), DAY).incomes


NOBODY = incomes_of([])


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 500), st.integers(0, 120)),
        max_size=12,
    )
)
@settings(max_examples=100, deadline=None)
def test_covered_days_are_the_days_of_the_calendar_that_lie_in_a_period(periods):
    """Periods of several members, nested, side by side or apart: each day of a household counts once."""
    household, start, length = np.array(periods, dtype="int64").reshape(-1, 3).T
    rows = KnownRows("incomes", np.zeros(len(periods), dtype="int64"), household, on_day=NOBODY.on_day)
    first = np.datetime64(FIRST) + start
    rows._columns = {"period_start": first, "period_end": first + length}
    days: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}
    for home, begin, more in periods:
        days[home] |= set(range(begin, begin + more + 1))
    assert covered_days(rows).tolist() == [len(days[0]), len(days[1]), len(days[2])]


def test_an_amount_that_cannot_be_used_makes_net_income_what_is_stated_or_unknown():
    """Of A nothing else is known, B states its net income per person, C has no such amount."""
    year = {"period_start": "2023-01-01", "period_end": "2023-12-31"}
    rows = [
        {"household_id": name, "item": item, "amount_cny": amount, **year}
        for name, item, amount in [
            ("A", "tr_dibao", 100.0), ("A", "stated_net_income", None), ("B", "tr_dibao", 100.0), ("B", "stated_net_income", None),
            ("B", "stated_net_income_per_person", 4000.0), ("C", "tr_dibao", 100.0),
        ]
    ]  # fmt: skip
    income = IncomeYear(incomes_of(rows), np.array([2.0, 2.0, 2.0]))
    np.testing.assert_array_equal(income.net, [np.nan, 8000.0, 100.0])
    np.testing.assert_array_equal(income.support, [np.nan, np.nan, 100.0])  # kinds are as unknown as their sum


def test_periods_on_record_are_covered():
    """The same from records: two periods of 2021 that overlap by a month, and one a year later."""
    periods = [
        ("A-1", "2021-01-01", "2021-03-31"),
        ("A-2", "2021-03-01", "2021-04-30"),
        ("A-1", "2022-01-01", "2022-01-31"),
    ]
    rows = incomes_of(
        [
            {
                "household_id": "A",
                "member_id": who,
                "item": "wage",
                "amount_cny": 1.0,
                "period_start": start,
                "period_end": end,
            }
            for who, start, end in periods
        ]
    )
    assert covered_days(rows).tolist() == [120 + 31, 0, 0]


def test_every_item_of_the_form_is_earned_spent_or_named_as_left_out():
    """A new item of income cannot be forgotten in silence."""
    assert {*RECEIVED, *SPENT, *BESIDE} == set(INCOME_ITEM)
    assert len(RECEIVED) + len(SPENT) + len(BESIDE) == len(INCOME_ITEM)


def test_kinds_of_income_add_up_to_the_net():
    """The parts that sentences quote are parts of the net income they are quoted with, in whole and short years."""
    end = date(2023, 12, 31)
    rows = incomes_of(
        [
            {
                "household_id": home, "period_start": start, "period_end": end, "item": item,
                "amount_cny": 100.25 * (number + 1),
            }
            for home, start in (("A", date(2023, 1, 1)), ("B", date(2023, 7, 1)))
            for number, item in enumerate(INCOME_ITEM)
        ]
    )  # fmt: skip
    year = IncomeYear(rows, rows.max(rows.amount_cny) * 0 + 1)
    parts = year.wages + year.business + year.property + year.transfers
    difference = abs(parts - year.net)
    assert difference[:2].max() < 1e-9
    assert abs(year.gross - year.business_cost - year.net)[:2].max() < 1e-9
    assert abs(year.net[1] - year.net[0] * 365 / 184) < 1e-9
    assert pd.isna(year.net[2])


def test_years_count_back_from_each_households_newest_period():
    """A year of 365 or 366 days before the newest end is the year before; a quarter before is the same year."""
    ends = [("A", "2023-12-31"), ("A", "2022-12-31"), ("A", "2021-12-31"), ("B", "2024-09-30"), ("B", "2024-06-30")]
    ends += [("B", "2023-09-30")]
    rows = incomes_of(
        [
            {
                "household_id": home, "item": "wage", "amount_cny": 1.0,
                "period_start": pd.Timestamp(end) - pd.Timedelta(days=60), "period_end": end,
            }
            for home, end in ends
        ]
    )  # fmt: skip
    newest = newest_end(rows)
    assert pd.isna(newest[2])
    found = sorted(zip(rows.household, rows.period_end.astype("str"), years_back(rows, newest), strict=True))
    assert [back for _, _, back in found] == [2, 1, 0, 1, 0, 0]


def income_of(periods: list[tuple[str, str, str | None, float]]) -> list[tuple[str, float]]:
    """Ends and amounts of the income records that count for one household, in order."""
    start, end, member, amount = zip(*periods, strict=True)
    wages = pd.DataFrame({"period_start": start, "period_end": end, "member_id": member, "amount_cny": amount})
    wages = wages.assign(household_id="h", item="wage", recorded_at=wages["period_end"])
    home = pd.DataFrame({"household_id": ["h"], "valid_from": ["2020-01-01"], "recorded_at": ["2020-01-01"]})
    tables = {"households": conform("households", home), "incomes": conform("incomes", wages)}
    rows = Snapshot(Register(tables), "2024-06-30").incomes
    return sorted(zip(rows.period_end.astype(str).tolist(), rows.amount_cny.tolist(), strict=True))


def test_rolling_income_windows_are_not_added_up():
    """A household recognised in autumn has two windows of twelve months that overlap: its newest one is its income."""
    windows = [("2022-10-01", "2023-09-30", None, 10_000.0), ("2023-01-01", "2023-12-31", None, 12_000.0)]
    assert income_of(windows) == [("2023-12-31", 12_000.0)]


def test_a_replaced_window_replaces_none():
    """Only windows that count put others aside: the year before the newest stays, though the one between met both."""
    windows = [
        ("2022-01-01", "2022-12-31", None, 9_000.0),
        ("2022-07-01", "2023-06-30", None, 10_000.0),
        ("2023-01-01", "2023-12-31", None, 12_000.0),
    ]
    assert income_of(windows) == [("2022-12-31", 9_000.0), ("2023-12-31", 12_000.0)]


def test_incomes_of_several_members_and_parts_of_a_year_stay():
    """Windows of different persons, years side by side, and a period within a longer one hold different money."""
    windows = [
        ("2022-01-01", "2022-12-31", "h1", 9_000.0),
        ("2022-07-01", "2023-06-30", "h2", 4_000.0),
        ("2023-01-01", "2023-12-31", "h1", 12_000.0),
        ("2023-04-01", "2023-06-30", "h1", 500.0),
    ]
    assert len(income_of(windows)) == 4
