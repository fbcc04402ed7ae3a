"""The sheet's own answers, used to check ours: stated net income against the sum of its items.

Real sheets state 人均纯收入 and 纯收入 beside the items. What was summed here and what the office states differ where a
part was not understood, a household's amount stood on the row of each member, a unit was missed, or another number of
persons was meant: this one comparison finds all of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from fanpin_risk.records.income_items import PER_PERSON, TOLERANCE_CNY, WHOLE
from fanpin_risk.words import Message

__all__ = ["LIKELY_REASONS", "compare_stated", "count_persons"]

MOST_OTHERS = 4  # persons by which the count of an office may differ from ours
LEAST_TOLD_CNY = 500.0  # of smaller figures one part in some hundred is chance
SIGNS: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "wage", "wage_public_post", "business_gross", "business_net", "prop_dividend", "prop_land", "prop_other",
                "property_net", "tr_family_planning", "tr_dibao", "tr_tekun", "tr_pension", "tr_ecology", "tr_disability",
                "tr_other", "transfer_net",
            ),
            1.0,
        ),
        "business_cost": -1.0,
    }
)  # fmt: skip

# Why a stated figure may differ from the sum, the likeliest first.
LIKELY_REASONS: Mapping[str, Message] = MappingProxyType(
    {
        "unit": Message("one of the two is in 10,000 yuan (万元)"),
        "repeated": Message("the household's amounts were counted once for each member"),
        "head_count": Message("the sheet counts another number of persons"),
        "part_missing": Message("a part of the income was not understood or is not in the files"),
        "part_too_much": Message("an amount was counted that the sheet does not count, or counted twice"),
    }
)


def compare_stated(tables: Mapping[str, pd.DataFrame], *, unit: np.ndarray | None = None) -> pd.DataFrame:
    """Compare stated with summed net income per person, by household and year.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Checked ``incomes``, ``households`` and ``members``.
    unit : ndarray of float, shape (n_incomes,), optional
        CNY of the unit in which each record's sheet states net income, 10,000 for 万元: figures in it are rounded.

    Returns
    -------
    DataFrame
        One row per household and accounting period whose figures differ: ``record`` (position of the stated amount in
        ``incomes``), ``household_id``, ``period_end``, ``stated``, ``summed`` (CNY per person), ``reason`` (a key of
        ``LIKELY_REASONS``).

    Examples
    --------
    >>> day = pd.Timestamp("2023-12-31")
    >>> incomes = pd.DataFrame({"household_id": "A", "item": ["wage", PER_PERSON], "amount_cny": [9000.0, 12000.0]})
    >>> incomes = incomes.assign(member_id=None, period_start=day, period_end=day, recorded_at=day)
    >>> households = pd.DataFrame({"household_id": ["A"], "size_declared": [1.0], "valid_from": [day]})
    >>> members = pd.DataFrame({"household_id": ["A"], "member_id": ["P"], "valid_from": [day], "valid_to": [pd.NaT]})
    >>> found = compare_stated({"incomes": incomes, "households": households, "members": members})
    >>> found[["stated", "summed", "reason"]].values.tolist()
    [[12000.0, 9000.0, 'part_missing']]
    """
    accounts = _accounts(tables["incomes"])
    units = np.ones(len(accounts)) if unit is None else unit[accounts["record"].to_numpy(dtype="int64")]
    if not len(accounts):
        return pd.DataFrame(columns=["record", "household_id", "period_end", "stated", "summed", "reason"])
    counts = count_persons(tables).reindex(accounts["household_id"])
    members, declared = (counts[name].to_numpy() for name in ("members", "declared"))
    persons = np.where(members > 0, members, declared)
    summed = accounts["summed"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        mine = summed / persons
        whole = accounts["stated_whole"].to_numpy()
        stated = accounts["stated_per_person"].to_numpy()
        other = np.where(declared > 0, summed / declared, np.nan)
        rounding = _rounding(stated, units)
        both_agree = np.abs(stated * persons - whole) <= rounding * persons
        unlike = np.abs(mine - stated) > rounding
        unlike |= (np.abs(summed - whole) > _rounding(whole, units)) & ~(both_agree & ~unlike)
        older = ~accounts["newest"].to_numpy()  # then the household may have had another number of members
        unlike &= ~(older & _same(other, stated))
        per_person = np.where(np.isnan(stated), whole / persons, stated)
        people = np.where(np.isnan(whole) | np.isnan(stated) | (stated == 0), np.nan, whole / stated)
        ratio = np.where(per_person != 0, mine / per_person, np.nan)
        head_count = _same(other, stated) | (_same(summed, whole) & np.isfinite(people))
        kinds = {
            "unit": np.isclose(ratio, 1e4, rtol=1e-3) | np.isclose(ratio, 1e-4, rtol=1e-3),
            "head_count": head_count,
            "repeated": (persons > 1) & np.isclose(ratio, persons, rtol=1e-4),
            "other_count": np.isnan(whole) & _by_another_count(summed, stated, persons),
            "part_missing": mine < per_person,
        }
    reason = np.select(list(kinds.values()), list(kinds), "part_too_much")
    reason = np.where(reason == "other_count", "head_count", reason)
    found = accounts.assign(stated=per_person, summed=mine, reason=reason)[unlike]
    return found[["record", "household_id", "period_end", "stated", "summed", "reason"]].reset_index(drop=True)


def _rounding(figures: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Return how far figures may be from what they state: a yuan, or half of the last digit of their unit, at least of 0.01."""
    written = figures / unit
    hundredths = np.isclose(written, np.round(written, 2), rtol=0, atol=1e-9)
    result: np.ndarray = np.maximum(TOLERANCE_CNY, unit * np.where(hundredths, 0.005, 0.00005))
    return result


def _same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return where two figures are known and differ by no more than rounding."""
    result: np.ndarray = np.abs(one - other) <= TOLERANCE_CNY
    return result


def _by_another_count(summed: np.ndarray, stated: np.ndarray, persons: np.ndarray) -> np.ndarray:
    """Return where the sum is the stated figure times another number of persons; twice ours is an amount counted twice."""
    count = np.round(summed / stated)
    near = (count >= 1) & (np.abs(count - persons) <= MOST_OTHERS) & (count != persons) & (count != 2 * persons)
    result: np.ndarray = near & (stated >= LEAST_TOLD_CNY) & _same(summed / count, stated)
    return result


def _accounts(incomes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per household and period with a stated figure and items: both sums, in CNY of the period."""
    columns = ["record", "household_id", "period_end", "newest", "summed", "stated_per_person", "stated_whole"]
    amount = incomes["amount_cny"].to_numpy(dtype="float64")
    is_stated = incomes["item"].isin((PER_PERSON, WHOLE)).to_numpy() & ~np.isnan(amount)
    if not is_stated.any():
        return pd.DataFrame(columns=columns)
    mine = incomes["household_id"].isin(incomes["household_id"][is_stated].unique()).to_numpy()
    rows = incomes.loc[mine, ["household_id", "member_id", "period_start", "period_end", "recorded_at"]]
    rows = rows.assign(item=incomes["item"][mine].astype("str"), amount=amount[mine], record=np.flatnonzero(mine))
    rows = rows.sort_values("recorded_at", kind="stable", na_position="first")
    key = ["household_id", "member_id", "period_start", "period_end", "item"]
    rows = rows[~rows.duplicated(key, keep="last")]
    rows["sign"] = rows["item"].map(SIGNS)
    rows = rows.assign(
        signed=rows["sign"] * rows["amount"],
        per_person=rows["amount"].where(rows["item"] == PER_PERSON),
        whole=rows["amount"].where(rows["item"] == WHOLE),
        place=rows["record"].where(rows["item"].isin((PER_PERSON, WHOLE))),
    )
    grouped = rows.groupby(["household_id", "period_start", "period_end"], dropna=False, sort=False)
    table = grouped.agg(
        summed=("signed", "sum"), items=("signed", "count"), unknown=("sign", "count"),
        stated_per_person=("per_person", "max"), stated_whole=("whole", "max"), record=("place", "min"),
    ).reset_index()  # fmt: skip
    table = table[(table["items"] > 0) & (table["items"] == table["unknown"]) & table["record"].notna()]
    newest = table.groupby("household_id")["period_end"].transform("max")
    table = table.assign(newest=table["period_end"] == newest, record=table["record"].astype("int64"))
    return table[columns].reset_index(drop=True)


def count_persons(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how many members each household has now, and how many it declares."""
    members = tables["members"]
    if len(members):
        members = members.sort_values("valid_from", kind="stable").drop_duplicates("member_id", keep="last")
        members = members[members["valid_to"].isna()]
    count = members.groupby("household_id").size() if len(members) else pd.Series(dtype="int64")
    households = tables["households"].sort_values("valid_from", kind="stable")
    known = households.dropna(subset="size_declared").drop_duplicates("household_id", keep="last")
    declared = known.set_index("household_id")["size_declared"].astype("float64")
    return pd.DataFrame({"members": count.astype("float64"), "declared": declared})
