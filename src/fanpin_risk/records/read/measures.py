"""Sheets with a column for each kind of support: a cell that is not no or empty says that the household has it."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace

from fanpin_risk.records.headers import header_key
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.read.monitored import NO_ENTRY
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import SheetHead

__all__ = ["has_measure", "measures_of"]

# Headers are those of the forms: what else is called like a measure may be an amount or a question.
HEADER = re.compile(r".{2,}(?:帮扶|保障|改善|建设|扶贫)|搬迁|易地搬迁|危房改造")
FEWEST = 2  # one such column alone may be anything


def measures_of(head: SheetHead, layout: Layout, taken: Container[int]) -> list[Layout]:
    """Return a layout of supports for each column that is named as a measure; none without the year or the start of them.

    Parameters
    ----------
    head : SheetHead
    layout : Layout
        Of the table of supports.
    taken : container of int
        Positions that other tables read.

    Returns
    -------
    list of Layout

    Examples
    --------
    >>> from fanpin_risk.records.layout import lay_out
    >>> headers = ["户编号", "年度", "产业帮扶", "就业帮扶"]
    >>> found = measures_of(SheetHead(file="", source="", headers=headers), lay_out(TABLES["supports"], headers), set())
    >>> [(one.constants, one.marked) for one in found]
    [({'measure': 'industry'}, 2), ({'measure': 'employment'}, 3)]
    """
    column = TABLES["supports"]["measure"]
    if "measure" in layout.columns or not {"household_id", "start_date"} <= layout.columns.keys():
        return []
    names = {text: code for code, texts in column.codes.items() for text in texts}
    found: dict[int, str] = {}
    for place, header in enumerate(head.headers_in("supports")):
        key = header_key(header)
        if place in taken or not HEADER.fullmatch(key):
            continue
        by_pattern = (code for code, pattern in column.patterns.items() if re.fullmatch(pattern, key))
        code = names.get(key) or next(by_pattern, None)
        if code is not None:
            found[place] = code
    if len(found) < FEWEST:
        return []
    shared = {
        name: place for name, place in layout.columns.items() if name in ("household_id", "start_date", "recorded_at")
    }
    return [
        Layout(columns=shared, constants={"measure": code}, marked=place, personal=layout.personal - {"member_id"})
        for place, code in found.items()
    ]


def has_measure(raw: RawRows) -> RawRows:
    """Return the rows of households that have the measure of a layout.

    Parameters
    ----------
    raw : RawRows

    Returns
    -------
    RawRows
    """
    if raw.layout.marked is None:
        return raw
    cells = raw.frame.iloc[:, raw.layout.marked].astype("str").str.strip().fillna("")
    has = ~cells.isin(NO_ENTRY | {"未享受", "没有", "0.0", "×", "未实施", "不享受"}).to_numpy()
    faults = [replace(fault, mask=fault.mask[has]) for fault in raw.faults]
    return replace(raw, frame=raw.frame[has].reset_index(drop=True), rows=raw.rows[has], faults=faults)
