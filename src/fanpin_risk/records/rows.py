"""Rows of one table: as they were read, and typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from fanpin_risk.records.amount_headers import item_texts
from fanpin_risk.records.cells import Fault, Parsed, missing, parse, years_of_cells
from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.cells.contents import as_objects
from fanpin_risk.records.declarations import Column, Table
from fanpin_risk.records.divisions import joined_names
from fanpin_risk.records.headers import names_village, names_year
from fanpin_risk.records.income_items import CONSUMPTION, ITEM_TEXTS, NODES, STATED
from fanpin_risk.records.item_names import is_doubtful_for_income
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.problems import Problems, Severity
from fanpin_risk.records.sheets import Dating
from fanpin_risk.records.sub_measures import parse_sub_measures
from fanpin_risk.records.unread_columns import note_left_out
from fanpin_risk.words import Message

__all__ = ["BESIDE_RANK", "ROLL_RANK", "RawRows", "Rows", "gather"]

# How clear it is that rows are of a table, the doubtful kinds: a few columns beside those of another table; nothing but
# the numbers of households.
BESIDE_RANK, ROLL_RANK = 3, 4

# Columns are parsed mostly outside of Python; of fewer rows threads would take longer to begin than the work itself.
THREADS, FEWEST_FOR_THREADS = 2, 10_000

NAT = np.datetime64("NaT", "s")
# Columns of yes and no that may stand in place of the type of monitored households.
FLAG_OF_TYPE = frozenset(("monitored", "monitored_unstable", "monitored_edge", "monitored_sudden"))


@dataclass(slots=True)
class RawRows:
    """Rows of a sheet or frame that belong to one table, as read.

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
    layout : Layout
        Which of the columns are read for the table.
    rows : ndarray of int, shape (n,)
        Row numbers as the file shows them.
    faults : list of Fault
        Rows that could not be read as rows (cells missing, undecodable bytes): they are rejected.
    rank : int
        How clear it is that they are of the table, 0 being the clearest.
    per_member : bool
        Whether the sheet has a row for each member.
    whole : bool
        Whether the sheet is a register by itself, so that it has households and persons that no other sheet has.
    doubts : list of Fault
        Rows that are kept, but of which something is to be said.
    dating : Dating, optional
        Which days rows without a date of their own are about.
    money : float
        What amounts are multiplied by whose header names no unit.
    lists : bool
        Whether all households in the sheet are of the register, whatever other sheets say.
    """

    table: Table
    source: str
    frame: pd.DataFrame
    headers: list[str]
    layout: Layout
    rows: np.ndarray
    faults: list[Fault] = field(default_factory=list)
    rank: int = 0
    per_member: bool = False
    dating: Dating | None = None
    money: float = 1.0
    whole: bool = False
    doubts: list[Fault] = field(default_factory=list)
    lists: bool = False


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
    texts : dict of str to ndarray of object, shape (n,)
        Per column whose codes say how far a place is: the names of places, ``""`` where the cell holds none.
    amounts : dict of str to ndarray of float, shape (n,)
        Per income item: amounts of wide sheets.
    wide : ndarray of bool, shape (n,)
        Which rows come from wide sheets.
    sources, rows : ndarray, shape (n,)
        Where each row stands.
    rank : ndarray of int, shape (n,)
        How clear it is that each row is of the table, 0 being the clearest.
    absorbed : ndarray of bool, shape (n,)
        Rows of which all is said by an earlier row, after what they add was put there.
    unclear : ndarray of bool, shape (n,)
        Rows of incomes of which an amount was left out, so that net income is not known.
    not_consumed : ndarray of bool, shape (n,)
        Rows of incomes of which an amount of consumption was left out, so that consumption is not known.
    not_read : ndarray of bool, shape (n,)
        Rows with amounts in columns that look like money and are not understood.
    lost : ndarray of bool, shape (n,)
        Rows of incomes with amounts of which the sheet does not say what they are.
    unit : ndarray of float, shape (n,)
        Of incomes: CNY of the unit in which the sheet states net income.
    per_person : dict of str to ndarray of bool, shape (n,)
        Per income item: rows in which the amount is that of each person of the household.
    personal : dict of str to ndarray of bool, shape (n,)
        Per id: rows in which it was made of a citizen id or a name.
    by_order : ndarray of bool, shape (n,)
        Rows of sheets that list the members of households and have no ids of persons.
    datings : list of Dating or None
        Per sheet: which days rows without a date of their own are about.
    sheet : ndarray of int, shape (n,)
        Sheet of each row, by its number in `datings`.
    span : tuple of two ndarrays of datetime64[s], shape (n,)
        First and last day that a row without a date of its own is about; NaT where nothing says so.
    data_date : ndarray of datetime64[s], shape (n,)
        Day the data of the row show; NaT where nobody said.
    origin : ndarray of str, shape (n,)
        What said which day a row is about: see :class:`Dating`, or ``column``, or ``data_date``.
    per_member : ndarray of bool, shape (n,)
        Rows of sheets that have a row for each member.
    whole : ndarray of bool, shape (n,)
        Rows of sheets that are a register by themselves.
    lists : ndarray of bool, shape (n,)
        Rows of sheets that list households of the register, see :class:`RawRows`.
    parts : sequence of RawRows
        The sheets.
    ranks : mapping of str to int
        All sheets of the register that have rows of the table, also where these are in another part of it, and how clear
        it is that each is of the table.
    raw : list of DataFrame
        The cells as read, declared columns only, sheet by sheet.
    rejected : ndarray of bool, shape (n,)
    broken : ndarray of bool, shape (n,)
        Which could not be read as rows at all; they are among the rejected.
    problems : Problems
        Takes what is found.
    """

    table: Table
    frame: pd.DataFrame
    first: dict[str, np.ndarray]
    last: dict[str, np.ndarray]
    fault: dict[str, np.ndarray]
    texts: dict[str, np.ndarray]
    amounts: dict[str, np.ndarray]
    wide: np.ndarray
    sources: np.ndarray
    rows: np.ndarray
    rank: np.ndarray
    absorbed: np.ndarray
    unclear: np.ndarray
    not_consumed: np.ndarray
    not_read: np.ndarray
    lost: np.ndarray
    unit: np.ndarray
    per_person: dict[str, np.ndarray]
    personal: dict[str, np.ndarray]
    by_order: np.ndarray
    datings: list[Dating | None]
    sheet: np.ndarray
    span: tuple[np.ndarray, ...]
    data_date: np.ndarray
    origin: np.ndarray
    per_member: np.ndarray
    whole: np.ndarray
    lists: np.ndarray
    parts: Sequence[RawRows]
    ranks: Mapping[str, int]
    raw: list[pd.DataFrame]
    rejected: np.ndarray
    broken: np.ndarray
    problems: Problems

    def report(
        self,
        where: np.ndarray,
        column: str,
        code: str,
        severity: Severity,
        expected: Message,
        *,
        figures: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        """Report rows, given as a mask or as positions, and reject them if that is what `severity` says.

        With `figures`, stated and computed, `where` holds different positions in rising order.
        """
        positions = np.flatnonzero(where) if where.dtype == bool else where
        if not (positions[1:] > positions[:-1]).all():
            positions = np.unique(positions)
        whole = ~self.broken[positions]  # what is no row is reported once, not cell by cell
        positions, figures = positions[whole], figures and (figures[0][whole], figures[1][whole])
        if severity == "rejected":
            self.rejected[positions] = True
        self.problems.add(
            self.table, sources=self.sources[positions], rows=self.rows[positions], positions=positions,
            column=column, code=code, severity=severity, expected=expected, figures=figures,
        )  # fmt: skip

    def doubt(self, where: np.ndarray, figure: str, code: str, severity: Severity, expected: Message) -> None:
        """Report amounts that are not used, at some positions; net income, or consumption, is unknown if they are part of it."""
        self.report(where, figure, code, severity, expected)
        if is_doubtful_for_income(figure):
            self.unclear[where] = True
        if NODES[figure].item in CONSUMPTION:
            self.not_consumed[where] = True

    def blank(self, where: np.ndarray, column: str, code: str, expected: Message) -> None:
        """Blank cells of a column and report them."""
        if where.any():
            self.frame.loc[where, column] = pd.NaT if self.table[column].type == "date" else None
            self.report(where, column, code, "blanked", expected)

    def rejected_raw(self) -> pd.DataFrame:
        """Return the rejected rows as read, with ``source``, ``row`` and ``reason``."""
        cells_of, start = [], 0
        for raw in self.raw:
            mask = self.rejected[start : start + len(raw)]
            if mask.any():
                cells_of.append(as_objects(raw[mask]))
            start += len(raw)
        positions = np.flatnonzero(self.rejected)
        reasons = self.problems.reasons(self.table.name)
        where = {
            "source": self.sources[positions],
            "row": self.rows[positions],
            "reason": reasons.reindex(positions).to_numpy(dtype=object),
        }
        cells = pd.concat(cells_of, ignore_index=True) if cells_of else pd.DataFrame()
        return cells.drop(columns=list(where), errors="ignore").assign(**where)


def gather(
    table: Table, parts: Sequence[RawRows], problems: Problems, *, data_date: pd.Timestamp | None = None
) -> Rows:
    """Parse all raw rows of one table and put them one below the other.

    Parameters
    ----------
    table : Table
        Declaration of the table.
    parts : sequence of RawRows
        Its raw rows, sheet by sheet; none gives no rows.
    problems : Problems
        Takes what is found.
    data_date : Timestamp, optional
        Day that the data of sheets show of which no option says anything else.

    Returns
    -------
    Rows
    """
    sizes = [len(part.frame) for part in parts]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype("int64")
    n = int(starts[-1])
    rows = Rows(
        table=table,
        frame=pd.DataFrame(index=pd.RangeIndex(n)),
        first={},
        last={},
        fault={},
        texts={},
        amounts={},
        wide=np.repeat([bool(part.layout.items) for part in parts], sizes) if parts else np.zeros(0, dtype=bool),
        sources=np.repeat(np.array([part.source for part in parts], dtype=object), sizes),
        rows=np.concatenate([part.rows for part in parts]).astype("int64") if parts else np.zeros(0, dtype="int64"),
        rank=np.repeat([part.rank for part in parts], sizes) if parts else np.zeros(0, dtype="int64"),
        absorbed=np.zeros(n, dtype=bool),
        unclear=np.zeros(n, dtype=bool),
        not_consumed=np.zeros(n, dtype=bool),
        not_read=np.zeros(n, dtype=bool),
        lost=np.zeros(n, dtype=bool),
        unit=np.repeat([_unit_of_stated(part.layout) for part in parts], sizes) if parts else np.ones(0),
        per_person={},
        personal={
            name: np.repeat([name in part.layout.personal for part in parts], sizes)
            if parts
            else np.zeros(0, dtype=bool)
            for name in ("household_id", "member_id")
        },
        by_order=np.repeat([part.layout.by_order for part in parts], sizes) if parts else np.zeros(0, dtype=bool),
        datings=[part.dating for part in parts],
        sheet=np.repeat(np.arange(len(parts)), sizes),
        span=tuple(np.repeat(np.array(days, dtype="datetime64[s]"), sizes) for days in _spans(parts)),
        data_date=np.repeat(np.array([_data_date(part, data_date) for part in parts], dtype="datetime64[s]"), sizes),
        origin=np.full(n, "", dtype=object),
        per_member=np.repeat([part.per_member for part in parts], sizes) if parts else np.zeros(0, dtype=bool),
        whole=np.repeat([part.whole for part in parts], sizes) if parts else np.zeros(0, dtype=bool),
        lists=np.repeat([part.lists for part in parts], sizes) if parts else np.zeros(0, dtype=bool),
        parts=parts,
        ranks={part.source: part.rank for part in sorted(parts, key=lambda one: -one.rank) if len(part.frame)},
        raw=[part.frame.iloc[:, part.layout.positions] for part in parts],
        rejected=np.zeros(n, dtype=bool),
        broken=np.zeros(n, dtype=bool),
        problems=problems,
    )
    for part, start in zip(parts, starts, strict=False):
        note_left_out(table, part.source, part.headers, part.layout, problems)
        for fault in part.faults:
            where = np.flatnonzero(fault.mask) + start
            rows.report(where, "", fault.code, "rejected", fault.expected)
            rows.broken[where] = True
        for doubt in part.doubts:
            rows.report(np.flatnonzero(doubt.mask) + start, "", doubt.code, "warning", doubt.expected)
    columns = {}
    for column, found in _parse_columns(table, parts):
        parsed = found
        if column.by_place and any(part.faults for part in parsed):
            rows.texts[column.name] = np.concatenate(
                [_texts_at(part, column, cells.bad) for part, cells in zip(parts, parsed, strict=True)]
            )
            parsed = [replace(cells, faults=()) for cells in parsed]
        columns[column.name] = _stack(rows, column, parsed, starts)
    rows.frame = pd.DataFrame(columns, index=pd.RangeIndex(n), copy=False)
    _report_absent(rows, parts, starts)
    return rows


def _spans(parts: Sequence[RawRows]) -> Iterator[list[np.datetime64]]:
    """Give the first days, then the last days, that the sheets are about."""
    for side in (0, 1):
        yield [NAT if part.dating is None else part.dating.span[side] for part in parts]


def _data_date(part: RawRows, rest: pd.Timestamp | None) -> np.datetime64:
    """Return the day that the data of a sheet show; of a year or a month nobody knows on which day it was written down."""
    if part.dating is not None and part.dating.origin == "option":
        first, last = part.dating.span
        return last.astype("datetime64[s]") if first == last else NAT
    return NAT if rest is None else np.datetime64(rest, "s")


def _unit_of_stated(layout: Layout) -> float:
    """Return the CNY of the unit in which a sheet states net income; 1 where it states none."""
    return max((abs(factor) for figure, _, factor in layout.item_columns if figure in STATED), default=1.0)


def _parse_columns(table: Table, parts: Sequence[RawRows]) -> Iterator[tuple[Column, list[Parsed]]]:
    """Parse the columns of a table, many rows in threads, and give them in their order."""
    declared = [
        replace(column, codes=ITEM_TEXTS) if column.name == "item" and parts else column for column in table.columns
    ]

    def parsed(column: Column) -> list[Parsed]:
        return [_parse_column(part, column) for part in parts]

    if sum(len(part.frame) for part in parts) < FEWEST_FOR_THREADS:
        yield from ((column, parsed(column)) for column in declared)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        yield from zip(declared, pool.map(parsed, declared), strict=True)


def _parse_column(part: RawRows, column: Column) -> Parsed:
    layout = part.layout
    if column.name in layout.parts:
        return parse(_joined_cells(part, column), column)
    if column.name in layout.constants:
        return parse(pd.Series([layout.constants[column.name]] * len(part.frame), dtype="str"), column)
    if column.name == "sub_measure" and column.name not in layout.columns and "measure" in layout.columns:
        return parse_sub_measures(part.frame.iloc[:, layout.columns["measure"][0]], column)
    if column.name not in layout.columns:
        nothing = np.full(len(part.frame), np.datetime64("NaT", "s")) if column.type == "date" else None
        return Parsed(missing(column, len(part.frame)), (), nothing, nothing)
    position, factor = layout.columns[column.name]
    cells = part.frame.iloc[:, position]
    if column.name == "item":
        return parse(item_texts(cells), column)
    if column.name in ("period_end", "valid_from") and names_year(part.headers[position]):
        return _parse_years(part, column, cells)
    parsed = parse(cells, column, factor=factor)
    names = [one for one, (at, _) in layout.columns.items() if at == position and one not in ("remark", "change")]
    if len(names) > 1 and parsed.faults:
        parsed = replace(parsed, faults=tuple(_faults_of_all(part, column, names, parsed)))
    return parsed


def _faults_of_all(part: RawRows, column: Column, names: list[str], parsed: Parsed) -> Iterator[Fault]:
    """Give the faults of cells that two columns are read from: where no column understands them, by the first of these."""
    if column.name != names[0]:
        return
    cells = part.frame.iloc[:, part.layout.columns[column.name][0]]
    understood = [parse(cells, part.table[name]).column.notna().to_numpy() for name in names[1:]]
    for fault in parsed.faults:
        mask = fault.mask & ~np.logical_or.reduce(understood)
        if mask.any():
            yield replace(fault, mask=mask)


def _parse_years(part: RawRows, column: Column, cells: pd.Series) -> Parsed:
    """Parse cells below a header that names years: an account that says nothing else of its time is of the whole year."""
    own_start = "period_start" in part.layout.columns
    years, finer = years_of_cells(cells, keep_days=column.name == "valid_from" or own_start)
    parsed = parse(years, column)
    if not finer:
        return parsed
    note = Fault(
        parsed.column.notna().to_numpy(), "years_of_days",
        Message("months or days below a header that names years; the whole year of each was taken"),
    )  # fmt: skip
    return replace(parsed, notes=(*parsed.notes, note))


def _texts_at(part: RawRows, column: Column, where: np.ndarray) -> np.ndarray:
    """Return the texts of a column in some rows, ``""`` in the others."""
    texts = np.full(len(where), "", dtype=object)
    if where.any():
        given = column.name in part.layout.parts
        cells = _joined_cells(part, column) if given else part.frame.iloc[:, part.layout.columns[column.name][0]]
        texts[where] = [as_text(cell) for cell in cells[where]]
    return texts


def _joined_cells(part: RawRows, column: Column) -> pd.Series:
    """Return the parts of a column joined per row, without the empty ones: lists by ``;``, names of places as a text."""
    parts = []
    positions = part.layout.parts[column.name]
    of_village = names_village(part.headers[positions[-1]])
    for position in positions:
        cells = part.frame.iloc[:, position].astype(object)
        parts.append([str(cell).strip() if known else "" for cell, known in zip(cells, cells.notna(), strict=True)])
    rows = [[cell for cell in row if cell] for row in zip(*parts, strict=True)]
    if column.type == "codes":
        return pd.Series([";".join(row) for row in rows], dtype=object)
    names = [joined_names(row, of_village=of_village and bool(last)) for row, last in zip(rows, parts[-1], strict=True)]
    return pd.Series(names, dtype=object)


def _stack(rows: Rows, column: Column, parsed: list[Parsed], starts: np.ndarray) -> pd.Series:
    """Put the parsed parts of one column below each other and report their faults."""
    n = int(starts[-1])
    essential = column.name in {*rows.table.key, *rows.table.needed} - {"identified_on"}  # monitored all the same
    rows.fault[column.name] = np.zeros(n, dtype=bool)
    for part, start in zip(parsed, starts, strict=False):
        for note in part.notes:
            if column.type == "number":
                rows.report(np.flatnonzero(note.mask) + start, column.name, note.code, "warning", note.expected)
                continue
            rows.problems.note(
                table=rows.table.name, source=str(rows.sources[start]), column=column.zh, code=note.code,
                text=Message("holds {what}", what=note.expected),
            )  # fmt: skip
        for fault in part.faults:
            positions = np.flatnonzero(fault.mask) + start
            rows.fault[column.name][positions] = column.name != "identified_on"
            severity: Severity = "rejected" if essential else "blanked"
            rows.report(positions, column.name, fault.code, severity, fault.expected)
    if column.type == "date":
        none = [np.zeros(0, dtype="datetime64[s]")]
        rows.first[column.name] = np.concatenate([part.first for part in parsed if part.first is not None] or none)
        rows.last[column.name] = np.concatenate([part.last for part in parsed if part.last is not None] or none)
    if not parsed:
        return missing(column, 0)
    return parsed[0].column if len(parsed) == 1 else pd.concat([part.column for part in parsed], ignore_index=True)


def _report_absent(rows: Rows, parts: Sequence[RawRows], starts: np.ndarray) -> None:
    """Reject all rows of sheets that lack a column no row can do without."""
    derived = {
        "valid_from",
        "period_start",
        "period_end",
        "identified_on",
    }  # may come from an option, or from each other
    for part, start, end in zip(parts, starts[:-1], starts[1:], strict=True):
        for name in rows.table.needed:
            if name in part.layout.found or name in derived or (name == "type" and FLAG_OF_TYPE & part.layout.found):
                continue
            where = np.arange(start, end)
            rows.fault[name][where] = True
            zh = rows.table[name].zh
            expected = Message("the column {column}, which the file lacks", column=Message(f"{name} ({zh})", zh))
            rows.report(where, name, "missing_column", "rejected", expected)
