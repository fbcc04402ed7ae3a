"""Rows by month or quarter in sheets with amounts side by side: payments to be added up, not repetitions."""

import math

import pytest

QUARTERS = "户编号,年度,{},低保金\n"


def sheet(header, cells, amounts=None):
    amounts = [450] * len(cells) if amounts is None else amounts
    rows = "".join(f"h1,2023,{cell},{amount}\n" for cell, amount in zip(cells, amounts, strict=True))
    return QUARTERS.format(header) + rows


def codes(register):
    return {code for household, _, code in register if household == "h1"}


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("季度", ["1", "2", "3", "4"]),
        ("所属季度", ["一季度", "二季度", "三季度", "四季度"]),
        ("季", ["Q1", "Q2", "Q3", "Q4"]),
        ("月份", [str(month) for month in range(1, 13)]),
        ("发放月份", [f"2023-{month:02}" for month in range(1, 13)]),
        ("发放日期", [f"2023-{month:02}-15" for month in range(1, 13)]),
        ("期间", ["上半年", "下半年"]),
    ],
)
def test_rows_that_make_up_the_year_are_added(exports, header, cells):
    """Equal amounts too; a row that stands there twice counts once."""
    register = exports.read(低保金发放=sheet(header, cells))
    assert exports.income(register) == 450 * len(cells) / 2
    assert codes(exports.found(register)) == {"payments_added"}
    again = exports.read(低保金发放=sheet(header, [*cells, cells[-1]]))
    assert exports.income(again) == 450 * len(cells) / 2
    assert codes(exports.found(again)) == {"payments_added", "duplicate_row"}


@pytest.mark.parametrize(
    ("header", "cells", "amounts"),
    [
        ("季度", ["1", "2", "3"], None),
        ("季度", ["1", "2", "3", "4"], [450, 450, 450, ""]),
        ("季度", ["1", "2", "3", "4", ""], None),
        ("季度", ["1", "2", "3", "4", "4"], [450, 450, 450, 450, 500]),
        ("月份", ["3"], None),
        ("月份", ["1", "2", "12"], None),
        ("批次", ["第一批", "第二批"], None),
        ("发放日期", ["2023-03-01", "2023-09-01"], None),
        ("期数", ["1", "2"], None),
        ("发放月份", ["一季度", "上半年", "下半年"], None),
    ],
)
def test_rows_that_do_not_leave_income_unknown(exports, header, cells, amounts):
    """The household is named; no row is dropped as a repetition and none stands for the year."""
    register = exports.read(低保金发放=sheet(header, cells, amounts), 收入="户编号,年度,务工收入\nh1,2023,9000\n")
    assert math.isnan(exports.income(register))
    assert codes(exports.found(register)) & {"part_of_year", "amounts_differ"}
    assert "duplicate_row" not in codes(exports.found(register))


@pytest.mark.parametrize(
    ("header", "cell"), [("发放日期", "2023-06-20"), ("发放月份", "6"), ("批次", "第一批"), ("月份", "12")]
)
def test_what_is_paid_once_a_year_stays(exports, header, cell):
    """One row with the day or month of its payment, or an account made up in December, is no part of a year."""
    assert exports.income(exports.read(低保金发放=sheet(header, [cell]))) == 225


def test_a_total_of_the_year_leaves_income_known(exports):
    """Of the parts nothing is used then; the household is named all the same."""
    register = exports.read(
        低保金发放=sheet("季度", ["1", "2"]), 收入="户编号,年度,工资性收入,转移性收入\nh1,2023,9000,1800\n"
    )
    assert exports.income(register) == 5400
    assert "part_of_year" in codes(exports.found(register))


@pytest.mark.parametrize("column", ["人编号", "姓名"])
def test_equal_wages_of_two_persons_are_of_each(exports, column):
    """What both earn month by month is added up, and not taken for the household's."""
    rows = "".join(f"h1,{who},2023,{month},1000\n" for who in ("p1", "p2") for month in range(1, 13))
    register = exports.read(务工工资=f"户编号,{column},年度,月份,务工收入\n{rows}")
    assert exports.income(register) == 12000
    assert "amounts_repeated" not in codes(exports.found(register))


def test_times_that_only_describe_members_are_no_payments(exports):
    """出生日期 and 务工时间 differ from member to member of any list."""
    text = "户编号,年度,出生日期,务工时间,务工收入\nh1,2023,1980-01-01,6,3000\nh1,2023,1985-01-01,8,4000\n"
    assert "part_of_year" not in codes(exports.found(exports.read(务工收入=text)))
