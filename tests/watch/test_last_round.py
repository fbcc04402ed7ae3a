"""What became of the last list: who is left out, who is carried over."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.watch.last_round import (
    EVERY_STATE,
    LEFT_OUT_OF_PLAN,
    last_list,
    left_out_by_state,
    states_of_households,
    unfinished,
)

DAY = pd.Timestamp("2024-06-30")


def found(*rows):
    return pd.DataFrame(rows, columns=["state", "since"]).assign(since=lambda one: pd.to_datetime(one["since"]))


def test_states_are_those_of_the_households_asked_about():
    """In their order and with their index; without a state where none is on record."""
    states = pd.DataFrame(
        {"household_id": ["a", "b", "c"], "state": ["dead", None, "-"], "since": ["2024-01-01", None, None]}
    )
    ids = pd.Series(["c", "b", "a"], index=[7, 8, 9])
    known = states_of_households(states, ids)
    assert known.index.tolist() == [7, 8, 9]
    assert known["state"].tolist() == ["", "", "dead"]
    assert known["since"].tolist()[2] == pd.Timestamp("2024-01-01")
    assert states_of_households(None, ids)["state"].tolist() == ["", "", ""]
    assert states_of_households(states.drop(columns="since"), ids)["since"].isna().all()


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (pd.DataFrame({"household_id": ["a"]}), "no column"),
        (pd.DataFrame({"household_id": ["a", "a"], "state": ["dead", "moved"]}), "1 rows repeat"),
        (pd.DataFrame({"household_id": ["a"], "state": ["asleep"]}), "are not codes"),
    ],
)
def test_states_that_cannot_be_used_are_refused(states, told):
    """A column that is not there, a household with two states, a state that there is not; no id is said."""
    with pytest.raises(SchemaError, match=told):
        states_of_households(states, pd.Series(["a"]))


@pytest.mark.parametrize(
    ("state", "since", "reason"),
    [
        ("", None, ""), ("clue", "2024-06-01", ""), ("verifying", "2024-06-01", ""), ("verified", "2024-06-01", "in_procedure"),
        ("approved", "2020-01-01", "in_procedure"), ("supported", "2024-06-01", ""), ("closed", "2024-06-01", ""),
        ("refuted", "2024-01-01", "refuted"), ("refuted", "2023-12-30", ""), ("refuted", None, "refuted"),
        ("negative", "2024-06-01", "negative"), ("not_here", "2024-06-01", "not_here"), ("dead", "2010-01-01", "dead"),
        ("moved", None, "moved"), ("merged", "2010-01-01", "merged"), ("dissolved", None, "dissolved"), ("split", None, "split"),
    ],
)  # fmt: skip
def test_who_is_left_out(state, since, reason):
    """For good, for six months, or until recognition ends; where it is not known since when, as if it were lately."""
    assert left_out_by_state(found((state, since)), DAY).tolist() == [reason]


def test_the_time_of_the_refuted_can_be_set_and_every_reason_has_words():
    """Twelve months: a year ago is long ago, eleven months are not."""
    some = found(("refuted", "2023-06-30"), ("refuted", "2023-07-31"))
    assert left_out_by_state(some, DAY, refuted_months=12).tolist() == ["", "refuted"]
    reasons = set(left_out_by_state(found(*((state, None) for state in EVERY_STATE)), DAY)) - {""}
    without_visit = {"waiting", "monitored_no_visit", "rule_no_visit", "no_forecast"}
    assert reasons | {*without_visit, "not_on_record"} == set(LEFT_OUT_OF_PLAN)


def test_unfinished_is_who_has_nothing_new():
    """No state, an open clue, or what was on record before the list already; who is visited, dead or supported is finished."""
    last = last_list(pd.DataFrame({"household_id": list("abcdefgh"), "as_of": "2024-03-31"}))
    rows = found(
        ("", None), ("verifying", "2024-04-02"), ("refuted", "2024-04-02"), ("refuted", "2023-01-01"), ("verified", "2024-04-02"),
        ("supported", "2024-01-01"), ("dead", "2024-04-02"), ("closed", "2024-01-01"),
    )  # fmt: skip
    assert "".join(last["household_id"][unfinished(last, rows)]) == "abdh"


def test_a_list_read_from_a_file_keeps_its_draws():
    """Texts of a csv become numbers; what it does not say is that it was by rank."""
    written = pd.DataFrame(
        {"household_id": ["a", "b"], "list_id": "L1", "rounds": ["1", "0"], "draw_probability": ["0.25", "1.0"], "draw_seed": ["7", ""],
         "draw_stratum": ["p|low", "by_rank"], "as_of": "2024-03-31"}
    )  # fmt: skip
    last = last_list(written)
    assert last["rounds"].tolist() == [1, 0]
    assert last["draw_probability"].tolist() == [0.25, 1.0]
    assert last["draw_seed"].tolist()[0] == 7
    assert last["draw_seed"].isna().tolist() == [False, True]
    assert last_list(None).empty
    with pytest.raises(SchemaError, match="no column"):
        last_list(pd.DataFrame({"rank": [1]}))
    with pytest.raises(SchemaError, match="1 rows repeat"):
        last_list(pd.DataFrame({"household_id": ["a", "a"]}))


def test_the_list_of_a_plan_with_households_waiting_is_not_the_plan():
    """They do not stand in it: it is refused, and the plan is to be given; a list without any waiting is taken."""
    scores = pd.DataFrame({"household_id": list("abcdefgh"), "risk": 0.5, "monitored": False})
    first = fr.plan_visits(scores, capacity=6, random_state=1)
    second = fr.plan_visits(scores, capacity=2, random_state=2, previous=first.frame)
    with pytest.raises(SchemaError, match=r"4 households that were waiting .* previous=plan"):
        fr.plan_visits(scores, capacity=8, random_state=3, previous=second.frame)
    third = fr.plan_visits(scores, capacity=8, random_state=3, previous=second)
    assert (third.frame["section"] == "carried_over").sum() == 6
    again = fr.plan_visits(scores, capacity=8, random_state=3, previous=second.of_last_round())
    assert again.frame.equals(third.frame)
