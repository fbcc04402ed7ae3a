"""What a forecast has to beat: the register's own rules, a proxy means test, and well-known classifiers.

All learn from the same households as the model beside them and forecast the same ones.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from fanpin_risk.errors import FanpinWarning, FeatureMismatchError, MissingPackageError, SchemaError, install_command
from fanpin_risk.features import FEATURES

__all__ = [
    "BASELINES",
    "TRIGGERS",
    "ProxyMeansTest",
    "RuleForecast",
    "baseline_names",
    "make_baselines",
    "number_of_triggers",
]

Array = NDArray[Any]

# Single triggers: what official early warning looks at one by one (收入骤减, 支出骤增, 失业, 因灾, 住房饮水, 辍学, 新增残疾);
# a feature and the value above (+1) or below (-1) which it is set. Amounts are set by provinces; these are our own.
TRIGGERS: dict[str, tuple[int, float]] = {
    "income_to_line": (-1, 1.5),
    "income_change_1y": (-1, -0.3),
    "out_of_pocket_to_income": (1, 0.4),
    "new_serious_illness_12m": (1, 0.5),
    "new_disability_24m": (1, 0.5),
    "job_loss_12m": (1, 0.5),
    "disaster_12m": (1, 0.5),
    "accident_or_death_12m": (1, 0.5),
    "business_loss_12m": (1, 0.5),
    "n_not_enrolled_6_15": (1, 0.5),
    "unsafe_house": (1, 0.5),
    "unsafe_water": (1, 0.5),
}
# Added to households and events of a group when its rate is learnt, at the rate of all: few households say little.
PRIOR_HOUSEHOLDS = 20.0
LOWEST_RATE = 1e-6


class RuleForecast(ClassifierMixin, BaseEstimator):
    """A rule of the register as a forecast: households with the same number of triggers share one risk.

    The risk is the rate of the event among the households trained on for which so many triggers spoke, pulled towards
    the rate of all by 20 households, and never falls with their number.

    Parameters
    ----------
    triggers : mapping of str to (int, float), optional
        Feature -> (1, value above which it is set) or (-1, value below which it is set). A missing value does not
        set it. Default: :data:`TRIGGERS`.
    most : int, optional
        Numbers of triggers from here on count as one; 1 tells only whether any is set.
    """

    def __init__(self, *, triggers: dict[str, tuple[int, float]] | None = None, most: int | None = None) -> None:
        self.triggers = triggers
        self.most = most

    def fit(self, X: pd.DataFrame, y: Array) -> Self:
        """Learn the rate of the event for each number of triggers that are set."""
        y = np.asarray(y, dtype=np.float64)
        number = self._number(X)
        self.classes_ = np.array([0, 1])
        self.rates_ = np.full(number.max(initial=0) + 1, np.nan)
        rate = y.mean()
        for k in range(len(self.rates_)):
            chosen = number == k
            self.rates_[k] = (y[chosen].sum() + PRIOR_HOUSEHOLDS * rate) / (chosen.sum() + PRIOR_HOUSEHOLDS)
        self.rates_ = np.clip(np.maximum.accumulate(self.rates_), LOWEST_RATE, 1 - LOWEST_RATE)
        return self

    def predict_proba(self, X: pd.DataFrame) -> Array:
        """Return the probabilities of both classes, of shape (n_rows, 2)."""
        check_is_fitted(self)
        risk = self.rates_[np.minimum(self._number(X), len(self.rates_) - 1)]
        return np.column_stack([1 - risk, risk])

    def predict(self, X: pd.DataFrame) -> Array:
        """Return the more probable class of each row."""
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(np.intp)]

    def _number(self, X: pd.DataFrame) -> Array:
        number = number_of_triggers(X, self.triggers)
        return number if self.most is None else np.minimum(number, self.most)


def number_of_triggers(X: pd.DataFrame, triggers: dict[str, tuple[int, float]] | None = None) -> Array:
    """Count the triggers that are set of each household; a missing value sets none.

    Parameters
    ----------
    X : DataFrame
        Features.
    triggers : mapping of str to (int, float), optional
        As for :class:`RuleForecast`. Default: :data:`TRIGGERS`.

    Returns
    -------
    ndarray of int64, shape (n_households,)

    Examples
    --------
    >>> number_of_triggers(pd.DataFrame({"unsafe_house": [1.0, np.nan]}), {"unsafe_house": (1, 0.5)}).tolist()
    [1, 0]
    """
    asked = TRIGGERS if triggers is None else triggers
    _need(X, asked)
    is_set = [sign * X[name].to_numpy(dtype=np.float64) > sign * value for name, (sign, value) in asked.items()]
    return np.asarray(np.sum(is_set, axis=0, dtype=np.int64))


class ProxyMeansTest(ClassifierMixin, BaseEstimator):
    """A proxy means test: income is estimated from what is easily seen, and the estimate is turned into a risk.

    Least squares (with a small ridge, since household features are collinear) of the logarithm of income over the line on
    the features that are not about income; then a logistic regression of the event on the estimate. Where none of the
    households trained on has an income on record, as on the first day of a panel, there is nothing to estimate: all have
    the rate of the event, and a warning says so.

    Parameters
    ----------
    income : str, default "income_to_line"
        The feature to be estimated; all features of the domain of income are left out on the right-hand side.

    References
    ----------
    Grosh & Baker (1995), Proxy means tests for targeting social programs, World Bank LSMS Working Paper 118.
    """

    def __init__(self, *, income: str = "income_to_line") -> None:
        self.income = income

    def fit(self, X: pd.DataFrame, y: Array) -> Self:
        """Estimate income, then the risk by estimated income."""
        about_income = {f.name for f in FEATURES if f.domain == "income" or "income" in f.name or "wages" in f.name}
        _need(X, [self.income])
        columns = [name for name in X.columns if name not in about_income]
        self.columns_ = [name for name in columns if X[name].notna().any()]
        known = X[self.income].notna().to_numpy()
        self.income_: Pipeline | None = None
        if known.any() and self.columns_:
            self.income_ = self._income_model(X[known])
        else:
            warnings.warn(
                FanpinWarning(
                    "no income is on record on the training days: the proxy means test has nothing to estimate and gives "
                    "all households the rate of the event"
                ),
                stacklevel=2,
            )
        self.risk_ = LogisticRegression().fit(self._estimate(X), y)
        self.classes_ = self.risk_.classes_
        return self

    def _income_model(self, X: pd.DataFrame) -> Pipeline:
        # Incomes of less than a hundredth of the line, losses among them, count as that: the logarithm ends there.
        logged = np.log(np.maximum(X[self.income].to_numpy(dtype=np.float64), 0.01))
        return _prepared(Ridge(alpha=1.0)).fit(X[self.columns_], logged)

    def _estimate(self, X: pd.DataFrame) -> Array:
        if self.income_ is None:
            return np.zeros((len(X), 1))
        return self.income_.predict(X[self.columns_])[:, None]

    def predict_proba(self, X: pd.DataFrame) -> Array:
        """Return the probabilities of both classes, of shape (n_rows, 2)."""
        check_is_fitted(self)
        return self.risk_.predict_proba(self._estimate(X))

    def predict(self, X: pd.DataFrame) -> Array:
        """Return the more probable class of each row."""
        check_is_fitted(self)
        return self.risk_.predict(self._estimate(X))


class KnownColumns(BaseEstimator):
    """Leaves out columns without any value in training, which an imputer cannot fill and warns of."""

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Note the columns with values."""
        self.columns_ = X.columns[X.notna().any()].tolist()
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return them."""
        check_is_fitted(self)
        return X[self.columns_]


class AdditiveBoosting(ClassifierMixin, BaseEstimator):
    """A classifier of interpret, fitted to the columns that have values, without what it says of its own pictures.

    Parameters
    ----------
    classifier : ExplainableBoostingClassifier
        Unfitted; it takes missing values as they are.
    """

    def __init__(self, classifier: Any) -> None:
        self.classifier = classifier

    def fit(self, X: pd.DataFrame, y: Array) -> Self:
        """Fit a copy of the classifier."""
        self.known_ = KnownColumns().fit(X)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Missing values detected")
            self.classifier_ = clone(self.classifier).fit(self.known_.transform(X), y)
        self.classes_ = self.classifier_.classes_
        return self

    def predict_proba(self, X: pd.DataFrame) -> Array:
        """Return the probabilities of both classes, of shape (n_rows, 2)."""
        check_is_fitted(self)
        return self.classifier_.predict_proba(self.known_.transform(X))

    def predict(self, X: pd.DataFrame) -> Array:
        """Return the more probable class of each row."""
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(np.intp)]


def _prepared(estimator: Any) -> Pipeline:
    """Fill what is missing by the median, add columns that say so, and scale."""
    return make_pipeline(
        KnownColumns(), SimpleImputer(strategy="median", add_indicator=True), StandardScaler(), estimator
    )


def _need(X: pd.DataFrame, names: Any) -> None:
    missing = [name for name in names if name not in getattr(X, "columns", ())]
    if missing:
        raise FeatureMismatchError(
            "the table has no column {missing}; pass a DataFrame with the features of compute_features",
            missing=tuple(missing[:5]),
        )


def _rules(_: int) -> dict[str, list[Any]]:
    line = {"income_to_line": (-1, 1.5)}
    return {
        "rule: income below 1.5 lines": [RuleForecast(triggers=line)],
        "rule: any trigger": [RuleForecast(most=1)],
        "rule: number of triggers": [RuleForecast()],
    }


def _pmt(_: int) -> dict[str, list[Any]]:
    return {"proxy means test": [ProxyMeansTest()]}


def _logistic(_: int) -> dict[str, list[Any]]:
    settings = [_prepared(LogisticRegression(C=c, max_iter=2000)) for c in (0.001, 0.01, 0.1, 1.0)]
    return {"logistic regression": settings}


def _forest(seed: int) -> dict[str, list[Any]]:
    settings = [
        make_pipeline(
            KnownColumns(),
            SimpleImputer(strategy="median", add_indicator=True),
            RandomForestClassifier(
                n_estimators=300, min_samples_leaf=leaf, max_features=features, n_jobs=-1, random_state=seed
            ),
        )
        for leaf, features in ((5, "sqrt"), (20, "sqrt"), (20, 0.3), (50, 0.3))
    ]
    return {"random forest": settings}


# Depth, rounds and learning rate of the settings tried of other boosting libraries: as many as of the others.
_BOOSTING = ((3, 200, 0.05), (3, 400, 0.05), (5, 150, 0.05), (6, 400, 0.02))


def _lightgbm(seed: int) -> dict[str, list[Any]]:
    lightgbm = _optional("lightgbm")
    settings = [
        lightgbm.LGBMClassifier(
            max_depth=depth, num_leaves=2**depth - 1, n_estimators=rounds, learning_rate=rate, min_child_samples=50,
            colsample_bytree=0.5, reg_lambda=5.0, random_state=seed, n_jobs=1, verbose=-1,
        )
        for depth, rounds, rate in _BOOSTING
    ]  # fmt: skip
    return {"LightGBM": settings}


def _xgboost(seed: int) -> dict[str, list[Any]]:
    xgboost = _optional("xgboost")
    settings = [
        xgboost.XGBClassifier(
            max_depth=depth, n_estimators=rounds, learning_rate=rate, min_child_weight=5.0, colsample_bytree=0.5,
            reg_lambda=5.0, random_state=seed, n_jobs=1, tree_method="hist",
        )
        for depth, rounds, rate in _BOOSTING
    ]  # fmt: skip
    return {"XGBoost": settings}


def _catboost(seed: int) -> dict[str, list[Any]]:
    catboost = _optional("catboost")
    settings = [
        catboost.CatBoostClassifier(
            depth=depth, iterations=rounds, learning_rate=rate, rsm=0.5, l2_leaf_reg=5.0, random_seed=seed, thread_count=1,
            allow_writing_files=False, verbose=False,
        )
        for depth, rounds, rate in _BOOSTING
    ]  # fmt: skip
    return {"CatBoost": settings}


# Pairs of features and learning rate of the settings tried of the explainable boosting machine.
_ADDITIVE = ((0, 0.01), (0, 0.04), (10, 0.01), (10, 0.04))


def _ebm(seed: int) -> dict[str, list[Any]]:
    glassbox = _optional("interpret.glassbox", package="interpret-core", baseline="ebm")
    settings = [
        AdditiveBoosting(
            glassbox.ExplainableBoostingClassifier(
                interactions=pairs, learning_rate=rate, outer_bags=4, random_state=seed, n_jobs=1
            )
        )
        for pairs, rate in _ADDITIVE
    ]
    return {"explainable boosting machine": settings}


BASELINES = {
    "rules": _rules,
    "pmt": _pmt,
    "logistic": _logistic,
    "forest": _forest,
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
    "catboost": _catboost,
    "ebm": _ebm,
}


def _optional(module: str, *, package: str | None = None, baseline: str | None = None) -> Any:
    """Import a module of a package that need not be installed, both called as the baseline is unless said otherwise."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPackageError(
            "the baseline {name} needs the package {package}, which is not installed; install it with: {command}",
            name=baseline or module,
            package=package or module,
            command=install_command("baselines"),
        ) from error


def make_baselines(names: Sequence[str] | str = "all", *, random_state: int = 0) -> dict[str, list[Any]]:
    """Make models to compare with, each as a list of settings from which earlier days choose.

    Parameters
    ----------
    names : sequence of str or "all"
        ``rules`` (income below 1.5 lines, any trigger, number of triggers), ``pmt`` (proxy means test), ``logistic``,
        ``forest``; ``lightgbm``, ``xgboost``, ``catboost`` and ``ebm`` (explainable boosting machine of interpret), with the
        extra "baselines".
    random_state : int, default 0
        Seed.

    Returns
    -------
    dict of str to list of estimator
        Name shown in tables -> settings: one of each rule, four of each learner that has settings.

    Raises
    ------
    SchemaError
        If a name is unknown.
    MissingPackageError
        If a package is not installed.

    Examples
    --------
    >>> list(make_baselines(["pmt", "logistic"]))
    ['proxy means test', 'logistic regression']
    """
    made: dict[str, list[Any]] = {}
    for name in baseline_names(names):
        made.update(BASELINES[name](random_state))
    return made


def baseline_names(names: Sequence[str] | str = "all", *, option: str = "baselines") -> list[str]:
    """Return the names of baselines as a list.

    Parameters
    ----------
    names : sequence of str or "all"
        As for :func:`make_baselines`.
    option : str, default "baselines"
        What the message calls them.

    Returns
    -------
    list of str

    Raises
    ------
    SchemaError
        If a name is unknown.

    Examples
    --------
    >>> baseline_names("pmt"), len(baseline_names("all"))
    (['pmt'], 8)
    """
    wanted = list(BASELINES) if names == "all" else [names] if isinstance(names, str) else list(names)
    unknown = [name for name in wanted if name not in BASELINES]
    if unknown:
        raise SchemaError(
            "{option}: unknown {unknown}; expected some of {baselines}, or 'all'",
            option=option,
            unknown=tuple(map(str, unknown)),
            baselines=tuple(BASELINES),
        )
    return wanted
