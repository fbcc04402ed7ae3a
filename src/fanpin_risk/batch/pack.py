"""Pack a register that does not fit into memory: large files in any order become partitions that can be scored alone.

Each file is read once, piece by piece. DuckDB finds out which partition every row belongs to and sorts the raw rows
by partition, on disk where memory does not suffice. Then each partition goes through the same checks as
:func:`fanpin_risk.read_register` runs on the whole. Every row is checked exactly once, in the partition of its
household (of its person, for tables without a household). People whose rows name households of several partitions
are checked beforehand, so that every partition knows what it has to know of the others.
"""

# ruff: noqa: S608  the SQL is put together from our own names and numbers, paths quoted by _sql
from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.batch import layout
from fanpin_risk.batch.options import size_in_bytes, size_text, switch, whole_number
from fanpin_risk.batch.pieces import Source, open_file
from fanpin_risk.errors import InputError, MissingPackageError, install_command
from fanpin_risk.files import sync_folder
from fanpin_risk.records.cells import Fault, _plain
from fanpin_risk.records.checks import Checked, Elsewhere, check_sheets, read_keys, require_households
from fanpin_risk.records.headers import lay_out
from fanpin_risk.records.ids import read_key
from fanpin_risk.records.problems import PROBLEM_COLUMNS, Findings
from fanpin_risk.records.read import (
    REASONS,
    _check_encoding,
    _files,
    _name,
    _no_households,
    _note_skipped,
    _note_unknown,
    _note_unreadable,
    _source,
    _UnreadableError,
)
from fanpin_risk.records.register import Register, _day, conform, unique_labels
from fanpin_risk.records.schema import TABLES, Table
from fanpin_risk.records.sheets import Sheet, note_left_out

__all__ = ["PackSummary", "pack"]

Progress = Callable[[int, int, str], None]

SORTED_ROW_GROUP = 20_480
ORPHANS_PER_BUCKET = 1_000_000  # rows of unknown households are all read to be rejected, this many at a time
TRAVELLERS_PER_BATCH = 50_000
BY_PERSON = tuple(name for name, table in TABLES.items() if name == "members" or "household_id" not in table)
BY_HOUSEHOLD = tuple(name for name in TABLES if name not in BY_PERSON)
COUNTED = ("read", "kept", "rejected", "records", "filled")
FULL = (errno.ENOSPC, errno.EDQUOT)  # of a disk, or of a user's share of it
TABLE_NUMBERS = {name: number for number, name in enumerate(TABLES)}


@dataclass(frozen=True)
class PackSummary:
    """What packing did.

    Attributes
    ----------
    path : Path
        The packed register.
    partitions, households : int
    rows : DataFrame of shape (n_tables, 6)
        Per table that was given: ``read`` = ``kept`` + ``rejected``; ``records`` that rows were read into, and of them
        those ``filled`` with a day of recording; ``copies`` in a second partition.
    problems : dict of str to int
        Number of problems by severity.
    seconds : dict of str to float
        Wall time by stage: ``read``, ``sort``, ``check``.
    temporary_bytes : int
        The most that was found on the temporary disk, looked at after every piece read and every table sorted.
    """

    path: Path
    partitions: int
    households: int
    rows: pd.DataFrame
    problems: Mapping[str, int]
    seconds: Mapping[str, float]
    temporary_bytes: int


def pack(
    source: str | Path,
    out: str | Path,
    *,
    max_households: int = layout.MAX_HOUSEHOLDS,
    memory: str = "2GB",
    temp_dir: str | Path | None = None,
    temp_limit: str | None = None,
    threads: int | None = None,
    data_date: object = None,
    id_key: bytes | str | Path | None = None,
    encoding: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> PackSummary:
    r"""Pack the files of a register into partitions by county, out of core.

    The same rows are kept and rejected, with the same messages, as :func:`fanpin_risk.read_register` would give; every
    partition is what :meth:`fanpin_risk.Register.select` would give for its households. Rows of a person that were
    kept, none of which names a household of the register, are counted but stand in no partition.

    One warning can be missing: ``spouse_same_sex`` for a couple whose newest rows name one and the same household
    outside the files, while their earlier households lie in different partitions.

    Parameters
    ----------
    source : str or Path
        A folder of csv, tsv, txt, parquet and workbook files, or one file; see :func:`fanpin_risk.read_register`.
        Workbooks are read whole.
    out : str or Path
        Folder to make: whole or not at all. A run that was stopped begins anew; what one that was killed leaves
        behind, a hidden folder ``.<name>~...`` beside `out` or in `temp_dir`, can be deleted.
    max_households : int, default 50,000
        Larger counties are dealt into buckets. A partition is checked in memory: fewer households need less of it.
    memory : str, default "2GB"
        What DuckDB may use while joining and sorting. Beside it stands one partition of raw rows.
    temp_dir : str or Path, optional
        Where raw rows are put until they are packed, readable by the owner only, and taken away in the end. Default:
        beside `out`.
    temp_limit : str, optional
        The most DuckDB and the raw rows may each take there, e.g. ``"200GB"``. Default: no limit.
    threads : int, optional
        Of DuckDB; by default one per core.
    data_date, id_key, encoding
        See :func:`fanpin_risk.read_register`.
    overwrite : bool, default False
        Whether a packed register at `out`, also a damaged one, is replaced. A folder with other files never is.
    progress : callable, optional
        Called with (done, in all, name): first of the files, then of the partitions.

    Returns
    -------
    PackSummary

    Raises
    ------
    InputError
        If the source does not exist or holds no file, an option is none, memory, temporary disk or disk do not
        suffice, or something else lies at `out`.
    SchemaError
        If no households can be read.
    MissingPackageError
        If DuckDB is not installed.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "households.csv").write_text("户编号,年度,行政区划代码\nh1,2023,211225101201\nh2,2023,\n")
    >>> summary = pack(folder, folder / "packed", threads=1)
    >>> [partition.name for partition in layout.partitions_of(folder / "packed")]
    ['211225', 'none-00']
    """
    duckdb = _duckdb()
    source, out = Path(source), Path(out)
    max_households = whole_number("max_households", max_households, 1)
    allowed = size_in_bytes("memory", memory)
    limit = None if temp_limit is None else size_in_bytes("temp_limit", temp_limit)
    threads = None if threads is None else whole_number("threads", threads, 1)
    switch("overwrite", overwrite)
    if temp_dir is not None and not Path(temp_dir).is_dir():
        raise InputError("temp_dir {temp_dir} is no folder; make it first", temp_dir=temp_dir)
    _check_encoding(encoding)
    day = None if data_date is None else _day(data_date)
    key = None if id_key is None else read_key(id_key)
    _check_places(out, out if temp_dir is None else Path(temp_dir))
    try:
        _check_target(out, overwrite=overwrite)
        out.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}~"))
        raw = building
        try:
            raw = Path(tempfile.mkdtemp(dir=temp_dir or building, prefix=".pack~"))
            with duckdb.connect(str(raw / "keys.duckdb")) as connection:
                _configure(connection, raw, memory=allowed, temp_limit=limit, threads=threads)
                packing = _Packing(connection, raw, building, day, key, max_households, limit, progress)
                summary = packing.run(source, out, encoding)
            shutil.rmtree(raw)
            building.chmod(0o755)
            _flush(building)
            _check_target(out, overwrite=overwrite)
            _put_in_place(building, out)
            sync_folder(out.parent)
        finally:
            shutil.rmtree(raw, ignore_errors=True)
            shutil.rmtree(building, ignore_errors=True)
    except OSError as error:
        why = _full_disk(out, temp_dir) if error.errno in FULL else error.strerror or "input/output error"
        raise InputError("cannot pack into {out}: {why}", out=out, why=why) from error
    except duckdb.Error as error:
        why = _why_duckdb_stopped(error, memory, temp_limit, _full_disk(out, temp_dir))
        raise InputError("cannot pack {source}: {why}", source=source.name, why=why) from error
    return summary


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise MissingPackageError(
            "packing needs duckdb, which is not installed; install it with: {command}", command=install_command("pack")
        ) from error
    return duckdb


def _full_disk(out: Path, temp_dir: str | Path | None) -> str:
    places = out.parent if temp_dir is None else f"{temp_dir} or {out.parent}"
    return f"the disk of {places} is full; make room there, or choose a temp_dir (--temp-dir) on a larger disk"


def _why_duckdb_stopped(error: Exception, memory: str, temp_limit: str | None, full_disk: str) -> str:
    """Say why DuckDB stopped and what to do, without its own text, which may hold a cell."""
    kind, text = type(error).__name__, str(error)
    if kind == "OutOfMemoryException" and "max_temp_directory_size" in text:
        if temp_limit is None:  # then DuckDB allows itself what is free on the disk
            return full_disk
        return (
            f"joining and sorting need more temporary disk than temp_limit={temp_limit} allows; raise it (--temp-limit), "
            "or allow more memory (--memory), so that less is put there"
        )
    if kind == "OutOfMemoryException":
        return f"memory={memory} does not suffice for joining and sorting; allow more (--memory), or fewer threads (--threads)"
    if any(os.strerror(number) in text for number in FULL):
        return full_disk
    return f"DuckDB stopped ({kind})"


def _configure(connection: Any, folder: Path, *, memory: int, temp_limit: int | None, threads: int | None) -> None:
    settings = {
        "memory_limit": f"{memory}B",
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": False,
    }
    if temp_limit is not None:
        settings["max_temp_directory_size"] = f"{temp_limit}B"
    if threads is not None:
        settings["threads"] = threads
    for name, value in settings.items():
        connection.execute(f"SET {name} = {_sql(value)}")


def _sql(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _rows_in(*files: Path) -> str:
    """Return the SQL of the rows of Parquet files; names of folders such as ``year=2024`` are no columns."""
    return f"read_parquet([{', '.join(_sql(str(file)) for file in files)}], hive_partitioning = false)"


def _check_target(out: Path, *, overwrite: bool) -> None:
    if out.is_file():
        raise InputError("{out} is a file; expected a folder to make", out=out)
    if not out.is_dir() or not any(out.iterdir()):
        return
    if not layout.is_packed(out) or any(entry.name not in layout.FILES for entry in out.iterdir()):
        raise InputError("{out} holds other files; choose a new folder", out=out)
    if not overwrite:
        raise InputError(
            "{out} is a packed register already; choose a new folder, or overwrite it (--overwrite)", out=out
        )


def _check_places(out: Path, raw: Path) -> None:
    """Refuse folders for partitions and for raw rows whose paths Arrow and DuckDB cannot read, or read as other ones."""
    path = ""
    for name, folder in (("out", out), ("temp_dir", raw)):
        path = folder.absolute().as_posix()  # in which \\ is part of a name
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                "the path of {name} is not UTF-8, so no files can be made there; choose another", name=name
            ) from error
    if "?" in path or "\\" in path:
        raise InputError(
            "DuckDB cannot put raw rows into a folder whose path has a ? or \\; choose a temp_dir (--temp-dir) without"
        )


@contextmanager
def _unchanged(file: Path) -> Iterator[None]:
    """Refuse a file that is another one in the end, for it is gone through several times."""
    before, why = _state(file), None
    try:
        yield
    except (OSError, ValueError) as error:
        if _state(file) == before:
            raise
        why = error
    if _state(file) != before:
        raise InputError(
            "{name} was changed or removed while it was read; pack again when nobody writes to it", name=_name(file)
        ) from why


def _state(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _flush(folder: Path) -> None:
    """Have the disk hold what was written, before the folder gets its name; partitions are there already."""
    for file in [*folder.glob("*.*"), *folder.glob(f"{layout.REJECTED}/*")]:
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())
    sync_folder(folder)


def _put_in_place(building: Path, out: Path) -> None:
    if not out.exists():
        building.rename(out)
        return
    old = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-old~"))
    out.rename(old / out.name)
    building.rename(out)
    shutil.rmtree(old, ignore_errors=True)


# --- raw rows on disk -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Stored:
    """A sheet whose raw rows lie on disk."""

    number: int
    table: Table
    source: str
    labels: list[str]  # of the columns that are read
    headers: list[str]
    mixed: list[bool]
    money: float
    n_rows: int = 0
    n_faults: int = 0  # cells of household_id that could not be used
    schema: Any = None

    @property
    def kind(self) -> tuple[Any, ...]:
        """What sheets must have in common to be sorted together."""
        return self.table.name, str(self.schema)


@dataclass(slots=True)
class _Group:
    """Sheets of one table with columns of the same types, sorted by partition."""

    table: Table
    sheets: list[_Stored]
    files: list[Path]
    sorted: Path
    starts: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="int64"))  # first partition of row groups
    ends: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="int64"))


class _Packing:
    """One run of :func:`pack`."""

    def __init__(
        self, connection: Any, raw: Path, building: Path, day: pd.Timestamp | None, key: bytes | None,
        max_households: int, temp_limit: int | None, progress: Progress | None,
    ) -> None:  # fmt: skip
        self.connection = connection
        self.raw = raw
        self.building = building
        self.day = day
        self.key = key
        self.max_households = max_households
        self.temp_limit = temp_limit
        self.progress = progress
        self.notes = Findings()
        self.sheets: list[_Stored] = []
        self.given: list[tuple[Table, Source]] = []
        self.names: list[str] = []
        self.elsewhere = Elsewhere()
        self.copies: dict[str, list[Path]] = {}
        self.most_bytes = 0
        self.outcomes: dict[int, _Outcome] = {}

    def run(self, source: Path, out: Path, encoding: str | None) -> PackSummary:
        clock = [time.perf_counter()]
        self._read(source, encoding)
        clock.append(time.perf_counter())
        self._assign()
        self._meet_travellers()
        groups = self._sort()
        clock.append(time.perf_counter())
        self._check(groups)
        partitions, rows = self._finish(_source(source))
        clock.append(time.perf_counter())
        return PackSummary(
            path=out,
            partitions=len(partitions),
            households=sum(partition.households for partition in partitions),
            rows=rows,
            problems=self._write_problems(),
            seconds=dict(zip(("read", "sort", "check"), np.diff(clock).round(3).tolist(), strict=True)),
            temporary_bytes=self.most_bytes,
        )

    def _tell(self, done: int, total: int, name: str) -> None:
        if self.progress is not None:
            self.progress(done, total, name)

    def _query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self.connection.execute(sql, list(parameters)).fetchall()
        return rows

    def _weigh(self) -> None:
        """Refuse to go on when the raw rows outgrow the limit."""
        used = sum(file.stat().st_size for file in self.raw.rglob("*") if file.is_file())
        self.most_bytes = max(self.most_bytes, used)
        if self.temp_limit is not None and used > self.temp_limit:
            raise InputError(
                "the raw rows take {size_text} of temporary disk, more than the {size_text_2} of temp_limit; "
                "raise it (--temp-limit), on a disk with room for it (--temp-dir)",
                size_text=size_text(used),
                size_text_2=size_text(self.temp_limit),
            )

    # --- reading ---

    def _read(self, path: Path, encoding: str | None) -> None:
        files = _files(path, self.notes)
        unreadable: list[str] = []
        for number, file in enumerate(files):
            self._tell(number, len(files), _name(file))
            first = len(self.sheets)
            try:
                with _unchanged(file):
                    sources = open_file(file, encoding)
                    for source in sources:
                        if source.table is not None:
                            self._store(source, source.table)
            except _UnreadableError as error:
                for stored in self.sheets[first:]:
                    self._file(stored).unlink(missing_ok=True)
                del self.sheets[first:]
                unreadable.append(f"{_name(file)}: {error}")
                _note_unreadable(file, error, self.notes)
                continue
            for source in sources:
                if source.table is None:
                    _note_unknown(source.source, source.names, self.notes)
                else:
                    _note_skipped(source.table, source.source, source.counts, self.notes)
                    self.given.append((source.table, source))
        self._tell(len(files), len(files), "")
        own = [sheet for sheet in self.sheets if sheet.table.name == "households"]
        if not own:
            raise _no_households(path, files, unreadable)
        for name, table in TABLES.items():
            for owner, source in self.given:
                if owner.name == name:
                    read = lay_out(table, source.headers, money=source.money)
                    note_left_out(table, source.source, source.headers, read, self.notes)
        require_households(sum(sheet.n_rows for sheet in own), sum(sheet.n_faults for sheet in own))

    def _file(self, stored: _Stored) -> Path:
        return self.raw / f"sheet{stored.number}.parquet"

    def _store(self, source: Source, table: Table) -> None:
        """Write the raw rows of a sheet to disk, only what is read of them, with the ids by which they find their way."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        positions = lay_out(table, source.headers, money=source.money).positions
        labels = unique_labels(source.headers)
        stored = _Stored(
            number=len(self.sheets), table=table, source=source.source, labels=[labels[p] for p in positions],
            headers=[source.headers[p] for p in positions],
            mixed=[source.mixed is None or p in source.mixed for p in positions], money=source.money,
        )  # fmt: skip
        self.sheets.append(stored)
        writer = None
        try:
            for sheet in source.sheets:
                keys, n_faults = read_keys(sheet, data_date=self.day, id_key=self.key)
                columns: dict[str, Any] = {
                    f"c{n}": _storable(sheet.frame.iloc[:, p], mixed=mixed)
                    for n, (p, mixed) in enumerate(zip(positions, stored.mixed, strict=True))
                }
                n = len(sheet.frame)
                fault = np.full(n, "", dtype=object)
                for found in sheet.faults:
                    fault[found.mask] = found.code
                columns |= {
                    "sheet": np.full(n, stored.number, dtype="int32"),
                    "ord": np.arange(stored.n_rows, stored.n_rows + n),
                    "row": sheet.rows.astype("int64"),
                    "fault": pd.Series(fault, dtype="str"),
                    "h": keys["household_id"] if "household_id" in keys else pd.Series([None] * n, dtype="str"),
                    "m": keys["member_id"] if "member_id" in keys else pd.Series([None] * n, dtype="str"),
                }
                if table.name in ("households", "members"):
                    columns |= {"valid_from": keys["valid_from"], "recorded_at": keys["recorded_at"]}
                if table.name == "households":
                    columns |= {"area": keys["area_code"]}
                frame = pd.DataFrame(columns, index=pd.RangeIndex(n))
                piece = pa.Table.from_pandas(frame, schema=stored.schema, preserve_index=False)
                if writer is None:
                    stored.schema = piece.schema.remove_metadata()
                    writer = pq.ParquetWriter(self._file(stored), stored.schema, compression="snappy")
                writer.write_table(piece.cast(stored.schema))
                stored.n_rows += n
                stored.n_faults += n_faults
                self._weigh()
        finally:
            if writer is not None:
                writer.close()

    # --- who belongs where ---

    def _raw(self, *tables: str, more: Sequence[str] = ()) -> str:
        """Return the SQL of the id columns of raw rows."""
        files = [self._file(stored) for stored in self.sheets if stored.table.name in tables and stored.n_rows]
        extra = "".join(f", {name}" for name in more)
        if not files:
            nothing = "".join(f", NULL::VARCHAR AS {name}" for name in more)
            return f"(SELECT NULL::VARCHAR AS h, NULL::VARCHAR AS m{nothing} LIMIT 0)"
        each = " UNION ALL ".join(f"SELECT h, m{extra} FROM {_rows_in(file)}" for file in files)
        return f"({each})"

    def _assign(self) -> None:
        """Find the partition of every household, and the people who belong to several."""
        run = self.connection.execute
        run(
            "CREATE TABLE newest AS SELECT h, CASE WHEN length(area) >= 6 THEN substr(area, 1, 6) END AS county FROM ("
            " SELECT h, area, row_number() OVER (PARTITION BY h ORDER BY coalesce(length(area) >= 6, false) DESC,"
            " valid_from DESC NULLS LAST, recorded_at DESC NULLS LAST, area DESC NULLS LAST) AS place"
            f" FROM {self._raw('households', more=('valid_from', 'recorded_at', 'area'))}"
            " WHERE h IS NOT NULL AND valid_from IS NOT NULL) WHERE place = 1"
        )
        sizes = self._query("SELECT county, count(*) FROM newest GROUP BY county ORDER BY county")
        buckets = []
        for county, size in sizes:
            n_buckets = -(-size // self.max_households)
            single = county is not None and n_buckets == 1
            buckets += [
                (county or "", n_buckets, n, f"{county}" if single else f"{county or layout.NO_COUNTY}-{n:02d}")
                for n in range(n_buckets)
            ]
        buckets.sort(key=lambda bucket: bucket[3])
        self.names = [bucket[3] for bucket in buckets]
        run("CREATE TABLE buckets (county VARCHAR, n BIGINT, bucket BIGINT, part INTEGER)")
        if buckets:
            rows = [(county, n, bucket, part) for part, (county, n, bucket, _) in enumerate(buckets)]
            self.connection.executemany("INSERT INTO buckets VALUES (?, ?, ?, ?)", rows)
        # The same deal as layout.bucket_of: the first 32 bits of the SHA-256 of the id.
        run(
            "CREATE TABLE homes AS SELECT h, part FROM newest JOIN buckets ON coalesce(newest.county, '') = buckets.county"
            " AND ('0x' || substr(sha256(h), 1, 8))::UBIGINT::BIGINT % n = bucket"
        )
        run("DROP TABLE newest")
        run(
            "CREATE TABLE people AS SELECT m, min(part) AS part, max(part) AS last FROM"
            f" {self._raw('members')} JOIN homes USING (h) WHERE m IS NOT NULL GROUP BY m"
        )

    def _meet_travellers(self) -> None:
        """Check beforehand the people whose rows lie in several partitions: where they belong, and what goes where."""
        run = self.connection.execute
        by_household = [name for name in BY_HOUSEHOLD if name != "households"]
        run(
            "CREATE TABLE met AS SELECT m, min(rank) AS rank, row_number() OVER (ORDER BY m) - 1 AS place FROM ("
            " SELECT m, 0 AS rank FROM people WHERE part <> last UNION ALL"
            f" SELECT r.m, 1 AS rank FROM {self._raw(*by_household)} r JOIN homes ON r.h = homes.h"
            " JOIN people ON r.m = people.m WHERE homes.part <> people.part) GROUP BY m"
        )
        n_met = self._query("SELECT count(*) FROM met")[0][0]
        households: set[str] = set()
        members: set[str] = set()
        for number, first in enumerate(range(0, n_met, TRAVELLERS_PER_BATCH)):
            run(
                "CREATE OR REPLACE TABLE batch AS SELECT m, rank FROM met WHERE place >= ? AND place < ?",
                [first, first + TRAVELLERS_PER_BATCH],
            )
            people = "m IN (SELECT m FROM batch)"
            named = f"h IN (SELECT h FROM {self._raw('members')} WHERE {people})"
            chosen = {"households": named, "members": people}
            chosen |= {name: "m IN (SELECT m FROM batch WHERE rank = 0)" for name in BY_PERSON if name != "members"}
            sheets, places = self._some_sheets(chosen)
            checked = check_sheets(sheets, Findings(), data_date=self.day, id_key=self.key, elsewhere=Elsewhere())
            households |= set(checked.tables["households"]["household_id"].dropna())
            members |= set(checked.tables["members"]["member_id"].dropna())
            self._note_moves(checked, places, number)
        self.elsewhere = Elsewhere(frozenset(households), frozenset(members), any_members=bool(members))

    def _some_sheets(self, conditions: Mapping[str, str]) -> tuple[list[Sheet], dict[str, np.ndarray]]:
        """Return raw rows by a condition per table, and where they stand."""
        import pyarrow.parquet as pq

        sheets: list[Sheet] = []
        places: dict[str, list[np.ndarray]] = {}
        file = self.raw / "some.parquet"
        for stored in self.sheets:
            condition = conditions.get(stored.table.name)
            if condition is None or not stored.n_rows:
                continue
            self.connection.execute(
                f"COPY (SELECT * FROM {_rows_in(self._file(stored))} WHERE {condition} ORDER BY ord)"
                f" TO {_sql(str(file))} (FORMAT parquet)"
            )
            raw = pq.read_table(file, use_threads=False)
            if len(raw):
                sheets.append(_sheet(stored, raw))
                places.setdefault(stored.table.name, []).append(_places(raw))
        file.unlink(missing_ok=True)
        return sheets, {name: np.concatenate(found) for name, found in places.items()}

    def _note_moves(self, checked: Checked, places: Mapping[str, np.ndarray], number: int) -> None:
        """Send people home to the partition of their newest household, and copies of their rows to the others."""
        members = checked.tables["members"]
        self.connection.register("kept", checked.tables["households"][["household_id"]].drop_duplicates())
        found = self._query("SELECT h, part FROM homes JOIN kept ON h = household_id")
        self.connection.unregister("kept")
        part_of = pd.Series(dict(found), dtype="Int64")
        belongs = members[["member_id", "household_id", "valid_from", "recorded_at"]].assign(
            part=part_of.reindex(members["household_id"]).to_numpy()
        )
        belongs = belongs[belongs["part"].notna()].sort_values(
            ["member_id", "valid_from", "recorded_at"], kind="stable"
        )
        home = belongs.drop_duplicates("member_id", keep="last").set_index("member_id")["part"].astype("int64")
        self.connection.register("found", home.rename_axis("m").reset_index())
        self.connection.execute("UPDATE people SET part = found.part FROM found WHERE people.m = found.m")
        self.connection.unregister("found")
        away = belongs[["member_id", "part"]].drop_duplicates()
        away = away[away["part"].astype("int64").to_numpy() != home.reindex(away["member_id"]).to_numpy()]
        for name in BY_PERSON:
            frame = checked.tables[name]
            if not len(frame) or not len(away):
                continue
            position = pd.DataFrame({"member_id": frame["member_id"], "position": np.arange(len(frame))})
            met = position.merge(away, on="member_id").sort_values(["part", "position"])
            at = met["position"].to_numpy()
            copies = frame.iloc[at].reset_index(drop=True)
            where = places[name][checked.origins[name][at]]
            copies = copies.assign(_part=met["part"].to_numpy(dtype="int64"), _sheet=where[:, 0], _ord=where[:, 1])
            file = self.raw / f"copies-{name}-{number}.parquet"
            copies.to_parquet(file, index=False, row_group_size=SORTED_ROW_GROUP)
            self.copies.setdefault(name, []).append(file)

    # --- sorting ---

    def _sort(self) -> list[_Group]:
        """Sort the raw rows of each table by partition, then by file and row; what was sorted goes."""
        kinds: dict[tuple[Any, ...], list[_Stored]] = {}
        for stored in self.sheets:
            if stored.n_rows:
                kinds.setdefault(stored.kind, []).append(stored)
        total = sum(stored.n_rows for stored in self.sheets)
        n_parts, n_orphans = len(self.names), max(1, -(-total // ORPHANS_PER_BUCKET))
        groups = []
        for number, sheets in enumerate(kinds.values()):
            table = sheets[0].table
            part, join = "o.part", "LEFT JOIN homes o ON r.h = o.h"
            if table.name in BY_PERSON:
                part, join = "p.part", "LEFT JOIN people p ON r.m = p.m"
            if table.name == "members":  # without a number of their own, with their household
                part, join = "coalesce(p.part, o.part)", f"{join} LEFT JOIN homes o ON r.h = o.h"
            files = [self._file(stored) for stored in sheets]
            target = self.raw / f"sorted{number}.parquet"
            cells = "".join(f", c{n}" for n in range(len(sheets[0].labels)))
            self.connection.execute(
                f"COPY (SELECT coalesce({part}, {n_parts} + (r.ord + r.sheet) % {n_orphans})::INTEGER AS part,"
                f" r.sheet, r.ord, r.row, r.fault{cells}"
                f" FROM {_rows_in(*files)} r {join} ORDER BY 1, 2, 3)"
                f" TO {_sql(str(target))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {SORTED_ROW_GROUP})"
            )
            self._weigh()
            for file in files:
                file.unlink()
            group = _Group(table, sheets, files, target)
            group.starts, group.ends = _bounds(target)
            groups.append(group)
        self.n_orphans = n_orphans
        return groups

    # --- checking ---

    def _check(self, groups: list[_Group]) -> None:
        """Check and write one partition after the other."""
        n_parts = len(self.names)
        last = max([n_parts - 1, *(int(group.ends.max()) for group in groups if len(group.ends))])
        any_members = self.elsewhere.any_members
        early = []  # checked before it was known that there are members
        for part in range(last + 1):
            self._tell(part, last + 1, self.names[part] if part < n_parts else "")
            any_members |= self._check_part(groups, part, any_members=any_members)
            if not any_members:
                early.append(part)
        if any_members:
            for part in early:
                self._check_part(groups, part, any_members=True)
        self._tell(last + 1, last + 1, "")

    def _check_part(self, groups: list[_Group], part: int, *, any_members: bool) -> bool:
        """Check and write one partition, or some rows that belong to none; tell whether it has members."""
        sheets: list[Sheet] = []
        places: dict[str, list[np.ndarray]] = {}
        found: list[tuple[_Stored, Any]] = []
        for group in groups:
            found += _rows_of_part(group, part)
        if not found:
            return False
        found += self._without_rows(found)
        for stored, raw in sorted(found, key=lambda pair: pair[0].number):
            sheets.append(_sheet(stored, raw))
            places.setdefault(stored.table.name, []).append(_places(raw))
        at = {name: np.concatenate(each) for name, each in places.items()}
        findings = Findings()
        known = Elsewhere(self.elsewhere.households, self.elsewhere.members, any_members=any_members)
        checked = check_sheets(sheets, findings, data_date=self.day, id_key=self.key, elsewhere=known)
        outcome = _Outcome({name: (*checked.counts[name], checked.filled.get(name, 0)) for name in TABLES})
        self._keep_problems(findings, at, part, outcome)
        self._keep_rejected(checked, at, part)
        tables = checked.tables
        if len(tables["households"]):
            tables = self._with_copies(checked, at, part, outcome)
            register = _of_its_households(Register(tables, supplied=self.supplied))
            outcome.observed_until = register.observed_until
            outcome.partition = layout.write_partition(self.building, self.names[part], register.tables, self.supplied)
        self.outcomes[part] = outcome
        return len(tables["members"]) > 0

    def _without_rows(self, found: list[tuple[_Stored, Any]]) -> list[tuple[_Stored, Any]]:
        """Return the other sheets of incomes, without rows: the first to name an item says where it stands in a row."""
        here = {stored.number: raw for stored, raw in found if stored.table.name == "incomes"}
        others = [s for s in self.sheets if s.table.name == "incomes" and s.number not in here]
        return [(stored, _no_rows(stored)) for stored in others] if here else []

    @property
    def supplied(self) -> frozenset[str]:
        """Tables that were given."""
        return frozenset(stored.table.name for stored in self.sheets)

    def _with_copies(
        self, checked: Checked, places: Mapping[str, np.ndarray], part: int, outcome: _Outcome
    ) -> dict[str, pd.DataFrame]:
        """Put the rows of people who live in another partition among those of this one, in the order of the files."""
        tables = dict(checked.tables)
        for name, files in self.copies.items():
            copies = pd.concat([pd.read_parquet(file, filters=[("_part", "==", part)]) for file in files])
            if not len(copies):
                continue
            outcome.copies[name] = len(copies)
            own = tables[name]
            where = places[name][checked.origins[name]] if len(own) else np.zeros((0, 2), dtype="int64")
            both = pd.concat([_where_of(where), copies[["_sheet", "_ord"]]], ignore_index=True)
            order = np.lexsort((both["_ord"].to_numpy(), both["_sheet"].to_numpy()))  # stable
            together = pd.concat([own.astype(object), copies[list(own.columns)].astype(object)], ignore_index=True)
            tables[name] = conform(name, together.iloc[order])
        return tables

    def _keep_problems(
        self, findings: Findings, places: Mapping[str, np.ndarray], part: int, outcome: _Outcome
    ) -> None:
        """Put problems aside, with the place of their row in all files."""
        placed = findings.placed()
        if not len(placed):
            return
        outcome.problems = {str(name): int(n) for name, n in placed["severity"].value_counts().items()}
        sheet, ordinal = np.empty(len(placed), dtype="int64"), np.empty(len(placed), dtype="int64")
        for name, index in placed.groupby("table", sort=False).indices.items():
            at = places[str(name)][placed["position"].to_numpy()[index]]
            sheet[index], ordinal[index] = at[:, 0], at[:, 1]
        frame = placed[list(PROBLEM_COLUMNS)].assign(
            _table=placed["table"].map(TABLE_NUMBERS).astype("int64"), _sheet=sheet, _ord=ordinal,
            _n=np.arange(len(placed)),
        )  # fmt: skip
        frame.to_parquet(self.raw / f"problems{part}.parquet", index=False)

    def _keep_rejected(self, checked: Checked, places: Mapping[str, np.ndarray], part: int) -> None:
        """Put rejected rows aside, as texts."""
        for name, rejected in checked.rejected_rows.items():
            if not len(rejected):
                continue
            labels = self._labels(name)
            at = places[name][checked.rejected_positions[name]]
            columns = {
                f"c{n}": _texts(rejected[label]) if label in rejected else None for n, label in enumerate(labels)
            }
            columns |= {"_sheet": at[:, 0], "_ord": at[:, 1], "source": rejected["source"].astype("str")}
            columns |= {"row": rejected["row"].astype("int64"), "reason": rejected["reason"].astype("str")}
            frame = pd.DataFrame(columns, index=pd.RangeIndex(len(rejected)))
            frame = frame.astype({f"c{n}": "str" for n in range(len(labels))})
            frame.to_parquet(self.raw / f"rejected-{name}-{part}.parquet", index=False)

    def _labels(self, name: str, numbers: Container[int] | None = None) -> list[str]:
        """Return the labels of all columns of a table's sheets, or of some of these, in order."""
        sheets = [stored for stored in self.sheets if stored.table.name == name]
        labels = [label for stored in sheets if numbers is None or stored.number in numbers for label in stored.labels]
        return [label for label in dict.fromkeys(labels) if label not in ("source", "row", "reason")]

    # --- the end ---

    def _finish(self, source: str) -> tuple[list[layout.Partition], pd.DataFrame]:
        """Write rejected rows and manifest; return the partitions and the counts."""
        partitions = [outcome.partition for outcome in self.outcomes.values() if outcome.partition is not None]
        partitions.sort(key=lambda partition: partition.name)
        rows = {}
        for name in TABLES:
            if name not in self.supplied:
                continue
            each = [outcome.counts[name] for outcome in self.outcomes.values()]
            counts = np.array(each).reshape(-1, len(COUNTED)).sum(axis=0)
            rows[name] = dict(zip(COUNTED, counts.tolist(), strict=True))
            rows[name]["copies"] = sum(outcome.copies.get(name, 0) for outcome in self.outcomes.values())
            stored = sum(sheet.n_rows for sheet in self.sheets if sheet.table.name == name)
            if rows[name]["read"] != stored or stored != rows[name]["kept"] + rows[name]["rejected"]:
                raise RuntimeError(f"rows of {name} do not add up: {stored} read, {rows[name]}")
            self._write_rejected(name)
        days = [outcome.observed_until for outcome in self.outcomes.values() if outcome.observed_until is not None]
        newest = pd.Series(days, dtype="datetime64[s]").max()
        manifest = layout.Manifest(
            tables=tuple(rows),
            rows={name: {kind: counts[kind] for kind in layout.COUNTS} for name, counts in rows.items()},
            source=source,
            observed_until="" if pd.isna(newest) else str(newest.date()),
            partitions=tuple(partitions),
        )
        layout.write_manifest(self.building, manifest)
        return partitions, pd.DataFrame.from_dict(rows, orient="index").rename_axis("table")

    def _write_rejected(self, name: str) -> None:
        """Put the rejected rows of a table together, in the order of the files, with their headers."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        files = sorted(self.raw.glob(f"rejected-{name}-*.parquet"))
        if not files:
            return
        together = self.raw / "rejected.parquet"
        self.connection.execute(
            f"COPY (SELECT * FROM {_rows_in(*files)} ORDER BY _sheet, _ord)"
            f" TO {_sql(str(together))} (FORMAT parquet, ROW_GROUP_SIZE {SORTED_ROW_GROUP})"
        )
        concerned = {row[0] for row in self._query(f"SELECT DISTINCT _sheet FROM {_rows_in(together)}")}
        labels = self._labels(name)
        shown = self._labels(name, concerned)
        columns = {f"c{labels.index(label)}": label for label in shown}
        columns |= {own: own for own in ("source", "row", "reason")}
        folder = self.building / layout.REJECTED
        folder.mkdir(exist_ok=True)
        fields = [pa.field(label, pa.int64() if own == "row" else pa.string()) for own, label in columns.items()]
        with (
            pq.ParquetFile(together) as parquet,
            pq.ParquetWriter(folder / f"{name}.parquet", pa.schema(fields), compression="zstd") as writer,
        ):
            for batch in parquet.iter_batches(columns=list(columns), use_threads=False):
                piece = pa.Table.from_batches([batch]).select(list(columns)).rename_columns(list(columns.values()))
                writer.write_table(piece.cast(pa.schema(fields)))
        together.unlink()

    def _write_problems(self) -> dict[str, int]:
        """Put all problems together as the readers give them: by table, whole files first, then row by row."""
        notes = self.notes.placed()
        numbers = notes["table"].map(TABLE_NUMBERS).fillna(len(TABLES)).astype("int64")
        notes = notes[list(PROBLEM_COLUMNS)].assign(
            _table=numbers.to_numpy(), _sheet=-1, _ord=-1, _n=np.arange(len(notes))
        )
        notes.to_parquet(self.raw / "problems.parquet", index=False)
        files = [self.raw / "problems.parquet"]
        files += [file for part in self.outcomes if (file := self.raw / f"problems{part}.parquet").exists()]
        names = ", ".join(f'"{name}"' for name in PROBLEM_COLUMNS)
        self.connection.execute(
            f"COPY (SELECT {names} FROM {_rows_in(*files)} ORDER BY _table, _sheet, _ord, _n)"
            f" TO {_sql(str(self.building / layout.PROBLEMS))} (FORMAT parquet, COMPRESSION zstd)"
        )
        found: dict[str, int] = {str(name): int(n) for name, n in notes["severity"].value_counts().items()}
        for outcome in self.outcomes.values():
            for severity, n in outcome.problems.items():
                found[severity] = found.get(severity, 0) + n
        return found


@dataclass(slots=True)
class _Outcome:
    """What became of the rows of a partition, or of some that belong to none."""

    counts: dict[str, tuple[int, int, int, int, int]]  # as COUNTED
    copies: dict[str, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    partition: layout.Partition | None = None
    observed_until: pd.Timestamp | None = None


def _of_its_households(register: Register) -> Register:
    """Leave out people of whom no row names a household that was kept; no household could be scored by them."""
    households, members = register.tables["households"]["household_id"], register.tables["members"]
    known = members.loc[members["household_id"].isin(households), "member_id"]
    return register if members["member_id"].isin(known).all() else register.select(households.unique())


def _where_of(places: np.ndarray) -> pd.DataFrame:
    """Return sheet and number as columns."""
    return pd.DataFrame({"_sheet": places[:, 0], "_ord": places[:, 1]})


def _places(raw: Any) -> np.ndarray:
    """Return sheet and number of raw rows, shape (n, 2)."""
    return np.column_stack([raw["sheet"].to_numpy().astype("int64"), raw["ord"].to_numpy()])


def _bounds(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last partition of each row group."""
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(file)
    found = [metadata.row_group(number).column(0).statistics for number in range(metadata.num_row_groups)]
    return np.array([s.min for s in found], dtype="int64"), np.array([s.max for s in found], dtype="int64")


def _rows_of_part(group: _Group, part: int) -> Iterator[tuple[_Stored, Any]]:
    """Give the raw rows of a partition, sheet by sheet."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    numbers = np.flatnonzero((group.starts <= part) & (group.ends >= part)).tolist()
    if not numbers:
        return
    with pq.ParquetFile(group.sorted) as parquet:
        rows = parquet.read_row_groups(numbers, use_threads=False)
    rows = rows.filter(pc.equal(rows["part"], part))
    for stored in group.sheets:
        own = rows.filter(pc.equal(rows["sheet"], stored.number)) if len(group.sheets) > 1 else rows
        if len(own):
            yield stored, own


def _no_rows(stored: _Stored) -> Any:
    """Return raw rows of a sheet without any, also of one that has none at all."""
    import pyarrow as pa

    if stored.schema is not None:
        return stored.schema.empty_table()
    kinds = {"sheet": pa.int32(), "ord": pa.int64(), "row": pa.int64(), "fault": pa.string()}
    kinds |= {f"c{n}": pa.string() for n in range(len(stored.labels))}
    return pa.schema(kinds).empty_table()


def _sheet(stored: _Stored, raw: Any) -> Sheet:
    """Return raw rows as the reader gave them."""
    columns = {}
    for n, (label, mixed) in enumerate(zip(stored.labels, stored.mixed, strict=True)):
        values = raw[f"c{n}"].to_pandas(date_as_object=False)
        columns[label] = _original(values) if mixed else values
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(raw)))
    fault = raw["fault"].to_pandas().to_numpy(dtype=object)
    faults = [Fault(fault == code, code, *REASONS[code]) for code in REASONS if (fault == code).any()]
    rows = raw["row"].to_numpy().astype("int64")
    return Sheet(stored.table, stored.source, frame, stored.headers, rows, stored.money, faults)


# --- cells of any type as texts, and back -------------------------------------------------------------------------


def _storable(values: pd.Series, *, mixed: bool) -> pd.Series:
    values = values.reset_index(drop=True)
    if not mixed:
        return values.astype("str") if isinstance(values.dtype, pd.CategoricalDtype) else values
    return pd.Series([_marked(_plain(cell)) for cell in values.astype(object)], dtype="str")


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


def _original(texts: pd.Series) -> pd.Series:
    """Return the cells that :func:`_marked` made texts of."""
    read: dict[str, Callable[[str], Any]] = {
        "s": str, "t": dt.datetime.fromisoformat, "d": dt.date.fromisoformat, "i": int, "f": float,
    }  # fmt: skip
    codes, distinct = pd.factorize(texts)
    cells = np.empty(len(distinct) + 1, dtype=object)
    cells[:-1] = [read[text[0]](text[1:]) for text in distinct]
    return pd.Series(cells[codes], dtype=object)  # missing (-1) takes the last: None


def _texts(values: pd.Series) -> pd.Series:
    """Return cells as texts; missing stays missing."""
    return pd.Series([None if (cell := _plain(v)) is None else str(cell) for v in values], dtype="str")
