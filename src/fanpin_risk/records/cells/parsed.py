"""What comes out of parsing a column: typed values, and which cells could not be used and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.records.declarations import Column
from fanpin_risk.words import Message

__all__ = ["Fault", "Parsed", "column_dtype", "faults_of", "missing"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Cells of one column that could not be used, all for the same reason.

    Attributes
    ----------
    mask : ndarray of bool, shape (n,)
        Which cells.
    code : str
        Short name of the reason, e.g. ``"not_a_date"``.
    expected : Message
        What should have stood there; never what did.
    """

    mask: np.ndarray
    code: str
    expected: Message


@dataclass(frozen=True, slots=True)
class Parsed:
    """One column, parsed.

    Attributes
    ----------
    column : Series of shape (n,)
        Typed as :func:`column_dtype` says, RangeIndex; missing where missing or at fault.
    faults : tuple of Fault
        Only those with at least one cell.
    first, last : ndarray of datetime64[s], shape (n,), or None
        For dates: first and last day of what was written (a year, a month or one day).
    notes : tuple of Fault
        Cells that were read, but of which something is to be said.
    """

    column: pd.Series
    faults: tuple[Fault, ...] = ()
    first: np.ndarray | None = None
    last: np.ndarray | None = None
    notes: tuple[Fault, ...] = ()

    @property
    def bad(self) -> np.ndarray:
        """Which cells could not be used, shape (n,)."""
        bad = np.zeros(len(self.column), dtype=bool)
        for fault in self.faults:
            bad |= fault.mask
        return bad


def faults_of(codes: np.ndarray, n: int, *reasons: tuple[list[int], str, Message]) -> tuple[Fault, ...]:
    """Return the faults of a column from those of its distinct contents.

    Parameters
    ----------
    codes : ndarray of int, shape (n_cells,)
        Number of each cell's content, -1 for missing.
    n : int
        Number of contents.
    *reasons : (list of int, str, Message)
        Numbers of the contents at fault, short name of the reason, and what was expected.

    Returns
    -------
    tuple of Fault
        Only those with at least one cell.
    """
    faults = []
    for numbers, code, expected in reasons:
        if numbers:
            at_fault = np.zeros(n + 1, dtype=bool)  # the last answers for missing (code -1)
            at_fault[numbers] = True
            faults.append(Fault(at_fault[codes], code, expected))
    return tuple(fault for fault in faults if fault.mask.any())


def missing(column: Column, n: int) -> pd.Series:
    """Return `n` missing values of the column's type."""
    nothing = pd.NaT if column.type == "date" else None
    return pd.Series(nothing, index=pd.RangeIndex(n), dtype=column_dtype(column))


def column_dtype(column: Column) -> Any:
    """Return the pandas dtype in which a column is kept."""
    if column.type == "code":
        return pd.CategoricalDtype(list(column.codes))
    return {"int": "float64", "number": "float64", "date": "datetime64[s]", "bool": "boolean"}.get(column.type, "str")
