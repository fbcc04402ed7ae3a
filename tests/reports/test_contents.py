"""What a report holds: its figures add up, its reasons are the model's, and what is masked stays masked."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.model.store import demo_model
from fanpin_risk.records.register import Register, empty_table
from fanpin_risk.records.schema import TABLES
from fanpin_risk.reports.contents import LEVELS, SMALLEST_PLACE, Contents, gather

DAY = "2024-12-31"


@pytest.fixture(scope="module")
def model():
    return fr.load_model(demo_model())


@pytest.fixture(scope="module")
def register():
    return fr.make_register(700, random_state=1)


@pytest.fixture(scope="module")
def contents(model, register):
    return gather(model, register, DAY, capacity=30, n_reasons=3)


def figures(contents: Contents) -> dict:
    return contents.summary.set_index("key")["value"].to_dict()


def changed(register, **tables):
    """Return the register with some of its tables replaced."""
    return Register({**register.tables, **tables}, source=register.source, supplied=register.supplied)


def with_areas(register, area_codes):
    """Return the register with other area codes, given by household."""
    frame = register.tables["households"]
    codes = frame["household_id"].map(area_codes).astype("str")
    return changed(register, households=frame.assign(area_code=codes))


def test_every_household_is_accounted_for(register, contents):
    """Scored and not scored are all households of the register; tiers are all scored."""
    found = figures(contents)
    everyone = register.tables["households"]["household_id"].nunique()
    assert found["households"] == everyone
    assert found["scored"] + found["unscored_not_on_record"] + found["unscored_dissolved"] == everyone
    assert found["high"] + found["medium"] + found["low"] == found["scored"] == len(contents.scores)
    assert found["listed"] == len(contents.watchlist) == len(contents.explanation) == 30
    assert found["expected_listed"] == pytest.approx(contents.watchlist["risk"].sum())


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


def test_list_and_reasons_are_the_models_own(model, register, contents):
    """The report says nothing that scoring does not: same order, same risks, same reasons in both languages."""
    for lang in ("zh", "en"):
        expected = fr.watchlist(model.score(register, DAY, lang=lang), capacity=30)
        assert contents.watchlist["household_id"].tolist() == expected["household_id"].tolist()
        assert contents.watchlist["risk"].tolist() == expected["risk"].tolist()
        assert contents.watchlist["cause"].tolist() == expected["cause"].tolist()
        for k in (1, 2, 3):
            assert contents.watchlist[f"reason_{k}_{lang}"].tolist() == expected[f"reason_{k}"].tolist()
            assert contents.watchlist[f"contribution_{k}"].equals(expected[f"contribution_{k}"])


def test_rows_of_list_and_explanation_belong_together(contents):
    """The card of row i is that of household i of the list, also after masking."""
    assert contents.explanation.household_ids.tolist() == contents.watchlist["household_id"].tolist()
    assert contents.explanation.risk.tolist() == contents.watchlist["risk"].tolist()
    masked = contents.masked()
    assert masked.explanation.household_ids.tolist() == masked.watchlist["household_id"].tolist()


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


def test_a_report_on_a_day_sees_nothing_later(model, register):
    """What was recorded after the day changes neither the list nor the places nor their names."""
    day = "2022-12-31"
    late, then = gather(model, register, day), gather(model, register.known_on(day), day)
    for name in ("watchlist", "places", "causes", "scores"):
        pd.testing.assert_frame_equal(getattr(late, name), getattr(then, name))
    skip = ["households", "unscored_not_on_record", "rows_read", "rows_kept"]
    kept = [frame[~frame["key"].isin(skip)] for frame in (late.summary, then.summary)]
    pd.testing.assert_frame_equal(*(frame.reset_index(drop=True) for frame in kept))


def test_masked_contents_name_nobody_and_no_small_place(model, register):
    """Nothing of an id is left but two characters at each end, and places of few show no figure."""
    villages = register.tables["households"]["area_code"].drop_duplicates()
    small = register.tables["households"].loc[lambda f: f["area_code"] == villages.iloc[0], "household_id"].unique()[:4]
    codes = register.tables["households"].drop_duplicates("household_id").set_index("household_id")["area_code"]
    contents = gather(model, with_areas(register, codes.where(~codes.index.isin(small), "211251101777")), DAY)
    masked = contents.masked()
    shown = "".join(
        frame.to_csv() for frame in (masked.watchlist, masked.scores, masked.explanation.data.reset_index())
    )
    assert not any(household in shown for household in contents.scores["household_id"])
    assert masked.watchlist["household_id"].str.fullmatch(r"H0\*\*\*\d\d").all()
    few = masked.places.set_index("area").loc["211251101777"]
    assert few["small"]
    assert few[["households", "listed", "high", "mean_risk"]].isna().all()
    assert few["cause"] == ""
    assert (
        masked.causes.loc[masked.causes["area"] == "211251101777", ["households", "flagged", "push"]]
        .isna()
        .all(axis=None)
    )
    assert contents.places.set_index("area").loc["211251101777", "households"] <= 4


def test_a_single_small_place_does_not_follow_from_its_township(model, register):
    """Beside one small village the next smaller one shows no figures either: the difference would tell."""
    codes = register.tables["households"].drop_duplicates("household_id").set_index("household_id")["area_code"]
    two = pd.Series(np.where(np.arange(len(codes)) < 690, "211251101001", "211251101002"), index=codes.index)
    two.iloc[:200] = "211251101003"
    places = gather(model, with_areas(register, two), DAY).masked().places.set_index("area")
    assert places["households"].isna().to_dict() == {
        "211251": False, "211251101": False, "211251101001": False, "211251101002": True, "211251101003": True,
    }  # fmt: skip


def test_keyed_pseudonyms_can_be_traced_back_by_the_holder(contents):
    """With a key equal ids stay equal and differ from each other, so that a list can be joined again."""
    from fanpin_risk.records.ids import pseudonymise

    masked = contents.masked(id_key=b"sixteen bytes or more")
    expected = pseudonymise(contents.watchlist["household_id"], b"sixteen bytes or more")
    assert masked.watchlist["household_id"].tolist() == expected.tolist()
    assert masked.scores["household_id"].is_unique
    with pytest.raises(InputError, match="the id key has 5 bytes"):
        contents.masked(id_key=b"short")


def test_names_of_places_are_given_or_learnt(model, register, contents):
    """Given names count first, also under codes filled up with zeros; else the register's own; else none."""
    learnt = contents.places.set_index("area")["name"]
    assert learnt["211251"] == "虚拟01县"
    assert learnt["211251101"] == "虚拟01县01镇"
    assert learnt["211251101001"] == "虚拟01县01镇001村"
    names = {"211251000000": "青河县", "211251101": "东镇", "211251101001": "<b>一村</b>"}
    given = gather(model, register, DAY, names=names)
    named = given.places.set_index("area")["name"]
    assert named[["211251", "211251101", "211251101001"]].tolist() == list(names.values())
    assert named["211251101002"] == "虚拟01县01镇002村"
    at = given.watchlist.set_index("area_code")["place"]
    assert (at.loc[at.index == "211251101001"] == "<b>一村</b>").all()
    filled = with_areas(register, dict.fromkeys(register.tables["households"]["household_id"], "211251101000"))
    assert set(gather(model, filled, DAY, names={"211251101": "东镇"}).watchlist["place"]) == {"东镇"}


def test_the_address_of_one_household_is_no_name_of_a_place(model, register):
    """Offices write addresses where names of villages belong: what one household alone has is not shown."""
    frame = register.tables["households"]
    alone = "某村三组12号" + frame["household_id"]
    hermit = frame["household_id"] == frame["household_id"].iloc[0]
    codes = frame["area_code"].mask(hermit, "211251101777")
    contents = gather(model, changed(register, households=frame.assign(area_name=alone, area_code=codes)), DAY)
    assert "211251101777" in set(contents.places["area"])
    assert set(contents.places["name"]) == {""}
    assert set(contents.watchlist["place"]) == {""}


def test_households_without_an_area_code_are_one_place(model, register):
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
def test_a_code_names_as_many_levels_as_it_has_digits(model, register, code, levels):
    """Zeros at the end name no place of their own."""
    places = gather(
        model, with_areas(register, dict.fromkeys(register.tables["households"]["household_id"], code)), DAY
    ).places
    assert places["level"].tolist() == levels


def test_the_line_and_what_it_rests_on_is_said_for_every_area(model, register):
    """Households of a province with a line of its own are told apart from those under a borrowed one."""
    codes = register.tables["households"].drop_duplicates("household_id").set_index("household_id")["area_code"]
    half = codes.where(np.arange(len(codes)) % 4 > 0, "530381101001")
    line = gather(model, with_areas(register, half), DAY).summary.set_index("key").loc["line"]
    assert line["text_zh"].startswith("8,500 元（借用外地标准，")
    assert "8,700 元（有出处，" in line["text_zh"]
    assert "8,700 CNY (sourced, " in line["text_en"]
    later = gather(model, register, "2026-06-30").summary.set_index("key").loc["line", "text_zh"]
    assert later == "8,500 元（沿用 2024 年（借用外地标准））"


def test_a_register_without_tables_says_so(model, register):
    """Lacking tables are a note, and who is monitored is not known instead of nobody."""
    bare = Register({"households": register.tables["households"], "members": register.tables["members"]})
    contents = gather(model, bare, DAY, capacity=5)
    assert any("医疗费用" in zh and "medical" in en for zh, en in contents.notes)
    row = contents.summary.set_index("key").loc["monitored"]
    assert row["value"] is None
    assert (row["text_zh"], row["text_en"]) == ("未知", "not known")
    assert contents.places["monitored"].isna().all()
    assert not contents.counts.set_index("table").loc["medical", "supplied"]
    assert len(contents.watchlist) == 5


@pytest.mark.parametrize(("day", "capacity", "listed"), [(DAY, 0, 0), ("2010-12-31", 10, 0)])
def test_a_list_of_nobody_is_a_report_all_the_same(model, register, day, capacity, listed):
    """No visits, or no household on record on the day: tables without rows, and a note that says why."""
    contents = gather(model, register, day, capacity=capacity)
    assert len(contents.watchlist) == len(contents.explanation) == listed
    assert figures(contents)["expected_listed"] == 0
    assert any("核对日期" in zh for zh, _ in contents.notes) == (day != DAY)
    assert set(contents.places["level"]) == (set(LEVELS) if day == DAY else set())
    assert len(contents.masked().places) == len(contents.places)


def test_one_household_alone_gets_a_report(model, register):
    """Its figures are its own; being alone it is a small place."""
    one = register.tables["households"]["household_id"].iloc[0]
    contents = gather(model, register.select([one]), DAY)
    assert contents.watchlist["household_id"].tolist() == [one]
    assert contents.places["small"].all()
    assert contents.masked().places["households"].isna().all()
    assert SMALLEST_PLACE == 10


def test_problems_are_counted_and_said_in_both_languages(model):
    """One line for each kind of problem, with its number of rows; rows by number, without what stood in them."""
    register = fr.make_register(60, random_state=2)
    tables = {name: frame.copy() for name, frame in register.tables.items()}
    incomes = tables["incomes"].assign(amount_cny=tables["incomes"]["amount_cny"].astype(object))
    incomes.loc[:4, "amount_cny"] = "秘密"
    contents = gather(model, Register.from_frames({**tables, "incomes": incomes}), DAY)
    row = contents.problems.iloc[0]
    assert row[["table", "column_zh", "severity", "rows"]].tolist() == ["incomes", "金额", "rejected", 5]
    assert row["expected_zh"] == "应为数字（元）"
    assert len(contents.rejects) == 5
    assert figures(contents)["rows_rejected"] == 5
    assert "秘密" not in contents.rejects.to_csv() + contents.problems.to_csv()
    assert list(contents.problems["rows"].groupby(contents.problems["severity"], sort=False).first())


def test_a_wrong_number_of_reasons_is_refused(model, register):
    """Fewer than none cannot be told; none at all can."""
    with pytest.raises(SchemaError, match="n_reasons is -1; expected 0 or more"):
        gather(model, register, DAY, n_reasons=-1)
    assert gather(model, register, DAY, n_reasons=0, capacity=2).n_reasons == 0


def test_texts_are_there_in_both_languages(contents):
    """Every text of the report has its pair, so that no reader meets a gap."""
    assert contents.summary[["zh", "en", "text_zh", "text_en"]].map(bool).all(axis=None)
    assert [document.lang for document in contents.card.values()] == ["zh", "en"]
    assert contents.coverage[["table_zh", "column_zh"]].map(bool).all(axis=None)
    assert {name: TABLES[name].zh for name in TABLES} == contents.counts.set_index("table")["table_zh"].to_dict()
    assert {field.name for field in fields(contents)} >= {"summary", "watchlist", "places", "causes", "explanation"}


def test_an_empty_register_makes_a_report(model):
    """A folder with a header and no rows is no reason to fall over."""
    contents = gather(model, Register({"households": empty_table("households")}), DAY)
    assert figures(contents)["households"] == 0
    assert len(contents.places) == len(contents.causes) == 0
