"""The command line: every command, its results, its errors in one line, its exit codes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.bundle import read_card
from fanpin_risk.cli import main

DAY = "2023-12-31"
LAYOUTS = {
    "en parquet": ["--format", "parquet", "--headers", "en"],
    "zh csv gb18030 wide": ["--format", "csv", "--headers", "zh", "--encoding", "gb18030", "--wide-incomes"],
    "zh xlsx titles units totals": [
        "--format", "xlsx", "--headers", "zh", "--title-rows", "--units", "--total-row", "--wide-incomes",
    ],
    "zh csv titles units totals": ["--title-rows", "--units", "--total-row"],
}  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def succeed(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def county(folder):
    succeed("synth", folder / "county", "--households", 3000, "--seed", 3, "--quiet", *LAYOUTS["en parquet"])
    return folder / "county"


@pytest.fixture(scope="module")
def model(folder, county):
    succeed(
        "train",
        county,
        "--as-of",
        "2021-12-31",
        "--as-of",
        "2022-12-31",
        "--out",
        folder / "model",
        "--name",
        "test",
        "--quiet",
    )
    return folder / "model"


def test_help_is_quick_and_explains_every_option():
    """Help must not wait for scikit-learn, and no option goes unexplained."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "fanpin_risk", "--help"], capture_output=True, text=True, check=True
    )
    assert time.perf_counter() - began < 5
    loaded = {line.rsplit("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert loaded & {"sklearn", "pandas", "numpy", "shap", "pyarrow"} == set()
    for name, command in main.commands.items():
        assert command.help, name
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert getattr(parameter, "help", None), f"{name} {parameter.name}"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_scores_are_the_same_from_every_layout(folder, model, layout):
    """What a register says does not depend on how its files are laid out."""
    source = folder / layout.replace(" ", "_")
    succeed("synth", source, "--households", 200, "--seed", 5, "--quiet", *LAYOUTS[layout])
    succeed("score", source, "--as-of", DAY, "--model", model, "--out", folder / f"{source.name}_out", "--quiet")
    scores = pd.read_csv(folder / f"{source.name}_out/scores.csv")
    register = fr.make_register(200, 5)
    expected = fr.load_model(model).score(register, DAY)
    assert scores["household_id"].tolist() == expected["household_id"].tolist()
    np.testing.assert_array_equal(scores["risk"].to_numpy(), expected["risk"].to_numpy())
    assert scores["reason_1"].fillna("").tolist() == expected["reason_1"].tolist()


def test_score_accounts_for_every_household(folder, county, model):
    """Households = scored + not on record on the day; the files say so."""
    out = folder / "accounted"
    succeed("score", county, "--as-of", DAY, "--model", model, "--out", out, "--capacity", 7, "--quiet")
    scores, unscored = pd.read_csv(out / "scores.csv"), pd.read_csv(out / "unscored.csv")
    register = fr.read_register(county)
    assert len(scores) + len(unscored) == register.tables["households"]["household_id"].nunique()
    assert set(scores) >= {"household_id", "as_of", "risk", "tier", "cause", "reason_1", "contribution_1", "model"}
    listed = pd.read_csv(out / "watchlist.csv")
    assert len(listed) == 7
    assert listed["序号"].tolist() == list(range(1, 8))
    assert (out / "problems.csv").exists()
    assert (out / "coverage.csv").exists()


def test_one_file_may_be_named(folder, county, model):
    """--out names a file by its ending; the rest goes into a folder of the same name."""
    succeed("score", county, "--as-of", DAY, "--model", model, "--out", folder / "named.parquet", "--top", 1, "--quiet")
    scores = pd.read_parquet(folder / "named.parquet")
    assert "reason_1" in scores
    assert "reason_2" not in scores
    assert (folder / "named/watchlist.csv").exists()


def test_explain_says_why_in_both_languages(county, model):
    """The letter of a household is plain text on stdout."""
    household = fr.read_register(county).tables["households"]["household_id"].iloc[0]
    for lang, word in (("zh", "风险"), ("en", "risk")):
        result = succeed("explain", county, "--as-of", DAY, "--model", model, "--household", household, "--lang", lang)
        assert word in result.stdout


def test_features_are_those_of_the_library(folder, county):
    """The command writes what compute_features returns."""
    succeed("features", county, "--as-of", DAY, "--out", folder / "features.parquet", "--quiet")
    written = pd.read_parquet(folder / "features.parquet").set_index("household_id")
    register = fr.read_register(county)
    expected = fr.compute_features(register, DAY, references=fr.make_references(register, DAY))
    pd.testing.assert_frame_equal(written, expected, check_index_type=False)


def test_the_demo_runs_the_whole_job(folder):
    """Register, check, model, scores and watch list are there, and the model says that it is synthetic."""
    out = folder / "demo"
    result = succeed("demo", "--out", out, "--households", 2000, "--lang", "en")
    assert "rows read = " in result.stderr
    assert "newly monitored in the next 12 months" in result.stderr
    assert {file.name for file in out.iterdir()} == {
        "check", "model", "register", "scores.csv", "unscored.csv", "watchlist.csv",
    }  # fmt: skip
    scores = pd.read_csv(out / "scores.csv")
    assert len(scores) + len(pd.read_csv(out / "unscored.csv")) == 2000
    assert read_card(out / "model")["synthetic"] is True
    assert len(pd.read_csv(out / "watchlist.csv")) == pytest.approx(0.02 * len(scores), abs=2)


def test_the_model_that_ships_scores(folder, county):
    """Without --model the demo model is used; it fits the features of this version."""
    succeed("score", county, "--as-of", DAY, "--out", folder / "shipped.csv", "--quiet")
    assert pd.read_csv(folder / "shipped.csv")["model"].str.startswith("demo:").all()


def test_check_shows_problems_and_never_values(folder):
    """A damaged file is reported with table, row and column; --strict turns it into an exit code."""
    source = folder / "damaged"
    succeed("synth", source, "--households", 50, "--quiet", "--headers", "en")
    file = source / "incomes.csv"
    lines = file.read_text("utf-8-sig").splitlines()
    amount = lines[0].split(",").index("amount_cny")
    cells = lines[4].split(",")
    cells[amount] = "secret-77"
    lines[4] = ",".join(cells)
    file.write_text("\n".join(lines), "utf-8")
    result = run("check", source, "--out", folder / "checked", "--strict", "--lang", "en")
    assert result.exit_code == 1
    assert "secret-77" not in result.output
    problems = pd.read_csv(folder / "checked/problems.csv")
    rejected = problems[problems["severity"] == "rejected"]
    assert rejected[["table", "row", "column"]].to_numpy().tolist() == [["incomes", 5, "amount_cny"]]
    assert (folder / "checked/rejected/incomes.csv").exists()


def test_errors_are_one_line_with_exit_code_3(folder, model):
    """No trace back for what the user can mend."""
    result = run("score", folder / "nowhere", "--as-of", DAY, "--model", model, "--out", folder / "x")
    assert result.exit_code == 3
    assert result.stderr.strip().splitlines()[-1].startswith("fanpin-risk: ")
    assert "Traceback" not in result.output


def test_own_lines_are_used_and_the_basis_is_told(folder, county, model):
    """The line of a year without one is not passed off as official; one's own lines change the scores."""
    plain = run("score", county, "--as-of", DAY, "--model", model, "--out", folder / "plain.csv", "--lang", "en")
    assert "the monitoring line of 2023" in plain.stderr
    lines = folder / "lines.csv"
    lines.write_text("area_prefix,year,line_cny\n,2021,12000\n,2023,16000\n", "utf-8")
    own = run(
        "score", county, "--as-of", DAY, "--model", model, "--out", folder / "own.csv", "--lang", "en", "--lines", lines
    )
    assert own.exit_code == 0
    assert "the monitoring line of" not in own.stderr
    assert pd.read_csv(folder / "own.csv")["risk"].mean() > pd.read_csv(folder / "plain.csv")["risk"].mean()


def test_what_cannot_be_written_is_refused_before_the_work(folder, county, model):
    """Nobody waits for a training whose result has no place."""
    for arguments, message in (
        (("train", county, "--as-of", "2021-12-31", "--out", model), "--overwrite replaces it"),
        (("features", county, "--as-of", DAY, "--out", folder / "f.txt"), r"f.txt: expected a file that ends in"),
        (("score", county, "--as-of", DAY, "--model", model, "--out", folder / "s.txt"), r"s.txt: expected a file"),
    ):
        result = run(*arguments)
        assert result.exit_code == 3
        assert message in result.stderr
        assert "rows read" not in result.stderr
        assert "读入" not in result.stderr


def test_rejected_rows_of_an_earlier_check_do_not_stay(folder, county):
    """The folder of a check holds the rows of that check only."""
    old = folder / "again/rejected/incomes.csv"
    old.parent.mkdir(parents=True)
    old.write_text("old")
    succeed("check", county, "--out", folder / "again")
    assert not old.exists()


def test_wrong_usage_is_exit_code_2(folder, county):
    """A day that is none is told apart from input that cannot be used."""
    result = run("score", county, "--as-of", "yesterday", "--out", folder / "x")
    assert result.exit_code == 2
    assert "expected a day such as" in result.output


def test_too_early_a_day_to_train_is_explained(folder, county):
    """The message names the day that can be used."""
    result = run("train", county, "--as-of", "2030-12-31", "--out", folder / "never", "--quiet")
    assert result.exit_code == 3
    assert not Path(folder / "never").exists()


def test_ids_are_replaced_when_a_key_is_given(folder, county, model):
    """With --id-key no household id of the files is in the results."""
    key = folder / "key"
    key.write_bytes(os.urandom(32))
    succeed(
        "score", county, "--as-of", DAY, "--model", model, "--out", folder / "hashed.csv", "--id-key", key, "--quiet"
    )
    hashed = pd.read_csv(folder / "hashed.csv")
    plain = fr.read_register(county).tables["households"]["household_id"]
    assert set(hashed["household_id"]).isdisjoint(plain)
