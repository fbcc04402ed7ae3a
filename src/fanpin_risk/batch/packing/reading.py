"""Put the raw rows of all files of a register on disk, file by file, chunk by chunk."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from fanpin_risk.batch.packing.chunks import SheetChunks, open_file
from fanpin_risk.batch.packing.raw_rows import RawStore
from fanpin_risk.batch.packing.target import unchanged
from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.progress import Progress
from fanpin_risk.records.checks import require_households
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.assignment import Assignment, assign, note_skipped, note_unknown, share_out
from fanpin_risk.records.read.files import file_name
from fanpin_risk.records.read.folder import no_households, note_unreadable, register_files
from fanpin_risk.records.rows import note_left_out
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import SheetHead

__all__ = ["store_files"]


def store_files(
    path: Path, encoding: str | None, store: RawStore, problems: Problems, progress: Progress | None
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

    Raises
    ------
    InputError
        If there are no files, one changes while it is read, or the raw rows outgrow the temporary disk.
    SchemaError
        If no households can be read.
    """
    files = register_files(path, problems)
    unreadable: dict[str, UnreadableFileError] = {}
    given: list[tuple[SheetHead, Assignment]] = []
    for number, file in enumerate(files):
        if progress is not None:
            progress(number, len(files), file_name(file))
        before = len(store.parts)
        try:
            with unchanged(file):
                read = [_store_sheet(sheet, store) for sheet in open_file(file, encoding)]
        except UnreadableFileError as error:
            store.drop_from(before)
            unreadable[file_name(file)] = error
            note_unreadable(file, error, problems)
            continue
        for head, assignments, skipped in read:
            if not assignments:
                note_unknown(head, problems)
                continue
            note_skipped(assignments[0].table, head.source, skipped, problems)
            given += [(head, assignment) for assignment in assignments]
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


def _store_sheet(sheet: SheetChunks, store: RawStore) -> tuple[SheetHead, tuple[Assignment, ...], Counter[str]]:
    """Store the rows of a sheet; return what was made of it, and how many rows are not data."""
    head, skipped = sheet.head, Counter[str]()
    assignments = assign(head)
    if assignments:
        with ExitStack() as stack:
            writers = [stack.enter_context(store.writer(head, to, sheet.mixed)) for to in assignments]
            for chunk in sheet.chunks:
                parts, other = share_out(chunk, assignments)
                skipped.update(other)
                for write, part in zip(writers, parts, strict=True):
                    write(part)
    return head, assignments, skipped
