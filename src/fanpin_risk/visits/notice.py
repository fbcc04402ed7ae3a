"""The public notice (公示): what may hang on the wall of a village, and nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.arguments import a_path, of_type, one_of, switch
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.files import check_target, write_table
from fanpin_risk.model.tiers import MONITORED_TYPES
from fanpin_risk.records.cells.dates import read_day
from fanpin_risk.records.divisions import read_place
from fanpin_risk.visits.own_names import own_names
from fanpin_risk.visits.withheld import withheld_households
from fanpin_risk.words import LANGUAGES, Language, Message

__all__ = ["NOTICE_COLUMNS", "masked_name", "public_notice"]

HOT_LINE = "12317"
# All that is written: no other column ever is.
NOTICE_COLUMNS: Mapping[str, Message] = {
    "village": Message("Village"),
    "name": Message("Head of the household"),
    "persons": Message("Persons"),
    "type": Message("Type"),
    "date": Message("Date"),
    "hot_line": Message("Hot line"),
}
MOST_PERSONS = 50
BRACKET = re.compile(r"[\uff08(\[\u3010\u3014]")  # of both scripts
FEWEST_SHOWN = 3  # characters of a name of which the last is shown as well
# What is in no notice, wherever it stands.
NEVER_PUBLIC: Mapping[Message, re.Pattern[str]] = {
    Message("a phone number"): re.compile(r"(?<!\d)1[3-9]\d(?:[-\s]?\d{4}){2}(?!\d)"),
    Message("a number of 11, 15 or 18 digits"): re.compile(r"(?<!\d)(?:\d{11}|\d{15}|\d{17}[\dXx])(?!\d)"),
    Message("a code of a disease"): re.compile(r"(?<![A-Za-z0-9])[A-TV-Z]\d{2}(?:\.[\dxX]{1,4})?(?![A-Za-z0-9])"),
}
CANDIDATE = "candidate_"  # how the codes of types begin that rules suggest


def public_notice(
    list: pd.DataFrame,  # noqa: A002  the word users expect
    names: str | os.PathLike[str] | pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    on: Any = None,
    places: Mapping[str, str] | None = None,
    whole_names: bool = False,
    states: pd.DataFrame | None = None,
    exits: bool = False,
    id_key: bytes | str | Path | None = None,
    lang: Language = "zh",
    overwrite: bool = False,
) -> Path:
    """Write the public notice of households: village, name in part, persons, type, date and the hot line; nothing else.

    Columns are taken by an allow-list; the list may hold whatever else. Before it is written, every text is searched for
    numbers of phones and citizens and codes of diseases. Households that do not stand where a notice may name them, as far as
    `states` or the list tells, are left out (``fanpin_risk.visits.withheld.withheld_households`` names them).

    Parameters
    ----------
    list : DataFrame
        ``household_id``; ``type`` (or ``type_suggested``): a code of monitored types or its words; where they are there, ``area_name`` or
        ``area_code``, ``persons`` and ``date``.
    names : path-like or DataFrame
        Names by household, see :func:`fanpin_risk.visit_sheets`. Every household needs one.
    path : path-like
        File to write: .csv or .xlsx.
    on : date-like, optional
        The date of all rows. Default: the column ``date`` of the list.
    places : mapping of str to str, optional
        Area code -> name of the village.
    whole_names : bool, default False
        Whether names are written in full. Default: 张*三, 张*.
    states : DataFrame, optional
        Where households stand, from :meth:`fanpin_risk.Ledger.state`. Default: the column ``state`` of the list, if it has one.
    exits : bool, default False
        Whether the notice is of ends of monitoring, for households whose exit was checked.
    id_key : bytes, str or Path, optional
        Key with which the register was read.
    lang : {"zh", "en"}, default "zh"
        Of headers and types.
    overwrite : bool, default False
        Whether an earlier notice is replaced.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    SchemaError
        If a household has no name or no known type, or a column is missing.
    InputError
        If a text holds what is never public, no household may be named, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> listed = pd.DataFrame({"household_id": ["H1"], "type": ["edge"], "area_name": ["甲村"], "persons": [3]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = public_notice(
    ...         listed, pd.DataFrame({"户编号": ["H1"], "姓名": ["张小三"]}), folder + "/公示.csv", on="2024-12-31"
    ...     )
    ...     print(file.read_text("utf-8-sig").splitlines()[1])
    甲村,张*三,3,边缘易致贫户,2024-12-31,12317
    """
    table = of_type("list", list, pd.DataFrame, Message("a list of households"))
    one_of("lang", lang, LANGUAGES)
    switch("whole_names", whole_names)
    path = check_target(a_path("path", path), "notice", overwrite=overwrite)
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError("{file}: expected a file that ends in {endings}", file=path.name, endings=(".csv", ".xlsx"))
    withheld = set(withheld_households(table, states=states, exits=exits)["row"])
    if len(table) and len(withheld) == len(table):
        raise InputError(
            "none of the {count:,} households of the list stands where a public notice may name it; nothing was written",
            count=len(table),
        )
    known = own_names(names, id_key=id_key)
    rows = [
        _notice_row(row, number, known, places or {}, on, lang, whole=whole_names)
        for number, row in _notice_rows(table)
        if number not in withheld
    ]
    notice = pd.DataFrame(rows, columns=[*NOTICE_COLUMNS])
    _refuse_what_is_private(notice)
    shown = notice.set_axis([label.shown(lang) for label in NOTICE_COLUMNS.values()], axis=1)
    return write_table(shown, path, kind="notice")


def masked_name(name: str) -> str:
    """Return a name of which only the first character is shown, and the last where there are three or more.

    Examples
    --------
    >>> masked_name("张三"), masked_name("张小三"), masked_name("欧阳小三"), masked_name("张")
    ('张*', '张*三', '欧**三', '*')
    """
    name = "".join(name.split())
    if len(name) <= 1:
        return "*"
    if len(name) < FEWEST_SHOWN:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def _notice_rows(table: pd.DataFrame) -> Any:
    return enumerate(table.to_dict("records"), start=1)


def _notice_row(
    row: Mapping[Any, Any], number: int, known: Mapping[str, tuple[str, str]], places: Mapping[str, str], on: Any,
    lang: Language, *, whole: bool,
) -> tuple[object, ...]:  # fmt: skip
    """Return the cells of a household; only these columns of the list are ever looked at."""
    name = BRACKET.split(known.get(str(row["household_id"]), ("", ""))[0])[0].strip()  # what is in brackets is no name
    if not name:
        raise SchemaError("row {row} of the list: names has no name of this household", row=number)
    told = _first_cell(row, "type", "type_suggested").removeprefix(CANDIDATE)
    code = next((code for code, words in MONITORED_TYPES.items() if told in words.in_every_language()), told)
    if code not in MONITORED_TYPES:
        raise SchemaError("row {row} of the list: type is not one of {types}", row=number, types=tuple(MONITORED_TYPES))
    place = read_place(places.get(_first_cell(row, "area_code"), "") or _first_cell(row, "village", "area_name"))
    village = place.names[-1] if place else ""  # what stands behind it may be an address
    if not village:
        raise SchemaError("row {row} of the list names no village; give places, a name for each area code", row=number)
    date = _first_cell(row, "date") if on is None else on
    if not date:
        raise SchemaError("row {row} of the list has no date; give on=", row=number)
    persons = _first_cell(row, "persons", "size_declared").removesuffix(".0")
    if persons and not (persons.isdecimal() and 1 <= int(persons) <= MOST_PERSONS):
        raise SchemaError(
            "row {row} of the list: persons is no whole number from 1 to {most}", row=number, most=MOST_PERSONS
        )
    return (
        village,
        name if whole else masked_name(name),
        int(persons) if persons else "",
        MONITORED_TYPES[code].shown(lang),
        f"{read_day(date, 'on'):%Y-%m-%d}",
        HOT_LINE,
    )


def _first_cell(row: Mapping[Any, Any], *names: str) -> str:
    """Return the first of some cells in which anything stands."""
    return next((str(row[name]).strip() for name in names if name in row and not pd.isna(row[name])), "")


def _refuse_what_is_private(notice: pd.DataFrame) -> None:
    """Search every text before anything is written."""
    for number, row in enumerate(notice.itertuples(index=False), start=1):
        for name, cell in zip(NOTICE_COLUMNS, row, strict=True):
            for what, pattern in NEVER_PUBLIC.items():
                if pattern.search(str(cell)):
                    raise InputError(
                        "row {row}, {column}: holds {what}, which is never public; nothing was written",
                        row=number,
                        column=NOTICE_COLUMNS[name],
                        what=what,
                    )
