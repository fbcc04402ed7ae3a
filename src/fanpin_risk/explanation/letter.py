"""The letter that explains one household's risk in plain text, to the cadre who visits and the family who asks.

It says what a person may expect of an automated estimate (Personal Information Protection Law of the PRC, article
24): what was used, as of when, what weighed, what is not known, that people decide, and how to object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from fanpin_risk.explanation.causes import NO_CAUSE
from fanpin_risk.words import Language, Message, listed

__all__ = ["CAUTIONS", "LEAD", "OBJECTION", "gaps_in_words", "percent", "write_letter"]

# A letter lists at most this many gaps in the records; the rest are counted.
GAPS_SHOWN = 8

TEXT = Message(
    """Household {household}: what its risk rests on

{opening}

Causes on record:
{causes}

Against the line: {income}

{reasons}Not on record, to be asked on the visit: {gaps}

{lead}
{objection}
"""
)
# What every explanation says of itself, also on a page: that people decide, and how to object.
LEAD = Message("This is a lead for a visit, not a decision: whether the household is monitored is decided by people.")
OBJECTION = Message(
    """If the family or the cadre finds a record wrong or missing, or objects to a result made by a computer alone, they can
tell the monitoring staff of the village or township; the records are checked and corrected, and the risk is estimated
again."""
)
OPENING = Message("{start} puts the risk of falling (back) into poverty{span} at {risk}.")
REASONS = Message(
    """{reasons}

Figures in brackets are effects on the risk in log-odds (above zero raises it). They say how the model came to its
result, not what causes poverty.

"""
)
# Of households that the forecast is not about: said before the risk. Codes as in fanpin_risk.asof.outcomes.LEFT_OUT.
CAUTIONS: Mapping[str, Message] = MappingProxyType(
    {
        "already_below_line": Message(
            "This household is below the line already. The forecast is of falling below it: no risk is given."
        ),
        "no_income_before": Message(
            "Nothing on record tells whether this household is below the line already. Find that out first: "
            "no risk of falling below it is given."
        ),
        "monitored": Message(
            "This household is monitored already. The forecast is of households that are not: the risk and the reasons only "
            "tell how the model computes."
        ),
    }
)
BOTH_WAYS = Message(
    """What raises the risk:
{toward}

What lowers the risk:
{away}"""
)
KEEPS_LOW = Message(
    """What keeps the risk low:
{away}"""
)
CAUSE_LINE = Message("{number}. {cause}: {fact}")
NO_REASON = Message("(nothing of weight)")
NO_GAP = Message("(nothing)")


def write_letter(
    household_id: str,
    risk: float,
    *,
    lang: Language,
    as_of: pd.Timestamp | None,
    horizon_months: int | None,
    causes: Sequence[tuple[str, str]],
    income: str,
    toward: Sequence[tuple[str, float]],
    away: Sequence[tuple[str, float]],
    gaps: Sequence[str],
    below_usual: bool,
    caution: Message | None = None,
    forecast: bool = True,
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
        Months after the day within which the event counts.
    causes : sequence of (str, str)
        Risk categories with their facts, in words.
    income : str
        The state of income.
    toward, away : sequence of (str, float)
        Reasons with their contributions in log-odds.
    gaps : sequence of str
        Labels of what is not on record.
    below_usual : bool
        Whether the risk is below that of a household of which nothing is known: then only what keeps it low is said.
    caution : Message, optional
        Why the forecast is not about this household.
    forecast : bool, default True
        Whether the risk and its reasons are told.

    Returns
    -------
    str
    """
    start = Message("The model")
    if as_of is not None:
        start = Message("From the records known on {day:%Y-%m-%d}, the model", day=as_of)
    opening = Message(
        OPENING,
        start=start,
        span="" if horizon_months is None else Message(" within the following {months} months", months=horizon_months),
        risk=percent(risk),
    )
    if caution is not None and as_of is not None:
        caution = Message("From the records known on {day:%Y-%m-%d}: {what}", day=as_of, what=caution)
    openings = (caution, opening if forecast else None)
    reasons = Message(
        KEEPS_LOW if below_usual else BOTH_WAYS,
        toward=_numbered(toward) or NO_REASON,
        away=_numbered(away) or NO_REASON,
    )
    return Message(
        TEXT,
        household=household_id,
        opening="\n\n".join(one.shown(lang) for one in openings if one is not None),
        causes="\n".join(
            Message(CAUSE_LINE, number=k, cause=name, fact=fact).shown(lang)
            for k, (name, fact) in enumerate(causes, start=1)
        )
        or NO_CAUSE,
        income=income,
        reasons=Message(REASONS, reasons=reasons) if forecast else "",
        gaps=gaps_in_words(gaps),
        lead=LEAD,
        objection=OBJECTION,
    ).shown(lang)


def gaps_in_words(gaps: Sequence[str]) -> Message:
    """List what is not on record, the first few by name, the rest counted."""
    if not gaps:
        return NO_GAP
    first = listed(gaps[:GAPS_SHOWN], between="; ")
    return Message("{first}; {count} in all", first=first, count=len(gaps)) if len(gaps) > GAPS_SHOWN else first


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


def _numbered(reasons: Sequence[tuple[str, float]]) -> str:
    return "\n".join(f"{k}. {text} [{contribution:+.2f}]" for k, (text, contribution) in enumerate(reasons, start=1))
