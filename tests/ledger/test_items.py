"""Guarantees that are not given, and what the ledger says was done for them."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.ledger import ITEM_STATUSES

DAY = "2024-06-30"


def answers(**of_rules):
    """Answers for the household h1."""
    rows = [
        {"household_id": "h1", "rule": rule, "answer": answer, "member_ids": "", "evidence": "e"}
        for rule, answer in of_rules.items()
    ]
    return pd.DataFrame(rows, columns=["household_id", "rule", "answer", "member_ids", "evidence"])


@pytest.fixture
def entered(ledger):
    """A ledger with a household that was entered, and what adds events to it."""

    def add(event, on, **evidence):
        ledger.append(household_id="h1", event=event, on=on, who="village", **evidence)

    for event, on in (("found", "2024-01-01"), ("verified", "2024-01-02"), ("entered", "2024-01-05")):
        add(event, on)
    return ledger, add


@pytest.mark.parametrize(
    ("events", "answer", "status"),
    [
        ((), "fail", "nobody"),
        ((), "pass", None),
        ((), "unknown", None),
        ((("item_opened", "2024-02-01", "2024-07-31"),), "fail", "open"),
        ((("item_opened", "2024-02-01", "2024-06-29"),), "fail", "overdue"),
        ((("item_opened", "2024-02-01", "2024-06-29"),), "pass", "given_but_open"),
        ((("item_opened", "2024-02-01", "2024-06-29"), ("item_cleared", "2024-05-01", None)), "pass", "cleared"),
        ((("item_opened", "2024-02-01", "2024-06-29"), ("item_cleared", "2024-05-01", None)), "fail", "cleared_but_fails"),
        ((("item_opened", "2024-02-01", None), ("item_cleared", "2024-05-01", None), ("item_opened", "2024-06-01", None)), "fail", "open"),
        # What happens after the day is not known on it.
        ((("item_opened", "2024-02-01", "2024-07-31"), ("item_cleared", "2024-07-01", None)), "fail", "open"),
    ],
)  # fmt: skip
def test_the_status_of_an_item(entered, events, answer, status):
    """By the records, and by what was reported; a report that the records contradict is named."""
    ledger, add = entered
    for event, on, deadline in events:
        add(event, on, item="safe_water", deadline=deadline, owner="water-office")
    items = ledger.items(answers(safe_water=answer), DAY)
    assert items["status"].tolist() == ([] if status is None else [status])
    assert set(items["status"]) <= set(ITEM_STATUSES)


def test_what_a_row_says(entered):
    """Owner, deadline, days, measures since it was opened, and the evidence of the records."""
    ledger, add = entered
    add("supported", "2024-01-20", measure="employment")
    add("item_opened", "2024-02-01", item="safe_water", owner="water-office", deadline="2024-06-20")
    add("supported", "2024-03-01", measures=["water", "housing"])
    (row,) = ledger.items(answers(safe_water="fail", safe_housing="pass"), DAY).to_dict("records")
    assert pd.isna(row.pop("area_name"))
    assert row == {
        "household_id": "h1", "area_code": "", "item": "safe_water", "answer": "fail", "status": "overdue",
        "owner": "water-office", "deadline": pd.Timestamp("2024-06-20"), "days_overdue": 10,
        "opened_on": pd.Timestamp("2024-02-01"), "cleared_on": pd.NaT, "measures": "water;housing", "member_ids": "",
        "evidence": "e",
    }  # fmt: skip


def test_an_item_that_the_records_do_not_ask_stays_on_the_list(entered):
    """Missing is never given."""
    ledger, add = entered
    add("item_opened", "2024-02-01", item="heating", owner="village")
    items = ledger.items(answers(), DAY)
    assert items[["item", "answer", "status"]].to_numpy().tolist() == [["heating", "unknown", "open"]]


def test_answers_of_the_sieve_are_taken_as_they_are(ledger):
    """Every guarantee that fails has its row, before anybody took it."""
    table = fr.screen(fr.make_register(300, random_state=0), "2023-12-31")
    register = fr.make_register(300, random_state=0)
    items = ledger.items(table, "2023-12-31", register=register)
    here = fr.Snapshot(register, "2023-12-31")
    codes = dict(zip(here.household_ids, here.area_codes, strict=True))
    assert items["area_code"].tolist() == [codes[one] for one in items["household_id"]]
    assert items["area_name"].notna().all()
    assert len(items) == (table["answer"] == "fail").sum() > 0
    assert set(items["status"]) == {"nobody"}
    with pytest.raises(SchemaError, match="answers has no column rule"):
        ledger.items(table.drop(columns="rule"), "2023-12-31")
