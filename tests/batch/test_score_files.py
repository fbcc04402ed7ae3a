"""Scores read back from where they were put."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.score_files import read_scores, read_texts
from fanpin_risk.errors import InputError
from fanpin_risk.files import write_table

DAY = "2023-12-31"
SAME = [
    "household_id",
    "risk",
    "tier",
    "rules",
    "signals",
    "cause",
    "cause_2",
    "doubts",
    "monitored",
    "not_at_risk",
    "area_code",
]


@pytest.fixture(scope="module")
def register():
    return fr.make_register(200, random_state=0)


@pytest.fixture(scope="module")
def scores(register):
    return fr.load_model("demo").score(register, DAY)


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".xlsx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_folder_of_scores_is_read_as_it_was_written(scores, tmp_path, ending, lang):
    """In codes or in words, all kinds of files; the plan of visits is the same."""
    written = scores if ending == ".parquet" else fr.in_words(scores, lang=lang)
    write_table(written, tmp_path / f"scores{ending}")
    plans = [fr.plan_visits(one, capacity=20, random_state=0) for one in (scores, read_scores(tmp_path))]
    pd.testing.assert_frame_equal(plans[1].frame[SAME], plans[0].frame[SAME], check_dtype=False)
    pd.testing.assert_frame_equal(plans[1].draws, plans[0].draws)
    again = read_scores(tmp_path / f"scores{ending}")
    pd.testing.assert_frame_equal(again[SAME], scores[SAME], check_dtype=False)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_scores_in_parts_are_read_together(register, scores, tmp_path, kind):
    """The folder of score_register, or that of the command around it; contributions stay where they are."""
    fr.score_register(register, "demo", DAY, tmp_path / "scores", format=kind)
    for folder in (tmp_path, tmp_path / "scores"):
        read = read_scores(folder).sort_values("household_id", ignore_index=True)
        pd.testing.assert_frame_equal(
            read[SAME], scores.sort_values("household_id", ignore_index=True)[SAME], check_dtype=False
        )
        assert not [name for name in read if name.startswith("contribution_")]


def test_what_holds_no_scores_is_refused(tmp_path):
    """An empty folder, a table of something else, a file of another kind, one that is not there."""
    (tmp_path / "notes.txt").write_text("x")
    pd.DataFrame({"household_id": ["a"]}).to_csv(tmp_path / "list.csv", index=False)
    for source in (tmp_path, tmp_path / "list.csv", tmp_path / "notes.txt", tmp_path / "nowhere"):
        with pytest.raises(InputError, match="holds no scores"):
            read_scores(source)


def test_a_table_is_read_as_texts(tmp_path):
    """Ids keep their zeros and lose the apostrophe that guards them; what is no table is named."""
    write_table(pd.DataFrame({"household_id": ["007", "-5"], "n": [1, 2]}), tmp_path / "t.csv")
    assert read_texts(tmp_path / "t.csv").to_numpy().tolist() == [["007", "1"], ["-5", "2"]]
    with pytest.raises(InputError, match="ends in"):
        read_texts(tmp_path / "t.txt")
    (tmp_path / "t.xlsx").write_bytes(b"no workbook")
    with pytest.raises(InputError, match=r"t\.xlsx"):
        read_texts(tmp_path / "t.xlsx")
    (tmp_path / "t.parquet").write_bytes(b"no table")
    with pytest.raises(InputError, match=r"t\.parquet"):
        read_texts(tmp_path / "t.parquet")
    (tmp_path / "e.csv").write_bytes(b"")
    with pytest.raises(InputError, match=r"e\.csv"):
        read_texts(tmp_path / "e.csv")
    with pytest.raises(InputError, match="cannot read"):
        read_texts(tmp_path / "nowhere.csv")
