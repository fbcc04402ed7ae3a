"""A model that learns from what visits found: trees that rank everybody best, at the level that visits show.

What officials recognise happens mostly where visitors went, so a household that nobody visited and nobody recognised may
be in need all the same. Households visited with a known probability, each counting one over it, stand for all at risk:
means over them are without bias for everybody, whatever the list looked like.

So three kinds of trees are tried out of fold: those grown, as always, on official recognition of all households; those
grown on the visited alone, weighted; and the mean of both. The first have many rows and a biased label, the second few and
an honest one. The log loss at the visited, weighted, decides between them, and slope and intercept are fitted to these, so
the risk is that of being found in need at a visit. Official labels of households never visited decide nothing but what
the first kind of trees looks like.

A single visit drawn with a small probability can outweigh all others. Weights above `LARGEST_WEIGHT` times the mean are
cut to that for fitting (a little bias for much less variance, Potter 1990); how many were, and how heavy the heaviest was, is
kept and warned of.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.outcomes import Target
from fanpin_risk.errors import FanpinWarning, NotEnoughDataError, SchemaError
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.ensemble import LearntTrees
from fanpin_risk.model.fitting import (
    FEWEST_EVENTS,
    VALIDATION_PARTS,
    TrainingRows,
    log_loss_of_margin,
    out_of_fold_metrics,
)
from fanpin_risk.model.folds import deal
from fanpin_risk.model.place_facts import Place
from fanpin_risk.model.tree_merging import counted_on, mean_of_trees

__all__ = [
    "LARGEST_WEIGHT",
    "ToldOfVisits",
    "check_visited",
    "heaviest_weight",
    "learn_from_visits",
    "metrics_beside",
    "told_by_register",
    "trimmed_weights",
]

# A visit counts at most so many times the mean of all.
LARGEST_WEIGHT = 20.0
# With fewer visits at random, they say nothing of the households that no list names.
FEWEST_AT_RANDOM = 20
# From this share of the rows on, the visits are of everybody, and nothing need be drawn.
NEARLY_ALL = 0.95


class ToldOfVisits(NamedTuple):
    """Rows that tell the level of a model, and how well it ranks.

    Attributes
    ----------
    place : ndarray of int, shape (n_told,)
        Which training rows; one that was visited several times stands there as often.
    outcome : ndarray of shape (n_told,), 0 or 1
        What is known of them.
    weight : ndarray of shape (n_told,) or None
        What each counts; their mean is 1. None: all alike.
    """

    place: Array
    outcome: Array
    weight: Array | None

    @property
    def base_rate(self) -> float:
        """Share with the event."""
        return float(np.average(self.outcome, weights=self.weight))


def told_by_register(rows: TrainingRows) -> ToldOfVisits:
    """Return all rows with what the register says of them."""
    return ToldOfVisits(np.arange(len(rows.outcome)), rows.outcome, rows.weight)


def trimmed_weights(probability: Array) -> tuple[Array, Array]:
    """Return one over the probabilities, scaled to mean 1, none above `LARGEST_WEIGHT`, and which were cut to it.

    Parameters
    ----------
    probability : ndarray of shape (n_visits,)
        Above 0 and up to 1.

    Returns
    -------
    weight : ndarray of shape (n_visits,)
    cut : ndarray of bool, shape (n_visits,)

    References
    ----------
    Potter (1990), A study of procedures to identify and trim extreme sampling weights, Proc. Survey Research Methods, ASA.

    Examples
    --------
    >>> weight, cut = trimmed_weights(np.array([1.0, 1.0, 0.25]))
    >>> weight.tolist(), bool(cut.any())
    ([0.5, 0.5, 2.0], False)
    """
    weight = 1 / probability
    falling = np.sort(weight)[::-1]
    # With the k largest cut to a bound c, c is so many times the mean: c = LARGEST_WEIGHT * (k c + the others) / n.
    for k, largest_left in enumerate(falling):
        bound = LARGEST_WEIGHT * falling[k:].sum() / max(len(falling) - LARGEST_WEIGHT * k, 1e-12)
        if largest_left <= bound:
            break
    cut = weight > bound
    weight = np.minimum(weight, bound)
    return weight / weight.mean(), cut


def heaviest_weight(weight: Array) -> float:
    """Return how many times the mean the largest weight is.

    Examples
    --------
    >>> heaviest_weight(np.array([1.0, 1.0, 4.0]))
    2.0
    """
    return float(weight.max() / weight.mean())


def check_visited(target: Target, place: Place) -> None:
    """Refuse to learn from visits what they do not tell.

    Raises
    ------
    SchemaError
        For another event than ``newly_monitored``, or effects of places.
    """
    if target != "newly_monitored":
        raise SchemaError(
            "visits tell whether a household is found in need, which is compared with being newly monitored; expected the "
            "target 'newly_monitored', got {target!r}",
            target=target,
        )
    if place is True:
        raise SchemaError(
            "place=True: what happened in a place depends on where visitors went, so it is not learnt beside visits; take "
            "place='auto'"
        )


def learn_from_visits(
    classifier: MonotoneBoosting,
    rows: TrainingRows,
    official: LearntTrees,
    labels: pd.DataFrame,
    *,
    n_folds: int,
    n_jobs: int | None,
) -> tuple[LearntTrees, ToldOfVisits, dict[str, Any]]:
    """Take the trees that rank the visited best, with weights: by recognition, by visits, or the mean of both.

    Parameters
    ----------
    classifier : MonotoneBoosting
        Unfitted.
    rows : TrainingRows
        All households at risk on the training days.
    official : LearntTrees
        Grown on what the register says of them.
    labels : DataFrame
        From :func:`fanpin_risk.visit_labels`, of the same days.
    n_folds : int
        Folds of households, as they were dealt for `official`.
    n_jobs : int or None
        Threads over which folds are spread.

    Returns
    -------
    LearntTrees
        With margins out of fold of all rows.
    ToldOfVisits
        The visited.
    dict
        What the card says of it, see ``visits_`` of :class:`fanpin_risk.RiskModel`.

    Raises
    ------
    NotEnoughDataError
        If fewer than 20 visited households at risk were verified or refuted, or fewer than 20 visited at random.

    Warns
    -----
    UserWarning
        If weights were cut.
    """
    at = pd.MultiIndex.from_arrays([pd.DatetimeIndex(rows.day).as_unit("s"), rows.table.index.astype("str")])
    asked = pd.MultiIndex.from_arrays([pd.DatetimeIndex(labels["as_of"]).as_unit("s"), labels["household_id"]])
    found = at.get_indexer(asked)
    used = labels[found >= 0]
    place, y = found[found >= 0], used["verified"].to_numpy(dtype=np.int8)
    _check_enough(used, len(rows.outcome))
    weight, cut = trimmed_weights(used["probability"].to_numpy(dtype="float64"))
    told = ToldOfVisits(place, y, weight)
    if cut.any():
        warnings.warn(
            FanpinWarning(
                "{cut} of {visits} weights of visits were cut to {bound:g} times the mean for fitting; the largest was {heaviest:.0f} "
                "times. So few draws stand for so many households that the risk leans towards what the other visits found: add up "
                "rounds, or draw more evenly",
                cut=int(cut.sum()),
                visits=len(used),
                bound=LARGEST_WEIGHT,
                heaviest=heaviest_weight(used["weight"].to_numpy(dtype="float64")),
            ),
            stacklevel=4,
        )
    margin, n_trees = _margins_by_visits(classifier, rows, official.fold, told, n_folds=n_folds, n_jobs=n_jobs)
    margins = {"official": official.margin, "both": (official.margin + margin) / 2, "visits": margin}
    losses = {name: log_loss_of_margin(one[place], y, weight) for name, one in margins.items()}
    chosen = min(losses, key=lambda name: losses[name])
    trees = official.classifier
    if chosen != "official":
        own = clone(classifier).set_params(max_iter=n_trees, early_stopping=False)
        own.fit(rows.table.iloc[place], y, row_weight=weight)
        models = [own.to_arrays()] if chosen == "visits" else [official.classifier.to_arrays(), own.to_arrays()]
        # Contributions are measured from the mean of everybody at risk, not of the visited.
        everybody = rows.table.to_numpy(dtype="float64")
        trees = MonotoneBoosting.from_arrays(
            mean_of_trees([counted_on(one, everybody) for one in models]),
            feature_names=own.feature_names_in_,
            **own.get_params(deep=False),
        )
    facts = _visit_facts(used, len(labels), told, cut, rows.outcome) | {
        "trees": chosen,
        "log_loss": losses,
        **{
            name: int(labels.attrs.get(name, 0))
            for name in ("not_told", "outside", "drawn_before", "without_probability")
        },
    }
    return official._replace(classifier=trees, margin=margins[chosen]), told, facts


def _check_enough(used: pd.DataFrame, n_rows: int) -> None:
    verified, at_random = int(used["verified"].sum()), int(used["at_random"].sum())
    if min(verified, len(used) - verified) < FEWEST_EVENTS:
        raise NotEnoughDataError(
            "{visited} visits to households at risk on the training days: {verified} verified, {refuted} refuted; at least "
            "{fewest} of each are needed: take more rounds of visits, or fit without visits=",
            visited=len(used),
            verified=verified,
            refuted=len(used) - verified,
            fewest=FEWEST_EVENTS,
        )
    if at_random < FEWEST_AT_RANDOM and used["household_id"].nunique() < NEARLY_ALL * n_rows:
        raise NotEnoughDataError(
            "{at_random} of {visited} visits were drawn at random (a probability below 1); at least {fewest} are needed, or "
            "what was found says nothing of the households that no list names",
            at_random=at_random,
            visited=len(used),
            fewest=FEWEST_AT_RANDOM,
        )


def _margins_by_visits(
    classifier: MonotoneBoosting,
    rows: TrainingRows,
    fold: Array,
    told: ToldOfVisits,
    *,
    n_folds: int,
    n_jobs: int | None,
) -> tuple[Array, int]:
    """Return the margins of all rows by trees grown on the visited of other folds, and the mean number of rounds."""
    place, y, weight = told.place, told.outcome, np.asarray(told.weight)
    stop = deal(rows.table.index[place], y, VALIDATION_PARTS, "part")

    def one(k: int) -> tuple[Array, int]:
        grown, stops = fold[place] != k, stop == k % VALIDATION_PARTS
        model = clone(classifier)
        if model.early_stopping:
            grow, held = grown & ~stops, grown & stops
            model.fit(
                rows.table.iloc[place[grow]], y[grow], row_weight=weight[grow],
                X_val=rows.table.iloc[place[held]], y_val=y[held], row_weight_val=weight[held],
            )  # fmt: skip
        else:
            model.fit(rows.table.iloc[place[grown]], y[grown], row_weight=weight[grown])
        return model.decision_function(rows.table[fold == k]), model.n_iter_

    margin, rounds = np.full(len(rows.outcome), np.nan), []
    for k, (of_fold, n_iter) in enumerate(
        Parallel(n_jobs=n_jobs, require="sharedmem")(delayed(one)(k) for k in range(n_folds))
    ):
        margin[fold == k] = of_fold
        rounds.append(n_iter)
    return margin, max(1, round(float(np.mean(rounds))))


def _visit_facts(
    used: pd.DataFrame, n_labels: int, told: ToldOfVisits, cut: Array, recognised: Array
) -> dict[str, Any]:
    """Return how many were visited, how many of them at random, and the share in need by visits and by recognition."""
    y, weight, drawn = told.outcome, np.asarray(told.weight), used["at_random"].to_numpy(dtype=bool)
    return {
        "visits": len(used),
        "households": int(used["household_id"].nunique()),
        "by_list": int((~drawn).sum()),
        "at_random": int(drawn.sum()),
        "verified_by_list": int(y[~drawn].sum()),
        "verified_at_random": int(y[drawn].sum()),
        "not_at_risk": n_labels - len(used),
        "effective": float(weight.sum() ** 2 / (weight**2).sum()),
        "trimmed": int(cut.sum()),
        "largest_weight": LARGEST_WEIGHT,
        "heaviest": heaviest_weight(used["weight"].to_numpy(dtype="float64")),
        "share_verified": float(y.mean()),
        "share_verified_weighted": told.base_rate,
        "share_recognised": float(recognised.mean()),
    }


def metrics_beside(told: ToldOfVisits, risk: Array, recognised: Array) -> dict[str, dict[str, float]]:
    """Return what the figures out of fold would be without weights, and those of all rows against what the register says.

    Parameters
    ----------
    told : ToldOfVisits
        The visited.
    risk : ndarray of shape (n_rows,)
        Calibrated risks out of fold of all rows.
    recognised : ndarray of shape (n_rows,), 0 or 1
        What the register says of them.

    Returns
    -------
    dict
        ``metrics_unweighted`` and ``metrics_register``, each as ``oof_metrics_``.
    """
    return {
        "metrics_unweighted": out_of_fold_metrics(told.outcome, risk[told.place]),
        "metrics_register": out_of_fold_metrics(recognised, risk),
    }
