"""Yes, no and unknown as numbers: 1, 0 and NaN, joined so that what is not known never counts as no."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.policy.rule import IS_SO, NOT_ASKED, NOT_KNOWN, NOT_SO, Deciding, Verdict

__all__ = [
    "all_members",
    "all_of",
    "any_member",
    "any_of",
    "at_least",
    "is_below",
    "known_where",
    "not_so",
    "of_rows",
    "verdict_of",
]


def all_of(*parts: Array) -> Array:
    """No where one is no, else unknown where one is unknown, else yes.

    Examples
    --------
    >>> all_of(np.array([1.0, 0.0, 1.0]), np.array([1.0, np.nan, np.nan])).tolist()
    [1.0, 0.0, nan]
    """
    stacked = np.stack(parts)
    result: Array = np.where((stacked == 0).any(axis=0), 0.0, np.where(np.isnan(stacked).any(axis=0), np.nan, 1.0))
    return result


def not_so(part: Array) -> Array:
    """Yes for no, no for yes, unknown for unknown."""
    return 1.0 - part


def any_of(*parts: Array) -> Array:
    """Yes where one is yes, else unknown where one is unknown, else no.

    Examples
    --------
    >>> any_of(np.array([1.0, 0.0, 0.0]), np.array([np.nan, np.nan, 0.0])).tolist()
    [1.0, nan, 0.0]
    """
    return not_so(all_of(*(not_so(part) for part in parts)))


def at_least(values: Array, bound: Array | float) -> Array:
    """Whether values reach a bound; unknown where either is."""
    return np.where(np.isnan(values) | np.isnan(bound), np.nan, (values >= bound).astype("float64"))


def is_below(values: Array, bound: Array | float) -> Array:
    """Whether values are is_below a bound; unknown where either is."""
    return not_so(at_least(values, bound))


def any_member(rows: KnownRows, holds: Array) -> Array:
    """Whether it holds of a row of each household: unknown where it holds of none and is unknown of one; no without rows.

    Parameters
    ----------
    rows : KnownRows
    holds : ndarray of shape (n_rows,)
        1, 0, NaN.

    Returns
    -------
    ndarray of shape (n_households,)
    """
    n = rows.on_day.n_households
    some = np.bincount(rows.household, holds == 1, minlength=n) > 0
    unsure = np.bincount(rows.household, np.isnan(holds), minlength=n) > 0
    result: Array = np.where(some, 1.0, np.where(unsure, np.nan, 0.0))
    return result


def all_members(rows: KnownRows, holds: Array) -> Array:
    """Whether it holds of every row of each household; unknown of a household without rows."""
    result = not_so(any_member(rows, not_so(holds)))
    present = np.bincount(rows.household, minlength=len(result)) > 0
    return np.where(present, result, np.nan)


def known_where(rows: KnownRows, mask: Array, *columns: str) -> Array:
    """Return 1 and 0 as the mask says, NaN where one of the columns that it rests on is not on record."""
    known = np.ones(len(rows), dtype=bool)
    for column in columns:
        known &= rows.known(column)
    result: Array = np.where(known, mask.astype("float64"), np.nan)
    return result


def of_rows(rows: KnownRows, holds: Array, *columns: str, asked: Array | None = None) -> Verdict:
    """Make the verdict of households from answers about rows: yes if any is yes, else unknown if any is, else no.

    Parameters
    ----------
    rows : KnownRows
    holds : ndarray of shape (n_rows,)
        1, 0, NaN.
    *columns : str
        Of the rows, which decided.
    asked : ndarray of bool, shape (n_rows,), optional
        Rows that the question is about. Default: all. A household without any is not asked.

    Returns
    -------
    Verdict
        It names the rows of which it holds, or, of an unknown answer, those of which it is not known; rows of the table
        members name the persons.
    """
    if asked is not None:
        rows, holds = rows.where(asked), holds[asked]
    answer = any_member(rows, holds)
    told = rows.where((holds == 1) | (np.isnan(holds) & np.isnan(answer)[rows.household]))
    present = np.bincount(rows.household, minlength=len(answer)) > 0
    persons = told if rows.declaration.name == "members" else None
    return verdict_of(answer, Deciding(told, columns), persons=persons, asked=present)


def verdict_of(
    holds: Array,
    *deciding: Deciding,
    asked: Array | None = None,
    persons: KnownRows | None = None,
    note: Array | None = None,
    figures: Mapping[str, Array] | None = None,
) -> Verdict:
    """Make a verdict of 1, 0 and NaN.

    Parameters
    ----------
    holds : ndarray of shape (n_households,)
    *deciding : Deciding
        Rows that decided.
    asked : ndarray of bool, shape (n_households,), optional
        Households that the question is about. Default: all.
    persons, note, figures
        As in :class:`Verdict`.

    Returns
    -------
    Verdict
    """
    answer = np.where(np.isnan(holds), NOT_KNOWN, np.where(holds == 1, IS_SO, NOT_SO)).astype(np.int8)
    if asked is not None:
        answer[~asked] = NOT_ASKED
    return Verdict(answer, deciding, persons=persons, note=note, figures=figures or {})
