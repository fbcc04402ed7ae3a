"""Temporal validation: learn from days whose horizon is over, forecast a later day, look what happened.

A forecast made on day T may use labels of an earlier day d only if the horizon of d had ended by T, and of these only
what was recorded by T. So every test day stands for a real morning in an office: the model knows no more than the
office knew. The gap of a whole horizon between training and test days is the embargo. Besides, households are dealt
into folds, and none is scored by a model that was trained on it on any day.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.asof.days import DAYS_PER_MONTH, months_after, to_day
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import Target, Unobserved
from fanpin_risk.errors import FanpinWarning, NotEnoughDataError, SchemaError
from fanpin_risk.evaluation.baselines import make_baselines
from fanpin_risk.evaluation.evaluation import Evaluation
from fanpin_risk.evaluation.forecasts import choose, forecast_of
from fanpin_risk.evaluation.known_days import known_days
from fanpin_risk.evaluation.labels import MODELS
from fanpin_risk.evaluation.options import check_whole
from fanpin_risk.evaluation.visit_learning import (
    facts_by_day,
    forecast_with_visits,
    may_learn_from_visits,
    with_visits,
)
from fanpin_risk.model.register_parts import RegisterParts, in_parts
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.model.vanished import warn_of_unobserved
from fanpin_risk.model.visit_results import checked_visits
from fanpin_risk.policy import Policy
from fanpin_risk.progress import Progress, Steps
from fanpin_risk.records.checks import row_time
from fanpin_risk.records.places import UNIT_DIGITS
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message, listed

__all__ = ["days_to_forecast", "evaluate"]

Array = NDArray[Any]
Candidates = Mapping[str, Any | Sequence[Any]]

OURS = "fanpin_risk"
# Of all incomes, those that are waited for.
MOST_INCOMES = 0.95


def evaluate(
    register: Register | RegisterParts,
    days: Iterable[Any],
    *,
    models: Candidates | None = None,
    baselines: Sequence[str] | str = ("rules", "pmt", "logistic"),
    horizon_months: int = 12,
    target: Target = "newly_monitored",
    delay_months: int = 0,
    unobserved: Unobserved = "drop",
    newest: int | None = None,
    test_days: Iterable[Any] | None = None,
    household_folds: int = 5,
    learning_curve: bool = False,
    lines: MonitoringLines | None = None,
    policy: Policy | None = None,
    weights: pd.Series | None = None,
    visits: Any = None,
    random_state: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Forecast past days as if each were today, and compare with what happened.

    Parameters
    ----------
    register : Register or PackedRegister
        The whole register of the area. Of a :class:`fanpin_risk.PackedRegister` one partition at a time is in memory, with the
        features of all days.
    days : iterable of date-like
        Days to learn from and to forecast, for example every 31 December. Each day is forecast for which at least one
        earlier day has a complete horizon.
    models : mapping of str to estimator or list of estimators, optional
        :class:`RiskModel` objects, or scikit-learn classifiers that take the table of features (float64, NaN for
        missing), or objects that take whole :class:`fanpin_risk.TrainingDay` objects: ``fit_days(days,
        horizon_months=...)`` and ``risk_of_day(day)``. Of a list, the one with the least log loss is taken, anew for each
        test day, on the newest training day and households that it did not see; the test day decides nothing. Default:
        ``RiskModel()`` as "fanpin_risk".
    baselines : sequence of str or "all", default ("rules", "pmt", "logistic")
        What else to put beside it, see :func:`make_baselines`.
    horizon_months : int, default 12
        Months after a day within which the event counts.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event, see :func:`fanpin_risk.outcomes`.
    delay_months : int, default 0
        Months after the end of a horizon until its outcomes are on record; widens the embargo.
    unobserved : {"drop", "count"}
        What becomes of households without any record after a day, learnt from or forecast; see
        :func:`fanpin_risk.outcomes`.
    newest : int, optional
        Number of newest training days to use. Default: all.
    test_days : iterable of date-like, optional
        Days to forecast. Default: all of `days` that can be.
    household_folds : int, default 5
        Folds of households. 1: a household that is forecast may have been learnt from on earlier days, as in
        practice; several times faster.
    learning_curve : bool, default False
        Also forecast the last test day from the newest 1, 2, ... training days only.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    policy : Policy, optional
        Numbers of the rules that are put beside the models. Default: those that ship with the package.
    weights : Series, optional
        Index ``household_id``: what a household counts in the measures, such as one over the probability with which
        it was drawn for an audit visit. Households without a weight, or with 0, are not evaluated.
    visits : DataFrame or ledger, optional
        What visits found, with the probability of each, as for :func:`fanpin_risk.visit_labels`: the forecasts are held against
        it as well, weighted, see :meth:`fanpin_risk.Evaluation.against_visits`. Beside each :class:`RiskModel` of
        ``newly_monitored``, which learns from the register alone, stands the same one that also learns from the visits made and
        recorded by the day forecast, each counting one over its probability, as "<name>+visits"; its settings are those of the
        first. On days when too few visits were known it forecasts what the first does, which ``visits_learnt`` tells.
    random_state : int, default 0
        Seed of the baselines.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    Evaluation
        Forecasts with outcomes, and tables and pictures of them.

    Raises
    ------
    NotEnoughDataError
        If no day can be forecast, or there are too few events to learn from before any of them.
    SchemaError
        If an argument is not one of those above.

    Warns
    -----
    UnobservedWarning
        If more than 2 % of the households at risk on a day that is forecast have no record after it.
    UserWarning
        If a day is left out, because there were too few events to learn from before it, or households with a weight do not
        stand in the register.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(3000, random_state=1)
    >>> model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=20), n_folds=2)
    >>> days = ["2021-12-31", "2022-12-31", "2023-12-31"]
    >>> result = fr.evaluate(register, days, models={"small": model}, baselines=(), household_folds=1)
    >>> result.folds["test_day"].astype("str").tolist()
    ['2022-12-31', '2023-12-31']
    """
    for name, value, least in (
        ("horizon_months", horizon_months, 1),
        ("household_folds", household_folds, 1),
        ("delay_months", delay_months, 0),
        ("newest", 1 if newest is None else newest, 1),
    ):
        check_whole(name, value, least)
    if not (models is None or isinstance(models, Mapping)):
        raise SchemaError(
            "models is of the type {name}; expected a dict of name -> model, or of name -> list of them",
            name=type(models).__name__,
        )
    _check_weights(register, weights)
    on_record = visits.events() if callable(getattr(visits, "events", None)) else visits
    found_at_visits = None if visits is None else checked_visits(on_record)
    given = {OURS: RiskModel(target=target, lines=lines)} if models is None else dict(models)
    beside = make_baselines(baselines, random_state=random_state)
    double = sorted(set(given) & set(beside))
    if double:
        raise SchemaError("models and baselines share names: {double}; rename the models", double=tuple(double))
    candidates = {name: _as_list(model) for name, model in {**given, **beside}.items()}
    if not candidates:
        raise SchemaError("there is nothing to evaluate; expected a model or a baseline")
    learning = [
        name
        for name, settings in candidates.items()
        if visits is not None and name in given and all(map(may_learn_from_visits, settings))
    ]
    taken = [with_visits(name) for name in learning if with_visits(name) in candidates]
    if taken:
        raise SchemaError(
            "models are called {taken}, as those that learn from visits are; rename them", taken=tuple(taken)
        )
    other = [
        name for name, settings in candidates.items() if any(getattr(m, "target", target) != target for m in settings)
    ]
    if other:
        raise SchemaError(
            "models of another event than target={target!r}: {other}; give RiskModel(target={target!r})",
            target=target,
            other=tuple(other),
        )
    origins = days_to_forecast(days, horizon_months + delay_months, test_days=test_days, newest=newest)
    known = known_days(
        register,
        origins,
        policy=policy,
        horizon_months=horizon_months,
        target=target,
        lines=lines,
        unobserved=unobserved,
    )
    steps = Steps(
        progress, len(origins) * (2 + len(candidates) + len(learning)) + (learning_curve and len(origins[-1][1]))
    )

    predictions: list[pd.DataFrame] = []
    folds, choices, curve, forecast_days, learnt = [], [], [], [], []
    rules: list[pd.DataFrame] = []
    signals: list[pd.DataFrame] = []
    for test_day, train_days in origins:
        fold = test_day.date().isoformat()
        steps.next(Message("{day}: features and outcomes", day=fold))
        train = [known.training(day, known_on=test_day) for day in train_days]
        steps.next(Message("{day}: features of the day forecast", day=fold))
        test = known.forecast(test_day, train[-1])
        warn_of_unobserved([test])
        counted = _counted(test, weights)
        try:
            if not (counted > 0).any():
                raise NotEnoughDataError(
                    "of {count} households at risk on the day with a known outcome none counts; take other days"
                    if weights is None
                    else "of {count} households at risk on the day with a known outcome none counts; take other days or "
                    "weights of more households",
                    count=len(counted),
                )
            here, chosen_here, learnt_here = [], [], []
            for name, settings in candidates.items():
                steps.next(Message("{day}: {model}", day=fold, model=MODELS.get(name, name)))
                chosen, losses = choose(settings, train, horizon_months)
                chosen_here += [
                    {"fold": fold, "model": name, "setting": k, "log_loss": loss, "chosen": k == chosen}
                    for k, loss in enumerate(losses)
                ]
                risk = forecast_of(settings[chosen], train, test, horizon_months, household_folds)
                here.append(_prediction_rows(name, fold, test, risk, counted))
                if name not in learning:
                    continue
                also = with_visits(name)
                steps.next(Message("{day}: {model}", day=fold, model=also))
                risk, facts = forecast_with_visits(
                    settings[chosen], train, test, on_record, horizon_months=horizon_months,
                    household_folds=household_folds, otherwise=risk,
                )  # fmt: skip
                here.append(_prediction_rows(also, fold, test, risk, counted))
                learnt_here.append({"fold": fold, "model": also, **facts})
        except NotEnoughDataError as error:
            late = _late_incomes(register, train)
            why = error.message if late is None else listed([error.message, late], between="; ")
            if test_day == origins[-1][0] and not predictions:
                raise NotEnoughDataError(why) from error
            warnings.warn(FanpinWarning("{day} is not forecast: {why}", day=fold, why=why), stacklevel=2)
            continue
        predictions += here
        choices += chosen_here
        learnt += learnt_here
        forecast_days.append(test_day)
        for found, kept in zip(known.rules_and_signals(test), (rules, signals), strict=True):
            kept.append(found)
        folds.append(
            {
                "fold": fold,
                "train_days": ", ".join(str(day.date()) for day in train_days),
                "test_day": test_day,
                "until": test.until,
                "train_households": sum(len(day.outcome) for day in train),
                "train_events": sum(int(day.outcome.sum()) for day in train),
                "test_households": int((counted > 0).sum()),
                "test_events": int(test.outcome[counted > 0].sum()),
                "unobserved": test.n_unobserved,
            }
        )
    if learning_curve:
        first = next(iter(candidates))
        for k in range(1, len(train) + 1):
            steps.next(Message("{day}: newest {count} day(s)", day=fold, count=k))
            try:
                risk = forecast_of(candidates[first][0], train[-k:], test, horizon_months, household_folds)
            except NotEnoughDataError as error:
                warnings.warn(
                    FanpinWarning("newest {count} day(s) are not learnt from: {why}", count=k, why=error.message),
                    stacklevel=2,
                )
                continue
            curve.append(_prediction_rows(first, fold, test, risk, counted).assign(train_days=k))
    steps.next("")
    groups = pd.concat([known.groups(day).assign(as_of=day) for day in forecast_days]).set_index("as_of", append=True)
    learnt_by_day = facts_by_day(learnt) if learning else None
    if learnt_by_day is not None:  # who never learnt from visits says nothing that the first model does not
        never = set(learnt_by_day["model"]) - set(learnt_by_day.loc[learnt_by_day["learnt"], "model"])
        predictions = [rows for rows in predictions if rows["model"].iloc[0] not in never]
    return Evaluation(
        predictions=pd.concat(predictions, ignore_index=True),
        folds=pd.DataFrame(folds),
        choices=pd.DataFrame(choices, columns=["fold", "model", "setting", "log_loss", "chosen"]),
        groups=groups,
        curve=pd.concat(curve, ignore_index=True) if curve else None,
        target=target,
        horizon_months=horizon_months,
        synthetic=register.source.startswith("synthetic register"),
        rules=pd.concat(rules, ignore_index=True),
        signals=pd.concat(signals, ignore_index=True),
        policy="" if policy is None else policy.label,
        visits=found_at_visits,
        visits_learnt=learnt_by_day,
    )


def _as_list(model: Any) -> list[Any]:
    models = list(model) if isinstance(model, (list, tuple)) else [model]
    for one in models:
        if not hasattr(one, "fit_days") and not hasattr(one, "predict_proba"):
            raise SchemaError(
                "a model is of the type {name}; expected a RiskModel or a classifier with predict_proba, or a list of them",
                name=type(one).__name__,
            )
    if not models:
        raise SchemaError("a model has an empty list of settings; expected one or more")
    return models


def days_to_forecast(
    days: Iterable[Any], months: int, *, test_days: Iterable[Any] | None = None, newest: int | None = None
) -> list[tuple[pd.Timestamp, list[pd.Timestamp]]]:
    """Return each day to forecast with the days whose outcomes were on record by then.

    Parameters
    ----------
    days, test_days, newest
        As for :func:`evaluate`.
    months : int
        From a day until its outcomes are on record.

    Returns
    -------
    list of (Timestamp, list of Timestamp)

    Raises
    ------
    NotEnoughDataError
        If no day can be forecast.
    SchemaError
        If an argument is not as described.

    Examples
    --------
    >>> [(day.year, len(earlier)) for day, earlier in days_to_forecast(["2021-12-31", "2022-12-31", "2023-12-31"], 12)]
    [(2022, 1), (2023, 2)]
    """
    for name, value in (("days", days), ("test_days", test_days)):
        if isinstance(value, str):
            raise SchemaError(
                "{name} is one text; expected a list of days, such as ['2022-12-31', '2023-12-31']", name=name
            )
    given = sorted({to_day(day) for day in days})
    tested = given if test_days is None else sorted({to_day(day) for day in test_days})
    origins = []
    for day in tested:
        over = [earlier for earlier in given if months_after(earlier, months) <= day]
        if over:
            origins.append((day, over if newest is None else over[-newest:]))
    if not origins:
        raise NotEnoughDataError(
            "none of {n_tested} day(s) can be forecast: a training day must lie {months} months or more "
            "before it; give days farther apart or a shorter horizon",
            n_tested=len(tested),
            months=months,
        )
    return origins


def _days_late(register: Register) -> pd.Series:
    """Return how many days after the end of its period each income was recorded."""
    incomes = register.tables["incomes"]
    return (incomes["recorded_at"] - row_time(TABLES["incomes"], incomes)).dt.days


def _household_index(register: Register) -> pd.Index:
    return pd.Index(register.tables["households"]["household_id"].astype("str").unique())


def _late_incomes(register: Register | RegisterParts, train: Sequence[TrainingDay]) -> Message | None:
    """Say that outcomes made of incomes were not on record yet, and how long to wait for them; None if it is not that."""
    if not any(day.left_out.get("no_income_after") for day in train):
        return None
    late = pd.concat(list(in_parts(register).each(_days_late))).quantile(MOST_INCOMES)
    months = max(1, int(np.ceil(late / DAYS_PER_MONTH))) if late > 0 else 1
    return Message(
        "incomes after the training days were not on record by then ({share:.0%} of this register's are within {months} "
        "month(s) of the end of their period): delay_months={months} takes training days whose outcomes had arrived",
        share=MOST_INCOMES,
        months=months,
    )


def _check_weights(register: Register | RegisterParts, weights: pd.Series | None) -> None:
    """Refuse weights that are not numbers, or of other households, before anything is computed."""
    if weights is None:
        return
    if not (isinstance(weights, pd.Series) and pd.api.types.is_numeric_dtype(weights.dtype)):
        raise SchemaError("weights: expected a Series of numbers, indexed by household_id")
    if weights.index.has_duplicates or (weights < 0).any() or np.isinf(weights.to_numpy("float64", na_value=0)).any():
        raise SchemaError("weights: expected each household_id once, and no weight below 0 or infinite")
    there = list(in_parts(register).each(_household_index))
    known = weights.index[weights > 0].isin(there[0].append(there[1:]))
    if not known.any():
        raise SchemaError(
            "weights: none of the {n_weights} households with a weight stands in the register; expected "
            "ids as in its households, or their pseudonyms where it was read with an id key",
            n_weights=len(weights),
        )
    if not known.all():
        warnings.warn(
            FanpinWarning(
                "weights: {unknown} of {count} households with a weight do not stand in the register and are passed over; "
                "check how their ids are written",
                unknown=int((~known).sum()),
                count=len(known),
            ),
            stacklevel=3,
        )


def _counted(day: TrainingDay, weights: pd.Series | None) -> Array:
    """Return what each household counts in the measures."""
    if weights is None:
        return np.ones(len(day.outcome))
    return weights.reindex(day.table.index).fillna(0.0).to_numpy(dtype="float64")


def _prediction_rows(model: str, fold: str, test: TrainingDay, risk: Array, counted: Array) -> pd.DataFrame:
    """Return forecasts and outcomes of the households that count, one per row."""
    village = pd.Series(test.area_code, dtype="str").str[: UNIT_DIGITS["village"]]
    rows = pd.DataFrame(
        {
            "model": model,
            "fold": fold,
            "as_of": pd.Series([test.as_of] * len(risk), dtype="datetime64[s]"),
            "household_id": test.table.index.to_numpy(),
            "cluster": village.where(village.str.len() == UNIT_DIGITS["village"], "").to_numpy(),
            "outcome": test.outcome.astype("int64"),
            "risk": risk,
            "weight": counted,
            "event_on": test.event_on,
        }
    )
    return rows[rows["weight"] > 0]
