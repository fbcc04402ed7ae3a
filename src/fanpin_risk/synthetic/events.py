"""What happens to households: accidents, disasters, lost jobs and failed business; assistance, support and its end."""

from __future__ import annotations

import numpy as np

from fanpin_risk.synthetic.demography import mortality
from fanpin_risk.synthetic.health import severe_on
from fanpin_risk.synthetic.parameters import figure
from fanpin_risk.synthetic.population import NEVER, year_start
from fanpin_risk.synthetic.state import Array, State, Supports, cents, code, month_of, october
from fanpin_risk.synthetic.work import able_on

__all__ = [
    "MEASURE_SOURCES", "add_supports", "begin_assistance", "draw_events", "live_through_assistance", "months_of_posts",
    "shock_rates", "update_house_and_debt",
]  # fmt: skip

KIND = {name: code("shocks", "kind", name) for name in (
    "flood", "geological", "drought", "pest", "weather", "earthquake", "fire", "epidemic", "accident", "death",
    "business_failure", "job_loss", "price_fall", "debt",
)}  # fmt: skip
AFFECTED = {name: code("shocks", "affected", name) for name in ("house", "crop", "livestock", "worker", "other")}
MEASURE_NUMBER = {name: code("supports", "measure", name) for name in (
    "industry", "employment", "finance", "public_post", "housing", "water", "health", "compulsory_education", "education",
    "social_security", "society", "resettlement", "living_conditions", "infrastructure", "temporary_aid",
    "insurance_payout", "other",
)}  # fmt: skip
# Who runs a measure, in the order of MEASURE_NUMBER: text for `source`, number into it.
MEASURE_SOURCES = (
    "农业农村局",
    "人社局",
    "金融办",
    "住建局",
    "水利局",
    "卫健委",
    "教育局",
    "民政局",
    "帮扶单位",
    "乡村振兴局",
    "保险公司",
)
_SOURCE_OF = np.array([0, 1, 2, 1, 3, 4, 5, 6, 6, 7, 8, 9, 9, 9, 7, 10, 8])
# Median yearly amount, CNY (choices; a loan is at most 50,000, a rebuilt house cost 28,000 in one area).
_AMOUNT = np.array([3e3, 1.2e3, 3e4, 7.2e3, 2e4, 2e3, 8e2, 1e3, 3e3, 4.2e3, 6e2, 4e4, 2e3, 1e3, 2.5e3, 1.2e4, 5e2])

# Village calamities: month range, chance a village and year, share of households hit, mean loss of harvest, affected.
CALAMITIES: dict[str, tuple[int, int, float, float, float, str]] = {
    "flood": (7, 8, 0.030, 0.35, 0.45, "crop"),
    "drought": (6, 8, 0.025, 0.50, 0.35, "crop"),
    "weather": (5, 9, 0.025, 0.30, 0.35, "crop"),
    "pest": (6, 8, 0.010, 0.30, 0.25, "crop"),
    "geological": (7, 8, 0.003, 0.12, 0.40, "house"),
    "earthquake": (1, 12, 0.001, 0.20, 0.20, "house"),
    "epidemic": (1, 12, 0.006, 0.20, 0.40, "livestock"),
    "price_fall": (9, 12, 0.030, 0.30, 0.30, "crop"),
}  # fmt: skip


# --- shocks ------------------------------------------------------------------------------------------------------
def _accident_rate(s: State, day: int) -> Array:
    age = s.members.age(day)
    rate = 0.0020 + 0.0050 * able_on(s, day) + 0.0030 * (age >= 65)
    return rate * s.members.active(day)


def _job_loss_rate(s: State, day: int) -> Array:
    works = (s.person["months"] >= 3) & s.members.active(day)
    return works * 0.040 * np.exp(-0.30 * s.households.capability[s.members.household])


def _business_rate(s: State) -> Array:
    last = max(s.income) if s.income else None
    busy = s.income[last]["business_gross"] > 3_000 if last is not None else np.ones(s.n, dtype=bool)
    rate: Array = busy * 0.020 * np.exp(-0.30 * s.households.capability)
    return rate


def shock_rates(s: State, day: int) -> dict[str, Array]:
    """Return the expected number of shocks of each kind per household in the year that begins on `day`."""
    hit = sum(chance * share for _, _, chance, share, _, _ in CALAMITIES.values()) + 0.002
    farming = s.home["farmland_mu"] > 0.5
    open_ended = (s.supports.end == NEVER) & (s.supports.start < day)
    ends = np.bincount(
        s.supports.household[open_ended], weights=_END_RATE[s.supports.measure[open_ended]], minlength=s.n
    )  # fmt: skip
    return {
        "accident": s.of_members(_accident_rate(s, day)),
        "job_loss": s.of_members(_job_loss_rate(s, day)),
        "business_failure": _business_rate(s),
        "disaster": np.where(farming, hit, 0.4 * hit),
        "death": s.of_members(mortality(s, day) * s.members.active(day)),
        "support_ended": ends,
    }


def draw_events(s: State, year: int) -> None:
    """Draw the year's shocks and write them; `events` keeps them for incomes, bills and decisions."""
    s.last_year_events = {
        kind: s.events[kind] for kind in ("accident", "job_loss", "disaster", "business_failure") if kind in s.events
    }
    _draw_accidents(s, year)
    _draw_job_losses(s, year)
    _draw_business_failures(s, year)
    _draw_disasters(s, year)
    d = s.events["death"]
    _write_shocks(
        s, s.members.household[d["member"]], d["member"], d["day"], KIND["death"], 5, 45, affected=AFFECTED["worker"]
    )


def _write_shocks(
    s: State, household: Array, member: Array | int, day: Array, kind: Array | int, low: int, high: int, *,
    loss: Array | None = None, insured: Array | None = None, affected: Array | int = -1,
) -> None:  # fmt: skip
    n = len(household)
    blank = np.full(n, -1, dtype=np.int32)
    s.records.add(
        "shocks", household_id=household, member_id=member, event_date=day, recorded_at=(day + s.lag(n, low, high)).astype(np.int32),
        kind=kind, loss_cny=blank if loss is None else cents(loss, 100), insured_cny=blank if insured is None else cents(insured, 100),
        affected=affected,
    )  # fmt: skip


def _draw_accidents(s: State, year: int) -> None:
    m, rng = s.members, s.rng
    k = np.flatnonzero(rng.random(len(m)) < _accident_rate(s, year_start(year)))
    day = s.days(year, len(k))
    alive = m.out[k] > day
    k, day = k[alive], day[alive]
    bill = s.lognormal(len(k), 17_000.0, 0.6)
    insured = np.where(rng.random(len(k)) < 0.25, bill * 0.4, 0.0)
    loss = bill + s.lognormal(len(k), 6_000.0, 0.8)
    s.events["accident"] = {
        "member": k,
        "household": m.household[k],
        "day": day,
        "months": rng.integers(2, 10, len(k)),
        "bill": bill,
    }
    _pay_out(s, year, m.household[k], day, insured)
    _write_shocks(
        s, m.household[k], k, day, KIND["accident"], 3, 45, loss=loss, insured=insured, affected=AFFECTED["worker"]
    )


def _pay_out(s: State, year: int, household: Array, day: Array, amount: Array) -> None:
    np.add.at(s.payouts[year], (household, month_of(day, year)), amount)


def _draw_job_losses(s: State, year: int) -> None:
    m, rng = s.members, s.rng
    township = s.households.township
    market = np.exp(0.25 * rng.standard_normal(int(township.max()) + 1) - 0.03)[township]
    k = np.flatnonzero(rng.random(len(m)) < _job_loss_rate(s, year_start(year)) * market[m.household])
    day = s.days(year, len(k))
    alive = m.out[k] > day
    k, day = k[alive], day[alive]
    s.events["job_loss"] = {"member": k, "household": m.household[k], "day": day, "months": rng.integers(2, 10, len(k))}
    _write_shocks(s, m.household[k], k, day, KIND["job_loss"], 15, 100, affected=AFFECTED["worker"])


def _draw_business_failures(s: State, year: int) -> None:
    rng = s.rng
    h = np.flatnonzero((rng.random(s.n) < _business_rate(s)) & (s.households.dissolved > year_start(year + 1))).astype(
        np.int32
    )
    day = s.days(year, len(h))
    severity = rng.beta(5, 3, len(h))
    debt = rng.random(len(h)) < 0.15
    loss = s.lognormal(len(h), 15_000.0, 0.8) * severity
    owed = np.bincount(h, weights=0.4 * loss * (day < october(year)), minlength=s.n)
    s.home["debt"] += s.home["debt_late"] + owed  # the survey of October sees what is owed by then
    s.home["debt_late"] = np.bincount(h, weights=0.4 * loss, minlength=s.n) - owed
    s.events["business_failure"] = {"household": h, "day": day, "severity": severity}
    kind = np.where(debt, KIND["debt"], KIND["business_failure"])
    _write_shocks(s, h, -1, day, kind, 15, 100, loss=loss, affected=AFFECTED["other"])


def _draw_disasters(s: State, year: int) -> None:
    rng = s.rng
    n_villages = int(s.households.village.max()) + 1
    here = s.households.dissolved > year_start(year + 1)
    parts: dict[str, list[Array]] = {name: [] for name in ("household", "day", "severity", "kind", "affected")}
    calamities = [*CALAMITIES.items(), ("fire", (1, 12, 1.0, 0.002, 0.5, "house"))]
    for name, (first, last, chance, share, severity, affected) in calamities:
        struck = rng.random(n_villages) < chance
        village_day = s.days(year, n_villages, first, last)
        farming = np.where((affected != "house") & (s.home["farmland_mu"] <= 0.5), 0.1, 1.0)
        h = np.flatnonzero(struck[s.households.village] & here & (rng.random(s.n) < share * farming)).astype(np.int32)
        day = s.days(year, len(h)) if name == "fire" else village_day[s.households.village[h]]
        parts["household"].append(h)
        parts["day"].append(day)
        parts["severity"].append(np.clip(rng.beta(4, 4, len(h)) * 2 * severity, 0.02, 1.0))
        parts["kind"].append(np.full(len(h), KIND[name]))
        parts["affected"].append(np.full(len(h), AFFECTED[affected]))
    e = {name: np.concatenate(values) for name, values in parts.items()}
    loss = e["severity"] * (
        2_000 + 900.0 * s.home["farmland_mu"][e["household"]] + 20_000.0 * (e["affected"] == AFFECTED["house"])
    )
    insured = np.where(rng.random(len(loss)) < 0.4, 0.45 * loss, 0.0)
    _pay_out(s, year, e["household"], e["day"], insured)
    s.events["disaster"] = e
    _write_shocks(s, e["household"], -1, e["day"], e["kind"], 2, 40, loss=loss, insured=insured, affected=e["affected"])
    # Houses broken after the yearly survey of October are seen in the next one.
    grade = s.home["house_grade"]
    broken = (e["affected"] == AFFECTED["house"]) & (e["severity"] > 0.4)
    seen = np.concatenate([s.home["broken"], e["household"][broken & (e["day"] < october(year))]])
    grade[seen] = np.maximum(grade[seen], 2 + (rng.random(len(seen)) < 0.3))
    s.home["broken"] = e["household"][broken & (e["day"] >= october(year))]


# --- assistance and support ---------------------------------------------------------------------------------------
# Chance a year that a running measure ends, in the order of MEASURE_NUMBER.
_END_RATE = np.array([0.14, 0.16, 0.30, 0.14, 1.0, 1.0, 0.10, 0.25, 0.25, 0.03, 0.25, 1.0, 0.3, 0.3, 1.0, 1.0, 0.4])
# Measures of which something goes on until it ends; the others are done once.
_LASTING = np.array([1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1], dtype=bool)


def begin_assistance(s: State) -> None:
    """Draw who is in dibao or tekun, which measures already run, and the state of houses and water."""
    m, rng, h = s.members, s.rng, s.home
    day = year_start(s.setting.first_year - 1)
    poor, here = s.households.ex_poor, m.active(day)
    age = m.age(day)
    size = s.of_members(here)
    able = s.of_members(able_on(s, day))
    alone_old = (size == 1) & (s.of_members(here & (age >= 60)) == 1) & (able == 0)
    h["tekun"] = alone_old & (rng.random(s.n) < np.where(poor, 0.45, 0.10)) & (s.households.capability < 0.6)
    weak = s.any_member(severe_on(s, day))
    score = -s.households.capability + 1.2 * (able == 0) + 0.8 * weak + 0.8 * rng.standard_normal(s.n)
    h["dibao"] = np.zeros(s.n, dtype=np.int8)
    for group, share in ((poor, figure("backstop_persons") / 100), (~poor, 0.10)):
        open_to = np.flatnonzero(group & ~h["tekun"])
        order = open_to[np.argsort(-score[open_to], kind="stable")]
        wanted = 0.94 * share * size[group].sum() - size[group & h["tekun"]].sum()
        h["dibao"][order[np.cumsum(size[order]) <= max(wanted, 0.0)]] = 2
    single = (h["dibao"] == 0) & ~h["tekun"] & weak & (rng.random(s.n) < 0.25)
    h["dibao"][single] = 1
    h["dibao_amount"] = np.clip(3_300.0 + 700.0 * rng.standard_normal(s.n), 1_200.0, 6_500.0)
    h["dibao_months"] = np.ones(s.n)
    h["house_grade"] = s.pick(np.array([45.0, 54.2, 0.6, 0.2]), s.n)
    h["safe_water"] = rng.random(s.n) > 0.012
    h["house_area"] = np.clip(30.0 + 14.0 * size + 12.0 * rng.standard_normal(s.n), 18.0, 300.0)
    h["debt"] = np.where(rng.random(s.n) < 0.18, s.lognormal(s.n, 9_000.0, 0.9), 0.0)
    h["debt_late"] = np.zeros(s.n)
    h["public_post_months"] = np.zeros(s.n)
    h["broken"] = np.empty(0, dtype=np.int32)
    h["shrunk"] = np.empty(0, dtype=np.int32)
    s.events["support_ended"] = {"household": np.empty(0, dtype=np.int32), "day": np.empty(0, dtype=np.int32)}
    _begin_supports(s, day)


def _begin_supports(s: State, day: int) -> None:
    rng, poor = s.rng, s.households.ex_poor
    able = s.of_members(able_on(s, day)) > 0
    pupil = s.any_member(s.person["stage"] >= 0)
    ill = s.any_member(s.person["chronic"] & s.members.active(day))
    ever = poor.astype(float)
    chance: dict[str, Array] = {
        "industry": 0.45 * able * ever, "employment": 0.35 * able * ever, "finance": 0.20 * able * ever,
        "public_post": 0.14 * ever, "housing": 0.10 * ever, "water": 0.06 * ever, "health": 0.30 * ill * ever,
        "education": 0.60 * pupil * ever, "social_security": 0.95 * (s.home["dibao"] > 0) * np.where(poor, 1.0, 0.6),
        "society": 0.15 * ever, "resettlement": 0.04 * ever, "living_conditions": 0.06 * ever,
        "infrastructure": 0.04 * ever, "other": 0.03 * ever,
    }  # fmt: skip
    for name, share in chance.items():
        household = np.flatnonzero(rng.random(s.n) < share).astype(np.int32)
        start = day - rng.integers(60, 1_300, len(household)).astype(np.int32)
        add_supports(s, household, np.full(len(household), MEASURE_NUMBER[name]), start)
    s.home["resettled"] = np.zeros(s.n, dtype=bool)
    s.home["resettled"][s.supports.household[s.supports.measure == MEASURE_NUMBER["resettlement"]]] = True


def add_supports(s: State, household: Array, measure: Array, start: Array, *, cause: Array | None = None) -> None:
    """Begin measures and write them; what is done once ends soon, the rest is open."""
    n = len(household)
    none = np.full(n, -1, dtype=np.int32)
    amount = cents(_AMOUNT[measure] * np.exp(0.5 * s.rng.standard_normal(n)), 10)
    new = Supports(
        household=household, member=none, measure=measure, start=start.astype(np.int32),
        end=np.full(n, NEVER, dtype=np.int32), amount=amount, cause=none if cause is None else cause,
        recorded=(start + s.lag(n, 3, 60)).astype(np.int32),
    )  # fmt: skip
    _write_supports(s, new)
    once = ~_LASTING[measure]
    new.end[once] = (new.start + s.rng.integers(20, 150, n))[once]
    new.recorded[once] = (np.maximum(new.end, new.recorded) + s.lag(n, 5, 45))[once]
    ended = Supports(**{name: values[once] for name, values in vars(new).items()})
    _write_supports(s, ended)
    s.supports.append(new)


def _write_supports(s: State, x: Supports) -> None:
    # Copies: ends and record days are filled in later, and what was written stays as it was.
    s.records.add(
        "supports", household_id=x.household, member_id=x.member, start_date=x.start, end_date=x.end.copy(),
        recorded_at=x.recorded.copy(), measure=x.measure, amount_cny=x.amount, for_cause=x.cause, source=_SOURCE_OF[x.measure],
    )  # fmt: skip


def live_through_assistance(s: State, year: int) -> None:
    """End and begin measures, dibao and tekun in a year; fills the year's events of that kind."""
    rng, x = s.rng, s.supports
    start, end = year_start(year), year_start(year + 1)
    dead = s.households.dissolved < end
    running = (x.end == NEVER) & (x.start < start)
    stops = np.flatnonzero(running & ((rng.random(len(x)) < _END_RATE[x.measure]) | dead[x.household]))
    day = s.days(year, len(stops))
    day = np.minimum(day, s.households.dissolved[x.household[stops]])
    x.end[stops] = day
    x.recorded[stops] = np.maximum(day, x.recorded[stops]) + s.lag(len(stops), 5, 60)
    _write_supports(s, Supports(**{name: values[stops] for name, values in vars(x).items()}))
    felt = ~dead[x.household[stops]]
    s.events["support_ended"] = {"household": x.household[stops][felt], "day": day[felt]}
    s.home["dividend"][s.home["shrunk"]] *= 0.4  # shares of a programme that ended last year
    s.home["shrunk"] = x.household[stops][x.measure[stops] == MEASURE_NUMBER["industry"]]
    chance = np.where(s.households.ex_poor, 0.09, 0.015) * ~dead
    h = np.flatnonzero(rng.random(s.n) < chance).astype(np.int32)
    able = s.of_members(able_on(s, start)) > 0
    lasting = [
        "industry",
        "employment",
        "finance",
        "public_post",
        "health",
        "society",
        "living_conditions",
        "infrastructure",
        "other",
    ]
    weight = np.array([25.0, 25, 10, 12, 15, 8, 2, 1, 2])
    measure = np.array([MEASURE_NUMBER[name] for name in lasting])[s.pick(weight, len(h))]
    for_able = np.isin(measure, [MEASURE_NUMBER["employment"], MEASURE_NUMBER["finance"], MEASURE_NUMBER["industry"]])
    measure = np.where(~able[h] & for_able, MEASURE_NUMBER["health"], measure)
    add_supports(s, h, measure, s.days(year, len(h)))
    pupils = np.flatnonzero(
        s.any_member(s.person["stage"] >= 3) & s.households.ex_poor & ~dead & (rng.random(s.n) < 0.25)
    ).astype(np.int32)
    add_supports(s, pupils, np.full(len(pupils), MEASURE_NUMBER["education"]), s.days(year, len(pupils), 9, 11))
    _change_dibao(s, year, able, dead)


def _change_dibao(s: State, year: int, able: Array, dead: Array) -> None:
    rng, h = s.rng, s.home
    dibao = h["dibao"]
    h["dibao_months"][:] = 1.0
    ratio = s.income[year - 1]["per_person"] / s.setting.lines[year]
    ends = np.where(able, 0.025, 0.008) + np.where(ratio > 2.0, 0.06, 0.0)
    stop = np.flatnonzero((dibao > 0) & ~dead & (rng.random(s.n) < ends)).astype(np.int32)
    wanted = h.get("wants_dibao", np.zeros(s.n, dtype=bool))
    poor = np.select([ratio < 0.7, ratio < 1.0], [0.45, 0.22], np.where(able, 0.002, 0.010)) * np.where(
        s.households.ex_poor, 1.0, 0.5
    )
    chance = np.where(wanted, 0.45, poor)
    new = np.flatnonzero((dibao == 0) & ~h["tekun"] & ~dead & (rng.random(s.n) < chance)).astype(np.int32)
    stop_day, new_day = s.days(year, len(stop), 1, 9), s.days(year, len(new), 1, 9)
    length = year_start(year + 1) - year_start(year)
    h["dibao_months"][new] = (year_start(year + 1) - new_day) / length
    dibao[stop] = 0
    whole = ~able[new] | (rng.random(len(new)) < 0.6)
    dibao[new] = np.where(whole, 2, 1)
    alone = s.of_members(s.members.active(year_start(year))) == 1
    old = s.any_member(s.members.active(year_start(year)) & (s.members.age(year_start(year)) >= 65))
    tekun = np.flatnonzero(alone & old & ~able & ~dead & ~h["tekun"] & (rng.random(s.n) < 0.006)).astype(np.int32)
    h["tekun"][tekun] = True
    dibao[tekun] = 0
    s.events["dibao_stop"] = {"household": stop, "day": stop_day}
    s.events["dibao_new"] = {"household": new, "day": new_day}
    s.events["tekun_new"] = {"household": tekun, "day": s.days(year, len(tekun), 1, 9)}
    felt = s.events["support_ended"]
    s.events["support_ended"] = {
        "household": np.concatenate([felt["household"], stop]),
        "day": np.concatenate([felt["day"], stop_day]),
    }
    add_supports(s, new, np.full(len(new), MEASURE_NUMBER["social_security"]), new_day)
    h["wants_dibao"] = np.zeros(s.n, dtype=bool)


def months_of_posts(s: State, start: int, end: int) -> Array:
    """Months within a period that a household held a public post."""
    x = s.supports
    days = np.minimum(np.minimum(x.end, end + 1), NEVER) - np.maximum(x.start, start)
    months = np.where(x.measure == MEASURE_NUMBER["public_post"], np.maximum(days, 0) / 30.4, 0.0)
    result: Array = np.minimum(np.round(np.bincount(x.household, weights=months, minlength=s.n)), 12.0)
    return result


def update_house_and_debt(s: State, year: int) -> None:
    """Let houses age or be repaired, water fail or be mended, debts grow and be paid back, once a year."""
    rng, h = s.rng, s.home
    alive = s.households.dissolved > year_start(year + 1)
    grade = h["house_grade"]
    mend = np.flatnonzero((grade >= 2) & alive & (rng.random(s.n) < 0.6)).astype(np.int32)
    add_supports(s, mend, np.full(len(mend), MEASURE_NUMBER["housing"]), s.days(year, len(mend), 4, 9))
    water = np.flatnonzero(~h["safe_water"] & alive & (rng.random(s.n) < 0.6)).astype(np.int32)
    add_supports(s, water, np.full(len(water), MEASURE_NUMBER["water"]), s.days(year, len(water), 4, 9))
    u = rng.random(s.n)
    grade[(grade == 0) & (u < 0.02)] = 1
    decays = np.flatnonzero((grade == 1) & (u < 0.005) & alive).astype(np.int32)
    grade[decays] = np.where(rng.random(len(decays)) < 0.25, 3, 2)
    grade[mend] = 0
    dry = np.flatnonzero(h["safe_water"] & (rng.random(s.n) < 0.005) & alive).astype(np.int32)
    h["safe_water"][dry] = False
    h["safe_water"][water] = True
    s.events["house_cd"] = {"household": decays, "day": s.days(year, len(decays), 4, 9)}
    s.events["water"] = {"household": dry, "day": s.days(year, len(dry), 4, 9)}
    net = s.income[max(s.income)]["net"]
    paid = s.to_october(s.out_of_pocket, year)
    loans = np.zeros(s.n)
    x = s.supports
    new = (x.measure == MEASURE_NUMBER["finance"]) & (x.start >= october(year - 1)) & (x.start < october(year))
    np.add.at(loans, x.household[new], x.amount[new] / 100.0)
    h["debt"] = (
        0.72 * h["debt"]
        + 0.45 * np.maximum(paid - 0.15 * net, 0.0)
        + 0.3 * np.maximum(h["school_net"] - 3_000.0, 0.0)
        + loans
    )
    h["debt"][h["debt"] < 500] = 0.0
