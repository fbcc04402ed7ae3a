"""Rejected rows as they are written for mending: so that they say the same when they are read from a file of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.contents import as_objects
from fanpin_risk.records.cells.money_units import money_unit
from fanpin_risk.records.headers import read_heading
from fanpin_risk.records.rows import ROLL_RANK, RawRows, Rows

__all__ = ["rows_to_mend"]

MONEY_UNITS: Mapping[float, str] = {0.01: "分", 0.1: "角", 100.0: "百元", 1e3: "千元", 1e4: "万元"}
# What is said of each row beside its cells, and how it is headed where the table has such a column of its own.
WHERE = (("source", "file", "rejected_from"), ("row", "rejected_row"), ("reason", "rejected_because"))
SEVERAL = "several"  # names no table: as a file the rows are known by their headers, as their sheet was
DAYS = ("valid_from", "period_start", "period_end")


def rows_to_mend(tables: Mapping[str, Rows]) -> dict[str, list[pd.DataFrame]]:
    """Return the rejected rows, each with the headers of its sheet and with what the sheet said of all its rows.

    A unit of money that stood in a note above the header stands in the headers, and the days that a title, a name or an
    option said stand in columns of their own. A row of a sheet that holds several tables is written once, with the
    columns of all of them: read alone, a part of it would be taken for a sheet of another kind. Amounts that stand on
    every member's row are left out of it: they stand on the others' rows.

    Parameters
    ----------
    tables : mapping of str to Rows
        Checked.

    Returns
    -------
    dict of str to list of DataFrame
        By table, of sheets of several tables under ``several``, one frame for each set of headers; ``source`` (or
        ``file``, where a table has a source of its own), ``row`` and ``reason`` are the last columns, in ``several``
        ``rejected_from``, ``rejected_row`` and ``rejected_because``.
    """
    sheets: dict[str, list[tuple[Rows, int]]] = {}
    for rows in tables.values():
        for number, part in enumerate(rows.parts):
            if part.rank == ROLL_RANK:  # what else stands in the row says where it belongs
                continue
            sheets.setdefault(part.source, []).append((rows, number))
    found: dict[str, dict[tuple[str, ...], list[pd.DataFrame]]] = {}
    for source, views in sheets.items():
        for alike in _of_one_frame(views):
            cells = _rejected_of(source, alike)
            if len(cells):
                name = alike[0][0].table.name if len(alike) == 1 else SEVERAL
                found.setdefault(name, {}).setdefault(tuple(cells.columns), []).append(cells)
    return {
        name: [pd.concat(frames, ignore_index=True) for frames in found[name].values()]
        for name in (*tables, SEVERAL)
        if name in found
    }


def _of_one_frame(views: Sequence[tuple[Rows, int]]) -> list[list[tuple[Rows, int]]]:
    """Put together the parts of a sheet that look at the same cells."""
    alike: dict[int, list[tuple[Rows, int]]] = {}
    for rows, number in views:
        alike.setdefault(id(rows.parts[number].frame), []).append((rows, number))
    return list(alike.values())


def _rejected_of(source: str, views: Sequence[tuple[Rows, int]]) -> pd.DataFrame:
    """Return the rows of one sheet that any of its tables rejected, with the columns of all of them."""
    starts = [
        int(np.flatnonzero(rows.sheet == number)[0]) if (rows.sheet == number).any() else 0 for rows, number in views
    ]
    n = len(views[0][0].parts[views[0][1]].frame)
    rejected, reasons = np.zeros(n, dtype=bool), [""] * n
    for (rows, _), start in zip(views, starts, strict=True):
        mine = rows.rejected[start : start + n]
        said = rows.problems.reasons(rows.table.name) if mine.any() else None
        for place in np.flatnonzero(mine):
            text = "" if said is None else str(said.get(start + place, ""))
            reasons[place] = " | ".join(one for one in (reasons[place], text) if one)
        rejected |= mine
    places = np.flatnonzero(rejected)
    if not len(places):
        return pd.DataFrame()
    part = views[0][0].parts[views[0][1]]
    positions = sorted({position for rows, number in views for position in rows.parts[number].layout.positions})
    cells = as_objects(part.frame.iloc[places, positions]).reset_index(drop=True)
    if len(views) > 1:
        cells = _without_repeated(cells, views)
    for (rows, number), start in zip(views, starts, strict=True):
        cells = _with_days(cells, rows.parts[number], rows, places + start)
    for rows, number in views:
        cells = _with_units(cells, rows.parts[number])
    beside: tuple[Any, ...] = (source, part.rows[places], np.array(reasons, dtype=object)[places])
    for names, values in zip(WHERE, beside, strict=True):
        own = names if len(views) == 1 else names[-1:]  # which no table knows, so that the sheet is known as before
        name = next(one for one in own if all(_is_free(one, cells, rows.parts[at]) for rows, at in views))
        cells = cells.assign(**{name: pd.Series(values, index=cells.index, dtype=object)})
    return cells


def _without_repeated(cells: pd.DataFrame, views: Sequence[tuple[Rows, int]]) -> pd.DataFrame:
    """Blank the amounts of a sheet that repeats those of the household on every member's row.

    One row read alone does not show that it repeats others: its amounts would be added to theirs.
    """
    repeating = views[0][0].problems.sources_of("amounts_repeated")
    for rows, number in views:
        part = rows.parts[number]
        if rows.table.name != "incomes" or not part.layout.items:
            continue
        if part.source in repeating:
            labels = {part.frame.columns[position] for _, position, _ in part.layout.item_columns}
            cells = cells.assign(**{str(label): None for label in labels})
    return cells


def _is_free(header: str, cells: pd.DataFrame, part: RawRows) -> bool:
    """Tell whether a header stands neither in the sheet nor for a column of the table."""
    return header not in cells and read_heading(part.table, header).kind in ("unknown", "ignored")


def _with_units(cells: pd.DataFrame, part: RawRows) -> pd.DataFrame:
    """Write the unit of money into the headers that name none, where a note above them does."""
    unit = MONEY_UNITS.get(part.money)
    if unit is None:
        return cells
    renamed = {}
    for label in cells.columns:
        heading = read_heading(part.table, str(label))
        money = heading.kind == "item" or (heading.kind == "column" and part.table[heading.name].unit == "CNY")
        if money and money_unit(heading.unit) is None:
            renamed[label] = f"{label}（{unit}）"
    return cells.rename(columns=renamed)


def _with_days(cells: pd.DataFrame, part: RawRows, rows: Rows, positions: np.ndarray) -> pd.DataFrame:
    """Write the days that no cell of a row says into the column of the sheet for them, or into one of their own."""
    said = ~np.isin(rows.origin[positions], ("", "column", "header"))
    if not said.any():
        return cells
    for name in DAYS:
        if name not in rows.table:
            continue
        days = rows.frame[name].iloc[positions].dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
        place = part.layout.columns.get(name)
        label = rows.table[name].zh if place is None else part.frame.columns[place[0]]
        before = cells[label].to_numpy(dtype=object) if label in cells else np.full(len(cells), None, dtype=object)
        cells = cells.assign(**{str(label): np.where(said, days, before)})
    return cells
