"""The splits of the data's own README, done again: its simple models beside ours.

These splits are not the strict protocol. In Argentina the last outcomes that are learnt from became known after the first
day forecast; grouped folds learn from the very year they forecast. They are here to be compared, not to be believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import argentina
import germany
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import fanpin_risk as fr
from fanpin_risk.evaluation import measure

HORIZON_MONTHS, TARGET, FOLDS = 12, "below_line", 5
MEASURES = ("auc", "average_precision", "log_loss")
OURS, LOGISTIC = "fanpin_risk", "logistic regression, our features"
# Columns of a German wave that are no features: ids, the calendar, and what is known only of other years.
NOT_ONE_WAVE = {"id", "year", "household_id", "day", "members", "grade", "poor"} | {
    "poor_next", "poor_prev", "target_entry", "target_return",
}  # fmt: skip


class Figures(NamedTuple):
    """AUC, average precision and log loss."""

    auc: float
    average_precision: float
    log_loss: float


class Split(NamedTuple):
    """A split of the data's README: its figures, and ours on the same households."""

    title: str
    published: dict[str, Figures]
    ours: dict[str, Figures]
    households: int
    rate: float


# As the data's README reports them, for one visit's columns.
PUBLISHED = {
    "argentina": {"boosting": Figures(0.855, 0.508, 0.325), "logistic regression": Figures(0.857, 0.509, 0.322)},
    "germany": {"boosting": Figures(0.829, 0.334, 0.184), "logistic regression": Figures(0.814, 0.274, 0.192)},
}


def train_and_score(
    trained: fr.Register,
    scored: fr.Register,
    *,
    train_days: Iterable[pd.Timestamp],
    test_days: Iterable[pd.Timestamp],
    lines: fr.MonitoringLines,
) -> pd.DataFrame:
    """Fit on the outcomes of some days and score the households at risk on others.

    Returns one row per household and test day: ``household_id``, ``day``, ``outcome`` and a column for each model.
    """
    how = {"horizon_months": HORIZON_MONTHS, "target": TARGET, "lines": lines}
    past = [fr.training_day(trained, day, **how) for day in train_days]
    model = fr.RiskModel(target=TARGET, lines=lines).fit_days(past, horizon_months=HORIZON_MONTHS)
    x, y = pd.concat([day.table for day in past]), np.concatenate([day.outcome for day in past])
    known = x.columns[x.notna().any()]
    logistic = logistic_regression().fit(x[known], y)
    parts = []
    for day in test_days:
        at_risk = fr.outcomes(scored, day, horizon_months=HORIZON_MONTHS, target=TARGET, lines=lines)
        table = model.features_of(scored, day).loc[at_risk.index]
        risk = model.score(scored, day, n_reasons=0).set_index("household_id")["risk"].loc[at_risk.index]
        risks = {OURS: risk, LOGISTIC: logistic.predict_proba(table[known])[:, 1]}
        parts.append(pd.DataFrame({"day": day, "outcome": at_risk["outcome"].astype("int64"), **risks}))
    return pd.concat(parts).reset_index()


def logistic_regression() -> Pipeline:
    """Logistic regression with the median for what is missing, and a column that says that it was."""
    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True), StandardScaler(), LogisticRegression(max_iter=2000)
    )


def fold_of(households: pd.Index | pd.Series) -> np.ndarray:
    """Deal households into folds by a hash of their ids."""
    return np.array([int(hashlib.blake2b(i.encode(), digest_size=4).hexdigest(), 16) % FOLDS for i in households])


def cross_fitted(register: fr.Register, households: pd.Index, **how: object) -> pd.DataFrame:
    """Score every household by models that never saw it on any day: households in turn are scored or trained on."""
    fold = fold_of(households)
    parts = [
        train_and_score(register.select(households[fold != k]), register.select(households[fold == k]), **how)
        for k in range(FOLDS)
    ]
    return pd.concat(parts, ignore_index=True)


def figures(outcome: pd.Series, risk: pd.Series) -> Figures:
    return Figures(**measure(outcome, risk, measures=MEASURES))


def split_argentina(register: fr.Register, data: Path) -> Split:
    panel = argentina.read(data)
    scores = train_and_score(
        register,
        register,
        train_days=argentina.days_of(panel, first="2016-01-01", last="2017-06-30"),
        test_days=argentina.days_of(panel, first="2018-01-01", last="2018-12-31"),
        lines=argentina.LINES,
    )
    truth = panel.targets[["household_id", "day", "target_entry"]].dropna()
    valid = scores.merge(truth, on=["household_id", "day"], validate="one_to_one")
    ours = {name: figures(valid["outcome"], valid[name]) for name in (OURS, LOGISTIC)}
    title = "Argentina: learnt from days up to 2017-06-30, entries of 2018"
    return Split(title, PUBLISHED["argentina"], ours, len(valid), valid["outcome"].mean())


def split_germany(register: fr.Register, data: Path) -> Split:
    panel = germany.read(data)
    days = [germany.day(year) for year in range(1984, 1988)]
    persons = pd.Index(panel["household_id"].unique())
    scores = cross_fitted(register, persons, train_days=days, test_days=days, lines=germany.LINES)
    truth = panel[["household_id", "day", "target_entry"]].dropna()
    valid = scores.merge(truth, on=["household_id", "day"], validate="one_to_one")
    ours = {name: figures(valid["outcome"], valid[name]) for name in (OURS, LOGISTIC)}
    title = "Germany: all years, grouped by person"
    return Split(title, PUBLISHED["germany"], ours, len(valid), valid["outcome"].mean())


def german_boosting(data: Path, *, with_year: bool) -> Figures:
    """Do the German figure for boosting again: one wave's own columns, scikit-learn's defaults, grouped by person."""
    rows = germany.read(data).dropna(subset=["target_entry"]).reset_index(drop=True)
    columns = [c for c in rows.columns if c not in NOT_ONE_WAVE] + ["year"] * with_year
    x = rows[columns].assign(ratio=rows["eq_income"] / rows["line60"]).astype("float64")
    y, fold, risk = rows["target_entry"].astype("int64"), fold_of(rows["household_id"]), np.full(len(rows), np.nan)
    for k in range(FOLDS):
        model = HistGradientBoostingClassifier(random_state=0).fit(x[fold != k], y[fold != k])
        risk[fold == k] = model.predict_proba(x[fold == k])[:, 1]
    return figures(y, pd.Series(risk))


SPLITS = {argentina.FOLDER: split_argentina, germany.FOLDER: split_germany}
