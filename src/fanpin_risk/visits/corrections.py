"""What visitors found wrong or new, cell by cell of the register, for a clerk to decide on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.declarations import Column
from fanpin_risk.records.schema import TABLES
from fanpin_risk.visits.answers import CORRECTION_LINES, FACT_LINES, VISIT_QUESTIONS
from fanpin_risk.visits.cell_answers import GROUPED_NUMBER
from fanpin_risk.visits.form import Form
from fanpin_risk.visits.outcomes_of_visits import event_key_of
from fanpin_risk.visits.troubles import Troubles
from fanpin_risk.words import Message

__all__ = ["corrections_of"]

# Table of a new fact -> its columns for the amount and the day.
AMOUNT_AND_DAY = {
    "medical": ("out_of_pocket_cny", "event_date"), "shocks": ("loss_cny", "event_date"), "supports": ("amount_cny", "start_date"),
    "incomes": ("amount_cny", "period_end"), "enrolments": ("cost_cny", "school_year"),
}  # fmt: skip
# What was seen at the house -> the column of the records, and what that says where it is given.
SEEN_AT_THE_HOUSE = {"housing": ("households.unsafe_house", False), "water": ("households.safe_water", True)}
WITHOUT_AMOUNT = ("shocks",)  # what happened may have cost nothing, or nobody knows
SCHOOL_YEAR_BEGINS = 9
WRITTEN_YES, WRITTEN_NO = ("是", "yes", "True", "true", "1"), ("否", "no", "False", "false", "0")
EXPECTED_SHOWN = 12


def corrections_of(forms: Sequence[Form], troubles: Troubles) -> list[dict[str, Any]]:
    """Return what is to be corrected in the register, as far as forms say it whole.

    Parameters
    ----------
    forms : sequence of Form
    troubles : Troubles
        Where what is half or no value is noted.

    Returns
    -------
    list of dict
        ``entry`` (cells of one new row share a number), ``action`` (``change`` or ``add``), ``table, household_id, member_id,
        column, old, new`` (codes and numbers as texts; ``old`` is ``""`` where it is not known), ``date`` and ``event_key`` (of the
        visit). A column that a new row needs and the sheet does not ask for has an empty ``new``.
    """
    found: list[dict[str, Any]] = []
    for form in forms:
        entries = (*_of_the_end(form), *_of_guarantees(form), *_of_facts(form, troubles), *_of_records(form, troubles))
        for entry in entries:
            number = found[-1]["entry"] + 1 if found else 1
            found += [{"entry": number, **cell, "event_key": event_key_of(form)} for cell in entry]
    return found


def _corrected_cell(
    form: Form, action: str, column: str, new: object, *, member: str = "", date: Any = None
) -> dict[str, Any]:
    table, _, name = column.partition(".")
    on_record = f"{column}.{1 + form.members.index(member)}" if member in form.members else column
    return {
        "action": action,
        "table": table,
        "household_id": form.household_id,
        "member_id": member,
        "column": name,
        "old": form.records.get(on_record, "") if action == "change" else "",
        "new": str(new),
        "date": pd.NaT if date is None else date,
    }


def _of_the_end(form: Form) -> list[list[dict[str, Any]]]:
    """Propose that a household that died out or moved away is closed on the day of the visit, if no earlier day is known."""
    day = form.answers.get("on")
    told = form.stands("on") and form.stands("contact")
    if form.answers.get("contact") in ("died", "moved") and day is not None and told:
        return [[_corrected_cell(form, "change", "households.valid_to", f"{day:%Y-%m-%d}", date=day)]]
    return []


def _of_guarantees(form: Form) -> list[list[dict[str, Any]]]:
    """Propose that house and water are recorded as they were seen, where the records say otherwise or nothing."""
    day, entries = form.answers.get("on"), []
    for question, (column, of_given) in SEEN_AT_THE_HOUSE.items():
        seen = form.answers.get(question)
        if seen not in ("given", "not_given") or day is None or "on" in form.rejected:
            continue
        value = str((seen == "given") == of_given)
        unknown = column not in form.records
        if form.records.get(column) != value and not (unknown and seen == "given"):
            entries.append([_corrected_cell(form, "change", column, value, date=day)])
    return entries


def _of_facts(form: Form, troubles: Troubles) -> list[list[dict[str, Any]]]:
    entries = []
    for line, questions in FACT_LINES:
        codes = [question.code for question in questions]
        kind, amount, day, person = (form.answers.get(code) for code in codes)
        if kind is None and amount is None and day is None:
            continue
        if set(codes) & form.rejected:
            continue  # named already
        table, _, rest = (kind or "").partition(".")
        if kind is None or day is None or (amount is None and table not in WITHOUT_AMOUNT):
            troubles.add(
                "half_fact", form.places[line], form=form, field=codes[0], field_label=questions[0].label
            )  # fmt: skip
            continue
        member = _member_of(form, codes[3], person, troubles)
        if member is None:
            continue
        column, _, code = rest.partition(".")
        of_amount, of_day = AMOUNT_AND_DAY[table]
        cells = [(column, code)] if code else []
        cells += [(of_day, _school_year_of(day) if of_day == "school_year" else f"{day:%Y-%m-%d}")]
        cells += [] if amount is None else [(of_amount, f"{amount:.12g}")]
        given = ("household_id", "member_id", *(name for name, _ in cells))
        cells += [(name, "") for name in TABLES[table].needed if name not in given]  # a clerk knows
        entries.append(
            [_corrected_cell(form, "add", f"{table}.{name}", new, member=member, date=day) for name, new in cells]
        )
    return entries


def _school_year_of(day: pd.Timestamp) -> int:
    return int(day.year) - (day.month < SCHOOL_YEAR_BEGINS)


def _of_records(form: Form, troubles: Troubles) -> list[list[dict[str, Any]]]:
    entries = []
    for line, questions in CORRECTION_LINES:
        codes = [question.code for question in questions]
        wrong, person, new, since = (form.answers.get(code) for code in codes)
        if (wrong is None and new is None) or set(codes) & form.rejected:
            continue
        if wrong is None or new is None:
            troubles.add(
                "half_correction", form.places[line], form=form, field=codes[0], field_label=questions[0].label
            )
            continue
        table, _, name = wrong.partition(".")
        member = _member_of(form, codes[1], person, troubles, needed=True) if table == "members" else ""
        value = _value_of(TABLES[table][name], str(new))
        if value is None:
            column = TABLES[table][name]
            troubles.add(
                "not_a_value", form.places[line], form=form, field=codes[2], field_label=VISIT_QUESTIONS[codes[2]].label,
                column=Message(column.name, zh=column.zh), expected=_expected(column),
            )  # fmt: skip
        elif member is not None:
            day = since if since is not None else form.answers.get("on")
            entries.append([_corrected_cell(form, "change", wrong, value, member=member, date=day)])
    return entries


def _member_of(form: Form, question: str, person: object, troubles: Troubles, *, needed: bool = False) -> str | None:
    """Return the id of the person of a number, or the number where the sheet has no ids; None where it is at fault."""
    text = "" if person is None else str(person).strip()
    if not text and not needed:
        return ""
    number = int(text) if text.isdecimal() else 0
    if number and not form.members:
        return str(number)
    if 1 <= number <= len(form.members):
        return form.members[number - 1]
    troubles.add(
        "no_such_person", form.place_of(question), form=form, field=question, field_label=VISIT_QUESTIONS[question].label,
        last=len(form.members) or 1,
    )  # fmt: skip
    return None


def _value_of(column: Column, text: str) -> str | None:
    """Return a text as the code, number, or yes or no of a column; None where it is none."""
    if column.type in ("code", "codes"):
        known = {as_text(name): code for code, names in column.codes.items() for name in (code, *names)}
        parts = [part.strip() for part in text.replace("、", ";").replace("；", ";").split(";")]
        if column.type == "code" and len(parts) > 1:
            return None
        codes = [known.get(part) for part in parts]
        return None if None in codes else ";".join(str(code) for code in codes)
    if column.type == "bool":
        return "True" if text in WRITTEN_YES else "False" if text in WRITTEN_NO else None
    if not GROUPED_NUMBER.fullmatch(text.removeprefix("-")):  # 1,5 is 1.5 or 15, and neither is guessed
        return None
    number = float(text.replace(",", ""))
    low, high = (bound if bound is not None else number for bound in (column.minimum, column.maximum))
    if not low <= number <= high or (column.type == "int" and number % 1):
        return None
    return f"{number:.12g}"


def _expected(column: Column) -> list[Message]:
    """Say what a column takes."""
    if column.codes:
        return [Message(code, zh=names[0]) for code, names in column.codes.items()][:EXPECTED_SHOWN]
    if column.type == "bool":
        return [Message("yes"), Message("no")]
    return [Message("a number")]
