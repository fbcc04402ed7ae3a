"""Scores held against what visits found, weighted by one over the probability of the visit, beside official recognition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import Array
from fanpin_risk.asof.outcomes import outcomes
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.evaluation.intervals import FEWEST, Cell, interval, reasons_to_suppress, table_of
from fanpin_risk.evaluation.measures import MEASURES, check_names
from fanpin_risk.evaluation.options import check_intervals
from fanpin_risk.evaluation.ranking import VisitList
from fanpin_risk.evaluation.results import Result
from fanpin_risk.model.days_and_households import one_day
from fanpin_risk.model.visit_fit import LARGEST_WEIGHT, heaviest_weight
from fanpin_risk.model.visit_results import visit_labels
from fanpin_risk.records.register import Register
from fanpin_risk.watch.capacity import DEFAULT_CAPACITY, check_capacity, visits_of
from fanpin_risk.words import Message, join_notes, note

__all__ = ["VISIT_MEASURES", "evaluate_visits", "visits_of_days"]

VISIT_MEASURES = (
    "base_rate", "mean_risk", "auc", "average_precision", "brier", "log_loss", "calibration_error", "calibration_slope",
    "calibration_intercept", "precision", "recall",
)  # fmt: skip
EVERYBODY = "everybody"
# Visits that tell no more than this share of as many that count alike are named.
LEAST_EFFECTIVE = 0.2


def evaluate_visits(
    scores: pd.DataFrame,
    visits: Any,
    *,
    as_of: Any = None,
    horizon_months: int = 12,
    register: Register | None = None,
    measures: Sequence[str] = VISIT_MEASURES,
    capacity: float = DEFAULT_CAPACITY,
    level: float = 0.95,
    n_bootstrap: int = 500,
    random_state: int = 0,
    fewest: tuple[int, int] = FEWEST,
) -> Result:
    """Measure scores by what visits found, with and without weights, and by official recognition.

    Weighted, each visit counts one over its probability: the figures are those of everybody at risk (Hájek's ratio of
    Horvitz and Thompson's sums). Unweighted they are those of whom the list and the draw happened to meet. Who is on the list
    of `capacity` visits is decided among all households scored, as :func:`fanpin_risk.watchlist` does. Intervals are of
    draws of visited households with replacement; official recognition of everybody has none, since nobody was drawn for it.

    Parameters
    ----------
    scores : DataFrame
        ``household_id``, ``risk`` and, unless `as_of` is given, ``as_of`` (one day): from :meth:`fanpin_risk.RiskModel.score`,
        or the ``predictions`` of one model and day of an evaluation, whose ``outcome`` is the official recognition then.
        Households without a risk, monitored on the day (``monitored``) or otherwise not at risk (``not_at_risk``) are left out.
    visits : DataFrame or ledger
        As for :func:`fanpin_risk.visit_labels`.
    as_of : date-like, optional
        Day of the scores.
    horizon_months : int, default 12
        Months after the day within which visits and recognition count.
    register : Register, optional
        Gives the official recognition, see :func:`fanpin_risk.outcomes`; households that it cannot tell of are left out there.
    measures : sequence of str
        Names of :data:`fanpin_risk.evaluation.MEASURES`.
    capacity : int or float, default 0.02
        Visits that can be made, or their share of the households.
    level : float, default 0.95
        Level of the intervals.
    n_bootstrap : int, default 500
        Draws; 0 leaves the intervals out.
    random_state : int, default 0
        Seed of the draws.
    fewest : (int, int), default (50, 5)
        Households and events below which figures are not shown; with weights, as many as those of equal weight that would tell
        as much (Kish).

    Returns
    -------
    Result
        Kind ``"visits"``: ``against`` (``visits`` or ``register``: official recognition), ``weighting`` (``weighted``,
        ``unweighted``: the visited, ``everybody``), ``measure``, ``value``, ``low``, ``high``, ``households``, ``events``,
        ``effective`` (how many households of equal weight would tell as much), ``largest_weight`` (how many times the mean; none
        is cut here), ``by_list`` and ``at_random`` (how many of the visits) and ``note``, which names weights that are very uneven.
        ``attrs`` holds the options and the numbers of :func:`fanpin_risk.visit_labels`.

    Raises
    ------
    SchemaError
        If a table or an argument is not as described.
    NotEnoughDataError
        If no visit with a known result was made to a household scored.

    References
    ----------
    Hájek (1971), Comment on An essay on the logical foundations of survey sampling, part one.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.uniform(0, 0.4, 4000)
    >>> scores = pd.DataFrame({"household_id": [f"h{i:04}" for i in range(4000)], "risk": risk, "as_of": "2023-12-31"})
    >>> need, chance = rng.random(4000) < risk, np.where(risk > 0.36, 1.0, 0.2)
    >>> visits = scores.assign(on="2024-03-01", result=np.where(need, "verified", "refuted"), probability=chance)
    >>> visits = visits[rng.random(4000) < chance]
    >>> found = evaluate_visits(scores, visits, measures=["base_rate"], n_bootstrap=200)
    >>> found.round(2)[["weighting", "value", "low", "high"]].to_numpy().tolist(), round(float(need.mean()), 2)
    ([['weighted', 0.22, 0.19, 0.24], ['unweighted', 0.26, 0.24, 0.29]], 0.2)
    """
    names = check_names(measures, threshold=None)
    check_intervals(level, n_bootstrap, fewest)
    check_capacity(capacity)
    scored, day = _scored_at_risk(scores, as_of)
    labels = visit_labels(visits, day, horizon_months=horizon_months)
    at = pd.Index(scored["household_id"]).get_indexer(pd.Index(labels["household_id"]))
    seen = labels[at >= 0].reset_index(drop=True)
    if seen.empty:
        raise NotEnoughDataError(
            "none of {visited} visits with a known result was made to a household scored and at risk on {day}; check how their "
            "ids are written",
            visited=len(labels),
            day=str(day.date()),
        )
    official = _recognised(scored, register, day, horizon_months)
    listed = _on_list_of(scored, capacity)
    counted = {"by_list": int((~seen["at_random"]).sum()), "at_random": int(seen["at_random"].sum())}
    rows: list[dict[str, Any]] = []
    for (against, weighting), told, place in _ways_to_weigh(seen, at[at >= 0], official):
        table = pd.DataFrame(
            {
                "model": "", "fold": "", "cluster": "", "household_id": scored["household_id"].to_numpy()[place],
                "risk": scored["risk"].to_numpy()[place], "outcome": told["outcome"], "weight": told["weight"],
            }
        )  # fmt: skip
        on_list = VisitList(
            sure=listed, tied=np.zeros(len(listed), dtype=bool), weight=np.ones(len(listed)), seats=0.0
        ).of(place)
        cell = Cell(table, lists={("", ""): (table.index, on_list)})
        labelled = {"against": against, "weighting": weighting}
        counts = {"households": cell.households, "events": cell.events, "effective": cell.weighted_households}
        counts["largest_weight"] = heaviest_weight(told["weight"])
        why = reasons_to_suppress({(): cell}, (), fewest)[()]
        if why:
            hidden = dict.fromkeys(("value", "low", "high"), np.nan) | dict.fromkeys((*counts, *counted))
            rows += [labelled | {"measure": name} | hidden | {"note": why} for name in names]
            continue
        uneven = _uneven(cell, told["weight"])
        values = cell.values(names, capacity=capacity)
        drawn = 0 if weighting == EVERYBODY else n_bootstrap
        draws = cell.draws(names, drawn, random_state, capacity=capacity)
        for name in names:
            low, high = interval(values[name], draws[name], level, biased=MEASURES[name].biased)
            said = join_notes(["" if np.isfinite(values[name]) else note("not_defined"), uneven])
            bounds = {"value": values[name], "low": low, "high": high}
            rows.append(labelled | {"measure": name} | bounds | counts | counted | {"note": said})
    columns = ["against", "weighting", "measure", "value", "low", "high", "households", "events"]
    columns += ["effective", "largest_weight"]
    result = table_of(rows, [*columns, *counted, "note"], "visits")
    options: dict[Any, Any] = {
        "as_of": str(day.date()), "horizon_months": horizon_months, "capacity": capacity, "level": level,
        "n_bootstrap": n_bootstrap, "fewest": list(fewest), "not_scored": int((at < 0).sum()), **counted,
    }  # fmt: skip
    result.attrs = options | labels.attrs
    return result


def visits_of_days(
    days: Sequence[tuple[Any, pd.DataFrame]], visits: pd.DataFrame, model: str, horizon_months: int, **how: Any
) -> Result:
    """Measure the forecasts of a model on several days by what visits found after each.

    Parameters
    ----------
    days : sequence of (fold, DataFrame)
        Forecasts of each day, as for :func:`evaluate_visits`.
    visits : DataFrame
        As for :func:`evaluate_visits`.
    model : str
        What the column ``model`` says.
    horizon_months : int
        Months after each day.
    **how
        Of :func:`evaluate_visits`.

    Returns
    -------
    Result
        ``model``, ``fold`` and its columns; days that no visit followed are not there.

    Raises
    ------
    NotEnoughDataError
        If no day was followed by a visit.
    """
    parts, why = [], None
    for fold, scores in days:
        try:
            found = evaluate_visits(scores, visits, horizon_months=horizon_months, **how)
        except NotEnoughDataError as error:
            why = error
            continue
        found.insert(0, "fold", str(fold))
        found.insert(0, "model", model)
        parts.append(found)
    if not parts:
        raise NotEnoughDataError(
            "no visit with a known result followed any of {count} days forecast; give the visits of the months after them",
            count=len(days),
        ) from why
    return Result(pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True), kind="visits")


def _scored_at_risk(scores: pd.DataFrame, as_of: Any) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Return the households at risk with their scores, by id, and the day."""
    of_type("scores", scores, pd.DataFrame, Message("the table that score() returns"))
    frame = pd.DataFrame(scores)
    missing = [name for name in ("household_id", "risk") if name not in frame.columns]
    if missing:
        raise SchemaError("scores has no column {missing}; expected household_id and risk", missing=tuple(missing))
    if as_of is None and "as_of" not in frame.columns:
        raise SchemaError("scores has no column as_of; give as_of=, the day of the scores")
    day = one_day(frame["as_of"].unique() if as_of is None else as_of)
    kept = frame["risk"].notna()
    if "monitored" in frame.columns:
        kept &= ~frame["monitored"].fillna(False).astype(bool)
    if "not_at_risk" in frame.columns:
        kept &= frame["not_at_risk"].fillna("").astype("str").eq("")
    frame = frame[kept].assign(household_id=frame["household_id"].astype("str"))
    if frame["household_id"].duplicated().any():
        raise SchemaError("scores: a household occurs twice; expected the scores of one model and day")
    return frame.sort_values("household_id", ignore_index=True), day


def _recognised(
    scored: pd.DataFrame, register: Register | None, day: pd.Timestamp, horizon_months: int
) -> pd.Series | None:
    """Return what the register says of each household scored; NaN where it cannot tell, None where none was given."""
    if register is not None:
        told = outcomes(register, day, horizon_months=horizon_months)["outcome"].astype("float64")
        return told.reindex(scored["household_id"]).reset_index(drop=True)
    if "outcome" in scored.columns:
        return scored["outcome"].astype("float64")
    return None


def _on_list_of(scored: pd.DataFrame, capacity: float) -> Array:
    """Mark those on the list of the highest risks; of equal ones the first by id."""
    order = np.argsort(-scored["risk"].to_numpy(dtype="float64"), kind="stable")
    marked = np.zeros(len(scored), dtype=bool)
    marked[order[: int(visits_of(np.array([len(scored)]), capacity)[0])]] = True
    return marked


def _uneven(cell: Cell, weight: Array) -> str:
    """Return the note on weights of which few decide, or ``""``."""
    heaviest, effective = heaviest_weight(weight), cell.weighted_households
    if heaviest <= LARGEST_WEIGHT and effective >= LEAST_EFFECTIVE * cell.households:
        return ""
    return note("uneven_weights", round(effective), round(heaviest))


def _ways_to_weigh(
    seen: pd.DataFrame, at: Array, official: pd.Series | None
) -> Iterator[tuple[tuple[str, str], dict[str, Array], Array]]:
    """Yield what is measured: against what and how weighted, outcomes and weights, and which households scored."""
    weight, even = seen["weight"].to_numpy(dtype="float64"), np.ones(len(seen))
    found = seen["verified"].to_numpy(dtype="int64")
    yield ("visits", "weighted"), {"outcome": found, "weight": weight}, at
    yield ("visits", "unweighted"), {"outcome": found, "weight": even}, at
    if official is None:
        return
    said = official.to_numpy()
    known = ~np.isnan(said[at])
    for weighting, counts in (("weighted", weight), ("unweighted", even)):
        outcome = said[at][known].astype("int64")
        yield ("register", weighting), {"outcome": outcome, "weight": counts[known]}, at[known]
    everybody = np.flatnonzero(~np.isnan(said))
    told = {"outcome": said[everybody].astype("int64"), "weight": np.ones(len(everybody))}
    yield ("register", EVERYBODY), told, everybody
