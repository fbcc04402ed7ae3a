"""What the partitions left behind, put together: rejected rows, problems, counts and the manifest."""

# ruff: noqa: S608  the SQL is put together from our own names and numbers, paths quoted by sql_text
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from fanpin_risk.batch import layout
from fanpin_risk.batch.packing.checking import TABLE_NUMBERS, Outcome, labels_of
from fanpin_risk.batch.packing.homes import SORTED_ROW_GROUP
from fanpin_risk.batch.packing.raw_rows import RawStore
from fanpin_risk.batch.packing.whole_register import LOST
from fanpin_risk.batch.packing.workplace import rows_in, sql_text
from fanpin_risk.batch.partition_files import with_doubts
from fanpin_risk.records.checks import PART_YEARS, part_years_of
from fanpin_risk.records.doubts import doubts_of, no_doubts
from fanpin_risk.records.problems import PROBLEM_COLUMNS, Problems
from fanpin_risk.records.schema import TABLES

__all__ = ["write_doubts", "write_problems", "write_register"]

COUNTS_OF_ROWS = ("read", "kept", "rejected", "records", "filled")


def write_register(
    store: RawStore, outcomes: Mapping[int, Outcome], building: Path, source: str
) -> tuple[list[layout.Partition], pd.DataFrame]:
    """Write rejected rows and manifest.

    Parameters
    ----------
    store : RawStore
    outcomes : mapping of int to Outcome
        Of all partitions.
    building : Path
        Folder of the packed register to be.
    source : str
        Where it came from.

    Returns
    -------
    partitions : list of Partition
    rows : DataFrame of shape (n_tables, 6)
        See :class:`fanpin_risk.batch.pack.PackSummary`.
    """
    partitions = [outcome.partition for outcome in outcomes.values() if outcome.partition is not None]
    partitions.sort(key=lambda partition: partition.name)
    rows = {}
    for name in TABLES:
        if name not in store.supplied:
            continue
        each = [outcome.counts[name] for outcome in outcomes.values()]
        counts = np.array(each).reshape(-1, len(COUNTS_OF_ROWS)).sum(axis=0)
        rows[name] = dict(zip(COUNTS_OF_ROWS, counts.tolist(), strict=True))
        rows[name]["copies"] = sum(outcome.copies.get(name, 0) for outcome in outcomes.values())
        n_stored = sum(stored.n_rows for stored in store.of(name) if not stored.layout.denies)
        if rows[name]["read"] != n_stored or n_stored != rows[name]["kept"] + rows[name]["rejected"]:
            raise RuntimeError(f"rows of {name} do not add up: {n_stored} read, {rows[name]}")
        _write_rejected(store, name, building)
    days = [outcome.observed_until for outcome in outcomes.values() if outcome.observed_until is not None]
    newest = pd.Series(days, dtype="datetime64[s]").max()
    manifest = layout.Manifest(
        tables=tuple(name for name in rows if name != "members" or rows[name]["kept"] or not rows[name]["read"]),
        rows={name: {kind: counts[kind] for kind in layout.COUNTS} for name, counts in rows.items()},
        source=source,
        observed_until="" if pd.isna(newest) else str(newest.date()),
        partitions=tuple(partitions),
        known_lag_days=store.reading.known_lag_days,
        filled={name: counts["filled"] for name, counts in rows.items() if counts["filled"]},
    )
    layout.write_manifest(building, manifest)
    return partitions, pd.DataFrame.from_dict(rows, orient="index").rename_axis("table")


def _write_rejected(store: RawStore, name: str, building: Path) -> None:
    """Put the rejected rows of a table together, in the order of the files, with their headers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    place = store.place
    files = sorted(place.folder.glob(f"rejected-{name}-*.parquet"))
    if not files:
        return
    together = place.folder / "rejected.parquet"
    place.run(
        f"COPY (SELECT * FROM {rows_in(*files)} ORDER BY _sheet, _ord)"
        f" TO {sql_text(together)} (FORMAT parquet, ROW_GROUP_SIZE {SORTED_ROW_GROUP})"
    )
    concerned = {row[0] for row in place.run(f"SELECT DISTINCT _sheet FROM {rows_in(together)}")}
    labels = labels_of(store, name)
    columns = {f"c{labels.index(label)}": label for label in labels_of(store, name, concerned)}
    columns |= {own: own for own in ("source", "row", "reason")}
    folder = building / layout.REJECTED
    folder.mkdir(exist_ok=True)
    fields = [pa.field(label, pa.int64() if own == "row" else pa.string()) for own, label in columns.items()]
    with (
        pq.ParquetFile(together) as parquet,
        pq.ParquetWriter(folder / f"{name}.parquet", pa.schema(fields), compression="zstd") as writer,
    ):
        for batch in parquet.iter_batches(columns=list(columns), use_threads=False):
            rows = pa.Table.from_batches([batch]).select(list(columns)).rename_columns(list(columns.values()))
            writer.write_table(rows.cast(pa.schema(fields)))
    together.unlink()


def write_doubts(store: RawStore, outcomes: Mapping[int, Outcome], building: Path) -> None:
    """Put beside the tables of each partition what the problems leave in doubt of its households.

    Parameters
    ----------
    store : RawStore
    outcomes : mapping of int to Outcome
        Of all partitions, which are named anew.
    building : Path
        Folder of the packed register to be.
    """
    folder, found = store.place.folder, []
    for part in outcomes:
        for file in (folder / f"{kind}{part}.parquet" for kind in ("problems", LOST)):
            if file.exists():
                named = pd.read_parquet(file, columns=["code", "severity", "household_id"])
                found.append(named.dropna(subset="household_id"))
    # All of them first: a hidden row stands in no partition, but names a household of one.
    doubts = doubts_of(pd.concat(found, ignore_index=True)) if found else no_doubts()
    if not len(doubts):
        return
    for outcome in outcomes.values():
        if outcome.partition is not None:
            here = pd.Index(_households_of(outcome.partition, building).unique())
            own = doubts.reindex(here).dropna().sort_index()
            outcome.partition = with_doubts(building, outcome.partition, own)


def _households_of(partition: layout.Partition, building: Path) -> pd.Series:
    """Return the ids of the households of a partition."""
    file = building / layout.PARTITIONS / partition.folder / "households.parquet"
    return pd.read_parquet(file, columns=["household_id"])["household_id"].astype("str")


def write_problems(
    store: RawStore, outcomes: Mapping[int, Outcome], problems: Problems, of_whole: Problems, building: Path
) -> dict[str, int]:
    """Put all problems together as reading the whole gives them: by table, whole files first, then row by row.

    Parameters
    ----------
    store : RawStore
    outcomes : mapping of int to Outcome
        Of all partitions.
    problems : Problems
        Of files and columns as a whole.
    of_whole : Problems
        The same, found after all partitions were checked.
    building : Path
        Folder of the packed register to be.

    Returns
    -------
    dict of str to int
        How many, by severity.
    """
    folder = store.place.folder
    of_parts = [pd.read_parquet(file) for part in outcomes if (file := folder / f"notes{part}.parquet").exists()]
    # What is said of a file as a whole is found in each partition that has rows of it, and said once.
    of_parts = [_counted_in_all(frame, sum(outcome.part_years for outcome in outcomes.values())) for frame in of_parts]
    notes = pd.concat([problems.placed(), *of_parts, of_whole.placed()], ignore_index=True).drop_duplicates(
        ["table", "source", "column", "code", "message"]
    )
    numbers = notes["table"].map(TABLE_NUMBERS).fillna(len(TABLES)).astype("int64")
    notes = notes[list(PROBLEM_COLUMNS)].assign(_table=numbers.to_numpy(), _sheet=-1, _ord=-1, _n=np.arange(len(notes)))
    notes.to_parquet(folder / "problems.parquet", index=False)
    files = [folder / "problems.parquet"]
    files += [
        file for part in outcomes for kind in ("problems", LOST) if (file := folder / f"{kind}{part}.parquet").exists()
    ]
    names = ", ".join(f'"{name}"' for name in PROBLEM_COLUMNS)
    store.place.run(
        f"COPY (SELECT {names} FROM {rows_in(*files)} ORDER BY _table, _sheet, _ord, _n)"
        f" TO {sql_text(building / layout.PROBLEMS)} (FORMAT parquet, COMPRESSION zstd)"
    )
    found: dict[str, int] = {str(name): int(n) for name, n in notes["severity"].value_counts().items()}
    for outcome in outcomes.values():
        for severity, n in outcome.problems.items():
            found[severity] = found.get(severity, 0) + n
    return found


def _counted_in_all(notes: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return notes of a part, those that count households with the number of these in all parts."""
    mine = (notes["code"] == PART_YEARS).to_numpy()
    if not mine.any():
        return notes
    told = Problems()
    told.note(table="incomes", source="", code=PART_YEARS, text=part_years_of(count))
    whole = told.placed()
    return notes.assign(
        **{
            name: notes[name].mask(mine, whole[name].iloc[0])
            for name in ("expected", "expected_zh", "message", "message_zh")
        }
    )
