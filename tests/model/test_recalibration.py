"""The recalibration of the margins."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from fanpin_risk.model.recalibration import RECALIBRATION_NOTES, logistic_recalibration
from fanpin_risk.words import note_message


def test_recalibration_is_the_maximum_likelihood_line():
    """Slope and intercept equal an unpenalised logistic regression; the mean risk is the base rate."""
    rng = np.random.default_rng(0)
    margin = rng.normal(-3, 1, 4000)
    y = (rng.random(4000) < expit(0.6 * margin - 0.4)).astype(int)
    slope, intercept, note = logistic_recalibration(margin, y)
    reference = LogisticRegression(C=1e12, tol=1e-10, max_iter=1000).fit(margin[:, None], y)
    np.testing.assert_allclose([slope, intercept], [reference.coef_[0, 0], reference.intercept_[0]], rtol=1e-5)
    assert expit(slope * margin + intercept).mean() == pytest.approx(y.mean(), abs=1e-12)
    assert note == ""
    assert (np.diff(expit(slope * np.sort(margin) + intercept)) >= 0).all()


@pytest.mark.parametrize(
    ("margin", "y", "codes"),
    [
        (np.linspace(-1, 1, 100), (np.arange(100) % 10 == 0) & (np.arange(100) < 60), ["no_ranking"]),
        (np.full(100, -2.0), np.arange(100) < 30, ["margins_alike"]),
        (np.linspace(-1, 1, 100), np.arange(100) >= 50, ["not_converged", "margins_alike"]),
    ],
)
def test_recalibration_is_left_alone_where_it_cannot_be_estimated(margin, y, codes):
    """Margins that do not rank, do not differ, or separate the event keep slope 1 and intercept 0, and say why."""
    slope, intercept, note = logistic_recalibration(margin, y.astype(int))
    assert (slope, intercept) == (1.0, 0.0)
    assert note.partition(":")[0] in codes
    assert "再校准" in note_message(note, RECALIBRATION_NOTES).shown("zh")


def test_a_weight_is_as_many_rows():
    """Rows that count twice are two rows."""
    rng = np.random.default_rng(2)
    margin = rng.normal(-1, 1, 500)
    y = (rng.random(500) < expit(margin)).astype(int)
    times = rng.integers(1, 4, 500)
    weighed = logistic_recalibration(margin, y, times.astype(float))
    repeated = logistic_recalibration(np.repeat(margin, times), np.repeat(y, times))
    assert weighed[:2] == pytest.approx(repeated[:2])
