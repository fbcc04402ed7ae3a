"""The tables of a score: one row for each household on record, one for each other household, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.arguments import whole_number
from fanpin_risk.asof.outcomes import Target, not_at_risk
from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import FeatureMismatchError, LackingTablesWarning
from fanpin_risk.explanation import Explanation
from fanpin_risk.model.known_share import KnownShare
from fanpin_risk.model.needed_counts import needed_counts
from fanpin_risk.model.place import PlaceEffects
from fanpin_risk.model.record_gaps import record_gaps
from fanpin_risk.model.tiers import SHOWN_CAUSES, tiers_of
from fanpin_risk.model.uncertainty import RiskInterval
from fanpin_risk.policy import Policy, beside_the_model
from fanpin_risk.records.checks import lag_days
from fanpin_risk.records.places import area_names
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message, listed

__all__ = [
    "codes_of_rows",
    "frame_of_features",
    "lacking_tables_warning",
    "lag_difference",
    "score_table",
    "unscored_table",
]


def frame_of_features(table: pd.DataFrame | NDArray[Any], names: NDArray[np.object_]) -> pd.DataFrame:
    """Return features at hand as a DataFrame that has all of a model.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_households, n_features)
        As :meth:`fanpin_risk.RiskModel.risk_of` takes it.
    names : ndarray of str
        The model's features, in order.

    Returns
    -------
    DataFrame

    Raises
    ------
    FeatureMismatchError
        If one is not there.
    """
    if not isinstance(table, pd.DataFrame):
        array = np.asarray(table, dtype="float64")
        if array.ndim != 2 or array.shape[1] != len(names):
            raise FeatureMismatchError(
                "an array of shape {array_shape}; expected (n, {n_feature_names_in})",
                array_shape=array.shape,
                n_feature_names_in=len(names),
            )
        table = pd.DataFrame(array, columns=names)
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise FeatureMismatchError(
            "{n_missing} of {n_feature_names_in} features are not in the table: {missing}; compute it "
            "with compute_features of the package version that trained the model",
            n_missing=len(missing),
            n_feature_names_in=len(names),
            missing=tuple(missing[:5]),
        )
    return table


def codes_of_rows(area_code: Any, n: int, effects: PlaceEffects | None) -> Any:
    """Return the division codes of rows whose features are at hand; refuse to go without where places have effects.

    Raises
    ------
    FeatureMismatchError
        If there is not one for each row.
    """
    if effects is None:
        return None
    if area_code is None or len(area_code) != n:
        raise FeatureMismatchError(
            "this model knows effects of places: give area_code, the division code of each of the {n} households ('' where it "
            "is not known)",
            n=n,
        )
    return area_code


def score_table(
    here: Snapshot,
    table: pd.DataFrame,
    explanation: Explanation,
    *,
    target: Target,
    n_reasons: int | None,
    lang: Literal["zh", "en"],
    groups: Iterable[str],
    interval: RiskInterval,
    known_share: KnownShare,
    tier_thresholds: Mapping[str, float],
    label: str,
    policy: Policy | None = None,
) -> pd.DataFrame:
    """Return the scores of the households on record on a day.

    Parameters
    ----------
    here : Snapshot
        The day.
    table : DataFrame
        Features of its households.
    explanation : Explanation
        Of the same households.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event.
    n_reasons : int or None
        Number of reasons; None: without them and the cause.
    lang : {"zh", "en"}
        Language of the reasons.
    groups : iterable of str
        Codes of named groups, see :func:`fanpin_risk.policy.beside_the_model`.
    interval, known_share, tier_thresholds, label
        Of the model.
    policy : Policy, optional
        Numbers of the rules beside the model. Default: those that ship with the package.

    Returns
    -------
    DataFrame
        As :meth:`fanpin_risk.RiskModel.score` describes it.
    """
    if n_reasons is not None:
        whole_number("n_reasons", n_reasons, 0)
    counts = needed_counts(here, table)
    risk, known, gaps = explanation.risk, known_share.of(table, counts), record_gaps(table, counts)
    low, high = interval.of(explanation.margin)
    rules = beside_the_model(here, policy=policy, lang=lang if n_reasons else None, groups=groups)
    columns: dict[str, Any] = {
        "household_id": table.index.to_series().array,
        "as_of": pd.Series([pd.Timestamp(here.as_of).as_unit("s")] * len(table), dtype="datetime64[s]"),
        "risk": risk,
        "risk_low": low,
        "risk_high": high,
        "tier": tiers_of(risk, tier_thresholds),
        **{str(name): found.array for name, found in rules.items()},
        "known": known,
        "enough_known": known_share.enough(known),
        "known_of_all": gaps["known_of_all"].to_numpy(),
        "little_known": gaps["little_known"].array,
        "doubts": here.register.doubts.reindex(table.index.astype("str")).fillna("").astype("str").array,
    }
    if n_reasons is not None:
        causes = explanation.causes(n_causes=len(SHOWN_CAUSES))
        columns |= {name: causes[f"cause_{k + 1}"].array for k, name in enumerate(SHOWN_CAUSES)}
    if n_reasons:
        columns["income_state"] = explanation.income_state(lang=lang).array
        reasons = explanation.reasons(lang=lang, n_reasons=n_reasons, direction="own")
        pairs = (f"{kind}_{k}" for k in range(1, n_reasons + 1) for kind in ("reason", "contribution"))
        columns |= {name: reasons[name].array for name in pairs}
    columns["monitored"] = pd.array(here.monitored, dtype="Float64").astype("boolean")
    reasons_not = not_at_risk(here, target)
    columns["at_risk"] = (reasons_not == "").to_numpy()
    columns["not_at_risk"] = reasons_not.array
    codes = pd.Series(here.households.area_code, dtype="str")
    columns["area_code"] = codes
    columns["area_name"] = area_names(codes, pd.Series(here.households.area_name, dtype="str"))
    columns["model"] = pd.Series([label] * len(table), dtype="str")
    if policy is not None:
        columns["policy"] = pd.Series([policy.label] * len(table), dtype="str")
    return pd.DataFrame(columns)


def unscored_table(here: Snapshot) -> pd.DataFrame:
    """Return the households of a register that are not on record on a day, and why."""
    ids, ended = here.on_day.households_elsewhen()
    reason = np.where(ended, "dissolved", "not_on_record")
    return pd.DataFrame({"household_id": ids, "reason": pd.Series(reason, dtype="str")})


def lacking_tables_warning(names: Iterable[str]) -> LackingTablesWarning:
    """Say that a register lacks tables that the model was trained with."""
    return LackingTablesWarning(
        "the register lacks {tables}, which the model was trained with: households look alike in what these tables "
        "tell, and too many land in the middle tier; train a model on the tables you have",
        tables=listed(TABLES[name].label for name in names),
    )


def lag_difference(trained: int | None, register: Register) -> Message | None:
    """Say how a register differs from those of training in when rows without a day of recording count as known.

    Parameters
    ----------
    trained : int or None
        ``known_lag_days`` of the registers of training.
    register : Register
        The one to score.

    Returns
    -------
    Message or None
        None if it does not differ, or has no such rows.
    """
    table = TABLES["incomes"]
    lags = [lag_days(table, days) for days in (trained, checked_register(register).known_lag_days)]
    if lags[0] == lags[1] or not any(register.recorded_at_filled.values()):
        return None
    return Message(
        "rows without a day of recording counted as known after {trained} days when the model was trained, and after {read} "
        "days in this register: scores may be off; read it with known_lag_days={trained} (--known-lag-days {trained})",
        trained=lags[0],
        read=lags[1],
    )
