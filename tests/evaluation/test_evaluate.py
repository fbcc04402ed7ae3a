"""Temporal validation: no forecast knows more than the office knew on its day.

Tests evaluation/protocol.py, evaluation/forecasts.py, evaluation/evaluation.py and evaluation/baselines.py.
"""

from __future__ import annotations

import sys
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from fanpin_risk.asof.outcomes import outcomes
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import FeatureMismatchError, MissingPackageError, NotEnoughDataError, SchemaError
from fanpin_risk.evaluation import evaluate, make_baselines
from fanpin_risk.evaluation.baselines import ProxyMeansTest, RuleForecast
from fanpin_risk.features import FEATURES
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.training_day import training_day
from fanpin_risk.records.register import Register
from fanpin_risk.synthetic import make_register

DAYS = ["2020-12-31", "2021-12-31", "2022-12-31", "2023-12-31"]


class Watched(ClassifierMixin, BaseEstimator):
    """Notes what it is fitted on and asked for; its risk is the rate of the event, or what it is told."""

    log: list = []  # noqa: RUF012 - shared by clones on purpose

    def __init__(self, *, told: float | None = None) -> None:
        self.told = told

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        self.rate_ = y.mean() if self.told is None else self.told
        Watched.log.append(("fit", X.index.copy(), np.array(y), self.told))
        return self

    def predict_proba(self, X):
        Watched.log.append(("predict", X.index.copy(), None, self.told))
        return np.column_stack([np.full(len(X), 1 - self.rate_), np.full(len(X), self.rate_)])


@pytest.fixture
def log():
    """What watched models were given, from the start of the test."""
    Watched.log.clear()
    return Watched.log


@pytest.fixture(scope="module")
def register() -> Register:
    """A synthetic register with some two hundred events."""
    return make_register(4000, random_state=1)


@pytest.fixture(scope="module")
def result(register):
    """An evaluation with all that ships in scikit-learn."""
    model = RiskModel(classifier=MonotoneBoosting(max_iter=25), n_folds=2)
    return evaluate(
        register, DAYS, models={"fanpin_risk": model}, baselines=("rules", "pmt", "logistic"), household_folds=2,
        learning_curve=True,
    )  # fmt: skip


def test_training_days_are_over_before_the_day_forecast(register, result):
    """Every horizon learnt from ends by the day forecast; a delay of records widens the gap."""
    folds = result.folds
    assert folds["fold"].tolist() == DAYS[1:]
    assert folds["train_days"].tolist() == [", ".join(DAYS[:k]) for k in (1, 2, 3)]
    late = evaluate(register, DAYS, models={"m": Watched()}, baselines=(), household_folds=1, delay_months=3, newest=1)
    assert late.folds["fold"].tolist() == DAYS[2:]
    assert late.folds["train_days"].tolist() == DAYS[:2]
    with pytest.raises(NotEnoughDataError, match="none of 1 day"):
        evaluate(register, DAYS[:1], models={"m": Watched()}, baselines=())


def test_labels_are_those_on_record_on_the_day_forecast(register, log):
    """An entry recorded after the day forecast is no label of training, though it happened before."""
    monitoring = register.tables["monitoring"]
    late = monitoring.assign(recorded_at=monitoring["recorded_at"].clip(lower=pd.Timestamp("2023-06-30")))
    hidden = Register({**register.tables, "monitoring": late}, supplied=register.supplied)
    evaluate(hidden, DAYS[1:], models={"m": Watched()}, baselines=(), household_folds=1, test_days=[DAYS[2]])
    labels = [entry[2] for entry in log if entry[0] == "fit"]
    assert [y.sum() for y in labels] == [0]
    log.clear()
    evaluate(register, DAYS[1:], models={"m": Watched()}, baselines=(), household_folds=1, test_days=[DAYS[2]])
    assert next(entry[2] for entry in log if entry[0] == "fit").sum() >= 10


def test_no_household_is_forecast_by_a_model_that_saw_it(register, log):
    """With folds, the households fitted on and forecast are different ones, and each is forecast once."""
    result = evaluate(register, DAYS[:2], models={"m": Watched()}, baselines=(), household_folds=3)
    seen = None
    forecast = []
    for what, households, _, _ in log:
        if what == "fit":
            seen = set(households)
        else:
            assert not seen & set(households)
            forecast += list(households)
    assert sorted(forecast) == sorted(result.predictions["household_id"])
    assert len(log) == 6


def test_what_is_recorded_later_moves_no_forecast(register, result):
    """Forecasts of a day are the same, ours to the bit, from the register as it stood at the end of the horizon."""
    cut = Register(register.known_on("2022-12-31").tables, supplied=register.supplied, source=register.source)
    model = RiskModel(classifier=MonotoneBoosting(max_iter=25), n_folds=2)
    monitoring = pd.concat([cut.tables["monitoring"], register.tables["monitoring"].tail(1)], ignore_index=True)
    cut.tables["monitoring"] = monitoring  # what happened is still needed to say that a year is over
    again = evaluate(
        cut, DAYS[:2], models={"fanpin_risk": model}, baselines=("pmt",), household_folds=2, test_days=[DAYS[1]]
    )
    first = result.predictions[result.predictions["fold"] == DAYS[1]]
    for name in again.models:
        one = again.predictions[again.predictions["model"] == name].set_index("household_id")["risk"]
        other = first[first["model"] == name].set_index("household_id")["risk"]
        shared = one.index.intersection(other.index)
        assert len(shared) > 3000
        np.testing.assert_allclose(one[shared], other[shared], rtol=0 if name == "fanpin_risk" else 1e-12)


def test_settings_are_chosen_on_earlier_days_only(register, log):
    """The least log loss on the newest training day wins; the day forecast is not looked at."""
    result = evaluate(
        register, DAYS[:3], models={"m": [Watched(told=0.5), Watched(told=0.01)]}, baselines=(), household_folds=1
    )
    assert result.choices.groupby("fold")["setting"].apply(list).tolist() == [[0, 1], [0, 1]]
    assert result.choices.loc[result.choices["chosen"], "setting"].tolist() == [1, 1]
    choices = result.choices
    assert (choices["log_loss"] > 0).all()
    assert (choices.loc[choices["setting"] == 1, "log_loss"] < 0.2).all()
    # Of three fits per day forecast, the first two and what they are asked of come from training days.
    on_record = Snapshot(register, DAYS[0]).household_ids
    tried = [households for what, households, _, _ in log[:4] if what == "predict"]
    assert all(set(households) <= set(on_record) for households in tried)
    fitted = [set(households) for what, households, _, _ in log[:4] if what == "fit"]
    assert not any(one & set(other) for one, other in zip(fitted, tried, strict=True))


def test_a_training_day_without_outcomes_decides_on_no_setting():
    """Incomes that come late leave the first and the newest training day empty: settings are chosen on those between."""
    late = make_register(900, random_state=2, base_rate=0.05)
    incomes = late.tables["incomes"].copy()
    incomes["recorded_at"] = incomes["period_end"] + pd.Timedelta(days=60)
    late = Register({**late.tables, "incomes": incomes}, supplied=late.supplied)
    days = [str((incomes["period_end"].min() + pd.DateOffset(years=k)).date()) for k in range(4)]
    with pytest.warns(UserWarning, match="is not forecast"):
        found = evaluate(
            late, days, models={"watched": [Watched(told=0.3), Watched(told=0.1)]}, baselines=["logistic"],
            target="below_line", household_folds=1,
        )  # fmt: skip
    assert found.folds["fold"].tolist() == days[3:]
    assert found.choices.groupby(["fold", "model"])["chosen"].sum().eq(1).all()
    assert found.choices["log_loss"].notna().all()


def test_horizons_end_with_their_months():
    """Half a year after 30 June ends on 31 December, so 30 December is a day too early for its outcomes."""
    register = make_register(600, random_state=1, base_rate=0.1)
    options = {"models": {"m": Watched()}, "baselines": (), "horizon_months": 6, "household_folds": 1}
    with pytest.raises(NotEnoughDataError, match="none of 2 day"):
        evaluate(register, ["2022-06-30", "2022-12-30"], **options)
    assert evaluate(register, ["2022-06-30", "2022-12-31"], **options).folds["fold"].tolist() == ["2022-12-31"]


def test_a_day_of_which_nobody_counts_is_left_out(register):
    """Weights of households that were at risk on one day only leave the other days without anyone to evaluate."""
    at_risk = [outcomes(register, day).index for day in DAYS]
    only = at_risk[1].difference(at_risk[2])[:30]
    options = {"models": {"m": Watched()}, "baselines": (), "household_folds": 1}
    with pytest.warns(UserWarning, match="2022-12-31 is not forecast: of .* none counts"):
        found = evaluate(register, DAYS[:3], weights=pd.Series(1.0, index=only), **options)
    assert found.folds["fold"].tolist() == DAYS[1:2]


def test_training_days_without_any_event_are_told(register):
    """A classifier of another library would stop with its own error."""
    calm = register.tables["monitoring"].iloc[:0]
    calm = Register({**register.tables, "monitoring": calm}, supplied=register.supplied)
    with pytest.raises(NotEnoughDataError, match=r"with 0 events: nothing to tell apart"):
        evaluate(calm, DAYS[:2], models={}, baselines=["logistic"], household_folds=1)


def test_weights_of_unknown_households_are_told(register):
    """Ids written in another way, such as without their zeros, would quietly leave most of a sample out."""
    known = register.tables["households"]["household_id"].unique()[:500]
    weights = pd.Series(1.0, index=[*known, "lost", "gone"])
    with pytest.warns(UserWarning, match="2 of 502 households with a weight do not stand in the register"):
        evaluate(register, DAYS[:2], models={"m": Watched()}, baselines=(), household_folds=1, weights=weights)


def test_only_weighted_households_count(register, log):
    """Weights choose and weigh the households that are evaluated; none is left out of training for it."""
    ids = register.tables["households"]["household_id"].unique()
    weights = pd.Series(2.0, index=ids[:300])
    result = evaluate(register, DAYS[:2], models={"m": Watched()}, baselines=(), household_folds=1, weights=weights)
    assert set(result.predictions["household_id"]) <= set(ids[:300])
    assert (result.predictions["weight"] == 2.0).all()
    assert result.folds["test_households"].tolist() == [len(result.predictions)]
    assert len(log[0][1]) > 3000
    with pytest.raises(SchemaError, match="weights: expected each household_id once"):
        evaluate(register, DAYS[:2], models={"m": Watched()}, baselines=(), weights=-weights)


def test_tables_of_an_evaluation(result):
    """Measures, comparisons, curves and groups are made of the forecasts, and the first model is the reference."""
    assert result.models[0] == "fanpin_risk"
    assert len(result.models) == 6
    rows = result.predictions
    assert len(set(rows.groupby("model").size())) == 1
    assert rows["risk"].between(0, 1).all()
    assert rows["cluster"].str.len().isin([0, 12]).all()
    assert (rows["event_on"].notna() == (rows["outcome"] == 1)).all()
    measures = result.measures(measures=("auc", "recall"), n_bootstrap=20)
    assert set(measures["model"]) == set(result.models)
    versus = result.compare(n_bootstrap=20)
    assert set(versus["model"]) == set(result.models[1:])
    assert set(versus["verdict"]) <= {"better", "worse", "no difference shown"}
    assert set(result.learning_curve(n_bootstrap=0)["train_days"]) == {1, 2, 3}
    assert len(result.by_group("head_sex", n_bootstrap=0)) > 0
    assert "exclusion_error" in set(result.fairness("head_sex", n_bootstrap=20)["measure"])
    assert len(result.capacity_cost("head_sex", n_bootstrap=20)) > 0
    for table in (result.calibration(), result.capacity(), result.decision(), result.gains(), result.lead_time()):
        assert len(table) > 0
    assert "visited is not entered" in result.note(lang="en")
    assert "未走访" in result.note(lang="zh")
    assert repr(result).startswith("<Evaluation of fanpin_risk, ")
    assert "<table" in result._repr_html_()
    with pytest.raises(SchemaError, match="reference is 'nobody'"):
        result.compare("nobody")
    with pytest.raises(SchemaError, match="group is 'shoe_size'"):
        result.by_group("shoe_size")
    with pytest.raises(SchemaError, match="model is 'nobody'"):
        result.by_group("head_sex", model="nobody")


def test_a_day_with_too_few_events_before_it_is_left_out_with_a_warning(register):
    """The other days are forecast; where none can be, that is an error."""
    ids = register.tables["monitoring"].query("identified_on <= '2021-12-31'")["household_id"].unique()
    everyone = register.tables["households"]["household_id"].unique()
    quiet = register.select(pd.Index(everyone).difference(ids))
    models = {"m": RiskModel(classifier=MonotoneBoosting(max_iter=5), n_folds=2)}
    with pytest.warns(UserWarning, match="2021-12-31 is not forecast: .* 0 events"):
        result = evaluate(quiet, [DAYS[0], *DAYS[1:]], models=models, baselines=(), household_folds=1)
    assert result.folds["fold"].tolist() == DAYS[2:]
    assert set(result.groups.index.get_level_values("as_of").astype(str)) == set(DAYS[2:])
    with pytest.raises(NotEnoughDataError, match="0 events"):
        evaluate(quiet, DAYS[:2], models=models, baselines=(), household_folds=1)


def test_no_learning_curve_unless_asked_for(register):
    """The curve costs fits, so it is made on request."""
    result = evaluate(register, DAYS[:2], models={"m": Watched()}, baselines=(), household_folds=1)
    with pytest.raises(SchemaError, match="no learning curve was made"):
        result.learning_curve()


def test_progress_counts_to_the_end(register):
    """Long work tells how far it is."""
    seen = []
    evaluate(
        register, DAYS[:2], models={"m": Watched()}, baselines=(), household_folds=1,
        progress=lambda done, total, what: seen.append((done, total, what)),
    )  # fmt: skip
    assert [done for done, _, _ in seen] == list(range(len(seen)))
    assert seen[-1][:2] == (seen[-1][1], seen[-1][1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"household_folds": 0}, "household_folds is 0"),
        ({"target": "below_line", "models": {"m": RiskModel()}}, "models of another event than target='below_line': m"),
        ({"newest": 0}, "newest is 0; expected a whole number, 1 or more"),
        ({"delay_months": 1.5}, "delay_months is 1.5; expected a whole number, 0 or more"),
        ({"test_days": "2023-12-31"}, "test_days is one text; expected a list of days"),
        ({"models": Watched()}, "models is of the type Watched; expected a dict"),
        ({"models": {}, "baselines": ()}, "nothing to evaluate"),
        ({"weights": pd.Series(["1"], index=["a"])}, "weights: expected a Series of numbers"),
        ({"weights": pd.Series([np.inf], index=["a"])}, "no weight below 0 or infinite"),
        (
            {"weights": pd.Series([1.0], index=["nobody"])},
            "none of the 1 households with a weight stands in the register",
        ),
        ({"models": {"m": object()}}, "a model is of the type object; expected a RiskModel"),
        ({"models": {"m": []}}, "an empty list of settings"),
        ({"baselines": ("astrology",)}, "baselines: unknown astrology; expected some of rules"),
        ({"models": {"proxy means test": Watched()}, "baselines": "pmt"}, "share names: proxy means test"),
    ],
)
def test_wrong_arguments_are_refused(register, arguments, message):
    """What cannot be used is named, with what is expected."""
    with pytest.raises(SchemaError, match=message):
        evaluate(register, DAYS, **arguments)


def test_a_horizon_that_is_not_over_is_said_before_any_training(register, log):
    """Hours of training are not lost to a last day whose outcomes are not yet known."""
    with pytest.raises(NotEnoughDataError, match="outcomes of 2024-12-31 need records up to 2025-12-31"):
        evaluate(register, [*DAYS, "2024-12-31"], models={"m": Watched()}, baselines=(), household_folds=1)
    assert not log


# --- baselines --------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def table():
    """Made-up features: income decides, one column is never filled in."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(3000, len(FEATURES))), columns=[f.name for f in FEATURES])
    X["income_to_line"] = np.exp(0.5 * X["n_able_labour"] + rng.normal(size=3000))
    X["pension_share"] = np.nan
    X[X.abs() < 0.05] = np.nan
    y = (rng.random(3000) < 1 / (1 + X["income_to_line"].fillna(1) ** 2)).astype(int)
    return X, y.to_numpy()


def test_a_rule_shares_one_risk_among_households_it_cannot_tell_apart(table):
    """Risk rises with the number of triggers and is their rate in training, pulled to that of all."""
    X, y = table
    rule = RuleForecast(triggers={"income_to_line": (-1, 1.0), "shocks_12m": (1, 0.5)}).fit(X, y)
    number = (X["income_to_line"] < 1).astype(int) + (X["shocks_12m"] > 0.5)
    risk = rule.predict_proba(X)[:, 1]
    for k in range(3):
        chosen = number == k
        assert set(risk[chosen]) == {rule.rates_[k]}
        expected = (y[chosen].sum() + 20 * y.mean()) / (chosen.sum() + 20)
        assert rule.rates_[k] == pytest.approx(expected)
    assert (np.diff(rule.rates_) > 0).all()
    assert len(set(RuleForecast(most=1).fit(X, y).predict_proba(X)[:, 1])) == 2
    more = X.head(1).assign(income_to_line=0.1, shocks_12m=3.0)
    few = RuleForecast(triggers=rule.triggers).fit(X[number < 2], y[number < 2])
    assert few.predict_proba(more)[0, 1] == few.rates_[-1]
    assert set(rule.predict(X)) <= {0, 1}
    with pytest.raises(FeatureMismatchError, match="no column shocks_12m"):
        rule.predict_proba(X.drop(columns="shocks_12m"))


def test_a_proxy_means_test_never_sees_income(table):
    """Income is the answer it learns from, not a feature: changing it changes no forecast."""
    X, y = table
    proxy = ProxyMeansTest().fit(X, y)
    assert not [name for name in proxy.columns_ if "income" in name or "wage" in name]
    about = [f.name for f in FEATURES if f.domain == "income"]
    assert set(about).isdisjoint(proxy.columns_)
    np.testing.assert_array_equal(proxy.predict_proba(X), proxy.predict_proba(X.assign(**dict.fromkeys(about, 9.0))))
    risk = proxy.predict_proba(X)[:, 1]
    assert np.corrcoef(risk, X["n_able_labour"].fillna(0))[0, 1] < -0.5
    assert set(proxy.predict(X)) <= {0, 1}


def test_a_proxy_means_test_without_any_income_forecasts_the_rate(table):
    """On the first day of a panel no income is on record yet: the other forecasts of the day are not lost with it."""
    X, y = table
    unknown = X.assign(income_to_line=np.nan)
    with pytest.warns(UserWarning, match="no income is on record on the training days"):
        proxy = ProxyMeansTest().fit(unknown, y)
    np.testing.assert_allclose(proxy.predict_proba(X)[:, 1], y.mean(), atol=1e-4)
    assert set(proxy.predict(X)) <= {0, 1}


@pytest.mark.parametrize("name", ["rules", "pmt", "logistic", "forest", "lightgbm", "xgboost", "catboost", "ebm"])
def test_every_baseline_learns_and_forecasts(table, name):
    """All give probabilities for tables with gaps, and each that has settings has as many as the others."""
    if name in ("lightgbm", "xgboost", "catboost", "ebm"):
        module = "interpret.glassbox" if name == "ebm" else name
        pytest.importorskip(module, reason=f"{module} is not installed: extra 'baselines'", exc_type=ImportError)
    X, y = table
    for shown, settings in make_baselines(name).items():
        assert len(settings) == (1 if name in ("rules", "pmt") else 4)
        risk = settings[0].fit(X, y).predict_proba(X)[:, 1]
        assert ((risk > 0) & (risk < 1)).all(), shown
        assert np.mean(risk[y == 1]) > np.mean(risk[y == 0]), shown


class OfWholeDays(BaseEstimator):
    """Notes the days that it is given, and forecasts the share of earlier events."""

    seen: ClassVar[list] = []

    def fit_days(self, days, *, horizon_months):
        """Learn the share."""
        self.rate_ = np.concatenate([day.outcome for day in days]).mean()
        self.seen.append((days, horizon_months))
        return self

    def risk_of_day(self, day):
        """Return the share, moved a little by the income that is known."""
        return np.clip(self.rate_ + 0.001 * day.table["income_to_line"].fillna(0), 0.001, 0.999).to_numpy()


def test_a_model_may_take_whole_days():
    """It learns from days without the households it is asked for, those not at risk among them, and forecasts a day."""
    OfWholeDays.seen.clear()
    register, days = make_register(1500, random_state=2), ["2021-12-31", "2022-12-31"]
    result = evaluate(register, days, models={"m": OfWholeDays()}, baselines=(), target="below_line", household_folds=2)
    assert [months for _, months in OfWholeDays.seen] == [12, 12]
    parts = [day[0] for day, _ in OfWholeDays.seen]
    whole = training_day(register, days[0], target="below_line", known_on=days[1])
    assert sum(len(part.table) for part in parts) == len(whole.table)
    assert sum(len(part.others) for part in parts) == len(whole.others) > 0
    for part, other in (parts, parts[::-1]):
        assert not set(part.others.index) & {*other.table.index, *other.others.index}
        assert len(part.others_later_to_line) == len(part.others)
        assert len(part.later_to_line) == len(part.table)
    risk = result.predictions["risk"]
    assert risk.nunique() > 100


def test_a_baseline_without_its_package_says_what_to_install(monkeypatch):
    """The command that installs it is named."""
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(MissingPackageError, match=r'python -m pip install .*"lightgbm>=.*" "xgboost>='):
        make_baselines(["xgboost"])
    monkeypatch.setitem(sys.modules, "interpret.glassbox", None)
    with pytest.raises(MissingPackageError, match="the baseline ebm needs the package interpret-core"):
        make_baselines(["ebm"])


def test_incomes_that_come_late_are_said_with_what_to_do():
    """A day whose training outcomes had not arrived is left out with the delay that would let them arrive."""
    register = make_register(1200, random_state=2)
    assert (register.tables["incomes"]["period_end"].dt.month == 9).all()  # on record some weeks later
    model = RiskModel(target="below_line", classifier=MonotoneBoosting(max_iter=5), n_folds=2)
    options = {"models": {"m": model}, "baselines": (), "target": "below_line", "household_folds": 1}
    with pytest.raises(
        NotEnoughDataError, match=r"not on record by then \(95% .* within 3 month.*: delay_months=3 takes"
    ):
        evaluate(register, ["2021-09-30", "2022-09-30"], **options)
    with pytest.warns(UserWarning, match="2022-09-30 is not forecast: .*delay_months=3"):
        evaluate(register, ["2021-09-30", "2022-09-30", "2023-09-30"], **options)


@pytest.mark.parametrize("name", ["household_folds", "delay_months", "newest", "horizon_months"])
def test_yes_is_no_number(register, name):
    """Python counts True as 1; who writes it means something else."""
    with pytest.raises(SchemaError, match=f"{name} is True; expected a whole number"):
        evaluate(register, DAYS, **{name: True})
