"""What is said of a sheet as a whole: what the workbook hides, and how many of its rows are not data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from fanpin_risk.records.declarations import Table
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.sheets import SheetHead
from fanpin_risk.words import Message, listed

__all__ = ["is_only_example", "note_facts", "note_hidden", "note_only_example", "note_skipped"]

# Rows that are not data, by kind.
SKIPPED: Mapping[str, Message] = {
    "total": Message("{count} total"),
    "note": Message("{count} note"),
    "header": Message("{count} header"),
    "empty": Message("{count} empty"),
    "refused": Message("{count} of households that are not monitored"),
    "example": Message("{count} example"),
}


def note_hidden(head: SheetHead, problems: Problems) -> None:
    """Report a sheet that the workbook does not show."""
    problems.note(
        table="", source=head.source, code="hidden_sheet",
        text=Message("is a hidden sheet and was not read; unhide it, or read hidden sheets too (--hidden)"),
    )  # fmt: skip


def note_facts(head: SheetHead, problems: Problems) -> None:
    """Report what of a sheet was not read because the workbook hides it or because it lies astray."""
    for header in head.hidden_headers.values():
        problems.note(
            table="", source=head.source, column=header, code="hidden_column",
            text=Message("is a hidden column and was not read; unhide it, or read hidden columns too (--hidden)"),
        )  # fmt: skip
    if head.n_far:
        problems.note(
            table="", source=head.source, code="far_cells",
            text=Message("{count} cells far from the others were not read; delete them if they mean nothing", count=head.n_far),
        )  # fmt: skip


def is_only_example(n_rows: int, skipped: Counter[str]) -> bool:
    """Tell whether a sheet of a template holds nothing but its example: then it counts as not given."""
    return n_rows == 0 and skipped["example"] > 0


def note_only_example(table: Table, source: str, problems: Problems) -> None:
    """Report a sheet of a template in which nothing was filled in."""
    problems.note(
        table=table.name, source=source, code="only_example",
        text=Message("holds nothing but the example of the template and counts as not given"),
    )  # fmt: skip


def note_skipped(table: Table, source: str, skipped: Counter[str], problems: Problems) -> None:
    """Report how many rows of a sheet are not data, belong to a household above, or have an odd id, if there are any."""
    if odd := skipped.pop("odd_id", 0):
        problems.note(
            table=table.name, source=source, code="odd_id_kept",
            text=Message("{count} rows have an id unlike the others, which are long numbers; they name a person and were kept", count=odd),
        )  # fmt: skip
    if total := sum(skipped[kind] for kind in SKIPPED):
        kinds = [Message(text, count=skipped[kind]) for kind, text in SKIPPED.items() if skipped[kind]]
        problems.note(
            table=table.name, source=source, code="rows_skipped",
            text=Message("{total} rows are not data and are not counted: {kinds}", total=total, kinds=listed(kinds)),
        )  # fmt: skip
    if skipped["below"]:
        problems.note(
            table=table.name, source=source, code="blank_below",
            text=Message(
                "the household's cells stand on its first row only; {count} rows below took its id or day from there",
                count=skipped["below"],
            ),
        )  # fmt: skip
