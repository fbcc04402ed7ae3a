"""Put the raw rows of all files or tables of a register on disk, one after the other, chunk by chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.batch.packing.chunks import SheetChunks, open_file
from fanpin_risk.batch.packing.raw_rows import RawStore
from fanpin_risk.batch.packing.target import unchanged
from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.progress import Progress
from fanpin_risk.records.checks import require_households
from fanpin_risk.records.data_dates import DataDates
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.addresses import database_name, is_database
from fanpin_risk.records.read.assignment import (
    Assignment,
    assign,
    choose_rolls,
    roll_of,
    share_out,
)
from fanpin_risk.records.read.blank_below import BlankBelow, held_together
from fanpin_risk.records.read.column_map import ColumnMap
from fanpin_risk.records.read.database import (
    DatabasePart,
    columns_of_database,
    database_parts,
    no_households_in,
    note_columns,
)
from fanpin_risk.records.read.doubtful_sheets import note_likely, note_unknown
from fanpin_risk.records.read.files import file_name
from fanpin_risk.records.read.folder import names_households, no_households, note_unreadable
from fanpin_risk.records.read.header_rows import HeaderSearch
from fanpin_risk.records.read.misplaced import Placed, doubt_notes, take_misplaced
from fanpin_risk.records.read.named_parts import head_with_named_part
from fanpin_risk.records.read.queries import queries_of_files
from fanpin_risk.records.read.rolls import note_rolls
from fanpin_risk.records.read.sheet_notes import (
    is_only_example,
    note_facts,
    note_hidden,
    note_only_example,
    note_skipped,
)
from fanpin_risk.records.read.sources import SourceFiles, source_files
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import NAMED_PART, Sheet, SheetHead, unique_labels
from fanpin_risk.records.unread_columns import note_left_out

__all__ = ["store_register"]

Given = tuple[SheetHead, Assignment]


@dataclass(frozen=True, slots=True)
class Stored:
    """What was made of a sheet.

    Attributes
    ----------
    placed : Placed
        None of its rows: its head, with all columns that it was given, and what is to be said of them.
    assignments : tuple of Assignment
    skipped : Counter
        How many rows are not data, by kind.
    n_rows : int
        How many were stored.
    """

    placed: Placed
    assignments: tuple[Assignment, ...] = ()
    skipped: Counter[str] = field(default_factory=Counter)
    n_rows: int = 0

    @property
    def head(self) -> SheetHead:
        """What the sheet says before its rows."""
        return self.placed.sheet.head


def store_register(
    source: Any,
    encoding: str | None,
    store: RawStore,
    problems: Problems,
    progress: Progress | None,
    *,
    columns: str | Path | pd.DataFrame | None = None,
    queries: Any = None,
    dates: DataDates,
    hidden: bool = False,
    flat: bool = False,
) -> str:
    """Read the files of a register, or the tables of a database, into a store.

    Parameters
    ----------
    source : path-like, sequence of path-like, str, sqlalchemy.URL or sqlalchemy.Engine
        See :func:`fanpin_risk.read_register`.
    encoding : str or None
        Of text files.
    store : RawStore
        Takes the raw rows.
    problems : Problems
        Takes what is said of files and columns as a whole.
    progress : callable or None
        Called with (files or tables done, in all, name of the file or table).
    columns : path-like, DataFrame or None
        See :func:`fanpin_risk.read_register`.
    queries : mapping, path-like or None
        Of a database; see :func:`fanpin_risk.read_register`.
    dates : DataDates
        What the user says of the dates of files.
    hidden : bool
        Read hidden sheets, rows and columns of workbooks as well.
    flat : bool
        Do not read folders within the folder.

    Returns
    -------
    str
        What the register is called.

    Raises
    ------
    InputError
        If there are no files, one changes while it is read, the raw rows outgrow the temporary disk, or the database
        refuses.
    SchemaError
        If no households can be read.
    """
    given: list[Given] = []
    again = Problems()  # what a second reading finds was reported at the first
    if is_database(source):
        name = database_name(source)
        looked_at = _store_tables(source, queries, columns, store, problems, progress, given, dates)
        lacking = no_households_in(name, looked_at)
        if rolls := _rolls(given, problems):
            _store_tables(source, queries, columns, store, again, None, [], dates, rolls)
    elif queries is not None:
        raise queries_of_files()
    else:
        with source_files(source, problems, columns=columns, flat=flat) as files:
            unreadable = _store_files(files, encoding, store, problems, progress, given, dates, hidden=hidden)
            name = files.name
            lacking = no_households(files.called, [file_name(file.path) for file in files.files], unreadable)
            rolls = frozenset() if names_households(unreadable) else _rolls(given, problems)
            if rolls:
                _store_files(files, encoding, store, again, None, [], dates, rolls, hidden=hidden)
    households = store.of("households")
    if not households:
        raise lacking
    for table in TABLES.values():
        for head, assignment in given:
            if assignment.table is table:
                note_left_out(table, head.source, head.headers, assignment.layout, problems)
    n_rows, n_faults, n_citizen = (
        sum(getattr(own, n) for own in households) for n in ("n_rows", "n_faults", "n_citizen")
    )
    require_households(n_rows, n_faults, n_citizen)
    return name


def _rolls(given: Sequence[Given], problems: Problems) -> frozenset[str]:
    """Return the sheets whose households are to be taken from their numbers alone, where no sheet is of households."""
    sheets: dict[str, tuple[SheetHead, list[Assignment]]] = {}
    for head, assignment in given:
        sheets.setdefault(head.source, (head, []))[1].append(assignment)
    chosen = choose_rolls([(own, roll_of(head, own)) for head, own in sheets.values()])
    sources = [source for source, mine in zip(sheets, chosen, strict=True) if mine]
    note_rolls(sources, problems)
    return frozenset(sources)


def _store_files(
    source: SourceFiles, encoding: str | None, store: RawStore, problems: Problems, progress: Progress | None,
    given: list[Given], dates: DataDates, rolls: frozenset[str] | None = None, *, hidden: bool,
) -> dict[str, UnreadableFileError]:  # fmt: skip
    """Store the rows of files; return which could not be read, and why."""
    files, mapped, unreadable = source.files, source.mapped, dict(source.unreadable)
    for number, file in enumerate(files):
        name = file_name(file.path)
        if progress is not None:
            progress(number, len(files), name)
        before = len(store.parts)
        try:
            with unchanged(file.path):
                sheets = open_file(file.path, encoding, HeaderSearch(mapped.headers), hidden=hidden)
                heads = [dates.about(file.labelled(sheet.head)) for sheet in sheets]
                read = [
                    None
                    if head.hidden and not hidden
                    else _store_sheet(replace(sheet, head=head), store, mapped, rolls)
                    for sheet, head in zip(sheets, heads, strict=True)
                ]
        except UnreadableFileError as error:
            store.drop_from(before)
            unreadable[name] = error
            dates.note_file(name, file.folder)
            note_unreadable(file.path, error, problems)
            continue
        for head, stored in zip(heads, read, strict=True):
            if stored is None:
                note_hidden(head, problems)
            else:
                _take(stored, problems, given)
    if progress is not None:
        progress(len(files), len(files), "")
    dates.require_used(file_name(file.path) for file in files)
    mapped.note_use(problems)
    return unreadable


def _store_tables(
    source: Any, queries: Any, columns: str | Path | pd.DataFrame | None, store: RawStore, problems: Problems,
    progress: Progress | None, given: list[Given], dates: DataDates, rolls: frozenset[str] | None = None,
) -> list[str]:  # fmt: skip
    """Store the rows of the tables or queries of a database; return what they are called."""
    mapped = columns_of_database(source, columns)
    with database_parts(source, queries, problems) as (tables, names):
        for number, table in enumerate(tables):
            if progress is not None:
                progress(number, len(tables), table.source)
            rows = _StreamedRows(table)
            stored = _store_sheet(SheetChunks(dates.about(rows.head), rows), store, mapped, rolls)
            _take(stored, problems, given)
            note_columns(stored.head, [(to.table, to.layout) for to in stored.assignments], rows.notes(), problems)
        dates.require_used(table.source for table in tables)
        if progress is not None:
            progress(len(tables), len(tables), "")
    mapped.note_use(problems)
    return names


class _StreamedRows:
    """The rows of a table of a database, as often as they are asked for; only from the second time on it is asked again."""

    def __init__(self, table: DatabasePart) -> None:
        self.table = table
        self.head, self.rows, self.notes = table.streamed()
        self.asked = False

    def __call__(self) -> Iterator[Sheet]:
        if self.asked:
            self.rows.close()
            _, self.rows, self.notes = self.table.streamed()
        self.asked = True
        for sheet in self.rows:
            yield replace(sheet, frame=sheet.frame.astype("str"))  # in which those of text files are stored


def _take(stored: Stored, problems: Problems, given: list[Given]) -> None:
    """Report what is to be said of a sheet, and note which columns of it are read for which table."""
    head, assignments = stored.head, stored.assignments
    note_facts(head, problems)
    stored.placed.note(problems)
    if not assignments:
        note_unknown(head, problems)
        return
    note_likely(head, assignments, problems)
    if is_only_example(stored.n_rows, stored.skipped):
        note_only_example(assignments[0].table, head.source, problems)
        return
    note_skipped(assignments[0].table, head.source, stored.skipped, problems)
    given += [(head, assignment) for assignment in assignments]


def _store_sheet(sheet: SheetChunks, store: RawStore, mapped: ColumnMap, rolls: frozenset[str] | None = None) -> Stored:
    """Store the rows of a sheet; return what was made of it.

    With `rolls`, only the numbers of households in the sheets named there are stored.
    """
    head, part_named = head_with_named_part(mapped.about(sheet.head))
    mixed = None if sheet.mixed is None else sheet.mixed | mapped.valued(head)
    before = len(store.parts)
    sheet = replace(sheet, head=head, mixed=mixed)
    stored = _stored_with([], sheet, part_named, store, mapped, rolls)
    while isinstance(stored, list):
        store.drop_from(before)
        stored = _stored_with(stored, sheet, part_named, store, mapped, rolls)
    if is_only_example(stored.n_rows, stored.skipped):
        store.drop_from(before)
    return stored


def _stored_with(
    columns: list[str], sheet: SheetChunks, part_named: str, store: RawStore, mapped: ColumnMap,
    rolls: frozenset[str] | None,
) -> Stored | list[str]:  # fmt: skip
    """Store the rows of a sheet that is given some columns; if it needs more, return all that it is to be given."""
    head, skipped = sheet.head, Counter[str]()
    before = len(store.parts)
    no_rows = pd.DataFrame(columns=unique_labels(head.headers), dtype="str")
    placed = take_misplaced(Sheet(head, no_rows, np.zeros(0, dtype="int64")), columns)
    assignments = assign(placed.sheet.head)
    if rolls is not None:
        roll = roll_of(placed.sheet.head, assignments) if head.source in rolls else None
        assignments = () if roll is None else (roll,)
    if not assignments:
        return Stored(placed)
    with ExitStack() as stack:
        writers = [stack.enter_context(store.writer(placed.sheet.head, to, sheet.mixed)) for to in assignments]
        whose = BlankBelow.of(placed.sheet.head, [(to.table, to.layout) for to in assignments])
        for chunk in held_together(sheet.chunks(), whose):
            chunk.head = head
            if part_named:
                chunk.frame = chunk.frame.assign(**{NAMED_PART: part_named})
            rows = take_misplaced(mapped.put_values(chunk), columns)
            if more := [header for header in rows.headers if header not in placed.headers]:
                return [*columns, *more]
            parts, other = share_out(rows.sheet, assignments)
            doubt_notes(parts, rows.doubtful)
            skipped.update(other)
            for write, part in zip(writers, parts, strict=True):
                write(part)
    return Stored(placed, assignments, skipped, sum(stored.n_rows for stored in store.parts[before:]))
