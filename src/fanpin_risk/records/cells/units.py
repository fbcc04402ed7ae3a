"""Units of numbers: what may follow a number or stand in a header's brackets, and how units are named."""

from __future__ import annotations

from collections.abc import Mapping

from fanpin_risk.words import Message

__all__ = ["UNIT_FACTORS", "UNIT_ZH", "unit_factor", "unit_name"]

# Units that may follow a number in its cell or stand in a header's brackets, by the column's own unit.
UNIT_FACTORS: Mapping[str | None, Mapping[str, float]] = {
    "CNY": {
        "元": 1, "圆": 1, "块": 1, "元/年": 1, "元/人": 1, "人民币": 1,
        "百元": 100, "千元": 1e3, "万元": 1e4, "万": 1e4, "万元/年": 1e4,
    },
    "mu": {"亩": 1, "mu": 1, "公顷": 15, "ha": 15},
    "m2": {"平方米": 1, "平米": 1, "m2": 1, "平方": 1},
    "km": {"公里": 1, "千米": 1, "km": 1, "里": 0.5, "米": 1e-3, "m": 1e-3},
    "month": {"月": 1, "个月": 1, "月数": 1},
    "person": {"人": 1, "口": 1, "口人": 1},
    "year": {"年": 1, "年度": 1, "学年": 1},
}  # fmt: skip
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

    Examples
    --------
    >>> unit_factor("CNY", "万元", 1.0), unit_factor("CNY", "", 10_000.0), unit_factor("mu", "", 10_000.0)
    (10000.0, 10000.0, 1.0)
    """
    factor = UNIT_FACTORS.get(unit, {}).get(written.lower().replace(" ", ""))
    if factor is None:
        return money if unit == "CNY" else 1.0
    return float(factor)


def unit_name(unit: str | None) -> Message | None:
    """Return the name of a unit in both languages, None for numbers without one.

    Examples
    --------
    >>> unit_name("mu").shown("zh"), unit_name(None)
    ('亩', None)
    """
    return None if unit is None or unit not in UNIT_ZH else Message(unit, UNIT_ZH[unit])
