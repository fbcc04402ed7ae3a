"""Units of numbers: what may follow a number or stand in a header's brackets, and how units are named."""

from __future__ import annotations

from collections.abc import Mapping

from fanpin_risk.records.cells.money_units import looks_like_unit, money_unit
from fanpin_risk.words import Message

__all__ = ["UNITS", "UNIT_FACTORS", "UNIT_ZH", "unit_factor", "unit_name"]

# Units that may follow a number in its cell or stand in a header's brackets, by the column's own unit.
UNIT_FACTORS: Mapping[str | None, Mapping[str, float]] = {
    "CNY": {
        "元": 1, "圆": 1, "块": 1, "块钱": 1, "元/年": 1, "人民币": 1, "元整": 1, "角": 0.1, "分": 0.01,
        "百元": 100, "百": 100, "千元": 1e3, "千": 1e3, "万元": 1e4, "万": 1e4, "w": 1e4, "w元": 1e4, "万块": 1e4, "万元/年": 1e4,
        "亿元": 1e8,
    },
    "mu": {"亩": 1, "mu": 1, "公顷": 15, "ha": 15},
    "m2": {"平方米": 1, "平米": 1, "m2": 1, "平方": 1},
    "km": {"公里": 1, "千米": 1, "km": 1, "里": 0.5, "米": 1e-3, "m": 1e-3},
    "month": {"月": 1, "个月": 1, "月数": 1},
    "person": {"人": 1, "口": 1, "口人": 1},
    "year": {"年": 1, "年度": 1, "学年": 1},
}  # fmt: skip
PER_HEAD = "元/人"  # of a header; in a cell it is not the amount of a household
UNITS = frozenset(name for names in UNIT_FACTORS.values() for name in names) | {PER_HEAD}
UNIT_ZH = {"CNY": "元", "mu": "亩", "m2": "平方米", "km": "公里", "month": "月", "person": "人", "year": "年"}


def unit_factor(unit: str | None, written: str, money: float) -> float:
    """Return what numbers under a header are multiplied by to be in the column's unit.

    Parameters
    ----------
    unit : str or None
        Unit of the column.
    written : str
        What stands in the brackets of the header.
    money : float
        The factor for amounts whose header names no unit.

    Returns
    -------
    float
        NaN if what is written looks like a unit that is not understood.

    Examples
    --------
    >>> unit_factor("CNY", "万元", 1.0), unit_factor("CNY", "", 10_000.0), unit_factor("mu", "", 10_000.0)
    (10000.0, 10000.0, 1.0)
    >>> unit_factor("CNY", "美元", 1.0), unit_factor("month", "天", 1.0), unit_factor("CNY", "含利息", 1.0)
    (nan, nan, 1.0)
    """
    plain = written.lower().replace(" ", "")
    factor = 1.0 if unit == "CNY" and plain == PER_HEAD else UNIT_FACTORS.get(unit, {}).get(plain)
    if factor is not None:
        return float(factor)
    of_money = money_unit(plain) if unit == "CNY" else None
    if of_money is not None and of_money.times == 1.0 and not of_money.per_person:
        return of_money.factor(money)
    if unit is not None and looks_like_unit(plain):
        return float("nan")
    return money if unit == "CNY" else 1.0


def unit_name(unit: str | None) -> Message | None:
    """Return the name of a unit in both languages, None for numbers without one.

    Examples
    --------
    >>> unit_name("mu").shown("zh"), unit_name(None)
    ('亩', None)
    """
    return None if unit is None or unit not in UNIT_ZH else Message(unit, UNIT_ZH[unit])
