"""Figures of places: of counties, townships and villages, and of the causes in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.explanation import Explanation
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.records.places import units_of
from fanpin_risk.words import Message

__all__ = ["PLACE_LEVELS", "SMALLEST_PLACE", "mask_small_places", "place_tables"]

# Places with fewer households show no figures outside the office: one of so few households could be recognised.
SMALLEST_PLACE = 10
# Kinds of places, largest first: what they are called.
PLACE_LEVELS: dict[str, Message] = {
    "county": Message("county"),
    "township": Message("township"),
    "village": Message("village"),
}
PLACE_COUNTS = ("households", "monitored", "listed", *reversed(TIERS), "not_enough_known", "below_line")


def place_tables(
    scores: pd.DataFrame, listed: np.ndarray, explanation: Explanation, naming: Callable[[str], str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Work out the figures of every place, and those of every place and cause.

    Parameters
    ----------
    scores : DataFrame
        Of all households scored.
    listed : ndarray of int
        Rows of `scores` that are on the watch list.
    explanation : Explanation
        Of the households of `scores`, row by row.
    naming : callable
        Takes an area code, returns its name, ``""`` where it is not known.

    Returns
    -------
    places, causes : DataFrame
        See :class:`fanpin_risk.reports.Contents`. A unit comes before its parts.
    """
    units = units_of(scores["area_code"].fillna(""), scores["area_name"])
    tables = [_tables_of(level, units, scores, listed, explanation, naming) for level in PLACE_LEVELS]
    places, causes = (pd.concat(frames, ignore_index=True) for frames in zip(*tables, strict=True))
    order = {place: number for number, place in enumerate(_in_tree_order(units))}
    places, causes = (
        frame.iloc[
            np.argsort([order[place] for place in zip(frame["level"], frame["area"], strict=True)], kind="stable")
        ]
        for frame in (places, causes)
    )
    return places.reset_index(drop=True), causes.reset_index(drop=True)


def _in_tree_order(units: pd.DataFrame) -> list[tuple[str, str]]:
    """Return level and area of every place: a unit before its parts, in the order of codes and names."""
    found: dict[tuple[str, str], None] = {}
    for row in units.drop_duplicates().sort_values(list(PLACE_LEVELS)).itertuples(index=False):
        found.update(dict.fromkeys(zip(PLACE_LEVELS, row, strict=True)))
    return list(found)


def mask_small_places(places: pd.DataFrame, causes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out the figures of small places, and those from which they could be worked out.

    Parameters
    ----------
    places, causes : DataFrame
        From :func:`place_tables`.

    Returns
    -------
    places, causes : DataFrame
        The same rows, without figures where ``small``, and beside a single small place in the next smaller one.
    """
    hidden = _hidden(places)
    keys = pd.MultiIndex.from_frame(places.loc[hidden, ["level", "area"]])
    few = pd.MultiIndex.from_frame(causes[["level", "area"]]).isin(keys)
    places, causes = places.copy(), causes.copy()
    places.loc[hidden, list(PLACE_COUNTS)] = pd.NA
    places.loc[hidden, "mean_risk"] = np.nan
    places.loc[hidden, "cause"] = ""
    causes.loc[few, ["households", "flagged"]] = pd.NA
    causes.loc[few, "push"] = np.nan
    return places, causes


def _tables_of(
    level: str,
    units: pd.DataFrame,
    scores: pd.DataFrame,
    listed: np.ndarray,
    explanation: Explanation,
    naming: Callable[[str], str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the figures of each area of a level, and those of each area and cause.

    Households of which nothing is known are a county without a code; in a township or village only those count that are
    known to be in one.
    """
    levels = list(PLACE_LEVELS)
    area = units[level] if level == levels[0] else units[level].mask(units[level] == "")
    number, areas = pd.factorize(area, sort=True)
    there, n = number >= 0, len(areas)

    def count(which: Any) -> np.ndarray:
        return np.bincount(number[there & np.asarray(which, dtype=bool)], minlength=n)

    on_list = np.zeros(len(scores), dtype=bool)
    on_list[listed] = True
    size = count(np.ones(len(scores)))
    monitored = pd.array(count(scores["monitored"].fillna(False)), dtype="Int64")
    monitored[count(scores["monitored"].notna()) == 0] = pd.NA
    above = scores["tier"].isin(("medium", "high")).to_numpy()
    codes = list(CAUSES)
    cause = scores["cause"].map({code: k for k, code in enumerate(codes)}).fillna(-1).to_numpy("int64")
    flagged = np.stack([count(above & (cause == k)) for k in range(len(codes))], axis=1).reshape(n, len(codes))
    push = explanation.by_cause().to_numpy()
    mean = np.stack(
        [np.bincount(number[there], weights=push[there, k], minlength=n) for k in range(len(codes))], axis=1
    ).reshape(n, len(codes))
    mean = mean / np.maximum(size, 1)[:, None]
    forecast = scores["risk"].notna()
    total = np.bincount(number[there], weights=scores["risk"].fillna(0.0).to_numpy()[there], minlength=n)
    main = np.where(flagged.max(axis=1, initial=0) > 0, flagged.argmax(axis=1), -1)
    area_names = [naming(str(code)) for code in areas]
    places = pd.DataFrame(
        {
            "level": pd.Series([level] * n, dtype="str"),
            "area": pd.Series(list(areas), dtype="str"),
            "name": pd.Series(area_names, dtype="str"),
            "above": pd.Series(_above(units, level).reindex(areas).to_numpy(), dtype="str"),
            "small": size < SMALLEST_PLACE,
            "households": pd.array(size, dtype="Int64"),
            "monitored": monitored,
            "listed": pd.array(count(on_list), dtype="Int64"),
            **{tier: pd.array(count(scores["tier"] == tier), dtype="Int64") for tier in reversed(TIERS)},
            "not_enough_known": pd.array(count(~scores["enough_known"].astype(bool)), dtype="Int64"),
            "below_line": pd.array(count(scores["not_at_risk"] == "already_below_line"), dtype="Int64"),
            "mean_risk": np.where(count(forecast) > 0, total / np.maximum(count(forecast), 1), np.nan),
            "cause": pd.Series([codes[k] if k >= 0 else "" for k in main], dtype="str"),
        }
    )
    causes = places.loc[places.index.repeat(len(codes)), ["level", "area", "name", "small", "households"]]
    causes = causes.reset_index(drop=True).assign(
        cause=pd.Series(codes * n, dtype="str"),
        push=mean.ravel(),
        flagged=pd.array(flagged.ravel(), dtype="Int64"),
    )
    return places, causes


def _above(units: pd.DataFrame, level: str) -> pd.Series:
    """Return the area of the unit above by area of a level; ``""`` for counties."""
    levels = list(PLACE_LEVELS)
    one_each = units.drop_duplicates(level).set_index(level, drop=False)
    if level == levels[0]:
        return pd.Series("", index=one_each.index, dtype="str")
    return one_each[levels[levels.index(level) - 1]]


def _hidden(places: pd.DataFrame) -> np.ndarray:
    """Find the places that show no figures: small ones, and beside a single small one the next smaller."""
    hidden = places["small"].to_numpy(dtype=bool).copy()
    households = places["households"].to_numpy("int64")
    for siblings in places.groupby(["level", "above"], sort=False).indices.values():
        rows = np.asarray(siblings)
        few = hidden[rows]
        if few.sum() == 1 and len(rows) > 1:
            others = rows[~few]
            hidden[others[np.argmin(households[others])]] = True
    return hidden
