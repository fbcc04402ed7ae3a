"""Labour and work features: who is able, months of wage work, where, public posts, able hands without wages.

Able are those of skilled or ordinary labour; weak labour is told apart, never as able and never as none.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, feature, ratio, shared
from fanpin_risk.features.income import income_years
from fanpin_risk.records.code_lists import WORK_PLACE

__all__ = ["FEATURES"]

WORK_FORM = "register member form: 劳动技能 (技能/普通劳动力 able; 弱劳动力 half)"
WORK_PLACE_EN = {
    "township": "in the township", "county": "in the county", "province": "in the province", "outside": "outside the province",
    "abroad": "abroad",
}  # fmt: skip
NOBODY_WORKS = len(WORK_PLACE)  # the category after the last place


@shared
def able(snapshot: Snapshot) -> Array:
    """Members with skilled or ordinary labour, among those whose labour is on record."""
    members = snapshot.members
    return members.count(members.isin("labour", "skilled", "ordinary"), known=members.known("labour"))


@feature(
    zh="有劳动能力人数", en="Members able to work", domain="work", cause="labour", unit="persons", monotone=-1,
    reason="More able members never make a household poorer at the same size and income.", source=WORK_FORM,
    says_zh="家中有普通或技能劳动力{n_able_labour}[（共{household_size}）]"
    "|按登记的劳动技能，家中没有普通或技能劳动力[（有弱劳动力{n_weak_labour}）|，也没有弱劳动力]",
    says_en="members of ordinary or skilled labour: {n_able_labour}[ of {household_size}]"
    "|by what is on record no member is of ordinary or skilled labour[ (of weak labour: {n_weak_labour})|, nor of weak labour]",
    actionable=False,
)  # fmt: skip
def n_able_labour(snapshot: Snapshot) -> Array:
    return able(snapshot)


@feature(
    zh="有劳动能力人口占比", en="Share of members able to work", domain="work", cause="labour", unit="share",
    monotone=-1, reason="The larger the share that can earn, the better the household carries the rest.",
    source=WORK_FORM,
    says_zh="家中有普通或技能劳动力{n_able_labour}，占登记了劳动技能的成员的{able_labour_share}"
    "|按登记的劳动技能，家中没有普通或技能劳动力[（有弱劳动力{n_weak_labour}）|，也没有弱劳动力]",
    says_en="members of ordinary or skilled labour: {n_able_labour}, {able_labour_share} of those whose labour is on record"
    "|by what is on record no member is of ordinary or skilled labour[ (of weak labour: {n_weak_labour})|, nor of weak labour]",
    actionable=False,
)  # fmt: skip
def able_labour_share(snapshot: Snapshot) -> Array:
    return ratio(able(snapshot), snapshot.members.count(snapshot.members.known("labour")), lowest=0.0, highest=1.0)


@feature(
    zh="弱劳动力人数", en="Members of weak labour", domain="work", cause="labour", unit="persons", monotone=0,
    reason="No claim: weak labour earns less than able labour and more than none.", source=WORK_FORM,
    says_zh="家中有弱劳动力或半劳动力{n_weak_labour}[，普通或技能劳动力{n_able_labour}|，没有普通或技能劳动力]|家中没有登记的弱劳动力或半劳动力",
    says_en="members of weak labour: {n_weak_labour}[; of ordinary or skilled labour: {n_able_labour}"
    "|; none of ordinary or skilled labour]|no member is on record as of weak labour",
)  # fmt: skip
def n_weak_labour(snapshot: Snapshot) -> Array:
    members = snapshot.members
    return members.count(members.isin("labour", "weak"), known=members.known("labour"))


@feature(
    zh="全年务工月数合计", en="Months of wage work, all members", domain="work", cause="unstable_work", unit="months",
    monotone=-1, reason="More months worked never lowers income.", source="register member form: 务工时间（月）",
    says_zh="全家务工时间合计{work_months_total}[（{work_record_year}登记）]|全家登记的务工时间为零[（{work_record_year}登记）]",
    says_en="all members together worked {work_months_total} for wages[ (as recorded in {work_record_year})]"
    "|months of work for wages on record are zero[ (as recorded in {work_record_year})]",
)  # fmt: skip
def work_months_total(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(snapshot.members.work_months, default=np.nan)


@feature(
    zh="每名劳动力务工月数", en="Months of wage work per able member", domain="work", cause="unstable_work",
    unit="months", monotone=-1, reason="Idle able labour is the first sign of unstable work.",
    source="register member form: 务工时间（月） of the members of skilled or ordinary labour for whom it is on record",
    says_zh="家中有普通或技能劳动力{n_able_labour}，按登记的务工时间平均每人{work_months_per_able}[（{work_record_year}登记）]"
    "|家中有普通或技能劳动力{n_able_labour}，登记的务工时间均为零[（{work_record_year}登记）]",
    says_en="members of ordinary or skilled labour: {n_able_labour}; by what is on record each worked {work_months_per_able} for "
    "wages on average[ (as recorded in {work_record_year})]"
    "|members of ordinary or skilled labour: {n_able_labour}; by what is on record none worked for wages"
    "[ (as recorded in {work_record_year})]",
    needs="n_able_labour",
)  # fmt: skip
def work_months_per_able(snapshot: Snapshot) -> Array:
    able_members = snapshot.members.where(snapshot.members.isin("labour", "skilled", "ordinary"))
    return able_members.mean(able_members.work_months)


@feature(
    zh="县外务工人数", en="Members working outside the county", domain="work", cause="unstable_work", unit="persons",
    monotone=0, reason="No claim: migrants earn more and lose work sooner.", source="register member form: 务工所在地",
    says_zh="家中在县外务工的有{n_migrant_workers}[（{work_record_year}登记）]|家中没有登记在县外务工的成员",
    says_en="members working outside the county: {n_migrant_workers}[ (as recorded in {work_record_year})]"
    "|no member is on record as working outside the county",
)  # fmt: skip
def n_migrant_workers(snapshot: Snapshot) -> Array:
    members = snapshot.members
    working = members.isin("work_place", "province", "outside", "abroad")
    return members.count(working, known=members.known("work_place") | (members.work_months == 0))


@feature(
    zh="主要务工人员务工地", en="Place of work of the main wage worker", domain="work", cause="unstable_work",
    unit="category", monotone=0, reason="No claim: a category has no order; farther work pays more and ends sooner.",
    source="register member form: 务工所在地 of the member with the most 务工时间, the farthest of equals",
    when=(f"earner_work_place = {NOBODY_WORKS}",),
    says_zh="家中没有登记务工的成员[（{work_record_year}登记）]|务工时间最长的成员务工地为{earner_work_place}[，{work_record_year}登记]",
    says_en="nobody is on record as working for wages[ (as recorded in {work_record_year})]"
    "|the member who works longest for wages works {earner_work_place}[ (as recorded in {work_record_year})]",
    levels_zh=(*(texts[0].replace("(", "（").replace(")", "）") for texts in WORK_PLACE.values()), "无人务工"),
    levels_en=(*(WORK_PLACE_EN[place] for place in WORK_PLACE), "nobody works for wages"),
)  # fmt: skip
def earner_work_place(snapshot: Snapshot) -> Array:
    members = snapshot.members
    longest = members.max(members.work_months)
    earner = (members.work_months == longest[members.household]) & (members.work_months > 0)
    place = members.max(np.where(earner, members.level("work_place"), np.nan))
    return np.where(longest == 0, float(NOBODY_WORKS), place)


@feature(
    zh="参加职工养老保险的成员占比", en="Share of members with an employees' pension", domain="work", cause="unstable_work",
    unit="share", monotone=-1, reason="职工养老 comes with a formal job, which lasts longer and pays on when work stops.",
    source="register member form: 是否参加城镇职工基本养老保险, among those for whom it is on record",
    says_zh="登记了参保情况的成员中，参加职工养老保险的占{employees_pension_share}|登记了参保情况的成员中，没有人参加职工养老保险",
    says_en="of the members whose insurance is on record {employees_pension_share} have an employees' pension"
    "|of the members whose insurance is on record none has an employees' pension",
)  # fmt: skip
def employees_pension_share(snapshot: Snapshot) -> Array:
    return snapshot.members.mean(snapshot.members.pension_employee)


@feature(
    zh="公益岗位月数", en="Months of public post", domain="work", cause="low_income", unit="months", monotone=0,
    reason="No claim: a post helps, and it can be withdrawn.", source="register member form: 公益性岗位（月数）",
    says_zh="公益岗位合计{public_post_months}[（{work_record_year}登记）]|家中没有登记的公益岗位",
    says_en="public posts of all members add up to {public_post_months}[ (as recorded in {work_record_year})]"
    "|no member is on record with a public post",
)  # fmt: skip
def public_post_months(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(snapshot.members.public_post_months, default=np.nan)


@feature(
    zh="有劳动力却无工资收入", en="Able members but no wages", domain="work", cause="unstable_work", unit="flag",
    monotone=+1, reason="Idle labour next to an income without wages points to lost work.",
    source="risk category 因务工就业不稳; 劳动技能 and 工资性收入; not applicable without an able member",
    says_zh="家中有普通或技能劳动力{n_able_labour}，但{income_period}没有工资性收入"
    "|家中有普通或技能劳动力{n_able_labour}，{income_period}工资性收入{wages}",
    says_en="members of ordinary or skilled labour: {n_able_labour}, but no wages in {income_period}"
    "|members of ordinary or skilled labour: {n_able_labour}, and wages of {wages} in {income_period}",
    needs="n_able_labour",
)  # fmt: skip
def able_without_wages(snapshot: Snapshot) -> Array:
    wages, able_members = income_years(snapshot)[0].wages, able(snapshot)
    return np.where(np.isnan(wages) | ~(able_members > 0), np.nan, (wages <= 0).astype("float64"))


@feature(
    zh="务工信息的登记年份", en="Year in which work was recorded", domain="work", cause="unstable_work", unit="year", monotone=0,
    model=False, reason="Quoted beside months of work; missing where members were recorded in different years.",
    source="register member form: 数据日期 of the rows with 务工时间", says_zh="务工信息为{work_record_year}登记",
    says_en="work as recorded in {work_record_year}",
)  # fmt: skip
def work_record_year(snapshot: Snapshot) -> Array:
    rows = snapshot.members.where(snapshot.members.known("work_months"))
    year = rows.valid_from.astype("datetime64[Y]").astype("int64").astype("float64") + 1970
    newest = rows.max(year)
    return np.where(newest == rows.min(year), newest, np.nan)


FEATURES = (
    n_able_labour,
    able_labour_share,
    n_weak_labour,
    work_months_total,
    work_months_per_able,
    n_migrant_workers,
    earner_work_place,
    employees_pension_share,
    public_post_months,
    able_without_wages,
    # context, quoted in sentences
    work_record_year,
)
