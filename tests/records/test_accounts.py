"""Sheets of incomes that hold no income of a whole year."""

import pytest

from fanpin_risk.records.read.accounts import why_no_account
from fanpin_risk.records.sheets import SheetHead

YEARLY = "户编号,年度,工资性收入\nh1,2023,20000\n"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("2024年上半年收入", "part_of_year"),
        ("家庭收入2023年第三季度", "part_of_year"), ("收入2023Q1", "part_of_year"),
        ("2024年1-9月收入", "part_of_year"),
        ("2025年收入预测", "planned"), ("2024年增收计划表", "planned"), ("收入目标", "planned"),
        ("2023年1-12月收入", ""), ("家庭收入2023", ""),
        ("计划生育户收入", ""), ("2023年收入测算表", ""),
    ],
)  # fmt: skip
def test_names_say_what_is_no_account_of_a_year(name, why):
    """Half years, quarters and months but not all twelve; plans, forecasts and targets."""
    assert why_no_account(SheetHead(file=f"{name}.csv", source="", headers=["户编号"])) == why


@pytest.mark.parametrize(("name", "code"), [("2024年上半年收入", "part_of_year"), ("2024年增收计划表", "planned")])
def test_half_years_and_plans_are_nobody_s_income(exports, name, code):
    """The year before is not replaced or raised by them; each row is named with its household."""
    register = exports.read(家庭收入=YEARLY, **{name: "户编号,年度,工资性收入\nh1,2024,9000\n"})
    assert exports.income(register) == 10000.0
    assert ("h1", "", code) in exports.found(register)
    assert register.counts.loc["incomes", ["rows_read", "rows_rejected"]].tolist() == [2, 1]
