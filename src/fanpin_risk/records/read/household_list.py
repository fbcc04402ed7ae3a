"""A list of households, such as the sheet of those monitored: whom one asks about, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.errors import InputError
from fanpin_risk.records.cells.cleaning import as_text, clean_text
from fanpin_risk.records.ids import PSEUDONYM_LENGTH, looks_like_citizen_id, pseudonymise
from fanpin_risk.records.layout import lay_out
from fanpin_risk.records.read.files import kind_of, not_opened
from fanpin_risk.records.read.nearest import SheetRead
from fanpin_risk.records.read.registers import read_files
from fanpin_risk.records.read.text import decode_text
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message, listed

__all__ = ["HouseholdList", "position_of_ids", "read_household_list"]

ID_COLUMN = "household_id"
PSEUDONYM = rf"[0-9a-f]{{{PSEUDONYM_LENGTH}}}"
LISTS_OF_LINES = (".txt", ".lst")


class HouseholdList(NamedTuple):
    """The households that a file names.

    Attributes
    ----------
    ids : list of str
        Each once, in the order of the file; pseudonyms where a key was given.
    n_rows : int
        Rows that name a household: more than `ids` where households stand in several.
    without_id : list of int
        Row numbers, as the file shows them, of rows that name none.
    """

    ids: list[str]
    n_rows: int
    without_id: list[int]


def read_household_list(
    source: str | Path,
    *,
    id_key: bytes | str | Path | None = None,
    encoding: str | None = None,
    columns: str | Path | pd.DataFrame | None = None,
) -> HouseholdList:
    r"""Read the ids of households from a file.

    Parameters
    ----------
    source : path-like
        A csv, a workbook or a Parquet file with a column of household ids under any header that registers are read with
        (户编号, household_id, ...), beside whatever else, such as the sheet of monitored households; or a text with an id on each
        line. A folder of such files, too.
    id_key : bytes, str or Path, optional
        As for :func:`fanpin_risk.read_register`: ids are replaced as they are in the register. Ids that are pseudonyms already,
        such as those of results, stay.
    encoding, columns
        As for :func:`fanpin_risk.read_register`.

    Returns
    -------
    HouseholdList

    Raises
    ------
    InputError
        If the file has no column of household ids, or holds citizen ids and no `id_key` is given.
    UnreadableFileError
        If it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "监测对象.csv"
    >>> _ = path.write_text(
    ...     "序号,户编号,监测对象类别\n1,H2,突发严重困难户\n2,H1,边缘易致贫户\n3,H2,突发严重困难户\n", "utf-8"
    ... )
    >>> read_household_list(path)
    HouseholdList(ids=['H2', 'H1'], n_rows=3, without_id=[])
    """
    path = Path(source)
    if path.suffix.lower() in LISTS_OF_LINES:
        found = [_ids_of_lines(path, encoding)]
    else:
        read = read_files(path, encoding=encoding, columns=columns, checking=True)
        if read.unreadable:
            raise next(iter(read.unreadable.values()))
        found = [ids for sheet in read.sheets if (ids := _ids_of_sheet(sheet)) is not None]
        if not found and path.is_file() and kind_of(path) == "text" and _begins_with_header(path, encoding):
            found = [_ids_of_lines(path, encoding)]  # one column alone has no separator by which a table is known
        if not found and path.is_file() and kind_of(path) == "workbook":
            found = list(_ids_of_single_columns(path))
        if not found:
            headers = list(dict.fromkeys(one for sheet in read.sheets for one in sheet.sheet.head.headers if one))
            raise InputError(
                "{file} has no column of household ids; expected a header 户编号 or household_id (or what you named so with a "
                "columns file); headers found: {headers}",
                file=path.name,
                headers=listed(headers[:8]) if headers else Message("none"),
            )
    ids = pd.concat(found)
    named = ids[ids != ""]
    of_citizens = int(looks_like_citizen_id(named).sum())
    if id_key is not None:
        named = named.mask(~_are_pseudonyms(named), pseudonymise(named, id_key))
    elif of_citizens:
        raise InputError(
            "{file}: {count} of {all} ids look like citizen ids; give the key of the register (--id-key), which replaces them",
            file=path.name,
            count=of_citizens,
            all=len(named),
        )
    without = ids.index[ids == ""].tolist()
    return HouseholdList(named.drop_duplicates().tolist(), len(named), [int(row) for row in without])


def _are_pseudonyms(ids: pd.Series) -> np.ndarray:
    """Tell which ids a key has replaced: those of hexadecimal signs, with a letter unless all of the list are such."""
    alike = ids.str.fullmatch(PSEUDONYM).to_numpy(dtype=bool)
    lettered = alike & ids.str.contains("[a-f]").to_numpy(dtype=bool)
    return alike if alike.all() and lettered.any() else lettered


def _ids_of_lines(path: Path, encoding: str | None) -> pd.Series:
    """Return the ids of a text with one on each line; a first line that is a header of them is left out."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise not_opened(error) from error
    lines = decode_text(content, encoding)[0].lstrip("\ufeff").splitlines()
    ids = _cleaned(lines, np.arange(1, len(lines) + 1))
    if len(ids) and position_of_ids([ids.iloc[0]]) is not None:
        ids = ids.iloc[1:]
    return ids[ids != ""]  # an empty line is no household


def _begins_with_header(path: Path, encoding: str | None) -> bool:
    first = decode_text(path.read_bytes(), encoding)[0].lstrip("\ufeff").split("\n", 1)[0]
    return position_of_ids(_cleaned([first], [1]).tolist()) is not None


def _ids_of_single_columns(path: Path) -> Iterator[pd.Series]:
    """Yield the ids of the sheets of a workbook that hold nothing but a column of them under its header."""
    for frame in pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="calamine").values():
        if frame.shape[1] == 1 and len(frame):
            ids = _cleaned(frame[0].tolist(), np.arange(1, len(frame) + 1))
            if position_of_ids([ids.iloc[0]]) is not None:
                yield ids.iloc[1:][ids.iloc[1:] != ""]


def _ids_of_sheet(read: SheetRead) -> pd.Series | None:
    """Return the ids of a sheet, by row number; None where it has no column of them."""
    sheet = read.sheet
    places = [one.layout.columns[ID_COLUMN][0] for one in read.assignments if ID_COLUMN in one.layout.columns]
    ways = (sheet.head.headers, *(sheet.head.headers_in(table) for table in TABLES))  # also as a columns file has them
    place = next((one for one in (*places, *map(position_of_ids, ways)) if one is not None), None)
    if place is None:
        return None
    return _cleaned(sheet.frame.iloc[:, place].tolist(), sheet.rows)


def position_of_ids(headers: Sequence[str]) -> int | None:
    """Return where a header of household ids (户编号, household_id, ...) stands, None where there is none.

    Examples
    --------
    >>> position_of_ids(["序号", "户编号"]), position_of_ids(["姓名"])
    (1, None)
    """
    found = lay_out(TABLES["households"], list(headers)).columns.get(ID_COLUMN)
    return None if found is None else found[0]


def _cleaned(cells: Sequence[Any], rows: Any) -> pd.Series:
    texts = ["" if cell is None or cell is pd.NA or cell != cell else clean_text(as_text(cell)) for cell in cells]  # noqa: PLR0124  NaN
    return pd.Series(texts, index=np.asarray(rows), dtype="str")
