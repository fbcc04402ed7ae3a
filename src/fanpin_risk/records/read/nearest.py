"""What a header that is not declared may be: the declared names nearest to it, by its text and by what stands below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from fanpin_risk.records.cells import parse
from fanpin_risk.records.cells.cleaning import MISSING, as_text
from fanpin_risk.records.cells.codes import NO, YES
from fanpin_risk.records.cells.contents import distinct
from fanpin_risk.records.declarations import Column
from fanpin_risk.records.headers import ANY_BRACKET, header_key, read_heading
from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.read.assignment import Assignment
from fanpin_risk.records.read.namesakes import PLAIN_OF_DATES, kind_of_name, may_mean, speaks_for_itself
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import IGNORE, Sheet
from fanpin_risk.words import Message, listed

__all__ = ["Likeness", "Nearest", "SheetRead"]

FEWEST_ALIKE = 0.5  # of two texts, by which a name counts at all
FEWEST_POINTS = 0.55  # of a name that is shown
FARTHER = 0.25  # points less than the nearest, with which a name is not shown
ELSEWHERE = 0.05  # points less for a column of a table that the sheet is not of
MOST_NAMES = 3
MOST_LOOKED_AT = 300  # headers of a register; beyond them nothing is proposed
SAMPLE = 200  # different cells of a column that are looked at
MOSTLY = 0.6  # of the cells, by which a column is of a kind
FEWEST_IDS = 2
LOOKS_LIKE_DATE = re.compile(r"(?:19|20)\d\d(?:年.*|[-/.]\d.*|(?:0[1-9]|1[0-2])(?:[0-3]\d)?(?:\.0)?)?")
LOOKS_LIKE_NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?(?:万?元|亩|人|个?月)?")
OF_EVENTS = frozenset(
    ("shocks", "supports", "warnings")
)  # tables of which a sheet of something else tells nothing in passing
MONEY_WORD = re.compile(r"[钱款金费元]|补贴|补助|收入|支出|工资")
REASONS: Mapping[str, Message] = {
    "name": Message("similar name", zh="名称相近"),
    "ids": Message("the same ids as elsewhere", zh="编号与其他表一致"),
    "codes": Message("values of its list", zh="取值在其代码表中"),
    "number": Message("numbers", zh="内容是数"),
    "date": Message("dates", zh="内容是日期"),
    "flag": Message("yes and no", zh="内容是是/否"),
}


@dataclass(frozen=True, slots=True)
class SheetRead:
    """A sheet, and which of its columns belong to which table.

    Attributes
    ----------
    sheet : Sheet
    assignments : tuple of Assignment
        Empty if it is of no table.
    """

    sheet: Sheet
    assignments: tuple[Assignment, ...]

    @property
    def unknown(self) -> list[int]:
        """Positions of headers that no table declares, and of which no columns file says anything."""
        head = self.sheet.head
        if head.table == IGNORE:
            return []
        read = set().union(*(to.layout.positions for to in self.assignments))
        headers = [(at, text) for at, text in enumerate(head.headers) if at not in read and at not in head.meanings]
        return [at for at, text in headers if all(read_heading(t, text).kind == "unknown" for t in TABLES.values())]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A declared name that a header may stand for.

    Attributes
    ----------
    table : str
    name : str
        A column of the table, or a figure of the tree of incomes.
    points : float
        How near it is; more is nearer.
    reasons : tuple of str
        Keys of `REASONS`.
    """

    table: str
    name: str
    points: float
    reasons: tuple[str, ...]

    @property
    def label(self) -> Message:
        """Its name as it may be written into a columns file."""
        if self.name in TABLES[self.table]:
            return Message(self.name, zh=TABLES[self.table][self.name].zh)
        return Message(self.name, zh=NODES[self.name].names[0])

    @property
    def reason(self) -> Message:
        """Why, in words."""
        return listed(REASONS[reason] for reason in self.reasons)


class Nearest:
    """The declared names nearest to headers that are not declared, over all sheets of a register.

    Parameters
    ----------
    sheets : sequence of SheetRead
        All sheets, for an id is known by standing in others.

    Examples
    --------
    >>> from fanpin_risk.records.sheets import SheetHead
    >>> import numpy as np
    >>> head = SheetHead(file="a.csv", source="a.csv", headers=["家庭人口数量"])
    >>> sheet = Sheet(head, pd.DataFrame({"家庭人口数量": ["3", "2"]}), np.array([2, 3]))
    >>> [near.name for near in Nearest([SheetRead(sheet, ())]).of(0, 0)]
    ['size_declared']
    """

    def __init__(self, sheets: Sequence[SheetRead]) -> None:
        self.sheets = sheets
        self._ids: dict[str, set[str]] | None = None
        self._looked_at: set[str] = set()

    def of(self, number: int, position: int) -> tuple[Likeness, ...]:
        """Return the names nearest to the header at a position of a sheet, the nearest first; at most three."""
        read = self.sheets[number]
        header = read.sheet.head.headers[position]
        key = header_key(ANY_BRACKET.sub("", header)) or header_key(header)
        if key not in self._looked_at and len(self._looked_at) >= MOST_LOOKED_AT:
            return ()
        self._looked_at.add(key)
        cells = _sample(read.sheet.frame.iloc[:, position])
        kinds = _kinds_of_cells(cells)
        alike = dict(_alike(key))
        by_content = set(self._by_content(header, cells, kinds, number))
        of_sheet = {to.table.name for to in read.assignments}
        taken = {name for to in read.assignments for name in to.layout.found}
        found = []
        places = {place for place in (*alike, *by_content) if place[1] not in taken}
        if ("monitoring", "type") in by_content:  # 户类型 would say nothing of the monitoring that the cells name
            places.discard(("households", "register_status"))
        for place in {
            (table, name) for table, name in places if not of_sheet or table in of_sheet or table not in OF_EVENTS
        }:
            points, reasons = self._points(place, alike.get(place, 0.0), cells, kinds, number)
            points = max(points, FEWEST_POINTS + ELSEWHERE) if place in by_content else points
            points -= ELSEWHERE * (bool(of_sheet) and place[0] not in of_sheet)
            if points >= FEWEST_POINTS:
                found.append(Likeness(*place, points, reasons))
        found.sort(key=lambda near: (-near.points, list(TABLES).index(near.table), near.name))
        once: dict[str, Likeness] = {}
        for near in found:  # an id or a day is the same name in several tables
            if near.points >= found[0].points - FARTHER:
                once.setdefault(near.label.shown("zh"), near)
        return tuple(once.values())[:MOST_NAMES]

    def _by_content(
        self, header: str, cells: list[str], kinds: frozenset[str], number: int
    ) -> Iterator[tuple[str, str]]:
        """Give columns that only the cells point to.

        These are ids that stand elsewhere, values of a list of codes, dates where the table of the sheet has none of its
        own, and numbers under a header that is about money.
        """
        if self._share_of_ids(cells, "household_id", number) >= MOSTLY:
            yield "households", "household_id"
        if self._share_of_ids(cells, "member_id", number) >= MOSTLY:
            yield "members", "member_id"
        if "date" in kinds and PLAIN_OF_DATES.fullmatch(header_key(ANY_BRACKET.sub("", header))):
            yield from ((to.table.name, to.table.time) for to in self.sheets[number].assignments)
        if "number" in kinds and MONEY_WORD.search(header) and may_mean(header, "金额", "amount", "amount_cny"):
            yield "incomes", "amount_cny"
        if cells and not kinds & {"number", "date", "flag"}:
            for table in TABLES.values():
                for column in table.columns:
                    if speaks_for_itself(column.name) and _share_of_codes(cells, column) >= MOSTLY:
                        yield table.name, column.name

    def _points(
        self, place: tuple[str, str], alike: float, cells: list[str], kinds: frozenset[str], number: int
    ) -> tuple[float, tuple[str, ...]]:
        """Return how near a column is by its name and by the cells, and why."""
        table, name = place
        column = _column(table, name)
        reasons = ["name"] if alike else []
        if not cells:
            return alike, tuple(reasons)
        if column.type == "id":
            share = self._share_of_ids(cells, name, number)
            if share >= MOSTLY:
                return 0.3 * alike + 0.7 * share, (*reasons, "ids")
            return (alike if not self._known_ids().get(name) and _has_digits(cells) else 0.0), tuple(reasons)
        if column.type in ("code", "codes"):
            share = _share_of_codes(cells, column)
            if share < MOSTLY / 2:
                return 0.0, ()
            several = len(set(cells)) > 1
            return 0.4 * alike + (0.6 if several else 0.3) * share, (*reasons, "codes")
        wanted = {"int": "number", "number": "number", "date": "date", "bool": "flag"}.get(column.type, "")
        if not wanted:
            return alike, tuple(reasons)
        if wanted not in kinds:
            return 0.0, ()
        return alike + 0.1, (*reasons, wanted)

    def _share_of_ids(self, cells: list[str], name: str, number: int) -> float:
        """Return which share of cells stand as ids in other sheets."""
        if len(cells) < FEWEST_IDS or name not in ("household_id", "member_id") or not _has_digits(cells):
            return 0.0
        known = self._known_ids()[name]
        if not known:
            known = self._ids_alike(number) if name == "household_id" else set()
        return sum(cell in known for cell in cells) / len(cells)

    def _known_ids(self) -> dict[str, set[str]]:
        if self._ids is None:
            self._ids = {"household_id": set(), "member_id": set()}
            for read in self.sheets:
                for to in read.assignments:
                    for name in self._ids.keys() & to.layout.columns.keys():
                        self._ids[name] |= _texts(read.sheet.frame.iloc[:, to.layout.columns[name][0]])
        return self._ids

    def _ids_alike(self, number: int) -> set[str]:
        """Return what stands in columns of other sheets that look like ids, where no sheet has ids that are known."""
        found: set[str] = set()
        for other, read in enumerate(self.sheets):
            for position in read.unknown[:MOST_NAMES] if other != number else ():
                values = read.sheet.frame.iloc[:, position]
                cells = _sample(values)
                if _has_digits(cells) and not _kinds_of_cells(cells) & {"date", "flag"} and min(map(len, cells)) > 1:
                    found |= _texts(values)
        return found


def _sample(values: pd.Series) -> list[str]:
    """Return some different cells of a column as texts, without those that stand for nothing."""
    _, contents = distinct(values)
    some = contents[: 2 * SAMPLE]
    texts = (as_text(cell) for cell in (some if isinstance(some, list) else some.to_pylist()) if cell is not None)
    return [text for text in dict.fromkeys(texts) if text.lower() not in MISSING][:SAMPLE]


def _texts(values: pd.Series) -> set[str]:
    _, contents = distinct(values)
    cells: list[Any] = contents if isinstance(contents, list) else contents.to_pylist()
    return {text for cell in cells if cell is not None and (text := as_text(cell)).lower() not in MISSING}


def _kinds_of_cells(cells: list[str]) -> frozenset[str]:
    """Return what most of the cells look like."""
    if not cells:
        return frozenset()
    tests = {
        "date": sum(LOOKS_LIKE_DATE.fullmatch(cell) is not None for cell in cells),
        "number": sum(LOOKS_LIKE_NUMBER.fullmatch(cell) is not None for cell in cells),
        "flag": sum(cell.lower() in YES or cell.lower() in NO for cell in cells),
    }
    return frozenset(kind for kind, count in tests.items() if count >= MOSTLY * len(cells))


def _has_digits(cells: list[str]) -> bool:
    return bool(cells) and sum(any(sign.isdigit() for sign in cell) for cell in cells) >= MOSTLY * len(cells)


def _share_of_codes(cells: list[str], column: Column) -> float:
    """Return which share of cells are values of a column's list; 0 where all are one value, or none says anything."""
    parsed = parse(pd.Series(cells, dtype="str"), column)
    known = parsed.column.notna().to_numpy()
    return float(known.mean()) if parsed.column.nunique() > min(1, len(cells) - 1) else 0.0


@lru_cache(maxsize=2 * MOST_LOOKED_AT)
def _alike(key: str) -> tuple[tuple[tuple[str, str], float], ...]:
    """Return the columns and income items whose names are like a text, with how alike they are: 0 to 1."""
    matcher = SequenceMatcher(autojunk=False, b=key)
    best: dict[tuple[str, str], float] = {}
    for name, places in _names().items():
        within = name in key or key in name
        matcher.set_seq1(name)
        if not within and matcher.quick_ratio() < FEWEST_ALIKE:
            continue
        alike = matcher.ratio()
        if within and min(len(name), len(key)) > 1:
            alike = max(alike, 0.55 + 0.4 * min(len(name), len(key)) / max(len(name), len(key)))
        if alike >= FEWEST_ALIKE:
            for table, place in places:
                if may_mean(key, name, kind_of_name(_column(table, place), place), place):
                    best[table, place] = max(best.get((table, place), 0.0), alike)
    return tuple(best.items())


def _column(table: str, name: str) -> Column:
    """Return the column that a name is of; of a figure of incomes that of amounts."""
    return TABLES[table][name] if name in TABLES[table] else TABLES["incomes"]["amount_cny"]


@cache
def _names() -> dict[str, list[tuple[str, str]]]:
    """Return all declared headers, with the columns and income items that they name."""
    names: dict[str, list[tuple[str, str]]] = {}
    for table in TABLES.values():
        for column in table.columns:
            for text in (column.name, column.zh, *column.aliases, *column.negated):
                names.setdefault(header_key(text), []).append((table.name, column.name))
    for figure, node in NODES.items():
        for text in node.names:
            names.setdefault(header_key(text), []).append(("incomes", figure))
    return names
