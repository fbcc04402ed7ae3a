"""What rules about monitoring ask of a spell: measures that run in it, guarantees that fail, who is able to work."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import shared
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

__all__ = [
    "GUARANTEES_OF_RISKS",
    "GUIDANCE",
    "ended_spells",
    "guarantee_fails",
    "nobody_able",
    "of_spells",
    "rows_of_failures",
    "supports_since",
    "verdict_on_guarantee",
]

GUIDANCE = "national guidance on monitoring and support"
GUARANTEES_OF_RISKS = {
    "housing": safe_housing, "water": safe_water, "schooling": compulsory_education, "illness": basic_medical,
}  # fmt: skip


@shared
def ended_spells(snapshot: Snapshot) -> KnownRows:
    """Last spell of each household that is not monitored now, ended on a known day."""
    rows = snapshot.monitoring
    rows = rows.where(~np.isnat(rows.eliminated_on))
    last = rows.last_by(rows.identified_on, rows.eliminated_on)
    return last.where(snapshot.open_spells.count()[last.household] == 0)


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
    until = np.where(np.isnat(spells.eliminated_on), snapshot.as_of, spells.eliminated_on)
    ends = np.where(np.isnat(rows.end_date), np.datetime64("9999-12-31", "D"), rows.end_date)
    pairs = pd.DataFrame({"household": spells.household, "spell": np.arange(len(spells))}).merge(
        pd.DataFrame({"household": rows.household, "row": np.arange(len(rows))}), on="household"
    )
    spell, row = pairs["spell"].to_numpy(), pairs["row"].to_numpy()
    result = np.zeros(len(spells), dtype=bool)
    result[spell[(rows.start_date[row] <= until[spell]) & (ends[row] >= spells.identified_on[spell])]] = True
    if not snapshot.supports.supplied:
        return np.full(len(spells), np.nan)
    return result.astype("float64")


def nobody_able(snapshot: Snapshot) -> Array:
    """Whether every member is of no or lost labour; unknown where that of one is."""
    members = snapshot.members
    return all_members(members, known_where(members, members.isin("labour", "none", "lost"), "labour"))


@shared
def _verdicts_of_snapshot(_snapshot: Snapshot) -> dict[str, tuple[Policy, Verdict]]:
    """Verdicts on guarantees by the code of the rule, with the policy under which they were made; filled when asked for."""
    return {}


def verdict_on_guarantee(rule: Rule, snapshot: Snapshot, policy: Policy) -> Verdict:
    """Return the verdict of a guarantee, made once for a snapshot and a policy."""
    made = _verdicts_of_snapshot(snapshot)
    if rule.code not in made or made[rule.code][0] is not policy:
        made[rule.code] = policy, rule.answer(snapshot, policy)
    return made[rule.code][1]


def rows_of_failures(snapshot: Snapshot, policy: Policy) -> tuple[Deciding, ...]:
    """Rows by which guarantees fail."""
    verdicts = [verdict_on_guarantee(guarantee, snapshot, policy) for guarantee in GUARANTEES_OF_RISKS.values()]
    return tuple(
        Deciding(one.rows.where(verdict.answer[one.rows.household] == NOT_SO), one.columns)
        for verdict in verdicts
        for one in verdict.deciding
    )


def guarantee_fails(rule: Rule, snapshot: Snapshot, policy: Policy) -> Array:
    """Whether a guarantee fails: 1 for fail, 0 for pass or not asked, NaN for unknown."""
    answer = verdict_on_guarantee(rule, snapshot, policy).answer
    result: Array = np.where(answer == NOT_SO, 1.0, np.where(answer == -1, np.nan, 0.0))
    return result
