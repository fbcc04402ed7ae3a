"""The items of a household's income as a tree of totals and parts, and the sums between them.

Sheets name income at every level: 工资性收入 beside 公益性岗位收入, 生产经营性收入合计 above 种植业收入, 转移性收入 as one
figure. A total is never added to its parts. What a total exceeds its known parts by is booked as the rest of its kind;
parts that exceed their total are a problem. Net figures (经营净收入) stand for gross and cost where these are absent and
are compared with them where they are not. Figures of the whole (纯收入, 人均纯收入) are *stated*: they are kept to be
compared with what was summed, and stand in for it only where nothing else is on record.

The register keeps the items of ``INCOME_ITEM``; finer parts are added up in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from fanpin_risk.words import Message

__all__ = [
    "ITEMS",
    "ITEM_TEXTS",
    "NODES",
    "STATED",
    "TREE",
    "Node",
    "Settled",
    "node_named",
    "settle",
    "walk",
]

TOLERANCE_CNY = 1.0  # totals are rounded to the yuan


@dataclass(frozen=True, kw_only=True)
class Node:
    """One figure of the tree: a total with parts, or a part.

    Attributes
    ----------
    code : str
        Its name here; that of an item where the register keeps it.
    item : str
        Item of ``INCOME_ITEM`` that it is booked as; of a total, that takes what exceeds the parts.
    names : tuple of str
        Headers and texts that name it; the first is the official term.
    parts : tuple of Node
        What it is the sum of.
    """

    code: str
    item: str
    names: tuple[str, ...]
    parts: tuple[Node, ...] = ()


def _node(code: str, names: str, *parts: Node, item: str = "") -> Node:
    return Node(code=code, item=item or code, names=tuple(names.split("|")), parts=parts)


def _parts(item: str, **names: str) -> tuple[Node, ...]:
    return tuple(_node(f"{item}.{name}", text, item=item) for name, text in names.items())


# Sources: DOMAIN 2.4 (form of 2023 and its items), header rows of public files; a name that only one layout has is here too.
TREE: tuple[Node, ...] = (
    _node(
        "wages", "工资性收入|工资收入|工资性总收入|工资薪金收入|工资",
        *_parts(
            "wage", work="务工收入|劳务收入|外出务工收入|打工收入|务工工资|务工性收入|务工工资性收入|务工年收入|劳务性收入|年务工收入",
            casual="零工收入|临时务工收入|打零工收入|灵活就业收入", picking="自主采摘收入|采摘收入",
        ),
        _node("wage", "其他工资性收入|其它工资性收入|其他工资收入|其它工资收入"),
        _node(
            "wage_public_post", "公益岗位收入|公益性岗位收入|公益岗位工资|公益性岗位工资|公益岗收入|公益岗位工资性收入|公益岗位工资收入",
            *_parts(
                "wage_public_post",
                province="省级公益性岗位收入|省级公益岗位收入|省级公益岗收入",
                department="行业部门公益岗收入|行业部门公益岗位收入|行业部门公益性岗位收入|部门公益岗位收入|部门公益岗收入",
                county="县级公益岗收入|县级公益岗位收入|县级公益性岗位收入",
                township="乡镇公益岗收入|乡镇公益岗位收入|乡级公益岗收入|乡级公益岗位收入|乡镇公益性岗位收入|镇级公益岗位收入",
                village="村级公益岗收入|村级公益岗位收入|村公益岗收入|村级公益性岗位收入",
            ),
        ),
        item="wage",
    ),
    _node(
        "business_gross", "生产经营性收入|生产经营收入|经营性收入|经营收入|家庭经营收入|家庭经营性收入|生产性收入|生产收入",
        *_parts(
            "business_gross", crops="种植业收入|种植收入|农业收入|种植业", livestock="养殖业收入|养殖收入|畜牧业收入|牧业收入|养殖业",
            forest="林果业收入|林果收入|林业收入|林果业", fishery="渔业收入|水产收入", trade="个体经营收入|二三产业收入|加工业收入|商业收入",
            other="其他生产经营性收入|其它生产经营性收入|其他生产经营收入|其他经营收入|其他经营性收入",
        ),
    ),
    _node(
        "business_cost", "生产经营性支出|生产经营支出|经营性支出|家庭经营支出|家庭经营费用|家庭经营费用支出|生产性支出|生产支出|经营支出|生产经营成本",
        *_parts(
            "business_cost", crops="种植业支出|种植支出|农业支出", livestock="养殖业支出|养殖支出|畜牧业支出|牧业支出",
            forest="林果业支出|林果支出|林业支出", fishery="渔业支出",
            other="其他生产经营性支出|其它生产经营性支出|其他生产经营支出|其他经营支出",
        ),
    ),
    _node("business_net", "经营净收入|生产经营性净收入|生产经营净收入|经营性净收入|家庭经营净收入|家庭经营纯收入|生产经营性纯收入|经营性纯收入"),
    _node(
        "property", "财产性收入|财产收入|资产性收入",
        _node(
            "prop_dividend", "资产收益扶贫分红收入|资产收益分红|资产收益分红收入|分红收入|资产收益|资产收益收入|资产收益扶贫分红|分红",
            *_parts(
                "prop_dividend", village="村集体入股分红|村集体分红|集体分红|集体经济分红|集体经济分红收入", solar="光伏收益|光伏分红|光伏收入|光伏扶贫收益",
                cooperative="合作社分红|入股分红|股金分红",
            ),
        ),
        _node("prop_land", "土地流转收入|土地流转|土地流转租金|土地租金|耕地流转收入|土地流转金|流转收入"),
        _node(
            "prop_other", "其他财产性收入|其它财产性收入|其他财产收入|其他财产性收入旧指标",
            *_parts(
                "prop_other", rent="租金收入|房屋租金|房租收入|租金|出租收入", interest="利息收入|利息|存款利息", land_taken="占地补偿|征地补偿|占地补偿款|征地补偿款",
                loan_project="金融贷款项目|小额信贷收益", farming_project="代种代养项目收入|代种代养收入|托养收入",
            ),
        ),
        item="prop_other",
    ),
    _node("property_net", "财产净收入|财产性净收入|财产性纯收入"),
    _node(
        "transfers", "转移性收入|转移收入|转移性总收入|政策性转移收入|各类补贴收入",
        _node(
            "tr_family_planning", "计划生育金|计划生育奖励|计生奖励|计划生育补助|计划生育补贴|计生补贴|计划生育奖扶|计划生育奖励扶助金",
            *_parts("tr_family_planning", reward="奖扶金|奖扶|计生奖扶金", special="特扶金|特扶|计生特扶金"),
        ),
        _node("tr_dibao", "低保金|最低生活保障金|低保收入|低保|低保补助|农村低保金|低保补助金|低保资金"),
        _node(
            "tr_tekun", "特困供养金|五保金|特困供养金五保金|特困人员救助供养金|特困救助供养金|特困人员供养金|特困金|五保供养金|特困补助|特困救助金|五保|特困人员救助金"
        ),
        _node(
            "tr_pension", "养老保险金|养老金|养老金或离退休金|养老金离退休金|离退休金|养老保险|养老保险收入|养老金收入|领取养老金|基础养老金",
            *_parts(
                "tr_pension", employee="职工养老保险金|职工养老金|退休金|企业职工养老金",
                resident="城乡居民养老保险金|居民养老保险金|城乡居民养老金|居民养老金|城乡居民基本养老金|新农保养老金|城乡居保养老金",
            ),
        ),
        _node(
            "tr_ecology", "生态补偿金|生态补偿|生态补偿收入|生态补助|生态效益补偿金|生态补贴",
            *_parts(
                "tr_ecology", return_forest="退耕还林补贴|退耕还林补助|退耕还林金|退耕还林补助资金|退耕还林补偿|退耕还林补助金", public_forest="公益林补贴|公益林补助|公益林补偿|公益林生态补偿金",
                grassland="草原生态奖补贴|草原生态奖补|草原奖补|草原补贴|草原生态保护补助|草原奖补资金|草原生态补奖", migration="移民补助|移民补贴|移民后扶|库区移民补助",
                other="其他生态补偿金|其它生态补偿金|其他生态补偿",
            ),
        ),
        _node(
            "tr_disability", "残疾人补贴|残疾补贴|两项补贴|残疾人两项补贴|残疾人补助|残补|残疾补助",
            *_parts(
                "tr_disability", living="困难残疾人生活补贴|残疾人生活补贴|困难残疾人补贴|残疾生活补贴",
                care="重度残疾人护理补贴|残疾人护理补贴|重残护理补贴|残疾护理补贴",
            ),
        ),
        _node(
            "tr_other", "其他转移性收入|其它转移性收入|其他转移收入|其他补贴|其它补贴|其他各类补贴|其他政策性补贴|其他补助",
            *_parts(
                "tr_other", soil="地力补贴|耕地地力补贴|耕地地力保护补贴|耕地保护补贴|粮食补贴|种粮补贴|粮补|农资综合补贴|种地补贴|惠农补贴|农业补贴",
                maize="玉米大豆种植补贴|玉米补贴|大豆补贴|玉米生产者补贴|大豆生产者补贴|玉米大豆生产者补贴", cotton="棉花补贴|棉花目标价格补贴", machine="农机补贴|农机购置补贴", crop_insurance="大田保险补助|农业保险赔款",
                old_age="高龄补贴|高龄津贴|老年补贴|老龄补贴|高龄老人补贴|低保高龄补贴", veterans="优抚金|优抚|优抚补助|优待抚恤金|抚恤金|退役军人补助|优抚对象补助",
                orphans="孤儿补助|孤儿基本生活费|孤儿生活费|事实无人抚养儿童补贴", care="失能老人补贴|不能自理老人护理补贴|失能补贴|护理补贴|养老服务补贴",
                heating="取暖费补贴|取暖补贴|取暖费|低保取暖补贴", prices="物价补贴|价格补贴|价格临时补贴|临时价格补贴", electricity="低保电量补贴|电费补贴",
                education="教育资助金|教育资助|教育补助|教育补贴|助学金|教育扶持|教育扶持资金", dew_rain="雨露计划|雨露计划补助|雨露计划补贴", disaster="救灾款|救灾资金|救灾补助",
                relief="社会救济和补助|社会救济|救济金|社会救济补助|社会救助金", family="赡养费|赡养收入|赡养金|抚养费|亲友赠送|子女赡养费", gifts="经常性捐赠和赔偿|经常性捐赠|捐赠收入",
                insurance="防贫保险|防贫保险金", transport="交通补贴|交通费补助|务工交通补贴|一次性交通补贴|跨省务工交通补贴|年度交通费补助", industry="产业奖励|产业奖补|产业补贴|产业奖补资金|产业帮扶补助|产业到户补助|以奖代补资金",
                work="就业奖励|就业奖补|务工奖补|务工补贴|稳岗补贴|就业补贴|务工奖励|劳务补贴", cost="专项用于减少生产经营性支出的补贴|生产经营补贴", holiday="春节慰问金|慰问金",
            ),
        ),
        item="tr_other",
    ),
    _node("transfer_net", "转移净收入|转移性净收入|转移性纯收入"),
    _node("other_income", "其他收入|其它收入", item="tr_other"),
    _node("claim_payout", "理赔收入|家庭理赔收入|保险理赔收入|家庭理赔", *_parts("claim_payout", other="其他理赔收入|其它理赔收入")),
    _node(
        "oop_compliant", "合规自付支出|合规自负支出|合规自付|合规自负|家庭合规自付支出|合规自付费用",
        *_parts("oop_compliant", other="其他合规自付支出|其他合规自负支出", medical="医疗合规自付支出|医疗自付支出|医疗合规自负支出"),
    ),
    _node("stated_gross_income", "总收入|年收入|年总收入|家庭总收入|收入|全部收入"),
    _node("stated_net_income", "纯收入|净收入|可支配收入|家庭纯收入|总纯收入|年纯收入|纯收入总额"),
    _node(
        "stated_net_income_per_person",
        "人均纯收入|人均可支配收入|人均净收入|人均收入|人均年收入|家庭人均纯收入|家庭人均收入|年人均纯收入|人均年纯收入|人均纯收",
    ),
)  # fmt: skip
# What the register keeps, in its order.
ITEMS = (
    "wage", "wage_public_post", "business_gross", "business_cost", "prop_dividend", "prop_land", "prop_other",
    "tr_family_planning", "tr_dibao", "tr_tekun", "tr_pension", "tr_ecology", "tr_disability", "tr_other", "claim_payout",
    "oop_compliant", "business_net", "property_net", "transfer_net", "stated_gross_income", "stated_net_income",
    "stated_net_income_per_person",
)  # fmt: skip
GROSS = "stated_gross_income"
NOT_EARNED = ("business_cost", "claim_payout", "oop_compliant")
EARNED = frozenset(ITEMS) - {*NOT_EARNED, GROSS, "stated_net_income", "stated_net_income_per_person"}
STATED = (GROSS, "stated_net_income", "stated_net_income_per_person")


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Give figures and all their parts, each total before its parts."""
    for node in nodes:
        yield node
        yield from walk(node.parts)


NODES: Mapping[str, Node] = MappingProxyType({node.code: node for node in walk(TREE)})
_NAMED: Mapping[str, str] = MappingProxyType({name: node.code for node in NODES.values() for name in node.names})
# Figure -> texts that name it in sheets with a row for each amount.
ITEM_TEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        code: (*node.names, *(name + end for name in node.names for end in ("合计", "小计")))
        for code, node in NODES.items()
    }
)
# Words before and after a name that do not change what it is.
BEFORE = re.compile(r"^(?:(?:其中|家庭|农户|全户|户|本户|本年度?|当年|年度|全年|年)[:]?)+")
AFTER = re.compile(r"(?:合计|小计|总计|总额|汇总|总和|共计)$")
OTHER_YEAR = re.compile(r"上[一]?年|去年|前年|预计|计划|目标|增加|增长|增幅|变化|消除后|退出后")


def node_named(text: str) -> str | None:
    """Return the figure that a normalised header or text names, or None.

    Parameters
    ----------
    text : str
        Without blanks, units and brackets.

    Returns
    -------
    str or None
        A key of ``NODES``. Figures of another year (上年人均纯收入) are none of this one's.

    Examples
    --------
    >>> node_named("生产经营性收入合计"), node_named("家庭人均纯收入"), node_named("上一年人均纯收入")
    ('business_gross', 'stated_net_income_per_person', None)
    """
    if OTHER_YEAR.search(text):
        return None
    for form in (text, AFTER.sub("", text), BEFORE.sub("", text), AFTER.sub("", BEFORE.sub("", text))):
        if form in _NAMED:
            return _NAMED[form]
    return None


@dataclass(slots=True)
class Settled:
    """Records of the items that the register keeps, and what did not add up.

    Attributes
    ----------
    records : DataFrame
        As given, with ``item`` of ``INCOME_ITEM`` only.
    origin : ndarray of int
        Per record: the row it comes from.
    booked : dict of str to ndarray of int
        Per total: rows in which it exceeded its parts.
    problems : list of (ndarray of int, str, str, Message)
        Rows concerned, code of the node, code of the problem, what is expected.
    """

    records: pd.DataFrame
    origin: np.ndarray
    booked: dict[str, np.ndarray]
    problems: list[tuple[np.ndarray, str, str, Message]]


def settle(records: pd.DataFrame, origin: np.ndarray, kept: list[str], *, gross_known: bool = True) -> Settled:
    """Turn totals and finer parts into the items that the register keeps.

    An account is what one household, or one member, has of one period as known on one day. In it every total is
    compared with its parts: what exceeds them is booked as the rest of its kind.

    Parameters
    ----------
    records : DataFrame
        Of incomes, one per amount: ``household_id, member_id, period_start, period_end, recorded_at, item, amount_cny``
        and others; ``item`` is a code of ``NODES``, as a category.
    origin : ndarray of int, shape (n_records,)
        The row that each comes from.
    kept : list of str
        Items of the register, in order.
    gross_known : bool
        Whether the sheets have a column of business income at all; without one, costs are left out.

    Returns
    -------
    Settled
    """
    codes = list(records["item"].cat.categories)
    number = records["item"].cat.codes.to_numpy()
    needs = _needs_sums(codes)
    if not needs[number].any():
        return Settled(records.assign(item=records["item"].cat.set_categories(kept)), origin, {}, [])
    keys = ["household_id", "member_id", "period_start", "period_end", "recorded_at"]
    account = records.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
    touched = np.zeros(account.max(initial=-1) + 1, dtype=bool)
    touched[account[needs[number]]] = True
    mine = touched[account] & (number >= 0)
    nothing = records["amount_cny"].isna().to_numpy()  # a stated figure without an amount: net income is unknown
    mine &= ~(nothing & np.isin(number, [codes.index(code) for code in STATED if code in codes]))
    place = np.full(len(touched), -1)
    place[touched] = np.arange(touched.sum())
    table = _Accounts(
        codes, place[account[mine]], number[mine], records["amount_cny"].to_numpy()[mine], np.flatnonzero(mine)
    )
    result = table.settle(kept, gross_known=gross_known)
    rows = np.concatenate([np.flatnonzero(~mine), result.rows])
    order = np.argsort(rows, kind="stable")
    new = records.iloc[rows].reset_index(drop=True)
    item = np.concatenate([_renumbered(codes, kept)[number[~mine]], result.item])
    amount = np.concatenate([records["amount_cny"].to_numpy()[~mine], result.amount])
    new["item"] = pd.Categorical.from_codes(item, dtype=pd.CategoricalDtype(kept))
    new["amount_cny"] = amount
    problems = [(origin[where], code, kind, text) for where, code, kind, text in result.problems]
    booked = {code: np.unique(origin[where]) for code, where in result.booked.items()}
    return Settled(new.iloc[order].reset_index(drop=True), origin[rows][order], booked, problems)


def _needs_sums(codes: list[str]) -> np.ndarray:
    """Return which codes, last that of no item, make an account be settled: totals, finer parts, net and gross figures."""
    return np.array(
        [code in NODES and (code != NODES[code].item or code in ("business_net", GROSS)) for code in codes] + [False]
    )


def _renumbered(codes: list[str], kept: list[str]) -> np.ndarray:
    """Return the number of each code among the items kept; -1 where it is none of them."""
    place = {code: position for position, code in enumerate(kept)}
    return np.array([place.get(code, -1) for code in codes] + [-1])


@dataclass(slots=True)
class _Result:
    rows: np.ndarray
    item: np.ndarray
    amount: np.ndarray
    booked: dict[str, np.ndarray]
    problems: list[tuple[np.ndarray, str, str, Message]]


class _Accounts:
    """Accounts as columns of amounts: one row an account, one column a figure."""

    def __init__(
        self, codes: list[str], account: np.ndarray, number: np.ndarray, amount: np.ndarray, rows: np.ndarray
    ) -> None:
        self.n = int(account.max(initial=-1)) + 1
        self.given: dict[str, np.ndarray] = {}
        self.row: dict[str, np.ndarray] = {}
        for position, code in enumerate(codes):
            mine = number == position
            if mine.any():
                self.given[code] = np.full(self.n, np.nan)
                known = mine & ~np.isnan(amount)
                sums = np.bincount(account[known], amount[known], minlength=self.n)
                has = np.bincount(account[known], minlength=self.n) > 0
                self.given[code][has] = np.round(sums[has], 2)
                self.row[code] = np.full(self.n, -1)
                self.row[code][account[mine][::-1]] = rows[mine][::-1]  # the first row of each account
        self.items: dict[str, np.ndarray] = {}
        self.from_row: dict[str, np.ndarray] = {}
        self.booked: dict[str, np.ndarray] = {}
        self.problems: list[tuple[np.ndarray, str, str, Message]] = []

    def settle(self, kept: list[str], *, gross_known: bool) -> _Result:
        for node in TREE:
            if node.code != "business_net":
                self._sum(node)
        self._net_of_business(gross_known=gross_known)
        self._gross_of_all()
        rows, item, amount = [], [], []
        for code, values in self.items.items():
            has = ~np.isnan(values)
            rows.append(self.from_row[code][has])
            item.append(np.full(int(has.sum()), kept.index(code)))
            amount.append(np.round(values[has], 2))
        return _Result(np.concatenate(rows), np.concatenate(item), np.concatenate(amount), self.booked, self.problems)

    def _sum(self, node: Node) -> np.ndarray:
        """Book a figure and its parts; return what it comes to per account, NaN where nothing is given."""
        parts = [value for part in node.parts if (value := self._sum(part)) is not None]
        parts = [value for value in parts if not np.isnan(value).all()]
        total = self.given.get(node.code)
        if not parts:
            if total is None:
                return np.full(self.n, np.nan)
            self._book(node.item, total, self.row[node.code])
            return total
        known = np.column_stack(parts)
        summed = np.where(np.isnan(known).all(axis=1), np.nan, np.nansum(known, axis=1))
        if total is None:
            return summed
        rest = np.round(total - np.nan_to_num(summed), 2)
        tolerance = TOLERANCE_CNY
        more = rest > np.where(np.isnan(summed), 0.0, tolerance)
        more |= np.isnan(summed) & ~np.isnan(total)
        if more.any():
            self._book(node.item, np.where(more, rest, np.nan), self.row[node.code])
            beside = more & ~np.isnan(summed) & (summed != 0)
            if beside.any():
                self.booked[node.code] = self.row[node.code][beside]
        less = rest < -tolerance
        if less.any():
            expected = Message(
                "{total} not below the sum of its parts; the parts were booked",
                total=Message(node.code, zh=node.names[0]),
            )
            self.problems.append((self.row[node.code][less], node.code, "parts_exceed_total", expected))
        return np.where(np.isnan(total) | less, summed, np.where(more, total, summed))

    def _book(self, item: str, values: np.ndarray, rows: np.ndarray) -> None:
        """Add amounts to an item."""
        if item not in self.items:
            self.items[item], self.from_row[item] = np.full(self.n, np.nan), np.full(self.n, -1)
        has = ~np.isnan(values)
        first = has & np.isnan(self.items[item])
        self.from_row[item][first] = rows[first]
        self.items[item][has] = np.nan_to_num(self.items[item][has]) + values[has]

    def _net_of_business(self, *, gross_known: bool) -> None:
        """Compare net business income with gross and cost, or fill the one of the three that is absent."""
        nothing = np.full(self.n, np.nan)
        gross, cost = self.items.get("business_gross", nothing), self.items.get("business_cost", nothing)
        net = self.given.get("business_net", nothing)
        row = self.row.get("business_net", np.full(self.n, -1))
        has_gross, has_cost, has_net = ~np.isnan(gross), ~np.isnan(cost), ~np.isnan(net)
        if has_net.any():
            self._book("business_net", np.where(has_net & ~has_gross & ~has_cost, net, np.nan), row)
            self._book(
                "business_cost", np.where(has_net & has_gross & ~has_cost & (gross >= net), gross - net, np.nan), row
            )
            self._book("business_gross", np.where(has_net & has_cost & ~has_gross, net + cost, np.nan), row)
            odd = (
                has_net
                & has_gross
                & (np.abs(gross - np.nan_to_num(cost) - net) > TOLERANCE_CNY)
                & (has_cost | (gross < net))
            )
            if odd.any():
                expected = Message("net business income that is gross income less cost; gross and cost were booked")
                self.problems.append((row[odd], "business_net", "net_differs", expected))
        lone = has_cost & ~has_gross & ~has_net & (np.nan_to_num(cost) > 0) & np.isnan(self.given.get(GROSS, nothing))
        if not gross_known and lone.any():
            self.items["business_cost"] = np.where(lone, np.nan, cost)
            expected = Message(
                "business income beside business cost; the cost was left out, so net income may be too high or too low"
            )
            self.problems.append(
                (self.from_row["business_cost"][lone], "business_cost", "cost_without_income", expected)
            )

    def _gross_of_all(self) -> None:
        """Compare total income (总收入) with its kinds; alone, less costs, it is net income of which the kinds are unknown."""
        nothing = np.full(self.n, np.nan)
        if GROSS not in self.given:
            return
        gross, row = self.given[GROSS], self.row[GROSS]
        kinds = [values for item, values in self.items.items() if item in EARNED]
        known = np.column_stack(kinds) if kinds else nothing[:, None]
        alone = ~np.isnan(gross) & np.isnan(known).all(axis=1)
        cost, whole = self.items.get("business_cost", nothing), self.items.get("stated_net_income", nothing)
        self._gross_alone(alone, gross - np.nan_to_num(cost), cost=cost, whole=whole)
        net = self.items.get("business_net", nothing)
        rest = np.round(gross - np.nansum(known, axis=1), 2)
        beside = ~np.isnan(gross) & ~alone & (np.isnan(net) | ~np.isnan(self.items.get("business_gross", nothing)))
        stated = ~np.isnan(whole) | ~np.isnan(self.items.get("stated_net_income_per_person", nothing))
        unlike = beside & ((rest < -TOLERANCE_CNY) | (stated & (rest > TOLERANCE_CNY)))
        if unlike.any():
            expected = Message("total income that is the sum of its kinds; the kinds were booked")
            self.problems.append((row[unlike], GROSS, "gross_differs", expected))
        more = beside & ~stated & (rest > TOLERANCE_CNY)
        if more.any():
            self._book("tr_other", np.where(more, rest, np.nan), row)
            self.booked[GROSS] = row[more]

    def _gross_alone(self, alone: np.ndarray, net: np.ndarray, *, cost: np.ndarray, whole: np.ndarray) -> None:
        """Take total income less costs for net income where no kind of income is on record."""
        row = self.row[GROSS]
        unlike = alone & (np.abs(net - whole) > TOLERANCE_CNY)
        if unlike.any():
            expected = Message("total income that, less costs, is the net income that is stated; the latter was used")
            self.problems.append((row[unlike], GROSS, "gross_differs", expected))
        instead = alone & np.isnan(whole) & np.isnan(self.items.get("stated_net_income_per_person", whole))
        self._book("stated_net_income", np.where(instead, net, np.nan), row)
        if "business_cost" in self.items:
            self.items["business_cost"] = np.where(alone, np.nan, cost)
        free = instead & np.isnan(cost)
        if free.any():
            expected = Message(
                "costs beside total income; without them it was taken for net income, which may be too high"
            )
            self.problems.append((row[free], GROSS, "gross_without_cost", expected))
