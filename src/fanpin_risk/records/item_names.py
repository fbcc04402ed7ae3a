"""Families of names of income items: what sheets call them beyond the names that the tree lists.

Offices write 外出务工工资收入, 村级公益岗位补贴, 种植业成本 or 养牛纯收入. Each family is a pattern of whole names; what no
list and no family knows is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from fanpin_risk.records.income_items import BESIDE_INCOME, NODES, STATED, walk

__all__ = [
    "NO_INCOME",
    "OTHER_TIME",
    "below",
    "figure_named",
    "is_doubtful_for_income",
    "is_total",
    "node_named",
    "ways_named",
]

PAY = "(?:(?:工资性|工资|劳务|劳动|经济)?(?:收入|报酬|所得|工资|薪酬|薪资|薪金|劳务费))"
WHERE_WORDS = "(?:外出|本地|在外|在家|县内|县外|省内|省外|跨省|乡内|乡外|镇内|村内|就近|就地|常年|长期|短期|临时|临时性|季节性|农闲|稳定|自主)"
WORK = "(?:务工|打工|劳务|就业|零工|散工|短工|帮工|灵活就业|计件|上班)"
POST = (
    "(?:公益性?岗位?|公益岗|公岗|公共服务岗位?|(?:生态|森林)?护林员?|(?:乡村)?保洁员?|护路员?|护河员?|巡河员?|河道管护员?"
    "|(?:道路|公路|水利|草原|林地|饮水|水管)?管护员|护草员|草管员|光伏公益岗位?)"
)
BY_LEVEL = "(?:省级|市级|县级|区级|乡级|镇级|乡镇级?|村级|部门|行业部门|乡村|农村|扶贫|帮扶|光伏|就业|生态|各级|政府)"
POST_PAY = f"(?:{PAY}|(?:岗位|劳务|工资|生活)?(?:补贴|补助|津贴)(?:金|资金|款)?)"
# Kinds of business; the first of each is how a branch is called in the tree.
BRANCHES: Mapping[str, str] = MappingProxyType(
    {
        "crops": "种植业?|农业|农作物|农产品|粮食(?:作物)?|经济作物|经作|蔬菜|水果|果蔬|玉米|水稻|稻谷|小麦|马铃薯|土豆|红薯|大豆|油菜|花生|棉花"
        "|烤烟|烟叶|(?:中)?药材|茶叶|茶|花椒|食用菌|辣椒|甘蔗|苹果|柑橘|魔芋|大蒜|葡萄|西瓜|设施农业|大棚",
        "livestock": "养殖业?|畜牧业?|牧业|畜禽|家禽|家畜|牲畜|生猪|猪|肉牛|奶牛|牛|肉羊|羊|牛羊|鸡|鸭|鹅|土鸡|兔|蜂|养蜂|蜜蜂|养猪|养牛|养羊|养鸡|养鸭|养兔",
        "forest": "林果业?|林业|林产品?|林下经济|林木|木材|竹木|板栗|核桃",
        "fishery": "渔业|水产(?:养殖)?业?|养鱼|鱼",
        "trade": "个体(?:经营|工商户?|户)?|经商|商业|商贸(?:业)?|二三产业?|第?二产业?|第?三产业?|工商业?|非农(?:经营|产业)?|加工业?|运输业?|交通运输业?"
        "|餐饮业?|(?:乡村)?旅游业?|农家乐|服务业|电商|网店|批发零售业?|手工业?|手工艺品?|小卖部|小商店|商店|店铺|建筑业|创业|自主创业|小生意|做生意|生意",
        "other": "其[他它](?:生产|家庭)?(?:经营性?|产业|行业)",
    }
)
MIDDLE = "(?:种植|养殖|饲养|生产|经营|经营性|产业|销售|出售|产品|生产经营性?|家庭经营)*性?"
GROSS_WORDS = "(?:(?:总|毛|年)?收入|(?:总)?产值|销售额|毛收益|所得)"
COST = "(?:(?:总)?(?:支出|成本|费用|投入|开支|费用支出|成本支出|投入成本))"
NET_WORDS = "(?:(?:年)?(?:纯|净)收(?:入|益)|(?:纯|净)?利润|纯利|净利)"
WAYS = (("business_net", NET_WORDS), ("business_cost", COST), ("business_gross", GROSS_WORDS))
EARNED_ALONE = "(?:总|毛|年)?(?:收入|收益)|(?:总)?产值|(?:总)?销售(?:额|收入)|所得"
COST_ALONE = f"(?:家庭|生产|经营|生产经营)*性?{COST}"
MONEY_WORDS = "(?:金|资金|款|补助金?|补贴|补偿金?|津贴|收入|奖励金?|补助资金|补贴资金|奖补资金|发放金额)"
# Figure -> pattern of its names, without units, numbers and years. The first that fits decides.
FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (figure, re.compile(pattern))
    for figure, pattern in (
        ("wage_public_post", f"{BY_LEVEL}*{POST}(?:人员|员)?{POST_PAY}"),
        ("wage.work", f"{WHERE_WORDS}*{WORK}(?:人员|性|的)?{PAY}|{WHERE_WORDS}+(?:工资性?|劳务)收入|{WORK}(?:年|总|净)收入"),
        *(
            (f"{way}.{branch}", f"(?:家庭)?(?:{names}){MIDDLE}{kind}")
            for way, kind in WAYS
            for branch, names in BRANCHES.items()
        ),
        ("prop_dividend", "[一-鿿]{0,14}分红(?:收入|收益|资金|金|款|所得)?|(?:光伏|扶贫光伏|光伏发电|光伏扶贫)(?:发电)?(?:收入|收益)"),
        (
            "prop_land",
            "(?:土地|耕地|承包地|田地|农田|林地|山林|草场|草地|园地)(?:承包)?(?:经营权)?(?:流转|租赁|出租|转包|转让|入股)(?:的)?(?:租金|收入|费用?|金|所得|收益|租赁收入)?"
            "|(?:土地|耕地|林地|田地)(?:租金|地租)(?:收入)?|地租(?:收入)?",
        ),
        ("prop_other.rent", "(?:房屋|住房|房产|门面房?|商铺|厂房|机械|农机|车辆|铺面)(?:出租|租赁)(?:收入|租金|收益|所得)?|(?:房屋|门面|商铺|铺面)租金(?:收入)?"),
        ("prop_other.interest", "(?:存款|储蓄|银行)?利息收入"),
        ("tr_dibao", f"(?:农村|城乡|城市|居民|享受)*(?:最低生活保障|低保)(?:户|对象|补差|政策)?(?:保障|救助|生活)?{MONEY_WORDS}"),
        ("tr_tekun", f"(?:农村|城乡|享受)*(?:特困|五保)(?:人员|户|对象)?(?:救助)?(?:集中|分散)?(?:供养|救助)?(?:基本)?(?:生活|护理)?(?:费|{MONEY_WORDS})"),
        (
            "tr_pension",
            "(?:城乡居民|城镇职工|企业职工|居民|职工|农村|新型农村|社会|基础|基本|机关事业单位|城乡|新农保|城乡居保|个人|老年){0,3}(?:社会)?(?:基本|基础)?养老(?:保险)?(?:金|待遇)(?:收入)?"
            "|(?:离退休|退休|离休)(?:金|工资|费|养老金)(?:收入)?|新农保(?:收入|金)",
        ),
        (
            "tr_family_planning",
            f"(?:农村)?(?:计划生育|计生)(?:家庭)?(?:(?:特殊|特别)?(?:奖励|奖扶|特扶|扶助|奖励扶助|奖特扶)+{MONEY_WORDS}?|{MONEY_WORDS})",
        ),
        ("tr_disability", f"(?:困难|重度|贫困|农村)*残疾人?(?:证)?(?:两项|双项)?(?:困难)?(?:生活|护理|生活和护理)?{MONEY_WORDS}"),
        (
            "tr_ecology",
            "(?:新一轮|前一轮|国家|省级|国家级|地方|生态|集体)*(?:退耕还林还?草?|退耕还草|退牧还草|公益林|天然林|天保林?|草原|禁牧|湿地|森林|生态林)"
            f"(?:生态)?(?:保护|管护|效益|停伐|平衡|政策)*(?:(?:奖补|补助奖励|奖励|补奖){MONEY_WORDS}?|{MONEY_WORDS})",
        ),
        ("tr_other.old_age", f"(?:[七八九]十周?岁以上|\\d{{2}}周?岁以上|百岁)?(?:高龄|老龄|老年人?|长寿)(?:老人|老年人)?(?:生活)?(?:保健|护理)?{MONEY_WORDS}"),
        (
            "tr_other.soil",
            f"(?:耕地地力|地力|耕地|粮食|种粮|粮食直|良种|农资综合|农资|惠农|惠民|农业支持保护|农业|实际种粮农民一次性|种粮农民)(?:保护)?(?:生产|直接)?{MONEY_WORDS}",
        ),
        ("tr_other.maize", f"(?:玉米|大豆|稻谷|小麦|油菜|马铃薯)(?:和大豆)?(?:生产者|种植)?{MONEY_WORDS}"),
    )
)  # fmt: skip
# Words before and after a name that do not change what it is.
BEFORE = re.compile(r"^(?:(?:其中|家庭|农户|全户|户|本户|本年度?|当年|年度|全年|年)[:]?)+")
AFTER = re.compile(r"(?:合计|小计|总计|总额|汇总|总和|共计)$")
OTHER_YEAR = re.compile(r"上[一]?年|去年|前年|预计|计划|目标|增加|增长|增幅|变化|消除后|退出后")
# The same, beside those: whose it is, and what kind of amount.
AROUND = re.compile(
    r"^(?:今年|本年度?|当年度?|本期|当期|本人|个人|全家|成员|农村|各项|各类|全部|实际|主要|累计|上述|以上|农民|住户|居民|脱贫户|贫困户|监测户|[0-9]*其中)+[:]?"
)
OF_ONE = re.compile("个人|本人|成员")  # whose whole income is not that of the household
TAIL = re.compile(
    r"(?:合计|小计|总计|总额|数额|金额|情况|总数|部分|发放额|发放金额|收入额|收入金额|实发|应发|明细|数)$"
)
TOTAL_WORDS = re.compile(
    r"(?:本项|本类|全部|分类|以上|各项)?(?:合计|小计|总计|共计|总额|金额|总金额|总数|总和|汇总|总收入|数额|总支出|总|计)"
)
YEARLY = re.compile("^(?:全年|年度?(?![初末底均月]))")  # 全年, 年金额 below the name of an amount
LESS = re.compile("(?:减去|减|扣除|扣减)[:]?(?=[一-鿿]{2})")  # before a cost
# Figures of another time, of plans and of changes: not those of the sheet.
OTHER_TIME = re.compile(
    r"上[一]?年|去年|前年|往年|次年|明年|预计|预期|预测|计划(?!生育)|目标|任务|增加|增长|增收|增幅|增减|变化|同比|下降|减少|消除后|退出后|脱贫时|识别时|纳入时"
)
# Money that is no income and no cost of business: what a household spends, owns or owes, and figures of reference.
NO_INCOME = re.compile(
    r"生活(?:消费)?(?:支出|开支)|消费(?:性)?支出|^(?:年|家庭|全年|家庭年)*总?支出(?:合计|总额|情况)?$|(?:教育|医疗|人情|食品|衣着|居住|交通|通信|住房|建房|看病|就医|就学|上学|学费|日常)[一-鿿]{0,4}(?:支出|开支|费用|花费)"
    r"|刚性支出|非经营性?支出|存款|储蓄|负债|欠款|借款|贷款|债务|余额|缴费|缴纳|参保费|保费|报销|自付|自负|总费用|医疗费"
    r"|参考范围|参考收入|监测线|标准|人均补|占比|比例|财产性?净?值|价值|原值|投资|造价"
)
NEVER_INCOME = frozenset((*BESIDE_INCOME, "stated_gross_income"))
EXACT: Mapping[str, str] = MappingProxyType({name: node.code for node in NODES.values() for name in node.names})
GENERIC = re.compile("收入|支出|成本|费用|投入|工资|补贴|补助|纯收入|净收入|利润|纯收益|净收益|产值")
KIND_WORDS = ("收入", "支出", "补贴", "金", "补助", "成本", "纯收入", "工资", "奖励", "租金")


def node_named(text: str) -> str | None:
    """Return the figure that a normalised header or text names, or None.

    Parameters
    ----------
    text : str
        Without blanks, units and brackets.

    Returns
    -------
    str or None
        A key of ``NODES``. Figures of another year (上年人均纯收入) do not count.

    Examples
    --------
    >>> node_named("生产经营性收入合计"), node_named("家庭人均纯收入"), node_named("上一年人均纯收入")
    ('business_gross', 'stated_net_income_per_person', None)
    """
    if OTHER_YEAR.search(text):
        return None
    for form in (text, AFTER.sub("", text), BEFORE.sub("", text), AFTER.sub("", BEFORE.sub("", text))):
        if form in EXACT:
            return EXACT[form]
    return None


@lru_cache(maxsize=4096)
def figure_named(text: str) -> str | None:
    """Return the figure that a name of an amount means, or None.

    Parameters
    ----------
    text : str
        In half width, without blanks, numbering, units, years and brackets.

    Returns
    -------
    str or None
        A key of ``NODES``.

    Examples
    --------
    >>> (
    ...     figure_named("外出务工工资收入"),
    ...     figure_named("公益岗位补贴"),
    ...     figure_named("种植业成本"),
    ...     figure_named("养牛纯收入"),
    ... )
    ('wage.work', 'wage_public_post', 'business_cost.crops', 'business_net.livestock')
    >>> (
    ...     figure_named("中药材销售收入"),
    ...     figure_named("土特产"),
    ...     figure_named("上年工资性收入"),
    ...     figure_named("生活消费支出"),
    ... )
    ('business_gross.crops', None, None, 'consumption')
    """
    if text in EXACT:
        return EXACT[text]
    if OTHER_TIME.search(text):
        return None
    forms = dict.fromkeys((text, AROUND.sub("", text), TAIL.sub("", text), TAIL.sub("", AROUND.sub("", text))))
    for form in forms:
        if form and (figure := node_named(form)) is not None:
            return None if OF_ONE.search(text) and figure.startswith("stated_") else figure
    for form in forms:
        for figure, pattern in FAMILIES:
            if pattern.fullmatch(form):
                return figure
    if (less := LESS.match(text)) and (cost := figure_named(text[less.end() :])) and _is_cost(cost):
        return cost
    return None


def below(figure: str | None, group: str, text: str) -> str | None:
    """Return the figure that a name means below the header of a group of columns, or None.

    Parameters
    ----------
    figure : str or None
        That of the group, if it names one.
    group : str
        Name of the group.
    text : str
        Name of the column below it.

    Returns
    -------
    str or None
        A key of ``NODES``.

    Examples
    --------
    >>> below("business_cost", "生产经营性支出", "种植业"), below("wages", "工资性收入", "小计")
    ('business_cost.crops', 'wages')
    >>> below("transfers", "转移性收入", "其他"), below(None, "支出情况", "养殖业")
    ('tr_other', 'business_cost.livestock')
    >>> below("business_gross", "经营性收入", "支出"), below("business_gross.crops", "种植业", "净收入")
    ('business_cost', 'business_net.crops')
    """
    if OTHER_TIME.search(group) or OTHER_TIME.search(text):
        return None
    name = AROUND.sub("", text)
    if not name and OF_ONE.search(text):
        return None
    if not (yearly := YEARLY.sub("", name)) or TOTAL_WORDS.fullmatch(yearly):
        return figure
    group = re.sub("(?:基本)?(?:情况|信息)$", "", group)
    ending = next((kind for kind in KIND_WORDS if group.endswith(kind)), "")
    candidates = [
        name,
        f"{group}{name}",
        f"{name}{group}",
        f"{name}{ending}",
        *(f"{name}{kind}" for kind in KIND_WORDS),
    ]
    if figure is not None and (turned := _turned(figure, name)) is not None:
        return turned
    if group and GENERIC.fullmatch(name):  # 收入 below 务工 is that of the group
        candidates = [f"{group}{name}"]
        if figure in STATED:
            candidates.append(name)  # 收入情况 > 纯收入
    found = [one for candidate in candidates if (one := figure_named(candidate)) is not None]
    if figure is None or NODES[figure].item in ("stated_gross_income", "stated_net_income"):
        if (own := figure_named(name)) is not None and NODES[own].item == "business_cost" and GENERIC.search(name):
            return own  # 收入情况 > 生产经营性支出
        spent = _spent(group)
        if re.search("[纯净]收[入益]|利润", group) and not GENERIC.search(name):  # 净收入 > 种植业 is no gross income
            found = [net if (net := one.replace("business_gross.", "business_net.")) in NODES else one for one in found]
        return next((one for one in found if spent is None or _is_cost(one) == spent), None)
    inside = {node.code for node in walk((NODES[figure],))} - {figure}
    branch = figure.partition(".")[2] if figure.startswith("business_") else ""
    within = (one for one in found if one in inside or (branch and one.endswith(f".{branch}")))
    return next(within, None)


def _turned(figure: str, name: str) -> str | None:
    """Return the figure of a group turned to gross income, cost or net income by what stands below it, or None.

    经营性收入 over 收入, 支出 and 净收入 is the account of a business, not only what it took in.
    """
    way, dot, branch = figure.partition(".")
    earned, spent, net = ways_named(name)
    if way.startswith("business_"):
        turned = "business_net" if net else "business_cost" if spent else "business_gross" if earned else ""
        contrary = way == "business_cost" and not spent
        return None if contrary or turned + dot + branch not in NODES else turned + dot + branch
    if net:
        return {"property": "property_net", "transfers": "transfer_net"}.get(figure)
    return figure if earned and figure in ("property", "transfers", "wages") else None


def ways_named(name: str) -> tuple[bool, bool, bool]:
    """Tell whether a name without any kind is one of gross income, of cost, or of net income.

    Examples
    --------
    >>> ways_named("毛收入"), ways_named("生产费用"), ways_named("净收入"), ways_named("种植业收入")
    ((True, False, False), (False, True, False), (False, False, True), (False, False, False))
    """
    return tuple(re.fullmatch(words, name) is not None for words in (EARNED_ALONE, COST_ALONE, NET_WORDS))  # type: ignore[return-value]


def _spent(group: str) -> bool | None:
    """Tell whether a group is of what is spent; None if it does not say."""
    spends = re.search("支出|成本|费用|投入", group) is not None
    earns = re.search("收入|收益", group) is not None
    return spends if spends != earns else None


def _is_cost(figure: str) -> bool:
    return NODES[figure].item in ("business_cost", "oop_compliant")


def is_total(name: str) -> bool:
    """Tell whether a name says only that it is a total: 小计, 合计.

    Examples
    --------
    >>> is_total("小计"), is_total("收入小计")
    (True, False)
    """
    return TOTAL_WORDS.fullmatch(AROUND.sub("", name)) is not None


def is_doubtful_for_income(figure: str) -> bool:
    """Tell whether net income is unknown where an amount of a figure is."""
    return figure not in STATED and NODES[figure].item not in NEVER_INCOME
