"""Rows that speak of the same household: said once, put together, or kept apart and reported.

Real sheets repeat a household's figures on the row of each member, and several sheets complement one another. Missing
against a value is no conflict. Where two sheets differ, the one that is more clearly of the table decides; where none is
clearer, the doubtful cell is left out and the household stays. Nobody is removed by a list that is about something else.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.income_items import NODES, STATED, walk
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["merge_incomes", "merge_states"]

ROUNDING_CNY = 1.0  # per person: stated figures are rounded
# Figure -> the totals that it is part of.
ABOVE = {
    figure: frozenset(total for total, node in NODES.items() if figure in {part.code for part in walk(node.parts)})
    for figure in NODES
}
DOUBTFUL_RANK = 2  # known by headers alone, or a few columns beside those of another table


def merge_states(rows: Rows) -> None:
    """Put together the rows of a table of states that speak of one entity at one time.

    Parameters
    ----------
    rows : Rows
        Of households, members or monitoring, with times filled; is changed.
    """
    alive = ~rows.rejected
    if not alive.any():
        return
    entity = rows.table.key[0]
    ids = [column.name for column in rows.table.columns if column.type == "id"]  # nobody is put into another household
    group = _groups(rows, list(dict.fromkeys([*rows.table.key, *ids, "recorded_at"])), alive)
    best = rows.rank.min()  # also where its rows were rejected: a doubtful sheet never takes their place
    lesser = alive & (rows.rank > best) & (rows.rank >= DOUBTFUL_RANK)
    if lesser.any():
        _follow(rows, group, lesser, alive & ~lesser, entity)
    together = np.bincount(group[group >= 0], minlength=len(group))
    several = (group >= 0) & (together[group] > 1)
    if several.any():
        _join(rows, np.flatnonzero(several), group)


def _groups(rows: Rows, names: list[str], alive: np.ndarray) -> np.ndarray:
    """Return a number for each different key; -1 for rows that take no part."""
    group = np.full(len(rows.frame), -1)
    keys = rows.frame.loc[alive, names]
    if not keys.duplicated(keep=False).any() and (rows.rank[alive] == rows.rank[alive].min()).all():
        group[alive] = np.arange(int(alive.sum()))
        return group
    group[alive] = keys.groupby(names, dropna=False, sort=False, observed=True).ngroup().to_numpy()
    return group


def _follow(rows: Rows, group: np.ndarray, lesser: np.ndarray, clear: np.ndarray, entity: str) -> None:
    """Let rows of doubtful sheets add to the newest row of their entity in a clear one; they never add entities."""
    ids = rows.frame[entity]
    newest = rows.frame.loc[clear, [entity, "recorded_at"]].assign(at=np.flatnonzero(clear))
    if rows.table.time in rows.frame:
        newest = newest.assign(time=rows.frame.loc[clear, rows.table.time])
        newest = newest.sort_values(["time", "recorded_at"], kind="stable", na_position="first")
    target = ids[lesser].map(newest.drop_duplicates(entity, keep="last").set_index(entity)["at"])
    places = np.flatnonzero(lesser)
    known = target.notna().to_numpy()
    same_time = np.zeros(len(places), dtype=bool)
    same_time[known] = np.isin(group[places[known]], group[clear])
    move = known & ~same_time
    if rows.table.name in ("households", "members"):
        group[places[move]] = group[target[move].to_numpy(dtype="int64")]
        strangers = places[~known]
        rows.report(
            strangers, entity, "only_in_doubtful_sheet", "rejected",
            Message("an id that stands in a sheet of this table; this sheet is of another kind and adds nobody"),
        )  # fmt: skip
        group[strangers] = -1


def _join(rows: Rows, places: np.ndarray, group: np.ndarray) -> None:
    """Put the values of each group into its first row; leave out cells that contradict each other."""
    order = places[np.lexsort((places, rows.rank[places], group[places]))]
    number = group[order]
    first = np.concatenate([[True], number[1:] != number[:-1]])
    head = order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
    differing = np.zeros(len(order), dtype=bool)
    keys = {*rows.table.key, *(column.name for column in rows.table.columns if column.type == "id"), "recorded_at"}
    clashes: list[tuple[str, np.ndarray]] = []
    for column in rows.table.columns:
        if column.name in keys:
            continue
        values = rows.frame[column.name]
        mine = values.iloc[order]
        numbers = pd.factorize(mine)[0]
        known = numbers >= 0
        if not known.any():
            continue
        position = np.where(known, np.arange(len(order)), len(order))
        winner = np.full(len(rows.frame), len(order))
        np.minimum.at(winner, head, position)
        at = winner[head]
        has = at < len(order)
        at = np.where(has, at, 0)
        unlike = known & has & (numbers != numbers[at])
        clash = unlike & (rows.rank[order] == rows.rank[order[at]])
        differing |= unlike | (has & ~known & (at != np.arange(len(order))))
        filled = first & has & ~known
        if filled.any():
            rows.frame.loc[order[filled], column.name] = mine.iloc[at[filled]].to_numpy()
            for side in (rows.first, rows.last):
                if column.name in side:
                    side[column.name][order[filled]] = side[column.name][order[at[filled]]]
        if clash.any():
            clashes.append((column.name, np.unique(head[clash])))
    # Rows that only repeat are told by the checks that follow, but for sheets where a row is a member.
    said = ~first & (np.isin(number, number[differing]) | (rows.rank[order] >= DOUBTFUL_RANK))
    rows.absorbed[order[said]] = True
    for name, heads in clashes:
        mask = np.zeros(len(rows.frame), dtype=bool)
        mask[heads] = True
        rows.blank(
            mask, name, "values_differ",
            Message("one value; rows or sheets that speak of the same differ, and none is clearly newer"),
        )  # fmt: skip


def merge_incomes(rows: Rows, per_member: np.ndarray) -> None:
    """Take amounts once that are a household's but stand on the row of each member.

    Parameters
    ----------
    rows : Rows
        Of incomes, with times filled; is changed.
    per_member : ndarray of bool, shape (n,)
        Rows of sheets that have a row for each member.
    """
    alive = rows.wide & ~rows.rejected
    if not alive.any() or not rows.amounts:
        return
    _leave_to_the_clearer(rows, alive)
    alive &= ~rows.absorbed
    names = ["household_id", "period_start", "period_end", "recorded_at"]
    for source in pd.unique(rows.sources[alive]):
        mine = alive & (rows.sources == source)
        keys = rows.frame.loc[mine, names]
        if not keys.duplicated().any():
            continue
        places = np.flatnonzero(mine)
        account = keys.groupby(names, dropna=False, sort=False).ngroup().to_numpy()
        several = np.bincount(account)[account] > 1
        places, account = places[several], np.unique(account[several], return_inverse=True)[1]
        if per_member[places].all():
            _once_per_household(rows, places, account)
        elif rows.frame["member_id"].iloc[places].isna().all():
            _contradicting(rows, places, account)


def _leave_to_the_clearer(rows: Rows, alive: np.ndarray) -> None:
    """Absorb rows of doubtful sheets for years that a clearer sheet accounts for."""
    best = rows.rank.min()
    lesser = alive & (rows.rank > best) & (rows.rank >= DOUBTFUL_RANK)
    if lesser.any():
        keys = rows.frame[["household_id", "period_end"]]
        clear = pd.MultiIndex.from_frame(keys[~lesser & ~rows.rejected])
        rows.absorbed |= lesser & pd.MultiIndex.from_frame(keys).isin(clear)


class _Table:
    """Amounts of some figures by account and row: how often each is given, and whether it is always the same."""

    def __init__(self, amounts: dict[str, np.ndarray], places: np.ndarray, account: np.ndarray) -> None:
        self.account, self.n = account, int(account.max()) + 1
        self.size = np.bincount(account, minlength=self.n)
        self.amounts = {figure: column[places] for figure, column in amounts.items()}
        self.amounts = {figure: column for figure, column in self.amounts.items() if not np.isnan(column).all()}
        self.given = {figure: self._count(~np.isnan(column)) for figure, column in self.amounts.items()}
        self.lowest, self.highest, self.sum = {}, {}, {}
        for figure, column in self.amounts.items():
            self.lowest[figure] = np.full(self.n, np.inf)
            self.highest[figure] = np.full(self.n, -np.inf)
            np.minimum.at(self.lowest[figure], account, np.where(np.isnan(column), np.inf, column))
            np.maximum.at(self.highest[figure], account, np.where(np.isnan(column), -np.inf, column))
            self.sum[figure] = np.bincount(account, np.nan_to_num(column), minlength=self.n)

    def _count(self, mask: np.ndarray) -> np.ndarray:
        return np.bincount(self.account, mask, minlength=self.n)

    def repeats(self, figure: str) -> np.ndarray:
        """Accounts in which the figure is the same on every row, and not 0."""
        same = (self.given[figure] == self.size) & (self.lowest[figure] == self.highest[figure])
        result: np.ndarray = same & (self.highest[figure] != 0)
        return result


def _once_per_household(rows: Rows, places: np.ndarray, account: np.ndarray) -> None:
    """Decide account by account, so that a household alone is read as among others."""
    table = _Table(rows.amounts, places, account)
    figures = [figure for figure in table.amounts if figure not in STATED]
    repeats = {figure: table.repeats(figure) for figure in figures}
    once = np.logical_or.reduce([np.zeros(table.n, dtype=bool), *repeats.values()])
    decided = _decided_by_stated(table, repeats, once)
    first = np.full(table.n, len(rows.frame))
    np.minimum.at(first, account, places)
    rest = ~np.isin(places, first)
    for figure in table.amounts:
        column = rows.amounts[figure]
        none = table.given[figure] == 0
        if figure in STATED:  # what is stated is the household's, on however many rows it stands
            alike = table.lowest[figure] == table.highest[figure]
            column[first] = np.where(none | ~alike, np.nan, table.highest[figure])
            column[places[rest]] = np.nan
            continue
        amount = np.where(repeats[figure], table.highest[figure], np.round(table.sum[figure], 2))
        column[first[once]] = np.where(none, np.nan, amount)[once]
        column[places[rest & once[account]]] = np.nan
    rows.frame.loc[first[once], "member_id"] = None
    rows.absorbed[places[rest & once[account]]] = True
    rows.report(
        np.sort(first[once & ~decided]), "", "amounts_repeated", "warning",
        Message("each amount once; the same amounts stand on the rows of all members and were taken once"),
    )  # fmt: skip


def _decided_by_stated(table: _Table, repeats: dict[str, np.ndarray], once: np.ndarray) -> np.ndarray:
    """Let stated net income per person say whether repeated amounts are the household's; return where it says so."""
    per_person = table.highest.get("stated_net_income_per_person")
    if per_person is None:
        return np.zeros(table.n, dtype=bool)
    as_one, added = np.zeros(table.n), np.zeros(table.n)
    for figure, same in repeats.items():
        sign = 0.0 if ABOVE[figure] & table.amounts.keys() else _sign(figure)
        added += sign * table.sum[figure]
        as_one += sign * np.where(
            same, np.where(np.isfinite(table.highest[figure]), table.highest[figure], 0.0), table.sum[figure]
        )
    right = [np.abs(net / table.size - per_person) <= ROUNDING_CNY for net in (as_one, added)]
    decided: np.ndarray = once & (right[0] != right[1])
    once[decided] = right[0][decided]
    return decided


def _sign(figure: str) -> float:
    """Return how a figure counts in net income."""
    node = NODES[figure]
    if node.item in ("claim_payout", "oop_compliant", *STATED):
        return 0.0
    return -1.0 if node.item == "business_cost" else 1.0


def _contradicting(rows: Rows, places: np.ndarray, account: np.ndarray) -> None:
    """Put rows of one household and year together; leave out amounts that differ, and say that income is unknown."""
    table = _Table(rows.amounts, places, account)
    first = np.full(table.n, len(rows.frame))
    np.minimum.at(first, account, places)
    rest = ~np.isin(places, first)
    differing = np.zeros(table.n, dtype=bool)
    for figure in table.amounts:
        differs = (table.given[figure] > 1) & (table.lowest[figure] != table.highest[figure])
        differing |= differs
    if not differing.any():
        return  # nothing but repeats, which the checks that follow tell
    for figure in table.amounts:
        column = rows.amounts[figure]
        differs = (table.given[figure] > 1) & (table.lowest[figure] != table.highest[figure])
        put = differing
        column[first[put]] = np.where(differs | (table.given[figure] == 0), np.nan, table.highest[figure])[put]
    rows.absorbed[places[rest & differing[account]]] = True
    rows.unclear[first[differing]] = True
    rows.report(
        np.sort(first[differing]), "", "amounts_differ", "warning",
        Message("one row per household and year; rows of this one differ, so what differs was left out and income is unknown"),
    )  # fmt: skip
