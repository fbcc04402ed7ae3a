"""Who belongs where: the partition of every household, of every person, and what is known of them elsewhere."""

# ruff: noqa: S608  the SQL is put together from our own names and numbers
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fanpin_risk.batch.division import NO_COUNTY
from fanpin_risk.batch.packing.raw_rows import RawStore
from fanpin_risk.records.checks import Checked, Elsewhere, check_rows
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.schema import TABLES

__all__ = ["BY_PERSON", "SORTED_ROW_GROUP", "Homes", "find_homes"]

SORTED_ROW_GROUP = 20_480
TRAVELLERS_PER_BATCH = 50_000
BY_PERSON = tuple(name for name, table in TABLES.items() if name == "members" or "household_id" not in table)
BY_HOUSEHOLD = tuple(name for name in TABLES if name not in BY_PERSON)


@dataclass(slots=True)
class Homes:
    """Where households and people belong.

    The database has the tables ``homes`` (household h, partition part) and ``people`` (person m, partition part).

    Attributes
    ----------
    names : list of str
        Of the partitions, by number.
    elsewhere : Elsewhere
        What every partition has to know of the others.
    copies : dict of str to list of Path
        Per table: files with checked rows of people who have households in several partitions, for those partitions
        in which they do not live (``_part``), with the place of each row (``_sheet``, ``_ord``).
    """

    names: list[str]
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    copies: dict[str, list[Path]] = field(default_factory=dict)


def find_homes(store: RawStore, max_households: int) -> Homes:
    """Deal households and people out to partitions, and check beforehand the people whose rows lie in several.

    Parameters
    ----------
    store : RawStore
    max_households : int
        Of a partition; larger counties are dealt into buckets.

    Returns
    -------
    Homes
    """
    homes = Homes(_deal_out(store, max_households))
    _meet_travellers(store, homes)
    return homes


def _deal_out(store: RawStore, max_households: int) -> list[str]:
    """Find the partition of every household, and the people who belong to several; return the partitions' names."""
    run = store.place.run
    run(
        "CREATE TABLE newest AS SELECT h, nullif(county, '') AS county FROM ("
        " SELECT h, county, row_number() OVER (PARTITION BY h ORDER BY coalesce(county <> '', false) DESC,"
        " valid_from DESC NULLS LAST, recorded_at DESC NULLS LAST, county DESC NULLS LAST) AS place"
        f" FROM {store.ids_sql('households', more=('valid_from', 'recorded_at', 'county'))}"
        " WHERE h IS NOT NULL AND valid_from IS NOT NULL) WHERE place = 1"
    )
    sizes = run("SELECT county, count(*) FROM newest GROUP BY county ORDER BY county")
    buckets = []
    for county, size in sizes:
        n_buckets = -(-size // max_households)
        single = county is not None and n_buckets == 1
        buckets += [
            (county or "", n_buckets, n, f"{county}" if single else f"{county or NO_COUNTY}-{n:02d}")
            for n in range(n_buckets)
        ]
    buckets.sort(key=lambda bucket: bucket[3])
    run("CREATE TABLE buckets (county VARCHAR, n BIGINT, bucket BIGINT, part INTEGER)")
    if buckets:
        rows = [(county, n, bucket, part) for part, (county, n, bucket, _) in enumerate(buckets)]
        store.place.connection.executemany("INSERT INTO buckets VALUES (?, ?, ?, ?)", rows)
    # The same deal as division.bucket_of: the first 32 bits of the SHA-256 of the id.
    run(
        "CREATE TABLE homes AS SELECT h, part FROM newest JOIN buckets ON coalesce(newest.county, '') = buckets.county"
        " AND ('0x' || substr(sha256(h), 1, 8))::UBIGINT::BIGINT % n = bucket"
    )
    run("DROP TABLE newest")
    run(
        "CREATE TABLE people AS SELECT m, min(part) AS part, max(part) AS last FROM"
        f" {store.ids_sql('members')} JOIN homes USING (h) WHERE m IS NOT NULL GROUP BY m"
    )
    return [bucket[3] for bucket in buckets]


def _meet_travellers(store: RawStore, homes: Homes) -> None:
    """Check beforehand the people whose rows lie in several partitions: where they belong, and what goes where."""
    run = store.place.run
    by_household = [name for name in BY_HOUSEHOLD if name != "households"]
    run(
        "CREATE TABLE met AS SELECT m, min(rank) AS rank, row_number() OVER (ORDER BY m) - 1 AS place FROM ("
        " SELECT m, 0 AS rank FROM people WHERE part <> last UNION ALL"
        f" SELECT r.m, 1 AS rank FROM {store.ids_sql(*by_household)} r JOIN homes ON r.h = homes.h"
        " JOIN people ON r.m = people.m WHERE homes.part <> people.part) GROUP BY m"
    )
    n_met = run("SELECT count(*) FROM met")[0][0]
    named_by_met = f"h IN (SELECT h FROM {store.ids_sql('members')} WHERE m IN (SELECT m FROM met))"
    of_clear = store.ids_sql("members", clear=True)
    with_clear = frozenset(h for (h,) in run(f"SELECT DISTINCT h FROM {of_clear} WHERE {named_by_met}") if n_met)
    households: set[str] = set()
    members: set[str] = set()
    with_members: set[str] = set()
    with_ids: set[str] = set()
    for number, first in enumerate(range(0, n_met, TRAVELLERS_PER_BATCH)):
        run(
            "CREATE OR REPLACE TABLE batch AS SELECT m, rank FROM met WHERE place >= ? AND place < ?",
            first,
            first + TRAVELLERS_PER_BATCH,
        )
        people = "m IN (SELECT m FROM batch)"
        named = f"h IN (SELECT h FROM {store.ids_sql('members')} WHERE {people})"
        chosen = {"households": named, "members": people}
        chosen |= {name: "m IN (SELECT m FROM batch WHERE rank = 0)" for name in BY_PERSON if name != "members"}
        parts, places = store.some(chosen)
        reading = store.reading
        checked = check_rows(
            parts,
            Problems(),
            data_date=reading.data_date,
            known_lag_days=reading.known_lag_days,
            id_key=reading.id_key,
            elsewhere=Elsewhere(ranks=store.ranks, with_clear=with_clear),
        )
        households |= set(checked.tables["households"]["household_id"].dropna())
        members |= set(checked.tables["members"]["member_id"].dropna())
        with_members |= set(checked.tables["members"]["household_id"].dropna())
        of_ids = store.ids_sql("members", personal=False)
        with_ids |= {h for (h,) in run(f"SELECT DISTINCT h FROM {of_ids} WHERE h IS NOT NULL AND {people}")}
        _note_moves(store, homes, checked, places, number)
    homes.elsewhere = Elsewhere(
        frozenset(households), frozenset(members), any_members=bool(members), ranks=store.ranks,
        with_members=frozenset(with_members), with_ids=frozenset(with_ids), numbers_alone=store.numbers_alone,
        with_clear=with_clear,
    )  # fmt: skip


def _note_moves(store: RawStore, homes: Homes, checked: Checked, places: Mapping[str, np.ndarray], number: int) -> None:
    """Send people home to the partition of their newest household, and copies of their rows to the others."""
    connection = store.place.connection
    members = checked.tables["members"]
    connection.register("kept", checked.tables["households"][["household_id"]].drop_duplicates())
    found = store.place.run("SELECT h, part FROM homes JOIN kept ON h = household_id")
    connection.unregister("kept")
    part_of = pd.Series(dict(found), dtype="Int64")
    belongs = members[["member_id", "household_id", "valid_from", "recorded_at"]].assign(
        part=part_of.reindex(members["household_id"]).to_numpy()
    )
    belongs = belongs[belongs["part"].notna()].sort_values(["member_id", "valid_from", "recorded_at"], kind="stable")
    home = belongs.drop_duplicates("member_id", keep="last").set_index("member_id")["part"].astype("int64")
    connection.register("found", home.rename_axis("m").reset_index())
    connection.execute("UPDATE people SET part = found.part FROM found WHERE people.m = found.m")
    connection.unregister("found")
    away = belongs[["member_id", "part"]].drop_duplicates()
    away = away[away["part"].astype("int64").to_numpy() != home.reindex(away["member_id"]).to_numpy()]
    for name in BY_PERSON:
        frame = checked.tables[name]
        if not len(frame) or not len(away):
            continue
        position = pd.DataFrame({"member_id": frame["member_id"], "position": np.arange(len(frame))})
        met = position.merge(away, on="member_id").sort_values(["part", "position"])
        at = met["position"].to_numpy()
        copies = frame.iloc[at].reset_index(drop=True)
        where = places[name][checked.origins[name][at]]
        copies = copies.assign(_part=met["part"].to_numpy(dtype="int64"), _sheet=where[:, 0], _ord=where[:, 1])
        file = store.place.folder / f"copies-{name}-{number}.parquet"
        copies.to_parquet(file, index=False, row_group_size=SORTED_ROW_GROUP)
        homes.copies.setdefault(name, []).append(file)
