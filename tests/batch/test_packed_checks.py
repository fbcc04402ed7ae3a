"""What check says of a packed register, part by part."""

import shutil

import pandas as pd
import pytest

from fanpin_risk.batch.packed_checks import check_parts
from fanpin_risk.policy.doubtful import contradiction_counts
from fanpin_risk.records.problems import Problems

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def checked(packed, tmp_path_factory):
    """The packed register of several counties, checked."""
    folder = shutil.copytree(packed, tmp_path_factory.mktemp("checked") / "packed")
    Problems().frame().to_parquet(folder / "problems.parquet")
    return check_parts(folder, DAY)


def test_cells_are_counted_once(checked, register):
    """Also of those who stand in several partitions."""
    pd.testing.assert_frame_equal(checked[0].coverage(), register.coverage())


def test_contradictions_add_up_to_those_of_the_whole(checked, register):
    """By rule and household, the worst first."""
    wanted, found = contradiction_counts(register, DAY), checked[1]
    pd.testing.assert_frame_equal(found.rules, wanted.rules)
    pd.testing.assert_frame_equal(found.households, wanted.households)
    assert found.n_households == wanted.n_households


def test_households_and_those_with_incomes_are_known(checked, register):
    """Each once, without anything else of them."""
    for name in ("households", "incomes"):
        found = checked[0].tables[name]
        assert sorted(found["household_id"]) == sorted(register.tables[name]["household_id"].unique())
        assert not found.drop(columns="household_id").notna().any().any()
    assert str(checked[0].observed_until.date()) == DAY
