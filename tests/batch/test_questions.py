"""What is asked of a register, and the counts of its answers."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import split_register
from fanpin_risk.batch.questions import QUESTIONS, ScreenOptions, added_counts, answers_on
from fanpin_risk.cli.screening import ASKED_OF_RULES

DAY = "2023-12-31"


def test_the_command_offers_all_questions():
    """It lists them without loading what asks them."""
    assert tuple(QUESTIONS) == ASKED_OF_RULES


@pytest.mark.parametrize("ask", QUESTIONS)
def test_counts_of_parts_are_those_of_the_whole(register, ask):
    """Households, what is found, and answers; only what is looked for is written where that is asked."""
    options = ScreenOptions(ask=ask, found_only=True)
    table, counts = answers_on(register, DAY, options)
    parts = [answers_on(part, DAY, options) for _, part in split_register(register, max_households=40)]
    assert added_counts(one for _, one in parts) == counts
    assert sum(len(part) for part, _ in parts) == len(table) == counts["rows"]
    assert counts["found"] == table["household_id"].nunique()
    monitored = fr.Snapshot(register, DAY)
    listed = pd.Index(table["household_id"].unique()).isin(monitored.household_ids[monitored.monitored == 1])
    assert counts["found_not_monitored"] == (~listed).sum()


def test_options_are_arguments_of_the_run():
    """What the command asks for is what the function takes; answers are in one order."""
    options = ScreenOptions(ask="contradictions", answers=["yes", "no"])
    assert options.answers == ("no", "yes")
    assert ScreenOptions(**options.as_dict()) == options
