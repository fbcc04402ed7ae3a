"""The header is found below titles, in one row or two."""

import openpyxl
import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.read import read_register
from fanpin_risk.records.read.header_rows import find_header


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


@pytest.fixture
def amounts(files, tmp_path):
    """Read a sheet of incomes with its merged cells; return amounts by item, in the order of the register."""

    def read(rows, merged=()):
        files.workbook(tmp_path / "户信息.xlsx", 户信息=[["户编号", "年度"], ["h1", "2022"]])
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "家庭收入"
        for row in rows:
            sheet.append(row)
        for cells in merged:
            sheet.merge_cells(cells)
        book.save(tmp_path / "家庭收入.xlsx")
        register = files.read(tmp_path)
        frame = register.tables["incomes"]
        return dict(
            zip(frame["item"].astype(str) + frame["period_end"].dt.strftime("%y"), frame["amount_cny"], strict=True)
        )

    return read


def test_the_same_words_below_other_groups_are_other_figures(amounts):
    """种植业 is income below 收入 and cost below 支出, with and without merged cells."""
    rows = [
        ["户编号", "年度", "工资性收入", "生产经营性收入", "", "生产经营性支出", "", "转移性收入"],
        ["", "", "", "种植业", "养殖业", "种植业", "养殖业", ""],
        ["h1", 2022, 20000, 5000, 4000, 2000, 1000, 100],
    ]
    expected = {"wage22": 20000, "business_gross22": 9000, "business_cost22": 3000, "tr_other22": 100}
    assert amounts(rows) == expected
    assert amounts(rows, ["D1:E1", "F1:G1"]) == expected


def test_years_over_the_same_items(amounts):
    """A group may be a year."""
    rows = [
        ["户编号", "2021年", "", "2022年", ""],
        ["", "工资性收入", "低保金", "工资性收入", "低保金"],
        ["h1", 1, 2, 3, 4],
    ]
    assert amounts(rows) == {"wage21": 1, "tr_dibao21": 2, "wage22": 3, "tr_dibao22": 4}


def test_three_rows_with_a_unit_over_all(amounts):
    """收入（万元） over 工资性收入 over its parts; what is not merged stands for itself."""
    rows = [
        ["2022年度收入表", "", "", "", "", ""],
        ["户编号", "年度", "收入情况（万元）", "", "", "备注"],
        ["", "", "工资性收入", "", "转移性收入", ""],
        ["", "", "小计", "公益岗位", "", ""],
        ["h1", 2022, 3, 1, 2, ""],
    ]
    expected = {"wage_public_post22": 10000, "wage22": 20000, "tr_other22": 20000}
    assert amounts(rows, ["A1:F1", "C2:E2", "C3:D3"]) == expected
    assert amounts(rows) == expected


def test_a_row_of_units_below_the_header(amounts):
    """Each column in its own unit."""
    rows = [["户编号", "年度", "工资性收入", "低保金"], ["", "", "万元", "元"], ["h1", 2022, 3, 1]]
    assert amounts(rows) == {"wage22": 30000, "tr_dibao22": 1}


def test_a_first_row_of_data_is_no_header(files, folder):
    """Also where a few of its cells are words that headers use."""
    text = "户编号,监测对象类别,识别监测时间,致贫/返贫风险1\nh1,边缘易致贫户,202305,因病\nh2,边缘易致贫户,202305,因病\n"
    (folder / "监测对象.csv").write_text(text, encoding="utf-8")
    assert files.read(folder).tables["monitoring"]["household_id"].tolist() == ["h1", "h2"]


def test_field_codes_above_the_header():
    """Names for programs above the header are no groups: what stands below each is the header."""
    rows = [
        ["AAC001", "AAB002", "AAR040", "AAC073"],
        ["户编号", "户主姓名", "年度", "工资性收入"],
        ["h1", "甲", "2024", "900"],
    ]
    assert find_header(rows).cells == ["户编号", "户主姓名", "年度", "工资性收入"]


def test_answers_beside_an_id_are_no_second_row_of_headers():
    """边缘易致贫户 and 未消除 could be headers, too: in a file of texts, what stands beside an id is a row."""
    rows = [["户编号", "监测对象类别", "风险状态"], ["h1", "边缘易致贫户", "未消除"], ["h2", "边缘易致贫户", "未消除"]]
    assert find_header(rows).end == 1


@pytest.mark.parametrize("words", [("上年", "本年"), ("去年", "今年"), ("上年度", "本年度"), ("计划", "实际")])
def test_of_two_years_below_a_group_that_of_the_sheet_counts(amounts, words):
    """Relative words stand in a second row of headers, below groups that are merged: they are no row of data."""
    rows = [["户编号", "年度", "工资性收入", ""], ["", "", *words], ["h1", "2022", 10, 20]]
    assert amounts(rows, ["A1:A2", "B1:B2", "C1:D1"]) == {"wage22": 20.0}


@pytest.mark.parametrize("words", [("甲类", "乙类"), ("县定", "村定"), ("本人", "其他人")])
@pytest.mark.parametrize("merged", [("A1:A2", "B1:B2", "C1:D1"), ()])
def test_words_that_nobody_knows_below_a_group_are_headers(files, tmp_path, words, merged):
    """They are no row of data, and the first of them is not what the group says: neither is read, the household named."""
    wb = openpyxl.Workbook()
    for row in (
        ["户编号", "年度", "工资性收入", None, "低保金"],
        [None, None, *words, None],
        ["h1", 2022, 1000, 2000, 5000],
    ):
        wb.active.append(row)
    for area in (*merged, *(("E1:E2",) if merged else ())):
        wb.active.merge_cells(area)
    wb.save(tmp_path / "家庭收入.xlsx")
    pd.DataFrame({"户编号": ["h1"], "年度": [2022], "家庭人口数": [1]}).to_csv(tmp_path / "户信息.csv", index=False)
    register = files.read(tmp_path)
    assert register.tables["incomes"]["item"].tolist() == ["tr_dibao"]
    assert register.tables["incomes"]["amount_cny"].tolist() == [5000.0]
    named = register.problems[register.problems["code"] == "money_not_read"]
    assert named[["household_id", "column"]].to_numpy().tolist() == [["h1", f"工资性收入 > {word}"] for word in words]


def test_counts_below_an_amount_are_not_it_and_the_whole_year_is(amounts):
    """低保金 over how many persons, what a month brings, and what the year brought."""
    rows = [
        ["户编号", "年度", "低保金", "", "", "土地流转收入", ""],
        ["", "", "人数", "月标准", "全年", "亩数", "年金额"],
        ["h1", 2022, 2, 300, 7200, 3, 900],
    ]
    assert amounts(rows, ["A1:A2", "B1:B2", "C1:E1", "F1:G1"]) == {"prop_land22": 900, "tr_dibao22": 7200}


def test_a_count_of_persons_over_its_parts_is_none_of_them(files, tmp_path):
    """Men alone are not the household."""
    files.workbook(
        tmp_path / "户信息.xlsx",
        户信息=[["户编号", "年度", "家庭人口数", "", "户类型"], ["", "", "男", "女", ""], ["h1", 2022, 4, 2, "脱贫户"]],
    )
    households = files.read(tmp_path / "户信息.xlsx").tables["households"]
    assert households["household_id"].tolist() == ["h1"]
    assert households["size_declared"].isna().all()


def test_a_note_beside_rows_without_id_is_no_header():
    """Words below headers of their own are those of a row, also where its id is missing."""
    rows = [["户编号", "户主姓名", "工资性收入", ""], ["", "甲", "", "未报"], ["h2", "乙", "9", ""]]
    assert find_header(rows).end == 1


def test_lines_of_a_form_are_no_headers(tmp_path):
    """In a form the number stands beside 户编号: what is below are persons, whose names are no ids."""
    wb = openpyxl.Workbook()
    for row in (
        ["户编号", "2106241750", "户主", "蒋某", "人均纯收入", 4292],
        ["姓名", "与户主关系", "性别", "出生日期", "健康状况", "人编号"],
        ["蒋某", "户主", "男", "1964-06-01", "健康", "210624175001"],
    ):
        wb.active.append(row)
    wb.save(tmp_path / "家庭情况2024.xlsx")
    with pytest.raises(SchemaError, match="一户一表"):
        read_register(tmp_path)


@pytest.mark.parametrize("merged", [(), ("A1:A2", "B1:B2", "C1:D1", "E1:F1")])
def test_of_groups_of_two_times_those_of_now_count(amounts, merged):
    """识别时 and 目前 over the same items: what was when the household was recognised is not read."""
    rows = [
        ["户编号", "年度", "识别时", "", "目前", ""],
        ["", "", "工资性收入", "低保金", "工资性收入", "低保金"],
        ["h1", "2022", 1, 2, 30, 40],
    ]
    assert amounts(rows, merged) == {"wage22": 30.0, "tr_dibao22": 40.0}


def test_names_and_numbers_of_persons_are_headers_beside_another():
    """They are not read, but a row of them is the header and no title."""
    header = find_header([["户主身份证号", "姓名", "身份证号", "与户主关系"], ["1", "甲", "2", "户主"]])
    assert (header.cells, header.end) == (["户主身份证号", "姓名", "身份证号", "与户主关系"], 1)
    assert find_header([["户主", "甲", "身份证号", "2"], ["乙", "女", "丙", "男"]]).cells == []
