"""Trees that learn more of what later incomes tell than whether a household at risk fell below the line.

Where the event is an income below the line, households at risk are the smaller part of what a register tells: those below
the line already have a later income as well, and one that stays just above the line tells more than "no event". So three
classifiers learn from the same days: one from households at risk, whether they fall below the line; one from everybody
whose later income is known, with a column that says who was at risk; one from households at risk, whether they fall below
a wider line. A household's margin is the mean of the three, all asked as of a household at risk. The forecast remains that
of the event: recalibration, tiers and figures out of fold are of households at risk and the line itself.

The result is one model of trees: leaves are divided by three, splits on who was at risk are resolved, and the covers of the
nodes are counted anew on households at risk, so that contributions are measured from their mean and remain exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import clone

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.outcomes import Target
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.canonical_rows import CanonicalRows
from fanpin_risk.model.ensemble_facts import Ensemble
from fanpin_risk.model.fitting import (
    FEWEST_EVENTS,
    VALIDATION_PARTS,
    Part,
    TrainingRows,
    log_loss_of_margin,
    margins_out_of_fold,
    out_of_fold_metrics,
    stacked_tables,
)
from fanpin_risk.model.folds import deal
from fanpin_risk.model.recalibration import logistic_recalibration
from fanpin_risk.model.tree_merging import counted_on, mean_of_trees, with_last_feature_at
from fanpin_risk.progress import Steps
from fanpin_risk.words import Message

__all__ = ["LearntTrees", "learn_trees"]

# The column that says who was at risk, in the table of everybody.
AT_RISK = "at_risk"
# Lines that the second question about income asks for, in lines.
WIDER_LINE = 1.25


class LearntTrees(NamedTuple):
    """Trees grown on all rows, and what trees that never saw a household say of it.

    Attributes
    ----------
    classifier : MonotoneBoosting
        Fitted.
    margin : ndarray of shape (n_rows,)
        Log-odds out of fold, before the recalibration.
    fold : ndarray of int, shape (n_rows,)
        Fold of each row's household.
    facts : dict or None
        What the card says of the ensemble: why there is none (``why``), or its ``parts``, and the metrics of the first part
        alone (``metrics_without``). None where the event knows no ensemble.
    """

    classifier: MonotoneBoosting
    margin: Array
    fold: Array
    facts: dict[str, Any] | None


def learn_trees(
    wanted: Ensemble,
    target: Target,
    classifier: MonotoneBoosting,
    rows: TrainingRows,
    *,
    n_folds: int,
    n_jobs: int | None,
    steps: Steps,
) -> LearntTrees:
    """Grow the trees of a model, and of its folds.

    Parameters
    ----------
    wanted : {"auto", "none", "income_cuts"}
        As for :class:`fanpin_risk.RiskModel`.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event.
    classifier : MonotoneBoosting
        Unfitted.
    rows : TrainingRows
        To learn from.
    n_folds : int
        Folds of households.
    n_jobs : int or None
        Threads over which folds are spread.
    steps : Steps
        Takes one step for each fold, and one for the trees on all rows.

    Returns
    -------
    LearntTrees

    Raises
    ------
    NotEnoughDataError, SchemaError
        If an ensemble is asked for that cannot be learnt.
    """
    why = _why_single(wanted, target, rows)
    fold = deal(rows.table.index, rows.outcome, n_folds, "fold")
    parts = [_part_at_risk(classifier, rows, fold)]
    if why == "":
        parts += [_part_everyone(classifier, rows, fold, n_folds), _part_wider_line(parts[0], rows)]
    found = margins_out_of_fold(parts, n_folds=n_folds, n_jobs=n_jobs, steps=steps)
    margins = [margin[part.of_rows] for part, (margin, _) in zip(parts, found, strict=True)]
    margin = np.mean(margins, axis=0)
    y = rows.outcome
    if wanted == "auto" and len(parts) > 1 and not log_loss_of_margin(margin, y) < log_loss_of_margin(margins[0], y):
        why, parts, margin = "no_gain", parts[:1], margins[0]
    steps.next(Message("trees on all rows"))
    fitted = [
        clone(part.classifier)
        .set_params(max_iter=n_trees, early_stopping=False)
        .fit_rows(part.given(np.arange(len(part.outcome))))
        for part, (_, n_trees) in zip(parts, found, strict=False)
    ]
    if len(parts) == 1:
        return LearntTrees(fitted[0], margin, fold, {"why": why} if target == "below_line" else None)
    told = [_facts(*one, y) for one in zip(parts, fitted, margins, strict=True)]
    facts = {"why": "", "parts": told, "metrics_without": {name: told[0][name] for name in SHOWN}}
    return LearntTrees(_as_one(fitted, rows.table), margin, fold, facts)


SHOWN = ("auc", "average_precision", "log_loss")


def _why_single(wanted: Ensemble, target: Target, rows: TrainingRows) -> str:
    """Return the code of the reason why there is one classifier only, or ``""``; refuse what is asked for in vain."""
    if target != "below_line":
        if wanted == "income_cuts":
            raise SchemaError(
                "ensemble='income_cuts' is for the target 'below_line': it learns from later incomes, and being monitored is "
                "decided by officials; take ensemble='auto' or 'none'"
            )
        return "other_event"
    if wanted == "none":
        return "asked"
    if rows.weight is not None:
        if wanted == "income_cuts":
            raise SchemaError("ensemble='income_cuts' learns from all households, not from a draw; leave max_rows out")
        return "sampled"
    if rows.later_to_line is None or rows.others is None or rows.others_later_to_line is None:
        if wanted == "income_cuts":
            raise SchemaError(
                "ensemble='income_cuts' needs what became of the incomes of all households, at risk or not, which these days "
                "do not hold; make them with training_day(register, day, target='below_line'), or fit the register itself"
            )
        return "no_incomes"
    if len(rows.others) < FEWEST_EVENTS:
        if wanted == "income_cuts":
            raise NotEnoughDataError(
                "ensemble='income_cuts': {n_others} household-days of households not at risk have a later income on record; at "
                "least {fewest} are needed: take more days, or ensemble='none'",
                n_others=len(rows.others),
                fewest=FEWEST_EVENTS,
            )
        return "few_others"
    return ""


def _part_at_risk(classifier: MonotoneBoosting, rows: TrainingRows, fold: Array) -> Part:
    table, y = rows.table, rows.outcome
    stop = deal(table.index, y, VALIDATION_PARTS, "part")
    of_rows = np.ones(len(y), dtype=bool)
    return Part("at_risk", classifier, CanonicalRows.of_table(table), y, fold, stop, of_rows, rows.weight)


def _part_wider_line(first: Part, rows: TrainingRows) -> Part:
    later = np.asarray(rows.later_to_line, dtype="float64")
    return first._replace(name="wider_line", outcome=(later < WIDER_LINE).astype(rows.outcome.dtype))


def _part_everyone(classifier: MonotoneBoosting, rows: TrainingRows, fold: Array, n_folds: int) -> Part:
    """Return the part on all households; each is in one fold with all its rows, at risk on the day or not."""
    at_risk, others = rows.table, pd.DataFrame(rows.others)
    later = np.asarray(rows.others_later_to_line, dtype="float64")
    y = np.concatenate([rows.outcome, (later < 1).astype(rows.outcome.dtype)])
    of_rows = np.concatenate([np.ones(len(at_risk), dtype=bool), np.zeros(len(others), dtype=bool)])
    features = [str(name) for name in at_risk.columns]
    table = stacked_tables([at_risk, others], features)
    columns = [table[name].to_numpy() for name in features]
    asked = CanonicalRows([*columns, of_rows.astype("float64")], [*features, AT_RISK], index=table.index)
    fold_of = pd.Series(fold, index=at_risk.index).groupby(level=0).first()
    known = others.index.isin(fold_of.index)
    of_others = np.zeros(len(others), dtype=fold.dtype)
    of_others[known] = fold_of.loc[others.index[known]]
    if not known.all():
        of_others[~known] = deal(others.index[~known], y[len(at_risk) :][~known], n_folds, "fold")
    own = clone(classifier)
    signs = own.monotonic_cst
    if isinstance(signs, Mapping):
        own.set_params(monotonic_cst={**signs, AT_RISK: 0})
    else:
        own.set_params(monotonic_cst=None if signs is None else [*np.asarray(signs).tolist(), 0])
    if (
        isinstance(own.categorical_features, np.ndarray | Sequence)
        and np.asarray(own.categorical_features).dtype == bool
    ):
        own.set_params(categorical_features=[*np.asarray(own.categorical_features).tolist(), False])
    stop = deal(at_risk.index, rows.outcome, VALIDATION_PARTS, "part")
    stop_of = pd.Series(stop, index=at_risk.index).groupby(level=0).first()
    of_others_stop = stop_of.reindex(others.index, fill_value=-1).to_numpy()
    fold, stop = np.concatenate([fold, of_others]), np.concatenate([stop, of_others_stop])
    return Part("everyone", own, asked, y, fold, stop, of_rows)


def _as_one(fitted: Sequence[MonotoneBoosting], at_risk: pd.DataFrame) -> MonotoneBoosting:
    """Return the trees of all parts as one classifier, whose margin for a household at risk is the mean of theirs."""
    first = fitted[0]
    models = []
    for one in fitted:
        arrays = one.to_arrays()
        if one.n_features_in_ > first.n_features_in_:
            arrays = counted_on(with_last_feature_at(arrays, 1.0), at_risk.to_numpy(dtype="float64"))
        models.append(arrays)
    return MonotoneBoosting.from_arrays(
        mean_of_trees(models), feature_names=first.feature_names_in_, **first.get_params(deep=False)
    )


def _facts(part: Part, fitted: MonotoneBoosting, margin: Array, y: Array) -> dict[str, Any]:
    slope, intercept, _ = logistic_recalibration(margin, y)
    own = out_of_fold_metrics(y, expit(slope * margin + intercept))
    return {
        "part": part.name,
        "rows": len(part.outcome),
        "events": int(part.outcome.sum()),
        "n_trees": fitted.n_trees_,
        **{name: own[name] for name in SHOWN},
    }
