"""The Chinese of every text: one catalogue, a file for each room of the package.

Texts stand in English where they are used. Their Chinese stands in ``locale/zh/LC_MESSAGES/<room>.po``; gettext reads
the ``.mo`` file made from it.
"""

from __future__ import annotations

import functools
import gettext
from pathlib import Path

__all__ = ["LOCALE", "chinese"]

LOCALE = Path(__file__).with_name("locale")


@functools.cache
def _catalogue() -> gettext.NullTranslations:
    found = gettext.NullTranslations()
    for file in sorted((LOCALE / "zh" / "LC_MESSAGES").glob("*.mo")):
        with file.open("rb") as opened:
            room = gettext.GNUTranslations(opened)
        room.add_fallback(found)
        found = room
    return found


def chinese(text: str, context: str | None = None) -> str:
    """Return the Chinese of a text, or the text itself where the catalogue has none.

    Parameters
    ----------
    text : str
        The English text.
    context : str, optional
        Which meaning of a text that has several: the ``msgctxt`` of its entry.

    Examples
    --------
    >>> chinese("Usage:"), chinese("nobody says this")
    ('用法：', 'nobody says this')
    """
    if not text:
        return ""
    return _catalogue().gettext(text) if context is None else _catalogue().pgettext(context, text)
