"""A partition is checked as the whole register would be."""

import pandas as pd
import pytest

pytest.importorskip("duckdb")


def test_rows_that_name_people_of_other_partitions(packed_files, folder, tmp_path):
    """A person of another partition is known; one whose rows were all rejected is not."""
    packed_files.write_csv(
        folder / "成员.csv", ["人编号", "户编号", "年度"], [["p1", "h0", "2020"], ["p2", "h1", "soon"]]
    )
    packed_files.write_csv(
        folder / "收入.csv",
        ["户编号", "人编号", "年度", "低保金"],
        [["h1", "p1", "2021", "5"], ["h0", "p2", "2021", "5"]],
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert (whole.problems["code"] == "person_elsewhere").sum() == 1


def test_conflicting_rows_in_different_partitions(packed_files, folder, tmp_path):
    """Two rows of a person that contradict each other are found though their households are in different partitions."""
    packed_files.write_csv(
        folder / "成员.csv",
        ["人编号", "户编号", "年度", "更新时间"],
        [["p1", "h0", "2020", "2020"], ["p1", "h1", "2020", "2020"]],
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert (whole.problems["code"] == "conflicting_rows").sum() == 2


def test_people_without_a_household_that_was_kept(packed_files, folder, tmp_path):
    """Who moved out of the files stays as known before, also where two earlier rows differ: what differs is left out."""
    rows = [
        ["p1", "h0", "2020", "2020", "户主"],
        ["p1", "h0", "2020", "2020", "配偶"],
        ["p1", "h9", "2021", "2021", ""],
    ]
    packed_files.write_csv(folder / "成员.csv", ["人编号", "户编号", "年度", "更新时间", "与户主关系"], rows)
    summary, _ = packed_files.compare(folder, tmp_path / "packed")
    assert summary.rows.loc["members", ["kept", "rejected"]].tolist() == [3, 0]


def test_households_without_members_where_others_have_some(packed_files, folder, tmp_path):
    """Where the list of members has none of a household, it is said that its persons are counted as declared."""
    packed_files.write_csv(folder / "成员.csv", ["人编号", "户编号", "年度"], [["p1", "h1", "2020"]])
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert (whole.problems["code"] == "size_as_declared").sum() == 2
    packed_files.write_csv(folder / "成员.csv", ["人编号", "户编号", "年度"], [])
    _, whole = packed_files.compare(folder, tmp_path / "packed2")
    assert whole.problems["code"].tolist() == ["no_members"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_without_rows_has_its_say_in_the_order_of_items(packed_files, folder, tmp_path, kind):
    """The first file to name an item of income says where it stands in a row, also if it has none itself."""
    frame = pd.DataFrame({"户编号": [], "年度": [], "低保金": [], "工资性收入": []}, dtype="str")
    getattr(frame, f"to_{kind}")(folder / f"收入1.{kind}", index=False)
    packed_files.write_csv(
        folder / "收入2.csv",
        ["户编号", "年度", "工资性收入", "低保金"],
        [["h0", "2022", "5", "6"], ["h1", "2022", "7", "8"]],
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert whole.tables["incomes"]["item"].tolist() == ["tr_dibao", "wage"] * 2


def test_who_is_not_monitored_is_the_same_in_parts(packed_files, tmp_path):
    """A no beside another sheet's yes is named in both ways of reading, and rows that only say no count in neither."""
    folder = tmp_path / "register"
    folder.mkdir()
    rows = "".join(f"h{n},2023,脱贫户,{'是' if n % 3 else '否'},{'是' if n % 4 else '否'}\n" for n in range(12))
    (folder / "户信息.csv").write_text("户编号,年度,户类型,是否监测户,是否边缘易致贫户\n" + rows, encoding="utf-8")
    (folder / "监测对象.csv").write_text(
        "户编号,监测对象类别,识别监测时间\nh0,边缘户,202201\nh3,边缘户,202401\nh1,边缘户,202202\n", encoding="utf-8"
    )
    summary, whole = packed_files.compare(folder, tmp_path / "packed")
    assert summary.rows.loc["monitoring", ["read", "rejected"]].tolist() == [14, 0]
    found = whole.problems.loc[whole.problems["code"] == "monitoring_contradicts", "household_id"]
    assert sorted(set(found)) == ["h0", "h3", "h6", "h9"]


def test_months_of_work_beside_a_wage_by_month(packed_files, tmp_path):
    """A column of another table goes with the amounts that it multiplies."""
    folder = tmp_path / "register"
    folder.mkdir()
    (folder / "户信息.csv").write_text("户编号,年度\nh0,2023\nh1,2023\n", encoding="utf-8")
    rows = "p0,h0,2023,户主,女,3000,10\np1,h1,2023,户主,男,2000,\n"
    (folder / "成员.csv").write_text("人编号,户编号,年度,与户主关系,性别,月工资,务工月数\n" + rows, encoding="utf-8")
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert whole.tables["incomes"]["amount_cny"].dropna().tolist() == [30000]
