"""Outcomes and risks sorted once, and what is counted of them under many weightings; the list of visits they make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, xlogy

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.options import check_whole
from fanpin_risk.watch.capacity import check_capacity

__all__ = ["Ranking", "VisitList", "Weighted", "check_threshold", "quotient"]

Array = NDArray[np.float64]

# Risks of exactly 0 or 1 have no log-odds; scikit-learn's log_loss moves them inside by as much.
EPS = float(np.finfo(np.float64).eps)
SLOPE_STEPS = 200


@dataclass(frozen=True, kw_only=True)
class VisitList:
    """A list of visits, and the part of it that falls on some of the households.

    Parameters
    ----------
    sure : ndarray of bool, shape (n_rows,)
        Households above the cut.
    tied : ndarray of bool, shape (n_rows,)
        Households at the cut, of which `seats` are visited.
    weight : ndarray of float64, shape (n_rows,)
        How many households each row stands for.
    seats : float
        Visits left for those at the cut, here and elsewhere.
    elsewhere : float
        Weight of those at the cut who are not among these rows.
    """

    sure: NDArray[np.bool_]
    tied: NDArray[np.bool_]
    weight: Array
    seats: float
    elsewhere: float = 0.0

    def of(self, rows: NDArray[Any]) -> VisitList:
        """Return what of the list falls on some of its rows."""
        tied, weight = self.tied[rows], self.weight[rows]
        elsewhere = self.elsewhere + float(self.weight[self.tied].sum() - weight[tied].sum())
        return VisitList(
            sure=self.sure[rows], tied=tied, weight=weight, seats=self.seats, elsewhere=max(elsewhere, 0.0)
        )

    @property
    def chance(self) -> Array:
        """Chance of each row to be visited, if chance decides among those at the cut; shape (n_rows,)."""
        at_cut = float(self.weight[self.tied].sum()) + self.elsewhere
        return self.sure + self.tied * (self.seats / at_cut if at_cut else 0.0)


class Ranking:
    """Outcomes and risks sorted once, to be measured under many weightings.

    Parameters
    ----------
    outcome, risk, weight : array-like of shape (n_rows,)
        As in :func:`fanpin_risk.evaluation.measure`.
    n_bins : int, default 10
        As in :func:`fanpin_risk.evaluation.measure`. The bins are those of `weight`, under every weighting.
    visit_list : VisitList, optional
        Who is visited, where a list that was made among more households decides. Default: the list is made among
        these rows.

    Attributes
    ----------
    order : ndarray of int, shape (n_rows,)
        The given rows by falling risk.
    outcome, risk, weight : ndarray of shape (n_rows,)
        In that order.
    starts : ndarray of int, shape (n_different_risks,)
        Position of the first row of each risk.
    bins : ndarray of int, shape (n_rows,)
        Bin of each row, from 0 for the lowest risks; some numbers may be unused.
    """

    def __init__(
        self,
        outcome: ArrayLike,
        risk: ArrayLike,
        weight: ArrayLike | None = None,
        *,
        n_bins: int = 10,
        visit_list: VisitList | None = None,
    ) -> None:
        y, p, w = _checked(outcome, risk, weight)
        check_whole("n_bins", n_bins, 1)
        self.order = np.lexsort((w, y, -p))
        self.outcome, self.risk, self.weight = y[self.order], p[self.order], w[self.order]
        self.starts = np.flatnonzero(np.diff(self.risk, prepend=np.nan) != 0)
        self.whole = bool((self.weight == np.round(self.weight)).all())
        self.visit_list = visit_list and replace(
            visit_list, sure=visit_list.sure[self.order], tied=visit_list.tied[self.order], weight=self.weight
        )
        mass = np.add.reduceat(self.weight, self.starts) if len(y) else np.zeros(0)
        # A risk goes to the bin in which the middle of its mass lies, counted from the lowest risk.
        middle = mass.sum() - np.cumsum(mass) + mass / 2
        total = mass.sum() or 1.0
        of_risk = np.minimum((middle * n_bins / total).astype(np.int64), n_bins - 1)
        self.bins = np.repeat(of_risk, np.diff(self.starts, append=len(y)))

    def weighted(self, weights: Array | None = None) -> Weighted:
        """Return the rows under weightings of shape (n_weightings, n_rows), in the order of `order`."""
        return Weighted(self, self.weight[None, :] if weights is None else weights)

    def list(self, capacity: float) -> VisitList:
        """Return the list of visits among these rows, in the order in which they were given."""
        weighted = self.weighted()
        cut, seats = weighted.cut(capacity)
        place = np.empty(len(self.order), dtype=np.int64)
        place[self.order] = np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.order)))
        weight = np.empty(len(self.order))
        weight[self.order] = self.weight
        return VisitList(sure=place < cut[0], tied=place == cut[0], weight=weight, seats=float(seats[0]))

    @cached_property
    def log_loss(self) -> Array:
        """Log loss of every row."""
        inside = np.clip(self.risk, EPS, 1 - EPS)
        return -xlogy(self.outcome, inside) - xlogy(1 - self.outcome, 1 - inside)

    @cached_property
    def bin_terms(self) -> Array:
        """Per row and used bin: 1, risk, outcome, risk squared, risk x outcome; of shape (n_rows, 5 x n_used)."""
        used, place = np.unique(self.bins, return_inverse=True)
        inside = place[:, None] == np.arange(len(used))
        terms = (np.ones_like(self.risk), self.risk, self.outcome, self.risk**2, self.risk * self.outcome)
        return np.concatenate([inside * term[:, None] for term in terms], axis=1)

    @cached_property
    def standard_logit(self) -> tuple[Array, float, float]:
        """Log-odds of the risks, standardised, with their mean and spread."""
        x = logit(np.clip(self.risk, EPS, 1 - EPS))
        if not len(x):
            return x, 0.0, 0.0
        center, spread = float(x.mean()), float(x.std())
        if spread <= EPS * abs(center) * len(x):
            return np.zeros_like(x), center, 0.0
        return (x - center) / spread, center, spread


class Weighted:
    """The rows of a ranking under several weightings: each measure is an array of shape (n_weightings,).

    Parameters
    ----------
    ranking : Ranking
    weights : ndarray of shape (n_weightings, n_rows)
        In the order of the ranking.
    """

    def __init__(self, ranking: Ranking, weights: Array) -> None:
        self.ranking = ranking
        self.weights = weights
        self.total = weights.sum(axis=1)

    @cached_property
    def events(self) -> Array:
        """Weight of the rows with the event."""
        return self.weights @ self.ranking.outcome

    @cached_property
    def ties(self) -> tuple[Array, Array, Array, Array]:
        """Per different risk, falling: weight, weight of events, and the sums of both down to it."""
        starts = self.ranking.starts
        weight, event = self.weights, self.weights * self.ranking.outcome
        if 0 < len(starts) < weight.shape[1]:
            weight, event = np.add.reduceat(weight, starts, axis=1), np.add.reduceat(event, starts, axis=1)
        return weight, event, np.cumsum(weight, axis=1), np.cumsum(event, axis=1)

    # --- ranking ------------------------------------------------------------------------------------------------
    def auc(self) -> Array:
        """Chance that an event has a higher risk than a non-event; ties count one half."""
        weight, event, _, found = self.ties
        wrong = found - event / 2  # events above, and half of those at the same risk
        pairs = ((weight - event) * wrong).sum(axis=1)
        return quotient(pairs, self.events * (self.total - self.events))

    def average_precision(self) -> Array:
        """Precision at every different risk, averaged over the events."""
        _, event, listed, found = self.ties
        return quotient((event * quotient(found, listed, undefined=0.0)).sum(axis=1), self.events)

    def cut(self, capacity: float) -> tuple[NDArray[np.int64], Array]:
        """Return the number of the risk at which the list ends, and the visits left for it."""
        capacity = check_capacity(capacity)
        if isinstance(capacity, int):
            n_visited = np.full(len(self.total), float(capacity))
        else:
            n_visited = capacity * self.total
            if self.ranking.whole:
                n_visited = np.ceil(np.round(n_visited, 9))  # 0.07 x 100 is 7.000000000000001, and still 7 visits
        n_visited = np.minimum(n_visited, self.total)
        weight, _, listed, _ = self.ties
        if not weight.shape[1]:
            return np.zeros(len(n_visited), dtype=np.int64), np.zeros(len(n_visited))
        reached = n_visited * (1 - 1e-12)
        place = np.array(
            [np.searchsorted(row, goal) for row, goal in zip(listed, reached, strict=True)], dtype=np.int64
        )
        at = np.minimum(place, weight.shape[1] - 1)[:, None]
        own = np.take_along_axis(weight, at, axis=1)[:, 0]
        above = np.take_along_axis(listed, at, axis=1)[:, 0] - own
        return at[:, 0], np.clip(n_visited - above, 0, own)

    def list_counts(self, capacity: float) -> dict[str, Array]:
        """Count visits and events found, expected and at best and worst.

        Let the list hold `sure` visits with `hits` events above the cut, and at the cut ``tied`` households here (of
        which ``tied_events`` have the event) and ``elsewhere`` households not among these rows, for `seats` visits.
        """
        visit_list = self.ranking.visit_list
        if visit_list is None:
            place, seats = self.cut(capacity)
            elsewhere = np.zeros_like(seats)
            weight, event, listed, found = self.ties
            if weight.shape[1]:
                at = place[:, None]
                tied, tied_events = (np.take_along_axis(a, at, axis=1)[:, 0] for a in (weight, event))
                sure, hits = (np.take_along_axis(a, at, axis=1)[:, 0] for a in (listed, found))
                sure, hits = sure - tied, hits - tied_events
            else:
                tied = tied_events = sure = hits = np.zeros_like(seats)
        else:
            outcome = self.ranking.outcome
            masks = np.stack(
                [visit_list.sure, visit_list.sure * outcome, visit_list.tied, visit_list.tied * outcome],
                axis=1,
                dtype=np.float64,
            )
            sure, hits, tied, tied_events = (self.weights @ masks).T
            base_tied = float(self.ranking.weight[visit_list.tied].sum())
            # A resample has as many seats for each household at the cut as the list itself.
            seats = visit_list.seats * quotient(
                tied + visit_list.elsewhere, np.full_like(tied, base_tied + visit_list.elsewhere), undefined=0.0
            )
            elsewhere = np.full_like(tied, visit_list.elsewhere)
        chance = quotient(seats, tied + elsewhere, undefined=0.0)
        best = np.minimum(tied_events, seats)
        worst = np.maximum(0.0, seats - elsewhere - (tied - tied_events))
        return {
            "total": self.total,
            "events": self.events,
            "visits": sure + chance * tied,
            "hits": hits + chance * tied_events,
            "visits_best": sure + np.maximum(best, seats - elsewhere),
            "hits_best": hits + best,
            "visits_worst": sure + np.minimum(seats, worst + tied - tied_events),
            "hits_worst": hits + worst,
        }

    def net_benefit(self, threshold: float) -> Array:
        """Events found per household, less the needless visits at the odds of the threshold."""
        threshold = check_threshold(threshold)
        outcome, flagged = self.ranking.outcome, self.ranking.risk >= threshold
        gain = flagged * (outcome - (1 - outcome) * threshold / (1 - threshold))
        return quotient(self.weights @ gain, self.total)

    # --- probabilities ------------------------------------------------------------------------------------------
    def base_rate(self) -> Array:
        """Share of the weight with the event."""
        return quotient(self.events, self.total)

    def mean_risk(self) -> Array:
        """Mean risk."""
        return quotient(self.weights @ self.ranking.risk, self.total)

    def brier(self) -> Array:
        """Mean squared difference of risk and outcome."""
        return quotient(self.weights @ (self.ranking.risk - self.ranking.outcome) ** 2, self.total)

    def log_loss(self) -> Array:
        """Mean of minus the logarithm of the probability given to what happened."""
        return quotient(self.weights @ self.ranking.log_loss, self.total)

    @cached_property
    def bin_sums(self) -> Array:
        """Per bin, the sums of weight, risk, outcome, risk squared, risk x outcome: (5, n_weightings, n_used_bins)."""
        sums = self.weights @ self.ranking.bin_terms
        return np.moveaxis(sums.reshape(len(sums), 5, -1), 1, 0)

    def calibration_error(self) -> Array:
        """Mean distance of the mean risk of a bin from the share of events in it."""
        _, risk, event, _, _ = self.bin_sums
        return quotient(np.abs(risk - event).sum(axis=1), self.total)

    @cached_property
    def decomposition(self) -> dict[str, Array]:
        """Parts of the Brier score."""
        mass, risk, event, squares, products = self.bin_sums
        mean, seen = quotient(risk, mass, undefined=0.0), quotient(event, mass, undefined=0.0)
        base = self.base_rate()
        parts = {
            "reliability": mass * (mean - seen) ** 2,
            "resolution": mass * (seen - np.nan_to_num(base)[:, None]) ** 2,
            "within_bin_variance": squares - mass * mean**2,
            "within_bin_covariance": 2 * (products - mass * seen * mean),
        }
        return {name: quotient(part.sum(axis=1), self.total) for name, part in parts.items()} | {
            "uncertainty": base * (1 - base)
        }

    def calibration_slope(self) -> Array:
        """Slope of a logistic regression of the outcome on the log-odds of the risk."""
        _, _, spread = self.ranking.standard_logit
        if spread == 0:
            return np.full(len(self.total), np.nan)
        return self._logistic_fit(slope=True)[:, 1] / spread

    def calibration_intercept(self) -> Array:
        """Return what must be added to the log-odds of all risks so that their mean is the base rate."""
        return self._logistic_fit(slope=False)[:, 0]

    def _overlap(self) -> NDArray[np.bool_]:
        """Tell whether some non-event lies above an event and some event above a non-event: else no slope is the best."""
        x, _, _ = self.ranking.standard_logit
        ends = []
        for outcome in (0, 1):
            there = (self.weights > 0) & (self.ranking.outcome == outcome)
            highest, lowest = there.argmax(axis=1), there.shape[1] - 1 - there[:, ::-1].argmax(axis=1)
            ends.append((x[highest], x[lowest], there.any(axis=1)))
        (top, bottom, some), (top_event, bottom_event, some_event) = ends
        return some & some_event & (top > bottom_event) & (top_event > bottom)

    def _logistic_fit(self, *, slope: bool) -> Array:
        """Fit log-odds a + b x by Newton's method, b free or x the log-odds themselves; NaN where there is no best."""
        x, center, spread = self.ranking.standard_logit
        fixed = center + x * spread
        base = self.base_rate()
        fit = np.full((len(base), 2), np.nan)
        left = np.flatnonzero(self._overlap() if slope else (self.events > 0) & (self.events < self.total))
        a, b = logit(base[left]) if slope else np.zeros(len(left)), np.zeros(len(left))
        weights, events = self.weights[left], self.weights[left] * self.ranking.outcome
        for _ in range(SLOPE_STEPS):
            if not len(left):
                break
            chance = expit(a[:, None] + (b[:, None] * x if slope else fixed))
            rest = events - weights * chance
            spreads = weights * chance * (1 - chance)
            first, second = rest.sum(axis=1), spreads.sum(axis=1)
            if slope:
                cross, square, first_x = spreads @ x, spreads @ x**2, rest @ x
                determinant = second * square - cross**2
                step_a = quotient(square * first - cross * first_x, determinant)
                step_b = quotient(second * first_x - cross * first, determinant)
            else:
                step_a, step_b, first_x = quotient(first, second), np.zeros(len(left)), np.zeros(len(left))
            # Far from the solution a full step may overshoot: no step longer than one.
            scale = 1 / np.maximum(1, np.maximum(np.abs(step_a), np.abs(step_b)))
            a, b = a + step_a * scale, b + step_b * scale
            done = np.maximum(np.abs(step_a), np.abs(step_b)) < 1e-9
            # Where the curve is flat, rounding keeps steps from vanishing, but not the score itself.
            done |= np.maximum(np.abs(first), np.abs(first_x)) < 1e-14 * weights.sum(axis=1)
            lost = ~np.isfinite(a + b)
            fit[left[done & ~lost]] = np.stack([a, b], axis=1)[done & ~lost]
            keep = ~(done | lost)
            if not keep.all():
                left, a, b, weights, events = left[keep], a[keep], b[keep], weights[keep], events[keep]
        return fit


def check_threshold(threshold: float) -> float:
    """Return the threshold, after a check that it is a probability between 0 and 1."""
    if not 0 < threshold < 1:
        raise SchemaError(
            "threshold is {threshold!r}; expected a risk between 0 and 1, such as 0.05", threshold=threshold
        )
    return float(threshold)


def quotient(part: Array, whole: Array, *, undefined: float = np.nan) -> Array:
    """Divide, with a value where the divisor is 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), undefined), where=whole != 0)


def _checked(outcome: ArrayLike, risk: ArrayLike, weight: ArrayLike | None) -> tuple[Array, Array, Array]:
    """Return the three columns as float64, after checks that name no value."""
    y, p = _column("outcome", outcome), _column("risk", risk)
    w = np.ones(len(y)) if weight is None else _column("weight", weight)
    if not len(y) == len(p) == len(w):
        raise SchemaError(
            "outcome, risk and weight have {n_y}, {n_p}, {n_w} rows; expected equally many",
            n_y=len(y),
            n_p=len(p),
            n_w=len(w),
        )
    for name, wrong, expected in (
        ("outcome", (y != 0) & (y != 1), "0 or 1"),
        ("risk", ~((p >= 0) & (p <= 1)), "a probability from 0 to 1"),
        ("weight", ~((w >= 0) & np.isfinite(w)), "a number from 0 on"),
    ):
        if wrong.any():
            raise SchemaError(
                "{name}: {count} of {n_y} rows are not {expected}, first at row {wrong}",
                name=name,
                count=int(wrong.sum()),
                n_y=len(y),
                expected=expected,
                wrong=int(wrong.argmax()),
            )
    return y, p, w


def _column(name: str, values: ArrayLike) -> Array:
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise SchemaError("{name} holds what is not a number; expected one number per household", name=name) from None
    if column.ndim != 1:
        raise SchemaError(
            "{name} has {ndim} dimensions; expected one number per household", name=name, ndim=column.ndim
        )
    return column
