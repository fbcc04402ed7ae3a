"""The workbook: every cell as it should be, harmless whatever it holds, and open to the programs of an office."""

import re
import shutil
import subprocess
import tracemalloc
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError
from fanpin_risk.explanation import named_causes
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.model.tiers import in_words
from fanpin_risk.records.register import Register
from fanpin_risk.reports import gather, sheet_writer, workbook, write_report
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.languages import shown_in
from fanpin_risk.words import LANGUAGES

DAY = "2024-12-31"
SHEETS = {
    "zh": [
        "摘要", "走访名单", "因规则列入", "规则与模型不一致", "监测对象", "分地区", "地区与主要风险", "读入与退回", "字段完整度",
        "退回的行", "怎样读", "模型卡",
    ],
    "en": [
        "Summary", "Watch list", "Listed by a rule", "Rules and model differ", "Monitored households", "Places", "Causes by place",
        "Rows read",
        "Coverage", "Rejected rows", "How to read",
        "Model card",
    ],
    "both": [
        "摘要 Summary", "走访名单 Watch list", "因规则列入 Listed by a rule",
        "规则与模型不一致 Rules and model differ", "监测对象 Monitored households", "分地区 Places",
        "地区与主要风险 Causes by place", "读入与退回 Rows read",
        "字段完整度 Coverage", "退回的行 Rejected rows", "怎样读", "模型卡", "How to read", "Model card",
    ],
}  # fmt: skip
HOSTILE = (
    '=HYPERLINK("http://example.com","x")', "+1+1", "-2+3", "@SUM(A1)", "\tx", "http://example.com/a", "mailto:a@example.com",
    "<r><t>bold</t></r>", "<r>&</r>", "_x0041_", "a\x00\x01\x0b\x1fb", "\u202egnp.exe", "\ufffe\uffff", "a\r\nb\rc", " x ", "'=1",
    "&P&N&\"Arial\"", "&lt;b&gt;", "]]>", "𠮷野家🏠", "{=1}", "internal:Sheet1!A1", "1e5", "00123", "TRUE", "#REF!",
)  # fmt: skip


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
def test_every_cell_of_the_list_is_what_the_contents_say(contents, tmp_path, lang, column):
    """Re-read cell by cell: numbers to sixteen digits, texts to the letter, in the language asked for."""
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", lang=lang, rejects=True))
    assert book.sheetnames == SHEETS[lang]
    sheet, listed = book.worksheets[1], contents.watchlist

    reasons = {tag: contents.explanation.reasons(lang=tag, with_direction=False) for tag in LANGUAGES}

    def said(name):
        if name == "doubts":
            zh, en = (in_words(listed[["doubts"]], lang=tag)["doubts"].tolist() for tag in LANGUAGES)
        elif name == "cause":
            codes = listed[["cause", "cause_2", "cause_3"]].to_numpy()
            zh, en = ([named_causes(row).shown(tag) for row in codes] for tag in LANGUAGES)
        elif name == "signals":
            zh, en = (in_words(listed[["signals"]], lang=tag)["signals"].tolist() for tag in LANGUAGES)
        elif name == "rule_reason":
            zh, en = ([text.shown(tag) for text in listed["rule_reason"]] for tag in LANGUAGES)
        elif name == "income":
            zh, en = (contents.explanation.income_state(lang=tag).tolist() for tag in LANGUAGES)
        else:
            zh, en = (reasons[tag][name].tolist() for tag in LANGUAGES)
        both = [f"{a}\n{b}" if a != b else a for a, b in zip(zh, en, strict=True)]
        return [text or None for text in {"zh": zh, "en": en, "both": both}[lang]]

    tiers = {"zh": {"high": "高", "medium": "中", "low": "低"}, "en": {t: t for t in ("high", "medium", "low")}}
    tiers["both"] = {"high": "高 high", "medium": "中 medium", "low": "低 low"}
    expected = [
        listed["number"].tolist(), listed["household_id"].tolist(), listed["place"].tolist(), listed["area_code"].tolist(),
        listed["risk"].tolist(), listed["risk_low"].tolist(), listed["risk_high"].tolist(),
        listed["tier"].astype(str).map(tiers[lang]).tolist(), said("rule_reason"), said("signals"),
        said("cause"), said("income"),
        *(said(f"reason_{k}") for k in (1, 2, 3)),
    ]  # fmt: skip
    assert sheet.max_row == len(listed) + 1
    for place, values in enumerate(expected, start=1):
        assert column(sheet, place) == alike(values)
    assert column(sheet, 17) == said("doubts")
    assert set(column(sheet, 18)) == set(column(sheet, 19)) == {None}
    assert (
        sheet["E1"].value
        == {"zh": "12个月内风险", "en": "Risk in 12 months", "both": "12个月内风险\nRisk in 12 months"}[lang]
    )


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_who_is_below_the_line_has_a_sheet(falling, contents, tmp_path, lang, column):
    """Cell by cell, behind the list, with room for what was found; no other forecast has it."""
    below, explanation = falling[1].below_line, falling[1].below_explanation
    book = openpyxl.load_workbook(write_report(falling[1], tmp_path / "r.xlsx", lang=lang))
    name = {"zh": "已低于监测线", "en": "Below the line", "both": "已低于监测线 Below the line"}[lang]
    assert book.sheetnames[2] == name
    sheet = book[name]
    zh, en = (explanation.income_state(lang=tag).tolist() for tag in LANGUAGES)
    both = [f"{a}\n{b}" for a, b in zip(zh, en, strict=True)]
    for place, values in enumerate(
        [
            below["number"],
            below["household_id"],
            below["place"],
            below["area_code"],
            {"zh": zh, "en": en, "both": both}[lang],
        ],
        start=1,
    ):
        assert column(sheet, place) == list(values)
    assert sheet.max_row == len(below) + 1
    assert set(column(sheet, 8)) == set(column(sheet, 9)) == {None}
    headers = [cell.value for row in book[SHEETS[lang][5]].iter_rows(max_row=1) for cell in row]
    assert any("Below the line" in str(header) or "已低于监测线" in str(header) for header in headers)
    few = openpyxl.load_workbook(write_report(falling[1], tmp_path / "few.xlsx", lang=lang, n_households=3))
    assert column(few[name], 2) == below["household_id"].head(3).tolist()
    other = openpyxl.load_workbook(write_report(contents, tmp_path / "other.xlsx", lang=lang))
    assert name not in other.sheetnames


def test_the_list_says_what_is_in_doubt(doubted, contents, tmp_path, column):
    """In a column of its own, which is there where anything is."""
    sheet = openpyxl.load_workbook(write_report(doubted[1], tmp_path / "r.xlsx", lang="zh")).worksheets[1]
    headers = [cell.value for cell in sheet[1]]
    said = column(sheet, headers.index("存疑（先核实）") + 1)
    assert said == ["只有一年中部分时间的收入；家庭人口数与成员数不一致", *[None] * (len(said) - 1)]
    nothing = replace(contents, watchlist=contents.watchlist.assign(doubts=""))
    sheet = openpyxl.load_workbook(write_report(nothing, tmp_path / "s.xlsx", lang="zh")).worksheets[1]
    assert "存疑（先核实）" not in [cell.value for cell in sheet[1]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_cell_of_the_other_tables_is_what_the_contents_say(contents, tmp_path, lang, column):
    """Places, causes, counts, problems, coverage and rejected rows, cell by cell."""
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", lang=lang, rejects=True))
    _, _, _, _, _, places, causes, rows, coverage, rejects, *_ = book.worksheets
    expected = contents.places
    words = {cause: name.shown(lang) for cause, name in CAUSES.items()}
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
    problems = contents.problems.assign(expected=[text.shown(lang) for text in contents.problems["expected"]])
    assert found == problems[["rows", "code", "expected"]].to_numpy().tolist()
    assert column(coverage, 5) == contents.coverage["filled"].tolist()
    assert column(coverage, 6) == alike(contents.coverage["share"].tolist())
    assert column(rejects, 3) == contents.rejects["row"].tolist() == [1, 2, 3, 4, 5]
    assert column(rejects, 4) == contents.rejects["message_zh" if lang == "zh" else "message"].tolist()


def test_the_summary_says_every_figure(contents, tmp_path):
    """Counts are numbers, the day is a day, shares are shares; what people decide stands on top."""
    sheet = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", lang="both")).worksheets[0]
    shown = {sheet.cell(row, 1).value: sheet.cell(row, 2) for row in range(1, sheet.max_row + 1)}
    for row in contents.summary.itertuples():
        cell = shown[shown_in(row.label, "both")]
        if row.kind == "text":
            assert cell.value == shown_in(row.text, "both")
        else:
            assert [cell.value] == alike([row.value])
    assert shown["评分日（只用当日及以前的记录）\nDay (only records up to it are used)"].number_format == "yyyy-mm-dd"
    assert shown["未监测户平均风险\nMean risk of those not monitored"].number_format == "0.00%"
    assert "由人入户核实后按规定程序决定" in sheet["A2"].value
    assert "decided by people" in sheet["A2"].value
    assert "模型由虚拟数据训练" in sheet["A3"].value


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_rules_and_disagreements_have_sheets(contents, tmp_path, lang, column):
    """Who is listed by a rule alone and where rules and model differ: the rule first, the tier the model's, nobody named."""
    names = SHEETS[lang][2:4]
    path = write_report(contents, tmp_path / "r.xlsx", lang=lang, mask=True)
    book = openpyxl.load_workbook(path)
    for name, table in zip(names, (contents.by_rule, contents.differing), strict=True):
        sheet = book[name]
        headers = [cell.value for cell in sheet[1]]
        assert sheet.max_row == len(table) + 1
        assert column(sheet, 1) == table["number"].tolist()
        place = next(k for k, header in enumerate(headers) if "Rules not met" in header or "未达标事项" in header)
        tags = [lang] if lang != "both" else ["zh", "en"]
        expected = ["\n".join(text.shown(tag) for tag in tags) or None for text in table["rule_reason"]]
        assert column(sheet, place + 1) == [None if text == "\n" else text for text in expected]
        text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
        assert not re.search(r"H\d{9}", text)
    assert set(contents.by_rule["household_id"]).isdisjoint(contents.watchlist["household_id"])
    few = openpyxl.load_workbook(write_report(contents, tmp_path / "few.xlsx", lang=lang, n_households=3))
    assert [few[name].max_row for name in names] == [4, 4]


def test_sheets_are_set_up_to_be_read_filtered_and_printed(contents, tmp_path):
    """Frozen headers, filters, bars on the risk, wrapped reasons, A4 as wide as the paper with headers on every page."""
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", rejects=True))
    sheet = book["走访名单"]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:S31"
    assert sheet.print_title_rows == "$1:$1"
    bars = {str(area.sqref): rule.type for area in sheet.conditional_formatting for rule in area.rules}
    assert bars == {"E2:E31": "dataBar"}
    assert sheet["I2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height > 30
    assert sheet.column_dimensions["I"].width > 20
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


def test_the_most_risky_are_shown_where_not_all_are(model, register, tmp_path, column):
    """A shortened list of several areas holds the highest risks of all, in its order, and the summary says so."""
    contents = gather(model, register, DAY, capacity=3, per="village")
    book = openpyxl.load_workbook(write_report(contents, tmp_path / "r.xlsx", n_households=5))
    sheet = book["走访名单"]
    assert [cell.value for cell in sheet[1]][4] == "本地区名次"
    expected = contents.watchlist.loc[np.sort(contents.watchlist["risk"].nlargest(5).index), "household_id"]
    assert column(sheet, 2) == expected.tolist()
    assert any("只列风险最高的 5 户" in str(cell.value) for row in book["摘要"].iter_rows() for cell in row)


def test_masked_workbooks_hold_no_id_and_no_small_place(contents, tmp_path, column):
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


@pytest.mark.parametrize("case", ["nobody on record", "one household", "two tables", "no area codes"])
def test_thin_registers_make_workbooks_too(model, register, tmp_path, case):
    """Whatever is not there, the workbook opens and says what is."""
    tables, day = register.tables, DAY
    few = Register({"households": tables["households"], "members": tables["members"]})
    if case == "nobody on record":
        day = "2010-01-01"
    elif case == "one household":
        register = register.select([tables["households"]["household_id"].iloc[0]])
    elif case == "two tables":
        register = few
    else:
        nowhere = tables["households"].assign(area_code=pd.Series([None] * len(tables["households"]), dtype="str"))
        register = Register({**tables, "households": nowhere})
    contents = gather(model, register, day, capacity=20)
    for mask in (False, True):
        book = openpyxl.load_workbook(
            write_report(contents, tmp_path / f"{mask}.xlsx", lang="both", mask=mask, rejects=True)
        )
        assert book.worksheets[1].max_row == len(contents.watchlist) + 1
        assert book[SHEETS["both"][5]].max_row == len(contents.places) + 1


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
    monkeypatch.setattr(workbook, "ROWS_IN_MEMORY", 100)
    monkeypatch.setattr(sheet_writer, "ROWS_IN_MEMORY", 100)
    listed, explanation = contents.watchlist.head(25), contents.explanation[:25]

    def peak(times):
        longer = pd.concat([listed] * times, ignore_index=True)
        grown = replace(contents, watchlist=longer, explanation=explanation[np.tile(np.arange(25), times)])
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


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_reads_every_cell_alike(contents, tmp_path, cells):
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
