"""Planted faults: every rule finds all of its own and none among households in order; nothing else changes.

Tests synthetic/faults.py, synthetic/lacking_supports.py and synthetic/planted_household.py as well.
"""

from __future__ import annotations

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError, SchemaError
from fanpin_risk.policy import CONTRADICTIONS, ENTITLEMENTS, SIEVE
from fanpin_risk.records.register import Register
from fanpin_risk.synthetic.faults import FAULTS
from fanpin_risk.synthetic.lacking_supports import LACKING_SUPPORTS

DAYS = ("2024-12-31", "2024-01-20", "2023-06-30", "2022-09-15", "2024-02-29", "2024-01-03", "2024-09-03")
NOT_TOLD = {"food_clothing"}  # only a visit can tell
# A number of the place that one rule needs.
POLICY = fr.policy.Policy(
    pd.DataFrame({"name": ["insurance_last_month"], "area_prefix": [""], "valid_from": ["2020-01-01"], "value": [3]})
)
# All numbers of a place that entitlements need, as one place might have them, and another.
NUMBERS = {
    "serious_insurance_threshold": (10_000, 15_000), "medical_aid_threshold_dibao": (0, 3_000),
    "medical_aid_threshold_monitored": (2_875, 3_000), "medical_aid_threshold_sudden": (7_188, 9_000),
    "payout_threshold": (8_000, 2_000), "loss_threshold": (5_000, 500), "dibao_standard": (6_000, 9_600),
    "mean_income": (20_000, 38_000), "rigid_share": (0.6, 0.8), "old_age_from": (80, 70), "transport_work_months": (6, 3),
}  # fmt: skip


def place(number):
    """Return the policy of a place, of the first numbers or the second."""
    rows = [{"name": name, "value": values[number]} for name, values in NUMBERS.items()]
    return fr.policy.Policy(pd.DataFrame(rows).assign(area_prefix="", valid_from="2020-01-01"))


@pytest.fixture(scope="module")
def bare():
    return fr.make_register(300, random_state=4)


def found_in(register, day, policy=None):
    """Return what the rules find of each household: guarantees that fail, contradictions that are there."""
    fails = fr.screen(register, day, policy=policy).query("answer == 'fail'")
    doubts = fr.contradictions(register, day, answers=["yes"], policy=policy)
    both = pd.concat([table[["household_id", "rule"]] for table in (fails, doubts)])
    return both.groupby("household_id")["rule"].agg(set)


def test_every_rule_has_a_fault():
    """Every guarantee that records can tell, and every contradiction; a new rule needs one."""
    rules = {rule.code for rule in (*SIEVE, *CONTRADICTIONS)}
    assert set(FAULTS) == rules - NOT_TOLD
    assert {other for fault in FAULTS.values() for other in fault.also} <= rules


@pytest.mark.parametrize("day", DAYS)
def test_all_are_found_and_none_among_the_others(bare, day):
    """Of each household exactly what the truth says; of those in order nothing, at any time of the year."""
    register, truth = fr.plant_faults(bare, day, random_state=1)
    found = found_in(register.select(truth["household_id"]), day)
    expected = {
        household: set(rules.split(";")) - {""}
        for household, rules in zip(truth["household_id"], truth["rules"], strict=True)
    }
    wrong = {
        (truth.set_index("household_id")["fault"][household] or "in order"): (planted, found.get(household, set()))
        for household, planted in expected.items()
        if found.get(household, set()) != planted
    }
    assert wrong == {}


@pytest.mark.parametrize("day", DAYS)
def test_what_needs_a_number_of_the_place_is_planted_where_named(bare, day):
    """Not by default, as nothing finds it without the number; found with it, and unknown without."""
    needing = [code for code, fault in FAULTS.items() if fault.needs]
    assert needing == ["subsidy_after_deadline"]
    assert not set(needing) & set(fr.plant_faults(bare, day)[1]["fault"])
    register, truth = fr.plant_faults(bare, day, faults=needing)
    register = register.select(truth["household_id"])
    planted, in_order = truth["household_id"]
    assert found_in(register, day, POLICY).to_dict() == {planted: set(needing)}
    assert found_in(register, day).to_dict() == {}
    without = fr.contradictions(register, day, rules=needing, answers=["yes", "no", "unknown"])
    assert without.set_index("household_id")["answer"].to_dict() == {planted: "unknown"}
    assert in_order not in set(without["household_id"])


def test_a_number_that_the_policy_gives_is_enough(bare):
    """Where an office gives it, the fault is planted without being named; the others stay where they are."""
    with_it, without = (set(fr.plant_faults(bare, DAYS[0], policy=policy)[1]["fault"]) for policy in (POLICY, None))
    assert with_it - without == {"subsidy_after_deadline"}


def test_every_entitlement_can_be_lacking():
    """A new entitlement needs a household that lacks it and one that has it."""
    assert set(LACKING_SUPPORTS) == {rule.code for rule in ENTITLEMENTS}


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("day", DAYS)
def test_what_is_lacking_is_found_and_what_is_on_record_is_not(bare, day, number):
    """Yes for exactly the planted entitlements, no for the household at its side, at any time of the year and place."""
    policy = place(number)
    register, truth = fr.plant_faults(bare, day, faults=["entitlements"], policy=policy, random_state=number)
    register = register.select(truth["household_id"])
    assert set(truth["fault"]) == {"", *LACKING_SUPPORTS}
    assert set(truth["received"]) == {"", *LACKING_SUPPORTS}
    table = fr.entitlements(register, day, policy=policy)
    for answer, told in (("yes", "rules"), ("no", "received")):
        found = table[table["answer"] == answer].groupby("household_id")["rule"].agg(set)
        for household, codes in zip(truth["household_id"], truth[told], strict=True):
            expected, got = set(codes.split(";")) - {""}, found.get(household, set())
            assert got == expected if answer == "yes" else got >= expected, (codes, got)
    assert fr.contradictions(register, day, answers=["yes"], policy=policy).empty
    # A house in need of repair is unsafe; who is to be on assistance may be below the line.
    fails = set(fr.screen(register, day, policy=policy).query("answer == 'fail'")["rule"])
    assert fails <= {"safe_housing", "income_line"}


def test_entitlements_change_nothing_of_the_rest(bare):
    """They are drawn from a generator of their own and stand behind: what is planted without them stays, row by row."""
    faults = ["safe_water", "two_spouses"]
    alone, truth = fr.plant_faults(bare, DAYS[0], faults=faults, random_state=3)
    more, both = fr.plant_faults(bare, DAYS[0], faults=[*faults, "family_doctor"], random_state=3)
    assert truth["household_id"].tolist() == [f"F{number:09d}" for number in range(1, 5)]
    pd.testing.assert_frame_equal(both.head(len(truth)), truth)
    assert both[["fault", "rules", "received"]].tail(2).to_numpy().tolist() == [
        ["family_doctor", "family_doctor", ""],
        ["", "", "family_doctor"],
    ]
    for name, frame in alone.tables.items():
        pd.testing.assert_frame_equal(more.tables[name].head(len(frame)), frame)


def test_entitlements_live_where_their_numbers_are_known(bare):
    """In a place that has them; none is planted by the word for all where no place has, and one that is named is refused."""
    codes = bare.tables["households"]["area_code"].dropna().unique()
    only = fr.policy.Policy(
        pd.DataFrame(
            {"name": ["loss_threshold"], "area_prefix": [codes[0]], "valid_from": ["2020-01-01"], "value": [900]}
        )
    )
    register, truth = fr.plant_faults(bare, DAYS[0], faults=["entitlements"], policy=only, rate=0.02)
    assert "loss_payout" in set(truth["fault"])
    assert "payout_threshold" not in {
        name for code in set(truth["fault"]) - {""} for name in LACKING_SUPPORTS[code].needs
    }
    planted = truth.loc[truth["fault"] == "loss_payout", "household_id"]
    homes = register.tables["households"].set_index("household_id")["area_code"]
    assert set(homes[planted]) == {codes[0]}
    with pytest.raises(SchemaError, match="rests on payout_threshold, of which the place has no number"):
        fr.plant_faults(bare, DAYS[0], faults=["insurance_payout"])


def test_who_was_there_stays_as_he_was(bare):
    """The register made without faults is within the one with them, row by row; so are the answers about it."""
    before = {name: frame.copy() for name, frame in bare.tables.items()}
    register, truth = fr.plant_faults(bare, DAYS[0])
    for name, frame in bare.tables.items():
        pd.testing.assert_frame_equal(frame, before[name])
        pd.testing.assert_frame_equal(register.tables[name].head(len(frame)), frame)
    own = bare.tables["households"]["household_id"].unique()
    assert not set(truth["household_id"]) & set(own)
    pd.testing.assert_frame_equal(
        fr.screen(register, DAYS[0]).query("household_id in @own").reset_index(drop=True), fr.screen(bare, DAYS[0])
    )


def test_rates_and_truth(bare):
    """Of each fault as many as the rate says, one at least, and as many in order; the same seed, the same register."""
    register, truth = fr.plant_faults(bare, DAYS[0], faults=["safe_water", "two_spouses"], rate=0.01, random_state=3)
    counts = truth["fault"].value_counts().to_dict()
    assert counts == {"safe_water": 3, "two_spouses": 3, "": 6}
    again, _ = fr.plant_faults(bare, DAYS[0], faults=["two_spouses", "safe_water"], rate=0.01, random_state=3)
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[name])
    assert set(fr.plant_faults(bare, DAYS[0], faults=["safe_water"])[1]["fault"].value_counts()) == {1}


def test_planted_households_stand_in_lists(bare):
    """Scored like any other; those that lack a guarantee stand on the list by rule whatever their risk."""
    register, truth = fr.plant_faults(bare, DAYS[0])
    scores = fr.load_model("demo").score(register, DAYS[0], explain=False)
    listed = fr.watchlist(scores)
    by_rule = fr.rule_list(scores, listed=listed)
    wanted = {"compulsory_education", "basic_medical", "safe_housing", "safe_water"}
    lacking = truth.loc[truth["fault"].isin(wanted), "household_id"]
    assert set(lacking) <= set(by_rule["household_id"]) | set(listed["household_id"])
    fine = truth.loc[truth["fault"] == "", "household_id"]
    assert not set(fine) & set(by_rule["household_id"])


def test_nobody_is_invented_among_people_who_exist(bare):
    """A register that is not made up is refused; so are rates and rules that are none."""
    real = Register(bare.tables, source="an office", supplied=bare.supplied)
    with pytest.raises(SchemaError, match="made-up registers alone"):
        fr.plant_faults(real, DAYS[0])
    for rate in (0, 1, "much"):
        with pytest.raises(SchemaError, match="rate is"):
            fr.plant_faults(bare, DAYS[0], rate=rate)
    with pytest.raises(FanpinError, match="faults is 'roof'"):
        fr.plant_faults(bare, DAYS[0], faults=["roof"])
