"""Tiers, and scores in words: codes in the data, names where they are shown."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import LackingTablesWarning, SchemaError
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.model.tiers import TIERS, in_words

SCORES = pd.DataFrame(
    {
        "household_id": ["H1", "H2", "H3"],
        "tier": pd.Categorical(["high", "low", "medium"], categories=list(TIERS), ordered=True),
        "cause": ["unstable_work", "", "illness"],
        "reason_1": ["a", "", "b"],
    }
)


def test_codes_are_shown_in_words():
    """Every tier and cause has a name in both languages; no cause is said as well; the rest stays as it is."""
    zh, en = in_words(SCORES), in_words(SCORES, lang="en")
    assert zh["tier"].tolist() == ["高", "低", "中"]
    assert zh["cause"].tolist() == ["因务工就业不稳", "没有发现对应的致贫原因", "因病"]
    assert en["cause"].tolist() == ["unstable work", "no cause of poverty found on record", "illness"]
    pd.testing.assert_frame_equal(zh[["household_id", "reason_1"]], SCORES[["household_id", "reason_1"]])
    assert SCORES["cause"].tolist() == ["unstable_work", "", "illness"]


def test_doubts_are_shown_in_words_gravest_first():
    """Several stand one after the other; nothing in doubt is no word."""
    doubted = SCORES.assign(doubts=["", "part_of_year;size_differs", "row_rejected"])
    assert in_words(doubted)["doubts"].tolist() == [
        "", "只有一年中部分时间的收入；家庭人口数与成员数不一致", "有记录被退回，未采用",
    ]  # fmt: skip
    assert in_words(doubted, lang="en")["doubts"].tolist()[2] == "a row was rejected"
    with pytest.raises(SchemaError, match=r"doubts: 1 value\(s\) are not codes"):
        in_words(doubted.assign(doubts=["size_differs;x", "", ""]))


def test_a_score_says_what_is_in_doubt_of_its_household(tmp_path):
    """Whoever acts on a risk is told; the risk itself is not touched."""
    text = "户编号,年度,家庭人口数,工资性收入\nh1,2023,2,9000\nh2,2023,3,1.2.3\nh3,2023,1,8000\n"
    (tmp_path / "台账.csv").write_text(text, encoding="utf-8")
    register, model = fr.read_register(tmp_path), fr.load_model("demo")
    with pytest.warns(LackingTablesWarning):
        scores = model.score(register, "2024-12-31")
    assert scores["doubts"].tolist() == ["", "cell_blank", ""]
    assert fr.watchlist(scores, capacity=3).set_index("household_id")["doubts"]["h2"] == "cell_blank"
    with pytest.warns(LackingTablesWarning):
        alone = model.score(register, "2024-12-31", "h2")
    assert alone["doubts"].tolist() == ["cell_blank"]
    with pytest.warns(LackingTablesWarning):
        forgetful = model.score(fr.Register(register.tables, supplied=register.supplied), "2024-12-31")
    assert forgetful["doubts"].tolist() == ["", "", ""]
    pd.testing.assert_frame_equal(scores.drop(columns="doubts"), forgetful.drop(columns="doubts"), check_exact=True)


def test_scores_without_reasons_have_no_cause_to_name():
    """A table without the column is shown without it."""
    assert in_words(SCORES[["tier"]]).columns.tolist() == ["tier"]


@pytest.mark.parametrize(
    ("options", "frame", "message"),
    [
        ({"lang": "fr"}, SCORES, "lang is 'fr'; expected one of zh, en"),
        (
            {},
            SCORES.assign(cause=["因病", "", "illness"]),
            r"cause: 1 value\(s\) are not codes; expected one of illness",
        ),
        ({}, in_words(SCORES), r"tier: 3 value\(s\) are not codes; expected one of low, medium, high"),
    ],
)
def test_what_is_not_a_code_is_refused(options, frame, message):
    """Words are not taken for codes: who names them twice learns it."""
    with pytest.raises(SchemaError, match=message):
        in_words(frame, **options)


def test_a_score_holds_codes_whatever_the_language(demo_scores):
    """The main cause is a code of CAUSES, the tier one of TIERS; the language is that of the sentences alone."""
    zh, en = demo_scores
    assert set(zh["cause"]) <= {"", *CAUSES}
    assert zh["cause"].nunique() > 3
    assert zh["cause"].tolist() == en["cause"].tolist()
    assert zh["tier"].cat.categories.tolist() == list(TIERS) == ["low", "medium", "high"]
    assert zh["reason_1"].tolist() != en["reason_1"].tolist()


@pytest.fixture(scope="module")
def demo_scores():
    """Scores of a small register in both languages."""
    from fanpin_risk.model.store import demo_model

    register, model = fr.make_register(400, random_state=4), fr.load_model(demo_model())
    return tuple(model.score(register, "2023-12-31", lang=lang) for lang in ("zh", "en"))
