"""Texts that hold several codes, as they are read."""

from __future__ import annotations

from collections.abc import Mapping

from fanpin_risk.errors import SchemaError
from fanpin_risk.words import Message, listed

__all__ = ["codes_in_words"]

BETWEEN_CODES = ";"


def codes_in_words(column: str, codes: str, names: Mapping[str, Message]) -> Message:
    """Return the names of codes that stand in one text, joined by ``;``.

    Parameters
    ----------
    column : str
        Where the text stands, for the message.
    codes : str
    names : mapping of code to Message

    Returns
    -------
    Message

    Raises
    ------
    SchemaError
        If there is anything else among them.

    Examples
    --------
    >>> codes_in_words("signals", "a;b", {"a": Message("one"), "b": Message("two")}).shown("en")
    'one; two'
    """
    found = [code for code in codes.split(BETWEEN_CODES) if code]
    unknown = sum(code not in names for code in found)
    if unknown:
        raise SchemaError(
            "{column}: {count} value(s) are not codes; expected one of {codes}", column=column, count=unknown,
            codes=tuple(names),
        )  # fmt: skip
    return listed([names[code] for code in found], between="; ")
