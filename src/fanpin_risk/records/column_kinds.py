"""Columns that stand in several tables or come in kinds: ids, the day of recording, yuan, mu, yes and no."""

from __future__ import annotations

from fanpin_risk.records.declarations import Column, Need

__all__ = ["cny", "flag", "id_of_household", "id_of_member", "mu", "recorded_at"]


def recorded_at() -> Column:
    """Declare the day on which the register knew."""
    return Column(
        name="recorded_at",
        zh="更新时间",
        aliases=(
            "导出日期",
            "录入时间",
            "登记时间",
            "记录时间",
            "更新日期",
            "记录最后更新时间",
            "最后更新时间",
            "记录创建时间",
        ),
        type="date",
        need="core",
        note="Day the register knew; without it the row's own day plus the table's lag is used.",
    )


def id_of_household(need: Need = "key") -> Column:
    """Declare the number of the household."""
    return Column(
        name="household_id",
        zh="户编号",
        aliases=("户ID", "户编码", "户号", "家庭编号", "农户编号", "农户编码", "家庭编码", "户主编号", "脱贫户编号"),
        type="id",
        need=need,
    )


def id_of_member(need: Need = "key") -> Column:
    """Declare the number of the person."""
    return Column(
        name="member_id",
        zh="人编号",
        aliases=("人口编号", "人员编号", "成员编号", "人ID", "人员编码", "成员编码", "人编码"),
        type="id",
        need=need,
    )


def cny(
    name: str,
    zh: str,
    *aliases: str,
    need: Need = "optional",
    sensitive: bool = True,
    maximum: float = 1e9,
    soft_maximum: float | None = None,
    note: str = "",
) -> Column:
    """Declare an amount of yuan."""
    return Column(
        name=name, zh=zh, aliases=aliases, type="number", need=need, unit="CNY", sensitive=sensitive, note=note,
        minimum=0.0, maximum=maximum, soft_maximum=soft_maximum,
    )  # fmt: skip


def mu(name: str, zh: str, *aliases: str, soft_maximum: float = 200.0) -> Column:
    """Declare the size of a piece of land."""
    return Column(
        name=name, zh=zh, aliases=aliases, type="number", unit="mu",
        minimum=0.0, maximum=1e6, soft_maximum=soft_maximum,
    )  # fmt: skip


def flag(
    name: str,
    zh: str,
    *aliases: str,
    need: Need = "optional",
    sensitive: bool = False,
    negated: tuple[str, ...] = (),
    yes: tuple[str, ...] = (),
    no: tuple[str, ...] = (),
) -> Column:
    """Declare a column of yes and no."""
    return Column(
        name=name, zh=zh, aliases=aliases, negated=negated, yes=yes, no=no, type="bool", need=need, sensitive=sensitive
    )  # fmt: skip
