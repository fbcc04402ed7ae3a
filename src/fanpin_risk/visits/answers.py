"""What is asked at a visit, and the answers there are: the columns of the sheet, declared once.

The sheet's lists to choose from, its reader and the documentation read this declaration. Frames hold the codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from fanpin_risk.policy import ENTITLEMENTS
from fanpin_risk.records.code_lists import MEASURE, RISK
from fanpin_risk.words import Message

__all__ = [
    "ANSWER_LINES",
    "CORRECTION_LINES",
    "FACT_KINDS",
    "FACT_LINES",
    "LINES_OF_FIELDS",
    "MENDABLE",
    "VISIT_QUESTIONS",
    "Question",
    "line_of_questions",
]

QuestionKind = Literal["choice", "day", "amount", "text"]
N_FACTS, N_CORRECTIONS = 2, 1  # lines of each in a block


def _both_languages(texts: Mapping[str, str]) -> Mapping[str, Message]:
    """Return codes with what they are called: Chinese and English with a stroke between them."""
    pairs = {code: text.split("|") for code, text in texts.items()}
    return MappingProxyType({code: Message(en, zh=zh) for code, (zh, en) in pairs.items()})


@dataclass(frozen=True, kw_only=True)
class Question:
    """One field of the sheet.

    Attributes
    ----------
    code : str
        Its column in frames.
    label : Message
        What is printed before the field.
    kind : {"choice", "day", "amount", "text"}
        One of `choices`; a day; yuan; a text of a few words, as a visitor's code.
    choices : mapping of str to Message
        Codes and what they are called.
    several : bool
        Whether more than one may be chosen, with ``、`` or ``;`` between them.
    """

    code: str
    label: Message
    kind: QuestionKind = "choice"
    choices: Mapping[str, Message] = field(default_factory=lambda: MappingProxyType({}))
    several: bool = False


def _open_question(code: str, label: str, kind: QuestionKind) -> Question:
    zh, en = label.split("|")
    return Question(code=code, label=Message(en, zh=zh), kind=kind)


def _choice_of(code: str, label: str, choices: Mapping[str, str], *, several: bool = False) -> Question:
    zh, en = label.split("|")
    return Question(code=code, label=Message(en, zh=zh), choices=_both_languages(choices), several=several)


# Names in English of codes whose list has only Chinese ones.
NAMED_OTHERWISE = {"unstable_work": "unstable work", "business_failure": "failed business"}


def _of_codes(codes: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {code: f"{texts[0]}|{NAMED_OTHERWISE.get(code, code.replace('_', ' '))}" for code, texts in codes.items()}


_SEEN = {
    "given": "有保障|given",
    "not_given": "无保障|not given",
    "not_applicable": "不适用|does not apply",
    "not_seen": "未看|not looked at",
}

# Rows of the block, with the fields of each.
ANSWER_LINES: tuple[tuple[str, tuple[Question, ...]], ...] = (
    ("A1", (
        _choice_of("mode", "走访方式|How visited", {
            "at_home": "入户|at home", "phone": "电话|by phone", "video": "视频|by video",
            "village_committee": "村委代访|by the village committee", "not_met": "未见到|not met"}),
        _choice_of("contact", "联系结果|Contact", {
            "head": "见到户主|met the head", "member": "见到成员|met a member", "away": "外出|away from home",
            "no_such": "查无此户|no such household", "died": "已死亡|has died", "moved": "已迁出|has moved away",
            "refused": "拒访|refused"}),
        _choice_of("verdict", "核实结果|Finding", {
            "true": "属实|true", "partly": "部分属实|partly true", "untrue": "不属实|not true", "pending": "待核实|to be verified"}),
        _open_question("on", "日期|Date", "day"),
    )),
    ("A2", (
        _choice_of("food", "吃|Food", _SEEN), _choice_of("clothing", "穿|Clothing", _SEEN),
        _choice_of("schooling", "学|Schooling", _SEEN), _choice_of("health_care", "医|Health", _SEEN),
    )),
    ("A3", (
        _choice_of("housing", "房|Housing", _SEEN), _choice_of("water", "水|Water", _SEEN),
        _choice_of("income", "收入与登记|Income is", {
            "same": "一致|as recorded", "higher": "偏高|higher", "lower": "偏低|lower", "unclear": "说不清|cannot be said"}),
        _open_question("income_cny", "人均纯收入|Net income", "amount"),
    )),
    ("A4", (
        _choice_of("hardship", "主要困难|Hardship", _of_codes(RISK), several=True),
        _choice_of("copes", "自主应对|Copes", {"yes": "能|yes", "partly": "部分|partly", "no": "不能|no"}),
        _choice_of("assets", "不符情形|Assets", {
            "property": "商品房/店面|flat or shop", "car": "车辆|vehicle", "company": "企业|company",
            "public_salary": "财政供养|public salary", "none": "无|none", "other": "其他|other"}, several=True),
        _choice_of("policy_lacking", "政策未落实|Lacking", {
            "none": "无|none", **{rule.code: f"{rule.zh}|{rule.en}" for rule in ENTITLEMENTS}}, several=True),
    )),
    ("A5", (
        _choice_of("consent", "农户授权|Consent", {
            "signed": "已签|signed", "not_signed": "未签|not signed", "refused": "拒签|refused to sign"}),
        _choice_of("proposal", "建议|Proposal", {
            "monitor": "纳入监测|monitor", "watch": "继续关注|keep in sight", "policy": "落实政策|give what is due",
            "eliminate": "消除风险|eliminate the risk", "bring_back": "回退|take back", "correct": "数据更正|correct the records",
            "nothing": "无需处理|nothing to do"}),
        _open_question("who", "走访人|Visitor", "text"),
        _choice_of("household_signed", "农户签字|Signed", {"yes": "是|yes", "no": "否|no"}),
    )),
)  # fmt: skip

# Kinds of new facts, as table.column.code: which table they belong to and what their kind is there.
FACT_KINDS: Mapping[str, Message] = _both_languages({
    "medical.kind.inpatient": "住院自付|hospital, own part", "medical.kind.outpatient": "门诊自付|outpatient, own part",
    "enrolments.cost": "上学支出|cost of schooling",
    **{f"shocks.kind.{code}": words for code, words in (
        ("flood", "洪涝灾害|flood"), ("geological", "地质灾害|landslide"), ("drought", "旱灾|drought"),
        ("pest", "病虫害、疫病|pest or animal disease"), ("weather", "风雹、低温等|hail, storm or frost"),
        ("earthquake", "地震|earthquake"), ("fire", "火灾|fire"), ("epidemic", "疫情|epidemic"), ("accident", "意外事故|accident"),
        ("death", "家庭成员死亡|death in the family"), ("business_failure", "产业失败|failed business"),
        ("job_loss", "失业返乡|job lost"), ("price_fall", "价格下跌、滞销|fall of prices"), ("debt", "债务|debt"))},
    **{f"supports.measure.{code}": f"{MEASURE[code][0]}|support: {code.replace('_', ' ')}"
       for code in ("industry", "employment", "public_post", "education", "temporary_aid", "insurance_payout")},
    "incomes.item.wage": "务工收入|income: wages", "incomes.item.business_net": "生产经营净收入|income: own business, net",
})  # fmt: skip

# Columns of the registers that a visitor may find wrong.
MENDABLE: Mapping[str, Message] = _both_languages({
    "households.size_declared": "家庭人口数|size of the household", "households.unsafe_house": "是否危房户|unsafe house",
    "households.house_grade": "危房级别|grade of the house", "households.safe_water": "是否安全饮水|safe water",
    "households.farmland_mu": "耕地面积（亩）|farmland, mu", "households.register_status": "户类型|type of the household",
    "members.relation": "与户主关系|relation to the head", "members.health": "健康状况|health",
    "members.labour": "劳动技能|ability to work", "members.student_stage": "在校生状况|stage of schooling",
    "members.work_months": "务工时间（月）|months of work", "members.dibao": "是否低保|dibao",
    "members.tekun": "是否特困供养|tekun", "members.ins_basic_resident": "是否参加居民医保|resident health insurance",
})  # fmt: skip

FACT_LINES: tuple[tuple[str, tuple[Question, ...]], ...] = tuple(
    (f"F{number}", (
        Question(code=f"fact_{number}", label=Message("New fact {n}", zh="新情况{n}", n=number), choices=FACT_KINDS),
        _open_question(f"fact_{number}_cny", "金额（元）|Yuan", "amount"),
        _open_question(f"fact_{number}_on", "发生日期|On", "day"),
        _open_question(f"fact_{number}_person", "成员序号|Person", "text"),
    ))
    for number in range(1, N_FACTS + 1)
)  # fmt: skip
CORRECTION_LINES: tuple[tuple[str, tuple[Question, ...]], ...] = tuple(
    (f"R{number}", (
        Question(code=f"mend_{number}", label=Message("Mistake {n}", zh="登记有误{n}", n=number), choices=MENDABLE),
        _open_question(f"mend_{number}_person", "成员序号|Person", "text"),
        _open_question(f"mend_{number}_new", "应为|Should be", "text"),
        _open_question(f"mend_{number}_since", "自（日期）|Since", "day"),
    ))
    for number in range(1, N_CORRECTIONS + 1)
)  # fmt: skip

# The rows of a block that have fields, in their order.
LINES_OF_FIELDS = (*ANSWER_LINES, *FACT_LINES, *CORRECTION_LINES)
LINES_OF_QUESTIONS = dict(LINES_OF_FIELDS)
VISIT_QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {question.code: question for questions in LINES_OF_QUESTIONS.values() for question in questions}
)


def line_of_questions(line: str) -> tuple[Question, ...]:
    """Return the fields of a row of the block; none where it has only what is printed.

    Examples
    --------
    >>> [question.code for question in line_of_questions("A1")], line_of_questions("P3")
    (['mode', 'contact', 'verdict', 'on'], ())
    """
    return LINES_OF_QUESTIONS.get(line, ())
