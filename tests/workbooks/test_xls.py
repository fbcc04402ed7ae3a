"""What xls files know beyond values, record by record."""

import struct

import pytest

from fanpin_risk.records.read.workbook_cells import cells_of_any
from fanpin_risk.workbooks.grid import NOT_CALCULATED, NotReadError
from fanpin_risk.workbooks.xls import xls_facts


def number(row, column, value):
    return struct.pack("<HHHd", row, column, 0, value)


def formula(row, column, result, flags=0):
    return struct.pack("<HHH8sHIH", row, column, 0, result, flags, 0, 3) + b"\x1e\x01\x00"


def test_errors_formulas_and_what_is_hidden(made):
    """A formula that is to be calculated when it is opened, with the result 0, was never calculated."""
    records = [
        made.record(0x007D, struct.pack("<HHHHHH", 2, 3, 2000, 0, 1, 0)),
        made.record(0x007D, struct.pack("<HHHHHH", 4, 4, 2000, 0, 0, 0)),
        made.record(0x0208, struct.pack("<HHHHHHI", 1, 0, 5, 255, 0, 0, 0x20)),
        made.record(0x0208, struct.pack("<HHHHHHI", 2, 0, 5, 255, 0, 0, 0x100)),
        made.record(0x0203, number(1, 0, 7.0)),
        made.record(0x0205, struct.pack("<HHHBB", 1, 1, 0, 0x2A, 1)),
        made.record(0x0205, struct.pack("<HHHBB", 1, 2, 0, 1, 0)),  # yes, no error
        made.record(0x0006, formula(2, 0, b"\x02\0\x17\0\0\0\xff\xff")),
        made.record(0x0006, formula(2, 1, bytes(8), 0x02)),
        made.record(0x0006, formula(2, 2, bytes(8))),
        made.record(0x0006, formula(2, 3, struct.pack("<d", 5.0), 0x03)),
        # a chart within the sheet has cells of its own
        made.record(0x0809, bytes(16)), made.record(0x0205, struct.pack("<HHHBB", 9, 9, 0, 0x2A, 1)), made.record(0x000A),
        made.record(0x0205, struct.pack("<HHHBB", 3, 0, 0, 0x07, 1)),
    ]  # fmt: skip
    expected = {
        "sheet": "户信息",
        "odd_cells": {(2, 2): "#N/A", (3, 1): "#REF!", (3, 2): NOT_CALCULATED, (4, 1): "#DIV/0!"},
        "hidden_rows": {2},
        "hidden_columns": {3, 4},
    }
    assert xls_facts(made.xls(*records)) == [expected]
    assert xls_facts(made.xls(*records, version=0x0500)) == [expected]


def test_formulas_that_all_give_the_empty_text_were_never_calculated(made):
    """So writes a program that does not calculate; where any has another result, the empty text is one too."""
    empty = made.record(0x0006, formula(0, 0, b"\x03\0\0\0\0\0\xff\xff"))
    other = made.record(0x0006, formula(1, 0, struct.pack("<d", 5.0)))
    assert xls_facts(made.xls(empty))[0]["odd_cells"] == {(1, 1): NOT_CALCULATED}
    assert xls_facts(made.xls(empty, other))[0]["odd_cells"] == {}


def test_facts_and_values_are_of_the_same_cells(made, tmp_path):
    """The library reads the values of what was made by hand, and of the error nothing."""
    records = [
        made.record(0x0200, struct.pack("<IIHHH", 0, 2, 0, 2, 0)),
        made.record(0x0203, number(0, 0, 7.0)),
        made.record(0x0205, struct.pack("<HHHBB", 1, 1, 0, 0x2A, 1)),
    ]
    (tmp_path / "a.xls").write_bytes(made.xls(*records))
    ((facts, rows),) = cells_of_any(tmp_path / "a.xls")
    assert rows == [[7.0, ""], ["", ""]]
    assert (facts["sheet"], facts["odd_cells"], facts["merged"]) == ("户信息", {(2, 2): "#N/A"}, ())


def test_what_is_not_read_says_why(made):
    """Protected in the old way or the new one, of another program, or cut."""
    with pytest.raises(NotReadError, match="protected"):
        xls_facts(made.xls(before=[made.record(0x002F, bytes(6))]))
    with pytest.raises(NotReadError, match="protected"):
        xls_facts(made.compound("EncryptedPackage", bytes(5000)))
    with pytest.raises(NotReadError, match="no_workbook"):
        xls_facts(made.compound("WordDocument", bytes(5000)))
    with pytest.raises(ValueError, match="damaged"):
        xls_facts(made.xls(made.record(0x0208, b"\0")))
    with pytest.raises(ValueError, match="damaged"):
        xls_facts(made.xls(made.record(0x0208, b"\0" * 5)))
