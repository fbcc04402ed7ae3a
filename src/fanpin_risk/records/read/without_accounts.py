"""Sheets without accounts: covers, contents, instructions, standards, and sums of villages hold nobody's income."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

__all__ = ["without_accounts"]

ID_OR_NUMBER = re.compile(r"[A-Za-z]{1,6}\d+|[A-Za-z]{0,4}\d[\dXx-]{4,}|0\d+")
OF_HOUSEHOLDS = re.compile(r"户(?![数均型])|姓名|编号|编码|身份")
DAMAGED = re.compile("[\0\ufffd\ud800-\udfff]")
LONGEST_HEAD_CELL = 8  # characters; what is longer is a title or a note
SMALLEST_NUMBER_ID = 10_000_000
LEAST_CNY, MOST_CNY = 50, 10_000_000
NO_AMOUNTS = range(1900, 2100)


def without_accounts(rows: Sequence[Sequence[Any]], *, whole: bool) -> bool:
    """Tell whether no household or no amount stands in the first rows of a sheet, so that it cannot hold anyone's income.

    Parameters
    ----------
    rows : sequence of sequences
    whole : bool
        Whether these are all rows; of others only amounts tell what the rest holds: a table may stand below long instructions.

    Examples
    --------
    >>> without_accounts([["目录"], ["一、收入表"]], whole=True)
    True
    >>> without_accounts([["作物", "每亩纯收入"], ["玉米", 650]], whole=False)
    True
    >>> without_accounts([["甲", "乙"], ["2106240001", 650]], whole=False)
    False
    """
    cells = [cell for row in rows for cell in row if cell not in (None, "")]
    if any(isinstance(cell, str) and DAMAGED.search(cell) for cell in cells):
        return False  # in another encoding anything may stand there
    amounts = any(_may_be_amount(cell) for cell in cells)
    if not amounts:
        return whole
    return not any(_may_be_household(cell) for cell in cells)


def _may_be_amount(cell: object) -> bool:
    try:
        number = float(str(cell).replace(",", ""))
    except ValueError:
        return False
    return LEAST_CNY <= abs(number) < MOST_CNY and number not in NO_AMOUNTS


def _may_be_household(cell: object) -> bool:
    """Tell whether a cell may be the id of a household or a person, or the header above them."""
    if isinstance(cell, str):
        text = cell.strip()
        headed = len(text) <= LONGEST_HEAD_CELL and OF_HOUSEHOLDS.search(text) is not None
        return headed or (ID_OR_NUMBER.fullmatch(text) is not None and (text[0] == "0" or not _may_be_amount(text)))
    return isinstance(cell, (int, float)) and abs(cell) >= SMALLEST_NUMBER_ID
