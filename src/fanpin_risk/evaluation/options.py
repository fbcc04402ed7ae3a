"""Checks of options that several functions take."""

from __future__ import annotations

from typing import Any

import numpy as np

from fanpin_risk.arguments import one_of
from fanpin_risk.errors import SchemaError
from fanpin_risk.words import LANGUAGES

__all__ = ["check_fewest", "check_intervals", "check_lang", "check_level", "check_whole"]


def check_whole(name: str, value: Any, least: int) -> int:
    """Return a whole number of `least` or more; True and False, which Python counts as 1 and 0, are refused."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or value < least:
        raise SchemaError(
            "{name} is {value!r}; expected a whole number, {least} or more", name=name, value=value, least=least
        )
    return int(value)


def check_level(level: float) -> None:
    """Refuse a level of intervals that is not a share."""
    if not 0 < level < 1:
        raise SchemaError("level is {level!r}; expected a share between 0 and 1, such as 0.95", level=level)


def check_fewest(fewest: tuple[int, int]) -> None:
    """Refuse limits of small cells that are not two numbers of 0 or more."""
    if len(fewest) != 2 or any(isinstance(number, (bool, np.bool_)) or number < 0 for number in fewest):
        raise SchemaError("fewest is {fewest!r}; expected two numbers: households, events", fewest=fewest)


def check_intervals(level: float, n_bootstrap: int, fewest: tuple[int, int]) -> None:
    """Refuse options of intervals and small cells that are not as described."""
    check_level(level)
    check_whole("n_bootstrap", n_bootstrap, 0)
    check_fewest(fewest)


def check_lang(lang: str) -> None:
    """Refuse a language that nothing is written in."""
    one_of("lang", lang, LANGUAGES, SchemaError)
