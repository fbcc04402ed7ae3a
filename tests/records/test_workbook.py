"""Workbooks as offices have them."""

import pandas as pd
import xlsxwriter


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
