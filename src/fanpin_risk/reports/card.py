"""The card of a model: what it is for and what not, how it was made, how well it forecasts, and for whom."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from fanpin_risk.arguments import one_of
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.errors import ModelFileError, SchemaError
from fanpin_risk.evaluation.evaluation import BY_FOLD
from fanpin_risk.evaluation.groups import ALL, FAIRNESS
from fanpin_risk.evaluation.labels import (
    ALARMS,
    EVENTS,
    LEFT_OUT,
    Lang,
    category_label,
    group_label,
    in_chinese,
    model_label,
)
from fanpin_risk.evaluation.options import check_lang
from fanpin_risk.features.feature import CAUSES, DOMAINS
from fanpin_risk.features.labels import feature_label
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import read_card, read_lines, save_model
from fanpin_risk.records.schema import TABLES
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.figures import comparison_rows, measure_rows, measured
from fanpin_risk.words.widths import percent

__all__ = ["card_document", "model_card"]

DIRECTIONS = {
    1: ("越大风险越高", "more of it, more risk"),
    -1: ("越大风险越低", "more of it, less risk"),
    0: ("不限", "either way"),
}
LEVELS = {"alarm": ("警报", "alarm"), "warning": ("提醒", "warning")}
USES = (
    ("用于确定先走访谁：对在册且尚未监测的农户排序，附可核对的理由。", "It orders households on record and not yet monitored: whom to visit first, with reasons that can be checked."),
    ("不得据此认定或取消监测对象、不得据此给予或拒绝帮扶：认定和风险消除按规定程序由人作出。", "It must not decide who is recognised, taken off the list, helped or refused: that goes by the official procedure, by people."),
    ("不得用于考核干部、评价农户信用或与防返贫无关的任何目的。", "It must not be used to rate officials, for credit, or for anything other than preventing a return to poverty."),
    ("不得用于训练地区以外的农户，除非先在当地数据上评估。", "It must not be used for other areas than those trained on before it was evaluated on their records."),
    ("低分不等于没有风险：群众申报、干部走访、部门预警照常进行。", "A low score is no proof of safety: applications, visits and warnings of other offices go on as before."),
    ("理由说明评分由哪些记录得来，不证明致贫原因。", "Reasons say which records moved the score; they do not prove what causes poverty."),
)  # fmt: skip
CONTEST = (
    ("任何农户或干部可要求查看该户的说明（fanpin-risk explain），其中列出所用的记录、来源和影响方向。", "A household or an official may ask for its letter (fanpin-risk explain): which records were used, and which way they moved the score."),
    ("记录有误的，先更正台账再重新评分；原评分及所用模型指纹保留备查。", "If a record is wrong, mend the register and score again; the former score and the fingerprint of its model are kept."),
    ("对结果有异议的，由未参与评分的人入户核实，以核实结果为准，并登记异议。", "If the result is disputed, someone who took no part in scoring visits the household; what is found there decides, and the dispute is written down."),
    ("组织层面的质疑：下列各表可用 fanpin-risk evaluate 在同一台账上重算。", "Whoever doubts the model can compute the tables below again on the same register with fanpin-risk evaluate."),
)  # fmt: skip


def model_card(
    model: str | os.PathLike[str] | RiskModel,
    *,
    format: Literal["md", "html"] = "md",  # noqa: A002  the word users expect
    lang: Lang = "zh",
) -> str:
    """Write the card of a model, intended use and limits first.

    Parameters
    ----------
    model : path-like or RiskModel
        Folder of a saved model, or a fitted model.
    format : {"md", "html"}
        Markdown, or one page of HTML that needs nothing else, runs nothing and prints well. Names and notes are shown
        as the text they are.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    str

    Raises
    ------
    ModelFileError
        If there is no model, or its card cannot be read.
    SchemaError
        If `format` or `lang` is not one of those above.

    References
    ----------
    Mitchell et al. (2019), Model cards for model reporting, FAT* 2019 (what such a card should say).

    Examples
    --------
    >>> model_card("demo", lang="en").splitlines()[0]
    '# Model card: demo'
    """
    one_of("format", format, ("md", "html"), SchemaError)
    document = card_document(model, lang=lang)
    return document.markdown() if format == "md" else document.html()


def card_document(model: str | os.PathLike[str] | RiskModel, *, lang: Lang = "zh") -> Document:
    """Return what the card of a model says as a document, to be shown by itself or inside of another page.

    Parameters
    ----------
    model : path-like or RiskModel
        Folder of a saved model, or a fitted model.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    Document

    Raises
    ------
    ModelFileError
        If there is no model, or its card cannot be read.
    SchemaError
        If `lang` is not one of those above.
    """
    check_lang(lang)
    if isinstance(model, RiskModel):
        with tempfile.TemporaryDirectory() as folder:
            return card_document(save_model(model, Path(folder) / "model"), lang=lang)
    card, lines = read_card(model), read_lines(model)
    try:
        return _Card(card, lines, lang).document
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ModelFileError(
            "{name}: its card is not as save_model writes it ({error!r})", name=Path(model).name, error=error
        ) from error


class _Card:
    """The sections of a card."""

    def __init__(self, card: Mapping[str, Any], lines: MonitoringLines, lang: Lang) -> None:
        self.card, self.lines, self.lang = card, lines, lang
        self.document = Document(lang)
        self.use()
        self.event()
        self.training()
        self.out_of_fold()
        self.evaluation()
        self.uncertainty()
        self.leaks()
        self.features()
        self.monitoring_lines()
        self.identity()
        self.contest()

    def say(self, pair: tuple[str, str]) -> str:
        return pair[self.lang == "en"]

    def code(self, name: str, chinese: Mapping[str, str]) -> str:
        return chinese.get(name, name) if self.lang == "zh" else name

    def heading(self, zh: str, en: str) -> None:
        self.document.heading(self.say((zh, en)))

    def text(self, zh: str, en: str) -> None:
        self.document.text(self.say((zh, en)))

    def table(self, zh: Sequence[str], en: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.document.table(zh if self.lang == "zh" else en, rows)

    def use(self) -> None:
        self.document.title(f"{self.say(('模型卡：', 'Model card: '))}{self.card['name']}")
        if self.card["synthetic"]:
            self.document.important(
                self.say(
                    (
                        "由模拟数据训练：仅供试用，不得用于实际决策。",
                        "Trained on made-up data: for trying out, not for decisions.",
                    )
                )
            )
        if any(row["level"] == "alarm" for row in self.card["alarms"] or ()):
            self.document.important(
                self.say(
                    (
                        "训练时有泄露警报：实际表现很可能不如下列数字，核实前不要使用（见“泄露检查”）。",
                        "A leak alarm rang in training: it will probably do worse than the figures below; do not use it before they "
                        "are cleared up (see the leak check).",
                    )
                )
            )
        self.heading("用途与限制", "Intended use and limits")
        self.document.list(self.say(pair) for pair in USES)
        if self.card["notes"]:
            self.text(f"备注：{self.card['notes']}", f"Notes: {self.card['notes']}")

    def event(self) -> None:
        event, months = self.card["event"], int(self.card["event"]["horizon_months"])
        zh, en = EVENTS[event["target"]]
        self.heading("预测什么", "What it forecasts")
        self.text(
            f"评分日后{months}个月内{zh}。",
            f"{en} ({event['target']}) within {months} months after the day.",
        )
        shares = [float(share) for share in self.card["tiers"]["shares"]]
        least = self.card["tiers"]["least_risk"]
        self.text(
            f"等级：训练时风险最高的{percent(shares[0])}为“高”（风险不低于{float(least['high']):.1%}），其次{percent(shares[1])}为“中”"
            f"（不低于{float(least['medium']):.1%}），其余为“低”。",
            f"Tiers: the {percent(shares[0])} with the highest risk in training are high (risk {float(least['high']):.1%} or more), the next "
            f"{percent(shares[1])} medium ({float(least['medium']):.1%} or more), all others low.",
        )  # fmt: skip

    def training(self) -> None:
        rows = self.card["training"]
        self.heading("训练数据", "Training data")
        fixed = ("as_of", "until", "households", "events")
        reasons = [key for key in rows[0] if key not in fixed]
        self.table(
            ["训练日", "期末", "风险户数", "事件数", "未纳入（原因：户数）"],
            ["Training day", "Until", "Households at risk", "Events", "Left out (reason: households)"],
            [
                [
                    str(row["as_of"]), str(row["until"]), f"{int(row['households']):,}", f"{int(row['events']):,}",
                    self.say(("、", ", ")).join(
                        f"{self.code(key, LEFT_OUT)}{self.say(('：', ': '))}{int(row[key]):,}"
                        for key in reasons if int(row[key])
                    ),
                ]
                for row in rows
            ],
        )  # fmt: skip
        names = [str(name) for name in self.card["tables"]]
        zh = "、".join(TABLES[name].zh if name in TABLES else name for name in names)
        self.text(
            f"特征所用的表：{zh or '未知'}。评分时缺少其中整张表的台账，应另行训练。",
            f"Tables that features were made of: {', '.join(names) or 'unknown'}. For a register that lacks a whole one of them, train "
            "another model.",
        )  # fmt: skip

    def out_of_fold(self) -> None:
        metrics = self.card["metrics"]
        self.heading("折外表现（训练日）", "Out of fold, on the training days")
        self.text(
            "每户由未见过该户任何一天的树评分；仍是训练所在的年份，比以后各年乐观。",
            "Every household is scored by trees that saw it on no day; still of the years trained on, so kinder than a later year.",
        )
        self.table(
            ["户次", "事件", "基础发生率", "AUC", "平均精确率", "Brier（只用基础率）", "对数损失（只用基础率）"],
            ["Household-days", "Events", "Base rate", "AUC", "Average precision", "Brier (of the base rate)", "Log loss (of the base rate)"],
            [
                [
                    f"{int(metrics['households']):,}", f"{int(metrics['events']):,}", f"{float(metrics['base_rate']):.2%}",
                    f"{float(metrics['auc']):.3f}", f"{float(metrics['average_precision']):.3f}",
                    f"{float(metrics['brier']):.4f} ({float(metrics['brier_base']):.4f})",
                    f"{float(metrics['log_loss']):.4f} ({float(metrics['log_loss_base']):.4f})",
                ]
            ],
        )  # fmt: skip

    def evaluation(self) -> None:
        found = self.card["evaluation"]
        self.heading("时间外评估", "Evaluation on later days")
        if found is None:
            self.text(
                "尚未评估。请用 fanpin-risk evaluate 在本地台账上评估（--card 写入本卡），评估前不要用于实际工作。",
                "Not evaluated. Evaluate it on your own register with fanpin-risk evaluate (--card writes it in here), and do not put it "
                "to use before.",
            )
            return
        self.text(
            "同样的训练方法在过去各日的表现：每次只用当日已知的记录和结果训练，再预测其后一期。评估的是方法，不是本模型这一组树。"
            "括号内为按村自助法的95%区间；小样本不显示。",
            "How the same way of training fared on past days: each time it learnt from what was on record by then and forecast the time "
            "after. It is the way that is judged, not these very trees. In brackets 95 % intervals by drawing villages; small cells are "
            "left out.",
        )
        if found["synthetic"]:
            self.document.important(
                self.say(("评估所用台账为模拟数据。", "The register of the evaluation was made up."))
            )
        self.document.important(found["note_zh" if self.lang == "zh" else "note_en"])
        self.table(
            ["预测日", "训练日", "训练户次", "训练事件", "预测户数", "事件"],
            ["Day forecast", "Training days", "Household-days learnt from", "Events learnt from", "Households forecast", "Events"],
            [
                [str(row["test_day"]), str(row["train_days"]), *(f"{int(row[key]):,}" for key in ("train_households", "train_events", "test_households", "test_events"))]
                for row in found["folds"]
            ],
        )  # fmt: skip
        self.document.table(*measure_rows(found["measures"], self.lang))
        if found["comparison"]:
            first = model_label(str(found["models"][0]), self.lang)
            self.text(
                f"“首个模型”指{first}，与其他模型比较：", f"The first model is {first}; compared with the others:"
            )
            self.document.table(*comparison_rows(found["comparison"], self.lang))
        if len(found["folds"]) > 1:
            self.text("逐个预测日：", "Day by day:")
            self.document.table(*measure_rows(found["by_fold"], self.lang, key="fold", measures=BY_FOLD))
        self.calibration(found)
        self.groups(found)

    def calibration(self, found: Mapping[str, Any]) -> None:
        self.heading("校准", "Calibration")
        self.text(
            "按预测风险分组，平均预测风险与实际发生率。",
            "In groups of the risk forecast: its mean, and the share that had the event.",
        )
        self.table(
            ["平均预测风险", "实际发生率", "户数", "事件"],
            ["Mean risk", "Share with the event", "Households", "Events"],
            [
                [
                    _percent(row["mean_risk"]), _percent(row["observed"], row["low"], row["high"]),
                    _count(row["households"]), _count(row["events"]),
                ]
                for row in found["calibration"]
            ],
        )  # fmt: skip

    def groups(self, found: Mapping[str, Any]) -> None:
        self.heading("各类农户", "Groups of households")
        capacity = float(found["capacity"])
        zh, en = (
            (f"前{percent(capacity)}", percent(capacity))
            if capacity < 1
            else (f"前{capacity:,.0f}户", f"{capacity:,.0f} households")
        )
        self.text(
            "民族等仅用于审计，不是特征。漏评：发生了但未列入走访名单；错评：走访了但未发生。所有户共用一份名单（风险最高的"
            + zh
            + "）。",
            "Ethnicity and the like are for this audit only, they are no features. Exclusion error: the event happened, but nobody was to "
            "visit. Inclusion error: a visit without event. One list for all: the " + en + " with the highest risk.",
        )
        rows: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
        for row in [*found["groups"], *found["fairness"]]:
            rows.setdefault((str(row["group"]), str(row["category"])), {}).setdefault(str(row["measure"]), row)
        wanted = ("base_rate", "mean_risk", "auc", "visited", "exclusion_error", "inclusion_error")
        present = [name for name in wanted if any(name in row for row in rows.values())]
        rows = {key: row for key, row in rows.items() if key[1] != ALL}
        hidden = {key for key, row in rows.items() if all(measured(one) == "—" for one in row.values())}
        counted = {key: next(iter(row.values())) for key, row in rows.items()}
        headers = [self.say(FAIRNESS[name]) for name in present]
        self.document.table(
            [*(("分组", "类别", "户数", "事件") if self.lang == "zh" else ("Group", "Category", "Households", "Events")), *headers],
            [
                [
                    group_label(key[0], self.lang), category_label(*key, self.lang), _count(counted[key].get("households")), _count(counted[key].get("events")),
                    *(measured(row[name]) if name in row else "—" for name in present),
                ]
                for key, row in rows.items()
                if key not in hidden
            ],
        )  # fmt: skip
        if hidden:
            number = Counter(group for group, category in rows if (group, category) in hidden)
            self.text(
                "另有小样本不显示："
                + "、".join(f"{group_label(group, 'zh')}{n}类" for group, n in number.items())
                + "。",
                "Too small to be shown besides: "
                + ", ".join(f"{n} of {group_label(group, 'en')}" for group, n in number.items())
                + ".",
            )
        if not found["fairness"]:
            self.text(
                "未做公平性审计（未安装 fairlearn）。", "No audit of fairness was made (fairlearn was not installed)."
            )

    def uncertainty(self) -> None:
        about = self.card["uncertainty"]
        level, years = float(about["level"]), int(about["years"])
        self.heading("不确定性", "Uncertainty")
        self.document.list(
            self.say(pair)
            for pair in (
                (
                    f"risk_low 至 risk_high：新一年总体水平可能上下移动，有{level:.0%}的把握落在此区间（对数几率 ±{float(about['half_width']):.2f}；"
                    f"训练日跨{years}个完整周期，其余凭其他面板的经验）。它不是某一户真实风险的区间。",
                    f"risk_low to risk_high: the level of a new year may move the risk this far, with probability {level:.0%} (log-odds "
                    f"± {float(about['half_width']):.2f}; the training days span {years} whole horizon(s), the rest is what other panels showed). "
                    "It is no interval of one household's own true risk.",
                ),
                (
                    "outlook（可否排除，Python 中为 model.interval_.outlook_of）：按类别的保形预测，说明哪些户可以排除发生、哪些不能。",
                    "outlook (what can be ruled out, model.interval_.outlook_of in Python): by label-conditional conformal prediction, whether the event, or its absence, can be "
                    "ruled out for a household.",
                ),
                (
                    f"enough_known 为否：该户已知记录所占权重低于{float(about['least_known']):.0%}，先补全记录，不要依赖其分数。",
                    f"enough_known is false: what is on record of the household carries less than {float(about['least_known']):.0%} of the weight; "
                    "complete its records before leaning on the score.",
                ),
            )
        )  # fmt: skip
        note = str(self.card["recalibration"]["note"])
        note = in_chinese(note) if self.lang == "zh" else note
        self.text(
            f"再校准：斜率{float(self.card['recalibration']['slope']):.3f}，截距{float(self.card['recalibration']['intercept']):.3f}。{note}",
            f"Recalibration: slope {float(self.card['recalibration']['slope']):.3f}, intercept "
            f"{float(self.card['recalibration']['intercept']):.3f}. {note}",
        )

    def leaks(self) -> None:
        alarms = self.card["alarms"]
        self.heading("泄露检查", "Leak check")
        if alarms is None:
            self.text("训练时未做泄露检查。", "No leak check was made in training.")
            return
        found = [row for row in alarms if row["level"] != "ok"]
        checks = len({str(row["alarm"]) for row in alarms})
        if not found:
            self.text(
                f"{checks}项检查，无警报。没有警报不等于没有泄露。",
                f"{checks} checks, no alarm. Silence is no proof that there is no leak.",
            )
        message = "message_zh" if self.lang == "zh" else "message_en"
        self.table(
            ["级别", "检查", "所涉特征或字段", "说明"],
            ["Level", "Check", "Feature or column", "What was found"],
            [
                [self.say(LEVELS.get(str(row["level"]), (str(row["level"]),) * 2)), self.code(str(row["alarm"]), ALARMS), feature_label(str(row["feature"]), self.lang), str(row[message])]
                for row in found
            ],
        )  # fmt: skip

    def features(self) -> None:
        features = self.card["features"]
        self.heading(f"特征（{len(features)}项）", f"Features ({len(features)})")
        self.text("方向为模型所受的约束。", "The direction is a constraint that the model keeps.")
        domains = list(DOMAINS)
        ordered = sorted(features, key=lambda f: domains.index(f["domain"]) if f["domain"] in domains else len(domains))
        self.table(
            ["领域", "特征", "代码", "方向", "对应风险"],
            ["Domain", "Feature", "Name", "Direction", "Risk category"],
            [
                [
                    DOMAINS.get(f["domain"], f["domain"]) if self.lang == "zh" else str(f["domain"]),
                    str(f["zh" if self.lang == "zh" else "en"]), str(f["name"]),
                    self.say(DIRECTIONS.get(f["monotone"], (str(f["monotone"]),) * 2)),
                    CAUSES[f["cause"]].shown(self.lang) if f["cause"] in CAUSES else str(f["cause"]),
                ]
                for f in ordered
            ],
        )  # fmt: skip

    def monitoring_lines(self) -> None:
        self.heading("所用监测线", "Monitoring lines in use")
        self.table(
            ["地区代码", "年度", "元/人/年", "依据", "来源"],
            ["Area code", "Year", "CNY per person and year", "Status", "Source"],
            [
                [row["area_prefix"] or self.say(("全国", "all")), str(row["year"]), f"{row['line_cny']:,.0f}", self.lines.basis(row["area_prefix"], int(row["year"])).shown(self.lang), row["source"]]
                for row in self.lines.frame.to_dict("records")
            ],
        )  # fmt: skip

    def identity(self) -> None:
        self.heading("版本与指纹", "Versions and fingerprint")
        rows = [
            (self.say(("指纹", "Fingerprint")), self.card["fingerprint"]),
            (self.say(("生成时间", "Written")), self.card["created"]),
        ]
        rows += [(str(package), str(number)) for package, number in self.card["versions"].items()]
        self.table(["项目", "值"], ["What", "Value"], [[str(key), str(value)] for key, value in rows])
        self.text(
            "每个评分的 model 列带有此指纹；指纹不同，模型即不同。",
            "Every score carries this fingerprint in the column model; another fingerprint is another model.",
        )

    def contest(self) -> None:
        self.heading("如何提出异议", "How to contest a result")
        self.document.list(self.say(pair) for pair in CONTEST)


def _percent(value: Any, low: Any = None, high: Any = None) -> str:
    return measured({"measure": "base_rate", "value": value, "low": low, "high": high})


def _count(value: Any) -> str:
    return f"{int(value):,}" if isinstance(value, (int, float)) else "—"
