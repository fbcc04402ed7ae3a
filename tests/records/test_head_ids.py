"""With a key, sheets that know households by the citizen ids of their heads alone are joined to those that have both ids."""

import pandas as pd
import pytest

from fanpin_risk.records.ids import pseudonymise

KEY = b"a key of this county, kept apart"
HEADS = {"h1": "11010519491231002X", "h2": "440308199901101512", "h3": "32010619800101109X"}
LISTED = "户编号,户主身份证号,年度,户类型\n" + "".join(f"{own},{head},2023,脱贫户\n" for own, head in HEADS.items())
MEMBERS = "户编号,人编号,年度,与户主关系,证件号码\n" + "".join(
    f"{own},{own}p,2023,户主,{HEADS[own]}\n" for own in HEADS
)
WAGES = "户主身份证号,年度,工资性收入\n" + "".join(f"{head},2023,{9000 + n}\n" for n, head in enumerate(HEADS.values()))


def wages(register):
    incomes = register.tables["incomes"]
    return dict(zip(incomes["household_id"], incomes["amount_cny"], strict=True))


def hashed(own):
    return pseudonymise(pd.Series([own]), KEY)[0]


@pytest.mark.parametrize(
    ("listed", "members"),
    [(LISTED, ""), ("户编号,年度,户类型\n" + "".join(f"{own},2023,脱贫户\n" for own in HEADS), MEMBERS)],
    ids=["list of households", "head among the members"],
)
def test_incomes_by_the_heads_citizen_id_are_the_households(exports, listed, members):
    """Whoever says which citizen id belongs to which household; no citizen id is kept."""
    register = exports.read(户信息=listed, 成员=members, 收入=WAGES, id_key=KEY)
    assert wages(register) == {hashed(own): 9000.0 + n for n, own in enumerate(HEADS)}
    held = "".join(frame.astype(str).to_string() for frame in register.tables.values()) + register.problems.to_string()
    assert not any(head in held for head in HEADS.values())


def test_a_citizen_id_that_two_households_have_is_of_neither(exports):
    """Nobody knows whose the income is: the row is refused, and both are named."""
    register = exports.read(户信息=f"{LISTED}h4,{HEADS['h1']},2023,脱贫户\n", 成员="", 收入=WAGES, id_key=KEY)
    assert wages(register) == {hashed("h2"): 9001.0, hashed("h3"): 9002.0}
    lost = register.problems.loc[register.problems["code"] == "income_lost", "household_id"]
    assert sorted(lost) == sorted([hashed("h1"), hashed("h4")])


def test_without_a_key_no_citizen_id_is_read(exports):
    """The rows are refused with what to do, and the households named."""
    register = exports.read(户信息=LISTED, 成员="", 收入=WAGES)
    assert wages(register) == {}
    assert set(register.problems["code"]) >= {"citizen_id_in_key", "income_lost"}


def test_a_list_by_citizen_ids_is_joined_to_members_that_have_both(exports):
    """Households are known by their own ids."""
    alone = "户主身份证号,年度,户类型\n" + "".join(f"{head},2023,脱贫户\n" for head in HEADS.values())
    register = exports.read(户信息=alone, 成员=MEMBERS, id_key=KEY)
    assert register.tables["members"]["household_id"].isin(register.tables["households"]["household_id"]).all()
    assert len(register.tables["members"]) == len(HEADS)


def test_persons_known_by_name_are_the_same_in_both_lists(exports):
    """One list has the household's own id, the newer one the citizen id of its head: nobody is counted twice."""
    older = "户编号,姓名,年度,与户主关系\nh1,赵一,2022,户主\nh1,赵二,2022,配偶\n"
    newer = f"户主身份证号,姓名,年度,与户主关系\n{HEADS['h1']},赵一,2023,户主\n{HEADS['h1']},赵二,2023,配偶\n"
    register = exports.read(户信息=LISTED, 成员=older, 成员2=newer, id_key=KEY)
    assert register.tables["members"]["member_id"].nunique() == 2
