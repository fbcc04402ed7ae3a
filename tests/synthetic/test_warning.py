"""Signals of departments, cadres and households."""

from __future__ import annotations

KEY = ["household_id", "member_id", "event_date", "channel", "signal"]


def test_a_signal_is_pending_until_it_was_looked_into(tables):
    """The first row of a signal knows no outcome; most are looked into within weeks, and the outcome has its day."""
    rows = tables["warnings"].sort_values("recorded_at", kind="stable")
    first, last = rows.drop_duplicates(KEY, keep="first"), rows.drop_duplicates(KEY, keep="last")
    assert (first["outcome"] == "pending").all()
    assert first["outcome_date"].isna().all()
    decided = last[last["outcome"] != "pending"]
    assert 0.7 < len(decided) / len(last) < 0.95
    assert ((decided["outcome_date"] - decided["event_date"]).dt.days > 0).all()


def test_a_signal_of_costs_passed_its_threshold(tables):
    """A department sends what reached its threshold, with the value."""
    costs = tables["warnings"].dropna(subset=["value", "threshold"])
    assert set(costs["signal"].astype("str")) == {"med_oop", "edu_cost", "unemployed"}
    assert (costs["value"] >= costs["threshold"] - 0.01).all()
    assert (costs["channel"] == "department").all()
