"""Whether the level of a model's risks held on days whose outcomes are known, and how well it is calibrated apart from it.

No method that knows only what was known on the day brings the error of the level near nothing when times turn. So two
questions are asked apart: how often the interval of the level held the share with the event (promised: in nine of ten days),
and how large the calibration error is once the level has been put right by what happened.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.evaluation.level import level_shift
from fanpin_risk.evaluation.measures import measure
from fanpin_risk.evaluation.parts import outcomes_of_parts, scores_of_day
from fanpin_risk.model.register_parts import RegisterParts
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.records.register import Register

__all__ = ["CALIBRATION_AIM", "LEVEL_COLUMNS", "horizons_back", "known_levels", "level_of_day"]

# What the calibration error with the level put right should be at most.
CALIBRATION_AIM = 0.015
LEVEL_COLUMNS = (
    "as_of", "households", "events", "base_rate", "mean_risk", "level_low", "level_high", "level_held", "shift",
    "calibration_error", "calibration_error_level_right",
)  # fmt: skip


def known_levels(model: RiskModel, register: Register | RegisterParts, day: pd.Timestamp) -> pd.DataFrame:
    """Hold the level of the day, and of the days whole horizons before it, against what happened.

    Only days after those that the model learnt from are judged, and only where their outcomes are known.

    Parameters
    ----------
    model : RiskModel
        Fitted.
    register : Register or RegisterParts
        Checked records.
    day : Timestamp
        The newest day.

    Returns
    -------
    DataFrame
        One row for each day, the oldest first, see :func:`level_of_day`; none where no horizon is over.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(2500, random_state=0, base_rate=0.05)
    >>> model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=20), n_folds=2).fit(register, "2020-12-31")
    >>> known_levels(model, register, pd.Timestamp("2023-12-31"))["as_of"].dt.year.tolist()
    [2021, 2022, 2023]
    """
    rows = []
    for judged in horizons_back(model, day):
        try:
            happened = outcomes_of_parts(
                register, judged, horizon_months=model.horizon_months_, target=model.target, lines=model.lines,
                unobserved=(model.unobserved_ or {}).get("treated", "drop"),
            )  # fmt: skip
        except NotEnoughDataError:
            continue
        scores = scores_of_day(model, register, judged).set_index("household_id")
        there = scores.index.intersection(happened.index)
        if len(there):
            rows.append({"as_of": judged, **level_of_day(scores.loc[there], happened.loc[there, "outcome"])})
    table = pd.DataFrame(rows[::-1], columns=list(LEVEL_COLUMNS))
    return table.astype({"as_of": "datetime64[s]", "level_held": "bool"})


def horizons_back(model: RiskModel, day: pd.Timestamp) -> list[pd.Timestamp]:
    """Return a day and those whole horizons before it, the newest first, without those that a model learnt from.

    Parameters
    ----------
    model : RiskModel
        Fitted.
    day : Timestamp
        The newest day.

    Returns
    -------
    list of Timestamp
        Days later than the newest training day.
    """
    days: list[pd.Timestamp] = []
    newest, judged = model.training_.index.max(), day
    while judged > newest:
        days.append(judged)
        judged = day - pd.DateOffset(months=len(days) * model.horizon_months_)
        if day.is_month_end:
            judged += pd.offsets.MonthEnd(0)
    return days


def level_of_day(scores: pd.DataFrame, outcome: Any) -> dict[str, Any]:
    """Hold the level of a day against what happened.

    Parameters
    ----------
    scores : DataFrame of shape (n_households, n_columns)
        ``risk``, ``risk_low`` and ``risk_high`` of households at risk.
    outcome : array-like of shape (n_households,), 0 or 1
        Whether the event happened to them.

    Returns
    -------
    dict
        ``households``, ``events``, ``base_rate`` (share with the event), ``mean_risk``; ``level_low`` and ``level_high``,
        between which the interval of the level put that share, and ``level_held``, whether it lay there; ``shift`` (what the
        log-odds lack) and the ``calibration_error`` as forecast and with the shift (``calibration_error_level_right``),
        NaN where fewer than 20 households had the event, or did not. Chance alone makes calibration errors larger in small
        registers.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.uniform(0.05, 0.3, 4000)
    >>> scores = pd.DataFrame({"risk": risk, "risk_low": risk / 2, "risk_high": 1.5 * risk})
    >>> found = level_of_day(scores, rng.random(4000) < expit(logit(risk) + 0.3))
    >>> (
    ...     found["level_held"],
    ...     round(found["shift"], 1),
    ...     found["calibration_error_level_right"] < found["calibration_error"],
    ... )
    (True, 0.3, True)
    """
    happened = np.asarray(outcome, dtype="float64")
    risk = scores["risk"].to_numpy(dtype="float64")
    share = float(happened.mean())
    low, high = (float(scores[name].mean()) for name in ("risk_low", "risk_high"))
    row: dict[str, Any] = {
        "households": len(scores), "events": int(happened.sum()), "base_rate": share, "mean_risk": float(risk.mean()),
        "level_low": low, "level_high": high, "level_held": low <= share <= high,
    }  # fmt: skip
    try:
        shift = level_shift(logit(risk), happened)
    except NotEnoughDataError:
        return {**row, **dict.fromkeys(LEVEL_COLUMNS[-3:], np.nan)}
    for name, added in (("calibration_error", 0.0), ("calibration_error_level_right", shift)):
        found = measure(happened, expit(logit(risk) + added), measures=["calibration_error"])
        row[name] = float(found["calibration_error"])
    return {**row, "shift": shift}
