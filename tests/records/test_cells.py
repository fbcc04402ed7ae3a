"""Cells as people write them."""

import datetime as dt
import string

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanpin_risk.records.cells import (
    MISSING,
    NO,
    NO_CODE,
    NO_DATE,
    YES,
    clean_text,
    column_dtype,
    missing,
    normal_width,
    parse,
)
from fanpin_risk.records.schema import TABLES

AMOUNT = TABLES["incomes"]["amount_cny"]
LAND = TABLES["households"]["farmland_mu"]
SIZE = TABLES["households"]["size_declared"]
ROAD = TABLES["households"]["road_km"]
EXIT = TABLES["households"]["exit_year"]
WATER = TABLES["households"]["safe_water"]
AREA = TABLES["households"]["area_code"]
PLACE = TABLES["households"]["area_name"]
HOUSEHOLD = TABLES["households"]["household_id"]
VALID_FROM = TABLES["households"]["valid_from"]
IDENTIFIED = TABLES["monitoring"]["identified_on"]
RISKS = TABLES["monitoring"]["risks"]
HEALTH = TABLES["members"]["health"]
RELATION = TABLES["members"]["relation"]
WORK_PLACE = TABLES["members"]["work_place"]
SCHOOL_YEAR = TABLES["enrolments"]["school_year"]
CARE = TABLES["disabilities"]["care_need"]
KIND = TABLES["medical"]["kind"]

BAD = "bad"  # the cell cannot be used
NONE = None  # the cell is missing


def read(cells, column, **options):
    """Parse cells one by one; return value, None for missing, BAD for bad."""
    parsed = parse(pd.Series(cells, dtype=object), column, **options)
    assert parsed.column.dtype == column_dtype(column)
    values = [None if pd.isna(value) else value for value in parsed.column]
    assert not any(bad and value is not None for bad, value in zip(parsed.bad, values, strict=True))
    return [BAD if bad else value for bad, value in zip(parsed.bad, values, strict=True)]


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
def test_amounts(cell, value):
    """An amount is read with its unit and separators, rounded to 0.01, or refused; a dash is missing."""
    assert read([cell], AMOUNT) == [value]


def test_negatives_and_brackets_are_negative():
    """A minus sign or brackets make a number negative, where the column admits that."""
    value = TABLES["warnings"]["value"]
    assert read(["-12.5", "(12.5)", "（1,000）", "−3"], value) == [-12.5, -12.5, -1000.0, -3.0]


def test_units_of_the_column():
    """Each column knows its own units; a cell's unit wins over the header's."""
    assert read(["2公顷", "3亩", "3"], LAND) == [30.0, 3.0, 3.0]
    assert read(["500米", "2公里"], ROAD) == [0.5, 2.0]
    assert read(["1.2", "3元", 2], AMOUNT, factor=1e4) == [12000.0, 3.0, 20000.0]
    assert read(["4人", "4", 4.0, "4.5", "0", "41"], SIZE) == [4.0, 4.0, 4.0, BAD, BAD, BAD]
    assert read(["2019", "2019年", "2019-12-31", 2019, "2012", "x"], EXIT) == [2019.0, 2019.0, 2019.0, 2019.0, BAD, BAD]


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2023", "2023-01-01", "2023-12-31"), ("2023年", "2023-01-01", "2023-12-31"), (2023, "2023-01-01", "2023-12-31"),
        ("2023年度", "2023-01-01", "2023-12-31"), ("202302", "2023-02-01", "2023-02-28"), ("2024-2", "2024-02-01", "2024-02-29"),
        ("2023年05月", "2023-05-01", "2023-05-31"), ("2023.12", "2023-12-01", "2023-12-31"), (202305.0, "2023-05-01", "2023-05-31"),
        *((text, "2023-06-05", "2023-06-05") for text in (
            "2023-06-05", "2023-6-5", "2023/6/5", "2023.6.5", "2023年6月5日", "20230605", "２０２３／６／５", "45082", 45082, 45082.75,
            "2023-06-05T08:09:10", "2023-06-05 08:09:10.5+08:00", "2023/6/5 0:00", "'2023-06-05", dt.date(2023, 6, 5),
            pd.Timestamp(2023, 6, 5, 23, 59).to_pydatetime(),
            pd.Timestamp("2023-06-05 23:00", tz="Asia/Shanghai"), np.datetime64("2023-06-05"),
        )),
    ],
)  # fmt: skip
def test_dates(cell, first, last):
    """A date, month or year is read with its first and last day; which one counts is the column's."""
    parsed = parse(pd.Series([cell], dtype=object), IDENTIFIED)
    assert [str(parsed.first[0])[:10], str(parsed.last[0])[:10]] == [first, last]
    assert parsed.column[0] == pd.Timestamp(last)
    assert read([cell], VALID_FROM) == [pd.Timestamp(first)]


@pytest.mark.parametrize(
    "cell",
    ["2023-13", "2023-02-30", "20231301", "2023-00", "2023-01-00", "13/06/2023", "23-06-05", "2023.1", 2023.1, "x", True, 0, -5,
     "1799", "2201-01-01", "99999", 1e300, "2023-06-05 noon", "2023年第二季度", [2023, 5], "0000", 10**400],
)  # fmt: skip
def test_what_is_no_date_is_bad(cell):
    """An impossible or ambiguous date is refused, never guessed."""
    assert read([cell], VALID_FROM) == [BAD]


def test_no_date_is_missing():
    """Words for 'no such day' are missing."""
    assert read(["", "无", "长期", "9999-12-31", "-", None, pd.NaT, "NaT"], VALID_FROM) == [None] * 8


def test_typed_dates_pass():
    """Columns of dates of any unit and zone keep their day as written."""
    for dates in (
        pd.Series(pd.to_datetime(["2023-06-05 23:00", None])).astype("datetime64[ns]"),
        pd.Series(pd.to_datetime(["2023-06-05 05:00", None])).dt.tz_localize("Asia/Shanghai"),
        pd.Series(["2023-06-05", None]).astype("category"),
    ):
        assert parse(dates, IDENTIFIED).column.tolist() == [pd.Timestamp("2023-06-05"), pd.NaT]


def test_yes_and_no():
    """All ways of ticking a box are read; empty is missing, not no."""
    yes = ["是", "有", "1", 1, 1.0, True, "√", "☑", "对", "Yes", "TRUE", "ｙ", np.True_]
    no = ["否", "无", "0", 0, False, "×", "错", "no", "False", "N"]
    assert read([*yes, *no], WATER) == [True] * len(yes) + [False] * len(no)
    assert read(["", None, "-", "NULL", "maybe", 2, "是否"], WATER) == [None, None, None, None, BAD, BAD, BAD]
    assert parse(pd.Series([True, False]), WATER).column.tolist() == [True, False]


def test_codes():
    """A code is read from its English name and from any of its Chinese texts, whatever width, blanks and brackets."""
    assert read(["户主", "之 子", "ＨＥＡＤ", "head", "本人", " 之外孙女"], RELATION) == [
        "head", "son", "head", "head", "head", "maternal_granddaughter",
    ]  # fmt: skip
    assert read(["乡（镇）内", "乡(镇)外县内", "乡镇内", "省外"], WORK_PLACE) == [
        "township",
        "county",
        "township",
        "outside",
    ]
    assert read(["门特/门慢", "住院（含日间）"], KIND) == ["chronic_outpatient", "inpatient"]
    assert read([1, "2", 2.0], TABLES["members"]["sex"]) == ["male", "female", "female"]
    assert read(["无", "能自理", "none"], CARE) == ["none", "none", "none"]  # 无 and none are answers here
    assert read(["无", "", "甲乙"], RELATION) == [None, None, BAD]


def test_lists_of_codes():
    """Lists are split at any separator and kept in declared order; one unknown part spoils the cell."""
    texts = [
        "残疾,长期慢性病",
        "长期慢性病，残疾",
        "残疾、慢性病",
        "慢病;残疾",
        "残疾；长期慢性病",
        "残疾/慢性病",
        "残疾\n慢性病",
        "disabled;chronic",
    ]
    assert read([*texts, ["disabled", "chronic"]], HEALTH) == ["chronic;disabled"] * 9
    assert read(["健康", "无", "", "残疾,残疾", "残疾,怪病"], HEALTH) == ["healthy", "healthy", None, "disabled", BAD]
    assert read(["因病，因残；因学"], RISKS) == ["illness;schooling;disability"]


def test_ids_are_text_or_refused():
    """An id keeps every character; what Excel has made a number of is refused, not repaired."""
    kept = {
        "001": "001", '="0012"': "0012", "'0012": "0012", "\t 0012\u00a0": "0012", "００１２": "0012", "a-1": "a-1",
        "123456789012345678901": "123456789012345678901", "12e45678901234567890": "12e45678901234567890",
        "210***********1234": "210***********1234", "11010519491231002x": "11010519491231002X",
    }  # fmt: skip
    assert read(list(kept), HOUSEHOLD) == list(kept.values())
    assert read([12, 12.0, 5.1e17, "5.10322E+17", "412.0", "110105194912310000", dt.date(2023, 1, 1), "#N/A", ""], HOUSEHOLD) == [
        *[BAD] * 7, None, None,
    ]  # fmt: skip
    assert parse(pd.Series([7, 8]), HOUSEHOLD).column.tolist() == ["7", "8"]  # a whole column of integers lost nothing
    assert parse(pd.Series([7, 10**16]), HOUSEHOLD).bad.tolist() == [False, True]
    assert parse(pd.Series([7.0, None]), HOUSEHOLD).bad.tolist() == [True, False]
    reasons = [fault.code for fault in parse(pd.Series([5.1e17, "5.1E+17", "#REF!"], dtype=object), HOUSEHOLD).faults]
    assert reasons == ["numeric_id", "damaged_id", "excel_error"]


def test_areas():
    """A division code has 2, 4, 6, 9 or 12 digits, as text or number."""
    assert read(["21", "211223", 211223, 211223104205.0, "211223104205", "２１"], AREA) == [
        "21", "211223", "211223", "211223104205", "211223104205", "21",
    ]  # fmt: skip
    assert read(["2112231", "x", "辽宁", -1], AREA) == [BAD] * 4


def test_texts_keep_their_width():
    """Free text keeps full-width characters; only blanks and wrappers go."""
    assert read(["（甲）　村", "  a\n b ", 12, 12.5, "无数据", "#REF!"], PLACE) == [
        "（甲） 村",
        "a b",
        "12",
        "12.5",
        None,
        BAD,
    ]


@pytest.mark.parametrize(
    ("cell", "year"),
    [("2023", 2023), (2023, 2023), ("2023-2024", 2023), ("2023/24", 2023), ("2023—2024学年", 2023), ("2023学年", 2023),
     ("2023-09-01", 2023), ("2024年3月", 2023), (pd.Timestamp("2024-03-01"), 2023), ("2023-2025", BAD), ("x", BAD), ("", None)],
)  # fmt: skip
def test_school_years(cell, year):
    """A school year is the year in which it begins."""
    assert read([cell], SCHOOL_YEAR) == [year]


def test_messages_never_show_the_cell():
    """What is said of a bad cell tells what was expected, not what stood there."""
    for table in TABLES.values():
        for column in table.columns:
            for fault in parse(pd.Series(["Wang Xiaoming 4711", "=E99"]), column).faults:
                assert "4711" not in fault.expected + fault.expected_zh
                assert min(len(fault.expected), len(fault.expected_zh)) > 0


@pytest.mark.parametrize("column", [c for t in TABLES.values() for c in t.columns], ids=lambda c: c.name)
def test_missing_is_of_the_column_type(column):
    """A column of missing cells has the type of a column with values."""
    assert missing(column, 2).dtype == column_dtype(column)
    assert read(["", None, "NULL"], column) == [None] * 3
    assert parse(missing(column, 3), column).column.isna().all()


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(max_size=5), st.dates(), st.datetimes(),
    st.decimals(), st.lists(st.text(max_size=3), max_size=2), st.text(alphabet=string.digits + "-/.,年月日E+％万元（）", max_size=14),
)  # fmt: skip
KINDS = [AMOUNT, SIZE, EXIT, VALID_FROM, WATER, RELATION, RISKS, HOUSEHOLD, AREA, PLACE, SCHOOL_YEAR]


@settings(max_examples=150, deadline=None)
@given(st.lists(ODD, min_size=1, max_size=6))
def test_no_cell_raises(cells):
    """Whatever stands in a cell, it is read, missing or bad; each cell as if it stood alone."""
    for column in KINDS:
        series = pd.Series(cells, dtype=object)
        parsed = parse(series, column)
        assert parsed.column.dtype == column_dtype(column)
        assert parsed.column[parsed.bad].isna().all()


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    """What is read, written and read again stays what it is."""
    for clean in (clean_text, normal_width):
        assert clean(clean(text)) == clean(text)


# Texts on both sides of what is taken as it is: numbers, ids, dates, words for "missing", odd blanks and digits.
MESSY = st.one_of(
    st.sampled_from(sorted(MISSING | NO_DATE | NO_CODE | YES | NO)),
    st.from_regex(r"[0-9]{1,17}(\.[0-9]{0,17})?", fullmatch=True),
    st.from_regex(r"\d{1,4}", fullmatch=True),
    st.from_regex(r"[0-9A-Za-z_-]{1,24}", fullmatch=True),
    st.from_regex(r"[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9])[0-9]{3}[0-9Xx]?", fullmatch=True),
    st.from_regex(r"(19|20)[0-9]{2}[-/.年]?[0-9]{0,2}[-/.月]?[0-9]{0,2}日?", fullmatch=True),
    st.sampled_from(["5.10322E+17", "412.0", "１２３", "1.5万元", "5.", "'0012", '="0012"', "#REF!", " 12345 ", "12345\n"]),
    st.dates(dt.date(1750, 1, 1), dt.date(2250, 1, 1)).map(str),
    st.sampled_from(["2023-02-30", "2023-02-29", "2024-02-29", "1799-12-31", "2200-12-31", "2023-13-01", "2023-06-00"]),
    st.sampled_from(["510322196405120000", "户主", "因病；因残", "chronic;disabled", "2023-2024", "512\u200b34", "null1"]),
    st.text(max_size=8),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    cells=st.lists(st.none() | MESSY, max_size=8),
    column=st.sampled_from(KINDS),
    factor=st.sampled_from([1.0, 1e4, 0.1]),
    form=st.sampled_from(["text", "chunks", "dictionary"]),
)
def test_plain_texts_are_read_as_with_care(cells, column, factor, form):
    """Taking plain texts as they are gives what reading each cell with care gives: values, faults, days."""
    careful = parse(pd.Series(cells, dtype=object), column, factor=factor)
    if form == "dictionary":  # with a text that is met in no cell
        array = pa.array([*cells, "of a row left out"], pa.large_string()).dictionary_encode()[: len(cells)]
        values = pd.Series(pd.arrays.ArrowExtensionArray(array))
    else:
        values = pd.Series(cells, dtype="str")
        if form == "chunks":
            values = pd.concat([values, values.iloc[:0], values])
            careful = parse(pd.Series(cells * 2, dtype=object), column, factor=factor)
    plain = parse(values, column, factor=factor)
    pd.testing.assert_series_equal(plain.column, careful.column, check_exact=True)
    assert [(f.code, f.mask.tolist(), f.expected) for f in plain.faults] == [
        (f.code, f.mask.tolist(), f.expected) for f in careful.faults
    ]
    if column.type == "date":
        np.testing.assert_array_equal(plain.first, careful.first)
        np.testing.assert_array_equal(plain.last, careful.last)
