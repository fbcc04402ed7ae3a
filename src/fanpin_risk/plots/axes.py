"""Axes to draw on, in figures that need not be closed, and colours that can be told apart in grey print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fanpin_risk.plots.fonts import matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["AMBER", "BLUE", "GREY", "LOOKS", "RED", "axes_for", "plain"]

# Distinguishable for colour-blind readers, and in grey print by their darkness.
RED, AMBER, BLUE, GREY = "#a6341b", "#e69f00", "#9cc3e6", "0.55"
# Colours of Okabe & Ito (2008), Color universal design, each with its own marker.
LOOKS = (
    ("#0072b2", "o"),
    ("#d55e00", "s"),
    ("#009e73", "^"),
    ("#cc79a7", "D"),
    ("#000000", "v"),
    ("#e69f00", "P"),
    ("#56b4e9", "X"),
)
# Backends that only write files.
FILE_BACKENDS = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template")


def axes_for(
    ax: Axes | Sequence[Axes] | Figure | None, size: tuple[float, float], *, heights: Sequence[float] = (1.0,)
) -> Any:
    """Return Axes to draw on: those given, or new ones on a figure of the size that the picture needs.

    Without a figure there is a new one. Where pyplot shows figures (in a window, in a notebook) it is one of pyplot's,
    so that it is shown. Elsewhere only its Axes refer to it, and it is freed with them.

    Parameters
    ----------
    ax : matplotlib Axes, Figure or None
        Axes are returned as they are; a Figure is given the size and new Axes.
    size : (float, float)
        Width and height in inches.
    heights : sequence of float, default (1.0,)
        Relative heights of panels on top of each other, which share their x axis.

    Returns
    -------
    ndarray of matplotlib Axes, shape (n_panels,)
    """
    backend = matplotlib().get_backend()
    import numpy as np
    from matplotlib.figure import Figure

    if ax is not None and not isinstance(ax, Figure):
        return np.atleast_1d(np.asarray(ax, dtype=object))
    if ax is not None:
        figure = ax
    elif backend.lower() in FILE_BACKENDS:
        figure = Figure()
    else:
        from matplotlib import pyplot as plt

        figure = plt.figure()
    figure.set_size_inches(size)
    figure.set_layout_engine("constrained")
    return figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=list(heights))[:, 0]


def plain(ax: Any) -> None:
    """Remove the frame at the top and on the right."""
    ax.spines[["top", "right"]].set_visible(False)
