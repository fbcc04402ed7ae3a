"""Of which kind a file is by its content, whatever its name says."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path
from typing import Literal

from fanpin_risk.workbooks.compound import COMPOUND
from fanpin_risk.workbooks.markup import decoded, first_element
from fanpin_risk.workbooks.ods import CONTENT
from fanpin_risk.workbooks.xlsb import BOOK

__all__ = ["HEAD_BYTES", "ContentKind", "kind_of_content", "kind_of_workbook"]

ContentKind = Literal["zip", "compound", "parquet", "html", "mhtml", "xml", "fods", "other_xml", "binary", "text"]
HEAD_BYTES = 4096
HTML = frozenset(
    ("html", "head", "body", "table", "meta", "style", "title", "div", "center", "form", "tr", "p", "h1", "h2", "h3",
     "link", "script", "thead", "tbody", "font", "span", "b", "strong")
)  # fmt: skip
LATER_TABLE = re.compile(
    r"<table\b[^>]*>.*?<t(?:r|head|body)\b", re.IGNORECASE | re.DOTALL
)  # below a warning, a remark
# Signs that are in no text; with bytes of nothing, but for those of UTF-16 and UTF-32.
NO_TEXT = bytes(sorted(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b\0")))
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
OLD_XLS = (b"\x09\x00", b"\x09\x02", b"\x09\x04")  # Excel 2 to 4


def kind_of_content(head: bytes) -> ContentKind:
    """Tell of which kind a file is.

    Parameters
    ----------
    head : bytes
        Its first `HEAD_BYTES`.

    Returns
    -------
    str
        ``other_xml`` is XML of which nothing here knows how to read it, ``binary`` what is neither text nor known.

    Examples
    --------
    >>> kind_of_content(b"PK..."), kind_of_content(b" <table><tr>"), kind_of_content("户编号".encode())
    ('zip', 'html', 'text')
    """
    if head.startswith(b"PK"):
        return "zip"
    if head.startswith(COMPOUND):
        return "compound"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.removeprefix(codecs.BOM_UTF8).lstrip()[:13].lower() == b"mime-version:":
        return "mhtml"
    text = decoded(head)
    element = first_element(text)
    if element in HTML:
        return "html"
    if element.rpartition(":")[2] == "workbook":
        return "xml"
    if element == "office:document":
        return "fods"
    if text.lstrip().startswith("<!--") or LATER_TABLE.search(text):
        return "html"
    if text.lstrip().lower().startswith(("<?xml", "<!doctype")):
        return "html" if "<!doctype html" in text.lower() else "other_xml"
    if not head.startswith(WIDE_MARKS) and (head.startswith(OLD_XLS) or len(head.translate(None, NO_TEXT)) < len(head)):
        return "binary"
    return "text"


def kind_of_workbook(file: Path) -> str:
    """Tell of which kind a workbook is: those of :func:`kind_of_content`, with ``xlsx``, ``xlsb`` or ``ods`` for ``zip``.

    A zip archive that holds none of them is taken for ``xlsx``.
    """
    with file.open("rb") as stream:
        kind = kind_of_content(stream.read(HEAD_BYTES))
    if kind != "zip":
        return kind
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
    return "xlsb" if BOOK in names else "ods" if CONTENT in names else "xlsx"
