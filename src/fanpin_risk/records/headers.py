"""Which declared column a header of a real sheet speaks of.

Headers come with units in brackets, in full or half width, with line breaks, stars and colons, as totals beside
their parts, and some name persons. Each header is read on its own first, then all headers of a sheet together.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Literal

from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.cells.units import unit_factor
from fanpin_risk.records.income_items import NODES, node_named
from fanpin_risk.records.schema import TABLES, Table
from fanpin_risk.words import Message

__all__ = [
    "Heading",
    "Layout",
    "header_key",
    "is_known",
    "lay_out",
    "names_id",
    "read_heading",
    "unit_in",
    "years_named",
]

Kind = Literal["column", "negated", "part", "item", "personal", "ignored", "unknown"]

NOISE = re.compile(r"[\s_\-–—·*#:.。'\"]+")
NUMBERING = re.compile(r"^\d{1,2}[、.．]\s*")
LAST_BRACKET = re.compile(r"\(([^()]*)\)$|\[([^\[\]]*)\]$|【([^【】]*)】$")
ANY_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
UNIT_WORD = re.compile(r"^(?:单位)?[::]?")

# Columns that are given in several cells of a row, to be joined in this order, else in that of the sheet.
PLACE_LEVELS = (
    r"省份?", r"市|地市|地级市|市州", r"县|区|区县|县区|市县|行政县|县市区|旗县|县级",
    r"乡|镇|乡镇|街道|乡镇街道", r"村|行政村|村居|村社区|社区",
)  # fmt: skip
PARTS = {
    ("monitoring", "risks"): (re.compile(r"(?:致贫/?返贫|返贫/?致贫|返贫|致贫)?风险(?:类型)?[1-5一二三四五]"),),
    ("households", "other_causes"): (re.compile(r"致贫原因[2-5]|(?:其他|次要)致贫原因[1-5一二三]"),),
    ("households", "area_name"): tuple(
        re.compile(rf"(?:所在|所属|户籍)?(?:{level})(?:名称?)?") for level in PLACE_LEVELS
    ),
    ("members", "work_place"): tuple(
        re.compile(rf"(?:外出)?(?:务工|就业|工作)(?:所在地?|地)(?:{level})") for level in PLACE_LEVELS
    ),
}
PLACE_COLUMNS = ("area_name", "work_place")
PERSONAL = re.compile(
    r"姓名|身份证|证件号|证件类型|证件类别|公民身份|电话|手机|联系方式|银行卡|银行账|账号|开户|微信|照片|残疾证号"
    r"|^(?:full|first|last|family|given)?name$|^(?:citizen|national)?id(?:card|no|number)?$|phone|mobile|bankaccount"
)
# Where a sheet has no numbers of its own for households and persons.
ID_OF_HEAD = re.compile(
    r"户主(?:身份证号码?|身份证|证件号码?|公民身份号码|公民身份证号码)(?:[+、/和及与]?(?:户主)?姓名)?"
    r"|户主姓名[+、/和及与]?(?:户主)?身份证号码?"
)
ID_OF_PERSON = re.compile(r"(?:成员|人员|本人)?(?:身份证号码?|证件号码?|公民身份号码|公民身份证号码)")
NAME_OF_PERSON = re.compile(r"(?:家庭)?(?:成员|人员)?姓名")
# Questions of yes and no: how they ask, how they ask the opposite, and how they ask for trouble with a thing.
ASKING = re.compile(r"是否|是不是|有无|有没有")
DENYING = re.compile(r"未|没有|没|无|不")
TROUBLE = re.compile(r"(?:问题|隐患|困难)$")
MET_WITH = re.compile(r"存在|出现|遇到|有")
NONE_GIVEN: Mapping[int, float] = MappingProxyType({})
NEGATED = "¬"  # the unit of a header that asks the opposite of its column
YEAR_BEFORE = re.compile(r"(20[0-4]\d)年度?的?(.+)")
IGNORED = re.compile(r"序号|编号|行号|no|number|unnamed|rejected(?:from|row|because)|(?:index)?(?:level)?")
RANK_OF_QUESTION = 50  # after all names that are declared
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
        0 for the declared name, more for the aliases: the lower wins when two headers name one column. Of a part, its
        place among the parts.
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
        Position and reason: ``personal_column_dropped``, ``second_column_ignored`` or ``unknown_column``.
    personal : set of str
        Ids that are made of citizen ids or names; they are used only as keyed hashes.
    given : set of int
        Positions whose header the user gave: several of one income item are always added up.
    constants : dict of str to str
        Column -> what the header of another column says for every row: 产业帮扶 names the measure.
    marked : int or None
        Position of the column whose cells say in which rows that is so.
    nearest : dict of int to Message
        Positions of headers that are not declared -> the declared names nearest to them.
    """

    columns: dict[str, tuple[int, float]] = field(default_factory=dict)
    parts: dict[str, list[int]] = field(default_factory=dict)
    items: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    left_out: list[tuple[int, str]] = field(default_factory=list)
    personal: set[str] = field(default_factory=set)
    given: set[int] = field(default_factory=set)
    constants: dict[str, str] = field(default_factory=dict)
    marked: int | None = None
    nearest: dict[int, Message] = field(default_factory=dict)

    @property
    def positions(self) -> list[int]:
        """Positions of all columns that are read, in the order of the sheet."""
        single = [position for position, _ in self.columns.values()]
        single += [position for _, position, _ in self.item_columns]
        single += [] if self.marked is None else [self.marked]
        return sorted({*single, *(position for several in self.parts.values() for position in several)})

    @property
    def item_columns(self) -> list[tuple[str, int, float]]:
        """Figure of the tree of income items, position and factor of every column of a wide sheet."""
        return [(figure, *place) for figure, places in self.items.items() for place in places]

    @property
    def found(self) -> set[str]:
        """Names of all columns that are read."""
        wide = {"item", "amount_cny"} if self.items else set()
        return {*self.columns, *self.parts, *self.constants, *wide}

    def without(self, taken: Container[int], *, keep: Container[str]) -> Layout:
        """Return the layout without columns at some positions, but for those named in `keep`."""
        return Layout(
            columns={name: place for name, place in self.columns.items() if place[0] not in taken or name in keep},
            parts={
                name: left for name, places in self.parts.items() if (left := [at for at in places if at not in taken])
            },
            items={
                figure: free
                for figure, places in self.items.items()
                if (free := [place for place in places if place[0] not in taken])
            },
            personal=self.personal,
            given=self.given,
        )

    def among(self, positions: Sequence[int]) -> Layout:
        """Return the layout of a sheet of which only the columns at some positions are kept, in that order."""
        place = {position: number for number, position in enumerate(positions)}
        return Layout(
            columns={name: (place[at], factor) for name, (at, factor) in self.columns.items()},
            parts={name: [place[at] for at in places] for name, places in self.parts.items()},
            items={figure: [(place[at], factor) for at, factor in places] for figure, places in self.items.items()},
            personal=self.personal,
            constants=self.constants,
            marked=None if self.marked is None else place[self.marked],
            given={place[at] for at in self.given if at in place},
        )

    def only(self, names: Container[str]) -> Layout:
        """Return the layout of some columns, and of nothing else."""
        columns = {name: place for name, place in self.columns.items() if name in names}
        parts = {name: places for name, places in self.parts.items() if name in names}
        return Layout(columns=columns, parts=parts, personal=self.personal)


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
            return Heading("column", name, rank, NEGATED) if kind == "negated" else Heading(kind, name, rank, unit)
        if table.name == "incomes" and (figure := node_named(key)) is not None:
            return Heading("item", figure, 1, unit)
        for (owner, name), patterns in PARTS.items():
            for order, pattern in enumerate(patterns if owner == table.name else ()):
                if pattern.fullmatch(key):
                    return Heading("part", name, order, unit)
        if (question := _question(table.name, key)) is not None:
            name, as_declared = question
            return Heading("column", name, RANK_OF_QUESTION, unit if as_declared else NEGATED)
    if not key or IGNORED.fullmatch(re.sub(r"\d+$", "", key)):
        return Heading("ignored")
    if PERSONAL.search(key):
        return Heading("personal")
    return Heading("unknown")


def years_named(headers: Sequence[str]) -> dict[int, list[str]]:
    """Return the headers of each year where income items stand side by side for several years; blank for the others.

    Examples
    --------
    >>> years_named(["户编号", "2021年纯收入", "2022年纯收入"])
    {2021: ['户编号', '纯收入', ''], 2022: ['户编号', '', '纯收入']}
    """
    found: dict[int, dict[int, str]] = {}
    for place, header in enumerate(headers):
        match = YEAR_BEFORE.fullmatch(plain_signs("".join(header.split())))
        if match and read_heading(TABLES["incomes"], match[2]).kind == "item":
            found.setdefault(int(match[1]), {})[place] = match[2]
    named = {place for places in found.values() for place in places}
    return {
        year: [places.get(place, "" if place in named else header) for place, header in enumerate(headers)]
        for year, places in sorted(found.items())
    }


def names_id(header: str) -> bool:
    """Tell whether a header names the id of a household or a person.

    Examples
    --------
    >>> names_id("户编号"), names_id("户类型")
    (True, False)
    """
    for name in ("households", "members"):
        heading = read_heading(TABLES[name], header)
        if heading.kind == "column" and TABLES[name][heading.name].type == "id":
            return True
    return False


def lay_out(
    table: Table, headers: Sequence[str], *, money: float = 1.0, given: Mapping[int, float] = NONE_GIVEN
) -> Layout:
    """Return which column of a sheet holds which declared column.

    Parameters
    ----------
    table : Table
        Declaration of the table.
    headers : sequence of str
        Headers of the sheet, in order.
    money : float
        Factor for amounts whose header names no unit, e.g. 10000 below a note 单位：万元.
    given : mapping of int to float
        Positions whose header the user gave -> what the numbers are multiplied by besides; below 0, yes is no.

    Returns
    -------
    Layout

    Examples
    --------
    >>> layout = lay_out(TABLES["incomes"], ["户编号", "年度", "低保金（万元）", "转移性收入", "人均纯收入"])
    >>> layout.items, layout.left_out
    ({'tr_dibao': [(2, 10000.0)], 'transfers': [(3, 1.0)], 'stated_net_income_per_person': [(4, 1.0)]}, [])
    """
    headings = [read_heading(table, header) for header in headers]
    layout = Layout(given=set(given))
    ranked = sorted((position not in given, heading.rank, position) for position, heading in enumerate(headings))
    for *_, position in ranked:
        heading = headings[position]
        reason = {
            "personal": "personal_column_dropped",
            "unknown": "unknown_column",
        }.get(heading.kind)
        if heading.kind == "column":
            if heading.name in layout.columns:
                reason = "second_column_ignored"
            else:
                column = table[heading.name]
                factor = -1.0 if heading.unit == NEGATED else unit_factor(column.unit, heading.unit, money)
                layout.columns[heading.name] = position, factor * given.get(position, 1.0)
        elif heading.kind == "item":
            places = layout.items.setdefault(heading.name, [])
            if position not in given and any(
                header_key(headers[at]) == header_key(headers[position]) for at, _ in places
            ):
                reason = "second_column_ignored"
            else:
                places.append((position, unit_factor("CNY", heading.unit, money) * given.get(position, 1.0)))
        elif heading.kind == "part":
            layout.parts.setdefault(heading.name, []).append(position)
        if reason:
            layout.left_out.append((position, reason))
    _settle(layout)
    _take_id_of_head(table, headers, layout)
    layout.left_out.sort()
    return layout


def _take_id_of_head(table: Table, headers: Sequence[str], layout: Layout) -> None:
    """Let citizen ids and names stand in for ids that a sheet lacks; they are read only to be replaced by keyed hashes."""
    keys = [_key(ANY_BRACKET.sub("", plain_signs(header))) for header in headers]
    for name, pattern in (("household_id", ID_OF_HEAD), ("member_id", ID_OF_PERSON)):
        if name in table and name not in layout.columns:
            places = [place for place, key in enumerate(keys) if pattern.fullmatch(key)]
            if places:
                layout.columns[name] = places[0], 1.0
                layout.personal.add(name)
    names = [place for place, key in enumerate(keys) if NAME_OF_PERSON.fullmatch(key)]
    if table.name == "members" and "member_id" not in layout.columns and "household_id" in layout.columns and names:
        layout.parts["member_id"] = [layout.columns["household_id"][0], names[0]]
        layout.personal.add("member_id")
    read = set(layout.positions)
    layout.left_out = [(place, why) for place, why in layout.left_out if place not in read]


def _settle(layout: Layout) -> None:
    """Let a column win over its parts, and a long sheet (item, amount) over item headers.

    Names of several levels tell a place better than a text that may be an address.
    """
    for name in [name for name in layout.parts if name in layout.columns]:
        if name == "area_name" and len(layout.parts[name]) > 1:
            layout.left_out.append((layout.columns.pop(name)[0], "second_column_ignored"))
        elif name in PLACE_COLUMNS:
            layout.left_out += [(position, "second_column_ignored") for position in layout.parts.pop(name)]
        else:  # 其他致贫原因 beside 致贫原因3: all are causes
            layout.parts[name] = sorted([*layout.parts[name], layout.columns.pop(name)[0]])
    if layout.items and {"item", "amount_cny"} <= layout.columns.keys():
        layout.left_out += [(position, "second_column_ignored") for _, position, _ in layout.item_columns]
        layout.items.clear()


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
    return any(
        key in keys
        or any(part.fullmatch(key) for patterns in PARTS.values() for part in patterns)
        or any(_question(name, key) is not None for name in TABLES)
        for key, _ in _variants(text)
    )


def _variants(header: str) -> Iterator[tuple[str, str]]:
    """Give the forms a header may be known under, with the unit in its brackets: whole, then with fewer brackets."""
    text = whole = NUMBERING.sub("", plain_signs(header).strip())
    unit = ""
    yield _key(text), unit
    while bracket := LAST_BRACKET.search(text):
        unit = unit or UNIT_WORD.sub("", next(part for part in bracket.groups() if part is not None).strip())
        text = text[: bracket.start()].strip()
        yield _key(text), unit
    without = ANY_BRACKET.sub("", whole)
    if without != text:
        yield _key(without), unit


def _question(table_name: str, key: str) -> tuple[str, bool] | None:
    """Return the column of yes and no that a header asks for in other words, and whether its yes is the column's.

    是否未参加居民医保, 饮水存在安全问题 and 无卫生厕所 ask the opposite of headers that are declared.
    """
    stems = _stems(table_name)
    asked = _stem(key)
    if asked in stems:
        return stems[asked]
    if TROUBLE.search(asked):
        trouble = MET_WITH.sub("", asked)
        if trouble in stems:
            return stems[trouble]
        thing = TROUBLE.sub("", trouble).removesuffix("安全")
        for stem in (f"{thing}安全", f"安全{thing}"):
            if stem in stems:
                name, as_declared = stems[stem]
                return name, not as_declared
    for denial in DENYING.finditer(asked):
        stem = asked[: denial.start()] + asked[denial.end() :]
        if stem in stems:
            name, as_declared = stems[stem]
            return name, not as_declared
    return None


def _stem(key: str) -> str:
    """Return what a question is about: without the words that ask."""
    found = ASKING.search(key)
    stem = ASKING.sub("", key, count=1)
    return stem.removeprefix("有") if found else stem


@cache
def _stems(table_name: str) -> dict[str, tuple[str, bool]]:
    """Return what the questions of a table are about, with their column and whether they ask as it is declared."""
    stems: dict[str, tuple[str, bool]] = {}
    for column in TABLES[table_name].columns:
        if column.type == "bool":
            for as_declared, texts in ((True, (column.zh, *column.aliases)), (False, column.negated)):
                for text in texts:
                    stems.setdefault(_stem(_key(plain_signs(text))), (column.name, as_declared))
    return stems


def unit_in(header: str) -> str:
    """Return the unit in the brackets of a header; nothing where there is none.

    Examples
    --------
    >>> unit_in("耕地面积（单位：公顷）"), unit_in("户编号")
    ('公顷', '')
    """
    return [unit for _, unit in _variants(header)][-1]


@lru_cache(maxsize=1)
def _all_known() -> frozenset[str]:
    return frozenset(key for name in TABLES for key in _known(name))


@cache
def _known(table_name: str) -> dict[str, tuple[Kind, str, int]]:
    table = TABLES[table_name]
    known: dict[str, tuple[Kind, str, int]] = {}
    for column in table.columns:
        for rank, text in enumerate((column.name, column.zh, *column.aliases)):
            key = _key(plain_signs(text))
            parts = (pattern for (owner, _), patterns in PARTS.items() if owner == table_name for pattern in patterns)
            if not any(pattern.fullmatch(key) for pattern in parts):
                known.setdefault(key, ("column", column.name, max(rank - 1, 0)))
    for column in table.columns:
        for text in column.negated:
            known.setdefault(_key(plain_signs(text)), ("negated", column.name, 2))
    if "item" in table:
        for figure, node in NODES.items():
            for rank, text in enumerate((figure, *node.names)):
                known.setdefault(_key(plain_signs(text)), ("item", figure, max(rank - 1, 0)))
    return known


def header_key(text: str) -> str:
    """Return what headers have in common that differ in blanks, width, punctuation and capitals.

    Examples
    --------
    >>> header_key("户 编号："), header_key("（元）")
    ('户编号', '(元)')
    """
    return _key(plain_signs(text))


def _key(text: str) -> str:
    return NOISE.sub("", text).lower()
