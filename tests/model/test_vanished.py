"""Households that vanish after a training day: warned of, counted in the card, told by the commands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import UnobservedWarning
from fanpin_risk.evaluation import evaluate
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import load_model, save_model
from fanpin_risk.model.training_day import training_day
from fanpin_risk.model.vanished import unobserved_facts, unobserved_message, unobserved_note, warn_of_unobserved
from fanpin_risk.records.register import Register
from fanpin_risk.reports import model_card
from fanpin_risk.synthetic import make_register

DAY = "2021-12-31"
SMALL = MonotoneBoosting(max_iter=10)


@pytest.fixture(scope="module")
def whole():
    """A synthetic register in which nobody vanishes."""
    return make_register(1500, random_state=3, base_rate=0.05)


@pytest.fixture(scope="module")
def thinned(whole):
    """The same, but every tenth household that never was monitored or dissolved has no record after the day."""
    ids = np.sort(whole.tables["households"]["household_id"].unique())
    households = whole.tables["households"]
    lost = set(ids[::10]) - set(whole.tables["monitoring"]["household_id"])
    lost -= set(households.loc[households["valid_to"].notna(), "household_id"])
    members = whole.tables["members"]
    persons = set(members.loc[members["household_id"].isin(lost), "member_id"])
    kept = {}
    for name, frame in whole.tables.items():
        own = frame["household_id"].isin(lost) if "household_id" in frame else frame["member_id"].isin(persons)
        dates = frame.select_dtypes("datetime").drop(columns="birth_date", errors="ignore")
        later = (dates > DAY).any(axis=1) | (frame["school_year"] > 2020 if "school_year" in frame else False)
        kept[name] = frame[~(own & later)]
    return Register(kept, supplied=whole.supplied, source=whole.source)


def test_nobody_vanishes_from_the_synthetic_register(whole):
    """The truth it comes with is that of all its households."""
    day = training_day(whole, DAY)
    assert unobserved_facts([day]) == {
        "treated": "drop", "households": 0, "at_risk": len(day.outcome), "told_by": ["households", "incomes"],
    }  # fmt: skip
    assert unobserved_message([day]) is None
    assert unobserved_note(unobserved_facts([day]), "newly_monitored") is None
    warn_of_unobserved([day])


def test_those_that_vanish_are_left_out_with_a_warning(whole, thinned):
    """They are no households without the event: the base rate is that of the others, and the model says how many there were."""
    day, before = training_day(thinned, DAY), training_day(whole, DAY)
    assert day.n_unobserved == day.left_out["unobserved"] == len(before.outcome) - len(day.outcome) > 50
    assert day.outcome.sum() == before.outcome.sum()
    with pytest.warns(UnobservedWarning, match=rf"^{day.n_unobserved} of {len(before.outcome)} households at risk"):
        model = RiskModel(classifier=SMALL, n_folds=2).fit(thinned, DAY)
    assert model.unobserved_["households"] == day.n_unobserved
    assert model.training_["unobserved"].tolist() == [day.n_unobserved]


def test_counted_they_make_the_base_rate_lower_and_a_warning_says_so(whole, thinned, tmp_path):
    """Who counts them reads that the risk may be too low; the card keeps how they were treated."""
    with pytest.warns(UnobservedWarning, match="may be too low"):
        model = RiskModel(classifier=SMALL, n_folds=2).fit(thinned, DAY, unobserved="count")
    assert model.unobserved_["at_risk"] == model.oof_metrics_["households"] == len(training_day(whole, DAY).outcome)
    again = load_model(save_model(model, tmp_path / "model"))
    assert again.unobserved_ == model.unobserved_
    assert f"{model.unobserved_['households']:,} have no record of any kind" in model_card(again, lang="en")
    assert "没有任何记录，按未发生计" in model_card(again)


def test_where_nothing_can_be_said_the_card_says_that():
    """Without a table that goes on, vanished households count as without the event; incomes are asked for otherwise."""
    facts = {"treated": "drop", "households": 0, "at_risk": 100, "told_by": []}
    assert "nothing tells who vanished" in unobserved_note(facts, "newly_monitored").shown("en")
    assert unobserved_note(facts, "below_line") is None
    assert unobserved_note(None, "newly_monitored") is None


def test_evaluate_leaves_them_out_and_counts_them(thinned):
    """Of the day forecast as well; each day is warned of once, whatever is fitted to it."""
    model = RiskModel(classifier=SMALL, n_folds=2)
    days, how = ["2020-12-31", DAY], {"models": {"small": model}, "baselines": (), "household_folds": 2}
    with pytest.warns(UnobservedWarning) as caught:
        result = evaluate(thinned, days, **how)
    assert len(caught) == 1
    left = result.folds["unobserved"].iloc[0]
    assert left > 50
    with pytest.warns(UnobservedWarning, match="may be too low"):
        counted = evaluate(thinned, days, unobserved="count", **how)
    assert counted.folds["test_households"].iloc[0] - result.folds["test_households"].iloc[0] == left
    assert pd.Series(counted.folds["test_events"]).equals(result.folds["test_events"])
