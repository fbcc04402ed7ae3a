"""The scores of past days, judged by what has happened since and held against what the model promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import Target, Unobserved
from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.intervals import summarise
from fanpin_risk.evaluation.parts import outcomes_of_parts
from fanpin_risk.model.register_parts import RegisterParts
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.records.register import Register

__all__ = ["performance"]

PERFORMANCE = ("auc", "average_precision", "log_loss", "calibration_intercept", "mean_risk", "base_rate")


def performance(
    scores: pd.DataFrame,
    register: Register | RegisterParts,
    horizon_months: int = 12,
    *,
    promised: RiskModel | Mapping[str, float] | None = None,
    target: Target = "newly_monitored",
    lines: MonitoringLines | None = None,
    observed_until: Any = None,
    unobserved: Unobserved = "drop",
    n_bootstrap: int = 200,
    random_state: int = 0,
) -> pd.DataFrame:
    """Judge the scores of past days by what has happened since, beside what the model promised.

    Who was visited because of a score is helped, and who was not visited may never be entered: outcomes of a model in
    use are not those of a world without it.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score`, of one or more days: ``household_id``, ``as_of``, ``risk``.
    register : Register or RegisterParts
        Reaching beyond the end of the horizons.
    horizon_months : int, default 12
        Of the risks.
    promised : RiskModel or mapping of str to float, optional
        The model, or its ``oof_metrics_`` as on its card.
    target, lines, observed_until, unobserved
        See :func:`fanpin_risk.outcomes`.
    n_bootstrap : int, default 200
        Draws of villages for the intervals.
    random_state : int, default 0
        Seed.

    Returns
    -------
    DataFrame
        One row per day and measure: ``as_of, measure, value, low, high, promised, kept, households, events, note``.
        Measures: ``auc, average_precision, log_loss, calibration_intercept`` (in the large, in log-odds; promised: 0),
        ``mean_risk, base_rate``. ``kept``: whether the interval holds what was promised or lies on its better side;
        missing where nothing was promised or the day is too small.

    Raises
    ------
    SchemaError
        If a column is missing.
    NotEnoughDataError
        If the register does not yet reach the end of a horizon.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(1500, random_state=0, base_rate=0.05)
    >>> scores = pd.DataFrame({"household_id": fr.outcomes(register, "2022-12-31").index, "risk": 0.05})
    >>> found = performance(scores.assign(as_of="2022-12-31"), register, n_bootstrap=20, promised={"auc": 0.7})
    >>> found.loc[0, "measure"], float(found.loc[0, "value"]), bool(found.loc[0, "kept"])
    ('auc', 0.5, False)
    """
    missing = [name for name in ("household_id", "as_of", "risk") if name not in scores.columns]
    if missing:
        raise SchemaError("scores has no column {missing}; expected those of RiskModel.score", missing=tuple(missing))
    repeated = int(scores.duplicated(["household_id", "as_of"]).sum())
    if repeated:
        raise SchemaError(
            "{repeated} rows of scores repeat a household on a day; expected one row for each", repeated=repeated
        )
    metrics = dict(promised.oof_metrics_ if isinstance(promised, RiskModel) else promised or {})
    parts = []
    for day, part in scores.groupby(pd.to_datetime(scores["as_of"])):
        outcome = outcomes_of_parts(
            register, day, horizon_months=horizon_months, target=target, lines=lines, observed_until=observed_until,
            unobserved=unobserved,
        )  # fmt: skip
        own = part.set_index("household_id")
        kept = own.index.intersection(outcome.index)
        village = own["area_code"].reindex(kept) if "area_code" in own else pd.Series("", index=kept)
        parts.append(
            pd.DataFrame(
                {
                    "model": "scores",
                    "fold": str(pd.Timestamp(day).date()),
                    "as_of": day,
                    "household_id": kept,
                    "cluster": village.to_numpy(),
                    "outcome": outcome.loc[kept, "outcome"].astype("int64").to_numpy(),
                    "risk": own.loc[kept, "risk"].to_numpy(dtype="float64"),
                }
            )
        )
    summary = summarise(
        pd.concat(parts, ignore_index=True), by=("model", "fold"), measures=PERFORMANCE, n_bootstrap=n_bootstrap,
        random_state=random_state,
    )  # fmt: skip
    result = pd.DataFrame(summary).drop(columns="model").rename(columns={"fold": "as_of"})
    result["as_of"] = pd.to_datetime(result["as_of"]).astype("datetime64[s]")
    expected = metrics | {"calibration_intercept": 0.0} if metrics else metrics
    result.insert(5, "promised", result["measure"].map(expected).astype("float64"))
    better_high = result["measure"].isin(["auc", "average_precision"])
    better_low = result["measure"] == "log_loss"
    holds = (result["low"] <= result["promised"]) | better_high & (result["low"] > result["promised"])
    holds &= (result["high"] >= result["promised"]) | better_low & (result["high"] < result["promised"])
    result.insert(6, "kept", holds.astype("boolean").mask(result["promised"].isna() | result["low"].isna()))
    return result
