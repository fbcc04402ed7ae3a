"""Checks of options, so that a slip of the pen is refused before any work is done."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from numbers import Integral
from typing import Any

from fanpin_risk.errors import InputError
from fanpin_risk.words import listed

__all__ = ["names", "number_of_workers", "one_of", "size_in_bytes", "size_text", "switch", "whole_number"]

UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
    "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40,
}  # fmt: skip
SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]?I?B)")


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return a whole number; True and False do not count as one.

    Parameters
    ----------
    name : str
        Of the option, for the message.
    value : object
    least, most : int
        Both allowed.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If `value` is not a whole number, or out of bounds.

    Examples
    --------
    >>> whole_number("reasons", 3, 0, 20)
    3
    """
    if _is_whole(value) and value >= least and (most is None or value <= most):
        return int(value)
    if most is None:
        raise InputError(
            "{option} is {value!r}; expected a whole number of {least} or more", option=name, value=value, least=least
        )
    raise InputError(
        "{option} is {value!r}; expected a whole number from {least} to {most}",
        option=name,
        value=value,
        least=least,
        most=most,
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def number_of_workers(value: Any) -> int | None:
    """Return a number of processes: one or more, -1 for one for each processor, None where joblib decides.

    Raises
    ------
    InputError
        If `value` is none of these.

    Examples
    --------
    >>> number_of_workers(-1), number_of_workers(None)
    (-1, None)
    """
    if value is None or (_is_whole(value) and (value == -1 or value >= 1)):
        return None if value is None else int(value)
    raise InputError(
        "{option} is {value!r}; expected a whole number of 1 or more, or -1 for one process per processor",
        option="workers",
        value=value,
    )


def one_of(name: str, value: Any, allowed: Collection[str]) -> Any:
    """Return one of the words that an option may be.

    Raises
    ------
    InputError
        If `value` is not among them.

    Examples
    --------
    >>> one_of("format", "csv", ("csv", "parquet"))
    'csv'
    """
    if value not in allowed:
        raise InputError(
            "{option} is {value!r}; expected one of {allowed}", option=name, value=value, allowed=listed(allowed)
        )
    return value


def names(name: str, value: Any) -> set[str]:
    """Return the names in a list; one may be given alone.

    Raises
    ------
    InputError
        If `value` is not a list of texts, or an empty one.

    Examples
    --------
    >>> names("partitions", "211225")
    {'211225'}
    """
    given = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    if not given or not all(isinstance(one, str) for one in given):
        raise InputError("{option} is not a list of names; expected texts such as '211225' or '211225-03'", option=name)
    return set(given)


def switch(name: str, value: Any) -> bool:
    """Return True or False; anything else, such as the text "no", is refused.

    Raises
    ------
    InputError
        If `value` is neither of them.

    Examples
    --------
    >>> switch("overwrite", False)
    False
    """
    if not isinstance(value, bool):
        raise InputError("{option} is {value!r}; expected True or False", option=name, value=value)
    return value


def size_in_bytes(name: str, value: Any) -> int:
    """Return the bytes of a size such as 200GB.

    Raises
    ------
    InputError
        If `value` is not a text of a number and a unit, or less than a byte.

    Examples
    --------
    >>> size_in_bytes("memory", "1.5 GB"), size_in_bytes("memory", "2GiB")
    (1500000000, 2147483648)
    """
    found = SIZE.fullmatch(value.strip().upper()) if isinstance(value, str) else None
    size = int(float(found[1]) * UNITS[found[2]]) if found else 0
    if size < 1:
        raise InputError("{option} is {value!r}; expected a size such as '500MB' or '2GB'", option=name, value=value)
    return size


def size_text(n_bytes: float) -> str:
    """Return a number of bytes in the unit that suits it.

    Examples
    --------
    >>> size_text(2_400_000_000), size_text(17_300_000), size_text(900)
    ('2.4 GB', '17.3 MB', '0.9 KB')
    """
    unit = next((unit for unit in ("TB", "GB", "MB") if n_bytes >= UNITS[unit]), "KB")
    return f"{n_bytes / UNITS[unit]:,.1f} {unit}"
