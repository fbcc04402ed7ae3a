"""Rows of households and persons that are not there."""

import pandas as pd


def test_unknown_households_and_members(frames):
    """A row of a household or person that is not there is rejected; one rejected row takes its own along.

    A row of a household at hand that also names a person who is not there is the household's and stays.
    """
    register = frames.read(
        households=frames.HOUSEHOLDS | {"valid_from": ["2023-01-01", "x"]},
        incomes=pd.DataFrame({"household_id": ["h1", "h1", "h9"], "member_id": ["p1", "p9", None]}).assign(
            period_end="2022", item="wage", amount_cny=500.0
        ),
        medical={"member_id": ["p1", "p3"], "event_date": ["2023-05-01"] * 2, "kind": ["住院"] * 2},
    )
    assert frames.found(register)[1:] == [
        (3, "household_id", "unknown_household", "rejected"),
        (2, "member_id", "person_elsewhere", "warning"),
        (3, "household_id", "unknown_household", "rejected"),
        (2, "member_id", "unknown_member", "rejected"),
    ]
    assert register.tables["incomes"]["member_id"].tolist() == ["p1", "p9"]


def test_who_moved_to_a_household_not_in_the_files_is_known_to_have_moved(frames):
    """A member's row in an absent household is kept where others of the person's rows are in households at hand."""
    members = {
        "member_id": ["p1", "p1", "p2", "p3", "p3"],
        "household_id": ["h1", "h9", "h9", "h8", "h9"],
        "valid_from": ["2022", "2023", "2023", "2022", "2023"],
    }
    register = frames.read(members=members)
    assert register.tables["members"]["household_id"].tolist() == ["h1", "h9"]
    assert frames.found(register, "members") == [
        (2, "household_id", "moved_out", "warning"),
        *((row, "household_id", "unknown_household", "rejected") for row in (3, 4, 5)),
    ]
