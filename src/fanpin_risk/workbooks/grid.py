"""Cells of a sheet as they are met, one by one and anywhere, made into rows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

__all__ = [
    "FEWEST_FAR_COLUMNS",
    "FEWEST_FAR_ROWS",
    "MOST_CELLS",
    "NOT_CALCULATED",
    "Grid",
    "NotReadError",
    "SheetCells",
]

NOT_CALCULATED = "#FORMULA!"  # stands in a cell whose formula has no result
MOST_CELLS = 60_000_000  # of the area of a sheet, filled or not
MOST_FILLED = 20_000_000  # cells in which something stands
FEWEST_FAR_ROWS = 10_000  # empty rows before a filled one that make it a stray one
FEWEST_FAR_COLUMNS = 300

SheetCells = list[tuple[dict[str, Any], list[list[Any]]]]


class NotReadError(Exception):
    """A file is not read; `reason` is a word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Grid:
    """The cells of a sheet, rows and columns counted from 1.

    Parameters
    ----------
    name : str
        Of the sheet.
    hidden : bool
        Whether the workbook does not show it.
    """

    def __init__(self, name: str, *, hidden: bool = False) -> None:
        self.name, self.hidden = name, hidden
        self.rows: dict[int, dict[int, Any]] = {}
        self._merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self._hidden_rows: list[tuple[int, int]] = []
        self._hidden_columns: list[tuple[int, int]] = []
        self._filled = 0

    def put(self, row: int, column: int, value: Any) -> None:
        """Write a cell; an empty text is none."""
        if value == "":
            return
        self._filled += 1
        if self._filled > MOST_FILLED:
            raise NotReadError("too_large")
        self.rows.setdefault(row, {})[column] = value

    def merge(self, row: int, column: int, n_rows: int, n_columns: int) -> None:
        """Note that a cell takes several rows or columns."""
        if n_rows > 1 or n_columns > 1:
            self._merged.append(((row, column), (row + n_rows - 1, column + n_columns - 1)))

    def hide_rows(self, first: int, last: int) -> None:
        """Note rows that are not shown."""
        self._hidden_rows.append((first, last))

    def hide_columns(self, first: int, last: int) -> None:
        """Note columns that are not shown."""
        self._hidden_columns.append((first, last))

    def sheet(self) -> tuple[dict[str, Any], list[list[Any]]]:
        """Return what is known of the sheet, and its rows, all of one length; stray far cells are left out.

        Raises
        ------
        NotReadError
            If the cells spread over too large an area.
        """
        n_far = self._leave_far_rows() + self._leave_far_columns()
        height = max(self.rows, default=0)
        width = max((max(row) for row in self.rows.values()), default=0)
        if height * width > MOST_CELLS:
            raise NotReadError("too_large")
        merged = [
            ((top, left), (min(bottom, height), min(right, width)))
            for (top, left), (bottom, right) in self._merged
            if top <= height and left <= width
        ]
        facts = {
            "sheet": self.name,
            "hidden": self.hidden,
            "merged": tuple(merged),
            "hidden_rows": _numbers_in(self._hidden_rows, height),
            "hidden_columns": _numbers_in(self._hidden_columns, width),
            "n_far": n_far,
        }
        rows: list[list[Any]] = [[""] * width for _ in range(height)]
        for number, cells in self.rows.items():
            row = rows[number - 1]
            for column, value in cells.items():
                row[column - 1] = value
        return facts, rows

    def _leave_far_rows(self) -> int:
        """Leave out rows far below the others; return how many cells stood there."""
        used = sorted(self.rows)
        if not used or used[-1] <= 2 * len(used) + FEWEST_FAR_ROWS:
            return 0
        last = next((before for before, after in pairwise(used) if after - before > FEWEST_FAR_ROWS), used[-1])
        return sum(len(self.rows.pop(number)) for number in used if number > last)

    def _leave_far_columns(self) -> int:
        """Leave out cells far to the right of the others; return how many they were."""
        used = sorted({column for row in self.rows.values() for column in row})
        last = next((before for before, after in pairwise(used) if after - before > FEWEST_FAR_COLUMNS), None)
        if last is None:
            return 0
        n_far = 0
        for number, row in list(self.rows.items()):
            kept = {column: value for column, value in row.items() if column <= last}
            n_far += len(row) - len(kept)
            self.rows[number] = kept
            if not kept:
                del self.rows[number]
        return n_far


def _numbers_in(ranges: list[tuple[int, int]], most: int) -> frozenset[int]:
    return frozenset(number for first, last in ranges for number in range(first, min(last, most) + 1))
