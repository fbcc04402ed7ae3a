"""Places: which digits of a division code name a county, a township or a village, and places known by name alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from fanpin_risk.arguments import one_of
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.divisions import Place, contradicts, division_path, read_place
from fanpin_risk.words import Message

__all__ = [
    "CODE_DIGITS",
    "NO_CODE",
    "UNIT_DIGITS",
    "UNKNOWN_PLACE",
    "Unit",
    "area_names",
    "county_keys",
    "place_of",
    "unit_of",
    "units_of",
]

Unit = Literal["county", "township", "village"]

# Digits of the division code (GB/T 2260, GB/T 10114) that name a place.
CODE_DIGITS = {"province": 2, "prefecture": 4, "county": 6, "township": 9, "village": 12}
# Places that lists and pictures are made for.
UNIT_DIGITS: dict[str, int] = {"county": 6, "township": 9, "village": 12}
# What is shown where a code, or a place, is not known.
NO_CODE = Message("no area code")
UNKNOWN_PLACE = Message("place not known")
NAMED_COUNTY = "n"  # how the key of a county begins that has a name and no code


def unit_of(codes: pd.Series, unit: Unit, *, names: pd.Series | None = None, argument: str = "unit") -> pd.Series:
    """Return the county, township or village of each household, by its code or else by its name.

    Parameters
    ----------
    codes : Series of str, shape (n,)
        Division codes; missing ones are allowed.
    unit : {"county", "township", "village"}
    names : Series of str, shape (n,), optional
        Names of the places, with those of the places above: they stand in for codes that are missing or too short. A name
        that others here have with one code has that code.
    argument : str, default "unit"
        What the unit is called in an error.

    Returns
    -------
    Series of str, shape (n,)
        The code cut to the digits of the unit; without one the names down to the unit, one after the other, so that
        villages of one name in two townships stay two; where neither tells the unit, what is known of the place above;
        ``""`` where nothing is.

    Raises
    ------
    SchemaError
        If there is no such unit.

    Examples
    --------
    >>> unit_of(pd.Series(["211282101001", None]), "township").tolist()
    ['211282101', '']
    >>> codes = pd.Series(["211282101001", None, None], dtype="str")
    >>> names = pd.Series(["开原市甲镇沙河村", "开原市甲镇沙河村", "开原市乙镇沙河村"])
    >>> unit_of(codes, "village", names=names).tolist()
    ['211282101001', '211282101001', '辽宁省铁岭市开原市乙镇沙河村']
    """
    one_of(argument, unit, UNIT_DIGITS, SchemaError)
    if names is None or not names.notna().any():
        return codes.astype("str").str[: UNIT_DIGITS[unit]].fillna("")
    keys = pd.Series("", index=codes.index, dtype="str")
    for level, own in units_of(codes, names).items():
        keys = own.mask(own == "", keys)  # else what is known of the place above
        if level == unit:
            break
    return keys


def units_of(codes: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Return county, township and village of each household, by their codes or else by their names.

    Parameters
    ----------
    codes, names : Series of str, shape (n,)
        As for :func:`unit_of`.

    Returns
    -------
    DataFrame of shape (n, 3)
        ``county, township, village``: as from :func:`unit_of`, but ``""`` where neither code nor name tells that unit. A
        code of a province or prefecture stands for its county, if no name tells more.

    Examples
    --------
    >>> units_of(pd.Series(["211282101", "2112"]), pd.Series([None, "甲县乙镇丙村"])).to_numpy().tolist()
    [['211282', '211282101', ''], ['辽宁省铁岭市甲县', '辽宁省铁岭市甲县乙镇', '辽宁省铁岭市甲县乙镇丙村']]
    """
    number, pairs = _pairs(codes, names)
    written = [_without_zeros(code) for code, _ in pairs]
    places = [place_of(code, name) for code, (_, name) in zip(written, pairs, strict=True)]
    known = [code or ("" if place is None else place.code) for code, place in zip(written, places, strict=True)]
    units = {}
    for level, length in UNIT_DIGITS.items():
        own = [code[:length] if len(code) >= length else "" for code in known]
        paths = ["" if place is None else place.path(level) for place in places]
        found: dict[str, set[str]] = {}
        for path, code in zip(paths, own, strict=True):
            found.setdefault(path, set()).update([code] if path and code else [])
        codes_of = {path: next(iter(there)) for path, there in found.items() if len(there) == 1}
        keys = [code or codes_of.get(path) or path for code, path in zip(own, paths, strict=True)]
        if level == "county":
            keys = [key or code for key, code in zip(keys, known, strict=True)]
        units[level] = _of_rows(keys, number, codes.index)
    return pd.DataFrame(units)


def area_names(codes: pd.Series, names: pd.Series) -> pd.Series:
    """Return the name of each household's place, with those of the places above, down to its village and no further.

    Parameters
    ----------
    codes, names : Series of str, shape (n,)
        Division codes and names of places or addresses; missing ones are allowed.

    Returns
    -------
    Series of str, shape (n,)
        Missing where no name tells a place.

    Examples
    --------
    >>> area_names(pd.Series(["211282", None]), pd.Series(["甲镇沙河村3组5号", "3组5号"])).tolist()
    ['辽宁省铁岭市开原市甲镇沙河村', nan]
    """
    number, pairs = _pairs(codes, names)
    shown = []
    for code, name in pairs:
        place = place_of(_without_zeros(code), name)
        shown.append("".join(place.names) or None if place is not None and name else None)
    return _of_rows(shown, number, codes.index)


def county_keys(codes: pd.Series, names: pd.Series) -> pd.Series:
    """Return a short key for the county of each household: its code, else one made of its name; ``""`` for none.

    Examples
    --------
    >>> county_keys(pd.Series(["211282101001", None, None]), pd.Series([None, "甲县乙镇", None])).tolist()
    ['211282', 'nb2e82d3238', '']
    """
    digits = UNIT_DIGITS["county"]
    keys = codes.astype("str").str[:digits].fillna("")
    unknown = (keys.str.len() < digits).to_numpy()
    if not unknown.any():
        return keys
    number, pairs = _pairs(codes[unknown], names[unknown])
    found = []
    for code, name in pairs:
        place = place_of(code, name)
        known, path = (code, "") if place is None else (place.code, place.path("county"))
        named = NAMED_COUNTY + hashlib.sha256(path.encode()).hexdigest()[:10] if path else ""
        found.append(known[:digits] if len(known) >= digits else named)
    keys[unknown] = _of_rows(found, number, codes.index[unknown]).to_numpy()
    return keys


def place_of(code: str, name: str) -> Place | None:
    """Read the name of a household's place.

    What it leaves out of the places above is taken from the code, and all where both contradict.

    Examples
    --------
    >>> place_of("211282", "甲镇沙河村").path("village"), place_of("", "3组5号")
    ('辽宁省铁岭市开原市甲镇沙河村', None)
    """
    place = read_place(name, within=code) if name else None
    known = division_path(code)
    if place is None or contradicts(code, place.code):
        return Place((*known, "", ""), code[: UNIT_DIGITS["county"]]) if any(known) else None
    if not any(known):
        return place
    if not any(place.names[:3]):
        return Place((*known, *place.names[3:]), code[: UNIT_DIGITS["county"]])
    first = next(level for level, part in enumerate(place.names) if part)
    province, prefecture, county, township, village = (*known[:first], *place.names[first:])
    return Place((province, prefecture, county, township, village), place.code)


def _pairs(codes: pd.Series, names: pd.Series) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Return the number of each row's code and name, and the different ones; ``""`` stands for a missing one."""
    of_code, different_codes = pd.factorize(codes.astype("str"))  # -1 for a missing one: the last of the list
    of_name, different_names = pd.factorize(names.astype("str"))
    code_of, name_of = [*different_codes.tolist(), ""], [*different_names.tolist(), ""]
    n_names = len(name_of)
    number, both = pd.factorize((of_code % len(code_of)).astype("int64") * n_names + of_name % n_names)
    return number, [(code_of[pair // n_names], name_of[pair % n_names]) for pair in both.tolist()]


def _of_rows(texts: Sequence[str | None], number: np.ndarray, index: pd.Index) -> pd.Series:
    """Return the text of each row by its number."""
    return pd.Series(pd.array(texts, dtype="str").take(number), index=index)


def _without_zeros(code: str) -> str:
    """Return a code without the zeros that fill it up.

    Examples
    --------
    >>> _without_zeros("211282000000"), _without_zeros("210000"), _without_zeros("211282100000")
    ('211282', '21', '211282100')
    """
    for digits in reversed((0, *CODE_DIGITS.values())):
        if code[digits:].strip("0"):
            finer = [length for length in CODE_DIGITS.values() if length > digits]
            return code[: finer[0]] if finer else code
    return ""
