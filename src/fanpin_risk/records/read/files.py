"""Files one by one: what they are called, of which kind they are, and the error for those that cannot be read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.words import system_error
from fanpin_risk.workbooks.kinds import HEAD_BYTES, kind_of_content

__all__ = [
    "ARCHIVE_SUFFIXES",
    "DATA_SUFFIXES",
    "PASSWORD_OPTION",
    "ZIP_SUFFIX",
    "file_name",
    "file_stem",
    "kind_of",
    "not_opened",
    "without_password",
]

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods", ".fods")
PARQUET_SUFFIXES = (".parquet", ".pq")
ZIP_SUFFIX = ".zip"
ARCHIVE_SUFFIXES = (ZIP_SUFFIX, ".rar", ".7z", ".tar", ".gz", ".tgz")
DATA_SUFFIXES = TEXT_SUFFIXES + EXCEL_SUFFIXES + PARQUET_SUFFIXES
# User and password before the host of an address, or among its options.
PASSWORD = re.compile(r"^([A-Za-z][\w.+-]*:/+)?[^/@]*:.*@")
PASSWORD_OPTION = re.compile(r"\b((?:ssl)?pass(?:word|wd)?|pwd)=[^&\s]*", re.IGNORECASE)


def file_name(path: Path) -> str:
    """Return the name of a file or folder as it is shown.

    A name whose bytes are not UTF-8 is taken as GB18030, as archives from Windows have it.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str

    Examples
    --------
    >>> file_name(Path("county/户信息.csv"))
    '户信息.csv'
    """
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return os.fsencode(path.name).decode("gb18030", errors="replace")
    return path.name


def without_password(text: str) -> str:
    """Return a path or an address without the user and password that may stand in it.

    Examples
    --------
    >>> without_password("postgresql://clerk:secret@server/county"), without_password("county/2024")
    ('postgresql://***@server/county', 'county/2024')
    """
    return PASSWORD_OPTION.sub(r"\1=***", PASSWORD.sub(r"\1***@", text))


def file_stem(path: Path) -> str:
    """Return the name without its ending."""
    return Path(file_name(path)).stem


def kind_of(file: Path) -> Literal["text", "workbook", "parquet"]:
    """Tell by its first bytes how a file is to be read: many systems export a web page or a text and name it .xls.

    Parameters
    ----------
    file : Path
        With one of `DATA_SUFFIXES`.

    Returns
    -------
    {"text", "workbook", "parquet"}

    Raises
    ------
    UnreadableFileError
        If it cannot be opened, is empty, or is not what its ending says.
    """
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        raise not_opened(error) from error
    if not head:
        raise UnreadableFileError("is empty")
    suffix = file.suffix.lower()
    kind = kind_of_content(head)
    if suffix in PARQUET_SUFFIXES or kind == "parquet":
        return "parquet"
    if kind in ("text", "binary", "other_xml"):
        if kind == "binary" and suffix in EXCEL_SUFFIXES:
            raise UnreadableFileError("is not a workbook, or is damaged")
        if kind == "other_xml" and suffix in EXCEL_SUFFIXES:
            raise UnreadableFileError("is XML, but not a workbook; open it in Excel and save it as xlsx")
        return "text"
    return "workbook"


def not_opened(error: OSError) -> UnreadableFileError:
    """Return the error for a file that the system does not open."""
    return UnreadableFileError("cannot be opened ({reason})", reason=system_error(error))
