"""What xlsb files know beyond values, record by record."""

import struct

import pytest

from fanpin_risk.records.read.workbook_cells import cells_of_any
from fanpin_risk.workbooks.xlsb import xlsb_facts


def cell(column):
    return struct.pack("<II", column, 0)


def row(number, flags=0):
    return struct.pack("<IIHBBB", number, 0, 300, 0, flags, 0) + struct.pack("<I", 0)


def test_errors_merged_cells_and_what_is_hidden(made, tmp_path):
    """The library reads the values beside them."""
    path = tmp_path / "a.xlsb"
    some = made.xlsb_record
    made.xlsb(
        path,
        some(129), some(148, struct.pack("<4I", 0, 2, 0, 2)),
        some(390), some(60, struct.pack("<IIIIH", 1, 1, 2000, 0, 1)), some(391),
        some(145),
        some(0, row(0)), some(6, cell(0) + made.wide("户编号")), some(6, cell(2) + made.wide("面积" * 200)),
        some(0, row(1, 0x10)), some(5, cell(0) + struct.pack("<d", 3.5)), some(3, cell(1) + b"\x2a"),
        some(0, row(2)), some(11, cell(2) + b"\x17" + bytes(10)),
        some(146),
        some(177, struct.pack("<I", 1)), some(176, struct.pack("<4I", 1, 2, 0, 0)), some(178),
        some(130),
    )  # fmt: skip
    known = {
        "odd_cells": {(2, 2): "#N/A", (3, 3): "#REF!"},
        "hidden_rows": {2},
        "hidden_columns": {2},
        "merged": (((2, 1), (3, 1)),),
    }
    assert xlsb_facts(path) == {"户信息": known}
    ((facts, rows),) = cells_of_any(path)
    assert rows == [["户编号", "", "面积" * 200], [3.5, "", ""]]
    assert facts == {"sheet": "户信息", "hidden": False, **known}


def test_a_damaged_record_is_said_to_be_one(made, tmp_path):
    """Cut within its length, or shorter than what must stand in it."""
    for records in (b"\x80", made.xlsb_record(0, b"\0")):
        made.xlsb(tmp_path / "a.xlsb", records)
        with pytest.raises(ValueError, match="damaged record"):
            xlsb_facts(tmp_path / "a.xlsb")
