"""Write a register as the files offices exchange; :func:`fanpin_risk.read_register` reads every layout back alike."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from fanpin_risk.arguments import a_path, one_of, switch
from fanpin_risk.files import SYNTHETIC_NOTE, SYNTHETIC_SOURCE, cell_text, new_folder
from fanpin_risk.records.cells.units import UNIT_ZH
from fanpin_risk.records.declarations import Column, Table
from fanpin_risk.records.income_items import BESIDE_INCOME, BESIDE_ON_FORM
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message, in_both

__all__ = ["write_folder"]

FORMATS = ("parquet", "csv", "xlsx")
HEADERS = ("en", "zh")
ENCODINGS = ("utf-8-sig", "gb18030", "utf-8")
SHEET_ROWS = 1_000_000  # a sheet takes 1,048,576; the rest is for titles
FORMULA_STARTS = ("=", "+", "-", "@")  # what a spreadsheet would run; an apostrophe before it stops that
LIST_SEPARATOR_ZH = "、"
TOTAL = "合计"
WIDE_KEY = ("household_id", "member_id", "period_start", "period_end", "recorded_at")
NOTE = "填表说明：编号以文本填写；日期格式为 2023-06-30；未知留空，不填 0。"


class _HasTables(Protocol):
    tables: dict[str, pd.DataFrame]
    supplied: frozenset[str]
    source: str


def write_folder(
    register: _HasTables,
    path: str | Path,
    *,
    format: str = "parquet",  # noqa: A002  the word users expect
    headers: str = "en",
    encoding: str = "utf-8-sig",
    title_rows: bool = False,
    units: bool = False,
    wide_incomes: bool = False,
    total_row: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write one file per table that the register was given, the folder as a whole or not at all.

    Beside the files of a register that was made up lies ``SYNTHETIC.md``, by which :func:`fanpin_risk.read_register`
    knows it again.

    Parameters
    ----------
    register : Register
        What to write.
    path : str or Path
        Folder to make; an empty one will do.
    format : {"parquet", "csv", "xlsx"}
        Kind of file. Only ``parquet`` keeps numbers, dates and yes/no as such; it has no title rows and totals.
    headers : {"en", "zh"}
        Column names and codes in English, or headers, code texts and 是/否 in Chinese.
    encoding : {"utf-8-sig", "gb18030", "utf-8"}
        Of csv files.
    title_rows : bool
        A title and a note (填表说明) above the header.
    units : bool
        Units in brackets in the headers.
    wide_incomes : bool
        One row per household (and member), period and record day, one column per income item.
    total_row : bool
        Sums (合计) below the rows.
    overwrite : bool
        Whether to replace a register that was made up and stands there as it was written. Any other folder is kept.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If an option is not one of those listed, something stands at `path` that is kept, or it cannot be written.

    Examples
    --------
    >>> from fanpin_risk.records.register import Register
    >>> register = Register.from_frames(households={"household_id": ["h1"], "valid_from": ["2023-01-01"]})
    >>> import tempfile
    >>> folder = write_folder(register, Path(tempfile.mkdtemp()) / "county", format="csv", headers="zh")
    >>> [file.name for file in folder.iterdir()]
    ['户基本信息.csv']
    """
    for name, value, allowed in (
        ("format", format, FORMATS),
        ("headers", headers, HEADERS),
        ("encoding", encoding, ENCODINGS),
    ):
        one_of(name, value, allowed)
    for name, chosen in (
        ("units", units),
        ("wide_incomes", wide_incomes),
        ("title_rows", title_rows),
        ("total_row", total_row),
    ):
        switch(name, chosen)
    path = a_path("path", path)
    made_up = register.source.startswith(SYNTHETIC_SOURCE)
    with new_folder(path, "synthetic register" if made_up else None, overwrite=overwrite) as folder:
        for table in TABLES.values():
            frame = register.tables[table.name]
            if not len(frame) and table.name not in register.supplied:
                continue
            sheet = _Page(table, frame, zh=headers == "zh", units=units, wide=wide_incomes)
            file = folder / f"{table.zh if headers == 'zh' else table.name}.{format}"
            if format == "parquet":
                sheet.typed().to_parquet(file, index=False)
            elif format == "csv":
                _write_csv(file, sheet, encoding, title_rows=title_rows, total_row=total_row)
            else:
                _write_xlsx(file, sheet, title_rows=title_rows, total_row=total_row)
        if made_up:
            invented = in_both(Message("Made up: no person in it exists."))
            note = f"{invented}\n\n{register.source}\n"
            (folder / SYNTHETIC_NOTE).write_text(note, encoding="utf-8")
    return path


class _Page:
    """A table as it is to be written: headers, and columns of texts and numbers."""

    def __init__(self, table: Table, frame: pd.DataFrame, *, zh: bool, units: bool, wide: bool) -> None:
        self.table = table
        self._zh = zh
        self._units = units
        self._columns: list[tuple[str, Column, pd.Series]] = []
        if wide and "item" in table:
            amounts = _pivot(frame, table)
            for name in WIDE_KEY:
                self._columns.append((self._header(table[name]), table[name], amounts.pop(name)))
            for code, texts in table["item"].codes.items():
                header = self._header(table["amount_cny"], texts[0] if zh else code)
                self._columns.append((header, table["amount_cny"], amounts.pop(code)))
        else:
            self._columns = [(self._header(column), column, frame[column.name]) for column in table.columns]
        self.n = len(self._columns[0][2])

    @property
    def headers(self) -> list[str]:
        """The header row."""
        return [header for header, _, _ in self._columns]

    def _header(self, column: Column, name: str = "") -> str:
        name = name or (column.zh if self._zh else column.name)
        if not self._units or column.unit not in UNIT_ZH or column.unit == "year":
            return name
        if not self._zh:
            return f"{name} ({column.unit})"
        unit = UNIT_ZH[column.unit]
        return f"{name}（{unit}）" if column.unit == "CNY" else f"{name}({unit})"

    def typed(self) -> pd.DataFrame:
        """Return the page as a frame that keeps numbers, dates and (in English) yes and no."""
        columns = {}
        for header, column, values in self._columns:
            texts = column.type in ("code", "codes") or (column.type == "bool" and self._zh)
            columns[header] = self._texts(column, values) if texts else values
        return pd.DataFrame(columns)

    def rows(self, *, defused: bool = False) -> Iterator[tuple[Any, ...]]:
        """Give the rows: texts, numbers, None for missing; `defused`: no text that a spreadsheet would run."""
        return zip(*(self._cells(column, values, defused) for _, column, values in self._columns), strict=True)

    def totals(self) -> list[Any]:
        """Return the row of sums."""
        sums: list[Any] = []
        for _, column, values in self._columns:
            adds_up = column.type in ("int", "number") and column.unit not in (None, "year")
            sums += _plain_numbers(np.round([values.sum()], 2)) if adds_up else [None]
        sums[0] = TOTAL
        return sums

    def _cells(self, column: Column, values: pd.Series, defused: bool) -> list[Any]:  # noqa: FBT001
        if column.type in ("int", "number"):
            return _plain_numbers(values.to_numpy())
        texts = self._texts(column, values)
        if defused and column.type in ("id", "text"):
            risky = texts.str.startswith(FORMULA_STARTS).fillna(False).to_numpy(dtype=bool)
            if risky.any():
                texts = texts.mask(risky, "'" + texts)
        cells = texts.to_numpy(dtype=object, copy=True)
        cells[texts.isna().to_numpy()] = None
        return cells.tolist()

    def _texts(self, column: Column, values: pd.Series) -> pd.Series:
        if column.type == "date":
            return values.dt.strftime("%Y-%m-%d").astype("str")
        if column.type == "bool":
            yes, no = ("是", "否") if self._zh else ("true", "false")
            return values.map({True: yes, False: no}).astype("str")
        if column.type == "code" and self._zh:
            return values.cat.rename_categories([texts[0] for texts in column.codes.values()]).astype("str")
        if column.type == "codes" and self._zh:
            first = {code: texts[0] for code, texts in column.codes.items()}
            lists = {
                text: LIST_SEPARATOR_ZH.join(first[code] for code in text.split(";"))
                for text in values.dropna().unique()
            }
            return values.map(lists).astype("str")
        return values.astype("str")


def _pivot(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return one row per household, member, period and record day, in the order in which they first appear."""
    keys = list(WIDE_KEY)
    group = frame.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    again = frame.assign(group=group).groupby(["group", "item"], observed=True).cumcount().to_numpy()
    row, first = np.unique(group * (again.max(initial=0) + 1) + again, return_index=True)
    position = np.searchsorted(row, group * (again.max(initial=0) + 1) + again)
    items = list(table["item"].codes)
    amounts = np.full((len(row), len(items)), np.nan)
    amounts[position, frame["item"].cat.codes.to_numpy()] = frame["amount_cny"].to_numpy()
    # A row with claims alone would be read as of unknown income: that nothing was earned is said by a 0.
    on_form, beside = np.isin(items, BESIDE_ON_FORM), np.isin(items, BESIDE_INCOME)
    has = ~np.isnan(amounts)
    amounts[has[:, on_form].any(axis=1) & ~has[:, ~beside].any(axis=1), items.index("wage")] = 0.0
    wide = frame[keys].iloc[first].reset_index(drop=True)
    return pd.concat([wide, pd.DataFrame(amounts, columns=items)], axis=1)


def _plain_numbers(numbers: np.ndarray) -> list[Any]:
    """Return numbers as they are written: whole ones without a point, None for missing."""
    cells = numbers.astype(object)
    whole = (numbers == np.floor(numbers)) & (np.abs(numbers) < 1e15)
    cells[whole] = numbers[whole].astype("int64")
    cells[np.isnan(numbers)] = None
    return cells.tolist()


def _top_rows(page: _Page, *, title_rows: bool) -> list[list[str]]:
    """Return what stands above the rows."""
    above = [[page.table.zh], [NOTE]] if title_rows else []
    return [*above, page.headers]


def _write_csv(file: Path, page: _Page, encoding: str, *, title_rows: bool, total_row: bool) -> None:
    with file.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n" if encoding == "gb18030" else "\n")
        for row in _top_rows(page, title_rows=title_rows):
            writer.writerow([*row, *[""] * (len(page.headers) - len(row))])
        writer.writerows(page.rows(defused=True))
        if total_row:
            writer.writerow(page.totals())


def _write_xlsx(file: Path, page: _Page, *, title_rows: bool, total_row: bool) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    rows = page.rows()
    name = file.stem
    with xlsxwriter.Workbook(str(file), options) as workbook:
        for number in range(max(1, -(-page.n // SHEET_ROWS))):
            sheet = workbook.add_worksheet(name if number == 0 else f"{name}{number + 1}")
            above = _top_rows(page, title_rows=title_rows)
            for line, texts in enumerate(above):
                _write_line(sheet, line, texts)
            line = len(above) - 1
            for line, row in enumerate(islice(rows, SHEET_ROWS), start=len(above)):
                _write_line(sheet, line, row)
            if total_row:
                _write_line(sheet, line + 1, page.totals())


def _write_line(sheet: Any, line: int, cells: Sequence[Any]) -> None:
    for position, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.write_string(line, position, cell_text(cell))
        elif cell is not None:
            sheet.write_number(line, position, cell)
