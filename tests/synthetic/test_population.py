"""Households and their members: tests synthetic/population.py and synthetic/demography.py."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.synthetic import FIGURES

N = 20_000
LAST_DAY = pd.Timestamp("2024-12-31")


def test_areas_are_invented_villages_of_one_province(tables):
    """Area codes have 12 digits, invented county numbers, and a household keeps its village."""
    codes = tables["households"]["area_code"]
    assert codes.str.fullmatch(r"2112[5-7]\d1\d{2}0\d{2}").all()
    assert tables["households"].groupby("household_id")["area_code"].nunique().max() == 1


@pytest.mark.parametrize("day", ["2020-12-31", "2022-03-15", "2022-10-20", "2023-11-30", "2024-12-31"])
def test_households_have_one_head_and_at_most_one_spouse_of_other_sex(tables, day, known_on):
    """On any day the members known of a household have one head, and a spouse only of the other sex."""
    people = known_on(tables, "members", pd.Timestamp(day))
    homes = known_on(tables, "households", pd.Timestamp(day))
    heads = people[people["relation"] == "head"].set_index("household_id")["sex"]
    spouses = people[people["relation"] == "spouse"].set_index("household_id")["sex"]
    assert heads.index.is_unique
    assert spouses.index.is_unique
    assert set(people["household_id"]) == set(heads.index)
    assert set(homes["household_id"]) <= set(heads.index)
    assert (spouses.astype("str") != heads.reindex(spouses.index).astype("str")).all()


def test_pupils_have_a_stage_and_others_an_education(tables):
    """Exactly one of education and stage is filled, as the form asks."""
    people = tables["members"]
    assert (people["education"].notna() ^ people["student_stage"].notna()).all()


def test_versions_between_surveys_tell_only_new_relations(tables):
    """A version written in mid-year, when a head left, repeats what the survey before it had found."""
    people = tables["members"]
    people = people[people["valid_to"].isna()].sort_values("recorded_at", kind="stable")
    people = people.drop_duplicates(["member_id", "valid_from"], keep="last").sort_values(["member_id", "valid_from"])
    before = people.groupby("member_id", sort=False)[list(people.columns)].shift()
    between = (people["valid_from"].dt.strftime("%m-%d") != "10-01") & before["member_id"].notna()
    assert between.sum() > 100
    for column in ("birth_date", "education", "student_stage", "health", "labour", "work_months", "dibao"):
        assert people.loc[between, column].astype("str").equals(before.loc[between, column].astype("str")), column


def test_size_is_that_of_the_register_asked_for(tables):
    """Persons per household on the last day are as many as asked for, within one per cent."""
    people = (
        tables["members"]
        .sort_values(["valid_from", "recorded_at"], kind="stable")
        .drop_duplicates("member_id", keep="last")
    )
    assert people["valid_to"].isna().sum() == pytest.approx(N * 2.09, rel=0.01)
    assert tables["households"]["household_id"].nunique() == N


def test_people_are_like_the_published_figures(tables, known_on):
    """Schooling, disability, assistance and school attendance are near their sources."""
    people = known_on(tables, "members", LAST_DAY)
    education = 100 * people["education"].value_counts(normalize=True)
    for name, share in FIGURES["education_shares"].value.items():
        assert education[name] == pytest.approx(share / 0.899, abs=3.5)
    disabled = 100 * people["health"].str.contains("disabled").mean()
    assert disabled == pytest.approx(FIGURES["disabled_share"].value, abs=2.0)
    status = tables["households"].drop_duplicates("household_id").set_index("household_id")["register_status"]
    poor = people[people["household_id"].map(status) == "ex_poor"]
    assert 100 * (poor["dibao"] | poor["tekun"]).mean() == pytest.approx(FIGURES["backstop_persons"].value, abs=4.0)
    certificates = tables["disabilities"]
    shares = 100 * certificates["category"].value_counts(normalize=True)
    for name, share in FIGURES["disability_categories"].value.items():
        assert shares[name] == pytest.approx(share, abs=3.0)
