"""One export into the partitions of a packed register: only those that it changes are written anew."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.batch.division import county_of
from fanpin_risk.batch.layout import COUNTS, PARTITIONS, Manifest, Partition, read_manifest
from fanpin_risk.batch.partition_files import read_doubts, read_partition, with_doubts, write_partition
from fanpin_risk.batch.updating.differences import ExportOnDay, dated_rows, township_of
from fanpin_risk.batch.updating.exports import is_list_of_households
from fanpin_risk.batch.updating.whereabouts import Whereabouts
from fanpin_risk.progress import Progress
from fanpin_risk.records.doubts import no_doubts
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform

__all__ = ["Applied", "apply_export"]

TablesByName = dict[str, pd.DataFrame]
TABLES_OF_PERSONS = tuple(name for name, table in TABLES.items() if name == "members" or "household_id" not in table)


@dataclass
class Applied:
    """What an export did to a packed register.

    Attributes
    ----------
    manifest : Manifest
        Of the register with it.
    counts : dict of str to dict of str to int
        By table, see :func:`dated_rows`.
    changed : list of str
        Partitions that were written anew.
    left : dict of str to int
        Townships of counties in the export that it has no household of, and how many are on record there: they are left.
    strangers : int
        Households of the export that are new in a county on record.
    """

    manifest: Manifest
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    strangers: int = 0


@dataclass
class _Routes:
    """Which rows of an export go where, beside those that go to a partition of their own county."""

    given: dict[str, set[str]] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)
    foreign: dict[str, list[TablesByName]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    # Of each partition of the register: households that move to another one, and persons whose rows another one needs.
    moving: dict[str, dict[str, str]] = field(default_factory=dict)
    fetched: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    # Persons who once belonged to a household that moves, and where it moves to: they are to stand there, too.
    with_household: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["member_id", "home"], dtype=object)
    )
    sent: set[tuple[str, str]] = field(default_factory=set)


def apply_export(
    folder: str | os.PathLike[str], before: Manifest, export: str | os.PathLike[str], *, day: pd.Timestamp,
    since: pd.Timestamp, whole: bool, generation: int, progress: Progress | None = None,
) -> Applied:  # fmt: skip
    """Write the partitions that an export changes, and return the manifest of the register with it.

    Parameters
    ----------
    folder : path-like
        The packed register.
    before : Manifest
        As it was.
    export : path-like
        Packed, see :func:`fanpin_risk.batch.updating.exports.store_export`.
    day, since : Timestamp
        The day of the export, and that of the one before it.
    whole : bool
        Whether it holds all of its tables.
    generation : int
        The number of this update, in the names of folders.
    progress : callable, optional
        Called with (partitions done, in all, name).

    Returns
    -------
    Applied
    """
    return _Update(Path(folder), before, Path(export), day, since, whole, generation).run(progress)


class _Update:
    def __init__(
        self, folder: Path, before: Manifest, export: Path, day: pd.Timestamp, since: pd.Timestamp, whole: bool,  # noqa: FBT001
        generation: int,
    ) -> None:  # fmt: skip
        self.folder, self.before, self.export = folder, before, export
        self.day, self.since, self.whole, self.generation = day, since, whole, generation
        self.shown = read_manifest(export)
        self.lists_households = is_list_of_households(export)
        self.on_record = {partition.name: partition for partition in before.partitions}
        self.where = Whereabouts(folder, before.partitions)
        self.routes = _Routes()
        self.applied = Applied(before)
        self.copies = dict.fromkeys(TABLES_OF_PERSONS, 0)  # more of them than before
        self.new_households: set[str] = set()
        self.counties = {county_of(name) for name in self.on_record}
        self.sizes: dict[str, int] = {}
        for partition in self.shown.partitions:
            county = county_of(partition.name)
            self.sizes[county] = self.sizes.get(county, 0) + partition.households
        said = [read_doubts(export, partition) for partition in self.shown.partitions]
        self.doubts = pd.concat([one for one in said if len(one)] or [no_doubts()])

    def run(self, progress: Progress | None) -> Applied:
        for partition in self.shown.partitions:
            self._route(partition)
        incoming = self._incoming()
        self._send_after()
        new_tables = set(self.routes.given) - set(self.before.tables)
        counties = {county_of(partition.name) for partition in self.shown.partitions}
        names = self.routes.touched | set(self.routes.moving) | set(incoming)
        if self.whole and self.lists_households:
            names |= {name for name in self.on_record if county_of(name) in counties}
        if new_tables:
            names |= set(self.on_record)
        made = dict(self.on_record)
        for number, name in enumerate(sorted(names)):
            if progress is not None:
                progress(number, len(names), name)
            updated = self._update(name, incoming.get(name, []), new_tables)
            if updated is None:
                made.pop(name, None)
            else:
                made[name] = updated
        if progress is not None:
            progress(len(names), len(names), "")
        self.applied.manifest = self._manifest(made)
        return self.applied

    # --- where rows go ---------------------------------------------------------------------------------------------
    def _route(self, partition: Partition) -> None:
        """Note what a partition of the export says, and keep its rows that go to partitions of other counties."""
        register = self._part(partition)
        routes, county = self.routes, county_of(partition.name)
        for name in register.supplied:
            given = routes.given.setdefault(name, set())
            frame = register.tables[name]
            given |= {column for column in frame.columns if column not in given and frame[column].notna().any()}
        routes.places |= set(township_of(register.tables["households"]["area_code"]))
        homes, persons = self._targets(register, county)
        routes.touched |= set(homes) | set(persons["home"])
        for name in sorted({*homes[[county_of(home) != county for home in homes]], *persons.loc[
            [county_of(home) != county for home in persons["home"]], "home"]}):  # fmt: skip
            routes.foreign.setdefault(name, []).append(_rows_that_belong(register.tables, homes, persons, name))
            routes.sent |= {(one, name) for one in persons.loc[persons["home"] == name, "member_id"]}
        at = self.where.of_households(homes.index)
        self.new_households |= set(homes.index[at < 0])
        for household, place, home in zip(homes.index, at, homes, strict=True):
            if place >= 0 and self.where.names[place] != home:
                routes.moving.setdefault(self.where.names[place], {})[household] = home
        self._note_persons(persons)

    def _note_persons(self, persons: pd.DataFrame) -> None:
        """Note whose rows on record are needed in a partition where they do not stand yet."""
        place, number = self.where.of_persons(pd.Index(persons["member_id"]))
        held = pd.DataFrame({"row": place, "held": np.array([*self.where.names, ""], dtype=object)[number]})
        held["home"] = persons["home"].to_numpy(dtype=object)[place]
        known = held.groupby("row")["held"].first()
        there = set(held.loc[held["held"] == held["home"], "row"])
        for row, source in known.items():
            if row not in there:
                one = persons.iloc[int(str(row))]
                self.routes.fetched.setdefault(str(source), []).append((str(one["member_id"]), str(one["home"])))

    def _targets(self, register: Register, county: str) -> tuple[pd.Series, pd.DataFrame]:
        """Return the partition of each household that rows name, and those of each person."""
        tables = register.tables
        listed = pd.Index(tables["households"]["household_id"].astype("str").unique())
        named = [
            frame["household_id"].dropna().astype("str").unique()
            for name, frame in tables.items()
            if name in register.supplied and "household_id" in frame
        ]
        others = pd.Index(np.unique(np.concatenate([np.asarray(one, dtype=object) for one in named]))).difference(
            listed
        )
        others = others[self.where.of_households(others) >= 0]
        homes = pd.concat(
            [
                pd.Series(self.where.homes_of(listed, county, size=self.sizes[county]), index=listed, dtype=object),
                pd.Series(
                    np.array(self.where.names, dtype=object)[self.where.of_households(others)],
                    index=others,
                    dtype=object,
                ),
            ]
        )
        members = tables["members"][["member_id", "household_id"]].astype("str").drop_duplicates()
        home = homes.reindex(members["household_id"]).to_numpy()
        pairs = [pd.DataFrame({"member_id": members["member_id"].to_numpy(dtype=object), "home": home}).dropna()]
        ids = pd.Index(
            np.unique(np.concatenate([
                np.asarray(tables[name]["member_id"].dropna().astype("str").unique(), dtype=object) for name in TABLES_OF_PERSONS
            ]))
        )  # fmt: skip
        place, number = self.where.of_persons(ids)
        held = np.array([*self.where.names, ""], dtype=object)[number]
        pairs.append(pd.DataFrame({"member_id": ids.to_numpy(dtype=object)[place], "home": held}))
        more = self.routes.with_household
        pairs.append(more[more["member_id"].isin(ids)])
        return homes, pd.concat(pairs, ignore_index=True).drop_duplicates(ignore_index=True)

    def _send_after(self) -> None:
        """Send what the export says of persons who once belonged to a household that moves to where it moves."""
        more = self.routes.with_household
        pairs = zip(more["member_id"], more["home"], strict=True)
        more = more[[pair not in self.routes.sent for pair in pairs]]
        if not len(more):
            return
        for partition in self.shown.partitions:
            county = county_of(partition.name)
            elsewhere = more[[county_of(home) != county for home in more["home"]]]
            if not len(elsewhere) or not any(
                elsewhere["member_id"].isin(ids).any() for ids in _persons_named(self.export, partition)
            ):
                continue
            tables = self._part(partition).tables
            for home, mine in elsewhere.groupby("home"):
                rows = _rows_that_belong(tables, pd.Series(dtype=object), mine, str(home))
                self.routes.foreign.setdefault(str(home), []).append(rows)

    def _incoming(self) -> dict[str, list[TablesByName]]:
        """Take out of partitions what others need: households that move, with their persons, and persons who do."""
        found: dict[str, list[TablesByName]] = {}
        for source in sorted({*self.routes.moving, *self.routes.fetched}):
            tables = self._held(source)
            moving = self.routes.moving.get(source, {})
            members = tables["members"]
            homes = pd.Series(moving, dtype=object)
            home = homes.reindex(members["household_id"]).to_numpy()
            pairs = [pd.DataFrame({"member_id": members["member_id"].to_numpy(dtype=object), "home": home}).dropna()]
            self.routes.with_household = pd.concat([self.routes.with_household, *pairs]).drop_duplicates(
                ignore_index=True
            )
            pairs.append(pd.DataFrame(self.routes.fetched.get(source, []), columns=["member_id", "home"], dtype=object))
            persons = pd.concat(pairs, ignore_index=True).drop_duplicates(ignore_index=True)
            for home in sorted({*homes, *persons["home"]}):
                found.setdefault(home, []).append(_rows_that_belong(tables, homes, persons, home))
        return found

    # --- a partition -----------------------------------------------------------------------------------------------
    def _update(self, name: str, incoming: list[TablesByName], new_tables: set[str]) -> Partition | None:
        held = self._held(name)
        left = self.routes.moving.get(name, {})
        before = dict(held)
        if left:
            gone = list(left)
            before = {
                table: frame
                if table in TABLES_OF_PERSONS
                else frame[~frame["household_id"].isin(gone)].reset_index(drop=True)
                for table, frame in held.items()
            }
        for more in incoming:
            before = _with_rows_of_others(before, more)
        shown = self._shown(name)
        export = ExportOnDay(
            tables=shown, day=self.day, since=self.since, whole=self.whole,
            given={table: frozenset(columns) for table, columns in self.routes.given.items()},
            places=frozenset(self.routes.places), lists_households=self.lists_households,
        )  # fmt: skip
        self._note_left(before, county=county_of(name))
        tables, counts = dated_rows(before, export)
        for table, numbers in counts.items():
            own = self.applied.counts.setdefault(table, dict.fromkeys(numbers, 0))
            for kind, number in numbers.items():
                own[kind] += number
        if county_of(name) in self.counties:
            self.applied.strangers += counts.get("households", {}).get("new", 0)
        old = self.on_record.get(name)
        unchanged = (
            not left and not incoming and not new_tables and all(tables[table] is held[table] for table in tables)
        )
        doubts, doubts_before = self._doubts(name, shown["households"]["household_id"])
        if old is not None and unchanged and doubts.equals(doubts_before):
            return old
        self._count_copies(held, -1)
        ids = tables["households"]["household_id"].unique()
        if not len(ids):  # everybody has moved away
            return None
        supplied = {*self.before.tables, *self.routes.given}
        register = Register(tables, supplied=supplied).select(ids)
        partition = write_partition(self.folder, name, register.tables, supplied, generation=self.generation)
        self._count_copies(register.tables, 1)
        self.applied.changed.append(name)
        return with_doubts(self.folder, partition, doubts[doubts.index.isin(ids)])

    def _count_copies(self, tables: Mapping[str, pd.DataFrame], sign: int) -> None:
        """Count the rows in a partition of persons whose newest household on record is in another one."""
        members = tables["members"].sort_values(["valid_from", "recorded_at"], na_position="first", kind="stable")
        here = members["household_id"].isin(tables["households"]["household_id"]).to_numpy()
        elsewhere = self.where.of_households(pd.Index(members["household_id"])) >= 0
        elsewhere |= members["household_id"].isin(self.new_households).to_numpy()
        newest = members.assign(away=~here)[here | elsewhere].drop_duplicates("member_id", keep="last")
        away = newest.loc[newest["away"], "member_id"]
        for table in TABLES_OF_PERSONS:
            self.copies[table] += sign * int(tables[table]["member_id"].isin(away).sum())

    def _note_left(self, before: TablesByName, *, county: str) -> None:
        """Count the households on record in townships that a whole export of their county has no household of."""
        counties = {place[:6] for place in self.routes.places}
        if not self.whole or not self.lists_households or county not in counties:
            return
        newest = before["households"].sort_values(["valid_from", "recorded_at"], na_position="first", kind="stable")
        newest = newest.drop_duplicates("household_id", keep="last")
        places = township_of(newest.loc[newest["valid_to"].isna(), "area_code"])
        for place, number in places[~places.isin(self.routes.places)].value_counts().items():
            self.applied.left[str(place)] = self.applied.left.get(str(place), 0) + int(number)

    def _doubts(self, name: str, shown: pd.Series) -> tuple[pd.Series, pd.Series]:
        """Return what is in doubt with the export and before it.

        Of its households it is what the export leaves in doubt, if it is whole and has all tables on record; else both.
        """
        before = read_doubts(self.folder, self.on_record[name]) if name in self.on_record else no_doubts()
        now = self.doubts[self.doubts.index.isin(shown)]
        replaced = self.whole and set(self.before.tables) <= set(self.routes.given)
        stay = before[~before.index.isin(shown)] if replaced else before
        both = pd.concat([one for one in (stay, now) if len(one)] or [no_doubts()])
        twice = both.index.duplicated(keep=False)
        joined = both[twice].groupby(level=0).agg(_codes_of_both)
        return pd.concat([one for one in (both[~twice], joined) if len(one)] or [no_doubts()]).sort_index(), before

    def _shown(self, name: str) -> TablesByName:
        """Return the rows of the export that are about the households and persons of a partition."""
        found = list(self.routes.foreign.get(name, []))
        county = county_of(name)
        for partition in self.shown.partitions:
            if county_of(partition.name) == county:
                register = self._part(partition)
                homes, persons = self._targets(register, county)
                found.append(_rows_that_belong(register.tables, homes, persons, name))
        return {table: _one_below_another(table, [one[table] for one in found]) for table in TABLES}

    def _held(self, name: str) -> TablesByName:
        if name not in self.on_record:
            return {table: conform(table, pd.DataFrame()) for table in TABLES}
        return _with_text_ids(read_partition(self.folder, self.on_record[name]).tables)

    def _part(self, partition: Partition) -> Register:
        register = read_partition(self.export, partition)
        return Register(_with_text_ids(register.tables), supplied=register.supplied, doubts=register.doubts)

    def _manifest(self, made: Mapping[str, Partition]) -> Manifest:
        before, shown = self.before, self.shown
        rows = {}
        for table in TABLES:
            if table in before.rows or table in shown.rows:
                counts = [one.rows.get(table, {}) for one in (before, shown)]
                rows[table] = {kind: sum(int(each.get(kind, 0)) for each in counts) for kind in COUNTS}
                rows[table]["copies"] = int(counts[0].get("copies", 0)) + self.copies.get(table, 0)
        filled = {
            table: before.filled.get(table, 0) + shown.filled.get(table, 0)
            for table in TABLES
            if before.filled.get(table) or shown.filled.get(table)
        }
        return replace(
            before,
            tables=tuple(table for table in TABLES if table in before.tables or table in self.routes.given),
            rows=rows, filled=filled, partitions=tuple(made[name] for name in sorted(made)),
            observed_until=max(before.observed_until, str(self.day.date())),
        )  # fmt: skip


def _codes_of_both(codes: pd.Series) -> str:
    """Return codes that are joined by semicolons in several texts, each once."""
    return ";".join(dict.fromkeys(one for text in codes for one in text.split(";")))


def _persons_named(folder: Path, partition: Partition) -> Iterator[pd.Series]:
    """Give the ids of persons in each table of persons of a partition."""
    for table in TABLES_OF_PERSONS:
        if table in partition.files:
            file = folder / PARTITIONS / partition.folder / f"{table}.parquet"
            yield pd.read_parquet(file, columns=["member_id"])["member_id"].astype("str")


def _with_text_ids(tables: Mapping[str, pd.DataFrame]) -> TablesByName:
    """Return tables whose ids are texts, so that those of several registers can be held against each other."""
    found = {}
    for name, frame in tables.items():
        ids = [column for column in ("household_id", "member_id") if column in frame]
        found[name] = frame.assign(**{column: frame[column].astype("str") for column in ids})
    return found


def _rows_that_belong(
    tables: Mapping[str, pd.DataFrame], homes: pd.Series, persons: pd.DataFrame, name: str
) -> TablesByName:
    """Return the rows of the households and persons that belong to a partition."""
    households = homes.index[(homes == name).to_numpy()]
    own = persons.loc[(persons["home"] == name).to_numpy(), "member_id"]
    found = {}
    for table, frame in tables.items():
        if table in TABLES_OF_PERSONS:
            found[table] = frame[frame["member_id"].isin(own).to_numpy()]
        else:
            found[table] = frame[frame["household_id"].isin(households).to_numpy()]
    return found


def _with_rows_of_others(before: TablesByName, more: TablesByName) -> TablesByName:
    """Add the rows of households and persons that are not there yet."""
    both = {}
    for table, frame in before.items():
        owner = "member_id" if table in TABLES_OF_PERSONS else "household_id"
        known: Iterable[Any] = before["members" if table in TABLES_OF_PERSONS else "households"][owner]
        new = more[table][~more[table][owner].isin(list(known)).to_numpy()]
        both[table] = _one_below_another(table, [frame, new]) if len(new) else frame
    return both


def _one_below_another(table: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Put typed rows of a table below each other."""
    frames = [frame for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else conform(table, pd.DataFrame())
