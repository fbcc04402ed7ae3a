"""Who is missed and who is visited in vain: fairness between groups, and the cost of mending it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.evaluation.group_audit import GroupAudit
from fanpin_risk.evaluation.groups import ALL, EXCLUSION_GAP, FAIRNESS, LARGEST_DIFFERENCE, LARGEST_RATIO, ONE_LIST
from fanpin_risk.evaluation.intervals import FEWEST, interval, table_of
from fanpin_risk.evaluation.options import check_intervals
from fanpin_risk.evaluation.ranking import quotient
from fanpin_risk.evaluation.results import Result
from fanpin_risk.watch.watchlist import SHARES

__all__ = ["capacity_cost", "fairness"]

Array = NDArray[np.float64]


def fairness(
    predictions: pd.DataFrame,
    group: str,
    *,
    capacity: float = 0.05,
    fewest: tuple[int, int] = FEWEST,
    level: float = 0.95,
    n_bootstrap: int = 300,
    random_state: int = 0,
) -> Result:
    """Tell how a group fares when the highest risks of all households are visited.

    In each fold there is one list for all, as :func:`fanpin_risk.watchlist` makes it: equal risks are visited by
    ``household_id``. The measures are computed with fairlearn (Bird et al. 2020), intervals by drawing villages as in
    :func:`fanpin_risk.evaluation.summarise`; who is on the list is held fixed in the draws.

    - ``visited``: share of the households that are visited;
    - ``exclusion_error`` (漏评): share of the events that are not visited;
    - ``inclusion_error`` (错评): share of the visits without event;
    - ``mean_risk``, ``base_rate`` and ``calibration_gap``, the first less the second: above 0, the risk of the group
      is exaggerated;
    - ``auc``: within the group and fold, averaged over folds.

    Groups differ in their true risk, so equal shares of visits are no aim in themselves, and not all of these measures
    can be equal at once (Kleinberg, Mullainathan, Raghavan 2017). What weighs most here is the exclusion error: an
    event that nobody came to see.

    Parameters
    ----------
    predictions : DataFrame
        Forecasts of one model, see :func:`fanpin_risk.evaluation.predictions.check_predictions`, with the column
        `group`, such as one of :func:`audit_groups`.
    group : str
        Its name. Households without a value are a group ``"unknown"``.
    capacity : int or float, default 0.05
        Visits in each fold: a whole number, or a share of the households. With weights, a visited row stands for as
        many visits as households.
    fewest : (int, int), default (50, 5)
        Households and events below which a group is suppressed, as in :func:`fanpin_risk.evaluation.summarise`; with
        only one such group, so is the smallest other one, which else would give it away.
    level : float, default 0.95
        Level of the intervals.
    n_bootstrap : int, default 300
        Draws; 0 leaves the intervals out.
    random_state : int, default 0
        Seed.

    Returns
    -------
    Result
        Kind ``"fairness"``: the column `group`, ``measure``, ``value``, ``low``, ``high``, ``difference`` (to all),
        ``difference_low``, ``difference_high``, ``households`` (different ones), ``events``, ``note``. Besides the
        groups there are rows for ``"all"``, for the ``"largest difference"`` and the ``"largest ratio"`` between
        groups that are shown and known; chance makes these larger in small groups, which their interval allows for.

    Raises
    ------
    MissingPackageError
        If fairlearn is not installed.
    SchemaError
        If an argument or the table is not as described.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.uniform(0, 0.4, 2000)
    >>> predictions = pd.DataFrame(
    ...     {
    ...         "model": "m",
    ...         "household_id": [f"h{i:04}" for i in range(2000)],
    ...         "cluster": [f"v{i % 40:02}" for i in range(2000)],
    ...         "risk": risk,
    ...         "outcome": (rng.random(2000) < risk).astype(int),
    ...         "head_sex": rng.choice(["female", "male"], 2000, p=[0.3, 0.7]),
    ...     }
    ... )
    >>> table = fairness(predictions, "head_sex", n_bootstrap=0)
    >>> table[table["measure"] == "exclusion_error"].round(2)[["head_sex", "value", "difference"]].values.tolist()[:2]
    [['all', 0.87, nan], ['male', 0.86, -0.01]]
    """
    audit = GroupAudit(predictions, group, fewest)
    check_intervals(level, n_bootstrap, fewest)
    visited = audit.visited(capacity)
    found = audit.measured(visited)
    draws = audit.draws(visited, n_bootstrap, random_state)
    rows: list[dict[str, Any]] = []
    for key in (ALL, *audit.names):
        for name in FAIRNESS:
            row: dict[str, Any] = {group: key, "measure": name, "note": audit.why[key]}
            if not audit.why[key]:
                value, drawn = found[key, name], draws[key, name]
                row |= {"households": audit.cells[key].households, "events": audit.cells[key].events}
                row |= {"value": value, "note": audit.note(value)} | _interval_of(value, drawn, level)
                if key != ALL and not audit.why[ALL]:
                    difference = value - found[ALL, name]
                    row |= {"difference": difference}
                    row |= _interval_of(difference, drawn - draws[ALL, name], level, "difference_")
            rows.append(row)
    differences, ratios = audit.spread(visited)
    for label, values, of in (
        (LARGEST_DIFFERENCE, differences, _largest_difference),
        (LARGEST_RATIO, ratios, _largest_ratio),
    ):
        for name, value in values.items():
            drawn = of([draws[key, name] for key in audit.compared])
            row = {group: label, "measure": name, "value": value, "note": audit.note(value)}
            rows.append(row | _interval_of(value, drawn, level, least=0.0 if of is _largest_difference else 1.0))
    columns = [
        group, "measure", "value", "low", "high", "difference", "difference_low", "difference_high",
        "households", "events", "note",
    ]  # fmt: skip
    result = table_of(rows, columns, "fairness")
    result.attrs = {"capacity": capacity, "level": level, "n_bootstrap": n_bootstrap, "fewest": tuple(fewest)}
    return result


def capacity_cost(
    predictions: pd.DataFrame,
    group: str,
    capacity: float = 0.05,
    *,
    fewest: tuple[int, int] = FEWEST,
    level: float = 0.95,
    n_bootstrap: int = 300,
    random_state: int = 0,
) -> Result:
    """Tell what it costs to let groups share the visits, and what it mends.

    One list for all finds the most events that a forecast can find. Lists on which groups have visits of their own,
    by the `shares` of :func:`fanpin_risk.watchlist`, find fewer, and may leave the groups less unequal. Shares look at
    forecast risks only, never at outcomes, as on the day of a real list; so equal *expected* recall becomes equal recall
    only as far as risks are right in each group.

    Parameters
    ----------
    predictions, group, capacity, fewest, level, n_bootstrap, random_state
        As for :func:`fairness`.

    Returns
    -------
    Result
        Kind ``"capacity_cost"``: ``scheme`` (``"one list"``, ``"households"``, ``"risk"``, ``"recall"``), ``measure``
        (``recall``, ``precision`` and ``exclusion_gap``, the largest difference of the exclusion error between groups
        that are shown and known), ``value``, ``low``, ``high``, ``difference`` (to one list), ``difference_low``,
        ``difference_high``, ``note``. A recall 0.02 lower costs 2 of 100 events; the interval of the difference is over
        the same draws.

    Raises
    ------
    MissingPackageError
        If fairlearn is not installed.
    SchemaError
        If an argument or the table is not as described.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sex = rng.choice(["female", "male"], 2000, p=[0.3, 0.7])
    >>> risk = rng.uniform(0, np.where(sex == "male", 0.4, 0.2))
    >>> predictions = pd.DataFrame(
    ...     {
    ...         "model": "m",
    ...         "household_id": [f"h{i:04}" for i in range(2000)],
    ...         "risk": risk,
    ...         "outcome": (rng.random(2000) < risk).astype(int),
    ...         "head_sex": sex,
    ...     }
    ... )
    >>> table = capacity_cost(predictions, "head_sex", 0.2, n_bootstrap=0)
    >>> table.pivot(index="scheme", columns="measure", values="value").round(2).loc["one list"].to_dict()
    {'exclusion_gap': 0.46, 'precision': 0.34, 'recall': 0.39}
    """
    audit = GroupAudit(predictions, group, fewest)
    check_intervals(level, n_bootstrap, fewest)
    lists = {ONE_LIST: audit.visited(capacity)} | {name: audit.visited(capacity, name) for name in SHARES}
    found: dict[str, dict[str, float]] = {}
    draws: dict[str, dict[str, Array]] = {}
    for scheme, visited in lists.items():
        measured = audit.measured(visited)
        found[scheme] = {
            "recall": 1 - measured[ALL, "exclusion_error"],
            "precision": 1 - measured[ALL, "inclusion_error"],
            EXCLUSION_GAP: audit.spread(visited)[0]["exclusion_error"],
        }
        if audit.why[ALL]:
            continue
        drawn = audit.draws(visited, n_bootstrap, random_state, auc=False)
        draws[scheme] = {
            "recall": 1 - drawn[ALL, "exclusion_error"],
            "precision": 1 - drawn[ALL, "inclusion_error"],
            EXCLUSION_GAP: _largest_difference([drawn[key, "exclusion_error"] for key in audit.compared]),
        }
    rows: list[dict[str, Any]] = []
    for scheme, values in found.items():
        for name, value in values.items():
            row: dict[str, Any] = {"scheme": scheme, "measure": name, "note": audit.why[ALL]}
            if not audit.why[ALL]:
                least = 0.0 if name == EXCLUSION_GAP else None
                row |= {"value": value, "note": audit.note(value)}
                row |= _interval_of(value, draws[scheme][name], level, least=least)
                if scheme != ONE_LIST:
                    difference = value - found[ONE_LIST][name]
                    row |= {"difference": difference}
                    row |= _interval_of(difference, draws[scheme][name] - draws[ONE_LIST][name], level, "difference_")
            rows.append(row)
    columns = ["scheme", "measure", "value", "low", "high", "difference", "difference_low", "difference_high", "note"]
    result = table_of(rows, columns, "capacity_cost")
    result.attrs = {
        "group": group,
        "capacity": capacity,
        "level": level,
        "n_bootstrap": n_bootstrap,
        "fewest": tuple(fewest),
    }
    return result


def _largest_difference(draws: Sequence[Array]) -> Array:
    """Largest difference between groups in every draw in which all are defined."""
    return _over_groups(draws, lambda table: table.max(axis=0) - table.min(axis=0))


def _largest_ratio(draws: Sequence[Array]) -> Array:
    """Largest ratio between groups in every draw in which all are defined and above 0."""
    return _over_groups(draws, lambda table: quotient(table.max(axis=0), table.min(axis=0)))


def _over_groups(draws: Sequence[Array], function: Callable[[Array], Array]) -> Array:
    table = np.array([drawn for drawn in draws if np.isfinite(drawn).any()])
    return function(table) if len(table) > 1 else np.zeros(0)


def _interval_of(
    value: float, draws: Array, level: float, prefix: str = "", *, least: float | None = None
) -> dict[str, float]:
    """Return an interval as columns; with `least`, of a value that is never less and that chance makes larger."""
    low, high = interval(value - (least or 0.0), draws - (least or 0.0), level, biased=least is not None)
    return {f"{prefix}low": low + (least or 0.0), f"{prefix}high": high + (least or 0.0)}
