"""Read a folder or a workbook as a register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.progress import Progress
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.assignment import (
    assign,
    note_facts,
    note_hidden,
    note_likely,
    note_lost_money,
    note_skipped,
    note_unknown,
    share_out,
)
from fanpin_risk.records.read.column_map import ColumnMap, columns_beside
from fanpin_risk.records.read.files import file_name, kind_of
from fanpin_risk.records.read.folder import (
    no_households,
    note_no_households,
    note_unreadable,
    register_files,
    register_source,
)
from fanpin_risk.records.read.header_rows import HeaderSearch
from fanpin_risk.records.read.nearest import Nearest, SheetRead
from fanpin_risk.records.read.parquet import read_parquet
from fanpin_risk.records.read.text import check_encoding, read_text
from fanpin_risk.records.read.workbook import read_workbook
from fanpin_risk.records.register import Register, register_of_rows
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.sheets import Sheet
from fanpin_risk.words import Message, listed

__all__ = ["FilesRead", "read_files", "read_register"]

MOST_HEADERS = 8  # of a sheet of no table, that one message names


def read_register(
    path: str | Path,
    *,
    data_date: object = None,
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
    path : str or Path
        A folder of csv, tsv, txt, xlsx, xls and parquet files, or one workbook with a sheet per table. Files and
        sheets are known by their names (``members``, ``家庭成员``, ``2023年_家庭成员表(1)``), else by their headers;
        several of one table are read together.
    data_date : date or str, optional
        Day the data show: fills a missing ``valid_from``; what is shown was recorded by then at the latest.
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
        Called with (files done, files in all, name of the file).

    Returns
    -------
    Register
        ``problems`` counts rows as the file shows them, the first line being 1.

    Raises
    ------
    InputError
        If the path does not exist, holds no readable file, `encoding` is unknown, or a row of `columns` cannot be
        understood.
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
    read = read_files(
        path, encoding=encoding, hidden=hidden, flat=flat, columns=columns, checking=checking, progress=progress
    )
    return read.register(data_date=data_date, id_key=id_key, checking=checking)


@dataclass(slots=True)
class FilesRead:
    """The files of a register, read but not checked.

    Attributes
    ----------
    path : Path
    problems : Problems
        What was found so far.
    mapped : ColumnMap
        What the columns file says.
    files : list of Path
    unreadable : dict of str to UnreadableFileError
        Names of files that could not be read, and why.
    parts : list of RawRows
        Rows by table, sheet by sheet.
    sheets : list of SheetRead
        All sheets, also those of no table; only for checking.
    """

    path: Path
    problems: Problems
    mapped: ColumnMap
    files: list[Path] = field(default_factory=list)
    unreadable: dict[str, UnreadableFileError] = field(default_factory=dict)
    parts: list[RawRows] = field(default_factory=list)
    sheets: list[SheetRead] = field(default_factory=list)

    def register(
        self, *, data_date: object = None, id_key: bytes | str | Path | None = None, checking: bool = False
    ) -> Register:
        """Check the rows; see :func:`read_register`."""
        if not any(part.table.name == "households" for part in self.parts):
            error = no_households(self.path, self.files, self.unreadable)
            if not checking:
                raise error
            note_no_households(error, file_name(self.path), self.problems)
        if checking:
            name_nearest(self.sheets, self.problems)
        return register_of_rows(
            self.parts, self.problems, data_date=data_date, id_key=id_key, source=register_source(self.path),
            incomplete=checking,
        )  # fmt: skip


def read_files(
    path: str | Path,
    *,
    encoding: str | None = None,
    hidden: bool = False,
    flat: bool = False,
    columns: str | Path | pd.DataFrame | None = None,
    checking: bool = False,
    progress: Progress | None = None,
) -> FilesRead:
    """Read the files of a register without checking their rows; see :func:`read_register`."""
    check_encoding(encoding)
    path = Path(path)
    problems = Problems()
    mapped, own_file = columns_beside(path, columns)
    read = FilesRead(path, problems, mapped)
    read.files = register_files(path, problems, flat=flat, leave=own_file, none_ok=checking)
    search = HeaderSearch(mapped.headers, guess=checking)
    for number, file in enumerate(read.files):
        if progress is not None:
            progress(number, len(read.files), file_name(file))
        try:
            sheets = _sheets(file, encoding, hidden=hidden, search=search)
        except UnreadableFileError as error:
            read.unreadable[file_name(file)] = error
            note_unreadable(file, error, problems)
            continue
        if path.is_dir() and file.parent != path:
            folder = file.parent.name
            for sheet in sheets:
                sheet.head = replace(sheet.head, folder=folder, source=f"{folder}/{sheet.head.source}")
        for sheet in sheets:
            if sheet.head.hidden and not hidden:
                note_hidden(sheet.head, problems)
            else:
                _take_sheet(_as_mapped(sheet, mapped), read, checking=checking)
    mapped.note_use(problems)
    if progress is not None:
        progress(len(read.files), len(read.files), "")
    return read


def _take_sheet(sheet: Sheet, read: FilesRead, *, checking: bool) -> None:
    """Give the rows of a sheet to the tables that they belong to."""
    problems = read.problems
    note_facts(sheet.head, problems)
    assignments = assign(sheet.head)
    if checking:
        read.sheets.append(SheetRead(sheet, assignments))
    if not assignments:
        if not checking:  # else it is told with the names nearest to its headers
            note_unknown(sheet.head, problems)
        return
    note_likely(sheet.head, assignments, problems)
    note_lost_money(sheet, assignments, problems)
    own, skipped = share_out(sheet, assignments)
    note_skipped(assignments[0].table, sheet.head.source, skipped, problems)
    read.parts += own


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
    return [read_text(file, encoding, search)]


def _as_mapped(sheet: Sheet, mapped: ColumnMap) -> Sheet:
    """Return a sheet with what the columns file says of it."""
    sheet.head = mapped.about(sheet.head)
    return mapped.put_values(sheet)
