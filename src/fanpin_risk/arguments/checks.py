"""Checks of what a caller gave, so that a slip of the pen is refused before any work is done."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

from fanpin_risk.errors import FanpinError, InputError
from fanpin_risk.words import Message, listed

__all__ = [
    "a_path",
    "names",
    "number_of_workers",
    "of_type",
    "one_of",
    "size_in_bytes",
    "size_text",
    "switch",
    "texts",
    "type_of",
    "whole_number",
]

SIZE_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
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


def type_of(value: Any) -> str:
    """Name the type of a value for a message; the value itself may be that of a person.

    Examples
    --------
    >>> type_of([1]), type_of(None)
    ('list', 'None')
    """
    return "None" if value is None else type(value).__name__


def of_type(name: str, value: Any, types: type | tuple[type, ...], expected: Message) -> Any:
    """Return a value of one of some types.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    value : object
    types : type or tuple of type
    expected : Message
        What the message says was expected.

    Returns
    -------
    object
        `value`.

    Raises
    ------
    InputError
        If `value` is of another type.

    Examples
    --------
    >>> of_type("register", [1], dict, Message("a register"))
    Traceback (most recent call last):
    ...
    fanpin_risk.errors.InputError: register is of the type list; expected a register
    """
    if not isinstance(value, types):
        raise InputError(
            "{argument} is of the type {type}; expected {expected}",
            argument=name,
            type=type_of(value),
            expected=expected,
        )
    return value


def a_path(name: str, value: Any) -> Path:
    """Return the path of a file or folder.

    Raises
    ------
    InputError
        If `value` is not a text or a path, or is empty.

    Examples
    --------
    >>> a_path("out", "scores").name
    'scores'
    """
    of_type(name, value, (str, os.PathLike), Message("the path of a file or folder, as a text or a Path"))
    if isinstance(value, str) and not value.strip():
        raise InputError("{argument} is empty; expected the path of a file or folder", argument=name)
    return Path(value)


def texts(name: str, value: Any) -> list[str]:
    """Return the texts of a list, such as ids of households; one may be given alone.

    Raises
    ------
    InputError
        If `value` is not a list of texts.

    Examples
    --------
    >>> texts("households", "H1"), texts("households", ("H1", "H2"))
    (['H1'], ['H1', 'H2'])
    """
    given = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    if isinstance(value, Mapping) or not all(isinstance(one, str) for one in given):
        raise InputError("{argument} is not a list of texts; expected ids such as 'H1'", argument=name)
    return given


def number_of_workers(value: Any, *, name: str = "workers") -> int | None:
    """Return a number of processes: one or more, -1 for one for each processor, None where joblib decides.

    Raises
    ------
    InputError
        If `value` is something else.

    Examples
    --------
    >>> number_of_workers(-1), number_of_workers(None)
    (-1, None)
    """
    if value is None or (_is_whole(value) and (value == -1 or value >= 1)):
        return None if value is None else int(value)
    raise InputError(
        "{option} is {value!r}; expected a whole number of 1 or more, or -1 for one process per processor",
        option=name,
        value=value,
    )


def one_of(name: str, value: Any, allowed: Collection[str], error: type[FanpinError] = InputError) -> Any:
    """Return one of the words that an option may be.

    Parameters
    ----------
    name : str
        Of the option, for the message.
    value : object
    allowed : collection of str
    error : type, default InputError
        Raised otherwise.

    Returns
    -------
    str

    Raises
    ------
    FanpinError
        `error`, if `value` is not among them.

    Examples
    --------
    >>> one_of("format", "csv", ("csv", "parquet"))
    'csv'
    """
    if not isinstance(value, str):
        value = type_of(value)
    elif value in allowed:
        return value
    raise error("{option} is {value!r}; expected one of {allowed}", option=name, value=value, allowed=listed(allowed))


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
    size = int(float(found[1]) * SIZE_UNITS[found[2]]) if found else 0
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
    unit = next((unit for unit in ("TB", "GB", "MB") if n_bytes >= SIZE_UNITS[unit]), "KB")
    return f"{n_bytes / SIZE_UNITS[unit]:,.1f} {unit}"
