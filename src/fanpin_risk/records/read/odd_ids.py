"""Ids that are unlike the others of their sheet: a count of households or the name of a village, not an id."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.cleaning import EXCEL_ERROR, MISSING, clean_text
from fanpin_risk.records.cells.contents import as_dictionary

__all__ = ["long_numbers", "odd_ids"]

LONG = 10  # digits of an id, at least, where ids are long
SHORT = 6  # digits of one that is unlike them, at most
FEWEST_LONG = 3
MOST_ARE_LONG = 0.5  # of the cells that are filled
FEW_DIGITS = rf"^(?:[^0-9]*[0-9]){{0,{SHORT}}}[^0-9]*$"
EXPONENT = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")  # of an id that Excel spoilt: refused with another advice


def long_numbers(rows: Sequence[Sequence[Any]], width: int) -> frozenset[int]:
    """Return the columns that hold long numbers, as ids of a county are, by the first rows below a header.

    Parameters
    ----------
    rows : sequence of sequences
    width : int
        Number of columns.

    Examples
    --------
    >>> long_numbers([["522328000000001", "3"], ["522328000000002", "5"], ["522328000000003", "2"]], 2)
    frozenset({0})
    """
    found = []
    for position in range(width):
        cells = [row[position] for row in rows if position < len(row) and row[position] not in ("", None)]
        n_long = sum(_n_digits(cell) >= LONG for cell in cells)
        if n_long >= max(FEWEST_LONG, MOST_ARE_LONG * len(cells)):
            found.append(position)
    return frozenset(found)


def odd_ids(ids: pd.Series) -> np.ndarray:
    """Return which ids of a column in which they are long numbers are something else.

    Parameters
    ----------
    ids : Series
        Missing ones, and what Excel spoilt, are not among them.

    Examples
    --------
    >>> odd_ids(pd.Series(["522328000000001", "坡脚村", 1500.0, "", None], dtype=object)).tolist()
    [False, True, True, False, False]
    """
    import pyarrow.compute as pc

    array = as_dictionary(ids)
    contents: Collection[tuple[int, Any]]
    if array is None:
        codes, texts = pd.factorize(ids)
        contents = list(enumerate(texts))
    else:
        codes, texts = array.indices.fill_null(-1).to_numpy(), array.dictionary
        few = np.flatnonzero(pc.match_substring_regex(texts, FEW_DIGITS).to_numpy(zero_copy_only=False))
        contents = list(zip(few.tolist(), texts.take(few).to_pylist(), strict=True))
    odd = np.zeros(len(texts) + 1, dtype=bool)  # the last answers for missing (code -1)
    for number, cell in contents:
        odd[number] = _n_digits(cell) <= SHORT and _is_id(cell)
    return odd[np.asarray(codes)]


def _n_digits(cell: Any) -> int:
    """Return how many digits an id has."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return len(str(int(abs(cell)))) if np.isfinite(cell) else 0
    return sum(sign.isdigit() for sign in cell) if isinstance(cell, str) else 0


def _is_id(cell: Any) -> bool:
    """Tell whether a cell is read as an id at all."""
    if not isinstance(cell, str):
        return isinstance(cell, (int, float)) and bool(np.isfinite(cell))
    text = clean_text(cell)
    return text.lower() not in MISSING and not EXCEL_ERROR.fullmatch(text) and not EXPONENT.fullmatch(text)
