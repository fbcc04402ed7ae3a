"""The level of a model's risks put right by the newest outcomes, where that would have helped before.

When times turn, the newest complete year may say nothing of the next: a level taken from it can make the error larger.
So it is tried on the register's own past first, by models that knew no more than was known then, and a model is only
handed out where it helped there.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.metrics import log_loss

from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.model.fitting import FEWEST_EVENTS
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.progress import Progress

__all__ = ["FEWEST_DAYS_TRIED", "Recalibration", "level_shift", "recalibrate"]

Array = NDArray[Any]
# Shifts of the log-odds beyond this are no level but another event.
LARGEST_SHIFT = 5.0
# One earlier day is no past: a year that happened to resemble the one before says nothing of the next.
FEWEST_DAYS_TRIED = 2


class Recalibration(NamedTuple):
    """What the newest outcomes say of a model's level, and whether to believe it.

    Attributes
    ----------
    model : RiskModel or None
        A copy with the level put right; None where that would not have helped before, or could be tried on fewer than two
        earlier days.
    shift : float
        What is added to the calibrated log-odds.
    as_of : Timestamp
        Day whose outcomes say so.
    back_test : DataFrame
        One row for each earlier day on which it could be tried: ``as_of`` (forecast), ``learnt_until``, ``level_from`` (day whose
        outcomes gave the shift), ``shift``, and before and after it ``level_error`` (mean risk less share with the event) and
        ``log_loss``.
    helps : bool
        Whether, over two earlier days or more, the mean size of the error of the level and the mean log loss were both less
        with it.
    """

    model: RiskModel | None
    shift: float
    as_of: pd.Timestamp
    back_test: pd.DataFrame
    helps: bool


def recalibrate(model: RiskModel, days: Sequence[TrainingDay], *, progress: Progress | None = None) -> Recalibration:
    """Put the level of a model right by the newest outcomes, if that would have helped on earlier days.

    On each earlier day that allows it, the same is done as today: a model of the same settings learns from days whose
    horizon was over, the outcomes of a later day give the shift, and the day a horizon after that is forecast with and
    without it.

    Parameters
    ----------
    model : RiskModel
        Fitted.
    days : sequence of TrainingDay
        Past days with what happened after them, from :func:`fanpin_risk.training_day`: the model's own training days and
        later ones, of which the newest gives the level.
    progress : callable, optional
        Called with (days done, days in all, day).

    Returns
    -------
    Recalibration

    Raises
    ------
    NotEnoughDataError
        If the newest day has fewer than 20 households with the event, or without.
    SchemaError
        If no day is later than those that the model learnt from.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(2000, random_state=0, base_rate=0.05)
    >>> days = [fr.training_day(register, f"{year}-12-31") for year in range(2019, 2024)]
    >>> small = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=20), n_folds=2).fit_days(days[:4])
    >>> found = recalibrate(small, days)
    >>> int(found.back_test["as_of"].dt.year.max()), (found.model is None) == (not found.helps)
    (2023, True)
    """
    ordered = sorted(days, key=lambda day: day.as_of)
    if not ordered or not ordered[-1].as_of > model.training_.index.max():
        raise SchemaError(
            "no day is later than {newest}, the newest that the model learnt from; expected one whose outcomes it does not know",
            newest=model.training_.index.max().date(),
        )
    shift = _shift(model, ordered[-1])
    tried = []
    for number, day in enumerate(ordered):
        if progress is not None:
            progress(number, len(ordered), str(day.as_of.date()))
        if (row := _tried(model, ordered, day)) is not None:
            tried.append(row)
    if progress is not None:
        progress(len(ordered), len(ordered), "")
    table = pd.DataFrame(
        tried,
        columns=[
            "as_of",
            "learnt_until",
            "level_from",
            "shift",
            "level_error_before",
            "level_error_after",
            "log_loss_before",
            "log_loss_after",
        ],
    )
    helps = len(table) >= FEWEST_DAYS_TRIED and all(
        table[f"{name}_after"].abs().mean() < table[f"{name}_before"].abs().mean()
        for name in ("level_error", "log_loss")
    )
    shifted = _shifted(model, shift) if helps else None
    if shifted is not None:
        shifted.level_ = {"as_of": str(ordered[-1].as_of.date()), "shift": shift, "tried": len(table)}
    return Recalibration(shifted, shift, ordered[-1].as_of, table, helps)


def _log_odds(model: RiskModel, day: TrainingDay) -> Array:
    return np.asarray(logit(model.risk_of(day.table, area_code=day.area_code)))


def level_shift(log_odds: Array, outcome: Array) -> float:
    """Return what added to log-odds makes the mean risk the share with the event.

    Parameters
    ----------
    log_odds : ndarray of shape (n,)
        Calibrated.
    outcome : ndarray of shape (n,), 0 or 1
        Whether the event happened.

    Returns
    -------
    float

    Raises
    ------
    NotEnoughDataError
        If fewer than 20 households had the event, or did not, or the level is off by more than 5 log-odds.

    Examples
    --------
    >>> odds = np.repeat(logit([0.1, 0.2]), 500)
    >>> float(round(level_shift(odds, np.tile([1, 0, 0, 0], 250)), 2))
    0.65
    """
    events = int(outcome.sum())
    if min(events, len(outcome) - events) < FEWEST_EVENTS:
        raise NotEnoughDataError(
            "{events} of {households} households with the event; a level needs {fewest} with and as many without",
            events=events,
            households=len(outcome),
            fewest=FEWEST_EVENTS,
        )

    def excess(shift: float) -> float:
        return float(expit(log_odds + shift).sum() - events)

    if excess(-LARGEST_SHIFT) >= 0 or excess(LARGEST_SHIFT) <= 0:
        raise NotEnoughDataError("the level is too far off to be put right; train again")
    return float(brentq(excess, -LARGEST_SHIFT, LARGEST_SHIFT, xtol=1e-12))


def _shift(model: RiskModel, day: TrainingDay) -> float:
    """Return the shift that the outcomes of a day ask for."""
    try:
        return level_shift(_log_odds(model, day), day.outcome)
    except NotEnoughDataError as error:
        raise NotEnoughDataError("{day}: {why}", day=day.as_of.date(), why=error.message) from error


def _tried(model: RiskModel, days: Sequence[TrainingDay], day: TrainingDay) -> dict[str, Any] | None:
    """Do on an earlier day what is done today; None where too little was known then."""
    over = [one for one in days if one.until <= day.as_of]
    if not over:
        return None
    newest = over[-1]
    learnt = [one for one in days if one.until <= newest.as_of]
    try:
        then = clone(model).fit_days(learnt, horizon_months=model.horizon_months_) if learnt else None
        shift = None if then is None else _shift(then, newest)
    except NotEnoughDataError:
        return None
    if then is None or shift is None or not len(day.outcome):
        return None
    margin = _log_odds(then, day)
    row: dict[str, Any] = {"as_of": day.as_of, "learnt_until": learnt[-1].as_of, "level_from": newest.as_of}
    row["shift"] = shift
    for name, added in (("before", 0.0), ("after", shift)):
        risk = expit(margin + added)
        row[f"level_error_{name}"] = float(risk.mean() - day.outcome.mean())
        row[f"log_loss_{name}"] = float(log_loss(day.outcome, risk, labels=[0, 1]))
    return row


def _shifted(model: RiskModel, shift: float) -> RiskModel:
    """Return a copy whose log-odds are moved; tiers keep the households they have."""
    moved = copy(model)
    moved.intercept_ = model.intercept_ + shift
    moved.tier_thresholds_ = {
        tier: float(expit(logit(least) + shift)) for tier, least in model.tier_thresholds_.items()
    }
    profile = model.profile_.copy()
    of_risk = profile["feature"] == "risk"
    for name in ("low", "high"):
        limits = profile.loc[of_risk, name].to_numpy(dtype="float64")
        inside = np.isfinite(limits) & (limits > 0) & (limits < 1)
        profile.loc[of_risk, name] = np.where(inside, expit(logit(np.where(inside, limits, 0.5)) + shift), limits)
    moved.profile_ = profile
    return moved
