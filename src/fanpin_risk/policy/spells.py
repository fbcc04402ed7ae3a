"""What rules about monitoring ask of a spell: measures that run in it, guarantees that fail, who is able to work."""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import (
    IS_SO,
    NOT_SO,
    Deciding,
    Rule,
    Verdict,
)
from fanpin_risk.policy.sieve import basic_medical, compulsory_education, safe_housing, safe_water
from fanpin_risk.policy.three_valued import (
    all_members,
    known_where,
    of_rows,
)

__all__ = ["GUARANTEES_OF_RISKS", "GUIDANCE", "guarantee_fails", "nobody_able", "of_spells", "supports_since"]

GUIDANCE = "national guidance on monitoring and support"
GUARANTEES_OF_RISKS = {
    "housing": safe_housing, "water": safe_water, "schooling": compulsory_education, "illness": basic_medical,
}  # fmt: skip


def of_spells(rows: KnownRows, holds: Array, *columns: str, beside: tuple[Deciding, ...] = ()) -> Verdict:
    """Make the verdict of spells; what holds of a household is told with the rows beside it."""
    verdict = of_rows(rows, holds, *columns)
    told = [
        Deciding(one.rows.where(verdict.answer[one.rows.household] == IS_SO), one.columns)
        for one in beside
    ]  # fmt: skip
    return Verdict(verdict.answer, (*verdict.deciding, *told))


def supports_since(snapshot: Snapshot, spells: KnownRows, *measures: str) -> Array:
    """Whether each spell has a measure that runs in it: not ended before it began, and begun before it ended."""
    rows = snapshot.supports.where(snapshot.supports.isin("measure", *measures)) if measures else snapshot.supports
    n = snapshot.n_households
    result = np.zeros(len(spells), dtype=bool)
    until = np.where(np.isnat(spells.eliminated_on), snapshot.as_of, spells.eliminated_on)
    by_household: list[list[int]] = [[] for _ in range(n)]
    for k, household in enumerate(spells.household.tolist()):
        by_household[household].append(k)
    ends = np.where(np.isnat(rows.end_date), np.datetime64("9999-12-31", "D"), rows.end_date)
    for household, start, end in zip(rows.household.tolist(), rows.start_date, ends, strict=True):
        for k in by_household[household]:
            result[k] |= bool(start <= until[k]) and bool(end >= spells.identified_on[k])
    if not snapshot.supports.supplied:
        return np.full(len(spells), np.nan)
    return result.astype("float64")


def nobody_able(snapshot: Snapshot) -> Array:
    """Whether every member is of no or lost labour; unknown where that of one is."""
    members = snapshot.members
    return all_members(members, known_where(members, members.isin("labour", "none", "lost"), "labour"))


def guarantee_fails(rule: Rule, snapshot: Snapshot, policy: Policy) -> Array:
    """Whether a guarantee fails: 1 for fail, 0 for pass or not asked, NaN for unknown."""
    answer = rule.answer(snapshot, policy).answer
    result: Array = np.where(answer == NOT_SO, 1.0, np.where(answer == -1, np.nan, 0.0))
    return result
