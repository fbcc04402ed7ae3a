"""Sheets without households or without amounts hold nobody's income, whatever they are called."""

import pytest

from fanpin_risk.records.read.without_accounts import without_accounts

HOMES = "户编号,年度,户类型,家庭人口数\n0011,2023,脱贫户,2\n0012,2023,脱贫户,2\n"


@pytest.mark.parametrize(
    ("rows", "whole", "expected"),
    [
        ([["收入填报说明"], ["按实际填写"]], True, True),
        ([["收入填报说明"], ["按实际填写"]], False, False),  # the table may stand below
        ([["6\0b\x16", "\udc8d\0"]], True, False),  # in another encoding
        ([["目录", "页"], ["收入表", 2]], True, True),
        ([["姓名", "电话"], ["甲", "13900000000"]], True, True),
        ([["甲", "乙"], ["未填", "未填"]], False, False),
        ([["村", "2023"], ["东村", 88000]], False, True),
        ([["姓名", "进账"], ["甲", 880]], False, False),
        ([["丙", "进账"], ["0011", 880]], False, False),
        ([["丙", "进账"], ["0650", "880"]], False, False),
        ([["丙", "进账"], ["h7", "1,880.50"]], False, False),
        ([["丙", "进账"], [2.10624e9, 880]], False, False),
    ],
)
def test_what_may_hold_accounts(rows, whole, expected):
    """Some household and some amount; what lies below the first rows may hold both, unless these tell what it is."""
    assert without_accounts(rows, whole=whole) is expected


@pytest.mark.parametrize(
    ("text", "named"),
    [("作物,每亩\n玉米,650\n牛,5000\n", []), ("丙,进账\n0011,650\n0012,5000\n", ["0011", "0012"])],
)
def test_only_sheets_that_may_hold_accounts_concern_households(exports, text, named):
    """Standards name nobody, though income is in the name of the file; they are still told as not read."""
    incomes = "户编号,年度,工资性收入\n0011,2023,9000\n0012,2023,9000\n"
    register = exports.read(户信息=HOMES, 家庭收入=incomes, 收入标准=text)
    problems = register.problems
    assert problems.loc[problems["code"] == "income_lost", "household_id"].tolist() == named
    assert problems.loc[problems["code"] == "unknown_sheet", "source"].tolist() == ["收入标准.csv"]


def test_a_benefit_beside_known_ids_may_be_missing(exports):
    """A list of benefits that is no table of the register has money that counts in no income."""
    incomes = "户编号,年度,工资性收入\n0011,2023,9000\n0012,2023,9000\n"
    register = exports.read(户信息=HOMES, 家庭收入=incomes, 名册="户编号,户主,月保障金,办理状态\n0011,甲,300,正常\n")
    assert "0011" in register.problems.loc[register.problems["code"] == "income_lost", "household_id"].tolist()
