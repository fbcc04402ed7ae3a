"""What all rows of a sheet of incomes say of its amounts: how large they usually are, and which unit stated incomes prove.

In a packed register the rows of a sheet stand in several parts: each tells what it has, and all are told what follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from fanpin_risk.records.income_items import NODES, PER_PERSON, WHOLE

__all__ = [
    "FEW",
    "LIVED_ON",
    "STATED_FIGURES",
    "WAGE_ITEMS",
    "SheetAmountsKnown",
    "SheetEvidence",
    "Trial",
    "known_of_sheet",
    "may_be_small",
    "proven_factor",
]

LIVED_ON = frozenset(("wage", "wage_public_post", "business_gross", "business_net", PER_PERSON, WHOLE))
WAGE_ITEMS = frozenset(("wage", "wage_public_post"))
LIVED_ON_ALONE = WAGE_ITEMS | {PER_PERSON, WHOLE}  # small whole numbers are doubted, too
USUAL_LIVED_ON = 100.0  # CNY a year: the usual amount of a column of wages or business income is not below
USUAL_PART = 20.0  # the same of one kind of crop or stock
USUAL_OTHER = 2.0  # the same of transfers, property and costs
FEW = 5  # amounts from which on whole numbers are doubted, too
AGREE = 0.8  # of the households of a sheet, with the income per person that is stated
STATED_FIGURES = (PER_PERSON, WHOLE)


@dataclass(slots=True)
class SheetAmountsKnown:
    """What all rows of a sheet of incomes say of its amounts, also where some of them are elsewhere.

    Attributes
    ----------
    figures : list of str
        Of which figures any amount stands there.
    usual : dict of str to float
        Per figure whose unit is not written, the usual amount.
    counts : dict of str to int
        Per figure, how many amounts there are.
    small : list of str
        Figures too small for yuan.
    whole : bool
        Whether the sheet is so as a whole.
    factors : dict of str to (float or None)
        What the stated incomes prove, by what it is of (``items`` or ``stated``): None where they prove nothing.
    """

    figures: list[str]
    usual: dict[str, float]
    counts: dict[str, int]
    small: list[str]
    whole: bool
    factors: dict[str, float | None] = field(default_factory=dict)


@dataclass(slots=True)
class SheetEvidence:
    """What some rows of a sheet of incomes tell of its amounts; with that of the others it tells what is known.

    Attributes
    ----------
    figures : dict of str to int
        Of which figures any amount stands there, and where each comes among all.
    amounts : dict of str to ndarray of float
        Per figure whose unit is not written, its amounts but for 0.
    doubted : bool
        Whether any amount is looked at more closely.
    asked : str
        Which factor is to be proven next; "" for none.
    trials : dict of float to Trial
        Per factor that is tried.
    """

    figures: dict[str, int]
    amounts: dict[str, np.ndarray]
    doubted: bool = False
    asked: str = ""
    trials: dict[float, Trial] = field(default_factory=dict)


class Trial(NamedTuple):
    """What rows say of a factor: by how much computed and stated income differ, and per figure whether they agree."""

    differ: np.ndarray
    agree: list[np.ndarray]


def known_of_sheet(found: Sequence[SheetEvidence]) -> SheetAmountsKnown:
    """Return what all rows of a sheet say of its amounts, from what each part of them tells."""
    places = {figure: place for one in found for figure, place in one.figures.items()}
    figures = sorted(places, key=lambda figure: places[figure])
    amounts = {
        figure: np.concatenate([one.amounts[figure] for one in found if figure in one.amounts])
        for figure in figures
        if any(figure in one.amounts for one in found)
    }
    usual = {figure: float(np.median(column)) for figure, column in amounts.items() if len(column)}
    small = [figure for figure in usual if _too_small(figure, amounts[figure], usual[figure])]
    items = [figure for figure in usual if figure not in STATED_FIGURES]
    lived_on = [figure for figure in items if NODES[figure].item in LIVED_ON]
    whole = False
    if (mine := [figure for figure in lived_on if figure in small]) and all(
        figure in mine or usual[figure] < USUAL_LIVED_ON for figure in lived_on
    ):
        small, whole = [figure for figure in small if figure not in items] + items, True
    return SheetAmountsKnown(figures, usual, {figure: len(column) for figure, column in amounts.items()}, small, whole)


def proven_factor(trials: Sequence[Mapping[float, Trial]]) -> float | None:
    """Return the factor that the rows of a sheet prove: that with which most agree, and best; None for none."""
    found: dict[float, float] = {}
    for factor in trials[0] if trials else ():
        each = [one[factor] for one in trials]
        agreeing = [np.concatenate(of_figure) for of_figure in zip(*(one.agree for one in each), strict=True)]
        if agreeing and all(len(rows) and float(np.mean(rows)) >= AGREE for rows in agreeing):
            differ = np.concatenate([one.differ for one in each])
            found[factor] = float(np.nanmedian(differ)) if len(differ) else 0.0
    return min(found, key=lambda factor: found[factor]) if found else None


def may_be_small(figure: str, amounts: np.ndarray) -> bool:
    """Tell whether the usual amount of a column is so small that it may not be in yuan.

    Where that of no part of a sheet is, that of the whole is not either: it lies between them.
    """
    return len(amounts) > 0 and float(np.median(amounts)) < _limit(figure)


def _limit(figure: str) -> float:
    item = NODES[figure].item
    if item in LIVED_ON:
        return USUAL_LIVED_ON if item in WAGE_ITEMS or figure == item else USUAL_PART
    return USUAL_OTHER


def _too_small(figure: str, amounts: np.ndarray, usual: float) -> bool:
    """Tell whether the amounts of a column are too small for yuan: usually with decimals, as amounts in 万元 are."""
    if usual >= _limit(figure):
        return False
    item = NODES[figure].item
    decimals = float(np.mean(amounts != np.round(amounts)))
    return decimals >= (0.5 if len(amounts) > 2 else 1.0) or (item in LIVED_ON_ALONE and len(amounts) >= FEW)
