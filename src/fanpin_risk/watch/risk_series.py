"""The risk of households day by day, each from what was on record on that day (长期跟踪风险系数)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.outcomes import not_at_risk
from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features import features_at
from fanpin_risk.model.days_and_households import household_ids_of, sorted_days
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = ["quarter_ends", "risk_series"]

YEARS_FOLLOWED = 3


def risk_series(
    model: RiskModel,
    register: Register,
    *,
    days: Iterable[Any] | None = None,
    households: Iterable[str] | str | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return the risk of households on each of several days (长期跟踪风险系数).

    Every risk is what the model says of what was on record on its day: a bill that was reported late moves the risk from the day
    of the report on, not from that of the illness. One model is asked on all days, so that a difference is one of the
    records or of the line; what moved two neighbouring days apart tells :func:`fanpin_risk.changes`.

    Parameters
    ----------
    model : RiskModel
        Fitted.
    register : Register
        Checked records.
    days : iterable of date-like, optional
        Default: the quarter-ends of the three years up to the last record, and that day.
    households : str or iterable of str, optional
        Default: all on record on one of the days.
    progress : callable, optional
        Called with (done, total, name).

    Returns
    -------
    DataFrame
        By household and day: ``household_id``, ``as_of``, ``risk`` (probability within the model's horizon), ``tier``,
        ``log_odds_change`` (against the day before it in the series on which the household was on record; missing on the first),
        ``line_cny`` (monitoring line of the place and year, CNY per person) and ``not_at_risk`` (a code where the forecast is not
        about this household on this day: it is monitored, or below the line already; ``""`` elsewhere). A household has a
        row for the days alone on which it was on record.

    Raises
    ------
    SchemaError
        If `register` is no register, a day cannot be read, there is none, or a household is not in the register.
    InputError
        If `model` is no model.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(60, random_state=0)
    >>> series = fr.risk_series(
    ...     fr.load_model("demo"), register, days=["2023-06-30", "2023-12-31"], households="H000000003"
    ... )
    >>> series["as_of"].dt.month.tolist(), bool(series["risk"].between(0, 1).all())
    ([6, 12], True)
    """
    of_type("model", model, RiskModel, Message("a fitted RiskModel"))
    register = checked_register(register)
    asked = quarter_ends(register) if days is None else sorted_days(list(days))
    if households is not None:
        register = register.select(household_ids_of(households))
    parts = []
    for done, day in enumerate(asked):
        if progress is not None:
            progress(done, len(asked), str(day.date()))
        parts.append(_on_day(model, register, day))
    if progress is not None:
        progress(len(asked), len(asked), "")
    series = pd.concat(parts, ignore_index=True).sort_values(["household_id", "as_of"], ignore_index=True)
    log_odds = pd.Series(logit(series["risk"].to_numpy()), index=series.index)
    series["log_odds_change"] = log_odds.groupby(series["household_id"]).diff()
    return series[["household_id", "as_of", "risk", "tier", "log_odds_change", "line_cny", "not_at_risk"]]


def quarter_ends(register: Register | str | pd.Timestamp) -> list[pd.Timestamp]:
    """Return the quarter-ends of the three years up to a register's last record, and its day.

    Parameters
    ----------
    register : Register or date-like
        Or the day of its last record.

    Returns
    -------
    list of Timestamp

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> len(quarter_ends(fr.make_register(50, random_state=0)))
    13
    """
    last = to_day(register.observed_until if isinstance(register, Register) else register)
    quarters = pd.date_range(last - pd.DateOffset(years=YEARS_FOLLOWED), last, freq="QE")
    return sorted({*(to_day(day) for day in quarters), last})


def _on_day(model: RiskModel, register: Register, day: pd.Timestamp) -> pd.DataFrame:
    here = Snapshot(register, day, references=model.references_for(day), lines=model.lines)
    table = features_at(here)
    risk = model.risk_of(table, area_code=here.area_codes) if len(table) else np.empty(0)
    return pd.DataFrame(
        {
            "household_id": table.index.to_series().astype("str").array,
            "as_of": pd.array([day] * len(table), dtype="datetime64[s]"),
            "risk": np.asarray(risk, dtype="float64"),
            "tier": pd.Series(np.asarray(model.tier_of(risk), dtype=object), dtype="str").array,
            "line_cny": here.line,
            "not_at_risk": not_at_risk(here, model.target).reindex(table.index).fillna("").array,
        }
    )
