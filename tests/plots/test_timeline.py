"""A household over time: its records and its risk as known on each day."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from fanpin_risk import plots
from fanpin_risk.errors import SchemaError

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")
from matplotlib.figure import Figure  # noqa: E402

DAY = "2024-12-31"


def line_of_risk(panel):
    """The risks drawn, by day."""
    line = next(line for line in panel.get_lines() if line.get_marker() == "o")
    return dict(zip(pd.to_datetime(line.get_xdata()).strftime("%Y-%m-%d"), line.get_ydata(), strict=True))


def test_risk_over_time_is_what_was_scored_on_each_day(model, register, scores):
    """Each point is the risk that the list of that day had, to the bit."""
    household, days = scores["household_id"][0], ["2022-12-31", "2023-12-31", DAY]
    panels = plots.history(model, register, household, days=days[::-1], lang="en")
    assert panels.shape == (3,)
    for day, risk in line_of_risk(panels[2]).items():
        scored = model.score(register, day, explain=False).set_index("household_id")
        assert risk == scored.loc[household, "risk"]
    assert list(line_of_risk(panels[2])) == days


def test_income_is_drawn_against_the_line_of_its_year(model, register, explanation, scores, texts):
    """The newest bar is the income per person that the model saw, and the line is that of the policy file."""
    household = scores["household_id"][0]
    panel = plots.history(model, register, household, days=[DAY], lang="en")[0]
    newest = max(panel.patches, key=lambda bar: bar.get_x())
    assert newest.get_height() == pytest.approx(explanation.select(household).data["income_per_person"].iloc[0])
    line = explanation.select(household).data["monitoring_line"].iloc[0]
    assert f"monitoring line\n{line:,.0f} CNY" in texts(panel)


def test_what_was_recorded_later_is_not_yet_in_the_picture(model, register):
    """A picture of a day in the past shows the day as it was known."""
    shocks = register.tables["shocks"]
    late = shocks["recorded_at"] - shocks["event_date"] > pd.Timedelta(days=20)
    row = shocks[late & (shocks["event_date"] > "2022-01-01")].iloc[0]
    before = row["recorded_at"] - pd.Timedelta(days=1)
    seen = []
    for day in (before, row["recorded_at"]):
        panels = plots.history(model, register, row["household_id"], days=[day], lang="en")
        marks = [line for line in panels[1].get_lines() if line.get_marker() == "X"]
        seen.append(sum(pd.Timestamp(line.get_xdata()[0]) == row["event_date"] for line in marks))
    assert seen == [0, 1]


def test_risks_written_above_days_close_together_do_not_overlap(model, register, scores):
    """Where the highest risk stands beside the last one, only the last is written."""
    days = pd.date_range("2022-01-31", DAY, freq="ME")
    for household in scores.sort_values("risk", ascending=False)["household_id"].head(5):
        panel = plots.history(model, register, household, days=days, lang="en")[2]
        panel.figure.draw_without_rendering()
        written = [text for text in panel.texts if text.get_fontweight() == "bold"]
        boxes = sorted((text.get_window_extent() for text in written), key=lambda box: box.x0)
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_the_days_of_the_last_three_years_are_the_default(model, register, scores):
    """Quarter-ends up to the last record, and the day of the last record itself."""
    panels = plots.history(model, register, scores["household_id"][0], lang="en")
    days = list(line_of_risk(panels[2]))
    assert 13 <= len(days) <= 14
    assert days[-1] == f"{register.observed_until:%Y-%m-%d}"
    assert {day[5:] for day in days[:-1]} == {"03-31", "06-30", "09-30", "12-31"}


def test_a_household_without_records_says_so(model, register, texts):
    """An empty panel is no broken picture: it tells that nothing is known."""
    gone = model.unscored(register, DAY)["household_id"].iloc[0]
    panels = plots.history(model, register, gone, days=[DAY], lang="en")
    said = texts(panels[0])
    assert {"no income on record", "nothing on record", "not on record on any of these days"} <= set(said)


def test_histories_that_cannot_be_drawn_are_refused(model, register, scores):
    """Unknown households, no days and the wrong number of panels are named, without an id."""
    household = scores["household_id"][0]
    with pytest.raises(SchemaError, match="1 of 1 household ids are not in the register"):
        plots.history(model, register, "H999999999")
    with pytest.raises(SchemaError, match="days is empty: expected one day or more"):
        plots.history(model, register, household, days=[])
    with pytest.raises(SchemaError, match="ax holds 2 Axes; expected three, of income, events and risk"):
        plots.history(model, register, household, days=[DAY], ax=Figure().subplots(2), lang="en")
    three = Figure().subplots(3)
    assert list(plots.history(model, register, household, days=[DAY], ax=three, lang="en")) == list(three)


def test_tiers_are_marked_where_the_model_cuts(model, register, scores):
    """The lines in the panel of risk are the cut-offs stored with the model."""
    panel = plots.history(model, register, scores["household_id"][0], days=[DAY], lang="en")[2]
    drawn = {line.get_ydata()[0] for line in panel.get_lines() if len(set(line.get_ydata())) == 1}
    assert set(model.tier_thresholds_.values()) <= drawn
    low, high = model.interval_.of(logit(np.array([scores["risk"][0]])))
    assert panel.get_ylim()[1] > high[0] > low[0] > 0
