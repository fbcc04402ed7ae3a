"""Several tables below each other in one sheet: where each begins, and what its header and its title say.

Townships put their tables one below the other, each with a title and a header of its own: with other columns, in another
order, for another year or in another unit of money. Each is read as a sheet of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from fanpin_risk.records.cells.money_units import money_note
from fanpin_risk.records.headers import header_key
from fanpin_risk.records.named_days import span_in
from fanpin_risk.records.read.header_rows import (
    HEADER_ROWS,
    USUAL,
    Header,
    HeaderSearch,
    find_header,
    is_table_header,
    keepable,
    squeezed,
)
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import Cell

__all__ = [
    "MOST_NOTES",
    "MOST_TITLES",
    "TableBelow",
    "marks_of_table",
    "n_titles",
    "table_at",
    "tables_below",
    "with_note_below",
]

MOST_TITLES = 5  # rows above a header that belong to it
MOST_TITLE_CELLS = 4
MOST_NOTES = 5  # rows at the end of a table, among which a note on its unit may stand
OF_UPPER = re.compile(r"(?:注|说明|备注|以下空白|制表|填表人|审核|复核|负责人|打印|导出|第\d+页|共\d+页)")
PLACE_OR_TIME = re.compile(r"[省市县区乡镇村组社年月表册]|单位|台账|名单|情况|收入")
OF_YEAR = re.compile(
    r"20\d\d年?度?(?:农户|家庭|脱贫户|监测户|监测对象)*(?:收入)?(?:情况|信息|台账|明细|统计|登记)*[表册]?"
)
UNIT_SIGN = "单位"
OF_UNIT = rf"{UNIT_SIGN}(?:\s*[:：为]|.{{0,8}}[元角分])"  # not 帮扶单位

TableBelow = tuple[
    int, Header
]  # number of the first row of its title, and its header, of which `end` counts from there


@cache
def marks_of_table(search: HeaderSearch = USUAL) -> str:
    """Return a pattern of what stands in every line that begins a table: a name of an id, a unit, or a year alone.

    Parameters
    ----------
    search : HeaderSearch
        What is taken for a header.

    Examples
    --------
    >>> marks = re.compile(marks_of_table())
    >>> [bool(marks.search(line)) for line in ("户 编号,年度,工资性收入", "2023年,,", "h1,2023年,5")]
    [True, True, False]
    """
    names = {
        text
        for table in TABLES.values()
        for column in table.columns
        if column.name in ("household_id", "member_id")
        for text in (column.name, column.zh, *column.aliases)
    }
    loose = (r"[\s_·*-]*".join(map(re.escape, name.replace("_", ""))) for name in sorted(names))
    of_time = r"^[,;\t|\"\s]*20\d\d年[^,;\t|]*[,;\t|\"\s]*$"
    return "(?im)" + "|".join([*loose, OF_UNIT, of_time, *map(re.escape, sorted(search.given))])


def tables_below(
    rows: Sequence[Sequence[Any]],
    header: Header,
    search: HeaderSearch = USUAL,
    merged: Sequence[tuple[Cell, Cell]] = (),
) -> Iterator[TableBelow]:
    """Give the tables that stand below the first one of a sheet, from top to bottom.

    Parameters
    ----------
    rows : sequence of sequences
        All cells of the sheet.
    header : Header
        Of the first table.
    search : HeaderSearch
        What is taken for a header.
    merged : sequence of (Cell, Cell)
        Ranges of merged cells.

    Yields
    ------
    (int, Header)
        Of each table the position of the first row of its title, or of its header, and its header, of which `end`
        counts rows from the top of the sheet.
    """
    if not header.cells:
        return
    looks_like = looks_like_one(search)
    at = first = header.end
    ids = header.ids
    while at < len(rows):
        found = None
        if _may_be_one(rows[at], ids) and looks_like(rows[at]):
            found = table_at(rows, at, first, header, search, merged)
        if found is None:
            at += 1
            continue
        top, header = found
        yield top, header
        at = first = header.end
        ids = header.ids


def table_at(
    rows: Sequence[Sequence[Any]],
    at: int,
    first: int,
    current: Header,
    search: HeaderSearch = USUAL,
    merged: Sequence[tuple[Cell, Cell]] = (),
) -> TableBelow | None:
    """Return the table of which a row is the header, or the title alone; None if the table above goes on.

    Parameters
    ----------
    rows : sequence of sequences
    at : int
        Position of the row.
    first : int
        Position of the first row that may be of its title.
    current : Header
        That of the table above: what the title does not say anew holds on.
    search, merged
        As for :func:`tables_below`.
    """
    if not is_table_header(_row_texts(rows[at]), search):
        below = (row for row in rows[at + 1 : at + 1 + MOST_TITLES] if is_table_header(_row_texts(row), search))
        return None if any(below) else _section(rows[at], at, current)
    top = at
    while top > max(first, at - MOST_TITLES) and _is_title(rows[top - 1]):
        top -= 1
    while not any(_row_texts(rows[top])):
        top += 1
    ranges = [((a - top, b), (c - top, d)) for (a, b), (c, d) in merged if a > top]
    own = find_header(rows[top : top + HEADER_ROWS], search, ranges)
    if not own.cells or not top <= at < top + own.end:
        return None
    years = {span_in(text) for text in own.titles} - {None}
    same = _keys(own.cells) == _keys(current.cells)
    if same and (own.money is None or own.money == current.money) and years <= {span_in(one) for one in current.titles}:
        return None
    if own.money is None:
        own.money = current.money
    if not years:
        own.titles |= current.titles
        own.texts |= current.titles
    own.end += top
    return top, own


def _section(row: Sequence[Any], at: int, current: Header) -> TableBelow | None:
    """Return the table that goes on below a row that says nothing but another unit or year."""
    if not _is_title(row):
        return None
    texts = frozenset(squeezed(cell) for cell in _row_texts(row) if cell)
    money = money_note(text for text in texts if UNIT_SIGN in text)
    year = len(texts) == 1 and OF_YEAR.fullmatch(next(iter(texts))) is not None
    if (money is None or money == current.money) and (not year or texts <= current.titles):
        return None
    titles = texts if year else texts | current.titles
    own = replace(
        current,
        end=at + 1,
        money=current.money if money is None else money,
        titles=titles,
        texts=(current.texts - current.titles) | titles,
    )
    return at, own


def with_note_below(header: Header, rows: Sequence[Sequence[Any]]) -> Header:
    """Return a header with the unit that a note below the table names: unknown if the title names another.

    Parameters
    ----------
    header : Header
    rows : sequence of sequences
        The last rows of its table.
    """
    for row in rows[-MOST_NOTES:]:
        filled = [squeezed(cell) for cell in _row_texts(row) if cell]
        all_text = sum(cell not in ("", None) for cell in row) == len(filled) <= MOST_TITLE_CELLS
        if all_text and filled and OF_UPPER.match(filled[0].lstrip("(")):
            money = money_note(filled)
            if money is not None and money != header.money:
                header = replace(header, money=money if header.money is None else float("nan"))
    return header


def n_titles(rows: Sequence[Sequence[Any]], header: Header) -> int:
    """Return how many of the rows up to the end of a header are titles above it."""
    return sum(any(squeezed(cell) in header.titles for cell in _row_texts(row) if cell) for row in rows)


def looks_like_one(search: HeaderSearch) -> Callable[[Sequence[Any]], bool]:
    """Return what tells, at little cost, whether a row may be a header or a title that matters."""
    seen: dict[str, bool] = {}

    def knows(cell: str) -> bool:
        if cell not in seen:
            seen[cell] = search.knows(cell)
        return seen[cell]

    def looks_like(row: Sequence[Any]) -> bool:
        texts = [cell.strip() for cell in row if type(cell) is str and cell]
        if not texts:
            return False
        if len(texts) <= MOST_TITLE_CELLS and any(
            UNIT_SIGN in text or OF_YEAR.fullmatch(squeezed(text)) for text in texts
        ):
            return True
        return sum(knows(text) for text in texts[:MOST_TITLE_CELLS]) > 0 and sum(map(knows, texts)) > 1

    return looks_like


def _may_be_one(row: Sequence[Any], ids: Sequence[int]) -> bool:
    """Tell whether a row has no id with a digit in any column of ids: then it may be something else than data."""
    for position in ids:
        cell = row[position] if position < len(row) else ""
        if cell not in ("", None) and (not isinstance(cell, str) or any(map(str.isdigit, cell))):
            return (isinstance(cell, str) and OF_YEAR.fullmatch(squeezed(cell)) is not None) or UNIT_SIGN in str(cell)
    return True


def _is_title(row: Sequence[Any]) -> bool:
    """Tell whether a row above a header belongs to it: blank, or words alone."""
    texts = [squeezed(cell) for cell in _row_texts(row) if cell]
    if len(texts) != sum(cell not in ("", None) for cell in row) or len(texts) > MOST_TITLE_CELLS:
        return False
    if any(text.isascii() or OF_UPPER.match(text) for text in texts):
        return False
    if len(texts) == 1:
        return PLACE_OR_TIME.search(texts[0]) is not None and not re.search(r"[合总小]计", texts[0])
    return not texts or any(":" in text for text in texts)


def _row_texts(row: Sequence[Any]) -> list[str]:
    return [keepable(cell).strip() if isinstance(cell, str) else "" for cell in row]


def _keys(cells: Sequence[str]) -> list[str]:
    keys = [header_key(cell) for cell in cells]
    while keys and not keys[-1]:
        keys.pop()
    return keys
