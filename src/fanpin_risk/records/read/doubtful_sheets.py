"""What is said of sheets of which it is not clear what they are: taken by a part of their name, or not read."""

from __future__ import annotations

from collections.abc import Sequence

from fanpin_risk.records.amount_headers import years_in
from fanpin_risk.records.headers import names_id
from fanpin_risk.records.layout import doubtful_columns, names_money
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.assignment import LIKELY_RANK, Assignment, table_by_headers, tables_named
from fanpin_risk.records.read.monitored import lists_candidates
from fanpin_risk.records.sheets import GUIDE_SHEET, IGNORE, SheetHead
from fanpin_risk.words import Message, listed

__all__ = ["note_likely", "note_unknown"]

# Sheets in which names stand beside what they name, and what is to be done.
SHAPES = {
    "form": Message(
        "is a form for one household (一户一表) and was not read; copy such forms into one table with a row for each household or "
        "member"
    ),
    "turned": Message(
        "has its fields below each other and the households side by side, and was not read; turn it (copy, paste special, "
        "transpose), so that each household has a row"
    ),
}


def note_likely(head: SheetHead, assignments: Sequence[Assignment], problems: Problems) -> None:
    """Report a sheet that only a part of its name puts into a table, or that lists who is not monitored yet."""
    if lists_candidates(head):
        _note_candidates(head, problems)
    table = assignments[0].table
    if assignments[0].rank != LIKELY_RANK:
        return
    if table_by_headers(head) is not table:
        problems.note(
            table=table.name, source=head.source, code="likely_table",
            text=Message(
                "was read as {table}, since a part of its name says so; if it is something else, say so in a columns file",
                table=table.label,
            ),
        )  # fmt: skip


def note_unknown(head: SheetHead, problems: Problems, nearest: Sequence[Message] = ()) -> None:
    """Report a sheet that belongs to no table, or is to be ignored; with the names nearest to its headers, if known."""
    if head.table == IGNORE:
        problems.note(
            table="", source=head.source, code="ignored_sheet",
            text=Message("was not read, as the columns file says"),
        )  # fmt: skip
        return
    if head.sheet in GUIDE_SHEET.in_every_language():  # of a template: it explains the others
        return
    if lists_candidates(head):
        _note_candidates(head, problems)
        return
    named = _table_lost(head)
    text = SHAPES.get(head.shape, Message("is known neither by its name nor by its headers and was not read"))
    if nearest:
        text = Message("{what}; {names}?", what=text, names=listed(nearest))
    problems.note(
        table=named, severity="rejected" if named else "warning", source=head.source, code="unknown_sheet", text=text
    )  # fmt: skip


def _table_lost(head: SheetHead) -> str:
    """Return the table whose rows a sheet that is not read may have; "" where it has none that anybody would miss."""
    named = [name for text in head.names for name in tables_named(text)]
    headers = head.headers if head.headers and not head.shape else sorted(head.texts)
    has_ids = any(header and names_id(header) for header in headers)
    of_money = any(has_ids or names_money(headers[at]) for at in doubtful_columns(headers, ()))
    if "incomes" in named or (not named and (of_money or years_in(headers))) or (head.shape and of_money):
        return "" if head.no_accounts and not head.shape else "incomes"  # whose amounts count in nobody's income
    return next(iter(named), "members" if head.shape else "")


def _note_candidates(head: SheetHead, problems: Problems) -> None:
    problems.note(
        table="", source=head.source, code="candidates",
        text=Message(
            "lists households that may be monitored one day (疑似, 拟纳入) or were not taken up (未通过); it was not read as a list of "
            "those who are"
        ),
    )  # fmt: skip
