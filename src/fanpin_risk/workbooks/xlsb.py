"""What an xlsb file (BIFF 12 in a zip archive) knows of its cells beyond their values: errors, merged cells, what is hidden."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fanpin_risk.workbooks.markup import parse_xml
from fanpin_risk.workbooks.xls import ERRORS

__all__ = ["BOOK", "xlsb_facts"]

BOOK, LINKS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
BUNDLED_SHEET = 156
XLSB_ROW, ERROR, FORMULA_ERROR, XLSB_COLUMNS, MERGED = 0, 3, 11, 60, 176
LAST_XLSB_COLUMN = 16_384


def xlsb_facts(file: Path) -> dict[str, dict[str, Any]]:
    """Search an xlsb file for what the reader of values does not tell.

    Parameters
    ----------
    file : Path

    Returns
    -------
    dict of str to dict
        By name of the sheet: ``odd_cells``, ``hidden_rows``, ``hidden_columns`` and ``merged``.

    Raises
    ------
    ValueError
        If it is damaged.
    """
    found = {}
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        targets: dict[str, str] = {}

        def start(_: str, attributes: dict[str, str]) -> None:
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

        parse_xml(archive.read(LINKS), start=start)
        for kind, record in _xlsb_records(archive.read(BOOK)):
            if kind == BUNDLED_SHEET:
                link, place = _wide_text(record, 8)
                name, _ = _wide_text(record, place)
                target = targets.get(link, "")
                part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
                if part in names:
                    found[name] = _xlsb_sheet(archive.read(part))
    return found


def _wide_text(record: bytes, place: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", record, place)
    end = place + 4 + (0 if length == 0xFFFFFFFF else 2 * length)
    return record[place + 4 : end].decode("utf-16-le", "replace"), end


def _xlsb_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the number and the content of each record; both lengths are written seven bits at a time."""
    place, end = 0, len(data)
    try:
        while place < end:
            kind = data[place]
            place += 1
            if kind & 0x80:
                kind = (kind & 0x7F) | (data[place] << 7)
                place += 1
            length = shift = 0
            while True:
                part = data[place]
                place += 1
                length |= (part & 0x7F) << shift
                shift += 7
                if not part & 0x80 or shift == 28:
                    break
            yield kind, data[place : place + length]
            place += length
    except IndexError as error:
        raise ValueError("a damaged record") from error


def _xlsb_sheet(data: bytes) -> dict[str, Any]:
    odd: dict[tuple[int, int], str] = {}
    rows: set[int] = set()
    columns: set[int] = set()
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
    row = 0
    try:
        for kind, record in _xlsb_records(data):
            if kind == XLSB_ROW:
                row = struct.unpack_from("<I", record)[0] + 1
                if record[11] & 0x10:
                    rows.add(row)
            elif kind in (ERROR, FORMULA_ERROR):
                odd[row, struct.unpack_from("<I", record)[0] + 1] = ERRORS.get(record[8], "#VALUE!")
            elif kind == XLSB_COLUMNS:
                first, last = struct.unpack_from("<II", record)
                if record[16] & 1:
                    columns.update(range(first + 1, min(last + 1, LAST_XLSB_COLUMN) + 1))
            elif kind == MERGED:
                top, bottom, left, right = struct.unpack_from("<4I", record)
                merged.append(((top + 1, left + 1), (bottom + 1, right + 1)))
    except (struct.error, IndexError) as error:
        raise ValueError("a damaged record") from error
    return {
        "odd_cells": odd,
        "hidden_rows": frozenset(rows),
        "hidden_columns": frozenset(columns),
        "merged": tuple(merged),
    }
