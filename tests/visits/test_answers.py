"""What is asked at a visit: every column and answer of the sheet."""

import pytest

from fanpin_risk.policy import ENTITLEMENTS
from fanpin_risk.records.code_lists import RISK
from fanpin_risk.records.schema import TABLES
from fanpin_risk.visits.answers import FACT_KINDS, LINES_OF_FIELDS, MENDABLE, VISIT_QUESTIONS

CHOICES = {
    "mode": "入户 电话 视频 村委代访 未见到",
    "contact": "见到户主 见到成员 外出 查无此户 已死亡 已迁出 拒访",
    "verdict": "属实 部分属实 不属实 待核实",
    **dict.fromkeys(("food", "clothing", "schooling", "health_care", "housing", "water"), "有保障 无保障 不适用 未看"),
    "income": "一致 偏高 偏低 说不清",
    "copes": "能 部分 不能",
    "assets": "商品房/店面 车辆 企业 财政供养 无 其他",
    "consent": "已签 未签 拒签",
    "proposal": "纳入监测 继续关注 落实政策 消除风险 回退 数据更正 无需处理",
    "household_signed": "是 否",
}


@pytest.mark.parametrize("code", CHOICES)
def test_the_answers_are_those_of_the_form(code):
    """All of them, in their order, and no other."""
    assert [label.shown("zh") for label in VISIT_QUESTIONS[code].choices.values()] == CHOICES[code].split()


def test_hardships_are_the_risks_and_policies_those_that_are_asked_about():
    """The eleven risks of the register; every support that `entitlements` asks about, and none."""
    assert list(VISIT_QUESTIONS["hardship"].choices) == list(RISK)
    assert len(VISIT_QUESTIONS["hardship"].choices) == 11
    assert list(VISIT_QUESTIONS["policy_lacking"].choices) == ["none", *(rule.code for rule in ENTITLEMENTS)]


@pytest.mark.parametrize("question", VISIT_QUESTIONS.values(), ids=VISIT_QUESTIONS)
def test_no_two_answers_of_a_field_look_alike(question):
    """In either language, so that what is read back is one of them; fields of a row differ as well."""
    for lang in ("zh", "en"):
        labels = [label.shown(lang) for label in question.choices.values()]
        assert len(set(labels)) == len(labels)
    line = next(questions for _, questions in LINES_OF_FIELDS if question in questions)
    for lang in ("zh", "en"):
        assert len({one.label.shown(lang) for one in line}) == len(line)
    assert (question.kind == "choice") == bool(question.choices)


def test_facts_and_corrections_are_of_columns_that_there_are():
    """Each kind of a new fact is a code of its table, each cell that may be mended a column."""
    for kind in FACT_KINDS:
        table, column, *code = kind.split(".")
        assert table in TABLES
        assert not code or code[0] in TABLES[table][column].codes, kind
    for name in MENDABLE:
        table, column = name.split(".")
        assert column in TABLES[table]
