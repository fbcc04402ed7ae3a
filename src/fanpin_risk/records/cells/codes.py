"""Cells that hold yes or no, one code or several."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.cleaning import MISSING, as_text, clean_text, normal_width
from fanpin_risk.records.cells.contents import distinct, replaced, strings, with_care
from fanpin_risk.records.cells.parsed import Parsed, column_dtype, faults_of
from fanpin_risk.records.declarations import Column
from fanpin_risk.words import Message, listed

__all__ = ["parse_code", "parse_codes", "parse_flags"]

NOT_CODES = MISSING | {"无"}
YES = frozenset(
    ("是", "有", "1", "1.0", "√", "✓", "✔", "☑", "对", "yes",
     "y", "true", "t", "属于", "是的", "存在", "出现", "已加入", "加入", "已通", "通")
)  # fmt: skip
NO = frozenset(
    ("否", "无", "没有", "0", "0.0", "×", "✗", "✘", "☒", "错", "no",
     "n", "false", "f", "不属于", "不是", "不存在", "未出现", "未加入", "没加入", "未通", "不通")
)  # fmt: skip
LIST_SEPARATORS = re.compile(r"[,，、;；/|\r\n]+|(?<=[^因])(?=因)")  # 因病因残 are two causes
BRACKETS = re.compile(r"[()\[\]{}【】〔〕<>《》\"'“”‘’\s]+")
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")


def parse_flags(values: pd.Series, column: Column, *, negated: bool = False) -> Parsed:
    """Parse cells that say yes or no.

    Parameters
    ----------
    values : Series of shape (n,)
    column : Column
        Its texts of ``yes`` and ``no`` say what is so, whichever way the header asks.
    negated : bool
        Whether the header asks the opposite: its yes is the column's no.

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> water = TABLES["households"]["safe_water"]
    >>> parse_flags(pd.Series(["是", "0", "不详"]), water).column.tolist()
    [True, False, <NA>]
    >>> parse_flags(pd.Series(["是", "否", "安全"]), water, negated=True).column.tolist()  # 饮水困难
    [False, True, True]
    """
    if pd.api.types.is_bool_dtype(values.dtype) and not isinstance(values.dtype, pd.CategoricalDtype):
        flags = values.astype("boolean")
        return Parsed(~flags if negated else flags)
    codes, cells = distinct(values)
    answer = np.zeros(len(cells) + 1, dtype=bool)
    unknown = np.ones(len(cells) + 1, dtype=bool)
    wrong = []
    for number, cell in with_care(cells):
        text = as_text(cell)
        if text in column.yes or text in column.no:
            answer[number], unknown[number] = text in column.yes, False
        elif text.lower() in YES or text.lower() in NO:
            answer[number], unknown[number] = (text.lower() in YES) != negated, False
        elif text.lower() not in MISSING:
            wrong.append(number)
    flags = pd.Series(pd.arrays.BooleanArray(answer[codes], unknown[codes]))
    return Parsed(flags, faults_of(codes, len(cells), (wrong, "not_yes_no", Message("yes or no (是/否, 1/0)"))))


@lru_cache(maxsize=256)
def _code_numbers(column_name: str, items: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, int]:
    """Return the number of the code per text it may be written as."""
    del column_name
    numbers: dict[str, int] = {}
    for shape in (str.lower, _label):  # exact texts first: no shortened form may win over them
        for number, (code, texts) in enumerate(items):
            for text in (code, *texts):
                numbers.setdefault(shape(normal_width(text)), number)
    return numbers


def _label(text: str) -> str:
    return BRACKETS.sub("", text).lower()


@lru_cache(maxsize=256)
def _patterns(patterns: tuple[tuple[str, str], ...], codes: tuple[str, ...]) -> list[tuple[re.Pattern[str], int]]:
    """Return the patterns of a column with the number of the code that each stands for."""
    return [(re.compile(pattern), codes.index(code)) for code, pattern in patterns]


def _code_finder(column: Column) -> Callable[[str], int | None]:
    numbers = _code_numbers(column.name, tuple(column.codes.items()))
    patterns = _patterns(tuple(column.patterns.items()), tuple(column.codes))

    def find(text: str) -> int | None:
        shapes = (text.lower(), _label(text), _label(BRACKETED.sub("", text)))
        for shape in shapes:
            if shape in numbers:
                return numbers[shape]
        if text.lower() in MISSING:
            return None
        for shape in shapes[1:]:
            for pattern, number in patterns:
                if pattern.fullmatch(shape):
                    return number
        return None

    return find


def _names_of_codes(column: Column) -> Message:
    return listed(Message(code, texts[0]) for code, texts in column.codes.items())


def parse_code(values: pd.Series, column: Column) -> Parsed:
    """Parse cells that hold one code of a column, by its name or any of its texts.

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> parse_code(pd.Series(["女性", "male"]), TABLES["members"]["sex"]).column.tolist()
    ['female', 'male']
    """
    codes, cells = distinct(values)
    find = _code_finder(column)
    numbers = np.full(len(cells) + 1, -1)
    wrong = []
    for position, cell in with_care(cells):
        text = as_text(cell)
        number = find(text)
        if number is not None:
            numbers[position] = number
        elif text.lower() not in NOT_CODES and text not in column.nothing:
            wrong.append(position)
    categories = pd.Categorical.from_codes(numbers[codes], dtype=column_dtype(column))
    expected = Message("one of {codes}", codes=_names_of_codes(column))
    faults = faults_of(codes, len(cells), (wrong, "unknown_code", expected))
    return Parsed(pd.Series(categories), faults)


def parse_codes(values: pd.Series, column: Column) -> Parsed:
    """Parse cells that hold several codes of a column: joined by ``;`` in the order of the declaration.

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> parse_codes(pd.Series(["残疾、慢病"]), TABLES["members"]["health"]).column.tolist()
    ['chronic;disabled']
    """
    codes, cells = distinct(values)
    find = _code_finder(column)
    names = list(column.codes)
    texts: dict[int, str | None] = {}
    wrong = []
    for position, cell in with_care(cells):
        whole = find(as_text(cell))
        raw = unicodedata.normalize("NFKC", cell) if isinstance(cell, str) else as_text(cell)
        parts = [normal_width(part) for part in LIST_SEPARATORS.split(_clean_lines(raw))]
        found = [whole] if whole is not None else [find(part) for part in parts if part.lower() not in NOT_CODES]
        if None in found:
            wrong.append(position)
        known = sorted({number for number in found if number is not None})
        texts[position] = ";".join(names[number] for number in known) if known and None not in found else None
    expected = Message("a list (separated by ;) of {codes}", codes=_names_of_codes(column))
    return Parsed(
        strings(replaced(cells, texts), codes), faults_of(codes, len(cells), (wrong, "unknown_code", expected))
    )


def _clean_lines(text: str) -> str:
    """Clean a text but keep its line breaks, as separators."""
    return ";".join(clean_text(line) for line in text.splitlines())
