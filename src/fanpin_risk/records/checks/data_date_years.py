"""Of which year amounts are where a sheet says no more than the day that its data show (数据日期).

On 31 December the year that ends is meant. On any other day the amounts may be those of the year before, of the twelve
months up to that day, or of a round from October to September: nobody can know, so they are named and not used.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.records.headers import is_data_date
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["take_years_of_data_dates"]

UNKNOWN_DAY_OF_DATA = np.datetime64("NaT", "s")


def take_years_of_data_dates(rows: Rows) -> None:
    """Turn days of the data into the year of the amounts where they say it; reject the rows of which they do not.

    Parameters
    ----------
    rows : Rows
        Of any table, before times are filled; only those of incomes are changed.
    """
    if "period_end" not in rows.table:
        return
    places = [part.layout.columns.get("period_end") for part in rows.parts]
    by_data_date = np.array(
        [
            place is not None and is_data_date(part.headers[place[0]])
            for part, place in zip(rows.parts, places, strict=True)
        ],
        dtype=bool,
    )
    if not by_data_date.any():
        return
    mine = by_data_date[rows.sheet] & rows.frame["period_end"].notna().to_numpy()
    first, last = rows.first["period_end"], rows.last["period_end"]
    year = last.astype("datetime64[Y]")
    at_the_end = last.astype("datetime64[D]") == (year + 1).astype("datetime64[D]") - 1
    known, unknown = mine & at_the_end, mine & ~at_the_end
    first = np.where(known, year.astype("datetime64[s]"), first)
    rows.first["period_end"] = np.where(unknown, UNKNOWN_DAY_OF_DATA, first)
    rows.last["period_end"] = np.where(unknown, UNKNOWN_DAY_OF_DATA, last)
    rows.frame.loc[unknown, "period_end"] = UNKNOWN_DAY_OF_DATA
    for name in ("period_start", "period_end"):
        rows.fault[name] |= unknown
    rows.report(
        unknown, "period_end", "year_unknown", "rejected",
        Message(
            "the year of the amounts in a column 年度: the day of the data is no 31 December, and does not say whether they are of the "
            "year before or of the twelve months up to it"
        ),
    )  # fmt: skip
    for number in np.unique(rows.sheet[known]):
        rows.problems.note(
            table=rows.table.name, source=rows.parts[number].source, code="year_of_data_date",
            text=Message("has amounts without a year of their own; they are of the year that ends with the day of the data"),
        )  # fmt: skip
