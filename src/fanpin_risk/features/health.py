"""Health features: own medical costs, reimbursement, stays, serious and chronic illness, insurance.

Costs count for the household that the person belongs to, or belonged to last: who died leaves the bills behind.
Illness counts for members at home. A contract with a family doctor is no bill. Of a serious illness the group of
diseases is told where the newest bill for it has an ICD-10 code: no more than that leaves the medical records.

A household with bills whose amount is not on record has no amount (missing); one without bills has spent nothing,
provided that the register was given medical records at all.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, Feature, feature, ratio, shared
from fanpin_risk.features.income import BURDEN_EN, BURDEN_ZH, income_base, income_years, lines_of_years, size
from fanpin_risk.records.disease_groups import DISEASE_GROUPS, disease_group

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


@shared
def complete(snapshot: Snapshot) -> KnownRows:
    """Bills of the last 12 months that give the total and the own part."""
    year = bills(snapshot).within(12)
    return year.where(year.known("total_cost_cny") & year.known("out_of_pocket_cny"))


@shared
def last_stay(snapshot: Snapshot) -> KnownRows:
    """Newest hospital stay of each household; of those of one day the one that cost most."""
    stays = bills(snapshot).where(bills(snapshot).isin("kind", "inpatient"))
    return stays.last_by(np.nan_to_num(stays.out_of_pocket_cny, nan=-1.0), stays.time)


@shared
def last_serious(snapshot: Snapshot) -> KnownRows:
    """Newest bill of each household for a serious illness of a member at home."""
    rows = bills(snapshot).within(ILLNESS_MONTHS)
    rows = rows.where((rows.serious30 == 1) & (snapshot.members.place_of(rows) >= 0))
    return rows.last_by(_group(rows), rows.time)


def _group(rows: KnownRows) -> Array:
    """Give each bill the place of its group of diseases, -1 where no code tells it."""
    numbers, codes = pd.factorize(rows.icd10)
    return np.array([*(disease_group(str(code)) for code in codes), -1], dtype="float64")[numbers]


@feature(
    zh="近12个月医疗自付", en="Out-of-pocket medical costs, 12 months", domain="health", cause="illness", unit="CNY", monotone=+1,
    reason="Higher own costs never leave more to live on.", source=OWN_COST_SIGNAL,
    says_zh="近12个月看病自付{out_of_pocket_12m}[（再往前12个月为{out_of_pocket_previous_12m}）|（再往前12个月没有自付记录）]"
    "|近12个月没有看病自付的记录[（再往前12个月为{out_of_pocket_previous_12m}）|]",
    says_en="the household itself paid {out_of_pocket_12m} for treatment in the last 12 months"
    "[ (in the 12 months before: {out_of_pocket_previous_12m})| (nothing on record in the 12 months before)]"
    "|no own payment for treatment on record in the last 12 months"
    "[ (in the 12 months before: {out_of_pocket_previous_12m})|]",
)  # fmt: skip
def out_of_pocket_12m(snapshot: Snapshot) -> Array:
    return own_cost(snapshot).copy()


@feature(
    zh="近12个月单次最高医疗自付", en="Highest single out-of-pocket bill, 12 months", domain="health", cause="illness", unit="CNY",
    monotone=+1, reason="One large bill at once is harder to pay than the same sum over time.", source=BILLS,
    says_zh="近12个月自付最高的一张医疗单为{out_of_pocket_max_12m}（全部自付{out_of_pocket_12m}）"
    "|近12个月没有需要自付的医疗单",
    says_en="the highest single bill of the last 12 months left {out_of_pocket_max_12m} to pay "
    "(all bills: {out_of_pocket_12m})|no bill of the last 12 months left anything to pay",
)  # fmt: skip
def out_of_pocket_max_12m(snapshot: Snapshot) -> Array:
    year = bills(snapshot).within(12)
    return year.max(year.out_of_pocket_cny, default=0.0)


@feature(
    zh="近24个月医疗自付", en="Out-of-pocket medical costs, 24 months", domain="health", cause="illness", unit="CNY", monotone=+1,
    reason="Costs over two years eat up savings; more of them never helps.", source=BILLS,
    says_zh="近24个月看病自付共{out_of_pocket_24m}|近24个月没有看病自付的记录",
    says_en="the household itself paid {out_of_pocket_24m} for treatment in the last 24 months"
    "|no own payment for treatment on record in the last 24 months",
)  # fmt: skip
def out_of_pocket_24m(snapshot: Snapshot) -> Array:
    both = bills(snapshot).within(24)
    return both.sum(both.out_of_pocket_cny)


@feature(
    zh="近12个月医疗自付与年纯收入之比", en="Out-of-pocket medical costs relative to net income", domain="health", cause="illness",
    unit="ratio", monotone=+1, reason="刚性支出 above what the household earns is an official ground for monitoring.",
    source="2020 guidance on monitoring: 刚性支出明显超过上年度收入; " + BILLS,
    says_zh="近12个月看病自付{out_of_pocket_12m}，相当于" + BURDEN_ZH + "的{out_of_pocket_to_income}|近12个月没有看病自付的记录",
    says_en="the household itself paid {out_of_pocket_12m} for treatment in the last 12 months, {out_of_pocket_to_income} of "
    + BURDEN_EN + "|no own payment for treatment on record in the last 12 months",
)  # fmt: skip
def out_of_pocket_to_income(snapshot: Snapshot) -> Array:
    return ratio(own_cost(snapshot), income_base(snapshot))


@feature(
    zh="医疗自付比上年变化", en="Change of out-of-pocket medical costs over the year before", domain="health", cause="illness",
    unit="CNY", monotone=0, reason="No claim: a fall may follow a ruinous year whose debts remain.", source=BILLS,
    when=("out_of_pocket_change_1y < 0", "out_of_pocket_change_1y = 0"),
    says_zh="看病自付由再往前12个月的{out_of_pocket_previous_12m}减少到近12个月的{out_of_pocket_12m}"
    "|近12个月看病自付{out_of_pocket_12m}，与再往前12个月相同"
    "|看病自付由再往前12个月的{out_of_pocket_previous_12m}增加到近12个月的{out_of_pocket_12m}（增加{out_of_pocket_change_1y}）",
    says_en="own payments for treatment fell from {out_of_pocket_previous_12m} in the 12 months before to "
    "{out_of_pocket_12m} in the last 12 months"
    "|own payments for treatment were {out_of_pocket_12m} in the last 12 months, as in the 12 months before"
    "|own payments for treatment rose from {out_of_pocket_previous_12m} in the 12 months before to "
    "{out_of_pocket_12m} in the last 12 months (by {out_of_pocket_change_1y})",
)  # fmt: skip
def out_of_pocket_change_1y(snapshot: Snapshot) -> Array:
    return own_cost(snapshot) - own_cost_before(snapshot)


@feature(
    zh="近12个月医疗费用报销比例", en="Share of medical costs reimbursed, 12 months", domain="health", cause="illness", unit="share",
    monotone=0, reason="No claim: at the same own costs a higher share means a costlier illness.",
    source="1 - 个人自付 / 医疗总费用 over the bills that give both; not applicable without bills",
    says_zh="按总费用和自付均有登记的医疗单计，近12个月医疗总费用{medical_total_12m}，报销{reimbursement_share_12m}"
    "[，基本医保报销{reimbursed_basic_12m}|][，大病保险报销{reimbursed_serious_12m}|][，医疗救助{reimbursed_aid_12m}|]"
    "[，其他报销{reimbursed_other_12m}|]，自付{medical_own_12m}"
    "|按总费用和自付均有登记的医疗单计，近12个月医疗总费用{medical_total_12m}，没有报销",
    says_en="by the bills of the last 12 months that give total and own part, of {medical_total_12m}, {reimbursement_share_12m} was "
    "reimbursed[, by basic insurance {reimbursed_basic_12m}|][, by serious-illness insurance {reimbursed_serious_12m}|]"
    "[, by medical aid {reimbursed_aid_12m}|][, by others {reimbursed_other_12m}|]; the household paid {medical_own_12m}"
    "|by the bills of the last 12 months that give total and own part, of {medical_total_12m} nothing was reimbursed",
    needs="bills_12m",
)  # fmt: skip
def reimbursement_share_12m(snapshot: Snapshot) -> Array:
    full = complete(snapshot)
    total = full.sum(full.total_cost_cny)
    return ratio(total - full.sum(full.out_of_pocket_cny), total, lowest=0.0, highest=1.0)


@feature(
    zh="扣除医疗自付后人均纯收入与监测线之比", en="Net income per person after medical costs relative to the line", domain="health",
    cause="low_income", unit="ratio", monotone=-1, reason="What is left after treatment is what the household lives on.",
    source="form of recognition: 纳入监测对象的收入参考范围 (净收入 less 合规自付支出, read from the order of its columns)",
    when=("income_after_medical_to_line < 0",),
    says_zh="{income_period}人均纯收入扣除近12个月看病自付后为{income_after_medical}（{income_year}监测线[（{line_not_of_income}）]为{line_of_income_year}）|"
    "{income_period}人均纯收入扣除近12个月看病自付后为{income_after_medical}（{income_year}监测线[（{line_not_of_income}）]{line_of_income_year}的"
    "{income_after_medical_to_line}）",
    says_en="net income per person in {income_period} less own payments for treatment of the last 12 months is "
    "{income_after_medical}; the {income_year} monitoring line[ ({line_not_of_income})] is {line_of_income_year}|net income per person in "
    "{income_period} less own payments for treatment of the last 12 months is {income_after_medical}, "
    "{income_after_medical_to_line} of the {income_year} monitoring line[ ({line_not_of_income})] of {line_of_income_year}",
)  # fmt: skip
def income_after_medical_to_line(snapshot: Snapshot) -> Array:
    return ratio(income_after_medical.compute(snapshot), lines_of_years(snapshot)[0])


@feature(
    zh="近12个月住院次数", en="Hospital stays, 12 months", domain="health", cause="illness", unit="times", monotone=+1,
    reason="More stays mean graver illness, lost work and cost.", source="settlement of medical bills: 住院",
    says_zh="近12个月住院{inpatient_stays_12m}[，最近一次为{last_stay_day}][，自付{last_stay_own}|]|近12个月没有住院记录",
    says_en="hospital stays in the last 12 months: {inpatient_stays_12m}[, the last on {last_stay_day}]"
    "[, own payment {last_stay_own}|]|no hospital stay on record in the last 12 months",
)  # fmt: skip
def inpatient_stays_12m(snapshot: Snapshot) -> Array:
    year = bills(snapshot).within(12)
    return year.count(year.isin("kind", "inpatient"))


@feature(
    zh="距最近一次住院的月数", en="Months since the last hospital stay", domain="health", cause="illness", unit="months", monotone=-1,
    reason="The longer ago, the more the household has recovered.",
    source="settlement of medical bills: 住院; not applicable where none is on record",
    says_zh="最近一次住院为{last_stay_day}[，自付{last_stay_own}|]，距今{months_since_inpatient}"
    "|最近一次住院为{last_stay_day}[，自付{last_stay_own}|]，距今不满一个月",
    says_en="the last hospital stay on record is of {last_stay_day}[, own payment {last_stay_own}|], {months_since_inpatient} ago"
    "|the last hospital stay on record is of {last_stay_day}[, own payment {last_stay_own}|], less than a month ago",
    needs="stays_on_record",
)  # fmt: skip
def months_since_inpatient(snapshot: Snapshot) -> Array:
    return bills(snapshot).where(bills(snapshot).isin("kind", "inpatient")).months_since_last()


@feature(
    zh="患大病人数", en="Members seriously ill", domain="health", cause="illness", unit="persons", monotone=+1,
    reason="大病 households are named for special attention; one more never eases the load.", source=SERIOUS,
    says_zh="家中登记患大病的有{n_serious_illness}[（共{household_size}）][，最近一次大病结算为{serious_bill_day}]"
    "[，病种属{serious_disease_group}]|家中没有登记患大病的成员",
    says_en="members seriously ill: {n_serious_illness}[ of {household_size}][; the newest bill for it is of {serious_bill_day}]"
    "[, for {serious_disease_group}]|no member is on record as seriously ill",
)  # fmt: skip
def n_serious_illness(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(serious(snapshot), default=np.nan)


@feature(
    zh="近12个月新患大病人数", en="Members newly seriously ill, 12 months", domain="health", cause="illness", unit="persons",
    monotone=+1, reason="A new serious illness is a trigger of early warning and often the start of debts.",
    source="health department signal of early warning: first bill for one of the 30 diseases of 大病专项救治",
    says_zh="近12个月首次有大病结算记录的有{new_serious_illness_12m}[，最近一次大病结算为{serious_bill_day}]"
    "[，病种属{serious_disease_group}]|近12个月没有首次出现大病结算的成员",
    says_en="members with a first bill for a serious illness in the last 12 months: {new_serious_illness_12m}"
    "[; the newest bill for it is of {serious_bill_day}][, for {serious_disease_group}]"
    "|no member had a first bill for a serious illness in the last 12 months",
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
    says_zh="家中登记患慢性病的有{n_chronic_illness}[（共{household_size}）]|家中没有登记患慢性病的成员",
    says_en="members chronically ill: {n_chronic_illness}[ of {household_size}]|no member is on record as chronically ill",
)  # fmt: skip
def n_chronic_illness(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(chronic(snapshot), default=np.nan)


@feature(
    zh="近12个月门特/门慢次数", en="Treatments of chronic illness, 12 months", domain="health", cause="illness", unit="times",
    monotone=0, reason="No claim: visits show illness, and that it is treated.",
    source="settlement of medical bills: 门特/门慢",
    says_zh="近12个月门特、门慢就诊{chronic_visits_12m}|近12个月没有门特、门慢就诊记录",
    says_en="visits for chronic treatment in the last 12 months: {chronic_visits_12m}"
    "|no visit for chronic treatment on record in the last 12 months",
)  # fmt: skip
def chronic_visits_12m(snapshot: Snapshot) -> Array:
    year = bills(snapshot).within(12)
    return year.count(year.isin("kind", "chronic_outpatient"))


@feature(
    zh="未参加基本医疗保险人数", en="Members without basic medical insurance", domain="health", cause="illness", unit="persons",
    monotone=+1, reason="Basic insurance is one of the three guarantees; without it every bill is paid in full.",
    source=INSURANCE,
    says_zh="家中登记为未参加基本医疗保险的有{n_uninsured}[（共{household_size}）]|家中没有登记为未参加基本医疗保险的成员",
    says_en="members on record without basic medical insurance: {n_uninsured}[ of {household_size}]"
    "|no member is on record without basic medical insurance",
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
    says_zh="登记了参保情况的成员中，参加大病保险的占{serious_insurance_share}"
    "[，参加商业补充医疗保险的有{n_commercial_insurance}|，没有人参加商业补充医疗保险]"
    "|登记了参保情况的成员中，没有人参加大病保险"
    "[，参加商业补充医疗保险的有{n_commercial_insurance}|，也没有人参加商业补充医疗保险]",
    says_en="of the members whose insurance is on record {serious_insurance_share} have serious-illness insurance"
    "[; with commercial insurance: {n_commercial_insurance}|; none has commercial insurance]"
    "|of the members whose insurance is on record none has serious-illness insurance"
    "[; with commercial insurance: {n_commercial_insurance}|; none has commercial insurance either]",
)  # fmt: skip
def serious_insurance_share(snapshot: Snapshot) -> Array:
    return snapshot.members.mean(snapshot.members.ins_serious)


@feature(
    zh="患病的劳动年龄人数", en="Members of working age ill", domain="health", cause="illness", unit="persons", monotone=+1,
    reason="An earner who falls ill costs twice: the treatment and the wage.", source=f"16 to 59 years old; {SERIOUS}; {CHRONIC}",
    says_zh="16—59岁的家庭成员中登记患大病或慢性病的有{n_ill_working_age}|16—59岁的家庭成员中没有登记患大病或慢性病的",
    says_en="members of 16 to 59 who are seriously or chronically ill: {n_ill_working_age}"
    "|no member of 16 to 59 is on record as seriously or chronically ill",
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
    says_zh="近12个月有家庭医生签约记录|近12个月没有家庭医生签约记录",
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


def _sum_of(column: str, zh: str, en: str, name: str) -> Feature:
    """Declare the sum of a column over the bills that give total and own part; missing where one of them does not give it."""

    def compute(snapshot: Snapshot) -> Array:
        full = complete(snapshot)
        unknown = full.count(~full.known(column)) > 0
        return np.where(unknown, np.nan, full.sum(getattr(full, column)))

    compute.__name__ = name
    return feature(
        zh=zh, en=en, domain="health", cause="illness", unit="CNY", monotone=0, model=False, reason="Quoted beside the share.",
        source=BILLS + "; of the last 12 months, those that give both", says_zh=f"{zh}为{{{name}}}",
        says_en=f"{en[0].lower()}{en[1:]}: {{{name}}}",
    )(compute)  # fmt: skip


SUMS = (
    _sum_of("total_cost_cny", "近12个月医疗总费用", "Total of medical bills, 12 months", "medical_total_12m"),
    _sum_of(
        "out_of_pocket_cny",
        "近12个月有总费用的医疗单的自付",
        "Own part of bills with a total, 12 months",
        "medical_own_12m",
    ),
    _sum_of(
        "reimb_basic_cny", "近12个月基本医保报销", "Reimbursed by basic insurance, 12 months", "reimbursed_basic_12m"
    ),
    _sum_of(
        "reimb_serious_cny",
        "近12个月大病保险报销",
        "Reimbursed by serious-illness insurance, 12 months",
        "reimbursed_serious_12m",
    ),
    _sum_of("reimb_aid_cny", "近12个月医疗救助", "Paid by medical aid, 12 months", "reimbursed_aid_12m"),
    _sum_of("reimb_other_cny", "近12个月其他医疗报销", "Reimbursed by others, 12 months", "reimbursed_other_12m"),
)


@feature(
    zh="近12个月医疗单张数", en="Medical bills, 12 months", domain="health", cause="illness", unit="times", monotone=0, model=False,
    reason="Says whether there is anything to reimburse.", source=BILLS, says_zh="近12个月就医结算{bills_12m}",
    says_en="medical bills in the last 12 months: {bills_12m}",
)  # fmt: skip
def bills_12m(snapshot: Snapshot) -> Array:
    return bills(snapshot).within(12).count()


@feature(
    zh="登记的住院总次数", en="Hospital stays on record, ever", domain="health", cause="illness", unit="times", monotone=0, model=False,
    reason="Says whether there is a last one.", source="settlement of medical bills: 住院",
    says_zh="登记的住院共{stays_on_record}", says_en="hospital stays on record: {stays_on_record}",
)  # fmt: skip
def stays_on_record(snapshot: Snapshot) -> Array:
    return bills(snapshot).count(bills(snapshot).isin("kind", "inpatient"))


@feature(
    zh="最近一次住院的日期", en="Day of the last hospital stay", domain="health", cause="illness", unit="day", monotone=0, model=False,
    reason="Quoted, so that the stay is named.", source="settlement of medical bills: 住院",
    says_zh="最近一次住院为{last_stay_day}", says_en="the last hospital stay on record is of {last_stay_day}",
)  # fmt: skip
def last_stay_day(snapshot: Snapshot) -> Array:
    return last_stay(snapshot).max(last_stay(snapshot).time.astype("int64").astype("float64"))


@feature(
    zh="最近一次住院的自付", en="Own payment for the last hospital stay", domain="health", cause="illness", unit="CNY", monotone=0,
    model=False, reason="Quoted, so that the stay is named.", source=BILLS,
    says_zh="最近一次住院自付{last_stay_own}", says_en="own payment for the last hospital stay: {last_stay_own}",
)  # fmt: skip
def last_stay_own(snapshot: Snapshot) -> Array:
    return last_stay(snapshot).max(last_stay(snapshot).out_of_pocket_cny)


@feature(
    zh="最近一次大病结算的日期", en="Day of the newest bill for a serious illness", domain="health", cause="illness", unit="day",
    monotone=0, model=False, reason="Quoted, so that the illness is named.", source=SERIOUS,
    says_zh="最近一次大病结算为{serious_bill_day}", says_en="the newest bill for a serious illness is of {serious_bill_day}",
)  # fmt: skip
def serious_bill_day(snapshot: Snapshot) -> Array:
    return last_serious(snapshot).max(last_serious(snapshot).time.astype("int64").astype("float64"))


@feature(
    zh="大病的病种类别", en="Group of the serious illness", domain="health", cause="illness", unit="category", monotone=0, model=False,
    reason="Quoted, so that the illness is named.", source="ICD-10 code of the newest bill for a serious illness: its chapter",
    says_zh="大病的病种属{serious_disease_group}", says_en="the serious illness is of the group: {serious_disease_group}",
    levels_zh=tuple(zh for _, zh, _ in DISEASE_GROUPS), levels_en=tuple(en for _, _, en in DISEASE_GROUPS),
)  # fmt: skip
def serious_disease_group(snapshot: Snapshot) -> Array:
    group = _group(last_serious(snapshot))
    return last_serious(snapshot).max(np.where(group >= 0, group, np.nan))


@feature(
    zh="参加商业补充医疗保险人数", en="Members with commercial medical insurance", domain="health", cause="illness", unit="persons",
    monotone=0, model=False, reason="Quoted beside serious-illness insurance.",
    source="register member form: 是否参加商业补充医疗保险", says_zh="参加商业补充医疗保险的有{n_commercial_insurance}",
    says_en="members with commercial medical insurance: {n_commercial_insurance}",
)  # fmt: skip
def n_commercial_insurance(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(snapshot.members.ins_commercial, default=np.nan)


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
    *SUMS,
    bills_12m,
    stays_on_record,
    last_stay_day,
    last_stay_own,
    serious_bill_day,
    serious_disease_group,
    n_commercial_insurance,
)
