"""Columns of a sheet that are not read, or not as they stand, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence

from fanpin_risk.records.declarations import Table
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = ["note_left_out"]

UNREAD = {
    "personal_column_dropped": Message("names or numbers of persons are not read"),
    "second_column_ignored": Message("means the same as another column of the sheet; the other one is read"),
    "unit_not_understood": Message("is in a unit that is not understood and is not read"),
    "age_not_read": Message(
        "is not read, for an age does not say when a person was born: without {column} ages are unknown, and features of age stay "
        "missing",
        column=Message("birth_date", zh=TABLES["members"]["birth_date"].zh),
    ),
    "only_compared": Message("is only compared from row to row, to tell payments apart, and not kept"),
    "type_lacking": Message(
        "is about monitored households, but no column of the sheet says their type; it is not read, and who is monitored is "
        "not known from it"
    ),
    "unknown_column": Message("is not declared for this table and is not read"),
}
LONGEST_HEADER_SHOWN = 40  # characters


def note_left_out(table: Table, source: str, headers: Sequence[str], layout: Layout, problems: Problems) -> None:
    """Say which columns of a sheet are not read, and why.

    Parameters
    ----------
    table : Table
        The table that the sheet belongs to.
    source : str
        File (and sheet).
    headers : sequence of str
        Headers of the sheet.
    layout : Layout
        What was made of them.
    problems : Problems
        Takes what is found.
    """
    for position, months in sorted(layout.monthly.items()):
        text = Message("is a wage by month, and no column says for how many months; it is not read")
        if months is not None:
            by = headers[months].strip()[:LONGEST_HEADER_SHOWN]
            text = Message("is a wage by month; that of the year is the wage times {column}", column=by)
        header = headers[position].strip()[:LONGEST_HEADER_SHOWN]
        problems.note(table=table.name, source=source, column=header, code="wage_by_month", text=text)
    for position, (unit, factor) in sorted(layout.units.items()):
        if position in layout.monthly:
            continue
        text = Message(
            "is read in {unit}: amounts are multiplied by {factor:,.10g}",
            unit=unit or Message("the unit of the sheet"),
            factor=factor,
        )
        if position in layout.per_person:
            text = Message("{what}, and by the number of persons of the household", what=text)
        header = headers[position].strip()[:LONGEST_HEADER_SHOWN]
        problems.note(table=table.name, source=source, column=header, code="unit_applied", text=text)
    for position, reason in layout.left_out:
        header = headers[position].strip()[:LONGEST_HEADER_SHOWN]
        text = UNREAD[reason]
        if position in layout.nearest:
            text = Message("{what}; {names}?", what=text, names=Message("≈ {names}", names=layout.nearest[position]))
        problems.note(table=table.name, source=source, column=header, code=reason, text=text)
