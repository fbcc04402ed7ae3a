"""Put the raw rows of all files of a register on disk, file by file, chunk by chunk."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pandas as pd

from fanpin_risk.batch.packing.chunks import SheetChunks, open_file
from fanpin_risk.batch.packing.raw_rows import RawStore
from fanpin_risk.batch.packing.target import unchanged
from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.progress import Progress
from fanpin_risk.records.checks import require_households
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.assignment import Assignment, assign, note_likely, note_skipped, note_unknown, share_out
from fanpin_risk.records.read.column_map import ColumnMap, columns_beside
from fanpin_risk.records.read.files import file_name
from fanpin_risk.records.read.folder import no_households, note_unreadable, register_files
from fanpin_risk.records.read.header_rows import HeaderSearch
from fanpin_risk.records.rows import note_left_out
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import SheetHead

__all__ = ["store_files"]


def store_files(
    path: Path,
    encoding: str | None,
    store: RawStore,
    problems: Problems,
    progress: Progress | None,
    columns: str | Path | pd.DataFrame | None = None,
) -> None:
    """Read the files of a register into a store.

    Parameters
    ----------
    path : Path
        A folder, or one file.
    encoding : str or None
        Of text files.
    store : RawStore
        Takes the raw rows.
    problems : Problems
        Takes what is said of files and columns as a whole.
    progress : callable or None
        Called with (files done, files in all, name of the file).
    columns : path-like, DataFrame or None
        See :func:`fanpin_risk.read_register`.

    Raises
    ------
    InputError
        If there are no files, one changes while it is read, or the raw rows outgrow the temporary disk.
    SchemaError
        If no households can be read.
    """
    mapped, own_file = columns_beside(path, columns)
    files = register_files(path, problems, leave=own_file)
    unreadable: dict[str, UnreadableFileError] = {}
    given: list[tuple[SheetHead, Assignment]] = []
    for number, file in enumerate(files):
        if progress is not None:
            progress(number, len(files), file_name(file))
        before = len(store.parts)
        try:
            with unchanged(file):
                sheets = open_file(file, encoding, HeaderSearch(mapped.headers))
                read = [_store_sheet(sheet, store, mapped) for sheet in sheets]
        except UnreadableFileError as error:
            store.drop_from(before)
            unreadable[file_name(file)] = error
            note_unreadable(file, error, problems)
            continue
        for head, assignments, skipped in read:
            if not assignments:
                note_unknown(head, problems)
                continue
            note_likely(head, assignments, problems)
            note_skipped(assignments[0].table, head.source, skipped, problems)
            given += [(head, assignment) for assignment in assignments]
    mapped.note_use(problems)
    if progress is not None:
        progress(len(files), len(files), "")
    households = store.of("households")
    if not households:
        raise no_households(path, files, unreadable)
    for table in TABLES.values():
        for head, assignment in given:
            if assignment.table is table:
                note_left_out(table, head.source, head.headers, assignment.layout, problems)
    require_households(sum(own.n_rows for own in households), sum(own.n_faults for own in households))


def _store_sheet(
    sheet: SheetChunks, store: RawStore, mapped: ColumnMap
) -> tuple[SheetHead, tuple[Assignment, ...], Counter[str]]:
    """Store the rows of a sheet; return what was made of it, and how many rows are not data."""
    head, skipped = mapped.about(sheet.head), Counter[str]()
    mixed = None if sheet.mixed is None else sheet.mixed | mapped.valued(head)
    assignments = assign(head)
    if assignments:
        with ExitStack() as stack:
            writers = [stack.enter_context(store.writer(head, to, mixed)) for to in assignments]
            for chunk in sheet.chunks:
                chunk.head = head
                parts, other = share_out(mapped.put_values(chunk), assignments)
                skipped.update(other)
                for write, part in zip(writers, parts, strict=True):
                    write(part)
    return head, assignments, skipped
