"""Headers of amounts: numbers before them, units and years around them, groups above them."""

import pytest

from fanpin_risk.records.amount_headers import read_amount_header, year_named
from fanpin_risk.records.cells.money_units import MoneyUnit
from fanpin_risk.records.income_items import NODES


@pytest.mark.parametrize(
    "header",
    [
        "一、工资性收入",
        "（一）工资性收入",
        "1.工资性收入",
        "①工资性收入",
        "Ⅰ.工资性收入",
        "A.工资性收入",
        "A1.工资性收入",
        "加：（一）工资性收入",
        "★工资性收入",
        "其中：工资性收入",
        "2.1 工资性收入",
        "工资性收入/元",
        "工资性收入_元",
        "工资性收入 元",
        "工资性收入：元",
        "工资性收入元",
        "工资性收入（含公益岗）",
        "工资性收入（5=1+2）",
        "工资性\n收入",
    ],
)
def test_numbers_and_marks_change_nothing(header):
    """Whatever stands around the name, it is the same figure in yuan, of no year."""
    read = read_amount_header(header)
    assert (read.figure, read.year, read.unclear) == ("wages", None, "")
    assert read.unit in (None, MoneyUnit(1.0))


def test_a_sign_before_a_header_is_of_costs_or_of_incomes():
    """减 before a cost says what a cost is anyway; before an income it would turn its sign, and is not understood."""
    assert read_amount_header("减：（三）生产经营性支出").figure == "business_cost"
    assert read_amount_header("减去：种植业支出（元）").figure == read_amount_header("种植业支出").figure != ""
    assert read_amount_header("减：转移性收入").figure == read_amount_header("加：生产经营性支出").figure == ""


@pytest.mark.parametrize(
    ("header", "figure", "year"),
    [
        ("工资性收入2023", "wages", 2023),
        ("2023工资性收入", "wages", 2023),
        ("工资性收入（2022年）", "wages", 2022),
        ("23年人均纯收入", "stated_net_income_per_person", 2023),
        ("二〇二二年工资性收入", "wages", 2022),
        ("2022年1-12月工资性收入", "wages", 2022),
        ("2022年（工资性收入）", "wages", 2022),
        ("2022年 > 转移性收入 > 其他", "tr_other", 2022),
    ],
)
def test_years_are_read_wherever_they_stand(header, figure, year):
    """A year before or behind a name, in brackets, or as a group."""
    read = read_amount_header(header)
    assert (read.figure, read.year, read.unclear) == (figure, year, "")


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("工资性收入：万元", MoneyUnit(1e4)),
        ("低保金（元/月）", MoneyUnit(1.0, 12.0)),
        ("人均工资性收入", MoneyUnit(per_person=True)),
        ("月低保金", MoneyUnit(times=12.0)),
        ("收入（万元） > 低保金", MoneyUnit(1e4)),
        ("收入（万元） > 低保金（元）", MoneyUnit(1.0)),
        ("纯收入（元/人）", MoneyUnit(1.0)),
    ],
)
def test_units_are_read_wherever_they_stand(header, unit):
    """What stands lower goes before; net income per person is a figure of its own."""
    read = read_amount_header(header)
    assert (read.unit, read.unclear, bool(read.figure)) == (unit, "", True)


@pytest.mark.parametrize(
    ("header", "unclear"),
    [
        ("转移性收入（美元）", "美元"),
        ("务工收入（月）", "月"),
        ("工资性收入（上半年）", "上半年"),
        ("2023年1-6月工资性收入", "1-6月"),
        ("工资性收入（元）（万元）", "万元,元"),
    ],
)
def test_what_is_not_understood_makes_an_amount_unclear(header, unclear):
    """Its column is not read, and says so."""
    assert read_amount_header(header).unclear == unclear


def test_a_total_without_a_part_is_the_rest():
    """工资性收入 without public posts is no total that holds them."""
    assert read_amount_header("工资性收入（不含公益岗）").figure == "wage"
    assert read_amount_header("生产经营性收入（不含种植业）").unclear != ""


def test_figures_of_another_time_and_plain_texts_are_none_of_this_years():
    """Plans, last year, and headers of other columns."""
    for header in (
        "上年工资性收入",
        "工资性收入（预计）",
        "风险消除后 > 低保金",
        "户编号",
        "2023年",
        "致贫/返贫风险1",
        "甲",
    ):
        assert read_amount_header(header).figure == ""


def test_every_listed_name_is_read_as_itself():
    """No number, unit or year is seen where none is."""
    names = {name: code for code, node in NODES.items() for name in node.names}
    assert {name: read_amount_header(name).figure for name in names} == names


def test_one_year_is_named_or_none():
    """Several years, or a part of one, are not a year."""
    assert [year_named(text) for text in ("2022年度", "2021-2022年", "2023年第一季度", "合计")] == [
        2022,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("header", "figure"),
    [
        ("人均纯收入（扣除自付后）", ""),
        ("纯收入（减去医疗支出）", ""),
        ("纯收入（扣除生产经营支出后）", "stated_net_income"),
        ("个人年收入", ""),
        ("成员总收入", ""),
        ("本人务工收入", "wage.work"),
        ("工资性收入 > 本人", ""),
        ("养老金 > 全年金额", "tr_pension"),
        ("养老金 > 年均", ""),
    ],
)
def test_words_around_a_name_may_change_what_it_is(header, figure):
    """What is taken off net income, whose income it is, and of what time."""
    assert read_amount_header(header).figure == figure
