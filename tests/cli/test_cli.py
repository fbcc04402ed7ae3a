"""The command line: every command, its results, its errors in one line, its exit codes."""

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.cli import main
from fanpin_risk.cli.talking import Teller, step_zh
from fanpin_risk.cli.training import fit
from fanpin_risk.model.store import read_card

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


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_help_is_quick_and_explains_every_option(lang):
    """Help must not wait for scikit-learn, and no option goes unexplained."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "fanpin_risk", "--help"],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"FANPIN_RISK_LANG": lang, "PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    assert "\n      fanpin-risk demo   " in done.stdout  # the examples stand one to a line
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
    succeed(
        "score",
        source,
        "--as-of",
        DAY,
        "--model",
        model,
        "--out",
        folder / f"{source.name}_out",
        "--lang",
        "zh",
        "--quiet",
    )
    scores = pd.read_csv(folder / f"{source.name}_out/scores.csv")
    register = fr.make_register(200, 5)
    expected = fr.load_model(model).score(register, DAY)
    assert scores["household_id"].tolist() == expected["household_id"].tolist()
    np.testing.assert_array_equal(scores["risk"].to_numpy(), expected["risk"].to_numpy())
    assert scores["reason_1"].fillna("").tolist() == expected["reason_1"].tolist()


def test_score_accounts_for_every_household(folder, county, model):
    """Households = scored + not on record on the day; the files say so."""
    out = folder / "accounted"
    succeed("score", county, "--as-of", DAY, "--model", model, "--out", out, "--capacity", 7, "--lang", "zh", "--quiet")
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
    succeed(
        "score", county, "--as-of", DAY, "--model", model, "--out", folder / "named.parquet", "--reasons", 1, "--quiet"
    )
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


def test_explain_writes_cards_or_letters(county, model, folder):
    """The card of a household is one page with its whole id; a text file holds what the screen would show."""
    household = fr.read_register(county).tables["households"]["household_id"].iloc[0]
    asked = ("explain", county, "--as-of", DAY, "--model", model, "--household", household, "--lang", "en")
    told = succeed(*asked, "--out", folder / "card.html")
    assert "explanation written to" in told.stderr
    page = (folder / "card.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert household in page
    assert "How to refute a reason" in page
    succeed(*asked, "--out", folder / "letter.txt")
    assert (folder / "letter.txt").read_text(encoding="utf-8") == succeed(*asked).stdout
    wrong = run(*asked, "--out", folder / "card.docx")
    assert wrong.exit_code == 3
    assert "card.docx: expected a file that ends in .html or .txt" in wrong.stderr


def test_endings_may_be_written_in_capitals(county, model, folder):
    """As Windows writes them; no folder is made by the name of a file."""
    household = fr.read_register(county).tables["households"]["household_id"].iloc[0]
    asked = ("--as-of", DAY, "--model", model, "--lang", "en")
    succeed("explain", county, *asked, "--household", household, "--out", folder / "C.HTML")
    assert (folder / "C.HTML").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    succeed("card", model, "--out", folder / "MODEL.HTML")
    assert (folder / "MODEL.HTML").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    succeed("score", county, *asked, "--out", folder / "S.CSV")
    assert len(pd.read_csv(folder / "S.CSV")) > 0
    refused = run("score", county, *asked, "--out", folder / "S.HTML")
    assert refused.exit_code == 3
    assert "S.HTML: expected a file that ends in .csv" in refused.stderr


def test_explain_takes_a_household_once(county, model, folder):
    """An id given twice is explained once, as a letter and as a card."""
    household = fr.read_register(county).tables["households"]["household_id"].iloc[0]
    asked = ("explain", county, "--as-of", DAY, "--model", model, "--lang", "en", "--household", household)
    assert succeed(*asked, "--household", household).stdout == succeed(*asked).stdout
    succeed(*asked, "--household", household, "--out", folder / "once.html")
    assert (folder / "once.html").read_text(encoding="utf-8").count("<article") == 1


def test_explain_sends_packed_registers_elsewhere(county, model, folder):
    """Households are looked for in the files of a county; the message says so."""
    pytest.importorskip("duckdb", reason="packing needs the extra pack")
    succeed("pack", county, "--out", folder / "packed_for_explain", "--quiet")
    told = run("explain", folder / "packed_for_explain", "--as-of", DAY, "--model", model, "--household", "x")
    assert told.exit_code == 3
    assert "packed_for_explain is a packed register" in told.stderr
    assert "give their folder" in told.stderr


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
        "card.html", "card.md", "check", "model", "register", "report.html", "report.xlsx", "scores.csv", "unscored.csv",
        "watchlist.csv",
    }  # fmt: skip
    assert all(name in result.stderr.splitlines()[-1] for name in ("report.html", "report.xlsx"))
    scores = pd.read_csv(out / "scores.csv")
    assert len(scores) + len(pd.read_csv(out / "unscored.csv")) == 2000
    card = read_card(out / "model")
    assert card["synthetic"] is True
    assert card["alarms"]
    assert "no leak alarm" in result.stderr
    listed = pd.read_csv(out / "watchlist.csv")["household_id"]
    assert len(listed) == pytest.approx(0.02 * len(scores), abs=2)
    sheets = pd.read_excel(out / "report.xlsx", sheet_name=None, header=None, dtype=str, engine="calamine")
    assert any(set(listed) <= set(column) for sheet in sheets.values() for _, column in sheet.items())


def test_the_model_that_ships_scores(folder, county):
    """The demo model fits the features of this version; it is never used by silence."""
    asked = ("--as-of", DAY, "--out", folder / "shipped.csv", "--quiet")
    succeed("score", county, *asked, "--model", "demo")
    assert pd.read_csv(folder / "shipped.csv")["model"].str.startswith("demo:").all()
    for command in ("score", "explain", "report", "drift"):
        silent = run(command, county, "--as-of", DAY)
        assert silent.exit_code == 2
        assert "Missing option '--model'" in silent.stderr
        assert "or 'demo' to try things out" in silent.stderr


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


def test_progress_of_the_training_days_counts_to_the_end():
    """A bar that stops at the last day but one looks like work that was broken off."""
    register, seen = fr.make_register(600, random_state=0, base_rate=0.1), []

    class Noting(Teller):
        @contextmanager
        def progress(self, doing):
            yield lambda done, total, what: seen.append((doing, done, total, what))

    fit(
        register, ("2021-12-31", "2022-12-31"), Noting(), horizon=12, target="newly_monitored", seed=0, name="m",
        leak_check=False,
    )  # fmt: skip
    ends = {bar: (done, total) for bar, done, total, _ in seen}
    assert len(ends) == 2
    assert all(done == total for done, total in ends.values())


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


def test_rejected_rows_of_an_earlier_check_do_not_stay(folder, county):
    """The folder of a check holds the rows of that check only."""
    old = folder / "again/rejected/incomes.csv"
    old.parent.mkdir(parents=True)
    old.write_text("old")
    succeed("check", county, "--out", folder / "again")
    assert not old.exists()


def test_wrong_usage_is_exit_code_2(folder, county):
    """A day that is none is told apart from input that cannot be used."""
    result = run("score", county, "--as-of", "yesterday", "--model", "demo", "--out", folder / "x")
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


# --- evidence -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def leaky(folder):
    """A register whose medical bills of households to be recognised were written afterwards, and say so nowhere."""
    register = fr.make_register(3000, random_state=3)
    happened = fr.outcomes(register, "2022-12-31")["outcome"].astype(bool)
    households = register.tables["households"]
    households["road_km"] = households["road_km"].mask(households["household_id"].isin(happened.index[happened]), 77.7)
    register.source = "leaky"
    register.to_folder(folder / "leaky")
    return folder / "leaky"


def test_train_prints_leak_alarms_and_still_writes_the_model(folder, leaky):
    """An alarm is told in the chosen language, stands in the card, and has an exit code of its own."""
    result = run("train", leaky, "--as-of", "2022-12-31", "--out", folder / "leaky_model", "--lang", "en", "--quiet")
    assert result.exit_code == 4, result.output
    assert "[leak alarm]" in result.stderr
    assert "road_km" in result.stderr
    assert "A leak alarm rang" in result.stderr
    card = read_card(folder / "leaky_model")
    assert card["synthetic"] is False
    assert any(row["level"] == "alarm" and row["feature"] for row in card["alarms"])
    shown = succeed("card", folder / "leaky_model", "--lang", "en").stdout
    assert "A leak alarm rang in training" in shown[: shown.index("## ")]


def test_the_leak_check_can_be_left_out(folder, leaky):
    """Without the check nothing is claimed: the card says that none was made."""
    out = folder / "unchecked"
    result = succeed("train", leaky, "--as-of", "2022-12-31", "--out", out, "--no-leak-check", "--lang", "en")
    assert "leak" not in result.stderr
    assert read_card(out)["alarms"] is None
    assert "No leak check was made" in succeed("card", out, "--lang", "en").stdout


def test_a_model_of_a_written_synthetic_register_is_known_as_one(model, county):
    """What synth wrote is known again by its note; nothing else is called synthetic."""
    assert (county / "SYNTHETIC.md").exists()
    assert read_card(model)["synthetic"] is True


def test_a_register_that_lacks_a_table_of_the_model_is_told(folder, county, model):
    """Households look alike in a table that is not there: the advice is to train on what there is."""
    part = folder / "part"
    part.mkdir()
    for file in county.iterdir():
        if file.stem not in ("medical", "warnings"):
            (part / file.name).write_bytes(file.read_bytes())
    arguments = ("score", part, "--as-of", DAY, "--model", model, "--out", folder / "part.csv", "--quiet")
    result = run(*arguments, "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "lacks tables that the model was trained with: medical." in result.stderr
    assert "train a model on the tables you have" in result.stderr
    assert "缺少模型训练时所用的表：医疗费用" in run(*arguments, "--lang", "zh").stderr
    whole = run("score", county, "--as-of", DAY, "--model", model, "--out", folder / "whole.csv", "--quiet")
    assert "lacks" not in whole.stderr


def test_evaluate_writes_tables_page_and_card(folder, county, model):
    """The first table and the note are printed; the card of a model takes the tables along; no household is named."""
    out = folder / "evidence"
    copy = folder / "judged"
    copy.mkdir()
    for file in model.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    weights = folder / "weights.csv"
    ids = fr.read_register(county).tables["households"]["household_id"].drop_duplicates()
    pd.DataFrame({"household_id": ids[:2500], "weight": 1.5}).to_csv(weights, index=False)
    days = ("--as-of", "2021-12-31", "--as-of", "2022-12-31")
    fast = ("--household-folds", 1, "--draws", 20, "--baselines", "rules", "--weights", weights)
    result = succeed("evaluate", county, *days, "--out", out, *fast, "--card", copy, "--lang", "en")
    assert result.stdout.startswith("Model | AUC")
    assert "20 checks for leaks: no leak alarm" in result.stderr
    assert "## Leak check\n\n20 checks, no alarm." in (out / "README.md").read_text("utf-8")
    assert "So missed households may be undercounted" in " ".join(result.stdout.split())
    names = {file.name for file in out.iterdir()}
    assert names >= {"README.md", "measures.csv", "comparison.csv", "folds.csv", "fairness.csv", "calibration.png"}
    assert pd.read_csv(out / "folds.csv")["test_day"].tolist() == ["2022-12-31"]
    assert pd.read_csv(out / "folds.csv")["test_households"].iloc[0] < 2500
    assert read_card(copy)["evaluation"]["folds"][0]["test_day"] == "2022-12-31"
    text = b"".join(file.read_bytes() for file in out.glob("*.csv")).decode()
    assert not [i for i in ids if i in text]


def test_evaluate_does_not_pass_off_a_leak_as_skill(folder, county):
    """Who evaluates first and trains later sees the alarm too: in the output, on the page and by the exit code."""
    register = fr.read_register(county)
    day = pd.Timestamp("2021-12-31")
    outcome = fr.outcomes(register, day)["outcome"].astype(bool)
    houses = register.tables["households"].copy()
    doomed = houses["household_id"].isin(outcome.index[outcome]) & (houses["valid_from"] <= day)
    houses.loc[doomed, "debt_cny"] = 5000.01
    fr.Register({**register.tables, "households": houses}, supplied=register.supplied).to_folder(folder / "leaky")
    arguments = (
        "evaluate", folder / "leaky", "--as-of", "2021-12-31", "--as-of", "2022-12-31", "--out", folder / "too-good",
        "--household-folds", 1, "--draws", 5, "--baselines", "none", "--quiet",
    )  # fmt: skip
    result = run(*arguments, "--lang", "en")
    assert result.exit_code == 4, result.output
    assert "[leak alarm] pure_records: households.debt_cny" in result.stderr
    assert "A leak alarm rang: the figures are better than the forecast is" in result.stderr
    page = (folder / "too-good/README.md").read_text("utf-8")
    assert page.index("A leak alarm rang") < page.index("## Measures") < page.index("## Leak check")
    silent = run(*arguments, "--no-leak-check")
    assert (silent.exit_code, "leak" in silent.stderr) == (0, False)


def test_evaluate_refuses_what_cannot_be_used_before_the_work(folder, county, model):
    """A card of another event, weights that are none and a capacity of nothing are found before the reading."""
    bad = folder / "bad.csv"
    bad.write_text("household_id,weight\nH1,1\nH1,2\n")
    days = ("--as-of", "2021-12-31", "--as-of", "2022-12-31", "--out", folder / "no")
    for arguments, code, message in (
        (("--horizon", 6, "--card", model), 3, "say --target newly_monitored --horizon 12"),
        (("--weights", bad), 3, "bad.csv: 1 rows, the first in line 3"),
        (("--capacity", "0"), 2, "expected a whole number of visits such as 800, or a share"),
        (("--capacity", "1.0"), 2, "expected a whole number of visits such as 800, or a share"),
    ):
        result = run("evaluate", county, *days, *arguments, "--lang", "en")
        assert (result.exit_code, message in result.stderr) == (code, True), result.output
        assert "rows read" not in result.stderr


def test_drift_advises_and_writes_what_it_saw(folder, county, model):
    """Features and scores of a day against the profile in the model; where outcomes are known they are judged."""
    out = folder / "drift"
    result = succeed("drift", county, "--as-of", "2023-12-31", "--model", model, "--out", out, "--lang", "en")
    assert result.stdout.startswith("advice: ")
    features = pd.read_csv(out / "feature_drift.csv")
    assert set(features["feature"]) == {feature["name"] for feature in read_card(model)["features"]}
    assert pd.read_csv(out / "score_drift.csv")["feature"].tolist() == ["risk"]
    judged = pd.read_csv(out / "performance.csv")
    assert set(judged["as_of"]) == {"2023-12-31"}
    assert judged.set_index("measure").loc["auc", "promised"] == pytest.approx(read_card(model)["metrics"]["auc"])
    register = fr.read_register(county)
    scores = fr.load_model(model).score(register, "2023-12-31", explain=False)
    at_risk = int((~scores["monitored"].fillna(False).astype(bool)).sum())
    assert f"{at_risk:,} households were compared" in (out / "README.md").read_text("utf-8")
    result = succeed("drift", county, "--as-of", "2022-12-31", "--model", model, "--out", out, "--lang", "zh")
    assert not (out / "performance.csv").exists()
    assert not re.search("[a-z]_[a-z]", result.stdout)  # no feature by its code
    shown = pd.read_csv(out / "feature_drift.csv")
    assert list(shown.columns[:2]) == ["特征", "总体稳定性指数（PSI）"]
    assert set(shown["特征"]) == {feature["zh"] for feature in read_card(model)["features"]}
    early = run("drift", county, "--as-of", "2020-12-31", "--model", model, "--out", out)
    assert (early.exit_code, "2020-12-31 lies before 2022-12-31" in early.stderr) == (3, True)


@pytest.mark.parametrize(
    ("what", "zh"),
    [
        ("2022-12-31: features of the day forecast", "2022-12-31：预测日的指标"),
        ("2022-12-31: newest 2 day(s)", "2022-12-31：最近2个训练日"),
        ("2022-12-31: rule: any trigger", "2022-12-31：规则：任一预警触发"),
        ("2022-12-31: fanpin_risk", "2022-12-31：fanpin_risk"),
        ("scores 2022-12-31", "2022-12-31 的评分"),
        ("fold 3 of 5", "第3折，共5折"),
        ("calibration", "校准：预测风险与实际发生率"),
        ("household_size", "家庭人口"),
        ("2022-12-31", "2022-12-31"),
        ("members.csv", "members.csv"),
        ("", ""),
    ],
)
def test_steps_are_told_in_chinese(what, zh):
    """The bar says in the language of the user what is being done; files and own names stay."""
    assert step_zh(what) == zh


def test_card_writes_markdown_and_html(folder, model):
    """By the ending of the file; the demo's card is at hand by name."""
    for name, start in (("card.md", "# 模型卡：test"), ("card.html", "<!DOCTYPE html>")):
        succeed("card", model, "--out", folder / name, "--lang", "zh")
        assert (folder / name).read_text("utf-8").startswith(start)
    assert succeed("card", "demo", "--lang", "en").stdout.startswith("# Model card: demo")
    result = run("card", model, "--out", folder / "card.pdf")
    assert result.exit_code == 3
    assert "expected a file that ends in .md or .html" in result.stderr
