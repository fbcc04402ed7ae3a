"""Where the header of a sheet stands: below titles and notes, in one row or in several.

Of several rows the upper ones hold groups, over as many columns as they are merged over: 生产经营性支出 over 种植业 and
养殖业, a year over its items, 收入情况（元） over all. What a group says is joined to what stands below it where that changes
what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from fanpin_risk.records.amount_headers import LEVEL, read_amount_header, year_named
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.cells.money_units import money_note, money_unit
from fanpin_risk.records.headers import AFTER_ELIMINATION, header_key, is_known, names_id
from fanpin_risk.records.item_names import OTHER_TIME, is_total
from fanpin_risk.records.read.odd_ids import long_numbers
from fanpin_risk.records.read.without_accounts import without_accounts
from fanpin_risk.records.sheets import Cell, SheetHead
from fanpin_risk.records.subtotals import FEWEST_MONTHS, months_alone, months_of_item

__all__ = [
    "HEADER_ROWS",
    "NOT_DECODED",
    "USUAL",
    "Header",
    "HeaderSearch",
    "find_header",
    "is_table_header",
    "keepable",
    "squeezed",
]

HEADER_ROWS = 15  # the header stands within the first rows
FEWEST_KNOWN = 2  # known headers; with fewer a row is not taken for the header, unless a columns file is about one
NOT_DECODED = re.compile("[\ud800-\udfff\ufffd]")
MOST_HEADER_ROWS = 3  # rows of a header
NO_GROUP = re.compile(
    r"单位|填报|制表|日期|时间[::]|[::]|20\d\d年\d{1,2}月\d{1,2}日|(?:表|册|台账|名单|清单)(?:\(.*\))?$"
)
GROUP = re.compile(r"收入|支出|收益|补贴|补助|转移|财产|经营|情况|信息|消除后|识别时|其中")
OF_MONEY = re.compile(r"收入|支出|成本|费用|收益|补贴|补助")
OTHER_UNITS = frozenset(["亩", "人", "口", "个", "户", "月", "天", "平方米", "㎡", "岁", "公里", "米", "%", "年", "元"])
LONGEST_GUESSED = 40  # characters of a header that is guessed; what is longer is a note
MOST_OF_WIDTH = 0.6  # of the widest row that a guessed header fills
FIELD_CODE = re.compile(r"[A-Za-z]{1,6}\d{1,6}")  # of an export: a name for programs above the name for people
A_FIGURE = re.compile(r"[-+¥￥]?[\d.,]+[%元]?")
OF_PERSON = re.compile("(?:户主|(?:家庭)?成员|人员)?(?:姓名|身份证号码?|证件号码?|公民身份号码)")
ID_ITSELF = re.compile(r"[A-Za-z]{0,4}\d[\dXx-]{4,}")


@dataclass(frozen=True, slots=True)
class HeaderSearch:
    """What is taken for the header of a sheet, besides declared headers.

    Attributes
    ----------
    given : frozenset of str
        Keys of headers that a columns file is about.
    guess : bool
        Whether the row that looks most like a header is taken where hardly a header is known.
    """

    given: frozenset[str] = frozenset()
    guess: bool = False

    def knows(self, cell: str) -> bool:
        """Tell whether a text is a header."""
        return is_known(cell) or (bool(self.given) and header_key(cell) in self.given)


USUAL = HeaderSearch()


@dataclass(slots=True)
class Header:
    """Where the header stands.

    Attributes
    ----------
    cells : list of str
        Its cells, of two levels joined; empty if there is no header.
    end : int
        Rows up to its end.
    known : int
        How many of its cells are known headers.
    texts : frozenset of str
        Texts in it and above it, without blanks.
    money : float or None
        Factor for amounts whose header names no unit; NaN if the unit is not understood, None if the sheet names none.
    guessed : bool
        Whether hardly a header is known.
    long_numbers : frozenset of int
        Positions of the columns whose first cells are long numbers.
    titles : frozenset of str
        Texts above it, without blanks.
    no_accounts : bool
        Whether hardly a header is known, and no household or no amount is in sight.
    shape : str
        ``form`` where the id of one household stands beside its name, ``turned`` where those of several do; ``""`` for others.
    """

    cells: list[str]
    end: int
    known: int
    texts: frozenset[str] = frozenset()
    money: float | None = None
    guessed: bool = False
    long_numbers: frozenset[int] = frozenset()
    titles: frozenset[str] = frozenset()
    no_accounts: bool = False
    shape: str = ""

    @property
    def ids(self) -> list[int]:
        """Positions of the columns of ids."""
        return [position for position, cell in enumerate(self.cells) if cell and names_id(cell)]

    def _names(self, file: str, sheet: str) -> Iterator[str]:
        """Give what may say of which income item a sheet is."""
        yield from (sheet, Path(file).stem)
        yield from sorted(self.texts - {squeezed(cell) for cell in self.cells})

    def head(self, *, file: str, source: str, **more: Any) -> SheetHead:
        """Return what a sheet with this header says before its rows."""
        return SheetHead(
            file=file,
            source=source,
            headers=months_of_item(self.cells, self._names(file, str(more.get("sheet", "")))),
            texts=self.texts,
            money=self.money,
            guessed=self.guessed,
            long_numbers=self.long_numbers,
            no_accounts=self.no_accounts,
            shape=self.shape,
            **more,
        )


def find_header(
    rows: Sequence[Sequence[Any]], search: HeaderSearch = USUAL, merged: Sequence[tuple[Cell, Cell]] = ()
) -> Header:
    """Find the header among the first rows of a sheet.

    Parameters
    ----------
    rows : sequence of sequences
        The cells of the first rows; what is not a text is never part of a header.
    search : HeaderSearch
        What is taken for a header, besides declared ones.
    merged : sequence of (Cell, Cell)
        Ranges of merged cells, where the file knows them: first and last cell of each, counted from 1.

    Returns
    -------
    Header
        Without cells if there is none.

    Examples
    --------
    >>> header = find_header([["农户信息", ""], ["户编号", "年度"], ["h1", "2023"]])
    >>> header.cells, header.end
    (['户编号', '年度'], 2)
    """
    texts = [[keepable(cell).strip() if isinstance(cell, str) else "" for cell in row] for row in rows]
    if (below := _end_of_first_table(rows, texts, search)) is not None:
        rows, texts = rows[:below], texts[:below]
    known = [0 if _is_form_line(row) else _how_many_known(row, search) for row in texts]
    shape = _shape(rows, texts)
    given = bool(search.given) and any(header_key(cell) in search.given for row in texts for cell in row if cell)
    if not known or max(known) < (1 if given else FEWEST_KNOWN):
        best = _guessed(texts, known) if search.guess else Header([], 0, 0)
        best.no_accounts = without_accounts(rows, whole=len(rows) < HEADER_ROWS)
        if not best.cells:  # what stands beside an id may be money all the same
            best.texts = frozenset(next((filter(None, row) for row in texts if any(map(names_id, row))), ()))
        return _shaped(best, shape, texts, search)
    top = known.index(max(known))
    start, end, cells, n_known = _levels(rows, texts, top, search, _Groups(texts, merged))
    if end < len(rows) and _is_row_of_units(rows[end], texts[end], cells):
        units = [*texts[end], *[""] * len(cells)]
        cells = [f"{cell}({unit})" if cell and unit else cell for cell, unit in zip(cells, units, strict=False)]
        end += 1
    best = Header(cells, end, n_known)
    best.titles = frozenset(squeezed(cell) for row in texts[:start] for cell in row if cell)
    best.texts = frozenset(squeezed(cell) for row in texts[:end] for cell in row if cell)
    best.money = money_note(
        cell for row in texts[:start] for cell in row if cell and ("单位" in cell or not is_known(cell))
    )
    best.long_numbers = long_numbers(rows[end:], len(cells))
    return _shaped(best, shape, texts, search)


def _how_many_known(row: Sequence[str], search: HeaderSearch) -> int:
    """Return how many texts of a row are headers; months say of which item they are beside an id only.

    Names and numbers of persons, which are not read, are headers beside one that is.
    """
    known = sum(bool(cell) and search.knows(cell) for cell in row)
    known += sum(OF_PERSON.fullmatch(cell) is not None and not search.knows(cell) for cell in row) if known else 0
    months = months_alone(row) if known and any(cell and names_id(cell) for cell in row) else ()
    return known + len(months) if len(months) >= FEWEST_MONTHS else known


def is_table_header(row: Sequence[str], search: HeaderSearch = USUAL) -> bool:
    """Tell whether a row of texts is the header of a table by itself: with an id, and mostly known headers.

    Examples
    --------
    >>> is_table_header(["户编号", "户主姓名", "年度"]), is_table_header(["h1", "张三", "年度"])
    (True, False)
    """
    filled = [cell for cell in row if cell]
    known = [cell for cell in filled if search.knows(cell)]
    return (
        len(known) >= FEWEST_KNOWN
        and len(known) * 2 >= len(filled)
        and not _is_form_line(row)
        and any(names_id(cell) or header_key(cell) in search.given for cell in known)
    )


def _is_form_line(row: Sequence[str]) -> bool:
    """Tell whether a row is a line of a form, 户编号 and the number itself beside it, and no header of a table."""
    return any(names_id(cell) and ID_ITSELF.fullmatch(beside) for cell, beside in pairwise(row) if cell and beside)


def _shape(rows: Sequence[Sequence[Any]], texts: Sequence[Sequence[str]]) -> str:
    """Return whether a sheet is a form, or turned so that households stand side by side; "" for neither."""
    for row, cells in zip(texts, rows, strict=True):
        for at, cell in enumerate(row):
            if not (cell and names_id(cell)):
                continue
            beside = [str(one).strip() for one in cells[at + 1 :] if one not in (None, "")]
            if beside and ID_ITSELF.fullmatch(beside[0]):
                return "turned" if len(beside) > 1 and all(map(ID_ITSELF.fullmatch, beside)) else "form"
    return ""


def _shaped(header: Header, shape: str, texts: Sequence[Sequence[str]], search: HeaderSearch) -> Header:
    """Return a header with the shape of its sheet, and the names that stand anywhere in a form."""
    header.shape = shape
    if shape:
        header.texts |= {cell for row in texts for cell in row if cell and search.knows(cell)}
    return header


def _end_of_first_table(
    rows: Sequence[Sequence[Any]], texts: Sequence[Sequence[str]], search: HeaderSearch
) -> int | None:
    """Return the header below the rows of a first table, if there is one; a fuller header below is another table's."""
    headers = [number for number, row in enumerate(texts) if is_table_header(row, search)]
    for upper, lower in pairwise(headers):
        ids = [at for at, cell in enumerate(texts[upper]) if cell and names_id(cell)]
        between = (str(row[at]) for row in rows[upper + 1 : lower] for at in ids if at < len(row))
        if any(any(map(str.isdigit, cell)) and not search.knows(cell) for cell in between):
            return lower
    return None


class _Groups:
    """What stands over each column in a row of groups: as far as it is merged, else up to the next group."""

    def __init__(self, texts: Sequence[Sequence[str]], merged: Sequence[tuple[Cell, Cell]]) -> None:
        self.texts = texts
        self.across: dict[int, dict[int, str]] = {}
        for (first, left), (_, right) in merged:
            if right > left and first <= len(texts) and left <= len(texts[first - 1]):
                row = self.across.setdefault(first - 1, {})
                row |= dict.fromkeys(range(left - 1, right), texts[first - 1][left - 1])

    def over(self, number: int, below: Sequence[str]) -> list[str]:
        """Return the group over each column of the rows below, given what stands there."""
        row, across = self.texts[number], self.across.get(number)
        groups, group = [], ""
        for position, text in enumerate(below):
            own = row[position] if position < len(row) else ""
            group = across.get(position, own) if across is not None else own or (group if text else "")
            groups.append(group)
        return groups

    def must_be_over(self, number: int, below: Sequence[str]) -> bool:
        """Tell whether words stand below what spans several columns and nowhere else, so that they are headers too.

        A row of a household has its id, and its words stand below headers of their own.
        """
        row = self.texts[number]
        filled = [at for at, text in enumerate(below) if text and text != (row[at] if at < len(row) else "")]
        spans: dict[int, int] = {}
        for at in filled:
            if A_FIGURE.fullmatch(below[at]):
                return False
            if at >= len(row) and number not in self.across:
                return False  # a cell too many, below nothing
            if at < len(row) and row[at]:
                spans[at] = 1
            elif (left := self._starts(number, at)) in spans:
                spans[left] += 1
            else:
                return False
        return bool(spans) and all(
            n > 1 or (at + 1 < len(row) and self._starts(number, at + 1) == at) for at, n in spans.items()
        )

    def _starts(self, number: int, position: int) -> int:
        """Return the column in which stands what is over a column, by merged cells or else the next to the left."""
        row, across = self.texts[number], self.across.get(number)
        while position > 0 and not (position < len(row) and row[position]):
            if across is not None and (position not in across or across.get(position - 1) != across[position]):
                break
            position -= 1
        return position


def _levels(
    rows: Sequence[Sequence[Any]], texts: Sequence[Sequence[str]], top: int, search: HeaderSearch, groups: _Groups
) -> tuple[int, int, list[str], int]:
    """Return first row and end of the header around its best row, its cells joined, and how many of them are known."""

    def knows(cells: Sequence[str]) -> int:
        return sum(bool(cell) and (search.knows(cell) or _is_of_other_time(cell, search)) for cell in cells)

    best = top, top + 1, list(texts[top]), knows(texts[top])
    for last in range(top, min(top + MOST_HEADER_ROWS, len(texts))):
        if last > top and not all(cell is None or isinstance(cell, str) for cell in rows[last]):
            break  # numbers and days stand in rows, not in headers: 工资性收入 beside them is an item
        if last > top and _has_an_id(texts[last], texts[top], search):
            break  # 未消除 or 边缘易致贫户 beside an id is an answer, not a header
        cells, must = list(texts[last]), False
        for first in range(last, max(last - MOST_HEADER_ROWS, -1), -1):
            if first < last:
                below = first == last - 1 and first >= top and groups.must_be_over(first, cells)
                must = must or below
                if not below and not _are_groups(texts[first], cells, search):
                    break
                joined = _join_levels(groups.over(first, cells), texts[first], cells, search)
                if first == last - 1 and not below and not _are_headers(cells, joined, search):
                    break
                cells = joined
            if first > top:
                continue
            n_known = knows(cells)
            lowest = texts[last]
            adds = first < last and (
                any(
                    cell and not (at < len(lowest) and lowest[at]) and search.knows(cell)
                    for at, cell in enumerate(cells)
                )
                or any(LEVEL in cell and search.knows(cell) for cell in cells)
            )
            if (
                n_known > best[3]
                or (must and last >= best[1])
                or (
                    adds
                    and n_known == best[3]
                    and sum(LEVEL in one for one in cells) >= sum(LEVEL in one for one in best[2])
                )
            ):
                best = first, last + 1, cells, n_known
    return best


def _is_of_other_time(cell: str, search: HeaderSearch) -> bool:
    """Tell whether a header below a group is known, and its group says that it is of another time: 识别时 > 工资性收入."""
    group, _, own = cell.partition(LEVEL)
    return bool(own) and OTHER_TIME.search(group) is not None and search.knows(own)


def _has_an_id(row: Sequence[str], header: Sequence[str], search: HeaderSearch) -> bool:
    """Tell whether below the header of an id stands anything that is no header."""
    return any(cell and names_id(above) and not search.knows(cell) for cell, above in zip(row, header, strict=False))


def _are_headers(cells: Sequence[str], joined: Sequence[str], search: HeaderSearch) -> bool:
    """Tell whether what stands below a row of headers is mostly headers too, by itself or below its group, and no row of data."""
    own = [at for at, cell in enumerate(cells) if cell]
    known = sum(
        search.knows(cells[at])
        or (LEVEL in joined[at] and (search.knows(joined[at]) or OTHER_TIME.search(cells[at]) is not None))
        for at in own
    )
    return bool(own) and known * 2 >= len(own)


def _are_groups(row: Sequence[str], below: Sequence[str], search: HeaderSearch) -> bool:
    """Tell whether a row holds groups, or headers merged over two rows, and not a title or a note."""
    filled = [(position, cell) for position, cell in enumerate(row) if cell]
    if (
        not filled
        or _is_form_line(row)
        or any(NO_GROUP.search(squeezed(cell)) and not search.knows(cell) for _, cell in filled)
    ):
        return False
    if len(filled) > 1 or search.knows(filled[0][1]):
        return True
    position, cell = filled[0]
    named = below[position] if position < len(below) else ""
    is_amount = bool(read_amount_header(named).figure) or not search.knows(named)
    return position > 0 and is_amount and (GROUP.search(cell) is not None or year_named(cell) is not None)


def _is_row_of_units(row: Sequence[Any], texts: Sequence[str], header: Sequence[str]) -> bool:
    """Tell whether the row below a header holds the units of its columns and nothing else."""
    filled = [(position, squeezed(cell)) for position, cell in enumerate(texts) if cell]
    whole = all(cell is None or isinstance(cell, str) for cell in row)
    of_money = [position for position, cell in filled if (unit := money_unit(cell.strip("()"))) and unit.scale]
    others = all(position in of_money or cell.strip("()") in OTHER_UNITS for position, cell in filled)
    named = all(position < len(header) and read_amount_header(header[position]).figure for position in of_money)
    return whole and bool(of_money) and others and named


def _guessed(texts: Sequence[Sequence[str]], known: Sequence[int]) -> Header:
    """Return the first row that is filled with short, differing texts as the header; none without one."""
    widest = max((sum(map(bool, row)) for row in texts), default=0)
    for number, row in enumerate(texts[:-1]):
        filled = [cell for cell in row if cell]
        names = len(filled) == len(set(filled)) and all(
            len(cell) <= LONGEST_GUESSED and not re.fullmatch(r"[\d.,%/年月日-]+", cell) for cell in filled
        )
        if names and len(filled) >= max(FEWEST_KNOWN, MOST_OF_WIDTH * widest):
            above = frozenset(squeezed(cell) for line in texts[: number + 1] for cell in line if cell)
            return Header(list(row), number + 1, known[number], above, guessed=True)
    return Header([], 0, 0)


def _join_levels(groups: Sequence[str], row: Sequence[str], below: Sequence[str], search: HeaderSearch) -> list[str]:
    """Join per column a group to what stands below it; take either alone where the other adds nothing."""
    joined = []
    summed = {groups[at] for at, text in enumerate(below) if is_total(squeezed(text))}
    for position, text in enumerate(below):
        above, group = row[position] if position < len(row) else "", groups[position]
        both = f"{group}{LEVEL}{text}"
        if not text:
            joined.append(above)
        elif not group or FIELD_CODE.fullmatch(group):
            joined.append(text)
        elif AFTER_ELIMINATION in group or _is_amount(both, text, group, summed=group in summed):
            joined.append(both)
        elif search.knows(text):
            joined.append(text)
        elif groups.count(group) > 1 and not names_id(group):
            joined.append(both)  # one of its parts is not what it says
        else:
            joined.append(above if above and search.knows(above) else f"{group}{text}")
    return joined + list(row[len(below) :])


def _is_amount(both: str, text: str, group: str, *, summed: bool) -> bool:
    """Tell whether a group and what stands below it are an amount, or may be one, that the lower text alone is not.

    What a group has a total of is joined to it too, so that the total is known by its parts.
    """
    joined, alone = read_amount_header(both), read_amount_header(text)
    if joined.figure or alone.figure:
        return joined != alone or summed
    return bool(read_amount_header(group).figure) or (is_total(squeezed(text)) and OF_MONEY.search(group) is not None)


def squeezed(text: str) -> str:
    """Return a text in half-width form without any blanks.

    Examples
    --------
    >>> squeezed("合　计（户）")
    '合计(户)'
    """
    return re.sub(r"\s+", "", plain_signs(text))


def keepable(cell: str) -> str:
    r"""Return a text that can be kept: without NUL, with a mark for what did not decode.

    Examples
    --------
    >>> keepable("h1\0\udcff") == "h1\ufffd"
    True
    """
    return NOT_DECODED.sub("\ufffd", cell.replace("\0", ""))
