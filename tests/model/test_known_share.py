"""How much of a household is known, and whether that is enough.

Tests model/needed_counts.py as well.
"""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import FeatureMismatchError, NotEnoughDataError, SchemaError
from fanpin_risk.features import compute_features
from fanpin_risk.model.known_share import KNOWN_OF_MEDIAN, KnownShare, fit_known
from fanpin_risk.model.needed_counts import applicable, needed_counts
from fanpin_risk.synthetic import make_register


@pytest.fixture
def table():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.normal(size=(400, 4)), columns=["income", "age", "school", "unused"])
    return frame.mask(rng.random(frame.shape) < 0.05)


def test_known_share_weighs_features_by_what_they_move(table):
    """The share is that of the weights, not of the columns; a feature that moves nothing need not be known."""
    known = fit_known(table, [2.0, 1.0, 1.0, 0.0])
    rows = pd.DataFrame(
        [[1, 1, 1, np.nan], [np.nan, 1, 1, 1], [1, np.nan, 1, 1], [np.nan] * 4], columns=table.columns, dtype="float64"
    )
    np.testing.assert_array_equal(known.of(rows), [1.0, 0.5, 0.75, 0.0])
    assert known.of(rows.iloc[[1]])[0] == known.of(rows[rows.columns[::-1]].assign(more=1))[1]
    assert list(known.enough(known.of(rows)[[0, 3]])) == [True, False]


def test_only_records_thinner_than_those_trained_on_are_too_thin(table):
    """One missing cell does not hold a risk back, nor do gaps that training had as well."""
    full = fit_known(table.fillna(0.0), np.ones(4))
    assert full.least == KNOWN_OF_MEDIAN
    assert full.enough(full.of(table.fillna(0.0))).all()
    thin = table.fillna(0.0)
    thin.loc[:39, ["income", "age", "school"]] = np.nan
    used_to = fit_known(thin, np.ones(4))
    assert used_to.enough(used_to.of(thin)).all()
    assert used_to.least == 0.25
    assert not full.enough(full.of(thin))[:40].any()


def test_known_share_comes_back_from_arrays(table):
    """Weights and bound travel with the model as plain numbers; those of other features are refused."""
    known = fit_known(table, [2.0, 1.0, 1.0, 0.0])
    again = KnownShare.from_arrays(known.to_arrays(), known.features)
    np.testing.assert_array_equal(again.of(table), known.of(table))
    assert again.least == known.least
    arrays = known.to_arrays()
    with pytest.raises(SchemaError, match="3 weights"):
        KnownShare.from_arrays(arrays, known.features[:3])
    with pytest.raises(SchemaError, match="4 weights"):
        KnownShare.from_arrays({**arrays, "known_weights": arrays["known_weights"] * [1, 1, -1, 1]}, known.features)
    with pytest.raises(SchemaError, match="one share"):
        KnownShare.from_arrays({**arrays, "known_least": np.array([2.0])}, known.features)
    with pytest.raises(SchemaError, match="one share"):
        KnownShare.from_arrays({"known_weights": arrays["known_weights"]}, known.features)


def test_known_share_needs_the_models_features(table):
    """A table without a feature, or weights that are none, are refused."""
    with pytest.raises(FeatureMismatchError, match="1 of 4 features are not in the table: age"):
        fit_known(table, np.ones(4)).of(table.drop(columns="age"))
    with pytest.raises(SchemaError, match="3 importances for 4 features"):
        fit_known(table, np.ones(3))
    with pytest.raises(SchemaError, match="finite and at least 0"):
        fit_known(table, [1.0, 1.0, 1.0, -1.0])
    with pytest.raises(NotEnoughDataError, match="0 features that move"):
        fit_known(table, np.zeros(4))


def test_what_does_not_apply_is_no_gap():
    """Work of a household without anybody able to work weighs nothing; where it is not known whether, it is a gap."""
    rows = pd.DataFrame({"income_to_line": [1.0] * 3, "work_months_per_able": [np.nan] * 3})
    counts = pd.DataFrame({"n_able_labour": [0.0, 2.0, np.nan]})
    share = KnownShare(tuple(rows.columns), np.array([600_000, 400_000]), 0.0)
    np.testing.assert_array_equal(share.of(rows, counts), [1.0, 0.6, 0.6])
    np.testing.assert_array_equal(share.of(rows), [0.6] * 3)
    assert KnownShare(("work_months_per_able",), np.array([1_000_000]), 0.0).of(rows, counts)[0] == 0
    assert applicable(["work_months_per_able"], counts, 3).tolist() == [[False], [True], [True]]
    assert fit_known(rows.fillna({"work_months_per_able": 1.0}), [3.0, 2.0], counts).least == KNOWN_OF_MEDIAN


def test_counts_are_those_of_the_columns():
    """Whether they were computed with the features or not."""
    register = make_register(200, random_state=1)
    here = Snapshot(register, "2022-12-31")
    table = compute_features(register, "2022-12-31", context=True)
    counts = needed_counts(here)
    pd.testing.assert_frame_equal(counts, table[counts.columns])
    pd.testing.assert_frame_equal(needed_counts(here, table), counts)
    assert (counts["stays_on_record"] == 0).any()
