"""Who is still seen after a day: a household that vanished from the records is no household without the event.

A row of any table that was recorded after the day, or is about a time after it, shows that the household was still
looked at. That there is none shows something only where rows would have been written had the household still been there:
in a table that is written again and again of the same households. A register of the present state holds each household
once, with the day of its last change: there the silence of a household says nothing, and nothing is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.records.checks import row_time
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

__all__ = [
    "Presence",
    "Sightings",
    "how_tables_are_written",
    "presence_after",
    "sightings",
    "telling_tables",
    "vanished",
]

# Tables that are about every household; rows of the others are written when something happens.
OF_EVERYBODY = ("households", "members", "incomes")
# A table written once a year leaves gaps of a year, and of half a year more where an office is late.
LONGEST_GAP = 548  # days
# An account of income is about one period, so two of them show how often it is taken; of the other tables two versions may
# as well be a change, and only longer histories tell.
TWICE_IS_ENOUGH = ("incomes",)
# Rows of three years before and after the day tell how a table is written.
DAYS_LOOKED_AT = 1096
# Of households written about for longer than a gap, those without a longer one; and of those written about of late, those
# written about after the day. Of a rotating panel most households leave for good.
REGULAR, GOES_ON = 0.8, 0.2
# Further days that a row tells of: up to then the household was followed.
LATER_DAYS = {
    "households": "valid_to",
    "members": "valid_to",
    "monitoring": "eliminated_on",
    "warnings": "outcome_date",
}


class Presence(NamedTuple):
    """Who is seen after a day.

    Attributes
    ----------
    tables : tuple of str
        Tables that are written again and again of the same households, and go on after the day. Without any nothing can be
        said of who vanished.
    vanished : ndarray of bool, shape (n_households,)
        Written about in one of these tables by the day, and in no table after it.
    """

    tables: tuple[str, ...]
    vanished: Array


class Sightings(NamedTuple):
    """What a register, or a part of one with whole households, shows of its households before and after a day.

    Attributes
    ----------
    after : ndarray of bool, shape (n_households,)
        In a record of any table after the day.
    before : dict of str to ndarray of bool, shape (n_households,)
        By table that is about every household: written about in it by the day.
    """

    after: Array
    before: Mapping[str, Array]


def presence_after(register: Register, day: pd.Timestamp, ids: pd.Index) -> Presence:
    """Tell which households have no record of any kind after a day, where that says something.

    Parameters
    ----------
    register : Register
        The whole register of the area: how its tables are written is seen from all households.
    day : Timestamp
        The day.
    ids : Index of str
        Households.

    Returns
    -------
    Presence

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(200, random_state=0)
    >>> ids = pd.Index(register.tables["households"]["household_id"].unique(), dtype="str")
    >>> presence_after(register, pd.Timestamp("2021-12-31"), ids).tables
    ('households', 'incomes')
    """
    tables = telling_tables([how_tables_are_written(register, day)])
    return Presence(tables, vanished(sightings(register, day, ids, observed_until=register.observed_until), tables))


def sightings(register: Register, day: pd.Timestamp, ids: pd.Index, *, observed_until: pd.Timestamp) -> Sightings:
    """Look for households before and after a day.

    Parameters
    ----------
    register : Register
        Records, of whole households.
    day : Timestamp
        The day.
    ids : Index of str
        Households.
    observed_until : Timestamp
        As :attr:`fanpin_risk.Register.observed_until`, of the whole register: later days are slips of the pen.

    Returns
    -------
    Sightings
    """
    date = int(day.to_datetime64().astype("datetime64[D]").astype("int64"))
    unknown = pd.isna(observed_until)
    newest = (
        np.iinfo(np.int64).max if unknown else int(observed_until.to_datetime64().astype("datetime64[D]").view("i8"))
    )
    households = _households_of_members(register)
    after = np.zeros(len(ids), dtype=bool)
    before = {}
    for name, frame in register.tables.items():
        owner = frame["household_id"] if "household_id" in frame else frame["member_id"].map(households)
        place = ids.get_indexer(pd.Index(owner, dtype="str"))
        times = [frame["recorded_at"], row_time(TABLES[name], frame)]
        times += [frame[LATER_DAYS[name]]] if name in LATER_DAYS else []
        for time in times[1:]:
            days = _day_numbers(time)
            after[place[(place >= 0) & (days > date) & (days <= newest)]] = True
        seen = np.maximum(_day_numbers(times[0]), _day_numbers(times[1]))
        after[place[(place >= 0) & (seen > date) & (seen <= newest)]] = True
        if name in OF_EVERYBODY:
            before[name] = np.zeros(len(ids), dtype=bool)
            before[name][place[(place >= 0) & (seen <= date)]] = True
    return Sightings(after, before)


def how_tables_are_written(register: Register, day: pd.Timestamp) -> dict[str, Array]:
    """Count how the tables that are about every household are written.

    Parameters
    ----------
    register : Register
        Records, of whole households.
    day : Timestamp
        The day.

    Returns
    -------
    dict of str to ndarray of int64, shape (4,)
        Of each table: households written about over longer than a gap, those of them without a longer gap; households written
        about of late, those of them written about after the day. Of parts of a register they add up.
    """
    date = int(day.to_datetime64().astype("datetime64[D]").astype("int64"))
    ids = pd.Index(register.tables["households"]["household_id"].astype("str").unique())
    counts = {}
    for name in OF_EVERYBODY:
        frame = register.tables[name]
        place = ids.get_indexer(pd.Index(frame["household_id"], dtype="str"))
        seen = np.maximum(_day_numbers(frame["recorded_at"]), _day_numbers(row_time(TABLES[name], frame)))
        counts[name] = _how_written(place, seen, date, least=0 if name in TWICE_IS_ENOUGH else LONGEST_GAP)
    return counts


def telling_tables(counts: Iterable[Mapping[str, Array]]) -> tuple[str, ...]:
    """Name the tables that are written again and again of the same households, and go on after the day.

    Parameters
    ----------
    counts : iterable of dict of str to ndarray
        From :func:`how_tables_are_written`, of all parts of a register.

    Returns
    -------
    tuple of str
    """
    total: dict[str, Array] = {}
    for part in counts:
        for name, four in part.items():
            total[name] = total.get(name, 0) + four
    told = []
    for name, (long, regular, late, later) in total.items():
        if long and regular / long >= REGULAR and late and later / late >= GOES_ON:
            told.append(name)
    return tuple(told)


def vanished(seen: Sightings, tables: Iterable[str]) -> Array:
    """Return which households one of these tables tells of by the day, and no table after it, of shape (n_households,)."""
    before = np.zeros(len(seen.after), dtype=bool)
    for name in tables:
        before |= seen.before[name]
    return before & ~seen.after


def _how_written(place: Array, seen: Array, day: int, *, least: int) -> Array:
    """Return the four counts of a table; households written about over no more than `least` days tell of no gaps."""
    near = (place >= 0) & (seen >= day - DAYS_LOOKED_AT) & (seen <= day + DAYS_LOOKED_AT)
    rows = np.unique(np.stack([place[near], seen[near]], axis=1), axis=0)
    if not len(rows):
        return np.zeros(4, dtype=np.int64)
    who, when = rows.T
    same = who[1:] == who[:-1]
    gap = np.where(same, when[1:] - when[:-1], 0)
    start = np.flatnonzero(np.r_[True, ~same])
    last = np.r_[start[1:], len(who)] - 1
    longest = np.maximum.reduceat(np.r_[gap, 0], start)
    long = when[last] - when[start] > least
    late = np.unique(who[(when <= day) & (when > day - LONGEST_GAP)])
    later = np.isin(late, who[when > day])
    return np.array([long.sum(), (longest[long] <= LONGEST_GAP).sum(), len(late), later.sum()], dtype=np.int64)


def _households_of_members(register: Register) -> pd.Series:
    """Return the household that each member belonged to last."""
    members = register.tables["members"]
    order = members.sort_values(["member_id", "valid_from", "household_id"])
    return order.drop_duplicates("member_id", keep="last").set_index("member_id")["household_id"]


def _day_numbers(days: pd.Series) -> Array:
    """Return days since 1970; the least number where a day is missing."""
    return days.to_numpy().astype("datetime64[D]").astype("int64")
