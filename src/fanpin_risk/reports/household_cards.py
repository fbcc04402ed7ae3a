"""The card of a household: how its risk comes about, step by step, in words and as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import logit

from fanpin_risk.explanation import Explanation, named_causes
from fanpin_risk.explanation.letter import GAPS_SHOWN, percent
from fanpin_risk.explanation.reasons import LEAST, Direction
from fanpin_risk.model.tiers import SHOWN_CAUSES
from fanpin_risk.words import LANGUAGES, Message

__all__ = ["Axis", "Card", "CardStep", "household_cards", "income_messages", "reason_messages"]

# Reasons shown one by one in each direction; the rest is one step.
TOWARD, AWAY = 7, 5
CARD_START = Message("Start: nothing known of the household")
ALL_ELSE = Message("All else together")
CARD_END = Message("Risk of the household")
# Risks that may be marked on the axis, and how much of its width a label needs.
CARD_TICKS = (0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99)
LABEL_WIDTH = 13.0
MARGIN = 6.0  # per cent of the width left free on each side, so that labels are not cut
THINNEST = 0.5  # so that every bar can be seen


@dataclass(frozen=True)
class CardStep:
    """One line of the card: words, a bar and its effect."""

    kind: Literal["start", "up", "down", "rest", "end"]
    words: Message
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
    cause: Message
    axis: Axis
    steps: tuple[CardStep, ...]
    gaps: tuple[Message, ...]
    caution: Message | None
    has_forecast: bool


def reason_messages(
    explanation: Explanation, n_reasons: int, direction: Direction = "toward"
) -> list[list[tuple[Message, float]]]:
    """Return the reasons of every household with their contributions, without the words that say their direction.

    Parameters
    ----------
    explanation : Explanation
        Of few households.
    n_reasons : int
        Reasons for each, at most.
    direction : {"toward", "away"}
        What raises the risk, or what lowers it.

    Returns
    -------
    list of list of (Message, float)
        Row by row.
    """
    zh, en = (
        explanation.reasons(lang=lang, n_reasons=n_reasons, direction=direction, with_direction=False).to_dict(
            "records"
        )
        for lang in LANGUAGES
    )
    return [
        [
            (Message(english[f"reason_{k}"], zh=chinese[f"reason_{k}"]), float(chinese[f"contribution_{k}"]))
            for k in range(1, n_reasons + 1)
            if chinese[f"reason_{k}"]
        ]
        for chinese, english in zip(zh, en, strict=True)
    ]


def income_messages(explanation: Explanation) -> list[Message]:
    """Return the state of income of every household, in both languages."""
    zh, en = (explanation.income_state(lang=lang).tolist() for lang in LANGUAGES)
    return [Message(english, zh=chinese) for chinese, english in zip(zh, en, strict=True)]


def household_cards(explanation: Explanation) -> list[Card]:
    """Work out the card of every household of an explanation.

    The steps lead from the base value over the state of income and the strongest reasons, those that raise the risk first, to the log-odds
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
    toward, away = reason_messages(explanation, TOWARD), reason_messages(explanation, AWAY, "away")
    incomes, income_effects = income_messages(explanation), explanation.income_effect()
    causes = explanation.causes(n_causes=len(SHOWN_CAUSES)).filter(like="cause_").to_numpy()
    labels = [declared.label for declared in explanation.features]
    missing, cautions, forecasts = explanation.gaps(), explanation.cautions(), explanation.has_forecast
    margin, base = explanation.margin, explanation.base_value
    cards = []
    for row, household in enumerate(explanation.household_ids):
        words: list[tuple[Literal["up", "down"], Message, float]] = [
            *(("up", reason, effect) for reason, effect in toward[row]),
            *(("down", reason, effect) for reason, effect in away[row]),
        ]
        income = float(income_effects[row])
        if abs(income) >= LEAST:
            words.insert(0 if income > 0 else len(toward[row]), ("up" if income > 0 else "down", incomes[row], income))
        axis, steps = _card_steps(words, float(base), float(margin[row]))
        gaps = [labels[number] for number in np.flatnonzero(missing[row])]
        more = [Message("{count} in all", count=len(gaps))] if len(gaps) > GAPS_SHOWN else []
        cards.append(
            Card(
                household_id=str(household),
                risk=percent(float(explanation.risk[row])),
                cause=named_causes(causes[row]),
                axis=axis,
                steps=steps,
                gaps=(*gaps[:GAPS_SHOWN], *more),
                caution=cautions[row],
                has_forecast=bool(forecasts[row]),
            )
        )
    return cards


def _card_steps(
    words: Sequence[tuple[Literal["up", "down"], Message, float]], base: float, margin: float
) -> tuple[Axis, tuple[CardStep, ...]]:
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

    steps = [CardStep("start", CARD_START, *bar(base, base), percent(_risk_at(base)))]
    steps += [
        CardStep(kind, reason, *bar(reached[k], reached[k + 1]), f"{effect:+.2f}")
        for k, (kind, reason, effect) in enumerate(words)
    ]
    steps += [
        CardStep("rest", ALL_ELSE, *bar(reached[-1], margin), f"{rest:+.2f}"),
        CardStep("end", CARD_END, *bar(margin, margin), percent(_risk_at(margin))),
    ]
    ticks: list[tuple[float, str]] = []
    for risk in CARD_TICKS:
        place = at(float(logit(risk)))
        if MARGIN / 2 <= place <= 100 - MARGIN / 2 and (not ticks or place - ticks[-1][0] >= LABEL_WIDTH):
            ticks.append((place, f"{100 * risk:g}%"))
    return Axis(at(base), tuple(ticks)), tuple(steps)


def _risk_at(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))
