"""Fields that are missing as in real registers."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import make_register
from fanpin_risk.synthetic.parameters import REPORTED_MISSINGNESS


def test_reported_missingness_has_the_reported_rates():
    """Fields are missing at the rates of a real register, per person, in all of the person's versions."""
    tables = make_register(1_500, random_state=4, missingness="reported").tables
    whole = make_register(1_500, random_state=4).tables
    people, all_people = tables["members"], whole["members"]
    assert len(people) == len(all_people)
    for column in ("education", "labour", "health", "dibao"):
        filled = all_people[column].notna()
        lost = people.loc[filled, column].isna()
        by_person = lost.groupby(people.loc[filled, "member_id"]).agg(["min", "max"])
        assert (by_person["min"] == by_person["max"]).all()
        assert by_person["max"].mean() == pytest.approx(REPORTED_MISSINGNESS[f"members.{column}"], abs=0.01)
    for name in ("medical", "enrolments"):
        left = tables[name]["member_id"].nunique() / whole[name]["member_id"].nunique()
        assert left == pytest.approx(1 - REPORTED_MISSINGNESS[name], abs=0.01)


def test_missingness_by_mapping_touches_only_what_it_names():
    """A mapping of shares blanks those columns and tables, and nothing else."""
    whole = make_register(200, random_state=4).tables
    tables = make_register(200, random_state=4, missingness={"households.debt_cny": 1.0, "shocks": 1.0}).tables
    assert tables["households"]["debt_cny"].isna().all()
    assert len(tables["shocks"]) == 0
    assert tables["shocks"].dtypes.equals(whole["shocks"].dtypes)
    for name in set(TABLES) - {"households", "shocks"}:
        pd.testing.assert_frame_equal(tables[name], whole[name])
    pd.testing.assert_frame_equal(
        tables["households"].drop(columns="debt_cny"), whole["households"].drop(columns="debt_cny")
    )
