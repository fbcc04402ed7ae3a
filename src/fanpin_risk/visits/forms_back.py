"""Rows that come back, put together again as the forms of their households, by the keys of the rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.visits.answers import LINES_OF_FIELDS, VISIT_QUESTIONS, Question, line_of_questions
from fanpin_risk.visits.cell_answers import EMPTY_FIELD, FieldAnswer, read_answer
from fanpin_risk.visits.cells_back import SheetBack
from fanpin_risk.visits.form import Form, PlaceInFile
from fanpin_risk.visits.row_keys import (
    MONITORED_LINE,
    KeysOfList,
    RowKey,
    day_of_list_id,
    household_key,
    key_is_of_list,
    printed_check,
    read_row_key,
)
from fanpin_risk.visits.sheet_layout import CHOICE_SHEET, END_MARK, FACT_SHEET, HEAD_LINE, LAYOUT_VERSION
from fanpin_risk.visits.troubles import Troubles
from fanpin_risk.words import LANGUAGES

__all__ = ["forms_of"]

MOST_CELLS_TRIED = 14  # of a row with cells added, among which those that were printed are looked for
PRINTED_DAY = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
FIRST_FACT_ROW = 5  # of the hidden sheet: above it stands of which list the workbook is


@dataclass(frozen=True)
class _Row:
    place: PlaceInFile
    key: RowKey
    cells: list[str]  # without that of the key
    raw: list[Any]


@dataclass(frozen=True)
class _Issued:
    """What the hidden sheet of a workbook says."""

    list_id: str
    as_of: str
    households: Mapping[str, tuple[str, tuple[str, ...], dict[str, str], frozenset[str]]]


def forms_of(
    file: Path, sheets: Sequence[SheetBack], troubles: Troubles, *, known: KeysOfList | None
) -> Iterator[Form]:
    """Yield the forms of a file.

    Parameters
    ----------
    file : Path
    sheets : sequence of SheetBack
    troubles : Troubles
        Where what is wrong is noted.
    known : KeysOfList, optional
        The list that the sheets were made of.

    Yields
    ------
    Form
    """
    issued = _issued_list(sheets)
    rows: dict[str, list[_Row]] = {}
    checked: set[str] = set()
    filled: list[tuple[Form, Sequence[_Row]]] = []
    for sheet in sheets:
        if sheet.name == CHOICE_SHEET or _says_which_list(sheet):
            continue
        for row in _keyed_rows(file, sheet, troubles):
            rows.setdefault(row.key.household, []).append(row)
        _note_merged(file, sheet, rows, troubles)
    for key, of_household in rows.items():
        of_book = key in issued.households or key_is_of_list(key, issued.list_id)
        day = (issued.as_of if of_book else "") or _printed_day(of_household)
        household, list_id = _household_of(key, of_household, issued, known, day)
        place = of_household[0].place
        if not household:
            if any(_has_answers(row) for row in of_household):
                code = "unknown_household" if known is None else "other_list"
                troubles.add(code, place)
            continue
        if known is not None and list_id not in checked and not known.tells(list_id):
            troubles.add("list_not_told", place)
        checked.add(list_id)
        _, members, records, lines = issued.households.get(key, ("", (), {}, frozenset[str]()))
        form = Form(
            f"{file} {key}", key, household, file.name, list_id or issued.list_id, members=members, records=dict(records),
            as_of=day or ("" if known is None else known.day) or day_of_list_id(list_id),
        )  # fmt: skip
        _fill_form(form, of_household, lines, troubles)
        filled.append((form, of_household))
        yield form
    _note_beside(filled, troubles)


# --- rows -------------------------------------------------------------------------------------------------------
def _names_of(question: Question) -> frozenset[str]:
    """Return what a field may be called in a sheet, as cells are read."""
    return frozenset(as_text(name) for name in question.label.in_every_language())


def _keyed_rows(file: Path, sheet: SheetBack, troubles: Troubles) -> Iterator[_Row]:
    """Yield the rows of a sheet that have a key; note those that have a wrong one, or answers but none."""
    for number, raw in sheet.rows:
        cells = [as_text(cell).strip() for cell in raw]
        place = PlaceInFile(file.name, sheet.name, number)
        found = [(at, key) for at, text in enumerate(cells) if (key := read_row_key(text)) is not None]
        if not found:
            if any(text in ASKED_LABELS for text in cells) and _answered_without_key(cells):
                troubles.add("no_key", place)
            continue
        at, key = found[0]
        if isinstance(key, str):
            troubles.add("bad_key", place)
            continue
        rest = [text for other, text in enumerate(cells) if other != at]
        yield _Row(place, key, rest, [cell for other, cell in enumerate(raw) if other != at])


ASKED_LABELS = {name for question in VISIT_QUESTIONS.values() for name in _names_of(question)}


def _answered_without_key(cells: Sequence[str]) -> bool:
    return any(before in ASKED_LABELS and after and after not in ASKED_LABELS for before, after in pairwise(cells))


def _note_merged(file: Path, sheet: SheetBack, rows: Mapping[str, list[_Row]], troubles: Troubles) -> None:
    """Note ranges that someone merged over rows of forms, or within one that has fields: only the first cell kept its answer."""
    here = [row for of_one in rows.values() for row in of_one if row.place.sheet == sheet.name]
    numbers = {row.place.row for row in here}
    of_fields = {row.place.row for row in here if line_of_questions(row.key.line)}
    for (top, _), (bottom, _) in sheet.merged:
        if (bottom > top and numbers & set(range(top, bottom + 1))) or top in of_fields:
            troubles.add("merged", PlaceInFile(file.name, sheet.name, top))


def _has_answers(row: _Row) -> bool:
    return any(answer is not EMPTY_FIELD for answer in _row_answers(row)[0].values())


# --- whose they are ---------------------------------------------------------------------------------------------
def _says_which_list(sheet: SheetBack) -> bool:
    """Tell whether a sheet is the hidden one, also where it was saved as a text of its own."""
    first = [as_text(cell) for cell in sheet.rows[0][1][:2]] if sheet.rows else []
    return sheet.name == FACT_SHEET or first == ["version", LAYOUT_VERSION]


def _issued_list(sheets: Sequence[SheetBack]) -> _Issued:
    """Read the hidden sheet, as far as it is there and as it was."""
    rows = next((sheet.rows for sheet in sheets if _says_which_list(sheet)), [])
    texts = [[as_text(cell) for cell in cells] for _, cells in rows]
    facts = {row[0]: row[1] for row in texts[:FIRST_FACT_ROW] if len(row) > 1}
    households = {}
    for row in texts[FIRST_FACT_ROW:]:
        key, household, members, records, lines = (*row, "", "", "", "", "")[:5]
        try:
            plain = json.loads(records) if records else {}
        except ValueError:
            plain = {}
        households[key] = (
            household,
            tuple(filter(None, members.split(";"))),
            {str(name): str(value) for name, value in plain.items()} if isinstance(plain, dict) else {},
            frozenset(filter(None, lines.split(";"))),
        )
    return _Issued(facts.get("list_id", ""), facts.get("as_of", ""), households)


def _household_of(
    key: str, rows: Sequence[_Row], issued: _Issued, known: KeysOfList | None, day: str
) -> tuple[str, str]:
    """Return the household of a key and the list's id, as far as it is told: by the list, else by the file, checked by the key."""
    if known is not None:
        heads = [text for row in rows if row.key.line == HEAD_LINE for text in row.cells if text]
        return known.household_of(key, [issued.list_id, *heads], day=day)
    household = issued.households.get(key, ("",))[0]
    if household and household_key(issued.list_id, household) == key:
        return household, issued.list_id
    return _printed_ids(key, rows) or ("", "")


def _printed_day(rows: Sequence[_Row]) -> str:
    """Return the day of the list as the first row of a block says it, ``YYYY-MM-DD``; "" where it does not."""
    heads = (text for row in rows if row.key.line == HEAD_LINE for text in row.cells)
    return next((text for text in heads if PRINTED_DAY.fullmatch(text)), "")


def _printed_ids(key: str, rows: Sequence[_Row]) -> tuple[str, str] | None:
    """Find the household and the list in the first row of a block: those two texts of which the key is made."""
    for row in rows:
        if row.key.line == HEAD_LINE:
            texts = [text for text in row.cells if text][:MOST_CELLS_TRIED]
            for list_id in texts:
                for household in texts:
                    if household_key(list_id, household) == key:
                        return household, list_id
    return None


# --- what they say ----------------------------------------------------------------------------------------------
def _fill_form(form: Form, rows: Sequence[_Row], issued: frozenset[str], troubles: Troubles) -> None:
    """Read the rows of a form."""
    by_line: dict[str, list[_Row]] = {}
    for row in rows:
        by_line.setdefault(row.key.line, []).append(row)
        form.places.setdefault(row.key.line, row.place)
        if not _as_printed(row) or (issued and row.key.whole not in issued):
            troubles.add("printed_changed", row.place, form=form)
    if MONITORED_LINE not in by_line and any(_line_of(whole) == MONITORED_LINE for whole in issued):
        # The row was deleted since; that the household was monitored when the sheet was issued stands.
        form.places[MONITORED_LINE] = next(iter(form.places.values()))
    for line, of_line in by_line.items():
        questions = line_of_questions(line)
        if questions:
            _fill_line(form, of_line, questions, troubles)
    missing = [code for code, _ in LINES_OF_FIELDS if code not in by_line]
    if missing and (form.answers or form.rejected or len(missing) == len(LINES_OF_FIELDS)):
        asked = [question.label for code in missing for question in line_of_questions(code)]
        troubles.add("no_row", next(iter(form.places.values())), form=form, fields=asked)


def _line_of(whole: str) -> str:
    """Return the line of a row's key, "" where it is none."""
    key = read_row_key(whole)
    return key.line if isinstance(key, RowKey) else ""


def _fill_line(form: Form, rows: Sequence[_Row], questions: Sequence[Question], troubles: Troubles) -> None:
    """Read the fields of a line, which may be there more than once."""
    read = [_row_answers(row) for row in rows]
    filled = [
        (row, answers, wrong)
        for row, (answers, wrong) in zip(rows, read, strict=True)
        if wrong or any(answer is not EMPTY_FIELD for answer in answers.values())
    ]
    if len(filled) > 1:
        same = all(answers == filled[0][1] for _, answers, _ in filled[1:])
        code = "repeated" if same else "repeated_differs"
        for row, *_ in filled[1:]:
            troubles.add(code, row.place, form=form, other=filled[0][0].place.row)
        if not same:
            form.rejected |= {question.code for question in questions}
            return
    for row, answers, wrong in filled[:1]:
        for question in questions:
            answer = answers.get(question.code, EMPTY_FIELD)
            if question.code in wrong:
                form.rejected.add(question.code)
                code, values = wrong[question.code]
                troubles.add(
                    code, row.place, form=form, field=question.code, **{"field_label": question.label, **values}
                )
            elif answer is not EMPTY_FIELD:
                form.answers[question.code] = answer


def _row_answers(row: _Row) -> tuple[dict[str, Any], dict[str, tuple[str, dict[str, Any]]]]:
    """Return the answers of a row, and what is wrong with those that are none.

    A field's answer stands between what it asks and what the next one asks: columns may have been added.
    """
    questions = line_of_questions(row.key.line)
    answers: dict[str, Any] = {}
    wrong: dict[str, tuple[str, dict[str, Any]]] = {}
    fields = _fields_of_row(row)
    for place, (question, (start, inside)) in enumerate(zip(questions, fields, strict=True)):
        if start < 0:
            wrong[question.code] = ("no_field", {})
            continue
        answer = _one_of_cells(question, row.raw, inside, start + 1)
        if inside and start + 1 not in inside and any(after < 0 for after, _ in fields[place + 1 : place + 2]):
            answer = FieldAnswer(EMPTY_FIELD, "no_field")  # the next question is gone: its answer may be this one
        if answer.trouble:
            wrong[question.code] = (answer.trouble, dict(answer.values))
        else:
            answers[question.code] = answer.value
    return answers, wrong


def _fields_of_row(row: _Row) -> list[tuple[int, list[int]]]:
    """Return where each question of a row stands, -1 where it is gone, and which cells between it and the next are filled."""
    labels = [_names_of(question) for question in line_of_questions(row.key.line)]
    starts: list[int] = []
    for names in labels:
        after = starts[-1] + 1 if starts and starts[-1] >= 0 else 0
        starts.append(next((at for at in range(after, len(row.cells)) if row.cells[at] in names), -1))
    fields: list[tuple[int, list[int]]] = []
    for place, start in enumerate(starts):
        if start < 0:
            fields.append((start, []))
            continue
        end = min(one for one in (*starts[place + 1 :], _end_of(row, start)) if one > start)
        fields.append((start, [at for at in range(start + 1, min(end, len(row.cells))) if row.cells[at] != ""]))
    return fields


def _note_beside(filled: Sequence[tuple[Form, Sequence[_Row]]], troubles: Troubles) -> None:
    """Note answers that stand further right than those of other rows of their sheet: they may be notes in a column that was added."""
    next_to: set[tuple[str, int]] = set()
    further: list[tuple[tuple[str, int], Form, _Row, Question]] = []
    for form, rows in filled:
        for row in rows:
            for question, (start, inside) in zip(line_of_questions(row.key.line), _fields_of_row(row), strict=True):
                column = (row.place.sheet, start)
                if start + 1 in inside:
                    next_to.add(column)
                elif inside and question.code in form.answers:
                    further.append((column, form, row, question))
    for column, form, row, question in further:
        if column in next_to:
            troubles.add("beside", row.place, form=form, field=question.code, field_label=question.label)


def _end_of(row: _Row, start: int) -> int:
    """Return where the fields of a row end: at the mark, or behind the next cell where that was deleted."""
    return next((at for at in range(start + 1, len(row.cells)) if row.cells[at] == END_MARK), start + 2)


def _one_of_cells(question: Question, raw: Sequence[Any], inside: Sequence[int], next_to: int) -> FieldAnswer:
    """Read the field of a question: of the cells between what it asks and what the next one asks, the one that is filled.

    Where columns were added among them, what stands in another cell than the next one and is no answer is a note.
    """
    read = {at: read_answer(question, raw[at]) for at in inside}
    right = [one for at, one in read.items() if not one.trouble and (at == next_to or question.kind != "text")]
    if len({repr(one.value) for one in right}) > 1:
        return FieldAnswer(EMPTY_FIELD, "two_answers")
    return right[0] if right else read.get(next_to, FieldAnswer(EMPTY_FIELD))


def _as_printed(row: _Row) -> bool:
    """Tell whether what was printed in a row is still there, among whatever was added."""
    questions = line_of_questions(row.key.line)
    if questions:
        return any(
            printed_check([question.label.shown(lang) for question in questions]) == row.key.check for lang in LANGUAGES
        )
    texts = [text for text in row.cells if text][:MOST_CELLS_TRIED]
    return any(
        printed_check(chosen) == row.key.check
        for size in range(len(texts), 1, -1)
        for chosen in combinations(texts, size)
    )
