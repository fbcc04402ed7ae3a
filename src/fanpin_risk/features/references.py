"""References: what an area was like on a day, computed once and carried with the model.

A value relative to an area must not depend on which rows are at hand: a household scored alone gets the score
it gets in its county's batch. So the medians are computed from a whole register once per day, in
multiples of the monitoring line (which absorbs the growth of incomes), and looked up afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.income import income_to_line
from fanpin_risk.records.places import UNIT_DIGITS

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = ["incomes_by_area", "make_references", "medians_of_areas"]

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
    snapshot = Snapshot(register, as_of, lines=lines)
    return medians_of_areas(*incomes_by_area(snapshot), snapshot.as_of)


def incomes_by_area(snapshot: Snapshot) -> tuple[Array, Array]:
    """Return of each household what references are made of: its income over the line, and its division code.

    Parameters
    ----------
    snapshot : Snapshot
        The day, of a register or of a part of one.

    Returns
    -------
    income : ndarray of shape (n_households,)
        Net income per person over the monitoring line.
    codes : ndarray of str, shape (n_households,)
    """
    return income_to_line.compute(snapshot), snapshot.area_codes


def medians_of_areas(incomes: Array, area_codes: Array, as_of: np.datetime64) -> pd.DataFrame:
    """Return the references of a day, see :func:`make_references`.

    Parameters
    ----------
    incomes, area_codes : ndarray of shape (n_households,)
        From :func:`incomes_by_area`, of all parts of the register, in any order.
    as_of : datetime64
        The day.

    Returns
    -------
    DataFrame
    """
    income, codes = pd.Series(incomes), pd.Series(area_codes, dtype="str")
    parts = []
    for digits in AREA_DIGITS:
        usable = income.notna() & (codes.str.len() >= digits)
        grouped = income[usable].groupby(codes[usable].str[:digits])
        part = pd.DataFrame({"n_households": grouped.size(), "median_income_to_line": grouped.median()})
        parts.append(part[part["n_households"] >= SMALLEST_AREA])
    result = pd.concat(parts).rename_axis("area_prefix").reset_index().astype({"area_prefix": "str"})
    result.insert(0, "as_of", pd.Series([as_of.astype("datetime64[s]")] * len(result), dtype="datetime64[s]"))
    return result
