"""Monitoring a model in use: whether households still look like those it learnt from, and whether it keeps its promise.

Before outcomes arrive only the features and the scores can be watched (:func:`drift`, :func:`two_sample_test`); once a
horizon has passed the forecast itself is judged (:func:`performance`). What to do follows from both
(:func:`retrain_advice`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2, false_discovery_control, norm

from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import Target, outcomes
from fanpin_risk.errors import LackingTablesWarning, NotEnoughDataError, SchemaError
from fanpin_risk.evaluation.intervals import summarise
from fanpin_risk.evaluation.options import check_whole
from fanpin_risk.evaluation.results import Result
from fanpin_risk.features.labels import feature_message
from fanpin_risk.leaks.tables import auc, out_of_fold
from fanpin_risk.model.profile import MISSING_BIN, PROFILE_COLUMNS, as_frame, reference_profile
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = [
    "DriftReport",
    "drift",
    "drift_report",
    "performance",
    "reference_profile",
    "retrain_advice",
    "two_sample_test",
]

Array = NDArray[Any]

# A convention of credit scoring, without a theory behind it: Lewis (1994), An introduction to credit scoring; Siddiqi (2006),
# Credit risk scorecards, chapter 10. What chance alone gives is in the column `chance`.
MODERATE, LARGE = 0.1, 0.25
DRIFT_LEVELS = ("stable", "moderate", "large")
FEWEST_SCORED = 50
PERFORMANCE = ("auc", "average_precision", "log_loss", "calibration_intercept", "mean_risk", "base_rate")
# Rules of the advice.
AUC_TOLERANCE = 0.02
INTERCEPT_TOLERANCE = 0.2
SHARE_OF_FEATURES = 0.1
MISSING_RISE = 0.2

# An export may lag behind the day it is judged on, by a quarter at most.
MONTHS_WITHOUT_RECORDS = 3


# --- features and scores ------------------------------------------------------------------------------------------------


def drift(
    reference: pd.DataFrame | pd.Series, current: pd.DataFrame | pd.Series, *, bins: int = 10, fewest: int = 20
) -> Result:
    """Compare the features or scores of a day with those a model was trained on.

    The population stability index is ``sum((q - p) * log(q / p))`` over the bins of the reference, p and q being the
    shares of reference and current rows; missing is a bin of its own. Half a row is added to every bin on both
    sides, so that an empty one counts finitely (Jeffreys' prior).

    Parameters
    ----------
    reference : DataFrame or Series
        A table of the training days, or what :func:`reference_profile` made of it.
    current : DataFrame or Series
        The table of the day, with the same columns; others are passed over.
    bins, fewest : int
        For the profile of `reference` where it is a table.

    Returns
    -------
    Result
        Kind ``"drift"``, one row per feature, the largest index first: ``feature``, ``psi``, ``chance`` (what the
        index stays below with 95 % where nothing changed: the chi-square quantile of Yurdakul & Naranjo 2020),
        ``level``, ``jensen_shannon`` (distance, 0 to 1), ``missing_before``, ``missing_after``, ``rows_before``,
        ``rows_after``. ``level`` is
        ``stable``, ``moderate`` from 0.1 on or ``large`` from 0.25 on (a convention, not a test), and ``stable`` in any
        case below `chance`.

    Raises
    ------
    SchemaError
        If a feature of the reference is not in the current table.
    NotEnoughDataError
        If the current table has no rows.

    References
    ----------
    Lewis (1994), An introduction to credit scoring; Siddiqi (2006), Credit risk scorecards: index and cut-offs.
    Yurdakul & Naranjo (2020), Statistical properties of the population stability index, J Risk Model Validation 14(4).

    Examples
    --------
    >>> before = pd.DataFrame({"age": np.arange(1000.0) % 90, "size": np.arange(1000.0) % 4})
    >>> drift(before, before.assign(age=before["age"] + 20))[["feature", "level"]].values.tolist()
    [['age', 'large'], ['size', 'stable']]
    """
    check_whole("bins", bins, 1)
    check_whole("fewest", fewest, 1)
    profile = reference if _is_profile(reference) else reference_profile(reference, bins=bins, fewest=fewest)
    assert isinstance(profile, pd.DataFrame)
    frame = as_frame(current)
    names = list(dict.fromkeys(profile["feature"]))
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise SchemaError(
            "{n_absent} of {n_names} features are not in the current table: {absent}; compute it as the reference was",
            n_absent=len(absent),
            n_names=len(names),
            absent=tuple(absent[:5]),
        )
    if not len(frame):
        raise NotEnoughDataError("the current table has no rows; expected the households of a day")
    n = len(frame)
    lines = []
    for name in names:
        part = profile[profile["feature"] == name]
        known = part[part["bin"] != MISSING_BIN]
        before = np.r_[part.loc[part["bin"] == MISSING_BIN, "share"].sum(), known["share"].to_numpy()]
        rows = int(part["rows"].iloc[0])
        values = frame[name].to_numpy(dtype="float64", na_value=np.nan)
        place = np.searchsorted(known["high"].to_numpy()[:-1], values[~np.isnan(values)])
        after = np.r_[np.isnan(values).sum(), np.bincount(place, minlength=max(1, len(known)))].astype("float64")
        if not len(known):
            before = np.r_[before, 0.0]
        used = (before > 0) | (after > 0)
        k = int(used.sum())
        p = (before[used] * rows + 0.5) / (rows + 0.5 * k)
        q = (after[used] + 0.5) / (n + 0.5 * k)
        psi = float(((q - p) * np.log(q / p)).sum())
        chance = float(chi2.ppf(0.95, k - 1) * (1 / rows + 1 / n)) if k > 1 else 0.0
        level = DRIFT_LEVELS[int(psi >= MODERATE) + int(psi >= LARGE)] if psi > chance else "stable"
        distance = float(np.nan_to_num(jensenshannon(p, q, base=2)))
        lines.append((name, psi, chance, level, distance, float(before[0]), after[0] / n, rows, n))
    columns = [
        "feature", "psi", "chance", "level", "jensen_shannon", "missing_before", "missing_after", "rows_before", "rows_after",
    ]  # fmt: skip
    result = pd.DataFrame(lines, columns=columns).astype({"feature": "str"})
    result["level"] = pd.Categorical(result["level"], categories=list(DRIFT_LEVELS), ordered=True)
    return Result(result.sort_values("psi", ascending=False, kind="stable", ignore_index=True), kind="drift")


def two_sample_test(
    reference: pd.DataFrame, current: pd.DataFrame, *, rows: int = 4000, random_state: int = 0
) -> pd.DataFrame:
    """Test whether trees can tell the rows of two days apart, and by which features.

    A classifier two-sample test: small ensembles are cross-fitted to tell the days apart, a household being in one
    fold with its rows of both days. If the days are alike, the AUC of the held-out rows is 0.5 up to its sampling
    error, that of the Mann-Whitney statistic.

    Among many households the test finds differences that do not matter; read the AUC, not the p-value alone. A year on
    everybody is a year older.

    Parameters
    ----------
    reference, current : DataFrame of shape (n_rows, n_features)
        Tables of two days, indexed by household; the features of `reference` are used.
    rows : int, default 4000
        Rows of each day at most; drawn.
    random_state : int, default 0
        Seed.

    Returns
    -------
    DataFrame
        First a row with an empty ``feature`` for all features together, then one row per feature, the most telling
        first: ``feature``, ``auc`` (above 0.5: larger on the current day), ``low``, ``high`` (95 %, DeLong), ``p_value``
        (for single features adjusted for their number, Benjamini & Yekutieli 2001). ``auc`` of a feature
        counts missing as smallest; ``missing_before`` and ``missing_after`` tell whether that is why.

    Raises
    ------
    NotEnoughDataError
        If a table has fewer than 50 rows.
    SchemaError
        If a feature of the reference is not in the current table.

    References
    ----------
    Lopez-Paz & Oquab (2017), Revisiting classifier two-sample tests, ICLR (accuracy there, AUC here).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before = pd.DataFrame(rng.normal(size=(400, 2)), columns=["a", "b"])
    >>> found = two_sample_test(before, before.assign(a=before["a"] + 1).set_axis(range(400, 800)))
    >>> found.loc[1, "feature"], bool(found.loc[0, "p_value"] < 0.001)
    ('a', True)
    """
    check_whole("rows", rows, 1)
    absent = [str(name) for name in reference.columns if name not in current.columns]
    if absent:
        raise SchemaError(
            "{n_absent} features are not in the current table: {absent}", n_absent=len(absent), absent=tuple(absent[:5])
        )
    if min(len(reference), len(current)) < FEWEST_SCORED:
        raise NotEnoughDataError(
            "{n_reference} and {n_current} rows; at least {fewest_rows} of each day are needed",
            n_reference=len(reference),
            n_current=len(current),
            fewest_rows=FEWEST_SCORED,
        )
    rng = np.random.default_rng(random_state)
    drawn = [frame.iloc[np.sort(rng.permutation(len(frame))[:rows])] for frame in (reference, current)]
    table = pd.concat([frame[list(reference.columns)] for frame in drawn]).astype("float64")
    new = np.arange(len(table)) >= len(drawn[0])
    margin = out_of_fold(table, new, random_state)
    null = float(np.sqrt((len(new) + 1) / (12.0 * new.sum() * (~new).sum())))
    overall, error = auc(margin, new)
    unknown = table.isna()
    lines = []
    for name in table.columns:
        area, own = auc(table[name].fillna(-np.inf).to_numpy(), new)
        missing = unknown[name].to_numpy()
        lines.append(
            (str(name), area, own, 2 * norm.sf(abs(area - 0.5) / null), missing[~new].mean(), missing[new].mean())
        )
    columns = ["feature", "auc", "error", "p_value", "missing_before", "missing_after"]
    single = pd.DataFrame(lines, columns=columns)
    single["p_value"] = false_discovery_control(single["p_value"].to_numpy(), method="by")
    single = single.iloc[np.argsort(-(single["auc"] - 0.5).abs().to_numpy(), kind="stable")]
    first = pd.DataFrame([("", overall, error, norm.sf((overall - 0.5) / null), np.nan, np.nan)], columns=columns)
    result = pd.concat([first, single], ignore_index=True).astype({"feature": "str"})
    z = float(norm.ppf(0.975))
    result.insert(2, "low", (result["auc"] - z * result["error"]).clip(0, 1))
    result.insert(3, "high", (result["auc"] + z * result["error"]).clip(0, 1))
    return result.drop(columns="error")


# --- once outcomes have arrived -----------------------------------------------------------------------------------------


def performance(
    scores: pd.DataFrame,
    register: Register,
    horizon_months: int = 12,
    *,
    promised: RiskModel | Mapping[str, float] | None = None,
    target: Target = "newly_monitored",
    lines: MonitoringLines | None = None,
    observed_until: Any = None,
    n_bootstrap: int = 200,
    random_state: int = 0,
) -> pd.DataFrame:
    """Judge the scores of past days by what has happened since, beside what the model promised.

    Who was visited because of a score is helped, and who was not visited may never be entered: outcomes of a model in
    use are not those of a world without it.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score`, of one or more days: ``household_id``, ``as_of``, ``risk``.
    register : Register
        Reaching beyond the end of the horizons.
    horizon_months : int, default 12
        Of the risks.
    promised : RiskModel or mapping of str to float, optional
        The model, or its ``oof_metrics_`` as on its card.
    target, lines, observed_until
        See :func:`fanpin_risk.outcomes`.
    n_bootstrap : int, default 200
        Draws of villages for the intervals.
    random_state : int, default 0
        Seed.

    Returns
    -------
    DataFrame
        One row per day and measure: ``as_of, measure, value, low, high, promised, kept, households, events, note``.
        Measures: ``auc, average_precision, log_loss, calibration_intercept`` (in the large, in log-odds; promised: 0),
        ``mean_risk, base_rate``. ``kept``: whether the interval holds what was promised or lies on its better side;
        missing where nothing was promised or the day is too small.

    Raises
    ------
    SchemaError
        If a column is missing.
    NotEnoughDataError
        If the register does not yet reach the end of a horizon.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(1500, random_state=0, base_rate=0.05)
    >>> scores = pd.DataFrame({"household_id": fr.outcomes(register, "2022-12-31").index, "risk": 0.05})
    >>> found = performance(scores.assign(as_of="2022-12-31"), register, n_bootstrap=20, promised={"auc": 0.7})
    >>> found.loc[0, "measure"], float(found.loc[0, "value"]), bool(found.loc[0, "kept"])
    ('auc', 0.5, False)
    """
    missing = [name for name in ("household_id", "as_of", "risk") if name not in scores.columns]
    if missing:
        raise SchemaError("scores has no column {missing}; expected those of RiskModel.score", missing=tuple(missing))
    repeated = int(scores.duplicated(["household_id", "as_of"]).sum())
    if repeated:
        raise SchemaError(
            "{repeated} rows of scores repeat a household on a day; expected one row for each", repeated=repeated
        )
    metrics = dict(promised.oof_metrics_ if isinstance(promised, RiskModel) else promised or {})
    parts = []
    for day, part in scores.groupby(pd.to_datetime(scores["as_of"])):
        outcome = outcomes(
            register, day, horizon_months=horizon_months, target=target, lines=lines, observed_until=observed_until
        )
        own = part.set_index("household_id")
        kept = own.index.intersection(outcome.index)
        village = own["area_code"].reindex(kept) if "area_code" in own else pd.Series("", index=kept)
        parts.append(
            pd.DataFrame(
                {
                    "model": "scores",
                    "fold": str(pd.Timestamp(day).date()),
                    "as_of": day,
                    "household_id": kept,
                    "cluster": village.to_numpy(),
                    "outcome": outcome.loc[kept, "outcome"].astype("int64").to_numpy(),
                    "risk": own.loc[kept, "risk"].to_numpy(dtype="float64"),
                }
            )
        )
    summary = summarise(
        pd.concat(parts, ignore_index=True), by=("model", "fold"), measures=PERFORMANCE, n_bootstrap=n_bootstrap,
        random_state=random_state,
    )  # fmt: skip
    result = pd.DataFrame(summary).drop(columns="model").rename(columns={"fold": "as_of"})
    result["as_of"] = pd.to_datetime(result["as_of"]).astype("datetime64[s]")
    expected = metrics | {"calibration_intercept": 0.0} if metrics else metrics
    result.insert(5, "promised", result["measure"].map(expected).astype("float64"))
    better_high = result["measure"].isin(["auc", "average_precision"])
    better_low = result["measure"] == "log_loss"
    holds = (result["low"] <= result["promised"]) | better_high & (result["low"] > result["promised"])
    holds &= (result["high"] >= result["promised"]) | better_low & (result["high"] < result["promised"])
    result.insert(6, "kept", holds.astype("boolean").mask(result["promised"].isna() | result["low"].isna()))
    return result


class DriftReport(NamedTuple):
    """What a model meets on a day, beside what it was trained on.

    Attributes
    ----------
    features, scores : DataFrame
        From :func:`drift`; of the features, and of the risk, which is held against the out-of-fold risks of training.
    outcome : DataFrame or None
        From :func:`performance`, of the newest day after the training days whose horizon is over; None if there is none.
    advice : dict
        From :func:`retrain_advice`.
    households : int
        Households at risk on the day, those compared.
    """

    features: pd.DataFrame
    scores: pd.DataFrame
    outcome: pd.DataFrame | None
    advice: dict[str, Any]
    households: int


def drift_report(
    model: RiskModel, register: Register, as_of: Any, *, n_bootstrap: int = 200, progress: Progress | None = None
) -> DriftReport:
    """Hold a day against the profile that travels with a model, judge the model where outcomes are known, and advise.

    Only households on record and not monitored on the day are compared, as in training.

    Parameters
    ----------
    model : RiskModel
        Fitted or loaded.
    register : Register
        Checked records.
    as_of : date-like
        The day: the newest training day or a later one.
    n_bootstrap : int, default 200
        Draws of villages for the intervals of the performance.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    DriftReport

    Raises
    ------
    SchemaError
        If the day lies before the newest training day: what differs then lies in the past and is no reason to train anew.
    NotEnoughDataError
        If no household is at risk on the day, or the records end more than three months before it.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(2500, random_state=0)
    >>> model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=20), n_folds=2).fit(register, "2021-12-31")
    >>> drift_report(model, register, "2022-12-31", n_bootstrap=0).households > 2000
    True
    """
    day, newest = to_day(as_of), model.training_.index.max()
    if day < newest:
        raise SchemaError(
            "{day} lies before {newest}, the newest day that the model learnt from: drift is what "
            "changed after the training, and of an earlier day no advice follows; expected that day or a "
            "later one (drift(reference, current) compares the tables of any two days)",
            day=day.date(),
            newest=newest.date(),
        )
    ends = register.observed_until
    if pd.isna(ends) or day > ends + pd.DateOffset(months=MONTHS_WITHOUT_RECORDS):
        reach = Message("hold no dated row") if pd.isna(ends) else Message("end on {day}", day=ends.date())
        raise NotEnoughDataError(
            "the records {reach}, more than {months_without_records} months before {day}: nothing is "
            "known that could have drifted; take an earlier day or a newer export",
            reach=reach,
            months_without_records=MONTHS_WITHOUT_RECORDS,
            day=day.date(),
        )

    def step(done: int, what: str | Message) -> None:
        if progress is not None:
            progress(done, 4, str(what))

    step(0, Message("features {day}", day=day.date()))
    table = model.features_of(register, day)
    step(1, Message("scores {day}", day=day.date()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LackingTablesWarning)  # missing_after says it
        scores = model.score(register, day, explain=False)
        at_risk = ~scores["monitored"].fillna(False).to_numpy(dtype=bool)
        now = scores[at_risk].set_index("household_id")
        features = drift(model.profile_[model.profile_["feature"] != "risk"], table.loc[now.index])
        found = drift(model.profile_[model.profile_["feature"] == "risk"], now[["risk"]])
        step(2, Message("outcomes"))
        outcome = _known_performance(model, register, day, scores, n_bootstrap)
    advice = retrain_advice(features=features, scores=found, outcome=outcome)
    step(4, "")
    return DriftReport(features, found, outcome, advice, len(now))


def _known_performance(
    model: RiskModel, register: Register, day: pd.Timestamp, scores: pd.DataFrame, n_bootstrap: int
) -> pd.DataFrame | None:
    """Judge the day, or else the day a horizon before it, unless the model learnt from it or its outcomes are not known."""
    before = day - pd.DateOffset(months=model.horizon_months_)
    if day.is_month_end:
        before += pd.offsets.MonthEnd(0)
    for judged in (day, before):
        if judged <= model.training_.index.max():
            return None
        try:
            return performance(
                scores if judged == day else model.score(register, judged, explain=False), register,
                model.horizon_months_, promised=model, target=model.target, lines=model.lines, n_bootstrap=n_bootstrap,
            )  # fmt: skip
        except NotEnoughDataError:
            continue
    return None


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

    The limits are choices of this project; 0.25 is the convention named at :func:`drift`.

    Parameters
    ----------
    features, scores : DataFrame, optional
        From :func:`drift`, of the features and of the risk.
    outcome : DataFrame, optional
        From :func:`performance`.
    apart : DataFrame, optional
        From :func:`two_sample_test`; mentioned, never decisive.

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
                "{feature} is missing for {after:.0%} instead of {before:.0%}: check the import first; train anew if it is no "
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


# --- bins ---------------------------------------------------------------------------------------------------------------


def _is_profile(table: pd.DataFrame | pd.Series) -> bool:
    return isinstance(table, pd.DataFrame) and set(PROFILE_COLUMNS) <= set(table.columns)
