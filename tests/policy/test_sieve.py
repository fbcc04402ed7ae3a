"""The sieve against cases worked by hand: cases/sieve.yaml, written to be read by people who know households."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

import fanpin_risk as fr
from fanpin_risk.policy import SIEVE

DAY = date(2023, 12, 31)
CASES = {
    case["name"].partition(" / ")[2]: case
    for case in yaml.safe_load((Path(__file__).parent / "cases" / "sieve.yaml").read_text(encoding="utf-8"))
}
LINES = fr.MonitoringLines(pd.DataFrame({"area_prefix": "", "year": [2020], "line_cny": [8000.0]}))


def answers_of(register, day):
    table = fr.screen(register, day, lines=LINES).set_index("rule")
    return {rule: row[["answer", "member_ids", "note"]].tolist() for rule, row in table.iterrows()}


@pytest.mark.parametrize("name", CASES)
def test_worked_case(name, household_of):
    """Each answer, whom it is about and what is said of it are those worked out by hand."""
    case = CASES[name]
    day = case.get("as_of", DAY)
    got = answers_of(household_of(case, day), day)
    assert {rule: got.get(rule, "absent") for rule in case["expect"]} == case["expect"]


@pytest.mark.parametrize("rule", [rule.code for rule in SIEVE if rule.code != "food_clothing"])
@pytest.mark.parametrize("answer", ["pass", "fail", "unknown"])
def test_every_rule_has_a_case_of_each_answer(rule, answer):
    """A rule that never fails, or never says that it does not know, would pass all the rest."""
    assert any(case["expect"].get(rule, [""])[0] == answer for case in CASES.values())


@pytest.mark.parametrize("rule", SIEVE, ids=lambda rule: rule.code)
def test_every_note_has_a_case(rule):
    """What is said of an answer was said of a household of which it is true."""
    met = {
        note
        for case in CASES.values()
        if rule.code in case["expect"]
        for note in str(case["expect"][rule.code][2:3][0] if case["expect"][rule.code] != "absent" else "").split(";")
    }
    assert set(rule.notes) - met <= {"dropped_out_poverty", "dropped_out_disability", "dropped_out_other"}


def test_an_area_may_have_an_age_and_a_month_of_its_own(household_of):
    """Numbers of the area stand before those that ship: seven years, records of the new year by November."""
    case = {
        "members": [{"member_id": "C", "birth_date": date(2017, 3, 1)}],
        "enrolments": [],
        "household": {"area_code": "211282"},
    }
    assert answers_of(household_of(case, DAY), DAY)["compulsory_education"][0] == "unknown"
    own = fr.policy.Policy(
        pd.DataFrame({"name": ["school_age_from"], "area_prefix": ["2112"], "valid_from": ["2020-01-01"], "value": [7]})
    )
    assert "compulsory_education" not in set(fr.screen(household_of(case, DAY), DAY, policy=own)["rule"])
