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
from pathlib import Path
from xml.etree import ElementTree as ET

__all__ = ["NOT_CALCULATED", "SheetFacts", "WorkbookFacts", "read_facts"]

NOT_CALCULATED = "#FORMULA!"  # stands in a cell whose formula has no result
LARGEST_PART = 4 * 2**30  # bytes of XML: no sheet that a program writes holds more
FEWEST_FAR_ROWS = 10_000  # empty rows before a filled one that make it a stray one

CELL = re.compile(rb"<c\b(?P<attributes>[^>]*?)(?:/>|>(?P<content>.*?)</c>)", re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
ERROR_CELL = re.compile(rb'<c\b[^>]*\bt="e"[^>]*>.*?</c>', re.DOTALL)
FORMULA_CELL = re.compile(rb"<c\b[^>]*>(?:(?!</c>).)*?<f\b(?:(?!</c>).)*?</c>", re.DOTALL)
VALUE = re.compile(rb"<v>([^<]+)</v>|<is>.*?</is>", re.DOTALL)
ROW = re.compile(rb'<row\b[^>]*?\br="([0-9]+)"')
HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*?\bhidden="(?:1|true)")[^>]*?\br="([0-9]+)"')
COLUMN = re.compile(rb"<col\b[^>]*?/?>")
FAR_COLUMN = re.compile(rb'<c\b[^>]*?\br="[A-Z]{3}[0-9]+"')
FAR_CELL = re.compile(rb'<c\b[^>]*?\br="[A-Z]{3}[0-9]+"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
WHOLE_ROW = re.compile(rb'<row\b[^>]*?\br="([0-9]+)"[^>]*?(?:/>|>.*?</row>)', re.DOTALL)
NAMESPACES = {
    "main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}


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
    """

    sheets: Mapping[str, SheetFacts] = field(default_factory=dict)
    content: bytes | None = None


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
    ValueError
        If a part of it unpacks to more than any workbook holds.
    """
    if not zipfile.is_zipfile(file):
        return WorkbookFacts()
    with zipfile.ZipFile(file) as archive:
        parts = _parts(archive)
        sheets, cleaned = {}, {}
        for name, part in parts.items():
            if archive.getinfo(part).file_size > LARGEST_PART:
                raise ValueError("too large")
            data = archive.read(part)
            facts = SheetFacts()
            shorter = _without_far_cells(data, facts)
            if shorter is not None:
                cleaned[part] = data = shorter
            _find_odd_cells(data, facts)
            _find_hidden(data, facts)
            sheets[name] = facts
        content = _rewritten(archive, cleaned) if cleaned else None
    return WorkbookFacts(sheets, content)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
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


def _without_far_cells(data: bytes, facts: SheetFacts) -> bytes | None:
    """Return the XML of a sheet without cells far to the right or far below the others; None if there are none."""
    shorter = data
    if FAR_COLUMN.search(data):
        shorter, n = FAR_CELL.subn(b"", data)
        facts.n_far += n
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


def _rewritten(archive: zipfile.ZipFile, cleaned: Mapping[str, bytes]) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as copy:
        for info in archive.infolist():
            copy.writestr(info.filename, cleaned.get(info.filename) or archive.read(info))
    return result.getvalue()
