"""Which households may be meant by rows that name none of the register: by ids in another form, or that lost a digit.

Nothing is joined by that: the rows stay rejected, and the households are named, so that nobody is without members, incomes or
monitoring in silence. An id built like those of the register and near to none of them is of somebody else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import pandas as pd

from fanpin_risk.records.checks.id_forms import FORMS, NearIds, alike_in_form, behind_a_code, shape_of
from fanpin_risk.records.checks.unmatched import LOOKED_AT

__all__ = ["ENTRIES_OF_HOUSEHOLDS", "Meant", "households_meant"]

# Tables without whose rows a household would be taken for one that has no members, no income, or is not monitored.
ENTRIES_OF_HOUSEHOLDS = ("members", "incomes", "monitoring")
Sheet = tuple[str, str]  # table and source


class Meant(NamedTuple):
    """Which households the rows of a sheet may mean that name none of the register.

    Attributes
    ----------
    surely : frozenset of str
        Their ids are the same in another form.
    maybe : frozenset of str
        Their ids are one sign apart, or begin alike where digits were lost at the end.
    anybody : bool
        Whether some rows may be of any household: without an id, or with one unlike all others.
    """

    surely: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    anybody: bool = False


def households_meant(
    unknown: pd.DataFrame,
    nameless: Collection[Sheet],
    known: Collection[str],
    *,
    hashed: bool = False,
) -> dict[Sheet, Meant]:
    """Return for each sheet with rows of no household of the register which households they may mean.

    Parameters
    ----------
    unknown : DataFrame
        ``table, source, household_id`` of rows that name a household not in the register.
    nameless : collection of (str, str)
        Tables and sheets with rows that name none at all.
    known : collection of str
        Ids of the households of the register, or those that :func:`telling_ids` gives.
    hashed : bool
        Whether the ids are pseudonyms, of which nothing can be told: anybody may be meant.

    Returns
    -------
    dict of (str, str) to Meant
        By table and source, of tables that say of households what they are without it.
    """
    found = {key: Meant(anybody=True) for key in sorted(nameless) if key[0] in ENTRIES_OF_HOUSEHOLDS}
    if not len(unknown):
        return found
    shapes = set() if hashed else {shape_of(one) for one in known}
    for (table, source), rows in unknown.groupby(["table", "source"], sort=False):
        key = str(table), str(source)
        if key[0] not in ENTRIES_OF_HOUSEHOLDS:
            continue
        ids = rows["household_id"].drop_duplicates()
        anybody = key in found or hashed or (key[0] == "incomes" and len(ids) > LOOKED_AT)
        mine = [] if hashed else ids.head(LOOKED_AT).tolist()
        alike = _in_other_forms(mine, known)
        rest = [one for one in mine if one not in alike]
        near = _near(rest, known)
        left = set(rest).difference(*near.values())
        anybody |= any(key[0] == "incomes" or shape_of(one) not in shapes for one in left)
        found[key] = Meant(frozenset(alike.values()), frozenset(near), anybody)
    return found


def _in_other_forms(mine: list[str], known: Collection[str]) -> Mapping[str, str]:
    """Return ids that are the same as that of one household in some form, with this one."""
    if not mine:
        return {}
    ids = set(known)
    found = dict[str, str]()
    for form in FORMS.values():
        found = alike_in_form(mine, ids, form) | found
    return behind_a_code(mine, ids) | found


def _near(mine: list[str], known: Collection[str]) -> dict[str, set[str]]:
    """Return the households to whose ids some ids are near, and these."""
    near = NearIds(mine)
    return {one: found for one in known if (found := near.to(one))} if mine else {}
