"""Verdicts on differences: p-values by draws, Holm's adjustment, and days."""

import numpy as np
import pytest

from fanpin_risk.evaluation.verdicts import holm, p_of_difference, verdict_of


def test_p_follows_from_the_spread_of_the_draws():
    """Two standard errors are about one in twenty; no difference is 1, one without spread 0, one without draws nothing."""
    draws = np.random.default_rng(0).normal(0.2, 0.1, 5000)
    assert p_of_difference(0.196, draws) == pytest.approx(0.05, abs=0.005)
    assert p_of_difference(-0.196, draws) == p_of_difference(0.196, draws)
    assert p_of_difference(0.0, np.zeros(10)) == 1
    assert p_of_difference(0.1, np.full(10, 0.1)) == 0
    assert np.isnan(p_of_difference(0.1, np.zeros(0)))
    assert np.isnan(p_of_difference(np.nan, draws))
    assert np.isnan(p_of_difference(0.1, np.array([0.1, np.nan, np.nan, np.nan])))


def test_holm_by_hand():
    """The smallest is multiplied by their number, the next by one less, and none falls below the one before it."""
    assert holm(np.array([0.04, 0.01, 0.012, np.nan])).tolist()[:3] == pytest.approx([0.04, 0.03, 0.03])
    assert holm(np.array([0.7, 0.8])).tolist() == [1.0, 1.0]
    assert np.isnan(holm(np.array([np.nan]))).all()


@pytest.mark.parametrize(
    ("difference", "adjusted", "days", "better", "expected"),
    [
        (0.1, 0.01, 6, 3, "better"),
        (0.1, 0.01, 5, 4, "no difference shown"),
        (0.1, 0.05, 6, 6, "no difference shown"),
        (0.1, np.nan, 6, 6, "no difference shown"),
        (-0.1, 0.01, 3, 0, "worse"),
        (-0.1, 0.01, 3, 1, "no difference shown"),
        (-0.1, 0.01, 8, 1, "worse"),
    ],
)
def test_a_verdict_needs_both(difference, adjusted, days, better, expected):
    """An adjusted p below the level's, and days that agree where they are few."""
    assert verdict_of(difference, adjusted, level=0.95, days=days, days_better=better) == expected
