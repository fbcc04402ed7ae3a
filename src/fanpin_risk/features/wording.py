"""Sentences whose parts depend on what is on record: what is said of nothing, and what is left out.

``says something of {x}|says that there is none``
    The second sentence is said where the feature is 0 (for a flag: no).
``as always[, and {y}]``
    The part in brackets is left out where a column that it quotes is missing.
``as always[, and {y}|, but nothing of y]``
    Where its first column is 0, the part after the bar is said instead; it may be empty.
``[[``, ``]]``
    A bracket that is a bracket, as doubled braces are.

A feature with conditions (``when=("income_to_line < 0", "income_year missing")``) has a sentence for each, and one for
where none holds: that of the first condition that holds is said.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import SchemaError

__all__ = ["Part", "conditions_of", "parts_of", "patterns_of", "quoted_in", "variants"]


DOUBLED = ("[[", "]]")
CONDITION = re.compile(r"([a-z_][a-z0-9_]*) (?:(<|<=|=|>=|>) (-?[0-9.]+)|(missing))")
RELATIONS: dict[str, Callable[[Array, float], NDArray[np.bool_]]] = {
    "<": np.less,
    "<=": np.less_equal,
    "=": np.equal,
    ">=": np.greater_equal,
    ">": np.greater,
    "missing": lambda values, _: np.isnan(values),
}


@dataclass(frozen=True)
class Part:
    """A piece of a sentence: plain text, or a piece that stands or falls with the columns that it quotes.

    Attributes
    ----------
    text : str
        What it says.
    optional : bool
        Whether it is left out where a column that it quotes is missing.
    of_nothing : str, optional
        What it says where its first column is 0; None: the same.
    """

    text: str
    optional: bool = False
    of_nothing: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that it quotes, the one that decides first."""
        return quoted_in(self.text)


def quoted_in(text: str) -> tuple[str, ...]:
    """Names of the columns that a text quotes, each once, in order."""
    return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(text) if name))


@cache
def parts_of(sentence: str) -> tuple[tuple[Part, ...], ...]:
    """Take a sentence apart.

    Parameters
    ----------
    sentence : str
        As declared.

    Returns
    -------
    tuple of tuple of Part
        Its sentences, split by bars; each a row of parts.

    Raises
    ------
    SchemaError
        If a bracket is not closed, not opened, within another, or decides nothing.

    Examples
    --------
    >>> [part.text for part in parts_of("lost {x}[, paid {y}]")[0]]
    ['lost {x}', ', paid {y}']
    """
    sentences: list[list[Part]] = [[]]
    text, inside = "", False
    for letter in [*re.findall(r"\[\[|\]\]|[\s\S]", sentence), "\0"]:
        if letter in DOUBLED:
            text += letter[0]
        elif (letter == "[" and inside) or (letter == "]" and not inside) or (letter == "\0" and inside):
            raise SchemaError("sentence {sentence!r}: brackets do not match", sentence=sentence)
        elif (letter in "[|" and not inside) or letter == "\0":
            sentences[-1].append(Part(text))
            text, inside = "", letter == "["
            if letter == "|":
                sentences.append([])
        elif letter == "]":
            said, bar, nothing = text.partition("|")
            sentences[-1].append(Part(said, optional=True, of_nothing=nothing if bar else None))
            if not sentences[-1][-1].names or "|" in nothing:
                raise SchemaError(
                    "sentence {sentence!r}: a part in brackets quotes a column, and has one bar at most",
                    sentence=sentence,
                )
            text, inside = "", False
        else:
            text += letter
    return tuple(tuple(part for part in row if part.text or part.optional) for row in sentences)


@cache
def conditions_of(when: tuple[str, ...]) -> tuple[tuple[str, str, float], ...]:
    """Read conditions that choose a sentence: column, relation and number of each.

    Parameters
    ----------
    when : tuple of str
        As declared.

    Returns
    -------
    tuple of (str, str, float)

    Raises
    ------
    SchemaError
        If one is no condition.

    Examples
    --------
    >>> conditions_of(("income_to_line < 0", "income_year missing"))
    (('income_to_line', '<', 0.0), ('income_year', 'missing', 0.0))
    """
    found = []
    for text in when:
        one = CONDITION.fullmatch(text)
        if one is None:
            raise SchemaError(
                "when: {condition!r} is no condition; expected one such as {examples}",
                condition=text,
                examples=("income_to_line < 0", "income_year missing"),
            )
        found.append((one[1], one[2] or one[4], float(one[3] or 0.0)))
    return tuple(found)


def _choices(part: Part, data: Mapping[str, Array], n: int) -> NDArray[np.int64]:
    """For each row: 0 where a part is left out, 1 where it is said, 2 where its text for nothing is said."""
    if not part.optional:
        return np.ones(n, dtype=np.int64)
    nothing = (data[part.names[0]] == 0) & (part.of_nothing is not None)
    known = np.ones(n, dtype=bool)
    for name in part.names:
        known &= ~np.isnan(data[name])
    known_of_nothing = np.ones(n, dtype=bool)
    for name in quoted_in(part.of_nothing or ""):
        known_of_nothing &= ~np.isnan(data[name])
    return np.where(nothing, 2 * known_of_nothing, known.astype(np.int64))


def variants(sentence: str, name: str, data: Mapping[str, Array], when: tuple[str, ...] = ()) -> list[str]:
    """Choose for each row what a sentence says, with places for the values of columns.

    Parameters
    ----------
    sentence : str
        As declared.
    name : str
        The feature that it describes.
    data : mapping of str to ndarray of shape (n_rows,)
        Values of that feature and of every column that the sentence quotes or a condition names.
    when : tuple of str, optional
        Conditions that choose the sentence.

    Returns
    -------
    list of str, length n_rows

    Examples
    --------
    >>> import numpy as np
    >>> variants(
    ...     "lost {x}[, paid {y}|, nothing paid]|no loss", "x", {"x": np.array([5.0, 5, 0]), "y": np.array([1.0, 0, 2])}
    ... )
    ['lost {x}, paid {y}', 'lost {x}, nothing paid', 'no loss']
    """
    n = len(data[name])
    sentences = parts_of(sentence)
    chosen = np.full(n, "", dtype=object)
    said_of = ((data[name] == 0) & (len(sentences) == 2)).astype("int64")
    if when:
        said_of = np.full(n, len(when))
        for number, (column, relation, limit) in reversed(list(enumerate(conditions_of(when)))):
            said_of[RELATIONS[relation](data[column], limit)] = number
    for number, row in enumerate(sentences):
        here = np.flatnonzero(said_of == number)
        if not len(here):
            continue
        picked = {
            column: data[column][here] for part in row for column in (*part.names, *quoted_in(part.of_nothing or ""))
        }
        choices = np.array([_choices(part, picked, len(here)) for part in row])
        different, which = np.unique(choices, axis=1, return_inverse=True)
        texts = [
            "".join(("", part.text, part.of_nothing or "")[choice] for part, choice in zip(row, column, strict=True))
            for column in different.T
        ]
        chosen[here] = np.array(texts, dtype=object)[which.reshape(-1)]
    said: list[str] = chosen.tolist()
    return said


def patterns_of(sentence: str) -> list[str]:
    """List everything that a sentence can say, with places for the values of columns."""
    result: list[str] = []
    for row in parts_of(sentence):
        texts = [""]
        for part in row:
            ways = [part.text]
            if part.optional:
                ways += [""] + ([part.of_nothing] if part.of_nothing else [])
            texts = [text + way for text in texts for way in ways]
        result += texts
    return list(dict.fromkeys(result))
