"""What became of households after a day: the labels that a model learns and is judged by.

Features see only what the register knew on the day. Outcomes are facts: they use all that was learnt later, also
corrections, and so does the question who was at risk on the day.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.asof.income_years import IncomeYear, newest_end, years_back
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import MONITORED_TYPE, TABLES

__all__ = ["TARGETS", "outcomes"]

Target = Literal["newly_monitored", "below_line"]
TARGETS: tuple[Target, ...] = ("newly_monitored", "below_line")

Array = np.ndarray


def outcomes(
    register: Register,
    as_of: Any,
    horizon_months: int = 12,
    *,
    target: Target = "newly_monitored",
    lines: MonitoringLines | None = None,
    observed_until: Any = None,
) -> pd.DataFrame:
    """Say for every household at risk on a day whether the event happened in ``(as_of, as_of + horizon]``.

    At risk are households that were on record on the day and then neither dissolved nor monitored. A household
    dissolved within the horizon without the event is censored: what would have become of it is not known.

    Parameters
    ----------
    register : Register
        Checked records, reaching beyond the end of the horizon.
    as_of : date-like
        The day.
    horizon_months : int, default 12
        Calendar months after the day.
    target : {"newly_monitored", "below_line"}
        ``newly_monitored``: identified as a monitored household (监测对象), also once more after an earlier end.
        ``below_line``: of households whose net income per member was at or above the monitoring line by what was
        known on the day, those whose next year of income is below the line of the year in which it ends. The
        next year of income is made of the accounting periods after the day, up to the newest one, which must end
        in the second half of the horizon; it is divided by the members at the end of the horizon.
    lines : MonitoringLines, optional
        For ``below_line``. Default: the lines that ship with the package.
    observed_until : date-like, optional
        Day up to which all events are on record. Default: ``register.observed_until``. Give an earlier day where
        the newest months are still being entered.

    Returns
    -------
    DataFrame of shape (n_at_risk, 3)
        Indexed by ``household_id``, sorted. ``outcome`` (bool), ``event_date`` (day of the first event; for
        ``below_line`` the end of the income year) and ``type`` (monitored type at the event; missing for
        ``below_line``). ``attrs``: ``as_of`` and ``until`` (end of the horizon) as ISO dates, ``target`` and ``left_out``, a dict
        of reason -> number of households of the register that are not in the table.

    Raises
    ------
    NotEnoughDataError
        If the register does not reach the end of the horizon (the message names the newest day that can be used),
        or was not given the table that holds the events.
    SchemaError
        If an argument is not one of those above.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> table = fr.outcomes(fr.make_register(300, random_state=0), "2022-12-31")
    >>> table.attrs["until"], len(table) + sum(table.attrs["left_out"].values())
    ('2023-12-31', 300)
    """
    if target not in TARGETS:
        raise SchemaError("target is {target!r}; expected one of {targets}", target=target, targets=tuple(TARGETS))
    if isinstance(horizon_months, bool) or not (isinstance(horizon_months, int) and horizon_months >= 1):
        raise SchemaError(
            "horizon_months is {horizon_months!r}; expected a whole number of months, 1 or more",
            horizon_months=horizon_months,
        )
    needed = "monitoring" if target == "newly_monitored" else "incomes"
    if needed not in register.supplied:
        raise NotEnoughDataError(
            "outcomes of {target} need the table {needed}, which the register was not given; add it, or "
            "take the target {targets}",
            target=target,
            needed=needed,
            targets=TARGETS[TARGETS.index(target) - 1],
        )
    now = Snapshot(register, as_of, lines=lines)
    day = pd.Timestamp(now.as_of)
    until = pd.Timestamp(now.months_ago(-horizon_months))
    observed = register.observed_until if observed_until is None else pd.Timestamp(observed_until)
    if pd.isna(observed) or observed < until:
        reach, newest = "holds no dated record", ""
        if not pd.isna(observed):
            reach = f"is observed until {observed.date()}"
            newest = f" (take {(observed - pd.DateOffset(months=horizon_months)).date()} or earlier)"
        raise NotEnoughDataError(
            "outcomes of {day} need records up to {until}, but the register {reach}; choose an earlier "
            "day{newest} or a shorter horizon",
            day=day.date(),
            until=until.date(),
            reach=reach,
            newest=newest,
        )

    facts = _facts(register)
    ids = pd.Index(np.sort(register.tables["households"]["household_id"].unique().astype(object)), dtype="str")
    spells = _spells(facts)
    running = spells[(spells["identified_on"] <= day) & ~(spells["eliminated_on"] <= day)]
    entries = spells[(spells["identified_on"] > day) & (spells["identified_on"] <= until)]
    first = entries.drop_duplicates("household_id").set_index("household_id")
    later = Snapshot(facts, until, lines=lines)

    cohort = _Cohort(ids)
    cohort.leave_out("not_on_record", ~ids.isin(now.household_ids))
    cohort.leave_out("dissolved", ~ids.isin(Snapshot(facts, day).household_ids))
    cohort.leave_out("monitored", ids.isin(running["household_id"]))
    gone = ~ids.isin(later.household_ids)
    if target == "newly_monitored":
        event = ids.isin(first.index)
        cohort.leave_out("dissolved_within_horizon", gone & ~event)
        table = first.reindex(ids)
        table = pd.DataFrame({"outcome": event, "event_date": table["identified_on"], "type": table["type"]}, index=ids)
    else:
        income_now, _ = _income_per_member(now, after=None)
        middle = pd.Timestamp(now.months_ago(-(horizon_months // 2)))
        income_later, ended = _income_per_member(later, after=day, not_before=middle)
        margin_now = pd.Series(income_now - now.line, index=now.household_ids).reindex(ids)
        margin_later = pd.Series(income_later - _line_at(later, ended), index=later.household_ids).reindex(ids)
        cohort.leave_out("no_income_before", margin_now.isna())
        cohort.leave_out("already_below_line", margin_now < 0)
        cohort.leave_out("dissolved_within_horizon", gone)
        cohort.leave_out("no_income_after", margin_later.isna())
        event = (margin_later < 0).to_numpy()
        dates = pd.Series(ended.astype("datetime64[s]"), index=later.household_ids).reindex(ids).where(event)
        table = pd.DataFrame({"outcome": event, "event_date": dates, "type": pd.NA}, index=ids)

    table["type"] = table["type"].astype(pd.CategoricalDtype(list(MONITORED_TYPE)))
    result = table[cohort.kept].rename_axis("household_id")
    # Text and counts only: what stands beside a frame must survive being written to parquet and concatenated.
    result.attrs = {
        "as_of": day.date().isoformat(),
        "until": until.date().isoformat(),
        "target": target,
        "left_out": cohort.left_out,
    }
    return result


class _Cohort:
    """Households still kept, and how many were left out for which reason; each is counted once."""

    def __init__(self, ids: pd.Index) -> None:
        self.kept = np.ones(len(ids), dtype=bool)
        self.left_out: dict[str, int] = {}

    def leave_out(self, reason: str, mask: Any) -> None:
        leaving = self.kept & np.asarray(mask, dtype=bool)
        self.left_out[reason] = int(leaving.sum())
        self.kept &= ~leaving


def _facts(register: Register) -> Register:
    """Return the register as it is known today: newest corrections only, each known from the day it was true."""
    tables = dict(register.tables)
    for name in ("households", "members", "incomes", "monitoring"):
        declaration, frame = TABLES[name], register.tables[name]
        newest = frame.groupby(list(declaration.key), dropna=False, observed=True)["recorded_at"].transform("max")
        # Without any day of recording nothing says which row is the newer one; all stay, as in a snapshot.
        kept = frame[(frame["recorded_at"] == newest) | newest.isna()].reset_index(drop=True)
        tables[name] = kept.assign(recorded_at=kept[declaration.time])
    facts = copy(register)
    facts.tables = tables
    return facts


def _spells(facts: Register) -> pd.DataFrame:
    """Return the spells of monitoring, in an order that does not depend on that of the rows."""
    order = ["household_id", "identified_on", "eliminated_on", "type"]
    return facts.tables["monitoring"].sort_values(order, ignore_index=True)


def _income_per_member(
    h: Snapshot, *, after: pd.Timestamp | None, not_before: pd.Timestamp | None = None
) -> tuple[Array, Array]:
    """Net income per member and year, and the end of that year; NaN and NaT where there is none.

    The year is the newest one, as in :mod:`fanpin_risk.asof.income_years`, of the periods that end after `after`; the
    newest one must end after `not_before`.
    """
    rows = h.incomes
    if after is not None:
        rows = rows.where(rows.period_end > after.to_datetime64())
    ended = newest_end(rows)
    if not_before is not None:
        ended[~(ended > not_before.to_datetime64().astype("datetime64[D]").astype("int64"))] = np.nan
    net = IncomeYear(rows.where(years_back(rows, ended) == 0)).net
    members = h.members.count()
    result = np.full(h.n_households, np.nan)
    np.divide(net, members, out=result, where=members > 0)
    days = np.where(np.isnan(ended), np.iinfo(np.int64).min, np.nan_to_num(ended)).astype("int64")
    return result, days.view("datetime64[D]")


def _line_at(h: Snapshot, days: Array) -> Array:
    """Return the monitoring line of each household's area in the year of its own day; NaN where the day is NaT."""
    result = np.full(h.n_households, np.nan)
    years = days.astype("datetime64[Y]").astype("int64") + 1970
    for year in np.unique(years[~np.isnat(days)]):
        rows = ~np.isnat(days) & (years == year)
        result[rows] = h.lines.at(h.area_codes[rows], int(year))
    return result
