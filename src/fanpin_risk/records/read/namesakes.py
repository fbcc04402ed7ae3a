"""Whether a header that sounds like a declared name may mean the same: a likeness that would lead to wrong figures is none.

退耕面积 sounds like 耕地面积, 务工人数 like 务工月数 and 生活支出 like 生产经营性支出. What headers have in common in all tables
(时间, 面积, 支出, 是否) says of which kind they are, not what they are about; the rest has to be alike as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache

from fanpin_risk.records.declarations import Column
from fanpin_risk.records.income_items import NODES

__all__ = ["PLAIN_OF_DATES", "kind_of_name", "may_mean", "speaks_for_itself"]

# What a number counts or measures: names that do not count the same are not the same.
WHAT_IS_COUNTED = {
    "persons": re.compile(r"人数|人口|口数|人次|几口"),
    "households": re.compile(r"户数"),
    "months": re.compile(r"月数|月份|个月|时间|时长"),
    "days": re.compile(r"天数|日数|几天|天$"),
    "things": re.compile(r"头数|只数|株数|台数|间数|次数|存栏|出栏|产量|单产"),
    "land": re.compile(r"面积|亩"),
    "rates": re.compile(r"增幅|增长|比例|比重|占比|率$|标准|档次|等级|系数|得分|分数"),
}
# Figures of another time than that of the sheet, planned ones, and totals of whatever.
OTHER_TIMES = re.compile(
    r"上年|上一年|去年|前年|往年|历年|预计|预期|计划|^拟|(?:识别|脱贫|消除)[时后前](?!间)|(?:19|20)\d\d"
)
OF_SEVERAL = re.compile(r"合计|总计|小计|累计")
MONEY_SPENT = re.compile(r"支出|花费|消费|开支|投入|成本|费用|缴费|缴纳|自付|自费")
OWED = re.compile(r"贷款|欠|负债|债务|借款")
STILL_OWED = re.compile(r"余额|欠|债")  # the amount of a loan may long be paid back
MONEY_HELD = re.compile(r"存款|余额|积蓄|资产总")
AS_SUBSIDY = re.compile(r"补贴|补助|直补|奖补|奖励")
# What the figures that are compared with sums are called: nothing else may stand for them.
CALLED: Mapping[str, re.Pattern[str]] = {
    "stated_gross_income": re.compile(r"总收|毛收|全年.*进账"),
    "stated_net_income": re.compile(r"纯|净|可支配"),
    "stated_net_income_per_person": re.compile(r"人均|平均每人"),
}
# What headers of a kind have in common.
IN_COMMON: Mapping[str, re.Pattern[str]] = {
    "amount": re.compile(
        r"收入|收益|所得|支出|花费|消费|开支|投入|补贴|补助|直补|资金|金额|费用|成本|来源|情况|小计|合计|农村|城乡居民|居民|全年|家庭|挣|[金费款钱类的年]"
    ),
    "number": re.compile(
        r"人[口数量]+|\d+|人数|口数|户数|月份?数?|时间|时长|天数|面积|数量?|情况|家庭|全家|户内?|[的总年约]"
    ),
    "date": re.compile(r"时间|日期|年度|年份|年月日?|时点|[日年月时的]"),
    "bool": re.compile(r"是否|是不是|有无|有没有|能否|享受|参加|加入|情况|属于|[户有为的了]"),
    "id": re.compile(r"编号|编码|号码|标识|代码|证号|[号码的]|id|code"),
    "code": re.compile(r"所在地|地[点址]|等级|级别|类别|类型|情况|状况|状态|程度|分类|属性|原因|家庭|[的户级]"),
    "text": re.compile(r"名称|情况|[的名]"),
}
LEAST_ALIKE = {"amount": 0.6, "number": 0.67, "date": 0.67, "bool": 0.75, "id": 0.5, "code": 0.5, "text": 0.8}
SURELY_ALIKE = 0.75  # whatever they begin with
LEAST_OF_A_NAME = 0.6  # of what an amount is called that a shorter header must be: 保险 may be any insurance
PLAIN_OF_DATES = re.compile(
    r"(?:时间|日期|何时|什么时候|哪[年天]|年月日?|[的在])+"
)  # it is a day, and nothing else is said
# Columns whose values say what they are, whatever stands above them.
TELLING_PERSONS_APART = frozenset(("type", "register_status", "household_attr", "relation", "health", "labour"))


def kind_of_name(column: Column, name: str) -> str:
    """Return the kind of a declared name, by the column or the figure of the tree of incomes that it is of."""
    if name in NODES or (column.type == "number" and column.name.endswith("_cny")):
        return "amount"
    return {"int": "number", "codes": "code"}.get(column.type, column.type)


@lru_cache(maxsize=65536)
def may_mean(key: str, name: str, kind: str, place: str) -> bool:
    """Tell whether a header may mean what a declared name means.

    Parameters
    ----------
    key, name : str
        Header and name, as :func:`fanpin_risk.records.headers.header_key` has them.
    kind : str
        As :func:`kind_of_name` gives it.
    place : str
        The column or figure that the name is of.

    Examples
    --------
    >>> (
    ...     may_mean("务工人数", "务工月数", "number", "work_months"),
    ...     may_mean("务工月份数", "务工月数", "number", "work_months"),
    ... )
    (False, True)
    >>> (
    ...     may_mean("生活支出", "生产经营性支出", "amount", "business_cost"),
    ...     may_mean("去年务工收入", "务工收入", "amount", "wage.work"),
    ... )
    (False, False)
    """
    if key == name:
        return True
    if OTHER_TIMES.search(key) and not OTHER_TIMES.search(name):
        return False
    counted = [{what for what, pattern in WHAT_IS_COUNTED.items() if pattern.search(text)} for text in (key, name)]
    if kind == "amount":
        if (
            counted[0] - counted[1]
            or (MONEY_HELD.search(key) and not OWED.search(key))
            or (OF_SEVERAL.search(key) and not OF_SEVERAL.search(name))
        ):
            return False
        if bool(MONEY_SPENT.search(key)) != bool(MONEY_SPENT.search(name)) or bool(OWED.search(key)) != bool(
            OWED.search(name)
        ):
            return False
        if AS_SUBSIDY.search(name) and not AS_SUBSIDY.search(key):
            return False
        if place == "debt_cny":
            return STILL_OWED.search(key) is not None
        if place == "amount_cny":  # any amount is one
            return True
        if place in CALLED:
            return CALLED[place].search(key) is not None
        if "人均" in key:
            return False
    elif kind == "number" and counted[0] != counted[1] and (counted[0] or counted[1]):
        return False
    general = IN_COMMON.get(kind, IN_COMMON["text"])
    about, of_name = general.sub("", key), general.sub("", name)
    if not about or not of_name:
        return about == of_name
    alike, least = _alike(about, of_name), LEAST_ALIKE.get(kind, LEAST_ALIKE["text"])
    if kind == "amount":
        if about in of_name:
            return len(about) >= LEAST_OF_A_NAME * len(of_name)
        begins = about[0] == of_name[0] or alike >= SURELY_ALIKE
        return (len(of_name) > 1 and of_name in about) or (begins and alike >= least)
    within = min(len(about), len(of_name)) > 1 and (about in of_name or of_name in about)
    return alike >= least or (within and kind in ("number", "code", "id"))


def speaks_for_itself(column: str) -> bool:
    """Tell whether values of a list say by themselves which column they are of: 边缘易致贫户 does, 一级 does not."""
    return column in TELLING_PERSONS_APART


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
