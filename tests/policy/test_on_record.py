"""Doubtful households against cases worked by hand: cases/doubts.yaml. Tests policy/on_record.py as well."""

from datetime import date
from math import nan
from pathlib import Path

import pandas as pd
import pytest
import yaml

import fanpin_risk as fr
from fanpin_risk.policy import HOUSEHOLD_GROUPS, SIEVE, Policy

DAY = date(2023, 12, 31)
CASES = {
    case["name"].partition(" / ")[2]: case
    for case in yaml.safe_load((Path(__file__).parent / "cases" / "doubts.yaml").read_text(encoding="utf-8"))
}
LINES = fr.MonitoringLines(pd.DataFrame({"area_prefix": "", "year": [2020], "line_cny": [8000.0]}))
GROUPS, GUARANTEES = ({rule.code for rule in rules} for rules in (HOUSEHOLD_GROUPS, SIEVE))


def answers_to(case, register):
    """Return the answer to each rule of a case, "not_asked" where there is none."""
    day, answers = case.get("as_of", DAY), {}
    numbers = [
        {"name": one, "area_prefix": "", "valid_from": "2020-01-01", "value": value}
        for one, value in case.get("numbers", {}).items()
    ]
    given = {"lines": LINES, "policy": Policy(pd.DataFrame(numbers)) if numbers else None}
    for rule in case["expect"]:
        if rule in GROUPS:
            table = fr.household_groups(register, day, groups=[rule], **given)
        elif rule in GUARANTEES:
            table = fr.screen(register, day, rules=[rule], **given)
        else:
            table = fr.contradictions(register, day, rules=[rule], answers=("yes", "no", "unknown"), **given)
        answers[rule] = table["answer"].tolist()[0] if len(table) else "not_asked"
    return answers


@pytest.mark.parametrize("name", CASES)
def test_worked_case(name, household_of):
    """Missing is never no and never yes; what came after the day is not seen."""
    case = CASES[name]
    assert answers_to(case, household_of(case, case.get("as_of", DAY))) == case["expect"]


def test_ages_are_full_years_by_day(household_of):
    """On the birthday and not before; by month where only the year of birth is known."""
    members = [
        {"member_id": "P", "birth_date": date(2007, 12, 31)},
        {"member_id": "Q", "birth_date": date(2008, 1, 1)},
        {"member_id": "R", "birth_date": date(2004, 2, 29)},
        {"member_id": "S"},
    ]
    register = household_of({"members": members}, DAY)
    expected = {
        "2023-12-31": [16, 15, 19, nan],
        "2023-12-30": [15, 15, 19, nan],
        "2023-02-28": [15, 15, 18, nan],
        "2023-03-01": [15, 15, 19, nan],
    }
    for day, ages in expected.items():
        rows = fr.Snapshot(register, day).members
        assert rows.years_old.tolist() == pytest.approx(ages, nan_ok=True), day
    members[0]["birth_year_only"] = True
    rows = fr.Snapshot(household_of({"members": members}, DAY), "2023-12-01").members
    assert rows.years_old.tolist()[0] == rows.age.tolist()[0] == 16
