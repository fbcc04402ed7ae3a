"""The ledger: events of households that are only ever added, and what they amount to on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pandas as pd

from fanpin_risk.arguments import texts
from fanpin_risk.ledger.additions import add_events, in_order, last_event
from fanpin_risk.ledger.clocks import TELLING_EVENTS, due_on_day
from fanpin_risk.ledger.given import RefusedRow, events_of_frame, given_event
from fanpin_risk.ledger.items import EVENTS_OF_ITEMS, guarantee_items
from fanpin_risk.ledger.queries import (
    corrections_by_event,
    day_after,
    event_frame,
    in_chunks,
    iso_day,
    last_days,
    newest_states,
    told_events,
)
from fanpin_risk.ledger.store import Store
from fanpin_risk.ledger.taking_over import monitoring_history
from fanpin_risk.ledger.verifying import verify_chain
from fanpin_risk.policy import Policy
from fanpin_risk.records.register import Register

__all__ = ["Ledger"]

CHINA = timezone(timedelta(hours=8))  # one zone for the whole country, whatever the machine is set to
MOST_DISTANT_DAY = "2200-12-31"


class Ledger:
    """Events of households, one after the other: found, verified, entered, supported, eliminated, and what lies between.

    An event is never changed or deleted. What was wrong is corrected by another event that `supersedes` it; both stay on
    record. Each event carries the hash of the one before it, so that any change is found by :meth:`verify`. Which event may
    follow which state stands in a table (:func:`fanpin_risk.ledger.transition_rows`).

    Parameters
    ----------
    place : path-like or str
        A file of SQLite, made readable for its owner alone where it is not there; or an address such as
        ``postgresql://clerk@server/county`` for offices with several machines, whose password may stand in the variable
        ``FANPIN_RISK_DATABASE_PASSWORD``.
    create : bool, default True
        Whether to make a file that is not there.

    Raises
    ------
    InputError
        If the place is no ledger or cannot be opened.
    LedgerError
        If a newer version of the program wrote it.
    MissingPackageError
        If SQLAlchemy or the driver of the database is not installed.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Ledger(Path(folder.name) / "county.ledger") as ledger:
    ...     ledger.append(household_id="h1", event="found", on="2024-05-01", who="hotline", channel="12317")
    ...     ledger.append(household_id="h1", event="verified", on="2024-05-03", who="visitor-17")
    ...     ledger.state("2024-05-02").values.tolist()[0][:2]
    1
    2
    ['h1', 'clue']
    >>> folder.cleanup()
    """

    def __init__(self, place: str | Path, *, create: bool = True) -> None:
        self._store = Store(place, create=create)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Ledger({self._store.name!r})"

    def close(self) -> None:
        """Let the file or the database go."""
        self._store.close()

    def append(
        self,
        *,
        household_id: str,
        event: str,
        on: Any,
        who: str,
        as_of: Any = None,
        model: str | None = None,
        list_id: str | None = None,
        visit_id: str | None = None,
        supersedes: int | None = None,
        event_key: str | None = None,
        **evidence: Any,
    ) -> int:
        """Record one event; it is on the disk when this returns.

        The same event given again changes nothing.

        Parameters
        ----------
        household_id : str
        event : str
            A code of ``fanpin_risk.ledger.EVENT_WORDS``.
        on : date-like
            The day on which it happened, at most a day ahead of the clock.
        who : str
            Who brought it about: a role or a code of the office, no name.
        as_of : date-like, optional
            Day of the list that led to it.
        model : str, optional
            Fingerprint of the model of that list.
        list_id, visit_id : str, optional
            Which list, which visit.
        supersedes : int, optional
            Number of the event that this one takes the place of; with the event ``voided``, that it takes back.
        event_key : str, optional
            By which the event is known when it is given again. Default: a digest of all that is given.
        **evidence
            What it rests on: texts, numbers, days, lists of them; keys of rows of the register, such as
            ``rows=["medical:2024-03-02"]``. No names, numbers of citizens or phones.

        Returns
        -------
        int
            Its number in the ledger.

        Raises
        ------
        LedgerError
            If the event may not happen in the state in which the household is, something is missing, or it cannot be
            written; nothing is recorded then.
        SchemaError
            If a day is none.
        """
        values = {
            "household_id": household_id, "event": event, "on": on, "who": who, "as_of": as_of, "model": model,
            "list_id": list_id, "visit_id": visit_id, "supersedes": supersedes, "event_key": event_key,
        }  # fmt: skip
        return add_events(self._store, [given_event(1, values, evidence)], now(), alone=True)[0][0]

    def extend(self, events: pd.DataFrame, *, rows: Sequence[int] | None = None) -> int:
        """Record the events of a frame, all or none.

        Parameters
        ----------
        events : DataFrame
            ``household_id``, ``event``, ``on`` and ``who``; of ``as_of``, ``model``, ``list_id``, ``visit_id``,
            ``supersedes``, ``event_key`` and ``evidence`` (a mapping, or its JSON) what there is. Further columns are
            evidence under their name, where a row has a value. Columns that :meth:`events` adds and ``problems`` are passed
            over. The rows may stand in any order: they are recorded in the order of their days. All events of another
            ledger, with its ``seq``, are recorded in their order there: corrections correct the same events.
        rows : sequence of int, optional
            Numbers by which errors name the rows, such as those of a file. Default: from 1.

        Returns
        -------
        int
            Events that were new; those that the ledger has are left as they are.

        Raises
        ------
        RefusedEventsError
            If one may not happen or is no event: the message names the first such row and its column, ``refused`` all of
            them, and nothing is recorded. A kind of LedgerError.
        """
        refused: list[RefusedRow] = []
        given = in_order(events_of_frame(events, rows, refused=refused))
        return sum(new for _, new in add_events(self._store, given, now(), refused))

    def events(
        self, *, households: Sequence[str] | str | None = None, until: Any = None, known_on: Any = None
    ) -> pd.DataFrame:
        """Return events as they were recorded, in the order of their numbers.

        Parameters
        ----------
        households : str or sequence of str, optional
            Default: all.
        until : date-like, optional
            The last day on which they happened.
        known_on : date-like, optional
            The last day on which they were recorded.

        Returns
        -------
        DataFrame
            The columns ``EVENT_COLUMNS``: ``on`` and ``as_of`` are days, ``recorded_at`` is a time of China, ``evidence`` is
            JSON, ``superseded_by`` is the number of the event that corrects this one (as far as it is known by then).
        """
        table = self._store.events
        query = table.select().order_by(table.c.seq)
        if until is not None:
            query = query.where(table.c.on_day <= iso_day(until, "until"))
        if known_on is not None:
            query = query.where(table.c.recorded_at < day_after(known_on))
        rows: list[Any] = []
        with self._store.reading() as connection:
            for some in (
                [None] if households is None else in_chunks(list(dict.fromkeys(texts("households", households))))
            ):
                rows += connection.execute(query if some is None else query.where(table.c.household_id.in_(some)))
            corrections = corrections_by_event(connection, table, known_on)
        return event_frame(rows, [column.name for column in table.columns], corrections)

    def state(self, day: Any, *, known_on: Any = None) -> pd.DataFrame:
        """Return where each household stands at the end of a day, by what is on record.

        Parameters
        ----------
        day : date-like
            Events that happened later are left out.
        known_on : date-like, optional
            Events that were recorded later are left out, too: `known_on` = `day` gives what was known then. Default: all
            that is on record today, with every correction.

        Returns
        -------
        DataFrame
            ``household_id``, ``state`` (code of ``fanpin_risk.ledger.STATE_WORDS``) and ``since`` (the day on which it came to
            stand there), by household; those whose way is at an end among them.
        """
        with self._store.reading() as connection:
            found = newest_states(connection, self._store.events, day, known_on)
        frame = pd.DataFrame(
            {
                "household_id": pd.array(list(found), dtype="str"),
                "state": pd.array([state for _, state in found.values()], dtype="str"),
                "since": np.array([on for on, _ in found.values()], dtype="datetime64[s]"),
            }
        )
        return frame.sort_values("household_id", ignore_index=True)

    def due(
        self,
        day: Any,
        *,
        register: Register | None = None,
        policy: Policy | None = None,
        within: int | None = None,
        known_on: Any = None,
    ) -> pd.DataFrame:
        """Return what is due for each household: by whom, until when, and how long it is overdue.

        The days and months are numbers of the policy, by area and day: ``recognition_days``, ``verify_days``,
        ``compare_days``, ``notice_days``, ``measure_months``, ``development_months``, ``visit_days``, ``buffer_months``, ... A
        development measure is not asked of households without labour, an elimination of nobody.

        Parameters
        ----------
        day : date-like
        register : Register, optional
            Says where households are and who of them is able to work, as known on the day. Default: what the evidence says
            (``area_code``, ``no_labour``).
        policy : Policy, optional
            Default: the numbers that ship with the package.
        within : int, optional
            Days ahead for which deadlines are shown. Default: ``warn_days`` of the policy.
        known_on : date-like, optional
            As in :meth:`state`.

        Returns
        -------
        DataFrame
            The longest overdue first: ``household_id``, ``due`` (code of ``fanpin_risk.ledger.DUE_WORDS``), ``by`` (who has to do
            it), ``responsible`` (code of the person that the evidence names), ``area_code``, ``area_name`` (down to the village, from
            the register; without one the county of the code), ``state``, ``since``, ``deadline``, ``days_overdue`` (below 0: days
            left; missing without a deadline), ``item`` (of a guarantee) and ``note`` (``labour_unknown``: a development measure
            is due unless nobody is able to work; ``since_unknown``: the household was taken over without the day on which it was
            recognised, or its risk eliminated, so there is no deadline; where the register knows the day, that and its measures count;
            ``stood_2_of_5_days``: ``short_notice`` or ``short_exit_notice``, a public notice had not stood for ``notice_days`` when the
            next step was taken, which stays on the list without a deadline until ``item_cleared`` with that code as item says why).
        """
        states = self.state(day, known_on=known_on)
        table = self._store.events
        with self._store.reading() as connection:
            last = last_days(connection, table, day, known_on)
            told = told_events(connection, table, TELLING_EVENTS, day, known_on)
        return due_on_day(states, last, told, day, register=register, policy=policy, within=within)

    def items(
        self, answers: pd.DataFrame, day: Any, *, register: Register | None = None, known_on: Any = None
    ) -> pd.DataFrame:
        """Hold guarantees that are not given by the records against what was done for them (清零), item by item.

        Parameters
        ----------
        answers : DataFrame
            From :func:`fanpin_risk.screen`, of the same day.
        day : date-like
        register : Register, optional
            Says where households are.
        known_on : date-like, optional
            As in :meth:`state`.

        Returns
        -------
        DataFrame
            One row for each household and item that fails by the records or that the ledger knows (``item_opened``,
            ``item_cleared``): ``household_id``, ``area_code`` and ``area_name`` (of the register), ``item`` (the rule), ``answer``
            of the records, ``status`` (code of ``fanpin_risk.ledger.ITEM_STATUSES``), ``owner``, ``deadline``, ``days_overdue``,
            ``opened_on``, ``cleared_on``, ``measures`` (recorded since it was opened), ``member_ids`` and ``evidence`` of the records.

        Raises
        ------
        SchemaError
            If `answers` is no such table.
        """
        with self._store.reading() as connection:
            told = told_events(connection, self._store.events, EVENTS_OF_ITEMS, day, known_on)
        return guarantee_items(answers, told, day, register=register)

    def import_register(self, register: Register, day: Any) -> int:
        """Take over who was monitored by a register: recognised when and as what, and eliminated when.

        Households that the ledger knows already are left as they are.

        Parameters
        ----------
        register : Register
        day : date-like
            Only what was recorded on or before it is taken over.

        Returns
        -------
        int
            Events that were recorded, all by ``import``. A day of recognition that is only known to be not later has
            ``not_after`` in its evidence, an elimination on a day that is not known is that of `day` with ``day_unknown``.

        Raises
        ------
        LedgerError
            If the events cannot be recorded; then none is.
        """
        taken = monitoring_history(register, day)
        known = self.state(MOST_DISTANT_DAY)["household_id"]
        return self.extend(taken[~taken["household_id"].isin(known)])

    @property
    def head(self) -> str:
        """Where the chain ends.

        Number and hash of the last event, to be noted where nobody changes it; ``verify(head=...)`` then finds what was cut
        off. A ledger without events has the number 0.
        """
        with self._store.reading() as connection:
            seq, digest, _ = last_event(connection, self._store.events)
        return f"{seq}:{digest}"

    def verify(self, *, head: str | None = None) -> str:
        """Check every event against the chain and the table of transitions.

        Parameters
        ----------
        head : str, optional
            What :attr:`head` was when it was noted: events that were cut off since are found then, too. Without it, a
            ledger that lacks its last events cannot be told from one in which they were never recorded.

        Returns
        -------
        str
            The head as it is now.

        Raises
        ------
        LedgerError
            Naming the first event that does not fit.
        """
        return verify_chain(self._store, head)


def now() -> str:
    """Return the time in China, to the microsecond, as a text that sorts."""
    return datetime.now(CHINA).isoformat(timespec="microseconds")
