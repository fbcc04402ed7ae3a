"""Two lists beside each other in one sheet, to save paper: the same headers twice, each list read as a sheet of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fanpin_risk.records.cells.parsed import Fault
from fanpin_risk.records.headers import header_key, names_id
from fanpin_risk.records.sheets import Sheet, unique_labels

__all__ = ["lists_beside", "unfolded"]

FEWEST_HEADERS = 2  # of a list: an id and something about it


def lists_beside(headers: Sequence[str]) -> list[int]:
    """Return where each of several lists with the same headers begins; empty where there is one list.

    Examples
    --------
    >>> lists_beside(["序号", "户编号", "人均纯收入", "", "序号", "户编号", "人均纯收入"])
    [0, 4]
    >>> lists_beside(["户编号", "工资性收入", "户编号", "低保金"])
    []
    """
    keys = [header_key(header) for header in headers]
    filled = [at for at, key in enumerate(keys) if key]
    ids = [at for at in filled if names_id(headers[at])]
    ids = [at for at in ids if keys[at] == keys[ids[0]]]
    if len(ids) < 2:
        return []
    begins = [at - (ids[0] - filled[0]) for at in ids]
    lists = [_without_blank_end(keys[a:b]) for a, b in zip(begins, [*begins[1:], len(keys)], strict=True)]
    alike = all(one == lists[0] for one in lists) and len(lists[0]) >= FEWEST_HEADERS
    return begins if alike else []


def _without_blank_end(keys: list[str]) -> list[str]:
    while keys and not keys[-1]:
        keys = keys[:-1]
    return keys


def unfolded(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the tables of one sheet with lists that stand beside each other apart, numbered through.

    Parameters
    ----------
    sheets : sequence of Sheet
        The tables of one sheet of a file, from top to bottom.

    Returns
    -------
    list of Sheet
    """
    found = [part for sheet in sheets for part in _lists_of(sheet)]
    if len(found) > len(sheets):
        for number, sheet in enumerate(found, start=1):
            first = replace(sheet.head, source=sheet.head.source_of_sheet, part=1)
            sheet.head = first.below(number)
    return found


def _lists_of(sheet: Sheet) -> list[Sheet]:
    head = sheet.head
    begins = lists_beside(head.headers)
    if not begins:
        return [sheet]
    parts = []
    for begin, end in zip(begins, [*begins[1:], len(head.headers)], strict=True):
        inside = range(begin, end)
        frame = sheet.frame.iloc[:, begin:end]
        filled = (frame.notna() & (frame.astype("str") != "")).any(axis=1).to_numpy()
        if begin == begins[0]:
            filled = np.ones(len(frame), dtype=bool)
        headers = list(head.headers[begin:end])
        own = replace(
            head,
            headers=headers,
            long_numbers=frozenset(at - begin for at in head.long_numbers if at in inside),
            hidden_headers={at - begin: text for at, text in head.hidden_headers.items() if at in inside},
            merged=tuple(
                ((top, left - begin), (bottom, right - begin))
                for (top, left), (bottom, right) in head.merged
                if left - 1 in inside
            ),
        )
        parts.append(
            Sheet(
                own,
                frame.loc[filled].reset_index(drop=True).set_axis(unique_labels(headers), axis=1),
                sheet.rows[filled],
                [Fault(fault.mask[filled], fault.code, fault.expected) for fault in sheet.faults],
                sheet.n_empty if begin == begins[0] else 0,
                sheet.n_titles if begin == begins[0] else 0,
            )
        )
    return parts
