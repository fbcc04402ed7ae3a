"""A household's year of income as its area counts it: which year it is, and which items are part of net income.

The sources differ. Recognition looks at the twelve full months before the month of recognition (county guidance: Nankang,
Dingnan), the yearly update at an accounting year; the form of 2023 books relief funds and social relief as transfers, while
another county's rules count neither those nor other one-off help. So an area's lines say how it counts
(:class:`~fanpin_risk.asof.monitoring_lines.MonitoringLines`, columns ``window`` and ``not_counted``); where they say nothing
the newest accounting year counts, with all its items.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array, calendar_years
from fanpin_risk.asof.income_years import IncomeYear, covered_days, newest_end
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.records.checks.part_years import WHOLE_YEAR_DAYS

__all__ = ["counted_year", "end_of_newest_year", "rule_of_years"]

MONTHS = 12


def rule_of_years(snapshot: Snapshot, name: str, days: Array) -> Array:
    """Return how each household's area counts in the calendar year of a day of its own.

    Parameters
    ----------
    snapshot : Snapshot
        The day, with the areas and their lines.
    name : str
        Column of the lines.
    days : ndarray of shape (n_households,)
        Days since 1970; NaN: the year of the day.

    Returns
    -------
    ndarray of str, shape (n_households,)
    """
    years = np.where(np.isnan(days), float(snapshot.year), calendar_years(days))
    result = np.full(snapshot.n_households, "", dtype=object)
    for one in np.unique(years):
        rows = years == one
        result[rows] = snapshot.lines.rule_at(name, snapshot.area_codes[rows], int(one), on=snapshot.as_of)
    return result


def end_of_newest_year(snapshot: Snapshot, rows: KnownRows) -> Array:
    """Return the last day of each household's newest year of income.

    Where the area looks at the twelve full months before the month of the day, that is the last day on record of those
    months, if periods that lie within them make a year (330 days or more); else, and everywhere by default, the end of the
    newest accounting period.

    Parameters
    ----------
    snapshot : Snapshot
        The day.
    rows : KnownRows
        Of the table incomes.

    Returns
    -------
    ndarray of shape (n_households,)
        Days since 1970, float64; NaN where there is no period.
    """
    newest = newest_end(rows)
    rule = snapshot.lines.rule_at("window", snapshot.area_codes, snapshot.year, on=snapshot.as_of)
    if not (rule == "twelve_months").any():
        return newest
    month = pd.Timestamp(snapshot.as_of).to_numpy().astype("datetime64[M]")
    within = rows.where(
        (rows.period_start >= (month - MONTHS).astype("datetime64[D]"))
        & (rows.period_end < month.astype("datetime64[D]"))
    )
    whole = covered_days(within) >= WHOLE_YEAR_DAYS
    return np.where((rule == "twelve_months") & whole, newest_end(within), newest)


def counted_year(snapshot: Snapshot, rows: KnownRows) -> IncomeYear:
    """Return a year of income as the area counts in the calendar year in which it ends.

    Parameters
    ----------
    snapshot : Snapshot
        The day.
    rows : KnownRows
        Of the table incomes, those of one year.

    Returns
    -------
    IncomeYear
    """
    return IncomeYear(rows, snapshot.persons, not_counted=rule_of_years(snapshot, "not_counted", newest_end(rows)))
