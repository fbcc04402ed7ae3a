"""A partition: its raw rows go through the checks that the whole register would go through."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.batch import layout
from fanpin_risk.batch.packing.homes import Homes
from fanpin_risk.batch.packing.raw_rows import RawStore, StoredRows, as_texts, places_of, raw_rows, without_rows
from fanpin_risk.batch.packing.sorting import SortedRows
from fanpin_risk.batch.partition_files import write_partition
from fanpin_risk.records.cells.contents import among
from fanpin_risk.records.checks import Checked, SheetAmountsKnown, SheetEvidence, check_rows
from fanpin_risk.records.problems import PROBLEM_COLUMNS, Problems
from fanpin_risk.records.read.misplaced import without_known
from fanpin_risk.records.register import Register
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform

__all__ = ["FIRST_ROWS", "HOMELESS", "TABLE_NUMBERS", "Done", "Outcome", "PartitionCheck", "labels_of"]

HOMELESS, FIRST_ROWS = "homeless", "first"  # how the files with what is told of the whole register begin

TABLE_NUMBERS = {name: number for number, name in enumerate(TABLES)}


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a partition, or of rows that belong to no partition.

    Attributes
    ----------
    counts : dict of str to tuple of int
        Per table: rows read, kept and rejected, records, and those with a day of recording filled in.
    copies : dict of str to int
        Per table: rows of people who live in another partition.
    problems : dict of str to int
        By severity.
    income_items : dict of str to set of str
        The items that each sheet of incomes has amounts of.
    nameless : set of (str, str)
        Tables and sheets with rows that say something of a household and do not name it.
    part_years : int
        Of how many households the income of a year is scaled up.
    partition : Partition or None
        None for rows that belong to none.
    observed_until : Timestamp or None
    """

    counts: dict[str, tuple[int, int, int, int, int]]
    copies: dict[str, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    income_items: dict[str, set[str]] = field(default_factory=dict)
    nameless: set[tuple[str, str]] = field(default_factory=set)
    part_years: int = 0
    partition: layout.Partition | None = None
    observed_until: pd.Timestamp | None = None


@dataclass(slots=True)
class Done:
    """What comes of checking a partition.

    Attributes
    ----------
    part : int
    outcome : Outcome or None
        None if there are no rows of it.
    any_members : bool
        Whether any row of members was kept.
    sheets : list of int
        Numbers of its sheets of incomes.
    told : list of SheetEvidence
        What its rows tell of the amounts of each.
    elsewhere : float
        Processor time of another process that checked it, in seconds.
    """

    part: int
    outcome: Outcome | None = None
    any_members: bool = False
    sheets: list[int] = field(default_factory=list)
    told: list[SheetEvidence] = field(default_factory=list)
    elsewhere: float = 0.0


@dataclass(slots=True)
class PartitionCheck:
    """Checks and writes a partition.

    Attributes
    ----------
    store : RawStore
    homes : Homes
    groups : sequence of SortedRows
    building : Path
        Folder of the packed register to be.
    """

    store: RawStore
    homes: Homes
    groups: Sequence[SortedRows]
    building: Path

    def check(self, part: int, *, any_members: bool, amounts: Mapping[int, SheetAmountsKnown]) -> Done:
        """Check and write one partition, or some rows that belong to none.

        Parameters
        ----------
        part : int
            Its number.
        any_members : bool
            Whether other partitions are known to have members.
        amounts : mapping of int to SheetAmountsKnown
            What is known of sheets of incomes, by their numbers.

        Returns
        -------
        Done
        """
        found: list[tuple[StoredRows, Any]] = []
        for group in self.groups:
            found += group.of_partition(part)
        if not found:
            return Done(part)
        found += self._sheets_without_rows(found)
        parts: list[RawRows] = []
        places: dict[str, list[np.ndarray]] = {}
        for stored, raw in sorted(found, key=lambda pair: pair[0].number):
            parts.append(raw_rows(stored, raw))
            places.setdefault(stored.table.name, []).append(places_of(raw))
        without_known(parts)
        at = {name: np.concatenate(each) for name, each in places.items()}
        numbers = np.concatenate(
            [raw.rows for raw in parts if raw.table.name == "households"] or [np.zeros(0, "int64")]
        )
        problems, reading, elsewhere = Problems(), self.store.reading, self.homes.elsewhere
        sheets = [
            stored.number
            for stored, _ in sorted(found, key=lambda pair: pair[0].number)
            if stored.table.name == "incomes"
        ]
        known = replace(elsewhere, any_members=any_members, amounts=[amounts.get(number) for number in sheets])
        checked = check_rows(
            parts,
            problems,
            data_date=reading.data_date,
            known_lag_days=reading.known_lag_days,
            id_key=reading.id_key,
            elsewhere=known,
        )
        outcome = Outcome({name: (*checked.counts[name], checked.filled.get(name, 0)) for name in TABLES})
        outcome.income_items, outcome.nameless = checked.income_items, checked.nameless
        outcome.part_years = checked.part_years
        self._keep_for_the_whole(checked, at, numbers, part)
        self._keep_problems(problems, at, part, outcome)
        self._keep_rejected(checked, at, part)
        tables = checked.tables
        if len(tables["households"]):
            tables = self._with_copies(checked, at, part, outcome)
            supplied = self.store.supplied
            if not any_members and not len(tables["members"]):  # then persons are counted as declared
                supplied -= {"members"}
            register = _of_its_households(Register(tables, supplied=supplied))
            outcome.observed_until = register.observed_until
            name = self.homes.names[part]
            outcome.partition = write_partition(self.building, name, register.tables, supplied)
        return Done(part, outcome, len(tables["members"]) > 0, sheets, checked.amounts)

    def _sheets_without_rows(self, found: list[tuple[StoredRows, Any]]) -> list[tuple[StoredRows, Any]]:
        """Return the other sheets of incomes, without rows: the first to name an item says where it stands in a row."""
        here = {stored.number for stored, _ in found if stored.table.name == "incomes"}
        others = [stored for stored in self.store.of("incomes") if stored.number not in here]
        return [(stored, without_rows(stored)) for stored in others] if here else []

    def _with_copies(
        self, checked: Checked, places: Mapping[str, np.ndarray], part: int, outcome: Outcome
    ) -> dict[str, pd.DataFrame]:
        """Put the rows of people who live in another partition among those of this one, in the order of the files."""
        tables = dict(checked.tables)
        for name, files in self.homes.copies.items():
            copies = pd.concat([pd.read_parquet(file, filters=[("_part", "==", part)]) for file in files])
            if not len(copies):
                continue
            outcome.copies[name] = len(copies)
            own = tables[name]
            where = places[name][checked.origins[name]] if len(own) else np.zeros((0, 2), dtype="int64")
            both = np.concatenate([where, copies[["_sheet", "_ord"]].to_numpy(dtype="int64")])
            order = np.lexsort((both[:, 1], both[:, 0]))  # stable
            together = pd.concat([own.astype(object), copies[list(own.columns)].astype(object)], ignore_index=True)
            tables[name] = conform(name, together.iloc[order])
        return tables

    def _keep_problems(self, problems: Problems, places: Mapping[str, np.ndarray], part: int, outcome: Outcome) -> None:
        """Put problems aside, with the place of their row in all files."""
        for kind in ("notes", "problems"):  # of the same partition, checked before it was known that there are members
            (self.store.place.folder / f"{kind}{part}.parquet").unlink(missing_ok=True)
        placed = problems.placed()
        if not len(placed):
            return
        whole = placed["position"] < 0
        if whole.any():
            placed[whole].to_parquet(self.store.place.folder / f"notes{part}.parquet", index=False)
            placed = placed[~whole].reset_index(drop=True)
        outcome.problems = {str(name): int(n) for name, n in placed["severity"].value_counts().items()}
        sheet, ordinal = np.empty(len(placed), dtype="int64"), np.empty(len(placed), dtype="int64")
        for name, index in placed.groupby("table", sort=False).indices.items():
            at = places[str(name)][placed["position"].to_numpy()[index]]
            sheet[index], ordinal[index] = at[:, 0], at[:, 1]
        frame = placed[list(PROBLEM_COLUMNS)].assign(
            _table=placed["table"].map(TABLE_NUMBERS).astype("int64"), _sheet=sheet, _ord=ordinal,
            _n=np.arange(len(placed)),
        )  # fmt: skip
        frame.to_parquet(self.store.place.folder / f"problems{part}.parquet", index=False)

    def _keep_for_the_whole(
        self, checked: Checked, places: Mapping[str, np.ndarray], numbers: np.ndarray, part: int
    ) -> None:
        """Put aside what is told of the whole register in the end: rows without a household, and the first of each household."""
        homeless, first = (self.store.place.folder / f"{kind}{part}.parquet" for kind in (HOMELESS, FIRST_ROWS))
        homeless.unlink(missing_ok=True)
        found = checked.homeless
        if len(found):
            at = np.concatenate(
                [places[str(name)][own["position"]] for name, own in found.groupby("table", sort=False)]
            )
            number = found["table"].map(TABLE_NUMBERS).astype("int64")
            found = found.drop(columns=["table", "position"]).astype({"source": "str", "household_id": "str"})
            found.assign(_table=number, _sheet=at[:, 0], _ord=at[:, 1]).to_parquet(homeless, index=False)
        ids = checked.tables["households"]["household_id"]
        once = ~ids.duplicated().to_numpy()
        origin = checked.origins["households"][once] if len(ids) else np.zeros(0, dtype="int64")
        at = places["households"][origin] if len(ids) else np.zeros((0, 2), dtype="int64")
        columns = {"household_id": ids[once].to_numpy(dtype=object), "row": numbers[origin]}
        frame = pd.DataFrame(columns | {"_sheet": at[:, 0], "_ord": at[:, 1]})
        frame.astype({"household_id": "str"}).to_parquet(first, index=False)

    def _keep_rejected(self, checked: Checked, places: Mapping[str, np.ndarray], part: int) -> None:
        """Put rejected rows aside, as texts."""
        for name in TABLES:
            (self.store.place.folder / f"rejected-{name}-{part}.parquet").unlink(missing_ok=True)
        for name, rejected in checked.rejected_rows.items():
            if not len(rejected):
                continue
            labels = labels_of(self.store, name)
            at = places[name][checked.rejected_positions[name]]
            columns = {
                f"c{n}": as_texts(rejected[label]) if label in rejected else None for n, label in enumerate(labels)
            }
            columns |= {"_sheet": at[:, 0], "_ord": at[:, 1], "source": rejected["source"].astype("str")}
            columns |= {"row": rejected["row"].astype("int64"), "reason": rejected["reason"].astype("str")}
            frame = pd.DataFrame(columns, index=pd.RangeIndex(len(rejected)))
            frame = frame.astype({f"c{n}": "str" for n in range(len(labels))})
            frame.to_parquet(self.store.place.folder / f"rejected-{name}-{part}.parquet", index=False)


def labels_of(store: RawStore, name: str, numbers: Container[int] | None = None) -> list[str]:
    """Return the labels of all columns that are read of a table's sheets, or of some of these, in order."""
    labels = [
        stored.labels[position]
        for stored in store.of(name)
        if numbers is None or stored.number in numbers
        for position in stored.layout.positions
    ]
    return [label for label in dict.fromkeys(labels) if label not in ("source", "row", "reason")]


def _of_its_households(register: Register) -> Register:
    """Leave out people of whom no row names a household that was kept; no household could be scored by them."""
    households, members = register.tables["households"]["household_id"], register.tables["members"]
    known = members.loc[among(members["household_id"], households), "member_id"]
    return register if among(members["member_id"], known).all() else register.select(households.unique())
