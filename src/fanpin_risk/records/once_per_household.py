"""Amounts of a household that stand on the row of each member: taken once, added up, or kept out and named.

Sheets with a row for each member repeat the household's figures on all of them, give each member's own, or mix both.
What is the same on every row is the household's. What differs is each member's own, unless it is a figure of households
(转移性收入) in a sheet that repeats such figures: then somebody mistyped it. Net income as the sheet states it decides
between these where it can; where it cannot, the amount is kept out and the household's income is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fanpin_risk.records.income_items import BESIDE_INCOME, NODES, PER_PERSON, STATED, WHOLE
from fanpin_risk.records.rows import RawRows, Rows
from fanpin_risk.records.whose_amounts import ABOVE, OF_PERSONS, whose
from fanpin_risk.words import Message

__all__ = ["once_per_household"]

ROUNDING_CNY = 1.0  # per person: stated figures are rounded
HOUSEHOLD_ACCOUNT = ["household_id", "period_start", "period_end", "recorded_at"]
# How differing amounts of a household's figure may be meant, in this order.
READINGS = ("sum", "common", "lowest", "highest")


def once_per_household(rows: Rows, alive: np.ndarray, per_member: np.ndarray) -> None:
    """Put amounts that stand on the rows of all members of a household into its first row.

    Decided account by account, so that a household alone is read as among others.

    Parameters
    ----------
    rows : Rows
        Of incomes, with times filled; is changed.
    alive : ndarray of bool, shape (n,)
        Rows of wide sheets that are not rejected.
    per_member : ndarray of bool, shape (n,)
        Rows of sheets that have a row for each member.
    """
    mine = alive & per_member
    for source in pd.unique(rows.sources[mine]):
        own = mine & (rows.sources == source)
        keys = rows.frame.loc[own, HOUSEHOLD_ACCOUNT]
        if not keys.duplicated().any():
            continue
        places = np.flatnonzero(own)
        account = keys.groupby(HOUSEHOLD_ACCOUNT, dropna=False, sort=False).ngroup().to_numpy()
        several = np.bincount(account)[account] > 1
        places, account = places[several], np.unique(account[several], return_inverse=True)[1]
        _put_together(rows, places, account, [part for part in rows.parts if part.source == source])


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
            self.sum[figure] = np.round(np.bincount(account, np.nan_to_num(column), minlength=self.n), 2)
        self.common, self.most = {}, {}
        for figure in self.amounts:
            self.common[figure], self.most[figure] = self._commonest(figure)

    def _count(self, mask: np.ndarray) -> np.ndarray:
        return np.bincount(self.account, mask, minlength=self.n)

    def _commonest(self, figure: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the commonest amount of each account that is not 0, and how often it is given."""
        column = self.amounts[figure]
        has = ~np.isnan(column) & (column != 0)
        common, most = np.full(self.n, np.nan), np.zeros(self.n)
        cells = pd.DataFrame({"account": self.account[has], "amount": column[has]})
        counts = cells.groupby(["account", "amount"], sort=False).size().reset_index(name="n")
        counts = counts.sort_values(["n", "amount"])
        common[counts["account"].to_numpy()] = counts["amount"].to_numpy()
        most[counts["account"].to_numpy()] = counts["n"].to_numpy()
        return common, most

    def repeats(self, figure: str) -> np.ndarray:
        """Accounts in which the figure is the same on every row, and not 0."""
        same = (self.given[figure] == self.size) & (self.lowest[figure] == self.highest[figure])
        result: np.ndarray = same & (self.highest[figure] != 0)
        return result

    def odd(self, figure: str, once: np.ndarray) -> np.ndarray:
        """Accounts in which a figure of households differs from row to row beside others, or other rows, that do not."""
        if figure in OF_PERSONS:
            return np.zeros(self.n, dtype=bool)
        column = self.amounts[figure]
        filled = self._count(~np.isnan(column) & (column != 0))
        result: np.ndarray = (filled > 1) & ~self.repeats(figure) & (once | (self.most[figure] > 1))
        return result


def _put_together(rows: Rows, places: np.ndarray, account: np.ndarray, parts: Sequence[RawRows]) -> None:
    table = _Table(rows.amounts, places, account)
    figures = [figure for figure in table.amounts if figure not in STATED]
    repeats = {figure: table.repeats(figure) for figure in figures}
    none = np.zeros(table.n, dtype=bool)
    first = np.full(table.n, len(rows.frame))
    np.minimum.at(first, account, places)
    once = np.logical_or.reduce([none, *repeats.values()])
    odd = {figure: table.odd(figure, once) for figure in figures}
    reading = _stated_reading(table, repeats, odd)
    apart = reading == len(READINGS)  # all amounts are each member's own
    decided = reading >= 0
    of = whose(parts, table.amounts, account, repeats)
    either = dict.fromkeys(figures, none)
    for figure, (of_household, of_each) in of.items():
        either[figure] = repeats[figure] & ~of_household & ~of_each & ~decided
        repeats[figure] = repeats[figure] & (of_household | decided)
        odd[figure] = odd[figure] & (~of_each | decided)
    once = np.logical_or.reduce([none, *repeats.values()])
    any_odd = np.logical_or.reduce([none, *odd.values(), *either.values()])
    together = (once | any_odd) & ~apart
    rest = ~np.isin(places, first)
    for figure in table.amounts:
        column = rows.amounts[figure]
        absent = table.given[figure] == 0
        if figure in STATED:  # what is stated is the household's, on however many rows it stands
            alike = table.lowest[figure] == table.highest[figure]
            column[first] = np.where(absent | ~alike, np.nan, table.highest[figure])
            column[places[rest]] = np.nan
            _report_differing(rows, first[~absent & ~alike], figure)
            continue
        amount = np.where(repeats[figure], table.highest[figure], table.sum[figure])
        for number, kind in enumerate(READINGS):
            amount = np.where(odd[figure] & (reading == number), getattr(table, kind)[figure], amount)
        settled = odd[figure] & decided & ~apart
        _report_settled(rows, places, figure, np.where(settled, amount, np.nan)[account])
        _report_either(rows, first, figure, either[figure], table)
        unknown = (odd[figure] & ~decided) | either[figure]
        column[first[together]] = np.where(absent | unknown, np.nan, amount)[together]
        column[places[rest & together[account]]] = np.nan
        _report_differing(rows, first[unknown & ~either[figure]], figure)
        rows.unclear[first[unknown]] = True
    rows.unclear[first[together]] |= np.bincount(account, rows.unclear[places], minlength=table.n)[together] > 0
    rows.frame.loc[first[together], "member_id"] = None
    rows.absorbed[places[rest & together[account]]] = True
    rows.unclear[places[rest & together[account]]] = False
    rows.report(
        np.sort(first[once & together & ~decided]), "", "amounts_repeated", "warning",
        Message("each amount once; the same amounts stand on the rows of all members and were taken once"),
    )  # fmt: skip


def _report_differing(rows: Rows, places: np.ndarray, figure: str) -> None:
    rows.report(
        np.sort(places), figure, "amounts_differ", "blanked",
        Message("one amount per household and year; the rows of the members of this one differ"),
    )  # fmt: skip


def _report_either(rows: Rows, first: np.ndarray, figure: str, either: np.ndarray, table: _Table) -> None:
    """Name accounts of which nobody can know whether an amount is the household's or each member's, with both readings."""
    places = first[either]
    order = np.argsort(places)
    once, added = table.highest[figure][either][order], table.sum[figure][either][order]
    rows.report(
        places[order], figure, "once_or_each", "blanked",
        Message(
            "a sheet that says whose the amount is: the same stands on the rows of all members, so the household has it once, or "
            "each member has it (a header that names the household, net income per person, or 0 for those without it says which)"
        ),
        figures=(once, added),
    )  # fmt: skip


def _report_settled(rows: Rows, places: np.ndarray, figure: str, used: np.ndarray) -> None:
    """Name rows whose amount is not the one that was used; NaN where nothing was settled."""
    own = rows.amounts[figure][places]
    unlike = ~np.isnan(own) & ~np.isnan(used) & (own != used)
    order = np.argsort(places[unlike])
    rows.report(
        places[unlike][order], figure, "amount_not_used", "warning",
        Message("the amount of the other rows of the household, with which its stated net income agrees; that one was used"),
        figures=(own[unlike][order], used[unlike][order]),
    )  # fmt: skip


def _stated_reading(table: _Table, repeats: dict[str, np.ndarray], odd: dict[str, np.ndarray]) -> np.ndarray:
    """Return per account which of `READINGS` comes to the stated net income, their number if all rows added do; else -1."""
    reading = np.full(table.n, -1)
    per_person, whole = (_stated(table, figure) for figure in (PER_PERSON, WHOLE))
    if np.isnan(per_person).all() and np.isnan(whole).all():
        return reading
    own = dict.fromkeys(repeats, np.zeros(table.n, dtype=bool))
    nets = [_net(table, kind, repeats, odd) for kind in READINGS] + [_net(table, "sum", own, own)]
    for number in reversed(range(len(nets))):
        right = np.abs(nets[number] / table.size - per_person) <= ROUNDING_CNY
        right |= np.abs(nets[number] - whole) <= ROUNDING_CNY * table.size
        reading[right] = number
    return reading


def _stated(table: _Table, figure: str) -> np.ndarray:
    if figure not in table.amounts:
        return np.full(table.n, np.nan)
    alike = table.lowest[figure] == table.highest[figure]
    return np.where(alike & (table.given[figure] > 0), table.highest[figure], np.nan)


def _net(table: _Table, kind: str, repeats: dict[str, np.ndarray], odd: dict[str, np.ndarray]) -> np.ndarray:
    """Return net income of the household if amounts that differ are meant in one way."""
    net = np.zeros(table.n)
    for figure, same in repeats.items():
        amount = np.where(odd[figure], getattr(table, kind)[figure], table.sum[figure])
        amount = np.where(same, table.highest[figure], amount)
        net += _sign(figure, table) * np.where(np.isfinite(amount), amount, 0.0)
    return net


def _sign(figure: str, table: _Table) -> float:
    """Return how a figure counts in net income, as far as no total of it is given."""
    item = NODES[figure].item
    if ABOVE[figure] & table.amounts.keys() or item in (*BESIDE_INCOME, *STATED):
        return 0.0
    if "business_net" in table.amounts and item in ("business_gross", "business_cost"):
        return 0.0
    return -1.0 if item == "business_cost" else 1.0
