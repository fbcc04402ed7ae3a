"""Finished frames and texts to files, whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import pandas as pd

from fanpin_risk.errors import InputError
from fanpin_risk.files.marks import CREATED, file_mark, signed, write_mark_of_file
from fanpin_risk.words import system_error

__all__ = ["FORMATS", "cell_text", "fits_cell", "sync_folder", "write_table", "write_text", "write_whole"]

FORMATS = (".csv", ".parquet", ".xlsx")
# A folder with this file holds a register that was made up; its last line says how. Without it nothing is known.
SYNTHETIC_NOTE = "SYNTHETIC.md"
SYNTHETIC_SOURCE = "synthetic register, random_state="
CELL_CHARACTERS = 32_767  # of a text in a cell of a workbook, in units of UTF-16
WIDEST_COLUMN = 60  # in digits
DAY_WIDTH = 19  # of a day with its time, as pandas writes it
ROWS_MEASURED = 1_000
EXCEL_ROWS = 1_048_575  # of a sheet, less the header
# What no cell of a workbook may hold (XML 1.0, section 2.2), and what nobody sees but what turns the order of the rest.
NO_CELL_HOLDS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run as a formula


def sync_folder(path: Path) -> None:
    """Flush a folder to disk, so that names given to files in it outlast a power cut; where systems let us."""
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Write beside the target, flush to disk, then rename: a reader never meets half a file.

    Parameters
    ----------
    path : Path
        Where the file is to be; folders are made, an older file is replaced.
    write : callable
        Called with the path to write to first.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise InputError("cannot write {path}: {reason}", path=path, reason=system_error(error)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return path


def cell_text(text: str) -> str:
    r"""Return a text as a cell of a workbook can hold it, readable to the end.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Line ends as one character, characters that a file may not hold as "\N{REPLACEMENT CHARACTER}". What the library that
        writes workbooks would take for markup (``<r>`` to ``</r>``) gets a blank behind it, which keeps it a text.

    Examples
    --------
    >>> cell_text("=1+1"), cell_text("a\x00b\r\nc"), cell_text("<r></r>")
    ('=1+1', 'a\ufffdb\nc', '<r></r> ')
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = NO_CELL_HOLDS.sub("\N{REPLACEMENT CHARACTER}", text)
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _defused(frame: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would run."""
    frame = frame.copy()
    for name in frame.columns[[not pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]]:
        column = frame[name]
        if pd.api.types.is_string_dtype(column) or column.dtype == object:
            risky = column.astype("str").str.startswith(RISKY_STARTS).fillna(False).to_numpy(dtype=bool)
            if risky.any():
                frame[name] = column.where(~risky, "'" + column.astype("str"))
    return frame


def _for_cells(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a frame whose texts a workbook can hold; refuse those it would cut off."""
    frame = frame.set_axis([cell_text(str(header)) for header in frame.columns], axis=1)
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        if not (pd.api.types.is_string_dtype(column) or column.dtype == object):
            continue
        texts = column.map(lambda cell: cell_text(cell) if isinstance(cell, str) else cell)
        long = texts.map(lambda cell: isinstance(cell, str) and not fits_cell(cell)).to_numpy(dtype=bool)
        if long.any():
            raise InputError(
                "{file}: row {row} holds a text of more than {most:,} characters in the column {column!r}; a cell takes no "
                "more: choose .csv or .parquet",
                file=name,
                row=int(long.argmax()) + 1,
                most=CELL_CHARACTERS,
                column=frame.columns[place],
            )
        frame.isetitem(place, texts.array)
    return frame


def fits_cell(text: str) -> bool:
    """Tell whether a cell of a workbook takes a text whole; it counts units of UTF-16."""
    return len(text) <= CELL_CHARACTERS // 2 or len(text.encode("utf-16-le", "replace")) // 2 <= CELL_CHARACTERS


def write_table(
    frame: pd.DataFrame, path: str | Path, *, kind: str = "", choices: Mapping[str, Sequence[str]] | None = None
) -> Path:
    """Write a frame by the ending of its path, whole or not at all.

    Parameters
    ----------
    frame : DataFrame
        Written without its index.
    path : path-like
        Ends in ``.csv`` (UTF-8 with a mark, so that spreadsheets show Chinese), ``.parquet`` or ``.xlsx`` (texts
        stay texts, never formulas).
    kind : str, optional
        What the table is, by which it is known later; see :func:`fanpin_risk.files.check_target`. A workbook says so
        among its properties, the others in a hidden file beside them.
    choices : mapping of str to sequence of str, optional
        Column -> what may be chosen for its cells from a list; in a workbook only.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        If the ending is another one, rows or a text do not fit into a workbook, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_table(pd.DataFrame({"risk": [0.1]}), Path(folder) / "scores.csv").name
    'scores.csv'
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InputError("{file}: expected a file that ends in {endings}", file=path.name, endings=FORMATS)
    frame = frame.copy(deep=False)
    frame.attrs = {}  # what travels beside a frame is not part of the table
    if ending == ".parquet":
        write_whole(path, lambda target: frame.to_parquet(target, index=False))
    elif ending == ".csv":
        safe = _defused(frame)
        write_whole(path, lambda target: safe.to_csv(target, index=False, encoding="utf-8-sig", lineterminator="\n"))
    else:
        if len(frame) > EXCEL_ROWS:
            raise InputError(
                "{file}: {rows:,} rows do not fit on a sheet; choose .csv or .parquet",
                file=path.name,
                rows=len(frame),
            )
        safe = _for_cells(frame, path.name)
        options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}

        def write(target: Path) -> None:
            from xlsxwriter.exceptions import FileCreateError

            try:
                with (
                    target.open("wb") as stream,  # closed by us, for pandas leaves it open where saving fails
                    pd.ExcelWriter(stream, engine="xlsxwriter", engine_kwargs=options) as writer,
                ):
                    writer.book.set_properties({"created": CREATED, **({"category": file_mark(kind)} if kind else {})})
                    safe.to_excel(writer, index=False, freeze_panes=(1, 1))
                    _make_readable(next(iter(writer.sheets.values())), safe)
                    for name, texts in (choices or {}).items():
                        place, last = frame.columns.get_loc(name), max(len(frame), 1)
                        rule = {"validate": "list", "source": [*texts], "ignore_blank": True}
                        next(iter(writer.sheets.values())).data_validation(1, place, last, place, rule)
            except FileCreateError as error:
                found = error.__context__
                raise found if isinstance(found, OSError) else OSError(str(error)) from error

        write_whole(path, write)
    if kind and ending != ".xlsx":
        write_mark_of_file(path, kind)
    return path


def _make_readable(sheet: Any, frame: pd.DataFrame) -> None:
    """Make columns as wide as what they hold, up to a limit, and let rows be filtered."""
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:ROWS_MEASURED, place]
        if pd.api.types.is_datetime64_any_dtype(column):
            widest = DAY_WIDTH
        else:
            widest = max((_width_in_digits(str(cell)) for cell in column if not pd.isna(cell)), default=0)
        sheet.set_column(place, place, min(max(widest, _width_in_digits(name)) + 3, WIDEST_COLUMN))
    if frame.shape[1]:
        sheet.autofilter(0, 0, max(len(frame), 1), frame.shape[1] - 1)


def _width_in_digits(text: str) -> int:
    """Return how many digits wide a text is; a Chinese character is as wide as two."""
    return max((sum(1 + (east_asian_width(one) in "WF") for one in line) for line in text.split("\n")), default=0)


def write_text(text: str, path: str | Path, *, kind: str = "") -> Path:
    """Write a text in UTF-8, whole or not at all; the same bytes on every system.

    Parameters
    ----------
    text : str
    path : path-like
    kind : str, optional
        What the text is; a last line then says so, by which the file is known later; see
        :func:`fanpin_risk.files.check_target`.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    path = Path(path)
    content = signed(text, kind, path.suffix.lower()) if kind else text
    write_whole(path, lambda target: target.write_text(content, encoding="utf-8", newline="\n"))
    return path
