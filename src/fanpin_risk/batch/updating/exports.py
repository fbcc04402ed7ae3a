"""What was given for an update, checked and kept beside the register as a packed register of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.batch.division import NOBODY, partition_names
from fanpin_risk.batch.layout import COUNTS, PROBLEMS, REJECTED, Manifest, read_manifest, write_manifest
from fanpin_risk.batch.pack import pack
from fanpin_risk.batch.partition_files import with_doubts, write_partition
from fanpin_risk.errors import SchemaError
from fanpin_risk.files import write_whole
from fanpin_risk.progress import Progress
from fanpin_risk.records.checks import Elsewhere
from fanpin_risk.records.data_dates import DataDates
from fanpin_risk.records.read.registers import read_files
from fanpin_risk.records.register import Register

__all__ = ["day_of_export", "is_list_of_households", "store_export"]

# What an export does not say a day of recording of is known from the day of the export, however old it is.
UNSAID_LAG_DAYS = 73_000
ROLLS = "households_from_lists"  # the problem that names sheets which merely mention households


def store_export(
    source: Any, place: Path, *, whole: bool, elsewhere: Callable[[], Elsewhere], data_date: Mapping[str, Any],
    reading: Mapping[str, Any], packing: Mapping[str, Any], progress: Progress | None,
) -> Manifest:  # fmt: skip
    """Check an export and write it as a packed register.

    Parameters
    ----------
    source : path-like, sequence of path-like, str, mapping of str to frame, sqlalchemy.URL or sqlalchemy.Engine
        See :func:`fanpin_risk.read_register`.
    place : Path
        Folder to make.
    whole : bool
        Whether it holds all of its tables: then it is packed out of core. A part of one is read in memory, and may name
        households and persons that only the register knows.
    elsewhere : callable
        Gives what the register knows.
    data_date : mapping of str to date-like
        ``""``: the day of the export.
    reading, packing : mapping of str to object
        Further arguments of :func:`fanpin_risk.read_register` and :func:`fanpin_risk.pack`, and of the latter alone.
    progress : callable or None

    Returns
    -------
    Manifest

    Raises
    ------
    InputError, SchemaError
        See :func:`fanpin_risk.read_register`.
    """
    if whole and not isinstance(source, Mapping):
        try:
            pack(
                source,
                place,
                data_date=data_date,
                known_lag_days=UNSAID_LAG_DAYS,
                progress=progress,
                **reading,
                **packing,
            )
            return read_manifest(place)
        except SchemaError:  # it has no households, and may still tell something of those on record
            pass
    return _store(_read_in_memory(source, data_date, elsewhere(), reading, progress), place)


def _read_in_memory(
    source: Any,
    data_date: Mapping[str, Any],
    elsewhere: Elsewhere,
    reading: Mapping[str, Any],
    progress: Progress | None,
) -> Register:
    id_key = reading.get("id_key")
    if isinstance(source, Mapping):
        return Register.from_frames(
            source, data_date=data_date, known_lag_days=UNSAID_LAG_DAYS, id_key=id_key, elsewhere=elsewhere
        )
    rest = {name: value for name, value in reading.items() if name != "id_key"}
    read = read_files(source, data_date=data_date, progress=progress, **rest)
    return read.register(known_lag_days=UNSAID_LAG_DAYS, id_key=id_key, elsewhere=elsewhere)


def _store(register: Register, place: Path) -> Manifest:
    """Write a register in memory as a packed one; rows of owners that only the register knows stand apart."""
    place.mkdir(parents=True)
    partitions = []
    for name, tables in _parts_with_rest(register):
        partition = write_partition(place, name, tables, register.supplied)
        here = register.doubts.index.isin(tables["households"]["household_id"])
        here |= (name == NOBODY) & ~register.doubts.index.isin(register.tables["households"]["household_id"])
        partitions.append(with_doubts(place, partition, register.doubts[here]))
    counts = register.counts.rename(columns=lambda name: str(name).removeprefix("rows_"))
    newest = register.observed_until
    _write_rows(register.problems, place / PROBLEMS)
    for name, rows in register.rejected_rows.items():
        if len(rows):
            texts = [label for label in rows if label != "row"]
            _write_rows(rows.astype(dict.fromkeys(texts, "str")), place / REJECTED / f"{name}.parquet")
    manifest = Manifest(
        tables=tuple(name for name in register.tables if name in register.supplied),
        rows={
            name: {kind: int(counts[kind][name]) if kind in counts else 0 for kind in COUNTS}
            for name in register.tables
            if name in register.supplied
        },
        source=register.source,
        observed_until="" if pd.isna(newest) else str(newest.date()),
        partitions=tuple(partitions),
        filled=register.recorded_at_filled,
    )
    write_manifest(place, manifest)
    return manifest


def _write_rows(frame: pd.DataFrame, file: Path) -> None:
    write_whole(file, lambda target: frame.to_parquet(target, index=False))


def _parts_with_rest(register: Register) -> Iterator[tuple[str, dict[str, pd.DataFrame]]]:
    """Give the rows of each partition, and under the name of the first one without a county all others."""
    names = partition_names(register.tables["households"])
    members = register.tables["members"]
    home = names.reindex(members["household_id"].astype("str")).to_numpy(dtype=object)
    belongs = pd.DataFrame({"member_id": members["member_id"].array, "home": home}).dropna().drop_duplicates()
    for name in sorted({*names, NOBODY}):
        households, persons = names.index[names == name], belongs.loc[belongs["home"] == name, "member_id"]
        found = {}
        for table, frame in register.tables.items():
            owner = "member_id" if table == "members" or "household_id" not in frame else "household_id"
            keep = frame[owner].isin(households if owner == "household_id" else persons)
            if name == NOBODY:
                keep |= ~frame[owner].isin(names.index if owner == "household_id" else belongs["member_id"])
            found[table] = frame[keep.to_numpy()].reset_index(drop=True)
        if name != NOBODY or any(map(len, found.values())) or not len(names):
            yield name, found


def is_list_of_households(place: Path) -> bool:
    """Tell whether an export has a list of households, and not only sheets that name some."""
    problems = pd.read_parquet(place / PROBLEMS, columns=["code"])
    return not problems["code"].eq(ROLLS).any()


def day_of_export(date: Any, data_date: Any) -> tuple[pd.Timestamp, dict[str, Any]]:
    """Return the day of an export, and what is said of the days of its files, of which those of others are kept."""
    dates = DataDates(date)
    assert dates.rest is not None
    named = dict(data_date) if isinstance(data_date, Mapping) else {}
    return dates.rest.normalize(), {**named, "": dates.rest}
