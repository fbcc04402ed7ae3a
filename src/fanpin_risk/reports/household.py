"""What a household's card shows: how its risk comes about, step by step, in words and as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import logit

from fanpin_risk.explanation import Explanation
from fanpin_risk.explanation.letter import GAPS_SHOWN, MORE, percent
from fanpin_risk.explanation.reasons import ENDING
from fanpin_risk.features.feature import CAUSES

__all__ = ["Axis", "Card", "Pair", "Step", "household_cards", "without_ending"]

LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")
# The same in Chinese and in English.
Pair = tuple[str, str]

# Reasons told one by one in each direction; the rest is one step.
TOWARD, AWAY = 7, 5
START = ("起点：对该户一无所知时", "Start: nothing known of the household")
REST = ("其余各项合计", "All else together")
END = ("该户风险", "Risk of the household")
# Risks that may stand on the axis, and how much of its width a label needs.
TICKS = (0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99)
LABEL_WIDTH = 13.0
MARGIN = 6.0  # per cent of the width left free on each side, so that labels are not cut
THINNEST = 0.5  # a bar that is there is seen


@dataclass(frozen=True)
class Step:
    """One line of the card: words, a bar and its effect."""

    kind: Literal["start", "up", "down", "rest", "end"]
    words: Pair
    left: float
    width: float
    effect: str


@dataclass(frozen=True)
class Axis:
    """Where on the width, in per cent, the start lies and which risks are marked."""

    start: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, kw_only=True)
class Card:
    """A household's card; positions are per cent of the width of the bars."""

    household_id: str
    risk: str
    cause: Pair
    axis: Axis
    steps: tuple[Step, ...]
    gaps: tuple[Pair, ...]


def without_ending(reason: str, direction: Literal["toward", "away"], language: int) -> str:
    """Return a reason without the words that say its direction, for where a heading or a bar says it.

    Examples
    --------
    >>> without_ending("in debt (raises the risk)", "toward", 1)
    'in debt'
    """
    return reason.removesuffix(ENDING["en" if language else "zh"][direction])


def household_cards(explanation: Explanation) -> list[Card]:
    """Work out the card of every household of an explanation.

    The steps lead from the base value over the strongest reasons, those that raise the risk first, to the log-odds
    of the household: they add up.

    Parameters
    ----------
    explanation : Explanation
        Of few households: those listed, or those asked for.

    Returns
    -------
    list of Card
        Row by row.
    """
    toward = [explanation.reasons(lang=lang, n_reasons=TOWARD) for lang in LANGUAGES]
    away = [explanation.reasons(lang=lang, n_reasons=AWAY, direction="away") for lang in LANGUAGES]
    causes = toward[0]["cause"]
    labels = [(declared.zh, declared.en) for declared in explanation.features]
    missing = explanation.data.iloc[:, : len(labels)].isna().to_numpy()
    margin, base = explanation.margin, explanation.base_value
    cards = []
    for row, household in enumerate(explanation.household_ids):
        words: list[tuple[Literal["up", "down"], Pair, float]] = [
            *(("up", pair, effect) for pair, effect in _reasons(toward, row, "toward")),
            *(("down", pair, effect) for pair, effect in _reasons(away, row, "away")),
        ]
        axis, steps = _steps(words, float(base), float(margin[row]))
        gaps = [labels[number] for number in np.flatnonzero(missing[row])]
        more = [(MORE["zh"].format(len(gaps)), MORE["en"].format(len(gaps)).removeprefix("; "))]
        cause = str(causes.iloc[row])
        cards.append(
            Card(
                household_id=str(household),
                risk=percent(float(explanation.risk[row])),
                cause=CAUSES.get(cause, ("", "")),
                axis=axis,
                steps=steps,
                gaps=tuple(gaps if len(gaps) <= GAPS_SHOWN else [*gaps[:GAPS_SHOWN], *more]),
            )
        )
    return cards


def _reasons(told: Sequence[pd.DataFrame], row: int, direction: Literal["toward", "away"]) -> list[tuple[Pair, float]]:
    """Take the reasons of a household in both languages, with their contributions."""
    zh, en = (frame.iloc[row] for frame in told)
    places = [name.removeprefix("reason_") for name in told[0].columns if name.startswith("reason_")]
    return [
        (
            (without_ending(zh[f"reason_{k}"], direction, 0), without_ending(en[f"reason_{k}"], direction, 1)),
            float(zh[f"contribution_{k}"]),
        )
        for k in places
        if zh[f"reason_{k}"]
    ]


def _steps(
    words: Sequence[tuple[Literal["up", "down"], Pair, float]], base: float, margin: float
) -> tuple[Axis, tuple[Step, ...]]:
    """Lay the steps out from left (low risk) to right, between the lowest and the highest point reached."""
    reached = base + np.concatenate([[0.0], np.cumsum([effect for _, _, effect in words])])
    rest = margin - reached[-1]
    low, high = min(reached.min(), margin), max(reached.max(), margin)
    scale = (100 - 2 * MARGIN) / max(high - low, 0.1)

    def at(log_odds: float) -> float:
        return float(round(MARGIN + (log_odds - low) * scale, 1))

    def bar(start: float, end: float) -> tuple[float, float]:
        left, right = sorted((at(start), at(end)))
        return left, round(max(right - left, THINNEST), 1)

    steps = [Step("start", START, *bar(base, base), percent(_risk(base)))]
    steps += [
        Step(kind, pair, *bar(reached[k], reached[k + 1]), f"{effect:+.2f}")
        for k, (kind, pair, effect) in enumerate(words)
    ]
    steps += [
        Step("rest", REST, *bar(reached[-1], margin), f"{rest:+.2f}"),
        Step("end", END, *bar(margin, margin), percent(_risk(margin))),
    ]
    ticks: list[tuple[float, str]] = []
    for risk in TICKS:
        place = at(float(logit(risk)))
        if MARGIN / 2 <= place <= 100 - MARGIN / 2 and (not ticks or place - ticks[-1][0] >= LABEL_WIDTH):
            ticks.append((place, f"{100 * risk:g}%"))
    return Axis(at(base), tuple(ticks)), tuple(steps)


def _risk(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))
