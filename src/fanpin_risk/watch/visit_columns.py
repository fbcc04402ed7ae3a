"""What a visitor takes along: causes, what to check, measures by rule, and how long signals have been pending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.policy import measures
from fanpin_risk.policy.what_to_check import CAUSES_OF_RULES, checks_for
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = ["CAUSES_SHOWN", "blank_forecast", "causes_of_visits", "oldest_signal", "with_what_to_do"]

CAUSES_SHOWN = 5
BETWEEN_CODES = ";"
CAUSES_OF_SCORES = ("cause", *(f"cause_{k}" for k in range(2, CAUSES_SHOWN + 1)))
FORECAST_COLUMNS = ("risk", "risk_low", "risk_high", "tier")


def blank_forecast(listed: pd.DataFrame) -> pd.DataFrame:
    """Leave out risk and tier where the forecast is not about a household.

    Examples
    --------
    >>> some = pd.DataFrame({"risk": [0.9, 0.8], "not_at_risk": ["already_below_line", ""]})
    >>> blank_forecast(some)["risk"].tolist()
    [nan, 0.8]
    """
    if "not_at_risk" not in listed.columns:
        return listed
    beside = ~listed["not_at_risk"].fillna("").isin(("", "monitored"))
    blank = {name: listed[name].mask(beside) for name in FORECAST_COLUMNS if name in listed.columns}
    return listed.assign(**blank)


def causes_of_visits(listed: pd.DataFrame, causes: Mapping[str, str] | pd.Series | None = None) -> pd.Series:
    """Return up to five official categories for each household, the main one first, in codes joined by ``;``.

    Parameters
    ----------
    listed : DataFrame
        A list of visits with ``cause`` ... and ``rules``, as scores have them.
    causes : mapping or Series, optional
        Those to be taken instead of the columns.

    Returns
    -------
    Series of str
        The categories of rules that fail stand behind those of the model; before them where a rule alone lists.

    Examples
    --------
    >>> some = pd.DataFrame(
    ...     {"household_id": ["a", "b"], "section": ["rule", "model"], "cause": "illness", "rules": "safe_water"}
    ... )
    >>> causes_of_visits(some).tolist()
    ['water;illness', 'illness;water']
    """
    if causes is not None:
        of_type("causes", causes, (Mapping, pd.Series), Message("household ids with codes of causes"))
        own = [[text] for text in listed["household_id"].map(causes).fillna("").tolist()]
    else:
        columns = [listed[name].astype("object").fillna("") for name in CAUSES_OF_SCORES if name in listed.columns]
        own = [list(codes) for codes in zip(*columns, strict=True)] if columns else [[]] * len(listed)
    rules = listed["rules"].astype("object").fillna("").tolist() if "rules" in listed.columns else [""] * len(listed)
    result = []
    for texts, failing, section in zip(own, rules, listed["section"], strict=True):
        found = [code for text in texts for code in str(text).split(BETWEEN_CODES) if code]
        of_rules = [CAUSES_OF_RULES[rule] for rule in failing.split(BETWEEN_CODES) if rule in CAUSES_OF_RULES]
        ranked = [*of_rules, *found] if section == "rule" else [*found, *of_rules]
        result.append(BETWEEN_CODES.join(list(dict.fromkeys(ranked))[:CAUSES_SHOWN]))
    return pd.Series(result, index=listed.index, dtype="str")


def oldest_signal(signals: pd.Series) -> pd.Series:
    """Return for how many days the longest pending signal of each household has been open.

    Parameters
    ----------
    signals : Series of str
        As scores have them: ``signal:days:sender``, joined by ``;``.

    Returns
    -------
    Series of Int64
        Missing where none is pending.

    Examples
    --------
    >>> oldest_signal(pd.Series(["water:3:#cadre;house_cd:35:x", ""])).tolist()
    [35, <NA>]
    """
    days = [
        max((int(one.split(":")[1]) for one in str(text).split(BETWEEN_CODES) if one.count(":") >= 1), default=None)
        for text in signals.astype("object").fillna("")
    ]
    return pd.Series(pd.array(days, dtype="Int64"), index=signals.index)


def with_what_to_do(
    listed: pd.DataFrame, *, causes: Mapping[str, str] | pd.Series | None, register: Register | None, day: str
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Add causes, what to check, the oldest signal and, with a register, measures by rule, before the columns of the scores.

    Returns
    -------
    listed : DataFrame
    proposed : DataFrame or None
        The measures with their rules and what has been tried, from :func:`fanpin_risk.measures`.
    """
    ranked = causes_of_visits(listed, causes)
    doubts = listed["doubts"].fillna("").astype("str") != "" if "doubts" in listed.columns else [False] * len(listed)
    new: dict[str, Any] = {
        "causes": ranked,
        "checks": pd.Series(
            [checks_for(filter(None, text.split(BETWEEN_CODES)), doubts=bool(doubt)) for text, doubt in zip(ranked, doubts, strict=True)],
            index=listed.index, dtype="str",
        ),
    }  # fmt: skip
    proposed = None
    if register is not None:
        proposed = measures(register, day, causes=dict(zip(listed["household_id"], ranked, strict=True)))
        given = proposed[proposed["measure"] != ""]
        pairs = (
            (given["rule"] + ":" + given["measure"])
            .groupby(given["household_id"])
            .agg(lambda one: BETWEEN_CODES.join(dict.fromkeys(one)))
        )
        new["measures_by_rule"] = listed["household_id"].map(pairs).astype("str").fillna("")
    if "signals" in listed.columns:
        new["signal_days"] = oldest_signal(listed["signals"])
    place = int(np.flatnonzero(listed.columns == "household_id")[0])
    listed = listed.drop(columns=list(new), errors="ignore")
    for name, values in reversed(new.items()):
        listed.insert(place, name, values)
    return listed, proposed
