"""What features need to apply at all: counts of that which they are about, such as hospital stays on record.

Where a count is 0 the feature says nothing of the household, and that is no gap in its records.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features import CONTEXT, FEATURES

__all__ = ["applicable", "needed_counts"]


def needed_counts(here: Snapshot, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the counts that features need.

    Parameters
    ----------
    here : Snapshot
        The day.
    table : DataFrame of shape (n_households, n_columns), optional
        Columns that are computed already.

    Returns
    -------
    DataFrame of shape (n_households, n_counts)
        Indexed by ``household_id``.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> counts = needed_counts(Snapshot(fr.make_register(50, random_state=0), "2023-12-31"))
    >>> "n_able_labour" in counts.columns
    True
    """
    declared = {f.name: f for f in (*FEATURES, *CONTEXT)}
    names = dict.fromkeys(f.needs for f in FEATURES if f.needs is not None)
    known = () if table is None else table.columns
    columns = {
        name: table[name].to_numpy() if table is not None and name in known else declared[name].compute(here)
        for name in names
    }
    return pd.DataFrame(columns, index=here.household_ids)


def applicable(features: Sequence[str], counts: pd.DataFrame | None, n: int) -> Array:
    """Return which features apply to which households.

    Parameters
    ----------
    features : sequence of str
        Names.
    counts : DataFrame of shape (n, n_counts) or None
        From :func:`needed_counts`; None: all apply.
    n : int
        Number of households.

    Returns
    -------
    ndarray of bool, shape (n, n_features)
        False where the count that a feature needs is 0; where it is missing the feature applies and may be a gap.
    """
    needs = {f.name: f.needs for f in FEATURES}
    applies = np.ones((n, len(features)), dtype=bool)
    for column, name in enumerate(features):
        needed = needs.get(name)
        if counts is not None and needed is not None and needed in counts.columns:
            applies[:, column] = counts[needed].to_numpy() != 0
    return applies
