"""Labels that only visits give: what they hide, and what random audit visits with weights bring back.

On the synthetic register the truth is known: every event is on record, whoever was visited.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.asof.outcomes import outcomes
from fanpin_risk.evaluation.between_groups import fairness
from fanpin_risk.evaluation.intervals import summarise
from fanpin_risk.synthetic import make_register

DAY = "2022-12-31"
CAPACITY = 0.1
MEASURES = ("base_rate", "exclusion_error", "inclusion_error", "auc")


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    """Forecasts, all outcomes, and whom the office went to see by a list of its own."""
    register, risks = make_register(4000, random_state=5, base_rate=0.1, return_truth=True)
    table = outcomes(register, DAY)
    true_risk = risks[risks["as_of"] == DAY].set_index("household_id")["risk"].reindex(table.index).to_numpy()
    home = register.tables["households"].drop_duplicates("household_id").set_index("household_id")
    rng = np.random.default_rng(6)
    logit = np.log(true_risk / (1 - true_risk))
    # The forecast and the office's own list know the risk, each with errors of its own.
    forecast = 1 / (1 + np.exp(-(logit + rng.normal(0, 0.5, len(table)))))
    seen = logit + rng.normal(0, 1.0, len(table))
    return pd.DataFrame(
        {
            "model": "m",
            "household_id": table.index,
            "cluster": home["area_code"].reindex(table.index).to_numpy(),
            "outcome": table["outcome"].to_numpy().astype(int),
            "risk": forecast,
            "true_risk": true_risk,
            "visited": seen >= np.quantile(seen, 0.8),
            "group": home["register_status"].astype("str").reindex(table.index).to_numpy(),
        }
    )


def estimates(rows: pd.DataFrame, n_bootstrap: int = 200) -> pd.DataFrame:
    """Value and interval of each measure."""
    table = summarise(rows, measures=MEASURES, capacity=CAPACITY, n_bootstrap=n_bootstrap)
    return pd.DataFrame(table).set_index("measure")


def audited(truth: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Random audit visits: eight in ten of the fifth forecast highest, 15 % of the others; their labels are complete."""
    chance = np.where(truth["risk"] >= truth["risk"].quantile(0.8), 0.8, 0.15)
    drawn = np.random.default_rng(seed).random(len(truth)) < chance
    return truth.assign(weight=1 / chance)[drawn]


def covers(table: pd.DataFrame, name: str, value: float) -> bool:
    """Whether the interval of a measure holds a value."""
    return bool(table.loc[name, "low"] <= value <= table.loc[name, "high"])


def test_the_truth_is_known(truth):
    """Events come at the true risk, so estimates can be held against it."""
    spread = np.sqrt((truth["true_risk"] * (1 - truth["true_risk"])).sum())
    assert abs(truth["outcome"].sum() - truth["true_risk"].sum()) < 3 * spread


def test_unvisited_taken_as_safe_hides_events(truth):
    """Who was not visited was not entered: read as "no event", rate and misses are too low beyond their interval."""
    real = estimates(truth, n_bootstrap=0)["value"]
    naive = estimates(truth.assign(outcome=truth["outcome"] * truth["visited"]))
    for name in ("base_rate", "exclusion_error"):
        assert naive.loc[name, "high"] < real[name], name


def test_visited_only_are_not_everyone(truth):
    """Measured on visited households alone, the rate is too high beyond its interval."""
    real = estimates(truth, n_bootstrap=0)["value"]
    naive = estimates(truth[truth["visited"]])
    assert naive.loc["base_rate", "low"] > real["base_rate"]


def test_audit_visits_without_weights_mislead(truth):
    """An audit that prefers high risks must be weighted: without weights its rate is too high."""
    real = estimates(truth, n_bootstrap=0)["value"]
    assert estimates(audited(truth, 0).drop(columns="weight")).loc["base_rate", "low"] > real["base_rate"]


def test_weighted_audit_visits_bring_the_truth_back(truth):
    """Weighted by one over the chance to be drawn, audits are right on average and their intervals hold the truth."""
    real = estimates(truth, n_bootstrap=0)["value"]
    audits = [estimates(audited(truth, seed), n_bootstrap=100) for seed in range(20)]
    for name in MEASURES:
        values = np.array([audit.loc[name, "value"] for audit in audits])
        assert abs(values.mean() - real[name]) < 3 * values.std(ddof=1) / np.sqrt(len(values)) + 0.01, name
        assert sum(covers(audit, name, real[name]) for audit in audits) >= 17, name


def test_fairness_takes_the_weights(truth):
    """The audit of groups, too, finds the truth of each group from weighted visits."""
    real = fairness(truth, "group", capacity=CAPACITY, n_bootstrap=0).set_index(["group", "measure"])["value"]
    found = fairness(audited(truth, 1), "group", capacity=CAPACITY, n_bootstrap=100).set_index(["group", "measure"])
    for key in (("ex_poor", "base_rate"), ("general", "base_rate"), ("all", "exclusion_error"), ("ex_poor", "visited")):
        assert found.loc[key, "low"] <= real[key] <= found.loc[key, "high"], key


def test_help_that_works_looks_like_a_false_alarm(truth):
    """Helped households relapse less: the forecast of the risk without help then seems too high.

    Weights do not change this. They bring back what happened, not what would have happened without help.
    """
    luck = np.random.default_rng(8).random(len(truth))
    without = truth.assign(outcome=(luck < truth["true_risk"]).astype(int), risk=truth["true_risk"])
    helped = truth["visited"].to_numpy()
    with_help = without.assign(outcome=(luck < truth["true_risk"] * np.where(helped, 0.4, 1.0)).astype(int))
    assert covers(estimates(without), "base_rate", without["risk"].mean())
    assert estimates(with_help).loc["base_rate", "high"] < without["risk"].mean()
    happened, otherwise = with_help["outcome"].mean(), without["outcome"].mean()
    assert covers(estimates(audited(with_help, 2)), "base_rate", happened)
    audits = [audited(with_help, seed) for seed in range(60)]
    rates = np.array([np.average(audit["outcome"], weights=audit["weight"]) for audit in audits])
    error = 3 * rates.std(ddof=1) / np.sqrt(len(rates))
    assert abs(rates.mean() - happened) < error < otherwise - rates.mean()
