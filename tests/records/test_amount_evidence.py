"""What parts of a sheet of incomes tell of its amounts is the same as what all its rows tell."""

import numpy as np

from fanpin_risk.records.checks.amount_evidence import (
    SheetEvidence,
    Trial,
    known_of_sheet,
    may_be_small,
    proven_factor,
)


def evidence(**amounts):
    return SheetEvidence(
        {figure: place for place, figure in enumerate(("wage", "transfers")) if figure in amounts},
        {figure: np.array(column) for figure, column in amounts.items()},
    )


def test_parts_say_together_what_the_whole_says():
    """Whatever stands in which part."""
    whole = evidence(wage=[1.2, 2.4, 3.6, 30000], transfers=[800.0, 900])
    parts = [evidence(transfers=[900.0]), evidence(wage=[30000.0, 1.2], transfers=[800.0]), evidence(wage=[2.4, 3.6])]
    assert known_of_sheet([whole]) == known_of_sheet(parts)
    assert (known_of_sheet(parts).figures, known_of_sheet(parts).small) == (
        ["wage", "transfers"],
        ["wage", "transfers"],
    )


def test_where_no_part_may_be_small_the_whole_is_not():
    """The usual amount lies between those of its parts."""
    assert may_be_small("wage", np.array([99.0]))
    assert not may_be_small("wage", np.array([100.0]))
    assert not may_be_small("wage", np.array([]))


def test_a_factor_is_proven_by_most_rows_of_all_parts():
    """Four of five agree; of two that do, the nearest is taken; what nobody can compare proves nothing."""
    yes, no = np.array([True] * 4), np.array([False])
    trials = [{1e4: Trial(np.array([0.5] * 4), [yes]), 1e3: Trial(np.array([0.1] * 4), [~yes])}]
    trials += [{1e4: Trial(np.array([9.0]), [no]), 1e3: Trial(np.array([0.1]), [no])}]
    assert proven_factor(trials) == 1e4
    assert proven_factor([*trials, {1e4: Trial(np.array([9.0]), [no]), 1e3: Trial(np.array([9.0]), [no])}]) is None
    assert proven_factor([{1e4: Trial(np.zeros(0), [np.zeros(0, dtype=bool)])}]) is None
    both = {1e4: Trial(np.array([0.5]), [yes[:1]]), 1e3: Trial(np.array([0.1]), [yes[:1]])}
    assert proven_factor([both]) == 1e3
