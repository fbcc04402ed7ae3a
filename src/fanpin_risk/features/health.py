"""Health features: own medical costs, reimbursement, stays, serious and chronic illness, insurance.

Costs count for the household that the person belongs to, or belonged to last: who died leaves the bills behind.
Illness counts for members at home. A contract with a family doctor is no bill.

A household with bills whose amount is not on record has no amount (missing); one without bills has spent nothing,
provided that the register was given medical records at all.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, feature, ratio, shared
from fanpin_risk.features.income import income_base, income_years, lines_of_years, size

__all__ = ["FEATURES"]

BILLS = "settlement of medical bills: 个人自付 = 医疗总费用 - all reimbursement"
OWN_COST_SIGNAL = "medical insurance signal of early warning: yearly 个人自付 after all reimbursement"
ILLNESS_FORM = "register member form 健康状况"
SERIOUS = ILLNESS_FORM + " (患有大病), or a bill for one of the 30 diseases of 大病专项救治 within 24 months"
CHRONIC = ILLNESS_FORM + " (长期慢性病), or a bill as 门特/门慢 or for one of the 4 chronic diseases within 24 months"
INSURANCE = "两不愁三保障: every member in 居民医保 or 职工医保; register member form"
ILLNESS_MONTHS = 24  # for so long a bill counts as evidence of an illness


@shared
def bills(snapshot: Snapshot) -> KnownRows:
    """Medical bills; not the contracts with family doctors."""
    return snapshot.medical.where(~snapshot.medical.isin("kind", "contract"))


@shared
def own_cost(snapshot: Snapshot) -> Array:
    """Out of pocket in the last 12 months, CNY per household."""
    year = bills(snapshot).within(12)
    return year.sum(year.out_of_pocket_cny)


@shared
def own_cost_before(snapshot: Snapshot) -> Array:
    """Out of pocket in the 12 months before the last 12, CNY per household."""
    year = bills(snapshot).within(24, until=12)
    return year.sum(year.out_of_pocket_cny)


def _ill(snapshot: Snapshot, code: str, shown: KnownRows, known: KnownRows) -> Array:
    """Return 1 for members who are ill by the form or by a bill (`shown`), 0 where form or bills (`known`) show none, else NaN."""
    members = snapshot.members
    ill = members.isin("health", code) | snapshot.members.named_in(shown)
    return np.where(ill | members.known("health") | snapshot.members.named_in(known), ill.astype("float64"), np.nan)


@shared
def serious(snapshot: Snapshot) -> Array:
    """Whether each member is seriously ill."""
    recent = bills(snapshot).within(ILLNESS_MONTHS)
    return _ill(snapshot, "serious", recent.where(recent.serious30 == 1), recent.where(recent.known("serious30")))


@shared
def chronic(snapshot: Snapshot) -> Array:
    """Whether each member is chronically ill."""
    recent = bills(snapshot).within(ILLNESS_MONTHS)
    shown = (recent.chronic4 == 1) | recent.isin("kind", "chronic_outpatient")
    return _ill(snapshot, "chronic", recent.where(shown), recent.where(recent.known("chronic4")))


@feature(
    zh="近12个月医疗自付", en="Out-of-pocket medical costs, 12 months", domain="health", cause="illness", unit="CNY", monotone=+1,
    reason="Higher own costs never leave more to live on.", source=OWN_COST_SIGNAL,
    says_zh="近12个月看病自付{out_of_pocket_12m}（再往前12个月为{out_of_pocket_previous_12m}）",
    says_en="the household itself paid {out_of_pocket_12m} for treatment in the last 12 months "
    "(in the 12 months before: {out_of_pocket_previous_12m})",
)  # fmt: skip
def out_of_pocket_12m(snapshot: Snapshot) -> Array:
    return own_cost(snapshot).copy()


@feature(
    zh="近12个月单次最高医疗自付", en="Highest single out-of-pocket bill, 12 months", domain="health", cause="illness", unit="CNY",
    monotone=+1, reason="One large bill at once is harder to pay than the same sum over time.", source=BILLS,
    says_zh="近12个月最高的一张医疗单自付{out_of_pocket_max_12m}（全部自付{out_of_pocket_12m}）",
    says_en="the highest single bill of the last 12 months left {out_of_pocket_max_12m} to pay "
    "(all bills: {out_of_pocket_12m})",
)  # fmt: skip
def out_of_pocket_max_12m(snapshot: Snapshot) -> Array:
    year = bills(snapshot).within(12)
    return year.max(year.out_of_pocket_cny, default=0.0)


@feature(
    zh="近24个月医疗自付", en="Out-of-pocket medical costs, 24 months", domain="health", cause="illness", unit="CNY", monotone=+1,
    reason="Costs over two years eat up savings; more of them never helps.", source=BILLS,
    says_zh="近24个月看病自付共{out_of_pocket_24m}",
    says_en="the household itself paid {out_of_pocket_24m} for treatment in the last 24 months",
)  # fmt: skip
def out_of_pocket_24m(snapshot: Snapshot) -> Array:
    both = bills(snapshot).within(24)
    return both.sum(both.out_of_pocket_cny)


@feature(
    zh="近12个月医疗自付与年纯收入之比", en="Out-of-pocket medical costs relative to net income", domain="health", cause="illness",
    unit="ratio", monotone=+1, reason="刚性支出 above what the household earns is an official ground for monitoring.",
    source="2020 guidance on monitoring: 刚性支出明显超过上年度收入; " + BILLS,
    says_zh="近12个月看病自付{out_of_pocket_12m}，相当于家庭年纯收入（按{income_counted}计）的{out_of_pocket_to_income}",
    says_en="the household itself paid {out_of_pocket_12m} for treatment in 12 months, {out_of_pocket_to_income} of its "
    "yearly net income (counted as {income_counted})",
)  # fmt: skip
def out_of_pocket_to_income(snapshot: Snapshot) -> Array:
    return ratio(own_cost(snapshot), income_base(snapshot))


@feature(
    zh="医疗自付比上年变化", en="Change of out-of-pocket medical costs over the year before", domain="health", cause="illness",
    unit="CNY", monotone=0, reason="No claim: a fall may follow a ruinous year whose debts remain.", source=BILLS,
    says_zh="看病自付由再往前12个月的{out_of_pocket_previous_12m}变为近12个月的{out_of_pocket_12m}（变化{out_of_pocket_change_1y}）",
    says_en="own payments for treatment went from {out_of_pocket_previous_12m} in the 12 months before to "
    "{out_of_pocket_12m} in the last 12 months (a change of {out_of_pocket_change_1y})",
)  # fmt: skip
def out_of_pocket_change_1y(snapshot: Snapshot) -> Array:
    return own_cost(snapshot) - own_cost_before(snapshot)


@feature(
    zh="近12个月医疗费用报销比例", en="Share of medical costs reimbursed, 12 months", domain="health", cause="illness", unit="share",
    monotone=0, reason="No claim: at the same own costs a higher share means a costlier illness.",
    source="1 - 个人自付 / 医疗总费用 over the bills that give both; none without such bills",
    says_zh="近12个月医疗费用报销了{reimbursement_share_12m}，自付{out_of_pocket_12m}",
    says_en="{reimbursement_share_12m} of the medical costs of 12 months was reimbursed; the household paid {out_of_pocket_12m}",
)  # fmt: skip
def reimbursement_share_12m(snapshot: Snapshot) -> Array:
    year = bills(snapshot).within(12)
    full = year.where(year.known("total_cost_cny") & year.known("out_of_pocket_cny"))
    total = full.sum(full.total_cost_cny)
    return ratio(total - full.sum(full.out_of_pocket_cny), total, lowest=0.0, highest=1.0)


@feature(
    zh="扣除医疗自付后人均纯收入与监测线之比", en="Net income per person after medical costs relative to the line", domain="health",
    cause="low_income", unit="ratio", monotone=-1, reason="What is left after treatment is what the household lives on.",
    source="form of recognition: 纳入监测对象的收入参考范围 (净收入 less 合规自付支出, read from the order of its columns)",
    when=("income_after_medical_to_line < 0",),
    says_zh="{income_period}人均纯收入扣除近12个月看病自付后为{income_after_medical}（{income_year}监测线为{line_of_income_year}）|"
    "{income_period}人均纯收入扣除近12个月看病自付后为{income_after_medical}（{income_year}监测线{line_of_income_year}的"
    "{income_after_medical_to_line}）",
    says_en="net income per person in {income_period} less own payments for treatment of the last 12 months is "
    "{income_after_medical}; the {income_year} monitoring line is {line_of_income_year}|net income per person in "
    "{income_period} less own payments for treatment of the last 12 months is {income_after_medical}, "
    "{income_after_medical_to_line} of the {income_year} monitoring line of {line_of_income_year}",
)  # fmt: skip
def income_after_medical_to_line(snapshot: Snapshot) -> Array:
    return ratio(income_after_medical.compute(snapshot), lines_of_years(snapshot)[0])


@feature(
    zh="近12个月住院次数", en="Hospital stays, 12 months", domain="health", cause="illness", unit="times", monotone=+1,
    reason="More stays mean graver illness, lost work and cost.", source="settlement of medical bills: 住院",
    says_zh="近12个月住院{inpatient_stays_12m}", says_en="hospital stays in the last 12 months: {inpatient_stays_12m}",
)  # fmt: skip
def inpatient_stays_12m(snapshot: Snapshot) -> Array:
    year = bills(snapshot).within(12)
    return year.count(year.isin("kind", "inpatient"))


@feature(
    zh="距最近一次住院的月数", en="Months since the last hospital stay", domain="health", cause="illness", unit="months", monotone=-1,
    reason="The longer ago, the more the household has recovered.",
    source="settlement of medical bills: 住院; missing where none is on record",
    says_zh="最近一次住院在{months_since_inpatient}前", says_en="the last hospital stay was {months_since_inpatient} ago",
)  # fmt: skip
def months_since_inpatient(snapshot: Snapshot) -> Array:
    return bills(snapshot).where(bills(snapshot).isin("kind", "inpatient")).months_since_last()


@feature(
    zh="患大病人数", en="Members seriously ill", domain="health", cause="illness", unit="persons", monotone=+1,
    reason="大病 households are named for special attention; one more never eases the load.", source=SERIOUS,
    says_zh="家中患大病的有{n_serious_illness}（共{household_size}）",
    says_en="members seriously ill: {n_serious_illness} of {household_size}",
)  # fmt: skip
def n_serious_illness(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(serious(snapshot), default=np.nan)


@feature(
    zh="近12个月新患大病人数", en="Members newly seriously ill, 12 months", domain="health", cause="illness", unit="persons",
    monotone=+1, reason="A new serious illness is a trigger of early warning and often the start of debts.",
    source="health department signal of early warning: first bill for one of the 30 diseases of 大病专项救治",
    says_zh="近12个月首次有大病结算记录的有{new_serious_illness_12m}",
    says_en="members with a first bill for a serious illness in the last 12 months: {new_serious_illness_12m}",
)  # fmt: skip
def new_serious_illness_12m(snapshot: Snapshot) -> Array:
    members = snapshot.members
    year, before = bills(snapshot).within(12), bills(snapshot).where(bills(snapshot).time <= snapshot.months_before(12))
    new = members.named_in(year.where(year.serious30 == 1)) & ~members.named_in(before.where(before.serious30 == 1))
    answered = ~np.isnan(year.sum(year.serious30))
    return np.where(answered, members.count(new), np.nan)


@feature(
    zh="患慢性病人数", en="Members chronically ill", domain="health", cause="illness", unit="persons", monotone=+1,
    reason="Chronic illness costs every month and weakens labour.", source=CHRONIC,
    says_zh="家中患慢性病的有{n_chronic_illness}（共{household_size}）",
    says_en="members chronically ill: {n_chronic_illness} of {household_size}",
)  # fmt: skip
def n_chronic_illness(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(chronic(snapshot), default=np.nan)


@feature(
    zh="近12个月门特/门慢次数", en="Treatments of chronic illness, 12 months", domain="health", cause="illness", unit="times",
    monotone=0, reason="No claim: visits show illness, and that it is treated.",
    source="settlement of medical bills: 门特/门慢",
    says_zh="近12个月门特、门慢就诊{chronic_visits_12m}",
    says_en="visits for chronic treatment in the last 12 months: {chronic_visits_12m}",
)  # fmt: skip
def chronic_visits_12m(snapshot: Snapshot) -> Array:
    year = bills(snapshot).within(12)
    return year.count(year.isin("kind", "chronic_outpatient"))


@feature(
    zh="未参加基本医疗保险人数", en="Members without basic medical insurance", domain="health", cause="illness", unit="persons",
    monotone=+1, reason="Basic insurance is one of the three guarantees; without it every bill is paid in full.",
    source=INSURANCE,
    says_zh="家中没有参加基本医疗保险的有{n_uninsured}（共{household_size}）",
    says_en="members without basic medical insurance: {n_uninsured} of {household_size}",
)  # fmt: skip
def n_uninsured(snapshot: Snapshot) -> Array:
    members = snapshot.members
    insured = (members.ins_basic_resident == 1) | (members.ins_basic_employee == 1)
    known = members.known("ins_basic_resident") | members.known("ins_basic_employee")
    return members.count(known & ~insured, known=known)


@feature(
    zh="大病保险参保比例", en="Share of members with serious-illness insurance", domain="health", cause="illness", unit="share",
    monotone=-1, reason="大病保险 pays part of the largest bills; wider cover never raises the risk.",
    source="register member form: 是否参加大病保险, over the members for whom it is on record",
    says_zh="家中{serious_insurance_share}的人参加了大病保险",
    says_en="{serious_insurance_share} of the members have serious-illness insurance",
)  # fmt: skip
def serious_insurance_share(snapshot: Snapshot) -> Array:
    return snapshot.members.mean(snapshot.members.ins_serious)


@feature(
    zh="患病的劳动年龄人数", en="Members of working age ill", domain="health", cause="illness", unit="persons", monotone=+1,
    reason="An earner who falls ill costs twice: the treatment and the wage.", source=f"16 to 59 years old; {SERIOUS}; {CHRONIC}",
    says_zh="16—59岁的家庭成员中患大病或慢性病的有{n_ill_working_age}",
    says_en="members of 16 to 59 who are seriously or chronically ill: {n_ill_working_age}",
)  # fmt: skip
def n_ill_working_age(snapshot: Snapshot) -> Array:
    members = snapshot.members
    found = (serious(snapshot) == 1) | (chronic(snapshot) == 1)
    known = members.count(found | ~np.isnan(serious(snapshot) + chronic(snapshot))) > 0
    return np.where(known, members.where(found).sum(members.aged(16, 59)[found]), np.nan)


@feature(
    zh="近12个月家庭医生签约", en="Contract with a family doctor, 12 months", domain="health", cause="illness", unit="flag", monotone=0,
    reason="No claim: it helps, and the ill are signed up first.",
    source="medical records: 家庭医生签约",
    says_zh="近12个月签约了家庭医生|近12个月没有家庭医生签约记录",
    says_en="a contract with a family doctor within 12 months|no contract with a family doctor within 12 months",
)  # fmt: skip
def family_doctor_12m(snapshot: Snapshot) -> Array:
    year = snapshot.medical.within(12)
    return year.any(year.isin("kind", "contract"))


@feature(
    zh="再往前12个月医疗自付", en="Out-of-pocket medical costs in the 12 months before the last 12", domain="health", cause="illness",
    unit="CNY", monotone=0, model=False, reason="Quoted beside the last 12 months; the model sees 24 months and the change.",
    source=BILLS, says_zh="再往前12个月看病自付{out_of_pocket_previous_12m}",
    says_en="in the 12 months before the last 12 the household itself paid {out_of_pocket_previous_12m} for treatment",
)  # fmt: skip
def out_of_pocket_previous_12m(snapshot: Snapshot) -> Array:
    return own_cost_before(snapshot).copy()


@feature(
    zh="扣除医疗自付后的人均纯收入", en="Net income per person after medical costs", domain="health", cause="illness",
    unit="CNY/person", monotone=0, model=False, reason="Quoted; the model sees its ratio to the line.",
    source="(net income of the newest year - 个人自付 of 12 months) / members",
    says_zh="扣除看病自付后人均纯收入{income_after_medical}",
    says_en="net income per person after own payments for treatment is {income_after_medical}",
)  # fmt: skip
def income_after_medical(snapshot: Snapshot) -> Array:
    return (income_years(snapshot)[0].net - own_cost(snapshot)) / size(snapshot)


FEATURES = (
    out_of_pocket_12m,
    out_of_pocket_max_12m,
    out_of_pocket_24m,
    out_of_pocket_to_income,
    out_of_pocket_change_1y,
    reimbursement_share_12m,
    income_after_medical_to_line,
    inpatient_stays_12m,
    months_since_inpatient,
    n_serious_illness,
    new_serious_illness_12m,
    n_chronic_illness,
    chronic_visits_12m,
    n_uninsured,
    serious_insurance_share,
    n_ill_working_age,
    family_doctor_12m,
    # context, quoted in sentences
    out_of_pocket_previous_12m,
    income_after_medical,
)
