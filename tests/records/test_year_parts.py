"""Parts of a year: columns and rows that come to a whole one are added up, others are never taken for it."""

import math

import pytest

from fanpin_risk.records.year_parts import ALL_MONTHS, months_in

QUARTERS = ("一季度", "二季度", "三季度", "四季度")
MONTHS = tuple(f"{month}月" for month in range(1, 13))


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("第2季度", 0b111000), ("Q4", 0b111 << 9), ("下半年", 0b111111 << 6), ("前三季度", 0b111111111), ("十二月份", 1 << 11),
        ("4-6月", 0b111000), ("一至三月", 0b111), ("2023年5月", 1 << 4), ("累计三季度", 0), ("全年", 0), ("每月", 0),
    ],
)  # fmt: skip
def test_months_that_a_text_names(text, months):
    """As bits, January the lowest."""
    assert months_in(text) == months
    assert months_in("上半年") ^ months_in("下半年") == ALL_MONTHS


@pytest.mark.parametrize(
    "headers",
    [
        [f"{quarter}工资性收入" for quarter in QUARTERS],
        [f"工资性收入（{quarter}）" for quarter in QUARTERS],
        [f"2023年{quarter}工资性收入（元）" for quarter in QUARTERS],
        [f"{months}月工资性收入" for months in ("1-3", "4-6", "7-9", "10-12")],
    ],
)
def test_columns_of_all_quarters_are_the_year(exports, headers):
    """The sum counts and is told once for the sheet; a stroke or 0 says that there was nothing."""
    sheet = f"户编号,年度,{','.join(headers)},低保金\nh1,2023,1000,2000,-,4000,600\n"
    register = exports.read(家庭收入=sheet if "2023" not in headers[0] else sheet.replace("低保金", "2023年低保金"))
    assert (exports.income(register), exports.items(register)) == (3800.0, {"wage": 7000.0, "tr_dibao": 600.0})
    assert [one for one in exports.found(register) if one[2] != "date_from_name"] == [("", headers[0], "parts_added")]


def test_months_below_a_group(exports):
    """务工收入 over twelve months."""
    text = "户编号,年度,务工收入" + "," * 11 + ",低保金\n,," + ",".join(MONTHS) + ",\nh1,2023," + "500," * 12 + "600\n"
    assert exports.income(exports.read(家庭收入=text)) == 3300.0


@pytest.mark.parametrize(
    ("headers", "amounts", "column", "code"),
    [
        (QUARTERS, "1000,,3000,4000", "wages", "part_of_year"),
        (QUARTERS, "1000,不详,3000,4000", "wages", "amount_unknown"),
        (QUARTERS[:3], "1000,2000,3000", "一季度工资性收入", "money_not_read"),
        (("上半年",), "1000", "上半年工资性收入", "money_not_read"),
        (("一季度", "上半年", "下半年", ""), "1000,2000,3000,9000", "wages", "columns_differ"),
    ],
)
def test_what_is_not_the_whole_year_is_not_taken_for_it(exports, headers, amounts, column, code):
    """A part is missing, or the year's own amount is another: income is unknown, and the household named."""
    names = ",".join(f"{part}工资性收入" for part in headers)
    register = exports.read(家庭收入=f"户编号,年度,{names},低保金\nh1,2023,{amounts},600\n")
    assert math.isnan(exports.income(register))
    assert ("h1", column, code) in exports.found(register)


def test_the_amount_of_the_year_stands_for_parts_that_are_not_whole(exports):
    """Three quarters beside 工资性收入 of the year: the latter counts, the quarters are named."""
    sheet = "户编号,年度,一季度工资,二季度工资,三季度工资,全年工资,低保金\nh1,2023,1000,2000,3000,8000,600\n"
    register = exports.read(家庭收入=sheet)
    assert exports.income(register) == 4300.0
    assert {code for _, _, code in exports.found(register)} == {"money_not_read"}


def test_sheets_of_quarters_stay_named(exports):
    """A file for each quarter: none of them is taken for a year."""
    register = exports.read(**{f"{quarter}收入2023": "户编号,年度,工资性收入\nh1,2023,1000\n" for quarter in QUARTERS})
    assert math.isnan(exports.income(register))
    assert exports.found(register) == [("h1", "", "part_of_year")]
