"""What the form of a monitored household states of the day on which it was recognised, and of that on which its risk was over.

The form has the same figures twice: at recognition (识别时) and after the risk was eliminated (风险消除后).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from fanpin_risk.records.column_kinds import cny, flag
from fanpin_risk.records.declarations import Column

__all__ = ["GUARANTEE_FLAGS", "values_at"]

WHEN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "entry": ("识别时", "纳入时", "纳入监测时", "识别监测时", "风险识别时"),
        "exit": ("风险消除后", "消除后", "风险消除时", "消除时"),
    }
)
AMOUNTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "income_per_person_cny": ("人均纯收入", "家庭人均纯收入"),
        "claims_cny": ("理赔收入", "家庭理赔收入"),
        "oop_cny": ("合规自付支出",),
    }
)
# Questions whose yes is that a guarantee is missing.
GUARANTEE_FLAGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "out_of_school": ("是否义务教育阶段适龄儿童少年失学辍学", "是否有义务教育阶段适龄儿童少年失学辍学"),
        "unsafe_house": ("是否住房出现安全问题",),
        "unsafe_water": ("是否饮水出现安全问题",),
        "uninsured": ("是否有家庭成员未参加基本医疗保险", "是否有家庭成员未参加医疗保险"),
    }
)


def values_at(when: Literal["entry", "exit"]) -> tuple[Column, ...]:
    """Return the columns of one of the two days."""

    def headers(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{day}{between}{name}" for name in names for between in ("", " > ") for day in WHEN[when])

    amounts = [cny(f"{when}_{name}", *headers(names)) for name, names in AMOUNTS.items()]
    flags = [flag(f"{when}_{name}", *headers(names), sensitive=True) for name, names in GUARANTEE_FLAGS.items()]
    return (*amounts, *flags)
