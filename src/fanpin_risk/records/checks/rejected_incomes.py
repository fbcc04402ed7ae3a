"""Households of which a row of income was rejected: their income is what is stated, or unknown, never the rest of it.

Of a row without a year any year on record may be meant. What another sheet has of the same kind for the whole household
and year is not missing, and figures that nobody earned (a plan) are none. A year of which only parts are on record, and
nothing else, is not over: it does not stand in for the year before. Nor does one of which rows only contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.income_items import CONSUMPTION, NODES, PER_PERSON, WHOLE
from fanpin_risk.records.item_names import is_doubtful_for_income
from fanpin_risk.records.layout import doubtful_columns
from fanpin_risk.records.merge_incomes import ABOUT_A_YEAR, ACCOUNT, PERIOD
from fanpin_risk.records.rows import Rows
from fanpin_risk.records.whose_amounts import ABOVE, OF_PERSONS

__all__ = ["leave_consumption_unknown", "leave_unknown", "say_unknown"]

# Faults of rows that say that nothing was earned, or that a row beside it says so as well.
OF_A_PLAN, MAY_REPEAT, ONLY_A_PART = "planned", "hidden_row", "part_of_year"
LONGEST_YEAR = np.timedelta64(366, "D")
OF_NO_KIND = ""  # figure of an amount of which the sheet does not say what it is


def leave_unknown(
    rows: Rows, records: pd.DataFrame, origin: np.ndarray, *, parts: np.ndarray, contradicting: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Let income be what is stated, or unknown, where a row of it was rejected.

    Parameters
    ----------
    rows : Rows
        Of incomes.
    records : DataFrame
        Those that are kept.
    origin : ndarray of int
        The row that each comes from.
    parts : ndarray of bool
        Rows that were rejected since they are of parts of a year of which others are missing.
    contradicting : ndarray of bool
        Rows that were rejected since others of the same item differ.

    Returns
    -------
    records : DataFrame
        With a stated figure without an amount for each year concerned.
    origin : ndarray of int
    """
    if not rows.rejected.any() or not len(records):
        return records, origin
    lost = _lost_figures(rows)
    lost = lost[lost["household_id"].isin(records["household_id"].unique())]
    if not len(lost):
        return records, origin
    years = _years_concerned(lost, records[PERIOD].drop_duplicates())
    years = years[~_had_all_the_same(rows, years, records, origin, contradicting)]
    mine = np.flatnonzero(pd.MultiIndex.from_frame(records[PERIOD]).isin(pd.MultiIndex.from_frame(years[PERIOD])))
    records, origin = say_unknown(records, origin, mine)
    alone = ~years["part"] & ~(parts | contradicting)[years["place"]]
    return _add_years(rows, records, origin, years[alone])


def leave_consumption_unknown(
    rows: Rows, records: pd.DataFrame, origin: np.ndarray, *, contradicting: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Leave out what an account says of consumption where an amount of it could not be used: the rest is no total.

    Parameters
    ----------
    rows : Rows
        Of incomes.
    records : DataFrame
        Those that are kept.
    origin : ndarray of int
        The row that each comes from.
    contradicting : ndarray of bool
        Rows that were rejected since others of the same item differ.

    Returns
    -------
    records : DataFrame
    origin : ndarray of int
    """
    figures = [figure for figure, node in NODES.items() if node.item in CONSUMPTION]
    lost = rows.frame["item"].isin(figures).to_numpy() & ~rows.wide & (rows.fault["amount_cny"] | contradicting)
    lost |= rows.not_consumed
    if not lost.any():
        return records, origin
    accounts = pd.MultiIndex.from_frame(rows.frame.loc[lost, PERIOD])
    keep = ~(records["item"].isin(figures).to_numpy() & pd.MultiIndex.from_frame(records[PERIOD]).isin(accounts))
    return records[keep].reset_index(drop=True), origin[keep]


def _lost_figures(rows: Rows) -> pd.DataFrame:
    """Return ``place, household_id, period_start, period_end, figure, amount, once, part`` of rejected amounts of income."""
    once, of_part = np.zeros(
        (2, len(rows.rejected)), dtype=bool
    )  # no loss if any other row says the same; part of a year
    lost = rows.rejected & rows.frame["household_id"].notna().to_numpy()
    start = 0
    for part in rows.parts:
        for fault in part.faults:
            own = np.flatnonzero(fault.mask) + start
            lost[own] &= fault.code != OF_A_PLAN
            once[own] |= fault.code == MAY_REPEAT
            of_part[own] |= fault.code == ONLY_A_PART
        start += len(part.frame)
    found = [
        pd.DataFrame({"place": places, "figure": figures, "amount": amounts})
        for places, figures, amounts in _amounts_lost(rows, np.flatnonzero(lost))
    ]
    together = pd.concat(found, ignore_index=True).sort_values("place", kind="stable")
    columns = [*PERIOD, "recorded_at", "member_id"]
    together = together.reset_index(drop=True).join(rows.frame.loc[together["place"], columns].reset_index(drop=True))
    return together.assign(once=once[together["place"]], part=of_part[together["place"]])


def _amounts_lost(rows: Rows, places: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give places, figures and amounts, NaN where unreadable, of what is or may be income in some rows."""
    for figure, column in rows.amounts.items():
        if is_doubtful_for_income(figure):
            mine = places[np.nan_to_num(column[places]) != 0]
            yield mine, np.full(len(mine), figure, dtype=object), column[mine]
    silent = places[rows.unclear[places] | rows.lost[places]]
    yield silent, np.full(len(silent), OF_NO_KIND, dtype=object), np.full(len(silent), np.nan)
    narrow = places[~rows.wide[places]]
    amounts = rows.frame["amount_cny"].to_numpy()[narrow]
    narrow = narrow[(np.nan_to_num(amounts) != 0) | rows.fault["amount_cny"][narrow]]
    amounts = rows.frame["amount_cny"].to_numpy()[narrow]
    items = rows.frame["item"].iloc[narrow].astype(object).to_numpy()
    texts = _texts_of_items(rows)
    figures = np.array(
        [_figure_of_text(item, texts.get(place, "")) for place, item in zip(narrow, items, strict=True)], object
    )
    known = np.array([figure is not None for figure in figures], dtype=bool)
    yield narrow[known], figures[known], amounts[known]


def _figure_of_text(item: object, text: str) -> str | None:
    """Return the figure of an item, unknown where its name only looks like income; None where it is none."""
    if isinstance(item, str):
        return item if is_doubtful_for_income(item) else None
    return OF_NO_KIND if doubtful_columns([text], ()) else None


def _texts_of_items(rows: Rows) -> dict[int, str]:
    """Return what stands as item in rejected rows of which it was not understood."""
    places = np.flatnonzero(rows.rejected & rows.fault["item"] & ~rows.wide)
    texts: dict[int, str] = {}
    starts = np.cumsum([0, *(len(part.frame) for part in rows.parts)])
    for part, start in zip(rows.parts, starts, strict=False):
        if "item" in part.layout.columns:
            column = part.frame.iloc[:, part.layout.columns["item"][0]]
            own = places[(places >= start) & (places < start + len(column))]
            texts |= {int(place): as_text(column.iloc[place - start]) for place in own}
    return texts


def _years_concerned(lost: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """Return rejected amounts with the year of each; one without a year, or with half of it, with every year it may be of."""
    first, last = lost["period_start"], lost["period_end"]
    clear = (first.notna() & last.notna() & (first <= last) & (last - first < LONGEST_YEAR)).to_numpy()
    open_ = lost[~clear].rename(columns={"period_start": "since", "period_end": "until"})
    open_ = open_.merge(years, on="household_id")
    reversed_ = (open_["since"] > open_["until"]).to_numpy()
    since, until = (open_[name].fillna(open_[other]) for name, other in (("since", "until"), ("until", "since")))
    outside = (until < open_["period_start"]) | (since > open_["period_end"])
    open_ = open_[~outside.to_numpy(dtype=bool) | reversed_]
    return pd.concat([lost[clear], open_], ignore_index=True)[lost.columns]


def _had_all_the_same(
    rows: Rows, years: pd.DataFrame, records: pd.DataFrame, origin: np.ndarray, contradicting: np.ndarray
) -> np.ndarray:
    """Return which rejected amounts the household has all the same for the year: what is on record of their kind is all of it."""
    known = np.zeros(len(years), dtype=bool)
    given = records["amount_cny"].notna().to_numpy() & (
        (records["period_end"] - records["period_start"]).to_numpy() >= ABOUT_A_YEAR
    )
    kept = records.loc[given, [*PERIOD, "recorded_at", "member_id", "item", "amount_cny"]].assign(
        source=rows.sources[origin[given]]
    )
    pairs = years.assign(number=np.arange(len(years)), source_lost=rows.sources[years["place"]])
    pairs = pairs.merge(kept, on=PERIOD, suffixes=("_lost", ""))
    items = {
        figure: {NODES[one].item for one in (figure, *ABOVE[figure])} | {figure, *ABOVE[figure]} for figure in NODES
    }
    alike = np.array(
        [item in items.get(figure, ()) for figure, item in zip(pairs["figure"], pairs["item"], strict=True)], dtype=bool
    )
    pairs = pairs[alike]
    lost_again = contradicting[pairs["place"].to_numpy()]
    same_person = pairs["member_id"].isna() | (pairs["member_id"] == pairs["member_id_lost"]).fillna(False)
    elsewhere = (pairs["source"] != pairs["source_lost"]).to_numpy() | pairs["once"].to_numpy()
    newer = (pairs["recorded_at"] > pairs["recorded_at_lost"]).to_numpy()
    of_household = ~pairs["figure"].isin(OF_PERSONS).to_numpy()
    equal = of_household & ((pairs["amount_cny"] - pairs["amount"]).abs() < 1.0).to_numpy()
    enough = (equal | (same_person.to_numpy(dtype=bool) & (elsewhere | newer))) & ~lost_again
    known[np.unique(pairs["number"].to_numpy()[enough])] = True
    return known


def say_unknown(records: pd.DataFrame, origin: np.ndarray, mine: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Let the accounts of some records be unknown but for what is stated.

    Parameters
    ----------
    records : DataFrame
        Of incomes.
    origin : ndarray of int
        The row that each comes from.
    mine : ndarray of int
        Positions of all records of these accounts.

    Returns
    -------
    records : DataFrame
        With a stated figure without an amount for each account.
    origin : ndarray of int
    """
    if not len(mine):
        return records, origin
    own = records.iloc[mine]
    number = own.groupby(ACCOUNT, dropna=False, sort=False).ngroup().to_numpy()
    n = int(number.max()) + 1
    item, amount = own["item"].astype(object).to_numpy(), own["amount_cny"].to_numpy()
    known = {
        figure: np.bincount(number, (item == figure) & ~np.isnan(amount), minlength=n) > 0
        for figure in (WHOLE, PER_PERSON)
    }
    silent = np.bincount(number, np.isin(item, (WHOLE, PER_PERSON)) & np.isnan(amount), minlength=n) > 0
    both = known[WHOLE] & known[PER_PERSON] & ~silent
    records = records.copy()
    emptied = mine[(item == WHOLE) & both[number]]
    records.loc[emptied, "amount_cny"] = np.nan
    first = mine[np.unique(number, return_index=True)[1]][~silent & ~both]
    figures = np.where(known[WHOLE], PER_PERSON, WHOLE)[~silent & ~both]
    return _with_unknown(records, origin, records.iloc[first], origin[first], figures)


def _add_years(
    rows: Rows, records: pd.DataFrame, origin: np.ndarray, years: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Let years be unknown of which nothing is on record but what was rejected."""
    there = pd.MultiIndex.from_frame(records[PERIOD])
    new = years[~pd.MultiIndex.from_frame(years[PERIOD]).isin(there)].drop_duplicates(PERIOD)
    new = new[new["recorded_at"].notna()]
    if not len(new):
        return records, origin
    places = new["place"].to_numpy()
    return _with_unknown(records, origin, rows.frame.iloc[places], places, np.full(len(new), WHOLE, dtype=object))


def _with_unknown(
    records: pd.DataFrame, origin: np.ndarray, like: pd.DataFrame, places: np.ndarray, figures: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Add a stated figure without an amount for each of some records or rows, behind those of the same row."""
    if not len(like):
        return records, origin
    added = like.assign(
        member_id=None, amount_cny=np.nan, item=pd.Categorical(figures, categories=records["item"].cat.categories)
    )
    together = pd.concat([records, added.astype(records.dtypes)], ignore_index=True)
    where = np.concatenate([origin, places])
    order = np.argsort(where, kind="stable")
    return together.iloc[order].reset_index(drop=True), where[order]
