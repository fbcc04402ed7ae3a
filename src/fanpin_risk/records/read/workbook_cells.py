"""The cells of a workbook, as the library of values gives them; run as a program, those of one file in a process of its own.

The library may end the whole process (memory for a stray cell in the farthest corner, a damaged file that it never
comes to the end of). Files that are not known to be harmless are therefore read in a process of its own, with bounds on
memory and time. This module imports nothing of this package, so that such a process starts at once.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["MOST_MEMORY", "cells_of", "cells_of_alone"]

MOST_MEMORY = 4 * 2**30  # bytes that reading one file may take, where the system can be asked to hold to it
LEAST_SECONDS = 60
SECONDS_PER_MB = 20

SheetCells = list[tuple[dict[str, Any], list[list[Any]]]]


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

    opened = CalamineWorkbook.from_path(str(file)) if isinstance(file, Path) else CalamineWorkbook.from_filelike(file)
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


def cells_of_alone(file: Path) -> SheetCells:
    """Return the same, read in a process of its own.

    Parameters
    ----------
    file : Path

    Returns
    -------
    list of (dict, list of list)

    Raises
    ------
    ValueError
        If it cannot be read: what the library threw, or how the process ended.
    TimeoutError
        If reading does not come to an end.
    """
    seconds = LEAST_SECONDS + SECONDS_PER_MB * file.stat().st_size / 1e6
    try:
        done = subprocess.run(  # noqa: S603  this very file
            [sys.executable, __file__, str(file)], capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError("no end") from error
    if done.returncode:
        raise ValueError(f"ended with {done.returncode}")
    result = pickle.loads(done.stdout)  # noqa: S301  written by this very file
    if isinstance(result, str):
        raise ValueError(result)  # noqa: TRY004  the name of what the library threw
    contents: SheetCells = result
    return contents


def _main(file: str) -> None:
    """Write the cells of a file, or the name of what the library threw."""
    _bound_memory()
    try:
        result: SheetCells | str = cells_of(Path(file))
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
