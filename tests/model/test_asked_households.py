"""Scores of households that were asked for: one row each, whatever is known of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.monitored_households import monitored_households
from fanpin_risk.errors import InputError
from fanpin_risk.model.asked_households import NOTES_OF_ASKED, ids_asked
from fanpin_risk.model.tiers import in_words

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def register():
    return fr.make_register(3000, random_state=5, base_rate=0.1)


@pytest.fixture(scope="module")
def model():
    return fr.load_model("demo")


@pytest.fixture(scope="module")
def monitored(register):
    """200 ids of a list of monitored households, twelve of which the register does not know."""
    ids = [*monitored_households(fr.Snapshot(register, DAY)).index[:188], *(f"X{number:03d}" for number in range(12))]
    assert len(ids) == 200
    return [ids[k] for k in np.random.default_rng(1).permutation(200)]


def test_200_ids_of_which_twelve_are_unknown(register, model, monitored):
    """200 rows in the order of the list: twelve without a risk, with the reason, 188 with one."""
    scores = model.score(register, DAY, households=monitored, explain=False)
    assert scores["household_id"].tolist() == monitored
    unknown = scores["household_id"].str.startswith("X")
    assert unknown.sum() == 12
    assert (scores.loc[unknown, "note"] == "not_in_register").all()
    assert scores.loc[unknown, ["risk", "tier", "known", "monitored", "area_code"]].isna().all(axis=None)
    assert (scores.loc[~unknown, "note"] == "").all()
    assert scores.loc[~unknown, "risk"].notna().all()
    assert scores.loc[~unknown, "monitored_type"].notna().all()
    assert set(scores["model"]) == {model.label}
    assert set(scores["as_of"]) == {pd.Timestamp(DAY)}


def test_a_household_asked_for_has_the_risk_of_its_county(register, model, monitored):
    """To the bit, reasons too."""
    asked = [one for one in monitored if not one.startswith("X")][:40]
    whole = model.score(register, DAY).set_index("household_id").loc[asked].reset_index()
    found = model.score(register, DAY, households=asked)
    pd.testing.assert_frame_equal(found[whole.columns.to_list()], whole, check_exact=True)


def test_an_id_that_is_given_twice_has_two_rows(register, model, monitored):
    """Ids in are rows out."""
    known = next(one for one in monitored if not one.startswith("X"))
    scores = model.score(register, DAY, households=[known, "X999", known, "X999"], explain=False)
    assert scores["household_id"].tolist() == [known, "X999", known, "X999"]
    assert scores["risk"].iloc[0] == scores["risk"].iloc[2]
    assert scores["note"].tolist() == ["", "not_in_register"] * 2


def test_who_was_not_there_on_the_day_has_the_reason(register, model):
    """Not on record yet, or dissolved by then: another reason than not being in the register."""
    unscored = model.unscored(register, DAY)
    early = model.unscored(register, "2019-06-30")
    asked = [unscored["household_id"].iloc[0], "X1"]
    found = model.score(register, DAY, households=asked, explain=False)
    assert found["note"].tolist() == [unscored["reason"].iloc[0], "not_in_register"]
    assert set(early["reason"]) | set(unscored["reason"]) <= NOTES_OF_ASKED.keys()


def test_who_is_below_the_line_already_has_no_risk_of_falling_below_it(small_below_line):
    """The forecast is not about them: no risk, tier, reason or contribution; what is known of them stays."""
    register, model = small_below_line
    whole = model.score(register, DAY, n_reasons=1)
    below = whole.loc[whole["not_at_risk"] == "already_below_line", "household_id"].tolist()[:3]
    others = whole.loc[whole["not_at_risk"] == "", "household_id"].tolist()[:2]
    assert len(below) == 3
    found = model.score(register, DAY, households=[*below, *others], n_reasons=1)
    assert found["note"].tolist() == ["already_below_line"] * 3 + [""] * 2
    assert found.loc[:2, ["risk", "risk_low", "risk_high", "tier", "reason_1", "contribution_1"]].isna().all(axis=None)
    assert found.loc[:2, ["known", "income_state", "area_code"]].notna().all(axis=None)
    assert found.loc[3:, "risk"].notna().all()


@pytest.fixture(scope="module")
def small_below_line():
    register = fr.make_register(800, random_state=6)
    small = fr.MonotoneBoosting(max_iter=10)
    model = fr.RiskModel(target="below_line", classifier=small, n_folds=2, ensemble="none", place=False)
    return register, model.fit(register, ["2020-12-31", "2021-12-31", "2022-12-31"])


@pytest.mark.parametrize(
    "given",
    [
        ["H2", "H1"],
        ("H2", "H1"),
        pd.Series(["H2", "H1"]),
        pd.Index(["H2", "H1"]),
        np.array(["H2", "H1"]),
        pd.DataFrame({"household_id": ["H2", "H1"], "risk": [0.1, 0.2]}),
        pd.DataFrame({"序号": [1, 2], "户编号": ["H2", "H1"]}),
    ],
    ids=["list", "tuple", "series", "index", "array", "frame", "frame_zh"],
)
def test_ids_may_come_in_any_shape(given):
    """In their order."""
    assert ids_asked(given) == ["H2", "H1"]


def test_a_file_is_a_list_by_its_path_or_by_the_name_of_one(tmp_path):
    """A text that names no file is an id."""
    (tmp_path / "list.csv").write_text("户编号,姓名\nH2,甲\nH1,乙\n", encoding="utf-8")
    assert ids_asked(tmp_path / "list.csv") == ids_asked(str(tmp_path / "list.csv")) == ["H2", "H1"]
    assert ids_asked("H1") == ["H1"]
    assert isinstance(tmp_path, Path)


def test_the_monitored_have_a_forecast_by_a_model_of_theirs_and_others_none(register, monitored):
    """Who is not monitored on the day has no risk of staying so: the note says why, and the list by risk holds the others."""
    theirs = fr.load_model("demo-monitored")
    here = fr.Snapshot(register, DAY)
    others = here.household_ids[here.monitored == 0][:5].tolist()
    found = theirs.score(register, DAY, households=[*monitored, *others], n_reasons=1)
    assert found["note"].value_counts().to_dict() == {"": 188, "not_in_register": 12, "not_monitored": 5}
    assert found["risk"].notna().tolist() == (found["note"] == "").tolist()
    scored = found[found["note"] == ""]
    assert scored["at_risk"].all()
    listed = fr.watchlist(scored.drop(columns="note"), capacity=200)
    assert set(listed["household_id"]) == set(scored["household_id"])


def test_explanations_take_households_in_any_shape(register, model, monitored, tmp_path):
    """A frame and a file name them as for scores, in their order."""
    known = [one for one in monitored if not one.startswith("X")][:3]
    frame = pd.DataFrame({"户编号": known})
    frame.to_csv(tmp_path / "list.csv", index=False)
    for given in (known, frame, tmp_path / "list.csv"):
        assert model.explain(register, DAY, households=given).household_ids.tolist() == known


def test_a_frame_without_ids_is_refused():
    """With what was expected."""
    with pytest.raises(InputError, match="household_id"):
        ids_asked(pd.DataFrame({"name": ["a"]}))


@pytest.mark.parametrize(("lang", "unknown", "kinds"), [
    ("zh", "不在台账中", {"脱贫不稳定户", "边缘易致贫户", "突发严重困难户"}),
    ("en", "not in the register", {"ex-poor and not stable", "on the edge of poverty", "in sudden serious hardship"}),
])  # fmt: skip
def test_codes_become_words(register, model, monitored, lang, unknown, kinds):
    """Notes, types, risks and measures, in both languages; nothing stands where nothing is known."""
    shown = in_words(model.score(register, DAY, households=monitored, n_reasons=1, lang=lang), lang=lang)
    strangers = shown["household_id"].str.startswith("X")
    assert set(shown.loc[strangers, "note"]) == {unknown}
    assert set(shown.loc[strangers, "tier"]) | set(shown.loc[strangers, "cause"]) == {""}
    assert set(shown.loc[~strangers, "monitored_type"]) == kinds
    assert (shown.loc[~strangers, "risks"] != "").all()
    assert not shown["measures"].str.contains("_").any()


def test_a_missing_code_of_a_household_that_was_scored_is_no_word(register, model, monitored):
    """Only who could not be scored may lack a main cause."""
    scores = model.score(register, DAY, households=[*monitored[:3], "X"])
    scores["note"] = ""
    with pytest.raises(fr.errors.SchemaError, match="cause"):
        in_words(scores)
