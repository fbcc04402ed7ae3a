"""Who lives in a household on a day, in the words of the register and without names, numbers or days of birth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.records.schema import TABLES
from fanpin_risk.visits.answers import MENDABLE
from fanpin_risk.words import Language, Message, listed

__all__ = ["Dwellers", "dwellers_of"]

# First age of each band, and of the next.
AGE_BANDS = (0, 6, 16, 18, 35, 50, 60, 70, 80)
OTHERWISE_IN_ENGLISH = {"none": "cannot work", "weak": "can work a little", "lost": "lost the ability to work",
                        "ordinary": "can work", "skilled": "skilled", "preschool_age": "below school age",
                        "chronic": "chronic illness", "serious": "serious illness", "college3": "college",
                        "bachelor": "university", "master": "university (master)"}  # fmt: skip
HOUSEHOLD_TYPES = {"ex_poor": Message("ex-poor household"), "general": Message("ordinary household")}
ONLY_HEALTHY = "healthy"


@dataclass(frozen=True)
class Dwellers:
    """The persons of a household, and what is on record of its house.

    Attributes
    ----------
    text : str
        One after the other, numbered.
    kind : str
        Of which type the household is, and whether it is monitored.
    monitored : bool
    members : tuple of str
        Their ids, by number.
    records : mapping of str to str
        ``households.column``, and ``members.column.number`` of the persons -> code on record.
    """

    text: str
    kind: str
    monitored: bool
    members: tuple[str, ...]
    records: Mapping[str, str]


def dwellers_of(here: Snapshot, lang: Language) -> dict[str, Dwellers]:
    """Describe the persons of each household on record.

    Parameters
    ----------
    here : Snapshot
    lang : {"zh", "en"}

    Returns
    -------
    dict of str to Dwellers
    """
    members = here.members
    order = np.lexsort((-np.nan_to_num(members.age, nan=-1), members.relation, members.household))
    persons: dict[int, list[str]] = {}
    ids: dict[int, list[str]] = {}
    for row in order:
        number = int(members.household[row])
        ids.setdefault(number, []).append(str(members.member_id[row]))
        parts = [
            _member_word("relation", members.relation[row], lang),
            _member_word("sex", members.sex[row], lang),
            _age_band(members.age[row], lang),
            _health(members.health[row], lang),
            _member_word("labour", members.labour[row], lang),
            _member_word("student_stage", members.student_stage[row], lang),
        ]
        said = persons.setdefault(number, [])
        said.append(f"{len(said) + 1} {(' ' if lang == 'zh' else ', ').join(part for part in parts if part)}")
    kinds, records = _household_kinds(here, lang), _mendable_records(here)
    of_persons = _records_of_persons(here, order)
    return {
        str(household): Dwellers(
            _persons_counted(persons.get(number, []), lang),
            kinds[number],
            bool(here.monitored[number] == 1),
            tuple(ids.get(number, [])),
            records.get(number, {}) | of_persons.get(number, {}),
        )
        for number, household in enumerate(here.household_ids)
    }


def _persons_counted(persons: list[str], lang: Language) -> str:
    if not persons:
        return Message("no person on record").shown(lang)
    return Message(
        "{count} in all: {persons}", count=len(persons), persons=listed(persons, between="; ")
    ).shown(lang)  # fmt: skip


def _member_word(column: str, code: int, lang: Language) -> str:
    """Return what a code of the table members is called, "" where it is missing."""
    return "" if code < 0 else _member_code(column, list(TABLES["members"][column].codes)[code], lang)


def _member_code(column: str, code: str, lang: Language) -> str:
    if lang == "zh":
        return TABLES["members"][column].codes[code][0]
    return OTHERWISE_IN_ENGLISH.get(code, code.replace("_", " "))


def _health(codes: object, lang: Language) -> str:
    if not isinstance(codes, str) or not codes:
        return ""
    return listed([_member_code("health", code, lang) for code in codes.split(";")]).shown(lang)


def _age_band(age: float, lang: Language) -> str:
    """Return the band of years in which an age lies; nobody's day of birth is printed."""
    if np.isnan(age):
        return Message("age not known").shown(lang)
    place = int(np.searchsorted(AGE_BANDS, max(age, 0), side="right")) - 1
    first = AGE_BANDS[place]
    if place + 1 == len(AGE_BANDS):
        return Message("{first} or older", first=first).shown(lang)
    return Message("{first}-{last} years", first=first, last=AGE_BANDS[place + 1] - 1).shown(lang)


def _household_kinds(here: Snapshot, lang: Language) -> list[str]:
    status = np.full(here.n_households, -1, dtype="int64")
    status[here.households.household] = here.households.register_status
    codes = list(TABLES["households"]["register_status"].codes)
    said = []
    for place, monitored in zip(status, here.monitored, strict=True):
        parts = [HOUSEHOLD_TYPES[codes[place]]] if place >= 0 else []
        if monitored == 1:
            parts.append(Message("monitored"))
        said.append(listed(parts, between="; ").shown(lang) if parts else "")
    return said


def _mendable_records(here: Snapshot) -> dict[int, dict[str, str]]:
    """Return what is on record of each household in the columns that a visitor may correct, as codes."""
    rows = here.households
    columns = [name.partition(".")[2] for name in MENDABLE if name.startswith("households.")]
    frame = rows.frame[columns].iloc[rows.index]
    texts = {column: ["" if pd.isna(value) else _record_text(value) for value in frame[column]] for column in columns}
    return {
        int(number): {f"households.{column}": texts[column][place] for column in columns if texts[column][place]}
        for place, number in enumerate(rows.household)
    }


def _records_of_persons(here: Snapshot, order: np.ndarray) -> dict[int, dict[str, str]]:
    """Return the same of each household's persons, by their numbers."""
    members = here.members
    columns = [name.partition(".")[2] for name in MENDABLE if name.startswith("members.")]
    cells = members.frame[columns].iloc[members.index].to_dict("list")
    found: dict[int, dict[str, str]] = {}
    persons: dict[int, int] = {}
    for row in order:
        household = int(members.household[row])
        number = persons[household] = persons.get(household, 0) + 1
        found.setdefault(household, {}).update(
            {f"members.{name}.{number}": _record_text(values[row]) for name, values in cells.items() if not pd.isna(values[row])}
        )  # fmt: skip
    return found


def _record_text(value: object) -> str:
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
