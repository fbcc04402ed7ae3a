"""Which files of a folder are read, and what is said of the others."""

import os

import pytest

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.records.read import read_register


def test_files_that_cannot_be_read_do_not_stop_the_others(files, folder):
    """Damaged, empty, foreign and unknown files are reported by name; the rest is read."""
    files.workbook(folder / "incomes.xlsx", 收入=[["户编号", "年度", "低保金"], ["h1", "2022", 10]])
    whole = (folder / "incomes.xlsx").read_bytes()
    (folder / "incomes.xlsx").write_bytes(whole[: len(whole) // 2])
    (folder / "medical.parquet").write_bytes(b"PAR1 and no more")
    (folder / "supports.csv").write_bytes(b"")
    (folder / "shocks.xls").write_text("<html><table></table></html>")
    (folder / "letter.docx").write_text("x")
    (folder / "other.csv").write_text("a,b\n1,2\n")
    (folder / "warnings.csv").write_text("alpha,beta\n1,2\n")
    for ignored in ("README.txt", "~$incomes.xlsx", ".hidden.csv", "说明.txt"):
        (folder / ignored).write_text("x")
    register = files.read(folder)
    assert len(register.tables["members"]) == 3
    of_households = register.problems["code"] == "income_lost"
    assert of_households.sum() == len(register.tables["households"])
    problems = register.problems[~of_households].set_index("source")
    assert problems["code"].to_dict() == {
        "incomes.xlsx": "unreadable_file", "medical.parquet": "unreadable_file", "supports.csv": "unreadable_file",
        "shocks.xls": "unreadable_file", "letter.docx": "unknown_file_type", "other.csv": "unknown_sheet", "warnings.csv": "unknown_sheet",
    }  # fmt: skip
    assert problems.loc["warnings.csv", ["table", "severity"]].tolist() == ["warnings", "rejected"]
    assert problems.loc["other.csv", "severity"] == "warning"
    assert "is not a workbook, or is damaged" in problems.loc["incomes.xlsx", "message"]
    assert "save it as xlsx" in problems.loc["shocks.xls", "message"]
    for source, reason_zh in {
        "incomes.xlsx": "不是工作簿或已损坏", "medical.parquet": "不是 Parquet 文件或已损坏", "supports.csv": "文件为空",
        "shocks.xls": "另存为 xlsx", "letter.docx": "不是 csv", "other.csv": "无法根据名称或表头识别",
    }.items():  # fmt: skip
        assert problems.loc[source, "message"].startswith(f"{source}: ")
        assert problems.loc[source, "message_zh"].startswith(f"{source}：")
        assert reason_zh in problems.loc[source, "message_zh"]


def test_own_results_are_not_read(files, folder):
    """What the program wrote into the folder itself is named and not read as data."""
    for name in ("scores", "Watchlist", "unscored", "problems", "coverage", "counts"):
        (folder / f"{name}.csv").write_text("household_id,valid_from,register_status\nh9,2023,general\n")
    register = files.read(folder)
    assert sorted(register.tables["households"]["household_id"]) == ["h1", "h2"]
    assert [code for _, _, code in files.found(register)] == ["own_output"] * 6


def test_nothing_to_read(tmp_path):
    """A path without a readable register is refused with what was expected and what was seen."""
    with pytest.raises(InputError, match="does not exist; expected a folder"):
        read_register(tmp_path / "none")
    with pytest.raises(InputError, match="holds no csv, xlsx, xls, ods or parquet file"):
        read_register(tmp_path)
    (tmp_path / "households.csv").write_bytes(b"")
    with pytest.raises(SchemaError, match=r"no households .* could not be read: households.csv \(is empty\)"):
        read_register(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_what_is_named_like_data_but_is_no_file_is_reported(files, folder):
    """A broken link, or a folder of parts as clusters write it, is not passed over in silence; other folders are."""
    (folder / "incomes.csv").symlink_to(folder / "moved away.csv")
    (folder / "medical.parquet").mkdir()
    (folder / "medical.parquet/part-0.parquet").write_bytes(b"")
    (folder / "scores").mkdir()
    (folder / ".hidden.csv").mkdir()
    register = files.read(folder)
    assert files.found(register)[-2:] == [
        ("incomes.csv", None, "unreadable_file"),
        ("medical.parquet", None, "unreadable_file"),
    ]
    of_files = register.problems[register.problems["code"] == "unreadable_file"]
    assert of_files["table"].tolist() == ["incomes", "medical"]
    assert set(of_files["severity"]) == {"rejected"}
    assert "is a folder" in of_files["message"].iloc[1]


def test_a_register_without_household_numbers_is_told_what_identifies_one(tmp_path):
    """序号 and 户主姓名 are no household number, and the message says what is."""
    path = tmp_path / "台账"
    path.mkdir()
    (path / "2023年台账.csv").write_text("序号,户主姓名,家庭人口数,人均纯收入\n1,王某,2,9000\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="户主身份证号 with --id-key"):
        read_register(path)
