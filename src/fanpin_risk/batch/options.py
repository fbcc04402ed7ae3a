"""Checks of options, so that a slip of the pen is refused before any work is done."""

from __future__ import annotations

import re
from numbers import Integral
from typing import Any

from fanpin_risk.errors import InputError

__all__ = ["size_in_bytes", "size_text", "switch", "whole_number"]

UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
    "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40,
}  # fmt: skip
SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]?I?B)")


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return a whole number; True and False are none.

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
        If `value` is no whole number, or out of bounds.

    Examples
    --------
    >>> whole_number("reasons", 3, 0, 20)
    3
    """
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        bounds = f"of {least} or more" if most is None else f"from {least} to {most}"
        raise InputError("{name} is {value!r}; expected a whole number {bounds}", name=name, value=value, bounds=bounds)
    return int(value)


def switch(name: str, value: Any) -> bool:
    """Return True or False; anything else, such as the text "no", is refused.

    Raises
    ------
    InputError
        If `value` is neither.

    Examples
    --------
    >>> switch("overwrite", False)
    False
    """
    if not isinstance(value, bool):
        raise InputError("{name} is {value!r}; expected True or False", name=name, value=value)
    return value


def size_in_bytes(name: str, value: Any) -> int:
    """Return the bytes of a size such as 200GB.

    Raises
    ------
    InputError
        If `value` is no text of a number and a unit, or less than a byte.

    Examples
    --------
    >>> size_in_bytes("memory", "1.5 GB"), size_in_bytes("memory", "2GiB")
    (1500000000, 2147483648)
    """
    found = SIZE.fullmatch(value.strip().upper()) if isinstance(value, str) else None
    size = int(float(found[1]) * UNITS[found[2]]) if found else 0
    if size < 1:
        raise InputError("{name} is {value!r}; expected a size such as '500MB' or '2GB'", name=name, value=value)
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
