"""The packed layout: who belongs to which partition, and that what is read is what was written."""

import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.layout import (
    AGAIN,
    Manifest,
    Partition,
    bucket_of,
    is_packed,
    partition_names,
    partitions_of,
    read_manifest,
    read_partition,
    share_ids,
    split_register,
    write_manifest,
    write_partition,
)
from fanpin_risk.errors import InputError
from fanpin_risk.records.register import Register, empty_table
from fanpin_risk.records.schema import TABLES

COUNTS = {"read": 3, "kept": 2, "rejected": 1, "copies": 0}


def households(*rows):
    frame = pd.DataFrame(rows, columns=["household_id", "area_code", "valid_from", "recorded_at"])
    frame["valid_from"], frame["recorded_at"] = (
        pd.to_datetime(frame["valid_from"]),
        pd.to_datetime(frame["recorded_at"]),
    )
    return frame


def as_text(frame):
    """The frame with ids as text, whether they were held as dictionaries or not."""
    ids = [c.name for c in TABLES_OF[tuple(frame.columns)].columns if c.type == "id"]
    return frame.astype(dict.fromkeys(ids, "str"))


TABLES_OF = {tuple(column.name for column in table.columns): table for table in TABLES.values()}


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


def test_a_partition_is_read_as_it_was_written(register, packed):
    """Values, types and missing cells survive; ids may come as dictionaries."""
    names = partition_names(register.tables["households"], max_households=50)
    for partition in partitions_of(packed):
        back = read_partition(packed, partition)
        wanted = register.select(names.index[names == partition.name])
        assert back.supplied == register.supplied
        assert partition.households == wanted.tables["households"]["household_id"].nunique()
        for name, frame in wanted.tables.items():
            pd.testing.assert_frame_equal(as_text(back.tables[name]), frame)
            assert partition.files[name]["rows"] == len(frame)


def test_features_of_a_partition_read_are_those_of_the_register(register, packed):
    """Ids as dictionaries give the same features as ids as text."""
    table = fr.compute_features(register, "2023-12-31")
    parts = [fr.compute_features(read_partition(packed, p), "2023-12-31") for p in partitions_of(packed)]
    pd.testing.assert_frame_equal(pd.concat(parts).sort_index(), table, check_exact=True)


def test_tables_without_rows_and_tables_not_given_stay_apart(tmp_path):
    """An empty table that was given is an answer, an absent one is unknown: also after packing."""
    register = fr.Register.from_frames(households={"household_id": ["h1"], "valid_from": ["2023-01-01"]})
    tables = {**register.tables, "medical": empty_table("medical")}
    partition = write_partition(tmp_path, "none-00", tables, {"households", "medical"})
    back = read_partition(tmp_path, partition)
    assert back.supplied == {"households", "medical"}
    for name in TABLES:
        pd.testing.assert_series_equal(as_text(back.tables[name]).dtypes, register.tables[name].dtypes)


def test_equal_tables_give_equal_bytes_whatever_dictionaries_they_hold(register, tmp_path):
    """Neither leftovers in a dictionary nor a second writing change a file."""
    once = write_partition(tmp_path / "a", "211251", register.tables, register.supplied)
    assert write_partition(tmp_path / "a", "211251", register.tables, register.supplied) == once
    frame = register.tables["members"]
    ids = pd.Categorical(frame["household_id"], ["unused", *np.sort(frame["household_id"].unique())[::-1]])
    tables = {**register.tables, "members": frame.assign(household_id=ids)}
    assert write_partition(tmp_path / "b", "211251", tables, register.supplied) == once
    assert [entry.name for entry in (tmp_path / "a" / "partitions").iterdir()] == ["211251"]


def test_only_the_columns_asked_for_are_read(packed):
    """What was not read is missing, in its type."""
    partition = partitions_of(packed)[0]
    whole = read_partition(packed, partition)
    some = read_partition(packed, partition, columns={"medical": ["member_id", "event_date"]})
    medical = some.tables["medical"]
    assert medical["event_date"].equals(whole.tables["medical"]["event_date"])
    assert medical.drop(columns=["member_id", "event_date"]).isna().all(axis=None)
    assert medical["kind"].dtype == whole.tables["medical"]["kind"].dtype
    assert some.tables["incomes"].equals(whole.tables["incomes"])


def test_a_changed_or_damaged_or_absent_file_is_noticed(packed):
    """A partition that is not what was packed is refused, also where only a bit has turned."""
    partition = partitions_of(packed)[0]
    file = packed / "partitions" / partition.name / "incomes.parquet"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(InputError, match=rf"incomes\.parquet is not the file that was packed.*{re.escape(AGAIN)}$"):
        read_partition(packed, partition)
    with pytest.raises(InputError, match=rf"incomes\.parquet is damaged.*{re.escape(AGAIN)}$"):
        read_partition(packed, partition, verify=False)
    file.unlink()
    with pytest.raises(InputError, match=rf"incomes\.parquet cannot be read.*{re.escape(AGAIN)}$"):
        read_partition(packed, partition)
    with pytest.raises(InputError, match="no partition 'x'"):
        read_partition(packed, "x")


def test_the_manifest_is_read_as_it_was_written(packed):
    """Nothing is lost, and the fingerprint is that of the partitions."""
    assert is_packed(packed)
    assert not is_packed(packed / "partitions")
    manifest = read_manifest(packed)
    assert manifest.rows == {"households": COUNTS}
    assert (manifest.source, manifest.observed_until, manifest.households) == ("made up", "2023-12-31", 120)
    other = Manifest(manifest.tables, {}, "", "", (*manifest.partitions[1:], Partition("none-00", 0, {})))
    assert other.fingerprint != manifest.fingerprint
    assert Manifest(manifest.tables, {}, "", "", manifest.partitions).fingerprint == manifest.fingerprint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda plain: plain.update(format="fanpin-risk register 9"), "format 'fanpin-risk register 9'"),
        (lambda plain: plain["partitions"][0].update(households=1), "was changed after it was written"),
        (lambda plain: plain.update(observed_until="2030-12-31"), "was changed after it was written"),
        (lambda plain: plain.update(source="elsewhere"), "was changed after it was written"),
        (lambda plain: plain["tables"].pop(), r"\(\d+ partitions or tables that cannot be"),
        (lambda plain: plain["rows"]["households"].update(copies=7), "was changed after it was written"),
        (lambda plain: plain.update(fingerprint="0" * 64), "was changed after it was written"),
        (lambda plain: plain.pop("digest"), "not as the package writes it"),
        (lambda plain: plain["partitions"][0].update(name="../x"), r"\(1 partitions or tables that cannot be"),
        (lambda plain: plain["partitions"].append(plain["partitions"][0]), "cannot be, or one twice"),
        (lambda plain: plain["rows"]["households"].update(rejected=99), "rows of households do not add up"),
        (lambda plain: plain.pop("rows"), "not as the package writes it"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(packed, change, message):
    """What was changed by hand, or could lead outside the folder, is not used."""
    plain = json.loads((packed / "manifest.json").read_text(encoding="utf-8"))
    change(plain)
    (packed / "manifest.json").write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_manifest(packed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:0],
        lambda data: b"\0" * len(data),
        lambda data: b"[" * 99 * len(data),
    ],
    ids=["cut off", "empty", "zeros", "nested"],
)
def test_a_packed_register_with_a_damaged_manifest_is_called_that(packed, damage):
    """Whatever became of the manifest, the folder is known by its partitions, and the message says what to do."""
    file = packed / "manifest.json"
    file.write_bytes(damage(file.read_bytes()))
    assert is_packed(packed)
    with pytest.raises(
        InputError, match=r"is a packed register whose manifest\.json is damaged .*; pack its files again"
    ):
        read_manifest(packed)


def test_a_lost_manifest_is_told_from_a_folder_that_is_no_packed_register(packed):
    """Only what has partitions is taken for a packed register."""
    (packed / "manifest.json").unlink()
    assert is_packed(packed)
    with pytest.raises(InputError, match=r"is a packed register whose manifest\.json cannot be read \(No such file"):
        read_manifest(packed)
    (packed / "partitions").rename(packed / "parts")
    assert not is_packed(packed)
    with pytest.raises(InputError, match=r"is not a packed register: it has no readable manifest\.json; pack it"):
        read_manifest(packed)


def test_a_partition_is_written_whole_or_not_at_all(register, tmp_path, monkeypatch):
    """A full disk leaves no half partition, and says so without a path of this machine."""

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fanpin_risk.batch.layout.os.fsync", full)
    with pytest.raises(InputError, match="cannot write partition 211251: No space left on device"):
        write_partition(tmp_path, "211251", register.tables, register.supplied)
    assert list((tmp_path / "partitions").iterdir()) == []
    with pytest.raises(InputError, match="cannot be named 'a/b'"):
        write_partition(tmp_path, "a/b", register.tables, register.supplied)
