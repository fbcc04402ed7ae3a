"""Cells of raw rows as they are put on disk, and back: of texts each distinct one once, typed ones as they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fanpin_risk.records.cells import plain_cell
from fanpin_risk.records.cells.contents import TEXTS, as_dictionary, distinct

__all__ = [
    "arrow_table",
    "compact",
    "open_writer",
    "read_stored",
    "row_groups_of",
    "storable_cells",
    "storable_text",
    "stored_cells",
]

FEW_TEXTS = 256  # of a column
DICTIONARY_BYTES = 32 * 2**20  # of a column; of one that is larger all texts are written
YES_OR_NO = pa.array(["false", "true"], pa.large_string())


def storable_cells(values: pd.Series, *, mixed: bool) -> pa.Array:
    """Return the cells of a column as Arrow stores them.

    Parameters
    ----------
    values : Series of shape (n,)
        As the reader gave them.
    mixed : bool
        Whether they may differ in type, or are of a rare one: then texts are stored that say what each was.

    Examples
    --------
    >>> storable_cells(pd.Series(["h1", "h1"], dtype="str"), mixed=False).dictionary.to_pylist()
    ['h1']
    >>> storable_cells(pd.Series([5, "x", None], dtype=object), mixed=True).to_pylist()
    ['i5', 'sx', None]
    """
    texts = _dictionary_of(values)
    if texts is not None:
        return _marked_texts(texts) if mixed else texts
    if mixed:
        marked = [_marked(plain_cell(cell)) for cell in values.astype(object)]
        return pa.array(marked, pa.large_string()).dictionary_encode()
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype("str")
    return pa.array(values, from_pandas=True)


def storable_text(text: str, n: int) -> pa.Array:
    """Return a text so many times.

    Examples
    --------
    >>> storable_text("", 2).to_pylist()
    ['', '']
    """
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, dtype="int32")), pa.array([text], pa.large_string()))


def arrow_table(columns: Mapping[str, Any], schema: pa.Schema | None) -> pa.Table:
    """Return columns as a table of Arrow: of a schema, or of the types that they have.

    Examples
    --------
    >>> first = arrow_table({"c0": pd.Series(["h1"], dtype="str")}, None)
    >>> arrow_table({"c0": storable_text("h2", 1)}, first.schema).schema == first.schema
    True
    """
    arrays = []
    for name, column in columns.items():
        array = column if isinstance(column, pa.Array) else pa.array(column, from_pandas=True)
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        kind = array.type if schema is None else schema.field(name).type
        if array.type == kind:
            arrays.append(array)
        elif kind == TEXTS:
            arrays.append(array.cast(pa.large_string()).dictionary_encode())
        else:
            arrays.append(array.cast(kind))
    return pa.table(dict(zip(columns, arrays, strict=True)))


def open_writer(file: Path, schema: pa.Schema, *, compression: str) -> pq.ParquetWriter:
    """Open a file for raw rows, in which columns are kept as the dictionaries, or without any, that they are given as."""
    texts = [one.name for one in schema if pa.types.is_dictionary(one.type)]
    return pq.ParquetWriter(
        file, schema, compression=compression, use_dictionary=texts or False, write_statistics=False, store_schema=False,
        dictionary_pagesize_limit=DICTIONARY_BYTES,
    )  # fmt: skip


def read_stored(file: Path, row_groups: list[int] | None = None) -> pa.Table:
    """Read raw rows from disk: those of some row groups, or all; texts as dictionaries."""
    with _opened(file) as parquet:
        if row_groups is None:
            return parquet.read(use_threads=False)
        return parquet.read_row_groups(row_groups, use_threads=False)


def row_groups_of(file: Path, names: Sequence[str]) -> Iterator[pa.Table]:
    """Give some columns of raw rows, one row group after the other."""
    with _opened(file) as parquet:
        for number in range(parquet.num_row_groups):
            yield parquet.read_row_group(number, columns=list(names), use_threads=False)


def _opened(file: Path) -> pq.ParquetFile:
    """Open a file of raw rows such that texts are read as dictionaries."""
    metadata = pq.read_metadata(file)
    texts = [one.name for one in metadata.schema.to_arrow_schema() if pa.types.is_string(one.type)]
    return pq.ParquetFile(file, metadata=metadata, read_dictionary=texts)


def compact(rows: pa.Table) -> pa.Table:
    """Return rows with dictionaries of those texts alone that are met in them, unless there are few anyway.

    Examples
    --------
    >>> cells = pa.array(["a", "b"] * 300 + [str(n) for n in range(600)]).dictionary_encode()
    >>> [len(compact(pa.table({"c0": cells})[:n])["c0"].chunk(0).dictionary) for n in (2, 1200)]
    [2, 602]
    """
    columns = []
    for column in rows.itercolumns():
        texts = column.combine_chunks() if pa.types.is_dictionary(column.type) else column
        if pa.types.is_dictionary(texts.type) and len(texts.dictionary) > FEW_TEXTS:
            met = texts.indices.dictionary_encode()
            texts = pa.DictionaryArray.from_arrays(met.indices, texts.dictionary.take(met.dictionary))
        columns.append(texts)
    return pa.table(columns, names=rows.column_names)


def stored_cells(column: pa.ChunkedArray, *, mixed: bool) -> pd.Series:
    """Return a stored column as the reader gave it.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
    mixed : bool
        See :func:`storable_cells`.

    Examples
    --------
    >>> cells = storable_cells(pd.Series([5, "x", None], dtype=object), mixed=True)
    >>> stored_cells(pa.chunked_array([cells]), mixed=True).tolist()
    [5, 'x', None]
    """
    if not pa.types.is_dictionary(column.type):
        if not pa.types.is_string(column.type):
            return column.to_pandas(date_as_object=False)
        column = column.dictionary_encode()
    texts = _in_use(column.unify_dictionaries().combine_chunks())
    cells = pd.Series(pd.arrays.ArrowExtensionArray(texts), copy=False)
    return _unmarked(cells) if mixed else cells


def _in_use(texts: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return texts with a dictionary of those alone that are met; rows of other partitions were beside these."""
    known = texts.dictionary.cast(pa.large_string())
    codes = texts.indices.fill_null(-1).to_numpy()
    met = np.zeros(len(known) + 1, dtype=bool)
    met[codes] = True
    if not met[:-1].all():
        place = np.cumsum(met, dtype="int32") - 1
        place[-1] = -1
        codes, known = place[codes], known.filter(pa.array(met[:-1]))
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), known)


def _dictionary_of(values: pd.Series) -> pa.DictionaryArray | None:
    """Return cells that are texts, or for the readers mean the texts true and false; None if any is something else."""
    dtype: Any = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        if not isinstance(dtype.categories.dtype, pd.StringDtype):
            return None
        codes = values.cat.codes.to_numpy().astype("int32")
        known = pa.array(dtype.categories, pa.large_string())
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), known)
    kind = pd.api.types.infer_dtype(values, skipna=True) if pd.api.types.is_object_dtype(dtype) else ""
    if kind == "boolean" or pd.api.types.is_bool_dtype(dtype):
        flags = pa.array(values, pa.bool_(), from_pandas=True)
        return pa.DictionaryArray.from_arrays(flags.cast(pa.int32()), YES_OR_NO)
    if kind in ("string", "empty"):
        return pa.array(values, pa.large_string(), from_pandas=True).dictionary_encode()
    return as_dictionary(values)


# --- cells of any type as texts, and back -------------------------------------------------------------------------


def _marked_texts(texts: pa.DictionaryArray) -> pa.DictionaryArray:
    known = pc.binary_join_element_wise(
        pa.scalar("s", pa.large_string()), texts.dictionary, pa.scalar("", pa.large_string())
    )
    return pa.DictionaryArray.from_arrays(texts.indices, known)


def _marked(cell: Any) -> str | None:
    """Return a cell as a text whose first letter says what it was."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return f"s{cell}"
    if isinstance(cell, dt.datetime):
        return f"t{cell.isoformat()}"
    if isinstance(cell, dt.date):
        return f"d{cell.isoformat()}"
    return f"i{cell}" if isinstance(cell, int) else f"f{cell!r}"


def _unmarked(texts: pd.Series) -> pd.Series:
    """Return the cells that :func:`_marked` made texts of."""
    read: dict[str, Callable[[str], Any]] = {
        "s": str, "t": dt.datetime.fromisoformat, "d": dt.date.fromisoformat, "i": int, "f": float,
    }  # fmt: skip
    codes, contents = distinct(texts)
    if isinstance(contents, pa.Array) and pc.all(pc.starts_with(contents, "s"), min_count=0).as_py():
        array = pa.DictionaryArray.from_arrays(
            pa.array(codes, pa.int32(), mask=codes < 0), pc.utf8_slice_codeunits(contents, 1)
        )
        return pd.Series(pd.arrays.ArrowExtensionArray(array), copy=False)
    known = contents if isinstance(contents, list) else contents.to_pylist()
    cells = np.empty(len(known) + 1, dtype=object)  # missing (-1) takes the last: None
    cells[:-1] = [read[text[0]](text[1:]) for text in known]
    return pd.Series(cells[codes], dtype=object)
