"""What is read from the files of a partition is what was written."""

import re

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import partition_names, split_register
from fanpin_risk.batch.layout import AGAIN, Manifest, partitions_of, write_manifest
from fanpin_risk.batch.partition_files import read_partition, write_partition
from fanpin_risk.errors import InputError
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import empty_table

COUNTS = {"read": 3, "kept": 2, "rejected": 1, "copies": 0}
TABLES_OF = {tuple(column.name for column in table.columns): table for table in TABLES.values()}


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
    with pytest.raises(
        InputError, match=rf"incomes\.parquet is not the file that was packed.*{re.escape(str(AGAIN))}$"
    ):
        read_partition(packed, partition)
    with pytest.raises(InputError, match=rf"incomes\.parquet is damaged.*{re.escape(str(AGAIN))}$"):
        read_partition(packed, partition, verify=False)
    file.unlink()
    with pytest.raises(InputError, match=rf"incomes\.parquet cannot be read.*{re.escape(str(AGAIN))}$"):
        read_partition(packed, partition)
    with pytest.raises(InputError, match="no partition 'x'"):
        read_partition(packed, "x")


def test_a_partition_is_written_whole_or_not_at_all(register, tmp_path, monkeypatch):
    """A full disk leaves no half partition, and says so without a path of this machine."""

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fanpin_risk.batch.partition_files.os.fsync", full)
    with pytest.raises(InputError, match="cannot write partition 211251: the disk is full"):
        write_partition(tmp_path, "211251", register.tables, register.supplied)
    assert list((tmp_path / "partitions").iterdir()) == []
    with pytest.raises(InputError, match="cannot be named 'a/b'"):
        write_partition(tmp_path, "a/b", register.tables, register.supplied)
