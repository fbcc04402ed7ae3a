"""All rules in one table, and the answers of each household in one row."""

from __future__ import annotations

import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.errors import SchemaError
from fanpin_risk.policy.asking import ENTITLEMENTS, SUSPICIONS
from fanpin_risk.policy.rule import Rule
from fanpin_risk.policy.screening import CONTRADICTIONS, HOUSEHOLD_GROUPS, SIEVE
from fanpin_risk.words import Message

__all__ = ["by_household", "describe_rules"]

ALL_RULES: tuple[Rule, ...] = (*SIEVE, *HOUSEHOLD_GROUPS, *CONTRADICTIONS, *SUSPICIONS, *ENTITLEMENTS)


def by_household(table: pd.DataFrame) -> pd.DataFrame:
    """Put the answers of each household into one row.

    Parameters
    ----------
    table : DataFrame
        From :func:`screen` or :func:`household_groups`.

    Returns
    -------
    DataFrame of shape (n_households, n_rules)
        Indexed by ``household_id``, one column of answers for each rule, in the order of the rules; missing where the rule
        does not apply.

    Raises
    ------
    SchemaError
        If `table` has not their columns.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> from fanpin_risk.policy import by_household
    >>> by_household(fr.screen(fr.make_register(100, random_state=0), "2023-12-31")).shape[1]
    6
    """
    of_type("table", table, pd.DataFrame, Message("what screen() returns"))
    missing = [name for name in ("household_id", "rule", "answer") if name not in table.columns]
    if missing:
        raise SchemaError("table has no column {missing}; expected what screen() returns", missing=tuple(missing))
    wide = table.set_index(["household_id", "rule"])["answer"].unstack()  # noqa: PD010  texts are not to be aggregated
    wide.columns.name = None
    return wide[[rule.code for rule in ALL_RULES if rule.code in wide.columns]]


def describe_rules() -> pd.DataFrame:
    """List the rules: what they ask, how they answer, and where they come from.

    Returns
    -------
    DataFrame
        One row for each rule: ``rule, kind, severity, zh, en, asks_zh, asks_en, status, source``.

    Examples
    --------
    >>> describe_rules().loc[0, "rule"]
    'compulsory_education'
    """
    return pd.DataFrame(
        [
            {
                "rule": rule.code, "kind": rule.kind, "severity": rule.severity or "", "zh": rule.zh,
                "en": rule.en, "asks_zh": rule.asks_zh, "asks_en": rule.asks_en,
                "status": rule.status, "source": rule.source,
            }
            for rule in ALL_RULES
        ]
    )  # fmt: skip
