"""Columns of money that a workbook hides: not read unless asked for, but looked at for whom they concern."""

from __future__ import annotations

from collections.abc import Sequence

from fanpin_risk.records.amount_headers import read_amount_header
from fanpin_risk.records.income_items import STATED
from fanpin_risk.records.layout import Layout, doubtful_columns
from fanpin_risk.records.sheets import Dating, SheetHead

__all__ = ["lay_hidden"]


def lay_hidden(head: SheetHead, parts: Sequence[tuple[Layout, Dating | None]]) -> None:
    """Let hidden columns of money be looked at, so that the households with amounts there are named.

    Parameters
    ----------
    head : SheetHead
    parts : sequence of (Layout, Dating or None)
        Of the tables that are about households, that of incomes first; is changed.
    """
    headers = [head.hidden_headers.get(position, "") for position in range(len(head.headers))]
    years = [None if dating is None else int(str(dating.span[1])[:4]) for _, dating in parts]
    for position in doubtful_columns(headers, ()) if parts else ():
        said = read_amount_header(headers[position])
        if said.figure not in STATED:
            number = years.index(said.year) if said.year in years else 0
            parts[number][0].hidden[position] = headers[position]
