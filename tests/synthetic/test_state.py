"""What the simulation carries along: small conversions and draws."""

from __future__ import annotations

import numpy as np
import pytest

from fanpin_risk.synthetic.population import draw_population, year_start
from fanpin_risk.synthetic.state import Records, Setting, State, cents, month_of, october


@pytest.fixture
def state() -> State:
    """Forty households that have not lived through a year yet."""
    rng = np.random.default_rng(0)
    setting = Setting(first_year=2022, last_year=2023, period="oct-sep", large_share=0.5, lines={2023: 8_000.0})
    households, members = draw_population(rng, 40, large_share=0.5, first_year=2022, years=2)
    return State(rng=rng, setting=setting, households=households, members=members)


def test_days_have_months():
    """The last day of January is in month 0, the first of February in month 1, also in leap years."""
    days = np.array([year_start(2024), year_start(2024) + 30, year_start(2024) + 31, year_start(2025) - 1])
    assert month_of(days, 2024).tolist() == [0, 0, 1, 11]
    assert np.datetime64(october(2023), "D") == np.datetime64("2023-10-01")


def test_money_is_rounded_to_a_unit_and_never_negative():
    """Amounts are kept in hundredths."""
    assert cents(np.array([12.344, -3.0])).tolist() == [1200, 0]
    assert cents(np.array([12.344]), 0.01).tolist() == [1234]
    assert cents(np.array([1_234.0]), 10).tolist() == [123_000]


def test_accounting_periods():
    """October to September, or the calendar year."""
    setting = Setting(first_year=2022, last_year=2023, period="oct-sep", large_share=0.5, lines={})
    first, last = (np.datetime64(day, "D") for day in setting.income_period(2023))
    assert (str(first), str(last)) == ("2022-10-01", "2023-09-30")
    assert np.datetime64(setting.last_day, "D") == np.datetime64("2023-12-31")


def test_sums_over_households_and_periods(state):
    """Values of persons are summed by household, monthly amounts over the twelve months before October."""
    assert state.of_members(np.ones(len(state.members))).sum() == len(state.members)
    assert state.any_member(state.members.number == 1).all()
    monthly = {2022: np.ones((state.n, 12)), 2023: 2 * np.ones((state.n, 12))}
    assert (state.to_october(monthly, 2023) == 3 * 1 + 9 * 2).all()
    assert (state.over_period(monthly, 2023) == 21).all()


def test_draws_keep_to_their_weights_and_bounds(state):
    """What has no weight is never drawn, and a delay lies between its bounds."""
    assert set(state.pick(np.array([0.0, 1.0, 0.0, 2.0]), 500).tolist()) == {1, 3}
    lag = state.lag(500, 5, 60)
    assert 5 <= lag.min() <= lag.max() <= 60
    days = state.days(2023, 500, 2, 3)
    assert np.datetime64(int(days.min()), "D") >= np.datetime64("2023-02-01")
    assert np.datetime64(int(days.max()), "D") <= np.datetime64("2023-03-31")


def test_records_take_columns_and_single_values():
    """A single value stands for a column of it; nothing is written of nobody."""
    records = Records()
    records.add("shocks", household_id=np.array([3, 4]), kind=1)
    records.add("shocks", household_id=np.array([], dtype=np.int32), kind=1)
    assert [part["kind"].tolist() for part in records.parts["shocks"]] == [[1, 1]]
