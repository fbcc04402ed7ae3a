"""The effect of a feature, household by household."""

import dataclasses

import numpy as np
import pytest

from fanpin_risk import plots
from fanpin_risk.errors import ExplanationError, NotEnoughDataError
from fanpin_risk.features import feature_named

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")


@pytest.mark.parametrize(
    ("feature", "direction"),
    [
        ("income_to_line", "declared: more never raises the risk ↘"),
        ("debt_to_income", "declared: more never lowers the risk ↗"),
        ("poverty_cause", "no direction declared"),
    ],
)
def test_the_declared_direction_is_in_the_title(explanation, feature, direction):
    """The reader sees what the model was held to."""
    said = plots.feature_effect(explanation, feature, lang="en").get_title().split("\n")
    assert said == [feature_named(feature).en, direction]


def test_every_household_is_a_point_and_missing_ones_stand_apart(explanation):
    """Points are the contributions; households without a record are to the right of all values, under a label."""
    feature = "months_since_shock"
    column = explanation.feature_names.index(feature)
    missing = explanation.data[feature].isna().to_numpy()
    push = np.take(explanation.values, column, axis=1)
    ax = plots.feature_effect(explanation, feature, lang="en")
    points = {line.get_marker(): line for line in ax.get_lines() if line.get_marker() in ("o", "s")}
    np.testing.assert_allclose(points["o"].get_ydata(), push[~missing])
    np.testing.assert_allclose(points["s"].get_ydata(), push[missing])
    assert points["s"].get_xdata().min() > points["o"].get_xdata().max()
    assert ax.get_xticklabels()[-1].get_text() == "no record or\nnot applicable"


def test_values_far_off_stand_at_the_edge_and_are_counted(explanation):
    """One huge value does not press all others into a corner, and is not passed over in silence."""
    values = 1.0 + np.arange(len(explanation)) / 100
    values[3] = 5000.0
    far = dataclasses.replace(explanation, data=explanation.data.assign(income_to_line=values))
    ax = plots.feature_effect(far, "income_to_line", lang="en")
    assert ax.get_xlim()[1] < 10
    assert "beyond the edge" in ax.get_xlabel()


def test_categories_are_called_by_name(explanation):
    """Codes of a category say nothing to a reader."""
    said = [
        label.get_text() for label in plots.feature_effect(explanation, "poverty_cause", lang="en").get_xticklabels()
    ]
    assert said[:2] == list(feature_named("poverty_cause").levels_en[:2])


def test_effects_that_are_not_there_are_refused(explanation):
    """A name that the model does not know is said, and how to find the right one."""
    with pytest.raises(ExplanationError, match="no feature 'income'; describe_features"):
        plots.feature_effect(explanation, "income")
    with pytest.raises(NotEnoughDataError, match="holds no households"):
        plots.feature_effect(explanation[:0], "income_to_line")
