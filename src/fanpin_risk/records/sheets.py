"""From the raw rows of sheets or frames to typed rows of one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import Fault, Parsed, missing, parse
from fanpin_risk.records.headers import Layout, lay_out
from fanpin_risk.records.problems import Findings, Severity
from fanpin_risk.records.schema import Column, Table

__all__ = ["Rows", "Sheet", "gather", "note_left_out"]

LEFT_OUT = {
    "personal_column_dropped": ("names or numbers of persons are not read", "个人身份信息不读取"),
    "computed_column_ignored": ("is computed, not read", "为计算列，不读取"),
    "total_column_ignored": ("is the sum of other columns of the sheet and is not read", "为本表其他列的合计，不读取"),
    "second_column_ignored": ("says the same as another column of the sheet; the other one is read", "与本表另一列重复，取另一列"),
    "unknown_column": ("is not declared for this table and is not read", "不在本表字段之内，不读取"),
}  # fmt: skip


@dataclass(slots=True)
class Sheet:
    """Raw rows that belong to one table.

    Attributes
    ----------
    table : Table
        The table they belong to.
    source : str
        File (and sheet) they come from.
    frame : DataFrame of shape (n, n_columns)
        Cells as read; column labels are the headers, made unique.
    headers : list of str
        The headers as they stand.
    rows : ndarray of int, shape (n,)
        Row numbers as the file shows them.
    money : float
        Factor for amounts without a unit of their own.
    faults : list of Fault
        Rows that could not be read as rows (cells missing, undecodable bytes): they are rejected.
    """

    table: Table
    source: str
    frame: pd.DataFrame
    headers: list[str]
    rows: np.ndarray
    money: float = 1.0
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Rows:
    """All rows of one table as read, typed, over all its sheets.

    Attributes
    ----------
    table : Table
    frame : DataFrame of shape (n, n_columns_of_the_table)
        Typed; missing where missing or at fault.
    first, last : dict of str to ndarray of datetime64[s], shape (n,)
        Per date column: first and last day of what was written.
    fault : dict of str to ndarray of bool, shape (n,)
        Per column: cells that could not be used.
    amounts : dict of str to ndarray of float, shape (n,)
        Per income item: amounts of wide sheets.
    wide : ndarray of bool, shape (n,)
        Which rows come from wide sheets.
    sources, rows : ndarray, shape (n,)
        Where each row stands.
    raw : list of DataFrame
        The cells as read, declared columns only, sheet by sheet.
    rejected : ndarray of bool, shape (n,)
    broken : ndarray of bool, shape (n,)
        Which could not be read as rows at all; they are among the rejected.
    findings : Findings
    """

    table: Table
    frame: pd.DataFrame
    first: dict[str, np.ndarray]
    last: dict[str, np.ndarray]
    fault: dict[str, np.ndarray]
    amounts: dict[str, np.ndarray]
    wide: np.ndarray
    sources: np.ndarray
    rows: np.ndarray
    raw: list[pd.DataFrame]
    rejected: np.ndarray
    broken: np.ndarray
    findings: Findings

    def report(
        self, where: np.ndarray, column: str, code: str, severity: Severity, expected: str, expected_zh: str
    ) -> None:
        """Report rows, given as a mask or as positions, and reject them if that is what `severity` says."""
        positions = np.flatnonzero(where) if where.dtype == bool else np.unique(where)
        positions = positions[~self.broken[positions]]  # what is no row is reported once, not cell by cell
        if severity == "rejected":
            self.rejected[positions] = True
        self.findings.add(
            self.table, sources=self.sources[positions], rows=self.rows[positions], positions=positions,
            column=column, code=code, severity=severity, expected=expected, expected_zh=expected_zh,
        )  # fmt: skip

    def blank(self, where: np.ndarray, column: str, code: str, expected: str, expected_zh: str) -> None:
        """Blank cells of a column and report them."""
        if where.any():
            self.frame.loc[where, column] = pd.NaT if self.table[column].type == "date" else None
            self.report(where, column, code, "blanked", expected, expected_zh)

    def rejected_raw(self) -> pd.DataFrame:
        """Return the rejected rows as read, with ``source``, ``row`` and ``reason``."""
        pieces, start = [], 0
        for raw in self.raw:
            mask = self.rejected[start : start + len(raw)]
            if mask.any():
                pieces.append(raw[mask].astype(object))
            start += len(raw)
        positions = np.flatnonzero(self.rejected)
        reasons = self.findings.reasons(self.table.name)
        where = {
            "source": self.sources[positions],
            "row": self.rows[positions],
            "reason": reasons.reindex(positions).to_numpy(dtype=object),
        }
        cells = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame()
        return cells.drop(columns=list(where), errors="ignore").assign(**where)


def gather(table: Table, sheets: Sequence[Sheet], findings: Findings) -> Rows:
    """Parse all sheets of one table and put their rows one below the other.

    Parameters
    ----------
    table : Table
        Declaration of the table.
    sheets : sequence of Sheet
        Its sheets; none gives no rows.
    findings : Findings
        Takes what is found.

    Returns
    -------
    Rows
    """
    sizes = [len(sheet.frame) for sheet in sheets]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype("int64")
    n = int(starts[-1])
    layouts = [lay_out(table, sheet.headers, money=sheet.money) for sheet in sheets]
    rows = Rows(
        table=table,
        frame=pd.DataFrame(index=pd.RangeIndex(n)),
        first={},
        last={},
        fault={},
        amounts={},
        wide=np.repeat([bool(layout.items) for layout in layouts], sizes) if sheets else np.zeros(0, dtype=bool),
        sources=np.repeat(np.array([sheet.source for sheet in sheets], dtype=object), sizes),
        rows=np.concatenate([sheet.rows for sheet in sheets]).astype("int64") if sheets else np.zeros(0, dtype="int64"),
        raw=[sheet.frame.iloc[:, layout.positions] for sheet, layout in zip(sheets, layouts, strict=True)],
        rejected=np.zeros(n, dtype=bool),
        broken=np.zeros(n, dtype=bool),
        findings=findings,
    )
    for sheet, layout, start in zip(sheets, layouts, starts, strict=False):
        note_left_out(table, sheet.source, sheet.headers, layout, findings)
        for fault in sheet.faults:
            where = np.flatnonzero(fault.mask) + start
            rows.report(where, "", fault.code, "rejected", fault.expected, fault.expected_zh)
            rows.broken[where] = True
    columns = {}
    for column in table.columns:
        parsed = [_parse_column(sheet, layout, column) for sheet, layout in zip(sheets, layouts, strict=True)]
        columns[column.name] = _stack(rows, column, parsed, starts)
    rows.frame = pd.DataFrame(columns, index=pd.RangeIndex(n))
    if "item" in table:
        _gather_items(rows, sheets, layouts, starts)
    _report_absent(rows, layouts, starts)
    return rows


def _parse_column(sheet: Sheet, layout: Layout, column: Column) -> Parsed:
    if column.name in layout.parts:
        return parse(_join(sheet, layout.parts[column.name], ";" if column.type == "codes" else ""), column)
    if column.name not in layout.columns:
        nothing = np.full(len(sheet.frame), np.datetime64("NaT", "s")) if column.type == "date" else None
        return Parsed(missing(column, len(sheet.frame)), (), nothing, nothing)
    position, factor = layout.columns[column.name]
    return parse(sheet.frame.iloc[:, position], column, factor=factor)


def _join(sheet: Sheet, positions: list[int], separator: str) -> pd.Series:
    """Return the parts of a column joined per row, without the empty ones."""
    parts = []
    for position in positions:
        cells = sheet.frame.iloc[:, position].astype(object)
        parts.append([str(cell).strip() if known else "" for cell, known in zip(cells, cells.notna(), strict=True)])
    joined = [separator.join(part for part in row if part) for row in zip(*parts, strict=True)]
    return pd.Series(joined, dtype=object)


def _stack(rows: Rows, column: Column, parsed: list[Parsed], starts: np.ndarray) -> pd.Series:
    """Put the parsed sheets of one column below each other and report their faults."""
    n = int(starts[-1])
    essential = column.name in rows.table.key or column.name in rows.table.needed
    rows.fault[column.name] = np.zeros(n, dtype=bool)
    for part, start in zip(parsed, starts, strict=False):
        for fault in part.faults:
            positions = np.flatnonzero(fault.mask) + start
            rows.fault[column.name][positions] = True
            severity: Severity = "rejected" if essential else "blanked"
            rows.report(positions, column.name, fault.code, severity, fault.expected, fault.expected_zh)
    if column.type == "date":
        none = [np.zeros(0, dtype="datetime64[s]")]
        rows.first[column.name] = np.concatenate([part.first for part in parsed if part.first is not None] or none)
        rows.last[column.name] = np.concatenate([part.last for part in parsed if part.last is not None] or none)
    if not parsed:
        return missing(column, 0)
    return pd.concat([part.column for part in parsed], ignore_index=True)


def _gather_items(rows: Rows, sheets: Sequence[Sheet], layouts: list[Layout], starts: np.ndarray) -> None:
    """Parse the income items of wide sheets; a row with a bad amount is rejected as a whole."""
    amount = rows.table["amount_cny"]
    for sheet, layout, start in zip(sheets, layouts, starts, strict=False):
        for item, (position, factor) in layout.items.items():
            parsed = parse(sheet.frame.iloc[:, position], amount, factor=factor)
            for fault in parsed.faults:
                where = np.flatnonzero(fault.mask) + start
                rows.report(where, item, fault.code, "rejected", fault.expected, fault.expected_zh)
            column = rows.amounts.setdefault(item, np.full(len(rows.frame), np.nan))
            column[start : start + len(sheet.frame)] = parsed.column.to_numpy()


def _report_absent(rows: Rows, layouts: list[Layout], starts: np.ndarray) -> None:
    """Reject all rows of sheets that lack a column no row can do without."""
    derived = {"valid_from", "period_start", "period_end"}  # may come from an option, or from each other
    for layout, start, end in zip(layouts, starts[:-1], starts[1:], strict=True):
        for name in rows.table.needed:
            if name in layout.found or name in derived:
                continue
            zh = rows.table[name].zh
            where = np.arange(start, end)
            rows.fault[name][where] = True
            expected = f"the column {name} ({zh}), which the file lacks"
            rows.report(where, name, "missing_column", "rejected", expected, f"文件缺少“{zh}”列")


def note_left_out(table: Table, source: str, headers: Sequence[str], layout: Layout, findings: Findings) -> None:
    """Say which columns of a sheet are not read, and why."""
    for position, reason in layout.left_out:
        text, text_zh = LEFT_OUT[reason]
        findings.note(
            table=table.name, source=source, column=headers[position].strip()[:40], code=reason,
            text=text, text_zh=text_zh,
        )  # fmt: skip
