"""evaluate, drift: what was forecast held against what happened."""

import re
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.model.store import read_card

DAYS = ("--as-of", "2021-12-31", "--as-of", "2022-12-31")
FAST = ("--household-folds", 1, "--draws", 5, "--baselines", "rules")


@pytest.fixture(scope="module")
def evaluated(succeed, county, model, small_model, register, tmp_path_factory):
    """A folder of results, the card that took them along, what was printed, the evaluation and the alarms."""
    folder = tmp_path_factory.mktemp("evidence")
    shutil.copytree(model, folder / "judged")
    ids = register.tables["households"]["household_id"].drop_duplicates()
    pd.DataFrame({"household_id": ids[:400], "weight": 1.5}).to_csv(folder / "weights.csv", index=False)
    kept = {}

    def keeping(name, function):
        return lambda *args, **options: kept.setdefault(name, function(*args, **options))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fr, "RiskModel", small_model)
        for name in ("evaluate", "leak_alarms"):
            patch.setattr(fr, name, keeping(name, getattr(fr, name)))
        result = succeed(
            "evaluate", county, *DAYS, "--out", folder / "out", *FAST, "--weights", folder / "weights.csv",
            "--card", folder / "judged", "--lang", "en",
        )  # fmt: skip
    return folder, result, kept["evaluate"], kept["leak_alarms"]


def test_evaluate_writes_tables_page_and_card(evaluated, register):
    """The first table and the note are printed; the card of a model takes the tables along; no household is named."""
    folder, result, _, _ = evaluated
    out = folder / "out"
    assert result.stdout.startswith("Model | AUC")
    assert "20 checks for leaks: no leak alarm" in result.stderr
    assert "## Leak check\n\n20 checks, no alarm." in (out / "README.md").read_text("utf-8")
    assert "So missed households may be undercounted" in " ".join(result.stdout.split())
    names = {file.name for file in out.iterdir()}
    assert names >= {"README.md", "measures.csv", "comparison.csv", "folds.csv", "fairness.csv", "calibration.png"}
    folds = pd.read_csv(out / "folds.csv")
    assert folds["test_day"].tolist() == ["2022-12-31"]
    assert folds["test_households"].iloc[0] < 400
    assert read_card(folder / "judged")["evaluation"]["folds"][0]["test_day"] == "2022-12-31"
    text = b"".join(file.read_bytes() for file in out.glob("*.csv")).decode()
    assert not [household for household in register.tables["households"]["household_id"] if household in text]


def test_evaluate_does_not_pass_off_a_leak_as_skill(run, evaluated, county, monkeypatch, tmp_path):
    """Who evaluates first and trains later sees the alarm too: in the output, on the page and by the exit code."""
    _, _, result, alarms = evaluated
    rung = alarms.assign(level=np.where(np.arange(len(alarms)) == 0, "alarm", "ok"))
    monkeypatch.setattr(fr, "evaluate", lambda *_args, **_options: result)
    monkeypatch.setattr(fr, "leak_alarms", lambda *_args, **_options: rung)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)  # pictures were drawn before; it takes long
    arguments = ("evaluate", county, *DAYS, *FAST, "--lang", "en")
    told = run(*arguments, "--out", tmp_path / "leaky")
    assert told.exit_code == 4, told.output
    assert "[leak alarm]" in told.stderr
    assert "A leak alarm rang: the figures are better than the forecast is" in told.stderr
    assert "no pictures: matplotlib is not installed" in told.stderr
    page = (tmp_path / "leaky/README.md").read_text("utf-8")
    assert page.index("A leak alarm rang") < page.index("## Measures") < page.index("## Leak check")
    silent = run(*arguments, "--out", tmp_path / "silent", "--no-leak-check")
    assert (silent.exit_code, "leak" in silent.stderr) == (0, False)


def test_evaluate_refuses_what_cannot_be_used_before_the_work(run, county, model, tmp_path):
    """A card of another event and weights that are none are found before the reading."""
    bad, none = tmp_path / "bad.csv", tmp_path / "none.csv"
    bad.write_text("household_id,weight\nH1,1\nH1,2\n")
    none.write_text("a,b\n1,2\n")
    for arguments, message in (
        (("--horizon", 6, "--card", model), "say --target newly_monitored --horizon 12"),
        (("--weights", bad), "bad.csv: 1 rows, the first in line 3"),
        (("--weights", none), "none.csv: expected a csv file with the columns household_id and weight"),
    ):
        result = run("evaluate", county, *DAYS, "--out", tmp_path / "no", *arguments, "--lang", "en")
        assert (result.exit_code, message in result.stderr) == (3, True), result.output
        assert "rows read" not in result.stderr


def test_drift_advises_and_writes_what_it_saw(run, succeed, county, model, tmp_path):
    """Features and scores of a day against the profile in the model; where outcomes are known they are judged."""
    asked = ("drift", county, "--model", model, "--out", tmp_path, "--overwrite")
    result = succeed(*asked, "--as-of", "2023-12-31", "--lang", "en")
    assert result.stdout.startswith("advice: ")
    features = pd.read_csv(tmp_path / "feature_drift.csv")
    assert set(features["feature"]) == {feature["name"] for feature in read_card(model)["features"]}
    assert pd.read_csv(tmp_path / "score_drift.csv")["feature"].tolist() == ["risk"]
    judged = pd.read_csv(tmp_path / "performance.csv")
    assert set(judged["as_of"]) == {"2023-12-31"}
    assert judged.set_index("measure").loc["auc", "promised"] == pytest.approx(read_card(model)["metrics"]["auc"])
    read = fr.read_register(county)
    scores = fr.load_model(model).score(read, "2023-12-31", explain=False)
    happened = fr.outcomes(read, "2023-12-31")["outcome"]
    own = scores.set_index("household_id").loc[happened.index]
    (level,) = pd.read_csv(tmp_path / "level.csv").to_dict("records")
    assert (level["as_of"], level["households"], level["events"]) == ("2023-12-31", len(happened), happened.sum())
    assert level["base_rate"] == pytest.approx(happened.mean())
    assert (level["level_low"], level["level_high"]) == (
        pytest.approx(own["risk_low"].mean()),
        pytest.approx(own["risk_high"].mean()),
    )
    assert level["level_held"] == (level["level_low"] <= happened.mean() <= level["level_high"])
    held = f"on {int(level['level_held'])} of 1 days with known outcomes"
    assert held in result.stdout
    assert held in (tmp_path / "README.md").read_text("utf-8")
    assert f"{level['calibration_error_level_right']:.4f} with the level put right" in result.stdout
    at_risk = int((~scores["monitored"].fillna(False).astype(bool)).sum())
    assert f"{at_risk:,} households were compared" in (tmp_path / "README.md").read_text("utf-8")
    result = succeed(*asked, "--as-of", "2022-12-31", "--lang", "zh")
    assert result.stdout.startswith("建议：")
    assert not (tmp_path / "performance.csv").exists()
    assert not (tmp_path / "level.csv").exists()
    assert not re.search("[a-z]_[a-z]", result.stdout)  # no feature by its code
    shown = pd.read_csv(tmp_path / "feature_drift.csv")
    assert list(shown.columns[:2]) == ["特征", "总体稳定性指数（PSI）"]
    assert set(shown["特征"]) == {feature["zh"] for feature in read_card(model)["features"]}
    early = run(*asked, "--as-of", "2020-12-31", "--lang", "en")
    assert (early.exit_code, "2020-12-31 lies before 2022-12-31" in early.stderr) == (3, True)
