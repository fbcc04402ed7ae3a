"""The packed register: a folder of partitions, each with whole households and all that is known of them.

A partition is a county, a bucket of a county that is too large for one, or a bucket of the households without a
county. It can be scored alone: as with :meth:`fanpin_risk.Register.select`, it holds all rows of everyone who ever
belonged to one of its households. A person who moved between partitions therefore stands in both.

    <packed>/manifest.json                          what it holds, with the SHA-256 of every table of every partition and
                                                    of all that the manifest itself says
    <packed>/partitions/<name>/<table>.parquet      one file for each table that was given, also where it has no rows
    <packed>/problems.parquet, <packed>/rejected/<table>.parquet
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.register_on_day import OWNERS
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.files import sync_folder, write_text
from fanpin_risk.records.cells import column_dtype, missing
from fanpin_risk.records.places import UNIT_DIGITS
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES, Column

__all__ = [
    "AGAIN",
    "FILES",
    "FORMAT",
    "MANIFEST",
    "MAX_HOUSEHOLDS",
    "NOBODY",
    "Manifest",
    "Partition",
    "bucket_of",
    "county_of",
    "is_packed",
    "other_files",
    "partition_names",
    "partitions_of",
    "read_manifest",
    "read_partition",
    "share_ids",
    "split_register",
    "write_manifest",
    "write_partition",
]

FORMAT = "fanpin-risk register 2"
MANIFEST, PARTITIONS, PROBLEMS, REJECTED = "manifest.json", "partitions", "problems.parquet", "rejected"
FILES = (MANIFEST, PARTITIONS, PROBLEMS, REJECTED)
MAX_HOUSEHOLDS = 50_000  # of a partition: a block of this size is scored in a few hundred MB
NO_COUNTY = "none"
NOBODY = f"{NO_COUNTY}-00"  # the one partition, then an empty one, of a register without households
NAME = re.compile(r"[0-9]{6}(?:-[0-9]{2,})?|none-[0-9]{2,}")
OF_A_REGISTER = re.compile(
    rf"{MANIFEST}|{PROBLEMS}|{REJECTED}/[a-z_]+\.parquet|{PARTITIONS}/(?:{NAME.pattern})/[a-z_]+\.parquet"
)
COUNTS = ("read", "kept", "rejected", "copies")
AGAIN = "pack its files again, with overwrite=True (--overwrite)"
# Parquet gives up a dictionary that grows beyond this; ids of a partition stay well below.
DICTIONARY_BYTES = 32 * 2**20

Array = np.ndarray


@dataclass(frozen=True)
class Partition:
    """One partition of a packed register.

    Attributes
    ----------
    name : str
        ``211225`` (county), ``211225-03`` (bucket of a county) or ``none-00`` (bucket of those without a county).
    households : int
        Different households in it.
    files : dict of str to dict
        For each table that the register was given its ``rows``, and ``bytes`` and ``sha256`` of its file.
    """

    name: str
    households: int
    files: Mapping[str, Mapping[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return the partition as plain data."""
        return {
            "name": self.name, "households": self.households,
            "files": {table: dict(facts) for table, facts in sorted(self.files.items())},
        }  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """What a packed register holds.

    Attributes
    ----------
    tables : tuple of str
        Tables that the register was given, in the order of the schema.
    rows : dict of str to dict
        Per table ``read`` = ``kept`` + ``rejected``, and ``copies``: rows that stand in one partition more because
        someone moved.
    source : str
        Where the register came from.
    observed_until : str
        As :attr:`fanpin_risk.Register.observed_until`, an ISO day, or ``""``.
    partitions : tuple of Partition
        By name.
    """

    tables: tuple[str, ...]
    rows: Mapping[str, Mapping[str, int]]
    source: str
    observed_until: str
    partitions: tuple[Partition, ...] = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the partitions: equal where every table of every partition has the same bytes."""
        return _digest([partition.as_dict() for partition in self.partitions])

    @property
    def households(self) -> int:
        """Number of households."""
        return sum(partition.households for partition in self.partitions)


def _digest(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


# --- manifest -----------------------------------------------------------------------------------------------------


def is_packed(path: str | os.PathLike[str]) -> bool:
    """Tell whether a folder is a packed register, by its manifest or, where that is damaged or lost, its partitions."""
    folder = Path(path)
    try:
        with (folder / MANIFEST).open("rb") as file:
            if FORMAT.rpartition(" ")[0].encode() in file.read(200):
                return True
    except OSError:
        pass
    return any(NAME.fullmatch(file.parent.name) for file in folder.glob(f"{PARTITIONS}/*/households.parquet"))


def other_files(path: str | os.PathLike[str]) -> list[str] | None:
    """Name what stands in a packed register and is not part of it; None where the folder is not one at all.

    What is damaged is part of it all the same, so that the advice to pack again can be followed.
    """
    folder = Path(path)
    if not is_packed(folder):
        return None
    found = [
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir() or file.is_symlink()
    ]
    return sorted(name for name in found if not OF_A_REGISTER.fullmatch(name))


def write_manifest(path: str | os.PathLike[str], manifest: Manifest) -> Path:
    """Write the manifest of a packed register, when all partitions are there.

    Parameters
    ----------
    path : path-like
        The folder.
    manifest : Manifest

    Returns
    -------
    Path
        Its file.
    """
    plain = {
        "format": FORMAT,
        "fingerprint": manifest.fingerprint,
        "source": manifest.source,
        "observed_until": manifest.observed_until,
        "tables": list(manifest.tables),
        "rows": {table: dict(counts) for table, counts in manifest.rows.items()},
        "partitions": [partition.as_dict() for partition in manifest.partitions],
    }
    plain["digest"] = _digest(plain)
    return write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", Path(path) / MANIFEST)


def read_manifest(path: str | os.PathLike[str]) -> Manifest:
    """Read the manifest of a packed register and check that it makes sense.

    Parameters
    ----------
    path : path-like
        The folder.

    Returns
    -------
    Manifest

    Raises
    ------
    InputError
        If there is none, it is damaged, of another format, or not what its digest says.
    """
    folder = Path(path)
    if not is_packed(folder):
        raise InputError(
            "{folder} is not a packed register: it has no readable {manifest}; pack it",
            folder=folder.name,
            manifest=MANIFEST,
        )
    damaged = f"{folder.name} is a packed register whose {MANIFEST} is damaged"
    try:
        plain = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            "{folder} is a packed register whose {manifest} cannot be read ({strerror}); {again}",
            folder=folder.name,
            manifest=MANIFEST,
            strerror=error.strerror,
            again=AGAIN,
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError("{damaged} (no readable JSON); {again}", damaged=damaged, again=AGAIN) from error
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        got = plain.get("format") if isinstance(plain, dict) else None
        raise InputError(
            "{folder}: {manifest} has the format {got!r}; expected {format!r}: {again}",
            folder=folder.name,
            manifest=MANIFEST,
            got=got,
            format=FORMAT,
            again=AGAIN,
        )
    try:
        manifest = Manifest(
            tables=tuple(str(name) for name in plain["tables"]),
            rows={str(t): {kind: int(c[kind]) for kind in COUNTS} for t, c in plain["rows"].items()},
            source=str(plain["source"]),
            observed_until=str(plain["observed_until"]),
            partitions=tuple(
                Partition(str(p["name"]), int(p["households"]), {str(t): dict(f) for t, f in p["files"].items()})
                for p in plain["partitions"]
            ),
        )
        digest = str(plain.pop("digest"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            "{damaged} (not as the package writes it: {error!r}); {again}", damaged=damaged, error=error, again=AGAIN
        ) from error
    names = [partition.name for partition in manifest.partitions]
    odd = [name for name in names if not NAME.fullmatch(name)]
    odd += [f"{p.name}: {t}" for p in manifest.partitions for t in p.files if t not in manifest.tables]
    odd += [t for t in manifest.tables if t not in TABLES]
    if odd or len(set(names)) < len(names):
        raise InputError(
            "{damaged} ({n_odd} partitions or tables that cannot be, or one twice); {again}",
            damaged=damaged,
            n_odd=len(odd),
            again=AGAIN,
        )
    for table, counts in manifest.rows.items():
        if counts["read"] != counts["kept"] + counts["rejected"]:
            raise InputError(
                "{damaged} (rows of {table} do not add up); {again}", damaged=damaged, table=table, again=AGAIN
            )
    if digest != _digest(plain):
        raise InputError(
            "{folder}: {manifest} was changed after it was written; {again}",
            folder=folder.name,
            manifest=MANIFEST,
            again=AGAIN,
        )
    return manifest


def partitions_of(path: str | os.PathLike[str]) -> tuple[Partition, ...]:
    """Return the partitions of a packed register, by name."""
    return read_manifest(path).partitions


# --- who belongs where --------------------------------------------------------------------------------------------


def bucket_of(household_ids: Iterable[str], n_buckets: int) -> Array:
    """Deal households into buckets by a hash of their id, which no other household can change.

    Parameters
    ----------
    household_ids : iterable of str
    n_buckets : int

    Returns
    -------
    ndarray of int64, shape (n_households,)
        The number of the first 32 bits of the SHA-256 of the id, modulo `n_buckets`.

    Examples
    --------
    >>> bucket_of(["h1", "h2"], 4).tolist()
    [1, 2]
    """
    numbers = [int.from_bytes(hashlib.sha256(i.encode()).digest()[:4], "big") for i in household_ids]
    return np.array(numbers, dtype="int64") % n_buckets


def county_of(partition: str) -> str:
    """Return the county in the name of a partition; ``none`` where there is none.

    Examples
    --------
    >>> county_of("211225-03"), county_of("none-00")
    ('211225', 'none')
    """
    return partition.partition("-")[0]


def partition_names(households: pd.DataFrame, *, max_households: int = MAX_HOUSEHOLDS) -> pd.Series:
    """Name the partition of every household.

    It is the county (first six digits) of the newest area code on record for the household, by ``valid_from`` and then
    ``recorded_at``. Counties of more than `max_households` are dealt into buckets, and so are the households
    without a county.

    Parameters
    ----------
    households : DataFrame of shape (n_rows, n)
        The table ``households`` of a register, all versions.
    max_households : int, default 50,000
        Households of a partition, about.

    Returns
    -------
    Series of shape (n_households,)
        Names by ``household_id``, sorted by id.

    Examples
    --------
    >>> frame = pd.DataFrame({"household_id": ["b", "a"], "area_code": ["211225101201", None]})
    >>> partition_names(frame.assign(valid_from=pd.Timestamp("2023-01-01"), recorded_at=pd.NaT)).tolist()
    ['none-00', '211225']
    """
    ids = pd.Series(np.sort(households["household_id"].astype("str").unique().astype(object)), dtype="str")
    rows = pd.DataFrame(
        {
            "household": pd.Index(ids).get_indexer(households["household_id"].astype("str")),
            "code": households["area_code"].astype("str").to_numpy(),
            "valid_from": households["valid_from"].to_numpy(),
            "recorded_at": households["recorded_at"].to_numpy(),
        }
    )
    rows = rows[rows["code"].str.len() >= UNIT_DIGITS["county"]]
    rows = rows.sort_values(["household", "valid_from", "recorded_at", "code"], na_position="first", kind="stable")
    newest = rows.drop_duplicates("household", keep="last")
    county = np.full(len(ids), NO_COUNTY, dtype=object)
    county[newest["household"].to_numpy()] = newest["code"].str[: UNIT_DIGITS["county"]].to_numpy(dtype=object)
    names = pd.Series(county, index=pd.Index(ids, name="household_id"), dtype="str")
    for code, size in names.value_counts().items():
        if code == NO_COUNTY or size > max_households:
            here = names.index[(names == code).to_numpy()]
            buckets = bucket_of(here, -(-int(size) // max_households))
            names.loc[here] = [f"{code}-{bucket:02d}" for bucket in buckets]
    return names


def split_register(
    register: Register, *, max_households: int = MAX_HOUSEHOLDS, names: pd.Series | None = None
) -> Iterator[tuple[str, Register]]:
    """Give the partitions of a register in memory, one after the other, by name; an empty one if nobody is in it.

    Parameters
    ----------
    register : Register
        Checked records.
    max_households : int, default 50,000
        See :func:`partition_names`.
    names : Series, optional
        From :func:`partition_names`.

    Yields
    ------
    name : str
    partition : Register
        Equal to ``register.select`` of its households, with ids as dictionaries (Categorical), as read from a file.
    """
    whole = share_ids(register.tables)
    if names is None:
        names = partition_names(whole["households"], max_households=max_households)
    numbers, parts = pd.factorize(names, sort=True)
    parts = parts if len(parts) else pd.Index([NOBODY])
    part_of = _looked_up(whole["members"]["household_id"], names.index, numbers)
    belongs = pd.DataFrame({"member_id": whole["members"]["member_id"].array, "part": part_of})
    belongs = belongs[belongs["part"] >= 0].drop_duplicates()
    pieces = {}
    for table, frame in whole.items():
        if table == "members" or "household_id" not in frame:
            row = pd.DataFrame({"member_id": frame["member_id"].array, "row": np.arange(len(frame))})
            met = row.merge(belongs, on="member_id")
            part, index = met["part"].to_numpy(), met["row"].to_numpy()
        else:
            part = _looked_up(frame["household_id"], names.index, numbers)
            index = np.flatnonzero(part >= 0)
            part = part[index]
        order = np.lexsort((index, part))
        pieces[table] = (index[order], np.searchsorted(part[order], np.arange(len(parts) + 1)))
    for number, name in enumerate(parts):
        tables = {
            table: whole[table].iloc[index[bounds[number] : bounds[number + 1]]].reset_index(drop=True)
            for table, (index, bounds) in pieces.items()
        }
        yield str(name), Register(_own_ids(tables), source=register.source, supplied=register.supplied)


def share_ids(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Give the ids of each kind one dictionary in all tables: equal ids have equal codes, and texts are met once.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Typed tables of a register.

    Returns
    -------
    dict of str to DataFrame
        The same with ``household_id`` and ``member_id`` as Categorical.

    Examples
    --------
    >>> tables = share_ids(
    ...     {
    ...         "households": pd.DataFrame({"household_id": ["b", "a"]}),
    ...         "members": pd.DataFrame({"household_id": ["a", "c"], "member_id": ["p", "q"]}),
    ...     }
    ... )
    >>> tables["members"]["household_id"].cat.codes.tolist()
    [1, 2]
    """
    shared = dict(tables)
    for kind in OWNERS:
        columns = {table: frame[kind] for table, frame in tables.items() if kind in frame}
        held = [column.cat.categories if hasattr(column, "cat") else None for column in columns.values()]
        if held[0] is not None and all(dictionary is held[0] for dictionary in held):
            continue
        codes, texts = pd.factorize(pd.concat([column.astype("str") for column in columns.values()]))
        ends = np.cumsum([len(column) for column in columns.values()])
        _put_ids(shared, kind, zip(columns, np.split(codes, ends[:-1]), strict=True), texts)
    return shared


def _own_ids(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Take out of the dictionaries what these tables, which share them, do not hold."""
    for kind in OWNERS:
        codes = {table: frame[kind].cat.codes.to_numpy() for table, frame in tables.items() if kind in frame}
        texts = next(frame[kind].cat.categories for frame in tables.values() if kind in frame)
        here = np.zeros(len(texts) + 1, dtype=bool)  # the last place is for -1, missing
        for numbers in codes.values():
            here[numbers] = True
        here[-1] = False
        place = np.where(here, np.cumsum(here) - 1, -1)
        _put_ids(tables, kind, ((table, place[numbers]) for table, numbers in codes.items()), texts[here[:-1]])
    return tables


def _put_ids(
    tables: dict[str, pd.DataFrame], kind: str, codes: Iterable[tuple[str, np.ndarray]], texts: pd.Index
) -> None:
    dtype = pd.CategoricalDtype(texts)
    for table, numbers in codes:
        tables[table] = tables[table].assign(**{kind: pd.Categorical.from_codes(numbers, dtype=dtype)})


def _looked_up(values: pd.Series, ids: pd.Index, numbers: Array) -> Array:
    """Return the number of each id, which are held as a dictionary; -1 where it is not among `ids`."""
    known = np.append(numbers, -1)[ids.get_indexer(values.cat.categories)]
    return np.append(known, -1)[values.cat.codes.to_numpy()]


# --- partitions on disk -------------------------------------------------------------------------------------------


def write_partition(
    path: str | os.PathLike[str], name: str, tables: Mapping[str, pd.DataFrame], supplied: Iterable[str]
) -> Partition:
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
            "a partition cannot be named {name!r}; expected a county code, with a bucket or without", name=name
        )
    folder = Path(path) / PARTITIONS
    files: dict[str, dict[str, Any]] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder, prefix=f".{name}~"))
        try:
            for table in sorted(supplied):
                file = temporary / f"{table}.parquet"
                _write_parquet(table, tables[table], file)
                data = file.read_bytes()
                with file.open("rb+") as stream:
                    os.fsync(stream.fileno())
                file.chmod(0o644)
                digest = hashlib.sha256(data).hexdigest()
                files[table] = {"rows": len(tables[table]), "bytes": len(data), "sha256": digest}
            temporary.chmod(0o755)
            sync_folder(temporary)
            target = folder / name
            if target.exists():
                shutil.rmtree(target)
            temporary.rename(target)
            sync_folder(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise InputError(
            "cannot write partition {name}: {value}", name=name, value=error.strerror or "input/output error"
        ) from error
    return Partition(name, int(tables["households"]["household_id"].nunique()), files)


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
        name = partition
        found = next((p for p in partitions_of(path) if p.name == name), None)
        if found is None:
            raise InputError("there is no partition {name!r} in {name_2}", name=name, name_2=Path(path).name)
        partition = found
    folder = Path(path) / PARTITIONS / partition.name
    read, tables = {}, {}
    for table, facts in partition.files.items():
        where = f"partition {partition.name}: {table}.parquet"
        try:
            data = (folder / f"{table}.parquet").read_bytes()
        except OSError as error:
            raise InputError(
                "{where} cannot be read ({strerror}); {again}", where=where, strerror=error.strerror, again=AGAIN
            ) from error
        if verify and (len(data) != facts["bytes"] or hashlib.sha256(data).hexdigest() != facts["sha256"]):
            raise InputError(
                "{where} is not the file that was packed, but changed or damaged; {again}", where=where, again=AGAIN
            )
        with _whole(partition.name, table):
            read[table] = _read_parquet(table, data, None if columns is None else columns.get(table))
    ids = _number_ids(read)
    for table, rows in read.items():
        with _whole(partition.name, table):
            tables[table] = _frame(table, rows, ids)
    return Register(tables, source=f"{Path(path).name}/{partition.name}", supplied=partition.files)


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
    """Tell what cannot be read from a file, although it is the one that was packed."""
    try:
        yield
    except (ValueError, OSError, KeyError) as error:  # ArrowInvalid is a ValueError
        where = f"partition {partition}: {table}.parquet"
        raise InputError("{where} is damaged or not as it is packed; {again}", where=where, again=AGAIN) from error


def _read_parquet(table: str, data: bytes, wanted: Sequence[str] | None) -> Any:
    """Read the wanted columns as a table of pyarrow, ids and codes as dictionaries."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    declared = [column for column in TABLES[table].columns if wanted is None or column.name in wanted]
    texts = [column.name for column in declared if column.type in ("id", "code") and not _unique(column)]
    with pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts, page_checksum_verification=True) as file:
        read = file.read(columns=[column.name for column in declared], use_threads=False)
    if read.num_columns != len(declared):
        raise SchemaError("{n_declared} columns are absent", n_declared=len(declared) - read.num_columns)
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
            raise SchemaError("column {column} holds an undeclared code", column=column.name)
        return pd.Series(pd.Categorical.from_codes(np.append(place, -1)[codes], dtype=column_dtype(column)))
    return values.to_pandas(types_mapper=None).astype("str")
