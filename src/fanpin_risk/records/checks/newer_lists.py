"""Persons without ids who stand in an older list of the members of their household, and not in a newer one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["end_unlisted"]


def end_unlisted(rows: Rows, records: pd.DataFrame, origin: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Let who stands only in an older list of a household be gone since the day of the newer list.

    What the older list says stays as it was true and known then. Only lists that number persons by their order or know
    them by names are compared: who has an id may be looked for by it. A list without the head is not of all members.

    Parameters
    ----------
    rows : Rows
        Of members, completed.
    records : DataFrame of shape (n, n_columns)
        Those that are kept.
    origin : ndarray of int, shape (n,)
        Row of each.

    Returns
    -------
    records : DataFrame
        With one more for each person who is gone; it is known since the newer list is.
    origin : ndarray of int
        Of those the row of the newer list that they stand for.
    """
    mine = rows.by_order[origin]
    if not mine.any():
        return records, origin
    with_ids = records.loc[~mine, "household_id"]
    mine &= ~records["household_id"].isin(with_ids).to_numpy()
    own = records.loc[mine, ["household_id", "member_id", "relation", "valid_from", "valid_to"]]
    own = own.assign(record=np.flatnonzero(mine), sheet=rows.sheet[origin[mine]])
    own["day"] = _day_of_list(own, rows.origin[origin[mine]] == "column")
    several = own.groupby("household_id")["day"].transform("nunique") > 1
    own = own[several]
    if not len(own):
        return records, origin
    persons, lists = _gone(own.assign(head=(own["relation"] == "head").fillna(False).astype(bool)))
    if not len(persons):
        return records, origin
    more = records.iloc[persons].copy()
    newer = records.iloc[lists]
    for name, source in (("valid_from", "valid_from"), ("recorded_at", "recorded_at"), ("valid_to", "valid_from")):
        more[name] = newer[source].to_numpy()
    if "present" in more:
        more["present"] = False
    rows.report(
        origin[lists], "", "not_in_newer_list", "warning",
        Message(
            "all members of the household in the newer list; somebody stands only in an older one, and is taken as gone since the "
            "day of the newer list"
        ),
    )  # fmt: skip
    return pd.concat([records, more], ignore_index=True), np.concatenate([origin, origin[lists]])


def _day_of_list(own: pd.DataFrame, by_column: np.ndarray) -> pd.Series:
    """Return the day of the list that each record stands in: its own, where all of the household in the sheet have one."""
    in_sheet = own.assign(said=by_column).groupby(["household_id", "sheet"])
    return own["valid_from"].where(in_sheet["said"].transform("all"), in_sheet["valid_from"].transform("max"))


def _gone(own: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the last records of those whom the next list of their household with a head lacks, and that head's records."""
    heads = own.loc[own["head"], ["household_id", "day", "record"]].drop_duplicates(["household_id", "day"])
    heads = heads.rename(columns={"record": "list", "day": "next_list"}).sort_values("next_list", kind="stable")
    own = own.sort_values(["day", "record"], kind="stable")
    own["next_record"] = own.groupby(["household_id", "member_id"], sort=False)["day"].shift(-1)
    own = own[own["valid_to"].isna()]
    found = pd.merge_asof(
        own, heads, left_on="day", right_on="next_list", by="household_id", direction="forward", allow_exact_matches=False
    )  # fmt: skip
    gone = found["next_list"].notna() & ~(found["next_record"] <= found["next_list"])
    return found.loc[gone, "record"].to_numpy(dtype="int64"), found.loc[gone, "list"].to_numpy(dtype="int64")
