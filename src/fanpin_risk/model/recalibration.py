"""The recalibration of the margins: slope and intercept on the log-odds, and why they were left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from fanpin_risk.words import Message, note

__all__ = ["RECALIBRATION_NOTES", "logistic_recalibration"]

Array = NDArray[Any]

NEWTON_STEPS = 50
# Notes on a recalibration that was left alone: code -> sentence.
RECALIBRATION_NOTES: Mapping[str, Message] = {
    "margins_alike": Message(
        "out-of-fold margins hardly differ, so no slope can be estimated; the recalibration is left at slope 1 and "
        "intercept 0"
    ),
    "no_ranking": Message(
        "out-of-fold margins do not rank the event (slope {slope}); the recalibration is left at slope 1 and intercept 0"
    ),
    "not_converged": Message(
        "the recalibration did not converge; the recalibration is left at slope 1 and intercept 0"
    ),
}


def logistic_recalibration(margin: Array, y: Array, weight: Array | float = 1.0) -> tuple[float, float, str]:
    """Return slope and intercept of the maximum-likelihood logistic regression of the event on the margin.

    By Newton's method.

    Parameters
    ----------
    margin : ndarray of shape (n_rows,)
        Out-of-fold log-odds of the trees.
    y : ndarray of shape (n_rows,)
        1 where the event happened, else 0.
    weight : ndarray of shape (n_rows,), default 1.0
        What each row counts.

    Returns
    -------
    slope, intercept : float
        1 and 0 where no positive slope exists: recalibration must not turn the ranking round.
    note : str
        Then the reason, a note of `RECALIBRATION_NOTES`; else empty.

    Examples
    --------
    >>> logistic_recalibration(np.zeros(4), np.array([0, 1, 0, 1]))
    (1.0, 0.0, 'margins_alike')
    """
    slope, intercept = 1.0, 0.0
    for _ in range(NEWTON_STEPS):
        p = expit(slope * margin + intercept)
        w = weight * p * (1 - p)
        excess = weight * (y - p)
        gradient = np.array([np.sum(excess * margin), np.sum(excess)])
        a, b, c = np.sum(w * margin * margin), np.sum(w * margin), np.sum(w)
        determinant = a * c - b * b
        if not determinant > 1e-12 * a * c:
            return 1.0, 0.0, note("margins_alike")
        step = np.array([c * gradient[0] - b * gradient[1], a * gradient[1] - b * gradient[0]]) / determinant
        slope, intercept = slope + float(step[0]), intercept + float(step[1])
        if not (np.isfinite(slope) and abs(slope) < 1e3):
            break
        if np.abs(step).max() < 1e-10:
            if slope > 0:
                return slope, intercept, ""
            return 1.0, 0.0, note("no_ranking", round(slope, 2))
    return 1.0, 0.0, note("not_converged")
