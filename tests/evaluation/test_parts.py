"""A register in parts is asked as one in memory is, with the same answers."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import split_register
from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.evaluation import drift_report
from fanpin_risk.evaluation.parts import JUDGED_COLUMNS, ask_each, outcomes_of_parts, scores_of_day

DAY = pd.Timestamp("2022-12-31")


class InParts:
    """A register that gives itself in parts of a hundred households."""

    def __init__(self, register):
        self.register = register
        self.observed_until, self.source = register.observed_until, register.source

    def each(self, function):
        """Ask part by part."""
        return [function(part) for _, part in split_register(self.register, max_households=100)]


@pytest.fixture(scope="module")
def model(register):
    """A small model of an earlier day."""
    small = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=20), n_folds=2)
    return small.fit(register, "2020-12-31")


@pytest.fixture(scope="module")
def register():
    return fr.make_register(600, random_state=0, base_rate=0.1)


def test_scores_and_outcomes_of_parts_are_those_of_the_whole(register, model):
    """By household; of the scores what forecasts are judged by."""
    parts = InParts(register)
    assert len(ask_each(parts, lambda part: part.source)) > 3
    scores = scores_of_day(model, register, DAY)
    pd.testing.assert_frame_equal(scores_of_day(model, parts, DAY), scores[list(JUDGED_COLUMNS)], check_exact=True)
    pd.testing.assert_frame_equal(
        outcomes_of_parts(parts, DAY), outcomes_of_parts(register, DAY), check_exact=True, check_freq=False
    )
    pd.testing.assert_frame_equal(outcomes_of_parts(register, DAY), fr.outcomes(register, DAY))


def test_the_newest_record_of_all_parts_decides_what_can_be_known(register):
    """Not that of a part."""
    parts = InParts(register)
    parts.observed_until = pd.Timestamp("2023-06-30")
    with pytest.raises(NotEnoughDataError, match="observed until 2023-06-30"):
        outcomes_of_parts(parts, DAY)


def test_drift_of_parts_is_that_of_the_whole(register, model):
    """Distributions, performance, levels and advice."""
    one, other = (drift_report(model, each, DAY, n_bootstrap=20) for each in (InParts(register), register))
    for name in ("features", "scores", "outcome", "levels"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert (one.advice, one.households) == (other.advice, other.households)
