"""Rules beside the model: named, sourced, with three answers (yes, no, unknown) and the records that decided them."""

from fanpin_risk.policy.beside_the_model import beside_the_model
from fanpin_risk.policy.parameters import PARAMETERS, Policy
from fanpin_risk.policy.rule import ANSWER_CODES, Rule
from fanpin_risk.policy.screening import (
    CONTRADICTIONS,
    HOUSEHOLD_GROUPS,
    SIEVE,
    by_household,
    contradictions,
    describe_rules,
    household_groups,
    screen,
)

__all__ = [
    "ANSWER_CODES",
    "CONTRADICTIONS",
    "HOUSEHOLD_GROUPS",
    "PARAMETERS",
    "SIEVE",
    "Policy",
    "Rule",
    "beside_the_model",
    "by_household",
    "contradictions",
    "describe_rules",
    "household_groups",
    "screen",
]
