"""Plain documents of headings, paragraphs, lists and tables, as Markdown or as one page of HTML.

Every text is taken to be text: whatever it holds is shown, never run or followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal
from unicodedata import category

from fanpin_risk.words import Language, Message

__all__ = ["Document", "one_line"]

# What Markdown would take for its own; underscores inside of a name are not.
MARKDOWN = re.compile(r"([\\`*\[\]<>|#~!&]|(?<![^\W_])_|_(?![^\W_]))")
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, marks of direction, halves of characters, ends of lines
STYLE = """
body { font: 15px/1.6 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; color: #1a1a1a;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 1px solid #bbb; }
.table { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; margin: .8rem 0; }
th, td { border: 1px solid #ccc; padding: .2rem .6rem; text-align: left; vertical-align: top; }
th { background: #f2f2f2; }
.important { border-left: 4px solid #b00020; background: #fdf3f4; padding: .4rem .8rem; }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt; } h2 { break-after: avoid; }
  tr, li { break-inside: avoid; } thead { display: table-header-group; } .table { overflow: visible; } }
"""
SCOPE = ' scope="col"'  # said of a header to those who hear a table

Text = str | Message
Kind = Literal["title", "heading", "text", "important", "list", "table"]


@dataclass
class Document:
    r"""Blocks of text in order.

    Parameters
    ----------
    lang : {"zh", "en"}
        Language in which messages are shown; other texts are taken as they are.

    Examples
    --------
    >>> document = Document("en")
    >>> document.title("A <b>model</b>")
    >>> document.table(["measure", "value"], [["AUC", "0.7"]])
    >>> print(document.markdown())
    # A \<b\>model\</b\>
    <BLANKLINE>
    | measure | value |
    |---|---|
    | AUC | 0.7 |
    <BLANKLINE>
    """

    lang: Language
    blocks: list[tuple[Kind, Any]] = field(default_factory=list)

    def title(self, text: Text) -> None:
        """Add the title."""
        self.blocks.append(("title", self._line(text)))

    def heading(self, text: Text) -> None:
        """Add a heading."""
        self.blocks.append(("heading", self._line(text)))

    def text(self, text: Text) -> None:
        """Add a paragraph."""
        self.blocks.append(("text", self._line(text)))

    def important(self, text: Text) -> None:
        """Add a paragraph that nobody should pass over."""
        self.blocks.append(("important", self._line(text)))

    def list(self, items: Iterable[Text]) -> None:
        """Add a list; nothing if it is empty."""
        lines = [self._line(item) for item in items]
        if lines:
            self.blocks.append(("list", lines))

    def table(self, headers: Sequence[Text], rows: Iterable[Sequence[Text]]) -> None:
        """Add a table; nothing if it has no rows."""
        lines = [[self._line(cell) for cell in row] for row in rows]
        if lines:
            self.blocks.append(("table", ([self._line(header) for header in headers], lines)))

    def _line(self, text: Text) -> str:
        """Return a text, a message in the language of the document, on one line."""
        return one_line(text.shown(self.lang) if isinstance(text, Message) else text)

    def markdown(self) -> str:
        """Return the document as Markdown."""

        def row(cells: Sequence[str]) -> str:
            return "| " + " | ".join(_markdown(cell) for cell in cells) + " |"

        write: dict[Kind, Callable[[Any], str]] = {
            "title": lambda text: f"# {_markdown(text)}",
            "heading": lambda text: f"## {_markdown(text)}",
            "text": _start,
            "important": lambda text: f"**{_markdown(text)}**",
            "list": lambda items: "\n".join(f"- {_start(item)}" for item in items),
            "table": lambda table: "\n".join([row(table[0]), "|---" * len(table[0]) + "|", *map(row, table[1])]),
        }
        return "\n\n".join(write[kind](content) for kind, content in self.blocks) + "\n"

    def fragment(self, *, level: int = 1) -> str:
        """Return the blocks as HTML for a page that has its own head; the title is a heading of this level (1 to 5)."""

        def row(cells: Sequence[str], tag: str, scope: str = "") -> str:
            return "<tr>" + "".join(f"<{tag}{scope}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        write: dict[Kind, Callable[[Any], str]] = {
            "title": lambda text: f"<h{level}>{escape(text)}</h{level}>",
            "heading": lambda text: f"<h{level + 1}>{escape(text)}</h{level + 1}>",
            "text": lambda text: f"<p>{escape(text)}</p>",
            "important": lambda text: f'<p class="important">{escape(text)}</p>',
            "list": lambda items: "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>",
            "table": lambda table: (
                f'<div class="table"><table><thead>{row(table[0], "th", SCOPE)}</thead><tbody>'
                + "\n".join(row(cells, "td") for cells in table[1])
                + "</tbody></table></div>"
            ),
        }
        return "\n".join(write[kind](content) for kind, content in self.blocks)

    def html(self) -> str:
        """Return the document as a page that needs nothing else, runs nothing and asks nothing of any computer."""
        title = next((content for kind, content in self.blocks if kind == "title"), "")
        lang = "zh-CN" if self.lang == "zh" else "en"
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return (
            f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
            f"<style>{STYLE}</style></head>\n<body>\n{self.fragment()}\n</body></html>\n"
        )


def one_line(text: object) -> str:
    r"""Return a text on one line, without characters that nobody sees or that turn the order of others.

    Rare characters of names, also those of private use, stay.

    Examples
    --------
    >>> one_line("a\u202eb\nc"), one_line("\ue000村")
    ('a b c', '\ue000村')
    """
    return " ".join("".join(" " if category(c) in UNSEEN else c for c in str(text)).split())


def _markdown(text: str) -> str:
    return MARKDOWN.sub(r"\\\1", text)


def _start(text: str) -> str:
    """Escape a text at the start of a line, where a number or a sign would begin a list."""
    return re.sub(r"^(\d+)([.)])|^([-+=])", lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", _markdown(text))
