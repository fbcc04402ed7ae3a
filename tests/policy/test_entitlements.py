"""Entitlements against cases worked by hand: cases/entitlements.yaml.

Tests policy/asking.py, policy/entitlement_basis.py, policy/entitlements_of_health.py, policy/entitlements_of_school.py,
policy/entitlements_of_assistance.py and policy/entitlements_of_work.py.
"""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError
from fanpin_risk.policy import ENTITLEMENTS

DAY = date(2023, 12, 31)
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "entitlements.yaml").read_text(encoding="utf-8"))
ANSWERS = ("yes", "no", "unknown", "not_asked")


def policy_of(rule):
    rows = CASES[rule].get("policy")
    return (
        None if rows is None else fr.policy.Policy(pd.DataFrame(rows).assign(area_prefix="", valid_from="2020-01-01"))
    )


@pytest.mark.parametrize(("rule", "answer"), [(rule, answer) for rule in CASES for answer in ANSWERS])
def test_worked_case(rule, answer, household_of):
    """Who qualifies without a record, who has it, of whom it cannot be told, and who is not asked."""
    table = fr.entitlements(household_of(CASES[rule][answer], DAY), DAY, rules=[rule], policy=policy_of(rule))
    assert table["answer"].tolist() == ([] if answer == "not_asked" else [answer])


def test_there_are_thirty_and_more_each_with_its_cases():
    """A rule without a case of each kind would pass all the rest."""
    codes = [rule.code for rule in ENTITLEMENTS]
    assert len(codes) == len(set(codes)) >= 30
    assert set(codes) == set(CASES)


@pytest.mark.parametrize("rule", [rule for rule in CASES if "policy" in CASES[rule]])
def test_what_needs_a_number_of_the_place_is_not_asked_without_it(rule, household_of):
    """No figure that is local holds everywhere; an area with one of its own is asked."""
    register = household_of(CASES[rule]["yes"], DAY)
    assert fr.entitlements(register, DAY, rules=[rule]).empty
    elsewhere = fr.policy.Policy(pd.DataFrame(CASES[rule]["policy"]).assign(area_prefix="53", valid_from="2020-01-01"))
    assert fr.entitlements(register, DAY, rules=[rule], policy=elsewhere).empty


@pytest.mark.parametrize("rule", ENTITLEMENTS, ids=lambda rule: rule.code)
def test_yes_names_the_records(rule, household_of):
    """By which the household qualifies; in both languages, without English in Chinese sentences."""
    register = household_of(CASES[rule.code]["yes"], DAY)
    zh, en = (
        fr.entitlements(register, DAY, rules=[rule.code], policy=policy_of(rule.code), lang=lang).iloc[0]
        for lang in ("zh", "en")
    )
    assert zh["evidence"]
    assert zh["says"].startswith(f"{rule.zh}：符合条件，未见记录，需核实；")
    assert en["says"].startswith(f"{rule.en}: qualifies, no record of it, to be checked; ")


@pytest.mark.parametrize("rule", [rule.code for rule in ENTITLEMENTS])
def test_no_names_the_record_of_the_support(rule, household_of):
    """Who doubts that it is on record finds the record."""
    register = household_of(CASES[rule]["no"], DAY)
    found = fr.entitlements(register, DAY, rules=[rule], policy=policy_of(rule))["evidence"].iloc[0]
    for measure in CASES[rule]["no"].get("supports", []):
        assert f"measure={measure['measure']}" in found
    assert found


def test_persons_are_named(household_of):
    """Whom it is about, of several members."""
    case = CASES["vocational_aid"]["yes"]
    case = case | {"members": [*case["members"], {"member_id": "Q"}]}
    assert fr.entitlements(household_of(case, DAY), DAY, rules="vocational_aid")["member_ids"].tolist() == ["P"]


def test_a_measure_of_later_is_not_seen(household_of):
    """What was recorded after the day is no record on the day."""
    case = CASES["house_repair"]["yes"] | {"supports": [{"start_date": date(2024, 2, 1), "measure": "housing"}]}
    assert fr.entitlements(household_of(case, DAY), DAY, rules="house_repair")["answer"].tolist() == ["yes"]


def test_a_household_alone_is_the_same_household():
    """Answers rest on nothing but the household's own records."""
    register = fr.make_register(500, random_state=6)
    table = fr.entitlements(register, DAY)
    for household in table.loc[table["answer"] == "yes", "household_id"].unique()[:4]:
        alone = fr.entitlements(register.select([household]), DAY)
        pd.testing.assert_frame_equal(alone, table[table["household_id"] == household].reset_index(drop=True))


def test_an_unknown_answer_is_refused(household_of):
    """With those that there are."""
    with pytest.raises(FanpinError, match="answers is 'owed'; expected one of yes, no, unknown"):
        fr.entitlements(household_of({}, DAY), DAY, answers=["owed"])


@pytest.mark.parametrize(
    ("support", "answer"),
    [
        ({"start_date": date(2019, 5, 1), "sub_measure": "old_age_allowance"}, "no"),  # runs on
        ({"start_date": date(2019, 5, 1), "end_date": date(2022, 5, 1), "sub_measure": "old_age_allowance"}, "yes"),
        ({"start_date": date(2019, 5, 1), "sub_measure": "temporary_aid"}, "yes"),
        ({"start_date": date(2019, 5, 1)}, "unknown"),  # may be it, and run on
        ({"start_date": date(2019, 5, 1), "end_date": date(2022, 5, 1)}, "yes"),
    ],
)
def test_a_support_without_an_end_may_run_on(support, answer, household_of):
    """Where it is paid again and again; one that does not say which it is may be it."""
    case = CASES["old_age_allowance"]["yes"] | {
        "supports": [{"member_id": "P", "measure": "social_security"} | support]
    }
    found = fr.entitlements(
        household_of(case, DAY), DAY, rules="old_age_allowance", policy=policy_of("old_age_allowance")
    )
    assert found["answer"].tolist() == [answer]


def test_grants_of_earlier_years_are_no_record_of_this_one(household_of):
    """雨露计划 is given anew each school year."""
    old = {"member_id": "P", "start_date": date(2021, 11, 1), "measure": "education", "sub_measure": "yulu"}
    case = CASES["yulu"]["yes"] | {"supports": [old]}
    assert fr.entitlements(household_of(case, DAY), DAY, rules="yulu")["answer"].tolist() == ["yes"]


@pytest.mark.parametrize(
    ("household", "supports", "answer"),
    [
        ({"register_status": "ex_poor", "no_house": True}, [], ["yes"]),
        ({"register_status": "ex_poor", "no_house": False, "house_grade": "B"}, [], []),
        ({"register_status": "ex_poor", "house_grade": "D"}, [(date(2016, 5, 1), date(2017, 5, 1))], []),
        ({"register_status": "ex_poor", "house_grade": "D"}, [(date(2016, 5, 1), date(2020, 5, 1))], ["no"]),
    ],
)
def test_no_house_and_a_house_repaired_before(household, supports, answer, household_of):
    """Who has no house qualifies as who has a bad one; an ex-poor household that had its support before does not."""
    rows = [{"start_date": start, "end_date": end, "measure": "housing"} for start, end in supports]
    case = {"household": household, "supports": rows, "monitoring": [], "members": [{"dibao": False, "tekun": False}]}
    case["members"][0]["member_id"] = "P"
    assert fr.entitlements(household_of(case, DAY), DAY, rules="house_repair")["answer"].tolist() == answer
