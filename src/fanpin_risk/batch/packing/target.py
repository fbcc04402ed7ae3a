"""The folder a packed register is put into: its path is checked before, its files are flushed in the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fanpin_risk.batch import layout
from fanpin_risk.errors import InputError
from fanpin_risk.files import sync_folder
from fanpin_risk.records.read.files import file_name

__all__ = ["check_places", "flush_folder", "unchanged"]


def check_places(out: Path, raw: Path) -> None:
    """Refuse folders for partitions and for raw rows whose paths Arrow and DuckDB cannot read, or read as other ones.

    Raises
    ------
    InputError
        If one is not UTF-8, or DuckDB would take signs in it for a pattern.
    """
    path = ""
    for name, folder in (("out", out), ("temp_dir", raw)):
        path = folder.absolute().as_posix()  # in which \\ is part of a name
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                "the path of {option} is not UTF-8, so no files can be made there; choose another", option=name
            ) from error
    if "?" in path or "\\" in path:
        raise InputError(
            "DuckDB cannot put raw rows into a folder whose path has a ? or \\; choose a temp_dir (--temp-dir) without"
        )


@contextmanager
def unchanged(file: Path) -> Iterator[None]:
    """Refuse a file that is another one in the end, for it is gone through several times.

    Raises
    ------
    InputError
        If it was changed or removed.
    """
    before, why = _state(file), None
    try:
        yield
    except (OSError, ValueError) as error:
        if _state(file) == before:
            raise
        why = error
    if _state(file) != before:
        raise InputError(
            "{file} was changed or removed while it was read; pack again when nobody writes to it", file=file_name(file)
        ) from why


def _state(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def flush_folder(folder: Path) -> None:
    """Have the disk hold what was written, before the folder gets its name; partitions are there already."""
    for file in [*folder.glob("*.*"), *folder.glob(f"{layout.REJECTED}/*")]:
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())
    sync_folder(folder)
