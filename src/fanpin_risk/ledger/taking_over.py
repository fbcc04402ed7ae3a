"""The monitoring history of a register as events, to begin a ledger with."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import shared
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = ["monitoring_history"]

WHO = "import"
HISTORY_COLUMNS = ("household_id", "event", "on", "who", "as_of", "evidence")
CODES_BETWEEN = ";"
NO_END_YET = np.datetime64("NaT", "D")


def monitoring_history(register: Register, day: Any) -> pd.DataFrame:
    """Return the monitoring entries of a register as events.

    Parameters
    ----------
    register : Register
    day : date-like
        Only what was recorded on or before it is seen.

    Returns
    -------
    DataFrame
        ``household_id, event, on, who, as_of, evidence``, by household and in the order in which they happened: for each
        entry ``imported`` with the state ``entered``, or ``supported`` where measures ran or the risk was eliminated by them,
        and ``eliminated`` or ``eliminated_naturally``. An entry that begins before the one before it has ended goes on with
        it.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> history = monitoring_history(fr.make_register(300, random_state=0), "2023-12-31")
    >>> sorted(set(history["event"]) - {"eliminated_naturally"})
    ['eliminated', 'imported']
    """
    of_type("register", register, Register, Message("a register, from read_register()"))
    here = Snapshot(register, day)
    spells = here.monitoring
    order = np.lexsort((spells.identified_on, spells.household))
    events = [event for rows in _entries_by_household(spells, order) for event in _events_of(here, spells, rows)]
    frame = pd.DataFrame(events, columns=list(HISTORY_COLUMNS))
    frame["household_id"] = frame["household_id"].astype("str")
    return frame


def _entries_by_household(spells: KnownRows, order: np.ndarray) -> Iterator[list[int]]:
    """Return the places of the entries of each household that have a day, in the order of days."""
    dated = order[~np.isnat(spells.identified_on[order])]
    cuts = [0, *(np.flatnonzero(np.diff(spells.household[dated])) + 1).tolist(), len(dated)]
    return (dated[start:end].tolist() for start, end in pairwise(cuts) if end > start)


def _events_of(here: Snapshot, spells: KnownRows, rows: list[int]) -> Iterator[tuple[Any, ...]]:
    household = here.household_ids[spells.household[rows[0]]]
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        began, ended, unknown_end = _days_of(here, spells, row)
        if following is not None and not np.isnat(ended) and spells.identified_on[following] <= ended:
            ended = NO_END_YET
        measures = _measures_in(here, int(spells.household[row]), began, ended)
        natural = bool(spells.isin("eliminate_mode", "natural")[row])
        over = not np.isnat(ended)
        state = "supported" if measures or (over and not natural) else "entered"
        evidence = {"state": state, "reason": "register", **_told_by(here, spells, row), "measures": measures or None}
        yield household, "imported", began, WHO, here.as_of, evidence
        if over:
            gone: dict[str, Any] = {"reason": "register", **({"day_unknown": True} if unknown_end else {})}
            yield household, "eliminated_naturally" if natural else "eliminated", ended, WHO, here.as_of, gone


def _days_of(here: Snapshot, spells: KnownRows, row: int) -> tuple[np.datetime64, np.datetime64, bool]:
    """Return the first and the last day of an entry, and whether the last is not known; never before the first."""
    began, ended = spells.identified_on[row], spells.eliminated_on[row]
    undated = np.isnat(here.on_day.dates("monitoring", "eliminated_on")[spells.index[row]])
    unknown = bool(np.isnat(ended) and undated and spells.eliminated[row] == 1)
    if unknown:
        ended = here.as_of
    return began, ended if np.isnat(ended) else max(began, ended), unknown


def _told_by(here: Snapshot, spells: KnownRows, row: int) -> dict[str, Any]:
    """Return what an entry says beside its days; what is not on record is left out."""
    frame = spells.frame.iloc[spells.index[row]]
    kind, risks, before = (frame.get(name) for name in ("type", "risks", "identified_before"))
    told = {
        "type": None if pd.isna(kind) else str(kind),
        "risks": None if pd.isna(risks) or not risks else str(risks).split(CODES_BETWEEN),
        "area_code": here.area_codes[spells.household[row]] or None,
        "not_after": True if before is not None and pd.notna(before) and bool(before) else None,
        "no_labour": True if spells.no_labour_backstop[row] == 1 else None,
        "development": True if spells.development_done[row] == 1 else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _measures_in(here: Snapshot, household: int, began: np.datetime64, ended: np.datetime64) -> list[str]:
    """Return the classes of the measures that ran in an entry."""
    supports = here.supports
    if not supports.supplied:
        return []
    mine = _places_by_household(here).get(household, np.array([], dtype="int64"))
    ends = supports.end_date[mine]
    runs = (np.isnat(ends) | (ends >= began)) & (np.isnat(ended) | (supports.start_date[mine] <= ended))
    codes = supports.frame["measure"].iloc[supports.index[mine[runs]]].dropna().astype("str")
    return sorted(set(codes))


@shared
def _places_by_household(here: Snapshot) -> dict[int, np.ndarray]:
    """Return the places of each household's measures."""
    household = here.supports.household
    order = np.argsort(household, kind="stable")
    numbers, starts = np.unique(household[order], return_index=True)
    return dict(zip(numbers.tolist(), np.split(order, starts[1:]), strict=True))
