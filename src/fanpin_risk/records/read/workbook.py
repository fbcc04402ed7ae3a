"""Workbooks as sheets."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.records.headers import names_id
from fanpin_risk.records.read.builder import SheetBuilder
from fanpin_risk.records.read.files import file_name
from fanpin_risk.records.read.header_rows import HEADER_ROWS, USUAL, Header, HeaderSearch, find_header
from fanpin_risk.records.read.side_by_side import unfolded
from fanpin_risk.records.read.stacked import n_titles, tables_below, with_note_below
from fanpin_risk.records.read.text import without_damage
from fanpin_risk.records.read.workbook_cells import cells_of, cells_of_alone
from fanpin_risk.records.read.workbook_facts import (
    ProtectedError,
    SheetFacts,
    TooLargeError,
    WorkbookFacts,
    read_facts,
)
from fanpin_risk.records.sheets import Cell, Sheet
from fanpin_risk.words import Message
from fanpin_risk.workbooks.grid import FEWEST_FAR_COLUMNS, FEWEST_FAR_ROWS, NotReadError

__all__ = ["plain_cells_of", "read_workbook"]

# Why a file is not read, and what to do.
WHY_NOT_READ: Mapping[str, Message] = {
    "protected": Message("is protected by a password; save it without one"),
    "no_workbook": Message(
        "is a file of another program with the name of a workbook; open it there and save it as xlsx"
    ),
    "no_table": Message("is a web page without a table; open what was exported in Excel and save it as xlsx"),
    "elsewhere": Message(
        "is a web page whose sheets lie in other files, in a folder beside it; open it in Excel and save it as xlsx"
    ),
    "entities": Message("declares entities, as no program does that exports tables; it was not read"),
    "too_large": Message("spreads over more cells than memory can hold; save it as csv"),
}
# What is known of the cells of a sheet, as `SheetFacts` has it; the rest is of the head of the sheet.
OF_CELLS = ("odd_cells", "hidden_rows", "hidden_columns", "n_far")


def read_workbook(file: Path, *, hidden: bool = False, search: HeaderSearch = USUAL) -> list[Sheet]:
    """Read all sheets of a workbook in which anything stands.

    What it is, xlsx, xls, xlsb, ods, a web page or XML, is told by its content. Merged cells are filled downward over their
    range, cells with an error or with a formula that was never calculated hold what Excel shows, and far stray cells are
    left out.

    Parameters
    ----------
    file : Path
    hidden : bool
        Read hidden rows and columns as well. Default: hidden rows are at fault, hidden columns left out but for ids.
    search : HeaderSearch
        What is taken for the header of a sheet.

    Returns
    -------
    list of Sheet
        At least one, in the order of the workbook.

    Raises
    ------
    UnreadableFileError
        If it is protected, damaged or empty.
    """
    facts_of, contents = _read(file)
    contents = [(facts, rows) for facts, rows in contents if any(cell != "" for row in rows for cell in row)]
    if not contents:
        raise UnreadableFileError("is empty")
    sheets: list[Sheet] = []
    for facts, rows in contents:
        known = SheetFacts(**{name: facts.pop(name) for name in OF_CELLS if name in facts})
        known = facts_of.sheets.get(facts["sheet"], known)
        damaged = facts.pop("damaged", False)
        _show_odd(rows, known.odd_cells)
        header = find_header(rows[:HEADER_ROWS], search, facts["merged"])
        tables = [(0, header), *tables_below(rows, header, search, facts["merged"])]
        name = file_name(file)
        source = name if len(contents) == 1 else f"{name}[{facts['sheet']}]"
        own_tables: list[Sheet] = []
        for part, (top, own) in enumerate(tables, start=1):
            stop = tables[part][0] if part < len(tables) else len(rows)
            header = with_note_below(own, rows[own.end : stop])
            _fill_merged(rows[:stop], facts["merged"], header.end)
            left_out = {} if hidden else _hidden_columns(header, known)
            builder = SheetBuilder(header, text=False)
            for number, row in islice(enumerate(rows[:stop], start=1), header.end, None):
                reason = "" if hidden or number not in known.hidden_rows else "hidden_row"
                builder.add(number, *(without_damage(row, reason) if damaged else (row, reason)))
            head = header.head(
                file=name, source=source, n_far=known.n_far if part == 1 else 0, hidden_headers=left_out, **facts
            )
            own_tables.append(builder.sheet(head.below(part)))
            own_tables[-1].n_titles = n_titles(rows[top : header.end], header) if part > 1 else 0
        sheets += unfolded(own_tables)
    return sheets


def plain_cells_of(file: Path) -> list[tuple[dict[str, Any], list[list[Any]]]]:
    """Return what a workbook says of each sheet, and its cells as they stand, without looking for tables in them.

    Parameters
    ----------
    file : Path
        Of any kind that :func:`read_workbook` reads.

    Returns
    -------
    list of (dict, list of list)
        As :func:`fanpin_risk.records.read.workbook_cells.cells_of` gives them; cells with an error hold what Excel shows.

    Raises
    ------
    UnreadableFileError
        If it is protected or damaged.
    """
    facts_of, contents = _read(file)
    for facts, rows in contents:
        known = facts_of.sheets.get(facts["sheet"])
        odd = facts.get("odd_cells", {}) if known is None else known.odd_cells
        if rows and odd:
            _show_odd(rows, odd)
    return contents


def _show_odd(rows: list[list[Any]], odd_cells: Mapping[Cell, str]) -> None:
    """Write what Excel shows in cells without a usable value, also where they are the last of their rows or columns."""
    width = len(rows[0])
    near = {
        (below, right): shown
        for (below, right), shown in odd_cells.items()
        if below <= len(rows) + FEWEST_FAR_ROWS and right <= width + FEWEST_FAR_COLUMNS
    }
    more = max((right for _, right in near), default=0) - width
    if more > 0:
        for row in rows:
            row.extend([""] * more)
    for _ in range(max((below for below, _ in near), default=0) - len(rows)):
        rows.append([""] * len(rows[0]))
    for (below, right), shown in near.items():
        rows[below - 1][right - 1] = shown


def _fill_merged(rows: list[list[Any]], merged: tuple[tuple[Cell, Cell], ...], end: int) -> None:
    """Write what a merged cell holds into every row of its range, in its first column."""
    for (top, left), (bottom, _) in merged:
        if top > end:
            for row in rows[top:bottom]:
                if row[left - 1] == "":
                    row[left - 1] = rows[top - 1][left - 1]


def _hidden_columns(header: Header, facts: SheetFacts) -> dict[int, str]:
    """Take hidden columns out of a header, but for those of ids, and return their headers by position."""
    left_out = {}
    for number in sorted(facts.hidden_columns):
        if number <= len(header.cells) and (text := header.cells[number - 1]) and not names_id(text):
            left_out[number - 1] = text
            header.cells[number - 1] = ""
    return left_out


def _read(file: Path) -> tuple[WorkbookFacts, list[tuple[dict[str, Any], list[list[Any]]]]]:
    """Return what is known of a workbook, and the cells of its sheets."""
    from python_calamine import CalamineError

    try:
        facts = read_facts(file)
        if not facts.harmless:
            return facts, cells_of_alone(file)
        return facts, cells_of(file if facts.content is None else BytesIO(facts.content))
    except NotReadError as error:
        raise UnreadableFileError(WHY_NOT_READ[error.reason]) from error
    except TooLargeError as error:
        raise UnreadableFileError(error.message) from error
    except ProtectedError as error:
        raise UnreadableFileError("is protected by a password; save it without one") from error
    except MemoryError as error:
        raise UnreadableFileError("takes more memory than there is; save it as csv") from error
    except TimeoutError as error:
        raise UnreadableFileError("cannot be read to its end; open it in Excel and save it as xlsx") from error
    except (
        CalamineError,
        OSError,
        ValueError,
        BadZipFile,
        RuntimeError,
        NotImplementedError,
        EOFError,
        KeyError,
    ) as error:
        raise _damaged(type(error).__name__) from error
    except zlib.error as error:
        raise _damaged("zlib.error") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what compiled code throws where it did not expect to fail
            raise
        raise _damaged("PanicException") from error


def _damaged(why: str) -> UnreadableFileError:
    return UnreadableFileError("is not a workbook, or is damaged ({error})", error=why)
