"""Drift is seen and chance is not; a model's promise is held against what happened; the advice follows its rules.

Tests also model/profile.py, what drift compares with, and the steps of watching a model: evaluation/two_samples.py,
evaluation/judged_scores.py, evaluation/retraining.py and evaluation/model_in_use.py.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.evaluation import (
    drift,
    drift_report,
    performance,
    reference_profile,
    retrain_advice,
    two_sample_test,
)


@pytest.fixture(scope="module")
def before() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = 3000
    return pd.DataFrame(
        {
            "income": rng.lognormal(9, 0.6, n),
            "size": rng.integers(1, 6, n).astype(float),
            "flag": (rng.random(n) < 0.2).astype(float),
            "months": np.where(rng.random(n) < 0.3, np.nan, rng.integers(0, 24, n).astype(float)),
        },
        index=[f"h{i}" for i in range(n)],
    )


def again(seed: int, n: int = 3000) -> pd.DataFrame:
    """Draw another day from the same world."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "income": rng.lognormal(9, 0.6, n),
            "size": rng.integers(1, 6, n).astype(float),
            "flag": (rng.random(n) < 0.2).astype(float),
            "months": np.where(rng.random(n) < 0.3, np.nan, rng.integers(0, 24, n).astype(float)),
        },
        index=[f"n{i}" for i in range(n)],
    )


def test_the_index_is_that_of_its_definition():
    """Sum over the bins of (q - p) log(q / p), half a row added to each."""
    then = pd.DataFrame({"x": [0.0] * 60 + [1.0] * 30 + [np.nan] * 10})
    now = pd.DataFrame({"x": [0.0] * 20 + [1.0] * 20 + [np.nan] * 10})
    row = drift(then, now, fewest=5).iloc[0]
    p = (np.array([10, 60, 30]) + 0.5) / 101.5
    q = (np.array([10, 20, 20]) + 0.5) / 51.5
    assert row["psi"] == pytest.approx(((q - p) * np.log(q / p)).sum())
    assert (row["missing_before"], row["missing_after"]) == (0.1, 0.2)


def test_a_day_from_the_same_world_is_stable_and_below_chance(before):
    """Sampling alone must not ring; the quantile of chance is exceeded in one of twenty, not more."""
    found = pd.concat([drift(before, again(seed)) for seed in range(1, 26)])
    assert (found["level"] == "stable").all()
    assert (found["psi"] > found["chance"]).mean() < 0.12


def test_small_days_are_not_taken_for_drift(before):
    """With thirty households the index passes 0.1 by chance; the level says so."""
    found = pd.concat([drift(before, again(seed, 30)) for seed in range(1, 11)])
    assert (found["psi"] > 0.1).mean() > 0.3
    assert (found["level"] != "stable").mean() < 0.15


def test_a_shift_and_a_loss_of_values_are_seen(before):
    """A feature that moved and one that is no longer collected come first; what stayed is stable."""
    now = again(1)
    now["income"] *= 1.5
    now["months"] = now["months"].mask(np.arange(len(now)) % 2 == 0)
    found = drift(before, now).set_index("feature")
    assert found.loc[["income", "months"], "level"].tolist() == ["large", "large"]
    assert found.loc[["size", "flag"], "level"].tolist() == ["stable", "stable"]
    assert set(found.index[:2]) == {"income", "months"}


def test_a_feature_that_was_never_known_and_now_is_has_drifted(before):
    """New knowledge is a change as well, and an all-missing feature breaks nothing."""
    then = before.assign(new=np.nan)
    assert drift(then, again(1).assign(new=1.0)).iloc[0][["feature", "level"]].tolist() == ["new", "large"]
    assert drift(then, again(1).assign(new=np.nan)).set_index("feature").loc["new", "psi"] == 0.0


def test_a_profile_does_for_its_table_and_survives_a_file(before, tmp_path):
    """What travels with a model gives the same drift as the table it was made of."""
    profile = reference_profile(before)
    profile.to_csv(tmp_path / "profile.csv", index=False)
    read = pd.read_csv(tmp_path / "profile.csv")
    now = again(3).assign(size=3.0)
    pd.testing.assert_frame_equal(drift(read, now), drift(before, now))


def test_a_profile_shows_no_person(before):
    """Every bin holds twenty rows or more, and no limit is somebody's exact amount."""
    rare = before.assign(rare=np.r_[np.full(5, np.nan), np.full(5, 99.0), np.zeros(len(before) - 10)])
    profile = reference_profile(rare)
    assert (profile["share"] * profile["rows"] > 19.99).all()
    assert profile.groupby("feature")["share"].sum().tolist() == pytest.approx([1.0] * 5)
    limits = profile.loc[np.isfinite(profile["high"]) & (profile["feature"] == "income"), "high"]
    assert not np.isin(limits, before["income"]).any()
    assert len(profile) < 60


def test_scores_may_be_a_series():
    """A column of risks is compared like a table of one feature."""
    risk = pd.Series(np.linspace(0, 0.1, 500), name="risk")
    assert drift(risk, risk * 2).iloc[0][["feature", "level"]].tolist() == ["risk", "large"]


def test_what_cannot_be_compared_is_refused(before):
    """A missing column or an empty day is said, not passed over."""
    with pytest.raises(SchemaError, match="1 of 4 features are not in the current table: size"):
        drift(before, before.drop(columns="size"))
    with pytest.raises(NotEnoughDataError, match="no rows"):
        drift(before, before.iloc[:0])
    with pytest.raises(NotEnoughDataError, match="10 rows make no profile"):
        reference_profile(before.iloc[:10])
    with pytest.raises(SchemaError, match="bins is 0"):
        reference_profile(before, bins=0)


def test_trees_cannot_tell_two_days_of_one_world_apart(before):
    """The p-value is one: it is not small without a difference."""
    p = [two_sample_test(before, again(seed), rows=400).loc[0, "p_value"] for seed in range(1, 5)]
    assert min(p) > 0.01


def test_the_same_households_twice_are_not_told_apart(before):
    """Rows of one household on both days stay in one fold."""
    found = two_sample_test(before, before, rows=500)
    assert found.loc[0, "auc"] < 0.53


def test_a_change_between_features_is_seen_though_none_changed_alone(before):
    """What no single share shows: two features that used to be independent now go together."""
    now = again(1)
    now["size"] = np.sort(now["size"])[now["income"].rank(method="first").astype(int) - 1]
    found = two_sample_test(before, now, rows=1500)
    assert found.loc[0, "p_value"] < 1e-6
    assert (drift(before, now)["level"] == "stable").all()


def test_the_telling_feature_comes_first(before):
    """Whoever reads the test wants to know what changed, and which way."""
    found = two_sample_test(
        before, again(1).assign(flag=lambda t: t["flag"].where(t.index.str[-1] > "3", 1.0)), rows=800
    )
    assert found.loc[1, "feature"] == "flag"
    assert found.loc[1, "low"] > 0.5
    with pytest.raises(NotEnoughDataError, match="at least 50"):
        two_sample_test(before.iloc[:20], before)
    with pytest.raises(SchemaError, match="1 features are not"):
        two_sample_test(before, before.drop(columns="flag"))


# --- outcomes -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> tuple[fr.Register, pd.DataFrame]:
    """A register and the true risks of two days."""
    register, truth = fr.make_register(3000, random_state=1, base_rate=0.05, return_truth=True)
    days = pd.to_datetime(["2021-12-31", "2022-12-31"])
    return register, truth[truth["as_of"].isin(days) & truth["risk"].notna()].reset_index(drop=True)


def test_true_risks_keep_their_promise(world):
    """By day, with an interval, beside the promise: what is true is not called broken."""
    register, scores = world
    found = performance(scores, register, n_bootstrap=60, promised={"auc": 0.6, "base_rate": 0.05})
    assert found["as_of"].nunique() == 2
    kept = found.set_index("measure")["kept"]
    assert kept["auc"].all()
    assert kept["calibration_intercept"].all()
    assert kept["log_loss"].isna().all()
    assert retrain_advice(outcome=found)["verdict"] == "keep"


def test_risks_that_are_too_high_are_to_be_recalibrated(world):
    """The ranking is right, the level is not."""
    register, scores = world
    high = scores.assign(risk=(scores["risk"] * 3).clip(upper=0.99))
    found = performance(high, register, n_bootstrap=60, promised={"auc": 0.6})
    advice = retrain_advice(outcome=found)
    assert advice["verdict"] == "recalibrate"
    assert "too high" in advice["reasons_en"][0]
    assert "偏高" in advice["reasons_zh"][0]


def test_a_ranking_worse_than_promised_asks_for_training(world):
    """Worse than the card by more than its tolerance and beyond chance; that outweighs calibration."""
    register, scores = world
    rng = np.random.default_rng(0)
    shuffled = scores.assign(risk=rng.permutation(scores["risk"].to_numpy()))
    found = performance(shuffled, register, n_bootstrap=60, promised={"auc": 0.75})
    assert not found.set_index("measure").loc["auc", "kept"].any()
    assert retrain_advice(outcome=found)["verdict"] == "retrain"


def test_scores_must_be_scores(world):
    """What is missing is named."""
    with pytest.raises(SchemaError, match="no column risk"):
        performance(world[1].drop(columns="risk"), world[0])


def test_scores_of_a_household_given_twice_are_refused(world):
    """Two files of the same day joined would else end in words of pandas."""
    register, scores = world[0], world[1]
    with pytest.raises(SchemaError, match="rows of scores repeat a household on a day"):
        performance(pd.concat([scores, scores]), register)


# --- advice -------------------------------------------------------------------------------------------------------------


def test_before_outcomes_large_drift_asks_for_training_and_after_them_not(before, world):
    """Drift is a proxy: once the forecast itself is judged, it only explains."""
    register, scores = world
    moved = again(1).assign(income=lambda t: t["income"] * 3)
    found = drift(before, moved)
    assert retrain_advice(features=found)["verdict"] == "retrain"
    good = performance(scores, register, n_bootstrap=60, promised={"auc": 0.6})
    advice = retrain_advice(features=found, outcome=good)
    assert advice["verdict"] == "keep"
    assert "income" in advice["reasons_en"][0]


def test_a_feature_no_longer_collected_asks_for_training(before):
    """A model cannot use what is not there; the import is to be checked first."""
    advice = retrain_advice(features=drift(before, again(1).assign(flag=np.nan)))
    assert advice["verdict"] == "retrain"
    assert "check the import" in advice["reasons_en"][0]


def test_without_change_the_model_is_kept_and_says_so(before):
    """A reason is given in both languages even then; nothing at all to judge by is refused."""
    advice = retrain_advice(features=drift(before, again(1)), apart=two_sample_test(before, again(1), rows=300))
    assert advice["verdict"] == "keep"
    assert len(advice["reasons_zh"]) == len(advice["reasons_en"]) == 1
    assert retrain_advice(scores=drift(before, before))["reasons_en"] == ["no change worth mention was found."]
    with pytest.raises(SchemaError, match="nothing to judge by"):
        retrain_advice()


def test_a_day_far_beyond_the_records_is_refused(world):
    """Where nothing is on record there is nothing to judge, and no advice to keep the model."""
    register, _ = world
    model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=5), n_folds=2).fit(register, "2021-12-31")
    with pytest.raises(NotEnoughDataError, match="more than 3 months before 2030-12-31"):
        drift_report(model, register, "2030-12-31")


def test_a_day_before_the_newest_training_day_is_refused(world):
    """What was different before the training is no drift, and no reason to train anew."""
    register, _ = world
    model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=5), n_folds=2).fit(register, "2022-12-31")
    with pytest.raises(
        SchemaError, match="2020-12-31 lies before 2022-12-31, the newest day that the model learnt from"
    ):
        drift_report(model, register, "2020-12-31")
    assert drift_report(model, register, "2022-12-31", n_bootstrap=0).advice["verdict"] == "keep"


def test_advice_calls_features_by_the_name_of_the_language():
    """An office reads no codes; who trains the model looks for them."""
    rng = np.random.default_rng(0)
    past = pd.DataFrame({"income_to_line": rng.normal(size=1000), "household_size": rng.normal(size=1000)})
    now = past.assign(income_to_line=past["income_to_line"] + 3, household_size=np.nan)
    apart = two_sample_test(past, now.set_axis(range(1000, 2000)), rows=300)
    advice = retrain_advice(features=drift(past, now), apart=apart)
    assert not any(re.search("[a-z]{3}", reason) for reason in advice["reasons_zh"]), advice["reasons_zh"]
    assert any("income_to_line" in reason for reason in advice["reasons_en"])


@pytest.mark.parametrize("options", [{"bins": True}, {"fewest": True}])
def test_yes_is_no_number_of_bins(before, options):
    """Python counts True as 1; who writes it means something else."""
    with pytest.raises(SchemaError, match="is True; expected a whole number"):
        drift(before, before, **options)
