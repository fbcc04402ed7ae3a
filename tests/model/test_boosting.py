"""MonotoneBoosting: scikit-learn's contract, monotonicity, row order, bits, and trees as plain arrays.

Tests model/boosting_input.py, model/tree_arrays.py and model/tree_checks.py as well: what is asked of them is asked of the
classifier that they make up.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.ensemble._hist_gradient_boosting import binning
from sklearn.utils import check_random_state
from sklearn.utils.estimator_checks import parametrize_with_checks

from fanpin_risk.errors import ModelFileError, NotEnoughDataError
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.tree_arrays import NODE_COLUMNS
from fanpin_risk.tree_shap.tree_shap import TreeShap


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
    assert fitted.n_iter_ == len(fitted.boosting_._predictors) == int(np.argmin(fitted.validation_loss_[0]))
    assert len(fitted.validation_loss_[0]) > fitted.n_iter_ + 1


def test_early_stopping_by_given_rows(data):
    """Rows passed as X_val decide when to stop, and their order does not matter."""
    X, y = data
    fit = {"random_state": 0, "n_iter_no_change": 5}
    held = np.arange(1000, 1500)
    first = MonotoneBoosting(**fit).fit(X[:1000], y[:1000], X_val=X[held], y_val=y[held])
    again = MonotoneBoosting(**fit).fit(X[:1000], y[:1000], X_val=X[held[::-1]], y_val=y[held[::-1]])
    assert first.n_iter_ < 400
    assert first.validation_loss_[0].tolist() == again.validation_loss_[0].tolist()
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
    monkeypatch.setattr("fanpin_risk.model.boosting_input.MANY_VALUES", many)
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
    "count negative": (at("count", -1, leaf=True), "count is out of range"),
    "tree without rows": (
        damage("count", lambda a, _: np.where(np.arange(len(a)) == 0, 0, a)),
        "count is out of range",
    ),
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
    "array absent": (lambda arrays: arrays.pop("depth"), r"missing: \[depth\]"),
    "array unknown": (lambda arrays: arrays.update(code=np.zeros(1)), r"not expected: \[code\]"),
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
    known = {*NODE_COLUMNS, "gain", "bin_threshold", "bitset_idx"}
    assert (
        set(MonotoneBoosting(max_iter=1).fit(*households(100)).boosting_._predictors[0][0].nodes.dtype.names) == known
    )


# --- categories -------------------------------------------------------------------------------------------------------
CODES = {1: [0, 3, 7, 200], 3: [1, 2, 5]}  # column -> codes that occur; gaps are as good as none
GROWN = {"max_iter": 40, "max_depth": 3, "min_samples_leaf": 20, "max_features": 0.6, "random_state": 0}


def kinds(n: int = 1500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows with two columns of codes between numbers, missing values in all, and an event that codes drive."""
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(n, 5)), 1)
    effect = -1 + X[:, 0]
    for column, codes in CODES.items():
        X[:, column] = rng.choice(codes, n)
        effect += np.isin(X[:, column], codes[1:3]) * (1 + 0.5 * X[:, 2])
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, (rng.random(n) < 1 / (1 + np.exp(-effect))).astype(int)


@pytest.fixture(scope="module")
def sorts() -> MonotoneBoosting:
    """A classifier with categories, stopped early."""
    return MonotoneBoosting(**GROWN, categorical_features=list(CODES)).fit(*kinds())


def strange(X: np.ndarray) -> np.ndarray:
    """The same rows, some with codes that never occurred."""
    X = X.copy()
    X[::3, 1], X[1::3, 1], X[::4, 3], X[1::4, 3] = 1, 254, 0, -4
    return X


def walk(arrays: dict[str, np.ndarray], x: np.ndarray, known: np.ndarray | None = None) -> float:
    """Margin of a row by the arrays alone; where `known` is given, features outside it by shares of training rows."""

    def holds(words, code):
        return bool(0 <= code < 256 and words[int(code) // 32] >> int(code) % 32 & 1)

    def worth(node, first):
        if arrays["is_leaf"][first + node]:
            return arrays["value"][first + node]
        j, value = arrays["feature_idx"][first + node], x[arrays["feature_idx"][first + node]]
        left, right = (int(arrays[side][first + node]) for side in ("left", "right"))
        if known is not None and not known[j]:
            share = arrays["count"][first + left] / arrays["count"][first + node]
            return share * worth(left, first) + (1 - share) * worth(right, first)
        goes_left = value <= arrays["num_threshold"][first + node]
        missing = np.isnan(value)
        if arrays["is_categorical"][first + node]:
            number = int(arrays["is_categorical"][: first + node].sum())
            missing = not holds(arrays["known_categories"][j], value)
            goes_left = holds(arrays["left_categories"][number], value)
        if missing:
            goes_left = arrays["missing_go_to_left"][first + node]
        return worth(left if goes_left else right, first)

    return float(arrays["baseline"][0] + sum(worth(0, int(first)) for first in arrays["tree_start"][:-1]))


@pytest.mark.parametrize("shift", [0, 1])
def test_categories_are_split_as_scikit_learn_splits_them(shift):
    """Columns and codes put back in place predict to the bit what scikit-learn's own model of the same rows does."""
    X, y = kinds()
    columns = np.roll(np.arange(5), shift)
    X, mask = X[:, columns], np.isin(columns, list(CODES))
    signs = [1 if column == 0 else 0 for column in columns]
    ours = MonotoneBoosting(**GROWN, early_stopping=False, categorical_features=mask, monotonic_cst=signs).fit(X, y)
    order = np.lexsort([y, *X.T[::-1]])
    theirs = HistGradientBoostingClassifier(
        **GROWN,
        learning_rate=0.05,
        max_leaf_nodes=None,
        l2_regularization=10.0,
        early_stopping=False,
        categorical_features=mask,
        monotonic_cst=signs,
    ).fit(X[order], y[order])
    arrays = ours.to_arrays()
    assert 50 < arrays["is_categorical"].sum() < len(arrays["left"])
    for rows in (X, strange(kinds()[0])[:, columns]):
        assert ours.decision_function(rows).tobytes() == theirs.decision_function(rows).tobytes()
    assert ours.boosting_._preprocessor is None
    assert [walk(arrays, x) for x in X[:20]] == pytest.approx(ours.decision_function(X[:20]), abs=1e-12)


def test_contributions_of_categories_are_shapley_values(sorts):
    """TreeShap attributes margins of trees with categories as the enumeration of all coalitions does."""
    X = strange(kinds()[0])[:6]
    arrays = sorts.to_arrays()
    for row, values in zip(X, TreeShap(sorts).shap_values(X)[0], strict=True):
        worth = {s: walk(arrays, row, np.array(s)) for s in itertools.product([False, True], repeat=5)}
        expected = np.zeros(5)
        for present, value in worth.items():
            for j in np.flatnonzero(np.logical_not(present)):
                size = sum(present)
                weight = math.factorial(size) * math.factorial(4 - size) / math.factorial(5)
                expected[j] += weight * (worth[(*present[:j], True, *present[j + 1 :])] - value)
        assert values == pytest.approx(expected, abs=1e-12)


def test_unknown_categories_count_as_missing(sorts):
    """A code that did not occur in training, below, between or above those that did, is a missing value."""
    X = kinds()[0][:50]
    missing = X.copy()
    missing[:, 1] = np.nan
    for code in (-1.0, 1.0, 201.0, 255.0, 256.0, 459.0, 1e300):
        X[:, 1] = code
        assert sorts.decision_function(X).tobytes() == sorts.decision_function(missing).tobytes()


@pytest.mark.parametrize("risky", ["missing", "known"])
def test_a_feature_of_one_category_says_whether_it_is_known(risky):
    """Where all that is known has one code, known and missing are told apart, and other codes are missing."""
    X, _ = kinds()
    X[:, 1] = np.where(np.arange(len(X)) % 2, 4.0, np.nan)
    event = np.isnan(X[:, 1]) == (risky == "missing")
    y = (event ^ (np.random.default_rng(0).random(len(X)) < 0.2)).astype(int)
    fitted = MonotoneBoosting(**GROWN, categorical_features=[1, 3]).fit(X, y)
    rows = np.repeat(X[:1], 3, axis=0)
    rows[:, 1] = [4, np.nan, 5]
    known, missing, unknown = fitted.predict_proba(rows)[:, 1]
    assert (known < 0.3 and missing > 0.7) if risky == "missing" else (known > 0.7 and missing < 0.3)
    assert unknown == missing
    rebuilt = MonotoneBoosting.from_arrays(fitted.to_arrays())
    assert rebuilt.decision_function(X).tobytes() == fitted.decision_function(X).tobytes()
    values, _ = TreeShap(fitted).shap_values(rows)
    assert values[0, 1] * values[2, 1] < 0


def test_a_feature_without_any_code_is_no_category():
    """A categorical feature that is never known breaks nothing and enters no tree."""
    X, y = kinds()
    X[:, 1] = np.nan
    fitted = MonotoneBoosting(**GROWN, categorical_features=[1, 3]).fit(X, y)
    assert fitted.is_categorical_.tolist() == [False, False, False, True, False]
    X[:, 1] = 3.0
    assert np.isfinite(fitted.decision_function(X)).all()


@pytest.mark.parametrize("codes", [[4], [3, 7]])
def test_unknown_categories_among_the_rows_to_stop_by_are_missing(codes):
    """When to stop is judged as rows will be scored: a code that training did not have is a missing value."""
    X, y = kinds()
    X[:1000, 1] = np.where(np.isin(X[:1000, 1], CODES[1][:2]), codes[0], np.where(X[:1000, 1] > 3, codes[-1], np.nan))
    X[:1000:3, 1] = np.nan
    missing = X.copy()
    X[1000:, 1], missing[1000:, 1] = 9, np.nan
    how = {**GROWN, "categorical_features": [1, 3]}
    fits = [MonotoneBoosting(**how).fit(x[:1000], y[:1000], X_val=x[1000:], y_val=y[1000:]) for x in (X, missing)]
    assert fits[0].validation_loss_[0].tolist() == fits[1].validation_loss_[0].tolist()


def test_categories_by_name_position_and_mask_are_the_same(sorts):
    """Names, positions and a mask declare the same categories."""
    X, y = kinds()
    frame = pd.DataFrame(X, columns=list("abcde"))
    for given, rows in ((["d", "b"], frame), (np.array([3, 1]), X), ([False, True, False, True, False], X)):
        again = MonotoneBoosting(**GROWN, categorical_features=given).fit(rows, y)
        assert again.decision_function(rows).tobytes() == sorts.decision_function(X).tobytes()
        assert again.is_categorical_.tolist() == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"categorical_features": ["z"]}, "does not have: z"),
        ({"categorical_features": [5]}, "outside 0 to 4"),
        ({"categorical_features": [-1]}, "outside 0 to 4"),
        ({"categorical_features": [True, False]}, r"shape \(2,\), expected \(5,\)"),
        ({"categorical_features": [[1]]}, "2 dimensions"),
        ({"categorical_features": ["b"], "monotonic_cst": {"b": 1}}, "feature b has the monotone constraint 1"),
        ({"categorical_features": ["a"]}, "feature a holds values that are no codes; expected whole numbers from 0"),
        ({"n_seeds": 0}, "n_seeds is 0"),
        ({"n_seeds": 1.5}, "n_seeds is 1.5"),
    ],
)
def test_wrong_categories_are_refused(given, message):
    """Categories that are no features, have a direction or hold no codes are refused, and the message says which."""
    X, y = kinds(200)
    with pytest.raises(ValueError, match=message):
        MonotoneBoosting(**given).fit(pd.DataFrame(X, columns=list("abcde")), y)


@pytest.mark.parametrize("value", [255.0, -1.0, 0.5])
def test_values_that_are_no_codes_are_refused(sorts, value):
    """Training refuses codes beyond what trees tell apart; prediction refuses fractions."""
    X, y = kinds(300)
    X[5, 1] = value
    with pytest.raises(ValueError, match="in column 1 holds values that are no codes"):
        MonotoneBoosting(**GROWN, categorical_features=[1]).fit(X, y)
    if value == 0.5:
        with pytest.raises(ValueError, match="in column 1 holds values that are no codes"):
            sorts.decision_function(X)


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_row_order_changes_no_bit_of_categories(n_seeds):
    """Trees with categories, of one seed or several, are the same to the bit in any order of the rows."""
    X, y = kinds()
    order = np.random.default_rng(1).permutation(len(y))
    how = {**GROWN, "categorical_features": [1, 3], "n_seeds": n_seeds}
    first, second = (MonotoneBoosting(**how).fit(X[rows], y[rows]).to_arrays() for rows in (slice(None), order))
    assert {k: v.tobytes() for k, v in first.items()} == {k: v.tobytes() for k, v in second.items()}


@pytest.mark.parametrize("given_rows", [False, True])
def test_several_seeds_give_the_mean_of_single_fits(given_rows):
    """n_seeds averages ensembles that stop on their own, also where a code occurs in the training of one only."""
    X, y = kinds()
    rare = np.arange(100, 130)
    X[rare, 1] = rare
    stop = {"X_val": X[1200:], "y_val": y[1200:]} if given_rows else {}
    how = {**GROWN, "categorical_features": [1, 3], "max_iter": 200, "min_samples_leaf": 5}
    together = MonotoneBoosting(**how | {"n_seeds": 3}).fit(X[:1200], y[:1200], **stop)
    seeds = check_random_state(0).randint(2**31 - 1, size=3).tolist()
    single = [MonotoneBoosting(**how | {"random_state": seed}).fit(X[:1200], y[:1200], **stop) for seed in seeds]
    rows = strange(X)
    rows[rare, 1] = rare
    mean = np.mean([one.decision_function(rows) for one in single], axis=0)
    assert together.decision_function(rows) == pytest.approx(mean, abs=1e-12)
    assert together.n_trees_ == sum(one.n_trees_ for one in single)
    assert len({one.n_iter_ for one in single}) > 1
    assert together.n_iter_ == round(together.n_trees_ / 3)
    assert [loss.tolist() for loss in together.validation_loss_] == [one.validation_loss_[0].tolist() for one in single]


def test_arrays_rebuild_categories_and_seeds():
    """A classifier with categories and several seeds, taken apart and rebuilt, is the same to the bit."""
    X, y = kinds()
    frame = pd.DataFrame(X, columns=list("abcde"))
    fitted = MonotoneBoosting(**GROWN, categorical_features=["b", "d"], n_seeds=2).fit(frame, y)
    arrays = fitted.to_arrays()
    rebuilt = MonotoneBoosting.from_arrays(arrays, feature_names=list("abcde"), **fitted.get_params())
    rows = pd.DataFrame(strange(X), columns=list("abcde"))
    assert rebuilt.decision_function(rows).tobytes() == fitted.decision_function(rows).tobytes()
    assert {k: v.tobytes() for k, v in rebuilt.to_arrays().items()} == {k: v.tobytes() for k, v in arrays.items()}
    assert (rebuilt.n_iter_, rebuilt.n_trees_) == (fitted.n_iter_, fitted.n_trees_)
    assert TreeShap(rebuilt).shap_values(rows)[0].tobytes() == TreeShap(fitted).shap_values(rows)[0].tobytes()


def first_split(name, value, *, by_category):
    """Set an array at the first inner node that splits by categories, or by a threshold."""

    def change(array, arrays):
        inner = arrays["is_leaf"] == 0
        array[np.flatnonzero(inner & (arrays["is_categorical"] == by_category))[0]] = value
        return array

    return damage(name, change)


def forget(arrays):
    """Let a split send a code to the left that its feature never met."""
    arrays["left_categories"][0, 4] |= 1 << 9


def categorical_leaf(arrays):
    """Give a leaf a set of its own."""
    leaf = int(arrays["is_leaf"].argmax())
    place = int(arrays["is_categorical"][:leaf].sum())
    arrays["is_categorical"][leaf] = 1
    arrays["left_categories"] = np.insert(arrays["left_categories"], place, 0, axis=0)


SORT_DAMAGES = {
    "flag of 2": (first_split("is_categorical", 2, by_category=1), "is_categorical holds something else"),
    "set without a split": (first_split("is_categorical", 0, by_category=1), r"left_categories has shape"),
    "split without a set": (first_split("is_categorical", 1, by_category=0), r"left_categories has shape"),
    "leaf by category": (categorical_leaf, "leaf is marked"),
    "number split by category": (first_split("feature_idx", 0, by_category=1), "split by categories and has none"),
    "category split by threshold": (first_split("feature_idx", 1, by_category=0), "split by categories and has none"),
    "unknown code to the left": (forget, "that its feature does not know"),
    "code 255": (lambda a: a["known_categories"].__setitem__((1, 7), 1 << 31), "known category is above 254"),
    "sets short": (damage("left_categories", lambda a, _: a[:-1]), "left_categories has shape"),
    "sets narrow": (damage("left_categories", lambda a, _: a[:, :4].copy()), "left_categories has shape"),
    "no known codes": (damage("known_categories", lambda a, _: a * np.uint32(0)), "split by categories and has none"),
    "known codes of another": (damage("known_categories", lambda a, _: a[:3]), "known_categories has shape"),
    "one dimension": (damage("known_categories", lambda a, _: a[:, 0]), "1 dimensions, expected 2"),
    "other words": (damage("left_categories", lambda a, _: a.astype("<i8")), "left_categories is int64"),
    "constraint": (lambda a: a["monotonic_cst"].__setitem__(1, 1), "categorical feature has a monotone constraint"),
}


@pytest.mark.parametrize("name", SORT_DAMAGES)
def test_damaged_categories_are_refused(sorts, name):
    """Sets of categories are looked up without a check in prediction, so every one is checked before."""
    apply, message = SORT_DAMAGES[name]
    arrays = {key: value.copy() for key, value in sorts.to_arrays().items()}
    apply(arrays)
    with pytest.raises(ModelFileError, match=message):
        MonotoneBoosting.from_arrays(arrays)


def weighed_rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows whose event depends on one feature, and weights that prefer the event tenfold."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 3))
    y = (rng.random(600) < 1 / (1 + np.exp(2 - X[:, 0]))).astype(int)
    return X, y, np.where(y == 1, 10.0, 1.0)


@pytest.mark.parametrize("early_stopping", [True, False])
def test_weights_move_the_level_and_the_order_of_rows_does_not(early_stopping):
    """The mean of the probabilities is the weighted share; equal weights and no weights are the same trees."""
    X, y, weight = weighed_rows()
    model = MonotoneBoosting(max_iter=150, early_stopping=early_stopping, random_state=0)
    fitted = model.fit(X, y, row_weight=weight)
    p = fitted.predict_proba(X)[:, 1]
    assert np.average(p, weights=weight) == pytest.approx(np.average(y, weights=weight), abs=0.03)
    assert p.mean() > y.mean() + 0.2
    order = np.random.default_rng(1).permutation(len(y))
    margin = fitted.decision_function(X)
    again = MonotoneBoosting(max_iter=150, early_stopping=early_stopping, random_state=0)
    again.fit(X[order], y[order], row_weight=weight[order])
    np.testing.assert_array_equal(again.decision_function(X), margin)
    plain = MonotoneBoosting(max_iter=20, random_state=0).fit(X, y).decision_function(X)
    even = MonotoneBoosting(max_iter=20, random_state=0).fit(X, y, row_weight=np.ones(len(y))).decision_function(X)
    np.testing.assert_array_equal(even, plain)


def test_weights_of_the_rows_that_stop_count():
    """Which round is best depends on what the held-out rows count."""
    X, y, weight = weighed_rows()
    held = {"X_val": X[:200], "y_val": y[:200]}
    losses = [
        MonotoneBoosting(max_iter=30, random_state=0)
        .fit(X[200:], y[200:], **held, row_weight_val=w)
        .validation_loss_[0]
        for w in (None, weight[:200])
    ]
    assert abs(losses[0][0] - losses[1][0]) > 0.1


@pytest.mark.parametrize("weight", [[1.0], [0.0] * 600, [np.nan] * 600, [-1.0] * 600])
def test_weights_that_are_none_are_refused(weight):
    """One number above 0 for each row."""
    X, y, _ = weighed_rows()
    with pytest.raises(ValueError, match="above 0 for each row"):
        MonotoneBoosting().fit(X, y, row_weight=weight)
