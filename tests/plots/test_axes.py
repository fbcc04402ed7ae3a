"""Where pictures are drawn: on the Axes that are given, or on a figure that nobody has to close."""

import numpy as np
import pytest

from fanpin_risk.plots.axes import axes_for, plain

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")
from matplotlib.figure import Figure  # noqa: E402


def test_axes_that_are_given_are_returned_as_they_are():
    """A picture can be part of a larger one, whose size is not touched."""
    figure = Figure(figsize=(20, 20))
    ax = figure.subplots(2)
    assert list(axes_for(ax, (3, 2), heights=(1, 1))) == list(ax)
    assert list(axes_for(ax[0], (3, 2))) == [ax[0]]
    assert tuple(figure.get_size_inches()) == (20, 20)


def test_a_figure_that_is_given_gets_the_size_of_the_picture():
    """Panels stand on top of each other with the heights asked for, and share their x axis."""
    figure = Figure()
    upper, lower = axes_for(figure, (3, 6), heights=(1, 2))
    figure.draw_without_rendering()
    assert tuple(figure.get_size_inches()) == (3, 6)
    upper.set_xlim(5, 9)
    assert lower.get_xlim() == (5, 9)
    heights = np.array([panel.get_position().height for panel in (upper, lower)])
    assert heights[1] / heights[0] == pytest.approx(2, rel=0.01)


def test_where_no_figure_is_shown_a_new_one_is_not_left_to_pyplot():
    """A thousand pictures written to files do not pile up in memory."""
    from matplotlib import pyplot as plt

    before = plt.get_fignums()
    assert axes_for(None, (3, 2)).shape == (1,)
    assert plt.get_fignums() == before


def test_where_figures_are_shown_a_new_one_is_pyplots(monkeypatch):
    """In a notebook or a window a picture appears without another call."""
    from matplotlib import pyplot as plt

    monkeypatch.setattr(mpl, "get_backend", lambda: "module://inline")
    ax = axes_for(None, (3, 2))[0]
    assert plt.get_fignums() == [ax.figure.number]
    plt.close("all")


def test_plain_axes_have_no_frame_at_the_top_and_on_the_right():
    """What is left are the two scales."""
    ax = axes_for(None, (3, 2))[0]
    plain(ax)
    assert [side for side, line in ax.spines.items() if line.get_visible()] == ["left", "bottom"]
