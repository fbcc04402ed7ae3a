"""How far levels of years move, what recalibration is worth, and how well intervals hold, on later days of real panels.

    FANPIN_DATA=folder python benchmarks/real_panels/uncertainty.py [--panel argentina|germany|all]

Rolling origins: trained on all days whose 12 months ended by the day scored. A household that was trained on is scored
by the fold that never saw it, any other by the trees grown on all rows. Prints markdown tables. Each panel's interval
starts from what the other panel showed of years (OTHERS), so that no panel is covered by its own figures.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, NamedTuple

import argentina
import germany
import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import clone

import fanpin_risk as fr
from fanpin_risk.model import VALIDATION_PARTS, _deal, _fit_fold, _logistic_recalibration
from fanpin_risk.uncertainty import _level, fit_interval

HORIZON = pd.DateOffset(months=12)
FOLDS, BINS, VILLAGE, DRAWS = 5, 10, 200, 1000
LEVELS = (0.5, 0.8, 0.9)
# Prior of the one panel: root mean square of the shifts of the other, and the years those are apart.
OTHERS = {"argentina": (0.62, 3.0), "germany": (0.63, 2.0)}


class Origin(NamedTuple):
    """Margins of one day scored, and out of fold of the days trained on."""

    panel: str
    day: pd.Timestamp
    margin: Any
    outcome: Any
    households: Any
    trained: pd.DataFrame  # margin, outcome, day
    forward: pd.DataFrame | None  # of the newest training day with a past of its own


def days_of(name: str, data: Path) -> tuple[dict[pd.Timestamp, tuple[pd.DataFrame, Any]], fr.RiskModel]:
    """Return features and outcomes day by day, and the model whose settings are used."""
    if name == "germany":
        register, lines = germany.register(germany.read(data)), germany.LINES
        days = [germany.day(year) for year in range(1984, 1988)]
    else:
        panel = argentina.read(data)
        register, lines = argentina.register(panel), argentina.LINES
        days = argentina.days_of(panel, first="2016-01-01", last="2018-12-31")
    model = fr.RiskModel(target="below_line", lines=lines)
    result = {}
    for day in days:
        outcome = fr.outcomes(register, day, 12, target="below_line", lines=lines)
        references = fr.make_references(register, day, lines=lines)
        table = fr.compute_features(register, day, references=references, lines=lines)
        result[day] = (table.loc[outcome.index], outcome["outcome"].to_numpy(dtype="int64"))
    return result, model


def origins(name: str, data: Path) -> list[Origin]:
    days, model = days_of(name, data)
    classifier = model._classifier(model._declared())  # noqa: SLF001
    found: list[Origin] = []
    for day, (table, outcome) in days.items():
        past = [d for d in days if d + HORIZON <= day]
        if not past:
            continue
        rows, y = pd.concat([days[d][0] for d in past]), np.concatenate([days[d][1] for d in past])
        fold, part = _deal(rows.index, y, FOLDS, "fold"), _deal(rows.index, y, VALIDATION_PARTS, "part")
        of_fold = pd.Series(fold, index=rows.index).groupby(level=0).first().reindex(table.index).to_numpy()
        both, both_y = pd.concat([rows, table]), np.concatenate([y, outcome])
        later = np.repeat([False, True], [len(rows), len(table)])
        margin, scored, rounds = np.full(len(rows), np.nan), np.full(len(table), np.nan), []
        for k in range(FOLDS):
            held, stop = later.copy(), later.copy()
            held[~later], stop[~later] = fold == k, part == k % VALIDATION_PARTS
            values, n = _fit_fold(classifier, both, both_y, held, stop)
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
        found.append(Origin(name, day, scored, outcome, table.index, trained, forward))
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
        return _logistic_recalibration(frame["margin"].to_numpy(), frame["outcome"].to_numpy())[:2]

    result = {"logistic, out of fold": fit(t), "none": (1.0, 0.0), "logistic, newest day": fit(newest)}
    if origin.forward is not None:
        result["logistic, forward"] = fit(origin.forward)
    return result


def recalibration_table(found: list[Origin]) -> pd.DataFrame:
    rows = []
    for origin in found:
        for how, (slope, intercept) in recalibrations(origin).items():
            p = expit(slope * origin.margin + intercept)
            error = calibration_error(origin.outcome, p)
            losses = pd.Series(log_loss(origin.outcome, p), index=origin.households)
            rows.append({"how": how, "day": origin.day, "error": error, "losses": losses})
    frame = pd.DataFrame(rows).set_index(["how", "day"])
    base, rng, table = frame.loc["logistic, out of fold"], np.random.default_rng(0), []
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
                "log loss": f"{pd.concat(list(mine['losses'])).mean():.4f}",
                "calibration error": f"{mine['error'].mean():.4f}",
                "log loss less default's (95 %)": f"{difference.mean():+.4f} ({low:+.4f} to {high:+.4f})",
                "days better": sum(mine.loc[d, "losses"].mean() < base.loc[d, "losses"].mean() for d in mine.index),
            }
        )
    return pd.DataFrame(table)


# --- how well intervals hold ------------------------------------------------------------------------------------------


def interval_tables(found: list[Origin]) -> tuple[pd.DataFrame, pd.DataFrame]:
    levels, rows = [], []
    for origin in found:
        slope, intercept = recalibrations(origin)["logistic, out of fold"]
        eta, y, t = slope * origin.margin + intercept, origin.outcome, origin.trained
        shift, variance = _level(eta, y)
        sd, years = OTHERS[origin.panel]
        village = np.random.default_rng(0).permutation(len(y)) // VILLAGE
        for level in LEVELS:
            interval = fit_interval(
                slope * t["margin"] + intercept, t["outcome"], t["day"], level=level, prior_sd=sd, prior_years=years
            )
            low, high = interval.of(eta)
            outlook = interval.outlook_coverage(eta, y)
            rows.append(
                {
                    "level": level,
                    "half width": interval.half_width,
                    "width": (high - low).mean(),
                    "bins": interval.coverage(eta, y)["covered"].mean(),
                    "villages": interval.coverage(eta, y, group=village)["covered"].mean(),
                    "days": interval.coverage(eta, y, group=np.zeros(len(y)))["covered"].mean(),
                    "outlook: all": outlook.loc["all", "coverage"],
                    "no event": outlook.loc["no_event", "coverage"],
                    "event": outlook.loc["event", "coverage"],
                    "open": outlook.loc["all", "open"],
                }
            )
        levels.append(
            {
                "day": str(origin.day.date()),
                "households": len(y),
                "events": int(y.sum()),
                "risk": f"{expit(eta).mean():.3f}",
                "observed": f"{y.mean():.3f}",
                "shift": f"{shift:+.2f}",
                "its error": f"{np.sqrt(variance):.2f}",
                "interval (0.9)": f"{interval.half_width:.2f}",
                "its rank": f"{interval.coverage(eta, y, group=np.zeros(len(y)))['rank'].iloc[0]:.2f}",
            }
        )
    return pd.DataFrame(levels), pd.DataFrame(rows).groupby("level").mean().round(3).reset_index()


def markdown(frame: pd.DataFrame) -> str:
    lines = [list(frame.columns), ["---"] * frame.shape[1], *frame.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panel", choices=["argentina", "germany", "all"], default="all")
    names = parser.parse_args().panel
    if not os.environ.get("FANPIN_DATA"):
        raise SystemExit("FANPIN_DATA is not set: expected the folder that holds the panels")
    for name in OTHERS if names == "all" else (names,):
        found = origins(name, Path(os.environ["FANPIN_DATA"]))
        levels, coverage = interval_tables(found)
        shifts = levels["shift"].astype("float64")
        print(f"## {name.capitalize()}\n\n### Levels of later days against the forecast, in log-odds\n")
        print(markdown(levels))
        print(f"Root mean square of the shifts: {np.sqrt(np.mean(shifts**2)):.2f}\n\n### Recalibration\n")
        print(markdown(recalibration_table(found)))
        print("### Coverage, mean of the days\n")
        print(markdown(coverage))


if __name__ == "__main__":
    main()
