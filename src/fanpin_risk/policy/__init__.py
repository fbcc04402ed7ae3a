"""Rules beside the model: named, sourced, with three answers (yes, no, unknown) and the records that decided them."""

from fanpin_risk.policy.asking import ENTITLEMENTS, SUSPICIONS, entitlements, suspicions
from fanpin_risk.policy.beside_the_model import beside_the_model
from fanpin_risk.policy.description import by_household, describe_rules
from fanpin_risk.policy.monitored_types import monitored_type
from fanpin_risk.policy.parameters import PARAMETERS, Policy
from fanpin_risk.policy.proposed_measures import measures
from fanpin_risk.policy.rule import ANSWER_CODES, Rule
from fanpin_risk.policy.screening import (
    CONTRADICTIONS,
    HOUSEHOLD_GROUPS,
    SIEVE,
    contradictions,
    household_groups,
    screen,
)
from fanpin_risk.policy.support_kinds import own_kinds_of_measures
from fanpin_risk.policy.type_table import SUGGESTED_TYPES

__all__ = [
    "ANSWER_CODES",
    "CONTRADICTIONS",
    "ENTITLEMENTS",
    "HOUSEHOLD_GROUPS",
    "PARAMETERS",
    "SIEVE",
    "SUGGESTED_TYPES",
    "SUSPICIONS",
    "Policy",
    "Rule",
    "beside_the_model",
    "by_household",
    "contradictions",
    "describe_rules",
    "entitlements",
    "household_groups",
    "measures",
    "monitored_type",
    "own_kinds_of_measures",
    "screen",
    "suspicions",
]
