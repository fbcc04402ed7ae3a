"""What can only be told of the whole register: sheets whose ids match no household, and households of which rows may be lost."""

# ruff: noqa: S608  the SQL is put together from our own names and numbers, paths quoted by sql_text
from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from fanpin_risk.batch import layout
from fanpin_risk.batch.packing.checking import FIRST_ROWS, HOMELESS, TABLE_NUMBERS, Outcome
from fanpin_risk.batch.packing.raw_rows import RawStore
from fanpin_risk.batch.packing.workplace import rows_in
from fanpin_risk.records.checks import (
    LOOKED_AT,
    LOST_CODES,
    LostRows,
    Meant,
    households_meant,
    lost_by_table,
    note_unmatched,
    telling_ids,
    text_of_lost,
)
from fanpin_risk.records.problems import PROBLEM_COLUMNS, Problems
from fanpin_risk.records.schema import TABLES

__all__ = ["LOST", "tell_of_the_whole"]

LOST = "lost"  # how the files with households of which rows may be lost begin
LAST = 2**62  # what is told of a row in the end stands behind all else that is told of it


def tell_of_the_whole(store: RawStore, outcomes: Mapping[int, Outcome], problems: Problems, building: Path) -> Problems:
    """Tell what checking the whole register would tell after all its tables.

    Parameters
    ----------
    store : RawStore
    outcomes : mapping of int to Outcome
        Of all partitions; the problems of households of which rows may be lost are put aside for each, and counted.
    problems : Problems
        Of files and columns as a whole.
    building : Path
        Folder of the packed register to be.

    Returns
    -------
    Problems
        Of sheets whose ids match no household.
    """
    found = Problems()
    meant = _note_unmatched(store, outcomes, found, building)
    items: dict[str, set[str]] = {}
    for outcome in outcomes.values():
        for source, own in outcome.income_items.items():
            items.setdefault(source, set()).update(own)
    lost = LostRows({name: problems.whole_files(name) for name in LOST_CODES}, meant, items)
    if lost:
        _name_lost(store, outcomes, lost, building)
    return found


def _note_unmatched(
    store: RawStore, outcomes: Mapping[int, Outcome], found: Problems, building: Path
) -> dict[tuple[str, str], Meant]:
    """Say of each sheet of which hardly an id stands in the register why that may be so; return which households it means."""
    folder, run = store.place.folder, store.place.run
    nameless = set[tuple[str, str]]().union(*(outcome.nameless for outcome in outcomes.values()))
    files = [file for part in outcomes if (file := folder / f"{HOMELESS}{part}.parquet").exists()]
    if not files:
        return households_meant(pd.DataFrame(), nameless, ())
    names = list(TABLE_NUMBERS)
    counts = {
        (names[number], source): n
        for number, source, n in run(f"SELECT _table, source, count(*) FROM {rows_in(*files)} GROUP BY ALL")
    }
    first = run(
        "SELECT _table, source, row, household_id FROM ("
        " SELECT *, row_number() OVER (PARTITION BY _table, source ORDER BY _sheet, _ord) AS place FROM ("
        "  SELECT *, row_number() OVER (PARTITION BY _table, source, household_id ORDER BY _sheet, _ord) AS time"
        f"  FROM {rows_in(*files)}) WHERE time = 1)"
        f" WHERE place <= {LOOKED_AT + 1} ORDER BY _table, _sheet, _ord"
    )
    unknown = pd.DataFrame(first, columns=["table", "source", "row", "household_id"])
    unknown["table"] = [names[number] for number in unknown["table"]]
    sizes: dict[tuple[str, str], int] = {}
    for stored in store.parts:
        key = stored.table.name, stored.source
        sizes[key] = sizes.get(key, 0) + (0 if stored.layout.denies else stored.n_rows)
    mine = set(unknown["household_id"])
    known = telling_ids(_households(store, outcomes), mine)
    persons = {one for one in _persons(outcomes, building) if one in mine}
    hashed = store.reading.id_key is not None
    note_unmatched(found, unknown, sizes, known, persons, hashed=hashed, counts=counts)
    return households_meant(unknown, nameless, known, hashed=hashed)


def _households(store: RawStore, outcomes: Mapping[int, Outcome]) -> Iterator[str]:
    """Give the ids of all households that were kept."""
    for part in outcomes:
        yield from _first_rows(store, part)["household_id"]


def _persons(outcomes: Mapping[int, Outcome], building: Path) -> Iterator[str]:
    """Give the ids of all members that were kept."""
    for outcome in outcomes.values():
        if outcome.partition is not None and "members" in outcome.partition.files:
            file = building / layout.PARTITIONS / outcome.partition.folder / "members.parquet"
            yield from pd.read_parquet(file, columns=["member_id"])["member_id"].astype("str").unique()


def _first_rows(store: RawStore, part: int) -> pd.DataFrame:
    return pd.read_parquet(store.place.folder / f"{FIRST_ROWS}{part}.parquet")


def _name_lost(store: RawStore, outcomes: Mapping[int, Outcome], lost: LostRows, building: Path) -> None:
    """Name the households of which members, incomes or entries on monitoring may be lost, partition by partition."""
    by_partition: dict[int, tuple[pd.DataFrame, dict[str, np.ndarray]]] = {}
    files: dict[str, set[str]] = {table: set() for table in LOST_CODES}
    for part, outcome in outcomes.items():
        homes = _first_rows(store, part)
        tables = {table: _records_of(table, outcome, building) for table in (*LOST_CODES, "households")}
        concerned = {}
        for table, sheets in lost_by_table(homes["household_id"], tables, lost).items():
            files[table] |= {source for source, mask in sheets.items() if mask.any()}
            mine = np.logical_or.reduce([np.zeros(len(homes), dtype=bool), *sheets.values()])
            if mine.any():
                concerned[table] = mine
        if concerned:
            by_partition[part] = homes, concerned
    sources = np.array([stored.source for stored in store.parts], dtype=object)
    for part, (homes, concerned) in by_partition.items():
        told, places = Problems(), np.arange(len(homes))
        told.name_households("households", homes["household_id"])
        for table, mine in concerned.items():
            told.add(
                TABLES["households"], sources=sources[homes["_sheet"][mine]], rows=homes["row"].to_numpy()[mine],
                positions=places[mine], column="", code=LOST_CODES[table], severity="warning",
                expected=text_of_lost(table, sorted(files[table])),
            )  # fmt: skip
        placed = told.placed()
        at = placed["position"].to_numpy()
        frame = placed[list(PROBLEM_COLUMNS)].assign(
            _table=TABLE_NUMBERS["households"],
            _sheet=homes["_sheet"].to_numpy()[at],
            _ord=homes["_ord"].to_numpy()[at],
            _n=LAST + np.arange(len(placed)),
        )
        frame.to_parquet(store.place.folder / f"{LOST}{part}.parquet", index=False)
        counts = outcomes[part].problems
        counts["warning"] = counts.get("warning", 0) + len(placed)


def _records_of(table: str, outcome: Outcome, building: Path) -> pd.DataFrame:
    """Return of whom the records of a table in a partition are, of which income, and how many persons are declared."""
    columns = ["household_id", *{"incomes": ["item"], "households": ["size_declared"]}.get(table, [])]
    if outcome.partition is None or table not in outcome.partition.files:
        return pd.DataFrame({name: pd.Series([], dtype="str") for name in columns})
    file = building / layout.PARTITIONS / outcome.partition.folder / f"{table}.parquet"
    return pd.read_parquet(file, columns=columns)
