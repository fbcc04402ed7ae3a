"""Rows that a value rests on: enough for it, and none that it could do without."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.features import compute_features, evidence_of
from fanpin_risk.records.register import Register
from fanpin_risk.synthetic import make_register

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def register() -> Register:
    """Household A has a corrected wage, two floods and a debt; B is its neighbour and comes first."""
    homes = pd.DataFrame({"household_id": ["B", "A"], "valid_from": "2020-01-01", "debt_cny": [900.0, 5_000.0]})
    people = pd.DataFrame(
        {"household_id": ["B", "A", "A"], "member_id": ["B1", "A1", "A2"], "valid_from": "2020-01-01"}
    )
    rows = [
        ("B", 2023, "wage", 9_000, "2023-12-31"),
        ("A", 2022, "wage", 8_000, "2023-01-20"),
        ("A", 2023, "wage", 10_000, "2023-12-31"),
        ("A", 2023, "tr_dibao", 2_000, "2023-12-31"),
        ("A", 2022, "wage", 8_500, "2023-02-20"),  # the correction
        ("A", 2023, "wage", 99_000, "2024-02-01"),  # not known on the day
    ]
    incomes = pd.DataFrame(rows, columns=["household_id", "year", "item", "amount_cny", "recorded_at"])
    year = incomes.pop("year").astype(str)
    incomes = incomes.assign(period_start=year + "-01-01", period_end=year + "-12-31")
    shocks = pd.DataFrame({"household_id": ["A", "A"], "event_date": ["2023-04-01", "2023-05-01"], "kind": "flood"})
    return Register.from_frames(households=homes, members=people, incomes=incomes, shocks=shocks)


def rows_of(register: Register, feature: str, household: str = "A") -> list[tuple[str, int]]:
    found = evidence_of(register, DAY, household, feature)
    return list(zip(found["table"], found["row"], strict=True))


@pytest.mark.parametrize(
    ("feature", "rows"),
    [
        ("income_per_person", [("members", 1), ("members", 2), ("incomes", 2), ("incomes", 3)]),
        # The correction; and a row of 2023, or else the year before would be the newest.
        ("income_per_person_previous", [("members", 1), ("members", 2), ("incomes", 3), ("incomes", 4)]),
        ("wages", [("incomes", 2)]),
        (
            "debt_to_income",
            [("households", 1), ("members", 2), ("incomes", 2), ("incomes", 3)],
        ),  # a floor for each member
        ("shocks_12m", [("shocks", 0), ("shocks", 1)]),
        ("n_serious_illness", []),
    ],
)
def test_a_value_rests_on_the_rows_that_make_it(register, feature, rows):
    """Items and members of an income, the correction and not what it replaced, the household's own figures; hand-worked."""
    got = rows_of(register, feature)
    assert got == rows


def test_of_rows_that_would_each_do_the_newest_is_named(register):
    """Two floods on one day: either would do for the day of the last one."""
    both = register.tables["shocks"].assign(event_date=pd.Timestamp("2023-05-01"))
    twice = Register.from_frames(
        {**{n: t for n, t in register.tables.items() if n in register.supplied}, "shocks": both}
    )
    assert len(rows_of(twice, "months_since_shock")) == 1


def test_days_and_days_of_recording_are_told(register):
    """Each row has the day on which it became true and that on which it was recorded."""
    found = evidence_of(register, DAY, "A", "wages").iloc[0]
    assert (str(found["day"].date()), str(found["recorded_at"].date())) == ("2023-12-31", "2023-12-31")


def test_the_rows_alone_give_the_value():
    """What is said to be the evidence is enough: without all other rows but those of the household the value is the same."""
    county = make_register(60, random_state=3)
    table = compute_features(county, DAY, context=True)
    for household in table.index[:3]:
        one = county.select([household])
        for feature in ("income_to_line", "out_of_pocket_12m", "support_share"):
            found = evidence_of(county, DAY, household, feature)
            kept = {
                name: county.tables[name].loc[found.loc[found["table"] == name, "row"]]
                for name in one.tables
                if name in county.supplied
            }
            kept["households"] = one.tables["households"]
            again = compute_features(Register.from_frames(kept), DAY).loc[household, feature]
            assert again == pytest.approx(table.loc[household, feature], nan_ok=True)


@pytest.mark.parametrize(
    ("household", "feature", "day", "message"),
    [
        ("A", "incomes", DAY, "there is no feature 'incomes'"),
        ("A", "wages", "2019-12-31", "not on record on the day"),
        ("C", "wages", DAY, "household"),
    ],
)
def test_what_is_not_there_is_refused(register, household, feature, day, message):
    """An unknown feature or household, or one not yet on record, is no empty answer."""
    with pytest.raises(SchemaError, match=message):
        evidence_of(register, day, household, feature)
