"""A level put right by the newest outcomes: only where it would have helped before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.evaluation import recalibrate
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import load_model, save_model
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.reports import model_card

FEATURES = ("income_to_line", "household_size")
ESTIMATOR = RiskModel(classifier=MonotoneBoosting(max_iter=20), n_folds=2, features=FEATURES)


def day_of(year: int, level: float, *, n: int = 1500) -> TrainingDay:
    """A made-up day on which the event depends on income, and on the year's level."""
    rng = np.random.default_rng(year)
    table = pd.DataFrame(
        {"income_to_line": rng.gamma(4, 0.5, n), "household_size": rng.integers(1, 6, n).astype("float64")},
        index=pd.Index([f"h{k:05d}" for k in range(n)], name="household_id"),
    )
    outcome = (rng.random(n) < expit(level - table["income_to_line"])).astype("int8")
    as_of = pd.Timestamp(year, 12, 31)
    references = pd.DataFrame(
        {"as_of": [as_of], "area_prefix": [""], "n_households": [n], "median_income_to_line": [1.5]}
    )
    references = references.astype({"as_of": "datetime64[s]"})
    return TrainingDay(
        as_of, pd.Timestamp(year + 1, 12, 31), table, outcome.to_numpy(), np.full(n, "NaT", dtype="datetime64[s]"),
        np.full(n, "", dtype=object), references, {}, "made up",
    )  # fmt: skip


LASTING = [day_of(year, level) for year, level in zip(range(2016, 2022), (-1.0, -1.0, 0.5, 0.5, 0.5, 0.5), strict=True)]
TURNING = [
    day_of(year, level) for year, level in zip(range(2016, 2022), (-1.0, -1.0, 0.5, -2.0, 0.5, -2.0), strict=True)
]


def test_a_lasting_change_of_level_is_put_right():
    """The mean risk of the newest day becomes its share with the event; the order of households and tiers stay."""
    model = ESTIMATOR.fit_days(LASTING[:2])
    before = {name: getattr(model, name) for name in ("intercept_", "tier_thresholds_", "fingerprint_")}
    found = recalibrate(model, LASTING)
    assert found.helps
    assert found.as_of == LASTING[-1].as_of
    newest = LASTING[-1]
    risk, old = (one.risk_of(newest.table) for one in (found.model, model))
    assert risk.mean() == pytest.approx(newest.outcome.mean(), abs=1e-9)
    np.testing.assert_allclose(logit(risk), logit(old) + found.shift, atol=1e-9)
    assert found.shift > 0.7
    assert (found.model.tier_of(risk) == model.tier_of(old)).all()
    assert found.model.fingerprint_ != model.fingerprint_
    assert {name: getattr(model, name) for name in before} == before


def test_where_times_turn_it_is_not_handed_out():
    """On the register's own past it made things worse: the table shows that, and there is no model."""
    found = recalibrate(ESTIMATOR.fit_days(TURNING[:2]), TURNING)
    assert not found.helps
    assert found.model is None
    table = found.back_test
    assert table["log_loss_after"].mean() > table["log_loss_before"].mean()


def test_the_back_test_knows_no_more_than_was_known_then():
    """What was learnt from and what gave the level had ended before the day that is forecast; later days change nothing."""
    model = ESTIMATOR.fit_days(LASTING[:2])
    table = recalibrate(model, LASTING).back_test
    assert table["as_of"].dt.year.tolist() == [2018, 2019, 2020, 2021]
    assert (table["level_from"].dt.year == table["as_of"].dt.year - 1).all()
    assert (table["learnt_until"].dt.year == table["as_of"].dt.year - 2).all()
    other = [*LASTING[:-1], LASTING[-1]._replace(outcome=1 - LASTING[-1].outcome)]
    again = recalibrate(model, other).back_test
    pd.testing.assert_frame_equal(again.iloc[:-1], table.iloc[:-1])


def test_without_a_past_it_cannot_be_tried():
    """One later day alone says nothing of whether to believe it, and one earlier day on which it helped too little."""
    model = ESTIMATOR.fit_days(LASTING[:1])
    found = recalibrate(model, LASTING[1:2])
    assert len(found.back_test) == 0
    assert found.model is None
    with pytest.raises(SchemaError, match="no day is later than 2016-12-31"):
        recalibrate(model, LASTING[:1])
    few = LASTING[1]._replace(outcome=np.zeros(len(LASTING[1].outcome), dtype="int8"))
    with pytest.raises(NotEnoughDataError, match="a level needs 20"):
        recalibrate(model, [LASTING[0], few])
    once = recalibrate(ESTIMATOR.fit_days(LASTING[1:2]), LASTING[1:4])
    assert (once.back_test["log_loss_after"] < once.back_test["log_loss_before"]).tolist() == [True]
    assert once.model is None


def test_a_model_put_right_is_saved_like_any_other(tmp_path):
    """It comes back with its level, its fingerprint and limits of risk that moved along."""
    model = recalibrate(ESTIMATOR.fit_days(LASTING[:2]), LASTING).model
    again = load_model(save_model(model, tmp_path / "model"))
    assert again.fingerprint_ == model.fingerprint_
    np.testing.assert_array_equal(again.risk_of(LASTING[-1].table), model.risk_of(LASTING[-1].table))
    assert again.level_ == model.level_ == {"as_of": "2021-12-31", "shift": model.level_["shift"], "tried": 4}
    assert "put right by the outcomes of 2021-12-31" in model_card(again, lang="en")
    own = model.profile_[model.profile_["feature"] == "risk"]
    assert own["low"].iloc[1:].is_monotonic_increasing
