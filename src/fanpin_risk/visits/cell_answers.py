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

__all__ = ["EMPTY_FIELD", "GROUPED_NUMBER", "FieldAnswer", "read_answer"]

EMPTY_FIELD = None  # what a field answers in which nothing stands
BETWEEN_CHOICES = re.compile(r"[;；,，、\n]+")
# Commas stand before groups of three digits; "1,5" may be 1.5 or a slip of 15, "500 300" one amount or two.
GROUPED_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
AMOUNT_WRITTEN = re.compile(rf"(?:约)?({GROUPED_NUMBER.pattern})(?:元|块|yuan|CNY)?", re.IGNORECASE)
LARGEST_TOLD = 100_000_000.0
LONGEST_TEXT = 60
CHOICES_NAMED = 12


@dataclass(frozen=True)
class FieldAnswer:
    """What a cell says.

    Attributes
    ----------
    value : object
        A code, a tuple of codes, a Timestamp, a float or a text; EMPTY_FIELD where the field is empty or at fault.
    trouble : str
        A code of :data:`fanpin_risk.visits.troubles.TROUBLES`, ``""`` for none.
    values : mapping
        What its message needs besides.
    """

    value: Any
    trouble: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def read_answer(question: Question, cell: Any) -> FieldAnswer:
    """Read a cell.

    Parameters
    ----------
    question : Question
    cell : object
        As the reader of workbooks gives it.

    Returns
    -------
    FieldAnswer

    Examples
    --------
    >>> from fanpin_risk.visits.answers import VISIT_QUESTIONS
    >>> read_answer(VISIT_QUESTIONS["verdict"], " 属实 ").value, read_answer(VISIT_QUESTIONS["verdict"], "对").trouble
    ('true', 'not_one_of')
    """
    text = as_text(cell).strip()
    if not text:
        return FieldAnswer(EMPTY_FIELD)
    if question.kind == "choice":
        return _choice_answer(question, text)
    if question.kind == "day":
        return _day_answer(cell)
    if question.kind == "amount":
        return _amount_answer(text)
    return (
        FieldAnswer(text)
        if len(text) <= LONGEST_TEXT
        else FieldAnswer(EMPTY_FIELD, "not_one_of", {"expected": LONGEST_TEXT})
    )


def _choice_answer(question: Question, text: str) -> FieldAnswer:
    codes = {as_text(name): code for code, label in question.choices.items() for name in label.in_every_language()}
    codes |= {code: code for code in question.choices}
    expected = [*question.choices.values()][:CHOICES_NAMED]
    if text in codes:
        return FieldAnswer((codes[text],) if question.several else codes[text])
    parts = [part.strip() for part in BETWEEN_CHOICES.split(text) if part.strip()] if question.several else []
    if parts and all(part in codes for part in parts):
        return FieldAnswer(tuple(dict.fromkeys(codes[part] for part in parts)))
    return FieldAnswer(EMPTY_FIELD, "not_one_of", {"expected": expected})


def _day_answer(cell: Any) -> FieldAnswer:
    parts = date_parts(cell)
    if parts is None or not all(parts):
        return FieldAnswer(EMPTY_FIELD, "not_a_day")
    try:
        return FieldAnswer(pd.Timestamp(dt.date(*parts)))
    except ValueError:  # the 31st of April
        return FieldAnswer(EMPTY_FIELD, "not_a_day")


def _amount_answer(text: str) -> FieldAnswer:
    joined = re.sub(r"(?<![\d.,]) | (?![\d.,])", "", text)  # blanks beside what is no number
    found = AMOUNT_WRITTEN.fullmatch(joined)
    if found is None and AMOUNT_WRITTEN.fullmatch(re.sub("[, ]", "", text)):
        return FieldAnswer(EMPTY_FIELD, "doubtful_amount")
    amount = float(found[1].replace(",", "")) if found else math.nan
    return FieldAnswer(amount) if 0 <= amount <= LARGEST_TOLD else FieldAnswer(EMPTY_FIELD, "not_an_amount")
