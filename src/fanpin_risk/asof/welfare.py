"""What is compared with the line: net income or consumption, by which line, or a status that is known without an amount.

An area's lines say which of the two its line is of (``measure``), and whether a line that stands on the household's own
account (``household_line``: of this household, all its members together) comes before that of the area or alone
(``own_line``). Years of consumption are made as those of income are: see :mod:`fanpin_risk.asof.income_years`. A line of
the household is that of the accounts of the same year; where they cover a part of the year, it is brought to a year as
amounts are.

Where no amount can be compared, or an older one only, it counts what a version of the household says of its day
(``below_line``: yes or no).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.asof.counted_income import counted_year, end_of_newest_year
from fanpin_risk.asof.days import Array, calendar_years
from fanpin_risk.asof.income_years import covered_days, newest_end, to_a_year, years_back
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot

__all__ = ["ConsumptionYear", "Standing", "consumption_counts", "line_of_year", "standing"]

FOOD = "consumption_food"


class ConsumptionYear:
    """What households consumed in one year.

    Parameters
    ----------
    rows : KnownRows
        Of consumption, those of one year; see :func:`fanpin_risk.asof.income_years.years_back`.

    Attributes
    ----------
    total, food : ndarray
        CNY per household and year, float64 of shape (n_households,); NaN where nothing of it is on record, the total also
        where an account gives food alone: what else was consumed is not known.
    began, ended : ndarray
        First and last day of the accounting periods, as days since 1970; NaN where there is none.
    covered : ndarray
        Days on record; below 330 the amounts are scaled up to 365 days.
    """

    def __init__(self, rows: KnownRows) -> None:
        self.covered = covered_days(rows)
        scale = to_a_year(self.covered)
        of_food = rows.where(rows.isin("item", FOOD))
        self.began = rows.min(np.where(np.isnat(rows.period_start), np.nan, rows.period_start.astype("int64")))
        self.ended = newest_end(rows)
        self.total = np.where(_food_alone(rows), np.nan, rows.sum(rows.amount_cny, default=np.nan) * scale)
        self.food = of_food.sum(of_food.amount_cny, default=np.nan) * scale


def _food_alone(rows: KnownRows) -> Array:
    """Whether an account of each household gives food and nothing else."""
    account = pd.factorize(pd.MultiIndex.from_arrays([rows.household, rows.period_start, rows.period_end]))[0]
    food = rows.isin("item", FOOD)
    more = np.bincount(account, ~food, minlength=len(account) + 1) > 0
    result = np.zeros(rows.on_day.n_households, dtype=bool)
    result[rows.household[food & ~more[account]]] = True
    return result


def line_of_year(snapshot: Snapshot, newest: Array, number: int, ended: Array) -> Array:
    """Return the line of each household in a year of its accounts, per person.

    Parameters
    ----------
    snapshot : Snapshot
        What was on record on the day.
    newest : ndarray of shape (n_households,)
        End of the newest accounting period, as days since 1970: from there years count back.
    number : int
        Which year: 0 the newest, 1 the one before, and so on.
    ended : ndarray of shape (n_households,)
        End of that year: the line of an area is that of its calendar year.

    Returns
    -------
    ndarray of shape (n_households,)
        CNY per person and year; NaN where there is no line, or the end is not known.
    """
    line = snapshot.line_of(ended)
    rows = snapshot.own_lines
    if not len(rows):
        return line
    rows = rows.where(years_back(rows, newest) == number)
    own = rows.sum(rows.amount_cny, default=np.nan) * to_a_year(covered_days(rows))
    persons = np.where(snapshot.persons > 0, snapshot.persons, np.nan)
    return np.where(np.isnan(own) | np.isnan(ended), line, own / persons)


def consumption_counts(snapshot: Snapshot, ended: Array | None = None) -> Array:
    """Return whether it is consumption that is compared with the line, by the calendar year of a day of each household.

    Parameters
    ----------
    snapshot : Snapshot
        What was on record on the day.
    ended : ndarray of shape (n_households,), optional
        Days since 1970, NaN or none for the day itself.

    Returns
    -------
    ndarray of bool, shape (n_households,)
    """
    result = np.zeros(snapshot.n_households, dtype=bool)
    if "measure" not in snapshot.lines.frame.columns:
        return result
    ended = newest_end(snapshot.consumption) if ended is None else ended
    years = np.where(np.isnan(ended), float(snapshot.year), calendar_years(ended))
    for year in np.unique(years):
        rows = years == year
        measure = snapshot.lines.rule_at("measure", snapshot.area_codes[rows], int(year), on=snapshot.as_of)
        result[rows] = measure == "consumption"
    return result


class Standing(NamedTuple):
    """Where households stand.

    Attributes
    ----------
    below : ndarray of shape (n_households,)
        1 below the line, 0 not, NaN where nothing on record says it.
    day : ndarray of datetime64[D], shape (n_households,)
        End of the accounting year that is compared, or the day of the status; NaT where neither is on record.
    to_line : ndarray of shape (n_households,)
        The amount that is compared, per person, over the line; NaN where no amount is, also where a newer status counts.
    """

    below: Array
    day: Array
    to_line: Array


def standing(
    snapshot: Snapshot, *, after: pd.Timestamp | None = None, not_before: pd.Timestamp | None = None
) -> Standing:
    """Tell which households are below the line by the newest that is on record: an amount, or else a status.

    Parameters
    ----------
    snapshot : Snapshot
        What was on record on the day.
    after : Timestamp, optional
        Only accounting periods and statuses after this day count.
    not_before : Timestamp, optional
        The newest of them must be after this day.

    Returns
    -------
    Standing

    Examples
    --------
    >>> from fanpin_risk import Register
    >>> register = Register.from_frames(
    ...     households={"household_id": ["A", "B"], "valid_from": ["2020-12-31"] * 2, "below_line": ["yes", "no"]}
    ... )
    >>> standing(Snapshot(register, "2021-06-30")).below
    array([1., 0.])
    """
    margin, to_line, ended = _against_line(snapshot, snapshot.incomes, "income", after, not_before)
    by_consumption = consumption_counts(snapshot)
    if by_consumption.any():
        of_consumption = _against_line(snapshot, snapshot.consumption, "consumption", after, not_before)
        margin = np.where(by_consumption, of_consumption[0], margin)
        to_line = np.where(by_consumption, of_consumption[1], to_line)
        ended = np.where(by_consumption, of_consumption[2], ended)
    below = np.where(np.isnan(margin), np.nan, (margin < 0).astype("float64"))
    rows = snapshot.statuses
    if not len(rows):
        return Standing(below, ended, to_line)
    since = not_before or after
    if since is not None:
        rows = rows.where(rows.valid_from > since.to_datetime64())
    rows = rows.last_by(rows.valid_from.astype("int64"))
    status, day = np.full(snapshot.n_households, np.nan), np.full(snapshot.n_households, np.datetime64("NaT", "D"))
    status[rows.household], day[rows.household] = rows.below_line, rows.valid_from
    newer = ~np.isnan(status) & (np.isnan(below) | ~(ended >= day))
    return Standing(np.where(newer, status, below), np.where(newer, day, ended), np.where(newer, np.nan, to_line))


def _against_line(
    snapshot: Snapshot, rows: KnownRows, measure: str, after: pd.Timestamp | None, not_before: pd.Timestamp | None
) -> tuple[Array, Array, Array]:
    """Return by how much the newest year per member is above the line, the same over the line, and the end of that year.

    The year is the newest one, as in :mod:`fanpin_risk.asof.income_years`, of the periods that end after `after`; the
    newest one must end after `not_before`.
    """
    if after is not None:
        rows = rows.where(rows.period_end > after.to_datetime64())
    newest = end_of_newest_year(snapshot, rows) if measure == "income" else newest_end(rows)
    if not_before is not None:
        newest[~(newest > not_before.to_datetime64().astype("datetime64[D]").astype("int64"))] = np.nan
    members = snapshot.persons
    of_year = rows.where(years_back(rows, newest) == 0)
    amount = counted_year(snapshot, of_year).net if measure == "income" else ConsumptionYear(of_year).total
    each = np.full(snapshot.n_households, np.nan)
    np.divide(amount, members, out=each, where=members > 0)
    days = np.where(np.isnan(newest), np.iinfo(np.int64).min, np.nan_to_num(newest)).astype("int64")
    ended = days.view("datetime64[D]")
    line = line_of_year(snapshot, newest, 0, newest)
    return each - line, np.divide(each, line, out=np.full(len(each), np.nan), where=line > 0), ended
