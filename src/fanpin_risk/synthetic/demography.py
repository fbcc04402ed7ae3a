"""Deaths, marriages, removals and births, and the versions of households and members that the register keeps."""

from __future__ import annotations

import numpy as np

from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic.health import health_mask, serious_on
from fanpin_risk.synthetic.population import DAYS_OF_YEAR, FEMALE, NEVER, REL, new_head_relations, year_start
from fanpin_risk.synthetic.state import Array, State, cents, code, october
from fanpin_risk.synthetic.work import education, person_dibao, student_stage

__all__ = [
    "begin_versions",
    "live_through_demography",
    "mortality",
    "write_changes_before_survey",
    "write_first_versions",
    "write_survey_and_later",
]

REASON = {name: code("members", "left_reason", name) for name in ("death", "marriage", "moved", "split", "other")}
ETHNICITIES = ("汉族", "满族", "蒙古族", "锡伯族", "朝鲜族")
CAUSE_NUMBER = {name: number for number, name in enumerate(TABLES["households"]["main_cause"].codes)}


def mortality(s: State, day: int) -> Array:
    """Chance a year of dying: doubling every eight years of age, tripled in serious illness."""
    age = s.members.age(day)
    return np.minimum(0.0008 + 0.000045 * np.exp(0.088 * np.clip(age, 0, 97)), 0.5) * np.where(
        serious_on(s, day), 3.0, 0.9
    )


def live_through_demography(s: State, year: int) -> None:
    """Draw who leaves in a year (one person or all of a household) and place those who join."""
    m, rng = s.members, s.rng
    start, length = year_start(year), year_start(year + 1) - year_start(year)
    here = m.active(start)
    age = m.age(start)
    chance = np.zeros((5, len(m)))
    chance[REASON["death"]] = mortality(s, start)
    grown = (age > 20) & (age < 34)
    chance[REASON["marriage"]] = 0.055 * (
        grown & (m.sex == FEMALE) & np.isin(m.relation, [REL["daughter"], REL["granddaughter"]])
    )
    chance[REASON["moved"]] = 0.030 * (
        (age > 19) & (age < 36) & np.isin(m.relation, [REL["son"], REL["daughter"], REL["other"]])
    )
    chance[REASON["split"]] = 0.012 * ((age > 28) & (age < 50) & (m.relation == REL["son"]))
    chance[REASON["other"]] = 0.0006
    total = chance.sum(axis=0)
    whole = np.flatnonzero((rng.random(s.n) < 0.0008) & (s.households.dissolved == NEVER))
    stays = np.ones(s.n, dtype=bool)
    stays[whole] = False
    goes = np.flatnonzero(here & (rng.random(len(m)) < total) & stays[m.household])
    goes = rng.permutation(goes)
    _, first = np.unique(m.household[goes], return_index=True)  # one a household and year
    goes = np.sort(goes[first])
    upper = np.cumsum(chance[:, goes] / total[goes], axis=0)
    reason = np.minimum((rng.random(len(goes)) > upper).sum(axis=0), 4)
    day = (start + rng.integers(0, length, len(goes))).astype(np.int32)
    day -= day == october(year) - 1  # a version that begins on the day after must not meet that of the survey
    m.out[goes], m.out_reason[goes] = day, reason
    last = np.zeros(s.n, dtype=np.int32)  # day on which a household ends, if it does
    last[whole] = start + rng.integers(0, length, len(whole))
    _leave_together(s, whole, last)
    adults = np.bincount(m.household[(m.out == NEVER) & (m.join <= start) & (age >= 18)], minlength=s.n)
    left = np.unique(m.household[goes])
    orphaned = left[adults[left] == 0]
    last[m.household[goes]] = day
    _leave_together(s, orphaned, last)
    # Who was to join a household that lost somebody, or is gone, does not; a baby needs its mother.
    changed = np.zeros(s.n, dtype=bool)
    changed[left] = True
    joins = (m.join >= start) & (m.join < start + length)
    void = joins & (changed[m.household] | (s.households.dissolved[m.household] < NEVER))
    has_spouse = np.bincount(m.household[(m.relation == REL["spouse"]) & here & (m.out == NEVER)], minlength=s.n) > 0
    baby = m.mother >= 0
    void |= joins & ~baby & has_spouse[m.household]
    mother = np.maximum(m.mother, 0)
    void |= joins & baby & (m.out[mother] < NEVER)
    m.join[void] = NEVER
    born = np.flatnonzero(joins & ~void & baby)
    of = m.relation[m.mother[born]]
    grandchild = np.where(of == REL["daughter_in_law"], REL["grandson"], REL["other"])
    child = np.where(np.isin(of, [REL["head"], REL["spouse"]]), REL["son"], grandchild)
    girl = (m.sex[born] == FEMALE) & (child != REL["other"])
    m.relation[born] = child + girl * np.where(
        child == REL["son"], REL["daughter"] - REL["son"], REL["granddaughter"] - REL["grandson"]
    )
    wives = np.flatnonzero(joins & ~void & ~baby)
    head = _head_of(s)[m.household[wives]]
    m.sex[wives] = np.where(head >= 0, 1 - m.sex[np.maximum(head, 0)], FEMALE)
    dead = goes[(reason == REASON["death"]) & (m.out[goes] == day)]
    s.events["death"] = {"member": dead, "day": m.out[dead]}
    s.person["leaves"] = (m.out >= start) & (m.out < start + length)


def _leave_together(s: State, household: Array, last: Array) -> None:
    """Let all remaining members of some households go, on the day in `last`."""
    m = s.members
    when = np.full(s.n, NEVER, dtype=np.int32)
    when[household] = last[household]
    end = when[m.household]
    k = np.flatnonzero((end < NEVER) & (m.out == NEVER) & (m.join < end))
    m.out[k], m.out_reason[k] = end[k], REASON["moved"]
    m.join[(end < NEVER) & (m.join >= end)] = NEVER
    s.households.dissolved[household] = last[household]


def _head_of(s: State) -> Array:
    """Position of each household's head, -1 for none."""
    m = s.members
    head = np.full(s.n, -1, dtype=np.int32)
    k = np.flatnonzero((m.relation == REL["head"]) & (m.join < NEVER) & (m.out == NEVER))
    head[m.household[k]] = k
    return head


# --- versions ------------------------------------------------------------------------------------------------------
_PERSON_COLUMNS = (
    "relation", "sex", "birth_date", "ethnicity", "education", "student_stage", "health", "labour", "work_months",
    "work_place", "public_post_months", "ins_basic_resident", "ins_basic_employee", "ins_serious", "ins_commercial",
    "pension_resident", "pension_employee", "dibao", "tekun",
)  # fmt: skip


def begin_versions(s: State) -> None:
    """Draw what the forms say once and for all."""
    m, rng, p, h = s.members, s.rng, s.person, s.home
    n = len(m)
    people = s.pick(np.array([78.0, 19.0, 1.2, 1.0, 0.8]), s.n)
    p["ethnicity"] = np.where(
        rng.random(n) < 0.95, people[m.household], s.pick(np.array([78.0, 19.0, 1.2, 1.0, 0.8]), n)
    )
    p["ins_serious"] = rng.random(n) < 0.97
    p["ins_commercial"] = rng.random(n) < np.where(s.households.ex_poor[m.household], 0.25, 0.08)
    p["pension"] = rng.random(n) < 0.93
    p["written"] = np.zeros(n, dtype=bool)
    p["version_day"] = np.full(n, NEVER, dtype=np.int32)
    p["version_recorded"] = np.zeros(n, dtype=np.int32)
    s.person_version = {name: np.full(n, -9, dtype=np.int32) for name in _PERSON_COLUMNS}
    poor = s.households.ex_poor
    h["main_cause"], h["other_causes"] = _poverty_causes(s)
    identified = s.pick(np.array([62.0, 22.0, 16.0]), s.n).astype(int)
    month = rng.integers(0, 12, s.n)
    begin = np.array([np.datetime64(f"{2014 + y}-01") for y in range(3)])
    day = (begin[identified] + month + 1).astype("datetime64[D]").astype(np.int64) - 1
    h["first_identified"] = np.where(poor, day, NEVER)
    exit_year = 2014 + s.pick(np.array([4.0, 12.0, 20.0, 24.0, 25.0, 15.0]), s.n)
    exit_year = np.maximum(exit_year, 2015 + identified)
    h["exit_year"] = np.where(poor, np.minimum(exit_year, min(2020, s.setting.first_year - 1)), -1)
    h["road_km"] = np.minimum(s.lognormal(s.n, 0.4, 0.9), 5.0)
    village = s.households.village
    n_villages = int(village.max()) + 1
    of_village = s.pick(np.array([4.0, 12.0, 70.0, 14.0]), n_villages)[village]
    h["entry_road"] = np.where(rng.random(s.n) < 0.75, of_village, s.pick(np.array([8.0, 22.0, 60.0, 10.0]), s.n))
    h["fuel"] = s.pick(np.array([46.0, 1.0, 22.0, 28.0, 3.0]), s.n)
    for name, share in {
        "power_life": 0.999, "power_prod": 0.96, "broadcast": 0.985, "toilet": 0.72, "coop": 0.18, "leading_firm": 0.12, "leader": 0.10,
    }.items():  # fmt: skip
        h[name] = rng.random(s.n) < np.where(
            np.isin(name, ["coop", "leading_firm", "leader"]) & ~poor, share * 0.4, share
        )
    s.home_version = {}


def _poverty_causes(s: State) -> tuple[Array, Array]:
    """Draw the main cause of poverty and up to two others of each ex-poor household, fitting what it looked like."""
    day = year_start(s.setting.first_year - 1)
    m, p = s.members, s.person
    here = m.active(day)
    ill = s.any_member(p["chronic"] & here) | s.any_member(serious_on(s, day))
    disabled = s.any_member((p["dis_since"] <= day) & here)
    able = s.of_members((p["labour"] <= 1) & here) > 0
    pupil = s.any_member(p["stage"] >= 0)
    base = np.array([28.0, 3.0, 2.5, 3.0, 2.0, 1.0, 9.0, 9.0, 12.0, 1.5, 2.0, 0.6, 0.4, 1.0])
    weight = np.tile(base, (s.n, 1))
    for name, mask, times in (
        ("illness", ill, 4.0), ("disability", disabled, 30.0), ("labour", ~able, 2.5), ("schooling", pupil, 12.0),
        ("skill", able, 1.6), ("funds", able, 1.6),
    ):  # fmt: skip
        weight[mask, CAUSE_NUMBER[name]] *= times
    order = np.argsort(-(np.log(weight) + s.rng.gumbel(size=weight.shape)), axis=1)
    main = np.where(s.households.ex_poor, order[:, 0], -1)
    n_other = s.pick(np.array([45.0, 38.0, 17.0]), s.n)
    others = np.where(n_other >= 1, 1 << order[:, 1], 0) + np.where(n_other >= 2, 1 << order[:, 2], 0)
    return main, np.where(s.households.ex_poor, others, 0)


def write_first_versions(s: State) -> None:
    """Write the first version of all, on 1 January of the first year."""
    day = s.setting.first_day
    _write_survey(s, day, day + s.lag(s.n, 3, 45))


def write_changes_before_survey(s: State, year: int) -> None:
    """Write who joined or left before October, with what is known of them before the year goes on.

    The October survey finds out about everybody who left before it.
    """
    s.home["survey_recorded"] = october(year) + s.lag(s.n, 12, 80)
    _join_and_leave(s, year_start(year), october(year), s.home["survey_recorded"])


def write_survey_and_later(s: State, year: int) -> None:
    """Write the October survey, and who joined or left after it."""
    _write_survey(s, october(year), s.home["survey_recorded"])
    _join_and_leave(s, october(year), year_start(year + 1), None)


def _write_survey(s: State, day: int, recorded: Array) -> None:
    _write_households(s, day, recorded)
    here = np.flatnonzero(s.members.active(day))
    _write_members(s, here, np.full(len(here), day), recorded[s.members.household[here]], at=day, errors=True)


def _join_and_leave(s: State, first: int, end: int, latest: Array | None) -> None:
    """Write those who joined or left from `first` until before `end`; `latest`: day by which it is known anyway."""
    m, p = s.members, s.person
    new = np.flatnonzero((m.join >= first) & (m.join < end) & (m.join < m.out) & ~p["written"])
    _write_members(s, new, m.join[new], m.join[new] + s.lag(len(new), 10, 100), at=first)
    gone = np.flatnonzero(p["leaves"] & (m.out >= first) & (m.out < end) & p["written"])
    known = m.out[gone] + s.lag(len(gone), 8, 90)
    if latest is not None:
        known = np.minimum(known, latest[m.household[gone]])
    by_household = np.zeros(s.n, dtype=np.int32)
    np.maximum.at(by_household, m.household[gone], np.maximum(known, p["version_recorded"][gone] + 1))
    affected = np.flatnonzero(p["written"] & (by_household[m.household] > 0))
    np.maximum.at(by_household, m.household[affected], p["version_recorded"][affected] + 1)
    ended = np.unique(m.household[gone])
    ended = ended[s.households.dissolved[ended] < end]
    by_household[ended] = np.maximum(by_household[ended], s.home_version["recorded_at"][ended] + 1)
    known = by_household[m.household[gone]]
    s.records.add(
        "members", member_id=gone, household_id=m.household[gone], valid_from=p["version_day"][gone], recorded_at=known,
        valid_to=m.out[gone], left_reason=m.out_reason[gone],
        **{name: s.person_version[name][gone] for name in _PERSON_COLUMNS},
    )  # fmt: skip
    version = {name: values[ended] for name, values in s.home_version.items()} | {"recorded_at": by_household[ended]}
    s.records.add("households", **version, household_id=ended, valid_to=s.households.dissolved[ended])
    headless = gone[(m.relation[gone] == REL["head"]) & (s.households.dissolved[m.household[gone]] == NEVER)]
    _new_heads(s, headless, by_household)


def _new_heads(s: State, old_head: Array, recorded: Array) -> None:
    """Choose a new head where one left, set the others' relation to them, and write it."""
    m = s.members
    household = m.household[old_head]
    day = np.full(s.n, -1, dtype=np.int32)
    day[household] = m.out[old_head]
    k = np.flatnonzero((day[m.household] >= 0) & (m.join <= day[m.household]) & (m.out > day[m.household]))
    age = (day[m.household[k]] - m.birth[k]) / DAYS_OF_YEAR
    rel = m.relation[k]
    score = 1000.0 * (rel == REL["spouse"]) + 500.0 * ((age >= 18) & (age < 75)) + 200.0 * (age >= 18) + age / 10
    score += 100.0 * (rel == REL["son"]) + 50.0 * np.isin(
        rel, [REL["daughter"], REL["daughter_in_law"], REL["son_in_law"]]
    )
    order = np.lexsort((-score, m.household[k]))
    k, rel = k[order], rel[order]
    is_head = np.ones(len(k), dtype=bool)
    is_head[1:] = m.household[k][1:] != m.household[k][:-1]
    head = np.zeros(s.n, dtype=np.int32)
    head[m.household[k[is_head]]] = k[is_head]
    of = head[m.household[k]]
    new = new_head_relations(m.sex[of], m.relation[of], rel)
    new[is_head] = REL["head"]
    twin = (new == REL["spouse"]) & (m.sex[k] == m.sex[of])
    new[twin] = REL["other"]
    m.relation[k] = new
    h = m.household[k]
    _write_relations(s, k, day[h] + 1, recorded[h])


def _write_relations(s: State, k: Array, day: Array, recorded: Array) -> None:
    """Write the last version of the persons `k` again, with their new relation and all else as it was known."""
    p, version = s.person, s.person_version
    k, day, recorded = (values[p["written"][k]] for values in (k, day, recorded))
    version["relation"][k] = s.members.relation[k]
    recorded = np.maximum(recorded, p["version_recorded"][k])
    p["version_day"][k], p["version_recorded"][k] = day, recorded
    s.records.add(
        "members", member_id=k, household_id=s.members.household[k], valid_from=day, recorded_at=recorded, valid_to=NEVER,
        left_reason=-1, **{name: values[k] for name, values in version.items()},
    )  # fmt: skip


def _write_members(s: State, k: Array, day: Array, recorded: Array, *, at: int, errors: bool = False) -> None:
    """Write a version of those of the persons `k` for whom something changed, as they were on day `at`.

    With `errors` some rows are first written wrongly.
    """
    m, rng, p = s.members, s.rng, s.person
    day = day.astype(np.int32)
    now = _person_columns(s, k, at)
    old = s.person_version
    changed = np.zeros(len(k), dtype=bool)
    for name in _PERSON_COLUMNS:
        changed |= old[name][k] != now[name]
        old[name][k] = now[name]
    k, day, recorded = k[changed], day[changed], np.asarray(recorded)[changed].astype(np.int32)
    now = {name: values[changed] for name, values in now.items()}
    recorded = np.maximum(recorded, np.maximum(day, p["version_recorded"][k]))
    p["written"][k], p["version_day"][k], p["version_recorded"][k] = True, day, recorded
    common: dict[str, Array | int] = {
        "member_id": k, "household_id": m.household[k], "valid_from": day, "valid_to": NEVER, "left_reason": -1,
    }  # fmt: skip
    if not errors:
        s.records.add("members", **common, recorded_at=recorded, **now)
        return
    first = {name: values.copy() for name, values in now.items()}
    slip = rng.random(len(k)) < 0.015
    which = rng.integers(0, 4, len(k))
    adult = now["education"] >= 0
    for number, (name, value) in enumerate((
        ("education", np.where(now["education"] < 2, now["education"] + 1, now["education"] - 1)),
        ("health", np.where(now["health"] == 1, 2, 1)),
        ("labour", np.where(now["labour"] == 1, 2, 1)),
        ("birth_date", now["birth_date"] + np.where(rng.random(len(k)) < 0.5, 365, -31)),
    )):  # fmt: skip
        hit = slip & adult & (which == number)
        first[name][hit] = value[hit]
    wrong = np.flatnonzero(slip & adult)
    s.records.add("members", **common, recorded_at=recorded, **first)
    later = (recorded[wrong] + s.lag(len(wrong), 10, 120)).astype(np.int32)
    p["version_recorded"][k[wrong]] = later
    mended = {name: values[wrong] if isinstance(values, np.ndarray) else values for name, values in common.items()}
    s.records.add("members", **mended, recorded_at=later, **{name: values[wrong] for name, values in now.items()})


def _person_columns(s: State, k: Array, day: int) -> dict[str, Array]:
    m, p = s.members, s.person
    age = m.age(day)[k]
    grown = age >= 16
    months = np.where(grown & (p["stage"][k] < 0), p["months"][k], -1)
    post = s.home["public_post_months"]
    holder = _post_holder(s, day)
    employee = p["insured_employee"][k]
    columns = {
        "relation": m.relation[k], "sex": m.sex[k], "birth_date": m.birth[k], "ethnicity": p["ethnicity"][k],
        "education": education(s, day)[k], "student_stage": student_stage(s)[k], "health": health_mask(s, day)[k], "labour": p["labour"][k],
        "work_months": months, "work_place": np.where(months > 0, p["work_place"][k], -1),
        "public_post_months": np.where(holder[m.household[k]] == k, post[m.household[k]], np.where(grown, 0, -1)),
        "ins_basic_resident": p["insured"][k] & ~employee, "ins_basic_employee": employee,
        "ins_serious": p["insured"][k] & p["ins_serious"][k], "ins_commercial": p["ins_commercial"][k],
        "pension_resident": grown & p["pension"][k] & ~employee, "pension_employee": employee,
        "dibao": person_dibao(s, day)[k], "tekun": s.home["tekun"][m.household[k]],
    }  # fmt: skip
    small = (columns["student_stage"] < 0) & (age < 7)
    columns["student_stage"] = np.where(small, 0, columns["student_stage"])
    return {name: np.asarray(values).astype(np.int32) for name, values in columns.items()}


def _post_holder(s: State, day: int) -> Array:
    """Return the person who holds a household's public post: of weak or ordinary labour if there is one."""
    m, p = s.members, s.person
    holder = np.full(s.n, -1, dtype=np.int32)
    here = np.flatnonzero((p["labour"] <= 2) & m.active(day))
    order = here[np.argsort(p["labour"][here], kind="stable")]
    holder[m.household[order]] = order  # the weakest comes last and stays
    return holder


def _write_households(s: State, day: int, recorded: Array) -> None:
    h = s.home
    alive = np.flatnonzero((s.households.dissolved > day) & (s.of_members(s.members.active(day)) > 0))
    status = code("households", "register_status", "general") - (
        code("households", "register_status", "general") - code("households", "register_status", "ex_poor")
    ) * s.households.ex_poor  # fmt: skip
    attr = np.where(h["tekun"], 2, np.where(h["dibao"] > 0, 1, 0))
    version: dict[str, Array] = {
        "valid_from": np.full(s.n, day), "recorded_at": recorded, "area_code": s.households.village, "area_name": s.households.village,
        "register_status": status, "household_attr": attr, "main_cause": h["main_cause"], "other_causes": h["other_causes"],
        "first_identified": h["first_identified"], "exit_year": h["exit_year"],
        "size_declared": s.of_members(s.members.active(day)), "house_area_m2": h["house_area"], "house_grade": h["house_grade"],
        "unsafe_house": h["house_grade"] >= 2, "safe_water": h["safe_water"], "road_km": h["road_km"], "entry_road": h["entry_road"],
        "fuel": h["fuel"], "resettled": h["resettled"], "debt_cny": cents(h["debt"], 100),
    }  # fmt: skip
    for name in ("farmland_mu", "forest_mu", "return_forest_mu", "orchard_mu", "pasture_mu", "water_mu", "power_life", "power_prod",
                 "broadcast", "toilet", "coop", "leading_firm", "leader"):  # fmt: skip
        version[name] = h[name]
    version = {name: np.array(values) for name, values in version.items()}
    for name, values in version.items():
        s.home_version.setdefault(name, np.array(values))[alive] = values[alive]
    s.records.add(
        "households", household_id=alive, valid_to=NEVER, **{name: values[alive] for name, values in version.items()}
    )
