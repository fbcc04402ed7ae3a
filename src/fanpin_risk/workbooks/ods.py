"""Workbooks of OpenDocument (ods, fods) as cells."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any

from fanpin_risk.workbooks.grid import NOT_CALCULATED, Grid, NotReadError, SheetCells
from fanpin_risk.workbooks.markup import parse_xml

__all__ = ["CONTENT", "cells_of_flat", "cells_of_ods"]

CONTENT = "content.xml"
ODS_MANIFEST = "META-INF/manifest.xml"
OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
ODS_OFFICE, ODS_TABLE, ODS_TEXT, ODS_STYLE = (f"{OASIS}{name}:1.0 " for name in ("office", "table", "text", "style"))
OFFICIAL_TYPE = f"{ODS_OFFICE}value-type"
CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
CELLS = (f"{ODS_TABLE}table-cell", f"{ODS_TABLE}covered-table-cell")
SHOWN_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)|Err:\d{3}")
ODS_NUMBERS = frozenset(("float", "currency", "percentage"))
TIME = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")


def cells_of_ods(file: Path) -> SheetCells:
    """Return what an ods file says of each sheet, and the cells of the sheet.

    Parameters
    ----------
    file : Path

    Returns
    -------
    list of (dict, list of list)
        As :meth:`Grid.sheet` gives them.

    Raises
    ------
    NotReadError
        If it is protected by a password, declares entities or is too large.
    ValueError
        If it is damaged.
    """
    with zipfile.ZipFile(file) as archive:
        if ODS_MANIFEST in archive.namelist() and b"encryption-data" in archive.read(ODS_MANIFEST):
            raise NotReadError("protected")
        reader = _OdsReader()
        with archive.open(CONTENT) as content:
            parse_xml(content, start=reader.start, end=reader.end, text=reader.text)
    return [grid.sheet() for grid in reader.grids]


def cells_of_flat(text: str) -> SheetCells:
    """Return the same of a workbook that is one text (fods)."""
    reader = _OdsReader()
    parse_xml(text, start=reader.start, end=reader.end, text=reader.text)
    return [grid.sheet() for grid in reader.grids]


class _OdsReader:
    """Takes elements one after the other."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._depth = 0  # of tables: those within a cell are of drawings
        self._aside = 0  # within a note, a drawing or a change
        self._row = self._column = self._columns = 0
        self._row_times = 1
        self._row_cells: list[tuple[int, int, Any]] = []
        self._groups: list[bool] = []
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._within = 0  # paragraphs that are open

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._aside or name in (f"{ODS_OFFICE}annotation", f"{ODS_TABLE}shapes", f"{ODS_TABLE}tracked-changes"):
            self._aside += 1
        elif self._cell is not None and not name.startswith(ODS_TEXT):
            self._aside += 1  # drawings, with texts of their own
        elif name == f"{ODS_STYLE}style":
            self._style = attributes.get(f"{ODS_STYLE}name", "")
        elif name == f"{ODS_STYLE}table-properties":
            if attributes.get(f"{ODS_TABLE}display") == "false":
                self._hidden_styles.add(self._style)
        elif name == f"{ODS_TABLE}table":
            hidden = attributes.get(f"{ODS_TABLE}style-name") in self._hidden_styles
            self.grids.append(Grid(attributes.get(f"{ODS_TABLE}name", ""), hidden=hidden))
            self._row = self._columns = 0
        elif not self.grids:
            return
        elif name == f"{ODS_TABLE}table-column":
            self._start_column(attributes)
        elif name in (f"{ODS_TABLE}table-row-group", f"{ODS_TABLE}table-column-group"):
            self._groups.append(attributes.get(f"{ODS_TABLE}display") == "false")
        elif name == f"{ODS_TABLE}table-row":
            self._row_times = _times(attributes, "number-rows-repeated")
            self._column, self._row_cells = 0, []
            if any(self._groups) or attributes.get(f"{ODS_TABLE}visibility", "visible") != "visible":
                self.grids[-1].hide_rows(self._row + 1, self._row + self._row_times)
        elif name in CELLS:
            self._cell, self._paragraphs, self._within = attributes, [], 0
        elif self._cell is not None:
            self._start_text(name, attributes)

    def _start_column(self, attributes: dict[str, str]) -> None:
        times = _times(attributes, "number-columns-repeated")
        if any(self._groups) or attributes.get(f"{ODS_TABLE}visibility", "visible") != "visible":
            self.grids[-1].hide_columns(self._columns + 1, self._columns + times)
        self._columns += times

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if name in (f"{ODS_TEXT}p", f"{ODS_TEXT}h"):
            self._paragraphs.append("")
            self._within += 1
        elif self._within:
            if name == f"{ODS_TEXT}s":
                self._paragraphs[-1] += " " * min(int(attributes.get(f"{ODS_TEXT}c", "1")), 100)
            elif name == f"{ODS_TEXT}tab":
                self._paragraphs[-1] += "\t"
            elif name == f"{ODS_TEXT}line-break":
                self._paragraphs[-1] += "\n"

    def text(self, text: str) -> None:
        if self._within and not self._aside:
            self._paragraphs[-1] += text

    def end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
        elif name in (f"{ODS_TABLE}table-row-group", f"{ODS_TABLE}table-column-group"):
            if self._groups:
                self._groups.pop()
        elif name == f"{ODS_TABLE}table-row":
            for times in range(self._row_times if self._row_cells else 0):
                for column, n_columns, value in self._row_cells:
                    for more in range(n_columns):
                        self.grids[-1].put(self._row + times + 1, column + more, value)
            self._row += self._row_times
        elif name in CELLS and self._cell is not None:
            self._end_cell(name, self._cell)
            self._cell = None
        elif name in (f"{ODS_TEXT}p", f"{ODS_TEXT}h") and self._within:
            self._within -= 1

    def _end_cell(self, name: str, cell: dict[str, str]) -> None:
        times = _times(cell, "number-columns-repeated")
        value = _ods_value(cell, "\n".join(self._paragraphs))
        if value != "":
            self._row_cells.append((self._column + 1, times, value))
        if name == CELLS[0]:
            n_rows, n_columns = _times(cell, "number-rows-spanned"), _times(cell, "number-columns-spanned")
            self.grids[-1].merge(self._row + 1, self._column + 1, n_rows, n_columns)
        self._column += times


def _times(attributes: dict[str, str], name: str) -> int:
    return max(int(attributes.get(f"{ODS_TABLE}{name}", "1")), 1)


def _ods_value(cell: dict[str, str], shown: str) -> Any:
    """Return what a cell holds: a number, a day, yes or no, a text, or the error that it shows."""
    kind = cell.get(OFFICIAL_TYPE, "")
    formula = f"{ODS_TABLE}formula" in cell
    if cell.get(CALC_TYPE) == "error" or SHOWN_ERROR.fullmatch(shown.strip()):
        return shown.strip() or "#VALUE!"
    if kind in ODS_NUMBERS:
        return float(cell[f"{ODS_OFFICE}value"])
    if kind == "boolean":
        return cell[f"{ODS_OFFICE}boolean-value"] == "true"
    if kind == "date":
        return _ods_day(cell[f"{ODS_OFFICE}date-value"])
    if kind == "time":
        return _ods_time(cell[f"{ODS_OFFICE}time-value"], shown)
    if not kind and formula and not shown:
        return NOT_CALCULATED
    return shown or cell.get(f"{ODS_OFFICE}string-value", "")


def _ods_day(text: str) -> Any:
    try:
        day = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return day.date() if "T" not in text or day.time() == dt.time() else day


def _ods_time(text: str, shown: str) -> Any:
    found = TIME.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (24, 0, 0)
    return dt.time(hours, minutes, seconds) if hours < 24 and minutes < 60 and seconds < 60 else shown
