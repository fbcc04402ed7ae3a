"""Rows of a sheet, taken one by one or many lines at a time, put into columns."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fanpin_risk.records.cells.contents import TEXTS
from fanpin_risk.records.cells.parsed import Fault
from fanpin_risk.records.read.header_rows import Header
from fanpin_risk.records.read.lines import Lines
from fanpin_risk.records.sheets import Sheet, SheetHead, unique_labels
from fanpin_risk.words import Message

__all__ = ["DITTO", "ROW_FAULTS", "SheetBuilder"]

DITTO = frozenset(("〃", "同上", '"', "″", "＂", "“", "”"))  # cells that say what the cell above says
ROWS_AT_A_TIME = 50_000  # rows put into columns at a time, so that a large file is never held as single cells
# Why a row cannot be read as a row -> what was expected.
ROW_FAULTS: Mapping[str, Message] = {
    "ragged_row": Message("as many cells as the header has"),
    "id_unlike_others": Message(
        "an id like those of the other rows, which are long numbers; this row looks like a sum or a title"
    ),
    "unbalanced_quote": Message("quotes in pairs"),
    "hidden_row": Message("a row that the workbook shows; unhide it, or read hidden rows too (--hidden)"),
    "nul_bytes": Message("text without NUL bytes"),
    "planned": Message("income that was earned; by its name the sheet holds planned or expected figures"),
    "part_of_year": Message("income of a whole year; by its name the sheet is of a part of one"),
    "number_for_type": Message(
        "the type of monitored households in words (脱贫不稳定户, 边缘易致贫户, 突发严重困难户): a number may be a code of a list or mean "
        "yes or no, so it is not known whether the household is monitored"
    ),
    "undecodable_bytes": Message(
        "text in one encoding (correct the damaged characters, or name the file's encoding with --encoding)"
    ),
}


class SheetBuilder:
    """Takes rows and puts them into columns chunk by chunk; of texts each distinct one is kept once."""

    def __init__(self, header: Header, *, text: bool, delimiter: str = ",") -> None:
        self._text = text
        self.delimiter = delimiter
        self.width = len(header.cells)
        self._needed = max((position + 1 for position, cell in enumerate(header.cells) if cell), default=0)
        self._lines: list[Lines] = []  # of the chunk: rows that are still lines
        self._n_lines = 0  # of the chunk
        self._rows: list[list[Any]] = []  # of the chunk: other rows
        self._places: list[int] = []  # of the chunk: where those stand
        self._columns: list[list[Any]] = [[] for _ in header.cells]
        self._numbers = array("q")
        self._faults: dict[str, list[int]] = {}
        self.above: list[Any] = []  # the row before, where it was not taken as one of many lines
        self._empty = 0
        self.empty_pending = 0  # empty rows at the end are no gap and are not counted

    def add(self, number: int, row: list[Any], reason: str = "") -> None:
        """Take a row, or note why it cannot be one; without a header there are no rows."""
        if not self.width:
            return
        if (not row or row[0] == "") and not any(cell != "" for cell in row):
            self.empty_pending += 1
            return
        self._empty, self.empty_pending = self._empty + self.empty_pending, 0
        if len(row) != self.width:
            if not reason and (len(row) < self._needed or any(cell != "" for cell in row[self.width :])):
                reason = "ragged_row"
            row = [*row[: self.width], *[""] * (self.width - len(row))]
        if not DITTO.isdisjoint(row):
            above = self.above
            row = [above[at] if above and cell in DITTO else cell for at, cell in enumerate(row)]
        self.above = [] if reason else row
        if reason:
            self._faults.setdefault(reason, []).append(len(self._numbers))
        self._numbers.append(number)
        self._places.append(self._n_lines + len(self._rows))
        self._rows.append(row)
        self._flush(ROWS_AT_A_TIME)

    def add_lines(self, number: int, lines: Lines) -> None:
        """Take lines that are one row each, none empty, with a cell for each header, without quotes and ditto marks."""
        if len(lines):
            self.above = lines[-1].split(self.delimiter)
            self._empty, self.empty_pending = self._empty + self.empty_pending, 0
            self._numbers.frombytes(np.arange(number, number + len(lines), dtype="int64").tobytes())
        for start in range(0, len(lines), ROWS_AT_A_TIME):
            self._lines.append(lines[start : start + ROWS_AT_A_TIME])
            self._n_lines += len(self._lines[-1])
            self._flush(ROWS_AT_A_TIME)

    def _flush(self, fewest: int = 0) -> None:
        """Put the rows of the chunk into columns if there are at least so many."""
        if self._n_lines + len(self._rows) < fewest:
            return
        columns: list[Any]
        if self._text:
            columns = self._texts()
        else:
            cells = zip(*self._rows, strict=True) if self._rows else [()] * self.width
            columns = [_objects(column) for column in cells]
        for column, chunks in zip(columns, self._columns, strict=True):
            chunks.append(column)
        self._lines, self._n_lines, self._rows, self._places = [], 0, [], []

    def _texts(self) -> list[Any]:
        """Return the columns of the chunk as Arrow arrays with a dictionary."""
        of_lines = _split_lines(self._lines, self.delimiter, self.width)
        if not self._rows:
            return of_lines
        of_rows = [pa.array(cells, pa.large_string()).cast(TEXTS) for cells in zip(*self._rows, strict=True)]
        places = np.array(self._places)
        others = np.delete(np.arange(self._n_lines + len(self._rows)), places)
        order = np.argsort(np.concatenate([others, places]))
        both = zip(of_lines, of_rows, strict=True)
        return [pa.chunked_array(pair, TEXTS).unify_dictionaries().combine_chunks().take(order) for pair in both]

    def sheet(self, head: SheetHead) -> Sheet:
        """Return all rows taken."""
        self._flush()
        labels = unique_labels(head.headers)
        columns = {label: _joined(chunks) for label, chunks in zip(labels, self._columns, strict=True)}
        frame = pd.DataFrame(columns, index=pd.RangeIndex(len(self._numbers)))
        faults = []
        for code, positions in self._faults.items():
            mask = np.zeros(len(frame), dtype=bool)
            mask[positions] = True
            faults.append(Fault(mask, code, ROW_FAULTS[code]))
        return Sheet(head, frame, np.array(self._numbers, dtype="int64"), faults, self._empty)


def _objects(cells: Sequence[Any]) -> np.ndarray:
    values = np.empty(len(cells), dtype=object)
    values[:] = cells
    return values


def _joined(chunks: list[Any]) -> Any:
    """Return the chunks of a column as one, of texts with one dictionary."""
    if isinstance(chunks[0], np.ndarray):
        return np.concatenate(chunks)
    return pd.arrays.ArrowExtensionArray(pa.chunked_array(chunks).unify_dictionaries().combine_chunks())


def _split_lines(lines: Sequence[Lines], delimiter: str, width: int) -> list[Any]:
    """Return the columns of lines that have `width` cells each."""
    from pyarrow import csv as arrow

    if not lines:
        return [pa.array([], TEXTS)] * width
    data = lines[0].data if len(lines) == 1 else b"\n".join(some.data for some in lines)
    names = [str(position) for position in range(width)]
    table = arrow.read_csv(
        pa.BufferReader(pa.py_buffer(data)),
        arrow.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        arrow.ParseOptions(delimiter=delimiter, quote_char=False, double_quote=False),
        arrow.ConvertOptions(column_types=dict.fromkeys(names, TEXTS), strings_can_be_null=False, check_utf8=False),
    )
    return [column.combine_chunks() for column in table.columns]
