"""What the register knows of a household's monitoring: only for forecasts of what becomes of those who are or were monitored.

A forecast of who will be recognised must not see who was: these columns are no part of its training days, and its model never
asks for them (``targets``).
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.monitored_households import newest_open_spells
from fanpin_risk.asof.outcomes import Target
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, Feature, feature, shared

__all__ = ["FEATURES"]

KNOWN_TO_MONITORED: tuple[Target, ...] = ("not_eliminated",)
KNOWN_TO_ELIMINATED: tuple[Target, ...] = ("relapse",)
MONITORING_ENTRIES = "list of monitored households: identified_on, eliminated_on, of entries recorded by the day"


@shared
def open_spells(snapshot: Snapshot) -> KnownRows:
    """Return the newest open entry of each household."""
    return newest_open_spells(snapshot)


@shared
def ended_spells(snapshot: Snapshot) -> KnownRows:
    """Return the entries whose end has been seen."""
    return snapshot.monitoring.where(~np.isnat(snapshot.monitoring.eliminated_on))


@shared
def newest_ended(snapshot: Snapshot) -> KnownRows:
    """Return the entry of each household that ended last."""
    spells = ended_spells(snapshot)
    return spells.last_by(spells.eliminated_on)


def _of_spells(snapshot: Snapshot, spells: KnownRows, values: Array) -> Array:
    """Return for each household the value of its entry; NaN where there is none."""
    result = np.full(snapshot.n_households, np.nan)
    result[spells.household] = values
    return result


def _months_of_spells(snapshot: Snapshot, spells: KnownRows, days: Array) -> Array:
    return snapshot.full_months_since(
        _of_spells(snapshot, spells, np.where(np.isnat(days), np.nan, days.astype("int64")))
    )


@feature(
    zh="监测月数", en="Months monitored", domain="household", cause="other", unit="months", monotone=0,
    optional=True, targets=KNOWN_TO_MONITORED, reason="No claim: risks are eliminated in time, and what lasts long is hard to eliminate.",
    source=MONITORING_ENTRIES,
    says_zh="识别为监测对象至今{months_monitored}|识别为监测对象不满一个月",
    says_en="recognised as monitored {months_monitored} ago|recognised as monitored less than a month ago", actionable=False,
)  # fmt: skip
def months_monitored(snapshot: Snapshot) -> Array:
    spells = open_spells(snapshot)
    before = spells.frame["identified_before"].iloc[spells.index].fillna(value=False).to_numpy(dtype=bool)
    return _months_of_spells(snapshot, spells, np.where(before, np.datetime64("NaT", "D"), spells.identified_on))


@feature(
    zh="监测对象类别", en="Type of monitoring", domain="household", cause="other", unit="category", monotone=0, optional=True,
    targets=KNOWN_TO_MONITORED, reason="No claim: a category has no order.", source=MONITORING_ENTRIES + "; type",
    says_zh="监测对象类别为{type_of_monitoring}", says_en="monitored as {type_of_monitoring}",
    levels_zh=("脱贫不稳定户", "边缘易致贫户", "突发严重困难户"),
    levels_en=("formerly poor and unstable", "on the edge of poverty", "in sudden hardship"), actionable=False,
)  # fmt: skip
def type_of_monitoring(snapshot: Snapshot) -> Array:
    spells = open_spells(snapshot)
    return _of_spells(snapshot, spells, np.where(spells.type < 0, np.nan, spells.type.astype("float64")))


@feature(
    zh="识别以来的帮扶措施数", en="Measures since recognition", domain="household", cause="support", unit="measures", monotone=0,
    optional=True, targets=KNOWN_TO_MONITORED, reason="No claim: measures help, and go to those in need.",
    source=MONITORING_ENTRIES + "; supports that ran since recognition",
    says_zh="识别以来落实帮扶措施{measures_monitored}|识别以来没有落实帮扶措施",
    says_en="measures since recognition: {measures_monitored}|no measure since recognition",
)  # fmt: skip
def measures_monitored(snapshot: Snapshot) -> Array:
    spells, rows = open_spells(snapshot), snapshot.supports
    began = np.full(snapshot.n_households, np.datetime64("NaT", "D"))
    began[spells.household] = spells.identified_on
    since = rows.where(
        np.isnat(rows.end_date) | (rows.end_date >= began[rows.household])
    )  # no household without an entry
    counted = since.where(~np.isnat(began[since.household])).count()
    return np.where(np.isnat(began), np.nan, counted)


@feature(
    zh="整户无劳动能力兜底保障户", en="Household without labour, kept by social security", domain="household", cause="labour",
    unit="flag", monotone=+1, optional=True, targets=KNOWN_TO_MONITORED,
    reason="The risk of a household without labour is not marked as eliminated.", source=MONITORING_ENTRIES + "; no_labour_backstop",
    says_zh="登记为整户无劳动能力兜底保障户|不属于整户无劳动能力兜底保障户",
    says_en="on record as a household without labour that is kept by social security|no household without labour that is kept "
    "by social security",
    actionable=False,
)  # fmt: skip
def no_labour_backstop(snapshot: Snapshot) -> Array:
    spells = open_spells(snapshot)
    return _of_spells(snapshot, spells, spells.no_labour_backstop)


@feature(
    zh="风险消除至今的月数", en="Months since the risk was eliminated", domain="household", cause="other", unit="months", monotone=0,
    optional=True, targets=KNOWN_TO_ELIMINATED, reason="No claim: support may end soon after, and what has held for long may hold on.",
    source=MONITORING_ENTRIES,
    says_zh="风险消除至今{months_since_eliminated}|风险消除不满一个月",
    says_en="the risk was eliminated {months_since_eliminated} ago|the risk was eliminated less than a month ago", actionable=False,
)  # fmt: skip
def months_since_eliminated(snapshot: Snapshot) -> Array:
    spells = newest_ended(snapshot)
    return _months_of_spells(snapshot, spells, spells.eliminated_on)


@feature(
    zh="被监测过的次数", en="Times monitored before", domain="household", cause="other", unit="times", monotone=+1, optional=True,
    targets=KNOWN_TO_ELIMINATED, reason="Who came back before comes back more easily.", source=MONITORING_ENTRIES,
    says_zh="此前被监测并消除风险{times_monitored}|此前没有被监测过",
    says_en="monitored before, to an end: {times_monitored}|never monitored before", actionable=False,
)  # fmt: skip
def times_monitored(snapshot: Snapshot) -> Array:
    counted = ended_spells(snapshot).count()
    return np.where(counted > 0, counted, np.nan)


FEATURES: tuple[Feature, ...] = (
    months_monitored,
    type_of_monitoring,
    measures_monitored,
    no_labour_backstop,
    months_since_eliminated,
    times_monitored,
)
