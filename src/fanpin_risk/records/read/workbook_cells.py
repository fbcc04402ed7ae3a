"""The cells of a workbook, as the library of values gives them; run as a program, those of one file in a process of its own.

Web pages, XML and OpenDocument are read by parsers of this package; of xls and xlsb they find what the library does not
tell. The library may end the whole process (memory for a stray cell in the farthest corner, a damaged file that it never
comes to the end of). Files that are not known to be harmless are therefore read in a process of its own, with bounds on
memory and time. This module imports only what is light, so that such a process starts at once.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from fanpin_risk import workbooks
from fanpin_risk.workbooks.grid import NotReadError, SheetCells
from fanpin_risk.workbooks.html_tables import cells_of_html, cells_of_mhtml
from fanpin_risk.workbooks.kinds import kind_of_workbook
from fanpin_risk.workbooks.markup import decoded
from fanpin_risk.workbooks.ods import cells_of_flat, cells_of_ods
from fanpin_risk.workbooks.spreadsheet_xml import cells_of_xml
from fanpin_risk.workbooks.xls import xls_facts
from fanpin_risk.workbooks.xlsb import xlsb_facts

__all__ = ["MOST_MEMORY", "cells_of", "cells_of_alone", "cells_of_any"]

MOST_MEMORY = 4 * 2**30  # bytes that reading one file may take, where the system can be asked to hold to it
LEAST_SECONDS = 60
SECONDS_PER_MB = 20
ENDINGS = (".xlsx", ".xlsm")  # the library goes by the ending, where there is one
IMPORTED_FROM = Path(workbooks.__file__).parents[2]  # where the other process finds this package
OF_MARKS = {"html": cells_of_html, "xml": cells_of_xml, "fods": cells_of_flat}


def cells_of(file: Path | BinaryIO) -> SheetCells:
    """Return what a workbook says of each sheet, and the cells of the sheet.

    Parameters
    ----------
    file : Path or binary file
        Of any kind that the library reads.

    Returns
    -------
    list of (dict, list of list)
        Per sheet ``sheet`` (its name), ``hidden`` and ``merged`` (first and last cell of each range, row before column,
        counted from 1), and its cells row by row.
    """
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    if isinstance(file, Path) and file.suffix.lower() in ENDINGS:
        opened = CalamineWorkbook.from_path(str(file))
    else:
        opened = CalamineWorkbook.from_filelike(BytesIO(file.read_bytes()) if isinstance(file, Path) else file)
    contents = []
    with opened as workbook:
        for number in range(len(workbook.sheet_names)):
            sheet = workbook.get_sheet_by_index(number)
            facts = {
                "sheet": sheet.name,
                "hidden": workbook.sheets_metadata[number].visible != SheetVisibleEnum.Visible,
                "merged": tuple(
                    ((top + 1, left + 1), (bottom + 1, right + 1))
                    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
                ),
            }
            contents.append((facts, sheet.to_python(skip_empty_area=False)))
    return contents


def cells_of_any(file: Path) -> SheetCells:
    """Return the same of a file of any kind, with all that is known of its cells.

    Parameters
    ----------
    file : Path

    Returns
    -------
    list of (dict, list of list)
        Beside the facts of :func:`cells_of`, where they are known: ``odd_cells`` (row and column -> what Excel shows),
        ``hidden_rows``, ``hidden_columns``, ``n_far`` (stray cells that were left out), and ``damaged``, whether
        characters of its text did not decode.

    Raises
    ------
    NotReadError
        If it is not to be read, and why.
    ValueError
        If it is damaged.
    """
    kind = kind_of_workbook(file)
    if kind == "ods":
        return cells_of_ods(file)
    if kind == "mhtml":
        return cells_of_mhtml(file.read_bytes())
    if kind in OF_MARKS:
        text = decoded(file.read_bytes())
        contents = OF_MARKS[kind](text)
        for facts, _ in contents:
            facts["damaged"] = "\ufffd" in text
        return contents
    if kind == "compound":
        content = file.read_bytes()
        of_sheets = xls_facts(content)
        contents = cells_of(BytesIO(content))
        by_name = {facts["sheet"]: facts for facts in of_sheets}
        for number, (facts, _) in enumerate(contents):
            more = of_sheets[number] if len(of_sheets) == len(contents) else by_name[facts["sheet"]]
            facts.update(more, sheet=facts["sheet"])
        return contents
    contents = cells_of(file)
    if kind == "xlsb":
        known = xlsb_facts(file)
        for facts, _ in contents:
            facts.update(known[facts["sheet"]])
    return contents


def cells_of_alone(file: Path) -> SheetCells:
    """Return what :func:`cells_of_any` returns, read in a process of its own.

    Parameters
    ----------
    file : Path

    Returns
    -------
    list of (dict, list of list)

    Raises
    ------
    NotReadError
        If it is not to be read, and why.
    ValueError
        If it cannot be read: what the library threw, or how the process ended.
    TimeoutError
        If reading does not come to an end.
    """
    seconds = LEAST_SECONDS + SECONDS_PER_MB * file.stat().st_size / 1e6
    try:
        done = subprocess.run(  # noqa: S603  this very file
            [sys.executable, __file__, str(file)],
            capture_output=True,
            timeout=seconds,
            check=False,
            env=os.environ
            | {
                "PYTHONPATH": os.pathsep.join([str(IMPORTED_FROM), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
            },
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError("no end") from error
    if done.returncode:
        raise ValueError(f"ended with {done.returncode}")
    result = pickle.loads(done.stdout)  # noqa: S301  written by this very file
    if isinstance(result, NotReadError):
        raise result
    if isinstance(result, str):
        raise ValueError(result)  # noqa: TRY004  the name of what the library threw
    contents: SheetCells = result
    return contents


def _main(file: str) -> None:
    """Write the cells of a file, or the name of what the library threw."""
    _bound_memory()
    try:
        result: SheetCells | NotReadError | str = cells_of_any(Path(file))
    except NotReadError as error:
        result = error
    except BaseException as error:  # noqa: BLE001  whatever compiled code throws
        result = type(error).__name__
    sys.stdout.buffer.write(pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL))


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such bound; a process that ends there ends alone, too
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    _main(sys.argv[1])
