"""What monitoring contradicts while it lasts: types, risks without their facts, no measures, warnings without an answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.education import POST_COMPULSORY, current_enrolment
from fanpin_risk.features.health import bills, chronic, serious
from fanpin_risk.features.income import income_years
from fanpin_risk.features.shocks import DEVELOPMENT, DISASTERS
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import (
    OUR_READING,
    TITLES_OF_CHECKER,
    Deciding,
    Rule,
    Verdict,
    contradiction,
)
from fanpin_risk.policy.spells import (
    GUARANTEES_OF_RISKS,
    GUIDANCE,
    guarantee_fails,
    nobody_able,
    of_spells,
    rows_of_failures,
    supports_since,
)
from fanpin_risk.policy.three_valued import (
    all_members,
    all_of,
    any_member,
    any_of,
    at_least,
    is_below,
    known_where,
    not_so,
    of_rows,
)

__all__ = ["CONTRADICTIONS_OF_MONITORING"]

EVENTS_OF_RISKS = {
    "disaster": DISASTERS,
    "accident": ("accident", "death"),
    "business_failure": ("business_failure", "price_fall"),
}
# Signals after which the household is to be visited; others tell of what an office has decided.
TO_BE_VISITED = (
    "med_oop",
    "new_serious",
    "new_disability",
    "dropout",
    "edu_cost",
    "unemployed",
    "house_cd",
    "water",
    "disaster",
    "accident",
)
WORK_MEASURES = ("employment", "public_post")
QUARTER, HALF_ABLE, SMALL_HOUSEHOLD = 0.25, 0.5, 3


def _of_risk(snapshot: Snapshot, risk: str, holds: Array, *beside: Deciding) -> Verdict:
    """Ask of spells with a risk what holds of their household."""
    rows = snapshot.open_spells
    rows = rows.where(rows.isin("risks", risk))
    return of_spells(rows, holds[rows.household], "risks", beside=beside)


def _due(rows: KnownRows, months: Array, snapshot: Snapshot) -> Array:
    """Whether each spell began so many months ago or more; unknown where the number is."""
    result = np.full(len(rows), np.nan)
    own = months[rows.household]
    for number in np.unique(own[~np.isnan(own)]):
        mine = own == number
        result[mine] = rows.identified_on[mine] <= snapshot.months_before(int(number))
    return result


def _able_members(snapshot: Snapshot) -> Deciding:
    return Deciding(snapshot.members.where(_able(snapshot) == 1), ("labour",))


def _able(snapshot: Snapshot) -> Array:
    members = snapshot.members
    return known_where(members, members.isin("labour", "skilled", "ordinary"), "labour")


@contradiction(
    zh="监测对象没有返贫致贫风险", en="monitored without a risk", severity="error", source=TITLES_OF_CHECKER + " (G1_11_001)",
    asks_zh="监测对象是否没有填写返贫致贫风险", asks_en="is a household monitored without any risk on record",
)  # fmt: skip
def no_risk_named(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.open_spells
    return of_rows(rows, (~rows.known("risks")).astype("float64"), "type", "identified_on")


@contradiction(
    zh="监测类型与户类型不符", en="type and status", severity="error", source=GUIDANCE,
    asks_zh="脱贫不稳定户是否为一般农户，边缘易致贫户是否为脱贫户",
    asks_en="is an unstable ex-poor household of general status, or one of the edge ex-poor",
)  # fmt: skip
def type_and_status(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows, home = snapshot.open_spells, snapshot.households
    general = home.isin("register_status", "general")[rows.household]
    wrong = np.where(rows.isin("type", "unstable_ex_poor"), general, ~general)
    holds = np.where(home.known("register_status")[rows.household], wrong.astype("float64"), np.nan)
    asked = rows.isin("type", "unstable_ex_poor", "edge")
    return of_spells(rows.where(asked), holds[asked], "type", beside=(Deciding(home, ("register_status",)),))


@contradiction(
    zh="因病而无患病成员", en="因病 without anybody ill", severity="warning", source=TITLES_OF_CHECKER + " (G5_15_015)",
    asks_zh="返贫致贫风险为因病，是否没有大病、慢病成员，也没有就医记录",
    asks_en="is the risk 因病 while nobody is ill by the form and no bill is on record",
)  # fmt: skip
def illness_without_ill(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    ill = any_of(any_member(members, serious(snapshot)), any_member(members, chronic(snapshot)))
    treated = at_least(bills(snapshot).within(24).count(), 1.0)
    return _of_risk(snapshot, "illness", not_so(any_of(ill, treated)), Deciding(members, ("health",)))


@contradiction(
    zh="因病而合规自付为0", en="因病 with 合规自付 of 0", severity="error", source=TITLES_OF_CHECKER + " (G5_15_020)",
    asks_zh="返贫致贫风险为因病，收入表的合规自付支出是否为0，或往年填写而本年空白",
    asks_en="is the risk 因病 while 合规自付支出 of the income form is 0, or empty though it was filled in another year",
)  # fmt: skip
def illness_without_payments(snapshot: Snapshot, _policy: Policy) -> Verdict:
    year, rows = income_years(snapshot)[0], snapshot.open_spells
    rows = rows.where(rows.isin("risks", "illness"))
    # A year that ended before the recognition says nothing of what the illness cost.
    later = year.ended[rows.household] > rows.identified_on.astype("int64")
    # Left empty is what is asked about, too, of a household whose form had the entry in another year.
    had = np.any([~np.isnan(one.own_expenses) for one in income_years(snapshot)[1:]], axis=0)
    nothing = np.where(np.isnan(year.own_expenses) & had, 1.0, is_below(year.own_expenses, 0.01))
    verdict = of_rows(rows, np.where(later, nothing[rows.household], np.nan), "risks")
    figures = {"compliant_own_expenses_cny": year.own_expenses, "period_end": year.ended}
    return Verdict(verdict.answer, verdict.deciding, figures=figures)


@contradiction(
    zh="因残而无残疾成员", en="因残 without anybody disabled", severity="error", source=TITLES_OF_CHECKER + " (G2_11_001)",
    asks_zh="返贫致贫风险为因残，是否没有残疾成员", asks_en="is the risk 因残 while nobody is disabled",
)  # fmt: skip
def disability_without_disabled(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    named = members.named_in(snapshot.disabilities) | members.isin("health", "disabled")
    disabled = np.where(named | members.known("health"), named.astype("float64"), np.nan)
    return _of_risk(snapshot, "disability", all_members(members, not_so(disabled)), Deciding(members, ("health",)))


@contradiction(
    zh="因学而无就学负担", en="因学 without a cost of school", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="返贫致贫风险为因学，是否没有义务教育以上在校生，也没有教育支出",
    asks_en="is the risk 因学 while nobody is at school beyond the compulsory stages and no cost is on record",
)  # fmt: skip
def schooling_without_cost(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members, rows = snapshot.members, current_enrolment(snapshot)
    beyond = any_of(
        any_member(members, members.isin("student_stage", *POST_COMPULSORY).astype("float64")),
        at_least(rows.where(rows.isin("stage", *POST_COMPULSORY)).count(), 1.0),
    )
    spent = any_member(rows, at_least(rows.cost_cny, 0.01))
    spent = np.where(np.isnan(rows.count()), np.nan, spent)
    out = at_least(rows.where(rows.isin("status", "dropped_out", "suspended")).count(), 1.0)
    return _of_risk(snapshot, "schooling", not_so(any_of(beyond, spent, out)), Deciding(rows, ("stage", "cost_cny")))


@contradiction(
    zh="缺劳动力而劳动力较多", en="缺劳动力 with many able", severity="warning", source=TITLES_OF_CHECKER + " (G5_11_029)",
    asks_zh="返贫致贫风险为缺劳动力，普通或技能劳动力占比是否超过四分之一（4人及以上户为二分之一）而非全部",
    asks_en="is the risk 缺劳动力 while more than a quarter (of four or more members: half), though not all, are able to work",
)  # fmt: skip
def labour_but_able(snapshot: Snapshot, _policy: Policy) -> Verdict:
    count = snapshot.members.count()
    large = count > SMALL_HOUSEHOLD

    def many(able: Array) -> Array:
        share = np.divide(able, count, out=np.full(len(count), np.nan), where=count > 0)
        among = np.where(large, share >= HALF_ABLE, share > QUARTER) & (share < 1)
        return np.where(np.isnan(share), np.nan, among.astype("float64"))

    return _of_able_members(snapshot, many)


@contradiction(
    zh="缺劳动力而全部为劳动力", en="缺劳动力 with all able", severity="error", source=TITLES_OF_CHECKER + " (G4_11_009)",
    asks_zh="返贫致贫风险为缺劳动力，是否全部成员均为普通或技能劳动力",
    asks_en="is the risk 缺劳动力 while every member is able to work",
)  # fmt: skip
def labour_but_all_able(snapshot: Snapshot, _policy: Policy) -> Verdict:
    count = snapshot.members.count()
    return _of_able_members(snapshot, lambda able: np.where(count > 0, (able == count).astype("float64"), np.nan))


def _of_able_members(snapshot: Snapshot, holds: Callable[[Array], Array]) -> Verdict:
    """Ask of spells with the risk 缺劳动力 what holds of the number of able members, however many the unknown ones make it."""
    members = snapshot.members
    able = members.count(members.isin("labour", "skilled", "ordinary"))
    unknown = members.count(~members.known("labour"))
    fewest, most = holds(able), holds(able + unknown)
    between = holds(able + np.maximum(unknown - 1, 0))
    told = np.where((fewest == most) & (fewest == between), fewest, np.nan)
    return _of_risk(snapshot, "labour", told, Deciding(members, ("labour",)))


@contradiction(
    zh="务工不稳而全户无劳动能力", en="务工不稳 with nobody able", severity="error", source=TITLES_OF_CHECKER + " (G5_15_013)",
    asks_zh="返贫致贫风险为务工就业不稳，是否全户无劳动能力", asks_en="is the risk 务工就业不稳 while nobody is able to work",
)  # fmt: skip
def work_but_nobody_able(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _of_risk(snapshot, "unstable_work", nobody_able(snapshot), Deciding(snapshot.members, ("labour",)))


@contradiction(
    zh="务工不稳而无务工记录", en="务工不稳 without work on record", severity="warning", source=TITLES_OF_CHECKER + " (G5_15_014)",
    asks_zh="返贫致贫风险为务工就业不稳，是否没有任何务工或失业记录",
    asks_en="is the risk 务工就业不稳 while no work and no loss of it is on record",
)  # fmt: skip
def work_without_records(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    worked = np.where(
        (members.work_months > 0) | members.known("work_place"),
        1.0,
        known_where(members, np.zeros(len(members)), "work_months"),
    )
    lost = snapshot.shocks.where(snapshot.shocks.isin("kind", "job_loss"))
    holds = not_so(any_of(any_member(members, worked), at_least(lost.count(), 1.0)))
    return _of_risk(snapshot, "unstable_work", holds, Deciding(members, ("work_months",)))


@contradiction(
    zh="因灾、因事故、因产业而无事件", en="a risk by an event without one", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="返贫致贫风险为因自然灾害、因意外事故或因产业项目失败，是否没有相应的突发事件",
    asks_en="is the risk a disaster, an accident or a failed business while no such event is on record",
)  # fmt: skip
def event_not_on_record(snapshot: Snapshot, _policy: Policy) -> Verdict:
    spells = snapshot.open_spells
    lacking = np.zeros(len(spells), dtype=bool)
    asked = np.zeros(len(spells), dtype=bool)
    for risk, kinds in EVENTS_OF_RISKS.items():
        named = spells.isin("risks", risk)
        met = snapshot.shocks.where(snapshot.shocks.isin("kind", *kinds)).count() > 0
        lacking |= named & ~met[spells.household]
        asked |= named
    holds = lacking.astype("float64") if snapshot.shocks.supplied else np.full(len(spells), np.nan)
    return of_rows(spells, holds, "risks", asked=asked)


@contradiction(
    zh="保障不到位而未列为风险", en="a guarantee fails and is no risk", severity="warning",
    source=TITLES_OF_CHECKER + " (G4_11_006, G4_11_007)",
    asks_zh="住房、饮水、就学、参保无保障，返贫致贫风险是否没有相应的住房、饮水、因学、因病",
    asks_en="does a guarantee (house, water, school, insurance) fail while the risks do not name it",
)  # fmt: skip
def failure_not_named(snapshot: Snapshot, policy: Policy) -> Verdict:
    spells = snapshot.open_spells
    parts = []
    for risk, guarantee in GUARANTEES_OF_RISKS.items():
        unnamed = known_where(spells, ~spells.isin("risks", risk), "risks")
        parts.append(all_of(unnamed, guarantee_fails(guarantee, snapshot, policy)[spells.household]))
    return of_spells(spells, any_of(*parts), "risks", beside=rows_of_failures(snapshot, policy))


@contradiction(
    zh="识别后未及时落实措施", en="no measure in time", severity="error", source=TITLES_OF_CHECKER + " (G1_11_010)",
    asks_zh="识别满规定时间的监测对象是否没有任何帮扶措施", asks_en="has a household no measure so long after it was recognised",
)  # fmt: skip
def no_measure(snapshot: Snapshot, policy: Policy) -> Verdict:
    spells = snapshot.open_spells
    due = _due(spells, policy.at("measure_months", snapshot.area_codes, snapshot.as_of), snapshot)
    return of_rows(spells, not_so(supports_since(snapshot, spells)), "identified_on", asked=due == 1)


@contradiction(
    zh="有劳动能力而无开发式帮扶", en="able, without a development measure", severity="error", source=TITLES_OF_CHECKER + " (G5_12_007)",
    asks_zh="有劳动能力的监测对象识别满规定时间是否没有产业、就业、金融、公益岗位措施",
    asks_en="has a household with able members no measure of business, work, credit or public post so long after it was recognised",
)  # fmt: skip
def no_development_measure(snapshot: Snapshot, policy: Policy) -> Verdict:
    spells = snapshot.open_spells
    due = _due(spells, policy.at("development_months", snapshot.area_codes, snapshot.as_of), snapshot)
    able = any_member(snapshot.members, _able(snapshot))[spells.household]
    holds = all_of(able, not_so(supports_since(snapshot, spells, *DEVELOPMENT)))
    asked = (due == 1) & (able != 0)
    return of_spells(spells.where(asked), holds[asked], "identified_on", beside=(_able_members(snapshot),))


@contradiction(
    zh="有劳动能力而只有综合保障", en="able, with social security alone", severity="warning", source=TITLES_OF_CHECKER + " (G5_11_032)",
    asks_zh="有劳动能力的监测对象是否只有综合保障措施", asks_en="has a household with able members social security as its only measure",
)  # fmt: skip
def only_social_security(snapshot: Snapshot, _policy: Policy) -> Verdict:
    spells = snapshot.open_spells
    others = tuple(code for code in snapshot.supports.declaration["measure"].codes if code != "social_security")
    holds = all_of(
        any_member(snapshot.members, _able(snapshot))[spells.household],
        not_so(supports_since(snapshot, spells, *others)),
    )
    asked = supports_since(snapshot, spells, "social_security") == 1
    measures = snapshot.supports.where(snapshot.supports.isin("measure", "social_security"))
    beside = (_able_members(snapshot), Deciding(measures, ("measure", "start_date", "end_date")))
    return of_spells(spells.where(asked), holds[asked], "identified_on", beside=beside)


@contradiction(
    zh="就业措施落到无劳动能力成员", en="work measure for a member not able", severity="warning",
    source=TITLES_OF_CHECKER + " (G5_15_007, G5_17_013)",
    asks_zh="就业、公益岗位措施是否落到无劳动能力或丧失劳动能力的成员",
    asks_en="is a measure of work or a public post for a member of no or lost labour",
)  # fmt: skip
def work_measure_not_able(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    rows = snapshot.supports
    rows = rows.where(rows.isin("measure", *WORK_MEASURES) & np.isnat(rows.end_date) & (members.place_of(rows) >= 0))
    place = members.place_of(rows)
    unable = known_where(members, members.isin("labour", "none", "lost"), "labour")[place]
    verdict = of_rows(rows, unable, "measure", "start_date")
    told = members.where(members.named_in(verdict.deciding[0].rows))
    return Verdict(verdict.answer, (*verdict.deciding, Deciding(told, ("labour",))), persons=told)


@contradiction(
    zh="兜底保障标记与劳动能力不符", en="backstop mark and labour", severity="warning", source=TITLES_OF_CHECKER + " (G5_11_033)",
    asks_zh="整户无劳动能力的监测对象是否未标记兜底保障，或有劳动能力而作了标记",
    asks_en="is a monitored household with nobody able not marked as such, or marked though somebody is able",
)  # fmt: skip
def backstop_mark(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.open_spells
    nobody, marked = nobody_able(snapshot)[rows.household], rows.no_labour_backstop
    holds = np.where(np.isnan(nobody) | np.isnan(marked), np.nan, (nobody != marked).astype("float64"))
    return of_spells(rows, holds, "no_labour_backstop", beside=(Deciding(snapshot.members, ("labour",)),))


@contradiction(
    zh="两条未消除的监测记录", en="two open spells", severity="error", source=OUR_READING, status="inferred",
    asks_zh="是否有两条以上未消除的监测记录", asks_en="are there two or more spells that have not ended",
)  # fmt: skip
def two_open_spells(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.open_spells
    several = rows.count() > 1
    return of_rows(rows, several[rows.household].astype("float64"), "identified_on", "type")


@contradiction(
    zh="预警属实而未处置", en="verified warning without an answer", severity="warning", source=GUIDANCE, status="inferred",
    asks_zh="预警核实属实满规定天数，是否仍未纳入监测",
    asks_en="was a warning found true so many days ago while the household is not monitored",
)  # fmt: skip
def warning_not_answered(snapshot: Snapshot, policy: Policy) -> Verdict:
    rows = snapshot.warnings
    rows = rows.where(rows.isin("outcome", "verified") & rows.isin("signal", *TO_BE_VISITED))
    found = np.where(np.isnat(rows.outcome_date), rows.event_date, rows.outcome_date)
    days = policy.at("answer_days", snapshot.area_codes, snapshot.as_of)[rows.household]
    waited = (snapshot.as_of - found).astype("timedelta64[D]").astype("int64")
    spells = snapshot.monitoring
    last = np.full(snapshot.n_households, np.datetime64("0001-01-01", "D"))
    np.maximum.at(last, spells.household, spells.identified_on)
    answered = (last[rows.household] >= rows.event_date) | (snapshot.open_spells.count()[rows.household] > 0)
    holds = np.where(np.isnan(days), np.nan, (~answered).astype("float64"))
    if not spells.supplied:
        holds = np.full(len(rows), np.nan)
    oldest = policy.at("answer_oldest_months", snapshot.area_codes, snapshot.as_of)[rows.household]
    past = snapshot.full_months_since(found.astype("int64").astype("float64")) >= oldest
    asked = ~(waited <= days) & ~past
    return of_rows(rows, holds, "signal", "event_date", "outcome", "outcome_date", asked=asked)


CONTRADICTIONS_OF_MONITORING: tuple[Rule, ...] = (
    no_risk_named,
    type_and_status,
    illness_without_ill,
    illness_without_payments,
    disability_without_disabled,
    schooling_without_cost,
    labour_but_able,
    labour_but_all_able,
    work_but_nobody_able,
    work_without_records,
    event_not_on_record,
    failure_not_named,
    no_measure,
    no_development_measure,
    only_social_security,
    work_measure_not_able,
    backstop_mark,
    two_open_spells,
    warning_not_answered,
)
