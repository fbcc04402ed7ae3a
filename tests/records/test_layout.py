"""All headers of a sheet together: what is read, compared, or named as doubtful.

Also of records/unread_columns.py, what is said of columns that are not read.
"""

from fanpin_risk.records.amount_headers import years_in
from fanpin_risk.records.layout import doubtful_columns, lay_out
from fanpin_risk.records.schema import TABLES

INCOMES = TABLES["incomes"]


def test_columns_of_a_year_are_read_for_that_year():
    """Items of two years are never added up."""
    headers = ["户编号", "工资性收入（2022年）", "工资性收入（2023年）", "低保金"]
    assert years_in(headers) == [2022, 2023]
    assert lay_out(INCOMES, headers).items == {"tr_dibao": [(3, 1.0)]}
    assert lay_out(INCOMES, headers, year=2022).items == {"wages": [(1, 1.0)]}


def test_units_are_applied_and_told():
    """A factor for each column, and which of them are per person."""
    layout = lay_out(INCOMES, ["户编号", "低保金（分）", "养老金（元/人）", "财产性收入"], money=1e4)
    assert layout.items == {"tr_dibao": [(1, 0.01)], "tr_pension": [(2, 1.0)], "property": [(3, 1e4)]}
    assert (layout.units, layout.per_person) == ({1: ("分", 0.01), 2: ("元/人", 1.0), 3: ("", 1e4)}, {2})


def test_an_amount_per_person_beside_that_of_the_household_is_not_added():
    """The household's amount is read, in whatever order the two stand."""
    for headers in (["低保金", "人均低保金"], ["人均低保金", "低保金"]):
        layout = lay_out(INCOMES, headers)
        assert (layout.items, layout.per_person) == ({"tr_dibao": [(headers.index("低保金"), 1.0)]}, set())


def test_amounts_in_a_unit_that_is_not_understood_are_not_read():
    """Neither in a sheet nor in a column; a column of another kind says why it is left out."""
    assert lay_out(INCOMES, ["户编号", "低保金（美元）"]).items == {}
    assert lay_out(INCOMES, ["户编号", "低保金"], money=float("nan")).items == {}
    assert lay_out(TABLES["members"], ["人编号", "务工时间（天）"]).left_out == [(1, "unit_not_understood")]


def test_what_looks_like_money_and_is_not_read_is_doubtful():
    """What a household spends or owes, dates and remarks are not; nor is what a user says of it."""
    headers = [
        "低保金（美元）",
        "土特产收入",
        "医疗支出",
        "贷款金额",
        "补贴发放时间",
        "2022年低保金",
        "礼金(元)",
        "户编号",
        "上年纯收入",
    ]
    assert doubtful_columns(headers, set()) == [0, 1, 5, 6]
    assert doubtful_columns(headers, {1}) == [0, 5, 6]


def test_an_item_column_beside_amounts_side_by_side_is_of_something_else():
    """类别 in a wide sheet is a class of households."""
    layout = lay_out(INCOMES, ["户编号", "年度", "类别", "低保金"])
    assert layout.columns.keys() == {"household_id", "period_end"}
