"""Leak alarms about the records: what the register's own dates say about who wrote what, and when.

A register can only be taken back to an earlier day if it tells when each row was recorded. These checks look for rows
known before they happened, for recording days that were never kept or made up afterwards, for rows that were overwritten,
and for records kept differently for households that were to have the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from fanpin_risk.features.labels import feature_message
from fanpin_risk.leaks.alarms import Alarms, Level
from fanpin_risk.leaks.tables import lower_share
from fanpin_risk.records.checks import lag_days, row_time
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = ["check_days", "check_duplicates", "check_records"]

Array = NDArray[Any]

# Tables whose rows become features, and of these the ones about happenings, each recorded when somebody heard of it.
FEATURE_TABLES = ("households", "members", "incomes", "medical", "disabilities", "enrolments", "shocks", "supports")
HAPPENINGS = ("incomes", "medical", "disabilities", "enrolments", "shocks", "supports")
STATES = ("households", "members")
# Ends that are planned or laid down beforehand may lie ahead; what is left of the schema's dates has to be past.
PLANNED = {("disabilities", "valid_to"), ("supports", "end_date"), ("supports", "planned_on")}
# A slip of the pen here and there is no leak: shares of rows that are reported.
SLIPS = 0.001
MISSING_SHARE = 0.05
ONE_DAY, SAME_DELAY = 0.95, 0.9
FEWEST_DATED = 50
# Share of entities with a version after the day: fewer were hardly ever kept by version.
RENEWED = 0.01
# Groups of records: households needed, and the share of events in multiples of the base rate as in leak_tables.
GROUP, LIFT, GROUP_LEAST, MOST, PURE = 10, 12.0, 0.2, 0.6, 0.8
# Difference of a share between households with and without the event, and the standard errors it must exceed.
SHARE_POINTS, SHARE_ERRORS, FEWEST_FLAGGED = 0.1, 5.0, 10
# Difference of two distributions of delays, Kolmogorov-Smirnov.
DELAYS, CHANCE = 0.3, 1e-6
MANY_TIMES = 3000
# Households with the very same persons: shares of all that are reported.
SAME_PERSONS, SAME_PERSONS_ALARM = 0.002, 0.01


def check_records(alarms: Alarms, register: Register) -> None:
    """Check what can be seen without a day: missing, made-up and impossible recording days.

    Parameters
    ----------
    alarms : Alarms
        Takes the findings.
    register : Register
        Checked records.
    """
    for name in (*FEATURE_TABLES, "monitoring"):
        frame = register.tables[name]
        if not len(frame):
            continue
        table = feature_message(name)
        time, recorded = row_time(TABLES[name], frame), frame["recorded_at"]
        n = len(frame)
        filled = max(int(recorded.isna().sum()), int(register.recorded_at_filled.get(name, 0)))
        if filled / n > MISSING_SHARE:
            alarms.add(
                "recorded_missing", "warning", filled / n, f"<= {MISSING_SHARE:.0%}",
                Message(
                    "{table}: {share:.0%} of the rows have no recorded_at and are taken as known after a "
                    "fixed lag: later entries or changes cannot be excluded; export the day of recording "
                    "(change log) as well",
                    table=table,
                    share=filled / n,
                ),
                feature=f"{name}.recorded_at",
            )  # fmt: skip
        early = float((recorded < time).mean())
        if early > SLIPS:
            level: Level = "alarm" if name == "monitoring" else "warning"
            alarms.add(
                "recorded_before", level, early, f"<= {SLIPS:.1%}",
                Message(
                    "{table}: {share:.1%} of the rows were recorded before they happened; one of the two days"
                    " is wrong",
                    table=table,
                    share=early,
                ),
                feature=f"{name}.recorded_at",
            )  # fmt: skip
        if n < FEWEST_DATED or filled == n:
            continue
        top = float(recorded.value_counts(normalize=True).iloc[0])
        span = (time.max() - time.min()).days
        if top >= ONE_DAY and span > 366:
            alarms.add(
                "recorded_once", "warning", top, f"< {ONE_DAY:.0%}",
                Message(
                    "{table}: {share:.0%} of the rows were recorded on one and the same day, probably that of"
                    " the export: on earlier days nothing was known; export the true day of recording",
                    table=table,
                    share=top,
                ),
                feature=f"{name}.recorded_at",
            )  # fmt: skip
        elif name in HAPPENINGS:
            delay = (recorded - time).dt.days
            same = float(delay.value_counts(normalize=True).iloc[0]) if delay.notna().any() else 0.0
            if same >= SAME_DELAY:
                alarms.add(
                    "recorded_derived", "warning", same, f"< {SAME_DELAY:.0%}",
                    Message(
                        "{table}: in {share:.0%} of the rows recorded_at lies the same number of days after "
                        "the row's own day: it looks derived, not observed, so later entries cannot be "
                        "excluded",
                        table=table,
                        share=same,
                    ),
                    feature=f"{name}.recorded_at",
                )  # fmt: skip
    for alarm, expected in (
        ("recorded_missing", f"<= {MISSING_SHARE:.0%}"), ("recorded_before", f"<= {SLIPS:.1%}"),
        ("recorded_once", f"< {ONE_DAY:.0%}"), ("recorded_derived", f"< {SAME_DELAY:.0%}"),
    ):  # fmt: skip
        alarms.passed(alarm, 0.0, expected)


def check_duplicates(alarms: Alarms, register: Register) -> None:
    """Look for households made of persons with the very same birthdays and sexes as those of another.

    Two and more exact birthdays do not agree by chance. Where birthdays are given by month or year they do, and nothing
    is said.

    Parameters
    ----------
    alarms : Alarms
        Takes the findings.
    register : Register
        Checked records.
    """
    members = (
        register.tables["members"].sort_values(["valid_from", "recorded_at"]).drop_duplicates("member_id", keep="last")
    )
    born = members["birth_date"]
    expected = f"<= {SAME_PERSONS:.1%}"
    if not born.notna().any() or (born.dropna().dt.day == 1).mean() > 0.2:
        alarms.add(
            "duplicates", "ok", np.nan, expected,
            Message("birthdays are not exact to the day: households cannot be told apart by them"),
        )  # fmt: skip
        return
    persons = members.loc[born.notna(), ["household_id", "birth_date", "sex"]]
    # A household is the sum of its persons' hashes: the same in any order, and quick for a county.
    person = pd.util.hash_pandas_object(persons[["birth_date", "sex"]].astype({"sex": "str"}), index=False)
    grouped = person.groupby(persons["household_id"].to_numpy())
    size = grouped.size()
    families = pd.DataFrame({"sum": grouped.sum(), "size": size})[size > 1]
    twice = families.duplicated(keep=False)
    share = float(twice.mean()) if len(twice) else 0.0
    if share > SAME_PERSONS:
        level: Level = "alarm" if share > SAME_PERSONS_ALARM else "warning"
        alarms.add(
            "duplicates", level, share, expected,
            Message(
                "{count} households ({share:.1%}) have members with the very same birthdays and sexes as "
                "another: probably one household under two ids, on both sides of every fold; merge them "
                "before training",
                count=int(twice.sum()),
                share=share,
            ),
            feature="households.household_id",
        )  # fmt: skip
    alarms.passed("duplicates", share, expected)


def check_days(
    alarms: Alarms,
    register: Register,
    days: Sequence[tuple[pd.Timestamp, pd.Timestamp, pd.Series]],
    *,
    others: float = 1.0,
) -> None:
    """Check what the register knew on some days against who had the event afterwards.

    Parameters
    ----------
    alarms : Alarms
        Takes the findings.
    register : Register
        Checked records.
    days : sequence of (Timestamp, Timestamp, Series of bool)
        The day, the end of the horizon, and the outcome of households at risk, by id: all with the event, and all others
        or a draw of them.
    others : float, default 1.0
        How many households without the event one of these stands for.
    """
    renewed: list[tuple[str, pd.Timestamp, float]] = []
    for day, until, event in days:
        renewed += _check_day(alarms, register, day, until, event, others)
    _overwritten(alarms, renewed)


def _check_day(
    alarms: Alarms, register: Register, day: pd.Timestamp, until: pd.Timestamp, event: pd.Series, others: float
) -> list[tuple[str, pd.Timestamp, float]]:
    """Check one day; return per table of states, with the day, the share of entities that were renewed after it."""
    renewed = []
    _label_known(alarms, register, day, until)
    persons = register.tables["members"].drop_duplicates("member_id").set_index("member_id")["household_id"]
    for name in FEATURE_TABLES:
        frame = register.tables[name]
        if not len(frame):
            continue
        household = frame["household_id"] if "household_id" in frame else frame["member_id"].map(persons)
        number = event.index.get_indexer(pd.Index(household))
        time = row_time(TABLES[name], frame)
        lagged = time + pd.Timedelta(days=lag_days(TABLES[name], register.known_lag_days))
        recorded = frame["recorded_at"].fillna(lagged)
        at_risk = number >= 0
        known = at_risk & ((recorded <= day) & (time <= day)).to_numpy()
        late = at_risk & ((recorded > day) & (recorded <= until) & (time <= day)).to_numpy()
        if name in STATES:
            renewed.append((name, day, _renewed(name, frame, known, at_risk & (recorded > day).to_numpy())))
        else:
            recent = (time > day - pd.DateOffset(months=12)).to_numpy()
            _late(alarms, name, late & recent, known & recent, number, event.to_numpy())
            _delays(alarms, name, (recorded - time).dt.days.to_numpy(), known & recent, number, event.to_numpy())
        _dates_ahead(alarms, name, frame, known, day, number, event.to_numpy())
        _unlike(alarms, name, "recorded_at", frame["recorded_at"].isna().to_numpy(), known, number, event.to_numpy())
        _pure_records(alarms, name, frame, recorded, known, number, event.to_numpy(), others)
    alarms.passed("recorded_unlike", 0.0, f"± {SHARE_POINTS:.0%}")
    return renewed


def _label_known(alarms: Alarms, register: Register, day: pd.Timestamp, until: pd.Timestamp) -> None:
    """Rows about the time after the day that were on record on the day: the event itself, or the incomes it is made of."""
    for name in ("monitoring", "incomes"):
        frame = register.tables[name]
        time = row_time(TABLES[name], frame)
        ahead = (time > day) & (time <= until)
        early = ahead & (frame["recorded_at"] <= day)
        if early.any():
            alarms.add(
                "outcome_on_record", "alarm", float(early.sum() / ahead.sum()), "0",
                Message(
                    "{table}: {count} rows about days after {day} were on record by then: the outcome was "
                    "known, or a day is wrong",
                    table=feature_message(name),
                    count=int(early.sum()),
                    day=day.date(),
                ),
                feature=f"{name}.recorded_at",
            )  # fmt: skip
    alarms.passed("outcome_on_record", 0.0, "0")


def _renewed(name: str, frame: pd.DataFrame, known: Array, after: Array) -> float:
    """Share of the entities known on the day that have a version recorded after it; 1 where they are too few to tell."""
    entity = TABLES[name].latest_per
    assert entity is not None
    before, since = frame.loc[known, entity[0]].nunique(), frame.loc[after, entity[0]].nunique()
    return since / before if before >= FEWEST_DATED else 1.0


def _overwritten(alarms: Alarms, renewed: Sequence[tuple[str, pd.Timestamp, float]]) -> None:
    """Find tables of states without a new version after a day: they show the state of their export, whatever they say."""
    expected, least = f">= {RENEWED:.0%}", min((share for *_, share in renewed), default=1.0)
    found = [(name, day) for name, day, share in renewed if share < RENEWED]
    if found:
        names = list(dict.fromkeys(name for name, _ in found))
        days = sorted({str(day.date()) for _, day in found})
        alarms.add(
            "overwritten", "warning", least, expected,
            Message(
                "{count} table(s) ({tables}): hardly any entity (down to {least:.1%}) has a version recorded "
                "after {n_days} training day(s) ({days}): values may have been overwritten later and are not "
                "those of the day; supply the history of versions",
                count=len(names),
                tables=[feature_message(name) for name in names],
                least=least,
                n_days=len(days),
                days=days,
            ),
            feature=", ".join(names),
        )  # fmt: skip
    alarms.passed("overwritten", least, expected)


def _per_household(flags: Array, number: Array, n: int) -> Array:
    return np.bincount(number[flags], minlength=n).astype("float64")


def _share_difference(flagged: Array, rows: Array, event: Array) -> tuple[float, float, float]:
    """Share of flagged rows of households with and without the event, and their difference in standard errors.

    Ratio estimators with households as clusters (Cochran 1977, Sampling techniques, section 6.4).
    """
    shares, variances = [], []
    for kind in (event, ~event):
        f, r = flagged[kind], rows[kind]
        total = r.sum()
        if total == 0:
            return np.nan, np.nan, 0.0
        share = f.sum() / total
        shares.append(share)
        # A row more and a row less than seen: a share of 0 or 1 is not known without error.
        smooth = (f.sum() + 1.0) / (total + 2.0)
        variances.append(max(float(((f - share * r) ** 2).sum()), total * smooth * (1 - smooth)) / total**2)
    return shares[0], shares[1], float((shares[0] - shares[1]) / np.sqrt(sum(variances)))


def _unlike(alarms: Alarms, name: str, column: str, flags: Array, known: Array, number: Array, event: Array) -> None:
    """Whether what is odd is odd for households with the event above all."""
    with_event, without, z = _share_difference(
        _per_household(known & flags, number, len(event)), _per_household(known, number, len(event)), event
    )
    if not abs(z) > SHARE_ERRORS or abs(with_event - without) < SHARE_POINTS or (known & flags).sum() < FEWEST_FLAGGED:
        return
    alarms.add(
        "recorded_unlike", "alarm", with_event, f"{without:.1%} ± {SHARE_POINTS:.0%}",
        Message(
            "{table}: recorded_at is missing in {with_event:.1%} of the rows of households that had the event"
            " and in {without:.1%} of the others: rows of the former look entered or changed afterwards",
            table=feature_message(name),
            with_event=with_event,
            without=without,
        ),
        feature=f"{name}.{column}",
    )  # fmt: skip


def _late(alarms: Alarms, name: str, late: Array, known: Array, number: Array, event: Array) -> None:
    """Back-filling: of what happened before the day, the share that was recorded only after it."""
    n = len(event)
    with_event, without, z = _share_difference(
        _per_household(late, number, n), _per_household(late | known, number, n), event
    )
    expected = f"|z| < {SHARE_ERRORS}"
    if abs(z) > SHARE_ERRORS and abs(with_event - without) >= SHARE_POINTS and late.sum() >= FEWEST_FLAGGED:
        alarms.add(
            "back_filled", "warning", with_event, f"{without:.1%} ± {SHARE_POINTS:.0%}",
            Message(
                "{table}: of what happened before the day, {with_event:.1%} was recorded after it for "
                "households that had the event and {without:.1%} for the others: recording depends on the "
                "outcome; check what was entered afterwards",
                table=feature_message(name),
                with_event=with_event,
                without=without,
            ),
            feature=f"{name}.recorded_at",
        )  # fmt: skip
    alarms.passed("back_filled", z if np.isfinite(z) else 0.0, expected)


def _delays(alarms: Alarms, name: str, delay: Array, known: Array, number: Array, event: Array) -> None:
    """Forged recording days lie otherwise after the event than real ones."""
    rows = np.flatnonzero(known)
    rows = rows[~np.isnan(delay[rows])]
    # One row per household: bills of one stay are recorded together.
    rows = rows[np.unique(number[rows], return_index=True)[1]]
    theirs, others = delay[rows[event[number[rows]]]], delay[rows[~event[number[rows]]]]
    if min(len(theirs), len(others)) < 20:
        return
    test = ks_2samp(theirs, others)
    if test.statistic >= DELAYS and test.pvalue < CHANCE:
        alarms.add(
            "recorded_unlike", "warning", float(test.statistic), f"< {DELAYS}",
            Message(
                "{table}: the days between happening and recording differ between households that had the "
                "event and the others (median {theirs:.0f} and {others:.0f}): recording days may have been "
                "changed",
                table=feature_message(name),
                theirs=np.median(theirs),
                others=np.median(others),
            ),
            feature=f"{name}.recorded_at",
        )  # fmt: skip


def _dates_ahead(
    alarms: Alarms, name: str, frame: pd.DataFrame, known: Array, day: pd.Timestamp, number: Array, event: Array
) -> None:
    """Dates after the day in rows that were on record on the day."""
    for column in TABLES[name].columns:
        if column.type != "date" or column.name == "recorded_at" or column.name == TABLES[name].time:
            continue
        if (name, column.name) in PLANNED:
            continue
        ahead = known & (frame[column.name] > day).to_numpy()
        if not ahead.any():
            continue
        filled = known & frame[column.name].notna().to_numpy()
        share = float(ahead.sum() / filled.sum())
        _, _, z = _share_difference(
            _per_household(ahead, number, len(event)), _per_household(filled, number, len(event)), event
        )
        level: Level = "alarm" if z > SHARE_ERRORS and ahead.sum() >= FEWEST_FLAGGED else "warning"
        if share <= SLIPS and level != "alarm":
            continue
        alarms.add(
            "dates_ahead", level, share, f"<= {SLIPS:.1%}",
            Message(
                "{column}: {share:.1%} of the dates on record on {day} lie after it: the rows were changed "
                "afterwards",
                column=feature_message(f"{name}.{column.name}"),
                share=share,
                day=day.date(),
            ),
            feature=f"{name}.{column.name}",
        )  # fmt: skip
    alarms.passed("dates_ahead", 0.0, f"<= {SLIPS:.1%}")


def _pure_records(
    alarms: Alarms,
    name: str,
    frame: pd.DataFrame,
    recorded: pd.Series,
    known: Array,
    number: Array,
    event: Array,
    others: float,
) -> None:
    """Values of a column that on the day stand with households only that are to have the event, whatever features use."""
    limit = min(MOST, max(GROUP_LEAST, LIFT * float(event.sum() / (event.sum() + others * (~event).sum()))))
    households = number[known]
    for column in TABLES[name].columns:
        if column.type == "id" or column.name == "area_name":
            continue
        values = recorded[known] if column.name == "recorded_at" else frame.loc[known, column.name]
        codes, unique = pd.factorize(values.array, use_na_sentinel=False)
        if len(unique) > max(MANY_TIMES, len(codes) // 20):
            continue
        pairs = np.unique(codes.astype("int64") * len(event) + households)
        group, who = pairs // len(event), pairs % len(event)
        hits = np.bincount(group, weights=event[who], minlength=len(unique))
        sizes = hits + others * (np.bincount(group, minlength=len(unique)) - hits)
        lower = np.where(hits >= GROUP, lower_share(hits, sizes), 0.0)
        if not len(lower) or lower.max() < limit:
            continue
        k = int(np.argmax(lower))
        level: Level = "alarm" if lower[k] >= min(1.5 * limit, PURE) else "warning"
        alarms.add(
            "pure_records", level, float(lower[k]), f"< {limit:.2f}",
            Message(
                "{column}: one value (or its absence) stood on the day with {count} households of which "
                "{hits} had the event: these records look made afterwards, for them",
                column=feature_message(f"{name}.{column.name}"),
                count=round(sizes[k]),
                hits=int(hits[k]),
            ),
            feature=f"{name}.{column.name}",
        )  # fmt: skip
    alarms.passed("pure_records", 0.0, f"< {limit:.2f}")
