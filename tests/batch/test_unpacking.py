"""A packed register, or some households of it, as a register in memory."""

import shutil

import pandas as pd
import pytest

from fanpin_risk.batch import memory
from fanpin_risk.batch.unpacking import RowsOnce, named_households, read_packed
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.schema import TABLES


def check_equal(found, wanted):
    """Hold registers to each other, whose rows may be in another order."""
    assert found.supplied == wanted.supplied
    for name in TABLES:
        one, other = (
            each.tables[name].sort_values(list(each.tables[name]), ignore_index=True) for each in (found, wanted)
        )
        pd.testing.assert_frame_equal(one, other, obj=name)
    pd.testing.assert_series_equal(found.doubts, wanted.doubts)


@pytest.fixture(scope="module")
def whole(packed, tmp_path_factory):
    """The packed register with its problems, of which there are none."""
    folder = shutil.copytree(packed, tmp_path_factory.mktemp("unpacking") / "packed")
    Problems().frame().to_parquet(folder / "problems.parquet")
    return folder


def test_no_row_is_there_twice(whole, register):
    """Whoever has moved between partitions stands in several of them, and once in the register."""
    seen = []
    found = read_packed(whole, progress=lambda *told: seen.append(told))
    check_equal(found, register)
    assert seen[0][:2] == (0, 150)
    assert seen[-1][:2] == (150, 150)
    assert found.source == "made up"
    assert found.counts.loc["incomes", ["rows_read", "rows_rejected"]].tolist() == [
        len(register.tables["incomes"]) + 1,
        1,
    ]


@pytest.mark.parametrize("step", [2, 7, 50])
def test_named_households_are_those_that_select_gives(packed, register, step):
    """Also where persons have lived in several of them, in one partition or two."""
    ids = register.tables["households"]["household_id"].unique()[::step]
    check_equal(read_packed(packed, households=ids), register.select(ids))
    with pytest.raises(SchemaError, match=f"1 of {len(ids) + 1} household ids are not in the register"):
        read_packed(packed, households=[*ids, "nobody"])
    found, known = named_households(packed, ["nobody", *ids])
    assert known == list(ids)
    check_equal(found, register.select(ids))


def test_nobody_is_a_register_without_rows(packed, register):
    """With the tables that the register was given."""
    found, known = named_households(packed, ["nobody"])
    assert known == []
    assert found.supplied == register.supplied
    assert not any(len(frame) for frame in found.tables.values())


def test_a_county_is_read_alone(packed, register):
    """All buckets of it, as select gives their households."""
    found = read_packed(packed, partitions=["211251"])
    ids = found.tables["households"]["household_id"].unique()
    assert 0 < len(ids) < 150
    check_equal(found, register.select(ids))
    with pytest.raises(InputError, match="1 of 2 names are neither a partition nor a county"):
        read_packed(packed, partitions=["211251", "110101"])


def test_persons_with_a_home_elsewhere_are_left_out_the_second_time(register):
    """And nobody else is kept in mind."""
    once = RowsOnce()
    assert once(register) is register
    assert once.elsewhere == set()
    ids = register.tables["households"]["household_id"].unique()
    parts = [register.select(half) for half in (ids[::2], ids[1::2])]
    assert sum(len(part.tables["members"]) for part in parts) > len(register.tables["members"])
    assert sum(len(once(part).tables["members"]) for part in parts) == len(register.tables["members"])


def test_more_than_fits_into_memory_is_refused(packed, monkeypatch):
    """With numbers, and not where households are named."""
    monkeypatch.setattr(memory, "free_bytes", lambda: 1000)
    with pytest.raises(InputError, match=r"150 households in .* partitions take about .* GB of memory at once"):
        read_packed(packed)
    assert len(named_households(packed, ["nobody"])[1]) == 0


def test_a_packed_register_is_not_read_as_a_folder_of_files(folder, tmp_path):
    """What reading its files found would be lost: the message names what reads it."""
    import fanpin_risk as fr

    fr.pack(folder, tmp_path / "packed", threads=1)
    with pytest.raises(InputError, match=r"packed is a packed register.*fanpin_risk\.read_packed"):
        fr.read_register(tmp_path / "packed")
    assert len(fr.read_packed(tmp_path / "packed").tables["households"]) == 3
