"""Figures of places: they add up, and small places do not show through."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.reports import gather

DAY = "2024-12-31"


def test_places_of_every_level_add_up(contents):
    """Whoever stands in a village stands in its township and its county as well, and once only."""
    counts = ["households", "monitored", "listed", "high", "medium", "low", "not_enough_known"]
    sums = contents.places.groupby("level")[counts].sum()
    assert sums.loc["county"].tolist() == sums.loc["township"].tolist() == sums.loc["village"].tolist()
    assert sums.loc["village", "households"] == len(contents.scores)
    assert sums.loc["village", "listed"] == 30
    weighted = contents.places.groupby("level").apply(lambda p: (p["mean_risk"] * p["households"]).sum())
    assert weighted.to_numpy(dtype="float64") == pytest.approx(contents.scores["risk"].sum())


def test_places_stand_in_the_order_of_a_tree(contents):
    """A township comes after its county and before its villages, whatever the level."""
    places = contents.places
    assert places["area"].is_monotonic_increasing
    assert places["level"].iloc[:3].tolist() == ["county", "township", "village"]
    assert {len(area) for area in places.loc[places["level"] == "township", "area"]} == {9}


def test_causes_of_places_are_counted_from_the_scores(model, register, contents):
    """In the table of causes a household above the low tier stands once, under its main cause."""
    county = contents.causes[contents.causes["level"] == "county"].set_index("cause")
    above = contents.scores[contents.scores["tier"] != "low"]
    counted = above["cause"].value_counts()
    assert county["flagged"].to_dict() == {cause: counted.get(cause, 0) for cause in county.index}
    mean = model.explain(register, DAY).by_cause().mean()
    assert county["push"].to_numpy() == pytest.approx(mean.to_numpy())
    most = county["flagged"].astype(int).idxmax()
    assert contents.places["cause"].iloc[0] == most


def test_a_single_small_place_does_not_follow_from_its_township(model, register, with_areas):
    """Beside one small village the next smaller one shows no figures either: the difference would tell."""
    codes = register.tables["households"].drop_duplicates("household_id").set_index("household_id")["area_code"]
    two = pd.Series(np.where(np.arange(len(codes)) < 690, "211251101001", "211251101002"), index=codes.index)
    two.iloc[:200] = "211251101003"
    places = gather(model, with_areas(register, two), DAY).masked().places.set_index("area")
    assert places["households"].isna().to_dict() == {
        "211251": False, "211251101": False, "211251101001": False, "211251101002": True, "211251101003": True,
    }  # fmt: skip


def test_households_without_an_area_code_are_one_place(model, register, with_areas, figures):
    """They are counted, in a place without code and name, and are in no township."""
    codes = register.tables["households"].drop_duplicates("household_id").set_index("household_id")["area_code"]
    some = codes.where(np.arange(len(codes)) >= 50)
    contents = gather(model, with_areas(register, some), DAY, names={"": "nowhere"})
    nowhere = contents.places[contents.places["area"] == ""]
    assert nowhere["level"].tolist() == ["county"]
    assert nowhere["households"].tolist() == [figures(contents)["no_area"]]
    assert nowhere["name"].tolist() == [""]
    assert 0 < figures(contents)["no_area"] <= 50
    none = gather(model, with_areas(register, codes.where(codes == "")), DAY)
    assert none.places["area"].tolist() == [""]
    assert none.watchlist["place"].tolist() == [""] * len(none.watchlist)


@pytest.mark.parametrize(
    ("code", "levels"),
    [
        ("211251", ["county"]),
        ("211251000000", ["county"]),
        ("211251101", ["county", "township"]),
        ("211251101000", ["county", "township"]),
        ("211251101001", ["county", "township", "village"]),
        ("2112", ["county"]),
    ],
)
def test_a_code_names_as_many_levels_as_it_has_digits(model, register, code, levels, with_areas):
    """Zeros at the end name no place of their own."""
    places = gather(
        model, with_areas(register, dict.fromkeys(register.tables["households"]["household_id"], code)), DAY
    ).places
    assert places["level"].tolist() == levels


def test_places_without_codes_are_known_by_their_names(model, register, changed):
    """Villages of one name in two townships stay two; a name that others have with a code is in their village."""
    frame = register.tables["households"]
    number = pd.factorize(frame["household_id"])[0]
    names = np.select(
        [number < 40, number < 155, number < 162],
        ["西丰县甲镇沙河村", "西丰县乙镇沙河村", "西丰县丙镇小村"],
        "西丰县甲镇大村",
    )
    codes = pd.Series(np.where(number < 200, None, "211223101001"), dtype="str")
    named = changed(register, households=frame.assign(area_code=codes, area_name=names))
    contents = gather(model, named, DAY, capacity=0.5, per="village")
    county = "辽宁省铁岭市西丰县"
    places = contents.places.set_index("area")
    assert places.index.tolist() == [
        "211223", "211223101", "211223101001", f"{county}甲镇沙河村", f"{county}丙镇", f"{county}丙镇小村", f"{county}乙镇",
        f"{county}乙镇沙河村",
    ]  # fmt: skip
    assert places["above"].tolist() == [
        "", "211223", "211223101", "211223101", "211223", f"{county}丙镇", "211223", f"{county}乙镇",
    ]  # fmt: skip
    assert places.loc[f"{county}甲镇沙河村", "name"] == f"{county}甲镇沙河村"
    assert set(contents.watchlist["area"]) <= set(places.index)
    assert "" not in set(contents.watchlist["place"])
    shown = contents.masked().places.set_index("area")["households"]
    # 丙镇 is small, so the next smaller township shows nothing either.
    assert shown.isna().to_dict() == dict.fromkeys(places.index, False) | {
        f"{county}丙镇": True, f"{county}丙镇小村": True, f"{county}乙镇": True,
    }  # fmt: skip
