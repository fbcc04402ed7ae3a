"""Raw rows sorted by partition, on disk where memory does not suffice."""

# ruff: noqa: S608  the SQL is put together from our own names and numbers, paths quoted by sql_text
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fanpin_risk.batch.packing.homes import BY_PERSON, SORTED_ROW_GROUP
from fanpin_risk.batch.packing.raw_rows import RawStore, StoredRows
from fanpin_risk.batch.packing.stored_cells import read_stored
from fanpin_risk.batch.packing.workplace import rows_in, sql_text

__all__ = ["SortedRows", "sort_by_partition"]

ORPHANS_PER_BUCKET = 1_000_000  # rows of unknown households are all read to be rejected, this many at a time


@dataclass(slots=True)
class SortedRows:
    """Raw rows of one table, of sheets with columns of the same types, sorted by partition.

    Attributes
    ----------
    parts : list of StoredRows
    file : Path
    starts, ends : ndarray of int
        First and last partition of each row group of the file.
    """

    parts: list[StoredRows]
    file: Path
    starts: np.ndarray
    ends: np.ndarray

    def of_partition(self, part: int) -> Iterator[tuple[StoredRows, Any]]:
        """Give the raw rows of a partition, sheet by sheet."""
        import pyarrow.compute as pc

        numbers = np.flatnonzero((self.starts <= part) & (self.ends >= part)).tolist()
        if not numbers:
            return
        rows = read_stored(self.file, numbers)
        rows = rows.filter(pc.equal(rows["part"], part))
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
        target = store.place.folder / f"sorted{number}.parquet"
        cells = "".join(f", c{n}" for n in range(len(parts[0].labels)))
        store.place.run(
            f"COPY (SELECT coalesce({part}, {n_parts} + (r.ord + r.sheet) % {n_orphans})::INTEGER AS part,"
            f" r.sheet, r.ord, r.row, r.fault, r.doubt{cells}"
            f" FROM {rows_in(*(stored.file for stored in parts))} r {join} ORDER BY 1, 2, 3)"
            f" TO {sql_text(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {SORTED_ROW_GROUP})"
        )
        store.place.weigh()
        for stored in parts:
            stored.file.unlink()
        groups.append(SortedRows(parts, target, *_bounds(target)))
    return groups


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


def _bounds(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last partition of each row group."""
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(file)
    found = [metadata.row_group(number).column(0).statistics for number in range(metadata.num_row_groups)]
    return np.array([s.min for s in found], dtype="int64"), np.array([s.max for s in found], dtype="int64")
