"""What is wrong in files that come back: each thing named with its file, sheet and row."""

from __future__ import annotations

from typing import Any

from fanpin_risk.visits.form import Form, PlaceInFile
from fanpin_risk.words import Message, listed

__all__ = ["TROUBLES", "TROUBLE_COLUMNS", "Troubles"]

# Codes of what may be wrong, and what is said of each. What stands in the cell is not repeated: it may be about a person.
TROUBLES = {
    "bad_key": Message("the key of the row is none: mistyped or made up; copy it from the sheet that was issued"),
    "no_key": Message("the row has answers but no key; copy its key from the sheet that was issued"),
    "other_list": Message("the key is of no household of the list"),
    "list_not_told": Message(
        "that the sheets were made of this list cannot be checked: the list has no list_id; give it as it was when they were made"
    ),
    "unknown_household": Message("the key tells no household; give the list that the sheet was made of"),
    "not_one_of": Message("{field_label}: not one of the answers ({expected})"),
    "not_a_day": Message("{field_label}: no day; expected one such as 2024-12-31"),
    "not_an_amount": Message("{field_label}: no amount in yuan from 0 on"),
    "doubtful_amount": Message(
        "{field_label}: not clear which amount; write yuan as 1500 or 1,500, and a decimal point as in 1.5"
    ),
    "after_today": Message("{field_label}: a day that has not come yet ({day})"),
    "no_code": Message("{field_label}: expected a role or a code, such as V01, and no name of a person"),
    "before_the_list": Message("{field_label}: before the day of the list ({day})"),
    "two_answers": Message("{field_label}: two cells with different answers; leave one"),
    "beside": Message(
        "{field_label}: the answer stands further right than in other rows; if it is a note in a column that was added, delete it"
    ),
    "no_field": Message("{field_label}: the field is not in the row; it was deleted or written over"),
    "no_row": Message("rows of the household are missing: {fields}"),
    "printed_changed": Message("what is printed in the row was changed"),
    "merged": Message("cells are merged; what was written into all but the first is lost"),
    "repeated": Message("the row is there again, with the same answers (row {other})"),
    "repeated_differs": Message("the row is there again, with other answers (row {other}); none of them counts"),
    "same_visit": Message("the same visit is also in {other}; it counts once"),
    "same_answers": Message(
        "all answers, an amount among them, are those of another household ({other}); were they pasted?"
    ),
    "visits_differ": Message("another sheet says otherwise of the same day ({other}); neither counts"),
    "contradiction": Message("{field_label} and {other} contradict each other"),
    "no_day": Message("{field_label} is empty"),
    "half_filled": Message("{field_label} is empty"),
    "half_fact": Message("{field_label}: kind, amount and day belong together; one of them is missing"),
    "half_correction": Message("{field_label}: what is wrong and what it should be belong together"),
    "no_such_person": Message("{field_label}: no person of that number; expected 1 to {last}"),
    "not_a_value": Message("{field_label}: not a value of {column}; expected {expected}"),
}
TROUBLE_COLUMNS = ("file", "sheet", "row", "household_id", "field", "code", "text")


class Troubles:
    """Gathers what is wrong, in the order in which it is found."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, int, str, str, str, Message]] = []
        self._of_form: dict[str, list[Message]] = {}

    def add(self, code: str, place: PlaceInFile, *, form: Form | None = None, field: str = "", **values: Any) -> None:
        """Note one thing: its code, where it stands, and whose form it concerns."""
        what = Message(TROUBLES[code], **values)
        said = Message("{place}: {what}", place=place.message(), what=what)
        self.rows.append((*place, "" if form is None else form.household_id, field, code, said))
        if form is not None:
            self._of_form.setdefault(form.name, []).append(said)

    def of_form(self, form: Form) -> str:
        """Return all that is wrong with a form, in the language of the run."""
        return str(listed(self._of_form.get(form.name, []), between="; "))
