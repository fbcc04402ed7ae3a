"""Supports for pupils by stage: before school, compulsory school, senior and vocational school, college, 雨露计划."""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array, school_year_begin
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.education import current_enrolment, current_school_year
from fanpin_risk.features.feature import shared
from fanpin_risk.policy.entitlement_basis import (
    SupportKind,
    entitlement,
    given_to_members,
    group_of_households,
    group_of_members,
    measures_beside,
    of_persons,
)
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import Deciding, Rule, Verdict
from fanpin_risk.policy.three_valued import all_of, any_of

__all__ = ["ENTITLEMENTS_OF_SCHOOL"]

SCHOOL_YEAR_MONTHS = 12
SHOWN_OF_PUPILS = ("stage", "status", "boarding", "cost_cny", "aid_cny")
GROUPS_WITH_AID = ("ex_poor", "monitored", "dibao", "tekun", "disabled")
AID_RULES = "aid for pupils of a county (meipian.cn/2wupstfk, a repost); national survey bulletin no. 3 (pygbw.com, 2021022698245)"
YULU_RULES = "雨露计划 of counties (ynlf.gov.cn, 3819/72742; jxyuer.com, 335501; juziwuyouba.cn, 340479; the last two reposts); G1111_2"


@shared
def _aid_of_members(snapshot: Snapshot) -> Array:
    """Aid of the school year of each member: 1 where there is some, 0 where it is 0, NaN where it is not on record."""
    members, rows = snapshot.members, current_enrolment(snapshot)
    given = np.full(len(members), np.nan)
    place = members.place_of(rows)
    given[place] = np.where(np.isnan(rows.aid_cny), np.nan, (rows.aid_cny > 0).astype("float64"))
    return given


def _at_school(snapshot: Snapshot, *stages: str) -> Array:
    """Whether each member is at school at some stages: 1, 0, NaN where the school year has no records at all."""
    rows = current_enrolment(snapshot)
    rows = rows.where(rows.isin("status", "enrolled", "home_teaching") & rows.isin("stage", *stages))
    pupils = snapshot.members.named_in(rows).astype("float64")
    if snapshot.enrolments.supplied:
        return pupils
    return np.where(snapshot.members.isin("student_stage", *stages), np.nan, 0.0)


def _with_aid(snapshot: Snapshot, *groups: str) -> Array:
    """Whether each member is of one of some groups; pupils of a household on 低保 are, whoever in it is registered."""
    own = group_of_members(snapshot, *(group for group in groups if group != "dibao"))  # type: ignore[arg-type]
    if "dibao" not in groups:
        return own
    return any_of(own, group_of_households(snapshot, "dibao")[snapshot.members.household])


def _aid(snapshot: Snapshot, *stages: str, groups: tuple[str, ...] = GROUPS_WITH_AID, subs: tuple[str, ...]) -> Verdict:
    """Ask of pupils of some stages and groups whether aid is on record, in the school record or as a measure."""
    pupil = _at_school(snapshot, *stages)
    qualifies = all_of(pupil, _with_aid(snapshot, *groups)) if groups else pupil
    kind = SupportKind(months=SCHOOL_YEAR_MONTHS, subs=subs, measures=("education", "compulsory_education"))
    measure = given_to_members(snapshot, kind)
    record = _aid_of_members(snapshot)
    # A school record that says 0 says so; a measure that does not say which it is leaves it open.
    # Where no measures were given, the record alone tells.
    silent = np.isnan(measure) & snapshot.supports.supplied
    given = np.where((record == 1) | (measure == 1), 1.0, np.where((record == 0) & ~silent, 0.0, np.nan))
    return of_persons(
        snapshot,
        qualifies,
        given,
        others=(Deciding(current_enrolment(snapshot), SHOWN_OF_PUPILS),),
        records=measures_beside(snapshot, kind),
    )


@entitlement(
    zh="学前教育资助", en="aid before school", asks_zh="脱贫户、监测对象、低保、特困、残疾幼儿在园，是否没有资助记录",
    asks_en="has a child in kindergarten of an ex-poor or monitored household, on 低保 or 特困供养 or disabled no aid on record",
    source=AID_RULES,
)  # fmt: skip
def kindergarten_aid(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _aid(snapshot, "kindergarten", subs=("kindergarten_aid",))


@entitlement(
    zh="义务教育生活补助", en="living allowance at compulsory school",
    asks_zh="脱贫户、监测对象、低保、特困、残疾学生在小学或初中，是否没有生活补助记录",
    asks_en="has a pupil of primary or junior school of these groups no living allowance on record",
    source=AID_RULES,
)  # fmt: skip
def living_allowance(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _aid(snapshot, "primary", "junior", subs=("living_allowance",))


@entitlement(
    zh="普通高中资助", en="aid at senior school", asks_zh="脱贫户、监测对象、低保、特困、残疾学生在普通高中，是否没有免学杂费、助学金记录",
    asks_en="has a pupil of senior school of these groups neither fees remitted nor a grant on record",
    source=AID_RULES,
)  # fmt: skip
def senior_school_aid(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _aid(snapshot, "senior", subs=("tuition_waiver", "student_grant"))


@entitlement(
    zh="中职资助", en="aid at vocational school", asks_zh="中职学生是否没有免学费、助学金记录",
    asks_en="has a pupil of a vocational school neither fees remitted nor a grant on record", source=AID_RULES,
)  # fmt: skip
def vocational_aid(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _aid(snapshot, "vocational", groups=(), subs=("tuition_waiver", "student_grant"))


@entitlement(
    zh="大学生资助", en="aid at college", asks_zh="脱贫户、监测对象、低保、特困、残疾学生在大专、本科，是否没有助学金、助学贷款记录",
    asks_en="has a student of these groups neither a grant nor a loan on record", source=AID_RULES,
)  # fmt: skip
def college_aid(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _aid(snapshot, "college3", "bachelor", subs=("student_grant", "student_loan"))


@entitlement(
    zh="雨露计划", en="雨露计划", asks_zh="脱贫户、监测对象的中职、高职高专在校生，本学年是否没有雨露计划记录",
    asks_en="has a pupil of a vocational school or a college of three years, ex-poor or monitored, no 雨露计划 in this school year",
    source=YULU_RULES,
)  # fmt: skip
def yulu(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    household = group_of_households(snapshot, "ex_poor", "monitored")
    # Monitored when the school year began counts, though the risk is over since.
    rows, begun = snapshot.monitoring, school_year_begin(np.array([current_school_year(snapshot)]))[0]
    then = (rows.identified_on <= begun) & (np.isnat(rows.eliminated_on) | (rows.eliminated_on > begun))
    household = any_of(household, (rows.count(then) > 0).astype("float64"))
    qualifies = all_of(_at_school(snapshot, "vocational", "college3"), household[members.household])
    kind = SupportKind(months=SCHOOL_YEAR_MONTHS, subs=("yulu",), measures=("education",))
    given = given_to_members(snapshot, kind)
    return of_persons(
        snapshot,
        qualifies,
        given,
        others=(Deciding(current_enrolment(snapshot), SHOWN_OF_PUPILS),),
        records=measures_beside(snapshot, kind),
    )


ENTITLEMENTS_OF_SCHOOL: tuple[Rule, ...] = (
    kindergarten_aid,
    living_allowance,
    senior_school_aid,
    vocational_aid,
    college_aid,
    yulu,
)
