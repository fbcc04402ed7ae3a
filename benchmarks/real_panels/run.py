"""Run the full protocol on every real panel and on a synthetic register, and write the page of evidence.

    FANPIN_DATA=folder python benchmarks/real_panels/run.py --out docs

The folder holds ar_eph_2016_2019/ and de_gsoep_rwm/. Writes evidence.md and evidence/*.png into the folder of --out;
without --out the page goes to standard output and no picture is drawn. Nothing of the data is kept but the figures.
Needs the extras "evaluate" and "baselines". --quick tries out the command: few trees, few households, figures of no worth.
"""

from __future__ import annotations

import os

# Folds are spread over threads already; threads within threads only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import page
import pandas as pd
import panels
import published
import raw_columns
import sklearn
import uncertainty
from panels import Study

import fanpin_risk as fr
from fanpin_risk.evaluation import make_baselines

COMMAND = "FANPIN_DATA=folder python benchmarks/real_panels/run.py --out docs"
PANELS = {"argentina": panels.argentina.FOLDER, "germany": panels.germany.FOLDER}
FOLDS = 5
# Four settings of ours, as many as of each learner beside it: name -> parameters of MonotoneBoosting.
SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "three seeds": {"n_seeds": 3},
    "depth 4": {"max_depth": 4},
    "without constraints": {"monotonic_cst": {}},
}
LIMITS = (
    (
        "The panels are not Chinese registers. They are surveys of other countries, turned into registers by "
        "[our own reading](../benchmarks/real_panels/README.md) of what stands for what."
    ),
    "The event is an income below a line a year on. Being newly monitored (纳入监测) is another event: officials decide it.",
    "A survey is known at once. Nothing here says how late, missing or wrong records of an office do.",
    "Most features of the program have no value in these panels: no medical bills, no land, no warnings, no disasters.",
    "The villages are unknown, so intervals resample households and may be too narrow.",
    "Who is helped relapses less: where help worked, a right forecast looks like a false alarm. The panels cannot undo this.",
    (
        "Intervals are of each comparison by itself. Verdicts are adjusted for being many (Holm), and with fewer than six days "
        "all days must agree."
    ),
    "The settings of this program's trees were found on these same panels, in earlier work. The panels are not fresh to it.",
)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a run may cost."""

    n_bootstrap: int = 400
    forest_trees: int = 100
    households: int = 20_000
    settings: tuple[str, ...] = tuple(SETTINGS)
    baselines: tuple[str, ...] | str = "all"
    quick: bool = False


QUICK = Budget(n_bootstrap=20, forest_trees=10, households=3_000, settings=("default", "depth 4"), quick=True)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say how long it took."""
    start = time.perf_counter()
    yield
    say(f"{what}: {time.perf_counter() - start:.0f} s")


# --- one study ----------------------------------------------------------------------------------------------------


def models_of(study: Study, budget: Budget) -> dict[str, Any]:
    """Return our settings and everything to compare with, by name."""
    small = {"max_iter": 20} if budget.quick else {}
    ours = [
        fr.RiskModel(target=study.target, lines=study.lines, classifier=fr.MonotoneBoosting(**(SETTINGS[name] | small)))
        for name in budget.settings
    ]
    beside = make_baselines(budget.baselines)
    for forest in beside.get("random forest", []):
        forest.set_params(randomforestclassifier__n_estimators=budget.forest_trees)
    if study.raw is not None and "LightGBM" in beside:
        beside[page.RAW] = [raw_columns.OnRawColumns(one, study.raw) for one in beside["LightGBM"]]
    return {page.OURS: ours, **beside}


def evaluate(study: Study, budget: Budget, folds: int) -> fr.Evaluation:
    def progress(done: int, total: int, what: str) -> None:
        say(f"  {study.key} {done}/{total} {what}")

    return fr.evaluate(
        study.register,
        study.days,
        models=models_of(study, budget),
        baselines=(),
        target=study.target,
        lines=study.lines,
        test_days=study.test_days,
        household_folds=folds,
        learning_curve=True,
        progress=progress,
    )


def part(study: Study, budget: Budget, out: Path | None) -> tuple[list[str], dict[str, Any]]:
    """Evaluate a study; return its part of the page and what the summary says of it."""
    with told(f"{study.key}: who is seen twice"):
        twice = panels.seen_twice(study)
    # On the synthetic register the same households come every year, as in an office.
    folds = FOLDS if twice[0] and study.truth is None else 1
    with told(f"{study.key}: evaluation"):
        evaluation = evaluate(study, budget, folds)
    with told(f"{study.key}: tables and pictures"):
        text, summary = parts_of(study, evaluation, budget, out, folds=folds, twice=twice)
    return text, summary


def parts_of(
    study: Study, evaluation: fr.Evaluation, budget: Budget, out: Path | None, *, folds: int, twice: tuple[int, int]
) -> tuple[list[str], dict[str, Any]]:
    """Make the part of the page on one study."""
    how = {"n_bootstrap": budget.n_bootstrap}
    predictions = evaluation.predictions if study.truth is None else page.with_truth(study, evaluation)
    standing = page.Standing(predictions[predictions["model"] != page.TRUTH], **how)
    calibration, on_calibration = page.calibration(evaluation)
    text = [f"## {study.title}", "", *(f"- {limit}" for limit in study.limits), ""]
    text += page.protocol(study, evaluation, folds, twice)
    text += page.choices(evaluation, budget.settings)
    if out is not None:
        text += page.pictures(study, evaluation, out / "evidence", **how)
    text += ["### Measures, with 95 % intervals", ""]
    text += [
        "Each day is ranked by itself and the days are averaged. The list at 5 % holds the highest risks of a day.",
        "",
    ]
    text += page.measures(predictions, **how)
    if study.truth is not None:
        text += page.truth_sentences(predictions, **how)
    text += ["### Beside the others, on the same households", ""]
    text += ["Above 0: fanpin_risk is better. In brackets: 95 % interval of the difference.", "", *standing.lines()]
    text += ["### By day forecast", "", *page.by_day(evaluation, **how)]
    text += ["### Learning curve", "", *page.learning_curve(evaluation, **how)]
    text += ["### Calibration", "", "Bins of equal size, all days together.", "", *calibration]
    text += ["### What visits find", "", *page.capacity(evaluation), *page.decision(evaluation)]
    text += page.lead_time(study, evaluation, **how)
    text += ["### By group", "", *page.fairness(evaluation, n_bootstrap=budget.n_bootstrap // 2)]
    if study.subsets:
        text += ["### Apart", "", *page.subsets(study, evaluation, **how)]
    return text, {"study": study, "standing": standing, "calibration": on_calibration}


# --- the page -----------------------------------------------------------------------------------------------------


def summary_lines(summaries: list[dict[str, Any]], coverage: dict[str, str]) -> list[str]:
    """Targets met and missed, one study after the other."""
    text = []
    for one in summaries:
        study, standing = one["study"], one["standing"]
        text += [f"**{study.title}**", ""]
        text += [f"- {standing.sentence(name)}." for name in page.TARGETED]
        text += [f"- {standing.beside_all()}", f"- {one['calibration']}"]
        text += [f"- {coverage[study.key]}"] if study.key in coverage else []
        text += [""]
    return text


def make_page(data: Path, budget: Budget, out: Path | None, chosen: list[str]) -> str:
    """Run everything and return the page."""
    start, texts, summaries = time.perf_counter(), [], []
    found: dict[str, list[uncertainty.Origin]] = {}
    splits, again = [], {}
    for name in chosen:
        folder = PANELS.get(name)
        with told(f"{name}: register"):
            study = panels.study_synthetic(budget.households) if folder is None else panels.PANELS[folder](data)
        text, summary = part(study, budget, out)
        texts.append("\n".join(text))
        summaries.append(summary)
        if folder is None or budget.quick:
            continue
        with told(f"{name}: levels of later days"):
            found[study.key] = uncertainty.origins(study)
        with told(f"{name}: published split"):
            splits.append(published.SPLITS[folder](study.register, data))
            if folder == published.germany.FOLDER:
                again = {
                    "boosting, one wave's columns": published.german_boosting(data, with_year=False),
                    "the same with the calendar year": published.german_boosting(data, with_year=True),
                }

    sure, coverage = [], {}
    for key, origins in found.items():
        prior = uncertainty.prior_of([other for name, other in found.items() if name != key])
        lines, coverage[key] = page.levels_and_intervals(origins, prior)
        sure += [f"### {key.capitalize()}", "", *lines]
    seconds = time.perf_counter() - start
    return (
        "\n".join(
            [
                "# Evidence",
                "",
                head(seconds, budget),
                "",
                "Is the forecast right, for whom, and how sure? Measured on data that nobody of this project wrote, by a protocol in",
                "which the model knows no more than an office knew on the day.",
                "",
                "## What this is not",
                "",
                *(f"- {limit}" for limit in LIMITS),
                "",
                "## Targets: met and missed",
                "",
                "Target: average precision and log loss better than the best of LightGBM (on the same features, and on the panel's own",
                "columns), XGBoost, CatBoost, explainable boosting machine, random forest, logistic regression and proxy means",
                "test, or not told apart from it; ahead of at least one of them on at least one panel; calibration error at most",
                "0.015 with the level of each day put right; the interval of the level holds on 90 % of days.",
                "",
                *summary_lines(summaries, coverage),
                "## How it is done",
                "",
                *PROTOCOL,
                "",
                *texts,
                *(["## Levels of years, recalibration and intervals", "", *SURE, "", *sure] if sure else []),
                *(
                    ["## Beside published figures", "", *BESIDE, "", *page.beside_published(splits, again)]
                    if splits
                    else []
                ),
            ]
        ).rstrip("\n")
        + "\n"
    )


PROTOCOL = (
    "- `fr.evaluate`: each day forecast stands for a morning in an office. Learnt from are earlier days whose 12 months were",
    "  over by then, with their outcomes as known then. Day by day the past grows (rolling origins).",
    "- Where households of a panel come again, they are dealt into folds, and none is forecast by a model that saw it on any",
    "  day.",
    "- All models see the same features of the same households, but for one LightGBM that sees the panel's own columns instead.",
    "  Of each learner four settings are tried; the one with the",
    "  least log loss on the newest day learnt from, on a third of its households kept apart, is taken. The day forecast",
    "  decides nothing.",
    "- Settings of fanpin_risk: "
    + "; ".join(
        name + (f" ({', '.join(f'{k} {v}' for k, v in given.items())})" if given else "")
        for name, given in SETTINGS.items()
    )
    + ".",
    f"- The random forest has {Budget.forest_trees} trees instead of 300, for the sake of time.",
    "- Rules learn the rate of the event for each number of triggers. The proxy means test estimates income by least squares.",
    "- Intervals: 95 %, from resampling; differences are resampled in pairs. “Not told apart” is not “equal”.",
)
SURE = (
    "What moves a forecast most is not the sample but the year: all risks rise or fall together, and nothing in the records",
    "of the day tells by how much. So the interval of a household's risk is as wide as years have moved. Here one classifier",
    "with default settings, without the ensemble of income cuts, is trained on all days that were over; recalibration is",
    "tried without, on all out-of-fold margins (the default), on those of the newest day, and on true forecasts of the",
    "newest day (forward).",
)
BESIDE = (
    "No published forecast of this event on these files is known to us. What there is are the simple models that the data's",
    "README reports, from the columns of one visit. Their splits are done again here; they are laxer than the protocol above.",
)


def head(seconds: float, budget: Budget) -> str:
    versions = (
        f"fanpin_risk {fr.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}, pandas {pd.__version__}, "
        f"Python {platform.python_version()}"
    )
    note = " **Tried out with few trees (--quick): the figures are of no worth.**" if budget.quick else ""
    return f"Written by `{COMMAND}`, {datetime.now(UTC).date()}, {seconds / 60:.0f} minutes; {versions}.{note}"


def data_folder() -> Path:
    """Folder of the real panels, from FANPIN_DATA."""
    given = os.environ.get("FANPIN_DATA", "")
    if not given:
        raise SystemExit(
            "FANPIN_DATA is not set: set it to the folder that holds the real panels (see the README.md beside this script)"
        )
    return Path(given)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder for evidence.md and evidence/, such as docs")
    parser.add_argument("--only", choices=(*PANELS, "synthetic"), help="one of them instead of all")
    parser.add_argument("--quick", action="store_true", help="try out the command; the figures are of no worth")
    options = parser.parse_args()
    chosen = [options.only] if options.only else [*PANELS, "synthetic"]
    data = data_folder() if chosen != ["synthetic"] else Path()
    missing = [PANELS[name] for name in chosen if name in PANELS and not (data / PANELS[name]).is_dir()]
    if len(missing) == len([name for name in chosen if name in PANELS]) and missing:
        raise SystemExit(f"FANPIN_DATA: the folder holds no {', '.join(missing)}")
    for folder in missing:
        say(f"{folder} is not under FANPIN_DATA and is left out")
    chosen = [name for name in chosen if PANELS.get(name) not in missing]
    text = make_page(data, QUICK if options.quick else Budget(), options.out, chosen)
    if options.out is None:
        print(text, end="")
    else:
        (options.out / "evidence.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
