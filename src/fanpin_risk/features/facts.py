"""Facts of the official causes: what happened to the household, in yuan or in events, never an input of the model.

A cause is named only where a fact of it is on record (:mod:`fanpin_risk.explanation.causes`). What the features
already count (serious illness, school costs, certificates, events of a kind) is not counted again here.

A loss is what insurance did not pay, of the events of the last 12 months. A fall of wages or of business income
counts as far as the net income of the household fell with it: what another income made good is no cause of poverty.
Bills for injuries (ICD-10 chapters S and T) are costs of an accident, not of an illness.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.asof.reference_income import aid_for_illness
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, feature, shared
from fanpin_risk.features.health import bills
from fanpin_risk.features.income import income_base, income_years, lines_of_years, size
from fanpin_risk.features.shocks import DISASTERS, year

__all__ = ["FEATURES"]

EVENTS_OF_KIND = "records of sudden events (突发事件) of the last 12 months"
FORM_OF_TWO_YEARS = "register income form of the newest year and of the one before"
INJURIES = ("S", "T")  # chapters of ICD-10
ANSWERED = "risk category of the official list; "


@shared
def _treatment(snapshot: Snapshot) -> tuple[KnownRows, KnownRows]:
    """Bills of the last 12 months, those for injuries and all others."""
    rows = bills(snapshot).within(12)
    chapter = pd.Series(rows.icd10, dtype="object").astype("str").str.strip().str[:1].str.upper()
    injury = chapter.isin(INJURIES).to_numpy()
    return rows.where(injury), rows.where(~injury)


def _net_loss(snapshot: Snapshot, *kinds: str) -> Array:
    """Losses by events of some kinds that insurance did not pay, of the events that give both figures."""
    rows = year(snapshot).where(year(snapshot).isin("kind", *kinds))
    return rows.sum(np.maximum(rows.loss_cny - rows.insured_cny, 0.0))


def _count_events(snapshot: Snapshot, *kinds: str) -> Array:
    return year(snapshot).count(year(snapshot).isin("kind", *kinds))


def _aid_for_illness(snapshot: Snapshot) -> Array:
    """Money that came for an illness: measures against it, or claims that no event explains, whichever is more."""
    supports = snapshot.supports.within(12)
    paid = supports.where(supports.isin("measure", "insurance_payout") & supports.isin("for_cause", "illness"))
    aid = aid_for_illness(supports)
    measures = np.nan_to_num(paid.sum(paid.amount_cny)) + np.nan_to_num(aid.sum(aid.amount_cny))
    events = year(snapshot)
    claims = snapshot.incomes.where(snapshot.incomes.isin("item", "claim_payout")).within(12)
    unexplained = np.nan_to_num(claims.sum(claims.amount_cny)) - np.nan_to_num(events.sum(events.insured_cny))
    return np.maximum(measures, np.maximum(unexplained, 0.0))


def _fall(snapshot: Snapshot, kind: str) -> Array:
    """By how much an income of a kind fell over the year, as far as the net income fell with it; CNY, at least 0."""
    new, old = income_years(snapshot)[:2]
    fall = np.minimum(getattr(old, kind) - getattr(new, kind), old.net - new.net)
    return np.maximum(fall, 0.0)


@feature(
    zh="扣除理赔救助后的医疗自付", en="Out-of-pocket medical costs less pay-outs, 12 months", domain="health", cause="illness",
    unit="CNY", monotone=0, model=False, reason="The fact behind 因病: what an illness cost the household itself.",
    source=ANSWERED + "个人自付 of bills other than for injuries, less 防贫保, 临时救助, 社会帮扶 and other aid for illness, or claims "
    "(理赔) of the income form that no event explains",
    says_zh="近12个月因病自付{medical_burden}（已扣除理赔和救助）|近12个月没有因病自付的医疗费",
    says_en="illness cost the household {medical_burden} in the last 12 months, pay-outs and aid taken off"
    "|illness cost the household nothing in the last 12 months",
)  # fmt: skip
def medical_burden(snapshot: Snapshot) -> Array:
    other = _treatment(snapshot)[1]
    return np.maximum(other.sum(other.out_of_pocket_cny) - _aid_for_illness(snapshot), 0.0)


@feature(
    zh="伤病医疗自付", en="Out-of-pocket costs for injuries, 12 months", domain="health", cause="accident", unit="CNY", monotone=0,
    model=False, reason="The fact behind 因意外事故 where the event itself is not on record.",
    source=ANSWERED + "个人自付 of bills with an ICD-10 code of chapters S and T",
    says_zh="近12个月治疗外伤自付{injury_cost}|近12个月没有治疗外伤的自付费用",
    says_en="treatment of injuries cost the household {injury_cost} in the last 12 months"
    "|treatment of injuries cost the household nothing in the last 12 months",
)  # fmt: skip
def injury_cost(snapshot: Snapshot) -> Array:
    injuries, other = _treatment(snapshot)
    cost = injuries.sum(injuries.out_of_pocket_cny)
    unknown = other.count(~other.known("icd10")) > 0
    return np.where((cost == 0) & unknown, np.nan, cost)


@feature(
    zh="因灾净损失", en="Losses by disasters less insurance, 12 months", domain="shocks", cause="disaster", unit="CNY", monotone=0,
    model=False, reason="The fact behind 因自然灾害.", source=ANSWERED + EVENTS_OF_KIND + ": 损失金额 - 保险赔付",
    says_zh="近12个月因灾损失{disaster_burden}（已扣除保险赔付）|近12个月没有保险未赔付的因灾损失",
    says_en="disasters of the last 12 months cost {disaster_burden}, insurance taken off"
    "|no loss by disasters in the last 12 months that insurance did not pay",
)  # fmt: skip
def disaster_burden(snapshot: Snapshot) -> Array:
    return _net_loss(snapshot, *DISASTERS)


@feature(
    zh="意外事故次数", en="Accidents, 12 months", domain="shocks", cause="accident", unit="times", monotone=0, model=False,
    reason="The fact behind 因意外事故.", source=ANSWERED + EVENTS_OF_KIND + ": 意外事故",
    says_zh="近12个月发生意外事故{accidents_12m}|近12个月没有意外事故",
    says_en="accidents in the last 12 months: {accidents_12m}|no accident in the last 12 months",
)  # fmt: skip
def accidents_12m(snapshot: Snapshot) -> Array:
    return _count_events(snapshot, "accident")


@feature(
    zh="意外事故净损失", en="Losses by accidents less insurance, 12 months", domain="shocks", cause="accident", unit="CNY",
    monotone=0, model=False, reason="The fact behind 因意外事故.", source=ANSWERED + EVENTS_OF_KIND + ": 损失金额 - 保险赔付",
    says_zh="近12个月因意外事故损失{accident_burden}（已扣除保险赔付）|近12个月没有保险未赔付的事故损失",
    says_en="accidents of the last 12 months cost {accident_burden}, insurance taken off"
    "|no loss by accidents in the last 12 months that insurance did not pay",
)  # fmt: skip
def accident_burden(snapshot: Snapshot) -> Array:
    return _net_loss(snapshot, "accident")


@feature(
    zh="产业净损失", en="Losses of business less insurance, 12 months", domain="shocks", cause="business_failure", unit="CNY",
    monotone=0, model=False, reason="The fact behind 因产业项目失败.",
    source=ANSWERED + EVENTS_OF_KIND + " (产业失败, 价格下跌): 损失金额 - 保险赔付",
    says_zh="近12个月因产业失败或跌价滞销损失{business_burden}（已扣除保险赔付）|近12个月没有保险未赔付的产业损失",
    says_en="failed business or fallen prices of the last 12 months cost {business_burden}, insurance taken off"
    "|no loss of business in the last 12 months that insurance did not pay",
)  # fmt: skip
def business_burden(snapshot: Snapshot) -> Array:
    return _net_loss(snapshot, "business_failure", "price_fall")


@feature(
    zh="经营净收入减少额", en="Fall of net business income", domain="income", cause="business_failure", unit="CNY", monotone=0,
    model=False, reason="The fact behind 因产业项目失败 where no event is on record.",
    source=ANSWERED + FORM_OF_TWO_YEARS + ": 生产经营性收入 - 支出, as far as net income fell with it",
    says_zh="{income_period}经营净收入比{income_period_previous}减少{business_fall}|{income_period}经营净收入没有减少",
    says_en="net business income fell by {business_fall} from {income_period_previous} to {income_period}"
    "|net business income did not fall in {income_period}",
)  # fmt: skip
def business_fall(snapshot: Snapshot) -> Array:
    return _fall(snapshot, "business")


@feature(
    zh="经营亏损额", en="Loss of the business over the year", domain="income", cause="business_failure", unit="CNY", monotone=0,
    model=False, reason="The fact behind 因产业项目失败: costs above what the business brought in.",
    source=ANSWERED + "register income form: 生产经营性支出 above 生产经营性收入",
    says_zh="{income_period}经营亏损{business_deficit}|{income_period}经营没有亏损",
    says_en="in {income_period} the business lost {business_deficit}|in {income_period} the business made no loss",
)  # fmt: skip
def business_deficit(snapshot: Snapshot) -> Array:
    return np.maximum(-income_years(snapshot)[0].business, 0.0)


@feature(
    zh="家庭纯收入减少额", en="Fall of net income", domain="income", cause="low_income", unit="CNY", monotone=0, model=False,
    reason="What the falls of wages and of business income are parts of.", source=FORM_OF_TWO_YEARS,
    says_zh="{income_period}家庭纯收入比{income_period_previous}减少{income_fall}|{income_period}家庭纯收入没有减少",
    says_en="net income of the household fell by {income_fall} from {income_period_previous} to {income_period}"
    "|net income of the household did not fall in {income_period}",
)  # fmt: skip
def income_fall(snapshot: Snapshot) -> Array:
    return _fall(snapshot, "net")


@feature(
    zh="工资性收入减少额", en="Fall of wages", domain="income", cause="unstable_work", unit="CNY", monotone=0, model=False,
    reason="The fact behind 因务工就业不稳 where no event is on record.",
    source=ANSWERED + FORM_OF_TWO_YEARS + ": 工资性收入, as far as net income fell with it",
    says_zh="{income_period}工资性收入比{income_period_previous}减少{wage_fall}|{income_period}工资性收入没有减少",
    says_en="wages fell by {wage_fall} from {income_period_previous} to {income_period}|wages did not fall in {income_period}",
)  # fmt: skip
def wage_fall(snapshot: Snapshot) -> Array:
    return _fall(snapshot, "wages")


@feature(
    zh="成员死亡事件数", en="Deaths, 12 months", domain="shocks", cause="other", unit="times", monotone=0, model=False,
    reason="A death is no accident: it is a fact of 其他.", source=ANSWERED + EVENTS_OF_KIND + ": 死亡",
    says_zh="近12个月有成员死亡{deaths_12m}|近12个月没有成员死亡",
    says_en="deaths of members in the last 12 months: {deaths_12m}|no death in the last 12 months", actionable=False,
)  # fmt: skip
def deaths_12m(snapshot: Snapshot) -> Array:
    return _count_events(snapshot, "death")


@feature(
    zh="债务事件数", en="Debt events, 12 months", domain="shocks", cause="other", unit="times", monotone=0, model=False,
    reason="A debt that fell due is neither a disaster nor a failed business: it is a fact of 其他.",
    source=ANSWERED + EVENTS_OF_KIND + ": 债务",
    says_zh="近12个月发生债务问题{debt_events_12m}|近12个月没有债务问题",
    says_en="trouble with debts in the last 12 months: {debt_events_12m}|no trouble with debts in the last 12 months",
)  # fmt: skip
def debt_events_12m(snapshot: Snapshot) -> Array:
    return _count_events(snapshot, "debt")


@feature(
    zh="超过年收入的负债", en="Debt above a year's income", domain="household", cause="other", unit="CNY", monotone=0, model=False,
    reason="过度负债 is a named risk without a category of its own: a fact of 其他.",
    source="risks named by 内蒙古: 过度负债; register household form: 家庭负债, where it is more than a year's net income and more "
    "than the line for all members",
    says_zh="家庭负债{excessive_debt}，超过一年的纯收入|家庭负债没有超过一年的纯收入",
    says_en="the household owes {excessive_debt}, more than a year's net income"
    "|the household owes no more than a year's net income",
)  # fmt: skip
def excessive_debt(snapshot: Snapshot) -> Array:
    owed = snapshot.households.debt_cny
    income = income_base(snapshot)
    large = owed > np.fmax(income, lines_of_years(snapshot)[0] * size(snapshot))
    return np.where(np.isnan(owed) | np.isnan(income), np.nan, np.where(large, owed, 0.0))


FEATURES = (
    medical_burden,
    injury_cost,
    disaster_burden,
    accidents_12m,
    accident_burden,
    business_burden,
    business_fall,
    business_deficit,
    income_fall,
    wage_fall,
    deaths_12m,
    debt_events_12m,
    excessive_debt,
)
