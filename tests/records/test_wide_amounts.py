"""Amounts of wide sheets: units, columns that are not understood, cells that cannot be used."""

import pytest

import fanpin_risk as fr

HOUSEHOLDS = "户编号,年度,户类型,家庭人口数\nA1,2023,脱贫户,2\nA2,2023,脱贫户,1\n"
MEMBERS = "人编号,户编号,年度,与户主关系,出生日期\nP1,A1,2023,户主,1970-01-01\nP2,A1,2023,配偶,1972-01-01\nP3,A2,2023,户主,1960-01-01\n"


@pytest.fixture
def per_person(tmp_path):
    """Net income per person and the problems of a register with a sheet of incomes."""

    def read(incomes, name="家庭收入"):
        texts = {"户信息": HOUSEHOLDS, "家庭成员": MEMBERS, name: incomes}
        for stem, text in texts.items():
            (tmp_path / f"{stem}.csv").write_text(text, encoding="utf-8")
        register = fr.read_register(tmp_path)
        income = fr.compute_features(register, "2025-06-30")["income_per_person"].round(2)
        return income.astype(object).where(income.notna(), None).to_dict(), register.problems

    return read


@pytest.mark.parametrize(
    ("header", "a1", "a2"),
    [
        ("工资性收入（分）", 2000000, 3000000),
        ("工资性收入（角）", 200000, 300000),
        ("工资性收入：万元", 2, 3),
        ("工资性收入_千元", 20, 30),
        ("工资性收入（元/季度）", 5000, 7500),
        ("工资性收入（元/人）", 10000, 30000),
        ("人均工资性收入", 10000, 30000),
        ("一、工资性收入/元", 20000, 30000),
        ("外出务工工资收入", "2万", "3万元"),
    ],
)
def test_amounts_are_read_in_the_unit_of_their_header(per_person, header, a1, a2):
    """Each way to say 20,000 and 30,000 yuan a year."""
    income, problems = per_person(f"户编号,年度,{header},转移性收入\nA1,2023,{a1},100\nA2,2023,{a2},100\n")
    assert income == {"A1": 10050.0, "A2": 30100.0}
    assert set(problems["code"]) <= {"unit_applied"}


@pytest.mark.parametrize(
    "title", ["2023年收入表（万元）,,,", "收入表,,单位（万元）,", "收入表,单位,万元,", "（万元）,,,"]
)
def test_amounts_are_read_in_the_unit_of_the_title(per_person, title):
    """The unit of the sheet holds where a header names none, and is told for each column."""
    income, problems = per_person(f"{title}\n户编号,年度,工资性收入,转移性收入（元）\nA1,2023,2,100\nA2,2023,3,100\n")
    assert income == {"A1": 10050.0, "A2": 30100.0}
    assert problems.loc[problems["code"] == "unit_applied", "column"].tolist() == ["工资性收入"]


def test_the_unit_may_stand_in_the_name_of_the_file(per_person):
    """As exports are named."""
    income, _ = per_person(
        "户编号,年度,工资性收入,转移性收入\nA1,2023,2,0.01\nA2,2023,3,0.01\n", name="家庭收入（万元）"
    )
    assert income == {"A1": 10050.0, "A2": 30100.0}


@pytest.mark.parametrize("header", ["土特产收入", "转移性收入（美元）", "转移性收入（上半年）", "礼金（元）"])
def test_money_that_is_not_understood_names_its_households(per_person, header):
    """With the household, the column and the amount; an empty cell and a 0 concern nobody."""
    _, problems = per_person(f"户编号,年度,工资性收入,{header}\nA1,2023,20000,1.2万\nA2,2023,30000,0\n")
    lost = problems[problems["code"] == "money_not_read"]
    assert lost[["household_id", "column", "stated"]].to_numpy().tolist() == [["A1", header, 12000.0]]


def test_a_title_whose_unit_is_not_understood_names_all_households(per_person):
    """Nothing in the sheet can be used."""
    income, problems = per_person("单位：美元,,\n户编号,年度,工资性收入\nA1,2023,20000\nA2,2023,30000\n")
    assert income == {"A1": None, "A2": None}
    assert set(problems.loc[problems["code"] == "money_not_read", "household_id"]) == {"A1", "A2"}


@pytest.mark.parametrize(
    ("header", "a1", "expected"),
    [
        ("经营净收入", "-500", 9750.0),
        ("转移净收入", "(300)", 9850.0),
        ("种植业纯收入", "负1000", 9500.0),
        ("纯收入", "-500", 10000.0),
        ("生产经营性收入", "-500", None),
        ("生产经营性支出", "-500", None),
        ("低保金", "不详", None),
        ("低保金", "五百", None),
        ("低保金", "无", 10000.0),
        ("低保", "是", 10000.0),
        ("低保金", "约500", 10250.0),
    ],
)
def test_losses_are_kept_and_doubtful_cells_leave_income_unknown(per_person, header, a1, expected):
    """A row is never lost for one cell, and income is never the sum of what happens to be known."""
    income, problems = per_person(f"户编号,年度,工资性收入,{header}\nA1,2023,20000,{a1}\nA2,2023,30000,0\n")
    assert income == {"A1": expected, "A2": 30000.0}
    assert "rejected" not in set(problems["severity"])
    assert ("A1" in set(problems["household_id"])) is (expected is None or header == "纯收入" or a1.startswith("约"))


def test_what_is_stated_counts_where_an_amount_cannot_be_used(per_person):
    """The sheet's own sum is known, a part of it is not."""
    income, _ = per_person(
        "户编号,年度,工资性收入,低保金,人均纯收入\nA1,2023,20000,不详,10400\nA2,2023,30000,0,30000\n"
    )
    assert income == {"A1": 10400.0, "A2": 30000.0}


@pytest.mark.parametrize(
    "header",
    [
        "工资性收入（2022年）,工资性收入（2023年）",
        "2022年工资性收入,2023年工资性收入",
        "工资性收入2022,工资性收入2023",
        "22年工资性收入,23年工资性收入",
    ],
)
@pytest.mark.parametrize("year", ["", ",年度"])
def test_years_side_by_side_are_never_added(per_person, header, year):
    """With or without a column of years beside them."""
    of = ",2023" if year else ""
    income, _ = per_person(f"户编号{year},{header}\nA1{of},8000,20000\nA2{of},9000,30000\n")
    assert income == {"A1": 10000.0, "A2": 30000.0}


@pytest.mark.parametrize("item", ["收入类别", "收入名称", "类别", "指标", "收入来源"])
def test_a_row_for_each_amount(per_person, item):
    """Whatever the column of items is called, and with numbers and 其中 before them."""
    income, _ = per_person(
        f"户编号,年度,{item},金额（百元）\nA1,2023,一、工资性收入,200\nA1,2023,其中：外出打工收入,150\nA2,2023,农村低保金,3\n"
    )
    assert income == {"A1": 10000.0, "A2": 300.0}


def test_amounts_per_person_need_a_head_count(tmp_path):
    """Without one the household is named, and its income is unknown."""
    (tmp_path / "户信息.csv").write_text("户编号,年度,户类型\nA1,2023,脱贫户\n", encoding="utf-8")
    (tmp_path / "家庭收入.csv").write_text("户编号,年度,工资性收入（元/人）\nA1,2023,9000\n", encoding="utf-8")
    problems = fr.read_register(tmp_path).problems
    assert problems.loc[problems["code"] == "no_head_count", "household_id"].tolist() == ["A1"]


WORKERS = "人编号,户编号,年度,与户主关系,出生日期,{}\nP1,A1,2023,户主,1970-01-01,{}\n"
WORKERS += "P2,A1,2023,配偶,1972-01-01,{}\nP3,A2,2023,户主,1960-01-01,{}\n"


@pytest.mark.parametrize(
    ("headers", "cells", "income", "codes"),
    [
        ("月工资（元）,务工时间（月）", ("3000,10", "2000,5", "2500,"), {"A1": 20000, "A2": None}, {"A2": "months_unknown"}),
        ("务工月收入,务工月数", ("3000,10", ",", "2500,4"), {"A1": 15000, "A2": 10000}, {}),
        ("打工每月工资,累计务工月数", ("0.3万,10", ",", "2500,0"), {"A1": 15000, "A2": None}, {"A2": "months_unknown"}),
        ("月工资,务工月数,务工收入", ("3000,10,30000", "2000,5,12000", "1,,25000"), {"A1": 21000, "A2": 25000},
         {"A1": "monthly_wage_differs"}),
        ("月工资", ("3000", "2000", "2500"), {"A1": None, "A2": None}, {"A1": "months_unknown", "A2": "months_unknown"}),
        ("月工资,务工时间（天）", ("3000,90", "", "2500,20"), {"A1": None, "A2": None}, {"A1": "months_unknown"}),
        ("公益岗位补贴（元/月）,公益性岗位月数", ("800,12", ",", "600,6"), {"A1": 4800, "A2": 3600}, {}),
    ],
)  # fmt: skip
def test_wages_by_month(tmp_path, headers, cells, income, codes):
    """The months beside it make a wage of the year; without them it is not read, never taken twelve times."""
    cells = [cell or "," * headers.count(",") for cell in cells]
    for stem, text in {"户信息": HOUSEHOLDS, "家庭成员": WORKERS.format(headers, *cells)}.items():
        (tmp_path / f"{stem}.csv").write_text(text, encoding="utf-8")
    register = fr.read_register(tmp_path)
    found = fr.compute_features(register, "2025-06-30")["income_per_person"]
    assert found.astype(object).where(found.notna(), None).to_dict() == income
    assert "wage_by_month" in set(register.problems["code"])
    for household, code in codes.items():
        named = set(register.problems.loc[register.problems["household_id"] == household, "code"])
        assert code in named


def test_a_kind_of_income_by_month_is_taken_twelve_times(per_person):
    """工资性收入（元/月） is what a household has each month, not what a person is paid while at work."""
    income, problems = per_person("户编号,年度,工资性收入（元/月）\nA1,2023,1000\nA2,2023,500\n")
    assert (income, set(problems["code"])) == ({"A1": 6000, "A2": 6000}, {"unit_applied"})


def test_a_unit_in_a_cell_leaves_the_month_of_its_header(per_person):
    """300元 below 元/月 is paid twelve times, as 300 is."""
    income, _ = per_person("户编号,年度,低保金（元/月）\nA1,2023,300元\nA2,2023,300\n")
    assert income == {"A1": 1800, "A2": 3600}


def test_a_second_column_that_asks_the_opposite_agrees_by_its_no(exports):
    """正常 is no to 是否销户; a yes contradicts it."""
    register = exports.read(户信息="户编号,户状态,是否销户\nh1,正常,否\nh2,正常,是\n", 成员="")
    found = {household for household, _, code in exports.found(register) if code == "second_column_differs"}
    assert found == {"h2"}


def test_where_money_was_not_read_what_the_sheet_states_is_the_income(per_person):
    """A sum of some of the amounts is no income; the sheet's own figure is, and where there is none it is not known."""
    income, problems = per_person(
        "户编号,年度,务工,工资性收入,低保金,人均纯收入\nA1,2023,9000,500,300,4900\nA2,2023,0,600,99,699\n"
    )
    assert income == {"A1": 4900, "A2": 699}
    differs = problems[problems["code"] == "stated_differs"]
    assert differs["household_id"].tolist() == ["A1"]
    assert "采用表中填写的数" in differs["message_zh"].iloc[0]


def test_income_is_unknown_where_more_was_not_read_than_read(per_person):
    """What is left of such a row, maybe only costs, is no income."""
    income, _ = per_person("户编号,年度,务工,工资性收入,低保金\nA1,2023,9000,500,300\nA2,2023,200,600,99\n")
    assert income == {"A1": None, "A2": 699}


def test_of_two_stated_figures_beside_unread_money_that_per_person_counts(per_person, tmp_path):
    """Both are the sheet's own; none stands twice among the records."""
    income, _ = per_person(
        "户编号,年度,务工,工资性收入,低保金,家庭纯收入,人均纯收入\nA1,2023,9000,500,300,9800,4900\nA2,2023,0,600,99,699,699\n"
    )
    assert income == {"A1": 4900, "A2": 699}
    incomes = fr.read_register(tmp_path).tables["incomes"]
    assert not incomes.duplicated(["household_id", "period_end", "item"]).any()
