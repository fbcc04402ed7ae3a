"""The parts of the evidence page: every sentence with a figure is made of what was computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import published
import uncertainty
from panels import Study
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import beta

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation import GROUPS, MEASURES, compare, measure, summarise

OURS, TRUTH, RAW = "fanpin_risk", "the true risk", "LightGBM on the panel's own columns"
# The best of these is what the target speaks of; rules are shown besides.
RIVALS = (
    "LightGBM", "XGBoost", "CatBoost", "explainable boosting machine", RAW, "random forest", "logistic regression",
    "proxy means test",
)  # fmt: skip
SHOWN = ("auc", "average_precision", "log_loss", "brier", "calibration_error", "precision", "recall")
TARGETED = ("average_precision", "log_loss")
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
CAPACITY = 0.05
# Calibration with each day's level put right, and the share of days whose level the interval is to hold.
CALIBRATION_TARGET, COVERAGE_TARGET = 0.015, 0.9
COVERAGE_LEVEL = 0.9
PERFECT_DRAWS = 40
# Groupings of which it is shown what sharing the visits costs.
SHARED = 3
# Groupings of more groups are left out: each would be too small.
MOST_GROUPS = 8


# --- words and tables ---------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Lines of a markdown table, with an empty line after it."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return [*lines, ""]


def number(value: float, digits: int = 3) -> str:
    return "-" if pd.isna(value) else f"{value:.{digits}f}"


def share(value: float, digits: int = 1) -> str:
    return "-" if pd.isna(value) else f"{100 * value:.{digits}f} %"


def between(row: Any, digits: int = 3, *, sign: bool = False) -> str:
    """Value and interval."""
    value, low, high = row["difference" if sign else "value"], row["low"], row["high"]
    if pd.isna(value):
        return "-"
    form = f"{'+' if sign else ''}.{digits}f"
    return f"{value:{form}} ({low:{form}} to {high:{form}})" if np.isfinite(low) else f"{value:{form}}"


def listed(names: Sequence[str]) -> str:
    return "none" if not names else names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def wide(summary: pd.DataFrame, by: str) -> dict[str, dict[str, Any]]:
    """Rows of a summary as row[by][measure]."""
    found: dict[str, dict[str, Any]] = {}
    for row in summary.to_dict("records"):
        found.setdefault(row[by], {})[row["measure"]] = row
    return found


# --- the parts ----------------------------------------------------------------------------------------------------


def protocol(study: Study, evaluation: fr.Evaluation, folds: int, twice: tuple[int, int]) -> list[str]:
    """How the forecasts were made, and of how many."""
    known = (
        f"{twice[0]:,} of {twice[1]:,} forecasts are of households that were at risk on a day learnt from as well"
        + (
            f", so households are dealt into {folds} folds and none is forecast by a model that saw it."
            if folds > 1
            else ": no folds of households are needed."
        )
        if study.truth is None or twice[0] == 0
        else f"{twice[0]:,} of {twice[1]:,} forecasts are of households learnt from on an earlier day, as in an office."
    )
    rows = [
        (
            fold["fold"],
            len(fold["train_days"].split(", ")),
            f"{fold['train_households']:,}",
            f"{fold['train_events']:,}",
            f"{fold['test_households']:,}",
            f"{fold['test_events']:,}",
            share(fold["test_events"] / fold["test_households"]),
        )
        for fold in evaluation.folds.to_dict("records")
    ]
    head = ("day forecast", "days learnt from", "households", "events", "households forecast", "events", "share")
    return [f"Event: {study.event}. {known}", "", *table(head, rows)]


def choices(evaluation: fr.Evaluation, settings: Sequence[str]) -> list[str]:
    """Which of our settings earlier days chose."""
    chosen = evaluation.choices
    own = chosen[(chosen["model"] == OURS) & chosen["chosen"]]
    rows = "; ".join(f"{fold}: {settings[k]}" for fold, k in zip(own["fold"], own["setting"], strict=True))
    return [f"Setting of {OURS} chosen by earlier days: {rows}.", ""]


def measures(predictions: pd.DataFrame, *, n_bootstrap: int, models: Sequence[str] | None = None) -> list[str]:
    """Table of all models with intervals."""
    rows = predictions if models is None else predictions[predictions["model"].isin(models)]
    found = wide(summarise(rows, measures=SHOWN, capacity=CAPACITY, n_bootstrap=n_bootstrap), "model")
    order = [name for name in dict.fromkeys(predictions["model"]) if name in found]
    lines = []
    for names in (SHOWN[:3], SHOWN[3:]):
        head = ["", *(MEASURES[name].label.shown("en") + (" 5 %" if MEASURES[name].at else "") for name in names)]
        lines += table(
            [h.replace("at capacity 5 %", "at 5 %") for h in head],
            [[m, *(between(found[m][name]) for name in names)] for m in order],
        )
    return lines


class Standing:
    """Where our model stands among the others.

    Attributes
    ----------
    frame : DataFrame
        From :meth:`fanpin_risk.Evaluation.compare`.
    best : dict of str to str
        Measure -> the best of RIVALS.
    """

    def __init__(self, predictions: pd.DataFrame, *, n_bootstrap: int) -> None:
        self.frame = compare(predictions, reference=OURS, measures=("auc", *TARGETED, "brier"), n_bootstrap=n_bootstrap)
        rivals = self.frame[self.frame["model"].isin(RIVALS)]
        self.best = {
            name: part.loc[part["difference"].idxmin(), "model"]
            for name, part in rivals.groupby("measure")
            if part["difference"].notna().any()
        }

    def row(self, model: str, name: str) -> dict[str, Any]:
        chosen = self.frame[(self.frame["model"] == model) & (self.frame["measure"] == name)]
        return chosen.iloc[0].to_dict()

    def met(self, name: str) -> bool:
        """Whether the target holds: not shown to be worse than the best."""
        return self.row(self.best[name], name)["high"] >= 0

    def sentence(self, name: str) -> str:
        """Whether the target holds, and by how much."""
        row, label = self.row(self.best[name], name), MEASURES[name].label.shown("en").lower()
        ahead = "ahead by" if row["difference"] >= 0 else "behind by"
        verdict = {"better": "better", "worse": "worse"}.get(row["verdict"], "not told apart")
        return (
            f"{label}: best of the others is {self.best[name]} ({number(row['value'])}); {OURS} {number(row['reference_value'])}, "
            f"{ahead} {abs(row['difference']):.3f} (interval of the difference {row['low']:+.3f} to {row['high']:+.3f}, "
            f"{verdict}): target {'met' if self.met(name) else 'missed'}"
        )

    def beside_all(self) -> str:
        """Which of the learners this program is better or worse than, measure by measure."""
        rivals, said = self.frame[self.frame["model"].isin(RIVALS)], []
        for name in TARGETED:
            part = rivals[rivals["measure"] == name]
            better, worse = (list(part.loc[part["verdict"] == verdict, "model"]) for verdict in ("better", "worse"))
            said.append(
                f"{MEASURES[name].label.shown('en').lower()}: ahead of {listed(better)}, behind {listed(worse)}"
            )
        return f"Told apart from the others, {'; '.join(said)}."

    def lines(self) -> list[str]:
        """Table of differences, and what it comes to."""
        shown = ("auc", *TARGETED)
        names = list(dict.fromkeys(self.frame["model"]))
        words = {"better": "better", "worse": "**worse**", "no difference shown": "not told apart"}
        cells = [
            [m, *(f"{between(r, sign=True)} {words[r['verdict']]}" for r in (self.row(m, n) for n in shown))]
            for m in names
        ]
        text = table((f"{OURS} less", *(MEASURES[n].label.shown("en") for n in shown)), cells)
        for name in TARGETED:
            by = {v: [m for m in names if self.row(m, name)["verdict"] == v] for v in words}
            text.append(
                f"In {MEASURES[name].label.shown('en').lower()} {OURS} is better than {listed(by['better'])}; worse than "
                f"{listed(by['worse'])}; not told apart from {listed(by['no difference shown'])}."
            )
        return [*text, "", *(f"- {self.sentence(name)}." for name in TARGETED), ""]


def by_day(evaluation: fr.Evaluation, *, n_bootstrap: int) -> list[str]:
    """Table of our model, day by day, beside the best of the others."""
    how = {"by": ("model", "fold"), "n_bootstrap": n_bootstrap}
    names = ("auc", "average_precision", "log_loss", "mean_risk", "base_rate")
    every = evaluation.measures(measures=names, **how)
    ours = wide(every[every["model"] == OURS], "fold")
    rivals = every[every["model"].isin(RIVALS)]

    def best(fold: str, name: str) -> str:
        part = rivals[(rivals["fold"] == fold) & (rivals["measure"] == name)].dropna(subset=["value"])
        if part.empty:
            return "-"
        row = part.loc[part["value"].idxmax() if MEASURES[name].higher_is_better else part["value"].idxmin()]
        return f"{row['value']:.3f} {row['model']}"

    rows = [
        (
            fold,
            share(own["base_rate"]["value"]),
            share(own["mean_risk"]["value"]),
            between(own["auc"]),
            between(own["average_precision"]),
            best(fold, "average_precision"),
            between(own["log_loss"]),
            best(fold, "log_loss"),
        )
        for fold, own in ours.items()
    ]
    head = ("day", "share", "forecast", "AUC", "average precision", "best other", "log loss", "best other")
    return table(head, rows)


def learning_curve(evaluation: fr.Evaluation, *, n_bootstrap: int) -> list[str]:
    """Measures by number of newest days learnt from."""
    curve = evaluation.learning_curve(n_bootstrap=n_bootstrap)
    names = list(dict.fromkeys(curve["measure"]))
    rows = [(k, *(between(own[name]) for name in names)) for k, own in wide(curve, "train_days").items()]
    day = evaluation.folds["fold"].iloc[-1]
    first = (curve["measure"] == "average_precision") & curve["value"].notna()
    values = curve[first].set_index("train_days")["value"]
    text = []
    if len(values) > 1:
        best = values.idxmax()
        text = [
            (
                f"From 1 to {values.index.max()} days learnt from, average precision goes from {values.iloc[0]:.3f} to "
                f"{values.iloc[-1]:.3f}; it is highest with {best}."
            ),
            "",
        ]
    return [
        f"Forecast of {day} with the default setting, learnt from so many newest days:",
        "",
        *table(("days", *(MEASURES[name].label.shown("en") for name in names)), rows),
        *text,
    ]


def calibration_error_if_perfect(predictions: pd.DataFrame) -> float:
    """Mean calibration error that chance alone would make were every risk true, averaged over days."""
    rng, errors = np.random.default_rng(0), []
    for _, part in predictions.groupby("fold"):
        risk = part["risk"].to_numpy()
        drawn = rng.random((PERFECT_DRAWS, len(risk))) < risk
        errors.append(
            (len(risk), np.mean([measure(y, risk, measures=["calibration_error"])["calibration_error"] for y in drawn]))
        )
    weight, error = np.array(errors).T
    return float(np.average(error, weights=weight))


def at_true_level(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts moved in log-odds so that each day's risks add up to its events."""
    moved = []
    for _, part in predictions.groupby("fold"):
        eta, y = logit(part["risk"].clip(1e-9, 1 - 1e-9).to_numpy()), part["outcome"].to_numpy()
        shift = brentq(lambda a, eta=eta, y=y: expit(eta + a).sum() - y.sum(), -10, 10)
        moved.append(part.assign(risk=expit(eta + shift)))
    return pd.concat(moved)


def calibration(evaluation: fr.Evaluation) -> tuple[list[str], str]:
    """Table of the curve, and the sentence on the target."""
    own = evaluation.predictions[evaluation.predictions["model"] == OURS]
    error = summarise(own, measures=["calibration_error"], n_bootstrap=0)["value"].iloc[0]
    level = summarise(at_true_level(own), measures=["calibration_error"], n_bootstrap=0)["value"].iloc[0]
    chance = calibration_error_if_perfect(own)
    sentence = (
        f"Calibration error with the level of each day put right: {level:.3f}; target at most {CALIBRATION_TARGET}: "
        f"**{'met' if level <= CALIBRATION_TARGET else 'missed'}**. Had every risk been true, chance alone would have made "
        f"it about {chance:.3f}. As forecast, without knowing the level of the year, it is {error:.3f} (mean of the days)."
    )
    curve = evaluation.calibration()
    rows = [
        (
            int(r["bin"]),
            share(r["mean_risk"]),
            share(r["observed"]),
            f"{share(r['low'])} to {share(r['high'])}",
            r["events"],
        )
        for r in curve[curve["model"] == OURS].to_dict("records")
    ]
    return [*table(("bin", "forecast", "observed", "95 % interval", "events"), rows), sentence, ""], sentence


def capacity(evaluation: fr.Evaluation) -> list[str]:
    """Table of what is found with so many visits."""
    frame = evaluation.capacity(shares=SHARES)
    names = [
        OURS,
        *(name for name in ("logistic regression", "rule: income below 1.5 lines") if name in evaluation.models),
    ]

    def cell(row: Any, name: str) -> str:
        worst, best = row[f"{name}_worst"], row[f"{name}_best"]
        spread = f" ({share(worst)} to {share(best)})" if best - worst > 0.0005 else ""
        return share(row[name]) + spread

    rows = [
        (share(r["share"], 0), m, f"{r['visits']:,.0f}", cell(r, "recall"), cell(r, "precision"), number(r["lift"], 1))
        for s in SHARES
        for m in names
        for r in frame[(frame["model"] == m) & (np.abs(frame["share"] - s) < s / 10)].to_dict("records")
    ]
    head = ("visited", "model", "visits", "events found (rest: 漏评)", "visits with event (rest: 错评)", "lift")
    return [*table(head, rows), "In brackets: worst and best order where risks tie.", ""]


def decision(evaluation: fr.Evaluation) -> list[str]:
    """Sentence on the range of thresholds in which the forecast is worth more than any plain rule."""
    frame = evaluation.decision()
    names = [OURS, *(m for m in evaluation.models if m.startswith("rule"))]
    benefit = frame[frame["model"].isin(names)].pivot_table(index="threshold", columns="model", values="net_benefit")
    everyone = frame[frame["model"] == OURS].set_index("threshold")["visit_all"]
    other = benefit.drop(columns=OURS).assign(all=everyone, none=0.0).max(axis=1)
    ahead = benefit.index[benefit[OURS] > other]
    where = (
        f"at {len(ahead)} of {len(benefit)} thresholds from {benefit.index.min():.2f} to {benefit.index.max():.2f}"
        if len(ahead)
        else "nowhere"
    )
    return [
        f"Net benefit of {OURS} is above visiting all, visiting none and every rule {where}.",
        "",
    ]


def groups_of(evaluation: fr.Evaluation) -> list[str]:
    """Groupings of which the register knows two groups or more, and not so many that a table says nothing."""
    frame = evaluation.groups
    return [name for name in GROUPS if 1 < len(frame[name].dropna().unique()) <= MOST_GROUPS]


def fairness(evaluation: fr.Evaluation, *, n_bootstrap: int) -> list[str]:
    """Tables by group, and what sharing the visits would cost."""
    text: list[str] = []
    rows, costs = [], []
    for group in groups_of(evaluation):
        found = evaluation.fairness(group, capacity=CAPACITY, n_bootstrap=n_bootstrap)
        labels = {code: one.shown("en") for code, one in GROUPS[group].codes.items()}
        for key, own in wide(found, group).items():
            if key.startswith("largest") or (key == "all" and rows) or pd.isna(own["visited"]["value"]):
                continue
            gap, auc = own["calibration_gap"], own["auc"]
            rows.append(
                (
                    "all" if key == "all" else GROUPS[group].label.shown("en"),
                    "" if key == "all" else labels.get(key, key),
                    f"{own['visited']['events']:,}",
                    share(own["base_rate"]["value"]),
                    share(own["mean_risk"]["value"]),
                    f"{100 * gap['value']:+.1f} ({100 * gap['low']:+.1f} to {100 * gap['high']:+.1f})",
                    share(own["visited"]["value"]),
                    (
                        f"{100 * own['exclusion_error']['value']:.0f} % "
                        f"({100 * own['exclusion_error']['low']:.0f} to {100 * own['exclusion_error']['high']:.0f})"
                    ),
                    share(own["inclusion_error"]["value"], 0),
                    number(auc["value"]),
                )
            )
        try:
            cost = evaluation.capacity_cost(group, capacity=CAPACITY, n_bootstrap=n_bootstrap)
        except SchemaError:
            continue
        schemes = wide(cost, "scheme")
        cells = [
            (
                GROUPS[group].label.shown("en"),
                scheme,
                *(share(own[name]["value"]) for name in ("exclusion_gap", "recall", "precision")),
            )
            for scheme, own in schemes.items()
        ]
        costs.append((schemes["one list"]["exclusion_gap"]["value"], cells))
    head = (
        "grouping", "group", "events", "share", "forecast", "forecast less share, points", "visited", "missed (漏评)",
        "in vain (错评)", "AUC",
    )  # fmt: skip
    text += [
        (
            f"One list for all of the {share(CAPACITY, 0)} highest risks of each day. Small groups are left out, and groupings of "
            f"more than {MOST_GROUPS}."
        ),
        "",
    ]
    text += table(head, rows)
    largest = sorted((cost for cost in costs if np.isfinite(cost[0])), key=lambda cost: -cost[0])[:SHARED]
    if largest:
        text += [
            (
                "What it would cost to share the visits among groups, by households, by risk, or so that each finds as much of "
                f"its forecast events (the {len(largest)} groupings of the largest gap in 漏评):"
            ),
            "",
        ]
        head = ("grouping", "list", "largest gap in 漏评", "events found", "visits with event")
        text += table(head, [cell for _, cells in largest for cell in cells])
    return text


def subsets(study: Study, evaluation: fr.Evaluation, *, n_bootstrap: int) -> list[str]:
    """Measures of the households that are looked at apart."""
    text = []
    keys = pd.MultiIndex.from_frame(evaluation.predictions[["household_id", "as_of"]])
    for title, households in study.subsets.items():
        rows = evaluation.predictions[keys.isin(households)]
        own = rows[rows["model"] == OURS]
        if own["outcome"].sum() < 5:
            continue
        n, rate = len(own), own["outcome"].mean()
        text += [f"Only households {title}: {n:,} forecasts, {share(rate)} with the event.", ""]
        text += measures(rows, n_bootstrap=n_bootstrap, models=[OURS, *RIVALS])
        standing = Standing(rows, n_bootstrap=n_bootstrap)
        text += [*(f"- {standing.sentence(name)}." for name in TARGETED), ""]
    return text


def lead_time(study: Study, evaluation: fr.Evaluation, *, n_bootstrap: int) -> list[str]:
    """Months from list to event, where events have days of their own."""
    if study.target == "below_line":
        return [
            "Lead time is not shown: income is known once a year, so every event is dated at the end of that year.",
            "",
        ]
    found = wide(evaluation.lead_time(capacity=CAPACITY, n_bootstrap=n_bootstrap), "model")[OURS]
    return [
        (
            f"Lead time: half of the events on the list of 5 % came {number(found['lead_median']['value'], 1)} months later or "
            f"after that; {share(found['ahead_3']['value'])} of all events were on it at least 3 months ahead, "
            f"{share(found['ahead_6']['value'])} at least 6."
        ),
        "",
    ]


# --- calibration and uncertainty on later days --------------------------------------------------------------------


def levels_and_intervals(found: list[uncertainty.Origin], prior: tuple[float, float]) -> tuple[list[str], str]:
    """Tables of levels, recalibration and coverage, and the sentence on the target."""
    levels, coverage = uncertainty.interval_tables(found, prior)
    worth = uncertainty.recalibration_table(found)
    text = ["Level of each later day against the forecast (one classifier with default settings):", ""]
    text += table(
        ("day", "households", "forecast", "observed", "shift, log-odds", "its error", "half width of the 0.9 interval", "held"),
        [
            (
                r["day"], f"{r['households']:,}", share(r["forecast"]), share(r["observed"]), f"{r['shift']:+.2f}",
                number(r["its error"], 2), number(r["half width"], 2), "yes" if r["held"] else "**no**",
            )
            for r in levels.to_dict("records")
        ],
    )  # fmt: skip
    rms = float(np.sqrt(np.mean(np.square(levels["shift"]))))
    text += [
        (
            f"Levels were off by {rms:.2f} in log-odds (root mean square). The intervals start from {prior[0]:.2f}, worth "
            f"{prior[1]:.0f} years, which is what the other panel showed."
        ),
        "",
        "Recalibration (difference: log loss less that of the default, below 0 is better):",
        "",
    ]
    text += table(
        ("recalibration", "days", "log loss", "calibration error", "difference (95 %)", "days better"),
        [
            (
                r["recalibration"], r["days"], number(r["log loss"], 4), number(r["calibration error"], 4),
                "-" if r["recalibration"] == uncertainty.DEFAULT
                else f"{r['difference']:+.4f} ({r['low']:+.4f} to {r['high']:+.4f})",
                "-" if r["recalibration"] == uncertainty.DEFAULT else f"{r['days better']} of {r['days']}",
            )
            for r in worth.to_dict("records")
        ],
    )  # fmt: skip
    none = worth[worth["recalibration"] == "none"].iloc[0]
    verdict = "helps" if none["low"] > 0 else "harms" if none["high"] < 0 else "makes no difference shown"
    text += [
        f"Recalibration on out-of-fold margins {verdict} here: without it log loss is {none['difference']:+.4f}.",
        "",
    ]
    columns = [name for name in coverage.columns if name not in ("level", "mean width")]
    text += ["Share of later days, bins of risk, groups of 200 households and households for which it held:", ""]
    text += table(
        ("level", *columns, "mean width"),
        [(r["level"], *(share(r[c]) for c in columns), share(r["mean width"])) for r in coverage.to_dict("records")],
    )
    at = coverage[coverage["level"] == COVERAGE_LEVEL].iloc[0]

    n_days, held = len(levels), int(levels["held"].sum())
    low, high = beta.ppf((0.025, 0.975), (held, held + 1), (n_days - held + 1, n_days - held))
    sentence = (
        f"Level of the year: the {share(COVERAGE_LEVEL, 0)} interval held on {held} of {n_days} days; target "
        f"{share(COVERAGE_TARGET, 0)} of days: **{'met' if held >= COVERAGE_TARGET * n_days else 'missed'}**, though so few days "
        f"tell no more than that coverage is between {share(0.0 if np.isnan(low) else low, 0)} and "
        f"{share(1.0 if np.isnan(high) else high, 0)}. It held for {share(at['villages'])} of groups of 200 households and "
        f"{share(at['bins'])} of bins of risk; outlooks held for {share(at['outlook, all'])} of all households and "
        f"{share(at['outlook, event'])} of those with the event."
    )
    return [*text, sentence, ""], sentence


# --- published figures --------------------------------------------------------------------------------------------


def beside_published(splits: Sequence[published.Split], again: dict[str, published.Figures]) -> list[str]:
    """Tables of the data's own figures beside ours, and where we are behind, by how much."""
    text = []
    for split in splits:
        text += [f"**{split.title}**: {split.households:,} forecasts, {share(split.rate)} with the event.", ""]
        rows = [(f"published: {name}", *(number(x) for x in f)) for name, f in split.published.items()]
        rows += [(name, *(number(x) for x in f)) for name, f in split.ours.items()]
        text += table(("", *(MEASURES[m].label.shown("en") for m in published.MEASURES)), rows)
        own, parts = split.ours[published.OURS], []
        for name in published.MEASURES:
            sign = 1 if MEASURES[name].higher_is_better else -1
            best = max(split.published.items(), key=lambda item, n=name, s=sign: s * getattr(item[1], n))
            lead = sign * (getattr(own, name) - getattr(best[1], name))
            parts.append(
                f"{MEASURES[name].label.shown('en')} {'ahead' if lead >= 0 else 'behind'} by {abs(lead):.3f} (best published: {best[0]})"
            )
        text += [f"{published.OURS}: {'; '.join(parts)}.", ""]
        if split.title.startswith("Germany") and again:
            text += [
                (
                    "The published German figures could not be reached again. Boosting with scikit-learn's defaults on one wave's "
                    "own columns, grouped by person, gives:"
                ),
                "",
                *table(
                    ("", *(MEASURES[m].label.shown("en") for m in published.MEASURES)),
                    [(k, *map(number, v)) for k, v in again.items()],
                ),
                (
                    "The calendar year knows how many fell in the very year that is forecast, which no office can know. How the "
                    "published figures were reached beyond these columns is not known to us, so the distance to them is not "
                    "explained."
                ),
                "",
            ]
    return text


# --- where the truth is known -------------------------------------------------------------------------------------


def with_truth(study: Study, evaluation: fr.Evaluation) -> pd.DataFrame:
    """Return the forecasts with those of the true risk, on the households whose true risk is known."""
    truth = study.truth.dropna(subset=["risk"]).rename(columns={"risk": "true_risk"})
    rows = evaluation.predictions.merge(truth, on=["household_id", "as_of"], how="inner", validate="many_to_one")
    true = rows[rows["model"] == OURS].assign(model=TRUTH, risk=lambda x: x["true_risk"])
    return pd.concat([rows, true], ignore_index=True).drop(columns="true_risk")


def truth_sentences(predictions: pd.DataFrame, *, n_bootstrap: int) -> list[str]:
    """How far our risks are from the best that any model can do, and from the true risk itself."""
    found = compare(
        predictions, reference=OURS, measures=("auc", "average_precision", "log_loss"), n_bootstrap=n_bootstrap
    )
    rows = found[found["model"] == TRUTH].to_dict("records")
    both = predictions[predictions["model"].isin([OURS, TRUTH])].pivot_table(
        index=["as_of", "household_id"], columns="model", values="risk"
    )
    near = np.corrcoef(logit(both[OURS].clip(1e-6, 1 - 1e-6)), logit(both[TRUTH].clip(1e-6, 1 - 1e-6)))[0, 1]
    text = "; ".join(
        f"{MEASURES[r['measure']].label.shown('en')} {number(r['reference_value'])} of {number(r['value'])}"
        for r in rows
    )
    return [
        (
            f"{OURS} beside the true risk, which no model can beat but by chance: {text}. Its log-odds correlate with the true "
            f"ones by {near:.2f}; it forecasts {share(both[OURS].mean(), 2)} on average where the truth is {share(both[TRUTH].mean(), 2)}."
        ),
        "",
    ]


# --- pictures -----------------------------------------------------------------------------------------------------


def pictures(study: Study, evaluation: fr.Evaluation, folder: Path, *, n_bootstrap: int) -> list[str]:
    """Draw two pictures into a folder, and return the lines that show them."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    few = [
        m for m in (OURS, "LightGBM", "logistic regression", "rule: income below 1.5 lines") if m in evaluation.models
    ]

    def only(result: pd.DataFrame, models: Sequence[str]) -> Any:
        return result[result["model"].isin(models)]

    figure, axes = plt.subplots(2, 2, figsize=(12, 9), layout="constrained")
    fr.plots.draw(only(evaluation.calibration(), few[:2]), ax=axes[0, 0], lang="en").set_title("Calibration")
    fr.plots.draw(only(evaluation.capacity(), [few[0], "logistic regression"]), ax=axes[0, 1], lang="en").set_title(
        "Capacity"
    )
    fr.plots.draw(only(evaluation.decision(), few), ax=axes[1, 0], lang="en").set_title("Decision curve")
    comparison = evaluation.compare(measures=["average_precision"], n_bootstrap=n_bootstrap)
    fr.plots.draw(comparison, ax=axes[1, 1], lang="en").set_title(f"Average precision: {OURS} less the other")
    names = [_save(figure, folder / f"{study.key}.png")]

    n_groups = groups_of(evaluation)[:2]
    figure, axes = plt.subplots(1, 2 + bool(n_groups), figsize=(15, 4.6), layout="constrained")
    days = evaluation.measures(by=("model", "fold"), measures=["average_precision"], n_bootstrap=n_bootstrap)
    best = [OURS, *(m for m in RIVALS[:1] if m in evaluation.models)]
    fr.plots.draw(only(days, best), ax=axes[0], lang="en").set_title("Average precision by day forecast")
    curve = evaluation.learning_curve(measures=["average_precision"], n_bootstrap=n_bootstrap)
    fr.plots.draw(curve.assign(model="days learnt from"), ax=axes[1], lang="en").set_title(
        "Average precision by days learnt from"
    )
    if n_groups:
        shown = "head_age" if "head_age" in groups_of(evaluation) else n_groups[0]
        table_of = evaluation.fairness(shown, capacity=CAPACITY, n_bootstrap=n_bootstrap)
        fr.plots.draw(table_of, ax=axes[2], lang="en").set_title(
            f"Missed at 5 %, by {GROUPS[shown].label.shown('en').lower()}"
        )
    names.append(_save(figure, folder / f"{study.key}_days_and_groups.png"))
    alt = (
        f"{study.title}: calibration, capacity, decision curve, comparison",
        f"{study.title}: days, learning curve, groups",
    )
    return [line for text, name in zip(alt, names, strict=True) for line in (f"![{text}]({folder.name}/{name})", "")]


def _save(figure: Any, path: Path) -> str:
    from matplotlib import pyplot as plt

    figure.savefig(path, dpi=80, metadata={"Software": None})
    plt.close(figure)
    return path.name
