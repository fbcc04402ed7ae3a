"""train, score, explain, card: their files, and what is refused before the work."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.explanation import NO_CAUSE
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.model.store import read_card
from fanpin_risk.model.tiers import TIERS

DAY = "2023-12-31"
LAYOUTS = {
    "en parquet": ["--format", "parquet", "--headers", "en"],
    "zh csv gb18030 wide": ["--format", "csv", "--headers", "zh", "--encoding", "gb18030", "--wide-incomes"],
    "zh xlsx titles units totals": [
        "--format", "xlsx", "--headers", "zh", "--title-rows", "--units", "--total-row", "--wide-incomes",
    ],
    "zh csv titles units totals": ["--title-rows", "--units", "--total-row"],
}  # fmt: skip


@pytest.fixture(scope="module")
def household(register):
    return register.tables["households"]["household_id"].iloc[0]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_scores_are_the_same_from_every_layout(succeed, tmp_path, model, layout):
    """What a register says does not depend on how its files are laid out."""
    succeed("synth", tmp_path / "in", "--households", 60, "--seed", 5, "--quiet", *LAYOUTS[layout])
    asked = ("--as-of", DAY, "--model", model, "--out", tmp_path / "out", "--lang", "zh", "--quiet")
    succeed("score", tmp_path / "in", *asked)
    scores = pd.read_csv(tmp_path / "out/scores.csv")
    expected = fr.load_model(model).score(fr.make_register(60, 5), DAY)
    assert scores["household_id"].tolist() == expected["household_id"].tolist()
    np.testing.assert_array_equal(scores["risk"].to_numpy(), expected["risk"].to_numpy())
    assert scores["reason_1"].fillna("").tolist() == expected["reason_1"].tolist()


def test_score_accounts_for_every_household(succeed, register, county, model, tmp_path):
    """Households = scored + not on record on the day; the files say so."""
    asked = ("--as-of", DAY, "--model", model, "--out", tmp_path, "--capacity", 7, "--lang", "zh", "--quiet")
    succeed("score", county, *asked)
    scores, unscored = pd.read_csv(tmp_path / "scores.csv"), pd.read_csv(tmp_path / "unscored.csv")
    assert len(scores) + len(unscored) == register.tables["households"]["household_id"].nunique()
    assert set(scores) >= {"household_id", "as_of", "risk", "tier", "cause", "reason_1", "contribution_1", "model"}
    assert pd.read_csv(tmp_path / "watchlist.csv")["序号"].tolist() == list(range(1, 8))
    assert {"problems.csv", "coverage.csv", "counts.csv"} <= {file.name for file in tmp_path.iterdir()}


def test_files_for_offices_say_tiers_and_causes_in_words(succeed, county, model, tmp_path):
    """Csv files show words in the language of the run, Parquet carries the codes of the library."""
    shown = {}
    for lang in ("zh", "en"):
        succeed("score", county, "--as-of", DAY, "--model", model, "--out", tmp_path / lang, "--lang", lang, "--quiet")
        shown[lang] = pd.read_csv(tmp_path / lang / "scores.csv", keep_default_na=False)
    succeed("score", county, "--as-of", DAY, "--model", model, "--out", tmp_path / "codes.parquet", "--quiet")
    codes = pd.read_parquet(tmp_path / "codes.parquet")
    assert set(codes["cause"]) <= {"", *CAUSES}
    for lang in ("zh", "en"):
        causes = [CAUSES.get(code, NO_CAUSE).shown(lang) for code in codes["cause"]]
        assert shown[lang]["cause"].tolist() == causes
        assert shown[lang]["tier"].tolist() == [TIERS[code].shown(lang) for code in codes["tier"]]
    listed = pd.read_csv(tmp_path / "zh/watchlist.csv")
    assert set(listed["风险等级"]) <= {"高", "中", "低"}
    assert set(listed["主要风险"].dropna()) <= {name.shown("zh") for name in (*CAUSES.values(), NO_CAUSE)}


def test_a_capacity_may_be_a_share(succeed, county, model, tmp_path):
    """The list is that of the library with the same capacity."""
    asked = ("--as-of", DAY, "--model", model, "--out", tmp_path / "s.parquet", "--capacity", "0.1", "--lang", "en")
    succeed("score", county, *asked, "--quiet")
    expected = fr.watchlist(pd.read_parquet(tmp_path / "s.parquet"), capacity=0.1)["household_id"]
    assert pd.read_csv(tmp_path / "s/watchlist.csv")["household_id"].tolist() == expected.tolist()


def test_one_file_may_be_named(succeed, county, model, tmp_path):
    """--out names a file by its ending, in capitals as Windows may write it; the rest goes into a folder of that name."""
    out = tmp_path / "named.PARQUET"
    succeed("score", county, "--as-of", DAY, "--model", model, "--out", out, "--reasons", 1, "--quiet")
    scores = pd.read_parquet(out)
    assert "reason_1" in scores
    assert "reason_2" not in scores
    assert (tmp_path / "named/watchlist.csv").exists()


def test_ids_are_replaced_when_a_key_is_given(succeed, register, county, model, household, tmp_path):
    """With --id-key no household id of the files is in the results, and explain finds a household by its own id."""
    key = tmp_path / "key"
    key.write_bytes(b"sixteen bytes or more")
    asked = ("--as-of", DAY, "--model", model, "--id-key", key)
    succeed("score", county, *asked, "--out", tmp_path / "hashed.csv", "--quiet")
    hashed = set(pd.read_csv(tmp_path / "hashed.csv")["household_id"])
    assert hashed.isdisjoint(register.tables["households"]["household_id"])
    letter = succeed("explain", county, *asked, "--household", household).stdout
    assert any(name in letter for name in hashed)


def test_explain_writes_letters_and_cards(succeed, run, county, model, household, tmp_path):
    """A letter on the screen or in a file; a card as a page with the whole id; a household given twice comes once."""
    asked = ("explain", county, "--as-of", DAY, "--model", model, "--household", household, "--household", household)
    assert "风险" in succeed(*asked, "--lang", "zh").stdout
    letter = succeed(*asked, "--lang", "en").stdout
    assert letter.count(household) == 1
    succeed(*asked, "--lang", "en", "--out", tmp_path / "letter.txt")
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8").startswith(f"{letter}fanpin-risk explanation ")
    assert "explanation written to" in succeed(*asked, "--lang", "en", "--out", tmp_path / "card.HTML").stderr
    page = (tmp_path / "card.HTML").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert household in page
    assert "How to refute a reason" in page
    assert page.count("<article") == 1
    wrong = run(*asked, "--out", tmp_path / "card.docx")
    assert wrong.exit_code == 2
    assert "card.docx: expected a file that ends in .html or .txt" in wrong.stderr


def test_the_model_that_ships_scores(succeed, county, tmp_path):
    """The demo model fits the features of this version."""
    succeed("score", county, "--as-of", DAY, "--model", "demo", "--out", tmp_path / "shipped.csv", "--quiet")
    assert pd.read_csv(tmp_path / "shipped.csv")["model"].str.startswith("demo:").all()


def test_what_cannot_be_written_is_refused_before_the_work(run, county, model, tmp_path):
    """Nobody waits for a training whose result has no place."""
    for arguments, code, message in (
        (("train", county, "--as-of", "2021-12-31", "--out", model), 3, "replace it with --overwrite"),
        (("features", county, "--as-of", DAY, "--out", tmp_path / "f.txt"), 2, "f.txt: expected a file that ends in"),
        (
            ("score", county, "--as-of", DAY, "--model", model, "--out", tmp_path / "s.HTML"),
            2,
            "s.HTML: expected a file that ends in .csv",
        ),
    ):
        result = run(*arguments, "--lang", "en")
        assert result.exit_code == code
        assert message in result.stderr
        assert "rows read" not in result.stderr


def test_a_model_of_a_written_synthetic_register_is_known_as_one(model, county):
    """What synth wrote is known again by its note; nothing else is called synthetic."""
    assert (county / "SYNTHETIC.md").exists()
    assert read_card(model)["synthetic"] is True


def test_card_writes_markdown_and_html(succeed, run, model, tmp_path):
    """By the ending of the file; the demo's card is at hand by name."""
    for name, start in (("card.md", "# 模型卡：test"), ("CARD.HTML", "<!DOCTYPE html>")):
        succeed("card", model, "--out", tmp_path / name, "--lang", "zh")
        assert (tmp_path / name).read_text("utf-8").startswith(start)
    assert succeed("card", "demo", "--lang", "en").stdout.startswith("# Model card: demo")
    result = run("card", model, "--out", tmp_path / "card.pdf")
    assert result.exit_code == 2
    assert "expected a file that ends in .md or .html" in result.stderr


def test_a_model_is_not_called_like_the_one_that_ships(run, county, tmp_path, monkeypatch):
    """--out demo would make a model that --model demo does not find: it is refused before the work."""
    monkeypatch.chdir(tmp_path)
    result = run("train", county, "--as-of", "2021-12-31", "--out", "demo", "--lang", "en")
    assert result.exit_code == 3
    assert "--out demo: 'demo' names a model that ships; give another folder" in result.output
    assert list(tmp_path.iterdir()) == []
