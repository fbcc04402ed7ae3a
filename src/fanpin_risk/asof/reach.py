"""How far the records of a register reach, told of its parts, and whether that is enough for the outcomes of a horizon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from fanpin_risk.asof.days import months_after, to_day
from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.records.checks import row_time
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

__all__ = ["Reach", "check_reach", "reach_of", "reach_of_all"]


class Reach(NamedTuple):
    """How far the records of a register, or of a part of one, reach.

    Attributes
    ----------
    supplied : frozenset of str
        Tables that it was given.
    recorded : dict of str to Timestamp
        Of each table the newest day of recording up to today; NaT: none.
    happened : dict of str to Timestamp
        The same of the rows' own time.
    dated : frozenset of str
        Tables with any day of recording.
    statuses : bool
        Whether a household says by itself that it is below the line.
    """

    supplied: frozenset[str]
    recorded: dict[str, pd.Timestamp]
    happened: dict[str, pd.Timestamp]
    dated: frozenset[str]
    statuses: bool

    @property
    def observed_until(self) -> pd.Timestamp:
        """As :attr:`fanpin_risk.Register.observed_until`, of all parts together."""
        newest = [(self.recorded if name in self.dated else self.happened)[name] for name in self.recorded]
        return pd.Series(newest, dtype="datetime64[s]").max()


def reach_of(register: Register) -> Reach:
    """Return how far the records of a register reach.

    Parameters
    ----------
    register : Register
        Checked records, or a part of them.

    Returns
    -------
    Reach

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(50, random_state=0)
    >>> reach_of(register).observed_until == register.observed_until
    True
    """
    today = pd.Timestamp.now().normalize()
    recorded, happened, dated = {}, {}, set()
    for name, frame in register.tables.items():
        days, times = frame["recorded_at"], row_time(TABLES[name], frame)
        recorded[name], happened[name] = days[days <= today].max(), times[times <= today].max()
        if days.notna().any():
            dated.add(name)
    statuses = bool(register.tables["households"]["below_line"].notna().any())
    return Reach(register.supplied, recorded, happened, frozenset(dated), statuses)


def reach_of_all(parts: Sequence[Reach]) -> Reach:
    """Return how far the records of all parts of a register reach together.

    Parameters
    ----------
    parts : sequence of Reach
        One or more.

    Returns
    -------
    Reach
    """

    def newest(days: Sequence[dict[str, pd.Timestamp]]) -> dict[str, pd.Timestamp]:
        return {name: pd.Series([one[name] for one in days], dtype="datetime64[s]").max() for name in TABLES}

    return Reach(
        frozenset().union(*(part.supplied for part in parts)),
        newest([part.recorded for part in parts]),
        newest([part.happened for part in parts]),
        frozenset().union(*(part.dated for part in parts)),
        any(part.statuses for part in parts),
    )


def check_reach(
    reach: Reach, as_of: pd.Timestamp, horizon_months: int, target: str, observed_until: Any = None
) -> None:
    """Refuse a day whose outcomes cannot be on record.

    Parameters
    ----------
    reach : Reach
        Of the whole register.
    as_of : Timestamp
        The day.
    horizon_months, target, observed_until
        As for :func:`fanpin_risk.outcomes`.

    Raises
    ------
    NotEnoughDataError
        If the register does not reach the end of the horizon, or lacks the table that holds the events.
    """
    until = months_after(as_of, horizon_months)
    needed = "incomes" if target == "below_line" else "monitoring"
    # A status does without any amount.
    if needed not in reach.supplied and not (target == "below_line" and reach.statuses):
        raise NotEnoughDataError(
            "outcomes of {target} need the table {needed}, which the register was not given; add it, or "
            "take the target {other}",
            target=target,
            needed=needed,
            other="newly_monitored" if target == "below_line" else "below_line",
        )
    observed = reach.observed_until if observed_until is None else to_day(observed_until, argument="observed_until")
    if pd.isna(observed):
        raise NotEnoughDataError(
            "outcomes of {day} need records up to {until}, but the register holds no dated record",
            day=as_of.date(),
            until=until.date(),
        )
    if observed < until:
        raise NotEnoughDataError(
            "outcomes of {day} need records up to {until}, but the register is observed until {observed}; take "
            "{newest} or an earlier day, or a shorter horizon",
            day=as_of.date(),
            until=until.date(),
            observed=observed.date(),
            newest=(observed - pd.DateOffset(months=horizon_months)).date(),
        )
