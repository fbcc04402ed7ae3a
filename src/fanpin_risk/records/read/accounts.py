"""Whether a sheet of incomes holds what was earned in a whole year: neither a plan nor a part of a year."""

from __future__ import annotations

import re

from fanpin_risk.records.amount_headers import LEVEL
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.sheets import SheetHead

__all__ = ["why_no_account"]

PLANNED = re.compile(r"预测|预计|预期|目标|规划|计划(?!生育)")
PART_OF_YEAR = re.compile(
    r"[上下]半年|半年度|[第前]?[一二三四1-4]季度|季报|q[1-4](?!\d)|(?<!\d)(?:0?1|一)月?(?:份)?[-—–~至到](?:1[01]|0?[2-9]|[二三四五六七八九十])月",
    re.IGNORECASE,
)


def why_no_account(head: SheetHead) -> str:
    """Return why a sheet holds no income of a whole year by its name or title, as a fault of its rows; empty if it does.

    Examples
    --------
    >>> names = ["2024年上半年收入.csv", "2024年增收计划表.csv", "2023年1-12月收入.csv"]
    >>> [why_no_account(SheetHead(file=name, source="", headers=["户编号"])) for name in names]
    ['part_of_year', 'planned', '']
    """
    own = {plain_signs("".join(level.split())) for header in head.headers for level in header.split(LEVEL)}
    texts = [plain_signs(text) for text in (*head.names, *(text for text in head.texts if text not in own))]
    if any(PLANNED.search(text) for text in texts):
        return "planned"
    return "part_of_year" if any(PART_OF_YEAR.search(text) for text in texts) else ""
