"""Sudden events and support: losses, accidents, lost work; measures that run, and measures that ended (断血).

A measure runs until its end has been seen; one without an end on record counts as running. Whether a measure
ended for the household is asked per kind: a post prolonged by a new row has not ended.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, feature, ratio, shared
from fanpin_risk.features.income import income_base
from fanpin_risk.records.schema import TABLES

__all__ = ["FEATURES"]

EVENT_RECORDS = "records of sudden events (突发事件)"
SUPPORT_RECORDS = "records of support measures (帮扶措施)"
# Kinds of disaster as the 2021 guidance on monitoring lists them: fire and epidemics stand beside the natural ones.
DISASTERS = ("flood", "geological", "drought", "pest", "weather", "earthquake", "fire", "epidemic")
ACCIDENTS = ("accident", "death")
BUSINESS = ("business_failure", "price_fall")
DEVELOPMENT = ("industry", "employment", "finance", "public_post")  # 开发式帮扶


@shared
def year(snapshot: Snapshot) -> KnownRows:
    """Sudden events of the last 12 months."""
    return snapshot.shocks.within(12)


@shared
def loss(snapshot: Snapshot) -> Array:
    """Losses of the last 12 months before insurance, CNY per household."""
    return year(snapshot).sum(year(snapshot).loss_cny)


@shared
def running(snapshot: Snapshot) -> KnownRows:
    """Measures whose end has not been seen."""
    return snapshot.supports.where(np.isnat(snapshot.supports.end_date))


@shared
def ended(snapshot: Snapshot) -> KnownRows:
    """Measures that have ended while the household has no running one of the same kind."""
    over = snapshot.supports.where(~np.isnat(snapshot.supports.end_date))
    return over.where(~np.isin(_kinds(over), _kinds(running(snapshot))))


def _kinds(rows: KnownRows) -> Array:
    """Give equal numbers to measures of the same kind in the same household."""
    return rows.household * len(TABLES["supports"]["measure"].codes) + rows.measure


def _count_kinds(rows: KnownRows) -> Array:
    """Count the distinct kinds of measure per household."""
    first = np.zeros(len(rows), dtype=bool)
    first[np.unique(_kinds(rows), return_index=True)[1]] = True
    return rows.count(first)


@feature(
    zh="近12个月突发事件次数", en="Sudden events, 12 months", domain="shocks", cause="other", unit="times", monotone=+1,
    reason="One more blow never helps; poverty comes back when blows add up.",
    source=EVENT_RECORDS + ", of any kind; 铁岭 study of 返贫 (党校, 扶贫办): causes are recurring and cumulative",
    says_zh="近12个月发生灾害、事故、失业等突发事件{shocks_12m}",
    says_en="sudden events (disaster, accident, lost work and the like) in the last 12 months: {shocks_12m}",
    actionable=False,
)  # fmt: skip
def shocks_12m(snapshot: Snapshot) -> Array:
    return year(snapshot).count()


@feature(
    zh="近12个月受灾次数", en="Disasters, 12 months", domain="shocks", cause="disaster", unit="times", monotone=+1,
    reason="因自然灾害 is a risk category; a disaster never helps.",
    source=EVENT_RECORDS + ": flood, landslide, drought, pests, weather, earthquake, fire, epidemic",
    says_zh="近12个月受灾{disaster_12m}", says_en="disasters in the last 12 months: {disaster_12m}", actionable=False,
)  # fmt: skip
def disaster_12m(snapshot: Snapshot) -> Array:
    return year(snapshot).count(year(snapshot).isin("kind", *DISASTERS))


@feature(
    zh="近12个月意外事故或死亡次数", en="Accidents and deaths, 12 months", domain="shocks", cause="accident", unit="times", monotone=+1,
    reason="因意外事故 is a risk category; it costs money and hands at once.", source=EVENT_RECORDS + ": 意外事故, 死亡",
    says_zh="近12个月发生意外事故或成员死亡{accident_or_death_12m}",
    says_en="accidents or deaths in the last 12 months: {accident_or_death_12m}", actionable=False,
)  # fmt: skip
def accident_or_death_12m(snapshot: Snapshot) -> Array:
    return year(snapshot).count(year(snapshot).isin("kind", *ACCIDENTS))


@feature(
    zh="近12个月失业返乡次数", en="Losses of work, 12 months", domain="shocks", cause="unstable_work", unit="times", monotone=+1,
    reason="因务工就业不稳 is a risk category; wages are the larger part of what such households earn.",
    source=EVENT_RECORDS + ": 失业返乡", says_zh="近12个月失业返乡{job_loss_12m}",
    says_en="members out of work and back home in the last 12 months: {job_loss_12m}",
)  # fmt: skip
def job_loss_12m(snapshot: Snapshot) -> Array:
    return year(snapshot).count(year(snapshot).isin("kind", "job_loss"))


@feature(
    zh="近12个月产业失败或滞销次数", en="Failed business or fallen prices, 12 months", domain="shocks", cause="business_failure",
    unit="times", monotone=+1, reason="因产业项目失败 is a risk category; what was put in is gone.",
    source=EVENT_RECORDS + ": 产业失败, 价格下跌", says_zh="近12个月产业项目失败或产品滞销、跌价{business_loss_12m}",
    says_en="failed businesses or falls of prices in the last 12 months: {business_loss_12m}",
)  # fmt: skip
def business_loss_12m(snapshot: Snapshot) -> Array:
    return year(snapshot).count(year(snapshot).isin("kind", *BUSINESS))


@feature(
    zh="近12个月未获赔付的损失", en="Losses not covered by insurance, 12 months", domain="shocks", cause="disaster", unit="CNY",
    monotone=+1, reason="What insurance does not pay, the household carries.",
    source=EVENT_RECORDS + ": 损失金额 - 保险赔付, at least 0 for each event that gives both",
    says_zh="近12个月因灾因事故等损失{loss_12m}，其中保险没有赔付的为{uninsured_loss_12m}",
    says_en="sudden events of the last 12 months cost {loss_12m}, of which insurance did not cover {uninsured_loss_12m}",
)  # fmt: skip
def uninsured_loss_12m(snapshot: Snapshot) -> Array:
    return year(snapshot).sum(np.maximum(year(snapshot).loss_cny - year(snapshot).insured_cny, 0.0))


@feature(
    zh="近12个月损失与年纯收入之比", en="Losses relative to net income, 12 months", domain="shocks", cause="disaster", unit="ratio",
    monotone=+1, reason="The same loss weighs heavier on a smaller income.",
    source=EVENT_RECORDS + ": 损失金额 before insurance; net income of the newest year",
    says_zh="近12个月因灾因事故等损失{loss_12m}，相当于家庭年纯收入（按{income_counted}计）的{loss_to_income_12m}",
    says_en="sudden events of the last 12 months cost {loss_12m}, {loss_to_income_12m} of the yearly net income "
    "(counted as {income_counted})",
)  # fmt: skip
def loss_to_income_12m(snapshot: Snapshot) -> Array:
    return ratio(loss(snapshot), income_base(snapshot))


@feature(
    zh="距最近一次突发事件的月数", en="Months since the last sudden event", domain="shocks", cause="other", unit="months", monotone=-1,
    reason="The longer ago, the more the household has recovered.", source=EVENT_RECORDS + "; missing where none is on record",
    says_zh="最近一次突发事件在{months_since_shock}前", says_en="the last sudden event was {months_since_shock} ago",
    actionable=False,
)  # fmt: skip
def months_since_shock(snapshot: Snapshot) -> Array:
    return snapshot.shocks.months_since_last()


@feature(
    zh="正在享受的帮扶措施数", en="Support measures running", domain="shocks", cause="low_income", unit="measures", monotone=0,
    reason="No claim: support helps, and goes to those in need.", source=SUPPORT_RECORDS + " without an end by the day",
    says_zh="正在享受的帮扶措施有{active_supports}", says_en="support measures now running: {active_supports}",
)  # fmt: skip
def active_supports(snapshot: Snapshot) -> Array:
    return running(snapshot).count()


@feature(
    zh="正在享受的开发式帮扶措施数", en="Development measures running", domain="shocks", cause="low_income", unit="measures", monotone=0,
    reason="No claim: work and credit help, and are offered first to those in need.",
    source="rules of monitoring: 开发式帮扶 is 产业, 就业, 金融, 公益岗位",
    says_zh="正在享受的产业、就业、金融、公益岗位帮扶有{development_supports}",
    says_en="measures for business, work, credit or a public post now running: {development_supports}",
)  # fmt: skip
def development_supports(snapshot: Snapshot) -> Array:
    return running(snapshot).count(running(snapshot).isin("measure", *DEVELOPMENT))


@feature(
    zh="正在享受的帮扶种类数", en="Kinds of support running", domain="shocks", cause="low_income", unit="measures", monotone=0,
    reason="No claim: several kinds show several needs, and meet them.", source=SUPPORT_RECORDS + ", each kind once",
    says_zh="正在享受的帮扶种类有{support_kinds}", says_en="kinds of support now running: {support_kinds}",
)  # fmt: skip
def support_kinds(snapshot: Snapshot) -> Array:
    return _count_kinds(running(snapshot))


@feature(
    zh="近12个月帮扶金额", en="Money of support measures begun in 12 months", domain="shocks", cause="low_income", unit="CNY", monotone=0,
    reason="No claim: more support meets more need.", source=SUPPORT_RECORDS + ": 帮扶金额 of measures begun within 12 months",
    says_zh="近12个月开始的帮扶措施金额合计{support_amount_12m}",
    says_en="support measures begun in the last 12 months amount to {support_amount_12m}",
)  # fmt: skip
def support_amount_12m(snapshot: Snapshot) -> Array:
    begun = snapshot.supports.within(12)
    unknown = begun.count(np.isnan(begun.amount_cny)) > 0  # what is known of them is not all
    return np.where(unknown, np.nan, begun.sum(begun.amount_cny))


@feature(
    zh="近12个月停止的帮扶种类数", en="Kinds of support that ended, 12 months", domain="shocks", cause="support", unit="measures",
    monotone=+1, reason="Support that stops leaves a hole (断血式返贫).",
    source="铁岭 study of 返贫 (党校, 扶贫办): 断血式返贫; kinds of measure that ended and of which none is running",
    says_zh="近12个月停止且没有接续的帮扶有{support_ended_12m}",
    says_en="kinds of support that ended in the last 12 months and were not continued: {support_ended_12m}",
)  # fmt: skip
def support_ended_12m(snapshot: Snapshot) -> Array:
    return _count_kinds(ended(snapshot).where(ended(snapshot).end_date > snapshot.months_before(12)))


@feature(
    zh="距帮扶停止的月数", en="Months since support ended", domain="shocks", cause="support", unit="months", monotone=-1,
    reason="The longer the household has done without, the better it stands on its own.",
    source="newest end of a measure of which none of the same kind is running; missing where there is none",
    says_zh="最近一项帮扶在{months_since_support_ended}前停止，没有接续",
    says_en="the last support to end without being continued ended {months_since_support_ended} ago",
)  # fmt: skip
def months_since_support_ended(snapshot: Snapshot) -> Array:
    return snapshot.full_months_since(ended(snapshot).max(ended(snapshot).end_date.astype("int64").astype("float64")))


@feature(
    zh="近12个月损失金额", en="Losses before insurance, 12 months", domain="shocks", cause="disaster", unit="CNY", monotone=0,
    model=False, reason="Quoted; the model sees what was not covered and the ratio to income.",
    source=EVENT_RECORDS + ": 损失金额", says_zh="近12个月因灾因事故等损失{loss_12m}",
    says_en="sudden events of the last 12 months cost {loss_12m}",
)  # fmt: skip
def loss_12m(snapshot: Snapshot) -> Array:
    return loss(snapshot).copy()


FEATURES = (
    shocks_12m,
    disaster_12m,
    accident_or_death_12m,
    job_loss_12m,
    business_loss_12m,
    uninsured_loss_12m,
    loss_to_income_12m,
    months_since_shock,
    active_supports,
    development_supports,
    support_kinds,
    support_amount_12m,
    support_ended_12m,
    months_since_support_ended,
    # context, quoted in sentences
    loss_12m,
)
