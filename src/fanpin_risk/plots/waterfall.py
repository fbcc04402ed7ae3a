"""One household's risk, from the usual level step by step to its own, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from fanpin_risk.errors import ExplanationError
from fanpin_risk.explanation import Explanation
from fanpin_risk.explanation.reasons import describe, rank_topics
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.plots.axes import BLUE, GREY, RED, axes_for, plain
from fanpin_risk.plots.fonts import labels_lang, set_font
from fanpin_risk.records.ids import household_name
from fanpin_risk.words import Language, Message
from fanpin_risk.words.widths import percent, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["reasons"]

REST_OF_BARS = Message("All else together")
LEAST_MOVE = 1e-9  # log-odds; less is rounding
FIRST_ROW = Message("Starting point: what is usual")
LAST_ROW = Message("Risk of this household")
AXIS = Message("Risk (scale of log-odds; beside the bars the effect: + raises, − lowers)")
SENTENCE_WIDTH = 46  # of a sentence, in Latin letters
ENDS = 1.6  # height of the first and last row, in lines of text
# Risks marked on the axis: these, and more where it shows few of them.
RISKS_ON_AXIS = (
    0.0001,
    0.0002,
    0.0005,
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.3,
    0.5,
    0.7,
    0.8,
    0.9,
    0.95,
    0.98,
    0.99,
)
# A narrower axis would exaggerate tiny effects.
LEAST_WIDTH = 1.5


@dataclass(frozen=True)
class Bar:
    """One bar: its text and how far it moves the log-odds; without a move it is the heading of a group."""

    text: str
    move: float | None = None
    rest: bool = False

    @property
    def height(self) -> float:
        """Height of the row, in lines of text."""
        return 1.2 if self.move is None else max(1.6, 1.15 * self.text.count("\n") + 1.5)


def reasons(
    explanation: Explanation,
    household_id: str,
    *,
    n_reasons: int = 8,
    ax: Axes | Figure | None = None,
    lang: Language = "zh",
    whole_id: bool = False,
) -> Axes:
    """Draw how a household's risk comes about, in the sentences of its reasons, under the official risk categories.

    Each bar is a topic as in :meth:`fanpin_risk.Explanation.reasons`, described by its strongest feature; the bars add up
    from the model's starting point to the household's risk. Bars that raise the risk are dark, those that lower it
    light and hatched, and every bar has its sign. The picture is a hint for a visit; it proves neither a finding nor a cause.

    Parameters
    ----------
    explanation : Explanation
        From :meth:`fanpin_risk.RiskModel.explain`.
    household_id : str
        One of its households.
    n_reasons : int, default 8
        Bars; all smaller topics are summed up in one more, the last.
    ax : matplotlib Axes or Figure, optional
        Where to draw; a Figure is given the size that the picture needs. Default: a new figure.
    lang : {"zh", "en"}, default "zh"
        Language; English, with a warning, where no Chinese font is found.
    whole_id : bool, default False
        Whether to show the whole id; by default it is masked.

    Returns
    -------
    matplotlib Axes
        Log-odds from left to right, marked by the risk they stand for.

    Raises
    ------
    ExplanationError
        If the household is not in the explanation, or `n_reasons` is below 1.
    MissingPackageError
        If matplotlib is not installed.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(50, random_state=0)
    >>> explanation = fr.load_model("demo").explain(register, "2023-12-31", "H000000003")
    >>> ax = reasons(explanation, "H000000003", lang="en")
    >>> ax.get_title().split(":")[0]
    'Household H0***03'
    """
    if n_reasons < 1:
        raise ExplanationError("n_reasons is {n_reasons}; expected 1 or more", n_reasons=n_reasons)
    one = explanation.select(household_id)
    lang = labels_lang(lang)
    bars = _bars(one, n_reasons, lang)
    heights = np.array([ENDS, *(bar.height for bar in bars), ENDS])
    panel: Axes = axes_for(ax, (8.6, 1.3 + 0.19 * heights.sum()))[0]

    base, margin = float(one.base_value), float(one.margin[0])
    middle = heights / 2 - np.cumsum(heights)
    texts = [FIRST_ROW.shown(lang), *(bar.text for bar in bars), LAST_ROW.shown(lang)]
    at, before = base, middle[0]
    positions = [base]
    for bar, row in zip(bars, middle[1:-1], strict=True):
        if bar.move is None or bar.rest:
            panel.axhline(row + bar.height / 2, color="0.9", lw=0.8, zorder=0)
        if bar.move is None:
            continue
        after = at + bar.move
        raises = bar.move > 0
        panel.plot([at, at], [before, row], color=GREY, lw=0.8)
        panel.barh(
            row, bar.move, left=at, height=1.0, color=RED if raises else BLUE, hatch="" if raises else "////",
            edgecolor="0.2", lw=0.6,
        )  # fmt: skip
        panel.annotate(
            f"{'+' if raises else '−'}{abs(bar.move):.2f}", (max(at, after) if raises else min(at, after), row),
            xytext=(4 if raises else -4, 0), textcoords="offset points", ha="left" if raises else "right", va="center",
            fontsize="small",
        )  # fmt: skip
        at, before = after, row
        positions.append(at)
    panel.plot([at, at], [before, middle[-1]], color=GREY, lw=0.8)
    for value, row, marker in ((base, middle[0], "o"), (margin, middle[-1], "D")):
        panel.plot([value], [row], marker, color="0.15", ms=6)
        panel.annotate(
            percent(float(expit(value))), (value, row), xytext=(8, 0), textcoords="offset points", va="center",
            fontweight="bold",
        )  # fmt: skip

    _axis(panel, positions)
    panel.set_yticks(middle, texts, linespacing=1.15)
    panel.tick_params(axis="y", length=0)
    for label, bar in zip(panel.get_yticklabels()[1:-1], bars, strict=True):
        label.set_fontsize("small")
        if bar.move is None:
            label.set(fontweight="bold", fontsize="medium")
    panel.set_ylim(-heights.sum(), 0)
    title = Message(
        "Household {household}: risk of falling (back) into poverty {risk}",
        household=household_name(household_id, whole_id=whole_id),
        risk=percent(float(expit(margin))),
    )
    panel.set_title(f"{title.shown(lang)}\n{_when(one).shown(lang)}", linespacing=1.3)
    panel.set_xlabel(AXIS.shown(lang), fontsize="small")
    plain(panel)
    set_font(panel)
    return panel


def _when(one: Explanation) -> Message:
    """Say which months the risk is about and from which day's records, as far as the explanation knows."""
    months = Message("within {months} months", months=one.horizon_months)
    if one.as_of is None:
        return Message("") if one.horizon_months is None else months
    day = Message("from the records known on {day}", day=f"{one.as_of:%Y-%m-%d}")
    return day if one.horizon_months is None else Message("{months}, {day}", months=months, day=day)


def _bars(one: Explanation, n_reasons: int, lang: Language) -> list[Bar]:
    """Return the bars in groups of one risk category each, what raises the risk first, the rest last."""
    n_features = len(one.features)
    found: list[tuple[int, float]] = []
    for direction in ("toward", "away"):
        describing, moves = rank_topics(
            one.values, one.data, one.features, n_reasons=n_features, direction=direction, least=0.0
        )  # fmt: skip
        known = describing[0] >= 0
        found += zip(describing[0][known].tolist(), moves[0][known].tolist(), strict=True)
    found.sort(key=lambda topic: -abs(topic[1]))
    shown, rest = found[:n_reasons], found[n_reasons:]
    # What no sentence can tell, such as a feature that does not apply, is part of the rest.
    left = float(one.margin[0] - one.base_value) - sum(move for _, move in shown)
    sums: dict[str, float] = {}
    for number, move in shown:
        cause = one.features[number].cause
        sums[cause] = sums.get(cause, 0.0) + move
    declarations = {declared.name: declared for declared in (*one.features, *one.context_features)}
    bars = []
    for cause in sorted(sums, key=lambda name: -sums[name]):
        bars.append(Bar(CAUSES[cause].shown(lang)))
        inside = [topic for topic in shown if one.features[topic[0]].cause == cause]
        for number, move in sorted(inside, key=lambda topic: -topic[1]):
            text = describe(one.features[number], one.data, declarations, lang=lang)[0]
            bars.append(Bar(wrapped(text, SENTENCE_WIDTH), move))
    if rest or abs(left) > LEAST_MOVE:
        others = Message("other ({count} more topics together)", count=len(rest)) if rest else REST_OF_BARS
        bars.append(Bar(others.shown(lang), left, rest=True))
    return bars


def _axis(ax: Axes, positions: list[float]) -> None:
    """Mark log-odds by the risks they stand for."""
    low, high = min(positions), max(positions)
    room = max(0.12 * (high - low), (LEAST_WIDTH - (high - low)) / 2)
    low, high = low - room, high + room
    ax.set_xlim(low, high)
    inside = [tick for tick in RISKS_ON_AXIS if low <= logit(tick) <= high]
    if len(inside) < 3:
        inside = [
            n * step for step in (0.0001, 0.001, 0.01, 0.1) for n in range(1, 10) if low <= logit(n * step) <= high
        ]
    ax.set_xticks(logit(inside), [f"{100 * tick:g}%" for tick in inside])
