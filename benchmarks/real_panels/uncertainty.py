"""How far levels of years move, what recalibration is worth, and how well intervals hold, on later days of a panel.

Rolling origins: trained on all days whose 12 months ended by the day scored. A household that was trained on is scored
by the fold that never saw it, any other by the trees grown on all rows. A part of run.py, which writes the tables; each
panel's interval starts from what the other panels showed of years, so that no panel is covered by its own figures.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from panels import HORIZON_MONTHS, Study
from scipy.special import expit
from sklearn.base import clone

import fanpin_risk as fr
from fanpin_risk.model.fitting import VALIDATION_PARTS
from fanpin_risk.model.folds import deal
from fanpin_risk.model.parameters import chosen_features, unfitted_classifier
from fanpin_risk.model.recalibration import logistic_recalibration
from fanpin_risk.model.uncertainty import PRIOR_SD, PRIOR_YEARS, _level_shift, fit_interval

HORIZON = pd.DateOffset(months=HORIZON_MONTHS)
FOLDS, BINS, VILLAGE, DRAWS = 5, 10, 200, 1000
LEVELS = (0.5, 0.8, 0.9)
DEFAULT = "logistic, out of fold"


class Origin(NamedTuple):
    """Margins of one day scored, and out of fold of the days trained on."""

    day: pd.Timestamp
    margin: Any
    outcome: Any
    households: Any
    trained: pd.DataFrame  # margin, outcome, day
    forward: pd.DataFrame | None  # of the newest training day with a past of its own


def origins(study: Study) -> list[Origin]:
    """Forecast every day of a study that can be."""
    model = fr.RiskModel(target=study.target, lines=study.lines)
    classifier = unfitted_classifier(model.classifier, chosen_features(model.features), model.random_state)
    how = {"horizon_months": HORIZON_MONTHS, "target": study.target, "lines": study.lines}
    training_days = {day: fr.training_day(study.register, day, **how) for day in study.days}
    days = {day: (one.table, one.outcome.astype("int64")) for day, one in training_days.items()}
    found: list[Origin] = []
    for day, (table, outcome) in days.items():
        past = [d for d in days if d + HORIZON <= day]
        if not past:
            continue
        rows, y = pd.concat([days[d][0] for d in past]), np.concatenate([days[d][1] for d in past])
        fold, part = deal(rows.index, y, FOLDS, "fold"), deal(rows.index, y, VALIDATION_PARTS, "part")
        of_fold = pd.Series(fold, index=rows.index).groupby(level=0).first().reindex(table.index).to_numpy()
        both, both_y = pd.concat([rows, table]), np.concatenate([y, outcome])
        later = np.repeat([False, True], [len(rows), len(table)])
        margin, scored, rounds = np.full(len(rows), np.nan), np.full(len(table), np.nan), []
        for k in range(FOLDS):
            held, stop = later.copy(), later.copy()
            held[~later], stop[~later] = fold == k, part == k % VALIDATION_PARTS
            model_of_fold = clone(classifier)
            grow, judged = ~held & ~stop, ~held & stop
            model_of_fold.fit(both[grow], both_y[grow], X_val=both[judged], y_val=both_y[judged])
            values, n = model_of_fold.decision_function(both[held]), model_of_fold.n_iter_
            margin[fold == k], of_day = values[: (fold == k).sum()], values[(fold == k).sum() :]
            scored[of_fold == k] = of_day[of_fold == k]
            rounds.append(n)
        whole = clone(classifier).set_params(max_iter=round(float(np.mean(rounds))), early_stopping=False).fit(rows, y)
        unseen = np.isnan(of_fold)
        if unseen.any():
            scored[unseen] = whole.decision_function(table[unseen])
        trained = pd.DataFrame(
            {"margin": margin, "outcome": y, "day": np.repeat(past, [len(days[d][1]) for d in past])}
        )
        earlier = [o for o in found if o.day == past[-1]]
        forward = pd.DataFrame({"margin": earlier[0].margin, "outcome": earlier[0].outcome}) if earlier else None
        found.append(Origin(day, scored, outcome, table.index, trained, forward))
    return found


# --- what recalibration is worth --------------------------------------------------------------------------------------


def log_loss(y: Any, p: Any) -> Any:
    return -np.log(np.where(y == 1, p, 1 - p))


def calibration_error(y: Any, p: Any) -> float:
    bins = np.array_split(np.argsort(p, kind="stable"), BINS)
    return float(sum(len(at) * abs(y[at].mean() - p[at].mean()) for at in bins) / len(y))


def recalibrations(origin: Origin) -> dict[str, tuple[float, float]]:
    t = origin.trained
    newest = t[t["day"] == t["day"].max()]

    def fit(frame: pd.DataFrame) -> tuple[float, float]:
        return logistic_recalibration(frame["margin"].to_numpy(), frame["outcome"].to_numpy())[:2]

    result = {"logistic, out of fold": fit(t), "none": (1.0, 0.0), "logistic, newest day": fit(newest)}
    if origin.forward is not None:
        result["logistic, forward"] = fit(origin.forward)
    return result


def recalibration_table(found: list[Origin]) -> pd.DataFrame:
    """One row per way to recalibrate: log loss and calibration error, and what it is worth beside the default's."""
    rows = []
    for origin in found:
        for how, (slope, intercept) in recalibrations(origin).items():
            p = expit(slope * origin.margin + intercept)
            error = calibration_error(origin.outcome, p)
            losses = pd.Series(log_loss(origin.outcome, p), index=origin.households)
            rows.append({"how": how, "day": origin.day, "error": error, "losses": losses})
    frame = pd.DataFrame(rows).set_index(["how", "day"])
    base, rng, table = frame.loc[DEFAULT], np.random.default_rng(0), []
    for how in frame.index.unique("how"):
        mine = frame.loc[how]
        difference = pd.concat([mine.loc[d, "losses"] - base.loc[d, "losses"] for d in mine.index])
        own = difference.groupby(level=0).agg(["sum", "size"]).to_numpy()
        draws = [own[rng.integers(0, len(own), len(own))].sum(axis=0) for _ in range(DRAWS)]
        low, high = np.quantile([total / n for total, n in draws], [0.025, 0.975])
        table.append(
            {
                "recalibration": how,
                "days": len(mine),
                "log loss": pd.concat(list(mine["losses"])).mean(),
                "calibration error": mine["error"].mean(),
                "difference": difference.mean(),
                "low": low,
                "high": high,
                "days better": sum(mine.loc[d, "losses"].mean() < base.loc[d, "losses"].mean() for d in mine.index),
            }
        )
    return pd.DataFrame(table)


# --- how well intervals hold ------------------------------------------------------------------------------------------


def shifts(found: list[Origin]) -> tuple[float, float]:
    """Root mean square of the shifts of later days' levels in log-odds, and the years apart that they stand for."""
    moved = [_level_shift(_log_odds(origin), origin.outcome)[0] for origin in found]
    years, first, last = 1, found[0].day, found[-1].day
    while first + years * HORIZON <= last:
        years += 1
    return float(np.sqrt(np.mean(np.square(moved)))), float(years)


def prior_of(others: list[list[Origin]]) -> tuple[float, float]:
    """Return what other panels showed of years; without any, what the package starts from."""
    if not others:
        return PRIOR_SD, PRIOR_YEARS
    known = [shifts(found) for found in others]
    years = sum(n for _, n in known)
    return float(np.sqrt(sum(n * sd**2 for sd, n in known) / years)), years


def _log_odds(origin: Origin) -> Any:
    slope, intercept = recalibrations(origin)[DEFAULT]
    return slope * origin.margin + intercept


def interval_tables(found: list[Origin], prior: tuple[float, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Levels of later days against the forecast, and how often intervals and outlooks held at each level."""
    levels, rows = [], []
    for origin in found:
        eta, y, t = _log_odds(origin), origin.outcome, origin.trained
        slope, intercept = recalibrations(origin)[DEFAULT]
        shift, variance = _level_shift(eta, y)
        village = np.random.default_rng(0).permutation(len(y)) // VILLAGE
        for level in LEVELS:
            interval = fit_interval(
                slope * t["margin"] + intercept,
                t["outcome"],
                t["day"],
                level=level,
                prior_sd=prior[0],
                prior_years=prior[1],
            )
            low, high = interval.of(eta)
            outlook = interval.outlook_coverage(eta, y)
            whole = interval.coverage(eta, y, group=np.zeros(len(y))).iloc[0]
            rows.append(
                {
                    "level": level,
                    "days": float(whole["covered"]),
                    "bins": interval.coverage(eta, y)["covered"].mean(),
                    "villages": interval.coverage(eta, y, group=village)["covered"].mean(),
                    "outlook, no event": outlook.loc["no_event", "coverage"],
                    "outlook, event": outlook.loc["event", "coverage"],
                    "outlook, all": outlook.loc["all", "coverage"],
                    "left open": outlook.loc["all", "open"],
                    "mean width": (high - low).mean(),
                }
            )
        levels.append(
            {
                "day": str(origin.day.date()),
                "households": len(y),
                "events": int(y.sum()),
                "forecast": expit(eta).mean(),
                "observed": y.mean(),
                "shift": shift,
                "its error": np.sqrt(variance),
                "half width": interval.half_width,
                "held": bool(whole["covered"]),
            }
        )
    return pd.DataFrame(levels), pd.DataFrame(rows).groupby("level").mean().reset_index()
