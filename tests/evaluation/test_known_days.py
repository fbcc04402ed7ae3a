"""Days of an evaluation are the same of a register in parts as of one in memory."""

import pandas as pd

import fanpin_risk as fr
from fanpin_risk.evaluation.protocol import evaluate

DAYS = ["2021-12-31", "2022-12-31"]


class Thirds:
    """A register in three parts."""

    source = "made up"

    def __init__(self, register):
        ids = register.tables["households"]["household_id"].unique()
        self.parts = [register.select(ids[k::3]) for k in range(3)]
        self.observed_until = register.observed_until

    def each(self, function):
        """Give what a function returns of each third."""
        return map(function, self.parts)


def test_an_evaluation_of_parts_is_that_of_the_register():
    """Forecasts, rules, signals, groups and folds, to the bit."""
    register = fr.make_register(1500, random_state=2)
    model = fr.RiskModel(target="below_line", classifier=fr.MonotoneBoosting(max_iter=8), n_folds=2, n_jobs=1)
    found = [
        evaluate(source, DAYS, models={"small": model}, baselines=(), household_folds=1, target="below_line")
        for source in (register, Thirds(register))
    ]
    for name in ("predictions", "folds", "rules", "groups", "choices"):
        one, other = (getattr(result, name) for result in found)
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    signals = [result.signals.sort_values(list(result.signals), ignore_index=True) for result in found]
    pd.testing.assert_frame_equal(*signals)
    assert len(signals[0])


def test_weights_of_households_that_no_part_knows_are_said():
    """As for a register in memory."""
    register = fr.make_register(30, random_state=2)
    weights = pd.Series([1.0], index=["nobody"])
    messages = []
    for source in (register, Thirds(register)):
        try:
            evaluate(source, DAYS, weights=weights)
        except fr.FanpinError as error:
            messages.append(str(error))
    assert len(messages) == 2
    assert messages[0] == messages[1]
    assert "none of the 1 households" in messages[0]
