"""The folder a packed register is put into: checked before, flushed and renamed in the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fanpin_risk.batch import layout
from fanpin_risk.errors import InputError
from fanpin_risk.files import sync_folder
from fanpin_risk.records.read.files import file_name

__all__ = ["check_places", "check_target", "flush_folder", "put_in_place", "unchanged"]


def check_target(out: Path, *, overwrite: bool) -> None:
    """Refuse a target that is not free, nor a packed register that may be overwritten.

    Raises
    ------
    InputError
        If something else lies there, or `overwrite` is not given.
    """
    if out.is_file():
        raise InputError("{out} is a file; expected a folder to make", out=out)
    if not out.is_dir() or not any(out.iterdir()):
        return
    if not layout.is_packed(out) or any(entry.name not in layout.FILES for entry in out.iterdir()):
        raise InputError("{out} holds other files; choose a new folder", out=out)
    if not overwrite:
        raise InputError(
            "{out} is a packed register already; choose a new folder, or overwrite it (--overwrite)", out=out
        )


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


def put_in_place(building: Path, out: Path) -> None:
    """Give a finished folder its name, in place of an older one."""
    if not out.exists():
        building.rename(out)
        return
    old = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-old~"))
    out.rename(old / out.name)
    building.rename(out)
    shutil.rmtree(old, ignore_errors=True)
