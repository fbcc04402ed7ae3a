"""Where pictures are drawn: new figures that nobody has to close."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fanpin_risk.fonts import matplotlib

__all__ = ["AMBER", "BLUE", "GREY", "RED", "new_axes", "plain"]

# Told apart by people who are colour-blind, and in grey print by how dark they are.
RED, AMBER, BLUE, GREY = "#a6341b", "#e69f00", "#9cc3e6", "0.55"
# Backends that only write files.
FILE_BACKENDS = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template")


def new_axes(size: tuple[float, float], *, heights: Sequence[float] = (1.0,)) -> Any:
    """Return the Axes of a new figure.

    Where pyplot shows figures (in a window, in a notebook) the figure is one of pyplot's, so that it is shown.
    Elsewhere it belongs to nobody but its Axes, and is gone with them.

    Parameters
    ----------
    size : (float, float)
        Width and height in inches.
    heights : sequence of float, default (1.0,)
        Relative heights of panels on top of each other, which share their x axis.

    Returns
    -------
    ndarray of matplotlib Axes, shape (n_panels,)
    """
    if matplotlib().get_backend().lower() in FILE_BACKENDS:
        from matplotlib.figure import Figure

        figure = Figure(figsize=size, layout="constrained")
    else:
        from matplotlib import pyplot as plt

        figure = plt.figure(figsize=size, layout="constrained")
    return figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=list(heights))[:, 0]


def plain(ax: Any) -> None:
    """Take away the frame at the top and on the right."""
    ax.spines[["top", "right"]].set_visible(False)
