"""Code lists: the codes of the record tables, and the texts and families of texts that mean each.

A code list holds, per code, the Chinese texts met in real sheets; the first one is used when writing. Villages write
more than lists can hold (二女, 肢体二级, 因病致贫), so some columns have patterns of whole texts besides,
without blanks and brackets, that are asked where no text of the list fits. What neither knows is reported, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fanpin_risk.records import income_items

Codes = Mapping[str, tuple[str, ...]]
Patterns = Mapping[str, str]


def codes_of(**texts: str) -> Codes:
    """Return a code list: codes, and with strokes between them the texts that mean each, that which is written first."""
    return MappingProxyType({code: tuple(text.split("|")) for code, text in texts.items()})


REGISTER_STATUS = codes_of(
    ex_poor="脱贫户|脱贫人口|建档立卡户|贫困户|脱贫|已脱贫|已脱贫户|脱贫户(享受政策)|已脱贫(享受政策)|已脱贫(不享受政策)|享受政策脱贫户|不享受政策脱贫户|稳定脱贫户|未脱贫|返贫|返贫户|建档立卡|建档立卡脱贫户|建档立卡贫困户|脱贫享受政策|脱贫不享受政策|脱贫不稳定户|是",
    general="一般农户|普通农户|一般户|非贫困户|一般|普通户|其他农户|非脱贫户|非建档立卡户|边缘易致贫户|边缘户|普通人口|否",
)
HOUSEHOLD_ATTR = codes_of(
    ordinary="一般脱贫户|一般贫困户|一般农户|一般户|扶贫户|一般",
    dibao="低保脱贫户|低保户|低保贫困户|低保|农村低保户|扶贫低保户|低保户(脱贫户)",
    tekun="特困供养脱贫户|特困供养户|五保户|特困户|特困|五保|五保贫困户|特困供养|五保脱贫户|特困供养贫困户",
)
POVERTY_CAUSE = codes_of(
    illness="因病", disability="因残", schooling="因学", disaster="因灾|因自然灾害", land="缺土地", water="缺水",
    skill="缺技术", labour="缺劳力|缺劳动力", funds="缺资金", transport="交通条件落后", motivation="自身发展动力不足|自身发展力不足",
    marriage="因婚", bereavement="因丧", other="其他",
)  # fmt: skip
RISK = codes_of(
    illness="因病", schooling="因学", disability="因残", disaster="因自然灾害|因灾", accident="因意外事故",
    business_failure="因产业项目失败|产业项目失败", unstable_work="因务工就业不稳|务工就业不稳|就业不稳", labour="缺劳动力|缺劳力",
    housing="因安全住房|住房安全", water="因安全饮水|饮水安全", other="其他",
)  # fmt: skip
RELATION = codes_of(
    head="户主|本人|户主本人|本户户主|自己|本人或户主|户主或本人|本人/户主|户主/本人|本人(户主)|户主(本人)", spouse="配偶|妻|妻子|夫|丈夫|老伴|爱人|之妻|之夫|媳妇|夫妻|之配偶|配偶(妻)|配偶(夫)", son="之子|长子|次子|儿子|子|三子|四子|五子|大儿子|二儿子|小儿子|独生子|养子|继子|之养子|子/婿|养子或继子|之继子", daughter="之女|长女|次女|女儿|女|三女|四女|五女|大女儿|二女儿|小女儿|独生女|养女|继女|之养女|女/媳", daughter_in_law="之儿媳|儿媳|媳|儿媳妇|长媳|次媳|大儿媳|二儿媳|之媳",
    son_in_law="之女婿|女婿|婿|上门女婿|女婿|之婿", grandson="之孙子|孙子|孙子女|孙|长孙|之孙|次孙|孙男", granddaughter="之孙女|孙女|长孙女|次孙女", maternal_grandson="之外孙子|外孙子|外孙|之外孙",
    maternal_granddaughter="之外孙女|外孙女", father="之父|父亲|父|爸爸|之父亲|养父|继父", mother="之母|母亲|母|妈妈|之母亲|养母|继母", father_in_law="之岳父|岳父",
    mother_in_law="之岳母|岳母", husbands_father="之公公|公公", husbands_mother="之婆婆|婆婆", grandfather="之祖父|祖父|爷爷|祖父",
    grandmother="之祖母|祖母|奶奶|祖母", maternal_grandfather="之外祖父|外祖父|外公|姥爷", maternal_grandmother="之外祖母|外祖母|外婆|姥姥",
    sibling="之兄弟姐妹|兄弟姐妹|兄|弟|姐|妹|哥哥|弟弟|姐姐|妹妹|之兄|之弟|之姐|之妹|兄弟|姐妹|兄弟姐妹|哥|之哥|之兄弟|之姐妹", great_grandson="之曾孙子|曾孙|曾孙子|重孙|重孙子", great_granddaughter="之曾孙女|曾孙女|重孙女", nephew_or_niece="之侄儿|侄儿|侄女|侄子|侄|之侄|之侄女|之侄子|外甥|外甥女|之外甥|之外甥女|侄儿侄女",
    sibling_in_law="之兄弟媳妇|嫂|嫂子|弟媳|姐夫|妹夫|弟媳妇|之嫂|之弟媳|小姑|小叔|大姑|小姨", uncle="之叔伯|叔|伯|叔叔|伯伯|伯父|叔父|姑|姑姑|舅舅|舅|之叔|之伯|叔伯|婶婶|姨", other="其他|非亲属|其它|其他关系|其他亲属|父母/岳父母/公婆|父母|岳父母|公婆|亲属|继父母|养父母|父母或岳父母或公婆|孙媳|孙媳妇|孙女婿|非直系亲属|寄养|朋友|保姆",
)  # fmt: skip
SEX = codes_of(male="男|男性|1|男姓|M|♂", female="女|女性|2|女姓|F|♀")
EDUCATION = codes_of(
    none="文盲或半文盲|文盲|未上学|文盲半文盲|半文盲|无|没上学|未读书|学前|不识字", primary="小学|小学及以下|小学毕业|小学肄业", junior="初中|初中毕业|初级中学|初中及以下", senior="高中|中专|中职|高中/中专|技工学校|高中毕业|普通高中|职高|中技|中职中专|中等专科|高中及中专|中专/高中|高中(中专)",
    college3="大专|专科|高职|大学专科|高职高专|专科及以上|大专及以上|大专学历", bachelor="本科及以上|本科|大学本科|研究生|大学|大学及以上|本科学历|硕士|博士|硕士研究生|博士研究生|研究生及以上",
)  # fmt: skip
STUDENT_STAGE = codes_of(
    preschool_age="学龄前儿童", kindergarten="学前教育|幼儿园", primary="小学", junior="初中|七年级|八年级|九年级",
    senior="普通高中|高中|普通高中一年级|普通高中二年级|普通高中三年级",
    vocational="中职|中职一年级|中职二年级|中职三年级|技师学院|技师学院一年级|技师学院二年级|技师学院三年级|技师学院四年级",
    college3="高职高专|大专|高职高专一年级|高职高专二年级|高职高专三年级",
    bachelor="本科|本科一年级|本科二年级|本科三年级|本科四年级|本科五年级", master="硕士研究生及以上|研究生",
)  # fmt: skip
HEALTH = codes_of(
    healthy="健康|良好|无|健康良好|身体健康|一般|正常|较好|健康或良好|身体良好",
    chronic="长期慢性病|慢性病|慢病|患有慢性病|患慢性病|有慢性病|患有长期慢性病|患长期慢性病|体弱多病|体弱|长期慢病|慢性疾病|有病|多病|常年患病",
    serious="患有大病|大病|重病|患大病|重大疾病|大病重病|重大病|患有重病|患重病|危重病|重症",
    disabled="残疾|残疾人|肢体残疾|智力残疾|精神残疾|视力残疾|听力残疾|言语残疾|多重残疾|重残|重度残疾|残",
)
LABOUR = codes_of(
    skilled="技能劳动力|技能型劳动力|有技能劳动力|技术劳动力|熟练工", ordinary="普通劳动力|有劳动能力|普通劳力|劳动力|全劳力|强劳力|整劳力|正常劳动力|全劳动力|壮劳力|有劳力|有|强劳动力|完全劳动力|健全劳动力|主要劳动力", weak="弱劳动力或半劳动力|弱劳动力|半劳动力|弱劳动力半劳动力|半劳力|弱劳力|弱劳动能力|部分劳动能力|部分丧失劳动力|部分丧失劳动能力|弱半劳力|弱劳力半劳力|弱劳力或半劳力|弱(半)劳动力|弱劳动力/半劳动力",
    lost="丧失劳动力|丧失劳力|完全丧失劳动力|丧失劳动能力|失去劳动能力|完全丧失劳动能力", none="无劳动力|无劳动能力|无劳力|无|没有劳动能力|无劳动能力者|非劳动力|无劳动力(含学生)",
)  # fmt: skip
WORK_PLACE = codes_of(
    township="乡(镇)内|本乡|村里|镇上|乡镇内|乡内|乡镇内务工|本乡镇|镇内|本地|村内|本村|乡(镇)内务工|本乡(镇)内|本镇",
    county="乡(镇)外县内|县内|县域内|县内务工|本县|县内乡外|乡外县内|县内镇外|区内|乡(镇)外县内务工|县城|本县内|本县其他乡镇",
    province="县外省内|省内|省内务工|省内县外|本省|市内|市外省内|县外省内务工|市内县外|省内市外",
    outside="省外|省外务工|外省|跨省|外省务工|出省|跨省务工",
    abroad="境外|国外|境外务工|海外|港澳台",
)
LEFT_REASON = codes_of(
    death="死亡|自然减少|死亡减少|去世|已故|病故|亡故|死亡注销|自然死亡|已死亡|已去世|减少(死亡)|死亡销户|死亡销号|因病死亡|意外死亡|因病去世",
    marriage="婚嫁|因婚减少|婚出|出嫁|嫁出|婚迁|婚嫁迁出|婚嫁减少|婚出减少|因婚迁出|已婚嫁迁出",
    moved="户籍迁出|迁出|迁移|户口迁出|搬迁|转出|农转非|农转城|升学迁出|已迁出|迁出减少|户口迁移|迁出本村",
    split="分户|分家|分户另立|拆户|分户减少",
    other="其他|其它|失联|失踪|服刑|判刑|参军|离婚|减少|人口减少|人员减少|其他减少",
)
# What a column of changes (人员增减情况) says of a person: why he left, or that he did not.
CHANGE = MappingProxyType({**LEFT_REASON, "joined": (
    "新增", "增加", "自然增加", "出生", "新生儿", "婚入", "嫁入", "婚嫁迁入", "迁入", "户口迁入", "回迁", "收养", "人员增加", "人口增加", "其他增加",
    "新增人员", "新增人口", "出生增加", "婚嫁增加", "迁入增加", "退伍回乡", "刑满释放",
)})  # fmt: skip
NO_CHANGE = (
    "正常",
    "无变化",
    "未变化",
    "没有变化",
    "不变",
    "无变动",
    "未变动",
    "无增减",
    "未增减",
    "现有",
    "在册",
    "健在",
    "保持不变",
    "稳定",
    "在户",
)

# The items that the register keeps; what sheets call them, their totals and finer parts: records/income_items.py.
INCOME_ITEM: Codes = MappingProxyType({item: income_items.NODES[item].names for item in income_items.ITEMS})
MEDICAL_KIND = codes_of(
    inpatient="住院",
    outpatient="门诊|普通门诊",
    chronic_outpatient="门特/门慢|门慢|门特|门诊慢特病|chronic_out",
    contract="家庭医生签约|签约",
)
DISABILITY_CATEGORY = codes_of(
    visual="视力|视力残疾|1|一级视力|视残|盲", hearing="听力|听力残疾|2|听残|聋", speech="言语|言语残疾|3|言残|哑", physical="肢体|肢体残疾|4|肢残|肢体残",
    intellectual="智力|智力残疾|5|智残|智障", mental="精神|精神残疾|6|精残|精神病", multiple="多重|多重残疾|7|多残",
    unspecified="类别不详|残疾类别不详",
)  # fmt: skip
DISABILITY_GRADE = codes_of(
    grade1="一级|1|1级|一|壹级|一级残疾|1级残疾|残疾一级|壹|一级重度|Ⅰ级|Ⅰ",
    grade2="二级|2|2级|二|贰级|二级残疾|2级残疾|残疾二级|贰|Ⅱ级|Ⅱ",
    grade3="三级|3|3级|三|叁级|三级残疾|3级残疾|残疾三级|叁|Ⅲ级|Ⅲ",
    grade4="四级|4|4级|四|肆级|四级残疾|4级残疾|残疾四级|肆|Ⅳ级|Ⅳ",
)
CARE_NEED = codes_of(
    none="能自理|自理|无|全自理|完全自理|生活能自理|生活自理|完全能自理",
    partial="部分失能|半失能|部分不能自理|半自理|部分自理|半护理|半护|生活部分不能自理|部分丧失生活自理能力",
    full="完全失能|失能|不能自理|完全不能自理|全失能|生活不能自理|全护理|全护|完全丧失生活自理能力|生活完全不能自理",
)
SCHOOL_STAGE = codes_of(
    kindergarten="幼儿园|学前教育|学前", primary="小学", junior="初中", senior="高中|普通高中", vocational="中职|中专|职高|技校",
    college3="大专|高职高专|高职", bachelor="本科|大学", master="研究生|硕士研究生及以上|硕士",
)  # fmt: skip
SCHOOL_STATUS = codes_of(
    enrolled="在校|在读|就读|在学|就学|正常就读",
    home_teaching="送教上门",
    suspended="休学",
    dropped_out="失学辍学|辍学|失学|失学或辍学|失辍学",
    graduated="毕业|结业",
)
DROPOUT_REASON = codes_of(
    poverty="因贫|因贫失学|家庭困难|家庭经济困难|贫困",
    unwilling="厌学|因厌学|自身厌学",
    serious_illness="因大病|大病|因重病|患大病",
    disability="残疾|因残|重度残疾|因重度残疾|因残疾",
    other="其他|其它",
)
SHOCK_KIND = codes_of(
    flood="洪涝|洪涝灾害|洪水|水灾|洪灾|内涝", geological="地质|地质灾害|滑坡|山体滑坡|泥石流|塌方", drought="旱|旱灾|干旱", pest="生物|生物灾害|病虫害|虫灾|猪瘟|动物疫病|动物疫情", weather="气象|气象灾害|风雹|冰雹|雹灾|台风|暴雨|大风|风灾|雪灾|低温冷冻|霜冻|低温冷冻雪灾",
    earthquake="地震", fire="火灾", epidemic="疫|疫情", accident="意外事故|意外|交通事故|车祸|意外伤害|溺水|突发事故", death="死亡|家庭成员死亡",
    business_failure="产业失败|产业项目失败", job_loss="失业返乡|失业|务工返乡", price_fall="价格下跌|滞销", debt="债务|债务纠纷",
)  # fmt: skip
SHOCK_AFFECTED = codes_of(
    house="房屋|住房", crop="农作物|庄稼", livestock="牲畜|畜禽", worker="劳动力|务工人员", other="其他"
)
MEASURE = codes_of(
    industry="产业帮扶", employment="就业帮扶", finance="金融帮扶", public_post="公益岗位帮扶|公益岗位", housing="住房安全保障|危房改造",
    water="饮水安全保障", health="健康帮扶", compulsory_education="义务教育保障", education="教育帮扶|其他教育帮扶", social_security="综合保障|兜底保障",
    society="社会帮扶", resettlement="搬迁|易地搬迁", living_conditions="生产生活条件改善", infrastructure="基础设施建设",
    temporary_aid="临时救助|临时救助金", insurance_payout="防贫保|防贫保险|防返贫保险", other="其他帮扶|其他",
)  # fmt: skip
WARNING_CHANNEL = codes_of(
    self_report="自主申报|农户申报",
    cadre="干部排查|干部走访",
    department="部门预警|部门筛查预警",
    media="媒体|舆情",
    hotline="热线|12317|12345",
)
WARNING_SIGNAL = codes_of(
    med_oop="医疗自付", new_serious="新发大病", new_disability="新办残疾证", dropout="失学辍学", edu_cost="教育支出", unemployed="失业返乡",
    house_cd="危房", water="饮水困难", disaster="自然灾害", accident="意外事故", dibao_new="新增低保", dibao_stop="停发低保", tekun_new="新增特困",
)  # fmt: skip
WARNING_OUTCOME = codes_of(verified="属实", refuted="不属实", pending="待核实")
MONITORED_TYPE = codes_of(
    unstable_ex_poor="脱贫不稳定户|脱贫不稳定|脱贫监测户|脱贫不稳定人口|脱贫监测|脱贫不稳|不稳定脱贫户|脱贫人口监测|脱贫户(监测)|脱贫户(监测户)|脱贫户(监测对象)",
    edge="边缘易致贫户|边缘户|边缘|边缘易致贫|边缘监测户|边缘易致贫人口|易致贫户|边缘易致贫监测户",
    sudden_hardship="突发严重困难户|突发困难户|突发严重困难|突发严重困难|突发严重困难人口|突发困难|严重困难户|突发严重|突发",
)
# What may stand under a question of yes and no about monitoring instead of yes or no.
MONITORED_UNSTABLE, MONITORED_EDGE, MONITORED_SUDDEN = MONITORED_TYPE.values()
MONITORED = ("监测户", "监测对象", "监测", "是监测户", "是监测对象", "三类户", "已纳入", "已纳入监测", "纳入", "纳入监测",
             *MONITORED_UNSTABLE, *MONITORED_EDGE, *MONITORED_SUDDEN)  # fmt: skip
NOT_MONITORED = (
    "非监测户", "非监测对象", "非监测", "不是监测户", "不是监测对象", "无监测", "未监测", "未纳入", "未纳入监测", "不纳入", "一般户", "一般农户",
    "非三类户", "稳定脱贫户", "正常",
)  # fmt: skip
ELIMINATE_MODE = codes_of(
    support="帮扶消除|通过帮扶消除|帮扶措施消除|帮扶后消除|因帮扶消除|帮扶|政策帮扶|落实帮扶|落实帮扶措施消除",
    natural="自然消除|自然消除风险|自然",
)
FUEL = codes_of(
    wood="柴草|薪柴|柴|木柴|秸秆",
    dung="干畜粪|牛粪",
    coal="煤炭|煤|蜂窝煤",
    clean="清洁能源|电|燃气|电力|液化气|天然气|煤气|沼气|太阳能",
    other="其它|其他",
)
ENTRY_ROAD = codes_of(
    earth="泥土路|土路|泥路",
    gravel="砂石路|砂石|沙石路|碎石路",
    concrete="水泥路|水泥|水泥硬化路|混凝土路",
    asphalt="沥青路|柏油路|沥青|油路",
)
TENURE = codes_of(
    owned="自有|自有住房|自建|自建房|自购|自购房|产权房",
    rented="租住|租赁|租房|租用|出租房",
    free="借住|免费居住|借用|无偿居住",
    other="其他|其它",
)
# What a household has, and what it did to get by; `none` says that it was asked and there is nothing.
ASSETS = codes_of(
    none="无|没有", car="汽车|小汽车|轿车|货车", motorcycle="摩托车|电动车|三轮车", machinery="农机|农用机械|拖拉机|农业机械",
    livestock="牲畜|大牲畜|家畜", refrigerator="冰箱|电冰箱", washing_machine="洗衣机", television="电视机|电视",
    computer="电脑|计算机", phone="手机|智能手机|电话", internet="互联网|宽带|网络", savings="存款|储蓄", property="其他房产|商品房|门面房",
)  # fmt: skip
COPING = codes_of(
    none="无|没有", savings="动用积蓄|动用存款", borrowed="借款|借钱|借债|贷款", sold_assets="变卖财产|出售资产|变卖家产",
    less_food="减少饮食|少吃|节衣缩食", less_care="减少看病上学支出|推迟看病", more_work="增加劳动|多打工|增加务工",
    help="求助亲友|亲友帮助|亲友接济", other="其他|其它",
)  # fmt: skip
HOUSE_GRADE = codes_of(A="A|A级|A类", B="B|B级|B类", C="C|C级|C类|C级危房", D="D|D级|D类|D级危房")

# Answers to yes and no that say of a column itself what is so, whichever way its header asks (饮水困难: 安全).
INSURED = ("已参加", "已参保", "参加", "参保", "正常参保", "代缴", "已代缴", "已缴费", "已缴", "续保", "新参保", "正常缴费",
           "已参合", "参合", "已参", "参加了", "已购买", "购买", "自缴", "资助参保", "全额资助", "全额资助参保")  # fmt: skip
INSURED_AS_RESIDENT = (*INSURED, "城乡居民", "居民", "居民医保", "城乡居民医保", "城乡居民基本医疗保险", "农合", "新农合")  # fmt: skip
# Whether a person or household still belongs to the register, whichever way the header asks.
PRESENT = ("正常", "在户", "在册", "健在", "存活", "在世", "有效", "存续", "正常户", "现有人口")
GONE = (
    "死亡", "已死亡", "已故", "去世", "病故", "自然减少", "减少", "人口减少", "迁出", "已迁出", "户籍迁出", "婚出", "出嫁", "嫁出",
    "注销", "已注销", "销户", "已销户", "消亡", "整户消亡", "整户死亡", "整户迁出", "不在户", "不在册", "失效", "无效", "已去世", "已病故",
    "亡故", "已亡故", "死亡注销", "自然死亡", "自然消亡", "整户自然消亡", "整户销户", "整户注销", "整户销号", "整户减少", "全户死亡", "全家死亡", "不在世", "户口注销",
    "婚嫁迁出",
)  # fmt: skip
NOT_INSURED = ("未参加", "未参保", "不参加", "没参加", "没参保", "未缴费", "未缴", "未代缴", "停保", "断保", "未参合", "未参",
               "未购买", "没买", "不参保")  # fmt: skip
ON_DIBAO = ("享受", "已享受", "农村低保", "城市低保", "城镇低保", "低保", "低保户", "享受低保", "享受农村低保", "已纳入", "农村低保户",
            "农村最低生活保障", "城市最低生活保障", "一类", "二类", "三类", "A类", "B类", "C类", "一档", "二档", "三档", "四档",
            "一类低保", "二类低保", "三类低保", "A类低保", "B类低保", "C类低保")  # fmt: skip
NOT_ON_DIBAO = (
    "未享受",
    "不享受",
    "非低保",
    "非低保户",
    "无低保",
    "未享受低保",
    "未纳入",
    "取消",
    "已取消",
    "停发",
    "已停发",
    "已退出",
)
ON_TEKUN = ("享受", "已享受", "农村特困", "城市特困", "特困", "特困供养", "特困人员", "特困户", "五保", "五保户", "集中供养", "分散供养",
            "农村特困供养", "城市特困供养", "已纳入")  # fmt: skip
NOT_ON_TEKUN = ("未享受", "不享受", "非特困", "未享受特困", "无特困", "未纳入", "取消", "已取消", "停发", "已退出")
SAFE = ("安全", "达标", "有保障", "已解决", "基本达标", "饮水安全", "住房安全", "无困难", "不困难", "无问题", "没问题", "无危房", "非危房",
        "不存在问题", "未出现问题")  # fmt: skip
UNSAFE = (
    "不安全",
    "未达标",
    "不达标",
    "无保障",
    "未解决",
    "困难",
    "有困难",
    "有问题",
    "存在问题",
    "危房",
    "C级危房",
    "D级危房",
    "C级",
    "D级",
)
MOVED = ("已搬迁", "搬迁户", "易地搬迁户", "易地搬迁", "集中安置", "分散安置", "易地扶贫搬迁户")
NOT_MOVED = ("未搬迁", "非搬迁户", "不搬迁", "非易地搬迁户")
OVER = ("已消除", "风险已消除", "消除", "已解除", "已销号", "销号", "风险消除")
RUNNING = ("未消除", "风险未消除", "持续监测", "监测中", "正在监测", "帮扶中", "未解除", "未销号")

# What notes (备注) say of who is gone. Only whole notes that can be read in one way count; others are named as doubtful.
_DAY = r"(?:\d{2,4}年(?:初|底|末|\d{1,2}月(?:份|\d{1,2}[日号])?)?|\d{4}[-./]\d{1,2}(?:[-./]\d{1,2})?|\d{8}|\d{6})?"
_SINCE = rf"(?:(?:该|此|本)?(?:人|成员|户|家庭))?(?:已?经?于|于|已)?{_DAY}(?:已经|已|因病|因故|因意外|自然|正常)?"
REMARK_OF_MEMBER = MappingProxyType(
    {"death": ("已死亡",), "marriage": ("婚嫁迁出",), "moved": ("已迁出",), "doubtful": ("存疑",), "silent": ("无关",)}
)
REMARK_OF_MEMBER_PATTERNS = MappingProxyType({
    "death": rf"{_SINCE}(?:死亡|去世|病故|亡故|身故|故去|过世|离世|已故|自然减少|死亡减少)(?:销户|注销|减少)?{_DAY}[。.]?",
    "marriage": rf"{_SINCE}(?:婚嫁|出嫁|婚出|嫁出)[,，、]?(?:户口|户籍)?(?:已)?迁出{_DAY}[。.]?",
    "moved": rf"{_SINCE}(?:户口|户籍)?(?:已)?迁出(?:本村|本户|本县|户口|户籍)?{_DAY}[。.]?",
    "doubtful": r"(?s).*(?:死亡|去世|病故|亡故|身故|故去|过世|离世|已故|自然减少|迁出|婚出|出嫁|外嫁|嫁出|销户|注销|失踪|失联|失去联系|出走|户口不在|不在本户|空挂|服刑|判刑|坐牢|参军|服兵役|迁往|迁至|迁走|迁到|已迁|嫁到|嫁往|嫁去|嫁至|嫁外|已嫁|已婚嫁|已分户|另立户|重复).*",
    "silent": r"(?s).*",
})  # fmt: skip
REMARK_OF_HOUSEHOLD = MappingProxyType({"closed": ("已销户",), "doubtful": ("存疑",), "silent": ("无关",)})
REMARK_OF_HOUSEHOLD_PATTERNS = MappingProxyType({
    "closed": rf"{_SINCE}(?:(?:整户|全户|全家|举家)(?:已|自然)?(?:死亡|消亡|迁出|注销|销户|销号|减少)|已?销户|自然消亡|绝户|户口?已?注销){_DAY}[。.]?",
    "doubtful": r"(?s).*(?:死亡|去世|病故|亡故|过世|离世|已故|消亡|整户迁|举家迁|全家迁|销户|注销|绝户|空挂).*",
    "silent": r"(?s).*",
})  # fmt: skip
REMARK_OF_MONITORING = MappingProxyType(
    {"over": ("已消除",), "running": ("未消除",), "doubtful": ("存疑",), "silent": ("无关",)}
)
_RISK = r"(?:风险|监测|监测对象|正常|自然|帮扶|稳定|程序|公示|按|经|并|后|已|[,，、])*"
REMARK_OF_MONITORING_PATTERNS = MappingProxyType({
    "over": rf"(?:(?:脱贫不稳定|脱贫监测|边缘易致贫|边缘|突发严重困难|突发困难|监测)?(?:户|人口|对象|监测对象)?[-—:：,，]?)?{_SINCE}{_RISK}(?:消除|解除|销号){_RISK}{_DAY}[。.]?",
    "running": r"(?s).*(?:未|没有?|尚未|待|拟|不能?|预计|计划|申请|是否)(?:能|予以|进行|风险|监测|帮扶|稳定)*(?:消除|解除|销号|退出).*",
    "doubtful": r"(?s).*(?:消除|解除|销号|退出|清退|清理|误识别|错识别|误纳|取消|剔除|不再监测|终止监测|停止监测|死亡|去世|已故|销户|注销|消亡|迁出).*",
    "silent": r"(?s).*",
})  # fmt: skip

_AGE = "[长次大二三四五六七八九小幼幺]?"
_HEAD = "(?:与?户主)?[的之]?"
_IMPAIRED = "(?:视力|听力|言语|语言|肢体|智力|精神|多重)"
_CATEGORIES = {
    "visual": "视力", "hearing": "听力", "speech": "(?:言语|语言)", "physical": "肢体", "intellectual": "智力", "mental": "精神", "multiple": "多重",
}  # fmt: skip
_GRADE = "[一二三四1-4壹贰叁肆ⅰⅱⅲⅳ]"
_GRADES = {
    "grade1": "(?:[一1壹ⅰ]|i)",
    "grade2": "(?:[二2贰ⅱ]|ii)",
    "grade3": "(?:[三3叁ⅲ]|iii)",
    "grade4": "(?:[四4肆ⅳ]|iv)",
}
_TAUGHT = "(?:文化程度|文化水平|文化|程度|学历|毕业|肄业|在读|在校|在学)?"
_POOR = "(?:致贫|返贫|致贫返贫)?"


def _patterns(**patterns: str) -> Patterns:
    return MappingProxyType(patterns)


RELATION_PATTERNS = _patterns(
    spouse=f"{_HEAD}(?:妻子?|丈夫|夫|配偶|老婆|老公|爱人|老伴)",
    son=f"{_HEAD}(?:{_AGE}(?:儿子?|子)|双胞胎之?子)",
    daughter=f"{_HEAD}{_AGE}(?:女儿?|闺女|姑娘)",
    daughter_in_law=f"{_HEAD}{_AGE}(?:儿媳妇?|媳)",
    son_in_law=f"{_HEAD}(?:{_AGE}女?婿|(?:入赘|上门)女?婿)",
    grandson=f"{_HEAD}{_AGE}孙[子儿]?",
    granddaughter=f"{_HEAD}{_AGE}孙女儿?",
    maternal_grandson=f"{_HEAD}{_AGE}外孙[子儿]?",
    maternal_granddaughter=f"{_HEAD}{_AGE}外孙女儿?",
    great_grandson=f"{_HEAD}外?[曾重]孙[子儿]?",
    great_granddaughter=f"{_HEAD}外?[曾重]孙女",
    father=f"{_HEAD}(?:父亲?|爸爸?|爹|[养继]父)",
    mother=f"{_HEAD}(?:母亲?|妈妈?|娘|[养继后]母|后妈)",
    father_in_law=f"{_HEAD}(?:岳父|丈人)",
    mother_in_law=f"{_HEAD}(?:岳母|丈母娘)",
    husbands_father=f"{_HEAD}公[公爹]",
    husbands_mother=f"{_HEAD}婆[婆母]",
    grandfather=f"{_HEAD}(?:祖父|爷爷?)",
    grandmother=f"{_HEAD}(?:祖母|奶奶?)",
    sibling=f"{_HEAD}[大二三四小]?(?:哥哥?|弟弟?|姐姐?|妹妹?|兄长?|胞[兄弟姐妹])",
    nephew_or_niece=f"{_HEAD}{_AGE}(?:侄[子儿女]?|外甥女?)",
    sibling_in_law=f"{_HEAD}(?:弟妹|弟媳妇?|嫂[子嫂]?|兄嫂|内[弟兄]|妻[弟妹兄姐]|小舅子|小姨子|大姨子|大舅[子哥]|姐夫|妹夫)",
    uncle=f"{_HEAD}(?:大伯|二伯|伯[父母伯]?|叔[父叔]?|婶[婶母]?|姨[妈母夫]?|姑[父母妈姑]?|舅[父母妈舅]?)",
    other=f"{_HEAD}(?:[堂表][哥弟姐妹兄嫂侄].?|侄孙女?|侄媳妇?|孙儿?媳妇?|孙女?婿|外孙女?婿|外孙媳妇?|亲家[公母]?|监护人|寄养[子女])",
)
LABOUR_PATTERNS = _patterns(
    weak="(?:弱|半|弱半)(?:劳动?力|劳动能力|劳)?(?:(?:[、/，,]|或|和|及|与)?(?:弱|半)(?:劳动?力|劳动能力|劳)?)?",
    ordinary="(?:全|强|整|正常|普通|壮)(?:劳动?力|劳动能力|劳)?|(?:一般|健康|有)?劳动?力",
    skilled="(?:有)?(?:技能|技术)型?(?:劳动?力)?",
    lost="(?:完全|基本)?丧失(?:劳动?力|劳动能力)?",
    none="[无没]有?(?:劳动?力|劳动能力|劳动技能)",
)
EDUCATION_PATTERNS = _patterns(
    none="未入学|学龄前(?:儿童)?|学前教育|学前班|幼儿园.*|未上过学|没上过学|没读过书|扫盲班",
    primary=f"(?:在读)?(?:小学|初小|高小)(?:[一二三四五六1-6]年级)?{_TAUGHT}|[一二三四五六]年级",
    junior=f"(?:在读)?初中(?:[一二三1-3]年级)?{_TAUGHT}|初[一二三]|[七八九]年级",
    senior=f"(?:在读)?(?:高中|中专|中职|职中|职高|技校|职业高中)(?:[一二三1-3]年级)?{_TAUGHT}|高[一二三]",
    college3=f"(?:在读|函授|成人|自考)?(?:大专|专科|高职|高职高专)(?:[一二三]年级)?{_TAUGHT}",
    bachelor=f"(?:在读|函授|成人|自考)?(?:大学本科|本科|大学)(?:[一二三四五]年级)?{_TAUGHT}",
)
STUDENT_STAGE_PATTERNS = _patterns(
    preschool_age="学龄前",
    kindergarten="(?:幼儿园)?[小中大]班|学前班|幼儿园(?:在读|在园)?",
    primary="(?:小学)?[一二三四五六1-6]年级|小学[一二三四五六]|小学(?:在读|在校)",
    junior="初[一二三]|初中[一二三](?:年级)?|[七八九]年级|初中(?:在读|在校)",
    senior="高[一二三]|(?:普通)?高中[一二三](?:年级)?|(?:普高|高中|普通高中)(?:在读|在校)?",
    vocational="(?:中职|中专|职高|职中|技校|职业高中|技工学校|中技)(?:[一二三]年级)?(?:在读|在校)?",
    college3="(?:大专|高职|专科|高职大专|高职高专)(?:[一二三]年级)?(?:在读|在校)?",
    bachelor="(?:大学)?本科(?:[一二三四五]年级)?(?:在读|在校)?",
    master="研[一二三]|(?:硕士|博士|研究生|硕士研究生|博士研究生)(?:在读|在校)?",
)
HEALTH_PATTERNS = _patterns(
    chronic="(?:重度|一般|多种)?(?:长期)?慢性?病|高血压|糖尿病|肺?结核病?|(?:严重|重性)?精神(?:病|障碍)",
    serious="癌症?|恶性肿瘤|尿毒症|白血病",
    disabled=(
        f"{_IMPAIRED}(?:残疾)?{_GRADE}级(?:残疾)?|残疾{_GRADE}级|{_GRADE}级(?:{_IMPAIRED}(?:残疾)?|残疾人?|{_IMPAIRED}残疾人?)"
        f"|{_IMPAIRED}残疾人?|多病残疾"
    ),
)
DISABILITY_CATEGORY_PATTERNS = _patterns(
    **{
        code: f"{word}(?:残疾?)?人?(?:{_GRADE}级)?(?:残疾?人?)?|{_GRADE}级{word}(?:残疾?人?)?"
        for code, word in _CATEGORIES.items()
    }
)
DISABILITY_GRADE_PATTERNS = _patterns(
    **{
        code: f"(?:{_IMPAIRED})?(?:残疾)?第?{number}级(?:{_IMPAIRED})?(?:残疾?人?|重度)?"
        for code, number in _GRADES.items()
    }
)
CAUSE_PATTERNS = _patterns(
    illness=f"因?(?:大|重|慢|慢性|疾)?病{_POOR}|生病|患(?:大|重|慢性)?病|因(?:患|生)病",
    disability=f"因?残疾?{_POOR}",
    schooling=f"因?(?:子女)?(?:上|就|升)?学{_POOR}",
    disaster=f"(?:因|受)?(?:自然)?灾害?{_POOR}|因?(?:洪涝|洪水|旱灾|地震|滑坡|泥石流|冰雹)",
    labour="(?:因)?缺(?:少|乏)?(?:青壮年)?劳动?力|丧失劳动力|无劳动?力|无劳动能力|丧失劳动能力",
)
POVERTY_CAUSE_PATTERNS = _patterns(
    **CAUSE_PATTERNS,
    land="(?:因)?缺(?:少|乏)?(?:土地|耕地)",
    water="(?:因)?缺(?:少|乏)?(?:饮用)?水",
    skill="(?:因)?缺(?:少|乏)?(?:技术|技能)",
    funds="(?:因)?缺(?:少|乏)?资金",
    motivation="(?:自身|内生)?(?:发展)?动力不足|自身发展能力不足|内生动力不足",
    other="因(?:意外|事故|意外事故|交通事故|老|债|房|火灾|产业项目失败|产业失败|务工就业不稳|疫情)|年老",
)
RISK_PATTERNS = _patterns(
    **CAUSE_PATTERNS,
    accident="因?(?:突发|意外)?事故|因?意外(?:伤害|事件)?|因?(?:火灾|车祸|交通事故)",
    business_failure="因?(?:产业|经营|种植|养殖)(?:项目)?(?:失败|亏损)",
    unstable_work="因?(?:务工|就业|务工就业)(?:不稳定?)|因?失业",
    housing="因?(?:安全)?住房(?:安全)?(?:问题)?",
    water="因?(?:安全)?饮水(?:安全)?(?:问题|困难)?",
    other="因(?:新冠)?疫情|因变故|其他.*",
)
REGISTER_STATUS_PATTERNS = _patterns(
    ex_poor="(?:20[012][0-9]年?)?(?:稳定|正常|一般|低保|特困供养|五保)?(?:已)?脱贫(?:监测)?户?(?:人口)?-?(?:享受政策|不享受政策)?",
)
SCHOOL_STAGE_PATTERNS = _patterns(
    kindergarten="(?:幼儿园)?[小中大]班|学前班",
    primary="(?:小学)?[一二三四五六1-6]年级|小学[一二三四五六]",
    junior="初[一二三]|初中[一二三](?:年级)?|[七八九]年级",
    senior="高[一二三]|(?:普通)?高中[一二三](?:年级)?|普高",
    vocational="(?:中职|中专|职高|技校|职业高中|职中)[一二三]年级|职中",
)
_MEASURES = _patterns(
    industry="产业(?:扶贫|奖补|发展|补贴)|光伏(?:扶贫|分红|收益)|(?:种植|养殖|种养殖)(?:补贴|奖补)",
    employment="就业(?:扶贫|补贴|培训)|技能培训|(?:务工|交通|稳岗)补[贴助]",
    finance="金融扶贫|(?:扶贫)?小额(?:信贷|贷款)",
    public_post="公益性?岗位?(?:帮扶)?",
    housing="住房(?:安全|保障|改造)|农村危房改造",
    water="(?:安全饮水|饮水安全|饮水)(?:工程|保障)?",
    health="(?:健康|医疗)(?:扶贫|帮扶|救助)",
    education="教育(?:扶贫|资助)|雨露计划|助学金?",
    social_security="(?:低保)?兜底|(?:农村)?低保|特困供养|社会保障|残疾人(?:两项)?补贴",
    society="社会扶贫|消费(?:帮扶|扶贫)",
)
# Offices write what it was behind the kind: 产业帮扶-肉牛养殖.
MEASURE_PATTERNS = _patterns(
    **{code: f"(?:{'|'.join(MEASURE[code])}|{pattern})(?:[-—:：·(（].+)?" for code, pattern in _MEASURES.items()}
)
# Texts that say that there is nothing of the kind: the cell is empty, nothing is wrong with it.
NO_STAGE = ("非在校生", "不在校", "非在校", "已毕业", "毕业")
NO_WORK_AWAY = ("在家", "未务工", "不务工", "务农", "未外出", "未外出务工", "在家务农", "没务工")
