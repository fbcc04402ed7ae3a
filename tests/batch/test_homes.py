"""Households and people are dealt out to partitions."""

import random

import pytest

from fanpin_risk.batch import layout
from fanpin_risk.batch.division import partition_names
from fanpin_risk.batch.partition_files import read_partition

pytest.importorskip("duckdb")


def test_people_who_move_between_partitions_stand_in_both(packed_files, folder, tmp_path):
    """All rows of a person are in every partition of theirs, and counted once, the rest as copies."""
    members = [
        ["p1", "h0", "2020"],
        ["p1", "h1", "2022"],
        ["p1", "h2", "2021"],
        ["p2", "h2", "2022"],
        ["p3", "h9", "2022"],
        ["p2", "h9", "2023"],
    ]
    packed_files.write_csv(folder / "成员.csv", ["人编号", "户编号", "年度"], members)
    packed_files.write_csv(
        folder / "就医.csv",
        ["人编号", "结算日期", "就医类别", "个人自付"],
        [["p1", "2022-03-01", "住院", "1"], ["p2", "2022-03-02", "住院", "1"]],
    )
    summary, _ = packed_files.compare(folder, tmp_path / "packed")
    assert summary.rows["copies"].to_dict() == {"households": 0, "members": 6, "medical": 2}
    assert summary.rows.loc["members", ["kept", "rejected"]].tolist() == [5, 1]


def test_persons_are_numbered_by_order_as_in_the_whole(packed_files, folder, tmp_path):
    """Not where a list has ids of the household's persons, though these live in another county by now."""
    packed_files.write_csv(
        folder / "成员2021.csv", ["人编号", "户编号", "年度"], [["p1", "h0", "2021"], ["p1", "h1", "2022"]]
    )
    packed_files.write_csv(
        folder / "成员2022.csv", ["户编号", "与户主关系", "年度"], [["h0", "户主", "2022"], ["h2", "户主", "2022"]]
    )
    for name, options in (("plain", {}), ("hashed", {"id_key": b"a secret of sixteen bytes"})):
        _, whole = packed_files.compare(folder, tmp_path / name, **options)
        assert whole.tables["members"]["member_id"].nunique() == 2


def test_large_counties_and_households_without_county_are_dealt_into_buckets(packed_files, tmp_path):
    """Partitions have the names and households that the layout says, whatever the order of the rows."""
    folder = tmp_path / "files"
    folder.mkdir()
    rows = [[f"h{n}", "2022", "211225" if n < 20 else "530102" if n < 24 else ""] for n in range(30)]
    random.Random(1).shuffle(rows)
    packed_files.write_csv(folder / "户信息.csv", ["户编号", "年度", "行政区划代码"], rows)
    summary, whole = packed_files.compare(folder, tmp_path / "packed", max_households=5)
    names = partition_names(whole.tables["households"], max_households=5)
    for partition in layout.partitions_of(tmp_path / "packed"):
        own = read_partition(tmp_path / "packed", partition).tables["households"]["household_id"]
        assert set(own.astype("str")) == set(names.index[names == partition.name])
    assert summary.partitions == 4 + 1 + 2
