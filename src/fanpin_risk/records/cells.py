"""From cells as people write them to typed values.

One parser per column type of :mod:`fanpin_risk.records.schema`. None of them raises on odd content: a cell that cannot be
read comes back missing, with a :class:`Fault` that says what was expected. All work on the distinct cells only, and
of these only on the ones that are no plain text; plain ones are taken as they are by Arrow.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.records.schema import Column

__all__ = [
    "TEXTS",
    "Fault",
    "Parsed",
    "among",
    "as_dictionary",
    "clean_text",
    "column_dtype",
    "missing",
    "normal_width",
    "parse",
    "school_year_start",
    "with_care",
]

# Cells that say "nothing known", compared in lower case. "无" is left out: for some columns it is an answer.
MISSING = frozenset(
    ("", "na", "n/a", "#n/a", "nan", "nat", "null", "none", "<na>", "\\n", "nil", "-", "--", "—", "——", "–", "/", "\\")
) | {"无数据", "暂无", "不详", "未知", "空", "(空)", "空白"}
NO_DATE = MISSING | {"无", "长期", "至今", "永久", "0000-00-00", "9999-12-31", "99991231", "9999/12/31"}
NO_CODE = MISSING | {"无"}
YES = frozenset(["是", "有", "1", "1.0", "√", "✓", "✔", "☑", "对", "yes", "y", "true", "t", "已参加", "已参保"])
NO = frozenset(["否", "无", "没有", "0", "0.0", "×", "✗", "✘", "☒", "错", "no", "n", "false", "f", "未参加", "未参保"])
# Characters without a shape: controls, zero-width marks, and halves of pairs left by a wrong decoding.
INVISIBLE = [*range(9), *range(14, 32), *range(127, 160), 0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF]
SHAPELESS = dict.fromkeys([*INVISIBLE, *range(0xD800, 0xE000)])
# Most cells, read without further ado: numbers, texts that no cleaning changes and that do not stand for "missing",
# dates (if the month has the day), and texts that are no long number, in which Excel could have damaged an id.
PLAIN_NUMBER = r"^[0-9]{1,15}(?:\.[0-9]{1,15})?$"
PLAIN_TEXT = r"^[0-9A-Za-z_-]{5,}$"
PLAIN_DATE = r"^(?:1[89]|2[01])[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"
PLAIN_ID = r"^(?:[0-9A-Za-z_-]{5,15}|[0-9]{0,15}[A-Za-z_-][0-9A-Za-z_-]{14,})$"
MINUS = str.maketrans("−﹣－", "---")
EXCEL_ERROR = re.compile(r"#(REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)", re.IGNORECASE)
EXCEL_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d{1,3}")  # 5.10322E+17: how Excel saves a long number as text
LARGEST = 10**300  # what is larger is no number of any column, and may not fit a float
EXCEL_DIGITS = 10**15  # Excel keeps 15 significant digits of a number
SHORTEST_DAMAGED = 16  # characters of a number that Excel rounds
FLOAT_TEXT = re.compile(r"-?\d+\.0")  # 412.0: an id that once was a floating-point number
# Eighteen digits built like a citizen id (birth date in the middle) and ending in 000: the rounded rest of a number.
ROUNDED_ID = re.compile(r"\d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d000")
AREA_LENGTHS = (2, 4, 6, 9, 12)  # province, city, county, township, village: GB/T 2260, GB/T 10114

LIST_SEPARATORS = re.compile(r"[,，、;；/|\r\n]+")
BRACKETS = re.compile(r"[()\[\]{}【】〔〕<>《》\"'“”‘’\s]+")
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")

NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[+-]?)[¥$]?(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?P<power>e[+-]?[0-9]+)?(?P<unit>[^0-9().,+-][^().,+-]*)?(?(open)\))",
    re.IGNORECASE,
)
# Units that may follow a number in its cell or stand in a header's brackets, by the column's own unit.
UNIT_FACTORS: Mapping[str | None, Mapping[str, float]] = {
    "CNY": {
        "元": 1, "圆": 1, "块": 1, "元/年": 1, "元/人": 1, "人民币": 1,
        "百元": 100, "千元": 1e3, "万元": 1e4, "万": 1e4, "万元/年": 1e4,
    },
    "mu": {"亩": 1, "mu": 1, "公顷": 15, "ha": 15},
    "m2": {"平方米": 1, "平米": 1, "m2": 1, "平方": 1},
    "km": {"公里": 1, "千米": 1, "km": 1, "里": 0.5, "米": 1e-3, "m": 1e-3},
    "month": {"月": 1, "个月": 1, "月数": 1},
    "person": {"人": 1, "口": 1, "口人": 1},
    "year": {"年": 1, "年度": 1, "学年": 1},
}  # fmt: skip
UNIT_ZH = {"CNY": "元", "mu": "亩", "m2": "平方米", "km": "公里", "month": "月", "person": "人", "year": "年"}

DATE = re.compile(
    r"(?P<y>\d{4})"
    r"(?:年度?|[-/.年](?P<m>\d{1,2})(?:月|[-/.月](?P<d>\d{1,2})日?)?|(?P<m2>\d{2})(?P<d2>\d{2})?)?"
    r"(?:[T ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
)
AMBIGUOUS_DATE = re.compile(r"\d{4}\.1")  # the number 2023.1 may have been 2023.10
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
SERIAL_RANGE = (10_000, 73_051)  # 1927-05-18 to 2100-01-01 as Excel counts days
YEARS = (1800, 2200)  # outside, a year is a slip of the pen
SCHOOL_YEAR = re.compile(r"(?P<y>\d{4})(?:[-/—–~至](?P<z>\d{4}|\d{2}))?(?:学年度?|年度?)?")
NAT = np.datetime64("NaT", "s")
TEXTS = pa.dictionary(pa.int32(), pa.large_string())  # how readers keep the cells of a column: each distinct text once


@dataclass(frozen=True, slots=True)
class Fault:
    """Cells of one column that could not be used, all for the same reason.

    Attributes
    ----------
    mask : ndarray of bool, shape (n,)
        Which cells.
    code : str
        Short name of the reason, e.g. ``"not_a_date"``.
    expected, expected_zh : str
        What should have stood there; never what did.
    """

    mask: np.ndarray
    code: str
    expected: str
    expected_zh: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """One column, parsed.

    Attributes
    ----------
    column : Series of shape (n,)
        Typed as :func:`column_dtype` says, RangeIndex; missing where missing or at fault.
    faults : tuple of Fault
        Only those with at least one cell.
    first, last : ndarray of datetime64[s], shape (n,), or None
        For dates: first and last day of what was written (a year, a month or one day).
    """

    column: pd.Series
    faults: tuple[Fault, ...] = ()
    first: np.ndarray | None = None
    last: np.ndarray | None = None

    @property
    def bad(self) -> np.ndarray:
        """Which cells could not be used, shape (n,)."""
        bad = np.zeros(len(self.column), dtype=bool)
        for fault in self.faults:
            bad |= fault.mask
        return bad


def parse(values: pd.Series, column: Column, *, factor: float = 1.0) -> Parsed:
    """Parse the cells of one column.

    Parameters
    ----------
    values : Series of shape (n,)
        Cells as read: text, numbers, dates, booleans, or already typed.
    column : Column
        Its declaration.
    factor : float
        What a number without its own unit is multiplied by, e.g. 10000 for a header in 万元.

    Returns
    -------
    Parsed

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> column = TABLES["incomes"]["amount_cny"]
    >>> parse(pd.Series(["１，２３４.50元", "0.5万元", "—", "about 3"]), column).column.tolist()
    [1234.5, 5000.0, nan, nan]
    >>> parse(pd.Series(["2023年5月"]), TABLES["monitoring"]["identified_on"]).column[0]
    Timestamp('2023-05-31 00:00:00')
    """
    values = values.reset_index(drop=True)
    if column.type in ("int", "number"):
        return _parse_number(values, column, factor)
    if column.type == "date":
        return _parse_date(values, column)
    if column.type == "bool":
        return _parse_flag(values)
    if column.type == "code":
        return _parse_code(values, column)
    if column.type == "codes":
        return _parse_codes(values, column)
    if column.type == "id":
        return _parse_id(values)
    return _parse_area(values) if column.type == "area" else _parse_text(values)


def missing(column: Column, n: int) -> pd.Series:
    """Return `n` missing values of the column's type."""
    nothing = pd.NaT if column.type == "date" else None
    return pd.Series(nothing, index=pd.RangeIndex(n), dtype=column_dtype(column))


def column_dtype(column: Column) -> Any:
    """Return the pandas dtype in which a column is kept."""
    if column.type == "code":
        return pd.CategoricalDtype(list(column.codes))
    return {"int": "float64", "number": "float64", "date": "datetime64[s]", "bool": "boolean"}.get(column.type, "str")


def normal_width(text: str) -> str:
    """Return text in half-width form (NFKC), one kind of minus sign, without invisible characters and outer blanks.

    Examples
    --------
    >>> normal_width("　（１２３）\u200b ")
    '(123)'
    """
    if text.isascii() and text.isalnum():
        return text
    return clean_text(unicodedata.normalize("NFKC", text).translate(MINUS))


def clean_text(text: str) -> str:
    r"""Return text without what Excel and its users wrap around it: ``="..."``, a leading ``'``, odd blanks.

    Cleaning twice changes nothing more.

    Examples
    --------
    >>> clean_text('="0012"'), clean_text("'0012"), clean_text(" 0012\u00a0"), clean_text("a\t b")
    ('0012', '0012', '0012', 'a b')
    """
    if text.isascii() and text.isalnum():
        return text
    while True:
        before = text
        text = " ".join(text.translate(SHAPELESS).split())
        text = text.removeprefix("'")
        if text.startswith('="') and text.endswith('"') and len(text) > 2:
            text = text[2:-1].replace('""', '"')
        if text == before:
            return text


def school_year_start(text: str) -> int | None:
    """Return the year in which the school year begins, or None if the text is none.

    Examples
    --------
    >>> [school_year_start(t) for t in ("2023", "2023-2024", "2023/24", "2023学年", "2024-03-01", "2023-2025")]
    [2023, 2023, 2023, 2023, 2023, None]
    """
    match = SCHOOL_YEAR.fullmatch(text.replace(" ", ""))
    if match:
        year, second = int(match["y"]), match["z"]
        if second is None or int(second) == (year + 1 if len(second) == 4 else (year + 1) % 100):
            return year
    day = _date_parts(text)
    if day is None or day[1] == 0:
        return None
    return day[0] if day[1] >= 8 else day[0] - 1  # China's school year begins on 1 September, enrolment in August


def as_dictionary(values: pd.Series) -> pa.DictionaryArray | None:
    """Return a column of texts as an Arrow array with a dictionary, None if it may hold anything else.

    Examples
    --------
    >>> as_dictionary(pd.Series(["h1", "h2", "h1"], dtype="str")).indices.to_pylist()
    [0, 1, 0]
    """
    dtype: Any = values.dtype
    if isinstance(dtype, pd.StringDtype):
        known = dtype.storage == "pyarrow"
    else:
        known = isinstance(dtype, pd.ArrowDtype) and dtype.pyarrow_dtype == TEXTS
    if not known:
        return None
    array = pa.array(values.array, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries().combine_chunks()
    if not isinstance(array, pa.DictionaryArray):
        array = array.cast(pa.large_string()).dictionary_encode()
    return array if array.dictionary.null_count == 0 else None


def with_care(cells: list[Any] | pa.Array, plain: str = "") -> list[tuple[int, Any]]:
    """Return number and content of those that are not texts of the pattern `plain`.

    Examples
    --------
    >>> with_care(pa.array(["412", "four", "5"]), "^[0-9]+$")
    [(1, 'four')]
    """
    if isinstance(cells, list):
        return list(enumerate(cells))
    if not plain:
        return list(enumerate(cells.to_pylist()))
    others = np.flatnonzero(~pc.match_substring_regex(cells, plain).to_numpy(zero_copy_only=False))
    return list(zip(others.tolist(), cells.take(others).to_pylist(), strict=True))


def among(values: pd.Series, known: pd.Series) -> np.ndarray:
    """Tell which texts stand among others; a missing one does not.

    Examples
    --------
    >>> among(pd.Series(["h1", None, "h3"], dtype="str"), pd.Series(["h3", None], dtype="str"))
    array([False, False,  True])
    """
    found = pc.is_in(pa.array(values, from_pandas=True), value_set=pa.array(known, from_pandas=True), skip_nulls=True)
    return found.to_numpy(zero_copy_only=False)


# --- distinct cells ---------------------------------------------------------------------------------------------------


def _distinct(values: pd.Series) -> tuple[np.ndarray, list[Any] | pa.Array]:
    """Return the number of each cell's content (-1: missing) and the contents: str, int, float, date or datetime.

    Contents of a column of texts come as an Arrow array; some may not be met in any cell.
    """
    array = as_dictionary(values)
    if array is not None:
        return array.indices.fill_null(-1).to_numpy(), array.dictionary
    if values.dtype == object:
        cells = np.empty(len(values), dtype=object)
        cells[:] = [cell if type(cell) is str else _plain(cell) for cell in values.array]
        codes, distinct = pd.factorize(cells)
        return np.asarray(codes), list(distinct)
    codes, found = pd.factorize(values)
    return np.asarray(codes), [cell if type(cell) is str else _plain(cell) for cell in found]


def _mended(cells: list[Any] | pa.Array, texts: Mapping[int, str | None]) -> pa.Array:
    """Return the contents with other texts in place of some."""
    if isinstance(cells, list):
        return pa.array(texts.values(), pa.large_string())
    if not texts:
        return cells
    changed = np.zeros(len(cells), dtype=bool)
    changed[list(texts)] = True
    return pc.replace_with_mask(cells, changed, pa.array(texts.values(), pa.large_string()))


def _plain(cell: Any) -> Any:
    if isinstance(cell, (bool, np.bool_)):
        return "true" if cell else "false"
    if isinstance(cell, (list, tuple, set, frozenset, np.ndarray)):
        return ";".join(str(part) for part in cell)
    if isinstance(cell, (bytes, bytearray)):
        return bytes(cell).decode("utf-8", errors="replace")
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, Decimal):
        return None if cell.is_nan() else float(cell)
    if isinstance(cell, (float, np.floating)):
        return None if math.isnan(cell) else float(cell)
    if isinstance(cell, (int, np.integer)):
        return int(cell) if abs(int(cell)) < LARGEST else math.inf
    if isinstance(cell, (str, dt.date)):  # a datetime is a date
        return cell
    return str(cell)


def _text(cell: Any) -> str:
    """Return a cell in half-width form; numbers as Excel shows them."""
    if isinstance(cell, str):
        return normal_width(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXCEL_DIGITS:
        return str(int(cell))
    return str(cell)


def _faults(codes: np.ndarray, n: int, *reasons: tuple[list[int], str, str, str]) -> tuple[Fault, ...]:
    """Return faults from the numbers of those of `n` contents that are at fault."""
    faults = []
    for numbers, code, expected, expected_zh in reasons:
        if numbers:
            at_fault = np.zeros(n + 1, dtype=bool)  # the last answers for missing (code -1)
            at_fault[numbers] = True
            faults.append(Fault(at_fault[codes], code, expected, expected_zh))
    return tuple(fault for fault in faults if fault.mask.any())


def _strings(texts: pa.Array, codes: np.ndarray) -> pd.Series:
    return pd.Series(pd.array(texts.take(pa.array(codes, mask=codes < 0)), dtype="str"))


# --- numbers ----------------------------------------------------------------------------------------------------------


def _parse_number(values: pd.Series, column: Column, factor: float) -> Parsed:
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.to_numpy(dtype="float64", na_value=np.nan) * factor
        wrong = np.isinf(numbers)
    else:
        codes, cells = _distinct(values)
        per_cell, none = _numbers(cells, column, factor)
        numbers, wrong = per_cell[codes], none[codes] | np.isinf(per_cell[codes])
    if column.unit == "CNY":
        numbers = np.round(numbers, 2)
    numbers = numbers + 0.0  # no -0.0
    unit, unit_zh = (f" ({column.unit})", f"（{UNIT_ZH[column.unit]}）") if column.unit in UNIT_ZH else ("", "")
    faults = [Fault(wrong, "not_a_number", f"a number{unit}", f"应为数字{unit_zh}")]
    if column.type == "int":
        fraction = ~wrong & (numbers != np.floor(numbers)) & ~np.isnan(numbers)
        faults.append(Fault(fraction, "not_whole", f"a whole number{unit}", f"应为整数{unit_zh}"))
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    outside = ~wrong & ((numbers < low) | (numbers > high))
    faults.append(
        Fault(
            outside,
            "out_of_range",
            f"a number from {low:,.12g} to {high:,.12g}{unit}",
            "应为非负数" + unit_zh + f"，且不超过 {high:,.12g}"
            if low == 0
            else f"应在 {low:.12g} 到 {high:.12g} 之间{unit_zh}",
        )
    )
    found = tuple(fault for fault in faults if fault.mask.any())
    for fault in found:
        numbers = np.where(fault.mask, np.nan, numbers)
    return Parsed(pd.Series(numbers), found)


def _numbers(cells: list[Any] | pa.Array, column: Column, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the number and whether it is none, per content and once more for missing (the last)."""
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
    """Return the number in a cell, nan if it is missing, None if it is none."""
    if isinstance(cell, (int, float)):
        return float(cell) * factor if abs(cell) < LARGEST else None
    if not isinstance(cell, str):
        return None
    text = normal_width(cell)
    if text.lower() in MISSING:
        return math.nan
    match = NUMBER.fullmatch(text.replace(" ", ""))
    if not match:
        return None
    if match["unit"]:
        own = UNIT_FACTORS.get(unit, {}).get(match["unit"].lower())
        if own is None:
            return None
        factor = own
    number = float(match["number"].replace(",", "") + (match["power"] or "")) * factor
    return -number if match["sign"] == "-" or match["open"] else number


def _year(cell: Any, unit: str | None, factor: float) -> float | None:
    """Return the year of a cell that holds a year or a date."""
    number = _number(cell, unit, factor)
    if number is not None and (math.isnan(number) or number < 10_000):
        return number
    day = _date_parts(cell)
    return float(day[0]) if day else number


def _school_year(cell: Any, unit: str | None, factor: float) -> float | None:
    number = _number(cell, unit, factor)
    if number is not None and (math.isnan(number) or number < 10_000):
        return number
    start = school_year_start(_text(cell))
    return None if start is None else float(start)


# --- dates ------------------------------------------------------------------------------------------------------------


def _parse_date(values: pd.Series, column: Column) -> Parsed:
    dtype: Any = values.dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        if isinstance(dtype, pd.DatetimeTZDtype):
            values = values.dt.tz_localize(None)
        days = values.to_numpy().astype("datetime64[D]")
        first = last = days.astype("datetime64[s]")
        years = days.astype("datetime64[Y]").astype("int64") + 1970
        wrong = ~np.isnat(days) & ((years < YEARS[0]) | (years > YEARS[1]))
    else:
        codes, cells = _distinct(values)
        first_of, last_of, wrong_of = _intervals(cells)
        first, last, wrong = first_of[codes], last_of[codes], wrong_of[codes]
    first, last = np.where(wrong, NAT, first), np.where(wrong, NAT, last)
    fault = Fault(wrong, "not_a_date", "a date such as 2023-06-30", "应为日期，如 2023-06-30")
    chosen = last if column.month_end else first
    return Parsed(pd.Series(chosen), (fault,) if wrong.any() else (), first, last)


def _intervals(cells: list[Any] | pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return first day, last day and whether it is no date, per content and once more for missing (the last)."""
    parts, wrong = np.zeros((len(cells) + 1, 3), dtype="int64"), np.zeros(len(cells) + 1, dtype=bool)
    others = with_care(cells, PLAIN_DATE)
    positions = [position for position, _ in others]
    found = [_date_parts(cell) for _, cell in others]
    plain = np.delete(np.arange(len(cells)), positions)
    if not isinstance(cells, list):
        dates = cells.take(plain)
        for number, (start, stop) in enumerate(((0, 4), (5, 7), (8, 10))):
            parts[plain, number] = pc.utf8_slice_codeunits(dates, start, stop).cast(pa.int64()).to_numpy()
    if found:
        parts[positions] = [part or (0, 0, 0) for part in found]
        wrong[positions] = [part is None for part in found]
    year, month, day = parts.T
    known = year > 0
    months = np.where(known, (year - 1970) * 12 + np.maximum(month, 1) - 1, 0).astype("datetime64[M]")
    ends = np.where(month == 0, months + np.timedelta64(11, "M"), months) + np.timedelta64(1, "M")
    first = months.astype("datetime64[D]") + np.maximum(day - 1, 0).astype("timedelta64[D]")
    last = np.where(day > 0, first, ends.astype("datetime64[D]") - np.timedelta64(1, "D"))
    wrong |= known & ((year < YEARS[0]) | (year > YEARS[1]) | (first.astype("datetime64[M]") != months))
    use = known & ~wrong
    return (
        np.where(use, first.astype("datetime64[s]"), NAT),
        np.where(use, last.astype("datetime64[s]"), NAT),
        wrong,
    )


def _date_parts(cell: Any) -> tuple[int, int, int] | None:
    """Return year, month and day (0: not given), all 0 if the cell is missing, None if it holds no date."""
    if isinstance(cell, dt.date):
        return cell.year, cell.month, cell.day
    text = _text(cell)
    if text.lower() in NO_DATE:
        return 0, 0, 0
    if SERIAL.fullmatch(text):
        serial = int(float(text))
        if not SERIAL_RANGE[0] <= serial < SERIAL_RANGE[1]:
            return None
        day = dt.date(1899, 12, 30) + dt.timedelta(days=serial)
        return day.year, day.month, day.day
    match = DATE.fullmatch(text)
    if match is None or AMBIGUOUS_DATE.fullmatch(text) or (isinstance(cell, float) and not cell.is_integer()):
        return None
    month, day_text = match["m"] or match["m2"], match["d"] or match["d2"]
    if (month is not None and not 1 <= int(month) <= 12) or (day_text is not None and int(day_text) == 0):
        return None
    year = int(match["y"])
    return (year, int(month or 0), int(day_text or 0)) if year > 0 else None


# --- yes and no, codes ------------------------------------------------------------------------------------------------


def _parse_flag(values: pd.Series) -> Parsed:
    if pd.api.types.is_bool_dtype(values.dtype) and not isinstance(values.dtype, pd.CategoricalDtype):
        return Parsed(values.astype("boolean"))
    codes, cells = _distinct(values)
    answer = np.zeros(len(cells) + 1, dtype=bool)
    unknown = np.ones(len(cells) + 1, dtype=bool)
    wrong = []
    for number, cell in with_care(cells):
        text = _text(cell).lower()
        if text in YES or text in NO:
            answer[number], unknown[number] = text in YES, False
        elif text not in MISSING:
            wrong.append(number)
    flags = pd.Series(pd.arrays.BooleanArray(answer[codes], unknown[codes]))
    return Parsed(flags, _faults(codes, len(cells), (wrong, "not_yes_no", "yes or no (是/否, 1/0)", "应填 是 或 否")))


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


def _code_finder(column: Column) -> Callable[[str], int | None]:
    numbers = _code_numbers(column.name, tuple(column.codes.items()))

    def find(text: str) -> int | None:
        for shape in (text.lower(), _label(text), _label(BRACKETED.sub("", text))):
            if shape in numbers:
                return numbers[shape]
        return None

    return find


def _expected_codes(column: Column) -> tuple[str, str]:
    return (
        "one of " + ", ".join(column.codes),
        "应为下列之一：" + "、".join(texts[0] for texts in column.codes.values()),
    )


def _parse_code(values: pd.Series, column: Column) -> Parsed:
    codes, cells = _distinct(values)
    find = _code_finder(column)
    numbers = np.full(len(cells) + 1, -1)
    wrong = []
    for position, cell in with_care(cells):
        text = _text(cell)
        number = find(text)
        if number is not None:
            numbers[position] = number
        elif text.lower() not in NO_CODE:
            wrong.append(position)
    categories = pd.Categorical.from_codes(numbers[codes], dtype=column_dtype(column))
    faults = _faults(codes, len(cells), (wrong, "unknown_code", *_expected_codes(column)))
    return Parsed(pd.Series(categories), faults)


def _parse_codes(values: pd.Series, column: Column) -> Parsed:
    codes, cells = _distinct(values)
    find = _code_finder(column)
    names = list(column.codes)
    texts: dict[int, str | None] = {}
    wrong = []
    for position, cell in with_care(cells):
        whole = find(_text(cell))
        raw = unicodedata.normalize("NFKC", cell) if isinstance(cell, str) else _text(cell)
        parts = [normal_width(part) for part in LIST_SEPARATORS.split(clean_text_lines(raw))]
        found = [whole] if whole is not None else [find(part) for part in parts if part.lower() not in NO_CODE]
        if None in found:
            wrong.append(position)
        known = sorted({number for number in found if number is not None})
        texts[position] = ";".join(names[number] for number in known) if known and None not in found else None
    one_of, one_of_zh = _expected_codes(column)
    return Parsed(
        _strings(_mended(cells, texts), codes),
        _faults(
            codes,
            len(cells),
            (wrong, "unknown_code", f"a list (separated by ;) of {one_of[7:]}", one_of_zh + "（可多选，用 ; 分隔）"),
        ),
    )


def clean_text_lines(text: str) -> str:
    """Clean a text but keep its line breaks, as separators."""
    return ";".join(clean_text(line) for line in text.splitlines())


# --- texts, ids and areas ---------------------------------------------------------------------------------------------


def _parse_text(values: pd.Series) -> Parsed:
    codes, cells = _distinct(values)
    texts: dict[int, str | None] = {}
    wrong = []
    for position, cell in with_care(cells, PLAIN_TEXT):
        text = clean_text(cell) if isinstance(cell, str) else _text(cell)
        if EXCEL_ERROR.fullmatch(text):
            wrong.append(position)
        texts[position] = None if text.lower() in MISSING or EXCEL_ERROR.fullmatch(text) else text
    return Parsed(
        _strings(_mended(cells, texts), codes),
        _faults(codes, len(cells), (wrong, "excel_error", "a text, not an Excel error", "应为文字，而非 Excel 错误值")),
    )


def _parse_id(values: pd.Series) -> Parsed:
    exact = pd.api.types.is_integer_dtype(values.dtype)  # a whole column of integers lost nothing, a lone cell may have
    codes, cells = _distinct(values)
    texts: dict[int, str | None] = {}
    numeric, damaged, errors = [], [], []
    for position, cell in with_care(cells, PLAIN_ID):
        text = _text(cell)
        keep: str | None = text
        if text.lower() in MISSING:
            keep = None
        elif _is_plain_id(cell):
            pass
        elif (not isinstance(cell, str) and not (exact and abs(cell) < EXCEL_DIGITS)) or FLOAT_TEXT.fullmatch(text):
            numeric.append(position)
            keep = None
        elif EXCEL_SCIENTIFIC.fullmatch(text) or (ROUNDED_ID.fullmatch(text) and not _check_digit_right(text)):
            damaged.append(position)
            keep = None
        elif EXCEL_ERROR.fullmatch(text):
            errors.append(position)
            keep = None
        elif len(text) in (18, 20, 22) and text[17] == "x" and text[:17].isdigit():
            keep = text[:17] + "X" + text[18:]
        texts[position] = keep
    faults = _faults(
        codes,
        len(cells),
        (
            numeric,
            "numeric_id",
            "an id stored as text: as a number it may have lost digits or leading zeros; export the column as text",
            "编号须以文本格式保存（数值格式会丢失末位数字或前导零），请将该列设为文本后重新导出",
        ),
        (
            damaged,
            "damaged_id",
            "a whole id: Excel has rounded this one to 15 digits; export it again from the source as text",
            "编号已被 Excel 截断为 15 位有效数字，请从原系统以文本格式重新导出",
        ),
        (errors, "excel_error", "an id, not an Excel error", "应为编号，而非 Excel 错误值"),
    )
    return Parsed(_strings(_mended(cells, texts), codes), faults)


def _is_plain_id(cell: Any) -> bool:
    """Tell whether a cell is a short plain text: most ids, in which nothing can be damaged."""
    return isinstance(cell, str) and len(cell) < SHORTEST_DAMAGED and cell.isascii() and cell.isalnum()


def _check_digit_right(text: str) -> bool:
    """Tell whether the last of 18 digits is the check digit of GB 11643-1999 (2**17 ... 2 as weights, modulo 11)."""
    total = sum(int(digit) * pow(2, 17 - position, 11) for position, digit in enumerate(text[:17]))
    return (12 - total % 11) % 11 == int(text[17])


def _parse_area(values: pd.Series) -> Parsed:
    codes, cells = _distinct(values)
    texts: dict[int, str | None] = {}
    wrong = []
    for position, cell in with_care(cells):
        text = _text(cell)
        good = text.isascii() and text.isdigit() and len(text) in AREA_LENGTHS
        if not good and text.lower() not in MISSING:
            wrong.append(position)
        texts[position] = text if good else None
    expected = "a division code of 2, 4, 6, 9 or 12 digits (GB/T 2260)"
    expected_zh = "应为 2、4、6、9 或 12 位行政区划代码"
    faults = _faults(codes, len(cells), (wrong, "not_an_area", expected, expected_zh))
    return Parsed(_strings(_mended(cells, texts), codes), faults)
