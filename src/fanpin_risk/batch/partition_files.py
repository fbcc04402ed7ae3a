"""The files of a partition: one Parquet file for each table, written whole, checked when it is read."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.register_on_day import OWNERS
from fanpin_risk.batch.layout import AGAIN, DOUBTS_FILE, NAME, PARTITIONS, Partition, partitions_of
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.files import sync_folder
from fanpin_risk.records.cells import column_dtype, missing
from fanpin_risk.records.declarations import Column
from fanpin_risk.records.doubts import no_doubts
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import system_error

__all__ = ["named_partition", "read_doubts", "read_partition", "with_doubts", "write_partition"]

# Parquet gives up a dictionary that grows beyond this; ids of a partition stay well below.
DICTIONARY_BYTES = 32 * 2**20


def write_partition(
    path: str | os.PathLike[str], name: str, tables: Mapping[str, pd.DataFrame], supplied: Iterable[str], *,
    generation: int = 0,
) -> Partition:  # fmt: skip
    """Write one partition, whole or not at all; one that is there is replaced.

    Parameters
    ----------
    path : path-like
        The folder of the packed register.
    name : str
        Of the partition.
    tables : mapping of str to DataFrame
        Typed tables, see :func:`fanpin_risk.records.register.conform`.
    supplied : iterable of str
        Tables that the register was given. Each gets a file.
    generation : int
        Number of the update that makes it.

    Returns
    -------
    Partition
        For the manifest. Equal tables give equal bytes.

    Raises
    ------
    InputError
        If the name cannot be one, or the files cannot be written.
    """
    if not NAME.fullmatch(name):
        raise InputError(
            "a partition cannot be named {name!r}; expected a county code, with a number behind it or without",
            name=name,
        )
    folder = Path(path) / PARTITIONS
    partition = Partition(name, int(tables["households"]["household_id"].nunique()), {}, generation)
    files: dict[str, dict[str, Any]] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder, prefix=f".{name}~"))
        try:
            for table in sorted(supplied):
                file = temporary / f"{table}.parquet"
                _write_parquet(table, tables[table], file)
                files[table] = _finished(file, len(tables[table]))
            temporary.chmod(0o755)
            sync_folder(temporary)
            target = folder / partition.folder
            if target.exists():
                shutil.rmtree(target)
            temporary.rename(target)
            sync_folder(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise InputError("cannot write partition {name}: {reason}", name=name, reason=system_error(error)) from error
    return replace(partition, files=files)


def with_doubts(path: str | os.PathLike[str], partition: Partition, doubts: pd.Series) -> Partition:
    """Add to a partition what is in doubt of its households, and return it as the manifest is to name it.

    Parameters
    ----------
    path : path-like
        The folder of the packed register.
    partition : Partition
        As :func:`write_partition` returned it.
    doubts : Series of str
        By ``household_id``, as :attr:`fanpin_risk.Register.doubts`; without any no file is written.

    Returns
    -------
    Partition
    """
    if not len(doubts):
        return partition
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = Path(path) / PARTITIONS / partition.folder / f"{DOUBTS_FILE}.parquet"
    columns = {"household_id": pa.array(doubts.index.astype("str")), DOUBTS_FILE: pa.array(doubts.astype("str"))}
    pq.write_table(
        pa.table({name: values.cast(pa.string()) for name, values in columns.items()}), file, compression="zstd",
        write_page_checksum=True, write_statistics=False, store_schema=False,
    )  # fmt: skip
    return replace(partition, files={**partition.files, DOUBTS_FILE: _finished(file, len(doubts))})


def _finished(file: Path, n_rows: int) -> dict[str, Any]:
    """Have the disk hold a file that is whole, and return what the manifest says of it."""
    data = file.read_bytes()
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())
    file.chmod(0o644)
    return {"rows": n_rows, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def read_partition(
    path: str | os.PathLike[str],
    partition: Partition | str,
    *,
    columns: Mapping[str, Sequence[str]] | None = None,
    verify: bool = True,
) -> Register:
    """Read one partition.

    Parameters
    ----------
    path : path-like
        The folder of the packed register.
    partition : Partition or str
        Of the manifest; by name the manifest is read first.
    columns : mapping of str to sequence of str, optional
        Per table the columns to read; others are missing throughout. Tables not named are read whole.
    verify : bool, default True
        Whether to compare the SHA-256 of every file with the manifest's. Checksums of the pages are always checked.

    Returns
    -------
    Register
        Ids of households and members as dictionaries (Categorical), all else as from :func:`fanpin_risk.records.register.conform`.

    Raises
    ------
    InputError
        If there is no such partition, or a file is absent, changed or damaged.
    """
    if isinstance(partition, str):
        partition = named_partition(path, partition)
    folder = Path(path) / PARTITIONS / partition.folder
    read, tables = {}, {}
    doubts = no_doubts()
    for table, facts in partition.files.items():
        data = _bytes_of(folder, partition, table, facts, verify=verify)
        with _whole(partition.name, table):
            if table == DOUBTS_FILE:
                doubts = _doubts_in(data)
            else:
                read[table] = _read_parquet(table, data, None if columns is None else columns.get(table))
    ids = _number_ids(read)
    for table, rows in read.items():
        with _whole(partition.name, table):
            tables[table] = _frame(table, rows, ids)
    return Register(tables, source=f"{Path(path).name}/{partition.name}", supplied=read, doubts=doubts)


def read_doubts(path: str | os.PathLike[str], partition: Partition) -> pd.Series:
    """Read what is in doubt of the households of a partition, without its tables.

    Parameters
    ----------
    path : path-like
        The folder of the packed register.
    partition : Partition

    Returns
    -------
    Series of str
        As :attr:`fanpin_risk.Register.doubts`.

    Raises
    ------
    InputError
        If the file is absent, changed or damaged.
    """
    if DOUBTS_FILE not in partition.files:
        return no_doubts()
    folder = Path(path) / PARTITIONS / partition.folder
    data = _bytes_of(folder, partition, DOUBTS_FILE, partition.files[DOUBTS_FILE], verify=True)
    with _whole(partition.name, DOUBTS_FILE):
        return _doubts_in(data)


def _doubts_in(data: bytes) -> pd.Series:
    doubts: pd.Series = pd.read_parquet(BytesIO(data)).astype("str").set_index("household_id")[DOUBTS_FILE]
    return doubts


def _bytes_of(folder: Path, partition: Partition, table: str, facts: Mapping[str, Any], *, verify: bool) -> bytes:
    """Read a file of a partition, which has to be the one that was written."""
    try:
        data = (folder / f"{table}.parquet").read_bytes()
    except OSError as error:
        raise InputError(
            "partition {name}: {file} cannot be read ({reason}); {again}",
            name=partition.name,
            file=f"{table}.parquet",
            reason=system_error(error),
            again=AGAIN,
        ) from error
    if verify and (len(data) != facts["bytes"] or hashlib.sha256(data).hexdigest() != facts["sha256"]):
        raise InputError(
            "partition {name}: {file} is not the file that was packed, but changed or damaged; {again}",
            name=partition.name,
            file=f"{table}.parquet",
            again=AGAIN,
        )
    return data


def named_partition(path: str | os.PathLike[str], name: str) -> Partition:
    """Return the partition of a name.

    Raises
    ------
    InputError
        If there is none.
    """
    found = next((partition for partition in partitions_of(path) if partition.name == name), None)
    if found is None:
        raise InputError("there is no partition {name!r} in {folder}", name=name, folder=Path(path).name)
    return found


def _write_parquet(table: str, frame: pd.DataFrame, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {}
    for column in TABLES[table].columns:
        values = frame[column.name]
        if column.type == "date":
            days = values.to_numpy(dtype="datetime64[s]").astype("datetime64[D]")
            arrays[column.name] = pa.array(days, type=pa.date32())
        elif column.type == "bool":
            arrays[column.name] = pa.array(values.astype("boolean"), type=pa.bool_(), from_pandas=True)
        elif column.type in ("int", "number"):
            arrays[column.name] = pa.array(values.to_numpy(dtype="float64"), type=pa.float64(), from_pandas=True)
        elif column.type == "code" and isinstance(values.dtype, pd.CategoricalDtype):
            codes = values.cat.codes.to_numpy()
            texts = pa.array(values.cat.categories.astype("str"), pa.string())
            arrays[column.name] = texts.take(pa.array(codes, mask=codes < 0))
        else:
            arrays[column.name] = pa.array(values.astype("str"), from_pandas=True).cast(pa.string())
    repeating = [c.name for c in TABLES[table].columns if c.type not in ("int", "number") and not _unique(c)]
    pq.write_table(
        pa.table(arrays), file, compression="zstd", write_page_checksum=True, write_statistics=False,
        use_dictionary=repeating, dictionary_pagesize_limit=DICTIONARY_BYTES,
        store_schema=False,
    )  # fmt: skip


def _unique(column: Column) -> bool:
    """Whether a column holds ids of the rows themselves, which hardly ever repeat."""
    return column.type == "id" and column.name not in OWNERS


@contextmanager
def _whole(partition: str, table: str) -> Iterator[None]:
    """Say which file cannot be read, although it is the one that was packed."""
    try:
        yield
    except (ValueError, OSError, KeyError) as error:  # ArrowInvalid is a ValueError
        raise InputError(
            "partition {name}: {file} is damaged, or not as pack writes it; {again}",
            name=partition,
            file=f"{table}.parquet",
            again=AGAIN,
        ) from error


def _read_parquet(table: str, data: bytes, wanted: Sequence[str] | None) -> Any:
    """Read the wanted columns as a table of pyarrow, ids and codes as dictionaries."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    declared = [column for column in TABLES[table].columns if wanted is None or column.name in wanted]
    texts = [column.name for column in declared if column.type in ("id", "code") and not _unique(column)]
    with pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts, page_checksum_verification=True) as file:
        read = file.read(columns=[column.name for column in declared], use_threads=False)
    if read.num_columns != len(declared):
        raise SchemaError("{count} columns are missing", count=len(declared) - read.num_columns)
    return read


def _number_ids(read: Mapping[str, Any]) -> dict[tuple[str, str], pd.Series]:
    """Return the ids of each table and kind, those of a kind with one dictionary: equal ids have equal codes."""
    numbered = {}
    for kind in OWNERS:
        tables = [table for table, rows in read.items() if kind in rows.column_names]
        codes, texts = _coded([read[table][kind] for table in tables])
        dtype = pd.CategoricalDtype(texts)
        for table, places in zip(tables, codes, strict=True):
            numbered[table, kind] = pd.Series(pd.Categorical.from_codes(places, dtype=dtype))
    return numbered


def _coded(columns: Sequence[Any]) -> tuple[list[np.ndarray], pd.Index]:
    """Return the places of texts, given as columns of pyarrow dictionaries, in one dictionary of all; -1 where missing."""
    import pyarrow as pa

    chunks = [chunk for column in columns for chunk in column.chunks]
    together = pa.chunked_array(chunks, type=pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()
    places = iter([chunk.indices.fill_null(-1).to_numpy() for chunk in together.chunks])
    codes = [np.concatenate([np.empty(0, np.int32), *islice(places, column.num_chunks)]) for column in columns]
    texts = together.chunk(0).dictionary.to_pandas() if together.num_chunks else []
    return codes, pd.Index(texts, dtype="str")


def _frame(table: str, read: Any, ids: Mapping[tuple[str, str], pd.Series]) -> pd.DataFrame:
    """Return a table in the types of the register, ids as dictionaries; columns that were not read are missing."""
    n = read.num_rows
    columns = {}
    for column in TABLES[table].columns:
        if (table, column.name) in ids:
            columns[column.name] = ids[table, column.name]
        elif column.name in read.column_names:
            columns[column.name] = _typed(read[column.name], column)
        else:
            columns[column.name] = missing(column, n)
    return pd.DataFrame(columns, index=pd.RangeIndex(n), copy=False)


def _typed(values: Any, column: Column) -> pd.Series:
    """Return a column as read, a chunked array, in its type of the register."""
    import pyarrow as pa

    if column.type == "date":
        return values.cast(pa.timestamp("s")).to_pandas()
    if column.type == "bool":
        return values.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
    if column.type in ("int", "number"):
        return values.cast(pa.float64()).to_pandas()
    if column.type == "code":
        [codes], texts = _coded([values])
        place = pd.Index(list(column.codes)).get_indexer(texts)
        if (place < 0).any():
            raise SchemaError("column {column} holds a code that is not declared", column=column.name)
        return pd.Series(pd.Categorical.from_codes(np.append(place, -1)[codes], dtype=column_dtype(column)))
    return values.to_pandas(types_mapper=None).astype("str")
