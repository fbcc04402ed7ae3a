"""Rows of features stand in an order of their values, without being copied."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.model.canonical_rows import CanonicalRows, end_to_end


def test_order_is_that_of_all_columns_one_after_the_other():
    """The first column decides, missing values come last, then class and weight."""
    rng = np.random.default_rng(0)
    matrix = rng.integers(0, 3, (300, 4)).astype("float64")
    matrix[rng.random(matrix.shape) < 0.2] = np.nan
    labels, weight = rng.integers(0, 2, 300), rng.random(300)
    rows = np.flatnonzero(rng.random(300) < 0.7)
    table = CanonicalRows.of_matrix(matrix)
    for given in (None, weight[rows]):
        order = table.ordered(rows, labels[rows], given)
        wanted = np.lexsort([*([] if given is None else [given]), labels[rows], *matrix[rows].T[::-1]])
        for values in (matrix[rows], labels[rows], *([] if given is None else [given])):
            np.testing.assert_array_equal(values[order], values[wanted])


def test_blocks_hold_the_rows_asked_for():
    """Matrices of some rows at a time are together those rows."""
    table = CanonicalRows([np.arange(70_000.0), np.zeros(70_000)])
    rows = np.arange(69_999, -1, -1)
    blocks = list(table.matrices(rows))
    assert len(blocks) == 3
    np.testing.assert_array_equal(np.concatenate([matrix for _, matrix in blocks])[:, 0], rows)


def test_infinite_values_are_refused():
    """As scikit-learn refuses them."""
    with pytest.raises(ValueError, match="infinity"):
        CanonicalRows.of_table(pd.DataFrame({"a": [1.0, np.inf]}))


@pytest.mark.parametrize("cut", [(0, 2, 5), (0, 0, 5), (1, 2, 5)])
def test_arrays_that_stand_one_after_the_other_are_not_copied(cut):
    """Others are, and the values are the same."""
    whole = np.arange(5.0)
    begin, middle, end = cut
    parts = [whole[begin:middle], whole[middle:end]]
    joined = end_to_end(parts)
    np.testing.assert_array_equal(joined, np.concatenate(parts))
    assert np.shares_memory(joined, whole)
    assert not np.shares_memory(end_to_end(parts[::-1]), whole)
    assert not np.shares_memory(end_to_end([whole[:2], whole[3:]]), whole)
