"""Cells with texts, ids and division codes."""

import datetime as dt

import pandas as pd

from fanpin_risk.records.cells import (
    parse,
)
from fanpin_risk.records.schema import TABLES

AREA = TABLES["households"]["area_code"]
PLACE = TABLES["households"]["area_name"]
HOUSEHOLD = TABLES["households"]["household_id"]
BAD = "bad"  # the cell cannot be used


def test_ids_are_text_or_refused(read_cells):
    """An id keeps every character; whole numbers that Excel holds exactly are text, longer ones are refused."""
    kept = {
        "001": "001", '="0012"': "0012", "'0012": "0012", "\t 0012\u00a0": "0012", "００１２": "0012", "a-1": "a-1",
        "123456789012345678901": "123456789012345678901", "12e45678901234567890": "12e45678901234567890",
        "210***********1234": "210***********1234", "11010519491231002x": "11010519491231002X",
    }  # fmt: skip
    assert read_cells(list(kept), HOUSEHOLD) == list(kept.values())
    damaged = [5.1e17, 0.5, "5.10322E+17", "110105194912310000", dt.date(2023, 1, 1), "#N/A"]
    assert read_cells([12, 12.0, "412.0", *damaged, ""], HOUSEHOLD) == [
        "12", "12", "412", *[BAD] * 6, None,
    ]  # fmt: skip
    assert parse(pd.Series([7, 8]), HOUSEHOLD).column.tolist() == ["7", "8"]  # a whole column of integers lost nothing
    assert parse(pd.Series([7, 10**16]), HOUSEHOLD).bad.tolist() == [False, True]
    assert [note.code for note in parse(pd.Series([7.0, None]), HOUSEHOLD).notes] == ["id_is_a_number"]
    reasons = [fault.code for fault in parse(pd.Series([5.1e17, "5.1E+17", "#REF!"], dtype=object), HOUSEHOLD).faults]
    assert reasons == ["numeric_id", "damaged_id", "excel_error"]


def test_areas(read_cells):
    """A division code has 2, 4, 6, 9 or 12 digits, as text or number."""
    assert read_cells(["21", "211223", 211223, 211223104205.0, "211223104205", "２１"], AREA) == [
        "21", "211223", "211223", "211223104205", "211223104205", "21",
    ]  # fmt: skip
    assert read_cells(["2112231", "x", "辽宁", -1], AREA) == [BAD] * 4


def test_texts_keep_their_width(read_cells):
    """Free text keeps full-width characters; only blanks and wrappers go."""
    assert read_cells(["（甲）　村", "  a\n b ", 12, 12.5, "无数据", "#REF!"], PLACE) == [
        "（甲） 村",
        "a b",
        "12",
        "12.5",
        None,
        BAD,
    ]


def test_ids_written_in_groups_are_whole(read_cells):
    """Blanks between groups of digits are none of the id; two words stay two."""
    cells = ["530328 101 0012", "110105 19491231 002x", "h 1", "North End 5"]
    assert read_cells(cells, TABLES["households"]["household_id"]) == [
        "5303281010012", "11010519491231002X", "h 1", "North End 5",
    ]  # fmt: skip
