"""Reading filled sheets back: what was found in each household, and all that is wrong in the files, cell by cell."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pandas as pd

from fanpin_risk.arguments import a_path, of_type
from fanpin_risk.errors import SchemaError
from fanpin_risk.visits.cells_back import cells_of_file, files_of
from fanpin_risk.visits.corrections import corrections_of
from fanpin_risk.visits.form import Form
from fanpin_risk.visits.forms_back import forms_of
from fanpin_risk.visits.outcomes_of_visits import EVENT_COLUMNS, event_rows
from fanpin_risk.visits.row_keys import KeysOfList, list_id_of
from fanpin_risk.visits.troubles import TROUBLE_COLUMNS, Troubles
from fanpin_risk.words import Message

__all__ = ["read_visits"]


def read_visits(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    list: pd.DataFrame | None = None,  # noqa: A002  the word users expect
) -> pd.DataFrame:
    """Read sheets that were filled in: one event for each household that was visited.

    Rows find their household by their keys, in whatever order they stand, whichever program saved them, and whatever was
    added beside them. Nothing is guessed and nothing is blanked: what is not among the answers of a field is named with its
    sheet and row.

    Parameters
    ----------
    paths : path-like or iterable of path-like
        Workbooks (xlsx, xls, ods, ...) or csv files as saved from them; of a folder all of them.
    list : DataFrame, optional
        The list that the sheets were made of: keys that are not of it are refused, and sheets without ids (``mask=True``) find
        their households. A list without ``list_id`` is known by its households and, with ``as_of``, its day; where the sheets
        name an id that is made of neither, that they are of this list cannot be checked, and is told (``list_not_told``).
        Default: by the ids in the sheets, each checked against its key.

    Returns
    -------
    DataFrame
        ``household_id, event, on, who``; ``result``; ``list_id``, ``key`` (of the household on the list) and ``event_key``, the
        same whenever the same answers are read; ``complete``, whether it can be entered into a ledger; the answers as codes,
        missing where a field was empty; ``problems``, what is wrong with it, ``""`` for nothing. ``result`` is ``verified``,
        ``refuted``, ``visited`` (no finding yet), ``not_at_home``, ``not_found``, ``refused``, ``moved``, ``died`` or ``""``.
        ``event`` is what a ledger keeps of it: ``verified``, ``refuted``, ``checked`` (of a household that is monitored already),
        ``not_here``, ``moved``, ``died``, ``noted`` (what decides nothing), or ``incomplete``: kept, but without a day or visitor,
        without contact and finding, or with answers that contradict each other. A household without any entry was not visited
        and has no row.

        ``attrs["problems"]``: a list of dicts, one for each thing that is wrong, with ``file, sheet, row, household_id, field,
        code`` and ``text`` (a Message). ``attrs["corrections"]``: a list of dicts, one for each cell of the register that a visitor
        found wrong or new, with ``entry, action, table, household_id, member_id, column, old, new, date``; a clerk decides
        on them. ``attrs["n_sheets"]``: how many households the files have sheets of.

    Raises
    ------
    UnreadableFileError
        If a file cannot be read.
    InputError
        If there is no file.
    SchemaError
        If `list` is no list.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> model, register = fr.load_model("demo"), fr.make_register(200, random_state=1)
    >>> wanted = fr.watchlist(model.score(register, "2024-12-31"), capacity=3)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     events = fr.read_visits(fr.visit_sheets(wanted, register, model, place + "/sheets"))
    >>> len(events), events.attrs["n_sheets"], events.attrs["problems"]
    (0, 3, [])
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else [*paths]
    known = None if list is None else _of_list(list)
    troubles = Troubles()
    forms: dict[str, Form] = {}
    for number, file in enumerate(files_of([a_path("paths", path) for path in given])):
        for form in forms_of(file, cells_of_file(file), troubles, known=known):
            forms[f"{number} {form.key}"] = form
    rows, used = event_rows([*forms.values()], troubles)
    events = pd.DataFrame(rows, columns=[*EVENT_COLUMNS])
    events["on"] = pd.to_datetime(events["on"])
    events["complete"] = events["complete"].astype(bool)
    events.attrs = {
        "problems": [dict(zip(TROUBLE_COLUMNS, one, strict=True)) for one in troubles.rows],
        "corrections": corrections_of(used, troubles),
        "n_sheets": len({form.key for form in forms.values()}),
    }
    # Corrections that are at fault are named after the events were made.
    events["problems"] = [troubles.of_form(form) for form in used]
    events.attrs["problems"] = [dict(zip(TROUBLE_COLUMNS, one, strict=True)) for one in troubles.rows]
    return events


def _of_list(table: pd.DataFrame) -> KeysOfList:
    """Return the keys that a list may have."""
    of_type("list", table, pd.DataFrame, Message("the list that the sheets were made of"))
    if "household_id" not in table.columns:
        raise SchemaError("{argument} has no column {missing}", argument="list", missing=["household_id"])
    named = list_id_of(table)
    days = pd.to_datetime(table["as_of"], errors="coerce").dropna() if "as_of" in table.columns else pd.Series([])
    day = f"{days.min():%Y-%m-%d}" if len(days) else ""
    return KeysOfList(table["household_id"].astype("str"), named, only="list_id" in table.columns, day=day)
