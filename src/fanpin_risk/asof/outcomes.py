"""What became of households after a day: the labels that a model learns and is judged by.

Features see only what was recorded by the day. Outcomes are facts: they use everything recorded later as well,
corrections included, and so does the decision who was at risk on the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.arguments import one_of
from fanpin_risk.asof.days import Array, months_after
from fanpin_risk.asof.line_table import RULES
from fanpin_risk.asof.monitoring_lines import MonitoringLines, checked_lines
from fanpin_risk.asof.presence import Presence, presence_after, sightings, vanished
from fanpin_risk.asof.reach import check_reach, reach_of
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.asof.welfare import standing
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.code_lists import MONITORED_TYPE
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = [
    "EVENTS",
    "LEFT_OUT",
    "NO_FORECAST",
    "TARGETS",
    "UNOBSERVED",
    "Cohort",
    "Target",
    "Unobserved",
    "WholeTells",
    "check_outcome_options",
    "cohort",
    "event_in_words",
    "judged_cohort",
    "not_at_risk",
    "outcomes",
]

Target = Literal["newly_monitored", "below_line", "not_eliminated", "relapse"]
# What becomes of households without any record after the day.
Unobserved = Literal["drop", "count"]
UNOBSERVED: tuple[Unobserved, ...] = ("drop", "count")
TARGETS: tuple[Target, ...] = ("newly_monitored", "below_line", "not_eliminated", "relapse")

# What can be forecast, in words.
EVENTS: Mapping[str, Message] = MappingProxyType(
    {
        "newly_monitored": Message("being newly recognised as monitored"),
        "below_line": Message("falling below the monitoring line"),
        "not_eliminated": Message("the risk of a monitored household not being eliminated"),
        "relapse": Message("being monitored again after the risk was eliminated"),
    }
)
# The same where the lines say what they are of: the measures of their entries, in the order of their codes.
OF_MEASURES: Mapping[tuple[str, ...], Message] = MappingProxyType(
    {
        ("income",): Message("net income per person falling below the monitoring line"),
        ("consumption",): Message("consumption per person falling below the monitoring line"),
        ("income", "consumption"): Message(
            "net income or consumption per person, as the area measures it, falling below the monitoring line"
        ),
    }
)

# Why a household is not judged, in the order in which it is asked; the first reason counts.
LEFT_OUT: Mapping[str, Message] = MappingProxyType(
    {
        "not_on_record": Message("not on record on the day"),
        "dissolved": Message("dissolved by the day"),
        "monitored": Message("monitored on the day"),
        "unknown_days": Message("monitored from or up to a day that is not known"),
        "not_monitored": Message("not monitored on the day"),
        "never_eliminated": Message("never monitored before the day, or not to an end"),
        "no_income_before": Message("nothing on record before the day to compare with the line"),
        "already_below_line": Message("below the line on the day already"),
        "dissolved_within_horizon": Message("dissolved within the horizon, without the event"),
        "unobserved": Message("no record of any kind after the day"),
        "no_income_after": Message("nothing on record after the day to compare with the line"),
    }
)
# Those of whom it is not known, or known already, what is forecast: no risk of them is shown.
NO_FORECAST = ("already_below_line", "no_income_before", "not_monitored", "never_eliminated")
# Those that are asked of a target.
REASONS_ASKED: Mapping[Target, tuple[str, ...]] = MappingProxyType(
    {
        "newly_monitored": ("not_on_record", "dissolved", "monitored", "dissolved_within_horizon", "unobserved"),
        "below_line": (
            "not_on_record",
            "dissolved",
            "monitored",
            "no_income_before",
            "already_below_line",
            "dissolved_within_horizon",
            "unobserved",
            "no_income_after",
        ),
        "not_eliminated": (
            "not_on_record",
            "dissolved",
            "unknown_days",
            "not_monitored",
            "dissolved_within_horizon",
            "unobserved",
        ),
        "relapse": (
            "not_on_record",
            "dissolved",
            "monitored",
            "never_eliminated",
            "dissolved_within_horizon",
            "unobserved",
        ),
    }
)


def event_in_words(target: Target, lines: MonitoringLines | None) -> Message:
    """Say what is forecast, with what is compared with the lines.

    Parameters
    ----------
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event.
    lines : MonitoringLines or None
        None: those that ship with the package.

    Returns
    -------
    Message

    Examples
    --------
    >>> event_in_words("below_line", MonitoringLines.by_household(measure="consumption")).shown("zh")
    '人均消费低于监测线'
    """
    if target != "below_line":
        return EVENTS[target]
    frame = checked_lines(lines).frame
    named = set(frame["measure"]) if "measure" in frame.columns else {RULES["measure"][0]}
    return OF_MEASURES[tuple(code for code in RULES["measure"] if code in named)]


def outcomes(
    register: Register,
    as_of: Any,
    *,
    horizon_months: int = 12,
    target: Target = "newly_monitored",
    lines: MonitoringLines | None = None,
    observed_until: Any = None,
    unobserved: Unobserved = "drop",
) -> pd.DataFrame:
    """Return for each household at risk on a day whether the event happened in ``(as_of, as_of + horizon]``.

    At risk are households that were on record on the day and then neither dissolved nor monitored; for ``not_eliminated``
    those that were monitored, for ``relapse`` those that had been. A household
    dissolved within the horizon without the event is censored: what would have become of it is not known. So is one that
    vanishes: in registers whose tables are written again and again of the same households, one without any record
    after the day was not looked at any more (see :mod:`fanpin_risk.asof.presence`).
    :func:`cohort` has the other households as well, with the reason why they are left out here.

    Parameters
    ----------
    register : Register
        Checked records, reaching beyond the end of the horizon.
    as_of : date-like
        The day.
    horizon_months : int, default 12
        Calendar months after the day.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        ``newly_monitored``: identified as a monitored household (监测对象), also once more after an earlier end.
        ``not_eliminated``: of households that were monitored on the day, those that are monitored at the end of the horizon:
        their risk was not eliminated, or they were recognised again. ``relapse``: of households that were monitored
        before the day to an end, those recognised once more within the horizon.
        ``below_line``: of households whose newest net income per member known on the day was at or above the
        monitoring line of the calendar year in which its accounting year ends, those whose next year of income is
        below that of the year in which that one ends. The next year of income is made of the accounting periods
        after the day, up to the newest one, which must end in the second half of the horizon; it is divided by the
        members at the end of the horizon. What is compared is net income or consumption, as the area's lines say, with the
        line of the household's own account or of its area; a status without an amount (``households.below_line``) counts
        where it is newer than any amount: see :mod:`fanpin_risk.asof.welfare`.
    lines : MonitoringLines, optional
        For ``below_line``. Default: the lines that ship with the package.
    observed_until : date-like, optional
        Day up to which all events are on record. Default: ``register.observed_until``. Give an earlier day where
        the newest months are still being entered.
    unobserved : {"drop", "count"}
        What becomes of households without any record after the day. ``drop``: they are left out. ``count``: they count
        as households without the event, except where ``below_line`` asks for an income that they do not have.

    Returns
    -------
    DataFrame of shape (n_at_risk, 3)
        Indexed by ``household_id``, sorted. ``outcome`` (bool), ``event_date`` (day of the first event; for
        ``below_line`` the end of the income year) and ``type`` (monitored type at the event; missing for
        ``below_line``).

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
    >>> list(table.columns), len(table) <= 300
    (['outcome', 'event_date', 'type'], True)
    """
    everyone = cohort(
        register, as_of, horizon_months=horizon_months, target=target, lines=lines, observed_until=observed_until,
        unobserved=unobserved,
    )  # fmt: skip
    at_risk = everyone[everyone["left_out"].isna()].drop(columns="left_out")
    return at_risk.astype({"outcome": bool})


def cohort(
    register: Register,
    as_of: Any,
    *,
    horizon_months: int = 12,
    target: Target = "newly_monitored",
    lines: MonitoringLines | None = None,
    observed_until: Any = None,
    unobserved: Unobserved = "drop",
) -> pd.DataFrame:
    """Return what became of every household of the register after a day, or why it is left out.

    Parameters
    ----------
    register, as_of, horizon_months, target, lines, observed_until, unobserved
        As for :func:`outcomes`.

    Returns
    -------
    DataFrame of shape (n_households, 4)
        One row for each household that the register ever names, indexed by ``household_id``, sorted.
        ``left_out`` (category): missing for those at risk, who are the rows of :func:`outcomes`; else the first
        that applies of ``not_on_record``, ``dissolved`` (by the day), ``monitored`` (on the day, or since a day that
        is not known and may be before it), ``no_income_before``, ``already_below_line``,
        ``dissolved_within_horizon`` (without the event), ``unobserved`` (no record of any kind after the day) and
        ``no_income_after``; those of income only for ``below_line``. ``outcome`` (boolean), ``event_date`` and
        ``type`` as from :func:`outcomes`; missing for those left out.

    Raises
    ------
    NotEnoughDataError, SchemaError
        As for :func:`outcomes`.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> table = fr.cohort(fr.make_register(300, random_state=0), "2022-12-31")
    >>> counts = table["left_out"].value_counts(sort=False)
    >>> list(counts.index)
    ['not_on_record', 'dissolved', 'monitored', 'dissolved_within_horizon', 'unobserved']
    >>> int(counts.sum() + table["outcome"].notna().sum())
    300
    """
    return judged_cohort(
        register, as_of, horizon_months=horizon_months, target=target, lines=lines, observed_until=observed_until,
        unobserved=unobserved,
    ).everyone  # fmt: skip


class Cohort(NamedTuple):
    """What became of all households, and how sure it is that they were looked at.

    Attributes
    ----------
    everyone : DataFrame
        As from :func:`cohort`.
    n_unobserved : int
        Households at risk, but for that they have no record after the day; left out or not.
    presence : tuple of str
        Tables that tell it; none where nothing can be said of who vanished.
    later_to_line : Series or None
        For ``below_line``: the next year's net income per member over its line, of every household of which it is known,
        at risk or not; missing for the others. Indexed as `everyone`.
    """

    everyone: pd.DataFrame
    n_unobserved: int
    presence: tuple[str, ...]
    later_to_line: pd.Series | None = None


class WholeTells(NamedTuple):
    """What a part of a register cannot know: what the whole tells of who is seen after a day.

    Attributes
    ----------
    observed_until : Timestamp
        As :attr:`fanpin_risk.Register.observed_until`, of the whole register.
    presence : tuple of str
        As of :class:`Cohort`, of the whole register.
    """

    observed_until: pd.Timestamp
    presence: tuple[str, ...]


def judged_cohort(
    register: Register,
    as_of: Any,
    *,
    horizon_months: int = 12,
    target: Target = "newly_monitored",
    lines: MonitoringLines | None = None,
    observed_until: Any = None,
    unobserved: Unobserved = "drop",
    whole: WholeTells | None = None,
) -> Cohort:
    """Return what :func:`cohort` does, with how many households vanished and what tells it.

    Parameters
    ----------
    register, as_of, horizon_months, target, lines, observed_until, unobserved
        As for :func:`outcomes`.
    whole : WholeTells, optional
        Where `register` is a part of one, whose reach has been checked. Default: it is the whole.

    Returns
    -------
    Cohort
    """
    check_outcome_options(horizon_months, target, unobserved)
    now = Snapshot(register, as_of, lines=lines)
    if whole is None:
        check_reach(reach_of(register), pd.Timestamp(now.as_of), horizon_months, target, observed_until)
    day, until = pd.Timestamp(now.as_of), months_after(now.as_of, horizon_months)
    facts = _facts(register)
    ids = pd.Index(np.sort(register.tables["households"]["household_id"].unique().astype(object)), dtype="str")
    later = Snapshot(facts, until, lines=lines)
    spells = _spells(facts)
    running = spells[(spells["identified_on"] <= day) & ~(spells["eliminated_on"] <= day)]
    # Identified on a day that is not known: perhaps before, so it is no event either.
    doubtful = spells[(spells["identified_on"] > day) & spells["identified_before"].fillna(False)]
    gone = ~ids.isin(later.household_ids)
    later_to_line = None
    applies = {
        "not_on_record": ~ids.isin(now.household_ids),
        "dissolved": ~ids.isin(Snapshot(facts, day).household_ids),
        "monitored": ids.isin(running["household_id"]) | ids.isin(doubtful["household_id"]),
    }
    if target == "not_eliminated":
        undated = running[running["eliminated_on"].isna() & running["eliminated"].fillna(False)]
        last = spells[(spells["identified_on"] <= until) & ~(spells["eliminated_on"] <= until)]
        last = last.drop_duplicates("household_id").set_index("household_id").reindex(ids)
        event = last["identified_on"].notna().to_numpy()
        dates, kinds = last["identified_on"].where(~event, until), last["type"]
        applies |= {
            "unknown_days": ids.isin(undated["household_id"])
            | (ids.isin(doubtful["household_id"]) & ~ids.isin(running["household_id"])),
            "not_monitored": ~ids.isin(running["household_id"]),
            "dissolved_within_horizon": gone,
        }
    elif target in ("newly_monitored", "relapse"):
        entries = spells[(spells["identified_on"] > day) & (spells["identified_on"] <= until)]
        first = entries.drop_duplicates("household_id").set_index("household_id").reindex(ids)
        event = first["identified_on"].notna().to_numpy()
        dates, kinds = first["identified_on"], first["type"]
        over = spells[(spells["identified_on"] <= day) & (spells["eliminated_on"] <= day)]
        applies["never_eliminated"] = ~ids.isin(over["household_id"])
        applies["dissolved_within_horizon"] = gone & ~event
    else:
        middle = pd.Timestamp(now.months_before(-(horizon_months // 2)))
        before, after = standing(now), standing(later, after=day, not_before=middle)
        below_now = pd.Series(before.below, index=now.household_ids).reindex(ids)
        below_later = pd.Series(after.below, index=later.household_ids).reindex(ids)
        event = (below_later == 1).to_numpy()
        dates = pd.Series(after.day.astype("datetime64[s]"), index=later.household_ids).reindex(ids).where(event)
        later_to_line = pd.Series(after.to_line, index=later.household_ids).reindex(ids)
        kinds = pd.Series(pd.NA, index=ids)
        applies |= {
            "no_income_before": below_now.isna().to_numpy(),
            "already_below_line": (below_now == 1).to_numpy(),
            "dissolved_within_horizon": gone,
            "no_income_after": below_later.isna().to_numpy(),
        }
    if whole is None:
        presence = presence_after(register, day, ids)
    else:
        seen = sightings(register, day, ids, observed_until=whole.observed_until)
        presence = Presence(whole.presence, vanished(seen, whole.presence))
    left_out = _first_reason(applies | {"unobserved": presence.vanished}, REASONS_ASKED[target])
    n_unobserved = int((left_out == "unobserved").sum())
    if unobserved == "count":
        left_out = _first_reason(applies | {"unobserved": np.zeros(len(ids), dtype=bool)}, REASONS_ASKED[target])
    at_risk = left_out.codes < 0
    everyone = pd.DataFrame(
        {
            "left_out": left_out,
            "outcome": pd.arrays.BooleanArray(event, mask=~at_risk),
            "event_date": dates.where(at_risk).array,
            "type": kinds.where(at_risk).astype(pd.CategoricalDtype(list(MONITORED_TYPE))).array,
        },
        index=ids.rename("household_id"),
    )
    if later_to_line is not None:
        later_to_line = later_to_line.mask(applies["not_on_record"] | applies["dissolved"] | gone)
    return Cohort(everyone, n_unobserved, presence.tables, later_to_line)


def not_at_risk(here: Snapshot, target: Target) -> pd.Series:
    """Return why households are none that a risk is learnt from, by what is known on the day.

    Parameters
    ----------
    here : Snapshot
        The day.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event.

    Returns
    -------
    Series of str, shape (n_households,)
        ``monitored``, and for ``below_line`` ``no_income_before`` or ``already_below_line``, for ``relapse``
        ``never_eliminated``, the first that applies; for ``not_eliminated`` ``not_monitored``; ``""`` for those at risk. Who is
        not known to be monitored counts as not monitored.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> reasons = not_at_risk(Snapshot(fr.make_register(300, random_state=0), "2022-12-31"), "below_line")
    >>> set(reasons) <= {"", "monitored", "no_income_before", "already_below_line"}
    True
    """
    one_of("target", target, TARGETS, SchemaError)
    applies = {"monitored": here.monitored == 1}
    if target == "not_eliminated":
        applies = {"not_monitored": here.monitored != 1}
    elif target == "relapse":
        ended = here.monitoring.where(~np.isnat(here.monitoring.eliminated_on))
        applies["never_eliminated"] = ended.any(np.ones(len(ended), dtype=bool)) != 1
    elif target == "below_line":
        below = standing(here).below
        applies |= {"no_income_before": np.isnan(below), "already_below_line": below == 1}
    reasons = pd.Series(_first_reason(applies, tuple(applies)), index=here.household_ids)
    return reasons.astype("str").fillna("")


def check_outcome_options(horizon_months: object, target: object, unobserved: object) -> None:
    """Refuse what :func:`outcomes` cannot be asked, with a SchemaError."""
    one_of("target", target, TARGETS, SchemaError)
    one_of("unobserved", unobserved, UNOBSERVED, SchemaError)
    if isinstance(horizon_months, bool) or not (isinstance(horizon_months, (int, np.integer)) and horizon_months >= 1):
        raise SchemaError(
            "horizon_months is {horizon_months!r}; expected a whole number of months, 1 or more",
            horizon_months=horizon_months,
        )


def _first_reason(applies: Mapping[str, Array], reasons: tuple[str, ...]) -> pd.Categorical[Any]:
    """Return the first of the reasons that applies to each household, missing where none does."""
    code = np.full(len(next(iter(applies.values()))), -1, dtype=np.int8)
    for number, reason in enumerate(reasons):
        code[(code < 0) & np.asarray(applies[reason], dtype=bool)] = number
    return pd.Categorical.from_codes(code, dtype=pd.CategoricalDtype(list(reasons)))


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
