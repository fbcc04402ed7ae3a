"""What to do with a model in use: keep it, recalibrate it or train it anew, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.drift import LARGE, MODERATE
from fanpin_risk.features.labels import feature_message
from fanpin_risk.words import Message

__all__ = ["retrain_advice"]

# Rules of the advice.
AUC_TOLERANCE = 0.02
INTERCEPT_TOLERANCE = 0.2
SHARE_OF_FEATURES = 0.1
MISSING_RISE = 0.2


def retrain_advice(
    *,
    features: pd.DataFrame | None = None,
    scores: pd.DataFrame | None = None,
    outcome: pd.DataFrame | None = None,
    apart: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Say what to do with a model: keep it, recalibrate it or train it anew.

    The rules, the first that applies deciding:

    1. Outcomes are known and the AUC of the newest day is below the promise by more than 0.02 with its whole
       interval: **retrain**.
    2. The share missing of a feature rose by 0.2 or more: **retrain**, after the import has been checked.
    3. Outcomes are not known, and the scores or a tenth of the features drifted by an index of 0.25 or more: **retrain**.
    4. Outcomes are known and the calibration in the large of the newest day is off by more than 0.2 in log-odds with its
       whole interval beyond 0: **recalibrate**.
    5. Else: **keep**. Smaller drift is given as a reason to watch.

    The limits are choices of this project; 0.25 is the convention named at :func:`fanpin_risk.evaluation.drift`.

    Parameters
    ----------
    features, scores : DataFrame, optional
        From :func:`fanpin_risk.evaluation.drift`, of the features and of the risk.
    outcome : DataFrame, optional
        From :func:`fanpin_risk.evaluation.performance`.
    apart : DataFrame, optional
        From :func:`fanpin_risk.evaluation.two_sample_test`; mentioned, never decisive.

    Returns
    -------
    dict
        ``verdict``: ``keep``, ``recalibrate`` or ``retrain``; ``reasons_zh`` and ``reasons_en``: lists of sentences,
        the decisive ones first.

    Raises
    ------
    SchemaError
        If nothing was given.

    Examples
    --------
    >>> from fanpin_risk.evaluation import drift
    >>> before = pd.DataFrame({"risk": np.linspace(0, 0.1, 1000)})
    >>> retrain_advice(scores=drift(before, before))["verdict"]
    'keep'
    """
    if features is None and scores is None and outcome is None:
        raise SchemaError("nothing to judge by; expected the drift of features or scores, or the performance")
    advice = _Advice()
    judged = outcome is not None and _by_outcomes(advice, outcome)
    if features is not None:
        _by_missing(advice, features)
    for what, found in ((Message("features"), features), (Message("scores"), scores)):
        if found is not None:
            _by_drift(advice, what, found, judged=judged)
    if apart is not None:
        area = float(apart.loc[apart["feature"] == "", "auc"].iloc[0])
        names = list(apart.loc[apart["feature"] != "", "feature"].head(3))
        advice.add(
            "keep",
            Message(
                "a model tells training days and now apart with an AUC of {auc:.2f}, most of all by {features}.",
                auc=area,
                features=[feature_message(name) for name in names],
            ),
        )
    if not advice.reasons:
        advice.add("keep", Message("no change worth mention was found."))
    return advice.result()


class _Advice:
    """Reasons, each with the verdict it asks for."""

    order = ("retrain", "recalibrate", "keep")

    def __init__(self) -> None:
        self.reasons: list[tuple[str, Message]] = []

    def add(self, verdict: str, reason: Message) -> None:
        self.reasons.append((verdict, reason))

    def result(self) -> dict[str, Any]:
        ranked = sorted(self.reasons, key=lambda reason: self.order.index(reason[0]))
        return {
            "verdict": ranked[0][0],
            "reasons_zh": [reason.shown("zh") for _, reason in ranked],
            "reasons_en": [reason.shown("en") for _, reason in ranked],
        }


def _by_outcomes(advice: _Advice, outcome: pd.DataFrame) -> bool:
    """Judge by the newest day with figures; False where there is none."""
    shown = outcome[outcome["value"].notna()]
    if shown.empty:
        return False
    newest = shown[shown["as_of"] == shown["as_of"].max()].set_index("measure")
    day = newest["as_of"].iloc[0].date()
    if "auc" in newest.index and np.isfinite(newest.loc["auc", "promised"]):
        row = newest.loc["auc"]
        if row["high"] < row["promised"] - AUC_TOLERANCE:
            advice.add(
                "retrain",
                Message(
                    "on {day} the AUC was {auc:.3f} ({low:.3f} to {high:.3f}), below the {promised:.3f} of the card: the "
                    "ranking has become worse.",
                    day=day,
                    auc=row["value"],
                    low=row["low"],
                    high=row["high"],
                    promised=row["promised"],
                ),
            )
    if "calibration_intercept" in newest.index:
        row = newest.loc["calibration_intercept"]
        if abs(row["value"]) > INTERCEPT_TOLERANCE and (row["low"] > 0 or row["high"] < 0):
            factor = float(np.exp(row["value"]))
            advice.add(
                "recalibrate",
                Message(
                    "on {day} the odds of the event were {factor:.2f} times those forecast: risks are too low throughout; the "
                    "ranking is not touched."
                    if factor > 1
                    else "on {day} the odds of the event were {factor:.2f} times those forecast: risks are too high "
                    "throughout; the ranking is not touched.",
                    day=day,
                    factor=factor,
                ),
            )
    return True


def _by_missing(advice: _Advice, features: pd.DataFrame) -> None:
    rise = features["missing_after"] - features["missing_before"]
    for row in features[rise >= MISSING_RISE].itertuples():
        advice.add(
            "retrain",
            Message(
                "{feature} is missing for {after:.0%} instead of {before:.0%}: check the import first; train again if it is no "
                "longer collected.",
                feature=feature_message(str(row.feature)),
                after=row.missing_after,
                before=row.missing_before,
            ),
        )


def _by_drift(advice: _Advice, what: Message, found: pd.DataFrame, *, judged: bool) -> None:
    large, moderate = (found[found["level"] == level] for level in ("large", "moderate"))
    if len(large):
        enough = len(large) >= max(1.0, SHARE_OF_FEATURES * len(found))
        advice.add(
            "retrain" if enough and not judged else "keep",
            Message(
                "{count} of {total} {what} changed much (PSI {limit} or more): {listed}; outcomes are known and decide."
                if judged
                else "{count} of {total} {what} changed much (PSI {limit} or more): {listed}.",
                count=len(large),
                total=len(found),
                what=what,
                limit=LARGE,
                listed=_most_changed(large),
            ),
        )
    if len(moderate):
        advice.add(
            "keep",
            Message(
                "{count} of {total} {what} changed somewhat (PSI {limit} or more): {listed}; watch them.",
                count=len(moderate),
                total=len(found),
                what=what,
                limit=MODERATE,
                listed=_most_changed(moderate),
            ),
        )


def _most_changed(found: pd.DataFrame) -> list[Message]:
    """Name the features that changed most, with their index."""
    return [
        Message("{feature} {index:.2f}", feature=feature_message(str(row.feature)), index=row.psi)
        for row in found.head(5).itertuples()
    ]
