"""The days of an evaluation: features as of each, outcomes as known on the day forecast, rules and groups beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import pandas as pd

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import outcomes
from fanpin_risk.evaluation.beside_rules import rules_and_signals
from fanpin_risk.evaluation.groups import audit_groups
from fanpin_risk.features import compute_features, make_references
from fanpin_risk.model.day_parts import DayAsked, days_of_parts
from fanpin_risk.model.register_parts import RegisterParts
from fanpin_risk.model.training_day import TrainingDay, training_day
from fanpin_risk.policy import Policy
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register

__all__ = ["KnownDays", "Origins", "known_days"]

# Each day to forecast, with the days learnt from.
Origins = Sequence[tuple[pd.Timestamp, Sequence[pd.Timestamp]]]
Frames = tuple[pd.DataFrame, pd.DataFrame]


class KnownDays(Protocol):
    """What an evaluation asks of a register."""

    def training(self, day: pd.Timestamp, *, known_on: pd.Timestamp) -> TrainingDay:
        """Return a day to learn from, with what was known of its outcomes on a later day."""
        ...

    def forecast(self, day: pd.Timestamp, last: TrainingDay) -> TrainingDay:
        """Return a day to forecast, with the references of the newest day learnt from, as a model carries them."""
        ...

    def rules_and_signals(self, test: TrainingDay) -> Frames:
        """Return what rules and signals say on a day forecast."""
        ...

    def groups(self, day: pd.Timestamp) -> pd.DataFrame:
        """Return the groups of an audit on a day forecast."""
        ...


def known_days(
    register: Register | RegisterParts,
    origins: Origins,
    *,
    policy: Policy | None,
    progress: Progress | None = None,
    **how: Any,
) -> KnownDays:
    """Return the days of an evaluation, after a check that the horizon of the last one is over.

    Parameters
    ----------
    register : Register or RegisterParts
        One in parts is gone through at once, since each part is read only once for all days.
    origins : sequence
        From :func:`fanpin_risk.evaluation.protocol.days_to_forecast`.
    policy : Policy or None
        Numbers of the rules.
    progress : callable, optional
        Called with (done, total, what) for each part.
    **how
        ``horizon_months, target, lines, unobserved`` as for :func:`fanpin_risk.training_day`.

    Returns
    -------
    KnownDays
    """
    if isinstance(register, RegisterParts):
        return _DaysOfParts(register, origins, policy, how, progress)
    # Says at once, not after hours of training, that the horizon of the last day is not over.
    outcomes(register, origins[-1][0], **how)
    return _DaysInMemory(register, policy, how)


class _DaysInMemory:
    """Features of a register on days, each computed when it is asked for, and once."""

    def __init__(self, register: Register, policy: Policy | None, how: dict[str, Any]) -> None:
        self.register, self.policy, self.how = register, policy, how
        self.tables: dict[pd.Timestamp, Frames] = {}

    def training(self, day: pd.Timestamp, *, known_on: pd.Timestamp) -> TrainingDay:
        if day not in self.tables:
            references = make_references(self.register, day, lines=self.how["lines"])
            self.tables[day] = (self._table(day, references), references)
        table, references = self.tables[day]
        return training_day(self.register, day, known_on=known_on, table=table, references=references, **self.how)

    def forecast(self, day: pd.Timestamp, last: TrainingDay) -> TrainingDay:
        references = last.references
        dated = references.assign(as_of=pd.Series([day] * len(references), dtype="datetime64[s]"))
        return training_day(self.register, day, table=self._table(day, dated), references=dated, **self.how)

    def rules_and_signals(self, test: TrainingDay) -> Frames:
        return rules_and_signals(self.register, test, lines=self.how["lines"], policy=self.policy)

    def groups(self, day: pd.Timestamp) -> pd.DataFrame:
        return audit_groups(self.register, day, lines=self.how["lines"])

    def _table(self, day: pd.Timestamp, references: pd.DataFrame) -> pd.DataFrame:
        return compute_features(self.register, day, references=references, lines=self.how["lines"])


class _DaysOfParts:
    """The same of a register in parts."""

    def __init__(
        self,
        register: RegisterParts,
        origins: Origins,
        policy: Policy | None,
        how: dict[str, Any],
        progress: Progress | None,
    ) -> None:
        tested = [DayAsked(test, references_of=train[-1]) for test, train in origins]
        asked = [*tested, *(DayAsked(day, known_on=test) for test, train in origins for day in train)]
        beside: Callable[[Register, Sequence[TrainingDay]], list[tuple[pd.DataFrame, ...]]]
        beside = partial(_beside, n_tested=len(tested), lines=how["lines"], policy=policy)
        days, found = days_of_parts(register, asked, **how, beside=beside, progress=progress)
        self.days = dict(zip(asked, days, strict=True))
        self.tested = {one.as_of: one for one in tested}
        self.found: dict[pd.Timestamp, tuple[pd.DataFrame, ...]] = {}
        for k, one in enumerate(tested):
            rules, signals, groups = (pd.concat([part[k][which] for part in found]) for which in range(3))
            self.found[one.as_of] = (
                rules.sort_values("household_id", kind="stable", ignore_index=True),
                signals.sort_values(["household_id", "sender", "state"], kind="stable", ignore_index=True),
                groups.sort_index(kind="stable"),
            )

    def training(self, day: pd.Timestamp, *, known_on: pd.Timestamp) -> TrainingDay:
        return self.days[DayAsked(day, known_on=known_on)]

    def forecast(self, day: pd.Timestamp, last: TrainingDay) -> TrainingDay:  # noqa: ARG002  it was asked with its references
        return self.days[self.tested[day]]

    def rules_and_signals(self, test: TrainingDay) -> Frames:
        return self.found[test.as_of][0], self.found[test.as_of][1]

    def groups(self, day: pd.Timestamp) -> pd.DataFrame:
        return self.found[day][2]


def _beside(
    register: Register,
    days: Sequence[TrainingDay],
    *,
    n_tested: int,
    lines: MonitoringLines | None,
    policy: Policy | None,
) -> list[tuple[pd.DataFrame, ...]]:
    """Return rules, signals and groups of a part on each day that is forecast."""
    return [
        (*rules_and_signals(register, day, lines=lines, policy=policy), audit_groups(register, day.as_of, lines=lines))
        for day in days[:n_tested]
    ]
