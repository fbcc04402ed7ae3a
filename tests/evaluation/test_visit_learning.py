"""Models of an evaluation that learn from visits: held against a hidden truth, without knowing what came later."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.visit_learning import may_learn_from_visits, recorded_weights, with_visits

DAYS = ["2021-12-31", "2022-12-31"]
ALSO = "m+visits"


class Office(NamedTuple):
    """What an office knows, and what is true of its households."""

    register: fr.Register
    visits: pd.DataFrame
    need: pd.Series


def office_of(truth: fr.Register, seed: int) -> Office:
    """Two years of visits that mostly go where need is looked for; who is in need and not visited is hardly recognised."""
    rng = np.random.default_rng(seed)
    tables = {name: truth.tables[name] for name in truth.supplied}
    unknown: set[str] = set()
    rounds = []
    for day in DAYS:
        table = fr.outcomes(fr.Register(tables), day)["outcome"]
        need = table.astype(bool) | table.index.isin(unknown)
        chance = np.where(rng.random(len(need)) < np.where(need, 0.35, 0.05), 1.0, 0.15)
        seen = rng.random(len(need)) < chance
        rounds.append(
            pd.DataFrame(
                {
                    "household_id": need.index[seen], "on": pd.Timestamp(day) + pd.Timedelta(days=90),
                    "result": np.where(need[seen], "verified", "refuted"), "probability": chance[seen],
                }
            )
        )  # fmt: skip
        missed = need.index[need & ~seen & (rng.random(len(need)) < 0.8)]
        rows = tables["monitoring"]
        later = rows["household_id"].isin(missed) & (rows["identified_on"] > pd.Timestamp(day))
        tables["monitoring"] = rows[~later]
        unknown |= set(missed)
    return Office(fr.Register(tables, source=truth.source), pd.concat(rounds, ignore_index=True), need.astype(int))


def evaluated(office: Office, visits: pd.DataFrame | None) -> fr.Evaluation:
    """The newest day forecast by a model that is fitted in a second."""
    model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=40), place=False, n_folds=3, n_jobs=1)
    return fr.evaluate(office.register, DAYS, models={"m": model}, baselines=(), household_folds=1, visits=visits)


@pytest.fixture(scope="module")
def truth() -> fr.Register:
    """A register in which every event is on record."""
    return fr.make_register(2000, random_state=8, base_rate=0.1)


@pytest.fixture(scope="module")
def offices(truth) -> list[tuple[Office, fr.Evaluation]]:
    """Three offices of the same households, with other draws, and their evaluations."""
    found = [office_of(truth, seed) for seed in range(3)]
    return [(one, evaluated(one, one.visits)) for one in found]


def risks(result: fr.Evaluation, model: str) -> pd.Series:
    """The forecasts of a model."""
    rows = result.predictions[result.predictions["model"] == model]
    return rows.set_index("household_id")["risk"]


def test_learning_from_visits_brings_the_forecast_nearer_the_truth(offices):
    """Level and log loss against what is true of everybody are better in each office, twice the standard error from equal."""
    gains = []
    for office, result in offices:
        assert result.models == ["m", ALSO]
        alone, also = risks(result, "m"), risks(result, ALSO)
        need = office.need.reindex(alone.index).to_numpy()
        error = {name: abs(risk.mean() - need.mean()) for name, risk in (("m", alone), (ALSO, also))}
        loss = {
            name: -np.mean(np.where(need == 1, np.log(risk), np.log(1 - risk)))
            for name, risk in (("m", alone), (ALSO, also))
        }
        gains.append((error["m"] - error[ALSO], loss["m"] - loss[ALSO]))
    gains = np.array(gains)
    assert (gains.mean(axis=0) - 2 * gains.std(axis=0, ddof=1) / np.sqrt(len(gains)) > 0).all(), gains


def test_weighted_figures_hold_the_truth_and_others_do_not(offices):
    """The share in need and what a list finds, of both models: weighted nearer than unweighted and than the register."""
    held = {"weighted": 0, "unweighted": 0}
    far = {"weighted": 0.0, "unweighted": 0.0, "everybody": 0.0}
    for office, result in offices:
        found = pd.DataFrame(result.against_visits(n_bootstrap=100)).set_index(["model", "measure"])
        real = office.need.reindex(risks(result, "m").index).mean()
        for model in ("m", ALSO):
            for row in found.loc[(model, "base_rate")].to_dict("records"):
                if row["against"] == "register" and row["weighting"] != "everybody":
                    continue
                far[row["weighting"]] += abs(row["value"] - real)
                if row["weighting"] in held:
                    held[row["weighting"]] += row["low"] <= real <= row["high"]
    assert far["weighted"] < far["unweighted"] / 2
    assert far["weighted"] < far["everybody"] / 2
    assert held["weighted"] >= 4
    assert held["unweighted"] == 0


def test_it_tells_what_was_visited_how_and_whether_learning_helped(offices):
    """Visits at random and by list of the training days, shares, and the weighted comparison at the visited of later."""
    office, result = offices[0]
    (facts,) = result.visits_learnt.to_dict("records")
    first = office.visits[office.visits["on"] < "2022-12-31"]
    assert facts["learnt"]
    assert (facts["by_list"], facts["at_random"]) == tuple(
        int((first["probability"] == one).sum()) for one in (1.0, 0.15)
    )
    assert facts["visits"] == facts["by_list"] + facts["at_random"] > facts["effective"]
    assert facts["largest_weight"] > 1
    assert facts["known_later"] == len(office.visits) - len(first)
    assert facts["share_verified"] > facts["share_verified_weighted"] > facts["share_recognised"]
    assert set(facts["trees"].split(", ")) <= {"official", "visits", "both"}
    table = result.compare_at_visited(n_bootstrap=50).set_index("measure")
    assert table.loc["log_loss", "difference"] < 0, "above 0: the register alone is better"
    tables = result.tables(n_bootstrap=5)
    assert {"visits", "visits_learnt", "visits_comparison"} <= set(tables)
    assert set(tables["visits"]["model"]) == {"m", ALSO}
    assert {"visits", "visits_learnt", "visits_comparison"} <= set(result.summary(tables))


def test_what_came_later_changes_no_forecast(offices):
    """Results made, recorded or corrected after the day forecast are not learnt from; those recorded by then are."""
    office, result = offices[0]
    before = risks(result, ALSO)
    visits = office.visits.assign(seq=np.arange(1, len(office.visits) + 1), recorded_at=office.visits["on"])
    later = visits["on"] > "2022-12-31"
    turned = visits["result"].map({"verified": "refuted", "refuted": "verified"})
    lies = visits.assign(result=visits["result"].where(~later, turned))
    # What is corrected later stood as it was on the day: the number of the event that corrects it is that of one recorded later.
    lies["superseded_by"] = np.where(later, np.nan, len(lies) + 1)
    correction = (
        lies[~later].tail(1).assign(seq=len(lies) + 1, recorded_at=pd.Timestamp("2023-02-01"), superseded_by=np.nan)
    )
    lies = pd.concat([lies, correction], ignore_index=True)
    lies.loc[lies.index[-1], "on"] += pd.Timedelta(days=1)
    pd.testing.assert_series_equal(risks(evaluated(office, lies), ALSO), before)
    # Recorded only after the day: nothing was known, so there is no second model.
    late = visits.assign(recorded_at=pd.Timestamp("2023-01-01"))
    unknown = evaluated(office, late)
    assert unknown.models == ["m"]
    (facts,) = unknown.visits_learnt.to_dict("records")
    assert (facts["learnt"], facts["visits"], facts["known_later"], facts["note"]) == (
        False,
        0,
        len(late),
        "visits_none",
    )
    honest = visits.assign(result=visits["result"].where(later, turned))
    assert not np.allclose(risks(evaluated(office, honest), ALSO), before)


def test_without_visits_nothing_changes(offices):
    """The forecasts of the first model are the same to the bit, and there is nothing else."""
    office, result = offices[0]
    plain = evaluated(office, None)
    assert plain.models == ["m"]
    assert plain.visits_learnt is None
    pd.testing.assert_series_equal(risks(plain, "m"), risks(result, "m"), check_exact=True)
    assert not [name for name in plain.summary(n_bootstrap=0) if name.startswith("visits")]


def test_models_that_cannot_learn_from_visits_stand_alone(offices):
    """Other events and effects of places are not learnt from visits; a model may not take the name of one that is."""
    office, _ = offices[0]
    assert not may_learn_from_visits(fr.RiskModel(place=True))
    model = fr.RiskModel()
    with pytest.raises(SchemaError, match="rename them"):
        fr.evaluate(office.register, DAYS, models={"m": model, with_visits("m"): model}, visits=office.visits)


def test_weights_are_told_as_they_are():
    """One draw with a small probability: few visits would tell as much, and how many a model cuts."""
    probability = np.array([1.0] * 99 + [0.0001])
    labels = pd.DataFrame({"probability": probability, "weight": 1 / probability, "at_random": probability < 1})
    facts = recorded_weights(labels)
    assert (facts["visits"], facts["by_list"], facts["at_random"], facts["cut"]) == (100, 99, 1, 1)
    assert facts["largest_weight"] == pytest.approx(10000 / (10099 / 100))
    assert facts["effective"] < 2
