"""Education features: schooling of adults, pupils and their stages, children not at school, school costs.

A school year (2023 means 2023/24) begins on 1 September and is on record some weeks later. On a day before
November the school year before is therefore still the one that everybody must be on record for; whoever is
already recorded for the new one counts by that.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, feature, ratio, shared
from fanpin_risk.features.income import BURDEN_EN, BURDEN_ZH, income_base

__all__ = ["FEATURES"]

SCHOOLING_FORM = "register member form: 文化程度 (文盲 0, 小学 1, 初中 2, 高中 3, 大专 4, 本科及以上 5)"
SCHOOL_RECORDS = "school records (学籍), or 在校生状况 of the register member form for persons without any"
COSTS = "school records: 教育支出 - 教育资助 of the current school year, at least 0 for each pupil"
SETTLED_MONTH = 11  # from November on the enrolments of the school year begun in September are on record
ADULT_FROM = 16
SCHOOL_AGE = 6

COMPULSORY = ("kindergarten", "primary", "junior")  # not yet beyond compulsory school
POST_COMPULSORY = ("senior", "vocational", "college3", "bachelor", "master")
TERTIARY = ("college3", "bachelor", "master")
SCHOOLING_ZH = ("文盲或半文盲", "小学", "初中", "高中", "大专", "本科及以上")
SCHOOLING_EN = ("none", "primary school", "junior school", "senior school", "college", "bachelor and above")
STAGES = COMPULSORY + POST_COMPULSORY
REASONS_ZH = ("因贫", "厌学", "因大病", "因残疾", "其他")  # as DROPOUT_REASON of records/code_lists.py
REASONS_EN = ("poverty", "unwilling to go to school", "serious illness", "disability", "other")


@shared
def current_school_year(snapshot: Snapshot) -> int:
    """First calendar year of the newest school year for which enrolments must be on record on the day."""
    month = int((snapshot.as_of.astype("datetime64[M]") - snapshot.as_of.astype("datetime64[Y]")).astype("int64")) + 1
    return snapshot.year if month >= SETTLED_MONTH else snapshot.year - 1


@shared
def newest_enrolment(snapshot: Snapshot) -> KnownRows:
    """Newest school record of each member at home."""
    return snapshot.members.newest_of(snapshot.enrolments)


@shared
def current_enrolment(snapshot: Snapshot) -> KnownRows:
    """Newest school record of each member at home who has one for the current school year."""
    return newest_enrolment(snapshot).where(newest_enrolment(snapshot).school_year >= current_school_year(snapshot))


def _pupils(snapshot: Snapshot, *stages: str) -> Array:
    """Pupils of `stages` per household: by their school record, without any by the member form."""
    members = snapshot.members
    current = current_enrolment(snapshot)
    at_school = current.isin("status", "enrolled", "home_teaching") & current.isin("stage", *stages)
    recorded = snapshot.members.named_in(newest_enrolment(snapshot))
    pupil = np.where(
        recorded, snapshot.members.named_in(current.where(at_school)), members.isin("student_stage", *stages)
    )
    known = recorded | members.known("student_stage") | members.known("education") | snapshot.enrolments.supplied
    return members.count(pupil, known=known)


@feature(
    zh="成年人最高文化程度", en="Highest schooling of the adults", domain="education", cause="labour", unit="level", monotone=-1,
    reason="More schooling opens better and steadier work.", source=SCHOOLING_FORM + "; members of 16 and over",
    says_zh="16岁及以上成员的最高文化程度为{adult_schooling_max}|登记了文化程度的16岁及以上成员均为文盲或半文盲",
    says_en="the highest schooling of members of 16 and over is {adult_schooling_max}"
    "|all members of 16 and over whose schooling is on record are illiterate or nearly so",
    actionable=False, levels_zh=SCHOOLING_ZH, levels_en=SCHOOLING_EN, needs="n_adults",
)  # fmt: skip
def adult_schooling_max(snapshot: Snapshot) -> Array:
    return snapshot.members.max(_adult_schooling(snapshot))


@feature(
    zh="成年人平均文化程度", en="Mean schooling of the adults", domain="education", cause="labour", unit="level", monotone=-1,
    reason="The more members have schooling, the more can earn.", source=SCHOOLING_FORM + "; members of 16 and over",
    says_zh="16岁及以上成员的平均文化程度在{adult_schooling_mean}水平|登记了文化程度的16岁及以上成员均为文盲或半文盲",
    says_en="the mean schooling of members of 16 and over is at the level of {adult_schooling_mean}"
    "|all members of 16 and over whose schooling is on record are illiterate or nearly so",
    actionable=False, levels_zh=SCHOOLING_ZH, levels_en=SCHOOLING_EN, needs="n_adults",
)  # fmt: skip
def adult_schooling_mean(snapshot: Snapshot) -> Array:
    return snapshot.members.mean(_adult_schooling(snapshot))


def _adult_schooling(snapshot: Snapshot) -> Array:
    return np.where(snapshot.members.age >= ADULT_FROM, snapshot.members.level("education"), np.nan)


@feature(
    zh="在校生人数", en="Members at school", domain="education", cause="schooling", unit="persons", monotone=0,
    reason="No claim: pupils cost now and earn later.", source=SCHOOL_RECORDS + "; kindergarten to university",
    says_zh="家中在校生（含幼儿园、大学）有{n_pupils}|家中没有登记的在校生",
    says_en="members at school, from kindergarten to university: {n_pupils}|no member is on record at school",
)  # fmt: skip
def n_pupils(snapshot: Snapshot) -> Array:
    return _pupils(snapshot, *STAGES)


@feature(
    zh="6—15岁未在校人数", en="Children of 6 to 15 not at school", domain="education", cause="schooling", unit="persons", monotone=+1,
    reason="义务教育 is one of the three guarantees; a child out of school is never better.",
    source="两不愁三保障: every child of 6 to 15 at school, 送教上门 included; " + SCHOOL_RECORDS,
    says_zh="6—15岁应当上学而失学、休学或没有本学年学籍的有{n_not_enrolled_6_15}[（最近一次失学辍学登记的原因：{child_dropout_reason}）]"
    "|没有登记6—15岁应当上学而未在校的孩子",
    says_en="children of 6 to 15 out of school, suspended or without a record of this school year: {n_not_enrolled_6_15}"
    "[ (reason of the last dropping out on record: {child_dropout_reason})]|no child of 6 to 15 is on record as out of school",
)  # fmt: skip
def n_not_enrolled_6_15(snapshot: Snapshot) -> Array:
    """Count children of compulsory age whose newest record does not show them at school.

    A child is of compulsory age who was 6 by the end of August when the current school year began (compulsory education
    law, article 11) and is not yet 16. Whoever has finished junior school is done with compulsory school, and who
    finished a lower one this school year need not be at the next one yet. A child without any school record counts
    as at school where the member form names a stage, and is unknown otherwise.
    """
    members = snapshot.members
    august = np.datetime64(f"{current_school_year(snapshot)}-08", "M")
    of_age = (snapshot.members.age < ADULT_FROM) & (
        members.birth_date.astype("datetime64[M]") <= august - 12 * SCHOOL_AGE
    )
    newest = newest_enrolment(snapshot)
    graduated = newest.isin("status", "graduated")
    finished = newest.isin("stage", *POST_COMPULSORY) | (newest.isin("stage", "junior") & graduated)
    fine = newest.isin("status", "enrolled", "home_teaching") | graduated
    fine &= newest.school_year >= current_school_year(snapshot)
    recorded = snapshot.members.named_in(newest)
    missing = recorded & ~snapshot.members.named_in(newest.where(finished | fine))
    known = recorded | members.isin("student_stage", *STAGES)
    children = members.where(of_age)
    result = children.sum(np.where(known, missing.astype("float64"), np.nan)[of_age])
    return np.where(members.count(~np.isnan(snapshot.members.age)) > 0, result, np.nan)


@feature(
    zh="近两学年失学辍学人数", en="Members who dropped out of school, two school years", domain="education", cause="schooling",
    unit="persons", monotone=+1, reason="Dropping out is a trigger of early warning and lowers what can be earned later.",
    source="education department signal of early warning: 失学辍学, of the current and the last school year, any age",
    says_zh="近两个学年失学辍学的有{n_dropouts_24m}[，最近一次在{dropout_year}9月开始的学年][，登记的原因：{dropout_reason}]"
    "|近两个学年没有失学辍学记录",
    says_en="members who dropped out in the last two school years: {n_dropouts_24m}"
    "[, the last in the school year begun in September {dropout_year}][; reason on record: {dropout_reason}]"
    "|nobody dropped out of school in the last two school years by what is on record",
)  # fmt: skip
def n_dropouts_24m(snapshot: Snapshot) -> Array:
    rows = snapshot.enrolments
    left = rows.where(rows.isin("status", "dropped_out") & (rows.school_year >= current_school_year(snapshot) - 1))
    return np.where(np.isnan(rows.count()), np.nan, snapshot.members.count(snapshot.members.named_in(left)))


@feature(
    zh="本学年自付教育支出", en="School costs after aid, current school year", domain="education", cause="schooling", unit="CNY",
    monotone=+1, reason="Higher own costs never leave more to live on.", source=COSTS,
    says_zh="本学年[（{school_cost_year}9月开学）]教育支出扣除资助后为{school_cost_net_12m}[（在校生{n_pupils}）]"
    "|本学年没有登记需要自付的教育支出",
    says_en="school costs of the current school year[ (begun in September {school_cost_year})] after aid are "
    "{school_cost_net_12m}[ (members at school: {n_pupils})]|no school costs to pay are on record for the current school year",
    needs="n_schooled",
)  # fmt: skip
def school_cost_net_12m(snapshot: Snapshot) -> Array:
    current = current_enrolment(snapshot)
    return current.sum(np.maximum(current.cost_cny - current.aid_cny, 0.0))


@feature(
    zh="自付教育支出与年纯收入之比", en="School costs after aid relative to net income", domain="education", cause="schooling",
    unit="ratio", monotone=+1, reason="School costs that take a larger part of the income leave less to live on.",
    source=COSTS + "; net income of the newest year",
    says_zh="本学年[（{school_cost_year}9月开学）]教育支出扣除资助后为{school_cost_net_12m}，相当于" + BURDEN_ZH
    + "的{school_cost_to_income}|本学年没有登记需要自付的教育支出",
    says_en="school costs of the current school year[ (begun in September {school_cost_year})] after aid are "
    "{school_cost_net_12m}, {school_cost_to_income} of " + BURDEN_EN
    + "|no school costs to pay are on record for the current school year",
    needs="n_schooled",
)  # fmt: skip
def school_cost_to_income(snapshot: Snapshot) -> Array:
    return ratio(school_cost_net_12m.compute(snapshot), income_base(snapshot))


@feature(
    zh="高中及以上在校生人数", en="Members at school beyond compulsory education", domain="education", cause="schooling",
    unit="persons", monotone=0, reason="No claim: this is where schooling costs most, and where it pays.",
    source=SCHOOL_RECORDS + "; 高中, 中职, 大专, 本科 and above",
    says_zh="家中高中（中职）及以上在校生有{n_post_compulsory}|家中没有登记的高中（中职）及以上在校生",
    says_en="members at senior or vocational school or beyond: {n_post_compulsory}"
    "|no member is on record at senior or vocational school or beyond",
)  # fmt: skip
def n_post_compulsory(snapshot: Snapshot) -> Array:
    return _pupils(snapshot, *POST_COMPULSORY)


@feature(
    zh="大专及以上在校生人数", en="Members at college or university", domain="education", cause="schooling", unit="persons", monotone=0,
    reason="No claim: students cost now and soon earn.", source=SCHOOL_RECORDS + "; 大专, 本科 and above",
    says_zh="家中大专及以上在校生有{n_tertiary}|家中没有登记的大专及以上在校生",
    says_en="members at college or university: {n_tertiary}|no member is on record at college or university",
)  # fmt: skip
def n_tertiary(snapshot: Snapshot) -> Array:
    return _pupils(snapshot, *TERTIARY)


@shared
def last_dropout(snapshot: Snapshot) -> KnownRows:
    """Newest record of each household of a member at home who dropped out of school."""
    rows = snapshot.enrolments
    rows = rows.where(rows.isin("status", "dropped_out") & (snapshot.members.place_of(rows) >= 0))
    return rows.last_by(rows.dropout_reason, rows.school_year)


@feature(
    zh="16岁及以上人数", en="Members of 16 and over", domain="education", cause="labour", unit="persons", monotone=0, model=False,
    reason="Says whether there is an adult to ask about.", source="register member form: 出生日期",
    says_zh="家中16岁及以上的有{n_adults}", says_en="members of 16 and over: {n_adults}",
)  # fmt: skip
def n_adults(snapshot: Snapshot) -> Array:
    members = snapshot.members
    unknown = members.count(np.isnan(members.age))
    adults = members.count(members.age >= ADULT_FROM)
    return np.where((unknown > 0) & (adults == 0), np.nan, adults)


@feature(
    zh="在校或有本学年学籍的人数", en="Members at school or with a record of this school year", domain="education", cause="schooling",
    unit="persons", monotone=0, model=False, reason="Says whether there are school costs to ask about.", source=SCHOOL_RECORDS,
    says_zh="在校或有本学年学籍的有{n_schooled}", says_en="members at school or with a record of this school year: {n_schooled}",
)  # fmt: skip
def n_schooled(snapshot: Snapshot) -> Array:
    recorded = np.bincount(current_enrolment(snapshot).household, minlength=snapshot.n_households)
    return np.maximum(n_pupils.compute(snapshot), recorded)


@feature(
    zh="最近一次失学辍学的原因", en="Reason of the last dropping out", domain="education", cause="schooling", unit="category", monotone=0,
    model=False, reason="Quoted beside who dropped out.", source="school records: 失学辍学原因",
    says_zh="最近一次失学辍学的原因：{dropout_reason}", says_en="reason of the last dropping out: {dropout_reason}",
    levels_zh=REASONS_ZH, levels_en=REASONS_EN,
)  # fmt: skip
def dropout_reason(snapshot: Snapshot) -> Array:
    return last_dropout(snapshot).max(last_dropout(snapshot).level("dropout_reason"))


@feature(
    zh="孩子最近一次失学辍学的原因", en="Reason of the last dropping out of a child", domain="education", cause="schooling",
    unit="category", monotone=0, model=False, reason="Quoted beside who is out of school.",
    source="school records: 失学辍学原因, of members under 16",
    says_zh="孩子最近一次失学辍学的原因：{child_dropout_reason}",
    says_en="reason of the last dropping out of a child: {child_dropout_reason}",
    levels_zh=REASONS_ZH, levels_en=REASONS_EN,
)  # fmt: skip
def child_dropout_reason(snapshot: Snapshot) -> Array:
    rows = snapshot.enrolments
    place = snapshot.members.place_of(rows)
    young = np.append(snapshot.members.age < ADULT_FROM, False)[place]  # the last place is for nobody at home
    rows = rows.where(rows.isin("status", "dropped_out") & young)
    newest = rows.last_by(rows.dropout_reason, rows.school_year)
    return newest.max(newest.level("dropout_reason"))


@feature(
    zh="最近一次失学辍学的学年", en="School year of the last dropping out", domain="education", cause="schooling", unit="year", monotone=0,
    model=False, reason="Quoted beside who dropped out.", source="school records: 学年",
    says_zh="最近一次失学辍学在{dropout_year}9月开始的学年",
    says_en="the last dropping out was in the school year begun in September {dropout_year}",
)  # fmt: skip
def dropout_year(snapshot: Snapshot) -> Array:
    return last_dropout(snapshot).max(last_dropout(snapshot).school_year)


@feature(
    zh="教育支出所属学年", en="School year of the school costs", domain="education", cause="schooling", unit="year", monotone=0,
    model=False, reason="Quoted beside the costs; missing where members are on record for different years.", source=COSTS,
    says_zh="教育支出所属学年自{school_cost_year}9月开始",
    says_en="the school year of the costs began in September {school_cost_year}",
)  # fmt: skip
def school_cost_year(snapshot: Snapshot) -> Array:
    current = current_enrolment(snapshot)
    current = current.where(~np.isnan(np.maximum(current.cost_cny - current.aid_cny, 0.0)))
    newest = current.max(current.school_year)
    return np.where(newest == current.min(current.school_year), newest, np.nan)


FEATURES = (
    adult_schooling_max,
    adult_schooling_mean,
    n_pupils,
    n_not_enrolled_6_15,
    n_dropouts_24m,
    school_cost_net_12m,
    school_cost_to_income,
    n_post_compulsory,
    n_tertiary,
    # context, quoted in sentences
    n_adults,
    n_schooled,
    dropout_reason,
    child_dropout_reason,
    dropout_year,
    school_cost_year,
)
