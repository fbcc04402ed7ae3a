"""Rows that count and what is made of them: columns, aggregates per household, persons at home."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from fanpin_risk.asof.register_on_day import RegisterOnDay
from fanpin_risk.asof.rows import KnownRows, MemberRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform

DAY = pd.Timestamp("2023-11-17")


@pytest.fixture(scope="module")
def five_households() -> RegisterOnDay:
    """Five households and a table of events that was given and is empty."""
    homes = pd.DataFrame({"household_id": [f"H{number}" for number in range(5)], "valid_from": DAY, "recorded_at": DAY})
    tables = {"households": conform("households", homes), "shocks": conform("shocks", pd.DataFrame())}
    return RegisterOnDay(Register(tables), DAY)


@given(
    homes=st.lists(st.integers(0, 4), max_size=30),
    values=st.lists(st.one_of(st.none(), st.integers(-10_000, 10_000)), min_size=30, max_size=30),
)
@settings(max_examples=50, deadline=None)
def test_aggregates_equal_plain_ones(five_households, homes, values):
    """Sums, extremes, means and counts per household equal those of a plain loop; no rows and no values are told apart."""
    amounts = [None if value is None else value / 100 for value in values[: len(homes)]]
    rows = KnownRows("shocks", np.arange(len(homes)), np.array(homes, dtype="int64"), on_day=five_households)
    loss = np.array(amounts, dtype="float64")
    for number in range(5):
        mine = [amount for home, amount in zip(homes, amounts, strict=True) if home == number]
        known = [amount for amount in mine if amount is not None]

        def check(got: np.ndarray, expected: float, number: int = number) -> None:
            assert got[number] == pytest.approx(expected, nan_ok=True, rel=1e-12)

        check(rows.count(), len(mine))
        check(rows.count(loss > 0), sum(amount > 0 for amount in known))
        check(rows.sum(loss), sum(known) if known else (np.nan if mine else 0.0))
        check(rows.max(loss), max(known) if known else np.nan)
        check(rows.max(loss, default=-1.0), max(known) if known else (np.nan if mine else -1.0))
        check(rows.min(loss), min(known) if known else np.nan)
        check(rows.mean(loss), sum(known) / len(known) if known else np.nan)
        check(
            rows.any(loss > 0, known=~np.isnan(loss)),
            float(any(amount > 0 for amount in known)) if known else np.nan,
        )


def test_a_table_that_was_not_given_is_missing(five_households):
    """Without the table nothing is known of any household: not that there was nothing."""
    none = np.array([], dtype="int64")
    assert KnownRows("shocks", none, none, on_day=five_households).count().tolist() == [0.0] * 5
    assert np.isnan(KnownRows("supports", none, none, on_day=five_households).count()).all()


@pytest.mark.parametrize("name", TABLES)
def test_no_column_is_hidden_by_a_method(name):
    """Columns are asked for as attributes, so none may be called like one that rows have anyway."""
    kind = MemberRows if name == "members" else KnownRows
    hidden = {column.name for column in TABLES[name].columns if column.kept} & {
        *dir(kind),
        "declaration",
        "frame",
        "index",
        "household",
        "on_day",
    }
    assert hidden == set(), "give the column in records/schema.py another name"


def test_ages_are_full_years_by_month():
    """Only the month of birth counts, so that the day of birth never has to be known."""
    born = pd.to_datetime(["2013-11-30", "2013-12-01", None, "1953-11-01"])
    n = len(born)
    members = pd.DataFrame(
        {"member_id": list("abcd"), "household_id": "H", "valid_from": DAY, "recorded_at": DAY, "birth_date": born}
    )
    homes = pd.DataFrame({"household_id": ["H"], "valid_from": [DAY], "recorded_at": [DAY]})
    tables = {"households": conform("households", homes), "members": conform("members", members)}
    members = Snapshot(Register(tables), DAY).members
    assert len(members.age) == n
    np.testing.assert_array_equal(members.age, [10.0, 9.0, np.nan, 70.0])
    np.testing.assert_array_equal(members.aged(10, 69), [1.0, 0.0, np.nan, 0.0])
    np.testing.assert_array_equal(members.aged(0, 70), [1.0, 1.0, np.nan, 1.0])


def test_newest_row_of_each_person_at_home(county):
    """Of the school records of a person at home the newest is kept; of who has left, none."""
    snapshot = Snapshot(county, DAY)
    newest = snapshot.members.newest_of(snapshot.enrolments)
    frame = snapshot.enrolments.frame.iloc[snapshot.enrolments.index]
    at_home = frame[frame["member_id"].isin(snapshot.members.member_id)]
    expected = at_home.groupby("member_id")["school_year"].max()
    assert len(newest) == len(expected)
    assert dict(zip(newest.member_id, newest.school_year, strict=True)) == expected.to_dict()
    assert (snapshot.members.named_in(newest) == pd.Series(snapshot.members.member_id).isin(expected.index)).all()


@pytest.fixture
def moved() -> Snapshot:
    """P lives in B and lived in A, which supports P still; Q lives in A."""
    day = pd.Timestamp("2020-01-01")
    homes = pd.DataFrame({"household_id": ["A", "B"], "valid_from": day, "recorded_at": day})
    members = pd.DataFrame(
        {
            "member_id": ["P", "Q", "P"],
            "household_id": ["A", "A", "B"],
            "valid_from": [day, day, pd.Timestamp("2023-01-01")],
            "recorded_at": [day, day, pd.Timestamp("2023-01-01")],
        }
    )
    supports = pd.DataFrame(
        {"household_id": ["A", "A", "B"], "member_id": ["P", "Q", "P"], "start_date": day, "recorded_at": day}
    )
    frames = {"households": homes, "members": members, "supports": supports}
    return Snapshot(Register({name: conform(name, frame) for name, frame in frames.items()}), DAY)


def test_a_row_of_one_household_is_not_about_the_members_of_another(moved):
    """What A has on record of P, who is at home in B, is told of nobody: B alone would not have the row."""
    members, rows = moved.members, moved.supports
    places = dict(
        zip(
            zip(rows.frame["household_id"].iloc[rows.index], rows.member_id, strict=True),
            members.place_of(rows),
            strict=True,
        )
    )
    assert places[("A", "P")] == -1
    assert members.member_id[[places[("B", "P")], places[("A", "Q")]]].tolist() == ["P", "Q"]


def test_versions_follow_the_person(moved):
    """An older version of who has moved is of the household of today, whether or not the old one is in the register."""
    versions = moved.members.versions()
    assert sorted(zip(versions.member_id, versions.household.tolist(), strict=True)) == [("P", 1), ("P", 1), ("Q", 0)]


def test_unknown_codes_and_columns_are_refused(county):
    """A misspelt code in a feature fails loudly instead of counting nothing."""
    snapshot = Snapshot(county, DAY)
    with pytest.raises(SchemaError, match="has no code 'floods'; it has flood"):
        snapshot.shocks.isin("kind", "floods")
    with pytest.raises(AttributeError, match="table shocks has no column 'amount'"):
        _ = snapshot.shocks.amount
