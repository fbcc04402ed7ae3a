"""What is found wrong is said in both languages, and without what stands in the cells."""

import pandas as pd

from fanpin_risk.records.problems import Problems
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message


def test_messages_in_both_languages(frames):
    """A problem says in Chinese and English which row and column, what was expected, and what happens now."""
    register = frames.read(
        incomes=frames.incomes(amount_cny=["-5"]), households=frames.HOUSEHOLDS | {"unsafe_house": ["maybe", "是"]}
    )
    assert register.problems["message"].tolist() == [
        "row 1, unsafe_house: expected yes or no (是/否, 1/0); cell left blank",
        "row 1, amount_cny: expected a number from 0 to 100,000,000 (CNY); row rejected",
    ]
    assert register.problems["expected"].iloc[0] == "yes or no (是/否, 1/0)"
    assert register.problems["expected_zh"].tolist() == ["应填“是”或“否”", "应为非负数（元），且不超过 100,000,000"]
    assert register.problems["message_zh"].tolist() == [
        "第 1 行 是否危房户：应填“是”或“否”，该单元格按空白处理",
        "第 1 行 金额：应为非负数（元），且不超过 100,000,000，该行已退回，请改正后重新导入",
    ]


def test_no_message_shows_a_value(frames):
    """Whatever stands in the cells, no message holds it."""
    secret = "SECRET4711"
    tables = {
        name: {column.name: [secret] for column in table.columns if column.need not in ("key", "required")}
        | {column.name: [secret] for column in table.columns if column.type != "id"}
        | {column.name: ["h1"] for column in table.columns if column.type == "id"}
        for name, table in TABLES.items()
    }
    register = frames.read(**tables)
    assert len(register.problems) > 100
    assert not register.problems.apply(lambda column: column.astype("str").str.contains(secret)).any().any()


def test_many_notes_are_put_together_at_once(monkeypatch):
    """Not a frame for each of them: that took minutes for 100,000 notes."""
    problems = Problems()
    for number in range(50):
        problems.note(table="", source=f"f{number}.csv", code="unknown_file_type", text=Message("was not read"))
    monkeypatch.setattr(pd, "concat", None)
    assert problems.frame()["source"].tolist() == [f"f{number}.csv" for number in range(50)]
