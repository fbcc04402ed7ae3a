"""Numbers of the rules: which holds where and when, and what is refused."""

import pandas as pd
import pytest

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.policy import PARAMETERS, Policy
from fanpin_risk.policy.parameters import checked_policy

GOOD = {"name": "newborn_days", "area_prefix": "", "valid_from": "2020-01-01", "value": "60"}


def policy_of(*rows):
    return Policy(pd.DataFrame([{**GOOD, **row} for row in rows]))


def test_every_number_ships_with_its_source():
    """Each has an entry that holds everywhere, with its standing and where it can be read; none is unverified."""
    shipped = Policy().frame
    assert set(shipped.loc[shipped["area_prefix"] == "", "name"]) == {
        name for name, one in PARAMETERS.items() if one.ships
    }
    assert set(shipped["status"]) <= {"sourced", "inferred"}
    assert (shipped["source"].str.len() > 20).all()


def test_the_longest_prefix_and_then_the_newest_day_counts():
    """An entry of the county stands before one of the province, a newer before an older, none before its day."""
    policy = policy_of(
        {}, {"area_prefix": "21", "value": "70"}, {"area_prefix": "211282", "value": "80"},
        {"area_prefix": "211282", "valid_from": "2023-01-01", "value": "90"},
    )  # fmt: skip
    areas = ["211282001", "2112", "53", None]
    assert policy.at("newborn_days", areas, "2022-12-31").tolist() == [80, 70, 60, 60]
    assert policy.at("newborn_days", areas, "2023-01-01").tolist() == [90, 70, 60, 60]
    assert pd.isna(policy.at("newborn_days", ["53"], "2019-12-31")).all()


def test_own_entries_stand_before_shipped_ones_of_the_same_area():
    """What is not named stays as it ships, also for the other areas."""
    policy = policy_of({"area_prefix": "21"})
    assert policy.at("newborn_days", ["2112", "53"], "2024-01-01").tolist() == [60, 90]
    assert policy.at("school_age_from", ["2112"], "2024-01-01").tolist() == [6]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            {"name": "newborn"},
            "row 3, name is newborn; expected one of newborn_days, or another of fanpin_risk.policy.PARAMETERS",
        ),
        ({"area_prefix": "211"}, "row 3, area_prefix is 211; expected the first 2, 4, 6, 9 or 12 digits"),
        ({"valid_from": "soon"}, "row 3, valid_from is soon; expected a day such as 2024-01-01"),
        ({"value": "-1"}, "row 3, value is -1; expected 0 to 366 days"),
        ({"value": None}, "row 3, value is empty; expected 0 to 366 days"),
        ({"status": "sure"}, "row 3, status is sure; expected one of sourced, inferred"),
        ({"status": "sourced"}, "row 3, source is empty; expected where a value with a status can be read"),
        ({"area_prefix": ""}, "row 3 holds for the name, area_prefix and valid_from of a row above it"),
    ],
)
def test_a_wrong_entry_is_named_with_its_row(row, told):
    """Row, column, what stands there and what was expected."""
    with pytest.raises(InputError, match=told):
        policy_of({}, {"area_prefix": "21", **row})


def test_a_file_is_read_and_named(tmp_path):
    """In the words of the file: its name, its rows below the header; what cannot be read is said."""
    file = tmp_path / "own.csv"
    file.write_text("name,area_prefix,valid_from,value\nnewborn_days,2112,2020-01-01,180\n", "utf-8")
    assert Policy.read(file).at("newborn_days", ["211282"], "2024-01-01").tolist() == [180]
    file.write_text("name,area_prefix,valid_from,value\n\nnewborn_days,2112,2020-01-01,many\n", "utf-8")
    with pytest.raises(InputError, match=r"own\.csv: row 3, value is many; expected 0 to 366 days"):
        Policy.read(file)
    file.write_text("name,value\nnewborn_days,60\n", "utf-8")
    with pytest.raises(InputError, match=r"own\.csv: column area_prefix, valid_from is missing"):
        Policy.read(file)
    with pytest.raises(InputError, match=r"cannot read none\.csv"):
        Policy.read(tmp_path / "none.csv")


def test_what_is_no_policy_is_refused():
    """With what to give instead."""
    with pytest.raises(
        SchemaError, match=r"policy: expected a policy, got the type dict; make it with Policy\(frame\)"
    ):
        checked_policy({})
