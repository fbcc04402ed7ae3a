"""What fitting a risk model is made of: the rows of its training days, and margins by trees that never saw them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import clone
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from fanpin_risk.asof.outcomes import EVENTS, LEFT_OUT, Target
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.boosting_input import GivenRows
from fanpin_risk.model.canonical_rows import BLOCK_ROWS, CanonicalRows, end_to_end
from fanpin_risk.model.recalibration import logistic_recalibration
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.progress import Steps
from fanpin_risk.words import Message

__all__ = [
    "FEWEST_EVENTS",
    "VALIDATION_PARTS",
    "Part",
    "TrainingRows",
    "drawn_facts",
    "fit_fold",
    "log_loss_of_margin",
    "margins_of_table",
    "margins_out_of_fold",
    "out_of_fold_metrics",
    "rows_weighed",
    "stacked_tables",
    "tables_of_features",
    "training_rows",
]

Array = NDArray[Any]

# With fewer events than this a fold has next to none, and neither ranking nor calibration can be judged.
FEWEST_EVENTS = 20
# One household in eight of those trained on decides when a fold stops adding trees.
VALIDATION_PARTS = 8
# Training rows on which it is measured how much each feature moves the model.
ROWS_WEIGHED = 50_000
# Tables that hold outcomes; all others become features.
OUTCOME_TABLES = ("monitoring", "warnings")


class TrainingRows(NamedTuple):
    """All households at risk on all training days.

    Attributes
    ----------
    table : DataFrame of shape (n_rows, n_features)
        Their features, indexed by ``household_id``, day after day.
    outcome : ndarray of shape (n_rows,), 0 or 1
        Whether the event followed.
    day : ndarray of shape (n_rows,)
        Training day of each row.
    area_code : ndarray of str, shape (n_rows,)
        Division code on that day; ``""`` where it is unknown.
    counts : DataFrame or None
        What features need to apply; None where a day does not say.
    per_day : DataFrame
        As ``training_`` of :class:`fanpin_risk.RiskModel`.
    later_to_line, others, others_later_to_line : ndarray, DataFrame and ndarray, or None
        As of :class:`fanpin_risk.TrainingDay`; None where a day does not say.
    weight, even : ndarray of shape (n_rows,) or None
        What each row counts, with mean 1, and those that look as all do, where households were drawn; None: all alike.
    """

    table: pd.DataFrame
    outcome: Array
    day: Array
    area_code: Array
    counts: pd.DataFrame | None
    per_day: pd.DataFrame
    later_to_line: Array | None = None
    others: pd.DataFrame | None = None
    others_later_to_line: Array | None = None
    weight: Array | None = None
    even: Array | None = None


class Part(NamedTuple):
    """One classifier of a model, and the rows that it learns from.

    Attributes
    ----------
    name : str
        Code of what it learns.
    classifier : MonotoneBoosting
        Unfitted.
    table : CanonicalRows
        Features.
    outcome : ndarray of shape (n_part,), 0 or 1
        What it learns.
    fold : ndarray of int, shape (n_part,)
        Fold of each row's household.
    stop : ndarray of int, shape (n_part,)
        Group of each row's household, of which one decides in each fold when to stop; -1: never.
    of_rows : ndarray of bool, shape (n_part,)
        Which of its rows are those of :class:`TrainingRows`, in their order: only these decide when to stop.
    weight : ndarray of shape (n_part,) or None
        What each row counts; None: all alike.
    """

    name: str
    classifier: MonotoneBoosting
    table: CanonicalRows
    outcome: Array
    fold: Array
    stop: Array
    of_rows: Array
    weight: Array | None = None

    def given(self, rows: Array) -> GivenRows:
        """Return some rows to learn from."""
        weight = None if self.weight is None else self.weight[rows]
        return GivenRows(self.table, rows, self.outcome[rows], weight)


def training_rows(days: Sequence[TrainingDay], features: Sequence[str], target: Target) -> TrainingRows:
    """Put the rows of training days under each other.

    Parameters
    ----------
    days : sequence of TrainingDay
        In their order.
    features : sequence of str
        Names of the features to keep, in order.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event, for the error.

    Returns
    -------
    TrainingRows

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 20 rows with the event, or without.
    """
    table = stacked_tables([day.table for day in days], features)
    y = np.concatenate([day.outcome for day in days])
    per_day = pd.DataFrame(
        [
            {
                "as_of": day.as_of,
                "until": day.until,
                "households": len(day.outcome) if day.drawn_of is None else day.drawn_of[0],
                "events": int(day.outcome.sum()) if day.drawn_of is None else day.drawn_of[1],
                **day.left_out,
            }
            for day in days
        ]
    ).set_index("as_of")
    n_events = int(y.sum())
    if n_events < FEWEST_EVENTS or len(y) - n_events < FEWEST_EVENTS:
        counted = per_day.drop(columns=["until", "households", "events"]).sum()
        left_out = [
            Message("{reason} {count}", reason=LEFT_OUT.get(str(reason), str(reason)), count=int(n))
            for reason, n in counted[counted > 0].items()
        ] or Message("none")
        raise NotEnoughDataError(
            "{n_y} households at risk on {n_days} day(s) with {n_events} events ({target}); at least "
            "{fewest_events} with and {fewest_events} without are needed: take more days, a longer "
            "horizon or more areas (households left out: {left_out})",
            n_y=len(y),
            n_days=len(days),
            n_events=n_events,
            target=EVENTS[target],
            fewest_events=FEWEST_EVENTS,
            left_out=left_out,
        )
    day_of_row = np.repeat([day.as_of for day in days], [len(day.outcome) for day in days])
    area_code = np.concatenate([day.area_code for day in days])
    given = [day.counts for day in days if day.counts is not None]
    counts = pd.concat(given) if len(given) == len(days) else None
    weights = [day.weight for day in days if day.weight is not None]
    even = [day.even for day in days if day.even is not None]
    if 0 < len(weights) < len(days):
        raise SchemaError("some of the days are a draw of households and some are not; draw them together")
    rows = TrainingRows(table, y, day_of_row, area_code, counts, per_day)
    if weights:
        weight = np.concatenate(weights)
        rows = rows._replace(weight=weight / weight.mean(), even=np.concatenate(even))
    later = [(d.later_to_line, d.others, d.others_later_to_line) for d in days]
    if any(value is None for values in later for value in values):
        return rows
    of_rows, others, of_others = zip(*later, strict=True)
    return rows._replace(
        later_to_line=np.concatenate(of_rows),
        others=stacked_tables(others, features),
        others_later_to_line=np.concatenate(of_others),
    )


def stacked_tables(tables: Sequence[pd.DataFrame], features: Sequence[str]) -> pd.DataFrame:
    """Put tables of features under each other, column by column; no column is copied that is whole in memory already.

    Parameters
    ----------
    tables : sequence of DataFrame
        One or more.
    features : sequence of str
        Names of the columns to keep, in order.

    Returns
    -------
    DataFrame
    """
    columns = {name: end_to_end([table[name].to_numpy(dtype="float64") for table in tables]) for name in features}
    index = tables[0].index.append([table.index for table in tables[1:]])
    return pd.DataFrame(columns, index=index, copy=False)


def margins_out_of_fold(
    parts: Sequence[Part], *, n_folds: int, n_jobs: int | None, steps: Steps
) -> list[tuple[Array, int]]:
    """Give every row of every part the margin of trees that never saw its household, on any day.

    Parameters
    ----------
    parts : sequence of Part
        Classifiers and their rows.
    n_folds : int
        Folds of households.
    n_jobs : int or None
        Threads over which folds are spread.
    steps : Steps
        Takes one step for each fold.

    Returns
    -------
    list of (margin, n_trees)
        Of each part: log-odds before the recalibration, of shape (n_part,), and the mean number of rounds at which the
        folds stopped.
    """
    jobs = Parallel(n_jobs=n_jobs, require="sharedmem", return_as="generator")(
        delayed(fit_fold)(part, k) for k in range(n_folds) for part in parts
    )
    margins = [np.full(len(part.outcome), np.nan) for part in parts]
    rounds: list[list[int]] = [[] for _ in parts]
    with _warnings_of_one_thread():
        for k in range(n_folds):
            steps.next(Message("fold {fold} of {folds}", fold=k + 1, folds=n_folds))
            for part, margin, stopped in zip(parts, margins, rounds, strict=True):
                margin[part.fold == k], n_iter = next(jobs)
                stopped.append(n_iter)
    return [(margin, max(1, round(float(np.mean(stopped))))) for margin, stopped in zip(margins, rounds, strict=True)]


def fit_fold(part: Part, k: int) -> tuple[Array, int]:
    """Fit on the households not in fold k, stop early by a group of them (of its rows, those judged), and score the fold."""
    model = clone(part.classifier)
    held_out, stop = part.fold == k, part.stop == k % VALIDATION_PARTS
    if model.early_stopping:
        grow, judged = np.flatnonzero(~held_out & ~stop), np.flatnonzero(~held_out & stop & part.of_rows)
        model.fit_rows(part.given(grow), stop_by=part.given(judged))
    else:
        model.fit_rows(part.given(np.flatnonzero(~held_out)))
    return model.margin_of_rows(part.table, np.flatnonzero(held_out)), model.n_iter_


@contextmanager
def _warnings_of_one_thread() -> Iterator[None]:
    """Keep the warning filters while folds are fitted in threads.

    scikit-learn sets and restores them, which are the whole process's, wherever it checks or bins a column, and complains
    of its own when threads meet in that.
    """
    with warnings.catch_warnings():
        show = warnings.showwarning

        def without_complaint(message: Warning | str, *where: Any, **more: Any) -> None:
            if "sklearn.utils.parallel.delayed" not in str(message):
                show(message, *where, **more)

        warnings.showwarning = without_complaint
        yield


def rows_weighed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, evenly spaced, on which it is measured how much each feature moves the model."""
    return table.iloc[:: -(-len(table) // ROWS_WEIGHED)]


def margins_of_table(classifier: MonotoneBoosting, table: pd.DataFrame) -> Array:
    """Return the margin of each row of a table of features, of some rows at a time."""
    blocks = (table.iloc[begin : begin + BLOCK_ROWS] for begin in range(0, len(table), BLOCK_ROWS))
    return np.concatenate([classifier.decision_function(block) for block in blocks])


def drawn_facts(days: Sequence[TrainingDay]) -> dict[str, int] | None:
    """Return how many rows were drawn of how many, as the card says; None where all are there."""
    counts = [day.drawn_of for day in days if day.drawn_of is not None]
    if not counts:
        return None
    return {"rows": sum(len(day.outcome) for day in days), "of": sum(households for households, _ in counts)}


def tables_of_features(days: Sequence[TrainingDay]) -> tuple[str, ...]:
    """Name the tables that all training days held and that features are made of, sorted."""
    return tuple(sorted(frozenset.intersection(*(day.tables for day in days)).difference(OUTCOME_TABLES)))


def log_loss_of_margin(margin: Array, y: Array, weight: Array | None = None) -> float:
    """Return the log loss of margins out of fold, recalibrated, each row counting what `weight` says."""
    slope, intercept, _ = logistic_recalibration(margin, y, 1.0 if weight is None else weight)
    return float(log_loss(y, expit(slope * margin + intercept), sample_weight=weight))


def out_of_fold_metrics(y: Array, risk: Array, weight: Array | None = None) -> dict[str, float]:
    """Return what ``oof_metrics_`` of :class:`fanpin_risk.RiskModel` says of risks, each row counting what `weight` says."""
    base = np.full(len(y), np.average(y, weights=weight))
    return {
        "households": len(y),
        "events": int(y.sum()),
        "base_rate": float(base[0]),
        "auc": float(roc_auc_score(y, risk, sample_weight=weight)),
        "average_precision": float(average_precision_score(y, risk, sample_weight=weight)),
        "brier": float(brier_score_loss(y, risk, sample_weight=weight)),
        "log_loss": float(log_loss(y, risk, sample_weight=weight)),
        "brier_base": float(brier_score_loss(y, base, sample_weight=weight)),
        "log_loss_base": float(log_loss(y, base, sample_weight=weight)),
    }
