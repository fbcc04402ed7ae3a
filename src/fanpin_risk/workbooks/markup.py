"""Text with marks, XML and HTML: what it is by its beginning, its characters, and XML read without what can harm."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from fanpin_risk.workbooks.grid import NotReadError

__all__ = ["decoded", "first_element", "parse_xml"]

BEFORE_ELEMENTS = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*(?:\[.*?\]\s*)?>)", re.IGNORECASE | re.DOTALL)
ELEMENT = re.compile(r"\s*<([A-Za-z][\w.:-]*)")
CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
NAMED_WITHIN = 4096  # bytes in which the characters are named
CHINESE = frozenset(("gb2312", "gbk", "hz"))  # what calls itself so may hold all of GB18030


def decoded(content: bytes) -> str:
    """Return the text of a file: by its byte order mark, else UTF-8, else as it names its characters, else GB18030.

    UTF-8 comes first since other texts are hardly ever valid UTF-8, and what a page names is often wrong.

    Examples
    --------
    >>> decoded('<meta charset="gb2312">户'.encode("gbk"))[-1]
    '户'
    """
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    named = CHARSET.search(content[:NAMED_WITHIN])
    names = ["utf-8", "gb18030"]
    if named:
        try:
            name = codecs.lookup(named[1].decode("ascii")).name
        except LookupError:
            pass
        else:
            own = "gb18030" if name in CHINESE else name
            if not own.startswith(("utf-16", "utf-32")):  # what was named could be read: it is of one byte a sign
                names.insert(1, own)
    for name in names:
        try:
            return content.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode(names[1], "replace")


def first_element(text: str) -> str:
    """Return the name of the first element of a text with marks, in small letters; empty if it does not begin with one.

    Examples
    --------
    >>> first_element('<?xml version="1.0"?><!-- 户 --><Workbook xmlns="a">'), first_element("户编号,<a>")
    ('workbook', '')
    """
    place = 0
    while found := BEFORE_ELEMENTS.match(text, place):
        place = found.end()
    element = ELEMENT.match(text, place)
    return element[1].lower() if element else ""


def parse_xml(
    content: bytes | str | Any,
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Read XML from its beginning to its end; names are "namespace name".

    Nothing is fetched for it, and what declares entities, of which a few lines can make gigabytes, is not read.

    Parameters
    ----------
    content : bytes, str or binary file
    start, end, text : callable
        Called at the beginning of each element, at its end, and with the text between.

    Raises
    ------
    NotReadError
        If it declares entities.
    ValueError
        If it is no XML.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        if isinstance(content, (bytes, str)):
            parser.Parse(content, True)
        else:
            parser.ParseFile(content)
    except expat.ExpatError as error:
        raise ValueError("no XML") from error


def _refuse(*_: object) -> None:
    raise NotReadError("entities")
