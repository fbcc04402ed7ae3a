"""Families of names of income items."""

import pytest

from fanpin_risk.records.item_names import below, figure_named, node_named


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("外出务工工资收入", "wage.work"),
        ("村级公益岗位补贴", "wage_public_post"),
        ("生态护林员补助", "wage_public_post"),
        ("种植业总收入", "business_gross.crops"),
        ("养殖业成本", "business_cost.livestock"),
        ("经商收入", "business_gross.trade"),
        ("养牛纯收入", "business_net.livestock"),
        ("其他经营纯收入", "business_net.other"),
        ("村集体经济分红", "prop_dividend"),
        ("农村低保金", "tr_dibao"),
        ("低保金额", "tr_dibao"),
        ("计划生育奖励", "tr_family_planning"),
        ("今年工资性收入", "wages"),
        ("土特产收入", None),
        ("生活消费支出", "consumption"),
        ("医疗支出", None),
        ("临时救助金", None),
        ("去年低保金", None),
        ("务工地点", None),
        ("公益林", None),
    ],
)
def test_names_of_families_are_known_and_others_are_not_guessed(text, figure):
    """Each family is a pattern of whole names."""
    assert figure_named(text) == figure


@pytest.mark.parametrize(
    ("group", "text", "figure"),
    [
        ("生产经营性支出", "种植业", "business_cost.crops"),
        ("生产经营性收入", "其他", "business_gross.other"),
        ("工资性收入", "小计", "wages"),
        ("工资性收入", "公益岗位", "wage_public_post"),
        ("转移性收入", "计划生育", "tr_family_planning"),
        ("支出情况", "养殖业", "business_cost.livestock"),
        ("种植业", "支出", "business_cost.crops"),
        ("种植业", "纯收入", "business_net.crops"),
        ("生产经营", "收入", "business_gross"),
        ("转移性收入", "临时救助", None),
        ("支出", "合计", None),
        ("风险消除后", "工资性收入", None),
        ("转移性收入", "养殖", None),
    ],
)
def test_a_name_below_a_group_is_of_the_group(group, text, figure):
    """The same word means another figure below another group; what does not belong to it is not read."""
    assert below(figure_named(group), group, text) == figure


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("工资性收入合计", "wages"), ("其中:公益岗位收入", "wage_public_post"), ("家庭纯收入", "stated_net_income"),
        ("年人均纯收入", "stated_net_income_per_person"), ("家庭年总收入", "stated_gross_income"), ("上年人均纯收入", None),
        ("风险消除后工资性收入", None), ("家庭经营净收入", "business_net"), ("其他转移性收入小计", "tr_other"), ("耕地面积", None),
        ("全年工资性收入", "wages"),
    ],
)  # fmt: skip
def test_headers_name_figures_of_this_year(text, code):
    """Words around a name do not change what it is, unless they make it another year's."""
    assert node_named(text) == code
