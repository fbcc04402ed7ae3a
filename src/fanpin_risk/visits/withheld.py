"""Who is not to be named in a public notice yet, or any more, by where the household stands in the procedure."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from fanpin_risk.arguments import of_type, switch
from fanpin_risk.errors import SchemaError
from fanpin_risk.ledger import STATE_WORDS, transition_rows
from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.words import Message

__all__ = ["withheld_households"]

UNKNOWN_TO_LEDGER = "-"
NOTICE_EVENTS = {False: "published", True: "exit_published"}  # whether it is of exits


def withheld_households(
    list: pd.DataFrame,  # noqa: A002  the word users expect
    *,
    states: pd.DataFrame | None = None,
    exits: bool = False,
) -> pd.DataFrame:
    """Say which households of a list do not stand where a public notice may name them.

    A notice may name those for whom it is the next step by the table of transitions, and those for whom it hangs already.

    Parameters
    ----------
    list : DataFrame
        With ``household_id``. Without `states`, its column ``state`` (codes or words of ``fanpin_risk.ledger.STATE_WORDS``) tells
        where they stand; where that is empty or not there, it is not asked.
    states : DataFrame, optional
        From ``Ledger.state()``. Households that are not in it are withheld, too.
    exits : bool, default False
        Whether the notice is of ends of monitoring: then after the check of the exit.

    Returns
    -------
    DataFrame
        ``row`` (of the list, from 1), ``household_id`` and ``state``, ``-`` of households that the ledger does not know.

    Raises
    ------
    SchemaError
        If a column is missing, or a state is none.

    Examples
    --------
    >>> listed = pd.DataFrame({"household_id": ["a", "b", "c"]})
    >>> states = pd.DataFrame({"household_id": ["a", "b"], "state": ["verified", "refuted"]})
    >>> withheld_households(listed, states=states).to_dict("list")
    {'row': [2, 3], 'household_id': ['b', 'c'], 'state': ['refuted', '-']}
    """
    table = of_type("list", list, pd.DataFrame, Message("a list of households"))
    switch("exits", exits)
    if "household_id" not in table.columns:
        raise SchemaError("{argument} has no column {missing}", argument="list", missing=["household_id"])
    ids = table["household_id"].astype("str").tolist()
    if states is not None:
        of_type("states", states, pd.DataFrame, Message("states from Ledger.state()"))
        for name in ("household_id", "state"):
            if name not in states.columns:
                raise SchemaError("{argument} has no column {missing}", argument="states", missing=[name])
        stands = dict(zip(states["household_id"].astype("str"), states["state"], strict=True))
        found = [stands.get(one, UNKNOWN_TO_LEDGER) for one in ids]
    else:
        cells = table["state"].tolist() if "state" in table.columns else [""] * len(ids)
        found = [_state_in_cell(cell, row) for row, cell in enumerate(cells, start=1)]
    fit = _may_be_named(exits=exits)
    rows = [
        (row, one, state)
        for row, (one, state) in enumerate(zip(ids, found, strict=True), start=1)
        if state and state not in fit
    ]
    return pd.DataFrame(rows, columns=["row", "household_id", "state"])


@cache
def _may_be_named(*, exits: bool) -> frozenset[str]:
    """Return the states in which a notice may follow, or hangs."""
    rows = [row for row in transition_rows() if row["event"] == NOTICE_EVENTS[exits]]
    return frozenset(row[side] for row in rows for side in ("from", "to"))


@cache
def _states_by_name() -> dict[str, str]:
    words = {as_text(text): code for code, word in STATE_WORDS.items() for text in word.in_every_language()}
    return words | {code: code for code in STATE_WORDS}


def _state_in_cell(cell: Any, row: int) -> str:
    """Return the code of a state that a list names, "" where it names none."""
    text = "" if pd.isna(cell) else as_text(cell).strip()
    if text in ("", UNKNOWN_TO_LEDGER):
        return ""
    if text not in _states_by_name():
        raise SchemaError("row {row} of the list: state is not one of {states}", row=row, states=tuple(STATE_WORDS))
    return _states_by_name()[text]
