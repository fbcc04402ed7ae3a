"""Cells with numbers and years as people write them."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.records.schema import TABLES

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
