"""Contributions are the Shapley values, whichever way they are computed, and every row's are its own.

Tests tree_shap/_model.py, tree_shap/_tables.py, tree_shap/_kernel.py, tree_shap/_rows.py, tree_shap/_sums.py and
tree_shap/_cut.py too: none of them says anything by itself that could be compared with Shapley values.
"""

import pickle
import subprocess
import sys
import tracemalloc
import warnings
from math import factorial

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from fanpin_risk.errors import ExplanationError, FeatureMismatchError
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.tree_shap import _cut as _tree_cut
from fanpin_risk.tree_shap import _sums, tree_shap
from fanpin_risk.tree_shap.tree_shap import TreeShap

NO_CATEGORIES = np.empty((0, 8), dtype=np.uint32)


# --- The truth, by enumeration of all coalitions -----------------------------------------------------------------------


def shapley(worth):
    """Shapley values of a game given by the worth of each of its 2**n coalitions (bit k: player k is in)."""
    n = len(worth).bit_length() - 1
    coalitions = np.arange(len(worth))
    size = np.bitwise_count(coalitions)
    weight = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    values = np.empty(n)
    for player in range(n):
        without = coalitions[coalitions >> player & 1 == 0]
        values[player] = (weight[size[without]] * (worth[without | 1 << player] - worth[without])).sum()
    return values


def interactions(worth):
    """Shapley interaction values of a game: halves of the index off the diagonal, the rest of each value on it."""
    n = len(worth).bit_length() - 1
    coalitions = np.arange(len(worth))
    size = np.bitwise_count(coalitions)
    weight = np.array([factorial(k) * factorial(n - k - 2) / factorial(n - 1) / 2 for k in range(n - 1)])
    values = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j:
                some = coalitions[(coalitions >> i & 1 == 0) & (coalitions >> j & 1 == 0)]
                alone, other, both = worth[some | 1 << i], worth[some | 1 << j], worth[some | 1 << i | 1 << j]
                values[i, j] = (weight[size[some]] * (both - alone - other + worth[some])).sum()
    np.fill_diagonal(values, shapley(worth) - values.sum(axis=1))
    return values


def goes_left(model, predictor, node, x):
    """How scikit-learn's predictor sends a value."""
    if np.isnan(x):
        return bool(node["missing_go_to_left"])
    if not node["is_categorical"]:
        return x <= node["num_threshold"]
    known, position = model._bin_mapper.make_known_categories_bitsets()
    category = int(x)
    if x < 0 or category > 255 or not known[position[node["feature_idx"]], category // 32] >> category % 32 & 1:
        return bool(node["missing_go_to_left"])
    return bool(predictor.raw_left_cat_bitsets[node["bitset_idx"], category // 32] >> category % 32 & 1)


def path_dependent(model, row):
    """What coalitions answer to one row, unknown features being answered by the shares of the training rows."""
    row = np.asarray(row, dtype=np.float64)
    coalitions = np.arange(1 << len(row))

    def worth(predictor, number):
        node = predictor.nodes[number]
        if node["is_leaf"]:
            return np.full(len(coalitions), node["value"])
        left, right = worth(predictor, node["left"]), worth(predictor, node["right"])
        share = predictor.nodes["count"][node["left"]] / node["count"] if node["count"] else 0.5
        known = left if goes_left(model, predictor, node, row[node["feature_idx"]]) else right
        return np.where(coalitions >> node["feature_idx"] & 1, known, share * left + (1 - share) * right)

    return model._baseline_prediction[0, 0] + sum(worth(predictor, 0) for (predictor,) in model._predictors)


def interventional(model, rows, number, background, weights=None):
    """What coalitions answer to one of the rows, unknown features being those of background rows."""
    both = pd.concat([pd.DataFrame(background), pd.DataFrame(rows)[number : number + 1]], ignore_index=True)
    n_background, n_features = len(background), both.shape[1]
    coalitions = np.arange(1 << n_features)
    mixed = both.iloc[np.zeros(n_background * len(coalitions), dtype=int)].reset_index(drop=True)
    for feature in range(n_features):
        known = (coalitions >> feature & 1 == 1)[:, None]
        taken = np.where(known, n_background, np.arange(n_background)).ravel()
        mixed.isetitem(feature, both.iloc[taken, feature].array)
    margin = model._raw_predict(mixed if hasattr(model, "feature_names_in_") else mixed.to_numpy())
    return np.average(margin.reshape(-1, n_background), axis=1, weights=weights)


# --- Models ------------------------------------------------------------------------------------------------------------


def make_data(seed, n_rows=300, n_features=5, *, missing=0.1, infinite=0.0, decimals=None):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features))
    if decimals is not None:
        X = X.round(decimals)
    y = X[:, 0] * X[:, -1] + np.sin(3 * X[:, n_features // 2]) + 0.3 * rng.normal(size=n_rows)
    X[rng.random(X.shape) < infinite] = np.inf
    X[rng.random(X.shape) < infinite] = -np.inf
    X[rng.random(X.shape) < missing] = np.nan
    return X, y


def plant(model, trees):
    """Put trees in the place of those of a fitted model."""
    model._predictors = [[tree] for tree in trees]
    return model


def random_tree(rng, n_features, depth, *, thresholds=(-np.inf, -1.0, -0.5, 0.0, 0.5, 1.0, np.inf), empty=0.0):
    """A tree of any form: any threshold anywhere, impossible paths, nodes that no training row reached."""
    nodes = np.zeros(2 ** (depth + 1), dtype=PREDICTOR_RECORD_DTYPE)
    used = 1

    def grow(number, level, count):
        nonlocal used
        node = nodes[number]
        node["count"], node["value"], node["depth"] = count, rng.normal(), level
        node["is_leaf"] = level == depth or (level > 0 and rng.random() < 0.2)
        if node["is_leaf"]:
            return
        node["feature_idx"], node["num_threshold"] = rng.integers(n_features), rng.choice(thresholds)
        node["missing_go_to_left"] = rng.integers(2)
        node["left"], node["right"] = used, used + 1
        used += 2
        left = 0 if rng.random() < empty else int(rng.integers(count + 1))
        grow(node["left"], level + 1, left)
        grow(node["right"], level + 1, count - left)

    grow(0, 0, 1000)
    return TreePredictor(nodes[:used].copy(), NO_CATEGORIES, NO_CATEGORIES)


def chain(rng, n_features):
    """A tree whose deepest leaf asks once for each feature."""
    nodes = np.zeros(2 * n_features + 1, dtype=PREDICTOR_RECORD_DTYPE)
    nodes["value"], nodes["is_leaf"] = rng.normal(size=len(nodes)), True
    count = 100_000
    for level in range(n_features):
        node, leaf, following = nodes[2 * level], nodes[2 * level + 1], nodes[2 * level + 2]
        node["is_leaf"], node["feature_idx"], node["num_threshold"] = False, level, rng.normal() / 3
        node["missing_go_to_left"], node["left"], node["right"] = level % 2, 2 * level + 1, 2 * level + 2
        node["count"] = count
        leaf["count"] = count // 4
        count -= count // 4
        following["count"] = count
    return TreePredictor(nodes, NO_CATEGORIES, NO_CATEGORIES)


def shell(n_features):
    """A fitted regressor to plant trees in."""
    return HistGradientBoostingRegressor(max_iter=1).fit(np.zeros((40, n_features)), np.arange(40.0))


def check_exact(model, X, *, background=None, weights=None, atol=1e-10):
    """Compare with the enumeration, path-dependent and against the background."""
    inner = model._preprocess_X(X, reset=False)
    order = np.arange(inner.shape[1])
    if model.is_categorical_ is not None:
        order = np.concatenate([order[model.is_categorical_], order[~model.is_categorical_]])
    outer = np.argsort(order)
    explainer = TreeShap(model, compiled=False)
    values, pairs = explainer.shap_values(X)[0], explainer.shap_interaction_values(X)
    for row, value, of_pairs in zip(inner, values, pairs, strict=True):
        worth = path_dependent(model, row)
        np.testing.assert_allclose(value, shapley(worth)[outer], rtol=0, atol=atol)
        np.testing.assert_allclose(of_pairs, interactions(worth)[np.ix_(outer, outer)], rtol=0, atol=atol)
        assert explainer.base_value == pytest.approx(worth[0], abs=atol)
    if background is not None:
        explainer = TreeShap(model, background, weights=weights, compiled=False)
        values, pairs = explainer.shap_values(X)[0], explainer.shap_interaction_values(X)
        for number, (value, of_pairs) in enumerate(zip(values, pairs, strict=True)):
            worth = interventional(model, X, number, background, weights)
            np.testing.assert_allclose(value, shapley(worth), rtol=0, atol=atol)
            np.testing.assert_allclose(of_pairs, interactions(worth), rtol=0, atol=atol)
            assert explainer.base_value == pytest.approx(worth[0], abs=atol)


# --- Exactness ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "options"),
    [
        (0, {"max_depth": 3}),
        (1, {"max_depth": 6, "min_samples_leaf": 3}),
        (2, {"max_depth": None, "max_leaf_nodes": 31, "min_samples_leaf": 2}),
        (3, {"max_depth": 1}),
        (4, {"max_bins": 255, "max_leaf_nodes": None, "max_depth": None, "min_samples_leaf": 2}),
    ],
)
def test_contributions_of_a_regressor_are_shapley_values(seed, options):
    """All coalitions tried one by one give the same contributions, with either reference."""
    X, y = make_data(seed)
    model = HistGradientBoostingRegressor(max_iter=8, **options).fit(X, y)
    check_exact(model, X[:6], background=X[50:70])


def test_contributions_of_a_classifier_are_shapley_values_of_its_log_odds():
    """What is explained is the margin, not the probability."""
    X, y = make_data(5, infinite=0.05, decimals=1)
    model = HistGradientBoostingClassifier(max_iter=8, min_samples_leaf=5).fit(X, y > 0)
    check_exact(model, X[:6], background=X[50:70])


def test_margins_are_explained_before_the_link():
    """A regressor with a link is explained on the scale on which its trees add up."""
    X, y = make_data(6)
    model = HistGradientBoostingRegressor(loss="poisson", max_iter=8).fit(X, np.exp(y))
    values, base = TreeShap(model).shap_values(X)
    np.testing.assert_allclose(np.exp(base + values.sum(axis=1)), model.predict(X), rtol=1e-12)
    check_exact(model, X[:3], background=X[50:60])


def test_rows_exactly_at_a_threshold_go_left():
    """Thresholds are compared in float64 and belong to the left side; one step above is the right side."""
    X, y = make_data(7, decimals=1)
    model = HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=3).fit(X, y)
    nodes = np.concatenate([predictor.nodes for (predictor,) in model._predictors])
    rows = np.repeat(X[:1], 20, axis=0)
    splits = nodes[(nodes["is_leaf"] == 0) & np.isfinite(nodes["num_threshold"])][:10]
    for number, split in enumerate(splits):
        rows[2 * number, split["feature_idx"]] = split["num_threshold"]
        rows[2 * number + 1, split["feature_idx"]] = np.nextafter(split["num_threshold"], np.inf)
    check_exact(model, rows)


def test_a_split_between_both_infinities_asks_whether_there_is_a_value():
    """scikit-learn takes NaN for the middle between -inf and +inf; no value is at most that, so all go right."""
    rng = np.random.default_rng(35)
    trees = [random_tree(rng, 3, 4, thresholds=(np.nan, -np.inf, 0.0, np.inf)) for _ in range(4)]
    assert any(np.isnan(tree.nodes["num_threshold"][tree.nodes["is_leaf"] == 0]).any() for tree in trees)
    model = plant(shell(3), trees)
    rows = rng.choice([-np.inf, np.inf, np.nan, 1.0], size=(30, 3))
    check_exact(model, rows[:5], background=rows[10:15])
    assert_same_bits(TreeShap(model), rows, compiled=False)


def test_weights_of_the_background_count():
    """A weight is as many copies of the row; a weight of zero is no row."""
    X, y = make_data(8)
    model = HistGradientBoostingRegressor(max_iter=10, min_samples_leaf=3).fit(X, y)
    weights = np.array([0, 1, 2, 3, 0, 5])
    check_exact(model, X[:3], background=X[20:26], weights=weights)
    repeated = np.repeat(X[20:26], weights, axis=0)
    values, base = TreeShap(model, X[20:26], weights=weights).shap_values(X)
    expected, expected_base = TreeShap(model, repeated).shap_values(X)
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-13)
    assert base == pytest.approx(expected_base, abs=1e-13)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1),
    n_features=st.integers(1, 5),
    depth=st.integers(0, 5),
    n_trees=st.integers(1, 4),
    empty=st.sampled_from([0.0, 0.3]),
    missing=st.sampled_from([0.0, 0.3]),
)
def test_any_tree_is_explained_exactly(seed, n_features, depth, n_trees, empty, missing):
    """Impossible paths, repeated features, infinite thresholds, nodes without rows: always the Shapley values."""
    rng = np.random.default_rng(seed)
    model = plant(shell(n_features), [random_tree(rng, n_features, depth, empty=empty) for _ in range(n_trees)])
    rows = rng.choice([-np.inf, -1.0, -0.75, -0.5, 0.0, 0.2, 0.5, 0.7, 1.0, 2.0, np.inf], size=(30, n_features))
    rows[rng.random(rows.shape) < missing] = np.nan
    check_exact(model, rows[:3], background=rows[10:14])
    assert_same_bits(TreeShap(model), rows, compiled=False)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1),
    n_features=st.integers(1, 5),
    max_leaf_nodes=st.integers(2, 40),
    min_samples_leaf=st.integers(1, 30),
    missing=st.sampled_from([0.0, 0.3]),
    infinite=st.sampled_from([0.0, 0.1]),
    decimals=st.sampled_from([None, 0, 1]),
    classify=st.booleans(),
)
def test_any_fitted_model_is_explained_exactly(
    seed, n_features, max_leaf_nodes, min_samples_leaf, missing, infinite, decimals, classify
):
    """Whatever scikit-learn fits, on whatever values, its contributions are the Shapley values."""
    X, y = make_data(seed, 200, n_features, missing=missing, infinite=infinite, decimals=decimals)
    options = {"max_iter": 4, "max_leaf_nodes": max_leaf_nodes, "min_samples_leaf": min_samples_leaf}
    kind = HistGradientBoostingClassifier if classify else HistGradientBoostingRegressor
    model = kind(**options).fit(X, y > 0 if classify else y)
    check_exact(model, X[:2], background=X[50:54])


# --- Native categories -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_categories():
    """A frame with categories between numbers, and a model that splits on them."""
    rng = np.random.default_rng(9)
    n = 600
    frame = pd.DataFrame(
        {
            "income": rng.normal(size=n),
            "work": pd.Categorical(rng.choice(list("abcdefghijklmnop"), size=n)),
            "area": rng.normal(size=n),
            "cause": pd.Categorical(rng.choice(["illness", "study", "none"], size=n)),
        }
    )
    y = frame["work"].cat.codes % 3 * frame["income"] + (frame["cause"] == "illness") - frame["area"]
    frame.loc[rng.random(n) < 0.1, "work"] = np.nan
    frame.loc[rng.random(n) < 0.1, "income"] = np.nan
    model = HistGradientBoostingRegressor(max_iter=15, min_samples_leaf=5, categorical_features="from_dtype")
    return model.fit(frame, y), frame


def test_native_categories_are_explained_exactly(with_categories):
    """Splits by sets of categories, which shap reads as numbers, give the Shapley values, under the right columns."""
    model, frame = with_categories
    nodes = np.concatenate([predictor.nodes for (predictor,) in model._predictors])
    assert nodes["is_categorical"].sum() > 20
    check_exact(model, frame[:5], background=frame[100:112])


def test_unknown_categories_count_as_missing(with_categories):
    """A category that training did not know goes where scikit-learn sends it: with the missing ones."""
    model, frame = with_categories
    strange = frame[:4].astype({"work": object, "cause": object})
    strange["work"] = ["never seen", "a", None, "q"]
    values, base = TreeShap(model).shap_values(strange)
    np.testing.assert_allclose(base + values.sum(axis=1), model.predict(strange), rtol=0, atol=1e-12)
    missing = strange.copy()
    missing["work"] = [None, "a", None, None]
    np.testing.assert_array_equal(values, TreeShap(model).shap_values(missing)[0])


def test_categories_may_be_numbers_in_an_array():
    """Columns named by position, categories that are numbers with gaps, more of them than a column has bits."""
    rng = np.random.default_rng(10)
    X = np.column_stack([rng.normal(size=800), rng.integers(0, 200, size=800) * 7.0, rng.normal(size=800)])
    y = np.sin(X[:, 1]) + X[:, 0] * (X[:, 1] > 700)
    X[::9, 1] = np.nan
    model = HistGradientBoostingRegressor(max_iter=10, min_samples_leaf=2, categorical_features=[1]).fit(X, y)
    check_exact(model, X[:5], background=X[100:110])


def test_categories_without_a_preprocessor():
    """Trees that were put back without scikit-learn's encoder see the raw codes: unknown and odd ones are missing."""
    rng = np.random.default_rng(11)
    X = np.column_stack([rng.integers(0, 40, size=800), rng.normal(size=800)]).astype(float)
    y = np.sin(X[:, 0] * 3) + X[:, 1]
    model = HistGradientBoostingRegressor(max_iter=10, min_samples_leaf=2, categorical_features=[0]).fit(X, y)
    model._preprocessor, model.is_categorical_ = None, None
    X[:5, 0] = [41.0, -3.0, 300.0, 7.5, np.nan]
    check_exact(model, X[:8], background=X[100:110])


def test_codes_beyond_a_byte_are_missing_to_monotone_boosting():
    """A new code of any size is explained as the classifier scores it."""
    rng = np.random.default_rng(38)
    X = np.column_stack([rng.integers(0, 9, size=2000), rng.normal(size=2000)]).astype(float)
    y = np.sin(X[:, 0] * 2) + X[:, 1] > 0.5
    model = MonotoneBoosting(categorical_features=[0], max_iter=10, random_state=0).fit(X, y)
    X[:4, 0] = [263.0, 1e9, -2.0, 1e300]
    values, base = TreeShap(model).shap_values(X)
    np.testing.assert_allclose(base + values.sum(axis=1), model.decision_function(X), rtol=0, atol=1e-12)


# --- Large trees -------------------------------------------------------------------------------------------------------


def test_shap_gives_the_same(monkeypatch):
    """Deep trees, beyond enumeration, agree with the tree explainer of shap where it is right."""
    shap = tree_shap.import_shap()
    monkeypatch.setattr(_tree_cut, "WIDE_TABLE_BYTES", 2**22)
    rng = np.random.default_rng(12)
    X = rng.normal(size=(2000, 25)).astype(np.float32).astype(np.float64)  # shap computes with float32
    y = X @ rng.normal(size=25) + X[:, 0] * X[:, 1] * X[:, 2]
    model = HistGradientBoostingRegressor(max_iter=5, max_leaf_nodes=None, max_depth=None, min_samples_leaf=3).fit(X, y)
    explainer = TreeShap(model)
    assert len(explainer._of_features.long_leaves) > 10
    assert len(explainer._tables[1].groups) > 10
    values, base = explainer.shap_values(X[:40])
    theirs = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    assert np.abs(values - theirs.shap_values(X[:40])).max() < 1e-6
    assert base == pytest.approx(float(np.ravel(theirs.expected_value)[0]), abs=1e-9)
    values, base = TreeShap(model, X[100:130]).shap_values(X[:20])
    theirs = shap.TreeExplainer(model, X[100:130], feature_perturbation="interventional")
    assert np.abs(values - theirs.shap_values(X[:20], check_additivity=False)).max() < 1e-6
    assert base == pytest.approx(float(np.ravel(theirs.expected_value)[0]), abs=1e-6)


def test_contributions_add_up():
    """Base and contributions of all rows are the margin, to 1e-12 in float64 and 5e-6 in float32."""
    X, y = make_data(13, n_rows=5000, n_features=20)
    model = HistGradientBoostingClassifier(max_iter=100, max_depth=6).fit(X, y > 0)
    for background in (None, X[:200]):
        for dtype, most in (("float64", 1e-12), ("float32", 5e-6)):
            values, base = TreeShap(model, background, dtype=dtype).shap_values(X)
            assert values.dtype == dtype
            assert np.abs(base + values.sum(axis=1, dtype=np.float64) - model.decision_function(X)).max() < most


@pytest.mark.parametrize("n_features", [9, 12, 16, 17, 18])
def test_paths_of_many_features_are_explained_exactly(n_features):
    """Leaves that need wide tables, and those too long for any table."""
    rng = np.random.default_rng(n_features)
    model = plant(shell(n_features), [chain(rng, n_features)])
    rows = rng.normal(size=(3, n_features)) + 0.5
    rows[1, ::3] = np.nan
    rows[2] = 3.0
    explainer = TreeShap(model)
    assert len(explainer._of_features.long_leaves) == max(0, n_features - 15) * (n_features > 16)
    values, _ = explainer.shap_values(rows)
    for row, value in zip(rows, values, strict=True):
        np.testing.assert_allclose(value, shapley(path_dependent(model, row)), rtol=0, atol=1e-12)
    background = rng.normal(size=(4, n_features)) + 0.5
    values, _ = TreeShap(model, background, weights=[1, 2, 3, 4]).shap_values(rows[:1])
    expected = shapley(interventional(model, rows, 0, background, weights=[1, 2, 3, 4]))
    np.testing.assert_allclose(values[0], expected, rtol=0, atol=1e-12)


def test_leaves_without_table_give_what_tables_give(monkeypatch):
    """Where memory forbids wide tables, the patterns that occur are worked out one by one to the same values."""
    X, _ = make_data(14, n_rows=1500, n_features=14)
    y = np.nan_to_num(X).sum(axis=1)
    model = HistGradientBoostingRegressor(max_iter=8, max_leaf_nodes=100, min_samples_leaf=3).fit(X, y)
    tabulated = [TreeShap(model, background) for background in (None, X[:50])]
    assert len(tabulated[0]._tables[1].groups) > 10
    monkeypatch.setattr(_tree_cut, "WIDE_TABLE_BYTES", 0)
    for explainer, background in zip(tabulated, (None, X[:50]), strict=True):
        without = TreeShap(model, background)
        assert len(without._tables[1].groups) == 0
        assert len(without._of_features.long_leaves) > 10
        np.testing.assert_allclose(without.shap_values(X)[0], explainer.shap_values(X)[0], rtol=0, atol=1e-12)
        assert without.base_value == pytest.approx(explainer.base_value, abs=1e-12)


def test_a_feature_may_have_more_thresholds_than_a_byte_counts():
    """Trees of several fits, each with its own bins, are explained exactly, at and around every threshold."""
    rng = np.random.default_rng(15)
    trees = []
    for _ in range(3):
        X = rng.normal(size=(4000, 3))
        y = np.sin(20 * X[:, 0]) + X[:, 1] * X[:, 2]
        X[::7, 0] = np.nan
        model = HistGradientBoostingRegressor(max_iter=4, max_leaf_nodes=150, min_samples_leaf=2).fit(X, y)
        trees += [predictor for (predictor,) in model._predictors]
    model = plant(shell(3), trees)
    explainer = TreeShap(model)
    assert len(explainer._of_features.columns.thresholds) > 3
    nodes = np.concatenate([tree.nodes for tree in trees])
    first = np.sort(nodes["num_threshold"][(nodes["feature_idx"] == 0) & (nodes["is_leaf"] == 0)])
    rows = rng.normal(size=(12, 3))
    rows[:9, 0] = [first[0], first[253], first[254], first[255], first[-2], -9, 9, np.inf, np.nan]
    check_exact(model, rows[:10])
    rows = rng.choice(first, size=(300, 3))
    np.testing.assert_allclose(
        explainer.base_value + explainer.shap_values(rows)[0].sum(axis=1), model.predict(rows), rtol=0, atol=1e-12
    )


# --- Pairs and groups of features --------------------------------------------------------------------------------------


@pytest.mark.parametrize("wide_table_bytes", [0, 150_000, 2**28])
def test_interactions_on_long_paths_are_shapley_interactions(monkeypatch, wide_table_bytes):
    """Leaves of more than eight features, in wide tables or in none, share their interactions as the game says."""
    monkeypatch.setattr(_tree_cut, "WIDE_TABLE_BYTES", wide_table_bytes)
    rng = np.random.default_rng(30)
    model = plant(shell(10), [chain(rng, 10), chain(rng, 9)])
    rows = rng.normal(size=(3, 10)) + 0.5
    rows[1, ::3] = np.nan
    rows[2] = 3.0
    check_exact(model, rows, background=rng.normal(size=(4, 10)) + 0.5, weights=[1, 2, 0, 4], atol=1e-12)
    explainer = TreeShap(model)
    explainer.shap_interaction_values(rows)
    # Tables of pairs take more of the bounded memory than tables of features.
    assert (len(explainer._of_features.long_leaves) > 0) == (wide_table_bytes == 0)
    assert (len(explainer._of_pairs.long_leaves) > 0) == (wide_table_bytes < 2**28)


def test_shap_gives_the_same_interactions():
    """Where shap is right, beyond enumeration, its interaction values are ours; a feature's add up to its own value."""
    shap = tree_shap.import_shap()
    X, _ = make_data(31, n_rows=1500, n_features=12, missing=0.0)
    X = X.astype(np.float32).astype(np.float64)  # shap computes with float32
    y = X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3] * X[:, 4] + X[:, 5:].sum(axis=1)
    model = HistGradientBoostingRegressor(max_iter=20, max_leaf_nodes=31, min_samples_leaf=3).fit(X, y)
    for background in (None, X[100:130]):
        explainer = TreeShap(model, background)
        pairs = explainer.shap_interaction_values(X[:50])
        if background is None:
            theirs = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
            assert np.abs(pairs - theirs.shap_interaction_values(X[:50])).max() < 1e-6
        np.testing.assert_array_equal(pairs, pairs.transpose(0, 2, 1))
        np.testing.assert_allclose(pairs.sum(axis=2), explainer.shap_values(X[:50])[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_interactions_of_a_row_are_its_own(monkeypatch, with_categories, dtype):
    """Alone, in blocks and compiled: the same bits, in the type asked for."""
    model, frame = with_categories
    explainer = TreeShap(model, frame[100:150], dtype=dtype, compiled=False)
    expected = explainer.shap_interaction_values(frame[:300])
    assert expected.dtype == dtype
    assert explainer.shap_interaction_values(frame[7:8]).tobytes() == expected[7:8].tobytes()
    monkeypatch.setattr(tree_shap, "PAIRS_AT_ONCE", 6 * 70)
    for compiled in (False, True):
        explainer.compiled = compiled
        assert explainer.shap_interaction_values(frame[:300]).tobytes() == expected.tobytes()
    assert explainer.shap_interaction_values(frame[:0]).shape == (0, 4, 4)


def test_one_feature_has_nobody_to_interact_with():
    """All of its contribution is its own."""
    X, y = make_data(32, n_features=1)
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=3).fit(X, y))
    for explainer.compiled in (False, True):
        np.testing.assert_array_equal(explainer.shap_interaction_values(X)[:, 0], explainer.shap_values(X)[0])


def test_contributions_add_up_by_group(monkeypatch, with_categories):
    """Contributions by label are the sums over its features, on every way, in the order of the labels."""
    model, frame = with_categories
    long = plant(shell(12), [chain(np.random.default_rng(s), 12) for s in range(3)])
    rows = np.random.default_rng(33).normal(size=(500, 12)) + 0.5
    for room in (0, 2**28):
        monkeypatch.setattr(_tree_cut, "WIDE_TABLE_BYTES", room)
        for explained, X, labels in (
            (model, frame, ["need", "place", "need", "cause"]),
            (long, rows, [3, 1, 2, 1, 1, 2, 2, 3, 1, 2, 3, 3]),
        ):
            for background in (None, X[:30]):
                explainer = TreeShap(explained, background)
                values, base = explainer.shap_values(X)
                unique = list(dict.fromkeys(labels))
                expected = np.stack([values[:, np.array(labels) == label].sum(axis=1) for label in unique], axis=1)
                for explainer.compiled in (False, True):
                    grouped, its_base = explainer.shap_values(X, groups=labels)
                    np.testing.assert_allclose(grouped, expected, rtol=0, atol=1e-12)
                    assert its_base == base
                    assert explainer.shap_values(X[3:4], groups=labels)[0].tobytes() == grouped[3:4].tobytes()
    with pytest.raises(ExplanationError, match="groups has 3 labels; expected one per feature, 12"):
        explainer.shap_values(rows, groups="abc")
    for unordered in (dict.fromkeys(range(12), "a"), set(range(12))):
        with pytest.raises(ExplanationError, match="expected one label per feature in the features' order"):
            explainer.shap_values(rows, groups=unordered)


def test_long_paths_with_categories_find_their_columns(monkeypatch):
    """Columns that scikit-learn moved come back to their places for leaves without table as well."""
    X, _ = make_data(34, n_rows=1000, n_features=10)
    X[:, 7] = np.random.default_rng(34).integers(0, 6, size=len(X))
    y = np.nan_to_num(X).sum(axis=1) + np.sin(9 * X[:, 7]) * np.nan_to_num(X[:, 0])
    options = {"max_leaf_nodes": 60, "min_samples_leaf": 3, "categorical_features": [7]}
    model = HistGradientBoostingRegressor(max_iter=4, **options).fit(X, y)
    for background in (None, X[:15]):
        explainers = [TreeShap(model, background)]
        monkeypatch.setattr(_tree_cut, "WIDE_TABLE_BYTES", 0)
        explainers.append(TreeShap(model, background))
        assert explainers[1]._of_features.long_leaves
        monkeypatch.undo()
        values = [explainer.shap_values(X)[0] for explainer in explainers]
        np.testing.assert_allclose(values[1], values[0], rtol=0, atol=1e-12)
    check_exact(model, X[:1])


# --- Small models ------------------------------------------------------------------------------------------------------


def test_a_model_without_splits_contributes_nothing():
    """Trees of one leaf are all base."""
    model = shell(3)
    tree = np.zeros(1, dtype=PREDICTOR_RECORD_DTYPE)
    tree["value"], tree["is_leaf"], tree["count"] = 2.5, True, 40
    plant(model, [TreePredictor(tree, NO_CATEGORIES, NO_CATEGORIES)] * 2)
    for compiled in (False, True):
        for background in (None, np.ones((2, 3))):
            values, base = TreeShap(model, background, compiled=compiled).shap_values(np.ones((4, 3)))
            assert not values.any()
            assert base == model.predict(np.ones((1, 3)))[0]


def test_no_rows_give_no_contributions(with_categories):
    """An empty county is explained as an empty table."""
    model, frame = with_categories
    values, _ = TreeShap(model).shap_values(frame[:0])
    assert values.shape == (0, 4)


# --- Every row's values are its own ------------------------------------------------------------------------------------


def assert_same_bits(explainer, X, *, compiled=True):
    """Alone, in any company, in blocks, in threads and compiled: the same bits."""
    explainer.compiled = False
    expected, _ = explainer.shap_values(X)
    alone = np.concatenate([explainer.shap_values(X[i : i + 1])[0] for i in range(min(20, len(X)))])
    assert alone.tobytes() == expected[: len(alone)].tobytes()
    explainer.block_rows, explainer.n_jobs = 77, 2
    for way in (False, True) if compiled else (False,):
        explainer.compiled = way
        assert explainer.shap_values(X)[0].tobytes() == expected.tobytes()
        assert explainer.shap_values(X[3:50])[0].tobytes() == expected[3:50].tobytes()
        assert explainer.shap_values(np.asfortranarray(X))[0].tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_row_has_the_same_bits_alone_and_in_any_company(dtype):
    """A household scored alone gets the contributions it gets in its county's batch, compiled or not."""
    X, y = make_data(16, n_rows=6000, n_features=19)
    options = {"max_iter": 25, "max_leaf_nodes": 80, "max_depth": None, "min_samples_leaf": 5}
    model = HistGradientBoostingClassifier(**options).fit(X, y > 0)
    for background in (None, X[:30]):
        explainer = TreeShap(model, background, dtype=dtype)
        assert len(explainer._tables[1].groups) > 0
        assert_same_bits(explainer, X[:5000])


def test_compiled_code_is_not_thrown_off_by_arrays_that_cannot_be_written():
    """Views of frames and mapped files are read-only; they give the same bits without compiling anew."""
    X, y = make_data(17)
    model = HistGradientBoostingRegressor(max_iter=5).fit(X, y)
    explainer = TreeShap(model, compiled=True)
    expected, _ = explainer.shap_values(X)
    X.setflags(write=False)
    kernel = _sums.kernel()
    compiled = len(kernel._explain.signatures)
    np.testing.assert_array_equal(explainer.shap_values(X)[0], expected)
    assert len(kernel._explain.signatures) == compiled


def test_frames_and_arrays_give_the_same():
    """Column names, float32 and nullable columns change nothing."""
    X, y = make_data(18)
    frame = pd.DataFrame(X, columns=list("abcde"))
    expected, _ = TreeShap(HistGradientBoostingRegressor(max_iter=5).fit(X, y)).shap_values(X)
    for model in (
        HistGradientBoostingRegressor(max_iter=5).fit(X, y),
        HistGradientBoostingRegressor(max_iter=5).fit(frame, y),
    ):
        for rows in (X, frame, frame.set_axis(np.arange(len(X))[::-1]), frame.convert_dtypes()):
            np.testing.assert_array_equal(TreeShap(model).shap_values(rows)[0], expected)


def test_frames_of_polars_and_pyarrow_are_taken_by_their_names():
    """They give what frames of pandas give; columns in another order are refused, not explained under wrong names."""
    polars = pytest.importorskip("polars")
    X, y = make_data(36)
    frame = polars.DataFrame(dict(zip("abcde", X.T, strict=True)))
    expected, _ = TreeShap(HistGradientBoostingRegressor(max_iter=5).fit(X, y)).shap_values(X)
    for fitted_to in (X, frame, frame.to_pandas()):
        explainer = TreeShap(HistGradientBoostingRegressor(max_iter=5).fit(fitted_to, y), frame)
        assert explainer.base_value == TreeShap(explainer._model._boosting, X).base_value
        explainer = TreeShap(explainer._model._boosting)
        for rows in (frame, frame.fill_nan(None), frame.to_arrow(), frame.to_pandas(), X.astype(">f8")):
            np.testing.assert_array_equal(explainer.shap_values(rows)[0], expected)
        assert explainer(frame[:2]).feature_names == explainer(frame.to_arrow()[:2]).feature_names == list("abcde")
        if fitted_to is not X:
            for rows in (frame.select(list("bacde")), frame.select(list("bacde")).to_arrow()):
                with pytest.raises(FeatureMismatchError, match="the same in another order; pass the model's columns"):
                    explainer.shap_values(rows)


def test_nulls_that_were_a_category_stay_one():
    """To scikit-learn None among strings of polars, or of objects, is a category of its own, not missing."""
    polars = pytest.importorskip("polars")
    rng = np.random.default_rng(37)
    work = rng.choice(np.array(["farm", "town", None], dtype=object), size=300)
    number = rng.normal(size=300)
    y = (work == None) * 2.0 + (work == "farm") * number  # noqa: E711
    objects = np.column_stack([work, number.astype(object)])
    frame = polars.DataFrame({"work": work.tolist(), "number": number})
    for fitted_to, rows in (
        (frame, frame),
        (pd.DataFrame(objects, columns=["work", "number"], dtype=object), objects),
    ):
        model = HistGradientBoostingRegressor(max_iter=10, categorical_features=[0]).fit(fitted_to, y)
        values, base = TreeShap(model).shap_values(rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an array has no names
            np.testing.assert_allclose(base + values.sum(axis=1), model.predict(rows), rtol=0, atol=1e-12)


def test_threads_may_group_differently():
    """While one thread takes the sums of its labels, another may ask for those of others."""
    X, y = make_data(39)
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=5).fit(X, y))
    expected, _ = explainer.shap_values(X, groups="aabbb")

    class Other(dict):
        """Sums of labels that another thread takes the place of as soon as they were looked up."""

        def __contains__(self, labels):
            found = super().__contains__(labels)
            explainer._of_labels = {}
            return found

    explainer._of_labels = Other(explainer._of_labels)
    np.testing.assert_array_equal(explainer.shap_values(X, groups="aabbb")[0], expected)


def test_memory_is_bounded_by_blocks():
    """Beside its result, an explanation needs memory for some blocks, however many rows there are."""
    X, y = make_data(19, n_rows=20_000, n_features=10)
    model = HistGradientBoostingRegressor(max_iter=5).fit(X[:1000], y[:1000])
    explainer = TreeShap(model, block_rows=1000, compiled=False)
    explainer.shap_values(X[:2000])
    frame = pd.DataFrame(X)
    tracemalloc.start()
    values, _ = explainer.shap_values(frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < values.nbytes + 1_500_000


def test_an_explainer_survives_a_trip_to_another_process():
    """Pickled, it explains the same, compiled code included."""
    X, y = make_data(20)
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=5).fit(X, y), compiled=True)
    expected, _ = explainer.shap_values(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(explainer)).shap_values(X)[0], expected)


def test_an_explainer_may_be_mapped_from_a_file(tmp_path):
    """Used or not it has the same size on disk, and its arrays, mapped, need no compiling anew."""
    X, y = make_data(40)
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=5).fit(X, y), compiled=True)
    size = len(pickle.dumps(explainer))
    expected, _ = explainer.shap_values(X)
    explainer.shap_values(X, groups="aabbb")
    explainer._of_labels = {}
    assert len(pickle.dumps(explainer)) == size
    joblib.dump(explainer, tmp_path / "explainer")
    kernel = _sums.kernel()
    compiled = len(kernel._explain.signatures)
    mapped = joblib.load(tmp_path / "explainer", mmap_mode="r")
    np.testing.assert_array_equal(mapped.shap_values(X)[0], expected)
    assert len(kernel._explain.signatures) == compiled


# --- The surface -------------------------------------------------------------------------------------------------------


def test_the_result_is_what_plots_of_shap_take():
    """Calling the explainer gives shap's own object, with the names of the columns."""
    X, y = make_data(21)
    frame = pd.DataFrame(X, columns=list("abcde"))
    model = HistGradientBoostingRegressor(max_iter=5).fit(frame, y)
    explanation = TreeShap(model)(frame[:7])
    assert type(explanation).__module__.startswith("shap")
    assert explanation.feature_names == list("abcde")
    assert explanation.shape == (7, 5)
    np.testing.assert_array_equal(explanation.data, frame[:7])
    np.testing.assert_allclose(explanation.base_values + explanation.values.sum(axis=1), model.predict(frame[:7]))  # noqa: PD011
    assert TreeShap(model)(X[:7]).feature_names == list("abcde")


def test_any_columns_can_be_drawn(with_categories):
    """Plots of shap ask for numbers and names: categories are numbered and shown as they are, and nothing is NA."""
    mpl = pytest.importorskip("matplotlib")
    mpl.use("Agg")
    shap = tree_shap.import_shap()
    model, frame = with_categories
    explanation = TreeShap(model)(frame[:30])
    assert explanation.data.dtype == np.float64
    np.testing.assert_array_equal(explanation.data[:, [0, 2]], frame[["income", "area"]][:30])
    np.testing.assert_array_equal(explanation.data[:, 3], frame["cause"].cat.codes[:30])
    assert explanation.display_data[:, 3].tolist() == frame["cause"][:30].tolist()
    X, y = make_data(41)
    nullable = pd.DataFrame(X, columns=list("abcde")).assign(a=y > 0).convert_dtypes()
    unnamed = HistGradientBoostingRegressor(max_iter=5).fit(X, y)
    drawn = [explanation]
    drawn.append(TreeShap(HistGradientBoostingRegressor(max_iter=5).fit(nullable, y))(nullable[:30]))
    drawn.append(TreeShap(unnamed)(X[:30]))
    assert drawn[1].display_data is drawn[2].display_data is None
    assert drawn[2].feature_names[1] == "Feature 1"
    for each in drawn:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of shap's own
            shap.plots.scatter(each[:, 1], show=False)
            shap.plots.violin(each, show=False)
            shap.plots.heatmap(each, show=False)
            shap.plots.waterfall(each[0], show=False)
        mpl.pyplot.close("all")


def test_monotone_boosting_is_explained_by_its_trees():
    """The project's own classifier is taken as it is."""
    X, y = make_data(22, n_rows=1000)
    frame = pd.DataFrame(X, columns=list("abcde"))
    model = MonotoneBoosting(max_iter=20, random_state=0).fit(frame, y > 1)
    explainer = TreeShap(model)
    values, base = explainer.shap_values(frame)
    np.testing.assert_allclose(base + values.sum(axis=1), model.decision_function(frame), rtol=0, atol=1e-12)
    assert list(explainer.feature_names_in_) == list("abcde")


def test_progress_is_told():
    """A long run can be watched; the last word is that all rows are done."""
    X, y = make_data(23, n_rows=1000)
    told = []
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=2).fit(X, y), block_rows=200)
    explainer.shap_values(X, progress=lambda *said: told.append(said))
    assert told[-1] == (1000, 1000, "explanation")
    assert len(told) > 3


@pytest.mark.parametrize("n_jobs", [1, 2, 3])
def test_threads_get_equal_shares(n_jobs, monkeypatch):
    """Whatever the number of rows, every thread has as many blocks of about the same size, none above the bound."""
    monkeypatch.setattr(tree_shap, "LEAST_FOR_THREAD", 100)
    X, y = make_data(42, n_rows=600)
    told = []
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=2).fit(X, y), block_rows=100, n_jobs=n_jobs)
    explainer.shap_values(X[: tree_shap.ROWS_CHECKED + 304], progress=lambda done, *_: told.append(done))
    sizes = np.diff([tree_shap.ROWS_CHECKED, *told])
    assert len(sizes) % n_jobs == 0
    assert sizes.max() <= 100
    assert sizes.max() - sizes.min() < len(sizes)


def test_few_rows_start_no_threads(monkeypatch):
    """To wait for threads would take longer than the rows."""
    asked = []
    parallel = joblib.Parallel
    monkeypatch.setattr(
        tree_shap.joblib, "Parallel", lambda n_jobs, **how: asked.append(n_jobs) or parallel(n_jobs, **how)
    )
    X, y = make_data(42, n_rows=600)
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=2).fit(X, y), n_jobs=2)
    explainer.shap_values(X)
    monkeypatch.setattr(tree_shap, "LEAST_FOR_THREAD", 300)
    explainer.shap_values(X)
    assert asked == [1, 2]


def test_heavy_packages_wait_until_they_are_needed():
    """Neither shap nor numba is loaded to explain a few rows."""
    code = """
import sys, numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from fanpin_risk.tree_shap.tree_shap import TreeShap
X = np.random.default_rng(0).normal(size=(100, 2))
TreeShap(HistGradientBoostingRegressor(max_iter=2).fit(X, X[:, 0])).shap_values(X)
assert not {"shap", "numba"} & set(sys.modules), "loaded"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_compiled_code_is_used_when_there_is_work_for_it(monkeypatch):
    """Many rows, or code that is loaded already, go the compiled way; few rows do not load it."""
    X, y = make_data(24)
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=2).fit(X, y))
    sums = explainer._of_features
    _sums.kernel.cache_clear()
    assert not sums.worth_compiling(300, compiled=None)
    assert sums.worth_compiling(10**9, compiled=None)
    assert sums.worth_compiling(1, compiled=None)
    monkeypatch.setitem(sys.modules, "fanpin_risk.tree_shap._kernel", None)
    _sums.kernel.cache_clear()
    assert not sums.worth_compiling(10**9, compiled=None)
    explainer.compiled = True
    with pytest.raises(ExplanationError, match="needs numba"):
        explainer.shap_values(X)
    _sums.kernel.cache_clear()


def test_the_check_of_the_sums_starts_no_threads(monkeypatch):
    """On a busy machine threads of OpenMP that wait for each other, tree by tree, cost more than all the rest."""
    X, y = make_data(43)
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=2).fit(X, y))
    raw_predict, threads = HistGradientBoostingRegressor._raw_predict, []

    def watched(self, X, n_threads=None):
        threads.append(n_threads)
        return raw_predict(self, X, n_threads)

    monkeypatch.setattr(HistGradientBoostingRegressor, "_raw_predict", watched)
    explainer.shap_values(X)
    assert threads == [1]


# --- Refusals ----------------------------------------------------------------------------------------------------------


def test_a_model_that_changed_is_refused():
    """Contributions that no longer add up to the model's answer are never returned."""
    X, y = make_data(25)
    model = HistGradientBoostingRegressor(max_iter=5).fit(X, y)
    explainer = TreeShap(model)
    model._predictors[2][0].nodes["value"] += 1e-6
    with pytest.raises(ExplanationError, match="do not add up to the margin: 256 of 256 rows"):
        explainer.shap_values(X)
    model._predictors[2][0].nodes["value"] = np.nan
    with pytest.raises(ExplanationError, match="do not add up"):
        explainer.shap_values(X)


def test_other_models_are_refused():
    """Only fitted boosted trees with one margin are explained; others are told what is expected."""
    X, y = make_data(26, missing=0.0)
    with pytest.raises(ExplanationError, match="cannot explain a LogisticRegression"):
        TreeShap(LogisticRegression().fit(X, y > 0))
    for model in (HistGradientBoostingRegressor(), MonotoneBoosting()):
        with pytest.raises(ExplanationError, match=f"the {type(model).__name__} is not fitted; .* call its fit first"):
            TreeShap(model)
    for model in (make_pipeline(HistGradientBoostingRegressor(max_iter=2)).fit(X, y), RiskModel()):
        with pytest.raises(
            ExplanationError, match=r"pipeline, .* pass that one, and rows as they reach it; a RiskModel"
        ):
            TreeShap(model)
    with pytest.raises(ExplanationError, match="3 classes"):
        TreeShap(HistGradientBoostingClassifier(max_iter=2).fit(X, np.digitize(y, [-0.5, 0.5])))


def test_other_columns_are_refused():
    """Columns of another number, name or order are told apart before anything is computed."""
    X, y = make_data(27)
    frame = pd.DataFrame(X, columns=list("abcde"))
    explainer = TreeShap(HistGradientBoostingRegressor(max_iter=2).fit(frame, y))
    with pytest.raises(FeatureMismatchError, match=r"expected \(n_rows, 5\)"):
        explainer.shap_values(X[:, :4])
    with pytest.raises(FeatureMismatchError, match="expected"):
        explainer.shap_values(X[0])
    with pytest.raises(FeatureMismatchError, match=r"shape \(5,\); expected \(n_rows, 5\)"):
        explainer.shap_values(frame.iloc[0])
    with pytest.raises(FeatureMismatchError, match=r"1 absent \(a\), 1 unknown \(z\)"):
        explainer.shap_values(frame.rename(columns={"a": "z"}))
    with pytest.raises(FeatureMismatchError, match="the same in another order; pass the model's columns in its order"):
        explainer.shap_values(frame[list("bacde")])
    with pytest.raises(FeatureMismatchError, match=r"rows to explain are a set; expected .* \(n_rows, 5\)"):
        explainer.shap_values(set())
    with pytest.raises(FeatureMismatchError, match="expected"):
        TreeShap(HistGradientBoostingRegressor(max_iter=2).fit(X, y), X[:, :2])


@pytest.mark.parametrize(
    ("weights", "match"),
    [([1, 2], "shape"), ([1, -1, 1], "not negative"), ([0, 0, 0], "zero"), ([1, np.nan, 1], "finite")],
)
def test_weights_that_are_no_weights_are_refused(weights, match):
    """One weight per background row, none negative, not all zero."""
    X, y = make_data(28)
    model = HistGradientBoostingRegressor(max_iter=2).fit(X, y)
    with pytest.raises(ExplanationError, match=match):
        TreeShap(model, X[:3], weights=weights)


def test_other_options_are_refused():
    """Options are checked where they are given."""
    X, y = make_data(29)
    model = HistGradientBoostingRegressor(max_iter=2).fit(X, y)
    with pytest.raises(ExplanationError, match="no rows"):
        TreeShap(model, X[:0])
    with pytest.raises(ValueError, match="float16"):
        TreeShap(model, dtype="float16")
    with pytest.raises(ValueError, match="block_rows"):
        TreeShap(model, block_rows=0)
    with pytest.raises(ValueError, match="background too"):
        TreeShap(model, weights=[1.0])
