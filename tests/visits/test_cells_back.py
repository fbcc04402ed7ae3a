"""Cells of files that come back."""

import pandas as pd
import pytest

from fanpin_risk.errors import InputError, UnreadableFileError
from fanpin_risk.visits.cells_back import cells_of_file, files_of


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_texts_of_every_encoding_and_delimiter(tmp_path, encoding, delimiter):
    """With line ends within a cell, as printed lines have them."""
    file = tmp_path / "a.csv"
    file.write_bytes(
        delimiter.join(["核实结果", '"属\n实"', "x"]).encode(encoding)
        + "\n第二行".encode(encoding).removeprefix(b"\xff\xfe").removeprefix(b"\xef\xbb\xbf")
    )
    (sheet,) = cells_of_file(file)
    assert sheet.rows == [(1, ["核实结果", "属\n实", "x"]), (2, ["第二行"])]


def test_a_folder_stands_for_the_files_in_it(tmp_path):
    """Not for marks, lock files of offices, and what is no sheet."""
    for name in ("b.xlsx", "a.csv", "~$b.xlsx", ".hidden.csv", "notes.pdf", "in/c.ods"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [file.name for file in files_of([tmp_path])] == ["a.csv", "b.xlsx", "c.ods"]
    with pytest.raises(InputError, match="no file of visits"):
        files_of([])


def test_workbooks_come_with_their_merged_cells(tmp_path):
    """And a damaged file is named."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.active.merge_cells("A1:A3")
    book.save(tmp_path / "m.xlsx")
    (sheet,) = cells_of_file(tmp_path / "m.xlsx")
    assert sheet.merged == (((1, 1), (3, 1)),)
    pd.DataFrame().to_csv(tmp_path / "e.xlsx")
    (tmp_path / "d.ods").write_bytes(b"PK\x05\x06 damaged")
    with pytest.raises(UnreadableFileError, match=r"d\.ods"):
        cells_of_file(tmp_path / "d.ods")
