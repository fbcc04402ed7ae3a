"""Sheets that know households by the citizen ids of their heads alone, beside a sheet that has these and their own ids.

Only with a key: citizen ids are never read otherwise. What one says of the other is looked at and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import parse
from fanpin_risk.records.ids import citizen_ids_alike
from fanpin_risk.records.rows import RawRows, Rows

__all__ = ["NO_HEADS", "households_of_heads", "ids_of_heads", "take_own_ids"]

NO_HEADS: Mapping[str, str] = {}


def ids_of_heads(raw: RawRows) -> pd.Series:
    """Return the citizen id of the head in each row, missing where it does not stand there."""
    layout, table = raw.layout, raw.table
    if layout.head_ids is None or (layout.of_persons and "relation" not in layout.columns):
        return pd.Series([None] * len(raw.frame), dtype="str")
    ids = citizen_ids_alike(parse(raw.frame.iloc[:, layout.head_ids], table["household_id"]).column)
    if layout.of_persons:
        relation = parse(raw.frame.iloc[:, layout.columns["relation"][0]], table["relation"]).column
        ids = ids.where(relation.astype("str") == "head")
    return ids.reset_index(drop=True)


def households_of_heads(parts: Sequence[RawRows]) -> dict[str, str]:
    """Return the id of the household by the citizen id of its head, where sheets have both and agree.

    Parameters
    ----------
    parts : sequence of RawRows
        All rows of a register, or of a part that has all rows of its households.
    """
    if not any("household_id" in part.layout.personal for part in parts):
        return {}
    found = []
    for part in parts:
        if part.layout.head_ids is not None and len(part.frame):
            own = parse(part.frame.iloc[:, part.layout.columns["household_id"][0]], part.table["household_id"]).column
            found.append(pd.DataFrame({"head": ids_of_heads(part), "own": own.reset_index(drop=True)}))
    if not found:
        return {}
    pairs = pd.concat(found, ignore_index=True).dropna().drop_duplicates()
    pairs = pairs[~pairs["head"].duplicated(keep=False)]
    return dict(zip(pairs["head"].tolist(), pairs["own"].tolist(), strict=True))


def take_own_ids(rows: Rows, heads: Mapping[str, str]) -> None:
    """Let households that are known by the citizen ids of their heads be known by their own ids.

    Parameters
    ----------
    rows : Rows
        Of one table; is changed.
    heads : mapping of str to str
        See :func:`households_of_heads`.
    """
    if not heads or "household_id" not in rows.frame or not rows.personal["household_id"].any():
        return
    ids = rows.frame["household_id"]
    own = citizen_ids_alike(ids).map(heads).where(rows.personal["household_id"])
    rows.frame["household_id"] = own.fillna(ids).astype(ids.dtype)
    named = own.notna().to_numpy() & rows.personal.get("member_id", np.zeros(len(ids), dtype=bool))
    if (
        named.any() and "member_id" in rows.frame
    ):  # by household and name: the same person as in a sheet with the own id
        cells = zip(rows.frame["member_id"][named], ids[named], own[named], strict=True)
        persons = [own_id + one[len(id_) :] if str(one).startswith(id_) else one for one, id_, own_id in cells]
        rows.frame.loc[named, "member_id"] = pd.array(persons, dtype="str")
