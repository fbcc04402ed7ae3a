"""A model in use: whether households still look like those it learnt from, and whether it keeps its promise.

Before outcomes arrive only the features and the scores can be watched; once a horizon has passed the forecast itself is
judged. What to do follows from both.
"""

from __future__ import annotations

import warnings
from functools import reduce
from typing import Any, NamedTuple

import pandas as pd

from fanpin_risk.asof.days import to_day
from fanpin_risk.errors import LackingTablesWarning, NotEnoughDataError, SchemaError
from fanpin_risk.evaluation.drift import BinCounts, counts_in_bins, drift_of_counts
from fanpin_risk.evaluation.judged_scores import performance
from fanpin_risk.evaluation.levels import horizons_back, known_levels
from fanpin_risk.evaluation.parts import JUDGED_COLUMNS, ask_each, one_of_parts, scores_of_day
from fanpin_risk.evaluation.retraining import retrain_advice
from fanpin_risk.model.register_parts import RegisterParts
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = ["DriftReport", "drift_report"]

# An export may lag behind the day it is judged on, by a quarter at most.
MONTHS_WITHOUT_RECORDS = 3


class DriftReport(NamedTuple):
    """What a model meets on a day, beside what it was trained on.

    Attributes
    ----------
    features, scores : DataFrame
        From :func:`drift`; of the features, and of the risk, which is held against the out-of-fold risks of training.
    outcome : DataFrame or None
        From :func:`performance`, of the newest day after the training days whose horizon is over; None if there is none.
    advice : dict
        From :func:`retrain_advice`.
    households : int
        Households at risk on the day, those compared.
    levels : DataFrame
        From :func:`fanpin_risk.evaluation.levels.known_levels`: for the day and those whole horizons before it, as far as they
        come after the training days and their outcomes are known, whether the interval of the level held, and calibration
        with the level put right.
    """

    features: pd.DataFrame
    scores: pd.DataFrame
    outcome: pd.DataFrame | None
    advice: dict[str, Any]
    households: int
    levels: pd.DataFrame


def drift_report(
    model: RiskModel,
    register: Register | RegisterParts,
    as_of: Any,
    *,
    n_bootstrap: int = 200,
    progress: Progress | None = None,
) -> DriftReport:
    """Hold a day against the profile that travels with a model, judge the model where outcomes are known, and advise.

    Only households on record and not monitored on the day are compared, as in training.

    Parameters
    ----------
    model : RiskModel
        Fitted or loaded.
    register : Register or RegisterParts
        Checked records, or those of a register in parts, such as :class:`fanpin_risk.PackedRegister`.
    as_of : date-like
        The day: the newest training day or a later one.
    n_bootstrap : int, default 200
        Draws of villages for the intervals of the performance.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    DriftReport

    Raises
    ------
    SchemaError
        If the day lies before the newest training day: what differs then lies in the past and is no reason to train anew.
    NotEnoughDataError
        If no household is at risk on the day, or the records end more than three months before it.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(2500, random_state=0)
    >>> model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=20), n_folds=2).fit(register, "2021-12-31")
    >>> drift_report(model, register, "2022-12-31", n_bootstrap=0).households > 2000
    True
    """
    day, newest = to_day(as_of), model.training_.index.max()
    if day < newest:
        raise SchemaError(
            "{day} lies before {newest}, the newest day that the model learnt from: drift is what "
            "changed after the training, and of an earlier day no advice follows; expected that day or a "
            "later one (drift(reference, current) compares the tables of any two days)",
            day=day.date(),
            newest=newest.date(),
        )
    ends = register.observed_until
    if pd.isna(ends) or day > ends + pd.DateOffset(months=MONTHS_WITHOUT_RECORDS):
        reach = Message("hold no dated row") if pd.isna(ends) else Message("end on {day}", day=ends.date())
        raise NotEnoughDataError(
            "the records {reach}, more than {months_without_records} months before {day}: nothing is "
            "known that could have drifted; take an earlier day or a newer export",
            reach=reach,
            months_without_records=MONTHS_WITHOUT_RECORDS,
            day=day.date(),
        )

    def step(done: int, what: str | Message) -> None:
        if progress is not None:
            progress(done, 4, str(what))

    step(0, Message("scores {day}", day=day.date()))
    of_risk = model.profile_["feature"] == "risk"
    profiles = model.profile_[~of_risk], model.profile_[of_risk]

    def counted(part: Register) -> tuple[pd.DataFrame, BinCounts, BinCounts]:
        """Score a part, and count the households that are not monitored in the bins of their features and risks."""
        own = model.score(part, day, explain=False)
        now = own[~own["monitored"].fillna(False).to_numpy(dtype=bool)].set_index("household_id")
        table = model.features_of(part, day).loc[now.index]
        return own[list(JUDGED_COLUMNS)], counts_in_bins(profiles[0], table), counts_in_bins(profiles[1], now[["risk"]])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LackingTablesWarning)  # missing_after says it
        own, *counts_of_parts = zip(*ask_each(register, counted), strict=True)
        scores = one_of_parts(own)
        counts = [reduce(BinCounts.plus, kind) for kind in counts_of_parts]
        features, found = (drift_of_counts(*pair) for pair in zip(profiles, counts, strict=True))
        step(2, Message("outcomes"))
        outcome = _known_performance(model, register, day, scores, n_bootstrap)
        levels = known_levels(model, register, day)
    advice = retrain_advice(features=features, scores=found, outcome=outcome)
    step(4, "")
    return DriftReport(features, found, outcome, advice, counts[0].rows, levels)


def _known_performance(
    model: RiskModel, register: Register | RegisterParts, day: pd.Timestamp, scores: pd.DataFrame, n_bootstrap: int
) -> pd.DataFrame | None:
    """Judge the day, or else the day a horizon before it, unless the model learnt from it or its outcomes are not known."""
    for judged in horizons_back(model, day)[:2]:
        try:
            return performance(
                scores if judged == day else scores_of_day(model, register, judged), register,
                model.horizon_months_, promised=model, target=model.target, lines=model.lines, n_bootstrap=n_bootstrap,
                unobserved=(model.unobserved_ or {}).get("treated", "drop"),
            )  # fmt: skip
        except NotEnoughDataError:
            continue
    return None
