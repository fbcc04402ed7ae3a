"""Leak alarms: whether what a model learns from was really known on the day.

Run on every training. Each check is cheap: of the households without the event a draw is looked at, trees are grown on a
draw of rows, features are computed anew for some households and the newest day only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.arguments import of_type, type_of, whole_number
from fanpin_risk.asof.days import months_after
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import Target, outcomes
from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.errors import InputError, NotEnoughDataError, SchemaError
from fanpin_risk.features import FEATURES, compute_features, make_references
from fanpin_risk.leaks.alarms import Alarms, named
from fanpin_risk.leaks.records import check_days, check_duplicates, check_records
from fanpin_risk.leaks.tables import DOUBTFUL_ENTRY, STRONG_ALONE, TOO_GOOD, check_table, table_alarms
from fanpin_risk.model.day_parts import training_days
from fanpin_risk.model.days_and_households import sorted_days
from fanpin_risk.model.register_parts import RegisterParts, gathered
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.progress import Progress
from fanpin_risk.records.checks import lag_days, row_time
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = ["leak_alarms", "table_alarms"]

Array = NDArray[Any]
Compute = Callable[[Register, pd.Timestamp], pd.DataFrame]

# Households whose features are computed once more from a register without, and with an altered, future.
HOUSEHOLDS_CUT = 1000
# Households without the event that are looked at; of those with it, all are.
HOUSEHOLDS_SEEN = 10_000


def leak_alarms(
    register: Register | RegisterParts,
    as_of: Any = None,
    *,
    horizon_months: int | None = None,
    target: Target | None = None,
    model: RiskModel | None = None,
    days: Sequence[TrainingDay] | None = None,
    compute: Compute | None = None,
    lines: MonitoringLines | None = None,
    rows: int = 6_000,
    random_state: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Look for knowledge of the outcome in what a register says was known before it.

    No finding is no proof: a copy of the outcome into old records, with forged days of recording and weak enough to
    pass for a good predictor, cannot be told from one.

    Parameters
    ----------
    register : Register or PackedRegister
        Checked records, reaching beyond the last horizon. Of a packed one, the records of the households with the event and of a
        draw of the others are looked at.
    as_of : date-like or list of date-like, optional
        The training days. Default: those of `days`, else of `model`.
    horizon_months : int, optional
        Months after each day. Default: that of `model`, else 12.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}, optional
        The event. Default: that of `model`, else ``newly_monitored``. Of ``not_eliminated`` the checks look for what knew
        that the risk would be eliminated: that is the event of which their messages speak.
    model : RiskModel, optional
        A fitted model: its days, horizon, event, features and lines are taken, and its out-of-fold AUC is judged too.
    days : sequence of TrainingDay, optional
        The training days with features and outcomes, as :func:`fanpin_risk.training_day` made them for the model, so that
        they are not computed again. Not together with `as_of` or `compute`.
    compute : callable, optional
        ``compute(register, day)`` -> features, indexed by household, in place of the package's own. It may return
        rows for households that are not at risk; they are left out.
    lines : MonitoringLines, optional
        Default: those of `model`, else those that ship with the package.
    rows : int, default 6_000
        Rows to grow trees on.
    random_state : int, default 0
        Seed.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    DataFrame
        ``alarm`` (name of the check), ``level`` (``ok`` < ``warning`` < ``alarm``), ``feature`` (feature or
        ``table.column``), ``value``, ``expected``, ``message_zh``, ``message_en``; the worst first, at least one row per
        check. The checks:

        - ``future_read``: features differ when rows recorded, or about days, after the day are taken away or altered;
          ``outcomes_read``: they differ without the tables that hold the outcomes;
        - ``shuffled_labels``: outcomes swapped by lot between households can still be forecast out of fold;
        - ``too_good``: out-of-fold AUC from 0.9 on (a warning from 0.85 on for entry into
          monitoring); ``single_feature``, ``missing_values``: one feature, or its being
          missing, nearly as good as all; ``pure_value``, ``pure_records``: a value that only households with the event have;
        - ``horizon_cliff``: the ranking is sharp within the horizon and blind after it;
        - ``twins``, ``duplicates``: one household under two ids;
        - ``recorded_missing``, ``recorded_once``, ``recorded_derived``, ``overwritten``: past states cannot be had;
        - ``recorded_before``, ``outcome_on_record``, ``dates_ahead``: known before it happened;
        - ``recorded_unlike``, ``back_filled``: recorded otherwise for households that were to have the event.

    Raises
    ------
    NotEnoughDataError
        If the register does not reach the end of a horizon, or holds fewer than 20 events.
    SchemaError
        If there is neither a day nor a model, or both `days` and what they stand for.

    References
    ----------
    Kaufman, Rosset, Perlich & Stitelman (2012), Leakage in data mining, ACM TKDD 6(4): the legitimacy of a value is
    a matter of when it was observed; too good results and single strong features as signs.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(2500, random_state=0)
    >>> alarms = leak_alarms(register, ["2021-12-31", "2022-12-31"])
    >>> alarms["level"].max()
    'ok'
    """
    if days is not None and not (as_of is None and compute is None):
        raise SchemaError("days stands for as_of and compute; expected it alone")
    if not isinstance(register, RegisterParts):
        checked_register(register)
    elif compute is not None:
        raise SchemaError("compute is for a register in memory; read the files of the county with read_register")
    if model is not None:
        of_type("model", model, RiskModel, Message("a fitted RiskModel"))
    if compute is not None and not callable(compute):
        raise InputError(
            "compute is of the type {type}; expected a function of a register and a day", type=type_of(compute)
        )
    whole_number("random_state", random_state, 0)
    dates = _dates(as_of, days, model)
    if model is not None:
        horizon_months = model.horizon_months_ if horizon_months is None else horizon_months
        target = model.target if target is None else target
        lines = model.lines if lines is None else lines
    months = 12 if horizon_months is None else horizon_months
    event_of: Target = "newly_monitored" if target is None else target
    names = None if model is None else list(model.feature_names_in_)

    def own(some: Register, day: pd.Timestamp) -> pd.DataFrame:
        references = make_references(some, day, lines=lines)
        table = compute_features(some, day, references=references, lines=lines)
        return table.drop(columns=[f.name for f in FEATURES if f.targets and event_of not in f.targets])

    def table_of(some: Register, day: pd.Timestamp) -> pd.DataFrame:
        table = (own if compute is None else compute)(some, day)
        return table if names is None or compute is not None else table[names]

    if isinstance(register, RegisterParts):
        if days is None:
            days = training_days(register, dates, horizon_months=months, target=event_of, lines=lines)
        looked_at = {one.as_of: pd.Series(one.outcome.astype(bool), index=one.table.index) for one in days}
        drawn = np.random.default_rng(random_state)
        ids, _ = _seen({day: _looked_for(looked_at[day], event_of) for day in dates}, drawn)
        register = gathered(register, ids)
    alarms, steps = Alarms(), len(dates) + 2

    def step(done: int, what: str | Message) -> None:
        if progress is not None:
            progress(done, steps, str(what))

    check_records(alarms, register)
    check_duplicates(alarms, register)
    tables, events, ends = [], {}, {}
    for done, day in enumerate(dates):
        step(done, f"{day.date()}")
        if days is None:
            outcome = outcomes(register, day, horizon_months=months, target=event_of, lines=lines)
            events[day], ends[day] = _looked_for(outcome["outcome"], event_of), months_after(day, months)
            tables.append(table_of(register, day).reindex(outcome.index))
        else:
            known = next(one for one in days if one.as_of == day)
            happened = pd.Series(known.outcome.astype(bool), index=known.table.index)
            events[day], ends[day] = _looked_for(happened, event_of), known.until
            tables.append(known.table if names is None else known.table[names])
    everybody = events.copy()
    seen, others = _seen(events, np.random.default_rng(random_state))
    part = register.select(seen) if others > 1 else register
    for k, day in enumerate(dates):
        kept = seen.get_indexer(events[day].index) >= 0
        tables[k], events[day] = tables[k][kept], events[day][kept]
    check_days(alarms, part, [(day, ends[day], events[day]) for day in dates], others=others)
    step(steps - 2, Message("records of after the day"))
    newest = dates[-1]
    _check_future(alarms, part, newest, events[newest], table_of, np.random.default_rng(random_state))
    step(steps - 1, Message("features and outcomes"))
    later = [_outcomes_after(register, events[day], day, months, event_of, lines, everybody) for day in dates]
    check_table(
        alarms, pd.concat(tables), np.concatenate([events[day] for day in dates]), later=np.concatenate(later), rows=rows,
        random_state=random_state, known_auc=np.nan if model is None else float(model.oof_metrics_["auc"]), others=others,
        # The income itself honestly forecasts whether it will fall below the line.
        doubtful=DOUBTFUL_ENTRY if event_of == "newly_monitored" else TOO_GOOD,
        strong=STRONG_ALONE if event_of == "newly_monitored" else TOO_GOOD,
    )  # fmt: skip
    step(steps, "")
    return alarms.frame()


def _dates(as_of: Any, days: Sequence[TrainingDay] | None, model: RiskModel | None) -> list[pd.Timestamp]:
    """Return the training days, sorted."""
    if days is not None:
        return sorted_days([one.as_of for one in days])
    if as_of is None:
        if model is None:
            raise SchemaError("as_of is missing: expected the training days, or a fitted model that knows them")
        return sorted_days(model.training_.index)
    return sorted_days(as_of)


def _looked_for(outcome: pd.Series, target: Target) -> pd.Series:
    """Return what records may have known too early: the event, or, where it is that nothing ends, the end."""
    return ~outcome if target == "not_eliminated" else outcome


def _seen(events: dict[pd.Timestamp, pd.Series], rng: np.random.Generator) -> tuple[pd.Index, float]:
    """Households to look at: all that ever had the event and a draw of the others; and how many one of these stands for."""
    ever = pd.concat(list(events.values())).groupby(level=0).max()
    never = ever.index[~ever.to_numpy()]
    drawn = never[np.sort(rng.permutation(len(never))[:HOUSEHOLDS_SEEN])]
    return ever.index[ever.to_numpy()].append(drawn), len(never) / max(1, len(drawn))


def _outcomes_after(
    register: Register,
    event: pd.Series,
    day: pd.Timestamp,
    months: int,
    target: Target,
    lines: MonitoringLines | None,
    known: dict[pd.Timestamp, pd.Series],
) -> Array:
    """Outcomes of the time after the horizon: as long again, or half as long where no more is on record."""
    end = months_after(day, months)
    if end in known:
        return known[end].astype("float64").reindex(event.index).to_numpy()
    for span in (months, max(1, months // 2)) if target == "newly_monitored" else (months,):
        try:
            after = outcomes(register, end, horizon_months=span, target=target, lines=lines)["outcome"]
        except NotEnoughDataError:
            continue
        return _looked_for(after, target).reindex(event.index).astype("float64").to_numpy()
    return np.full(len(event), np.nan)


# --- what the features read ---------------------------------------------------------------------------------------------


def _check_future(
    alarms: Alarms, register: Register, day: pd.Timestamp, event: pd.Series, table_of: Compute, rng: np.random.Generator
) -> None:
    """Features of the day must not change when what came after the day is taken away or altered."""
    ids = event.index.to_numpy(dtype=object)
    some = np.r_[ids[event.to_numpy()][: HOUSEHOLDS_CUT // 2], rng.permutation(ids[~event.to_numpy()])]
    part = register.select(np.sort(some[:HOUSEHOLDS_CUT]))
    before = table_of(part, day)
    wrong: dict[str, float] = {}
    for changed in (_without_future(part, day), _altered_future(part, day, rng)):
        wrong = wrong | {name: s for name, s in _differing(before, table_of(changed, day)).items() if name not in wrong}
    for name, share in wrong.items():
        alarms.add(
            "future_read", "alarm", share, "0",
            Message(
                "{feature} changes for {share:.1%} of the households when records after {day} are taken away "
                "or altered: it reads what was not known on the day",
                feature=named(name),
                share=share,
                day=day.date(),
            ),
            feature=name,
        )  # fmt: skip
    blind = Register(
        {name: frame.iloc[:0] if name in ("monitoring", "warnings") else frame for name, frame in part.tables.items()},
        supplied=part.supplied, source=part.source, known_lag_days=part.known_lag_days,
    )  # fmt: skip
    declared = {feature.name for feature in FEATURES if feature.targets}  # that read what was known of earlier entries
    for name, share in _differing(before, table_of(blind, day)).items():
        if name in declared:
            continue
        alarms.add(
            "outcomes_read", "warning", share, "0",
            Message(
                "{feature} reads the tables monitoring or warnings, which hold the outcomes; leave it out",
                feature=named(name),
            ),
            feature=name,
        )  # fmt: skip
    alarms.passed("future_read", 0.0, "0")
    alarms.passed("outcomes_read", 0.0, "0")


def _differing(one: pd.DataFrame, other: pd.DataFrame) -> dict[str, float]:
    """Share of households for which each column differs, of those that do; households on one side only differ in all."""
    other = other.reindex(index=one.index.union(other.index), columns=one.columns)
    one = one.reindex(index=other.index)
    a, b = one.to_numpy(dtype="float64", na_value=np.nan), other.to_numpy(dtype="float64", na_value=np.nan)
    share = (~((a == b) | (np.isnan(a) & np.isnan(b)))).mean(axis=0) if len(a) else np.zeros(a.shape[1])
    return {str(name): float(s) for name, s in zip(one.columns, share, strict=True) if s > 0}


def _ahead(register: Register, name: str, day: pd.Timestamp) -> Array:
    """Rows recorded, or about a day, after the day; a recording day that is missing follows from the table's lag."""
    frame = register.tables[name]
    time = row_time(TABLES[name], frame)
    lag = pd.Timedelta(days=lag_days(TABLES[name], register.known_lag_days))
    recorded = frame["recorded_at"].fillna(time + lag)
    return ~((recorded <= day) & (time <= day)).to_numpy()


def _without_future(register: Register, day: pd.Timestamp) -> Register:
    """Return a register cut at the day: later rows are gone, and so are ends that had not come yet."""
    tables = {}
    for name, frame in register.tables.items():
        kept = frame[~_ahead(register, name, day)].reset_index(drop=True)
        end = TABLES[name].open_ended
        if end is not None and name != "disabilities":
            kept[end] = kept[end].where(kept[end] <= day)
        tables[name] = kept
    return Register(tables, supplied=register.supplied, source=register.source, known_lag_days=register.known_lag_days)


def _altered_future(register: Register, day: pd.Timestamp, rng: np.random.Generator) -> Register:
    """Return a register whose later rows say something else, about the same households and days."""
    tables = {}
    for name, frame in register.tables.items():
        ahead = np.flatnonzero(_ahead(register, name, day))
        kept = {column.name for column in TABLES[name].columns if column.type == "id"}
        kept |= {TABLES[name].time, "recorded_at", *TABLES[name].key}
        altered = frame.copy()
        for column in TABLES[name].columns:
            if column.name in kept or not len(ahead):
                continue
            values = frame[column.name].array.copy()
            values[ahead] = values.take(rng.permutation(ahead))
            if column.type == "number":
                values[ahead] = np.asarray(values.take(ahead)) * 2 + 1
            altered[column.name] = values
        tables[name] = altered
    return Register(tables, supplied=register.supplied, source=register.source, known_lag_days=register.known_lag_days)
