"""Rows of a sheet that are not data: totals, notes, repeated headers, blank rows and the example of a template."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.records.cells.contents import as_dictionary, with_care
from fanpin_risk.records.read.header_rows import squeezed
from fanpin_risk.records.sheets import EXAMPLE, Sheet

__all__ = ["other_rows"]

KINDS_OF_ROWS = ("total", "note", "header", "empty", "example")
PLAIN_KEY = r"^[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*$"  # an id that cannot be read as a total or a note
TOTAL_TEXT = re.compile(
    r"(?:本页|本表|全部|累计)?(?:合计|总计|小计|共计|累计|平均|平均值|户均|均值)(?:\(?\d*[人户行条]?\)?)?[:]?|(?:grand)?(?:sub)?total[:]?"
)
NOTE_TEXT = re.compile(
    r"第\d+页(?:[,，/]?共\d+页)?|共\d+页(?:[,，/]?第\d+页)?|(?:户数|人数|页码|注|说明|备注|填表|制表|审核|复核|负责人|单位|统计口径|数据来源|打印|导出|note)\S*[::].*|(?:注|说明)[::]?.*|以下空白|填表说明.*"
)
MOST_NOTE_CELLS = 4
FEWEST_CODES = 3  # cells in a row of codes below the header
FIRST_ROWS = 2  # below a header, in which codes of the columns may stand
COLUMN_NUMBER = re.compile(
    r"[甲乙丙丁戊己庚辛壬癸]|\d{1,2}|[A-Z]"
)  # 甲 乙 1 2 3, as statistical tables number their columns
FIELD_CODE = re.compile(r"[A-Za-z]{2,6}_?\d{2,4}")  # aac006, as databases call their columns
EXAMPLE_ID = re.compile(
    rf"(?:{'|'.join(EXAMPLE.in_every_language())})(?:[(:].*)?", re.IGNORECASE
)  # that of an invented row


def other_rows(sheet: Sheet, id_position: int) -> dict[str, np.ndarray]:
    """Return which rows are totals, notes, repeated headers or blank.

    Parameters
    ----------
    sheet : Sheet
    id_position : int
        Position of the column with the ids; only rows without a usable id are looked at.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_rows,)
        Under ``total``, ``note``, ``header``, ``empty`` and ``example`` (of a template). In typed columns (Parquet) there are none.
    """
    n, above = len(sheet.frame), sheet.head.texts
    found = {kind: np.zeros(n, dtype=bool) for kind in KINDS_OF_ROWS}
    if not above or not n:
        return found
    candidate = _without_usable_id(sheet.frame.iloc[:, id_position], above)
    for fault in sheet.faults:
        candidate |= fault.mask
    rows = sheet.frame[candidate].astype(object).to_numpy()
    for position, cells in zip(np.flatnonzero(candidate), rows, strict=True):
        texts_of_row = [squeezed(cell) if isinstance(cell, str) else str(cell) for cell in cells]
        kind = _kind_of(texts_of_row, texts_of_row[id_position], above)
        if kind:
            found[kind][position] = True
    for first in range(min(n, FIRST_ROWS)):
        cells_of_row = [str(cell) for cell in sheet.frame.iloc[first] if cell]
        if not candidate[first] and _is_row_of(FIELD_CODE, cells_of_row):
            found["header"][first] = True
    return found


def _without_usable_id(ids: pd.Series, above: frozenset[str]) -> np.ndarray:
    """Return which rows have no usable id, or one that reads like something else."""
    array = as_dictionary(ids)
    if array is None:
        codes, texts = pd.factorize(ids)
        doubtful = np.ones(len(texts) + 1, dtype=bool)  # the last answers for missing (code -1)
        others = list(enumerate(texts))
    else:
        codes, texts = array.indices.fill_null(-1).to_numpy(), array.dictionary
        headers = pc.is_in(texts, value_set=pa.array(above, texts.type))
        doubtful = np.append(headers.to_numpy(zero_copy_only=False), True)
        others = with_care(texts, PLAIN_KEY)
    for number, text in others:
        doubtful[number] = (
            not isinstance(text, str)
            or not (key := squeezed(text))
            or key in above
            or not any(sign.isdigit() for sign in key)
            or _is_total(key)
            or _is_note(key)
            or _is_example(key)
        )
    return doubtful[np.asarray(codes)]


def _kind_of(cells: list[str], id_cell: str, above: frozenset[str]) -> str:
    """Return what a row is if it is not data, else an empty text."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return "empty"
    if _is_example(id_cell):
        return "example"
    if len([cell for cell in filled if cell in above]) * 2 > len(filled) and (id_cell in above or not id_cell):
        return "header"
    if any(_is_total(cell) for cell in filled) and (not id_cell or _is_total(id_cell)):
        return "total"
    if _is_note(filled[0]) and len(filled) <= MOST_NOTE_CELLS:
        return "note"
    if not id_cell.isdigit() and _is_row_of(COLUMN_NUMBER, filled):
        return "header"
    if filled == [id_cell] and not id_cell.isascii() and not any(sign.isdigit() for sign in id_cell):
        return "note"  # a title that is repeated on each page
    return ""


def _is_row_of(code: re.Pattern[str], filled: list[str]) -> bool:
    """Tell whether all cells that are filled are codes of columns."""
    return len(filled) >= FEWEST_CODES and all(code.fullmatch(cell) for cell in filled)


def _is_total(text: str) -> bool:
    return TOTAL_TEXT.fullmatch(text.lower()) is not None


def _is_note(text: str) -> bool:
    return NOTE_TEXT.fullmatch(text.lower()) is not None


def _is_example(text: str) -> bool:
    return EXAMPLE_ID.fullmatch(text) is not None
