"""How sheets of a workbook are written: tables and documents, cell by cell, each text as a text.

Rows are written as they come and are not kept, so that memory does not grow with the list. Nothing in a text becomes
a formula, a link or markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import InputError
from fanpin_risk.files import CELL_CHARACTERS, cell_text, fits_cell
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.languages import ReportLanguage, shown_in
from fanpin_risk.words import Message

__all__ = [
    "BAR",
    "HEAT_SHADES",
    "ROWS_IN_MEMORY",
    "SheetColumn",
    "SheetWriter",
    "cell_rows",
    "lines_needed",
    "plain_cells",
]

MOST_SHEET_ROWS = 1_000_000  # a sheet takes 1,048,576; the rest is for headers
HEADER_CHARACTERS = 255  # of what is printed above and below a page
FONT = "Microsoft YaHei"  # where there is none, the office program takes another
LETTER_SIZE, LINE_HEIGHT = 10, 15.0  # size of the letters, height of a line
HIGHEST_ROW = 409.0  # points; no program shows a higher one
SLACK = 1.05  # texts are taken to be this much wider than their letters
A4 = 9
# Looks of cells in rows that sum up the rows below them.
RAISED = ("text", "id", "count", "share", "number", "nothing")
GRID, GRID_WIDTH = 10, 13.0  # columns of a sheet of text, and their width in characters
ROWS_IN_MEMORY = 4_096  # of a column taken from its frame
NO_FIGURE = "—"
FIRST_DAY = pd.Timestamp("1900-03-01")  # spreadsheets count earlier days differently, or not at all
COLOURS = {"header": "#DCE6F1", "raised": "#F2F2F2", "high": "#F8CBAD", "medium": "#FFE699", "important": "#FDE9E7"}
HEAT_SHADES = 4  # looks heat0 to heat4, with + in rows that stand for others
BAR = "#F4B183"


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: what stands above it, how wide it is, how its cells look, and what is in them."""

    header: Message
    width: float
    look: str | Sequence[str]  # of all cells, or of each
    cells: Iterable[Any]
    bar: str = ""  # its colour


class SheetWriter:
    """Writes sheets, one after the other.

    Parameters
    ----------
    book : xlsxwriter.Workbook
        Where they go.
    lang : {"zh", "en", "both"}
        Of headers and texts.
    title : str
        What is printed above every page.
    source : str
        What is printed below every page.
    """

    def __init__(self, book: Any, lang: ReportLanguage, *, title: str, source: str) -> None:
        self.book, self.lang, self.title, self.source = book, lang, title, source
        self.looks = _looks(book)

    # --- words --------------------------------------------------------------------------------------------------
    def say(self, message: Message, between: str = "\n") -> str:
        """Return a text in the language of the workbook; in both, one below the other."""
        return shown_in(message, self.lang, between)

    def named(self, codes: Iterable[Any], names: Mapping[Any, Message], between: str = " ") -> list[str]:
        """Return what codes are called; a code without a name stands for itself."""
        known = {code: self.say(name, between) for code, name in names.items()}
        return [known.get(code, "" if pd.isna(code) else str(code)) for code in codes]

    def row_written(self, sheet: str) -> None:
        """Do nothing after each row of a table; a subclass can report progress here."""

    def new(self, name: str, *, landscape: bool = True) -> Any:
        """Add a sheet, set up for A4: as wide as the paper, title above, page numbers below."""
        sheet = self.book.add_worksheet(name)
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        page = self.say(Message("Page &P of &N"), " ")
        sheet.set_header(f"&L&9 {_printed(self.title)}&R&9 {_printed(name)}")
        sheet.set_footer(f"&L&9 {_printed(self.source)[:100]}&R&9 {page}")
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        return sheet

    def table(
        self,
        name: Message,
        columns: Sequence[SheetColumn],
        n: int,
        *,
        frozen: int,
        landscape: bool = True,
        filtered: bool = True,
    ) -> Any:
        """Write a table on a sheet of its own, on several where it is too long for one; return the last.

        Parameters
        ----------
        name : Message
            Name of the sheet; the second is ``name 2``.
        columns : sequence of Column
            All with `n` cells.
        n : int
            Rows.
        frozen : int
            Columns that stay in sight, besides the headers.
        landscape : bool
            Whether it is printed on paper that is wider than high.
        filtered : bool
            Whether it can be filtered and has its headers on every page; False where more stands below it.
        """
        rows = cell_rows(columns)
        sheet: Any = None
        for part in range(max(1, -(-n // MOST_SHEET_ROWS))):
            shown = self.say(name, " ")
            sheet = self.new(shown if part == 0 else f"{shown} {part + 1}", landscape=landscape)
            sheet.freeze_panes(1, frozen)
            if filtered:
                sheet.repeat_rows(0)
            for place, column in enumerate(columns):
                sheet.set_column(place, place, column.width)
            self.headers(sheet, 0, columns)
            line = 0
            for line, row in enumerate(islice(rows, MOST_SHEET_ROWS), start=1):
                self.cells(sheet, line, row, columns)
                self.row_written(shown)
            if filtered:
                sheet.autofilter(0, 0, line, len(columns) - 1)
            for place, column in enumerate(columns):
                if column.bar and line:
                    self.bars(sheet, 1, line, place, column.bar)
        return sheet

    def headers(self, sheet: Any, line: int, columns: Sequence[SheetColumn]) -> None:
        """Write the headers of a table."""
        texts = [self.say(column.header) for column in columns]
        self.set_height(sheet, line, texts, [column.width for column in columns])
        for place, text in enumerate(texts):
            self.put(sheet, line, place, text, "header")

    def cells(self, sheet: Any, line: int, row: Sequence[tuple[Any, str]], columns: Sequence[SheetColumn]) -> None:
        """Write one row of a table, as high as its texts need."""
        self.set_height(sheet, line, [cell for cell, _ in row], [column.width for column in columns])
        for place, (cell, look) in enumerate(row):
            self.put(sheet, line, place, cell, look)

    def put(self, sheet: Any, line: int, place: int, cell: Any, look: str) -> None:
        """Write one cell: texts as texts, numbers as numbers, days as days, what is not known as a dash."""
        if cell is None or cell == "":
            sheet.write_blank(line, place, None, self.looks[look])
        elif isinstance(cell, str):
            text = cell_text(cell)
            self.check_length(text, sheet, line)
            sheet.write_string(line, place, text, self.looks[look])
        elif isinstance(cell, pd.Timestamp) and cell < FIRST_DAY:
            sheet.write_string(line, place, f"{cell:%Y-%m-%d}", self.looks[look])
        elif isinstance(cell, pd.Timestamp):
            sheet.write_datetime(line, place, cell.to_pydatetime(), self.looks[look])
        elif cell != cell:  # noqa: PLR0124  only what is not a number differs from itself
            sheet.write_string(line, place, NO_FIGURE, self.looks["nothing+" if look.endswith("+") else "nothing"])
        else:
            sheet.write_number(line, place, cell, self.looks[look])

    def check_length(self, text: str, sheet: Any, line: int) -> None:
        """Refuse what a cell cannot hold, instead of cutting it off."""
        if not fits_cell(text):
            raise InputError(
                "sheet {sheet}, row {row}: a text of {length:,} characters; a cell takes {most:,}: shorten it",
                sheet=sheet.get_name(),
                row=line + 1,
                length=len(text),
                most=CELL_CHARACTERS,
            )

    def merged(self, sheet: Any, line: int, first: int, last: int, text: str, look: str, width: float) -> None:
        """Write a text across columns, as high as it needs to be."""
        text = cell_text(text)
        self.check_length(text, sheet, line)
        size = {"title": 1.7, "heading": 1.3, "strong": 1.1, "important": 1.1}.get(look, 1.0)
        sheet.set_row(
            line,
            min(HIGHEST_ROW, size * LINE_HEIGHT * lines_needed(text, width / size) + (8 if look == "heading" else 3)),
        )
        if first == last:
            sheet.write_string(line, first, text, self.looks[look])
        else:
            sheet.merge_range(line, first, line, last, "", self.looks[look])
            sheet.write_string(line, first, text, self.looks[look])

    def spread(self, sheet: Any, line: int, cells: Sequence[str], spans: Sequence[int], look: str) -> None:
        """Write a row of a table whose columns span several columns of the sheet each."""
        self.set_height(sheet, line, cells, [span * GRID_WIDTH for span in spans])
        first = 0
        for cell, span in zip(cells, spans, strict=True):
            text = cell_text(cell)
            self.check_length(text, sheet, line)
            if span > 1:
                sheet.merge_range(line, first, line, first + span - 1, "", self.looks[look])
            sheet.write_string(line, first, text, self.looks[look])
            first += span

    def set_height(self, sheet: Any, line: int, cells: Sequence[Any], widths: Sequence[float]) -> None:
        """Make a row as high as its texts need, which not every program does by itself."""
        texts = [(cell, width) for cell, width in zip(cells, widths, strict=True) if isinstance(cell, str)]
        lines = max((lines_needed(cell, width) for cell, width in texts), default=1)
        sheet.set_row(line, min(HIGHEST_ROW, LINE_HEIGHT * lines + 3))

    def bars(self, sheet: Any, first: int, last: int, place: int, colour: str) -> None:
        """Draw a bar into every cell, from 0 to the largest; of the kind that every office program knows."""
        bar = {"type": "data_bar", "bar_color": colour, "min_type": "num", "min_value": 0}
        sheet.conditional_format(first, place, last, place, bar)

    def document(self, document: Document, name: str) -> None:
        """Write a document: texts across the sheet, tables over as many columns as they have."""
        sheet = self.new(name, landscape=False)
        sheet.set_column(0, GRID - 1, GRID_WIDTH)
        sheet.hide_gridlines(2)
        looks = {"title": "title", "heading": "heading", "text": "prose", "important": "important"}
        line = 0
        for kind, content in document.blocks:
            if kind == "table":
                headers, rows = content
                spans = _widest_lengths([headers, *rows])
                self.spread(sheet, line, headers, spans, "header")
                for line, row in enumerate(rows, start=line + 1):  # noqa: B020  the line goes on
                    self.spread(sheet, line, row, spans, "text")
                line += 1
            else:
                texts = [f"• {item}" for item in content] if kind == "list" else [content]
                for text in texts:
                    for part in _shorter_parts(text):
                        self.merged(sheet, line, 0, GRID - 1, part, looks.get(kind, "prose"), GRID * GRID_WIDTH)
                        line += 1
            line += kind in ("table", "list", "title")


# --- looks ------------------------------------------------------------------------------------------------------
def _looks(book: Any) -> dict[str, Any]:
    """Return the formats of the cells."""
    base = {"font_name": FONT, "font_size": LETTER_SIZE, "valign": "top"}
    cell = base | {"border": 1, "border_color": "#BFBFBF"}
    wrapped = cell | {"text_wrap": True}
    figure = cell | {"align": "right", "indent": 1}
    looks: dict[str, dict[str, Any]] = {
        "plain": base,
        "text": wrapped,
        "id": wrapped | {"num_format": "@"},
        "count": figure | {"num_format": "#,##0"},
        "number": cell | {"num_format": "0", "align": "center"},
        "count_left": cell | {"num_format": "#,##0", "align": "left"},
        "decimal_left": cell | {"num_format": "#,##0.0", "align": "left"},
        "share_left": cell | {"num_format": "0.00%", "align": "left"},
        "share": figure | {"num_format": "0.00%"},
        "effect": figure | {"num_format": "+0.00;-0.00;0.00"},
        "share1": figure | {"num_format": "0.0%"},
        "day": cell | {"num_format": "yyyy-mm-dd", "align": "left"},
        "nothing": figure | {"font_color": "#7F7F7F"},
        "header": wrapped | {"bold": True, "bg_color": COLOURS["header"], "valign": "vcenter", "align": "center"},
        "low": wrapped | {"align": "center"},
        "high": wrapped | {"bold": True, "bg_color": COLOURS["high"], "align": "center"},
        "medium": wrapped | {"bg_color": COLOURS["medium"], "align": "center"},
        "title": base | {"bold": True, "font_size": 1.6 * LETTER_SIZE, "text_wrap": True},
        "heading": base
        | {"bold": True, "font_size": 1.2 * LETTER_SIZE, "valign": "bottom", "bottom": 1, "text_wrap": True},
        "prose": base | {"text_wrap": True},
        "strong": base | {"text_wrap": True, "bold": True},
        "important": base
        | {"text_wrap": True, "bold": True, "bg_color": COLOURS["important"], "font_color": "#9C0006"},
    }
    for number in range(HEAT_SHADES + 1):
        looks[f"heat{number}"] = looks["count"] | {"bg_color": _mixed(BAR, number / HEAT_SHADES)}
        looks[f"heat{number}+"] = looks[f"heat{number}"] | {"bold": True}
    raised = {f"{name}+": looks[name] | {"bold": True, "bg_color": COLOURS["raised"]} for name in RAISED}
    return {name: book.add_format(look) for name, look in (looks | raised).items()}


def _mixed(colour: str, share: float) -> str:
    """Mix a colour with white."""
    parts = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 + share * (part - 255)):02X}" for part in parts)


# --- texts ------------------------------------------------------------------------------------------------------
def _printed(text: str) -> str:
    """Return a text for the margin of a printed page, where & begins a command and digits behind it may be a size."""
    return cell_text(text).replace("&", "&&")[: HEADER_CHARACTERS // 3]


def cell_rows(columns: Sequence[SheetColumn]) -> Iterator[tuple[tuple[Any, str], ...]]:
    """Yield the rows of a table: cells and their looks."""
    filled = (
        zip(
            plain_cells(column.cells),
            repeat(column.look) if isinstance(column.look, str) else column.look,
            strict=False,
        )
        for column in columns
    )
    return zip(*filled, strict=True)


def plain_cells(cells: Iterable[Any]) -> Iterator[Any]:
    """Yield cells as Python values, NaN or "" for what is missing; of a column of a frame only a part at a time."""
    if not isinstance(cells, (pd.Series, np.ndarray)):
        yield from cells
        return
    series = pd.Series(cells)
    numbers = pd.api.types.is_numeric_dtype(series.dtype)
    for start in range(0, len(series), ROWS_IN_MEMORY):
        part = series.iloc[start : start + ROWS_IN_MEMORY]
        if numbers:
            yield from part.to_numpy(dtype="float64", na_value=np.nan).tolist()
        else:
            yield from part.astype(object).where(part.notna(), "").tolist()


def _width(text: str) -> float:
    """Return how many columns of letters a text takes: a Chinese character two, which is three bytes of UTF-8."""
    return (len(text) + len(text.encode("utf-8", "replace"))) / 2


def lines_needed(text: str, width: float) -> int:
    """Return how many lines a text takes; with some slack, because words are not broken."""
    if "\n" in text:
        return sum(lines_needed(line, width) for line in text.split("\n"))
    return max(1, ceil(SLACK * _width(text) / width))


def _shorter_parts(text: str, most: int = 2_000) -> list[str]:
    """Cut a long text into parts that a cell can hold and a page can show."""
    return [text[start : start + most] for start in range(0, len(text), most)] or [""]


def _widest_lengths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Divide the columns of a sheet among those of a table by the length of their texts, at least one each."""
    wide = np.array([max(_width(str(row[k])) for row in rows) for k in range(len(rows[0]))], dtype="float64")
    wide = np.sqrt(np.clip(wide, 4, 400))
    spans = np.ones(len(wide), dtype="int64")
    while spans.sum() < GRID:
        spans[np.argmax(wide / spans)] += 1
    return [int(span) for span in spans]
