"""How sure a risk is: an interval for it, and what can be ruled out.

Two questions, two answers, each with a promise that a later year can refute. Whether enough is known of the household is
a third one: :mod:`fanpin_risk.model.known_share`.

*How far may the level be off?* What moves a forecast most is not the sampling of households but the year: all risks
rise or fall together. :func:`fit_interval` learns from the training days how far the level moves from one horizon to
the next, starts from what other panels showed where the days are few, and gives a prediction interval for a new year.

*What can be ruled out?* From a label-conditional conformal cut-off: of the households that will have the event, the
stated share is not ruled out, whatever the base rate of the year.

All that is kept are some numbers about all households together, none about one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import bdtr, expit, stdtrit

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import NotEnoughDataError, SchemaError

__all__ = ["OUTLOOKS", "RiskInterval", "fit_interval"]


# What the level of a later year differed by from the days trained on, in log-odds: root mean square of the shifts of two
# panels (Germany 1985-87: 0.62, Argentina 2017-18: 0.63; benchmarks/real_panels/uncertainty.py), and the years apart
# among those. The estimate starts from it, and the years are what it weighs; both are parameters of fit_interval.
PRIOR_SD, PRIOR_YEARS = 0.63, 5.0
# A day with fewer events, or fewer households without, says next to nothing about its level.
FEWEST_OF_A_KIND = 10
# Cut-offs are rounded away from the middle to a thousandth of a log-odd, so that none is one household's own value.
CUT_OFF_DECIMALS = 3
# Points at which the distribution of a year's level is evaluated when coverage is checked.
QUADRATURE = 400
BINS = 10
OUTLOOKS = ("no_event", "open", "event")


@dataclass(frozen=True, kw_only=True)
class RiskInterval:
    r"""Interval of a household's risk in a year like those trained on, one horizon later.

    With calibrated log-odds :math:`\eta`, the interval is ``expit(eta - h)`` to ``expit(eta + h)``, where
    :math:`h = t_{\nu, (1 + level) / 2} \cdot s` (`half_width`). It holds the share of events among the households
    with this :math:`\eta` in a new year with probability `level`: the level of the year is a draw like those of the
    years before, and it shifts all log-odds by the same amount (Higgins, Thompson & Spiegelhalter 2009, section 3,
    prediction in a new study). It does not say that the true risk of one household lies in it: that cannot be seen.

    It rises with the log-odds, holds the risk itself, and depends on nothing but the household's own log-odds.

    Attributes
    ----------
    level : float
        Probability the interval and the cut-offs are made for.
    sd : float
        s, standard deviation of a new year's level, in log-odds.
    degrees : float
        nu, degrees of freedom with which s is known.
    half_width : float
        h, in log-odds.
    observed_sd : float
        What the training days alone showed of s; NaN if none are a horizon apart.
    observed_years : int
        Whole horizons the training days span; 0: s is the prior's.
    event_from : float
        Calibrated log-odds below which the event is ruled out; of events in training the share `level` is at or
        above it. Minus infinity if there were too few to rule anything out.
    no_event_to : float
        Calibrated log-odds above which staying without the event is ruled out.

    References
    ----------
    Higgins, Thompson & Spiegelhalter (2009), A re-evaluation of random-effects meta-analysis, JRSS A 172.
    Vovk, Gammerman & Shafer (2005), Algorithmic Learning in a Random World, section 4.5 (label-conditional).
    Vovk (2015), Cross-conformal predictors, Annals of Mathematics and Artificial Intelligence 74.
    """

    level: float
    sd: float
    degrees: float
    half_width: float
    observed_sd: float
    observed_years: int
    event_from: float
    no_event_to: float

    def of(self, log_odds: ArrayLike) -> tuple[Array, Array]:
        """Return the lower and the upper end of the interval of each risk.

        Parameters
        ----------
        log_odds : array-like of shape (n_households,)
            Calibrated; ``expit(log_odds)`` is the risk.

        Returns
        -------
        low, high : ndarray of shape (n_households,)
            Probabilities with ``low <= expit(log_odds) <= high``.
        """
        eta = _floats(log_odds, "log_odds")
        return expit(eta - self.half_width), expit(eta + self.half_width)

    def outlook_of(self, log_odds: ArrayLike) -> pd.Categorical:
        """Return what is not ruled out: ``no_event``, ``event``, or ``open`` where neither or both would be.

        Of the households that will have the event, the share `level` is ``open`` or ``event``; of the others, the same
        share is ``open`` or ``no_event``. Both hold for any base rate, as long as within each kind the households
        look like those trained on.

        Parameters
        ----------
        log_odds : array-like of shape (n_households,)
            Calibrated.

        Returns
        -------
        Categorical of shape (n_households,)
            Ordered as in ``OUTLOOKS``.
        """
        eta = _floats(log_odds, "log_odds")
        event, no_event = eta >= self.event_from, eta <= self.no_event_to
        code = np.where(event == no_event, 1, np.where(event, 2, 0))
        return pd.Categorical(np.array(OUTLOOKS)[code], categories=OUTLOOKS, ordered=True)

    def coverage(self, log_odds: ArrayLike, outcome: ArrayLike, *, group: ArrayLike | None = None) -> pd.DataFrame:
        """Confront the interval with what happened on a later day.

        A frequency has its own chance on top of the year's, so what is checked is the number of events in a group:
        given the level of the year it is binomial, and the level is t-distributed about the forecast. The rank of the
        observed number in this distribution (mid-p) should be within the middle `level` for this share of years.

        All groups of a day share its level. Days, not groups, are what coverage must be counted over.

        Parameters
        ----------
        log_odds : array-like of shape (n_households,)
            Calibrated, as forecast.
        outcome : array-like of shape (n_households,)
            1 where the event happened, else 0.
        group : array-like of shape (n_households,), optional
            Villages, for example. Default: ten bins of equal size by the forecast.

        Returns
        -------
        DataFrame
            One row per group: ``households``, ``events``, ``observed`` (share), ``risk``, ``low``, ``high`` (means),
            ``fewest``, ``most`` (events at the ends of the interval of their number), ``rank`` (mid-p, 0 to 1),
            ``covered``.

        Raises
        ------
        SchemaError
            If the lengths differ, or an outcome is neither 0 nor 1.
        NotEnoughDataError
            If there are no households.
        """
        eta, y = _floats(log_odds, "log_odds"), _outcomes(outcome)
        if len(eta) != len(y) or (group is not None and len(np.asarray(group)) != len(y)):
            raise SchemaError(
                "{n_eta} log-odds, {n_y} outcomes and their groups differ in number; expected one each",
                n_eta=len(eta),
                n_y=len(y),
            )
        if not len(y):
            raise NotEnoughDataError("no households to check the interval on; expected those of a later day")
        if group is None:
            bins = np.empty(len(eta), dtype="int64")
            bins[np.argsort(eta, kind="stable")] = np.arange(len(eta)) * BINS // len(eta)
            group = bins + 1
        low, high = self.of(eta)
        shift = self.sd * stdtrit(self.degrees, (np.arange(QUADRATURE) + 0.5) / QUADRATURE)
        tail = (1 - self.level) / 2
        rows = []
        for name, at in pd.Series(np.arange(len(y))).groupby(np.asarray(group)).indices.items():
            n, events = len(at), int(y[at].sum())
            rate = np.array([expit(eta[at] + s).mean() for s in shift])
            rank = (_at_most(events, n, rate) + _at_most(events - 1, n, rate)) / 2
            rows.append(
                {
                    "group": name,
                    "households": n,
                    "events": events,
                    "observed": events / n,
                    "risk": expit(eta[at]).mean(),
                    "low": low[at].mean(),
                    "high": high[at].mean(),
                    "fewest": bisect_left(range(n), tail, key=lambda k: _at_most(k, n, rate)),
                    "most": bisect_left(range(n), 1 - tail, key=lambda k: _at_most(k, n, rate)),
                    "rank": rank,
                    "covered": bool(tail <= rank <= 1 - tail),
                }
            )
        return pd.DataFrame(rows).set_index("group")

    def outlook_coverage(self, log_odds: ArrayLike, outcome: ArrayLike) -> pd.DataFrame:
        """Count how often what happened on a later day had not been ruled out.

        Parameters
        ----------
        log_odds : array-like of shape (n_households,)
            Calibrated, as forecast.
        outcome : array-like of shape (n_households,)
            1 where the event happened, else 0.

        Returns
        -------
        DataFrame
            Rows ``no_event``, ``event`` and ``all`` by what happened: ``households``, ``coverage`` (to be compared with
            `level`), and ``open``, the share of which neither was ruled out.
        """
        y, outlook = _outcomes(outcome), self.outlook_of(log_odds).codes
        if len(outlook) != len(y):
            raise SchemaError(
                "{n_outlook} log-odds and {n_y} outcomes; expected one each", n_outlook=len(outlook), n_y=len(y)
            )
        held = np.where(y == 1, outlook > 0, outlook < 2)
        rows = {}
        for name, at in (("no_event", y == 0), ("event", y == 1), ("all", np.ones(len(y), dtype=bool))):
            n = int(at.sum())
            share, still_open = (held[at].mean(), (outlook[at] == 1).mean()) if n else (np.nan, np.nan)
            rows[name] = {"households": n, "coverage": share, "open": still_open}
        return pd.DataFrame.from_dict(rows, orient="index")

    def to_arrays(self) -> dict[str, Array]:
        """Return all of it as float64 arrays of one number each, for a model file."""
        return {f"interval_{field.name}": np.array([getattr(self, field.name)], dtype="<f8") for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Self:
        """Return the interval that :meth:`to_arrays` wrote, after checking it.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            With those of :meth:`to_arrays`, and maybe others.

        Raises
        ------
        SchemaError
            If an array is missing, is not one number, or not a possible one.
        """
        numbers = {}
        for field in fields(cls):
            array = np.asarray(arrays.get(f"interval_{field.name}", np.array([])))
            if array.shape != (1,) or array.dtype.kind != "f":
                raise SchemaError(
                    "interval_{field} is not one float; expected what RiskInterval.to_arrays writes", field=field.name
                )
            numbers[field.name] = float(array[0])
        positive = all(0 < numbers[name] < np.inf for name in ("sd", "degrees", "half_width"))
        cut_offs = numbers["event_from"] < np.inf and numbers["no_event_to"] > -np.inf
        years = numbers.pop("observed_years")
        if not (0 < numbers["level"] < 1 and positive and cut_offs and years >= 0 and years == int(years)):
            raise SchemaError("interval_*: numbers that no interval has; expected what RiskInterval.to_arrays writes")
        return cls(observed_years=int(years), **numbers)


def fit_interval(
    log_odds: ArrayLike,
    outcome: ArrayLike,
    day: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    level: float = 0.9,
    horizon_months: int = 12,
    prior_sd: float = PRIOR_SD,
    prior_years: float = PRIOR_YEARS,
) -> RiskInterval:
    r"""Learn how far the level of a new year may be from the forecast, and what can be ruled out.

    The level :math:`a_j` of day j is the maximum-likelihood shift of the log-odds on that day, with variance
    :math:`v_j = 1 / \sum p (1 - p)`. Each day is compared with the first that is a horizon later:
    :math:`d^2 = \max(0, \mathrm{mean}((a_k - a_j)^2 - v_j - v_k))`. Days span m whole horizons, and

    .. math:: s^2 = \frac{\nu_0 s_0^2 + m d^2}{\nu_0 + m} + v, \qquad \nu = \nu_0 + m

    with the prior :math:`s_0, \nu_0` (scaled inverse chi-squared, Gelman et al. 2013, section 3.2) and v the variance of
    the level of all days together. One day alone thus has the prior's width: it cannot know how years differ.

    The event is ruled out below the k-th lowest log-odds of the n events, k = floor((1 - level) (n + 1)); staying
    without it, above the k-th highest of the others.

    Parameters
    ----------
    log_odds : array-like of shape (n_rows,)
        Calibrated and out of fold: of trees that never saw the household.
    outcome : array-like of shape (n_rows,)
        1 with the event, else 0.
    day : array-like of shape (n_rows,)
        Day of the forecast.
    weight : array-like of shape (n_rows,), optional
        What each row counts, such as one over the probability that it was visited. Default: all alike.
    level : float, default 0.9
        Probability with which the interval is to hold, between 0 and 1.
    horizon_months : int, default 12
        Months after the day within which the event counts.
    prior_sd : float, default 0.63
        What a level may be expected to move by, in log-odds, before any day was seen.
    prior_years : float, default 5
        How many years that is worth.

    Returns
    -------
    RiskInterval

    Raises
    ------
    SchemaError
        If a parameter is not one of those described.
    NotEnoughDataError
        If there are fewer than 10 rows with or without the event.

    References
    ----------
    Gelman et al. (2013), Bayesian Data Analysis, 3rd edition.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> log_odds = rng.normal(-3, 1, 6000)
    >>> day = np.repeat(["2021-12-31", "2022-12-31", "2023-12-31"], 2000)
    >>> outcome = rng.random(6000) < 1 / (1 + np.exp(-log_odds))
    >>> interval = fit_interval(log_odds, outcome, day)
    >>> low, high = interval.of([-3.0])
    >>> bool(low[0] < 1 / (1 + np.exp(3.0)) < high[0])
    True
    """
    eta, y = _floats(log_odds, "log_odds"), _outcomes(outcome)
    days = pd.DatetimeIndex(np.asarray(day)).as_unit("s")
    if not len(eta) == len(y) == len(days):
        raise SchemaError(
            "{n_eta} log-odds, {n_y} outcomes and {n_days} days; expected one each",
            n_eta=len(eta),
            n_y=len(y),
            n_days=len(days),
        )
    if not 0 < level < 1:
        raise SchemaError("level is {level}; expected a probability between 0 and 1, such as 0.9", level=level)
    if not (horizon_months >= 1 and 0 < prior_sd < np.inf and 0 < prior_years < np.inf):
        raise SchemaError(
            "horizon_months {horizon_months}, prior_sd {prior_sd}, prior_years {prior_years}; expected "
            "positive numbers",
            horizon_months=horizon_months,
            prior_sd=prior_sd,
            prior_years=prior_years,
        )
    if not np.isfinite(eta).all():
        raise SchemaError(
            "{count} log-odds are not finite; expected out-of-fold margins of all rows",
            count=int((~np.isfinite(eta)).sum()),
        )
    n_events = int(y.sum())
    if min(n_events, len(y) - n_events) < FEWEST_OF_A_KIND:
        raise NotEnoughDataError(
            "{n_events} events in {n_y} rows; an interval needs {fewest_of_a_kind} with and {fewest_of_a_kind} without",
            n_events=n_events,
            n_y=len(y),
            fewest_of_a_kind=FEWEST_OF_A_KIND,
        )
    w = None if weight is None else _floats(weight, "weight")
    observed, years = _between_years(eta, y, days, horizon_months, w)
    degrees = prior_years + years
    between = (prior_years * prior_sd**2 + (years * observed if years else 0.0)) / degrees
    sd = float(np.sqrt(between + _level_shift(eta, y, w)[1]))
    return RiskInterval(
        level=float(level),
        sd=sd,
        degrees=float(degrees),
        half_width=sd * float(stdtrit(degrees, (1 + level) / 2)),
        observed_sd=float(np.sqrt(observed)),
        observed_years=years,
        event_from=_cut_off(eta[y == 1], level, None if w is None else w[y == 1]),
        no_event_to=-_cut_off(-eta[y == 0], level, None if w is None else w[y == 0]),
    )


def _level_shift(eta: Array, y: Array, w: Array | None = None) -> tuple[float, float]:
    """Maximum-likelihood shift of log-odds and its variance.

    With the shift, risks add up to the events. Were all log-odds the largest, or all the smallest, the shift would be
    that to the rate's: it lies between the two.
    """
    each = 1.0 if w is None else w
    rate = np.average(y, weights=w)
    target = np.log(rate) - np.log1p(-rate)
    shift = float(brentq(lambda a: (each * (expit(eta + a) - y)).sum(), target - eta.max() - 1, target - eta.min() + 1))
    p = expit(eta + shift)
    if w is None:
        return shift, float(1 / (p * (1 - p)).sum())
    return shift, float((w**2 * p * (1 - p)).sum() / (w * p * (1 - p)).sum() ** 2)


def _between_years(
    eta: Array, y: Array, days: pd.DatetimeIndex, horizon_months: int, w: Array | None
) -> tuple[float, int]:
    """Mean squared difference of the levels of days a horizon apart, less their own error; and the horizons spanned."""
    levels: list[tuple[pd.Timestamp, float, float]] = []
    for day in sorted(days.unique()):
        at = np.asarray(days == day)
        if min(y[at].sum(), at.sum() - y[at].sum()) >= FEWEST_OF_A_KIND:
            levels.append((day, *_level_shift(eta[at], y[at], None if w is None else w[at])))
    squares, years, horizon = [], 0, pd.DateOffset(months=horizon_months)
    for k, (day, shift, variance) in enumerate(levels):
        later = [other for other in levels[k + 1 :] if other[0] >= day + horizon]
        if later:
            squares.append((later[0][1] - shift) ** 2 - variance - later[0][2])
    if not squares:
        return float("nan"), 0
    while levels[0][0] + (years + 1) * horizon <= levels[-1][0]:
        years += 1
    return max(0.0, float(np.mean(squares))), years


def _at_most(k: int, n: int, rate: Array) -> float:
    """Probability of at most k events of n, averaged over equally likely rates."""
    return float(bdtr(k, n, rate).mean()) if k >= 0 else 0.0


def _cut_off(values: Array, level: float, w: Array | None = None) -> float:
    """Value that all but a share 1 - level of a kind is at or above, rounded down; minus infinity if there are too few."""
    # The small addend keeps 0.1 * 10, which floats make 0.9999..., from losing one.
    n = len(values) if w is None else w.sum() ** 2 / (w**2).sum()
    k = int(np.floor((1 - level) * (n + 1) + 1e-9))
    if k == 0:
        return -np.inf
    scale = 10**CUT_OFF_DECIMALS
    if w is None:
        return float(np.floor(np.partition(values, k - 1)[k - 1] * scale) / scale)
    order = np.argsort(values, kind="stable")
    reached = np.searchsorted(np.cumsum(w[order]), k / n * w.sum() * (1 - 1e-12))
    return float(np.floor(values[order][reached] * scale) / scale)


def _floats(values: ArrayLike, name: str) -> Array:
    array = np.asarray(values, dtype="float64")
    if array.ndim != 1:
        raise SchemaError("{name} has {ndim} dimensions; expected one", name=name, ndim=array.ndim)
    return array


def _outcomes(values: ArrayLike) -> Array:
    y = _floats(values, "outcome")
    if not np.isin(y, (0, 1)).all():
        raise SchemaError(
            "{count} outcomes are neither 0 nor 1; expected the event as 1", count=int((~np.isin(y, (0, 1))).sum())
        )
    return y
