"""Persons without an id are numbered by their order, in one list of the members of a household."""

import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError

HOUSEHOLDS = "户编号,家庭人口数,年度\nB1,3,2023\nB2,1,2023\n"
LIST = (
    "户编号,姓名,与户主关系,性别,年度\nB1,甲,户主,男,2023\nB1,乙,配偶,女,2023\nB2,丙,户主,女,2023\nB1,丁,之子,男,2023\n"
)


def persons(register):
    """Return the ids of members."""
    return sorted(register.tables["members"]["member_id"].unique())


def test_persons_are_numbered_by_their_order(sheets):
    """Names are kept nowhere."""
    register = sheets.read(户信息=HOUSEHOLDS, 成员=LIST)
    assert persons(register) == ["B1-1", "B1-2", "B1-3", "B2-1"]
    assert register.problems["code"].tolist() == ["numbered_by_order"]
    assert not register.tables["members"].astype("str").isin(["甲", "乙", "丙", "丁"]).any(axis=None)


def test_neither_names_nor_ids_are_needed(sheets):
    """The order alone tells two daughters apart."""
    register = sheets.read(户信息=HOUSEHOLDS, 成员="户编号,与户主关系,年度\nB1,户主,2023\nB1,之女,2023\nB1,之女,2023\n")
    assert persons(register) == ["B1-1", "B1-2", "B1-3"]


def test_a_year_on_the_head_alone_is_that_of_all(sheets):
    """Rows without a day of their own are not numbered anew."""
    register = sheets.read(户信息=HOUSEHOLDS, 成员="户编号,与户主关系,年度\nB1,户主,2023\nB1,之女,2023\nB2,户主,2023\n")
    assert persons(register) == ["B1-1", "B1-2", "B2-1"]


def test_a_person_keeps_the_number_over_the_years(sheets):
    """In whichever order the list of another year stands."""
    later = LIST.replace("2023", "2024").splitlines()
    register = sheets.read(
        户信息=HOUSEHOLDS, 成员2023=LIST, 成员2024="\n".join([later[0], later[4], later[2], later[1], later[3]]) + "\n"
    )
    members = register.tables["members"]
    assert persons(register) == ["B1-1", "B1-2", "B1-3", "B2-1"]
    assert (members.groupby("member_id")["relation"].nunique() == 1).all()


def test_a_repeated_row_is_no_second_person(sheets):
    """It says what another row says."""
    register = sheets.read(户信息=HOUSEHOLDS, 成员=LIST + "B2,丙,户主,女,2023\n")
    assert persons(register) == ["B1-1", "B1-2", "B1-3", "B2-1"]


def test_a_second_list_adds_no_persons_twice(sheets):
    """Nobody can tell who is meant in it; nor where another sheet has ids."""
    ids = "户编号,人编号,与户主关系,年度\nB1,B101,户主,2023\n"
    register = sheets.read(户信息=HOUSEHOLDS, 成员=ids, 花名册=LIST)
    assert persons(register) == ["B101", "B2-1"]
    refused = register.problems[register.problems["severity"] == "rejected"]
    assert refused["code"].tolist() == ["no_person_id"] * 3
    assert not refused["message"].str.contains("citizen").any()
    again = sheets.read(户信息=HOUSEHOLDS, 成员=LIST, 花名册=LIST)
    assert len(persons(again)) == 4


def test_what_stands_in_the_row_of_a_person_is_the_persons(sheets):
    """Columns of other tables in the same sheet."""
    sheet = "户编号,姓名,与户主关系,年度,残疾证号,残疾类别,残疾等级\nB1,甲,户主,2023,,,\nB1,乙,配偶,2023,,肢体,二级\n"
    register = sheets.read(户信息=HOUSEHOLDS, 成员=sheet)
    assert persons(register) == ["B1-1", "B1-2"]
    assert register.tables["disabilities"]["member_id"].tolist() in ([], ["B1-2"])


def test_where_no_row_of_members_is_of_a_household_its_own_figure_counts(sheets):
    """And this is said of it."""
    register = sheets.read(
        户信息=HOUSEHOLDS, 成员="户编号,人编号,与户主关系,年度\nB2,B201,户主,2023\n",
        收入="户编号,年度,工资性收入\nB1,2023,9000\nB2,2023,9000\n",
    )  # fmt: skip
    assert fr.compute_features(register, "2024-06-30")["income_per_person"].tolist() == [3000.0, 9000.0]
    found = register.problems[["household_id", "code"]].to_numpy().tolist()
    assert found == [["B1", "size_as_declared"]]


def test_cells_that_repeat_the_cell_above_are_filled(sheets):
    """〃, 同上 and the like."""
    register = sheets.read(户信息=HOUSEHOLDS, 成员=LIST.replace("B1,乙,配偶,女,2023", "〃,乙,配偶,女,同上"))
    assert persons(register) == ["B1-1", "B1-2", "B1-3", "B2-1"]


def test_numbers_like_citizen_ids_are_refused_with_what_to_do(tmp_path):
    """They may be an office's own: then the secret serves as well, or a letter before each."""
    ids = [f"522123650101{number:03}" for number in (1, 11, 21)]
    file = tmp_path / "收入.csv"
    file.write_text("户编号,年度,家庭人口数\n" + "".join(f"{one},2024,3\n" for one in ids), encoding="gb18030")
    with pytest.raises(SchemaError, match="write a letter before each number") as refused:
        fr.read_register(file)
    assert "每个编号前加上同一个字母" in refused.value.message.shown("zh")
    assert len(fr.read_register(file, id_key=b"a secret of this county").tables["households"]) == 3
    file.write_text(file.read_text(encoding="gb18030").replace("\n5", "\nH5"), encoding="gb18030")
    assert fr.read_register(file).tables["households"]["household_id"].tolist() == [f"H{one}" for one in ids]
