"""The letter that explains one household's risk in plain text, to the cadre who visits and the family who asks.

It says what a person may expect of an automated estimate (Personal Information Protection Law of the PRC, article
24): what was used, as of when, what weighed, what is not known, that people decide, and how to object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

__all__ = ["LEAD", "OBJECTION", "gaps_in_words", "percent", "write_letter"]

# A letter lists at most this many gaps in the records; the rest are counted.
GAPS_SHOWN = 8

TEXT = {
    "zh": """农户 {household} 风险说明

{start}估计该户{span}返贫致贫风险为 {risk}。{cause}

推高风险的主要情况：
{toward}

降低风险的主要情况：
{away}

没有记录或不适用、请入户时核对的信息：{gaps}

方括号内为该方面对风险的影响（对数几率，正数推高，负数降低），说明模型如何得出结果，不等于致贫原因。
{lead}
{objection}
""",
    "en": """Household {household}: what its risk rests on

{start} puts the risk of falling (back) into poverty{span} at {risk}.{cause}

What raises the risk:
{toward}

What lowers the risk:
{away}

Not on record or not applicable, to be asked on the visit: {gaps}

Figures in brackets are effects on the risk in log-odds (above zero raises it). They tell how the model came to its
result, not what causes poverty.
{lead}
{objection}
""",
}
# What every explanation says of itself, also on a page: that people decide, and how to object.
LEAD = {
    "zh": "以上为建议入户核实的线索，不是认定结论；是否纳入监测由人按程序决定。",
    "en": "This is a lead for a visit, not a decision: whether the household is monitored is decided by people.",
}
OBJECTION = {
    "zh": "该户或村干部认为信息有误、有遗漏，或不同意仅由计算机得出的结果的，"
    "可向村（社区）或乡镇防返贫监测工作人员提出，核实更正登记信息后重新估计。",
    "en": """If the family or the cadre finds a record wrong or missing, or objects to a result made by a computer alone, they can
tell the monitoring staff of the village or township; the records are checked and corrected, and the risk is estimated
again.""",
}
NO_REASON = {"zh": "（没有明显的）", "en": "(nothing of weight)"}
NO_GAP = {"zh": "（无）", "en": "(nothing)"}
DAY = {"zh": "依据截至{:%Y-%m-%d}已知的登记信息，模型", "en": "From the records known on {:%Y-%m-%d}, the model"}
NO_DAY = {"zh": "模型", "en": "The model"}
SPAN = {"zh": "此后{}个月内的", "en": " within the following {} months"}
CAUSE = {"zh": "主要风险类别：{}。", "en": " Main risk category: {}."}
JOIN = {"zh": "、", "en": "; "}
MORE = {"zh": "等{}项", "en": "; {} in all"}


def write_letter(
    household_id: str,
    risk: float,
    *,
    lang: Literal["zh", "en"],
    as_of: pd.Timestamp | None,
    horizon_months: int | None,
    cause: str,
    toward: Sequence[tuple[str, float]],
    away: Sequence[tuple[str, float]],
    gaps: Sequence[str],
) -> str:
    """Fill in the letter.

    Parameters
    ----------
    household_id : str
        Whom it is about.
    risk : float
        Calibrated probability.
    lang : {"zh", "en"}
        Language.
    as_of : Timestamp or None
        The day whose records were used.
    horizon_months : int or None
        Months after the day that the risk speaks of.
    cause : str
        Main risk category in words, ``""`` for none.
    toward, away : sequence of (str, float)
        Reasons with their contributions in log-odds.
    gaps : sequence of str
        Labels of what is not on record.

    Returns
    -------
    str
    """
    return TEXT[lang].format(
        household=household_id,
        start=NO_DAY[lang] if as_of is None else DAY[lang].format(as_of),
        span="" if horizon_months is None else SPAN[lang].format(horizon_months),
        risk=percent(risk),
        cause=CAUSE[lang].format(cause) if cause else "",
        toward=_numbered(toward) or NO_REASON[lang],
        away=_numbered(away) or NO_REASON[lang],
        gaps=gaps_in_words(gaps, lang),
        lead=LEAD[lang],
        objection=OBJECTION[lang],
    )


def gaps_in_words(gaps: Sequence[str], lang: Literal["zh", "en"]) -> str:
    """List what is not on record, the first few by name, the rest counted."""
    more = MORE[lang].format(len(gaps)) if len(gaps) > GAPS_SHOWN else ""
    return JOIN[lang].join(gaps[:GAPS_SHOWN]) + more if gaps else NO_GAP[lang]


def percent(risk: float) -> str:
    """Write a risk with one decimal, never as none or as certain.

    Examples
    --------
    >>> percent(0.0213), percent(0.0001)
    ('2.1%', '<0.1%')
    """
    if risk < 0.0005:
        return "<0.1%"
    return ">99.9%" if risk >= 0.9995 else f"{100 * risk:.1f}%"


def _numbered(told: Sequence[tuple[str, float]]) -> str:
    return "\n".join(f"{k}. {text} [{contribution:+.2f}]" for k, (text, contribution) in enumerate(told, start=1))
