"""The columns file that the program writes: what was recognised, and proposals for what was not."""

from pathlib import Path

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError
from fanpin_risk.records.read.column_map import COLUMNS_FILE, FIELDS

CASES = sorted(
    case / "register" if (case / "register").is_dir() else case
    for case in (Path(__file__).parent / "cases").iterdir()
    if case.is_dir()
)
KEY = b"a secret of sixteen bytes and more"


@pytest.fixture
def folder(tmp_path):
    """Two sheets with headers and values of their own, one of no table, one that cannot be read."""
    (tmp_path / "户信息.csv").write_text(
        "户编号,年度,农户贫困类别,家庭人数量,饮水困难,户主姓名,欠款金额(万元)\n"
        "h1,2023,脱贫户,3,否,张三,1\nh2,2023,一般农户,2,是,李四,2\nh3,2023,脱贫户,2,是,王五,2\n", encoding="utf-8"
    )  # fmt: skip
    (tmp_path / "成员.csv").write_text(
        "人编号,家庭标识,年度,性别\np1,h1,2023,男\np2,h2,2023,女\np3,h2,2023,男性公民\n", encoding="utf-8"
    )
    (tmp_path / "甲.csv").write_text("户标识,发的钱\nh1,300\nh2,500\n", encoding="utf-8")
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04damaged")
    return tmp_path


def proposed(folder, **more):
    return fr.propose_columns(folder, lang="zh", **more)


def test_what_was_not_understood_is_proposed(folder):
    """Headers with the nearest name and why, values with the nearest value; nothing is decided."""
    frame = proposed(folder)
    of = frame[frame["value"] == ""].set_index("header")
    assert of.loc[["农户贫困类别", "家庭人数量", "家庭标识", "户标识", "发的钱"], "proposal"].tolist() == [
        "户类型", "家庭人口数", "户编号", "户编号", "金额",
    ]  # fmt: skip
    assert set(of.loc[["农户贫困类别", "家庭标识", "发的钱"], "means"]) == {""}
    assert of.loc["家庭标识", "note"] == "见 成员.csv；“户编号”（名称相近、编号与其他表一致）"
    assert frame[frame["value"] != ""][["header", "value", "means", "proposal"]].to_numpy().tolist() == [
        ["性别", "男性公民", "", "男"]
    ]


def test_what_was_recognised_is_written_down(folder):
    """With its unit, turned where it asks the opposite, for each table where tables read it differently; no names."""
    frame = proposed(folder)
    known = frame[frame["note"] == "已识别"].set_index("header")
    assert known.loc["欠款金额(万元)", ["means", "unit"]].tolist() == ["家庭负债", "万元"]
    assert known.loc["饮水困难", ["means", "sign"]].tolist() == ["是否解决安全饮用水", "相反"]
    years = known.loc["年度"].set_index("table")["means"]
    assert years["户基本信息"] == "数据日期"
    assert years["家庭收入"] == "收入周期结束"  # also of a table that is not there yet: it must not lose its days
    assert "户主姓名" not in set(frame["header"])
    assert not frame.apply(lambda cells: cells.str.contains("张三|h1")).any(axis=None)


def test_sheets_are_named_and_so_is_what_cannot_be_read(folder):
    """A sheet known by its name has its table, the others a note."""
    sheets = proposed(folder)[lambda frame: frame["header"] == ""].set_index("sheet")
    assert sheets["table"].to_dict() == {
        "坏.xlsx": "",
        "户信息.csv": "户基本信息",
        "成员.csv": "家庭成员",
        "甲.csv": "",
    }
    assert "不是工作簿" in sheets.loc["坏.xlsx", "note"]
    assert "未识别" in sheets.loc["甲.csv", "note"]


def test_proposals_that_are_taken_over_are_read(folder):
    """Filled in, the file makes the register whole."""
    frame = proposed(folder)
    frame["means"] = frame["means"].where(frame["means"] != "", frame["proposal"])
    fr.write_columns(frame, folder / COLUMNS_FILE, lang="zh")
    register = fr.read_register(folder)
    assert register.tables["members"]["household_id"].tolist() == ["h1", "h2", "h2"]
    assert register.tables["members"]["sex"].tolist() == ["male", "female", "male"]
    assert register.tables["households"]["register_status"].astype(object).tolist() == ["ex_poor", "general", "ex_poor"]
    assert register.tables["households"]["size_declared"].tolist() == [3, 2, 2]


def test_what_was_filled_in_is_kept_when_it_is_written_again(folder):
    """Next month, with new headers, nothing has to be said twice."""
    frame = proposed(folder)
    frame.loc[frame["header"] == "家庭标识", ["means", "note"]] = ["户编号", "mine"]
    again = proposed(folder, columns=frame)
    assert again.loc[again["header"] == "家庭标识", ["means", "note"]].to_numpy().tolist() == [["户编号", "mine"]]
    assert sorted(again["header"]) == sorted(frame["header"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.parent.name if case.name == "register" else case.name)
def test_the_file_as_it_is_written_changes_nothing(case, tmp_path):
    """Bit for bit, and problem for problem: who only looks at it is safe."""
    given = {"id_key": KEY, "data_date": "2024-01-01"}
    plain = fr.read_register(case, **given)
    file = fr.write_columns(proposed(case), tmp_path / "c.csv", lang="zh")
    mapped = fr.read_register(case, columns=file, **given)
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, mapped.tables[name])
    said = mapped.problems["message"].tolist()
    assert [text for text in said if not text.startswith("c.csv: ")] == plain.problems["message"].tolist()


def test_the_file_opens_in_a_spreadsheet(folder, tmp_path):
    """In its encoding, with one first row, and nothing that it would run."""
    frame = proposed(folder)
    frame.loc[0, "note"] = "=1+1"
    file = fr.write_columns(frame, tmp_path / "c.csv", lang="zh")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(file, encoding="utf-8-sig", dtype=str, comment="#")
    assert list(read.columns) == [label.shown("zh") for label in FIELDS.values()]
    assert read.iloc[0, -1] == "'=1+1"


def test_a_file_that_was_filled_in_is_never_replaced(folder, tmp_path):
    """Nor is one that was only saved by another program; one that stands as it was written is, when asked for."""
    frame, file = proposed(folder), tmp_path / "c.csv"
    fr.write_columns(frame, file)
    with pytest.raises(InputError, match="already exists"):
        fr.write_columns(frame, file)
    fr.write_columns(frame, file, overwrite=True)
    file.write_text(file.read_text("utf-8-sig").replace(",户编号,见", "户编号,户编号,见"), "utf-8-sig")
    with pytest.raises(InputError, match="is kept"):
        fr.write_columns(frame, file, overwrite=True)
    with pytest.raises(InputError, match=r"ends in \.csv"):
        fr.write_columns(frame, tmp_path / "c.xlsx")
