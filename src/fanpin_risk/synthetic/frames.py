"""From compact records to the typed tables of a register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.records.declarations import Column
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic.demography import ETHNICITIES
from fanpin_risk.synthetic.events import MEASURE_SOURCES
from fanpin_risk.synthetic.health import DISEASE_LIST
from fanpin_risk.synthetic.population import NEVER
from fanpin_risk.synthetic.state import Array
from fanpin_risk.synthetic.warning import DEPARTMENTS

__all__ = ["Ids", "table_frame"]

_TEXT = pd.StringDtype(na_value=np.nan)
_TEXTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("members", "ethnicity"): ETHNICITIES,
    ("supports", "source"): MEASURE_SOURCES,
    ("warnings", "department"): DEPARTMENTS,
    ("medical", "icd10"): tuple(disease.icd10 for disease in DISEASE_LIST),
    ("medical", "disease"): tuple(disease.name for disease in DISEASE_LIST),
}


def _text_array(texts: Sequence[str | None]) -> Any:
    return pd.array(list(texts), dtype=_TEXT)


def _digits(prefix: str, numbers: Array, width: int) -> Array:
    """Bytes of a prefix and numbers padded with zeros, shape (n, len(prefix) + width)."""
    out = np.empty((len(numbers), len(prefix) + width), dtype=np.uint8)
    out[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    left = numbers.astype(np.int64)
    for place in range(width):
        left, digit = np.divmod(left, 10)
        out[:, -1 - place] = 48 + digit
    return out


def _text_of(characters: Array) -> Any:
    """Return the rows of a matrix of characters as pandas text, without a Python object for each."""
    import pyarrow as pa

    n, width = characters.shape
    offsets = np.arange(n + 1, dtype=np.int64) * width
    texts = pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(characters)))
    return _TEXT.__from_arrow__(texts)  # type: ignore[attr-defined]


class Ids:
    """Texts of households, members, villages and bills.

    Parameters
    ----------
    household_of, number : ndarray of int, shape (n_members,)
        Household and number within it of each person.
    n_households : int
    villages : tuple of three ndarray of int, shape (n_villages,)
        County, township and number of each village, from 0 within the next larger one; counties over all.
    """

    def __init__(
        self, household_of: Array, number: Array, n_households: int, villages: tuple[Array, Array, Array]
    ) -> None:
        households = _digits("H", np.arange(n_households), 9)
        self.household = _text_of(households)
        members = np.empty((len(number), households.shape[1] + 3), dtype=np.uint8)
        members[:, :-3] = households[household_of]
        members[:, -3:] = _digits("-", number, 2)
        self.member = _text_of(members)
        county, township, village = villages
        # Invented county numbers 51 to 79 of prefectures 12 (Tieling), 13, 14, 11 ... of province 21.
        prefecture = np.array([12, 13, 14, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])[county // 29 % 14]
        code = 21 * 10**10 + prefecture * 10**8 + (51 + county % 29) * 10**6 + (101 + township) * 1_000 + 1 + village
        self.area_code = _text_of(_digits("", code, 12))
        self.area_name = _text_array(
            [f"虚拟{c + 1:02d}县{t + 1:02d}镇{v + 1:03d}村" for c, t, v in zip(county, township, village, strict=True)]
        )

    def column(self, table: str, name: str, values: Array) -> Any:
        """Return the texts of one id, area or text column."""
        if name in ("household_id", "member_id", "area_code", "area_name"):
            source = getattr(self, name.removesuffix("_id"))
        elif name == "record_id":
            return _text_of(_digits("R", values, 10))
        else:
            source = _text_array(_TEXTS[table, name])
        return source.take(values, allow_fill=bool((values < 0).any()))


def _mask_texts(column: Column) -> Any:
    """Return the text of every bit mask over a column's codes; mask 0 is missing."""
    codes = list(column.codes)
    texts = [";".join(name for place, name in enumerate(codes) if mask >> place & 1) for mask in range(1 << len(codes))]
    return _text_array([None, *texts[1:]])


def _by_importance(column: Column, masks: Array, main: Array) -> Any:
    """Return the text of each mask with the main code in front: the register lists risks by importance."""
    codes = list(column.codes)
    pairs, number = np.unique(np.stack([masks, main]), axis=1, return_inverse=True)
    texts = [
        ";".join([codes[first], *(code for k, code in enumerate(codes) if mask >> k & 1 and k != first)])
        for mask, first in pairs.T.tolist()
    ]
    return _text_array(texts).take(number.ravel())


def _column_of(table: str, column: Column, values: Array | None, n: int, ids: Ids) -> Any:
    """Return a column as the register has it; one that no part of the simulation fills (None) is missing for all."""
    if column.type in ("id", "text", "area"):
        if values is None:
            return _text_array([None]).take(np.zeros(n, dtype=np.int64))
        return ids.column(table, column.name, values)
    if column.type == "codes":
        values = np.zeros(n, dtype=np.int32) if values is None else values
        return _mask_texts(column).take(values)
    if column.type == "code":
        codes = np.full(n, -1, dtype=np.int8) if values is None else values.astype(np.int8)
        return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(column.codes)))
    if column.type == "bool":
        return pd.array([pd.NA] * n if values is None else values.astype(bool), dtype="boolean")
    if column.type == "date":
        days = np.full(n, NEVER) if values is None else values
        seconds = days.astype(np.int64) * 86_400
        seconds[days == NEVER] = np.iinfo(np.int64).min
        return seconds.view("datetime64[s]")
    numbers = values.astype(np.float64) if values is not None else np.full(n, np.nan)
    if column.unit == "CNY":
        return np.where(numbers < 0, np.nan, numbers / 100.0)
    if column.name in ("exit_year", "work_months", "public_post_months"):
        numbers[numbers < 0] = np.nan
    return np.round(numbers, 2)


def table_frame(name: str, columns: dict[str, Array], ids: Ids) -> pd.DataFrame:
    """Return the typed table of compact columns; empties `columns` on the way to save memory."""
    n = len(next(iter(columns.values()))) if columns else 0
    if name == "medical" and "disease" in columns:
        columns["icd10"] = columns["disease"]
    main = columns.pop("main", None)
    typed = {}
    for column in TABLES[name].columns:
        values = columns.pop(column.name, None)
        typed[column.name] = (
            _by_importance(column, values, main)
            if column.name == "risks" and values is not None and main is not None
            else _column_of(name, column, values, n, ids)
        )
    return pd.DataFrame(typed, index=pd.RangeIndex(n), copy=False)
