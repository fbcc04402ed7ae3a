"""Keys by which what comes back finds its household: short, typed by hand, each with a check.

A household's key is made of the list's id and the household's: ``T7KM-9Q4F-28BX-5``. The first four characters are of the
list, the next eight of list and household, the last checks the others. It tells nothing of the household to whom the list
is not known. Each row of a sheet has a key of its own below it, with a check of what is printed in the row, so that rows
may be shuffled, and a printed cell that was changed is found.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import normalize

import pandas as pd

from fanpin_risk.errors import SchemaError

__all__ = [
    "MONITORED_LINE",
    "KeysOfList",
    "RowKey",
    "day_of_list_id",
    "household_key",
    "key_check_fits",
    "key_is_of_list",
    "list_id_of",
    "printed_check",
    "read_row_key",
    "row_key",
]

# Digits and letters that are not taken for one another (Crockford's base 32); what is typed for them is understood.
KEY_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TYPED = str.maketrans("OIL", "011")
LIST_SIGNS, HOUSEHOLD_SIGNS, CHECK_SIGNS = 4, 8, 4
HOUSEHOLD_KEY = re.compile(rf"([{KEY_SIGNS}]{{4}})-([{KEY_SIGNS}]{{4}})-([{KEY_SIGNS}]{{4}})-([{KEY_SIGNS}])")
ROW_KEY = re.compile(rf"({HOUSEHOLD_KEY.pattern})/([A-Z]\d{{1,2}})/([{KEY_SIGNS}]{{{CHECK_SIGNS}}})")
# What is surely meant as a key of a row, whatever is wrong with it.
MEANT_AS_KEY = re.compile(r"[0-9A-Z]{3,5}-[0-9A-Z]{3,5}-[0-9A-Z]{3,5}-[0-9A-Z]{1,2}/.*")
ANY_BLANKS = re.compile(r"\s+")
LIST_ID_SIGNS = 8
# Ids that are made of a list's day and households: eight signs of which one at least is in no hexadecimal number.
MADE_OF_HOUSEHOLDS = re.compile(rf"(?:\d{{8}}-)?(?=.*[A-Z])[{KEY_SIGNS}]{{8}}")
# Ids that begin with the day of the list: those, and those of plans of visits.
DATED_LIST_ID = re.compile(rf"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])-(?:[0-9a-f]{{8}}|[{KEY_SIGNS}]{{8}})")
MONITORED_LINE = "M3"  # the row that says of which type a household is, where that is monitored: P3 of others


@dataclass(frozen=True)
class RowKey:
    """A key of a row, taken apart."""

    household: str  # the key of its household
    line: str  # which row of the block
    check: str  # of what is printed in the row

    @property
    def whole(self) -> str:
        """The key as it was issued."""
        return f"{self.household}/{self.line}/{self.check}"


class KeysOfList:
    """The keys of a list's households, by which the households of sheets are found.

    Parameters
    ----------
    households : iterable of str
    list_id : str
        Of the list.
    only : bool
        Whether the list itself names its id: then sheets that name another one are of another list.
    day : str, optional
        Of the list, ``YYYY-MM-DD``, as far as it says it.
    """

    def __init__(self, households: Iterable[str], list_id: str, *, only: bool, day: str = "") -> None:
        self._households, self._list_id, self._only = tuple(households), list_id, only
        self.day = day
        self._made_of = _hashed_signs("list", sorted(self._households), length=LIST_ID_SIGNS)
        self._keys: dict[str, dict[str, str]] = {}

    def household_of(self, key: str, named: Iterable[str], *, day: str = "") -> tuple[str, str]:
        """Return the household of a key and the id of its list; both ``""`` where the list has none of that key.

        Parameters
        ----------
        key : str
        named : iterable of str
            What may be the id of the list, by the sheet.
        day : str, optional
            Of the sheet, ``YYYY-MM-DD``: sheets are not made before their list.
        """
        for list_id in dict.fromkeys((self._list_id, *(() if self._only else named))):
            if not key_is_of_list(key, list_id) or not self._may_be(list_id, day):
                continue
            if list_id not in self._keys:
                self._keys[list_id] = {household_key(list_id, one): one for one in self._households}
            if key in self._keys[list_id]:
                return self._keys[list_id][key], list_id
        return "", ""

    def tells(self, list_id: str) -> bool:
        """Tell whether a sheet of a list's id is surely of this list: by its id, or by an id made of its households."""
        return list_id == self._list_id or (not self._only and list_id.rpartition("-")[2] == self._made_of)

    def _may_be(self, list_id: str, day: str) -> bool:
        if self.tells(list_id):
            return not (day and self.day) or day >= self.day or list_id == self._list_id
        # An id that was made of a list's households and is not made of these is another list's.
        return not MADE_OF_HOUSEHOLDS.fullmatch(list_id) and (not (day and self.day) or day >= self.day)


def key_is_of_list(key: str, list_id: str) -> bool:
    """Tell whether the key of a household is of a list, by its first signs.

    Examples
    --------
    >>> key_is_of_list("YBEH-ZZRQ-SAT9-3", "2024-12"), key_is_of_list("YBEH-ZZRQ-SAT9-3", "2025-01")
    (True, False)
    """
    return _hashed_signs("list id", [list_id], length=LIST_SIGNS) == key[:LIST_SIGNS]


def day_of_list_id(list_id: str) -> str:
    """Return the day with which the program's ids of lists begin, ``YYYY-MM-DD``; ``""`` of others.

    Examples
    --------
    >>> day_of_list_id("20241231-cf750593"), day_of_list_id("2024-12")
    ('2024-12-31', '')
    """
    found = DATED_LIST_ID.fullmatch(list_id)
    return "" if found is None else f"{found[1]}-{found[2]}-{found[3]}"


def list_id_of(listed: pd.DataFrame) -> str:
    """Return the id of a list: that of its column ``list_id``, else one made of its households and day.

    Parameters
    ----------
    listed : DataFrame
        With ``household_id``.

    Returns
    -------
    str

    Raises
    ------
    SchemaError
        If its rows are of several lists.

    Examples
    --------
    >>> list_id_of(pd.DataFrame({"household_id": ["H2", "H1"]})) == list_id_of(
    ...     pd.DataFrame({"household_id": ["H1", "H2"]})
    ... )
    True
    """
    if "list_id" in listed.columns and len(listed):
        found = listed["list_id"].dropna().astype("str").unique().tolist()
        if len(found) != 1 or listed["list_id"].isna().any():
            raise SchemaError("the list has rows of {count} lists; give one at a time", count=max(2, len(found)))
        return found[0]
    day = listed["as_of"].iloc[0] if "as_of" in listed.columns and len(listed) else None
    begins = "" if day is None or pd.isna(day) else f"{pd.Timestamp(day):%Y%m%d}-"
    return begins + _hashed_signs("list", sorted(listed["household_id"].astype("str")), length=LIST_ID_SIGNS)


def household_key(list_id: str, household_id: str) -> str:
    """Return the key of a household on a list.

    Examples
    --------
    >>> household_key("2024-12", "H000000412")
    'YBEH-ZZRQ-SAT9-3'
    """
    signs = _hashed_signs("list id", [list_id], length=LIST_SIGNS)
    signs += _hashed_signs("household", [list_id, household_id], length=HOUSEHOLD_SIGNS)
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}-{_hashed_signs('key', [signs], length=1)}"


def key_check_fits(key: str) -> bool:
    """Tell whether the last sign of a household's key fits the others, as it does not where one was mistyped.

    Examples
    --------
    >>> key_check_fits("YBEH-ZZRQ-SAT9-3"), key_check_fits("YBEH-ZZRQ-STA9-3")
    (True, False)
    """
    found = HOUSEHOLD_KEY.fullmatch(key)
    return found is not None and _hashed_signs("key", ["".join(found.groups()[:3])], length=1) == found[4]


def printed_check(texts: Iterable[str]) -> str:
    """Return the check of what is printed in a row: of its texts without blanks and widths, which programs change on saving.

    Examples
    --------
    >>> printed_check(["核实 结果", ""]) == printed_check(["核实结果"])
    True
    """
    return _hashed_signs(
        "row", [text for one in texts if (text := ANY_BLANKS.sub("", normalize("NFKC", one)))], length=CHECK_SIGNS
    )


def row_key(household: str, line: str, printed: Iterable[str]) -> str:
    """Return the key of a row: the household's, which row of its block it is, and the check of what is printed in it."""
    return f"{household}/{line}/{printed_check(printed)}"


def read_row_key(text: str) -> RowKey | str | None:
    """Take a key of a row apart.

    Returns
    -------
    RowKey, str or None
        The text as it was understood where it is meant as a key and is none; None where it is anything else.

    Examples
    --------
    >>> read_row_key(row_key("YBEH-ZZRQ-SAT9-3", "A1", ["核实结果"])).line
    'A1'
    >>> read_row_key("YBEH-ZZRQ-STA9-3/A1/0000"), read_row_key("核实结果")
    ('YBEH-ZZRQ-STA9-3/A1/0000', None)
    """
    plain = ANY_BLANKS.sub("", text).upper()
    if not MEANT_AS_KEY.fullmatch(plain):
        return None
    household, _, rest = plain.partition("/")
    line, _, check = rest.partition("/")
    found = ROW_KEY.fullmatch(f"{household.translate(TYPED)}/{line}/{check.translate(TYPED)}")
    if found is None or not key_check_fits(found[1]):
        return plain
    return RowKey(found[1], found[6], found[7])


def _hashed_signs(purpose: str, parts: Iterable[str], *, length: int) -> str:
    """Return signs made of SHA-256 of texts, of which none runs into the next."""
    digest = hashlib.sha256("\x1f".join((purpose, *parts)).encode("utf-8", "replace")).digest()
    number = int.from_bytes(digest, "big")
    return "".join(KEY_SIGNS[(number >> 5 * place) & 31] for place in range(length))
