"""What an xls file (BIFF 5 and 8) knows of its cells beyond their values: errors, formulas without a result, what is hidden.

The reader of values gives an empty cell for an error, and 0 for a formula that was never calculated.
"""

from __future__ import annotations

import struct
from typing import Any

from fanpin_risk.workbooks.compound import stream_of
from fanpin_risk.workbooks.grid import NOT_CALCULATED, NotReadError

__all__ = ["ERRORS", "xls_facts"]

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
BOF, EOF, BOUNDSHEET, FILEPASS = 0x0809, 0x000A, 0x0085, 0x002F
XLS_ROW, XLS_COLUMNS, BOOLEAN_OR_ERROR, XLS_FORMULA = 0x0208, 0x007D, 0x0205, 0x0006
ROW_HIDDEN, COLUMN_HIDDEN = 0x20, 0x01
ERROR_RESULT, EMPTY_TEXT = 2, 3  # of formulas without a number as result
ON_LOAD = 0x02  # to be calculated when it is opened: what programs write that do not calculate themselves
LAST_XLS_COLUMN = 256
HEAD = struct.Struct("<HH")
OF_INTEREST = frozenset((BOF, EOF, XLS_ROW, XLS_COLUMNS, BOOLEAN_OR_ERROR, XLS_FORMULA))


def xls_facts(content: bytes) -> list[dict[str, Any]]:
    """Search an xls file for what the reader of values does not tell.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    list of dict
        Per sheet, in the order of the workbook: ``sheet`` (its name), ``odd_cells`` (row and column, from 1 -> what
        Excel shows), ``hidden_rows`` and ``hidden_columns``.

    Raises
    ------
    NotReadError
        If it is protected by a password.
    ValueError
        If it is damaged.
    """
    stream = stream_of(content, ("workbook", "book"))
    if stream is None:
        protected = stream_of(content, ("encryptedpackage",)) is not None
        raise NotReadError("protected" if protected else "no_workbook")
    try:
        sheets = [_SheetSearch(name, stream, start) for name, start in _xls_sheets(stream)]
    except (struct.error, IndexError) as error:
        raise ValueError("a damaged record") from error
    if not any(sheet.calculated for sheet in sheets):
        # The empty text is what some programs write as the result of every formula, as they calculate none.
        for sheet in sheets:
            sheet.odd |= dict.fromkeys(sheet.blank, NOT_CALCULATED)
    return [sheet.facts() for sheet in sheets]


def _xls_sheets(stream: bytes) -> list[tuple[str, int]]:
    """Return name and place of each sheet, as the beginning of the workbook says."""
    found, place, new = [], 0, True
    while place + 4 <= len(stream):
        kind, length = HEAD.unpack_from(stream, place)
        place += 4
        if kind == FILEPASS:
            raise NotReadError("protected")
        if kind == BOF and length >= 2:
            new = stream[place : place + 2] == b"\x00\x06"
        elif kind == BOUNDSHEET:
            start, _, n = struct.unpack_from("<IHB", stream, place)
            if not new:
                name = stream[place + 7 : place + 7 + n].decode("gb18030", "replace")
            elif stream[place + 7] & 1:
                name = stream[place + 8 : place + 8 + 2 * n].decode("utf-16-le", "replace")
            else:
                name = stream[place + 8 : place + 8 + n].decode("latin-1")
            found.append((name, start))
        elif kind == EOF:
            break
        place += length
    return found


class _SheetSearch:
    """What is known of the sheet that begins at a place; embedded charts in it are passed over."""

    def __init__(self, name: str, stream: bytes, place: int) -> None:
        self.name = name
        self.odd: dict[tuple[int, int], str] = {}
        self.blank: list[tuple[int, int]] = []  # cells of formulas whose result is the empty text
        self.calculated = False  # whether a formula has another result
        self._rows: set[int] = set()
        self._columns: set[int] = set()
        depth, end = 0, len(stream) - 4
        while place <= end:
            kind, length = HEAD.unpack_from(stream, place)
            place += 4
            if kind in OF_INTEREST:
                if kind == BOF:
                    depth += 1
                elif kind == EOF:
                    depth -= 1
                    if depth <= 0:
                        break
                elif depth == 1:
                    self._note_record(kind, stream[place : place + length])
            place += length

    def facts(self) -> dict[str, Any]:
        return {
            "sheet": self.name,
            "odd_cells": self.odd,
            "hidden_rows": frozenset(self._rows),
            "hidden_columns": frozenset(self._columns),
        }

    def _note_record(self, kind: int, record: bytes) -> None:
        first, second = struct.unpack_from("<HH", record)
        if kind == XLS_ROW:
            if record[12] & ROW_HIDDEN:
                self._rows.add(first + 1)
        elif kind == XLS_COLUMNS:
            if record[8] & COLUMN_HIDDEN:
                self._columns.update(range(first + 1, min(second + 1, LAST_XLS_COLUMN) + 1))
        elif kind == BOOLEAN_OR_ERROR:
            if record[7]:
                self.odd[first + 1, second + 1] = ERRORS.get(record[6], "#VALUE!")
        else:
            self._note_formula((first + 1, second + 1), record)

    def _note_formula(self, cell: tuple[int, int], record: bytes) -> None:
        result = record[6:14]
        special = result[6:] == b"\xff\xff"
        if special and result[0] == EMPTY_TEXT:
            self.blank.append(cell)
        elif result == bytes(8) and record[14] & ON_LOAD:
            self.odd[cell] = NOT_CALCULATED
        else:
            self.calculated = True
            if special and result[0] == ERROR_RESULT:
                self.odd[cell] = ERRORS.get(result[2], "#VALUE!")
