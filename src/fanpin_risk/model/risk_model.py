"""The risk model: from a register and a day to a calibrated risk, a tier and reasons for every household."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.utils import estimator_html_repr

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import Target, Unobserved, not_at_risk
from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import FanpinWarning, OtherLagWarning, SchemaError
from fanpin_risk.explanation import Explanation
from fanpin_risk.features import FEATURES, features_at
from fanpin_risk.features.place import place_declarations
from fanpin_risk.model.asked_households import Asked, ids_asked, rows_as_asked, with_monitoring
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.dated_references import dated_references
from fanpin_risk.model.day_parts import training_days
from fanpin_risk.model.days_and_households import one_day, rows_on_record, sorted_days
from fanpin_risk.model.display import ModelFacts
from fanpin_risk.model.ensemble import learn_trees
from fanpin_risk.model.ensemble_facts import Ensemble
from fanpin_risk.model.fingerprint import fingerprint_of
from fanpin_risk.model.fitted import require_fitted
from fanpin_risk.model.fitting import (
    drawn_facts,
    margins_of_table,
    out_of_fold_metrics,
    rows_weighed,
    tables_of_features,
    training_rows,
)
from fanpin_risk.model.known_share import fit_known
from fanpin_risk.model.metadata_routing import NoMetadataRouting
from fanpin_risk.model.model_explanation import explain_features
from fanpin_risk.model.parameters import check_parameters, chosen_features, unfitted_classifier
from fanpin_risk.model.place import PlaceEffects
from fanpin_risk.model.place_facts import Place
from fanpin_risk.model.place_fit import learn_place
from fanpin_risk.model.place_reason import with_place
from fanpin_risk.model.profile import reference_profile
from fanpin_risk.model.recalibration import RECALIBRATION_NOTES, logistic_recalibration
from fanpin_risk.model.register_parts import RegisterParts
from fanpin_risk.model.score_table import (
    codes_of_rows,
    frame_of_features,
    lacking_tables_warning,
    lag_difference,
    score_table,
    unscored_table,
)
from fanpin_risk.model.tiers import least_risks, tiers_of
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.model.uncertainty import fit_interval
from fanpin_risk.model.vanished import unobserved_facts, warn_of_unobserved
from fanpin_risk.model.visit_fit import check_visited, learn_from_visits, metrics_beside, told_by_register
from fanpin_risk.model.visit_results import visit_labels
from fanpin_risk.policy import Policy
from fanpin_risk.progress import Progress, Steps
from fanpin_risk.records.register import Register
from fanpin_risk.tree_shap.tree_shap import TreeShap
from fanpin_risk.words import Message, note_message

__all__ = ["RiskModel"]

Array = NDArray[Any]


class RiskModel(NoMetadataRouting, BaseEstimator):
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
        Names of the features to use, in order. Default: all, but for optional ones that no training day has a value of.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event, see :func:`fanpin_risk.outcomes`.
    place : {"auto", True, False}
        Whether what happened in a household's village, township and county is added to the margin of the trees, see
        :mod:`fanpin_risk.model.place`. ``auto``: only where the training days are two or more, several counties are
        among them, and the log loss out of fold is less with it.
    ensemble : {"auto", "none", "income_cuts"}
        For ``below_line``: whether trees also learn from the later incomes of everybody and from a wider line, see
        :mod:`fanpin_risk.model.ensemble`. It takes about three times as long to train and has three times the trees.
        ``auto``: where later incomes are known, and the log loss out of fold is less with it.
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
    place_ : PlaceEffects or None
        What areas add to the margin.
    place_facts_ : dict or None
        What the card says of it: why there is none (``why``), or its size and what it changes, by groups of areas.
    ensemble_facts_ : dict or None
        What the card says of the ensemble: why there is none (``why``), or what its ``parts`` learnt and how the first of them
        fares alone; None for other targets than ``below_line``.
    level_ : dict or None
        Of a model from :func:`fanpin_risk.evaluation.recalibrate`: the day whose outcomes gave its level (``as_of``), the
        ``shift`` of the log-odds, and on how many earlier days it was ``tried``.
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
    drawn_ : dict or None
        Where the model learnt from a draw of households (``max_rows``): ``rows`` drawn, ``of`` how many.
    unobserved_ : dict or None
        Households at risk without any record after their training day: how they were ``treated`` (``drop`` or ``count``),
        ``households`` and ``at_risk`` in numbers, and ``told_by``, the tables that tell it (none: nothing can be said).
    visits_ : dict or None
        What the model learnt from visits, if it did: numbers of ``visits`` and ``households`` visited at risk, ``by_list`` and
        ``at_random``, and how many of each were verified (``verified_by_list``, ``verified_at_random``); labels ``not_told``,
        ``outside`` of the horizons, ``drawn_before`` their day, ``without_probability``, of households ``not_at_risk``;
        ``effective``, how many visits of equal weight would tell as much (Kish), ``heaviest``, how many times the mean the largest
        weight was, and ``trimmed``, how many weights were cut to ``largest_weight`` times the mean;
        ``share_verified`` and ``share_verified_weighted``, beside ``share_recognised`` of all at risk by officials; ``trees``:
        which were taken (``official``, ``visits`` or ``both``) and the ``log_loss`` of each; ``metrics_unweighted``, and
        ``metrics_register`` of all households against what the register says, beside the weighted ``oof_metrics_``.
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
        place: Place = "auto",
        ensemble: Ensemble = "auto",
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
        self.place = place
        self.ensemble = ensemble
        self.recalibration = recalibration
        self.n_folds = n_folds
        self.tier_shares = tier_shares
        self.lines = lines
        self.name = name
        self.random_state = random_state
        self.n_jobs = n_jobs

    # --- fitting ------------------------------------------------------------------------------------------------
    def fit(
        self,
        register: Register | RegisterParts,
        as_of: Any,
        *,
        horizon_months: int = 12,
        unobserved: Unobserved = "drop",
        visits: Any = None,
        max_rows: int | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Learn from what happened after one or more past days.

        Parameters
        ----------
        register : Register or PackedRegister
            The whole register of the area (references are computed from it), reaching beyond the last horizon. Of a
            :class:`fanpin_risk.PackedRegister` one partition at a time is in memory; the model is the same to the bit.
        as_of : date-like or list of date-like
            The training days.
        horizon_months : int, default 12
            Months after each day within which the event counts.
        unobserved : {"drop", "count"}
            What becomes of households without any record after the day, see :func:`fanpin_risk.outcomes`.
        visits : DataFrame or ledger, optional
            What visits after these days found, with the probability of each, as for :func:`fanpin_risk.visit_labels`. Then
            the risk is that of being found in need at a visit, of everybody at risk: see
            :mod:`fanpin_risk.model.visit_fit`. Default: the risk of being officially recognised.
        max_rows : int, optional
            Learn from a draw of households with no more rows than this on all days, see :func:`fanpin_risk.training_days`.
            Default: from all.
        progress : callable, optional
            Called with (done, total, what).

        Returns
        -------
        RiskModel
            Itself.

        Raises
        ------
        NotEnoughDataError
            If the register does not reach the end of a horizon, or holds fewer than 20 events; or if fewer than 20 visits
            verified something, refuted it, or were drawn at random.
        SchemaError
            If a parameter is not one of those described, or visits are not.

        Warns
        -----
        UnobservedWarning
            If more than 2 % of the households at risk have no record after their day.
        """
        check_parameters(self.get_params(deep=False))
        days = sorted_days(as_of)
        labels = self._labels(visits, days, horizon_months)
        steps = Steps(progress, 1 + self.n_folds + 1)
        steps.next(Message("features and outcomes of the training days"))
        learnt = training_days(
            register, days, horizon_months=horizon_months, target=self.target, lines=self.lines, unobserved=unobserved,
            max_rows=max_rows,
        )  # fmt: skip
        return self._fit(learnt, horizon_months, steps, labels)

    def fit_days(
        self,
        days: Sequence[TrainingDay],
        *,
        horizon_months: int = 12,
        visits: Any = None,
        progress: Progress | None = None,
    ) -> Self:
        """Learn from past days that are at hand, so that several models can be fitted to the same features.

        Parameters
        ----------
        days : sequence of TrainingDay
            From :func:`fanpin_risk.training_day` with this model's target, lines and horizon.
        horizon_months : int, default 12
            Months after each day within which the event counted.
        visits : DataFrame or ledger, optional
            As for :meth:`fit`.
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
        check_parameters(self.get_params(deep=False))
        if not days:
            raise SchemaError("days is empty: expected one TrainingDay or more")
        ordered = sorted(days, key=lambda day: day.as_of)
        labels = self._labels(visits, [day.as_of for day in ordered], horizon_months)
        return self._fit(ordered, horizon_months, Steps(progress, self.n_folds + 1), labels)

    def _labels(self, visits: Any, days: Sequence[pd.Timestamp], horizon_months: int) -> pd.DataFrame | None:
        """Return what visits found as labels, after a check that this model can learn from them."""
        if visits is None:
            return None
        check_visited(self.target, self.place)
        return visit_labels(visits, days, horizon_months=horizon_months)

    def _fit(self, days: Sequence[TrainingDay], horizon_months: int, steps: Steps, labels: pd.DataFrame | None) -> Self:
        warn_of_unobserved(days, stacklevel=3)
        declared = chosen_features(self.features, [day.table for day in days], target=self.target)
        names = [f.name for f in declared]
        rows = training_rows(days, names, self.target)
        table, y = rows.table, rows.outcome
        classifier = unfitted_classifier(self.classifier, declared, self.random_state)
        trees = learn_trees(
            self.ensemble, self.target, classifier, rows, n_folds=self.n_folds, n_jobs=self.n_jobs, steps=steps
        )
        told, self.visits_ = told_by_register(rows), None
        if labels is not None:
            if rows.weight is not None:
                raise SchemaError("visits are of households that a draw may lack; leave max_rows or visits out")
            trees, told, self.visits_ = learn_from_visits(
                classifier, rows, trees, labels, n_folds=self.n_folds, n_jobs=self.n_jobs
            )
        self.classifier_, self.ensemble_facts_ = trees.classifier, trees.facts
        of_trees = trees.margin
        learnt = learn_place(self.place, days, rows, of_trees, trees.fold, visited=labels is not None)
        margin = of_trees + learnt.added
        self.place_: PlaceEffects | None = learnt.effects
        self.slope_, self.intercept_, self.recalibration_note_ = 1.0, 0.0, ""
        if self.recalibration is not None:
            self.slope_, self.intercept_, self.recalibration_note_ = logistic_recalibration(
                margin[told.place], told.outcome, 1.0 if told.weight is None else told.weight
            )
            if self.recalibration_note_:
                warnings.warn(FanpinWarning(note_message(self.recalibration_note_, RECALIBRATION_NOTES)), stacklevel=2)
        log_odds = self.slope_ * margin + self.intercept_
        risk = expit(log_odds)
        self.feature_names_in_ = np.array(names, dtype=object)
        self.horizon_months_ = horizon_months
        self.references_ = pd.concat([day.references for day in days], ignore_index=True)
        self.tier_thresholds_ = least_risks(risk, self.tier_shares, rows.weight)
        self.training_ = rows.per_day
        self.oof_metrics_ = out_of_fold_metrics(told.outcome, risk[told.place], told.weight)
        if self.visits_ is not None:
            self.visits_ |= metrics_beside(told, risk, y)
        self.place_facts_: dict[str, Any] | None = learnt.facts(
            rows, of_trees, risk, recalibrated=self.recalibration is not None, slope=self.slope_,
            visited=sum(self.tier_shares),
        )  # fmt: skip
        self.base_rate_ = told.base_rate
        self.interval_ = fit_interval(
            log_odds[told.place], told.outcome, rows.day[told.place], weight=told.weight, horizon_months=horizon_months
        )
        codes, counts = rows.area_code, rows.counts
        if rows.even is not None:  # what is told of all, is told of rows that look as all do
            table, codes = table[rows.even], codes[rows.even]
            counts = None if counts is None else counts[rows.even]
        self.drawn_ = drawn_facts(days)
        moved = np.abs(self._tree_shap().shap_values(rows_weighed(table))[0]).mean(axis=0)
        # Trees without a single split weigh nothing; then every feature counts the same.
        self.known_ = fit_known(table, moved if moved.any() else np.ones_like(moved), counts)
        # By the trees that will score, not those of the folds, so that a difference is the households', not the trees'.
        margin = margins_of_table(self.classifier_, table) + self._added_by_place(codes)
        scored = pd.Series(expit(self.slope_ * margin + self.intercept_), name="risk")
        profiles = [reference_profile(table), reference_profile(scored)]
        self.profile_ = pd.concat(profiles, ignore_index=True)
        self.unobserved_: dict[str, Any] | None = unobserved_facts(days)
        self.tables_ = tables_of_features(days)
        self.level_: dict[str, Any] | None = None
        self.known_lag_days_ = days[-1].known_lag_days
        self.evaluation_: dict[str, Any] | None = None
        self.alarms_: list[dict[str, Any]] | None = None
        self.n_trees_ = self.classifier_.n_trees_
        self.synthetic_ = any(day.source.startswith("synthetic register, random_state=") for day in days)
        steps.next("")
        return self

    # --- scoring ------------------------------------------------------------------------------------------------
    def _added_by_place(self, codes: Any) -> Array:
        """Return what places add to the margin of the trees."""
        return np.zeros(len(codes)) if self.place_ is None else self.place_.of(codes)

    def risk_of(self, table: pd.DataFrame | Array, *, area_code: Sequence[str] | Array | None = None) -> Array:
        """Return the calibrated risk of households whose features are at hand.

        Contributions and risk come from one pass: the risk is what the contributions add up to. That is cheaper than
        letting the trees predict, and there is no second number from which an explanation could differ.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_households, n_features)
            As from :func:`fanpin_risk.compute_features` with this model's :meth:`references_for` the day. A
            DataFrame may hold further columns and any order; an array has the columns of ``feature_names_in_``.
        area_code : sequence of str, optional
            Division code of each household, ``""`` where it is not known: needed by a model that knows effects of places.

        Returns
        -------
        ndarray of shape (n_households,)
            Probability of the event within the horizon, float64.

        Raises
        ------
        FeatureMismatchError
            If a feature of the model, or what it needs of places, is not there.
        """
        require_fitted(self)
        frame = frame_of_features(table, self.feature_names_in_)
        return self._explain_table(frame, codes_of_rows(area_code, len(frame), self.place_)).risk

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
        return tiers_of(risk, self.tier_thresholds_)

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
        return self._references_for(one_day(as_of)).copy()

    def _references_for(self, day: pd.Timestamp) -> pd.DataFrame:
        """Return the references of a day, computed once for the days of one run."""
        sources = (self.references_, day)
        if self._referred is None or self._referred[0][0] is not self.references_ or self._referred[0][1] != day:
            self._referred = (sources, dated_references(self.references_, day))
        return self._referred[1]

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
        day = one_day(as_of)
        return Snapshot(register, day, references=self._references_for(day), lines=self.lines)

    def score(
        self,
        register: Register,
        as_of: Any,
        households: Asked | None = None,
        *,
        n_reasons: int = 3,
        lang: Literal["zh", "en"] = "zh",
        groups: Sequence[str] = (),
        explain: bool = True,
        policy: Policy | None = None,
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
        households : str, iterable of str, DataFrame or path-like, optional
            Score only these: ids; a frame with a column ``household_id``; or a file with a column of ids (户编号), such as the
            sheet of monitored households. Default: all on record on the day.
        n_reasons : int, default 3
            Number of reasons.
        lang : {"zh", "en"}
            Language of the reasons.
        groups : sequence of str, default ()
            Codes of :data:`fanpin_risk.policy.HOUSEHOLD_GROUPS`: also say which of these named groups a household belongs to.
        explain : bool, default True
            Whether to give the main cause and reasons at all.
        policy : Policy, optional
            Numbers of the rules beside the model; no risk depends on them. Default: those that ship with the package.
        progress : callable, optional
            Called with (done, total, name) while features and reasons are computed.

        Returns
        -------
        DataFrame
            One row per household on record and not dissolved, by id; or, where `households` are given, exactly one row for each of
            these, in their order, with ``note`` (why it has no risk: ``not_in_register``, ``not_on_record`` or
            ``dissolved`` by the day, or a reason of ``not_at_risk`` by which the forecast says nothing of it; ``""``: it has one)
            behind its id, and at the end, for those that are monitored,
            ``monitored_type``, ``identified_on``, ``days_monitored``, ``risks``, ``n_measures`` and ``measures`` (see
            :func:`fanpin_risk.asof.monitored_households.monitored_households`). Columns: ``household_id``, ``as_of``, ``risk``
            (calibrated probability within the horizon), ``risk_low`` and ``risk_high`` (the level of a new year
            may put it there, with probability 0.9; see :class:`fanpin_risk.model.uncertainty.RiskInterval`), ``tier``
            (ordered category), ``rules`` (what fails of the guarantees and the line, as codes of
            :data:`fanpin_risk.policy.SIEVE` with a semicolon between them, ``""`` for nothing: rules stand beside the model and
            change no risk), ``rules_unknown`` (what of these the records do not tell),
            ``type_suggested`` (which type of monitored household the records suggest, a code of
            :data:`fanpin_risk.policy.SUGGESTED_TYPES`: people decide), ``signals`` (pending on the day:
            :func:`fanpin_risk.policy.signals.pending_signals`), ``rule_reason`` (with reasons: what fails in words, with
            the records that decided), with `groups` ``groups`` and ``groups_unknown`` (codes of those to which it belongs, with a
            semicolon between them, and of those of which the records do not tell), ``known`` (share of what moves the model and
            applies to it that is on record), ``enough_known`` (False: the records are too thin to lean on the risk, complete
            them first), ``known_of_all`` (share of all that is asked
            and applies to it that is on record, whether or not the model uses it), ``little_known`` (codes of
            ``fanpin_risk.features.DOMAINS`` of which less than half is on record, with a semicolon between them),
            ``doubts`` (what was in doubt of it when the
            register was read, as codes of :data:`fanpin_risk.records.doubts.DOUBT_NAMES` with a semicolon between them, ``""``
            for nothing: verify it first), ``cause``, ``cause_2``, ``cause_3``
            (official risk categories of which a fact is on record, the main one first; codes of ``CAUSES``, ``""`` for none,
            see :meth:`fanpin_risk.explanation.Explanation.causes`), ``income_state`` (how the income stands to the line,
            in words), ``reason_1`` ... ``reason_{n_reasons}`` and ``contribution_1`` ... (in calibrated log-odds; what
            raises the risk, or what keeps it low where it is below that of a household of which nothing is known),
            ``monitored`` (whether it is monitored on the day by what is known then; missing without the table), ``at_risk``
            (whether households such as it were learnt from: the risk of others, such as those below the line already, is no
            forecast), ``not_at_risk`` (why not: ``monitored``, ``already_below_line`` or ``no_income_before``; else ``""``),
            ``area_code``, ``area_name`` (the place by name, down to its village and no further), ``model``
            and, where one was given, ``policy`` (its file and fingerprint).
            With :meth:`unscored` they are all households of the register.

        Raises
        ------
        SchemaError
            If `register` is not a register or `as_of` not a day.
        InputError
            If `households` names none, or its file cannot be used.

        Warns
        -----
        LackingTablesWarning
            If the register lacks a whole table that the model was trained with, see :meth:`lacking_tables`.
        OtherLagWarning
            If rows count as known after another lag than in training, see :meth:`other_lag`.
        """
        lacking = self.lacking_tables(register)
        if lacking:
            warnings.warn(lacking_tables_warning(lacking), stacklevel=2)
        if (other := self.other_lag(register)) is not None:
            warnings.warn(OtherLagWarning(other), stacklevel=2)
        ids = None if households is None else ids_asked(households)
        if ids is not None:
            there = pd.Index(register.tables["households"]["household_id"].unique())
            register = register.select(list(dict.fromkeys(one for one in ids if one in there)))
        here = self._snapshot(register, as_of)
        scores = self._score_snapshot(
            here, n_reasons=n_reasons, lang=lang, groups=groups, explain=explain, policy=policy, progress=progress
        )[0]
        if ids is None:
            return scores
        day = pd.Timestamp(here.as_of).as_unit("s")
        rows = rows_as_asked(scores, unscored_table(here), ids, day=day, label=self.label, policy=policy)
        return with_monitoring(rows, here)

    def score_all(
        self,
        register: Register,
        as_of: Any,
        *,
        n_reasons: int = 3,
        lang: Literal["zh", "en"] = "zh",
        groups: Sequence[str] = (),
        policy: Policy | None = None,
        progress: Progress | None = None,
    ) -> tuple[pd.DataFrame, pd.DataFrame, Explanation]:
        """Return all that is known of a register on a day from one pass: for parts of a register, one after the other.

        Parameters
        ----------
        register : Register
            Checked records, of any households.
        as_of : date-like
            The day.
        n_reasons, lang, groups, policy, progress
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
        scores, explanation = self._score_snapshot(
            here, n_reasons=n_reasons, lang=lang, groups=groups, policy=policy, progress=progress
        )
        return scores, unscored_table(here), explanation

    def _score_snapshot(
        self,
        here: Snapshot,
        *,
        n_reasons: int,
        lang: Literal["zh", "en"],
        groups: Sequence[str],
        explain: bool = True,
        policy: Policy | None = None,
        progress: Progress | None = None,
    ) -> tuple[pd.DataFrame, Explanation]:
        day = pd.Timestamp(here.as_of).as_unit("s")
        table = features_at(here, context=explain, progress=progress)
        explanation = self._explain_table(table, here.area_codes, day, context=explain, progress=progress)
        scores = score_table(
            here,
            table,
            explanation,
            target=self.target,
            n_reasons=n_reasons if explain else None,
            lang=lang,
            groups=groups,
            interval=self.interval_,
            known_share=self.known_,
            tier_thresholds=self.tier_thresholds_,
            label=self.label,
            policy=policy,
        )
        return scores, explanation

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
        return lag_difference(self.known_lag_days_, register)

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
        return unscored_table(Snapshot(register, one_day(as_of)))

    def explain(
        self,
        register: Register,
        as_of: Any,
        households: Asked | None = None,
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
        households : str, iterable of str, DataFrame or path-like, optional
            As for :meth:`score`, but only households on record can be explained. Default: all on record on the day.
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
        day = one_day(as_of)
        if households is None:
            ids = None
        else:
            ids = ids_asked(households)
            register = checked_register(register).select(ids)
        here = self._snapshot(register, day)
        order = None if ids is None else rows_on_record(ids, here)
        table = features_at(here, context=True, progress=progress)
        codes = here.area_codes
        if order is not None:
            table, codes = table.iloc[order], codes[order]
        explanation = self._explain_table(table, codes, day, context=True, progress=progress)
        return replace(explanation, not_at_risk=not_at_risk(here, self.target).loc[table.index], target=self.target)

    def _explain_table(
        self,
        table: pd.DataFrame,
        codes: Any,
        day: pd.Timestamp | None = None,
        *,
        context: bool = False,
        progress: Progress | None = None,
    ) -> Explanation:
        explanation = explain_features(
            table,
            self.feature_names_in_,
            self._tree_shap(),
            slope=self.slope_,
            intercept=self.intercept_,
            horizon_months=self.horizon_months_,
            day=day,
            context=context,
            progress=progress,
        )
        if self.place_ is None:
            return explanation
        declared = place_declarations(self.target, self.horizon_months_, list(self.training_.index))
        return with_place(explanation, self.place_, codes, slope=self.slope_, declared=declared)

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
            **({} if self.place_ is None else {"place": self.place_.facts_for_fingerprint()}),
        }
        beside = {**self.interval_.to_arrays(), **self.known_.to_arrays()}
        return fingerprint_of(self.classifier_.to_arrays(), beside, facts)

    @property
    def label(self) -> str:
        """Name and fingerprint, as in the column ``model`` of the scores."""
        require_fitted(self)
        parts = (
            self.classifier_, self.interval_, self.known_, self.references_, self.lines, self.name, self.slope_,
            self.intercept_, self.horizon_months_, self.target, self.place_, *self.tier_thresholds_.values(),
        )  # fmt: skip
        if self._labelled is None or any(a is not b for a, b in zip(self._labelled[0], parts, strict=True)):
            self._labelled = (parts, f"{self.name}:{self.fingerprint_}")
        return self._labelled[1]

    def _facts(self) -> ModelFacts:
        return ModelFacts(
            label=self.label,
            target=self.target,
            horizon_months=self.horizon_months_,
            days=self.training_.index,
            metrics=self.oof_metrics_,
            base_rate=self.base_rate_,
            n_trees=self.n_trees_,
            n_features=len(self.feature_names_in_),
            tier_thresholds=self.tier_thresholds_,
            synthetic=self.synthetic_,
        )

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        return self._facts().text() if hasattr(self, "oof_metrics_") else super().__repr__(N_CHAR_MAX)

    def _html_repr(self) -> str:
        """Return what a notebook shows: what the fitted model is, then the diagram of any scikit-learn estimator.

        This is scikit-learn's own hook: ``sklearn.set_config(display="text")`` goes without it.
        """
        diagram = estimator_html_repr(self)
        return f"{self._facts().html()}{diagram}" if hasattr(self, "oof_metrics_") else diagram
