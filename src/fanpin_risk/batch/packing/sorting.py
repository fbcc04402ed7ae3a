"""Raw rows sorted by partition: DuckDB finds the partition of each, Arrow puts them in order, as many at a time as memory holds."""

# ruff: noqa: S608  the SQL is put together from our own names and numbers, paths quoted by sql_text
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.batch.packing.homes import BY_PERSON
from fanpin_risk.batch.packing.raw_rows import RawStore, StoredRows
from fanpin_risk.batch.packing.stored_cells import compact, open_writer, read_stored, row_groups_of
from fanpin_risk.batch.packing.workplace import Workplace, rows_in

__all__ = ["SortedRows", "sort_by_partition"]

ORPHANS_PER_BUCKET = 1_000_000  # rows of unknown households are all read to be rejected, this many at a time
SHARE_OF_MEMORY = 4  # a part of what DuckDB may use holds the rows that are put in order; twice that while it is done
CELL_BYTES, ROW_BYTES = 12, 64  # of a cell and of what else there is of a row, about
VECTORS = 50  # of DuckDB, of 2,048 rows each, that are taken at a time
MOST_HEAPS = 400  # files that are written at a time


@dataclass(slots=True)
class SortedRows:
    """Raw rows of one table, of sheets with columns of the same types, sorted by partition.

    Attributes
    ----------
    parts : list of StoredRows
    file : Path
    partitions : ndarray of int
        Partition of each row group of the file.
    """

    parts: list[StoredRows]
    file: Path
    partitions: np.ndarray

    def of_partition(self, part: int) -> Iterator[tuple[StoredRows, Any]]:
        """Give the raw rows of a partition, sheet by sheet."""
        numbers = np.flatnonzero(self.partitions == part).tolist()
        if not numbers:
            return
        rows = read_stored(self.file, numbers)
        for stored in self.parts:
            own = rows.filter(pc.equal(rows["sheet"], stored.number)) if len(self.parts) > 1 else rows
            if len(own):
                yield stored, own


def sort_by_partition(store: RawStore, n_parts: int) -> list[SortedRows]:
    """Sort the raw rows of each table by partition, then by file and row; the unsorted files go.

    Parameters
    ----------
    store : RawStore
        With the tables ``homes`` and ``people`` in its database.
    n_parts : int
        Number of partitions; rows that belong to none get numbers beyond.

    Returns
    -------
    list of SortedRows
    """
    kinds: dict[tuple[Any, ...], list[StoredRows]] = {}
    for stored in store.parts:
        if stored.n_rows:
            kinds.setdefault(stored.kind, []).append(stored)
    total = sum(stored.n_rows for stored in store.parts)
    n_orphans = max(1, -(-total // ORPHANS_PER_BUCKET))
    _follow_members(store)
    groups = []
    for number, parts in enumerate(kinds.values()):
        table = parts[0].table
        part, join = "o.part", "LEFT JOIN homes o ON r.h = o.h"
        if table.name in BY_PERSON:
            part, join = "p.part", "LEFT JOIN people p ON r.m = p.m"
            if table.name != "members":
                part = "coalesce(p.part, b.part)"
                join += " LEFT JOIN beside b ON r.m IS NULL AND r.sheet = b.sheet AND r.row = b.row"
        if table.name == "members":  # without a number of their own, with their household
            part, join = "coalesce(p.part, o.part)", f"{join} LEFT JOIN homes o ON r.h = o.h"
        found = (
            f"SELECT r.sheet, r.ord, coalesce({part}, {n_parts} + (r.ord + r.sheet) % {n_orphans})::INTEGER AS part"
            f" FROM {rows_in(*(stored.file for stored in parts))} r {join}"
        )
        target = store.place.folder / f"sorted{number}.parquet"
        groups.append(SortedRows(parts, target, _put_in_order(store.place, parts, found, target)))
        store.place.weigh()
    return groups


def _put_in_order(place: Workplace, parts: Sequence[StoredRows], found: str, target: Path) -> np.ndarray:
    """Write the rows of sheets by partition, each a row group of its own; return their partitions."""
    names = ["sheet", "ord", "row", "fault", "doubt", *(f"c{n}" for n in range(len(parts[0].labels)))]
    n_rows = sum(stored.n_rows for stored in parts)
    most = max(1, place.memory // SHARE_OF_MEMORY // (ROW_BYTES + CELL_BYTES * len(parts[0].labels)))
    bounds = _bounds_of_heaps(place, found, min(MOST_HEAPS, -(-n_rows // most)))
    if not len(bounds):
        heaps = [_as_one_table(_with_partitions(place, parts, found, names))]
        return _write_in_order(heaps, target)
    files = [target.with_suffix(f".heap{number}") for number in range(len(bounds) + 1)]
    with ExitStack() as stack:
        writers: list[Any] = [None] * len(files)
        for rows in _at_a_time(_with_partitions(place, parts, found, names), most):
            heap = np.searchsorted(bounds, rows["part"].to_numpy(), side="right")
            for number, own in _slices(rows, heap):
                if writers[number] is None:
                    writers[number] = stack.enter_context(open_writer(files[number], own.schema, compression="snappy"))
                writers[number].write_table(own, row_group_size=len(own))
            place.weigh()
    return _write_in_order((_taken(file) for file in files if file.exists()), target)


def _bounds_of_heaps(place: Workplace, found: str, n_heaps: int) -> np.ndarray:
    """Return the partitions with which the second and the later of so many heaps of about as many rows begin."""
    if n_heaps < 2:
        return np.zeros(0, dtype="int64")
    sizes = np.array(place.run(f"SELECT part, count(*) FROM ({found}) GROUP BY part ORDER BY part"), dtype="int64")
    before = np.cumsum(sizes[:, 1]) - sizes[:, 1]
    heap = before * n_heaps // sizes[:, 1].sum()
    return sizes[1:, 0][heap[1:] > heap[:-1]]


def _with_partitions(
    place: Workplace, parts: Sequence[StoredRows], found: str, names: Sequence[str]
) -> Iterator[pa.Table]:
    """Give the rows of sheets, one after the other, each with its partition; the files of the sheets go."""
    answer = place.connection.execute(f"SELECT part FROM ({found}) ORDER BY sheet, ord")
    waiting = np.zeros(0, dtype="int32")
    for stored in sorted(parts, key=lambda one: one.number):
        for rows in row_groups_of(stored.file, names):
            known = [waiting]
            n_known = len(waiting)
            while n_known < len(rows):
                known.append(answer.fetch_df_chunk(VECTORS)["part"].to_numpy())
                n_known += len(known[-1])
            waiting = np.concatenate(known)
            yield rows.append_column("part", pa.array(waiting[: len(rows)], pa.int32()))
            waiting = waiting[len(rows) :]
        stored.file.unlink()


def _at_a_time(tables: Iterator[pa.Table], most: int) -> Iterator[pa.Table]:
    """Give rows together, about as many as memory holds."""
    held: list[pa.Table] = []
    for table in tables:
        if held and sum(map(len, held)) + len(table) > most:
            yield _as_one_table(iter(held))
            held = []
        held.append(table)
    if held:
        yield _as_one_table(iter(held))


def _as_one_table(tables: Iterator[pa.Table]) -> pa.Table:
    """Return rows as one table with one dictionary for each column of texts."""
    return pa.concat_tables(list(tables)).unify_dictionaries().combine_chunks()


def _taken(file: Path) -> pa.Table:
    """Return the rows of a file, which goes."""
    rows = _as_one_table(iter([read_stored(file)]))
    file.unlink()
    return rows


def _slices(rows: pa.Table, number: np.ndarray) -> Iterator[tuple[int, pa.Table]]:
    """Give the rows by a number that each has, in the order in which they stand."""
    order = np.argsort(number, kind="stable")
    rows = rows.take(order) if (np.diff(order) != 1).any() else rows
    number = number[order]
    starts = np.flatnonzero(np.concatenate([[True], number[1:] != number[:-1]]))
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(number)], strict=True):
        yield int(number[start]), compact(rows.slice(start, end - start))


def _write_in_order(heaps: Iterator[pa.Table] | list[pa.Table], target: Path) -> np.ndarray:
    """Write rows by partition, each a row group; return their partitions."""
    partitions: list[int] = []
    writer: Any = None
    try:
        for heap in heaps:
            for part, own in _slices(heap.drop_columns("part"), heap["part"].to_numpy()):
                if writer is None:
                    writer = open_writer(target, own.schema, compression="zstd")
                writer.write_table(own, row_group_size=len(own))
                partitions.append(part)
    finally:
        if writer is not None:
            writer.close()
    return np.array(partitions, dtype="int64")


def _follow_members(store: RawStore) -> None:
    """Note the partitions of persons that are numbered by their order, for what else their rows say of them (``beside``)."""
    run = store.place.run
    run("CREATE TABLE beside (sheet INTEGER, row BIGINT, part INTEGER)")
    if store.reading.id_key is not None:
        return
    numbered = {stored.source: stored for stored in store.of("members") if stored.layout.by_order and stored.n_rows}
    for stored in store.parts:
        if stored.table.name in BY_PERSON and stored.table.name != "members" and stored.source in numbered:
            run(
                f"INSERT INTO beside SELECT {stored.number}, r.row, arg_min(o.part, r.ord)"
                f" FROM {rows_in(numbered[stored.source].file)} r JOIN homes o ON r.h = o.h GROUP BY r.row"
            )
