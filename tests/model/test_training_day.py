"""Past days to learn from: what was known then, and what is known of them on a later day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.asof.outcomes import TARGETS, outcomes
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.features import FEATURES, compute_features, make_references
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.training_day import training_day
from fanpin_risk.synthetic import make_register

DAY = "2021-12-31"


@pytest.fixture(scope="module")
def register():
    """A synthetic register with some dozens of events."""
    return make_register(2000, random_state=2)


def test_a_training_day_holds_features_and_outcomes_of_the_households_at_risk(register):
    """Rows, labels and days are those of compute_features and outcomes, in one order."""
    past = training_day(register, DAY)
    at_risk = outcomes(register, DAY)
    references = make_references(register, DAY)
    pd.testing.assert_frame_equal(past.references, references)
    every = compute_features(register, DAY, references=references).loc[at_risk.index]
    pd.testing.assert_frame_equal(past.table, every.drop(columns=[f.name for f in FEATURES if f.targets]))
    np.testing.assert_array_equal(past.outcome, at_risk["outcome"])
    np.testing.assert_array_equal(~np.isnat(past.event_on), at_risk["outcome"])
    assert (past.as_of, past.until) == (pd.Timestamp(DAY), pd.Timestamp("2022-12-31"))
    households = register.tables["households"].sort_values("valid_from").drop_duplicates("household_id", keep="last")
    code = households.set_index("household_id")["area_code"].reindex(past.table.index)
    assert past.area_code.tolist() == code.tolist()
    assert past.source == register.source


def test_outcomes_are_read_as_they_were_known_on_a_day(register):
    """What was recorded after that day is not seen, though it happened within the horizon."""
    late = register.tables["monitoring"]
    first = training_day(register, DAY)
    entered = late["household_id"].isin(first.table.index[first.outcome == 1]) & (late["identified_on"] > DAY)
    delayed = late.assign(recorded_at=late["recorded_at"].where(~entered, pd.Timestamp("2023-03-01")))
    then = type(register)({**register.tables, "monitoring": delayed}, supplied=register.supplied)
    assert first.outcome.sum() >= 10
    assert training_day(then, DAY, known_on="2022-12-31").outcome.sum() == 0
    np.testing.assert_array_equal(training_day(then, DAY, known_on=then.observed_until).outcome, first.outcome)
    with pytest.raises(NotEnoughDataError, match="observed until 2022-06-30"):
        training_day(register, DAY, known_on="2022-06-30")


def test_features_at_hand_are_taken(register):
    """Given features are used as they are and not computed again."""
    first = training_day(register, DAY)
    table = compute_features(register, DAY, references=first.references) * 0.0
    again = training_day(register, DAY, table=table, references=first.references)
    pd.testing.assert_frame_equal(again.table, first.table * 0.0)


def test_a_model_of_training_days_is_the_model_of_the_register(register):
    """Fitting on days at hand, in any order, gives to the bit what fitting on the register gives."""
    small = {"classifier": MonotoneBoosting(max_iter=20), "n_folds": 2}
    days = [DAY, "2022-12-31"]
    whole = RiskModel(**small).fit(register, days)
    parts = RiskModel(**small).fit_days([training_day(register, day) for day in days[::-1]])
    assert parts.fingerprint_ == whole.fingerprint_
    assert parts.synthetic_
    pd.testing.assert_frame_equal(parts.training_, whole.training_)
    with pytest.raises(SchemaError, match="days is empty"):
        RiskModel().fit_days([])


@pytest.mark.parametrize("target", TARGETS)
def test_only_forecasts_of_monitored_households_know_of_their_monitoring(target):
    """What the list of monitored households tells is on no training day of a forecast of who will stand there."""
    day = training_day(make_register(2000, random_state=1), "2022-12-31", target=target)
    of_monitored = {f.name: f.targets for f in FEATURES if f.targets}
    assert {name for name in of_monitored if name in day.table} == {
        name for name, targets in of_monitored.items() if target in targets
    }
    if target == "not_eliminated":
        assert day.table["months_monitored"].notna().all()
