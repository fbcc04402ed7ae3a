"""The plan of a round of visits."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError, SchemaError
from fanpin_risk.watch.draws import redrawn

PLACES = ("211282101001", "211282101002", "211282102001", "211223100001")


def made(n, *, seed=0):
    """Scores with equal risks, several places, rules and monitored households."""
    rng = np.random.default_rng(seed)
    risk = np.round(rng.beta(1, 8, n), 2)
    return pd.DataFrame(
        {
            "household_id": [f"H{k:04d}" for k in rng.permutation(n)],
            "as_of": pd.Timestamp("2023-12-31"),
            "risk": risk,
            "tier": np.select([risk > 0.3, risk > 0.1], ["high", "medium"], "low"),
            "rules": rng.choice(["", "", "", "income_line", "safe_water", "safe_water;income_line"], n),
            "signals": rng.choice(["", "", "water:12:#cadre"], n),
            "cause": rng.choice(["illness", ""], n),
            "doubts": rng.choice(["", "", "size_differs"], n),
            "monitored": pd.array(rng.random(n) < 0.1, dtype="boolean"),
            "not_at_risk": "",
            "area_code": rng.choice(PLACES, n),
        }
    ).assign(not_at_risk=lambda one: np.where(one["monitored"], "monitored", ""))


@pytest.fixture(scope="module")
def scores():
    return made(400)


@pytest.mark.parametrize("per", [None, "county", "township", "village", "visitor"])
def test_each_unit_has_its_visits_and_nobody_stands_there_twice(scores, per):
    """As many as it can make, ranked from 1 in each unit, of its own households."""
    visitors = {one: f"V{k % 3}" for k, one in enumerate(scores["household_id"])}
    plan = fr.plan_visits(scores, capacity=12, per=per, visitors=visitors, random_state=1)
    assert plan.frame["household_id"].is_unique
    assert plan.frame["visitor"].tolist() == plan.frame["household_id"].map(visitors).tolist()
    if per is None:
        assert plan.frame["rank"].tolist() == list(range(1, 13))
        return
    digits = {"county": 6, "township": 9, "village": 12}
    unit = plan.frame["visitor"] if per == "visitor" else plan.frame["area_code"].str[: digits[per]]
    assert plan.frame["area"].tolist() == unit.tolist()
    for _, own in plan.frame.groupby("area"):
        assert own["rank"].tolist() == list(range(1, 13))
        assert set(own["section"]) == {"model", "rule", "monitored", "audit"}


@given(st.integers(0, 60), st.integers(1, 40), st.sampled_from([0, 0.1, 0.5]), st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_does_not_matter(n, capacity, audit, random):
    """The same plan, list id and draws from rows in any order; every household is accounted for once."""
    scores = made(n)
    rows = list(range(n))
    random.shuffle(rows)
    plans = [fr.plan_visits(one, capacity=capacity, audit=audit, random_state=3) for one in (scores, scores.iloc[rows])]
    for name in ("frame", "draws", "band", "left_out"):
        pd.testing.assert_frame_equal(getattr(plans[0], name), getattr(plans[1], name))
    assert plans[0].list_id == plans[1].list_id
    assert len(plans[0].frame) <= capacity
    counts = plans[0].summary()
    assert counts.loc[counts["about"].isin(["section", "left_out", "not_listed"]), "households"].sum() == n
    assert (
        redrawn(plans[0].draws)
        == plans[0].frame.loc[plans[0].frame["section"] == "audit", "household_id"].sort_values().tolist()
    )


def test_by_rank_are_the_highest_risks_and_the_rest_could_be_drawn(scores):
    """Who is not on the list by rank and at risk is a candidate, with the probability of its stratum."""
    plan = fr.plan_visits(scores, capacity=40, random_state=1)
    by_section = plan.frame.groupby("section")["household_id"].agg(set)
    free = scores[~scores["monitored"].to_numpy(dtype=bool)]
    first = free.sort_values("risk", ascending=False)["risk"].iloc[: len(by_section["model"])]
    assert plan.frame.loc[plan.frame["section"] == "model", "risk"].tolist() == first.tolist()
    assert set(plan.draws["household_id"]) == set(free["household_id"]) - by_section["model"] - by_section["rule"]
    assert len(by_section["audit"]) == 4
    listed = plan.frame.set_index("household_id")
    drawn = plan.draws[plan.draws["drawn"]].set_index("household_id")
    assert listed.loc[drawn.index, "draw_probability"].tolist() == drawn["draw_probability"].tolist()
    assert (listed.loc[drawn.index, "draw_seed"] == 1).all()
    others = listed.drop(index=drawn.index)
    assert set(others["draw_stratum"]) == {"by_rank"}
    assert set(others["draw_probability"]) == {1.0}
    assert np.isclose(plan.draws["draw_probability"].sum(), 4)


def test_why_each_household_is_listed(scores):
    """Model, rule or both; the monitored too; at random whoever is drawn."""
    listed = fr.plan_visits(scores, capacity=100, random_state=1).frame
    failing = listed["rules"] != ""
    why = listed.groupby("section")["why_listed"].agg(set)
    assert why["model"] == {"model", "both"}
    assert why["rule"] == {"rule"}
    assert why["audit"] == {"audit"}
    assert why["monitored"] <= {"rule", "monitored"}
    assert (failing[listed["why_listed"].isin(["both", "rule"])]).all()
    assert not failing[listed["why_listed"] == "model"].any()
    assert (listed["checks"].str.contains("both_records") == (listed["doubts"] != "")).all()
    assert listed["signal_days"].isna().tolist() == (listed["signals"] == "").tolist()


def test_equal_risks_are_not_ordered_by_id():
    """With ids alone the first in the register would always be visited; the order is that of the seed."""
    equal = pd.DataFrame({"household_id": [f"H{k:02d}" for k in range(40)], "risk": 0.1, "monitored": False})
    lists = [
        fr.plan_visits(equal, capacity=8, audit=0, random_state=seed).frame["household_id"].tolist()
        for seed in (0, 0, 1)
    ]
    assert lists[0] == lists[1]
    assert sorted(lists[0]) != sorted(lists[2])


@pytest.mark.parametrize("per", [None, "township"])
def test_the_band_is_what_a_tenth_more_or_fewer_visits_would_do(scores, per):
    """Without chance and carry-over the band is exactly the difference of the lists."""
    plans = {n: fr.plan_visits(scores, capacity=n, per=per, audit=0, random_state=1) for n in (18, 20, 22)}
    ids = {n: set(plan.frame["household_id"]) for n, plan in plans.items()}
    band = plans[20].band.set_index("household_id")["band"]
    assert set(band[band == "in_with_more"].index) == ids[22] - ids[20]
    assert set(band[band == "out_with_fewer"].index) == ids[20] - ids[18]
    listed = plans[20].frame
    assert set(listed.loc[listed["band"] == "out_with_fewer", "household_id"]) == ids[20] - ids[18]


def test_unfinished_households_come_first_and_keep_their_draw(scores):
    """Who was not visited is carried over, counted and, after two rounds, marked; by which chance it came is kept."""
    first = fr.plan_visits(scores, capacity=10, random_state=1)
    ids = first.frame["household_id"].tolist()
    states = pd.DataFrame(
        {"household_id": ids[:4], "state": ["verified", "refuted", "dead", "verifying"], "since": "2024-01-10"}
    )
    later = scores.assign(as_of=pd.Timestamp("2024-03-31"))
    second = fr.plan_visits(later, capacity=10, random_state=2, previous=first, states=states)
    carried = second.frame[second.frame["section"] == "carried_over"]
    assert set(carried["household_id"]) == set(ids[3:])
    assert set(carried["why_listed"]) == {"carried_over"}
    assert set(carried["previous_list"]) == {first.list_id}
    assert set(carried["rounds"]) == {1}
    assert not carried["escalated"].any()
    kept = ["draw_stratum", "draw_probability", "draw_seed", "draw_day"]
    pd.testing.assert_frame_equal(
        carried.set_index("household_id")[kept].sort_index(),
        first.frame.set_index("household_id").loc[ids[3:], kept].sort_index(),
    )
    out = second.left_out.set_index("household_id")["reason"]
    assert out[ids[:3]].tolist() == ["in_procedure", "refuted", "dead"]
    third = fr.plan_visits(later, capacity=10, random_state=3, previous=second, states=states)
    assert set(third.frame.loc[third.frame["rounds"] == 2, "household_id"]) == set(ids[3:])
    assert third.frame.set_index("household_id")["escalated"].sum() == len(ids) - 3
    assert third.frame["section"].value_counts()["carried_over"] == 10


def test_who_waits_is_not_lost(scores):
    """More unfinished households than visits: the others wait, and come in the next round, longest first."""
    first = fr.plan_visits(scores, capacity=10, random_state=1)
    second = fr.plan_visits(scores, capacity=4, random_state=2, previous=first)
    assert set(second.frame["section"]) == {"carried_over"}
    waiting = second.left_out[second.left_out["reason"] == "waiting"]
    assert len(second.frame) + len(waiting) == 10
    assert second.draws["drawn"].sum() == 0
    visited = pd.DataFrame({"household_id": second.frame["household_id"], "state": "verified"})
    third = fr.plan_visits(scores, capacity=20, random_state=3, previous=second, states=visited)
    carried = third.frame[third.frame["section"] == "carried_over"]
    assert set(carried["household_id"]) == set(waiting["household_id"])
    assert set(carried["rounds"]) == {2}
    assert carried["draw_probability"].notna().all()


def test_a_plan_and_its_written_list_carry_over_the_same(scores, tmp_path):
    """What is read back from a file is the last list as the plan itself is."""
    first = fr.plan_visits(scores, capacity=10, random_state=1)
    first.frame.to_csv(tmp_path / "list.csv", index=False)
    read = pd.read_csv(tmp_path / "list.csv", dtype="str", keep_default_na=False)
    plans = [fr.plan_visits(scores, capacity=12, random_state=2, previous=one) for one in (first, first.frame, read)]
    for plan in plans[1:]:
        pd.testing.assert_frame_equal(plan.frame, plans[0].frame)


def test_who_is_not_scored_any_more_is_counted(scores):
    """A household of the last list that has left the register is left out with that reason, or that of its state."""
    first = fr.plan_visits(scores, capacity=10, random_state=1)
    ids = first.frame["household_id"].tolist()
    rest = scores[~scores["household_id"].isin(ids[:2])]
    states = pd.DataFrame({"household_id": [ids[0]], "state": ["merged"]})
    second = fr.plan_visits(rest, capacity=10, random_state=2, previous=first, states=states)
    assert second.left_out.set_index("household_id")["reason"].loc[ids[:2]].tolist() == ["merged", "not_on_record"]
    assert second.households == len(scores)


def test_who_the_ledger_knows_as_monitored_is_not_ranked_by_risk(scores):
    """The register may lag behind: what the ledger says of support counts."""
    top = scores.loc[scores["risk"].idxmax(), "household_id"]
    states = pd.DataFrame({"household_id": [top], "state": ["supported"]})
    listed = fr.plan_visits(scores, capacity=40, random_state=1, states=states).frame.set_index("household_id")
    assert top not in listed.index or listed.loc[top, "section"] == "monitored"


def test_who_the_forecast_is_not_about_is_left_out_unless_a_rule_lists_it(scores):
    """Below the line already: by rule, and without a risk; of whom nothing is known: left out with that reason."""
    target = scores.assign(
        not_at_risk=np.where(scores["rules"] == "income_line", "already_below_line", ""), monitored=False
    )
    target.loc[target["rules"] == "", "not_at_risk"] = "no_income_before"
    plan = fr.plan_visits(target, capacity=300, random_state=1)
    below = plan.frame[plan.frame["not_at_risk"] == "already_below_line"]
    assert set(below["section"]) == {"rule"}
    assert below["risk"].isna().all()
    assert set(plan.left_out["reason"]) == {"no_income_before"}
    assert (
        "already_below_line"
        not in scores.set_index("household_id").loc[plan.draws["household_id"], "not_at_risk"].tolist()
    )


def test_a_model_of_the_monitored_ranks_them():
    """Its list by risk is that of the monitored, and they are drawn at random too."""
    scores = made(200).assign(monitored=True, not_at_risk="", at_risk=True, rules="")
    plan = fr.plan_visits(scores, capacity=20, random_state=1)
    assert plan.frame["section"].value_counts().to_dict() == {"monitored": 18, "audit": 2}
    assert plan.frame.loc[plan.frame["section"] == "monitored", "risk"].is_monotonic_decreasing


def test_capacity_may_differ_by_unit(scores):
    """A number for each; a unit without one is named."""
    visits = {"211282101": 3, "211282102": 0, "211223100": 7}
    plan = fr.plan_visits(scores, capacity=visits, per="township", random_state=1)
    assert plan.frame["area"].value_counts().to_dict() == {"211223100": 7, "211282101": 3}
    with pytest.raises(SchemaError, match="211223100"):
        fr.plan_visits(scores, capacity={"211282101": 3, "211282102": 0}, per="township", random_state=1)


def test_groups_share_the_visits_by_risk(scores):
    """As on the watch list: each group has visits in proportion to its households."""
    group = {one: "AB"[int(one[1:]) % 2] for one in scores["household_id"]}
    plan = fr.plan_visits(scores, capacity=20, audit=0, by_rule=0, monitored=0, group=group, random_state=1)
    shares = plan.frame["household_id"].map(group).value_counts()
    assert abs(shares["A"] - shares["B"]) <= 2


def test_every_household_is_visited_where_there_are_visits_for_all(scores):
    """More visits than households: all, none at random."""
    plan = fr.plan_visits(scores, capacity=1000, random_state=1)
    assert len(plan.frame) == len(scores)
    assert "audit" not in set(plan.frame["section"])
    assert plan.band.empty


def test_a_real_county_is_planned_with_measures():
    """From a model and its register: the list says measures by rule, in words too; everything adds up."""
    register = fr.make_register(600, random_state=0)
    scores = fr.load_model("demo").score(register, "2023-12-31")
    plan = fr.plan_visits(scores, capacity=10, per="township", random_state=1, register=register)
    assert plan.frame["measures_by_rule"].ne("").any()
    assert set(plan.measures["household_id"]) <= set(plan.frame["household_id"])
    for lang in ("zh", "en"):
        words = fr.in_words(plan.frame, lang=lang)
        assert not words["why_listed"].isin(["model", "audit", "both"]).any()
        assert (words["checks"] != "").any()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"audit": 1}, "audit is 1"), ({"audit": -0.1}, "audit"), ({"by_rule": 0.7, "monitored": 0.7}, "add up"),
        ({"random_state": -1}, "random_state"), ({"random_state": 1.5}, "random_state"), ({"capacity": 0}, "capacity"),
        ({"per": "street"}, "per"), ({"per": "visitor"}, "needs visitors"), ({"near": "much"}, "near"), ({"shares": "luck"}, "shares"),
        ({"escalate_after": 0}, "escalate_after"), ({"visitors": 3}, "visitors"), ({"states": 3}, "states"), ({"previous": 3}, "previous"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(scores, options, told):
    """The message names the option."""
    with pytest.raises(FanpinError, match=told):
        fr.plan_visits(scores, **({"random_state": 0} | options))


def test_scores_of_two_days_are_refused(scores):
    """A plan is of one day."""
    two = scores.assign(as_of=[pd.Timestamp("2023-12-31")] * 399 + [pd.Timestamp("2024-01-31")])
    with pytest.raises(SchemaError, match="scores are of 2 days"):
        fr.plan_visits(two, random_state=0)


def test_nobody_to_visit_is_a_plan_too():
    """No scores: an empty list, and all its columns."""
    plan = fr.plan_visits(made(10).iloc[:0], random_state=0)
    assert plan.frame.empty
    assert {"section", "draw_probability", "checks"} <= set(plan.frame.columns)
    assert "audit=0" in repr(plan)


def test_probabilities_hold_over_seeds():
    """Over many seeds each candidate is drawn as often as it says; with ties of risk broken by the seed, on the list as a whole."""
    scores = made(30).assign(rules="", monitored=False, not_at_risk="")
    counts = pd.Series(0.0, index=sorted(scores["household_id"]))
    expected = counts.copy()
    for seed, audit in product(range(150), (0.5,)):
        plan = fr.plan_visits(scores, capacity=8, audit=audit, random_state=seed)
        counts[plan.draws.loc[plan.draws["drawn"], "household_id"]] += 1
        expected[plan.draws["household_id"]] += plan.draws["draw_probability"].to_numpy()
    spread = np.sqrt(expected * (1 - (expected / 150).clip(upper=1)))
    assert ((counts - expected).abs() <= 4.5 * spread + 1).all()


@pytest.mark.parametrize("per", [None, "township"])
def test_every_household_is_accounted_for_with_its_reason(scores, per):
    """Listed, or could have been drawn, or left out and why: the monitored and those of rules without a visit, too."""
    below = scores.assign(
        not_at_risk=scores["not_at_risk"].mask(scores["household_id"] < "H0040", "already_below_line")
    )
    first = fr.plan_visits(below, capacity=8, per=per, random_state=1)
    for previous, capacity in ((None, 8), (None, 200), (first, 3)):
        plan = fr.plan_visits(below, capacity=capacity, per=per, random_state=1, previous=previous)
        not_drawn = plan.draws.loc[~plan.draws["drawn"], "household_id"]
        parts = pd.concat([plan.frame["household_id"], not_drawn, plan.left_out["household_id"]])
        assert parts.is_unique
        assert sorted(parts) == sorted(below["household_id"])
        assert (plan.left_out["reason"] != "").all()
        counts = plan.summary().set_index(["about", "code"])["households"]
        assert counts[("not_listed", "")] == len(not_drawn)
    out = first.left_out.set_index("household_id")["reason"]
    by_id = below.set_index("household_id")
    assert by_id.loc[out.index[out == "monitored_no_visit"], "monitored"].all()
    assert (by_id.loc[out.index[out == "rule_no_visit"], "rules"] != "").all()
    assert {"monitored_no_visit", "rule_no_visit", "already_below_line"} <= {*out}
