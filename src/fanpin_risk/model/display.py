"""What is shown of a fitted model where it stands at the end of a cell: the facts that a reader wants first."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

import pandas as pd

from fanpin_risk.asof.outcomes import EVENTS, Target
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.words import Message, in_both

__all__ = ["ModelFacts"]


class ModelFacts(NamedTuple):
    """Facts of a fitted model, as :class:`fanpin_risk.RiskModel` names them."""

    label: str
    target: Target
    horizon_months: int
    days: pd.Index
    metrics: Mapping[str, float]
    base_rate: float
    n_trees: int
    n_features: int
    tier_thresholds: Mapping[str, float]
    synthetic: bool

    def text(self) -> str:
        """Return one line for programmers."""
        facts = {
            "model": self.label,
            "event": f"{self.target} within {self.horizon_months} months",
            "trained on": self._trained_on(),
            "households, events": f"{self.metrics['households']:,}, {self._events()}",
            "trees, features": f"{self.n_trees}, {self.n_features}",
            "out of fold": self._out_of_fold(),
        }
        return f"<RiskModel {'; '.join(f'{key}: {value}' for key, value in facts.items())}>"

    def html(self) -> str:
        """Return a table in both languages."""
        months = in_both(Message("within {months} months", months=self.horizon_months))
        tiers = self.tier_thresholds.items()
        facts = {
            Message("model"): self.label,
            Message("event"): f"{in_both(EVENTS[self.target])}, {months}",
            Message("trained on"): self._trained_on(),
            Message("household-days"): f"{self.metrics['households']:,}",
            Message("events"): self._events(),
            Message("trees, features"): f"{self.n_trees}, {self.n_features}",
            Message("out of fold"): self._out_of_fold(),
            Message("tiers"): ", ".join(f"{in_both(TIERS[tier])} ≥ {least:.1%}" for tier, least in tiers),
        }
        if self.synthetic:
            facts[Message("note")] = in_both(Message("trained on made-up data, not for decisions"))
        left = ' style="text-align: left"'
        rows = "".join(
            f"<tr><th{left}>{escape(in_both(name))}</th><td{left}>{escape(text)}</td></tr>"
            for name, text in facts.items()
        )
        return f'<table class="dataframe">{rows}</table>'

    def _trained_on(self) -> str:
        return ", ".join(str(day.date()) for day in self.days)

    def _events(self) -> str:
        return f"{self.metrics['events']:,} ({self.base_rate:.2%})"

    def _out_of_fold(self) -> str:
        return f"AUC {self.metrics['auc']:.3f}, average precision {self.metrics['average_precision']:.3f}"
