"""From 31 December to 1 January nothing moves that was not recorded: the calendar alone is no news of a household."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import cohort
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features import CONTEXT, FEATURES, compute_features, make_references
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import make_register

LAST, FIRST = pd.Timestamp("2023-12-31"), pd.Timestamp("2024-01-01")
UNITS = {declared.name: declared.unit for declared in (*FEATURES, *CONTEXT)}
# Full years by month of birth: they change for those born in January, as they do in any other month.
OF_AGE = {"mean_age", "head_age", "dependency_ratio", "n_elderly", "n_children", "elderly_alone"}
# What counts members of some age, or those fit to work.
OF_AGE |= {
    name
    for name in UNITS
    if name.endswith(("working_age", "_6_15", "_labour", "labour_share")) or "depend" in name or name == "n_adults"
}


@pytest.fixture(scope="module")
def register() -> Register:
    """A county whose monitoring line rises from 2023 to 2024."""
    return make_register(600, random_state=8)


@pytest.fixture(scope="module")
def both_days(register) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features on both days of the households on record on both."""
    references = make_references(register, LAST)
    last, first = (compute_features(register, day, references=references, context=True) for day in (LAST, FIRST))
    ids = last.index.intersection(first.index)
    return last.loc[ids], first.loc[ids]


def with_news(register: Register) -> set[str]:
    """Households with a row recorded on the new day, or an event that a window of months then no longer holds."""
    people = register.tables["members"].drop_duplicates("member_id").set_index("member_id")["household_id"]
    found: set[str] = set()
    for name, frame in register.tables.items():
        news = pd.Series(False, index=frame.index)
        for column in (c.name for c in TABLES[name].columns if c.type == "date" and c.name in frame):
            day = frame[column]
            news |= day == FIRST
            if name not in ("households", "members", "incomes") and column != "recorded_at":
                news |= (day.dt.month == 1) & (day.dt.day == 1) & (day < FIRST)
        owner = frame["household_id"] if "household_id" in frame else frame["member_id"].map(people)
        found |= set(owner[news].dropna())
    return found


def test_no_value_moves_that_was_not_recorded(register, both_days):
    """The line of the new year is no news of last year's income; what moves is a birthday, a full month or an event."""
    last, first = both_days
    quiet = ~last.index.isin(list(with_news(register)))
    assert quiet.sum() > 400
    same = (last == first) | (last.isna() & first.isna())
    moved = {name for name in same.columns[(~same[quiet]).any()] if UNITS[name] != "months"}
    assert moved <= OF_AGE | {"monitoring_line"}
    assert "income_to_line" in same
    members = Snapshot(register, FIRST).members
    born = set(last.index[members.household[pd.to_datetime(members.birth_date).month == 1]])
    by_age = (~same[list(moved & OF_AGE)]).any(axis=1) & quiet
    assert set(last.index[by_age]) <= born


def test_the_line_of_the_day_does_rise(both_days):
    """The two days do have different lines: otherwise the test above would show nothing."""
    last, first = both_days
    assert (first["monitoring_line"] > last["monitoring_line"]).all()


def test_who_is_below_the_line_is_so_on_both_days(register):
    """The calendar alone takes no household out of those at risk, and none into them."""
    lines = MonitoringLines(pd.DataFrame({"area_prefix": "", "year": [2023, 2024], "line_cny": [9_000.0, 12_000.0]}))
    last, first = (
        cohort(register, day, target="below_line", horizon_months=6, lines=lines)["left_out"] for day in (LAST, FIRST)
    )
    below = [set(reason.index[reason == "already_below_line"]) - with_news(register) for reason in (last, first)]
    assert below[0] == below[1]
    assert len(below[0]) > 20
