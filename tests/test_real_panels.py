"""The real panels as registers: figures equal the data's own, and nothing of later visits is seen.

The data are not part of the project: most tests here run only where FANPIN_DATA names their folder.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr

SCRIPTS = Path(__file__).parents[1] / "benchmarks" / "real_panels"
DATA = Path(os.environ.get("FANPIN_DATA") or "FANPIN_DATA-not-set")
sys.path.insert(0, str(SCRIPTS))

import argentina  # noqa: E402
import germany  # noqa: E402
import run  # noqa: E402


def needs(folder: str) -> pytest.MarkDecorator:
    """Skip where the data are not at hand."""
    return pytest.mark.skipif(
        not (DATA / folder).is_dir(), reason=f"needs real data: FANPIN_DATA names no folder that holds {folder}"
    )


@pytest.fixture(scope="module")
def some_visits() -> argentina.Panel:
    """One household in twenty of the Argentine panel, with all its visits."""
    panel = argentina.read(DATA)
    chosen = [frame[frame["hid"] % 20 == 0] for frame in (panel.visits, panel.persons, panel.targets)]
    return argentina.Panel(*chosen)


@pytest.fixture(scope="module")
def argentine(some_visits) -> fr.Register:
    return argentina.register(some_visits)


@pytest.fixture(scope="module")
def some_persons() -> pd.DataFrame:
    """One person in five of the German panel, with all their years."""
    panel = germany.read(DATA)
    return panel[panel["id"] % 5 == 0].reset_index(drop=True)


@pytest.fixture(scope="module")
def german(some_persons) -> fr.Register:
    return germany.register(some_persons)


@needs(argentina.FOLDER)
def test_argentine_rows_are_all_taken(some_visits, argentine):
    """Every visit and person becomes a record that passes the checks of the register."""
    assert not len(argentine.rejects)
    assert set(argentine.problems["severity"]) <= {"warning"}
    versions = argentine.tables["households"]
    assert versions["valid_to"].isna().sum() == len(some_visits.visits)
    present = argentine.tables["members"]["valid_to"].isna()
    assert present.sum() == len(some_visits.persons)


@needs(argentina.FOLDER)
def test_argentine_income_over_the_line_is_the_surveys_ratio(some_visits, argentine):
    """Income per person over the line is what the survey calls welfare_ratio, at first and at second visits alike."""
    for day in argentina.days_of(some_visits, first="2016-06-30", last="2017-06-30")[::2]:
        table = fr.compute_features(argentine, day, lines=argentina.LINES)
        visited = some_visits.visits[some_visits.visits["day"] == day].set_index("household_id")
        expected = visited["welfare_ratio"].clip(upper=10.0)
        got = table.loc[visited.index, "income_to_line"]
        assert np.abs(got - expected).max() < 1e-4
        assert (table.loc[visited.index, "household_size"] == visited["IX_TOT"]).all()


@needs(argentina.FOLDER)
def test_argentine_outcomes_are_the_surveys_entries(some_visits, argentine):
    """Who is above the line and below it one year on is the data's own target, for every household that has one."""
    targets = some_visits.targets.set_index("household_id")
    compared = 0
    for day in argentina.days_of(some_visits, first="2016-06-30", last="2018-12-31")[::3]:
        got = fr.outcomes(argentine, day, 12, target="below_line", lines=argentina.LINES)["outcome"]
        expected = targets.loc[targets["day"] == day, "target_entry"].dropna()
        assert expected.index.isin(got.index).all()
        assert (got.loc[expected.index] == (expected == 1)).all()
        compared += len(expected)
    assert compared > 500


@needs(argentina.FOLDER)
def test_argentine_features_do_not_change_when_the_panel_goes_on(some_visits, argentine):
    """A register made on the day, of the visits until then, gives the same features as one made years later."""
    day = pd.Timestamp("2017-03-31")
    until = [frame[frame["day"] <= day] for frame in (some_visits.visits, some_visits.persons)]
    then = argentina.register(replace(some_visits, visits=until[0], persons=until[1]))
    expected = fr.compute_features(then, day, lines=argentina.LINES)
    got = fr.compute_features(argentine, day, lines=argentina.LINES)
    pd.testing.assert_frame_equal(got, expected, check_exact=True)


@needs(germany.FOLDER)
def test_german_income_and_outcomes_are_the_panels(some_persons, german):
    """Ratio to the line and who falls below it in the next year equal the data's own; no row is rejected."""
    assert not len(german.rejects)
    for year in (1985, 1987):
        day = germany.day(year)
        wave = some_persons[some_persons["year"] == year].set_index("household_id")
        table = fr.compute_features(german, day, lines=germany.LINES)
        assert table.index.tolist() == wave.index.tolist(), "who was not found in a year is not on record"
        assert np.abs(table["income_to_line"] - (wave["eq_income"] / wave["line60"]).clip(upper=10.0)).max() < 1e-4
        assert (table["head_age"] == wave["age"]).all()
        assert (table["n_disabled"] == (wave["grade"] != "")).all()
        assert (table["inpatient_stays_12m"] == wave["hospvis"]).all()
        got = fr.outcomes(german, day, 12, target="below_line", lines=germany.LINES)["outcome"]
        expected = wave["target_entry"].dropna()
        assert got.index.tolist() == expected.index.tolist()
        assert (got == (expected == 1)).all()


@needs(germany.FOLDER)
def test_scores_of_a_later_year_rank_and_do_not_know_the_future(german):
    """Trained on two years, the third is ranked better than by chance, and not better than such panels allow."""
    days = [germany.day(year) for year in (1984, 1985, 1986)]
    scores = run.train_and_score(german, german, train_days=days[:2], test_days=days[2:], lines=germany.LINES)
    figures = run.table(scores)
    assert figures.loc[run.ROWS["base"], "AUC"] == 0.5
    assert 0.65 < figures.loc[run.ROWS["risk"], "AUC"] < 0.95
    assert (scores["day"] == days[2]).all()


def test_figures_by_hand():
    """Of twenty households the one of highest risk is the top 5 %: half of the two that fell are found."""
    outcome = pd.Series([1, 1] + [0] * 18)
    risk = pd.Series([0.9, 0.1] + [0.2] * 17 + [0.05])
    got = run.measure(outcome, risk, pd.Series([f"h{i:02d}" for i in range(20)]))
    assert got["precision at top 5 %"] == 1.0
    assert got["recall at top 5 %"] == 0.5
    assert got["AUC"] == pytest.approx((18 + 1) / (2 * 18))
    assert got["Brier"] == pytest.approx((0.01 + 0.81 + 17 * 0.04 + 0.0025) / 20)


def test_equal_risks_are_ordered_by_household():
    """Who is in the top 5 % among equals does not depend on the order of the rows."""
    outcome, risk = pd.Series([0, 1]), pd.Series([0.3, 0.3])
    assert run.measure(outcome, risk, pd.Series(["b", "a"]))["precision at top 5 %"] == 1.0
    assert run.measure(outcome, risk, pd.Series(["a", "b"]))["precision at top 5 %"] == 0.0


def test_figures_are_written_between_the_marks(tmp_path):
    """Writing the figures again replaces the old ones and leaves the text around them."""
    path = tmp_path / "README.md"
    path.write_text("\n".join(["before", run.MARKS[0], "old", run.MARKS[1], "after"]), encoding="utf-8")
    run.write(path, "new")
    assert path.read_text(encoding="utf-8").split("\n") == ["before", run.MARKS[0], "new", run.MARKS[1], "after"]


@pytest.mark.parametrize(("folder", "told"), [(None, "FANPIN_DATA is not set"), (".", "holds no ar_eph_2016_2019")])
def test_without_data_the_script_says_what_to_set(folder, told, tmp_path, monkeypatch):
    """Without the data the script ends with one line that names what is missing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["run.py"])
    monkeypatch.delenv("FANPIN_DATA", raising=False)
    if folder is not None:
        monkeypatch.setenv("FANPIN_DATA", folder)
    with pytest.raises(SystemExit, match=told):
        run.main()
