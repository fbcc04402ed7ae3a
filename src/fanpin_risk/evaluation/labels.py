"""What measures, models, events, groups and findings are called for readers, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from fanpin_risk.evaluation.groups import ALL, FAIRNESS, GROUPS, LARGEST_DIFFERENCE, LARGEST_RATIO, UNKNOWN
from fanpin_risk.evaluation.measures import MEASURES
from fanpin_risk.features.labels import feature_label

__all__ = [
    "ALARMS",
    "EVENTS",
    "LEFT_OUT",
    "WORDS",
    "Lang",
    "category_label",
    "filled",
    "group_label",
    "in_chinese",
    "label",
    "model_label",
    "translated",
]

Lang = Literal["zh", "en"]

EVENTS: Mapping[str, tuple[str, str]] = {
    "newly_monitored": ("新纳入监测", "being newly recognised as monitored"),
    "below_line": ("人均纯收入低于监测线", "net income per person falling below the monitoring line"),
}
# Models that `make_baselines` names; LightGBM and XGBoost are called so in Chinese too.
MODELS: Mapping[str, str] = {
    "rule: income below 1.5 lines": "规则：收入低于监测线1.5倍",
    "rule: any trigger": "规则：任一预警触发",
    "rule: number of triggers": "规则：预警触发项数",
    "proxy means test": "代理家计调查",
    "logistic regression": "逻辑回归",
    "random forest": "随机森林",
}
# Why households were left out of a training day, in Chinese.
LEFT_OUT: Mapping[str, str] = {
    "not_on_record": "当日不在册",
    "dissolved": "已销户",
    "monitored": "当日已是监测对象",
    "dissolved_within_horizon": "期内销户",
    "no_income_before": "当日无收入记录",
    "already_below_line": "当日收入已低于监测线",
    "no_income_after": "期后无收入记录",
}
# Checks for leaks, in Chinese.
ALARMS: Mapping[str, str] = {
    "future_read": "特征用到当日之后的记录",
    "outcomes_read": "特征用到结果表",
    "shuffled_labels": "随机对调结果仍可预测",
    "too_good": "好得不可信",
    "single_feature": "单项特征过强",
    "missing_values": "缺失与否透露结果",
    "pure_value": "特征取值只见于出现结果的户",
    "pure_records": "记录取值只见于出现结果的户",
    "horizon_cliff": "期内准、期后盲",
    "twins": "疑似同一户两个编号（特征相同）",
    "duplicates": "疑似同一户两个编号（成员相同）",
    "recorded_missing": "缺更新时间",
    "recorded_once": "更新时间为同一天",
    "recorded_derived": "更新时间像是推算的",
    "overwritten": "历史状态可能被覆盖",
    "recorded_before": "登记早于发生",
    "outcome_on_record": "结果当日已登记",
    "dates_ahead": "当日已登记的日期晚于当日",
    "recorded_unlike": "登记方式因结果而异",
    "back_filled": "事后补录因结果而异",
}
# Further words of the tables.
LABELS: Mapping[str, tuple[str, str]] = {
    "model": ("模型", "Model"),
    "fold": ("预测日", "Day forecast"),
    "better": ("首个模型更好", "the first model is better"),
    "worse": ("首个模型更差", "the first model is worse"),
    "no difference shown": ("未显示差异", "no difference shown"),
    "ahead_3": ("至少提前3个月列入名单的事件占比", "Share of events on the list 3 months ahead"),
    "ahead_6": ("至少提前6个月列入名单的事件占比", "Share of events on the list 6 months ahead"),
}
# Columns of the tables that are written; measures are called as they are elsewhere.
HEADERS: Mapping[str, str] = {
    "measure": "指标", "low": "区间下限", "high": "区间上限", "households": "户数", "events": "事件数", "note": "说明",
    "reference_value": "首个模型数值", "value": "数值", "difference": "差异", "difference_low": "差异区间下限",
    "difference_high": "差异区间上限", "verdict": "结论", "train_days": "训练日", "test_day": "预测日期", "until": "期末",
    "train_households": "训练户次", "train_events": "训练事件数", "test_households": "预测户数", "test_events": "预测期事件数",
    "setting": "参数序号", "chosen": "是否选用", "bin": "风险组", "visits": "走访户数", "visited": "走访率",
    "visit_all": "全部走访的净收益", "visit_none": "都不走访的净收益", "found_ideal": "理想排序发现的事件占比",
    "group": "分组", "category": "类别", "feature": "特征", "chance": "偶然可达的PSI", "level": "变化程度",
    "jensen_shannon": "JS距离", "missing_before": "训练时缺失比例", "missing_after": "当日缺失比例",
    "rows_before": "训练户次", "rows_after": "当日户数", "as_of": "评分日", "promised": "模型卡数值", "kept": "是否符合模型卡",
}  # fmt: skip
WORDS: Mapping[str, tuple[str, str]] = {
    "mean_risk": ("预测风险", "Forecast risk"),
    "observed": ("实际发生率", "Share with the event"),
    "perfect": ("完全校准", "perfectly calibrated"),
    "share": ("走访户占比", "Share of households visited"),
    "share_value": ("占比", "Share"),
    "threshold": ("入户风险门槛", "Risk from which a visit is worth while"),
    "visit_all": ("全部走访", "visit all"),
    "visit_none": ("都不走访", "visit none"),
    "found": ("发现的事件占比", "Share of events found"),
    "chance": ("随机走访", "visits at random"),
    "ideal": ("理想排序", "perfect order"),
    "difference": ("差异（大于 0：基准模型更好）", "Difference (above 0: the reference is better)"),
    "months": ("提前的月数", "Months ahead"),
    "value": ("数值", "Value"),
    "all": ("全部", "all"),
    "exclusion_gap": ("各组漏评率最大差距", "Largest gap in exclusion error"),
    "psi": ("总体稳定性指数（PSI）", "Population stability index"),
    "stable": ("平稳", "stable"),
    "moderate": ("有变化", "moderate"),
    "large": ("变化大", "large"),
    "drift_chance": ("偶然可达", "up to here by chance"),
    "risk": ("模型评分", "Scores of the model"),
    "missing": ("缺失{}→{}", "missing {} → {}"),
    "lead_p10": ("10% 分位", "10 % quantile"),
    "lead_p25": ("25% 分位", "25 % quantile"),
    "lead_median": ("中位数", "median"),
    "lead_p75": ("75% 分位", "75 % quantile"),
    "lead_p90": ("90% 分位", "90 % quantile"),
}

# What is said beside figures, and of a recalibration; {} stands for what differs.
SENTENCES: Mapping[str, str] = {
    "villages unknown: households resampled": "村未知：按户重抽",
    "fewer than {} villages: households resampled, interval may be too narrow": "不足{}个村：按户重抽，区间可能偏窄",
    "{} households without a village resampled alone": "{}户无村代码，单独重抽",
    "suppressed: fewer than {} households or {} events": "不显示：不足{}户或{}个事件",
    "suppressed: the weights leave fewer than {} households or {} events": "不显示：按权重折算不足{}户或{}个事件",
    "suppressed: else the one cell left out could be worked out from the total": "不显示：否则可由合计推出另一隐去的格",
    "suppressed: fewer than {} dated events": "不显示：有日期的事件不足{}个",
    "{} events without a date left out": "{}个事件无日期，未计入",
    "not defined here": "此处无定义",
    "out-of-fold margins hardly differ, so no slope can be estimated; the recalibration is left at slope 1 and intercept 0": (
        "折外分数几乎无差别，无法估计斜率；再校准保持斜率1、截距0。"
    ),
    "out-of-fold margins do not rank the event (slope {}); the recalibration is left at slope 1 and intercept 0": (
        "折外分数不能对事件排序（斜率{}）；再校准保持斜率1、截距0。"
    ),
    "the recalibration did not converge; the recalibration is left at slope 1 and intercept 0": (
        "再校准未收敛；保持斜率1、截距0。"
    ),
}


def label(name: str, lang: Lang) -> str:
    """Return the label of a measure, or of a word of the tables; what has none is its own."""
    if name in MEASURES:
        return MEASURES[name].zh if lang == "zh" else MEASURES[name].en
    for labels in (FAIRNESS, LABELS, WORDS):
        if name in labels:
            return labels[name][lang == "en"]
    return name


def model_label(name: str, lang: Lang) -> str:
    """Return what a model is called: baselines by the words of the language, others by their own name."""
    return MODELS.get(name, name) if lang == "zh" else name


def group_label(group: str, lang: Lang) -> str:
    """Return what a grouping of an audit is called."""
    if group not in GROUPS:
        return group
    return GROUPS[group].zh if lang == "zh" else GROUPS[group].en


def category_label(group: str, category: str, lang: Lang) -> str:
    """Return what a group of a grouping is called."""
    words = {
        ALL: ("全部", "all"),
        UNKNOWN: ("未知", "unknown"),
        LARGEST_DIFFERENCE: ("各组最大差距", "largest difference"),
        LARGEST_RATIO: ("各组最大比值", "largest ratio"),
    } | (dict(GROUPS[group].codes) if group in GROUPS else {})
    return words[category][lang == "en"] if category in words else category


def filled(text: str, sentences: Mapping[str, str]) -> str | None:
    """Return the other language's sentence for a text, with what differs put in; None if it is none of them.

    Examples
    --------
    >>> filled("fold 2 of 5", {"fold {} of {}": "第{}折，共{}折"})
    '第2折，共5折'
    """
    for sentence, other in sentences.items():
        pattern = re.escape(sentence).replace(r"\{\}", "(.+?)")
        if (whole := re.fullmatch(pattern, text)) is not None:
            return other.format(*whole.groups())
    return None


def in_chinese(note: str) -> str:
    """Return what is said beside figures in Chinese; what is not known stays.

    Examples
    --------
    >>> in_chinese("fewer than 10 villages: households resampled, interval may be too narrow; not defined here")
    '不足10个村：按户重抽，区间可能偏窄；此处无定义'
    """
    if (whole := filled(note, SENTENCES)) is not None:
        return whole
    return "；".join(filled(part, SENTENCES) or part for part in note.split("; "))


def translated(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return a table as it is written for readers of a language: in English as it is, in Chinese with Chinese words.

    Parameters
    ----------
    table : DataFrame
        A result, or a table with the columns of one.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    DataFrame
        The same rows and columns; in Chinese the headers, names, notes and yes or no are Chinese.

    Examples
    --------
    >>> translated(pd.DataFrame({"model": ["proxy means test"], "measure": ["recall"], "value": [0.3]}), "zh")
           模型   指标   数值
    0  代理家计调查  查全率  0.3
    """
    if lang == "en":
        return pd.DataFrame(table)
    shown = pd.DataFrame(table).copy()
    if {"group", "category"} <= set(shown.columns):
        pairs = zip(shown["group"].astype("str"), shown["category"].astype("str"), strict=True)
        shown["category"] = [category_label(group, category, lang) for group, category in pairs]
    say: dict[str, Any] = {
        "model": lambda name: model_label(name, lang),
        "measure": lambda name: label(name, lang),
        "verdict": lambda name: label(name, lang),
        "level": lambda name: label(name, lang),
        "group": lambda name: group_label(name, lang),
        "feature": lambda name: feature_label(name, lang),
        "note": in_chinese,
    }
    for name, word in say.items():
        if name in shown.columns:
            shown[name] = shown[name].astype("str").map(word, na_action="ignore")
    for name in ("chosen", "kept"):
        if name in shown.columns:
            shown[name] = shown[name].map({True: "是", False: "否"})
    headers = {str(name): _header(str(name)) for name in shown.columns}
    if "train_days" in shown.columns and pd.api.types.is_numeric_dtype(shown["train_days"].dtype):
        headers["train_days"] = "训练日数"
    return shown.rename(columns=headers)


def _header(name: str) -> str:
    return HEADERS[name] if name in HEADERS else label(name, "zh")
