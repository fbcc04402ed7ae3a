"""The cells of files that come back, of whatever kind the program that saved them wrote."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, NamedTuple

from fanpin_risk.errors import InputError, UnreadableFileError
from fanpin_risk.records.read.files import kind_of, not_opened
from fanpin_risk.records.read.text import decode_text
from fanpin_risk.records.read.workbook import plain_cells_of

__all__ = ["SheetBack", "cells_of_file", "files_of"]

TEXT_DELIMITERS = ",\t;"
READ_ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".fods", ".csv", ".tsv", ".txt", ".et", ".html", ".htm")


class SheetBack(NamedTuple):
    """A sheet as it came back.

    Attributes
    ----------
    name : str
        ``""`` of a text.
    rows : list of (int, list)
        Number of the row as the file shows it, and its cells.
    merged : tuple
        First and last cell of each range, row before column, counted from 1.
    """

    name: str
    rows: list[tuple[int, list[Any]]]
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()


def files_of(paths: list[Path]) -> list[Path]:
    """Return the files that are meant: of a folder those in it that could be sheets.

    Raises
    ------
    InputError
        If there is none.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*"))
            found += [
                one for one in inside if one.suffix.lower() in READ_ENDINGS and not one.name.startswith((".", "~$"))
            ]
        else:
            found.append(path)
    if not found:
        raise InputError("no file of visits there; expected one that ends in one of {endings}", endings=READ_ENDINGS)
    return found


def cells_of_file(file: Path) -> list[SheetBack]:
    """Return the sheets of a file with their cells.

    Parameters
    ----------
    file : Path
        A workbook of any kind, or a text with commas, tabs or semicolons.

    Returns
    -------
    list of SheetBack

    Raises
    ------
    UnreadableFileError
        If it cannot be read; the message names it.
    """
    try:
        if not file.is_file():
            raise UnreadableFileError("is not there")
        if kind_of(file) == "text":
            return [_sheet_of_text(file)]
        return [
            SheetBack(facts["sheet"], [*enumerate(rows, start=1)], tuple(facts.get("merged", ())))
            for facts, rows in plain_cells_of(file)
        ]
    except UnreadableFileError as error:
        raise UnreadableFileError("{file} {why}", file=file.name, why=error.message) from error


def _sheet_of_text(file: Path) -> SheetBack:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise not_opened(error) from error
    text = decode_text(content, None)[0].lstrip("\ufeff")
    first = text[: text.find("\n") if "\n" in text else len(text)]
    delimiter = max(TEXT_DELIMITERS, key=first.count)
    try:
        rows = [*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise UnreadableFileError("cannot be read as csv: {error}", error=error) from error
    return SheetBack("", [*enumerate(rows, start=1)])
