"""A message is data, a text and the values in it, until it is shown in a language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fanpin_risk.words.catalogue import chinese
from fanpin_risk.words.language import Language, current_language

__all__ = ["Message", "listed"]


class Message:
    """A text with places for values, as in ``str.format``, that can be shown in every language.

    Parameters
    ----------
    text : str or Message
        The English text, found in the catalogue with its Chinese. A message is taken as it is.
    zh : str, optional
        The Chinese text, for what is declared in both languages in one place. Default: that of the catalogue.
    **values
        What stands in the places of the text. Messages among them, alone or in lists, are shown in the same language.

    Examples
    --------
    >>> message = Message("{count} of {total}", zh="{total}中的{count}", count=3, total=10)
    >>> str(message), message.shown("zh")
    ('3 of 10', '10中的3')
    """

    __slots__ = ("_zh", "template", "values")

    def __init__(self, text: str | Message, /, zh: str | None = None, **values: Any) -> None:
        self.template: str = text if isinstance(text, str) else text.template
        self._zh: str | None = zh if isinstance(text, str) else text._zh  # noqa: SLF001  its own class
        self.values: dict[str, Any] = values if isinstance(text, str) else {**text.values, **values}

    def shown(self, lang: Language | None = None) -> str:
        """Return the text in a language; default: :func:`current_language`."""
        lang = lang or current_language()
        template = self.template
        if lang == "zh":
            template = chinese(template) if self._zh is None else self._zh
        if not self.values:
            return template
        return template.format_map({name: _shown(value, lang) for name, value in self.values.items()})

    def __str__(self) -> str:
        return self.shown()

    def __repr__(self) -> str:
        return f"Message({self.template!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((self.template, self._zh))

    def __reduce__(self) -> tuple[Any, ...]:
        return _message, (self.template, self._zh, self.values)

    def _parts(self) -> tuple[Any, ...]:
        return self.template, self._zh, self.values


class _Listed(Message):
    """Several things with the comma of the language between them."""

    __slots__ = ()

    def shown(self, lang: Language | None = None) -> str:
        lang = lang or current_language()
        return ("、" if lang == "zh" else ", ").join(str(_shown(item, lang)) for item in self.values["items"])

    def __reduce__(self) -> tuple[Any, ...]:
        return listed, (self.values["items"],)


def listed(items: Iterable[object]) -> Message:
    """Return a message that lists things: messages, names, numbers.

    Examples
    --------
    >>> listed(["csv", "xlsx"]).shown("zh"), listed(["csv", "xlsx"]).shown("en")
    ('csv、xlsx', 'csv, xlsx')
    """
    return _Listed("", items=tuple(items))


def _message(text: str, zh: str | None, values: dict[str, Any]) -> Message:
    return Message(text, zh, **values)


def _shown(value: Any, lang: Language) -> Any:
    if isinstance(value, Message):
        return value.shown(lang)
    return listed(value).shown(lang) if isinstance(value, (list, tuple)) else value
