"""Zip archives of a register's files: unpacked into a folder of their own, if they are what they should be."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.files import SYNTHETIC_NOTE
from fanpin_risk.records.read.files import DATA_SUFFIXES, file_name, not_opened

__all__ = ["unpack"]

MOST_FILES = 20_000
MOST_TIMES = 200  # its own size that an archive may unpack to; tables of text come to 5 to 50 times
SMALL = 100 * 2**20  # bytes that any archive may unpack to
UTF8_NAME = 0x800  # flag of an entry whose name is UTF-8; without it the name is in the code page of who made it
ENCRYPTED_BIT = 0x1


def unpack(file: Path, folder: Path) -> Path:
    """Unpack the files of a register from a zip archive.

    Names that are not UTF-8 are taken as GB18030. Of files that are no data only the names are kept, so that it can be
    said that they were not read.

    Parameters
    ----------
    file : Path
        The archive.
    folder : Path
        Empty folder to unpack into.

    Returns
    -------
    Path
        The folder within `folder` that all files lie in, or `folder`.

    Raises
    ------
    UnreadableFileError
        If it is damaged, protected by a password, would unpack outside the folder or to more than it can hold in good
        faith. Nothing of it has been read then.
    """
    try:
        with ZipFile(file) as archive:
            entries = [(entry, _parts_of_path(entry)) for entry in archive.infolist() if not entry.is_dir()]
            _check(file, folder, [entry for entry, _ in entries])
            for entry, parts in entries:
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as unpacked:
                    if target.suffix.lower() in DATA_SUFFIXES or target.name == SYNTHETIC_NOTE:
                        with archive.open(entry) as packed:
                            shutil.copyfileobj(packed, unpacked)
    except FileExistsError as error:
        raise UnreadableFileError("holds two files of one name") from error
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, UnreadableFileError):
            raise
        raise UnreadableFileError(
            "is not a zip archive, or is damaged ({error})", error=type(error).__name__
        ) from error
    except OSError as error:
        raise not_opened(error) from error
    return _innermost(folder)


def _parts_of_path(entry: ZipInfo) -> tuple[str, ...]:
    """Return folders and name of an entry; refuse one that does not lie within the folder it is unpacked into."""
    name = entry.filename
    if not entry.flag_bits & UTF8_NAME:
        name = _own_name(name)
    name = name.replace("\\", "/")
    path = PurePosixPath(name)
    link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    if (
        not path.parts
        or path.is_absolute()
        or ".." in path.parts
        or PureWindowsPath(name).drive
        or "\0" in name
        or link
    ):
        raise UnreadableFileError(
            "holds an entry that would be unpacked outside its own folder; nothing of it was read. Have the archive made again"
        )
    return path.parts


def _own_name(name: str) -> str:
    """Return a name that zipfile took as code page 437 as it was meant: UTF-8 if it is, else GB18030."""
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _check(file: Path, folder: Path, entries: list[ZipInfo]) -> None:
    """Refuse an archive that is protected or far larger within than without."""
    if any(entry.flag_bits & ENCRYPTED_BIT for entry in entries):
        raise UnreadableFileError("is protected by a password; unpack it and give the folder")
    own, total = file.stat().st_size, sum(entry.file_size for entry in entries)
    overlap = sum(entry.compress_size for entry in entries) > own
    if len(entries) > MOST_FILES or overlap or total > max(SMALL, MOST_TIMES * own):
        raise UnreadableFileError(
            "would unpack to {count:,} files and {times:,.0f} times its size, as archives do that are made to harm; nothing "
            "of it was read. If it is in order, unpack it and give the folder",
            count=len(entries), times=total / max(own, 1),
        )  # fmt: skip
    if total > shutil.disk_usage(folder).free:
        raise UnreadableFileError("unpacks to more than the disk of temporary files has room for")


def _innermost(folder: Path) -> Path:
    """Return the first folder that holds more than one folder: archives often hold a single one."""
    while True:
        inside = list(_not_hidden(folder))
        if len(inside) != 1 or not inside[0].is_dir():
            return folder
        folder = inside[0]


def _not_hidden(folder: Path) -> Iterator[Path]:
    """Give what lies in a folder, without what macOS adds."""
    return (path for path in folder.iterdir() if not file_name(path).startswith(("__MACOSX", ".")))
