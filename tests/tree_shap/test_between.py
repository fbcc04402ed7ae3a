"""What moved a margin between two states of a row, against the definition."""

import itertools
from math import factorial

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from fanpin_risk.errors import FeatureMismatchError
from fanpin_risk.tree_shap.between import contributions_between


def states(seed, n=400):
    """Rows at two times: numbers, missing values, and a column of categories."""
    rng = np.random.default_rng(seed)
    before = rng.normal(size=(n, 5))
    after = np.where(rng.random((n, 5)) < 0.5, before, rng.normal(size=(n, 5)))
    for rows in (before, after):
        rows[:, 4] = rng.integers(0, 6, n)
        rows[rng.random((n, 5)) < 0.1] = np.nan
    return before, after


def fitted(seed, **settings):
    before, after = states(seed)
    rows = np.concatenate([before, after])
    filled = np.nan_to_num(rows)
    y = filled[:, 0] * filled[:, 1] + np.abs(filled[:, 2]) + (filled[:, 4] == 3) * filled[:, 3]
    model = HistGradientBoostingRegressor(
        max_iter=25, max_depth=4, categorical_features=[4], random_state=0, min_samples_leaf=10, **settings
    )
    return model.fit(rows, y), before, after


def by_definition(model, before, after):
    """Shapley values of one row: the mean over all orders in which its features change."""
    n = len(before)
    coalitions = list(itertools.product([False, True], repeat=n))
    margin = dict(zip(coalitions, model.predict([np.where(c, after, before) for c in coalitions]), strict=True))
    values = np.zeros(n)
    for coalition in coalitions:
        for j in np.flatnonzero(~np.array(coalition)):
            joined = tuple(np.arange(n) == j) | np.array(coalition)
            weight = factorial(sum(coalition)) * factorial(n - sum(coalition) - 1) / factorial(n)
            values[j] += weight * (margin[tuple(joined.tolist())] - margin[coalition])
    return values


@pytest.mark.parametrize("seed", range(3))
def test_they_are_the_shapley_values_of_the_change(seed):
    """Numbers, missing values and categories: as worked out over all coalitions, and adding up to the change."""
    model, before, after = fitted(seed)
    moved = contributions_between(model, before, after)
    np.testing.assert_allclose(moved.sum(axis=1), model.predict(after) - model.predict(before), atol=1e-12)
    for row in range(12):
        np.testing.assert_allclose(moved[row], by_definition(model, before[row], after[row]), atol=1e-12)


def test_what_is_the_same_moves_nothing_and_rows_stand_alone():
    """Not by rounding either; and a row alone has the bits that it has among others."""
    model, before, after = fitted(7)
    moved = contributions_between(model, before, after)
    same = (before == after) | (np.isnan(before) & np.isnan(after))
    assert (moved[same] == 0).all()
    assert np.abs(moved).max() > 0.1
    np.testing.assert_array_equal(contributions_between(model, before[5:6], after[5:6])[0], moved[5])
    np.testing.assert_array_equal(contributions_between(model, after, after), 0.0)


def test_the_way_back_is_the_other_sign():
    """What moved a margin up moves it down on the way back."""
    model, before, after = fitted(8)
    there, back = contributions_between(model, before, after), contributions_between(model, after, before)
    np.testing.assert_allclose(there, -back, atol=1e-12)


def test_columns_that_trees_number_otherwise_are_put_back():
    """Frames with categories: scikit-learn puts these columns first."""
    before, after = (pd.DataFrame(rows, columns=list("abcde")) for rows in states(3))
    for frame in (before, after):
        frame["e"] = frame["e"].map({float(k): f"k{k}" for k in range(6)}).astype("category")
    y = np.tile([0, 1, 1, 0], len(before) // 4)
    model = HistGradientBoostingClassifier(max_iter=10, categorical_features="from_dtype", random_state=0).fit(
        before, y
    )
    moved = contributions_between(model, before, after)
    np.testing.assert_allclose(
        moved.sum(axis=1), model.decision_function(after) - model.decision_function(before), atol=1e-12
    )
    same = (before.astype(object) == after.astype(object)) | (before.isna() & after.isna())
    assert (moved[same.to_numpy()] == 0).all()


def test_other_rows_are_refused():
    """Two tables of different rows cannot be compared."""
    model, before, after = fitted(9)
    with pytest.raises(FeatureMismatchError, match="400 rows before and 399 after"):
        contributions_between(model, before, after[:-1])
