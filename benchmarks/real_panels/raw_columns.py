"""What a learner makes of a panel's own columns, without this program's features: the columns of the newest visit.

Household columns as they are, those of its head, means over its members, and how far its income was from the line at this visit
and the one before. No weights, no calendar, no ids: these tell nothing of a household.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import argentina
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

import fanpin_risk as fr

__all__ = ["OnRawColumns", "of_argentina", "of_germany"]

NO_FEATURES_AR = {
    "hid",
    "t",
    "ANO4",
    "TRIMESTRE",
    "PONDERA",
    "PONDIH",
    "household_id",
    "day",
    "member_id",
    "COMPONENTE",
}
NO_FEATURES_DE = {
    "id",
    "year",
    "household_id",
    "day",
    "members",
    "grade",
    "poor_next",
    "poor_prev",
    "target_entry",
    "target_return",
}


def of_argentina(panel: argentina.Panel) -> pd.DataFrame:
    """Return the columns of every visit, indexed by household and day."""
    visits = panel.visits.sort_values(["household_id", "day"])
    own = visits.set_index(["household_id", "day"]).drop(
        columns=[c for c in visits if c in NO_FEATURES_AR - {"household_id", "day"}]
    )
    before = own["welfare_ratio"].groupby(level=0).shift().rename("welfare_ratio_before")
    persons = panel.persons.drop(columns=["ANO4", "TRIMESTRE", "hid", "t"])
    numbers = [c for c in persons if c not in NO_FEATURES_AR and pd.api.types.is_numeric_dtype(persons[c])]
    keys = ["household_id", "day"]
    heads = persons[persons["CH03"] == 1].drop_duplicates(keys).set_index(keys)[numbers].add_prefix("head_")
    means = persons.groupby(keys)[numbers].mean().add_prefix("mean_")
    return own.join([before, heads, means]).astype("float64")


def of_germany(persons: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of every wave, indexed by household and day."""
    rows = persons.sort_values(["household_id", "day"])
    own = rows.set_index(["household_id", "day"])[[c for c in rows if c not in NO_FEATURES_DE]].astype("float64")
    ratio = own["eq_income"] / own["line60"]
    return own.assign(ratio=ratio, ratio_before=ratio.groupby(level=0).shift())


class OnRawColumns(BaseEstimator):
    """A classifier on a panel's own columns, which :func:`fanpin_risk.evaluate` gives whole days.

    Parameters
    ----------
    estimator : classifier
        Takes missing values.
    columns : DataFrame
        From :func:`of_argentina` or :func:`of_germany`.
    """

    def __init__(self, estimator: Any, columns: pd.DataFrame) -> None:
        self.estimator = estimator
        self.columns = columns

    def __sklearn_clone__(self) -> Self:
        """Share the columns: they are read only."""
        return type(self)(clone(self.estimator), self.columns)

    def on(self, day: fr.TrainingDay) -> pd.DataFrame:
        """Return the columns of a day's households at their newest visit by then."""
        known = self.columns[self.columns.index.get_level_values(1) <= day.as_of]
        newest = known[~known.index.get_level_values(0).duplicated(keep="last")].droplevel(1)
        return newest.reindex(day.table.index)

    def fit_days(self, days: Sequence[fr.TrainingDay], *, horizon_months: int = 12) -> Self:  # noqa: ARG002
        """Learn from past days."""
        self.fitted_ = clone(self.estimator).fit(
            pd.concat(map(self.on, days)), np.concatenate([d.outcome for d in days])
        )
        return self

    def risk_of_day(self, day: fr.TrainingDay) -> np.ndarray:
        """Return the risk of each household of a day."""
        return self.fitted_.predict_proba(self.on(day))[:, 1]
