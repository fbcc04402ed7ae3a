"""The real panels as registers: figures equal the data's own, and nothing of later visits is seen.

The data are not part of the project: most tests here run only where FANPIN_DATA names their folder.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr

SCRIPTS = Path(__file__).parents[2] / "benchmarks" / "real_panels"
DATA = Path(os.environ.get("FANPIN_DATA") or "FANPIN_DATA-not-set")
sys.path.insert(0, str(SCRIPTS))

import argentina  # noqa: E402
import germany  # noqa: E402
import page  # noqa: E402
import panels  # noqa: E402
import published  # noqa: E402
import raw_columns  # noqa: E402
import run  # noqa: E402
import uncertainty  # noqa: E402


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
        got = fr.outcomes(argentine, day, target="below_line", lines=argentina.LINES)["outcome"]
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
        got = fr.outcomes(german, day, target="below_line", lines=germany.LINES)["outcome"]
        expected = wave["target_entry"].dropna()
        assert got.index.tolist() == expected.index.tolist()
        assert (got == (expected == 1)).all()


@needs(argentina.FOLDER)
def test_no_argentine_household_is_learnt_from_and_forecast(some_visits, argentine):
    """The panel visits a household for a year and a quarter, so no folds of households are needed there."""
    days = argentina.days_of(some_visits, first="2016-01-01", last="2018-12-31")
    twice, total = panels.seen_twice(study(argentine, days, days[4:], lines=argentina.LINES))
    assert twice == 0
    assert total > 500


@needs(germany.FOLDER)
def test_german_persons_come_again(german):
    """Nearly all German persons who are forecast were learnt from, so they have to be dealt into folds."""
    days = [germany.day(year) for year in range(1984, 1988)]
    twice, total = panels.seen_twice(study(german, days, days[1:], lines=germany.LINES))
    assert 0.5 < twice / total <= 1


@needs(germany.FOLDER)
def test_scores_of_a_later_year_rank_and_do_not_know_the_future(german):
    """Trained on two years, the third is ranked better than by chance, and not better than such panels allow."""
    days = [germany.day(year) for year in (1984, 1985, 1986)]
    scores = published.train_and_score(german, german, train_days=days[:2], test_days=days[2:], lines=germany.LINES)
    assert 0.65 < published.figures(scores["outcome"], scores[published.OURS]).auc < 0.95
    assert (scores["day"] == days[2]).all()


@needs(germany.FOLDER)
def test_levels_and_coverage_of_later_days_are_told(german):
    """Every day with a year behind it is forecast, and the sentence on coverage says what held."""
    days = [germany.day(year) for year in range(1984, 1988)]
    found = uncertainty.origins(study(german, days, days[1:], lines=germany.LINES))
    assert [origin.day for origin in found] == days[1:]
    sd, years = uncertainty.shifts(found)
    assert years == 3
    assert 0 < sd < 3
    assert uncertainty.prior_of([found]) == pytest.approx((sd, 3.0))
    lines, sentence = page.levels_and_intervals(found, (0.6, 3.0))
    assert sum(line.startswith("| 198") for line in lines) == 3
    assert "of 3 days; target 90 % of days" in sentence
    assert "so few days tell no more than" in sentence


@needs(germany.FOLDER)
def test_own_columns_of_a_day_know_nothing_of_later_visits():
    """Without the waves after a day its columns are the same, and what is known of later waves is none of them."""
    persons = germany.read(DATA)
    whole, cut = raw_columns.of_germany(persons), raw_columns.of_germany(persons[persons["year"] <= 1986])
    day = SimpleNamespace(as_of=germany.day(1986), table=pd.DataFrame(index=persons["household_id"].unique()[:500]))
    model = [raw_columns.OnRawColumns(None, columns) for columns in (whole, cut)]
    pd.testing.assert_frame_equal(model[0].on(day), model[1].on(day))
    assert model[0].on(day)["ratio"].notna().sum() > 200
    assert not {"poor_next", "target_entry", "target_return", "year", "id"} & set(whole)


def study(register: fr.Register, days: list, test_days: list, **how: object) -> panels.Study:
    """Return a study of a register with incomes."""
    named = {"key": "k", "title": "t", "limits": (), "event": "e", "target": "below_line", "truth": None}
    return panels.Study(register=register, days=days, test_days=test_days, **(named | how))


# --- the page, on a made-up register ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made_up() -> panels.Study:
    """A synthetic register with one day to learn from and one to forecast."""
    whole = panels.study_synthetic(2000)
    return replace(whole, days=whole.days[1:3], test_days=whole.days[2:3])


@pytest.fixture(scope="module")
def evaluation(made_up) -> fr.Evaluation:
    budget = replace(run.QUICK, baselines=("rules", "logistic"), settings=("default",))
    return run.evaluate(made_up, budget, 1)


@pytest.fixture(scope="module")
def written(made_up, evaluation, tmp_path_factory) -> tuple[Path, str]:
    """Folder and text of the part of the page on the made-up register."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("fairlearn")
    out = tmp_path_factory.mktemp("page")
    budget = replace(run.QUICK, settings=("default",), n_bootstrap=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "MOST_GROUPS", 2)  # groupings of two groups are enough to see that they are written
        text, _ = run.parts_of(made_up, evaluation, budget, out, folds=1, twice=(1, 2))
    return out, "\n".join(text)


def test_limits_come_before_figures(made_up, written):
    """A reader meets what the data are not before the first table."""
    text = written[1]
    assert text.index(made_up.limits[0]) < text.index("|---")


def test_every_picture_is_shown_and_there(written):
    """The page shows the pictures that were drawn, under their own names."""
    out, text = written
    for path in (out / "evidence").iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")
        assert f"(evidence/{path.name})" in text
    assert text.count("](evidence/") == len(list((out / "evidence").iterdir())) == 2


def test_figures_of_the_page_are_the_evaluations(evaluation, written):
    """What a table of the page says is what the evaluation measures."""
    found = evaluation.measures(measures=["auc"], n_bootstrap=0)
    for model, auc in zip(found["model"], found["value"], strict=True):
        assert f"| {model} | {auc:.3f} (" in written[1]


def test_the_true_risk_stands_beside_ours(made_up, evaluation, written):
    """Where the truth is known, its AUC is computed on the same households and outcomes as ours."""
    own = evaluation.predictions[evaluation.predictions["model"] == page.OURS]
    true = own.merge(made_up.truth, on=["household_id", "as_of"])
    auc = fr.evaluation.measure(true["outcome"], true["risk_y"], measures=["auc"])["auc"]
    assert len(true) == len(own)
    assert f"| {page.TRUTH} | {auc:.3f} (" in written[1]


@pytest.mark.parametrize(("ours", "told"), [(0.2, "missed"), (0.9, "met")])
def test_a_target_is_missed_only_where_the_interval_says_so(ours, told):
    """Clearly behind the best of the others is a missed target; clearly ahead is a met one."""
    rng = np.random.default_rng(0)
    outcome = rng.integers(0, 2, 400)
    rows = pd.DataFrame({"household_id": [f"h{i:03}" for i in range(400)], "outcome": outcome, "fold": "f"})
    noise = rng.uniform(0.05, 0.95, 400)

    def forecast(model: str, weight: float) -> pd.DataFrame:
        return rows.assign(model=model, risk=weight * (0.1 + 0.8 * outcome) + (1 - weight) * noise)

    standing = page.Standing(pd.concat([forecast(page.OURS, ours), forecast("LightGBM", 0.5)]), n_bootstrap=50)
    assert standing.best["log_loss"] == "LightGBM"
    assert standing.met("log_loss") == (told == "met")
    assert standing.sentence("log_loss").endswith(f"target {told}")


def test_the_level_put_right_makes_risks_add_up_to_events():
    """With the level of a day put right, risks add up to its events, day by day, in the same order."""
    rng = np.random.default_rng(0)
    risk = rng.uniform(0.01, 0.3, 600)
    frame = pd.DataFrame({"fold": ["a"] * 300 + ["b"] * 300, "risk": risk, "outcome": rng.random(600) < 2 * risk})
    moved = page.at_true_level(frame)
    sums = moved.groupby("fold")[["risk", "outcome"]].sum()
    assert sums["risk"].to_numpy() == pytest.approx(sums["outcome"].to_numpy().astype(float))
    for _, part in frame.groupby("fold"):
        assert (part["risk"].rank() == moved.loc[part.index, "risk"].rank()).all()


def test_without_other_panels_the_interval_starts_from_the_packages_prior():
    """A single panel has no other to learn from, so the package's own prior is taken."""
    assert uncertainty.prior_of([]) == (uncertainty.PRIOR_SD, uncertainty.PRIOR_YEARS)


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
