"""Payments by month, quarter or day without a column of years: of the year in which they were made."""

import math

import pytest

YEARLY = "户编号,年度,生产经营性净收入\nh1,2022,3000\nh1,2023,8000\n"
LONG = "户编号,{},收入项目,金额\n"


def _long(header, cells, item="务工收入"):
    return LONG.format(header) + "".join(f"h1,{cell},{item},1000\n" for cell in cells)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("月份", "2023年{}月"), ("月份", "2023{:02}"), ("月份", "2023{:02}.0"), ("发放月份", "2023-{:02}"), ("年月", "2023.{}"),
        ("发放日期", "2023-{:02}-15"), ("领取日期", "2023年{}月8日"), ("发放时间", "2023{:02}10"), ("到账日期", "2023/{}/8"),
        ("所属期", "23年{}月"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("wide", [False, True])
def test_twelve_months_are_the_year(exports, header, cell, wide):
    """In a sheet with a row for each amount, and with amounts side by side."""
    cells = [cell.format(month) for month in range(1, 13)]
    text = (
        f"户编号,{header},务工收入\n" + "".join(f"h1,{one},1000\n" for one in cells) if wide else _long(header, cells)
    )
    register = exports.read(家庭收入=YEARLY, 工资=text)
    assert exports.income(register) == 10000.0
    assert ("h1", "", "payments_added") in exports.found(register)


@pytest.mark.parametrize("cell", ["2023年第{}季度", "2023Q{}"])
def test_four_quarters_are_the_year(exports, cell):
    """Three of them are not."""
    four = [cell.format(quarter) for quarter in range(1, 5)]
    assert exports.income(exports.read(家庭收入=YEARLY, 工资=_long("季度", four))) == 6000.0
    assert math.isnan(exports.income(exports.read(家庭收入=YEARLY, 工资=_long("季度", four[:3]))))


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("月份", ["2023年1月", "2023年2月"]), ("月份", ["202312"]), ("发放日期", ["2023-01-15", "2023-02-15", "2023-03-15"]),
        ("发放日期", ["2023-04-15"]), ("发放日期", ["2023-08-15", "2023-10-15", "2023-12-15"]), ("月份", ["2023-01-15"]),
    ],
)  # fmt: skip
def test_some_months_are_no_year(exports, header, cells):
    """Neither as they are nor multiplied up: income of that year is unknown, and the household is named."""
    register = exports.read(家庭收入=YEARLY, 工资=_long(header, cells))
    assert math.isnan(exports.income(register))
    assert ("h1", "", "part_of_year") in exports.found(register)


@pytest.mark.parametrize(
    ("cells", "item"),
    [
        (["2023-06-18"], "耕地地力保护补贴"), (["2023-06-18", "2023-12-18"], "低保金"), (["2023-12-28"], "务工收入"),
        (["2023-03-18", "2023-06-18", "2023-09-18", "2023-12-18"], "低保金"), (["2023-01-20", "2023-11-20"], "务工收入"),
    ],
)  # fmt: skip
def test_what_is_paid_on_some_days_of_a_year_is_its_sum(exports, cells, item):
    """Where nothing says that others are missing: once, by halves or quarters, or settled at the end of the year."""
    register = exports.read(家庭收入=YEARLY, 发放明细=_long("发放日期", cells, item))
    assert exports.income(register) == (8000 + 1000 * len(cells)) / 2


@pytest.mark.parametrize("header", ["外出时间", "务工开始时间", "合同日期"])
def test_other_days_are_no_years_of_payments(exports, header):
    """Since when somebody works says nothing of the year of the wage: it is rejected and the household's income unknown."""
    register = exports.read(家庭收入=YEARLY, 务工=_long(header, ["2021-03-01"]))
    assert register.counts.loc["incomes", "rows_rejected"] == 1
    assert math.isnan(exports.income(register))


def test_a_year_beside_them_goes_before(exports):
    """Wages of 2023 that were paid in January 2024 are of 2023."""
    text = "户编号,年度,发放日期,收入项目,金额\nh1,2023,2023-12-15,务工收入,1000\nh1,2023,2024-01-15,务工收入,2000\n"
    assert exports.income(exports.read(家庭收入=YEARLY, 工资=text)) == 5500.0
