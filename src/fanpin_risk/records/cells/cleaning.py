"""Texts without what spreadsheets and their users leave in them, and the cells that stand for "not known"."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

__all__ = ["EXCEL_DIGITS", "EXCEL_ERROR", "MISSING", "as_text", "clean_text", "normal_width", "plain_signs"]

# Cells that say "nothing known", compared in lower case. "无" is left out: for some columns it is an answer.
MISSING = frozenset(
    ("", "na", "n/a", "nan", "nat", "null", "none", "<na>", "\\n", "nil", "-", "--", "—", "——", "–", "/", "\\")
) | {"无数据", "暂无", "不详", "未知", "空", "(空)", "空白"}
EXCEL_ERROR = re.compile(
    r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|GETTING_DATA|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!|FORMULA!)",
    re.IGNORECASE,
)
EXCEL_DIGITS = 10**15  # Excel keeps 15 significant digits of a number
# Characters without a shape: controls, zero-width marks, and halves of pairs left by a wrong decoding.
INVISIBLE = [*range(9), *range(14, 32), *range(127, 160), 0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF]
SHAPELESS = dict.fromkeys([*INVISIBLE, *range(0xD800, 0xE000)])
# Signs that are written in several ways: minus signs, and radicals that stand for characters in texts copied from PDF.
SAME_SIGN = str.maketrans(
    "−﹣－⼾戶戸⾒⾞⾧⾨⾵⾺⿂⿃⿈⾴⾙⻅⻋⻓⻔⻘⻛⻝⻢⻥⻦⻩⻬⻰⺠⺟⻆⻉⻚⻜⻣⻤⻨⻁⻄",
    "---户户户见车长门风马鱼鸟黄页贝见车长门青风食马鱼鸟黄齐龙民母角贝页飞骨鬼麦虎西",
)


def plain_signs(text: str) -> str:
    """Return text in half-width form (NFKC) with one sign for those that are written in several ways.

    Examples
    --------
    >>> plain_signs("⼾编号（１）")
    '户编号(1)'
    """
    return unicodedata.normalize("NFKC", text.translate(SAME_SIGN)).translate(SAME_SIGN)


def normal_width(text: str) -> str:
    """Return text in half-width form (NFKC), one kind of minus sign, without invisible characters and outer blanks.

    Examples
    --------
    >>> normal_width("　（１２３）\u200b ")
    '(123)'
    """
    if text.isascii() and text.isalnum():
        return text
    return clean_text(plain_signs(text))


def clean_text(text: str) -> str:
    r"""Return text without what Excel and its users wrap around it: ``="..."``, a leading ``'``, odd blanks.

    Cleaning twice changes nothing more.

    Examples
    --------
    >>> clean_text('="0012"'), clean_text("'0012"), clean_text(" 0012\u00a0"), clean_text("a\t b")
    ('0012', '0012', '0012', 'a b')
    """
    if text.isascii() and text.isalnum():
        return text
    while True:
        before = text
        text = " ".join(text.translate(SHAPELESS).split())
        text = text.removeprefix("'")
        if text.startswith('="') and text.endswith('"') and len(text) > 2:
            text = text[2:-1].replace('""', '"')
        if text == before:
            return text


def as_text(cell: Any) -> str:
    """Return a cell in half-width form; numbers as Excel shows them.

    Examples
    --------
    >>> as_text("４１２"), as_text(412.0), as_text(0.5)
    ('412', '412', '0.5')
    """
    if isinstance(cell, str):
        return normal_width(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXCEL_DIGITS:
        return str(int(cell))
    return str(cell)
