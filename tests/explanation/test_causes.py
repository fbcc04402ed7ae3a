"""Causes of hand-made households: one changed fact each, and what must be named then."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import FeatureMismatchError
from fanpin_risk.explanation import causes as module
from fanpin_risk.explanation.causes import (
    EVENTS_OF_CAUSES,
    FACT_COLUMNS,
    FACTS,
    LEAST_SHARE,
    OFFICIAL,
    FactsOfCauses,
    named_causes,
    ranked_causes,
)
from fanpin_risk.features import CONTEXT, FEATURES
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.records.schema import TABLES

DAY = "2023-12-31"
SINCE = "2019-01-01"
ALL = tuple(FEATURES + CONTEXT)


def household(**changed):
    """Return the tables of household A, where nothing has happened, with some tables changed."""
    tables = {
        "households": [{"house_grade": "B", "safe_water": True, "unsafe_house": False, "debt_cny": 0.0}],
        "members": [
            person("A-1", "1978-05-01", relation="head", work_months=10),
            person("A-2", "1980-05-01", relation="spouse", work_months=3),
            person("A-3", "2012-05-01", relation="son", labour="none", work_months=0),
        ],
        "incomes": [*year(2022), *year(2023)],
        "medical": [],
        "disabilities": [],
        "enrolments": [pupil(400, 0)],
        "shocks": [],
        "supports": [],
        "warnings": [],
        "monitoring": [],
    }  # fmt: skip
    return tables | changed


def person(member_id, birth_date, **more):
    """Return a member, healthy and able to work."""
    return {"member_id": member_id, "birth_date": birth_date, "labour": "ordinary", "health": "healthy", **more}


def pupil(cost, aid, *, stage="primary", status="enrolled"):
    """Return the school record of the child."""
    return {"member_id": "A-3", "school_year": 2023, "stage": stage, "status": status, "cost_cny": cost, "aid_cny": aid}


def aid(measure, **more):
    """Return a measure begun in the year."""
    return {"start_date": "2023-08-01", "measure": measure, **more}


def year(number, *, wage=36_000, business=6_000, cost=1_500, **more):
    """Return the income rows of a calendar year."""
    items = {"wage": wage, "business_gross": business, "business_cost": cost, **more}
    return [
        {"period_start": f"{number}-01-01", "period_end": f"{number}-12-31", "item": i, "amount_cny": float(v)}
        for i, v in items.items()
    ]


def bill(cost, day="2023-06-01", **more):
    """Return a hospital bill."""
    return {
        "member_id": "A-2",
        "event_date": day,
        "kind": "inpatient",
        "icd10": "J18.9",
        "out_of_pocket_cny": cost,
        **more,
    }


def event(kind, **more):
    """Return a sudden event of the year."""
    return {"event_date": "2023-09-10", "kind": kind, **more}


def card(grade, **more):
    """Return a disability certificate that has been there for long."""
    return {
        "member_id": "A-2",
        "issued_on": "2019-05-01",
        "category": "physical",
        "grade": grade,
        "care_need": "none",
    } | more


def members(**first):
    """Return the members, the first two changed."""
    rows = household()["members"]
    return [{**row, **first} if row["member_id"] != "A-3" else row for row in rows]


def home(**changed):
    """Return the row of the household, changed."""
    return [household()["households"][0] | changed]


def explained(model, tables):
    """Explain a household."""
    frames = {}
    for name, rows in tables.items():
        frame = pd.DataFrame(rows, columns=list(TABLES[name].names)).astype(object)
        if len(frame):
            for column, value in (("household_id", "A"), ("valid_from", SINCE)):
                if column in frame:
                    frame[column] = frame[column].fillna(value)
            time = TABLES[name].time
            own = frame[time] if name != "enrolments" else frame[time].astype(str) + "-09-01"
            frame["recorded_at"] = (pd.to_datetime(own) + pd.Timedelta(days=0)).dt.strftime("%Y-%m-%d")
        frames[name] = frame
    register = fr.Register.from_frames(frames)
    assert register.rejects.empty, register.rejects["message"].tolist()
    return model.explain(register, DAY)


@pytest.fixture(scope="module")
def model():
    """Return a model that has learnt from an invented county."""
    register = fr.make_register(8_000, random_state=3)
    return fr.RiskModel(n_folds=3).fit(register, ["2021-12-31", "2022-12-31"])


# What changed -> the causes that must be named, in this order.
HOUSEHOLDS = {
    "nothing happened": ({}, []),
    "a long illness": ({"medical": [bill(14_000)]}, ["illness"]),
    "several bills": ({"medical": [bill(3_000, "2023-02-01"), bill(4_000, "2023-05-01"), bill(5_000, "2023-11-01")]}, ["illness"]),
    "a small bill": ({"medical": [bill(600)]}, []),
    "a bill of two years ago": ({"medical": [bill(14_000, "2021-11-01")]}, []),
    "a serious illness with low costs": ({"members": members(health="serious")}, ["illness"]),
    "an illness that aid paid for": (
        {"medical": [bill(9_000)], "supports": [aid("temporary_aid", for_cause="illness", amount_cny=8_000)]},
        [],
    ),
    "an illness that insurance paid for": (
        {"medical": [bill(9_000)], "incomes": [*year(2022), *year(2023, claim_payout=9_000)]},
        [],
    ),
    "a student": (
        {"enrolments": [pupil(14_000, 2_000, stage="senior")]},
        ["schooling"],
    ),
    "a student whose costs are paid": (
        {"enrolments": [pupil(14_000, 13_000, stage="senior")]},
        [],
    ),
    "a child that left school": ({"enrolments": [pupil(0, 0, status="dropped_out")]}, ["schooling"]),
    "a severe disability": ({"disabilities": [card("grade1")]}, ["disability"]),
    "a light disability, long known": ({"disabilities": [card("grade4")]}, []),
    "a mental disability of grade 3": ({"disabilities": [card("grade3", category="mental")]}, ["disability"]),
    "a new certificate": ({"disabilities": [card("grade3", issued_on="2023-03-01")]}, ["disability"]),
    "somebody needs care": ({"disabilities": [card("grade3", care_need="full")]}, ["disability"]),
    "a flood": ({"shocks": [event("flood", loss_cny=20_000, insured_cny=0, affected="house")]}, ["disaster"]),
    "a fire without an amount": ({"shocks": [event("fire", affected="house")]}, ["disaster"]),
    "an accident": ({"shocks": [event("accident", loss_cny=25_000, insured_cny=2_000)]}, ["accident"]),
    "an accident and its bill": (
        {"shocks": [event("accident", loss_cny=25_000, insured_cny=0)], "medical": [bill(16_000, icd10="S72.0")]},
        ["accident"],
    ),
    "an injury without an event": ({"medical": [bill(16_000, icd10="s82.2")]}, ["accident"]),
    "a failed project": ({"shocks": [event("business_failure", loss_cny=15_000)]}, ["business_failure"]),
    "prices fell": ({"shocks": [event("price_fall", loss_cny=9_000)]}, ["business_failure"]),
    "the farm brought in less": ({"incomes": [*year(2022, business=30_000), *year(2023)]}, ["business_failure"]),
    "the business lost money": ({"incomes": [*year(2022, cost=14_000), *year(2023, cost=14_000)]}, ["business_failure"]),
    "lost work": ({"shocks": [event("job_loss", member_id="A-1")]}, ["unstable_work"]),
    "wages fell": ({"incomes": [*year(2022), *year(2023, wage=12_000)]}, ["unstable_work"]),
    "wages fell, the farm made up for it": ({"incomes": [*year(2022), *year(2023, wage=12_000, business=30_000)]}, []),
    "nobody able to work": ({"members": members(labour="none", work_months=0)}, ["labour"]),
    "an unsafe house": ({"households": home(house_grade="D")}, ["housing"]),
    "unsafe water": ({"households": home(safe_water=False)}, ["water"]),
    "a death": ({"shocks": [event("death", member_id="A-9")]}, ["other"]),
    "a debt that fell due": ({"shocks": [event("debt", loss_cny=8_000)]}, ["other"]),
    "too much debt": ({"households": home(debt_cny=90_000)}, ["other"]),
    "some debt": ({"households": home(debt_cny=9_000)}, []),
    "low income and nothing else": ({"incomes": [*year(2022, wage=5_000), *year(2023, wage=5_000)]}, []),
    "support that ended": (
        {"supports": [{"start_date": "2022-01-01", "end_date": "2023-08-01", "measure": "industry", "amount_cny": 3_000}]},
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HOUSEHOLDS)
def test_one_changed_fact_is_what_is_named(model, case):
    """A cause is named where its fact is on record, and no other; never low income, never support."""
    changed, expected = HOUSEHOLDS[case]
    row = explained(model, household(**changed)).causes().iloc[0]
    assert [row[f"cause_{k}"] for k in range(1, 6) if row[f"cause_{k}"]] == expected


def test_what_is_named_first_weighs_most(model):
    """Wages that fell from 54,361 to 5,437 yuan are not outdone by 3,520 yuan of school costs."""
    school = [
        {
            "member_id": "A-3",
            "school_year": 2023,
            "stage": "primary",
            "status": "enrolled",
            "cost_cny": 3_520,
            "aid_cny": 0,
        }
    ]
    incomes = [*year(2022, wage=54_361, business=0, cost=0), *year(2023, wage=5_437, business=0, cost=0)]
    explanation = explained(model, household(incomes=incomes, enrolments=school))
    row = explanation.causes(lang="en").iloc[0]
    assert row["cause_1"] == "unstable_work"
    assert row["cause_2"] == "schooling"
    assert row["yuan_1"] == 54_361 - 5_437
    assert row["share_1"] == pytest.approx((54_361 - 5_437) / 5_437)
    assert "48,924 CNY" in row["fact_1"]
    assert "3,520 CNY" in row["fact_2"]
    assert explanation.reasons()["cause"].tolist() == ["unstable_work"]
    assert "unstable work: " in explanation.letter("A", lang="en")


def test_without_a_fact_it_is_said(model):
    """No cause is no empty place in the words that people read."""
    explanation = explained(model, household())
    assert explanation.causes()["cause_1"].tolist() == [""]
    assert "没有发现对应的致贫原因" in explanation.letter("A")
    assert named_causes([""]).shown("zh") == "没有发现对应的致贫原因"


def test_every_official_cause_has_facts():
    """A cause without facts would never be named; columns of facts and of contributions are declared."""
    assert set(FACTS) == set(OFFICIAL) == set(CAUSES) - {"low_income", "support"}
    declared = {f.name: f for f in ALL}
    assert set(FACT_COLUMNS) <= set(declared)
    assert set(EVENTS_OF_CAUSES) <= set(OFFICIAL)
    names = {f.name for f in FEATURES}
    for listed in (
        "OF_ALL_EVENTS",
        "OF_ACCIDENTS_AND_DEATHS",
        "OF_TREATMENT",
        "OF_FALLING_INCOME",
        "OF_OTHER",
        "OF_NO_CAUSE",
    ):
        assert set(getattr(module, listed)) <= names, listed


def facts(rows):
    """Return features and facts of households where nothing but `rows` is on record."""
    table = pd.DataFrame(
        0.0, index=pd.Index([f"H{k}" for k in range(len(rows))], name="household_id"), columns=[f.name for f in ALL]
    )
    table = table.assign(n_able_labour=2.0, income_counted=12_000.0, monitoring_line=8_000.0)
    for number, row in enumerate(rows):
        table.loc[f"H{number}", list(row)] = list(row.values())
    return table


def named(rows, pushes=None):
    """Return the causes of such households, with some contributions."""
    values = np.zeros((len(rows), len(FEATURES)))
    place = {f.name: k for k, f in enumerate(FEATURES)}
    for number, row in enumerate(pushes or []):
        for name, push in row.items():
            values[number, place[name]] = push
    result = ranked_causes(values, facts(rows), FEATURES)
    return [[c for c in row if c] for row in result.filter(like="cause_").to_numpy().tolist()]


def test_contribution_and_size_both_weigh():
    """What the model has learnt leads; size decides where that says little."""
    both = {"medical_burden": 2_000.0, "school_cost_net_12m": 2_500.0}
    assert named([both]) == [["schooling", "illness"]]
    assert named([both], [{"out_of_pocket_12m": 0.3}]) == [["illness", "schooling"]]


def test_a_much_larger_sum_goes_first():
    """A cause that is only money stands behind one of more than three times as much, whatever the model says."""
    both = {"medical_burden": 2_000.0, "wage_fall": 9_000.0, "income_fall": 9_000.0}
    assert named([both], [{"out_of_pocket_12m": 2.0}]) == [["unstable_work", "illness"]]
    ill = {**both, "n_serious_illness": 1.0}
    assert named([ill], [{"out_of_pocket_12m": 2.0}]) == [["illness", "unstable_work"]]


def test_money_counts_from_a_month_of_income_on():
    """A bill of less than a month's income is no cause."""
    least = 12_000.0 * LEAST_SHARE
    assert named([{"medical_burden": least - 1.0}, {"medical_burden": least}]) == [[], ["illness"]]


def test_lost_wages_of_those_who_cannot_work_are_no_unstable_work():
    """Where nobody is able to work, hands are lacking, not work."""
    assert named([{"wage_fall": 9_000.0, "income_fall": 9_000.0, "n_able_labour": 0.0}]) == [["labour"]]


def test_costs_of_treatment_are_shared_with_the_accident():
    """Bills for an injury speak for the accident."""
    row = {"medical_burden": 3_000.0, "injury_cost": 9_000.0, "accidents_12m": 1.0}
    assert named([row], [{"out_of_pocket_12m": 0.8}]) == [["accident", "illness"]]


def test_unknown_income_is_counted_as_one_line():
    """Without any income on record a burden is set against the line of one person."""
    held = facts([{"medical_burden": 4_000.0, "income_counted": np.nan}])
    assert FactsOfCauses.of(held).share[0, OFFICIAL.index("illness")] == 0.5
    told = ranked_causes(np.zeros((1, len(FEATURES))), held, FEATURES, n_causes=1)
    assert told.loc[0, ["cause_1", "yuan_1"]].tolist() == ["illness", 4_000.0]
    assert np.isnan(told.loc[0, "share_1"])  # of an income that nobody knows there is no share


def test_causes_without_facts_are_refused():
    """Which columns are lacking is said, instead of no cause."""
    values, table = np.zeros((1, len(FEATURES))), facts([{}])[[f.name for f in FEATURES]]
    with pytest.raises(FeatureMismatchError, match="medical_burden"):
        ranked_causes(values, table, FEATURES)


def test_nobody_has_no_causes():
    """Tables without rows have all columns."""
    result = ranked_causes(np.zeros((0, len(FEATURES))), facts([]), FEATURES, n_causes=2)
    assert list(result.columns) == ["household_id", "cause_1", "cause_2", "yuan_1", "yuan_2", "share_1", "share_2"]
    assert len(result) == 0
