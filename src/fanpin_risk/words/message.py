"""A message is data, a text and the values in it, until it is shown in a language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fanpin_risk.words.catalogue import chinese
from fanpin_risk.words.language import LANGUAGES, Language, current_language

__all__ = ["Message", "in_both", "listed"]

# What stands between things: in English, and in Chinese.
BETWEEN = {", ": "、", "; ": "；", " ": ""}


class Message:
    """A text with places for values, as in ``str.format``, that can be shown in every language.

    Parameters
    ----------
    text : str or Message
        The English text, found in the catalogue with its Chinese. A message is taken as it is.
    zh : str, optional
        The Chinese text of a declaration that holds both, such as that of a feature. Default: that of the catalogue.
    context : str, optional
        Which meaning of a text that has several: the ``msgctxt`` of its entry in the catalogue.
    **values
        What stands in the places of the text. Messages among them, alone or in lists, are shown in the same language.

    Examples
    --------
    >>> message = Message("{count} of {total}", zh="{total}中的{count}", count=3, total=10)
    >>> str(message), message.shown("zh")
    ('3 of 10', '10中的3')
    """

    __slots__ = ("_context", "_zh", "template", "values")

    def __new__(cls, text: str | Message = "", /, *_: Any, **__: Any) -> Message:  # noqa: PYI034  itself or a list
        """Return a list of messages as it is: its text is only what stands between the things."""
        return text if isinstance(text, _Listed) else super().__new__(cls)

    def __init__(
        self, text: str | Message, /, zh: str | None = None, *, context: str | None = None, **values: Any
    ) -> None:
        self.template: str = text if isinstance(text, str) else text.template
        self._zh: str | None = zh if isinstance(text, str) else text._zh  # noqa: SLF001  its own class
        self._context: str | None = context if isinstance(text, str) else text._context  # noqa: SLF001  its own class
        self.values: dict[str, Any] = values if isinstance(text, str) else {**text.values, **values}

    def shown(self, lang: Language | None = None) -> str:
        """Return the text in a language; default: :func:`current_language`."""
        lang = lang or current_language()
        template = self.template
        if lang == "zh":
            template = chinese(template, self._context) if self._zh is None else self._zh
        if not self.values:
            return template
        return template.format_map({name: _shown(value, lang) for name, value in self.values.items()})

    def in_every_language(self) -> tuple[str, ...]:
        """Return the text in each language, as for a name that files of both carry."""
        return tuple(self.shown(lang) for lang in LANGUAGES)

    def __str__(self) -> str:
        return self.shown()

    def __repr__(self) -> str:
        return f"Message({self.template!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((self.template, self._zh))

    def __reduce__(self) -> tuple[Any, ...]:
        return _message, self._parts()

    def _parts(self) -> tuple[Any, ...]:
        return self.template, self._zh, self._context, self.values


class _Listed(Message):
    """Several things with what stands between them in the language."""

    __slots__ = ()

    def shown(self, lang: Language | None = None) -> str:
        lang = lang or current_language()
        between = BETWEEN[self.template] if lang == "zh" else self.template
        return between.join(str(_shown(item, lang)) for item in self.values["items"])

    def __reduce__(self) -> tuple[Any, ...]:
        return _listed, (self.values["items"], self.template)


def listed(items: Iterable[object], *, between: str = ", ") -> Message:
    """Return a message that lists things: messages, names, numbers.

    Parameters
    ----------
    items : iterable
        The things.
    between : {", ", "; ", " "}
        What stands between them in English; a blank is for whole sentences.

    Examples
    --------
    >>> listed(["csv", "xlsx"]).shown("zh"), listed(["csv", "xlsx"]).shown("en")
    ('csv、xlsx', 'csv, xlsx')
    """
    return _Listed(between, items=tuple(items))


def in_both(message: Message) -> str:
    """Return a message in Chinese and in English beside each other, for what is read by all at once.

    Examples
    --------
    >>> in_both(Message("no such file or folder"))
    '没有这个文件或文件夹 no such file or folder'
    """
    return " ".join(dict.fromkeys(message.in_every_language()))


def _listed(items: tuple[object, ...], between: str) -> Message:
    return _Listed(between, items=items)


def _message(text: str, zh: str | None, context: str | None, values: dict[str, Any]) -> Message:
    return Message(text, zh, context=context, **values)


def _shown(value: Any, lang: Language) -> Any:
    if isinstance(value, Message):
        return value.shown(lang)
    return listed(value).shown(lang) if isinstance(value, (list, tuple)) else value
