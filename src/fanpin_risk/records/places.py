"""Places: which digits of a division code name a county, a township or a village."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from fanpin_risk.errors import SchemaError

__all__ = ["CODE_DIGITS", "UNIT_DIGITS", "Unit", "unit_of"]

Unit = Literal["county", "township", "village"]

# Digits of the division code (GB/T 2260, GB/T 10114) that name a place.
CODE_DIGITS = {"province": 2, "prefecture": 4, "county": 6, "township": 9, "village": 12}
# Places that lists and pictures are made for.
UNIT_DIGITS: dict[str, int] = {"county": 6, "township": 9, "village": 12}


def unit_of(codes: pd.Series, unit: Unit, *, argument: str = "unit") -> pd.Series:
    """Return the county, township or village of each division code.

    Parameters
    ----------
    codes : Series of str, shape (n,)
        Division codes; missing ones are allowed.
    unit : {"county", "township", "village"}
    argument : str, default "unit"
        What the unit is called in an error.

    Returns
    -------
    Series of str, shape (n,)
        The code cut to the digits of the unit, the whole code where it is shorter, ``""`` where it is missing.

    Raises
    ------
    SchemaError
        If there is no such unit.

    Examples
    --------
    >>> unit_of(pd.Series(["211282101001", None]), "township").tolist()
    ['211282101', '']
    """
    if unit not in UNIT_DIGITS:
        raise SchemaError(
            "{argument} is {unit!r}; expected one of {units}", argument=argument, unit=unit, units=tuple(UNIT_DIGITS)
        )
    return codes.astype("str").str[: UNIT_DIGITS[unit]].fillna("")
