"""A day to learn from: what was known of the households at risk, and what happened to them afterwards."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.asof.days import months_after, to_day
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import Target, Unobserved, WholeTells, judged_cohort
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features import FEATURES, compute_features, make_references
from fanpin_risk.model.household_sample import HouseholdSample
from fanpin_risk.model.needed_counts import needed_counts
from fanpin_risk.records.register import Register

__all__ = ["TrainingDay", "training_day"]


class TrainingDay(NamedTuple):
    """The households at risk on a day in the past, with features and outcomes.

    Attributes
    ----------
    as_of : Timestamp
        The day.
    until : Timestamp
        End of the horizon.
    table : DataFrame of shape (n_at_risk, n_features)
        As from :func:`fanpin_risk.compute_features`, indexed by ``household_id``, sorted.
    outcome : ndarray of shape (n_at_risk,), int8
        1 if the event happened in (as_of, until].
    event_on : ndarray of shape (n_at_risk,), datetime64[s]
        Day of the event; NaT without one.
    area_code : ndarray of shape (n_at_risk,), object
        Division code on the day; "" where it is unknown.
    references : DataFrame
        As from :func:`fanpin_risk.make_references`, of the whole register on the day.
    left_out : dict of str to int
        Why households of the register are not in the table, and how many.
    source : str
        Where the register came from, as in ``Register.source``.
    tables : frozenset of str
        Tables that the register was given.
    known_lag_days : int or None
        As in ``Register.known_lag_days``.
    unobserved : {"drop", "count"}
        What became of households without any record after the day, see :func:`fanpin_risk.outcomes`.
    n_unobserved : int
        How many of them there were among those at risk, left out or not.
    presence : tuple of str
        Tables that tell it; none where nothing can be said of who vanished.
    counts : DataFrame of shape (n_at_risk, n_counts) or None
        What features need to apply, see :mod:`fanpin_risk.model.needed_counts`; None: all apply.
    later_to_line : ndarray of shape (n_at_risk,) or None
        For ``below_line``: the next year's net income per member over its line. None: not known.
    others : DataFrame of shape (n_others, n_features) or None
        For ``below_line``: as `table`, of the households not at risk whose next year's income is known, such as those
        below the line already. Nobody is scored by it; an ensemble learns from it, see :mod:`fanpin_risk.model.ensemble`.
    others_later_to_line : ndarray of shape (n_others,) or None
        Their `later_to_line`.
    weight : ndarray of shape (n_at_risk,) or None
        What each row counts, where the households were drawn; None: all are there, and alike.
    even : ndarray of bool, shape (n_at_risk,), or None
        Of those drawn the ones that together look as all do; None: all of them.
    drawn_of : tuple of int or None
        How many households at risk there were, and how many events among them, where some were drawn.
    """

    as_of: pd.Timestamp
    until: pd.Timestamp
    table: pd.DataFrame
    outcome: NDArray[np.int8]
    event_on: NDArray[np.datetime64]
    area_code: NDArray[np.object_]
    references: pd.DataFrame
    left_out: dict[str, int]
    source: str
    tables: frozenset[str] = frozenset()
    known_lag_days: int | None = None
    unobserved: Unobserved = "drop"
    n_unobserved: int = 0
    presence: tuple[str, ...] = ()
    counts: pd.DataFrame | None = None
    later_to_line: NDArray[np.float64] | None = None
    others: pd.DataFrame | None = None
    others_later_to_line: NDArray[np.float64] | None = None
    weight: NDArray[np.float64] | None = None
    even: NDArray[np.bool_] | None = None
    drawn_of: tuple[int, int] | None = None


def training_day(
    register: Register,
    as_of: Any,
    *,
    horizon_months: int = 12,
    target: Target = "newly_monitored",
    lines: MonitoringLines | None = None,
    known_on: Any = None,
    unobserved: Unobserved = "drop",
    table: pd.DataFrame | None = None,
    references: pd.DataFrame | None = None,
    whole: WholeTells | None = None,
    sample: HouseholdSample | None = None,
) -> TrainingDay:
    """Look back on a day: features as of the day, outcomes within the horizon after it.

    Parameters
    ----------
    register : Register
        The whole register of the area (references are computed from it), reaching beyond the horizon.
    as_of : date-like
        The day.
    horizon_months : int, default 12
        Months after the day within which the event counts.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event, see :func:`fanpin_risk.outcomes`.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    known_on : date-like, optional
        Day on which the outcomes are read: what was recorded later is not seen. Default: all that is on record.
    unobserved : {"drop", "count"}
        What becomes of households without any record after the day, see :func:`fanpin_risk.outcomes`.
    table, references : DataFrame, optional
        Features of all households of the register on the day and what they were computed with, if they are at hand.
    whole : WholeTells, optional
        Where `register` is a part of one, see :mod:`fanpin_risk.model.day_parts`; then `references` belong to it.
    sample : HouseholdSample, optional
        Only these households are learnt from; `table` may lack the others. Default: all.

    Returns
    -------
    TrainingDay

    Raises
    ------
    NotEnoughDataError
        If the register, or what was known of it, does not reach the end of the horizon.
    SchemaError
        If an argument is not one of those above.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> day = training_day(fr.make_register(300, random_state=0), "2021-12-31")
    >>> len(day.table) == len(day.outcome) == 300 - sum(day.left_out.values())
    True
    """
    day = to_day(as_of)
    if table is None or references is None:
        references = make_references(register, day, lines=lines)
        table = compute_features(register, day, references=references, lines=lines)
    table = table.drop(columns=[f.name for f in FEATURES if f.targets and target not in f.targets], errors="ignore")
    then = register if known_on is None else register.known_on(known_on)
    judged = judged_cohort(
        then, day, horizon_months=horizon_months, target=target, lines=lines, unobserved=unobserved,
        observed_until=None if known_on is None else to_day(known_on, argument="known_on"), whole=whole,
    )  # fmt: skip
    everyone = judged.everyone
    at_risk = everyone[everyone["left_out"].isna()]
    draw: dict[str, Any] = {}
    if sample is not None:
        draw["drawn_of"] = (len(at_risk), int(at_risk["outcome"].sum()))
        at_risk = at_risk[sample.drawn(at_risk.index)]
        draw |= {"weight": sample.weights(at_risk.index), "even": sample.even(at_risk.index)}
    here = Snapshot(register, day, lines=lines)
    later: dict[str, Any] = {}
    if judged.later_to_line is not None:
        known = judged.later_to_line.reindex(table.index).notna().to_numpy()
        others = table[known & ~table.index.isin(at_risk.index)]
        later = {"later_to_line": judged.later_to_line.loc[at_risk.index].to_numpy(dtype="float64"), "others": others}
        later["others_later_to_line"] = judged.later_to_line.loc[others.index].to_numpy(dtype="float64")
    return TrainingDay(
        as_of=day,
        until=months_after(day, horizon_months),
        table=table.loc[at_risk.index],
        outcome=at_risk["outcome"].to_numpy(dtype=np.int8),
        event_on=at_risk["event_date"].to_numpy(dtype="datetime64[s]"),
        area_code=here.area_codes[pd.Index(here.household_ids).get_indexer(at_risk.index)],
        references=references,
        left_out={str(reason): int(n) for reason, n in everyone["left_out"].value_counts(sort=False).items()},
        source=register.source,
        tables=register.supplied,
        known_lag_days=register.known_lag_days,
        unobserved=unobserved,
        n_unobserved=judged.n_unobserved,
        presence=judged.presence,
        counts=needed_counts(here).loc[at_risk.index],
        **later,
        **draw,
    )
