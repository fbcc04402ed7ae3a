"""Where households and persons stand, and where those that an export brings belong."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import bucket_of, split_register
from fanpin_risk.batch.partition_files import write_partition
from fanpin_risk.batch.updating.whereabouts import Known, Whereabouts, hashes_of

TABLES = {
    "households": pd.DataFrame(
        {
            "household_id": ["h1", "h2", "h3", "h4"], "valid_from": "2023-12-31",
            "area_code": ["211225101201", "211225101201", "371082101201", None],
        }
    ),
    "members": pd.DataFrame(
        {"household_id": ["h1", "h3", "h2"], "member_id": ["p", "p", "q"], "valid_from": ["2022-12-31", "2023-12-31", "2023-12-31"]}
    ),
}  # fmt: skip


@pytest.fixture
def where(tmp_path):
    """A register with a county in buckets, one that is whole, and a household without a county."""
    parts = split_register(fr.Register.from_frames(TABLES), max_households=1)
    return Whereabouts(tmp_path, [write_partition(tmp_path, name, part.tables, part.supplied) for name, part in parts])


def test_who_moved_stands_in_several_partitions(where):
    """Households in one."""
    numbers = where.of_households(["h3", "h4", "nobody"])
    assert [where.names[number] for number in numbers[:2]] == ["371082", "none-00"]
    assert numbers[2] == -1
    place, number = where.of_persons(["nobody", "p"])
    assert place.tolist() == [1, 1]
    assert {where.names[one].partition("-")[0] for one in number} == {"211225", "371082"}


def test_households_stay_unless_the_export_says_otherwise(where):
    """Who is new goes to the bucket that the id says; a county that is new is whole."""
    ids = pd.Index(["h1", "h3", "new"])
    homes = where.homes_of(ids, "211225")
    assert homes[0] == where.names[where.of_households(["h1"])[0]]
    assert homes[1] == f"211225-{bucket_of(['h3'], 2)[0]:02d}"
    assert homes[2] == f"211225-{bucket_of(['new'], 2)[0]:02d}"
    assert where.homes_of(ids, "none")[1] == "371082"
    assert where.homes_of(pd.Index(["new"]), "520422").tolist() == ["520422"]


def test_what_is_known_is_a_container():
    """Of the ids themselves."""
    known = Known(np.sort(hashes_of(["a", "b"])))
    assert "a" in known
    assert "c" not in known
    assert "a" not in Known(np.zeros(0, dtype="uint64"))
