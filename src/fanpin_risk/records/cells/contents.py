"""The distinct contents of a column: parsers look at each of them once, and at plain texts not at all.

A column of texts is kept as an Arrow array with a dictionary, so that each distinct text is held once. Parsers read
the dictionary, and of it only the texts that are not plain; plain ones are taken as they are by Arrow.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "LARGEST",
    "TEXTS",
    "among",
    "as_dictionary",
    "as_objects",
    "blank_cells",
    "changed",
    "distinct",
    "plain_cell",
    "replaced",
    "strings",
    "with_care",
]

TEXTS = pa.dictionary(pa.int32(), pa.large_string())  # how readers keep the cells of a column: each distinct text once
LARGEST = 10**300  # what is larger is no number of any column, and may not fit a float


def as_dictionary(values: pd.Series) -> pa.DictionaryArray | None:
    """Return a column of texts as an Arrow array with a dictionary, None if it may hold anything else.

    Examples
    --------
    >>> as_dictionary(pd.Series(["h1", "h2", "h1"], dtype="str")).indices.to_pylist()
    [0, 1, 0]
    """
    dtype: Any = values.dtype
    if isinstance(dtype, pd.StringDtype):
        known = dtype.storage == "pyarrow"
    else:
        known = isinstance(dtype, pd.ArrowDtype) and dtype.pyarrow_dtype == TEXTS
    if not known:
        return None
    array = pa.array(values.array, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries().combine_chunks()
    if not isinstance(array, pa.DictionaryArray):
        array = array.cast(pa.large_string()).dictionary_encode()
    return array if array.dictionary.null_count == 0 else None


def as_objects(frame: pd.DataFrame) -> pd.DataFrame:
    """Return some rows of a sheet with their cells as objects, without making all the texts that only other rows hold.

    Examples
    --------
    >>> cells = pd.Series(["h1", "h2"], dtype=pd.ArrowDtype(TEXTS))
    >>> as_objects(pd.DataFrame({"户编号": cells})[1:])["户编号"].tolist()
    ['h2']
    """
    frame = frame.copy(deep=False)
    for position, dtype in enumerate(frame.dtypes):
        if dtype == pd.ArrowDtype(TEXTS):
            frame.isetitem(position, frame.iloc[:, position].astype(pd.ArrowDtype(pa.large_string())).array)
    return frame.astype(object)


def with_care(cells: list[Any] | pa.Array, plain: str = "") -> list[tuple[int, Any]]:
    """Return number and content of those that are not texts of the pattern `plain`.

    Examples
    --------
    >>> with_care(pa.array(["412", "four", "5"]), "^[0-9]+$")
    [(1, 'four')]
    """
    if isinstance(cells, list):
        return list(enumerate(cells))
    if not plain:
        return list(enumerate(cells.to_pylist()))
    others = np.flatnonzero(~pc.match_substring_regex(cells, plain).to_numpy(zero_copy_only=False))
    return list(zip(others.tolist(), cells.take(others).to_pylist(), strict=True))


def among(values: pd.Series, known: pd.Series) -> np.ndarray:
    """Tell which texts stand among others; a missing one does not.

    Examples
    --------
    >>> among(pd.Series(["h1", None, "h3"], dtype="str"), pd.Series(["h3", None], dtype="str"))
    array([False, False,  True])
    """
    found = pc.is_in(pa.array(values, from_pandas=True), value_set=pa.array(known, from_pandas=True), skip_nulls=True)
    return found.to_numpy(zero_copy_only=False)


def distinct(values: pd.Series) -> tuple[np.ndarray, list[Any] | pa.Array]:
    """Return the number of each cell's content (-1: missing) and the contents: str, int, float, date or datetime.

    Contents of a column of texts come as an Arrow array; some may not be met in any cell.

    Examples
    --------
    >>> distinct(pd.Series([5, None, "x", 5], dtype=object))
    (array([ 0, -1,  1,  0]), [5, 'x'])
    """
    array = as_dictionary(values)
    if array is not None:
        return array.indices.fill_null(-1).to_numpy(), array.dictionary
    if values.dtype == object:
        kind = pd.api.types.infer_dtype(values, skipna=True)
        if kind in ("boolean", "empty"):
            flags = values.to_numpy(dtype="float64", na_value=np.nan)
            return np.where(np.isnan(flags), -1, flags).astype("int64"), ["false", "true"]
        cells = np.empty(len(values), dtype=object)
        cells[:] = (
            values if kind == "string" else [cell if type(cell) is str else plain_cell(cell) for cell in values.array]
        )
        codes, contents = pd.factorize(cells)
        return np.asarray(codes), list(contents)
    codes, found = pd.factorize(values)
    return np.asarray(codes), [cell if type(cell) is str else plain_cell(cell) for cell in found]


def blank_cells(values: pd.Series) -> np.ndarray:
    """Tell which cells hold nothing.

    Examples
    --------
    >>> blank_cells(pd.Series(["h1", " ", None, 0], dtype=object))
    array([False,  True,  True, False])
    """
    codes, contents = distinct(values)
    if isinstance(contents, pa.Array):
        texts = pc.utf8_trim_whitespace(contents)
        empty = pc.equal(texts, pa.scalar("", texts.type)).to_numpy(zero_copy_only=False)
    else:
        empty = np.array([isinstance(cell, str) and not cell.strip() for cell in contents], dtype=bool)
    result: np.ndarray = np.append(empty, True)[codes]
    return result


def replaced(cells: list[Any] | pa.Array, texts: Mapping[int, str | None]) -> pa.Array:
    """Return the contents with other texts in place of some; for contents that are no Arrow array, in place of all.

    Examples
    --------
    >>> replaced(pa.array(["a", "b"], pa.large_string()), {1: None}).to_pylist()
    ['a', None]
    """
    if isinstance(cells, list):
        return pa.array(texts.values(), pa.large_string())
    if not texts:
        return cells
    changed = np.zeros(len(cells), dtype=bool)
    changed[list(texts)] = True
    return pc.replace_with_mask(cells, changed, pa.array(texts.values(), pa.large_string()))


def changed(values: pd.Series, change: Callable[[Any], Any]) -> pd.Series:
    """Return a column with each distinct content as a function gives it; the column itself where nothing differs.

    Examples
    --------
    >>> changed(pd.Series(["a", 5, None], dtype=object), lambda cell: "b" if cell == 5 else cell).tolist()
    ['a', 'b', None]
    """
    array = as_dictionary(values)
    if array is not None:
        before = array.dictionary.to_pylist()
        after = [change(text) for text in before]
        if after == before:
            return values
        cells = pa.array(after, pa.large_string()).take(array.indices)
        if isinstance(values.dtype, pd.ArrowDtype):
            return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([cells.cast(TEXTS)])))
        return pd.Series(cells, dtype="str")
    codes, contents = distinct(values)
    before = contents if isinstance(contents, list) else contents.to_pylist()
    after = [change(cell) for cell in before]
    if after == before:
        return values
    column = np.empty(len(after) + 1, dtype=object)  # the last is what missing (-1) takes: None
    column[:-1] = after
    return pd.Series(column[codes], dtype=object)


def plain_cell(cell: Any) -> Any:
    """Return a cell as text, int, float, date or datetime, None for missing: lists joined, yes and no as texts.

    Examples
    --------
    >>> plain_cell(Decimal("10.5")), plain_cell(["残疾", "慢病"]), plain_cell(True), plain_cell(float("nan"))
    (10.5, '残疾;慢病', 'true', None)
    """
    if isinstance(cell, (bool, np.bool_)):
        return "true" if cell else "false"
    if isinstance(cell, (list, tuple, set, frozenset, np.ndarray)):
        return ";".join(str(part) for part in cell)
    if isinstance(cell, (bytes, bytearray)):
        return bytes(cell).decode("utf-8", errors="replace")
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, Decimal):
        return None if cell.is_nan() else float(cell)
    if isinstance(cell, (float, np.floating)):
        return None if math.isnan(cell) else float(cell)
    if isinstance(cell, (int, np.integer)):
        return int(cell) if abs(int(cell)) < LARGEST else math.inf
    if isinstance(cell, (str, dt.date)):  # a datetime is a date
        return cell
    return str(cell)


def strings(texts: pa.Array, codes: np.ndarray) -> pd.Series:
    """Return a column of texts from the distinct ones and each cell's number, -1 for missing.

    Examples
    --------
    >>> strings(pa.array(["a", "b"]), np.array([1, -1])).tolist()
    ['b', nan]
    """
    return pd.Series(pd.array(texts.take(pa.array(codes, mask=codes < 0)), dtype="str"))
