"""Several tree models as one: margins, contributions and covers, checked against the models themselves."""

import numpy as np
import pytest
from scipy.special import expit

from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.tree_merging import counted_on, mean_of_trees, with_last_feature_at
from fanpin_risk.tree_shap.tree_shap import TreeShap

N = 3000


@pytest.fixture(scope="module")
def rows():
    """Two numbers, a category and who is at risk, nobody with few of the second; some are missing here and there."""
    rng = np.random.default_rng(0)
    table = np.column_stack([rng.normal(size=(N, 2)), rng.integers(0, 6, N), rng.random(N) < 0.8]).astype("float64")
    table[table[:, 1] < -0.5, 3] = 0
    table[rng.random(N) < 0.1, 0] = np.nan
    table[rng.random(N) < 0.1, 2] = np.nan
    return table


@pytest.fixture(scope="module")
def fitted(rows):
    """A classifier that leans on who is at risk, together with the other features."""
    code = np.nan_to_num(rows[:, 2], nan=1.0)
    margin = np.where(rows[:, 3] == 1, rows[:, 1] - 1, 1 - rows[:, 1]) + 2 * (code % 2) * rows[:, 3] - 1
    y = (np.random.default_rng(1).random(N) < expit(margin)).astype(int)
    return MonotoneBoosting(
        categorical_features=[2], max_iter=40, max_features=1.0, early_stopping=False, random_state=0
    ).fit(rows, y)


def of_arrays(arrays):
    """Return the classifier of some arrays."""
    return MonotoneBoosting.from_arrays(arrays)


def test_a_feature_with_one_value_is_taken_out(rows, fitted):
    """To the bit what the trees gave with the feature at the value; no split asks for it, none was lost with it."""
    arrays = fitted.to_arrays()
    assert (arrays["feature_idx"][arrays["is_leaf"] == 0] == 3).sum() > 20
    for value in (0.0, 1.0):
        without = counted_on(with_last_feature_at(arrays, value), rows[:, :3])
        expected = fitted.decision_function(np.column_stack([rows[:, :3], np.full(N, value)]))
        np.testing.assert_array_equal(of_arrays(without).decision_function(rows[:, :3]), expected)
        assert len(without["monotonic_cst"]) == 3
    assert not np.array_equal(expected, fitted.decision_function(rows))


def test_covers_are_those_of_the_rows_counted(rows, fitted):
    """On the rows of training they are what the trees were grown with; on others each node has the rows that reach it."""
    arrays = fitted.to_arrays()
    np.testing.assert_array_equal(counted_on(arrays, rows)["count"], arrays["count"])
    some = rows[rows[:, 3] == 1]
    counted = counted_on(arrays, some)
    roots = arrays["tree_start"][:-1]
    assert (counted["count"][roots] == len(some)).all()
    leaves = arrays["is_leaf"] == 1
    mean = np.add.reduceat(np.where(leaves, counted["value"] * counted["count"], 0), roots).sum() / len(some)
    assert fitted.decision_function(some).mean() == pytest.approx(mean + arrays["baseline"][0], abs=1e-12)


def test_contributions_are_measured_from_those_counted(rows, fitted):
    """With covers of some rows the base is the mean of trees over them, and contributions add up from there."""
    some = rows[rows[:, 3] == 1]
    arrays = counted_on(with_last_feature_at(fitted.to_arrays(), 1.0), some[:, :3])
    assert (arrays["count"] == 0).any(), "a leaf that only the others reach"
    one = of_arrays(arrays)
    values, base = TreeShap(one).shap_values(some[:, :3])
    np.testing.assert_allclose(values.sum(axis=1) + base, one.decision_function(some[:, :3]), atol=1e-12)
    assert base == pytest.approx(fitted.decision_function(some).mean(), abs=1e-12)


def test_the_mean_of_models_is_one_model(rows):
    """Margins are the mean, and contributions are the mean of theirs."""
    y = (rows[:, 1] > 0.5).astype(int)
    half = rows[rows[:, 2] != 5]
    models = [
        MonotoneBoosting(categorical_features=[2], max_iter=n, early_stopping=False, random_state=n).fit(table, target)
        for n, table, target in ((10, rows, y), (25, half, (half[:, 1] > 0.5).astype(int)))
    ]
    one = of_arrays(mean_of_trees([model.to_arrays() for model in models]))
    assert one.n_trees_ == 35
    expected = np.mean([model.decision_function(rows) for model in models], axis=0)
    np.testing.assert_allclose(one.decision_function(rows), expected, atol=1e-13)
    expected = np.mean([TreeShap(model).shap_values(rows)[0] for model in models], axis=0)
    np.testing.assert_allclose(TreeShap(one).shap_values(rows)[0], expected, atol=1e-12)
