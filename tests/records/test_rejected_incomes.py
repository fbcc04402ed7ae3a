"""Households of which a row of income was rejected: what is left of their income is never shown as all of it."""

import math

import pytest

from fanpin_risk.records.register import Register

YEARLY = "户编号,年度,生产经营性净收入\nh1,2023,8000\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("户编号,收入项目,金额\nh1,务工收入,12000\n", "missing_value"),
        ("户编号,务工收入\nh1,12000\n", "missing_value"),
        ("户编号,年度,收入项目,金额\nh1,2023,务工收入,一万多吧\n", "not_a_number"),
        ("户编号,年度,收入项目,金额\nh1,去年,务工收入,12000\n", "not_a_date"),
        ("户编号,年度,务工收入\nh1,去年,12000\n", "not_a_date"),
        ("户编号,收入周期开始,收入周期结束,务工收入\nh1,2023-01-01,至今,12000\n", "missing_value"),
        ("户编号,收入周期开始,收入周期结束,务工收入\nh1,2022-01-01,2023-12-31,12000\n", "period_too_long"),
        ("户编号,年度,收入项目,金额\nh1,2023,卖药材收入,12000\n", "unknown_code"),
        ("户编号,年度,收入项目,金额\nh1,2023,务工收入,12000,多一格\n", "ragged_row"),
    ],
)
def test_a_rejected_row_leaves_income_unknown(exports, text, code):
    """Without a year, with an unreadable one, or with an unreadable amount: the household is named and has no firm income."""
    register = exports.read(家庭收入=YEARLY, 补充收入=text)
    assert math.isnan(exports.income(register))
    assert register.counts.loc["incomes", "rows_rejected"] == 1
    assert code in {found for household, _, found in exports.found(register) if household == "h1"}


def test_without_a_year_any_year_may_be_meant(exports):
    """Neither the newest year nor one before it is firm."""
    register = exports.read(家庭收入=f"{YEARLY}h1,2024,9000\n", 补充收入="户编号,务工收入\nh1,12000\n")
    unknown = register.tables["incomes"].query("item == 'stated_net_income' and amount_cny.isna()")
    assert unknown["period_end"].dt.year.tolist() == [2023, 2024]


def test_a_year_of_which_all_was_rejected_does_not_leave_the_one_before(exports):
    """Income of 2023 is not shown as that of now, since there is a newer year that could not be read."""
    register = exports.read(家庭收入=YEARLY, 补充收入="户编号,年度,收入项目,金额\nh1,2024,务工收入,一万多吧\n")
    assert math.isnan(exports.income(register))


def test_a_period_that_is_half_readable_is_of_its_year(exports):
    """Of two years on record only that of the readable day is unknown."""
    text = "户编号,收入周期开始,收入周期结束,务工收入\nh1,2023-01-01,至今,12000\n"
    register = exports.read(家庭收入=f"{YEARLY}h1,2024,9000\n", 补充收入=text)
    assert exports.income(register) == 4500.0


@pytest.mark.parametrize(
    "text",
    [
        "户编号,收入项目,金额\nh1,理赔收入,12000\n", "户编号,年度,收入项目,金额\nh1,2023,家庭人口数,5\n",
        "户编号,收入项目,金额\nh1,务工收入,0\n", "户编号,收入项目,金额\nh1,务工收入,\n", "户编号,收入项目,金额\nh9,务工收入,12000\n",
    ],
)  # fmt: skip
def test_what_is_no_income_of_the_household_changes_nothing(exports, text):
    """Pay-outs, counts, nothing at all, and what another household has."""
    assert exports.income(exports.read(家庭收入=YEARLY, 补充收入=text)) == 4000.0


@pytest.mark.parametrize("figure", ["工资性收入", "务工收入"])
def test_what_a_sheet_of_the_year_has_is_not_missing(exports, figure):
    """A list without a year, or of half of one, beside the wage of the whole year, is that wage again."""
    register = exports.read(
        家庭收入=f"户编号,年度,{figure}\nh1,2023,8000\n",
        务工登记="户编号,收入项目,金额\nh1,务工收入,4000\n",
        **{"2023年上半年收入": "户编号,年度,务工收入\nh1,2023,4000\n"},
    )
    assert register.counts.loc["incomes", "rows_rejected"] == 2
    assert exports.income(register) == 4000.0


def test_another_person_s_wage_is_not_the_one_that_is_missing(exports):
    """What one member earned says nothing of the other."""
    text = "户编号,人编号,年度,收入项目,金额\nh1,p1,2023,务工收入,12000\n"
    register = exports.read(收入=text, 补充收入="户编号,人编号,收入项目,金额\nh1,p2,务工收入,9000\n")
    assert math.isnan(exports.income(register))


def test_stated_income_stands_in(exports):
    """What the office says the household has in all is used, with the row named."""
    text = "户编号,年度,收入项目,金额\nh1,2023,人均纯收入,7000\nh1,2023,务工收入,一万多吧\n"
    register = exports.read(家庭收入=text)
    assert exports.income(register) == 7000.0


def test_a_repeated_amount_on_a_broken_row_is_no_loss(exports):
    """The household's amount stands on its other rows, too."""
    text = "户编号,人编号,年度,转移性收入\nh1,p1,2023,6000\nh1,p2,2023,6000,多一格\n"
    assert exports.income(exports.read(家庭收入=text)) == 3000.0


@pytest.mark.parametrize(
    "incomes",
    [
        {"consumption_food": ["many", "4000"], "consumption_other": [9000, 9000], "wage": [5000, 5000]},
        {"consumption": ["many", "13000"], "consumption_food": [4000, 4000], "wage": [5000, 5000]},
    ],
)
def test_consumption_without_one_of_its_amounts_is_unknown(incomes):
    """What is left of it would be too little, and a household below its line that is not; its income stays known."""
    register = Register.from_frames(
        households={"household_id": ["A", "B"], "valid_from": ["2020-06-30"] * 2},
        incomes={"household_id": ["A", "B"], "年度": [2020, 2020], **incomes},
    )
    kept = register.tables["incomes"].groupby("household_id")["item"].agg(lambda items: sorted(items.astype("str")))
    assert kept.to_dict() == {"A": ["wage"], "B": ["consumption_food", "consumption_other", "wage"]}


@pytest.mark.parametrize("amounts", [["many", 9000], [4000, 9000, 4100]])
def test_consumption_of_a_long_sheet_without_one_of_its_amounts_is_unknown(amounts):
    """An amount that cannot be read, or two that contradict each other, leave no total."""
    items = ["consumption_food", "consumption_other", "consumption_food"][: len(amounts)]
    rows = {"household_id": ["A"] * len(items), "年度": [2020] * len(items), "item": items, "amount_cny": amounts}
    register = Register.from_frames(households={"household_id": ["A"], "valid_from": ["2020-06-30"]}, incomes=rows)
    assert register.tables["incomes"].empty
    assert register.counts.loc["incomes", ["rows_read", "rows_kept"]].tolist() == [len(items), 1]
