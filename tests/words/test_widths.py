"""Texts of pictures."""

import pytest

from fanpin_risk.words.widths import percent, shortened, width, wrapped


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("人均纯收入偏低", 8, ["人均纯收", "入偏低"]),
        ("人均纯收入，偏低", 10, ["人均纯收", "入，偏低"]),
        ("the income of the household", 12, ["the income", "of the", "household"]),
        ("自付1,530元", 6, ["自付", "1,530", "元"]),
        ("（8,500元）的67%", 9, ["（8,500", "元）的67%"]),
        ("short", 40, ["short"]),
        ("", 40, [""]),
        ("unbreakablylong", 5, ["unbreakablylong"]),
    ],
)
def test_lines_break_between_characters_never_within_numbers_or_before_stops(text, columns, lines):
    """A Chinese sentence wraps anywhere but within a number and before what closes a phrase."""
    assert wrapped(text, columns).split("\n") == lines


def test_long_names_are_cut_and_show_it():
    """What fits stays whole; what does not ends in three dots, within the width."""
    assert [shortened(text, 8) for text in ("12345678", "123456789", "虚拟县一", "虚拟县一镇", "")] == [
        "12345678", "123456…", "虚拟县一", "虚拟县…", "",
    ]  # fmt: skip


def test_a_chinese_character_is_as_wide_as_two_letters():
    """Lines of both languages come out about as long."""
    assert (width("返贫risk"), width("（）")) == (8, 4)


def test_percentages_never_claim_certainty():
    """Only what is 0 or 1 is written so."""
    assert [percent(share) for share in (0, 0.0001, 0.0221, 0.3, 0.99951, 1)] == [
        "0%", "<0.1%", "2.2%", "30%", ">99.9%", "100%",
    ]  # fmt: skip
