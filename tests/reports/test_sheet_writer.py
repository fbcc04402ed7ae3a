"""Cells of a workbook: every text stays a text, nothing is cut off, a full sheet goes on in the next."""

import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.reports import gather, sheet_writer, write_report
from fanpin_risk.reports.documents import Document

HOSTILE = (
    '=HYPERLINK("http://example.com","x")', "+1+1", "-2+3", "@SUM(A1)", "\tx", "http://example.com/a", "mailto:a@example.com",
    "<r><t>bold</t></r>", "<r>&</r>", "_x0041_", "a\x00\x01\x0b\x1fb", "\u202egnp.exe", "\ufffe\uffff", "a\r\nb\rc", " x ", "'=1",
    "&P&N&\"Arial\"", "&lt;b&gt;", "]]>", "𠮷野家🏠", "{=1}", "internal:Sheet1!A1", "1e5", "00123", "TRUE", "#REF!",
)  # fmt: skip


def with_texts(contents, texts):
    """Return the contents with these texts for ids and names, and in the model's card."""
    listed = contents.watchlist.head(len(texts)).copy()
    listed["household_id"] = pd.Series([*texts, *[f"x{k}" for k in range(len(listed) - len(texts))]], dtype="str")
    listed["place"] = listed["household_id"]
    document = Document("zh")
    document.title("x")
    document.blocks.append(("table", (["a", "b"], [[text, text] for text in texts])))
    return replace(
        contents, watchlist=listed, explanation=contents.explanation[: len(listed)], model_label=texts[0],
        card={"zh": document, "en": document},
    )  # fmt: skip


@pytest.mark.parametrize("day", ["1850-01-01", "1899-12-31", "1900-02-28", "1900-03-01"])
def test_a_day_that_spreadsheets_cannot_count_is_written_out(model, register, tmp_path, day):
    """Days before March 1900 are wrong or none in a spreadsheet: the summary says them in letters."""
    sheet = openpyxl.load_workbook(write_report(gather(model, register, day), tmp_path / "r.xlsx")).worksheets[0]
    shown = {sheet.cell(row, 1).value: sheet.cell(row, 2).value for row in range(1, sheet.max_row + 1)}
    expected = day if day < "1900-03-01" else pd.Timestamp(day)
    assert shown["评分日（只用当日及以前的记录）"] == expected


def test_numbers_days_and_codes_keep_their_kind(contents, tmp_path):
    """Percentages are numbers shown as such; ids and codes are text, with their leading zeros."""
    listed = contents.watchlist.assign(household_id=[f"{k:012d}" for k in range(30)], area_code="011251101001")
    book = openpyxl.load_workbook(write_report(replace(contents, watchlist=listed), tmp_path / "r.xlsx"))
    sheet = book["走访名单"]
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["B2"].number_format) == ("000000000000", "s", "@")
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("011251101001", "s")
    assert (sheet["E2"].data_type, sheet["E2"].number_format) == ("n", "0.0%")
    assert sheet["Q2"].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize("lang", ["zh", "both"])
def test_no_text_becomes_anything_else(contents, tmp_path, lang, column):
    """Formulas, links, markup and control characters in names stay the texts they are; every part of the file is sound."""
    path = write_report(with_texts(contents, HOSTILE), tmp_path / "r.xlsx", lang=lang)
    book = openpyxl.load_workbook(path)
    types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert types <= {"s", "n", "d"}
    assert not any(cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row)
    shown = column(book.worksheets[1], 2)[: len(HOSTILE)]
    changed = {
        "<r><t>bold</t></r>": "<r><t>bold</t></r> ", "<r>&</r>": "<r>&</r> ", "a\r\nb\rc": "a\nb\nc",
        "a\x00\x01\x0b\x1fb": "a����b", "\u202egnp.exe": "�gnp.exe", "\ufffe\uffff": "��",
        "_x0041_": "_x005F_x0041_",  # as the file says it; spreadsheets show _x0041_
    }  # fmt: skip
    assert shown == [changed.get(text, text) for text in HOSTILE]
    assert column(book.worksheets[1], 3)[: len(HOSTILE)] == shown
    with zipfile.ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if "hyperlink" in name or "externalLink" in name]
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                content = parts.read(name)
                ET.fromstring(content)
                assert b"<f>" not in content
                assert b"<hyperlink" not in content


def test_a_text_too_long_for_a_cell_is_refused_by_its_place(contents, tmp_path, cells):
    """Nothing is cut off in silence: the message names sheet and row; a long note is split instead."""
    listed = contents.watchlist.assign(place="长" * 32_768)
    with pytest.raises(InputError, match=r"sheet 走访名单, row 2: a text of 32,768 characters; a cell takes 32,767"):
        write_report(replace(contents, watchlist=listed), tmp_path / "r.xlsx")
    assert list(tmp_path.iterdir()) == []
    wide = contents.watchlist.assign(place="🏠" * 16_384)  # two units each
    with pytest.raises(InputError, match="row 2: a text of 16,384 characters"):
        write_report(replace(contents, watchlist=wide), tmp_path / "r.xlsx")
    document = Document("zh")
    document.title("x")
    document.text("注" * 70_000)
    path = write_report(replace(contents, card={"zh": document, "en": document}), tmp_path / "r.xlsx")
    shown = "".join(value for (sheet, _), value in cells(path).items() if sheet == "模型卡")
    assert shown == "x" + "注" * 70_000


def test_a_list_too_long_for_a_sheet_goes_on_the_next(contents, tmp_path, monkeypatch, column):
    """No row is lost where a sheet is full: a second one begins, with headers, filter and bars."""
    monkeypatch.setattr(sheet_writer, "MOST_SHEET_ROWS", 12)
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx"))
    sheets = [book["走访名单"], book["走访名单 2"], book["走访名单 3"]]
    assert [sheet.max_row for sheet in sheets] == [13, 13, 7]
    assert [value for sheet in sheets for value in column(sheet, 2)] == contents.watchlist["household_id"].tolist()
    assert sheets[0]["A1"].value == sheets[2]["A1"].value == "序号"
    assert sheets[2].auto_filter.ref == "A1:R7"
