"""Headers as offices write them, and columns that are not read."""

import pandas as pd
import pytest

from fanpin_risk.records.headers import NEGATED, read_heading
from fanpin_risk.records.schema import TABLES


def test_chinese_headers_and_values(frames):
    """Headers and values as offices write them give the same table as English ones."""
    chinese = {"人编号": ["p1"], "户编号": ["h1"], "年度": ["2023年"], "更新时间": ["2023/2/1"], "性别": ["女"], "出生日期": ["1960.5"],
               "健康状况": ["残疾，慢性病"], "劳动技能": ["弱劳动力"], "务工时间（月）": ["3"], "是否享受低保": ["是"]}  # fmt: skip
    english = {"member_id": ["p1"], "household_id": ["h1"], "valid_from": [pd.Timestamp("2023-01-01")],
               "recorded_at": [pd.Timestamp("2023-02-01")], "sex": ["female"], "birth_date": [pd.Timestamp("1960-05-01")],
               "health": ["chronic;disabled"], "labour": ["weak"], "work_months": [3.0], "dibao": [True]}  # fmt: skip
    pd.testing.assert_frame_equal(
        frames.read(members=chinese).tables["members"], frames.read(members=english).tables["members"]
    )


def test_columns_that_are_not_read(frames):
    """Undeclared columns are named once each; those that name persons too; a serial number is not worth a word."""
    register = frames.read(
        members=frames.MEMBERS | {"姓名": ["x"] * 3, "证件号码": ["y"] * 3, "爱好": ["z"] * 3, "序号": [1, 2, 3]}
    )
    assert frames.found(register) == [
        (None, "姓名", "personal_column_dropped", "warning"),
        (None, "证件号码", "personal_column_dropped", "warning"),
        (None, "爱好", "unknown_column", "warning"),
    ]


def test_two_columns_for_one(frames):
    """Of two headers that mean one column the declared name wins, and the other is reported."""
    register = frames.read(households=frames.HOUSEHOLDS | {"人数": [9, 9], "家庭人口数": [2, 1]})
    assert register.tables["households"]["size_declared"].tolist() == [2, 1]
    assert frames.found(register) == [
        (None, "人数", "second_column_ignored", "warning"),
        (1, "size_declared", "second_column_differs", "warning"),
        (2, "size_declared", "second_column_differs", "warning"),
    ]


def test_totals_beside_their_parts_are_not_counted_twice(frames):
    """A sum is read where it stands alone, and compared with its parts where they stand beside it."""
    alone = frames.read(incomes={"户编号": ["h1"], "年度": [2022], "财产性收入": [500], "转移性收入": [300]})
    assert alone.tables["incomes"]["item"].tolist() == ["prop_other", "tr_other"]
    beside = frames.read(
        incomes={"户编号": ["h1"], "年度": [2022], "财产性收入": [500], "土地流转收入": [200], "其他财产性收入": [300]}
    )
    assert beside.tables["incomes"][["item", "amount_cny"]].to_numpy().tolist() == [
        ["prop_land", 200],
        ["prop_other", 300],
    ]
    assert frames.found(beside) == []


def test_an_income_column_that_stands_twice(frames):
    """Two columns of one name are one where they say the same; where they differ nobody knows which is right."""
    columns = ["户编号", "年度", "工资性收入", "工资性收入"]
    frame = pd.DataFrame([["h1", 2022, 500, 700], ["h2", 2022, 500, 500]], columns=columns)
    register = frames.read(incomes=frame)
    kept = register.tables["incomes"][["household_id", "item", "amount_cny"]].fillna({"amount_cny": -1.0})
    assert kept.to_numpy().tolist() == [["h1", "stated_net_income", -1.0], ["h2", "wage", 500.0]]
    assert frames.found(register) == [(1, "wages", "columns_differ", "blanked")]


@pytest.mark.parametrize(
    ("table", "header", "column", "as_declared"),
    [
        ("households", "是否存在饮水安全问题", "safe_water", False),
        ("households", "饮水是否有困难", "safe_water", False),
        ("households", "饮水无困难", "safe_water", True),
        ("households", "是否解决饮水困难", "safe_water", True),
        ("households", "住房不安全", "unsafe_house", True),
        ("households", "是否无危房", "unsafe_house", False),
        ("households", "未搬迁", "resettled", False),
        ("members", "是否未参加居民医保", "ins_basic_resident", False),
        ("members", "没有参加养老保险", "pension_resident", False),
    ],
)
def test_questions_in_other_words_and_the_other_way_round(table, header, column, as_declared):
    """A question is known by what it asks about, and its yes is not taken for the yes of the opposite question."""
    heading = read_heading(TABLES[table], header)
    assert (heading.kind, heading.name, heading.unit != NEGATED) == ("column", column, as_declared)


def test_a_question_about_something_else_is_not_read():
    """What is asked of the household as a whole, or of a later time, is no column of its members."""
    for header in ("是否有家庭成员未参加城乡居民（职工）基本医疗保险", "风险消除后是否住房损毁", "脱贫不享受政策年度"):
        assert read_heading(TABLES["members"], header).kind == "unknown"


def test_a_number_of_persons_is_no_answer_to_a_question():
    """How many take part in insurance does not say of one person whether it does, and a bracket may turn a figure."""
    members, incomes = TABLES["members"], TABLES["incomes"]
    assert read_heading(members, "参加新农合（人数）").kind == "unknown"
    assert read_heading(members, "参加新农合（是/否）").name == "ins_basic_resident"
    assert read_heading(TABLES["households"], "家庭人口（人数）").name == "size_declared"
    assert read_heading(incomes, "人均纯收入（扣除自付后）").kind == "unknown"
    assert read_heading(incomes, "人均纯收入（预计）").kind == "unknown"
