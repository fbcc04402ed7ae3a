"""Lists of households: whom a file names, in its order, whatever kind of file it is."""

import pandas as pd
import pytest

from fanpin_risk.errors import FanpinError, InputError
from fanpin_risk.records.ids import pseudonymise
from fanpin_risk.records.read.household_list import HouseholdList, position_of_ids, read_household_list

KEY = b"a key of this county, kept apart"
IDS = ["H2", "H1", "H3", "H2"]
EACH_ONCE = ["H2", "H1", "H3"]
TYPES = ["边缘易致贫户", "突发严重困难户", "脱贫不稳定户", "边缘易致贫户"]


@pytest.fixture
def frame():
    """A sheet of monitored households as offices have it."""
    return pd.DataFrame({"序号": [1, 2, 3, 4], "户编号": IDS, "监测对象类别": TYPES})


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("监测对象.csv", lambda frame, file: frame.to_csv(file, index=False, encoding="utf-8")),
        ("国标.csv", lambda frame, file: frame.to_csv(file, index=False, encoding="gb18030")),
        ("制表.tsv", lambda frame, file: frame.to_csv(file, index=False, sep="\t", encoding="utf-8")),
        ("监测对象.xlsx", lambda frame, file: frame.to_excel(file, index=False)),
        ("monitored.parquet", lambda frame, file: frame.to_parquet(file)),
        ("ids.txt", lambda frame, file: file.write_text("\n".join(["户编号", *frame["户编号"]]), "utf-8")),
        ("bare.txt", lambda frame, file: file.write_text("\r\n".join([*frame["户编号"], ""]), "utf-8-sig")),
        ("one_column.csv", lambda frame, file: frame[["户编号"]].to_csv(file, index=False, encoding="utf-8")),
        ("one_column.xlsx", lambda frame, file: frame[["户编号"]].to_excel(file, index=False)),
        (
            "english.csv",
            lambda frame, file: frame.rename(columns={"户编号": "household_id"}).to_csv(file, index=False),
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_list_is_read_from_any_kind_of_file(frame, tmp_path, name, write):
    """The households are named each once, in the order of the file, and rows that name one again are counted."""
    write(frame, tmp_path / name)
    assert read_household_list(tmp_path / name) == HouseholdList(EACH_ONCE, 4, [])


def test_what_stands_above_the_header_and_below_the_rows_is_no_household(frame, tmp_path):
    """A title, and a row without an id, which is named by its number."""
    sheet = pd.DataFrame(
        [["某县监测对象名单", None, None], list(frame), *frame.to_numpy().tolist(), [5, None, "边缘易致贫户"]]
    )
    sheet.to_excel(tmp_path / "list.xlsx", index=False, header=False)
    assert read_household_list(tmp_path / "list.xlsx") == HouseholdList(EACH_ONCE, 4, [7])


def test_ids_are_read_as_registers_are(tmp_path):
    """Full width, quotes of Excel and blanks are not part of an id."""
    (tmp_path / "list.csv").write_text('户编号,类别\n="0012",甲\n０１３,乙\n 014 ,丙\n', encoding="utf-8")
    assert read_household_list(tmp_path / "list.csv").ids == ["0012", "013", "014"]


def test_a_key_replaces_ids_as_in_the_register(frame, tmp_path):
    """Equal ids get the pseudonyms that the register has; a list of these is taken as it is."""
    frame.to_csv(tmp_path / "raw.csv", index=False)
    hidden = pseudonymise(pd.Series(EACH_ONCE), KEY).tolist()
    assert read_household_list(tmp_path / "raw.csv", id_key=KEY).ids == hidden
    frame.assign(户编号=pseudonymise(frame["户编号"], KEY)).to_csv(tmp_path / "hidden.csv", index=False)
    assert read_household_list(tmp_path / "hidden.csv", id_key=KEY).ids == hidden


def test_a_list_of_both_is_read_one_by_one(tmp_path):
    """Twenty digits are an id as long as not all of the list are hexadecimal."""
    hidden = pseudonymise(pd.Series(["H1"]), KEY).iloc[0]
    digits = "21122510120100000001"
    (tmp_path / "list.txt").write_text(f"{hidden}\n{digits}\nH1", encoding="utf-8")
    assert read_household_list(tmp_path / "list.txt", id_key=KEY).ids == [
        hidden,
        pseudonymise(pd.Series([digits]), KEY).iloc[0],
    ]


def test_ids_of_citizens_are_refused_without_a_key(tmp_path):
    """And the message shows none of them."""
    (tmp_path / "list.csv").write_text("户编号,类别\n11010519491231002X,甲\nH1,乙\n", encoding="utf-8")
    with pytest.raises(InputError, match="1 of 2 ids") as error:
        read_household_list(tmp_path / "list.csv")
    assert "110105" not in str(error.value)
    assert len(read_household_list(tmp_path / "list.csv", id_key=KEY).ids) == 2


def test_a_file_without_ids_is_refused(tmp_path):
    """The headers that were found, and what was expected, are named."""
    (tmp_path / "list.csv").write_text("序号,备注\n1,甲\n2,乙\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"list\.csv has no column of household ids"):
        read_household_list(tmp_path / "list.csv")


@pytest.mark.parametrize("name", ["none.csv", "none.txt", "none.xlsx"])
def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path, name):
    """Without a traceback of the system."""
    with pytest.raises(FanpinError):
        read_household_list(tmp_path / name)


def test_own_headers_are_read_with_a_columns_file(tmp_path):
    """As for registers."""
    (tmp_path / "list.csv").write_text("本地编码,姓名,监测对象类别\nH2,甲,边缘户\nH1,乙,边缘户\n", encoding="utf-8")
    columns = pd.DataFrame({"header": ["本地编码"], "means": ["household_id"]})
    with pytest.raises(InputError):
        read_household_list(tmp_path / "list.csv")
    assert read_household_list(tmp_path / "list.csv", columns=columns).ids == ["H2", "H1"]


def test_the_column_of_ids_is_found_among_headers():
    """Under any of its names; none is none."""
    assert position_of_ids(["序号", "家庭编号", "姓名"]) == 1
    assert position_of_ids(["序号", "姓名"]) is None
