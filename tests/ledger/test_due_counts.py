"""What is due, counted by place and by person."""

import pandas as pd
import pytest

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.ledger import due_counts


@pytest.fixture
def due(ledger):
    """Three households found in two villages, one of them assigned to a person, and one without a place."""
    for household, place, person in (
        ("a", "211282101001", "v-7"),
        ("b", "211282101001", None),
        ("c", "211282101002", "v-7"),
        ("d", None, None),
    ):
        ledger.append(
            household_id=household, event="found", on="2024-05-01", who="hotline", area_code=place, responsible=person
        )
    return ledger.due("2024-05-20")


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            "village",
            [["", "verification", 1], ["211282101001", "verification", 2], ["211282101002", "verification", 1]],
        ),
        ("township", [["", "verification", 1], ["211282101", "verification", 3]]),
        ("owner", [["v-7", "verification", 2], ["village", "verification", 2]]),
    ],
)
def test_counts_by_place_and_person(due, by, expected):
    """Where no person is named, by who has to do it."""
    counted = due_counts(due[due["due"] == "verification"], by=by)
    assert sorted(counted[[by, "due", "overdue"]].to_numpy().tolist()) == expected
    assert set(counted["days_overdue"]) == {16}


def test_nothing_is_lost_and_the_most_overdue_come_first(due):
    """By both at once."""
    counted = due_counts(due, by=("village", "owner"))
    assert counted["count"].sum() == len(due)
    of_group = counted.groupby(["village", "owner"], sort=False)["overdue"].sum()
    assert of_group.is_monotonic_decreasing
    assert due_counts(due.iloc[:0]).columns.tolist() == [
        "township", "village", "due", "households", "count", "overdue", "without_deadline", "days_overdue",
    ]  # fmt: skip


def test_what_is_no_list_or_no_group_is_refused(due):
    """Each by its name."""
    with pytest.raises(SchemaError, match="by"):
        due_counts(due, by="street")
    with pytest.raises(SchemaError, match="due has no column area_name"):
        due_counts(due.drop(columns="area_name"))
    with pytest.raises(InputError, match="due"):
        due_counts([])
    with pytest.raises(SchemaError, match="by"):
        due_counts(pd.DataFrame(due), by=())
