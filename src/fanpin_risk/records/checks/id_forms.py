"""Ids that are written otherwise than those of a list, or lost a sign: which of the list are like them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

__all__ = ["FEWEST_SIGNS_OF_ID", "FORMS", "NearIds", "alike_in_form", "behind_a_code", "shape_of"]

FEWEST_SIGNS_OF_ID = 4  # of an id that is found again behind a code
EXACT_DIGITS = 15  # of a number in a workbook
SHORTEST_NEAR = 6  # signs of an id, below which one sign more or less tells nothing
FEWEST_LOST_DIGITS = 2  # zeros at the end that may stand for digits which a program has dropped
FEWEST_LEFT = 6  # digits before them


class NearIds:
    """Ids that stand in no list of households, and which ids of such a list are near to them.

    Examples
    --------
    >>> near = NearIds(["52232800108", "522328001200"])
    >>> sorted(near.to("522328001008")), sorted(near.to("522328001234")), sorted(near.to("522328009999"))
    (['52232800108'], ['522328001200'], [])
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids = {one for one in ids if len(one) >= SHORTEST_NEAR}
        self._shortened: dict[str, list[str]] = {}
        self._rounded: dict[tuple[int, str], str] = {}
        for one in self._ids:
            for key in (one, *_one_sign_less(one)):
                self._shortened.setdefault(key, []).append(one)
            kept = one.rstrip("0")
            if one.isdecimal() and len(kept) >= FEWEST_LEFT and len(one) - len(kept) >= FEWEST_LOST_DIGITS:
                self._rounded[len(one), kept] = one
        self._beginnings = {length for _, kept in self._rounded for length in (len(kept),)}

    def to(self, known: str) -> set[str]:
        """Return the ids to which the id of a household is near."""
        if not self._ids:
            return set()
        found = set(self._shortened.get(known, ()))
        for key in _one_sign_less(known):
            found.update(one for one in self._shortened.get(key, ()) if _one_step(one, known))
        if known.isdecimal():
            rounded = (self._rounded.get((len(known), known[:length])) for length in self._beginnings)
            found.update(one for one in rounded if one is not None)
        return found - {known}


def shape_of(one: str) -> str:
    """Return of which signs an id is made: digits, letters and what else stands at which place.

    Examples
    --------
    >>> shape_of("H-12"), shape_of("甲7")
    ('a-00', 'a0')
    """
    return "0" * len(one) if one.isdecimal() else re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", one))


def alike_in_form(mine: list[str], ids: set[str], form: Callable[[str], str]) -> dict[str, str]:
    """Return the ids that are the same in some form as just one of the register."""
    meant: dict[str, str | None] = {}
    for one in sorted(ids):
        key = form(one)
        meant[key] = None if key in meant else one
    return {one: other for one in mine if form(one) and (other := meant.get(form(one))) is not None}


def behind_a_code(mine: list[str], ids: set[str]) -> dict[str, str]:
    """Return the ids that are the end of just one of the register, or have one as their end."""
    found = {}
    lengths = {len(one) for one in mine if len(one) >= FEWEST_SIGNS_OF_ID}
    ends = {}
    for length in lengths:
        longer = {one for one in ids if len(one) > length}
        ends[length] = alike_in_form(mine, longer, operator.itemgetter(slice(-length, None)))
    for one in mine:
        shorter = [one[-length:] for length in range(FEWEST_SIGNS_OF_ID, len(one)) if one[-length:] in ids]
        other = ends.get(len(one), {}).get(one) or (shorter[-1] if shorter else None)
        if other is not None:
            found[one] = other
    return found


def _rounded(one: str) -> str:
    return one[:EXACT_DIGITS] if one.isdecimal() and len(one) > EXACT_DIGITS else ""


FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "zeros": lambda one: one.lstrip("0"),
        "signs": lambda one: re.sub(r"[\W_]+", "", one).casefold(),
        "rounded": _rounded,
    }
)


def _one_sign_less(one: str) -> Iterator[str]:
    """Give an id without one of its signs, which may be any."""
    return (one[:place] + one[place + 1 :] for place in range(len(one)))


def _one_step(one: str, other: str) -> bool:
    """Tell whether an id becomes another by one sign more, less or changed, or by two neighbours that change places."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
