"""The card of a household: its steps add up to its risk."""

from itertools import pairwise

import pytest

from fanpin_risk.explanation import named_causes
from fanpin_risk.reports.household_cards import household_cards


def test_steps_of_a_card_add_up(contents):
    """From the start over every step to the risk: the effects that are shown are all there are."""
    explanation = contents.explanation
    for row, card in enumerate(household_cards(explanation)):
        effects = [float(step.effect) for step in card.steps[1:-1]]
        total = explanation.margin[row] - explanation.base_value
        assert sum(effects) == pytest.approx(total, abs=0.005 * len(effects) + 1e-9)
        assert card.cause == named_causes(explanation.causes(n_causes=3).filter(like="cause_").iloc[row])
        assert all(step.left >= 0 and step.left + step.width <= 100 for step in card.steps)
        places = [place for place, _ in card.axis.ticks]
        assert places == sorted(places)
        ends = [(step.left, step.left + step.width) for step in card.steps[1:-1]]
        for (left, right), (next_left, next_right) in pairwise(ends):
            assert left <= next_right + 0.6
            assert next_left <= right + 0.6
