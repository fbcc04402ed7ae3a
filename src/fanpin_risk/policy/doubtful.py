"""How many records contradict each other, by rule, and which households have most of it (存疑户)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.policy.contradictions import CONTRADICTIONS
from fanpin_risk.policy.parameters import Policy, checked_policy
from fanpin_risk.policy.rule import IS_SO, NOT_KNOWN, SEVERITIES

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = ["ContradictionCounts", "added_contradictions", "contradiction_counts"]


class ContradictionCounts(NamedTuple):
    """Contradictions of a register on a day, counted.

    Attributes
    ----------
    rules : DataFrame
        One row for each rule, the worst severity first: ``rule, severity, found`` and ``unknown`` (households).
    households : DataFrame
        Households with any, those with most and worst first: ``household_id``, how many rules of each severity
        (``error, warning, hint``) and ``rules`` (their codes, joined by ``;``).
    n_households : int
        Households on record on the day.
    """

    rules: pd.DataFrame
    households: pd.DataFrame
    n_households: int


def contradiction_counts(
    register: Register, as_of: Any, *, lines: MonitoringLines | None = None, policy: Policy | None = None
) -> ContradictionCounts:
    """Count which records of a register contradict each other, without writing down the evidence of each.

    Parameters
    ----------
    register : Register
        Checked records; only what was recorded on or before the day is seen.
    as_of : date-like
        The day.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.

    Returns
    -------
    ContradictionCounts

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> counts = contradiction_counts(fr.make_register(100, random_state=0), "2023-12-31")
    >>> len(counts.rules) == len(CONTRADICTIONS), set(counts.rules["severity"]) == {"error", "warning", "hint"}
    (True, True)
    """
    snapshot, numbers = Snapshot(register, as_of, lines=lines), checked_policy(policy)
    n = snapshot.n_households
    by_severity = {severity: np.zeros(n, dtype="int64") for severity in SEVERITIES}
    codes = np.full(n, "", dtype=object)
    rows = []
    for rule in CONTRADICTIONS:
        answer = rule.answer(snapshot, numbers).answer
        found = np.flatnonzero(answer == IS_SO)
        assert rule.severity is not None, "every contradiction has one"
        by_severity[rule.severity][found] += 1
        codes[found] = np.where(codes[found] == "", rule.code, codes[found] + ";" + rule.code)
        rows.append((rule.code, rule.severity, len(found), int((answer == NOT_KNOWN).sum())))
    rules = pd.DataFrame(rows, columns=["rule", "severity", "found", "unknown"])
    ids = pd.Series(np.asarray(snapshot.household_ids, dtype=object), dtype="str")
    households = pd.DataFrame(by_severity)
    households.insert(0, "household_id", ids)
    households["rules"] = pd.Series(codes, dtype="str")
    return _worst_first(rules, households[households["rules"] != ""], n)


def added_contradictions(parts: Sequence[ContradictionCounts]) -> ContradictionCounts:
    """Add up the contradictions of the parts of a register.

    Parameters
    ----------
    parts : sequence of ContradictionCounts
        Of :func:`contradiction_counts`, on one day; at least one.

    Returns
    -------
    ContradictionCounts
        As of the register as a whole.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> counts = contradiction_counts(fr.make_register(100, random_state=0), "2023-12-31")
    >>> added_contradictions([counts, counts]).n_households == 2 * counts.n_households
    True
    """
    order = {rule.code: place for place, rule in enumerate(CONTRADICTIONS)}
    added = pd.concat([part.rules for part in parts]).groupby(["rule", "severity"], as_index=False).sum()
    added = added.sort_values("rule", key=lambda codes: codes.map(order), ignore_index=True)
    found = pd.concat([part.households for part in parts], ignore_index=True)
    return _worst_first(added, found, sum(part.n_households for part in parts))


def _worst_first(rules: pd.DataFrame, households: pd.DataFrame, n_households: int) -> ContradictionCounts:
    """Put the worst severity, and the households with most of it, first."""
    order = np.lexsort((-rules["found"], rules["severity"].map(list(SEVERITIES).index)))
    worst = np.lexsort((households["household_id"], *(-households[name] for name in reversed(SEVERITIES))))
    return ContradictionCounts(
        rules.iloc[order].reset_index(drop=True), households.iloc[worst].reset_index(drop=True), n_households
    )
