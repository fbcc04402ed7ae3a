"""Names of places by division code, from a file that an office makes."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from fanpin_risk.errors import InputError
from fanpin_risk.records.places import CODE_DIGITS

__all__ = ["read_names"]

ENCODINGS = ("utf-8-sig", "gb18030")
LENGTHS = tuple(CODE_DIGITS.values())


def read_names(path: str | os.PathLike[str]) -> dict[str, str]:
    r"""Read names of places from a csv file.

    Parameters
    ----------
    path : path-like
        A csv file in UTF-8 or GB18030 whose first two columns are the division code (GB/T 2260, GB/T 10114; 6 digits for
        a county, 9 for a township, 12 for a village, or filled up to 12 with zeros) and the name; a header row and
        further columns are passed over.

    Returns
    -------
    dict of str to str
        Code -> name, for :func:`fanpin_risk.report`.

    Raises
    ------
    InputError
        If the file cannot be read, or a row holds no code and name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "names.csv").write_text("代码,名称\n211251,虚拟县\n", encoding="utf-8")
    ...     read_names(Path(folder) / "names.csv")
    {'211251': '虚拟县'}
    """
    path = Path(path)
    names: dict[str, str] = {}
    try:
        rows = list(csv.reader(_text(path).splitlines(), strict=True))
    except csv.Error as error:
        raise InputError("{path} cannot be read as csv: {error}", path=path.name, error=error) from error
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip().strip("'") for cell in row]
        if not any(cells):
            continue
        code, name = (*cells, "", "")[:2]
        digits = code.isascii() and code.isdigit()
        if number == 1 and not code[:1].isdigit():
            continue  # the header; what begins with a digit is a code, perhaps a spoilt one
        if not digits or len(code) not in LENGTHS or not name:
            raise InputError(
                "{path}, row {number}: expected a division code of {map} digits and a name, parted by a "
                "comma; codes in a spreadsheet are to be kept as text",
                path=path.name,
                number=number,
                map=tuple(map(str, LENGTHS[2:])),
            )
        if names.setdefault(code, name) != name:
            raise InputError(
                "{path}, row {number}: the code stands in the file already, with another name",
                path=path.name,
                number=number,
            )
    if not names:
        raise InputError("{path} holds no names; expected rows of a division code and a name", path=path.name)
    return names


def _text(path: Path) -> str:
    for encoding in ENCODINGS:
        try:
            return path.read_text(encoding=encoding)
        except UnicodeDecodeError:
            continue
        except OSError as error:
            raise InputError("{path} cannot be read: {strerror}", path=path.name, strerror=error.strerror) from error
    raise InputError("{path} is neither UTF-8 nor GB18030; save it as csv UTF-8", path=path.name)
