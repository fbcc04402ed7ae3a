"""MonotoneBoosting: scikit-learn's contract, monotonicity, row order, bits, and trees as plain arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble._hist_gradient_boosting import binning
from sklearn.utils.estimator_checks import parametrize_with_checks

from fanpin_risk.boosting import NODE_COLUMNS, MonotoneBoosting
from fanpin_risk.errors import ModelFileError, NotEnoughDataError


def households(n: int = 1500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows with missing values, ties and an event of about one in five."""
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(n, 6)), 1)
    X[rng.random(X.shape) < 0.15] = np.nan
    seen = np.nan_to_num(X)
    logit = -2 + seen[:, 0] - 0.8 * seen[:, 1] + 0.5 * seen[:, 2] * (seen[:, 3] > 0) + 0.6 * np.isnan(X[:, 4])
    return X, (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    """One data set for all tests."""
    return households()


@pytest.fixture(scope="module")
def model(data) -> MonotoneBoosting:
    """One fitted classifier for all tests."""
    return MonotoneBoosting(random_state=0, max_iter=60, monotonic_cst=[1, -1, 0, 0, 0, 0]).fit(*data)


@parametrize_with_checks([MonotoneBoosting()])
def test_scikit_learn_contract(estimator, check):
    """Every check of scikit-learn for classifiers passes, with no expected failures."""
    check(estimator)


def test_early_stopping_keeps_trees_up_to_the_best_round(data):
    """No tree after the round with the least held-out loss is kept."""
    fitted = MonotoneBoosting(random_state=0).fit(*data)
    assert fitted.n_iter_ == len(fitted.boosting_._predictors) == int(np.argmin(fitted.validation_loss_))
    assert len(fitted.validation_loss_) > fitted.n_iter_ + 1


def test_early_stopping_by_given_rows(data):
    """Rows passed as X_val decide when to stop, and their order does not matter."""
    X, y = data
    fit = {"random_state": 0, "n_iter_no_change": 5}
    held = np.arange(1000, 1500)
    first = MonotoneBoosting(**fit).fit(X[:1000], y[:1000], X_val=X[held], y_val=y[held])
    again = MonotoneBoosting(**fit).fit(X[:1000], y[:1000], X_val=X[held[::-1]], y_val=y[held[::-1]])
    assert first.n_iter_ < 400
    assert first.validation_loss_.tolist() == again.validation_loss_.tolist()
    with pytest.raises(ValueError, match="belong together"):
        MonotoneBoosting().fit(X, y, X_val=X)
    with pytest.raises(ValueError, match="a class that y does not"):
        MonotoneBoosting().fit(X, y, X_val=X, y_val=y + 1)


def test_leaves_are_bounded_and_small_data_gets_a_smaller_bound(data):
    """Leaves hold at least min_samples_leaf rows, or a twentieth of the rows where that is less."""
    X, y = data
    few = MonotoneBoosting(random_state=0, max_iter=20, early_stopping=False, min_samples_leaf=60).fit(X, y)
    arrays = few.to_arrays()
    assert few.min_samples_leaf_ == 60
    assert arrays["count"][arrays["is_leaf"] == 1].min() >= 60
    assert (
        MonotoneBoosting(random_state=0, max_iter=2, early_stopping=False).fit(X[:200], y[:200]).min_samples_leaf_ == 10
    )


@pytest.mark.parametrize(("column", "sign"), [(0, 1), (1, -1)])
def test_constraints_hold_for_every_row(data, model, column, sign):
    """Raising a constrained feature never moves any row's margin the other way."""
    X = data[0][:50]
    grid = np.linspace(-4, 4, 41)
    margins = []
    for value in grid:
        changed = X.copy()
        changed[:, column] = value
        margins.append(model.decision_function(changed))
    steps = np.diff(np.array(margins), axis=0) * sign
    assert (steps >= 0).all()
    assert (steps > 0).any()


def test_constraints_by_name_equal_constraints_by_position(data, model):
    """A dict of constraints by feature name means the same as the array."""
    frame = pd.DataFrame(data[0], columns=list("abcdef"))
    named = MonotoneBoosting(random_state=0, max_iter=60, monotonic_cst={"b": -1, "a": 1}).fit(frame, data[1])
    assert named.monotonic_cst_.tolist() == model.monotonic_cst_.tolist()
    assert named.feature_names_in_.tolist() == list("abcdef")
    assert named.decision_function(frame).tolist() == model.decision_function(data[0]).tolist()


@pytest.mark.parametrize(
    ("constraints", "message"),
    [({"g": 1}, "does not have: g"), ([1, 0], r"shape \(2,\)"), ([2, 0, 0, 0, 0, 0], "expected -1, 0 or 1")],
)
def test_wrong_constraints_are_refused(data, constraints, message):
    """A constraint on an unknown feature, of another length or value is refused."""
    frame = pd.DataFrame(data[0], columns=list("abcdef"))
    with pytest.raises(ValueError, match=message):
        MonotoneBoosting(monotonic_cst=constraints).fit(frame, data[1])


@pytest.mark.parametrize("subsample", [200_000, 300])
def test_row_order_changes_no_bit(data, monkeypatch, subsample):
    """The fitted trees are the same to the bit in any order of the rows, also when bins come from a subsample."""
    monkeypatch.setattr(binning._BinMapper.__init__, "__defaults__", (256, subsample, None, None, None, None))
    X, y = data
    order = np.random.default_rng(1).permutation(len(y))
    first = MonotoneBoosting(random_state=0, max_iter=30).fit(X, y).to_arrays()
    second = MonotoneBoosting(random_state=0, max_iter=30).fit(X[order], y[order]).to_arrays()
    assert {k: v.tobytes() for k, v in first.items()} == {k: v.tobytes() for k, v in second.items()}


@pytest.mark.parametrize("many", [0, 10**9])
def test_number_of_threads_changes_no_bit(data, model, monkeypatch, many):
    """The fitted trees and margins are the same to the bit with one thread and with several."""
    monkeypatch.setattr("fanpin_risk.boosting.MANY_VALUES", many)
    again = MonotoneBoosting(random_state=0, max_iter=60, monotonic_cst=[1, -1, 0, 0, 0, 0]).fit(*data)
    assert again.to_arrays()["value"].tobytes() == model.to_arrays()["value"].tobytes()
    assert again.decision_function(data[0]).tobytes() == model.decision_function(data[0]).tobytes()


def test_negative_zero_is_zero(data):
    """-0.0 and 0.0 are one value, also to the order of the rows."""
    X, y = data
    flipped = np.where((X == 0) & (np.arange(len(X)) % 2 == 0)[:, None], -0.0, X)
    first, second = (MonotoneBoosting(random_state=0, max_iter=10).fit(x, y).to_arrays() for x in (X, flipped))
    assert first["value"].tobytes() == second["value"].tobytes()


def test_a_row_alone_scores_as_in_the_batch(data, model):
    """A row's margin and probability are the same to the bit alone and in a batch."""
    X = data[0][:100]
    alone = np.concatenate([model.decision_function(row[None]) for row in X])
    assert alone.tobytes() == model.decision_function(X).tobytes()
    alone = np.concatenate([model.predict_proba(row[None]) for row in X])
    assert alone.tobytes() == model.predict_proba(X).tobytes()


def test_one_class_is_refused(data):
    """Data without the event cannot be fitted, and the message says what to do."""
    with pytest.raises(NotEnoughDataError, match="one class only; take more days"):
        MonotoneBoosting().fit(data[0], np.zeros(len(data[0])))


def test_infinite_values_are_refused(data):
    """Infinity is a mistake of a feature, not a value."""
    X = data[0].copy()
    X[3, 2] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        MonotoneBoosting().fit(X, data[1])


def test_arrays_rebuild_the_same_classifier(data, model):
    """A classifier taken apart and rebuilt predicts the same to the bit, and can be taken apart again."""
    arrays = model.to_arrays()
    rebuilt = MonotoneBoosting.from_arrays(arrays, feature_names=list("abcdef"), random_state=0, max_iter=60)
    frame = pd.DataFrame(data[0], columns=list("abcdef"))
    assert rebuilt.decision_function(frame).tobytes() == model.decision_function(data[0]).tobytes()
    assert rebuilt.predict_proba(frame).tobytes() == model.predict_proba(data[0]).tobytes()
    assert rebuilt.predict(frame).tolist() == model.predict(data[0]).tolist()
    assert {k: v.tobytes() for k, v in rebuilt.to_arrays().items()} == {k: v.tobytes() for k, v in arrays.items()}
    assert rebuilt.get_params() | {"monotonic_cst": None} == model.get_params() | {"monotonic_cst": None}


@pytest.mark.parametrize("known", [0, 1, 40])
def test_features_hardly_ever_known_are_passed_over(data, known):
    """A feature that is never, or almost never, known neither breaks the fit nor enters a tree."""
    X, y = data
    sparse = np.full(len(y), np.nan)
    sparse[:known] = 1.0 + np.arange(known)
    fitted = MonotoneBoosting(random_state=0, max_iter=20, max_features=1.0).fit(np.column_stack([sparse, X]), y)
    arrays = fitted.to_arrays()
    assert 0 not in arrays["feature_idx"][arrays["is_leaf"] == 0]
    assert np.isfinite(fitted.decision_function(np.column_stack([sparse, X]))).all()


def damage(name, change):
    """Return a function that changes one array of a classifier."""

    def apply(arrays):
        arrays[name] = change(arrays[name], arrays)

    apply.__name__ = name
    return apply


def at(mask_name, value, *, leaf=False):
    """Set the first inner node (or leaf) of an array to a value."""

    def change(array, arrays):
        array[np.flatnonzero(arrays["is_leaf"] == leaf)[0]] = value
        return array

    return damage(mask_name, change)


DAMAGES = {
    "child after the end": (at("left", 10_000), "child is out of range"),
    "child negative": (at("right", -1), "child is out of range"),
    "loop to the root": (at("left", 0), "not after its parent"),
    "two parents": (at("left", 2), "no parent, or more than one"),
    "feature out of range": (at("feature_idx", 6), "feature out of range"),
    "feature negative": (at("feature_idx", -1), "feature out of range"),
    "threshold missing": (at("num_threshold", np.nan), "threshold is not a number"),
    "value infinite": (at("value", np.inf, leaf=True), "value is not finite"),
    "count zero": (at("count", 0, leaf=True), "count is out of range"),
    "counts do not add up": (at("count", 7, leaf=True), "do not add up"),
    "depth wrong": (at("depth", 3), "depth"),
    "leaf flag": (at("is_leaf", 2), "is_leaf holds something else"),
    "missing flag": (at("missing_go_to_left", 9), "missing_go_to_left holds something else"),
    "column short": (damage("left", lambda a, _: a[:-1]), "differ in length"),
    "column of another type": (damage("left", lambda a, _: a.astype("<f8")), "left is float64, expected int64"),
    "two dimensions": (damage("value", lambda a, _: a[:, None]), "2 dimensions"),
    "cuts wrong": (damage("tree_start", lambda a, _: a[::-1]), "cut the nodes"),
    "cuts missing": (damage("tree_start", lambda a, _: a[:1]), "cut the nodes"),
    "baseline missing": (damage("baseline", lambda a, _: a * np.nan), "baseline"),
    "three classes": (damage("classes", lambda _a, _: np.array([0, 1, 2])), "two classes"),
    "one class twice": (damage("classes", lambda _a, _: np.array([1, 1])), "two classes"),
    "text classes": (damage("classes", lambda _a, _: np.array(["no", "yes"])), "two classes"),
    "constraint of 5": (damage("monotonic_cst", lambda a, _: a + np.int8(5)), "not -1, 0 or 1"),
    "array absent": (lambda arrays: arrays.pop("depth"), r"missing \['depth'\]"),
    "array unknown": (lambda arrays: arrays.update(code=np.zeros(1)), r"not expected \['code'\]"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_trees_are_refused(model, name):
    """Arrays that are no trees never become a classifier: walking them could crash or run for ever."""
    apply, message = DAMAGES[name]
    arrays = {key: value.copy() for key, value in model.to_arrays().items()}
    apply(arrays)
    with pytest.raises(ModelFileError, match=message):
        MonotoneBoosting.from_arrays(arrays)


def test_feature_names_must_match_the_trees(model):
    """Names for another number of features are refused."""
    with pytest.raises(ModelFileError, match="2 feature names for trees of 6"):
        MonotoneBoosting.from_arrays(model.to_arrays(), feature_names=["a", "b"])


def test_node_columns_are_all_of_the_record_that_predicts():
    """scikit-learn's node record has no column that is unknown here, so nothing that decides is left out."""
    known = {*NODE_COLUMNS, "gain", "bin_threshold", "is_categorical", "bitset_idx"}
    assert (
        set(MonotoneBoosting(max_iter=1).fit(*households(100)).boosting_._predictors[0][0].nodes.dtype.names) == known
    )
