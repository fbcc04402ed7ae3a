"""Raw rows on disk: written chunk by chunk, only what is read of them, and given back as they were read."""

# ruff: noqa: S608  the SQL is put together from our own names and numbers, paths quoted by sql_text
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.batch.packing.stored_cells import (
    arrow_table,
    open_writer,
    read_stored,
    storable_cells,
    storable_text,
    stored_cells,
)
from fanpin_risk.batch.packing.workplace import Workplace, rows_in, sql_text
from fanpin_risk.records.cells import Fault, plain_cell
from fanpin_risk.records.checks import PersonIds, read_keys
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.head_ids import ids_of_heads
from fanpin_risk.records.ids import pseudonymise
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.merge import DOUBTFUL_RANK
from fanpin_risk.records.places import county_keys
from fanpin_risk.records.read.assignment import Assignment, has_a_row_per_member
from fanpin_risk.records.read.blank_below import BLOCK_DOUBTS
from fanpin_risk.records.read.builder import ROW_FAULTS
from fanpin_risk.records.read.misplaced import NOTE_DOUBTS
from fanpin_risk.records.read.type_codes import TYPE_DOUBTS
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.sheets import Dating, SheetHead, unique_labels

__all__ = ["RawStore", "Reading", "StoredRows", "as_texts", "places_of", "raw_rows", "without_rows"]


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read and checked, the same at every step.

    Attributes
    ----------
    data_date : Timestamp or None
    known_lag_days : int or None
    id_key : bytes or None
        See :func:`fanpin_risk.read_register`.
    """

    data_date: pd.Timestamp | None
    known_lag_days: int | None
    id_key: bytes | None


@dataclass(slots=True)
class StoredRows:
    """Raw rows of one table from one sheet, on disk.

    Attributes
    ----------
    number : int
        In the order of reading.
    table : Table
    source : str
        File (and sheet), as in problems.
    labels, headers : list of str
        Of the columns that are read; labels are unique.
    layout : Layout
        Which of these holds which column of the table.
    mixed : list of bool
        Which of them hold cells of differing types.
    file : Path
    rank, per_member, dating, whole, lists
        See :class:`fanpin_risk.records.rows.RawRows`.
    n_rows : int
    n_faults : int
        Cells of ``household_id`` that could not be used.
    n_citizen : int
        Cells of ``household_id`` with ids of citizens, of which no key makes pseudonyms.
    persons : PersonIds
        Ids in a table of persons alone.
    schema : pyarrow.Schema or None
        Of the file; None if there are no rows.
    """

    number: int
    table: Table
    source: str
    labels: list[str]
    headers: list[str]
    layout: Layout
    mixed: list[bool]
    file: Path
    rank: int = 0
    per_member: bool = False
    dating: Dating | None = None
    whole: bool = False
    lists: bool = False
    n_rows: int = 0
    n_faults: int = 0
    n_citizen: int = 0
    persons: PersonIds = field(default_factory=PersonIds)
    schema: Any = None

    @property
    def kind(self) -> tuple[Any, ...]:
        """What rows must have in common to be sorted together."""
        return self.table.name, str(self.schema)


class RawStore:
    """All raw rows of a register, on disk.

    Parameters
    ----------
    place : Workplace
    reading : Reading

    Attributes
    ----------
    parts : list of StoredRows
        In the order of reading.
    """

    def __init__(self, place: Workplace, reading: Reading) -> None:
        self.place = place
        self.reading = reading
        self.parts: list[StoredRows] = []

    @property
    def supplied(self) -> frozenset[str]:
        """Tables that were given."""
        return frozenset(stored.table.name for stored in self.parts if stored.n_rows or not stored.layout.by_status)

    @property
    def ranks(self) -> dict[str, dict[str, int]]:
        """Per table, the sheets that have rows of it, and how clear it is that each is of the table."""
        ranks: dict[str, dict[str, int]] = {}
        for stored in sorted(self.parts, key=lambda one: -one.rank):
            if stored.n_rows and not stored.layout.denies:
                ranks.setdefault(stored.table.name, {})[stored.source] = stored.rank
        return ranks

    @property
    def numbers_alone(self) -> dict[str, set[str]]:
        """Per table, the sheets that know persons by numbers within their household alone."""
        ids: dict[tuple[str, str], PersonIds] = {}
        for stored in self.parts:
            key = stored.table.name, stored.source
            ids[key] = ids.get(key, PersonIds()).and_those(stored.persons)
        found: dict[str, set[str]] = {}
        for (table, source), own in ids.items():
            if own.are_numbers_alone:
                found.setdefault(table, set()).add(source)
        return found

    def of(self, table: str) -> list[StoredRows]:
        """Return the raw rows of one table, sheet by sheet."""
        return [stored for stored in self.parts if stored.table.name == table]

    def drop_from(self, number: int) -> None:
        """Forget all raw rows from a number on, those of a file that turned out to be unreadable."""
        for stored in self.parts[number:]:
            stored.file.unlink(missing_ok=True)
        del self.parts[number:]

    @contextmanager
    def writer(
        self, head: SheetHead, assignment: Assignment, mixed: frozenset[int] | None
    ) -> Iterator[Callable[[RawRows], None]]:
        """Take the rows of a sheet that belong to one table.

        Parameters
        ----------
        head : SheetHead
        assignment : Assignment
        mixed : frozenset of int, or None
            Positions of columns whose cells may differ in type; None: all.

        Yields
        ------
        callable
            Writes raw rows, chunk by chunk.
        """
        positions = assignment.layout.looked_at
        labels, headers = unique_labels(head.headers), [head.headers[position] for position in positions]
        number = len(self.parts)
        stored = StoredRows(
            number=number, table=assignment.table, source=head.source, labels=[labels[p] for p in positions],
            headers=headers, layout=assignment.layout.among(positions), rank=assignment.rank, dating=assignment.dating,
            per_member=has_a_row_per_member(head), whole=assignment.whole, lists=assignment.lists,
            mixed=[mixed is None or p in mixed for p in positions], file=self.place.folder / f"sheet{number}.parquet",
        )  # fmt: skip
        self.parts.append(stored)
        writer: Any = None

        def write(raw: RawRows) -> None:
            nonlocal writer
            writer = self._write(stored, raw, positions, writer)

        try:
            yield write
        finally:
            if writer is not None:
                writer.close()

    def _write(self, stored: StoredRows, raw: RawRows, positions: Sequence[int], writer: Any) -> Any:
        """Add a chunk, with the ids by which rows find their way; return the writer of the file."""
        import pyarrow as pa

        reading = self.reading
        keys, n_faults, n_citizen, persons = read_keys(
            raw, data_date=reading.data_date, known_lag_days=reading.known_lag_days, id_key=reading.id_key
        )
        columns: dict[str, Any] = {
            f"c{n}": storable_cells(raw.frame.iloc[:, position], mixed=mixed)
            for n, (position, mixed) in enumerate(zip(positions, stored.mixed, strict=True))
        }
        n = len(raw.frame)
        fault, doubt = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
        for found in raw.faults:
            fault[found.mask] = found.code
        for found in raw.doubts:
            doubt[found.mask] += f"{found.code} "  # a row may have several
        columns |= {
            "sheet": np.full(n, stored.number, dtype="int32"),
            "ord": np.arange(stored.n_rows, stored.n_rows + n),
            "row": raw.rows.astype("int64"),
            "fault": pd.Series(fault, dtype="str") if raw.faults else storable_text("", n),
            "doubt": pd.Series(doubt, dtype="str") if raw.doubts else storable_text("", n),
            "h": keys["household_id"] if "household_id" in keys else pa.nulls(n, pa.large_string()),
            "m": keys["member_id"] if "member_id" in keys else pa.nulls(n, pa.large_string()),
        }
        if stored.table.name in ("households", "members"):
            columns |= {"valid_from": keys["valid_from"], "recorded_at": keys["recorded_at"]}
        if stored.layout.head_ids is not None and reading.id_key is not None:
            columns |= {"head": pseudonymise(ids_of_heads(raw), reading.id_key)}
        if stored.table.name == "households":
            columns |= {"county": county_keys(keys["area_code"], keys["area_name"])}
        chunk = arrow_table(columns, stored.schema)
        if writer is None:
            stored.schema = chunk.schema
            writer = open_writer(stored.file, stored.schema, compression="snappy")
        writer.write_table(chunk)
        stored.n_rows += n
        stored.n_faults += n_faults
        stored.n_citizen += n_citizen
        stored.persons = stored.persons.and_those(persons)
        self.place.weigh()
        return writer

    def ids_sql(self, *tables: str, more: Sequence[str] = (), personal: bool = True, clear: bool = False) -> str:
        """Return the SQL of the id columns (h, m) of raw rows of some tables, and `more` columns.

        Without `personal`, sheets that know persons by names or citizen ids are left out; with `clear` those of which it is
        doubtful that they are of the table.
        """
        ranks = [rank for name in tables for rank in self.ranks.get(name, {}).values()]
        most = max(DOUBTFUL_RANK - 1, min(ranks, default=0))
        files = [
            stored.file
            for stored in self.parts
            if stored.table.name in tables
            and stored.n_rows
            and (personal or "member_id" not in stored.layout.personal)
            and (not clear or stored.rank <= most)
        ]
        extra = "".join(f", {name}" for name in more)
        if not files:
            nothing = "".join(f", NULL::VARCHAR AS {name}" for name in more)
            return f"(SELECT NULL::VARCHAR AS h, NULL::VARCHAR AS m{nothing} LIMIT 0)"
        each = " UNION ALL ".join(f"SELECT h, m{extra} FROM {rows_in(file)}" for file in files)
        return f"({each})"

    def join_heads(self) -> None:
        """Let households that a sheet knows by the citizen ids of their heads alone be known by their own ids.

        So are the rows themselves when they are checked; see :mod:`fanpin_risk.records.head_ids`.
        """
        lists = [stored for stored in self.parts if stored.schema is not None and "head" in stored.schema.names]
        alone = [stored for stored in self.parts if stored.n_rows and "household_id" in stored.layout.personal]
        if not lists or not alone:
            return
        each = " UNION ALL ".join(f"SELECT head, h FROM {rows_in(stored.file)}" for stored in lists)
        self.place.run(
            f"CREATE TABLE heads AS SELECT head, min(h) AS own FROM ({each}) WHERE head IS NOT NULL AND h IS NOT NULL"
            " GROUP BY head HAVING min(h) = max(h)"
        )
        for stored in alone:
            before = stored.file.with_suffix(".alone")
            stored.file.rename(before)
            self.place.run(
                f"COPY (SELECT r.* REPLACE (coalesce(heads.own, r.h) AS h) FROM {rows_in(before)} r"
                f" LEFT JOIN heads ON r.h = heads.head ORDER BY r.ord) TO {sql_text(stored.file)} (FORMAT parquet)"
            )
            before.unlink()
        self.place.run("DROP TABLE heads")

    def some(self, conditions: Mapping[str, str]) -> tuple[list[RawRows], dict[str, np.ndarray]]:
        """Return raw rows by a condition per table, and their places (see :func:`places_of`)."""
        parts: list[RawRows] = []
        places: dict[str, list[np.ndarray]] = {}
        file = self.place.folder / "some.parquet"
        for stored in self.parts:
            condition = conditions.get(stored.table.name)
            if condition is None or not stored.n_rows:
                continue
            self.place.run(
                f"COPY (SELECT * FROM {rows_in(stored.file)} WHERE {condition} ORDER BY ord)"
                f" TO {sql_text(file)} (FORMAT parquet)"
            )
            raw = read_stored(file)
            if len(raw):
                parts.append(raw_rows(stored, raw))
                places.setdefault(stored.table.name, []).append(places_of(raw))
        file.unlink(missing_ok=True)
        return parts, {name: np.concatenate(found) for name, found in places.items()}


def places_of(raw: Any) -> np.ndarray:
    """Return where raw rows stand in all files: number of the sheet and number in it, shape (n, 2)."""
    return np.column_stack([raw["sheet"].to_numpy().astype("int64"), raw["ord"].to_numpy()])


def raw_rows(stored: StoredRows, raw: Any) -> RawRows:
    """Return raw rows from disk as the reader gave them."""
    columns = {
        label: stored_cells(raw[f"c{n}"], mixed=mixed)
        for n, (label, mixed) in enumerate(zip(stored.labels, stored.mixed, strict=True))
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(raw)), copy=False)
    faults, doubts = (
        [Fault(mask, code, expected) for code, expected in known.items() if (mask := codes.have(code)).any()]
        for name, known in (("fault", ROW_FAULTS), ("doubt", {**BLOCK_DOUBTS, **TYPE_DOUBTS, **NOTE_DOUBTS}))
        for codes in [_Codes.of(raw[name])]
    )
    numbers = raw["row"].to_numpy().astype("int64")
    return RawRows(
        stored.table, stored.source, frame, stored.headers, stored.layout, numbers, faults, stored.rank, stored.per_member,
        stored.dating, whole=stored.whole, lists=stored.lists, doubts=doubts,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Codes:
    """The codes of rows, each followed by a blank where a row may have several: the distinct texts, and which one each has."""

    texts: list[list[str]]
    which: np.ndarray

    @classmethod
    def of(cls, column: Any) -> _Codes:
        """Take them from a column of Arrow."""
        which, texts = pd.factorize(column.to_pandas())
        return cls([text.split() for text in texts], np.asarray(which))

    def have(self, code: str) -> np.ndarray:
        """Tell which rows have a code among theirs."""
        mine = [code in own for own in self.texts]
        return np.array(mine, dtype=bool)[self.which] if any(mine) else np.zeros(len(self.which), dtype=bool)


def without_rows(stored: StoredRows) -> Any:
    """Return the table of Arrow of a sheet without any of its rows, also of one that has none at all."""
    import pyarrow as pa

    if stored.schema is not None:
        return stored.schema.empty_table()
    kinds = {"sheet": pa.int32(), "ord": pa.int64(), "row": pa.int64(), "fault": pa.string(), "doubt": pa.string()}
    kinds |= {f"c{n}": pa.string() for n in range(len(stored.labels))}
    return pa.schema(kinds).empty_table()


def as_texts(values: pd.Series) -> pd.Series:
    """Return cells of any type as texts; missing stays missing.

    Examples
    --------
    >>> as_texts(pd.Series([5, None, True], dtype=object)).tolist()
    ['5', nan, 'true']
    """
    return pd.Series([None if (cell := plain_cell(value)) is None else str(cell) for value in values], dtype="str")
