"""What records of persons contradict: relations, ages, health, labour, school, certificates."""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array, school_year_begin
from fanpin_risk.asof.rows import MemberRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.education import STAGES, current_enrolment
from fanpin_risk.policy.on_record import held_certificates
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import (
    IS_SO,
    NOT_SO,
    OUR_READING,
    TITLES_OF_CHECKER,
    Deciding,
    Rule,
    Verdict,
    contradiction,
)
from fanpin_risk.policy.three_valued import all_of, any_of, at_least, is_below, known_where, not_so, of_rows, verdict_of

__all__ = ["CONTRADICTIONS_OF_PERSONS"]

ABLE, UNABLE = ("skilled", "ordinary", "weak"), ("none", "lost")
MALE_RELATIONS = ("son", "son_in_law", "grandson", "maternal_grandson", "great_grandson", "father", "father_in_law", "husbands_father",
        "grandfather", "maternal_grandfather")  # fmt: skip
FEMALE_RELATIONS = ("daughter", "daughter_in_law", "granddaughter", "maternal_granddaughter", "great_granddaughter", "mother",
          "mother_in_law", "husbands_mother", "grandmother", "maternal_grandmother")  # fmt: skip
CHILDREN, PARENTS = ("son", "daughter"), ("father", "mother")
SEVERE = ("grade1", "grade2")
SENIOR = ("senior", "vocational")
SCHOOL = ("primary", "junior", *SENIOR)
FAR = ("province", "outside", "abroad")
WORKING_AGE, OLD, POST_AGE, SCHOOL_AGE_ENDS = 16, 60, 70, 16
STAGE_AGES = {
    "preschool_age": (0, 6),
    "primary": (6, 14),
    "kindergarten": (0, 6),
    "senior": (15, 20),
    "vocational": (15, 20),
}  # by rules of the checker
DEGREE_AGE = 18
DAYS_PER_YEAR = 365.25
SETTLED_LATE = np.timedelta64(
    92, "D"
)  # a day of a bill so soon after the person died or left may be that of its settlement


def _ill_by_form(members: MemberRows) -> Array:
    return members.isin("health", "chronic", "serious", "disabled")


def _healthy_alone(members: MemberRows) -> Array:
    """Whether nothing but 健康 is on record; unknown where nothing is."""
    return known_where(members, members.isin("health", "healthy") & ~_ill_by_form(members), "health")


def _aged(members: MemberRows, first: int, last: int) -> Array:
    """Whether each member is of some ages; unknown where the age is."""
    return all_of(at_least(members.years_old, float(first)), is_below(members.years_old, last + 1.0))


def _may_have_months(members: MemberRows) -> Array:
    """Whether months of work are on record of each member, or would be: blank of a child or an old person they tell nothing."""
    return members.known("work_months") | (_aged(members, WORKING_AGE, OLD - 1) != 0)


def _pupil(snapshot: Snapshot) -> Array:
    """Whether each member is at school, by the form or a school record of this school year; no where neither says so."""
    current = current_enrolment(snapshot)
    at_school = current.where(current.isin("status", "enrolled", "home_teaching"))
    members = snapshot.members
    return (members.isin("student_stage", *STAGES) | members.named_in(at_school)).astype("float64")


@contradiction(
    zh="一户两个配偶", en="two spouses", severity="error", source=TITLES_OF_CHECKER,
    asks_zh="是否登记了两个以上户主配偶", asks_en="are two or more spouses of the head on record",
)  # fmt: skip
def two_spouses(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    spouses = members.where(members.isin("relation", "spouse"))
    several = at_least(members.count(members.isin("relation", "spouse")), 2.0)
    told = spouses.where(several[spouses.household] == 1)
    return verdict_of(several, Deciding(told, ("relation",)), persons=told, asked=members.count() > 0)


@contradiction(
    zh="与户主关系和性别不符", en="relation and sex", severity="error", source=TITLES_OF_CHECKER + " (G2_01_004)",
    asks_zh="与户主关系和性别是否矛盾（如之女为男）", asks_en="do relation and sex contradict each other (a daughter who is a man)",
)  # fmt: skip
def relation_and_sex(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    male, female = members.isin("relation", *MALE_RELATIONS), members.isin("relation", *FEMALE_RELATIONS)
    wrong = (male & members.isin("sex", "female")) | (female & members.isin("sex", "male"))
    return of_rows(members, known_where(members, wrong, "sex"), "relation", "sex", asked=male | female)


@contradiction(
    zh="父母与子女年龄差过小", en="parent hardly older than child", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="户主与其子女、父母的年龄差是否过小",
    asks_en="is the head hardly older than a child, or a parent hardly older than the head",
)  # fmt: skip
def parent_too_young(snapshot: Snapshot, policy: Policy) -> Verdict:
    members = snapshot.members
    born = np.where(np.isnat(members.birth_date), np.nan, members.birth_date.astype("int64").astype("float64"))
    heads = members.where(members.isin("relation", "head"))
    of_head = np.full(snapshot.n_households, np.nan)
    of_head[heads.household] = born[members.isin("relation", "head")]
    least = policy.at("parent_years", snapshot.area_codes, snapshot.as_of)[members.household] * DAYS_PER_YEAR
    child, parent = members.isin("relation", *CHILDREN), members.isin("relation", *PARENTS)
    older = np.where(child, born - of_head[members.household], of_head[members.household] - born)
    verdict = of_rows(members, is_below(older, least), "relation", "birth_date", asked=child | parent)
    compared = heads.where((verdict.answer == IS_SO)[heads.household])
    return Verdict(
        verdict.answer, (*verdict.deciding, Deciding(compared, ("relation", "birth_date"))), persons=verdict.persons
    )


@contradiction(
    zh="健康又患病", en="healthy and ill", severity="error", source=OUR_READING, status="inferred",
    asks_zh="健康状况是否同时登记为健康和患病或残疾", asks_en="is a member on record as healthy and as ill or disabled at once",
)  # fmt: skip
def healthy_and_ill(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    return of_rows(
        members, known_where(members, members.isin("health", "healthy") & _ill_by_form(members), "health"), "health"
    )


@contradiction(
    zh="健康或劳动技能未填", en="health or labour not filled in", severity="warning", source=TITLES_OF_CHECKER + " (G2_12_001)",
    asks_zh="是否有成员健康状况或劳动技能为空", asks_en="is health or labour of a member empty",
)  # fmt: skip
def health_or_labour_empty(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    empty = ~members.known("health") | ~members.known("labour")
    return of_rows(members, empty.astype("float64"), "health", "labour")


@contradiction(
    zh="文化程度、在校状况均未填", en="nothing on schooling", severity="warning", source=TITLES_OF_CHECKER + " (G3_12_003)",
    asks_zh="6周岁及以上成员的文化程度、在校生状况、就学记录是否全空",
    asks_en="is nothing on record of the schooling of a member of six or older",
)  # fmt: skip
def schooling_empty(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    empty = ~members.known("education") & ~members.known("student_stage") & ~members.named_in(snapshot.enrolments)
    nothing = np.where(empty & (not snapshot.enrolments.supplied), np.nan, empty.astype("float64"))
    return of_rows(members, all_of(nothing, at_least(members.years_old, 6.0)), "birth_date")


@contradiction(
    zh="16周岁以下有劳动能力", en="able to work below 16", severity="error", source=TITLES_OF_CHECKER + " (G2_01_011)",
    asks_zh="16周岁以下成员是否登记为劳动力", asks_en="is a member below 16 on record as able to work",
)  # fmt: skip
def child_able_to_work(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    able = known_where(members, members.isin("labour", *ABLE), "labour")
    return of_rows(members, all_of(able, is_below(members.years_old, float(WORKING_AGE))), "birth_date", "labour")


@contradiction(
    zh="劳动年龄健康却无劳动能力", en="healthy, of working age, not able", severity="warning", source=TITLES_OF_CHECKER + " (G5_12_008)",
    asks_zh="16—59周岁、健康、非在校的成员是否登记为无劳动力或弱劳动力",
    asks_en="is a healthy member of 16 to 59, no pupil, on record as of no or weak labour",
)  # fmt: skip
def healthy_not_able(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    weak = known_where(members, members.isin("labour", "none", "lost", "weak"), "labour")
    holds = all_of(_aged(members, WORKING_AGE, OLD - 1), _healthy_alone(members), not_so(_pupil(snapshot)), weak)
    return of_rows(members, holds, "birth_date", "health", "labour")


@contradiction(
    zh="60周岁以上劳动能力登记待核", en="able to work at 60", severity="hint", source=TITLES_OF_CHECKER + " (G2_12_005)",
    asks_zh="60周岁及以上成员是否登记为普通、技能劳动力或丧失劳动力",
    asks_en="is a member of 60 or older on record as of ordinary, skilled or lost labour",
)  # fmt: skip
def old_and_able(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    able = known_where(members, members.isin("labour", "ordinary", "skilled", "lost"), "labour")
    return of_rows(members, all_of(able, at_least(members.years_old, float(OLD))), "birth_date", "labour")


@contradiction(
    zh="在校生登记为劳动力", en="pupil able to work", severity="warning", source=TITLES_OF_CHECKER + " (G1111_07)",
    asks_zh="在校生是否登记为劳动力", asks_en="is a pupil on record as able to work",
)  # fmt: skip
def pupil_able_to_work(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    able = known_where(members, members.isin("labour", *ABLE), "labour")
    return of_rows(members, able, "student_stage", "labour", asked=_pupil(snapshot) == 1)


@contradiction(
    zh="无劳动能力却务工", en="works though not able", severity="warning", source=TITLES_OF_CHECKER + " (G2_01_015)",
    asks_zh="无劳动力、丧失劳动力或弱劳动力的成员是否有务工时间", asks_en="does a member of no, lost or weak labour have months of work",
)  # fmt: skip
def works_though_not_able(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    holds = known_where(members, members.work_months > 0, "work_months")
    asked = members.isin("labour", "none", "lost", "weak") & _may_have_months(members)
    return of_rows(members, holds, "labour", "work_months", asked=asked)


@contradiction(
    zh="务工所在地与务工时间不符", en="place of work and months", severity="warning", source="national data rules",
    asks_zh="是否有务工所在地而务工时间为0，或有务工时间而没有务工所在地",
    asks_en="is a place of work on record with 0 months, or months without a place",
)  # fmt: skip
def place_without_months(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    place, months = members.known("work_place"), members.work_months
    # Where no place of anybody is on record, the column may never have been filled in.
    used = (members.count(place) > 0)[members.household]
    placeless = np.where(used, 1.0, np.nan)
    holds = np.where(place, np.where(np.isnan(months), np.nan, (months == 0) * 1.0), placeless)
    return of_rows(members, holds, "work_place", "work_months", asked=place | (months > 0))


@contradiction(
    zh="在校生务工", en="pupil who works", severity="warning", source=TITLES_OF_CHECKER + " (G4_01_006)",
    asks_zh="小学至高中（中职）在校生是否有务工时间", asks_en="does a pupil up to senior school have months of work",
)  # fmt: skip
def pupil_works(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    rows = current_enrolment(snapshot)
    rows = rows.where(rows.isin("status", "enrolled", "home_teaching") & rows.isin("stage", *SCHOOL))
    pupil = members.isin("student_stage", *SCHOOL) | members.named_in(rows)
    holds = known_where(members, members.work_months > 0, "work_months")
    asked = pupil & _may_have_months(members)
    verdict = of_rows(members, holds, "student_stage", "work_months", asked=asked)
    told = rows.where(np.isin(members.index[members.place_of(rows)], verdict.deciding[0].rows.index))
    return Verdict(verdict.answer, (*verdict.deciding, Deciding(told, ("stage", "status"))), persons=verdict.persons)


@contradiction(
    zh="16周岁以下公益岗位", en="public post below 16", severity="error", source=TITLES_OF_CHECKER + " (G5_12_004)",
    asks_zh="16周岁以下成员是否有公益性岗位", asks_en="does a member below 16 hold a public post",
)  # fmt: skip
def post_below_16(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    return of_rows(
        members, is_below(members.years_old, float(WORKING_AGE)), "birth_date", "public_post_months",
        asked=members.public_post_months > 0,
    )  # fmt: skip


@contradiction(
    zh="70周岁以上公益岗位", en="public post at 70", severity="warning", source=TITLES_OF_CHECKER + " (G5_12_005)",
    asks_zh="70周岁及以上成员是否有公益性岗位", asks_en="does a member of 70 or older hold a public post",
)  # fmt: skip
def post_at_70(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    return of_rows(
        members, at_least(members.years_old, float(POST_AGE)), "birth_date", "public_post_months",
        asked=members.public_post_months > 0,
    )  # fmt: skip


@contradiction(
    zh="一户三个以上公益岗位", en="three public posts", severity="warning",
    source=TITLES_OF_CHECKER + " (G3_01_011); one post a household by county rules",
    asks_zh="一户是否有三个及以上公益性岗位", asks_en="do three or more members hold public posts",
)  # fmt: skip
def three_posts(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    posts = members.where(members.public_post_months > 0)
    several = at_least(posts.count(), 3.0)
    told = posts.where(several[posts.household] == 1)
    return verdict_of(several, Deciding(told, ("public_post_months",)), persons=told, asked=posts.count() > 0)


@contradiction(
    zh="公益岗位却在县外务工", en="public post and work far away", severity="warning", source=TITLES_OF_CHECKER + " (G5_12_002)",
    asks_zh="有公益性岗位的成员，务工所在地是否在县外", asks_en="does a member with a public post work outside the county",
)  # fmt: skip
def post_and_far_away(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    holds = known_where(members, members.isin("work_place", *FAR), "work_place")
    return of_rows(members, holds, "work_place", "public_post_months", asked=members.public_post_months > 0)


@contradiction(
    zh="在校阶段与年龄不符", en="stage and age", severity="warning", source=TITLES_OF_CHECKER + " (G5_17_002, G5_12_013, G5_17_004)",
    asks_zh="小学生是否不在6—14岁，学前儿童是否满7岁，高中或中职生是否不在15—20岁",
    asks_en="is a primary pupil not of 6 to 14, a child before school 7 or older, a senior or vocational pupil not of 15 to 20",
)  # fmt: skip
def stage_and_age(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    wrong, age = np.zeros(len(members), dtype=bool), members.years_old
    for stage, (low, high) in STAGE_AGES.items():
        wrong |= members.isin("student_stage", stage) & ((age < low) | (age > high))
    holds = np.where(np.isnan(age), np.nan, wrong.astype("float64"))
    return of_rows(members, holds, "birth_date", "student_stage", asked=members.isin("student_stage", *STAGE_AGES))


@contradiction(
    zh="未满18周岁有大专以上学历", en="degree below 18", severity="warning", source=TITLES_OF_CHECKER + " (G5_17_005)",
    asks_zh="未满18周岁成员的文化程度是否为大专及以上", asks_en="has a member below 18 finished college",
)  # fmt: skip
def degree_below_18(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    holds = is_below(members.years_old, float(DEGREE_AGE))
    return of_rows(members, holds, "birth_date", "education", asked=members.isin("education", "college3", "bachelor"))


@contradiction(
    zh="适龄儿童没有就学信息", en="child of school age without school", severity="error",
    source=TITLES_OF_CHECKER + " (G5_15_016, G5_15_017)",
    asks_zh="6—15周岁成员是否既没有在校生状况，也没有就学记录或失学辍学原因",
    asks_en="has a child of 6 to 15 neither a stage nor a school record nor a reason for being out of school",
)  # fmt: skip
def school_age_without_record(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    nothing = ~members.known("student_stage") & ~members.named_in(snapshot.enrolments)
    of_age = _aged(members, 6, SCHOOL_AGE_ENDS - 1)
    unknown = np.isnan(of_age) | (nothing & (not snapshot.enrolments.supplied))
    return of_rows(members, np.where(unknown, np.nan, nothing.astype("float64")), "birth_date", asked=of_age != 0)


@contradiction(
    zh="在校生状况与学籍不符", en="member form and school record", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="本学年成员表的在校生状况与学籍的学段是否不同",
    asks_en="do the member form of this school year and the school record name different stages",
)  # fmt: skip
def form_and_school_differ(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members, rows = snapshot.members, current_enrolment(snapshot)
    rows = rows.where(rows.isin("status", "enrolled", "home_teaching") & (members.place_of(rows) >= 0))
    place = members.place_of(rows)
    same = np.zeros(len(rows), dtype=bool)
    for stage in STAGES:
        same |= rows.isin("stage", stage) & members.isin("student_stage", stage)[place]
    # A form of the next school year names the stage of that year.
    told = (members.valid_from[place] >= rows.time) & (
        members.valid_from[place] < school_year_begin(rows.school_year + 1)
    )
    asked = members.known("student_stage")[place] & told
    verdict = of_rows(rows, (~same).astype("float64"), "stage", "status", asked=asked)
    persons = members.where(members.named_in(verdict.deciding[0].rows))
    return Verdict(verdict.answer, (*verdict.deciding, Deciding(persons, ("student_stage",))), persons=persons)


@contradiction(
    zh="登记残疾而没有残疾证", en="disabled without a certificate", severity="warning", source=TITLES_OF_CHECKER + " (G4_12_003)",
    asks_zh="健康状况为残疾的成员是否没有残疾证记录", asks_en="has a member on record as disabled no certificate on record",
)  # fmt: skip
def disabled_without_certificate(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    none = ~members.named_in(snapshot.disabilities)
    holds = none.astype("float64") if snapshot.disabilities.supplied else np.full(len(members), np.nan)
    return of_rows(members, holds, "health", asked=members.isin("health", "disabled"))


@contradiction(
    zh="有残疾证而未登记残疾", en="certificate, not on record as disabled", severity="warning", source=TITLES_OF_CHECKER + " (G4_12_003)",
    asks_zh="有残疾证的成员，健康状况是否没有登记残疾", asks_en="is a member with a certificate not on record as disabled",
)  # fmt: skip
def certificate_not_in_health(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    rows, valid = held_certificates(snapshot)
    holds = known_where(members, ~members.isin("health", "disabled"), "health")
    unsure = members.named_in(rows.where(np.isnan(valid)))
    return of_rows(
        members,
        np.where((holds == 1) & unsure, np.nan, holds),
        "health",
        asked=members.named_in(rows.where(valid != 0)),
    )


@contradiction(
    zh="重度残疾证已过期", en="certificate of severe disability expired", severity="hint",
    source="register of disabled persons: ten years",
    asks_zh="登记残疾的成员，其一、二级残疾证是否已过有效期",
    asks_en="has the certificate of grade 1 or 2 of a member on record as disabled expired",
)  # fmt: skip
def severe_certificate_expired(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    rows, valid = held_certificates(snapshot)
    asked = rows.isin("grade", *SEVERE) & members.isin("health", "disabled")[members.place_of(rows)]
    verdict = of_rows(rows, not_so(valid), "grade", "issued_on", "valid_to", asked=asked)
    told = members.where(members.named_in(verdict.deciding[0].rows))
    return Verdict(verdict.answer, verdict.deciding, persons=told)


@contradiction(
    zh="特困人员外出务工", en="on 特困供养 and working away", severity="warning", source=TITLES_OF_CHECKER + " (G5_12_003)",
    asks_zh="特困供养人员是否有务工时间或务工所在地", asks_en="does a member on 特困供养 have months or a place of work",
)  # fmt: skip
def tekun_works(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    months = known_where(members, members.work_months > 0, "work_months")
    holds = any_of(months, members.known("work_place").astype("float64"))
    return of_rows(members, holds, "tekun", "work_months", "work_place", asked=members.tekun == 1)


@contradiction(
    zh="劳动年龄健康的特困人员", en="on 特困供养, healthy, of working age", severity="warning", source=TITLES_OF_CHECKER + " (G5_15_019)",
    asks_zh="18—59周岁、健康、非在校的成员是否为特困供养人员",
    asks_en="is a healthy member of 18 to 59, no pupil, on 特困供养",
)  # fmt: skip
def tekun_of_working_age(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    holds = all_of(_aged(members, DEGREE_AGE, OLD - 1), _healthy_alone(members), not_so(_pupil(snapshot)))
    return of_rows(members, holds, "birth_date", "health", "tekun", asked=members.tekun == 1)


@contradiction(
    zh="同时为低保和特困", en="on 低保 and 特困供养", severity="error", source=OUR_READING, status="inferred",
    asks_zh="是否有成员同时享受低保和特困供养", asks_en="is a member on 低保 and on 特困供养 at once",
)  # fmt: skip
def dibao_and_tekun(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    return of_rows(
        members,
        all_of(members.dibao, members.tekun),
        "dibao",
        "tekun",
        asked=(members.dibao == 1) | (members.tekun == 1),
    )


@contradiction(
    zh="减少人员仍有记录", en="records of a person who is gone", severity="error", source=OUR_READING, status="inferred",
    asks_zh="已减少的成员在减少之后是否仍有就学、就医或收入记录",
    asks_en="are there records of school, treatment or income of a member after he or she was gone",
)  # fmt: skip
def records_after_leaving(snapshot: Snapshot, _policy: Policy) -> Verdict:
    gone = snapshot.former_members
    former = MemberRows("members", gone.index, gone.household, on_day=snapshot.on_day)
    for_good = former.isin("left_reason", "death", "moved")
    paid = snapshot.incomes.where(snapshot.incomes.amount_cny > 0)
    holds, told = np.zeros(len(former)), []
    for rows, settled, day in (
        (snapshot.medical, SETTLED_LATE, "event_date"),
        (snapshot.enrolments, np.timedelta64(0, "D"), "school_year"),
        (paid, np.timedelta64(0, "D"), "period_start"),
    ):
        about = rows.where(former.place_of(rows) >= 0)
        since = (about.period_start if rows is paid else about.time) - former.valid_to[former.place_of(about)]
        late = about.where(since > np.timedelta64(0, "D"))
        sure = about.where(since > settled)
        holds[for_good & former.named_in(late) & (holds == 0)] = np.nan
        holds[for_good & former.named_in(sure)] = 1.0
        told.append(Deciding(late, (day,)))
    verdict = of_rows(former, holds, "valid_to", "left_reason")
    beside = [Deciding(one.rows.where(verdict.answer[one.rows.household] != NOT_SO), one.columns) for one in told]
    return Verdict(verdict.answer, (*verdict.deciding, *beside), persons=verdict.persons)


CONTRADICTIONS_OF_PERSONS: tuple[Rule, ...] = (
    two_spouses,
    relation_and_sex,
    parent_too_young,
    healthy_and_ill,
    health_or_labour_empty,
    schooling_empty,
    child_able_to_work,
    healthy_not_able,
    old_and_able,
    pupil_able_to_work,
    works_though_not_able,
    place_without_months,
    pupil_works,
    post_below_16,
    post_at_70,
    three_posts,
    post_and_far_away,
    stage_and_age,
    degree_below_18,
    school_age_without_record,
    form_and_school_differ,
    disabled_without_certificate,
    certificate_not_in_health,
    severe_certificate_expired,
    tekun_works,
    tekun_of_working_age,
    dibao_and_tekun,
    records_after_leaving,
)
