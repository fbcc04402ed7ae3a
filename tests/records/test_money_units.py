"""Units of money as sheets write them, and what only looks like one."""

import math

import pytest

from fanpin_risk.records.cells.money_units import MoneyUnit, looks_like_unit, money_note, money_unit


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("元", MoneyUnit(1.0)),
        ("单位：元", MoneyUnit(1.0)),
        ("RMB", MoneyUnit(1.0)),
        ("人民币万元", MoneyUnit(1e4)),
        ("角", MoneyUnit(0.1)),
        ("分", MoneyUnit(0.01)),
        ("百元", MoneyUnit(100.0)),
        ("十万元", MoneyUnit(1e5)),
        ("元/月", MoneyUnit(1.0, 12.0)),
        ("元/季度", MoneyUnit(1.0, 4.0)),
        ("元/人", MoneyUnit(1.0, 1.0, per_person=True)),
        ("万元/(人·年)", MoneyUnit(1e4, 1.0, per_person=True)),
        ("每月", MoneyUnit(None, 12.0)),
        ("户", MoneyUnit()),
        ("美元", None),
        ("元/亩", None),
        ("元/天", None),
        ("月", None),
        ("含务工", None),
    ],
)
def test_units_are_understood_or_not(text, unit):
    """What is understood has a factor; what is not has none, never that of the yuan."""
    assert money_unit(text) == unit


@pytest.mark.parametrize(
    ("text", "like"), [("美元", True), ("元/亩", True), ("%", True), ("含务工", False), ("2023年", False)]
)
def test_what_looks_like_a_unit(text, like):
    """A remark in brackets makes no column doubtful."""
    assert looks_like_unit(text) is like


@pytest.mark.parametrize(
    ("titles", "factor"),
    [
        (["2023年收入表（万元）"], 1e4),
        (["单位（万元）"], 1e4),
        (["单位", "万元"], 1e4),
        (["金额单位：人民币分"], 0.01),
        (["数据以千元计"], 1e3),
        (["填报单位：青松镇 单位：百元"], 100.0),
        (["单位：户、人、万元"], 1e4),
        (["低保金发放表(元/月)"], 12.0),
        (["填报单位：青松镇"], None),
        (["2023年元月"], None),
        (["帮扶单位：县财政局"], None),
    ],
)
def test_titles_name_the_unit_of_a_sheet(titles, factor):
    """With or without the word, in brackets or in a cell of its own; the office that fills in a sheet is no unit."""
    assert money_note(titles) == factor


@pytest.mark.parametrize("title", ["单位：美元", "单位：元、万元", "收入表（美元）", "单位：元/人"])
def test_titles_whose_unit_is_not_understood(title):
    """Then amounts could be anything."""
    assert math.isnan(money_note([title]))


def test_names_count_where_no_title_says_anything():
    """The sheet before the file."""
    assert money_note([], ["收入（千元）", "收入_万元"]) == 1e3
    assert money_note(["单位：元"], ["收入_万元"]) == 1.0
    assert money_note([], ["三元村"]) is None
