"""Workbooks as sheets."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.records.read.builder import SheetBuilder
from fanpin_risk.records.read.files import file_name
from fanpin_risk.records.read.header_rows import HEADER_ROWS, find_header
from fanpin_risk.records.sheets import Sheet

__all__ = ["read_workbook"]


def read_workbook(file: Path) -> list[Sheet]:
    """Read all sheets of a workbook in which anything stands.

    Parameters
    ----------
    file : Path

    Returns
    -------
    list of Sheet
        At least one, in the order of the workbook.

    Raises
    ------
    UnreadableFileError
        If it is protected, damaged or empty.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with file.open("rb") as stream, CalamineWorkbook.from_filelike(stream) as workbook:
            contents = [_contents(workbook, number) for number in range(len(workbook.sheet_names))]
    except PasswordError as error:
        raise UnreadableFileError("is protected by a password; save it without one") from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFileError("is no workbook, or a damaged one ({error})", error=type(error).__name__) from error
    contents = [(facts, rows) for facts, rows in contents if any(cell != "" for row in rows for cell in row)]
    if not contents:
        raise UnreadableFileError("is empty")
    sheets = []
    for facts, rows in contents:
        header = find_header(rows[:HEADER_ROWS])
        builder = SheetBuilder(header, text=False)
        for number, row in islice(enumerate(rows, start=1), header.end, None):
            builder.add(number, row)
        name = file_name(file)
        source = name if len(contents) == 1 else f"{name}[{facts['sheet']}]"
        sheets.append(builder.sheet(header.head(file=name, source=source, **facts)))
    return sheets


def _contents(workbook: Any, number: int) -> tuple[dict[str, Any], list[list[Any]]]:
    """Return what a workbook says of a sheet, and the cells of the sheet."""
    from python_calamine import SheetVisibleEnum

    sheet = workbook.get_sheet_by_index(number)
    facts = {
        "sheet": sheet.name,
        "hidden": workbook.sheets_metadata[number].visible != SheetVisibleEnum.Visible,
        "merged": tuple(
            ((top + 1, left + 1), (bottom + 1, right + 1))
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        ),
    }
    return facts, sheet.to_python(skip_empty_area=False)
