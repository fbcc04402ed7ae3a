"""Contributions of trees to single rows: exact, additive, and a row's own."""

from itertools import combinations
from math import comb
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from fanpin_risk.boosting import MonotoneBoosting
from fanpin_risk.errors import ExplanationError, FeatureMismatchError
from fanpin_risk.explanation.tree_shap import import_shap, tree_shap

MODULE = "fanpin_risk.explanation.tree_shap"


def trees_of(model):
    return [tree[0].nodes for tree in getattr(model, "boosting_", model)._predictors]


def answer(nodes, row, known, at=0):
    """Answer of one tree where only the features in `known` are known: others count as in the training rows."""
    node = nodes[at]
    if node["is_leaf"]:
        return float(node["value"])
    left, right = int(node["left"]), int(node["right"])
    if node["feature_idx"] in known:
        value = row[node["feature_idx"]]
        goes_left = bool(node["missing_go_to_left"]) if np.isnan(value) else value <= node["num_threshold"]
        return answer(nodes, row, known, left if goes_left else right)
    share = nodes[left]["count"] / node["count"]
    return share * answer(nodes, row, known, left) + (1 - share) * answer(nodes, row, known, right)


def by_enumeration(model, rows):
    """Shapley values by their definition: the mean gain of a feature over all sets of the others."""
    n, width = rows.shape
    values = np.zeros((n, width))
    for i, row in enumerate(rows):
        game = {
            known: sum(answer(nodes, row, known) for nodes in trees_of(model))
            for size in range(width + 1)
            for known in combinations(range(width), size)
        }
        for feature in range(width):
            for known, gained in game.items():
                if feature not in known:
                    weight = 1 / (width * comb(width - 1, len(known)))
                    values[i, feature] += weight * (game[tuple(sorted((*known, feature)))] - gained)
    return values


def around_thresholds(model, rows, rng):
    """Rows with one value exactly at a threshold, or the next number below or above it."""
    found = []
    for nodes in trees_of(model):
        for node in nodes[nodes["is_leaf"] == 0]:
            threshold = node["num_threshold"]
            if not np.isfinite(threshold):
                continue
            for value in (threshold, np.nextafter(threshold, -np.inf), np.nextafter(threshold, np.inf)):
                row = rows[rng.integers(len(rows))].copy()
                row[node["feature_idx"]] = value
                found.append(row)
    return np.array(found)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(900, 4))
    X[:, 1] = 1 + rng.integers(0, 40, 900) * 2.0**-51  # told apart by float64 only
    X[:, 2] = rng.integers(0, 3, 900)
    X[rng.random(X.shape) < 0.15] = np.nan
    margin = np.nan_to_num(X[:, 0]) * np.where(np.isnan(X[:, 3]), 2, 0.5) + np.nan_to_num(X[:, 2]) - 1
    margin = margin + np.where(X[:, 1] > 1 + 20 * 2.0**-51, 1.5, 0)
    return X, (rng.random(900) < 1 / (1 + np.exp(-margin))).astype(int)


@pytest.fixture(scope="module")
def model(data):
    return MonotoneBoosting(max_iter=12, max_depth=4, max_features=1.0, early_stopping=False, random_state=0).fit(*data)


def test_values_are_shapley_values(model, data):
    """Contributions are the Shapley values by their definition, also where values are missing."""
    rows = data[0][:16]
    values, base = tree_shap(model, rows)
    np.testing.assert_allclose(values, by_enumeration(model, rows), rtol=0, atol=1e-12)
    weights = [
        (nodes[nodes["is_leaf"] == 1]["value"], nodes[nodes["is_leaf"] == 1]["count"]) for nodes in trees_of(model)
    ]
    mean = model.boosting_._baseline_prediction.item() + sum(np.average(v, weights=c) for v, c in weights)
    assert abs(base - mean) < 1e-12


def test_values_are_exact_at_thresholds(model, data):
    """A value at a threshold, or one float64 beside it, is explained on the side on which it is scored."""
    rows = around_thresholds(model, data[0], np.random.default_rng(1))
    assert {1} <= {int(n["feature_idx"]) for nodes in trees_of(model) for n in nodes if not n["is_leaf"]}
    values, base = tree_shap(model, rows)
    np.testing.assert_allclose(base + values.sum(axis=1), model.decision_function(rows), rtol=0, atol=1e-12)
    few = rows[:24]
    np.testing.assert_allclose(values[:24], by_enumeration(model, few), rtol=0, atol=1e-12)


def test_all_missing_against_nothing_missing_is_a_split():
    """A split between missing and known values, whose threshold is infinite, is explained."""
    X = np.array([[1.0], [np.nan]] * 200)
    model = HistGradientBoostingClassifier(max_iter=5).fit(X, np.isnan(X[:, 0]))
    assert np.isinf(trees_of(model)[0][0]["num_threshold"])
    values, _ = tree_shap(model, X[:2])
    np.testing.assert_allclose(values, by_enumeration(model, X[:2]), rtol=0, atol=1e-12)


def test_row_alone_equals_row_in_batch(model, data, monkeypatch):
    """A row's contributions are the same to the bit alone, in a batch, and in blocks of any size."""
    rows = data[0][:12]
    values, base = tree_shap(model, rows)
    for i, row in enumerate(rows):
        alone, base_alone = tree_shap(model, row[None])
        assert (alone[0] == values[i]).all()
        assert alone.sum(axis=1)[0] == values.sum(axis=1)[i]
        assert base == base_alone
    monkeypatch.setattr(f"{MODULE}.BLOCK_ROWS", 5)
    assert (tree_shap(model, rows)[0] == values).all()


def test_trees_of_one_leaf_contribute_nothing():
    """Where no tree asks anything every contribution is zero and the base is the margin."""
    X = np.arange(60.0)[:, None]
    model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=50).fit(X, np.arange(60) > 50)
    assert [len(nodes) for nodes in trees_of(model)] == [1, 1, 1]
    values, base = tree_shap(model, X)
    assert not values.any()
    np.testing.assert_allclose(model.decision_function(X), base, rtol=0, atol=1e-12)


def test_no_rows_no_values(model):
    """No rows give no contributions, and the base all the same."""
    values, base = tree_shap(model, np.empty((0, 4)))
    assert values.shape == (0, 4)
    assert np.isfinite(base)


def test_rebuilt_model_is_explained_alike(model, data):
    """A model rebuilt from its arrays gets the contributions it had."""
    rebuilt = MonotoneBoosting.from_arrays(model.to_arrays())
    assert (tree_shap(rebuilt, data[0][:20])[0] == tree_shap(model, data[0][:20])[0]).all()


def test_progress_is_told_to_the_end(model, data, monkeypatch):
    """Progress counts rows up to all of them."""
    monkeypatch.setattr(f"{MODULE}.BLOCK_ROWS", 400)
    told = []
    tree_shap(model, data[0], progress=lambda *step: told.append(step))
    assert told == [(400, 900, "explain"), (800, 900, "explain"), (900, 900, "explain")]


@pytest.mark.parametrize("damage", [lambda v: v * [1, 0, 1, 1], lambda v: v * [-1, 1, 1, 1], lambda v: v * np.nan])
def test_contributions_that_do_not_add_up_are_refused(model, data, monkeypatch, damage):
    """A zeroed column, a flipped sign or a missing number in the contributions is noticed."""
    real = import_shap().TreeExplainer

    class Damaged(real):
        def shap_values(self, *args, **options):
            return damage(super().shap_values(*args, **options))

    monkeypatch.setattr(f"{MODULE}.import_shap", lambda: SimpleNamespace(TreeExplainer=Damaged))
    with pytest.raises(ExplanationError, match=r"do not add up to the margin: .* rows are off"):
        tree_shap(model, data[0])


def test_native_categories_are_refused():
    """A model that splits on native categories is refused, since its contributions would be wrong."""
    X = np.random.default_rng(0).integers(0, 4, size=(400, 2)).astype(float)
    model = HistGradientBoostingClassifier(max_iter=3, categorical_features=[0]).fit(X, np.isin(X[:, 0], (0, 2)))
    with pytest.raises(ExplanationError, match="splits on native categories"):
        tree_shap(model, X)


def test_three_classes_are_refused():
    """A model of more than two classes is refused."""
    X = np.arange(90.0)[:, None]
    model = HistGradientBoostingClassifier(max_iter=2).fit(X, np.arange(90) // 30)
    with pytest.raises(ExplanationError, match="has 3 classes"):
        tree_shap(model, X)


def test_other_columns_are_refused(data):
    """Columns in another order, or another number of them, are refused and named."""
    X, y = data
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = MonotoneBoosting(max_iter=3, random_state=0).fit(frame, y)
    values, _ = tree_shap(model, frame)
    assert (tree_shap(model, X)[0] == values).all()
    with pytest.raises(FeatureMismatchError, match=r"1 absent \(d\), 1 unknown \(e\)"):
        tree_shap(model, frame.rename(columns={"d": "e"}))
    with pytest.raises(FeatureMismatchError, match="not the model's"):
        tree_shap(model, frame[list("badc")])
    with pytest.raises(FeatureMismatchError, match=r"shape \(900, 3\); expected \(n_rows, 4\)"):
        tree_shap(model, X[:, :3])
