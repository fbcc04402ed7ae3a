"""The risks of households over time on one picture."""

import numpy as np
import pytest

import fanpin_risk as fr
from fanpin_risk import plots
from fanpin_risk.errors import SchemaError

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")

DAYS = ["2023-12-31", "2024-12-31"]


@pytest.fixture(scope="module")
def series(model, register):
    return fr.risk_series(model, register, days=DAYS)


def test_the_highest_of_the_last_day_are_drawn_with_their_risks(series, model):
    """Lines hold the risks of the table, in order of the last day; the legend names households masked."""
    ax = plots.risks_over_time(series, model=model, most=3, lang="en")
    last = (
        series.sort_values("as_of").groupby("household_id").last()["risk"].sort_values(ascending=False, kind="stable")
    )
    labels = ax.get_legend_handles_labels()[1]
    drawn = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    highest = [drawn[label] for label in labels if "***" in label]
    assert len(highest) == 3
    np.testing.assert_array_equal([risks[-1] for risks in highest], last.head(3))
    assert not any(household in label for household in last.index for label in labels)


def test_days_on_which_the_forecast_is_not_about_the_household_are_hollow(series):
    """As many hollow marks as rows that say so, and a line that explains them; none where there are none."""
    monitored = series.assign(not_at_risk=["monitored", *[""] * (len(series) - 1)])
    one = monitored[monitored["household_id"] == monitored["household_id"].iloc[0]]
    ax = plots.risks_over_time(one, lang="en")
    hollow = [line for line in ax.get_lines() if line.get_markerfacecolor() == "white" and len(line.get_xdata())]
    assert sum(len(line.get_xdata()) for line in hollow) == 1
    assert any(label.startswith("hollow") for label in ax.get_legend_handles_labels()[1])
    ax = plots.risks_over_time(one.assign(not_at_risk=""), lang="en")
    assert not any(label.startswith("hollow") for label in ax.get_legend_handles_labels()[1])


def test_what_is_no_series_is_refused(series):
    """A table without the columns, without rows, or too many to tell apart."""
    for wrong in (series.drop(columns="risk"), series.head(0), "series"):
        with pytest.raises((SchemaError, fr.errors.InputError), match="risk_series"):
            plots.risks_over_time(wrong)
    with pytest.raises((SchemaError, fr.errors.InputError), match="most"):
        plots.risks_over_time(series, most=8)
