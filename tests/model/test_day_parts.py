"""Days to learn from, of a register in memory; of parts they are tested beside the packed register."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.model.day_parts import DayAsked, days_of_parts


class Halves:
    """A register in two parts."""

    source, observed_until = "halves", pd.NaT

    def __init__(self, register):
        ids = register.tables["households"]["household_id"].unique()
        self.parts = [register.select(ids[::2]), register.select(ids[1::2])]

    def each(self, function):
        """Give what a function returns of each half."""
        return map(function, self.parts)


def test_days_lie_one_after_the_other_in_memory():
    """So that the rows of all days are one table without a copy."""
    days = [DayAsked(pd.Timestamp(day)) for day in ("2021-12-31", "2022-12-31")]
    seen = []
    (first, second), _ = days_of_parts(
        Halves(fr.make_register(60, random_state=1)), days, progress=lambda *now: seen.append(now)
    )
    one, other = (day.table["household_size"].to_numpy() for day in (first, second))
    assert one.__array_interface__["data"][0] + one.nbytes == other.__array_interface__["data"][0]
    assert seen == [(1, 2, ""), (2, 2, "")]
    assert first.source == "halves"
    assert first.table.index.is_monotonic_increasing


def test_options_are_refused_before_anything_is_read():
    """As outcomes refuses them."""
    with pytest.raises(SchemaError, match="horizon_months"):
        fr.training_days(fr.make_register(5, random_state=0), "2021-12-31", horizon_months=0)
