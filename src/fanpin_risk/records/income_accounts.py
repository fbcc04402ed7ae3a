"""Sums between the items of a household's income.

A total is never added to its parts. What a total exceeds its known parts by is booked as the rest of its kind; parts
that exceed their total are a problem. Net figures (经营净收入) stand for gross and cost where these are absent and are
compared with them where they are not. Figures of the whole (纯收入, 人均纯收入) are *stated*: they are kept to be compared
with what was summed, and stand in for it only where nothing else is on record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fanpin_risk.records.income_items import EARNED, GROSS, NODES, STATED, TOLERANCE_CNY, TREE, Node
from fanpin_risk.words import Message

__all__ = ["Settled", "settle"]


TOLD_IN_PART = ("consumption",)  # totals of which food is asked apart and nothing else
ALL_OF_NET = {"property_net": "property", "transfer_net": "transfers"}  # what is left of a kind -> all of it


@dataclass(slots=True)
class Settled:
    """Records of the items that the register keeps, and what did not add up.

    Attributes
    ----------
    records : DataFrame
        As given, with ``item`` of ``INCOME_ITEM`` only.
    origin : ndarray of int
        Per record: the row it comes from.
    booked : dict of str to ndarray of int
        Per total: rows in which it exceeded its parts.
    problems : list of (ndarray of int, str, str, Message)
        Rows concerned, code of the node, code of the problem, what is expected.
    """

    records: pd.DataFrame
    origin: np.ndarray
    booked: dict[str, np.ndarray]
    problems: list[tuple[np.ndarray, str, str, Message]]


def settle(records: pd.DataFrame, origin: np.ndarray, kept: list[str], *, gross_known: bool = True) -> Settled:
    """Turn totals and finer parts into the items that the register keeps.

    An account is what one household, or one member, has of one period as known on one day. In it every total is
    compared with its parts: what exceeds them is booked as the rest of its kind.

    Parameters
    ----------
    records : DataFrame
        Of incomes, one per amount: ``household_id, member_id, period_start, period_end, recorded_at, item, amount_cny``
        and others; ``item`` is a code of ``NODES``, as a category.
    origin : ndarray of int, shape (n_records,)
        The row that each comes from.
    kept : list of str
        Items of the register, in order.
    gross_known : bool
        Whether the sheets have a column of business income at all; without one, costs are left out.

    Returns
    -------
    Settled
    """
    codes = list(records["item"].cat.categories)
    number = records["item"].cat.codes.to_numpy()
    needs = _needs_sums(codes)
    if not needs[number].any():
        return Settled(records.assign(item=records["item"].cat.set_categories(kept)), origin, {}, [])
    keys = ["household_id", "member_id", "period_start", "period_end", "recorded_at"]
    account = records.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
    touched = np.zeros(account.max(initial=-1) + 1, dtype=bool)
    touched[account[needs[number]]] = True
    mine = touched[account] & (number >= 0)
    nothing = records["amount_cny"].isna().to_numpy()  # a stated figure without an amount: net income is unknown
    mine &= ~(nothing & np.isin(number, [codes.index(code) for code in STATED if code in codes]))
    place = np.full(len(touched), -1)
    place[touched] = np.arange(touched.sum())
    table = _Accounts(
        codes, place[account[mine]], number[mine], records["amount_cny"].to_numpy()[mine], np.flatnonzero(mine)
    )
    result = table.settle(kept, gross_known=gross_known)
    rows = np.concatenate([np.flatnonzero(~mine), result.rows])
    order = np.argsort(rows, kind="stable")
    new = records.iloc[rows].reset_index(drop=True)
    item = np.concatenate([_renumbered(codes, kept)[number[~mine]], result.item])
    amount = np.concatenate([records["amount_cny"].to_numpy()[~mine], result.amount])
    new["item"] = pd.Categorical.from_codes(item, dtype=pd.CategoricalDtype(kept))
    new["amount_cny"] = amount
    problems = [(origin[where], code, kind, text) for where, code, kind, text in result.problems]
    booked = {code: np.unique(origin[where]) for code, where in result.booked.items()}
    return Settled(new.iloc[order].reset_index(drop=True), origin[rows][order], booked, problems)


def _needs_sums(codes: list[str]) -> np.ndarray:
    """Return which codes, last that of no item, make an account be settled: totals, finer parts, net and gross figures."""
    return np.array(
        [code in NODES and (code != NODES[code].item or code in ("business_net", *ALL_OF_NET, GROSS)) for code in codes]
        + [False]
    )


def _renumbered(codes: list[str], kept: list[str]) -> np.ndarray:
    """Return the number of each code among the items kept; -1 where it is not among them."""
    place = {code: position for position, code in enumerate(kept)}
    return np.array([place.get(code, -1) for code in codes] + [-1])


@dataclass(slots=True)
class _Result:
    rows: np.ndarray
    item: np.ndarray
    amount: np.ndarray
    booked: dict[str, np.ndarray]
    problems: list[tuple[np.ndarray, str, str, Message]]


class _Accounts:
    """Accounts as columns of amounts: one row an account, one column a figure."""

    def __init__(
        self, codes: list[str], account: np.ndarray, number: np.ndarray, amount: np.ndarray, rows: np.ndarray
    ) -> None:
        self.n = int(account.max(initial=-1)) + 1
        self.given: dict[str, np.ndarray] = {}
        self.row: dict[str, np.ndarray] = {}
        for position, code in enumerate(codes):
            mine = number == position
            if mine.any():
                self.given[code] = np.full(self.n, np.nan)
                known = mine & ~np.isnan(amount)
                sums = np.bincount(account[known], amount[known], minlength=self.n)
                has = np.bincount(account[known], minlength=self.n) > 0
                self.given[code][has] = np.round(sums[has], 2)
                self.row[code] = np.full(self.n, -1)
                self.row[code][account[mine][::-1]] = rows[mine][::-1]  # the first row of each account
        self.items: dict[str, np.ndarray] = {}
        self.from_row: dict[str, np.ndarray] = {}
        self.booked: dict[str, np.ndarray] = {}
        self.problems: list[tuple[np.ndarray, str, str, Message]] = []

    def settle(self, kept: list[str], *, gross_known: bool) -> _Result:
        self._net_of_branches()
        sums = {node.code: self._sum(node) for node in TREE if node.code != "business_net"}
        for net, total in ALL_OF_NET.items():
            self._net_of_kind(net, sums[total])
        self._net_of_business(gross_known=gross_known)
        self._gross_of_all()
        rows, item, amount = [], [], []
        for code, values in self.items.items():
            has = ~np.isnan(values)
            rows.append(self.from_row[code][has])
            item.append(np.full(int(has.sum()), kept.index(code)))
            amount.append(np.round(values[has], 2))
        return _Result(np.concatenate(rows), np.concatenate(item), np.concatenate(amount), self.booked, self.problems)

    def _sum(self, node: Node) -> np.ndarray:
        """Book a figure and its parts; return what it comes to per account, NaN where nothing is given."""
        parts = [value for part in node.parts if (value := self._sum(part)) is not None]
        parts = [value for value in parts if not np.isnan(value).all()]
        total = self.given.get(node.code)
        if not parts:
            if total is None:
                return np.full(self.n, np.nan)
            self._book(node.item, total, self.row[node.code])
            return total
        known = np.column_stack(parts)
        summed = np.where(np.isnan(known).all(axis=1), np.nan, np.nansum(known, axis=1))
        if total is None:
            return summed
        rest = np.round(total - np.nan_to_num(summed), 2)
        tolerance = TOLERANCE_CNY
        more = rest > np.where(np.isnan(summed), 0.0, tolerance)
        more |= np.isnan(summed) & ~np.isnan(total)
        if more.any():
            self._book(node.item, np.where(more, rest, np.nan), self.row[node.code])
            beside = more & ~np.isnan(summed) & (summed != 0)
            if beside.any() and node.code not in TOLD_IN_PART:
                self.booked[node.code] = self.row[node.code][beside]
        less = rest < -tolerance
        if less.any():
            expected = Message(
                "{total} not below the sum of its parts; the parts were booked",
                total=Message(node.code, zh=node.names[0]),
            )
            self.problems.append((self.row[node.code][less], node.code, "parts_exceed_total", expected))
        return np.where(np.isnan(total) | less, summed, np.where(more, total, summed))

    def _book(self, item: str, values: np.ndarray, rows: np.ndarray) -> None:
        """Add amounts to an item."""
        if item not in self.items:
            self.items[item], self.from_row[item] = np.full(self.n, np.nan), np.full(self.n, -1)
        has = ~np.isnan(values)
        first = has & np.isnan(self.items[item])
        self.from_row[item][first] = rows[first]
        self.items[item][has] = np.nan_to_num(self.items[item][has]) + values[has]

    def _net_of_branches(self) -> None:
        """Settle net income of single branches (种植业纯收入) with their gross and cost; add up those that have neither."""
        nothing = np.full(self.n, np.nan)
        for part in NODES["business_net"].parts:
            net, row = self.given.get(part.code), self.row.get(part.code)
            if net is None or row is None:
                continue
            gross_code, cost_code = (
                part.code.replace("business_net", total) for total in ("business_gross", "business_cost")
            )
            gross, cost = self.given.get(gross_code, nothing), self.given.get(cost_code, nothing)
            has_gross, has_cost = ~np.isnan(gross), ~np.isnan(cost)
            odd = has_gross & (np.abs(gross - np.nan_to_num(cost) - net) > TOLERANCE_CNY) & (has_cost | (gross < net))
            self._note_odd(odd, part.code)
            self._give(cost_code, np.where(has_gross & ~has_cost & (gross >= net), gross - net, np.nan), row)
            self._give(gross_code, np.where(has_cost & ~has_gross, net + cost, np.nan), row)
            self._give("business_net.alone", np.where(has_gross | has_cost, np.nan, net), row)

    def _give(self, code: str, values: np.ndarray, rows: np.ndarray) -> None:
        """Add amounts to what is given of a figure."""
        if code not in self.given:
            self.given[code], self.row[code] = np.full(self.n, np.nan), np.full(self.n, -1)
        has = ~np.isnan(values)
        first = has & np.isnan(self.given[code])
        self.row[code][first] = rows[first]
        self.given[code][has] = np.nan_to_num(self.given[code][has]) + values[has]

    def _place_branches(self, gross_or_cost: np.ndarray) -> None:
        """Put net income of branches into the net of the whole where that covers them; else book it beside the others."""
        alone = self.given.pop("business_net.alone", None)
        if alone is None:
            return
        row, nothing = self.row["business_net.alone"], np.full(self.n, np.nan)
        whole = ~np.isnan(self.given.get("business_gross", nothing)) | ~np.isnan(
            self.given.get("business_cost", nothing)
        )
        net = self.given.get("business_net", nothing)
        stated = ~np.isnan(net)
        more = alone > net + TOLERANCE_CNY
        if more.any():
            expected = Message(
                "{total} not below the sum of its parts; the total was booked",
                total=Message("business_net", zh=NODES["business_net"].names[0]),
            )
            self.problems.append((row[more], "business_net", "parts_exceed_total", expected))
        self._give("business_net", np.where(whole & ~stated, alone, np.nan), row)
        apart = ~whole & gross_or_cost  # other branches have gross and cost
        self._give("business_net", np.where(apart & stated, -alone, np.nan), row)
        self._book("business_net", np.where(apart | ~(whole | stated), alone, np.nan), row)

    def _net_of_kind(self, code: str, total: np.ndarray) -> None:
        """Let net property or transfer income beside its kinds count only by how it differs from them."""
        if code not in self.items:
            return
        net = self.items[code]
        both = ~np.isnan(net) & ~np.isnan(total)
        rest = np.round(net - total, 2)
        self.items[code] = np.where(both, np.where(np.abs(rest) > TOLERANCE_CNY, rest, np.nan), net)
        odd = both & (np.abs(rest) > TOLERANCE_CNY)
        if odd.any():
            expected = Message(
                "the sum of its kinds; what it is more or less was booked as {item}",
                item=Message(code, zh=NODES[code].names[0]),
            )
            self.problems.append((self.row[code][odd], code, "net_differs", expected))

    def _note_odd(self, odd: np.ndarray, code: str) -> None:
        if odd.any():
            expected = Message("net business income that is gross income less cost; gross and cost were booked")
            self.problems.append((self.row[code][odd], code, "net_differs", expected))

    def _net_of_business(self, *, gross_known: bool) -> None:
        """Compare net business income with gross and cost, or fill the one of the three that is absent."""
        nothing = np.full(self.n, np.nan)
        gross, cost = self.items.get("business_gross", nothing), self.items.get("business_cost", nothing)
        has_gross, has_cost = ~np.isnan(gross), ~np.isnan(cost)
        self._place_branches(has_gross | has_cost)
        net = self.given.get("business_net", nothing)
        row = self.row.get("business_net", np.full(self.n, -1))
        has_net = ~np.isnan(net)
        if has_net.any():
            self._book("business_net", np.where(has_net & ~has_gross & ~has_cost, net, np.nan), row)
            self._book(
                "business_cost", np.where(has_net & has_gross & ~has_cost & (gross >= net), gross - net, np.nan), row
            )
            self._book("business_gross", np.where(has_net & has_cost & ~has_gross, net + cost, np.nan), row)
            odd = (
                has_net
                & has_gross
                & (np.abs(gross - np.nan_to_num(cost) - net) > TOLERANCE_CNY)
                & (has_cost | (gross < net))
            )
            self._note_odd(odd, "business_net")
        lone = has_cost & ~has_gross & ~has_net & (np.nan_to_num(cost) > 0) & np.isnan(self.given.get(GROSS, nothing))
        if not gross_known and lone.any():
            self.items["business_cost"] = np.where(lone, np.nan, cost)
            expected = Message(
                "business income beside business cost; the cost was left out, so net income may be too high or too low"
            )
            self.problems.append(
                (self.from_row["business_cost"][lone], "business_cost", "cost_without_income", expected)
            )

    def _gross_of_all(self) -> None:
        """Compare total income (总收入) with its kinds; alone, less costs, it is net income of which the kinds are unknown."""
        nothing = np.full(self.n, np.nan)
        if GROSS not in self.given:
            return
        gross, row = self.given[GROSS], self.row[GROSS]
        kinds = [values for item, values in self.items.items() if item in EARNED]
        known = np.column_stack(kinds) if kinds else nothing[:, None]
        alone = ~np.isnan(gross) & np.isnan(known).all(axis=1)
        cost, whole = self.items.get("business_cost", nothing), self.items.get("stated_net_income", nothing)
        self._gross_alone(alone, gross - np.nan_to_num(cost), cost=cost, whole=whole)
        net = self.items.get("business_net", nothing)
        rest = np.round(gross - np.nansum(known, axis=1), 2)
        beside = ~np.isnan(gross) & ~alone & (np.isnan(net) | ~np.isnan(self.items.get("business_gross", nothing)))
        stated = ~np.isnan(whole) | ~np.isnan(self.items.get("stated_net_income_per_person", nothing))
        unlike = beside & ((rest < -TOLERANCE_CNY) | (stated & (rest > TOLERANCE_CNY)))
        if unlike.any():
            expected = Message("total income that is the sum of its kinds; the kinds were booked")
            self.problems.append((row[unlike], GROSS, "gross_differs", expected))
        more = beside & ~stated & (rest > TOLERANCE_CNY)
        if more.any():
            self._book("tr_other", np.where(more, rest, np.nan), row)
            self.booked[GROSS] = row[more]

    def _gross_alone(self, alone: np.ndarray, net: np.ndarray, *, cost: np.ndarray, whole: np.ndarray) -> None:
        """Take total income less costs for net income where no kind of income is on record."""
        row = self.row[GROSS]
        unlike = alone & (np.abs(net - whole) > TOLERANCE_CNY)
        if unlike.any():
            expected = Message("total income that, less costs, is the net income that is stated; the latter was used")
            self.problems.append((row[unlike], GROSS, "gross_differs", expected))
        instead = alone & np.isnan(whole) & np.isnan(self.items.get("stated_net_income_per_person", whole))
        self._book("stated_net_income", np.where(instead, net, np.nan), row)
        if "business_cost" in self.items:
            self.items["business_cost"] = np.where(alone, np.nan, cost)
        free = instead & np.isnan(cost)
        if free.any():
            expected = Message(
                "costs beside total income; without them it was taken for net income, which may be too high"
            )
            self.problems.append((row[free], GROSS, "gross_without_cost", expected))
