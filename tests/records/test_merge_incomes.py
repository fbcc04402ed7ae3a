"""Amounts of one household and year from several rows and sheets: each once, none lost without a word."""

import numpy as np
import pytest

WAGES = "户编号,年度,工资性收入\nh1,2023,20000\n"


def test_sheets_that_complement_each_other_are_added(exports):
    """A list of payments that is known by its headers alone holds what the income sheet lacks."""
    register = exports.read(家庭收入=WAGES, 低保金发放表="户编号,年度,转移性收入\nh1,2023,6000\n")
    assert (exports.income(register), exports.found(register)) == (13000.0, [])


def test_the_same_amount_in_two_sheets_is_one_amount(exports):
    """Two copies of a sheet say the same; nothing is wrong and nothing rejected."""
    register = exports.read(家庭收入=WAGES, 家庭收入2=WAGES)
    assert (exports.income(register), exports.found(register)) == (10000.0, [])
    assert register.counts.loc["incomes", ["rows_read", "rows_kept", "rows_rejected"]].tolist() == [2, 2, 0]


def test_amounts_that_differ_between_sheets_leave_income_unknown(exports):
    """Neither copy is clearly newer: the column is named in both, and no number is given."""
    register = exports.read(家庭收入=WAGES, 家庭收入2=WAGES.replace("20000", "25000"))
    assert np.isnan(exports.income(register))
    assert exports.found(register) == [("h1", "wages", "amounts_differ")]
    assert register.problems["source"].tolist() == ["家庭收入.csv", "家庭收入2.csv"]


def test_stated_income_stands_in_for_items_that_contradict_each_other(exports):
    """What the office states is used where an item is not known."""
    register = exports.read(
        家庭收入="户编号,年度,工资性收入,人均纯收入\nh1,2023,20000,10000\n",
        家庭收入2="户编号,年度,工资性收入,人均纯收入\nh1,2023,25000,10000\n",
    )
    assert (exports.income(register), exports.found(register)) == (10000.0, [("h1", "wages", "amounts_differ")])


@pytest.mark.parametrize(
    "names", [("家庭收入20240105", "家庭收入20240320"), ("家庭收入", "家庭收入（更正）"), ("家庭收入", "家庭收入-最新")]
)
def test_the_newer_file_decides(exports, names):
    """A day in the name, or a word for a correction, says which file is newer; the older amount is named."""
    register = exports.read(**{names[0]: WAGES, names[1]: WAGES.replace("20000", "25000")})
    assert (exports.income(register), exports.found(register)) == (12500.0, [("h1", "wages", "older_file")])


def test_a_clear_sheet_decides_against_a_list(exports):
    """A list of something else never changes an amount of the income sheet; what it says is named."""
    register = exports.read(家庭收入=WAGES, 工资发放表="户编号,年度,工资性收入\nh1,2023,3500\n")
    assert (exports.income(register), exports.found(register)) == (10000.0, [("h1", "wages", "amount_not_used")])
    part = exports.read(家庭收入=WAGES, 工资发放表="户编号,年度,务工收入\nh1,2023,35000\n")
    assert (exports.income(part), exports.found(part)) == (10000.0, [("h1", "wage.work", "amount_not_used")])


def test_stated_income_in_another_sheet_is_compared(exports):
    """人均纯收入 stands with the household, the items in the sheet of incomes."""
    register = exports.read(户信息="户编号,年度,人均纯收入\nh1,2023,7777\n", 家庭收入=WAGES)
    assert (exports.income(register), exports.found(register)) == (
        10000.0,
        [("h1", "stated_net_income_per_person", "stated_differs")],
    )


def test_two_stated_figures_that_differ_are_doubtful(exports):
    """Without items nothing says which is right."""
    stated = "户编号,年度,人均纯收入\nh1,2023,{}\n"
    register = exports.read(家庭收入=stated.format(9000), 家庭收入2=stated.format(7000))
    assert np.isnan(exports.income(register))
    assert exports.found(register) == [("h1", "stated_net_income_per_person", "amounts_differ")]


@pytest.mark.parametrize("year", ["2023", "202311"])
def test_amounts_of_persons_and_months_are_not_added_to_those_of_the_household(exports, year):
    """A list of wages by person or month lies within the household's yearly wage."""
    register = exports.read(家庭收入=WAGES, 脱贫户务工人员收入=f"户编号,人编号,年度,务工收入\nh1,p1,{year},3500\n")
    assert (exports.income(register), exports.found(register)[-1]) == (10000.0, ("h1", "wage.work", "part_not_added"))


def test_amounts_of_persons_are_added_where_the_household_has_none_of_the_kind(exports):
    """Wages of persons complement a sheet with the household's transfers."""
    register = exports.read(
        家庭收入=WAGES.replace("工资", "转移"), 务工收入="户编号,人编号,年度,务工收入\nh1,p1,2023,3500\n"
    )
    assert exports.income(register) == 11750.0


def test_long_and_wide_sheets_are_merged_alike(exports):
    """A sheet with a row for each amount beside one with a column for each."""
    long = "户编号,年度,收入项目,金额\nh1,2023,工资性收入,{}\nh1,2023,低保金,500\n"
    register = exports.read(家庭收入=WAGES, 收入明细=long.format(20000))
    assert (exports.income(register), exports.found(register)) == (10250.0, [])
    other = exports.read(家庭收入=WAGES, 收入明细=long.format(22000))
    assert np.isnan(exports.income(other))
    assert ("h1", "wages", "amounts_differ") in exports.found(other)
