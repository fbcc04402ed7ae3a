"""The audit draw: probabilities that are known, a draw that can be made again."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanpin_risk.errors import SchemaError
from fanpin_risk.watch.draws import draw_households, keyed_order, redrawn

DAY = "2023-12-31"


def candidates(tiers, *, area="", place=""):
    return pd.DataFrame(
        {"household_id": [f"H{k}" for k in range(len(tiers))], "area": area, "place": place, "tier": tiers}
    )


some_candidates = st.lists(
    st.tuples(st.sampled_from(["A", "B", ""]), st.sampled_from(["p", "q", ""]), st.sampled_from(["low", "medium", "high", ""])),
    max_size=40,
).map(
    lambda rows: pd.DataFrame(
        [(f"H{k}", *row) for k, row in enumerate(rows)], columns=["household_id", "area", "place", "tier"], dtype="str"
    )
)  # fmt: skip


@given(some_candidates, st.integers(0, 9), st.integers(0, 9), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_probabilities_are_those_of_the_draw(some, first, second, seed):
    """In each stratum as many are drawn as it has draws, its probabilities sum to them, and no candidate of an area that has
    draws is without a chance.
    """
    visits = {"A": first, "B": second}
    found = draw_households(some, visits, seed=seed, day=DAY)
    assert found["household_id"].tolist() == sorted(some["household_id"])
    for _, stratum in found.groupby("draw_stratum"):
        size, draws = stratum["stratum_candidates"].iloc[0], stratum["stratum_draws"].iloc[0]
        assert len(stratum) == size
        assert stratum["drawn"].sum() == draws
        assert sum(Fraction(int(draws), int(size)) for _ in range(size)) == draws
        assert np.isclose(stratum["draw_probability"].sum(), draws, rtol=1e-12)
    area = some.set_index("household_id")["area"].reindex(found["household_id"]).to_numpy()
    for name in ("A", "B", ""):
        own = found[area == name]
        assert own["drawn"].sum() == min(visits.get(name, 0), len(own))
        if visits.get(name, 0):
            assert (own["draw_probability"] > 0).all()


@given(some_candidates, st.integers(1, 9), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_draw_can_be_made_again_from_what_was_written(some, draws, random):
    """From the draws in any order of rows, and from the candidates in any order, the same households come."""
    found = draw_households(some, {"A": draws, "B": draws, "": draws}, seed=5, day=DAY)
    rows = list(range(len(some)))
    random.shuffle(rows)
    again = draw_households(some.iloc[rows], {"A": draws, "B": draws, "": draws}, seed=5, day=DAY)
    pd.testing.assert_frame_equal(again, found)
    assert redrawn(found.iloc[rows]) == sorted(found.loc[found["drawn"], "household_id"])


def test_a_household_elsewhere_changes_nothing_here():
    """Another area has one more candidate: the draw of this one stays."""
    here = candidates(["low"] * 20, area="A")
    there = candidates(["low"] * 20, area="B").assign(household_id=[f"B{k}" for k in range(20)])
    found = draw_households(pd.concat([here, there]), {"A": 3, "B": 3}, seed=1, day=DAY)
    without = draw_households(pd.concat([here, there.iloc[1:]]), {"A": 3, "B": 3}, seed=1, day=DAY)
    of_a = [one[one["household_id"].str.startswith("H")].reset_index(drop=True) for one in (found, without)]
    pd.testing.assert_frame_equal(*of_a)


def test_strata_are_as_fine_as_the_draws_allow():
    """Place and tier; tier; the low and the medium tier together; all."""
    some = candidates(["low"] * 6 + ["medium"] * 4 + ["high"] * 2)
    some["place"] = ["p", "q"] * 6
    strata = {
        draws: sorted(set(draw_households(some, {"": draws}, seed=0, day=DAY)["draw_stratum"]))
        for draws in (1, 2, 3, 6)
    }
    assert strata == {
        1: ["all"],
        2: ["high", "low+medium"],
        3: ["high", "low", "medium"],
        6: ["p|high", "p|low", "p|medium", "q|high", "q|low", "q|medium"],
    }


def test_rare_tiers_are_drawn_more_often():
    """By the square root: of 12 draws of 900 and 100 candidates the smaller tier has a fourth, and not its tenth."""
    found = draw_households(candidates(["low"] * 900 + ["medium"] * 100), {"": 12}, seed=0, day=DAY)
    draws = found.groupby("draw_stratum")["stratum_draws"].first().to_dict()
    assert draws == {"low": 9, "medium": 3}


def test_everybody_is_drawn_where_there_are_no_more():
    """More draws than candidates: all, with probability 1."""
    found = draw_households(candidates(["low", "high"]), {"": 9}, seed=0, day=DAY)
    assert found["drawn"].all()
    assert found["draw_probability"].tolist() == [1.0, 1.0]


def test_each_candidate_is_drawn_as_often_as_it_says():
    """Over many seeds the share of draws is the probability written down."""
    some = candidates(["low"] * 10)
    drawn = sum(draw_households(some, {"": 3}, seed=seed, day=DAY)["drawn"].to_numpy(dtype=int) for seed in range(1000))
    assert np.abs(drawn / 1000 - 0.3).max() < 5 * np.sqrt(0.3 * 0.7 / 1000)


def test_days_and_purposes_rank_differently():
    """With one seed nobody is first in every round."""
    ids = [f"H{k}" for k in range(50)]
    orders = [np.argsort(keyed_order(ids, 0, day=day)).tolist() for day in ("2023-12-31", "2024-03-31", "")]
    orders.append(np.argsort(keyed_order(ids, 0, day="", purpose="tie")).tolist())
    assert all(one != other for one, other in pairwise(orders))


def test_a_part_of_a_draw_is_not_taken_for_the_whole():
    """Rows that are missing would make another draw: they are missed."""
    found = draw_households(candidates(["low"] * 5), {"": 2}, seed=0, day=DAY)
    with pytest.raises(SchemaError, match="strata do not have the candidates"):
        redrawn(found.iloc[1:])
    with pytest.raises(SchemaError, match="draw_seed"):
        redrawn(found.drop(columns="draw_seed"))
    assert redrawn(draw_households(candidates([]), {}, seed=0, day=DAY)) == []
