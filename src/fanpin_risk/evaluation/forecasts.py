"""Models of one protocol: fitted to past days, chosen on households that they did not learn from, and asked for a day."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import log_loss

from fanpin_risk.errors import NotEnoughDataError, UnobservedWarning
from fanpin_risk.model.fitting import FEWEST_EVENTS
from fanpin_risk.model.training_day import TrainingDay

__all__ = ["choose", "forecast_of"]

Array = NDArray[Any]

# One household in three decides which of several settings is taken.
CHOICE_PARTS = 3


def _part(households: pd.Index, n: int, salt: str) -> Array:
    """Deal households into n parts by a hash of their ids."""
    return np.array(
        [
            int.from_bytes(hashlib.blake2b(f"{salt} {i}".encode(), digest_size=8).digest(), "big") % n
            for i in households
        ],
        dtype=np.int64,
    )


def _of_households(day: TrainingDay, chosen: Callable[[pd.Index], Array]) -> TrainingDay:
    """Return some of a day's households, those at risk and the others."""
    keep = chosen(day.table.index)
    of_rows = ("table", "outcome", "event_on", "area_code", "counts", "later_to_line", "weight", "even")
    parts = {name: getattr(day, name) for name in of_rows}
    kept: dict[str, Any] = {name: None if values is None else values[keep] for name, values in parts.items()}
    if day.others is not None and day.others_later_to_line is not None:
        keep = chosen(day.others.index)
        kept |= {"others": day.others[keep], "others_later_to_line": day.others_later_to_line[keep]}
    return day._replace(**kept)


def _tells(days: Sequence[TrainingDay]) -> bool:
    """Tell whether there are households with and without the event."""
    return _rarer(days) > 0


def _rarer(days: Sequence[TrainingDay]) -> int:
    """Count the households with the event, or those without where they are fewer."""
    events = sum(int(day.outcome.sum()) for day in days)
    return min(events, sum(len(day.outcome) for day in days) - events)


def _fitted(model: Any, days: Sequence[TrainingDay], horizon_months: int, visits: pd.DataFrame | None = None) -> Any:
    if visits is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what would be warned of stands in a table, see visit_learning
            return clone(model).fit_days(days, horizon_months=horizon_months, visits=visits)
    if hasattr(model, "fit_days"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnobservedWarning)  # said once of each day forecast
            return clone(model).fit_days(days, horizon_months=horizon_months)
    try:
        fitted = clone(model).fit(pd.concat([day.table for day in days]), np.concatenate([day.outcome for day in days]))
    except ValueError:
        if _tells(days):
            raise
    else:
        if len(getattr(fitted, "classes_", (0, 1))) == 2:
            return fitted
    households, events = sum(len(day.outcome) for day in days), sum(int(day.outcome.sum()) for day in days)
    raise NotEnoughDataError(
        "{households} households at risk on {n_days} day(s) with {events} events: nothing to tell "
        "apart; take more days, a longer horizon or more areas",
        households=households,
        n_days=len(days),
        events=events,
    )


def _risk_from(model: Any, day: TrainingDay, rows: Array | slice = slice(None)) -> Array:
    """Return the risk of households of a day, by a fitted model."""
    if hasattr(model, "risk_of_day"):
        return model.risk_of_day(day)[rows]
    if hasattr(model, "risk_of"):
        return model.risk_of(day.table[rows], area_code=day.area_code[rows])
    return model.predict_proba(day.table[rows])[:, 1]


def choose(settings: Sequence[Any], train: Sequence[TrainingDay], horizon_months: int) -> tuple[int, list[float]]:
    """Return the position of the setting with the least log loss on earlier days, and the log losses.

    Tried on the newest training day, on households that were not learnt from; learnt from the days before it, or, where
    these tell nothing, from the other households of the same day. Days of which no outcome was on record yet are passed
    over.

    Parameters
    ----------
    settings : sequence of estimator
        :class:`fanpin_risk.RiskModel` objects or scikit-learn classifiers.
    train : sequence of TrainingDay
        Days to learn from.
    horizon_months : int
        Of the outcomes.

    Returns
    -------
    chosen : int
    losses : list of float
        Of each setting; NaN where there is only one.

    Raises
    ------
    NotEnoughDataError
        If there are too few households.
    """
    if len(settings) == 1:
        return 0, [np.nan]
    parts = [(day, _part(day.table.index, CHOICE_PARTS, "choice")) for day in train]
    parts = [(day, part) for day, part in parts if (part == 0).any()]
    if not parts:
        raise NotEnoughDataError("the training days hold too few households to choose between settings; take more days")
    others = [_of_households(day, lambda ids: _part(ids, CHOICE_PARTS, "choice") > 0) for day, _ in parts]
    learnt = others[:-1] if _rarer(others[:-1]) >= FEWEST_EVENTS else others
    tried = _of_households(parts[-1][0], lambda ids: _part(ids, CHOICE_PARTS, "choice") == 0)
    losses = [
        float(
            log_loss(
                tried.outcome,
                _risk_from(_fitted(one, learnt, horizon_months), tried),
                sample_weight=tried.weight,
                labels=[0, 1],
            )
        )
        for one in settings
    ]
    return int(np.argmin(losses)), losses


def forecast_of(
    model: Any,
    train: Sequence[TrainingDay],
    test: TrainingDay,
    horizon_months: int,
    household_folds: int,
    *,
    visits: pd.DataFrame | None = None,
    facts: list[dict[str, Any]] | None = None,
) -> Array:
    """Return the risk of each household of a day, by a model that never saw it if there are folds.

    Parameters
    ----------
    model : estimator
        Unfitted.
    train : sequence of TrainingDay
        Days to learn from.
    test : TrainingDay
        The day to forecast.
    horizon_months : int
        Of the outcomes.
    household_folds : int
        Folds of households; 1: none.
    visits : DataFrame, optional
        What visits found that the model learns from as well, a :class:`fanpin_risk.RiskModel`; no more than was known on the day.
    facts : list, optional
        Takes what each model fitted to visits says of them, its ``visits_``.

    Returns
    -------
    ndarray of shape (n_households,)

    Raises
    ------
    NotEnoughDataError
        If there are too few events.
    """
    if household_folds == 1:
        fitted = _fitted(model, train, horizon_months, visits)
        if visits is not None and facts is not None:
            facts.append(fitted.visits_)
        return _risk_from(fitted, test)
    risk = np.full(len(test.outcome), np.nan)
    here = _part(test.table.index, household_folds, "fold")
    for k in range(household_folds):
        if (here == k).any():
            learnt = [
                _of_households(day, lambda ids, k=k: _part(ids, household_folds, "fold") != k)  # type: ignore[misc]
                for day in train
            ]
            fitted = _fitted(model, learnt, horizon_months, visits)
            if visits is not None and facts is not None:
                facts.append(fitted.visits_)
            risk[here == k] = _risk_from(fitted, test, here == k)
    return risk
