"""One column, from cells to values of its declared type.

No parser raises on odd content: a cell that cannot be read comes back missing, with a :class:`Fault` that says what
was expected.
"""

from __future__ import annotations

import pandas as pd

from fanpin_risk.records.cells.codes import parse_code, parse_codes, parse_flags
from fanpin_risk.records.cells.dates import parse_dates
from fanpin_risk.records.cells.numbers import parse_numbers
from fanpin_risk.records.cells.parsed import Parsed
from fanpin_risk.records.cells.texts import parse_areas, parse_ids, parse_texts
from fanpin_risk.records.declarations import Column

__all__ = ["parse"]


def parse(values: pd.Series, column: Column, *, factor: float = 1.0) -> Parsed:
    """Parse the cells of one column.

    Parameters
    ----------
    values : Series of shape (n,)
        Cells as read: text, numbers, dates, booleans, or already typed.
    column : Column
        Its declaration.
    factor : float
        What a number without its own unit is multiplied by, e.g. 10000 for a header in 万元; below 0 for a header
        that asks the opposite of its column of yes and no.

    Returns
    -------
    Parsed

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> column = TABLES["incomes"]["amount_cny"]
    >>> parse(pd.Series(["１，２３４.50元", "0.5万元", "—", "about 3"]), column).column.tolist()
    [1234.5, 5000.0, nan, nan]
    >>> parse(pd.Series(["2023年5月"]), TABLES["monitoring"]["identified_on"]).column[0]
    Timestamp('2023-05-31 00:00:00')
    """
    values = values.reset_index(drop=True)
    if column.type in ("int", "number"):
        return parse_numbers(values, column, factor)
    if column.type == "date":
        return parse_dates(values, month_end=column.month_end)
    if column.type == "bool":
        return parse_flags(values, column, negated=factor < 0)
    if column.type == "code":
        return parse_code(values, column)
    if column.type == "codes":
        return parse_codes(values, column)
    if column.type == "id":
        return parse_ids(values)
    return parse_areas(values) if column.type == "area" else parse_texts(values)
