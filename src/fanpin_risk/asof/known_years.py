"""A year of incomes that is over on a day, but counts as known only later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.records.checks import lag_days
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

__all__ = ["YearNotKnown", "year_not_known"]

MOST_UNKNOWN = 0.5  # of the rows of a year; with fewer unknown ones the year is used


@dataclass(frozen=True, slots=True)
class YearNotKnown:
    """The newest year of incomes, over on a day but not known yet.

    Attributes
    ----------
    year : int
        In which its accounting periods end.
    known_from : Timestamp
        Day from which most of its rows count as known.
    newest_used : int or None
        The newest year that is used on the day; None if no year is.
    """

    year: int
    known_from: pd.Timestamp
    newest_used: int | None


def year_not_known(register: Register, as_of: Any) -> YearNotKnown | None:
    """Say whether the newest year of incomes is left out on a day because of the lag that is assumed where no day of recording is.

    Parameters
    ----------
    register : Register
        Checked records.
    as_of : date-like
        The day.

    Returns
    -------
    YearNotKnown or None
        None where the newest year that is over is used, or where it is left out because it was recorded later.

    Raises
    ------
    SchemaError
        If `register` is no register or `as_of` not a day.

    Examples
    --------
    >>> register = Register.from_frames(
    ...     households={"户编号": ["h1"], "年度": [2023]},
    ...     incomes={"户编号": ["h1", "h1"], "年度": [2023, 2024], "工资性收入": [9000, 9500]},
    ... )
    >>> found = year_not_known(register, "2024-12-31")
    >>> found.year, found.known_from.date().isoformat(), found.newest_used
    (2024, '2025-01-30', 2023)
    >>> year_not_known(register, "2025-01-30") is None
    True
    """
    day = to_day(as_of)
    incomes = checked_register(register).tables["incomes"]
    if not register.recorded_at_filled.get("incomes"):
        return None
    over = incomes[incomes["period_end"] <= day]
    if not len(over):
        return None
    year, recorded = over["period_end"].dt.year, over["recorded_at"]
    assumed = recorded == over["period_end"] + pd.Timedelta(days=lag_days(TABLES["incomes"], register.known_lag_days))
    newest = year.max()
    waiting = (recorded > day) & assumed & (year == newest)
    if waiting.sum() <= MOST_UNKNOWN * (year == newest).sum():
        return None
    used = year[(recorded <= day) & (year < newest)]
    known_from = recorded[waiting].median().normalize()
    return YearNotKnown(int(newest), known_from, int(used.max()) if len(used) else None)
