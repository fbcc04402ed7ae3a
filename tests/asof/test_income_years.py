"""Years of income: days covered, and the net income of a year."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fanpin_risk.asof.income_years import EARNED, SPENT, IncomeYear, covered_days, newest_end, years_back
from fanpin_risk.asof.snapshot import Rows, Snapshot
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import INCOME_ITEM

FIRST = date(2021, 1, 1)
DAY = "2024-12-31"


def incomes_of(rows: list[dict]) -> Rows:
    """Income rows on the day of households A, B and C, of which some may have none."""
    households = pd.DataFrame({"household_id": ["A", "B", "C"], "valid_from": "2020-01-01"})
    columns = ["household_id", "member_id", "period_start", "period_end", "item", "amount_cny", "recorded_at"]
    incomes = pd.DataFrame(rows, columns=columns)
    incomes = incomes.assign(recorded_at="2024-12-31").astype({"household_id": "str", "member_id": "str"})
    ids = sorted(incomes["member_id"].dropna().unique())
    members = pd.DataFrame({"member_id": ids, "household_id": [i[0] for i in ids], "valid_from": "2020-01-01"})
    register = Register.from_frames(households=households, members=members, incomes=incomes)
    assert register.rejects.empty, register.rejects["message"].tolist()
    return Snapshot(register, DAY).incomes


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(1, 3), st.integers(0, 500), st.integers(0, 120)),
        max_size=12,
        unique=True,
    )
)
@settings(max_examples=60, deadline=None)
def test_covered_days_are_the_days_of_the_calendar_that_lie_in_a_period(periods):
    """Periods of several members, nested, side by side or apart: each day of a household counts once."""
    rows = incomes_of(
        [
            {
                "household_id": home, "member_id": f"{home}-{person}", "item": "wage", "amount_cny": 1.0,
                "period_start": FIRST + timedelta(start), "period_end": FIRST + timedelta(start + length),
            }
            for home, person, start, length in periods
        ]
    )  # fmt: skip
    days: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}
    starts, ends = rows.period_start.astype("int64"), rows.period_end.astype("int64")
    for home, start, end in zip(rows.household, starts, ends, strict=True):
        days[home] |= set(range(start, end + 1))
    assert covered_days(rows).tolist() == [len(days[0]), len(days[1]), len(days[2])]


def test_every_item_of_the_form_is_earned_spent_or_named_as_left_out():
    """A new item of income cannot be forgotten in silence."""
    assert {*EARNED, *SPENT, "claim_payout", "oop_compliant"} == set(INCOME_ITEM)
    assert len(EARNED) + len(SPENT) + 2 == len(INCOME_ITEM)


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
    year = IncomeYear(rows)
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
