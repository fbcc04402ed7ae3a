"""The workbook: every cell as it should be, harmless whatever it holds, and open to the programs of an office."""

import re
import shutil
import subprocess
import tracemalloc
import warnings
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.explanation.reasons import ENDING
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.model.store import demo_model
from fanpin_risk.records.register import Register
from fanpin_risk.reports import gather, report, workbook, write_report
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.guide import GUIDE, how_to_read

DAY = "2024-12-31"
SHEETS = {
    "zh": ["摘要", "走访名单", "分地区", "地区与主要风险", "读入与退回", "字段完整度", "退回的行", "怎样读", "模型卡"],
    "en": [
        "Summary", "Watch list", "Places", "Causes by place", "Rows read", "Coverage", "Rejected rows", "How to read",
        "Model card",
    ],
    "both": [
        "摘要 Summary", "走访名单 Watch list", "分地区 Places", "地区与主要风险 Causes by place", "读入与退回 Rows read",
        "字段完整度 Coverage", "退回的行 Rejected rows", "怎样读", "模型卡", "How to read", "Model card",
    ],
}  # fmt: skip
HOSTILE = (
    '=HYPERLINK("http://example.com","x")', "+1+1", "-2+3", "@SUM(A1)", "\tx", "http://example.com/a", "mailto:a@example.com",
    "<r><t>bold</t></r>", "<r>&</r>", "_x0041_", "a\x00\x01\x0b\x1fb", "\u202egnp.exe", "\ufffe\uffff", "a\r\nb\rc", " x ", "'=1",
    "&P&N&\"Arial\"", "&lt;b&gt;", "]]>", "𠮷野家🏠", "{=1}", "internal:Sheet1!A1", "1e5", "00123", "TRUE", "#REF!",
)  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return fr.load_model(demo_model())


@pytest.fixture(scope="module")
def register():
    """A register with rejected rows."""
    made = fr.make_register(700, random_state=1)
    incomes = made.tables["incomes"].assign(amount_cny=made.tables["incomes"]["amount_cny"].astype(object))
    incomes.loc[:4, "amount_cny"] = "abc"
    return Register.from_frames({**made.tables, "incomes": incomes})


@pytest.fixture(scope="module")
def contents(model, register):
    return gather(model, register, DAY, capacity=30)


def cells(path):
    """Return every cell of every sheet: (sheet, cell) -> value."""
    book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def column(sheet, place):
    return [sheet.cell(row, place).value for row in range(2, sheet.max_row + 1)]


def alike(values):
    """Return values to be compared with what a workbook keeps of them: sixteen digits of a number."""
    return [pytest.approx(value, rel=1e-15, abs=0) if isinstance(value, float) else value for value in values]


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


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_every_cell_of_the_list_is_what_the_contents_say(contents, tmp_path, lang):
    """Re-read cell by cell: numbers to sixteen digits, texts to the letter, in the language asked for."""
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", lang=lang, rejects=True))
    assert book.sheetnames == SHEETS[lang]
    sheet, listed = book.worksheets[1], contents.watchlist

    def said(name):
        if name == "cause":
            zh, en = ([CAUSES.get(cause, ("", ""))[number] for cause in listed["cause"]] for number in (0, 1))
        else:
            zh, en = (
                [text.removesuffix(ENDING[code]["toward"]) for text in listed[f"{name}_{code}"]]
                for code in ("zh", "en")
            )
        both = [f"{a}\n{b}" if a != b else a for a, b in zip(zh, en, strict=True)]
        return [text or None for text in {"zh": zh, "en": en, "both": both}[lang]]

    tiers = {"zh": {"high": "高", "medium": "中", "low": "低"}, "en": {t: t for t in ("high", "medium", "low")}}
    tiers["both"] = {"high": "高 high", "medium": "中 medium", "low": "低 low"}
    expected = [
        listed["number"].tolist(), listed["household_id"].tolist(), listed["place"].tolist(), listed["area_code"].tolist(),
        listed["risk"].tolist(), listed["risk_low"].tolist(), listed["risk_high"].tolist(),
        listed["tier"].astype(str).map(tiers[lang]).tolist(), said("cause"), said("reason_1"), said("reason_2"), said("reason_3"),
    ]  # fmt: skip
    assert sheet.max_row == len(listed) + 1
    for place, values in enumerate(expected, start=1):
        assert column(sheet, place) == alike(values)
    assert set(column(sheet, 14)) == set(column(sheet, 15)) == {None}
    assert (
        sheet["E1"].value
        == {"zh": "12个月内风险", "en": "Risk in 12 months", "both": "12个月内风险\nRisk in 12 months"}[lang]
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_cell_of_the_other_tables_is_what_the_contents_say(contents, tmp_path, lang):
    """Places, causes, counts, problems, coverage and rejected rows, cell by cell."""
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", lang=lang, rejects=True))
    _, _, places, causes, rows, coverage, rejects, *_ = book.worksheets
    expected = contents.places
    words = {cause: pair[("zh", "en").index(lang)] for cause, pair in CAUSES.items()}
    for place, name in enumerate(("households", "monitored", "listed", "high", "medium", "low", "mean_risk"), start=4):
        assert column(places, place) == alike(expected[name].tolist())
    assert column(places, 2) == expected["area"].tolist()
    assert column(places, 3) == expected["name"].tolist()
    assert column(places, 12) == [words.get(cause) for cause in expected["cause"]]
    flagged = contents.causes.assign(words=contents.causes["cause"].map(words)).pivot_table(
        index=["area", "level"], columns="words", values="flagged", sort=False
    )
    headers = [cell.value for cell in causes[1]][3:]
    assert headers == [name for name in flagged.columns if flagged[name].sum() > 0]
    for place, name in enumerate(headers, start=4):
        assert column(causes, place) == flagged[name].tolist()
    n = len(contents.counts)
    assert [rows.cell(r, 3).value for r in range(2, n + 2)] == contents.counts["rows_read"].tolist()
    assert [rows.cell(r, 5).value for r in range(2, n + 2)] == contents.counts["rows_rejected"].tolist()
    found = [[rows.cell(n + 4 + r, place).value for place in (4, 5, 6)] for r in range(len(contents.problems))]
    expected_name = "expected_zh" if lang == "zh" else "expected"
    assert found == contents.problems[["rows", "code", expected_name]].to_numpy().tolist()
    assert column(coverage, 5) == contents.coverage["filled"].tolist()
    assert column(coverage, 6) == alike(contents.coverage["share"].tolist())
    assert column(rejects, 3) == contents.rejects["row"].tolist() == [1, 2, 3, 4, 5]
    assert column(rejects, 4) == contents.rejects["message_zh" if lang == "zh" else "message"].tolist()


def test_the_summary_says_every_figure(contents, tmp_path):
    """Counts are numbers, the day is a day, shares are shares; what people decide stands on top."""
    sheet = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", lang="both")).worksheets[0]
    shown = {sheet.cell(row, 1).value: sheet.cell(row, 2) for row in range(1, sheet.max_row + 1)}
    for row in contents.summary.itertuples():
        cell = shown[f"{row.zh}\n{row.en}"]
        if row.kind == "text":
            assert cell.value in (row.text_zh, f"{row.text_zh}\n{row.text_en}")
        else:
            assert [cell.value] == alike([row.value])
    assert shown["评分日（只用当日及以前的记录）\nDay (only records up to it are used)"].number_format == "yyyy-mm-dd"
    assert shown["未监测户平均风险\nMean risk of those not monitored"].number_format == "0.00%"
    assert "由人入户核实后按规定程序决定" in sheet["A2"].value
    assert "decided by people" in sheet["A2"].value
    assert "模型由模拟数据训练" in sheet["A3"].value


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
    assert sheet["N2"].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize("lang", ["zh", "both"])
def test_no_text_becomes_anything_else(contents, tmp_path, lang):
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


def test_sheets_are_set_up_to_be_read_filtered_and_printed(contents, tmp_path):
    """Frozen headers, filters, bars on the risk, wrapped reasons, A4 as wide as the paper with headers on every page."""
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", rejects=True))
    sheet = book["走访名单"]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:O31"
    assert sheet.print_title_rows == "$1:$1"
    bars = {str(area.sqref): rule.type for area in sheet.conditional_formatting for rule in area.rules}
    assert bars == {"E2:E31": "dataBar"}
    assert sheet["J2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height > 30
    assert sheet.column_dimensions["J"].width > 20
    for page in book:
        assert page.page_setup.paperSize == 9
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.page_setup.fitToHeight == 0
        assert page.oddFooter.right.text == "第 &P 页，共 &N 页"
        assert DAY in page.oddHeader.left.text
        assert page.oddHeader.right.text == page.title
    assert sheet.page_setup.orientation == "landscape"
    for name in ("分地区", "地区与主要风险", "字段完整度", "退回的行"):
        assert book[name].auto_filter.ref.startswith("A1:")
        assert book[name].freeze_panes
        assert book[name].print_title_rows == "$1:$1"


def test_the_guide_says_who_decides_and_what_figures_mean(contents, tmp_path):
    """How to read it and the model's card are in the workbook, whole."""
    path = write_report(contents, tmp_path / "r.xlsx", lang="en")
    book = openpyxl.load_workbook(path)
    for document, name in ((how_to_read("en"), "How to read"), (contents.card["en"], "Model card")):
        shown = [value for (sheet, _), value in cells(path).items() if sheet == name]
        for kind, content in document.blocks:
            if kind == "table":
                texts = [cell for row in (content[0], *content[1]) for cell in row if cell]
            else:
                texts = [f"• {item}" for item in content] if kind == "list" else [content]
            assert [text for text in texts if text not in shown] == []
    assert all(zh and en for (title, items) in GUIDE for zh, en in (title, *items))
    assert book.properties.title == f"Whom to visit first: risk of returning to poverty, {DAY}"


def test_a_text_too_long_for_a_cell_is_refused_by_its_place(contents, tmp_path):
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


def test_a_list_too_long_for_a_sheet_goes_on_the_next(contents, tmp_path, monkeypatch):
    """No row is lost where a sheet is full: a second one begins, with headers, filter and bars."""
    monkeypatch.setattr(workbook, "SHEET_ROWS", 12)
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx"))
    sheets = [book["走访名单"], book["走访名单 2"], book["走访名单 3"]]
    assert [sheet.max_row for sheet in sheets] == [13, 13, 7]
    assert [value for sheet in sheets for value in column(sheet, 2)] == contents.watchlist["household_id"].tolist()
    assert sheets[0]["A1"].value == sheets[2]["A1"].value == "序号"
    assert sheets[2].auto_filter.ref == "A1:O7"


def test_the_most_risky_are_shown_where_not_all_are(model, register, tmp_path):
    """A shortened list of several areas holds the highest risks of all, in its order, and the summary says so."""
    contents = gather(model, register, DAY, capacity=3, per="village")
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", n_households=5))
    sheet = book["走访名单"]
    assert [cell.value for cell in sheet[1]][4] == "本地区名次"
    expected = contents.watchlist.loc[np.sort(contents.watchlist["risk"].nlargest(5).index), "household_id"]
    assert column(sheet, 2) == expected.tolist()
    assert any("只列风险最高的 5 户" in str(cell.value) for row in book["摘要"].iter_rows() for cell in row)


def test_masked_workbooks_hold_no_id_and_no_small_place(contents, tmp_path):
    """With mask=True neither ids nor figures of small places are in any part of the file."""
    path = write_report(contents, tmp_path / "r.xlsx", mask=True)
    with zipfile.ZipFile(path) as parts:
        content = b"".join(parts.read(name) for name in parts.namelist())
    assert not re.search(rb"H0{3}\d{6}", content)
    hidden = contents.masked().places
    assert hidden["households"].isna().any()
    sheet = openpyxl.load_workbook(path)["分地区"]
    assert column(sheet, 4) == ["—" if pd.isna(n) else n for n in hidden["households"]]
    assert openpyxl.load_workbook(write_report(contents, path, overwrite=True))["走访名单"]["B2"].value in set(
        contents.scores["household_id"]
    )


@pytest.mark.parametrize("case", ["nobody listed", "nobody on record", "one household", "two tables", "no area codes"])
def test_thin_registers_make_workbooks_too(model, register, tmp_path, case):
    """Whatever is not there, the workbook opens and says what is."""
    tables, capacity, day = register.tables, 20, DAY
    few = Register({"households": tables["households"], "members": tables["members"]})
    if case == "nobody listed":
        capacity = 0
    elif case == "nobody on record":
        day = "2010-01-01"
    elif case == "one household":
        register = register.select([tables["households"]["household_id"].iloc[0]])
    elif case == "two tables":
        register = few
    else:
        nowhere = tables["households"].assign(area_code=pd.Series([None] * len(tables["households"]), dtype="str"))
        register = Register({**tables, "households": nowhere})
    contents = gather(model, register, day, capacity=capacity)
    for mask in (False, True):
        book = openpyxl.load_workbook(
            write_report(contents, tmp_path / f"{mask}.xlsx", lang="both", mask=mask, rejects=True)
        )
        assert book.worksheets[1].max_row == len(contents.watchlist) + 1
        assert book.worksheets[2].max_row == len(contents.places) + 1


def test_equal_contents_give_equal_bytes(contents, tmp_path):
    """A workbook says nothing of when and where it was written."""
    first, second = (write_report(contents, tmp_path / name) for name in ("a.xlsx", "b.xlsx"))
    assert first.read_bytes() == second.read_bytes()


def test_a_full_disk_leaves_the_old_workbook(contents, tmp_path, monkeypatch):
    """Written whole or not at all: no half file, no rows left in a folder beside it."""
    path = write_report(contents, tmp_path / "r.xlsx")
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.Workbook._store_workbook", full)
    with pytest.raises(InputError, match=r"cannot write .*r\.xlsx: the disk is full"):
        write_report(contents, path, overwrite=True)
    monkeypatch.undo()
    monkeypatch.setattr("xlsxwriter.worksheet.Worksheet._write_single_row", full)
    with pytest.raises(InputError, match=r"cannot write .*r\.xlsx: the disk is full"):
        write_report(contents, path, overwrite=True)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["r.xlsx"]


def test_memory_does_not_grow_with_the_list(contents, tmp_path, monkeypatch):
    """Rows are written as they come: six times as many take no more memory at the peak."""
    monkeypatch.setattr(workbook, "ROWS_AT_ONCE", 100)
    listed = contents.watchlist.head(25)

    def peak(times):
        longer = pd.concat([listed] * times, ignore_index=True)
        grown = replace(contents, watchlist=longer)
        tracemalloc.start()
        write_report(grown, tmp_path / "r.xlsx", overwrite=True)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)  # imports
    assert peak(60) < peak(10) + 1_000_000


def test_progress_is_told_to_the_end(contents, tmp_path, monkeypatch):
    """Whoever waits sees how far it is; the last word is that all is done."""
    monkeypatch.setattr(workbook, "ROWS_BETWEEN_NEWS", 10)
    heard = []
    write_report(contents, tmp_path / "r.xlsx", progress=lambda *news: heard.append(news))
    assert [done for done, _, _ in heard] == sorted(done for done, _, _ in heard)
    assert heard[-1][0] == heard[-1][1]
    assert {total for _, total, _ in heard} == {heard[-1][1]}
    assert "走访名单" in {what for _, _, what in heard}


def test_report_is_gather_and_write_in_one(model, register, contents, tmp_path):
    """fr.report gives the cells of the two steps."""
    one, two = (
        fr.report(model, register, DAY, tmp_path / "a.xlsx", capacity=30),
        write_report(contents, tmp_path / "b.xlsx"),
    )
    first, second = ({key: value for key, value in cells(path).items() if key[0] != "模型卡"} for path in (one, two))
    assert first == second  # the card says when it was written
    assert fr.report is report


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"path": "r.doc"}, InputError, r"r\.doc: expected a file that ends in \.xlsx or \.html"),
        ({"path": "r"}, InputError, "r: expected a file that ends in"),
        ({"format": "pdf"}, InputError, "format is 'pdf'; expected one of xlsx, html"),
        ({"path": ".", "format": "xlsx"}, InputError, "is a folder; expected a file"),
        ({"lang": "fr"}, SchemaError, "lang is 'fr'; expected one of zh, en, both"),
        ({"n_households": -1}, SchemaError, "n_households is -1; expected a whole number"),
        ({"n_households": 1.5}, SchemaError, "n_households is 1.5; expected a whole number"),
    ],
)
def test_wrong_wishes_are_refused_before_the_work(model, register, tmp_path, options, error, message, monkeypatch):
    """The message says what was expected, before anything is scored."""
    monkeypatch.setattr("fanpin_risk.reports.gather", lambda *_, **__: pytest.fail("scored first"))
    given = {"path": "r.xlsx"} | options
    with pytest.raises(error, match=message):
        fr.report(model, register, DAY, tmp_path / given.pop("path"), **given)
    assert list(tmp_path.iterdir()) == []


def test_a_format_may_be_named_apart_from_the_ending(contents, tmp_path):
    """The ending decides only where nothing else is said; capitals are endings too."""
    assert openpyxl.load_workbook(write_report(contents, tmp_path / "R.XLSX"))
    named = write_report(contents, tmp_path / "report.tmp", format="xlsx")
    assert zipfile.is_zipfile(named)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_reads_every_cell_alike(contents, tmp_path):
    """Opened and saved by another program, every cell is what it was: no repair, no formula, no lost row."""
    path = write_report(with_texts(contents, HOSTILE), tmp_path / "r.xlsx", lang="both", rejects=True)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    before = cells(path)
    with warnings.catch_warnings(action="ignore"):  # extensions of LibreOffice that openpyxl does not know
        after = cells(tmp_path / "out/r.xlsx")
    unescaped = {
        key: value.replace("_x005F_", "_") if isinstance(value, str) else value for key, value in before.items()
    }
    known = {key: value for key, value in after.items() if value != ""}
    differences = [
        (key, unescaped.get(key), known.get(key))
        for key in sorted(unescaped.keys() | known.keys())
        if unescaped.get(key) != known.get(key)
        and not (isinstance(unescaped.get(key), float) and known.get(key) == pytest.approx(unescaped[key], rel=1e-12))
    ]
    assert differences == []
    assert list(dict.fromkeys(sheet for sheet, _ in after)) == SHEETS["both"]
