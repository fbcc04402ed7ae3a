"""What is due on which day, for whom, and what is never asked."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.ledger import DUE_WORDS
from fanpin_risk.ledger.clocks import DUE_COLUMNS
from fanpin_risk.policy import Policy
from fanpin_risk.policy.spells import supports_since


def record(ledger, *events, household="h1"):
    for event, on, *evidence in events:
        ledger.append(household_id=household, event=event, on=on, who="village", **(evidence[0] if evidence else {}))


def due(ledger, day, **options):
    """Return what is due as code -> (deadline, days overdue)."""
    rows = ledger.due(day, **options)
    return {row.due: (row.deadline.date().isoformat(), row.days_overdue) for row in rows.itertuples()}


MAY, MAY_2 = "2024-05-01", "2024-05-02"
ENTERED = (("found", "2024-01-01"), ("verified", "2024-01-03"), ("entered", "2024-01-10"))


@pytest.mark.parametrize(
    ("events", "day", "expected"),
    [
        ((("found", MAY),), "2024-05-01", {"verification": ("2024-05-04", -3)}),
        ((("found", MAY),), "2024-05-20", {"recognition": ("2024-05-16", 4), "verification": ("2024-05-04", 16)}),
        # A further signal starts no clock anew; another one after the end of the first does.
        ((("found", MAY), ("found", "2024-05-09")), "2024-05-17", {"recognition": ("2024-05-16", 1), "verification": ("2024-05-04", 13)}),
        ((("found", MAY), ("refuted", "2024-05-02"), ("found", "2024-07-01")), "2024-07-02", {"verification": ("2024-07-04", -2)}),
        ((("found", MAY), ("refuted", "2024-05-02")), "2024-12-31", {}),
        ((("found", MAY), ("verified", MAY_2)), "2024-05-12", {}),
        ((("found", MAY), ("verified", MAY_2), ("authorised", "2024-05-03")), "2024-05-10", {"comparison": ("2024-05-08", 2)}),
        ((("found", MAY), ("verified", MAY_2), ("published", "2024-05-05")), "2024-05-10", {"end_of_notice": ("2024-05-10", 0)}),
        (ENTERED, "2024-02-20", {"measure": ("2024-02-10", 10), "visit": ("2024-02-09", 11)}),
        ((*ENTERED, ("supported", "2024-02-01"), ("checked", "2024-02-05")), "2024-03-01", {}),
        ((*ENTERED, ("supported", "2024-02-01"), ("checked", "2024-07-10")), "2024-07-11", {"development": ("2024-07-10", 1)}),
        ((*ENTERED, ("supported", "2024-02-01", {"measure": "employment"}), ("checked", "2024-07-10")), "2024-07-11", {}),
        ((*ENTERED, ("supported", "2024-02-01", {"measures": ["health", "industry"]}), ("checked", "2024-07-10")), "2024-07-11", {}),
        ((*ENTERED, ("supported", "2024-02-01", {"no_labour": True}), ("checked", "2024-07-10")), "2024-07-11", {}),
    ],
)  # fmt: skip
def test_deadlines_of_the_procedure(ledger, events, day, expected):
    """From the days of events and the numbers that ship; three days before, it is shown."""
    record(ledger, *events)
    assert due(ledger, day) == expected


@pytest.mark.parametrize(
    ("checks", "day", "expected"),
    [
        ((), "2024-09-28", {"buffer_check": ("2024-09-30", -2)}),
        (("2024-10-05",), "2024-12-31", {"buffer_check": ("2024-12-31", 0)}),
        (("2024-10-05", "2025-01-02"), "2025-06-30", {"buffer_check": ("2025-06-30", 0), "closing": ("2025-06-30", 0)}),
        (("2024-10-05", "2025-07-01"), "2025-07-02", {"closing": ("2025-06-30", 2)}),
    ],
)
def test_checks_after_an_elimination(ledger, checks, day, expected):
    """After 3, 6 and 12 months, at the end of a month where it began at one; then the case is closed."""
    record(ledger, *ENTERED, ("supported", "2024-02-01"), ("eliminated", "2024-06-30"))
    record(ledger, *(("checked", on) for on in checks))
    assert due(ledger, day) == expected
    record(ledger, ("closed", "2025-07-03"))
    assert due(ledger, "2025-12-31") == {}


IN_TIME = (("found", MAY), ("verified", MAY_2), ("published", "2024-05-05"))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((*IN_TIME, ("reviewed", "2024-05-10")), []),
        ((*IN_TIME, ("reviewed", "2024-05-09")), [("short_notice", "township", "stood_4_of_5_days")]),
        ((*IN_TIME, ("approved", "2024-05-05")), [("short_notice", "county", "stood_0_of_5_days")]),
        ((*IN_TIME, ("entered", "2024-05-07")), [("short_notice", "township", "stood_2_of_5_days")]),
        # Sent back and published anew: the last notice counts.
        ((*IN_TIME, ("reviewed", "2024-05-06"), ("sent_back", "2024-05-07"), ("verified", "2024-05-07"), ("published", "2024-05-08")), []),
        ((*IN_TIME, ("reviewed", "2024-05-06"), ("sent_back", "2024-05-07"), ("verified", "2024-05-07"), ("published", "2024-05-08"),
          ("reviewed", "2024-05-13")), []),
        # An office that notes no notice is not said to have cut it short; a notice of an earlier way is none of this one.
        ((("found", MAY), ("verified", MAY_2), ("approved", "2024-05-03")), []),
        ((*IN_TIME, ("reviewed", "2024-05-06"), ("sent_back", "2024-05-07"), ("refuted", "2024-05-08"), ("found", "2024-05-09"),
          ("verified", "2024-05-10"), ("approved", "2024-05-11")), []),
        ((*IN_TIME, ("reviewed", "2024-05-09"), ("item_cleared", "2024-05-12", {"item": "short_notice", "reason": "public holiday"})), []),
    ],
)  # fmt: skip
def test_a_notice_that_had_not_stood_for_its_days_is_named(ledger, events, expected):
    """By whom the next step was taken and how long it stood; it is refused to nobody, and settled with a reason."""
    record(ledger, *events)
    rows = ledger.due("2024-05-13")
    rows = rows[rows["due"].str.startswith("short")]
    assert [*rows[["due", "by", "note"]].itertuples(index=False, name=None)] == expected
    assert rows["deadline"].isna().all()


def test_the_notice_of_an_exit_has_its_days_as_well(ledger):
    """Also after the elimination; its days are those of the policy."""
    record(
        ledger, *ENTERED, ("supported", "2024-02-01"), ("exit_checked", "2024-08-01"), ("exit_published", "2024-08-02")
    )
    assert "short_exit_notice" not in due_codes(ledger)
    record(ledger, ("exit_approved", "2024-08-04"))
    assert "short_exit_notice" in due_codes(ledger)
    record(ledger, ("eliminated", "2024-08-20"))
    assert "short_exit_notice" in due_codes(ledger)
    fewer = pd.DataFrame({"name": ["notice_days"], "area_prefix": [""], "valid_from": ["2021-01-01"], "value": [2]})
    assert "short_exit_notice" not in due_codes(ledger, policy=Policy(fewer))
    record(ledger, ("item_cleared", "2024-08-21", {"item": "short_exit_notice", "reason": "hung on the 28th"}))
    assert "short_exit_notice" not in due_codes(ledger)


def due_codes(ledger, **options):
    return set(ledger.due("2024-08-21", **options)["due"])


def test_items_of_guarantees_are_due_until_they_are_cleared(ledger):
    """Each with its owner and deadline; the same item opened again is open again."""
    record(ledger, ("found", "2024-05-01", {"area_code": "211282001"}), ("verified", "2024-05-02"))
    record(
        ledger,
        ("item_opened", "2024-05-02", {"item": "safe_water", "owner": "water-office", "deadline": "2024-05-20"}),
        ("item_opened", "2024-05-02", {"item": "safe_housing"}),
        ("item_opened", "2024-05-02", {"item": "basic_medical", "deadline": "2024-06-30"}),
        ("item_cleared", "2024-05-22", {"item": "safe_housing", "rows": ["housing:2024-05-22"]}),
    )
    rows = ledger.due("2024-05-21")
    rows = rows[rows["due"] == "item"].set_index("item")
    assert rows["days_overdue"].astype("object").where(rows["days_overdue"].notna(), None).to_dict() == {
        "safe_water": 1,
        "safe_housing": None,
    }
    assert rows.loc["safe_water", ["responsible", "area_code", "by"]].tolist() == [
        "water-office",
        "211282001",
        "village",
    ]
    assert set(ledger.due("2024-05-23", within=100).query("due == 'item'")["item"]) == {"safe_water", "basic_medical"}
    record(ledger, ("item_opened", "2024-05-25", {"item": "safe_housing"}))
    assert "safe_housing" in set(ledger.due("2024-05-25")["item"])


def test_numbers_of_the_place_and_days_ahead(ledger):
    """An office's own numbers count in its area; what is further ahead is shown where it is asked for."""
    record(ledger, ("found", "2024-05-01", {"area_code": "211282001"}))
    record(ledger, ("found", "2024-05-01", {"area_code": "530102001"}), household="h2")
    own = Policy(
        pd.DataFrame({"name": ["verify_days"], "area_prefix": ["2112"], "valid_from": ["2024-01-01"], "value": [10]})
    )
    rows = ledger.due("2024-05-01", policy=own, within=30)
    rows = rows[rows["due"] == "verification"].set_index("household_id")["deadline"].dt.strftime("%m-%d")
    assert rows.to_dict() == {"h1": "05-11", "h2": "05-04"}
    with pytest.raises(InputError, match="within"):
        ledger.due("2024-05-01", within=-1)
    with pytest.raises(SchemaError, match="policy"):
        ledger.due("2024-05-01", policy={})
    with pytest.raises(InputError, match="register"):
        ledger.due("2024-05-01", register="county")


def test_a_register_says_who_is_able_to_work_and_where(ledger):
    """A development measure is asked of the able, never where nobody is, and with a note where it is not known."""
    register = fr.make_register(200, random_state=0)
    day = "2023-12-31"
    here = fr.Snapshot(register, day)
    from fanpin_risk.policy.support_kinds import labour_of_households

    labour = pd.Series(labour_of_households(here), index=here.household_ids)
    chosen = {level: labour.index[labour == level][0] for level in ("able", "none")}
    for household in (*chosen.values(), "unknown to the register"):
        record(
            ledger, ("found", "2023-01-01"), ("verified", "2023-01-03"), ("entered", "2023-01-10"), household=household
        )
    rows = ledger.due(day, register=register)
    rows = rows[rows["due"] == "development"].set_index("household_id")
    assert set(rows.index) == {chosen["able"], "unknown to the register"}
    assert pd.isna(rows.loc[chosen["able"], "note"])
    assert rows.loc["unknown to the register", "note"] == "labour_unknown"
    assert (
        rows.loc[chosen["able"], "area_code"]
        == dict(zip(here.household_ids, here.area_codes, strict=True))[chosen["able"]]
    )


def test_an_entry_without_a_true_day_has_no_deadline(ledger):
    """The clocks of a household that was taken over from a list do not run from the day of the list."""
    told = {"state": "entered", "reason": "monitored by the register", "not_after": True}
    record(ledger, ("imported", "2024-05-01", told))
    rows = ledger.due("2024-12-31")
    assert set(rows["due"]) == {"measure", "development", "visit"}
    assert rows["deadline"].isna().all()
    assert rows["days_overdue"].isna().all()
    assert rows.set_index("due")["note"].to_dict() == {
        "measure": "since_unknown", "development": "labour_unknown;since_unknown", "visit": "since_unknown",
    }  # fmt: skip
    record(ledger, ("checked", "2024-06-01"))
    assert due(ledger, "2024-12-31")["visit"] == ("2024-07-01", 183)
    record(ledger, ("imported", "2024-01-01", told | {"not_after": None}), household="h2")
    assert ledger.due("2024-12-31").query("household_id == 'h2'")["deadline"].notna().all()


def test_an_elimination_on_an_unknown_day_starts_no_buffer(ledger):
    """As of a register that says only that the risk is over."""
    record(
        ledger,
        ("imported", "2024-01-01", {"state": "supported", "reason": "register"}),
        ("eliminated", "2024-05-01", {"reason": "register", "day_unknown": True}),
    )
    rows = ledger.due("2026-01-01")
    assert rows["due"].tolist() == ["buffer_check", "closing"]
    assert rows["deadline"].isna().all()
    assert set(rows["note"]) == {"since_unknown"}


def test_a_register_knows_the_day_that_a_list_did_not(ledger):
    """And the village by name."""
    register = fr.make_register(400, random_state=0)
    here = fr.Snapshot(register, "2023-12-31")
    spells = here.open_spells
    household = here.household_ids[spells.household[0]]
    began = pd.Timestamp(spells.identified_on[spells.household == spells.household[0]].max())
    record(
        ledger,
        ("imported", "2023-12-31", {"state": "entered", "reason": "list", "not_after": True}),
        household=household,
    )
    rows = ledger.due("2023-12-31", register=register, within=3660)
    rows = rows[rows["due"] == "visit"]
    assert rows["deadline"].tolist() == [began + pd.Timedelta(days=30)]
    assert rows["note"].isna().all()
    assert rows["area_name"].str.endswith("村").all()


def test_measures_of_the_register_count_where_the_list_knew_no_day(ledger):
    """No first measure is asked of those that it shows to have one; of the others it is."""
    register = fr.make_register(400, random_state=0)
    first = fr.exit_assessment(register, "2023-12-31")["household_id"].iloc[0]
    supports = register.tables["supports"]
    tables = register.tables | {"supports": supports[supports["household_id"] != first]}
    register = fr.Register(tables, supplied=register.supplied)
    here = fr.Snapshot(register, "2023-12-31")
    spells = here.open_spells
    has = pd.Series(supports_since(here, spells) == 1, index=here.household_ids[spells.household])
    told = {"state": "entered", "reason": "list", "not_after": True}
    for household in has.index:
        record(ledger, ("imported", "2023-12-31", told), household=household)
    rows = ledger.due("2023-12-31", register=register, within=3660)
    assert set(rows.loc[rows["due"] == "measure", "household_id"]) == set(has.index[~has])
    assert has.any()
    assert not has.all()


def test_what_was_corrected_or_recorded_later_starts_no_clock(ledger, clock):
    """As for states: what holds, or what was known then."""
    clock("2024-05-02")
    record(ledger, ("found", "2024-05-01"))
    clock("2024-06-01")
    ledger.append(household_id="h1", event="found", on="2024-05-10", who="village", supersedes=1)
    assert due(ledger, "2024-05-12")["verification"] == ("2024-05-13", -1)
    assert due(ledger, "2024-05-12", known_on="2024-05-12")["verification"] == ("2024-05-04", 8)


def test_an_empty_list_has_its_columns_and_every_duty_its_words(ledger):
    """Also in Chinese."""
    assert tuple(ledger.due("2024-05-01").columns) == DUE_COLUMNS
    assert str(ledger.due("2024-05-01")["days_overdue"].dtype) == "Int64"
    assert all(word.shown("zh") != word.shown("en") for word in DUE_WORDS.values())


def test_the_longest_overdue_comes_first(ledger):
    """Then by household."""
    for household, on in (("b", "2024-05-01"), ("a", "2024-05-01"), ("c", "2024-04-01")):
        record(ledger, ("found", on), household=household)
    rows = ledger.due("2024-05-10")
    rows = rows[rows["due"] == "verification"]
    assert rows["household_id"].tolist() == ["c", "a", "b"]
