"""Suspicion lists (policy/suspicion_rules.py) against cases worked by hand: cases/suspicions.yaml."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

import fanpin_risk as fr
from fanpin_risk.policy import SUSPICIONS

DAY = date(2023, 12, 31)
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "suspicions.yaml").read_text(encoding="utf-8"))
LINES = fr.MonitoringLines(pd.DataFrame({"area_prefix": "", "year": [2020], "line_cny": [8000.0]}))
ALL = ("yes", "no", "unknown")


def asked(case, rule, household_of, **options):
    return fr.suspicions(household_of(case, DAY), DAY, rules=[rule], answers=ALL, lines=LINES, **options)


@pytest.mark.parametrize(
    ("rule", "answer"), [(rule.code, answer) for rule in SUSPICIONS for answer in (*ALL, "not_asked")]
)
def test_worked_case(rule, answer, household_of):
    """Who is on a list, with all its reasons, who is not, who cannot be told, and who is not asked."""
    case = CASES[rule][answer]
    table = asked(case, rule, household_of)
    assert table["answer"].tolist() == ([] if answer == "not_asked" else [answer])
    if answer == "yes":
        assert table["note"].tolist() == [case["note"]]
        assert table["evidence"].iloc[0]


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"supports": [{"start_date": date(2022, 7, 10), "measure": "health"}]}, "no"),  # answers another risk
        ({"shocks": [{"kind": "fire", "event_date": date(2023, 5, 1)}]}, "no"),
        (
            {"monitoring": [{"identified_on": date(2022, 7, 1), "type": "unstable_ex_poor", "risks": "disability"}]},
            "no",
        ),
        ({"household": {"register_status": "ex_poor", "house_grade": "C", "safe_water": True}}, "no"),
        ({"warnings": [{"event_date": date(2023, 9, 1), "channel": "department", "signal": "water"}]}, "no"),
    ],
)
def test_each_condition_of_an_end_counts(change, answer, household_of):
    """One that fails is enough to stay: a measure for another risk, an event, too short a time, a house, a warning."""
    case = CASES["perhaps_to_be_ended"]["yes"] | change
    assert asked(case, "perhaps_to_be_ended", household_of)["answer"].tolist() == [answer]


@pytest.mark.parametrize(
    ("year_before", "answer"),
    [
        ({}, "yes"),
        ({"ins_basic_resident": False, "ins_basic_employee": False}, "no"),
        ({"labour": "none"}, "no"),
        ({"health": None}, "unknown"),
        (None, "unknown"),
    ],
)
def test_who_is_to_be_ended_could_have_been_a_year_ago(year_before, answer, household_of):
    """By the records of that day: not insured, nobody able, something that cannot be told, no record at all."""
    case = CASES["perhaps_to_be_ended"]["yes"]
    today, before = case["members"]
    members = [today] if year_before is None else [today, before | year_before]
    assert asked(case | {"members": members}, "perhaps_to_be_ended", household_of)["answer"].tolist() == [answer]


@pytest.mark.parametrize(("item", "answer"), [("tr_pension", "yes"), ("tr_other", "yes"), ("wage_public_post", "no")])
def test_only_supports_that_end_keep_a_household(item, answer, household_of):
    """Above the line by a pension or payments for land it can be ended, by the wage of a public post it cannot."""
    case = CASES["perhaps_to_be_ended"]["yes"]
    incomes = [{"period": year, "item": name, "amount_cny": 6000} for year in (2022, 2023) for name in ("wage", item)]
    if item == "tr_pension":
        member = {"member_id": "Q", "birth_date": date(1950, 1, 1), "relation": "mother", "ins_basic_resident": True}
        member |= {"labour": "none", "health": "chronic", "education": "primary", "sex": "female", "work_months": 0}
        member |= {"dibao": False, "tekun": False, "public_post_months": 0}
        incomes = [row | {"amount_cny": 12_000} for row in incomes]
        days = (date(2022, 2, 1), date(2023, 2, 1))
        case = case | {"members": [*case["members"], *(member | {"valid_from": day} for day in days)]}
    assert asked(case | {"incomes": incomes}, "perhaps_to_be_ended", household_of)["answer"].tolist() == [answer]


def test_reasons_are_said_in_both_languages(household_of):
    """In the words of the other rules."""
    case = CASES["perhaps_missed"]["yes"]
    zh = asked(case, "perhaps_missed", household_of, lang="zh")["says"].iloc[0]
    assert zh.startswith("疑似漏评：是；住房安全无保障；脱贫户收入低于监测线；")
    assert (
        asked(case, "perhaps_missed", household_of, lang="en")["says"]
        .iloc[0]
        .startswith("perhaps missed: yes; safe house: not given; ")
    )


def test_without_the_list_of_the_monitored_nobody_is_missed(household_of):
    """Who is monitored cannot be told, so nobody is said not to be."""
    case = {name: rows for name, rows in CASES["perhaps_missed"]["yes"].items() if name != "monitoring"}
    assert asked(case, "perhaps_missed", household_of).empty


def test_a_household_alone_is_the_same_household():
    """Answers rest on nothing but the household's own records; by default only those on a list are returned."""
    register = fr.make_register(500, random_state=6)
    table = fr.suspicions(register, DAY)
    assert set(table["answer"]) == {"yes"}
    for household in table["household_id"].unique()[:4]:
        alone = fr.suspicions(register.select([household]), DAY)
        pd.testing.assert_frame_equal(alone, table[table["household_id"] == household].reset_index(drop=True))
