"""Persons who stand in an older list of the members of their household, and not in a newer one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.contents import among
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["end_unlisted"]

FEWEST_OF_A_LIST = 2  # persons, where the household does not declare how many it has
NOBODY = np.zeros(0, dtype="int64"), np.zeros(0, dtype="int64")


def end_unlisted(
    rows: Rows, records: pd.DataFrame, origin: np.ndarray, households: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Let who stands only in an older list of a household be gone since the day of the newer list.

    What the older list says stays as it was true and known then. Lists that number persons by their order or know them by
    names are of all members if the head is among them. Where persons have ids a newer sheet may hold only who has changed,
    or works elsewhere: it is a list of all members where it has as many as the household declares, or, where that is not
    known, several with the head in a sheet that is called a list of members.

    Parameters
    ----------
    rows : Rows
        Of members, completed.
    records : DataFrame of shape (n, n_columns)
        Those that are kept.
    origin : ndarray of int, shape (n,)
        Row of each.
    households : DataFrame
        Checked ``households``.

    Returns
    -------
    records : DataFrame
        With one more for each person who is gone; it is known since the newer list is.
    origin : ndarray of int
        Of those the row of the newer list that they stand for.
    """
    if not len(records):
        return records, origin
    mine = rows.by_order[origin]
    own = records[["household_id", "member_id", "relation", "valid_from", "valid_to"]]
    own = own.assign(record=np.arange(len(own)), sheet=rows.sheet[origin])
    own["head"] = (own["relation"] == "head").fillna(False).astype(bool)
    found = []
    if mine.any():
        with_ids = among(records["household_id"], records.loc[~mine, "household_id"])
        found.append(_gone_by_order(rows, own[mine & ~with_ids], origin))
    found.append(_gone_by_id(rows, own[~mine], origin, households))
    persons, lists = (np.concatenate(each) for each in zip(*found, strict=True))
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


def _gone_by_order(rows: Rows, own: pd.DataFrame, origin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return who has no id and is not in a newer list, and the head's records there."""
    own = own.assign(day=_day_of_list(own, rows.origin[origin[own["record"]]] == "column"))
    several = own.groupby("household_id")["day"].transform("nunique") > 1
    return _gone(own[several]) if several.any() else NOBODY


def _gone_by_id(
    rows: Rows, own: pd.DataFrame, origin: np.ndarray, households: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return who has an id and is not in a newer list of all members in another sheet, and the head's records there."""
    leavers = np.array([part.layout.leavers for part in rows.parts], dtype=bool)
    own = own[~leavers[own["sheet"]]] if len(leavers) else own
    own = own[own.groupby("member_id")["household_id"].transform("nunique") == 1]  # who moved is looked for elsewhere
    own = own[own.groupby("household_id")["sheet"].transform("nunique") > 1]
    if not len(own):
        return NOBODY
    of_list = own.groupby(["household_id", "sheet"])
    own = own.assign(
        day=own["valid_from"],
        n=of_list["member_id"].transform("nunique"),
        of_one_day=of_list["valid_from"].transform("nunique") == 1,
        has_head=of_list["head"].transform("any"),
    )
    sizes = households.dropna(subset=["size_declared"]).sort_values("valid_from", kind="stable")
    sizes = sizes.drop_duplicates("household_id", keep="last")
    places = pd.Index(sizes["household_id"]).get_indexer(pd.Index(own["household_id"]))
    declared = np.append(sizes["size_declared"].to_numpy(dtype="float64"), np.nan)[places]  # not there: the last, -1
    clear = (rows.rank[origin[own["record"]]] == 0) | rows.whole[origin[own["record"]]]
    whole = np.where(np.isnan(declared), clear & (own["n"] >= FEWEST_OF_A_LIST), own["n"] == declared)
    own["head"] &= whole.astype(bool) & own["of_one_day"] & own["has_head"]
    return _gone(own)


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
