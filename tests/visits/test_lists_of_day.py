"""A second list of a day and place: refused, or what becomes of the first is recorded."""

import json

import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, LedgerError
from fanpin_risk.visits.lists_of_day import common_place, lists_of_same_day


@pytest.fixture(scope="session")
def plans(model, register, hands):
    """The same day with two seeds: they differ in who is drawn."""
    scores = model.score(register, hands.DAY)
    found = [fr.plan_visits(scores, capacity=12, random_state=seed, audit=0.3).frame for seed in (3, 4)]
    assert set(found[0]["household_id"]) != set(found[1]["household_id"])
    return found


@pytest.fixture
def ledger(tmp_path):
    with fr.Ledger(tmp_path / "county.ledger") as opened:
        yield opened


def test_a_second_list_of_the_day_is_refused_with_what_is_on_record(plans, ledger):
    """Another seed is refused, with the list on record and from when; the same list changes nothing, whatever is said."""
    first, second = plans
    fr.record_list(ledger, first)
    before = ledger.head
    with pytest.raises(LedgerError, match=r"12 households, 0 of them visited") as caught:
        fr.record_list(ledger, second)
    assert first["list_id"].iloc[0] in str(caught.value)
    for what in ("refuse", "replace", "keep"):
        assert fr.record_list(ledger, first, if_another=what)[:2] == (0, 12)
    assert ledger.head == before
    with pytest.raises(InputError, match="if_another"):
        fr.record_list(ledger, second, if_another="overwrite")


def test_a_replaced_list_is_taken_back_where_nobody_went(plans, ledger):
    """Visited ones stay, noted ones are noted, the others are taken back; then the first list is recorded no more."""
    first, second = plans
    fr.record_list(ledger, first)
    found = ledger.events().query("event == 'found'")["household_id"].tolist()
    only_first = [one for one in found if one not in set(second["household_id"])]
    visited, noted = only_first[:2]
    ledger.append(household_id=visited, event="refuted", on="2025-01-10", who="V01", list_id=first["list_id"].iloc[0])
    ledger.append(household_id=noted, event="noted", on="2025-01-10", who="V01", reason="not at home")
    recorded = fr.record_list(ledger, second, if_another="replace")
    assert recorded.refused.empty
    state = ledger.state("2025-02-01").set_index("household_id")["state"]
    assert (state[visited], state[noted]) == ("refuted", "clue")
    assert not {one for one in only_first[2:] if state.get(one, "-") != "-"}
    last = json.loads(ledger.events(households=noted)["evidence"].iloc[-1])
    assert last["replaced_by"] == second["list_id"].iloc[0]
    holds = ledger.events().query("superseded_by.isna() and event == 'found'").set_index("household_id")
    new = set(second["household_id"]) & set(holds.index)
    assert {json.loads(text)["probability"] for text in holds.loc[sorted(new), "evidence"]} == set(
        second.set_index("household_id").loc[sorted(new), "draw_probability"]
    )
    assert fr.record_list(ledger, second)[:2] == (0, 12)
    with pytest.raises(LedgerError, match="was replaced by another one"):
        fr.record_list(ledger, first, if_another="keep")
    ledger.verify()


def test_both_are_kept_when_it_is_said_so(plans, ledger):
    """The first stays as it was; the second says beside which list it stands."""
    first, second = plans
    fr.record_list(ledger, first)
    kept = ledger.events()
    fr.record_list(ledger, second, if_another="keep")
    events = ledger.events()
    assert events["superseded_by"].isna().all()
    assert events.iloc[: len(kept)]["hash"].tolist() == kept["hash"].tolist()
    assert fr.record_list(ledger, second)[:2] == (0, 12)
    told = events.loc[events["list_id"] == second["list_id"].iloc[0], "evidence"].map(json.loads)
    assert all(one["beside_lists"] == [first["list_id"].iloc[0]] for one in told)


def test_other_places_and_days_are_lists_of_their_own(plans, ledger):
    """A list of another township or day is not refused; one of the county that holds the township is."""
    first = plans[0]
    here = first.assign(area_code="520522101001")
    there = first.assign(
        area_code="520522203001", household_id=first["household_id"] + "x", list_id="20241231-there", monitored=False
    )
    fr.record_list(ledger, here)
    assert fr.record_list(ledger, there).new == len(there)
    fr.record_list(ledger, here.assign(as_of="2025-01-31", list_id="20250131-next"))
    wide = there.assign(list_id="wide", household_id=first["household_id"] + "y", area_code="520522")
    with pytest.raises(LedgerError, match="another list of 2024-12-31"):
        lists_of_same_day(ledger, wide)


def test_the_place_of_a_list_ends_where_a_place_ends():
    """At a village, township, county ...; nowhere else."""
    assert common_place(["520522101001", "520522101009"]) == "520522101"
    assert common_place(["520522101001"]) == "520522101001"
    assert common_place(["520522101001", ""]) == ""
