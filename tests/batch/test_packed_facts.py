"""What is known of a packed register as a whole: what reading its files found."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.layout import read_manifest
from fanpin_risk.batch.packed_facts import described, packed_counts, packed_problems, rejected_rows_of
from fanpin_risk.errors import InputError


@pytest.fixture
def both(folder, packed_files, tmp_path):
    """A register with rejected rows and days filled in, read and packed."""
    packed_files.write_csv(
        folder / "人员.csv",
        ["人编号", "户编号", "年度"],
        [["p1", "h1", "2022"], ["p2", "nowhere", "2022"], ["p3", "h2", "2x"]],
    )
    fr.pack(folder, tmp_path / "packed", threads=1)
    return fr.read_register(folder), tmp_path / "packed"


def test_counts_problems_and_rejected_rows_are_those_of_reading(both):
    """As they were found on packing."""
    whole, packed = both
    pd.testing.assert_frame_equal(packed_counts(read_manifest(packed)), whole.counts)
    pd.testing.assert_frame_equal(packed_problems(packed), whole.problems)
    rejected = rejected_rows_of(packed)
    assert {name: len(rows) for name, rows in rejected.items()} == {
        name: len(rows) for name, rows in whole.rejected_rows.items() if len(rows)
    }
    assert len(rejected["members"]) >= 1


def test_no_row_is_needed_to_say_what_it_is(both):
    """Tables given, counts and days of recording."""
    whole, packed = both
    found = described(packed)
    assert found.supplied == whole.supplied
    assert not len(found.tables["households"])
    assert {name: n for name, n in found.recorded_at_filled.items() if n} == {
        name: n for name, n in whole.recorded_at_filled.items() if n
    }
    pd.testing.assert_frame_equal(found.counts, whole.counts)


def test_problems_that_are_lost_are_said_to_be(both):
    """Not taken for none."""
    (both[1] / "problems.parquet").unlink()
    with pytest.raises(InputError, match=r"problems\.parquet cannot be read"):
        packed_problems(both[1])
