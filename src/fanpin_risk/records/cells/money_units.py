"""Units of money as sheets write them: 万元, 元/月, 元/人·年, 单位：分, RMB.

A unit that is understood has a factor; a text that looks like a unit and is not understood (美元, 元/亩) makes its column
doubtful, since amounts in it could be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fanpin_risk.records.cells.cleaning import plain_signs

__all__ = ["LIKE_MONEY", "MoneyUnit", "looks_like_unit", "money_note", "money_unit"]

SCALES = {"十": 10.0, "百": 100.0, "佰": 100.0, "千": 1e3, "仟": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8}
PER_YEAR = {"年": 1.0, "半年": 2.0, "季": 4.0, "月": 12.0}
# 单位, 金额单位, 计量单位 before a unit; not the office that fills in the sheet.
UNIT_IS = r"(?<![报表送制位管办施头作在写任扶属收付发])(?:单位|unit)(?:均为|[:为是])?"
AMOUNT = (
    r"(?:人民币:?)?(?P<scale>[十百佰千仟万萬亿]{0,2})(?P<base>元整?|圆|块钱?|rmb|cny|yuan|¥)|(?P<currency>人民币)"
    r"|(?:人民币:?)?(?P<small>角|毛|分)|(?P<only>[百千万萬亿]|w)"
)
UNIT = re.compile(
    rf"(?:(?:金额|计量|货币|收入)?(?:单位|unit)(?:均为|[:为是])?)?(?P<front>(?:每?(?:人|户|年|月)[均每]|每(?:人|户|年|月))*)"
    rf"(?:{AMOUNT})?(?P<each>(?:[/·.,每按\-(]*(?:个|全)?(?:人|口|户|年度?|半年|季度?|月)\)?)*)(?:计|为单位)?"
)
EACH_WORD = re.compile(r"人|口|户|半年|年|季|月")
EXPLICIT = re.compile(r"[/每均]")
SPLIT = re.compile(r"[,、;；和及]")
# What only a unit looks like: an amount of money, a rate (/亩, 每斤), or a single word for a measure.
LIKE_MONEY = re.compile(
    r"[元圆¥€£$](?!旦|月|宵|素)|^[角毛分厘]$|^[十百佰千仟万萬亿w]{1,3}$|rmb|cny|usd|hkd|eur|jpy|美金|港币|英镑|法郎|单位"
)
LIKE_RATE = re.compile(r"/[一-鿿a-z㎡]|每[一-鿿]{1,3}$|^[一-鿿]均$")
MEASURES = frozenset(
    [
        "%",
        "%%",
        "‰",
        "人",
        "次",
        "户",
        "个",
        "月",
        "天",
        "日",
        "周",
        "季",
        "小时",
        "时",
        "亩",
        "分地",
        "公顷",
        "斤",
        "公斤",
        "千克",
        "克",
        "kg",
        "g",
        "吨",
        "t",
        "头",
        "只",
        "羽",
        "株",
        "棵",
        "条",
        "台",
        "平方米",
        "平米",
        "㎡",
        "m2",
        "公里",
        "km",
        "米",
        "厘",
        "元整",
        "折",
        "比例",
        "百分比",
        "年",
        "箱",
        "袋",
        "瓶",
        "盒",
        "套",
    ]
)
NOTE = re.compile(rf"{UNIT_IS}\(?([^():;]{{1,20}})\)?")
IN_WORDS = re.compile(r"(?:均|金额|数据|收入)以([十百千万亿]?[元角分])(?:为单位|计)")
BRACKET = re.compile(r"\(([^()]+)\)|\[([^\[\]]+)\]|【([^【】]+)】")
NAME_END = re.compile(r"[_\- ]?([十百千万亿]{1,2}元)$")


@dataclass(frozen=True, slots=True)
class MoneyUnit:
    """A unit of money that is understood.

    Attributes
    ----------
    scale : float or None
        CNY in one unit; None where it only says per whom or per what time (每月).
    times : float
        How often the amount is paid in a year: 12 for 元/月.
    per_person : bool
        Whether the amount is that of each person of a household.
    """

    scale: float | None = None
    times: float = 1.0
    per_person: bool = False

    def factor(self, otherwise: float) -> float:
        """Return what amounts are multiplied by, with the unit of the sheet where this one names no currency."""
        return (otherwise if self.scale is None else self.scale) * self.times


def money_unit(text: str) -> MoneyUnit | None:
    """Return the unit of money that a text is, None if it is not understood.

    Parameters
    ----------
    text : str
        What stands in brackets or after a stroke, e.g. ``单位:万元``.

    Returns
    -------
    MoneyUnit or None

    Examples
    --------
    >>> money_unit("万元"), money_unit("元/人·月")
    (MoneyUnit(scale=10000.0, times=1.0, per_person=False), MoneyUnit(scale=1.0, times=12.0, per_person=True))
    >>> money_unit("单位：分").factor(1.0), money_unit("美元"), money_unit("元/亩"), money_unit("含务工")
    (0.01, None, None, None)
    """
    plain = re.sub(r"\s+", "", plain_signs(text)).lower().strip(":")
    found = UNIT.fullmatch(plain)
    if found is None or not plain:
        return None
    scale: float | None = None
    if found["base"] or found["currency"]:
        scale = 1.0
        for letter in found["scale"] or "":
            scale *= SCALES[letter]
    elif found["small"]:
        scale = 0.01 if found["small"] == "分" else 0.1
    elif found["only"]:
        scale = 1e4 if found["only"] == "w" else SCALES[found["only"]]
    each = EACH_WORD.findall((found["front"] or "") + (found["each"] or ""))
    if scale is None and (not each or (("月" in each or "季" in each or "人" in each) and not EXPLICIT.search(plain))):
        return None  # （月） may be a month as well as a sum per month
    times = [PER_YEAR[word] for word in each if word in PER_YEAR]
    persons = any(word in ("人", "口") for word in each)
    shortest = max(times, default=1.0)  # 元/月·年 is an amount per month
    return MoneyUnit(scale, shortest, persons)


def looks_like_unit(text: str) -> bool:
    """Tell whether a text in brackets looks like a unit, whatever it is a unit of.

    Examples
    --------
    >>> looks_like_unit("美元"), looks_like_unit("元/亩"), looks_like_unit("%"), looks_like_unit("含务工")
    (True, True, True, False)
    """
    plain = re.sub(r"\s+", "", plain_signs(text)).lower()
    return bool(LIKE_MONEY.search(plain) or LIKE_RATE.search(plain) or plain in MEASURES)


def money_note(titles: Iterable[str], names: Iterable[str] = ()) -> float | None:
    """Return what amounts under a title are multiplied by, where a title or a name says so.

    Parameters
    ----------
    titles : iterable of str
        Texts above a header.
    names : iterable of str
        Of the sheet and its file, the nearer first; they count where no title says anything.

    Returns
    -------
    float or None
        NaN if there are two different units of money, or one that is not understood; None if none is named.

    Examples
    --------
    >>> (
    ...     money_note(["填报单位：青松镇", "（单位：万元）"]),
    ...     money_note(["2023年收入表（千元）"]),
    ...     money_note([], ["收入_万元"]),
    ... )
    (10000.0, 1000.0, 10000.0)
    >>> money_note(["单位：美元"]), money_note(["单位：元、万元"]), money_note(["填报单位：青松镇"])
    (nan, nan, None)
    """
    found = {factor for text in titles for factor in _factors(text)}
    for name in names:
        if not found:
            found = set(_factors(name))
            if not found and (end := NAME_END.search(re.sub(r"\s+", "", plain_signs(name)))):
                found = set(_understood([end[1]]))
    if not found:
        return None
    return found.pop() if len(found) == 1 else float("nan")


def _factors(text: str) -> Iterator[float]:
    """Give the factors of all units of money that a text names; NaN for one that is not understood."""
    plain = re.sub(r"\s+", "", plain_signs(text)).lower()
    named = [unit for note in NOTE.findall(plain) for unit in SPLIT.split(note)]
    named += IN_WORDS.findall(plain)
    named += [next(filter(None, groups)) for groups in BRACKET.findall(NOTE.sub("", plain))]
    whole = money_unit(plain) if re.search("[元角分]", plain) else None
    if whole is not None:  # a cell beside the title that holds nothing but the unit
        named.append(plain)
    yield from _understood(named)


def _understood(units: Iterable[str]) -> Iterator[float]:
    for text in units:
        unit = money_unit(text)
        if unit is not None and unit.scale is not None:
            yield float("nan") if unit.per_person else unit.factor(1.0)
        elif unit is None and len(text) <= 6 and re.search("[元圆币镑]|usd|美金", text) and looks_like_unit(text):
            yield float("nan")
