"""The distribution of the risks of an area, and where the tiers begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.plots.axes import AMBER, BLUE, GREY, RED, axes_for, plain
from fanpin_risk.plots.fonts import labels_lang, set_font
from fanpin_risk.words import Language, Message
from fanpin_risk.words.widths import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["risk_distribution"]

LOOK_OF_TIER: dict[str, tuple[str, str]] = {
    # tier, the highest first: colour, hatch for print in grey
    "high": (RED, ""),
    "medium": (AMBER, "///"),
    "low": (BLUE, ""),
}
# From this ratio of the largest to the smallest risk, a linear scale hides the small ones.
LOG_FROM = 20.0
BARS = 40
SMALLEST_RISK = 1e-4
LABEL = Message("Risk of falling (back) into poverty")
LABEL_LOGARITHMIC = Message("Risk of falling (back) into poverty (logarithmic)")
RISKS_MARKED = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def risk_distribution(
    scores: pd.DataFrame,
    *,
    thresholds: Mapping[str, float] | None = None,
    ax: Axes | Figure | None = None,
    lang: Language = "zh",
) -> Axes:
    """Draw how many households have which risk, with the tiers, their sizes and the events expected in each.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score`: ``risk`` and, for the tiers, ``tier``.
    thresholds : mapping of str to float, optional
        Tier -> least risk, ``model.tier_thresholds_``: where tiers are marked to begin. Default: the lowest risk in each.
    ax : matplotlib Axes or Figure, optional
        Where to draw; a Figure is given the size that the picture needs. Default: a new figure.
    lang : {"zh", "en"}, default "zh"
        Language of the labels; English, with a warning, where no Chinese font is found.

    Returns
    -------
    matplotlib Axes
        Risk on a logarithmic scale where the largest is 20 times the smallest or more.

    Raises
    ------
    SchemaError
        If there is no column ``risk``, or it holds values outside 0 to 1.
    NotEnoughDataError
        If no household has a risk.
    MissingPackageError
        If matplotlib is not installed.

    Examples
    --------
    >>> scores = pd.DataFrame({"risk": [0.01, 0.02, 0.3], "tier": ["low", "low", "high"]})
    >>> risk_distribution(scores, lang="en").get_ylabel()
    'Households'
    """
    if "risk" not in scores.columns:
        raise SchemaError("scores has no column risk; expected the table that score() returns")
    scores = scores[scores["risk"].notna()]
    risk = scores["risk"].to_numpy(dtype="float64")
    if not len(risk):
        raise NotEnoughDataError("no household has a risk: there is nothing to draw")
    if risk.min() < 0 or risk.max() > 1:
        raise SchemaError("risk holds numbers outside 0 to 1; expected probabilities, as score() returns")
    lang = labels_lang(lang)
    from matplotlib.ticker import MaxNLocator

    panel: Axes = axes_for(ax, (7.2, 4.2))[0]

    logarithmic = bool(risk.max() >= LOG_FROM * max(risk.min(), SMALLEST_RISK))
    shown = np.maximum(risk, SMALLEST_RISK) if logarithmic else risk
    tier = scores["tier"].astype("str").to_numpy() if "tier" in scores.columns else np.full(len(risk), "")
    tiers = [name for name in LOOK_OF_TIER if (tier == name).any()]
    begin = {name: float(shown[tier == name].min()) for name in tiers[:-1]} if thresholds is None else thresholds
    cuts = [float(begin[name]) for name in LOOK_OF_TIER if name in begin]
    cuts = [cut for cut in cuts if shown.min() <= cut <= shown.max()]
    edges = _bar_edges(shown, cuts, logarithmic=logarithmic)
    bottom = np.zeros(len(edges) - 1)
    for name in tiers or [""]:
        inside = tier == name
        label, color, hatch = "", BLUE, ""
        if name:
            color, hatch = LOOK_OF_TIER[name]
            label = _tier_label(name, risk[inside], len(risk)).shown(lang)
        count = np.histogram(shown[inside], edges)[0]
        panel.bar(
            edges[:-1], count, np.diff(edges), bottom, align="edge", color=color, hatch=hatch, edgecolor="0.25", lw=0.4,
            label=label,
        )  # fmt: skip
        bottom += count
    if logarithmic:
        panel.set_xscale("log")
    for cut in cuts:
        panel.axvline(cut, color=GREY, lw=1, ls="--")
        panel.annotate(
            percent(cut), (cut, 1), xycoords=("data", "axes fraction"), xytext=(3, 2), textcoords="offset points",
            fontsize="small", color="0.3",
        )  # fmt: skip
    _ticks(panel, edges)
    panel.yaxis.set_major_locator(MaxNLocator("auto", integer=True))  # households are counted in whole numbers
    panel.set(
        xlabel=(LABEL_LOGARITHMIC if logarithmic else LABEL).shown(lang),
        ylabel=Message("Households").shown(lang),
        xlim=(edges[0], edges[-1]),
    )  # fmt: skip
    if tiers:
        panel.legend(
            facecolor="white",
            edgecolor="none",
            framealpha=0.9,
            title=Message("{count:,} households", count=len(risk)).shown(lang),
        )
    plain(panel)
    set_font(panel)
    return panel


def _bar_edges(risk: np.ndarray, cuts: list[float], *, logarithmic: bool) -> np.ndarray:
    """Return the edges of about 40 equally wide bars, none of which reaches across a cut."""
    low, high = float(risk.min()), float(risk.max())
    if low == high:
        low, high = 0.9 * low, min(1.1 * high, 1.0) or SMALLEST_RISK
    ends = [low, *sorted(cut for cut in cuts if low < cut < high), high]
    spread = np.geomspace if logarithmic else np.linspace
    lengths = np.diff(np.log(ends) if logarithmic else ends)
    edges = [low]
    for begin, end, length in zip(ends[:-1], ends[1:], lengths, strict=True):
        number = max(1, round(BARS * float(length / lengths.sum())))
        edges += [*spread(begin, end, number + 1)[1:-1].tolist(), end]
    return np.array(edges)


def _tier_label(tier: str, risk: np.ndarray, households: int) -> Message:
    """Say how many households a tier has and how many events are expected among them."""
    return Message(
        "{tier}: {count:,} ({share}), {expected:,.1f} events expected",
        tier=TIERS[tier],
        count=len(risk),
        share=percent(len(risk) / households),
        expected=float(risk.sum()),
    )


def _ticks(ax: Any, edges: np.ndarray) -> None:
    if ax.get_xscale() == "log":
        inside = [tick for tick in RISKS_MARKED if edges[0] <= tick <= edges[-1]]
        ax.set_xticks(inside, [f"{100 * tick:g}%" for tick in inside])
        ax.minorticks_off()
    else:
        ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
