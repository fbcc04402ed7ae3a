"""Training from the command line, and what the checks for leaks say."""

import re
from contextlib import contextmanager

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.cli.talking import Teller
from fanpin_risk.cli.training import any_alarm, fit, tell_alarms
from fanpin_risk.model.store import read_card
from fanpin_risk.words import in_language


@pytest.fixture(scope="module")
def leaky(register, tmp_path_factory):
    """A register in which a column of the households knows who will be recognised."""
    happened = fr.outcomes(register, "2022-12-31")["outcome"].astype(bool)
    households = register.tables["households"].copy()
    households["road_km"] = households["road_km"].mask(households["household_id"].isin(happened.index[happened]), 77.7)
    changed = fr.Register({**register.tables, "households": households}, supplied=register.supplied)
    return changed.to_folder(tmp_path_factory.mktemp("leaky") / "leaky", format="parquet")


@pytest.mark.usefixtures("_small_models")
@pytest.mark.filterwarnings("default")  # few events: the recalibration is left out
def test_train_prints_leak_alarms_and_still_writes_the_model(run, succeed, leaky, tmp_path):
    """An alarm is told in the chosen language, stands in the card, and has an exit code of its own."""
    result = run("train", leaky, "--as-of", "2022-12-31", "--out", tmp_path / "m", "--lang", "en", "--quiet")
    assert result.exit_code == 4, result.output
    assert "[leak alarm]" in result.stderr
    assert "road_km" in result.stderr
    assert "A leak alarm rang" in result.stderr
    card = read_card(tmp_path / "m")
    assert card["synthetic"] is False
    assert any(row["level"] == "alarm" and row["feature"] for row in card["alarms"])
    shown = succeed("card", tmp_path / "m", "--lang", "en").stdout
    assert "A leak alarm rang in training" in shown[: shown.index("## ")]


@pytest.mark.usefixtures("_small_models")
@pytest.mark.filterwarnings("default")
def test_the_leak_check_can_be_left_out(succeed, leaky, tmp_path):
    """Without the check nothing is claimed: the card says that none was made."""
    asked = ("--as-of", "2022-12-31", "--out", tmp_path / "m", "--no-leak-check", "--lang", "en")
    assert "looking for leaks" not in succeed("train", leaky, *asked).stderr
    assert read_card(tmp_path / "m")["alarms"] is None
    assert "No leak check was made" in succeed("card", tmp_path / "m", "--lang", "en").stdout


def test_alarms_and_warnings_are_said_apart(capsys):
    """Only an alarm counts; both are said even when quiet."""
    row = {"message_zh": "某处有误", "message_en": "something is wrong"}
    alarms = pd.DataFrame([{"alarm": "future", "level": level, **row} for level in ("alarm", "warning", "ok")])
    for lang, told in (("en", ["[leak alarm]", "[leak warning]"]), ("zh", ["[泄露警报]", "[泄露提醒]"])):
        with in_language(lang):
            tell_alarms(alarms, Teller(quiet=True))
        lines = capsys.readouterr().err.splitlines()
        assert [line.split("]")[0].strip() + "]" for line in lines] == told
        assert all(row[f"message_{lang}"] in line for line in lines)
    assert any_alarm(alarms)
    assert not any_alarm(alarms[alarms["level"] != "alarm"])
    assert not any_alarm(None)


@pytest.mark.usefixtures("_small_models")
def test_progress_of_the_training_days_counts_to_the_end(register):
    """A bar that stops at the last day but one looks like work that was broken off."""
    seen = []

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


@pytest.mark.usefixtures("_small_models")
@pytest.mark.filterwarnings("default")
def test_what_the_trees_learn_and_their_setting_can_be_asked_for(succeed, tmp_path):
    """Options reach the model and its card; the setting that earlier days chose is told."""
    county = fr.make_register(2500, random_state=0).to_folder(tmp_path / "county", format="parquet")
    days = (
        "--as-of",
        "2021-12-31",
        "--as-of",
        "2022-12-31",
        "--target",
        "below_line",
        "--no-leak-check",
        "--lang",
        "en",
    )
    told = succeed("train", county, *days, "--ensemble", "income_cuts", "--select", "--out", tmp_path / "m").stderr
    card = read_card(tmp_path / "m")
    assert [part["part"] for part in card["ensemble"]["parts"]] == ["at_risk", "everyone", "wider_line"]
    taken = re.search(r"setting taken: (.+) \(log loss on the newest day: default \d.*three seeds \d", told).group(1)
    trees = card["parameters"]["fitted_classifier"]
    free, seeds = set(trees["monotonic_cst"].values()) <= {0}, trees["n_seeds"]
    assert (free, seeds) == {
        "default": (False, 1), "without monotone constraints": (True, 1), "mean of three seeds": (False, 3)
    }[taken]  # fmt: skip
    succeed("train", county, *days, "--ensemble", "none", "--out", tmp_path / "n")
    assert read_card(tmp_path / "n")["ensemble"] == {"why": "asked"}


def test_too_late_a_day_to_train_is_explained(run, county, tmp_path):
    """What lies in the future has not happened yet: nothing is written."""
    result = run("train", county, "--as-of", "2030-12-31", "--out", tmp_path / "never", "--quiet")
    assert result.exit_code == 3
    assert not (tmp_path / "never").exists()


@pytest.mark.usefixtures("_small_models")
@pytest.mark.filterwarnings("default")
def test_a_year_that_counts_as_known_later_is_said(succeed, register, tmp_path):
    """On training and on scoring; the lag travels with the model, and another one is said to differ."""
    incomes = register.tables["incomes"].drop(columns="recorded_at")
    end = pd.to_datetime({"year": incomes["period_end"].dt.year, "month": 12, "day": 31})
    incomes = incomes.assign(period_start=end - pd.Timedelta(days=360), period_end=end).drop_duplicates(
        ["household_id", "member_id", "period_end", "item"]
    )
    files = tmp_path / "files"
    files.mkdir()
    for name, frame in {**register.tables, "incomes": incomes}.items():
        frame.to_parquet(files / f"{name}.parquet")
    train = ("train", files, "--as-of", "2021-12-31", "--as-of", "2022-12-31", "--no-leak-check", "--lang", "en")
    told = succeed(*train, "--out", tmp_path / "usual").stderr
    assert "note: on 2021-12-31 incomes of 2021 count as known from 2022-01-30; the newest year used is 2020" in told
    assert "note: on 2022-12-31 incomes of 2022 count as known from 2023-01-30; the newest year used is 2021" in told
    assert "count as known" not in succeed(*train, "--known-lag-days", 0, "--out", tmp_path / "none").stderr
    score = ("score", files, "--as-of", "2022-12-31", "--lang", "en", "--overwrite", "--out", tmp_path / "scores")
    told = succeed(*score, "--model", tmp_path / "usual").stderr
    assert "incomes of 2022 count as known from 2023-01-30" in told
    told = succeed(*score, "--model", tmp_path / "none").stderr  # read as the model wants it
    assert "count as known" not in told
    told = succeed(*score, "--model", tmp_path / "none", "--known-lag-days", 30).stderr
    assert "incomes of 2022 count as known from 2023-01-30" in told
    assert told.count("counted as known after 0 days when the model was trained, and after 30 days") == 1
