"""What can only be told of the whole register: sheets whose ids match no household, and households whose incomes may be lost."""

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
    INCOME_LOST,
    LOOKED_AT,
    income_lost_in,
    lost_by_sheet,
    note_unmatched,
    telling_ids,
)
from fanpin_risk.records.problems import PROBLEM_COLUMNS, Problems
from fanpin_risk.records.schema import TABLES

__all__ = ["LOST", "tell_of_the_whole"]

LOST = "lost"  # how the files with households whose incomes may be lost begin
LAST = 2**62  # what is told of a row in the end stands behind all else that is told of it

Unmatched = Mapping[str, Mapping[str, str]]


def tell_of_the_whole(store: RawStore, outcomes: Mapping[int, Outcome], problems: Problems, building: Path) -> Problems:
    """Tell what checking the whole register would tell after all its tables.

    Parameters
    ----------
    store : RawStore
    outcomes : mapping of int to Outcome
        Of all partitions; the problems of households whose incomes may be lost are put aside for each, and counted.
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
    alike = _note_unmatched(store, outcomes, found, building)
    unmatched = {source: meant for (table, source), meant in alike.items() if table == "incomes"}
    whole = problems.whole_files("incomes")
    if whole or unmatched:
        _name_lost(store, outcomes, whole, unmatched, building)
    return found


def _note_unmatched(
    store: RawStore, outcomes: Mapping[int, Outcome], found: Problems, building: Path
) -> dict[tuple[str, str], dict[str, str]]:
    """Say of each sheet of which hardly an id stands in the register why that may be so."""
    folder, run = store.place.folder, store.place.run
    files = [file for part in outcomes if (file := folder / f"{HOMELESS}{part}.parquet").exists()]
    if not files:
        return {}
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
        f" WHERE place <= {LOOKED_AT} ORDER BY _table, _sheet, _ord"
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
    return note_unmatched(found, unknown, sizes, known, persons, hashed=store.reading.id_key is not None, counts=counts)


def _households(store: RawStore, outcomes: Mapping[int, Outcome]) -> Iterator[str]:
    """Give the ids of all households that were kept."""
    for part in outcomes:
        yield from _first_rows(store, part)["household_id"]


def _persons(outcomes: Mapping[int, Outcome], building: Path) -> Iterator[str]:
    """Give the ids of all members that were kept."""
    for outcome in outcomes.values():
        if outcome.partition is not None and "members" in outcome.partition.files:
            file = building / layout.PARTITIONS / outcome.partition.name / "members.parquet"
            yield from pd.read_parquet(file, columns=["member_id"])["member_id"].astype("str").unique()


def _first_rows(store: RawStore, part: int) -> pd.DataFrame:
    return pd.read_parquet(store.place.folder / f"{FIRST_ROWS}{part}.parquet")


def _name_lost(
    store: RawStore, outcomes: Mapping[int, Outcome], whole: set[str], unmatched: Unmatched, building: Path
) -> None:
    """Name the households of which incomes may be lost, partition by partition."""
    items: dict[str, set[str]] = {}
    for outcome in outcomes.values():
        for source, own in outcome.income_items.items():
            items.setdefault(source, set()).update(own)
    by_partition: dict[int, pd.DataFrame] = {}
    files: set[str] = set()
    for part, outcome in outcomes.items():
        homes = _first_rows(store, part)
        records = pd.DataFrame({"household_id": [], "item": []})
        if outcome.partition is not None and "incomes" in outcome.partition.files:
            file = building / layout.PARTITIONS / outcome.partition.name / "incomes.parquet"
            records = pd.read_parquet(file, columns=["household_id", "item"])
        lost = lost_by_sheet(homes["household_id"], records, whole, unmatched, items)
        files |= {source for source, mask in lost.items() if mask.any()}
        concerned = np.logical_or.reduce(list(lost.values()))
        if concerned.any():
            by_partition[part] = homes[concerned]
    sources = np.array([stored.source for stored in store.parts], dtype=object)
    for part, homes in by_partition.items():
        told, places = Problems(), np.arange(len(homes))
        told.name_households("households", homes["household_id"])
        told.add(
            TABLES["households"], sources=sources[homes["_sheet"]], rows=homes["row"].to_numpy(), positions=places,
            column="", code=INCOME_LOST, severity="warning", expected=income_lost_in(sorted(files)),
        )  # fmt: skip
        frame = told.placed()[list(PROBLEM_COLUMNS)].assign(
            _table=TABLE_NUMBERS["households"],
            _sheet=homes["_sheet"].to_numpy(),
            _ord=homes["_ord"].to_numpy(),
            _n=LAST,
        )
        frame.to_parquet(store.place.folder / f"{LOST}{part}.parquet", index=False)
        counts = outcomes[part].problems
        counts["warning"] = counts.get("warning", 0) + len(homes)
