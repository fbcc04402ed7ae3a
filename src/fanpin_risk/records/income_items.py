"""The items of a household's income as a tree of totals and parts, with the names that sheets give them.

Sheets name income at every level: 工资性收入 beside 公益性岗位收入, 生产经营性收入合计 above 种植业收入, 转移性收入 as one
figure. The register keeps the items of ``INCOME_ITEM``; finer parts are added up in them.

What a household consumed and a line of its own are items of the same account: of one household and period, known since one day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "BESIDE_INCOME",
    "BESIDE_ON_FORM",
    "CONSUMPTION",
    "ITEMS",
    "ITEM_TEXTS",
    "NODES",
    "OWN_LINE",
    "PER_PERSON",
    "STATED",
    "TREE",
    "WHOLE",
    "Node",
    "walk",
]


TOLERANCE_CNY = 1.0  # totals are rounded to the yuan


@dataclass(frozen=True, kw_only=True)
class Node:
    """One figure of the tree: a total with parts, or a part.

    Attributes
    ----------
    code : str
        Its name here; that of an item where the register keeps it.
    item : str
        Item of ``INCOME_ITEM`` that it is booked as; of a total, that takes what exceeds the parts.
    names : tuple of str
        Headers and texts that name it; the first is the official term.
    parts : tuple of Node
        What it is the sum of.
    """

    code: str
    item: str
    names: tuple[str, ...]
    parts: tuple[Node, ...] = ()


def _node(code: str, names: str, *parts: Node, item: str = "") -> Node:
    return Node(code=code, item=item or code, names=tuple(names.split("|")), parts=parts)


def _parts(item: str, **names: str) -> tuple[Node, ...]:
    return tuple(_node(f"{item}.{name}", text, item=item) for name, text in names.items())


# Sources: DOMAIN 2.4 (form of 2023 and its items), header rows of public files; a name that only one layout has is here too.
TREE: tuple[Node, ...] = (
    _node(
        "wages", "工资性收入|工资性|工资收入|工资性总收入|工资薪金收入|工资",
        *_parts(
            "wage", work="务工收入|劳务收入|外出务工收入|打工收入|务工工资|务工性收入|务工工资性收入|务工年收入|劳务性收入|年务工收入",
            casual="零工收入|临时务工收入|打零工收入|灵活就业收入", picking="自主采摘收入|采摘收入",
        ),
        _node("wage", "其他工资性收入|其它工资性收入|其他工资收入|其它工资收入"),
        _node(
            "wage_public_post", "公益岗位收入|公益性岗位收入|公益岗位工资|公益性岗位工资|公益岗收入|公益岗位工资性收入|公益岗位工资收入",
            *_parts(
                "wage_public_post",
                province="省级公益性岗位收入|省级公益岗位收入|省级公益岗收入",
                department="行业部门公益岗收入|行业部门公益岗位收入|行业部门公益性岗位收入|部门公益岗位收入|部门公益岗收入",
                county="县级公益岗收入|县级公益岗位收入|县级公益性岗位收入",
                township="乡镇公益岗收入|乡镇公益岗位收入|乡级公益岗收入|乡级公益岗位收入|乡镇公益性岗位收入|镇级公益岗位收入",
                village="村级公益岗收入|村级公益岗位收入|村公益岗收入|村级公益性岗位收入",
            ),
        ),
        item="wage",
    ),
    _node(
        "business_gross", "生产经营性收入|生产经营性|经营性|家庭经营性|生产经营收入|经营性收入|经营收入|家庭经营收入|家庭经营性收入|生产性收入|生产收入",
        *_parts(
            "business_gross", crops="种植业收入|种植收入|农业收入|种植业", livestock="养殖业收入|养殖收入|畜牧业收入|牧业收入|养殖业",
            forest="林果业收入|林果收入|林业收入|林果业", fishery="渔业收入|水产收入", trade="个体经营收入|二三产业收入|加工业收入|商业收入",
            other="其他生产经营性收入|其它生产经营性收入|其他生产经营收入|其他经营收入|其他经营性收入",
        ),
    ),
    _node(
        "business_cost", "生产经营性支出|生产经营支出|经营性支出|家庭经营支出|家庭经营费用|家庭经营费用支出|生产性支出|生产支出|经营支出|生产经营成本|生产成本|生产性成本|生产费用|生产经营费用|经营性成本|经营成本|经营费用",
        *_parts(
            "business_cost", crops="种植业支出|种植支出|农业支出|农资支出|农资费用|农资成本|农资投入", livestock="养殖业支出|养殖支出|畜牧业支出|牧业支出",
            forest="林果业支出|林果支出|林业支出", fishery="渔业支出", trade="个体经营支出|二三产业支出|加工业支出|商业支出",
            other="其他生产经营性支出|其它生产经营性支出|其他生产经营支出|其他经营支出",
        ),
    ),
    _node(
        "business_net", "经营净收入|生产经营性净收入|生产经营净收入|经营性净收入|家庭经营净收入|家庭经营纯收入|生产经营性纯收入|经营性纯收入|生产经营纯收入|经营纯收入",
        *_parts(
            "business_net", crops="种植业纯收入|种植业净收入", livestock="养殖业纯收入|养殖业净收入", forest="林果业纯收入|林业纯收入",
            fishery="渔业纯收入", trade="个体经营纯收入|二三产业纯收入", other="其他经营纯收入|其他经营净收入|其他生产经营性纯收入",
        ),
    ),
    _node(
        "property", "财产性收入|财产性|财产收入|资产性收入",
        _node(
            "prop_dividend", "资产收益扶贫分红收入|资产收益分红|资产收益分红收入|分红收入|资产收益|资产收益收入|资产收益扶贫分红|分红",
            *_parts(
                "prop_dividend", village="村集体入股分红|村集体分红|集体分红|集体经济分红|集体经济分红收入", solar="光伏收益|光伏分红|光伏收入|光伏扶贫收益",
                cooperative="合作社分红|入股分红|股金分红",
            ),
        ),
        _node("prop_land", "土地流转收入|土地流转|土地流转租金|土地租金|耕地流转收入|土地流转金|流转收入"),
        _node(
            "prop_other", "其他财产性收入|其它财产性收入|其他财产收入|其他财产性收入旧指标",
            *_parts(
                "prop_other", rent="租金收入|房屋租金|房租收入|租金|出租收入", interest="利息收入|利息|存款利息", land_taken="占地补偿|征地补偿|占地补偿款|征地补偿款",
                loan_project="金融贷款项目|小额信贷收益", farming_project="代种代养项目收入|代种代养收入|托养收入",
            ),
        ),
        item="prop_other",
    ),
    _node("property_net", "财产净收入|财产性净收入|财产性纯收入"),
    _node(
        "transfers", "转移性收入|转移性|转移收入|转移性总收入|政策性转移收入|政策性收入|各类补贴收入",
        _node(
            "tr_family_planning", "计划生育金|计划生育奖励|计生奖励|计划生育补助|计划生育补贴|计生补贴|计划生育奖扶|计划生育奖励扶助金",
            *_parts("tr_family_planning", reward="奖扶金|奖扶|计生奖扶金|独生子女费|独生子女奖励|独生子女父母奖励|独生子女父母奖励金|独生子女保健费", special="特扶金|特扶|计生特扶金"),
        ),
        _node("tr_dibao", "低保金|最低生活保障金|低保收入|低保|低保补助|农村低保金|低保补助金|低保资金"),
        _node(
            "tr_tekun", "特困供养金|五保金|特困供养金五保金|特困人员救助供养金|特困救助供养金|特困人员供养金|特困金|五保供养金|特困补助|特困救助金|五保|特困人员救助金"
        ),
        _node(
            "tr_pension", "养老保险金|养老金|养老金或离退休金|养老金离退休金|离退休金|养老保险|养老保险收入|养老金收入|领取养老金|基础养老金",
            *_parts(
                "tr_pension", employee="职工养老保险金|职工养老金|退休金|企业职工养老金",
                resident="城乡居民养老保险金|居民养老保险金|城乡居民养老金|居民养老金|城乡居民基本养老金|新农保养老金|城乡居保养老金",
            ),
        ),
        _node(
            "tr_ecology", "生态补偿金|生态补偿|生态补偿收入|生态补助|生态效益补偿金|生态补贴",
            *_parts(
                "tr_ecology", return_forest="退耕还林补贴|退耕还林补助|退耕还林金|退耕还林补助资金|退耕还林补偿|退耕还林补助金", public_forest="公益林补贴|公益林补助|公益林补偿|公益林生态补偿金",
                grassland="草原生态奖补贴|草原生态奖补|草原奖补|草原补贴|草原生态保护补助|草原奖补资金|草原生态补奖", migration="移民补助|移民补贴|移民后扶|库区移民补助",
                other="其他生态补偿金|其它生态补偿金|其他生态补偿",
            ),
        ),
        _node(
            "tr_disability", "残疾人补贴|残疾补贴|两项补贴|残疾人两项补贴|残疾人补助|残补|残疾补助",
            *_parts(
                "tr_disability", living="困难残疾人生活补贴|残疾人生活补贴|困难残疾人补贴|残疾生活补贴",
                care="重度残疾人护理补贴|残疾人护理补贴|重残护理补贴|残疾护理补贴",
            ),
        ),
        _node(
            "tr_other", "其他转移性收入|其它转移性收入|其他转移收入|其他补贴|其它补贴|其他各类补贴|其他政策性补贴|其他补助",
            *_parts(
                "tr_other", soil="地力补贴|粮食直补|种粮直补|粮食直补款|耕地地力补贴|耕地地力保护补贴|耕地保护补贴|粮食补贴|种粮补贴|粮补|农资综合补贴|种地补贴|惠农补贴|农业补贴",
                maize="玉米大豆种植补贴|玉米补贴|大豆补贴|玉米生产者补贴|大豆生产者补贴|玉米大豆生产者补贴", cotton="棉花补贴|棉花目标价格补贴", machine="农机补贴|农机购置补贴", crop_insurance="大田保险补助|农业保险赔款",
                old_age="高龄补贴|高龄津贴|老年补贴|老龄补贴|高龄老人补贴|低保高龄补贴", veterans="优抚金|优抚|优抚补助|优待抚恤金|抚恤金|退役军人补助|退役军人优抚金|优抚对象补助",
                orphans="孤儿补助|孤儿基本生活费|孤儿生活费|事实无人抚养儿童补贴", care="失能老人补贴|不能自理老人护理补贴|失能补贴|护理补贴|养老服务补贴",
                heating="取暖费补贴|取暖补贴|取暖费|低保取暖补贴", prices="物价补贴|价格补贴|价格临时补贴|临时价格补贴", electricity="低保电量补贴|电费补贴",
                education="教育资助金|教育资助|教育补助|教育补贴|助学金|教育扶持|教育扶持资金", dew_rain="雨露计划|雨露计划补助|雨露计划补贴", disaster="救灾款|救灾资金|救灾补助",
                relief="社会救济和补助|社会救济|救济金|社会救济补助|社会救助金", family="赡养费|赡养收入|赡养金|抚养费|亲友赠送|亲友馈赠|子女赡养费|子女赡养", gifts="经常性捐赠和赔偿|经常性捐赠|捐赠收入",
                insurance="防贫保险|防贫保险金", transport="交通补贴|交通费补助|务工交通补贴|一次性交通补贴|跨省务工交通补贴|年度交通费补助", industry="产业奖励|产业奖补|产业补贴|产业奖补资金|产业帮扶补助|产业到户补助|以奖代补资金",
                work="就业奖励|就业奖补|务工奖补|务工补贴|稳岗补贴|就业补贴|务工奖励|劳务补贴", cost="专项用于减少生产经营性支出的补贴|生产经营补贴", holiday="春节慰问金|慰问金",
            ),
        ),
        item="tr_other",
    ),
    _node("transfer_net", "转移净收入|转移性净收入|转移性纯收入"),
    _node("other_income", "其他收入|其它收入", item="tr_other"),
    _node("claim_payout", "理赔收入|家庭理赔收入|保险理赔收入|家庭理赔", *_parts("claim_payout", other="其他理赔收入|其它理赔收入")),
    _node(
        "oop_compliant", "合规自付支出|合规自负支出|合规自付|合规自负|家庭合规自付支出|合规自付费用",
        *_parts("oop_compliant", other="其他合规自付支出|其他合规自负支出", medical="医疗合规自付支出|医疗自付支出|医疗合规自负支出"),
    ),
    _node(
        "consumption", "消费支出|生活消费支出|消费性支出|生活消费|家庭消费支出|家庭生活消费支出|居民消费支出",
        _node("consumption_food", "食品烟酒支出|食品支出|食品消费支出|食品烟酒|食品消费"),
        _node("consumption_other", "其他消费支出|非食品消费支出|非食品支出|其它消费支出"),
        item="consumption_other",
    ),
    _node("household_line", "本户监测线|家庭监测线|家庭贫困线|本户贫困线"),
    _node("stated_gross_income", "总收入|年收入|年总收入|家庭总收入|收入|全部收入"),
    _node("stated_net_income", "纯收入|净收入|可支配收入|家庭纯收入|总纯收入|年纯收入|纯收入总额"),
    _node(
        "stated_net_income_per_person",
        "人均纯收入|人均可支配收入|人均净收入|人均收入|人均年收入|家庭人均纯收入|家庭人均收入|年人均纯收入|人均年纯收入|人均纯收",
    ),
)  # fmt: skip
# What the register keeps, in its order.
ITEMS = (
    "wage", "wage_public_post", "business_gross", "business_cost", "prop_dividend", "prop_land", "prop_other",
    "tr_family_planning", "tr_dibao", "tr_tekun", "tr_pension", "tr_ecology", "tr_disability", "tr_other", "claim_payout",
    "oop_compliant", "business_net", "property_net", "transfer_net", "stated_gross_income", "stated_net_income",
    "stated_net_income_per_person", "consumption_food", "consumption_other", "household_line",
)  # fmt: skip
GROSS = "stated_gross_income"
CONSUMPTION = ("consumption_food", "consumption_other")
OWN_LINE = "household_line"  # the line of this household alone, all its members together
# What stands on the form beside net income, and on any account, and is no part of it.
BESIDE_ON_FORM = ("claim_payout", "oop_compliant")
BESIDE_INCOME = (*BESIDE_ON_FORM, *CONSUMPTION, OWN_LINE)
NOT_EARNED = ("business_cost", *BESIDE_INCOME)
EARNED = frozenset(ITEMS) - {*NOT_EARNED, GROSS, "stated_net_income", "stated_net_income_per_person"}
WHOLE, PER_PERSON = "stated_net_income", "stated_net_income_per_person"
STATED = (GROSS, WHOLE, PER_PERSON)


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Give figures and all their parts, each total before its parts."""
    for node in nodes:
        yield node
        yield from walk(node.parts)


NODES: Mapping[str, Node] = MappingProxyType({node.code: node for node in walk(TREE)})
# Figure -> texts that name it in sheets with a row for each amount.
ITEM_TEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        code: (*node.names, *(name + end for name in node.names for end in ("合计", "小计")))
        for code, node in NODES.items()
    }
)
