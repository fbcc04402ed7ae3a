"""The file of proposed corrections: what a clerk fills in, written for a spreadsheet and read back from one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from fanpin_risk.arguments import a_path
from fanpin_risk.errors import InputError
from fanpin_risk.files import write_table
from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.declarations import Column
from fanpin_risk.records.schema import TABLES
from fanpin_risk.visits.cells_back import cells_of_file
from fanpin_risk.words import Message, listed

__all__ = ["DECISIONS", "PROPOSAL_COLUMNS", "read_corrections", "write_corrections"]

# What a clerk decides; an empty cell is not decided yet.
DECISIONS: Mapping[str, Message] = MappingProxyType(
    {"accept": Message("accept", context="decision"), "reject": Message("reject", context="decision")}
)
PROPOSAL_COLUMNS = (
    "decision", "entry", "action", "table", "household_id", "member_id", "column", "old", "new", "date", "event_key", "says",
)  # fmt: skip
NEEDED_TO_READ = ("entry", "action", "table", "household_id", "member_id", "column", "old", "new", "date")
FOR_READERS_ONLY = ("says",)  # in words, for the reader of the file only
FIRST_LINE = 2  # of a file, below its headers
PARQUET = ".parquet"


def write_corrections(corrections: Iterable[Mapping[str, Any]], path: str | os.PathLike[str]) -> Path:
    """Write proposed corrections for a clerk to decide on.

    Parameters
    ----------
    corrections : iterable of mapping
        ``attrs["corrections"]`` of :func:`fanpin_risk.read_visits`.
    path : path-like
        Ends in .csv, .parquet or .xlsx; a workbook has a list to choose the decision from.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the ending is another one, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> one = {"entry": 1, "action": "change", "table": "households", "household_id": "H1", "member_id": "",
    ...        "column": "size_declared", "old": "3", "new": "4", "date": pd.Timestamp("2025-01-15"), "event_key": ""}
    >>> file = write_corrections([one], a_path("path", tempfile.mkdtemp()) / "corrections.csv")
    >>> read_corrections(file)[["row", "decision", "column", "new"]].values.tolist()
    [[2, '', 'size_declared', '4']]
    """  # fmt: skip
    rows = [{"decision": "", **one, "says": said_of_line(one)} for one in corrections]
    frame = pd.DataFrame(rows, columns=[*PROPOSAL_COLUMNS])
    choices = {"decision": [label.shown() for label in DECISIONS.values()]}
    return write_table(frame, a_path("path", path), kind="visit results", choices=choices)


def said_of_line(one: Mapping[str, Any]) -> str:
    """Say what a cell is about, in the language of the run."""
    table = TABLES.get(str(one["table"]))
    if table is None or one["column"] not in table:
        return ""
    column = table[str(one["column"])]
    named = listed([table.label, Message(column.name, zh=column.zh)], between="; ")
    old, new = (_value_said(column, str(one[name])) for name in ("old", "new"))
    if not str(one["new"]):
        return Message("{column}: to be filled in", column=named).shown()
    if not str(one["old"]):
        return Message("{column}: {new}", column=named, new=new).shown()
    return Message("{column}: {old} -> {new}", column=named, old=old, new=new).shown()


def _value_said(column: Column, text: str) -> Message | str:
    if column.type in ("code", "codes") and text:
        return listed(
            Message(code, zh=column.codes[code][0]) if code in column.codes else code for code in text.split(";")
        )
    if column.type == "bool" and text in ("True", "False"):
        return Message("yes") if text == "True" else Message("no")
    return text


def read_corrections(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a file of proposed corrections, as it was written or after a spreadsheet saved it anew.

    Parameters
    ----------
    path : path-like
        A workbook, a csv in UTF-8 or GB18030, or a parquet file.

    Returns
    -------
    DataFrame
        ``row`` (number of the line as the file shows it) and :data:`PROPOSAL_COLUMNS` but for the words, with the cells as they stand.

    Raises
    ------
    InputError
        If no sheet has the columns.
    UnreadableFileError
        If the file cannot be read.

    Examples
    --------
    See :func:`write_corrections`.
    """
    file = a_path("path", path)
    named = [name for name in PROPOSAL_COLUMNS if name not in FOR_READERS_ONLY]
    if file.suffix.lower() == PARQUET and file.is_file():
        frame = pd.read_parquet(file)
        _require_columns(file, [str(name) for name in frame.columns])
        cells = {name: frame[name].astype(object).tolist() if name in frame else [""] * len(frame) for name in named}
        return pd.DataFrame({"row": range(FIRST_LINE, FIRST_LINE + len(frame)), **cells}).astype({"row": "int64"})
    headers: list[str] = []
    for sheet in cells_of_file(file):
        filled = [(number, cells) for number, cells in sheet.rows if any(as_text(cell).strip() for cell in cells)]
        if not filled:
            continue
        found = [as_text(cell).strip() for cell in filled[0][1]]
        headers = headers or found
        if set(NEEDED_TO_READ) <= set(found):
            places = {name: found.index(name) for name in named if name in found}
            rows = [
                {"row": number, **{name: _cell_at(cells, places.get(name)) for name in named}}
                for number, cells in filled[1:]
            ]
            return pd.DataFrame(rows, columns=["row", *named], dtype=object).astype({"row": "int64"})
    _require_columns(file, headers)
    raise InputError("{file} has no line", file=file.name)


def _require_columns(file: Path, headers: list[str]) -> None:
    lacking = tuple(name for name in NEEDED_TO_READ if name not in headers)
    if lacking:
        raise InputError(
            "{file} has no column {missing}; expected a file of corrections as 'visits read --corrections' writes it",
            file=file.name, missing=lacking,
        )  # fmt: skip


def _cell_at(cells: list[Any], place: int | None) -> Any:
    """Return a cell; without the apostrophe that keeps a spreadsheet from running a text."""
    cell = "" if place is None or place >= len(cells) or cells[place] is None else cells[place]
    return cell.strip().removeprefix("'") if isinstance(cell, str) else cell
