"""Scores that were written for people read back: the codes behind their words, in either language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd

from fanpin_risk.asof.outcomes import LEFT_OUT
from fanpin_risk.errors import SchemaError
from fanpin_risk.explanation import NO_CAUSE
from fanpin_risk.features.feature import CAUSES, DOMAINS
from fanpin_risk.model.tiers import SHOWN_CAUSES, TIERS
from fanpin_risk.policy import SIEVE, SUGGESTED_TYPES
from fanpin_risk.policy.signals import ONE_SIGNAL, signal_words
from fanpin_risk.records.doubts import DOUBT_NAMES
from fanpin_risk.words import Message, listed

__all__ = ["codes_from_words"]

CodeWords = Mapping[str, Message]
RULE_WORDS = {rule.code: rule.label for rule in SIEVE}
# Columns of scores that `in_words` translates -> what their codes are called; those that hold several codes.
ONE_CODE: dict[str, CodeWords] = {
    "tier": TIERS, **dict.fromkeys(SHOWN_CAUSES, CAUSES), "not_at_risk": LEFT_OUT, "type_suggested": SUGGESTED_TYPES,
}  # fmt: skip
SEVERAL_CODES: dict[str, CodeWords] = {
    "rules": RULE_WORDS, "rules_unknown": RULE_WORDS, "doubts": DOUBT_NAMES, "little_known": DOMAINS,
}  # fmt: skip
BETWEEN_WORDS = re.compile("|".join((*listed(("", ""), between="; ").in_every_language(), ";")))


def codes_from_words(scores: pd.DataFrame) -> pd.DataFrame:
    """Return scores with codes where :func:`fanpin_risk.in_words` put words; codes stay codes.

    Parameters
    ----------
    scores : DataFrame
        As the command ``score`` writes them into a csv or a workbook, in Chinese or English.

    Returns
    -------
    DataFrame
        A copy.

    Raises
    ------
    SchemaError
        If a column holds what is neither a code nor its word.

    Examples
    --------
    >>> codes_from_words(pd.DataFrame({"tier": ["高", "low"], "rules": ["住房安全；饮水安全", ""]})).values.tolist()
    [['high', 'safe_housing;safe_water'], ['low', '']]
    """
    result = scores.copy()
    for column, words in {**ONE_CODE, **SEVERAL_CODES}.items():
        if column in result.columns:
            nothing = dict.fromkeys(NO_CAUSE.in_every_language(), "") if column == "cause" else {}
            several = column in SEVERAL_CODES
            result[column] = _column_in_codes(
                result[column], column, partial(_from, _codes_of_words(words) | nothing, several=several)
            )
    if "signals" in result.columns:
        result["signals"] = _column_in_codes(result["signals"], "signals", _signals_in_codes)
    return result


def _from(known: Mapping[str, str], text: str, *, several: bool) -> str:
    """Return the code, or the codes, of a text."""
    return ";".join(known[one] for one in BETWEEN_WORDS.split(text)) if several else known[text]


def _codes_of_words(words: CodeWords) -> dict[str, str]:
    """Return the code of each word in every language, and of each code."""
    return {said: code for code, word in words.items() for said in (code, *word.in_every_language())}


def _column_in_codes(values: pd.Series, column: str, code_of: Callable[[str], str]) -> pd.Series:
    """Return the codes of a column, each different text looked up once."""
    texts = values.astype("object").where(values.notna(), "").astype("str")
    codes, wrong = {"": ""}, 0
    counts = texts[texts != ""].value_counts()
    for text, count in zip(counts.index.tolist(), counts.tolist(), strict=True):
        try:
            codes[text] = code_of(text)
        except KeyError:
            wrong += count
    if wrong:
        raise SchemaError(
            "{column}: {count} value(s) are neither codes nor their words; give the scores as 'score' wrote them",
            column=column, count=wrong,
        )  # fmt: skip
    return texts.map(codes).astype("str")


def _signals_in_codes(text: str) -> str:
    """Return pending signals in codes."""
    words = signal_words()
    found = []
    for one in BETWEEN_WORDS.split(text):
        if re.fullmatch(r"\w*:\d+:.*", one):
            found.append(one)
            continue
        match = next((match for pattern in ONE_SIGNAL if (match := pattern.fullmatch(one))), None)
        if match is None:
            raise KeyError(one)
        found.append(
            f"{words.signals[match['signal']]}:{match['days']}:{words.senders.get(match['sender'], match['sender'])}"
        )
    return ";".join(found)
