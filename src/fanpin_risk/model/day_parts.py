"""Training days of a register in parts: to the bit those of the whole register, with one part of it in memory at a time.

A part cannot know what its areas are like, how tables are written and up to when anything is on record. So all parts are
asked for that first, and then each for its features and outcomes. Features wait in a file without a name, which is gone with the
program however it ends, and are put into the order of the whole register column by column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from tempfile import TemporaryFile
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array, to_day
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import Target, Unobserved, WholeTells, check_outcome_options, judged_cohort
from fanpin_risk.asof.presence import how_tables_are_written, telling_tables
from fanpin_risk.asof.reach import Reach, check_reach, reach_of, reach_of_all
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features import compute_features
from fanpin_risk.features.references import incomes_by_area, medians_of_areas
from fanpin_risk.model.days_and_households import sorted_days
from fanpin_risk.model.household_sample import (
    HouseholdSample,
    MetHouseholds,
    checked_max_rows,
    drawn_sample,
    sample_hashes,
)
from fanpin_risk.model.register_parts import RegisterParts, in_parts
from fanpin_risk.model.training_day import TrainingDay, training_day
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register

__all__ = ["DayAsked", "days_of_parts", "training_days"]


class DayAsked(NamedTuple):
    """A day to look back on.

    Attributes
    ----------
    as_of : Timestamp
        The day.
    known_on : Timestamp or None
        Day on which the outcomes are read; None: all that is on record.
    references_of : Timestamp or None
        Day whose references are taken, dated on this one, as a model carries them; None: this day's own.
    """

    as_of: pd.Timestamp
    known_on: pd.Timestamp | None = None
    references_of: pd.Timestamp | None = None

    @property
    def referred(self) -> pd.Timestamp:
        """The day whose references are taken."""
        return self.as_of if self.references_of is None else self.references_of


class _How(NamedTuple):
    """What is asked of every day."""

    horizon_months: int
    target: Target
    lines: MonitoringLines | None
    unobserved: Unobserved


class _Survey(NamedTuple):
    """What one part tells for the whole register."""

    incomes: dict[pd.Timestamp, tuple[Array, Array]]  # by day whose references are taken
    written: dict[tuple[pd.Timestamp, pd.Timestamp | None], dict[str, Array]]  # by day and when its outcomes are read
    reach: dict[pd.Timestamp | None, Reach]  # by when outcomes are read


def days_of_parts(
    register: Register | RegisterParts,
    asked: Sequence[DayAsked],
    *,
    horizon_months: int = 12,
    target: Target = "newly_monitored",
    lines: MonitoringLines | None = None,
    unobserved: Unobserved = "drop",
    max_rows: int | None = None,
    beside: Callable[[Register, Sequence[TrainingDay]], Any] | None = None,
    progress: Progress | None = None,
) -> tuple[list[TrainingDay], list[Any]]:
    """Look back on days of a register in parts, or of one in memory.

    Parameters
    ----------
    register : Register or RegisterParts
        The whole register of the area, reaching beyond the horizons.
    asked : sequence of DayAsked
        The days.
    horizon_months, target, lines, unobserved
        As for :func:`fanpin_risk.training_day`.
    max_rows : int, optional
        As for :func:`training_days`.
    beside : callable, optional
        Called with each part and its days, in the order of `asked`.
    progress : callable, optional
        Called with (done, total, what); the number of parts is not known before the first pass.

    Returns
    -------
    days : list of TrainingDay
        In the order of `asked`, to the bit as from :func:`fanpin_risk.training_day` of the whole register.
    found : list
        What `beside` returned of each part.

    Raises
    ------
    NotEnoughDataError
        If the register does not reach the end of a horizon.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(300, random_state=0)
    >>> [day], _ = days_of_parts(register, [DayAsked(pd.Timestamp("2021-12-31"))])
    >>> day.table.equals(fr.training_day(register, "2021-12-31").table)
    True
    """
    parts, how = in_parts(register), _How(horizon_months, target, lines, unobserved)
    check_outcome_options(horizon_months, target, unobserved)
    surveys = list(parts.each(partial(_surveyed, asked=asked, lines=lines)))
    reach = {known: reach_of_all([one.reach[known] for one in surveys]) for known in surveys[0].reach}
    for one in asked:
        observed = None if one.known_on is None else to_day(one.known_on, argument="known_on")
        check_reach(reach[one.known_on], one.as_of, horizon_months, target, observed)
    references = {}
    for day in dict.fromkeys(one.referred for one in asked):
        incomes, codes = (np.concatenate(values) for values in zip(*(one.incomes[day] for one in surveys), strict=True))
        references[day] = medians_of_areas(incomes, codes, day.to_datetime64())
    wholes = [
        WholeTells(
            reach[one.known_on].observed_until,
            telling_tables([survey.written[one.as_of, one.known_on] for survey in surveys]),
        )
        for one in asked
    ]
    total = len(surveys)
    del surveys
    sample = None
    if (most := checked_max_rows(max_rows)) is not None:
        met = list(parts.each(partial(_met_households, asked=asked, wholes=wholes, how=how)))
        sample = drawn_sample(met, most)
        del met
    stacks: list[_DayStack] = []
    found = []
    learnt = partial(_learnt, asked=asked, references=references, wholes=wholes, how=how, sample=sample, beside=beside)
    with ExitStack() as open_files:
        for done, (days, told) in enumerate(parts.each(learnt)):
            if progress is not None:
                progress(done + 1, total, "")
            found.append(told)
            if total == 1:  # sorted, and in memory already
                return days, found
            stacks = stacks or [_DayStack(open_files) for _ in asked]
            for stack, learnt_day in zip(stacks, days, strict=True):
                stack.add(learnt_day)
            del days
        return _joint_days(stacks, parts.source), found


def training_days(
    register: Register | RegisterParts,
    as_of: Any,
    *,
    horizon_months: int = 12,
    target: Target = "newly_monitored",
    lines: MonitoringLines | None = None,
    unobserved: Unobserved = "drop",
    max_rows: int | None = None,
    progress: Progress | None = None,
) -> list[TrainingDay]:
    """Look back on the days that a model is to learn from: features as of each day, outcomes within the horizon after it.

    Parameters
    ----------
    register : Register or PackedRegister
        The whole register of the area, reaching beyond the last horizon. Of a packed one a partition at a time is in memory.
    as_of : date-like or list of date-like
        The days.
    horizon_months, target, lines, unobserved
        As for :func:`fanpin_risk.training_day`.
    max_rows : int, optional
        Where there are more households at risk on all days together, only so many are learnt from: a draw of households by a
        hash of their ids, with all their rows, those that have the event apart. What each row counts (``weight``) keeps level,
        calibration and figures those of all households. Default: all.
    progress : callable, optional
        Called with (done, total, what) after each partition.

    Returns
    -------
    list of TrainingDay
        By day, for :meth:`fanpin_risk.RiskModel.fit_days`.

    Raises
    ------
    NotEnoughDataError
        If the register does not reach the end of a horizon.
    SchemaError
        If an argument is not one of those above.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> days = fr.training_days(fr.make_register(300, random_state=0), ["2021-12-31", "2022-12-31"])
    >>> [day.as_of.year for day in days]
    [2021, 2022]
    """
    asked = [DayAsked(day) for day in sorted_days(as_of)]
    return days_of_parts(
        register, asked, horizon_months=horizon_months, target=target, lines=lines, unobserved=unobserved,
        max_rows=max_rows, progress=progress,
    )[0]  # fmt: skip


def _surveyed(register: Register, *, asked: Sequence[DayAsked], lines: MonitoringLines | None) -> _Survey:
    """Ask a part for what must be known of all parts together."""
    incomes = {}
    for day in dict.fromkeys(one.referred for one in asked):
        income, codes = incomes_by_area(Snapshot(register, day, lines=lines))
        incomes[day] = (income, _shared_by_parts(codes))
    written, reach = {}, {}
    for known_on in dict.fromkeys(one.known_on for one in asked):
        then = register if known_on is None else register.known_on(known_on)
        reach[known_on] = reach_of(then)
        for one in asked:
            if one.known_on == known_on:
                written[one.as_of, known_on] = how_tables_are_written(then, one.as_of)
    return _Survey(incomes, written, reach)


def _met_households(
    register: Register, *, asked: Sequence[DayAsked], wholes: Sequence[WholeTells], how: _How
) -> MetHouseholds:
    """Return who of a part is at risk on any day, and has the event."""
    rows = []
    for one, whole in zip(asked, wholes, strict=True):
        everyone = judged_cohort(
            register if one.known_on is None else register.known_on(one.known_on),
            one.as_of,
            horizon_months=how.horizon_months,
            target=how.target,
            lines=how.lines,
            unobserved=how.unobserved,
            whole=whole,
        ).everyone
        rows.append(everyone.loc[everyone["left_out"].isna(), "outcome"].astype(bool))
    met = pd.concat(rows).groupby(level=0).agg(["size", "max"])
    event = met["max"].to_numpy(dtype=bool)
    return MetHouseholds(met.index[event], sample_hashes(met.index), met["size"].to_numpy(dtype=np.int64), event)


def _learnt(
    register: Register,
    *,
    asked: Sequence[DayAsked],
    references: dict[pd.Timestamp, pd.DataFrame],
    wholes: Sequence[WholeTells],
    how: _How,
    sample: HouseholdSample | None,
    beside: Callable[[Register, Sequence[TrainingDay]], Any] | None,
) -> tuple[list[TrainingDay], Any]:
    """Look back on all days of one part."""
    tables: dict[tuple[pd.Timestamp, pd.Timestamp], pd.DataFrame] = {}
    days = []
    some = register
    if sample is not None:
        ids = pd.Index(register.tables["households"]["household_id"].astype("str").unique())
        some = register.select(ids[sample.drawn(ids)])
    for one, whole in zip(asked, wholes, strict=True):
        own = references[one.referred]
        if one.referred != one.as_of:
            own = own.assign(as_of=pd.Series([one.as_of] * len(own), dtype="datetime64[s]"))
        key = (one.as_of, one.referred)
        if key not in tables:
            tables[key] = compute_features(some, one.as_of, references=own, lines=how.lines)
        days.append(
            training_day(
                register,
                one.as_of,
                horizon_months=how.horizon_months,
                target=how.target,
                lines=how.lines,
                known_on=one.known_on,
                unobserved=how.unobserved,
                table=tables[key],
                references=own,
                whole=whole,
                sample=sample,
            )
        )
        if not any((later.as_of, later.referred) == key for later in asked[len(days) :]):
            del tables[key]
    return days, None if beside is None else beside(register, days)


class _Columns:
    """Tables with the same columns, put down one after the other, to be taken up column by column."""

    def __init__(self, open_files: ExitStack) -> None:
        self.file = open_files.enter_context(TemporaryFile())  # noqa: SIM115  it is closed with the others
        self.names: list[str] = []
        self.ids: list[pd.Index] = []
        self.begin: list[int] = []

    def put(self, table: pd.DataFrame) -> None:
        self.names = [str(name) for name in table.columns]
        self.ids.append(table.index)
        self.begin.append(self.file.tell())
        for name in self.names:
            self.file.write(np.ascontiguousarray(table[name].to_numpy(dtype="float64")).data)

    def take(self, column: int, out: Array, place: Array) -> None:
        """Put a column of all tables, in their order, into places of an array."""
        done = 0
        for ids, begin in zip(self.ids, self.begin, strict=True):
            self.file.seek(begin + 8 * column * len(ids))
            out[place[done : done + len(ids)]] = np.frombuffer(self.file.read(8 * len(ids)), dtype="float64")
            done += len(ids)


class _DayStack:
    """The parts of one day."""

    def __init__(self, open_files: ExitStack) -> None:
        self.parts: list[TrainingDay] = []
        self.table, self.others = _Columns(open_files), _Columns(open_files)

    def add(self, day: TrainingDay) -> None:
        self.table.put(day.table)
        if day.others is not None:
            self.others.put(day.others)
        # Not an empty slice: it would keep the whole table in memory.
        without: dict[str, Any] = {"table": pd.DataFrame(), "others": None if day.others is None else pd.DataFrame()}
        self.parts.append(day._replace(**without))

    def sorted_day(self, source: str) -> tuple[TrainingDay, Array, Array]:
        """Return the day without its tables, and where the rows of the parts stand in the order of ids, at risk and others."""
        first = self.parts[0]
        ids, order = _in_id_order(self.table.ids)
        of_rows = ("outcome", "event_on", "area_code", "later_to_line", "weight", "even")
        joined: dict[str, Any] = {}
        for name in of_rows:
            values = [getattr(day, name) for day in self.parts]
            joined[name] = None if values[0] is None else np.concatenate(values)[order]
        joined["area_code"] = _shared_by_parts(joined["area_code"])
        if first.counts is not None:
            counts = pd.concat([day.counts for day in self.parts if day.counts is not None]).iloc[order]
            joined["counts"] = counts.set_axis(ids)
        others, others_order = (
            (None, np.zeros(0, dtype=np.int64)) if first.others is None else _in_id_order(self.others.ids)
        )
        if others is not None:
            joined["others"] = pd.DataFrame(index=others)
            later = [day.others_later_to_line for day in self.parts if day.others_later_to_line is not None]
            joined["others_later_to_line"] = np.concatenate(later)[others_order]
        left_out: Counter[str] = Counter()
        for day in self.parts:
            left_out.update(day.left_out)
        whole = first._replace(
            **joined,
            table=pd.DataFrame(index=ids),
            left_out={reason: left_out[reason] for reason in first.left_out},
            source=source,
            tables=frozenset().union(*(day.tables for day in self.parts)),
            n_unobserved=sum(day.n_unobserved for day in self.parts),
            drawn_of=_added(day.drawn_of for day in self.parts),
        )
        return whole, _inverse_of(order), _inverse_of(others_order)


def _shared_by_parts(texts: Array) -> Array:
    """Return texts with one object for each different one, not for each household."""
    number, different = pd.factorize(texts)
    shared: Array = np.asarray(different, dtype=object)[number]
    return shared


def _added(counts: Iterable[tuple[int, int] | None]) -> tuple[int, int] | None:
    known = [pair for pair in counts if pair is not None]
    return (sum(pair[0] for pair in known), sum(pair[1] for pair in known)) if known else None


def _in_id_order(parts: Sequence[pd.Index]) -> tuple[pd.Index, Array]:
    """Return the ids of all parts in the order of a register, and where each stands among the parts."""
    ids = parts[0].append(list(parts[1:]))
    order = np.argsort(ids.to_numpy(dtype=object), kind="stable")
    return ids[order], order


def _inverse_of(order: Array) -> Array:
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places


def _joint_days(stacks: Sequence[_DayStack], source: str) -> list[TrainingDay]:
    """Return the days, the rows of all of them one after the other in the columns of one table."""
    sorted_days = [stack.sorted_day(source) for stack in stacks]
    sizes = [len(day.outcome) for day, *_ in sorted_days]
    begins = np.cumsum([0, *sizes])
    columns: list[dict[str, Array]] = [{} for _ in stacks]
    others: list[dict[str, Array]] = [{} for _ in stacks]
    for j, name in enumerate(stacks[0].table.names):
        joint = np.empty(begins[-1])
        for k, (stack, (_, places, of_others)) in enumerate(zip(stacks, sorted_days, strict=True)):
            here = joint[begins[k] : begins[k + 1]]
            stack.table.take(j, here, places)
            columns[k][name] = here
            if stack.others.ids:
                others[k][name] = np.empty(len(of_others))
                stack.others.take(j, others[k][name], of_others)
    whole = []
    for (day, *_), own, beside in zip(sorted_days, columns, others, strict=True):
        table = pd.DataFrame(own, index=day.table.index, copy=False)
        not_at_risk = None if day.others is None else pd.DataFrame(beside, index=day.others.index, copy=False)
        whole.append(day._replace(table=table, others=not_at_risk))
    return whole
