"""What an xlsx file knows of its cells beyond their values: errors, formulas without a result, what is hidden.

The reader of values gives an empty cell for an error (#N/A) and for a formula that was never calculated, and lays out
every cell up to the farthest one. Both are settled here, before it reads: the XML of each sheet is searched for the few
cells concerned, and far stray cells are taken out.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

from fanpin_risk.words import Message
from fanpin_risk.workbooks.compound import COMPOUND
from fanpin_risk.workbooks.grid import FEWEST_FAR_COLUMNS, FEWEST_FAR_ROWS, MOST_CELLS, NOT_CALCULATED

__all__ = ["ProtectedError", "SheetFacts", "TooLargeError", "WorkbookFacts", "read_facts"]

LARGEST_PART = 2 * 2**30  # bytes of XML: no sheet that a program writes holds more
BOMB_BYTES, BOMB_RATIO = (
    100 * 2**20,
    250,
)  # what unpacks to more, and to so many times its size, holds nothing but blanks
EXCEL_ROWS, EXCEL_COLUMNS = 1_048_576, 16_384
# In a compound file: that an encrypted workbook lies in it.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

CELL = re.compile(rb"<c\b(?P<attributes>[^>]*?)(?:/>|>(?P<content>.*?)</c>)", re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
ERROR_CELL = re.compile(rb'<c\b[^>]*\bt="e"[^>]*>.*?</c>', re.DOTALL)
FORMULA_CELL = re.compile(rb"<c\b[^>]*>(?:(?!</c>).)*?<f\b(?:(?!</c>).)*?</c>", re.DOTALL)
VALUE = re.compile(rb"<v>([^<]+)</v>|<is>.*?</is>", re.DOTALL)
ROW = re.compile(rb'<row\b[^>]*?\br="([0-9]+)"')
HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*?\bhidden="(?:1|true)")[^>]*?\br="([0-9]+)"')
COLUMN = re.compile(rb"<col\b[^>]*?/?>")
FAR_COLUMN = re.compile(rb'<c\b[^>]*?\br="[A-Z]{3}[0-9]+"')
CELL_PLACE = re.compile(rb"""\sr=["']([A-Z]+)([0-9]+)["']""")
WIDE_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{3})[0-9]+"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
# A place far to the right or far down; sheets without one, nearly all of them, need no closer look.
FAR_PLACE = re.compile(rb"""\sr=["'](?:[A-Z]{3}|[A-Z]{0,2}[0-9]{6})""")
ODD_PLACE = re.compile(rb"""\sr=["'](?:[A-Z]{4}|[A-Z]{0,3}[0-9]{8})""")
WHOLE_ROW = re.compile(rb'<row\b[^>]*?\br="([0-9]+)"[^>]*?(?:/>|>.*?</row>)', re.DOTALL)
NAMESPACES = {
    "main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}


class ProtectedError(Exception):
    """A workbook is protected by a password."""


class TooLargeError(Exception):
    """A workbook is larger than any that holds data; `message` says how large."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.template)
        self.message = message


@dataclass(slots=True)
class SheetFacts:
    """What is known of one sheet.

    Attributes
    ----------
    odd_cells : dict of (int, int) to str
        Row and column, from 1, of cells without a usable value -> what Excel shows there, or `NOT_CALCULATED`.
    hidden_rows, hidden_columns : frozenset of int
        Numbers, from 1.
    n_far : int
        Stray cells far from the others, which were not read.
    """

    odd_cells: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    n_far: int = 0


@dataclass(slots=True)
class WorkbookFacts:
    """What is known of a workbook.

    Attributes
    ----------
    sheets : mapping of str to SheetFacts
        By name of the sheet.
    content : bytes or None
        The workbook without stray cells; None if there are none.
    harmless : bool
        Whether its cells were looked at, so that reading them takes no more than they are worth.
    """

    sheets: Mapping[str, SheetFacts] = field(default_factory=dict)
    content: bytes | None = None
    harmless: bool = False


def read_facts(file: Path) -> WorkbookFacts:
    """Search a workbook for what the reader of values does not tell.

    Parameters
    ----------
    file : Path
        Of any kind; what is no xlsx file has no facts.

    Returns
    -------
    WorkbookFacts

    Raises
    ------
    ProtectedError
        If it is encrypted.
    TooLargeError
        If a part of it unpacks to more than any workbook holds, or its cells spread over too large an area.
    ValueError
        If a cell stands where none can be.
    """
    if not zipfile.is_zipfile(file):
        if _is_encrypted(file):
            raise ProtectedError
        return WorkbookFacts()
    with zipfile.ZipFile(file) as archive:
        _check_sizes(archive)
        parts = _sheets_in(archive)
        sheets, cleaned = {}, {}
        for name, part in parts.items():
            data = archive.read(part)
            facts = SheetFacts()
            far = FAR_PLACE.search(data) is not None
            shorter = _without_far_cells(data, facts, columns=far)
            if shorter is not None:
                cleaned[part] = data = shorter
            if far:
                _check_area(data)
            _find_odd_cells(data, facts)
            _find_hidden(data, facts)
            sheets[name] = facts
        content = _rewritten(archive, cleaned) if cleaned else None
    return WorkbookFacts(sheets, content, harmless=bool(parts))


def _is_encrypted(file: Path) -> bool:
    """Tell whether a file is a compound file in which an encrypted workbook lies."""
    data = file.read_bytes()
    return data.startswith(COMPOUND) and ENCRYPTED in data


def _check_sizes(archive: zipfile.ZipFile) -> None:
    """Refuse what unpacks to more than it can be worth."""
    for info in archive.infolist():
        bomb = info.file_size > BOMB_BYTES and info.file_size > BOMB_RATIO * info.compress_size
        if bomb or info.file_size > LARGEST_PART:
            raise TooLargeError(
                Message("unpacks to {size:,.0f} MB, mostly of empty cells; save it again", size=info.file_size / 2**20)
                if bomb
                else Message("unpacks to {size:,.0f} MB; save it as csv", size=info.file_size / 2**20)
            )


def _check_area(data: bytes) -> None:
    """Refuse a sheet whose cells spread over more than memory can hold, or stand where none can be."""
    if ODD_PLACE.search(data):
        raise ValueError("a cell where none can be")
    letters, last = set(), 0
    for found in CELL_PLACE.finditer(data):
        letters.add(found[1])
        last = max(last, int(found[2]))
    columns = max(map(_column_number, letters), default=0)
    if last > EXCEL_ROWS or columns > EXCEL_COLUMNS:
        raise ValueError("a cell where none can be")
    if last * columns > MOST_CELLS:
        raise TooLargeError(
            Message("spreads over {rows:,} rows and {columns:,} columns; save it as csv", rows=last, columns=columns)
        )


def _sheets_in(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that holds each sheet; none where the workbook is written in another way."""
    names = set(archive.namelist())
    book, links = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {book, links} <= names:
        return {}
    try:
        targets = {link.get("Id"): link.get("Target", "") for link in ET.fromstring(archive.read(links))}  # noqa: S314
        sheets = ET.fromstring(archive.read(book)).findall("main:sheets/main:sheet", NAMESPACES)  # noqa: S314
    except ET.ParseError:
        return {}
    found = {}
    for sheet in sheets:
        target = targets.get(sheet.get(f"{{{NAMESPACES['r']}}}id")) or ""
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if part in names:
            found[sheet.get("name", "")] = part
    return found


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _place(cell: bytes) -> tuple[int, int] | None:
    found = PLACE.search(cell, 0, cell.find(b">"))
    return None if found is None else (int(found[2]), _column_number(found[1]))


def _find_odd_cells(data: bytes, facts: SheetFacts) -> None:
    if b't="e"' in data:
        for found in ERROR_CELL.finditer(data):
            value = VALUE.search(found[0])
            place = _place(found[0])
            if place is not None:
                facts.odd_cells[place] = value[1].decode("ascii", "replace") if value and value[1] else "#VALUE!"
    if b"<f" in data:
        for found in FORMULA_CELL.finditer(data):
            place = _place(found[0])
            if place is not None and VALUE.search(found[0]) is None:
                facts.odd_cells[place] = NOT_CALCULATED


def _find_hidden(data: bytes, facts: SheetFacts) -> None:
    if b'hidden="' not in data:
        return
    facts.hidden_rows = frozenset(int(number) for number in HIDDEN_ROW.findall(data))
    hidden: set[int] = set()
    head = data[: data.find(b"<sheetData")]
    for column in COLUMN.findall(head):
        if re.search(rb'\bhidden="(?:1|true)"', column):
            first, last = (re.search(rb'\b%s="([0-9]+)"' % side, column) for side in (b"min", b"max"))
            if (
                first and last and int(last[1]) - int(first[1]) < 1000
            ):  # else: all columns to the right, which are empty
                hidden |= set(range(int(first[1]), int(last[1]) + 1))
    facts.hidden_columns = frozenset(hidden)


def _without_far_cells(data: bytes, facts: SheetFacts, *, columns: bool) -> bytes | None:
    """Return the XML of a sheet without cells far to the right or far below the others; None if there are none."""
    shorter = _without_far_columns(data, facts) if columns else data
    rows = [int(number) for number in ROW.findall(shorter)]
    if rows and rows[-1] > 2 * len(rows) + FEWEST_FAR_ROWS:
        last = rows[0]
        for number in rows:
            if number - last > FEWEST_FAR_ROWS:
                break
            last = number

        def keep(found: re.Match[bytes]) -> bytes:
            if int(found[1]) <= last:
                return found[0]
            facts.n_far += found[0].count(b"<c ")
            return b""

        shorter = WHOLE_ROW.sub(keep, shorter)
    return None if shorter is data else re.sub(rb"<dimension\b[^>]*/>", b"", shorter)


def _without_far_columns(data: bytes, facts: SheetFacts) -> bytes:
    """Return the XML of a sheet without cells far to the right of the others; the very same if there are none."""
    if not FAR_COLUMN.search(data):
        return data
    letters = {found[1] for found in CELL_PLACE.finditer(data)}
    used = sorted(map(_column_number, letters))
    gaps = (before for before, after in pairwise(used) if after - before > FEWEST_FAR_COLUMNS)
    last = next(gaps, used[-1])
    far = {name for name in letters if _column_number(name) > last}
    if not far:
        return data

    def keep(found: re.Match[bytes]) -> bytes:
        if found[1] not in far:
            return found[0]
        facts.n_far += 1
        return b""

    return WIDE_CELL.sub(keep, data)


def _rewritten(archive: zipfile.ZipFile, cleaned: Mapping[str, bytes]) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as copy:
        for info in archive.infolist():
            copy.writestr(info.filename, cleaned.get(info.filename) or archive.read(info))
    return result.getvalue()
