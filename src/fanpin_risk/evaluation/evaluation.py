"""Forecasts of past days with what happened, and the tables that are made of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation import curves, groups, intervals
from fanpin_risk.evaluation.options import check_lang
from fanpin_risk.evaluation.results import Result

__all__ = ["NOTES", "Evaluation"]

# What a reader must know before the figures: where outcomes come from.
NOTES: dict[str, tuple[str, ...]] = {
    "newly_monitored": (
        (
            "结果以“纳入监测”为准：未走访的户不会被纳入，得到帮扶的户更少返贫。因此漏评可能被低估，帮扶有效的户看起来像误报。"
            "有随机抽查走访时，请用 weights（抽中概率的倒数）评估。"
        ),
        (
            "The outcome is entry into monitoring: who is not visited is not entered, and who is helped relapses less. So "
            "missed households may be undercounted, and help that worked looks like a false alarm. Where visits were drawn "
            "at random, evaluate on them with weights (one over the probability of being drawn)."
        ),
    ),
    "below_line": (
        "结果以次年登记收入低于监测线为准：没有登记收入的户不在内；得到帮扶的户收入会提高，帮扶有效的户看起来像误报。",
        (
            "The outcome is an income on record below the monitoring line a year on: households without one are left out, "
            "and who is helped earns more, so help that worked looks like a false alarm."
        ),
    ),
}
MEASURES = (
    "auc", "average_precision", "brier", "log_loss", "calibration_error", "mean_risk", "base_rate",
    "precision", "recall", "lift", "exclusion_error", "inclusion_error",
)  # fmt: skip


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
    """

    predictions: pd.DataFrame
    folds: pd.DataFrame
    choices: pd.DataFrame
    groups: pd.DataFrame
    curve: pd.DataFrame | None
    target: str
    horizon_months: int
    synthetic: bool

    @property
    def models(self) -> list[str]:
        """Names of the models; the first one is what the others are compared with."""
        return self.predictions["model"].drop_duplicates().tolist()

    def measures(
        self,
        *,
        by: Sequence[str] = ("model",),
        measures: Sequence[str] = MEASURES,
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

        See :func:`fanpin_risk.evaluation.fairness`.
        """
        return groups.fairness(self._grouped(model)[0], group, capacity=capacity, **how)

    def capacity_cost(self, group: str, *, model: str | None = None, capacity: float = 0.05, **how: Any) -> Result:
        """Tell what it costs to share the visits among groups; see :func:`fanpin_risk.evaluation.capacity_cost`."""
        return groups.capacity_cost(self._grouped(model)[0], group, capacity=capacity, **how)

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

    def learning_curve(
        self, *, measures: Sequence[str] = ("auc", "average_precision", "log_loss"), **how: Any
    ) -> Result:
        """Measures by number of newest training days.

        Raises
        ------
        SchemaError
            If it was not asked for in :func:`fanpin_risk.evaluate`.
        """
        if self.curve is None:
            raise SchemaError("no learning curve was made; evaluate(..., learning_curve=True) makes one")
        return intervals.summarise(self.curve, by=("model", "train_days"), measures=measures, **how)

    def summary(self, **how: Any) -> dict[str, Any]:
        """Return the aggregated tables as plain data, as they go into a model's card.

        Parameters
        ----------
        **how
            ``capacity``, ``n_bootstrap`` and ``random_state`` as for :meth:`measures`.

        Returns
        -------
        dict
            See :func:`fanpin_risk.evaluation.report.summary_of`.
        """
        from fanpin_risk.evaluation.report import report_tables, summary_of

        return summary_of(self, report_tables(self, **how), capacity=how.get("capacity", 0.05))

    def to_folder(self, path: str | os.PathLike[str], *, lang: Literal["zh", "en"] = "zh", **how: Any) -> Path:
        """Write all tables as csv files, pictures as png files and README.md, the page to read first.

        Parameters
        ----------
        path : path-like
            Folder.
        lang : {"zh", "en"}
            Language of page, tables and pictures; English tables hold the names by which Python knows models, measures
            and groups.
        **how
            ``capacity``, ``n_bootstrap`` and ``random_state`` as for :meth:`measures`.

        Returns
        -------
        Path
            The folder. Nothing in it is about single households.

        Raises
        ------
        SchemaError
            If `lang` is not one of those above.
        """
        check_lang(lang)
        from fanpin_risk.evaluation.report import report_tables, write_report

        return write_report(self, path, tables=report_tables(self, **how), lang=lang)

    def note(self, lang: Literal["zh", "en"] = "zh") -> str:
        """Tell what to know before reading the figures: where the outcomes come from."""
        check_lang(lang)
        return NOTES[self.target][lang == "en"]

    def __repr__(self) -> str:
        tested = self.folds["test_households"].sum()
        return (
            f"<Evaluation of {', '.join(self.models)}: {self.target} within {self.horizon_months} months, "
            f"{len(self.folds)} day(s), {tested:,} household-days, {self.folds['test_events'].sum():,} events>"
        )

    def _repr_html_(self) -> str:
        table = self.measures(measures=("auc", "average_precision", "log_loss"), n_bootstrap=0)
        wide = table.pivot_table(index="model", columns="measure", values="value")
        return (
            f"<p>{escape(repr(self))}</p>{wide.to_html(float_format='{:.3f}'.format)}<p>{escape(self.note('en'))}</p>"
        )
