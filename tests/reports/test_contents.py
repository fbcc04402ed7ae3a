"""What a report holds: its figures add up, its reasons are the model's, and what is masked stays masked."""

import re
from dataclasses import fields

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import empty_table
from fanpin_risk.reports import gather
from fanpin_risk.reports.places import PLACE_LEVELS, SMALLEST_PLACE

DAY = "2024-12-31"


def test_list_and_reasons_are_the_models_own(model, register, contents):
    """The report says nothing that scoring does not: same order, same risks, same reasons in both languages."""
    for lang in ("zh", "en"):
        expected = fr.watchlist(model.score(register, DAY, lang=lang), capacity=30)
        assert contents.watchlist["household_id"].tolist() == expected["household_id"].tolist()
        assert contents.watchlist["risk"].tolist() == expected["risk"].tolist()
        assert contents.watchlist["cause"].tolist() == expected["cause"].tolist()
        said = contents.explanation.reasons(lang=lang, n_reasons=contents.n_reasons)
        for k in (1, 2, 3):
            assert said[f"reason_{k}"].tolist() == expected[f"reason_{k}"].tolist()
            assert said[f"contribution_{k}"].equals(expected[f"contribution_{k}"])


def test_rows_of_list_and_explanation_belong_together(contents):
    """The card of row i is that of household i of the list, also after masking."""
    assert contents.explanation.household_ids.tolist() == contents.watchlist["household_id"].tolist()
    assert contents.explanation.risk.tolist() == contents.watchlist["risk"].tolist()
    masked = contents.masked()
    assert masked.explanation.household_ids.tolist() == masked.watchlist["household_id"].tolist()


def test_a_report_on_a_day_sees_nothing_later(model, register):
    """What was recorded after the day changes neither the list nor the places nor their names."""
    day = "2022-12-31"
    late, then = gather(model, register, day), gather(model, register.known_on(day), day)
    for name in ("watchlist", "places", "causes", "scores"):
        pd.testing.assert_frame_equal(getattr(late, name), getattr(then, name))
    skip = ["households", "unscored_not_on_record", "rows_read", "rows_kept"]
    kept = [frame[~frame["key"].isin(skip)] for frame in (late.summary, then.summary)]
    pd.testing.assert_frame_equal(*(frame.reset_index(drop=True) for frame in kept))


def test_masked_contents_name_nobody_and_no_small_place(model, register, with_areas):
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


def test_who_is_below_the_line_stands_apart_and_gets_no_risk(falling, figures):
    """Neither the list nor tiers, means or places count a forecast that is not about a household; all are accounted for."""
    scores, contents = falling
    apart = scores.set_index("household_id")["not_at_risk"]
    below, unknown = (set(apart.index[apart == reason]) for reason in ("already_below_line", "no_income_before"))
    assert min(len(below), len(unknown)) >= 5
    assert contents.below_line["household_id"].tolist() == sorted(below)
    assert contents.below_line["number"].tolist() == list(range(1, len(below) + 1))
    assert contents.below_explanation.household_ids.tolist() == sorted(below)
    assert not {"risk", "tier"} & set(contents.below_line.columns)
    assert not set(contents.watchlist["household_id"]) & (below | unknown)
    shown = contents.scores.set_index("household_id")
    assert set(shown.index[shown["risk"].isna()]) == set(shown.index[shown["tier"].isna()]) == below | unknown
    found = figures(contents)
    assert (found["already_below_line"], found["no_income_before"]) == (len(below), len(unknown))
    parts = ("high", "medium", "low", "already_below_line", "no_income_before")
    assert sum(found[name] for name in parts) == found["scored"] == len(scores)
    at_risk = scores.loc[scores["at_risk"], "risk"]
    assert found["mean_risk"] == pytest.approx(at_risk.mean())
    counties = contents.places[contents.places["level"] == "county"]
    assert counties["below_line"].sum() == len(below)
    assert counties[["high", "medium", "low"]].sum().sum() == len(scores) - len(below) - len(unknown)
    assert counties["mean_risk"].iloc[0] == pytest.approx(shown["risk"].mean())
    masked = contents.masked()
    assert masked.below_line["household_id"].str.fullmatch(r"H0\*\*\*\d\d").all()
    assert masked.below_explanation.household_ids.tolist() == masked.below_line["household_id"].tolist()


def test_a_forecast_of_recognition_sets_nobody_apart(contents, figures):
    """Who is below the line may be recognised all the same."""
    assert len(contents.below_line) == len(contents.below_explanation) == 0
    assert contents.scores["risk"].notna().all()
    assert "already_below_line" not in figures(contents)


def test_keyed_pseudonyms_can_be_traced_back_by_the_holder(contents):
    """With a key equal ids stay equal and differ from each other, so that a list can be joined again."""
    from fanpin_risk.records.ids import pseudonymise

    masked = contents.masked(id_key=b"sixteen bytes or more")
    expected = pseudonymise(contents.watchlist["household_id"], b"sixteen bytes or more")
    assert masked.watchlist["household_id"].tolist() == expected.tolist()
    assert masked.scores["household_id"].is_unique
    with pytest.raises(InputError, match="the id key has 5 bytes"):
        contents.masked(id_key=b"short")


@pytest.mark.parametrize(("day", "capacity", "listed"), [(DAY, 1, 1), ("2010-12-31", 10, 0)])
def test_a_list_of_one_or_of_nobody_is_a_report_all_the_same(model, register, day, capacity, listed, figures):
    """One visit, or no household on record on the day: tables without rows, and a note that says why."""
    contents = gather(model, register, day, capacity=capacity)
    assert len(contents.watchlist) == len(contents.explanation) == listed
    assert figures(contents)["expected_listed"] == pytest.approx(contents.watchlist["risk"].sum())
    assert any("核对日期" in note.shown("zh") for note in contents.notes) == (day != DAY)
    assert set(contents.places["level"]) == (set(PLACE_LEVELS) if day == DAY else set())
    assert len(contents.masked().places) == len(contents.places)


def test_no_visits_are_refused(model, register):
    """A capacity of 0 would list nobody, which looks like a county without risk."""
    with pytest.raises(SchemaError, match="capacity is 0; expected a whole number of visits"):
        gather(model, register, DAY, capacity=0)


def test_one_household_alone_gets_a_report(model, register):
    """Its figures are its own; being alone it is a small place."""
    one = register.tables["households"]["household_id"].iloc[0]
    contents = gather(model, register.select([one]), DAY)
    assert contents.watchlist["household_id"].tolist() == [one]
    assert contents.places["small"].all()
    assert contents.masked().places["households"].isna().all()
    assert SMALLEST_PLACE == 10


def test_a_wrong_number_of_reasons_is_refused(model, register):
    """A number below 0 is refused; 0 gives none."""
    with pytest.raises(InputError, match="n_reasons is -1; expected a whole number of 0 or more"):
        gather(model, register, DAY, n_reasons=-1)
    assert gather(model, register, DAY, n_reasons=0, capacity=2).n_reasons == 0


def test_texts_are_there_in_both_languages(contents):
    """What is said is a message that has its Chinese, so that no reader meets a gap; what is data are codes."""
    for message in (*contents.summary["label"], *contents.summary["text"], *contents.notes, contents.event):
        assert message.shown("zh")
        assert message.shown("en")
    assert all(re.search("[\u4e00-\u9fff]", label.shown("zh")) for label in contents.summary["label"])
    assert not any(re.search("[\u4e00-\u9fff]", label.shown("en")) for label in contents.summary["label"])
    assert [document.lang for document in contents.card.values()] == ["zh", "en"]
    assert set(contents.scores["cause"]) <= {"", *CAUSES}
    assert set(contents.counts["table"]) == set(TABLES)
    assert {field.name for field in fields(contents)} >= {"summary", "watchlist", "places", "causes", "explanation"}


def test_an_empty_register_makes_a_report(model, figures):
    """A folder with a header and no rows is no reason to fall over."""
    contents = gather(model, Register({"households": empty_table("households")}), DAY)
    assert figures(contents)["households"] == 0
    assert len(contents.places) == len(contents.causes) == 0


def test_own_numbers_of_the_rules_are_named_and_change_no_risk(model, register):
    """The note names file and fingerprint; lists by rule go by them."""
    own = pd.DataFrame({"name": ["school_age_from"], "area_prefix": "", "valid_from": "2014-01-01", "value": 8})
    policy = fr.policy.Policy(own)
    shipped, asked = (gather(model, register, "2024-12-31", capacity=5, policy=one) for one in (None, policy))
    note = f"The rules were asked with an office's own numbers: {policy.label}."
    assert [text.shown("en") for text in asked.notes][-1] == note
    assert note not in [text.shown("en") for text in shipped.notes]
    assert list(asked.scores) == list(shipped.scores)
    pd.testing.assert_series_equal(asked.scores["risk"], shipped.scores["risk"], check_exact=True)


def test_lists_of_named_groups_hold_those_alone(model, register):
    """Every list holds members of the groups only, figures of places stay those of all, and a note says so."""
    groups = ["struck", "many_pupils"]
    groups = [code for code in groups if code in {rule.code for rule in fr.policy.HOUSEHOLD_GROUPS}]
    found = fr.household_groups(register, DAY, groups=groups)
    mine = set(found.loc[found["answer"] == "yes", "household_id"])
    all_of_them, some = (gather(model, register, DAY, capacity=30, groups=asked) for asked in ((), groups))
    for name in ("watchlist", "by_rule", "differing", "below_line"):
        assert set(getattr(some, name)["household_id"]) <= mine, name
    assert some.watchlist["household_id"].tolist() != all_of_them.watchlist["household_id"].tolist()
    monitored = set(all_of_them.monitored.households["household_id"]) & mine
    assert set(some.monitored.households["household_id"]) == monitored
    assert some.places["households"].tolist() == all_of_them.places["households"].tolist()
    assert any(f"{len(mine):,}" in note.shown("en") for note in some.notes)
