"""The language of a run: decided once, by the user's choice, the environment or the system."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

__all__ = [
    "LANGUAGES",
    "LANG_VARIABLE",
    "Language",
    "current_language",
    "in_language",
    "language_named",
    "language_of_run",
]

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
LANG_VARIABLE = "FANPIN_RISK_LANG"

_language_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


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
    return _language_chosen.get() or language_named(os.environ.get(LANG_VARIABLE) or _system_language())


@contextmanager
def in_language(lang: Language) -> Iterator[None]:
    """Show texts in a language for as long as the block runs, in this thread only."""
    token = _language_chosen.set(lang)
    try:
        yield
    finally:
        _language_chosen.reset(token)


@contextmanager
def language_of_run(asked: Language | None = None) -> Iterator[Language]:
    """Decide once in which language a whole run speaks: this process, its threads and the processes that it starts.

    Parameters
    ----------
    asked : {"zh", "en"}, optional
        What the user asked for. Default: :func:`current_language`.

    Yields
    ------
    str
        The language. While the block runs, the environment variable ``FANPIN_RISK_LANG`` says so, unless it was set
        before and nothing else is asked for.

    Examples
    --------
    >>> with language_of_run("zh") as lang:
    ...     lang, current_language(), os.environ[LANG_VARIABLE]
    ('zh', 'zh', 'zh')
    """
    before = os.environ.get(LANG_VARIABLE)
    lang = asked or current_language()
    if asked or not before:
        os.environ[LANG_VARIABLE] = lang
    try:
        with in_language(lang):
            yield lang
    finally:
        os.environ.pop(LANG_VARIABLE, None)
        if before is not None:
            os.environ[LANG_VARIABLE] = before


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
