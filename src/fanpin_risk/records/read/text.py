"""Text files as sheets: encodings, delimiters, quotes, and rows that are damaged."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from fanpin_risk.errors import InputError, UnreadableFileError
from fanpin_risk.records.read.builder import DITTO, SheetBuilder
from fanpin_risk.records.read.files import file_name
from fanpin_risk.records.read.header_rows import (
    HEADER_ROWS,
    NOT_DECODED,
    USUAL,
    Header,
    HeaderSearch,
    find_header,
    keepable,
)
from fanpin_risk.records.read.lines import Lines, is_whole_utf8
from fanpin_risk.records.read.side_by_side import unfolded
from fanpin_risk.records.read.stacked import (
    MOST_NOTES,
    MOST_TITLES,
    looks_like_one,
    marks_of_table,
    n_titles,
    table_at,
    with_note_below,
)
from fanpin_risk.records.sheets import Sheet
from fanpin_risk.workbooks.kinds import HEAD_BYTES

__all__ = [
    "HEAD_LINES",
    "LONE_RETURN",
    "check_encoding",
    "decode_text",
    "encoding_by_mark",
    "encoding_by_zeros",
    "find_text_header",
    "is_utf8",
    "n_high_bytes",
    "read_text",
    "row_at",
    "take_lines",
    "text_tables",
    "unit_below",
    "without_damage",
]

DELIMITERS = (",", "\t", ";", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins like the other
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Names that leave the order of bytes to the mark; without one the low byte comes first.
EITHER_ORDER: Mapping[str | None, str] = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
# Above this share of undecodable among the non-ASCII bytes a text is taken as GB18030, below as damaged UTF-8.
UTF8_DAMAGE = 0.2
FREQUENT_ZEROS, FEWER_ZEROS = 0.1, 0.2  # of the bytes on one side of each pair; and of those, on the other side
LONE_RETURN = re.compile(r"\r(?!\n)")
HEAD_LINES = 60  # physical lines that are looked at for the header
# What a plain row does not hold: an end of line within it, NUL, a second byte order mark, quotes and ditto marks.
ODD_SIGNS = "|".join([r"\r[^\n]", r"\x00", "\ufeff", *sorted(DITTO)])
BYTES_OF_SIGN = 4  # of UTF-8, at most
MOST_LINES = 20  # a row of more physical lines is an unbalanced quote


def read_text(file: Path, encoding: str | None, search: HeaderSearch = USUAL) -> list[Sheet]:
    """Read a text file whole.

    Parameters
    ----------
    file : Path
    encoding : str, optional
        Default: that of the byte order mark, else UTF-8, else GB18030.
    search : HeaderSearch
        What is taken for the header.

    Returns
    -------
    list of Sheet
        One, or one for each of several tables below each other.

    Raises
    ------
    UnreadableFileError
        If there is no line in it.
    """
    lines, undecodable = _decoded_lines(file.read_bytes(), encoding)
    quoted, damaged = lines.has('"'), undecodable or lines.has("\0")
    n_lines = len(lines)
    while n_lines and not lines[n_lines - 1].strip("\r\0"):
        n_lines -= 1
    if not n_lines:
        raise UnreadableFileError("is empty")
    lines = lines[:n_lines]
    delimiter, header, start = find_text_header(lines, search)
    lines[start:].rule_out(marks_of_table(search), ODD_SIGNS)
    sheets: list[Sheet] = []
    number, name = header.end + 1, file_name(file)
    tables = [(start, start, header, 0), *text_tables(lines, start, header, delimiter, search)]
    for part, (_, first, own, titles) in enumerate(tables, start=1):
        stop = tables[part][0] if part < len(tables) else len(lines)
        header = unit_below(own, lines[first:stop][-MOST_NOTES:], delimiter)
        builder = SheetBuilder(header, text=True, delimiter=delimiter)
        if header.cells:
            _, number = take_lines(builder, lines[first:stop], number, quoted=quoted, damaged=damaged)
        sheets.append(builder.sheet(header.head(file=name, source=name).below(part)))
        sheets[-1].n_titles = titles
        if part < len(tables):
            number += tables[part][1] - stop  # what stands between them
    return unfolded(sheets)


def _decoded_lines(content: bytes, encoding: str | None) -> tuple[Lines, bool]:
    """Return the lines of a text and whether bytes did not decode; see :func:`decode_text`."""
    skip, found = encoding_by_mark(content[:4], encoding)
    found = found or encoding_by_zeros(content[:HEAD_BYTES]) or "utf-8"
    if codecs.lookup(found).name == "utf-8" and b"\n" in content and is_whole_utf8(content, skip):
        return Lines(content, skip), False
    text, undecodable = decode_text(content, encoding)
    del content
    lines, whole = Lines.of_text(text if "\n" in text else text.replace("\r", "\n"))
    return lines, undecodable or not whole


def text_tables(
    lines: Lines, start: int, header: Header, delimiter: str, search: HeaderSearch
) -> list[tuple[int, int, Header, int]]:  # fmt: skip
    """Find the tables below the first one of a text.

    Parameters
    ----------
    lines : Lines
        Physical lines.
    start : int
        The first one below the header.
    header : Header
        Of the first table.
    delimiter : str
    search : HeaderSearch

    Returns
    -------
    list of (int, int, Header, int)
        Of each: the first line of its title, the first one of its rows, its header, and how many rows its title has.
    """
    tables: list[tuple[int, int, Header, int]] = []
    if not header.cells:
        return tables
    first, looks_like = start, looks_like_one(search)
    for at in (lines[start:].holding(marks_of_table(search)) + start).tolist():
        if at < first or not looks_like(lines[at].replace('"', "").split(delimiter)):
            continue
        above = max(first, at - MOST_TITLES)
        parsed = _parsed(lines[above : above + HEAD_LINES], delimiter)
        rows = [row for row, _ in parsed]
        here = next((n for n, (_, end) in enumerate(parsed) if end > at - above), None)
        found = None if here is None else table_at(rows, here, 0, header, search)
        if found is not None:
            top, header = found
            titles = n_titles(rows[top : header.end], header)
            begin = above + (parsed[top - 1][1] if top else 0)
            first = above + parsed[header.end - 1][1]
            tables.append((begin, first, header, titles))
    return tables


def unit_below(header: Header, lines: Iterable[str], delimiter: str) -> Header:
    """Return a header with the unit that is named in the last lines of its table; see :func:`with_note_below`."""
    return with_note_below(header, [row for row, _ in _parsed(lines, delimiter)]) if header.cells else header


def _parsed(lines: Iterable[str], delimiter: str) -> list[tuple[list[str], int]]:
    """Return the rows of some lines, each with the number of lines up to its end."""
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    rows = []
    while (row := _next_row(reader)) is not None:  # up to a field beyond all measure
        rows.append((row, reader.line_num))
    return rows


def take_lines(
    builder: SheetBuilder, lines: Lines, number: int, *, quoted: bool, damaged: bool, more: bool = False
) -> tuple[int, int]:
    """Put lines into columns: those with a cell for each header as they are, the others row by row.

    Parameters
    ----------
    builder : SheetBuilder
        Takes the rows.
    lines : Lines
        Physical lines below the header.
    number : int
        Number of the first row.
    quoted, damaged : bool
        Whether there are quotes, or bytes that are not text, anywhere in the file.
    more : bool, default False
        Whether more lines of the file will follow: then rows are taken only up to where one might reach into them.

    Returns
    -------
    n_lines : int
        How many of the lines were taken.
    number : int
        Number of the next row.
    """
    delimiter, width = builder.delimiter, builder.width
    stop = len(lines)
    if more and quoted:
        last = range(max(stop - MOST_LINES, 0), stop)
        stop = next((position for position in last if '"' in lines[position]), stop)
    start = 0
    for odd in [*_odd_lines(lines[:stop], delimiter, width, damaged=damaged), stop]:
        if odd < start:
            continue  # within a row of several lines
        builder.add_lines(number, lines[start:odd])
        start, number = odd, number + odd - start
        if start < stop:
            row, reason, used = row_at(lines, start, delimiter, width, quoted=quoted)
            if damaged:
                row, reason = without_damage(row, reason)
            builder.add(number, row, reason)
            start, number = start + used, number + 1
    return start, number


def _odd_lines(lines: Lines, delimiter: str, width: int, *, damaged: bool) -> list[int]:
    """Return which lines are not simply a cell for each header, or may be empty; they are to be read with care."""
    longest = csv.field_size_limit()
    whole = lines.n_signs(delimiter) == width - 1
    odd = [*np.flatnonzero(~whole).tolist(), *lines.holding(ODD_SIGNS).tolist()]
    n_bytes = lines.n_bytes
    doubtful = np.flatnonzero(whole & ((n_bytes < width + BYTES_OF_SIGN) | (n_bytes > longest))).tolist()
    odd += [n for n in doubtful if not width < len(lines[n]) <= longest]
    if damaged:
        odd += [n for n, line in enumerate(lines) if NOT_DECODED.search(line)]
    return sorted(set(odd))


def without_damage(row: list[str], reason: str) -> tuple[list[str], str]:
    """Return a row that can be kept as text, and what is wrong with it."""
    whole = "".join(row)
    if "\0" in whole:
        reason = reason or "nul_bytes"
    if NOT_DECODED.search(whole):
        reason = reason or "undecodable_bytes"
    return [keepable(cell) for cell in row], reason


def decode_text(content: bytes, encoding: str | None) -> tuple[str, bool]:
    """Return the text and whether bytes did not decode; those become lone surrogates, to be found again row by row."""
    skip, encoding = encoding_by_mark(content[:4], encoding)
    encoding = encoding or encoding_by_zeros(content[:HEAD_BYTES])
    if encoding is not None:
        return _decode_as(content[skip:], encoding)
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError:
        n_bad = content.decode("utf-8", errors="replace").count("\ufffd")
        return _decode_as(content, "utf-8" if is_utf8(n_bad, n_high_bytes(content)) else "gb18030")


def encoding_by_mark(head: bytes, encoding: str | None) -> tuple[int, str | None]:
    """Return the bytes of a byte order mark, and the encoding: the one named, else that of the mark, else None."""
    named = None if encoding is None else codecs.lookup(encoding).name
    for bom, marked in BOMS:
        if head.startswith(bom):
            return len(bom), marked if named is None or named in EITHER_ORDER else encoding
    return 0, EITHER_ORDER.get(named, encoding)


def encoding_by_zeros(head: bytes) -> str | None:
    r"""Return the UTF-16 that the first bytes of a text without a mark are in: delimiters and digits have a zero byte each.

    Examples
    --------
    >>> encoding_by_zeros("户编号,年度\nh1,2023\n".encode("utf-16-le")), encoding_by_zeros("户编号,年度\n".encode())
    ('utf-16-le', None)
    """
    zeros = [head[side::2].count(0) / max(len(head) // 2, 1) for side in (0, 1)]
    if max(zeros) < FREQUENT_ZEROS or min(zeros) > FEWER_ZEROS * max(zeros):
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def n_high_bytes(content: bytes) -> int:
    """Return how many bytes are not ASCII.

    Examples
    --------
    >>> n_high_bytes("h户".encode())
    3
    """
    return len(content) - len(content.translate(None, delete=bytes(range(128, 256))))


def is_utf8(n_bad: int, n_high: int) -> bool:
    """Tell whether a text in which some bytes are not UTF-8 is damaged UTF-8, and not GB18030.

    Parameters
    ----------
    n_bad : int
        How often decoding as UTF-8 failed.
    n_high : int
        How many bytes are not ASCII.
    """
    return n_bad <= UTF8_DAMAGE * n_high


def _decode_as(content: bytes, encoding: str) -> tuple[str, bool]:
    try:
        return content.decode(encoding), False
    except UnicodeDecodeError:
        pass
    try:
        return content.decode(encoding, errors="surrogateescape"), True
    except UnicodeDecodeError:  # an odd byte at the end of UTF-16
        return content.decode(encoding, errors="replace"), True


def find_text_header(lines: Sequence[str], search: HeaderSearch = USUAL) -> tuple[str, Header, int]:
    """Return the delimiter, the header and the number of the first physical line after it."""
    best: tuple[tuple[int, int], str, Header, int] | None = None
    head = [line + "\n" for line in lines[:HEAD_LINES]]
    absent = [one for one in DELIMITERS if not any(one in line for line in head)]
    for delimiter in DELIMITERS:
        if delimiter in absent[1:]:
            continue  # gives the same cells as the first one that is absent
        reader = csv.reader(head, delimiter=delimiter)
        rows, ends = [], []
        try:
            for row in reader:
                rows.append(row)
                ends.append(reader.line_num)
        except csv.Error:  # of a field beyond all measure; what was read so far may hold the header
            pass
        header = find_header(rows[:HEADER_ROWS], search)
        clear = (0, len(header.cells)) if header.guessed else (header.known, 0)
        if best is None or clear > best[0]:
            best = clear, delimiter, header, ends[header.end - 1] if header.end else 0
    assert best is not None
    return best[1:]


def row_at(
    lines: Sequence[str], start: int, delimiter: str, width: int, *, quoted: bool
) -> tuple[list[str], str, int]:  # fmt: skip
    """Return the row that begins on a line, why it cannot be read as a row, and how many lines it takes."""
    if quoted:
        reader = csv.reader((lines[n] + "\n" for n in range(start, len(lines))), delimiter=delimiter)
        row = _next_row(reader)
        if row is not None and _is_one_row(lines, start, reader.line_num, row, delimiter, width):
            return row, "", reader.line_num
    return lines[start].rstrip("\r").split(delimiter), "unbalanced_quote" if quoted else "", 1


def _next_row(reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader)
    except (csv.Error, StopIteration):
        return None


def _is_one_row(
    lines: Sequence[str], start: int, used: int, row: Sequence[str], delimiter: str, width: int
) -> bool:  # fmt: skip
    """Tell whether lines are one row, maybe with line breaks in a cell, and not rows swallowed by a stray quote."""
    if start + used == len(lines) and sum(line.count('"') for line in lines[start:]) % 2:
        return False  # the file ends within a quoted cell
    if used <= 1:
        return True
    if used > MOST_LINES or len(row) != width:
        return False
    return width == 1 or not any(line.count(delimiter) == width - 1 for line in lines[start + 1 : start + used])


def check_encoding(encoding: object) -> None:
    """Refuse an encoding with which no text can be read.

    Parameters
    ----------
    encoding : object
        Name of an encoding, or None.

    Raises
    ------
    InputError
        If it is not the name of an encoding of texts.
    """
    if encoding is None:
        return
    known = isinstance(encoding, str)
    try:
        b"\xff\xff\xff\xff".decode(str(encoding), errors="surrogateescape")
    except UnicodeDecodeError:  # of these bytes
        pass
    except (LookupError, ValueError):
        known = False
    if not known:
        raise InputError("unknown encoding {encoding!r}; usual ones are utf-8 and gb18030", encoding=encoding)
