"""The header is found below titles, in one row or two."""

import pandas as pd

from fanpin_risk.records.read import read_register


def test_groups_of_figures_after_elimination_are_not_read(files, tmp_path):
    """Figures written when a risk was declared over stand under the same names; they are not the sheet's figures."""
    files.workbook(
        tmp_path / "r.xlsx",
        户信息=[["户编号", "年度"], ["h1", "2022"]],
        收入=[["户编号", "年度", "收入情况", "", "风险消除后", ""], ["", "", "工资性收入", "低保金", "工资性收入", "低保金"],
              ["h1", "2022", 1000, 10, 9000, 90]],
    )  # fmt: skip
    assert files.read(tmp_path / "r.xlsx").tables["incomes"]["amount_cny"].tolist() == [1000.0, 10.0]


def test_the_first_row_of_a_long_income_sheet_is_no_second_header(tmp_path):
    """In a workbook with days and amounts an income item in the first row is a value, though it may name a column too."""
    pd.DataFrame({"户编号": ["a", "b"], "数据日期": ["2023-01-01"] * 2}).to_csv(
        tmp_path / "户基本信息.csv", index=False
    )
    days = {"收入周期开始": pd.Timestamp("2023-01-01"), "收入周期结束": pd.Timestamp("2023-12-31")}
    incomes = pd.DataFrame({"户编号": ["a", "b"], **days, "项目": "工资性收入", "金额": [1.5, 2.0]})
    incomes.to_excel(tmp_path / "家庭收入.xlsx", index=False)
    register = read_register(tmp_path)
    assert register.counts.loc["incomes", ["rows_read", "rows_kept"]].tolist() == [2, 2]
    assert register.tables["incomes"]["amount_cny"].tolist() == [1.5, 2.0]
