"""Who is visited for how many visits: the places of a round, dealt to sections one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import one_of
from fanpin_risk.errors import SchemaError
from fanpin_risk.watch.watchlist import (
    SHARES,
    Shares,
    could_be_listed,
    groups_of_households,
    is_monitored,
    turns_in_areas,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "PartsOfRound",
    "audit_visits",
    "changed_capacity",
    "deal_by_rank",
    "orders_of_sections",
    "rules_not_met",
    "shared_visits",
]

# The most that is wrong with a product of a share in floating point: 0.1 * 30 is 3.0000000000000004, and still 3 visits.
SHARE_DECIMALS = 9
LINE_OF_INCOME = "income_line"


@dataclass(frozen=True, kw_only=True)
class PartsOfRound:
    """Which shares of the visits go where.

    Attributes
    ----------
    audit : float
        Of all visits, to households drawn at random; rounded up, never all.
    by_rule : float
        Of those by rank, to households that a rule alone lists.
    monitored : float
        Of those by rank, to monitored households.
    """

    audit: float
    by_rule: float
    monitored: float


def audit_visits(visits: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    """Return how many visits of each area are drawn at random: the share rounded up, and at least one visit is not.

    Examples
    --------
    >>> audit_visits(np.array([1, 5, 30]), 0.1).tolist()
    [0, 1, 3]
    """
    wanted = np.ceil(np.round(share * visits, SHARE_DECIMALS)).astype(np.int64)
    return np.minimum(wanted, np.maximum(visits - 1, 0))


def changed_capacity(visits: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    """Return the visits of each area if there were a share more of them, rounded up, or fewer, rounded down.

    Examples
    --------
    >>> changed_capacity(np.array([5, 30]), 0.1).tolist(), changed_capacity(np.array([5, 30]), -0.1).tolist()
    ([6, 33], [4, 27])
    """
    changed = np.round((1 + share) * visits, SHARE_DECIMALS)
    return (np.ceil(changed) if share > 0 else np.floor(changed)).astype(np.int64)


def shared_visits(visits: NDArray[np.int64], parts: PartsOfRound) -> dict[str, NDArray[np.int64]]:
    """Share the visits by rank of each area between the highest risks, households that a rule lists, and the monitored.

    They are dealt by the divisors of Sainte-Laguë, so that with more visits no section has fewer.

    Examples
    --------
    >>> parts = PartsOfRound(audit=0.1, by_rule=0.2, monitored=0.1)
    >>> {name: found.tolist() for name, found in shared_visits(np.array([2, 5, 9]), parts).items()}
    {'model': [2, 4, 6], 'rule': [0, 1, 2], 'monitored': [0, 0, 1]}
    """
    shares = {"model": 1 - parts.by_rule - parts.monitored, "rule": parts.by_rule, "monitored": parts.monitored}
    most = int(visits.max(initial=0))
    due = np.concatenate(
        [np.round((np.arange(most) + 0.5) / max(share, 1e-12), SHARE_DECIMALS) for share in shares.values()]
    )
    section = np.repeat(np.arange(len(shares)), most)[np.argsort(due, kind="stable")]
    return {
        name: np.concatenate(([0], np.cumsum(section == k)))[visits].astype(np.int64) for k, name in enumerate(shares)
    }


def deal_by_rank(
    orders: Mapping[str, NDArray[Any]],
    area: NDArray[np.int64],
    visits: NDArray[np.int64],
    audit: NDArray[np.int64],
    parts: PartsOfRound,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Deal the visits of each area that are not left to chance.

    First who is carried over; then the audit's part is set aside; of the others a share each is for households that a rule alone
    lists and for the monitored, the rest for the highest risks. What one cannot use goes to the next.

    Parameters
    ----------
    orders : mapping of section to ndarray of int
        Positions of the households of ``carried_over``, ``model``, ``rule`` and ``monitored``, the first to be visited first; a
        household that a rule lists may stand in ``model`` too.
    area : ndarray of int, shape (n,)
        Number of each household's area.
    visits : ndarray of int, shape (n_areas,)
        Of each area.
    audit : ndarray of int, shape (n_areas,)
        Of these, how many are to be at random.
    parts : PartsOfRound

    Returns
    -------
    section : ndarray of object, shape (n,)
        Of each household, ``""`` for who is not listed by rank.
    draws : ndarray of int, shape (n_areas,)
        Visits of each area that are left for the audit.

    Examples
    --------
    >>> orders = {"carried_over": [4], "model": [0, 1, 2, 3], "rule": [3], "monitored": []}
    >>> orders = {name: np.array(rows, dtype=np.intp) for name, rows in orders.items()}
    >>> parts = PartsOfRound(audit=0.2, by_rule=0.4, monitored=0)
    >>> section, draws = deal_by_rank(orders, np.zeros(5, dtype=np.int64), np.array([5]), np.array([1]), parts)
    >>> section.tolist(), draws.tolist()
    (['model', 'model', '', 'rule', 'carried_over'], [1])
    """
    section = np.full(len(area), "", dtype=object)

    drawn_from = np.zeros(len(area), dtype=bool)

    def take(name: str, most: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the next of a section their visits; return how many each area gave."""
        free = orders[name][(section[orders[name]] == "") & ~drawn_from[orders[name]]]
        turn = pd.Series(area[free]).groupby(area[free], sort=False).cumcount().to_numpy()
        got = free[turn < most[area[free]]]
        section[got] = name
        return np.bincount(area[got], minlength=len(visits))

    left = visits - take("carried_over", visits)
    draws = np.minimum(audit, left)
    left = left - draws
    quota = shared_visits(left, parts)
    for name in ("monitored", "model", "rule"):
        left = left - take(name, quota[name])
    left = left - take("model", left)
    # Nobody is left to be drawn where all are visited: the visits go on.
    open_to_draw = orders["model"][section[orders["model"]] == ""]
    unused = draws - np.minimum(draws, np.bincount(area[open_to_draw], minlength=len(visits)))
    left, draws = left + unused, draws - unused
    drawn_from[open_to_draw] = True  # of an area that has visits left, all of them are drawn
    left = left - take("rule", left)
    take("monitored", left)
    return section, draws


def orders_of_sections(
    scores: pd.DataFrame, here: pd.DataFrame, areas: pd.Series, group: Any, shares: Shares
) -> dict[str, NDArray[np.intp]]:
    """Return the households of each section, the first to be visited first.

    Parameters
    ----------
    scores : DataFrame of shape (n, n_columns)
        The highest risk first, with the index 0 ... n - 1.
    here : DataFrame of shape (n, n_columns)
        ``reason`` (``""``: may be listed), ``carried``, ``supported`` (monitored by the register or the ledger), ``rounds``.
    areas : Series of str, shape (n,)
    group, shares
        As for :func:`fanpin_risk.watchlist`.

    Returns
    -------
    dict of section to ndarray of int
        As :func:`deal_by_rank` takes it.
    """
    free, carried, supported = (
        (here["reason"] == "").to_numpy(), here["carried"].to_numpy(dtype=bool), here["supported"].to_numpy(dtype=bool),
    )  # fmt: skip
    ranked = np.zeros(len(scores), dtype=bool)
    ranked[could_be_listed(scores, include_monitored=False).index] = True
    # Monitored households are ranked where the model is one of theirs; who is monitored by the ledger alone is not.
    ranked &= free & ~carried & (~supported | is_monitored(scores["monitored"]))
    guarantees, below = rules_not_met(scores)
    by_rule = free & ~carried & ~supported & (guarantees + below > 0)
    others = free & ~carried & supported & ~ranked
    place = np.arange(len(scores))
    rows: dict[str, NDArray[np.intp]] = {
        "carried_over": place[carried][np.argsort(-here["rounds"].to_numpy()[carried], kind="stable")],
        "model": place[ranked],
        "rule": _by_rules_then_risk(place[by_rule], guarantees, below),
        "monitored": _by_rules_then_risk(place[others], guarantees, below),
    }
    if group is not None:
        of_rows = scores[ranked]
        turn = turns_in_areas(of_rows, areas[ranked], groups_of_households(of_rows, group), shares)
        rows["model"] = rows["model"][np.argsort(turn, kind="stable")]
    elif not isinstance(shares, Mapping):
        one_of("shares", shares, SHARES, SchemaError)
    return rows


def rules_not_met(scores: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many guarantees each household lacks, and whether it is below the line (1 or 0)."""
    if "rules" not in scores.columns:
        nothing = np.zeros(len(scores), dtype=np.int64)
        return nothing, nothing
    texts, number = np.unique(
        scores["rules"].astype("object").where(scores["rules"].notna(), "").to_numpy(dtype="str"), return_inverse=True
    )
    codes = [[code for code in text.split(";") if code] for text in texts.tolist()]
    below = np.array([LINE_OF_INCOME in found for found in codes], dtype=np.int64)
    return np.array([len(found) for found in codes], dtype=np.int64)[number] - below[number], below[number]


def _by_rules_then_risk(
    rows: NDArray[np.intp], guarantees: NDArray[np.int64], below: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Sort as :func:`fanpin_risk.rule_list` does: most guarantees lacking, then below the line, then by risk, as they come."""
    return rows[np.lexsort((np.arange(len(rows)), -below[rows], -guarantees[rows]))]
