"""A draw of households keeps the event, and the level of all."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.model.fitting import stacked_tables
from fanpin_risk.model.household_sample import MetHouseholds, drawn_sample, sample_hashes

DAYS = ["2021-12-31", "2022-12-31"]
OWN = {
    "target": "below_line",
    "classifier": fr.MonotoneBoosting(max_iter=30, min_samples_leaf=20),
    "n_folds": 3,
    "n_jobs": 1,
}


class Quarters:
    """A register in four parts."""

    source, observed_until = "made up", pd.NaT

    def __init__(self, register):
        ids = register.tables["households"]["household_id"].unique()
        self.parts = [register.select(ids[k::4]) for k in range(4)]

    def each(self, function):
        """Give what a function returns of each part."""
        return map(function, self.parts)


@pytest.fixture(scope="module")
def register():
    return fr.make_register(1600, random_state=4)


@pytest.fixture(scope="module")
def days(register):
    """All households, and a draw of them."""
    return [fr.training_days(register, DAYS, target="below_line", max_rows=most) for most in (None, 1200)]


def test_a_draw_has_all_rows_of_its_households_and_counts_as_all(days):
    """No more rows than asked for; households with the event are all there where they are few; weights add up to all."""
    whole, drawn = days
    n = sum(len(day.outcome) for day in drawn)
    assert 1150 < n <= 1200 < sum(len(day.outcome) for day in whole)
    for one, other in zip(whole, drawn, strict=True):
        assert other.drawn_of == (len(one.outcome), int(one.outcome.sum()))
        assert other.left_out == one.left_out
        pd.testing.assert_frame_equal(one.table.loc[other.table.index], other.table, check_exact=True)
    assert sum(day.weight.sum() for day in drawn) == pytest.approx(sum(len(day.outcome) for day in whole))
    ids = {i for day in drawn for i in day.table.index}
    assert all(set(day.table.index) & ids <= set(other.table.index) for day, other in zip(whole, drawn, strict=True))
    even = np.concatenate([day.even for day in drawn])
    share = np.concatenate([day.outcome for day in drawn])[even].mean()
    assert share == pytest.approx(np.concatenate([day.outcome for day in whole]).mean(), abs=0.05)


def test_the_draw_depends_on_nothing_but_ids(register, days):
    """A register in parts, or in another order, gives the same draw and weights."""
    tables = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in register.tables.items()}
    turned = fr.Register(tables, supplied=register.supplied, source=register.source)
    for source in (Quarters(register), turned):
        for one, other in zip(days[1], fr.training_days(source, DAYS, target="below_line", max_rows=1200), strict=True):
            pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
            np.testing.assert_array_equal(one.weight, other.weight)
            np.testing.assert_array_equal(one.even, other.even)


def test_the_level_of_a_draw_is_that_of_all(days):
    """The mean risk of all households is their base rate, within its own chance; shares of tiers are those asked for."""
    whole, drawn = days
    model = fr.RiskModel(**OWN).fit_days(drawn)
    rate = np.concatenate([day.outcome for day in whole]).mean()
    unweighted = np.concatenate([day.outcome for day in drawn]).mean()
    risk = model.risk_of(stacked_tables([day.table for day in whole], model.feature_names_in_.tolist()))
    chance = 2 * np.sqrt(rate * (1 - rate) / len(risk))
    assert abs(risk.mean() - rate) < chance < unweighted - rate
    assert model.base_rate_ == pytest.approx(rate, abs=chance)
    assert (risk >= model.tier_thresholds_["medium"]).mean() == pytest.approx(0.1, abs=0.04)
    assert model.drawn_ == {"rows": sum(len(day.outcome) for day in drawn), "of": len(risk)}
    assert model.training_["events"].tolist() == [int(day.outcome.sum()) for day in whole]


def test_a_model_of_a_draw_comes_back_from_disk(days, tmp_path):
    """With what it was drawn of."""
    model = fr.RiskModel(**OWN).fit_days(days[1])
    again = fr.load_model(fr.save_model(model, tmp_path / "model"))
    assert again.drawn_ == model.drawn_
    assert again.ensemble_facts_["why"] == "sampled"
    assert f"Learnt from {model.drawn_['rows']:,} of these rows" in fr.model_card(again, lang="en")


def test_a_limit_that_is_not_reached_changes_nothing(register, days):
    """Without a draw there are no weights."""
    again = fr.training_days(register, DAYS, target="below_line", max_rows=100_000)
    assert all(day.weight is None and day.drawn_of is None for day in again)
    pd.testing.assert_frame_equal(again[0].table, days[0][0].table, check_exact=True)


@pytest.mark.parametrize(
    ("events", "others", "most"), [(10, 990, 400), (600, 400, 500), (900, 100, 500), (0, 1000, 300)]
)
def test_events_fill_half_unless_there_are_fewer(events, others, most):
    """Rows are used up, whichever of the two is rare."""
    n = events + others
    ids = pd.Index([f"h{k}" for k in range(n)])
    event = np.arange(n) < events
    sample = drawn_sample([MetHouseholds(ids[event], sample_hashes(ids), np.ones(n, dtype=int), event)], most)
    drawn = sample.drawn(ids)
    assert drawn.sum() == most
    assert drawn[event].sum() == min(events, max(most // 2, most - others))
    assert (sample.weights(ids[drawn])).sum() == pytest.approx(n)


def test_what_a_draw_cannot_do_is_refused(days):
    """Later incomes of everybody; days that are half drawn; a limit that is none."""
    with pytest.raises(SchemaError, match="max_rows"):
        fr.RiskModel(**OWN, ensemble="income_cuts").fit_days(days[1])
    with pytest.raises(SchemaError, match="draw them together"):
        fr.RiskModel(**OWN).fit_days([days[0][0], days[1][1]])
    for odd in (0, 999, True, "many", 2000.0):
        with pytest.raises(SchemaError, match="max_rows"):
            fr.training_days(fr.make_register(5, random_state=0), DAYS, max_rows=odd)
    with pytest.raises(NotEnoughDataError):
        fr.training_days(fr.make_register(5, random_state=0), "2030-12-31", max_rows=5000)
