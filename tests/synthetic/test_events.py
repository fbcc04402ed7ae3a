"""Sudden events and support: tests synthetic/events.py."""

from __future__ import annotations


def test_insurance_never_pays_more_than_was_lost(tables):
    """What is insured is a part of the loss."""
    shocks = tables["shocks"].dropna(subset=["insured_cny"])
    assert (shocks["insured_cny"] <= shocks["loss_cny"] + 0.005).all()
    assert (shocks["insured_cny"] > 0).any()


def test_a_disaster_strikes_a_village(tables):
    """Neighbours are struck on the same day: floods and droughts do not choose single households."""
    floods = tables["shocks"][tables["shocks"]["kind"] == "flood"].drop_duplicates(["household_id", "event_date"])
    village = tables["households"].drop_duplicates("household_id").set_index("household_id")["area_code"]
    together = floods.groupby([floods["household_id"].map(village), "event_date"])["household_id"].nunique()
    assert len(floods) > 100
    assert together.median() >= 2


def test_support_ends_after_it_began_and_some_goes_on(tables):
    """Measures done once end within months; lasting ones are open until their end is on record."""
    supports = tables["supports"].sort_values("recorded_at", kind="stable")
    last = supports.drop_duplicates(["household_id", "member_id", "start_date", "measure"], keep="last")
    ended = last.dropna(subset=["end_date"])
    assert (ended["end_date"] >= ended["start_date"]).all()
    assert 0.2 < last["end_date"].isna().mean() < 0.9
    once = ended[ended["measure"] == "temporary_aid"]
    assert ((once["end_date"] - once["start_date"]).dt.days < 150).all()
