"""Whose an amount is that stands on the row of each member: the household's, repeated, or each member's own.

Of most figures their name says it (转移性收入, 生产经营性收入 are the household's). What is paid to persons, or counted by
persons (低保金), may be either. Then the sheet tells: by the header (家庭低保金), by cells merged over the members, by figures
of households that it repeats or has on one row only, by whether members of one household have different amounts, and by
a product that stands beside it (人均补差 x 低保人数).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fanpin_risk.records.income_items import NODES, STATED, walk
from fanpin_risk.records.rows import RawRows

__all__ = ["ABOVE", "MAY_BE_EACH", "OF_PERSONS", "whose"]

# Figure -> the totals that it is part of.
ABOVE = {
    figure: frozenset(total for total, node in NODES.items() if figure in {part.code for part in walk(node.parts)})
    for figure in NODES
}
# What is paid to a person: differing amounts are of different members.
OF_PERSONS = frozenset(
    figure
    for figure in NODES
    if "wages" in ABOVE[figure]
    or figure.split(".")[0] in ("tr_pension", "tr_disability")
    or figure in {f"tr_other.{kind}" for kind in ("old_age", "veterans", "orphans", "care", "education", "dew_rain")}
)
# What may be said of each person as well as of the household.
MAY_BE_EACH = OF_PERSONS | frozenset(
    figure
    for figure in NODES
    if figure.split(".")[0] in ("tr_dibao", "tr_tekun", "tr_family_planning")
    or figure in {f"tr_other.{kind}" for kind in ("heating", "prices", "electricity", "relief", "transport", "work", "holiday")}
)  # fmt: skip
SAYS_HOUSEHOLD = re.compile("户|家庭|全家")
PER_HEAD, HEAD_NUMBER = re.compile("人均|每人|标准|补差"), re.compile("人数|人口")
FEWEST_DIFFERING, LEAST_DIFFERING = (
    2,
    0.2,
)  # of the households with an amount, in which it differs: then it is each member's
ENOUGH_EQUAL_WAGES = 5  # households in which nobody's wage differs


def whose(
    parts: Sequence[RawRows],
    amounts: Mapping[str, np.ndarray],
    account: np.ndarray,
    first: np.ndarray,
    repeats: Mapping[str, np.ndarray],
) -> dict[str, str]:
    """Say of the figures that may be either whose they are in a sheet: of the ``household`` or of each ``person``.

    Parameters
    ----------
    parts : sequence of RawRows
        The sheet.
    amounts : mapping of str to ndarray of float, shape (n,)
        Per figure, of the rows of households with several.
    account : ndarray of int, shape (n,)
        Number of the household and year of each row.
    first : ndarray of bool, shape (n,)
        Which of the rows is the first of its household.
    repeats : mapping of str to ndarray of bool
        Per figure and account: whether it is the same on all rows, and not 0.

    Returns
    -------
    dict of str to str
        Without those of which nothing in the sheet says it.
    """
    n = len(next(iter(repeats.values()))) if repeats else 0
    filled = {figure: np.nan_to_num(column) != 0 for figure, column in amounts.items()}
    rows_filled = {figure: np.bincount(account, mask, minlength=n) for figure, mask in filled.items()}
    known = [figure for figure in amounts if figure not in MAY_BE_EACH]
    repeated = sum(int(repeats[figure].sum()) for figure in known if figure in repeats)
    repeated += sum(int((rows_filled[figure] > 1).sum()) for figure in known if figure in STATED)
    alone = sum(int((rows_filled[figure] == 1).sum()) for figure in known)
    found: dict[str, str] = {}
    for figure in MAY_BE_EACH & repeats.keys():
        by_account = rows_filled[figure]
        later = np.bincount(account, filled[figure] & ~first, minlength=n)
        several = by_account > 0
        differs = several & ~repeats[figure] & (later > 0)
        few = 1 if figure in OF_PERSONS else FEWEST_DIFFERING
        wage = "wages" in ABOVE[figure]
        if _is_of_household(parts, figure) or any(_is_product(part, figure) for part in parts):
            found[figure] = "household"
        elif differs.sum() >= max(few, LEAST_DIFFERING * several.sum()):
            found[figure] = "person"
        elif repeated > alone or (wage and not differs.any() and repeats[figure].sum() >= ENOUGH_EQUAL_WAGES):
            found[figure] = "household"
        elif alone >= FEWEST_DIFFERING and not repeated:
            found[figure] = "person"
    return found


def _is_of_household(parts: Sequence[RawRows], figure: str) -> bool:
    """Tell whether the header, or cells merged over several rows, say that a figure is the household's."""
    return any(
        position in part.layout.merged or SAYS_HOUSEHOLD.search(part.headers[position]) is not None
        for part in parts
        for position, _ in part.layout.items.get(figure, ())
    )


def _is_product(part: RawRows, figure: str) -> bool:
    """Tell whether a figure is an amount for each person times a number of persons, both in columns beside it."""
    read = {position for position, _ in part.layout.items.get(figure, ())}
    each, number = (
        [at for at, header in enumerate(part.headers) if of.search(header) and at not in read]
        for of in (PER_HEAD, HEAD_NUMBER)
    )
    pairs = [(amount, one, count) for amount in read for one in each for count in number if one != count]
    for places in pairs:
        amount, one, count = (pd.to_numeric(part.frame.iloc[:, at], errors="coerce").to_numpy(float) for at in places)
        mine = amount > 0
        if (
            mine.any()
            and (count[mine] > 1).any()
            and np.allclose(amount[mine], one[mine] * count[mine], equal_nan=False)
        ):
            return True
    return False
