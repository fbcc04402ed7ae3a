"""What is due for whom: the steps of the procedure, measures, visits and checks, with their deadlines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, whole_number
from fanpin_risk.asof.days import months_after, to_day
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.features.shocks import DEVELOPMENT
from fanpin_risk.ledger.queries import Told
from fanpin_risk.ledger.transitions import AT_THE_END, IN_PROCEDURE, MONITORED_STATES, actors_of
from fanpin_risk.policy import Policy
from fanpin_risk.policy.parameters import checked_policy
from fanpin_risk.policy.spells import supports_since
from fanpin_risk.policy.support_kinds import labour_of_households
from fanpin_risk.records.divisions import division_path
from fanpin_risk.records.places import area_names
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = ["DUE_COLUMNS", "DUE_WORDS", "NOTICES", "TELLING_EVENTS", "due_on_day", "noted_day", "places_on_day"]

DUE_COLUMNS = (
    "household_id", "due", "by", "responsible", "area_code", "area_name", "state", "since", "deadline", "days_overdue", "item",
    "note",
)  # fmt: skip
DUE_WORDS: Mapping[str, Message] = MappingProxyType(
    {
        "verification": Message("visit to verify the clue", context="due"),
        "comparison": Message("comparison by the county's offices", context="due"),
        "end_of_notice": Message("public notice ends, review by the township", context="due"),
        "recognition": Message("end of the whole procedure", context="due"),
        "measure": Message("first measure", context="due"),
        "development": Message("development measure", context="due"),
        "visit": Message("visit", context="due"),
        "buffer_check": Message("check after the elimination", context="due"),
        "closing": Message("closing after the buffer", context="due"),
        "item": Message("item of a guarantee", context="due"),
        "short_notice": Message("public notice cut short by the next step", context="due"),
        "short_exit_notice": Message("public notice of the exit cut short by the next step", context="due"),
    }
)
# A public notice, the events that may follow it only when it has stood for its days, and those that begin the way it is part of.
NOTICES = (
    ("short_notice", "published", ("reviewed", "approved", "entered"), ("found", "returned")),
    ("short_exit_notice", "exit_published", ("exit_approved", "eliminated"), ("found", "returned", "entered", "exit_stopped")),
)  # fmt: skip
NOTICE_STANDS = ("published", "elim_published")
STOOD = "stood_{days}_of_{asked}_days"
LABOUR_UNKNOWN = "labour_unknown"  # a development measure is not asked of households without labour
SINCE_UNKNOWN = "since_unknown"  # the day from which the deadline would run is not on record
NOTES_BETWEEN = ";"
AFTER_EXIT = ("eliminated", "buffer")
# Events whose evidence may say where a household is, who cares for it, what it got and what it lacks.
TELLING_EVENTS = frozenset(
    (
        "found", "assigned", "entered", "supported", "imported", "split", "succeeded", "item_opened", "item_cleared", "eliminated",
        "eliminated_naturally",
    )
)  # fmt: skip
NAMES_OF_PLACE, NAMES_OF_PERSON = ("area_code", "area"), ("responsible", "owner", "assignee")
NAMES_OF_OWNER = ("owner", "responsible")


def noted_day(text: Any) -> Any:
    """Return a day that the evidence tells; NaT where it tells none.

    Examples
    --------
    >>> noted_day("2024-05-01").month, noted_day(None)
    (5, NaT)
    """
    try:
        return to_day(text, argument="deadline")
    except SchemaError:
        return pd.NaT


class Case(NamedTuple):
    """A household with what its clocks need: days of its events, place, person, what it got and lacks."""

    household_id: str
    state: str
    since: pd.Timestamp
    area_code: str
    area_name: str | None
    responsible: str | None
    labour: str
    entered: pd.Timestamp | None  # by the register, where the ledger does not know the day
    helped: bool  # by a measure of the register, where the ledger does not know the day
    entry_known: bool
    end_known: bool
    days: Mapping[str, pd.Timestamp]  # last day of each event, those before the present way left out
    developed: bool
    items: Mapping[str, tuple[pd.Timestamp, Any, Any]]  # item -> day it was opened, its owner, its deadline
    cleared: Mapping[str, pd.Timestamp]  # item -> day it was cleared, where it is not open


class Duty(NamedTuple):
    """One thing that is due."""

    due: str
    by: str
    deadline: Any  # a Timestamp; NaT without one
    item: str | None = None
    responsible: str | None = None
    note: str | None = None


def due_on_day(
    states: pd.DataFrame,
    last: Mapping[str, Mapping[str, pd.Timestamp]],
    told: Iterable[Told],
    day: Any,
    *,
    register: Register | None,
    policy: Policy | None,
    within: int | None,
) -> pd.DataFrame:
    """Return what is due; see :meth:`fanpin_risk.ledger.book.Ledger.due`.

    Parameters
    ----------
    states : DataFrame
        From :meth:`fanpin_risk.ledger.book.Ledger.state`.
    last : mapping
        Household -> event -> the last day of it.
    told : iterable of Told
        Events of the kinds `TELLING_EVENTS` that hold, in the order of days.
    day : date-like
    register : Register, optional
    policy : Policy, optional
    within : int, optional

    Returns
    -------
    DataFrame
        The columns ``DUE_COLUMNS``.
    """
    day = to_day(day, argument="day")
    clocks = _Clocks(checked_policy(policy), day)
    if within is not None:
        whole_number("within", within, 0, 3660)
    here = _told_by_register(register, day)
    living = states[~states["state"].isin(AT_THE_END)]
    rows = []
    for case in _cases(living, last, _told_by_events(told), here):
        limit = day + pd.Timedelta(days=clocks.number("warn_days", case.area_code) if within is None else within)
        rows += [
            (
                case.household_id, duty.due, duty.by, duty.responsible or case.responsible, case.area_code, case.area_name,
                case.state, case.since, duty.deadline, (day - duty.deadline).days if pd.notna(duty.deadline) else None, duty.item,
                duty.note,
            )
            for duty in _duties(case, clocks)
            if pd.isna(duty.deadline) or duty.deadline <= limit
        ]  # fmt: skip
    return _due_frame(rows)


class _Clocks:
    """Numbers of the rules for a day, read once for each area."""

    def __init__(self, policy: Policy, day: pd.Timestamp) -> None:
        self._policy, self._day = policy, day
        self._known: dict[tuple[str, str], int] = {}
        self._deadlines: dict[tuple[pd.Timestamp, str, str], pd.Timestamp] = {}

    def number(self, name: str, area: str) -> int:
        key = (name, area)
        if key not in self._known:
            self._known[key] = int(self._policy.at(name, [area], self._day)[0])
        return self._known[key]

    def after(self, start: pd.Timestamp, name: str, area: str) -> pd.Timestamp:
        """Return the deadline that a number of days or months sets from a day on."""
        key = (start, name, area)
        if key not in self._deadlines:
            number = self.number(name, area)
            months = name.endswith("_months")
            self._deadlines[key] = months_after(start, number) if months else start + pd.Timedelta(days=number)
        return self._deadlines[key]


def _duties(case: Case, clocks: _Clocks) -> Iterator[Duty]:
    """Say what is due for a household, whenever its deadline is."""

    def deadline(name: str, start: pd.Timestamp = case.since) -> pd.Timestamp:
        return clocks.after(start, name, case.area_code)

    def running(due: str, by: str, name: str, start: Any, *notes: str, known: bool) -> Duty:
        """Return what is due a time after a day; without a deadline where that day is not known."""
        said = (*notes, *(() if known else (SINCE_UNKNOWN,)))
        return Duty(due, by, deadline(name, start) if known else pd.NaT, note=NOTES_BETWEEN.join(said) or None)

    if case.state in IN_PROCEDURE:
        if case.state in ("clue", "verifying"):
            yield Duty("verification", "village", deadline("verify_days"))
        elif case.state == "authorised":
            yield Duty("comparison", "county", deadline("compare_days"))
        elif case.state == "published":
            yield Duty("end_of_notice", "township", deadline("notice_days"))
        begun = max((case.days[name] for name in ("found", "returned") if name in case.days), default=case.since)
        yield Duty("recognition", "county", deadline("recognition_days", begun))
    elif case.state in MONITORED_STATES:
        entered = max((case.days[name] for name in ("entered", "imported") if name in case.days), default=case.since)
        known = case.entry_known or case.entered is not None
        began = case.entered if case.entered is not None and not case.entry_known else entered
        if case.state == "entered" and not case.helped:
            yield running("measure", "responsible", "measure_months", began, known=known)
        if not case.developed and case.labour != "none":
            notes = (LABOUR_UNKNOWN,) if case.labour == "unknown" else ()
            yield running("development", "responsible", "development_months", began, *notes, known=known)
        checked = case.days.get("checked", pd.NaT)
        last = checked if checked >= entered else began
        yield running("visit", "responsible", "visit_days", last, known=known or checked >= entered)
    elif case.state in AFTER_EXIT:
        ended = max(
            (case.days[name] for name in ("eliminated", "eliminated_naturally", "imported") if name in case.days),
            default=case.since,
        )
        checked = max(case.days.get("checked", ended), ended)
        checks = [f"buffer_{which}" for which in ("first_months", "second_months", "months")]
        coming = next((one for one in checks if deadline(one, ended) > checked), None)
        if coming is not None:
            yield running("buffer_check", "responsible", coming, ended, known=case.end_known)
        yield running("closing", "county", "buffer_months", ended, known=case.end_known)
    for item, (_, owner, until) in case.items.items():
        yield Duty("item", "village", until, item, owner)
    yield from _notices_cut_short(case, clocks)


def _notices_cut_short(case: Case, clocks: _Clocks) -> Iterator[Duty]:
    """Name the notices that had not stood for their days when the next step was taken, until somebody settled it."""
    never = pd.Timestamp.min
    for due, notice, next_steps, beginnings in NOTICES:
        began = case.days.get(notice, never)
        if began < max(case.days.get(name, never) for name in beginnings) or notice not in case.days:
            continue
        after = min(
            ((case.days[name], name) for name in next_steps if case.days.get(name, never) >= began), default=None
        )
        ends = clocks.after(began, "notice_days", case.area_code)
        if after is None or case.state in NOTICE_STANDS or after[0] >= ends or case.cleared.get(due, never) >= after[0]:
            continue
        note = STOOD.format(days=(after[0] - began).days, asked=(ends - began).days)
        yield Duty(due, actors_of(after[1]).partition(";")[0], pd.NaT, note=note)


def _cases(
    states: pd.DataFrame,
    last: Mapping[str, Mapping[str, pd.Timestamp]],
    told: Mapping[str, _Told],
    here: _Here,
) -> Iterator[Case]:
    """Put together what clocks need of each household."""
    for household, state, since in states[["household_id", "state", "since"]].itertuples(index=False):
        own = told.get(household, _Told())
        code, name = here.places.get(household, (own.area_code, None))
        yield Case(
            household_id=household,
            state=state,
            since=since,
            area_code=code,
            area_name=name or "".join(division_path(code)) or None,
            responsible=own.responsible,
            labour=here.labour.get(household, own.labour),
            entered=here.entered.get(household),
            helped=not own.entry_known and household in here.helped,
            entry_known=own.entry_known,
            end_known=own.end_known,
            days=last.get(household, {}),
            developed=own.developed or (not own.entry_known and household in here.developed),
            items=own.items,
            cleared=own.cleared,
        )


class _Told:
    """What the evidence of a household's events says of it; what was said last counts."""

    def __init__(self) -> None:
        self.area_code = ""
        self.responsible: str | None = None
        self.labour = "unknown"
        self.developed = False
        self.entry_known = self.end_known = True
        self.items: dict[str, tuple[pd.Timestamp, Any, Any]] = {}
        self.cleared: dict[str, pd.Timestamp] = {}

    def take(self, event: str, on: pd.Timestamp, evidence: Mapping[str, Any]) -> None:
        """Take over what an event says."""
        self.area_code = next((str(evidence[name]) for name in NAMES_OF_PLACE if name in evidence), self.area_code)
        if event in ("item_opened", "item_cleared"):
            self._take_item(event, on, evidence)
            return
        if event in ("entered", "imported"):
            self.developed = False
            self.entry_known = self.end_known = event == "entered" or evidence.get("not_after") is not True
        elif event in ("eliminated", "eliminated_naturally"):
            self.end_known = evidence.get("day_unknown") is not True
        self.responsible = next((str(evidence[name]) for name in NAMES_OF_PERSON if name in evidence), self.responsible)
        if evidence.get("no_labour") is True:
            self.labour = "none"
        measures = evidence.get("measures", evidence.get("measure", ()))
        kinds = set(
            measures.split(";") if isinstance(measures, str) else measures if isinstance(measures, list) else ()
        )
        self.developed |= evidence.get("development") is True or not kinds.isdisjoint(DEVELOPMENT)

    def _take_item(self, event: str, on: pd.Timestamp, evidence: Mapping[str, Any]) -> None:
        item = str(evidence.get("item", ""))
        if event == "item_cleared":
            self.items.pop(item, None)
            self.cleared[item] = on
        else:
            self.cleared.pop(item, None)
            owner = next((str(evidence[name]) for name in NAMES_OF_OWNER if name in evidence), None)
            self.items[item] = (on, owner, noted_day(evidence.get("deadline")))


def _told_by_events(events: Iterable[Told]) -> dict[str, _Told]:
    found: dict[str, _Told] = {}
    for one in events:
        found.setdefault(one.household_id, _Told()).take(one.event, one.on, one.evidence)
    return found


class _Here(NamedTuple):
    """What a register says of households: where they are, who is able to work, since when they are monitored, what they got."""

    places: Mapping[str, tuple[str, str | None]]
    labour: Mapping[str, str]
    entered: Mapping[str, pd.Timestamp]
    helped: Collection[str] = ()
    developed: Collection[str] = ()


def _told_by_register(register: Register | None, day: pd.Timestamp) -> _Here:
    """Return what a register says, where it is known."""
    if register is None:
        return _Here({}, {}, {})
    of_type("register", register, Register, Message("a register, from read_register()"))
    here = Snapshot(register, day)
    ids, spells = here.household_ids.tolist(), here.open_spells
    places = places_on_day(here)
    marked = set(spells.household[spells.no_labour_backstop == 1].tolist())
    labour = {
        household: "none" if place in marked else level
        for place, (household, level) in enumerate(zip(ids, labour_of_households(here), strict=True))
    }
    dated = ~np.isnat(spells.identified_on) & (spells.identified_before != 1)
    entered = {
        ids[place]: pd.Timestamp(on).as_unit("s")
        for place, on in sorted(zip(spells.household[dated].tolist(), spells.identified_on[dated], strict=True))
    }
    helped, developed = (
        {ids[place] for place in spells.household[supports_since(here, spells, *kinds) == 1].tolist()}
        for kinds in ((), sorted(DEVELOPMENT))
    )
    developed |= {ids[place] for place in spells.household[spells.development_done == 1].tolist()}
    known = {household: level for household, level in labour.items() if level != "unknown"}
    return _Here(places, known, entered, helped, developed)


def places_on_day(here: Snapshot) -> dict[str, tuple[str, str | None]]:
    """Return code and name of the place of each household whose code or name is on record on a day."""
    codes = pd.Series(here.area_codes, dtype="str")
    names = area_names(codes, pd.Series(here.households.area_name, dtype="str"))
    found = zip(here.household_ids.tolist(), codes.fillna(""), names.where(names.notna(), None), strict=True)
    return {household: (str(code), name) for household, code, name in found if code or name}


def _due_frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(DUE_COLUMNS), dtype="object")
    kinds: dict[str, Any] = {"since": "datetime64[s]", "deadline": "datetime64[s]", "days_overdue": "Int64"}
    for name in DUE_COLUMNS:
        frame[name] = frame[name].astype(kinds.get(name, "str"))
    order = np.lexsort(
        (
            frame["item"].fillna(""),
            frame["due"],
            frame["household_id"],
            -frame["days_overdue"].fillna(-(10**6)).astype("int64"),
        )
    )
    return frame.iloc[order].reset_index(drop=True)
