"""Read files, a database or frames as a register."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.arguments import switch
from fanpin_risk.errors import InputError, SchemaError, UnreadableFileError
from fanpin_risk.files import kind_of as kind_of_results
from fanpin_risk.progress import Progress
from fanpin_risk.records.checks import Elsewhere
from fanpin_risk.records.data_dates import DataDates
from fanpin_risk.records.layout import lay_out
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.addresses import database_name, is_database
from fanpin_risk.records.read.ahead import reading_ahead
from fanpin_risk.records.read.assignment import (
    Assignment,
    assign,
    choose_rolls,
    roll_of,
    share_out,
)
from fanpin_risk.records.read.column_map import ColumnMap, columns_beside
from fanpin_risk.records.read.database import columns_of_database, database_parts, no_households_in, note_columns
from fanpin_risk.records.read.doubtful_sheets import note_likely, note_unknown
from fanpin_risk.records.read.files import file_name, kind_of
from fanpin_risk.records.read.folder import names_households, no_households, note_no_households, note_unreadable
from fanpin_risk.records.read.header_rows import HeaderSearch
from fanpin_risk.records.read.misplaced import doubt_notes, take_misplaced, without_known
from fanpin_risk.records.read.named_parts import with_named_part
from fanpin_risk.records.read.nearest import Nearest, SheetRead
from fanpin_risk.records.read.parquet import read_parquet
from fanpin_risk.records.read.queries import queries_of_files
from fanpin_risk.records.read.rolls import note_rolls, roll_rows
from fanpin_risk.records.read.sheet_notes import (
    is_only_example,
    note_facts,
    note_hidden,
    note_only_example,
    note_skipped,
)
from fanpin_risk.records.read.sources import source_files
from fanpin_risk.records.read.text import check_encoding, read_text
from fanpin_risk.records.read.workbook import read_workbook
from fanpin_risk.records.register import Register, register_of_rows, rows_of_frames
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.sheets import Sheet, SheetHead
from fanpin_risk.words import Message, listed

__all__ = ["FilesRead", "read_files", "read_register"]

MOST_HEADERS = 8  # of a sheet of no table, that one message names


def read_register(
    source: Any,
    *,
    queries: Mapping[str, str | Sequence[str]] | str | Path | None = None,
    data_date: object = None,
    known_lag_days: int | None = None,
    id_key: bytes | str | Path | None = None,
    encoding: str | None = None,
    hidden: bool = False,
    flat: bool = False,
    columns: str | Path | pd.DataFrame | None = None,
    checking: bool = False,
    progress: Progress | None = None,
) -> Register:
    r"""Read and check a register.

    Parameters
    ----------
    source : path-like, sequence of path-like, str, mapping of str to frame, sqlalchemy.URL or sqlalchemy.Engine
        A folder of csv, tsv, txt, xlsx, xls, xlsb, ods and parquet files, one file such as a workbook with a sheet per table, a
        zip archive of such files, or a list of these. Files and sheets are known by their names (``members``,
        ``家庭成员``, ``2023年_家庭成员表(1)``), else by their headers; several of one table are read together.

        Or a database: the address of one that SQLAlchemy opens, such as ``postgresql://clerk@server/county``, a file
        of SQLite, or an engine. It is only read. Tables and views that are named, or commented, like record tables are
        read as sheets. A password may come from the variable ``FANPIN_RISK_DATABASE_PASSWORD``. Needs the extra
        ``database``.

        Or frames by table, as for :meth:`fanpin_risk.Register.from_frames`.
    queries : mapping or path-like, optional
        Of a database: record table -> query, name of a table, or a list of these, or a TOML file that says the same.
        Then only they are read.
    data_date : date or str, or mapping of str to them, optional
        Day the data show: fills a missing ``valid_from``; what is shown was recorded by then at the latest. Without it,
        what a title or the name of a sheet, file or folder says is taken. A mapping says it of single files:
        ``{"收入.xls": 2021, "2022/*": 2022, "": "2024-06-30"}``, by the name of a file, of a folder, of a sheet
        (``file.xlsx[sheet]``) or a pattern, and under ``""`` of all others. A year is also that of incomes without one.
    known_lag_days : int, optional
        Days after its own time from which a row without a day of recording (更新时间) counts as known; default: 30, and
        none for entries on monitoring and warnings.
    id_key : bytes, str or Path, optional
        Secret key, or the path of its file: all ids are replaced by pseudonyms.
    encoding : str, optional
        Of text files; by default that of the byte order mark, else UTF-8, else GB18030.
    hidden : bool
        Read hidden sheets, rows and columns of workbooks as well; default: they are reported and not read.
    flat : bool
        Do not read folders within the folder; default: they are read too, such as one for each township.
    columns : path-like or DataFrame, optional
        What the headers, values and sheets of an office mean, as a csv or a frame; see
        :func:`fanpin_risk.propose_columns`. Default: ``fanpin-columns.csv`` beside the files, if there is one.
    checking : bool
        Read to find what is wrong, as ``fanpin-risk check`` does: a register without any household is no error, but one
        of its `problems`, and headers that are not declared are named with the declared ones nearest to them.
    progress : callable, optional
        Called with (files or tables done, in all, name of the file or table).

    Returns
    -------
    Register
        ``problems`` counts rows as the file shows them, the first line being 1.

    Raises
    ------
    InputError
        If the source does not exist, cannot be opened, is packed, holds no readable file, `encoding` is unknown, `data_date` names
        a file that is not there, or a row of `columns` cannot be understood.
    MissingPackageError
        If what a database is read with is not installed.
    SchemaError
        If no households can be read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "户信息.csv").write_bytes(
    ...     "农户信息\n户编号,年度,户类型\nh1,2023,脱贫户\n合计,,1\n".encode("gb18030")
    ... )
    >>> register = read_register(folder)
    >>> register.tables["households"]["register_status"].tolist(), register.problems["code"].tolist()
    (['ex_poor'], ['rows_skipped'])
    """
    if isinstance(source, Mapping):
        read = _read_frames(source, data_date, columns, checking=checking)
    else:
        _refuse_packed(source)
        read = read_files(
            source, queries=queries, data_date=data_date, encoding=encoding, hidden=hidden, flat=flat, columns=columns,
            checking=checking, progress=progress,
        )  # fmt: skip
    return read.register(known_lag_days=known_lag_days, id_key=id_key, checking=checking)


def _refuse_packed(source: Any) -> None:
    """Refuse a packed register: read as a folder of files, it would lose what reading its own files found."""
    if isinstance(source, (str, os.PathLike)) and kind_of_results(Path(source))[0] == "register":
        raise InputError(
            "{folder} is a packed register, which has been read; fanpin_risk.read_packed gives it, or some households of it, as a "
            "register",
            folder=Path(source).name,
        )


@dataclass(slots=True)
class FilesRead:
    """The files of a register, or the tables of a database, read but not checked.

    Attributes
    ----------
    problems : Problems
        What was found so far.
    mapped : ColumnMap
        What the columns file says.
    name : str
        What the register is called; begins with the mark of a register that was made up.
    lacking : SchemaError
        The error if there are no households.
    dates : DataDates
        What the user says of the dates of files.
    unreadable : dict of str to UnreadableFileError
        Names of files that could not be read, and why.
    parts : list of RawRows
        Rows by table, sheet by sheet.
    taken : list of (SheetHead, tuple of Assignment, RawRows)
        Sheets of which rows were taken, with all these rows as one of the tables has them.
    sheets : list of SheetRead
        All sheets, also those of no table; only for checking.
    """

    problems: Problems
    mapped: ColumnMap
    name: str
    lacking: SchemaError
    dates: DataDates
    unreadable: dict[str, UnreadableFileError] = field(default_factory=dict)
    parts: list[RawRows] = field(default_factory=list)
    taken: list[tuple[SheetHead, tuple[Assignment, ...], RawRows]] = field(default_factory=list)
    sheets: list[SheetRead] = field(default_factory=list)

    def register(
        self, *, known_lag_days: int | None = None, id_key: bytes | str | Path | None = None, checking: bool = False,
        elsewhere: Elsewhere | None = None,
    ) -> Register:  # fmt: skip
        """Check the rows; see :func:`read_register`. What is known `elsewhere` may be named by them."""
        self._add_rolls()
        without_known(self.parts)
        if elsewhere is None and not any(part.table.name == "households" for part in self.parts):
            if not checking:
                raise self.lacking
            note_no_households(self.lacking, self.name, self.problems)
        if checking:
            name_nearest(self.sheets, self.problems)
        return register_of_rows(
            self.parts, self.problems, data_date=self.dates.rest, known_lag_days=known_lag_days, id_key=id_key,
            source=self.name, incomplete=checking, elsewhere=elsewhere,
        )  # fmt: skip

    def _add_rolls(self) -> None:
        """Take households from the sheets that list them, where no sheet is of households."""
        if names_households(self.unreadable):
            return
        sheets = [(head, assignments, roll_of(head, assignments), raw) for head, assignments, raw in self.taken]
        chosen = choose_rolls([(assignments, roll) for _, assignments, roll, _ in sheets])
        found = [
            (head, roll_rows(raw, roll.layout))
            for (head, _, roll, raw), mine in zip(sheets, chosen, strict=True)
            if roll and mine
        ]
        self.parts += [raw for _, raw in found]
        note_rolls([head.source for head, _ in found], self.problems)


def read_files(
    source: Any,
    *,
    queries: Mapping[str, str | Sequence[str]] | str | Path | None = None,
    data_date: object = None,
    encoding: str | None = None,
    hidden: bool = False,
    flat: bool = False,
    columns: str | Path | pd.DataFrame | None = None,
    checking: bool = False,
    progress: Progress | None = None,
) -> FilesRead:
    """Read the files or tables of a register without checking their rows; see :func:`read_register`."""
    check_encoding(encoding)
    for argument, value in (("hidden", hidden), ("flat", flat), ("checking", checking)):
        switch(argument, value)
    dates = DataDates(data_date)
    if is_database(source):
        return _read_tables(source, queries, columns, dates, checking=checking, progress=progress)
    if queries is not None:
        raise queries_of_files()
    problems = Problems()
    with ExitStack() as stack:
        given = stack.enter_context(source_files(source, problems, columns=columns, flat=flat, none_ok=checking))
        files, mapped, unreadable = given.files, given.mapped, dict(given.unreadable)
        read = FilesRead(problems, mapped, given.name, SchemaError(), dates, unreadable)
        search = HeaderSearch(mapped.headers, guess=checking)
        read_one = partial(_sheets, encoding=encoding, hidden=hidden, search=search)
        reads = stack.enter_context(reading_ahead([file.path for file in files], read_one))
        for number, (file, read_file) in enumerate(zip(files, reads, strict=True)):
            name = file_name(file.path)
            if progress is not None:
                progress(number, len(files), name)
            try:
                sheets = read_file()
            except UnreadableFileError as error:
                unreadable[name] = error
                dates.note_file(name, file.folder)
                note_unreadable(file.path, error, problems)
                continue
            for sheet in sheets:
                sheet.head = dates.about(file.labelled(sheet.head))
                if sheet.head.hidden and not hidden:
                    note_hidden(sheet.head, problems)
                else:
                    _take_sheet(_as_mapped(sheet, mapped), read, checking=checking)
        dates.require_used(file_name(file.path) for file in files)
        read.lacking = no_households(given.called, [file_name(file.path) for file in files], unreadable)
    mapped.note_use(problems)
    if progress is not None:
        progress(len(files), len(files), "")
    return read


def _read_tables(
    source: Any,
    queries: Any,
    columns: str | Path | pd.DataFrame | None,
    dates: DataDates,
    *,
    checking: bool,
    progress: Progress | None,
) -> FilesRead:
    """Read the tables or queries of a database."""
    problems, mapped, name = Problems(), columns_of_database(source, columns), database_name(source)
    with database_parts(source, queries, problems) as (tables, names):
        read = FilesRead(problems, mapped, name, no_households_in(name, names), dates)
        for number, table in enumerate(tables):
            if progress is not None:
                progress(number, len(tables), table.source)
            sheet, notes = table.whole()
            sheet.head = dates.about(sheet.head)
            own = _take_sheet(_as_mapped(sheet, mapped), read, checking=checking)
            note_columns(sheet.head, [(part.table, part.layout) for part in own], notes, problems)
        dates.require_used(table.source for table in tables)
    mapped.note_use(problems)
    if progress is not None:
        progress(len(tables), len(tables), "")
    return read


def _read_frames(
    frames: Mapping[str, Any], data_date: Any, columns: str | Path | pd.DataFrame | None, *, checking: bool
) -> FilesRead:
    """Take frames as they are given, with what is said of their columns."""
    mapped = ColumnMap() if columns is None else columns_beside(Path(), columns)[0]
    lacking = SchemaError("no households (户基本信息): a register needs at least this table")
    read = FilesRead(Problems(), mapped, "frames", lacking, DataDates(data_date))

    def as_said(raw: RawRows) -> RawRows:
        sheet = _as_mapped(
            Sheet(SheetHead(file=raw.source, source=raw.source, headers=raw.headers), raw.frame, raw.rows), mapped
        )
        name, head = raw.table.name, sheet.head
        layout = lay_out(raw.table, head.headers_in(name), given=head.scales_in(name), said=head.units_said_in(name))
        if checking:
            read.sheets.append(SheetRead(sheet, (Assignment(raw.table, layout),)))
        return replace(raw, frame=sheet.frame, layout=layout)

    read.parts = rows_of_frames(frames, read.dates, change=as_said)
    mapped.note_use(read.problems)
    return read


def _take_sheet(sheet: Sheet, read: FilesRead, *, checking: bool) -> list[RawRows]:
    """Give the rows of a sheet to the tables that they belong to, and return them."""
    problems = read.problems
    note_facts(sheet.head, problems)
    placed = take_misplaced(with_named_part(sheet))
    placed.note(problems)
    sheet = placed.sheet
    assignments = assign(sheet.head)
    if checking:
        read.sheets.append(SheetRead(sheet, assignments))
    if not assignments:
        if not checking:  # else it is reported with the names nearest to its headers
            note_unknown(sheet.head, problems)
        return []
    note_likely(sheet.head, assignments, problems)
    own, skipped = share_out(sheet, assignments)
    doubt_notes(own, placed.doubtful)
    if is_only_example(sum(len(part.frame) for part in own), skipped):
        note_only_example(assignments[0].table, sheet.head.source, problems)
        return []
    note_skipped(assignments[0].table, sheet.head.source, skipped, problems)
    read.parts += [part for part in own if len(part.frame) or not part.layout.by_status]
    whole = max(own, key=lambda part: len(part.frame))
    read.taken.append((sheet.head, assignments, whole))
    return own


def name_nearest(sheets: Sequence[SheetRead], problems: Problems) -> None:
    """Name the declared names nearest to headers that are not declared, in what is said of these headers and sheets."""
    nearest = Nearest(sheets)
    for number, read in enumerate(sheets):
        near = {at: found for at in read.unknown if (found := nearest.of(number, at))}
        named = {
            at: listed(Message("{name} ({why})", name=one.label, why=one.reason) for one in found)
            for at, found in near.items()
        }
        if read.assignments:
            read.assignments[0].layout.nearest |= named
        else:
            headers = [
                Message("{header} ≈ {names}", header=read.sheet.head.headers[at], names=names)
                for at, names in named.items()
            ]
            note_unknown(read.sheet.head, problems, headers[:MOST_HEADERS])


def _sheets(file: Path, encoding: str | None, *, hidden: bool, search: HeaderSearch) -> list[Sheet]:
    """Return the sheets of a file; raise UnreadableFileError if it cannot be read at all."""
    kind = kind_of(file)
    if kind == "parquet":
        return [read_parquet(file)]
    if kind == "workbook":
        return read_workbook(file, hidden=hidden, search=search)
    return read_text(file, encoding, search)


def _as_mapped(sheet: Sheet, mapped: ColumnMap) -> Sheet:
    """Return a sheet with what the columns file says of it."""
    sheet.head = mapped.about(sheet.head)
    return mapped.put_values(sheet)
