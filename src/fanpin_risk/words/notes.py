"""Notes: codes with numbers, as they stand in tables and cards, and the sentences that they are shown as.

A note is a code, followed by its numbers behind colons (``few_villages:10``); several are joined by ``"; "``.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping

from fanpin_risk.words.message import Message, listed

__all__ = ["join_notes", "note", "note_message"]

JOIN_NOTES = "; "


def note(code: str, *values: float) -> str:
    """Return a note as it stands in a table.

    Examples
    --------
    >>> note("few_villages", 10), note("not_defined")
    ('few_villages:10', 'not_defined')
    """
    return ":".join([code, *(str(value) for value in values)])


def join_notes(notes: Iterable[str]) -> str:
    """Return several notes as one, without those that are empty."""
    return JOIN_NOTES.join(filter(None, notes))


def note_message(notes: str, sentences: Mapping[str, Message]) -> Message:
    """Return what notes say.

    Parameters
    ----------
    notes : str
        From :func:`note` or :func:`join_notes`. What is no known code, such as a sentence of an older card, is shown as
        it is.
    sentences : mapping of str to Message
        Code -> sentence, with a place for each number, in order.

    Examples
    --------
    >>> sentences = {"few": Message("fewer than {count}")}
    >>> note_message("few:10; as it was written", sentences).shown("en")
    'fewer than 10; as it was written'
    """
    parts = notes.split(JOIN_NOTES) if notes else []
    return listed((_sentence(part, sentences) for part in parts), between=JOIN_NOTES)


def _sentence(part: str, sentences: Mapping[str, Message]) -> Message | str:
    code, *values = part.split(":")
    if code not in sentences:
        return part
    places = [name for _, name, _, _ in string.Formatter().parse(sentences[code].template) if name]
    if len(places) != len(values):
        return part
    return Message(sentences[code], **dict(zip(places, values, strict=True)))
