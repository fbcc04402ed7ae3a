"""Whether a sheet of incomes holds what was earned in a whole year, and which: neither a plan nor a part of a year."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from fanpin_risk.records.amount_headers import LEVEL
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.headers import is_data_date
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.sheets import Dating, SheetHead

__all__ = ["merged_columns", "why_no_account", "with_data_date"]

FEWEST_MERGED = 2  # ranges of merged cells in a column; one may be that of its header

PLANNED_AMOUNTS = re.compile(r"预测|预计|预期|目标|规划|计划(?!生育)")
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
    if any(PLANNED_AMOUNTS.search(text) for text in texts):
        return "planned"
    return "part_of_year" if any(PART_OF_YEAR.search(text) for text in texts) else ""


def with_data_date(incomes: Layout, dating: Dating | None, others: Iterable[Layout], head: SheetHead) -> Layout:
    """Let the day of the data (数据日期) of a sheet stand for the end of its accounts where nothing else says their year.

    Which year that is, and whether it can be known, :mod:`fanpin_risk.records.checks.data_date_years` decides by the cells.

    Parameters
    ----------
    incomes : Layout
        Of the table of incomes.
    dating : Dating or None
        What else says of which year the amounts are.
    others : iterable of Layout
        Of the tables of households and members in the same sheet.
    head : SheetHead
    """
    if not incomes.items or {"period_start", "period_end"} & incomes.columns.keys() or dating is not None:
        return incomes
    places = (one.columns["valid_from"] for one in others if "valid_from" in one.columns)
    found = next((place for place in places if is_data_date(head.headers[place[0]])), None)
    return incomes if found is None else replace(incomes, columns={**incomes.columns, "period_end": found})


def merged_columns(head: SheetHead) -> set[int]:
    """Return the positions of columns of which cells are merged over several rows.

    Examples
    --------
    >>> ranges = tuple(((top, 3), (top + 1, 3)) for top in (2, 4))
    >>> merged_columns(SheetHead(file="", source="", headers=["户编号", "姓名", "低保金"], merged=ranges))
    {2}
    """
    ranges = Counter(left - 1 for (top, left), (bottom, right) in head.merged if bottom > top and right == left)
    return {place for place, n in ranges.items() if n >= FEWEST_MERGED}
