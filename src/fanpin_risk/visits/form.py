"""A form that came back: what a file says of one household, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fanpin_risk.visits.answers import LINES_OF_FIELDS
from fanpin_risk.visits.row_keys import MONITORED_LINE
from fanpin_risk.words import Message

__all__ = ["Form", "PlaceInFile"]


class PlaceInFile(NamedTuple):
    """Where something stands."""

    file: str
    sheet: str
    row: int

    def message(self) -> Message:
        """Return it in words."""
        if not self.sheet:
            return Message("{file}, row {row}", file=self.file, row=self.row)
        return Message("{file}, sheet {sheet}, row {row}", file=self.file, sheet=self.sheet, row=self.row)


@dataclass
class Form:
    """What a file says of one household.

    Attributes
    ----------
    name : str
        Tells it from others.
    key, household_id, list_id, file : str
    answers : dict of str to object
        Code of a question -> code, list of codes, Timestamp, number or text; nothing for empty fields.
    rejected : set of str
        Questions whose answers were none.
    contradicting : set of str
        Questions whose answers contradict each other.
    places : dict of str to PlaceInFile
        Where each line stands.
    as_of : str
        The day of the list, ``""`` where the file does not say.
    members : tuple of str
        Ids of the persons by number, as far as the file says.
    records : dict of str to str
        What was on record, as far as the file says.
    """

    name: str
    key: str
    household_id: str
    file: str
    list_id: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    contradicting: set[str] = field(default_factory=set)
    places: dict[str, PlaceInFile] = field(default_factory=dict)
    as_of: str = ""
    members: tuple[str, ...] = ()
    records: dict[str, str] = field(default_factory=dict)

    def place_of(self, question: str) -> PlaceInFile:
        """Return where a question stands, or else the first row of the form."""
        line = next((code for code, questions in LINES_OF_FIELDS if any(one.code == question for one in questions)), "")
        return self.places.get(line) or next(iter(self.places.values()), PlaceInFile(self.file, "", 0))

    def stands(self, question: str) -> bool:
        """Tell whether the answer to a question, if there is one, may be built upon."""
        return question not in self.rejected | self.contradicting

    @property
    def monitored(self) -> bool:
        """Whether the household was monitored when the sheet was made, as its rows say."""
        return MONITORED_LINE in self.places
