"""Forecasts of one model cut into groups, and what is measured of each group with fairlearn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.errors import MissingPackageError, SchemaError, install_command
from fanpin_risk.evaluation.groups import (
    ALL,
    FAIRNESS,
    GROUPS,
    LARGEST_DIFFERENCE,
    LARGEST_RATIO,
    UNKNOWN,
    WITH_RATIO,
)
from fanpin_risk.evaluation.intervals import Cell, effective_number, reasons_to_suppress
from fanpin_risk.evaluation.measures import combine
from fanpin_risk.evaluation.predictions import check_predictions
from fanpin_risk.evaluation.ranking import Ranking, quotient
from fanpin_risk.watch.capacity import check_capacity
from fanpin_risk.watch.watchlist import Shares, turns
from fanpin_risk.words import join_notes, note

__all__ = ["GroupAudit"]

Array = NDArray[np.float64]

# Of fewer visits the share in vain is not shown.
FEWEST_VISITS = 5


class GroupAudit:
    """Forecasts of one model, cut into groups.

    Attributes
    ----------
    frame : DataFrame
        From :func:`fanpin_risk.evaluation.predictions.check_predictions`.
    label : ndarray of str, shape (n_rows,)
        Group of each row.
    names : list of str
        Groups in the order of reports.
    cells : dict of str to Cell
        Of all rows and of each group.
    why : dict of str to str
        Note why a cell is suppressed, "" where it is shown.
    compared : list of str
        Groups that are shown and known.
    """

    def __init__(self, predictions: pd.DataFrame, group: str, fewest: tuple[int, int]) -> None:
        _fairlearn()
        if group not in predictions.columns:
            raise SchemaError(
                "predictions has no column {group!r}; expected the group of each household there", group=group
            )
        self.frame = check_predictions(predictions, by=())
        if self.frame.empty:
            raise SchemaError("predictions has no rows; expected one per household")
        if self.frame.duplicated(["fold", "as_of", "household_id"]).any():
            raise SchemaError("predictions repeats households of the same fold and day; expected one row for each")
        self.label = self.frame[group].astype("str").fillna(UNKNOWN).to_numpy(dtype=object)
        taken = sorted({ALL, LARGEST_DIFFERENCE, LARGEST_RATIO} & set(self.label))
        if taken:
            raise SchemaError(
                "{group} has groups named {taken}, which name other rows here; rename them",
                group=group,
                taken=tuple(taken),
            )
        known = list(GROUPS[group].codes) if group in GROUPS else []
        order = {name: number for number, name in enumerate(known)} | {UNKNOWN: np.inf}
        self.names = sorted(set(self.label), key=lambda name: (order.get(name, len(known)), name))
        parts = {name: Cell(self.frame[self.label == name]) for name in self.names}
        hidden = reasons_to_suppress({(name,): cell for name, cell in parts.items()}, (group,), fewest)
        whole = Cell(self.frame)
        self.cells = {ALL: whole, **parts}
        self.why = {name: hidden[(name,)] for name in self.names}
        self.why[ALL] = reasons_to_suppress({(): whole}, (), fewest)[()]
        self.compared = [name for name in self.names if not self.why[name] and name != UNKNOWN]

    def rows(self, key: str) -> NDArray[np.int64]:
        """Positions of the rows of a group, or of all."""
        return np.arange(len(self.frame)) if key == ALL else np.flatnonzero(self.label == key)

    def note(self, value: float) -> str:
        """Return the notes on a value and its interval."""
        return join_notes([*self.cells[ALL].notes, "" if np.isfinite(value) else note("not_defined")])

    def visited(self, capacity: float, shares: Shares | None = None) -> NDArray[np.bool_]:
        """Whether each row is visited: in each fold the highest risks, or those of groups that share the visits."""
        capacity = check_capacity(capacity)
        result = np.zeros(len(self.frame), dtype=bool)
        for rows in self.frame.groupby("fold", sort=True).indices.values():
            part = self.frame.iloc[rows]
            risk, weight = part["risk"].to_numpy(dtype="float64"), part["weight"].to_numpy(dtype="float64")
            order = np.lexsort((part["household_id"].to_numpy(dtype=object), -risk))
            if shares is not None:
                order = order[turns(risk[order], self.label[rows][order], shares, weight=weight[order])]
            n_visited = float(capacity)
            if isinstance(capacity, float):
                n_visited = capacity * weight.sum()
                if (weight == np.round(weight)).all():
                    n_visited = np.ceil(np.round(n_visited, 9))
            before = np.cumsum(weight[order]) - weight[order]
            result[rows[order]] = before < n_visited * (1 - 1e-12)
        return result

    def _frame(self, visited: NDArray[np.bool_], rows: NDArray[Any]) -> Any:
        """Return fairlearn's MetricFrame of all measures for some rows."""
        part = self.frame.iloc[rows]
        weight = {"sample_weight": part["weight"].to_numpy(dtype="float64")}
        risk = {"risk": part["risk"].to_numpy(dtype="float64")}
        fold = {"fold": part["fold"].to_numpy(dtype=object)}
        return _fairlearn().MetricFrame(
            metrics=_METRICS,
            y_true=part["outcome"].to_numpy(dtype="int64"),
            y_pred=visited[rows].astype("int64"),
            sensitive_features=pd.Series(self.label[rows], name="group", dtype=object),
            sample_params={
                name: weight | (risk if name in WITH_RISK else {}) | (fold if name == "auc" else {})
                for name in _METRICS
            },
        )

    def measured(self, visited: NDArray[np.bool_]) -> dict[tuple[str, str], float]:
        """Return every measure of all and of each group."""
        frame = self._frame(visited, self.rows(ALL))
        found = {(ALL, name): float(frame.overall[name]) for name in FAIRNESS}
        return found | {(key, name): float(frame.by_group[name][key]) for key in self.names for name in FAIRNESS}

    def spread(self, visited: NDArray[np.bool_]) -> tuple[dict[str, float], dict[str, float]]:
        """Return the largest differences and ratios between the groups that are compared."""
        if len(self.compared) < 2:
            return dict.fromkeys(FAIRNESS, np.nan), dict.fromkeys(WITH_RATIO, np.nan)
        frame = self._frame(visited, np.flatnonzero(np.isin(self.label, self.compared)))
        difference, quotient = frame.difference(method="between_groups"), frame.ratio(method="between_groups")
        return (
            {name: float(difference[name]) for name in FAIRNESS},
            {name: 1 / float(quotient[name]) if quotient[name] > 0 else np.nan for name in WITH_RATIO},
        )

    def draws(
        self, visited: NDArray[np.bool_], n_bootstrap: int, random_state: int, *, auc: bool = True
    ) -> dict[tuple[str, str], Array]:
        """Return every measure of all and of each group that is shown, in every draw of villages."""
        found: dict[tuple[str, str], list[Array]] = {}
        outcome, risk = self.frame["outcome"].to_numpy(), self.frame["risk"].to_numpy(dtype="float64")
        keys = [key for key in self.cells if not self.why[key]]
        rows = {key: self.rows(key) for key in keys}
        places = {key: self._places(key) for key in keys}
        own = self.frame["weight"].to_numpy(dtype="float64")
        few = {key: effective_number((own * visited)[rows[key]]) < FEWEST_VISITS for key in keys}
        for weights in self._weights(n_bootstrap, random_state):
            for key in keys:
                w, y, v, p = weights[:, rows[key]], outcome[rows[key]], visited[rows[key]], risk[rows[key]]
                total, events, n_visited, hits = w.sum(axis=1), w @ y, w @ v, w @ (v & (y == 1))
                values = {
                    "visited": quotient(n_visited, total),
                    "exclusion_error": 1 - quotient(hits, events),
                    "inclusion_error": np.full(len(w), np.nan) if few[key] else 1 - quotient(hits, n_visited),
                    "mean_risk": quotient(w @ p, total),
                    "base_rate": quotient(events, total),
                }
                values["calibration_gap"] = values["mean_risk"] - values["base_rate"]
                if auc:
                    folds = zip(self.cells[key].rankings, places[key], strict=True)
                    ranked = [ranking.weighted(weights[:, place]) for ranking, place in folds]
                    values["auc"] = combine(ranked, ["auc"])["auc"]
                for name, value in values.items():
                    found.setdefault((key, name), []).append(value)
        if not found:
            return {(key, name): np.zeros(0) for key in keys for name in FAIRNESS}
        return {key: np.concatenate(parts) for key, parts in found.items()}

    def _places(self, key: str) -> list[NDArray[np.int64]]:
        """Per fold, the rows of the frame in the order of the cell's ranking."""
        parts = self.frame.iloc[self.rows(key)].groupby("fold", sort=True)
        return [
            part.index.to_numpy()[ranking.order]
            for (_, part), ranking in zip(parts, self.cells[key].rankings, strict=True)
        ]

    def _weights(self, n_bootstrap: int, random_state: int) -> Iterator[Array]:
        """Yield draws of villages, some at a time: weights of shape (n_draws, n_rows)."""
        places = self._places(ALL)
        for parts in self.cells[ALL].weights(n_bootstrap, random_state):
            weights = np.empty((len(parts[0]), len(self.frame)))
            for place, part in zip(places, parts, strict=True):
                weights[:, place] = part
            yield weights


# --- measures, as fairlearn calls them ------------------------------------------------------------------------------
def _fairlearn() -> Any:
    """Return fairlearn.metrics."""
    try:
        from fairlearn import metrics
    except ImportError as error:
        raise MissingPackageError(
            "fairness is computed with fairlearn, which is not installed; install it with: {command}",
            command=install_command("evaluate"),
        ) from error
    return metrics


def _visited(y_true: Array, y_pred: Array, sample_weight: Array) -> float:
    return float(_fairlearn().selection_rate(y_true, y_pred, sample_weight=sample_weight))


def _exclusion_error(y_true: Array, y_pred: Array, sample_weight: Array) -> float:
    if not (sample_weight * y_true).any():
        return np.nan
    return float(_fairlearn().false_negative_rate(y_true, y_pred, sample_weight=sample_weight, pos_label=1))


def _inclusion_error(y_true: Array, y_pred: Array, sample_weight: Array) -> float:
    if effective_number(sample_weight * y_pred) < FEWEST_VISITS:
        return np.nan
    from sklearn.metrics import precision_score

    return 1 - float(precision_score(y_true, y_pred, sample_weight=sample_weight))


def _mean_risk(y_true: Array, _: Array, risk: Array, sample_weight: Array) -> float:
    return float(_fairlearn().mean_prediction(y_true, risk, sample_weight=sample_weight))


def _base_rate(y_true: Array, _: Array, sample_weight: Array) -> float:
    return float(_fairlearn().mean_prediction(y_true, y_true, sample_weight=sample_weight))


def _calibration_gap(y_true: Array, _: Array, risk: Array, sample_weight: Array) -> float:
    return float(_fairlearn().mean_prediction(y_true, risk - y_true, sample_weight=sample_weight))


def _auc(y_true: Array, _: Array, risk: Array, fold: NDArray[Any], sample_weight: Array) -> float:
    rankings = [
        Ranking(y_true[fold == one], risk[fold == one], sample_weight[fold == one]).weighted()
        for one in np.unique(fold)
    ]
    return float(combine(rankings, ["auc"])["auc"][0])


_METRICS = {
    "visited": _visited,
    "exclusion_error": _exclusion_error,
    "inclusion_error": _inclusion_error,
    "mean_risk": _mean_risk,
    "base_rate": _base_rate,
    "calibration_gap": _calibration_gap,
    "auc": _auc,
}
WITH_RISK = ("mean_risk", "calibration_gap", "auc")
