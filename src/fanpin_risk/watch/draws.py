"""The audit draw: visits at random with known probabilities, so that results of visits say something of who was not listed.

Households are put into strata by place and tier; within a stratum they are ranked by a keyed hash (HMAC-SHA256, RFC 2104) of
their id, and the first are drawn: simple random sampling without replacement. No generator is involved, so the draw depends
neither on the order of rows nor on any other stratum, and can be made again from what was written down.
"""

from __future__ import annotations

import heapq
import hmac
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.errors import SchemaError
from fanpin_risk.words import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AUDIT", "TIE", "draw_households", "keyed_order", "redrawn"]

AUDIT, TIE = "audit", "tie"  # what a keyed order is for
COLUMNS_OF_DRAWS = (
    "household_id", "draw_stratum", "stratum_candidates", "stratum_draws", "draw_probability", "draw_seed", "draw_day", "drawn",
)  # fmt: skip
FEW_TIERS = {"low": "low+medium", "medium": "low+medium"}
OF_ALL_TIERS = "all"
IN_STRATUM = "|"  # between place and tier


def keyed_order(ids: Iterable[str], seed: int, *, day: str, purpose: str = AUDIT) -> list[bytes]:
    """Return for each household a hash by which households are ranked: HMAC-SHA256, the seed as key.

    Parameters
    ----------
    ids : iterable of str
        Household ids.
    seed : int
    day : str
        ``YYYY-MM-DD``; with the same seed each day ranks differently, so that nobody is drawn in every round.
    purpose : str, default "audit"
        What it is for; another purpose ranks differently.

    Returns
    -------
    list of bytes
        Of ``day|purpose|id`` in UTF-8, keyed with the seed in decimal digits.

    Examples
    --------
    >>> [one.hex()[:8] for one in keyed_order(["a", "b"], 7, day="2023-12-31")]
    ['0c29ce28', '673a65e5']
    """
    key, before = str(seed).encode(), f"{day}{IN_STRATUM}{purpose}{IN_STRATUM}"
    return [hmac.digest(key, f"{before}{one}".encode(), "sha256") for one in ids]


def draw_households(candidates: pd.DataFrame, visits: Mapping[str, int], *, seed: int, day: str) -> pd.DataFrame:
    """Draw households at random within strata of place and tier.

    The finest strata are taken that leave no candidate of an area without a chance: place and tier; wider place and tier; tier
    alone; the low and the medium tier together; else all of the area. Each stratum has at least one draw, the others go by the
    square root of its number of candidates (power allocation, Bankier 1988), dealt by the divisors of Sainte-Laguë: rare tiers
    are drawn more often.

    Parameters
    ----------
    candidates : DataFrame
        ``household_id``, ``area`` (that has visits of its own), ``tier`` (``""``: not known) and, where there are places within
        areas, ``place`` and ``wider`` (each in one of these), ``""`` where it is not known.
    visits : mapping of area to int
        Draws in each area; no more than it has candidates are made. An area that is not named has none.
    seed : int
    day : str
        ``YYYY-MM-DD``.

    Returns
    -------
    DataFrame of shape (n_candidates, 8)
        By ``household_id``, one row for **every** candidate: ``draw_stratum``, ``stratum_candidates`` and ``stratum_draws`` (their
        numbers), ``draw_probability`` (the one over the other; in a stratum they sum to its draws), ``draw_seed``, ``draw_day``,
        ``drawn``.

    Examples
    --------
    >>> some = pd.DataFrame({"household_id": list("abcde"), "area": "", "tier": ["low"] * 4 + ["high"]})
    >>> found = draw_households(some, {"": 2}, seed=7, day="2023-12-31")
    >>> found[["household_id", "draw_stratum", "draw_probability", "drawn"]].to_numpy().tolist()[3:]
    [['d', 'low', 0.25, False], ['e', 'high', 1.0, True]]
    """
    n = len(candidates)
    label, size, draws = (
        np.full(n, OF_ALL_TIERS, dtype=object),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
    )
    tier = candidates["tier"].to_numpy(dtype=object)
    places = [candidates[name].to_numpy(dtype=object) for name in ("place", "wider") if name in candidates.columns]
    several = set(candidates["area"]) != {""}
    for area, rows in candidates.groupby("area", sort=False).indices.items():
        wanted = min(int(visits.get(str(area), 0)), len(rows))
        labels = _strata([place[rows] for place in places], tier[rows], wanted)
        names, number, counts = np.unique(labels.astype("str"), return_inverse=True, return_counts=True)
        dealt = _allocated(counts, wanted)
        before = f"{area}{IN_STRATUM}" if several else ""
        label[rows] = np.array([before + name for name in names.tolist()], dtype=object)[number]
        size[rows], draws[rows] = counts[number], dealt[number]
    table = pd.DataFrame(
        {
            "household_id": candidates["household_id"].array,
            "draw_stratum": pd.array(label, dtype="str"),
            "stratum_candidates": size,
            "stratum_draws": draws,
            "draw_probability": np.divide(draws, size, out=np.zeros(n), where=size > 0),
            "draw_seed": np.full(n, seed, dtype=np.int64),
            "draw_day": pd.array([day] * n, dtype="str"),
        }
    )
    table["drawn"] = _first_of_strata(table)
    return table[list(COLUMNS_OF_DRAWS)].sort_values("household_id", kind="stable", ignore_index=True)


def redrawn(draws: pd.DataFrame) -> list[str]:
    """Make an audit draw again from what was written down of it: who must have been drawn.

    Parameters
    ----------
    draws : DataFrame
        ``VisitPlan.draws``, in any order of rows; read from a file, too.

    Returns
    -------
    list of str
        Their ids, sorted.

    Raises
    ------
    SchemaError
        If a column is missing, or a stratum does not have the candidates that it says it has.

    Examples
    --------
    >>> some = pd.DataFrame({"household_id": list("abcde"), "area": "", "tier": "low"})
    >>> found = draw_households(some, {"": 2}, seed=7, day="2023-12-31")
    >>> redrawn(found.sample(frac=1, random_state=0)) == found.loc[found["drawn"], "household_id"].tolist()
    True
    """
    of_type("draws", draws, pd.DataFrame, Message("the draws of a plan of visits"))
    missing = [name for name in COLUMNS_OF_DRAWS if name not in draws.columns]
    if missing:
        raise SchemaError("draws has no column {missing}; expected the draws of a plan of visits", missing=missing)
    by = draws.groupby("draw_stratum", sort=False)
    lacking = by["household_id"].nunique() != by["stratum_candidates"].first()
    if lacking.any():
        raise SchemaError(
            "draws: {count} strata do not have the candidates that they had when they were drawn; give all rows of one draw",
            count=int(lacking.sum()),
        )
    return sorted(draws.loc[_first_of_strata(draws), "household_id"].tolist())


def _first_of_strata(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Say who is drawn: within each stratum those whose hashes are lowest."""
    if not len(table):
        return np.zeros(0, dtype=bool)
    seed, day = int(table["draw_seed"].iloc[0]), str(table["draw_day"].iloc[0])
    keys = pd.Series(keyed_order(table["household_id"].tolist(), seed, day=day), index=table.index, dtype=object)
    order = pd.DataFrame({"stratum": table["draw_stratum"], "key": keys, "id": table["household_id"]})
    turn = order.sort_values(["key", "id"], kind="stable").groupby("stratum", sort=False).cumcount()
    drawn: NDArray[np.bool_] = (turn.loc[table.index] < table["stratum_draws"]).to_numpy(dtype=bool)
    return drawn


def _strata(places: list[NDArray[Any]], tier: NDArray[Any], draws: int) -> NDArray[Any]:
    """Return the stratum of each candidate of an area: the finest ones of which each has a draw."""
    few = np.array([FEW_TIERS.get(one, one) for one in tier], dtype=object)
    named = np.array([one or OF_ALL_TIERS for one in tier], dtype=object)
    with_place = (
        np.array([IN_STRATUM.join(filter(None, pair)) for pair in zip(place, named, strict=True)], dtype=object)
        for place in places
    )
    for labels in (*with_place, named, few):
        if len(set(labels)) <= draws:
            return labels
    return np.full(len(tier), OF_ALL_TIERS, dtype=object)


def _allocated(candidates: NDArray[np.int64], draws: int) -> NDArray[np.int64]:
    """Deal draws to strata: one each, then by the square root of their candidates, never more than there are."""
    dealt = np.zeros(len(candidates), dtype=np.int64)
    if draws < len(candidates):
        dealt[:1] = draws  # one stratum, or no draw
        return dealt
    dealt[:] = 1
    root = np.sqrt(candidates)
    waiting = [(-root[k] / 3, k) for k in range(len(candidates)) if candidates[k] > 1]
    heapq.heapify(waiting)
    for _ in range(draws - len(candidates)):
        _, k = heapq.heappop(waiting)
        dealt[k] += 1
        if dealt[k] < candidates[k]:
            heapq.heappush(waiting, (-root[k] / (2 * dealt[k] + 1), k))
    return dealt
