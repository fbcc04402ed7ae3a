"""How deep the trees should be, and what monotone constraints cost: accuracy and cost of explanation by setting.

    FANPIN_DATA=... python benchmarks/depth.py --out benchmarks/depth [--households 8000] [--repeats 2] [--jobs 1]

Trees of depth 3, 4 and 6 and trees of 31 leaves grown best-first, each with and without constraints; everything else is
the default of ``fr.MonotoneBoosting``. Tasks: real panels (folder FANPIN_DATA, see benchmarks/real_panels; left out with
a message where it is not set), the synthetic register, scikit-learn's own sets. Progress goes to stderr; the tables are
printed, and --out writes them into the folder's README.md. About eight minutes on one
core that has nothing else to do.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import sklearn
from joblib import Parallel, delayed
from scipy.stats import t as student
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from tqdm import tqdm

import fanpin_risk as fr
from fanpin_risk.model.boosting import EARLY_STOPPING_CASES, LEAVES_AT_LEAST

sys.path.insert(0, str(Path(__file__).parent / "real_panels"))

import argentina
import germany

SHAPES: dict[str, dict[str, int | None]] = {
    "depth 3": {"max_depth": 3, "max_leaf_nodes": None},
    "depth 4": {"max_depth": 4, "max_leaf_nodes": None},
    "depth 6": {"max_depth": 6, "max_leaf_nodes": None},
    "31 leaves": {"max_depth": None, "max_leaf_nodes": 31},
}
FOLDS = 5
HELD_OUT = 10  # one part in ten, of whole households, to stop early by; of the training rows
LEVEL = 0.95
RESAMPLES = 200
# Explanation is timed on this many rows (a task's own, repeated), as the median of rounds in which all settings take turns.
ROWS_TIMED, ROUNDS = 5_000, 5
SAME_COST = 1.1
METRICS = ("average precision", "log loss", "AUC")
DECIDING = {"average precision": 1, "log loss": -1}  # sign: more is better, less is better
REGISTERS, OWN_SETS = "registers", "scikit-learn's sets"

Floats = np.ndarray
Split = tuple[np.ndarray, np.ndarray]

MARKS = ("<!-- figures: begin -->", "<!-- figures: end -->")


@dataclass(frozen=True)
class Setting:
    """Shape of the trees, and whether the known directions constrain them."""

    shape: str
    monotone: bool

    def __str__(self) -> str:
        return f"{self.shape}, {'monotone' if self.monotone else 'free'}"


SETTINGS = [Setting(shape, monotone) for shape in SHAPES for monotone in (True, False)]
DEFAULT = SETTINGS[0]


class Difference(NamedTuple):
    """Estimated mean of a paired difference, its standard error and degrees of freedom."""

    mean: float
    error: float
    freedom: float

    @property
    def reach(self) -> float:
        """Half the width of the interval."""
        return float(student.ppf((1 + LEVEL) / 2, self.freedom) * self.error)


@dataclass
class Task:
    """Rows with an event to forecast, and the splits on which all settings are compared."""

    name: str
    kind: str
    X: pd.DataFrame
    y: np.ndarray
    groups: np.ndarray
    directions: dict[str, int]
    splits: list[Split]
    later: bool = False  # tested on later days: one score, whose noise is found by drawing households again
    categories: frozenset[str] = frozenset()  # columns that hold codes without an order

    @property
    def tested(self) -> np.ndarray:
        """Row numbers that are tested, each once."""
        return np.unique(np.concatenate([test for _, test in self.splits]))

    @property
    def events(self) -> int:
        """Events among the rows tested."""
        return int(self.y[self.tested].sum())

    def settings(self) -> list[Setting]:
        """Return the settings that differ: without known directions, constraints change nothing."""
        return [s for s in SETTINGS if self.directions or not s.monotone]

    def stands_for(self, setting: Setting) -> Setting:
        """Return the setting whose figures are this one's."""
        return setting if self.directions else Setting(setting.shape, False)


# --- the models -------------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write(path: Path, text: str) -> None:
    """Write the figures: between the marks where the file has them, else as the whole file."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    begin, end = MARKS
    if begin in old and end in old:
        before, after = old[: old.index(begin) + len(begin)], old[old.index(end) :]
        text = f"{before}\n{text}\n{after}"
    path.write_text(text, encoding="utf-8")


def fit(task: Task, train: np.ndarray, setting: Setting, *, seed: int) -> HistGradientBoostingClassifier:
    """Grow trees of a setting on some rows of a task, in all else as ``fr.MonotoneBoosting()`` does.

    Early stopping is the same for every setting: by the log loss of a tenth of the groups, never trained on; rounds
    after the best are dropped.
    """
    X, y = task.X.to_numpy()[train], task.y[train]
    early = bool(np.bincount(y, minlength=2).min() >= EARLY_STOPPING_CASES)
    held_out: dict[str, np.ndarray] = {}
    if early:
        kept, rest = grouped_folds(y, task.groups[train], HELD_OUT, seed)[0]
        held_out = {"X_val": X[rest], "y_val": y[rest]}
        X, y = X[kept], y[kept]
    order = np.lexsort([y, *X.T[::-1]])  # the package's order of rows
    X, y = X[order], y[order]
    given = fr.MonotoneBoosting().get_params()
    leaf = min(given["min_samples_leaf"], max(1, len(y) // LEAVES_AT_LEAST))
    X[:, np.count_nonzero(~np.isnan(X), axis=0) < leaf] = 0.0
    # As in the package, a category of one known code is grown as a number.
    several = [
        name in task.categories and varies(pd.Series(column).dropna()) for name, column in zip(task.X, X.T, strict=True)
    ]
    same = ("learning_rate", "max_features", "l2_regularization", "max_iter", "n_iter_no_change")
    model = HistGradientBoostingClassifier(
        **SHAPES[setting.shape],
        **{name: given[name] for name in same},
        min_samples_leaf=leaf,
        early_stopping=early,
        monotonic_cst=[task.directions.get(name, 0) if setting.monotone else 0 for name in task.X.columns],
        categorical_features=several if any(several) else None,
        random_state=seed,
    ).fit(X, y, **held_out)
    if early:
        best = max(1, int(np.argmax(model.validation_score_)))
        model._predictors = model._predictors[:best]  # noqa: SLF001  as the package does
    return model


def grouped_folds(y: np.ndarray, groups: np.ndarray, n: int, seed: int) -> list[Split]:
    """Deal whole groups into folds; those with an event are dealt apart, so that every fold has its share."""
    known, code = np.unique(groups, return_inverse=True)
    mixed = np.random.default_rng(seed).permutation(len(known))
    has_event = np.bincount(code, weights=y) > 0
    fold = np.empty(len(known), dtype="int64")
    fold[mixed[np.argsort(has_event[mixed], kind="stable")]] = np.arange(len(known)) % n
    return [(np.flatnonzero(fold[code] != k), np.flatnonzero(fold[code] == k)) for k in range(n)]


def repeated_folds(y: np.ndarray, groups: np.ndarray, repeats: int) -> list[Split]:
    """Splits of repeated grouped and stratified cross-validation."""
    return [split for seed in range(repeats) for split in grouped_folds(y, groups, FOLDS, seed)]


def later_splits(days: pd.Series, groups: np.ndarray, last: str, first: str, until: str, folds: int) -> list[Split]:
    """Train on days up to `last`, test on those from `first` to `until`, on households that were not trained on."""
    day = days.to_numpy()
    tested = (day >= pd.Timestamp(first).to_numpy()) & (day <= pd.Timestamp(until).to_numpy())
    known, code = np.unique(groups, return_inverse=True)
    fold = np.random.default_rng(0).permutation(len(known))[code] % folds
    splits = []
    for k in range(folds):
        test = np.flatnonzero(tested & (fold == k))
        train = (day <= pd.Timestamp(last).to_numpy()) & ~np.isin(code, code[test])
        splits.append((np.flatnonzero(train), test))
    return splits


# --- tasks ------------------------------------------------------------------------------------------------------------


def table_of(
    register: fr.Register, days: Iterable[pd.Timestamp], target: str, lines: fr.MonitoringLines | None = None
) -> pd.DataFrame:
    """Features of the households at risk on each day, with columns household_id, day and outcome in front."""
    parts = []
    for day in days:
        references = fr.make_references(register, day, lines=lines)
        features = fr.compute_features(register, day, references=references, lines=lines)
        outcome = fr.outcomes(register, day, target=target, lines=lines)["outcome"].astype("int64")
        part = features.loc[outcome.index].reset_index(names="household_id")
        part.insert(1, "day", day)
        part.insert(2, "outcome", outcome.to_numpy())
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def register_task(
    name: str,
    table: pd.DataFrame,
    *,
    households: int = 0,
    repeats: int = 0,
    later: tuple[str, str, str] | None = None,
    folds: int = 1,
) -> Task:
    """Make a task of a table of features: cross-validation on a sample of households, or a test on later days.

    Columns with one value are left out: no tree can use them, and they take time.
    """
    if households:
        known = table["household_id"].unique()
        chosen = np.random.default_rng(0).permutation(known)[:households]
        table = table[table["household_id"].isin(chosen)].reset_index(drop=True)
    X = table.drop(columns=["household_id", "day", "outcome"])
    X = X[[name for name in X if varies(X[name])]]
    y, groups = table["outcome"].to_numpy(), table["household_id"].to_numpy(dtype=object).astype(str)
    splits = later_splits(table["day"], groups, *later, folds) if later else repeated_folds(y, groups, repeats)
    directions = {f.name: f.monotone for f in fr.FEATURES if f.monotone and f.name in X}
    categories = frozenset(f.name for f in fr.FEATURES if f.unit == "category" and f.name in X)
    return Task(name, REGISTERS, X, y, groups, directions, splits, later is not None, categories)


def varies(column: pd.Series) -> bool:
    """Return whether a column has more than one value, missing being one."""
    return len(column.unique()) > 1


def panel_tasks(data: Path, households: int, repeats: int) -> list[Task]:
    """Tasks of the real panels that the folder holds."""
    tasks = []
    if (data / argentina.FOLDER).is_dir():
        panel = argentina.read(data)
        register = argentina.register(panel)
        table = table_of(
            register,
            argentina.days_of(panel, first="2016-01-01", last="2018-12-31"),
            "below_line",
            argentina.LINES,
        )
        returns = panel.targets.loc[panel.targets["target_return"].notna(), ["household_id", "day"]]
        sampled = {"households": households, "repeats": repeats}
        tasks += [
            register_task("Argentina, entry", table, **sampled),
            register_task("Argentina, return", table.merge(returns, on=["household_id", "day"]), **sampled),
        ]
        for later in (("2016-09-30", "2017-09-30", "2017-12-31"), ("2017-03-31", "2018-03-31", "2018-12-31")):
            tasks.append(register_task(f"Argentina, up to {later[0]} → {later[1]} on", table, later=later))
    if (data / germany.FOLDER).is_dir():
        panel = germany.read(data)
        days = [germany.day(year) for year in range(1984, 1988)]
        table = table_of(germany.register(panel), days, "below_line", germany.LINES)
        tasks.append(register_task("Germany, entry", table, households=households, repeats=repeats))
        for year in (1986, 1987):
            later = (f"{year - 1}-06-30", f"{year}-06-30", f"{year}-06-30")
            tasks.append(register_task(f"Germany, up to {year - 1} → {year}", table, later=later, folds=3))
    return tasks


def synthetic_task(households: int, repeats: int) -> Task:
    """Newly monitored households of a synthetic register, two days."""
    register = fr.make_register(households, 0)
    days = [pd.Timestamp(2022, 12, 31), pd.Timestamp(2023, 12, 31)]
    return register_task("Synthetic register", table_of(register, days, "newly_monitored"), repeats=repeats)


def own_sets(repeats: int) -> list[Task]:
    """scikit-learn's sets and generators; constraints where a direction is known beforehand, for the reason given."""
    cancer, diabetes, digits, wine = (
        load(as_frame=True)
        for load in (datasets.load_breast_cancer, datasets.load_diabetes, datasets.load_digits, datasets.load_wine)
    )
    # Malignant nuclei are larger and of more irregular outline (Wolberg, Street & Mangasarian 1995).
    outline = ("radius", "perimeter", "area", "concavity", "concave points")
    malignant = {f"{how} {what}": 1 for how in ("mean", "worst") for what in outline}
    # Diabetes gets worse with weight, blood pressure, triglycerides (s5) and glucose (s6), not with HDL (s3).
    worse = {"bmi": 1, "bp": 1, "s5": 1, "s6": 1, "s3": -1}
    friedman, height = datasets.make_friedman1(6000, n_features=10, noise=1.0, random_state=0)
    clusters, rare = datasets.make_classification(
        6000, n_features=20, n_informative=8, n_redundant=4, weights=[0.97], flip_y=0, random_state=0
    )
    sets: list[tuple[str, pd.DataFrame | np.ndarray, np.ndarray | pd.Series, dict[str, int]]] = [
        ("breast_cancer, malignant", cancer.data, cancer.target == 0, malignant),
        ("diabetes, worst tenth", diabetes.data, diabetes.target > diabetes.target.quantile(0.9), worse),
        ("digits, an eight", digits.data, digits.target == 8, {}),
        ("wine, third cultivar", wine.data, wine.target == 2, {}),
        ("make_friedman1, top 3 %", friedman, height > np.quantile(height, 0.97), {"x3": 1, "x4": 1}),  # + 10 x3 + 5 x4
        ("make_classification, 3 %", clusters, rare == 1, {}),
    ]
    tasks = []
    for name, X, event, directions in sets:
        frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X).add_prefix("x")
        frame = frame[[column for column in frame if varies(frame[column])]].astype("float64")
        y, groups = np.asarray(event).astype("int64"), np.arange(len(frame))
        tasks.append(Task(name, OWN_SETS, frame, y, groups, directions, repeated_folds(y, groups, repeats)))
    return tasks


# --- figures ----------------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What was measured on a task.

    `scores[metric]` has a column per setting. Cross-validation: a row per split. Later days: the score itself in the
    first row, then the scores of resampled households.
    """

    task: Task
    scores: dict[str, pd.DataFrame]
    cost: pd.DataFrame  # index: setting; columns: trees, look_ups, microseconds

    def mean(self, metric: str, setting: Setting) -> float:
        """Return the score of a setting."""
        column = self.scores[metric][self.task.stands_for(setting)]
        return float(column.iloc[0] if self.task.later else column.mean())

    def difference(self, metric: str, a: Setting, b: Setting) -> Difference:
        """Return how much more setting `a` scores than `b`, paired.

        Cross-validation: the folds' training rows overlap, so the variance over J splits is not divided by J but
        multiplied by 1/J + n_test/n_train (Nadeau & Bengio 2003, Inference for the generalization error, Machine
        Learning 52). Later days: the spread over resampled households.
        """
        d = (self.scores[metric][self.task.stands_for(a)] - self.scores[metric][self.task.stands_for(b)]).to_numpy()
        if self.task.later:
            return Difference(float(d[0]), float(d[1:].std(ddof=1)), np.inf)
        ratio = float(np.mean([len(test) / len(train) for train, test in self.task.splits]))
        return Difference(float(d.mean()), float(np.sqrt((1 / len(d) + ratio) * d.var(ddof=1))), len(d) - 1)


def measure(task: Task, *, rows_timed: int = ROWS_TIMED, compiled: bool | None = True) -> Figures:
    """Fit every setting on every split and score it; explain rows by the models of the first split."""
    settings = task.settings()
    first: dict[Setting, HistGradientBoostingClassifier] = {}
    trees: dict[Setting, list[int]] = {s: [] for s in settings}
    risks: dict[Setting, list[np.ndarray]] = {s: [] for s in settings}
    for number, (train, test) in enumerate(tqdm(task.splits, desc=task.name, file=sys.stderr, leave=False)):
        for setting in settings:
            model = fit(task, train, setting, seed=number)
            first.setdefault(setting, model)
            trees[setting].append(model.n_iter_)
            risks[setting].append(model.predict_proba(task.X.to_numpy()[test])[:, 1])
    tests = [test for _, test in task.splits]
    if task.later:
        scores = resampled_scores(task, np.concatenate(tests), {s: np.concatenate(r) for s, r in risks.items()})
    else:
        rows = {s: [score(task.y[test], p) for test, p in zip(tests, risks[s], strict=True)] for s in settings}
        scores = {m: pd.DataFrame({s: [row[m] for row in rows[s]] for s in settings}) for m in METRICS}
    cost = cost_of_explanation(first, task.X.to_numpy(), rows_timed=rows_timed, compiled=compiled)
    cost["trees"] = pd.Series({s: float(np.mean(n)) for s, n in trees.items()})
    cost["look_ups"] = cost.pop("per_tree") * cost["trees"]
    return Figures(task, scores, cost)


def loss_of_rows(y: np.ndarray, risk: np.ndarray) -> np.ndarray:
    """Log loss of each row."""
    return -np.log(np.where(y == 1, risk, 1 - risk))


def score(y: np.ndarray, risk: np.ndarray) -> dict[str, float]:
    """Every metric."""
    figures = (average_precision_score(y, risk), loss_of_rows(y, risk).mean(), roc_auc_score(y, risk))
    return dict(zip(METRICS, map(float, figures), strict=True))


def resampled_scores(task: Task, test: np.ndarray, risks: dict[Setting, np.ndarray]) -> dict[str, pd.DataFrame]:
    """Scores of the rows tested, then of as many households drawn with replacement, the same for all settings."""
    y, rng = task.y[test], np.random.default_rng(0)
    known, code = np.unique(task.groups[test], return_inverse=True)
    draws = [
        np.bincount(rng.integers(len(known), size=len(known)), minlength=len(known))[code] for _ in range(RESAMPLES)
    ]
    scores = {
        metric: pd.DataFrame(index=range(RESAMPLES + 1), columns=list(risks), dtype="float64") for metric in METRICS
    }
    for setting, risk in risks.items():
        loss = loss_of_rows(y, risk)
        for metric, value in score(y, risk).items():
            scores[metric].loc[0, [setting]] = value
        scores["average precision"].loc[1:, [setting]] = [
            [average_precision_score(y, risk, sample_weight=w)] for w in draws
        ]
        scores["log loss"].loc[1:, [setting]] = [[np.average(loss, weights=w)] for w in draws]
    return scores


def cost_of_explanation(
    models: dict[Setting, HistGradientBoostingClassifier], X: np.ndarray, *, rows_timed: int, compiled: bool | None
) -> pd.DataFrame:
    """Look-ups per tree and measured time per row of ``fr.TreeShap``, by setting."""
    rows = np.resize(np.arange(len(X)), rows_timed)
    explainers = {setting: fr.TreeShap(model, compiled=compiled) for setting, model in models.items()}
    seconds: dict[Setting, list[float]] = {setting: [] for setting in models}
    for explainer in explainers.values():
        explainer.shap_values(X[rows])  # compiled code is loaded before the clock starts
    for _ in range(ROUNDS):
        for setting, explainer in explainers.items():
            start = time.perf_counter()
            explainer.shap_values(X[rows])
            seconds[setting].append(time.perf_counter() - start)
    return pd.DataFrame(
        {
            "microseconds": {s: 1e6 * float(np.median(taken)) / rows_timed for s, taken in seconds.items()},
            "per_tree": {
                s: sum(len(table.group) for table in e._tables) / models[s].n_iter_  # noqa: SLF001  one per look-up
                for s, e in explainers.items()
            },
        }
    )


# --- the verdict ------------------------------------------------------------------------------------------------------


def mean_difference(tasks: Sequence[Figures], metric: str, a: Setting, b: Setting) -> Difference:
    """Mean over tasks, each weighing as its events, taken as independent of each other."""
    each = [figures.difference(metric, a, b) for figures in tasks]
    weights = np.array([figures.task.events for figures in tasks], dtype="float64")
    weights /= weights.sum()
    squares = [(w * d.error) ** 2 for w, d in zip(weights, each, strict=True)]
    uncertain = sum(square**2 / d.freedom for square, d in zip(squares, each, strict=True))  # Welch & Satterthwaite
    freedom = sum(squares) ** 2 / uncertain if uncertain else np.inf
    return Difference(float(weights @ [d.mean for d in each]), float(np.sqrt(sum(squares))), freedom)


def within_noise(tasks: Sequence[Figures], metric: str) -> tuple[Setting, set[Setting]]:
    """Return the best setting, and all whose interval of what they fall short of it reaches zero."""
    sign = DECIDING[metric]
    settings = [s for s in SETTINGS if any(s in f.scores[metric] for f in tasks)]
    best = max(settings, key=lambda s: sign * mean_difference(tasks, metric, s, settings[0]).mean)
    short = {s: mean_difference(tasks, metric, best, s) for s in settings}
    return best, {s for s, d in short.items() if sign * d.mean <= d.reach}


def relative_cost(tasks: Sequence[Figures]) -> dict[str, float]:
    """Look-ups per row by shape, over those of the default's shape: geometric mean over tasks and both constraints."""
    logs = pd.DataFrame([np.log(f.cost["look_ups"]).groupby(lambda s: s.shape).mean() for f in tasks]).mean()
    return {shape: float(np.exp(logs[shape] - logs[DEFAULT.shape])) for shape in logs.index}


def cheapest(tasks: Sequence[Figures]) -> Setting | None:
    """Return the cheapest setting within noise of the best by both metrics.

    Costs less than SAME_COST apart are the same; of these the shallower trees are taken, and of two of one shape the
    constrained ones: constraints cost an explanation nothing and keep a promise to its reader.
    """
    good = set.intersection(*(within_noise(tasks, metric)[1] for metric in DECIDING))
    cost = relative_cost(tasks)
    least = min((cost[s.shape] for s in good), default=np.inf)
    return next((s for s in SETTINGS if s in good and cost[s.shape] <= least * SAME_COST), None)


def is_default(tasks: Sequence[Figures], setting: Setting | None) -> bool:
    """Return whether a setting is the package's, which is unconstrained where no direction is known."""
    return setting is not None and all(f.task.stands_for(setting) == f.task.stands_for(DEFAULT) for f in tasks)


def verdict(all_figures: Sequence[Figures]) -> str:
    """What the figures say, in sentences made from them."""
    chosen = {f.task.name: cheapest([f]) for f in all_figures}
    other = {f.task.name: chosen[f.task.name] for f in all_figures if not is_default([f], chosen[f.task.name])}
    lines = [
        f"The default ({DEFAULT}) is the cheapest within noise of the best on {len(all_figures) - len(other)} of "
        f"{len(all_figures)} tasks" + ("." if not other else "; not on:")
    ]
    for name, setting in other.items():
        figures = next(f for f in all_figures if f.task.name == name)
        if setting is None:
            lines.append(f"- {name}: no setting is within noise of the best by both metrics")
            continue
        gains = (text_of(m, figures.difference(m, setting, DEFAULT)) for m in DECIDING)
        lines.append(f"- {name}: {setting} ({', '.join(gains)} against the default)")
    for kind, tasks in groups_of(all_figures):
        setting = cheapest(tasks)
        bests = "; ".join(f"best by {m}: {within_noise(tasks, m)[0]}" for m in DECIDING)
        which = "the default" if is_default(tasks, setting) else "not the default"
        found = "none" if setting is None else f"{setting}, {which}"
        lines += ["", f"Mean over {kind} ({len(tasks)}): the cheapest within noise of the best is {found}; {bests}."]
        known = [f for f in tasks if f.task.directions]
        if known:
            free = Setting(DEFAULT.shape, False)
            gap = ", ".join(text_of(m, mean_difference(known, m, DEFAULT, free)) for m in DECIDING)
            lines.append(f"Constraints at {DEFAULT.shape}, where directions are known, change {gap}.")
    return "\n".join(lines)


def groups_of(all_figures: Sequence[Figures]) -> list[tuple[str, list[Figures]]]:
    """Tasks by kind, and all of them."""
    kinds = list(dict.fromkeys(f.task.kind for f in all_figures))
    groups = [(kind, [f for f in all_figures if f.task.kind == kind]) for kind in kinds]
    return groups if len(kinds) == 1 else [*groups, ("all tasks", list(all_figures))]


def text_of(metric: str, difference: Difference) -> str:
    """Write a difference with its interval."""
    low, high = difference.mean - difference.reach, difference.mean + difference.reach
    return f"{metric} by {difference.mean:+.4f} [{low:+.4f}, {high:+.4f}]"


# --- the report -------------------------------------------------------------------------------------------------------


def markdown(rows: list[list[str]], head: list[str]) -> str:
    """Write a table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def cell(d: Difference) -> str:
    """Write a difference with half the width of its interval; nothing where there is none."""
    return f"{d.mean:+.4f} ± {d.reach:.4f}" if d.mean or d.error else ""


def task_section(figures: Figures) -> str:
    """Markdown of one task."""
    task, settings = figures.task, figures.task.settings()
    noise = {metric: within_noise([figures], metric)[1] for metric in DECIDING}
    base = task.stands_for(DEFAULT)
    rows = []
    for s in settings:
        cost, reference = figures.cost.loc[[s]].iloc[0], figures.cost.loc[[base]].iloc[0]
        rows.append(
            [
                f"**{s}**" if s == cheapest([figures]) else str(s),
                *(f"{figures.mean(metric, s):.4f}" + ("*" if s in noise.get(metric, ()) else "") for metric in METRICS),
                *(cell(figures.difference(metric, s, base)) for metric in DECIDING),
                f"{cost['trees']:.0f}",
                f"{cost['look_ups'] / reference['look_ups']:.2f}",
                f"{cost['microseconds'] / reference['microseconds']:.2f}",
            ]
        )
    tested = task.y[task.tested]
    where = (
        f"trained on {np.mean([len(train) for train, _ in task.splits]):,.0f} rows, tested on {len(tested):,} of later days"
        if task.later
        else f"{len(tested):,} rows, {len(task.splits) // FOLDS} x {FOLDS} folds"
    )
    known = (
        f"directions known for {len(task.directions)} of {task.X.shape[1]} features"
        if task.directions
        else "no direction known"
    )
    head = ["", *METRICS, *(f"Δ {m}" for m in DECIDING), "trees", "look-ups", "time"]
    return f"### {task.name}\n\nBase rate {tested.mean():.3f}, {tested.sum():,} events; {where}; {known}.\n\n{markdown(rows, head)}\n"


def overall_section(kind: str, tasks: Sequence[Figures]) -> str:
    """Markdown of the means over tasks."""
    noise = {metric: within_noise(tasks, metric)[1] for metric in DECIDING}
    cost, rows = relative_cost(tasks), []
    for s in (s for s in SETTINGS if any(s in f.task.settings() for f in tasks)):
        times = [f.cost.loc[[f.task.stands_for(x)], "microseconds"].iloc[0] for f in tasks for x in (s, DEFAULT)]
        slower = np.exp(np.mean(np.log(times[0::2]) - np.log(times[1::2])))
        near = sum(all(f.task.stands_for(s) in within_noise([f], m)[1] for m in DECIDING) for f in tasks)
        rows.append(
            [
                f"**{s}**" if s == cheapest(tasks) else str(s),
                *(cell(mean_difference(tasks, m, s, DEFAULT)) + ("*" if s in noise[m] else "") for m in DECIDING),
                f"{near} of {len(tasks)}",
                f"{cost[s.shape]:.2f}",
                f"{slower:.2f}",
            ]
        )
    head = ["", *(f"Δ {m}" for m in DECIDING), "within noise of the best", "look-ups", "time"]
    return f"### Mean over {kind}\n\n{markdown(rows, head)}\n"


def report(all_figures: Sequence[Figures], *, command: str, seconds: float, note: str = "") -> str:
    """Write everything as markdown."""
    versions = (
        f"fanpin_risk {fr.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}, "
        f"pandas {pd.__version__}, Python {platform.python_version()}"
    )
    return "\n".join(
        [
            f"`{command}`, {datetime.now(UTC).date()}, {seconds:.0f} s, {versions}.\n",
            *([f"{note}\n"] if note else []),
            f"## Verdict\n\n{verdict(all_figures)}\n",
            "## Overall\n",
            *(overall_section(kind, tasks) for kind, tasks in groups_of(all_figures)),
            "## By task\n",
            *(task_section(figures) for figures in all_figures),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder whose README.md takes the tables")
    parser.add_argument("--households", type=int, default=8000, help="most households of a cross-validation")
    parser.add_argument("--repeats", type=int, default=2, help="of the five folds")
    parser.add_argument("--jobs", type=int, default=1, help="processes over which tasks are spread")
    options = parser.parse_args()
    start = time.perf_counter()
    data, note = os.environ.get("FANPIN_DATA", ""), ""
    tasks = panel_tasks(Path(data), options.households, options.repeats) if data else []
    if not tasks:
        note = "Without the real panels: FANPIN_DATA does not name their folder (see benchmarks/real_panels)."
        say(note)
    tasks += [synthetic_task(options.households, options.repeats), *own_sets(options.repeats)]
    run_all = Parallel(n_jobs=options.jobs)
    all_figures = run_all(delayed(measure)(task) for task in tasks)
    command = f"python benchmarks/depth.py --households {options.households} --repeats {options.repeats}"
    text = report(all_figures, command=command, seconds=time.perf_counter() - start, note=note)
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        write(options.out / "README.md", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
