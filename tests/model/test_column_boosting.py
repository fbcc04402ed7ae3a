"""Trees over shared columns are those that scikit-learn grows on the matrix."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from fanpin_risk.model.column_boosting import COLUMNS_AT_A_TIME, ColumnBoosting, SomeRows

PARAMETERS = {
    "max_iter": 8, "max_depth": 3, "max_leaf_nodes": None, "min_samples_leaf": 5, "max_features": 0.5, "random_state": 3,
}  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n", [600, 230_000])  # above 200,000 rows some of them define the bins
def test_trees_bins_and_losses_are_those_of_the_matrix(n, weighted):
    """To the bit, with categories, missing values and rows to stop by."""
    if n > 1000 and weighted:
        pytest.skip("the draw of weighted rows is the same code")
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(n, COLUMNS_AT_A_TIME + 3))
    matrix[:, 4] = rng.choice([2.0, 5.0, 9.0], n)
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    y = (np.nan_to_num(matrix[:, 0]) + (matrix[:, 4] == 5) + rng.normal(size=n) > 1).astype(int)
    rows, held = np.flatnonzero(rng.random(n) < 0.9)[::-1], np.arange(0, n, 7)
    weight = rng.random(len(rows)) + 0.5 if weighted else None
    several = np.arange(matrix.shape[1]) == 4
    whole = HistGradientBoostingClassifier(**PARAMETERS, early_stopping=True, categorical_features=several)
    whole.fit(matrix[rows], y[rows], weight, X_val=matrix[held], y_val=y[held])
    known = {4: np.array([2, 5, 9])}
    some = [
        SomeRows(list(matrix.T.copy()), chosen, known, several, np.zeros(len(several), bool)) for chosen in (rows, held)
    ]
    columns = ColumnBoosting(**PARAMETERS, early_stopping=True)
    columns.fit(some[0], y[rows], weight, X_val=some[1], y_val=y[held])
    np.testing.assert_array_equal(whole.validation_score_, columns.validation_score_)
    assert len(whole._predictors) == len(columns._predictors)
    for (one,), (other,) in zip(whole._predictors, columns._predictors, strict=True):
        for name in one.nodes.dtype.names:
            np.testing.assert_array_equal(one.nodes[name], other.nodes[name], err_msg=name)
        np.testing.assert_array_equal(one.raw_left_cat_bitsets, other.raw_left_cat_bitsets)
