"""Signals that departments, cadres and households sent (table warnings): which are pending on a day, and what came of others.

A signal is no rule and no forecast: somebody else has seen something. Until it has been looked into it stands beside the
score, with who sent it and for how many days it has been open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import LANGUAGES, Message, listed

__all__ = [
    "CHANNEL_MARK",
    "ONE_SIGNAL",
    "SIGNAL_STATES",
    "SIGNAL_WINDOW_MONTHS",
    "SignalWords",
    "pending_signals",
    "sender_in_words",
    "signal_words",
    "signals_in_words",
    "signals_on_day",
]

SIGNAL_STATES: Mapping[str, Message] = {
    "verified": Message("found true", context="signal"),
    "refuted": Message("found untrue", context="signal"),
    "pending": Message("not looked into", context="signal"),
}
SIGNAL_WINDOW_MONTHS = 12  # how far back signals are counted when departments are compared
BETWEEN_SIGNALS, BETWEEN_FIELDS = ";", ":"
CHANNEL_MARK = "#"  # before the code of a channel, where no department is on record
SIGNAL_TABLE = TABLES["warnings"]
NO_SIGNAL, NO_SENDER = Message("signal of unknown kind"), Message("sender not on record")
SIGNAL_TOLD = Message("{signal} ({sender}, open for {days} days)")
# How one pending signal is told, in each language, with its parts.
ONE_SIGNAL = tuple(
    re.compile(
        re.escape(Message(SIGNAL_TOLD, signal="<1>", sender="<2>", days="<3>").shown(lang))
        .replace("<1>", "(?P<signal>.+?)").replace("<2>", "(?P<sender>.*)").replace("<3>", r"(?P<days>\d+)")
    )
    for lang in LANGUAGES
)  # fmt: skip


def signals_on_day(snapshot: Snapshot) -> pd.DataFrame:
    """Return the signals on record on a day with what was known of them then.

    Parameters
    ----------
    snapshot : Snapshot
        The day.

    Returns
    -------
    DataFrame
        One row for each signal, the longest open first: ``household`` (number in the snapshot), ``household_id``,
        ``event_date``, ``signal`` (code, ``""`` where none is on record), ``sender`` (the department; without one ``#`` and the
        code of the channel), ``state`` (code of ``SIGNAL_STATES``: an outcome of a later day is not known yet) and
        ``days_open`` (since the signal).

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = signals_on_day(fr.Snapshot(fr.make_register(300, random_state=0), "2023-12-31"))
    >>> set(found["state"]) <= set(SIGNAL_STATES), bool((found["days_open"] >= 0).all())
    (True, True)
    """
    rows = snapshot.warnings
    told = ~(rows.outcome_date > snapshot.as_of)
    state = np.full(len(rows), "pending", dtype=object)
    for code in ("verified", "refuted"):
        state[rows.isin("outcome", code) & told] = code
    frame = pd.DataFrame(
        {
            "household": rows.household,
            "household_id": np.asarray(snapshot.household_ids, dtype=object)[rows.household],
            "event_date": rows.event_date.astype("datetime64[s]"),
            "signal": _codes_of(rows, "signal"),
            "sender": _senders(rows),
            "state": state,
            "days_open": (snapshot.as_of - rows.event_date).astype("int64"),
        }
    ).astype({"household_id": "str", "signal": "str", "sender": "str", "state": "str"})
    keys = ["event_date", "household_id", "signal", "sender", "state"]
    return frame.sort_values(keys, kind="stable", ignore_index=True)


def pending_signals(snapshot: Snapshot) -> Array:
    """Say of each household which signals about it have not been looked into, in codes.

    Parameters
    ----------
    snapshot : Snapshot
        The day.

    Returns
    -------
    ndarray of object, shape (n_households,)
        ``signal:days open:sender``, joined by ``;``, the longest open first; ``""`` for none. See :func:`signals_in_words`.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> here = fr.Snapshot(fr.make_register(300, random_state=0), "2023-12-31")
    >>> len(pending_signals(here)) == here.n_households
    True
    """
    found = signals_on_day(snapshot)
    found = found[found["state"] == "pending"]
    result = np.full(snapshot.n_households, "", dtype=object)
    columns = (found[name].tolist() for name in ("household", "signal", "days_open", "sender"))
    for household, signal, days, sender in zip(*columns, strict=True):
        text = f"{signal}{BETWEEN_FIELDS}{days}{BETWEEN_FIELDS}{sender}"
        result[household] = f"{result[household]}{BETWEEN_SIGNALS}{text}" if result[household] else text
    return result


def signals_in_words(codes: str) -> Message:
    """Return pending signals, as a score has them in codes, as they are read.

    Raises
    ------
    SchemaError
        If there is anything else in it.

    Examples
    --------
    >>> signals_in_words("house_cd:35:住建局;water:3:#cadre").shown("zh")
    '危房（住建局，已35天）；饮水困难（干部排查，已3天）'
    """
    told = []
    for one in (part for part in codes.split(BETWEEN_SIGNALS) if part):
        signal, days, sender = [*one.split(BETWEEN_FIELDS, 2), "", ""][:3]
        if not days.isdecimal() or (signal and signal not in SIGNAL_TABLE["signal"].codes):
            raise SchemaError(
                "{column}: {count} value(s) are not codes; expected one of {codes}", column="signals", count=1,
                codes=tuple(SIGNAL_TABLE["signal"].codes),
            )  # fmt: skip
        told.append(
            Message(
                SIGNAL_TOLD, signal=_word_of("signal", signal) if signal else NO_SIGNAL, sender=sender_in_words(sender),
                days=days,
            )
        )  # fmt: skip
    return listed(told, between="; ")


def sender_in_words(sender: str) -> Message:
    """Return who sent a signal: the department by its name, or by which channel it came.

    Examples
    --------
    >>> sender_in_words("住建局").shown("en"), sender_in_words("#cadre").shown("zh"), sender_in_words("").shown("en")
    ('住建局', '干部排查', 'sender not on record')
    """
    code = sender.removeprefix(CHANNEL_MARK)
    if sender.startswith(CHANNEL_MARK) and code in SIGNAL_TABLE["channel"].codes:
        return _word_of("channel", code)
    return Message(sender, zh=sender) if sender else NO_SENDER


class SignalWords(NamedTuple):
    """The codes behind the words of pending signals, of both languages."""

    signals: Mapping[str, str]
    senders: Mapping[str, str]


@cache
def signal_words() -> SignalWords:
    """Return what :func:`signals_in_words` calls signals and senders, with their codes.

    Examples
    --------
    >>> words = signal_words()
    >>> words.signals["危房"], words.senders["sender not on record"]
    ('house_cd', '')
    """
    signals = {
        said: code for code in SIGNAL_TABLE["signal"].codes for said in _word_of("signal", code).in_every_language()
    }
    senders = {
        said: CHANNEL_MARK + code
        for code in SIGNAL_TABLE["channel"].codes
        for said in _word_of("channel", code).in_every_language()
    }
    return SignalWords(
        signals | dict.fromkeys(NO_SIGNAL.in_every_language(), ""),
        senders | dict.fromkeys(NO_SENDER.in_every_language(), ""),
    )


def _word_of(column: str, code: str) -> Message:
    return Message(code.replace("_", " "), zh=SIGNAL_TABLE[column].codes[code][0])


def _codes_of(rows: KnownRows, name: str) -> Array:
    values = rows.frame[name].iloc[rows.index]
    return values.astype(object).where(values.notna(), "").to_numpy()


def _senders(rows: KnownRows) -> Array:
    """Return the department of each signal, else its channel; signs that stand between fields are no part of a name."""
    department = pd.Series(rows.department, dtype="str").fillna("").str.strip()
    department = department.str.replace(f"[{BETWEEN_SIGNALS}{BETWEEN_FIELDS}{CHANNEL_MARK}]", " ", regex=True)
    channel = pd.Series(_codes_of(rows, "channel"), dtype="str").fillna("")
    by_channel = (CHANNEL_MARK + channel).where(channel != "", "")
    return department.where(department != "", by_channel).to_numpy(dtype=object)
