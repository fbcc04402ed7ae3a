"""The files of a register: which of a folder are read, and what is said of the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from fanpin_risk.errors import InputError, SchemaError, UnreadableFileError
from fanpin_risk.files import FORMATS, SYNTHETIC_NOTE, SYNTHETIC_SOURCE
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.assignment import tables_named
from fanpin_risk.records.read.column_map import COLUMNS_FILE
from fanpin_risk.records.read.files import (
    ARCHIVE_SUFFIXES,
    DATA_SUFFIXES,
    ZIP_SUFFIX,
    file_name,
    file_stem,
    without_password,
)
from fanpin_risk.words import Message, listed

__all__ = [
    "names_households",
    "no_households",
    "note_no_households",
    "note_unreadable",
    "register_files",
    "register_source",
]

OWN_OUTPUTS = frozenset(("scores", "watchlist", "unscored", "problems", "coverage", "counts"))
NOT_DATA = re.compile(r"^(?:\.|~\$|_|readme|license|说明|manifest)|\.(?:md|json|log|tmp|bak|lock)$", re.IGNORECASE)
OWN_FOLDERS = frozenset(("rejected", "parts", "models"))
MOST_NAMED = 10  # files in a message
AN_ARCHIVE = Message("is an archive within a folder and was not read; unpack it, or give it alone")


def register_files(
    path: Path,
    problems: Problems,
    *,
    flat: bool = False,
    leave: Path | None = None,
    none_ok: bool = False,
    name: str = "",
    archives: list[Path] | None = None,
) -> list[Path]:
    """Return the files of a register that are to be read, in the order of their names.

    Parameters
    ----------
    path : Path
        A folder, or one file.
    problems : Problems
        Takes what is said of files that look like data but are not read.
    flat : bool
        Leave folders within the folder alone.
    leave : Path, optional
        A file that is no part of the register, wherever it lies.
    none_ok : bool
        A folder without any such file is no error.
    name : str
        What the path is called in messages; default: as it stands, without a password.
    archives : list of Path, optional
        Takes the zip archives of a folder that holds nothing but archives, as one of a county in which each township sends
        one. Beside files they may repeat these, and are only named.

    Returns
    -------
    list of Path
        At least one, unless there may be none or there are `archives`.

    Raises
    ------
    InputError
        If the path does not exist or holds no such file.
    """
    if path.is_file():
        return [path]
    shown = name or without_password(str(path))
    if not path.is_dir():
        raise InputError(
            "{path} does not exist; expected a folder of csv, xlsx or parquet files, a workbook, a zip archive, or the "
            "address of a database such as postgresql://server/county",
            path=shown,
        )
    files: list[Path] = []
    packed: list[Path] = []
    found = sorted(path.iterdir()) if flat else sorted(_below(path))
    for file in found:
        if NOT_DATA.search(file.name) or file.name in (SYNTHETIC_NOTE, COLUMNS_FILE):
            continue
        if leave is not None and leave.exists() and file.exists() and file.samefile(leave):
            continue
        suffix = file.suffix.lower()
        if not file.is_file():
            if suffix in DATA_SUFFIXES:
                note_unreadable(file, _not_a_file(file), problems)
        elif file_stem(file).lower() in OWN_OUTPUTS and suffix in FORMATS:
            text = Message("has the name of a result of this program and was not read")
            problems.note(table="", source=file_name(file), code="own_output", text=text)
        elif suffix in DATA_SUFFIXES:
            files.append(file)
        elif suffix == ZIP_SUFFIX and archives is not None:
            packed.append(file)
        else:
            text = (
                AN_ARCHIVE
                if suffix in ARCHIVE_SUFFIXES
                else Message("is not a csv, xlsx, xls, ods or parquet file and was not read")
            )
            problems.note(table="", source=file_name(file), code="unknown_file_type", text=text)
    if archives is not None and not files:
        archives += packed
    for file in packed if files else ():
        problems.note(table="", source=file_name(file), code="unknown_file_type", text=AN_ARCHIVE)
    if not files and not packed and not none_ok:
        raise InputError("{path} holds no csv, xlsx, xls, ods or parquet file", path=shown)
    return files


def _below(folder: Path) -> Iterator[Path]:
    """Give what lies in a folder and in the folders within it, but in those of results and rejected rows."""
    for path in folder.iterdir():
        yield path
        own = path.name in OWN_FOLDERS or path.suffix.lower() in DATA_SUFFIXES or NOT_DATA.search(path.name)
        if path.is_dir() and not path.is_symlink() and not own:
            yield from _below(path)


def _not_a_file(path: Path) -> UnreadableFileError:
    if path.is_dir():
        return UnreadableFileError("is a folder; files in it are not read")
    return UnreadableFileError("is not a file, or is a link to a file that does not exist")


def note_unreadable(file: Path, error: UnreadableFileError, problems: Problems) -> None:
    """Report a file that cannot be read, under the table that its name names, if any."""
    problems.note(
        table=next(iter(tables_named(file_stem(file))), ""),
        source=file_name(file),
        code="unreadable_file",
        severity="rejected",
        text=Message("{reason}; mend or replace the file and read again", reason=error.message),
    )


def names_households(files: Iterable[str]) -> bool:
    """Tell whether any of some files that could not be read is of households by its name: then no other stands for it.

    Examples
    --------
    >>> names_households(["户信息.xlsx"]), names_households(["家庭收入.xlsx"])
    (True, False)
    """
    return any("households" in tables_named(file_stem(Path(file))) for file in files)


def no_households(name: str, files: Sequence[str], unreadable: Mapping[str, UnreadableFileError]) -> SchemaError:
    """Return the error for a register in which no sheet of households was found.

    Parameters
    ----------
    name : str
        What the register is called.
    files : sequence of str
        Names of its files.
    unreadable : mapping of str to UnreadableFileError
        Names of files that could not be read, and why.
    """
    found = Message(
        "no households (户基本信息) found in {name}; expected a file or sheet named households or 户信息, or with a header "
        "户编号 beside others that are known; 序号 or 户主姓名 do not identify a household: add 户编号, or 户主身份证号 with --id-key; a "
        "form for each household (一户一表) is not read, copy such forms into a table with a row for each household; nor is a "
        "sheet with households side by side, transpose it; files looked at: {files}",
        name=name,
        files=listed(files[:MOST_NAMED]),
    )
    if not unreadable:
        return SchemaError(found)
    reasons = [Message("{file} ({reason})", file=file, reason=error.message) for file, error in unreadable.items()]
    return SchemaError("{found}; could not be read: {files}", found=found, files=listed(reasons))


def note_no_households(error: SchemaError, source: str, problems: Problems) -> None:
    """Report that there are no households, where that is not an error."""
    problems.note(table="households", source=source, code="no_households", severity="rejected", text=error.message)


def register_source(path: Path) -> str:
    """Return the name of a register; of one that was made up, what the note in its folder says.

    Parameters
    ----------
    path : Path
        A folder, or one file.

    Returns
    -------
    str
        Begins with `SYNTHETIC_SOURCE` if the register was made up.
    """
    note = path / SYNTHETIC_NOTE
    if not note.is_file():
        return file_name(path)
    last = note.read_bytes()[-1000:].decode("utf-8", errors="replace").strip().rpartition("\n")[2]
    return last if last.startswith(SYNTHETIC_SOURCE) else f"{SYNTHETIC_SOURCE}unknown"
