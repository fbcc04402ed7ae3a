"""What came of each visit: one event for each form that has an answer, whole or not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from fanpin_risk.errors import LedgerError
from fanpin_risk.ledger import checked_who
from fanpin_risk.visits.answers import ANSWER_LINES, VISIT_QUESTIONS
from fanpin_risk.visits.form import Form
from fanpin_risk.visits.troubles import Troubles

__all__ = ["EVENT_COLUMNS", "event_key_of", "event_rows"]

INCOMPLETE = "incomplete"
OF_CONTACT = {"died": "died", "moved": "moved", "away": "not_at_home", "no_such": "not_found", "refused": "refused"}
OF_VERDICT = {"true": "verified", "partly": "verified", "untrue": "refuted", "pending": "visited"}
MET = ("head", "member")
# What is found -> the event that a ledger keeps of it; of households that are monitored already a visit is a check.
EVENT_OF_RESULT = {
    "verified": "verified", "refuted": "refuted", "not_found": "not_here", "moved": "moved", "died": "died",
    **dict.fromkeys(("visited", "not_at_home", "refused"), "noted"),
}  # fmt: skip
OF_MONITORED = {"verified": "checked", "refuted": "checked", "visited": "checked", "not_found": "noted"}
ANSWERS_OF_EVENTS = tuple(
    question.code for _, questions in ANSWER_LINES for question in questions if question.code not in ("on", "who")
)
FIRST_COLUMNS = ("household_id", "event", "on", "who", "result", "list_id", "key", "event_key", "complete")
EVENT_COLUMNS = (*FIRST_COLUMNS, *ANSWERS_OF_EVENTS, "problems")
# Pairs of answers that cannot both be: question, its answers, other question, its answers.
CONTRADICT = (
    ("contact", tuple(OF_CONTACT), "verdict", ("true", "partly", "untrue")),
    ("mode", ("not_met",), "contact", (*MET, "refused")),
    ("mode", ("at_home", "phone", "video"), "contact", ("no_such", "died", "moved", "away")),
    ("contact", ("died", "moved", "no_such"), "proposal", ("monitor", "watch", "policy", "bring_back")),
    ("contact", ("away", "no_such", "refused", "died", "moved"), "consent", ("signed",)),
    ("contact", ("away", "no_such", "refused", "died", "moved"), "household_signed", ("yes",)),
    ("verdict", ("untrue",), "proposal", ("monitor", "bring_back")),
    ("copes", ("no",), "proposal", ("nothing", "eliminate")),
)  # fmt: skip
NEVER_WITH_OTHERS = "none"  # of several answers
DECIDING_QUESTIONS = ("mode", "contact", "verdict", "on", "who")


def event_rows(forms: Sequence[Form], troubles: Troubles) -> tuple[list[dict[str, Any]], list[Form]]:
    """Make the events of forms.

    Parameters
    ----------
    forms : sequence of Form
        Of all files; a household may have several.
    troubles : Troubles
        Where contradictions and gaps are noted.

    Returns
    -------
    list of dict, list of Form
        One event for each visit, by household and day, and the form that each is made of.
    """
    rows: list[dict[str, Any]] = []
    used: list[Form] = []
    seen: dict[tuple[str, Any], tuple[Form, frozenset[str]]] = {}  # with what was rejected when it was read
    for form in sorted(forms, key=lambda one: (one.household_id, one.answers.get("on", pd.Timestamp.max))):
        if not form.answers and not form.rejected:
            continue
        day = form.answers.get("on")
        if (form.key, day) in seen:
            before, rejected = seen[form.key, day]
            place, other = form.place_of("on"), before.place_of("on").message()
            if before.answers == form.answers and rejected == form.rejected:
                troubles.add("same_visit", place, form=before, other=other)
                continue
            for one, against in ((form, before), (before, form)):
                troubles.add("visits_differ", one.place_of("on"), form=one, other=against.place_of("on").message())
                one.rejected.add("on")
            earlier = used.index(before)
            rows[earlier] = rows[earlier] | {"event": INCOMPLETE, "complete": False}
        else:
            seen[form.key, day] = form, frozenset(form.rejected)
        rows.append(_event_of(form, troubles))
        used.append(form)
    _note_same_answers(used, troubles)
    return rows, used


def _note_same_answers(forms: Sequence[Form], troubles: Troubles) -> None:
    """Note households that have all their answers in common, down to an amount: one of them may have been pasted over."""
    first: dict[str, Form] = {}
    for form in forms:
        amounts = [form.answers.get(code) for code, question in VISIT_QUESTIONS.items() if question.kind == "amount"]
        if not any(amounts):
            continue
        other = first.setdefault(repr(sorted(form.answers.items())), form)
        if other.key != form.key:
            for one, against in ((form, other), (other, form)):
                place = against.place_of("on").message()
                troubles.add("same_answers", one.place_of("on"), form=one, other=place)


def _event_of(form: Form, troubles: Troubles) -> dict[str, Any]:
    """Return the event of a form: what it says, and whether it says enough."""
    answers = form.answers
    contact, verdict = answers.get("contact"), answers.get("verdict")
    result = (
        OF_CONTACT.get(str(contact))
        or OF_VERDICT.get(str(verdict))
        or ("not_at_home" if answers.get("mode") == "not_met" else "")
    )
    if not result and contact in MET:
        result = "visited"
    form.contradicting = _contradictions(form, troubles)
    _check_days(form, troubles)
    _check_who(form, troubles)
    for code, question in (
        ("no_day", "on"),
        ("half_filled", "contact"),
        ("half_filled", "verdict"),
        ("half_filled", "who"),
    ):
        needed = question != "verdict" or contact in (None, *MET)
        if needed and question not in answers and question not in form.rejected:
            troubles.add(
                code, form.place_of(question), form=form, field=question, field_label=VISIT_QUESTIONS[question].label
            )
    at_fault = (form.rejected | form.contradicting) & set(DECIDING_QUESTIONS)
    enough = result and not at_fault and "on" in answers and "who" in answers
    event = EVENT_OF_RESULT[result] if enough else INCOMPLETE
    if enough and form.monitored:
        event = OF_MONITORED.get(result, event)
    plain = {question: _plain_answer(answers.get(question)) for question in ANSWERS_OF_EVENTS}
    return {
        "household_id": form.household_id,
        "event": event,
        "on": answers.get("on", pd.NaT),
        "who": answers.get("who"),
        "result": result,
        "list_id": form.list_id,
        "key": form.key,
        "event_key": event_key_of(form),
        "complete": event != INCOMPLETE,
        **plain,
        "problems": "",
    }


def _contradictions(form: Form, troubles: Troubles) -> set[str]:
    """Note answers that cannot both be; return the questions that they belong to."""
    found: set[str] = set()
    for one, firsts, other, seconds in CONTRADICT:
        if form.answers.get(one) in firsts and form.answers.get(other) in seconds:
            found |= {one, other}
            troubles.add(
                "contradiction", form.place_of(other), form=form, field=other, field_label=VISIT_QUESTIONS[one].label,
                other=VISIT_QUESTIONS[other].label,
            )  # fmt: skip
    for code, question in VISIT_QUESTIONS.items():
        chosen = form.answers.get(code)
        if question.several and chosen and NEVER_WITH_OTHERS in chosen and len(chosen) > 1:
            found.add(code)
            troubles.add(
                "contradiction", form.place_of(code), form=form, field=code, field_label=question.label,
                other=question.choices[NEVER_WITH_OTHERS],
            )  # fmt: skip
    return found


def _check_days(form: Form, troubles: Troubles) -> None:
    """Note a visit before the day of its list, when nobody had the sheet, or on a day that has not come yet."""
    day = form.answers.get("on")
    if day is None:
        return
    if day > pd.Timestamp.now().normalize() + pd.Timedelta(days=1):  # a day ahead, wherever the clock stands
        code, told = "after_today", str(day.date())
    elif form.as_of and day < pd.Timestamp(form.as_of):
        code, told = "before_the_list", form.as_of
    else:
        return
    troubles.add(code, form.place_of("on"), form=form, field="on", field_label=VISIT_QUESTIONS["on"].label, day=told)
    form.rejected.add("on")


def _check_who(form: Form, troubles: Troubles) -> None:
    """Note a visitor who is no role and no code: a ledger keeps no names."""
    who = form.answers.get("who")
    if who is None:
        return
    try:
        checked_who(who)
    except LedgerError:
        troubles.add("no_code", form.place_of("who"), form=form, field="who", field_label=VISIT_QUESTIONS["who"].label)
        form.rejected.add("who")


def _plain_answer(value: Any) -> Any:
    """Return an answer as a frame holds it: several codes with ; between them."""
    return ";".join(value) if isinstance(value, tuple) else value


def event_key_of(form: Form) -> str:
    """Return what tells an event from all others and is the same whenever the same answers are read."""
    plain = {code: str(_plain_answer(value)) for code, value in sorted(form.answers.items())}
    content = json.dumps([form.key, plain], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]
