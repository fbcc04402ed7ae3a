"""Lines of a file of corrections as proposals: what a clerk decided, and which values a row of the register would get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from fanpin_risk.records.cells import parse
from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.declarations import Column
from fanpin_risk.records.schema import TABLES
from fanpin_risk.visits.corrections_file import DECISIONS
from fanpin_risk.words import Message

__all__ = ["REFUSALS", "STATE_TABLES", "Proposal", "ProposalLine", "column_in_words", "proposal_lines", "proposals_of"]

# Codes of why a line is not taken, and what is said. Values are not repeated: they are about a person.
REFUSALS = MappingProxyType({
    "not_a_decision": Message("decision: expected one of {expected}, or an empty cell"),
    "half_decided": Message("the lines of entry {entry} are decided differently; decide all of them alike"),
    "not_an_action": Message("action: expected change or add; copy it from the file as it was written"),
    "no_such_column": Message("{table}.{column}: no column of the register"),
    "not_to_change": Message("{table}.{column}: cannot be changed from a day on; mend it in the register itself"),
    "damaged_id": Message("{column}: expected {expected}"),
    "no_household": Message("household_id: no household of the register"),
    "no_household_of_zeros": Message(
        "household_id: the register has one with zeros at its front, which a spreadsheet may have cut off; copy the id as text"
    ),
    "no_person": Message("member_id: empty; a row of {table} is about a person"),
    "no_such_member": Message("member_id: no member of the household; copy the id as text, with zeros at its front"),
    "not_a_value": Message("{column}: expected {expected}"),
    "empty_new": Message("new: empty; fill in {column}"),
    "two_values": Message("{column} is given twice in entry {entry}, with different values"),
    "no_day": Message("date: expected a day such as 2024-12-31, from which the change holds"),
    "lacks": Message(
        "a row of {table} needs {columns}; fill in the line, or add one with the same entry, household, member and date"
    ),
    "after_acceptance": Message("{column}: after the day of acceptance ({day})"),
    "says_otherwise": Message("{column}: the register says otherwise now; look at it again, and write into old what it says"),
    "other_record": Message("the register has a record of this already that says otherwise; mend it in the register itself"),
    "table_not_given": Message(
        "the register has no table {table}: a single row would say that no other household has any; add the table first"
    ),
    "recorded_later": Message("the register has a row that was recorded later ({day}); accept on that day or after it"),
    "closed_before": Message("the household was closed, or the person left, on {day}; nothing is changed after that"),
    "ends_before_row": Message("{column}: before the newest row ({day}), which says that it is still there; look at it again"),
})  # fmt: skip
NEVER_CHANGED = ("id",)  # types of columns that tell whose row it is
STATE_TABLES = ("households", "members")  # tables with a row for each day since which something holds


def column_in_words(column: Column) -> Message:
    """Return what a column is called, in either language.

    Examples
    --------
    >>> column_in_words(TABLES["members"]["health"]).shown("zh")
    '健康状况'
    """
    return Message(column.name, zh=column.zh)


@dataclass
class ProposalLine:
    """A line of the file.

    Attributes
    ----------
    row : int
        Its number in the file.
    decision, entry, action, table, household_id, member_id, column, event_key : str
        As texts.
    old, new : object
        Values of the column; missing where empty.
    date : Timestamp
    outcome : str
        ``taken``, ``known``, ``refused``, ``rejected`` (by the clerk), ``undecided``; ``""`` as long as it is not known.
    code : str
        Why it is refused.
    problem : Message or None
    """

    row: int
    decision: str
    entry: str
    action: str
    table: str
    household_id: str
    member_id: str
    column: str
    event_key: str
    old: Any = None
    new: Any = None
    date: Any = pd.NaT  # a Timestamp
    outcome: str = ""
    code: str = ""
    problem: Message | None = None

    def refuse(self, code: str, **values: Any) -> None:
        """Note why the line is not taken."""
        if self.outcome != "refused":
            self.outcome, self.code, self.problem = "refused", code, Message(REFUSALS[code], **values)

    @property
    def named_column(self) -> Message:
        """The column that it is about, in words."""
        return column_in_words(TABLES[self.table][self.column])


@dataclass
class Proposal:
    """A change of one cell, or a new row.

    Attributes
    ----------
    lines : list of ProposalLine
    """

    lines: list[ProposalLine]

    @property
    def first(self) -> ProposalLine:
        """The line that stands for what all have in common."""
        return self.lines[0]

    @property
    def cells(self) -> dict[str, Any]:
        """Column -> value, of those that are given."""
        return {line.column: line.new for line in self.lines if not pd.isna(line.new)}

    def refuse(self, code: str, **values: Any) -> None:
        """Note why it is not taken."""
        for line in self.lines:
            line.refuse(code, **values)

    def end(self, outcome: str) -> None:
        """Note what became of it."""
        for line in self.lines:
            line.outcome = line.outcome or outcome


def proposal_lines(frame: pd.DataFrame) -> list[ProposalLine]:
    """Read the lines of a file, each for itself; what is wrong with one is noted in it.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`fanpin_risk.visits.corrections_file.read_corrections`, or the corrections of `read_visits`.

    Returns
    -------
    list of ProposalLine
    """
    texts = {name: [_cell_as_text(cell) for cell in _cells_of(frame, name)] for name in
             ("decision", "entry", "action", "table", "column", "event_key")}  # fmt: skip
    ids = {name: _read_ids(frame, name) for name in ("household_id", "member_id")}
    numbers = frame["row"].tolist() if "row" in frame else [*range(1, len(frame) + 1)]
    lines = []
    for place, number in enumerate(numbers):
        plain: dict[str, Any] = {name: cells[place] for name, cells in texts.items()}
        plain |= {name: read[place][0] for name, read in ids.items()}
        line = ProposalLine(int(number), **plain)
        lines.append(line)
        line.decision, line.entry = _decision_in(line), line.entry.removesuffix(".0")
        line.action, line.table = line.action.lower(), line.table.lower()
        if line.action not in ("change", "add"):
            line.refuse("not_an_action")
        elif line.table not in TABLES or line.column not in TABLES[line.table]:
            line.refuse("no_such_column", table=line.table, column=line.column)
        for name, read in ids.items():
            if read[place][1] is not None:
                line.refuse("damaged_id", column=name, expected=read[place][1])
    _read_values(frame, lines)
    return lines


def _cells_of(frame: pd.DataFrame, name: str) -> list[Any]:
    return frame[name].astype(object).tolist() if name in frame else [None] * len(frame)


def _cell_as_text(cell: Any) -> str:
    return "" if cell is None or (not isinstance(cell, str) and pd.isna(cell)) else as_text(cell).strip()


def _read_ids(frame: pd.DataFrame, name: str) -> list[tuple[str, Message | None]]:
    """Return the ids of a column as texts, and what was expected where one is none."""
    cells = pd.Series(_cells_of(frame, name), dtype=object)
    parsed = parse(cells, TABLES["members"][name])
    wrong = [
        next((fault.expected for fault in parsed.faults if fault.mask[place]), None) for place in range(len(cells))
    ]
    return [("" if pd.isna(text) else str(text), fault) for text, fault in zip(parsed.column, wrong, strict=True)]


def _decision_in(line: ProposalLine) -> str:
    """Return the code of what the clerk decided, ``""`` where nothing is."""
    if not line.decision:
        return ""
    for code, label in DECISIONS.items():
        if line.decision.lower() in (code, *(as_text(text).lower() for text in label.in_every_language())):
            return code
    line.refuse("not_a_decision", expected=[*DECISIONS.values()])
    return line.decision


def _read_values(frame: pd.DataFrame, lines: Sequence[ProposalLine]) -> None:
    """Read old and new as cells of their columns, as the reader of registers does, and the days."""
    cells = {name: _cells_of(frame, name) for name in ("old", "new", "date")}
    places: dict[tuple[str, str], list[int]] = {}
    for place, line in enumerate(lines):
        if line.outcome != "refused":
            places.setdefault((line.table, line.column), []).append(place)
    for (table, name), mine in places.items():
        column = TABLES[table][name]
        for side in ("old", "new"):
            parsed = parse(pd.Series([cells[side][place] for place in mine], dtype=object), column)
            for at, (place, value) in enumerate(zip(mine, parsed.column, strict=True)):
                setattr(lines[place], side, value)
                fault = next((fault for fault in parsed.faults if fault.mask[at]), None)
                if fault is not None and side == "new":
                    lines[place].refuse("not_a_value", column=lines[place].named_column, expected=fault.expected)
    days = parse(pd.Series(cells["date"], dtype=object), TABLES["shocks"]["event_date"])
    for place, line in enumerate(lines):
        whole = days.first is not None and days.last is not None and days.first[place] == days.last[place]
        line.date = days.column[place] if whole else pd.NaT


def proposals_of(
    lines: Sequence[ProposalLine], *, take_undecided: bool, check: Callable[[ProposalLine], None]
) -> list[Proposal]:
    """Put the lines that are to be taken together to proposals; note what becomes of the others.

    Parameters
    ----------
    lines : sequence of ProposalLine
        Their outcomes are set.
    take_undecided : bool
        Whether to take what is not decided.
    check : callable
        Refuses a line of a household or person that is not there.

    Returns
    -------
    list of Proposal
        By day, then in the order of the file.
    """
    groups: dict[tuple[Any, ...], list[ProposalLine]] = {}
    for line in lines:
        whose = (line.action, line.table, line.household_id, line.member_id, line.date, line.event_key, line.entry)
        groups.setdefault((*whose, line.row) if line.action == "change" else whose, []).append(line)
    found = []
    for group in groups.values():
        decided = {line.decision for line in group}
        if len(decided) > 1:
            for line in group:
                line.refuse("half_decided", entry=line.entry)
        elif decided == {"reject"}:
            _settle_entry(group, "rejected")
        elif decided == {""} and not take_undecided:
            _settle_entry(group, "undecided")
        else:
            for line in group:
                if line.outcome != "refused":
                    check(line)
            proposal = Proposal(group)
            _check_cells(proposal)
            found.append(proposal)
    whole = [one for one in found if all(line.outcome != "refused" for line in one.lines)]
    for one in found:
        refused = next((line for line in one.lines if line.outcome == "refused"), None)
        if refused is not None:  # a row is taken whole or not at all
            for line in one.lines:
                if line.outcome != "refused":
                    line.outcome, line.code, line.problem = "refused", refused.code, refused.problem
    return sorted(whole, key=lambda one: (one.first.date is pd.NaT, one.first.date, one.first.row))


def _settle_entry(group: Sequence[ProposalLine], outcome: str) -> None:
    """Note that lines are not taken because of what the clerk said; what is wrong with them does not matter then."""
    for line in group:
        line.outcome, line.code, line.problem = outcome, "", None


def _check_cells(proposal: Proposal) -> None:
    """Refuse what has no value, two of them, or may not be changed."""
    first = proposal.first
    if any(line.outcome == "refused" for line in proposal.lines):
        return
    if first.action == "change":
        column = TABLES[first.table][first.column]
        if first.table not in STATE_TABLES or column.type in NEVER_CHANGED or not _may_change(first.table, column):
            proposal.refuse("not_to_change", table=first.table, column=first.column)
        elif pd.isna(first.new):
            proposal.refuse("empty_new", column=first.named_column)
        elif pd.isna(first.date):
            proposal.refuse("no_day")
        return
    seen: dict[str, Any] = {}
    for line in proposal.lines:
        column = TABLES[line.table][line.column]
        if column.name == "recorded_at" or not column.kept or (column.type == "id" and column.name != "record_id"):
            proposal.refuse("not_to_change", table=line.table, column=line.column)
        if not pd.isna(line.new) and seen.setdefault(line.column, line.new) != line.new:
            proposal.refuse("two_values", column=line.named_column, entry=line.entry)


def _may_change(table: str, column: Column) -> bool:
    return column.kept and column.name not in (*TABLES[table].key, "recorded_at", "birth_year_only")
