"""What the readers of all kinds of files make of a sheet: its header and its raw rows, not yet of any table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.parsed import Fault

__all__ = ["Sheet", "SheetHead", "unique_labels"]

GENERIC_SHEET = re.compile(r"(?:sheet|工作表|表)\d*", re.IGNORECASE)  # a name that says nothing of what is in a sheet

Cell = tuple[int, int]  # row and column, counted from 1 as the file shows them


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetHead:
    """What a sheet says before its rows: all that decides which columns belong to which table.

    Attributes
    ----------
    file : str
        Name of the file, as it is shown.
    sheet : str
        Name of the sheet; empty for files that hold only one thing (text, Parquet).
    source : str
        File (and sheet, where a file has several) as named in problems.
    headers : list of str
        The header as it stands, a cell for each column; empty where none was found.
    texts : frozenset of str
        Texts of the header and of what stands above it, without blanks; empty for typed columns.
    money : float
        Factor for amounts whose header names no unit, e.g. 10000 below a note 单位：万元.
    hidden : bool
        Whether the workbook does not show the sheet.
    merged : tuple of (Cell, Cell)
        Ranges of merged cells: first and last cell of each, row before column, counted from 1.
    """

    file: str
    sheet: str = ""
    source: str
    headers: list[str]
    texts: frozenset[str] = frozenset()
    money: float = 1.0
    hidden: bool = False
    merged: tuple[tuple[Cell, Cell], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which its table may be known, best first.

        Examples
        --------
        >>> SheetHead(file="2023年.xlsx", sheet="家庭成员", source="2023年.xlsx", headers=[]).names
        ('家庭成员', '2023年')
        """
        stem = Path(self.file).stem
        return (stem,) if not self.sheet or GENERIC_SHEET.fullmatch(self.sheet) else (self.sheet, stem)


@dataclass(slots=True)
class Sheet:
    """Raw rows under their header, all of a sheet or some that follow each other.

    Attributes
    ----------
    head : SheetHead
        What the sheet says before its rows.
    frame : DataFrame of shape (n, n_columns)
        Cells as read; column labels are the headers, made unique.
    rows : ndarray of int, shape (n,)
        Row numbers as the file shows them.
    faults : list of Fault
        Rows that could not be read as rows (cells missing, undecodable bytes).
    n_empty : int
        Empty rows between others, not in `frame`.
    """

    head: SheetHead
    frame: pd.DataFrame
    rows: np.ndarray
    faults: list[Fault] = field(default_factory=list)
    n_empty: int = 0


def unique_labels(headers: Iterable[str]) -> list[str]:
    """Return headers made unique by a number where they repeat.

    Examples
    --------
    >>> unique_labels(["a", "b", "a", ""])
    ['a', 'b', 'a (2)', '']
    """
    labels: list[str] = []
    taken: set[str] = set()
    for header in headers:
        label, number = header, 1
        while label in taken:
            number += 1
            label = f"{header} ({number})"
        taken.add(label)
        labels.append(label)
    return labels
