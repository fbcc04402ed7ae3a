"""Which of two files is the newer one, by what their names say: a day, or that it is a correction."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.named_days import YEAR

__all__ = ["edition_in", "editions_of", "is_newer"]

CORRECTED = re.compile(
    r"更正|修正|订正|修订|更新|最新|终稿|终版|定稿|最终|corrected|revised|latest|final", re.IGNORECASE
)


def edition_in(source: str) -> int:
    """Return what the name of a file says of its age: twice the day it names, and one more for a correction.

    A year alone says what a file is about, not how old it is.

    Examples
    --------
    >>> edition_in("家庭收入20240105.csv") < edition_in("家庭收入20240320（更正）.csv"), edition_in("家庭收入2023.csv")
    (True, 0)
    """
    text = plain_signs(source)
    days = [
        np.datetime64(f"{year}-{int(month):02}", "D").astype("int64") + int(day or 1) - 1
        for year, month, day in (match.groups() for match in YEAR.finditer(text))
        if month is not None
    ]
    return 2 * int(max(days, default=0)) + bool(CORRECTED.search(text))


def editions_of(sources: np.ndarray) -> np.ndarray:
    """Return the edition of the file of each row, by their names.

    Examples
    --------
    >>> editions_of(np.array(["a.csv", "b（更正）.csv", "a.csv"], dtype=object))
    array([0, 1, 0])
    """
    codes, names = pd.factorize(sources)
    return np.array([edition_in(str(name)) for name in names], dtype="int64")[codes]


def is_newer(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Tell which editions are clearly newer than others: by their days where both have one, else by what they are called.

    Parameters
    ----------
    one, other : ndarray of int, shape (n,)
        From :func:`edition_in`.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> names = ["收入.csv", "收入（更正）.csv", "收入20240105.csv", "收入20240320.csv"]
    >>> is_newer(np.array([edition_in(name) for name in names]), np.array([edition_in(names[2])] * 4))
    array([False,  True, False,  True])
    """
    day, corrected = np.divmod(one, 2)
    other_day, other_corrected = np.divmod(other, 2)
    dated = (day > 0) & (other_day > 0) & (day != other_day)
    result: np.ndarray = np.where(dated, day > other_day, corrected > other_corrected)
    return result
