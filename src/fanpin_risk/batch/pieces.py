"""Large files of a register piece by piece: the same rows as :mod:`fanpin_risk.records.read` gives, never all at once."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.records.read import (
    EXCEL_SUFFIXES,
    HEAD_LINES,
    NOT_DECODED,
    PARQUET_SUFFIXES,
    UTF8_DAMAGE,
    _as_shown,
    _by_mark,
    _choose_table,
    _Columns,
    _find_text_header,
    _Grid,
    _grids,
    _Header,
    _name,
    _plain_rows,
    _quoted_rows,
    _rows_of,
    _stem,
    _UnreadableError,
    _without_damage,
)
from fanpin_risk.records.register import unique_labels
from fanpin_risk.records.schema import Table
from fanpin_risk.records.sheets import Sheet

__all__ = ["Source", "open_file"]

BLOCK_BYTES = 8 * 2**20  # of text that is read and taken apart at a time
BLOCK_ROWS = 100_000  # of Parquet
BLANK = "\r\n\0"  # what lines at the end of a text may be made of without being rows
LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(slots=True)
class Source:
    """One sheet of a file: what it is, and its rows piece by piece.

    Attributes
    ----------
    source : str
        File (and sheet), as in problems.
    names : tuple of str
        Under which the table may be known.
    table : Table or None
        None if neither names nor headers tell.
    headers : list of str
    money : float
        Factor for amounts without a unit of their own.
    sheets : iterator of Sheet
        Pieces, one after the other; `counts` is complete when all were taken. Reading may end in an InputError that
        says why the file cannot be read.
    counts : dict of str to int
        Rows that are no data.
    mixed : frozenset of int, or None
        Positions of columns whose cells may differ in type, or are of a rare one; None: all (workbooks).
    """

    source: str
    names: tuple[str, ...]
    table: Table | None
    headers: list[str]
    money: float
    sheets: Iterator[Sheet]
    counts: dict[str, int] = field(default_factory=dict)
    mixed: frozenset[int] | None = frozenset()


def open_file(file: Path, encoding: str | None) -> list[Source]:
    """Return the sheets of a file.

    Parameters
    ----------
    file : Path
    encoding : str, optional
        Of text files; by default found as :func:`fanpin_risk.read_register` finds it.

    Returns
    -------
    list of Source

    Raises
    ------
    InputError
        If the file cannot be read at all.
    """
    try:
        with file.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise _UnreadableError(f"cannot be opened ({error.strerror})", f"无法打开（{error.strerror}）") from error
    suffix = file.suffix.lower()
    if suffix in PARQUET_SUFFIXES and head:
        return [_open_parquet(file)]
    workbook = head.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    page = suffix in EXCEL_SUFFIXES and head.lstrip().startswith(b"<")
    if head and not workbook and not page and suffix not in (".xlsx", ".xlsm", ".xlsb"):
        return [_open_text(file, encoding)]
    return [_from_grid(grid) for grid in _grids(file, encoding)]  # workbooks whole; what is none is refused there


def _from_grid(grid: _Grid) -> Source:
    table = _choose_table(grid.names, grid.headers)
    source = Source(grid.source, grid.names, table, grid.headers, grid.money, iter(()), mixed=None)
    if table is not None:
        sheet, source.counts = _rows_of(grid, table)
        source.sheets = iter([sheet])
    return source


# --- Parquet ------------------------------------------------------------------------------------------------------


def _open_parquet(file: Path) -> Source:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with file.open("rb") as stream, pq.ParquetFile(stream) as parquet:
            headers = [str(name) for name in parquet.schema_arrow.names]
            nulls = _columns_with_nulls(parquet)
            mixed = frozenset(n for n, kind in enumerate(parquet.schema_arrow.types) if not _is_usual(kind))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _not_parquet(error) from error
    table = _choose_table((_stem(file),), headers)
    source = Source(_name(file), (_stem(file),), table, headers, 1.0, iter(()), mixed=mixed)
    if table is not None:
        source.sheets = _parquet_sheets(file, table, headers, nulls)
    return source


def _is_usual(kind: Any) -> bool:
    """Tell whether a type is one that comes through every step as it is."""
    import pyarrow as pa

    kinds = pa.types
    usual = (
        kinds.is_string,
        kinds.is_large_string,
        kinds.is_integer,
        kinds.is_float32,
        kinds.is_float64,
        kinds.is_date32,
        kinds.is_timestamp,
    )
    return any(test(kind) for test in usual)


def _not_parquet(error: Exception) -> _UnreadableError:
    name = type(error).__name__
    return _UnreadableError(f"is no Parquet file, or a damaged one ({name})", f"不是 Parquet 文件或已损坏（{name}）")


def _columns_with_nulls(parquet: Any) -> set[int]:
    """Return the integer columns in which a value is missing anywhere: read whole, they become floating-point."""
    import pyarrow as pa

    integers = [number for number, kind in enumerate(parquet.schema_arrow.types) if pa.types.is_integer(kind)]
    found: set[int] = set()
    if not integers:
        return found
    for batch in parquet.iter_batches(
        BLOCK_ROWS, columns=[parquet.schema_arrow.names[number] for number in integers], use_threads=False
    ):
        found |= {number for position, number in enumerate(integers) if batch.column(position).null_count}
    return found


def _parquet_sheets(file: Path, table: Table, headers: list[str], nulls: set[int]) -> Iterator[Sheet]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    labels = unique_labels(headers)
    start = 1
    try:
        with file.open("rb") as stream, pq.ParquetFile(stream) as parquet:
            for batch in parquet.iter_batches(BLOCK_ROWS, use_threads=False):
                batch.validate(full=True)
                arrays = [
                    array.cast(pa.float64(), safe=False) if number in nulls else array
                    for number, array in enumerate(batch.columns)
                ]
                frame = _as_shown(pa.table(arrays, names=labels)).to_pandas(date_as_object=False, ignore_metadata=True)
                yield Sheet(table, _name(file), frame, headers, np.arange(start, start + len(frame)))
                start += len(frame)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _not_parquet(error) from error


# --- text ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Text:
    """How a text file is to be read, known from all of it."""

    file: Path
    encoding: str
    errors: str
    skip: int  # bytes of the byte order mark
    damaged: bool
    quoted: bool
    has_newline: bool

    def parts(self) -> Iterator[str]:
        """Give the text, part by part."""
        for part in _decoded_parts(self.file, self.skip, self.encoding, self.errors):
            yield part if self.has_newline else part.replace("\r", "\n")

    def blocks(self) -> Iterator[tuple[str, bool]]:
        """Give the text in whole lines, without what is blank at its end, and whether more will follow."""
        block, waiting, first = "", "", True
        for part in self.parts():
            waiting += part
            whole = waiting.rfind("\n") + 1
            filled = len(waiting[:whole].rstrip(BLANK))
            end = waiting.find("\n", filled) + 1 if filled else 0
            if end and first and waiting.count("\n", 0, end) < HEAD_LINES:
                continue  # the header is looked for among so many lines
            if end:
                first = False
                if block:
                    yield block, True
                block, waiting = waiting[:end], waiting[end:]
        if waiting.strip(BLANK):
            if block:
                yield block, True
            end = waiting.find("\n", len(waiting.rstrip(BLANK))) + 1
            block = waiting[:end] if end else waiting
        if block:
            yield block, False


def _decoded_parts(file: Path, skip: int, encoding: str, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    with file.open("rb") as stream:
        stream.seek(skip)
        while data := stream.read(BLOCK_BYTES):
            yield decoder.decode(data)
        yield decoder.decode(b"", final=True)


def _how_to_read(file: Path, encoding: str | None) -> _Text:
    """Find out what the readers find from a whole text: encoding, damage, quotes and line ends."""
    with file.open("rb") as stream:
        head = stream.read(4)
    skip, encoding = _by_mark(head, encoding)
    encoding = encoding or _guess_encoding(file)
    for errors in ("strict", "surrogateescape", "replace"):
        nul = quoted = newline = False
        try:
            for part in _decoded_parts(file, skip, encoding, errors):
                nul |= "\0" in part
                quoted |= '"' in part
                newline |= "\n" in part
        except UnicodeDecodeError:
            continue
        break
    return _Text(file, encoding, errors, skip, nul or errors != "strict", quoted, newline)


def _guess_encoding(file: Path) -> str:
    try:
        for _ in _decoded_parts(file, 0, "utf-8", "strict"):
            pass
    except UnicodeDecodeError:
        n_bad = sum(part.count("\ufffd") for part in _decoded_parts(file, 0, "utf-8", "replace"))
        n_high = 0
        with file.open("rb") as stream:
            while data := stream.read(BLOCK_BYTES):
                n_high += len(data) - len(data.translate(None, delete=bytes(range(128, 256))))
        return "utf-8" if n_bad <= UTF8_DAMAGE * n_high else "gb18030"
    return "utf-8"


def _open_text(file: Path, encoding: str | None) -> Source:
    try:
        text = _how_to_read(file, encoding)
        first = next(text.blocks(), None)
    except OSError as error:
        raise _UnreadableError(f"cannot be opened ({error.strerror})", f"无法打开（{error.strerror}）") from error
    if first is None:
        raise _UnreadableError("is empty", "文件为空")
    lines = first[0].split("\n", HEAD_LINES)[:HEAD_LINES]
    delimiter, header, start = _find_text_header(lines)
    names = (_stem(file),)
    table = _choose_table(names, header.cells)
    source = Source(_name(file), names, table, header.cells, header.money, iter(()))
    if table is not None:
        source.sheets = _text_sheets(source, table, text, delimiter, header, start)
    return source


def _text_sheets(
    source: Source, table: Table, text: _Text, delimiter: str, header: _Header, start: int
) -> Iterator[Sheet]:
    """Give the rows block by block: blocks of plain lines at once, others line by line as the readers do."""
    number = header.end + 1
    source.counts = {"total": 0, "note": 0, "header": 0, "empty": 0}
    rest: list[str] = []
    empty_before = 0
    for block, more in text.blocks():
        if start:  # only the first block has the header
            below = block.split("\n", start)[start:]
            block, start = "".join(below), 0  # noqa: PLW2901
        grid = None
        if not rest:
            grid = _plain_block(source, text, block, delimiter, header, number)
        if grid is not None:
            n_lines = block.count("\n") + (not block.endswith("\n"))
            pending = number + n_lines - 1 - int(grid.rows[-1]) if len(grid.rows) else n_lines
            number += n_lines
        else:
            lines = [*rest, *block.removesuffix("\n").split("\n")] if block else rest
            builder = _Columns(header, text=True)
            number, rest = _take_rows(builder, lines, number, text, delimiter, len(header.cells), more=more)
            grid = builder.grid(source.source, source.names)
            grid.frame = grid.frame.astype("str")  # as that of the other blocks
            pending = builder.empty_pending
        if len(grid.rows):
            grid.empty += empty_before
            empty_before = pending
        else:
            empty_before += pending
        sheet, counts = _rows_of(grid, table)
        for kind, count in counts.items():
            source.counts[kind] += count
        yield sheet


def _take_rows(
    builder: _Columns, lines: list[str], number: int, text: _Text, delimiter: str, width: int, *, more: bool
) -> tuple[int, list[str]]:
    """Put lines into columns as the readers do; return the number of the next row and the lines left over."""
    rows = (
        _quoted_rows(lines, 0, number, delimiter, width, more=more)
        if text.quoted
        else _plain_rows(lines, 0, number, delimiter, width)
    )
    read = len(lines)
    while True:
        try:
            number, row, reason = next(rows)
        except StopIteration as end:
            read = read if end.value is None else end.value
            break
        if text.damaged:
            builder.add(number, *_without_damage(row, reason))
        else:
            builder.add(number, row, reason)
        number += 1
    return number, lines[read:]


def _plain_block(source: Source, text: _Text, block: str, delimiter: str, header: _Header, number: int) -> _Grid | None:
    """Read a block in which every line is a row with a cell for each header; None if it is none such."""
    import pyarrow as pa
    from pyarrow import csv

    width = len(header.cells)
    if (
        width < 2
        or not block
        or '"' in block
        or "\0" in block
        or LONE_RETURN.search(block)
        or (text.damaged and NOT_DECODED.search(block))
    ):
        return None
    data = block.encode("utf-8")
    labels = unique_labels(header.cells)
    names = [str(position) for position in range(width)]
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            csv.ParseOptions(delimiter=delimiter, quote_char=False, double_quote=False, ignore_empty_lines=True),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except (pa.ArrowException, ValueError):
        return None
    if len(table) != block.count("\n") + (not block.endswith("\n")):
        return None
    frame = table.to_pandas().set_axis(labels, axis=1)
    filled = _filled(frame)
    rows = np.arange(number, number + len(frame))[filled]
    n_empty = int(rows[-1]) - number + 1 - len(rows) if len(rows) else 0
    if not filled.all():
        frame = frame[filled].reset_index(drop=True)
    return _Grid(source.source, source.names, header.cells, frame, rows, header.money, [], header.texts, n_empty)


def _filled(frame: pd.DataFrame) -> np.ndarray:
    """Return which rows have any cell."""
    filled = np.zeros(len(frame), dtype=bool)
    for position in range(frame.shape[1]):
        filled |= (frame.iloc[:, position] != "").to_numpy(dtype=bool)
        if filled.all():
            break
    return filled
