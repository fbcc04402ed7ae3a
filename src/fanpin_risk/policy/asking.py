"""Suspicion lists and entitlements over a register, as the sieve is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from fanpin_risk.arguments import names, one_of
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.policy.entitlements_of_assistance import ENTITLEMENTS_OF_ASSISTANCE
from fanpin_risk.policy.entitlements_of_health import ENTITLEMENTS_OF_HEALTH
from fanpin_risk.policy.entitlements_of_school import ENTITLEMENTS_OF_SCHOOL
from fanpin_risk.policy.entitlements_of_work import ENTITLEMENTS_OF_WORK
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import ANSWER_CODES, Rule
from fanpin_risk.policy.screening import answers_of
from fanpin_risk.policy.suspicion_rules import SUSPICIONS
from fanpin_risk.progress import Progress
from fanpin_risk.words import Language

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = ["ENTITLEMENTS", "SUSPICIONS", "entitlements", "suspicions"]

ENTITLEMENTS: tuple[Rule, ...] = (
    *ENTITLEMENTS_OF_HEALTH,
    *ENTITLEMENTS_OF_SCHOOL,
    *ENTITLEMENTS_OF_ASSISTANCE,
    *ENTITLEMENTS_OF_WORK,
)


def suspicions(
    register: Register,
    as_of: Any,
    *,
    rules: Sequence[str] | None = None,
    answers: Sequence[str] = ("yes",),
    lines: MonitoringLines | None = None,
    policy: Policy | None = None,
    lang: Language | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """List the households that may be missed (漏评), ended wrongly (错退), monitored wrongly (错评) or are to be ended (应消未消).

    What is suspected is to be looked at: nothing here decides.

    Parameters
    ----------
    register : Register
        Checked records; only what was recorded on or before the day is seen.
    as_of : date-like
        The day.
    rules : sequence of str, optional
        Codes of ``SUSPICIONS``. Default: all.
    answers : sequence of str, default ("yes",)
        Of ``"yes"``, ``"no"`` and ``"unknown"``: the rows returned. Unknown is who gives no reason, where one cannot be told.
    lines, policy, lang, progress
        See :func:`fanpin_risk.screen`.

    Returns
    -------
    DataFrame
        One row for each household and list, as :func:`fanpin_risk.screen` returns it; ``rule`` is the list, ``note`` holds
        the codes of the reasons, joined by ``;``.

    Raises
    ------
    SchemaError
        As :func:`fanpin_risk.screen`.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = fr.suspicions(fr.make_register(100, random_state=0), "2023-12-31")
    >>> set(found["rule"]) <= {rule.code for rule in fr.policy.SUSPICIONS}
    True
    """
    return _of_rules_asked(SUSPICIONS, register, as_of, rules, answers, lines, policy, lang, progress)


def entitlements(
    register: Register,
    as_of: Any,
    *,
    rules: Sequence[str] | None = None,
    answers: Sequence[str] = ("yes", "no", "unknown"),
    lines: MonitoringLines | None = None,
    policy: Policy | None = None,
    lang: Language | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Ask which supports households qualify for by their own records, without any record of them (应享未享、政策未落实).

    ``"yes"`` means: qualifies by its own records, and nothing on record shows the support. It is to be checked, and never
    "owed": offices decide by more than the register holds. ``"no"`` means that the support is on record. ``"unknown"`` is
    where either cannot be told, also where the table that would show it was not given.

    Parameters
    ----------
    register : Register
        Checked records; only what was recorded on or before the day is seen.
    as_of : date-like
        The day.
    rules : sequence of str, optional
        Codes of ``ENTITLEMENTS``. Default: all.
    answers : sequence of str, default ("yes", "no", "unknown")
        The rows returned.
    lines, lang, progress
        See :func:`fanpin_risk.screen`.
    policy : Policy, optional
        Numbers of the rules. A support that depends on a number of the place (standard of 低保, thresholds) is asked only where
        the policy has one for the area. Default: the numbers that ship with the package.

    Returns
    -------
    DataFrame
        One row for each household and support for which it qualifies, or may qualify, as :func:`fanpin_risk.screen`
        returns it; ``member_ids`` are whom it is about.

    Raises
    ------
    SchemaError
        As :func:`fanpin_risk.screen`.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = fr.entitlements(fr.make_register(100, random_state=0), "2023-12-31")
    >>> set(found["answer"]) <= {"yes", "no", "unknown"}
    True
    """
    return _of_rules_asked(ENTITLEMENTS, register, as_of, rules, answers, lines, policy, lang, progress)


def _of_rules_asked(
    all_rules: tuple[Rule, ...],
    register: Register,
    as_of: Any,
    rules: Sequence[str] | None,
    answers: Sequence[str],
    lines: MonitoringLines | None,
    policy: Policy | None,
    lang: Language | None,
    progress: Progress | None,
) -> pd.DataFrame:
    wanted = names("answers", answers)
    for answer in sorted(wanted):
        one_of("answers", answer, ANSWER_CODES["group"])
    return answers_of(
        all_rules, "rules", rules, register, as_of, lines=lines, policy=policy, lang=lang, progress=progress,
        answers=frozenset(wanted),
    )  # fmt: skip
