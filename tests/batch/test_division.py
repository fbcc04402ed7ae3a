"""Who belongs to which partition."""

import hashlib

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import bucket_of, partition_names, share_ids, split_register
from fanpin_risk.batch.layout import (
    Manifest,
    partitions_of,
    write_manifest,
)
from fanpin_risk.batch.partition_files import read_partition, write_partition
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

COUNTS = {"read": 3, "kept": 2, "rejected": 1, "copies": 0}
TABLES_OF = {tuple(column.name for column in table.columns): table for table in TABLES.values()}


def households(*rows):
    frame = pd.DataFrame(rows, columns=["household_id", "area_code", "valid_from", "recorded_at"]).assign(
        area_name=None
    )
    frame["valid_from"], frame["recorded_at"] = (
        pd.to_datetime(frame["valid_from"]),
        pd.to_datetime(frame["recorded_at"]),
    )
    return frame


def as_text(frame):
    """The frame with ids as text, whether they were held as dictionaries or not."""
    ids = [c.name for c in TABLES_OF[tuple(frame.columns)].columns if c.type == "id"]
    return frame.astype(dict.fromkeys(ids, "str"))


@pytest.fixture(scope="module")
def register():
    return fr.make_register(120, random_state=3)


@pytest.fixture
def packed(register, tmp_path):
    written = [
        write_partition(tmp_path, name, part.tables, part.supplied)
        for name, part in split_register(register, max_households=50)
    ]
    write_manifest(tmp_path, Manifest(tuple(TABLES), {"households": COUNTS}, "made up", "2023-12-31", tuple(written)))
    return tmp_path


def test_a_household_belongs_to_the_county_of_its_newest_area_code():
    """Neither an older version, nor an earlier record of the same version, nor a version without a code decides."""
    frame = households(
        ("a", "211225101201", "2022-01-01", "2022-01-05"),
        ("a", "520422101201", "2023-01-01", "2023-01-05"),
        ("a", None, "2024-01-01", "2024-01-05"),
        ("b", "211225101201", "2023-01-01", "2023-01-05"),
        ("b", "530381101201", "2023-01-01", "2023-02-05"),
    )
    for order in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0]):
        assert partition_names(frame.iloc[order]).to_dict() == {"a": "520422", "b": "530381"}


def test_households_without_a_county_get_buckets_of_their_own():
    """No household is lost because its code is missing or too short to name a county."""
    frame = households(("a", None, "2023-01-01", None), ("b", "2112", "2023-01-01", None))
    assert partition_names(frame).to_dict() == {"a": "none-00", "b": "none-00"}


def test_only_counties_that_are_too_large_are_dealt_into_buckets():
    """A county of max_households stays whole; one more household splits it, and every household has one bucket."""
    rows = [(f"h{k}", "211225101201", "2023-01-01", None) for k in range(40)]
    assert set(partition_names(households(*rows), max_households=40)) == {"211225"}
    names = partition_names(households(*rows), max_households=39)
    assert set(names) == {"211225-00", "211225-01"}
    expected = [f"211225-{b:02d}" for b in bucket_of(names.index, 2)]
    assert names.tolist() == expected


def test_the_bucket_is_the_head_of_a_sha256_so_that_any_engine_can_compute_it():
    """DuckDB, Spark and Python agree on the bucket of a household."""
    head = int(hashlib.sha256("户1".encode()).hexdigest()[:8], 16)
    assert bucket_of(["户1"], 7).tolist() == [head % 7]


def test_a_split_register_is_what_select_gives(register):
    """Each partition holds all that select keeps of its households, also of those who moved away."""
    members = register.tables["members"]
    moved = members.iloc[[0]].assign(
        household_id=members["household_id"].iloc[-1], valid_from=pd.Timestamp("2023-06-01").as_unit("s")
    )
    tables = {**register.tables, "members": pd.concat([members, moved], ignore_index=True)}
    register = Register(tables, supplied=register.supplied)
    seen = 0
    for _, part in split_register(register, max_households=30):
        ids = part.tables["households"]["household_id"].unique()
        seen += len(ids)
        wanted = register.select(ids)
        for name, frame in wanted.tables.items():
            pd.testing.assert_frame_equal(as_text(part.tables[name]), frame)
        assert part.supplied == register.supplied
    assert seen == 120


def test_ids_of_a_part_share_a_dictionary_of_their_own(register, packed):
    """Equal ids have equal codes in all tables of a part, split off or read, and no id of another part is held."""
    parts = [part for _, part in split_register(register, max_households=30)]
    read = [read_partition(packed, part) for part in partitions_of(packed)]
    for part in parts + read:
        for kind in ("household_id", "member_id"):
            columns = [frame[kind] for frame in part.tables.values() if kind in frame]
            texts = columns[0].cat.categories
            assert all(column.cat.categories is texts for column in columns)
            assert set(texts) == set(pd.concat([column.astype("str") for column in columns]).dropna())


def test_ids_missing_or_in_one_table_only_are_shared(register):
    """What a table lacks stays missing; a dictionary that all tables share already is left as it is."""
    tables = share_ids({**register.tables, "shocks": register.tables["shocks"].assign(member_id=None)})
    assert tables["shocks"]["member_id"].isna().all()
    again = share_ids(tables)
    assert all(again[name] is tables[name] for name in tables)
    only = share_ids({"households": register.tables["households"], "disabilities": register.tables["disabilities"]})
    assert as_text(only["disabilities"]).equals(register.tables["disabilities"])
