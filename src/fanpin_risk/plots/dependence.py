"""What a feature does to the risk, household by household."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fanpin_risk.errors import ExplanationError, NotEnoughDataError
from fanpin_risk.explanation import Explanation
from fanpin_risk.features.feature import Feature
from fanpin_risk.plots.axes import AMBER, GREY, RED, axes_for, plain
from fanpin_risk.plots.fonts import labels_lang, set_font
from fanpin_risk.words import Language, Message
from fanpin_risk.words.widths import width, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["feature_effect"]

DIRECTION = {
    1: Message("declared: more never lowers the risk ↗"),
    -1: Message("declared: more never raises the risk ↘"),
    0: Message("no direction declared"),
}
UNITS_SHOWN = {
    "CNY": Message("CNY"),
    "CNY/person": Message("CNY"),
    "mu": Message("mu"),
    "km": Message("km"),
    "months": Message("months"),
    "years": Message("years"),
}
NO_YES = (Message("no"), Message("yes"))
NO_VALUE, NO_VALUE_IN_A_LINE = Message("no record or\nnot applicable"), Message("no record or not applicable")
PERCENT_UNITS = ("share", "ratio", "change")
# A few very large values would squeeze all others into a corner.
MOST_SHOWN = 0.995
MOST_POINTS = 5000
BANDS = 12
NAMED_VALUES = 8
LEAST_HEIGHT = 0.05  # log-odds; a narrower axis would exaggerate tiny effects
MISSING_ROOM = {"zh": 0.1, "en": 0.15}  # part of the axis that the label of missing values needs
LINE_WIDTH = 84  # Latin letters in a line


def feature_effect(
    explanation: Explanation, feature: str, *, ax: Axes | Figure | None = None, lang: Language = "zh"
) -> Axes:
    """Draw what each value of a feature contributes to the risk (SHAP dependence).

    Each point is a household. The line is the median of households with about the same value; households without a
    value stand apart on the right. The direction that the feature's declaration promises is in the label:
    the model obeys it with all else equal, so points of different households need not.

    Parameters
    ----------
    explanation : Explanation
        From :meth:`fanpin_risk.RiskModel.explain`, best of many households.
    feature : str
        Name of one of its features.
    ax : matplotlib Axes or Figure, optional
        Where to draw; a Figure is given the size that the picture needs. Default: a new figure.
    lang : {"zh", "en"}, default "zh"
        Language of the labels; English, with a warning, where no Chinese font is found.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ExplanationError
        If the model has no such feature.
    NotEnoughDataError
        If the explanation holds no households.
    MissingPackageError
        If matplotlib is not installed.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> explanation = fr.load_model("demo").explain(fr.make_register(80, random_state=0), "2023-12-31")
    >>> feature_effect(explanation, "income_to_line", lang="en").get_ylabel()
    'Effect on the risk (log-odds)'
    """
    if feature not in explanation.feature_names:
        raise ExplanationError(
            "the model has no feature {feature!r}; describe_features() lists them, "
            "explanation.feature_names those of this model",
            feature=feature,
        )
    if not len(explanation):
        raise NotEnoughDataError("the explanation holds no households: there is nothing to draw")
    column = explanation.feature_names.index(feature)
    declared = explanation.features[column]
    lang = labels_lang(lang)
    value = explanation.data[feature].to_numpy(dtype="float64")
    push = np.take(explanation.values, column, axis=1)
    # More points would only cover each other.
    drawn = np.unique(np.linspace(0, len(value) - 1, min(len(value), MOST_POINTS)).astype("int64"))
    known = ~np.isnan(value)
    panel: Axes = axes_for(ax, (7.2, 4.6))[0]

    panel.axhline(0, color=GREY, lw=1)
    low, high = _span(value[known])
    few = _few_values(declared, value[known])
    rng = np.random.default_rng(0)
    shift = rng.uniform(-0.25, 0.25, len(value)) if few else np.zeros(len(value))
    inside = drawn[known[drawn]]
    beyond = known & ((value < low) | (value > high))
    panel.plot(
        np.clip(value[inside], low, high) + shift[inside], push[inside], "o", ms=3, mew=0, alpha=0.45, color="#1f5f99",
        rasterized=True,
    )  # fmt: skip
    _medians(panel, value[known], push[known], few=few)
    gap = (high - low) * 0.12 or 1.0
    missing_at = high + (1.0 if few else gap) + (0.25 if few else 0)
    if not known.all():
        apart = drawn[~known[drawn]]
        spread = 0.25 if few else gap / 3
        panel.plot(
            missing_at + rng.uniform(-spread, spread, len(apart)), push[apart], "s", ms=3, mew=0, alpha=0.45, color=AMBER,
            rasterized=True,
        )  # fmt: skip
        panel.plot([missing_at - spread, missing_at + spread], [np.median(push[~known])] * 2, color=RED, lw=2)
        panel.axvline(missing_at - 1.7 * spread, color=GREY, lw=0.8, ls=":")
    _marks(panel, declared, value[known], missing_at if not known.all() else None, lang=lang, few=few)

    bottom, top = panel.get_ylim()
    panel.set_ylim(min(bottom, -LEAST_HEIGHT), max(top, LEAST_HEIGHT))
    label = Message(declared.en, zh=declared.zh)
    direction = DIRECTION[declared.monotone]
    panel.set_title(f"{wrapped(label.shown(lang), LINE_WIDTH)}\n{direction.shown(lang)}", linespacing=1.3)
    if declared.unit in UNITS_SHOWN:
        label = Message("{label} ({unit})", label=label, unit=UNITS_SHOWN[declared.unit])
    if beyond.any():
        label = Message("{label}; {count} beyond the edge", label=label, count=int(beyond.sum()))
    panel.set_xlabel(wrapped(label.shown(lang), LINE_WIDTH))
    panel.set_ylabel(Message("Effect on the risk (log-odds)").shown(lang))
    plain(panel)
    set_font(panel)
    return panel


def _span(value: np.ndarray) -> tuple[float, float]:
    """Return the limits of the axis: the extremes, or less where a few values are far away."""
    if not len(value):
        return 0.0, 1.0
    low, high = np.quantile(value, [1 - MOST_SHOWN, MOST_SHOWN])
    whole = value.max() - value.min()
    if whole < 1.5 * (high - low) or high == low:
        return float(value.min()), float(value.max())
    return float(low), float(high)


def _few_values(declared: Feature, value: np.ndarray) -> bool:
    """Whether the feature takes so few whole values that its points must be spread to be seen."""
    return bool(len(np.unique(value)) <= NAMED_VALUES + 4 and (value == np.rint(value)).all()) or declared.unit in (
        "flag", "category"
    )  # fmt: skip


def _medians(ax: Axes, value: np.ndarray, push: np.ndarray, *, few: bool) -> None:
    """Draw the median contribution of bands with equally many households, or of each value."""
    if not len(value):
        return
    if few:
        for one, own in pd.Series(push).groupby(value):
            ax.plot([float(one) - 0.3, float(one) + 0.3], [own.median()] * 2, color=RED, lw=2)  # type: ignore[arg-type]
        return
    edges = np.unique(np.quantile(value, np.linspace(0, 1, BANDS + 1)))
    band = np.clip(np.searchsorted(edges, value, side="right") - 1, 0, max(0, len(edges) - 2))
    middles = pd.DataFrame({"value": value, "push": push}).groupby(band).median()
    ax.plot(middles["value"], middles["push"], color=RED, lw=2)


def _levels(declared: Feature, lang: Language) -> tuple[str, ...]:
    """Return what the values 0, 1, 2 ... of a feature are called, where they have names."""
    levels = NO_YES if declared.unit == "flag" else declared.levels
    return tuple(name.shown(lang) for name in levels)


def _marks(
    ax: Axes, declared: Feature, value: np.ndarray, missing_at: float | None, *, lang: Language, few: bool
) -> None:
    """Label the values by name, as percentages or numbers, and the missing ones as such."""
    levels = _levels(declared, lang)
    shown = (float(value.min()), float(value.max())) if len(value) else (1.0, 0.0)
    if levels:
        at = [float(one) for one in range(len(levels))]
    elif few:
        at = [float(one) for one in np.unique(value)]
    else:
        at = ax.get_xticks().tolist()
    at = [one for one in at if shown[0] <= one <= shown[1]]
    if missing_at is not None and not few:  # their label needs room
        room = MISSING_ROOM[lang] * (missing_at - shown[0])
        at = [one for one in at if missing_at - one > room]
    if levels:
        names = [levels[int(one)] for one in at]
    else:
        names = [f"{100 * one:g}%" if declared.unit in PERCENT_UNITS else f"{one:,g}" for one in at]
    if missing_at is not None:
        at.append(missing_at)
        names.append(NO_VALUE.shown(lang))
    ax.set_xticks(at, names)
    if sum(width(name) for name in names) > LINE_WIDTH:
        if missing_at is not None:
            names[-1] = NO_VALUE_IN_A_LINE.shown(lang)
        ax.set_xticks(at, names)
        ax.tick_params(axis="x", rotation=45)
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
