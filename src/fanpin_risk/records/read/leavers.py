"""Sheets that by their names list who is gone, closed or no longer monitored, and columns of notes that may say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.headers import ANY_BRACKET, header_key
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import SheetHead

__all__ = ["closed_households", "holds_notes", "with_endings"]

NOTE_HEADER = re.compile(r"(?:户|人员|成员|监测)?(?:备注|备注说明|备注信息|情况备注|附注)\d*")
# Names of sheets of which all rows are about an end: table -> the names, the column that says so, and its cells.
ENDED: Mapping[str, tuple[re.Pattern[str], str, str]] = MappingProxyType({
    "households": (
        re.compile(
            r"(?<![账帐])(?:销户|注销户|(?:死亡|迁出|减少)户)(?![主籍口])|(?<![账帐])户注销|注销农户|消亡户?|整户(?:死亡|迁出|减少|销号)|户减少"
        ), "present", "否",
    ),
    "members": (
        re.compile(r"(?:自然)?减少|死亡|去世|已故|亡故|注销|迁出(?:人|成员|名单|明细)|婚出|婚嫁迁出|销户"), "present", "否",
    ),
    "monitoring": (
        re.compile(r"已(?:经)?(?:消除|解除|销号|退出监测)|(?:风险消除|消除风险|解除监测|监测销号|消除)(?:的)?(?:户|对象|监测|名单|人口|明细|花名册|台账)"),
        "eliminated", "是",
    ),
})  # fmt: skip
NAMES_PERSONS, CLOSES_ALL = re.compile("人员|成员|人口|个人"), re.compile("整户|全户|销户|注销户|消亡")
PERSON_NAMED = re.compile("(?:家庭)?(?:成员|人员)?姓名")
TELLS_PERSONS = frozenset(("relation", "sex", "birth_date"))  # what tells that a sheet has a row for each person
TITLE = re.compile(
    r".{2,36}(?:名单|花名册|台账|清单|表|名册|明细)(?:\([^()]*\))?"
)  # not a group of columns, nor a note
# Names of sheets that are of both kinds, or of the other one.
NOT_ONLY = re.compile(r"未|不含|不包括|除外|剔除|增减|新增|增加|拟|待|是否|申请|及|和|与|、|变动|变化|疑似")


def with_endings(table: str, layout: Layout, head: SheetHead) -> Layout:
    """Return the layout of a sheet with what its name and its notes say of who is gone or no longer monitored.

    Parameters
    ----------
    table : str
        Name of the table.
    layout : Layout
        Of the table.
    head : SheetHead

    Examples
    --------
    >>> head = SheetHead(file="已销户.csv", source="", headers=["户编号", "备注"])
    >>> found = with_endings("households", Layout(columns={"household_id": (0, 1.0)}), head)
    >>> found.constants, found.columns["remark"]
    ({'present': '否'}, (1, 1.0))
    """
    if table not in ENDED or layout.denies or layout.marked is not None:
        return layout
    columns, constants, leavers = dict(layout.columns), dict(layout.constants), layout.leavers
    names, column, cell = ENDED[table]
    if any(names.search(name) and not NOT_ONLY.search(name) for name in _own_names(head)):
        leavers = table != "monitoring"
        if column not in columns:
            constants[column] = cell
    note = next((place for place, header in enumerate(head.headers) if holds_notes(header)), None)
    if note is not None and note not in layout.positions and note not in head.meanings:
        columns["remark"] = note, 1.0
    if table == "monitoring" and "type" in columns:  # 脱贫不稳定户(风险已消除)
        free = next((name for name in ("change", "remark") if name not in columns), None)
        if free is not None:
            columns[free] = columns["type"]
    return replace(layout, columns=columns, constants=constants, leavers=leavers)


def closed_households(head: SheetHead, layouts: Mapping[str, Layout]) -> Layout | None:
    """Return the layout of a sheet of households that by its name lists which of them were closed; None for any other.

    Such a list has no more than their numbers, reasons and days: 减少时间 and the like are the days of the households.

    Parameters
    ----------
    head : SheetHead
    layouts : mapping of str to Layout
        By table, by the headers of the sheet.

    Examples
    --------
    >>> from fanpin_risk.records.layout import lay_out
    >>> head = SheetHead(file="整户销户名单.xlsx", source="", headers=["户编号", "减少原因", "减少时间"])
    >>> layouts = {name: lay_out(TABLES[name], head.headers) for name in ("households", "members")}
    >>> closed_households(head, layouts).columns
    {'household_id': (0, 1.0), 'valid_to': (2, 1.0)}
    """
    own, persons = layouts["households"], layouts["members"]
    if "household_id" not in own.found or persons.found & TELLS_PERSONS or "member_id" in persons.columns:
        return None
    closing = [name for name in _own_names(head) if ENDED["households"][0].search(name) and not NOT_ONLY.search(name)]
    of_persons = any(PERSON_NAMED.fullmatch(header_key(header)) for header in head.headers)
    if not any(CLOSES_ALL.search(name) or not (of_persons or NAMES_PERSONS.search(name)) for name in closing):
        return None
    columns = dict(own.columns)
    left_out = dict(own.left_out)
    if "valid_to" not in columns and "valid_to" in persons.columns:
        columns["valid_to"] = persons.columns["valid_to"]
    reason = persons.columns.get("left_reason", persons.columns.get("change"))
    for place, _ in filter(None, (columns.get("valid_to"), reason)):  # why a household was closed is not kept
        left_out.pop(place, None)
    return replace(own, columns=columns, left_out=sorted(left_out.items()))


def holds_notes(header: str) -> bool:
    """Tell whether a header is that of notes (备注)."""
    return NOTE_HEADER.fullmatch(header_key(ANY_BRACKET.sub("", plain_signs(header)))) is not None


def _own_names(head: SheetHead) -> list[str]:
    """Return the names and the title of a sheet; the name of the file only where that of the sheet names no table."""
    own = {plain_signs("".join(header.split())) for header in head.headers}
    names = [plain_signs(name) for name in head.names]
    if len(names) > 1 and any(text in names[0] for text in _table_names()):
        names = names[:1]
    return names + [text for text in map(plain_signs, head.texts) if text not in own and TITLE.fullmatch(text)]


def _table_names() -> list[str]:
    """Return the Chinese names of tables by which sheets are known."""
    return [name for table in TABLES.values() for name in (table.zh, *table.aliases) if len(name) > 1]
