"""What the readers of all kinds of files make of a sheet: its header and its raw rows, not yet of any table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from fanpin_risk.records.amount_headers import LEVEL
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.cells.money_units import money_note
from fanpin_risk.records.cells.parsed import Fault
from fanpin_risk.records.named_days import Span, account_span_in, span_in
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = [
    "BY_HEADERS",
    "EXAMPLE",
    "GUIDE_SHEET",
    "IGNORE",
    "NAMED_PART",
    "NOTED_TYPE",
    "Dating",
    "Meaning",
    "Origin",
    "Sheet",
    "SheetHead",
    "unique_labels",
]

GENERIC_SHEET = re.compile(r"(?:sheet|工作表|表)\d*", re.IGNORECASE)  # a name that says nothing of what is in a sheet

Origin = Literal["option", "header", "title", "sheet", "file", "folder"]
WHOLE_YEAR = np.timedelta64(364, "D")  # from its first day to its last, at least
DATED_FOLDER = re.compile(r"(?:.*年.*)|[\d\-._/ ]+")  # what says a day also where it is the name of the whole register
Cell = tuple[int, int]  # row and column, counted from 1 as the file shows them
# Of the template of a register: the sheet that explains it, and how the ids of its invented rows begin.
GUIDE_SHEET = Message("how to fill in", zh="填表说明")
EXAMPLE = Message("EXAMPLE", zh="示例")
# What a columns file may say of a sheet instead of its table: not to be read; not to be known by its name.
IGNORE, BY_HEADERS = "ignore", "headers"
NOTED_TYPE = "备注所述监测对象类别"  # header of what notes say of who is monitored
NAMED_PART = "名称所属月份"  # header of what the name of a sheet says of the part of a year that its payments are of


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a columns file says that a header means.

    Attributes
    ----------
    header : str
        A header that is declared, with its unit in brackets; it is read as if it stood in the sheet. Empty: the column
        is ignored.
    table : str
        Name of the only table it is for; empty for all that have such a column.
    scale : float
        What its numbers are multiplied by besides; below 0 of a column of yes and no: yes is no.
    changes : bool
        Whether it says anything else than the header itself.
    unit : bool
        Whether it says in which unit the numbers are.
    """

    header: str
    table: str = ""
    scale: float = 1.0
    changes: bool = True
    unit: bool = False

    def header_in(self, table: str) -> str | None:
        """Return the header as a table reads it, None if it is not for this table; ids are of all tables."""
        if self.table in ("", table):
            return self.header
        shared = {"recorded_at", *(column.name for column in TABLES[self.table].columns if column.type == "id")}
        return self.header if any(self.header in (name, TABLES[self.table][name].zh) for name in shared) else None


@dataclass(frozen=True, slots=True)
class Dating:
    """Which days rows without a date of their own are about, and what says so.

    Attributes
    ----------
    span : tuple of two datetime64
        First and last day.
    origin : str
        What says so: an ``option`` (data_date for the file), the ``header`` of a column, a ``title`` above the header,
        or the name of the ``sheet``, the ``file`` or the ``folder``.
    """

    span: Span
    origin: Origin

    @property
    def whole_year(self) -> bool:
        """Whether it is a year, as accounts need it."""
        return bool(self.span[1] - self.span[0] >= WHOLE_YEAR)


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
    money : float or None
        Factor for amounts whose header names no unit, e.g. 10000 below a note 单位：万元; NaN where the unit is not
        understood, None where nothing above the header names one.
    hidden : bool
        Whether the workbook does not show the sheet.
    merged : tuple of (Cell, Cell)
        Ranges of merged cells: first and last cell of each, row before column, counted from 1.
    n_far : int
        Stray cells far from the others, which were not read.
    folder : str
        Folders within the register that the file lies in, with slashes; empty for none.
    register : str
        Name of the folder that is the register; empty for none.
    dated : Dating, optional
        What an option says of the file.
    year : Dating, optional
        The year that an option says of all files: of accounts that nothing else dates.
    hidden_headers : mapping of int to str
        Position -> header of columns that the workbook does not show and that were not read.
    guessed : bool
        Whether hardly a header is known, so that where they stand is a guess.
    long_numbers : frozenset of int
        Positions of the columns whose first cells are long numbers: among such ids a short one is none.
    no_accounts : bool
        Whether hardly a header is known, and no household or no amount is in sight.
    shape : str
        ``form`` or ``turned`` for a sheet in which names stand beside what they name; see
        :class:`fanpin_risk.records.read.header_rows.Header`.
    meanings : mapping of int to tuple of Meaning
        Position -> what a columns file says that its header means: once, or once for each of several tables.
    table : str
        The table that a columns file says the sheet is of, or `IGNORE` or `BY_HEADERS`; empty where it says nothing.
    part : int
        Number of the table in its sheet, from top to bottom.
    """

    file: str
    sheet: str = ""
    source: str
    headers: list[str]
    texts: frozenset[str] = frozenset()
    money: float | None = None
    hidden: bool = False
    merged: tuple[tuple[Cell, Cell], ...] = ()
    n_far: int = 0
    hidden_headers: Mapping[int, str] = field(default_factory=dict)
    folder: str = ""
    register: str = ""
    dated: Dating | None = None
    year: Dating | None = None
    guessed: bool = False
    long_numbers: frozenset[int] = frozenset()
    no_accounts: bool = False
    shape: str = ""
    meanings: Mapping[int, tuple[Meaning, ...]] = field(default_factory=dict)
    table: str = ""
    part: int = 1

    def below(self, part: int) -> SheetHead:
        """Return the head of a table that stands below others in its sheet.

        Examples
        --------
        >>> head = SheetHead(file="a.csv", source="a.csv", headers=[]).below(2)
        >>> head.source, head.source_of_sheet
        ('a.csv#2', 'a.csv')
        """
        return self if part == 1 else replace(self, source=f"{self.source}#{part}", part=part)

    @property
    def source_of_sheet(self) -> str:
        """The source without what tells tables of one sheet apart."""
        return self.source if self.part == 1 else self.source.removesuffix(f"#{self.part}")

    def headers_in(self, table: str) -> list[str]:
        """Return the headers as a table reads them: those of which a columns file says something as it says.

        Examples
        --------
        >>> said = {1: (Meaning("其他补贴", "incomes"),)}
        >>> head = SheetHead(file="", source="", headers=["户编号", "奖补"], meanings=said)
        >>> head.headers_in("incomes"), head.headers_in("households")
        (['户编号', '其他补贴'], ['户编号', ''])
        """
        headers = list(self.headers)
        for place, meanings in self.meanings.items():
            mine = next((one for one in meanings if one.header_in(table) is not None), None)
            if mine is None or mine.changes:
                headers[place] = "" if mine is None else mine.header
        return headers

    def scales_in(self, table: str) -> dict[int, float]:
        """Return what the numbers are multiplied by in a table, at the positions where a columns file changes anything."""
        return {
            place: one.scale
            for place, meanings in self.meanings.items()
            for one in reversed(meanings)
            if one.changes and one.header_in(table)
        }

    def units_said_in(self, table: str) -> set[int]:
        """Return the positions of which a columns file says what the numbers are multiplied by, be it 1."""
        return {
            place
            for place, meanings in self.meanings.items()
            if any(one.unit and one.header_in(table) for one in meanings)
        }

    @property
    def money_factor(self) -> float:
        """Factor for amounts whose header names no unit; 1 where nothing names any."""
        return 1.0 if self.money_named is None else self.money_named

    @property
    def money_named(self) -> float | None:
        """Factor for amounts whose header names no unit: by what stands above, else by the name of the sheet or file.

        Examples
        --------
        >>> SheetHead(file="收入（万元）.csv", source="", headers=["户编号"]).money_named
        10000.0
        """
        return money_note((), (self.sheet, Path(self.file).stem)) if self.money is None else self.money

    def dating(self, *, accounts: bool = False) -> Dating | None:
        """Say which days rows without a date of their own are about.

        By an option, else by the title, else by the name of the sheet, the file, or the nearest folder that names any.

        Parameters
        ----------
        accounts : bool, default False
            Whether only a whole year is of use.

        Examples
        --------
        >>> head = SheetHead(file="家庭收入情况表2021.xls", source="", headers=["户编号"])
        >>> head.dating().origin, [str(day) for day in head.dating().span]
        ('file', ['2021-01-01', '2021-12-31'])
        """
        if self.dated is not None:
            return self.dated
        found = (
            Dating(span, origin)
            for origin, text in self._named()
            if (span := _span_named(origin, text, accounts=accounts))
        )
        return next((one for one in found if one.whole_year or not accounts), None if not accounts else self.year)

    def _named(self) -> Iterator[tuple[Origin, str]]:
        """Give the texts that may name days, best first."""
        own = {plain_signs("".join(part.split())) for header in self.headers for part in header.split(LEVEL)}
        for text in sorted(text for text in self.texts if text not in own):
            yield "title", text
        yield "sheet", self.sheet
        yield "file", Path(self.file).stem
        for folder in reversed(self.folder.split("/")):
            yield "folder", folder
        if DATED_FOLDER.fullmatch(self.register):
            yield "folder", self.register

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which its table may be known, best first.

        Examples
        --------
        >>> SheetHead(file="2023年.xlsx", sheet="家庭成员", source="2023年.xlsx", headers=[]).names
        ('家庭成员', '2023年')
        """
        if self.table == BY_HEADERS:
            return ()
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
    n_titles : int
        Rows of titles between it and the table above in the same sheet, not in `frame`.
    """

    head: SheetHead
    frame: pd.DataFrame
    rows: np.ndarray
    faults: list[Fault] = field(default_factory=list)
    n_empty: int = 0
    n_titles: int = 0


def _span_named(origin: Origin, text: str, *, accounts: bool) -> Span | None:
    """Return the days that a title or a name tells."""
    if not accounts:
        return span_in(text)
    return account_span_in(text, title=origin == "title", folder=origin == "folder")


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
