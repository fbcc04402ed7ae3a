"""Whether learning from visits helps: the same model, told also what visits had found by the day that it forecasts.

Nothing leaks: a model that forecasts a day learns from a visit only if it was made and recorded by that day, and within the
horizon of one of its training days, which was over then. Where too little was known of visits, the model that learns from the
register alone stands in for it, as it would in an office, so that both forecast the same households; which days these are
is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.evaluation.forecasts import forecast_of
from fanpin_risk.evaluation.intervals import compare, effective_number
from fanpin_risk.evaluation.labels import ALSO_VISITS
from fanpin_risk.evaluation.results import Result
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.model.visit_fit import LARGEST_WEIGHT, heaviest_weight, trimmed_weights
from fanpin_risk.model.visit_results import checked_visits, visit_labels
from fanpin_risk.words import note

__all__ = [
    "FACTS_OF_LEARNING",
    "at_the_visited",
    "facts_by_day",
    "forecast_with_visits",
    "may_learn_from_visits",
    "recorded_weights",
    "with_visits",
]

# What is told of the visits that a forecast learnt from, beside the day and the model.
FACTS_OF_LEARNING = (
    "learnt", "visits", "by_list", "at_random", "effective", "largest_weight", "cut", "trees", "share_verified",
    "share_verified_weighted", "share_recognised", "known_later", "note",
)  # fmt: skip
# Measures by which it is told at the visited whether learning from visits helps.
GAINS_AT_VISITED = ("log_loss", "brier", "auc", "average_precision")


def may_learn_from_visits(model: Any) -> bool:
    """Tell whether a model can learn from visits: one of ours, of the event that visits find, without places asked for.

    Examples
    --------
    >>> may_learn_from_visits(RiskModel()), may_learn_from_visits(RiskModel(target="below_line"))
    (True, False)
    """
    return isinstance(model, RiskModel) and model.target == "newly_monitored" and model.place is not True


def with_visits(name: str) -> str:
    """Return the name of the model that learns from visits as well.

    Examples
    --------
    >>> with_visits("fanpin_risk")
    'fanpin_risk+visits'
    """
    return name + ALSO_VISITS


def recorded_weights(labels: pd.DataFrame) -> dict[str, Any]:
    """Return how many visits were made how, and how unevenly they count.

    Parameters
    ----------
    labels : DataFrame
        From :func:`fanpin_risk.visit_labels`.

    Returns
    -------
    dict
        ``visits``, ``by_list``, ``at_random``; ``effective``, how many visits that count alike would tell as much, before any
        weight is cut; ``largest_weight``, how many times the mean; ``cut``, how many weights a model cuts when it learns.

    Examples
    --------
    >>> labels = pd.DataFrame({"probability": [1.0, 0.5], "weight": [1.0, 2.0], "at_random": [False, True]})
    >>> recorded_weights(labels)
    {'visits': 2, 'by_list': 1, 'at_random': 1, 'effective': 1.8, 'largest_weight': 1.3333333333333333, 'cut': 0}
    """
    weight, drawn = labels["weight"].to_numpy(dtype="float64"), labels["at_random"].to_numpy(dtype=bool)
    return {
        "visits": len(labels),
        "by_list": int((~drawn).sum()),
        "at_random": int(drawn.sum()),
        "effective": effective_number(weight),
        "largest_weight": heaviest_weight(weight) if len(labels) else np.nan,
        "cut": int(trimmed_weights(labels["probability"].to_numpy(dtype="float64"))[1].sum()) if len(labels) else 0,
    }


def forecast_with_visits(
    model: RiskModel,
    train: Sequence[TrainingDay],
    test: TrainingDay,
    visits: pd.DataFrame,
    *,
    horizon_months: int,
    household_folds: int,
    otherwise: Array,
) -> tuple[Array, dict[str, Any]]:
    """Forecast a day by a model that also learns from the visits known by then.

    Parameters
    ----------
    model : RiskModel
        Unfitted.
    train : sequence of TrainingDay
        Days to learn from.
    test : TrainingDay
        The day to forecast.
    visits : DataFrame
        All visits, or the events of a ledger: what was made or recorded after the day is left out here.
    horizon_months : int
        Of the outcomes.
    household_folds : int
        As for :func:`fanpin_risk.evaluate`.
    otherwise : ndarray of shape (n_households,)
        The forecast of the model that learns from the register alone.

    Returns
    -------
    ndarray of shape (n_households,)
        The forecast; `otherwise` where the visits known are too few to learn from.
    dict
        ``FACTS_OF_LEARNING``.
    """
    known = checked_visits(visits, known_on=test.as_of)
    facts: dict[str, Any] = dict.fromkeys(FACTS_OF_LEARNING) | {"learnt": False, "note": note("visits_none")}
    facts |= {"visits": 0, "by_list": 0, "at_random": 0, "known_later": known.attrs["known_later"]}
    try:
        labels = visit_labels(known, [day.as_of for day in train], horizon_months=horizon_months)
    except NotEnoughDataError:
        return otherwise, facts
    at_risk = {(day.as_of, household) for day in train for household in day.table.index}
    seen = labels[[pair in at_risk for pair in zip(labels["as_of"], labels["household_id"], strict=True)]]
    if seen.empty:
        return otherwise, facts
    facts |= recorded_weights(seen)
    told: list[dict[str, Any]] = []
    try:
        risk = forecast_of(model, train, test, horizon_months, household_folds, visits=known, facts=told)
    except NotEnoughDataError:
        return otherwise, facts | {"note": note("visits_few")}
    found = seen["verified"].to_numpy(dtype="float64")
    recognised = np.concatenate([day.outcome for day in train])
    return risk, facts | {
        "learnt": True,
        "trees": ", ".join(sorted({str(one["trees"]) for one in told})),
        "share_verified": float(found.mean()),
        "share_verified_weighted": float(np.average(found, weights=seen["weight"])),
        "share_recognised": float(recognised.mean()),
        "note": note("visits_cut", facts["cut"], round(LARGEST_WEIGHT)) if facts["cut"] else "",
    }


def at_the_visited(
    predictions: pd.DataFrame,
    visits: pd.DataFrame,
    facts: pd.DataFrame,
    model: str,
    horizon_months: int,
    *,
    measures: Sequence[str] = GAINS_AT_VISITED,
    **how: Any,
) -> Result | None:
    """Compare a model with the one that learns from visits as well, by what visits after each day found, weighted.

    Parameters
    ----------
    predictions : DataFrame
        Of :class:`fanpin_risk.Evaluation`.
    visits : DataFrame
        As from :func:`fanpin_risk.model.visit_results.checked_visits`.
    facts : DataFrame
        ``fold``, ``model``, ``learnt``: days on which nothing was learnt from visits are left out.
    model : str
        Name of the model that learns from the register alone.
    horizon_months : int
        Months after each day within which visits count.
    measures : sequence of str
        As for :func:`fanpin_risk.evaluation.compare`.
    **how
        Further options of :func:`fanpin_risk.evaluation.compare`.

    Returns
    -------
    Result or None
        As from :func:`fanpin_risk.evaluation.compare`, each visit counting one over its probability, intervals by drawing villages.
        None where no visit followed a day that was forecast by learning from visits.
    """
    learnt = facts.loc[(facts["model"] == with_visits(model)) & facts["learnt"], "fold"]
    parts = []
    for fold in learnt:
        rows = predictions[(predictions["fold"] == fold) & predictions["model"].isin([model, with_visits(model)])]
        try:
            labels = visit_labels(visits, rows["as_of"].iloc[0], horizon_months=horizon_months)
        except NotEnoughDataError:
            continue
        beside = labels[["household_id", "on", "verified", "weight"]]
        found = rows.drop(columns=["outcome", "weight", "as_of"]).merge(beside, on="household_id")
        # Each visit is a row of its own, also of a household that was visited again: known by its day.
        parts.append(found.rename(columns={"verified": "outcome", "on": "as_of"}))
    if not sum(map(len, parts)):
        return None
    return compare(pd.concat(parts, ignore_index=True), reference=model, measures=measures, **how)


def facts_by_day(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return what was told of each day and model as a table, counts as whole numbers that may be missing."""
    frame = pd.DataFrame(list(rows), columns=["fold", "model", *FACTS_OF_LEARNING])
    counts = dict.fromkeys(("visits", "by_list", "at_random", "cut", "known_later"), "Int64")
    shares = dict.fromkeys(
        ("effective", "largest_weight", "share_verified", "share_verified_weighted", "share_recognised"), "float64"
    )
    return frame.astype({"learnt": bool, **counts, **shares})
