"""Pack a register that does not fit into memory: large files in any order become partitions that can be scored alone.

Each file is read once, piece by piece. DuckDB finds out which partition every row belongs to and sorts the raw rows
by partition, on disk where memory does not suffice. Then each partition goes through the same checks as
:func:`fanpin_risk.read_register` runs on the whole. Every row is checked exactly once, in the partition of its
household (of its person, for tables without a household). People whose rows name households of several partitions
are checked beforehand, so that every partition knows what it has to know of the others.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import a_path, number_of_workers, size_in_bytes, switch, whole_number
from fanpin_risk.batch import layout
from fanpin_risk.batch.division import MAX_HOUSEHOLDS
from fanpin_risk.batch.packing.all_partitions import Checking
from fanpin_risk.batch.packing.checking import PartitionCheck
from fanpin_risk.batch.packing.homes import find_homes
from fanpin_risk.batch.packing.merging import write_doubts, write_problems, write_register
from fanpin_risk.batch.packing.raw_rows import RawStore, Reading
from fanpin_risk.batch.packing.reading import store_register
from fanpin_risk.batch.packing.sorting import sort_by_partition
from fanpin_risk.batch.packing.target import check_places, flush_folder
from fanpin_risk.batch.packing.whole_register import tell_of_the_whole
from fanpin_risk.batch.packing.workplace import FULL, full_disk, load_duckdb, why_duckdb_stopped, workplace
from fanpin_risk.errors import InputError
from fanpin_risk.files import check_target, put_in_place, sync_folder, write_mark
from fanpin_risk.progress import Progress
from fanpin_risk.records.data_dates import DataDates
from fanpin_risk.records.ids import read_key
from fanpin_risk.records.problems import Problems, require_kept
from fanpin_risk.records.read.addresses import database_name, is_database
from fanpin_risk.records.read.sources import paths_of
from fanpin_risk.records.read.text import check_encoding
from fanpin_risk.words import system_error

__all__ = ["PackSummary", "pack"]

STAGES = ("read", "sort", "check")


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
    processor : dict of str to float
        Processor time by stage, in seconds: of this process and of those that checked partitions beside it.
    temporary_bytes : int
        The most that was found on the temporary disk, looked at after every piece read and every table sorted.
    """

    path: Path
    partitions: int
    households: int
    rows: pd.DataFrame
    problems: Mapping[str, int]
    seconds: Mapping[str, float]
    processor: Mapping[str, float]
    temporary_bytes: int


def pack(
    source: Any,
    out: str | Path,
    *,
    queries: Mapping[str, str | Sequence[str]] | str | Path | None = None,
    max_households: int = MAX_HOUSEHOLDS,
    memory: str = "2GB",
    temp_dir: str | Path | None = None,
    temp_limit: str | None = None,
    threads: int | None = None,
    workers: int | None = None,
    data_date: object = None,
    known_lag_days: int | None = None,
    id_key: bytes | str | Path | None = None,
    encoding: str | None = None,
    columns: str | Path | pd.DataFrame | None = None,
    hidden: bool = False,
    flat: bool = False,
    least_kept: float = 0.0,
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
    source : path-like, sequence of path-like, str, sqlalchemy.URL or sqlalchemy.Engine
        A folder of csv, tsv, txt, parquet and workbook files, one file, a zip archive, a list of these, or a database;
        see :func:`fanpin_risk.read_register`. Workbooks are read whole, tables of a database row by row.
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
    workers : int, optional
        Processes that check partitions at the same time, each with one in memory; -1: one per core. Default: this process
        alone.
    queries, data_date, known_lag_days, id_key, encoding, columns, hidden, flat
        See :func:`fanpin_risk.read_register`.
    least_kept : float, default 0
        Share of the rows of households, 0 to 1, that must be kept; with fewer nothing is written.
    overwrite : bool, default False
        Whether a packed register at `out`, also a damaged one, is replaced. Any other folder is kept.
    progress : callable, optional
        Called with (done, in all, name): first of the files, then of the partitions.

    Returns
    -------
    PackSummary

    Raises
    ------
    InputError
        If the source does not exist or holds no file, an option is not as described, memory, temporary disk or disk do not
        suffice, or something else lies at `out`.
    SchemaError
        If no households can be read.
    NotEnoughDataError
        If fewer rows of households are kept than `least_kept` says.
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
    duckdb = load_duckdb()
    out = a_path("out", out)
    max_households = whole_number("max_households", max_households, 1)
    allowed = size_in_bytes("memory", memory)
    limit = None if temp_limit is None else size_in_bytes("temp_limit", temp_limit)
    threads = None if threads is None else whole_number("threads", threads, 1)
    workers = number_of_workers(workers)
    for argument, value in (("hidden", hidden), ("flat", flat), ("overwrite", overwrite)):
        switch(argument, value)
    if isinstance(least_kept, bool) or not isinstance(least_kept, (int, float)) or not 0 <= least_kept <= 1:
        raise InputError("least_kept is {value!r}; expected a share from 0 to 1", value=least_kept)
    if temp_dir is not None and not a_path("temp_dir", temp_dir).is_dir():
        raise InputError("temp_dir (--temp-dir): {temp_dir} is not a folder; make it first", temp_dir=temp_dir)
    check_encoding(encoding)
    dates = DataDates(data_date)
    lag = None if known_lag_days is None else whole_number("known_lag_days", known_lag_days, 0)
    reading = Reading(dates.rest, lag, None if id_key is None else read_key(id_key))
    check_places(out, out if temp_dir is None else Path(temp_dir))
    try:
        check_target(out, "register", overwrite=overwrite)
        out.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}~")).absolute()
        raw = building
        try:
            raw = Path(tempfile.mkdtemp(dir=temp_dir or building, prefix=".pack~")).absolute()
            with workplace(raw, memory=allowed, temp_limit=limit, threads=threads) as place:
                store = RawStore(place, reading)
                summary = _pack(
                    source, out, encoding, store, building, max_households, progress, columns, queries, dates,
                    hidden=hidden, flat=flat, workers=workers,
                )  # fmt: skip
            if least_kept:
                _require_kept(summary, building, least_kept)
            shutil.rmtree(raw)
            building.chmod(0o755)
            write_mark(building, "register")
            flush_folder(building)
            check_target(out, "register", overwrite=overwrite)
            put_in_place(building, out)
            sync_folder(out.parent)
        finally:
            shutil.rmtree(raw, ignore_errors=True)
            shutil.rmtree(building, ignore_errors=True)
    except OSError as error:
        why = full_disk(out, temp_dir) if error.errno in FULL else system_error(error)
        raise InputError("cannot pack into {out}: {why}", out=out, why=why) from error
    except duckdb.Error as error:
        why = why_duckdb_stopped(error, memory, temp_limit, full_disk(out, temp_dir))
        raise InputError("cannot pack {source}: {why}", source=_called(source), why=why) from error
    return summary


def _clocks() -> tuple[float, float]:
    """Return the time, and the processor time of this process."""
    return time.perf_counter(), time.process_time()


def _called(source: Any) -> str:
    """Return how a source is called in a message."""
    return database_name(source) if is_database(source) else ", ".join(path.name for path in paths_of(source))


def _require_kept(summary: PackSummary, building: Path, least: float) -> None:
    """Refuse a register of which too few households, or no incomes at all, were kept."""
    for table in (name for name in ("households", "incomes") if name in summary.rows.index):
        read, kept = (int(summary.rows[name][table]) for name in ("read", "kept"))
        if table == "households" or (read and not kept):
            found = pd.read_parquet(building / layout.PROBLEMS, filters=[("table", "==", table)])
            require_kept(found, read=read, kept=kept, least=least, table=table)


def _pack(
    source: Any, out: Path, encoding: str | None, store: RawStore, building: Path, max_households: int,
    progress: Progress | None, columns: str | Path | pd.DataFrame | None, queries: Any, dates: DataDates, *,
    hidden: bool, flat: bool, workers: int | None,
) -> PackSummary:  # fmt: skip
    """Read, sort, check and put together, all within the workplace."""
    clock = [_clocks()]
    problems = Problems()
    name = store_register(
        source,
        encoding,
        store,
        problems,
        progress,
        columns=columns,
        queries=queries,
        dates=dates,
        hidden=hidden,
        flat=flat,
    )
    store.join_heads()
    clock.append(_clocks())
    homes = find_homes(store, max_households)
    groups = sort_by_partition(store, len(homes.names))
    clock.append(_clocks())
    checking = Checking(PartitionCheck(store, homes, groups, building), workers)
    checking.run(progress)
    of_whole = tell_of_the_whole(store, checking.outcomes, problems, building)
    write_doubts(store, checking.outcomes, building)
    partitions, rows = write_register(store, checking.outcomes, building, name)
    clock.append(_clocks())
    seconds, processor = np.diff(clock, axis=0).T
    processor[-1] += checking.elsewhere
    return PackSummary(
        path=out,
        partitions=len(partitions),
        households=sum(partition.households for partition in partitions),
        rows=rows,
        problems=write_problems(store, checking.outcomes, problems, of_whole, building),
        seconds=dict(zip(STAGES, seconds.round(3).tolist(), strict=True)),
        processor=dict(zip(STAGES, processor.round(3).tolist(), strict=True)),
        temporary_bytes=store.place.most_bytes,
    )
