"""RiskModel: what it learns from, that nothing but a household's own records moves its score, and calibration.

Tests what the class is made of as well, through the class: model/dated_references.py, model/days_and_households.py,
model/display.py, model/fingerprint.py, model/fitting.py, model/folds.py, model/metadata_routing.py,
model/model_explanation.py, model/parameters.py and model/score_table.py.
"""

from __future__ import annotations

import gc
import warnings
import weakref

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.errors import FeatureMismatchError, NotEnoughDataError, OtherLagWarning, SchemaError
from fanpin_risk.evaluation import drift
from fanpin_risk.features import FEATURES, feature_named
from fanpin_risk.model import fitting
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.folds import deal
from fanpin_risk.model.parameters import chosen_features, unfitted_classifier
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import in_words
from fanpin_risk.model.training_day import training_day
from fanpin_risk.records.register import Register
from fanpin_risk.synthetic import make_register
from fanpin_risk.tree_shap import tree_shap

DAYS = ["2021-12-31", "2022-12-31"]
DAY = "2023-12-31"
ASKED_EVERYWHERE = [f for f in FEATURES if not f.optional]
SMALL = {"classifier": MonotoneBoosting(max_iter=30, max_depth=3), "n_folds": 2}


@pytest.fixture(scope="module")
def register() -> Register:
    """A synthetic register, large enough for some dozens of events."""
    return make_register(2500, random_state=0)


@pytest.fixture(scope="module")
def model(register) -> RiskModel:
    """One fitted model for all tests."""
    return RiskModel(**SMALL).fit(register, DAYS)


@pytest.fixture(scope="module")
def folds() -> list:
    """For each fold of `raw`: the household of every row, which rows were held out and which decided when to stop."""
    return []


@pytest.fixture(scope="module")
def raw(register, folds) -> RiskModel:
    """The same without recalibration, fitted under observation."""

    def watched(part, k):
        folds.append((part.table.index, part.fold == k, part.stop == k % fitting.VALIDATION_PARTS))
        return fit_fold(part, k)

    fit_fold = fitting.fit_fold
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "fit_fold", watched)
        return RiskModel(**SMALL, recalibration=None).fit(register, DAYS)


@pytest.fixture(scope="module")
def scores(model, register) -> pd.DataFrame:
    """Its scores with reasons."""
    return model.score(register, DAY)


def shuffled(register: Register) -> Register:
    """Return the register with the rows of every table in another order."""
    tables = {name: frame.sample(frac=1, random_state=7, ignore_index=True) for name, frame in register.tables.items()}
    return Register(tables, supplied=register.supplied, source=register.source)


def test_scores_have_the_declared_columns(scores, model, register):
    """A score has the household, day, risk, tier, cause, reasons with contributions, monitored and model."""
    expected = ["household_id", "as_of", "risk", "risk_low", "risk_high", "tier"]
    expected += ["rules", "rules_unknown", "type_suggested", "signals", "rule_reason", "known", "enough_known"]
    expected += ["known_of_all", "little_known", "doubts"]
    expected += ["cause", "cause_2", "cause_3", "income_state"]
    expected += [f"{kind}_{k}" for k in (1, 2, 3) for kind in ("reason", "contribution")]
    expected += ["monitored", "at_risk", "not_at_risk", "area_code", "area_name", "model"]
    assert scores.columns.tolist() == expected
    assert scores["risk"].dtype == "float64"
    assert scores["risk"].between(0, 1).all()
    assert scores["tier"].cat.categories.tolist() == ["low", "medium", "high"]
    assert set(scores["model"]) == {f"fanpin-risk:{model.fingerprint_}"}
    assert scores["household_id"].is_monotonic_increasing
    assert scores["reason_1"].notna().all()
    areas = register.tables["households"].drop_duplicates("household_id").set_index("household_id")["area_code"]
    assert scores["area_code"].tolist() == areas[scores["household_id"]].tolist()


def test_who_is_not_at_risk_is_marked(register, model, scores):
    """A risk of somebody monitored, or below the line already, is no forecast: the columns say so, and why."""
    assert (scores["at_risk"] == ~scores["monitored"].astype(bool)).all()
    assert (scores["not_at_risk"] == np.where(scores["monitored"], "monitored", "")).all()
    falls = RiskModel(classifier=MonotoneBoosting(max_iter=5), n_folds=2, target="below_line").fit(
        register, "2021-12-31"
    )
    below = falls.score(register, DAY, n_reasons=0).set_index("household_id")
    line = model.features_of(register, DAY)["income_to_line"]
    expected = np.select(
        [below["monitored"], line.isna(), line < 1], ["monitored", "no_income_before", "already_below_line"], ""
    )
    assert (below["not_at_risk"] == expected).all()
    assert {"already_below_line", "monitored", ""} <= set(expected)
    assert set(in_words(below.reset_index())["not_at_risk"]) >= {"当日已低于监测线", ""}


def test_scored_and_unscored_are_all_households(scores, register, model):
    """Every household of the register is scored, or listed with the reason why not."""
    ids = set(register.tables["households"]["household_id"])
    unscored = model.unscored(register, DAY)
    assert sorted([*scores["household_id"], *unscored["household_id"]]) == sorted(ids)
    early = model.score(register, "1990-01-01", explain=False)
    assert len(early) == 0
    left = model.unscored(register, "1990-01-01")
    assert set(left["reason"]) == {"not_on_record"}
    assert len(left) == len(ids)
    assert len(model.score(register, "1990-01-01")) == 0


def test_dissolved_households_are_unscored(register, model, scores):
    """A household dissolved by the day is not scored but counted, with that reason."""
    household = scores["household_id"].iloc[5]
    tables = dict(register.tables)
    frame = tables["households"].copy()
    frame.loc[frame["household_id"] == household, "valid_to"] = pd.Timestamp("2023-06-01")
    tables["households"] = frame
    smaller = Register(tables, supplied=register.supplied)
    again = model.score(smaller, DAY, explain=False)
    assert household not in again["household_id"].tolist()
    unscored = model.unscored(smaller, DAY).set_index("household_id")["reason"]
    assert unscored[household] == "dissolved"


def test_a_household_alone_scores_as_in_its_county(register, model, scores):
    """Risk, contributions and reasons of a household alone equal to the bit those in the batch."""
    for household in scores["household_id"].iloc[[0, 17, len(scores) - 1]]:
        alone = model.score(register.select([household]), DAY)
        batch = scores[scores["household_id"] == household].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, batch, check_exact=True)


def test_what_is_recorded_after_the_day_changes_nothing(register, model, scores):
    """Scores of a day are the same to the bit from a register cut off on that day."""
    tables = {name: frame[~(frame["recorded_at"] > DAY)] for name, frame in register.tables.items()}
    cut = Register({name: frame.reset_index(drop=True) for name, frame in tables.items()}, supplied=register.supplied)
    pd.testing.assert_frame_equal(model.score(cut, DAY), scores, check_exact=True)


def test_fit_is_a_function_of_the_content(register, model):
    """Another order of rows or days, or another number of threads, gives the same model to the bit."""
    again = RiskModel(**SMALL, n_jobs=1).fit(shuffled(register), DAYS[::-1])
    assert again.fingerprint_ == model.fingerprint_
    assert again.oof_metrics_ == model.oof_metrics_


def test_fit_stays_in_its_process_whatever_joblib_is_set_to(register, model, monkeypatch):
    """Folds share the table in threads; processes would copy it, and lose scikit-learn's own settings."""
    fit_fold, here = fitting.fit_fold, []
    monkeypatch.setattr(fitting, "fit_fold", lambda *task, **how: here.append(True) or fit_fold(*task, **how))
    with parallel_config(backend="loky", n_jobs=2):
        again = RiskModel(**SMALL).fit(register, DAYS)
    assert here == [True, True]
    assert again.fingerprint_ == model.fingerprint_


def test_fingerprint_tells_models_apart(model, raw):
    """Another recalibration of the same trees has another fingerprint."""
    assert raw.classifier_.to_arrays()["value"].tobytes() == model.classifier_.to_arrays()["value"].tobytes()
    assert raw.fingerprint_ != model.fingerprint_


def test_training_is_told_per_day(model):
    """Households at risk, events and those left out are kept per training day and add up."""
    assert [str(day.date()) for day in model.training_.index] == DAYS
    assert model.training_["households"].sum() == model.oof_metrics_["households"]
    assert model.training_["events"].sum() == model.oof_metrics_["events"] >= 20
    assert model.base_rate_ == model.oof_metrics_["base_rate"]
    assert (model.training_.drop(columns="until").sum(axis=1) - model.training_["events"] == 2500).all()


def test_model_beats_the_base_rate_out_of_fold(model):
    """On households that the trees never saw, the risk is better than the base rate."""
    metrics = model.oof_metrics_
    assert metrics["auc"] > 0.6
    assert metrics["average_precision"] > 1.5 * metrics["base_rate"]
    assert metrics["log_loss"] < metrics["log_loss_base"]
    assert metrics["brier"] < metrics["brier_base"]


def test_constraints_come_from_the_declarations(model):
    """The trees obey what the features declare, and use all model features in order by default."""
    assert model.feature_names_in_.tolist() == [f.name for f in ASKED_EVERYWHERE]
    assert model.classifier_.monotonic_cst_.tolist() == [f.monotone for f in ASKED_EVERYWHERE]


def test_categories_come_from_the_declarations(model):
    """The trees split the declared categories, and only them, by sets of codes; one's own choice is kept."""
    categories = [f.name for f in ASKED_EVERYWHERE if f.unit == "category"]
    assert model.classifier_.get_params()["categorical_features"] == categories
    assert model.classifier_.is_categorical_.tolist() == [f.unit == "category" for f in ASKED_EVERYWHERE]
    own = RiskModel(classifier=MonotoneBoosting(categorical_features=["ex_poor"]))
    assert unfitted_classifier(own.classifier, FEATURES, own.random_state).categorical_features == ["ex_poor"]


def test_what_only_some_registers_know_is_learnt_from_only_there(register, model):
    """A register that asks no more gets the same trees as if nothing more could be asked; one value is enough to ask."""
    named = RiskModel(**SMALL, features=[f.name for f in ASKED_EVERYWHERE]).fit(register, DAYS)
    table = model.features_of(register, DAY)
    assert named.risk_of(table).tobytes() == model.risk_of(table).tobytes()
    asked = table.assign(dwelling_tenure=[1.0, *[np.nan] * (len(table) - 1)])
    names = [f.name for f in chosen_features(None, [table, asked])]
    assert names == [*(f.name for f in ASKED_EVERYWHERE), "dwelling_tenure"]
    assert [f.name for f in chosen_features(["n_assets", "head_age"], [table])] == ["n_assets", "head_age"]


def test_a_choice_of_features_and_a_recalibration_that_fails(register, monkeypatch):
    """A model can use some features only, with constraints of one's own; a failed recalibration is warned of."""
    names = [FEATURES[3].name, FEATURES[0].name]
    own = MonotoneBoosting(max_iter=10, early_stopping=False, monotonic_cst={}, random_state=5)
    small = clone(RiskModel(features=names, classifier=own, n_folds=2, lines=MonitoringLines()))
    assert not hasattr(small, "classifier_")
    monkeypatch.setattr(
        "fanpin_risk.model.risk_model.logistic_recalibration", lambda _margin, _y, _weight: (1.0, 0.0, "not_converged")
    )
    seen = []
    with pytest.warns(UserWarning, match="the recalibration did not converge"):
        small.fit(register, DAYS[1], progress=lambda done, total, _what: seen.append((done, total)))
    assert small.recalibration_note_ == "not_converged"
    assert seen == [(done, 4) for done in range(5)]
    assert small.feature_names_in_.tolist() == names
    assert small.classifier_.monotonic_cst_.tolist() == [0, 0]
    assert small.classifier_.random_state == 5
    assert small.n_trees_ == 10


def test_explanation_adds_up_to_the_score(register, model, scores):
    """Contributions and base value add up to the calibrated log-odds that are reported."""
    explanation = model.explain(register, DAY)
    margin = explanation.margin
    assert explanation.household_ids.tolist() == scores["household_id"].tolist()
    np.testing.assert_allclose(margin, logit(scores["risk"]), rtol=0, atol=1e-9)


def test_explain_some_households(register, model, scores):
    """Households are explained in the order asked for, with the same values as in a batch."""
    batch = scores["household_id"].iloc[:20].tolist()
    ids = [batch[9], batch[2]]
    some = model.explain(register, DAY, ids)
    assert some.household_ids.tolist() == ids
    values = [model.explain(register, DAY, asked).values for asked in (ids, batch, ids[0])]  # noqa: PD011
    assert values[0].tobytes() == values[1][[9, 2]].tobytes()
    assert values[0][:1].tobytes() == values[2].tobytes()
    with pytest.raises(SchemaError, match="1 of 2 household ids are not in the register"):
        model.explain(register, DAY, [ids[0], "nobody"])
    with pytest.raises(SchemaError, match="1 of 1 households are not on record on 1990-01-01"):
        model.explain(register, "1990-01-01", ids[0])


def test_score_without_reasons(register, model, scores):
    """Reasons can be left out; the risk is the same."""
    plain = model.score(register, DAY, explain=False)
    expected = [
        name
        for name in scores.columns
        if not name.startswith(("cause", "income_state", "reason", "rule_reason", "contribution"))
    ]
    assert plain.columns.tolist() == expected
    assert plain["risk"].to_numpy().tobytes() == scores["risk"].to_numpy().tobytes()


def test_risk_and_contributions_come_from_one_pass(register, model, scores, monkeypatch):
    """The risk is to the bit what the contributions add up to, and after the first rows no tree is walked for it."""
    explanation = model.explain(register, DAY)
    np.testing.assert_array_equal(explanation.risk, scores["risk"])
    walked = []
    predict = model.classifier_.boosting_._raw_predict
    monkeypatch.setattr(
        model.classifier_.boosting_, "_raw_predict", lambda X, **how: walked.append(len(X)) or predict(X, **how)
    )
    assert len(model.score(register, DAY)) > sum(walked) == tree_shap.ROWS_CHECKED


def test_scoring_part_by_part_gives_its_memory_back_at_once(register, model, monkeypatch):
    """Not when Python next looks for objects that hold each other: by then a worker holds several partitions."""
    held = []
    snapshot = model._snapshot

    def kept(*arguments):
        here = snapshot(*arguments)
        held.append(weakref.ref(here.incomes))
        return here

    monkeypatch.setattr(model, "_snapshot", kept)
    gc.disable()
    try:
        scores, unscored, explanation = model.score_all(register, DAY)
        assert held[0]() is None
    finally:
        gc.enable()
    assert len(scores) == len(explanation.values)
    assert set(unscored["household_id"]).isdisjoint(scores["household_id"])


def test_every_risk_has_an_interval(model, scores):
    """The interval holds the risk, rises with it, and is as wide in log-odds as the model learnt that years differ."""
    assert ((scores["risk_low"] < scores["risk"]) & (scores["risk"] < scores["risk_high"])).all()
    ranked = scores.sort_values("risk")
    assert ranked["risk_low"].is_monotonic_increasing
    assert ranked["risk_high"].is_monotonic_increasing
    width = logit(scores["risk_high"]) - logit(scores["risk_low"])
    np.testing.assert_allclose(width, 2 * model.interval_.half_width, rtol=1e-9)
    assert model.interval_.observed_years == 1


def test_households_with_thin_records_are_told_apart(register, model, scores):
    """Without its incomes and people a household is still scored, but not enough is known of it."""
    assert scores["known"].between(0, 1).all()
    assert scores["enough_known"].mean() > 0.97
    some = scores.loc[scores["enough_known"], "household_id"].head(5)
    thin = register.select(some)
    thin.tables["incomes"] = thin.tables["incomes"].iloc[:0]
    thin.tables["members"] = thin.tables["members"].iloc[:0]
    again = model.score(thin, DAY)
    assert len(again) == 5
    assert not again["enough_known"].any()
    assert (again["known"] < scores.set_index("household_id").loc[again["household_id"], "known"].to_numpy()).all()


def test_reasons_in_english_and_their_number(register, model):
    """The number of reasons and their language are chosen."""
    some = register.select(register.tables["households"]["household_id"].unique()[:5])
    scored = model.score(some, DAY, n_reasons=1, lang="en")
    assert "reason_2" not in scored
    assert scored["reason_1"].str.replace("–", "-").str.isascii().all()


def test_monitored_is_what_is_known_on_the_day(register, model, scores):
    """A household is shown as monitored if its entry is known by the day and its end is not yet seen."""
    ids = scores["household_id"].iloc[:4].tolist()
    entries = pd.DataFrame(
        {
            "household_id": ids,
            "identified_on": pd.to_datetime(["2023-05-01", "2023-12-20", "2023-01-01", "2023-02-01"]),
            "recorded_at": pd.to_datetime(["2023-05-09", "2024-01-09", "2023-06-09", "2023-02-09"]),
            "type": "edge",
            "eliminated_on": pd.to_datetime([None, None, "2023-06-01", "2024-02-01"]),
        }
    )
    from fanpin_risk.records.typed_tables import conform

    tables = {**register.select(ids).tables, "monitoring": conform("monitoring", entries)}
    shown = model.score(Register(tables), DAY, explain=False)["monitored"].tolist()
    assert shown == [True, False, False, True]
    del tables["monitoring"]
    without = Register(tables, supplied=register.supplied - {"monitoring"})
    assert model.score(without, DAY, explain=False)["monitored"].isna().all()


# --- risk of a table --------------------------------------------------------------------------------------------
def test_risk_of_a_table(register, model, scores):
    """The risk of a feature table equals the score; columns are found by name."""
    table = model.features_of(register, DAY, context=True)
    assert model.risk_of(table).tobytes() == scores["risk"].to_numpy().tobytes()
    assert model.risk_of(table[table.columns[::-1]]).tobytes() == scores["risk"].to_numpy().tobytes()
    assert model.risk_of(table[model.feature_names_in_].to_numpy()).tobytes() == scores["risk"].to_numpy().tobytes()
    assert model.risk_of(table.iloc[:0]).shape == (0,)
    with pytest.raises(FeatureMismatchError, match=r"1 of .* features are not in the table: income_per_person"):
        model.risk_of(table.drop(columns="income_per_person"))
    with pytest.raises(FeatureMismatchError, match=r"shape 3, 2; expected"):
        model.risk_of(np.zeros((3, 2)))


def test_tiers_are_by_stored_cut_offs(model):
    """A tier depends on the household's own risk and the stored cut-offs, which are inclusive."""
    high, medium = model.tier_thresholds_["high"], model.tier_thresholds_["medium"]
    assert medium < high
    risk = np.array([high, np.nextafter(high, 0), medium, np.nextafter(medium, 0)])
    assert list(model.tier_of(risk)) == ["high", "medium", "medium", "low"]


def test_references_are_the_newest_not_after_the_day(model):
    """Scoring takes the references of the newest training day that is not after the day."""
    by_day = {str(day.date()): part for day, part in model.references_.groupby("as_of")}
    for day, expected in [
        ("2022-06-30", DAYS[0]),
        (DAYS[1], DAYS[1]),
        ("2030-01-01", DAYS[1]),
        ("2015-01-01", DAYS[0]),
    ]:
        found = model.references_for(day)
        columns = [name for name in found if name != "as_of"]
        reference = by_day[expected].sort_values("area_prefix")[columns].reset_index(drop=True)
        pd.testing.assert_frame_equal(found[columns], reference)
        assert set(found["as_of"]) == {pd.Timestamp(day)}
        assert found.attrs["from_later_day"] == (day == "2015-01-01")


# --- folds and recalibration ------------------------------------------------------------------------------------
def test_households_are_dealt_by_their_id():
    """All rows of a household share a group, groups are equal in size and events, and order does not matter."""
    ids = pd.Index([f"H{i}" for i in range(300)] * 2)
    y = np.r_[np.arange(300) % 10 == 0, np.zeros(300)].astype(int)
    groups = deal(ids, y, 5, "fold")
    assert (groups[:300] == groups[300:]).all()
    assert np.bincount(groups[:300]).tolist() == [60] * 5
    assert np.bincount(groups[:300][y[:300] == 1]).tolist() == [6] * 5
    order = np.random.default_rng(0).permutation(600)
    assert (deal(ids[order], y[order], 5, "fold") == groups[order]).all()
    assert (deal(ids, y, 5, "part") != groups).any()


def test_no_household_is_scored_by_trees_that_saw_it(raw, folds):
    """On no day is a household of a held-out row trained on, or one that decides when to stop also grown on."""
    assert len(folds) == raw.n_folds
    for households, held_out, part in folds:
        groups = [households[held_out], households[~held_out & part], households[~held_out & ~part]]
        assert all(len(group) for group in groups)
        assert sum(len(set(group)) for group in groups) == len(set(households)) < len(households)
    assert (np.sum([held_out for _, held_out, _ in folds], axis=0) == 1).all()


def test_no_recalibration_on_request(register, model, raw):
    """Without recalibration the risk is that of the trees."""
    register = register.select(register.tables["households"]["household_id"].unique()[:100])
    assert (raw.slope_, raw.intercept_) == (1.0, 0.0)
    assert model.slope_ != 1.0
    table = raw.features_of(register, DAY)
    np.testing.assert_allclose(
        raw.risk_of(table), expit(raw.classifier_.decision_function(table[list(raw.feature_names_in_)])), rtol=1e-12
    )


# --- refusals ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"classifier": LogisticRegression()},
            "classifier is of the type LogisticRegression; expected a MonotoneBoosting",
        ),
        ({"recalibration": "isotonic"}, "recalibration is 'isotonic'"),
        ({"n_folds": 1}, "n_folds is 1"),
        ({"tier_shares": (0.5, 0.5)}, "tier_shares is"),
        ({"features": ["income_per_person", "shoe_size"]}, "2 names, unknown: shoe_size"),
        ({"features": []}, "0 names"),
        ({"target": "poor"}, "target is 'poor'"),
    ],
)
def test_wrong_parameters_are_refused(register, parameters, message):
    """A parameter out of range is refused before anything is computed for long."""
    with pytest.raises(SchemaError, match=message):
        RiskModel(**parameters).fit(register, DAYS)


def test_too_few_events_are_refused(register):
    """With fewer than twenty events nothing is fitted, and the message says what to do."""
    few = register.select(register.tables["households"]["household_id"].unique()[:60])
    with pytest.raises(NotEnoughDataError, match="at least 20 with and 20 without are needed: take more days"):
        RiskModel().fit(few, DAYS)
    with pytest.raises(NotEnoughDataError, match="or an earlier day, or a shorter horizon"):
        RiskModel().fit(register, "2030-12-31")


def test_days_are_days(register, model):
    """A day that is none, no day at all, or several where one is meant are refused."""
    with pytest.raises(SchemaError, match="expected year, month and day"):
        RiskModel().fit(register, ["yesterday-ish"])
    with pytest.raises(SchemaError, match="as_of is empty"):
        RiskModel().fit(register, [])
    with pytest.raises(SchemaError, match="as_of is missing"):
        model.score(register, None)
    with pytest.raises(SchemaError, match="as_of is a number"):
        model.score(register, 20231231)
    with pytest.raises(SchemaError, match="holds 2 days; expected one"):
        model.score(register, DAYS)


# --- the estimator ----------------------------------------------------------------------------------------------
def test_display(model):
    """A fitted model shows what it is; an unfitted one its parameters."""
    assert model.fingerprint_ in repr(model)
    assert "newly_monitored within 12 months" in repr(model)
    assert model.fingerprint_ in model._repr_html_()
    assert repr(RiskModel(n_folds=3)) == "RiskModel(n_folds=3)"
    assert "Not fitted" in RiskModel()._repr_html_()


def test_context_columns_are_never_inputs(model):
    """Nothing that is context for sentences only is among the model's features."""
    assert all(feature_named(name).model for name in model.feature_names_in_)


def test_a_register_without_a_table_of_the_model_is_scored_with_a_warning(model, register):
    """A whole table that is absent makes households look alike; a table without rows, or one never used, does not."""
    assert model.tables_ == tuple(sorted(set(register.tables) - {"monitoring", "warnings"}))
    absent = {name: frame for name, frame in register.tables.items() if name not in ("shocks", "warnings")}
    with pytest.warns(UserWarning, match="lacks shocks, which the model was trained with.*train a model on the tables"):
        model.score(Register(absent), DAY, explain=False)
    empty = Register({**register.tables, "shocks": register.tables["shocks"].iloc[:0]})
    assert model.lacking_tables(empty) == []
    assert len(model.score(empty, DAY, explain=False))


def test_another_lag_than_in_training_is_said(model, register):
    """When rows without a day of recording count as known is an assumption; scores by another one may be off."""
    assert model.known_lag_days_ is None
    filled = {"incomes": 5}
    other = Register(register.tables, known_lag_days=0, recorded_at_filled=filled)
    with pytest.warns(
        OtherLagWarning, match="after 30 days when the model was trained, and after 0 days in this register"
    ):
        model.score(other, DAY, explain=False)
    same = Register(register.tables, known_lag_days=30, recorded_at_filled=filled)
    assert model.other_lag(same) is None
    assert model.other_lag(Register(register.tables, known_lag_days=0)) is None  # no row to which it applies


def test_the_profile_is_that_of_the_training_rows(model):
    """Drift is held against the rows trained on and the out-of-fold risks, in shares that add up to one."""
    assert set(model.profile_["feature"]) == {*model.feature_names_in_, "risk"}
    assert model.profile_.groupby("feature")["share"].sum().to_numpy() == pytest.approx(1.0)
    assert (model.profile_["rows"] == model.oof_metrics_["households"]).all()


def test_scores_of_a_training_day_have_not_drifted(register, model):
    """The profile holds the risks of the trees that score, so that a training day looks as it did."""
    at_risk = training_day(register, DAYS[1]).table.index
    scores = model.score(register, DAYS[1], explain=False).set_index("household_id").loc[at_risk]
    table = drift(model.profile_[model.profile_["feature"] == "risk"], scores[["risk"]])
    assert table["psi"].max() < 0.02


def test_folds_fitted_in_threads_leave_warnings_as_they_were():
    """Neither do warnings of another library appear by chance, nor are the filters of the process lost."""
    day = training_day(make_register(600, random_state=0, base_rate=0.1), "2022-12-31")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        filters = list(warnings.filters)
        for _ in range(6):
            RiskModel(classifier=MonotoneBoosting(max_iter=2), n_jobs=4).fit_days([day])
        assert warnings.filters == filters
    assert not [one for one in seen if "sklearn" in str(one.message)]


def test_scores_of_some_households_are_those_of_all(register, model, scores):
    """Households asked for are scored alone, to the bit as in their county, in the order asked for."""
    wanted = scores["household_id"].iloc[[7, 2, 5]].tolist()
    some = model.score(register, DAY, wanted)
    gone = model.unscored(register, DAY)["household_id"].iloc[0]
    expected = scores.set_index("household_id").loc[wanted].reset_index()
    pd.testing.assert_frame_equal(some[expected.columns.tolist()], expected, check_exact=True)
    assert model.score(register, DAY, wanted[0])["household_id"].tolist() == wanted[:1]
    noted = model.score(register, DAY, [wanted[0], gone, "H999999999"])  # more: tests/model/test_asked_households.py
    assert noted["note"].tolist() == ["", model.unscored(register, DAY)["reason"].iloc[0], "not_in_register"]
    assert noted["risk"].isna().tolist() == [False, True, True]
    with pytest.raises(SchemaError, match="1 of 1 household ids are not in the register"):
        model.explain(register, DAY, "H999999999")
    with pytest.raises(SchemaError, match="1 of 2 households are not on record on 2023-12-31"):
        model.explain(register, DAY, [wanted[0], gone])


@pytest.mark.parametrize("method", ["score", "score_all", "explain", "unscored", "features_of", "fit"])
def test_what_is_not_a_register_is_refused(model, scores, method):
    """A table in the place of a register is an error that says what to give."""
    with pytest.raises(
        SchemaError, match=r"expected a register, got the type DataFrame: read one with read_register\(folder\)"
    ):
        getattr(clone(model) if method == "fit" else model, method)(scores, DAY)
    with pytest.raises(SchemaError, match="expected a register, got the type DataFrame"):
        model.lacking_tables(scores)


def test_options_of_a_score_are_not_taken_for_metadata(model):
    """scikit-learn's routing offers nothing for a model whose methods take a register and options."""
    assert not [name for name in dir(model) if name.startswith("set_") and name != "set_params"]
    assert model.get_metadata_routing().score.requests == {}
    assert model.get_metadata_routing().fit.requests == {}
