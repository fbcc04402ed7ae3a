"""Where the header of a sheet stands: below titles and notes, in one row or in two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.headers import AFTER_ELIMINATION, header_key, is_known
from fanpin_risk.records.sheets import SheetHead

__all__ = ["HEADER_ROWS", "NOT_DECODED", "USUAL", "Header", "HeaderSearch", "find_header", "keepable", "squeezed"]

HEADER_ROWS = 15  # the header stands within the first rows
FEWEST_KNOWN = 2  # known headers; with fewer a row is not taken for the header, unless a columns file speaks of one
NOT_DECODED = re.compile("[\ud800-\udfff\ufffd]")
MONEY_NOTE = re.compile(r"单位[::]?(?:人民币)?(万元|千元|百元)")
MONEY_FACTORS = {"百元": 100.0, "千元": 1e3, "万元": 1e4}


LONGEST_GUESSED = 40  # characters of a header that is guessed; what is longer is a note
MOST_OF_WIDTH = 0.6  # of the widest row that a guessed header fills


@dataclass(frozen=True, slots=True)
class HeaderSearch:
    """What is taken for the header of a sheet, besides declared headers.

    Attributes
    ----------
    given : frozenset of str
        Keys of headers that a columns file speaks of.
    guess : bool
        Whether the row that looks most like a header is taken where hardly a header is known.
    """

    given: frozenset[str] = frozenset()
    guess: bool = False

    def knows(self, cell: str) -> bool:
        """Tell whether a text is a header."""
        return is_known(cell) or (bool(self.given) and header_key(cell) in self.given)


USUAL = HeaderSearch()


@dataclass(slots=True)
class Header:
    """Where the header stands.

    Attributes
    ----------
    cells : list of str
        Its cells, of two levels joined; empty if there is no header.
    end : int
        Rows up to its end.
    known : int
        How many of its cells are known headers.
    texts : frozenset of str
        Texts in it and above it, without blanks.
    money : float
        Factor for amounts whose header names no unit.
    guessed : bool
        Whether hardly a header is known.
    """

    cells: list[str]
    end: int
    known: int
    texts: frozenset[str] = frozenset()
    money: float = 1.0
    guessed: bool = False

    def head(self, *, file: str, source: str, **more: Any) -> SheetHead:
        """Return what a sheet with this header says before its rows."""
        return SheetHead(
            file=file,
            source=source,
            headers=self.cells,
            texts=self.texts,
            money=self.money,
            guessed=self.guessed,
            **more,
        )


def find_header(rows: Sequence[Sequence[Any]], search: HeaderSearch = USUAL) -> Header:
    """Find the header among the first rows of a sheet.

    Parameters
    ----------
    rows : sequence of sequences
        The cells of the first rows; what is not a text is never part of a header.
    search : HeaderSearch
        What is taken for a header, besides declared ones.

    Returns
    -------
    Header
        Without cells if there is none.

    Examples
    --------
    >>> header = find_header([["农户信息", ""], ["户编号", "年度"], ["h1", "2023"]])
    >>> header.cells, header.end
    (['户编号', '年度'], 2)
    """
    texts = [[keepable(cell).strip() if isinstance(cell, str) else "" for cell in row] for row in rows]
    known = [sum(bool(cell) and search.knows(cell) for cell in row) for row in texts]
    given = bool(search.given) and any(header_key(cell) in search.given for row in texts for cell in row if cell)
    if not known or max(known) < (1 if given else FEWEST_KNOWN):
        return _guessed(texts, known) if search.guess else Header([], 0, 0)
    top = known.index(max(known))
    best = Header(texts[top], top + 1, known[top])
    for upper in (top - 1, top):  # two levels: groups above, single headers below
        if upper < 0 or upper + 1 >= len(texts):
            continue
        lower = texts[upper + 1]
        own = [cell for cell in lower if cell]
        if any(cell is not None and not isinstance(cell, str) for cell in rows[upper + 1]):
            continue  # numbers and days stand in rows, not in headers: 工资性收入 beside them is an item
        if not own or sum(search.knows(cell) for cell in own) * 2 < len(own):
            continue
        joined = _join_levels(texts[upper], lower, search)
        n_joined = sum(bool(cell) and search.knows(cell) for cell in joined)
        adds = any(search.knows(above) and not below for above, below in zip(texts[upper], lower, strict=False))
        if n_joined > best.known or (adds and n_joined == best.known):
            best = Header(joined, upper + 2, n_joined)
    above = [cell for row in texts[: best.end] for cell in row if cell]
    best.texts = frozenset(squeezed(cell) for cell in above)
    for cell in above:
        found = MONEY_NOTE.search(squeezed(cell))
        if found and not is_known(cell):
            best.money = MONEY_FACTORS[found[1]]
    return best


def _guessed(texts: Sequence[Sequence[str]], known: Sequence[int]) -> Header:
    """Return the first row that is filled with short, differing texts as the header; none without one."""
    widest = max((sum(map(bool, row)) for row in texts), default=0)
    for number, row in enumerate(texts[:-1]):
        filled = [cell for cell in row if cell]
        names = len(filled) == len(set(filled)) and all(
            len(cell) <= LONGEST_GUESSED and not re.fullmatch(r"[\d.,%/年月日-]+", cell) for cell in filled
        )
        if names and len(filled) >= max(FEWEST_KNOWN, MOST_OF_WIDTH * widest):
            above = frozenset(squeezed(cell) for line in texts[: number + 1] for cell in line if cell)
            return Header(list(row), number + 1, known[number], above, guessed=True)
    return Header([], 0, 0)


def _join_levels(upper: Sequence[str], lower: Sequence[str], search: HeaderSearch) -> list[str]:
    """Take per column whichever level is a known header, the lower first."""
    joined, group = [], ""
    for position, below in enumerate(lower):
        above = upper[position] if position < len(upper) else ""
        group = above or (group if below else "")
        if below and AFTER_ELIMINATION not in group and search.knows(below):
            joined.append(below)
        elif not below or (above and search.knows(above)):
            joined.append(above)
        else:
            joined.append(group + below)
    return joined


def squeezed(text: str) -> str:
    """Return a text in half-width form without any blanks.

    Examples
    --------
    >>> squeezed("合　计（户）")
    '合计(户)'
    """
    return re.sub(r"\s+", "", plain_signs(text))


def keepable(cell: str) -> str:
    r"""Return a text that can be kept: without NUL, with a mark for what did not decode.

    Examples
    --------
    >>> keepable("h1\0\udcff") == "h1\ufffd"
    True
    """
    return NOT_DECODED.sub("\ufffd", cell.replace("\0", ""))
