"""The features of a household on a day, in model order: listed, described and computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import switch
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.features import (
    consumption,
    disability,
    education,
    facts,
    health,
    household,
    income,
    income_context,
    living,
    monitoring,
    shocks,
    work,
)
from fanpin_risk.features.feature import COUNTING_UNITS, Feature
from fanpin_risk.progress import Progress
from fanpin_risk.words import Message

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = [
    "CONTEXT",
    "FEATURES",
    "check_needs",
    "compute_features",
    "describe_features",
    "feature_named",
    "features_at",
]

_DECLARED: tuple[Feature, ...] = (
    *income.FEATURES,
    *income_context.FEATURES,
    *household.FEATURES,
    *work.FEATURES,
    *health.FEATURES,
    *disability.FEATURES,
    *education.FEATURES,
    *shocks.FEATURES,
    *facts.FEATURES,
    *consumption.FEATURES,
    *living.FEATURES,
    *monitoring.FEATURES,
)
FEATURES: tuple[Feature, ...] = tuple(f for f in _DECLARED if f.model)
CONTEXT: tuple[Feature, ...] = tuple(f for f in _DECLARED if not f.model)
_BY_NAME = {f.name: f for f in _DECLARED}


def check_needs(declared: Iterable[Feature]) -> None:
    """Raise SchemaError where a feature needs a column that is not declared beside it or counts nothing."""
    declared = tuple(declared)
    counts = {one.name for one in declared if one.unit in COUNTING_UNITS}
    for one in declared:
        if one.needs is not None and one.needs not in counts - {one.name}:
            raise SchemaError(
                "feature {feature}: needs is {needs!r}; expected the name of another declared column of the units {units}",
                feature=one.name,
                needs=one.needs,
                units=COUNTING_UNITS,
            )


check_needs(_DECLARED)


def feature_named(name: str) -> Feature:
    """Return the declaration of a feature or context column; KeyError for an unknown name."""
    return _BY_NAME[name]


def compute_features(
    register: Register,
    as_of: Any,
    *,
    references: pd.DataFrame | None = None,
    lines: MonitoringLines | None = None,
    context: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Compute every feature of every household on record on a day.

    Parameters
    ----------
    register : Register
        Checked records; only what was recorded on or before the day, about days not after it, is seen.
    as_of : date-like
        The day.
    references : DataFrame, optional
        From :func:`make_references` or a model's ``references_``. Without it the values relative to the area
        are missing, since they must not depend on which households happen to be at hand.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    context : bool, default False
        Also return the columns that sentences quote but the model never sees.
    progress : callable, optional
        Called with (done, total, name).

    Returns
    -------
    DataFrame of shape (n_households, n_features)
        float64, indexed by ``household_id`` (sorted), columns in model order, NaN for missing; units as in
        :func:`describe_features`.

    Raises
    ------
    SchemaError
        If `as_of` is not a day.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> table = fr.compute_features(fr.make_register(100, random_state=0), "2023-12-31")
    >>> bool((table["household_size"].dropna() >= 1).all())
    True
    """
    return features_at(
        Snapshot(register, as_of, lines=lines, references=references), context=context, progress=progress
    )


def features_at(snapshot: Snapshot, *, context: bool = False, progress: Progress | None = None) -> pd.DataFrame:
    """Compute every feature of a snapshot; see :func:`compute_features`.

    Parameters
    ----------
    snapshot : Snapshot
        What was on record on the day, with references and lines.
    context, progress
        See :func:`compute_features`.

    Returns
    -------
    DataFrame of shape (n_households, n_features)
    """
    switch("context", context)
    wanted = FEATURES + (CONTEXT if context else ())
    table = np.empty((len(wanted), snapshot.n_households))
    for done, declared in enumerate(wanted):
        if progress is not None:
            progress(done, len(wanted), str(Message(declared.name, zh=declared.zh)))
        table[done] = declared.compute(snapshot)
    if progress is not None:
        progress(len(wanted), len(wanted), "")
    # One block: pandas then takes columns from it in one go.
    return pd.DataFrame(table.T, index=snapshot.household_ids, columns=[f.name for f in wanted], copy=False)


def describe_features() -> pd.DataFrame:
    """List the features: what they are, their direction and why.

    Returns
    -------
    DataFrame
        One row per model feature, in model order: ``name, zh, en, domain, cause, unit, monotone, reason, source,
        actionable``.

    Examples
    --------
    >>> describe_features().loc[0, "name"]
    'income_per_person'
    """
    shown = ("name", "zh", "en", "domain", "cause", "unit", "monotone", "reason", "source", "actionable")
    return pd.DataFrame([{key: getattr(f, key) for key in shown} for f in FEATURES])
