"""Ages known to the year: from a year of birth, or from an age on the day of the row, where no birth date is given.

An age says that somebody was born within one year; the middle of that year stands for the birth date, so that on the day
of the row the age is the one that was given. That it is known to the year only stays with the row.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.rows import Rows

__all__ = ["births_to_the_year"]

SHORTEST_YEAR = np.timedelta64(364, "D")  # from the first day of what was written to the last
HALF_A_YEAR = 6  # months


def births_to_the_year(rows: Rows) -> None:
    """Fill missing birth dates by ages, and say which birth dates are known to the year only.

    Parameters
    ----------
    rows : Rows
        Of members, with times filled and rows put together; is changed.
    """
    frame = rows.frame
    to_the_year = rows.last["birth_date"] - rows.first["birth_date"] >= SHORTEST_YEAR
    to_the_year &= frame["birth_date"].notna().to_numpy()
    of_age = frame["birth_date"].isna() & frame["age"].notna() & frame["valid_from"].notna()
    use = of_age.to_numpy() & ~rows.fault["birth_date"]
    if use.any():
        month = frame.loc[use, "valid_from"].to_numpy().astype("datetime64[M]")
        months = 12 * frame.loc[use, "age"].to_numpy().astype("int64") + HALF_A_YEAR
        frame.loc[use, "birth_date"] = (month - months).astype("datetime64[s]")
    if (to_the_year | use).any():
        frame.loc[to_the_year | use, "birth_year_only"] = True
    frame["age"] = pd.Series(np.nan, index=frame.index)
