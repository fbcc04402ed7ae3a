"""School, labour, work and yearly incomes."""

from __future__ import annotations

import numpy as np

from fanpin_risk.records.code_lists import EDUCATION, INCOME_ITEM, LABOUR, SCHOOL_STAGE, STUDENT_STAGE
from fanpin_risk.synthetic.health import disabled_on, serious_on, severe_on
from fanpin_risk.synthetic.parameters import figure
from fanpin_risk.synthetic.population import FEMALE, year_start
from fanpin_risk.synthetic.state import Array, State, cents, code

__all__ = [
    "able_on", "account_incomes", "begin_work", "education", "go_to_school", "income_target", "person_dibao", "student_stage",
    "update_labour",
]  # fmt: skip

EDU = {name: number for number, name in enumerate(EDUCATION)}
LAB = {name: number for number, name in enumerate(LABOUR)}
STAGE = {name: number for number, name in enumerate(SCHOOL_STAGE)}
ENROLLED, HOME, SUSPENDED = (code("enrolments", "status", x) for x in ("enrolled", "home_teaching", "suspended"))
DROPPED, GRADUATED = code("enrolments", "status", "dropped_out"), code("enrolments", "status", "graduated")
# What a pupil reaches in the end: junior, vocational, senior, college3, bachelor, master; with education afterwards.
REACHES = np.array([0.07, 0.33, 0.16, 0.21, 0.21, 0.02])
AFTERWARDS = np.array([EDU["junior"], EDU["senior"], EDU["senior"], EDU["college3"], EDU["bachelor"], EDU["bachelor"]])
# By school stage, CNY of 2021 a year (choices): cost to the family before aid, aid for pupils of ex-poor households.
SCHOOL_COST = np.array([2_400.0, 500.0, 1_000.0, 6_500.0, 5_000.0, 13_000.0, 15_500.0, 13_000.0])
SCHOOL_AID = np.array([700.0, 400.0, 700.0, 2_600.0, 3_600.0, 5_200.0, 5_200.0, 6_000.0])
_AS_STUDENT = np.array([list(STUDENT_STAGE).index(name) for name in SCHOOL_STAGE])
COST_GROWTH = 1.04


# --- school -----------------------------------------------------------------------------------------------------
def begin_work(s: State) -> None:
    """Draw schooling, habits of work and land when the simulation starts."""
    m, rng = s.members, s.rng
    n, day = len(m), year_start(s.setting.first_year - 1)
    p, h = s.person, s.home
    cap = s.households.capability[m.household]
    age = m.age(day)
    merit = 0.5 * cap + 0.8 * m.talent + 0.4 * rng.standard_normal(n)
    p["reaches"] = np.searchsorted(np.cumsum(REACHES)[:-1], _share_of(merit)).astype(np.int8)
    shares = figure("education_shares")
    adult = np.array([shares[name] for name in ("none", "primary", "junior", "senior")])
    adult *= np.array([1.22, 1.10, 1.03, 0.48])  # the younger ones, who went to school for longer, come on top
    adult = adult / adult.sum() * (1 - figure("college_share") / 100)
    upper = np.cumsum([*adult, figure("college_share") / 100 * 0.65])
    grown = age >= 24
    p["education"] = np.full(n, EDU["primary"], dtype=np.int8)
    learned = merit[grown] - 0.045 * (age[grown] - 50) - 0.25 * (m.sex[grown] == FEMALE)
    p["education"][grown] = np.searchsorted(upper, _share_of(learned))
    p["graduate"] = ~grown  # education follows from `reaches`
    p["kindergarten"] = rng.random(n) < 0.85
    p["stage"] = np.full(n, -1, dtype=np.int8)
    p["status"] = np.full(n, -1, dtype=np.int8)
    p["dropped"] = np.zeros(n, dtype=bool)
    p["work_habit"] = rng.random(n)
    p["labour_habit"] = rng.random(n)
    p["work_place"] = s.pick(np.array([18.0, 32.0, 30.0, 19.0, 1.0]), n)
    p["months"] = np.zeros(n)
    village_land = s.lognormal(int(s.households.village.max()) + 1, 7.0, 0.45)[s.households.village]
    size = s.of_members(m.active(day))
    land = village_land * (0.35 + 0.3 * size) * np.exp(0.4 * rng.standard_normal(s.n))
    h["farmland_mu"] = np.where(rng.random(s.n) < 0.93, np.minimum(land, 95.0), 0.0)
    h["forest_mu"] = np.where(rng.random(s.n) < 0.35, np.minimum(s.lognormal(s.n, 6.0, 0.8), 190.0), 0.0)
    h["return_forest_mu"] = np.where(
        rng.random(s.n) < 0.12, np.minimum(h["forest_mu"], s.lognormal(s.n, 3.0, 0.6)), 0.0
    )
    h["orchard_mu"] = np.where(rng.random(s.n) < 0.10, s.lognormal(s.n, 2.5, 0.7), 0.0)
    h["pasture_mu"] = np.where(rng.random(s.n) < 0.04, np.minimum(s.lognormal(s.n, 8.0, 0.8), 95.0), 0.0)
    h["water_mu"] = np.where(rng.random(s.n) < 0.02, s.lognormal(s.n, 2.0, 0.6), 0.0)
    h["farm_habit"] = rng.random(s.n)
    h["luck"] = 0.25 * rng.standard_normal(s.n)  # AR(1) of earned income
    h["children_away"] = np.exp(0.40 * s.households.capability + 0.40 * rng.standard_normal(s.n))
    h["dividend"] = np.where(
        rng.random(s.n) < np.where(s.households.ex_poor, 0.5, 0.08), s.lognormal(s.n, 500.0, 0.5), 0.0
    )
    h["other_property"] = np.where(rng.random(s.n) < 0.06, s.lognormal(s.n, 600.0, 0.8), 0.0)
    h["family_planning"] = np.where(rng.random(s.n) < 0.05, 960.0, 0.0)
    h["school_net"] = np.zeros(s.n)


def _share_of(values: Array) -> Array:
    """Rank of each value among all, as a share in (0, 1)."""
    order = np.argsort(values, kind="stable")
    rank = np.empty(len(values))
    rank[order] = (np.arange(len(values)) + 0.5) / max(len(values), 1)
    return rank


def go_to_school(s: State, year: int) -> None:
    """Draw the school year that begins in September of `year`; writes enrolments and sets the net school costs."""
    m, rng, p = s.members, s.rng, s.person
    day = year_start(year) + 243
    here = m.active(day)
    age = np.floor(m.age(day))
    reaches = p["reaches"]
    stage = np.full(len(m), -1, dtype=np.int8)
    stage[(age >= 3) & (age < 6) & p["kindergarten"]] = STAGE["kindergarten"]
    stage[(age >= 6) & (age < 12)] = STAGE["primary"]
    stage[(age >= 12) & (age < 15)] = STAGE["junior"]
    young = (age >= 15) & (age < 18)
    stage[young & (reaches == 1)] = STAGE["vocational"]
    stage[young & (reaches >= 2)] = STAGE["senior"]
    stage[(age >= 18) & (age < 21) & (reaches == 3)] = STAGE["college3"]
    stage[(age >= 18) & (age < 22) & (reaches >= 4)] = STAGE["bachelor"]
    stage[(age >= 22) & (age < 25) & (reaches == 5)] = STAGE["master"]
    stage[~here] = -1
    compulsory = (age >= 6) & (age <= 15) & (stage >= 0)
    disabled = severe_on(s, day)
    out = p["dropped"] & (rng.random(len(m)) < 0.3)  # most are brought back within the year
    poor = np.exp(-0.3 * s.households.capability[m.household])
    out |= compulsory & (rng.random(len(m)) < 0.0035 * poor)
    leaves = (stage >= STAGE["senior"]) & ~compulsory & (rng.random(len(m)) < 0.012 * poor)
    out = (out & compulsory) | leaves
    status = np.where(stage >= 0, ENROLLED, -1).astype(np.int8)
    status[compulsory & disabled & (rng.random(len(m)) < 0.35)] = HOME
    status[(stage >= 0) & (rng.random(len(m)) < np.where(serious_on(s, day), 0.3, 0.002))] = SUSPENDED
    status[out] = DROPPED
    finished = (p["stage"] >= STAGE["junior"]) & (stage < 0) & here & (p["status"] == ENROLLED)
    status[finished] = GRADUATED
    p["dropped"] = (status == DROPPED) & compulsory
    p["reaches"][leaves] = 0
    k = np.flatnonzero(status >= 0)
    row_stage = np.where(finished, p["stage"], stage)[k]
    attends = np.isin(status[k], [ENROLLED, HOME])
    growth = COST_GROWTH ** (year - 2021)
    cost = cents(
        np.where(attends, SCHOOL_COST[row_stage] * growth * np.exp(0.25 * rng.standard_normal(len(k))), 0.0), 10
    )
    aided = np.where(s.households.ex_poor[m.household[k]], 0.9, 0.25)
    aid = np.where(attends & (rng.random(len(k)) < aided), SCHOOL_AID[row_stage] * growth, 0.0)
    aid = np.minimum(cents(aid, 50), cost)
    reason = np.where(status[k] == DROPPED, s.pick(np.array([22.0, 45.0, 12.0, 8.0, 13.0]), len(k)), -1)
    recorded = day + s.lag(len(k), 14, 70)
    s.records.add(
        "enrolments", member_id=k, school_year=np.full(len(k), year), recorded_at=recorded, stage=row_stage, status=status[k],
        dropout_reason=reason, cost_cny=cost, aid_cny=aid,
    )  # fmt: skip
    s.home["school_net"] = np.bincount(m.household[k], weights=(cost - aid) / 100.0, minlength=s.n)
    s.events["dropout"] = {
        "member": k[(status[k] == DROPPED) & compulsory[k]],
        "recorded": recorded[(status[k] == DROPPED) & compulsory[k]],
    }
    dear = np.flatnonzero(cost - aid > 100 * figure("warn_school_cost"))
    s.events["school_cost"] = {"member": k[dear], "recorded": recorded[dear], "net": (cost - aid)[dear]}
    p["stage"], p["status"] = stage, status


def student_stage(s: State) -> Array:
    """Stage of each pupil over the schema's codes for members, -1 for others."""
    p = s.person
    attends = (p["stage"] >= 0) & np.isin(p["status"], [ENROLLED, HOME, SUSPENDED])
    return np.where(attends, _AS_STUDENT[p["stage"]], -1).astype(np.int8)


def education(s: State, day: int) -> Array:
    """Education of each person who is not a pupil, -1 for pupils and small children."""
    p = s.person
    age = s.members.age(day)
    result = np.where(p["graduate"], AFTERWARDS[p["reaches"]], p["education"]).astype(np.int8)
    result[p["graduate"] & (age < 15)] = EDU["primary"]
    result[(student_stage(s) >= 0) | (age < 7)] = -1
    return result


# --- work -------------------------------------------------------------------------------------------------------
def update_labour(s: State, day: int) -> None:
    """Set each person's labour from age, health, disability and a lasting habit."""
    p, m = s.person, s.members
    age = m.age(day)
    u = p["labour_habit"]
    skilled = p["education"] >= EDU["senior"]
    skilled = np.where(p["graduate"], p["reaches"] >= 1, skilled)
    labour = np.where(u < np.where(skilled, 0.45, 0.10), LAB["skilled"], LAB["ordinary"])
    weak = (p["chronic"] & (u > 0.62)) | ((age >= 60) & (u > 0.35)) | (disabled_on(s, day) & (u > 0.2))
    labour = np.where(weak, LAB["weak"], labour)
    labour = np.where((age >= 70) & (u < 0.55), LAB["weak"], labour)
    labour = np.where((age >= 70) & (u >= 0.55), LAB["none"], labour)
    lost = (serious_on(s, day) & (u > 0.35)) | (severe_on(s, day) & (u > 0.25)) | (p["chronic"] & (u > 0.95))
    labour = np.where(lost, LAB["lost"], labour)
    pupil = student_stage(s) >= 0
    p["labour"] = np.where((age < 16) | pupil, LAB["none"], labour).astype(np.int8)


def able_on(s: State, day: int) -> Array:
    """Whether each person is in the household and of skilled or ordinary labour."""
    result: Array = (s.person["labour"] <= LAB["ordinary"]) & s.members.active(day)
    return result


def income_target(year: int) -> float:
    """Mean net income per ex-poor person in a year, CNY: the sourced figure or carried by the growth figure."""
    known = figure("income_per_person")
    growth = figure("income_growth")
    if year in known:
        return float(known[year])
    nearest = min(known, key=lambda k: abs(k - year))
    return float(known[nearest] * growth ** (year - nearest))


def account_incomes(s: State, year: int) -> None:
    """Draw the incomes of the accounting period named `year`, by item and household; fills ``income[year]``."""
    m, rng, p, h = s.members, s.rng, s.person, s.home
    start, end = s.setting.income_period(year)
    share_here = np.clip((np.minimum(m.out, end + 1) - np.maximum(m.join, start)) / (end + 1 - start), 0.0, 1.0)
    price = income_target(year) / income_target(2021)
    h["luck"] = 0.70 * h["luck"] + 0.25 * np.sqrt(1 - 0.70**2) * rng.standard_normal(s.n)
    cap = s.households.capability
    # Wages: who is able and inclined works some months of the year.
    age = m.age(start)
    labour = p["labour"]
    pupil = student_stage(s) >= 0
    inclined = np.select(
        [labour == LAB["skilled"], labour == LAB["ordinary"], labour == LAB["weak"]],
        [0.93, np.where(age < 60, 0.78, 0.30), np.where(age < 65, 0.22, 0.06)], 0.0,
    )  # fmt: skip
    works = (p["work_habit"] < inclined) & ~pupil & (age >= 16)
    full = np.where(labour == LAB["weak"], 5.0, 9.6) + 1.5 * m.talent + 1.2 * rng.standard_normal(len(m))
    months = np.clip(np.round((np.clip(full, 1, 12) - _months_lost(s, start, end)) * share_here), 0, 12)
    months[~works] = 0
    p["months"] = months
    pay = 2_450.0 * np.exp(0.22 * m.talent + 0.24 * cap[m.household]) * np.select(
        [labour == LAB["skilled"], labour == LAB["weak"]], [1.3, 0.6], 1.0
    )  # fmt: skip
    nursing = 1.0 - 0.18 * s.any_member(serious_on(s, start + 180))
    earned = price * np.exp(h["luck"]) * nursing
    items: dict[str, Array] = {"wage": s.of_members(months * pay) * earned}
    # Farming and trade.
    hands = s.of_members((labour <= LAB["weak"]) * share_here * np.where(labour == LAB["weak"], 0.5, 1.0))
    farms = (h["farmland_mu"] > 0.5) & (hands > 0) & (h["farm_habit"] < 0.35 + 0.2 * np.minimum(hands, 2.5))
    gross = (h["farmland_mu"] * 1_050.0 + h["orchard_mu"] * 1_500.0 + 2_000.0 * hands) * np.exp(
        0.35 * cap + 0.25 * rng.standard_normal(s.n)
    )
    gross = np.where(farms, gross, 0.0) * earned * (1.0 - _harvest_lost(s, start, end))
    items["business_gross"] = gross
    items["business_cost"] = np.where(farms, gross * np.clip(0.38 + 0.07 * rng.standard_normal(s.n), 0.15, 0.7), 0.0)
    items["prop_land"] = np.where(~farms, h["farmland_mu"] * 480.0 * price**0.5, 0.0)
    items["prop_dividend"] = h["dividend"] * price**0.5
    items["prop_other"] = h["other_property"] * price**0.5
    _transfers(s, year, items, share_here, age, price)
    alive = s.of_members(share_here) > 0.05
    items = {name: np.where(alive, amount, 0.0) for name, amount in items.items()}
    _scale_earned(s, year, items, end)
    size = np.maximum(s.of_members(m.active(end)), 1)
    items["net"] = _net_income(items)
    items["per_person"] = items["net"] / size
    s.income[year] = items
    _write_incomes(s, items, start, end)


# Amounts below are not entered, hundredths of CNY: a yearly wage of 1 to 299 counts as a slip of the pen.
_SMALLEST = {"oop_compliant": 100_000, "claim_payout": 100_000, "wage": 30_000}
EARNED_ITEMS = ("wage", "business_gross", "business_cost", "tr_other")
NOT_NET = ("business_cost", "claim_payout", "oop_compliant")


def _net_income(items: dict[str, Array]) -> Array:
    total = sum(amount for name, amount in items.items() if name not in NOT_NET)
    result: Array = np.maximum(total - items["business_cost"], 0.0)
    return result


def _scale_earned(s: State, year: int, items: dict[str, Array], end: int) -> None:
    """Bring the mean net income of ex-poor persons to its target; in the pilot find the factor, else use it."""
    if s.setting.work_scale is None:
        poor = s.households.ex_poor
        earned = (items["wage"] + items["business_gross"] - items["business_cost"] + items["tr_other"])[poor].sum()
        rest = _net_income(items)[poor].sum() - earned
        persons = (s.members.active(end) & poor[s.members.household]).sum()
        s.pilot_scale[year] = float(np.clip((income_target(year) * persons - rest) / max(earned, 1.0), 0.1, 10.0))
        factor = s.pilot_scale[year]
    else:
        factor = s.setting.work_scale[year]
    for name in EARNED_ITEMS:
        items[name] = items[name] * factor


def _months_lost(s: State, start: int, end: int) -> Array:
    """Months of work each person lost to lost jobs and accidents within a period."""
    lost = np.zeros(len(s.members))
    for events in (s.last_year_events, s.events):
        for kind in ("job_loss", "accident"):
            if kind in events:
                e = events[kind]
                days = np.minimum(e["day"] + 30 * e["months"], end) - np.maximum(e["day"], start)
                lost[e["member"]] += np.maximum(days, 0) / 30.4
    return lost


def _harvest_lost(s: State, start: int, end: int) -> Array:
    """Share of gross business income each household lost to disasters, failure and prices within a period."""
    kept = np.ones(s.n)
    for events in (s.last_year_events, s.events):
        for kind in ("disaster", "business_failure"):
            if kind in events:
                e = events[kind]
                inside = (e["day"] >= start) & (e["day"] <= end)
                kept[e["household"][inside]] *= 1.0 - 0.9 * e["severity"][inside]
    return 1.0 - kept


def _transfers(s: State, year: int, items: dict[str, Array], share_here: Array, age: Array, price: float) -> None:
    """Pensions, assistance, subsidies and help of children who live elsewhere."""
    rng, p, h = s.rng, s.person, s.home
    _, end = s.setting.income_period(year)
    slow = price**0.7
    pension = np.where(age >= 60, 1_480.0 * slow * share_here, 0.0)
    pension = np.where((age >= 58) & p["insured_employee"], 21_000.0 * slow * share_here, pension)
    items["tr_pension"] = s.of_members(pension)
    persons = s.of_members(share_here * person_dibao(s, end))
    items["tr_dibao"] = persons * h["dibao_amount"] * slow * h["dibao_months"]
    items["tr_tekun"] = s.of_members(share_here) * (h["tekun"] > 0) * 8_900.0 * slow
    severe = (p["dis_since"] <= end - 180) & (p["dis_grade"] <= 1)
    items["tr_disability"] = s.of_members(share_here * severe * 1_900.0 * slow)
    items["tr_family_planning"] = h["family_planning"] * slow
    items["tr_ecology"] = h["return_forest_mu"] * 125.0
    elders = s.of_members((age >= 60) * share_here)
    grant = h["farmland_mu"] * 70.0 + s.of_members((age >= 80) * share_here) * 720.0
    away = np.where(h["tekun"] > 0, 0.15, 1.0) * elders**0.7 * 3_100.0 * h["children_away"] * price
    items["tr_other"] = grant * slow + away * np.exp(0.25 * rng.standard_normal(s.n))
    items["wage_public_post"] = h["public_post_months"] * 620.0 * slow
    items["claim_payout"] = s.over_period(s.payouts, year)
    items["oop_compliant"] = s.over_period(s.out_of_pocket, year) * 0.85


def person_dibao(s: State, day: int) -> Array:
    """Whether each person is in dibao: the whole household, or only its disabled or seriously ill members."""
    whole = s.home["dibao"][s.members.household]
    weak = disabled_on(s, day) | serious_on(s, day)
    result: Array = (whole == 2) | ((whole == 1) & weak)
    return result


def _write_incomes(s: State, items: dict[str, Array], start: int, end: int) -> None:
    """Write the amounts of a period; some were first entered wrongly and are corrected later."""
    rng = s.rng
    day = (end + s.lag(s.n, 14, 84)).astype(np.int32)
    columns: dict[str, list[Array]] = {"household_id": [], "item": [], "amount_cny": []}
    for number, name in enumerate(INCOME_ITEM):
        if name not in items:  # net and stated figures stand for items, which this register has
            continue
        amount = cents(items[name])
        k = np.flatnonzero(amount >= _SMALLEST.get(name, 100))
        columns["household_id"].append(k.astype(np.int32))
        columns["item"].append(np.full(len(k), number, dtype=np.int8))
        columns["amount_cny"].append(amount[k])
    household, item, amount = (np.concatenate(values) for values in columns.values())
    recorded = day[household]
    if end + 14 < s.setting.first_day:
        keep = recorded >= s.setting.first_day
        household, item, amount, recorded = household[keep], item[keep], amount[keep], recorded[keep]
    wrong = np.flatnonzero(rng.random(len(household)) < 0.015)
    first = amount.copy()
    slip = np.where(rng.random(len(wrong)) < 0.15, 0.1, np.exp(0.35 * rng.standard_normal(len(wrong))))
    first[wrong] = np.maximum(cents(amount[wrong] / 100.0 * slip), 100)
    wrong = wrong[first[wrong] != amount[wrong]]
    common = {"member_id": -1, "period_start": start, "period_end": end}
    s.records.add("incomes", household_id=household, item=item, amount_cny=first, recorded_at=recorded, **common)
    later = (recorded[wrong] + s.lag(len(wrong), 10, 200)).astype(np.int32)
    s.records.add(
        "incomes",
        household_id=household[wrong],
        item=item[wrong],
        amount_cny=amount[wrong],
        recorded_at=later,
        **common,
    )
