"""What a register may be read from, as files one after the other: a folder, a file, a zip archive, or a list of these."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.errors import InputError, UnreadableFileError
from fanpin_risk.files import SYNTHETIC_SOURCE
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.archive import unpack
from fanpin_risk.records.read.column_map import ColumnMap, columns_beside
from fanpin_risk.records.read.files import ZIP_SUFFIX, file_name, file_stem
from fanpin_risk.records.read.folder import note_unreadable, register_files, register_source
from fanpin_risk.records.sheets import SheetHead

__all__ = ["SourceFile", "SourceFiles", "paths_of", "source_files"]

MOST_IN_A_NAME = 3  # files by which a register is called


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a register.

    Attributes
    ----------
    path : Path
        Where it can be read.
    folder : str
        Folders within the register, with slashes, by which it is told from others of its name; empty for none.
    register : str
        Name of the folder or archive that is the register; empty for none.
    """

    path: Path
    folder: str = ""
    register: str = ""

    def labelled(self, head: SheetHead) -> SheetHead:
        """Return the head of a sheet of the file with the folders that it lies in."""
        source = f"{self.folder}/{head.source}" if self.folder else head.source
        return replace(head, folder=self.folder, register=self.register, source=source)


@dataclass(slots=True)
class SourceFiles:
    """The files of a register.

    Attributes
    ----------
    name : str
        What the register is called; begins with `SYNTHETIC_SOURCE` if it was made up.
    called : str
        Names of the paths that were given.
    files : list of SourceFile
        In the order in which they are read.
    mapped : ColumnMap
        What is said of headers, values and sheets.
    unreadable : dict of str to UnreadableFileError
        Archives that cannot be read, and why.
    """

    name: str
    called: str
    files: list[SourceFile]
    mapped: ColumnMap
    unreadable: dict[str, UnreadableFileError] = field(default_factory=dict)


def paths_of(source: Any) -> list[Path]:
    """Return the paths of a source: one, or several.

    Raises
    ------
    InputError
        If it is neither a path nor a list of paths.

    Examples
    --------
    >>> [path.name for path in paths_of(["a/户信息.csv", Path("members.csv")])]
    ['户信息.csv', 'members.csv']
    """
    several = source if isinstance(source, Sequence) and not isinstance(source, (str, bytes)) else [source]
    if not several:
        raise InputError("an empty list holds no register; give the paths of its files")
    for one in several:
        if not isinstance(one, (str, os.PathLike)):
            raise InputError(
                "expected a folder, a file, a list of files, the address of a database or a dict of frames, got {type}",
                type=type(one).__name__,
            )
    return [Path(one) for one in several]


@contextmanager
def source_files(
    source: Any,
    problems: Problems,
    *,
    columns: str | Path | pd.DataFrame | None = None,
    flat: bool = False,
    none_ok: bool = False,
) -> Iterator[SourceFiles]:
    """Give the files of a register; archives are unpacked as long as this lasts.

    Parameters
    ----------
    source : path-like or sequence of path-like
        Folders, files and zip archives.
    problems : Problems
        Takes what is said of files that are not read.
    columns : path-like, DataFrame or None
        What is said of headers, values and sheets. Default: by the file beside the first path that has one, or within
        an archive.
    flat : bool
        Leave folders within a folder alone.
    none_ok : bool
        A path without any file of data is no error.

    Yields
    ------
    SourceFiles

    Raises
    ------
    InputError
        If a path does not exist, or holds no file of data, or `columns` cannot be understood.
    """
    paths = paths_of(source)
    unreadable: dict[str, UnreadableFileError] = {}
    with ExitStack() as stack:
        places: list[tuple[Path, Path]] = []  # what was given, and where its files are
        for path in paths:
            if path.suffix.lower() != ZIP_SUFFIX or not path.is_file():
                places.append((path, path))
                continue
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fanpin-risk-")))
            try:
                places.append((path, unpack(path, folder)))
            except UnreadableFileError as error:
                unreadable[file_name(path)] = error
                note_unreadable(path, error, problems)
        beside = (columns_beside(one, columns) for place in places for one in reversed(place))
        mapped, own_file = next((found for found in beside if found[0].source), (ColumnMap(), None))
        files: list[SourceFile] = []
        synthetic = ""
        for path, place in places:
            archives: list[Path] = []
            own = register_files(
                place, problems, flat=flat, leave=own_file, none_ok=none_ok, name=file_name(path) if place != path else "",
                archives=archives if place == path else None,
            )  # fmt: skip
            mark = register_source(place)
            synthetic = synthetic or (mark if mark.startswith(SYNTHETIC_SOURCE) else "")
            outer = "" if len(paths) == 1 or place.is_file() else file_name(path)
            named = file_name if path == place else file_stem  # without .zip
            register = named(path.resolve()) if place.is_dir() else ""
            for file in own:
                within = place.is_dir() and file.parent != place
                files.append(SourceFile(file, _folders(file, place) if within else outer, register))
            for archive in archives:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fanpin-risk-")))
                try:
                    inside = unpack(archive, folder)
                except UnreadableFileError as error:
                    unreadable[file_name(archive)] = error
                    note_unreadable(archive, error, problems)
                    continue
                above = [outer, _folders(archive, place), file_stem(archive)]
                for file in register_files(inside, problems, none_ok=none_ok, name=file_name(archive)):
                    at = "/".join(part for part in (*above, _folders(file, inside)) if part)
                    files.append(SourceFile(file, at, register))
        called = _register_called(paths)
        yield SourceFiles(synthetic or called, called, _told_apart(files), mapped, unreadable)


def _folders(file: Path, place: Path) -> str:
    """Return the folders within a place that a file lies in."""
    return "/".join(file_name(Path(part)) for part in file.relative_to(place).parent.parts)


def _register_called(paths: Sequence[Path]) -> str:
    names = [file_name(path) for path in paths]
    return ", ".join(names[:MOST_IN_A_NAME]) + (", ..." if len(names) > MOST_IN_A_NAME else "")


def _told_apart(files: list[SourceFile]) -> list[SourceFile]:
    """Return the files, those that share a name and stand alone with the folder that they lie in."""
    names = Counter((file.folder, file.path.name) for file in files)
    return [
        replace(file, folder=file_name(file.path.parent)) if not file.folder and names["", file.path.name] > 1 else file
        for file in files
    ]
