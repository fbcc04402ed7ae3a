"""Illness, medical bills and their reimbursement, disability certificates."""

from __future__ import annotations

import numpy as np

from fanpin_risk.synthetic.parameters import DISEASES, figure
from fanpin_risk.synthetic.population import NEVER, logistic, year_start
from fanpin_risk.synthetic.state import Array, State, cents, code, month_of

__all__ = [
    "DISEASE_LIST", "begin_health", "disabled_on", "expected_health", "health_mask", "illness_rates", "live_through_health",
    "serious_on", "severe_on",
]  # fmt: skip

DISEASE_LIST = tuple(disease for group in DISEASES.values() for disease in group)
Bills = tuple[Array, Array, Array, Array, Array]  # member, day, kind, disease, total before the growth of prices
_FIRST = {name: sum(len(g) for g in list(DISEASES.values())[:place]) for place, name in enumerate(DISEASES)}
_SERIOUS30 = np.array([disease.serious30 for disease in DISEASE_LIST] + [False])
_CHRONIC4 = np.array([disease.chronic4 for disease in DISEASE_LIST] + [False])

INPATIENT, OUTPATIENT = code("medical", "kind", "inpatient"), code("medical", "kind", "outpatient")
CHRONIC_OUT, CONTRACT = code("medical", "kind", "chronic_outpatient"), code("medical", "kind", "contract")

# Bills: median and spread of the logarithm, CNY of 2021. No table of bills was found: all are choices.
STAY, STAY_SERIOUS, STAY_LATER = (5_200.0, 0.65), (24_000.0, 0.75), (8_500.0, 0.60)
STAY_INJURY = (17_000.0, 0.60)
VISIT, VISIT_CHRONIC = (260.0, 0.70), (850.0, 0.60)
CHRONIC_VISITS, VISITS = 2.2, 0.45  # mean number a year
PRICE_GROWTH = 1.06
SERIOUS_DAYS = 1_000  # how long a serious illness stays in the register's health field
TEN_YEARS = 3_652


def begin_health(s: State) -> None:
    """Draw who is ill or disabled when the simulation starts; writes the certificates on record."""
    m, rng, day = s.members, s.rng, year_start(s.setting.first_year - 1)
    n = len(m)
    age = m.age(day)
    weakness = -0.2 * s.households.capability[m.household]
    p = s.person
    p["chronic"] = rng.random(n) < logistic(-4.40 + 0.047 * age + weakness)
    p["chronic_disease"] = (_FIRST["chronic"] + s.pick(np.array([d.weight for d in DISEASES["chronic"]]), n)).astype(
        np.int8
    )
    p["contract"] = rng.random(n) < 0.97  # has a family doctor once ill with one of the four diseases
    stock = rng.random(n) < 2.2 * _serious_rate(s, age)
    p["serious_since"] = np.where(stock, day - rng.integers(0, SERIOUS_DAYS, n), -NEVER).astype(np.int32)
    p["serious_before"] = np.full(n, -NEVER, dtype=np.int32)  # the illness before that
    p["serious_disease"] = (_FIRST["serious"] + s.pick(np.array([d.weight for d in DISEASES["serious"]]), n)).astype(
        np.int8
    )
    p["insured"] = rng.random(n) < np.where(s.households.ex_poor[m.household], 0.999, 0.985)
    p["insured_employee"] = p["insured"] & (rng.random(n) < 0.03) & (age > 22)
    p["dis_issued"] = np.full(n, NEVER, dtype=np.int32)  # newest certificate
    p["dis_since"] = np.full(n, NEVER, dtype=np.int32)  # first certificate
    p["dis_category"] = s.pick(np.array(list(figure("disability_categories").values())), n)
    severe = figure("severe_disabled") / 100.0
    p["dis_grade"] = s.pick(np.array([0.4 * severe, 0.6 * severe, 0.55 * (1 - severe), 0.45 * (1 - severe)]), n)
    p["care"] = _care_need(s, p["dis_grade"])
    disabled = (rng.random(n) < (0.010 + 0.00115 * np.maximum(age, 0)) * np.exp(weakness)) & (
        m.join <= s.setting.first_day
    )
    k = np.flatnonzero(disabled & (age > 1))
    issued = day - rng.integers(0, TEN_YEARS, len(k))
    _certify(s, k, np.maximum(issued, m.birth[k] + 200).astype(np.int32))
    s.events["pending"] = {name: np.empty(0, dtype=np.int32) for name in ("member", "day", "disease", "total")}


def _care_need(s: State, grade: Array) -> Array:
    """None 0, partial 1, full 2; likelier the graver the grade."""
    u = s.rng.random(len(grade))
    partial, full = np.array([0.90, 0.55, 0.15, 0.05]), np.array([0.50, 0.15, 0.01, 0.0])
    return ((u < partial[grade]).astype(np.int8) + (u < full[grade])).astype(np.int8)


def _certify(s: State, k: Array, issued: Array) -> None:
    p = s.person
    p["dis_issued"][k] = issued
    p["dis_since"][k] = np.minimum(p["dis_since"][k], issued)
    s.records.add(
        "disabilities", member_id=k, issued_on=issued, recorded_at=issued + s.lag(len(k), 7, 75), category=p["dis_category"][k],
        grade=p["dis_grade"][k], valid_to=issued + TEN_YEARS, care_need=p["care"][k],
    )  # fmt: skip


def _serious_rate(s: State, age: Array) -> Array:
    """Chance a year of falling seriously ill."""
    p, m = s.person, s.members
    rate = 0.0115 * np.exp(0.033 * (np.clip(age, 5, 90) - 50)) * np.where(p["chronic"], 1.9, 0.9)
    return np.minimum(rate * np.exp(-0.12 * s.households.capability[m.household]), 0.2)


def _stay_rate(s: State, age: Array) -> Array:
    """Mean number a year of ordinary hospital stays."""
    rate = np.clip(0.02 + 0.0021 * np.maximum(age - 25, 0), 0.02, 0.2)
    return rate * np.where(s.person["chronic"], 1.7, 1.0)


def illness_rates(s: State, day: int) -> tuple[Array, Array]:
    """Return the expected serious illnesses and ordinary hospital stays per household in the year that begins on `day`."""
    here = s.members.active(day)
    age = s.members.age(day)
    return s.of_members(_serious_rate(s, age) * here), s.of_members(_stay_rate(s, age) * here)


def expected_health(s: State, day: int) -> tuple[Array, Array]:
    """Share of a bill the household pays itself, and its expected small costs in the year, CNY."""
    p, m = s.person, s.members
    here = m.active(day)
    own = np.where(
        s.households.ex_poor | (s.home["dibao"] > 0), 1 - figure("reimbursed_ex_poor"), 1 - figure("reimbursed_general")
    )
    price = PRICE_GROWTH ** (np.datetime64(day, "D").astype("datetime64[Y]").astype(int) - 51)
    per_person = here * (VISITS * VISIT[0] * 0.7 + p["chronic"] * CHRONIC_VISITS * VISIT_CHRONIC[0] * 0.5) * price
    return own, s.of_members(per_person)


def live_through_health(s: State, year: int) -> None:
    """Draw one year's illnesses, bills and certificates; fills ``out_of_pocket[year]`` and the year's events."""
    m, rng, p = s.members, s.rng, s.person
    start = year_start(year)
    here = m.active(start)
    age = m.age(start)
    onset = here & ~p["chronic"] & (rng.random(len(m)) < 0.011 * np.exp(0.03 * (np.clip(age, 0, 85) - 50)))
    p["chronic"] |= onset
    bills: list[Bills] = [_take_pending(s)]

    ill = np.flatnonzero(here & (rng.random(len(m)) < _serious_rate(s, age)))
    day = s.days(year, len(ill))
    alive = m.out[ill] > day
    ill, day = ill[alive], day[alive]
    p["serious_before"][ill] = p["serious_since"][ill]
    p["serious_since"][ill] = day
    p["serious_disease"][ill] = _FIRST["serious"] + s.pick(np.array([d.weight for d in DISEASES["serious"]]), len(ill))
    disease = p["serious_disease"][ill]
    bills.append((ill, day, np.full(len(ill), INPATIENT), disease, s.lognormal(len(ill), *STAY_SERIOUS)))
    repeat = np.repeat(np.arange(len(ill)), rng.integers(0, 4, len(ill)))
    later = (day[repeat] + rng.integers(25, 320, len(repeat))).astype(np.int32)
    s.events["new_serious"] = {"member": ill, "day": day}
    follow_up: dict[str, Array] = {
        "member": ill[repeat],
        "day": later,
        "disease": disease[repeat],
        "total": s.lognormal(len(repeat), *STAY_LATER),
    }
    soon = later < year_start(year + 1)
    bills.append(_stays({name: values[soon] for name, values in follow_up.items()}))
    s.events["pending"] = {name: values[~soon] for name, values in follow_up.items()}

    k = np.repeat(np.arange(len(m)), rng.poisson(_stay_rate(s, age) * here))
    bills.append(_draw_bills(s, year, k, INPATIENT, "ordinary", STAY))
    k = np.repeat(np.arange(len(m)), rng.poisson(VISITS * here))
    bills.append(_draw_bills(s, year, k, OUTPATIENT, "outpatient", VISIT))
    k = np.repeat(np.arange(len(m)), rng.poisson(CHRONIC_VISITS * (here & p["chronic"])))
    bills.append(
        (
            k,
            s.days(year, len(k)),
            np.full(len(k), CHRONIC_OUT),
            p["chronic_disease"][k],
            s.lognormal(len(k), *VISIT_CHRONIC),
        )
    )
    hurt = s.events["accident"]
    bills.append(
        (
            hurt["member"],
            hurt["day"],
            np.full(len(hurt["member"]), INPATIENT),
            _injury(s, len(hurt["member"])),
            hurt["bill"],
        )
    )
    k = np.flatnonzero(here & p["chronic"] & p["contract"] & p["insured"] & _CHRONIC4[p["chronic_disease"]])
    bills.append(
        (k, s.days(year, len(k), 1, 4), np.full(len(k), CONTRACT), p["chronic_disease"][k], np.full(len(k), 60.0))
    )
    _settle_bills(s, year, bills)
    _new_certificates(s, year, ill, day)


def _injury(s: State, n: int) -> Array:
    return (_FIRST["injury"] + s.pick(np.array([d.weight for d in DISEASES["injury"]]), n)).astype(np.int8)


def _take_pending(s: State) -> Bills:
    """Return the later stays of last year's serious illnesses, due this year."""
    return _stays(s.events["pending"])


def _stays(e: dict[str, Array]) -> Bills:
    return e["member"], e["day"], np.full(len(e["day"]), INPATIENT), e["disease"], e["total"]


def _draw_bills(s: State, year: int, k: Array, kind: int, group: str, size: tuple[float, float]) -> Bills:
    disease = _FIRST[group] + s.pick(np.array([d.weight for d in DISEASES[group]]), len(k))
    return k, s.days(year, len(k)), np.full(len(k), kind), disease, s.lognormal(len(k), *size)


def _settle_bills(s: State, year: int, bills: list[Bills]) -> None:
    """Reimburse the bills, write them, and add up what households paid themselves."""
    m, rng, p = s.members, s.rng, s.person
    k, day, kind, disease, total = (np.concatenate(column) for column in zip(*bills, strict=True))
    alive = (m.out[k] >= day) & (m.join[k] <= day)
    k, day, kind, disease, total = (
        k[alive].astype(np.int32),
        day[alive].astype(np.int32),
        kind[alive],
        disease[alive],
        total[alive],
    )
    h = m.household[k]
    total = cents(total * np.where(kind == CONTRACT, 1.0, PRICE_GROWTH ** (year - 2021)), 0.01)
    helped = s.households.ex_poor[h] | (s.home["dibao"][h] > 0)
    rates = [np.where(helped, 0.65, 0.49), np.where(helped, 0.62, 0.50)]
    basic_rate = np.select([kind == INPATIENT, kind == CHRONIC_OUT], rates, 0.35)
    basic = total * np.clip(basic_rate + 0.06 * rng.standard_normal(len(k)), 0.1, 0.85) * p["insured"][k]
    rest = total - basic
    threshold = np.where(helped, 500_000, 1_000_000)
    serious = np.maximum(rest - threshold, 0) * np.where(helped, 0.65, 0.60) * p["insured"][k]
    rest = rest - serious
    aid_rate = np.select([helped & (kind == INPATIENT), helped & (kind == CHRONIC_OUT)], [0.33, 0.20], 0.0)
    aid = rest * aid_rate * (rng.random(len(k)) < 0.8)
    rest = rest - aid
    other = rest * np.where(rng.random(len(k)) < np.where(helped, 0.30, 0.05), 0.4, 0.0) * (kind == INPATIENT)
    contract = kind == CONTRACT
    split = [np.where(contract, 0, part) for part in (basic, serious, aid)] + [np.where(contract, total, other)]
    parts = [np.floor(part).astype(np.int32) for part in split]
    own = total - sum(parts)
    month = month_of(day, year)
    s.out_of_pocket[year] = (
        np.bincount(h * 12 + month, weights=own / 100.0, minlength=s.n * 12).reshape(s.n, 12).astype(np.float32)
    )
    s.payouts[year] += np.bincount(h * 12 + month, weights=parts[3] / 100.0 * ~contract, minlength=s.n * 12).reshape(
        s.n, 12
    )
    recorded = day + np.where(contract, s.lag(len(k), 10, 60), s.lag(len(k), 8, 75))
    number = np.arange(len(k), dtype=np.int32) + sum(len(part["member_id"]) for part in s.records.parts["medical"])
    columns: dict[str, Array] = {
        "member_id": k, "record_id": number, "event_date": day, "recorded_at": recorded.astype(np.int32),
        "kind": kind.astype(np.int8), "disease": disease.astype(np.int8), "serious30": _SERIOUS30[disease],
        "chronic4": _CHRONIC4[disease], "total_cost_cny": total, "reimb_basic_cny": parts[0], "reimb_serious_cny": parts[1],
        "reimb_aid_cny": parts[2], "reimb_other_cny": parts[3], "out_of_pocket_cny": own,
    }  # fmt: skip
    s.events["bills"] = {"member": k, "day": day, "kind": kind, "own": own}
    # A settlement that arrives later: first the household seemed to have paid the second-line share itself.
    wrong = np.flatnonzero((rng.random(len(k)) < 0.015) & ~contract)
    later = {name: values[wrong] for name, values in columns.items()}
    later["recorded_at"] = (later["recorded_at"] + s.lag(len(wrong), 15, 120)).astype(np.int32)
    first = columns["total_cost_cny"][wrong] - np.floor(columns["reimb_basic_cny"][wrong] * 0.8).astype(np.int32)
    for name in ("reimb_serious_cny", "reimb_aid_cny", "reimb_other_cny"):
        columns[name][wrong] = 0
    columns["reimb_basic_cny"][wrong] = columns["total_cost_cny"][wrong] - first
    columns["out_of_pocket_cny"][wrong] = first
    s.records.add("medical", **columns)
    s.records.add("medical", **later)


def _new_certificates(s: State, year: int, ill: Array, ill_day: Array) -> None:
    """Certificates after illness, accident or with age, and renewals after ten years."""
    m, rng, p = s.members, s.rng, s.person
    start = year_start(year)
    here = m.active(start)
    age = m.age(start)
    without = p["dis_issued"] == NEVER
    aged = np.flatnonzero(here & without & (rng.random(len(m)) < 0.0016 * np.exp(0.025 * (np.clip(age, 0, 90) - 60))))
    hurt = s.events["accident"]
    k = np.concatenate([ill, hurt["member"], aged])
    day = np.concatenate([ill_day, hurt["day"], s.days(year, len(aged))])
    chance = np.concatenate([np.full(len(ill), 0.10), np.full(len(hurt["member"]), 0.10), np.ones(len(aged))])
    wait = np.concatenate([rng.integers(60, 240, len(ill) + len(hurt["member"])), np.zeros(len(aged), dtype=np.int64)])
    chosen = (rng.random(len(k)) < chance) & without[k] & (m.out[k] > day + wait) & (day + wait < year_start(year + 1))
    k, first = np.unique(k[chosen], return_index=True)
    new_day = (day + wait)[chosen][first].astype(np.int32)
    _certify(s, k, new_day)
    s.events["new_disability"] = {"member": k, "day": new_day}
    ends = p["dis_issued"] + TEN_YEARS - rng.integers(0, 60, len(m))
    k = np.flatnonzero(here & ~without & (ends >= start) & (ends < year_start(year + 1)) & (m.out > ends))
    worse = rng.random(len(k)) < 0.1
    p["dis_grade"][k] = np.maximum(p["dis_grade"][k] - worse, 0)
    _certify(s, k, ends[k].astype(np.int32))


def disabled_on(s: State, day: int) -> Array:
    """Whether each person holds a valid certificate on a day."""
    result: Array = (s.person["dis_since"] <= day) & s.members.active(day)
    return result


def severe_on(s: State, day: int) -> Array:
    """Whether each person holds a certificate of grade 1 or 2 on a day."""
    result: Array = disabled_on(s, day) & (s.person["dis_grade"] <= 1)
    return result


def serious_on(s: State, day: int) -> Array:
    """Whether each person is on record as seriously ill on a day."""
    p = s.person
    ill = [(p[name] <= day) & (p[name] > day - SERIOUS_DAYS) for name in ("serious_since", "serious_before")]
    result: Array = (ill[0] | ill[1]) & s.members.active(day)
    return result


def health_mask(s: State, day: int) -> Array:
    """Health of each person as a bit mask over the schema's codes."""
    mask = 2 * (s.person["chronic"].astype(np.int8)) + 4 * serious_on(s, day) + 8 * disabled_on(s, day)
    result: Array = np.where(mask == 0, 1, mask).astype(np.int8)
    return result
