"""A model that learns from what visits found: level, weights, what it tells of them, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.model.visit_fit import LARGEST_WEIGHT, trimmed_weights
from fanpin_risk.model.visit_results import visit_labels

DAY, NEXT = "2022-12-31", "2023-12-31"


@pytest.fixture(scope="module")
def day() -> TrainingDay:
    """A day whose outcomes are the truth."""
    return fr.training_day(fr.make_register(2500, random_state=3, base_rate=0.1), DAY)


@pytest.fixture(scope="module")
def office(day) -> tuple[TrainingDay, pd.DataFrame]:
    """The day as an office knows it, most of those in need not recognised, and its visits: by list, and 1 in 4 drawn."""
    rng = np.random.default_rng(5)
    need, n = day.outcome.astype(bool), len(day.outcome)
    listed = rng.random(n) < np.where(need, 0.3, 0.05)
    chance = np.where(listed, 1.0, 0.25)
    seen = rng.random(n) < chance
    recognised = need & (seen | (rng.random(n) < 0.1))
    visits = pd.DataFrame(
        {
            "household_id": day.table.index[seen], "on": "2023-05-01", "probability": chance[seen],
            "result": np.where(need[seen], "verified", "refuted"),
        }
    )  # fmt: skip
    return day._replace(outcome=recognised.astype(np.int8)), visits


def small(**options) -> fr.RiskModel:
    """A model that is fitted in a second."""
    classifier = fr.MonotoneBoosting(max_iter=30, learning_rate=0.1)
    return fr.RiskModel(**{"classifier": classifier, "n_folds": 3, "n_jobs": 1} | options)


@pytest.fixture(scope="module")
def learnt(office) -> fr.RiskModel:
    """A model that learnt from visits."""
    return small().fit_days([office[0]], visits=office[1])


def test_its_level_is_that_of_the_truth(day, office, learnt):
    """The mean risk of everybody is near the share in need; without visits it is the share that officials recognised."""
    truth, recognised = day.outcome.mean(), office[0].outcome.mean()
    found = visit_labels(office[1], DAY)
    need, p = found["verified"] == 1, found["probability"]
    error = np.sqrt(((1 - p) / p**2)[need].sum()) / len(day.outcome)  # of the Horvitz-Thompson estimate
    assert abs(learnt.base_rate_ - truth) < 2 * error
    assert truth - recognised > 2 * error
    assert learnt.risk_of(day.table).mean() == pytest.approx(learnt.base_rate_, rel=0.1)
    assert small().fit_days([office[0]]).risk_of(day.table).mean() == pytest.approx(recognised, rel=0.1)


def test_it_tells_who_was_visited_how(office, learnt):
    """How many by list and at random, and shares with and without weights, stand in the model."""
    visits, told = office[1], learnt.visits_
    assert told["visits"] == len(visits)
    assert told["at_random"] == int((visits["probability"] < 1).sum())
    assert told["by_list"] + told["at_random"] == told["visits"]
    assert told["verified_by_list"] + told["verified_at_random"] == int(visits["result"].eq("verified").sum())
    assert told["share_verified"] > told["share_verified_weighted"] > told["share_recognised"]
    assert told["trees"] == min(told["log_loss"], key=told["log_loss"].get)
    assert learnt.oof_metrics_["households"] == told["visits"]
    assert told["metrics_unweighted"]["base_rate"] == told["share_verified"]
    assert told["metrics_register"]["households"] == len(office[0].outcome)


def test_the_order_of_visits_and_threads_changes_no_bit(office, learnt):
    """Shuffled visits and two threads give the same fingerprint; without visits it is another model."""
    again = small(n_jobs=2).fit_days([office[0]], visits=office[1].sample(frac=1, random_state=1))
    assert again.fingerprint_ == learnt.fingerprint_
    assert small().fit_days([office[0]]).fingerprint_ != learnt.fingerprint_


def test_a_saved_model_knows_its_visits(tmp_path, learnt):
    """What was learnt from visits stands on the card; a model without says nothing of them."""
    fr.save_model(learnt, tmp_path / "m")
    loaded = fr.load_model(tmp_path / "m")
    assert loaded.visits_ == learnt.visits_
    assert loaded.fingerprint_ == learnt.fingerprint_


@pytest.mark.parametrize("chosen", ["official", "both", "visits"])
def test_each_kind_of_trees_scores_and_explains(office, day, monkeypatch, chosen):
    """Whichever trees are taken, contributions add up to the risk and the level is that of the visits."""
    import fanpin_risk.model.visit_fit as room

    losses = iter({"official": [0, 1, 1], "both": [1, 0, 1], "visits": [1, 1, 0]}[chosen])
    monkeypatch.setattr(room, "log_loss_of_margin", lambda *_: float(next(losses)))
    model = small().fit_days([office[0]], visits=office[1])
    assert model.visits_["trees"] == chosen
    risk = model.risk_of(day.table)
    table = day.table[model.feature_names_in_]
    margin = model.slope_ * model.classifier_.decision_function(table) + model.intercept_
    np.testing.assert_allclose(risk, 1 / (1 + np.exp(-margin)), rtol=1e-9)
    assert risk.mean() == pytest.approx(model.base_rate_, rel=0.25)
    arrays = model.classifier_.to_arrays()
    roots = arrays["count"][arrays["tree_start"][:-1]]
    assert set(roots.tolist()) == {len(day.outcome)}, "contributions are measured from everybody, not from the visited"


def test_weights_are_bounded():
    """One visit that stands for thousands cannot outweigh all others; others keep their ratio."""
    weight, cut = trimmed_weights(np.array([1.0] * 99 + [0.0001]))
    assert cut.tolist() == [False] * 99 + [True]
    assert weight.mean() == pytest.approx(1)
    assert weight.max() == pytest.approx(LARGEST_WEIGHT)
    assert weight[0] == pytest.approx((100 - LARGEST_WEIGHT) / 99)
    even, none = trimmed_weights(np.array([1.0, 0.5]))
    assert not none.any()
    assert even[1] / even[0] == pytest.approx(2)


def test_labels_of_the_list_alone_are_refused(office):
    """Where nothing was drawn, what was found says nothing of the others."""
    day, visits = office
    with pytest.raises(NotEnoughDataError, match="drawn at random"):
        small().fit_days([day], visits=visits.assign(probability=1.0))


def test_everybody_visited_needs_no_draw(day):
    """A census is no sample: each visit stands for itself, and the level is that of the census."""
    found = np.where(day.outcome == 1, "verified", "refuted")
    census = pd.DataFrame({"household_id": day.table.index, "on": "2023-05-01", "result": found, "probability": 1.0})
    model = small().fit_days([day], visits=census)
    assert model.visits_["effective"] == pytest.approx(len(day.outcome))
    assert model.base_rate_ == pytest.approx(day.outcome.mean())


def test_few_labels_are_refused(office):
    """With less than twenty verified nothing can be learnt, and the error says how many there are."""
    day, visits = office
    few = pd.concat([visits[visits["result"] == "refuted"], visits[visits["result"] == "verified"].head(5)])
    with pytest.raises(NotEnoughDataError, match="5 verified"):
        small().fit_days([day], visits=few)


def test_what_visits_do_not_tell_is_refused(office):
    """Visits say nothing of incomes, and places are not learnt beside them."""
    day, visits = office
    with pytest.raises(SchemaError, match="newly_monitored"):
        small(target="below_line").fit_days([day], visits=visits)
    with pytest.raises(SchemaError, match="place=True"):
        small(place=True).fit_days([day], visits=visits)


def test_cutting_weights_is_said(office, learnt):
    """How many weights are cut and how large the largest was is warned of and kept; where none is, nothing is said."""
    day, visits = office
    assert learnt.visits_["trimmed"] == 0
    assert 1 < learnt.visits_["heaviest"] < LARGEST_WEIGHT
    drawn = np.flatnonzero(visits["probability"] < 1)[:1]
    chance = visits["probability"].to_numpy(copy=True)
    chance[drawn] = 1e-4
    with pytest.warns(UserWarning, match=r"1 of \d+ weights of visits were cut to 20 times the mean"):
        model = small().fit_days([day], visits=visits.assign(probability=chance))
    assert model.visits_["trimmed"] == 1
    assert model.visits_["heaviest"] > 10 * LARGEST_WEIGHT
