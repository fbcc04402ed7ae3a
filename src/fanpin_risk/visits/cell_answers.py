"""One cell of a field: what it answers, or why it is no answer."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.cells.dates import date_parts
from fanpin_risk.visits.answers import Question

__all__ = ["NOTHING", "Answer", "read_answer"]

NOTHING = None  # an empty field
BETWEEN_CHOICES = re.compile(r"[;；,，、\n]+")
AMOUNT = re.compile(r"(?:约)?(\d+(?:\.\d+)?)(?:元|块|yuan|CNY)?", re.IGNORECASE)
LARGEST = 100_000_000.0
LONGEST_TEXT = 60
CHOICES_NAMED = 12


@dataclass(frozen=True)
class Answer:
    """What a cell says.

    Attributes
    ----------
    value : object
        A code, a tuple of codes, a Timestamp, a float or a text; NOTHING where the field is empty or at fault.
    trouble : str
        A code of :data:`fanpin_risk.visits.troubles.TROUBLES`, ``""`` for none.
    values : mapping
        What its message needs besides.
    """

    value: Any
    trouble: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def read_answer(question: Question, cell: Any) -> Answer:
    """Read a cell.

    Parameters
    ----------
    question : Question
    cell : object
        As the reader of workbooks gives it.

    Returns
    -------
    Answer

    Examples
    --------
    >>> from fanpin_risk.visits.answers import QUESTIONS
    >>> read_answer(QUESTIONS["verdict"], " 属实 ").value, read_answer(QUESTIONS["verdict"], "对").trouble
    ('true', 'not_one_of')
    """
    text = as_text(cell).strip()
    if not text:
        return Answer(NOTHING)
    if question.kind == "choice":
        return _choice(question, text)
    if question.kind == "day":
        return _day(cell)
    if question.kind == "amount":
        return _amount(text)
    return Answer(text) if len(text) <= LONGEST_TEXT else Answer(NOTHING, "not_one_of", {"expected": LONGEST_TEXT})


def _choice(question: Question, text: str) -> Answer:
    codes = {as_text(name): code for code, label in question.choices.items() for name in label.in_every_language()}
    codes |= {code: code for code in question.choices}
    expected = [*question.choices.values()][:CHOICES_NAMED]
    if text in codes:
        return Answer((codes[text],) if question.several else codes[text])
    parts = [part.strip() for part in BETWEEN_CHOICES.split(text) if part.strip()] if question.several else []
    if parts and all(part in codes for part in parts):
        return Answer(tuple(dict.fromkeys(codes[part] for part in parts)))
    return Answer(NOTHING, "not_one_of", {"expected": expected})


def _day(cell: Any) -> Answer:
    parts = date_parts(cell)
    if parts is None or not all(parts):
        return Answer(NOTHING, "not_a_day")
    try:
        return Answer(pd.Timestamp(dt.date(*parts)))
    except ValueError:  # the 31st of April
        return Answer(NOTHING, "not_a_day")


def _amount(text: str) -> Answer:
    found = AMOUNT.fullmatch(text.replace(",", "").replace("，", "").replace(" ", ""))
    amount = float(found[1]) if found else math.nan
    return Answer(amount) if 0 <= amount <= LARGEST else Answer(NOTHING, "not_an_amount")
