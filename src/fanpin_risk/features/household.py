"""Household features: size, ages, elderly alone, single parent, who left, status, housing, water, land, debt.

Among them the categories: why the household was poor, what the head can do and is insured by. Their codes are the places of
the register's code lists.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, Feature, feature, ratio, shared
from fanpin_risk.features.income import BURDEN_EN, BURDEN_ZH, income_base, size
from fanpin_risk.records.code_lists import LABOUR, POVERTY_CAUSE, Codes

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
MOST_MEMBERS = 100.0  # no household is larger, so that a ratio of members is never cut off
UNINSURED, RESIDENTS, EMPLOYEES = 0.0, 1.0, 2.0


def _written_names(codes: Codes) -> tuple[str, ...]:
    """Names of a category whose numbers are the places of a code list, with brackets of full width."""
    return tuple(texts[0].replace("(", "（").replace(")", "）") for texts in codes.values())


def _en(codes: Codes, english: dict[str, str]) -> tuple[str, ...]:
    """English names of the same."""
    return tuple(english[code] for code in codes)


@shared
def working_age(snapshot: Snapshot) -> Array:
    """Whether each member is 16 to 59 years old; False where the age is unknown."""
    return (snapshot.members.age >= CHILD_BELOW) & (snapshot.members.age < ELDERLY_FROM)


@feature(
    zh="家庭人口", en="Members", domain="household", cause="other", unit="persons", monotone=0,
    reason="No claim: more hands and more mouths.", source="register member list on the day",
    says_zh="家庭人口{household_size}", says_en="members of the household: {household_size}", actionable=False,
)  # fmt: skip
def household_size(snapshot: Snapshot) -> Array:
    return size(snapshot)


@feature(
    zh="未成年人数", en="Members under 16", domain="household", cause="labour", unit="persons", monotone=0,
    reason="No claim: children cost now and earn later.", source=MEMBER_FORM,
    says_zh="家中未满16岁的有{n_children}[（共{household_size}）][（{age_doubt}）]|{age_basis}，家中没有未满16岁的成员",
    says_en="members under 16: {n_children}[ of {household_size}][ ({age_doubt})]|{age_basis} no member is under 16", actionable=False,
)  # fmt: skip
def n_children(snapshot: Snapshot) -> Array:
    members = snapshot.members
    return members.count(members.age < CHILD_BELOW, known=~np.isnan(members.age))


@feature(
    zh="60岁及以上人数", en="Members of 60 and over", domain="household", cause="labour", unit="persons", monotone=0,
    reason="No claim: pensions are steady, strength is not.", source=MEMBER_FORM,
    says_zh="家中60岁及以上的有{n_elderly}[（共{household_size}）][（{age_doubt}）]|{age_basis}，家中没有60岁及以上的成员",
    says_en="members of 60 or over: {n_elderly}[ of {household_size}][ ({age_doubt})]"
    "|{age_basis} no member is 60 or over",
    actionable=False,
)  # fmt: skip
def n_elderly(snapshot: Snapshot) -> Array:
    members = snapshot.members
    return members.count(members.age >= ELDERLY_FROM, known=~np.isnan(members.age))


@feature(
    zh="每名劳动年龄人口负担的人数", en="Dependants per member of working age", domain="household", cause="labour",
    unit="persons each", monotone=+1, reason="More people to feed per worker never eases the load.",
    source="(members under 16 + members of 60 and over) / members of 16 to 59, at least half a worker counted",
    when=("n_working_age = 0", "n_dependants = 0"),
    says_zh="{age_basis}，家中没有16—59岁的成员，老人小孩有{n_dependants}"
    "|{age_basis}，家中16—59岁的有{n_working_age}，没有老人小孩"
    "|{age_basis}，家中16—59岁的有{n_working_age}，老人小孩有{n_dependants}，平均每名16—59岁成员负担{dependency_ratio}",
    says_en="{age_basis} no member is of 16 to 59; children and elderly: {n_dependants}"
    "|{age_basis} members of 16 to 59: {n_working_age}; no child, nobody of 60 or over"
    "|{age_basis} members of 16 to 59: {n_working_age}; children and elderly: {n_dependants}, "
    "{dependency_ratio} for each of the former",
    actionable=False,
)  # fmt: skip
def dependency_ratio(snapshot: Snapshot) -> Array:
    members = snapshot.members
    known = ~np.isnan(members.age)
    workers = members.count(working_age(snapshot), known=known)
    dependants = members.count(known & ~working_age(snapshot), known=known)
    return ratio(dependants, np.maximum(workers, 0.5), highest=MOST_MEMBERS)


@feature(
    zh="独居或纯老年户", en="Only members of 60 and over", domain="household", cause="labour", unit="flag", monotone=0,
    reason="No claim: such households live on pensions and support.", source="内蒙古 re-check of the register (过筛子): 独居老人户",
    says_zh="全家均为60岁及以上的老人[（{age_doubt}）]|家中有未满60岁的成员[（{age_doubt}）]",
    says_en="all members are 60 or over[ ({age_doubt})]|at least one member is under 60[ ({age_doubt})]",
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
    says_zh="{age_basis}，家中只有1名18—59岁的成年人，抚养未满16岁的孩子{n_children}|不是由1名成年人独自抚养孩子的家庭[（{age_doubt}）]",
    says_en="{age_basis} one adult of 18 to 59 alone raises the children under 16: {n_children}"
    "|not one adult alone with children[ ({age_doubt})]",
    actionable=False,
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
    says_zh="户主{head_age}[（{age_doubt}）][，家中16—59岁的有{n_working_age}（{age_basis}）|，家中没有16—59岁的成员（{age_basis}）]",
    says_en="the head is {head_age} old[ ({age_doubt})][; members of 16 to 59: {n_working_age} ({age_basis})"
    "|; no member is of 16 to 59 ({age_basis})]", actionable=False,
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
    when=("head_insurance = 0",),
    says_zh="户主登记为未参加基本医疗保险|户主参加的基本医疗保险为{head_insurance}",
    says_en="the head is on record without basic medical insurance|the head has {head_insurance} basic medical insurance",
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
    says_zh="{age_basis}，家庭成员平均{mean_age}[，其中60岁及以上{n_elderly}|，没有60岁及以上的成员][，未满16岁{n_children}|，没有未满16岁的成员]",
    says_en="{age_basis} the members are {mean_age} old on average[; 60 or over: {n_elderly}|; none is 60 or over]"
    "[; under 16: {n_children}|; none is under 16]",
    actionable=False,
)  # fmt: skip
def mean_age(snapshot: Snapshot) -> Array:
    return snapshot.members.mean(snapshot.members.age)


@feature(
    zh="近12个月减少的成员", en="Members who left or died, 12 months", domain="household", cause="labour", unit="persons",
    monotone=0, reason="No claim: a death and a marriage out mean different things.",
    source="register member form: 人员增减",
    says_zh="近12个月家中减少{members_lost_12m}[，其中死亡{members_died_12m}|][，婚嫁迁出{members_married_out_12m}|]"
    "[，户籍迁出或分户{members_moved_out_12m}|]|近12个月家中没有减少成员",
    says_en="members who left or died in the last 12 months: {members_lost_12m}[, by death {members_died_12m}|]"
    "[, by marriage {members_married_out_12m}|][, by moving or a split of the household {members_moved_out_12m}|]"
    "|no member left or died in the last 12 months",
    actionable=False,
)  # fmt: skip
def members_lost_12m(snapshot: Snapshot) -> Array:
    lost = snapshot.former_members
    return lost.count(lost.valid_to > snapshot.months_before(12))


@feature(
    zh="低保特困人数", en="Members with minimum living allowance or destitute support", domain="household", cause="low_income",
    unit="persons", monotone=0, reason="No claim: it secures a floor and shows need.",
    source="register member form: 是否享受低保, 是否特困供养人员",
    says_zh="家中享受低保或特困供养的有{n_assistance}[（户属性登记为{household_attribute}）]"
    "|家中没有登记享受低保或特困供养的成员[（户属性登记为{household_attribute}）]",
    says_en="members with minimum living allowance or destitute support: {n_assistance}"
    "[ (the household is registered as: {household_attribute})]|no member is on record with minimum living allowance or destitute support"
    "[ (the household is registered as: {household_attribute})]",
)  # fmt: skip
def n_assistance(snapshot: Snapshot) -> Array:
    members = snapshot.members
    return members.count(
        (members.dibao == 1) | (members.tekun == 1), known=members.known("dibao") | members.known("tekun")
    )


@feature(
    zh="脱贫户", en="Household that left poverty", domain="household", cause="other", unit="flag", monotone=0,
    reason="No claim: such households were poor, and are supported.", source="register household form: 户类型",
    says_zh="属于脱贫户[（{poverty_exit_year}脱贫）]|属于一般农户",
    says_en="registered as having left poverty[ (in {poverty_exit_year})]|registered as an ordinary rural household",
    actionable=False,
)  # fmt: skip
def ex_poor(snapshot: Snapshot) -> Array:
    status = snapshot.households
    return np.where(status.known("register_status"), status.isin("register_status", "ex_poor"), np.nan)


@feature(
    zh="主要致贫原因", en="Main cause of poverty", domain="household", cause="other", unit="category", monotone=0,
    reason="No claim: a category has no order; why a household was poor may be why it becomes poor again.",
    source="register household form: 主要致贫原因", says_zh="主要致贫原因登记为{poverty_cause}",
    says_en="main cause of poverty as recorded: {poverty_cause}", actionable=False, needs="ex_poor",
    levels_zh=_written_names(POVERTY_CAUSE), levels_en=_en(POVERTY_CAUSE, POVERTY_CAUSE_EN),
)  # fmt: skip
def poverty_cause(snapshot: Snapshot) -> Array:
    return snapshot.households.level("main_cause")


@feature(
    zh="住房不安全", en="Unsafe house", domain="household", cause="housing", unit="flag", monotone=+1,
    reason="住房安全 is one of the three guarantees; an unsafe house is never better.",
    source="两不愁三保障: 是否危房户, or grade C or D",
    says_zh="住房登记为危房[（{house_safety_grade}）]|住房登记为安全[（{house_safety_grade}）]",
    says_en="the house is recorded as unsafe[ ({house_safety_grade})]|the house is recorded as safe[ ({house_safety_grade})]",
)  # fmt: skip
def unsafe_house(snapshot: Snapshot) -> Array:
    house = snapshot.households
    graded = np.where(house.known("house_grade"), house.isin("house_grade", "C", "D").astype("float64"), np.nan)
    return np.fmax(house.unsafe_house, graded)


@feature(
    zh="饮水不安全", en="Unsafe drinking water", domain="household", cause="water", unit="flag", monotone=+1,
    reason="饮水安全 is checked with the three guarantees; unsafe water is never better.",
    source="register household form: 是否解决安全饮用水",
    says_zh="饮水安全登记为未解决[，{sanitary_toilet}]|饮水安全登记为已解决[，{sanitary_toilet}]",
    says_en="drinking water is recorded as unsafe[; {sanitary_toilet}]|drinking water is recorded as safe[; {sanitary_toilet}]",
)  # fmt: skip
def unsafe_water(snapshot: Snapshot) -> Array:
    return 1.0 - snapshot.households.safe_water


@feature(
    zh="人均耕地", en="Farmland per person", domain="household", cause="business_failure", unit="mu", monotone=0,
    reason="No claim: land feeds, and binds labour.", source="register household form: 耕地面积（亩）",
    says_zh="人均耕地{farmland_per_person}|没有耕地", says_en="farmland per person is {farmland_per_person}|no farmland",
)  # fmt: skip
def farmland_per_person(snapshot: Snapshot) -> Array:
    return snapshot.households.farmland_mu / size(snapshot)


@feature(
    zh="与村主干路距离", en="Distance to the village's main road", domain="household", cause="other", unit="km", monotone=0,
    reason="No claim: distance means less in places with good tracks.", source="register household form: 与村主干路距离（公里）",
    says_zh="住处离村主干路{road_km}[，入户路为{entry_road}]|住处紧邻村主干路[，入户路为{entry_road}]",
    says_en="the village's main road is {road_km} away[; the path to the house is of {entry_road}]"
    "|the house stands at the village's main road[; the path to the house is of {entry_road}]",
)  # fmt: skip
def road_km(snapshot: Snapshot) -> Array:
    return snapshot.households.road_km.copy()


@feature(
    zh="加入合作社或有带动", en="In a cooperative or linked to a firm or leader", domain="household", cause="business_failure",
    unit="flag", monotone=0, reason="No claim: links help, and are offered to those who need them.",
    source="register household form: 合作组织, 龙头企业带动, 创业致富带头人带动",
    says_zh="登记为加入合作社或有企业、带头人带动|没有加入合作社或由企业、带头人带动的登记",
    says_en="on record as in a cooperative or linked to a firm or leader|not on record as in a cooperative or linked to a firm or leader",
)  # fmt: skip
def business_links(snapshot: Snapshot) -> Array:
    links = snapshot.households
    return np.fmax(np.fmax(links.coop, links.leading_firm), links.leader)


@feature(
    zh="易地搬迁户", en="Resettled household", domain="household", cause="other", unit="flag", monotone=0,
    reason="No claim: better houses, other work.", source="register household form: 是否易地扶贫搬迁",
    says_zh="是易地扶贫搬迁户|不是易地扶贫搬迁户", says_en="the household was resettled|the household was not resettled",
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
    says_zh="家庭负债{debt}，相当于" + BURDEN_ZH + "的{debt_to_income}|家庭负债登记为零",
    says_en="the household owes {debt}, {debt_to_income} of " + BURDEN_EN + "|the household is on record without debt",
)  # fmt: skip
def debt_to_income(snapshot: Snapshot) -> Array:
    return ratio(snapshot.households.debt_cny, income_base(snapshot))


# --- context, quoted in sentences -----------------------------------------------------------------------------------
@feature(
    zh="16—59岁人数", en="Members of 16 to 59", domain="household", cause="labour", unit="persons", monotone=0, model=False,
    reason="Quoted beside ages.", source=MEMBER_FORM, says_zh="家中16—59岁的有{n_working_age}",
    says_en="members of 16 to 59: {n_working_age}",
)  # fmt: skip
def n_working_age(snapshot: Snapshot) -> Array:
    return snapshot.members.count(working_age(snapshot), known=~np.isnan(snapshot.members.age))


@feature(
    zh="老人小孩人数", en="Children and elderly", domain="household", cause="labour", unit="persons", monotone=0, model=False,
    reason="Quoted beside their ratio to workers.", source=MEMBER_FORM, says_zh="家中老人小孩有{n_dependants}",
    says_en="children and elderly: {n_dependants}",
)  # fmt: skip
def n_dependants(snapshot: Snapshot) -> Array:
    known = ~np.isnan(snapshot.members.age)
    return snapshot.members.count(known & ~working_age(snapshot), known=known)


@shared
def known_to_the_year(snapshot: Snapshot) -> Array:
    """1 where the age of somebody at home is known to the year only, 0 where none is; NaN where no age is known."""
    members = snapshot.members
    return members.any(members.birth_year_only == 1, known=~np.isnan(members.age))


@feature(
    zh="年龄的依据", en="What ages rest on", domain="household", cause="labour", unit="category", monotone=0, model=False,
    reason="Quoted beside ages.", source=MEMBER_FORM, says_zh="年龄的依据：{age_basis}",
    says_en="ages rest on: {age_basis}",
    levels_zh=("按登记的出生日期", "按登记的年龄或出生年份（可能差一岁）"),
    levels_en=("by the birth dates on record", "by ages or years of birth (which may be one off)"),
)  # fmt: skip
def age_basis(snapshot: Snapshot) -> Array:
    return known_to_the_year(snapshot).copy()


@feature(
    zh="年龄只知到年", en="Ages known to the year only", domain="household", cause="labour", unit="category", monotone=0, model=False,
    reason="Quoted beside ages, where it is so.", source=MEMBER_FORM, says_zh="年龄：{age_doubt}", says_en="ages: {age_doubt}",
    levels_zh=("年龄由出生日期算得", "年龄只知到年，可能差一岁"),
    levels_en=("ages follow from birth dates", "ages are known to the year only and may be one off"),
)  # fmt: skip
def age_doubt(snapshot: Snapshot) -> Array:
    return np.where(known_to_the_year(snapshot) == 1, 1.0, np.nan)


def _left(name: str, zh: str, en: str, *reasons: str) -> Feature:
    """Declare how many members left for some of the reasons on record."""

    def compute(snapshot: Snapshot) -> Array:
        lost = snapshot.former_members
        return lost.count((lost.valid_to > snapshot.months_before(12)) & lost.isin("left_reason", *reasons))

    compute.__name__ = name
    return feature(
        zh=f"近12个月{zh}的成员", en=f"Members lost by {en}, 12 months", domain="household", cause="labour", unit="persons", monotone=0,
        model=False, reason="Quoted beside all who left.", source="register member form: 人员减少原因",
        says_zh=f"近12个月{zh}的成员有{{{name}}}", says_en=f"members lost by {en} in the last 12 months: {{{name}}}",
    )(compute)  # fmt: skip


WHO_LEFT = (
    _left("members_died_12m", "死亡", "death", "death"),
    _left("members_married_out_12m", "婚嫁迁出", "marriage", "marriage"),
    _left("members_moved_out_12m", "户籍迁出或分户", "moving or a split", "moved", "split"),
)


@feature(
    zh="户属性", en="Attribute of the household", domain="household", cause="low_income", unit="category", monotone=0, model=False,
    reason="Quoted beside the members with assistance.", source="register household form: 户属性",
    says_zh="户属性登记为{household_attribute}", says_en="the household is registered as: {household_attribute}",
    levels_zh=("一般户", "低保户", "特困供养户"), levels_en=("ordinary", "with minimum living allowance", "with destitute support"),
)  # fmt: skip
def household_attribute(snapshot: Snapshot) -> Array:
    return snapshot.households.level("household_attr")


@feature(
    zh="脱贫年度", en="Year of leaving poverty", domain="household", cause="other", unit="year", monotone=0, model=False,
    reason="Quoted; in a model it would stand for the calendar.", source="register household form: 脱贫年度",
    says_zh="{poverty_exit_year}脱贫", says_en="left poverty in {poverty_exit_year}",
)  # fmt: skip
def poverty_exit_year(snapshot: Snapshot) -> Array:
    return snapshot.households.exit_year.copy()


@feature(
    zh="住房鉴定等级", en="Grade of the house", domain="household", cause="housing", unit="category", monotone=0, model=False,
    reason="Quoted beside whether it is safe.", source="register household form: 危房级别",
    says_zh="住房鉴定等级为{house_safety_grade}", says_en="the house is of {house_safety_grade}",
    levels_zh=("A级", "B级", "C级", "D级"), levels_en=("grade A", "grade B", "grade C", "grade D"),
)  # fmt: skip
def house_safety_grade(snapshot: Snapshot) -> Array:
    return snapshot.households.level("house_grade")


@feature(
    zh="卫生厕所", en="Sanitary toilet", domain="household", cause="water", unit="category", monotone=0, model=False,
    reason="Quoted beside water.", source="register household form: 是否有卫生厕所",
    says_zh="户厕登记为{sanitary_toilet}", says_en="as recorded the house is {sanitary_toilet}", levels_zh=("没有卫生厕所", "有卫生厕所"),
    levels_en=("without a sanitary toilet", "with a sanitary toilet"),
)  # fmt: skip
def sanitary_toilet(snapshot: Snapshot) -> Array:
    return snapshot.households.toilet.copy()


@feature(
    zh="入户路类型", en="Path to the house", domain="household", cause="other", unit="category", monotone=0, model=False,
    reason="Quoted beside the distance to the road.", source="register household form: 入户路类型",
    says_zh="入户路为{entry_road}", says_en="the path to the house is of {entry_road}",
    levels_zh=("泥土路", "砂石路", "水泥路", "沥青路"), levels_en=("earth", "gravel", "concrete", "asphalt"),
)  # fmt: skip
def entry_road(snapshot: Snapshot) -> Array:
    return snapshot.households.level("entry_road")


FEATURES = (
    household_size,
    n_children,
    n_elderly,
    dependency_ratio,
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
    # context, quoted in sentences
    debt,
    n_working_age,
    n_dependants,
    age_basis,
    age_doubt,
    *WHO_LEFT,
    household_attribute,
    poverty_exit_year,
    house_safety_grade,
    sanitary_toilet,
    entry_road,
)
