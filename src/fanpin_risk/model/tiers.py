"""The tiers of risk, and scores as they are shown: words where the data hold codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.arguments import of_type, one_of
from fanpin_risk.arguments.coded_texts import codes_in_words
from fanpin_risk.asof.outcomes import LEFT_OUT
from fanpin_risk.errors import SchemaError
from fanpin_risk.explanation import NO_CAUSE
from fanpin_risk.features.feature import CAUSES, DOMAINS
from fanpin_risk.features.shocks import MEASURE_NAMES
from fanpin_risk.model.asked_households import NOTES_OF_ASKED
from fanpin_risk.policy.beside_the_model import groups_in_words, rules_in_words
from fanpin_risk.policy.signals import signals_in_words
from fanpin_risk.policy.type_table import SUGGESTED_TYPES
from fanpin_risk.policy.what_to_check import measures_in_words, named_checks
from fanpin_risk.records.doubts import DOUBT_NAMES
from fanpin_risk.words import LANGUAGES, Language, Message

__all__ = [
    "DISAGREEMENTS",
    "MONITORED_TYPES",
    "NEAR_THE_CUT",
    "SECTIONS",
    "SHOWN_CAUSES",
    "TIERS",
    "WHY_LISTED",
    "doubts_in_words",
    "in_words",
    "least_risks",
    "tiers_of",
]

TIERS: dict[str, Message] = {
    # code, the lowest first: its name
    "low": Message("low"),
    "medium": Message("medium"),
    "high": Message("high"),
}

# Why a household stands on a list: the risk that the model gives, a rule that fails, or both.
WHY_LISTED: dict[str, Message] = {
    "model": Message("risk", context="why listed"),
    "rule": Message("rule", context="why listed"),
    "both": Message("rule and risk", context="why listed"),
    "monitored": Message("monitored", context="why listed"),
    "carried_over": Message("not visited last time", context="why listed"),
    "audit": Message("drawn at random", context="why listed"),
}
# Parts of a plan of visits.
SECTIONS: dict[str, Message] = {
    "carried_over": Message("carried over", context="section"),
    "model": Message("by risk", context="section"),
    "rule": Message("by rule alone", context="section"),
    "monitored": Message("monitored", context="section"),
    "audit": Message("drawn at random", context="section"),
}
# Who is near the cut of a plan of visits.
NEAR_THE_CUT: dict[str, Message] = {
    "in_with_more": Message("in with more visits"),
    "out_with_fewer": Message("out with fewer visits"),
}
# What rules and model say of a household where they do not say the same.
DISAGREEMENTS: dict[str, Message] = {
    "rule_yes_model_low": Message("a rule is not met, the risk is low"),
    "model_high_no_rule": Message("the risk is high, no rule says why"),
}
# Columns that hold several codes each -> what they say.
OF_RULES = {
    "rules": rules_in_words, "rules_unknown": rules_in_words, "signals": signals_in_words,
    "groups": groups_in_words, "groups_unknown": groups_in_words,
    "checks": named_checks, "measures_by_rule": measures_in_words,
}  # fmt: skip
# Types of monitored households, as registers code them.
MONITORED_TYPES: dict[str, Message] = {
    "unstable_ex_poor": Message("ex-poor and not stable"),
    "edge": Message("on the edge of poverty"),
    "sudden_hardship": Message("in sudden serious hardship"),
}

# Columns of scores and watch lists that hold codes -> what the codes are called.
SHOWN_CAUSES = ("cause", "cause_2", "cause_3")  # of the scores, the main one first
_CODED: dict[str, Mapping[str, Message]] = {
    "tier": TIERS,
    **dict.fromkeys(SHOWN_CAUSES, CAUSES),
    "not_at_risk": LEFT_OUT,
    "why_listed": WHY_LISTED,
    "disagreement": DISAGREEMENTS,
    "note": NOTES_OF_ASKED,
    "monitored_type": MONITORED_TYPES,
    "type_suggested": SUGGESTED_TYPES,
    "section": SECTIONS,
    "band": NEAR_THE_CUT,
}
# Columns that hold several codes with a semicolon between them -> what the codes are called.
_CODED_LISTS: dict[str, Mapping[str, Message]] = {
    "risks": CAUSES,
    "causes": CAUSES,
    "measures": {code: Message(en, zh=zh) for code, (zh, en) in MEASURE_NAMES.items()},
}
# Of a household that is not monitored, or whose type nobody recorded.
MAY_BE_MISSING = ("monitored_type",)


def least_risks(
    risk: NDArray[Any], shares: tuple[float, float], weight: NDArray[Any] | None = None
) -> dict[str, float]:
    """Return the least risk of each tier: that of the k-th highest, k being the share of all, rounded up.

    Parameters
    ----------
    risk : ndarray of shape (n,)
        Calibrated probabilities.
    shares : pair of float
        Shares of the tiers ``high`` and ``medium``.
    weight : ndarray of shape (n,), optional
        What each counts. Default: all alike.

    Returns
    -------
    dict of str to float

    Examples
    --------
    >>> least_risks(np.array([0.1, 0.4, 0.2, 0.3]), (0.25, 0.5))
    {'high': 0.4, 'medium': 0.2}
    """
    if weight is not None:
        order = np.argsort(-risk, kind="stable")
        counted = np.cumsum(weight[order])
        reached = [np.searchsorted(counted, share * counted[-1]) for share in (shares[0], shares[0] + shares[1])]
        high, medium = (float(risk[order][place]) for place in reached)
        return {"high": high, "medium": medium}
    descending = np.sort(risk)[::-1]
    first, second = (int(np.ceil(share * len(risk))) for share in (shares[0], shares[0] + shares[1]))
    return {"high": float(descending[first - 1]), "medium": float(descending[second - 1])}


def tiers_of(risk: NDArray[Any], least: Mapping[str, float]) -> pd.Categorical:
    """Return the tier of each risk.

    Parameters
    ----------
    risk : ndarray of shape (n,)
        Calibrated probabilities.
    least : mapping of str to float
        From :func:`least_risks`.

    Returns
    -------
    Categorical of shape (n,)

    Examples
    --------
    >>> list(tiers_of(np.array([0.4, 0.1, 0.2]), {"high": 0.4, "medium": 0.2}))
    ['high', 'low', 'medium']
    """
    above = (risk >= least["medium"]).astype("int64") + (risk >= least["high"])
    return pd.Categorical(np.array(list(TIERS))[above], categories=list(TIERS), ordered=True)


def in_words(scores: pd.DataFrame, *, lang: Language = "zh") -> pd.DataFrame:
    """Return scores as an office reads them: the names of tiers, causes and doubts instead of their codes.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score` or :func:`fanpin_risk.watchlist`, with codes in ``tier``, ``cause``,
        ``cause_2``, ``cause_3``, ``doubts``, ``little_known``, ``not_at_risk``, ``rules``, ``rules_unknown``, ``signals``,
        ``groups``, ``groups_unknown``, ``why_listed``, ``disagreement``, of a plan of visits ``section``, ``band``,
        ``causes``, ``checks`` and ``measures_by_rule``, and, of households that were named, ``note``, ``monitored_type``,
        ``risks`` and ``measures``.
    lang : {"zh", "en"}, default "zh"
        Language of the names.

    Returns
    -------
    DataFrame
        A copy, with texts in those of these columns that it has; that there is no cause is said too, every other ``""``
        stays ``""``.

    Raises
    ------
    SchemaError
        If `lang` is not a language, or a column holds what is not a code.

    Examples
    --------
    >>> scores = pd.DataFrame({"household_id": ["H1", "H2"], "tier": ["high", "low"], "cause": ["illness", ""]})
    >>> in_words(scores).values.tolist()
    [['H1', '高', '因病'], ['H2', '低', '没有发现对应的致贫原因']]
    """
    one_of("lang", lang, LANGUAGES, SchemaError)
    of_type("scores", scores, pd.DataFrame, Message("the table that score() returns"))
    shown = scores.copy()
    coded = dict(_CODED)
    if "little_known" in shown.columns:
        # A csv in which nobody has any reads back as missing.
        shown["little_known"] = shown["little_known"].astype("object").where(shown["little_known"].notna(), "")
        coded["little_known"] = {
            code: codes_in_words("little_known", str(code), DOMAINS) for code in shown["little_known"].unique() if code
        }
    for column, words_of in OF_RULES.items():
        if column in shown.columns:
            shown[column] = shown[column].astype("object").where(shown[column].notna(), "")
            coded[column] = {code: words_of(code) for code in shown[column].unique() if code}
    if "tier" in shown.columns:  # none where a forecast is not about a household
        shown["tier"] = shown["tier"].astype("object").where(shown["tier"].notna(), "")
    for column, names in _CODED_LISTS.items():
        if column in shown.columns:
            shown[column] = shown[column].astype("object").where(shown[column].notna(), "")
            coded[column] = {code: codes_in_words(column, code, names) for code in shown[column].unique() if code}
    unscored = shown["note"].fillna("") != "" if "note" in shown.columns else pd.Series(data=False, index=shown.index)
    for column, names in coded.items():
        if column in shown.columns:
            nothing = NO_CAUSE.shown(lang) if column == "cause" else ""
            words = {code: name.shown(lang) for code, name in names.items()} | {"": nothing}
            missing = shown[column].isna() & (unscored | (column in MAY_BE_MISSING))
            unknown = sum(code not in words for code in shown.loc[~missing, column].astype("object"))
            if unknown:
                raise SchemaError(
                    "{column}: {count} value(s) are not codes; expected one of {codes}",
                    column=column,
                    count=unknown,
                    codes=tuple(names),
                )
            shown[column] = shown[column].astype("object").map(words).astype("str").mask(missing, "")
    if "doubts" in shown.columns:
        codes_of_doubts = shown["doubts"].astype("object").mask(unscored & shown["doubts"].isna(), "")
        shown["doubts"] = [doubts_in_words(codes).shown(lang) for codes in codes_of_doubts]
        shown["doubts"] = shown["doubts"].astype("str")
    return shown


def doubts_in_words(codes: str) -> Message:
    """Return what is in doubt of a household, as its score has it in codes.

    Raises
    ------
    SchemaError
        If there is anything else in it.

    Examples
    --------
    >>> doubts_in_words("part_of_year;size_differs").shown("zh")
    '只有一年中部分时间的收入；家庭人口数与成员数不一致'
    """
    return codes_in_words("doubts", codes, DOUBT_NAMES)
