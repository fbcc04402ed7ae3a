"""Which rows of a sheet are about monitored households: not every household in a sheet about monitoring is one."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import parse
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.headers import header_key
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import NOTED_TYPE, SheetHead

__all__ = [
    "FLAGS",
    "NO_ENTRY",
    "by_status",
    "denials",
    "flags_and_type",
    "lists_candidates",
    "named_candidates",
    "says_who_is_taken_up",
    "type_in_status",
    "who_denies",
    "with_entries",
    "without_refused",
]

FIRST_MONITORED = pd.Timestamp("2019-01-01")  # nobody was before; poverty was registered from 2014 on
# Columns of yes and no that say who is monitored.
FLAGS = ("monitored", "monitored_unstable", "monitored_edge", "monitored_sudden")

CANDIDATES = re.compile(
    r"疑似|拟纳入|拟监测|拟新增|拟识别|拟认定|候选|待核|待纳入|未纳入|不纳入|不予(?:纳入|认定|识别)|(?:未|不)(?:获)?通过|未认定|排查线索|被否决"
)
TAKEN_UP = re.compile(r"是否(?:已)?(?:纳入|识别|认定|列入)(?:为|成)?(?:防返贫)?(?:监测)?(?:对象|户|范围|管理)?")
NOT_TAKEN_UP = frozenset(("否", "未纳入", "不纳入", "未识别", "未认定", "不符合", "n", "no", "0", "false", "未", "不"))
NO_ENTRY = frozenset(
    ("", "nan", "None", "<NA>", "NaT", "否", "无", "不是", "非监测对象", "非监测户", "/", "-", "—", "0", "一般农户", "正常",
     "一般户", "未纳入", "非监测", "无监测", "不是监测对象", "未纳入监测", "脱贫户", "稳定脱贫户")
)  # fmt: skip


def says_who_is_taken_up(header: str) -> bool:
    """Tell whether a header asks if a household was taken up (是否纳入).

    Examples
    --------
    >>> says_who_is_taken_up("是否纳入监测"), says_who_is_taken_up("是否纳入低保")
    (True, False)
    """
    return TAKEN_UP.fullmatch(header_key(header)) is not None


def lists_candidates(head: SheetHead) -> bool:
    """Tell whether a sheet lists households that may be monitored one day (疑似, 拟纳入), and not who is.

    Examples
    --------
    >>> lists_candidates(SheetHead(file="拟纳入监测对象名单.csv", source="", headers=["户编号"]))
    True
    """
    return named_candidates(head) and not any(says_who_is_taken_up(header) for header in head.headers)


def named_candidates(head: SheetHead) -> bool:
    """Tell whether the names or the title of a sheet speak of candidates."""
    own = {plain_signs("".join(header.split())) for header in head.headers}
    names = (*head.names, *(text for text in head.texts if text not in own))
    return any(CANDIDATES.search(plain_signs(name)) for name in names)


def type_in_status(monitoring: Layout, households: Layout) -> Layout:
    """Let 户类型 say the type of monitored households where the days of monitoring stand beside it and no type does."""
    place = households.columns.get("register_status")
    if place is None or "identified_on" not in monitoring.columns or "type" in monitoring.columns:
        return monitoring
    return replace(monitoring, columns={**monitoring.columns, "type": place})


def by_status(monitoring: Layout, households: Layout, headers: Sequence[str]) -> Layout:
    """Let 户类型 or notes say the type of monitored households where a sheet has nothing else that says who is monitored."""
    if NOTED_TYPE in headers:
        noted = headers.index(NOTED_TYPE), 1.0
        return replace(monitoring, columns={**monitoring.columns, "type": noted, "monitored": noted}, by_status=True)
    place = households.columns.get("register_status")
    if place is None or {"type", "monitored"} & monitoring.columns.keys():
        return monitoring
    return replace(monitoring, columns={**monitoring.columns, "type": place}, by_status=True)


def flags_and_type(layout: Layout, households: Layout) -> Layout:
    """Let a column be read both as yes or no and as the type where the sheet has only one of these.

    Under 监测对象 or 监测户 stands yes in some registers and the type of monitored households in others.

    Parameters
    ----------
    layout : Layout
        Of the table of monitoring.
    households : Layout
        Of the table of households: under 户类型 no yes or no stands.
    """
    columns, (status, _) = layout.columns, households.columns.get("register_status", (None, 1.0))
    one = {"type", "monitored"} & columns.keys()
    if len(one) != 1 or (place := columns[one.pop()])[0] == status:
        return layout
    factor = 1.0 if "monitored" not in columns else place[1]
    return replace(layout, columns={**columns, "type": place, "monitored": (place[0], factor)})


def denials(layout: Layout) -> Layout | None:
    """Return the columns that say who is not monitored, if a sheet has them.

    Parameters
    ----------
    layout : Layout
        Of the table of monitoring, by its headers alone.
    """
    flags = {name: layout.columns[name] for name in FLAGS if name in layout.columns}
    if "household_id" not in layout.columns or not ("monitored" in flags or len(flags) == len(FLAGS) - 1):
        return None
    columns = {"household_id": layout.columns["household_id"], **flags}
    return Layout(columns=columns, personal=layout.personal & {"household_id"}, denies=True)


def who_denies(raw: RawRows) -> RawRows:
    """Return the rows that say that their household is not monitored, and nothing else."""
    said = _flags(raw)
    no = [~answer.fillna(True).to_numpy(dtype=bool) for name, answer in said.items() if name != "monitored"]
    none_of_the_types = np.logical_and.reduce(no) if len(no) == len(FLAGS) - 1 else np.zeros(len(raw.frame), dtype=bool)
    denied = none_of_the_types
    if "monitored" in said:
        denied |= ~said["monitored"].fillna(True).to_numpy(dtype=bool)
    yes = [answer.fillna(False).to_numpy(dtype=bool) for answer in said.values()]
    named = raw.frame.iloc[:, raw.layout.columns["household_id"][0]].astype("str").str.strip().fillna("") != ""
    return _kept(raw, denied & ~np.logical_or.reduce(yes) & named.to_numpy(dtype=bool))


def _flags(raw: RawRows) -> dict[str, pd.Series]:
    """Return what the columns of yes and no of a sheet say."""
    table = TABLES["monitoring"]
    places = {name: raw.layout.columns[name] for name in FLAGS if name in raw.layout.columns}
    return {
        name: parse(raw.frame.iloc[:, place], table[name], factor=factor).column
        for name, (place, factor) in places.items()
    }


def with_entries(raw: RawRows, shared: Container[str], status: int | None) -> RawRows:
    """Return the rows in which anything of the table stands: not every row of a sheet of members is a monitored household.

    Parameters
    ----------
    raw : RawRows
    shared : container of str
        Columns that a sheet gives for all its tables.
    status : int or None
        Position of 户类型, in which a type of monitored households may stand.
    """
    has = np.zeros(len(raw.frame), dtype=bool)
    no: dict[int, np.ndarray] = {}
    own = [place for name, (place, _) in raw.layout.columns.items() if name not in shared or name in raw.table.key[1:]]
    own += [place for places in raw.layout.parts.values() for place in places]
    if raw.table.name == "monitoring":  # all households may have a risk that is over or not
        for name, answer in _flags(raw).items():
            has |= answer.fillna(False).to_numpy(dtype=bool)
            no[raw.layout.columns[name][0]] = ~answer.fillna(True).to_numpy(dtype=bool)
        own = [raw.layout.columns[name][0] for name in ("type", "identified_on") if name in raw.layout.columns]
    for place in own:
        if raw.table.name == "monitoring" and place == status:
            has |= parse(raw.frame.iloc[:, place], TABLES["monitoring"]["type"]).column.notna().to_numpy()
            continue
        filled = ~raw.frame.iloc[:, place].astype("str").str.strip().fillna("").isin(NO_ENTRY).to_numpy()
        if raw.table.name == "monitoring" and status in own:
            filled &= ~_before_monitoring(raw, place, status)
        has |= filled & ~no[place] if place in no else filled
    return _kept(raw, has)


def _before_monitoring(raw: RawRows, place: int, status: int | None) -> np.ndarray:
    """Return the rows whose 识别时间 is that of 建档立卡: no type of monitored households, and earlier than there were any."""
    none = np.zeros(len(raw.frame), dtype=bool)
    if status is None or raw.layout.columns.get("identified_on", (None, 1.0))[0] != place:
        return none
    table = TABLES["monitoring"]
    untyped = parse(raw.frame.iloc[:, status], table["type"]).column.isna()
    days = parse(raw.frame.iloc[:, place], table["identified_on"]).column
    result: np.ndarray = (untyped & (days < FIRST_MONITORED)).to_numpy(dtype=bool)
    return result


def without_refused(raw: RawRows, *, beside: bool) -> RawRows:
    """Return the rows of households that were taken up, where a column of the sheet says who was not.

    Parameters
    ----------
    raw : RawRows
    beside : bool
        Whether the sheet is one of all households: then 是否纳入监测 is a column of yes and no like any other.
    """
    keep = np.ones(len(raw.frame), dtype=bool)
    own = [place for name, (place, _) in raw.layout.columns.items() if name in FLAGS]
    for place, header in enumerate(raw.headers):
        if says_who_is_taken_up(header) and not (beside and place in own):
            keep &= ~raw.frame.iloc[:, place].astype("str").str.strip().str.lower().isin(NOT_TAKEN_UP).to_numpy()
    return _kept(raw, keep)


def _kept(raw: RawRows, keep: np.ndarray) -> RawRows:
    if keep.all():
        return raw
    faults, doubts = ([replace(one, mask=one.mask[keep]) for one in found] for found in (raw.faults, raw.doubts))
    return replace(raw, frame=raw.frame[keep].reset_index(drop=True), rows=raw.rows[keep], faults=faults, doubts=doubts)
