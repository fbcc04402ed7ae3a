"""Amounts in a sheet that says the day of its data and no year."""

import numpy as np
import pytest


def members(day):
    return f"人编号,户编号,数据日期,与户主关系,务工收入\np1,h1,{day},户主,18000\np2,h1,{day},配偶,6000\n"


@pytest.mark.parametrize("day", ["2024-12-31", "2024年12月", "2024"])
def test_the_end_of_a_year_says_which_year_it_is(exports, day):
    """Amounts of a year, not of its last month."""
    register = exports.read(成员=members(day))
    assert exports.income(register) == 12000.0
    assert "year_of_data_date" in register.problems["code"].tolist()
    assert register.tables["incomes"]["period_start"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2024-01-01"]


@pytest.mark.parametrize("day", ["2025-01-10", "2024-06-30", "2024-09-30", "2024年9月"])
def test_on_another_day_nobody_knows_the_year(exports, day):
    """The year before, or the twelve months up to it: each row is named with its household, the members stay."""
    register = exports.read(成员=members(day))
    assert np.isnan(exports.income(register))
    assert ("h1", "period_end", "year_unknown") in exports.found(register)
    assert register.counts.loc["members", "rows_kept"] == 2


def test_a_year_that_something_says_is_used(exports):
    """The name of the file, or a column."""
    register = exports.read(**{"成员": "", "2023年成员": members("2024-06-30")})
    assert exports.income(register) == 12000.0
    assert "year_unknown" not in register.problems["code"].tolist()


def test_days_of_persons_are_not_those_of_amounts(exports):
    """人员识别时间 says when somebody was taken up."""
    register = exports.read(成员=members("2024-12-31").replace("数据日期", "人员识别时间"))
    assert np.isnan(exports.income(register))
