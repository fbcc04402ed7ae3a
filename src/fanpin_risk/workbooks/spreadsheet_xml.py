"""Workbooks as one XML text (Excel 2003) as cells."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fanpin_risk.workbooks.grid import NOT_CALCULATED, Grid, SheetCells
from fanpin_risk.workbooks.markup import parse_xml

__all__ = ["cells_of_xml"]

SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet "
WINDOW = "urn:schemas-microsoft-com:office:excel "
LAST_XML_ROW, LAST_XML_COLUMN = 1_048_576, 16_384


def cells_of_xml(text: str) -> SheetCells:
    """Return what a workbook says of each sheet, and the cells of the sheet.

    Parameters
    ----------
    text : str
        The whole file.

    Returns
    -------
    list of (dict, list of list)
        As :meth:`Grid.sheet` gives them.

    Raises
    ------
    NotReadError
        If it declares entities or is too large.
    ValueError
        If it is damaged.
    """
    reader = _XmlReader()
    parse_xml(text, start=reader.start, end=reader.end, text=reader.text)
    return [grid.sheet() for grid in reader.grids]


class _XmlReader:
    """Takes elements one after the other."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self._row = self._column = self._columns = 0
        self._row_span = self._across = 0
        self._cell: dict[str, str] | None = None
        self._inside: list[str] = []  # elements that are open within the cell
        self._kind = ""
        self._text: list[str] | None = None
        self._visible: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{SPREADSHEET}Worksheet":
            self.grids.append(Grid(attributes.get(f"{SPREADSHEET}Name", "")))
            self._row = self._columns = self._row_span = 0
        elif not self.grids:
            return
        elif self._cell is not None:
            if name == f"{SPREADSHEET}Data" and not self._inside:
                self._kind, self._text = attributes.get(f"{SPREADSHEET}Type", "String"), []
            self._inside.append(name)
        elif name == f"{SPREADSHEET}Column":
            first = _place_said(attributes, "Index", self._columns + 1, LAST_XML_COLUMN)
            self._columns = first + _place_said(attributes, "Span", 0, LAST_XML_COLUMN)
            if _is_hidden(attributes):
                self.grids[-1].hide_columns(first, self._columns)
        elif name == f"{SPREADSHEET}Row":
            self._row = _place_said(attributes, "Index", self._row + self._row_span + 1, LAST_XML_ROW)
            self._row_span = _place_said(attributes, "Span", 0, LAST_XML_ROW)
            self._column = self._across = 0
            if _is_hidden(attributes):
                self.grids[-1].hide_rows(self._row, self._row + self._row_span)
        elif name == f"{SPREADSHEET}Cell":
            self._column = _place_said(attributes, "Index", self._column + self._across + 1, LAST_XML_COLUMN)
            self._across = _place_said(attributes, "MergeAcross", 0, LAST_XML_COLUMN)
            self._cell, self._inside, self._kind, self._text = attributes, [], "", None
        elif name == f"{WINDOW}Visible":
            self._visible = []

    def text(self, text: str) -> None:
        if self._text is not None and self._inside:
            self._text.append(text)
        elif self._visible is not None:
            self._visible.append(text)

    def end(self, name: str) -> None:
        if self._cell is not None and self._inside:
            self._inside.pop()
            if not self._inside and self._text is not None:
                self._put(self._cell, _xml_value(self._kind, "".join(self._text)))
                self._text = None
        elif name == f"{SPREADSHEET}Cell" and self._cell is not None:
            if not self._kind and f"{SPREADSHEET}Formula" in self._cell:
                self._put(self._cell, NOT_CALCULATED)
            n_rows = _place_said(self._cell, "MergeDown", 0, LAST_XML_ROW) + 1
            self.grids[-1].merge(self._row, self._column, n_rows, self._across + 1)
            self._cell = None
        elif name == f"{WINDOW}Visible" and self._visible is not None:
            self.grids[-1].hidden = "".join(self._visible).strip() in ("SheetHidden", "SheetVeryHidden")
            self._visible = None

    def _put(self, cell: dict[str, str], value: Any) -> None:
        if value == "" and f"{SPREADSHEET}Formula" in cell and self._kind != "String":
            value = NOT_CALCULATED
        self.grids[-1].put(self._row, self._column, value)


def _place_said(attributes: dict[str, str], name: str, default: int, most: int) -> int:
    """Return a count or a place that an attribute says."""
    text = attributes.get(f"{SPREADSHEET}{name}")
    number = default if text is None else int(text)
    if not 0 <= number <= most:
        raise ValueError("a cell where none can be")
    return number


def _is_hidden(attributes: dict[str, str]) -> bool:
    return attributes.get(f"{SPREADSHEET}Hidden") in ("1", "true")


def _xml_value(kind: str, text: str) -> Any:
    if kind == "String" or not text.strip():
        return text.strip() if kind != "String" else text
    if kind == "Number":
        return float(text)
    if kind == "Boolean":
        return text.strip() in ("1", "true")
    if kind == "DateTime":
        return _xml_day(text.strip())
    return text.strip()  # an error, as it is shown


def _xml_day(text: str) -> Any:
    try:
        day = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return day.date() if day.time() == dt.time() else day
