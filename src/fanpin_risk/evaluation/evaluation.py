"""Forecasts of past days with what happened, and the tables that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from fanpin_risk.errors import MissingPackageError, NotEnoughDataError, SchemaError
from fanpin_risk.evaluation import beside_rules, between_groups, curves, groups, intervals, visit_learning, visited
from fanpin_risk.evaluation.labels import READING_NOTES
from fanpin_risk.evaluation.options import check_lang
from fanpin_risk.evaluation.results import Result, plain_rows
from fanpin_risk.evaluation.visit_learning import with_visits
from fanpin_risk.progress import Progress, Steps
from fanpin_risk.words import Language, Message, listed

__all__ = ["BY_FOLD", "RESULT_TABLES", "Evaluation", "Tables"]

Tables = dict[str, Result]

SHOWN_MEASURES = (
    "auc", "average_precision", "brier", "log_loss", "calibration_error", "mean_risk", "base_rate",
    "precision", "recall", "lift", "exclusion_error", "inclusion_error",
)  # fmt: skip
BY_FOLD = ("auc", "average_precision", "log_loss", "calibration_error", "mean_risk", "base_rate")
GROUP_MEASURES = ("auc", "mean_risk", "base_rate")
# Tables in the order of reports -> what each holds.
RESULT_TABLES: Mapping[str, Message] = {
    "measures": Message("Measures of every model, with intervals"),
    "by_fold": Message("Measures by day forecast"),
    "comparison": Message("Paired comparison with the first model"),
    "folds": Message("Which days were learnt from for each day forecast"),
    "choices": Message("Settings tried on earlier days"),
    "calibration": Message("Calibration: risk forecast and share observed"),
    "capacity": Message("What so many visits find, with best and worst case of ties"),
    "decision": Message("Decision curve: net benefit"),
    "gains": Message("Gains curve"),
    "rules": Message("Rules, model, and both together with as many visits"),
    "signals": Message("What became of households that departments signalled"),
    "visits": Message("What visits found: with weights, without, and beside recognition"),
    "visits_learnt": Message("Which visits were learnt from for each day forecast"),
    "visits_comparison": Message(
        "Paired comparison at the visited, weighted: learning from the register alone and from visits"
    ),
    "lead_time": Message("Months from the list to the event"),
    "groups": Message("The first model in groups of households"),
    "fairness": Message("Who is missed and who is visited in vain, one list for all"),
    "learning_curve": Message("Measures by number of training days"),
}

# Tables that there are with visits only.
OF_VISITS_ALONE = ("visits", "visits_learnt", "visits_comparison")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Evaluation:
    """Forecasts of past days by several models, with what happened; from :func:`fanpin_risk.evaluate`.

    All intervals are bootstrap intervals over villages; small cells are suppressed.

    Attributes
    ----------
    predictions : DataFrame
        One row per model, day and household: ``model, fold, as_of, household_id, cluster`` (village), ``outcome`` (0 or
        1), ``risk, weight, event_on``. Data on persons: it stays in the office.
    folds : DataFrame
        One row per day forecast: ``fold, train_days, test_day, until`` and households and events of both.
    choices : DataFrame
        Settings tried on earlier days: ``fold, model, setting, log_loss, chosen``.
    groups : DataFrame
        Index ``(household_id, as_of)``: what a household is for an audit, see :meth:`by_group`.
    curve : DataFrame or None
        As `predictions`, with ``train_days``, the number of newest training days.
    target : str
        The event.
    horizon_months : int
        Months after a day within which it counted.
    synthetic : bool
        Whether the register was made up.
    rules, signals : DataFrame or None
        Of the days forecast: how many rules each household does not meet, and who signalled it; see
        :func:`fanpin_risk.evaluation.beside_rules.rules_and_signals`.
    policy : str
        File and fingerprint of an office's own numbers that the rules were asked with, ``""`` for those that ship.
    visits : DataFrame or None
        What visits found, if :func:`fanpin_risk.evaluate` was given it. Data on persons, too.
    visits_learnt : DataFrame or None
        What visits the models "<name>+visits" learnt from for each day: ``fold, model, learnt`` (or forecast as by the register
        alone, ``note`` says why), ``visits, by_list, at_random``, ``effective`` (as many that count alike), ``largest_weight`` (times the
        mean), ``cut`` (weights bounded), ``trees``, ``share_verified, share_verified_weighted, share_recognised, known_later``.
    """

    predictions: pd.DataFrame
    folds: pd.DataFrame
    choices: pd.DataFrame
    groups: pd.DataFrame
    curve: pd.DataFrame | None
    target: str
    horizon_months: int
    synthetic: bool
    rules: pd.DataFrame | None = None
    signals: pd.DataFrame | None = None
    policy: str = ""
    visits: pd.DataFrame | None = None
    visits_learnt: pd.DataFrame | None = None

    @property
    def models(self) -> list[str]:
        """Names of the models; the first one is what the others are compared with."""
        return self.predictions["model"].drop_duplicates().tolist()

    def measures(
        self,
        *,
        by: Sequence[str] = ("model",),
        measures: Sequence[str] = SHOWN_MEASURES,
        capacity: float = 0.05,
        **how: Any,
    ) -> Result:
        """Measure all forecasts, with intervals.

        Parameters
        ----------
        by : sequence of str, default ("model",)
            Columns of `predictions` that make a row each; ("model", "fold") gives every day apart.
        measures : sequence of str
            Names of :data:`fanpin_risk.evaluation.MEASURES`.
        capacity : int or float, default 0.05
            Households that can be visited, or their share; for precision, recall, lift, exclusion and inclusion error.
        **how
            ``level``, ``n_bootstrap`` and ``random_state`` of :func:`fanpin_risk.evaluation.summarise`.

        Returns
        -------
        Result
            ``model, measure, value, low, high, households, events, note``.
        """
        return intervals.summarise(self.predictions, by=by, measures=measures, capacity=capacity, **how)

    def compare(self, reference: str | None = None, **how: Any) -> Result:
        """Compare a model with all others on the same households, resampled together.

        Parameters
        ----------
        reference : str, optional
            Default: the first model.
        **how
            As for :meth:`measures`.

        Returns
        -------
        Result
            ``model, measure, difference`` (above 0: the reference is better), ``low, high, verdict``; "better" or
            "worse" only where the interval says so.
        """
        chosen = self.models[0] if reference is None else reference
        if chosen not in self.models:
            raise SchemaError(
                "reference is {chosen!r}; expected one of {models}", chosen=chosen, models=tuple(self.models)
            )
        return intervals.compare(self.predictions, reference=chosen, **how)

    def by_group(
        self,
        group: str,
        *,
        model: str | None = None,
        measures: Sequence[str] = ("auc", "mean_risk", "base_rate", "exclusion_error", "inclusion_error"),
        **how: Any,
    ) -> Result:
        """Measure one model in groups of households.

        Parameters
        ----------
        group : str
            Column of `groups`: ``register_status``, ``county``, ``household_size``, ``head_sex``, ``head_age``,
            ``ethnicity``, ``disability`` or ``remoteness``.
        model : str, optional
            Default: the first one.
        measures : sequence of str
            Names of measures; those at a capacity refer to the group's own share of visits, see :meth:`fairness` for
            the visits of one list for all.
        **how
            As for :meth:`measures`.

        Returns
        -------
        Result
            One row per group and measure; groups of few households or events are suppressed.
        """
        if group not in self.groups.columns:
            raise SchemaError(
                "group is {group!r}; expected one of {groups_columns}",
                group=group,
                groups_columns=tuple(self.groups.columns),
            )
        return intervals.summarise(self._grouped(model)[0], by=("model", group), measures=measures, **how)

    def _grouped(self, model: str | None) -> tuple[pd.DataFrame, str]:
        """Return one model's forecasts with the audit groups beside them."""
        name = self.models[0] if model is None else model
        if name not in self.models:
            raise SchemaError("model is {name!r}; expected one of {models}", name=name, models=tuple(self.models))
        rows = self.predictions[self.predictions["model"] == name]
        return rows.join(self.groups, on=["household_id", "as_of"]), name

    def fairness(self, group: str, *, model: str | None = None, capacity: float = 0.05, **how: Any) -> Result:
        """Tell who is missed and who is visited in vain when the highest risks of all are visited.

        For all else see :func:`fanpin_risk.evaluation.fairness`.

        Parameters
        ----------
        model : str, optional
            Default: the first model.
        """
        return between_groups.fairness(self._grouped(model)[0], group, capacity=capacity, **how)

    def capacity_cost(self, group: str, *, model: str | None = None, capacity: float = 0.05, **how: Any) -> Result:
        """Tell what it costs to share the visits among groups; see :func:`fanpin_risk.evaluation.capacity_cost`.

        Parameters
        ----------
        model : str, optional
            Default: the first model.
        """
        return between_groups.capacity_cost(self._grouped(model)[0], group, capacity=capacity, **how)

    def calibration(self, **how: Any) -> Result:
        """Risk forecast and frequency observed in bins of risk; see :func:`fanpin_risk.evaluation.calibration_curve`."""
        return curves.calibration_curve(self.predictions, **how)

    def capacity(self, **how: Any) -> Result:
        """Tell what is found with so many visits; see :func:`fanpin_risk.evaluation.capacity_curve`."""
        return curves.capacity_curve(self.predictions, **how)

    def decision(self, **how: Any) -> Result:
        """Net benefit by threshold; see :func:`fanpin_risk.evaluation.decision_curve`."""
        return curves.decision_curve(self.predictions, **how)

    def gains(self, **how: Any) -> Result:
        """Share of events among so many highest risks; see :func:`fanpin_risk.evaluation.gains_curve`."""
        return curves.gains_curve(self.predictions, **how)

    def lead_time(self, **how: Any) -> Result:
        """Months from the list to the event; see :func:`fanpin_risk.evaluation.lead_time`."""
        return curves.lead_time(self.predictions, **how)

    def rules_beside(self, *, model: str | None = None, capacity: float = 0.05, **how: Any) -> Result:
        """Tell what rules, a model, and both together find with as many visits.

        For all else see :func:`fanpin_risk.evaluation.beside_rules.rules_beside`.

        Parameters
        ----------
        model : str, optional
            Default: the first model.

        Raises
        ------
        SchemaError
            If the forecasts were made without asking the rules, as before this version.
        """
        asked = self._asked(self.rules)
        return beside_rules.rules_beside(self._grouped(model)[0], asked, capacity=capacity, **how)

    def signals_by_department(self) -> Result:
        """Tell what became of the households that departments and others signalled.

        For all else see :func:`fanpin_risk.evaluation.beside_rules.signals_by_department`.
        """
        return beside_rules.signals_by_department(self._grouped(None)[0], self._asked(self.signals))

    def against_visits(self, *, model: str | None = None, capacity: float = 0.05, **how: Any) -> Result:
        """Measure a model on each day forecast by what visits found, weighted and not, beside official recognition.

        For all else see :func:`fanpin_risk.evaluate_visits`.

        Parameters
        ----------
        model : str, optional
            Default: the first model, and the same that learnt from visits as well.

        Returns
        -------
        Result
            ``fold`` and the columns of :func:`fanpin_risk.evaluate_visits`; days that no visit followed are not there.

        Raises
        ------
        SchemaError
            If :func:`fanpin_risk.evaluate` was given no visits.
        NotEnoughDataError
            If no day was followed by a visit.
        """
        if self.visits is None:
            raise SchemaError("no visits were given; fanpin_risk.evaluate(..., visits=) takes them")
        both = [name for name in (self.models[0], with_visits(self.models[0])) if name in self.models]
        parts = []
        for one in both if model is None else [model]:
            rows, name = self._grouped(one)
            days = list(rows.groupby("fold", sort=True)[[*self.predictions.columns]])
            parts.append(visited.visits_of_days(days, self.visits, name, self.horizon_months, capacity=capacity, **how))
        return Result(pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True), kind="visits")

    def compare_at_visited(self, **how: Any) -> Result | None:
        """Tell by what visits found whether learning from visits helps; None where no model learnt from them.

        Parameters
        ----------
        **how
            As for :func:`fanpin_risk.evaluation.visit_learning.at_the_visited`.
        """
        if self.visits is None or self.visits_learnt is None:
            return None
        return visit_learning.at_the_visited(
            self.predictions, self.visits, self.visits_learnt, self.models[0], self.horizon_months, **how
        )

    def _asked(self, table: pd.DataFrame | None) -> pd.DataFrame:
        if table is None:
            raise SchemaError("the rules were not asked; fanpin_risk.evaluate() asks them of every day forecast")
        return table

    def learning_curve(
        self, *, measures: Sequence[str] = ("auc", "average_precision", "log_loss"), **how: Any
    ) -> Result:
        """Measures by number of newest training days.

        Parameters
        ----------
        measures, **how
            As for :meth:`measures`.

        Raises
        ------
        SchemaError
            If it was not asked for in :func:`fanpin_risk.evaluate`.
        """
        if self.curve is None:
            raise SchemaError("no learning curve was made; evaluate(..., learning_curve=True) makes one")
        return intervals.summarise(self.curve, by=("model", "train_days"), measures=measures, **how)

    def tables(
        self,
        *,
        capacity: float = 0.05,
        n_bootstrap: int = 300,
        random_state: int = 0,
        progress: Progress | None = None,
    ) -> Tables:
        """Compute all tables.

        Parameters
        ----------
        capacity : int or float, default 0.05
            Visits on each day forecast, or their share of the households.
        n_bootstrap : int, default 300
            Draws of villages for the intervals.
        random_state : int, default 0
            Seed of the draws.
        progress : callable, optional
            Called with (done, total, what).

        Returns
        -------
        dict of str to Result
            Those of :data:`RESULT_TABLES` that can be made: ``fairness`` needs fairlearn, ``comparison`` a second model, and
            ``learning_curve`` must have been asked for.
        """
        how: dict[str, Any] = {"n_bootstrap": n_bootstrap, "random_state": random_state}
        make: dict[str, Callable[[], Result | None]] = {
            "measures": lambda: self.measures(capacity=capacity, **how),
            "by_fold": lambda: self.measures(by=("model", "fold"), measures=BY_FOLD, capacity=capacity, **how),
            "comparison": lambda: self.compare(capacity=capacity, **how) if len(self.models) > 1 else None,
            "folds": lambda: Result(self.folds),
            "choices": lambda: Result(self.choices),
            "calibration": self.calibration,
            "capacity": self.capacity,
            "decision": self.decision,
            "gains": self.gains,
            "rules": lambda: None if self.rules is None else self.rules_beside(capacity=capacity, **how),
            "signals": lambda: None if self.signals is None else self.signals_by_department(),
            "visits": lambda: self._visits_if_any(capacity=capacity, **how),
            "visits_learnt": lambda: None if self.visits_learnt is None else Result(self.visits_learnt),
            "visits_comparison": lambda: self.compare_at_visited(**how),
            "lead_time": lambda: self.lead_time(capacity=capacity, **how),
            "groups": lambda: self._all_groups(**how),
            "fairness": lambda: self._all_fairness(capacity=capacity, **how),
            "learning_curve": lambda: None if self.curve is None else self.learning_curve(**how),
        }
        steps, tables = Steps(progress, len(make)), {}
        for name, table_of in make.items():
            steps.next(RESULT_TABLES[name])
            table = table_of()
            if table is not None:
                tables[name] = table
        steps.next("")
        return tables

    def _visits_if_any(self, **how: Any) -> Result | None:
        try:
            return None if self.visits is None else self.against_visits(**how)
        except NotEnoughDataError:  # no day was followed by a visit
            return None

    def _all_groups(self, **how: Any) -> Result:
        parts = [
            _categories_of(self.by_group(name, measures=GROUP_MEASURES, **how), name)
            for name in self._known_groupings()
        ]
        return Result(pd.concat(parts, ignore_index=True), kind="summary")

    def _all_fairness(self, **how: Any) -> Result | None:
        try:
            parts = [_categories_of(self.fairness(name, **how), name) for name in self._known_groupings()]
        except MissingPackageError:
            return None
        return Result(pd.concat(parts, ignore_index=True))

    def _known_groupings(self) -> list[str]:
        return [name for name in groups.GROUPS if name in self.groups.columns]

    def summary(self, tables: Tables | None = None, **how: Any) -> dict[str, Any]:
        """Return the aggregated tables as plain data, as they go into a model's card.

        Parameters
        ----------
        tables : dict of str to Result, optional
            From :meth:`tables`. Default: made here.
        **how
            ``capacity``, ``n_bootstrap`` and ``random_state`` of :meth:`tables`, where these are made here.

        Returns
        -------
        dict
            ``target, horizon_months, synthetic, capacity, models, note_zh, note_en, folds, measures, by_fold,
            comparison, calibration`` (of the first model), ``groups, fairness``; with visits also ``visits, visits_learnt,
            visits_comparison``; tables as lists of rows.
        """
        made = self.tables(**how) if tables is None else tables
        first = self.models[0]
        return {
            "target": self.target,
            "horizon_months": self.horizon_months,
            "synthetic": self.synthetic,
            "capacity": made["measures"].attrs["capacity"],
            "models": self.models,
            "note_zh": self.note(lang="zh"),
            "note_en": self.note(lang="en"),
            "folds": plain_rows(made["folds"]),
            "measures": plain_rows(made["measures"]),
            "by_fold": plain_rows(made["by_fold"][made["by_fold"]["model"] == first]),
            "comparison": plain_rows(made.get("comparison")),
            "calibration": plain_rows(made["calibration"][made["calibration"]["model"] == first]),
            "groups": plain_rows(made["groups"]),
            "fairness": plain_rows(made.get("fairness")),
            **{name: plain_rows(made[name]) for name in OF_VISITS_ALONE if name in made},
        }

    def note(self, *, lang: Language = "zh") -> str:
        """Say what to know before reading the figures: where the outcomes come from, and by whose numbers rules were asked.

        Parameters
        ----------
        lang : {"zh", "en"}, default "zh"
            Language of the text.
        """
        check_lang(lang)
        note = READING_NOTES[self.target].shown(lang)
        if not self.policy:
            return note
        own = Message("The rules were asked with an office's own numbers: {policy}.", policy=self.policy)
        return listed([note, own], between=" ").shown(lang)

    def __repr__(self) -> str:
        tested = self.folds["test_households"].sum()
        return (
            f"<Evaluation of {', '.join(self.models)}: {self.target} within {self.horizon_months} months, "
            f"{len(self.folds)} day(s), {tested:,} household-days, {self.folds['test_events'].sum():,} events>"
        )

    def _repr_html_(self) -> str:
        table = self.measures(measures=("auc", "average_precision", "log_loss"), n_bootstrap=0)
        wide = table.pivot_table(index="model", columns="measure", values="value")
        return f"<p>{escape(repr(self))}</p>{wide.to_html(float_format='{:.3f}'.format)}<p>{escape(self.note(lang='en'))}</p>"


def _categories_of(table: Result, group: str) -> pd.DataFrame:
    """Return a table of one grouping with the columns group and category."""
    frame = pd.DataFrame(table).rename(columns={group: "category"})
    frame.insert(list(frame.columns).index("category"), "group", group)
    return frame
