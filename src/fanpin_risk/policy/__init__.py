"""Rules beside the model: named, sourced, with three answers (yes, no, unknown) and the records that decided them."""

from fanpin_risk.policy.parameters import PARAMETERS, Policy
from fanpin_risk.policy.rule import ANSWER_CODES, Rule
from fanpin_risk.policy.screening import GROUPS, SIEVE, by_household, describe_rules, household_groups, screen

__all__ = [
    "ANSWER_CODES",
    "GROUPS",
    "PARAMETERS",
    "SIEVE",
    "Policy",
    "Rule",
    "by_household",
    "describe_rules",
    "household_groups",
    "screen",
]
