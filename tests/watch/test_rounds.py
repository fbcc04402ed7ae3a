"""The visits of a round, dealt to sections."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fanpin_risk.watch.rounds import (
    PartsOfRound,
    audit_visits,
    changed_capacity,
    deal_by_rank,
    orders_of_sections,
    rules_not_met,
    shared_visits,
)

PARTS = PartsOfRound(audit=0.1, by_rule=0.2, monitored=0.1)


def orders(**rows):
    wanted = ("carried_over", "model", "rule", "monitored")
    return {name: np.array(rows.get(name, []), dtype=np.intp) for name in wanted}


@st.composite
def rounds(draw):
    """Households of two areas, each in one or no section; some of the model's are listed by a rule too."""
    kinds = draw(
        st.lists(st.sampled_from(["carried_over", "model", "both", "rule", "monitored", ""]), min_size=10, max_size=40)
    )
    area = np.array(draw(st.lists(st.integers(0, 1), min_size=len(kinds), max_size=len(kinds))), dtype=np.int64)
    rows = orders(
        carried_over=[k for k, kind in enumerate(kinds) if kind == "carried_over"],
        model=[k for k, kind in enumerate(kinds) if kind in ("model", "both")],
        rule=[k for k, kind in enumerate(kinds) if kind in ("both", "rule")],
        monitored=[k for k, kind in enumerate(kinds) if kind == "monitored"],
    )
    return rows, area


@given(rounds(), st.integers(0, 12), st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_visits_are_used_up_and_never_exceeded(some, first, second):
    """Each area's visits go to somebody as long as there is anybody, and no more are made."""
    rows, area = some
    visits = np.array([first, second])
    section, draws = deal_by_rank(rows, area, visits, audit_visits(visits, 0.1), PARTS)
    known = np.unique(np.concatenate(list(rows.values())))
    for number in (0, 1):
        listed = (section[area == number] != "").sum()
        assert listed + draws[number] == min(visits[number], (area[known] == number).sum())
        open_to_draw = (section[rows["model"]] == "") & (area[rows["model"]] == number)
        assert draws[number] <= open_to_draw.sum()


@given(rounds(), st.integers(0, 30))
@settings(max_examples=80, deadline=None)
def test_nobody_falls_out_by_one_more_visit(some, visits):
    """Who is listed by rank with fewer visits is with more: the band around the cut has one direction."""
    rows, area = some
    draws = np.array([1, 0])
    fewer, _ = deal_by_rank(rows, area, np.array([visits, visits]), draws, PARTS)
    more, _ = deal_by_rank(rows, area, np.array([visits + 1, visits + 1]), draws, PARTS)
    assert ((fewer == "") | (more != "")).all()


def test_who_is_to_be_drawn_is_not_listed_by_a_rule_too():
    """The one household that is left is drawn, though a rule would list it and visits are left: nobody has two."""
    rows, area = orders(carried_over=[0], model=[1], rule=[1]), np.zeros(2, dtype=np.int64)
    section, draws = deal_by_rank(rows, area, np.array([3]), np.array([2]), PARTS)
    assert (section.tolist(), draws.tolist()) == (["carried_over", ""], [1])


def test_who_was_not_visited_comes_first_then_chance_then_rank():
    """Five visits: three carried over, one at random, one by risk; with three, only the unfinished."""
    rows, area = orders(carried_over=[0, 1, 2], model=[3, 4, 5], rule=[5]), np.zeros(6, dtype=np.int64)
    section, draws = deal_by_rank(rows, area, np.array([5]), np.array([1]), PARTS)
    assert section.tolist() == ["carried_over"] * 3 + ["model", "", ""]
    assert draws.tolist() == [1]
    section, draws = deal_by_rank(rows, area, np.array([3]), np.array([1]), PARTS)
    assert (section != "").sum() == 3
    assert draws.tolist() == [0]


def test_what_rules_and_the_monitored_do_not_need_goes_to_the_highest_risks():
    """Nobody is monitored and one household is listed by a rule alone: the other visits are by risk."""
    rows, area = orders(model=list(range(20)), rule=[20]), np.zeros(21, dtype=np.int64)
    section, _ = deal_by_rank(rows, area, np.array([12]), np.array([2]), PARTS)
    assert section.tolist() == ["model"] * 9 + [""] * 11 + ["rule"]


def test_audit_visits_leave_one_by_rank():
    """Rounded up, floating point set aside; one visit is by rank."""
    assert audit_visits(np.array([0, 1, 2, 10, 11, 30]), 0.1).tolist() == [0, 0, 1, 1, 2, 3]
    assert audit_visits(np.array([10]), 0).tolist() == [0]


def test_changed_capacity_is_a_visit_at_least():
    """More is rounded up and fewer down."""
    assert changed_capacity(np.array([1, 10, 30]), 0.1).tolist() == [2, 11, 33]
    assert changed_capacity(np.array([1, 10, 30]), -0.1).tolist() == [0, 9, 27]


@given(st.floats(0, 0.5), st.floats(0, 0.5), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_shares_add_up(by_rule, monitored, visits):
    """Every visit goes to one section, within one of its share, give or take rounding."""
    found = shared_visits(np.array([visits]), PartsOfRound(audit=0, by_rule=by_rule, monitored=monitored))
    assert sum(int(one[0]) for one in found.values()) == visits
    assert abs(found["rule"][0] - by_rule * visits) < 1.5


def test_the_order_of_sections():
    """Rules by guarantees that lack, then the line; the monitored by the ledger are not ranked by risk."""
    scores = pd.DataFrame(
        {
            "household_id": list("abcdef"),
            "risk": [0.6, 0.5, 0.4, 0.3, 0.2, 0.1],
            "monitored": [False, False, False, True, False, False],
            "rules": ["", "income_line", "safe_water", "safe_water", "safe_water;safe_housing;income_line", None],
        }
    )
    here = pd.DataFrame({"reason": ["", "", "", "", "", "dead"], "carried": False, "rounds": 0})
    here["supported"] = [True, False, False, True, False, False]
    found = orders_of_sections(scores, here, pd.Series("", index=scores.index), None, "households")
    assert {name: rows.tolist() for name, rows in found.items()} == {
        "carried_over": [], "model": [1, 2, 4], "rule": [4, 2, 1], "monitored": [3, 0],
    }  # fmt: skip
    guarantees, below = rules_not_met(scores)
    assert (guarantees.tolist(), below.tolist()) == ([0, 0, 1, 1, 2, 0], [0, 1, 0, 0, 1, 0])
