"""Leak alarms that need nothing but a table of features and what happened afterwards.

A leak is knowledge of the outcome in what is said to have been known before it. It shows itself: a forecast that is
too good, a feature that is as good alone as all together, a value that only households with the event have, rows
that stand in the table twice, a forecast that is sharp up to the end of the horizon and blind after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta, rankdata

from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.features.labels import feature_message
from fanpin_risk.leaks.alarms import Alarms, Level, named
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.fitting import FEWEST_EVENTS
from fanpin_risk.model.folds import deal
from fanpin_risk.words import Message, listed

__all__ = [
    "DOUBTFUL_ENTRY",
    "STRONG_ALONE",
    "TOO_GOOD",
    "auc",
    "check_table",
    "lower_share",
    "out_of_fold",
    "table_alarms",
]

Array = NDArray[Any]

# The honest forecast in the literature reaches an AUC of 0.7; from 0.9 on this project looks for the leak first.
# For entry into monitoring, a decision of people after a visit, less is doubtful.
TOO_GOOD, DOUBTFUL_ENTRY = 0.9, 0.85
# A single feature may come near the whole forecast where the forecast is weak; from here on it must not.
STRONG_ALONE, AS_GOOD_AS_ALL = 0.8, 0.02
# That something is not known means something (no bill: healthy); more than this only what was entered afterwards.
STRONG_MISSING = 0.75
# Shares of events beyond which no forecast can be sure of a group of households: in multiples of the base rate, with the
# least and the greatest such share; half as much again is an alarm. Honest synthetic registers stay below a lift of 10.
PURE_LIFT, PURE_LEAST, PURE_MOST, PURE_ALARM = 12.0, 0.2, 0.6, 0.8
PURE_ROWS = 10
# Ranking fades beyond the horizon, in honest synthetic registers by up to 0.15; this much, beyond chance, is a cliff.
CLIFF, CLIFF_ALARM = 0.2, 0.3
# Standard errors beyond which a difference is not chance: one false alarm in 30,000 looks.
CHANCE_ERRORS, ERRORS_OF_ONE = 4.0, 3.0
# Level of one lower bound on a share; thousands of values are looked at, but honest ones stay far below the limits.
LEAK_LEVEL = 1e-4
FOLDS, FOREST_TREES = 5, 50
LISTED = 5  # features named in one finding
SHUFFLED_ROWS = 4000


def table_alarms(
    table: pd.DataFrame,
    outcome: Any,
    *,
    later: Any = None,
    rows: int = 10_000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Look for leaks in a table of features and the outcomes that followed.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_features)
        Features (numbers, NaN for missing), indexed by household; a household may have several rows, one per day.
    outcome : array-like of bool, shape (n_rows,)
        Whether the event happened within the horizon.
    later : array-like of float, shape (n_rows,), optional
        Whether the event happened in the time after the horizon: 1, 0, NaN where that is not known or the household
        was not at risk then.
    rows : int, default 10_000
        Rows to grow trees on; all events, and of the others as many as are drawn.
    random_state : int, default 0
        Seed.

    Returns
    -------
    DataFrame
        As from :func:`fanpin_risk.leaks.checks.leak_alarms`: the checks ``shuffled_labels, too_good,
        single_feature, missing_values, pure_value, twins`` and, with `later`, ``horizon_cliff``.

    Raises
    ------
    SchemaError
        If table and outcome do not fit together.
    NotEnoughDataError
        If fewer than 20 rows have the event, or fewer than 20 have not.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> outcome = rng.random(2000) < 0.1
    >>> table = pd.DataFrame({"honest": rng.normal(size=2000) + outcome, "leaky": outcome + rng.normal(0, 0.1, 2000)})
    >>> found = table_alarms(table, outcome)
    >>> sorted(set(found.loc[found["level"] == "alarm", "feature"]))
    ['', 'leaky']
    """
    event = np.asarray(outcome).astype(bool)
    if len(event) != len(table):
        raise SchemaError(
            "outcome has {n_event} rows and the table {n_table}; expected one outcome per row",
            n_event=len(event),
            n_table=len(table),
        )
    alarms = Alarms()
    after = None if later is None else np.asarray(later, dtype="float64")
    check_table(alarms, table, event, later=after, rows=rows, random_state=random_state)
    return alarms.frame()


def check_table(
    alarms: Alarms,
    table: pd.DataFrame,
    event: Array,
    *,
    later: Array | None = None,
    rows: int = 10_000,
    random_state: int = 0,
    known_auc: float = np.nan,
    others: float = 1.0,
    doubtful: float = TOO_GOOD,
    strong: float = STRONG_ALONE,
) -> None:
    """Run the checks of :func:`table_alarms` and note what they find.

    Parameters
    ----------
    alarms : Alarms
        Takes the findings.
    table, event, later, rows, random_state
        As there, as arrays.
    known_auc : float
        Out-of-fold AUC of a model fitted on these rows, if there is one.
    others : float
        How many rows without the event one of these stands for, where only a draw of them is here.
    doubtful : float
        AUC from which on there is a warning, before the alarm at 0.9.
    strong : float
        AUC from which on a single feature that is as good as all gives a warning.
    """
    if isinstance(rows, bool) or not isinstance(rows, (int, np.integer)) or rows < 1:
        raise SchemaError("rows is {rows!r}; expected a whole number, 1 or more", rows=rows)
    n_events = int(event.sum())
    if min(n_events, len(event) - n_events) < FEWEST_EVENTS:
        raise NotEnoughDataError(
            "{n_event} rows with {n_events} events: at least {fewest_events} with and {fewest_events} "
            "without are needed to tell a leak from chance; take more days, a longer horizon or more "
            "areas",
            n_event=len(event),
            n_events=n_events,
            fewest_events=FEWEST_EVENTS,
        )
    rng = np.random.default_rng(random_state)
    values = table.to_numpy(dtype="float64", na_value=np.nan)
    names = [str(name) for name in table.columns]
    drawn = _draw(event, rows, rng)
    margin = out_of_fold(table, event, random_state, drawn=drawn)
    overall, _ = auc(margin, event)
    best = max(overall, known_auc) if np.isfinite(known_auc) else overall

    _shuffled(alarms, table, event, rng)
    alone = [_feature_alone(column, event) for column in values.T]
    strengths, errors, missing = np.array(alone).reshape(-1, 3).T
    _too_good(alarms, best, names, strengths, doubtful)
    _single(alarms, best, names, strengths, errors, strong)
    _missing(alarms, names, missing)
    _pure(alarms, names, values, margin, event, others)
    _twins(alarms, table.index, values, event, drawn)
    if later is not None:
        _cliff(alarms, names, values, margin, event, later)


# --- arithmetic -------------------------------------------------------------------------------------------------------


def auc(score: Array, event: Array) -> tuple[float, float]:
    """Area under the ROC curve and its standard error, by DeLong's placement values.

    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44; computed from ranks as in Sun & Xu (2014).
    NaN where either class has fewer than two rows.
    """
    n1, n0 = int(event.sum()), int((~event).sum())
    if min(n1, n0) < 2:
        return np.nan, np.nan
    rank = rankdata(score)
    above = (rank[event] - rankdata(score[event])) / n0
    below = 1.0 - (rank[~event] - rankdata(score[~event])) / n1
    return float(above.mean()), float(np.sqrt(above.var(ddof=1) / n1 + below.var(ddof=1) / n0))


def lower_share(hits: Array | int, of: Array | int, *, level: float = LEAK_LEVEL) -> Array:
    """Lower bound of a share, by Clopper & Pearson (1934)."""
    hits, of = np.asarray(hits, dtype="float64"), np.asarray(of, dtype="float64")
    return np.where(hits > 0, beta.ppf(level, np.maximum(hits, 1.0), of - hits + 1.0), 0.0)


def _draw(event: Array, rows: int, rng: np.random.Generator) -> Array:
    """Mask of the rows to work on: the events, at most half of all, and of the others as many as there is room for."""
    drawn = np.zeros(len(event), dtype=bool)
    for kind, room in ((event, rows // 2), (~event, rows - min(int(event.sum()), rows // 2))):
        places = np.flatnonzero(kind)
        drawn[rng.permutation(places)[:room]] = True
    return drawn


def out_of_fold(table: pd.DataFrame, event: Array, random_state: int, *, drawn: Array | None = None) -> Array:
    """Margins by small ensembles without constraints, each row's by trees that saw none of its household's rows.

    The folds are those of :class:`fanpin_risk.RiskModel`: what is tested is what is used. Trees are grown on the rows that
    were drawn, by default on all.
    """
    fold = deal(table.index, event, FOLDS, "fold")
    margin = np.full(len(table), np.nan)
    for k in range(FOLDS):
        grow = (fold != k) if drawn is None else drawn & (fold != k)
        model = MonotoneBoosting(
            max_iter=FOREST_TREES, learning_rate=0.1, early_stopping=False, random_state=random_state
        )
        margin[fold == k] = model.fit(table[grow], event[grow]).decision_function(table[fold == k])
    return margin


def _feature_alone(column: Array, event: Array) -> tuple[float, float, float]:
    """AUC of one feature, in the better direction, with missing at either end or left out; its error; AUC of missing."""
    unknown = np.isnan(column)
    if not unknown.any():
        return *_either(*auc(column, event)), 0.5
    found = [_either(*auc(np.where(unknown, end, column), event)) for end in (-np.inf, np.inf)]
    if min(event[~unknown].sum(), (~event[~unknown]).sum()) >= FEWEST_EVENTS:
        found.append(_either(*auc(column[~unknown], event[~unknown])))
    missing, _ = _either(0.5 + (unknown[event].mean() - unknown[~event].mean()) / 2, 0.0)
    return *max(found), missing


def _either(area: float, error: float) -> tuple[float, float]:
    return max(area, 1.0 - area), error


# --- checks -----------------------------------------------------------------------------------------------------------


def _shuffled(alarms: Alarms, table: pd.DataFrame, event: Array, rng: np.random.Generator) -> None:
    """Deal outcomes to households by lot: nothing is left to learn, unless the folds know the rows held out.

    What is held out gets the lot of the row most like it in the other folds. A household that is on both sides of a fold
    with its days is most like itself; trees with large leaves would hardly notice. Every second household draws the
    event: with outcomes as rare as the real ones the sampling error would hide a leak.
    """
    from sklearn.neighbors import NearestNeighbors

    household, ids = pd.factorize(table.index)
    order = rng.permutation(len(ids))
    rows = np.flatnonzero((order * len(table) < SHUFFLED_ROWS * len(ids))[household])
    lot = (rng.permutation(len(ids)) % 2 == 0)[household]
    fold = deal(table.index, event, FOLDS, "fold")[rows]
    ranks, lot = _ranks(table.iloc[rows].to_numpy(dtype="float64", na_value=np.nan)), lot[rows]
    guess = np.full(len(rows), np.nan)
    for k in range(FOLDS):
        seen = np.flatnonzero(fold != k)
        nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(ranks[seen])
        guess[fold == k] = lot[seen[nearest.kneighbors(ranks[fold == k], return_distance=False)[:, 0]]]
    area, _ = auc(guess, lot)
    # Two shares of guessed events, each of half of the households: their difference, halved.
    error = 0.5 / float(np.sqrt(len(np.unique(household[rows]))))
    expected = f"0.5 ± {CHANCE_ERRORS * error:.3f}"
    if area - 0.5 > CHANCE_ERRORS * error:
        alarms.add(
            "shuffled_labels", "alarm", area, expected,
            Message(
                "with outcomes swapped by lot between households the out-of-fold AUC is still {auc:.3f}: "
                "held-out households are known to the trees; look for households that are there twice or "
                "under several ids",
                auc=area,
            ),
        )  # fmt: skip
    alarms.passed("shuffled_labels", area, expected)


def _too_good(alarms: Alarms, area: float, names: list[str], strengths: Array, doubtful: float) -> None:
    expected = f"< {doubtful}"
    if area >= doubtful:
        top = np.argsort(-strengths, kind="stable")[:3]
        strongest = [Message("{feature} {auc:.3f}", feature=feature_message(names[i]), auc=strengths[i]) for i in top]
        alarms.add(
            "too_good", "alarm" if area >= TOO_GOOD else "warning", area, expected,
            Message(
                "the out-of-fold AUC is {auc:.3f}, too good to be true; strongest features alone: {features};"
                " check whether their records were really known on the day",
                auc=area,
                features=strongest,
            ),
        )  # fmt: skip
    alarms.passed("too_good", area, expected)


def _single(alarms: Alarms, overall: float, names: list[str], strengths: Array, errors: Array, strong: float) -> None:
    limit = min(TOO_GOOD, max(strong, overall - AS_GOOD_AS_ALL))
    expected = f"< {limit:.3f}"
    # Of a hundred features one reaches the lower limit by chance where events are few: two errors are taken off.
    for i in np.flatnonzero((strengths >= TOO_GOOD) | ((strengths >= limit) & (strengths - 2 * errors >= strong))):
        level: Level = "alarm" if strengths[i] >= TOO_GOOD else "warning"
        alarms.add(
            "single_feature", level, strengths[i], expected,
            Message(
                "{feature} alone reaches an AUC of {auc:.3f} (all features: {overall:.3f}): its values may "
                "have been entered or changed after the event; check when they were recorded, or leave the "
                "feature out",
                feature=named(names[i]),
                auc=strengths[i],
                overall=overall,
            ),
            feature=names[i],
        )  # fmt: skip
    alarms.passed("single_feature", strengths.max(initial=0.5), expected)


def _missing(alarms: Alarms, names: list[str], strengths: Array) -> None:
    expected = f"< {STRONG_MISSING}"
    for i in np.flatnonzero(strengths >= STRONG_MISSING):
        level: Level = "alarm" if strengths[i] >= TOO_GOOD else "warning"
        alarms.add(
            "missing_values", level, strengths[i], expected,
            Message(
                "whether {feature} is missing alone reaches an AUC of {auc:.3f}: it may have been filled in, "
                "or blanked, only for households that had the event",
                feature=named(names[i]),
                auc=strengths[i],
            ),
            feature=names[i],
        )  # fmt: skip
    alarms.passed("missing_values", strengths.max(initial=0.5), expected)


def _pure(alarms: Alarms, names: list[str], values: Array, margin: Array, event: Array, others: float) -> None:
    """Find groups of rows nearly all of which have the event: one exact value, missing, or one end of a feature."""
    base_rate = float(event.sum() / (event.sum() + others * (~event).sum()))
    limit = min(PURE_MOST, max(PURE_LEAST, PURE_LIFT * base_rate))
    largest = 0.0
    expected = f"< {limit:.2f}"
    for name, column in zip(["", *names], [margin, *values.T], strict=True):
        lower, hits, of = _purest(column, event, others)
        largest = max(largest, lower)
        if lower < limit:
            continue
        level: Level = "alarm" if lower >= min(1.5 * limit, PURE_ALARM) else "warning"
        alarms.add(
            "pure_value", level, lower, expected,
            Message(
                "{feature} singles out {count} rows of which {hits} had the event: no forecast can be so "
                "sure; check whether these records were made afterwards",
                feature=named(name) if name else Message("the forecast"),
                count=of,
                hits=hits,
            ),
            feature=name,
        )  # fmt: skip
    alarms.passed("pure_value", largest, expected)


def _purest(column: Array, event: Array, others: float) -> tuple[float, int, int]:
    """Best lower bound of the event share over the groups of one column, with its events and rows."""
    groups: list[tuple[int, int]] = []
    unknown = np.isnan(column)
    groups.append((int(event[unknown].sum()), int(unknown.sum())))
    known, hit = column[~unknown], event[~unknown]
    unique, codes = np.unique(known, return_inverse=True)
    counts, events = np.bincount(codes), np.bincount(codes, weights=hit).astype("int64")
    groups += list(zip(events[events >= PURE_ROWS].tolist(), counts[events >= PURE_ROWS].tolist(), strict=True))
    if len(unique) > 1:
        of = np.cumsum(counts)
        total = int(events.sum())
        below = np.cumsum(events)
        sizes = np.array([PURE_ROWS, total // 8, total // 4, total // 2, total])
        for cut in np.minimum(np.searchsorted(of, sizes), len(of) - 2):
            groups.append((int(below[cut]), int(of[cut])))
        for cut in np.clip(np.searchsorted(of, of[-1] - sizes, side="right") - 1, 0, len(of) - 2):
            groups.append((int(total - below[cut]), int(of[-1] - of[cut])))
    found, rows = np.array(groups, dtype="float64").T
    rows = found + others * (rows - found)
    lower = np.where(found >= PURE_ROWS, lower_share(found, rows), 0.0)
    k = int(np.argmax(lower))
    return float(lower[k]), int(found[k]), round(rows[k])


def _twins(alarms: Alarms, households: pd.Index, values: Array, event: Array, drawn: Array) -> None:
    """Rows of different households that hardly differ: a household under two ids is on both sides of every fold."""
    from sklearn.neighbors import NearestNeighbors

    differ = np.nanmax(values, axis=0, initial=-np.inf) > np.nanmin(values, axis=0, initial=np.inf)
    ranks = _ranks(values[drawn][:, differ])
    household = pd.factorize(households[drawn])[0]
    places = np.flatnonzero(event[drawn])[:1000]
    n = min(len(ranks), 2 + int(np.bincount(household).max()))
    nearest = NearestNeighbors(n_neighbors=n, algorithm="brute").fit(ranks)
    distance, neighbour = nearest.kneighbors(ranks[places])
    other = household[neighbour] != household[places][:, None]
    first = np.argmax(other, axis=1)
    gap = distance[np.arange(len(places)), first]
    partner = neighbour[np.arange(len(places)), first]
    # Twins: nearer to each other than a hundredth of what lies between other neighbours, where those differ at all.
    usual = float(np.median(gap))
    rich = len(differ) and np.unique(ranks, axis=0).shape[0] > 0.5 * len(ranks)
    close = other.any(axis=1) & (gap <= 0.1 * usual if usual > 0 else rich & (gap == 0))
    concordant = event[drawn][partner]
    share_pool = float(event[drawn].mean())
    twins = int((close & concordant).sum())
    expected = "< 1 %"
    like = float(lower_share(int((concordant & other.any(axis=1)).sum()), len(places)))
    if twins >= max(5, 0.01 * len(places)) and twins > 3 * share_pool * max(int(close.sum()), 1):
        alarms.add(
            "twins", "alarm", twins / len(places), expected,
            Message(
                "of {count} rows with the event {twins} are nearly the same as one of another household that "
                "had it too: probably one household under two ids; merge them before training",
                count=len(places),
                twins=twins,
            ),
        )  # fmt: skip
    elif like > 0.5 and like > 3 * share_pool:
        alarms.add(
            "twins", "warning", like, expected,
            Message(
                "the households most like those with the event mostly had it too: there may be duplicates, or"
                " a feature that gives the outcome away",
            ),
        )  # fmt: skip
    alarms.passed("twins", twins / len(places), expected)


def _ranks(values: Array) -> Array:
    """Columns as ranks in [0, 1]; missing lies outside, at -0.5."""
    unknown = np.isnan(values)
    ranks = np.asarray(rankdata(np.where(unknown, -np.inf, values), axis=0)) / len(values)
    return np.where(unknown, -0.5, ranks)


def _cliff(alarms: Alarms, names: list[str], values: Array, margin: Array, event: Array, later: Array) -> None:
    """Compare the ranking within the horizon and after it: a forecast fades, but one that knows the outcome goes blind."""
    expected = f"< {CLIFF}"
    # Households with the event are no longer at risk afterwards: both against the same others, spared both times.
    after = (later == 1) & ~event
    others = (later == 0) & ~event
    if min(int(after.sum()), int(others.sum())) < FEWEST_EVENTS:
        return
    largest = -1.0
    found: list[tuple[float, str, str]] = []
    for name, column in zip(["", *names], [margin, *values.T], strict=True):
        filled = np.where(np.isnan(column), -np.inf, column)
        near, near_error = auc(filled[event | others], event[event | others])
        far, far_error = auc(filled[after | others], after[after | others])
        sign = 1.0 if near >= 0.5 else -1.0
        drop = sign * (near - far)
        largest = max(largest, drop)
        # One forecast is looked at, but a hundred features.
        if drop < max(CLIFF, (CHANCE_ERRORS if name else ERRORS_OF_ONE) * float(np.hypot(near_error, far_error))):
            continue
        near, far = (near, far) if sign > 0 else (1 - near, 1 - far)
        found.append((drop, name, f"{near:.3f} → {far:.3f}"))
    if found:
        found.sort(key=lambda one: -one[0])
        features = [name for _, name, _ in found if name]
        forecast = len(found) > len(features)
        own = Message("{count} feature(s)", count=len(features))
        what = Message("the forecast") if forecast else own
        if forecast and features:
            what = Message("{one} and {other}", one=what, other=own)
        changes = listed(
            [
                Message(
                    "{feature} {change}",
                    feature=feature_message(name) if name else Message("the forecast"),
                    change=change,
                )
                for _, name, change in found[:LISTED]
            ],
            between="; ",
        )
        if len(found) > LISTED:
            changes = Message("{changes}; ...", changes=changes)
        level: Level = "alarm" if found[0][0] >= CLIFF_ALARM else "warning"
        alarms.add(
            "horizon_cliff", level, found[0][0], expected,
            Message(
                "the AUC of {what} falls from within the horizon to the time just after it ({changes}): that "
                "is knowing, not forecasting; check when these records were made",
                what=what,
                changes=changes,
            ),
            feature=", ".join(features[:LISTED]),
        )  # fmt: skip
    alarms.passed("horizon_cliff", largest, expected)
