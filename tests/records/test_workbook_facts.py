"""What a workbook knows beyond values: written by another program, searched before the values are read."""

import openpyxl
import pytest
import xlsxwriter

from fanpin_risk import read_register
from fanpin_risk.records.read.workbook_facts import read_facts
from fanpin_risk.workbooks.grid import NOT_CALCULATED


@pytest.fixture
def book(tmp_path):
    """Return a new workbook with a sheet of households, and the path that it is saved to."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "户信息"
    for row in (["户编号", "年度", "户类型", "耕地面积"], ["h1", 2023, "脱贫户", 3], ["h2", 2023, "脱贫户", 4]):
        sheet.append(row)
    return made, tmp_path / "台账.xlsx"


def test_errors_and_formulas_without_a_result_are_found(book):
    """Both would be read as empty cells."""
    made, path = book
    made["户信息"]["D2"], made["户信息"]["D3"] = "#DIV/0!", "=1+1"
    made["户信息"]["D2"].data_type = "e"
    made.save(path)
    assert read_facts(path).sheets["户信息"].odd_cells == {(2, 4): "#DIV/0!", (3, 4): NOT_CALCULATED}
    problems = read_register(path).problems
    assert problems[["row", "column"]].to_numpy().tolist() == [[2, "farmland_mu"], [3, "farmland_mu"]]


def test_formulas_with_a_result_are_values(tmp_path):
    """What was calculated once is read."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as made:
        sheet = made.add_worksheet("户信息")
        sheet.write_row(0, 0, ["户编号", "年度", "耕地面积"])
        sheet.write_row(1, 0, ["h1", 2023])
        sheet.write_formula(1, 2, "=1+2", None, 3)
    assert read_facts(tmp_path / "a.xlsx").sheets["户信息"].odd_cells == {}
    assert read_register(tmp_path / "a.xlsx").tables["households"]["farmland_mu"].tolist() == [3.0]


def test_a_value_in_the_farthest_cell_costs_nothing(book):
    """One stray value must not ask for the memory of a full sheet."""
    made, path = book
    made["户信息"]["XFD1048576"] = "x"
    made.save(path)
    register = read_register(path)
    assert register.tables["households"]["household_id"].tolist() == ["h1", "h2"]
    assert register.problems["code"].tolist() == ["far_cells"]


def test_hidden_rows_and_columns_are_reported_and_read_when_asked(book):
    """What the office does not see does not count, unless it is asked for; ids count always."""
    made, path = book
    made["户信息"].row_dimensions[3].hidden = True
    made["户信息"].column_dimensions["D"].hidden = True
    made["户信息"].column_dimensions["A"].hidden = True
    made.save(path)
    shown = read_register(path)
    assert shown.tables["households"]["household_id"].tolist() == ["h1"]
    assert set(shown.problems["code"]) == {"hidden_row", "hidden_column"}
    assert shown.counts.loc["households", ["rows_read", "rows_kept", "rows_rejected"]].tolist() == [2, 1, 1]
    asked = read_register(path, hidden=True)
    assert asked.tables["households"]["farmland_mu"].tolist() == [3.0, 4.0]


def test_merged_cells_are_filled_over_their_rows(book):
    """The household's number stands once, over the rows of its members."""
    made, path = book
    sheet = made.create_sheet("家庭成员")
    for row in (
        ["户编号", "人编号", "年度", "与户主关系"],
        ["h1", "p1", 2023, "户主"],
        [None, "p2", 2023, "配偶"],
        ["h2", "p3", 2023, "户主"],
    ):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    made.save(path)
    assert read_register(path).tables["members"]["household_id"].tolist() == ["h1", "h1", "h2"]


def test_days_counted_from_1904_are_days(book):
    """Workbooks of old Macs count days from another one."""
    import datetime as dt

    made, path = book
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made["户信息"]["B2"] = dt.date(2023, 5, 6)
    made.save(path)
    assert str(read_register(path).tables["households"]["valid_from"].dt.date[0]) == "2023-05-06"


def test_what_is_no_xlsx_file_has_no_facts(tmp_path):
    """Other files are left to the reader of values."""
    (tmp_path / "a.xlsx").write_bytes(b"no archive")
    assert read_facts(tmp_path / "a.xlsx").sheets == {}
