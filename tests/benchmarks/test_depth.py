"""The benchmark of depth: the same trees as the package's, folds without leaks, intervals and verdicts that can be worked by hand."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from sklearn.metrics import log_loss

import fanpin_risk as fr

SCRIPTS = Path(__file__).parents[2] / "benchmarks"
DATA = Path(os.environ.get("FANPIN_DATA") or "FANPIN_DATA-not-set")
sys.path.insert(0, str(SCRIPTS))

import depth  # noqa: E402
from depth import DEFAULT, Figures, Setting, Task  # noqa: E402

FREE = Setting("depth 3", False)
DEEP = Setting("31 leaves", False)
LOOK_UPS = {"depth 3": 1.0, "depth 4": 2.0, "depth 6": 3.0, "31 leaves": 5.0}


def make_task(*, n: int = 1500, repeats: int = 1, later: bool = False) -> Task:
    """A few hundred households of several rows each; the event is more frequent where `up` is high and `down` low."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n, 4)), columns=["up", "down", "wave", "noise"])
    X.loc[rng.random(n) < 0.1, "up"] = np.nan
    X["kind"] = rng.integers(6, size=n).astype("float64")
    margin = X["kind"].isin([1, 4]) + X["up"].fillna(0.0) - X["down"] + np.sin(3 * X["wave"]) - 1.5
    y = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype("int64").to_numpy()
    groups = np.sort(rng.integers(n // 3, size=n)).astype(str)
    days = pd.Series(pd.Timestamp(2020, 12, 31), index=range(n)).where(rng.random(n) < 0.5, pd.Timestamp(2021, 12, 31))
    if later:
        splits = depth.later_splits(days, groups, "2020-12-31", "2021-12-31", "2021-12-31", 1)
    else:
        splits = depth.repeated_folds(y, groups, repeats)
    return Task("made up", depth.REGISTERS, X, y, groups, {"up": 1, "down": -1}, splits, later, frozenset(["kind"]))


@pytest.fixture(scope="module")
def task() -> Task:
    return make_task()


def invented(task: Task, scores: dict[Setting, tuple[list[float], list[float]]]) -> Figures:
    """Figures of a task with scores (average precision, log loss) per split that somebody chose."""
    tables = {
        metric: pd.DataFrame({s: values[k] for s, values in scores.items()}) for k, metric in enumerate(depth.DECIDING)
    }
    tables["AUC"] = tables["average precision"]
    cost = pd.DataFrame({"look_ups": {s: LOOK_UPS[s.shape] for s in scores}}).assign(trees=100.0, microseconds=1.0)
    return Figures(task, tables, cost)


# --- the models -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", [s for s in depth.SETTINGS if s.shape != "31 leaves"], ids=str)
def test_trees_are_those_of_the_package(task, setting):
    """What is compared is MonotoneBoosting with another depth or without constraints, to the bit."""
    train = task.splits[0][0]
    model = depth.fit(task, train, setting, seed=3)
    kept, rest = depth.grouped_folds(task.y[train], task.groups[train], depth.HELD_OUT, 3)[0]
    X, y = task.X.iloc[train], task.y[train]
    ours = fr.MonotoneBoosting(
        categorical_features=["kind"],
        max_depth=depth.SHAPES[setting.shape]["max_depth"],
        monotonic_cst=task.directions if setting.monotone else None,
        random_state=3,
    ).fit(X.iloc[kept], y[kept], X_val=X.iloc[rest], y_val=y[rest])
    assert ours.n_iter_ == model.n_iter_
    assert (ours.decision_function(X) == model.decision_function(X.to_numpy())).all()


def test_constraints_bind_and_leaves_are_bounded(task):
    """With constraints the risk never falls in `up`; without them it does; best-first trees have 31 leaves at most."""
    rows = np.zeros((200, 5))
    rows[:, 0] = np.linspace(-3, 3, 200)
    train = np.arange(len(task.y))
    for setting in (Setting("31 leaves", True), DEEP):
        model = depth.fit(task, train, setting, seed=0)
        steps = np.diff(model.predict_proba(rows)[:, 1])
        assert (steps >= 0).all() == setting.monotone
        assert max(tree.get_n_leaf_nodes() for trees in model._predictors for tree in trees) <= 31


def test_few_events_grow_without_early_stopping(task):
    """Where either class is too small to hold a part out, all rounds are grown, as the package does."""
    few = np.r_[np.flatnonzero(task.y == 1)[:19], np.flatnonzero(task.y == 0)[:60]]
    assert depth.fit(task, few, DEFAULT, seed=0).n_iter_ == fr.MonotoneBoosting().max_iter


# --- folds ------------------------------------------------------------------------------------------------------------


def test_folds_keep_households_whole_and_share_events(task):
    """Every row is tested once, no household is on both sides, and every fold has its share of the events."""
    splits = depth.grouped_folds(task.y, task.groups, 5, 0)
    assert sorted(np.concatenate([test for _, test in splits])) == list(range(len(task.y)))
    for train, test in splits:
        assert not set(task.groups[train]) & set(task.groups[test])
        assert task.y[test].mean() == pytest.approx(task.y.mean(), abs=0.06)


def test_later_days_are_tested_on_other_households():
    """Nobody who is scored on a later day was trained on, and training days come first."""
    groups = np.array(["a", "b", "a", "b", "c", "c"])
    days = pd.Series(
        pd.to_datetime(["2020-12-31", "2020-12-31", "2021-12-31", "2021-12-31", "2020-12-31", "2022-12-31"])
    )
    (one,) = depth.later_splits(days, groups, "2020-12-31", "2021-12-31", "2021-12-31", 1)
    assert [list(rows) for rows in one] == [[4], [2, 3]]
    two = depth.later_splits(days, groups, "2020-12-31", "2021-12-31", "2022-12-31", 2)
    assert sorted(np.concatenate([test for _, test in two])) == [2, 3, 5]
    for train, test in two:
        assert (days[train] == pd.Timestamp(2020, 12, 31)).all()
        assert not set(groups[train]) & set(groups[test])


# --- figures ----------------------------------------------------------------------------------------------------------


def test_interval_is_the_corrected_resampled_one(task):
    """Mean 0.02 over five folds of one quarter: variance x (1/5 + 1/4), four degrees of freedom."""
    scores = {DEFAULT: ([0.5] * 5, [0.3] * 5), FREE: ([0.5, 0.51, 0.52, 0.53, 0.54], [0.3] * 5)}
    d = invented(task, scores).difference("average precision", FREE, DEFAULT)
    ratio = np.mean([len(test) / len(train) for train, test in task.splits])
    assert d.mean == pytest.approx(0.02)
    assert d.error == pytest.approx(np.sqrt(0.00025 * (0.2 + ratio)))
    assert d.reach == pytest.approx(student.ppf(0.975, 4) * d.error)
    assert ratio == pytest.approx(0.25, abs=0.01)


def test_later_scores_are_those_of_the_rows_tested():
    """The first row holds the scores themselves; the rest scatter around it by households drawn again."""
    task = make_task(later=True)
    test = np.concatenate([test for _, test in task.splits])
    risk = np.clip(np.random.default_rng(1).random(len(test)) * 0.3 + 0.5 * task.y[test], 0.01, 0.99)
    scores = depth.resampled_scores(task, test, {DEFAULT: risk, FREE: risk})
    drawn = scores["log loss"][DEFAULT].to_numpy()
    assert drawn[0] == pytest.approx(log_loss(task.y[test], risk))
    assert drawn[1:].mean() == pytest.approx(drawn[0], rel=0.01)
    assert drawn[1:].std() > 0
    d = Figures(task, scores, pd.DataFrame()).difference("log loss", FREE, DEFAULT)
    assert (d.mean, d.error) == (0.0, 0.0)


def test_verdict_takes_the_cheapest_that_is_not_worse(task):
    """Better by more than noise wins, whatever it costs; equal within noise, the cheaper one does."""
    base, noise = np.full(5, 0.5), np.array([-0.02, -0.01, 0.0, 0.01, 0.02])
    equal = invented(task, {DEFAULT: (base, base), FREE: (base, base), DEEP: (base + noise, base + noise)})
    better = invented(task, {DEFAULT: (base, base), FREE: (base, base), DEEP: (base, base - 0.2 + noise)})
    assert depth.cheapest([equal]) == DEFAULT
    assert depth.cheapest([better]) == DEEP, "a lower log loss is better"
    assert depth.cheapest([equal, better]) == DEEP
    assert "on 1 of 2 tasks; not on" in depth.verdict([equal, better])
    assert "31 leaves, free, not the default" in depth.verdict([equal, better])
    conflict = invented(task, {DEFAULT: (base, base), FREE: (base, base), DEEP: (base + 0.2, base + 0.2)})
    assert depth.cheapest([conflict]) is None
    assert "no setting is within noise of the best by both" in depth.verdict([conflict])


def test_tasks_weigh_by_their_events(task):
    """A task of few events, whose scores are mostly chance, moves the mean little."""
    base = np.full(5, 0.5)
    small = replace(task, y=np.where(np.arange(len(task.y)) % 50 == 0, 1, 0))
    scores = [
        invented(t, {DEFAULT: (base, base), DEEP: (base + gain, base)}) for t, gain in ((task, 0.0), (small, 0.1))
    ]
    mean = depth.mean_difference(scores, "average precision", DEEP, DEFAULT).mean
    assert mean == pytest.approx(0.1 * small.y.sum() / (small.y.sum() + task.y.sum()))


def test_without_directions_constraints_are_not_fitted_twice(task):
    """Where no direction is known, the default is unconstrained trees of depth 3, and counts as the default."""
    unknown = replace(task, directions={})
    assert {s.monotone for s in unknown.settings()} == {False}
    figures = invented(unknown, {FREE: ([0.5] * 5, [0.3] * 5)})
    assert figures.mean("log loss", DEFAULT) == pytest.approx(0.3)
    assert depth.is_default([figures], FREE)


# --- the whole of it --------------------------------------------------------------------------------------------------


def test_report_of_a_small_run(monkeypatch):
    """From rows to tables: every setting of every task has its row, and the text is made of the figures."""
    for name, value in {"ROUNDS": 1, "RESAMPLES": 20}.items():
        monkeypatch.setattr(depth, name, value)
    given = {**fr.MonotoneBoosting().get_params(), "max_iter": 15}
    monkeypatch.setattr(fr.MonotoneBoosting, "get_params", lambda _: given)
    small, later = make_task(n=300), make_task(n=400, later=True)
    figures = [
        depth.measure(t, rows_timed=300, compiled=False) for t in (replace(small, splits=small.splits[:2]), later)
    ]
    text = depth.report(figures, command="python benchmarks/depth.py", seconds=1.0, note="A note.")
    by_task = text.split("## By task")[1]
    for setting in depth.SETTINGS:
        assert by_task.count(f"| {setting} |") + by_task.count(f"| **{setting}** |") == 2
    assert "of later days; directions known for 2 of 5 features" in by_task
    assert (figures[0].cost[["trees", "look_ups", "microseconds"]] > 0).all(axis=None)
    assert "nan" not in text


def test_own_sets_constrain_columns_they_have():
    """Every constraint of scikit-learn's sets names a column of the set, and events are a minority."""
    for task in depth.own_sets(1):
        assert set(task.directions) <= set(task.X.columns), task.name
        assert 0.02 < task.y.mean() < 0.4, task.name


def test_without_panels_there_are_no_panel_tasks(tmp_path):
    """A folder without the panels gives no tasks of them."""
    assert depth.panel_tasks(tmp_path, 100, 1) == []


@pytest.mark.skipif(
    not (DATA / depth.germany.FOLDER).is_dir(),
    reason=f"needs real data: FANPIN_DATA names no folder that holds {depth.germany.FOLDER}",
)
def test_german_tasks_are_made_of_the_panel(tmp_path, monkeypatch):
    """Persons are sampled whole, declared directions are taken over, and later waves are scored on persons not trained on."""
    (tmp_path / depth.germany.FOLDER).symlink_to(DATA / depth.germany.FOLDER)
    panel = depth.germany.read(DATA)
    monkeypatch.setattr(depth.germany, "read", lambda _: panel[panel["id"] % 20 == 0].reset_index(drop=True))
    tasks = depth.panel_tasks(tmp_path, 150, 1)
    assert [t.later for t in tasks] == [False, True, True]
    assert len(set(tasks[0].groups)) == 150
    assert tasks[0].directions["income_to_line"] == -1
    for task in tasks:
        for train, test in task.splits:
            assert not set(task.groups[train]) & set(task.groups[test])
