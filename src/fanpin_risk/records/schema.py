"""The ten record tables, declared once.

Readers, checks, the synthetic register, writers and the docs all read this one declaration. Every row of
every table says when it was true (``valid_from``, ``period_end``, ``event_date`` ...) and when the register
knew (``recorded_at``); :mod:`fanpin_risk.asof.snapshot` filters on both.

Code lists hold, per code, the Chinese texts met in real exports; the first one is used when writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.code_lists import (
    ASSETS,
    CARE_NEED,
    CHANGE,
    COPING,
    DISABILITY_CATEGORY,
    DISABILITY_CATEGORY_PATTERNS,
    DISABILITY_GRADE,
    DISABILITY_GRADE_PATTERNS,
    DROPOUT_REASON,
    EDUCATION,
    EDUCATION_PATTERNS,
    ELIMINATE_MODE,
    ENTRY_ROAD,
    FUEL,
    GONE,
    HEALTH,
    HEALTH_PATTERNS,
    HOUSE_GRADE,
    HOUSEHOLD_ATTR,
    INCOME_ITEM,
    INSURED,
    INSURED_AS_RESIDENT,
    LABOUR,
    LABOUR_PATTERNS,
    LEFT_REASON,
    MEASURE,
    MEASURE_PATTERNS,
    MEDICAL_KIND,
    MONITORED,
    MONITORED_EDGE,
    MONITORED_SUDDEN,
    MONITORED_TYPE,
    MONITORED_UNSTABLE,
    MOVED,
    NO_CHANGE,
    NO_STAGE,
    NO_WORK_AWAY,
    NOT_INSURED,
    NOT_MONITORED,
    NOT_MOVED,
    NOT_ON_DIBAO,
    NOT_ON_TEKUN,
    ON_DIBAO,
    ON_TEKUN,
    OVER,
    POVERTY_CAUSE,
    POVERTY_CAUSE_PATTERNS,
    PRESENT,
    REGISTER_STATUS,
    REGISTER_STATUS_PATTERNS,
    RELATION,
    RELATION_PATTERNS,
    REMARK_OF_HOUSEHOLD,
    REMARK_OF_HOUSEHOLD_PATTERNS,
    REMARK_OF_MEMBER,
    REMARK_OF_MEMBER_PATTERNS,
    REMARK_OF_MONITORING,
    REMARK_OF_MONITORING_PATTERNS,
    RISK,
    RISK_PATTERNS,
    RUNNING,
    SAFE,
    SCHOOL_STAGE,
    SCHOOL_STAGE_PATTERNS,
    SCHOOL_STATUS,
    SEX,
    SHOCK_AFFECTED,
    SHOCK_KIND,
    STUDENT_STAGE,
    STUDENT_STAGE_PATTERNS,
    TENURE,
    UNSAFE,
    WARNING_CHANNEL,
    WARNING_OUTCOME,
    WARNING_SIGNAL,
    WORK_PLACE,
)
from fanpin_risk.records.codes_for_rules import (
    APPROVED_BY,
    ASSETS_HIT,
    DISASTER_KIND,
    INSURED_ELSEWHERE,
    LIVES_IN,
    LOW_INCOME_CLASS,
    PENSION_PAID_BY,
    SUB_MEASURE,
)
from fanpin_risk.records.column_kinds import cny, flag, id_of_household, id_of_member, mu, recorded_at
from fanpin_risk.records.declarations import Column, Table
from fanpin_risk.records.spell_values import values_at

__all__ = ["TABLES", "table"]


HOUSEHOLDS = Table(
    name="households",
    zh="户基本信息",
    aliases=("household", "户信息", "家庭信息", "脱贫户", "农户", "农户信息", "户", "脱贫户基本信息", "家庭基本情况"),
    key=("household_id", "valid_from"),
    time="valid_from",
    latest_per=("household_id",),
    lag_days=30,
    open_ended="valid_to",
    columns=(
        id_of_household(),
        Column(name="valid_from", zh="数据日期", aliases=("年度", "采集时间", "数据年度", "年份", "统计年度", "核算年度", "收入年度", "收入所属年度", "所属年度", "统计年份"), type="date", need="key", month_end=False),
        recorded_at(),
        Column(name="valid_to", zh="销户日期", aliases=("注销日期", "户减少时间", "销户时间", "整户销户时间", "整户销户日期", "整户销号时间", "注销时间", "户注销时间", "整户注销时间", "整户迁出时间", "整户消亡时间", "整户死亡时间", "整户减少时间", "户减少日期"), type="date"),
        flag("present", "是否在册", "户状态", "农户状态", "家庭状态", negated=("是否销户", "是否注销", "是否整户消亡", "是否整户迁出", "是否整户销户", "是否整户注销", "是否整户死亡", "是否整户减少", "是否整户销号", "是否已销户", "是否自然消亡", "销户原因", "整户销户原因", "户减少原因", "整户减少原因", "户注销原因", "整户迁出原因"), yes=PRESENT, no=GONE),
        Column(name="remark", zh="备注所述", type="code", codes=REMARK_OF_HOUSEHOLD, patterns=REMARK_OF_HOUSEHOLD_PATTERNS, sensitive=True, kept=False, note="Used on reading and not kept: what a note (备注) says of the household being closed."),
        Column(name="area_code", zh="行政区划代码", aliases=("村编码", "区划代码", "行政区划", "行政村编号", "所属村id", "村代码", "行政村代码", "村级区划代码"), type="area", need="core"),
        Column(name="area_name", zh="行政区划名称", aliases=("行政村", "村", "地址", "所在地", "所属区划", "户籍地址", "家庭住址", "家庭地址", "住址"), type="text"),
        Column(name="register_status", zh="户类型", aliases=("脱贫属性", "家庭类型", "贫困状态", "脱贫状态", "户类别", "农户类型", "农户类别", "家庭类别", "人员类别", "户籍类型"), type="code", need="core", codes=REGISTER_STATUS, patterns=REGISTER_STATUS_PATTERNS, nothing=MONITORED_SUDDEN),
        Column(name="household_attr", zh="户属性", aliases=("贫困户属性", "脱贫户属性"), type="code", codes=HOUSEHOLD_ATTR),
        Column(name="main_cause", zh="主要致贫原因", aliases=("致贫原因1", "致贫原因"), type="code", codes=POVERTY_CAUSE, patterns=POVERTY_CAUSE_PATTERNS, sensitive=True),
        Column(name="other_causes", zh="其他致贫原因", aliases=("次要致贫原因", "致贫原因2"), type="codes", codes=POVERTY_CAUSE, patterns=POVERTY_CAUSE_PATTERNS, sensitive=True),
        Column(name="first_identified", zh="首次识别时间", aliases=("识别时间",), type="date"),
        Column(name="exit_year", zh="脱贫年度", aliases=("脱贫时间", "脱贫年份"), type="int", unit="year", minimum=2013, maximum=2021),
        Column(name="size_declared", zh="家庭人口数", aliases=("人数", "家庭人口", "人口数", "当前家庭人口数", "年度家庭人口数", "家庭人口总数", "家庭人数", "人口总数", "家庭总人口", "户人口数", "家庭成员数", "家庭总人数", "家庭成员人口", "家庭成员人数", "人口", "总人口", "总人口数", "总人数", "共同生活人口", "共同生活人口数", "户籍人口数", "户籍人口", "户籍人数", "常住人口数", "常住人口", "常住人数"), type="int", unit="person", minimum=1, maximum=40),
        mu("farmland_mu", "耕地面积", "耕地", "承包耕地面积", "耕地亩数", soft_maximum=100.0),
        mu("forest_mu", "林地面积", "林地"),
        mu("return_forest_mu", "退耕还林面积", "退耕还林"),
        mu("orchard_mu", "林果面积", "林果"),
        mu("pasture_mu", "牧草地面积", "牧草地", soft_maximum=100.0),
        mu("water_mu", "水面面积", "水面", "水域面积", soft_maximum=100.0),
        Column(name="house_area_m2", zh="住房面积", aliases=("房屋面积", "住房建筑面积"), type="number", unit="m2", minimum=0.0, maximum=10_000.0, soft_maximum=1_000.0),
        Column(name="house_grade", zh="危房级别", aliases=("危房等级", "房屋鉴定等级", "住房等级", "房屋等级", "住房鉴定等级", "房屋安全等级", "住房安全等级"), type="code", codes=HOUSE_GRADE),
        flag("unsafe_house", "是否危房户", "危房户", "是否住房出现安全问题", "是否危房", "是否C、D级危房", "是否危险房屋", need="core", negated=("住房是否安全", "是否住房安全", "住房安全", "房屋是否安全", "是否安全住房", "住房是否有保障"), yes=UNSAFE, no=SAFE),
        flag("safe_water", "是否解决安全饮用水", "饮水是否安全", "饮水安全", "是否饮水安全", "是否有安全饮水", "饮用水是否安全", "是否安全饮水", "饮水是否达标", "是否解决饮水困难", "饮水困难是否解决", "是否解决饮水安全", need="core", negated=("饮水困难", "饮水是否困难", "是否饮水困难", "是否饮水出现安全问题", "饮水是否存在安全问题", "饮水安全是否存在问题"), yes=SAFE, no=UNSAFE),
        Column(name="road_km", zh="与村主干路距离", aliases=("与村主干道距离",), type="number", unit="km", minimum=0.0, maximum=500.0, soft_maximum=5.0),
        Column(name="entry_road", zh="入户路类型", type="code", codes=ENTRY_ROAD),
        flag("power_life", "是否通生活用电"),
        flag("power_prod", "是否通生产用电"),
        flag("broadcast", "是否通广播电视"),
        flag("toilet", "是否有卫生厕所", "有无卫生厕所", "是否卫生厕所", "卫生厕所"),
        Column(name="fuel", zh="主要燃料类型", type="code", codes=FUEL),
        flag("coop", "是否加入农民专业合作组织", "是否加入合作社", "是否加入农民专业合作社", "是否参加合作社"),
        flag("leading_firm", "是否有龙头企业带动"),
        flag("leader", "是否有创业致富带头人带动"),
        flag("resettled", "是否易地扶贫搬迁", "居住在集中安置区", "是否易地搬迁", "是否搬迁户", "是否纳入易地扶贫搬迁", "是否异地扶贫搬迁", "是否异地扶贫搬迁人口", "居住在异地扶贫搬迁集中安置区", "是否易地搬迁户", "易地扶贫搬迁户", "是否易地扶贫搬迁户", "是否搬迁", "易地搬迁", "是否易地扶贫搬迁人口", "是否居住在集中安置区", "是否居住在大中型搬迁安置区", yes=MOVED, no=NOT_MOVED),
        Column(name="below_line", zh="是否低于监测线", aliases=("收入是否低于监测线", "人均纯收入是否低于监测线", "poor"), type="bool", sensitive=True, note="On the day of the row, where no amount says it; of a status and an amount the newer counts."),
        Column(name="tenure", zh="住房权属", aliases=("住房产权", "房屋权属", "住房来源", "房屋产权"), type="code", codes=TENURE),
        Column(name="rooms", zh="房间数", aliases=("住房间数", "房屋间数", "住房房间数"), type="int", minimum=0, maximum=100, soft_maximum=30),
        Column(name="assets", zh="家庭资产", aliases=("耐用消费品", "主要家庭资产"), type="codes", codes=ASSETS, sensitive=True, note="All that the household has of the list; `none` where it was asked and has nothing."),
        Column(name="coping", zh="应对困难的办法", aliases=("应对措施", "应对策略"), type="codes", codes=COPING, sensitive=True, note="What the household did to get by of late; `none` where it was asked and did nothing."),
        cny("debt_cny", "家庭负债", "小额信贷余额", "debt_yuan", "负债金额", "欠款金额", "家庭债务", "负债", sensitive=True),
        Column(name="house_grade_date", zh="住房鉴定时间", aliases=("房屋鉴定时间", "住房鉴定日期", "危房鉴定时间", "危房鉴定日期", "房屋鉴定日期", "住房安全鉴定时间"), type="date", note="Day of the grade; without it the day of the row stands for it."),
        Column(name="house_treated_on", zh="危房改造竣工时间", aliases=("危房改造完成时间", "危房改造验收时间", "住房改造竣工时间", "住房改造完成时间", "危房改造竣工日期", "危房改造验收日期", "危房改造时间"), type="date", note="Day on which the house was rebuilt or repaired and accepted."),
        Column(name="lives_in", zh="实际居住情况", aliases=("现居住情况", "实际居住地类型", "现住房情况", "现居住房屋类型", "实际居住房屋"), type="code", codes=LIVES_IN, note="Where the household in fact lives, by a visit."),
        Column(name="low_income_class", zh="低收入人口类别", aliases=("低收入人口类型", "低收入类别", "低收入家庭类型", "低收入家庭类别", "低收入人口分类"), type="code", codes=LOW_INCOME_CLASS, sensitive=True, note="By the list of the civil affairs office; `none` where it was asked and is in none."),
        Column(name="assets_hit", zh="资产比对结果", aliases=("不符情形", "资产核查结果", "家庭资产比对结果", "财产比对结果", "资产比对情况"), type="codes", codes=ASSETS_HIT, sensitive=True, note="What a comparison with other offices found; `none` where nothing was found."),
        Column(name="assets_hit_on", zh="资产比对日期", aliases=("资产比对时间", "资产核查日期", "资产核查时间", "财产比对时间"), type="date"),
        flag("no_house", "是否无房户", "无房户", "是否无房", "是否无住房", "是否无自有住房"),
        Column(name="water_days_short", zh="年缺水天数", aliases=("全年缺水天数", "缺水天数", "季节性缺水天数", "年供水不足天数", "年停水天数", "停水天数"), type="int", minimum=0, maximum=366, note="Days of the year on which there was not enough water."),
    ),
)  # fmt: skip

MEMBERS = Table(
    name="members",
    zh="家庭成员",
    aliases=("member", "成员信息", "人员信息", "家庭成员信息", "成员", "人口信息", "人员", "脱贫人口"),
    key=("member_id", "valid_from"),
    time="valid_from",
    latest_per=("member_id",),
    lag_days=30,
    open_ended="valid_to",
    columns=(
        id_of_member(),
        id_of_household("required"),
        Column(name="valid_from", zh="数据日期", aliases=("人员识别时间", "年度", "采集时间", "数据年度", "年份", "统计年度", "核算年度", "收入年度", "收入所属年度", "所属年度", "统计年份"), type="date", need="key", month_end=False),
        recorded_at(),
        Column(name="valid_to", zh="人员减少时间", aliases=("减少时间", "人员增减时间", "死亡时间", "死亡日期", "死亡年月", "去世时间", "去世日期", "减少日期", "人员减少日期", "人口减少时间", "迁出时间", "迁出日期", "户籍迁出时间", "户口迁出时间", "婚出时间", "离户时间", "注销时间", "注销日期", "增减时间", "变动时间", "人员变动时间"), type="date"),
        Column(name="left_reason", zh="人员减少原因", aliases=("减少原因", "人口减少原因", "注销原因"), type="code", codes=LEFT_REASON),
        Column(name="change", zh="人员增减情况", aliases=("人员增减", "人口增减", "人口增减情况", "增减情况", "增减变化", "人员增减变化", "人口增减变化", "增减变动", "增减类型", "变动情况", "人员变动", "人员变动情况", "人口变动", "人口变动情况", "成员变动情况", "家庭成员变动情况", "变动类型", "变动原因", "人员变动原因", "人口变动原因", "增减原因", "人员增减原因", "人口增减原因"), type="code", codes=CHANGE, nothing=NO_CHANGE, kept=False, note="Used on reading and not kept: who left goes into left_reason."),
        Column(name="remark", zh="备注所述", type="code", codes=REMARK_OF_MEMBER, patterns=REMARK_OF_MEMBER_PATTERNS, sensitive=True, kept=False, note="Used on reading and not kept: what a note (备注) says of the person being gone."),
        flag("present", "是否在户", "人员状态", "人口状态", "成员状态", "人员在户状态", "是否健在", "是否现有人口", "是否在世", "是否存活", "在世情况", "存活状态", "是否在册", negated=("是否死亡", "是否去世", "是否已故", "是否死亡人口", "是否迁出", "是否减少", "是否注销"), yes=PRESENT, no=GONE),
        Column(name="relation", zh="与户主关系", aliases=("与户主的关系", "户主关系", "家庭关系", "关系"), type="code", need="core", codes=RELATION, patterns=RELATION_PATTERNS),
        Column(name="sex", zh="性别", type="code", need="core", codes=SEX),
        Column(name="birth_date", zh="出生日期", aliases=("出生年月", "birth_year", "出生年份", "出生年月日", "出生时间", "生日"), type="date", need="core", month_end=False, sensitive=True),
        Column(name="birth_year_only", zh="出生日期只到年", type="bool", note="Set on reading: the age is known to the year only, from a year of birth or an age."),
        Column(name="age", zh="年龄", aliases=("周岁", "岁数", "实足年龄", "实际年龄", "成员年龄", "人员年龄", "本人年龄"), type="int", minimum=0, maximum=120, sensitive=True, kept=False, note="On the day of the row. Used on reading and not kept: where no birth date is given, it gives one in the middle of the year in which the person was born."),
        Column(name="ethnicity", zh="民族", type="text", sensitive=True, note="For audits only; never a feature."),
        Column(name="education", zh="文化程度", aliases=("学历", "受教育程度", "最高学历", "文化水平"), type="code", codes=EDUCATION, patterns=EDUCATION_PATTERNS),
        Column(name="student_stage", zh="在校生状况", aliases=("在校生情况", "在校生", "在校情况", "就读阶段", "就学阶段", "在读阶段"), type="code", codes=STUDENT_STAGE, patterns=STUDENT_STAGE_PATTERNS, nothing=NO_STAGE),
        Column(name="health", zh="健康状况", aliases=("身体状况", "健康情况", "身体健康状况"), type="codes", need="core", codes=HEALTH, patterns=HEALTH_PATTERNS, sensitive=True),
        Column(name="labour", zh="劳动技能", aliases=("劳动能力", "劳动力状况", "劳动力", "劳动力类型", "劳动力情况", "劳动能力情况", "劳力情况", "劳动技能状况"), type="code", need="core", codes=LABOUR, patterns=LABOUR_PATTERNS, sensitive=True),
        Column(name="work_months", zh="务工时间", aliases=("务工月数", "务工时间月", "务工时长", "外出务工月数", "务工时间(月)", "年务工月数", "务工时间月数", "累计务工月数"), type="number", unit="month", minimum=0.0, maximum=12.0),
        Column(name="work_place", zh="务工所在地", aliases=("务工地", "务工地点", "务工状况", "务工区域", "工作地点", "务工地区", "务工去向", "就业地点", "外出务工地点"), type="code", codes=WORK_PLACE, nothing=NO_WORK_AWAY, by_place=True, note="Names of places are compared with that of the household."),
        Column(name="public_post_months", zh="公益性岗位月数", aliases=("公益岗位月数", "公益性岗位(月数)", "公益岗位(月数)", "公益岗聘用月数", "聘用月数", "public_post", "公益性岗位"), type="number", unit="month", minimum=0.0, maximum=12.0),
        flag("ins_basic_resident", "是否参加城乡居民基本医疗保险", "居民医保", "新农合", "是否参加新型农村合作医疗", "是否参加新型农村合作医疗(城乡居民基本医疗保险)", "是否参加居民医疗保险", "是否参加城乡居民医疗保险", "是否参加居民基本医疗保险", "居民医疗保险", "是否参加居民医保", "城乡居民医保", "城乡居民基本医疗保险", "农合", "参合", "是否参合", "新农合参合情况", "是否参加新农合", "医保", "参保状态", "基本医疗保险", "是否参加基本医疗保险", "是否参加医疗保险", "居民基本医疗保险", "是否参保", "是否参加医保", "参保情况", "医保参保情况", need="core", yes=INSURED_AS_RESIDENT, no=NOT_INSURED),
        flag("ins_basic_employee", "是否参加城镇职工基本医疗保险", "职工医保", "是否参加职工医疗保险", "是否参加职工基本医疗保险", "是否参加职工医保", "城镇职工医保", "职工基本医疗保险", yes=INSURED, no=NOT_INSURED),
        flag("ins_serious", "是否参加大病保险", "大病保险", "参加大病医疗", "是否参加大病医疗", "是否参加大病医疗保险", "大病医疗保险", yes=INSURED, no=NOT_INSURED),
        flag("ins_commercial", "是否参加商业补充医疗保险", "商业补充医疗", "商业补充医疗保险", "是否参加商业医疗保险", yes=INSURED, no=NOT_INSURED),
        flag("pension_resident", "是否参加城乡居民基本养老保险", "居民养老", "是否参加农村居民基本养老保险", "是否参加居民基本养老保险", "是否参加城乡居民养老保险", "居民养老保险", "城乡居民养老保险", "是否参加居民养老保险", "城乡居民基本养老保险", "养老保险", "是否参加养老保险", yes=INSURED, no=NOT_INSURED),
        flag("pension_employee", "是否参加城镇职工基本养老保险", "职工养老", "是否参加职工基本养老保险", "是否参加职工养老保险", "职工养老保险", yes=INSURED, no=NOT_INSURED),
        flag("dibao", "是否享受低保", "低保", "是否享受农村居民最低生活保障", "享受低保政策情况", "是否享受最低生活保障", "是否低保", "是否低保户", "是否农村低保", "低保情况", "是否享受低保政策", "最低生活保障", "是否低保对象", "低保对象", "是否纳入低保", "是否低保人员", yes=ON_DIBAO, no=NOT_ON_DIBAO),
        flag("tekun", "是否特困供养人员", "特困供养", "享受特困供养政策情况", "是否特困供养", "是否特困", "是否特困人员", "特困", "是否五保", "五保", "是否享受特困供养", "是否特困供养对象", "是否享受特困供养政策", yes=ON_TEKUN, no=NOT_ON_TEKUN),
        Column(name="ins_elsewhere", zh="在其他地方参保情况", aliases=("异地参保情况", "未参保原因", "未参加基本医疗保险原因", "未参加医保原因", "未参保情况说明"), type="code", codes=INSURED_ELSEWHERE, sensitive=True, note="Why a person is in neither basic insurance of the place."),
        Column(name="pension_paid_by", zh="养老保险缴费方式", aliases=("养老保险代缴情况", "是否政府代缴养老保险", "城乡居民养老保险缴费方式", "养老保险缴费类型", "居民养老保险代缴情况"), type="code", codes=PENSION_PAID_BY),
        Column(name="ins_year", zh="医保参保年度", aliases=("参保年度", "参保年份", "医保参保年份", "医保年度", "医疗保险参保年度", "基本医疗保险参保年度"), type="int", unit="year", minimum=2003, maximum=2100, note="Year for which the flags of medical insurance hold; without it that of the row stands for it."),
    ),
)  # fmt: skip

INCOMES = Table(
    name="incomes",
    zh="家庭收入",
    aliases=("income", "收入", "收入信息", "收入情况", "家庭收入情况", "收支情况"),
    key=("household_id", "member_id", "period_start", "period_end", "item"),
    time="period_end",
    lag_days=30,
    columns=(
        id_of_household(),
        Column(name="member_id", zh="人编号", aliases=("人口编号", "人员编号", "成员编号"), type="id"),
        Column(name="period_start", zh="收入周期开始", aliases=("周期开始", "开始日期"), type="date", need="required", month_end=False, note="A year (年度) stands for its 1 January to 31 December."),
        Column(name="period_end", zh="收入周期结束", aliases=("周期结束", "结束日期", "年度", "收入年度", "年份", "数据年度", "统计年度", "核算年度", "收入年份", "收入所属年度", "所属年度", "统计年份"), type="date", need="required"),
        recorded_at(),
        Column(name="item", zh="收入项目", aliases=("项目", "收入类型", "收入类别", "收入名称", "类别", "指标", "收入来源", "收支项目", "收支类别", "项目名称", "收入项", "收入科目", "科目", "指标名称", "收入项目名称", "收入种类", "款项"), type="code", need="required", codes=INCOME_ITEM, note="In a wide sheet each item is a column. household_line is the line of this household for the period, all its members together; consumption is no part of income."),
        cny("amount_cny", "金额", "amount", "收入金额", "数额", "金额合计", "发放金额", need="required", maximum=1e8, soft_maximum=1_000_000.0),
    ),
)  # fmt: skip

MEDICAL = Table(
    name="medical",
    zh="医疗费用",
    aliases=("医疗", "就医信息", "医疗信息", "医疗记录", "医保结算"),
    key=("member_id", "record_id", "event_date", "kind"),
    time="event_date",
    unique=False,
    lag_days=30,
    columns=(
        id_of_member(),
        Column(name="record_id", zh="结算单号", aliases=("单据号", "结算编号"), type="id", note="Tells bills of one day apart; a later row with the same key is a correction."),
        Column(name="event_date", zh="结算日期", aliases=("入院日期", "就诊日期", "出院日期", "入院/结算日期"), type="date", need="key"),
        recorded_at(),
        Column(name="kind", zh="就医类别", aliases=("医疗类别",), type="code", need="required", codes=MEDICAL_KIND, sensitive=True),
        Column(name="icd10", zh="疾病编码", aliases=("疾病代码", "ICD10", "ICD-10"), type="text", sensitive=True),
        Column(name="disease", zh="病种", aliases=("疾病名称",), type="text", sensitive=True),
        flag("serious30", "是否30种大病", "是否大病", sensitive=True),
        flag("chronic4", "是否四类慢病", "四类慢病", sensitive=True),
        cny("total_cost_cny", "医疗总费用", "总费用", "total_cost"),
        cny("reimb_basic_cny", "基本医保报销", "基本医保", "reimb_basic"),
        cny("reimb_serious_cny", "大病保险报销", "大病保险", "reimb_serious"),
        cny("reimb_aid_cny", "医疗救助", "医疗救助金", "reimb_aid"),
        cny("reimb_other_cny", "补充医保报销", "补充报销", "其他报销", "reimb_other"),
        cny("out_of_pocket_cny", "个人自付", "自付费用", "自付金额", "oop", need="core", note="Total less all reimbursement; computed where absent."),
    ),
)  # fmt: skip

DISABILITIES = Table(
    name="disabilities",
    zh="残疾证",
    aliases=("disability", "残疾", "残疾信息", "残疾人信息", "残联数据"),
    key=("member_id", "issued_on"),
    time="issued_on",
    lag_days=30,
    open_ended="valid_to",
    columns=(
        id_of_member(),
        Column(name="issued_on", zh="发证日期", aliases=("残疾证办证年度", "办证日期", "发证时间", "领证日期", "办证时间", "残疾证发证日期"), type="date", need="key"),
        recorded_at(),
        Column(name="category", zh="残疾类别", aliases=("残疾类型", "残疾种类", "残疾类别名称"), type="code", need="required", codes=DISABILITY_CATEGORY, patterns=DISABILITY_CATEGORY_PATTERNS, sensitive=True),
        Column(name="grade", zh="残疾等级", aliases=("残疾级别", "残疾等级名称", "残疾程度"), type="code", need="required", codes=DISABILITY_GRADE, patterns=DISABILITY_GRADE_PATTERNS, sensitive=True),
        Column(name="valid_to", zh="有效期至", aliases=("证件有效期",), type="date", note="A certificate holds ten years (GB/T 26341-2010)."),
        Column(name="care_need", zh="失能等级", aliases=("护理等级", "自理能力"), type="code", codes=CARE_NEED, sensitive=True),
    ),
)  # fmt: skip

ENROLMENTS = Table(
    name="enrolments",
    zh="就学信息",
    aliases=("enrolment", "enrollments", "教育", "教育信息", "学籍", "在校生信息", "就学"),
    key=("member_id", "school_year"),
    time="school_year",
    lag_days=30,
    columns=(
        id_of_member(),
        Column(name="school_year", zh="学年", type="int", need="key", unit="year", minimum=1990, maximum=2100, note="The year in which it begins (1 September): 2023 is 2023/24; '2023-2024' is read so too."),
        recorded_at(),
        Column(name="stage", zh="学段", aliases=("就学阶段", "教育阶段"), type="code", need="required", codes=SCHOOL_STAGE, patterns=SCHOOL_STAGE_PATTERNS),
        Column(name="status", zh="就学状态", aliases=("在校状态", "学籍状态"), type="code", need="required", codes=SCHOOL_STATUS),
        Column(name="dropout_reason", zh="失学辍学原因", aliases=("失学或辍学原因", "辍学原因", "失学原因", "未上学原因", "失辍学原因", "失学辍学的原因", "未就学原因", "不上学原因", "辍学失学原因"), type="code", codes=DROPOUT_REASON, sensitive=True),
        cny("cost_cny", "教育支出", "学费支出", "cost_yuan", "教育费用"),
        cny("aid_cny", "教育资助", "资助金额", "aid_yuan", "助学金"),
        Column(name="approved_by", zh="休学审批单位", aliases=("延缓入学审批单位", "休学批准单位", "休学审批部门", "延缓入学批准单位", "缓学审批单位"), type="code", codes=APPROVED_BY, note="Who approved that the child is suspended or goes to school later."),
        flag("boarding", "是否寄宿", "是否寄宿生", "寄宿生", "是否住校", "是否住校生", "住校"),
    ),
)  # fmt: skip

SHOCKS = Table(
    name="shocks",
    zh="突发事件",
    aliases=("shock", "灾害", "突发情况", "受灾信息"),
    key=("household_id", "member_id", "event_date", "kind"),
    time="event_date",
    lag_days=30,
    unique=False,
    columns=(
        id_of_household(),
        Column(name="member_id", zh="人编号", type="id", aliases=("人口编号", "人员编号")),
        Column(name="event_date", zh="发生日期", aliases=("发生时间", "受灾时间"), type="date", need="key"),
        recorded_at(),
        Column(name="kind", zh="事件类型", aliases=("灾害类型", "突发类型"), type="code", need="key", codes=SHOCK_KIND),
        cny("loss_cny", "损失金额", "loss_yuan", "经济损失"),
        cny("insured_cny", "保险赔付", "insured_yuan", "赔付金额"),
        Column(name="affected", zh="受损对象", type="code", codes=SHOCK_AFFECTED),
    ),
)  # fmt: skip

SUPPORTS = Table(
    name="supports",
    zh="帮扶措施",
    aliases=("support", "帮扶", "帮扶信息", "措施"),
    key=("household_id", "member_id", "start_date", "measure"),
    time="start_date",
    lag_days=30,
    unique=False,
    open_ended="end_date",
    columns=(
        id_of_household(),
        Column(name="member_id", zh="人编号", type="id", aliases=("人口编号", "人员编号")),
        Column(name="start_date", zh="开始时间", aliases=("开始日期", "帮扶开始时间", "实施时间", "实施年度", "帮扶年度", "年度"), type="date", need="key", note="A year (年度) stands for its last day: begun by then."),
        Column(name="end_date", zh="结束时间", aliases=("结束日期", "帮扶结束时间"), type="date"),
        recorded_at(),
        Column(name="measure", zh="帮扶措施", aliases=("措施类型", "帮扶类型"), type="code", need="key", codes=MEASURE, patterns=MEASURE_PATTERNS),
        cny("amount_cny", "帮扶金额", "amount_yuan", "资金", "补助金额", "帮扶资金", sensitive=False),
        Column(name="for_cause", zh="针对风险", aliases=("针对致贫原因",), type="code", codes=RISK, patterns=RISK_PATTERNS, sensitive=True),
        Column(name="source", zh="帮扶单位", aliases=("部门",), type="text"),
        Column(name="sub_measure", zh="帮扶措施子项", aliases=("措施子项", "帮扶子项", "帮扶措施小类", "措施小类", "帮扶措施二级类型", "帮扶措施细类"), type="code", codes=SUB_MEASURE),
        Column(name="planned_on", zh="计划实施时间", aliases=("计划时间", "计划落实时间", "计划实施日期", "帮扶计划时间"), type="date", note="May lie ahead."),
        Column(name="done_on", zh="落实时间", aliases=("措施落实时间", "落实日期", "措施完成时间", "措施完成日期"), type="date"),
    ),
)  # fmt: skip

WARNINGS = Table(
    name="warnings",
    zh="预警信息",
    aliases=("warning", "预警", "部门预警"),
    key=("household_id", "member_id", "event_date", "channel", "signal"),
    time="event_date",
    unique=False,
    columns=(
        id_of_household(),
        Column(name="member_id", zh="人编号", type="id", aliases=("人口编号", "人员编号")),
        Column(name="event_date", zh="预警日期", aliases=("预警时间",), type="date", need="key"),
        recorded_at(),
        Column(name="channel", zh="预警渠道", aliases=("发现渠道",), type="code", need="required", codes=WARNING_CHANNEL),
        Column(name="department", zh="预警部门", type="text"),
        Column(name="signal", zh="预警信号", aliases=("预警类型",), type="code", codes=WARNING_SIGNAL, sensitive=True),
        Column(name="value", zh="预警值", type="number", sensitive=True),
        Column(name="threshold", zh="阈值", type="number"),
        Column(name="outcome", zh="核实结果", type="code", codes=WARNING_OUTCOME, note="A label, never a feature."),
        Column(name="outcome_date", zh="核实日期", type="date"),
    ),
)  # fmt: skip

MONITORING = Table(
    name="monitoring",
    zh="监测对象",
    aliases=("monitor", "监测", "监测户", "监测对象信息", "易返贫致贫户"),
    key=("household_id", "identified_on"),
    time="identified_on",
    open_ended="eliminated_on",
    columns=(
        id_of_household(),
        Column(name="identified_on", zh="识别监测时间", aliases=("风险识别时间", "纳入监测时间", "identified_month", "风险识别时间年月", "识别时间", "识别日期", "纳入时间", "纳入监测日期", "认定时间", "监测识别时间", "识别为监测对象时间", "纳入日期", "认定为监测对象时间", "列入监测时间", "纳入监测年度", "纳入监测年份", "识别监测年度", "识别年度"), type="date", need="key"),
        recorded_at(),
        Column(name="type", zh="监测对象类别", aliases=("监测对象类型", "易返贫致贫户(监测对象)类型", "监测类型", "监测类别", "易返贫致贫户类型", "监测户类型", "监测户类别", "监测对象", "监测对象种类", "防返贫监测对象", "防返贫监测对象类型", "监测对象类型名称", "三类户", "三类户类型", "三类户类别", "三类监测对象类型"), type="code", need="required", codes=MONITORED_TYPE, note="May be missing where a column of yes and no (是否监测对象) says that the household is monitored."),
        Column(name="risks", zh="返贫致贫风险", aliases=("致贫返贫风险", "风险类型", "致贫/返贫风险", "致贫返贫风险1", "致贫/返贫风险1", "返贫风险1"), type="codes", codes=RISK, patterns=RISK_PATTERNS, sensitive=True),
        Column(name="eliminated_on", zh="风险消除时间", aliases=("消除监测时间", "eliminated_month", "风险消除日期", "消除时间", "消除日期", "风险消除年月", "风险解除时间", "解除监测时间", "监测消除时间", "消除年度", "消除年份", "风险消除年度", "风险消除年份"), type="date"),
        flag("eliminated", "风险是否已消除", "风险是否消除", "是否消除风险", "是否已消除风险", "是否稳定消除风险", "是否已稳定消除风险", "风险是否稳定消除", "是否稳定消除", "是否已消除", "是否消除", "风险消除情况", "风险消除状态", "消除情况", "是否风险消除", "是否解除监测", "监测是否解除", "是否已解除监测", "风险是否解除", "风险是否已解除", "风险状态", "监测状态", "状态", yes=OVER, no=RUNNING),
        flag("monitored", "是否监测对象", "是否监测户", "是否为监测对象", "是否为监测户", "是否纳入监测", "当前是否监测", "目前是否监测", "是否监测", "当前是否监测对象", "是否防返贫监测对象", "是否三类户", "是否易返贫致贫户", negated=("是否非监测户", "是否非监测对象", "非监测户", "非监测对象"), yes=MONITORED, no=NOT_MONITORED),
        flag("monitored_unstable", "是否脱贫不稳定户", "是否脱贫监测户", yes=MONITORED_UNSTABLE, no=NOT_MONITORED),
        flag("monitored_edge", "是否边缘易致贫户", "是否边缘户", yes=MONITORED_EDGE, no=NOT_MONITORED),
        flag("monitored_sudden", "是否突发严重困难户", "是否突发困难户", yes=MONITORED_SUDDEN, no=NOT_MONITORED),
        Column(name="change", zh="动态调整情况", aliases=("动态管理情况", "动态调整", "动态调整类型", "动态调整结果", "监测动态调整情况", "调整情况", "动态变化情况", "动态管理", "动态监测情况"), type="code", codes=REMARK_OF_MONITORING, patterns=REMARK_OF_MONITORING_PATTERNS, kept=False, note="Used on reading and not kept: that the risk is over goes into eliminated."),
        Column(name="remark", zh="备注所述", type="code", codes=REMARK_OF_MONITORING, patterns=REMARK_OF_MONITORING_PATTERNS, kept=False, note="Used on reading and not kept: what a note (备注) says of the risk being over."),
        Column(name="identified_before", zh="识别时间不详", type="bool", note="Set on reading: identified on a day that is not known, not after identified_on."),
        Column(name="eliminate_mode", zh="风险消除方式", aliases=("消除方式", "风险解除方式"), type="code", codes=ELIMINATE_MODE),
        flag("no_labour_backstop", "整户无劳动能力兜底保障户"),
        flag("development_done", "实施开发式帮扶措施情况", "开发式帮扶措施实施情况", "是否实施开发式帮扶措施", "开发式帮扶措施情况", yes=("已实施", "已落实"), no=("尚未实施", "未实施", "未落实")),
        Column(name="disaster_kind", zh="因自然灾害子项", aliases=("自然灾害子项", "因自然灾害类型", "自然灾害类型"), type="code", codes=DISASTER_KIND),
        Column(name="risk_note", zh="其他风险说明", aliases=("风险说明", "其他风险备注", "致贫返贫风险说明", "返贫致贫风险说明"), type="text", sensitive=True, note="What a risk of the kind 其他 is."),
        Column(name="contact_code", zh="监测联系人编号", aliases=("监测联系人编码", "监测联系人代码", "监测联系人工号"), type="text", sensitive=True, note="A code of the office, no name."),
        *values_at("entry"),
        *values_at("exit"),
    ),
)  # fmt: skip

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        t.name: t
        for t in (
            HOUSEHOLDS, MEMBERS, INCOMES, MEDICAL, DISABILITIES, ENROLMENTS, SHOCKS, SUPPORTS, WARNINGS, MONITORING
        )
    }
)  # fmt: skip


def table(name: str) -> Table:
    """Return the declaration of one table.

    Parameters
    ----------
    name : str
        English name, e.g. ``"households"``.

    Returns
    -------
    Table

    Raises
    ------
    SchemaError
        If there is no such table.

    Examples
    --------
    >>> table("incomes").key
    ('household_id', 'member_id', 'period_start', 'period_end', 'item')
    """
    try:
        return TABLES[name]
    except KeyError:
        raise SchemaError("no table {name!r}; the tables are {tables}", name=name, tables=tuple(TABLES)) from None
