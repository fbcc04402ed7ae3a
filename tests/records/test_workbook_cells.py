"""Whatever a workbook does, the process survives it, and the message names the file."""

import io
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.read import read_register, workbook_cells
from fanpin_risk.records.read.workbook_cells import cells_of, cells_of_alone


@pytest.fixture
def plain(tmp_path, files):
    """A workbook with two households."""
    path = tmp_path / "户信息.xlsx"
    files.workbook(path, 户信息=[["户编号", "年度", "户类型"], ["h1", 2023, "脱贫户"], ["h2", 2023, "脱贫户"]])
    return path


def changed(path, part, edit):
    """Write one part of a workbook anew."""
    parts = {info.filename: zipfile.ZipFile(path).read(info) for info in zipfile.ZipFile(path).infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, edit(data) if name == part else data)


def test_cells_are_the_same_wherever_they_are_read(plain):
    """In this process, from memory, and in a process of its own."""
    alone = cells_of_alone(plain)
    assert alone == cells_of(plain) == cells_of(io.BytesIO(plain.read_bytes()))
    assert alone[0][0] == {"sheet": "户信息", "hidden": False, "merged": ()}
    assert alone[0][1][1] == ["h1", 2023.0, "脱贫户"]


def test_what_ends_the_other_process_does_not_end_this_one(plain, tmp_path, monkeypatch):
    """It throws, it ends by itself, it does not come to an end."""
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\xff" * 3000)
    with pytest.raises(ValueError, match="ValueError"):
        cells_of_alone(tmp_path / "a.xls")
    script = tmp_path / "script.py"
    monkeypatch.setattr(workbook_cells, "__file__", str(script))
    script.write_text("import os; os.abort()")
    with pytest.raises(ValueError, match="ended with"):
        cells_of_alone(plain)
    script.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(workbook_cells, "LEAST_SECONDS", 0.2)
    with pytest.raises(TimeoutError):
        cells_of_alone(plain)


@pytest.mark.skipif(sys.platform != "linux", reason="the bound on memory")
def test_memory_is_bounded_there(plain, tmp_path, monkeypatch):
    """A process that asks for more than its share ends alone."""
    source = (workbook_cells.__file__, tmp_path / "bounded.py")
    text = (
        Path(source[0]).read_text(encoding="utf-8").replace("contents = []\n", "contents = [bytearray(8 * 2**30)]\n", 1)
    )
    source[1].write_text(text, encoding="utf-8")
    monkeypatch.setattr(workbook_cells, "__file__", str(source[1]))
    with pytest.raises(ValueError, match="MemoryError"):
        cells_of_alone(plain)


SHEET = "xl/worksheets/sheet1.xml"
SPREAD = b"".join(b'<row r="%d"><c r="CV%d"/></row>' % (row, row) for row in range(10, 700_000, 9_000))


@pytest.mark.parametrize(
    ("part", "edit", "reason"),
    [
        (SHEET, lambda data: data.replace(b'r="A2"', b'r="A99999999999"'), "is not a workbook, or is damaged"),
        (SHEET, lambda data: data.replace(b'r="A2"', b'r="A1048577"'), "is not a workbook, or is damaged"),
        (SHEET, lambda data: data.replace(b'r="A2"', b'r="ABCDE2"'), "is not a workbook, or is damaged"),
        (SHEET, lambda data: data[:300], "is not a workbook, or is damaged"),
        (SHEET, lambda data: data.replace(b"</sheetData>", b" " * 200_000_000 + b"</sheetData>"), "unpacks to 191 MB, mostly of empty"),
        (SHEET, lambda data: data.replace(b"</sheetData>", SPREAD + b"</sheetData>"), "spreads over 693,010 rows and 100 columns"),
        ("xl/workbook.xml", lambda _: b"", "is not a workbook, or is damaged"),
    ],
    ids=["row", "last row", "column", "cut", "bomb", "area", "book"],
)  # fmt: skip
def test_a_workbook_that_cannot_be_is_named(plain, part, edit, reason):
    """Nothing is asked of memory for it."""
    changed(plain, part, edit)
    with pytest.raises(SchemaError, match=reason) as raised:
        read_register(plain)
    assert "户信息.xlsx (" in str(raised.value)


def test_a_workbook_under_a_password_is_said_to_be(tmp_path):
    """It is a compound file in which an encrypted package lies."""
    name = "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "户信息.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600 + name + b"\0" * 600)
    with pytest.raises(SchemaError, match=r"户信息\.xlsx \(is protected by a password; save it without one\)"):
        read_register(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<html><p>请登录</p></html>", "is a web page without a table; open what was exported in Excel"),
        ("<html><x:WorksheetSource HRef='a'/><frameset></html>", "is a web page whose sheets lie in other files"),
        ("MIME-Version: 1.0\n\n户编号", "is a web page without a table"),
        ("<?xml version='1.0'?><rows/>", "is XML, but not a workbook; open it in Excel and save it as xlsx"),
        ("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a 'b'>]><Workbook>&a;</Workbook>", "declares entities"),
        ("<?xml version='1.0'?><Workbook>", "is not a workbook, or is damaged"),
        ("\x09\x08\x01\x02", "is not a workbook, or is damaged"),
    ],
)
def test_a_file_that_is_no_workbook_is_said_to_be_none(tmp_path, content, reason):
    """What it is instead, and what to do."""
    (tmp_path / "户信息.xls").write_text(content, encoding="utf-8-sig")
    with pytest.raises(SchemaError, match=reason):
        read_register(tmp_path)


def test_a_sheet_of_many_columns_is_read_whole(tmp_path, files):
    """Only cells behind a gap lie astray."""
    with xlsxwriter.Workbook(str(tmp_path / "户信息.xlsx")) as book:
        sheet = book.add_worksheet("户信息")
        sheet.write_row(0, 0, [*(f"其他{n}" for n in range(800)), "户编号", "年度"])
        sheet.write_row(1, 0, [*[1] * 800, "h1", 2023])
        sheet.write(1, 1300, "astray")
    register = files.read(tmp_path)
    assert register.tables["households"]["household_id"].tolist() == ["h1"]
    assert [code for code in register.problems["code"] if code != "unknown_column"] == ["far_cells"]
