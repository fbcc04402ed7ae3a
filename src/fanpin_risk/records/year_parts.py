"""Parts of a year: 一季度, 上半年, 4-6月, 十二月, as sets of months."""

from __future__ import annotations

import re
from functools import lru_cache

from fanpin_risk.records.cells.cleaning import plain_signs

__all__ = ["ALL_MONTHS", "PART_ALONE", "SINCE_JANUARY", "months_in"]

DIGITS_OF_MONTHS = {text: number for number, text in enumerate("一二三四五六七八九", start=1)}
MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
PART = re.compile(
    rf"(?P<first>{MONTH})月?份?[-~至到](?P<last>{MONTH})月(?:份)?|(?P<half>[上下])半年|(?P<front>前[一二三1-3两]个?)季度"
    rf"|[第]?(?P<quarter>[一二三四1-4首末])季度|q(?P<q>[1-4])|(?<![\d.])(?P<month>{MONTH})月(?:份)?"
)
PART_ALONE = re.compile(
    r"(?:20\d\d年)?(?:[01]?\d|[一二三四五六七八九十]{1,2})月份?|第?[一二三四1-4]季度?|[上下]半年"
)  # as a header
SINCE_JANUARY = re.compile("累计|截[至止]")  # all since the year began, not the part itself
ALL_MONTHS = (1 << 12) - 1  # the months as bits, January the lowest


def _month_number(text: str) -> int:
    if text.isdigit():
        return int(text)
    return 10 + DIGITS_OF_MONTHS.get(text[1:], 0) if text.startswith("十") else DIGITS_OF_MONTHS[text]


@lru_cache(maxsize=4096)
def months_in(text: str) -> int:
    """Return the months that a text names as bits, January the lowest; 0 where it names none, or all up to a month.

    Parameters
    ----------
    text : str

    Returns
    -------
    int

    Examples
    --------
    >>> months_in("一季度"), bin(months_in("10-12月")), months_in("上半年") | months_in("下半年") == ALL_MONTHS
    (7, '0b111000000000', True)
    >>> months_in("截至6月"), months_in("一季度和三季度"), months_in("2023年")
    (0, 0, 0)
    """
    plain = re.sub(r"\s+", "", plain_signs(text)).lower()
    found = list(PART.finditer(plain))
    if len(found) != 1 or SINCE_JANUARY.search(plain):
        return 0
    part = found[0]
    if part["first"]:
        first, last = _month_number(part["first"]), _month_number(part["last"])
    elif part["half"]:
        first, last = (1, 6) if part["half"] == "上" else (7, 12)
    elif part["front"]:
        first, last = 1, 3 * (2 if "两" in part["front"] else _month_number(part["front"][1]))
    elif quarter := part["quarter"] or part["q"]:
        last = 3 * {"首": 1, "末": 4}.get(quarter, 0) or 3 * _month_number(quarter)
        first = last - 2
    else:
        first = last = _month_number(part["month"])
    return sum(1 << (month - 1) for month in range(first, last + 1))
