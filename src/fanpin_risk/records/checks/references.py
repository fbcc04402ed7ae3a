"""Rows that name a household or a person: whether these stand in the register."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import among
from fanpin_risk.records.checks.amount_evidence import SheetAmountsKnown
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["Elsewhere", "check_references"]

NAMES = {"households": Message("households", "户基本信息表"), "members": Message("members", "家庭成员表")}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a part of a register has to know of the other parts to be checked as the whole would be.

    Attributes
    ----------
    households, members : container of str
        Ids that were kept elsewhere, at least those which rows of this part may name.
    any_members : bool
        Whether any row of members was kept elsewhere.
    ranks : mapping of str to mapping of str to int
        Per table: all sheets of the register that have rows of it, and how clear it is that each is of the table.
    with_members : frozenset of str
        Ids of households of which rows of members were kept elsewhere, since these people live elsewhere.
    with_ids : frozenset of str
        Those of which such rows have ids of persons, kept or not.
    numbers_alone : mapping of str to set of str
        Per table, the sheets that know persons by numbers within their household alone.
    with_clear : frozenset of str
        Those of `with_members`, and of people who live elsewhere, of which a clear sheet of members has rows.
    amounts : sequence of SheetAmountsKnown or None
        Of each sheet of incomes in this part, what its rows in all parts say of its amounts; None where this part has to
        find out by itself.
    """

    households: Container[str] = frozenset()
    members: Container[str] = frozenset()
    any_members: bool = False
    ranks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    with_members: frozenset[str] = frozenset()
    with_ids: frozenset[str] = frozenset()
    numbers_alone: Mapping[str, Collection[str]] = field(default_factory=dict)
    with_clear: frozenset[str] = frozenset()
    amounts: Sequence[SheetAmountsKnown | None] | None = None


def check_references(rows: Rows, tables: Mapping[str, pd.DataFrame], elsewhere: Elsewhere) -> np.ndarray:
    """Reject rows that name a household or a person not in the register; who moved away from it is kept.

    Returns
    -------
    ndarray of bool, shape (n,)
        Rows that name a household not in the register.
    """
    homeless = np.zeros(len(rows.frame), dtype=bool)
    for name, owner in (("household_id", "households"), ("member_id", "members")):
        if name not in rows.table or owner not in tables or rows.table.name == owner:
            continue
        ids = rows.frame[name]
        unknown = ids.notna().to_numpy() & ~among(ids, tables[owner][name])
        others = elsewhere.households if owner == "households" else elsewhere.members
        unknown[unknown] = [one not in others for one in ids[unknown]]
        if rows.table.name == "members":
            at_hand = rows.frame.loc[~unknown & ~rows.rejected, "member_id"]
            moved = unknown & among(rows.frame["member_id"], at_hand)
            unknown &= ~moved
            rows.report(
                moved & ~rows.rejected, name, "moved_out", "warning",
                Message("a household_id that stands in households; taken as moved to a household outside the files"),
            )  # fmt: skip
        if name == "member_id" and rows.table[name].need == "optional":
            # The row is the household's. Its person may belong to a household outside the files, as in a selection.
            rows.report(
                unknown & ~rows.rejected, name, "person_elsewhere", "warning",
                Message("a member_id that stands in members; kept as the household's, of a person outside the files"),
            )  # fmt: skip
            continue
        if owner == "households":
            homeless = unknown
        rows.report(
            unknown, name, f"unknown_{owner[:-1]}", "rejected",
            Message("a {column} that stands in {table}", column=Message(name, rows.table[name].zh), table=NAMES[owner]),
        )  # fmt: skip
    return homeless
