"""Sheets of wages and payments that are of one month or quarter by their name: 2024年1月务工工资.xlsx, sheets 1月 to 12月.

Their rows get what the name says in a column of its own, and are added up where all of the year is there. A list of households
by month that is no list of payments (2024年1月农户收入) is a state of affairs, twelve of which are no year.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.named_days import FILLED_IN, YEAR, span_in
from fanpin_risk.records.read.assignment import assign
from fanpin_risk.records.sheets import NAMED_PART, Sheet, SheetHead
from fanpin_risk.records.whose_amounts import ABOVE
from fanpin_risk.records.year_parts import ALL_MONTHS, SINCE_JANUARY, months_in

__all__ = ["head_with_named_part", "with_named_part"]

LIST_OF_PAYMENTS = re.compile("工资|薪|发放|补贴|补助|津贴|报酬|劳务费|打卡|兑付|低保金|养老金|供养金|救助金|打款|到账")
IN_ALL = re.compile("全年|年度|累计|截[至止]")  # below the name of a month: not of the month alone


def with_named_part(sheet: Sheet) -> Sheet:
    """Return a sheet with a column of the part of the year that its name says, if it is a list of payments of one."""
    head, part = head_with_named_part(sheet.head)
    if not part:
        return sheet
    return replace(sheet, head=head, frame=sheet.frame.assign(**{NAMED_PART: part}))


def head_with_named_part(head: SheetHead) -> tuple[SheetHead, str]:
    """Return what a sheet says before its rows with such a header, and what stands below it; empty if it is none.

    Examples
    --------
    >>> head = SheetHead(file="2024年1月务工工资.xlsx", source="", headers=["户编号", "务工收入"])
    >>> head_with_named_part(head)[1], head_with_named_part(replace(head, file="2024年1月农户收入.xlsx"))[1]
    ('2024年1月', '')
    """
    if NAMED_PART in head.headers:
        return head, ""
    own = {plain_signs("".join(header.split())) for header in head.headers}
    titles = sorted(text for text in head.texts if text not in own and LIST_OF_PAYMENTS.search(text))
    texts = [head.sheet, *titles, Path(head.file).stem, *reversed(head.folder.split("/"))]
    if not any(LIST_OF_PAYMENTS.search(text) for text in texts) or any(SINCE_JANUARY.search(text) for text in texts):
        return head, ""
    months = next((found for text in texts if (found := _months_named(text))), 0)
    if months in (0, ALL_MONTHS):
        return head, ""
    years = {found[1] for text in texts for found in YEAR.finditer(FILLED_IN.sub(" ", plain_signs(text)))}
    if head.dated is not None:
        years = {str(head.dated.span[1])[:4]}
    assignments = assign(head)
    incomes = bool(assignments) and assignments[0].table.name == "incomes"
    if len(years) != 1 or not incomes or not _are_payments(assignments[0].layout, head):
        return head, ""
    first, last = (months & -months).bit_length(), months.bit_length()
    part = f"{first}月" if first == last else f"{first}至{last}月"
    return replace(head, headers=[*head.headers, NAMED_PART]), f"{years.pop()}年{part}"


def _months_named(text: str) -> int:
    """Return the months that a name says, as bits."""
    plain = FILLED_IN.sub(" ", plain_signs(text))
    if months := months_in(plain):
        return months
    span = span_in(plain)
    if span is None or str(span[0])[:7] != str(span[1])[:7] or span[0] == span[1]:
        return 0
    return 1 << (int(str(span[0])[5:7]) - 1)


def _are_payments(layout: Layout, head: SheetHead) -> bool:
    """Tell whether a sheet has wages or transfers, and says nothing of their time by itself."""
    if {"period_start", "period_end"} & layout.found or "time" in layout.tells.values() or layout.monthly:
        return False
    paid = all("wages" in {figure, *ABOVE[figure]} or NODES[figure].item.startswith("tr_") for figure in layout.items)
    return paid and not any(IN_ALL.search(head.headers[position]) for _, position, _ in layout.item_columns)
