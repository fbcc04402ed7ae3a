"""From a plan to the ledger, from filled sheets to the ledger, and from there to the next plan and to labels."""

import json

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError


@pytest.fixture(scope="session")
def plan(model, register, hands):
    """Twelve visits, two of them at random."""
    return fr.plan_visits(model.score(register, hands.DAY), capacity=12, random_state=3, audit=0.15)


@pytest.fixture
def ledger(tmp_path):
    with fr.Ledger(tmp_path / "county.ledger") as opened:
        yield opened


@pytest.fixture(scope="session")
def filled(plan, register, model, hands, tmp_path_factory):
    """Sheets of the plan, all but two households filled in: the first is untrue, the second nobody met."""
    folder = tmp_path_factory.mktemp("plan") / "sheets"
    paths, left, number = fr.visit_sheets(plan.frame, register, model, folder), 2, 0
    for path in paths:
        sheets = hands.Sheets(path)
        for key in sheets.keys:
            if left:
                left -= 1
                continue
            answers = {0: {"核实结果": "不属实"}, 1: {"走访方式": "未见到", "联系结果": "外出", "核实结果": None}}.get(
                number, {}
            )
            sheets.fill(key, **answers)
            number += 1
        sheets.save(path)
    return paths


def test_who_is_listed_is_found_with_reason_and_probability(plan, ledger):
    """Each household once, with the chance that it had; the same list again changes nothing; the chain holds."""
    assert fr.record_list(ledger, plan.frame)[:2] == (13, 0)
    assert fr.record_list(ledger, plan.frame)[:2] == (0, 12)
    events = ledger.events()
    assert events["event"].value_counts().to_dict() == {"found": 11, "imported": 1, "noted": 1}
    events = events[events["event"] != "imported"]
    assert (events["list_id"] == plan.list_id).all()
    told = {one.household_id: json.loads(one.evidence) for one in events.itertuples()}
    by_id = plan.frame.set_index("household_id")
    assert {one: evidence["probability"] for one, evidence in told.items()} == by_id["draw_probability"].to_dict()
    assert {evidence["section"] for evidence in told.values()} == set(by_id["section"])
    assert ledger.state("2024-12-31")["state"].value_counts().to_dict() == {"clue": 11, "entered": 1}
    ledger.verify()


def test_what_visits_found_is_recorded_once_and_ends_the_round(plan, filled, ledger, model, register, hands):
    """Verified and refuted change where a household stands, nobody at home does not; the next plan carries over who was not met."""
    fr.record_list(ledger, plan.frame)
    events = fr.read_visits(filled, list=plan.frame)
    assert fr.record_visits(ledger, events, plan=plan.frame)[:2] == (10, 0)
    assert fr.record_visits(ledger, events, plan=plan.frame)[:2] == (0, 10)
    state = ledger.state("2025-01-31").set_index("household_id")["state"]
    assert state.value_counts().to_dict() == {"verified": 7, "clue": 3, "entered": 1, "refuted": 1}
    ledger.verify()
    following = fr.plan_visits(
        model.score(register, hands.DAY), capacity=12, random_state=3, previous=plan.of_last_round(), states=ledger.state("2025-01-31"),
    )  # fmt: skip
    carried = following.frame.loc[following.frame["section"] == "carried_over", "household_id"]
    assert set(carried) == set(state.index[state == "clue"])
    assert set(state.index[state == "verified"]).isdisjoint(following.frame["household_id"])


def test_visits_become_labels_with_the_probability_of_their_list(plan, filled, ledger):
    """Labels come straight from the ledger, weighted by one over the chance that the household had."""
    fr.record_list(ledger, plan.frame)
    fr.record_visits(ledger, fr.read_visits(filled, list=plan.frame))
    labels = fr.visit_labels(ledger, "2024-12-31")
    chance = plan.frame.set_index("household_id")["draw_probability"]
    assert len(labels) == 8
    assert labels["verified"].sum() == 7
    assert labels.set_index("household_id")["probability"].to_dict() == chance[labels["household_id"]].to_dict()


def test_a_household_unknown_to_the_ledger_is_found_by_its_list_first(plan, filled, ledger):
    """Without the list on record, what was found tells of it, with the probability that the list gives."""
    events = fr.read_visits(filled, list=plan.frame)
    recorded = fr.record_visits(ledger, events, plan=plan.frame)
    assert (recorded.new, len(recorded.refused)) == (20, 0)  # nine found and one taken over, and visited
    found = ledger.events().query("event == 'found'")
    assert all("probability" in json.loads(text) for text in found["evidence"])


def test_what_may_not_happen_is_named_and_the_others_go_on(plan, filled, ledger):
    """A household that died meanwhile is not verified; all others are."""
    fr.record_list(ledger, plan.frame)
    events = fr.read_visits(filled, list=plan.frame)
    dead = events.loc[events["event"] == "verified", "household_id"].iloc[0]
    ledger.append(household_id=dead, event="died", on="2025-01-10", who="village")
    recorded = fr.record_visits(ledger, events)
    assert recorded.new == 9
    assert recorded.refused["household_id"].tolist() == [dead]
    assert dead not in str(recorded.refused["problem"].iloc[0])
    assert ledger.state("2025-01-31").set_index("household_id").loc[dead, "state"] == "dead"


def test_a_table_without_its_columns_is_refused(ledger):
    """With the column that is missing; nothing is recorded."""
    with pytest.raises(SchemaError, match="list_id"):
        fr.record_list(ledger, pd.DataFrame({"household_id": ["a"]}))
    with pytest.raises(SchemaError, match="event"):
        fr.record_visits(ledger, pd.DataFrame({"household_id": ["a"]}))
    assert ledger.events().empty


def test_a_sheet_mended_after_it_was_read_corrects_what_was_recorded(plan, filled, ledger, hands, tmp_path):
    """The other finding, another day, another answer: each takes the place of the event of that visit, and labels still come."""
    fr.record_list(ledger, plan.frame)
    events = fr.read_visits(filled, list=plan.frame)
    fr.record_visits(ledger, events)
    household, key = events.loc[events["event"] == "verified", ["household_id", "key"]].iloc[0]
    sheets = hands.Sheets(filled[0])
    for answers, state in (
        ({"核实结果": "不属实"}, "refuted"),
        ({"核实结果": "属实", "走访方式": "电话"}, "verified"),
        ({"核实结果": "属实", "日期": "2025-01-16"}, "verified"),
    ):
        sheets.fill(key, **({"日期": "2025-01-15"} | answers))
        mended = fr.record_visits(ledger, fr.read_visits(sheets.save(tmp_path / "mended.xlsx"), list=plan.frame))
        assert (mended.new, len(mended.refused)) == (1, 0), answers
        assert ledger.state("2025-02-01").set_index("household_id").loc[household, "state"] == state
    assert len(fr.visit_labels(ledger, "2024-12-31")) == 8
    ledger.verify()


def test_after_the_risk_was_eliminated_a_visit_brings_back_or_checks(plan, filled, ledger):
    """Found in need: brought back and verified; not: checked, and not carried over again for want of a visit."""
    from fanpin_risk.visits.recording import states_with_visits

    events = fr.read_visits(filled, list=plan.frame)
    true, untrue = (events.loc[events["event"] == kind, "household_id"].iloc[0] for kind in ("verified", "refuted"))
    for household in (true, untrue):
        ledger.append(
            household_id=household,
            event="imported",
            on="2024-06-01",
            who="county",
            state="eliminated",
            reason="taken over",
        )
    fr.record_list(ledger, plan.frame)
    recorded = fr.record_visits(ledger, events)
    assert recorded.refused.empty
    told = ledger.events(households=[true, untrue])
    assert told.loc[told["household_id"] == true, "event"].tolist() == ["imported", "noted", "returned", "verified"]
    assert told.loc[told["household_id"] == untrue, "event"].tolist() == ["imported", "noted", "checked"]
    since = states_with_visits(ledger).set_index("household_id")["since"]
    assert since[untrue] == pd.Timestamp("2025-01-15")
    again = fr.record_visits(ledger, events)
    assert (again.new, again.known, len(again.refused)) == (0, int(events["complete"].sum()), 0)


def test_a_day_ahead_and_a_name_are_named_and_not_recorded(plan, filled, hands, tmp_path):
    """A visit of 2052, or by a person's name instead of a code, waits until the sheet is mended."""
    sheets = hands.Sheets(filled[0])
    first, second = sheets.keys[-2:]
    sheets.fill(first, 日期="2052-01-08")
    sheets.fill(second, 走访人="张三")
    events = fr.read_visits(sheets.save(tmp_path / "wrong.xlsx"), list=plan.frame)
    wrong = events[~events["complete"]].set_index("key")
    assert set(wrong.index) == {first, second}
    codes = {(one["field"], one["code"]) for one in events.attrs["problems"]}
    assert {("on", "after_today"), ("who", "no_code")} <= codes


def test_an_empty_ledger_knows_where_nobody_stands(ledger):
    """The first list of an office is planned from a ledger without any event."""
    from fanpin_risk.visits.recording import states_with_visits

    assert states_with_visits(ledger).columns.tolist() == ["household_id", "state", "since"]
    assert states_with_visits(ledger).empty
