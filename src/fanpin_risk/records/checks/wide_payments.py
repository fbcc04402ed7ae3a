"""Several rows of a household and year in sheets with amounts side by side and a column of months, quarters or days.

Such rows are payments and no repetitions: where they cover the year they are added up; else income is unknown, unless
a total of the year stands elsewhere.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.checks.payment_times import has_own_period, lists_of_payments, months_of, of_periods
from fanpin_risk.records.checks.payments import SOME_ARE_MISSING
from fanpin_risk.records.income_items import STATED
from fanpin_risk.records.item_names import is_doubtful_for_income
from fanpin_risk.records.merge_incomes import PERIOD
from fanpin_risk.records.rows import RawRows, Rows
from fanpin_risk.records.whose_amounts import ABOVE, OF_PERSONS
from fanpin_risk.records.year_parts import ALL_MONTHS
from fanpin_risk.words import Message

__all__ = ["add_wide_payments"]

MONTH_OR_QUARTER = re.compile(
    "(?:所属|工资|务工|收入)?(?:月份?|季度?)"
)  # what is paid once a year has a day or month of payment
DECEMBER = 1 << 11
NO_TIME = frozenset(("", "-", "/", "无"))


def add_wide_payments(rows: Rows) -> None:
    """Add up rows of amounts side by side that are payments of one year, or let income be unknown.

    Decided household by household, so that one alone is read as among others.

    Parameters
    ----------
    rows : Rows
        Of incomes, with times filled; the first row of each household, or of each member, gets the sums, the others are
        absorbed.
    """
    for part, places in lists_of_payments(rows):
        if part.layout.items and "time" in part.layout.tells.values():
            own = places[~rows.rejected[places] & ~rows.absorbed[places]]
            if len(own):
                _add_rows_of_years(rows, part, own, places)


def _add_rows_of_years(rows: Rows, part: RawRows, own: np.ndarray, places: np.ndarray) -> None:
    frame = rows.frame.iloc[own]
    year, account = (
        frame.groupby(keys, dropna=False, sort=False, observed=True).ngroup().to_numpy()
        for keys in (PERIOD, [*PERIOD, "member_id"])
    )
    of_wages = any(figure in OF_PERSONS and not np.isnan(column[own]).all() for figure, column in rows.amounts.items())
    table = pd.DataFrame({"account": account, "person": 0, "time": 0, "months": 0, "part": 0, "blank": True})
    for position, kind in part.layout.tells.items():
        codes, cells = pd.factorize(part.frame.iloc[np.searchsorted(places, own), position].astype(object))
        texts = [as_text(cell).strip() for cell in cells]
        if kind == "time":
            header = part.headers[position].strip()
            months = np.array([*(months_of(text, header) for text in texts), 0])[codes]
            table["months"] = np.where(table["months"] == 0, months, table["months"])
            undated = not has_own_period(part)
            if MONTH_OR_QUARTER.fullmatch(header) or (undated and (of_wages or of_periods(header))):
                table["part"] = np.where(table["part"] == 0, months, table["part"])
            table["blank"] &= np.array([*(text in NO_TIME for text in texts), True])[codes]
        table[kind] = table.groupby([kind, codes], sort=False).ngroup().to_numpy()
    several = table.groupby(["account", "person"])["time"].nunique().groupby("account").max() > 1
    paid = several.to_numpy()[account]  # accounts are numbered from 0
    part_of_year = ~paid & (table["part"] > 0).to_numpy() & (table["part"] != ALL_MONTHS).to_numpy()
    december = (
        part_of_year & (table["part"] == DECEMBER).to_numpy() & has_own_period(part)
    )  # may be of a year that ends then
    rows.report(own[december], "", "part_of_year", "warning", SOME_ARE_MISSING)
    paid |= part_of_year & ~december
    paid = np.isin(account, account[paid])
    if not paid.any():
        return
    own, year, account, table = own[paid], year[paid], account[paid], table[paid].reset_index(drop=True)
    amounts = {figure: column[own] for figure, column in rows.amounts.items() if not np.isnan(column[own]).all()}
    table["recorded"] = rows.frame["recorded_at"].iloc[own].to_numpy()
    table["year"] = year
    again = table.assign(**{f"amount {figure}": column for figure, column in amounts.items()}).duplicated().to_numpy()
    unclear = np.zeros(len(table), dtype=bool)
    unclear[~again] = table[~again].duplicated(["account", "person", "time"], keep=False).to_numpy()
    unclear |= table.groupby("account")["recorded"].transform("nunique").to_numpy() > 1
    unclear |= table["blank"].to_numpy()
    missing = _not_covered(table)
    for figure, column in amounts.items():
        _put_sums(rows, own, account, figure, column, again=again, unclear=unclear, missing=missing)
    first = own[np.unique(account, return_index=True)[1]]
    rest = ~np.isin(own, first)
    summed = ~np.isin(account, account[unclear | missing])
    several_rows = np.bincount(account, ~again)[account] > 1
    rows.report(
        own[summed & several_rows & ~rest], "", "payments_added", "warning",
        Message("one row for an item, household and year; these differ in person, time, payer or remark and were added up"),
    )  # fmt: skip
    rows.report(
        own[again & summed], "", "duplicate_row", "warning",
        Message("each row once; an earlier row says the same, and what it says counts once"),
    )  # fmt: skip
    rows.unclear[first] |= np.isin(account[~rest], account[rows.unclear[own]])
    rows.unclear[own[rest]] = False
    rows.absorbed[own[rest]] = True
    if all(figure in OF_PERSONS for figure in amounts):
        rows.per_member[own] = False  # what was added up person by person is each person's


def _not_covered(table: pd.DataFrame) -> np.ndarray:
    """Return the rows of accounts whose parts do not make up a year, or overlap.

    Months count for all persons of the household, one of whom may have worked in some only.
    """
    months = table["months"]
    long = np.array([int(one).bit_count() > 1 for one in months])
    whole = np.ones(len(table), dtype=bool)
    for by, mine in (("year", np.ones(len(table), dtype=bool)), ("account", long)):
        covered = months[mine].groupby(table[by][mine]).agg(np.bitwise_or.reduce)
        whole &= table[by].map(covered).fillna(ALL_MONTHS).to_numpy() == ALL_MONTHS
    parts = table[["account", "months"]].drop_duplicates()
    length = parts["months"].map(lambda one: int(one).bit_count()).groupby(parts["account"]).sum()
    union = parts.groupby("account")["months"].agg(np.bitwise_or.reduce).map(lambda one: int(one).bit_count())
    overlap = table["account"].map(length != union).to_numpy(dtype=bool)
    lost = ~whole | overlap | (months == 0).to_numpy()
    result: np.ndarray = table["account"].isin(table["account"][lost]).to_numpy()
    return result


def _put_sums(
    rows: Rows,
    own: np.ndarray,
    account: np.ndarray,
    figure: str,
    column: np.ndarray,
    *,
    again: np.ndarray,
    unclear: np.ndarray,
    missing: np.ndarray,
) -> None:
    """Put the sum of a figure into the first row of each account, or say that it is not known."""
    numbers, at, number = np.unique(account, return_index=True, return_inverse=True)
    n, first = len(numbers), own[at]
    given = np.bincount(number, ~np.isnan(column), minlength=n) > 0
    empty = np.bincount(number, np.isnan(column), minlength=n) > 0
    odd = np.bincount(number, unclear, minlength=n) > 0
    lacking = (np.bincount(number, missing, minlength=n) > 0) | empty
    sums = np.round(np.bincount(number, np.where(again, 0.0, np.nan_to_num(column)), minlength=n), 2)
    good = given & ~odd & ~lacking & (figure not in STATED)
    rows.amounts[figure][own] = np.nan
    rows.amounts[figure][first] = np.where(good, sums, np.nan)
    bad = given & ~good
    for where, code, expected in (
        (bad & (odd & ~lacking), "amounts_differ", Message(
            "one amount per household and year; rows or sheets of this one differ, and none is clearly newer"
        )),
        (bad & ~(odd & ~lacking), "part_of_year", SOME_ARE_MISSING),
    ):  # fmt: skip
        rows.report(np.sort(first[where]), figure, code, "blanked", expected)
    if is_doubtful_for_income(figure):
        rows.unclear[first[bad & ~_known_elsewhere(rows, first, figure, own)]] = True


def _known_elsewhere(rows: Rows, first: np.ndarray, figure: str, own: np.ndarray) -> np.ndarray:
    """Return the places whose household and year has a total of a figure, or the figure, in other rows."""
    has = np.zeros(len(rows.frame), dtype=bool)
    for total in ({figure} | ABOVE[figure]) & rows.amounts.keys():
        has |= ~np.isnan(rows.amounts[total])
    has[own] = False
    has &= ~rows.rejected & ~rows.absorbed
    years = pd.MultiIndex.from_frame(rows.frame[PERIOD])
    result: np.ndarray = years[first].isin(years[has])
    return result
