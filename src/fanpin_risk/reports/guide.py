"""How to read a report: what its figures mean, what its reasons do not, who decides, and how it is kept."""

from __future__ import annotations

from typing import Literal

from fanpin_risk.reports.documents import Document

__all__ = ["GUIDE", "PROPOSES", "how_to_read"]

Pair = tuple[str, str]

PROPOSES: Pair = (
    "名单只建议先走访谁。是否认定为监测对象、是否帮扶、风险是否消除，由人入户核实后按规定程序决定。",
    "The list proposes whom to visit first. Who is recognised, helped or taken off the list is decided by people, after a visit, by the official procedure.",
)  # fmt: skip
GUIDE: tuple[tuple[Pair, tuple[Pair, ...]], ...] = (
    (
        ("数字的含义", "What the figures mean"),
        (
            ("风险：在评分日之后规定月数内发生所预测之事的概率。风险 5% 的 100 户中，预计约 5 户发生；它说的是这样一批户，不是某一户的定论。", "Risk: the probability that the event happens within the months after the day. Of 100 households with a risk of 5 %, about 5 are expected to have it; it speaks of many such households and is no verdict on one."),
            ("风险下限、上限：各年景况不同，总体水平可能上下移动；不是某一户真实风险的区间。", "Low and high: years differ, and the level of all risks may move this far; it is no interval of one household's own risk."),
            ("等级：按训练时确定的风险界限分高、中、低，界限见摘要。名单按风险从高到低，能走访多少户就列多少户，所以名单上可以有中、低等级的户。", "Tier: high, medium or low by cut-offs set in training, see the summary. The list goes by risk as far as the visits go, so it may hold households of the medium or low tier."),
            ("名单内预计发生户数：名单上各户风险之和。", "Events to be expected on the list: the sum of the risks on it."),
            ("低风险不等于没有风险：群众申报、干部走访、部门预警照常进行。", "A low risk is no proof of safety: applications, visits and warnings of other offices go on as before."),
        ),
    ),
    (
        ("理由的含义", "What the reasons mean"),
        (
            ("每条理由是台账中可以核对的记录，按推高风险的程度排列。先核对记录是否属实，再看情况有无变化。", "Each reason is a record that can be checked, the one that raises the risk most first. Check whether it is true, then whether things have changed."),
            ("理由说明评分由哪些记录得来，不证明致贫原因，也不能单独决定怎样帮扶。", "Reasons say which records moved the score; they do not prove what causes poverty, nor decide on help by themselves."),
            ("“没有……的记录”不是发现，而是走访时要问的问题。", "“No record of ...” is no finding but a question for the visit."),
            ("“记录不足”的户先补全记录，不要依赖其分数。", "Where too little is on record, complete the records before leaning on the score."),
        ),
    ),
    (
        ("各表", "The sheets"),
        (
            ("走访名单：最后两栏由走访人填写。可按等级、地区、主要风险筛选。", "Watch list: the last two columns are for the visitor. Filter by tier, place or main cause."),
            ("分地区、地区与主要风险：县、乡镇、村各一行，不要跨层级相加。户数不足十户的地方不宜外传；显示为“—”的是未知，或因户数太少而不显示。", "Places, causes by place: one row for each county, township and village; do not add up across levels. Figures of places with fewer than ten households should not be passed on; a dash is what is not known or left out because it is so few."),
            ("读入与退回、字段完整度：读入行数 = 采用行数 + 退回行数。退回的行请改正后重新导入；缺的字段越多，评分越不可靠。", "Rows read, coverage: rows read = rows kept + rows rejected. Mend rejected rows and import them again; the more is missing, the less the scores can be relied upon."),
            ("模型卡：模型的用途与限制、训练数据、表现、对各类农户的偏差、怎样提出异议。", "Model card: what the model is for and what not, what it learnt from, how well it does and for whom, how to contest a result."),
        ),
    ),
    (
        ("使用与保管", "Use and keeping"),
        (
            ("本文件含个人信息：只给因工作需要知道的人，用后按规定保管或销毁，不在公开群组中传送，不张榜公示。", "This file holds personal data: only for those who need it for their work; keep or destroy it as the rules say; do not send it to open groups, do not post it."),
            ("不得用于考核干部、评价信用或与防返贫无关的目的。", "It must not be used to rate officials, for credit, or for anything other than preventing a return to poverty."),
            ("群众或干部对结果有异议的，可要求查看该户的说明，由未参与评分的人入户核实，以核实结果为准。", "Whoever disputes a result may ask for the household's letter; someone who took no part in scoring visits, and what is found there decides."),
        ),
    ),
)  # fmt: skip


def how_to_read(lang: Literal["zh", "en"]) -> Document:
    """Return what every reader of a report should know, as a document.

    Parameters
    ----------
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    Document

    Examples
    --------
    >>> how_to_read("en").blocks[0]
    ('title', 'How to read this report')
    """
    document = Document(lang)

    def say(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    document.title(say("怎样读这份报告", "How to read this report"))
    document.important(say(*PROPOSES))
    for title, items in GUIDE:
        document.heading(say(*title))
        document.list(say(*item) for item in items)
    return document
