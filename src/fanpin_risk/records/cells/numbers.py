"""Cells that hold numbers and years."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fanpin_risk.records.cells.cleaning import MISSING, as_text, normal_width
from fanpin_risk.records.cells.contents import LARGEST, distinct, with_care
from fanpin_risk.records.cells.dates import date_parts, school_year_start
from fanpin_risk.records.cells.parsed import Fault, Parsed
from fanpin_risk.records.cells.units import UNIT_FACTORS, unit_name
from fanpin_risk.records.declarations import Column
from fanpin_risk.words import Message
from fanpin_risk.workbooks.grid import NOT_CALCULATED

__all__ = ["parse_numbers"]

PLAIN_NUMBER = r"^[0-9]{1,15}(?:\.[0-9]{1,15})?$"  # read by Arrow without further ado
ABOUT_BEFORE, ABOUT_AFTER = "大?约为?|大概|大致", "左右|上下"
NUMBER = re.compile(
    rf"(?P<about>{ABOUT_BEFORE})?(?:人民币|rmb)?(?P<open>\()?(?P<sign>[+负-]?|净?亏损?)(?:人民币|¥|\$)?"
    r"(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)(?P<power>e[+-]?[0-9]+)?"
    rf"(?P<unit>(?!{ABOUT_AFTER})[^0-9().,+-][^().,+-]*?)?(?P<nearly>{ABOUT_AFTER})?(?(open)\))",
    re.IGNORECASE,
)
TWO_NUMBERS = re.compile(r"[0-9.] +[0-9.]")  # 500 300: two amounts, or one
LOSS = re.compile("[-负]|净?亏损?")


def parse_numbers(values: pd.Series, column: Column, factor: float) -> Parsed:
    """Parse cells that hold numbers; one without a unit of its own is multiplied by `factor`.

    Below 0, the factor turns the sign of every number.

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> parse_numbers(pd.Series(["0.5", "800元", "many"]), TABLES["incomes"]["amount_cny"], 10_000.0).column.tolist()
    [5000.0, 800.0, nan]
    """
    about, uncalculated = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.to_numpy(dtype="float64", na_value=np.nan) * factor
        wrong = np.isinf(numbers)
    else:
        codes, cells = distinct(values)
        per_cell, none = _numbers(cells, column, factor)
        numbers, wrong = per_cell[codes], none[codes] | np.isinf(per_cell[codes])
        if wrong.any():
            uncalculated = wrong & _never_calculated(cells)[codes]
        if column.unit == "CNY":
            about = _approximate(cells)[codes] & ~wrong
    if column.unit == "CNY":
        numbers = np.round(numbers, 2)
    numbers = numbers + 0.0  # no -0.0
    faults = [
        Fault(wrong & ~uncalculated, "not_a_number", _a_number(column)),
        Fault(uncalculated, "not_a_number", _a_result(column)),
    ]
    if column.type == "int":
        fraction = ~wrong & (numbers != np.floor(numbers)) & ~np.isnan(numbers)
        faults.append(Fault(fraction, "not_whole", _a_whole_number(column)))
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    outside = ~wrong & ((numbers < low) | (numbers > high))
    faults.append(Fault(outside, "out_of_range", _a_number_between(column, low, high)))
    found = tuple(fault for fault in faults if fault.mask.any())
    for fault in found:
        numbers = np.where(fault.mask, np.nan, numbers)
    about &= ~np.isnan(numbers)
    expected = Message("an exact amount; the cell says about how much, which was taken")
    notes = (Fault(about, "approximate", expected),) if about.any() else ()
    return Parsed(pd.Series(numbers), found, notes=notes)


def _approximate(cells: list[Any] | pa.Array) -> np.ndarray:
    """Return per content, and once more for missing, whether it is a number that is only about right (约1200)."""
    about = np.zeros(len(cells) + 1, dtype=bool)
    for position, cell in with_care(cells, PLAIN_NUMBER):
        match = NUMBER.fullmatch(normal_width(cell).replace(" ", "")) if isinstance(cell, str) else None
        about[position] = match is not None and bool(match["about"] or match["nearly"])
    return about


def _never_calculated(cells: list[Any] | pa.Array) -> np.ndarray:
    """Return per content, and once more for missing, whether it stands for a formula that was never calculated."""
    result = np.zeros(len(cells) + 1, dtype=bool)
    for position, cell in with_care(cells, PLAIN_NUMBER):
        result[position] = isinstance(cell, str) and cell.strip() == NOT_CALCULATED
    return result


def _a_result(column: Column) -> Message:
    return Message(
        "{what}; the formula there was never calculated: open the file in Excel or WPS and save it",
        what=_a_number(column),
    )


def _a_number(column: Column) -> Message:
    unit = unit_name(column.unit)
    return Message("a number") if unit is None else Message("a number ({unit})", unit=unit)


def _a_whole_number(column: Column) -> Message:
    unit = unit_name(column.unit)
    return Message("a whole number") if unit is None else Message("a whole number ({unit})", unit=unit)


def _a_number_between(column: Column, low: float, high: float) -> Message:
    unit = unit_name(column.unit)
    if low == 0 and unit is None:
        return Message("a number from 0 to {high:,.12g}", high=high)
    if low == 0:
        return Message("a number from 0 to {high:,.12g} ({unit})", high=high, unit=unit)
    if unit is None:
        return Message("a number from {low:,.12g} to {high:,.12g}", low=low, high=high)
    return Message("a number from {low:,.12g} to {high:,.12g} ({unit})", low=low, high=high, unit=unit)


def _numbers(cells: list[Any] | pa.Array, column: Column, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the number and whether there is one at all, per content and once more for missing (the last)."""
    years = column.unit == "year" or column.name == "school_year"
    read = _school_year if column.name == "school_year" else _year if years else _number
    others = with_care(cells, "" if years else PLAIN_NUMBER)
    positions = [position for position, _ in others]
    found = [read(cell, column.unit, factor) for _, cell in others]
    numbers, none = np.full(len(cells) + 1, np.nan), np.zeros(len(cells) + 1, dtype=bool)
    plain = np.delete(np.arange(len(cells)), positions)
    if not isinstance(cells, list):
        numbers[plain] = cells.take(plain).cast(pa.float64()).to_numpy() * factor
    numbers[positions] = [np.nan if number is None else number for number in found]
    none[positions] = [number is None for number in found]
    return numbers, none


def _number(cell: Any, unit: str | None, factor: float) -> float | None:
    """Return the number in a cell, nan if it is missing, None if it cannot be read as one."""
    if isinstance(cell, (int, float)):
        return float(cell) * factor if abs(cell) < LARGEST else None
    if not isinstance(cell, str):
        return None
    text = normal_width(cell)
    if text.lower() in MISSING:
        return math.nan
    match = None if TWO_NUMBERS.search(text) else NUMBER.fullmatch(text.replace(" ", ""))
    if not match:
        return None
    if match["unit"]:
        own = UNIT_FACTORS.get(unit, {}).get(match["unit"].lower())
        if own is None:
            return None
        factor = math.copysign(own, factor)
    number = float(match["number"].replace(",", "") + (match["power"] or "")) * factor
    return -number if LOSS.fullmatch(match["sign"]) or match["open"] else number


def _year(cell: Any, unit: str | None, factor: float) -> float | None:
    """Return the year of a cell that holds a year or a date."""
    number = _number(cell, unit, factor)
    if number is not None and (math.isnan(number) or number < 10_000):
        return number
    day = date_parts(cell)
    return float(day[0]) if day else number


def _school_year(cell: Any, unit: str | None, factor: float) -> float | None:
    number = _number(cell, unit, factor)
    if number is not None and (math.isnan(number) or number < 10_000):
        return number
    start = school_year_start(as_text(cell))
    return None if start is None else float(start)
