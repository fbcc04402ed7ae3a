"""The language of the help and of errors of usage: Chinese where the user's language is Chinese, else English.

Texts stand in English where they are used. Their Chinese stands in ``words/locale/zh/LC_MESSAGES/cli.po``, one entry
for a paragraph, beside that of click's own texts, which click asks gettext for. gettext reads the .mo file made from it.
"""

from __future__ import annotations

import copy
import gettext
import inspect
import os
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from fanpin_risk.words import LANGUAGES, Language, chinese, language_named
from fanpin_risk.words.catalogue import LOCALE

__all__ = ["asked_for", "columns", "command_in", "command_in_chinese"]

AnyCommand = TypeVar("AnyCommand", bound=click.Command)

DOMAIN = "cli"


KEPT = "\b\n"  # click's mark of a paragraph whose lines stay as they are
OPENING, CLOSING, HAN = r"\[（“《", r"\]，。、；：！？）”》…", "\u3400-\u9fff"
# What no line ends within: a character or a word, with the marks before and after it.
UNBROKEN = re.compile(rf"[{OPENING}]*(?:[{HAN}]|[^\s{HAN}{OPENING}{CLOSING}]+)[{CLOSING}]*\s*|\S\s*")


def asked_for(arguments: Sequence[str]) -> Language | None:
    """Return the language that --lang asks for, if it asks for one that there is.

    Examples
    --------
    >>> asked_for(["score", "--lang", "zh"]), asked_for(["score", "--lang=en", "--help"]), asked_for(["score"])
    ('zh', 'en', None)
    """
    asked = re.findall(rf"(?:^|\0)--lang[=\0]({'|'.join(LANGUAGES)})(?=\0|$)", "\0".join(arguments))
    return language_named(asked[-1]) if asked else None


@contextmanager
def command_in(lang: Language, command: AnyCommand) -> Iterator[AnyCommand]:
    """Give a command whose texts are in a language, and let click say its own texts in it meanwhile."""
    if lang == "en":
        yield command
        return
    domain, wanted = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = "zh"
    try:
        yield command_in_chinese(command)
    finally:
        gettext.textdomain(domain)
        del os.environ["LANGUAGE"]
        if wanted is not None:
            os.environ["LANGUAGE"] = wanted


def command_in_chinese(command: AnyCommand, say: Callable[[str], str] = chinese) -> AnyCommand:
    """Return a copy of a command, of a group with all its commands, that has its texts from `say`."""
    shown = copy.copy(command)
    shown.context_class = WideContext
    shown.help = "\n\n".join(_paragraphs(command.help or "", say))
    shown.short_help = re.split("[。：]", shown.help, maxsplit=1)[0]
    shown.params = [_parameter(parameter, say) for parameter in command.params]
    shown.options_metavar = say(command.options_metavar or "")
    shown._help_option = None  # noqa: SLF001  click keeps it, with its text, from the first use on
    if isinstance(shown, click.Group):
        shown.subcommand_metavar = say(shown.subcommand_metavar)
        shown.commands = {name: command_in_chinese(one, say) for name, one in shown.commands.items()}
    return shown


def _paragraphs(text: str, say: Callable[[str], str]) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith(KEPT):
            yield KEPT + say(paragraph.removeprefix(KEPT))
        else:
            yield say(" ".join(paragraph.split()))


def _parameter(parameter: click.Parameter, say: Callable[[str], str]) -> click.Parameter:
    shown = copy.copy(parameter)
    if shown.metavar:
        shown.metavar = say(shown.metavar)
    if isinstance(shown, click.Option) and shown.help:
        shown.help = say(shown.help)
    if not isinstance(shown.type, (click.Choice, type(click.BOOL))):
        shown.type = copy.copy(shown.type)
        shown.type.name = say(shown.type.name)  # where there is no metavar, and in errors
    return shown


def columns(text: str) -> int:
    """Count the columns that a text takes on the screen: a Chinese character takes two.

    Examples
    --------
    >>> columns("csv 文件")
    8
    """
    return sum(2 if unicodedata.east_asian_width(character) in "FW" else 1 for character in text)


class WideFormatter(click.HelpFormatter):
    """Lays out Chinese, which takes two columns a character and has no blanks to end a line at."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage."""
        super().write_usage(prog, args, prefix or chinese("Usage:"))

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        self.write(f"{' ' * self.current_indent}{heading}：\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        indent = " " * self.current_indent
        self.write(textwrap.indent(_wrapped(text, self.width - self.current_indent), indent) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms with their texts in a second column."""
        rows = list(rows)
        first = min(max(columns(term) for term, _ in rows), col_max) + col_spacing
        margin = "\n" + " " * (self.current_indent + first)
        for term, text in rows:
            gap = " " * (first - columns(term)) if columns(term) <= first - col_spacing else margin
            lines = _wrapped(text, max(self.width - self.current_indent - first, 10)).splitlines()
            self.write(f"{' ' * self.current_indent}{term}{gap}{margin.join(lines)}".rstrip() + "\n")


class WideContext(click.Context):
    """A context that lays out Chinese."""

    formatter_class = WideFormatter


def _wrapped(text: str, width: int) -> str:
    """Fill the paragraphs of a text, but for those that stay as they are."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        part.removeprefix(KEPT) if part.startswith(KEPT) else _filled_lines(part, width) for part in paragraphs
    )


def _filled_lines(text: str, width: int) -> str:
    lines, line = [], ""
    for word in UNBROKEN.findall(text):
        if line and columns(line + word.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += word
    return "\n".join([*lines, line.rstrip()])
