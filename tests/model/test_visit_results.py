"""What visits found, as labels: forms, checks, and how much each stands for."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.model.visit_results import checked_visits, visit_labels

DAY = "2023-12-31"


def visits(**columns: list) -> pd.DataFrame:
    """Four visits: two on the list, one drawn, one to nobody at home."""
    given = {
        "household_id": ["a", "b", "c", "d"],
        "visited_on": ["2024-01-05", "2024-01-06", "2024-02-01", "2024-02-01"],
        "result": ["verified", "refuted", "verified", "not_at_home"],
        "probability": [1.0, 1.0, 0.05, 0.05],
    }
    return pd.DataFrame(given | columns)


class Book:
    """Something with events, as a ledger has."""

    def __init__(self, rows: list[dict]) -> None:
        self.rows = rows

    def events(self) -> pd.DataFrame:
        """Return what happened, the evidence as JSON."""
        frame = pd.DataFrame(self.rows)
        return frame.assign(on=pd.to_datetime(frame["on"]))


def test_labels_stand_for_one_over_their_probability():
    """A household drawn with 1 in 20 stands for twenty; one by rank for itself; nobody at home is no label."""
    labels = visit_labels(visits(), DAY)
    assert labels["household_id"].tolist() == ["a", "b", "c"]
    assert labels["verified"].tolist() == [1, 0, 1]
    assert labels["weight"].tolist() == [1.0, 1.0, 20.0]
    assert labels["at_random"].tolist() == [False, False, True]
    assert (labels.attrs["visits"], labels.attrs["not_told"], labels.attrs["outside"]) == (4, 1, 0)


def test_a_visit_belongs_to_the_newest_day_before_it():
    """A visit on the day itself is not after it; one after the horizon is outside of all."""
    rows = visits(visited_on=["2023-06-30", "2023-12-31", "2024-01-01", "2024-02-01"], result=["verified"] * 4)
    labels = visit_labels(rows, ["2022-12-31", DAY], horizon_months=12)
    assert labels.set_index("household_id")["as_of"].dt.year.to_dict() == {"a": 2022, "b": 2022, "c": 2023, "d": 2023}
    assert visit_labels(rows, "2022-12-31", horizon_months=6).attrs["outside"] == 3


def test_the_order_of_rows_does_not_matter():
    """Shuffled visits are the same labels."""
    pd.testing.assert_frame_equal(visit_labels(visits()[::-1], DAY), visit_labels(visits(), DAY))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"probability": [1.0, np.nan, 0.05, 0.05]}, "probability, row 2"),
        ({"probability": [1.0, 1.0, 0.0, 0.05]}, "probability, row 3"),
        ({"probability": [1.0, 1.0, 0.05, 1.2]}, "probability, row 4"),
        ({"probability": ["1", "often", "0.05", "0.05"]}, "probability, row 2"),
        ({"result": ["verified", "Refuted", "verified", ""]}, "result, row 2"),
        ({"household_id": ["a", "b", "c", None]}, "household_id, row 4"),
        ({"household_id": ["a", "b", "c", "c"], "result": ["verified"] * 4}, "household_id, row 4"),
        ({"visited_on": ["2024-01-05", "01/02/2024", "2024-02-01", "2024-02-01"]}, "on, row 2"),
    ],
)
def test_what_is_wrong_is_named_by_its_row(columns, told):
    """Each error names the column and the row, and no household."""
    with pytest.raises(SchemaError, match=told) as error:
        visit_labels(visits(**columns), DAY)
    assert "'c'" not in str(error.value)


def test_columns_that_are_missing_are_named():
    """Without probabilities nothing can be weighted."""
    with pytest.raises(SchemaError, match="probability"):
        visit_labels(visits().drop(columns="probability"), DAY)


def test_no_label_within_the_horizon():
    """Visits of other years are refused, not silently empty."""
    with pytest.raises(NotEnoughDataError, match="none of 4 visits"):
        visit_labels(visits(), "2020-12-31")


def test_a_ledger_tells_the_probability_in_its_evidence():
    """Events without a probability, corrected ones and those before a visit are no labels; words beside it are kept."""
    evidence = {"probability": 0.1, "tier": "low", "cause": "illness"}
    book = Book(
        [
            {"household_id": "a", "event": "found", "on": "2024-01-02", "evidence": json.dumps(evidence), "superseded_by": None},
            {"household_id": "a", "event": "verified", "on": "2024-01-05", "evidence": json.dumps(evidence), "superseded_by": None},
            {"household_id": "b", "event": "refuted", "on": "2024-01-05", "evidence": evidence, "superseded_by": None},
            {"household_id": "c", "event": "verified", "on": "2024-01-05", "evidence": "{}", "superseded_by": None},
            {"household_id": "d", "event": "verified", "on": "2024-01-05", "evidence": evidence, "superseded_by": 9},
            {"household_id": "e", "event": "refused", "on": "2024-01-05", "evidence": evidence, "superseded_by": None},
            {"household_id": "f", "event": "approved", "on": "2024-01-05", "evidence": None, "superseded_by": None},
        ]
    )  # fmt: skip
    labels = visit_labels(book, DAY)
    assert labels[["household_id", "verified", "tier", "cause"]].to_numpy().tolist() == [
        ["a", 1, "low", "illness"],
        ["b", 0, "low", "illness"],
    ]
    assert (labels.attrs["without_probability"], labels.attrs["not_told"]) == (1, 1)
    pd.testing.assert_frame_equal(visit_labels(book.events(), DAY), labels)


def test_a_ledger_without_any_probability_is_refused():
    """Else every visit would be left out and nobody would know why."""
    book = Book([{"household_id": "a", "event": "verified", "on": "2024-01-05", "evidence": "{}"}])
    with pytest.raises(SchemaError, match="none of the 1 visits"):
        visit_labels(book, DAY)


def test_the_probability_may_stand_where_the_household_was_found():
    """The newest finding before the visit says it; one that came by itself has none, nor one found for another list."""
    rows = []
    for household, probability, list_of_visit in (("a", 0.1, "l1"), ("b", None, "l1"), ("c", 0.1, "l2")):
        first = {"household_id": household, "event": "found", "on": "2023-06-01", "evidence": {"probability": 0.5}}
        found = {
            "household_id": household,
            "event": "found",
            "on": "2024-01-02",
            "evidence": {"probability": probability},
        }
        visit = {"household_id": household, "event": "verified", "on": "2024-01-05", "evidence": {}}
        rows += [first | {"list_id": "l0"}, found | {"list_id": "l1"}, visit | {"list_id": list_of_visit}]
    labels = visit_labels(Book(rows), DAY)
    assert labels[["household_id", "probability"]].to_numpy().tolist() == [["a", 0.1]]
    assert labels.attrs["without_probability"] == 2


def test_what_the_list_said_of_a_household_is_known_of_its_visit():
    """Tier, reason and causes of the list go with the label; what the visit says itself stands before them."""
    said = {"probability": 1.0, "tier": "high", "why_listed": "model", "causes": "illness;labour"}
    found = {"household_id": "a", "event": "found", "on": "2024-01-02", "list_id": "l1", "evidence": said}
    visit = {"household_id": "a", "event": "verified", "on": "2024-01-05", "list_id": "l1", "evidence": {"tier": "low"}}
    labels = visit_labels(Book([found, visit]), DAY)
    assert labels[["tier", "why_listed", "cause"]].to_numpy().tolist() == [["low", "model", "illness;labour"]]


def test_that_a_list_was_made_is_no_visit():
    """A monitored household that a list names is noted with its probability; nobody was there yet."""
    listed = {
        "household_id": "a",
        "event": "noted",
        "on": "2024-01-02",
        "who": "list",
        "evidence": {"probability": 1.0},
    }
    visit = {"household_id": "b", "event": "refuted", "on": "2024-01-05", "who": "V1", "evidence": {"probability": 1.0}}
    assert checked_visits(Book([listed, visit]))["household_id"].tolist() == ["b"]
    assert len(checked_visits(Book([listed | {"who": "V1"}, visit]))) == 2


def test_the_last_result_on_a_list_counts():
    """A clue that held at first and was refuted later is one label of its list, not two."""
    rows = visits(household_id=["a", "a", "c", "d"], list_id=["l1", "l1", "l1", "l1"])
    assert checked_visits(rows)["told"].sum() == 2
    assert visit_labels(rows, DAY).set_index("household_id")["verified"].to_dict() == {"a": 0, "c": 1}
    again = visits(household_id=["a", "a", "c", "d"], list_id=["l1", "l2", "l1", "l1"])
    assert len(visit_labels(again, DAY)) == 3


def test_it_is_public():
    """Users call it by the package's name."""
    assert fr.visit_labels is visit_labels


def test_what_was_made_or_recorded_later_is_not_known():
    """By a day only results made and recorded by its end are known; what corrects them later leaves them as they were."""
    rows = visits(result=["verified"] * 4).assign(
        seq=[1, 2, 3, 4],
        recorded_at=["2024-01-05", "2024-02-15 09:00", "2024-02-01 18:00", None],
        superseded_by=[2, None, None, None],
        list_id="l1",
    )
    known = visit_labels(rows, DAY, known_on="2024-02-01")
    assert known["household_id"].tolist() == ["a", "c", "d"], "a is corrected, but only later"
    assert known.attrs["known_later"] == 1
    assert visit_labels(rows, DAY)["household_id"].tolist() == ["b", "c", "d"]
    assert visit_labels(rows, DAY, known_on="2024-01-05")["household_id"].tolist() == ["a"]
    with pytest.raises(SchemaError, match="recorded_at, row 2"):
        visit_labels(rows.assign(recorded_at=["2024-01-05", "later", None, None]), DAY, known_on="2024-02-01")
    again = checked_visits(checked_visits(rows, known_on="2024-02-01"))
    assert again.attrs["known_later"] == 1


def test_a_ledger_that_knew_nothing_yet_gives_no_label():
    """That only visits without a probability were known by a day is no error there: nothing was to be learnt yet."""
    evidence = json.dumps({"probability": 1.0})
    events = [
        {"household_id": "a", "event": "verified", "on": "2024-01-05", "evidence": "{}"},
        {"household_id": "b", "event": "verified", "on": "2024-03-05", "evidence": evidence},
    ]
    book = Book(events)
    assert visit_labels(book, DAY)["household_id"].tolist() == ["b"]
    with pytest.raises(NotEnoughDataError):
        visit_labels(book, DAY, known_on="2024-02-01")
