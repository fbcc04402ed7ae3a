"""The blocks on which the monitored type rests: status, income, reference income, difficulty, means, comparison of assets.

Each is of three values, not known included, and keeps the records and figures that decided it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import shared
from fanpin_risk.features.health import bills
from fanpin_risk.features.income import income_years, lines_of_years, newest_period_end, reference, size
from fanpin_risk.policy.contradictions_of_monitoring import TO_BE_VISITED
from fanpin_risk.policy.on_record import inhabited
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import IS_SO, NOT_ASKED, NOT_SO, Deciding
from fanpin_risk.policy.sieve import SIEVE, income_line
from fanpin_risk.policy.spells import guarantee_fails, verdict_on_guarantee
from fanpin_risk.policy.three_valued import any_member, any_of, at_least, is_below, known_where

__all__ = ["ASKED_OF_REGISTER", "DIFFICULTIES", "TypeBlocks", "blocks_of", "reference_below_line"]

MONTHS_ASKED = 12
ASKED_OF_REGISTER = tuple(rule for rule in SIEVE if rule.code not in ("food_clothing", "income_line"))
DIFFICULTIES = (*(rule.code for rule in ASKED_OF_REGISTER), "verified_warning", "shock", "large_bill")
ASSETS_IN_THE_WAY = ("flat_or_shop", "vehicle", "firm", "public_salary")


@dataclass(frozen=True, eq=False)
class TypeBlocks:
    """Blocks of each household, as codes, and what they rest on.

    Attributes
    ----------
    codes : dict of str to ndarray of str, shape (n_households,)
        By ``type_table.BLOCK_CODES``.
    difficulties : dict of str to ndarray of shape (n_households,)
        By ``DIFFICULTIES``: 1, 0, NaN.
    figures : dict of str to ndarray of shape (n_households,)
    deciding : tuple of Deciding
    compared : ndarray of bool, shape (n_households,)
        Whether assets were compared.
    """

    codes: dict[str, Array]
    difficulties: dict[str, Array]
    figures: dict[str, Array]
    deciding: tuple[Deciding, ...]
    compared: Array


def _as_codes(holds: Array, yes: str, no: str, unknown: str = "unknown") -> Array:
    result: Array = np.where(holds == 1, yes, np.where(holds == 0, no, unknown)).astype(object)
    return result


@shared
def _too_old(_snapshot: Snapshot) -> dict[Policy, Array]:
    """Whether the newest income is too old, by policy; filled when asked for."""
    return {}


def _income_told(snapshot: Snapshot, policy: Policy) -> Array:
    """Whether the newest year of income says something of the day."""
    made = _too_old(snapshot)
    if policy not in made:
        months = policy.at("income_oldest_months", snapshot.area_codes, snapshot.as_of)
        made[policy] = ~(snapshot.full_months_since(newest_period_end(snapshot)) >= months)
    return made[policy]


def reference_below_line(snapshot: Snapshot, policy: Policy) -> Array:
    """Whether the reference income per person is below the line of its year; 1, 0, NaN."""
    own = reference(snapshot).total / size(snapshot)
    return np.where(_income_told(snapshot, policy), is_below(own, lines_of_years(snapshot)[0]), np.nan)


def _verified_warnings(snapshot: Snapshot) -> KnownRows:
    rows = snapshot.warnings.within(MONTHS_ASKED)
    told = ~(rows.outcome_date > snapshot.as_of)
    return rows.where(rows.isin("outcome", "verified") & told & rows.isin("signal", *TO_BE_VISITED))


def _large_bills(snapshot: Snapshot, policy: Policy) -> Array | None:
    """Whether own payments of the calendar year reach the office's own bound; None where no area has one."""
    home = snapshot.households
    poor, others = (
        policy.at(f"large_bill_{who}", snapshot.area_codes, snapshot.as_of) for who in ("ex_poor", "general")
    )
    if np.isnan(poor).all() and np.isnan(others).all():
        return None
    first = snapshot.as_of.astype("datetime64[Y]").astype("datetime64[D]")
    rows = bills(snapshot)
    rows = rows.where(rows.isin("kind", "inpatient") & (rows.time >= first))
    paid = rows.sum(rows.out_of_pocket_cny)
    blank = rows.count(~rows.known("out_of_pocket_cny")) > 0
    bound = np.where(
        home.isin("register_status", "ex_poor"), poor, np.where(home.known("register_status"), others, np.nan)
    )
    reached = at_least(paid, bound)
    # Where the area has no bound the question is not asked.
    return np.where(np.isnan(poor) & np.isnan(others), 0.0, np.where((reached == 0) & blank, np.nan, reached))


def _difficulties(snapshot: Snapshot, policy: Policy) -> tuple[dict[str, Array], tuple[Deciding, ...]]:
    """Say of each difficulty whether it is there, and by which rows."""
    found: dict[str, Array] = {}
    deciding: list[Deciding] = []
    for rule in ASKED_OF_REGISTER:
        verdict = verdict_on_guarantee(rule, snapshot, policy)
        found[rule.code] = guarantee_fails(rule, snapshot, policy)
        failed = verdict.answer == NOT_SO
        deciding += [Deciding(one.rows.where(failed[one.rows.household]), one.columns) for one in verdict.deciding]
    warnings, shocks = _verified_warnings(snapshot), snapshot.shocks.within(MONTHS_ASKED)
    found["verified_warning"] = at_least(warnings.count(), 1.0)
    found["shock"] = at_least(shocks.count(), 1.0)
    deciding += [
        Deciding(warnings, ("signal", "event_date", "outcome", "outcome_date")),
        Deciding(shocks, ("kind", "event_date", "loss_cny")),
    ]
    large = _large_bills(snapshot, policy)
    if large is not None:
        found["large_bill"] = large
        rows = bills(snapshot).within(MONTHS_ASKED)
        deciding.append(Deciding(rows.where(large[rows.household] == 1), ("out_of_pocket_cny",)))
    return found, tuple(deciding)


def _can_help_itself(snapshot: Snapshot, policy: Policy) -> tuple[Array, tuple[Deciding, ...]]:
    """Whether the household can help itself: somebody is able to work, and no debt that weighs, where the office has a bound."""
    members, home = snapshot.members, snapshot.households
    able = known_where(members, members.isin("labour", "skilled", "ordinary"), "labour")
    somebody = np.where(inhabited(snapshot), any_member(members, able), np.nan)
    bound = policy.at("debt_ratio", snapshot.area_codes, snapshot.as_of)
    net = income_years(snapshot)[0].net
    in_debt = at_least(home.debt_cny, bound * np.maximum(net, 0.0))
    in_debt = np.where(home.debt_cny == 0, 0.0, np.where(np.isnan(bound), 0.0, in_debt))
    holds = np.where(
        (somebody == 0) | (in_debt == 1), 0.0, np.where(np.isnan(somebody) | np.isnan(in_debt), np.nan, 1.0)
    )
    weighs = home.where((in_debt == 1) & (home.debt_cny > 0))
    return holds, (Deciding(members, ("labour",)), Deciding(weighs, ("debt_cny",)))


def blocks_of(snapshot: Snapshot, policy: Policy) -> TypeBlocks:
    """Return the blocks of each household.

    Parameters
    ----------
    snapshot : Snapshot
    policy : Policy

    Returns
    -------
    TypeBlocks
    """
    home = snapshot.households
    status = np.where(
        home.isin("register_status", "ex_poor"),
        "ex_poor",
        np.where(home.isin("register_status", "general"), "general", "unknown"),
    ).astype(object)
    income = verdict_on_guarantee(income_line, snapshot, policy).answer
    below = np.where(income == NOT_SO, 1.0, np.where(income == IS_SO, 0.0, np.nan))
    below[income == NOT_ASKED] = np.nan
    found, of_difficulties = _difficulties(snapshot, policy)
    means, of_means = _can_help_itself(snapshot, policy)
    known_by_now = np.isnat(home.assets_hit_on) | (home.assets_hit_on <= snapshot.as_of)
    compared = home.known("assets_hit") & known_by_now
    hit = compared & home.isin("assets_hit", *ASSETS_IN_THE_WAY)
    codes = {
        "reg": status,
        "inc": _as_codes(below, "below", "above"),
        "ref": _as_codes(reference_below_line(snapshot, policy), "below", "above"),
        "diff": _as_codes(any_of(*found.values()), "yes", "no"),
        "cope": _as_codes(means, "able", "weak"),
        "neg": np.where(hit, "hit", "no_hit").astype(object),
    }
    persons, counted = size(snapshot), reference(snapshot)
    figures = {
        "net_income_per_person_cny": income_years(snapshot)[0].net / persons,
        "line_cny": lines_of_years(snapshot)[0],
        "period_end": income_years(snapshot)[0].ended,
        "reference_income_per_person_cny": counted.total / persons,
        "claims_cny": counted.claims,
        "own_payments_cny": counted.own_payments,
    }
    deciding = (
        Deciding(home, ("register_status",)), Deciding(home.where(compared), ("assets_hit", "assets_hit_on")),
        *of_difficulties, *of_means,
    )  # fmt: skip
    return TypeBlocks(codes, found, figures, deciding, compared)
