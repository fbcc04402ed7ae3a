"""What an explanation costs: contributions by fanpin_risk and by its peers beside plain predictions, and how it grows.

    python benchmarks/explain.py [--quick] [--out folder]

Prints markdown; --out also writes it to README.md in the folder, with a picture of the growth. Peers that are not
installed are said to be so: pip install --group benchmark (of pyproject.toml).

All in one run on made-up rows. Every library fits its own model of the same shape, and the methods take turns, round by
round in changing order. A time is the processor time of the whole process, which other programs on the machine do not
add to, with all libraries held to one thread; figures are medians over the rounds, ratios are taken within a round.
"""

from __future__ import annotations

import os

# Read by the libraries when they are loaded. The threads of TreeShap itself are asked for in its call.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

import argparse
import pickle
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from figures import Targets, load, machine, markdown_table, number, peer, say
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

import fanpin_risk as fr

FEATURES = 60
MISSING = 0.1
LEARNING_RATE = 0.05
LEAST_IN_LEAF = 20
NATION = 29.48e6  # rows that the extrapolation is for
FEW_ROWS = 100  # a call as good as empty: what it costs is paid by every call
MANY_ROWS = 20_000  # fewer would charge the fixed cost of a call to too few rows
ROWS_CHECKED = 200  # rows of which contributions are compared with those of others
GROWTH_ROUNDS = 3
SAME_ROWS = 1_000  # rows of the first call of a process

HIST, XGB, LGBM = (f"{name} predict_proba" for name in ("HistGradientBoosting", "XGBoost", "LightGBM"))
IN_CACHE = 2_000  # rows that stay in the cache while every tree goes over them
HIST_BLOCKS = f"{HIST}, {IN_CACHE:,} rows at a time"
OURS, OURS32, NUMPY = "TreeShap, numba", "TreeShap, numba, float32", "TreeShap, NumPy"
AGAINST = "TreeShap, numba, interventional"
SHAP, XGB_CONTRIBS, LGBM_CONTRIB = "shap.TreeExplainer", "XGBoost pred_contribs", "LightGBM pred_contrib"
WOODELF, WOODELF_FEW = "woodelf", f"woodelf, {FEW_ROWS} rows"
WOODELF_REST = "woodelf, fixed cost of a call taken off"
LIBRARIES = ("numpy", "scikit-learn", "numba", "shap", "xgboost", "lightgbm", "woodelf-explainer")
IN_PICTURE = {
    OURS: "#0072b2",
    NUMPY: "#56b4e9",
    SHAP: "#d55e00",
    XGB_CONTRIBS: "#009e73",
    LGBM_CONTRIB: "#e69f00",
    WOODELF: "#cc79a7",
}


# --- what is measured -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """How large a model is: depth, or leaves where depth is free."""

    trees: int
    depth: int | None = None
    leaves: int | None = None

    def __str__(self) -> str:
        return f"{self.leaves} leaves" if self.depth is None else f"depth {self.depth}"


@dataclass(frozen=True)
class Settings:
    """How much is done."""

    rounds: int
    rows: int
    seconds: float
    trees: int
    train_rows: int
    background_rows: int
    shapes: tuple[str, ...]
    growth_trees: tuple[int, ...]
    growth_leaves: tuple[int, ...]
    longest: float  # s of a call; the picture leaves out what takes longer

    def shape(self, name: str) -> Shape:
        return Shape(self.trees, leaves=31) if name == "31" else Shape(self.trees, depth=int(name))


FULL = Settings(
    rounds=5,
    rows=300_000,
    seconds=0.3,
    trees=300,
    train_rows=20_000,
    background_rows=40_000,
    shapes=("3", "4", "6", "31"),
    growth_trees=(10, 30, 100, 300, 1000),
    growth_leaves=(4, 8, 16, 31, 64),
    longest=3.0,
)
QUICK = replace(
    FULL,
    rounds=2,
    rows=20_000,
    seconds=0.05,
    train_rows=3_000,
    shapes=("3", "4"),
    growth_trees=(10, 100),
    growth_leaves=(4, 8),
    longest=0.2,
)


def make_rows(n_rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows with missing values, and the class of each: straight, bent and joint effects, and noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, FEATURES))
    slopes = np.random.default_rng(0).normal(scale=0.3, size=FEATURES)
    margin = X @ slopes + X[:, 0] * X[:, 1] - np.abs(X[:, 2]) + np.sin(3 * X[:, 3]) - 1
    y = margin + rng.logistic(size=n_rows) > 0
    X[rng.random(X.shape) < MISSING] = np.nan
    return X, y.astype(np.int64)


@cache
def fit(shape: Shape, train_rows: int) -> dict[str, Any]:
    """Return one fitted model of the shape per library; of a library that is not there, the reason."""
    X, y = make_rows(train_rows, seed=1)
    models: dict[str, Any] = {
        "sklearn": HistGradientBoostingClassifier(
            max_iter=shape.trees,
            max_depth=shape.depth,
            max_leaf_nodes=shape.leaves,
            min_samples_leaf=LEAST_IN_LEAF,
            learning_rate=LEARNING_RATE,
            early_stopping=False,
            random_state=0,
        ).fit(X, y)
    }
    xgboost, lightgbm = peer("xgboost"), peer("lightgbm")
    models["xgboost"] = xgboost
    if not isinstance(xgboost, str):
        models["xgboost"] = xgboost.XGBClassifier(
            n_estimators=shape.trees,
            max_depth=shape.depth or 0,
            max_leaves=shape.leaves or 0,
            grow_policy="lossguide" if shape.leaves else "depthwise",
            min_child_weight=LEAST_IN_LEAF / 4,  # in XGBoost a row weighs at most a quarter
            learning_rate=LEARNING_RATE,
            tree_method="hist",
            n_jobs=1,
        ).fit(X, y)
    models["lightgbm"] = lightgbm
    if not isinstance(lightgbm, str):
        data = lightgbm.Dataset(X, y)
        how = {
            "objective": "binary",
            "max_depth": shape.depth or -1,
            "num_leaves": shape.leaves or 2**shape.depth,
            "min_data_in_leaf": LEAST_IN_LEAF,
            "learning_rate": LEARNING_RATE,
            "num_threads": 1,
            "verbose": -1,
        }
        models["lightgbm"] = lightgbm.train(how, data, shape.trees)
    return models


def leaves_per_tree(models: Mapping[str, Any]) -> str:
    """Say how many leaves the trees came to have."""
    trees = [predictor.nodes for (predictor,) in models["sklearn"]._predictors]  # noqa: SLF001
    means = {"HistGradientBoosting": np.mean([nodes["is_leaf"].sum() for nodes in trees])}
    if not isinstance(models["xgboost"], str):
        means["XGBoost"] = (models["xgboost"].get_booster().trees_to_dataframe().groupby("Tree").size() + 1).mean() / 2
    if not isinstance(models["lightgbm"], str):
        means["LightGBM"] = np.mean([tree["num_leaves"] for tree in models["lightgbm"].dump_model()["tree_info"]])
    return ", ".join(f"{name} {mean:.1f}" for name, mean in means.items())


@dataclass
class Method:
    """A way to predict or explain: rows -> the call to be timed, with everything that can be made before."""

    prepare: Callable[[np.ndarray], Callable[[], Any]]
    rows: int = 0  # in one call
    at_least: int = 16
    seconds: float = 1.0  # share of the usual time

    def calibrate(self, X: np.ndarray, seconds: float) -> float:
        """Find the rows that keep a call busy for about the given time, and return the time; the calls also warm up."""
        self.prepare(X[:2])()
        wanted, self.rows = seconds * self.seconds, min(len(X), self.at_least)
        while True:
            took = cpu_seconds(self.prepare(X[: self.rows]))
            if took >= wanted / 2 or self.rows == len(X):
                return took
            grown = min(64.0, max(2.0, wanted / max(took, 1e-6)))
            self.rows = min(len(X), two_digits(self.rows * grown))


def usable(found: dict[str, Method | str], X: np.ndarray, seconds: float) -> dict[str, Method]:
    """Calibrate the methods and return them; in `found`, one that refuses the model is replaced by its reason."""
    for name, method in found.items():
        if isinstance(method, Method):
            try:
                method.calibrate(X, seconds)
            except (AssertionError, KeyError, NotImplementedError, TypeError, ValueError) as error:
                found[name] = f"refused: {error}"
    return {name: method for name, method in found.items() if isinstance(method, Method)}


def two_digits(number: float) -> int:
    """Round to two digits."""
    return int(float(f"{number:.1e}"))


def cpu_seconds(call: Callable[[], Any]) -> float:
    """Processor time of a call, all threads together."""
    start = time.process_time()
    call()
    return time.process_time() - start


def explainer_of(
    model: Any, background: np.ndarray | None = None, *, compiled: bool = True, **options: Any
) -> Callable[[np.ndarray], Callable[[], Any]]:
    """TreeShap as a method."""
    explainer = fr.TreeShap(model, background, compiled=compiled, **{"n_jobs": 1, **options})
    return lambda X: lambda: explainer.shap_values(X)


def shap_of(model: Any) -> Callable[[np.ndarray], Callable[[], Any]]:
    """shap.TreeExplainer as a method, without its check of the sums."""
    explainer = peer("shap").TreeExplainer(model, feature_perturbation="tree_path_dependent")
    return lambda X: lambda: explainer.shap_values(X, check_additivity=False)


def woodelf_of(model: Any) -> Callable[[np.ndarray], Callable[[], Any]]:
    """Woodelf as a method, path-dependent."""
    explainer = peer("woodelf").WoodelfExplainer(model)  # reads the trees in its first call

    def prepare(X: np.ndarray) -> Callable[[], Any]:
        frame = pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])])
        return lambda: explainer.shap_values(frame, verbose=False)

    return prepare


def contributions(models: Mapping[str, Any]) -> dict[str, Method | str]:
    """Ways to explain that stand in the picture; of one that is not there, the reason."""
    model = models["sklearn"]
    found: dict[str, Method | str] = {
        OURS: Method(explainer_of(model), at_least=MANY_ROWS),
        NUMPY: Method(explainer_of(model, compiled=False), at_least=MANY_ROWS),
        SHAP: Method(shap_of(model)),
        XGB_CONTRIBS: models["xgboost"],
        LGBM_CONTRIB: models["lightgbm"],
        WOODELF: peer("woodelf"),
    }
    if not isinstance(models["xgboost"], str):
        booster, matrix = models["xgboost"].get_booster(), peer("xgboost").DMatrix

        def contribs(X: np.ndarray) -> Callable[[], Any]:
            rows = matrix(X, nthread=1)
            return lambda: booster.predict(rows, pred_contribs=True)

        found[XGB_CONTRIBS] = Method(contribs)
    if not isinstance(models["lightgbm"], str):
        lgbm = models["lightgbm"]
        found[LGBM_CONTRIB] = Method(lambda X: lambda: lgbm.predict(X, pred_contrib=True, num_threads=1))
    if not isinstance(found[WOODELF], str):
        found[WOODELF] = Method(woodelf_of(model), at_least=MANY_ROWS, seconds=3)
    return found


def all_methods(models: Mapping[str, Any], background: np.ndarray) -> dict[str, Method | str]:
    """All that is measured with the models of one shape."""
    model, xgb, lgbm = models["sklearn"], models["xgboost"], models["lightgbm"]
    found: dict[str, Method | str] = {
        HIST: Method(lambda X: lambda: model.predict_proba(X), at_least=MANY_ROWS),
        XGB: xgb if isinstance(xgb, str) else Method(lambda X: lambda: xgb.predict_proba(X), at_least=MANY_ROWS),
        LGBM: lgbm
        if isinstance(lgbm, str)
        else Method(lambda X: lambda: lgbm.predict(X, num_threads=1), at_least=MANY_ROWS),
    }
    found[HIST_BLOCKS] = Method(
        lambda X: lambda: [model.predict_proba(X[i : i + IN_CACHE]) for i in range(0, len(X), IN_CACHE)],
        at_least=MANY_ROWS,
    )
    found |= contributions(models)
    found[OURS32] = Method(explainer_of(model, dtype="float32"), at_least=MANY_ROWS)
    found[AGAINST] = Method(explainer_of(model, background), at_least=MANY_ROWS)
    found[WOODELF_FEW] = woodelf = found[WOODELF]
    if isinstance(woodelf, Method):
        found[WOODELF_FEW] = Method(woodelf.prepare, at_least=FEW_ROWS, seconds=0)
    return found


# --- measuring --------------------------------------------------------------------------------------------------------


@dataclass
class Threads:
    """Times as fast by the clock with two threads as with one: TreeShap, and a control that shares nothing."""

    ours: float
    control: float
    turns: int


@dataclass
class Result:
    """Of one shape: microseconds per row by method and round, rows per call, and what else was found."""

    micros: dict[str, np.ndarray | str]
    rows: dict[str, int]
    leaves: str
    set_up: dict[str, float]
    gaps: dict[str, float]
    threads: Threads | None = None

    def median(self, name: str) -> float:
        return float(np.median(self.micros[name]))

    def ratio(self, name: str, base: str) -> float:
        """Median over the rounds of how many times as long a method takes; NaN if it is not there."""
        if isinstance(self.micros[name], str):
            return np.nan
        return float(np.median(self.micros[name] / self.micros[base]))


def take_turns(methods: Mapping[str, Method], X: np.ndarray, rounds: int) -> dict[str, np.ndarray]:
    """Microseconds per row of every method, round by round, in an order drawn anew for every round.

    A turn is two calls, of which the second counts: the first is given memory that the system has to clear or, on a
    virtual machine, to get from its host, which can take as long as what is compared.
    """
    calls = {name: method.prepare(X[: method.rows]) for name, method in methods.items()}
    order = np.random.default_rng(0)
    took: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(rounds):
        for name in order.permutation(list(methods)):
            calls[name]()
            took[name].append(cpu_seconds(calls[name]) / methods[name].rows * 1e6)
    return {name: np.array(each) for name, each in took.items()}


def measure(shape: Shape, X: np.ndarray, background: np.ndarray, settings: Settings, *, threads: bool) -> Result:
    """Measure everything with the models of one shape."""
    say(f"{shape}: fitting")
    models = fit(shape, settings.train_rows)
    model = models["sklearn"]
    peer("shap")  # loading it is not charged to the explainer
    set_up = {
        "TreeShap": cpu_seconds(lambda: fr.TreeShap(model)),
        f"TreeShap, interventional, {len(background):,} rows": cpu_seconds(lambda: fr.TreeShap(model, background)),
        "shap.TreeExplainer": cpu_seconds(lambda: shap_of(model)),
    }
    found = all_methods(models, background)
    say(f"{shape}: how many rows")
    there = usable(found, X, settings.seconds)
    say(f"{shape}: {settings.rounds} rounds")
    micros: dict[str, np.ndarray | str] = {name: why for name, why in found.items() if isinstance(why, str)}
    micros |= take_turns(there, X, settings.rounds)
    rows = {name: method.rows for name, method in there.items()}
    micros[WOODELF_REST] = micros[WOODELF]
    if WOODELF in rows:
        many, few = rows[WOODELF], rows[WOODELF_FEW]
        rest = micros[WOODELF] * many - micros[WOODELF_FEW] * few
        micros[WOODELF_REST] = rest / max(1, many - few)
    result = Result(micros, rows, leaves_per_tree(models), set_up, gaps(found, model, X))
    if threads:
        result.threads = two_threads(model, X, 2 * settings.rounds)
    return result


def gaps(methods: Mapping[str, Method | str], model: Any, X: np.ndarray) -> dict[str, float]:
    """Largest gap between base + sum and the margin, and between our contributions and those of others."""
    margin = model.decision_function(X)

    def off(explainer: fr.TreeShap) -> float:
        values, base = explainer.shap_values(X)
        return float(np.abs(base + values.sum(axis=1, dtype=np.float64) - margin).max())

    few = X[:ROWS_CHECKED]
    ours, _ = fr.TreeShap(model).shap_values(few)
    found = {
        "additivity, float64": off(fr.TreeShap(model, compiled=True)),
        "additivity, float32": off(fr.TreeShap(model, compiled=True, dtype="float32")),
    }
    for name in (SHAP, WOODELF):
        method = methods[name]
        found[f"difference to {name}"] = (
            np.nan if isinstance(method, str) else float(np.abs(ours - method.prepare(few)()).max())
        )
    return found


def two_threads(model: Any, X: np.ndarray, turns: int) -> Threads:
    """Compare two threads with one; the control tells what the machine had to give at that time.

    By the clock, and therefore the best of the turns each: other programs can only slow them down.
    """
    halves = np.array_split(np.random.default_rng(0).random(4 * len(X)), 2)
    with ThreadPoolExecutor(2) as pool:
        calls = (
            *(explainer_of(model, n_jobs=n)(X) for n in (1, 2)),
            lambda: list(map(np.sort, halves)),
            lambda: list(pool.map(np.sort, halves)),
        )
        took = np.array([[clock_seconds(call) for call in calls] for _ in range(turns)])
    one, two, control_one, control_two = took.min(axis=0)
    return Threads(float(one / two), float(control_one / control_two), turns)


def clock_seconds(call: Callable[[], Any]) -> float:
    """Seconds of a call by the clock."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


FIRST_CALL = """
import pickle, sys, time
from pathlib import Path
import fanpin_risk as fr
model, X = pickle.loads(Path(sys.argv[1]).read_bytes())
start = time.process_time()
import numba
numba_alone = time.process_time() - start
explainer = fr.TreeShap(model, compiled=True)
times = [time.process_time()]
for _ in range(2):
    explainer.shap_values(X)
    times.append(time.process_time())
print(numba_alone, (times[1] - times[0]) - (times[2] - times[1]))
"""


@dataclass
class StartUp:
    """Seconds (processor time) that the first call of a fresh process takes longer than the second."""

    cold: float  # nothing compiled yet
    cached: float  # compiled code on disk, median
    numba: float  # part of both: loading numba, median


def start_up(model: Any, X: np.ndarray, rounds: int) -> StartUp:
    """Measure the first call of fresh processes."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "model.pickle"
        kept.write_bytes(pickle.dumps((model, X[:SAME_ROWS])))
        command = [sys.executable, "-c", FIRST_CALL, str(kept)]
        environment = os.environ | {"NUMBA_CACHE_DIR": str(Path(folder) / "cache")}
        answers = [
            subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
            for _ in range(1 + rounds)
        ]
    numba, code = np.array([[float(word) for word in answer.split()] for answer in answers]).T
    return StartUp(code[0] + numba[0], float(np.median(code[1:] + numba[1:])), float(np.median(numba)))


# --- growth -----------------------------------------------------------------------------------------------------------

Curve = dict[str, tuple[list[float], list[float]]]  # method -> x, y


def growth(X: np.ndarray, settings: Settings) -> dict[str, Curve]:
    """Seconds per call by rows, and microseconds per row by trees and by leaves."""
    base = fit(Shape(settings.trees, depth=3), settings.train_rows)
    counts = [n for n in (1, 10, 100, 1_000, 10_000, 100_000) if n < len(X)] + [len(X)]
    return {
        "rows": by_rows(base, X, counts, settings),
        "trees": by_size({n: Shape(n, depth=3) for n in settings.growth_trees}, X, settings),
        "leaves": by_size({n: Shape(settings.trees, leaves=n) for n in settings.growth_leaves}, X, settings),
    }


def by_rows(models: Mapping[str, Any], X: np.ndarray, counts: list[int], settings: Settings) -> Curve:
    """Seconds per call; a method leaves when its next call would take too long."""
    methods = {name: m for name, m in contributions(models).items() if isinstance(m, Method)}
    curve: Curve = {}
    for n, following in zip(counts, [*counts[1:], counts[-1]], strict=True):
        say(f"growth: {n:,} rows")
        for method in methods.values():
            method.rows = n
            method.prepare(X[:n])()
        for name, micros in take_turns(methods, X, min(GROWTH_ROUNDS, settings.rounds)).items():
            add(curve, name, n, float(np.median(micros)) * n / 1e6)
        # A call costs something fixed, as one row does, and something per row.
        first_last = {name: (curve[name][1][0], curve[name][1][-1]) for name in methods}
        expected = {name: one + (last - one) * following / n for name, (one, last) in first_last.items()}
        methods = {name: method for name, method in methods.items() if expected[name] < settings.longest}
    return curve


def by_size(shapes: Mapping[int, Shape], X: np.ndarray, settings: Settings) -> Curve:
    """Microseconds per row, models of growing size; a method leaves when a call took too long."""
    curve: Curve = {}
    left: set[str] = set()
    for size, shape in shapes.items():
        say(f"growth: {shape.trees} trees, {shape}")
        found = {name: m for name, m in contributions(fit(shape, settings.train_rows)).items() if name not in left}
        methods = usable(found, X, settings.seconds)
        slow = {name for name, method in methods.items() if cpu_seconds(method.prepare(X[:2])) > settings.longest}
        left |= slow
        methods = {name: method for name, method in methods.items() if name not in slow}
        for name, micros in take_turns(methods, X, min(GROWTH_ROUNDS, settings.rounds)).items():
            add(curve, name, size, float(np.median(micros)))
    return curve


def add(curve: Curve, name: str, x: float, y: float) -> None:
    xs, ys = curve.setdefault(name, ([], []))
    xs.append(x)
    ys.append(y)


def draw(curves: Mapping[str, Curve], path: Path, settings: Settings) -> None:
    """Write the picture: three panels, both scales logarithmic."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    titles = {
        "rows": ("rows in a call", "seconds per call", f"{settings.trees} trees of depth 3"),
        "trees": ("trees", "µs per row", "trees of depth 3, many rows"),
        "leaves": ("leaves per tree", "µs per row", f"{settings.trees} trees grown leaf by leaf, many rows"),
    }
    figure, panels = plt.subplots(1, 3, figsize=(13, 4.6), layout="constrained")
    for panel, (what, curve) in zip(panels, curves.items(), strict=True):
        x_label, y_label, title = titles[what]
        for name, (x, y) in curve.items():
            ours = name in (OURS, NUMPY)
            panel.plot(x, y, "o-" if ours else "s--", color=IN_PICTURE[name], lw=2.2 if ours else 1.3, ms=4, label=name)
        panel.set(xscale="log", yscale="log", xlabel=x_label, ylabel=y_label)
        panel.set_title(title, fontsize=10)
        panel.grid(visible=True, which="major", color="0.88")
        panel.spines[["top", "right"]].set_visible(False)
    for panel, ticks in zip(panels[1:], (settings.growth_trees, settings.growth_leaves), strict=True):
        panel.set_xticks(ticks, [str(n) for n in ticks])
        panel.set_xticks([], minor=True)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


# --- tables -----------------------------------------------------------------------------------------------------------


def by_shape(results: Mapping[str, Result], names: Iterable[str], cell: Callable[[Result, str], str]) -> str:
    """Table with a line per method and a column per shape."""
    return markdown_table(
        ["", *results], ([name, *(cell(result, name) for result in results.values())] for name in names)
    )


def micros_cell(result: Result, name: str) -> str:
    micros = result.micros[name]
    return micros if isinstance(micros, str) else number(result.median(name))


def targets(results: Mapping[str, Result], start: StartUp) -> str:
    """Table of the targets, of what was found, and of whether that is enough."""
    lines = Targets()
    if (result := results.get("depth 3")) is not None:
        for name, numba, numpy in (
            (SHAP, 100, 35),
            (LGBM_CONTRIB, 100, 40),
            (XGB_CONTRIBS, 100, 40),
            (WOODELF, 25, 10),
            (WOODELF_REST, 25, 10),
            (HIST, 8, 3),
            (HIST_BLOCKS, 8, 3),
        ):
            lines.at_least(f"{name} : numba", numba, result.ratio(name, OURS), " x")
            lines.at_least(f"{name} : NumPy", numpy, result.ratio(name, NUMPY), " x")
    if (deep := results.get("depth 6")) is not None:
        lines.at_least(f"{SHAP} : numba, depth 6", 150, deep.ratio(SHAP, OURS), " x")
    if result is not None:
        lines.at_most("interventional : path-dependent, numba", 1.1, result.ratio(AGAINST, OURS), " x")
    for kind, most in (("float64", 1e-12), ("float32", 5e-6)):
        worst = max(each.gaps[f"additivity, {kind}"] for each in results.values())
        lines.at_most(f"additivity, {kind}, worst of all shapes", most, worst)
    if result is not None and result.threads is not None:
        lines.at_least("one thread : two threads, by the clock", 1.8, result.threads.ours, " x")
    lines.at_most("first call of a process, compiled code cached, with loading numba", 0.5, start.cached, " s")
    lines.at_most("the same without loading numba", 0.5, start.cached - start.numba, " s")
    if result is not None:
        lines.at_most("the nation on one core, extrapolated", 35, result.median(OURS) * NATION / 1e6, " s")
    return str(lines)


def spread(result: Result) -> float:
    """Largest distance between a round and the median of a method, relative to it."""
    return max(
        float(np.abs(micros / np.median(micros) - 1).max())
        for name, micros in result.micros.items()
        if not isinstance(micros, str) and name not in (WOODELF_FEW, WOODELF_REST)
    )


def report(command: str, results: Mapping[str, Result], start: StartUp, settings: Settings, about: str) -> str:
    """Return all in markdown; `about` tells how long it took and on what machine."""
    first = next(iter(results.values()))
    methods = (
        HIST,
        HIST_BLOCKS,
        XGB,
        LGBM,
        OURS,
        OURS32,
        AGAINST,
        NUMPY,
        SHAP,
        XGB_CONTRIBS,
        LGBM_CONTRIB,
        WOODELF,
        WOODELF_REST,
    )
    others = [name for name in methods if name not in (OURS, OURS32, AGAINST, NUMPY)]
    worst = max(spread(result) for result in results.values())
    nation = {name: first.median(name) * NATION / 1e6 for name in (OURS, OURS32, NUMPY, SHAP)}
    text = f"""\
# What an explanation costs

`{command}`, {datetime.now(UTC).date()}, {about}.

Made-up rows of {FEATURES} features, {100 * MISSING:.0f} % of the values missing; {settings.trees} trees, trained on \
{settings.train_rows:,} rows; every library has its own model of the same shape. Methods take turns, {settings.rounds} \
rounds in changing order, and of the two calls of a turn the second counts, for which memory is at hand. Times are \
processor time of the process, all libraries held to one thread, so that other work on the machine counts little; \
medians over the rounds. Ratios are taken within a round, then their median. The farthest round of any method was \
{100 * worst:.0f} % off its median. A call has so many rows (last table) that it takes about {settings.seconds:g} s, at \
most {settings.rows:,}. In favour of the others: XGBoost's matrix is made before the clock starts, and shap's own check \
of the sums is off, while that of TreeShap is on.

## Targets

{FULL.trees} trees of depth 3, path-dependent and float64, unless said otherwise.{few_trees(settings)}

{targets(results, start)}
## Microseconds per row

{by_shape(results, methods, micros_cell)}
Interventional: against {settings.background_rows:,} rows. woodelf prepares the trees anew in every call: its first line is \
the whole call, its second takes off what a call of {FEW_ROWS} rows costs, which is what remains with very many rows.

## Times as long as TreeShap takes (numba / NumPy)

{by_shape(results, others, lambda r, name: f"{number(r.ratio(name, OURS))} / {number(r.ratio(name, NUMPY))}")}
## Exactness

Largest gap between base + sum and the margin, {settings.rows:,} rows; largest difference of a contribution, \
{min(ROWS_CHECKED, settings.rows)} rows. woodelf answers in float32.

{by_shape(results, first.gaps, lambda r, name: "-" if np.isnan(r.gaps[name]) else f"{r.gaps[name]:.1e}")}
## Once

Seconds to set up an explainer for a model, measured once:

{by_shape(results, first.set_up, lambda r, name: number(r.set_up[name], 2))}
The first call of a fresh process takes {start.cold:.1f} s longer than the second when nothing is compiled yet, and \
{start.cached:.2f} s when the compiled code is on disk; loading numba, {start.numba:.2f} s, is part of both.
{threads_line(first)}
## The nation, extrapolated

{NATION / 1e6:.2f} M rows on one core, {next(iter(results))}: {seconds_of(nation)}. This multiplies the microseconds above; \
reading and writing the rows is not in it.

## Growth

![Cost of contributions by rows, trees and leaves](growth.png)

Calls that take longer than about {settings.longest:g} s are left out.

## Rows in a call, leaves per tree

{by_shape(results, [name for name in methods if name != WOODELF_REST], rows_cell)}
"""
    return text + "".join(f"- {shape}: {result.leaves}\n" for shape, result in results.items())


def few_trees(settings: Settings) -> str:
    return "" if settings.trees == FULL.trees else f" Here are {settings.trees}: the verdicts say nothing."


def rows_cell(result: Result, name: str) -> str:
    return f"{result.rows[name]:,}" if name in result.rows else "-"


def seconds_of(times: Mapping[str, float]) -> str:
    return "; ".join(f"{name}: {number(value, 2)} s" for name, value in times.items())


def threads_line(result: Result) -> str:
    """Sentence on two threads."""
    if (threads := result.threads) is None:
        return ""
    return (
        f"\nTwo threads are {threads.ours:.2f} times as fast as one (depth 3, numba, by the clock, best of {threads.turns} "
        f"turns each). A control that shares nothing, two sorts, gained {threads.control:.2f} times at the same moments.\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="less of everything: under a minute, noisy")
    parser.add_argument("--out", type=Path, help="folder to write README.md and growth.png to")
    parser.add_argument("--rounds", type=int, help="times that every method has its turn")
    parser.add_argument("--rows", type=int, help="most rows of a call")
    parser.add_argument("--seconds", type=float, help="about how long a call should take")
    parser.add_argument("--trees", type=int, help="trees of a model")
    options = parser.parse_args()
    given = {name: getattr(options, name) for name in ("rounds", "rows", "seconds", "trees")}
    if any(value is not None and value <= 0 for value in given.values()):
        parser.error("--rounds, --rows, --seconds and --trees must be more than 0")
    settings = replace(
        QUICK if options.quick else FULL, **{name: value for name, value in given.items() if value is not None}
    )
    command = "python benchmarks/explain.py" + " --quick" * options.quick
    command += "".join(f" --{name} {value:g}" for name, value in given.items() if value is not None)

    begin, busy = time.perf_counter(), [load()]
    X, _ = make_rows(settings.rows, seed=2)
    background, _ = make_rows(settings.background_rows, seed=3)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # what the peers say about each other's versions
        shapes = [settings.shape(name) for name in settings.shapes]
        results = {
            str(shape): measure(shape, X, background, settings, threads=number == 0)
            for number, shape in enumerate(shapes)
        }
        say("first call of a process")
        start = start_up(fit(shapes[0], settings.train_rows)["sklearn"], X, settings.rounds)
        curves = growth(X, settings) if options.out else {}
    if options.out:
        command += f" --out {options.out.as_posix() if not options.out.is_absolute() else 'folder'}"
        options.out.mkdir(parents=True, exist_ok=True)
        draw(curves, options.out / "growth.png", settings)
    about = f"{time.perf_counter() - begin:.0f} s. {machine(LIBRARIES)}. Programs that wanted a core before and after: "
    text = report(command, results, start, settings, about + " and ".join([*busy, load()]))
    print(text)
    if options.out:
        (options.out / "README.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
