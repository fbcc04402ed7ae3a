"""Whose an amount is that stands on the row of each member: the household's, repeated, or each member's own.

Of most figures their name says it (转移性收入, 生产经营性收入 are the household's). What is paid to persons, or counted by
persons (低保金), may be either. Then the sheet tells: by the header (家庭低保金), by cells merged over the members, and by figures
of households that it repeats on all rows of this household, or has on one row only. Other households say nothing of this
one, so that it is read alone as among others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

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


def whose(
    parts: Sequence[RawRows],
    amounts: Mapping[str, np.ndarray],
    account: np.ndarray,
    repeats: Mapping[str, np.ndarray],
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Say of the figures that may be either whose they are, household by household.

    Parameters
    ----------
    parts : sequence of RawRows
        The sheet.
    amounts : mapping of str to ndarray of float, shape (n,)
        Per figure, of the rows of households with several.
    account : ndarray of int, shape (n,)
        Number of the household and year of each row.
    repeats : mapping of str to ndarray of bool, shape (n_accounts,)
        Per figure and account: whether it is the same on all rows, and not 0.

    Returns
    -------
    dict of str to (ndarray of bool, ndarray of bool), shape (n_accounts,)
        Per figure: the accounts in which it is the household's, and those in which it is each member's own; in the others
        nothing says it.
    """
    if not repeats:  # a sheet that states net income only
        return {}
    n = len(next(iter(repeats.values())))
    repeated, alone = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for figure, column in amounts.items():
        if figure not in MAY_BE_EACH:
            on_rows = np.bincount(account, np.nan_to_num(column) != 0, minlength=n)
            repeated |= (on_rows > 1) if figure in STATED else repeats[figure]
            alone |= on_rows == 1
    said = {figure: _is_of_household(parts, figure) for figure in MAY_BE_EACH & repeats.keys()}
    return {figure: (repeated | is_said, alone & ~repeated & (not is_said)) for figure, is_said in said.items()}


def _is_of_household(parts: Sequence[RawRows], figure: str) -> bool:
    """Tell whether the header, or cells merged over several rows, say that a figure is the household's."""
    return any(
        position in part.layout.merged or SAYS_HOUSEHOLD.search(part.headers[position]) is not None
        for part in parts
        for position, _ in part.layout.items.get(figure, ())
    )
