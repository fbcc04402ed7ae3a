"""Combinations that are possible but doubtful: nothing is changed, all is reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.contents import among
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["check_likelihood"]


def check_likelihood(
    tables: Mapping[str, pd.DataFrame], kept: Mapping[str, tuple[Rows, np.ndarray]],
    *, any_members: bool, with_members: Collection[str] = (),
) -> None:  # fmt: skip
    """Warn of combinations that checkers of real registers look for; nothing is changed.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Typed records that were kept.
    kept : mapping of str to (Rows, ndarray of int)
        Their rows, and the number of the row of each record.
    any_members : bool
        Whether the register has any members.
    with_members : collection of str
        Households of which another part of the register has rows of members.
    """

    def warn(name: str, index: pd.Index | np.ndarray, column: str, code: str, expected: Message) -> None:
        rows, origin = kept[name]
        rows.report(origin[np.asarray(index, dtype="int64")], column, code, "warning", expected)

    households = _latest(tables["households"], "household_id")
    members = _latest(tables["members"], "member_id")
    members = members[members["valid_to"].isna()]
    dangerous = households["house_grade"].isin(["C", "D"]) & ~households["unsafe_house"].fillna(True)
    warn("households", households.index[dangerous], "unsafe_house", "house_grade_contradicts",
         Message("yes for a house of grade C or D that is still unsafe"))  # fmt: skip

    both = members["education"].notna() & members["student_stage"].notna()
    warn("members", members.index[both], "education", "education_and_stage",
         Message("either education or student_stage, the latter for pupils only"))  # fmt: skip
    resident, employee = members["ins_basic_resident"], members["ins_basic_employee"]
    doubly = (resident & employee).fillna(False)
    uninsured = (~resident & ~employee).fillna(False)
    warn("members", members.index[doubly], "ins_basic_resident", "two_insurances",
         Message("one basic medical insurance: residents' or employees'"))  # fmt: skip
    warn("members", members.index[uninsured], "ins_basic_resident", "no_insurance",
         Message("a basic medical insurance: residents' or employees'"))  # fmt: skip

    per_household = members.assign(
        head=members["relation"] == "head", spouse=members["relation"] == "spouse", related=members["relation"].notna()
    ).groupby("household_id")
    sums = per_household[["head", "spouse", "related"]].sum().assign(n=per_household.size())
    sums = sums.reindex(households["household_id"]).set_index(households.index)
    heads = sums["head"][sums["related"] > 0]
    warn("households", heads.index[heads == 0], "", "no_head", Message("a member who is head (户主)"))
    warn("households", heads.index[heads > 1], "", "two_heads", Message("one head (户主)"))
    declared = households["size_declared"]
    differs = declared.notna() & (declared != sums["n"].fillna(0)) & any_members
    differs &= households["valid_to"].isna()  # of a dissolved household the last version says how many there were
    none = differs.to_numpy(dtype=bool).copy()
    ids = households["household_id"][none]
    listed = among(ids, tables["members"]["household_id"]) | ids.isin(with_members).to_numpy()
    none[none] = ~listed
    warn("households", households.index[none], "size_declared", "size_as_declared",
         Message("members in the list of members; none of the household is there, and its persons are counted as declared"))  # fmt: skip
    differs &= ~none
    warn("households", households.index[differs], "size_declared", "size_differs",
         Message("the number of members of the household on record, by which income per person is computed"))  # fmt: skip

    head_sex = members[members["relation"] == "head"].drop_duplicates("household_id").set_index("household_id")["sex"]
    spouses = members[members["relation"] == "spouse"]
    same = spouses["sex"].astype("str") == spouses["household_id"].map(head_sex.astype("str"))
    warn("members", spouses.index[same], "sex", "spouse_same_sex",
         Message("head and spouse of different sex"))  # fmt: skip

    incomes = tables["incomes"]
    gross = incomes[(incomes["item"] == "business_gross") & (incomes["amount_cny"] > 0)]
    cost = incomes[(incomes["item"] == "business_cost") & (incomes["amount_cny"] == 0)]
    period = ["household_id", "member_id", "period_start", "period_end", "recorded_at"]
    free = gross.reset_index().merge(cost[period].drop_duplicates(), on=period)["index"]
    warn("incomes", free.to_numpy(), "business_cost", "business_without_cost",
         Message("costs above 0 where there is business income"))  # fmt: skip


def _latest(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the newest row per key, under its number in the frame."""
    return frame.sort_values([key, "valid_from", "recorded_at"], kind="stable").drop_duplicates(key, keep="last")
