"""Web pages as cells: what programs export as a table in HTML and name .xls, and what Excel saves as a page."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

from fanpin_risk.workbooks.grid import NOT_CALCULATED, Grid, NotReadError, SheetCells
from fanpin_risk.workbooks.markup import decoded

__all__ = ["cells_of_html", "cells_of_mhtml"]

Attributes = dict[str, str]
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
CLASS = re.compile(r"(?:\w+)?\.([\w-]+)")
SHEET_NAME = re.compile(r"<x:ExcelWorksheet>\s*<x:Name>(.*?)</x:Name>(.*?)</x:ExcelWorksheet>", re.DOTALL)
SHEET_HIDDEN = re.compile(r"<x:Visible>\s*Sheet(?:Very)?Hidden")
BY_EXCEL = "urn:schemas-microsoft-com:office:excel"  # such pages cut long texts in two, and hide the rest
SHEETS_ELSEWHERE = re.compile(r"<x:WorksheetSource\b|<frameset\b", re.IGNORECASE)
# What begins a line of its own beside tables.
BLOCKS = frozenset(
    ("address", "article", "body", "caption", "center", "div", "dd", "dt", "form", "footer", "h1", "h2", "h3", "h4", "h5",
     "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul")
)  # fmt: skip
UNSHOWN = frozenset(("script", "style", "title", "template", "noscript", "comment"))
INLINE = frozenset(("a", "b", "div", "em", "font", "i", "label", "p", "small", "span", "strong", "u"))
MOST_ROWS, MOST_COLUMNS = 65_534, 1_000  # that one cell may take, as browsers have it
MOST_LINES_ABOVE = 8  # of text above a table that are kept: titles, and units
HTML_BLANKS = re.compile(r"[ \t\n\r\f]+")
SHOWN_YEAR = re.compile(r"(?:19|20)\d\d")
SHOWN_NUMBER = re.compile(r"-?[\d,]*\.?\d+(?:[Ee][+-]?\d+)?")


def cells_of_html(text: str) -> SheetCells:
    """Return the tables of a web page as sheets; lines of text above a table are rows above it.

    Parameters
    ----------
    text : str
        The whole page.

    Returns
    -------
    list of (dict, list of list)
        As :meth:`Grid.sheet` gives them.

    Raises
    ------
    NotReadError
        If there is no table in it, or its sheets lie in other files.
    """
    reader = _PageReader(by_excel=BY_EXCEL in text)
    reader.feed(text)
    reader.close()
    reader.finish()
    tables = _stacked(reader.done)
    if not tables:
        raise NotReadError("elsewhere" if SHEETS_ELSEWHERE.search(text) else "no_table")
    named = SHEET_NAME.findall(text)
    names = [(name, bool(SHEET_HIDDEN.search(rest))) for name, rest in named]
    if len(names) != len(tables):
        names = [("", False)] if len(tables) == 1 else [(f"Sheet{n}", False) for n in range(1, len(tables) + 1)]
    return [table.grid(name, hidden=hidden).sheet() for table, (name, hidden) in zip(tables, names, strict=True)]


def cells_of_mhtml(content: bytes) -> SheetCells:
    """Return the same of a web page in one file with all that belongs to it (mhtml).

    Raises
    ------
    NotReadError
        If there is no table in it.
    """
    found: SheetCells = []
    texts = []
    for part in message_from_bytes(content.removeprefix(BOM_UTF8).lstrip(), policy=policy.default).walk():
        if part.get_content_type() == "text/html":
            body = part.get_payload(decode=True)
            texts.append(decoded(body) if isinstance(body, bytes) else "")
    names = [name for text in texts for name in SHEET_NAME.findall(text)]
    for text in texts:
        try:
            found += cells_of_html(text)
        except NotReadError:  # the page that frames the others
            continue
    if not found:
        raise NotReadError("no_table")
    for facts, _ in found:
        facts["damaged"] = any("\ufffd" in text for text in texts)
    if len(found) > 1:
        several = len(names) == len(found)
        for number, (facts, _) in enumerate(found):
            facts["sheet"] = names[number][0] if several else f"Sheet{number + 1}"
            facts["hidden"] = facts["hidden"] or (several and bool(SHEET_HIDDEN.search(names[number][1])))
    return found


@dataclass(slots=True)
class _Cell:
    value: Any
    n_rows: int
    n_columns: int
    hidden: bool
    head: bool  # of a header, as the page says


@dataclass(slots=True)
class _PageTable:
    """Rows of cells of a table, and what is said above it."""

    hidden: bool
    layout: bool = False  # whether tables stand within it
    above: list[str] = field(default_factory=list)
    rows: list[list[_Cell]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    n_columns: int = 0  # that elements of columns were met for

    @property
    def width(self) -> int:
        return max((sum(cell.n_columns for cell in row) for row in self.rows), default=0)

    def lines(self) -> list[str] | None:
        """Return its texts if it has no more than one in each row, so that it is no table but for looks."""
        texts = []
        for row in self.rows:
            filled = [cell.value for cell in row if cell.value != ""]
            if len(filled) > 1:
                return None
            texts += [str(value) for value in filled]
        return texts

    def grid(self, name: str, *, hidden: bool) -> Grid:
        """Return its cells where a browser shows them."""
        grid = Grid(name, hidden=hidden or self.hidden)
        offset = 0
        for text in self.above:
            offset += 1
            grid.put(offset, 1, text)
        taken: dict[int, int] = {}  # column -> last row that a cell above reaches into
        shown: set[int] = set()
        unshown: dict[int, list[int]] = {}
        for number, row in enumerate(self.rows, start=offset + 1):
            column = 1
            for cell in row:
                while taken.get(column, 0) >= number:
                    column += 1
                grid.put(number, column, cell.value)
                grid.merge(number, column, cell.n_rows, cell.n_columns)
                columns = range(column, column + cell.n_columns)
                if cell.n_rows > 1:
                    taken |= dict.fromkeys(columns, number + cell.n_rows - 1)
                if cell.hidden:
                    for place in columns:
                        unshown.setdefault(place, []).append(number)
                else:
                    shown.update(columns)
                column += cell.n_columns
        for number in self.hidden_rows:
            grid.hide_rows(number + offset, number + offset)
        for column in self.hidden_columns | (unshown.keys() - shown):
            grid.hide_columns(column, column)
        for column in unshown.keys() & shown - self.hidden_columns:
            for number in unshown[column]:  # hidden in this row alone
                grid.hide_rows(number, number)
        return grid


class _PageReader(HTMLParser):
    """Takes elements one after the other, also where their ends are lacking."""

    def __init__(self, *, by_excel: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._by_excel = by_excel
        self.done: list[_PageTable] = []
        self._open: list[tuple[_PageTable, list[_Cell] | None]] = []  # tables around the present one, and their rows
        self._table: _PageTable | None = None
        self._row: list[_Cell] | None = None
        self._cell: Attributes | None = None
        self._cells_around: list[tuple[Attributes | None, list[str], bool]] = []
        self._options: list[tuple[bool, list[str]]] | None = None  # of a list to choose from: chosen or not, and text
        self._head = False
        self._buffer: list[str] = []
        self._lines: list[str] = []
        self._unshown: list[str] = []
        self._hidden_classes: set[str] = set()
        self._style: list[str] | None = None
        self._hidden: list[tuple[str, bool]] = []  # elements around tables, and whether they are shown

    # What the parser finds

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "style":
            self._style = []
        hidden = tag in INLINE and not self._by_excel and self._cell is not None and self._is_hidden(attributes)
        if tag in UNSHOWN or hidden or tag in self._unshown:
            self._unshown.append(tag)
            return
        if tag in ("div", "section", "form", "center"):
            self._hidden.append((tag, self._is_hidden(attributes)))
        if tag == "table":
            self._start_table(attributes)
        elif self._table is None:
            if tag in BLOCKS or tag == "br":
                self._end_line()
        elif tag in ("col", "colgroup"):
            self._note_columns(tag, attributes)
        elif tag == "tr":
            self._end_row()
            self._row = []
            if self._is_hidden(attributes):
                self._table.hidden_rows.add(len(self._table.rows) + 1)
        elif tag in ("td", "th"):
            self._end_cell()
            self._unshown.clear()
            if self._row is None:
                self._row = []
            self._cell, self._head, self._buffer = attributes, tag == "th", []
        elif tag == "br":
            self._buffer.append("\0")
        elif tag == "select":
            self._options = []
        elif tag == "option" and self._options is not None:
            self._options.append(("selected" in attributes, []))
        elif tag == "input" and attributes.get("type", "text").lower() in ("text", "number", ""):
            self._buffer.append(attributes.get("value", ""))
        elif tag in BLOCKS and self._cell is not None:
            self._buffer.append("\0")
        elif tag in ("thead", "tbody", "tfoot"):
            self._end_row()

    def handle_endtag(self, tag: str) -> None:
        if tag == "style" and self._style is not None:
            self._learn("".join(self._style))
            self._style = None
        if self._unshown and tag == self._unshown[-1]:
            self._unshown.pop()
        if self._hidden and tag == self._hidden[-1][0]:
            self._hidden.pop()
        if tag == "table":
            self._end_table()
        elif self._table is None:
            if tag in BLOCKS:
                self._end_line()
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "select":
            self._end_options()
        elif tag in ("tr", "thead", "tbody", "tfoot"):
            self._end_row()
        elif tag == "caption":
            self._table.above += _lines_of(self._buffer)
            self._buffer = []
        elif tag in BLOCKS and self._cell is not None:
            self._buffer.append("\0")

    def handle_data(self, data: str) -> None:
        if self._style is not None:
            self._style.append(data)
        elif self._options:
            self._options[-1][1].append(data)
        elif not self._unshown:
            self._buffer.append(HTML_BLANKS.sub(" ", data))

    # What comes of it

    def finish(self) -> None:
        """End all that is open."""
        while self._table is not None:
            self._end_table()

    def _start_table(self, attributes: Attributes) -> None:
        if self._table is not None and self._cell is None:
            self._end_table()
        hidden = self._is_hidden(attributes) or any(hidden for _, hidden in self._hidden)
        if self._table is None:
            self._end_line()
            above, self._lines = self._lines, []
        else:
            beside = [str(cell.value) for cell in self._row or () if cell.value != ""]
            lines = self._table.lines()
            above = [] if lines is None else [*self._table.above, *lines, *beside, *_lines_of(self._buffer)]
            hidden = hidden or self._table.hidden
            self._open.append((self._table, self._row))
            self._cells_around.append((self._cell, self._buffer, self._head))
        self._table, self._row, self._cell, self._buffer = _PageTable(hidden), None, None, []
        self._table.above = above[-MOST_LINES_ABOVE:]

    def _end_table(self) -> None:
        table = self._table
        if table is None:
            return
        self._end_row()
        for number, row in enumerate(table.rows):
            for cell in row:
                cell.n_rows = min(cell.n_rows, len(table.rows) - number)
        if not self._open:
            self._table, self._row, self._cell, self._buffer = None, None, None, []
            if not table.layout or table.lines() is None:
                self.done.append(table)
            return
        self._table, self._row = self._open.pop()
        self._cell, self._buffer, self._head = self._cells_around.pop()
        lines = table.lines()
        if lines is None:
            self._table.layout = True
            self.done.append(table)
        else:  # a table for looks is a text of the cell that it stands in
            self._buffer.append("\0" + "\0".join(lines) + "\0")

    def _end_options(self) -> None:
        """Take what is chosen of a list as text; a browser shows the first where none is."""
        options, self._options = self._options, None
        chosen = [texts for selected, texts in options or () if selected] or [texts for _, texts in options or ()][:1]
        self._buffer += ["".join(texts) for texts in chosen]

    def _end_row(self) -> None:
        self._end_cell()
        if self._table is not None and self._row is not None:
            self._table.rows.append(self._row)
        self._row = None

    def _end_cell(self) -> None:
        if self._table is None or self._cell is None or self._row is None:
            return
        attributes, self._cell = self._cell, None
        n_rows = _cells_taken(attributes.get("rowspan", ""), MOST_ROWS)
        n_columns = _cells_taken(attributes.get("colspan", ""), MOST_COLUMNS)
        value = _value_shown(attributes, "\n".join(_lines_of(self._buffer)))
        self._row.append(_Cell(value, n_rows, n_columns, self._is_hidden(attributes), self._head))
        self._buffer = []

    def _end_line(self) -> None:
        self._lines += _lines_of(self._buffer)
        self._buffer = []

    def _note_columns(self, tag: str, attributes: Attributes) -> None:
        assert self._table is not None
        if tag == "colgroup" and "span" not in attributes:  # the columns within count
            return
        first = self._table.n_columns + 1
        self._table.n_columns += _cells_taken(attributes.get("span", ""), MOST_COLUMNS)
        if self._is_hidden(attributes):
            self._table.hidden_columns.update(range(first, self._table.n_columns + 1))

    def _is_hidden(self, attributes: Attributes) -> bool:
        return (
            "hidden" in attributes
            or bool(HIDDEN_STYLE.search(attributes.get("style", "")))
            or not self._hidden_classes.isdisjoint(attributes.get("class", "").split())
        )

    def _learn(self, style: str) -> None:
        """Note classes of what is not shown."""
        for names, rule in RULE.findall(style):
            if HIDDEN_STYLE.search(rule):
                self._hidden_classes |= {
                    found[1] for name in names.split(",") if (found := CLASS.fullmatch(name.strip()))
                }


def _lines_of(buffer: list[str]) -> list[str]:
    """Return the lines of what was met, without those in which nothing stands."""
    lines = (HTML_BLANKS.sub(" ", line).strip() for line in "".join(buffer).split("\0"))
    return [line for line in lines if line]


def _cells_taken(text: str, most: int) -> int:
    digits = text.strip()
    return min(max(int(digits), 1), most) if digits.isascii() and digits.isdigit() else 1


def _value_shown(attributes: Attributes, shown: str) -> Any:
    """Return what a cell holds: of what Excel wrote the number itself, which may be shown rounded; else what is shown."""
    number = attributes.get("x:num")
    if number is None:
        lacking = "x:fmla" in attributes and shown == "" and "x:str" not in attributes
        return NOT_CALCULATED if lacking else shown
    if not _is_number(shown) or not _is_number(number or shown):
        return shown  # a day, a share, an amount with its sign
    return float((number or shown).replace(",", ""))


def _stacked(tables: list[_PageTable]) -> list[_PageTable]:
    """Return the tables that hold something: lines that stand in tables for looks go above the next one.

    What goes on in a table of its own, with as many columns and a number in its first row, is joined to it.
    """
    found: list[_PageTable] = []
    above: list[str] = []
    for table in tables:
        lines = table.lines()
        if lines is not None:
            above += [*table.above, *lines]
            continue
        last = found[-1] if found else None
        goes_on = last is not None and _goes_on(last, table)
        if last is not None and goes_on:
            last.hidden_rows |= {number + len(last.rows) for number in table.hidden_rows}
            last.rows += table.rows
        else:
            table.above = [*above, *table.above][-MOST_LINES_ABOVE:]
            found.append(table)
        above = []
    return found


def _goes_on(last: _PageTable, table: _PageTable) -> bool:
    """Tell whether a table is more rows of the one before: as wide, and without a header of its own."""
    first = table.rows[0]
    return (
        last.width == table.width
        and last.hidden == table.hidden
        and not any(cell.head for cell in first)
        and [cell.value for cell in first] != [cell.value for cell in last.rows[0]]
        and any(_is_number(cell.value) and not SHOWN_YEAR.fullmatch(str(cell.value)) for cell in first)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or SHOWN_NUMBER.fullmatch(str(value)) is not None
