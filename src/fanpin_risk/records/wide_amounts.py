"""Amounts of wide sheets, cell by cell: read, doubted or named as not read.

A cell that cannot be used leaves the income of its household and year unknown; the row and the household stay. A column
that looks like money and is not understood names the households with amounts in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from fanpin_risk.records.among_amounts import LEAST_AMONG
from fanpin_risk.records.amount_headers import read_amount_header
from fanpin_risk.records.cells import parse
from fanpin_risk.records.cells.cleaning import normal_width
from fanpin_risk.records.cells.contents import changed, distinct, with_care
from fanpin_risk.records.cells.numbers import PLAIN_NUMBER
from fanpin_risk.records.declarations import Column
from fanpin_risk.records.headers import NEGATED, header_key, read_heading
from fanpin_risk.records.income_items import NODES, PER_PERSON, STATED, TOLERANCE_CNY
from fanpin_risk.records.item_names import is_doubtful_for_income
from fanpin_risk.records.layout import doubtful_columns, names_money
from fanpin_risk.records.rows import RawRows, Rows
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.whose_amounts import ABOVE
from fanpin_risk.records.year_parts import months_in
from fanpin_risk.words import Message

__all__ = ["take_amounts"]

UNKNOWN_AMOUNTS = frozenset(
    ("不详", "未知", "暂无", "无数据", "不清楚", "待核实", "待核", "待查", "待定", "未统计", "未填", "不明")
)
NOTHING = frozenset(("无", "没有", "无收入", "未享受", "未发生", "零"))
STROKES = frozenset(("-", "--", "—", "——", "–", "/"))
# Figures that may be below 0: what is left of an income after costs.
NET_FIGURES = frozenset(figure for figure in NODES if figure.startswith("business_net")) | {
    "property_net", "transfer_net", "stated_net_income", "stated_net_income_per_person",
}  # fmt: skip
LONGEST_WIDE_HEADER = 40  # characters
LEAST_AMOUNT = 9.0  # CNY; what is less below a header that does not say it is money may be a mark or a number of times
COMPARED = ("int", "number", "code", "bool")  # types of columns of which a second one is compared with the first


def take_amounts(rows: Rows, parts: Sequence[RawRows]) -> None:
    """Take in the amounts of wide sheets, and name what looks like money and is not read.

    Parameters
    ----------
    rows : Rows
        Of one table, without amounts yet; is changed.
    parts : sequence of RawRows
        The raw rows that it was gathered from.
    """
    starts = np.concatenate([[0], np.cumsum([len(part.frame) for part in parts])]).astype("int64")
    if "item" in rows.table:
        _gather_items(rows, parts, starts)
    _name_doubtful(rows, parts, starts)
    _compare_second(rows, parts, starts)


def _amount_of(figure: str, amount: Column) -> Column:
    """Return the column of amounts with the bounds of a figure: a loss is a net figure below 0."""
    return (
        replace(amount, minimum=-1e9 if amount.maximum is None else -amount.maximum)
        if figure in NET_FIGURES
        else amount
    )


def _gather_items(rows: Rows, parts: Sequence[RawRows], starts: np.ndarray) -> None:
    """Parse the income items of wide sheets; a bad amount leaves the income of its row unknown."""
    amount = rows.table["amount_cny"]
    for part, start in zip(parts, starts, strict=False):
        read: dict[str, list[str]] = {}
        pieces: dict[str, list[tuple[int, np.ndarray]]] = {}
        monthly = part.layout.monthly
        for figure, position, factor in sorted(part.layout.item_columns, key=lambda item: item[1] in monthly):
            header = part.headers[position]
            each = figure == PER_PERSON or position in part.layout.per_person
            values = _amounts_only(part.frame.iloc[:, position], header, each_person=each)
            unknown = _says_unknown(values)
            unit = read_amount_header(header).unit
            times = (
                1.0 if unit is None else unit.times
            )  # not of the cells' own units: 300元 below 元/月 is a month's, too
            parsed = parse(values, _amount_of(figure, amount), factor=factor / times)
            rows.doubt(
                np.flatnonzero(unknown) + start, figure, "amount_unknown", "warning",
                Message("an amount; the sheet says that it is not known"),
            )  # fmt: skip
            for fault in parsed.faults:
                rows.doubt(np.flatnonzero(fault.mask) + start, figure, fault.code, "blanked", fault.expected)
            for note in parsed.notes:
                rows.report(np.flatnonzero(note.mask) + start, figure, note.code, "warning", note.expected)
            new, names = parsed.column.to_numpy() * times, read.setdefault(figure, [])
            if position in monthly:
                new = _of_the_year(rows, part, start, figure, position, new)
            if position in part.layout.pieces:
                nothing = _says_nothing(part.frame.iloc[:, position])
                pieces.setdefault(figure, []).append((position, np.where(nothing & np.isnan(new), 0.0, new)))
                continue
            _add(rows, part, start, figure, position, new, header_key(header) in names)
            names.append(header_key(header))
            if position in part.layout.per_person:
                mine = rows.per_person.setdefault(figure, np.zeros(len(rows.frame), dtype=bool))
                mine[start : start + len(part.frame)] |= ~np.isnan(new)

        for figure, columns in pieces.items():
            _add_pieces(rows, part, start, figure, columns)


def _add_pieces(rows: Rows, part: RawRows, start: int, figure: str, columns: Sequence[tuple[int, np.ndarray]]) -> None:
    """Add up the parts of a year; where one of them is empty the year is not known, and not the sum of the others."""
    own = slice(start, start + len(part.frame))
    column = rows.amounts.setdefault(figure, np.full(len(rows.frame), np.nan))
    whole, cells = column[own], np.column_stack([cells for _, cells in columns])
    empty = np.isnan(cells)
    complete = ~empty.any(axis=1)
    known, total = np.round(np.nansum(cells, axis=1), 2), ~np.isnan(whole)
    odd = total & complete & (np.abs(known - whole) > TOLERANCE_CNY) | (total & (known > whole + TOLERANCE_CNY))
    column[own] = np.where(odd, np.nan, np.where(total, whole, np.where(complete, known, np.nan)))
    rows.doubt(
        np.flatnonzero(odd) + start, figure, "columns_differ", "blanked",
        Message("the amount of the year that is the sum of its parts; the sheet has both, and they differ"),
    )  # fmt: skip
    rows.doubt(
        np.flatnonzero(~total & ~complete & ~empty.all(axis=1)) + start, figure, "part_of_year", "blanked",
        Message("amounts of all parts of the year; one of them is empty (0 says that there was none)"),
    )  # fmt: skip
    headers = [part.headers[position].strip()[:LONGEST_WIDE_HEADER] for position, _ in columns]
    each = any(position in part.layout.per_person for position, _ in columns)
    if each:
        mine = rows.per_person.setdefault(figure, np.zeros(len(rows.frame), dtype=bool))
        mine[own] |= ~np.isnan(column[own])
    rows.problems.note(
        table=rows.table.name, source=part.source, column=headers[0], code="parts_added",
        text=Message("is a part of the year: it and {count} other columns are added up", count=len(headers) - 1),
    )  # fmt: skip


def _says_nothing(values: pd.Series) -> np.ndarray:
    """Return which cells say that there was no amount, by a stroke or a word; an empty one says nothing."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return np.zeros(len(values), dtype=bool)
    codes, cells = distinct(values)
    none = [
        number
        for number, cell in with_care(cells, PLAIN_NUMBER)
        if isinstance(cell, str) and normal_width(cell) in NOTHING | STROKES
    ]
    return np.isin(codes, none)


def _of_the_year(rows: Rows, part: RawRows, start: int, figure: str, position: int, amounts: np.ndarray) -> np.ndarray:
    """Return wages of the year: those by month times the months; where the year's are given too, they count.

    Parameters
    ----------
    rows : Rows
    part : RawRows
    start : int
        Place of its first row among all.
    figure : str
    position : int
    amounts : ndarray of float
        Those by month, times 12.
    """
    place = part.layout.monthly[position]
    months = np.full(len(amounts), np.nan)
    if place is not None:
        name = "public_post_months" if figure.startswith("wage_public_post") else "work_months"
        months = parse(part.frame.iloc[:, place], TABLES["members"][name]).column.to_numpy(dtype="float64")
    year = np.round(amounts / 12 * months, 2)
    own = slice(start, start + len(amounts))
    posts = figure.startswith("wage_public_post")
    given = np.zeros(len(amounts))
    for other, column in rows.amounts.items():
        alike = other == "wages" or (other.startswith("wage") and other.startswith("wage_public_post") == posts)
        given = np.fmax(given, np.nan_to_num(column[own])) if alike else given
    stated = given > 0
    earned = np.nan_to_num(amounts) > 0
    differs = stated & earned & (np.abs(year - given) > np.maximum(1.0, 0.01 * given))
    rows.report(
        np.flatnonzero(differs) + start, figure, "monthly_wage_differs", "warning",
        Message("a wage of the year that is the monthly one times the months; they differ, and that of the year is used"),
    )  # fmt: skip
    unknown = earned & ~stated & ~(months > 0)
    rows.doubt(
        np.flatnonzero(unknown) + start, figure, "months_unknown", "blanked",
        Message("a wage of the year; the sheet gives it by month and does not say for how many months, so it is not read"),
    )  # fmt: skip
    return np.where(stated | unknown, np.nan, np.where(earned, year, amounts))


def _add(
    rows: Rows,
    part: RawRows,
    start: int,
    figure: str,
    position: int,
    new: np.ndarray,
    same_name: bool,  # noqa: FBT001
) -> None:
    """Put a column of amounts to what other columns of the sheet give of its figure."""
    column = rows.amounts.setdefault(figure, np.full(len(rows.frame), np.nan))
    own = slice(start, start + len(part.frame))
    before = column[own]
    both = (np.nan_to_num(before) != 0) & (np.nan_to_num(new) != 0)
    given = position in part.layout.given  # then two equal amounts are two amounts
    both &= given | (before != new)
    if not given and (same_name or figure in STATED or NODES[figure].parts):
        column[own] = np.where(both, np.nan, np.fmax(before, new))
        rows.doubt(
            np.flatnonzero(both) + start, figure, "columns_differ", "blanked",
            Message("one column of this name; the sheet has two with different amounts"),
        )  # fmt: skip
        return
    column[own] = np.where(both, before + new, np.fmax(before, new))
    rows.report(
        np.flatnonzero(both & (not given)) + start, figure, "columns_added", "warning",
        Message("one column of this name; the sheet has two with different amounts, which were added"),
    )  # fmt: skip


def _amounts_only(values: pd.Series, header: str, *, each_person: bool) -> pd.Series:
    """Return a column without cells that say there is nothing, and without yes and no where its header asks for them too.

    Where amounts are those of each person, cells may say so as well (8000元/人).
    """
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    heading = read_heading(TABLES["members"], header)  # 低保, 养老保险
    asks = heading.kind == "column" and TABLES["members"][heading.name].type == "bool"

    def amount(cell: object) -> object:
        if not isinstance(cell, str):
            return cell
        if any(letter.isdigit() for letter in cell):
            return cell.strip().removesuffix("/人") if each_person else cell
        text = normal_width(cell)
        return "" if text in NOTHING or (asks and text not in UNKNOWN_AMOUNTS) else cell

    return changed(values, amount)


def _says_unknown(values: pd.Series) -> np.ndarray:
    """Return which cells say that an amount is not known; an empty one, or a stroke, says that there is none."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return np.zeros(len(values), dtype=bool)
    codes, cells = distinct(values)
    unknown = [
        number
        for number, cell in with_care(cells, PLAIN_NUMBER)
        if isinstance(cell, str) and normal_width(cell) in UNKNOWN_AMOUNTS
    ]
    return np.isin(codes, unknown)


def _name_doubtful(rows: Rows, parts: Sequence[RawRows], starts: np.ndarray) -> None:
    """Name the rows with amounts in columns that look like money and are not understood."""
    amount = replace(TABLES["incomes"]["amount_cny"], minimum=None, maximum=None)
    for part, start in zip(parts, starts, strict=False):
        not_read = np.zeros(len(part.frame))
        for position in part.layout.doubtful:
            header = part.headers[position]
            amounts = parse(part.frame.iloc[:, position], amount).column.to_numpy()
            least = LEAST_AMOUNT if doubtful_columns([header], ()) else LEAST_AMONG
            least = 0.0 if names_money(header) else least
            where = np.flatnonzero(np.abs(np.nan_to_num(amounts)) > least)
            said = read_amount_header(header)
            unclear = said.unclear
            if said.months and said.figure and said.year in (None, _year_of(part)):
                _doubt_part(rows, where + start, said.figure)
            expected = Message("a header that is understood: this looks like money and is not counted in any income")
            if unclear:
                expected = Message(
                    "an amount of a whole year in a unit that is understood, not {unit}: it is not counted in any income",
                    unit=unclear,
                )
            shown = " ".join(header.split())[:LONGEST_WIDE_HEADER]
            rows.report(
                where + start, shown, "money_not_read", "warning", expected,
                figures=(amounts[where], np.full(len(where), np.nan)),
            )  # fmt: skip
            rows.not_read[where + start] = True
            not_read[where] += np.abs(amounts[where])
            if "item" in rows.table and not part.layout.items and months_in(header):
                rows.lost[where + start] = True
        _name_hidden(rows, part, int(start))
        if "item" in rows.table and part.layout.items:
            read = np.zeros(len(part.frame))
            for column in rows.amounts.values():  # also totals, which may hold it
                read = np.fmax(read, np.abs(np.nan_to_num(column[start : start + len(read)])))
            rows.unclear[start + np.flatnonzero(not_read > read)] = True  # what is left is no income


def _name_hidden(rows: Rows, part: RawRows, start: int) -> None:
    """Name the rows with amounts in columns that the workbook hides; without them their income is not known."""
    amount = replace(TABLES["incomes"]["amount_cny"], minimum=None, maximum=None)
    for position, header in sorted(part.layout.hidden.items()):
        said = read_amount_header(header)
        values = _amounts_only(part.frame.iloc[:, position], header, each_person=True)
        parsed = parse(values, amount, factor=1.0 if said.unit is None else said.unit.factor(1.0))
        amounts = parsed.column.to_numpy()
        where = np.flatnonzero((np.nan_to_num(amounts) != 0) | (parsed.bad if said.figure else False))
        rows.report(
            where + start, " ".join(header.split())[:LONGEST_WIDE_HEADER], "money_not_read", "warning",
            Message("a column that the workbook shows: it is hidden, and its amounts are not counted in any income"),
            figures=(amounts[where], np.full(len(where), np.nan)),
        )  # fmt: skip
        rows.not_read[where + start] = True
        if said.figure and said.year in (None, _year_of(part)):
            _doubt_part(rows, where + start, said.figure)


def _year_of(part: RawRows) -> int | None:
    """Return the year that a header, a title or a name gives the rows of a sheet."""
    return None if part.dating is None else int(str(part.dating.span[1])[:4])


def _doubt_part(rows: Rows, places: np.ndarray, figure: str) -> None:
    """Let income be unknown where an amount of a part of the year is all that is known of a figure."""
    if not is_doubtful_for_income(figure) or "item" not in rows.table:
        return
    way, dot, branch = figure.partition(".")
    net = {"business_net", f"business_net{dot}{branch}"} if way in ("business_gross", "business_cost") else set()
    for total in ({figure} | ABOVE[figure] | net) & rows.amounts.keys():
        places = places[np.isnan(rows.amounts[total][places])]
    rows.unclear[places] = True


def _compare_second(rows: Rows, parts: Sequence[RawRows], starts: np.ndarray) -> None:
    """Name the rows in which a second column of a declared one, which is not read, says something else."""
    for part, start in zip(parts, starts, strict=False):
        for position, name in part.layout.second:
            column = rows.table[name]
            if column.type not in COMPARED:
                continue
            opposite = column.type == "bool" and read_heading(rows.table, part.headers[position]).unit == NEGATED
            other = parse(part.frame.iloc[:, position], column, factor=-1.0 if opposite else 1.0).column
            mine = rows.frame[name].iloc[start : start + len(part.frame)].reset_index(drop=True)
            differs = other.notna() & mine.notna() & (other.astype(object) != mine.astype(object))
            where, header = np.flatnonzero(differs.to_numpy(dtype=bool)), part.headers[position].strip()
            expected, figures = (
                Message("what a second column of the sheet, {header}, says as well", header=header),
                None,
            )
            if name == "size_declared":
                expected = Message(
                    "the number of persons that {header} says as well; {used} is used",
                    header=header, used=part.headers[part.layout.columns[name][0]].strip(),
                )  # fmt: skip
                figures = other[where].to_numpy(dtype="float64"), mine[where].to_numpy(dtype="float64")
            rows.report(where + start, name, "second_column_differs", "warning", expected, figures=figures)
