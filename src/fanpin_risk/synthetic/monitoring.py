"""Who is newly monitored: the monthly odds, the decision, what follows, and the true risk behind it.

The log-odds of a month are a sum of named contributions (:func:`slow_parts`, :func:`fast_parts`); the weights are
``HAZARD``. The true risk on 31 December is the chance of entering in the next twelve months given all that
happened up to that day, with what may still happen averaged out (:func:`true_risk`).
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.records.code_lists import RISK
from fanpin_risk.synthetic.events import MEASURE_NUMBER, add_supports, shock_rates
from fanpin_risk.synthetic.health import STAY, STAY_SERIOUS, expected_health, illness_rates, serious_on, severe_on
from fanpin_risk.synthetic.parameters import HAZARD, SEASON
from fanpin_risk.synthetic.population import NEVER, logistic, year_start
from fanpin_risk.synthetic.state import Array, State, code
from fanpin_risk.synthetic.work import able_on, income_target

__all__ = ["begin_monitoring", "decide_year", "expected_entries", "slow_parts", "true_risk"]

R = {name: number for number, name in enumerate(RISK)}
UNSTABLE, EDGE, SUDDEN = (code("monitoring", "type", x) for x in ("unstable_ex_poor", "edge", "sudden_hardship"))
BY_SUPPORT, NATURAL = code("monitoring", "eliminate_mode", "support"), code("monitoring", "eliminate_mode", "natural")
FADING = ("accident", "disaster", "job_loss", "business_failure", "death", "support_ended", "new_disability")

# Which contributions count for which official risk, and what each is multiplied by when the risk is named.
NAMED: dict[str, tuple[tuple[str, ...], float]] = {
    "illness": (("burden", "serious"), 0.82),
    "schooling": (("schooling", "dropout"), 0.75),
    "disability": (("disability", "new_disability"), 1.4),
    "disaster": (("disaster",), 1.7),
    "accident": (("accident",), 1.4),
    "business_failure": (("business_failure",), 1.9),
    "unstable_work": (("job_loss", "income_fall"), 1.25),
    "labour": (("labour",), 0.68),
    "housing": (("housing",), 0.7),
    "water": (("water",), 0.7),
    "other": (("death", "support_ended", "debt"), 0.25),
}
# What is done against a risk: measure and its chance.
ANSWERS: dict[str, tuple[tuple[str, float], ...]] = {
    "illness": (("health", 0.85), ("temporary_aid", 0.35), ("insurance_payout", 0.12)),
    "schooling": (("education", 0.8), ("compulsory_education", 0.35), ("society", 0.3)),
    "disability": (("social_security", 0.8), ("society", 0.25)),
    "disaster": (("temporary_aid", 0.7), ("living_conditions", 0.3)),
    "accident": (("temporary_aid", 0.7), ("insurance_payout", 0.3)),
    "business_failure": (("industry", 0.7), ("finance", 0.3)),
    "unstable_work": (("employment", 0.75), ("public_post", 0.25)),
    "labour": (("social_security", 0.7), ("public_post", 0.15)),
    "housing": (("housing", 0.9), ("resettlement", 0.05)),
    "water": (("water", 0.9),),
    "other": (("society", 0.6), ("other", 0.4)),
}


def begin_monitoring(s: State) -> None:
    """Nobody is monitored yet; villages differ in how strictly they look."""
    h = s.home
    n_villages = int(s.households.village.max()) + 1
    h["strictness"] = HAZARD["village"] * s.rng.standard_normal(n_villages)[s.households.village]
    h["monitored_since"] = np.full(s.n, NEVER, dtype=np.int32)
    h["monitored_type"] = np.full(s.n, -1, dtype=np.int32)
    h["monitored_risks"] = np.zeros(s.n, dtype=np.int32)
    h["monitored_main"] = np.full(s.n, -1, dtype=np.int32)
    h["monitored_recorded"] = np.zeros(s.n, dtype=np.int32)
    h["backstop"] = np.zeros(s.n, dtype=bool)
    h["former"] = np.zeros(s.n, dtype=bool)
    s.shock = {name: np.zeros(s.n) for name in FADING}


# --- odds ---------------------------------------------------------------------------------------------------------
def slow_parts(s: State, day: int, year: int, income_year: int, *, per_person: Array | None = None) -> dict[str, Array]:
    """Contributions that hold for months: income against the year's line, hands, school, house, assistance.

    `per_person` replaces the net income per person of the period `income_year`, when it is only expected.
    """
    h, w = s.home, HAZARD
    known = s.income[income_year]["per_person"]
    income = np.maximum(known if per_person is None else per_person, 300.0)
    before = np.maximum(s.income[income_year - 1]["per_person"] if per_person is None else known, 300.0)
    growth = income_target(income_year) / income_target(income_year - 1)
    fall = np.clip(np.log(before * growth**0.5 / income), 0.0, 1.2)
    net = np.maximum(s.income[income_year]["net"], 1_000.0)
    return {
        "income": w["income"] * -np.clip(np.log(income / s.setting.lines[year]), -1.2, 1.8),
        "income_fall": w["income_fall"] * fall,
        "labour": w["labour"] * (s.of_members(able_on(s, day)) == 0),
        "schooling": w["schooling"] * np.log1p(5.0 * h["school_net"] / net),
        "dropout": w["dropout"] * s.any_member(s.person["dropped"]),
        "housing": w["housing"] * (h["house_grade"] >= 2),
        "water": w["water"] * ~h["safe_water"],
        "debt": w["debt"] * np.log1p(h["debt"] / net),
        "assistance": w["backstop"] * (h["dibao"] == 2) + w["tekun"] * h["tekun"] + w["former"] * h["former"],
        "hidden": w["frailty"] * s.households.frailty + h["strictness"],
    }


def fast_parts(s: State, day: int, paid: Array, net: Array) -> dict[str, Array]:
    """Contributions that change from month to month: out-of-pocket of twelve months, illness, fading shocks."""
    w = HAZARD
    parts = {
        "burden": w["burden"] * np.log1p(8.0 * paid / net),
        "serious": w["serious"] * s.any_member(serious_on(s, day)),
        "disability": w["disability"] * s.any_member(severe_on(s, day)),
    }
    return parts | {name: w[name] * np.minimum(level, 1.5) for name, level in s.shock.items()}


def _log_odds(s: State, month: int, *parts: dict[str, Array]) -> Array:
    total = np.full(s.n, np.log(SEASON[month]))
    for group in parts:
        for values in group.values():
            total += values
    return total


# --- decisions ----------------------------------------------------------------------------------------------------
def decide_year(s: State, year: int, early: dict[str, Array], late: dict[str, Array]) -> None:
    """Go through the twelve months: enter who is found, take off who is out of danger.

    `early` are the slow contributions until September, `late` from October on.
    """
    h = s.home
    new_october = s.setting.period == "oct-sep"
    net_early = np.maximum(s.income[year - 1]["net"], 1_000.0)
    net_late = np.maximum(s.income[year if new_october else year - 1]["net"], 1_000.0)
    entered: list[dict[str, Array]] = []
    for month in range(12):
        first = int(np.datetime64(f"{year:04d}-{month + 1:02d}-01").astype(np.int64))
        paid = s.out_of_pocket[year - 1][:, month:].sum(axis=1) + s.out_of_pocket[year][:, :month].sum(axis=1)
        slow, net = (late, net_late) if month >= 9 else (early, net_early)
        fast = fast_parts(s, first, paid, net)
        odds = _log_odds(s, month, slow, fast)
        alive = s.households.dissolved > first + 31
        if s.setting.intercept is None:
            s.pilot_log_odds.append(odds.astype(np.float32))
            s.pilot_alive.append(alive)
        else:
            free = alive & (h["monitored_since"] == NEVER)
            found = np.flatnonzero(free & (s.rng.random(s.n) < logistic(odds + s.setting.intercept)))
            day = first + s.rng.integers(9, 24, len(found)).astype(np.int32)
            _eliminate(s, first, slow, paid, net)
            if len(found):
                at = year if month >= 9 and new_october else year - 1
                entered.append(_enter(s, found.astype(np.int32), day, {**slow, **fast}, paid, year, at))
        _fade_and_strike(s, year, month)
    if entered:
        s.events["entered"] = {name: np.concatenate([part[name] for part in entered]) for name in entered[0]}
        _help(s, **s.events["entered"])


def _fade_and_strike(s: State, year: int, month: int) -> None:
    """At the end of a month shocks fade, and those of the month set in."""
    first = int(np.datetime64(f"{year:04d}-{month + 1:02d}-01").astype(np.int64))
    last = int((np.datetime64(f"{year:04d}-{month + 1:02d}", "M") + 1).astype("datetime64[D]").astype(np.int64))
    for name, level in s.shock.items():
        np.multiply(level, HAZARD["fade"], out=level)
        e = s.events[name]
        inside = (e["day"] >= first) & (e["day"] < last)
        household = e["household"] if "household" in e else s.members.household[e["member"]]
        weight = e["severity"][inside] * 1.6 if name == "disaster" else np.ones(int(inside.sum()))
        np.maximum.at(level, household[inside], weight)


def _enter(
    s: State, found: Array, day: Array, parts: dict[str, Array], paid: Array, year: int, income_year: int
) -> dict[str, Array]:
    """Decide type and risks of the households found, and write them."""
    rng, h = s.rng, s.home
    able = s.of_members(able_on(s, int(day.max()))) > 0
    strength = np.stack([sum(parts[p][found] for p in names) * times for names, times in NAMED.values()], axis=1)
    strength = strength * np.exp(0.25 * rng.standard_normal(strength.shape))
    strength[:, R["illness"]] *= paid[found] > 300
    strength[:, R["unstable_work"]] *= able[found]
    strength[:, R["other"]] += 0.06
    order = np.argsort(-strength, axis=1)
    top = np.take_along_axis(strength, order, axis=1)
    extra = (top[:, 1:5] > 0.48) & (rng.random((len(found), 4)) < 0.6)
    chosen = np.concatenate([np.ones((len(found), 1), dtype=bool), extra], axis=1)
    risks = (chosen << order[:, :5]).sum(axis=1)
    items = s.income[income_year]
    size = np.maximum(items["net"][found] / np.maximum(items["per_person"][found], 1.0), 1.0)
    reference = items["per_person"][found] + (items["claim_payout"][found] - 0.85 * paid[found]) / size
    inside = reference < 0.93 * s.setting.lines[year]
    kind = np.where(~inside, SUDDEN, np.where(s.households.ex_poor[found], UNSTABLE, EDGE))
    backstop = (~able & ((h["dibao"] == 2) | h["tekun"]))[found] & (rng.random(len(found)) < 0.6)
    recorded = day + rng.integers(0, 4, len(found)).astype(np.int32)
    h["monitored_since"][found], h["monitored_type"][found], h["monitored_risks"][found] = day, kind, risks
    h["monitored_main"][found] = order[:, 0]
    h["backstop"][found], h["monitored_recorded"][found] = backstop, recorded
    s.records.add(
        "monitoring", household_id=found, identified_on=day, recorded_at=recorded, type=kind, risks=risks, eliminated_on=NEVER,
        eliminate_mode=-1, no_labour_backstop=backstop, main=order[:, 0],
    )  # fmt: skip
    needy = found[(~able[found]) & (h["dibao"][found] == 0)]
    h.setdefault("wants_dibao", np.zeros(s.n, dtype=bool))[needy] = True
    return {"household": found, "day": day, "named": risks, "able": able[found]}


def _help(s: State, household: Array, day: Array, named: Array, able: Array) -> None:
    """Start measures against the named risks three to forty-five days after a household entered."""
    rng, n = s.rng, len(household)
    begun = np.zeros((n, len(MEASURE_NUMBER)), dtype=bool)
    started: list[tuple[Array, int, int]] = []
    for risk, answers in ANSWERS.items():
        for answer, chance in answers:
            at = MEASURE_NUMBER[answer]
            k = np.flatnonzero((named >> R[risk] & 1 == 1) & ~begun[:, at] & (rng.random(n) < chance))
            started.append((k, at, R[risk]))
            begun[k, at] = True
    developing = begun[:, [MEASURE_NUMBER[x] for x in ("industry", "employment", "finance", "public_post")]].any(axis=1)
    k = np.flatnonzero(able & ~developing & (rng.random(n) < 0.9))
    half = rng.random(len(k)) < 0.5
    started += [(k[half], MEASURE_NUMBER["industry"], -1), (k[~half], MEASURE_NUMBER["employment"], -1)]
    k = np.concatenate([part[0] for part in started])
    measure = np.concatenate([np.full(len(part[0]), part[1]) for part in started])
    cause = np.concatenate([np.full(len(part[0]), part[2]) for part in started])
    add_supports(s, household[k], measure, day[k] + rng.integers(3, 46, len(k)).astype(np.int32), cause=cause)


def _eliminate(s: State, first: int, slow: dict[str, Array], paid: Array, net: Array) -> None:
    """Take households off after at least six months, the likelier the better their income; not the backstop ones."""
    rng, h = s.rng, s.home
    since = h["monitored_since"]
    open_to = (since < first - 184) & (since != NEVER) & ~h["backstop"] & (s.households.dissolved > first + 31)
    well = (slow["income"] < 0) & (paid < 0.25 * net)
    off = np.flatnonzero(open_to & (rng.random(s.n) < np.where(well, 0.07, 0.02)))
    if not len(off):
        return
    day = first + rng.integers(9, 24, len(off)).astype(np.int32)
    mode = np.where(rng.random(len(off)) < 0.85, BY_SUPPORT, NATURAL)
    s.records.add(
        "monitoring", household_id=off, identified_on=since[off], recorded_at=day + rng.integers(0, 6, len(off)).astype(np.int32),
        type=h["monitored_type"][off], risks=h["monitored_risks"][off], eliminated_on=day, eliminate_mode=mode,
        no_labour_backstop=h["backstop"][off], main=h["monitored_main"][off],
    )  # fmt: skip
    since[off] = NEVER
    h["former"][off] = True


# --- truth --------------------------------------------------------------------------------------------------------
# Spread of the logarithm of next autumn's income: of households without and, added to it, with earned income alone.
INCOME_SPREAD = (0.20, 0.20)
# What next October's survey finds besides incomes (hands lost, school begun, houses): raises the mean odds so much.
UNFORESEEN = 0.15
# Three points and weights that average over a standard normal amount (Gauss-Hermite).
_POINTS = ((-np.sqrt(3.0), 1 / 6), (0.0, 2 / 3), (np.sqrt(3.0), 1 / 6))


def true_risk(s: State, year: int) -> Array:
    """Chance of being newly monitored in the year after 31 December of `year`, given everything up to that day.

    For each month ahead the contributions known on the day are carried forward (shocks fade, old bills leave the
    twelve-month window, next October's income is expected from this one), and the shocks that may still come are
    averaged: for a Poisson number of shocks of rate p that raise the odds by exp(b), E exp(b N) = exp(p (exp(b) - 1)).

    Returns
    -------
    ndarray of shape (n,)
        NaN for households monitored or dissolved on the day.
    """
    h, w = s.home, HAZARD
    assert s.setting.intercept is not None
    day = year_start(year + 1) - 1
    income_year = year
    slow = slow_parts(s, day, year + 1, income_year)
    # Earned income drifts back towards its usual level by 30 % of the deviation.
    items = s.income[income_year]
    earned = np.clip(
        (items["wage"] + items["business_gross"] - items["business_cost"]) / np.maximum(items["net"], 1.0), 0.0, 1.0
    )
    growth = income_target(income_year + 1) / income_target(income_year)
    expected = np.log(np.maximum(items["per_person"], 300.0) * growth) - 0.30 * h["luck"] * earned
    spread = INCOME_SPREAD[0] + INCOME_SPREAD[1] * earned
    autumn = slow_parts(s, day, year + 1, income_year, per_person=np.exp(expected))
    changed = np.zeros(s.n)
    for point, weight in _POINTS:
        parts = slow_parts(s, day, year + 1, income_year, per_person=np.exp(expected + spread * point))
        changed += weight * np.exp(parts["income"] + parts["income_fall"] - autumn["income"] - autumn["income_fall"])
    autumn["changed"] = np.log(changed) + UNFORESEEN
    net = np.maximum(items["net"], 1_000.0)
    rates = shock_rates(s, day)
    serious_rate, stay_rate = illness_rates(s, day)
    own, small = expected_health(s, day)
    serious, severe = s.any_member(serious_on(s, day)), s.any_member(severe_on(s, day))
    bills = s.out_of_pocket[year]
    to_come: tuple[tuple[Array, tuple[float, float], Array], ...] = (
        (serious_rate, STAY_SERIOUS, np.where(serious, 1.0, np.exp(w["serious"]))),
        (stay_rate, STAY, np.ones(s.n)),
    )
    survive: Array = np.ones(s.n)
    for month in range(12):
        late = month >= 9 and s.setting.period == "oct-sep"
        odds = _log_odds(s, month, autumn if late else slow)
        paid = bills[:, month:].sum(axis=1) + small * month / 12.0
        base: Array = 1.0 + 8.0 * paid / net
        odds += w["burden"] * np.log(base) + w["serious"] * serious + w["disability"] * severe
        for rate, (median, width), times in to_come:
            raised: Array = np.zeros(s.n)
            for point, weight in _POINTS:
                raised += weight * (1.0 + 8.0 * own * median * np.exp(width * point) / (net * base)) ** w["burden"]
            odds += rate * (month / 12.0) * (raised * times - 1.0)
        left = w["fade"] ** month
        for name, level in s.shock.items():
            known = w[name] * np.minimum(level, 1.5) * left
            odds += known
            if name in rates:
                ages = w["fade"] ** np.arange(month)
                gain = np.full(s.n, (np.exp(w[name] * ages) - 1.0).sum())
                struck = np.flatnonzero(known > 0.02)  # a new shock only adds what exceeds the old one
                gain[struck] = (np.exp(np.maximum(w[name] * ages[:, None] - known[struck], 0.0)) - 1.0).sum(axis=0)
                odds += rates[name] / 12.0 * gain
        survive *= 1.0 - logistic(odds + s.setting.intercept)
    risk: Array = 1.0 - survive
    gone = (h["monitored_since"] != NEVER) | (s.households.dissolved <= day)
    risk[gone] = np.nan
    return risk


def expected_entries(log_odds: list[Array], alive: list[Array], intercept: float) -> float:
    """Mean yearly share of households that enter, among those free at the start of each year, for an intercept.

    The recursion carries for every household the probability that it is still free, so that the riskiest are not
    counted twice; of those who entered, one in thirty a month becomes free again.
    """
    free = np.ones(len(log_odds[0]))
    entered = at_start = 0.0
    for month, (odds, here) in enumerate(zip(log_odds, alive, strict=True)):
        free = free * here
        if month >= 12 and month % 12 == 0:
            at_start += free.sum()
        new = free * logistic(odds + intercept)
        if month >= 12:  # the first year only fills the list
            entered += new.sum()
        free += (1.0 - free) * here / 40.0 - new
    return entered / at_start
