"""Tables that an office writes itself, numbers and measures: read from csv or xlsx, and each odd cell named with its row."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import InputError
from fanpin_risk.words import Message

__all__ = ["ENTRY_STATUSES", "OwnTable", "read_own_table", "refuse_first_odd_cell", "table_in_memory"]

ENTRY_STATUSES = ("sourced", "inferred", "unverified", "user")
# Headers as offices write them -> the columns of the tables here.
OFFICE_HEADERS = {
    "参数": "name",
    "参数名": "name",
    "区划代码": "area_prefix",
    "地区": "area_prefix",
    "起始日期": "valid_from",
    "生效日期": "valid_from",
    "数值": "value",
    "取值": "value",
    "状态": "status",
    "来源": "source",
    "依据": "source",
    "风险": "risk",
    "致贫返贫风险": "risk",
    "劳动能力": "labour",
    "帮扶措施": "measure",
    "措施": "measure",
    "方式": "how",
}
REMARKS = ("note", "remark", "备注", "说明")  # columns that are for people
LAST_DAYS = ("valid_to", "valid_until", "终止日期", "截止日期", "失效日期")
ENDS_WITH_NEXT = Message("an entry holds until a later valid_from of the same name and area; remove this column")
NAME_IT_NOTE = Message("correct the header, or call a column that is for people only note")


@dataclass(frozen=True)
class OwnTable:
    """A table of an office, with what its errors are said in.

    Attributes
    ----------
    frame : DataFrame
        The columns of the table, those not given missing; without blank rows.
    row : ndarray of int
        Number of each row in the file, below the header in row 1.
    file : str or Message
        Name of the file, or what stands for it.
    """

    frame: pd.DataFrame
    row: np.ndarray
    file: str | Message


def read_own_table(path: str | Path, columns: tuple[str, ...], needed: tuple[str, ...]) -> OwnTable:
    """Read a table of an office from a csv file in UTF-8 or GB18030, or the first sheet of an xlsx workbook.

    Parameters
    ----------
    path : path-like
        The file, with headers in its first row: names of `columns`, or 参数, 区划代码, 起始日期, 数值, 来源 and so on.
    columns, needed : tuple of str
        Columns that the table has, and those it must have.

    Returns
    -------
    OwnTable
        All cells as text.

    Raises
    ------
    InputError
        If it cannot be read, a column is missing, unknown or there twice.
    """
    path = Path(path)
    try:
        cells = _cells_of_workbook(path) if path.suffix.lower() == ".xlsx" else _cells_of_text(path)
    # A damaged workbook fails in whatever way the package that reads it does.
    except Exception as error:
        raise InputError(
            "cannot read {file}: expected a csv file in UTF-8 or GB18030, or an xlsx workbook", file=path.name
        ) from error
    headers = ["" if pd.isna(one) else str(one).strip() for one in cells.iloc[0]] if len(cells) else []
    body = cells.iloc[1:].set_axis(range(len(headers)), axis=1)
    given = [place for place, one in enumerate(headers) if one or body[place].notna().any()]
    frame = body[given].set_axis([headers[place] for place in given], axis=1).reset_index(drop=True)
    return table_in_memory(frame, columns, needed, path.name)


def _cells_of_text(path: Path) -> pd.DataFrame:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return pd.read_csv(io.StringIO(text), header=None, dtype="str", skip_blank_lines=False)


def _cells_of_workbook(path: Path) -> pd.DataFrame:
    cells = pd.read_excel(path, header=None, dtype=object, engine="calamine")
    return cells.map(_plain_cell).astype("str")


def _plain_cell(cell: Any) -> Any:
    """Return a cell as it would stand in a text: a day as such, a whole number without a point."""
    if pd.isna(cell) or not str(cell).strip():
        return np.nan
    if isinstance(cell, date):
        return str(cell)[:10]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def table_in_memory(
    frame: pd.DataFrame, columns: tuple[str, ...], needed: tuple[str, ...], file: str | Message
) -> OwnTable:
    """Return a frame with the columns of a table; see :func:`read_own_table`."""
    frame = frame.rename(columns={name: OFFICE_HEADERS.get(str(name).strip(), str(name).strip()) for name in frame})
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        office = tuple(next(zh for zh, name in OFFICE_HEADERS.items() if name == one) for one in columns)
        raise InputError(
            "{file}: column {missing} is missing; expected {columns} in the first row, or {office}",
            file=file, missing=tuple(missing), columns=columns, office=office,
        )  # fmt: skip
    double = frame.columns[frame.columns.duplicated()]
    if len(double):
        raise InputError("{file}: column {column} is there twice; keep one of them", file=file, column=double[0])
    unknown = [name for name in frame.columns if name not in (*columns, *REMARKS)]
    if unknown:
        raise InputError(
            "{file}: column {column} is none of {columns}: {advice}", file=file, column=unknown[0] or Message("empty"),
            columns=columns, advice=ENDS_WITH_NEXT if unknown[0] in LAST_DAYS else NAME_IT_NOTE,
        )  # fmt: skip
    filled = frame.notna().any(axis=1).to_numpy()
    row = np.arange(len(frame)) + 2  # below the headers; blank rows of a file count
    return OwnTable(frame.reindex(columns=list(columns))[filled].reset_index(drop=True), row[filled], file)


def refuse_first_odd_cell(table: OwnTable, checks: Mapping[str, tuple[pd.Series, Message | pd.Series]]) -> None:
    """Raise InputError for the first cell that no table has, with what was expected there.

    Parameters
    ----------
    table : OwnTable
        As it was given.
    checks : mapping of str to (Series of bool, Message or Series of Message)
        Column -> which of its cells are right, and what was expected, of all or of each.
    """
    for name, (good, expected) in checks.items():
        odd = np.flatnonzero(~good.to_numpy(dtype=bool))
        if not len(odd):
            continue
        at = odd[0]
        value = table.frame[name].iloc[at]
        raise InputError(
            "{file}: row {row}, {column} is {value}; expected {expected}",
            file=table.file,
            row=int(table.row[at]),
            column=name,
            value=Message("empty") if pd.isna(value) or not str(value).strip() else str(value).strip(),
            expected=expected if isinstance(expected, Message) else expected.iloc[at],
        )
