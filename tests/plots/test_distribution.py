"""The distribution of risks: bars, tiers and where they begin."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk import plots
from fanpin_risk.errors import NotEnoughDataError, SchemaError

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")


def test_every_household_is_in_a_bar_of_its_tier(scores):
    """Bars add up to the households, and no bar reaches across the cut between two tiers."""
    ax = plots.risk_distribution(scores, lang="en")
    for tier, container in zip(("high", "medium", "low"), ax.containers, strict=True):
        own = scores.loc[scores["tier"] == tier, "risk"]
        bars = [bar for bar in container if bar.get_height() > 0]
        assert sum(bar.get_height() for bar in bars) == len(own)
        assert min(bar.get_x() for bar in bars) >= own.min() * 0.8
        assert all(bar.get_y() == 0 for bar in bars)
        assert f"{tier}: {len(own):,} (" in container.get_label()
        assert f"{own.sum():,.1f} events expected" in container.get_label()
    assert ax.get_xscale() == "log"


def test_risks_that_are_alike_are_drawn_on_an_even_scale(scores):
    """A logarithm is there to show both ends; where they are near each other it would only puzzle."""
    assert plots.risk_distribution(scores[scores["tier"] == "medium"], lang="en").get_xscale() == "linear"
    one = plots.risk_distribution(pd.DataFrame({"risk": [0.1, 0.1]}), lang="en")
    assert sum(bar.get_height() for bar in one.patches) == 2
    none = plots.risk_distribution(pd.DataFrame({"risk": [0.0, np.nan]}), lang="en")
    assert sum(bar.get_height() for bar in none.patches) == 1


def test_few_households_have_no_parts_and_no_risk_is_beyond_certain():
    """The scale of the households goes by whole ones, that of the risk ends at 100 %."""
    ax = plots.risk_distribution(pd.DataFrame({"risk": [1.0], "tier": ["high"]}), lang="en")
    assert ax.get_xlim()[1] == 1.0
    assert (ax.get_yticks() % 1 == 0).all()


def test_what_is_no_distribution_is_refused():
    """A table without risks, or with percentages for risks, is not drawn as if it were one."""
    with pytest.raises(SchemaError, match="scores has no column risk"):
        plots.risk_distribution(pd.DataFrame({"tier": ["low"]}))
    with pytest.raises(NotEnoughDataError, match="no household has a risk"):
        plots.risk_distribution(pd.DataFrame({"risk": [np.nan]}))
    with pytest.raises(SchemaError, match="outside 0 to 1"):
        plots.risk_distribution(pd.DataFrame({"risk": [12.0]}))


def test_limits_of_tiers_are_those_of_the_model():
    """With the model's limits the picture marks where a tier begins, not its lowest household; one out of sight is left out."""
    scores = pd.DataFrame({"risk": [0.01, 0.03, 0.3], "tier": ["low", "medium", "high"]})

    def marked(**how):
        ax = plots.risk_distribution(scores, lang="en", **how)
        return [text.get_text() for text in ax.texts], [line.get_xdata()[0] for line in ax.lines]

    limits = {"medium": 0.02, "high": 0.066}
    assert marked(thresholds=limits) == (["6.6%", "2%"], [0.066, 0.02])
    assert marked(thresholds=limits | {"high": 0.9}) == (["2%"], [0.02])
    assert marked() == (["30%", "3%"], [0.3, 0.03])
