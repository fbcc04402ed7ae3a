"""The partitions of a packed register, one after the other."""

import shutil
from pathlib import Path

import pytest

from fanpin_risk.batch.layout import partitions_of
from fanpin_risk.batch.packed_parts import (
    chosen_partitions,
    each_partition,
    household_ids_in,
    households_alone,
)
from fanpin_risk.errors import InputError


def test_every_household_is_in_one_part(packed, register):
    """Parts in which nobody lives are passed over, and the progress counts households."""
    seen, ids = [], []
    for part in each_partition(packed, progress=lambda *told: seen.append(told)):
        here = part.tables["households"]["household_id"].unique()
        assert len(here)
        ids += list(here)
    assert sorted(ids) == sorted(register.tables["households"]["household_id"].unique())
    assert seen[0] == (0, 150, "")
    assert seen[-1][:2] == (150, 150)
    assert "999999" not in [name for _, _, name in seen]


def test_a_part_without_anybody_is_given_where_there_is_no_other(packed):
    """So that tables without rows have their columns."""
    nobody = [one for one in partitions_of(packed) if one.name == "999999"]
    assert [len(part.tables["households"]) for part in each_partition(packed, partitions=nobody)] == [0]
    assert [part.supplied >= {"households"} for part in each_partition(packed, partitions=[])] == [True]


def test_households_alone_are_read_without_the_rest(packed, register, tmp_path):
    """Other tables may even be lost."""
    copy = shutil.copytree(packed, tmp_path / "packed")
    for file in copy.glob("partitions/*/incomes.parquet"):
        file.unlink()
    rows = sum(len(part.tables["households"]) for part in households_alone(copy))
    assert rows == len(register.tables["households"])
    with pytest.raises(InputError, match=r"incomes\.parquet cannot be read"):
        list(each_partition(copy))


def test_partitions_are_chosen_by_name_or_county(packed):
    """All where none is named."""
    partitions = partitions_of(packed)
    assert chosen_partitions(partitions, None) == partitions
    county = chosen_partitions(partitions, {"211251"})
    assert {one.name.partition("-")[0] for one in county} == {"211251"}
    assert chosen_partitions(partitions, {partitions[0].name}) == partitions[:1]


def test_ids_of_a_damaged_file_are_not_guessed(packed, tmp_path):
    """The message names the partition and what to do."""
    copy = shutil.copytree(packed, tmp_path / "packed")
    first = partitions_of(copy)[0]
    assert household_ids_in(Path(copy), first).nunique() == first.households
    (copy / "partitions" / first.name / "households.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match=f"partition {first.name}: households.parquet cannot be read"):
        household_ids_in(Path(copy), first)
