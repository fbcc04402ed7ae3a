"""The risk model: from a register and a day to a calibrated risk, a tier and reasons for every household."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.utils import estimator_html_repr
from sklearn.utils.metadata_routing import MetadataRequest

from fanpin_risk.arguments import texts
from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import EVENTS, LEFT_OUT, Target
from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import (
    FanpinWarning,
    FeatureMismatchError,
    LackingTablesWarning,
    NotEnoughDataError,
    OtherLagWarning,
    SchemaError,
)
from fanpin_risk.explanation import Explanation, explain_table
from fanpin_risk.features import CONTEXT, FEATURES, Feature, features_at
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.fitted import require_fitted
from fanpin_risk.model.folds import deal
from fanpin_risk.model.known_share import fit_known
from fanpin_risk.model.profile import reference_profile
from fanpin_risk.model.recalibration import RECALIBRATION_NOTES, logistic_recalibration
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.model.training_day import TrainingDay, training_day
from fanpin_risk.model.uncertainty import fit_interval
from fanpin_risk.progress import Progress, Steps
from fanpin_risk.records.checks import lag_days
from fanpin_risk.records.places import area_names
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.tree_shap.tree_shap import TreeShap
from fanpin_risk.words import Message, in_both, listed, note_message

__all__ = ["RiskModel"]

Array = NDArray[Any]

# With fewer events than this a fold has next to none, and neither ranking nor calibration can be judged.
FEWEST_EVENTS = 20
# One household in eight of those trained on decides when a fold stops adding trees.
VALIDATION_PARTS = 8
# Training rows on which it is measured how much each feature moves the model.
ROWS_WEIGHED = 50_000
# Tables that hold outcomes; all others become features.
OUTCOME_TABLES = ("monitoring", "warnings")


class _NoMetadataRouting:
    """Keeps scikit-learn from adding methods such as ``set_score_request`` to a class derived from BaseEstimator.

    They pass on what a meta-estimator is given beside the rows. A risk model takes registers, and what its methods take
    beside these are options.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Leave out what BaseEstimator would do here."""

    def get_metadata_routing(self) -> MetadataRequest:
        """Ask for no metadata."""
        return MetadataRequest(owner=self)


class RiskModel(_NoMetadataRouting, BaseEstimator):
    """Risk that a household returns to poverty within some months, learnt from a register's past.

    Fitting takes one or more past days. On each, features are what the register knew on the day, and the outcome is
    what happened in the months after it. Households are dealt into folds; each fold is scored by trees that never
    saw its households, on any day. On these out-of-fold margins a logistic recalibration is fitted, the cut-offs of
    the tiers are set and the metrics are computed. The trees that are kept are then grown on all rows, for the mean
    number of rounds at which the folds stopped.

    The result is a pure function of the register's content: neither the order of rows nor the number of threads
    changes a bit.

    Parameters
    ----------
    classifier : MonotoneBoosting, optional
        Its parameters are used. Constraints and categorical features left at None come from the features'
        declarations, `random_state` left at None from this model. Default: ``MonotoneBoosting()``.
    features : sequence of str, optional
        Names of the features to use, in order. Default: all.
    target : {"newly_monitored", "below_line"}
        The event, see :func:`fanpin_risk.outcomes`.
    recalibration : {"logistic", None}
        ``logistic``: calibrated log-odds = slope * margin + intercept, by maximum likelihood. None: slope 1,
        intercept 0.
    n_folds : int, default 5
        Folds of households.
    tier_shares : pair of float, default (0.02, 0.08)
        Shares of the households at risk in training that make the tiers ``high`` and, below it, ``medium``.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    name : str, default "fanpin-risk"
        Stands in front of the fingerprint in the column ``model``.
    random_state : int, default 0
        Seed of the trees.
    n_jobs : int, default -1
        Threads over which folds are spread in fitting, and households in explaining; -1: one for each core.

    Attributes
    ----------
    classifier_ : MonotoneBoosting
        The fitted trees.
    slope_, intercept_ : float
        Of the recalibration.
    recalibration_note_ : str
        Code for why the recalibration was left at 1 and 0: ``margins_alike``, ``no_ranking`` (followed by the slope:
        ``no_ranking:-0.12``) or ``not_converged``; empty if it was not.
    feature_names_in_ : ndarray of str
        The features, in order.
    horizon_months_ : int
        Months after the day to which the risk refers.
    references_ : DataFrame
        What areas were like on the training days, from :func:`fanpin_risk.make_references`.
    tier_thresholds_ : dict
        Tier -> least calibrated risk.
    training_ : DataFrame
        Per training day: end of its horizon, households at risk, events, and how many were left out for which reason.
    oof_metrics_ : dict
        Of the calibrated out-of-fold risks: ``households``, ``events``, ``base_rate``, ``auc``,
        ``average_precision``, ``brier``, ``log_loss``, and ``brier_base``, ``log_loss_base`` of the base rate itself.
    base_rate_ : float
        Share of training rows with the event.
    interval_ : RiskInterval
        How far the level of a new year may be from the forecast.
    known_ : KnownShare
        How much of what moves the model is usually known.
    profile_ : DataFrame
        What the features of the training days looked like, and the out-of-fold ``risk``; see
        :func:`fanpin_risk.evaluation.reference_profile`.
    tables_ : tuple of str
        Tables that the registers of all training days held and that features are made of, sorted.
    evaluation_, alarms_ : dict or None, list or None
        What :func:`fanpin_risk.save_model` wrote into the card of a loaded model beside the model itself.
    known_lag_days_ : int or None
        Days after its own time from which a row without a day of recording counted as known, as in
        ``Register.known_lag_days``; None: the lag of each table.
    n_trees_ : int
        Number of trees.
    synthetic_ : bool
        Whether it was trained on a synthetic register and is not for decisions.

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines (logistic recalibration of a margin).
    Van Calster et al. (2016), A calibration hierarchy for risk models, J Clin Epidemiol 74.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(2000, random_state=0)
    >>> model = fr.RiskModel().fit(register, ["2021-12-31", "2022-12-31"])
    >>> scores = model.score(register, "2023-12-31")
    >>> bool(scores["risk"].between(0, 1).all())
    True
    """

    _explained: tuple[MonotoneBoosting, TreeShap] | None = None
    # Results that every score needs, beside what they were computed from: made again when that is another object.
    _labelled: tuple[tuple[Any, ...], str] | None = None
    _referred: tuple[tuple[Any, ...], pd.DataFrame] | None = None

    def __init__(
        self,
        *,
        classifier: MonotoneBoosting | None = None,
        features: Sequence[str] | None = None,
        target: Target = "newly_monitored",
        recalibration: Literal["logistic"] | None = "logistic",
        n_folds: int = 5,
        tier_shares: tuple[float, float] = (0.02, 0.08),
        lines: MonitoringLines | None = None,
        name: str = "fanpin-risk",
        random_state: int = 0,
        n_jobs: int | None = -1,
    ) -> None:
        self.classifier = classifier
        self.features = features
        self.target = target
        self.recalibration = recalibration
        self.n_folds = n_folds
        self.tier_shares = tier_shares
        self.lines = lines
        self.name = name
        self.random_state = random_state
        self.n_jobs = n_jobs

    # --- fitting ------------------------------------------------------------------------------------------------
    def fit(
        self, register: Register, as_of: Any, *, horizon_months: int = 12, progress: Progress | None = None
    ) -> Self:
        """Learn from what happened after one or more past days.

        Parameters
        ----------
        register : Register
            The whole register of the area (references are computed from it), reaching beyond the last horizon.
        as_of : date-like or list of date-like
            The training days.
        horizon_months : int, default 12
            Months after each day within which the event counts.
        progress : callable, optional
            Called with (done, total, what).

        Returns
        -------
        RiskModel
            Itself.

        Raises
        ------
        NotEnoughDataError
            If the register does not reach the end of a horizon, or holds fewer than 20 events.
        SchemaError
            If a parameter is not one of those described.
        """
        self._check_parameters()
        days = _days(as_of)
        steps = Steps(progress, len(days) + self.n_folds + 1)
        learnt = []
        for day in days:
            steps.next(Message("features and outcomes {day}", day=day.date()))
            learnt.append(
                training_day(register, day, horizon_months=horizon_months, target=self.target, lines=self.lines)
            )
        return self._fit(learnt, horizon_months, steps)

    def fit_days(
        self, days: Sequence[TrainingDay], *, horizon_months: int = 12, progress: Progress | None = None
    ) -> Self:
        """Learn from past days that are at hand, so that several models can be fitted to the same features.

        Parameters
        ----------
        days : sequence of TrainingDay
            From :func:`fanpin_risk.training_day` with this model's target, lines and horizon.
        horizon_months : int, default 12
            Months after each day within which the event counted.
        progress : callable, optional
            Called with (done, total, what).

        Returns
        -------
        RiskModel
            Itself.

        Raises
        ------
        NotEnoughDataError
            If there are fewer than 20 households with the event, or without.
        SchemaError
            If a parameter is not one of those described, or there are no days.
        """
        self._check_parameters()
        if not days:
            raise SchemaError("days is empty: expected one TrainingDay or more")
        ordered = sorted(days, key=lambda day: day.as_of)
        return self._fit(ordered, horizon_months, Steps(progress, self.n_folds + 1))

    def _fit(self, days: Sequence[TrainingDay], horizon_months: int, steps: Steps) -> Self:
        declared = self._declared()
        names = [f.name for f in declared]
        table = pd.concat([day.table[names] for day in days])
        y = np.concatenate([day.outcome for day in days])
        training = pd.DataFrame(
            [
                {
                    "as_of": day.as_of,
                    "until": day.until,
                    "households": len(day.outcome),
                    "events": int(day.outcome.sum()),
                    **day.left_out,
                }
                for day in days
            ]
        ).set_index("as_of")
        n_events = int(y.sum())
        if n_events < FEWEST_EVENTS or len(y) - n_events < FEWEST_EVENTS:
            counted = training.drop(columns=["until", "households", "events"]).sum()
            left_out = [
                Message("{reason} {count}", reason=LEFT_OUT.get(str(reason), str(reason)), count=int(n))
                for reason, n in counted[counted > 0].items()
            ] or Message("none")
            raise NotEnoughDataError(
                "{n_y} households at risk on {n_days} day(s) with {n_events} events ({target}); at least "
                "{fewest_events} with and {fewest_events} without are needed: take more days, a longer "
                "horizon or more areas (households left out: {left_out})",
                n_y=len(y),
                n_days=len(days),
                n_events=n_events,
                target=EVENTS[self.target],
                fewest_events=FEWEST_EVENTS,
                left_out=left_out,
            )

        classifier = self._classifier(declared)
        fold, part = deal(table.index, y, self.n_folds, "fold"), deal(table.index, y, VALIDATION_PARTS, "part")
        jobs = Parallel(n_jobs=self.n_jobs, require="sharedmem", return_as="generator")(
            delayed(_fit_fold)(classifier, table, y, fold == k, part == k % VALIDATION_PARTS)
            for k in range(self.n_folds)
        )
        margin, rounds = np.full(len(y), np.nan), []
        with _warnings_of_one_thread():
            for k in range(self.n_folds):
                steps.next(Message("fold {fold} of {folds}", fold=k + 1, folds=self.n_folds))
                margin[fold == k], n_iter = next(jobs)
                rounds.append(n_iter)

        steps.next(Message("trees on all rows"))
        n_trees = max(1, round(float(np.mean(rounds))))
        self.classifier_ = clone(classifier).set_params(max_iter=n_trees, early_stopping=False).fit(table, y)
        self.slope_, self.intercept_, self.recalibration_note_ = 1.0, 0.0, ""
        if self.recalibration is not None:
            self.slope_, self.intercept_, self.recalibration_note_ = logistic_recalibration(margin, y)
            if self.recalibration_note_:
                warnings.warn(FanpinWarning(note_message(self.recalibration_note_, RECALIBRATION_NOTES)), stacklevel=2)
        log_odds = self.slope_ * margin + self.intercept_
        risk = expit(log_odds)
        self.feature_names_in_ = np.array([f.name for f in declared], dtype=object)
        self.horizon_months_ = horizon_months
        self.references_ = pd.concat([day.references for day in days], ignore_index=True)
        self.tier_thresholds_ = _tier_thresholds(risk, self.tier_shares)
        self.training_ = training
        self.oof_metrics_ = _metrics(y, risk)
        self.base_rate_ = n_events / len(y)
        day_of_row = np.repeat([day.as_of for day in days], [len(day.outcome) for day in days])
        self.interval_ = fit_interval(log_odds, y, day_of_row, horizon_months=horizon_months)
        moved = np.abs(self._tree_shap().shap_values(table.iloc[:: -(-len(table) // ROWS_WEIGHED)])[0]).mean(axis=0)
        # Trees without a single split weigh nothing; then every feature counts the same.
        self.known_ = fit_known(table, moved if moved.any() else np.ones_like(moved))
        # By the trees that will score, not those of the folds, so that a difference is the households', not the trees'.
        scored = pd.Series(
            expit(self.slope_ * self.classifier_.decision_function(table) + self.intercept_), name="risk"
        )
        profiles = [reference_profile(table), reference_profile(scored)]
        self.profile_ = pd.concat(profiles, ignore_index=True)
        self.tables_ = tuple(sorted(frozenset.intersection(*(day.tables for day in days)).difference(OUTCOME_TABLES)))
        self.known_lag_days_ = days[-1].known_lag_days
        self.evaluation_: dict[str, Any] | None = None
        self.alarms_: list[dict[str, Any]] | None = None
        self.n_trees_ = self.classifier_.n_trees_
        self.synthetic_ = any(day.source.startswith("synthetic register, random_state=") for day in days)
        steps.next("")
        return self

    def _check_parameters(self) -> None:
        if self.classifier is not None and not isinstance(self.classifier, MonotoneBoosting):
            raise SchemaError(
                "classifier is of the type {name}; expected a MonotoneBoosting or None",
                name=type(self.classifier).__name__,
            )
        if self.recalibration not in ("logistic", None):
            raise SchemaError(
                "recalibration is {recalibration!r}; expected 'logistic' or None", recalibration=self.recalibration
            )
        if not (isinstance(self.n_folds, int) and 2 <= self.n_folds <= FEWEST_EVENTS):
            raise SchemaError(
                "n_folds is {n_folds!r}; expected a whole number from 2 to {fewest_events}",
                n_folds=self.n_folds,
                fewest_events=FEWEST_EVENTS,
            )
        shares = tuple(self.tier_shares)
        if len(shares) != 2 or not all(share > 0 for share in shares) or not sum(shares) < 1:
            raise SchemaError(
                "tier_shares is {shares}; expected two positive shares, of high and medium, below 1 together",
                shares=shares,
            )

    def _declared(self) -> tuple[Feature, ...]:
        """Return the declarations of the model's features, in order."""
        known = {f.name: f for f in FEATURES}
        names = list(known) if self.features is None else list(self.features)
        unknown = [name for name in names if name not in known]
        if unknown or len(set(names)) < len(names) or not names:
            raise SchemaError(
                "features: {n_names} names, unknown: {value}; expected names from describe_features(), each once",
                n_names=len(names),
                value=", ".join(unknown) or "none",
            )
        return tuple(known[name] for name in names)

    def _classifier(self, declared: Sequence[Feature]) -> MonotoneBoosting:
        """Return the unfitted classifier, with the declared constraints and categories and a seed."""
        classifier = MonotoneBoosting() if self.classifier is None else clone(self.classifier)
        if classifier.monotonic_cst is None:
            classifier.set_params(monotonic_cst={f.name: f.monotone for f in declared})
        if classifier.categorical_features is None:
            classifier.set_params(categorical_features=[f.name for f in declared if f.unit == "category"])
        if classifier.random_state is None:
            classifier.set_params(random_state=self.random_state)
        return classifier

    # --- scoring ------------------------------------------------------------------------------------------------
    def risk_of(self, table: pd.DataFrame | Array) -> Array:
        """Return the calibrated risk of households whose features are at hand.

        Contributions and risk come from one pass: the risk is what the contributions add up to. That is cheaper than
        letting the trees predict, and there is no second number from which an explanation could differ.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_households, n_features)
            As from :func:`fanpin_risk.compute_features` with this model's :meth:`references_for` the day. A
            DataFrame may hold further columns and any order; an array has the columns of ``feature_names_in_``.

        Returns
        -------
        ndarray of shape (n_households,)
            Probability of the event within the horizon, float64.

        Raises
        ------
        FeatureMismatchError
            If a feature of the model is not there.
        """
        require_fitted(self)
        if not isinstance(table, pd.DataFrame):
            array = np.asarray(table, dtype="float64")
            if array.ndim != 2 or array.shape[1] != len(self.feature_names_in_):
                raise FeatureMismatchError(
                    "an array of shape {array_shape}; expected (n, {n_feature_names_in})",
                    array_shape=array.shape,
                    n_feature_names_in=len(self.feature_names_in_),
                )
            table = pd.DataFrame(array, columns=self.feature_names_in_)
        missing = [name for name in self.feature_names_in_ if name not in table.columns]
        if missing:
            raise FeatureMismatchError(
                "{n_missing} of {n_feature_names_in} features are not in the table: {missing}; compute it "
                "with compute_features of the package version that trained the model",
                n_missing=len(missing),
                n_feature_names_in=len(self.feature_names_in_),
                missing=tuple(missing[:5]),
            )
        return self._explain_table(table).risk

    def tier_of(self, risk: Array) -> pd.Categorical:
        """Return the tier of each risk, by the cut-offs stored with the model.

        Parameters
        ----------
        risk : ndarray of shape (n,)
            Calibrated probabilities.

        Returns
        -------
        Categorical of shape (n,)
            ``high``, ``medium`` or ``low``.
        """
        require_fitted(self)
        above = (risk >= self.tier_thresholds_["medium"]).astype("int64") + (risk >= self.tier_thresholds_["high"])
        return pd.Categorical(np.array(list(TIERS))[above], categories=list(TIERS), ordered=True)

    def references_for(self, as_of: Any) -> pd.DataFrame:
        """Return for every area the newest references of a training day not after the day.

        Parameters
        ----------
        as_of : date-like
            The day.

        Returns
        -------
        DataFrame
            As from :func:`fanpin_risk.make_references`, dated on the day. Where all training days are later, the
            oldest is taken; ``attrs["from_later_day"]`` is then True.
        """
        require_fitted(self)
        return self._references_for(_day(as_of)).copy()

    def _references_for(self, day: pd.Timestamp) -> pd.DataFrame:
        """Return the references of a day, computed once for the days of one run."""
        sources = (self.references_, day)
        if self._referred is None or self._referred[0][0] is not self.references_ or self._referred[0][1] != day:
            self._referred = (sources, self._dated_references(day))
        return self._referred[1]

    def _dated_references(self, day: pd.Timestamp) -> pd.DataFrame:
        references = self.references_.sort_values(["area_prefix", "as_of"])
        newest = references[references["as_of"] <= day].drop_duplicates("area_prefix", keep="last")
        oldest = references.drop_duplicates("area_prefix", keep="first")
        later = oldest[~oldest["area_prefix"].isin(newest["area_prefix"])]
        result = pd.concat([newest, later]).sort_values("area_prefix", ignore_index=True)
        result["as_of"] = pd.Series([day] * len(result), dtype="datetime64[s]")
        result.attrs["from_later_day"] = bool(len(result)) and not len(newest)
        return result

    def features_of(
        self, register: Register, as_of: Any, *, context: bool = False, progress: Progress | None = None
    ) -> pd.DataFrame:
        """Compute the features of a register on a day, with the references and lines of this model.

        Parameters
        ----------
        register : Register
            Checked records, of any households.
        as_of : date-like
            The day.
        context : bool, default False
            Also return the columns that sentences quote but the model never sees.
        progress : callable, optional
            Called with (done, total, name).

        Returns
        -------
        DataFrame of shape (n_households, n_features)
            Indexed by ``household_id``, sorted.
        """
        return features_at(self._snapshot(register, as_of), context=context, progress=progress)

    def _snapshot(self, register: Register, as_of: Any) -> Snapshot:
        require_fitted(self)
        day = _day(as_of)
        return Snapshot(register, day, references=self._references_for(day), lines=self.lines)

    def score(
        self,
        register: Register,
        as_of: Any,
        households: Iterable[str] | str | None = None,
        *,
        n_reasons: int = 3,
        lang: Literal["zh", "en"] = "zh",
        explain: bool = True,
        progress: Progress | None = None,
    ) -> pd.DataFrame:
        """Score every household on record on a day.

        Risk and reasons come from the same pass over the trees, so every household is explained, not only those
        with a high risk.

        Parameters
        ----------
        register : Register
            Checked records, of any households: one alone gets to the bit what it gets in its county.
        as_of : date-like
            The day; nothing recorded later, or about later, is seen.
        households : str or iterable of str, optional
            Score only these, in this order. Default: all on record on the day.
        n_reasons : int, default 3
            Number of reasons.
        lang : {"zh", "en"}
            Language of the reasons.
        explain : bool, default True
            Whether to give the main cause and reasons at all.
        progress : callable, optional
            Called with (done, total, name) while features and reasons are computed.

        Returns
        -------
        DataFrame
            One row per household on record and not dissolved, by id unless `households` are given: ``household_id``, ``as_of``, ``risk``
            (calibrated probability within the horizon), ``risk_low`` and ``risk_high`` (the level of a new year
            may put it there, with probability 0.9; see :class:`fanpin_risk.model.uncertainty.RiskInterval`), ``tier``
            (ordered category), ``known`` (share of what moves the model that is on record), ``enough_known`` (False:
            the records are too thin to lean on the risk, complete them first), ``cause`` (main risk
            category, a code of ``CAUSES``, ``""`` for none), ``reason_1`` ... ``reason_{n_reasons}`` and
            ``contribution_1`` ... (in calibrated log-odds),
            ``monitored`` (whether it is monitored on the day by what is known then; missing without the table),
            ``area_code``, ``area_name`` (the place by name, down to its village and no further) and ``model``.
            With :meth:`unscored` they are all households of the register.

        Raises
        ------
        SchemaError
            If `register` is not a register or `as_of` not a day; if a household is not in the register or not on record
            on the day.

        Warns
        -----
        LackingTablesWarning
            If the register lacks a whole table that the model was trained with, see :meth:`lacking_tables`.
        OtherLagWarning
            If rows count as known after another lag than in training, see :meth:`other_lag`.
        """
        lacking = self.lacking_tables(register)
        if lacking:
            warnings.warn(
                LackingTablesWarning(
                    "the register lacks {tables}, which the model was trained with: households look alike in what these tables "
                    "tell, and too many land in the middle tier; train a model on the tables you have",
                    tables=listed(TABLES[name].label for name in lacking),
                ),
                stacklevel=2,
            )
        if (other := self.other_lag(register)) is not None:
            warnings.warn(OtherLagWarning(other), stacklevel=2)
        ids = None if households is None else _ids(households)
        here = self._snapshot(register if ids is None else register.select(ids), as_of)
        order = None if ids is None else _places(ids, here)
        scores = self._score_snapshot(here, n_reasons=n_reasons, lang=lang, explain=explain, progress=progress)[0]
        return scores if order is None else scores.iloc[order].reset_index(drop=True)

    def score_all(
        self,
        register: Register,
        as_of: Any,
        *,
        n_reasons: int = 3,
        lang: Literal["zh", "en"] = "zh",
        progress: Progress | None = None,
    ) -> tuple[pd.DataFrame, pd.DataFrame, Explanation]:
        """Return all that is known of a register on a day from one pass: for parts of a register, one after the other.

        Parameters
        ----------
        register : Register
            Checked records, of any households.
        as_of : date-like
            The day.
        n_reasons, lang, progress
            See :meth:`score`.

        Returns
        -------
        scores : DataFrame
            Of :meth:`score`; that one also warns where tables are lacking.
        unscored : DataFrame
            Of :meth:`unscored`.
        explanation : Explanation
            Of :meth:`explain`, of the households of `scores`.
        """
        here = self._snapshot(register, as_of)
        scores, explanation = self._score_snapshot(here, n_reasons=n_reasons, lang=lang, progress=progress)
        unscored = self._unscored(here)
        return scores, unscored, explanation

    def _score_snapshot(
        self,
        here: Snapshot,
        *,
        n_reasons: int,
        lang: Literal["zh", "en"],
        explain: bool = True,
        progress: Progress | None = None,
    ) -> tuple[pd.DataFrame, Explanation]:
        day = pd.Timestamp(here.as_of).as_unit("s")
        table = features_at(here, context=explain, progress=progress)
        explanation = self._explain_table(table, day, context=explain, progress=progress)
        risk, known = explanation.risk, self.known_.of(table)
        low, high = self.interval_.of(explanation.margin)
        columns: dict[str, Any] = {
            "household_id": table.index.to_series().array,
            "as_of": pd.Series([day] * len(table), dtype="datetime64[s]"),
            "risk": risk,
            "risk_low": low,
            "risk_high": high,
            "tier": self.tier_of(risk),
            "known": known,
            "enough_known": self.known_.enough(known),
        }
        if explain:
            reasons = explanation.reasons(lang=lang, n_reasons=n_reasons)
            for name in (
                "cause",
                *(f"{kind}_{k}" for k in range(1, n_reasons + 1) for kind in ("reason", "contribution")),
            ):
                columns[name] = reasons[name].array
        columns["monitored"] = pd.array(here.monitored, dtype="Float64").astype("boolean")
        codes = pd.Series(here.households.area_code, dtype="str")
        columns["area_code"] = codes
        columns["area_name"] = area_names(codes, pd.Series(here.households.area_name, dtype="str"))
        columns["model"] = pd.Series([self.label] * len(table), dtype="str")
        return pd.DataFrame(columns), explanation

    def lacking_tables(self, register: Register) -> list[str]:
        """Name the tables that the model was trained with and the register does not have at all.

        Parameters
        ----------
        register : Register
            Checked records.

        Returns
        -------
        list of str
            Names of tables; one that is there without rows is not lacking.
        """
        require_fitted(self)
        return [name for name in self.tables_ if name not in checked_register(register).supplied]

    def other_lag(self, register: Register) -> Message | None:
        """Say how the register differs from those of training in when rows without a day of recording count as known.

        Parameters
        ----------
        register : Register
            Checked records.

        Returns
        -------
        Message or None
            None if it does not differ, or has no such rows.
        """
        require_fitted(self)
        table = TABLES["incomes"]
        lags = [lag_days(table, days) for days in (self.known_lag_days_, checked_register(register).known_lag_days)]
        if lags[0] == lags[1] or not any(register.recorded_at_filled.values()):
            return None
        return Message(
            "rows without a day of recording counted as known after {trained} days when the model was trained, and after {read} "
            "days in this register: scores may be off; read it with known_lag_days={trained} (--known-lag-days {trained})",
            trained=lags[0],
            read=lags[1],
        )

    def unscored(self, register: Register, as_of: Any) -> pd.DataFrame:
        """List the households of a register that have no score on a day, and why.

        Parameters
        ----------
        register : Register
            Checked records.
        as_of : date-like
            The day.

        Returns
        -------
        DataFrame
            ``household_id`` and ``reason``: ``not_on_record`` (yet) or ``dissolved``. With the households of
            :meth:`score` they are all households of the register.
        """
        return self._unscored(Snapshot(register, _day(as_of)))

    def _unscored(self, here: Snapshot) -> pd.DataFrame:
        ids, ended = here.on_day.households_elsewhen()
        reason = np.where(ended, "dissolved", "not_on_record")
        return pd.DataFrame({"household_id": ids, "reason": pd.Series(reason, dtype="str")})

    def explain(
        self,
        register: Register,
        as_of: Any,
        households: Iterable[str] | str | None = None,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """Attribute households' calibrated log-odds to their features.

        Parameters
        ----------
        register : Register
            Checked records.
        as_of : date-like
            The day.
        households : str or iterable of str, optional
            Default: all on record on the day.
        progress : callable, optional
            Called with (done, total, name).

        Returns
        -------
        Explanation
            ``values.sum(axis=1) + base_value`` are the calibrated log-odds of :meth:`score`.

        Raises
        ------
        SchemaError
            If a household is not in the register or not on record on the day.
        """
        require_fitted(self)
        day = _day(as_of)
        if households is None:
            ids = None
        else:
            ids = _ids(households)
            register = checked_register(register).select(ids)
        here = self._snapshot(register, day)
        order = None if ids is None else _places(ids, here)
        table = features_at(here, context=True, progress=progress)
        return self._explain_table(table if order is None else table.iloc[order], day, context=True, progress=progress)

    def _explain_table(
        self,
        table: pd.DataFrame,
        day: pd.Timestamp | None = None,
        *,
        context: bool = False,
        progress: Progress | None = None,
    ) -> Explanation:
        declared = {f.name: f for f in FEATURES}
        features = tuple(declared[name] for name in self.feature_names_in_)
        quoted = {name for f in features for name in f.mentions} - set(self.feature_names_in_)
        beside = (*CONTEXT, *(f for f in FEATURES if f.name in quoted))  # a model of few features quotes others
        return explain_table(
            self._tree_shap(),
            table[list(self.feature_names_in_)],
            slope=self.slope_,
            intercept=self.intercept_,
            features=features,
            context=table[[f.name for f in beside]] if context else None,
            context_features=beside,
            as_of=day,
            horizon_months=self.horizon_months_,
            progress=progress,
        )

    def _tree_shap(self) -> TreeShap:
        """Return the explainer of the fitted trees, built once."""
        if self._explained is None or self._explained[0] is not self.classifier_:
            self._explained = (self.classifier_, TreeShap(self.classifier_, n_jobs=self.n_jobs))
        return self._explained[1]

    # --- identity -----------------------------------------------------------------------------------------------
    @property
    def declarations_(self) -> list[dict[str, object]]:
        """What this installation declares of the model's features, in order."""
        declared = {f.name: f for f in FEATURES}
        return [declared[name].declaration() for name in self.feature_names_in_]

    @property
    def fingerprint_(self) -> str:
        """First 12 hex digits of a SHA-256 over all that a score rests on.

        Trees, recalibration, tiers, event, features, references and lines.
        """
        require_fitted(self)
        digest = hashlib.sha256()
        for name, array in sorted(self.classifier_.to_arrays().items()):
            digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        for name, array in sorted({**self.interval_.to_arrays(), **self.known_.to_arrays()}.items()):
            digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
        lines = MonitoringLines() if self.lines is None else self.lines
        facts = {
            "slope": float(self.slope_).hex(),
            "intercept": float(self.intercept_).hex(),
            "tiers": {tier: float(least).hex() for tier, least in self.tier_thresholds_.items()},
            "horizon_months": self.horizon_months_,
            "target": self.target,
            "features": self.declarations_,
            "references": self.references_.to_csv(index=False),
            "lines": lines.frame.to_csv(index=False),
        }
        digest.update(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode())
        return digest.hexdigest()[:12]

    @property
    def label(self) -> str:
        """Name and fingerprint, as in the column ``model`` of the scores."""
        require_fitted(self)
        parts = (
            self.classifier_, self.interval_, self.known_, self.references_, self.lines, self.name, self.slope_,
            self.intercept_, self.horizon_months_, self.target, *self.tier_thresholds_.values(),
        )  # fmt: skip
        if self._labelled is None or any(a is not b for a, b in zip(self._labelled[0], parts, strict=True)):
            self._labelled = (parts, f"{self.name}:{self.fingerprint_}")
        return self._labelled[1]

    def _facts(self) -> dict[str, str]:
        """Return what a reader wants to know of a fitted model first."""
        metrics = self.oof_metrics_
        return {
            "model": self.label,
            "event": f"{self.target} within {self.horizon_months_} months",
            "trained on": ", ".join(str(day.date()) for day in self.training_.index),
            "households, events": f"{metrics['households']:,}, {metrics['events']:,} ({self.base_rate_:.2%})",
            "trees, features": f"{self.n_trees_}, {len(self.feature_names_in_)}",
            "out of fold": f"AUC {metrics['auc']:.3f}, average precision {metrics['average_precision']:.3f}",
        }

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        if not hasattr(self, "oof_metrics_"):
            return super().__repr__(N_CHAR_MAX)
        return f"<RiskModel {'; '.join(f'{key}: {value}' for key, value in self._facts().items())}>"

    def _html_repr(self) -> str:
        """Return what a notebook shows: what the fitted model is, then the diagram of any scikit-learn estimator.

        This is scikit-learn's own hook: ``sklearn.set_config(display="text")`` goes without it.
        """
        diagram = estimator_html_repr(self)
        if not hasattr(self, "oof_metrics_"):
            return diagram
        metrics, tiers = self.oof_metrics_, self.tier_thresholds_
        months = in_both(Message("within {months} months", months=self.horizon_months_))
        facts = {
            Message("model"): self.label,
            Message("event"): f"{in_both(EVENTS[self.target])}, {months}",
            Message("trained on"): ", ".join(str(day.date()) for day in self.training_.index),
            Message("household-days"): f"{metrics['households']:,}",
            Message("events"): f"{metrics['events']:,} ({self.base_rate_:.2%})",
            Message("trees, features"): f"{self.n_trees_}, {len(self.feature_names_in_)}",
            Message("out of fold"): f"AUC {metrics['auc']:.3f}, average precision {metrics['average_precision']:.3f}",
            Message("tiers"): ", ".join(f"{in_both(TIERS[tier])} ≥ {least:.1%}" for tier, least in tiers.items()),
        }
        if self.synthetic_:
            facts[Message("note")] = in_both(Message("trained on made-up data, not for decisions"))
        left = ' style="text-align: left"'
        rows = "".join(
            f"<tr><th{left}>{escape(in_both(name))}</th><td{left}>{escape(text)}</td></tr>"
            for name, text in facts.items()
        )
        return f'<table class="dataframe">{rows}</table>{diagram}'


def _ids(households: Iterable[str] | str) -> list[str]:
    return texts("households", households)


def _places(ids: Sequence[str], here: Snapshot) -> Array:
    """Return where households asked for are among those on record on the day; refuse those who are not."""
    places = here.household_ids.get_indexer(pd.Index(list(ids), dtype="str"))
    absent = int((places < 0).sum())
    if absent:
        raise SchemaError(
            "{absent} of {asked} households are not on record on {day}; see RiskModel.unscored, or unscored.csv of the "
            "score command",
            absent=absent,
            asked=len(ids),
            day=pd.Timestamp(here.as_of).date(),
        )
    return places


def _days(as_of: Any) -> list[pd.Timestamp]:
    """Return one day or several as sorted, distinct days."""
    given = list(as_of) if isinstance(as_of, (list, tuple, set, np.ndarray, pd.Series, pd.Index)) else [as_of]
    if not given:
        raise SchemaError("as_of is empty: expected a day such as 2023-12-31, or a list of days")
    return sorted({to_day(day) for day in given})


def _day(as_of: Any) -> pd.Timestamp:
    """Return one day; several are refused."""
    days = _days(as_of)
    if len(days) > 1:
        raise SchemaError("as_of holds {n_days} days; expected one", n_days=len(days))
    return days[0]


@contextmanager
def _warnings_of_one_thread() -> Iterator[None]:
    """Keep the warning filters while folds are fitted in threads.

    scikit-learn sets and restores them, which are the whole process's, wherever it checks or bins a column, and complains
    of its own when threads meet in that.
    """
    with warnings.catch_warnings():
        show = warnings.showwarning

        def without_complaint(message: Warning | str, *where: Any, **more: Any) -> None:
            if "sklearn.utils.parallel.delayed" not in str(message):
                show(message, *where, **more)

        warnings.showwarning = without_complaint
        yield


def _fit_fold(
    classifier: MonotoneBoosting, table: pd.DataFrame, y: Array, held_out: Array, part: Array
) -> tuple[Array, int]:
    """Fit on the households not held out, stop early by a part of them, and score those held out."""
    model = clone(classifier)
    if model.early_stopping:
        grow, stop = ~held_out & ~part, ~held_out & part
        model.fit(table[grow], y[grow], X_val=table[stop], y_val=y[stop])
    else:
        model.fit(table[~held_out], y[~held_out])
    return model.decision_function(table[held_out]), model.n_iter_


def _tier_thresholds(risk: Array, shares: tuple[float, float]) -> dict[str, float]:
    """Least risk of the tiers: of the k-th highest, k being the share of all, rounded up."""
    descending = np.sort(risk)[::-1]
    high, medium = (int(np.ceil(share * len(risk))) for share in (shares[0], shares[0] + shares[1]))
    return {"high": float(descending[high - 1]), "medium": float(descending[medium - 1])}


def _metrics(y: Array, risk: Array) -> dict[str, float]:
    base = np.full(len(y), y.mean())
    return {
        "households": len(y),
        "events": int(y.sum()),
        "base_rate": float(y.mean()),
        "auc": float(roc_auc_score(y, risk)),
        "average_precision": float(average_precision_score(y, risk)),
        "brier": float(brier_score_loss(y, risk)),
        "log_loss": float(log_loss(y, risk)),
        "brier_base": float(brier_score_loss(y, base)),
        "log_loss_base": float(log_loss(y, base)),
    }
