"""Sudden events and support: losses, accidents, lost work; measures that run, and measures that ended (断血).

Events are told by kind: only disasters are 因自然灾害; a failed business, lost work and debt are not.
Of several events the newest is named; of those on one day the one with the largest loss.

A measure runs until its end has been seen; one without an end on record counts as running. Whether a measure
ended for the household is asked per kind: a post prolonged by a new row has not ended.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import CAUSES, Array, Feature, feature, ratio, shared
from fanpin_risk.features.income import BURDEN_EN, BURDEN_ZH, income_base
from fanpin_risk.records.code_lists import RISK, SHOCK_KIND
from fanpin_risk.records.schema import TABLES

__all__ = ["FEATURES"]

EVENT_RECORDS = "records of sudden events (突发事件)"
SUPPORT_RECORDS = "records of support measures (帮扶措施)"
# Kinds of disaster as the 2021 guidance on monitoring lists them: fire and epidemics stand beside the natural ones.
DISASTERS = ("flood", "geological", "drought", "pest", "weather", "earthquake", "fire", "epidemic")
ACCIDENTS = ("accident", "death")
FAILED_BUSINESS = ("business_failure", "price_fall")
DEVELOPMENT = ("industry", "employment", "finance", "public_post")  # 开发式帮扶

EVENT_NAMES = {  # kind: how a sentence names it, after 发生 in Chinese
    "flood": ("洪涝灾害", "flood"), "geological": ("地质灾害", "landslide or the like"), "drought": ("旱灾", "drought"),
    "pest": ("生物灾害", "pests or animal disease"), "weather": ("气象灾害", "storm, hail, frost or the like"),
    "earthquake": ("地震", "earthquake"), "fire": ("火灾", "fire"), "epidemic": ("疫情", "epidemic"),
    "accident": ("意外事故", "accident"), "death": ("家庭成员死亡", "death of a member"),
    "business_failure": ("产业项目失败", "failed business"), "job_loss": ("失业返乡", "loss of work"),
    "price_fall": ("价格下跌或滞销", "fall of prices or unsold produce"), "debt": ("债务问题", "debt"),
}  # fmt: skip
MEASURE_NAMES = {  # measure: how a sentence names it
    "industry": ("产业帮扶", "support of a business"), "employment": ("就业帮扶", "help to find work"),
    "finance": ("金融帮扶", "credit"), "public_post": ("公益岗位", "a public post"), "housing": ("住房安全保障", "help with the house"),
    "water": ("饮水安全保障", "help with drinking water"), "health": ("健康帮扶", "health support"),
    "compulsory_education": ("义务教育保障", "support of compulsory schooling"), "education": ("教育帮扶", "support of schooling"),
    "social_security": ("综合保障", "social security"), "society": ("社会帮扶", "help from society"),
    "resettlement": ("易地搬迁", "resettlement"), "living_conditions": ("生产生活条件改善", "better living conditions"),
    "infrastructure": ("基础设施建设", "infrastructure"), "temporary_aid": ("临时救助", "temporary aid"),
    "insurance_payout": ("防贫保险", "insurance against poverty"), "other": ("其他帮扶", "other support"),
}  # fmt: skip
EVENT_GROUPS: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    # group: kinds, what it is called in Chinese and English, and the cause that its losses are of
    "event": (tuple(SHOCK_KIND), "突发事件", "sudden events", "other"),
    "disaster": (DISASTERS, "受灾", "disasters", "disaster"),
    "accident": (ACCIDENTS, "意外事故、成员死亡", "accidents and deaths", "accident"),
    "job_loss": (("job_loss",), "失业返乡", "losses of work", "unstable_work"),
    "business": (
        FAILED_BUSINESS,
        "产业项目失败、价格下跌或滞销",
        "failed businesses and falls of prices",
        "business_failure",
    ),
}
COSTLY = ("disaster", "accident", "business")  # groups whose losses are counted
# How the newest event of a group is told, and where: {0} stands for the group.
TOLD_ZH = "{{last_{0}_day}}发生{{last_{0}_kind}}[，损失{{last_{0}_loss}}|][，保险赔付{{last_{0}_paid}}|，保险没有赔付]"
TOLD_EN = (
    "{{last_{0}_kind}} on {{last_{0}_day}}[, loss {{last_{0}_loss}}|]"
    "[, insurance paid {{last_{0}_paid}}|, insurance paid nothing]"
)


@shared
def year(snapshot: Snapshot) -> KnownRows:
    """Sudden events of the last 12 months."""
    return snapshot.shocks.within(12)


def _loss(rows: KnownRows) -> Array:
    """Losses on record before insurance, CNY per household."""
    return rows.sum(rows.loss_cny)


def _of_kind(rows: KnownRows, kinds: tuple[str, ...]) -> KnownRows:
    return rows.where(rows.isin("kind", *kinds))


def _newest(rows: KnownRows) -> KnownRows:
    """Keep each household's newest event; of those on one day the one with the largest loss."""
    paid, lost = (np.nan_to_num(values, nan=-1.0) for values in (rows.insured_cny, rows.loss_cny))
    return rows.last_by(rows.kind, paid, lost, rows.time)


@shared
def running(snapshot: Snapshot) -> KnownRows:
    """Measures whose end has not been seen."""
    return snapshot.supports.where(np.isnat(snapshot.supports.end_date))


@shared
def ended(snapshot: Snapshot) -> KnownRows:
    """Measures that have ended while the household has no running one of the same kind."""
    over = snapshot.supports.where(~np.isnat(snapshot.supports.end_date))
    return over.where(~np.isin(_kinds(over), _kinds(running(snapshot))))


@shared
def newest_running(snapshot: Snapshot) -> KnownRows:
    """Return the running measure that began last, one for each household."""
    rows = running(snapshot)
    return rows.last_by(rows.for_cause, rows.measure, rows.time)


@shared
def last_ended(snapshot: Snapshot) -> KnownRows:
    """Return the measure that ended last without being continued, one for each household."""
    rows = ended(snapshot)
    return rows.last_by(rows.for_cause, rows.measure, rows.end_date)


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
    says_zh=TOLD_ZH.format("event") + "；近12个月突发事件共{shocks_12m}[，登记的损失合计{loss_12m}|]"
    "|近12个月没有突发事件记录[（最近一次：{last_event_day}的{last_event_kind}）]",
    says_en=TOLD_EN.format("event") + "; sudden events in the last 12 months: {shocks_12m}[, losses on record {loss_12m}|]"
    "|no sudden event on record in the last 12 months[ (the last one: {last_event_kind} on {last_event_day})]",
    actionable=False,
)  # fmt: skip
def shocks_12m(snapshot: Snapshot) -> Array:
    return year(snapshot).count()


@feature(
    zh="近12个月受灾次数", en="Disasters, 12 months", domain="shocks", cause="disaster", unit="times", monotone=+1,
    reason="因自然灾害 is a risk category; a disaster never helps.",
    source=EVENT_RECORDS + ": flood, landslide, drought, pests, weather, earthquake, fire, epidemic",
    says_zh=TOLD_ZH.format("disaster") + "；近12个月受灾共{disaster_12m}|近12个月没有受灾记录",
    says_en=TOLD_EN.format("disaster") + "; disasters in the last 12 months: {disaster_12m}"
    "|no disaster on record in the last 12 months",
    actionable=False,
)  # fmt: skip
def disaster_12m(snapshot: Snapshot) -> Array:
    return _of_kind(year(snapshot), DISASTERS).count()


@feature(
    zh="近12个月意外事故或死亡次数", en="Accidents and deaths, 12 months", domain="shocks", cause="accident", unit="times", monotone=+1,
    reason="因意外事故 is a risk category; it costs money and hands at once.", source=EVENT_RECORDS + ": 意外事故, 死亡",
    says_zh=TOLD_ZH.format("accident") + "；近12个月意外事故、成员死亡共{accident_or_death_12m}"
    "|近12个月没有意外事故或成员死亡的记录",
    says_en=TOLD_EN.format("accident") + "; accidents and deaths in the last 12 months: {accident_or_death_12m}"
    "|no accident or death on record in the last 12 months",
    actionable=False,
)  # fmt: skip
def accident_or_death_12m(snapshot: Snapshot) -> Array:
    return _of_kind(year(snapshot), ACCIDENTS).count()


@feature(
    zh="近12个月失业返乡次数", en="Losses of work, 12 months", domain="shocks", cause="unstable_work", unit="times", monotone=+1,
    reason="因务工就业不稳 is a risk category; wages are the larger part of what such households earn.",
    source=EVENT_RECORDS + ": 失业返乡",
    says_zh="{last_job_loss_day}有成员失业返乡[，登记的损失{last_job_loss_loss}|]；近12个月失业返乡共{job_loss_12m}|近12个月没有失业返乡记录",
    says_en="a member lost work and came home on {last_job_loss_day}[, loss on record {last_job_loss_loss}|]; losses of work in "
    "the last 12 months: {job_loss_12m}"
    "|no loss of work on record in the last 12 months",
)  # fmt: skip
def job_loss_12m(snapshot: Snapshot) -> Array:
    return _of_kind(year(snapshot), ("job_loss",)).count()


@feature(
    zh="近12个月产业失败或滞销次数", en="Failed business or fallen prices, 12 months", domain="shocks", cause="business_failure",
    unit="times", monotone=+1, reason="因产业项目失败 is a risk category; what was put in is gone.",
    source=EVENT_RECORDS + ": 产业失败, 价格下跌",
    says_zh=TOLD_ZH.format("business") + "；近12个月产业项目失败、价格下跌或滞销共{business_loss_12m}"
    "|近12个月没有产业项目失败、价格下跌或滞销的记录",
    says_en=TOLD_EN.format("business") + "; failed businesses and falls of prices in the last 12 months: {business_loss_12m}"
    "|no failed business or fall of prices on record in the last 12 months",
)  # fmt: skip
def business_loss_12m(snapshot: Snapshot) -> Array:
    return _of_kind(year(snapshot), FAILED_BUSINESS).count()


@feature(
    zh="距最近一次突发事件的月数", en="Months since the last sudden event", domain="shocks", cause="other", unit="months", monotone=-1,
    reason="The longer ago, the more the household has recovered.", source=EVENT_RECORDS + "; not applicable where none is on record",
    says_zh="最近一次突发事件：" + TOLD_ZH.format("event") + "，距今{months_since_shock}"
    "|最近一次突发事件：" + TOLD_ZH.format("event") + "，距今不满一个月",
    says_en="the last sudden event: " + TOLD_EN.format("event") + ", {months_since_shock} ago"
    "|the last sudden event: " + TOLD_EN.format("event") + ", less than a month ago",
    actionable=False, needs="events_on_record",
)  # fmt: skip
def months_since_shock(snapshot: Snapshot) -> Array:
    return snapshot.shocks.months_since_last()


@feature(
    zh="正在享受的帮扶措施数", en="Support measures running", domain="shocks", cause="low_income", unit="measures", monotone=0,
    reason="No claim: support helps, and goes to those in need.", source=SUPPORT_RECORDS + " without an end by the day",
    says_zh="正在享受的帮扶措施有{active_supports}[，最近一项为{newest_support}][（针对{newest_support_cause}风险）]"
    "|没有正在享受的帮扶措施",
    says_en="support measures now running: {active_supports}[, the newest of them {newest_support}]"
    "[ (against the risk: {newest_support_cause})]|no support measure is running",
)  # fmt: skip
def active_supports(snapshot: Snapshot) -> Array:
    return running(snapshot).count()


@feature(
    zh="正在享受的开发式帮扶措施数", en="Development measures running", domain="shocks", cause="low_income", unit="measures", monotone=0,
    reason="No claim: work and credit help, and are offered first to those in need.",
    source="rules of monitoring: 开发式帮扶 is 产业, 就业, 金融, 公益岗位",
    says_zh="正在享受的产业、就业、金融、公益岗位帮扶有{development_supports}|没有正在享受的产业、就业、金融、公益岗位帮扶",
    says_en="measures for business, work, credit or a public post now running: {development_supports}"
    "|no measure for business, work, credit or a public post is running",
)  # fmt: skip
def development_supports(snapshot: Snapshot) -> Array:
    return running(snapshot).count(running(snapshot).isin("measure", *DEVELOPMENT))


@feature(
    zh="正在享受的帮扶种类数", en="Kinds of support running", domain="shocks", cause="low_income", unit="measures", monotone=0,
    reason="No claim: several kinds show several needs, and meet them.", source=SUPPORT_RECORDS + ", each kind once",
    says_zh="正在享受的帮扶措施有{active_supports}，其中不同种类的有{support_kinds}|没有正在享受的任何一种帮扶",
    says_en="support measures now running: {active_supports}, of {support_kinds} different kinds|no kind of support is running",
)  # fmt: skip
def support_kinds(snapshot: Snapshot) -> Array:
    return _count_kinds(running(snapshot))


@feature(
    zh="近12个月帮扶金额", en="Money of support measures begun in 12 months", domain="shocks", cause="low_income", unit="CNY", monotone=0,
    reason="No claim: more support meets more need.", source=SUPPORT_RECORDS + ": 帮扶金额 of measures begun within 12 months",
    says_zh="近12个月开始的帮扶措施金额合计{support_amount_12m}|近12个月没有新的帮扶资金",
    says_en="support measures begun in the last 12 months amount to {support_amount_12m}"
    "|no money of support measures begun in the last 12 months",
)  # fmt: skip
def support_amount_12m(snapshot: Snapshot) -> Array:
    begun = snapshot.supports.within(12)
    unknown = begun.count(np.isnan(begun.amount_cny)) > 0  # what is known of them is not all
    return np.where(unknown, np.nan, begun.sum(begun.amount_cny))


@feature(
    zh="近12个月停止的帮扶种类数", en="Kinds of support that ended, 12 months", domain="shocks", cause="support", unit="measures",
    monotone=+1, reason="Support that stops leaves a hole (断血式返贫).",
    source="铁岭 study of 返贫 (党校, 扶贫办): 断血式返贫; kinds of measure that ended and of which none is running",
    says_zh="{ended_support_day}停止的{ended_support}[（针对{ended_support_cause}风险）]没有接续；"
    "近12个月停止且没有接续的帮扶共{support_ended_12m}|近12个月没有停止后未接续的帮扶",
    says_en="{ended_support}[ (against the risk: {ended_support_cause})] ended on {ended_support_day} and was not continued; "
    "kinds of support that ended so in the last 12 months: {support_ended_12m}"
    "|no support ended in the last 12 months without being continued",
)  # fmt: skip
def support_ended_12m(snapshot: Snapshot) -> Array:
    return _count_kinds(ended(snapshot).where(ended(snapshot).end_date > snapshot.months_before(12)))


@feature(
    zh="距帮扶停止的月数", en="Months since support ended", domain="shocks", cause="support", unit="months", monotone=-1,
    reason="The longer the household has done without, the better it stands on its own.",
    source="newest end of a measure of which none of the same kind is running; not applicable where there is none",
    says_zh="{ended_support_day}停止的{ended_support}[（针对{ended_support_cause}风险）]没有接续，距今{months_since_support_ended}"
    "|{ended_support_day}停止的{ended_support}[（针对{ended_support_cause}风险）]没有接续，距今不满一个月",
    says_en="{ended_support}[ (against the risk: {ended_support_cause})] ended on {ended_support_day}, "
    "{months_since_support_ended} ago, and was not continued"
    "|{ended_support}[ (against the risk: {ended_support_cause})] ended on {ended_support_day}, "
    "less than a month ago, and was not continued",
    needs="supports_ended",
)  # fmt: skip
def months_since_support_ended(snapshot: Snapshot) -> Array:
    return snapshot.full_months_since(ended(snapshot).max(ended(snapshot).end_date.astype("int64").astype("float64")))


# --- context, quoted in sentences -----------------------------------------------------------------------------------
@shared
def newest_events(snapshot: Snapshot) -> dict[str, KnownRows]:
    """Newest event of each group, whenever it was."""
    return {group: _newest(_of_kind(snapshot.shocks, kinds)) for group, (kinds, *_) in EVENT_GROUPS.items()}


def _day_of(rows: KnownRows) -> Array:
    return rows.max(rows.time.astype("int64").astype("float64"))


def _paid(rows: KnownRows) -> Array:
    """Return what insurance paid; nothing is said of it where nothing is known to be lost."""
    return rows.max(np.where((rows.insured_cny == 0) & ~(rows.loss_cny > 0), np.nan, rows.insured_cny))


def _told(group: str) -> tuple[Feature, ...]:
    """Declare what a sentence tells of the newest event of a group: kind, day, loss, insurance; of lost work day and loss."""
    _, called_zh, called_en, cause = EVENT_GROUPS[group]
    facts: tuple[tuple[str, str, str, str, Callable[[KnownRows], Array]], ...] = (
        ("kind", "类型", "kind of the last one", "category", lambda rows: rows.max(rows.level("kind"))),
        ("day", "日期", "day of the last one", "day", _day_of),
        ("loss", "损失", "loss by the last one", "CNY", lambda rows: rows.max(rows.loss_cny)),
        ("paid", "保险赔付", "insurance payment for the last one", "CNY", _paid),
    )

    def declare(fact: str, zh: str, en: str, unit: str, of: Callable[[KnownRows], Array]) -> Feature:
        def compute(snapshot: Snapshot) -> Array:
            return of(newest_events(snapshot)[group])

        compute.__name__ = name = f"last_{group}_{fact}"
        names = EVENT_NAMES.values() if unit == "category" else ()
        return feature(
            zh=f"最近一次{called_zh}的{zh}", en=f"{en} of {called_en}".capitalize(), domain="shocks", cause=cause, unit=unit, monotone=0,
            model=False, reason="Quoted, so that an event is named.", source=EVENT_RECORDS + ", the newest row",
            says_zh=f"最近一次{called_zh}的{zh}：{{{name}}}", says_en=f"{en} of {called_en}: {{{name}}}",
            levels_zh=tuple(zh for zh, _ in names) or None, levels_en=tuple(en for _, en in names) or None,
        )(compute)  # fmt: skip

    wanted = [fact for fact in facts if group != "job_loss" or fact[0] in ("day", "loss")]
    return tuple(declare(*fact) for fact in wanted)


def _losses(group: str) -> tuple[Feature, ...]:
    """Declare the losses by events of a group: what insurance did not cover, what they cost, and that relative to income."""
    kinds, zh, en, cause = EVENT_GROUPS[group]
    told_zh, told_en = TOLD_ZH.format(group), TOLD_EN.format(group)

    def uninsured(snapshot: Snapshot) -> Array:
        events = _of_kind(year(snapshot), kinds)
        return events.sum(np.maximum(events.loss_cny - events.insured_cny, 0.0))

    def to_income(snapshot: Snapshot) -> Array:
        return ratio(_loss(_of_kind(year(snapshot), kinds)), income_base(snapshot))

    def cost(snapshot: Snapshot) -> Array:
        return _loss(_of_kind(year(snapshot), kinds))

    uninsured.__name__, to_income.__name__, cost.__name__ = (
        f"{group}_uninsured_12m",
        f"{group}_to_income_12m",
        f"{group}_cost_12m",
    )
    return (
        feature(
            zh=f"近12个月{zh}未获赔付的损失", en=f"Losses by {en} not covered by insurance, 12 months", domain="shocks",
            cause=cause, unit="CNY", monotone=+1, reason="What insurance does not pay, the household carries.",
            source=EVENT_RECORDS + ": 损失金额 - 保险赔付, at least 0 for each event that gives both; of the kinds " + ", ".join(kinds),
            says_zh=f"{told_zh}；按登记的损失和赔付计，近12个月{zh}的损失中保险没有赔付的共{{{group}_uninsured_12m}}"
            f"|近12个月没有登记保险未赔付的{zh}损失",
            says_en=f"{told_en}; by losses and payments on record, insurance did not cover {{{group}_uninsured_12m}} of what "
            f"{en} cost in the last 12 months|no loss by {en} on record in the last 12 months that insurance did not cover",
        )(uninsured),
        feature(
            zh=f"近12个月{zh}损失与年纯收入之比", en=f"Losses by {en} relative to net income, 12 months", domain="shocks",
            cause=cause, unit="ratio", monotone=+1, reason="The same loss weighs heavier on a smaller income.",
            source=EVENT_RECORDS + ": 损失金额 before insurance; net income of the newest year; of the kinds " + ", ".join(kinds),
            says_zh=f"{told_zh}；近12个月登记的{zh}损失共{{{group}_cost_12m}}，相当于{BURDEN_ZH}的{{{group}_to_income_12m}}"
            f"|近12个月没有登记{zh}损失",
            says_en=f"{told_en}; losses by {en} on record in the last 12 months are {{{group}_cost_12m}}, "
            f"{{{group}_to_income_12m}} of {BURDEN_EN}|no loss by {en} on record in the last 12 months",
        )(to_income),
        feature(
            zh=f"近12个月{zh}登记的损失", en=f"Losses on record by {en}, 12 months", domain="shocks", cause=cause, unit="CNY",
            monotone=0, model=False, reason="Quoted; the model sees its ratio to income.", source=EVENT_RECORDS + ": 损失金额",
            says_zh=f"近12个月{zh}登记的损失共{{{group}_cost_12m}}",
            says_en=f"losses on record by {en} in the last 12 months: {{{group}_cost_12m}}",
        )(cost),
    )  # fmt: skip


@feature(
    zh="近12个月损失金额", en="Losses before insurance, 12 months", domain="shocks", cause="other", unit="CNY", monotone=0,
    model=False, reason="Quoted; the model sees losses by kind of event.",
    source=EVENT_RECORDS + ": 损失金额", says_zh="近12个月突发事件登记的损失合计{loss_12m}",
    says_en="sudden events of the last 12 months cost {loss_12m} by what is on record",
)  # fmt: skip
def loss_12m(snapshot: Snapshot) -> Array:
    return _loss(year(snapshot))


@feature(
    zh="登记的突发事件总数", en="Sudden events on record, ever", domain="shocks", cause="other", unit="times", monotone=0,
    model=False, reason="Says whether there is a last one.", source=EVENT_RECORDS,
    says_zh="登记的突发事件共{events_on_record}", says_en="sudden events on record: {events_on_record}",
)  # fmt: skip
def events_on_record(snapshot: Snapshot) -> Array:
    return snapshot.shocks.count()


@feature(
    zh="停止且没有接续的帮扶种类总数", en="Kinds of support that ended, ever", domain="shocks", cause="support", unit="measures",
    monotone=0, model=False, reason="Says whether there is a last one.", source=SUPPORT_RECORDS,
    says_zh="停止且没有接续的帮扶共{supports_ended}", says_en="kinds of support that ended and were not continued: {supports_ended}",
)  # fmt: skip
def supports_ended(snapshot: Snapshot) -> Array:
    return _count_kinds(ended(snapshot))


@feature(
    zh="最近停止且没有接续的帮扶", en="Last support to end", domain="shocks", cause="support", unit="category", monotone=0,
    model=False, reason="Quoted, so that the support is named.", source=SUPPORT_RECORDS,
    says_zh="最近停止且没有接续的帮扶：{ended_support}", says_en="the last support to end: {ended_support}",
    levels_zh=tuple(zh for zh, _ in MEASURE_NAMES.values()), levels_en=tuple(en for _, en in MEASURE_NAMES.values()),
)  # fmt: skip
def ended_support(snapshot: Snapshot) -> Array:
    return last_ended(snapshot).max(last_ended(snapshot).level("measure"))


@feature(
    zh="最近停止且没有接续的帮扶的停止日期", en="Day on which the last support ended", domain="shocks", cause="support", unit="day",
    monotone=0, model=False, reason="Quoted, so that the support is named.", source=SUPPORT_RECORDS,
    says_zh="最近一项帮扶停止于{ended_support_day}", says_en="the last support ended on {ended_support_day}",
)  # fmt: skip
def ended_support_day(snapshot: Snapshot) -> Array:
    return last_ended(snapshot).max(last_ended(snapshot).end_date.astype("int64").astype("float64"))


@feature(
    zh="最近停止的帮扶针对的风险", en="Risk that the last support to end was against", domain="shocks", cause="support", unit="category",
    monotone=0, model=False, reason="Quoted, so that the support is named.", source=SUPPORT_RECORDS + ": 针对风险",
    says_zh="最近停止的帮扶针对：{ended_support_cause}", says_en="the last support to end was against: {ended_support_cause}",
    levels_zh=tuple(CAUSES[risk].shown("zh") for risk in RISK), levels_en=tuple(CAUSES[risk].shown("en") for risk in RISK),
)  # fmt: skip
def ended_support_cause(snapshot: Snapshot) -> Array:
    return last_ended(snapshot).max(last_ended(snapshot).level("for_cause"))


@feature(
    zh="最近开始且正在享受的帮扶", en="Newest support running", domain="shocks", cause="low_income", unit="category", monotone=0,
    model=False, reason="Quoted, so that the support is named.", source=SUPPORT_RECORDS,
    says_zh="最近开始且正在享受的帮扶：{newest_support}", says_en="the newest support running: {newest_support}",
    levels_zh=tuple(zh for zh, _ in MEASURE_NAMES.values()), levels_en=tuple(en for _, en in MEASURE_NAMES.values()),
)  # fmt: skip
def newest_support(snapshot: Snapshot) -> Array:
    return newest_running(snapshot).max(newest_running(snapshot).level("measure"))


@feature(
    zh="正在享受的最近一项帮扶针对的风险", en="Risk that the newest support running is against", domain="shocks", cause="low_income",
    unit="category", monotone=0, model=False, reason="Quoted, so that the support is named.",
    source=SUPPORT_RECORDS + ": 针对风险", says_zh="正在享受的最近一项帮扶针对：{newest_support_cause}",
    says_en="the newest support running is against: {newest_support_cause}",
    levels_zh=tuple(CAUSES[risk].shown("zh") for risk in RISK), levels_en=tuple(CAUSES[risk].shown("en") for risk in RISK),
)  # fmt: skip
def newest_support_cause(snapshot: Snapshot) -> Array:
    return newest_running(snapshot).max(newest_running(snapshot).level("for_cause"))


FEATURES = (
    shocks_12m,
    disaster_12m,
    accident_or_death_12m,
    job_loss_12m,
    business_loss_12m,
    *(declared for group in COSTLY for declared in _losses(group) if declared.model),
    months_since_shock,
    active_supports,
    development_supports,
    support_kinds,
    support_amount_12m,
    support_ended_12m,
    months_since_support_ended,
    # context, quoted in sentences
    *(declared for group in EVENT_GROUPS for declared in _told(group)),
    *(declared for group in COSTLY for declared in _losses(group) if not declared.model),
    loss_12m,
    events_on_record,
    supports_ended,
    ended_support,
    ended_support_day,
    ended_support_cause,
    newest_support,
    newest_support_cause,
)
