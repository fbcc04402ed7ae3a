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


def test_what_a_row_says_of_a_person_numbered_by_order_stays_with_the_person(packed_files, folder, tmp_path):
    """A table of persons alone has no number of the household by which its rows would find their way."""
    packed_files.write_csv(
        folder / "成员.csv",
        ["户编号", "姓名", "身份证号", "与户主关系", "年度", "残疾类别", "残疾等级", "发证日期"],
        [
            [f"h{n}", f"甲{n}", f"11010119800101{n:03d}1", "户主", "2022", "肢体", "二级", "2020-05-01"]
            for n in range(3)
        ],
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert whole.tables["disabilities"]["member_id"].tolist() == ["h0-1", "h1-1", "h2-1"]


def test_numbers_within_a_household_alone_are_judged_by_the_whole_sheet(packed_files, folder, tmp_path):
    """Not by those of its rows that belong to no partition."""
    packed_files.write_csv(
        folder / "成员.csv", ["人编号", "户编号", "年度"], [[f"p{n}", "h0", "2022"] for n in range(5)]
    )
    visits = [*(f"p{n}" for n in range(5)), "1", "1"]
    for name, ids in (("few", visits), ("most", [*visits, *["2", "2"] * 4])):
        packed_files.write_csv(
            folder / "就医.csv",
            ["人编号", "结算日期", "就医类别", "个人自付"],
            [[one, f"2022-03-{n + 1:02d}", "住院", "1"] for n, one in enumerate(ids)],
        )
        for kind, options in (("plain", {}), ("hashed", {"id_key": b"a secret of sixteen bytes"})):
            _, whole = packed_files.compare(folder, tmp_path / name / kind, **options)
            assert ("numbers_alone" in set(whole.problems["code"])) == (name == "most")


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


def test_one_number_for_several_persons_in_a_doubtful_list_adds_nobody(packed_files, tmp_path):
    """A masked citizen id stands for people of several counties; the clear list has the members of their households."""
    folder = tmp_path / "files"
    folder.mkdir()
    codes = ["211225101201", "530102003001", "450502100100"]
    packed_files.write_csv(
        folder / "户信息.csv", ["户编号", "年度", "行政区划代码"], [[f"h{n}", "2022", codes[n]] for n in range(3)]
    )
    packed_files.write_csv(
        folder / "家庭成员.csv",
        ["户编号", "人编号", "年度", "与户主关系"],
        [[f"h{n}", f"p{n}", "2022", "户主"] for n in range(3)],
    )
    packed_files.write_csv(
        folder / "低收入人口.csv",
        ["户编号", "人编号", "年度", "与户主关系", "转移性收入", "财产性收入"],
        [[f"h{n}", "x", "2022", "户主", "100", "10"] for n in range(3)],
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed", names_too=False)
    assert whole.tables["members"]["member_id"].tolist() == ["p0", "p1", "p2"]
