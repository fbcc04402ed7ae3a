"""Measures of forecasts against their definitions, spelt out on few rows; evaluation/ranking.py through them."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.measures import MEASURES, combine, measure
from fanpin_risk.evaluation.ranking import Ranking

BOUNDED = ("precision", "recall", "lift", "exclusion_error", "inclusion_error")


def make(n, random_state, *, levels=None):
    """Outcomes that follow the risks, risks with ties on `levels`, whole weights with some zeros."""
    rng = np.random.default_rng(random_state)
    risk = 1 / (1 + np.exp(-rng.normal(-2, 1.2, n)))
    if levels:
        risk = np.ceil(risk * levels) / (levels + 1)
    return (rng.random(n) < risk).astype(int), risk, rng.integers(0, 4, n)


def list_by_hand(outcome, order, visits):
    """Precision, recall, ... of visiting the first `visits` in this order."""
    hits = sum(outcome[row] for row in order[:visits])
    precision, recall = hits / visits, hits / sum(outcome)
    lift = precision / (sum(outcome) / len(outcome))
    return {
        "precision": precision,
        "recall": recall,
        "lift": lift,
        "exclusion_error": 1 - recall,
        "inclusion_error": 1 - precision,
    }


@pytest.mark.parametrize("levels", [None, 12, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_scikit_learn_says_the_same(levels, weighted):
    """Where scikit-learn has the measure, ours is the same, with ties and weights."""
    y, p, w = make(400, 1, levels=levels)
    w = w if weighted else None
    found = measure(y, p, weight=w)
    expected = {
        "auc": roc_auc_score(y, p, sample_weight=w),
        "average_precision": average_precision_score(y, p, sample_weight=w),
        "brier": brier_score_loss(y, p, sample_weight=w),
        "log_loss": log_loss(y, p, sample_weight=w),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-12)


def test_certain_forecasts_that_fail_cost_as_much_as_in_scikit_learn():
    """A risk of 0 or 1 that proves wrong has a finite log loss: the one of scikit-learn."""
    y, p = [0, 1, 1, 0], [1.0, 0.0, 1.0, 0.0]
    assert measure(y, p)["log_loss"] == pytest.approx(log_loss(y, p), rel=1e-12)


def test_auc_counts_pairs():
    """AUC is the share of pairs of event and non-event in the right order, ties counting one half."""
    y, p, w = make(40, 2, levels=5)
    pairs = right = 0.0
    for i, j in itertools.product(range(40), repeat=2):
        if y[i] and not y[j]:
            pairs += w[i] * w[j]
            right += w[i] * w[j] * ((p[i] > p[j]) + 0.5 * (p[i] == p[j]))
    assert measure(y, p, weight=w)["auc"] == pytest.approx(right / pairs, rel=1e-12)


@pytest.mark.parametrize("visits", [1, 2, 3, 4, 5, 6])
def test_bounds_are_the_best_and_the_worst_order_of_ties_and_the_value_their_mean(visits):
    """Whatever the order among equal risks, a measure lies within its bounds, which are both reached."""
    y, p = [0, 1, 0, 1, 0, 1], [0.1, 0.5, 0.5, 0.5, 0.5, 0.9]
    found = measure(y, p, share=visits)
    orders = [o for o in itertools.permutations(range(6)) if all(p[a] >= p[b] for a, b in itertools.pairwise(o))]
    lists = [list_by_hand(y, order, visits) for order in orders]
    assert len(orders) == 24
    for name in BOUNDED:
        values = [values[name] for values in lists]
        least, most = min(values), max(values)
        best, worst = (most, least) if MEASURES[name].higher_is_better else (least, most)
        assert found[name] == pytest.approx(np.mean(values))
        assert found[f"{name}_best"] == pytest.approx(best)
        assert found[f"{name}_worst"] == pytest.approx(worst)


def test_without_ties_there_is_one_list():
    """Where no risks tie, value and bounds are those of the one list."""
    y, p, _ = make(200, 3)
    found = measure(y, p, share=17)
    expected = list_by_hand(y.tolist(), np.argsort(-p).tolist(), 17)
    for name in BOUNDED:
        assert [found[name], found[f"{name}_best"], found[f"{name}_worst"]] == pytest.approx([expected[name]] * 3)


def test_a_share_is_rounded_up_to_whole_visits():
    """A share of 0.07 of 100 households is 7 visits, of 0.071 it is 8, as on the watch list."""
    y, p, _ = make(100, 4)
    for share, visits in ((0.07, 7), (0.071, 8)):
        assert measure(y, p, share=share) == measure(y, p, share=visits)


def test_visiting_all_or_none():
    """With room for all everyone is visited; room for none is no list."""
    y, p, _ = make(50, 5, levels=4)
    everyone = measure(y, p, share=1000)
    assert (everyone["recall"], everyone["precision"]) == (1.0, pytest.approx(y.mean()))
    with pytest.raises(SchemaError, match="share"):
        measure(y, p, share=0)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=30),
    share=st.one_of(st.integers(1, 20), st.floats(0.02, 0.98)),
)
def test_a_weight_is_a_repetition(rows, share):
    """A row of weight three is three rows, for every measure."""
    y, p, w = (np.array(column) for column in zip(*rows, strict=True))
    p = (p + 0.5) / 7
    once = measure(y, p, weight=w, share=share, threshold=0.3)
    repeated = measure(np.repeat(y, w), np.repeat(p, w), share=share, threshold=0.3)
    assert once == pytest.approx(repeated, nan_ok=True, rel=1e-6, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=30),
    seed=st.integers(0, 100),
)
def test_the_order_of_rows_does_not_matter(rows, seed):
    """Shuffled rows have the same measures, to the bit."""
    y, p, w = (np.array(column) for column in zip(*rows, strict=True))
    at = np.random.default_rng(seed).permutation(len(y))
    first, second = (measure(a, b / 6, weight=c, threshold=0.3) for a, b, c in ((y, p, w), (y[at], p[at], w[at])))
    assert list(first.values()) == pytest.approx(list(second.values()), rel=0, abs=0, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1), st.floats(0, 5)), min_size=1, max_size=40),
    n_bins=st.integers(1, 12),
)
def test_the_parts_of_the_brier_score_add_up(rows, n_bins):
    """Reliability - resolution + uncertainty + within-bin variance - covariance is the Brier score itself."""
    y, p, w = (np.array(column) for column in zip(*rows, strict=True))
    if w.sum() < 1e-6:
        w = w + 1
    found = measure(y, p, weight=w, n_bins=n_bins)
    total = found["reliability"] - found["resolution"] + found["uncertainty"]
    total += found["within_bin_variance"] - found["within_bin_covariance"]
    assert total == pytest.approx(found["brier"], abs=1e-12)


def test_bins_hold_equal_mass_and_keep_ties_together():
    """Ten bins of 100 different risks hold ten each; one risk is never in two bins."""
    assert np.bincount(Ranking(np.zeros(100), np.linspace(0, 1, 100)).bins).tolist() == [10] * 10
    risk = np.repeat([0.1, 0.2, 0.3], [70, 20, 10])
    ranking = Ranking(np.zeros(100), risk)
    assert len({(r, b) for r, b in zip(ranking.risk, ranking.bins, strict=True)}) == 3


def test_calibration_error_by_hand():
    """Two bins of equal mass: the mean of how far risk and share of events are apart."""
    y, p = [0, 0, 0, 1, 1, 1, 0, 1], [0.1, 0.1, 0.1, 0.1, 0.6, 0.6, 0.6, 0.6]
    found = measure(y, p, n_bins=2)
    assert found["calibration_error"] == pytest.approx((abs(0.25 - 0.1) + abs(0.75 - 0.6)) / 2)
    assert found["reliability"] == pytest.approx((0.15**2 + 0.15**2) / 2)
    assert found["resolution"] == pytest.approx(0.25**2)
    assert found["uncertainty"] == pytest.approx(0.25)


@pytest.mark.parametrize("shift", [0.0, 3.0])
def test_slope_is_that_of_a_logistic_regression(shift):
    """The slope is scikit-learn's, without penalty and with weights, also of forecasts that are far off."""
    y, p, w = make(600, 6)
    x = np.log(p / (1 - p)) * 2.5 + shift
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x[:, None], y, sample_weight=w)
    found = measure(y, 1 / (1 + np.exp(-x)), weight=w, measures=["calibration_slope"])
    assert found["calibration_slope"] == pytest.approx(fit.coef_[0, 0], rel=1e-4)


def test_the_intercept_makes_the_mean_risk_right():
    """Added to the log-odds, calibration in the large brings the mean risk to the base rate."""
    y, p, w = make(600, 7)
    p = p**2
    found = measure(y, p, weight=w)
    moved = 1 / (1 + np.exp(-(np.log(p / (1 - p)) + found["calibration_intercept"])))
    assert np.average(moved, weights=w) == pytest.approx(found["base_rate"], rel=1e-9)
    assert found["mean_risk"] == pytest.approx(np.average(p, weights=w))


def test_certain_risks_that_fail_still_have_an_intercept():
    """A risk of 0 with the event needs a large correction, and gets one."""
    found = measure([0, 1], [0.5, 0.0], weight=[3, 3], measures=["calibration_intercept"])
    assert found["calibration_intercept"] == pytest.approx(18.02, abs=0.01)


def test_a_perfect_separation_and_a_constant_have_no_slope():
    """No finite slope is the best where risks separate the outcomes, and a constant risk has none."""
    assert math.isnan(measure([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.8])["calibration_slope"])
    assert math.isnan(measure([0, 1, 0, 1], [0.3] * 4)["calibration_slope"])
    assert math.isnan(measure([0, 1, 1], [0.0, 1 / 6, 0.0], weight=[1, 1, 0])["calibration_slope"])
    assert math.isnan(measure([0, 1], [2 / 6, 0.0], weight=[2, 3])["calibration_slope"])
    assert math.isnan(measure([0, 0, 1, 1], [0.2, 0.5, 0.5, 0.8])["calibration_slope"])
    assert measure([0, 1, 0, 1], [0.3] * 4)["calibration_intercept"] == pytest.approx(math.log(0.7 / 0.3))


def test_net_benefit_by_hand():
    """Two events found and one needless visit among eight at odds of 1 : 4."""
    y, p = [1, 1, 0, 0, 0, 0, 1, 0], [0.9, 0.2, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1]
    found = measure(y, p, threshold=0.2, measures=["net_benefit"])
    assert found == {"net_benefit": pytest.approx(2 / 8 - 1 / 8 * 0.25)}


@pytest.mark.parametrize("outcome", [[0, 0, 0], [1, 1, 1], []])
def test_one_class_has_no_ranking_and_no_warning(outcome):
    """Without both outcomes the measures of ranking are NaN, quietly; the others stand where they can."""
    found = measure(outcome, [0.2, 0.3, 0.3][: len(outcome)], threshold=0.1)
    assert math.isnan(found["auc"])
    assert math.isnan(found["calibration_slope"])
    assert math.isnan(found["recall"]) == (sum(outcome) == 0)
    assert math.isnan(found["average_precision"]) == (sum(outcome) == 0)
    assert math.isnan(found["brier"]) == (not outcome)


def test_many_weightings_at_once_are_each_as_if_alone():
    """The fast way through many resamples is the slow way, one by one."""
    y, p, w = make(150, 8, levels=9)
    ranking = Ranking(y, p, w)
    weights = np.random.default_rng(0).integers(0, 4, (5, 150)).astype(float)
    names = tuple(MEASURES)
    options = {"capacity": 0.1, "threshold": 0.2}
    together = combine([ranking.weighted(weights)], names, **options)
    back = np.empty(150, dtype=int)
    back[ranking.order] = np.arange(150)
    for number, row in enumerate(weights):
        # Bins are those of the base weights under every weighting.
        alone = combine([ranking.weighted(row[None, :])], names, **options)
        direct = measure(y, p, weight=row[back], share=0.1, threshold=0.2)
        for name in names:
            assert together[name][number] == pytest.approx(alone[name][0], nan_ok=True, rel=1e-9)
            if name not in {"calibration_error", "reliability", "resolution"} and "within" not in name:
                assert together[name][number] == pytest.approx(direct[name], nan_ok=True, rel=1e-6)


def test_folds_make_their_own_lists():
    """Two folds visit the top of each; hits and events are counted together, other measures averaged by weight."""
    first, second = make(60, 10), make(40, 11)
    folds = [Ranking(y, p).weighted() for y, p, _ in (first, second)]
    found = combine(folds, ("recall", "auc", "brier"), capacity=10)
    alone = [measure(y, p, share=10) for y, p, _ in (first, second)]
    events = [first[0].sum(), second[0].sum()]
    recall = sum(a["recall"] * e for a, e in zip(alone, events, strict=True)) / sum(events)
    assert found["recall"][0] == pytest.approx(recall)
    for name in ("auc", "brier"):
        assert found[name][0] == pytest.approx(0.6 * alone[0][name] + 0.4 * alone[1][name])


def test_the_lists_of_parts_add_up_to_the_list_of_all():
    """Visits and hits of groups on a common list sum to those of the list; bounds of groups contain every order."""
    y, p, w = make(90, 12, levels=4)
    w = np.maximum(w, 1)
    ranking = Ranking(y, p, w)
    whole = ranking.weighted().list_counts(20)
    visits = ranking.list(20)
    assert (visits.chance * w).sum() == pytest.approx(20)
    group = np.arange(90) % 3
    counts = []
    for number in range(3):
        rows = np.flatnonzero(group == number)
        part = Ranking(y[rows], p[rows], w[rows], visit_list=visits.of(rows)).weighted().list_counts(20)
        assert part["hits_worst"] <= part["hits"] <= part["hits_best"]
        counts.append(part)
    for name in ("visits", "hits", "events", "total"):
        assert sum(part[name][0] for part in counts) == pytest.approx(whole[name][0])


def test_the_bounds_of_a_group_are_reached_by_orders_of_all():
    """For a group on a common list, the bounds are the best and worst over all orders of the ties of all households."""
    y, p = [1, 0, 1, 0, 1, 0], [0.9, 0.5, 0.5, 0.5, 0.5, 0.5]
    mine = [1, 2, 3]
    for seats in range(1, 7):
        visits = Ranking(y, p).list(seats).of(np.array(mine))
        fold = Ranking([y[i] for i in mine], [p[i] for i in mine], visit_list=visits).weighted()
        found = combine([fold], ("recall_best", "recall_worst", "precision_best", "precision_worst"), capacity=seats)
        precisions, recalls = [], []
        for order in itertools.permutations(range(1, 6)):
            visited = [i for i in (0, *order)[:seats] if i in mine]
            recalls.append(sum(y[i] for i in visited) / 1)
            precisions += [sum(y[i] for i in visited) / len(visited)] if visited else []
        assert found["recall_best"][0] == max(recalls)
        assert found["recall_worst"][0] == min(recalls)
        if precisions:
            assert found["precision_best"][0] == pytest.approx(max(precisions))
            assert found["precision_worst"][0] == pytest.approx(min(precisions))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 2], [0.1, 0.2]), "outcome: 1 of 2 rows are not 0 or 1, first at row 1"),
        (([0, 1], [0.1, np.nan]), "risk: 1 of 2 rows are not a probability"),
        (([0, 1], [-0.1, 1.2]), "risk: 2 of 2 rows are not a probability"),
        (([0, 1], [0.1]), "have 2, 1, 2 rows"),
        (([0, 1], [[0.1], [0.2]]), "risk has 2 dimensions"),
        ((["a", 1], [0.1, 0.2]), "outcome holds what is not a number"),
    ],
)
def test_wrong_rows_are_named_and_never_shown(arguments, message):
    """Errors say which column and row is wrong, and no value of a household."""
    with pytest.raises(SchemaError, match=message):
        measure(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight": [1, -1]}, "weight: 1 of 2 rows are not a number from 0 on"),
        ({"share": 1.0}, "capacity is 1.0; expected a whole number"),
        ({"share": True}, "capacity is True"),
        ({"share": -1}, "capacity is -1"),
        ({"threshold": 1.0}, "threshold is 1.0; expected a risk between"),
        ({"measures": ["auk"]}, "measures: 'auk' not known; expected some of auc"),
        ({"measures": "auc"}, "measures is the text 'auc'"),
        ({"measures": []}, "measures: none not known"),
        ({"measures": ["net_benefit"]}, "net_benefit needs threshold="),
        ({"n_bins": 0}, "n_bins is 0"),
    ],
)
def test_wrong_options_are_refused(options, message):
    """Options say what was expected."""
    with pytest.raises(SchemaError, match=message):
        measure([0, 1], [0.1, 0.2], **options)


def test_measures_are_declared_in_two_languages_with_a_source():
    """Every measure that is computed is declared, and the other way round."""
    assert list(measure([0, 1], [0.1, 0.2], threshold=0.1)) == list(MEASURES)
    assert all(m.source for m in MEASURES.values())
    for lang in ("zh", "en"):
        assert len({m.label.shown(lang) for m in MEASURES.values()}) == len(MEASURES)
