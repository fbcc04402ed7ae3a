"""Read a folder or a workbook as a register."""

from __future__ import annotations

from pathlib import Path

from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.progress import Progress
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.assignment import assign, note_skipped, note_unknown, share_out
from fanpin_risk.records.read.files import file_name, kind_of
from fanpin_risk.records.read.folder import no_households, note_unreadable, register_files, register_source
from fanpin_risk.records.read.parquet import read_parquet
from fanpin_risk.records.read.text import check_encoding, read_text
from fanpin_risk.records.read.workbook import read_workbook
from fanpin_risk.records.register import Register, register_of_rows
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.sheets import Sheet

__all__ = ["read_register"]


def read_register(
    path: str | Path,
    *,
    data_date: object = None,
    id_key: bytes | str | Path | None = None,
    encoding: str | None = None,
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
    progress : callable, optional
        Called with (files done, files in all, name of the file).

    Returns
    -------
    Register
        ``problems`` counts rows as the file shows them, the first line being 1.

    Raises
    ------
    InputError
        If the path does not exist, holds no readable file, or `encoding` is unknown.
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
    check_encoding(encoding)
    path = Path(path)
    problems = Problems()
    files = register_files(path, problems)
    parts: list[RawRows] = []
    unreadable: dict[str, UnreadableFileError] = {}
    for number, file in enumerate(files):
        if progress is not None:
            progress(number, len(files), file_name(file))
        try:
            sheets = _sheets(file, encoding)
        except UnreadableFileError as error:
            unreadable[file_name(file)] = error
            note_unreadable(file, error, problems)
            continue
        for sheet in sheets:
            assignments = assign(sheet.head)
            if not assignments:
                note_unknown(sheet.head, problems)
                continue
            own, skipped = share_out(sheet, assignments)
            note_skipped(assignments[0].table, sheet.head.source, skipped, problems)
            parts += own
    if progress is not None:
        progress(len(files), len(files), "")
    if not any(part.table.name == "households" for part in parts):
        raise no_households(path, files, unreadable)
    return register_of_rows(parts, problems, data_date=data_date, id_key=id_key, source=register_source(path))


def _sheets(file: Path, encoding: str | None) -> list[Sheet]:
    """Return the sheets of a file; raise UnreadableFileError if it cannot be read at all."""
    kind = kind_of(file)
    if kind == "parquet":
        return [read_parquet(file)]
    return read_workbook(file) if kind == "workbook" else [read_text(file, encoding)]
