"""Accounts that cover only a part of a year: features scale them up to a year, and no household learns of it unasked.

What is scaled, and why from 330 days on nothing is, stands in :mod:`fanpin_risk.asof.income_years`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["DAYS_OF_A_YEAR", "PART_YEARS", "WHOLE_YEAR_DAYS", "name_part_years", "part_years_of"]

PART_YEARS = "part_year_scaled"  # code of the problem

DAYS_OF_A_YEAR = 360
WHOLE_YEAR_DAYS = 330
HALF_YEAR_DAYS = 365 / 2


def part_years_of(count: int) -> Message:
    """Say of how many households of a register the income of a year is scaled up."""
    return Message(
        "of {count:,} households less than {days} days of a year are on record; the income of that year is scaled up to 365 days",
        count=count, days=WHOLE_YEAR_DAYS,
    )  # fmt: skip


def name_part_years(rows: Rows, records: pd.DataFrame, origin: np.ndarray) -> int:
    """Name households of whose year so little is on record that its income is scaled up: by 2 and more each of them.

    Parameters
    ----------
    rows : Rows
        Of incomes.
    records : DataFrame
        Those that are kept.
    origin : ndarray of int, shape (n_records,)
        The row that each comes from.

    Returns
    -------
    int
        How many households.
    """
    days = (records["period_end"] - records["period_start"]).dt.days.to_numpy() + 1
    if not len(records) or (days >= WHOLE_YEAR_DAYS).all():
        return 0
    periods = pd.DataFrame(
        {
            "household": records["household_id"].to_numpy(),
            "start": records["period_start"].to_numpy().astype("datetime64[D]").astype("int64"),
            "end": records["period_end"].to_numpy().astype("datetime64[D]").astype("int64"),
            "origin": origin,
        }
    )
    newest = periods.groupby("household")["end"].transform("max")
    periods["year"] = (newest - periods["end"]) // DAYS_OF_A_YEAR
    periods = periods.sort_values(["household", "year", "start", "origin"], kind="stable")
    account = ["household", "year"]
    reached = periods.groupby(account)["end"].cummax()
    before = reached.groupby([periods["household"], periods["year"]]).shift().fillna(-np.inf)
    begins = np.maximum(periods["start"], before + 1)
    periods["covered"] = np.maximum(periods["end"] - begins + 1, 0)
    years = periods.groupby(account, sort=False).agg(covered=("covered", "sum"), origin=("origin", "min"))
    scaled = years[years["covered"] < WHOLE_YEAR_DAYS]
    if not len(scaled):
        return 0
    count = int(scaled.index.get_level_values("household").nunique())
    rows.problems.note(table=rows.table.name, source="", code=PART_YEARS, text=part_years_of(count))
    rows.report(
        scaled.loc[scaled["covered"] <= HALF_YEAR_DAYS, "origin"].to_numpy(dtype="int64"), "period_end", "half_year_scaled", "warning",
        Message("accounts of a whole year; those on record cover half of one or less, and are multiplied by 2 or more"),
    )  # fmt: skip
    return count
