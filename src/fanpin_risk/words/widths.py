"""How wide texts are: lines of a given width, cut texts, percentages."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["percent", "shortened", "width", "wrapped"]

# What stays together: a word or number, or one Chinese character, with the brackets and stops around it.
TOKENS = re.compile(r"[（《“]*(?:[!-~–]+|[^\s!-~])[，。、；：）》”]*|\s+")


def width(text: str) -> int:
    """Return how wide a text is, in Latin letters; a Chinese character is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def wrapped(text: str, columns: int) -> str:
    """Break a text into lines no wider than `columns` Latin letters, also where Chinese has no blanks.

    Examples
    --------
    >>> print(wrapped("近12个月看病自付1,530元，相当于家庭年纯收入的21%", 20))
    近12个月看病自付
    1,530元，相当于家庭
    年纯收入的21%
    """
    lines = [""]
    for token in TOKENS.findall(text):
        if width(lines[-1] + token.rstrip()) > columns and lines[-1]:
            lines.append("")
        lines[-1] += token if lines[-1] or not token.isspace() else ""
    return "\n".join(line.rstrip() for line in lines)


def shortened(text: str, columns: int) -> str:
    """Cut a text that is wider than `columns` Latin letters, and say so by three dots.

    Examples
    --------
    >>> shortened("虚拟县第一镇", 8), shortened("虚拟县", 8)
    ('虚拟县…', '虚拟县')
    """
    if width(text) <= columns:
        return text
    end = columns
    while width(text[:end]) > columns - 2:
        end -= 1
    return f"{text[:end]}…"


def percent(share: float) -> str:
    """Write a share as a percentage with the digits that it deserves.

    Examples
    --------
    >>> percent(0.0004), percent(0.0123), percent(0.5), percent(0.9996)
    ('<0.1%', '1.2%', '50%', '>99.9%')
    """
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{100 * share:.1f}".removesuffix(".0") + "%"
