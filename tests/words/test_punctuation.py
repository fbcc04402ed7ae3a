"""Marks of sentences that another package put together."""

import pytest

from fanpin_risk.words import in_language
from fanpin_risk.words.punctuation import punctuated


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("缺少选项 '--as-of'.", "缺少选项 '--as-of'。"),
        ("没有选项 '--x'。 是否指 '--a', '--b'？", "没有选项 '--x'。是否指 '--a'、'--b'？"),
        ("应为日期（如 2024-12-31），现为 'x'", "应为日期（如 2024-12-31），现为 'x'。"),
        ("文件 'a.b. c' 不存在。", "文件 'a.b. c' 不存在。"),
        ("5.5 不在范围 1.8<=x<=3.9 之内。", "5.5 不在范围 1.8<=x<=3.9 之内。"),
    ],
)
def test_chinese_has_chinese_marks(text, chinese):
    """Names keep theirs."""
    assert punctuated(text, "zh") == chinese


def test_english_ends_with_a_stop():
    """Nothing else is changed; the language is that of the run."""
    with in_language("en"):
        assert [punctuated(text) for text in ("a 'b', 'c'", "a?", "(a)", "a.")] == ["a 'b', 'c'.", "a?", "(a)", "a."]
