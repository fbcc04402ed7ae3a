"""Stated figures are held against what was summed."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk import compute_features
from fanpin_risk.records.income_items import PER_PERSON, WHOLE
from fanpin_risk.records.stated import LIKELY_REASONS, compare_stated

DAY = pd.Timestamp("2023-12-31")


def compared(items, *, members=2, declared=np.nan, day=DAY):
    """Compare one household's figures, given as item -> yuan."""
    incomes = pd.DataFrame({"item": list(items), "amount_cny": list(map(float, items.values()))})
    incomes = incomes.assign(household_id="A", member_id=None, period_start=day, period_end=day, recorded_at=pd.NaT)
    households = pd.DataFrame({"household_id": ["A"], "size_declared": [declared], "valid_from": [day]})
    persons = pd.DataFrame({"household_id": "A", "member_id": [f"P{k}" for k in range(members)], "valid_from": day})
    return compare_stated({"incomes": incomes, "households": households, "members": persons.assign(valid_to=pd.NaT)})


@pytest.mark.parametrize(
    ("items", "options", "reason"),
    [
        ({"wage": 24000, PER_PERSON: 12000}, {}, None),
        ({"wage": 24000.9, PER_PERSON: 12000}, {}, None),
        ({"wage": 24000, "business_cost": 4000, PER_PERSON: 10000, WHOLE: 20000}, {}, None),
        ({PER_PERSON: 10000}, {}, None),
        ({"oop_compliant": 500, PER_PERSON: 10000}, {}, None),
        ({"wage": 48000, PER_PERSON: 12000}, {}, "repeated"),
        ({"wage": 2.4, PER_PERSON: 12000}, {}, "unit"),
        ({"wage": 24000, PER_PERSON: 8000}, {"declared": 3}, "head_count"),
        ({"wage": 24000, PER_PERSON: 8000, WHOLE: 24000}, {}, "head_count"),
        ({"wage": 24000, PER_PERSON: 8000}, {}, "head_count"),  # of 3, whoever they are
        ({"wage": 24000, PER_PERSON: 6000}, {"members": 5}, "head_count"),
        ({"wage": 24000, PER_PERSON: 4000}, {"members": 3}, "part_too_much"),  # twice
        ({"wage": 24000, PER_PERSON: 2400}, {}, "part_too_much"),  # 10 for 2
        ({"wage": 900, PER_PERSON: 300}, {}, "part_too_much"),  # too small to tell
        ({"wage": 24000, PER_PERSON: 7500}, {}, "part_too_much"),
        ({"wage": 20000, PER_PERSON: 12000}, {}, "part_missing"),
        ({"wage": 20000, WHOLE: 24000}, {}, "part_missing"),
        ({"wage": 26000, PER_PERSON: 12000}, {}, "part_too_much"),
        ({"wage": 24000, PER_PERSON: 12000}, {"members": 0, "declared": 2}, None),
    ],
)
def test_what_differs_is_found_with_its_likely_reason(items, options, reason):
    """Equal figures are silent; unequal ones say why they may differ."""
    found = compared(items, **options)
    assert found["reason"].tolist() == ([] if reason is None else [reason])
    assert set(found["reason"]) <= set(LIKELY_REASONS)


def test_figures_of_a_table_without_stated_ones_are_left_alone():
    """Most registers of this package state nothing."""
    assert len(compared({"wage": 1})) == 0


@pytest.mark.parametrize(
    ("stated", "summed", "differs"),
    [("1.01", 20100, False), ("1.01", 20400, True), ("1.0052", 20104, False), ("1.0052", 20200, True)],
)
def test_figures_in_10_000_yuan_are_compared_as_they_are_rounded(exports, stated, summed, differs):
    """1.01 万元 may be 10,050 yuan; what has more digits is compared by them."""
    register = exports.read(收入=f"户编号,年度,工资性收入,人均纯收入（万元）\nh1,2023,{summed},{stated}\n")
    assert ("stated_differs" in set(register.problems["code"])) is differs


@pytest.mark.parametrize(
    ("items", "stated", "income", "told"),
    [
        ("0,0", 9000, 9000, "各项收入全为0"),
        ("0,0", 0, 0, ""),
        (",0", 9000, 9000, "各项收入全为0"),
        ("3000,0", 9000, 1500, "可能原因"),
    ],
)
def test_items_that_were_filled_in_with_0_do_not_outweigh_what_is_stated(exports, items, stated, income, told):
    """A form prints 0 in each item; who states an income beside them has one, of whatever it consists."""
    register = exports.read(收入=f"户编号,年度,工资性收入,转移性收入,人均纯收入\nh1,2023,{items},{stated}\n")
    assert compute_features(register, "2024-06-30")["income_per_person"]["h1"] == income
    problems = register.problems
    assert [told in text for text in problems.loc[problems["code"] == "stated_differs", "message_zh"]] == [True] * bool(
        told
    )
