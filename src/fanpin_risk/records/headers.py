"""Which declared column a header of a real sheet speaks of.

Headers come with units in brackets, in full or half width, with line breaks, stars and colons, as totals beside
their parts, and some name persons. Each header is read on its own first, then all headers of a sheet together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from fanpin_risk.records.cells.units import unit_factor
from fanpin_risk.records.schema import TABLES, Table

__all__ = ["Heading", "Layout", "is_known", "lay_out", "read_heading"]

Kind = Literal["column", "part", "item", "computed", "personal", "ignored", "unknown"]

NOISE = re.compile(r"[\s_\-–—·*#:.。'\"]+")
NUMBERING = re.compile(r"^\d{1,2}[、.．]\s*")
LAST_BRACKET = re.compile(r"\(([^()]*)\)$|\[([^\[\]]*)\]$|【([^【】]*)】$")
ANY_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
UNIT_WORD = re.compile(r"^(?:单位)?[::]?")

# Columns that are given in several cells of a row, to be joined in the order of the sheet.
PARTS = {
    ("monitoring", "risks"): re.compile(r"(?:致贫/?返贫|返贫/?致贫|返贫|致贫)?风险(?:类型)?[1-5一二三四五]"),
    ("households", "other_causes"): re.compile(r"致贫原因[2-5]|(?:其他|次要)致贫原因[1-5一二三]"),
    ("households", "area_name"): re.compile(r"省份?|市|地市|县|区县|县区|市县|乡|镇|乡镇|村|行政村"),
}
# Sums that stand beside their parts in some sheets: total header -> item codes of its parts.
TOTALS = {
    "财产性收入": ("prop_dividend", "prop_land", "prop_other"),
    "转移性收入": (
        "tr_family_planning", "tr_dibao", "tr_tekun", "tr_pension", "tr_ecology", "tr_disability", "tr_other"
    ),
    "工资性收入": ("wage",),
}  # fmt: skip
COMPUTED = re.compile(
    r"(?:家庭|户)?(?:年|全年)?(?:人均)?(?:总|纯|净|可支配|年|年度|年纯)?收入(?:合计|总计|总额)?|家庭人口数?|人口数|人数"
)
PERSONAL = re.compile(
    r"姓名|身份证|证件号|证件类型|证件类别|公民身份|电话|手机|联系方式|银行卡|银行账|账号|开户|微信|照片|残疾证号"
    r"|^(?:full|first|last|family|given)?name$|^(?:citizen|national)?id(?:card|no|number)?$|phone|mobile|bankaccount"
)
IGNORED = re.compile(r"序号|编号|行号|no|number|unnamed|(?:index)?(?:level)?")
LONGEST_HEADER = 60  # characters; what is longer is a note
AFTER_ELIMINATION = "消除后"  # copies of figures made when the risk was declared over: not the figures of the sheet


@dataclass(frozen=True, slots=True)
class Heading:
    """One header, read.

    Attributes
    ----------
    kind : str
        What it is: a declared ``column``, one ``part`` of a column, an income ``item`` of a wide sheet, a
        ``computed`` figure that is not read, a ``personal`` or ``unknown`` column that is not read, or ``ignored``.
    name : str
        Name of the column, or code of the item.
    rank : int
        0 for the declared name, more for the aliases: the lower wins when two headers name one column.
    unit : str
        What its brackets say, e.g. ``万元``.
    """

    kind: Kind
    name: str = ""
    rank: int = 0
    unit: str = ""


@dataclass(slots=True)
class Layout:
    """All headers of a sheet together: positions per column, and what was left out.

    Attributes
    ----------
    columns : dict of str to (int, float)
        Column -> position and factor its numbers are multiplied by.
    parts : dict of str to list of int
        Column -> positions of its parts.
    items : dict of str to (int, float)
        Income item -> position and factor.
    left_out : list of (int, str)
        Position and reason: ``personal_column_dropped``, ``computed_column_ignored``, ``total_column_ignored``,
        ``second_column_ignored`` or ``unknown_column``.
    """

    columns: dict[str, tuple[int, float]] = field(default_factory=dict)
    parts: dict[str, list[int]] = field(default_factory=dict)
    items: dict[str, tuple[int, float]] = field(default_factory=dict)
    left_out: list[tuple[int, str]] = field(default_factory=list)

    @property
    def positions(self) -> list[int]:
        """Positions of all columns that are read, in the order of the sheet."""
        single = [position for position, _ in (*self.columns.values(), *self.items.values())]
        return sorted({*single, *(position for several in self.parts.values() for position in several)})

    @property
    def found(self) -> set[str]:
        """Names of all columns that are read."""
        wide = {"item", "amount_cny"} if self.items else set()
        return {*self.columns, *self.parts, *wide}

    def only(self, names: Container[str]) -> Layout:
        """Return the layout of some columns given whole, and of nothing else."""
        return Layout(columns={name: place for name, place in self.columns.items() if name in names})


def read_heading(table: Table, header: str) -> Heading:
    """Return what one header says in one table.

    Parameters
    ----------
    table : Table
        Declaration of the table.
    header : str
        As it stands in the file.

    Returns
    -------
    Heading

    Examples
    --------
    >>> read_heading(TABLES["households"], "耕地面积（亩）")
    Heading(kind='column', name='farmland_mu', rank=0, unit='亩')
    >>> read_heading(TABLES["members"], "户主姓名").kind
    'personal'
    """
    known = _known(table.name)
    key = ""
    for key, unit in _variants(header):
        if key in known:
            kind, name, rank = known[key]
            return Heading(kind, name, rank, unit)
        for (owner, name), pattern in PARTS.items():
            if owner == table.name and pattern.fullmatch(key):
                return Heading("part", name, 0, unit)
    if not key or IGNORED.fullmatch(re.sub(r"\d+$", "", key)):
        return Heading("ignored")
    if PERSONAL.search(key):
        return Heading("personal")
    if table.name == "incomes" and COMPUTED.fullmatch(key):
        return Heading("computed")
    return Heading("unknown")


def lay_out(table: Table, headers: Sequence[str], *, money: float = 1.0) -> Layout:
    """Return which column of a sheet holds which declared column.

    Parameters
    ----------
    table : Table
        Declaration of the table.
    headers : sequence of str
        Headers of the sheet, in order.
    money : float
        Factor for amounts whose header names no unit, e.g. 10000 below a note 单位：万元.

    Returns
    -------
    Layout

    Examples
    --------
    >>> layout = lay_out(TABLES["incomes"], ["户编号", "年度", "低保金（万元）", "转移性收入", "人均纯收入"])
    >>> layout.items, layout.left_out
    ({'tr_dibao': (2, 10000.0)}, [(3, 'total_column_ignored'), (4, 'computed_column_ignored')])
    """
    headings = [read_heading(table, header) for header in headers]
    layout = Layout()
    ranked = sorted((heading.rank, position) for position, heading in enumerate(headings))
    totals = _totals_beside_parts(headers, headings)
    for _, position in ranked:
        heading = headings[position]
        reason = {
            "personal": "personal_column_dropped",
            "computed": "computed_column_ignored",
            "unknown": "unknown_column",
        }.get(heading.kind)
        if heading.kind == "column":
            if heading.name in layout.columns:
                reason = "second_column_ignored"
            else:
                column = table[heading.name]
                layout.columns[heading.name] = position, unit_factor(column.unit, heading.unit, money)
        elif heading.kind == "item":
            if position in totals:
                reason = "total_column_ignored"
            elif heading.name in layout.items:
                reason = "second_column_ignored"
            else:
                layout.items[heading.name] = position, unit_factor("CNY", heading.unit, money)
        elif heading.kind == "part":
            layout.parts.setdefault(heading.name, []).append(position)
        if reason:
            layout.left_out.append((position, reason))
    _settle(layout)
    layout.left_out.sort()
    return layout


def _settle(layout: Layout) -> None:
    """Let a column win over its parts, and a long sheet (item, amount) over item headers."""
    for name in [name for name in layout.parts if name in layout.columns]:
        if name == "area_name":
            layout.left_out += [(position, "second_column_ignored") for position in layout.parts.pop(name)]
        else:  # 其他致贫原因 beside 致贫原因3: all are causes
            layout.parts[name] = sorted([*layout.parts[name], layout.columns.pop(name)[0]])
    if layout.items and {"item", "amount_cny"} <= layout.columns.keys():
        layout.left_out += [(position, "second_column_ignored") for position, _ in layout.items.values()]
        layout.items.clear()


def _totals_beside_parts(headers: Sequence[str], headings: Sequence[Heading]) -> set[int]:
    """Return the positions of sums whose parts stand in the same sheet."""
    keys = [_key(ANY_BRACKET.sub("", unicodedata.normalize("NFKC", header))) for header in headers]
    totals = set()
    for position, key in enumerate(keys):
        parts = TOTALS.get(key, ())
        if any(
            heading.kind == "item" and heading.name in parts and keys[other] != key
            for other, heading in enumerate(headings)
        ):
            totals.add(position)
    return totals


def is_known(text: str) -> bool:
    """Tell whether a text is the header of some declared column or income item.

    Examples
    --------
    >>> is_known("人员编号"), is_known("H20230000412")
    (True, False)
    """
    if len(text) > LONGEST_HEADER or AFTER_ELIMINATION in text:
        return False
    keys = _all_known()
    return any(key in keys or any(part.fullmatch(key) for part in PARTS.values()) for key, _ in _variants(text))


def _variants(header: str) -> Iterator[tuple[str, str]]:
    """Give the forms a header may be known under, with the unit in its brackets: whole, then with fewer brackets."""
    text = whole = NUMBERING.sub("", unicodedata.normalize("NFKC", header).strip())
    unit = ""
    yield _key(text), unit
    while bracket := LAST_BRACKET.search(text):
        unit = unit or UNIT_WORD.sub("", next(part for part in bracket.groups() if part is not None).strip())
        text = text[: bracket.start()].strip()
        yield _key(text), unit
    without = ANY_BRACKET.sub("", whole)
    if without != text:
        yield _key(without), unit


@lru_cache(maxsize=1)
def _all_known() -> frozenset[str]:
    return frozenset(key for name in TABLES for key in _known(name))


@cache
def _known(table_name: str) -> dict[str, tuple[Kind, str, int]]:
    table = TABLES[table_name]
    known: dict[str, tuple[Kind, str, int]] = {}
    for column in table.columns:
        for rank, text in enumerate((column.name, column.zh, *column.aliases)):
            key = _key(unicodedata.normalize("NFKC", text))
            if not any(owner == table_name and pattern.fullmatch(key) for (owner, _), pattern in PARTS.items()):
                known.setdefault(key, ("column", column.name, max(rank - 1, 0)))
    if "item" in table:
        for code, texts in table["item"].codes.items():
            for rank, text in enumerate((code, *texts)):
                known.setdefault(_key(unicodedata.normalize("NFKC", text)), ("item", code, max(rank - 1, 0)))
    return known


def _key(text: str) -> str:
    return NOISE.sub("", text).lower()
