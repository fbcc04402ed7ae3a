"""Guarantees that are not given, item by item (清零): who has it, until when, what was done, and whether it is given now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.ledger.clocks import NOTICES, noted_day, places_on_day
from fanpin_risk.ledger.queries import Told
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = ["EVENTS_OF_ITEMS", "ITEM_STATUSES", "guarantee_items"]

ITEM_COLUMNS = (
    "household_id", "area_code", "area_name", "item", "answer", "status", "owner", "deadline", "days_overdue", "opened_on",
    "cleared_on", "measures", "member_ids", "evidence",
)  # fmt: skip
NEEDED_ANSWERS = ("household_id", "rule", "answer", "member_ids", "evidence")
ITEM_STATUSES: Mapping[str, Message] = MappingProxyType(
    {
        "nobody": Message("nobody has it yet", context="item"),
        "open": Message("open", context="item"),
        "overdue": Message("overdue", context="item"),
        "cleared_but_fails": Message("reported as cleared, not so by the records", context="item"),
        "given_but_open": Message("given by the records, not reported as cleared", context="item"),
        "cleared": Message("cleared", context="item"),
    }
)
SETTLED_AS_ITEMS = frozenset(due for due, *_ in NOTICES)  # what is cleared as items are, and is no guarantee
EVENTS_OF_ITEMS = ("item_opened", "item_cleared", "supported")


def guarantee_items(
    answers: pd.DataFrame, told: Iterable[Told], day: Any, *, register: Register | None = None
) -> pd.DataFrame:
    """Hold what the records say of guarantees against what the ledger says was done; see :meth:`Ledger.items`.

    Parameters
    ----------
    answers : DataFrame
        From :func:`fanpin_risk.screen`.
    told : iterable of Told
        Events of the kinds `EVENTS_OF_ITEMS` that hold, in the order of days.
    day : date-like
    register : Register, optional
        Says where households are.

    Returns
    -------
    DataFrame
        The columns ``ITEM_COLUMNS``.

    Raises
    ------
    SchemaError
        If `answers` is no such table.
    """
    of_type("answers", answers, pd.DataFrame, Message("the table that screen() returns"))
    missing = tuple(name for name in NEEDED_ANSWERS if name not in answers.columns)
    if missing:
        raise SchemaError("answers has no column {missing}; expected the table that screen() returns", missing=missing)
    day = to_day(day, argument="day")
    noted, measures = _noted(told)
    places: dict[str, tuple[str, str | None]] = {}
    if register is not None:
        of_type("register", register, Register, Message("a register, from read_register()"))
        places = places_on_day(Snapshot(register, day))
    asked = answers[list(NEEDED_ANSWERS)].rename(columns={"rule": "item"})
    known = pd.MultiIndex.from_frame(asked[["household_id", "item"]])
    of_ledger = pd.DataFrame(
        [key for key in noted if key not in known], columns=["household_id", "item"], dtype="str"
    ).assign(answer="unknown", member_ids="", evidence="")
    asked = pd.concat([asked, of_ledger], ignore_index=True)
    rows = []
    for row in asked.itertuples(index=False):
        own = noted.get((str(row.household_id), str(row.item)))
        if own is None and row.answer != "fail":
            continue
        code, name = places.get(str(row.household_id), ("", None))
        place = {"area_code": code, "area_name": name}
        rows.append(place | _row(row, own or {}, measures.get(str(row.household_id), []), day))
    frame = pd.DataFrame(rows, columns=list(ITEM_COLUMNS), dtype="object")
    kinds: dict[str, Any] = {
        **dict.fromkeys(("deadline", "opened_on", "cleared_on"), "datetime64[s]"),
        "days_overdue": "Int64",
    }
    for name in ITEM_COLUMNS:
        frame[name] = frame[name].astype(kinds.get(name, "str"))
    return frame.sort_values(["household_id", "item"], ignore_index=True)


def _row(
    row: Any, own: Mapping[str, Any], measures: list[tuple[pd.Timestamp, str]], day: pd.Timestamp
) -> dict[str, Any]:
    opened, cleared = own.get("opened_on", pd.NaT), own.get("cleared_on", pd.NaT)
    deadline = own.get("deadline", pd.NaT)
    waits = pd.notna(opened) and pd.isna(cleared)
    days = (day - deadline).days if waits and pd.notna(deadline) else None
    if pd.notna(cleared):
        status = "cleared_but_fails" if row.answer == "fail" else "cleared"
    elif pd.isna(opened):
        status = "nobody"
    elif row.answer == "pass":
        status = "given_but_open"
    else:
        status = "overdue" if days is not None and days > 0 else "open"
    since = [] if pd.isna(opened) else [code for on, code in measures if on >= opened]
    return {
        "household_id": row.household_id, "item": row.item, "answer": row.answer, "status": status,
        "owner": own.get("owner"), "deadline": deadline, "days_overdue": days, "opened_on": opened, "cleared_on": cleared,
        "measures": ";".join(dict.fromkeys(since)), "member_ids": row.member_ids, "evidence": row.evidence,
    }  # fmt: skip


def _noted(
    told: Iterable[Told],
) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[str, list[tuple[pd.Timestamp, str]]]]:
    """Return what the ledger says of each item, the last time it was opened, and the measures of each household."""
    noted: dict[tuple[str, str], dict[str, Any]] = {}
    measures: dict[str, list[tuple[pd.Timestamp, str]]] = {}
    for household, event, on, evidence in told:
        if event == "supported":
            given = evidence.get("measures", evidence.get("measure", ()))
            codes = given.split(";") if isinstance(given, str) else list(given)
            measures.setdefault(household, []).extend((on, str(code)) for code in codes if code)
        elif str(evidence["item"]) in SETTLED_AS_ITEMS:
            continue
        elif event == "item_opened":
            until = noted_day(evidence.get("deadline"))
            owner = evidence.get("owner", evidence.get("responsible"))
            noted[household, str(evidence["item"])] = {"opened_on": on, "owner": owner, "deadline": until}
        else:
            noted.setdefault((household, str(evidence["item"])), {})["cleared_on"] = on
    return noted, measures
