"""Cells that hold texts, ids and division codes."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from fanpin_risk.records.cells.cleaning import EXCEL_ERROR, MISSING, as_text, clean_text
from fanpin_risk.records.cells.contents import distinct, replaced, strings, with_care
from fanpin_risk.records.cells.parsed import Parsed, faults_of
from fanpin_risk.words import Message

__all__ = ["parse_areas", "parse_ids", "parse_texts"]

# Most cells, read without further ado: texts that no cleaning changes and that do not stand for "missing", and texts
# that are no long number, in which Excel could have damaged an id.
PLAIN_TEXT = r"^[0-9A-Za-z_-]{5,}$"
PLAIN_ID = r"^(?:[0-9A-Za-z_-]{5,15}|[0-9]{0,15}[A-Za-z_-][0-9A-Za-z_-]{14,})$"
EXCEL_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d{1,3}")  # 5.10322E+17: how Excel saves a long number as text
SHORTEST_DAMAGED = 16  # characters of a number that Excel rounds
BLANKS = re.compile(r"\s+")
SHORTEST_SPACED = 8  # characters of an id that is written in groups; what is shorter may be two words
FLOAT_TEXT = re.compile(r"-?\d+\.0")  # 412.0: an id that once was a floating-point number
# Eighteen digits built like a citizen id (birth date in the middle) and ending in 000: the rounded rest of a number.
ROUNDED_ID = re.compile(r"\d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d000")
AREA_LENGTHS = (2, 4, 6, 9, 12)  # province, city, county, township, village: GB/T 2260, GB/T 10114


def parse_texts(values: pd.Series) -> Parsed:
    """Parse cells that hold texts; they keep their width.

    Examples
    --------
    >>> parse_texts(pd.Series(["  第三组\u200b", "#REF!"])).column.tolist()
    ['第三组', nan]
    """
    codes, cells = distinct(values)
    texts: dict[int, str | None] = {}
    wrong = []
    for position, cell in with_care(cells, PLAIN_TEXT):
        text = clean_text(cell) if isinstance(cell, str) else as_text(cell)
        if EXCEL_ERROR.fullmatch(text):
            wrong.append(position)
        texts[position] = None if text.lower() in MISSING or EXCEL_ERROR.fullmatch(text) else text
    expected = Message("a text, not an Excel error")
    return Parsed(
        strings(replaced(cells, texts), codes), faults_of(codes, len(cells), (wrong, "excel_error", expected))
    )


def parse_ids(values: pd.Series) -> Parsed:
    """Parse cells that hold ids; those in which a spreadsheet may have lost digits are refused.

    Whole numbers of up to 15 digits are exact in a spreadsheet and are read as text, with a note: zeros at the front
    are lost where a cell is a number.

    Examples
    --------
    >>> parse_ids(pd.Series(["Ｈ００１２", "5.10322E+17", 412.0, "530328 101 0012"])).column.tolist()
    ['H0012', nan, '412', '5303281010012']
    """
    codes, cells = distinct(values)
    texts: dict[int, str | None] = {}
    numeric: list[int] = []
    whole: list[int] = []
    damaged, errors = [], []
    for position, cell in with_care(cells, PLAIN_ID):
        text = _ungrouped(as_text(cell))
        keep: str | None = text
        if text.lower() in MISSING:
            keep = None
        elif _is_plain_id(cell):
            pass
        elif not isinstance(cell, str) or FLOAT_TEXT.fullmatch(text):
            digits = text.removesuffix(".0")
            exact = digits.isdigit() and len(digits) < SHORTEST_DAMAGED
            (whole if exact else numeric).append(position)
            keep = digits if exact else None
        elif EXCEL_SCIENTIFIC.fullmatch(text) or (ROUNDED_ID.fullmatch(text) and not _check_digit_right(text)):
            damaged.append(position)
            keep = None
        elif EXCEL_ERROR.fullmatch(text):
            errors.append(position)
            keep = None
        elif len(text) in (18, 20, 22) and text[17] == "x" and text[:17].isdigit():
            keep = text[:17] + "X" + text[18:]
        texts[position] = keep
    faults = faults_of(
        codes,
        len(cells),
        (
            numeric,
            "numeric_id",
            Message(
                "an id stored as text: as a number it may have lost digits or leading zeros; export the column as text"
            ),
        ),
        (
            damaged,
            "damaged_id",
            Message("a whole id: Excel has rounded this one to 15 digits; export it again from the source as text"),
        ),
        (errors, "excel_error", Message("an id, not an Excel error")),
    )
    number = Message("a number, read as text; zeros at its front may be lost: export the column as text")
    notes = faults_of(codes, len(cells), (whole, "id_is_a_number", number))
    return Parsed(strings(replaced(cells, texts), codes), faults, notes=notes)


def _ungrouped(text: str) -> str:
    """Return an id that is written in groups, 530328 19710119 0818, without the blanks between them."""
    joined = BLANKS.sub("", text)
    whole = len(joined) >= SHORTEST_SPACED and joined.isascii() and joined.isalnum() and joined[-2].isdigit()
    return joined if whole else text


def _is_plain_id(cell: Any) -> bool:
    """Tell whether a cell is a short plain text: most ids, in which nothing can be damaged."""
    return isinstance(cell, str) and len(cell) < SHORTEST_DAMAGED and cell.isascii() and cell.isalnum()


def _check_digit_right(text: str) -> bool:
    """Tell whether the last of 18 digits is the check digit of GB 11643-1999 (2**17 ... 2 as weights, modulo 11)."""
    total = sum(int(digit) * pow(2, 17 - position, 11) for position, digit in enumerate(text[:17]))
    return (12 - total % 11) % 11 == int(text[17])


def parse_areas(values: pd.Series) -> Parsed:
    """Parse cells that hold division codes.

    Examples
    --------
    >>> parse_areas(pd.Series(["211225", "2112250"])).column.tolist()
    ['211225', nan]
    """
    codes, cells = distinct(values)
    texts: dict[int, str | None] = {}
    wrong = []
    for position, cell in with_care(cells):
        text = as_text(cell)
        good = text.isascii() and text.isdigit() and len(text) in AREA_LENGTHS
        if not good and text.lower() not in MISSING:
            wrong.append(position)
        texts[position] = text if good else None
    expected = Message("a division code of 2, 4, 6, 9 or 12 digits (GB/T 2260)")
    faults = faults_of(codes, len(cells), (wrong, "not_an_area", expected))
    return Parsed(strings(replaced(cells, texts), codes), faults)
