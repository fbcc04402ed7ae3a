"""One cell: an answer, or why it is none."""

import datetime as dt

import pandas as pd
import pytest

from fanpin_risk.visits.answers import VISIT_QUESTIONS
from fanpin_risk.visits.cell_answers import read_answer


@pytest.mark.parametrize("question", VISIT_QUESTIONS.values(), ids=VISIT_QUESTIONS)
def test_every_answer_is_read_in_both_languages(question):
    """Also with blanks around it and as its code."""
    for code, label in question.choices.items():
        expected = (code,) if question.several else code
        for text in (*label.in_every_language(), f" {label.shown('zh')}　", code):
            assert read_answer(question, text).value == expected


@pytest.mark.parametrize(
    ("code", "cell", "value"),
    [
        ("hardship", "因病、因残", ("illness", "disability")),
        ("hardship", "因病；因病,因学", ("illness", "schooling")),
        ("on", "2025年1月15日", pd.Timestamp("2025-01-15")),
        ("on", dt.date(2025, 1, 15), pd.Timestamp("2025-01-15")),
        ("on", 45672, pd.Timestamp("2025-01-15")),
        ("income_cny", "3,200.5元", 3200.5),
        ("income_cny", 3200, 3200.0),
        ("income_cny", "约3200", 3200.0),
        ("income_cny", "约 1,234,567.5 元", 1234567.5),
        ("income_cny", "\uff13\uff0c\uff12\uff10\uff10", 3200.0),
        ("who", " V01 ", "V01"),
        ("who", 7.0, "7"),
        ("verdict", "", None),
    ],
)
def test_what_is_written_is_understood(code, cell, value):
    """Days, amounts and several answers as people write them."""
    assert read_answer(VISIT_QUESTIONS[code], cell).value == value
    assert not read_answer(VISIT_QUESTIONS[code], cell).trouble


@pytest.mark.parametrize(
    ("code", "cell", "trouble"),
    [
        ("verdict", "对", "not_one_of"),
        ("verdict", "属实、不属实", "not_one_of"),
        ("hardship", "因病、贫穷", "not_one_of"),
        ("on", "昨天", "not_a_day"),
        ("on", "2025年1月", "not_a_day"),
        ("on", "2025-04-31", "not_a_day"),
        ("income_cny", "三千", "not_an_amount"),
        ("income_cny", "-5", "not_an_amount"),
        ("income_cny", "1,5", "doubtful_amount"),
        ("income_cny", "1\uff0c50元", "doubtful_amount"),
        ("income_cny", "1234,567", "doubtful_amount"),
        ("income_cny", "1,500,0", "doubtful_amount"),
        ("income_cny", "500 300", "doubtful_amount"),
        ("income_cny", "1.5,00", "doubtful_amount"),
        ("income_cny", "1e12", "not_an_amount"),
        ("who", "x" * 61, "not_one_of"),
    ],
)
def test_what_is_no_answer_is_named_and_not_blanked(code, cell, trouble):
    """It has a reason, and no value."""
    answer = read_answer(VISIT_QUESTIONS[code], cell)
    assert (answer.trouble, answer.value) == (trouble, None)
