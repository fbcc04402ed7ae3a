"""Trees that learn of later incomes: who learns what, that nothing leaks, and that one exact model comes of it.

Tests model/ensemble.py and model/ensemble_facts.py.
"""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.features.place import PLACE_FEATURE
from fanpin_risk.model import fitting
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.ensemble_facts import PARTS
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import load_model, save_model
from fanpin_risk.model.training_day import training_day
from fanpin_risk.reports import model_card
from fanpin_risk.synthetic import make_register

DAYS = ["2021-12-31", "2022-12-31"]
SMALL = {"classifier": MonotoneBoosting(max_iter=30), "n_folds": 2, "target": "below_line"}


@pytest.fixture(scope="module")
def register():
    """A synthetic register."""
    return make_register(2500, random_state=0)


@pytest.fixture(scope="module")
def days(register):
    """Two days of it, for incomes below the line."""
    return [training_day(register, day, target="below_line") for day in DAYS]


@pytest.fixture(scope="module")
def tasks():
    """What each classifier of a fold was given."""
    return []


@pytest.fixture(scope="module")
def model(days, tasks):
    """An ensemble, fitted under observation."""

    def watched(part, k):
        columns = dict(zip(part.table.names, part.table.columns, strict=True))
        table, stop = pd.DataFrame(columns, index=part.table.index), part.stop == k % fitting.VALIDATION_PARTS
        tasks.append((table, part.outcome, part.fold == k, stop, part.of_rows))
        return fit_fold(part, k)

    fit_fold = fitting.fit_fold
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "fit_fold", watched)
        return RiskModel(**SMALL, ensemble="income_cuts", n_jobs=1).fit_days(days)


def test_days_say_what_became_of_all_incomes(register, days):
    """At risk, the later income stands below the line exactly where the event happened; the others are those not at risk."""
    day = days[0]
    assert ((day.later_to_line < 1) == (day.outcome == 1)).all()
    assert len(day.others) > 50
    assert not day.others.index.isin(day.table.index).any()
    assert day.others["income_to_line"].median() < 1
    assert list(day.others.columns) == list(day.table.columns)
    assert np.isfinite(day.others_later_to_line).all()
    assert training_day(register, DAYS[0]).others is None


def test_three_classifiers_learn_three_things(model, tasks, days):
    """From households at risk, from everybody, and of a wider line; who is at risk stands beside the features."""
    n, n_others = (sum(len(getattr(day, name)) for day in days) for name in ("table", "others"))
    assert [(len(table), "at_risk" in table) for table, *_ in tasks[:3]] == [
        (n, False),
        (n + n_others, True),
        (n, False),
    ]
    events = [int(y.sum()) for _, y, *_ in tasks[:3]]
    later = np.concatenate([day.later_to_line for day in days])
    others = np.concatenate([day.others_later_to_line for day in days])
    assert events == [(later < 1).sum(), (later < 1).sum() + (others < 1).sum(), (later < 1.25).sum()]
    assert tasks[1][0]["at_risk"].sum() == n
    assert [part["events"] for part in model.ensemble_facts_["parts"]] == events
    assert [part["part"] for part in model.ensemble_facts_["parts"]] == list(PARTS)


@pytest.mark.usefixtures("model")
def test_no_classifier_sees_a_household_that_it_scores(tasks):
    """On no day, at risk or not: a household is held out by all classifiers of a fold, and only those at risk decide when to stop."""
    for k in (0, 1):
        held = [set(table.index[held_out]) for table, _, held_out, *_ in tasks[3 * k : 3 * k + 3]]
        assert held[0] == held[2] <= held[1]
        for table, _, held_out, part, judged in tasks[3 * k : 3 * k + 3]:
            assert not set(table.index[held_out]) & set(table.index[~held_out])
            stop = ~held_out & part
            assert not set(table.index[stop]) & set(table.index[~held_out & ~part])
            at_risk = table["at_risk"] == 1 if "at_risk" in table else np.full(len(table), fill_value=True)
            np.testing.assert_array_equal(judged, at_risk)
    both = set(tasks[1][0].index[tasks[1][0]["at_risk"] == 0]) & set(tasks[0][0].index)
    assert both, "households that are at risk on one day and not on the other"


def test_the_margin_is_the_mean_of_three_as_of_a_household_at_risk(model, tasks, days):
    """The one model of trees gives what the three give, with everybody's asked as at risk."""
    rows = pd.concat([day.table for day in days])
    counts = [part["n_trees"] for part in model.ensemble_facts_["parts"]]
    assert sum(counts) == model.n_trees_
    margins = []
    for (table, y, *_), n_trees in zip(tasks[:3], counts, strict=True):
        one = clone(SMALL["classifier"]).set_params(**RiskModelParameters(model, table), max_iter=n_trees)
        one.fit(table, y)
        asked = rows.assign(at_risk=1.0) if "at_risk" in table else rows
        margins.append(one.decision_function(asked[list(table.columns)]))
    np.testing.assert_allclose(
        model.classifier_.decision_function(rows[list(model.feature_names_in_)]), np.mean(margins, axis=0), atol=1e-12
    )


def RiskModelParameters(model, table):  # noqa: N802 - reads as what it returns
    """Return the parameters with which a part's trees are grown on all rows."""
    given = model.classifier_.get_params(deep=False)
    names = ("monotonic_cst", "categorical_features", "random_state")
    signs = dict(given["monotonic_cst"]) | ({"at_risk": 0} if "at_risk" in table else {})
    return {name: given[name] for name in names} | {"monotonic_cst": signs, "early_stopping": False}


def test_contributions_add_up_from_the_mean_of_households_at_risk(model, days, register):
    """The base is the mean margin of those learnt from at risk; risk and reasons come of the same sum."""
    explanation = model.explain(register, "2023-12-31")
    scores = model.score(register, "2023-12-31")
    np.testing.assert_array_equal(explanation.risk, scores["risk"])
    np.testing.assert_allclose(explanation.values.sum(axis=1) + explanation.base_value, explanation.margin, atol=1e-9)  # noqa: PD011
    rows = pd.concat([day.table for day in days])
    mean = model.classifier_.decision_function(rows[list(model.feature_names_in_)]).mean()
    if PLACE_FEATURE not in explanation.feature_names:
        assert explanation.base_value == pytest.approx(model.slope_ * mean + model.intercept_, abs=1e-9)
    assert "at_risk" not in explanation.feature_names


def test_alone_a_household_is_the_same_household_in_its_county(model, register):
    """To the bit."""
    scores = model.score(register, "2023-12-31")
    for position in (0, 77):
        alone = model.score(register.select([scores["household_id"].iloc[position]]), "2023-12-31")
        pd.testing.assert_frame_equal(alone, scores.iloc[[position]].reset_index(drop=True))


def test_a_saved_model_is_the_same(model, register, tmp_path):
    """Fingerprint, scores, parameters and facts come back; its card says what it is made of."""
    again = load_model(save_model(model, tmp_path / "model"))
    assert again.fingerprint_ == model.fingerprint_
    assert again.ensemble == "income_cuts"
    assert again.ensemble_facts_ == model.ensemble_facts_
    pd.testing.assert_frame_equal(again.score(register, "2023-12-31"), model.score(register, "2023-12-31"))
    text = model_card(again, lang="en")
    assert "## What the trees learnt" in text
    assert "everybody whose later income is known" in text
    assert "树从哪里学习" in model_card(again)


def test_by_default_where_forecasts_gain(days, model):
    """Out of fold, households at risk decide; without a gain, or without later incomes, one classifier remains."""
    single = RiskModel(**SMALL, ensemble="none").fit_days(days)
    assert single.ensemble_facts_ == {"why": "asked"}
    assert single.fingerprint_ != model.fingerprint_
    before = model.ensemble_facts_["metrics_without"]
    assert {name: single.oof_metrics_[name] for name in before} == pytest.approx(before)
    default = RiskModel(**SMALL).fit_days(days)
    gains = model.oof_metrics_["log_loss"] < before["log_loss"]
    assert default.fingerprint_ == (model if gains else single).fingerprint_
    rich = [(day.table["income_to_line"] > 2).to_numpy() for day in days]
    misleading = [
        day._replace(later_to_line=np.where((day.outcome == 0) & high, 1.1, 2.0))
        for day, high in zip(days, rich, strict=True)
    ]
    lost = RiskModel(**SMALL).fit_days(misleading)
    assert lost.ensemble_facts_ == {"why": "no_gain"}
    assert lost.fingerprint_ == single.fingerprint_
    silent = [day._replace(others=None) for day in days]
    assert RiskModel(**SMALL).fit_days(silent).ensemble_facts_ == {"why": "no_incomes"}
    assert "do not say what became of all households' incomes" in model_card(
        RiskModel(**SMALL).fit_days(silent), lang="en"
    )


def test_what_cannot_be_learnt_is_said(days, register):
    """Asked for in vain it is an error that says what is lacking."""
    cuts = RiskModel(**SMALL, ensemble="income_cuts")
    with pytest.raises(SchemaError, match="what became of the incomes of all households"):
        cuts.fit_days([day._replace(later_to_line=None) for day in days])
    few = [day._replace(others=day.others[:5], others_later_to_line=day.others_later_to_line[:5]) for day in days]
    with pytest.raises(NotEnoughDataError, match="10 household-days of households not at risk"):
        cuts.fit_days(few)
    assert RiskModel(**SMALL).fit_days(few).ensemble_facts_ == {"why": "few_others"}
    monitored = RiskModel(**{**SMALL, "target": "newly_monitored"}, ensemble="income_cuts")
    with pytest.raises(SchemaError, match="is for the target 'below_line'"):
        monitored.fit(register, DAYS)
    assert monitored.set_params(ensemble="auto").fit(register, DAYS[:1]).ensemble_facts_ is None
    with pytest.raises(SchemaError, match="ensemble is 'all'"):
        RiskModel(ensemble="all").fit(register, DAYS)


def test_the_order_of_days_and_rows_does_not_matter(days, model):
    """Another order of the days, or another number of threads, gives the same model to the bit."""
    again = RiskModel(**SMALL, ensemble="income_cuts", n_jobs=2).fit_days(days[::-1])
    assert again.fingerprint_ == model.fingerprint_
