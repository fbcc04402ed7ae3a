"""Sheets with a row for each member whose household cells stand on the first row of each household only, blank below.

Without merged cells nothing says that a blank cell means "as above". Rows without an id are counted to the household
above if these rows, begun by the head (户主), are as many as 家庭人口数 says, or if one of both is not in the sheet. Where
the two contradict each other the household is named; where neither holds, the rows stay without an id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import Fault, parse
from fanpin_risk.records.cells.contents import blank_cells, distinct
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.headers import header_key
from fanpin_risk.records.layout import NAME_OF_PERSON, Layout, lay_out
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import Sheet, SheetHead
from fanpin_risk.words import Message

__all__ = ["BLOCK_DOUBTS", "BlankBelow", "held_together"]

# Of a household below whose row stand rows without an id.
BLOCK_DOUBTS: Mapping[str, Message] = {
    "block_size_differs": Message(
        "as many rows as 家庭人口数 says; the rows below without an id were counted to this household"
    ),
    "block_without_head": Message(
        "the head (户主) on the first row of the household; the rows below without an id were counted to it"
    ),
    "rows_below_unclear": Message(
        "an id on the rows below; neither the head (户主) nor 家庭人口数 says that they are of this household"
    ),
}
MEMBER_COLUMNS = ("member_id", "relation", "birth_date", "sex")
DAY_COLUMNS = ("valid_from", "period_start", "period_end", "recorded_at")
TABLES_WITH_DAYS = ("households", "members", "incomes")


@dataclass(frozen=True, slots=True)
class BlankBelow:
    """Which columns of a sheet say whose row it is, and of which day.

    Attributes
    ----------
    household : int
        Position of the ids of households.
    persons : list of int
        Positions of columns that only rows of members have.
    relation, size : (int, float) or None
        Position and factor of 与户主关系 and 家庭人口数.
    days : list of int
        Positions of days that all tables of the sheet share.
    """

    household: int
    persons: list[int]
    relation: tuple[int, float] | None
    size: tuple[int, float] | None
    days: list[int]

    @classmethod
    def of(cls, head: SheetHead, layouts: Sequence[tuple[Table, Layout]]) -> BlankBelow | None:
        """Return those of a sheet; None if it has no ids of households beside columns of members."""
        places = [layout.columns.get("household_id") for _, layout in layouts]
        household = next((place[0] for place in places if place is not None), None)
        members = lay_out(TABLES["members"], head.headers_in("members")).columns
        names = [at for at, header in enumerate(head.headers) if NAME_OF_PERSON.fullmatch(header_key(header))]
        persons = [members[name][0] for name in MEMBER_COLUMNS if name in members] + names
        if household is None or not persons or household in persons:
            return None
        size = lay_out(TABLES["households"], head.headers_in("households")).columns.get("size_declared")
        days = {
            layout.columns[name][0]
            for table, layout in layouts
            if table.name in TABLES_WITH_DAYS and "item" not in layout.columns
            for name in DAY_COLUMNS
            if name in layout.columns
        }
        return cls(household, sorted(set(persons)), members.get("relation"), size, sorted(days))

    def begins_below(self, frame: pd.DataFrame) -> bool:
        """Tell whether the first row lacks what stands on the first row of its household."""
        return any(bool(blank_cells(frame.iloc[:1, place])[0]) for place in (self.household, *self.days))

    def complete(self, frame: pd.DataFrame, broken: np.ndarray) -> tuple[pd.DataFrame, int, list[Fault]]:
        """Fill ids and days that stand on the first row of a household only.

        Parameters
        ----------
        frame : DataFrame of shape (n, n_columns)
            Cells as read, without rows that are no data.
        broken : ndarray of bool, shape (n,)
            Rows that could not be read as rows.

        Returns
        -------
        frame : DataFrame
            The same, or a copy with what was filled.
        n_filled : int
            Rows that took anything from the row of their household above.
        doubts : list of Fault
            First rows of households of which it is in doubt, by the codes of `BLOCK_DOUBTS`.
        """
        n = len(frame)
        ids = frame.iloc[:, self.household]
        has_id = ~blank_cells(ids)
        if not n or not has_id.any():
            return frame, 0, []
        first, block = _blocks(ids, has_id)
        source = np.arange(n)
        doubts: list[Fault] = []
        if not has_id.all():
            fill, doubts = self._judge(frame, has_id, first, block, broken)
            source = np.where(fill, first, source)
        filled = source != np.arange(n)
        whose = has_id | filled
        taken = {self.household: source} if filled.any() else {}
        for place in self.days:
            blank = blank_cells(frame.iloc[:, place])
            if not (blank & whose).any():
                continue
            given = np.bincount(block[whose & ~blank], minlength=int(block.max()) + 1)
            below = blank & whose & (given[block] == 1) & ~blank[first]
            if below.any():
                taken[place] = np.where(below, first, np.arange(n))
                filled = filled | below
        if taken:
            frame = frame.copy(deep=False)
            for place, indices in taken.items():
                frame.isetitem(place, frame.iloc[:, place].array.take(indices))
        return frame, int(filled.sum()), doubts

    def _judge(
        self, frame: pd.DataFrame, has_id: np.ndarray, first: np.ndarray, block: np.ndarray, broken: np.ndarray
    ) -> tuple[np.ndarray, list[Fault]]:
        """Return the rows without an id that are of the household above, and of which households that is in doubt."""
        n, n_blocks = len(frame), int(block.max()) + 1
        of_member = ~np.logical_and.reduce([blank_cells(frame.iloc[:, place]) for place in self.persons])
        below = ~has_id & of_member & ~broken & (block >= 0)
        heads = np.zeros(n, dtype=bool)
        if self.relation is not None:
            relation = parse(frame.iloc[:, self.relation[0]], TABLES["members"]["relation"]).column
            heads = (relation == "head").to_numpy(dtype=bool, na_value=False)
        size = np.full(n, np.nan)
        if self.size is not None:
            place, factor = self.size
            declared = parse(frame.iloc[:, place], TABLES["households"]["size_declared"], factor=factor).column
            size = declared.to_numpy(dtype="float64", na_value=np.nan)
        others = np.cumsum(below & heads)  # another head begins a household of which the id is not there
        below &= others == others[first]
        starts = np.flatnonzero(has_id & (first == np.arange(n)))
        rows = np.bincount(block[(has_id | below) & (block >= 0)], minlength=n_blocks)
        with_id = np.bincount(block[has_id], minlength=n_blocks)
        any_below = np.bincount(block[below], minlength=n_blocks) > 0
        of_head, declared_size = heads[starts], size[starts]
        fits = rows == declared_size
        sure = fits | (of_head & (with_id == 1))
        fill = below & sure[block]
        unlike = {
            "block_size_differs": sure & ~fits & ~np.isnan(declared_size),
            "block_without_head": sure & ~of_head & (self.relation is not None),
            "rows_below_unclear": ~sure,
        }
        doubts = []
        for code, blocks in unlike.items():
            mask = np.zeros(n, dtype=bool)
            mask[starts[blocks & any_below]] = True
            if mask.any():
                doubts.append(Fault(mask, code, BLOCK_DOUBTS[code]))
        return fill, doubts


def held_together(chunks: Iterator[Sheet], columns: BlankBelow | None) -> Iterator[Sheet]:
    """Give the chunks of a sheet such that no household of which the first row alone has all cells is cut in two.

    Parameters
    ----------
    chunks : iterator of Sheet
    columns : BlankBelow or None
        Which of its columns say whose row it is.
    """
    if columns is None:
        yield from chunks
        return
    held: Sheet | None = None
    for chunk in chunks:
        if held is None:
            held = chunk
            continue
        if not len(chunk.frame) or not len(held.frame) or not columns.begins_below(chunk.frame):
            yield held
            held = chunk
            continue
        has_id = ~blank_cells(held.frame.iloc[:, columns.household])
        first, _ = _blocks(held.frame.iloc[:, columns.household], has_id)
        cut = int(first[-1])
        if cut > 0:
            yield _rows_of(held, slice(0, cut), n_empty=held.n_empty)
        held = _joined(_rows_of(held, slice(cut, None), n_empty=0 if cut > 0 else held.n_empty), chunk)
    if held is not None:
        yield held


def _rows_of(sheet: Sheet, rows: slice, *, n_empty: int) -> Sheet:
    faults = [replace(fault, mask=fault.mask[rows]) for fault in sheet.faults]
    frame = sheet.frame.iloc[rows].reset_index(drop=True)
    return replace(sheet, frame=frame, rows=sheet.rows[rows], faults=faults, n_empty=n_empty)


def _joined(one: Sheet, other: Sheet) -> Sheet:
    none, more = np.zeros(len(one.frame), dtype=bool), np.zeros(len(other.frame), dtype=bool)
    faults = [replace(fault, mask=np.concatenate([fault.mask, more])) for fault in one.faults]
    faults += [replace(fault, mask=np.concatenate([none, fault.mask])) for fault in other.faults]
    frame = pd.concat([one.frame, other.frame], ignore_index=True)
    return replace(
        other,
        frame=frame,
        rows=np.concatenate([one.rows, other.rows]),
        faults=faults,
        n_empty=one.n_empty + other.n_empty,
    )


def _blocks(ids: pd.Series, has_id: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the first row of its household, and the number of that run of rows; 0 and -1 above the first."""
    n = len(ids)
    codes, _ = distinct(ids)
    last = np.maximum.accumulate(np.where(has_id, np.arange(n), -1))
    before = np.concatenate([[-1], last[:-1]])
    starts = has_id & ((before < 0) | (codes != codes[np.maximum(before, 0)]))
    block = np.cumsum(starts) - 1
    first = np.maximum.accumulate(np.where(starts, np.arange(n), 0))
    return first, block
