"""What a card says of the effects of places: how much they differ, how far they move a risk, and for whom that is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.model.place import FEWEST_OF_AREA, PlaceEffects
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.records.places import UNIT_DIGITS
from fanpin_risk.words import Message

__all__ = ["PLACE_OFF", "Place", "place_facts", "why_without_place"]

Place = Literal["auto"] | bool
# Why a model does without the effects of places: code -> sentence.
PLACE_OFF: Mapping[str, Message] = {
    "asked": Message("not wanted (place=False)"),
    "one_day": Message("by default not with a single training day, whose chance it would repeat"),
    "one_county": Message("by default not within one county, where it was not measured to help"),
    "visits": Message("not beside visits: what is on record of a place depends on where visitors went"),
    "sampled": Message("not from a draw of households, which does not know its places as they are"),
    "no_gain": Message("by default not where it makes no forecast better out of fold"),
    "no_area": Message("no area has 30 households or more with a division code"),
}
FIFTHS = 5
# Sizes of areas, in households: from, and below.
SIZES = ((FEWEST_OF_AREA, 100), (100, 500), (500, None))
# A group with fewer events than this says nothing, and could point to persons.
FEWEST_EVENTS_SHOWN = 10


def why_without_place(wanted: Place, days: Sequence[TrainingDay], codes: Array) -> str:
    """Return the code of the reason why no effects of places are learnt; ``""`` where they are.

    Parameters
    ----------
    wanted : {"auto", True, False}
        As for :class:`fanpin_risk.RiskModel`.
    days : sequence of TrainingDay
        To learn from.
    codes : ndarray of str, shape (n_rows,)
        Division codes of their rows.
    """
    if wanted is False:
        return "asked"
    if wanted is True:
        return ""
    if len(days) < 2:
        return "one_day"
    county = pd.Series(codes, dtype="str").str[: UNIT_DIGITS["county"]]
    rows = county[county.str.len() == UNIT_DIGITS["county"]].value_counts()
    return "" if int((rows >= FEWEST_OF_AREA).sum()) > 1 else "one_county"


def place_facts(
    effects: PlaceEffects, codes: Array, y: Array, with_place: Array, without: Array, *, slope: float, visited: float
) -> dict[str, Any]:
    """Return what a card says of the effects of places, as plain data.

    Parameters
    ----------
    effects : PlaceEffects
        Learnt from all rows.
    codes, y : ndarray of shape (n_rows,)
        Division codes and outcomes of the training rows.
    with_place, without : ndarray of shape (n_rows,)
        Their calibrated risks out of fold, with the effects and without.
    slope : float
        Of the recalibration.
    visited : float
        Share of the rows with the highest risk that count as visited.

    Returns
    -------
    dict
        ``share`` (of the sum of effects that is added), ``tau`` (by digits of the code), ``areas`` (number), ``largest_factor``
        (on the odds), ``groups``: rows by fifths of areas, the least expected risk first, and by size of area, with ``rows``,
        ``events``, ``observed``, and with and without the effects ``mean_risk`` and ``recall``.
    """
    table = effects.table
    own = pd.Series(table["expected"].to_numpy() / table["rows"].clip(lower=1).to_numpy(), index=table["area_prefix"])
    deepest = pd.Series(effects.areas_of(codes), dtype="str")
    level = deepest.map(own).to_numpy(dtype="float64")
    size = deepest.map(table.set_index("area_prefix")["households"]).to_numpy(dtype="float64")
    visits = {name: _highest(risk, visited) for name, risk in (("with", with_place), ("without", without))}
    limits = np.nanquantile(level, np.arange(1, FIFTHS) / FIFTHS) if (~np.isnan(level)).any() else np.zeros(0)
    fifth = np.where(np.isnan(level), -1, np.searchsorted(limits, level, side="left"))
    groups = [("fifth", str(number + 1), fifth == number) for number in range(FIFTHS)]
    groups += [
        (
            "size",
            f"{low}-{'' if high is None else high - 1}",
            (size >= low) & (size < (np.inf if high is None else high)),
        )
        for low, high in SIZES
    ]
    groups.append(("size", "unknown", np.isnan(size)))
    rows = []
    for kind, name, here in groups:
        events = int(y[here].sum())
        if events < FEWEST_EVENTS_SHOWN or int(here.sum()) < FEWEST_OF_AREA:
            continue
        row: dict[str, Any] = {"kind": kind, "group": name, "rows": int(here.sum()), "events": events}
        row["observed"] = float(y[here].mean())
        for which, risk in (("with", with_place), ("without", without)):
            row[f"mean_risk_{which}"] = float(risk[here].mean())
            row[f"recall_{which}"] = float(visits[which][here & (y == 1)].mean())
        rows.append(row)
    moved = np.abs(effects.of(table["area_prefix"])).max(initial=0.0)
    return {
        "share": effects.share,
        "tau": {str(digits): value for digits, value in effects.tau.items()},
        "areas": len(table),
        "largest_factor": float(np.exp(abs(slope) * moved)),
        "visited": float(visited),
        "groups": rows,
    }


def _highest(risk: Array, share: float) -> Array:
    """Mark the share of rows with the highest risk; of equal ones the first."""
    marked = np.zeros(len(risk), dtype=bool)
    marked[np.argsort(-risk, kind="stable")[: int(np.ceil(share * len(risk)))]] = True
    return marked
