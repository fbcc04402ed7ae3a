"""Sheets that are not read say what to do, and their households are named."""

import pytest

LISTED = "户编号,年度,户类型\n522328001101,2023,脱贫户\n522328001102,2023,脱贫户\n"
TURNED = "户编号,522328001101,522328001102\n户类型,脱贫户,脱贫户\n工资性收入,9000,8000\n转移性收入,10,20\n"
FORM = "农户登记表,,,\n户编号,522328001101,户主姓名,甲\n户类型,脱贫户,家庭人口数,3\n工资性收入,9000,转移性收入,10\n"


@pytest.mark.parametrize(
    ("name", "text", "advice"),
    [
        ("农户收入2023", TURNED, "transpose"),
        ("台账", f"2023年收入,,\n{TURNED}", "transpose"),
        ("登记表", FORM, "a row for each household"),
    ],
)
def test_forms_and_turned_sheets_say_what_to_do(exports, name, text, advice):
    """Incomes in them are nobody's, and each household without one is named."""
    register = exports.read(户信息=LISTED, 成员="", **{name: text})
    problems = register.problems
    (message,) = problems.loc[problems["code"] == "unknown_sheet", "message"]
    assert advice in message
    assert problems.loc[problems["code"] == "income_lost", "household_id"].tolist() == ["522328001101", "522328001102"]


def test_a_form_of_members_leaves_households_without_members_named(exports):
    """No amount stands in it."""
    form = "成员登记表,\n户编号,522328001101\n与户主关系,户主\n"
    found = exports.read(户信息=LISTED, 成员="", 表=form).problems["code"].tolist()
    assert ("members_lost" in found, "income_lost" in found) == (True, False)


def test_a_sheet_called_after_households_and_incomes_has_incomes(exports):
    """农户收入 without one known header: incomes are what nobody may lose."""
    found = exports.read(户信息=LISTED, 成员="", 农户收入="代号,甲\n522328001101,9000\n522328001102,8000\n").problems
    assert found.loc[found["code"] == "unknown_sheet", "table"].tolist() == ["incomes"]
