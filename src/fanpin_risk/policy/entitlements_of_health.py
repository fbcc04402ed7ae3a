"""Supports for the ill and the insured: the three layers of medical security, 参保资助, treatment, doctors, pay-outs."""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.health import bills, own_cost
from fanpin_risk.policy.entitlement_basis import (
    SupportKind,
    entitlement,
    given_to_households,
    given_to_members,
    group_of_members,
    in_area,
    measures_beside,
    monitored_now,
    newest_amount,
    of_household,
    of_persons,
)
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import IS_SO, Deciding, Rule, Verdict
from fanpin_risk.policy.three_valued import all_of, any_member, any_of, at_least, known_where

__all__ = ["ENTITLEMENTS_OF_HEALTH"]

LAST_MONTHS, MONTHS_OF_TREATMENT = 12, 24
EASED_SHARE = 0.5  # of the threshold of 大病保险, for 特困, 低保 and 返贫致贫
ROUNDING_CNY = 1.0
REIMBURSED_BY = ("reimb_basic_cny", "reimb_serious_cny", "reimb_aid_cny")


def _of_members(rows: KnownRows, snapshot: Snapshot, values: Array) -> tuple[Array, Array]:
    """Sum amounts of rows by member, and say of whom one is blank."""
    members = snapshot.members
    place = members.place_of(rows)
    mine = place >= 0
    amounts = np.rint(np.nan_to_num(values) * 100.0)
    total = np.bincount(place[mine], amounts[mine], minlength=len(members)) / 100.0
    blank = np.bincount(place[mine], np.isnan(values)[mine], minlength=len(members)) > 0
    return total, blank


def _year_of_bills(snapshot: Snapshot) -> KnownRows:
    """Bills of the calendar year of the day: thresholds are of a calendar year."""
    rows = bills(snapshot)
    return rows.where(rows.time >= snapshot.as_of.astype("datetime64[Y]").astype("datetime64[D]"))


def _after(snapshot: Snapshot, *reimbursed: str) -> tuple[Array, Array]:
    """Return what each member's bills of the year come to after some reimbursements, and of whom an amount is blank."""
    rows = _year_of_bills(snapshot)
    left = rows.total_cost_cny.copy()
    for name in reimbursed:
        left = left - getattr(rows, name)
    total, blank = _of_members(rows, snapshot, left)
    if not snapshot.medical.supplied:
        return np.full(len(total), np.nan), np.ones(len(total), dtype=bool)
    return total, blank


def _reimbursed(snapshot: Snapshot, name: str) -> Array:
    """Whether anything of a reimbursement is on a member's bills of the year: 1, 0, NaN where an amount is blank."""
    rows = _year_of_bills(snapshot)
    total, blank = _of_members(rows, snapshot, getattr(rows, name))
    return np.where(total > 0, 1.0, np.where(blank | (not snapshot.medical.supplied), np.nan, 0.0))


def _is_above(total: Array, blank: Array, bound: Array) -> Array:
    """Whether a sum is above a bound; where an amount is blank less is not known to be less."""
    result = np.where(np.isnan(total) | np.isnan(bound), np.nan, (total > bound).astype("float64"))
    return np.where((result == 0) & blank & ~np.isnan(bound), np.nan, result)


@entitlement(
    zh="基本医保参保资助", en="subsidy for medical insurance",
    asks_zh="监测对象、低保、特困成员是否没有参保资助记录",
    asks_en="has a member monitored, on 低保 or 特困供养 no subsidy for insurance on record",
    source="G1111_06 of a provincial register checker; classes of a county (m.gaoxiao555.com, t20250909_1363695, a repost)",
)  # fmt: skip
def insurance_subsidy(snapshot: Snapshot, policy: Policy) -> Verdict:
    members, spells = snapshot.members, snapshot.open_spells
    begun = snapshot.as_of.astype("datetime64[Y]").astype("datetime64[D]")
    # Who was recognised this year: by the last month in which the place lets people insure themselves, if it is known.
    month = policy.at("insurance_last_month", snapshot.area_codes, snapshot.as_of)
    late = spells.min(spells.identified_on.astype("int64").astype("float64")) >= begun.astype("int64")
    first = spells.min(spells.identified_on.astype("datetime64[M]").astype("int64") % 12 + 1.0)
    in_time = np.where(~late, 1.0, np.where(np.isnan(month), np.nan, (first <= month).astype("float64")))
    monitored = all_of(monitored_now(snapshot), np.where(monitored_now(snapshot) == 1, in_time, 1.0))
    qualifies = any_of(members.dibao, members.tekun, monitored[members.household])
    kind = SupportKind(months=LAST_MONTHS, subs=("insurance_subsidy",), measures=("health",))
    given = given_to_members(snapshot, kind)
    employee = members.ins_basic_employee == 1  # pays through work
    return of_persons(
        snapshot, np.where(employee, 0.0, qualifies), given, "dibao", "tekun", records=measures_beside(snapshot, kind)
    )


@entitlement(
    zh="基本医保报销", en="reimbursement by basic insurance", status="inferred",
    asks_zh="参保成员近12个月住院费用的基本医保报销是否为0",
    asks_en="was nothing reimbursed by basic insurance of a stay of an insured member in 12 months",
    source="三重医疗保障 (基本医保、大病保险、医疗救助)",
)  # fmt: skip
def basic_reimbursement(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    rows = bills(snapshot).within(LAST_MONTHS)
    rows = rows.where(rows.isin("kind", "inpatient") & ((rows.total_cost_cny > 0) | ~rows.known("total_cost_cny")))
    stayed = members.named_in(rows).astype("float64")
    insured = any_of(members.ins_basic_resident, members.ins_basic_employee)
    # Who paid all of a bill was reimbursed nothing, whether that is written down or left empty.
    nothing = (rows.reimb_basic_cny == 0) | (
        ~rows.known("reimb_basic_cny") & (rows.out_of_pocket_cny > rows.total_cost_cny - ROUNDING_CNY)
    )
    none = members.named_in(rows.where(nothing))
    blank = members.named_in(rows.where(~rows.known("reimb_basic_cny")))
    given = np.where(none, 0.0, np.where(blank, np.nan, 1.0))
    told = rows.where(nothing | ~rows.known("reimb_basic_cny"))
    others = (Deciding(told, ("kind", "total_cost_cny", "reimb_basic_cny")),)
    return of_persons(
        snapshot, all_of(stayed, insured), given, "ins_basic_resident", "ins_basic_employee", others=others
    )


@entitlement(
    zh="大病保险报销", en="reimbursement by 大病保险",
    asks_zh="成员本年度基本医保报销后的费用高于起付线，是否没有大病保险报销",
    asks_en="are a member's costs of the year after basic insurance above the threshold, and nothing reimbursed by 大病保险",
    source="thresholds of counties, half for 特困, 低保 and 返贫致贫 (m.senbk.com, f854b877; kidbbs.com, 181215, reposts)",
)  # fmt: skip
def serious_reimbursement(snapshot: Snapshot, policy: Policy) -> Verdict:
    bound, asked = in_area(snapshot, policy, "serious_insurance_threshold")
    members = snapshot.members
    half = group_of_members(snapshot, "monitored", "dibao", "tekun")
    total, blank = _after(snapshot, "reimb_basic_cny")
    whole = bound[members.household]
    least, most = _is_above(total, blank, whole), _is_above(total, blank, whole * EASED_SHARE)
    qualifies = np.where(half == 1, most, np.where(half == 0, least, np.where(least == most, least, np.nan)))
    others = (Deciding(_year_of_bills(snapshot), ("total_cost_cny", "reimb_basic_cny", "reimb_serious_cny")),)
    return of_persons(snapshot, qualifies, _reimbursed(snapshot, "reimb_serious_cny"), others=others, asked=asked)


@entitlement(
    zh="医疗救助", en="medical aid",
    asks_zh="特困、低保、低保边缘、监测对象成员报销后的费用高于救助起付线，是否没有医疗救助",
    asks_en="are costs after insurance of a member on 特困供养, 低保, 低保边缘 or monitored above the threshold, and no medical aid given",
    source="four classes of medical aid (m.gaoxiao555.com, t20250909_1363695; baojixrz.com, 608; thresholds of a city: "
    "m.51igbt.cn, 37cd46c2; reposts)",
)  # fmt: skip
def medical_aid(snapshot: Snapshot, policy: Policy) -> Verdict:
    members, home, spells = snapshot.members, snapshot.households, snapshot.open_spells
    poor, asked_poor = in_area(snapshot, policy, "medical_aid_threshold_dibao")
    others, asked_others = in_area(snapshot, policy, "medical_aid_threshold_monitored")
    sudden, _ = in_area(snapshot, policy, "medical_aid_threshold_sudden")
    on_assistance = any_of(members.dibao, members.tekun)
    as_sudden = spells.count(spells.isin("type", "sudden_hardship")) > 0
    edge = np.where(home.known("low_income_class"), home.isin("low_income_class", "dibao_edge").astype("float64"), 0.0)
    watched = any_of(monitored_now(snapshot), edge)
    bound = np.where(as_sudden & (edge != 1), sudden, others)
    total, blank = _after(snapshot, "reimb_basic_cny", "reimb_serious_cny")
    first = all_of(on_assistance, _is_above(total, blank, poor[members.household]))
    second = all_of(watched[members.household], _is_above(total, blank, bound[members.household]))
    qualifies = any_of(
        np.where(asked_poor[members.household], first, 0.0), np.where(~np.isnan(bound)[members.household], second, 0.0)
    )
    told = (Deciding(_year_of_bills(snapshot), ("total_cost_cny", *REIMBURSED_BY)),)
    return of_persons(
        snapshot,
        qualifies,
        _reimbursed(snapshot, "reimb_aid_cny"),
        "dibao",
        "tekun",
        others=told,
        asked=asked_poor | asked_others,
    )


@entitlement(
    zh="大病专项救治", en="treatment of a listed serious illness",
    asks_zh="脱贫户、监测对象、低保、特困成员患30种大病，是否没有专项救治记录",
    asks_en="has a member of an ex-poor or monitored household, on 低保 or 特困供养, with one of the 30 diseases no such "
    "treatment on record",
    source="大病专项救治 (fudaoke.com/exam/824635, a repost)",
)  # fmt: skip
def serious_treatment(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = bills(snapshot).within(LAST_MONTHS)
    rows = rows.where(rows.serious30 == 1)
    ill = snapshot.members.named_in(rows).astype("float64")
    ill = ill if snapshot.medical.supplied else np.full(len(ill), np.nan)
    qualifies = all_of(ill, group_of_members(snapshot, "ex_poor", "monitored", "dibao", "tekun"))
    kind = SupportKind(months=MONTHS_OF_TREATMENT, subs=("serious_treatment",), measures=("health",))
    given = given_to_members(snapshot, kind)
    return of_persons(
        snapshot,
        qualifies,
        given,
        "health",
        others=(Deciding(rows, ("disease", "serious30")),),
        records=measures_beside(snapshot, kind),
    )


@entitlement(
    zh="家庭医生签约", en="contract with a family doctor",
    asks_zh="脱贫户、监测对象的四类慢病成员近12个月是否没有签约记录",
    asks_en="has a member of an ex-poor or monitored household with one of four chronic diseases no contract in 12 months",
    source="national survey bulletin no. 3 (pygbw.com, 2021022698245); medvalley.cn, 49003 (reposts)",
)  # fmt: skip
def family_doctor(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    rows = bills(snapshot).within(MONTHS_OF_TREATMENT)
    rows = rows.where(rows.chronic4 == 1)
    ill = members.named_in(rows).astype("float64") if snapshot.medical.supplied else np.full(len(members), np.nan)
    contracts = snapshot.medical.where(snapshot.medical.isin("kind", "contract")).within(LAST_MONTHS)
    kind = SupportKind(months=LAST_MONTHS, subs=("contract",))
    sub = given_to_members(snapshot, kind)
    given = any_of(members.named_in(contracts).astype("float64"), np.nan_to_num(sub))
    qualifies = all_of(ill, group_of_members(snapshot, "ex_poor", "monitored"))
    return of_persons(
        snapshot,
        qualifies,
        given,
        "health",
        others=(Deciding(rows, ("disease", "chronic4")),),
        records=measures_beside(snapshot, kind),
    )


@entitlement(
    zh="防贫保理赔", en="pay-out of 防贫保", asks_zh="近12个月医疗自付高于本地防贫保起付线，是否没有理赔记录",
    asks_en="are own costs of treatment of 12 months above the threshold of the local 防贫保, and no pay-out on record",
    source="防贫保 of a city (Tieling); thresholds are terms of the local product",
)  # fmt: skip
def insurance_payout(snapshot: Snapshot, policy: Policy) -> Verdict:
    bound, asked = in_area(snapshot, policy, "payout_threshold")
    rows = bills(snapshot).within(LAST_MONTHS)
    paid = own_cost(snapshot)
    blank = rows.count(~rows.known("out_of_pocket_cny")) > 0
    reached = at_least(paid, bound)
    qualifies = np.where((reached == 0) & blank, np.nan, reached)
    kind = SupportKind(months=LAST_MONTHS, whole=("insurance_payout",))
    given = given_to_households(snapshot, kind)
    told = rows.where(known_where(rows, rows.out_of_pocket_cny > 0, "out_of_pocket_cny") != 0)
    return of_household(
        qualifies,
        given,
        Deciding(told, ("out_of_pocket_cny",)),
        figures={"out_of_pocket_12m_cny": paid},
        asked=asked,
        records=measures_beside(snapshot, kind),
    )


@entitlement(
    zh="收入保理赔", en="pay-out for a loss", asks_zh="近12个月灾害、事故等损失扣除已获赔付后高于本地收入保起付线，是否没有理赔记录",
    asks_en="is the loss by a sudden event of 12 months, less what was paid for it, above the threshold of the local insurance of income, "
    "and no pay-out on record",
    source="收入保 beside 防贫保 of a city (Tieling); thresholds are terms of the local product",
)  # fmt: skip
def loss_payout(snapshot: Snapshot, policy: Policy) -> Verdict:
    bound, asked = in_area(snapshot, policy, "loss_threshold")
    rows = snapshot.shocks.within(LAST_MONTHS)
    reached = at_least(rows.loss_cny - np.nan_to_num(rows.insured_cny), bound[rows.household])
    qualifies = any_member(rows, reached)
    qualifies = qualifies if snapshot.shocks.supplied else np.full(len(qualifies), np.nan)
    kind = SupportKind(months=LAST_MONTHS, whole=("insurance_payout",))
    claims, _ = newest_amount(snapshot, "claim_payout")
    given = given_to_households(snapshot, kind)
    given = np.where((given == 0) & (claims == 1), np.nan, given)  # may be paid for it
    told = Deciding(rows.where(reached != 0), ("kind", "event_date", "loss_cny", "insured_cny"))
    return of_household(qualifies, given, told, asked=asked, records=measures_beside(snapshot, kind))


@entitlement(
    zh="先诊疗后付费", en="treatment first, payment later", status="inferred",
    asks_zh="低保、特困成员和监测对象近12个月住院，此后的健康帮扶记录中是否没有先诊疗后付费",
    asks_en="was a member on 低保 or 特困供养 or monitored in hospital in 12 months, and is it not among the health measures on record "
    "since",
    source="national policy on treatment of the poor (健康扶贫, 先诊疗后付费); no column tells, so it is missing only where other health "
    "measures since the stay are on record by sub-kind",
)  # fmt: skip
def pay_after(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members, supports = snapshot.members, snapshot.supports
    rows = bills(snapshot).within(LAST_MONTHS)
    rows = rows.where(rows.isin("kind", "inpatient"))
    stayed = members.named_in(rows).astype("float64") if snapshot.medical.supplied else np.full(len(members), np.nan)
    qualifies = all_of(stayed, group_of_members(snapshot, "monitored", "dibao", "tekun"))
    kind = SupportKind(months=LAST_MONTHS, subs=("pay_after",), measures=("health",))
    given = given_to_members(snapshot, kind)
    # Hospitals hardly report it: that none is on record says something only where measures are told apart.
    last = rows.max(rows.event_date.astype("int64").astype("float64"))
    since = supports.isin("measure", "health") & (supports.start_date.astype("int64") >= last[supports.household])
    told_apart = supports.count(since & supports.known("sub_measure")) > 0
    given = np.where((given == 0) & ~told_apart[members.household], np.nan, given)
    others = (Deciding(rows, ("kind", "event_date")),)
    verdict = of_persons(
        snapshot, qualifies, given, "dibao", "tekun", others=others, records=measures_beside(snapshot, kind)
    )
    apart = supports.where(since & (verdict.answer == IS_SO)[supports.household])
    deciding = (*verdict.deciding, Deciding(apart, ("measure", "sub_measure", "start_date")))
    return Verdict(verdict.answer, deciding, persons=verdict.persons)


ENTITLEMENTS_OF_HEALTH: tuple[Rule, ...] = (
    insurance_subsidy,
    basic_reimbursement,
    serious_reimbursement,
    medical_aid,
    serious_treatment,
    family_doctor,
    insurance_payout,
    loss_payout,
    pay_after,
)
