"""Rows of a sheet that are not data: totals, notes, repeated headers, blank rows and the example of a template.

Most of them have no usable id. A total may have anything there: the number of households, the name of a village. It is
known by what stands where a row of data has a name, a number of its own, or a place. An id like all the others, that
stands in no other row, outranks such a word: somebody may be entered as 合计.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.records.cells import Fault
from fanpin_risk.records.cells.contents import as_dictionary, as_objects, with_care
from fanpin_risk.records.headers import read_heading
from fanpin_risk.records.read.builder import ROW_FAULTS
from fanpin_risk.records.read.header_rows import squeezed
from fanpin_risk.records.read.odd_ids import odd_ids
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import EXAMPLE, Sheet

__all__ = ["odd_rows", "other_rows"]

KINDS_OF_ROWS = ("total", "note", "header", "empty", "example")
PLAIN_KEY = r"^[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*$"  # an id that cannot be read as a total or a note
TOTAL_TEXT = re.compile(
    r"(?:本页|本表|全部|累计)?(?:合计|总计|小计|共计|累计|平均|平均值|户均|人均|均值)数?[:]?(?:\(?\d*[人户行条]?(?:\d+人)?\)?)?[:]?|(?:grand)?(?:sub)?total[:]?"
    r"|\S{0,12}[省市县区乡镇村组](?:合计|总计|小计|共计|平均|户均|人均)[:]?|其中[:]?.{0,12}"
)
TITLE_TEXT = re.compile(r"年|[表册村组社镇乡]$|^附件|^第|单位|情况")  # alone in its row
COUNT_TEXT = re.compile(r"(?:共|计)?\d+户(?:\d+人)?|共\d+人")  # of households, where a row of data has an id or a name
MAY_LABEL = (
    "计|均|其中|[Tt]otal|TOTAL|户|共|例|[Ee][Xx][Aa]"  # one of these is in every text that makes a total or an example
)
NOTE_TEXT = re.compile(
    r"第\d+页(?:[,，/]?共\d+页)?|共\d+页(?:[,，/]?第\d+页)?|(?:户数|人数|页码|注|说明|备注|填表|制表|审核|复核|负责人|单位|统计口径|数据来源|打印|导出|note)\S*[::].*|(?:注|说明)[::]?.*|以下空白|填表说明.*"
)
LIKE_A_NAME = re.compile(r"[合总小共]计|例")  # what may stand for the name of a person, or of a village
FEWEST_SIGNS = 7  # of an id that no count of households looks like
MOST_ARE_ALIKE = 0.8  # of the ids of a sheet
CODE_OF_PLACE = re.compile(r"0{3}$")  # 520100000000, as that of a village or township
FEWEST_SUMS = 2  # columns, and more than half, in which a row is the sum of those above or below
NAMES_PERSON = re.compile(r"姓名|[Nn]ame")
ODD_ID = "id_unlike_others"
WORD_OF_NAME = re.compile(r"[^\W\d_]{2}")
MOST_NOTE_CELLS = 4
FEWEST_CODES = 3  # cells in a row of codes below the header
FIRST_ROWS = 2  # below a header, in which codes of the columns may stand
COLUMN_NUMBER = re.compile(
    r"[甲乙丙丁戊己庚辛壬癸]|\d{1,2}|[A-Z]"
)  # 甲 乙 1 2 3, as statistical tables number their columns
COLUMN_CODE = re.compile(r"[A-Za-z]{2,6}_?\d{2,4}")  # aac006, as databases call their columns
EXAMPLE_ID = re.compile(
    rf"(?:填写)?(?:{'|'.join(EXAMPLE.in_every_language())}|样例|范例|举例|例如|例)(?:[(:].*|\d*)", re.IGNORECASE
)  # that of an invented row


def other_rows(sheet: Sheet, id_position: int) -> dict[str, np.ndarray]:
    """Return which rows are totals, notes, repeated headers or blank.

    Parameters
    ----------
    sheet : Sheet
    id_position : int
        Position of the column with the ids. Only rows without a usable id are looked at, and those with a text of a
        total or of an example in a column of names, running numbers or places.

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
    labels = _Labels.of(sheet.head.headers_in("households"), id_position)
    for at in (*labels.names, *labels.others):
        candidate |= _labelled(sheet.frame.iloc[:, at], of_names=at in labels.names)
    for fault in sheet.faults:
        candidate |= fault.mask
    rows: np.ndarray = np.zeros((0, sheet.frame.shape[1]), dtype=object)
    own = np.zeros(n, dtype=bool)
    if candidate.any():
        own = _rows_of_own(sheet.frame, id_position, labels, candidate)
        rows = as_objects(sheet.frame[candidate]).to_numpy()
    for position, cells in zip(np.flatnonzero(candidate), rows, strict=True):
        texts_of_row = [squeezed(cell) if isinstance(cell, str) else str(cell) for cell in cells]
        kind = _kind_of(texts_of_row, texts_of_row[id_position], above, labels)
        if kind and not (own[position] and kind in ("total", "example")):
            found[kind][position] = True
    for first in range(min(n, FIRST_ROWS)):
        cells_of_row = [str(cell) for cell in sheet.frame.iloc[first] if cell]
        if not candidate[first] and _is_row_of(COLUMN_CODE, cells_of_row):
            found["header"][first] = True
    return found


def odd_rows(sheet: Sheet, of_ids: AbstractSet[int], id_position: int, keep: np.ndarray) -> tuple[list[Fault], int]:
    """Tell which rows have an id unlike the others of the sheet.

    Parameters
    ----------
    sheet : Sheet
    of_ids : set of int
        Positions of the columns of ids.
    id_position : int
        Position of the first of them.
    keep : ndarray of bool, shape (n_rows,)
        Rows that are data.

    Returns
    -------
    faults : list of Fault
        Of the rows that are kept: those that name no person are no records.
    n_named : int
        How many rows name a person, whatever their id, and are kept.
    """
    odd = np.zeros(len(sheet.frame), dtype=bool)
    for position in of_ids & sheet.head.long_numbers:
        odd |= odd_ids(sheet.frame.iloc[:, position])
    odd &= keep
    if not odd.any():
        return [], 0
    named = np.zeros(len(odd), dtype=bool)
    for position in _Labels.of(sheet.head.headers_in("households"), id_position).names:
        cells = sheet.frame.iloc[:, position]
        named |= np.array([isinstance(cell, str) and WORD_OF_NAME.search(cell) is not None for cell in cells])
    fault = Fault((odd & ~named)[keep], ODD_ID, ROW_FAULTS[ODD_ID])
    return [fault] if fault.mask.any() else [], int((odd & named).sum())


@dataclass(frozen=True, slots=True)
class _Labels:
    """Where a row that is no data may say so, beside its id: positions of columns.

    Attributes
    ----------
    names : tuple of int
        Of names of persons: no person is called 合计, or 3户.
    others : tuple of int
        Of running numbers and places, and without a header.
    """

    names: tuple[int, ...]
    others: tuple[int, ...]

    @classmethod
    def of(cls, headers: Sequence[str], id_position: int) -> _Labels:
        """Find them by the headers of a sheet."""
        table = TABLES["households"]
        headings = {at: read_heading(table, header) for at, header in enumerate(headers) if at != id_position}
        names = tuple(
            at for at, heading in headings.items() if heading.kind == "personal" and NAMES_PERSON.search(headers[at])
        )
        others = tuple(
            at
            for at, heading in headings.items()
            if heading.kind == "ignored" or (heading.kind in ("column", "part") and heading.name == "area_name")
        )
        return cls(names, others)


def _rows_of_own(frame: pd.DataFrame, id_position: int, labels: _Labels, candidate: np.ndarray) -> np.ndarray:
    """Return the rows with a word like 合计 in one place, and yet an id like the others and figures of their own."""
    own = np.zeros(len(frame), dtype=bool)
    places = [*labels.names, *labels.others]
    words = np.zeros(len(frame), dtype=int)
    words[candidate] = [
        sum(isinstance(cell, str) and LIKE_A_NAME.fullmatch(squeezed(cell)) is not None for cell in row)
        for row in frame.iloc[:, places][candidate].astype(object).to_numpy()
    ]
    if not (words == 1).any():
        return own
    cells = frame.iloc[:, id_position].astype(object)
    ids = cells.where(cells.notna(), "").map(lambda cell: squeezed(str(cell)))
    shapes = ids.map(_shape)
    filled = shapes[(ids != "").to_numpy() & ~candidate]
    if filled.empty or (usual := filled.mode()[0]) == "" or len(usual) < FEWEST_SIGNS:
        return own
    if (filled == usual).mean() < MOST_ARE_ALIKE:
        return own
    alike = (shapes == usual) & ~ids.duplicated(keep=False) & ~ids.str.contains(CODE_OF_PLACE)
    own = (words == 1) & alike.to_numpy()
    if own.any():
        others = [at for at in range(frame.shape[1]) if at not in (id_position, *places)]
        figures = frame.iloc[:, others].apply(pd.to_numeric, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
        figures = np.nan_to_num(figures)
        for at in np.flatnonzero(own).tolist():
            own[at] = bool(figures[at].any()) and not _is_sum(figures, at)
    return own


def _shape(text: str) -> str:
    """Return an id with 9 for its digits and A for its letters."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", text))


def _is_sum(figures: np.ndarray, at: int) -> bool:
    """Tell whether a row has the sums of several rows directly above or below it."""
    for beside in (figures[:at][::-1], figures[at + 1 :]):
        sums = np.cumsum(beside, axis=0)[1:]
        same = (np.isclose(sums, figures[at], rtol=0, atol=0.01) & (figures[at] != 0)).sum(axis=1)
        if ((same >= FEWEST_SUMS) & (same * 2 > np.count_nonzero(figures[at]))).any():
            return True
    return False


def _labelled(values: pd.Series, *, of_names: bool) -> np.ndarray:
    """Return in which rows a cell reads as a total or an example, or in a column of names counts households."""
    array = as_dictionary(values)
    if array is None:
        codes, texts = pd.factorize(values)
        some = [(number, text) for number, text in enumerate(texts) if isinstance(text, str)]
    else:
        codes, texts = array.indices.fill_null(-1).to_numpy(), array.dictionary
        found = np.flatnonzero(pc.match_substring_regex(texts, MAY_LABEL).to_numpy(zero_copy_only=False))
        some = list(zip(found.tolist(), texts.take(found).to_pylist(), strict=True))
    says = np.zeros(len(texts) + 1, dtype=bool)  # the last answers for missing (code -1)
    for number, text in some:
        key = squeezed(text)
        says[number] = _is_total(key) or _is_example(key) or (of_names and COUNT_TEXT.fullmatch(key) is not None)
    return says[np.asarray(codes)] if says.any() else np.zeros(len(values), dtype=bool)


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
            or COUNT_TEXT.fullmatch(key) is not None
            or TITLE_TEXT.search(key) is not None
        )
    return doubtful[np.asarray(codes)]


def _kind_of(cells: list[str], id_cell: str, above: frozenset[str], labels: _Labels) -> str:
    """Return what a row is if it is not data, else an empty text."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return "empty"
    names, others = [cells[at] for at in labels.names], [cells[at] for at in labels.others]
    if any(_is_example(cell) for cell in (id_cell, *names, *others)):
        return "example"
    if len([cell for cell in filled if cell in above]) * 2 > len(filled) and (id_cell in above or not id_cell):
        return "header"
    if any(_is_total(cell) for cell in filled) and (not id_cell or _is_total(id_cell) or COUNT_TEXT.fullmatch(id_cell)):
        return "total"
    if any(map(_is_total, (*names, *others))) or any(map(COUNT_TEXT.fullmatch, names)):
        return "total"
    if _is_note(filled[0]) and len(filled) <= MOST_NOTE_CELLS:
        return "note"
    if not id_cell.isdigit() and _is_row_of(COLUMN_NUMBER, filled):
        return "header"
    has_digit = any(sign.isdigit() for sign in id_cell)
    if filled == [id_cell] and not id_cell.isascii() and (not has_digit or TITLE_TEXT.search(id_cell)):
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
