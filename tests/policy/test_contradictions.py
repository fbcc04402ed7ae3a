"""Contradictions against cases worked by hand: cases/contradictions.yaml.

Tests policy/contradictions.py, policy/contradictions_of_persons.py, policy/contradictions_of_incomes.py,
policy/contradictions_of_monitoring.py, policy/contradictions_of_endings.py, policy/contradictions_of_forms.py,
policy/contradictions_of_measures.py and policy/spells.py.
"""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError
from fanpin_risk.policy import CONTRADICTIONS

DAY = date(2023, 12, 31)
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "contradictions.yaml").read_text(encoding="utf-8"))
LINES = fr.MonitoringLines(pd.DataFrame({"area_prefix": "", "year": [2020], "line_cny": [8000.0]}))
# A number of the place that one rule needs.
POLICY = fr.policy.Policy(
    pd.DataFrame({"name": ["insurance_last_month"], "area_prefix": [""], "valid_from": ["2020-01-01"], "value": [3]})
)
NEVER = "never"
ALL = ("yes", "no", "unknown")


@pytest.mark.parametrize(
    ("rule", "answer"),
    [(rule, str(answer)) for rule, cases in CASES.items() for answer, case in cases.items() if case != NEVER],
)
def test_worked_case(rule, answer, household_of):
    """The household of a case gets its answer, and no evidence where it is asked nothing."""
    register = household_of(CASES[rule][answer], DAY)
    table = fr.contradictions(register, DAY, rules=[rule], answers=ALL, lines=LINES, policy=POLICY)
    assert table["answer"].tolist() == ([] if answer == "not_asked" else [answer])


@pytest.mark.parametrize("rule", CONTRADICTIONS, ids=lambda rule: rule.code)
def test_every_rule_has_its_cases(rule):
    """One of which it is so, one of which it is not, and one of which it cannot be told, or "never"."""
    assert set(CASES[rule.code]) - {"not_asked"} == {"yes", "no", "unknown"}


@pytest.mark.parametrize("rule", CONTRADICTIONS, ids=lambda rule: rule.code)
def test_what_contradicts_is_shown(rule, household_of):
    """Yes comes with the records, or the figures, that contradict each other; in both languages."""
    register = household_of(CASES[rule.code]["yes"], DAY)
    table = fr.contradictions(register, DAY, rules=[rule.code], lines=LINES, policy=POLICY, lang="zh").iloc[0]
    assert table["severity"] == rule.severity
    assert table["evidence"]
    assert table["says"].startswith(f"{rule.zh}：是；")


def test_there_are_forty_rules_and_more():
    """Of all severities, each named once."""
    codes = [rule.code for rule in CONTRADICTIONS]
    assert len(codes) == len(set(codes)) >= 40
    assert {rule.severity for rule in CONTRADICTIONS} == {"error", "warning", "hint"}


def test_most_answers_are_no_and_left_out(household_of):
    """Unless they are asked for; an unknown answer word is refused."""
    register = household_of(CASES["healthy_and_ill"]["no"], DAY)
    assert fr.contradictions(register, DAY, rules="healthy_and_ill").empty
    assert fr.contradictions(register, DAY, rules="healthy_and_ill", answers=["no"])["answer"].tolist() == ["no"]
    with pytest.raises(FanpinError, match="answers is 'maybe'"):
        fr.contradictions(register, DAY, answers=["maybe"])


def test_a_household_alone_is_the_same_household():
    """Answers rest on nothing but the household's own records."""
    register = fr.make_register(600, random_state=2)
    table = fr.contradictions(register, "2023-12-31")
    assert table["rule"].nunique() > 10
    for household in table.loc[table["severity"] == "error", "household_id"].unique()[:4]:
        alone = fr.contradictions(register.select([household]), "2023-12-31")
        pd.testing.assert_frame_equal(alone, table[table["household_id"] == household].reset_index(drop=True))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("failure_not_named", "house_grade=D"),
        ("illness_without_payments", "compliant_own_expenses_cny=0.00; period_end=2023-09-30"),
        ("parent_too_young", "relation=head"),
        ("no_development_measure", "labour=ordinary"),
        ("only_social_security", "measure=social_security"),
    ],
)
def test_both_sides_are_shown(rule, told, household_of):
    """Whoever looks at a contradiction sees the other record, too."""
    register = household_of(CASES[rule]["yes"], DAY)
    assert told in fr.contradictions(register, DAY, rules=[rule], lines=LINES)["evidence"].iloc[0]


def test_a_sum_is_called_by_its_name(household_of):
    """The only row of wages is the wages, not the other ones."""
    register = household_of(CASES["wages_without_work"]["yes"], DAY)
    says = fr.contradictions(register, DAY, rules=["wages_without_work"], lines=LINES, lang="zh")["says"].iloc[0]
    assert "工资性收入" in says
    assert "其他工资性收入" not in says


def test_a_pupil_by_the_school_record_is_shown_with_it(household_of):
    """The member form says nothing of school: the record that does stands in the evidence."""
    case = {
        "members": [{"member_id": "P", "work_months": 2}],
        "enrolments": [{"member_id": "P", "school_year": 2023, "stage": "junior", "status": "enrolled"}],
    }
    found = fr.contradictions(household_of(case, DAY), DAY, rules=["pupil_works"])
    assert "stage=junior status=enrolled" in found["evidence"].iloc[0]
