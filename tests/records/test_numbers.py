"""Cells with numbers and years as people write them."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.records.cells.numbers import parse_numbers
from fanpin_risk.records.schema import TABLES
from fanpin_risk.workbooks.grid import NOT_CALCULATED

AMOUNT = TABLES["incomes"]["amount_cny"]
SCHOOL_YEAR = TABLES["enrolments"]["school_year"]
BAD = "bad"  # the cell cannot be used
NONE = None  # the cell is missing


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.5", 1234.5), ("1,234.5", 1234.5), ("１，２３４．５", 1234.5), ("￥1,234", 1234.0), ("1234元", 1234.0),
        ("1.2万元", 12000.0), ("３万", 30000.0), (" 12 ", 12.0), ("\t12\u00a0", 12.0), ("'12", 12.0), ('="12"', 12.0),
        ("1e3", 1000.0), (".5", 0.5), ("0.006", 0.01), ("0", 0.0), ("-0", 0.0), (12, 12.0), (1.5, 1.5), (np.float32(2), 2.0),
        ("", NONE), ("-", NONE), ("—", NONE), ("－", NONE), ("nan", NONE), ("NULL", NONE), ("无数据", NONE), (None, NONE),
        (float("nan"), NONE), (pd.NA, NONE), (pd.NaT, NONE),
        ("(12)", BAD), ("-12", BAD), ("abc", BAD), ("1,23", BAD), ("1 2 x", BAD), ("12人", BAD), ("inf", BAD), ("1e999", BAD),
        (float("inf"), BAD), ("0x10", BAD), ("1_000", BAD), (True, BAD), ("2023-01-01", BAD), (dt.date(2023, 1, 1), BAD),
        ("12..5", BAD), ("#REF!", BAD), ([1, 2], BAD), (10**400, BAD), (1e8 + 1, BAD),
    ],
)  # fmt: skip
def test_amounts(read_cells, cell, value):
    """An amount is read with its unit and separators, rounded to 0.01, or refused; a dash is missing."""
    assert read_cells([cell], AMOUNT) == [value]


def test_negatives_and_brackets_are_negative(read_cells):
    """A minus sign or brackets make a number negative, where the column admits that."""
    value = TABLES["warnings"]["value"]
    assert read_cells(["-12.5", "(12.5)", "（1,000）", "−3"], value) == [-12.5, -12.5, -1000.0, -3.0]


@pytest.mark.parametrize(
    ("cell", "year"),
    [("2023", 2023), (2023, 2023), ("2023-2024", 2023), ("2023/24", 2023), ("2023—2024学年", 2023), ("2023学年", 2023),
     ("2023-09-01", 2023), ("2024年3月", 2023), (pd.Timestamp("2024-03-01"), 2023), ("2023-2025", BAD), ("x", BAD), ("", None)],
)  # fmt: skip
def test_school_years(read_cells, cell, year):
    """A school year is the year in which it begins."""
    assert read_cells([cell], SCHOOL_YEAR) == [year]


@pytest.mark.parametrize(
    ("cell", "net", "gross"),
    [
        # What is surely a loss: below 0 where that can be, in doubt where it cannot.
        *((cell, -1200.0, "bad") for cell in ("亏损1200", "亏1200元", "净亏1200", "(1,200)", "（1200）", "－1200", "负1200")),
        # What may be a loss as well as a rise, a remark, a range or two amounts is never guessed.
        *((cell, "bad", "bad") for cell in (
            "▲1200", "△1200", "1200-", "-1,200.00-", "亏损-1200", "1,2万", "1200-1300", "1200余", "1200以上", "600 600", "1200元/人",
        )),
        *((cell, 1200.0, 1200.0) for cell in ("1200元整", "0.12万", "约1200", "1200左右", "1200元上下", "约为0.12万元")),
    ],
)  # fmt: skip
def test_marks_beside_a_number(read_cells, cell, net, gross):
    """A mark is read where it can mean one thing only."""
    assert read_cells([cell], replace(AMOUNT, minimum=-1e8)) == [net]
    assert read_cells([cell], AMOUNT) == [gross]


def test_what_is_about_right_is_told(exports):
    """An approximate amount counts, and its household is named, in wide sheets and in long ones."""
    wide = exports.read(家庭收入="户编号,年度,工资性收入,低保金\nh1,2023,约20000,1000\n")
    assert (exports.income(wide), exports.found(wide)) == (10500.0, [("h1", "wages", "approximate")])
    long = exports.read(家庭收入="户编号,年度,收入项目,金额\nh1,2023,工资性收入,20000左右\nh1,2023,低保金,1000\n")
    assert (exports.income(long), exports.found(long)) == (10500.0, [("h1", "amount_cny", "approximate")])


def test_an_amount_of_each_person_is_not_that_of_the_household(exports):
    """元/人 in a cell is understood where amounts are those of persons, and in doubt where they are not."""
    household = exports.read(家庭收入="户编号,年度,工资性收入,低保金\nh1,2023,9000元/人,1000\n")
    assert exports.found(household) == [("h1", "wages", "not_a_number")]
    person = exports.read(家庭收入="户编号,年度,人均纯收入\nh1,2023,9000元/人\n")
    assert (exports.income(person), exports.found(person)) == (9000.0, [])


@pytest.mark.parametrize("kind", [object, "str"])
def test_a_formula_that_was_never_calculated_is_said_to_be_one(kind):
    """What mends it is to save the file again, not to type a number; other texts are no formulas."""
    cells = pd.Series(["1", NOT_CALCULATED, "#N/A!", NOT_CALCULATED], dtype=kind)
    faults = parse_numbers(cells, TABLES["incomes"]["amount_cny"], 1.0).faults
    assert [fault.mask.tolist() for fault in faults] == [[False, False, True, False], [False, True, False, True]]
    assert {fault.code for fault in faults} == {"not_a_number"}
    assert ["never calculated" in str(fault.expected) for fault in faults] == [False, True]
