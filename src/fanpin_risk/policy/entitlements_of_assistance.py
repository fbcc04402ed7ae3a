"""Supports for those in need: 低保, 特困供养 and the classes beside them, allowances, pensions, 临时救助, the house."""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.education import current_enrolment
from fanpin_risk.features.health import own_cost, serious
from fanpin_risk.features.income import income_years, newest_period_end, per_person
from fanpin_risk.policy.entitlement_basis import (
    SupportKind,
    certified,
    entitlement,
    given_to_households,
    given_to_members,
    group_of_households,
    in_area,
    is_pupil,
    measures_beside,
    newest_amount,
    of_household,
    of_persons,
)
from fanpin_risk.policy.on_record import held_certificates
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import Deciding, Rule, Verdict
from fanpin_risk.policy.three_valued import all_members, all_of, any_of, at_least, is_below, known_where, not_so
from fanpin_risk.policy.type_blocks import ASSETS_IN_THE_WAY

__all__ = ["ENTITLEMENTS_OF_ASSISTANCE"]

SEVERE_GRADES = ("grade1", "grade2")
PENSION_FROM, GROWN_UP_FROM = 60, 16  # 城乡居民 pensions; working age
LAST_YEAR_MONTHS, EVENT_MONTHS = 12, 6
ON_ASSISTANCE = "Interim Measures for Social Assistance, articles 9 to 13; the standard is that of the county"
ON_ALLOWANCES = (
    "two allowances for the disabled (gcq.tlf.gov.cn, e66c20d9; ljsggw.cn, a7bc0cef, a repost; pengxi.gov.cn, 9e6e5798)"
)
ON_CLASSES = "classes of low income of a province (tangyuan.gov.cn, 7308017227940945451)"


def _figures(snapshot: Snapshot) -> dict[str, Array]:
    return {"net_income_per_person_cny": per_person(snapshot)[0], "period_end": income_years(snapshot)[0].ended}


def _fresh_income(snapshot: Snapshot, policy: Policy) -> Array:
    """Net income per person of the newest year, NaN where it is too old to say anything of the day."""
    months = policy.at("income_oldest_months", snapshot.area_codes, snapshot.as_of)
    old = snapshot.full_months_since(newest_period_end(snapshot)) >= months
    result: Array = np.where(old, np.nan, per_person(snapshot)[0])
    return result


def _no_assets(snapshot: Snapshot) -> Array:
    """Whether no assets stand in the way, by the comparison on record.

    What was not compared counts as no hit, as for the monitored type: the answer says that it is to be checked, and shows
    the column.
    """
    home = snapshot.households
    known = np.isnat(home.assets_hit_on) | (home.assets_hit_on <= snapshot.as_of)
    return np.where(known & home.isin("assets_hit", *ASSETS_IN_THE_WAY), 0.0, 1.0)


def _in_class(snapshot: Snapshot, *classes: str) -> Array:
    """Whether each household is on record in some classes of low income; 1, 0, NaN."""
    home = snapshot.households
    return known_where(home, home.isin("low_income_class", *classes), "low_income_class")


@entitlement(
    zh="低保", en="低保", asks_zh="人均纯收入低于本地低保标准，资产无异常，是否没有享受低保",
    asks_en="is net income per person below the local standard of 低保, nothing found against it, and nobody on 低保",
    source=ON_ASSISTANCE,
)  # fmt: skip
def dibao_support(snapshot: Snapshot, policy: Policy) -> Verdict:
    standard, asked = in_area(snapshot, policy, "dibao_standard")
    qualifies = all_of(is_below(_fresh_income(snapshot, policy), standard), _no_assets(snapshot))
    given = group_of_households(snapshot, "dibao", "tekun")
    told = (Deciding(snapshot.members, ("dibao", "tekun")), Deciding(snapshot.households, ("assets_hit",)))
    return of_household(qualifies, given, *told, figures=_figures(snapshot), asked=asked)


@entitlement(
    zh="单人保", en="低保 for one person",
    asks_zh="低收入家庭的一、二级残疾人，三级智力、精神残疾人或大病患者，是否没有纳入低保",
    asks_en="is a severely disabled or seriously ill member of a low-income household not on 低保",
    source="单人保 of a province (llqcyx.com, d83a2072, a repost)",
)  # fmt: skip
def single_dibao(snapshot: Snapshot, policy: Policy) -> Verdict:
    standard, asked = in_area(snapshot, policy, "dibao_standard")
    times = policy.at("single_dibao_times", snapshot.area_codes, snapshot.as_of)
    members, home = snapshot.members, snapshot.households
    poor = any_of(
        _in_class(snapshot, "dibao_edge", "rigid_spending", "other"),
        is_below(_fresh_income(snapshot, policy), standard * times),
    )
    hard = any_of(
        certified(snapshot, *SEVERE_GRADES),
        certified(snapshot, "grade3", categories=("intellectual", "mental")),
        serious(snapshot),
    )
    asked = asked | home.known("low_income_class")
    told = (Deciding(held_certificates(snapshot)[0], ("category", "grade")),)
    return of_persons(
        snapshot,
        all_of(poor[members.household], hard),
        any_of(members.dibao, members.tekun),
        "health",
        "dibao",
        others=told,
        asked=asked,
    )


@entitlement(
    zh="特困供养", en="特困供养",
    asks_zh="全部成员均为老年人、未成年人或重度残疾人，收入低于低保标准，是否没有纳入特困（赡养人情况需核实）",
    asks_en="are all members old, minors or severely disabled, below the standard of 低保, and nobody on 特困供养 (who must support "
    "them is to be asked)",
    source="Interim Measures for Social Assistance, article 14; who counts as without labour: o.borongbank.cn, 61563; "
    "yuerzaojiao.com, 283067 (reposts)",
)  # fmt: skip
def tekun_support(snapshot: Snapshot, policy: Policy) -> Verdict:
    standard, asked = in_area(snapshot, policy, "dibao_standard")
    members, age = snapshot.members, snapshot.members.years_old
    disabled = any_of(
        certified(snapshot, "grade1", "grade2", "grade3", categories=("intellectual", "mental")),
        certified(snapshot, *SEVERE_GRADES, categories=("physical",)),
        certified(snapshot, "grade1", categories=("visual",)),
    )
    unable = any_of(at_least(age, float(PENSION_FROM)), is_below(age, float(GROWN_UP_FROM)), disabled)
    qualifies = all_of(
        all_members(members, unable), is_below(_fresh_income(snapshot, policy), standard), _no_assets(snapshot)
    )
    given = group_of_households(snapshot, "tekun")
    told = (Deciding(members, ("birth_date", "tekun")), Deciding(held_certificates(snapshot)[0], ("category", "grade")))
    return of_household(qualifies, given, *told, figures=_figures(snapshot), asked=asked)


@entitlement(
    zh="低保边缘家庭", en="低保边缘家庭",
    asks_zh="人均纯收入在低保标准以上、规定倍数以内，是否没有认定为低保边缘家庭",
    asks_en="is net income per person between the standard of 低保 and its multiple, and the household not in that class",
    source=ON_CLASSES + "; civil affairs office of Xinyang, questions of 2024-01-23",
)  # fmt: skip
def dibao_edge_class(snapshot: Snapshot, policy: Policy) -> Verdict:
    standard, asked = in_area(snapshot, policy, "dibao_standard")
    times = policy.at("dibao_edge_times", snapshot.area_codes, snapshot.as_of)
    own = _fresh_income(snapshot, policy)
    qualifies = all_of(
        at_least(own, standard), is_below(own, standard * times), _no_assets(snapshot),
        not_so(group_of_households(snapshot, "dibao", "tekun")),
    )  # fmt: skip
    told = (Deciding(snapshot.households, ("low_income_class", "assets_hit")),)
    return of_household(qualifies, _in_class(snapshot, "dibao_edge"), *told, figures=_figures(snapshot), asked=asked)


@entitlement(
    zh="刚性支出困难家庭", en="刚性支出困难家庭",
    asks_zh="人均纯收入低于本地平均，刚性支出占收入达到本地比例，是否没有认定为刚性支出困难家庭",
    asks_en="is net income per person below the local mean, with own costs of treatment and school of the local share of it, and the "
    "household not in that class",
    source=ON_CLASSES + "; wxredian.com, 2c47aac2; phpkaifa.cn, 64701 (reposts)",
)  # fmt: skip
def rigid_spending_class(snapshot: Snapshot, policy: Policy) -> Verdict:
    mean, asked_mean = in_area(snapshot, policy, "mean_income")
    share, asked_share = in_area(snapshot, policy, "rigid_share")
    rows, net = current_enrolment(snapshot), income_years(snapshot)[0].net
    school = rows.sum(np.maximum(rows.cost_cny - np.nan_to_num(rows.aid_cny), 0.0))
    spent = own_cost(snapshot) + np.nan_to_num(school)
    qualifies = all_of(
        is_below(_fresh_income(snapshot, policy), mean), at_least(spent, share * np.maximum(net, 0.0)), at_least(spent, 0.01),
        not_so(group_of_households(snapshot, "dibao", "tekun")), not_so(np.nan_to_num(_in_class(snapshot, "dibao_edge"))),
    )  # fmt: skip
    figures = _figures(snapshot) | {"out_of_pocket_12m_cny": own_cost(snapshot), "school_cost_cny": school}
    told = (Deciding(snapshot.households, ("low_income_class",)),)
    return of_household(
        qualifies, _in_class(snapshot, "rigid_spending"), *told, figures=figures, asked=asked_mean & asked_share
    )


@entitlement(
    zh="临时救助", en="临时救助", asks_zh="近6个月发生突发事件且损失大于保险赔付，是否没有临时救助记录",
    asks_en="was there a sudden event in 6 months with a loss above what was insured, and no 临时救助 on record since",
    source="Interim Measures for Social Assistance, article 47",
)  # fmt: skip
def temporary_aid(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.shocks.within(EVENT_MONTHS)
    paid = np.nan_to_num(rows.insured_cny)
    lost = np.where(np.isnan(rows.loss_cny), np.nan, (rows.loss_cny > paid).astype("float64"))
    some = np.bincount(rows.household, lost == 1, minlength=snapshot.n_households) > 0
    unsure = np.bincount(rows.household, np.isnan(lost), minlength=snapshot.n_households) > 0
    qualifies = np.where(some, 1.0, np.where(unsure, np.nan, 0.0))
    qualifies = qualifies if snapshot.shocks.supplied else np.full(len(qualifies), np.nan)
    kind = SupportKind(months=EVENT_MONTHS, subs=("temporary_aid",), whole=("temporary_aid",))
    newest = rows.where(lost != 0).max(rows.where(lost != 0).event_date.astype("int64").astype("float64"))
    # Aid that was given before the newest of these events is no answer to it.
    since = newest.astype("float64")
    aid = snapshot.supports.where(
        snapshot.supports.isin("sub_measure", "temporary_aid") | snapshot.supports.isin("measure", "temporary_aid")
    )
    later = aid.count(aid.start_date.astype("int64") >= since[aid.household]) > 0
    given = given_to_households(snapshot, kind)
    given = np.where((given == 1) & ~later, 0.0, given)
    return of_household(
        qualifies,
        given,
        Deciding(rows, ("kind", "event_date", "loss_cny", "insured_cny")),
        records=measures_beside(snapshot, kind),
    )


def _allowance(snapshot: Snapshot, sub: str, qualifies: Array, other: Array) -> Verdict:
    """Ask of members with a certificate whether an allowance is on record, by a measure or among the incomes of the household."""
    members = snapshot.members
    kind = SupportKind(months=LAST_YEAR_MONTHS, subs=(sub,), measures=("social_security",))
    measure = given_to_members(snapshot, kind)
    amount, rows = newest_amount(snapshot, "tr_disability")
    home = members.household
    # The form has one sum for both allowances and for all members: it tells only where one could be meant.
    could = np.bincount(home, qualifies != 0, minlength=snapshot.n_households) + np.bincount(
        home, other != 0, minlength=snapshot.n_households
    )
    told = np.where((amount == 1) & (could > 1), np.nan, amount)[home]
    # Nothing was received in a year that had begun before the certificate was there: that says nothing.
    held, _ = held_certificates(snapshot)
    issued = np.full(len(members), np.inf)
    issued[members.place_of(held)] = held.issued_on.astype("int64")
    told = np.where((told == 0) & ~(issued < income_years(snapshot)[0].began[home]), np.nan, told)
    silent = np.isnan(told) & ~np.isnan(amount)[home]  # a sum that does not tell
    given = np.where((measure == 1) | (told == 1), 1.0, np.where(np.isnan(measure) | silent, np.nan, 0.0))
    given = np.where(
        (told == 0) & (measure != 1), np.where(np.isnan(measure) & snapshot.supports.supplied, np.nan, 0.0), given
    )
    others = (Deciding(held, ("category", "grade", "care_need")),)
    verdict = of_persons(
        snapshot, qualifies, given, "dibao", "tekun", others=others, records=measures_beside(snapshot, kind)
    )
    shown = rows.where((verdict.answer == 1)[rows.household])
    return Verdict(
        verdict.answer, (*verdict.deciding, Deciding(shown, ("item", "amount_cny"))), persons=verdict.persons
    )


def _living(snapshot: Snapshot) -> Array:
    members = snapshot.members
    poor = group_of_households(snapshot, "dibao")[members.household]
    return all_of(certified(snapshot), poor, not_so(members.tekun))


def _care(snapshot: Snapshot) -> Array:
    (held, _), members = held_certificates(snapshot), snapshot.members
    needs = np.full(len(members), np.nan)
    needs[members.place_of(held)] = known_where(held, ~held.isin("care_need", "none"), "care_need")
    return all_of(certified(snapshot, *SEVERE_GRADES), not_so(members.tekun), needs)


@entitlement(
    zh="困难残疾人生活补贴", en="living allowance for the disabled", asks_zh="低保家庭的持证残疾人是否没有生活补贴记录",
    asks_en="has a member with a certificate, in a household on 低保, no living allowance on record", source=ON_ALLOWANCES,
)  # fmt: skip
def disability_living(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _allowance(snapshot, "disability_living", _living(snapshot), _care(snapshot))


@entitlement(
    zh="重度残疾人护理补贴", en="care allowance for the severely disabled", asks_zh="一、二级持证残疾人（需照护）是否没有护理补贴记录",
    asks_en="has a member with a certificate of grade 1 or 2 who needs care no care allowance on record", source=ON_ALLOWANCES,
)  # fmt: skip
def disability_care(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _allowance(snapshot, "disability_care", _care(snapshot), _living(snapshot))


@entitlement(
    zh="养老保险代缴", en="pension paid by the state",
    asks_zh="16—59周岁非在校、未参加职工养老的低保、特困或重度残疾成员，养老保险是否没有政府代缴",
    asks_en="does a member of 16 to 59, no pupil, without an employee's pension, on 低保 or 特困供养 or severely disabled, pay the "
    "pension alone",
    source="payment of pensions for the poor and the severely disabled (sy824.com, post_611107; 8989728.cn, 2702; "
    "zhejianglong.com, 3307306, reposts)",
)  # fmt: skip
def pension_subsidy(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members, age = snapshot.members, snapshot.members.years_old
    of_age = all_of(at_least(age, float(GROWN_UP_FROM)), is_below(age, float(PENSION_FROM)))
    group = any_of(members.dibao, members.tekun, certified(snapshot, *SEVERE_GRADES))
    outside = np.where(members.pension_employee == 1, 0.0, 1.0)
    qualifies = all_of(of_age, group, outside, np.where(is_pupil(snapshot), 0.0, 1.0))
    paid = known_where(members, members.isin("pension_paid_by", "state", "partly"), "pension_paid_by")
    kind = SupportKind(months=LAST_YEAR_MONTHS, subs=("pension_subsidy",))
    measure = given_to_members(snapshot, kind)
    given = np.where((paid == 1) | (measure == 1), 1.0, paid)
    return of_persons(
        snapshot,
        qualifies,
        given,
        "birth_date",
        "dibao",
        "tekun",
        "pension_resident",
        "pension_paid_by",
        records=measures_beside(snapshot, kind),
    )


@entitlement(
    zh="城乡居民养老金", en="pension", asks_zh="收入年度内满60周岁、参加城乡居民养老保险的成员，家庭是否没有养老金收入",
    asks_en="is there no pension among the incomes though a member insured as a resident was 60 before the accounting year",
    source="pensions begin at 60 (sy824.com, post_611107, a repost); register income form: 养老保险金",
)  # fmt: skip
def pension_payment(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    year = income_years(snapshot)[0]
    began = year.began[members.household]
    days = np.where(np.isnat(members.birth_date), np.nan, members.birth_date.astype("int64").astype("float64"))
    # 60 when the accounting year began; in leap years a day late, which asks of fewer.
    old = at_least(began - days, PENSION_FROM * 365.25 + 1)
    qualifies = all_of(
        old, members.pension_resident, np.where(members.pension_employee == 1, 0.0, 1.0), not_so(members.tekun)
    )
    amount, rows = newest_amount(snapshot, "tr_pension")
    verdict = of_persons(snapshot, qualifies, amount[members.household], "birth_date", "pension_resident")
    shown = rows.where((verdict.answer == 1)[rows.household])
    return Verdict(
        verdict.answer, (*verdict.deciding, Deciding(shown, ("item", "amount_cny"))), persons=verdict.persons
    )


@entitlement(
    zh="高龄津贴", en="old-age allowance", asks_zh="达到本地高龄津贴年龄的成员是否没有津贴记录",
    asks_en="has a member of the local age no old-age allowance on record", source="高龄 allowance of the income form; the age is local",
)  # fmt: skip
def old_age_allowance(snapshot: Snapshot, policy: Policy) -> Verdict:
    members = snapshot.members
    first, asked = in_area(snapshot, policy, "old_age_from")
    kind = SupportKind(months=LAST_YEAR_MONTHS, subs=("old_age_allowance",), measures=("social_security",))
    given = given_to_members(snapshot, kind)
    amount, _ = newest_amount(snapshot, "tr_other")  # where the form books it
    given = np.where((given == 0) & (amount == 1)[members.household], np.nan, given)
    return of_persons(
        snapshot,
        at_least(members.years_old, first[members.household]),
        given,
        "birth_date",
        asked=asked,
        records=measures_beside(snapshot, kind),
    )


@entitlement(
    zh="危房改造", en="repair of the house",
    asks_zh="C、D级、危房或无房的监测、低保、特困、低保边缘、刚性支出困难户，或此前没有住房保障记录的脱贫户，鉴定后是否没有改造记录",
    asks_en="is the house of a monitored or low-income household, or of an ex-poor one that had no support for it before, of grade C or "
    "D or unsafe, or is there none, and no repair on record since",
    source="rural housing support (sxx.gov.cn, 31/63040305)",
)  # fmt: skip
def house_repair(snapshot: Snapshot, _policy: Policy) -> Verdict:
    home, supports = snapshot.households, snapshot.supports
    poor = home.isin("house_grade", "C", "D")
    unsafe = any_of(np.where(home.known("house_grade"), poor.astype("float64"), np.nan), home.unsafe_house)
    unsafe = np.where(home.isin("house_grade", "A", "B") & (home.unsafe_house != 1), 0.0, unsafe)
    unsafe = np.where(~home.known("house_grade") & (home.unsafe_house == 0), 0.0, unsafe)
    unsafe = np.where(home.no_house == 1, 1.0, unsafe)
    group = any_of(
        group_of_households(snapshot, "monitored", "dibao", "tekun"),
        np.nan_to_num(_in_class(snapshot, "dibao", "tekun", "dibao_edge", "rigid_spending", "monitored")),
    )
    since = np.where(np.isnat(home.house_grade_date), home.valid_from, home.house_grade_date)
    rows = supports.where(
        supports.isin("measure", "housing", "resettlement") | supports.isin("sub_measure", "house_repair")
    )
    # An ex-poor household that had its house repaired before has had its support.
    had = rows.count(rows.end_date < since[rows.household]) > 0
    group = any_of(group, np.where(had, 0.0, group_of_households(snapshot, "ex_poor")))
    later = rows.where(np.isnat(rows.end_date) | (rows.end_date >= since[rows.household]))
    treated = (home.house_treated_on >= since) & (home.house_treated_on <= snapshot.as_of)
    none = np.where(supports.supplied, 0.0, np.nan)
    given = np.where((later.count() > 0) | treated, 1.0, none)
    told = (
        Deciding(home, ("house_grade", "house_grade_date", "unsafe_house", "no_house")),
        Deciding(rows, ("measure", "start_date", "end_date")),
    )
    return of_household(all_of(unsafe, group), given, *told)


ENTITLEMENTS_OF_ASSISTANCE: tuple[Rule, ...] = (
    dibao_support,
    single_dibao,
    tekun_support,
    dibao_edge_class,
    rigid_spending_class,
    temporary_aid,
    disability_living,
    disability_care,
    pension_subsidy,
    pension_payment,
    old_age_allowance,
    house_repair,
)
