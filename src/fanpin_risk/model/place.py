"""Where a household lives: what happened in its village, township, county, beyond what its households' records foretell.

Trees that see a place as a feature, by its code or by its past share of events, learn the calendar and single places by
heart. So the trees do not see it. What they leave over is added up by area, on margins of trees that never saw the
household, with the level of each day taken out; the excess of an area is shrunk towards that of the area around it,
by how much areas of its size differ beyond chance; and half of what is left is added to the margin, because an excess
halves from one year to the next. It is one term beside the trees: contributions still add up to the risk exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.places import CODE_DIGITS

__all__ = ["EFFECT_COLUMNS", "FEWEST_OF_AREA", "PlaceEffects", "fit_place", "place_out_of_fold"]

# Province, prefecture, county, township, village, by the digits of the division code.
LEVEL_DIGITS = tuple(CODE_DIGITS.values())
# Of smaller areas nothing is kept: it would be noise, and could point to persons.
FEWEST_OF_AREA = 30
# An excess over one year is half as large in the next.
PLACE_SHARE = 0.5
EFFECT_COLUMNS: Mapping[str, str] = {
    "area_prefix": "str",
    "households": "int64",
    "rows": "int64",
    "observed": "int64",
    "expected": "float64",
    "b": "float64",
}
# Log-odds between which the level of a day or the effect of an area is looked for.
LOWEST, HIGHEST = -40.0, 40.0
MOST_STEPS = 200


@dataclass(frozen=True)
class PlaceEffects:
    """What areas add to the margin of the trees.

    Attributes
    ----------
    table : DataFrame
        One row for each area with 30 households or more: ``area_prefix`` (2, 4, 6, 9 or 12 digits), ``households``,
        ``rows`` (household-days), ``observed`` (events), ``expected`` (by the households' own circumstances) and ``b`` (log-odds
        beside those of the areas around it).
    tau : dict of int to float
        Digits -> standard deviation of the effects of such areas within the one around them, in log-odds.
    share : float
        How much of the sum of a household's areas is added.
    """

    table: pd.DataFrame
    tau: dict[int, float]
    share: float = PLACE_SHARE

    def of(self, codes: Any) -> Array:
        """Return what is added to the margin of each household; 0 where its area is not known.

        Parameters
        ----------
        codes : sequence of str
            Division codes; an area that is not in the table counts as what is known around it.

        Returns
        -------
        ndarray of shape (n,), float64
        """
        different, number = _different(codes)
        effect = dict(zip(self.table["area_prefix"], self.table["b"], strict=True))
        total = [self.share * sum(effect.get(area, 0.0) for area in _path(code)) for code in different]
        return np.array(total, dtype="float64")[number]

    def facts_of(self, codes: Any) -> pd.DataFrame:
        """Return what a sentence says of each household's place.

        It is the smallest area whose events lie on the side of those expected to which the risk is moved: there is always
        one, since each area's effect lies between that of the area around it and what its own events alone would say.

        Parameters
        ----------
        codes : sequence of str
            Division codes.

        Returns
        -------
        DataFrame of shape (n, 4)
            ``level`` (0: province, ... 4: village), ``rows``, ``observed`` and ``expected``; ``rows`` is 0 and the others are
            missing where nothing is known.
        """
        different, number = _different(codes)
        columns = (self.table[name].tolist() for name in ("area_prefix", "rows", "observed", "expected", "b"))
        known = {area: numbers for area, *numbers in zip(*columns, strict=True)}
        nothing = (np.nan, 0.0, np.nan, np.nan)
        found = []
        for code in different:
            areas = [area for area in _path(code) if area in known]
            moved = sum(known[area][-1] for area in areas)
            fitting = nothing
            for area in areas:
                rows, observed, expected, _ = map(float, known[area])
                if moved and (observed - expected) * moved > 0:
                    fitting = (float(LEVEL_DIGITS.index(len(area))), rows, observed, expected)
            found.append(fitting)
        facts = np.array(found, dtype="float64").reshape(-1, 4)[number]
        return pd.DataFrame(facts, columns=["level", "rows", "observed", "expected"])

    def areas_of(self, codes: Any) -> Array:
        """Return the smallest known area of each household; ``""`` where none is known.

        Parameters
        ----------
        codes : sequence of str
            Division codes.

        Returns
        -------
        ndarray of object, shape (n,)
        """
        different, number = _different(codes)
        known = set(self.table["area_prefix"])
        found = [max((area for area in _path(code) if area in known), key=len, default="") for code in different]
        return np.array([*found, ""], dtype=object)[number]

    def facts_for_fingerprint(self) -> dict[str, str]:
        """Return all that a score rests on, as plain data."""
        return {"share": float(self.share).hex(), "table": self.table.to_csv(index=False)}

    @classmethod
    def from_table(cls, table: pd.DataFrame, tau: Mapping[str, float], share: float) -> Self:
        """Return effects as they were saved, after checking them.

        Raises
        ------
        SchemaError
            If the table does not hold effects of areas.
        """
        areas = table["area_prefix"]
        numbers = table[["households", "rows", "observed", "expected", "b"]].to_numpy(dtype="float64")
        sound = (
            bool(areas.str.fullmatch("[0-9]*").all()),
            bool(areas.str.len().isin(LEVEL_DIGITS).all()),
            areas.is_unique,
            bool(np.isfinite(numbers).all()),
            bool((numbers[:, :4] >= 0).all()),
            bool((table["households"] >= FEWEST_OF_AREA).all()),
            bool((table["observed"] <= table["rows"]).all()),
            0 <= share <= 1,
            all(0 <= float(value) < np.inf for value in tau.values()),
        )
        if not all(sound):
            raise SchemaError("the effects of places are not those that a model saves")
        return cls(table[list(EFFECT_COLUMNS)], {int(digits): float(value) for digits, value in tau.items()}, share)


def fit_place(
    margin: Array, y: Array, day: Array, households: pd.Index, codes: Any, *, areas: Sequence[str] | None = None
) -> PlaceEffects:
    """Learn the effects of areas from margins out of fold.

    From the largest areas to the smallest, each conditional on those above: with y the outcomes, p = expit(margin), and r
    and v the sums of y - p and p (1 - p), tau^2 = (sum of r^2 over areas - sum of r^2 over their households) / (the same of
    v), at least 0, which holds pairs of different households only; the effect b of an area solves sum(y - expit(margin +
    b)) = b / tau^2.

    Parameters
    ----------
    margin : ndarray of shape (n_rows,)
        Log-odds by trees that did not see the row's household.
    y : ndarray of shape (n_rows,), 0 or 1
        Outcomes.
    day : ndarray of shape (n_rows,)
        Day of each row; the level of a day is taken out.
    households : Index of shape (n_rows,)
        Household of each row.
    codes : sequence of str, shape (n_rows,)
        Division codes; ``""`` where it is not known.
    areas : sequence of str, optional
        Areas to learn of. Default: those with 30 households or more.

    Returns
    -------
    PlaceEffects

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> county = np.repeat(["210101", "210102", "210103", "210104"], 500)
    >>> worse = np.where(county == "210104", 1.0, 0.0)
    >>> y = (rng.random(2000) < expit(worse - 2)).astype(int)
    >>> found = fit_place(np.full(2000, -2.0), y, np.zeros(2000), pd.RangeIndex(2000).astype("str"), county)
    >>> bool(found.of(["210104"])[0] > 0.2 > found.of(["210101"])[0]), float(found.of(["99"])[0])
    (True, 0.0)
    """
    code = np.asarray(codes, dtype=object).astype("str")
    person = pd.factorize(households)[0]
    of_day = pd.factorize(day)[0]
    y = np.asarray(y, dtype="float64")
    level = _level_of(margin, y, of_day, np.zeros(of_day.max(initial=-1) + 1))
    own = np.asarray(margin, dtype="float64") + level[of_day]
    foreseen = expit(own)
    current, parts, tau = own, [], {}
    for digits in LEVEL_DIGITS:
        name = np.array([text[:digits] if len(text) >= digits else "" for text in code], dtype=object)
        area, names = pd.factorize(name, sort=True)
        counted = pd.Series(person).groupby(area).nunique().reindex(range(len(names)), fill_value=0).to_numpy()
        kept = (counted >= FEWEST_OF_AREA) if areas is None else np.isin(names.astype("str"), list(areas))
        kept &= names != ""
        rows = kept[area]
        tau[digits] = 0.0
        if not rows.any():
            continue
        place = np.cumsum(kept)[area[rows]] - 1
        n_places = int(kept.sum())
        p = expit(current[rows])
        left, spread = y[rows] - p, p * (1 - p)
        pair = pd.factorize(place * (int(person.max()) + 1) + person[rows])[0]
        above = _over_pairs(left, place, pair)
        below = _over_pairs(spread, place, pair)
        variance = max(0.0, above / below) if below > 0 else 0.0
        tau[digits] = float(np.sqrt(variance))
        effect = np.zeros(n_places)
        if variance > 0:
            effect = _level_of(current[rows], y[rows], place, np.full(n_places, 1.0 / variance))
            current = current.copy()
            current[rows] += effect[place]
        parts.append(
            pd.DataFrame(
                {
                    "area_prefix": names[kept].astype("str"),
                    "households": counted[kept],
                    "rows": np.bincount(place, minlength=n_places),
                    "observed": np.bincount(place, weights=y[rows], minlength=n_places),
                    "expected": np.bincount(place, weights=foreseen[rows], minlength=n_places),
                    "b": effect,
                }
            )
        )
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(EFFECT_COLUMNS))
    return PlaceEffects(table.astype(dict(EFFECT_COLUMNS)), tau)


def place_out_of_fold(
    margin: Array, y: Array, day: Array, households: pd.Index, codes: Any, *, fold: Array, areas: Sequence[str]
) -> Array:
    """Return what places add to each row's margin, learnt from the other folds of households.

    Parameters
    ----------
    margin, y, day, households, codes
        See :func:`fit_place`.
    fold : ndarray of int, shape (n_rows,)
        Fold of each row's household.
    areas : sequence of str
        Areas to learn of.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    code = np.asarray(codes, dtype=object)
    added = np.zeros(len(margin))
    for number in np.unique(fold):
        other, here = fold != number, fold == number
        effects = fit_place(margin[other], y[other], day[other], households[other], code[other], areas=areas)
        added[here] = effects.of(code[here])
    return added


def _path(code: str) -> list[str]:
    """Return the areas that a code names, the largest first."""
    return [code[:digits] for digits in LEVEL_DIGITS if len(code) >= digits]


def _different(codes: Any) -> tuple[list[str], Array]:
    """Return the different codes and the number of each household's; a missing one is the empty text."""
    text = pd.Series(np.asarray(codes, dtype=object)).fillna("").astype("str")
    number, different = pd.factorize(text)
    return [str(code) for code in different], number


def _over_pairs(values: Array, place: Array, pair: Array) -> float:
    """Sum products of the values of different households of one place."""
    return float((np.bincount(place, weights=values) ** 2).sum() - (np.bincount(pair, weights=values) ** 2).sum())


def _level_of(margin: Array, y: Array, group: Array, stiffness: Array) -> Array:
    """Return for each group the b that solves sum(y - expit(margin + b)) = stiffness * b, by safe Newton steps."""
    n = len(stiffness)
    events = np.bincount(group, weights=y, minlength=n)
    low, high, b = np.full(n, LOWEST), np.full(n, HIGHEST), np.zeros(n)
    for _ in range(MOST_STEPS):
        p = expit(margin + b[group])
        slack = events - np.bincount(group, weights=p, minlength=n) - stiffness * b
        low, high = np.where(slack > 0, b, low), np.where(slack < 0, b, high)
        slope = np.bincount(group, weights=p * (1 - p), minlength=n) + stiffness
        step = slack / np.where(slope > 0, slope, 1.0)
        new = b + step
        new = np.where((new > low) & (new < high) & (slope > 0), new, (low + high) / 2)
        new = np.where(slack == 0, b, new)
        if np.abs(new - b).max(initial=0.0) < 1e-12:
            return new
        b = new
    return b
