"""The one place that says which columns of a sheet belong to which table."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fanpin_risk.records.headers import Layout, lay_out
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.other_rows import other_rows
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.schema import TABLES, Table
from fanpin_risk.records.sheets import Sheet, SheetHead
from fanpin_risk.words import Message, listed

__all__ = ["Assignment", "assign", "note_skipped", "note_unknown", "share_out", "tables_named"]

# Rows that are not data, by kind.
SKIPPED: Mapping[str, Message] = {
    "total": Message("{count} total"),
    "note": Message("{count} note"),
    "header": Message("{count} header"),
    "empty": Message("{count} empty"),
}
NAME_NOISE = re.compile(r"\d+(?:年度?|月份?|日)?|[\s_()\[\]【】.,\-–—+&#@]+")
NAME_TAIL = re.compile(r"(?:信息|情况|明细|基础|数据|登记|统计|汇总|导出|名单|花名册|台账|清单|表|册)+$")


@dataclass(frozen=True, slots=True)
class Assignment:
    """The columns of a sheet that belong to one table.

    Attributes
    ----------
    table : Table
    layout : Layout
        Which column of the sheet holds which column of the table.
    """

    table: Table
    layout: Layout


def assign(head: SheetHead) -> tuple[Assignment, ...]:
    """Say which columns of a sheet belong to which table, by its names and its headers.

    Parameters
    ----------
    head : SheetHead

    Returns
    -------
    tuple of Assignment
        The whole sheet to one table; empty if neither its names nor its headers tell which.

    Examples
    --------
    >>> head = SheetHead(file="2023.csv", source="2023.csv", headers=["人编号", "户编号", "年度", "与户主关系"])
    >>> [assignment.table.name for assignment in assign(head)]
    ['members']
    """
    table = _choose_table(head.names, head.headers)
    return () if table is None else (Assignment(table, lay_out(table, head.headers, money=head.money)),)


def share_out(sheet: Sheet, assignments: Sequence[Assignment]) -> tuple[list[RawRows], Counter[str]]:
    """Give each table its raw rows of a sheet, without what is not data.

    Parameters
    ----------
    sheet : Sheet
        All rows of a sheet, or some that follow each other.
    assignments : sequence of Assignment
        What :func:`assign` says of its head.

    Returns
    -------
    parts : list of RawRows
        For each assignment.
    skipped : Counter
        How many rows are not data: totals (``total``), notes (``note``), repeated headers (``header``), blank ones
        (``empty``).
    """
    other = other_rows(sheet, _id_position(assignments))
    skipped = Counter({kind: int(mask.sum()) for kind, mask in other.items()})
    skipped["empty"] += sheet.n_empty
    keep = ~np.logical_or.reduce(list(other.values()))
    faults = [replace(fault, mask=fault.mask[keep]) for fault in sheet.faults]
    frame = sheet.frame if keep.all() else sheet.frame[keep].reset_index(drop=True)
    head, rows = sheet.head, sheet.rows[keep]
    parts = [RawRows(to.table, head.source, frame, head.headers, to.layout, rows, faults) for to in assignments]
    return parts, skipped


def _id_position(assignments: Sequence[Assignment]) -> int:
    """Return the position of the first column with ids, by which rows are told from notes and sums."""
    for to in assignments:
        for name in to.table.key:
            if to.table[name].type == "id" and name in to.layout.columns:
                return to.layout.columns[name][0]
    return 0


def note_unknown(head: SheetHead, problems: Problems) -> None:
    """Report a sheet that belongs to no table."""
    named = next((name for text in head.names for name in tables_named(text)), "")
    problems.note(
        table=named, severity="rejected" if named else "warning", source=head.source, code="unknown_sheet",
        text=Message("is known neither by its name nor by its headers and was not read"),
    )  # fmt: skip


def note_skipped(table: Table, source: str, skipped: Counter[str], problems: Problems) -> None:
    """Report how many rows of a sheet are not data, if there are any."""
    if total := skipped.total():
        kinds = [Message(text, count=skipped[kind]) for kind, text in SKIPPED.items() if skipped[kind]]
        problems.note(
            table=table.name, source=source, code="rows_skipped",
            text=Message("{total} rows are no data and are not counted: {kinds}", total=total, kinds=listed(kinds)),
        )  # fmt: skip


def _choose_table(names: Sequence[str], headers: Sequence[str]) -> Table | None:
    """Return the table a sheet belongs to, by name and headers; None if neither tells."""
    fits = {name: _fit(table, headers) for name, table in TABLES.items()}
    for text in names:
        named = tables_named(text)
        exact = [name for name, length in named.items() if length == np.inf and fits[name][2] > 0]
        if exact:
            return TABLES[exact[0]]
        likely = [name for name in named if fits[name][0]]
        if likely:
            return TABLES[max(likely, key=lambda name: (*fits[name], named[name]))]
        several_known = [name for name in named if fits[name][2] > 1]
        if len(several_known) == 1:
            return TABLES[several_known[0]]
    complete = [
        name
        for name, (has_id, share, _) in fits.items()
        if has_id and share == 1.0 and _headers_tell(TABLES[name], headers)
    ]
    return TABLES[max(complete, key=lambda name: fits[name])] if complete else None


def _fit(table: Table, headers: Sequence[str]) -> tuple[bool, float, int]:
    """Return whether a sheet has the table's first id, the share of needed columns, and the number of known headers."""
    layout = lay_out(table, headers)
    found = layout.found
    if "period_start" in found or "period_end" in found:
        found |= {"period_start", "period_end"}
    needed = [name for name in table.needed if name != "valid_from"]
    share = sum(name in found for name in needed) / len(needed)
    return table.key[0] in found, share, len(layout.positions)


def _headers_tell(table: Table, headers: Sequence[str]) -> bool:
    """Tell whether headers alone say that a sheet is of a table: more than ids and dates, and mostly declared ones."""
    layout = lay_out(table, headers)
    ordinary = {column.name for column in table.columns if column.type != "id"} - {table.time, "recorded_at"}
    n_unknown = sum(reason == "unknown_column" for _, reason in layout.left_out)
    return bool(layout.found & ordinary) and len(layout.positions) > n_unknown


def tables_named(text: str) -> dict[str, float]:
    """Return the tables named in a file's or sheet's name, with the length of the name, infinite if it is all of it.

    Examples
    --------
    >>> tables_named("2023年_家庭成员表(1)"), tables_named("务工月监测")
    ({'members': inf}, {'monitoring': 2.0})
    """
    whole = NAME_NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()
    core = NAME_TAIL.sub("", whole)
    named: dict[str, float] = {}
    for table in TABLES.values():
        for own in (table.name, table.zh.lower(), *table.aliases):
            if own in (whole, core) or NAME_TAIL.sub("", own) == core != "":
                named[table.name] = np.inf
            elif len(own) > 1 and own in whole:
                named[table.name] = max(named.get(table.name, 0.0), float(len(own)))
    return named
