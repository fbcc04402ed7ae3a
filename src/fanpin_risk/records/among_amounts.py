"""Columns that nobody knows, standing among the amounts of a sheet: they may be amounts as well.

Clerks write 务工, 公益岗, 种植 or 其他 for kinds of income, words that no list holds or that mean several things. Where such
a column stands among the income items of a sheet, numbers below it that are large enough for yuan are named and not left
out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from fanpin_risk.records.amount_headers import LEVEL
from fanpin_risk.records.headers import PERSONAL, header_key, is_known
from fanpin_risk.records.item_names import NO_INCOME, OTHER_TIME, is_total
from fanpin_risk.records.layout import NO_MONEY, Layout

__all__ = ["LEAST_AMONG", "columns_among_amounts"]

LEAST_AMONG = (
    100.0  # CNY; what is less below a header without a word of money is rather a mark, an age or a number of months
)
FEWEST_ITEMS = 2  # income items that make a sheet one of amounts
LONGEST_AMOUNT_HEADER = 12  # characters; what is longer is a question or a note
OF_OTHER_THINGS = re.compile(
    r"[户人口年月日号率级村乡镇组址期]|周岁|岁数|岁$|编|序|电|房|地|林|水|车|树|头|只|吨|斤|米|里|分$|x\d"
)


def columns_among_amounts(headers: Sequence[str], layout: Layout, read: Container[int]) -> list[int]:
    """Return the positions of unknown columns among the income items of a sheet, or next to them.

    Parameters
    ----------
    headers : sequence of str
        Of a sheet.
    layout : Layout
        Of incomes.
    read : container of int
        Positions that are read, or named as doubtful already.

    Returns
    -------
    list of int

    Examples
    --------
    >>> from fanpin_risk.records.layout import lay_out
    >>> from fanpin_risk.records.schema import TABLES
    >>> headers = ["户编号", "务工", "工资性收入", "压岁零花", "低保金", "其他", "备注", "其他"]
    >>> columns_among_amounts(headers, lay_out(TABLES["incomes"], headers), {0, 2, 4})
    [1, 3, 5]
    """
    items = [position for _, position, _ in layout.item_columns]
    if len(items) < FEWEST_ITEMS:
        return []
    first, last = min(items), max(items)
    may = [position not in read and _may_be_amount(header) for position, header in enumerate(headers)]
    while first > 0 and may[first - 1]:
        first -= 1
    while last + 1 < len(headers) and may[last + 1]:
        last += 1
    return [position for position in range(first, last + 1) if may[position]]


def _may_be_amount(header: str) -> bool:
    name = header_key(header.rpartition(LEVEL)[2])
    return (
        0 < len(name) <= LONGEST_AMOUNT_HEADER
        and not is_known(header)
        and not is_total(name)
        and not any(pattern.search(name) for pattern in (PERSONAL, NO_MONEY, OF_OTHER_THINGS))
        and not any(pattern.search(header_key(header)) for pattern in (OTHER_TIME, NO_INCOME))
    )
