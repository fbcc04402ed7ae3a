"""Pictures of scores, explanations and results of evaluations.

Every function returns matplotlib Axes and shows nothing by itself: ``ax.figure.savefig("picture.png")`` writes the
picture, a notebook shows it. matplotlib comes with the extra ``plot``.
"""

from __future__ import annotations

from fanpin_risk.plots.dependence import feature_effect
from fanpin_risk.plots.distribution import risk_distribution
from fanpin_risk.plots.fonts import chinese_text
from fanpin_risk.plots.heat_map import place_causes, weak_points
from fanpin_risk.plots.long_term import risks_over_time
from fanpin_risk.plots.results import draw
from fanpin_risk.plots.timeline import history
from fanpin_risk.plots.waterfall import reasons

__all__ = [
    "chinese_text",
    "draw",
    "feature_effect",
    "history",
    "place_causes",
    "reasons",
    "risk_distribution",
    "risks_over_time",
    "weak_points",
]
