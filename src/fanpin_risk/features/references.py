"""References: what an area was like on a day, computed once and carried with the model.

A value relative to an area must not depend on which rows are at hand: a household scored alone gets the score
it gets in its county's batch. So the medians are computed from a whole register once per day, in
multiples of the monitoring line (which absorbs the growth of incomes), and looked up afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.income import income_to_line
from fanpin_risk.records.places import UNIT_DIGITS

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = ["incomes_by_area", "make_references", "references_of"]

AREA_DIGITS = (
    0,
    UNIT_DIGITS["county"],
    UNIT_DIGITS["township"],
)  # digits of the division code: everywhere, county, township
SMALLEST_AREA = 30  # households; smaller areas would be noise and could point to persons


def make_references(register: Register, as_of: Any, *, lines: MonitoringLines | None = None) -> pd.DataFrame:
    """Compute the median income of every county and township on a day.

    Parameters
    ----------
    register : Register
        The whole register of the area, not a part of it.
    as_of : date-like
        The day.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.

    Returns
    -------
    DataFrame
        ``as_of`` (day), ``area_prefix`` (6 or 9 digits, ``""`` for all), ``n_households`` and
        ``median_income_to_line`` (median of net income per person over the monitoring line). Areas with fewer than
        30 households with a known income are left out.

    Raises
    ------
    SchemaError
        If `as_of` is not a day.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> references = fr.make_references(fr.make_register(200, random_state=0), "2023-12-31")
    >>> references["area_prefix"].iloc[0]
    ''
    """
    return references_of([incomes_by_area(register, as_of, lines=lines)], as_of)


def incomes_by_area(register: Register, as_of: Any, *, lines: MonitoringLines | None = None) -> pd.DataFrame:
    """Return what the references of a day are made of: the income of each household, in multiples of its line.

    Parameters
    ----------
    register : Register
        All of the area, or a part of it.
    as_of, lines
        See :func:`make_references`.

    Returns
    -------
    DataFrame of shape (n_households, 2)
        ``income`` (NaN where it is not known) and ``area_code``.
    """
    snapshot = Snapshot(register, as_of, lines=lines)
    return pd.DataFrame(
        {"income": income_to_line.compute(snapshot), "area_code": pd.array(snapshot.area_codes, dtype="str")}
    )


def references_of(parts: Iterable[pd.DataFrame], as_of: Any) -> pd.DataFrame:
    """Make references of the incomes of all parts of a register.

    Parameters
    ----------
    parts : iterable of DataFrame
        Of :func:`incomes_by_area`.
    as_of : date-like
        Their day.

    Returns
    -------
    DataFrame
        As of :func:`make_references`, whatever the order of the parts.

    Examples
    --------
    >>> some = pd.DataFrame({"income": [1.0, 3.0] * 20, "area_code": ["211251101001"] * 40})
    >>> references_of([some, some], "2023-12-31")[
    ...     ["area_prefix", "n_households", "median_income_to_line"]
    ... ].values.tolist()
    [['', 80, 2.0], ['211251', 80, 2.0], ['211251101', 80, 2.0]]
    """
    together = pd.concat(list(parts), ignore_index=True)
    income, codes = together["income"], together["area_code"]
    by_area = []
    for digits in AREA_DIGITS:
        usable = income.notna() & (codes.str.len() >= digits)
        grouped = income[usable].groupby(codes[usable].str[:digits])
        part = pd.DataFrame({"n_households": grouped.size(), "median_income_to_line": grouped.median()})
        by_area.append(part[part["n_households"] >= SMALLEST_AREA])
    result = pd.concat(by_area).rename_axis("area_prefix").reset_index().astype({"area_prefix": "str"})
    result.insert(0, "as_of", pd.Series([to_day(as_of)] * len(result), dtype="datetime64[s]"))
    return result
