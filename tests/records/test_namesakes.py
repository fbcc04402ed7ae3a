"""A likeness that would lead to wrong figures is none."""

import pytest

from fanpin_risk.records.read.namesakes import may_mean, speaks_for_itself


@pytest.mark.parametrize(
    ("header", "name", "kind", "place"),
    [
        ("外出务工人数", "外出务工月数", "number", "work_months"),
        ("房屋间数", "房屋面积", "number", "house_area_m2"),
        ("流转面积", "耕地面积", "number", "farmland_mu"),
        ("享受低保人数", "低保金", "amount", "tr_dibao"),
        ("低保补助标准", "低保补助", "amount", "tr_dibao"),
        ("去年务工收入", "务工收入", "amount", "wage.work"),
        ("预计总收入", "总收入", "amount", "stated_gross_income"),
        ("收入增幅", "总收入", "amount", "stated_gross_income"),
        ("生活支出", "生产经营性支出", "amount", "business_cost"),
        ("生产投入", "生产经营性收入", "amount", "business_gross"),
        ("粮食", "粮食补贴", "amount", "tr_other.soil"),
        ("存款", "存款利息", "amount", "prop_other.interest"),
        ("保险金额", "防贫保险", "amount", "tr_other.insurance"),
        ("贷款金额", "借款金额", "amount", "debt_cny"),
        ("退出年份", "出生年份", "date", "birth_date"),
        ("是否贷款户", "是否在户", "bool", "present"),
        ("系统编号", "人编号", "id", "member_id"),
        ("预警等级", "残疾等级", "code", "grade"),
    ],
)
def test_what_is_not_about_the_same_is_not_the_same(header, name, kind, place):
    """Of other persons, things, times or money, however alike the two are written."""
    assert not may_mean(header, name, kind, place)


@pytest.mark.parametrize(
    ("header", "name", "kind", "place"),
    [
        ("务工月份数", "务工月数", "number", "work_months"),
        ("家庭人口数量", "家庭人口数", "number", "size_declared"),
        ("外出打工挣钱", "外出打工收入", "amount", "wage.work"),
        ("生产性投入", "生产性支出", "amount", "business_cost"),
        ("贷款余额", "家庭负债", "amount", "debt_cny"),
        ("风险消除的时间", "风险消除时间", "date", "eliminated_on"),
        ("有没有参加大病的保险", "是否参加大病保险", "bool", "ins_serious"),
        ("年人均可支配", "人均可支配收入", "amount", "stated_net_income_per_person"),
    ],
)
def test_what_is_written_otherwise_may_be_the_same(header, name, kind, place):
    """What all headers have in common does not count."""
    assert may_mean(header, name, kind, place)


def test_few_lists_have_values_that_say_what_they_are():
    """一级 may be anything, 边缘易致贫户 may not."""
    assert speaks_for_itself("type")
    assert not speaks_for_itself("grade")
