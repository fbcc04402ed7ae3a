"""Large files of a register chunk by chunk: the same rows as reading them whole gives, never all at once."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.records.cells.contents import TEXTS, as_dictionary
from fanpin_risk.records.read.builder import DITTO, SheetBuilder
from fanpin_risk.records.read.files import file_name, kind_of, not_opened
from fanpin_risk.records.read.header_rows import NOT_DECODED, USUAL, Header, HeaderSearch
from fanpin_risk.records.read.lines import Lines
from fanpin_risk.records.read.parquet import damaged_parquet, in_own_zone, parquet_head
from fanpin_risk.records.read.side_by_side import lists_beside
from fanpin_risk.records.read.stacked import MOST_TITLES
from fanpin_risk.records.read.text import (
    HEAD_LINES,
    LONE_RETURN,
    encoding_by_mark,
    encoding_by_zeros,
    find_text_header,
    is_utf8,
    n_high_bytes,
    read_text,
    take_lines,
    text_tables,
    unit_below,
)
from fanpin_risk.records.read.workbook import read_workbook
from fanpin_risk.records.sheets import Sheet, SheetHead, unique_labels
from fanpin_risk.workbooks.kinds import HEAD_BYTES

__all__ = ["SheetChunks", "open_file"]

BLOCK_BYTES = 8 * 2**20  # of text that is read and taken apart at a time
BLOCK_ROWS = 100_000  # of Parquet
BLANK = "\r\n\0"  # what lines at the end of a text may be made of without being rows


@dataclass(slots=True)
class SheetChunks:
    """One sheet of a file: what it says before its rows, and its rows chunk by chunk.

    Attributes
    ----------
    head : SheetHead
    chunks : callable
        Returns an iterator of :class:`Sheet`, one after the other, from the start at each call. Going through them may end
        in an UnreadableFileError.
    mixed : frozenset of int, or None
        Positions of columns whose cells may differ in type, or are of a rare one; None: all (workbooks).
    """

    head: SheetHead
    chunks: Callable[[], Iterator[Sheet]]
    mixed: frozenset[int] | None = frozenset()


def open_file(
    file: Path, encoding: str | None, search: HeaderSearch = USUAL, *, hidden: bool = False
) -> list[SheetChunks]:
    """Return the sheets of a file.

    Parameters
    ----------
    file : Path
        Workbooks are read whole.
    encoding : str, optional
        Of text files; by default found as :func:`fanpin_risk.read_register` finds it.
    search : HeaderSearch
        What is taken for the header of a sheet.
    hidden : bool
        Read hidden rows and columns of workbooks as well.

    Returns
    -------
    list of SheetChunks

    Raises
    ------
    UnreadableFileError
        If the file cannot be read at all.
    """
    kind = kind_of(file)
    if kind == "workbook":
        sheets = read_workbook(file, hidden=hidden, search=search)
        return [SheetChunks(sheet.head, partial(iter, [sheet]), mixed=None) for sheet in sheets]
    return [_open_parquet(file)] if kind == "parquet" else _open_text(file, encoding, search)


def _one_ahead(sheets: Iterator[Sheet]) -> Iterator[Sheet]:
    """Give the chunks of a sheet while a thread reads the next one, mostly outside of Python."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, sheets, None)
        while (sheet := waiting.result()) is not None:
            waiting = pool.submit(next, sheets, None)
            yield sheet


# --- Parquet ------------------------------------------------------------------------------------------------------


def _open_parquet(file: Path) -> SheetChunks:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with file.open("rb") as stream, pq.ParquetFile(stream) as parquet:
            headers = [str(name) for name in parquet.schema_arrow.names]
            nulls = _columns_with_nulls(parquet)
            mixed = frozenset(n for n, kind in enumerate(parquet.schema_arrow.types) if not _is_usual(kind))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged_parquet(error) from error
    head = parquet_head(file, headers)
    return SheetChunks(head, lambda: _one_ahead(_parquet_chunks(file, head, nulls)), mixed)


def _is_usual(kind: Any) -> bool:
    """Tell whether a type is one that comes through every step as it is."""
    import pyarrow as pa

    kinds = pa.types
    usual = (
        kinds.is_string,
        kinds.is_large_string,
        _is_dictionary_of_texts,
        kinds.is_boolean,
        kinds.is_integer,
        kinds.is_float32,
        kinds.is_float64,
        kinds.is_date32,
        kinds.is_timestamp,
    )
    return any(test(kind) for test in usual)


def _is_dictionary_of_texts(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_dictionary(kind) and (
        pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)
    )


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


def _parquet_chunks(file: Path, head: SheetHead, nulls: set[int]) -> Iterator[Sheet]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    labels = unique_labels(head.headers)
    start = 1
    try:
        with file.open("rb") as stream, pq.ParquetFile(stream) as parquet:
            for batch in parquet.iter_batches(BLOCK_ROWS, use_threads=False):
                batch.validate(full=True)
                arrays = [
                    array.cast(pa.float64(), safe=False) if number in nulls else array
                    for number, array in enumerate(batch.columns)
                ]
                table = in_own_zone(pa.table(arrays, names=labels))
                frame = table.to_pandas(date_as_object=False, ignore_metadata=True)
                yield Sheet(head, frame, np.arange(start, start + len(frame)))
                start += len(frame)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged_parquet(error) from error


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
            filled = _filled_to(waiting, whole)
            end = waiting.find("\n", filled) + 1 if filled else 0
            if end and first and waiting.count("\n", 0, end) < HEAD_LINES:
                continue  # the header is looked for among so many lines
            if end:
                first = False
                if block:
                    yield block, True
                block, waiting = waiting[:end], waiting[end:]
        if filled := _filled_to(waiting, len(waiting)):
            if block:
                yield block, True
            end = waiting.find("\n", filled) + 1
            block = waiting[:end] if end else waiting
        if block:
            yield block, False


def _filled_to(text: str, end: int) -> int:
    """Return where a text ends before `end` without what is blank there."""
    while end and text[end - 1] in BLANK:
        end -= 1
    return end


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
        head = stream.read(HEAD_BYTES)
    skip, encoding = encoding_by_mark(head[:4], encoding)
    encoding = encoding or encoding_by_zeros(head)
    text = _read_as(file, skip, encoding or "utf-8", "strict")
    if text is None and encoding is None:
        encoding = _guess_encoding(file)
        text = _read_as(file, skip, encoding, "strict")
    for errors in ("surrogateescape", "replace"):
        text = text or _read_as(file, skip, encoding or "utf-8", errors)
    assert text is not None  # what cannot be decoded is replaced
    return text


def _read_as(file: Path, skip: int, encoding: str, errors: str) -> _Text | None:
    """Return how a text is to be read if all of it can be decoded in this way."""
    nul = quoted = newline = False
    try:
        for part in _decoded_parts(file, skip, encoding, errors):
            nul |= "\0" in part
            quoted |= '"' in part
            newline |= "\n" in part
    except UnicodeDecodeError:
        return None
    return _Text(file, encoding, errors, skip, nul or errors != "strict", quoted, newline)


def _guess_encoding(file: Path) -> str:
    """Return which encoding a text that is not all UTF-8 is in."""
    n_bad = sum(part.count("\ufffd") for part in _decoded_parts(file, 0, "utf-8", "replace"))
    n_high = 0
    with file.open("rb") as stream:
        while data := stream.read(BLOCK_BYTES):
            n_high += n_high_bytes(data)
    return "utf-8" if is_utf8(n_bad, n_high) else "gb18030"


def _open_text(file: Path, encoding: str | None, search: HeaderSearch) -> list[SheetChunks]:
    try:
        text = _how_to_read(file, encoding)
        first = next(text.blocks(), None)
    except OSError as error:
        raise not_opened(error) from error
    if first is None:
        raise UnreadableFileError("is empty")
    lines = first[0].split("\n", HEAD_LINES)[:HEAD_LINES]
    delimiter, header, start = find_text_header(lines, search)
    if header.cells and (lists_beside(header.cells) or _has_more_tables(text, delimiter, header, start, search)):
        sheets = read_text(file, encoding, search)
        return [SheetChunks(sheet.head, partial(iter, [sheet])) for sheet in sheets]
    head = header.head(file=file_name(file), source=file_name(file))
    return [SheetChunks(head, lambda: _one_ahead(_text_chunks(head, text, delimiter, header, start)))]


def _has_more_tables(text: _Text, delimiter: str, header: Header, start: int, search: HeaderSearch) -> bool:
    """Tell whether a text is to be read whole: several tables are below each other in it, or a note below names the unit."""
    before = ""
    for block, more in text.blocks():
        lines, _ = Lines.of_text(before + block.removesuffix("\n"))
        if text_tables(lines, start, header, delimiter, search):
            return True
        last = lines[max(start, len(lines) - MOST_TITLES) :]
        start, before = 0, "".join(f"{line}\n" for line in last)
        if not more and unit_below(header, last, delimiter) is not header:
            return True
    return False


def _text_chunks(head: SheetHead, text: _Text, delimiter: str, header: Header, start: int) -> Iterator[Sheet]:
    """Give the rows block by block: a block of plain lines at once, others as reading the whole file does."""
    number = header.end + 1
    rest = ""  # lines that may be of a row that goes on in the next block
    empty_before, above = 0, list[str]()
    for block, more in text.blocks():
        if start:  # only the first block has the header
            below = block.split("\n", start)[start:]
            block, start = "".join(below), 0  # noqa: PLW2901
        sheet = None if rest else _plain_block(head, text, block, delimiter, number)
        if sheet is not None:
            n_lines = block.count("\n") + (not block.endswith("\n"))
            pending = number + n_lines - 1 - int(sheet.rows[-1]) if len(sheet.rows) else n_lines
            number += n_lines
            above = [str(cell) for cell in sheet.frame.iloc[-1]] if len(sheet.rows) else above
        else:
            lines, whole = Lines.of_text((rest + block).removesuffix("\n"))
            damaged = text.damaged or not whole
            builder = SheetBuilder(header, text=True, delimiter=delimiter)
            builder.above = above
            taken, number = take_lines(builder, lines, number, quoted=text.quoted, damaged=damaged, more=more)
            rest, above = "".join(f"{line}\n" for line in lines[taken:]), builder.above
            sheet = builder.sheet(head)
            pending = builder.empty_pending
        if len(sheet.rows):
            sheet.n_empty += empty_before
            empty_before = pending
        else:
            empty_before += pending
        yield sheet


def _plain_block(head: SheetHead, text: _Text, block: str, delimiter: str, number: int) -> Sheet | None:
    """Read a block in which every line is a row with a cell for each header; None if any line is not."""
    import pyarrow as pa
    from pyarrow import csv

    width = len(head.headers)
    if (
        width < 2
        or not block
        or "\0" in block
        or any(sign in block for sign in DITTO)  # a quote is one, too
        or LONE_RETURN.search(block)
        or (text.damaged and NOT_DECODED.search(block))
    ):
        return None
    data = block.encode("utf-8")
    names = [str(position) for position in range(width)]
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            csv.ParseOptions(delimiter=delimiter, quote_char=False, double_quote=False, ignore_empty_lines=True),
            csv.ConvertOptions(column_types=dict.fromkeys(names, TEXTS), strings_can_be_null=False, check_utf8=False),
        )
    except (pa.ArrowException, ValueError):
        return None
    if len(table) != block.count("\n") + (not block.endswith("\n")):
        return None
    cells = [pd.arrays.ArrowExtensionArray(column.combine_chunks()) for column in table.columns]
    labels = unique_labels(head.headers)
    frame = pd.DataFrame(dict(zip(labels, cells, strict=True)), index=pd.RangeIndex(len(table)), copy=False)
    filled = _filled(frame)
    rows = np.arange(number, number + len(frame))[filled]
    n_empty = int(rows[-1]) - number + 1 - len(rows) if len(rows) else 0
    if not filled.all():
        frame = frame[filled].reset_index(drop=True)
    return Sheet(head, frame, rows, n_empty=n_empty)


def _filled(frame: pd.DataFrame) -> np.ndarray:
    """Return which rows have any cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = np.zeros(len(frame), dtype=bool)
    for position in range(frame.shape[1]):
        array: Any = as_dictionary(frame.iloc[:, position])
        texts = pc.not_equal(array.dictionary, pa.scalar("", pa.large_string())).to_numpy(zero_copy_only=False)
        filled |= texts[array.indices.to_numpy()]
        if filled.all():
            break
    return filled
