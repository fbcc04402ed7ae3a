"""Which column of a sheet holds what: all its headers together.

A column is read, left out for a reason, compared with another one of the same meaning, or named as doubtful: a column
that looks like money and is not understood may not be left out in silence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from fanpin_risk.records.amount_headers import LEVEL, AmountHeader, read_amount_header
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.cells.money_units import LIKE_MONEY, money_unit
from fanpin_risk.records.cells.units import unit_factor
from fanpin_risk.records.declarations import Column, Table
from fanpin_risk.records.headers import ANY_BRACKET, NEGATED, PERSONAL, PLACE_COLUMNS, Heading, header_key, read_heading
from fanpin_risk.records.item_names import NO_INCOME, OTHER_TIME
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.subtotals import subtotals, whole_years
from fanpin_risk.records.telling_columns import told_by, told_by_side
from fanpin_risk.words import Message

__all__ = ["Layout", "doubtful_columns", "lay_months", "lay_out", "names_money"]

NONE_GIVEN: Mapping[int, float] = MappingProxyType({})
# Where a sheet has no numbers of its own for households and persons.
ID_OF_HEAD = re.compile(
    r"户主(?:身份证号码?|身份证|证件号码?|公民身份号码|公民身份证号码)(?:[+、/和及与]?(?:户主)?姓名)?"
    r"|户主姓名[+、/和及与]?(?:户主)?身份证号码?"
)
ID_OF_PERSON = re.compile(r"(?:成员|人员|本人)?(?:身份证号码?|证件号码?|公民身份号码|公民身份证号码)")
WAGE = re.compile(r"wages?\b|wage_public_post\b")
OF_HOUSEHOLD = re.compile("工资性")  # a kind of income of the household, not what somebody is paid
MONTHS = 12.0
NAME_OF_PERSON = re.compile(r"(?:家庭)?(?:成员|人员)?姓名")
MONEY = re.compile(
    r"收入|收益|盈亏|亏损|利润|支出|成本|补贴|补助|补偿|津贴|奖补|奖励|救助金|抚恤|工资|报酬|分红|租金|养老金|低保金|供养金|慰问金|金额|\([^()]*元[^()]*\)"
)
# What people are paid, by words that columns of other things have as well; flags and numbers of times are no amounts.
BENEFIT = re.compile(
    r"救助|救济|赡养|抚养|馈赠|赠送|直补|优抚|抚恤|慰问|政策性|奖扶|扶助|子女费|补偿|保障金|退休|经营性|工资性|财产性|转移性"
)
MONTH_ALONE = re.compile(r"(?:20\d\d年)?(?:0?[1-9]|1[0-2]|[一二三四五六七八九十]{1,2})月份?")
INCOME_GROUP = re.compile("收入|收益|所得")
NO_MONEY = re.compile(
    rf"是否|有无|月数|天数|时间|日期|时段|说明|来源(?:地|类型)?$|类型|类别|种类|情况$|占比|比例|排名|参考范围|姓名|账号|标准|人数|户数|次数|备注|编号|编码|代码|等级|级别"
    rf"|名称|单位名|地点|方式|渠道|原因|项目$|开户|银行|去向|状态|面积|亩|{OTHER_TIME.pattern}|{NO_INCOME.pattern}"
)


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
        Position and reason: ``personal_column_dropped``, ``second_column_ignored``, ``unit_not_understood`` or
        ``unknown_column``.
    personal : set of str
        Ids that are made of citizen ids or names; they are used only as keyed hashes.
    by_order : bool
        Whether the sheet lists members of households without ids, so that their order may number them.
    given : set of int
        Positions whose header the user gave: several of one income item are always added up.
    constants : dict of str to str
        Column -> what the header of another column says for every row: 产业帮扶 names the measure.
    marked : int or None
        Position of the column whose cells say in which rows that is so.
    nearest : dict of int to Message
        Positions of headers that are not declared -> the declared names nearest to them.
    per_person : set of int
        Positions of income items that are the amount of each person (元/人): a household has it once for each.
    units : dict of int to (str, float)
        Positions of amounts in another unit than the yuan -> unit as written, and factor.
    said : set of int
        Positions whose unit is written somewhere, be it the yuan: such amounts are believed, however small.
    doubtful : list of int
        Positions of columns that look like money and are not understood: not read, but households with amounts there
        are named.
    leavers : bool
        Whether the sheet lists only who is gone, by its name.
    by_status : bool
        Of monitoring: whether only 户类型 says the type, in which mostly other types of households stand.
    second : list of (int, str)
        Positions of second columns of a declared one: not read, but compared.
    monthly : dict of int to (int or None)
        Positions of wages by month -> that of the column that says for how many months of the year; None without it.
    denies : bool
        Whether only the rows are meant that say of their household that it is not monitored.
    tells : dict of int to str
        Of a sheet with a row for each amount: positions of columns that tell two payments apart, and by what: ``person``,
        ``time``, ``payer`` or ``remark``. They are only compared, row with row, and never kept.
    pieces : set of int
        Positions of income items that are of a part of the year; with the others of their item they are all of it.
    hidden : dict of int to str
        Positions of columns of money that the workbook does not show -> header: not read, but households with amounts
        there are named, and income of which they are part is not known.
    merged : set of int
        Positions of income items with cells merged over several rows: one amount for all of these.
    head_ids : int or None
        Of a sheet with ids of households: position of the citizen ids of their heads. They are only compared, where other
        sheets know households by nothing else.
    of_persons : bool
        Whether the column at `head_ids` has the citizen ids of all persons, the head among them.
    """

    columns: dict[str, tuple[int, float]] = field(default_factory=dict)
    parts: dict[str, list[int]] = field(default_factory=dict)
    items: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    left_out: list[tuple[int, str]] = field(default_factory=list)
    personal: set[str] = field(default_factory=set)
    by_order: bool = False
    given: set[int] = field(default_factory=set)
    constants: dict[str, str] = field(default_factory=dict)
    marked: int | None = None
    nearest: dict[int, Message] = field(default_factory=dict)
    per_person: set[int] = field(default_factory=set)
    units: dict[int, tuple[str, float]] = field(default_factory=dict)
    said: set[int] = field(default_factory=set)
    doubtful: list[int] = field(default_factory=list)
    second: list[tuple[int, str]] = field(default_factory=list)
    leavers: bool = False
    by_status: bool = False
    monthly: dict[int, int | None] = field(default_factory=dict)
    denies: bool = False
    tells: dict[int, str] = field(default_factory=dict)
    pieces: set[int] = field(default_factory=set)
    hidden: dict[int, str] = field(default_factory=dict)
    merged: set[int] = field(default_factory=set)
    head_ids: int | None = None
    of_persons: bool = False

    @property
    def looked_at(self) -> list[int]:
        """Positions of all columns that are read, named as doubtful or compared, in the order of the sheet."""
        months = {at for at in self.monthly.values() if at is not None}
        read = {*self.positions, *self.doubtful, *self.hidden, *self.tells, *months}
        read |= set() if self.head_ids is None else {self.head_ids}
        return sorted(read | {position for position, _ in self.second})

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
        numbered = {"member_id"} if self.by_order else set()
        return {*self.columns, *self.parts, *self.constants, *wide, *numbered}

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
            by_order=self.by_order,
            given=self.given,
            per_person=self.per_person,
            units=self.units,
            said=self.said,
            second=[(at, name) for at, name in self.second if at not in taken],
            by_status=self.by_status,
            monthly=self.monthly,
            tells=self.tells,
            pieces=self.pieces,
            merged=self.merged,
            head_ids=self.head_ids,
            of_persons=self.of_persons,
        )

    def among(self, positions: Sequence[int]) -> Layout:
        """Return the layout of a sheet of which only the columns at some positions are kept, in that order."""
        place = {position: number for number, position in enumerate(positions)}
        return Layout(
            columns={name: (place[at], factor) for name, (at, factor) in self.columns.items()},
            parts={name: [place[at] for at in places] for name, places in self.parts.items()},
            items={figure: [(place[at], factor) for at, factor in places] for figure, places in self.items.items()},
            personal=self.personal,
            by_order=self.by_order,
            constants=self.constants,
            marked=None if self.marked is None else place[self.marked],
            given={place[at] for at in self.given if at in place},
            per_person={place[at] for at in self.per_person if at in place},
            units={place[at]: unit for at, unit in self.units.items() if at in place},
            said={place[at] for at in self.said if at in place},
            doubtful=[place[at] for at in self.doubtful if at in place],
            second=[(place[at], name) for at, name in self.second if at in place],
            monthly={
                place[at]: None if months is None else place[months]
                for at, months in self.monthly.items()
                if at in place
            },
            denies=self.denies,
            pieces={place[at] for at in self.pieces if at in place},
            hidden={place[at]: header for at, header in self.hidden.items()},
            tells={place[at]: kind for at, kind in self.tells.items() if at in place},
            leavers=self.leavers,
            by_status=self.by_status,
            merged={place[at] for at in self.merged if at in place},
            head_ids=None if self.head_ids is None else place[self.head_ids],
            of_persons=self.of_persons,
        )

    def only(self, names: Container[str]) -> Layout:
        """Return the layout of some columns, and of nothing else."""
        columns = {name: place for name, place in self.columns.items() if name in names}
        parts = {name: places for name, places in self.parts.items() if name in names}
        return Layout(
            columns=columns, parts=parts, personal=self.personal, by_order=self.by_order, denies=self.denies,
            leavers=self.leavers, head_ids=self.head_ids, of_persons=self.of_persons,
        )  # fmt: skip


def lay_out(
    table: Table,
    headers: Sequence[str],
    *,
    money: float | None = None,
    given: Mapping[int, float] = NONE_GIVEN,
    said: Container[int] = (),
    year: int | None = None,
) -> Layout:
    """Return which column of a sheet holds which declared column.

    Parameters
    ----------
    table : Table
        Declaration of the table.
    headers : sequence of str
        Headers of the sheet, in order.
    money : float, optional
        Factor for amounts whose header names no unit, e.g. 10000 below a note 单位：万元; NaN if the unit that the
        sheet names is not understood: such amounts are not read. None if it names none: they are in yuan.
    given : mapping of int to float
        Positions whose header the user gave -> what the numbers are multiplied by besides; below 0, yes is no.
    said : container of int
        Positions of which the user says what the numbers are multiplied by, be it 1.
    year : int, optional
        Read the income items of this year. Default: those whose header names no year.

    Returns
    -------
    Layout

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> layout = lay_out(TABLES["incomes"], ["户编号", "年度", "低保金（万元）", "转移性收入", "人均纯收入"])
    >>> layout.items, layout.left_out
    ({'tr_dibao': [(2, 10000.0)], 'transfers': [(3, 1.0)], 'stated_net_income_per_person': [(4, 1.0)]}, [])
    """
    headings = [read_heading(table, header) for header in headers]
    for position, amount in subtotals(headers).items() if "item" in table else ():
        headings[position] = replace(headings[position], kind="item", name=amount.figure, amount=amount)
    layout = Layout(given=set(given))
    layout.said = {at for at, one in enumerate(headings) if money is not None or at in said or _says_unit(one)}
    money = 1.0 if money is None else money
    months: dict[int, AmountHeader] = {}
    ranked = sorted((position not in given, heading.rank, position) for position, heading in enumerate(headings))
    for *_, position in ranked:
        heading = headings[position]
        reason = {"personal": "personal_column_dropped", "unknown": "unknown_column"}.get(heading.kind)
        if heading.kind == "column":
            if heading.name in layout.columns:
                reason = "second_column_ignored"
                layout.second.append((position, heading.name))
            else:
                reason = _lay_column(layout, table[heading.name], heading, position, money, given)
        elif heading.amount is not None:
            _lay_item(layout, heading.amount, position, money, given, year)
            if heading.amount.months and heading.amount.year == year:
                months[position] = heading.amount
        elif heading.kind == "item":
            layout.items.setdefault(heading.name, []).append((position, money * given.get(position, 1.0)))
        elif heading.kind == "part":
            layout.parts.setdefault(heading.name, []).append(position)
        if reason:
            layout.left_out.append((position, reason))
    for position in whole_years(months):
        _lay_item(layout, replace(months[position], unclear=""), position, money, given, year)
        if any(position == at for _, at, _ in layout.item_columns):
            layout.pieces.add(position)
    _settle(layout)
    _lay_months(layout, headers)
    _take_id_of_head(table, headers, layout)
    if "item" in table and {"item", "amount_cny"} <= layout.columns.keys():
        read = set(layout.positions)
        layout.tells = {at: kind for at, header in enumerate(headers) if at not in read and (kind := told_by(header))}
    elif layout.items:
        unknown = [at for at, why in layout.left_out if why in ("unknown_column", "personal_column_dropped")]
        told = {at: kind for at in sorted(unknown) if (kind := told_by_side(headers[at]))}
        layout.tells = told if "time" in told.values() else {}
    layout.left_out = [
        (at, "only_compared" if at in layout.tells and why != "second_column_ignored" else why)
        for at, why in layout.left_out
    ]
    layout.left_out.sort()
    return layout


def _says_unit(heading: Heading) -> bool:
    unit = money_unit(heading.unit) if heading.amount is None else heading.amount.unit
    return unit is not None and unit.scale is not None


def _lay_column(
    layout: Layout, column: Column, heading: Heading, position: int, money: float, given: Mapping[int, float]
) -> str | None:
    """Take in a declared column, or say why it cannot be read."""
    factor = -1.0 if heading.unit == NEGATED else unit_factor(column.unit, heading.unit, money)
    if column.name == "amount_cny" and (unit := money_unit(heading.unit)) is not None and not unit.per_person:
        factor = unit.factor(money)
    if math.isnan(factor):
        return "unit_not_understood"
    layout.columns[heading.name] = position, factor * given.get(position, 1.0)
    if column.unit == "CNY" and factor != 1.0:
        layout.units[position] = heading.unit, factor
    return None


def _lay_item(
    layout: Layout, amount: AmountHeader, position: int, money: float, given: Mapping[int, float], year: int | None
) -> None:
    """Take in an income item of the year asked for; what is not understood is left to :func:`doubtful_columns`."""
    factor = money if amount.unit is None else amount.unit.factor(money)
    if amount.unclear or amount.year != year or math.isnan(factor):
        return
    each = amount.unit is not None and amount.unit.per_person
    places = layout.items.setdefault(amount.figure, [])
    if places and each != any(at in layout.per_person for at, _ in places):
        if each:
            return  # the amount of the household stands beside that of each person
        layout.per_person -= {at for at, _ in places}
        places.clear()
    places.append((position, factor * given.get(position, 1.0)))
    if each:
        layout.per_person.add(position)
    if factor != 1.0 or each:
        layout.units[position] = amount.shown, factor


def _lay_months(layout: Layout, headers: Sequence[str]) -> None:
    """Note which wages are those of a month, and which column says for how many months they were earned."""
    for figure, position, _ in layout.item_columns:
        unit = read_amount_header(headers[position]).unit
        if unit is None or unit.times != MONTHS or not WAGE.match(figure):
            continue
        name = "public_post_months" if figure.startswith("wage_public_post") else "work_months"
        found = (at for at, header in enumerate(headers) if _tells_months(header, name))
        months = next(found, None)
        if months is not None or not OF_HOUSEHOLD.search(headers[position]):
            layout.monthly[position] = months


def _tells_months(header: str, name: str) -> bool:
    """Tell whether a column says for how many months of the year a person worked."""
    members = TABLES["members"]
    heading = read_heading(members, header)
    return heading.kind == "column" and heading.name == name and unit_factor("month", heading.unit, 1.0) == 1.0


def doubtful_columns(headers: Sequence[str], read: Container[int]) -> list[int]:
    """Return the positions of columns that look like money of households and that are not read.

    Parameters
    ----------
    headers : sequence of str
        Of a sheet.
    read : container of int
        Positions that are read, or of which a user says what they are.

    Returns
    -------
    list of int

    Examples
    --------
    >>> doubtful_columns(["户编号", "转移性收入（美元）", "土特产收入", "生活消费支出", "务工收入说明"], {0, 3})
    [1, 2]
    """
    found = []
    for position, header in enumerate(headers):
        if position in read or not header or PERSONAL.search(header):
            continue
        amount = read_amount_header(header)
        of_money = amount.unit is not None or (bool(amount.unclear) and LIKE_MONEY.search(amount.unclear) is not None)
        plain, last = header_key(header), header_key(header.rpartition(LEVEL)[2])
        of_money = of_money or names_money(header) or BENEFIT.search(last) is not None
        of_money = of_money or bool(read_amount_header(header.rpartition(LEVEL)[0]).figure)
        excluded = NO_MONEY.search(last) or OTHER_TIME.search(plain) or NO_INCOME.search(plain)
        if amount.figure or (of_money and not excluded):
            found.append(position)
    return found


def lay_months(headers: Sequence[str], table: Table, layout: Layout) -> None:
    """Let columns that are only called by months be looked at in a sheet of incomes that names no item and no amount."""
    if table.name == "incomes" and not layout.found & {"item", "amount_cny"}:
        read = {*layout.positions, *layout.doubtful}
        months = [
            at for at, header in enumerate(headers) if MONTH_ALONE.fullmatch(header_key(header)) and at not in read
        ]
        layout.doubtful = sorted([*layout.doubtful, *months])


def names_money(header: str) -> bool:
    """Tell whether a header says that what stands below it is money: so a 1 is a yuan, and no mark.

    Examples
    --------
    >>> names_money("土特产收入"), names_money("收入情况 > 采药"), names_money("临时救助")
    (True, True, False)
    """
    amount = read_amount_header(header)
    group, _, last = header.rpartition(LEVEL)
    return bool(
        amount.unit is not None or amount.figure or MONEY.search(header_key(last)) or INCOME_GROUP.search(group)
    )


def _take_id_of_head(table: Table, headers: Sequence[str], layout: Layout) -> None:
    """Let citizen ids and names stand in for ids that a sheet lacks; they are read only to be replaced by keyed hashes."""
    keys = [header_key(ANY_BRACKET.sub("", plain_signs(header))) for header in headers]
    for name, pattern in (("household_id", ID_OF_HEAD), ("member_id", ID_OF_PERSON)):
        if name in table and name not in layout.columns:
            places = [place for place, key in enumerate(keys) if pattern.fullmatch(key)]
            if places:
                layout.columns[name] = places[0], 1.0
                layout.personal.add(name)
    if "household_id" in layout.columns and "household_id" not in layout.personal:
        heads = [place for place, key in enumerate(keys) if ID_OF_HEAD.fullmatch(key)]
        persons = [place for place, key in enumerate(keys) if ID_OF_PERSON.fullmatch(key)]
        layout.of_persons = not heads and "relation" in layout.found
        layout.head_ids = next(iter(heads or (persons if layout.of_persons else [])), None)
    names = [place for place, key in enumerate(keys) if NAME_OF_PERSON.fullmatch(key)]
    if table.name == "members" and "member_id" not in layout.columns and "household_id" in layout.columns and names:
        layout.parts["member_id"] = [layout.columns["household_id"][0], names[0]]
        layout.personal.add("member_id")
    if table.name == "members" and "household_id" in layout.columns and "relation" in layout.found:
        layout.by_order = "member_id" in layout.personal or "member_id" not in layout.found
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
    if layout.items:  # 类别 beside amounts side by side is of something else
        for name in {"item", "amount_cny"} & layout.columns.keys():
            position = layout.columns.pop(name)[0]
            layout.units.pop(position, None)
            layout.left_out.append((position, "unknown_column"))
