"""Years of income: which accounting periods make a year, and the household's net income of it.

Features and labels both rest on this, so that "below the line" means the same before and after the day.

Net income follows the register form: 人均纯收入 = (工资性 + 生产经营性 + 财产性 + 转移性收入 - 生产经营性支出) / 家庭人口数.
Insurance pay-outs (理赔收入, ``claim_payout``) and compliant own expenses (合规自付支出, ``oop_compliant``) stand on
the form but are not part of it.

Assistance (``support``) is what is paid for need: 低保金, 特困供养金 and 残疾人补贴. 赡养费 is what children pay, 地力补贴 goes
with the land; both stand with others under ``tr_other``, as does what a total of transfers holds beside its parts.

Where a year has no item of net income but the sheet *states* the sum (纯收入, 人均纯收入), that figure is the net
income and its kinds stay unknown. Stated figures are never added to items. A stated figure without an amount says
that the sheet was silent, or that an amount in it could not be used: net income is then what else is stated, or unknown,
and never 0 or the sum of what happens to be known. Neither is a sheet that states the net income and itemises only
transfers or property: where these are less than the stated figure and no item tells of work or business, the stated
figure counts, and the kinds stay unknown.

Years count back from the household's newest accounting period: year 0 is made of the periods that end less than
360 days before its end, so that 365 and 366 days are one year. The accounting period of the register is a year: the
twelve full months before the month of recognition (county guidance on recognition), the yearly update by calendar
year or from 1 October to 30 September (remembered practice, not found in a source).

A year of which only a part is on record, such as one quarter of a survey, is scaled up to 365 days. No source
says how much of a year must be on record; our own choice is 330 days. Eleven calendar months have at least 334 days
and ten at most 306, so a year that lacks one month counts as it is, and ten months or fewer are scaled. Rural income
comes in lumps (harvest, wages settled at the Spring Festival): scaling for a single month would more often invent
income than restore it, while without scaling two missing months alone could push a household below the line.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.line_table import MARK_OF_ITEMS
from fanpin_risk.asof.register_on_day import combined
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.records.checks.part_years import DAYS_OF_A_YEAR, WHOLE_YEAR_DAYS
from fanpin_risk.records.income_items import PER_PERSON, TOLERANCE_CNY, WHOLE

__all__ = ["IncomeYear", "covered_days", "newest_end", "replaced_periods", "to_a_year", "years_back"]

WAGES = ("wage", "wage_public_post")
PROPERTY = ("prop_dividend", "prop_land", "prop_other", "property_net")
PENSION = ("tr_pension",)
SUPPORT = ("tr_dibao", "tr_tekun", "tr_disability")  # paid because the household is in need
# Not for need: 赡养费, 地力补贴 and the like, and what totals hold beside their parts.
OTHER_TRANSFERS = ("tr_family_planning", "tr_ecology", "tr_other", "transfer_net")
RECEIVED = (*WAGES, "business_gross", "business_net", *PROPERTY, *PENSION, *SUPPORT, *OTHER_TRANSFERS)
SPENT = ("business_cost",)
BUSINESS = ("business_gross", "business_net")


def replaced_periods(rows: KnownRows) -> Array:
    """Return whether each income row's period runs into one, of the same account, that began later and ended later.

    Goes back in time from each account's newest period, so that only periods that count replace others.
    """
    start, end = rows.period_start.astype("int64"), rows.period_end.astype("int64")
    replaced = np.zeros(len(rows), dtype=bool)
    periods = pd.DataFrame({"start": start, "end": end}).drop_duplicates().sort_values(["start", "end"])
    if not (periods["start"].to_numpy()[1:] <= np.maximum.accumulate(periods["end"].to_numpy())[:-1]).any():
        return replaced  # the usual case: years side by side
    account = pd.factorize(combined([rows.household, pd.factorize(rows.member_id)[0] + 1]))[0]
    waiting = np.ones(len(rows), dtype=bool)
    while waiting.any():
        newest = np.full(account.max() + 1, np.iinfo(np.int64).min)
        np.maximum.at(newest, account[waiting], end[waiting])
        ends_last = waiting & (end == newest[account])
        begins = np.full(len(newest), np.iinfo(np.int64).max)
        np.minimum.at(begins, account[ends_last], start[ends_last])
        waiting &= ~ends_last
        runs_into = waiting & (start < begins[account]) & (begins[account] <= end)
        replaced |= runs_into
        waiting &= ~runs_into
    return replaced


def newest_end(rows: KnownRows) -> Array:
    """End of each household's newest accounting period.

    Parameters
    ----------
    rows : KnownRows
        Of the table incomes.

    Returns
    -------
    ndarray of shape (n_households,)
        Days since 1970, float64; NaN where there is no period.
    """
    return rows.max(rows.period_end.astype("int64").astype("float64"))


def years_back(rows: KnownRows, newest: Array) -> Array:
    """Year that each row belongs to: 0 the one up to `newest`, 1 the one before, and so on.

    Parameters
    ----------
    rows : KnownRows
        Of the table incomes.
    newest : ndarray of shape (n_households,)
        From :func:`newest_end`.

    Returns
    -------
    ndarray of shape (n_rows,)
        float64; NaN where `newest` of the row's household is.
    """
    return np.floor((newest[rows.household] - rows.period_end.astype("int64")) / DAYS_OF_A_YEAR)


def covered_days(rows: KnownRows) -> Array:
    """Days that lie within at least one accounting period of the household.

    Periods of several members, or of one kind of income within the year, overlap; a day counts once.

    Parameters
    ----------
    rows : KnownRows
        Of the table incomes.

    Returns
    -------
    ndarray of shape (n_households,)
        float64; 0 where there is no period.

    Examples
    --------
    >>> import pandas as pd
    >>> from fanpin_risk import Register
    >>> from fanpin_risk.asof.snapshot import Snapshot
    >>> periods = [("2023-01-01", "2023-06-30"), ("2023-04-01", "2023-06-30"), ("2023-10-01", "2023-10-31")]
    >>> incomes = pd.DataFrame(periods, columns=["period_start", "period_end"])
    >>> incomes = incomes.assign(household_id="A", item="wage", amount_cny=100.0)
    >>> households = pd.DataFrame({"household_id": ["A"], "valid_from": ["2020-01-01"]})
    >>> members = pd.DataFrame({"household_id": ["A"], "member_id": ["A-1"], "valid_from": ["2020-01-01"]})
    >>> register = Register.from_frames(households=households, members=members, incomes=incomes)
    >>> covered_days(Snapshot(register, "2023-12-31").incomes)  # 181 of the half year and 31 of October
    array([212.])
    """
    rows = rows.where(rows.known("period_start"))
    household, n = rows.household, rows.on_day.n_households
    start, end = rows.period_start.astype("int64"), rows.period_end.astype("int64")
    begin, until = np.zeros(n, dtype="int64"), np.full(n, -1)
    begin[household], until[household] = start, end  # of each household's last row
    if (begin[household] == start).all() and (until[household] == end).all():  # the usual case: one period
        return np.maximum(until - begin + 1, 0).astype("float64")
    order = np.lexsort([start, household])
    household, start, end = household[order], start[order], end[order]
    # Each household on a stretch of days of its own: what was covered before never reaches into the next one.
    shift = household * (end.max(initial=0) - start.min(initial=0) + 1)
    reached = np.maximum.accumulate(end + shift) - shift
    begins = start.copy()
    begins[1:] = np.where(household[1:] == household[:-1], np.maximum(start[1:], reached[:-1] + 1), start[1:])
    new = np.maximum(end - begins + 1, 0)
    return np.bincount(household, weights=new, minlength=n)


def _counting(items: list[str], not_counted: Array | None) -> Array | None:
    """Return which items count for which households; None where all do for all."""
    if not_counted is None or not (not_counted != "").any():
        return None
    codes, rule = np.unique(not_counted.astype(str), return_inverse=True)
    count = np.array([[item not in code.split(MARK_OF_ITEMS) for code in codes] for item in items])
    of_household: Array = np.vstack([count, np.ones((1, len(codes)), dtype=bool)])[:, rule]  # the last: no item
    return of_household


def to_a_year(covered: Array) -> Array:
    """Return what amounts of some days of a year are multiplied by: 1 from 330 days on; NaN where no day is covered.

    Examples
    --------
    >>> import numpy as np
    >>> to_a_year(np.array([365.0, 73.0, 0.0]))
    array([ 1.,  5., nan])
    """
    scale = np.where(covered < WHOLE_YEAR_DAYS, 365.0 / np.maximum(covered, 1.0), 1.0)
    scale[covered == 0] = np.nan
    return scale


class IncomeYear:
    """Income of one year per household, by kind.

    Parameters
    ----------
    rows : KnownRows
        Of the table incomes, those of one year; see :func:`years_back`.
    size : ndarray of shape (n_households,)
        Members on the day: what a stated net income per person is multiplied by.
    not_counted : ndarray of str, shape (n_households,), optional
        Codes of items that are no part of the household's net income in its area, with a semicolon between them. Default: all
        items are.

    Attributes
    ----------
    wages, public_post, business_gross, business_cost, property, pension, support, other_transfers, transfers : ndarray
        CNY per household and year, float64 of shape (n_households,); NaN where the year has no item of net income.
        ``public_post`` is part of ``wages``, ``pension``, ``support`` and ``other_transfers`` of
        ``transfers``.
    began, ended : ndarray
        First and last day of the accounting periods of the year, as days since 1970; NaN where it has none.
    covered : ndarray
        Days on record; below 330 the amounts are scaled up to 365 days.
    business, gross, net : ndarray
        Business income less its costs; all income before business costs; all income less business costs. Where the
        year has no item, ``net`` is the stated net income, that per person times the members on the day.
    left_out, support_counted : ndarray
        What is on record of items that are no part of ``net``; of ``support``, what is part of it.
    claims, own_expenses : ndarray
        理赔收入 and 合规自付支出, which stand on the form beside net income, as they are written there; NaN where the form
        does not give them.
    stated_per_person : ndarray
        Whether ``net`` is a stated net income per person, whatever the number of members.
    """

    def __init__(self, rows: KnownRows, size: Array, *, not_counted: Array | None = None) -> None:
        covered = covered_days(rows)
        scale = to_a_year(covered)
        started = rows.period_start
        self.covered = covered
        self.began = rows.min(np.where(np.isnat(started), np.nan, started.astype("int64").astype("float64")))
        self.ended = newest_end(rows)
        items, n = list(rows.declaration["item"].codes), rows.on_day.n_households
        place = rows.item.astype("int64") % (len(items) + 1) * n + rows.household  # of -1, no item, the last place
        unknown = np.isnan(rows.amount_cny)

        def by_item(places: Array, weights: Array | None = None) -> Array:
            return np.bincount(places, weights, minlength=(len(items) + 1) * n).reshape(len(items) + 1, n)

        # In hundredths: sums are exact, in whatever order, so that an income of the line to the fen is not below it.
        hundredths = by_item(place, np.where(unknown, 0.0, np.rint(rows.amount_cny * 100.0)))
        on_record = by_item(place)
        known = on_record if not unknown.any() else by_item(place[~unknown])
        made = on_record[[items.index(name) for name in (*RECEIVED, *SPENT)]].sum(axis=0) > 0
        figures = [items.index(WHOLE), items.index(PER_PERSON)]
        instead = ~made & (on_record[figures].sum(axis=0) > 0)
        instead |= (on_record[figures] > known[figures]).any(axis=0)  # an amount beside the items is not known
        instead |= self._work_left_out(items, on_record, hundredths, size)
        itemised = np.where(instead, np.nan, scale)

        def total(*names: str, less: tuple[str, ...] = (), counting: Array | None = None) -> Array:
            added, taken = ([items.index(name) for name in some] for some in (names, less))
            sums, there, with_amount = hundredths, on_record, known
            if counting is not None:
                sums, there, with_amount = (np.where(counting, each, 0) for each in (hundredths, on_record, known))
            result = (sums[added].sum(axis=0) - sums[taken].sum(axis=0)) / 100.0 * itemised
            if known is not on_record:
                lacking = (there[added + taken].sum(axis=0) > 0) & (with_amount[added + taken].sum(axis=0) == 0)
                result[lacking] = np.nan
            return result

        def stated(name: str) -> Array:
            number = items.index(name)
            return np.where(instead & (known[number] > 0), hundredths[number] / 100.0 * scale, np.nan)

        def beside(name: str) -> Array:
            number = items.index(name)
            return np.where(known[number] > 0, hundredths[number] / 100.0, np.nan)

        self.claims, self.own_expenses = beside("claim_payout"), beside("oop_compliant")
        self.wages = total(*WAGES)
        self.public_post = total("wage_public_post")
        self.business_gross = total("business_gross")
        self.business_cost = total(*SPENT)
        self.property = total(*PROPERTY)
        self.pension = total(*PENSION)
        self.support = total(*SUPPORT)
        self.other_transfers = total(*OTHER_TRANSFERS)
        self.transfers = self.pension + self.support + self.other_transfers
        net_business = total("business_net")
        self.business = self.business_gross - self.business_cost + net_business
        self.gross = self.wages + self.business_gross + self.property + self.transfers + net_business
        counting = _counting(items, not_counted)
        self.net = total(*RECEIVED, less=SPENT, counting=counting)
        self.support_counted = self.support if counting is None else total(*SUPPORT, counting=counting)
        self.left_out = np.zeros(n) if counting is None else total(*RECEIVED, counting=~counting)
        self.stated_per_person = np.zeros(n, dtype=bool)
        if instead.any():
            per_person = stated(PER_PERSON) * size
            self.stated_per_person = instead & ~np.isnan(per_person)
            self.net = np.where(instead, np.where(np.isnan(per_person), stated(WHOLE), per_person), self.net)

    @staticmethod
    def _work_left_out(items: list[str], on_record: Array, hundredths: Array, size: Array) -> Array:
        """Return where a stated net income exceeds items among which there is none of work or business."""

        def rows(*names: str) -> list[int]:
            return [items.index(name) for name in names]

        told = on_record[rows(*WAGES, *BUSINESS, *SPENT)].sum(axis=0) > 0
        figures = rows(WHOLE, PER_PERSON)
        stated = np.fmax(hundredths[figures[0]], np.nan_to_num(hundredths[figures[1]] * size))
        itemised = hundredths[rows(*RECEIVED)].sum(axis=0)
        return ~told & (stated > itemised + TOLERANCE_CNY * 100.0 * np.fmax(np.nan_to_num(size), 1.0))
