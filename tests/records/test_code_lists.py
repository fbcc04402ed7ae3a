"""Texts of villages, and the codes that they mean."""

import pandas as pd
import pytest

from fanpin_risk.records.cells import parse
from fanpin_risk.records.schema import TABLES

BAD = "bad"  # the cell cannot be used

CASES = {
    ("members", "relation"): {
        "妻": "spouse", "户主的妻子": "spouse", "幼子": "son", "之长子": "son", "三女儿": "daughter",
        "婿": "son_in_law", "儿媳": "daughter_in_law",
        "户主之子": "son", "之孙女": "granddaughter", "外孙": "maternal_grandson", "后妈": "mother", "婆母": "husbands_mother",
        "堂弟": "other",
        "老大": BAD, "前妻": BAD, "外孙子女": BAD,
    },
    ("members", "labour"): {
        "半劳力": "weak", "弱劳动力、半劳动力": "weak", "全劳": "ordinary", "技能": "skilled", "丧失": "lost",
        "没有劳力": "none", "学生": BAD,
    },
    ("members", "education"): {
        "初一": "junior", "小学文化": "primary", "高小": "primary", "职中": "senior",
        "函授大专": "college3", "初中以下": BAD,
    },
    ("members", "student_stage"): {
        "初一": "junior", "三年级": "primary", "高三": "senior", "职高一年级": "vocational", "大班": "kindergarten",
        "不在校": None, "大一": BAD,
    },
    ("members", "health"): {
        "肢体二级": "disabled", "二级残疾": "disabled", "高血压、残疾二级": "chronic;disabled", "无残疾": BAD, "一级": BAD, "患病": BAD,
    },
    ("members", "work_place"): {"本乡": "township", "在家务农": None, "县外": BAD, "外地": BAD},
    ("disabilities", "category"): {"肢体二级": "physical", "二级智力残疾": "intellectual", "聋哑": BAD},
    ("disabilities", "grade"): {"肢体二级": "grade2", "Ⅱ级": "grade2", "三级残疾人": "grade3", "IV级": "grade4", "重度": BAD},
    ("households", "register_status"): {
        "已脱贫(享受政策)": "ex_poor", "2014年脱贫户": "ex_poor", "一般户": "general", "非脱贫户": "general", "监测户": BAD, "低保户": BAD,
    },
    ("households", "main_cause"): {"因大病": "illness", "缺少劳力": "labour", "因学致贫": "schooling", "年老": "other", "懒惰": BAD},
    ("monitoring", "risks"): {
        "因大病": "illness", "因病因残": "illness;disability", "就业不稳定": "unstable_work", "火灾": "accident", "因病，教育": BAD,
    },
    ("supports", "measure"): {
        "产业奖补": "industry", "扶贫小额信贷": "finance", "低保兜底": "social_security", "慰问": BAD,
        "产业帮扶-肉牛养殖": "industry", "公益性岗位（保洁员）": "public_post", "肉牛养殖-产业帮扶": BAD,
    },
}  # fmt: skip


@pytest.mark.parametrize(("table", "column"), CASES)
def test_texts_of_villages(read_cells, table, column):
    """What a careful person would understand is understood; what she would ask about is not guessed."""
    texts = CASES[table, column]
    assert dict(zip(texts, read_cells(list(texts), TABLES[table][column]), strict=True)) == texts


@pytest.mark.parametrize(
    ("table", "column", "asked_the_other_way", "answers"),
    [
        ("households", "safe_water", True, {"是": False, "否": True, "安全": True, "无困难": True, "有困难": False, "存在": False}),
        ("households", "safe_water", False, {"是": True, "达标": True, "不安全": False, "困难": False}),
        ("households", "unsafe_house", False, {"是": True, "安全": False, "C级危房": True, "无危房": False}),
        ("members", "dibao", False, {"农村低保": True, "B类": True, "停发": False, "集中供养": BAD}),
        ("members", "ins_basic_resident", True, {"是": False, "代缴": True, "未缴费": False, "农合": True}),
    ],
)  # fmt: skip
def test_answers_that_say_what_is_so(read_cells, table, column, asked_the_other_way, answers):
    """是 and 否 answer the question; 安全 or 停发 says what is so, whichever way the header asks."""
    factor = -1.0 if asked_the_other_way else 1.0
    assert read_cells(list(answers), TABLES[table][column], factor=factor) == list(answers.values())


def test_patterns_name_declared_codes_and_never_overrule_a_listed_text():
    """A pattern is of a code of its column, and a text that a list holds means what the list says."""
    for table in TABLES.values():
        for column in table.columns:
            assert set(column.patterns) <= set(column.codes), column.name
            for code, texts in column.codes.items():
                listed = [*texts, code]
                parsed = parse(pd.Series(listed), column).column.tolist()
                assert parsed in ([code] * len(listed), [[code]] * len(listed)), (table.name, column.name, code)
