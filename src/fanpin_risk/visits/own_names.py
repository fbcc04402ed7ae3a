"""Names and addresses of households: from a file that an office has, joined here and written into sheets only."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from fanpin_risk.arguments import a_path, of_type
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.ids import pseudonymise
from fanpin_risk.visits.cells_back import cells_of_file
from fanpin_risk.words import Message

__all__ = ["own_names"]

# Columns of the file -> headers by which they are known.
HEADERS_OF_NAMES = {
    "household_id": ("household_id", "户编号"),
    "name": ("name", "姓名", "户主姓名", "户主"),
    "address": ("address", "住址", "地址", "家庭住址"),
}


def own_names(
    names: str | os.PathLike[str] | pd.DataFrame | None, *, id_key: bytes | str | Path | None = None
) -> dict[str, tuple[str, str]]:
    """Return the name and address of each household of a file.

    Parameters
    ----------
    names : path-like or DataFrame, optional
        With ``household_id`` (户编号), and ``name`` (姓名, 户主姓名) or ``address`` (住址, 地址); other columns are not looked at.
    id_key : bytes, str or Path, optional
        Ids are replaced by it, as in the register.

    Returns
    -------
    dict of str to (str, str)
        ``""`` where there is none; the first row of a household counts.

    Raises
    ------
    SchemaError
        If a column is missing.
    UnreadableFileError, InputError
        If the file cannot be read.

    Examples
    --------
    >>> own_names(pd.DataFrame({"户编号": ["H1"], "户主姓名": ["张三"], "手机": ["..."]}))
    {'H1': ('张三', '')}
    """
    if names is None:
        return {}
    if isinstance(names, (str, os.PathLike)):
        frame = _frame_of(a_path("names", names))
    else:
        frame = of_type("names", names, pd.DataFrame, Message("a file or frame of household ids and names"))
    headers = [str(header).strip() for header in frame.columns]
    found = {
        column: next((headers.index(one) for one in known if one in headers), None)
        for column, known in HEADERS_OF_NAMES.items()
    }
    if found["household_id"] is None or (found["name"] is None and found["address"] is None):
        raise SchemaError(
            "names has no columns household_id and name; expected one of {ids} and one of {names}",
            ids=HEADERS_OF_NAMES["household_id"],
            names=HEADERS_OF_NAMES["name"],
        )
    texts = {
        column: pd.Series([""] * len(frame), dtype="str")
        if place is None
        else frame.iloc[:, place].astype("str").fillna("").str.strip().reset_index(drop=True)
        for column, place in found.items()
    }
    ids = texts["household_id"] if id_key is None else pseudonymise(texts["household_id"], id_key)
    result: dict[str, tuple[str, str]] = {}
    for household, name, address in zip(ids, texts["name"], texts["address"], strict=True):
        if household:
            result.setdefault(str(household), (str(name), str(address)))
    return result


def _frame_of(file: Path) -> pd.DataFrame:
    """Return the first sheet of a file as a frame of texts, its first row that has anything being the header."""
    rows = [row for sheet in cells_of_file(file)[:1] for _, row in sheet.rows if any(row)]
    if not rows:
        raise SchemaError("{file} is empty", file=file.name)
    return pd.DataFrame(rows[1:], columns=rows[0])
