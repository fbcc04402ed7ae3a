"""Curves: calibration, capacity, decision, gains, and how far ahead an event was seen."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from fanpin_risk.asof.days import DAYS_PER_MONTH
from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.intervals import (
    FEWEST,
    Cell,
    effective_households,
    effective_number,
    interval,
    reasons_to_suppress,
    table_of,
)
from fanpin_risk.evaluation.measures import MEASURES, combine
from fanpin_risk.evaluation.options import check_fewest, check_intervals, check_level, check_whole
from fanpin_risk.evaluation.predictions import check_predictions, visit_lists
from fanpin_risk.evaluation.ranking import Ranking, check_threshold, quotient
from fanpin_risk.evaluation.results import Result
from fanpin_risk.watch.capacity import check_capacity
from fanpin_risk.words import join_notes, note

__all__ = ["calibration_curve", "capacity_curve", "decision_curve", "gains_curve", "lead_time", "wilson"]

Array = NDArray[np.float64]

CURVE_SHARES = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5)
THRESHOLDS = tuple(round(step * 0.01, 2) for step in range(1, 51))
QUANTILES = {"lead_p10": 0.1, "lead_p25": 0.25, "lead_median": 0.5, "lead_p75": 0.75, "lead_p90": 0.9}
AHEAD = {"ahead_3": 3.0, "ahead_6": 6.0}
_AT_CAPACITY = [name for name, declared in MEASURES.items() if declared.at == "capacity"]


def calibration_curve(
    predictions: pd.DataFrame,
    n_bins: int = 10,
    *,
    by: Sequence[str] = ("model",),
    level: float = 0.95,
    cluster: str | None = "cluster",
    fewest: int = FEWEST[0],
) -> Result:
    """Set the share of events beside the mean risk, in bins of equal mass.

    The interval is Wilson's (1927), with the number of households replaced by the effective number: as many
    independent ones as would be equally informative, given weights and that households of a village are alike (Korn,
    Graubard 1998, Surv Methodol 24). It is wider than nothing where a bin has no event.

    Parameters
    ----------
    predictions : DataFrame
        As for :func:`fanpin_risk.evaluation.intervals.summarise`.
    n_bins : int, default 10
        Bins; equal risks are in one bin.
    by : sequence of str, default ("model",)
        Columns that name the curves. Folds of a curve are binned together.
    level : float, default 0.95
        Level of the intervals.
    cluster : str or None, default "cluster"
        Column of the village.
    fewest : int, default 50
        Households below which a bin is left without values; with weights, as many as those of equal weight that would
        tell as much.

    Returns
    -------
    Result
        Kind ``"calibration"``: the columns of `by`, ``bin`` (from 1, by rising risk), ``mean_risk``, ``observed``,
        ``low``, ``high``, ``households`` and ``events`` (rows).

    Raises
    ------
    SchemaError
        If an argument or the table is not as described.

    Examples
    --------
    >>> predictions = pd.DataFrame({"model": "m", "household_id": list("abcd"), "outcome": [1, 0, 1, 0]})
    >>> predictions["risk"] = [0.8, 0.6, 0.3, 0.1]
    >>> calibration_curve(predictions, 2, fewest=1)[["bin", "mean_risk", "observed"]].values.round(2).tolist()
    [[1.0, 0.2, 0.5], [2.0, 0.7, 0.5]]
    """
    check_level(level)
    check_whole("fewest", fewest, 0)
    frame = check_predictions(predictions, by=by, cluster=cluster)
    z = float(ndtri((1 + level) / 2))
    rows: list[dict[str, Any]] = []
    for labels, part in _parts_by(frame, by):
        ranking = Ranking(part["outcome"], part["risk"], part["weight"], n_bins=n_bins)
        unit = _unit_of_row(part)[ranking.order]
        household = part["household_id"].to_numpy()[ranking.order]
        for number, used in enumerate(np.unique(ranking.bins), start=1):
            inside = ranking.bins == used
            y, p, w = ranking.outcome[inside], ranking.risk[inside], ranking.weight[inside]
            households = len(np.unique(household[inside]))
            row: dict[str, Any] = dict.fromkeys(("mean_risk", "observed", "low", "high"), np.nan)
            row |= {"households": None, "events": None}
            # Rows without weight count for nobody.
            if effective_households(household[inside], w) >= fewest and w.sum() > 0:
                seen = float(w @ y / w.sum())
                low, high = wilson(seen, _effective(y, w, unit[inside], seen), z)
                row = {"mean_risk": float(w @ p / w.sum()), "observed": seen, "low": low, "high": high}
                row |= {"households": households, "events": int(y.sum())}
            rows.append(labels | {"bin": number} | row)
    columns = [*by, "bin", "mean_risk", "observed", "low", "high", "households", "events"]
    result = table_of(rows, columns, "calibration")
    result.attrs = {"level": level, "fewest": fewest}
    return result


def capacity_curve(
    predictions: pd.DataFrame,
    shares: Sequence[float] = CURVE_SHARES,
    *,
    by: Sequence[str] = ("model",),
    one_list: bool = False,
    fewest: tuple[int, int] = FEWEST,
) -> Result:
    """Tell what is found and missed at several capacities.

    Parameters
    ----------
    predictions : DataFrame
        As for :func:`fanpin_risk.evaluation.intervals.summarise`.
    shares : sequence of int or float
        Capacities of each fold: shares of its households, or whole numbers of visits.
    by : sequence of str, default ("model",)
        Columns that name the curves.
    one_list : bool, default False
        Whether groups are visited by one list for all households of a model and fold. Default: each has its own.
    fewest : (int, int), default (50, 5)
        Households and events below which a curve is left without values, as in
        :func:`fanpin_risk.evaluation.summarise`.

    Returns
    -------
    Result
        Kind ``"capacity"``: the columns of `by`, ``share`` (of the households that is visited), ``visits`` (in all
        folds, weighted), and for each measure at a capacity its expected value, ``_best`` and ``_worst``.

    Raises
    ------
    SchemaError
        If an argument or the table is not as described.

    Examples
    --------
    >>> predictions = pd.DataFrame({"model": "m", "household_id": list("abcd"), "outcome": [1, 0, 1, 0]})
    >>> predictions["risk"] = [0.8, 0.6, 0.3, 0.1]
    >>> capacity_curve(predictions, [1, 3], fewest=(1, 1))[["share", "precision", "recall"]].values.round(2).tolist()
    [[0.25, 1.0, 0.5], [0.75, 0.67, 1.0]]
    """
    capacities = [check_capacity(share) for share in _several("shares", shares)]
    check_fewest(fewest)
    frame = check_predictions(predictions, by=by)
    rows: list[dict[str, Any]] = []
    curves = _curves(frame, by, fewest)
    for capacity in capacities:
        lists = visit_lists(frame, capacity) if one_list else None
        for labels, part, cell in curves:
            if cell is None:
                rows.append(labels | dict.fromkeys(("share", "visits", *_AT_CAPACITY), np.nan))
                continue
            listed = Cell(part, lists=lists) if one_list else cell
            folds = [ranking.weighted() for ranking in listed.rankings]
            found = combine(folds, _AT_CAPACITY, capacity=capacity)
            made = sum(float(fold.list_counts(capacity)["visits"][0]) for fold in folds)
            total = sum(float(fold.total[0]) for fold in folds)
            row = {"share": made / total if total else np.nan, "visits": made}
            rows.append(labels | row | {name: float(found[name][0]) for name in _AT_CAPACITY})
    table = table_of(rows, [*by, "share", "visits", *_AT_CAPACITY], "capacity")
    return _sorted(table, by)


def decision_curve(
    predictions: pd.DataFrame,
    thresholds: Sequence[float] = THRESHOLDS,
    *,
    by: Sequence[str] = ("model",),
    fewest: tuple[int, int] = FEWEST,
) -> Result:
    """Tell whether visits by the forecast are worth more than visiting all or none.

    Net benefit is the events found per household, less the needless visits at the odds of the threshold: whoever holds
    a visit worth while from a risk of 5 % on accepts 19 needless visits for each event found.

    Parameters
    ----------
    predictions : DataFrame
        As for :func:`fanpin_risk.evaluation.intervals.summarise`.
    thresholds : sequence of float
        Risks between 0 and 1. Default: 0.01, 0.02, ..., 0.50.
    by : sequence of str, default ("model",)
        Columns that name the curves.
    fewest : (int, int), default (50, 5)
        Households and events below which a curve is left without values, as in
        :func:`fanpin_risk.evaluation.summarise`.

    Returns
    -------
    Result
        Kind ``"decision"``: the columns of `by`, ``threshold``, ``net_benefit``, ``visit_all``, ``visit_none`` (0) and
        ``visited`` (the share of households at or above the threshold).

    Raises
    ------
    SchemaError
        If an argument or the table is not as described.

    References
    ----------
    Vickers, Elkin (2006), Decision curve analysis, Med Decis Making 26, 565-574.

    Examples
    --------
    >>> predictions = pd.DataFrame({"model": "m", "household_id": list("abcd"), "outcome": [1, 0, 1, 0]})
    >>> predictions["risk"] = [0.8, 0.6, 0.3, 0.1]
    >>> decision_curve(predictions, [0.2], fewest=(1, 1))[["net_benefit", "visit_all", "visited"]].values.round(
    ...     3
    ... ).tolist()
    [[0.438, 0.375, 0.75]]
    """
    limits = [check_threshold(threshold) for threshold in _several("thresholds", thresholds)]
    check_fewest(fewest)
    frame = check_predictions(predictions, by=by)
    rows: list[dict[str, Any]] = []
    figures = ("net_benefit", "visit_all", "visit_none", "visited")
    for labels, part, cell in _curves(frame, by, fewest):
        if cell is None:
            rows += [labels | {"threshold": threshold} | dict.fromkeys(figures, np.nan) for threshold in limits]
            continue
        ranking = Ranking(part["outcome"], part["risk"], part["weight"])
        weighted = ranking.weighted()
        total, base = float(weighted.total[0]), float(weighted.base_rate()[0])
        for threshold in limits:
            visited = float(ranking.weight[ranking.risk >= threshold].sum()) / total if total else np.nan
            benefit = float(weighted.net_benefit(threshold)[0])
            everyone = base - (1 - base) * threshold / (1 - threshold)
            row = {"net_benefit": benefit, "visit_all": everyone, "visit_none": 0.0, "visited": visited}
            rows.append(labels | {"threshold": threshold} | row)
    return table_of(rows, [*by, "threshold", *figures], "decision")


def gains_curve(
    predictions: pd.DataFrame,
    n_points: int = 101,
    *,
    by: Sequence[str] = ("model",),
    fewest: tuple[int, int] = FEWEST,
) -> Result:
    """Tell which share of the events a share of the households holds, from the highest risk down.

    Parameters
    ----------
    predictions : DataFrame
        As for :func:`fanpin_risk.evaluation.intervals.summarise`. Each fold is ranked by itself.
    n_points : int, default 101
        Points from 0 to 1, at equal steps.
    by : sequence of str, default ("model",)
        Columns that name the curves; groups are ranked by themselves.
    fewest : (int, int), default (50, 5)
        Households and events below which a curve is left without values, as in
        :func:`fanpin_risk.evaluation.summarise`.

    Returns
    -------
    Result
        Kind ``"gains"``: the columns of `by`, ``share``, ``found`` (expected where risks tie) and ``found_ideal`` (of
        a perfect order).

    Raises
    ------
    SchemaError
        If an argument or the table is not as described.

    Examples
    --------
    >>> predictions = pd.DataFrame({"model": "m", "household_id": list("abcd"), "outcome": [1, 0, 1, 0]})
    >>> predictions["risk"] = [0.8, 0.6, 0.3, 0.1]
    >>> gains_curve(predictions, 3, fewest=(1, 1))[["share", "found", "found_ideal"]].values.tolist()
    [[0.0, 0.0, 0.0], [0.5, 0.5, 1.0], [1.0, 1.0, 1.0]]
    """
    check_whole("n_points", n_points, 2)
    check_fewest(fewest)
    frame = check_predictions(predictions, by=by)
    shares = np.linspace(0, 1, int(n_points))
    rows: list[pd.DataFrame] = []
    for labels, _, cell in _curves(frame, by, fewest):
        hits, ideal, events = np.zeros(len(shares)), np.zeros(len(shares)), 0.0
        for ranking in cell.rankings if cell is not None else ():
            weighted = ranking.weighted()
            _, _, listed, found = (np.concatenate([[0.0], sums[0]]) for sums in weighted.ties)
            n_visited = shares * listed[-1]
            hits += np.interp(n_visited, listed, found)
            ideal += np.minimum(n_visited, found[-1])
            events += float(found[-1])
        nothing = np.full(len(shares), np.nan)
        curve = {"found": hits / events, "found_ideal": ideal / events} if events else {}
        columns = {"share": shares, "found": nothing, "found_ideal": nothing} | curve
        rows.append(pd.DataFrame(labels | columns, index=range(len(shares))))
    columns_of_all = [*by, "share", "found", "found_ideal"]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns_of_all)
    return Result(table[columns_of_all], kind="gains")


def lead_time(
    predictions: pd.DataFrame,
    capacity: float = 0.05,
    *,
    by: Sequence[str] = ("model",),
    one_list: bool = False,
    level: float = 0.95,
    n_bootstrap: int = 500,
    cluster: str | None = "cluster",
    random_state: int = 0,
    fewest: int = FEWEST[1],
) -> Result:
    """Tell how many months before the event its household was on the list of visits.

    Parameters
    ----------
    predictions : DataFrame
        As for :func:`fanpin_risk.evaluation.intervals.summarise`, with ``as_of`` and ``event_on``.
    capacity : int or float, default 0.05
        Visits in each fold of a cell.
    by : sequence of str, default ("model",)
        Columns that name the cells.
    one_list : bool, default False
        Whether groups are visited by one list for all households of a model and fold. Default: each has its own.
    level, n_bootstrap, cluster, random_state
        As for :func:`fanpin_risk.evaluation.intervals.summarise`; who is on the list is held fixed.
    fewest : int, default 5
        Dated events below which a cell is suppressed; with weights, as many as those of equal weight that would tell as
        much.

    Returns
    -------
    Result
        Kind ``"lead_time"``: the columns of `by`, ``measure``, ``value``, ``low``, ``high``, ``events`` (with a date)
        and ``note``. Of the events on the list, ``lead_p10``, ``lead_p25``, ``lead_median``, ``lead_p75`` and
        ``lead_p90`` are quantiles of the months (of 30.4 days) from ``as_of`` to ``event_on``. ``ahead_3`` and
        ``ahead_6`` are the share of all dated events, on the list or not, that were on it at least 3 or 6 months ahead.

    Raises
    ------
    SchemaError
        If an argument or the table is not as described, or an event is dated before its day.

    Examples
    --------
    >>> predictions = pd.DataFrame({"model": "m", "household_id": list("abcd"), "outcome": [1, 0, 1, 0]})
    >>> predictions["risk"] = [0.8, 0.6, 0.3, 0.1]
    >>> predictions["as_of"] = pd.Timestamp("2021-12-31")
    >>> predictions["event_on"] = pd.to_datetime(["2022-05-15", None, "2022-02-01", None])
    >>> found = lead_time(predictions, 1, fewest=1, n_bootstrap=0).set_index("measure")["value"]
    >>> found[["lead_median", "ahead_3", "ahead_6"]].round(1).tolist()
    [4.4, 0.5, 0.0]
    """
    check_capacity(capacity)
    check_intervals(level, n_bootstrap, FEWEST)
    check_whole("fewest", fewest, 0)
    absent = [name for name in ("as_of", "event_on") if name not in predictions.columns]
    if absent:
        raise SchemaError(
            "predictions has no column {absent}; lead time needs the day and the event's date", absent=tuple(absent)
        )
    frame = check_predictions(predictions, by=by, cluster=cluster)
    months = (pd.to_datetime(frame["event_on"]) - pd.to_datetime(frame["as_of"])).dt.days / DAYS_PER_MONTH
    early = int(((months < 0) & (frame["outcome"] == 1)).sum())
    if early:
        raise SchemaError("{early} events are dated before their as_of; expected event_on from as_of on", early=early)
    frame["months"] = months
    frame["visited"] = 0.0
    for part in [frame] if one_list else [part for _, part in _parts_by(frame, by)]:
        for index, visit_list in visit_lists(part, capacity).values():
            frame.loc[index, "visited"] = visit_list.chance
    rows: list[dict[str, Any]] = []
    for labels, part in _parts_by(frame, by):
        dated = part[(part["outcome"] == 1) & part["months"].notna()].sort_values("months", kind="stable")
        undated = int((part["outcome"] == 1).sum()) - len(dated)
        own = dated["weight"].to_numpy(dtype=np.float64)
        if effective_number(own) < fewest:
            why = note("suppressed_undated", fewest)
            hidden: dict[str, Any] = {"value": np.nan, "low": np.nan, "high": np.nan, "events": None, "note": why}
            rows += [labels | {"measure": name} | hidden for name in (*QUANTILES, *AHEAD)]
            continue
        cell = Cell(part)
        at, visited = dated["months"].to_numpy(dtype=np.float64), dated["visited"].to_numpy(dtype=np.float64)
        counts = cell.counts(n_bootstrap, random_state, rows=part.index.get_indexer(dated.index))
        values = _leads(own[None, :], at, visited)
        draws = _leads(counts * own, at, visited)
        said = join_notes([*cell.notes, note("undated", undated) if undated else ""])
        for name in (*QUANTILES, *AHEAD):
            value = float(values[name][0])
            low, high = interval(value, draws[name], level)
            row = {"measure": name, "value": value, "low": low, "high": high, "events": len(dated), "note": said}
            rows.append(labels | row)
    columns = [*by, "measure", "value", "low", "high", "events", "note"]
    result = table_of(rows, columns, "lead_time")
    result.attrs = {"capacity": capacity, "level": level, "n_bootstrap": n_bootstrap, "fewest": fewest}
    return result


def _leads(weights: Array, months: Array, visited: Array) -> dict[str, Array]:
    """Return the measures of lead time under weightings of shape (n_weightings, n_events), months rising."""
    listed = weights * visited
    mass = np.cumsum(listed, axis=1)
    total, found = weights.sum(axis=1), listed.sum(axis=1)
    leads = {}
    for name, level in QUANTILES.items():
        # The first event at which the share of the listed ones is reached.
        place = (mass < level * found[:, None] * (1 - 1e-12)).sum(axis=1)
        leads[name] = np.where(found > 0, months[np.minimum(place, len(months) - 1)], np.nan)
    for name, least in AHEAD.items():
        ahead = listed @ (months >= least)
        leads[name] = quotient(ahead, total)
    return leads


def _parts_by(frame: pd.DataFrame, by: Sequence[str]) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Yield the labels and rows of every cell."""
    if not by:
        if len(frame):
            yield {}, frame
        return
    for key, rows in frame.groupby(list(by), observed=True, dropna=False, sort=True):
        values: tuple[Hashable, ...] = key if isinstance(key, tuple) else (key,)
        yield dict(zip(map(str, by), values, strict=True)), rows


def _curves(
    frame: pd.DataFrame, by: Sequence[str], fewest: tuple[int, int]
) -> list[tuple[dict[str, Any], pd.DataFrame, Cell | None]]:
    """Return the labels and rows of every curve with its cell, None where it is too small to be shown."""
    parts = [(labels, part, Cell(part)) for labels, part in _parts_by(frame, by)]
    why = reasons_to_suppress({tuple(labels.values()): cell for labels, _, cell in parts}, by, fewest)
    return [(labels, part, None if why[tuple(labels.values())] else cell) for labels, part, cell in parts]


def _several(name: str, values: Any) -> list[Any]:
    """Return the points of a curve as a list, which may not be empty."""
    if np.ndim(values) != 1 or len(values) == 0:
        raise SchemaError("{option} is {given}; expected a list of numbers", option=name, given=repr(values))
    return list(values)


def _sorted(table: Result, by: Sequence[str]) -> Result:
    return Result(table.sort_values([*by, "share"], kind="stable", ignore_index=True), kind=table.kind)


def _unit_of_row(rows: pd.DataFrame) -> NDArray[Any]:
    """Return the village of each row, or the household where none is known."""
    known = rows["cluster"] != ""
    return np.where(known, rows["cluster"], "household " + rows["household_id"])


def _effective(outcome: Array, weight: Array, unit: NDArray[Any], share: float) -> float:
    """Return how many independent households would tell as much about their share of events.

    Variance of a ratio by its residuals, summed within units (Cochran 1977, section 9A); never more than the
    households that weights leave (Kish 1965).
    """
    total = weight.sum()
    by_weight = float(total**2 / (weight**2).sum())
    names, place = np.unique(unit, return_inverse=True)
    if not 0 < share < 1 or len(names) < 2:
        return by_weight
    sums = np.bincount(place, weights=weight * (outcome - share) / total)
    variance = float((sums**2).sum()) * len(names) / (len(names) - 1)
    return min(by_weight, share * (1 - share) / variance) if variance > 0 else by_weight


def wilson(share: float, n: float, z: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share (J Am Stat Assoc 22, 1927)."""
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
