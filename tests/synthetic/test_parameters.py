"""Figures that the invented register rests on."""

from __future__ import annotations

from fanpin_risk.synthetic import FIGURES


def test_every_figure_says_where_it_comes_from():
    """No figure without unit, status and source."""
    for name, known in FIGURES.items():
        assert known.status in ("sourced", "derived", "memory", "choice"), name
        assert known.unit, name
        assert len(known.source) > 5, name
