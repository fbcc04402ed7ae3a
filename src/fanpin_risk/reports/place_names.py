"""Names of places by division code: from a file that an office makes, else from the register itself."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.batch.packed_parts import households_alone
from fanpin_risk.errors import InputError
from fanpin_risk.records.divisions import division_path, read_place
from fanpin_risk.records.places import CODE_DIGITS, UNIT_DIGITS
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = ["place_names", "read_names"]

NAME_ENCODINGS = ("utf-8-sig", "gb18030")
# Where the name of a unit ends in the full name of a village.
NAME_ENDS = {"county": re.compile(r".*[县区旗市]"), "township": re.compile(r".*(?:镇|乡|街道|苏木)")}
LENGTHS = tuple(CODE_DIGITS.values())


def read_names(path: str | os.PathLike[str]) -> dict[str, str]:
    r"""Read names of places from a csv file.

    Parameters
    ----------
    path : path-like
        A csv file in UTF-8 or GB18030 whose first two columns are the division code (GB/T 2260, GB/T 10114; 6 digits for
        a county, 9 for a township, 12 for a village, or filled up to 12 with zeros) and the name; a header row and
        further columns are ignored.

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
        raise InputError("{file} cannot be read as csv: {error}", file=path.name, error=error) from error
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip().strip("'") for cell in row]
        if not any(cells):
            continue
        code, name = (*cells, "", "")[:2]
        digits = code.isascii() and code.isdigit()
        if number == 1 and not code[:1].isdigit():
            continue  # the header; a cell that begins with a digit is a code, perhaps a damaged one
        if not digits or len(code) not in LENGTHS or not name:
            raise InputError(
                "{file}, row {row}: expected a division code of {lengths} digits and a name, separated by a comma; "
                "format codes as text in a spreadsheet",
                file=path.name,
                row=number,
                lengths=tuple(map(str, LENGTHS[2:])),
            )
        if names.setdefault(code, name) != name:
            raise InputError(
                "{file}, row {row}: this code is already in the file with another name", file=path.name, row=number
            )
    if not names:
        raise InputError("{file} holds no names; expected rows of a division code and a name", file=path.name)
    return names


def _text(path: Path) -> str:
    for encoding in NAME_ENCODINGS:
        try:
            return path.read_text(encoding=encoding)
        except UnicodeDecodeError:
            continue
        except OSError as error:
            raise InputError("{file} cannot be read: {reason}", file=path.name, reason=error.strerror) from error
    raise InputError("{file} is neither UTF-8 nor GB18030; save it as csv UTF-8", file=path.name)


def place_names(
    register: Register | str | os.PathLike[str], day: pd.Timestamp, given: Mapping[str, str]
) -> Callable[[str], str]:
    """Return the function from an area (code, or name of a place without one) to its name, ``""`` where it is not known.

    Parameters
    ----------
    register : Register or path-like
        Checked records, or a packed register, of which the households alone are read, part by part; names are taken from
        ``area_name`` of its households.
    day : Timestamp
        The day whose records count.
    given : mapping of str to str
        Area code -> name; these come first. Shorter codes may be filled up with zeros.

    Returns
    -------
    callable
    """
    of_type("names", given, Mapping, Message("area code -> name"))
    own = {str(code).strip(): str(name) for code, name in given.items()}
    known = own | {code.ljust(UNIT_DIGITS["village"], "0"): name for code, name in own.items()}
    parts = [register] if isinstance(register, Register) else households_alone(register)
    learnt = _learnt_names(_named_alike(_counted_names(part, day) for part in parts))

    def name(code: str) -> str:
        if not code.isdecimal():
            return code  # a place known by its name alone
        return (
            known.get(code)
            or known.get(code.ljust(UNIT_DIGITS["village"], "0"), "")
            or learnt.get(code)
            or listed(code)
        )

    def listed(code: str) -> str:
        """Name a county by the table of divisions."""
        return "".join(division_path(code)) if len(code) == UNIT_DIGITS["county"] and division_path(code)[2] else ""

    return lambda code: name(code) if code else ""


def _counted_names(register: Register, day: pd.Timestamp) -> pd.DataFrame:
    """Count the households of each area by the name they give it."""
    here = Snapshot(register, day).households
    frame = pd.DataFrame(
        {"area": pd.Series(here.area_code, dtype="str"), "name": pd.Series(here.area_name, dtype="str")}
    )
    frame = frame.dropna()
    for level, digits in UNIT_DIGITS.items():  # the name of a village is not that of its county
        of_level = frame["area"].str.len() == digits
        if level != "village" and of_level.any():
            units = {name: place.path(level) if (place := read_place(name)) else "" for name in frame["name"].unique()}
            frame["name"] = frame["name"].mask(of_level, frame["name"].map(units))
    return _named_alike([frame[frame["name"] != ""].assign(n=1)])


def _named_alike(counted: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Add up how many households give an area a name."""
    return pd.concat(counted).groupby(["area", "name"], sort=True)["n"].sum().reset_index()


def _learnt_names(count: pd.DataFrame) -> dict[str, str]:
    """Take names from the register: for a village the one most households have, for a unit what its villages share.

    A name of one household alone may be its address, so at least two must have it.
    """
    if not len(count):
        return {}
    best = count.sort_values("n", ascending=False, kind="stable").drop_duplicates("area").set_index("area")
    best = best[(best["n"] >= 2) & (2 * best["n"] > count.groupby("area")["n"].sum().reindex(best.index))]
    names = {str(code): str(name) for code, name in best["name"].items()}
    for level, ending in NAME_ENDS.items():
        unit = best.index.str[: UNIT_DIGITS[level]]
        for code, villages in best["name"].groupby(unit):
            first, last = min(villages), max(villages)
            same = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
            shared = ending.match(first[:same]) if first != last else None
            if shared and str(code) not in names:
                names[str(code)] = shared[0]
    return names
