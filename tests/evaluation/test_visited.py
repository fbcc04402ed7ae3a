"""Scores held against visits: weighted figures are nearer the truth than unweighted ones, and say of whom they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.evaluation.visited import evaluate_visits

DAY = "2022-12-31"
MEASURES = ("base_rate", "auc", "average_precision", "recall", "calibration_intercept")
SEEDS = 12


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    """Households at risk with their true risk, need, forecast and the register's own list, which prefers some."""
    register, risks = fr.make_register(6000, random_state=5, base_rate=0.1, return_truth=True)
    table = fr.outcomes(register, DAY)
    risk = risks[risks["as_of"] == DAY].set_index("household_id")["risk"].reindex(table.index).to_numpy()
    rng = np.random.default_rng(6)
    logit = np.log(risk / (1 - risk))
    forecast = 1 / (1 + np.exp(-(logit + rng.normal(0, 0.6, len(table)))))
    return pd.DataFrame(
        {
            "household_id": table.index,
            "as_of": DAY,
            "risk": forecast,
            "need": table["outcome"].to_numpy().astype(int),
            "seen_first": logit + rng.normal(0, 1.0, len(table)),
        }
    )


def round_of_visits(truth: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Visit the tenth that the office ranks highest, and one in eight of the others at random."""
    chance = np.where(truth["seen_first"] >= truth["seen_first"].quantile(0.9), 1.0, 0.125)
    drawn = np.random.default_rng(seed).random(len(truth)) < chance
    result = np.where(truth["need"] == 1, "verified", "refuted")
    return truth[["household_id"]].assign(on="2023-05-01", result=result, probability=chance)[drawn]


def figures(truth: pd.DataFrame, visits: pd.DataFrame, **how) -> pd.DataFrame:
    """Values and intervals by weighting and measure."""
    scores = truth[["household_id", "as_of", "risk"]]
    found = evaluate_visits(scores, visits, measures=MEASURES, capacity=0.1, **({"n_bootstrap": 100} | how))
    return pd.DataFrame(found).set_index(["weighting", "measure"])


@pytest.fixture(scope="module")
def real(truth) -> pd.Series:
    """Figures if everybody had been visited."""
    census = truth[["household_id"]].assign(
        on="2023-05-01", result=np.where(truth["need"] == 1, "verified", "refuted"), probability=1.0
    )
    return figures(truth, census, n_bootstrap=0).loc["unweighted", "value"]


@pytest.fixture(scope="module")
def rounds(truth) -> list[pd.DataFrame]:
    """Figures of a round of visits, for several draws."""
    return [figures(truth, round_of_visits(truth, seed)) for seed in range(SEEDS)]


@pytest.mark.parametrize("measure", MEASURES)
def test_weighted_figures_are_right_on_average(rounds, real, measure):
    """The mean over draws is the truth up to its own error, and most intervals hold it."""
    values = np.array([one.loc[("weighted", measure), "value"] for one in rounds])
    error = 3 * values.std(ddof=1) / np.sqrt(SEEDS)
    assert abs(values.mean() - real[measure]) < error + 0.01
    held = [
        one.loc[("weighted", measure), "low"] <= real[measure] <= one.loc[("weighted", measure), "high"]
        for one in rounds
    ]
    assert sum(held) >= SEEDS - 3


@pytest.mark.parametrize("measure", ["base_rate", "average_precision", "recall"])
def test_weighted_figures_are_nearer_the_truth_than_unweighted(rounds, real, measure):
    """Over the draws the distance to the truth is less with weights; without, most intervals miss it."""
    far = {
        weighting: np.array([abs(one.loc[(weighting, measure), "value"] - real[measure]) for one in rounds])
        for weighting in ("weighted", "unweighted")
    }
    gain = far["unweighted"] - far["weighted"]
    assert gain.mean() - 2 * gain.std(ddof=1) / np.sqrt(SEEDS) > 0
    missed = [
        not one.loc[("unweighted", measure), "low"] <= real[measure] <= one.loc[("unweighted", measure), "high"]
        for one in rounds
    ]
    assert sum(missed) >= SEEDS - 3


def test_it_says_who_was_visited_and_compares_with_recognition(truth):
    """By list and at random are counted; recognition is measured of the visited and of everybody."""
    visits = round_of_visits(truth, 0)
    scores = truth.rename(columns={"need": "outcome"})
    found = evaluate_visits(scores, visits, measures=["base_rate"], n_bootstrap=50)
    assert found[["against", "weighting"]].to_numpy().tolist() == [
        ["visits", "weighted"],
        ["visits", "unweighted"],
        ["register", "weighted"],
        ["register", "unweighted"],
        ["register", "everybody"],
    ]
    assert set(found["at_random"]) == {int((visits["probability"] < 1).sum())}
    assert found.attrs["by_list"] + found.attrs["at_random"] == len(visits)
    everybody = found.iloc[-1]
    assert everybody["value"] == pytest.approx(truth["need"].mean())
    assert np.isnan(everybody["low"])
    assert found.iloc[0]["effective"] < len(visits)


def test_a_register_gives_the_recognition(truth):
    """With register= the outcomes of the day are the recognition, in whatever order the scores come."""
    register = fr.make_register(6000, random_state=5, base_rate=0.1)
    scores = truth[["household_id", "risk"]].sample(frac=1, random_state=1)
    found = evaluate_visits(
        scores, round_of_visits(truth, 0), as_of=DAY, register=register, measures=["base_rate", "auc"], n_bootstrap=0
    )
    own = evaluate_visits(
        truth.rename(columns={"need": "outcome"}),
        round_of_visits(truth, 0),
        measures=["base_rate", "auc"],
        n_bootstrap=0,
    )
    pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(own))


def test_recall_is_of_the_list_among_all_scored(truth):
    """Who would be on the list is decided among everybody, not among the visited."""
    one = truth.nlargest(200, "risk")
    visits = one[["household_id"]].assign(
        on="2023-05-01", result=np.where(one["need"] == 1, "verified", "refuted"), probability=1.0
    )
    found = evaluate_visits(
        truth[["household_id", "risk", "as_of"]], visits, measures=["recall"], capacity=200, n_bootstrap=0
    )
    assert found["value"].tolist() == [1.0, 1.0]


def test_small_cells_are_not_shown(truth):
    """Few visits have neither figures nor counts, only the reason."""
    found = evaluate_visits(truth[["household_id", "risk", "as_of"]], round_of_visits(truth, 0).head(30))
    assert found["value"].isna().all()
    assert found[["households", "events", "at_random"]].isna().all(axis=None)
    assert found["note"].str.startswith("suppressed").all()


def test_what_cannot_be_measured_is_refused(truth):
    """Scores without a day, of households twice, or visits to other households."""
    visits = round_of_visits(truth, 0)
    with pytest.raises(SchemaError, match="as_of"):
        evaluate_visits(truth[["household_id", "risk"]], visits)
    with pytest.raises(SchemaError, match="twice"):
        evaluate_visits(pd.concat([truth, truth]), visits)
    with pytest.raises(NotEnoughDataError, match="how their ids are written"):
        evaluate_visits(truth, visits.assign(household_id="x" + visits["household_id"]))


def test_an_evaluation_takes_visits():
    """evaluate(visits=) holds its forecasts against them on each day that visits followed, and shows the table."""
    register = fr.make_register(2500, random_state=1, base_rate=0.1)
    need = fr.outcomes(register, "2023-12-31")["outcome"]
    visits = pd.DataFrame(
        {
            "household_id": need.index, "on": "2024-05-01", "probability": np.where(np.arange(len(need)) % 2, 0.5, 1.0),
            "result": np.where(need, "verified", "refuted"),
        }
    )  # fmt: skip
    model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2)
    result = fr.evaluate(
        register, ["2021-12-31", "2022-12-31", "2023-12-31"], models={"m": model}, baselines=(), household_folds=1, visits=visits
    )  # fmt: skip
    found = result.against_visits(n_bootstrap=20)
    assert found["fold"].unique().tolist() == ["2023-12-31"]
    assert {"weighted", "unweighted", "everybody"} == set(found["weighting"])
    with pytest.raises(SchemaError, match="visits="):
        fr.Evaluation(
            **{name: getattr(result, name) for name in result.__dataclass_fields__} | {"visits": None}
        ).against_visits()


def test_weights_of_which_few_decide_are_named_and_not_cut(truth):
    """One household drawn with one in ten thousand: how heavy it is stands in the table and its note; else there is none."""
    scores, visits = truth[["household_id", "risk", "as_of"]], round_of_visits(truth, 0)
    even = evaluate_visits(scores, visits, measures=["base_rate"], n_bootstrap=0)
    assert even["note"].tolist() == ["", ""]
    assert even["largest_weight"].iloc[0] == pytest.approx(8 / (1 / visits["probability"]).mean())
    chance = visits["probability"].where(np.arange(len(visits)) != 0, 1e-2)
    found = evaluate_visits(scores, visits.assign(probability=chance), measures=["base_rate"], n_bootstrap=0)
    weight = 1 / chance
    assert found["largest_weight"].iloc[0] == pytest.approx(100 / weight.mean())
    assert found["note"].iloc[0].startswith("uneven_weights:")
    assert found["note"].iloc[1] == ""
    assert found["value"].iloc[0] == pytest.approx(np.average(visits["result"].eq("verified"), weights=weight))
