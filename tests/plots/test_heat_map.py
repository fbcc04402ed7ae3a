"""Weak points of places: figures of the households there, names that can be read."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from fanpin_risk import plots
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.features import CAUSES
from fanpin_risk.plots import fonts

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")


def test_figures_of_a_place_are_those_of_its_households(explanation, areas):
    """Mean pushes and shares by place are worked out from the households there, small places are left empty."""
    village = areas.loc[explanation.household_ids]
    found = plots.place_causes(explanation, areas, unit="village")
    assert found["households"].sum() == len(explanation)
    place = found.index[found["households"].argmax()]
    own = explanation[(village == place).to_numpy()]
    pd.testing.assert_series_equal(found.loc[place].iloc[1:], own.by_cause().mean(), check_names=False)
    shares = plots.place_causes(explanation, areas, unit="village", measure="share")
    main = own.reasons(n_reasons=0)["cause"].value_counts(normalize=True)
    for cause in CAUSES:
        assert shares.loc[place, cause] == pytest.approx(main.get(cause, 0.0))
    small = found["households"] < 10
    few = plots.place_causes(explanation, areas, unit="village", fewest=10_000)
    assert few.iloc[:, 1:].isna().all(axis=None)
    assert found.loc[small].iloc[:, 1:].isna().all(axis=None)


def test_places_stand_in_the_order_of_their_weight_with_a_number_each():
    """The weakest place is on top; cells carry signed numbers, a small place a dash, and names replace codes."""
    table = pd.DataFrame(
        {"households": [20, 30, 4], "illness": [0.1, 0.5, np.nan], "schooling": [-0.2, 0.0, np.nan], "water": 0.0},
        index=["A", "B", "C"],
    )
    ax = plots.weak_points(table, names={"A": "Upper Village"}, lang="en")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["B", "Upper Village", "C"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["illness", "schooling\ncosts"]
    assert [text.get_text() for text in ax.texts] == ["+0.50", "0", "+0.10", "−0.20", "—", "—"]
    assert "—: fewer than 10 households" in ax.get_xlabel().replace("\n", " ")
    shares = plots.weak_points(table, measure="share", lang="en")
    assert [text.get_text() for text in shares.texts][:2] == ["50%", "0%"]


def test_many_places_are_cut_and_counted():
    """A county of villages stays readable, and says how many are not shown."""
    table = pd.DataFrame({"illness": np.linspace(1, 0.1, 40)}, index=[f"V{k:02}" for k in range(40)])
    ax = plots.weak_points(table, lang="en")
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"V{k:02}" for k in range(25)]
    assert "15 more places not shown" in ax.get_xlabel().replace("\n", " ")


def test_households_without_a_place_are_a_place_of_their_own(explanation, areas, texts):
    """Nobody is lost for want of an area code."""
    some = areas.mask(np.arange(len(areas)) % 2 == 0)
    found = plots.place_causes(explanation, some)
    assert found.loc["", "households"] == (len(areas) + 1) // 2
    assert "place unknown" in texts(plots.weak_points(explanation, by=some, unit="county", lang="en"))


def test_names_are_shown_as_they_are_and_leave_room_for_the_figures():
    """A dollar sign begins no formula, a name of any length is cut, and what stands below is within the picture."""
    names = ["$a_b$", r"$\frac{", "x" * 500, "很长的村名" * 100]
    table = pd.DataFrame({"households": 20, "illness": [0.4, 0.3, 0.2, 0.1]}, index=names)
    ax = plots.weak_points(table, lang="en")
    ax.figure.draw_without_rendering()
    labels = ax.get_yticklabels()
    assert [label.get_text() for label in labels][:2] == names[:2]
    assert not any(label.get_parse_math() for label in labels)
    boxes = [label.get_window_extent() for label in labels]
    assert all(above.y0 > below.y1 for above, below in pairwise(boxes))
    assert ax.get_window_extent().width > 0.25 * ax.figure.bbox.width
    for drawn in (ax, plots.weak_points(table.iloc[:1].set_axis(["A"]), lang="en")):
        drawn.figure.draw_without_rendering()
        below = drawn.xaxis.label.get_window_extent()
        assert below.x0 >= 0
        assert below.x1 <= drawn.figure.bbox.x1


def test_names_that_no_font_can_write_are_not_drawn_as_boxes(monkeypatch):
    """Without a Chinese font a place is called by its code, one without a code by its number; others keep their names."""
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ("No Such Font",))
    table = pd.DataFrame(
        {"households": [20, 30, 40], "illness": [0.3, 0.2, 0.1]}, index=["211251101001", "乙村", "Upper Village"]
    )
    ax = plots.weak_points(table, names={"211251101001": "甲村"}, lang="en")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["211251101001", "place 2", "Upper Village"]
    ax.figure.draw_without_rendering()  # would warn of a missing character


def test_weak_points_that_cannot_be_told_are_refused(explanation, areas):
    """Missing places, unknown units and measures, and places that are all small, are named."""
    with pytest.raises(SchemaError, match="by is missing: pass area codes"):
        plots.weak_points(explanation)
    with pytest.raises(SchemaError, match="unit is 'street'; expected one of county, township, village"):
        plots.weak_points(explanation, by=areas, unit="street")
    with pytest.raises(SchemaError, match="measure is 'sum'; expected 'push' or 'share'"):
        plots.weak_points(explanation, by=areas, measure="sum")
    with pytest.raises(SchemaError, match="the table has no column of a risk category"):
        plots.weak_points(pd.DataFrame({"risk": [1.0]}))
    nothing = pd.DataFrame({"households": [20, 30], "illness": [0.001, 0.0]}, index=["A", "B"])
    with pytest.raises(NotEnoughDataError, match=r"no risk category weighs 0\.005 or more in any place"):
        plots.weak_points(nothing, lang="en")
    with pytest.raises(NotEnoughDataError, match="no place has 1000 households or more: draw larger places"):
        plots.weak_points(explanation, by=areas, unit="village", fewest=1000, lang="en")
