"""Several rows of one item of a household and year in sheets with a row for each amount.

Payments that their person, time, payer or remark tells apart are added up; equal rows count once; what differs and is
not told apart is kept out, and the income of the household is then what the sheet states, or unknown: see
:mod:`fanpin_risk.records.checks.rejected_incomes`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.checks.payment_times import (
    has_own_period,
    is_day,
    lists_of_payments,
    months_of,
    of_periods,
    quiet_for_long,
)
from fanpin_risk.records.income_items import STATED
from fanpin_risk.records.rows import RawRows, Rows
from fanpin_risk.records.whose_amounts import OF_PERSONS
from fanpin_risk.records.year_parts import ALL_MONTHS
from fanpin_risk.words import Message

__all__ = ["add_payments"]

REVISED = re.compile("更正|更新|修改|改为|作废|重复|错|为准|冲销|冲减|退回|调整|核[减增]|原")
SOME_ARE_MISSING = Message("income of a whole year; the rows are of parts of one, and some are missing")


def add_payments(rows: Rows) -> None:
    """Add up payments of one item that are told apart, and keep out parts of years that are not whole.

    Parameters
    ----------
    rows : Rows
        Of incomes, with times filled; the first row of each item gets the sum, the others are absorbed.
    """
    if not any(part.layout.tells for part in rows.parts):
        return
    mine = np.flatnonzero(~rows.wide & ~rows.rejected & ~rows.absorbed)
    group = np.full(len(rows.frame), -1)
    keys = [*rows.table.key, "recorded_at"]
    group[mine] = rows.frame.loc[mine, keys].groupby(keys, dropna=False, sort=False, observed=True).ngroup()
    size = np.bincount(group[mine], minlength=1)
    for part, places in lists_of_payments(rows):
        if not part.layout.tells or part.layout.items:
            continue
        sheet = _Sheet(rows, part, places)
        own = places[group[places] >= 0]
        months = _months(sheet, own)
        _keep_out_parts(rows, own, group, months)
        of_sheet = np.bincount(group[own], minlength=len(size))
        several = ~rows.rejected[own] & ((of_sheet == size) & (size > 1))[group[own]]
        if several.any():
            _add_up(rows, sheet, own[several], group, months[several])


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet and the places of its rows among all."""

    rows: Rows
    part: RawRows
    places: np.ndarray

    def contents(self, own: np.ndarray, position: int) -> tuple[np.ndarray, list[str]]:
        """Return per row the number of its text in a column, -1 for none, and the texts."""
        codes, cells = pd.factorize(self.part.frame.iloc[np.searchsorted(self.places, own), position].astype(object))
        return codes, [as_text(cell).strip() for cell in cells]

    def stops(self, own: np.ndarray, of_days: np.ndarray) -> np.ndarray:
        """Return rows paid on days of which others of the same item and year seem to be missing."""
        keys = self.rows.frame.iloc[own][["household_id", "member_id", "period_end", "item"]]
        group = keys.groupby(list(keys), dropna=False, sort=False, observed=True).ngroup()
        paid = pd.Series(of_days).groupby(group.to_numpy()).agg(np.bitwise_or.reduce)
        items = keys["item"].astype(object).groupby(group.to_numpy()).first()
        stops = [quiet_for_long(int(paid[one]), wage=items[one] in OF_PERSONS) for one in paid.index]
        result: np.ndarray = np.isin(group.to_numpy(), paid.index[np.array(stops, dtype=bool)]) & (of_days > 0)
        return result


def _months(sheet: _Sheet, own: np.ndarray) -> np.ndarray:
    """Return the months that rows of a sheet name in a column of their time, as bits; 0 where they name none, or a day.

    Days of payment without a year beside them are months where payments seem to be missing at an end of the year.
    """
    months, of_days = np.zeros((2, len(own)), dtype="int64")
    for position in (at for at, kind in sheet.part.layout.tells.items() if kind == "time"):
        codes, texts = sheet.contents(own, position)
        header = sheet.part.headers[position].strip()
        period = of_periods(header)
        found = [(months_of(text, header), is_day(text) and not period) for text in texts]
        named = np.array([*(0 if day else month for month, day in found), 0], dtype="int64")
        paid = np.array([*(month if day else 0 for month, day in found), 0], dtype="int64")
        months, of_days = (np.where(one == 0, other[codes], one) for one, other in ((months, named), (of_days, paid)))
    return months if has_own_period(sheet.part) else np.where(sheet.stops(own, of_days), of_days, months)


def _keep_out_parts(rows: Rows, own: np.ndarray, group: np.ndarray, months: np.ndarray) -> None:
    """Reject rows of parts of a year where the household, or of quarters and halves its item, has not all of it.

    What other households have says nothing: one alone is read as among others.
    """
    partly = (months > 0) & (months != ALL_MONTHS)
    if not partly.any():
        return
    year = (
        rows.frame.iloc[own].groupby(["household_id", "period_end"], dropna=False, sort=False, observed=True).ngroup()
    )
    table = pd.DataFrame({"year": year.to_numpy(), "group": group[own], "months": months})
    long = np.array([int(one).bit_count() > 1 for one in months])
    lost = np.zeros(len(own), dtype=bool)
    for by, mine in (("year", partly), ("group", partly & long)):
        covered = table[mine].groupby(by)["months"].agg(np.bitwise_or.reduce)
        lost |= mine & (table[by].map(covered).fillna(ALL_MONTHS).to_numpy() != ALL_MONTHS)
    lost = np.isin(group[own], group[own][lost])
    rows.report(own[lost], "", "part_of_year", "rejected", SOME_ARE_MISSING)


def _add_up(
    rows: Rows,
    sheet: _Sheet,
    own: np.ndarray,
    group: np.ndarray,
    months: np.ndarray,
) -> None:
    """Add up the rows of each group that are told apart into its first."""
    amounts = rows.frame["amount_cny"].to_numpy(copy=True)
    number = np.unique(group[own], return_inverse=True)[1]
    n = int(number.max()) + 1
    apart = np.zeros((len(own), 0), dtype="int64")
    told = ~np.isin(rows.frame["item"].to_numpy(dtype=object)[own], STATED)
    for position, kind in sheet.part.layout.tells.items():
        codes, texts = sheet.contents(own, position)
        blank = np.array([*(text in ("", "-", "/", "无") for text in texts), True])
        if kind == "remark":
            told &= ~np.array([*(REVISED.search(text) is not None for text in texts), False])[codes]
        codes = np.where(blank[codes], -1, codes)
        filled = np.bincount(number, codes < 0, minlength=n)[number] == 0
        apart = np.column_stack([apart, np.where(filled, codes, -1)])
    rest = pd.DataFrame(apart).assign(number=number, amount=amounts[own])
    again = rest.duplicated().to_numpy()
    differ = ~rest.drop(columns="amount")[~again].duplicated(keep=False)
    clear = np.zeros(len(own), dtype=bool)
    clear[~again] = differ.to_numpy()
    times = pd.DataFrame({"number": number, "months": months}).drop_duplicates()
    times["length"] = [int(one).bit_count() for one in times["months"]]
    of_group = times.groupby("number")
    overlap = (
        of_group["length"].sum() != of_group["months"].agg(np.bitwise_or.reduce).map(lambda one: int(one).bit_count())
    ).to_numpy()
    good = (np.bincount(number, ~(clear | again) | ~told, minlength=n) == 0) & ~overlap
    good &= np.bincount(number, ~again, minlength=n) > 1
    mine = good[number]
    first = np.full(n, -1)
    first[number[::-1]] = own[::-1]
    sums = np.round(np.bincount(number, np.where(again, 0.0, amounts[own]), minlength=n), 2)
    amounts[first[good]] = sums[good]
    rows.frame["amount_cny"] = amounts
    rows.absorbed[own[mine & (own != first[number])]] = True
    rows.report(
        np.sort(first[good]), "", "payments_added", "warning",
        Message("one row for an item, household and year; these differ in person, time, payer or remark and were added up"),
    )  # fmt: skip
    rows.report(
        own[mine & again], "", "duplicate_row", "warning",
        Message("each row once; an earlier row says the same, and what it says counts once"),
    )  # fmt: skip
