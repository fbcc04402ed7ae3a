"""Ages known to the year, from a year of birth or an age: records/checks/ages.py."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk import Register, Snapshot, read_register

HOUSEHOLDS = {"household_id": ["A"], "valid_from": ["2020-06-15"], "recorded_at": ["2020-06-15"]}


def members_of(**columns):
    member = {"household_id": ["A"], "member_id": ["A-1"], "valid_from": ["2020-06-15"], **columns}
    return Register.from_frames(households=HOUSEHOLDS, members=member)


@pytest.mark.parametrize("age", [0, 1, 40, 101])
def test_an_age_gives_the_middle_of_the_year_of_birth(age):
    """On the day of the row the age is the one that was given, for half a year before and after."""
    register = members_of(age=[age], recorded_at=["2020-06-15"])
    row = register.tables["members"].iloc[0]
    assert row["birth_date"] == pd.Timestamp(2019 - age, 12, 1)
    assert bool(row["birth_year_only"])
    ages = [Snapshot(register, day).members.age.tolist() for day in ("2020-06-15", "2020-11-30", "2020-12-01")]
    assert ages == [[age], [age], [age + 1]]


@pytest.mark.parametrize(
    ("columns", "born", "to_the_year"),
    [
        ({"birth_date": ["1980-03-09"], "age": [77]}, "1980-03-09", False),  # the birth date says more
        ({"birth_date": ["1980"]}, "1980-01-01", True),
        ({"birth_year": [1980]}, "1980-01-01", True),
        ({"birth_date": ["1980-03"]}, "1980-03-01", False),  # ages are counted by months
        ({"birth_date": ["1980-01-01"]}, "1980-01-01", False),
        ({"出生日期": ["1980-03-09"], "年龄（岁）": ["40"]}, "1980-03-09", False),
    ],
)
def test_only_years_and_ages_are_doubted(columns, born, to_the_year):
    """What is known to the month is not doubted, whatever stands beside it."""
    row = members_of(**columns).tables["members"].iloc[0]
    assert row["birth_date"] == pd.Timestamp(born)
    assert (row["birth_year_only"] is not pd.NA and bool(row["birth_year_only"])) == to_the_year
    assert pd.isna(row["age"])


def test_no_age_and_no_birth_date_stay_unknown():
    """Nothing is made of nothing; an age that cannot be is refused."""
    for columns in ({}, {"age": [None]}, {"age": [230]}):
        row = members_of(**columns).tables["members"].iloc[0]
        assert pd.isna(row["birth_date"])
        assert pd.isna(row["birth_year_only"])


def test_an_age_beside_another_sheet_with_the_birth_date_is_not_used(tmp_path):
    """Two sheets about one person: the day that one of them gives is known to the day."""
    pd.DataFrame(HOUSEHOLDS).to_csv(tmp_path / "households.csv", index=False)
    person = {"household_id": ["A"], "member_id": ["A-1"], "valid_from": ["2020-06-15"]}
    pd.DataFrame({**person, "age": [40], "sex": ["female"]}).to_csv(tmp_path / "members.csv", index=False)
    pd.DataFrame({**person, "birth_date": ["1979-08-20"]}).to_csv(tmp_path / "members2.csv", index=False)
    row = read_register(tmp_path).tables["members"].iloc[0]
    assert row["birth_date"] == pd.Timestamp(1979, 8, 20)
    assert pd.isna(row["birth_year_only"])


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_what_is_known_to_the_year_stays_so_when_written(tmp_path, form):
    """A written register knows the same birth dates, and doubts the same."""
    register = members_of(age=[40])
    register.to_folder(tmp_path / "raw", format=form)
    again = read_register(tmp_path / "raw")
    columns = ["birth_date", "birth_year_only", "age"]
    pd.testing.assert_frame_equal(again.tables["members"][columns], register.tables["members"][columns])
