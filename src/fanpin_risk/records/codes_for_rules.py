"""Code lists of columns that only the rules beside the model ask for: where insured, which kind of support, what was found."""

from __future__ import annotations

from fanpin_risk.records.code_lists import Codes, codes_of

__all__ = [
    "APPROVED_BY",
    "ASSETS_HIT",
    "DISASTER_KIND",
    "INSURED_ELSEWHERE",
    "LIVES_IN",
    "LOW_INCOME_CLASS",
    "PENSION_PAID_BY",
    "SUB_MEASURE",
]

# Why a person is in neither list of the place: insured or cared for elsewhere, or not at all.
INSURED_ELSEWHERE: Codes = codes_of(
    other_area="异地参保|外地参保|已在外地参保|在外地参保|外县参保|外省参保|务工地参保|在其他地方参保",
    student="在校参保|学生在校参保|在校学生参保|学校参保|在校大学生参保",
    soldier="现役军人|参军|服兵役|服役|军人|入伍", prison="服刑|服刑人员|在押|监狱服刑", abroad="境外|国外|出国|在境外|在国外",
    none="未在其他地方参保|无|否|没有|未参保|不愿参保|自愿放弃|拒绝参保|放弃参保",
)  # fmt: skip
PENSION_PAID_BY: Codes = codes_of(
    self="个人缴费|自己缴费|自缴|个人缴纳|否|未代缴",
    state="政府代缴|财政代缴|代缴|全额代缴|已代缴|县财政代缴|是",
    partly="部分代缴|差额代缴|政府补贴缴费",
    none="未缴费|未缴|不缴费|无需缴费|待遇领取",
)
# Where the household in fact lives.
LIVES_IN: Codes = codes_of(
    own_house="原住房|自有住房|自建房|老房|原房|自家住房", own_flat="商品房|自购商品房|城镇商品房|自有商品房|城区住房",
    childs_home="子女家|随子女居住|子女住房|与子女同住|赡养人家", rented="租房|租住|租住安全住房|长期租住|租赁住房|公租房",
    relatives="借住|借住亲友|亲友家|亲属家", resettled="安置房|易地搬迁安置房|易地扶贫搬迁安置房|安置点|搬迁安置房",
    central_support="集中供养|敬老院|养老机构|福利院|供养机构", other="其他|其它",
)  # fmt: skip
LOW_INCOME_CLASS: Codes = codes_of(
    dibao="低保对象|最低生活保障对象|低保|农村低保对象|低保户", tekun="特困人员|特困供养人员|特困|特困户|分散供养特困人员|集中供养特困人员",
    dibao_edge="低保边缘家庭|最低生活保障边缘家庭|低保边缘|低保边缘户|低保边缘家庭成员|低保边缘人口",
    rigid_spending="刚性支出困难家庭|刚性支出困难|支出型困难家庭|刚性支出困难户|刚性支出困难家庭成员|支出型困难户",
    monitored="防返贫监测对象|防止返贫监测对象|监测对象|监测户", other="其他低收入人口|其他低收入家庭|其他困难人员|其他",
    none="非低收入人口|非低收入家庭|不属于|无|否|不是",
)  # fmt: skip
# What a comparison with the registers of other offices found.
ASSETS_HIT: Codes = codes_of(
    none="无|没有|无异常|未发现|比对无异常|正常|否", flat_or_shop="商品房|店面|商品房/店面|商品房或店面|门面房|商铺|购房",
    vehicle="车辆|汽车|小汽车|机动车|轿车|有车", firm="企业|经商办企业|办企业|工商登记|公司|开办企业|工商企业",
    public_salary="财政供养|财政供养人员|公职人员|体制内|吃财政饭", other="其他|其它",
)  # fmt: skip
APPROVED_BY: Codes = codes_of(
    township="乡镇人民政府|乡镇|乡镇政府|乡(镇)人民政府|镇政府|乡政府|街道办事处",
    county_education="县级教育部门|县教育局|教育局|县教体局|区教育局|县级教育行政部门|教育行政部门|教体局",
    none="未审批|未批准|无|否|没有|未办理",
)
DISASTER_KIND: Codes = codes_of(
    flood="洪涝|洪涝灾害|水灾|洪水", geological="地质|地质灾害|滑坡|泥石流", drought="旱|旱灾|干旱", pest="生物|生物灾害|病虫害|动物疫病",
    weather="气象|气象灾害|风雹|冰雹|台风|暴雨|低温冷冻", earthquake="地震|地震灾害", other="其他|其它|其他灾害",
)  # fmt: skip
# What a measure was in particular.
SUB_MEASURE: Codes = codes_of(
    insurance_subsidy="参保资助|资助参保|医保资助|医保代缴|城乡居民医保资助|医疗保险资助",
    serious_insurance="大病保险|大病保险倾斜", medical_aid="医疗救助|大病医疗救助",
    contract="家庭医生签约|签约服务|家庭医生签约服务", serious_treatment="大病专项救治|专项救治", pay_after="先诊疗后付费|一站式结算",
    yulu="雨露计划|雨露计划补助|雨露计划+", kindergarten_aid="学前教育资助|学前资助|保教费资助",
    living_allowance="义务教育生活补助|义教生活补助|生活补助|两免一补|寄宿生生活补助|义务教育家庭经济困难学生生活补助",
    tuition_waiver="免学费|免学杂费|高中免学杂费|中职免学费", student_grant="国家助学金|助学金|高中助学金|中职助学金|大学助学金",
    student_loan="助学贷款|生源地助学贷款|生源地信用助学贷款|国家助学贷款",
    disability_living="困难残疾人生活补贴|残疾人生活补贴|生活补贴(残疾)", disability_care="重度残疾人护理补贴|残疾人护理补贴|护理补贴",
    disability_aids="辅具适配|辅助器具|康复|残疾人康复|无障碍改造", dibao="低保|农村低保|最低生活保障|纳入低保|低保兜底",
    tekun="特困供养|特困救助供养|特困|纳入特困|五保供养", temporary_aid="临时救助|急难救助",
    pension_subsidy="养老保险代缴|代缴养老保险|城乡居民养老保险代缴|养老保险费代缴", pension="养老金|基础养老金|城乡居民养老金",
    old_age_allowance="高龄津贴|高龄补贴|老年人补贴|失能补贴|失能老年人补贴", house_repair="危房改造|住房修缮|农村危房改造|抗震改造",
    loan="小额信贷|小额贷款|脱贫人口小额信贷|扶贫小额信贷", training="技能培训|就业培训|职业技能培训|实用技术培训",
    transport_subsidy="交通补贴|务工交通补贴|外出务工交通补贴|一次性交通补助",
    job_placement="劳务输出|就业推荐|岗位推荐|外出务工|转移就业|就业务工",
    workshop="帮扶车间|就业帮扶车间|扶贫车间", planting="种植业|种植|发展种植业", breeding="养殖业|养殖|发展养殖业", other="其他|其它",
)  # fmt: skip
