"""How many records contradict each other, by rule, and which households have most of it (存疑户)."""

from __future__ import annotations

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

__all__ = ["ContradictionCounts", "contradiction_counts"]


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
    order = np.lexsort((-rules["found"], rules["severity"].map(list(SEVERITIES).index)))
    ids = pd.Series(np.asarray(snapshot.household_ids, dtype=object), dtype="str")
    households = pd.DataFrame(by_severity)
    households.insert(0, "household_id", ids)
    households["rules"] = pd.Series(codes, dtype="str")
    households = households[households["rules"] != ""]
    worst = np.lexsort((households["household_id"], *(-households[name] for name in reversed(SEVERITIES))))
    return ContradictionCounts(
        rules.iloc[order].reset_index(drop=True), households.iloc[worst].reset_index(drop=True), n
    )
