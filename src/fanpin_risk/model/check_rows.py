"""Rows of made-up features by which a stored model is checked: it must give them the margins that it gave before.

The versions of packages that a model was made with do not decide whether it can be read; these rows do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.errors import ModelFileError
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.stored_files import TREES

__all__ = ["check_arrays", "check_margins"]

Array = NDArray[Any]

CHECK_ROWS = 64
# A share of missing values at which most branches for missing are walked by some check row.
CHECK_MISSING = 0.2
CHECK_TOLERANCE = 1e-12


def check_arrays(classifier: MonotoneBoosting) -> dict[str, Array]:
    """Make up rows that walk many branches, with the margins they get.

    Values are thresholds of the trees, so that the comparison at the threshold itself is checked, codes of categories
    (one of them unknown), or missing.
    """
    arrays = classifier.to_arrays()
    rng = np.random.default_rng(0)
    rows = np.full((CHECK_ROWS, classifier.n_features_in_), np.nan)
    inner = arrays["is_leaf"] == 0
    for j in range(classifier.n_features_in_):
        thresholds = arrays["num_threshold"][inner & (arrays["feature_idx"] == j)]
        thresholds = np.unique(thresholds[np.isfinite(thresholds)])
        values = np.concatenate([thresholds, thresholds + 1.0, [0.0, 1.0]])
        if classifier.is_categorical_[j]:
            largest = np.flatnonzero(np.unpackbits(arrays["known_categories"][j].view("|u1"), bitorder="little")).max()
            values = np.arange(largest + 2.0)
        rows[:, j] = rng.choice(values, CHECK_ROWS)
        rows[rng.random(CHECK_ROWS) < CHECK_MISSING, j] = np.nan
    rows[0] = np.nan
    names = getattr(classifier, "feature_names_in_", None)
    margins = classifier.decision_function(pd.DataFrame(rows, columns=names) if names is not None else rows)
    return {"check_rows": rows.astype("<f8"), "check_margins": margins.astype("<f8")}


def check_margins(classifier: MonotoneBoosting, rows: Array | None, margins: Array | None) -> None:
    """Refuse trees that do not give rows the margins that were stored with them.

    Parameters
    ----------
    classifier : MonotoneBoosting
        As it was read.
    rows, margins : ndarray or None
        ``check_rows`` and ``check_margins``, as they were read; None where they are absent.

    Raises
    ------
    ModelFileError
        If they are absent, damaged, or the margins differ.
    """
    if rows is None or margins is None:
        raise ModelFileError("{trees} lacks the rows by which the model is checked", trees=TREES)
    if rows.ndim != 2 or rows.shape[1] != classifier.n_features_in_ or margins.shape != rows.shape[:1] or not len(rows):
        raise ModelFileError("{trees}: the rows by which the model is checked have the wrong shape", trees=TREES)
    if rows.dtype != np.float64 or margins.dtype != np.float64 or np.isinf(rows).any():
        raise ModelFileError("{trees}: the rows by which the model is checked are not finite numbers", trees=TREES)
    again = classifier.decision_function(pd.DataFrame(rows, columns=classifier.feature_names_in_))
    difference = np.abs(again - margins).max()
    if not difference <= CHECK_TOLERANCE:
        raise ModelFileError(
            "the model does not give the margins it had when it was saved (they differ by "
            "{difference:.2g}); install the versions named in its card, or train it again",
            difference=difference,
        )
