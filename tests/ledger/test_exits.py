"""The conditions of an elimination, one by one, and what a ledger adds to the records."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.ledger import EXIT_CONDITIONS, Ledger
from fanpin_risk.policy import Policy
from fanpin_risk.policy.spells import nobody_able

DAY = "2023-12-31"
SEEN = ["compulsory_education", "basic_medical", "safe_housing", "safe_water", "food_clothing", "income_line"]


@pytest.fixture(scope="module")
def register():
    return fr.make_register(3000, random_state=0)


@pytest.fixture(scope="module")
def assessed(register):
    return fr.exit_assessment(register, DAY)


@pytest.fixture
def seen_at_home(assessed, tmp_path):
    """A ledger in which a visit saw every guarantee of every monitored household."""
    with Ledger(tmp_path / "visits.ledger") as ledger:
        rows = [
            (household, event, on)
            for household in assessed["household_id"]
            for event, on in (
                ("found", "2020-01-01"),
                ("verified", "2020-01-02"),
                ("entered", "2020-01-03"),
                ("checked", "2023-11-01"),
            )
        ]
        events = pd.DataFrame(rows, columns=["household_id", "event", "on"]).assign(who="visitor-1")
        events["seen"] = [SEEN if event == "checked" else None for event in events["event"]]
        ledger.extend(events)
        yield ledger


@pytest.fixture
def _recorded_then(monkeypatch):
    """Let events have been recorded in November 2023."""
    monkeypatch.setattr("fanpin_risk.ledger.book.now", lambda: "2023-11-02T08:00:00.000000+08:00")


def test_it_is_asked_of_the_monitored_alone(register, assessed):
    """One row for each, by id."""
    here = fr.Snapshot(register, DAY)
    assert assessed["household_id"].tolist() == here.household_ids[here.monitored == 1].tolist()


def test_one_condition_that_is_not_met_or_not_known_is_enough(assessed):
    """Missing is never yes; the open conditions are named in their order."""
    conditions = assessed[list(EXIT_CONDITIONS)]
    no, unknown = (conditions == "no").any(axis=1), (conditions == "unknown").any(axis=1)
    expected = np.where(no, "not_suggested", np.where(unknown, "unknown", "suggested"))
    assert assessed["suggestion"].tolist() == expected.tolist()
    assert set(expected) == {"not_suggested", "unknown"}
    for row in assessed.head(20).to_dict("records"):
        assert row["open"] == ";".join(name for name in EXIT_CONDITIONS if row[name] != "yes")


def test_conditions_are_those_of_the_rules(register, assessed):
    """Income against the line, months, labour: worked out anew."""
    income = assessed["net_income_per_person_cny"] >= assessed["line_cny"]
    assert not (assessed["income"] == "yes")[~income].any()
    assert ((assessed["duration"] == "yes") == (assessed["months_monitored"] >= 6)).all()
    here = fr.Snapshot(register, DAY)
    nobody = set(here.household_ids[nobody_able(here) == 1])
    assert set(assessed.loc[assessed["household_id"].isin(nobody), "labour"]) == {"no"}
    sieve = fr.screen(register, DAY)
    failing = set(sieve.loc[sieve["answer"] == "fail", "household_id"])
    assert (assessed["household_id"].isin(failing) == (assessed["guarantees"] == "no")).all()


@pytest.mark.usefixtures("_recorded_then")
def test_what_a_visit_saw_makes_known_what_no_record_tells(register, assessed, seen_at_home):
    """But what the records say is not given stays so."""
    after = fr.exit_assessment(register, DAY, ledger=seen_at_home)
    waited = assessed["open"] == "guarantees"
    assert waited.any()
    changed = after.loc[waited & (assessed["guarantees"] == "unknown"), "suggestion"]
    assert (changed == "suggested").any()
    assert set(after.loc[assessed["guarantees"] == "no", "guarantees"]) == {"no"}


def test_what_was_recorded_after_the_day_was_not_known_on_it(register, assessed, seen_at_home):
    """The visits are of November 2023, but were recorded now."""
    pd.testing.assert_frame_equal(fr.exit_assessment(register, DAY, ledger=seen_at_home), assessed)


def test_a_visit_that_was_recorded_after_the_day_was_not_known_on_it(register, assessed, ledger, clock):
    """Though the household was in the ledger by then."""
    waits = assessed.loc[assessed["open"] == "guarantees", "household_id"].iloc[0]
    clock("2020-01-10")
    for event, on in (("found", "2020-01-01"), ("verified", "2020-01-02"), ("entered", "2020-01-03")):
        ledger.append(household_id=waits, event=event, on=on, who="village")
    clock("2024-01-05")
    ledger.append(household_id=waits, event="checked", on="2023-12-01", who="visitor-1", seen=SEEN)
    told = [fr.exit_assessment(register, day, ledger=ledger).set_index("household_id") for day in (DAY, "2024-01-31")]
    assert [one.loc[waits, "guarantees"] for one in told] == ["unknown", "yes"]


@pytest.mark.usefixtures("_recorded_then")
def test_a_later_entry_and_measures_of_the_ledger_count(register, assessed, ledger):
    """Who was entered a month ago is not monitored for long enough, and has the measures since then."""
    without = assessed.loc[assessed["measure"] == "no", "household_id"].iloc[0]
    for event, on in (
        ("found", "2023-10-20"),
        ("verified", "2023-10-21"),
        ("entered", "2023-10-30"),
        ("supported", "2023-11-01"),
    ):
        ledger.append(household_id=without, event=event, on=on, who="village")
    row = fr.exit_assessment(register, DAY, ledger=ledger).set_index("household_id").loc[without]
    assert row[["measure", "duration"]].tolist() == ["yes", "no"]
    assert row["months_monitored"] <= 2


def test_numbers_of_the_place_and_the_band(register, assessed):
    """An office's own months; whoever is hardly above the line is named, without a cliff."""
    own = Policy(
        pd.DataFrame(
            {
                "name": ["usual_monitored_months", "exit_band"],
                "area_prefix": "",
                "valid_from": "2020-01-01",
                "value": [24, 2],
            }
        )
    )
    other = fr.exit_assessment(register, DAY, policy=own)
    assert (other["duration"] == "yes").sum() < (assessed["duration"] == "yes").sum()
    to_line = assessed["net_income_per_person_cny"] / assessed["line_cny"]
    for table, most in ((assessed, 1.1), (other, 2)):
        assert (table["note"].str.contains("in_band") == ((to_line >= 1) & (to_line < most))).all()
    assert (assessed["note"].str.contains("support_dependent") == (assessed["without_support"] == "no")).all()


@pytest.mark.parametrize(
    ("options", "error"),
    [({"ledger": "a.ledger"}, InputError), ({"policy": {}}, SchemaError), ({"lines": 3}, SchemaError)],
)
def test_what_is_not_what_it_should_be_is_refused(register, options, error):
    """Each by its name."""
    with pytest.raises((error, InputError), match=next(iter(options))):
        fr.exit_assessment(register, DAY, **options)
    with pytest.raises(InputError, match="register"):
        fr.exit_assessment("county", DAY)


def test_every_condition_has_its_words():
    """Also in Chinese."""
    assert all(word.shown("zh") != word.shown("en") for word in EXIT_CONDITIONS.values())
