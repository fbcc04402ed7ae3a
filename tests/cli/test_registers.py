"""synth, check, features."""

import shutil

import pandas as pd
import pytest

import fanpin_risk as fr

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """Files with an amount that is no number."""
    source = fr.make_register(50, random_state=0).to_folder(
        tmp_path_factory.mktemp("damaged") / "in", format="csv", headers="en"
    )
    file = source / "incomes.csv"
    lines = file.read_text("utf-8-sig").splitlines()
    cells = lines[4].split(",")
    cells[lines[0].split(",").index("amount_cny")] = "secret-77"
    lines[4] = ",".join(cells)
    file.write_text("\n".join(lines), "utf-8")
    return source


def test_check_shows_problems_and_never_values(run, damaged, tmp_path):
    """A damaged file is reported with table, row and column; --strict turns it into an exit code."""
    result = run("check", damaged, "--out", tmp_path, "--strict", "--lang", "en")
    assert result.exit_code == 1
    assert "secret-77" not in result.output
    problems = pd.read_csv(tmp_path / "problems.csv")
    rejected = problems[problems["severity"] == "rejected"]
    assert rejected[["table", "row", "column"]].to_numpy().tolist() == [["incomes", 5, "amount_cny"]]
    assert (tmp_path / "rejected/incomes.csv").exists()


def test_check_speaks_in_words(run, damaged):
    """Tables, severities and columns have their Chinese names; without --strict rejected rows are no failure."""
    result = run("check", damaged, "--lang", "zh")
    assert result.exit_code == 0
    assert "表 | 读入 | 采用 | 退回" in result.stdout
    assert "1 × [退回]" in result.stdout
    assert "家庭收入 (incomes)" in result.stdout


def test_a_sound_register_has_no_problems(succeed, tmp_path):
    """It is said, not left to be concluded from silence; what was not given is named."""
    (tmp_path / "户信息.csv").write_text("户编号,数据日期\nH1,2023-12-31\n", "utf-8")
    (tmp_path / "家庭成员.csv").write_text("人编号,户编号,数据日期\nM1,H1,2023-12-31\n", "utf-8")
    for lang, told, absent in (("en", "no problems found", "(not given)"), ("zh", "没有发现问题", "（未提供）")):
        shown = succeed("check", tmp_path, "--lang", lang).stdout
        assert told in shown
        assert absent in shown


def test_rejected_rows_that_are_being_mended_are_kept(run, succeed, county, tmp_path):
    """A check that is run again says so; it replaces its results once it is asked to, and nobody worked on them."""
    bad, out = shutil.copytree(county, tmp_path / "county"), tmp_path / "checked"
    incomes = pd.read_parquet(bad / "incomes.parquet")
    incomes.loc[0, "household_id"] = None
    incomes.to_parquet(bad / "incomes.parquet", index=False)
    succeed("check", bad, "--out", out)
    assert len(pd.read_csv(out / "rejected/incomes.csv")) == 1
    succeed("check", county, "--out", out, "--overwrite")
    assert not (out / "rejected").exists()
    succeed("check", bad, "--out", out, "--overwrite")
    (out / "rejected/incomes.csv").write_text("mended", "utf-8")
    for overwrite in ([], ["--overwrite"]):
        result = run("check", bad, "--out", out, *overwrite, "--lang", "en")
        assert result.exit_code == 3
        assert "added or changed since (rejected/incomes.csv); they are kept" in result.stderr
        assert (out / "rejected/incomes.csv").read_text("utf-8") == "mended"


def test_features_are_those_of_the_library(succeed, county, model, tmp_path):
    """The command writes what compute_features returns, with the references of the register or of a model."""
    register = fr.read_register(county)
    for name, arguments, references in (
        ("own", (), fr.make_references(register, DAY)),
        ("model", ("--model", model), fr.load_model(model).references_),
    ):
        out = tmp_path / f"{name}.parquet"
        succeed("features", county, "--as-of", DAY, "--out", out, "--quiet", *arguments)
        written = pd.read_parquet(out).set_index("household_id")
        expected = fr.compute_features(register, DAY, references=references)
        pd.testing.assert_frame_equal(written, expected, check_index_type=False)


def test_synth_writes_what_the_library_makes(succeed, tmp_path):
    """The same seed, the same rows, in every layout; the folder says that no one in it exists."""
    succeed("synth", tmp_path / "in", "--households", 20, "--seed", 4, "--missingness", "reported", "--quiet")
    read, made = fr.read_register(tmp_path / "in"), fr.make_register(20, 4, missingness="reported")
    for name, frame in made.tables.items():
        assert len(read.tables[name]) == len(frame), name
    assert (tmp_path / "in/SYNTHETIC.md").exists()


def test_check_lists_everything_and_then_ends_with_its_code(run, tmp_path):
    """A damaged workbook, no households, a wrong value: all in one go, what concerns whole files first, then exit code 3."""
    (tmp_path / "家庭成员.csv").write_text("人编号,家庭户编号,年度,性别\np1,h1,2023,公\n", encoding="utf-8")
    (tmp_path / "户信息.xlsx").write_bytes(b"PK\x03\x04damaged")
    result = run("check", tmp_path, "--lang", "en")
    assert result.exit_code == 3
    assert result.stderr.splitlines()[-1] == (
        "fanpin-risk: no household can be used; mend what is listed above and check again"
    )
    lines = result.stdout.split("problems (one example of each kind)\n")[1].splitlines()
    assert {"no households" in line or "damaged" in line for line in lines[:2]} == {True}
    assert any("家庭户编号" in line and "≈ household_id (similar name)" in line for line in lines)
    assert any("性别" in line or "sex" in line for line in lines)


def test_check_says_where_the_dates_come_from(run, tmp_path):
    """Columns are counted; names, titles and options are said file by file, in both languages."""
    (tmp_path / "户信息2022年.csv").write_text("户编号,户类型\nh1,脱贫户\n", encoding="utf-8")
    (tmp_path / "家庭成员.csv").write_text("人编号,户编号,年度\np1,h1,2022\n", encoding="utf-8")
    (tmp_path / "收入.csv").write_text("户编号,工资性收入\nh1,9000\n", encoding="utf-8")
    en = run("check", tmp_path, "--data-date", "收入.csv=2021", "--lang", "en").stdout
    assert "  a column of the file: members (1 rows)" in en
    assert "  the name of the file: households, 1 rows of 户信息2022年.csv, 2022-01-01 to 2022-12-31" in en
    assert "  --data-date for this file: incomes, 1 rows of 收入.csv, 2021-01-01 to 2021-12-31" in en
    zh = run("check", tmp_path, "--data-date", "收入.csv=2021年", "--lang", "zh").stdout
    assert "  文件名：户基本信息，户信息2022年.csv 1 行，2022-01-01 至 2022-12-31" in zh


def test_dates_of_many_files_are_cut_short(run, tmp_path):
    """Twenty are named, the rest is counted."""
    for number in range(22):
        (tmp_path / f"户信息{number}_2022年.csv").write_text(f"户编号,户类型\nh{number},脱贫户\n", encoding="utf-8")
    (tmp_path / "家庭成员.csv").write_text("人编号,户编号,年度\np1,h1,2022\n", encoding="utf-8")
    shown = run("check", tmp_path, "--lang", "en").stdout
    assert shown.count("the name of the file: households") == 20
    assert "  households: and 2 more files" in shown


def test_rejected_rows_of_sheets_with_other_headers_are_files_apart(run, tmp_path):
    """One for each set of headers, each with the reasons."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/户1.csv").write_text("户编号,年度\nh1,2022\n,2022\n", encoding="utf-8")
    (tmp_path / "in/户2.csv").write_text("农户编号,年度\nh2,2022\n,2022\n", encoding="utf-8")
    assert run("check", tmp_path / "in", "--out", tmp_path / "out").exit_code == 0
    written = {path.name: pd.read_csv(path) for path in (tmp_path / "out/rejected").glob("*.csv")}
    assert sorted(written) == ["households (2).csv", "households.csv"]
    assert [list(rows.columns) for _, rows in sorted(written.items())] == [
        ["农户编号", "年度", "source", "row", "reason"],
        ["户编号", "年度", "source", "row", "reason"],
    ]
