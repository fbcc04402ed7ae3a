"""Which declared column a header of a real sheet is about.

Headers come with units in brackets, in full or half width, with line breaks, stars and colons, as totals beside
their parts, and some name persons. Each header is read on its own first, then all headers of a sheet together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from fanpin_risk.records.amount_headers import AmountHeader, read_amount_header, without_numbering
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.cells.units import UNITS
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.schema import TABLES

__all__ = [
    "Heading",
    "header_key",
    "is_data_date",
    "is_known",
    "names_id",
    "names_village",
    "names_year",
    "read_heading",
    "unit_in",
]

Kind = Literal["column", "negated", "part", "item", "personal", "ignored", "unknown"]

NOISE = re.compile(r"[\s_\-–—·*#:.。'\"“”‘’「」]+")
LAST_BRACKET = re.compile(r"\(([^()]*)\)$|\[([^\[\]]*)\]$|【([^【】]*)】$")
ANY_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
UNIT_WORD = re.compile(r"^(?:单位)?[::]?")
UNIT_BEHIND = re.compile(r"^(.*?[^\s/_:])[\s/_:]+([^\s/_:]{1,4})$")  # 金额/元, 耕地面积_亩

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
# Questions of yes and no that are asked in many words: whether a household is monitored, and as what. Others ask about
# candidates (是否拟纳入监测), about one of its persons or about what became of the risk: they are none of these.
_MONITORED_AS = {
    "monitored": (
        r"(?:(?:防止?返贫(?:致贫)?|防贫|易?返贫致贫)?(?:动态)?监测(?:帮扶)?(?:对象|户|家庭|人口|人员|范围|管理)?(?:家庭|家庭成员)?|易返贫致贫(?:户|人口)"
        r"|防返贫(?:对象|户)|三类(?:监测)?(?:户|对象|人口|人群|家庭))"
    ),
    "monitored_unstable": r"(?:脱贫不稳定(?:户|人口)?|脱贫监测(?:户|对象|人口)?|不稳定脱贫(?:户|人口))",
    "monitored_edge": r"(?:边缘(?:易致贫)?(?:户|人口)|边缘易致贫|边缘监测户|易致贫户)",
    "monitored_sudden": r"(?:突发严重困难(?:户|人口)?|突发困难户|严重困难户)",
}
QUESTIONS = {
    ("monitoring", name): re.compile(
        rf"(?:该户|本户|家庭|农户|户)?(?:是否|是不是)(?:目前|现在|现|已经|已|仍然?|被)*(?:属于|属|为|是)?(?:纳入|列入|识别|认定|确定|录入)?(?:为|成|到)?{thing}"
    )
    for name, thing in _MONITORED_AS.items()
}
PERSONAL = re.compile(
    r"姓名|身份证|证件号|证件类型|证件类别|公民身份|电话|手机|联系方式|银行卡|银行账|账号|开户|微信|照片|残疾证号"
    r"|^(?:full|first|last|family|given)?name$|^(?:citizen|national)?id(?:card|no|number)?$|phone|mobile|bankaccount"
)
# Questions of yes and no: how they ask, how they ask the opposite, and how they ask for trouble with a thing.
ASKING = re.compile(r"是否|是不是|有无|有没有")
DENYING = re.compile(r"未|没有|没|无|不")
TROUBLE = re.compile(r"(?:问题|隐患|困难)$")
MET_WITH = re.compile(r"存在|出现|遇到|有")
COUNTED = re.compile("人数|人次|户数|次数|个数|数量|人口数")  # in the brackets of a question: how many, no yes and no
NEGATED = "¬"  # the unit of a header that asks the opposite of its column
IGNORED = re.compile(r"序号|编号|行号|no|number|unnamed|rejected(?:from|row|because)|(?:index)?(?:level)?")
RANK_OF_QUESTION = 50  # after all names that are declared
LONGEST_HEADER = 60  # characters; what is longer is a note
OF_YEARS = re.compile(r"[一-鿿]{0,6}(?:年度|年份)")
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
    amount : AmountHeader or None
        Of an ``item``: its year and its unit.
    """

    kind: Kind
    name: str = ""
    rank: int = 0
    unit: str = ""
    amount: AmountHeader | None = field(default=None, repr=False)


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
    return _heading_of(table.name, header) if TABLES.get(table.name) is table else _heading_in(table, header)


@lru_cache(maxsize=32768)
def _heading_of(name: str, header: str) -> Heading:
    """Return what one header says in a declared table; the same ones stand in many files."""
    return _heading_in(TABLES[name], header)


def _heading_in(table: Table, header: str) -> Heading:
    known = _known(table.name)
    key = header_key(header)
    if table.name == "incomes" and known.get(key, ("",))[0] != "column":
        amount = read_amount_header(header)
        if amount.figure:
            rank = next((known[form][2] for form, _ in _variants(header) if form in known), 1)
            return Heading("item", amount.figure, rank, amount.shown, amount)
    for key, unit in _variants(header):
        found = _read_form(table, key, unit)
        if found is not None and not (
            COUNTED.fullmatch(unit) and found.name in table and table[found.name].type == "bool"
        ):
            return found
    if not key or IGNORED.fullmatch(re.sub(r"\d+$", "", key)):
        return Heading("ignored")
    if PERSONAL.search(key):
        return Heading("personal")
    return Heading("unknown")


def _read_form(table: Table, key: str, unit: str) -> Heading | None:
    """Return what one form of a header says in one table, with the unit of its brackets; None if it is not known."""
    known = _known(table.name)
    if key in known and (known[key][0] != "item" or key.isascii()):  # amounts were looked for with all their words
        kind, name, rank = known[key]
        return Heading("column", name, rank, NEGATED) if kind == "negated" else Heading(kind, name, rank, unit)
    for (owner, name), patterns in PARTS.items():
        for order, pattern in enumerate(patterns if owner == table.name else ()):
            if pattern.fullmatch(key):
                return Heading("part", name, order, unit)
    for (owner, name), asked in QUESTIONS.items():
        if owner == table.name and asked.fullmatch(key):
            return Heading("column", name, RANK_OF_QUESTION, unit)
    if (question := _question(table.name, key)) is not None:
        name, as_declared = question
        return Heading("column", name, RANK_OF_QUESTION, unit if as_declared else NEGATED)
    return None


@lru_cache(maxsize=8192)
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


def names_year(header: str) -> bool:
    """Tell whether what stands below a header are years.

    Examples
    --------
    >>> names_year("统计年度"), names_year("年度"), names_year("数据日期")
    (True, True, False)
    """
    return OF_YEARS.fullmatch(header_key(ANY_BRACKET.sub("", plain_signs(header)))) is not None


def is_data_date(header: str) -> bool:
    """Tell whether what stands below a header is the day that the data of the row show.

    Examples
    --------
    >>> is_data_date("数据日期"), is_data_date("年度"), is_data_date("人员识别时间")
    (True, False, False)
    """
    return header_key(ANY_BRACKET.sub("", plain_signs(header))) == "数据日期"


def names_village(header: str) -> bool:
    """Tell whether a header names the villages of households or of their work.

    Examples
    --------
    >>> names_village("行政村"), names_village("所在村名称"), names_village("乡镇")
    (True, True, False)
    """
    villages = [patterns[-1] for (_, name), patterns in PARTS.items() if name in PLACE_COLUMNS]
    return any(pattern.fullmatch(key) for key, _ in _variants(header) for pattern in villages)


@lru_cache(maxsize=8192)
def is_known(text: str) -> bool:
    """Tell whether a text is the header of some declared column or income item.

    Examples
    --------
    >>> is_known("人员编号"), is_known("H20230000412")
    (True, False)
    """
    if len(text) > LONGEST_HEADER or AFTER_ELIMINATION in text:
        return False
    if read_amount_header(text).figure:
        return True
    keys = _all_known()
    return any(
        key in keys
        or any(part.fullmatch(key) for patterns in PARTS.values() for part in patterns)
        or any(asked.fullmatch(key) for asked in QUESTIONS.values())
        or any(_question(name, key) is not None for name in TABLES)
        for key, _ in _variants(text)
    )


def _variants(header: str) -> Iterator[tuple[str, str]]:
    """Give the forms a header may be known under, with the unit in its brackets: whole, then with fewer brackets."""
    text = whole = plain_signs(without_numbering(header)).strip()
    unit = ""
    yield _key(text), unit
    while bracket := LAST_BRACKET.search(text):
        unit = unit or UNIT_WORD.sub("", next(part for part in bracket.groups() if part is not None).strip())
        text = text[: bracket.start()].strip()
        yield _key(text), unit
    if (behind := UNIT_BEHIND.match(text)) and behind[2].lower() in UNITS:
        yield _key(behind[1]), unit or behind[2]
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
