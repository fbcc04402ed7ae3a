"""Columns of which only those beside them say what they are: totals below a group, and parts of a year.

小计 under 收入 is the total income of a household where wages stand beside it, and gross business income where only
branches of business do. Under 种植业 it is what is left of 收入 after 支出, where both stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fanpin_risk.records.amount_headers import LEVEL, NAME_TAIL, AmountHeader, read_amount_header
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.income_items import NODES, STATED
from fanpin_risk.records.item_names import is_total
from fanpin_risk.records.year_parts import ALL_MONTHS, PART_ALONE, months_in

__all__ = ["FEWEST_MONTHS", "months_alone", "months_of_item", "subtotals", "whole_years"]

OF_BUSINESS = ("business_gross", "business_cost", "business_net")
FEWEST_MONTHS = 2
UNIT_OF_MONTH = re.compile(r"\([^()]*元\)$")  # behind a month
YEAR_OF_TOTAL = re.compile("^(?:20[0-4][0-9]年度?|全年|本年度?|年度?)(?=.)")  # before a total of months
NOT_TOLD = ("", "stated_gross_income")  # figures of a total that its group alone does not tell


def subtotals(headers: Sequence[str]) -> dict[int, AmountHeader]:
    """Return what the totals below groups of a sheet are, where the columns beside them tell it.

    Parameters
    ----------
    headers : sequence of str
        Of a sheet, with ``LEVEL`` between groups and what stands below them.

    Returns
    -------
    dict of int to AmountHeader
        Position -> the header with the figure that it is the total of.

    Examples
    --------
    >>> found = subtotals(["支出 > 种植业", "支出 > 小计", "养殖业 > 收入", "养殖业 > 支出", "养殖业 > 小计"])
    >>> {position: amount.figure for position, amount in found.items()}
    {1: 'business_cost', 4: 'business_net.livestock'}
    """
    found = {}
    for position, header in enumerate(headers):
        group, level, name = header.rpartition(LEVEL)
        if not level or not is_total(name.strip()):
            continue
        beside = [
            figure
            for at, other in enumerate(headers)
            if at != position and other.startswith(group + LEVEL) and (figure := read_amount_header(other).figure)
        ]
        amount = read_amount_header(header)
        figure = _total_of(amount.figure, beside)
        if figure != amount.figure:
            found[position] = replace(amount, figure=figure)
    return found


def _total_of(figure: str, beside: Sequence[str]) -> str:
    """Return the figure of a total, given that of its group and those beside it."""
    ways = {one.partition(".")[0] for one in beside}
    way, dot, branch = figure.partition(".")
    if figure in NOT_TOLD and len(ways) == 1 and ways <= set(OF_BUSINESS):
        return ways.pop()
    if way == "business_gross" and {"business_gross", "business_cost"} <= ways <= set(OF_BUSINESS):
        return f"business_net{dot}{branch}"
    return figure


def months_of_item(headers: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return headers that are months, with the income item before them that the sheet, its file or its title names.

    Parameters
    ----------
    headers : sequence of str
    names : iterable of str
        Of the sheet and its file, and its titles, best first.

    Returns
    -------
    list of str

    Examples
    --------
    >>> months_of_item(["户编号", "1月", "2月", "合计"], ["Sheet1", "2024年务工收入统计表"])
    ['户编号', '务工收入 > 1月', '务工收入 > 2月', '务工收入 > 合计']
    >>> months_of_item(["户编号", "1月（元）", "2月（元）", "全年合计"], ["低保金"])[1:]
    ['低保金 > 1月（元）', '低保金 > 2月（元）', '低保金 > 合计']
    """
    months = months_alone(headers)
    if len(months) < FEWEST_MONTHS:
        return list(headers)
    for name in names:
        amount = read_amount_header(NAME_TAIL.sub("", Path(name).name))
        if amount.figure and amount.figure not in STATED and not amount.unclear:
            item = NODES[amount.figure].names[0]
            totals = [YEAR_OF_TOTAL.sub("", plain_signs("".join(header.split()))) for header in headers]
            return [
                f"{item}{LEVEL}{header if at in months else total}"
                if at in months or is_total(UNIT_OF_MONTH.sub("", total)) else header
                for at, (header, total) in enumerate(zip(headers, totals, strict=True))
            ]  # fmt: skip
    return list(headers)


def months_alone(headers: Sequence[str]) -> set[int]:
    """Return the positions of headers that name a part of a year and nothing else, but perhaps a unit.

    Examples
    --------
    >>> months_alone(["户编号", "1月", "二月份（元）", "第三季度", "3月工资"])
    {1, 2, 3}
    """
    plain = [UNIT_OF_MONTH.sub("", plain_signs("".join(header.split()))) for header in headers]
    return {at for at, header in enumerate(plain) if PART_ALONE.fullmatch(header) and months_in(header)}


def whole_years(amounts: Mapping[int, AmountHeader]) -> list[int]:
    """Return the positions of amounts of parts of a year that come to a whole one: four quarters, twelve months.

    Parameters
    ----------
    amounts : mapping of int to AmountHeader
        Position -> header of an amount of some months, all of one year.

    Returns
    -------
    list of int

    Examples
    --------
    >>> headers = ["一季度工资", "二季度工资", "上半年工资", "下半年工资", "上半年低保金"]
    >>> whole_years({position: read_amount_header(header) for position, header in enumerate(headers)})
    [2, 3]
    """
    found = []
    for figure in dict.fromkeys(amount.figure for amount in amounts.values()):
        own = {position: amount.months for position, amount in amounts.items() if amount.figure == figure}
        lengths = sorted({months.bit_count() for months in own.values()})
        for least in [
            *([length] for length in lengths),
            lengths,
        ]:  # parts of one length, the shortest first; else of all
            some = [position for position, months in own.items() if months.bit_count() in least]
            union, total = 0, 0
            for position in some:
                union |= own[position]
                total += own[position].bit_count()
            if union == ALL_MONTHS and total == union.bit_count():
                found += some
                break
    return sorted(found)
