"""Who is found, what is done then, and the true risk behind it."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from fanpin_risk.synthetic import FIGURES

N = 20_000
YEARS = (2020, 2021, 2022, 2023, 2024)
LAST_DAY = pd.Timestamp("2024-12-31")


def test_help_begins_after_a_household_was_found(tables, identified):
    """Measures against a named risk start after the day on which the household was identified."""
    found = identified[["household_id", "identified_on"]]
    helped = tables["supports"]
    helped = helped[helped["for_cause"].notna()].drop_duplicates(["household_id", "start_date", "measure"])
    pairs = helped.merge(found, on="household_id")
    after = (pairs["start_date"] - pairs["identified_on"]).dt.days
    assert pairs[after.between(1, 60)].drop_duplicates(["household_id", "start_date", "measure"]).shape[0] == len(
        helped
    )


def test_households_are_taken_off_after_half_a_year(tables):
    """Nobody is taken off within six months, and households without any labour stay on the list."""
    off = tables["monitoring"].dropna(subset=["eliminated_on"])
    assert ((off["eliminated_on"] - off["identified_on"]).dt.days > 180).all()
    assert not off["no_labour_backstop"].any()


def test_base_rate_is_near_what_was_asked_for(identified):
    """In every year about 1.2 % of the households are newly monitored."""
    per_year = identified["identified_on"].dt.year.value_counts() / N
    assert per_year.loc[list(YEARS)].between(0.008, 0.015).all()


def test_truth_is_calibrated_and_best_auc_is_honest(made, identified):
    """The true risk meets what happened, and even it reaches an AUC of 0.75 to 0.85 only."""
    truth, found = made[1], identified
    free = truth.dropna(subset=["risk"])
    free = free[free["as_of"] < LAST_DAY]
    pairs = free.merge(found[["household_id", "identified_on"]], on="household_id")
    soon = (pairs["identified_on"] > pairs["as_of"]) & (
        pairs["identified_on"] <= pairs["as_of"] + pd.DateOffset(years=1)
    )
    entered = pairs[soon].drop_duplicates(["household_id", "as_of"]).set_index(["household_id", "as_of"]).index
    y = free.set_index(["household_id", "as_of"]).index.isin(entered)
    assert 0.75 < roc_auc_score(y, free["risk"]) < 0.85
    assert y.mean() == pytest.approx(free["risk"].mean(), rel=0.12)
    top = (free["risk"] > free["risk"].quantile(0.9)).to_numpy()
    assert y[top].mean() == pytest.approx(free["risk"][top].mean(), rel=0.20)
    assert y[~top].mean() == pytest.approx(free["risk"][~top].mean(), rel=0.20)


def test_truth_is_blank_for_the_monitored_and_dissolved(made, known_on):
    """Nobody on the list can newly enter it; there is one line for every household and day."""
    register, truth = made
    assert len(truth) == N * len(YEARS)
    assert truth["risk"].dropna().between(0, 1).all()
    day = pd.Timestamp("2022-12-31")
    risk = truth[truth["as_of"] == day].set_index("household_id")["risk"]
    listed = known_on(register.tables, "monitoring", day)
    listed = listed[listed["eliminated_on"].isna() & (listed["recorded_at"] < "2022-11-01")]
    still = register.tables["monitoring"].dropna(subset=["eliminated_on"])
    still = still[(still["eliminated_on"] > "2022-10-01") & (still["eliminated_on"] <= day)]
    listed = listed[~listed["household_id"].isin(still["household_id"])]
    assert len(listed) > 100
    assert risk.loc[listed["household_id"]].isna().all()
    assert risk.isna().mean() < 0.10


def test_monitored_households_are_like_the_published_figures(tables, identified):
    """Types, number of risks and the season of finding are as targeted."""
    found = identified
    types = 100 * found["type"].value_counts(normalize=True)
    for name, share in FIGURES["monitored_types"].value.items():
        assert types[name] == pytest.approx(share, abs=7.0)
    low, high = FIGURES["two_risks"].value
    assert low - 5 < 100 * found["risks"].str.contains(";").mean() < high + 5
    month = found["identified_on"].dt.month.value_counts(normalize=True)
    assert month[[9, 10, 11]].sum() > 1.4 * 3 / 12
    first = tables["households"].drop_duplicates("household_id").set_index("household_id")["register_status"]
    status = found["household_id"].map(first).astype("str")
    assert (status[found["type"] == "unstable_ex_poor"] == "ex_poor").all()
    assert (status[found["type"] == "edge"] == "general").all()
