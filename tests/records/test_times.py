"""When a row was true and when it was known."""

import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError


def test_data_date_fills_valid_from(frames):
    """A sheet without a date needs data_date, and then was recorded by that day; dates that are there stay."""
    households = {"household_id": ["h1", "h2"], "valid_from": [None, "2020"]}
    register = frames.read(households=households, members={})
    assert frames.found(register, "households") == [(1, "valid_from", "missing_value", "rejected")]
    assert "data_date (--data-date)" in register.problems["message"][0]
    register = frames.read(households=households, members={}, data_date="2024-06-30")
    frame = register.tables["households"]
    assert frame["valid_from"].dt.strftime("%F").tolist() == ["2024-06-30", "2020-01-01"]
    assert frame["recorded_at"].dt.strftime("%F").tolist() == ["2024-06-30", "2021-01-30"]
    with pytest.raises(SchemaError, match="data_date is not a date"):
        frames.read(data_date="soon")


@pytest.mark.parametrize(
    ("table", "row", "recorded"),
    [
        ("households", {"household_id": "h1", "valid_from": "2022"}, "2023-01-30"),  # end of the year + 30 days
        ("households", {"household_id": "h1", "valid_from": "2022-03-01"}, "2022-03-31"),
        ("incomes", {"household_id": "h1", "period_end": "2022", "item": "wage", "amount_cny": 1}, "2023-01-30"),
        ("enrolments", {"member_id": "p1", "school_year": 2022, "stage": "小学", "status": "在校"}, "2022-10-01"),
        ("monitoring", {"household_id": "h1", "identified_on": "202205", "type": "边缘户"}, "2022-05-31"),  # no lag
        ("shocks", {"household_id": "h1", "event_date": "2022-05", "kind": "火灾"}, "2022-06-30"),
    ],
)
def test_recorded_at_falls_back_to_the_end_of_the_time_plus_the_lag(frames, table, row, recorded):
    """Without recorded_at a row counts as known the table's lag after the last day it may speak of."""
    own = pd.DataFrame([row])
    tables = {table: own} if table != "households" else {"households": own, "members": {}}
    register = frames.read(**tables)
    assert register.tables[table]["recorded_at"].dt.strftime("%F").tolist() == [recorded]
    assert register.coverage().loc[(table, "recorded_at"), "note"].startswith("full; 1 of 1 filled in: ")
    assert register.recorded_at_filled[table] == 1


def test_periods(frames):
    """A year or month stands for its first to its last day; a reversed or too long period is rejected."""
    register = frames.read(
        incomes={
            "household_id": ["h1"] * 6,
            "period_start": [None, "2021-10-01", "2022", "2022-05-01", "2021-01-01", None],
            "period_end": ["2022", "2022-09-30", None, "2022-04-30", "2022-01-02", "2022-06-30"],
            "item": ["tr_dibao"] * 6,
            "amount_cny": [1, 2, 3, 4, 5, 6],
        }
    )
    frame = register.tables["incomes"]
    assert frame["period_start"].dt.strftime("%F").tolist() == ["2021-10-01"]
    assert frames.found(register, "incomes")[:4] == [
        (1, "", "conflicting_rows", "rejected"),  # rows 1 and 3: the year 2022, given from either end
        (3, "", "conflicting_rows", "rejected"),
        (4, "period_end", "period_reversed", "rejected"),
        (5, "period_end", "period_too_long", "rejected"),
    ]
    assert frames.found(register, "incomes")[4] == (6, "period_start", "missing_value", "rejected")


def test_impossible_times_are_blanked(frames):
    """Births before 1900 or after the row's date and ends before the start are blanked, the rest of the row kept."""
    register = frames.read(
        members=frames.MEMBERS
        | {"birth_date": ["1899-12-31", "2023-06-01", "1960"], "valid_to": ["2022-12-31", None, "2023-05"]},
        supports={
            "household_id": ["h1"],
            "start_date": ["2023-05-10"],
            "end_date": ["2023-04"],
            "measure": ["产业帮扶"],
        },
        monitoring={
            "household_id": ["h1"],
            "identified_on": ["202305"],
            "eliminated_on": ["2023-05-15"],
            "type": ["edge"],
        },
    )
    assert frames.found(register) == [
        (1, "valid_to", "end_before_start", "blanked"),
        (1, "birth_date", "impossible_birth", "blanked"),
        (2, "birth_date", "impossible_birth", "blanked"),
        (1, "end_date", "end_before_start", "blanked"),
    ]
    assert register.tables["monitoring"]["eliminated_on"].notna().all()  # within the month of recognition: possible


def test_a_birth_within_the_year_given_is_possible(frames):
    """A row dated by year admits births until the end of that year."""
    register = frames.read(
        members=frames.MEMBERS | {"valid_from": ["2023"] * 3, "birth_date": ["2023-11-01", "2024-01-01", None]}
    )
    assert frames.found(register) == [(2, "birth_date", "impossible_birth", "blanked")]


def test_recorded_before_it_was_true(frames):
    """A row recorded before the time it speaks of is kept and doubted."""
    register = frames.read(
        shocks={"household_id": ["h1"] * 2, "event_date": ["2023-05-10", "202305"], "kind": ["火灾", "旱灾"],
                "recorded_at": ["2023-05-09", "2023-05-09"]},
        incomes=frames.incomes(recorded_at=["2023-12-30"]),
    )  # fmt: skip
    assert frames.found(register) == [
        (1, "recorded_at", "recorded_before", "warning"),
        (1, "recorded_at", "recorded_before", "warning"),
    ]
    assert set(register.problems["table"]) == {"incomes", "shocks"}


def test_a_mistyped_future_day_is_doubted_and_not_believed(frames):
    """A day after today, or after the data's own, is named by row; the register is not taken as complete up to it."""
    late = frames.incomes(period_end=["2023"], recorded_at=["2192-03-01"])
    register = frames.read(incomes=late)
    assert register.observed_until == pd.Timestamp("2023-02-01")
    assert (1, "recorded_at", "date_in_future", "warning") in frames.found(register)
    shocks = {"household_id": ["h1", "h1"], "event_date": ["2023-08-01", "2023"], "kind": ["flood"] * 2}
    register = frames.read(shocks=shocks, data_date="2023-06-30")
    assert frames.found(register, "shocks") == [(1, "event_date", "date_in_future", "warning")]
