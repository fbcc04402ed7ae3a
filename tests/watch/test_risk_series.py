"""The risk of households day by day: each from what was on record on its day."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.watch.risk_series import quarter_ends

DAYS = ["2023-03-31", "2023-06-30", "2024-12-31"]


@pytest.fixture(scope="module")
def model():
    return fr.load_model("demo")


@pytest.fixture(scope="module")
def register():
    return fr.make_register(300, random_state=5)


@pytest.fixture(scope="module")
def series(model, register):
    return fr.risk_series(model, register, days=DAYS)


def test_each_day_holds_the_risks_of_the_scores(model, register, series):
    """One row for each household on record on a day, with the risk, tier and note that scoring gives on it."""
    for day in DAYS:
        scores = model.score(register, day, n_reasons=0).sort_values("household_id").reset_index(drop=True)
        own = series[series["as_of"] == pd.Timestamp(day)].reset_index(drop=True)
        assert own["household_id"].tolist() == scores["household_id"].tolist()
        for name in ("risk", "tier", "not_at_risk"):
            assert own[name].tolist() == scores[name].tolist(), name


def test_the_steps_lead_from_the_first_risk_to_the_last(series):
    """Log-odds of the last day are those of the first and all changes in between; the first day of each has no change."""
    for _, mine in series.groupby("household_id"):
        steps = mine["log_odds_change"]
        assert np.isnan(steps.iloc[0])
        first, last = logit(mine["risk"].iloc[[0, -1]])
        np.testing.assert_allclose(first + steps.iloc[1:].sum(), last, atol=1e-12)


def test_a_late_report_moves_no_earlier_day(model, register, series):
    """A bill of March that was reported in August changes the risk from August on, and not that of June."""
    household = series["household_id"].iloc[0]
    one = register.select([household])
    bill = {"member_id": one.tables["members"]["member_id"].iloc[0], "record_id": "R", "kind": "inpatient",
            "event_date": "2023-03-01", "total_cost_cny": 90_000.0, "out_of_pocket_cny": 80_000.0,
            "recorded_at": "2023-08-05"}  # fmt: skip
    medical = one.tables["medical"]
    row = pd.DataFrame([bill]).reindex(columns=medical.columns).astype(medical.dtypes)
    tables = {**one.tables, "medical": pd.concat([medical, row], ignore_index=True)}
    more = fr.Register(tables, source=one.source, supplied=one.supplied)
    days = ["2023-06-30", "2023-08-31"]
    with_bill, without = (fr.risk_series(model, of, days=days)["risk"].tolist() for of in (more, one))
    assert with_bill[0] == without[0]
    assert with_bill[1] > without[1]


def test_a_household_alone_is_the_same_as_among_all(model, register, series):
    """Asked alone it has the same rows, whatever the order of the days."""
    household = series["household_id"].iloc[-1]
    alone = fr.risk_series(model, register, days=DAYS[::-1], households=household)
    among = series[series["household_id"] == household].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among)


def test_without_days_the_quarters_up_to_the_last_record_are_taken(model, register):
    """Quarter-ends of three years, the last record's day at the end."""
    days = quarter_ends(register)
    assert days[-1] == register.observed_until
    household = register.tables["households"]["household_id"].iloc[0]
    series = fr.risk_series(model, register, households=household)
    assert set(series["as_of"]) <= set(days)


def test_what_is_no_model_no_day_or_no_household_is_refused(model, register):
    """Each with an error of its own, before anything is computed."""
    with pytest.raises(InputError, match="RiskModel"):
        fr.risk_series("demo", register)
    with pytest.raises(SchemaError, match="empty"):
        fr.risk_series(model, register, days=[])
    with pytest.raises(SchemaError):
        fr.risk_series(model, register, days=DAYS, households="nobody")
