"""Whether the level held on days whose outcomes are known, and calibration apart from it."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

import fanpin_risk as fr
from fanpin_risk.evaluation import drift_report
from fanpin_risk.evaluation.labels import translated
from fanpin_risk.evaluation.levels import LEVEL_COLUMNS, horizons_back, known_levels, level_of_day
from fanpin_risk.evaluation.measures import measure


@pytest.fixture(scope="module")
def register():
    return fr.make_register(2500, random_state=0, base_rate=0.06)


@pytest.fixture(scope="module")
def model(register):
    return fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=20), n_folds=2).fit(register, "2020-12-31")


def made_up(shift, *, n=20_000):
    """Households whose log-odds of the event are those forecast and a shift of the year."""
    rng = np.random.default_rng(5)
    odds = rng.normal(-2, 1, n)
    scores = pd.DataFrame({"risk": expit(odds), "risk_low": expit(odds - 0.5), "risk_high": expit(odds + 0.5)})
    return scores, rng.random(n) < expit(odds + shift)


@pytest.mark.parametrize(("shift", "held"), [(0.0, True), (0.4, True), (0.7, False), (-0.7, False)])
def test_a_level_is_held_against_its_interval_and_put_right(shift, held):
    """A year off by less than half the width is held; with the level put right the calibration error is that of no shift."""
    scores, outcome = made_up(shift)
    found = level_of_day(scores, outcome)
    assert set(found) == set(LEVEL_COLUMNS) - {"as_of"}
    assert found["level_held"] == held
    assert found["shift"] == pytest.approx(shift, abs=0.12)
    right = expit(logit(scores["risk"].to_numpy()) + found["shift"])
    assert right.mean() == pytest.approx(outcome.mean())
    assert (
        found["calibration_error_level_right"]
        == measure(outcome, right, measures=["calibration_error"])["calibration_error"]
    )
    assert found["calibration_error_level_right"] < 0.015
    assert (found["calibration_error"] > 0.02) == (shift != 0)


def test_too_few_events_say_nothing_of_calibration():
    """The share and the interval are counted all the same."""
    scores, _ = made_up(0.0, n=300)
    outcome = np.zeros(300)
    outcome[:5] = 1
    found = level_of_day(scores, outcome)
    assert (found["events"], found["level_held"]) == (5, False)
    assert np.isnan([found["shift"], found["calibration_error"], found["calibration_error_level_right"]]).all()


def test_days_are_a_horizon_apart_and_none_was_learnt_from(model, register):
    """Back from the day, month ends stay month ends; days of unknown outcome are passed over."""
    days = horizons_back(model, pd.Timestamp("2024-12-31"))
    assert [day.year for day in days] == [2024, 2023, 2022, 2021]
    assert horizons_back(model, pd.Timestamp("2020-12-31")) == []
    levels = known_levels(model, register, pd.Timestamp("2024-12-31"))
    assert levels["as_of"].dt.year.tolist() == [2021, 2022, 2023]
    for row in levels.to_dict("records"):
        happened = fr.outcomes(register, row["as_of"])["outcome"]
        risk = model.score(register, row["as_of"], explain=False).set_index("household_id").loc[happened.index, "risk"]
        assert (row["households"], row["events"]) == (len(happened), happened.sum())
        assert (row["base_rate"], row["mean_risk"]) == (pytest.approx(happened.mean()), pytest.approx(risk.mean()))


def test_drift_shows_the_levels_in_both_languages(model, register):
    """They stand in the report; headers are Chinese where asked for."""
    report = drift_report(model, register, "2024-12-31", n_bootstrap=0)
    pd.testing.assert_frame_equal(report.levels, known_levels(model, register, pd.Timestamp("2024-12-31")))
    shown = translated(report.levels, "zh")
    assert not [name for name in shown.columns if name.isascii()]
    assert set(shown["是否落在水平区间内"]) <= {"是", "否"}
    assert list(translated(report.levels, "en").columns) == list(LEVEL_COLUMNS)
    early = drift_report(model, register, "2020-12-31", n_bootstrap=0)
    assert len(early.levels) == 0
    assert list(early.levels.columns) == list(LEVEL_COLUMNS)
