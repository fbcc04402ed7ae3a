"""Files are written whole or not at all."""

from functools import partial

import openpyxl
import pandas as pd
import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.files import write_table, write_text, writing

READ = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".xlsx": partial(pd.read_excel, engine="calamine")}
FRAME = pd.DataFrame({"household_id": ["H1", "=1+1"], "risk": [0.1, -0.2], "reason": ["人均纯收入", None]})


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx", ".CSV", ".Parquet", ".XLSX"])
def test_every_format_reads_back(tmp_path, suffix):
    """What was written is what is read; what travels beside the frame does not matter."""
    frame = FRAME.copy()
    frame.attrs["beside"] = FRAME
    path = write_table(frame, tmp_path / f"new/table{suffix}")
    read = READ[suffix.lower()](path)
    assert read["risk"].tolist() == [0.1, -0.2]
    assert read["reason"].iloc[0] == "人均纯收入"
    assert pd.isna(read["reason"].iloc[1])
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_no_text_becomes_a_formula(tmp_path):
    """A spreadsheet that opens the file runs nothing."""
    assert "'=1+1" in write_table(FRAME, tmp_path / "t.csv").read_text("utf-8-sig")
    import openpyxl

    cell = openpyxl.load_workbook(write_table(FRAME, tmp_path / "t.xlsx")).active["A3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_negative_numbers_stay_numbers(tmp_path):
    """Only texts are defused."""
    assert "-0.2" in write_table(FRAME, tmp_path / "t.csv").read_text("utf-8-sig").splitlines()[2].split(",")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    """Half a file is never seen: the old one stays and nothing lies beside it."""
    path = write_text("old", tmp_path / "note.txt")
    monkeypatch.setattr(
        writing.Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(InputError, match=r"cannot write .*note\.txt: the disk is full"):
        write_text("new", path)
    assert path.read_text("utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["note.txt"]


def test_a_workbook_for_which_there_is_no_room_is_refused(tmp_path, monkeypatch):
    """The error of the library that writes workbooks is none of the system's; the message says why all the same."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.Workbook._store_workbook", full)
    with pytest.raises(InputError, match=r"cannot write .*scores\.xlsx: the disk is full"):
        write_table(pd.DataFrame({"risk": [0.1]}), tmp_path / "scores.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_stays_sound_whatever_its_texts_hold(tmp_path):
    """Markup and control characters would spoil the file for every reader: they stay texts that can be read."""
    texts = ["<r>&</r>", "<r><t>bold</t></r>", "a\x00b", "\u202egnp", "x\r\ny", "plain"]
    path = write_table(pd.DataFrame({"<r>&</r>": texts, "n": range(6)}), tmp_path / "t.xlsx")
    read = READ[".xlsx"](path)
    assert list(read.columns) == ["<r>&</r> ", "n"]
    assert read.iloc[:, 0].tolist() == ["<r>&</r> ", "<r><t>bold</t></r> ", "a�b", "�gnp", "x\ny", "plain"]
    assert read["n"].tolist() == list(range(6))


def test_a_text_longer_than_a_cell_is_refused(tmp_path):
    """Spreadsheets would cut it off in silence; the message says where it stands and what to choose instead."""
    with pytest.raises(
        InputError, match=r"t\.xlsx: row 2 holds a text of more than 32,767 characters in the column 'b'"
    ):
        write_table(pd.DataFrame({"a": ["x", "y"], "b": ["x", "长" * 32_768]}), tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []
    write_table(pd.DataFrame({"b": ["长" * 32_767]}), tmp_path / "t.xlsx")


def test_a_folder_that_cannot_be_made_is_told(tmp_path, monkeypatch):
    """A file where a folder should be, or a folder nobody may write to, is the user's to mend: one line says so."""
    (tmp_path / "note.txt").write_text("a file")
    with pytest.raises(
        InputError, match=r"cannot write .*note\.txt.new\.txt: (it exists already|part of the path is a file)"
    ):
        write_text("new", tmp_path / "note.txt/new.txt")

    def read_only(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(writing.tempfile, "mkstemp", read_only)
    with pytest.raises(InputError, match=r"cannot write .*new\.txt: permission denied"):
        write_text("new", tmp_path / "new.txt")


def test_an_unknown_ending_is_refused(tmp_path):
    """The message lists what can be written."""
    with pytest.raises(InputError, match=r"t\.doc: expected a file that ends in \.csv, \.parquet, \.xlsx"):
        write_table(FRAME, tmp_path / "t.doc")


def test_too_many_rows_for_a_sheet_are_refused(tmp_path, monkeypatch):
    """A sheet that would be cut off is not written."""
    monkeypatch.setattr(writing, "EXCEL_ROWS", 1)
    with pytest.raises(InputError, match="2 rows do not fit on a sheet"):
        write_table(FRAME, tmp_path / "t.xlsx")


def test_columns_of_a_workbook_are_as_wide_as_what_they_hold(tmp_path):
    """Nobody widens columns by hand to read a list, and every column can be filtered."""
    frame = pd.DataFrame(
        {"id": ["a" * 30], "县": ["县" * 10], "long": ["x" * 500], "on": [pd.Timestamp("2024-01-01")], "none": [None]}
    )
    sheet = openpyxl.load_workbook(write_table(frame, tmp_path / "list.xlsx")).active
    widths = {
        sheet.cell(1, k).value: sheet.column_dimensions[sheet.cell(1, k).column_letter].width for k in range(1, 6)
    }
    assert 32 <= widths["id"] <= 35
    assert 22 <= widths["县"] <= 25
    assert widths["on"] >= 19
    assert 50 <= widths["long"] <= 70
    assert widths["none"] >= 6
    assert sheet.auto_filter.ref == "A1:E2"
