"""The language of a run: decided once, by the user's choice, the environment or the system."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

__all__ = ["LANGUAGES", "LANG_VARIABLE", "Language", "current_language", "in_language", "language_named"]

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
LANG_VARIABLE = "FANPIN_RISK_LANG"

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


def current_language() -> Language:
    """Return the language in which texts are shown now.

    That of the innermost :func:`in_language`, else of the environment variable ``FANPIN_RISK_LANG``, else of the
    system; English where none of them is Chinese.

    Examples
    --------
    >>> with in_language("zh"):
    ...     current_language()
    'zh'
    """
    return _chosen.get() or language_named(os.environ.get(LANG_VARIABLE) or _system_language())


@contextmanager
def in_language(lang: Language) -> Iterator[None]:
    """Show texts in a language for as long as the block runs, in this thread only."""
    token = _chosen.set(lang)
    try:
        yield
    finally:
        _chosen.reset(token)


def language_named(name: str) -> Language:
    """Return the language that a name of a locale stands for.

    Examples
    --------
    >>> language_named("zh_CN.UTF-8"), language_named("Chinese (Simplified)_China.936"), language_named("de_DE")
    ('zh', 'zh', 'en')
    """
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def _system_language() -> str:
    """Name the user's language as gettext finds it, else as the system does (Windows, macOS)."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value
    import locale

    try:
        return locale.getlocale()[0] or ""
    except ValueError:  # a name that Python does not know
        return ""
