"""The file of proposed corrections: written for a spreadsheet, and read back from one."""

import openpyxl
import pandas as pd
import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.visits.corrections_file import read_corrections, write_corrections
from fanpin_risk.words import language_of_run

LINE = {
    "entry": 1, "action": "change", "table": "members", "household_id": "0012", "member_id": "0012-01", "column": "health",
    "old": "healthy", "new": "chronic;disabled", "date": pd.Timestamp("2025-01-15"), "event_key": "k1",
}  # fmt: skip
BLANK = LINE | {"action": "add", "table": "incomes", "column": "period_start", "old": "", "new": ""}


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_what_is_written_is_read_back(tmp_path, ending):
    """With the number of each line as the file shows it; ids keep their zeros."""
    back = read_corrections(write_corrections([LINE, BLANK], tmp_path / f"c.{ending}"))
    assert back["row"].tolist() == [2, 3]
    assert back["household_id"].tolist() == ["0012", "0012"]
    assert back["new"].fillna("").tolist() == ["chronic;disabled", ""]
    assert "says" not in back


def test_a_workbook_has_a_list_of_decisions_and_words_for_its_reader(tmp_path):
    """In the language of the run."""
    with language_of_run("zh"):
        book = openpyxl.load_workbook(write_corrections([LINE, BLANK], tmp_path / "c.xlsx"))
    sheet = book.active
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)) == ('"接受,拒绝"', "A2:A3")
    assert [row[-1].value for row in sheet.iter_rows(2)] == [
        "家庭成员；健康状况：健康 → 长期慢性病、残疾",
        "家庭收入；收入周期开始：待填",
    ]


def test_columns_moved_or_added_and_empty_lines_do_not_matter(tmp_path):
    """What is found is found by its header; a sheet of notes before it is passed over."""
    book = openpyxl.load_workbook(write_corrections([LINE], tmp_path / "c.xlsx"))
    sheet = book.active
    sheet.insert_cols(1)
    sheet.insert_rows(2, 2)
    sheet.cell(1, 1).value = "note"
    book.create_sheet("notes", 0)["A1"] = "to do"
    book.save(tmp_path / "d.xlsx")
    back = read_corrections(tmp_path / "d.xlsx")
    assert back[["row", "column", "new"]].to_numpy().tolist() == [[4, "health", "chronic;disabled"]]


def test_a_csv_of_a_chinese_spreadsheet_is_read(tmp_path):
    """In GB18030, with semicolons between the cells."""
    path = write_corrections([LINE], tmp_path / "c.csv")
    frame = pd.read_csv(path, dtype="str", keep_default_na=False).assign(decision="接受")
    frame.to_csv(tmp_path / "d.csv", index=False, sep=";", encoding="gb18030")
    assert read_corrections(tmp_path / "d.csv")["decision"].tolist() == ["接受"]


def test_what_is_no_file_of_corrections_is_named(tmp_path):
    """With the columns that it lacks."""
    (tmp_path / "e.csv").write_text("household_id,event\nH1,verified\n", "utf-8")
    with pytest.raises(InputError, match=r"e\.csv has no column"):
        read_corrections(tmp_path / "e.csv")
    assert read_corrections(write_corrections([], tmp_path / "f.csv")).empty
