"""Workbooks as offices have them."""

import datetime as dt
import shutil
import zipfile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

import fanpin_risk as fr


def test_workbook_with_merged_headers(files, tmp_path):
    """A workbook with a sheet per table: title, two header rows with groups, real dates, numbers, ticks, totals."""
    path = tmp_path / "2023年台账.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("户信息")
        sheet.write_row(0, 0, ["户编号", "数据日期", "户类型", "住房面积（平方米）"])
        sheet.write_row(1, 0, ["001", "", "脱贫户", 88.5])
        sheet.write_datetime(1, 1, pd.Timestamp("2023-06-30"), date)
        sheet = book.add_worksheet("家庭成员情况")
        sheet.merge_range(0, 0, 0, 6, "家庭成员情况表")
        sheet.write_row(1, 0, ["序号", "户编号", "人编号", "基本情况", "", "参保情况", ""])
        sheet.merge_range(1, 3, 1, 4, "基本情况")
        sheet.merge_range(1, 5, 1, 6, "参保情况")
        sheet.write_row(2, 3, ["与户主关系", "出生日期", "居民医保", "职工医保"])
        sheet.write_row(3, 0, [1, "001", "p1", "户主", 22000, "√", "×"])
        sheet.write_row(4, 0, [2, "001", 2.5, "配偶", 22000, "是", ""])
        sheet.write_row(5, 0, ["合计", "", "", 2])
        sheet = book.add_worksheet("收入")
        sheet.write(0, 0, "家庭收入情况")
        sheet.write(1, 3, "单位：万元")
        sheet.write_row(2, 0, ["户编号", "年度", "工资性\n收入", "低保金（元）"])
        sheet.write_row(3, 0, ["001", 2022, 1.25, 3000])
        book.add_worksheet("Sheet4")
        book.add_worksheet("封面").write(0, 0, "台账")
    register = files.read(path, data_date="2023-12-31")
    assert register.tables["households"]["valid_from"].tolist() == [pd.Timestamp("2023-06-30")]
    assert register.tables["households"]["house_area_m2"].tolist() == [88.5]
    member = register.tables["members"].iloc[0]
    assert member[["member_id", "relation", "birth_date"]].tolist() == ["p1", "head", pd.Timestamp("1960-03-25")]
    assert member[["ins_basic_resident", "ins_basic_employee"]].tolist() == [True, False]
    assert register.tables["incomes"]["amount_cny"].tolist() == [12500.0, 3000.0]
    assert files.found(register) == [
        ("2023年台账.xlsx[家庭成员情况]", None, "rows_skipped"),
        ("2023年台账.xlsx[家庭成员情况]", 5, "numeric_id"),
        ("2023年台账.xlsx[收入]", None, "unit_applied"),
        ("2023年台账.xlsx[封面]", None, "unknown_sheet"),
    ]


def test_zero_is_not_empty(files, tmp_path):
    """A row of zeros is a row, a cell of zero an amount."""
    files.workbook(
        tmp_path / "a.xlsx",
        户信息=[["户编号", "年度"], ["h1", "2022"]],
        收入=[["低保金", "年度", "户编号"], [0, "2022", "h1"]],
    )
    assert files.read(tmp_path / "a.xlsx").tables["incomes"]["amount_cny"].tolist() == [0.0]


# --- The same register as every kind of file ----------------------------------------------------------------------

HOUSEHOLDS = [["户编号", "数据日期", "户类型"], ["0001", "2023-12-31", "脱贫户"], ["0002", "2023-12-31", "一般农户"],
              ["0003", "2023-12-31", "脱贫户"], ["0004", "2023-12-31", "一般农户"]]  # fmt: skip
MEMBERS = [["户编号", "人编号", "数据日期", "与户主关系"], ["0001", "p1", "2023-12-31", "户主"], [None, "p2", "2023-12-31", "配偶"],
           ["0002", "p3", "2023-12-31", "户主"], ["0003", "p4", "2023-12-31", "户主"], ["0004", "p5", "2023-12-31", "户主"]]  # fmt: skip
INCOMES = [["户编号", "年度", "工资性收入", "低保金", "其他补贴"], ["0001", 2023, 12345.67, 3000, 1], ["0002", 2023, "#N/A", 0, 2],
           ["0003", 2023, 800, 700.5, 3], ["0004", 2023, 999, 1, 4]]  # fmt: skip
SHEETS = {"户信息": HOUSEHOLDS, "家庭成员": MEMBERS, "收入": INCOMES}
# Of the sheets: the household's number over two members, a hidden row and a hidden column of incomes.
MERGED_ROWS, HIDDEN_ROW, HIDDEN_COLUMN = ("家庭成员", 2), ("收入", 5), ("收入", 5)


def as_openpyxl(path, *, hidden_sheet=False):
    """Write the register as xlsx, with days counted from 1904."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.epoch = CALENDAR_MAC_1904
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([dt.date(2023, 12, 31) if cell == "2023-12-31" else cell for cell in row])
    book["家庭成员"].merge_cells("A2:A3")
    book["收入"]["C3"].data_type = "e"
    book["收入"].row_dimensions[5].hidden = True
    book["收入"].column_dimensions["E"].hidden = True
    if hidden_sheet:
        book["收入"].sheet_state = "hidden"
    book.save(path)
    return path


def as_html(path):
    """Write it as systems do that name a page .xls: a table for each sheet, in GBK."""
    text = "<html><head><meta http-equiv=Content-Type content='text/html; charset=gb2312'></head><body>"
    for name, rows in SHEETS.items():
        text += f"<h3>{name}</h3><table>" + ("<col><col><col><col><col style='display:none'>" if name == "收入" else "")
        for number, row in enumerate(rows, start=1):
            text += "<tr style='display:none'>" if (name, number) == HIDDEN_ROW else "<tr>"
            filled = [(at, cell) for at, cell in enumerate(row) if cell is not None]
            for at, cell in filled:
                span = " rowspan=2" if (name, number, at) == (*MERGED_ROWS, 0) else ""
                text += f"<td style='mso-number-format:\"\\@\"'{span}>{cell}</td>"
            text += "</tr>"
        text += "</table>"
    path.write_bytes(text.encode("gbk"))
    return path


def as_xml(path):
    """Write it as a workbook of Excel 2003."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    text = f'<?xml version="1.0" encoding="GB2312"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
    for name, rows in SHEETS.items():
        columns = '<Column ss:Index="5" ss:Hidden="1"/>' if name == "收入" else ""
        text += f'<Worksheet ss:Name="{name}"><Table>{columns}'
        for number, row in enumerate(rows, start=1):
            text += '<Row ss:Hidden="1">' if (name, number) == HIDDEN_ROW else "<Row>"
            for at, cell in enumerate(row, start=1):
                if cell is not None:
                    kind = "Error" if cell == "#N/A" else "String" if isinstance(cell, str) else "Number"
                    down = ' ss:MergeDown="1"' if (name, number, at) == (*MERGED_ROWS, 1) else ""
                    text += f'<Cell ss:Index="{at}"{down}><Data ss:Type="{kind}">{cell}</Data></Cell>'
            text += "</Row>"
        text += "</Table></Worksheet>"
    path.write_bytes((text + "</Workbook>").encode("gbk"))
    return path


def said(register):
    """Return tables, and what is said of rows and columns."""
    tables = {
        name: frame.drop(columns="recorded_at", errors="ignore")
        for name, frame in register.tables.items()
        if len(frame)
    }
    problems = register.problems[["table", "household_id", "column", "code"]].fillna("").to_numpy().tolist()
    return tables, sorted(problems)


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory, saved_by_libreoffice):
    """The register as xlsx and, saved by LibreOffice, as xls and ods; the same with its sheet of incomes hidden."""
    folder = tmp_path_factory.mktemp("kinds")
    own = [as_openpyxl(folder / "台账.xlsx"), as_openpyxl(folder / "藏.xlsx", hidden_sheet=True)]
    return own, {kind: saved_by_libreoffice(own, kind) for kind in ("xls", "ods")}


@pytest.mark.parametrize("hidden", [False, True])
def test_what_is_read_of_xlsx_is_read_of_every_kind(every_kind, tmp_path, hidden):
    """Tables and problems: errors, merged cells, hidden rows and columns, ids as texts, days counted from 1904."""
    (path, _), others = every_kind
    expected, problems = said(fr.read_register(path, hidden=hidden))
    amounts = expected["incomes"].set_index("household_id")["amount_cny"].groupby(level=0).sum()
    shown = {"0001": 15345.67, "0002": 0.0, "0003": 1500.5}
    assert amounts.round(2).to_dict() == (
        {"0001": 15346.67, "0002": 2.0, "0003": 1503.5, "0004": 1004.0} if hidden else shown
    )
    assert expected["members"]["household_id"].tolist() == ["0001", "0001", "0002", "0003", "0004"]
    codes = {code for *_, code in problems}
    assert "not_a_number" in codes
    assert ("hidden_row" in codes) != hidden
    files = [*(saved[0] for saved in others.values()), as_html(tmp_path / "台账.xls"), as_xml(tmp_path / "其他.xls")]
    for file in files:
        tables, own = said(fr.read_register(file, hidden=hidden))
        assert tables.keys() == expected.keys()
        for name, frame in expected.items():
            pd.testing.assert_frame_equal(tables[name], frame, obj=f"{file.name}: {name}")
        assert own == problems, file.name


def test_sheets_that_are_hidden_are_told_of_every_kind(every_kind):
    """And their incomes are nobody's."""
    (_, path), others = every_kind
    expected, problems = said(fr.read_register(path))
    assert "incomes" not in expected
    for _, file in others.values():
        tables, own = said(fr.read_register(file))
        assert (tables.keys(), own) == (expected.keys(), problems)


def test_names_that_say_another_kind_change_nothing(tmp_path):
    """Text named xls or xlsx, xlsx named xls, ods or csv."""
    (tmp_path / "a").mkdir()
    plain = as_openpyxl(tmp_path / "a.xlsx")
    expected, problems = said(fr.read_register(plain))
    for name in ("b.xls", "b.ods", "b.csv", "b.xlsb"):
        shutil.copy(plain, tmp_path / name)
        tables, own = said(fr.read_register(tmp_path / name))
        assert own == problems
        pd.testing.assert_frame_equal(tables["incomes"], expected["incomes"])
    texts = {
        name: "\n".join("\t".join(map(str, row)) for row in rows) for name, rows in SHEETS.items() if name != "家庭成员"
    }
    amounts = {"0001": 15346.67, "0002": 2.0, "0003": 1503.5, "0004": 1004.0}
    for ending, encoding in (("xls", "gbk"), ("xls", "utf-16"), ("xlsx", "utf-8"), ("et", "utf-8-sig")):
        folder = tmp_path / f"{ending} {encoding}"
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.{ending}").write_text(text, encoding=encoding)
        incomes = fr.read_register(folder).tables["incomes"]
        assert incomes.groupby("household_id")["amount_cny"].sum().round(2).to_dict() == amounts


def test_kinds_of_workbooks_are_read_in_a_folder(every_kind, tmp_path):
    """Beside other files, and out of an archive."""
    _, others = every_kind
    shutil.copy(others["ods"][0], tmp_path / "台账.ods")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "台账.ods", "台账.ods")
    expected, _ = said(fr.read_register(tmp_path / "台账.ods"))
    for source in (tmp_path / "a.zip", [tmp_path / "台账.ods"]):
        pd.testing.assert_frame_equal(said(fr.read_register(source))[0]["incomes"], expected["incomes"])


def test_an_error_in_the_last_row_is_no_empty_cell(tmp_path):
    """Also where nothing else stands in the row but the cell that is merged over it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "户信息"
    for row in (["户编号", "年度", "耕地面积"], ["h1", 2023, 3], ["h2", 2023, "#REF!"]):
        sheet.append(row)
    sheet["C3"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    assert fr.read_register(tmp_path / "a.xlsx").problems[["row", "column"]].to_numpy().tolist() == [[3, "farmland_mu"]]
