"""Household and labour features: size, ages, able labour, work, elderly alone, single parent, housing, land, debt.

Among them the categories: why the household was poor, what the head can do and is insured by, where the main wage worker
works. Their codes are the places of the register's code lists.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, feature, ratio, shared
from fanpin_risk.features.income import income_base, income_years, size
from fanpin_risk.records.code_lists import LABOUR, POVERTY_CAUSE, WORK_PLACE, Codes

__all__ = ["FEATURES"]

CHILD_BELOW = 16  # register: working age is 16 to 59 (DOMAIN of the labour rules)
ELDERLY_FROM = 60
MEMBER_FORM = "register member form: 出生日期, 与户主关系"
LABOUR_FORM = "register member form: 劳动技能 (技能/普通劳动力 able; 弱劳动力 half)"

POVERTY_CAUSE_EN = {
    "illness": "illness", "disability": "disability", "schooling": "schooling costs", "disaster": "natural disaster",
    "land": "lack of land", "water": "lack of water", "skill": "lack of skills", "labour": "lack of labour",
    "funds": "lack of funds", "transport": "poor transport", "motivation": "lack of initiative", "marriage": "marriage costs",
    "bereavement": "bereavement", "other": "other",
}  # fmt: skip
LABOUR_EN = {"skilled": "skilled", "ordinary": "ordinary", "weak": "weak or half", "lost": "lost", "none": "none"}
WORK_PLACE_EN = {
    "township": "in the township", "county": "in the county", "province": "in the province", "outside": "outside the province",
    "abroad": "abroad",
}  # fmt: skip
NOBODY_WORKS = len(WORK_PLACE)  # the category after the last place
UNINSURED, RESIDENTS, EMPLOYEES = 0.0, 1.0, 2.0


def _written_names(codes: Codes) -> tuple[str, ...]:
    """Names of a category whose numbers are the places of a code list."""
    return tuple(texts[0] for texts in codes.values())


def _en(codes: Codes, english: dict[str, str]) -> tuple[str, ...]:
    """English names of the same."""
    return tuple(english[code] for code in codes)


@shared
def able(snapshot: Snapshot) -> Array:
    """Members with skilled or ordinary labour, among those whose labour is on record."""
    members = snapshot.members
    return members.count(members.isin("labour", "skilled", "ordinary"), known=members.known("labour"))


@shared
def working_age(snapshot: Snapshot) -> Array:
    """Whether each member is 16 to 59 years old; False where the age is unknown."""
    return (snapshot.members.age >= CHILD_BELOW) & (snapshot.members.age < ELDERLY_FROM)


@feature(
    zh="家庭人口", en="Members", domain="household", cause="other", unit="persons", monotone=0,
    reason="No claim: more hands and more mouths.", source="register member list on the day",
    says_zh="家中有{household_size}", says_en="members of the household: {household_size}", actionable=False,
)  # fmt: skip
def household_size(snapshot: Snapshot) -> Array:
    return size(snapshot)


@feature(
    zh="未成年人数", en="Members under 16", domain="household", cause="labour", unit="persons", monotone=0,
    reason="No claim: children cost now and earn later.", source=MEMBER_FORM,
    says_zh="有{n_children}未满16岁", says_en="members under 16: {n_children}", actionable=False,
)  # fmt: skip
def n_children(snapshot: Snapshot) -> Array:
    members = snapshot.members
    return members.count(members.age < CHILD_BELOW, known=~np.isnan(members.age))


@feature(
    zh="60岁及以上人数", en="Members of 60 and over", domain="household", cause="labour", unit="persons", monotone=0,
    reason="No claim: pensions are steady, strength is not.", source=MEMBER_FORM,
    says_zh="有{n_elderly}年满60岁", says_en="members of 60 or over: {n_elderly}", actionable=False,
)  # fmt: skip
def n_elderly(snapshot: Snapshot) -> Array:
    members = snapshot.members
    return members.count(members.age >= ELDERLY_FROM, known=~np.isnan(members.age))


@feature(
    zh="每名劳动年龄人口负担的人数", en="Dependants per member of working age", domain="household", cause="labour",
    unit="persons each", monotone=+1, reason="More people to feed per worker never eases the load.",
    source="(members under 16 + members of 60 and over) / members of 16 to 59, at least half a worker counted",
    says_zh="每名劳动年龄（16—59岁）成员平均负担老人小孩{dependency_ratio}",
    says_en="children and elderly for each member of 16 to 59: {dependency_ratio}", actionable=False,
)  # fmt: skip
def dependency_ratio(snapshot: Snapshot) -> Array:
    members = snapshot.members
    known = ~np.isnan(members.age)
    workers = members.count(working_age(snapshot), known=known)
    dependants = members.count(known & ~working_age(snapshot), known=known)
    return ratio(dependants, np.maximum(workers, 0.5))


@feature(
    zh="有劳动能力人数", en="Members able to work", domain="household", cause="labour", unit="persons", monotone=-1,
    reason="More able members never make a household poorer at the same size and income.", source=LABOUR_FORM,
    says_zh="家中有劳动能力的有{n_able_labour}（共{household_size}）",
    says_en="members able to work: {n_able_labour} of {household_size}", actionable=False,
)  # fmt: skip
def n_able_labour(snapshot: Snapshot) -> Array:
    return able(snapshot)


@feature(
    zh="有劳动能力人口占比", en="Share of members able to work", domain="household", cause="labour", unit="share",
    monotone=-1, reason="The larger the share that can earn, the better the household carries the rest.",
    source=LABOUR_FORM, says_zh="家中有劳动能力的有{n_able_labour}（共{household_size}），占{able_labour_share}",
    says_en="members able to work: {n_able_labour} of {household_size} ({able_labour_share})", actionable=False,
)  # fmt: skip
def able_labour_share(snapshot: Snapshot) -> Array:
    return ratio(able(snapshot), snapshot.members.count(snapshot.members.known("labour")), lowest=0.0, highest=1.0)


@feature(
    zh="弱劳动力人数", en="Members of weak labour", domain="household", cause="labour", unit="persons", monotone=0,
    reason="No claim: weak labour earns less than able labour and more than none.", source=LABOUR_FORM,
    says_zh="有{n_weak_labour}是弱劳动力", says_en="members of weak labour: {n_weak_labour}",
)  # fmt: skip
def n_weak_labour(snapshot: Snapshot) -> Array:
    members = snapshot.members
    return members.count(members.isin("labour", "weak"), known=members.known("labour"))


@feature(
    zh="全年务工月数合计", en="Months of wage work, all members", domain="household", cause="unstable_work", unit="months",
    monotone=-1, reason="More months worked never lowers income.", source="register member form: 务工时间（月）",
    says_zh="全家一年务工合计{work_months_total}", says_en="all members together worked {work_months_total} for wages",
)  # fmt: skip
def work_months_total(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(snapshot.members.work_months, default=np.nan)


@feature(
    zh="每名劳动力务工月数", en="Months of wage work per able member", domain="household", cause="unstable_work",
    unit="months", monotone=-1, reason="Idle able labour is the first sign of unstable work.",
    source="register member form: 务工时间（月）, 劳动技能",
    says_zh="有劳动能力的人平均一年务工{work_months_per_able}",
    says_en="each able member worked {work_months_per_able} for wages on average",
)  # fmt: skip
def work_months_per_able(snapshot: Snapshot) -> Array:
    return ratio(work_months_total.compute(snapshot), able(snapshot), lowest=0.0, highest=24.0)


@feature(
    zh="县外务工人数", en="Members working outside the county", domain="household", cause="unstable_work", unit="persons",
    monotone=0, reason="No claim: migrants earn more and lose work sooner.", source="register member form: 务工所在地",
    says_zh="有{n_migrant_workers}在县外务工", says_en="members working outside the county: {n_migrant_workers}",
)  # fmt: skip
def n_migrant_workers(snapshot: Snapshot) -> Array:
    members = snapshot.members
    working = members.isin("work_place", "province", "outside", "abroad")
    return members.count(working, known=members.known("work_place") | (members.work_months == 0))


@feature(
    zh="参加职工养老保险的成员占比", en="Share of members with an employees' pension", domain="household", cause="unstable_work",
    unit="share", monotone=-1, reason="职工养老 comes with a formal job, which lasts longer and pays on when work stops.",
    source="register member form: 是否参加城镇职工基本养老保险, among those for whom it is on record",
    says_zh="参加职工养老保险的占家庭人口的{employees_pension_share}",
    says_en="{employees_pension_share} of the members have an employees' pension",
)  # fmt: skip
def employees_pension_share(snapshot: Snapshot) -> Array:
    return snapshot.members.mean(snapshot.members.pension_employee)


@feature(
    zh="主要务工人员务工地", en="Place of work of the main wage worker", domain="household", cause="unstable_work",
    unit="category", monotone=0, reason="No claim: a category has no order; farther work pays more and ends sooner.",
    source="register member form: 务工所在地 of the member with the most 务工时间, the farthest of equals",
    says_zh="务工时间最长的成员务工地：{earner_work_place}",
    says_en="place of work of the member who works longest for wages: {earner_work_place}",
    levels_zh=(*_written_names(WORK_PLACE), "无人务工"),
    levels_en=(*_en(WORK_PLACE, WORK_PLACE_EN), "nobody works for wages"),
)  # fmt: skip
def earner_work_place(snapshot: Snapshot) -> Array:
    members = snapshot.members
    longest = members.max(members.work_months)
    earner = (members.work_months == longest[members.household]) & (members.work_months > 0)
    place = members.max(np.where(earner, members.level("work_place"), np.nan))
    return np.where(longest == 0, float(NOBODY_WORKS), place)


@feature(
    zh="公益岗位月数", en="Months of public post", domain="household", cause="low_income", unit="months", monotone=0,
    reason="No claim: a post helps, and it can be withdrawn.", source="register member form: 公益性岗位（月数）",
    says_zh="公益岗位合计{public_post_months}", says_en="public posts add up to {public_post_months}",
)  # fmt: skip
def public_post_months(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(snapshot.members.public_post_months, default=np.nan)


@feature(
    zh="独居或纯老年户", en="Only members of 60 and over", domain="household", cause="labour", unit="flag", monotone=0,
    reason="No claim: such households live on pensions and support.", source="内蒙古 re-check of the register (过筛子): 独居老人户",
    says_zh="家中全是60岁以上老人|家中不全是老人", says_en="all members are 60 or over|not all members are 60 or over",
    actionable=False,
)  # fmt: skip
def elderly_alone(snapshot: Snapshot) -> Array:
    members = snapshot.members
    known = members.count(~np.isnan(members.age))
    elderly = members.count(members.age >= ELDERLY_FROM)
    return np.where(known == size(snapshot), (elderly == known).astype("float64"), np.nan)


@feature(
    zh="单亲抚养未成年人", en="One adult raising children", domain="household", cause="labour", unit="flag", monotone=+1,
    reason="One earner who also cares has no one to fall back on.",
    source=MEMBER_FORM + "; one member of 18 to 59 and at least one under 16",
    says_zh="家中只有一名成年劳动年龄人口抚养孩子|不是一人抚养孩子的家庭",
    says_en="one adult of working age raises the children alone|not one adult alone with children", actionable=False,
)  # fmt: skip
def single_parent(snapshot: Snapshot) -> Array:
    members = snapshot.members
    known = ~np.isnan(members.age)
    adults = members.count((members.age >= 18) & (members.age < ELDERLY_FROM), known=known)
    children = members.count(members.age < CHILD_BELOW, known=known)
    elderly = members.count(members.age >= ELDERLY_FROM, known=known)
    alone = (adults == 1) & (children >= 1) & (elderly == 0)
    return np.where(np.isnan(adults), np.nan, alone.astype("float64"))


@feature(
    zh="户主年龄", en="Age of the head", domain="household", cause="labour", unit="years", monotone=0,
    reason="No claim: both young and old heads have their risks.", source=MEMBER_FORM,
    says_zh="户主{head_age}", says_en="the head is {head_age} old", actionable=False,
)  # fmt: skip
def head_age(snapshot: Snapshot) -> Array:
    members = snapshot.members
    head = members.isin("relation", "head")
    return members.max(np.where(head, members.age, np.nan))


@feature(
    zh="户主劳动技能", en="Labour of the head", domain="household", cause="labour", unit="category", monotone=0,
    reason="No claim: a category has no order; heads without labour may be pensioners.", source=LABOUR_FORM,
    says_zh="户主的劳动技能登记为{head_labour}", says_en="labour of the head as recorded: {head_labour}",
    levels_zh=_written_names(LABOUR), levels_en=_en(LABOUR, LABOUR_EN),
)  # fmt: skip
def head_labour(snapshot: Snapshot) -> Array:
    return _of_head(snapshot, snapshot.members.level("labour"))


@feature(
    zh="户主基本医疗保险", en="Basic medical insurance of the head", domain="household", cause="unstable_work", unit="category",
    monotone=0, reason="No claim: a category has no order; 职工医保 comes with a formal job, now or before.",
    source="register member form: 是否参加城镇职工基本医疗保险, 是否参加城乡居民基本医疗保险",
    says_zh="户主的基本医疗保险：{head_insurance}", says_en="basic medical insurance of the head: {head_insurance}",
    levels_zh=("未参加", "城乡居民医保", "城镇职工医保"), levels_en=("none", "residents'", "employees'"),
)  # fmt: skip
def head_insurance(snapshot: Snapshot) -> Array:
    members = snapshot.members
    resident, employee = members.ins_basic_resident, members.ins_basic_employee
    no_employee = employee == 0  # where it is not known, residents' insurance alone does not tell the kind
    kind = np.select(
        [employee == 1, no_employee & (resident == 1), no_employee & (resident == 0)],
        [EMPLOYEES, RESIDENTS, UNINSURED],
        np.nan,
    )
    return _of_head(snapshot, kind)


def _of_head(snapshot: Snapshot, values: Array) -> Array:
    return snapshot.members.max(np.where(snapshot.members.isin("relation", "head"), values, np.nan))


@feature(
    zh="成员平均年龄", en="Mean age of the members", domain="household", cause="labour", unit="years", monotone=0,
    reason="No claim: see the age of the head.", source=MEMBER_FORM,
    says_zh="成员平均{mean_age}", says_en="the members are {mean_age} old on average", actionable=False,
)  # fmt: skip
def mean_age(snapshot: Snapshot) -> Array:
    return snapshot.members.mean(snapshot.members.age)


@feature(
    zh="近12个月减少的成员", en="Members who left or died, 12 months", domain="household", cause="labour", unit="persons",
    monotone=0, reason="No claim: a death and a marriage out mean different things.",
    source="register member form: 人员增减", says_zh="近12个月家中减少{members_lost_12m}",
    says_en="members who left or died in the last 12 months: {members_lost_12m}", actionable=False,
)  # fmt: skip
def members_lost_12m(snapshot: Snapshot) -> Array:
    lost = snapshot.former_members
    return lost.count(lost.valid_to > snapshot.months_before(12))


@feature(
    zh="低保特困人数", en="Members with minimum living allowance or destitute support", domain="household", cause="low_income",
    unit="persons", monotone=0, reason="No claim: it secures a floor and shows need.",
    source="register member form: 是否享受低保, 是否特困供养人员",
    says_zh="有{n_assistance}享受低保或特困供养", says_en="members with minimum living allowance or tekun support: {n_assistance}",
)  # fmt: skip
def n_assistance(snapshot: Snapshot) -> Array:
    members = snapshot.members
    return members.count(
        (members.dibao == 1) | (members.tekun == 1), known=members.known("dibao") | members.known("tekun")
    )


@feature(
    zh="脱贫户", en="Household that left poverty", domain="household", cause="other", unit="flag", monotone=0,
    reason="No claim: such households were poor, and are supported.", source="register household form: 户类型",
    says_zh="属于脱贫户|属于一般农户", says_en="registered as having left poverty|an ordinary rural household",
    actionable=False,
)  # fmt: skip
def ex_poor(snapshot: Snapshot) -> Array:
    status = snapshot.households
    return np.where(status.known("register_status"), status.isin("register_status", "ex_poor"), np.nan)


@feature(
    zh="主要致贫原因", en="Main cause of poverty", domain="household", cause="other", unit="category", monotone=0,
    reason="No claim: a category has no order; why a household was poor may be why it becomes poor again.",
    source="register household form: 主要致贫原因", says_zh="主要致贫原因登记为{poverty_cause}",
    says_en="main cause of poverty as recorded: {poverty_cause}", actionable=False,
    levels_zh=_written_names(POVERTY_CAUSE), levels_en=_en(POVERTY_CAUSE, POVERTY_CAUSE_EN),
)  # fmt: skip
def poverty_cause(snapshot: Snapshot) -> Array:
    return snapshot.households.level("main_cause")


@feature(
    zh="住房不安全", en="Unsafe house", domain="household", cause="housing", unit="flag", monotone=+1,
    reason="住房安全 is one of the three guarantees; an unsafe house is never better.",
    source="两不愁三保障: 是否危房户, or grade C or D", says_zh="住房被认定为危房|住房安全",
    says_en="the house is recorded as unsafe|the house is recorded as safe",
)  # fmt: skip
def unsafe_house(snapshot: Snapshot) -> Array:
    house = snapshot.households
    graded = np.where(house.known("house_grade"), house.isin("house_grade", "C", "D").astype("float64"), np.nan)
    return np.fmax(house.unsafe_house, graded)


@feature(
    zh="饮水不安全", en="Unsafe drinking water", domain="household", cause="water", unit="flag", monotone=+1,
    reason="饮水安全 is checked with the three guarantees; unsafe water is never better.",
    source="register household form: 是否解决安全饮用水", says_zh="饮水安全没有保障|饮水安全有保障",
    says_en="drinking water is recorded as unsafe|drinking water is recorded as safe",
)  # fmt: skip
def unsafe_water(snapshot: Snapshot) -> Array:
    return 1.0 - snapshot.households.safe_water


@feature(
    zh="人均耕地", en="Farmland per person", domain="household", cause="business_failure", unit="mu", monotone=0,
    reason="No claim: land feeds, and binds labour.", source="register household form: 耕地面积（亩）",
    says_zh="人均耕地{farmland_per_person}", says_en="farmland per person is {farmland_per_person}",
)  # fmt: skip
def farmland_per_person(snapshot: Snapshot) -> Array:
    return snapshot.households.farmland_mu / size(snapshot)


@feature(
    zh="与村主干路距离", en="Distance to the village's main road", domain="household", cause="other", unit="km", monotone=0,
    reason="No claim: distance means less in places with good tracks.", source="register household form: 与村主干路距离（公里）",
    says_zh="离村主干路{road_km}", says_en="the village's main road is {road_km} away",
)  # fmt: skip
def road_km(snapshot: Snapshot) -> Array:
    return snapshot.households.road_km.copy()


@feature(
    zh="加入合作社或有带动", en="In a cooperative or linked to a firm or leader", domain="household", cause="business_failure",
    unit="flag", monotone=0, reason="No claim: links help, and are offered to those who need them.",
    source="register household form: 合作组织, 龙头企业带动, 创业致富带头人带动",
    says_zh="加入合作社或有企业、带头人带动|没有合作社、企业或带头人带动",
    says_en="in a cooperative or linked to a firm or leader|in no cooperative and linked to no firm or leader",
)  # fmt: skip
def business_links(snapshot: Snapshot) -> Array:
    links = snapshot.households
    return np.fmax(np.fmax(links.coop, links.leading_firm), links.leader)


@feature(
    zh="易地搬迁户", en="Resettled household", domain="household", cause="other", unit="flag", monotone=0,
    reason="No claim: better houses, other work.", source="register household form: 是否易地扶贫搬迁",
    says_zh="是易地扶贫搬迁户|不是易地搬迁户", says_en="the household was resettled|the household was not resettled",
    actionable=False,
)  # fmt: skip
def resettled(snapshot: Snapshot) -> Array:
    return snapshot.households.resettled.copy()


@feature(
    zh="家庭负债", en="Debt", domain="household", cause="other", unit="CNY", monotone=0, model=False,
    reason="Quoted beside its ratio to income.", source="register household form: 家庭负债",
    says_zh="家庭负债{debt}", says_en="the household owes {debt}",
)  # fmt: skip
def debt(snapshot: Snapshot) -> Array:
    return snapshot.households.debt_cny.copy()


@feature(
    zh="负债与年收入之比", en="Debt relative to net income", domain="household", cause="other", unit="ratio", monotone=+1,
    reason="过度负债 is a named risk; more debt at the same income never helps.", source="risks named by 内蒙古: 过度负债, 小额信贷还款难",
    says_zh="家庭负债{debt}，相当于年纯收入的{debt_to_income}",
    says_en="the household owes {debt}, {debt_to_income} of a year's net income",
)  # fmt: skip
def debt_to_income(snapshot: Snapshot) -> Array:
    return ratio(snapshot.households.debt_cny, income_base(snapshot))


@feature(
    zh="有劳动力却无工资收入", en="Able members but no wages", domain="household", cause="unstable_work", unit="flag",
    monotone=+1, reason="Idle labour next to an income without wages points to lost work.",
    source="risk category 因务工就业不稳; 劳动技能 and 工资性收入",
    says_zh="家中有劳动力但最近一年没有工资性收入|有工资性收入或家中没有劳动力",
    says_en="able members, but no wages in the newest year|wages on record, or no able member",
)  # fmt: skip
def able_without_wages(snapshot: Snapshot) -> Array:
    wages, able_members = income_years(snapshot)[0].wages, able(snapshot)
    result = ((able_members > 0) & (wages <= 0)).astype("float64")
    return np.where(np.isnan(wages) | np.isnan(able_members), np.nan, result)


FEATURES = (
    household_size,
    n_children,
    n_elderly,
    dependency_ratio,
    n_able_labour,
    able_labour_share,
    n_weak_labour,
    work_months_total,
    work_months_per_able,
    n_migrant_workers,
    earner_work_place,
    employees_pension_share,
    public_post_months,
    elderly_alone,
    single_parent,
    head_age,
    head_labour,
    head_insurance,
    mean_age,
    members_lost_12m,
    n_assistance,
    ex_poor,
    poverty_cause,
    unsafe_house,
    unsafe_water,
    farmland_per_person,
    road_km,
    business_links,
    resettled,
    debt_to_income,
    able_without_wages,
    # context, quoted in sentences
    debt,
)
