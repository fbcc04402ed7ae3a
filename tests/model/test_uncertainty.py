"""Intervals of risks, and what they rule out."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import t as student

from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.model.uncertainty import (
    OUTLOOKS,
    PRIOR_SD,
    PRIOR_YEARS,
    RiskInterval,
    fit_interval,
)

DAYS = tuple(f"{year}-12-31" for year in range(2016, 2023))


def years(levels, n=3000, seed=0):
    """Forecast log-odds, outcomes and days, the level of each day being off by a known amount."""
    rng = np.random.default_rng(seed)
    eta = rng.normal(-2.5, 1.2, (len(levels), n))
    y = rng.random(eta.shape) < expit(eta + np.array(levels)[:, None])
    return eta.ravel(), y.ravel().astype(float), np.repeat(DAYS[: len(levels)], n)


@pytest.fixture(scope="module")
def interval():
    return fit_interval(*years([0.3, -0.4, 0.1]))


def test_one_day_cannot_know_how_years_differ():
    """From one day, or from days within one horizon, the interval has the width of the prior."""
    eta, y, day = years([0.0])
    quarters = np.resize(["2016-03-31", "2016-06-30", "2016-09-30", "2016-12-31"], len(y))
    for days in (day, quarters):
        one = fit_interval(eta, y, days)
        assert one.observed_years == 0
        assert np.isnan(one.observed_sd)
        assert one.sd == pytest.approx(PRIOR_SD, rel=0.02)
        assert one.half_width == pytest.approx(one.sd * student.ppf(0.95, PRIOR_YEARS), rel=1e-9)


def test_the_width_follows_what_the_days_showed():
    """Steady years make the interval narrower than the prior does, restless ones wider, by the declared formula."""
    steady = fit_interval(*years([0.0] * 7))
    restless = fit_interval(*years([0.0, 1.5, -0.5, 1.0, -1.0, 0.8, -0.7]))
    assert steady.half_width < 0.75 * PRIOR_SD * student.ppf(0.95, PRIOR_YEARS) < restless.half_width
    assert steady.observed_sd < 0.15
    assert restless.observed_sd == pytest.approx(
        np.sqrt(np.mean(np.diff([0, 1.5, -0.5, 1, -1, 0.8, -0.7]) ** 2)), rel=0.1
    )
    assert restless.observed_years == 6
    assert restless.degrees == PRIOR_YEARS + 6
    between = (PRIOR_YEARS * PRIOR_SD**2 + 6 * restless.observed_sd**2) / (PRIOR_YEARS + 6)
    assert restless.sd**2 == pytest.approx(between, rel=0.01)


def test_the_prior_can_be_replaced():
    """An office that knows its years says so, and the days then weigh less or more."""
    data = years([0.0])
    assert fit_interval(*data, prior_sd=0.1).half_width < fit_interval(*data).half_width / 4
    assert fit_interval(*data, prior_years=50).half_width < fit_interval(*data, prior_years=2).half_width


def test_chance_within_a_day_is_not_taken_for_a_difference_of_years():
    """Small registers, whose yearly counts scatter by chance alone, are not said to have restless years."""
    observed = [fit_interval(*years([0.0] * 4, n=150, seed=seed)).observed_sd for seed in range(30)]
    assert np.mean(np.square(observed)) < 0.04  # the scatter itself is about 2 / (150 * 0.09) = 0.15


def test_the_interval_holds_the_risk_and_rises_with_it(interval):
    """Whatever the log-odds, low <= risk <= high, all between 0 and 1, and a higher risk has no lower end."""
    eta = np.concatenate([np.linspace(-800, 800, 4001), np.linspace(-6, 3, 2001)])
    eta.sort()
    low, high = interval.of(eta)
    risk = expit(eta)
    assert (low <= risk).all()
    assert (risk <= high).all()
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
    inside = np.abs(eta) < 6
    assert (low[inside] < risk[inside]).all()
    assert (risk[inside] < high[inside]).all()


def test_a_household_alone_gets_what_it_gets_in_its_county(interval):
    """Interval and outlook depend on nothing but the household's own log-odds, bit for bit."""
    eta = np.random.default_rng(1).normal(-2, 2, 500)
    low, high = interval.of(eta)
    outlook = interval.outlook_of(eta)
    for k in range(0, 500, 50):
        alone = interval.of(eta[k : k + 1])
        assert (alone[0][0], alone[1][0]) == (low[k], high[k])
        assert interval.outlook_of(eta[k : k + 1])[0] == outlook[k]


def test_neither_order_nor_labels_of_rows_matter():
    """Fitting is a function of the set of rows."""
    eta, y, day = years([0.3, -0.4, 0.1])
    order = np.random.default_rng(2).permutation(len(y))
    one, other = fit_interval(eta, y, day), fit_interval(eta[order], y[order], pd.to_datetime(day[order]))
    for name, array in one.to_arrays().items():
        np.testing.assert_allclose(other.to_arrays()[name], array, rtol=1e-9)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_the_level_of_a_new_year_is_in_the_interval_as_often_as_promised(level):
    """Over many worlds whose years differ as the prior says, a later year's share of events is covered at the level."""
    rng, inside = np.random.default_rng(5), []
    fitted = fit_interval(*years([0.0]), level=level)
    for seed in range(160):
        sd = PRIOR_SD / np.sqrt(rng.chisquare(PRIOR_YEARS) / PRIOR_YEARS)
        eta, y, _ = years([rng.normal(0, sd)], n=400, seed=seed)
        inside.append(fitted.coverage(eta, y, group=np.zeros(400))["covered"].iloc[0])
    assert np.mean(inside) == pytest.approx(level, abs=3 * np.sqrt(level * (1 - level) / len(inside)))


def test_outlook_keeps_its_promise_for_any_base_rate():
    """Of events and of the others the same share is not ruled out, also where events are three times as common."""
    rng = np.random.default_rng(3)

    def draw(n, rate):
        y = (rng.random(n) < rate).astype(float)
        return rng.normal(-3 + 1.8 * y, 1), y

    eta, y = draw(20_000, 0.08)
    fitted = fit_interval(eta, y, np.repeat("2020-12-31", len(y)))
    for rate in (0.03, 0.08, 0.25):
        found = fitted.outlook_coverage(*draw(40_000, rate))
        np.testing.assert_allclose(found["coverage"], 0.9, atol=0.02)
        assert list(found.index) == ["no_event", "event", "all"]
    assert 0 < found.loc["all", "open"] < 0.5


def test_outlook_is_ordered_like_the_risk(interval):
    """From low to high log-odds the outlook goes from no event over open to event, and has those names only."""
    outlook = interval.outlook_of(np.linspace(-10, 10, 2001))
    assert tuple(outlook.categories) == OUTLOOKS
    assert outlook.ordered
    assert (np.diff(outlook.codes) >= 0).all()
    assert set(outlook) == set(OUTLOOKS)


def test_what_neither_kind_looks_like_stays_open():
    """Where the cut-offs cross, so that both answers would be ruled out, nothing is."""
    y = np.repeat([0.0, 1.0], 100)
    eta = np.where(y == 1, 5.0, -5.0) + np.tile(np.linspace(-1, 1, 100), 2)
    fitted = fit_interval(eta, y, np.repeat("2020-12-31", 200))
    assert fitted.no_event_to < fitted.event_from
    assert list(fitted.outlook_of([-5.0, 0.0, 5.0])) == ["no_event", "open", "event"]


def test_cut_offs_are_no_households_own_value():
    """Cut-offs are rounded outward to a thousandth: they say less, never more, and of nobody exactly."""
    eta, y, day = years([0.0])
    fitted = fit_interval(eta, y, day)
    assert fitted.event_from not in eta
    assert fitted.no_event_to not in eta
    assert round(fitted.event_from, 3) == fitted.event_from
    assert round(fitted.no_event_to, 3) == fitted.no_event_to
    assert (eta[y == 1] >= fitted.event_from).mean() >= 0.9
    assert (eta[y == 0] <= fitted.no_event_to).mean() >= 0.9


def test_too_few_events_rule_nothing_out():
    """With ten events no cut-off holds at 0.95, so the event is possible for everyone."""
    eta = np.linspace(-4, 4, 500)
    y = (np.arange(500) % 50 == 0).astype(float)
    fitted = fit_interval(eta, y, np.repeat("2020-12-31", 500), level=0.95)
    assert fitted.event_from == -np.inf
    assert set(fitted.outlook_of(eta)) == {"open", "event"}
    assert RiskInterval.from_arrays(fitted.to_arrays()).event_from == -np.inf


def test_days_with_next_to_no_events_have_no_say():
    """A day without events has no level; it is passed over, and nothing warns or fails."""
    eta, y, day = years([0.0, 0.0, 0.0])
    y[day == DAYS[1]] = 0
    assert fit_interval(eta, y, day).observed_years == 2


def test_levels_are_found_from_far_away():
    """Log-odds that are wrong by far, or hardly differ, do not derail the search for a day's level."""
    eta, y, day = years([0.0, 0.5])
    for off in (-15.0, 15.0, 300.0):
        moved = fit_interval(eta + off, y, day)
        assert moved.observed_sd == pytest.approx(fit_interval(eta, y, day).observed_sd, rel=1e-3)
    assert np.isfinite(fit_interval(np.zeros(len(y)), y, day).half_width)


def test_coverage_counts_events_group_by_group(interval):
    """The check names what was observed and expected, and sees a year beyond the interval."""
    eta, y, _ = years([0.0], seed=9)
    village = np.arange(len(y)) % 12
    found = interval.coverage(eta, y, group=village)
    assert found["households"].sum() == len(y)
    assert found["events"].sum() == y.sum()
    assert found["covered"].all()
    assert ((found["low"] < found["risk"]) & (found["risk"] < found["high"])).all()
    assert ((found["fewest"] <= found["events"]) & (found["events"] <= found["most"])).all()
    assert (found["fewest"] < found["households"] * found["risk"]).all()
    bins = interval.coverage(eta, y)
    assert list(bins.index) == list(range(1, 11))
    assert bins["risk"].is_monotonic_increasing
    worse = (np.random.default_rng(4).random(len(y)) < expit(eta + 2.5)).astype(float)
    assert not interval.coverage(eta, worse, group=np.zeros(len(y)))["covered"].any()


def test_arrays_bring_the_same_interval_back(interval):
    """What a model file holds is the interval, to the bit, as plain numbers; damage is refused."""
    arrays = interval.to_arrays()
    assert RiskInterval.from_arrays(arrays) == interval
    assert all(array.dtype == np.float64 and array.shape == (1,) for array in arrays.values())
    for name in arrays:
        with pytest.raises(SchemaError, match=name):
            RiskInterval.from_arrays({key: value for key, value in arrays.items() if key != name})
    for name, value in (
        ("level", 1.0),
        ("half_width", -1.0),
        ("sd", np.nan),
        ("observed_years", 0.5),
        ("event_from", np.inf),
    ):
        with pytest.raises(SchemaError, match="no interval has"):
            RiskInterval.from_arrays({**arrays, f"interval_{name}": np.array([value])})


@pytest.mark.parametrize(
    ("change", "options", "error", "match"),
    [
        (lambda eta, y, day: (eta[1:], y, day), {}, SchemaError, "expected one each"),
        (lambda eta, y, day: (eta, y * 2, day), {}, SchemaError, "neither 0 nor 1"),
        (lambda eta, y, day: (np.where(y == 1, np.nan, eta), y, day), {}, SchemaError, "not finite"),
        (lambda eta, y, day: (eta[:, None], y, day), {}, SchemaError, "2 dimensions"),
        (lambda eta, y, day: (eta, y * 0, day), {}, NotEnoughDataError, "0 events"),
        (lambda *data: data, {"level": 1.0}, SchemaError, "level is 1.0"),
        (lambda *data: data, {"prior_sd": 0.0}, SchemaError, "prior_sd 0.0"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, options, error, match):
    """Errors say what was expected, and name no household."""
    with pytest.raises(error, match=match):
        fit_interval(*change(*years([0.0], n=200)), **options)


def test_what_cannot_be_checked_is_refused(interval):
    """Coverage wants one outcome for each forecast, and at least one of them."""
    with pytest.raises(SchemaError, match="expected one each"):
        interval.coverage([0.0, 1.0], [1])
    with pytest.raises(SchemaError, match="expected one each"):
        interval.outlook_coverage([0.0, 1.0], [1])
    with pytest.raises(NotEnoughDataError, match="no households"):
        interval.coverage([], [])


def test_half_width_is_in_log_odds(interval):
    """Both ends are the same distance from the risk in log-odds."""
    low, high = interval.of([-2.0])
    assert logit(high[0]) + 2.0 == pytest.approx(interval.half_width)
    assert -2.0 - logit(low[0]) == pytest.approx(interval.half_width)


def test_weights_are_of_the_households_that_a_row_stands_for():
    """Equal weights change nothing; rows that were sampled by their log-odds give the cut-offs of everybody back."""
    rng = np.random.default_rng(5)
    eta = rng.normal(-2, 1.2, 40_000)
    y = (rng.random(len(eta)) < expit(eta)).astype(int)
    day = np.repeat("2022-12-31", len(eta))
    everybody = fit_interval(eta, y, day)
    even = fit_interval(eta, y, day, weight=np.full(len(eta), 3.0))
    assert even.event_from == everybody.event_from
    assert even.sd == pytest.approx(everybody.sd)
    chance = np.where(eta > 0, 1.0, 0.1)
    seen = rng.random(len(eta)) < chance
    weighed = fit_interval(eta[seen], y[seen], day[seen], weight=1 / chance[seen])
    plain = fit_interval(eta[seen], y[seen], day[seen])
    assert weighed.event_from == pytest.approx(everybody.event_from, abs=0.1)
    assert weighed.no_event_to == pytest.approx(everybody.no_event_to, abs=0.1)
    assert abs(plain.event_from - everybody.event_from) > 0.3
