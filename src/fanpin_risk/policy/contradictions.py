"""All rules that ask whether records contradict each other (存疑): of persons, incomes, monitoring, its end and form, measures."""

from __future__ import annotations

from fanpin_risk.policy.contradictions_of_endings import CONTRADICTIONS_OF_ENDINGS
from fanpin_risk.policy.contradictions_of_forms import CONTRADICTIONS_OF_FORMS
from fanpin_risk.policy.contradictions_of_incomes import CONTRADICTIONS_OF_INCOMES
from fanpin_risk.policy.contradictions_of_measures import CONTRADICTIONS_OF_MEASURES
from fanpin_risk.policy.contradictions_of_monitoring import CONTRADICTIONS_OF_MONITORING
from fanpin_risk.policy.contradictions_of_persons import CONTRADICTIONS_OF_PERSONS
from fanpin_risk.policy.rule import Rule

__all__ = ["CONTRADICTIONS"]

CONTRADICTIONS: tuple[Rule, ...] = (
    *CONTRADICTIONS_OF_PERSONS,
    *CONTRADICTIONS_OF_INCOMES,
    *CONTRADICTIONS_OF_MONITORING,
    *CONTRADICTIONS_OF_ENDINGS,
    *CONTRADICTIONS_OF_FORMS,
    *CONTRADICTIONS_OF_MEASURES,
)
