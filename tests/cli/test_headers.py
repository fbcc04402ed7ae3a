"""The command columns: which headers are read, and what those of an office mean."""

import pandas as pd
import pytest

import fanpin_risk as fr


@pytest.fixture
def folder(tmp_path):
    """Two sheets, one with an id of its own name."""
    place = tmp_path / "in"
    place.mkdir()
    (place / "户信息.csv").write_text("户编号,年度,户类型\nh1,2023,脱贫户\nh2,2023,一般农户\n", encoding="utf-8")
    (place / "成员.csv").write_text("人编号,家庭户标识,年度\np1,h1,2023\np2,h2,2023\n", encoding="utf-8")
    return place


def test_all_headers_are_shown(succeed):
    """In the language asked for."""
    assert "户编号 (household_id)：编号（文本）；必填" in succeed("columns", "--lang", "zh").stdout
    assert "household_id (户编号): id, as text; needed" in succeed("columns", "--lang", "en").stdout


def test_a_page_and_a_template_are_written(succeed, run, tmp_path):
    """By the ending of the file; another ending is refused, and what is there is kept."""
    for ending in (".html", ".xlsx"):
        out = tmp_path / f"o{ending}"
        succeed("columns", "--out", out)
        assert run("columns", "--out", out).exit_code == 3
        succeed("columns", "--out", out, "--overwrite")
    result = run("columns", "--out", tmp_path / "o.csv", "--lang", "en")
    assert (result.exit_code, "ends in .html (all headers) or .xlsx" in result.stderr) == (2, True)


def test_the_columns_file_of_a_register_is_written_filled_in_and_found(succeed, run, folder):
    """From the first look to a register that is read."""
    assert "home" not in run("check", folder, "--lang", "en").stdout
    shown = succeed("columns", folder, "--lang", "en")
    assert "家庭户标识 → household_id?" in shown.stdout
    assert "1 headers and values are left open" in shown.stderr
    out = folder / "fanpin-columns.csv"
    succeed("columns", folder, "--out", out, "--lang", "zh")
    frame = pd.read_csv(out, dtype=str, keep_default_na=False, comment="#", encoding="utf-8-sig")
    frame.loc[frame["表头"] == "家庭户标识", "含义"] = "户编号"
    frame.to_csv(out, index=False, encoding="gb18030")
    checked = succeed("check", folder, "--lang", "en")
    assert "fanpin-columns.csv: was used: it is about 2 sheets" in checked.stderr
    assert fr.read_register(folder).counts.loc["members", "rows_kept"] == 2
    assert run("columns", folder, "--out", out, "--overwrite").exit_code == 3


def test_columns_are_named_to_every_command_that_reads(succeed, run, folder, tmp_path):
    """A wrong row ends any of them with its number; a right file is read by pack too."""
    wrong = tmp_path / "w.csv"
    wrong.write_text("表头,含义\n家庭户标识,没有的列\n", encoding="utf-8")
    for command in (
        ("check", folder),
        ("columns", folder),
        ("features", folder, "--as-of", "2023-12-31", "--out", tmp_path / "f.csv"),
    ):
        result = run(*command, "--columns", wrong, "--lang", "en")
        assert result.exit_code == 3
        assert "w.csv: row 2, means: expected a column of some table" in result.stderr
    pytest.importorskip("duckdb")
    right = tmp_path / "r.csv"
    right.write_text("表头,含义\n家庭户标识,户编号\n", encoding="utf-8")
    succeed("pack", folder, "--columns", right, "--out", tmp_path / "packed")
    result = run(
        "score",
        tmp_path / "packed",
        "--as-of",
        "2023-12-31",
        "--model",
        "demo",
        "--columns",
        right,
        "--out",
        tmp_path / "s",
    )
    assert (result.exit_code, "--columns" in result.stderr) == (3, True)


def test_a_register_takes_a_csv_only(run, folder, tmp_path):
    """The columns file is one."""
    assert run("columns", folder, "--out", tmp_path / "o.html").exit_code == 2
