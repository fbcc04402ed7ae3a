"""Named groups that rest on what changed: work that ended or became less, 低保 that began or ended, records that contradict.

Older versions of a person's record are held against the newest one; where there is no older one, or it does not say, the
answer is unknown.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import MemberRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.income import income_years
from fanpin_risk.policy.contradictions import CONTRADICTIONS
from fanpin_risk.policy.on_record import inhabited
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import IS_SO, NOT_KNOWN, Deciding, Verdict, rule
from fanpin_risk.policy.three_valued import all_of, any_member, any_of, at_least, is_below, verdict_of
from fanpin_risk.words import Message

__all__ = ["GROUPS_OF_CHANGE"]

WORK_AGE = 16
ALL_YEAR_MONTHS = 12.0
SEVERAL_DOUBTS = 2  # unlikely records that make a household doubtful; one that is impossible is enough
LOCAL_NUMBER = {
    "number_not_given": Message("no source gives this number for everywhere: give your office's own with --policy")
}
LIST_OF_VISITS = "must-visit list of a county (xxjyjedu.com, t20240604_4559421, a repost)"


def _newest_before(snapshot: Snapshot, column: str, before: Array, known: Array, rows: MemberRows) -> Array:
    """Return what the newest version before a day of each member says in a column of numbers; NaN where none says it."""
    values = np.append(getattr(rows, column), np.nan)
    return values[_place_before(snapshot, before, known, rows)]


def _place_before(snapshot: Snapshot, before: Array, known: Array, rows: MemberRows) -> Array:
    """Return where the newest version before a day of each member stands among `rows`, behind the last where none does."""
    members = snapshot.members
    place = members.place_of(rows)
    kept = np.flatnonzero(known & (rows.valid_from < before[place]))
    kept = kept[np.lexsort((rows.valid_from[kept], place[kept]))]
    result = np.full(len(members), len(rows), dtype=np.int64)
    result[place[kept]] = kept  # the last of each member stays
    return result


def _after_the_day(members: MemberRows) -> Array:
    return np.full(len(members), members.on_day.as_of + np.timedelta64(1, "D"))


def _changed(snapshot: Snapshot, policy: Policy, *, to: float) -> Verdict:
    """Say whether 低保 of a member began (`to` 1) or ended (`to` 0) within the months of the policy."""
    members, rows = snapshot.members, snapshot.members.versions()
    months = policy.at("dibao_changed_months", snapshot.area_codes, snapshot.as_of)[members.household]
    since = np.full(len(members), np.datetime64("NaT", "D"))
    for number in np.unique(months[~np.isnan(months)]):
        since[months == number] = snapshot.months_before(int(number))
    known = ~np.isnan(rows.dibao)
    then = _newest_before(snapshot, "dibao", since + np.timedelta64(1, "D"), known, rows)
    place = members.place_of(rows)
    otherwise = known & (rows.dibao == 1.0 - to) & (rows.valid_from > since[place])
    other_in_time = np.bincount(place[otherwise], minlength=len(members)) > 0
    now = members.dibao
    holds = np.where(np.isnan(then), np.nan, (then != to).astype("float64"))
    holds = np.where(other_in_time, 1.0, holds)
    holds = np.where(np.isnan(now), np.nan, np.where(now == to, holds, 0.0))
    answer = np.where(inhabited(snapshot), any_member(members, holds), np.nan)
    told = members.where((holds == 1) | (np.isnan(holds) & np.isnan(answer)[members.household]))
    opposite = _place_before(snapshot, _after_the_day(members), known & (rows.dibao == 1.0 - to), rows)
    older = rows.where(np.isin(np.arange(len(rows)), opposite[holds == 1]))
    return verdict_of(answer, Deciding(told, ("dibao",)), Deciding(older, ("dibao",)), persons=told)


@rule(
    zh="新增低保户", en="低保 begun of late", kind="group", status="sourced", asks_zh="近期是否有成员新增为低保对象",
    asks_en="did a member come onto 低保 of late", source=LIST_OF_VISITS,
)  # fmt: skip
def new_dibao(snapshot: Snapshot, policy: Policy) -> Verdict:
    return _changed(snapshot, policy, to=1.0)


@rule(
    zh="停发低保户", en="低保 ended of late", kind="group", status="sourced", asks_zh="近期是否有成员停发低保",
    asks_en="did a member go off 低保 of late", source=LIST_OF_VISITS,
)  # fmt: skip
def stopped_dibao(snapshot: Snapshot, policy: Policy) -> Verdict:
    return _changed(snapshot, policy, to=0.0)


@rule(
    zh="务工依赖户", en="living on wages that become less", kind="group", status="inferred",
    notes=LOCAL_NUMBER | {"income_not_known": Message("net income is not on record, or in doubt")},
    asks_zh="工资性收入占纯收入的比例是否达到本地标准，且务工时间减少或低于本地标准",
    asks_en="are wages as large a share of net income as the office's own bound, and have months of work become less, or few",
    source=LIST_OF_VISITS + ": unstable work; no source gives the share or the months",
)  # fmt: skip
def wage_dependent(snapshot: Snapshot, policy: Policy) -> Verdict:
    members, year, rows = snapshot.members, income_years(snapshot)[0], snapshot.members.versions()
    share, few = (policy.at(name, snapshot.area_codes, snapshot.as_of) for name in ("wage_share", "few_work_months"))
    part = np.divide(year.wages, year.net, out=np.full(len(share), np.nan), where=year.net > 0)
    part = np.where(year.wages == 0, 0.0, part)
    now = members.work_months
    before = _newest_before(snapshot, "work_months", members.valid_from, ~np.isnan(rows.work_months), rows)
    fell = np.where(np.isnan(now) | np.isnan(before), np.nan, (now < before).astype("float64"))
    child = members.years_old < WORK_AGE
    fell[child | (now >= ALL_YEAR_MONTHS)] = 0.0
    least = members.sum(np.nan_to_num(now), default=0.0)
    unsure = members.count(np.isnan(now) & ~child) > 0
    is_few = np.where(unsure & (is_below(least, few) == 1), np.nan, is_below(least, few))
    less = any_of(np.where(inhabited(snapshot), any_member(members, fell), np.nan), is_few)
    holds = all_of(at_least(part, share), less)
    note = np.full(len(share), "", dtype=object)
    note[np.isnan(holds) & np.isnan(part)] = "income_not_known"
    note[np.isnan(holds) & (np.isnan(share) | np.isnan(few)) & ~np.isnan(part)] = "number_not_given"
    told = members.where((fell == 1) | (now > 0))
    return verdict_of(
        holds, Deciding(told, ("work_months", "work_place")), persons=told, figures={"net_income_cny": year.net}, note=note
    )  # fmt: skip


@rule(
    zh="务工返乡户", en="back from work", kind="group", status="inferred", notes=LOCAL_NUMBER,
    asks_zh="是否有成员原来务工、现在没有务工，或近期失去工作",
    asks_en="is a member who worked for wages without work now, or did one lose work of late",
    source="department signals of a county (scgw.gov.cn, id=20211027172648236); no source gives the months",
)  # fmt: skip
def returned_worker(snapshot: Snapshot, policy: Policy) -> Verdict:
    members, rows = snapshot.members, snapshot.members.versions()
    known = rows.known("work_place") | (rows.work_months == 0)
    before = _place_before(snapshot, members.valid_from, known, rows)
    had = np.append(rows.known("work_place"), False)[before]
    now = np.where(
        members.known("work_place") | (members.work_months > 0), 1.0, np.where(members.work_months == 0, 0.0, np.nan)
    )
    # Not known: whether there is work now, and, of one without work, whether there was any before.
    back = np.where(
        np.isnan(now), np.nan, np.where(now == 1, 0.0, np.where(before == len(rows), np.nan, had.astype("float64")))
    )
    window = policy.at("returned_months", snapshot.area_codes, snapshot.as_of)[members.household]
    for number in np.unique(window[~np.isnan(window)]):
        long_ago = (window == number) & (members.valid_from <= snapshot.months_before(int(number)))
        back[long_ago & ~np.isnan(now)] = 0.0
    back[members.years_old < WORK_AGE] = 0.0
    lost = snapshot.shocks.where(snapshot.shocks.isin("kind", "job_loss"))
    months = policy.at("job_loss_months", snapshot.area_codes, snapshot.as_of)
    recent = np.full(len(lost), np.nan)
    for number in np.unique(months[~np.isnan(months)]):
        here = months[lost.household] == number
        recent[here] = (lost.event_date > snapshot.months_before(int(number)))[here]
    of_late = any_member(lost, recent) if lost.supplied else np.full(snapshot.n_households, np.nan)
    moved = np.where(inhabited(snapshot), any_member(members, back), np.nan)
    holds = any_of(moved, of_late)
    note = np.full(len(holds), "", dtype=object)
    note[np.isnan(holds) & np.isnan(months) & (lost.count() > 0)] = "number_not_given"
    told = members.where((back == 1) | (np.isnan(back) & np.isnan(holds)[members.household]))
    older = rows.where(np.isin(np.arange(len(rows)), before[back == 1]))
    return verdict_of(
        holds, Deciding(told, ("work_months", "work_place")), Deciding(older, ("work_place",)),
        Deciding(lost.where(recent == 1), ("kind", "event_date")), persons=told, note=note,
    )  # fmt: skip


@rule(
    zh="存疑户", en="doubtful records", kind="group", status="inferred",
    asks_zh="是否有一条以上不可能的登记，或两条以上可疑的登记", asks_en="is one of its records impossible, or are two or more unlikely",
    source="存疑户, re-checked first (province of Inner Mongolia, a yearly sieve); the number of rules is inferred",
)  # fmt: skip
def doubtful(snapshot: Snapshot, policy: Policy) -> Verdict:
    n = snapshot.n_households
    found = {severity: np.zeros(n) for severity in ("error", "warning")}
    unsure = {severity: np.zeros(n) for severity in ("error", "warning")}
    deciding: list[Deciding] = []
    for one in CONTRADICTIONS:
        if one.severity not in found:
            continue
        verdict = one.answer(snapshot, policy)
        holds = verdict.answer == IS_SO
        found[one.severity] += holds
        unsure[one.severity] += verdict.answer == NOT_KNOWN
        deciding += [Deciding(part.rows.where(holds[part.rows.household]), part.columns) for part in verdict.deciding]
    doubts, most = found["warning"], found["warning"] + unsure["warning"]
    yes = (found["error"] > 0) | (doubts >= SEVERAL_DOUBTS)
    maybe = (unsure["error"] > 0) | (most >= SEVERAL_DOUBTS)
    holds = np.where(yes, 1.0, np.where(maybe, np.nan, 0.0))
    told = [Deciding(part.rows.where((holds == 1)[part.rows.household]), part.columns) for part in deciding]
    return verdict_of(holds, *told)


GROUPS_OF_CHANGE = (doubtful, new_dibao, stopped_dibao, wage_dependent, returned_worker)
