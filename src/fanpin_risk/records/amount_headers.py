"""Headers of amounts: which figure of income a header names, of which year, in which unit.

Offices number their headers (一、工资性收入, ①, 其中：), put the unit in brackets, behind a stroke or at the end, name the
year before or behind, and spread all of it over two or three rows. Groups and what stands below them come joined.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd

from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.cells.contents import changed
from fanpin_risk.records.cells.dates import CHINESE_DIGITS
from fanpin_risk.records.cells.money_units import MoneyUnit, looks_like_unit, money_unit
from fanpin_risk.records.income_items import NODES, PER_PERSON
from fanpin_risk.records.item_names import OTHER_TIME, below, figure_named
from fanpin_risk.records.year_parts import months_in

__all__ = [
    "LEVEL",
    "NAME_TAIL",
    "AmountHeader",
    "item_texts",
    "read_amount_header",
    "without_numbering",
    "year_named",
    "years_in",
]

LEVEL = " > "  # between the header of a group and a header below it
LONGEST = 80  # characters; what is longer is a note
ORDINAL = "[①-⒛㈠-㈩㊀-㊉❶-➓ⅰ-ⅻⅠ-Ⅻ]"
NUMBERING = re.compile(
    rf"^[\s*★☆●■▲◆※#☑√]*(?:{ORDINAL}[、.．:：\s]*|[（(]\s*(?:[一二三四五六七八九十]{{1,3}}|\d{{1,2}}|[A-Za-z])\s*[)）][、.．:：]*"
    r"|(?:[一二三四五六七八九十]{1,3}|\d{1,2}(?:[.．]\d{1,2}){0,2}|[A-Za-z]|[IVX]{1,4})[、.．)）:：]\s*(?!\d)|\d{1,2}(?:[.．]\d{1,2}){1,2}\s*(?!\d)"
    r"|第[一二三四五六七八九十\d]{1,2}[项类][、:：]?|[A-Za-z]{1,2}\d{1,3}[、.．:：]\s*(?!\d))"
)
# What stands before an item of an account that is computed line by line: said of a cost, 减 is what a cost is anyway; said of
# an income it would turn its sign, and the header stays unknown.
TAKEN_OFF = re.compile(r"^(?:减去?|扣除|扣减)\s*[:：、]\s*(?=.*(?:支出|成本|费用))")
ADDED = re.compile(r"^加上?\s*[:：、]\s*(?!.*(?:支出|成本|费用))")
ORNAMENTS = re.compile(r"^[\s*★☆●■▲◆※#☑√\-—–]+|[\s*★☆●■▲◆※#:：;；。.,，、_\-—–]+$")
LAST_BRACKET = re.compile(r"\(([^()]*)\)$|\[([^\[\]]*)\]$|【([^【】]*)】$|〔([^〔〕]*)〕$|<([^<>]*)>$")
ANY_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
NO_WORDS = re.compile(r"[\d+\-=×*/,、.~至第栏列项行a-z①-⒛一二三四五六七八九十]+")  # (1), (3=1+2)
BEHIND = re.compile(r"^(?P<name>.+?)(?:单位[:为是]?|[/_:|,\-—–·\s]+)(?P<unit>[^_:|\s]{1,12})$")
AT_END = re.compile(r"^(?P<name>.*?[一-鿿)])(?P<unit>[十百千万亿]{0,2}元(?:/[人户年月口])*)$")
# What names of sheets and files of amounts end in.
NAME_TAIL = re.compile(
    r"(?:按?(?:月|季)度?|各月|信息|情况|明细|数据|登记|统计|汇总|发放|导出|台账|清单|表|册|\(\d+\)|\.\w+)+$"
)
YEAR_IN_HEADER = re.compile(
    r"(?<!\d)(?P<year>20[1-4]\d)(?:年度?|(?!\d))|(?<!\d)(?P<short>[12]\d)年度?"
    r"|(?P<words>二[〇零○O][〇零○O一二三四][〇零○O一二三四五六七八九])年度?"
)
ALL_YEAR = re.compile(r"全年|(?<!\d)0?1[-~至]12月份?|一至十二月份?")
PART_YEAR = re.compile(
    r"\d{1,2}月?[-~至到]\d{1,2}月份?|[一二三四五六七八九十]{1,2}月?[-~至到][一二三四五六七八九十]{1,2}月份?|(?<!\d)\d{1,2}月份?"
    r"|[一二三四五六七八九十]{1,2}月份?|[上下]半年|[第前]?[一二三四两1-4]个?季度|截[至止]|累计到?(?=.*季度|.*月)|q[1-4]"
)
EACH_PERSON = re.compile(r"^(?:家庭|全家|户)?年?(?:人均|每人)年?|人均$")
EACH_MONTH = re.compile(
    r"^(?:家庭|个人|本人)?(?:月平均|月均|每月|月)|(?<=务工|打工|岗位)每?月(?:平均|均)?(?=收入|工资|补贴|报酬)"
)
WITHOUT = re.compile("(?:不含|不包含|不包括|除.+外$|未含|剔除)")
WITHOUT_COSTS = re.compile(
    "(?:已?扣除|扣减|减去|抵扣|除去)(?!.*(?:生产|经营|成本|投入))"
)  # of another kind than net income
REST = {"wages": "wage", "property": "prop_other", "transfers": "tr_other"}  # what a total without its parts is


@dataclass(frozen=True, slots=True)
class AmountHeader:
    """What a header says of the amounts below it.

    Attributes
    ----------
    figure : str
        The figure of the tree of income items; empty if it names none that is known.
    year : int or None
        The year that it names.
    unit : MoneyUnit or None
        The unit that it names; None: that of the sheet.
    shown : str
        The unit as it is written.
    unclear : str
        A unit that looks like one and is not understood, as it is written, or a part of a year; else empty.
    months : int
        The months of a part of a year that is all that is unclear, as bits; else 0.
    """

    figure: str = ""
    year: int | None = None
    unit: MoneyUnit | None = None
    shown: str = ""
    unclear: str = ""
    months: int = 0


@dataclass(slots=True)
class _Words:
    """The name in a header, and what was taken off it."""

    name: str
    year: int | None = None
    unit: MoneyUnit | None = None
    shown: str = ""
    unclear: str = ""
    part: str = ""  # of a year
    elsewhen: bool = False  # of another time, or another sort of figure
    rest: bool = False  # without a part that stands in a column of its own


@lru_cache(maxsize=8192)
def read_amount_header(header: str) -> AmountHeader:
    """Return what a header says as the header of an amount.

    Parameters
    ----------
    header : str
        As it stands in the file; a group and what stands below it with ``LEVEL`` between them.

    Returns
    -------
    AmountHeader

    Examples
    --------
    >>> read_amount_header("一、工资性收入（万元）").figure, read_amount_header("①低保金/元").figure
    ('wages', 'tr_dibao')
    >>> read_amount_header("2022年 > 生产经营性支出 > 种植业")
    AmountHeader(figure='business_cost.crops', year=2022, unit=None, shown='', unclear='', months=0)
    >>> read_amount_header("转移性收入（美元）").unclear, read_amount_header("户类型").figure
    ('美元', '')
    """
    if len(header) > LONGEST:
        return AmountHeader()
    levels = [_words(level) for level in header.split(LEVEL)]
    if any(level.elsewhen for level in levels):
        return AmountHeader()
    figure, group = None, ""
    for number, level in enumerate(levels):
        figure = below(figure, group, level.name) if number and group else figure_named(level.name)
        group = level.name or group
    said = _together(levels)
    unit = said.unit
    if levels[-1].rest and figure is not None:
        figure = REST.get(figure)
        said.unclear = said.unclear or ("" if figure else levels[-1].name)
    if unit is not None and unit.per_person and figure in ("stated_net_income", PER_PERSON):
        figure, unit = PER_PERSON, replace(unit, per_person=False)
    months = 0 if said.unclear or sum(bool(level.part) for level in levels) > 1 else months_in(said.part)
    return AmountHeader(figure or "", said.year, unit, said.shown, said.unclear or said.part, months)


def without_numbering(header: str) -> str:
    """Return a header without the number and the marks before it.

    Examples
    --------
    >>> (
    ...     without_numbering("（一）工资性收入"),
    ...     without_numbering("①低保金"),
    ...     without_numbering("★ A. 务工收入"),
    ...     without_numbering("1-6月收入"),
    ... )
    ('工资性收入', '低保金', '务工收入', '1-6月收入')
    >>> (
    ...     without_numbering("减：（三）生产经营性支出"),
    ...     without_numbering("A1.户编号"),
    ...     without_numbering("减：转移性收入"),
    ... )
    ('生产经营性支出', '户编号', '减：转移性收入')
    """
    while (found := _before(header)) and found.end() < len(header):
        header = header[found.end() :]
    return header


def _before(header: str) -> re.Match[str] | None:
    """Return the number, mark or sign that a header begins with."""
    return NUMBERING.match(header) or TAKEN_OFF.match(header) or ADDED.match(header)


def year_named(text: str) -> int | None:
    """Return the one year that a text names, None if it names none, several, or only a part of one.

    Examples
    --------
    >>> (
    ...     year_named("2022年"),
    ...     year_named("二〇二三年度"),
    ...     year_named("23年"),
    ...     year_named("2021-2022"),
    ...     year_named("2023年1-6月"),
    ... )
    (2022, 2023, 2023, None, None)
    """
    words = _words(text)
    return None if words.unclear or words.part else words.year


def _words(text: str) -> _Words:
    """Return the name in a header, with the year and the units that are written around it."""
    name = " ".join(plain_signs(without_numbering(text)).split())
    words = _Words("")
    while True:
        name = ORNAMENTS.sub("", name)
        if (bracket := LAST_BRACKET.search(name)) and bracket.start():
            _taken(words, next(part for part in bracket.groups() if part is not None))
            name = name[: bracket.start()]
            continue
        behind = BEHIND.match(name)
        if behind is None or not (money_unit(behind["unit"]) or looks_like_unit(behind["unit"])):
            behind = AT_END.match(name)
        if behind is None:
            break
        _taken(words, behind["unit"])
        name = behind["name"]
    for bracket in ANY_BRACKET.findall(name):
        _taken(words, bracket[1:-1])
    name = re.sub(r"[\s_*#:.。'\"]+", "", ANY_BRACKET.sub("", name)).lower()
    name = re.sub("[-–—·]+", "", _without_year(words, name)) or words.name
    words.elsewhen = words.elsewhen or (figure_named(name) is None and OTHER_TIME.search(name) is not None)
    _take_each(words, name)
    return words


def _without_year(words: _Words, name: str) -> str:
    """Take the year off a name."""
    years = {_year_in(found) for found in YEAR_IN_HEADER.finditer(name)}
    if words.year is not None:
        years.add(words.year)
    if years:
        rest = ALL_YEAR.sub("", YEAR_IN_HEADER.sub("", name)).removeprefix("的")
        words.year = years.pop() if len(years) == 1 else None
        if words.year is None:
            words.unclear = name
    else:
        rest = re.sub(r"^(?:0?1[-~至]12月份?)", "", name)
    if found := PART_YEAR.search(rest):
        words.part = found[0]
        rest = PART_YEAR.sub("", rest)
    return rest


def _year_in(found: re.Match[str]) -> int:
    text = found["year"] or (
        f"20{found['short']}" if found["short"] else found["words"].translate(CHINESE_DIGITS).replace("二", "2")
    )
    return int(text)


def _take_each(words: _Words, name: str) -> None:
    """Take words off a name that say it is the amount of each person or each month."""
    words.name = name
    if figure_named(name) is not None:
        return
    for pattern, persons, times in ((EACH_PERSON, True, 1.0), (EACH_MONTH, False, 12.0)):
        rest = pattern.sub("", name)
        figure = figure_named(rest) if rest != name else None
        if figure is None or (figure.startswith("stated_") and not persons):
            continue
        unit = words.unit or MoneyUnit()
        words.name = rest
        words.unit = replace(unit, per_person=unit.per_person or persons, times=max(unit.times, times))
        words.shown = words.shown or name.removesuffix(rest)


def _taken(words: _Words, text: str) -> None:
    """Take in what stands in brackets or behind a stroke: a unit, a year, a number or a remark."""
    plain = re.sub(r"\s+", "", text).lower()
    unit = money_unit(plain)
    if WITHOUT.match(plain):
        words.rest = True
    elif figure_named(plain) is not None:
        words.name = plain  # 2022年（工资性收入）
    elif OTHER_TIME.search(plain) or WITHOUT_COSTS.match(plain):
        words.elsewhen = True
    elif unit is not None:
        if words.unit is not None and words.unit != unit:
            words.unclear = f"{words.shown},{plain}"
        words.unit, words.shown = unit, re.sub("^(?:金额|计量)?单位[:为是]?", "", plain)
    elif (found := YEAR_IN_HEADER.match(plain)) and (
        found.end() == len(plain) or ALL_YEAR.fullmatch(plain[found.end() :])
    ):
        words.year = _year_in(found)
    elif NO_WORDS.fullmatch(plain):
        return
    elif len(parts := re.split("[,、;]", plain)) > 1 and any(
        money_unit(part) or YEAR_IN_HEADER.fullmatch(part) for part in parts
    ):
        for part in parts:
            _taken(words, part)
    elif PART_YEAR.search(plain):
        words.part = plain
    elif looks_like_unit(plain):
        words.unclear = plain


def _together(levels: list[_Words]) -> _Words:
    """Put together what the levels of a header say; what stands lower goes before."""
    said = _Words("")
    for level in levels:
        if level.unit is not None:
            above = said.unit or MoneyUnit()
            scale = above.scale if level.unit.scale is None else level.unit.scale
            persons = level.unit.per_person or (above.per_person and level.unit.scale is None)
            said.unit, said.shown, said.unclear = replace(level.unit, scale=scale, per_person=persons), level.shown, ""
        if level.year is not None and said.year not in (None, level.year):
            said.unclear = f"{said.year},{level.year}"
        said.year = level.year if level.year is not None else said.year
        said.unclear = level.unclear or said.unclear
        said.part = level.part or said.part
    return said


def item_texts(values: pd.Series) -> pd.Series:
    """Return the items of a long sheet with a name that is listed in place of one that is understood: 其中:低保金.

    Examples
    --------
    >>> item_texts(pd.Series(["其中：低保金", "wage", "外出打工收入", "nothing"])).tolist()
    ['tr_dibao', 'wage', 'wage.work', 'nothing']
    """

    def listed(cell: object) -> object:
        if not isinstance(cell, str) or cell in NODES:
            return cell
        amount = read_amount_header(cell)
        plain = amount.year is None and amount.unit is None and not amount.unclear
        return amount.figure if amount.figure and plain else cell

    return changed(values, listed)


def years_in(headers: Sequence[str]) -> list[int]:
    """Return the years for which income items stand side by side.

    Examples
    --------
    >>> years_in(["户编号", "2021年纯收入", "纯收入（2022年）", "2022年 > 低保金", "转移性收入"])
    [2021, 2022]
    """
    amounts = [read_amount_header(header) for header in headers]
    return sorted(
        {one.year for one in amounts if one.year is not None and one.figure and (one.months or not one.unclear)}
    )
