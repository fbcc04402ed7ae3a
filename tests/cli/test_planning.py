"""The command watchlist."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.watch.draws import redrawn

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def scored(succeed, county, model, tmp_path_factory):
    """A folder of the command score, as it writes it if nothing else is said: csv, in Chinese."""
    folder = tmp_path_factory.mktemp("planning") / "scores"
    succeed("score", county, "--model", model, "--as-of", DAY, "--out", folder, "--quiet", "--lang", "zh")
    return folder


def read(file):
    return pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def test_the_list_is_that_of_the_library_from_scores_and_from_the_register(succeed, scored, county, model, tmp_path):
    """From a folder of scores, from one scored in parts and from the register with its model: one and the same plan."""
    plan = fr.plan_visits(
        fr.load_model(model).score(fr.read_register(county), DAY), capacity=5, per="township", random_state=4
    )
    parts = tmp_path / "parts"
    succeed("score", county, "--model", model, "--as-of", DAY, "--out", parts, "--quiet", "--workers", 1)
    asked = ("--capacity", 5, "--per", "township", "--seed", 4, "--quiet", "--lang", "en")
    for k, source in enumerate([(scored,), (parts,), (county, "--model", model, "--as-of", DAY)]):
        succeed("watchlist", *source, *asked, "--out", tmp_path / f"{k}.parquet")
        listed, draws = pd.read_parquet(tmp_path / f"{k}.parquet"), pd.read_parquet(tmp_path / f"{k}-draws.parquet")
        assert listed["household_id"].tolist() == plan.frame["household_id"].tolist()
        assert set(listed["list_id"]) == {plan.list_id}
        pd.testing.assert_frame_equal(draws, plan.draws)
        assert redrawn(draws) == sorted(listed.loc[listed["section"] == "audit", "household_id"])
        assert (tmp_path / f"{k}-measures.parquet").exists() == (k == 2)


def test_the_summary_says_how_many_and_why(succeed, scored, tmp_path):
    """Sections, those left out, the band and the draw, in both languages; all households are accounted for."""
    dead = read(scored / "scores.csv")["household_id"].iloc[0]
    pd.DataFrame({"household_id": [dead], "state": ["dead"], "since": ["2023-05-01"]}).to_csv(
        tmp_path / "states.csv", index=False
    )
    asked = ("watchlist", scored, "--capacity", 20, "--states", tmp_path / "states.csv")
    shown = succeed(*asked, "--out", tmp_path / "en.csv", "--lang", "en").output
    left_out = read(tmp_path / "en-left-out.csv")
    assert f"20 to be visited + {len(left_out)} left out" in shown
    assert "left out: 1 nobody alive" in shown
    assert f"+ {len(read(tmp_path / 'en-draws.csv')) - 2:,} not listed" in shown
    assert "drawn at random: 2 of" in shown
    assert "with a tenth more visits" in shown
    assert dead not in shown
    chances = read(tmp_path / "en-draws.csv").set_index("household_id")["draw_probability"].astype("float64")
    drawn = read(tmp_path / "en.csv").query("section == 'drawn at random'").set_index("household_id")
    assert drawn["draw_probability"].astype("float64").tolist() == chances[drawn.index].tolist()  # not rounded
    shown = succeed(*asked, "--out", tmp_path / "zh.xlsx", "--lang", "zh").output
    assert "全户死亡" in shown
    left_out = pd.read_excel(tmp_path / "zh-left-out.xlsx", dtype="str", engine="calamine")
    told = left_out.loc[left_out["reason"] == "dead", ["household_id", "reason", "says"]]
    assert told.to_numpy().tolist() == [[dead, "dead", "全户死亡"]]
    listed = pd.read_excel(tmp_path / "zh.xlsx", dtype="str", engine="calamine")
    assert {"名单编号", "户编号", "名单类别", "核查内容", "列入概率"} <= set(listed.columns)
    assert set(listed["名单类别"]) <= {"按风险列入", "仅按规则列入", "监测对象", "随机抽查"}
    assert dead not in listed["户编号"].tolist()


@pytest.mark.parametrize(("ending", "lang"), [(".csv", "zh"), (".csv", "en"), (".xlsx", "zh"), (".parquet", "en")])
def test_the_next_round_carries_the_last_over(succeed, scored, tmp_path, ending, lang):
    """A written list of any kind and language is the last list; who waited beside it is part of it."""
    first, second, third = (tmp_path / f"{k}{ending}" for k in range(3))
    succeed("watchlist", scored, "--capacity", 10, "--out", first, "--quiet", "--lang", lang)
    succeed("watchlist", scored, "--capacity", 6, "--previous", first, "--out", second, "--quiet", "--lang", lang)
    shown = succeed("watchlist", scored, "--capacity", 30, "--previous", second, "--out", third, "--lang", "en").output
    assert "carried over: 10" in shown
    assert "10 households have waited for two rounds or more" in shown


def test_visitors_have_their_own_lists(succeed, run, scored, tmp_path):
    """A file of two columns says who is responsible; each has the visits; who stands twice there is refused."""
    ids = read(scored / "scores.csv")["household_id"]
    who = pd.DataFrame({"户编号": ids, "包保责任人": [f"V{k % 4}" for k in range(len(ids))]})
    who.to_csv(tmp_path / "who.csv", index=False, encoding="utf-8-sig")
    asked = ("watchlist", scored, "--per", "visitor", "--capacity", 3, "--lang", "en")
    succeed(*asked, "--visitors", tmp_path / "who.csv", "--out", tmp_path / "v.csv", "--quiet")
    listed = read(tmp_path / "v.csv")
    assert listed["visitor"].value_counts().to_dict() == dict.fromkeys(("V0", "V1", "V2", "V3"), 3)
    pd.concat([who, who.head(2)]).to_csv(tmp_path / "twice.csv", index=False)
    result = run(*asked, "--visitors", tmp_path / "twice.csv", "--out", tmp_path / "w.csv")
    assert result.exit_code == 3
    assert "2 rows repeat" in result.stderr
    result = run(*asked, "--out", tmp_path / "w.csv")
    assert result.exit_code == 2
    assert "--visitors" in result.stderr
    who.assign(more="x").rename(columns={"包保责任人": "name"}).to_csv(tmp_path / "no.csv", index=False)
    assert "no column visitor" in run(*asked, "--visitors", tmp_path / "no.csv", "--out", tmp_path / "w.csv").stderr
    who[["包保责任人"]].to_csv(tmp_path / "no.csv", index=False)
    assert (
        "no column household_id" in run(*asked, "--visitors", tmp_path / "no.csv", "--out", tmp_path / "w.csv").stderr
    )
    assert not (tmp_path / "w.csv").exists()


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        (("--as-of", DAY), 2, "without --model"),
        (("--model", "demo"), 2, "give its day with --as-of"),
        (("--audit", "1"), 2, "audit"),
        (("--capacity", "many"), 2, "capacity"),
        (("--by-rule", "0.7", "--monitored", "0.7"), 3, "add up"),
    ],
)
def test_what_cannot_be_meant_is_refused(run, scored, tmp_path, asked, code, told):
    """One line that says what to do, and no file."""
    result = run("watchlist", scored, *asked, "--out", tmp_path / "w.csv", "--lang", "en")
    assert result.exit_code == code
    assert told in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_register_without_a_model_says_what_to_do(run, county, tmp_path):
    """It needs a model."""
    result = run("watchlist", county, "--out", tmp_path / "w.csv", "--lang", "en")
    assert result.exit_code == 3
    assert "a register with its model and day" in result.stderr


def test_what_stands_there_is_kept(run, succeed, scored, tmp_path):
    """A second run is refused; with --overwrite it replaces its own files, and a strange one never."""
    succeed("watchlist", scored, "--out", tmp_path / "w.csv", "--quiet")
    before = (tmp_path / "w.csv").read_bytes()
    assert run("watchlist", scored, "--capacity", 3, "--out", tmp_path / "w.csv").exit_code == 3
    assert (tmp_path / "w.csv").read_bytes() == before
    succeed("watchlist", scored, "--capacity", 3, "--out", tmp_path / "w.csv", "--overwrite", "--quiet")
    assert len(read(tmp_path / "w.csv")) == 3
    (tmp_path / "x-draws.csv").write_text("mine", encoding="utf-8")
    assert run("watchlist", scored, "--out", tmp_path / "x.csv", "--overwrite").exit_code == 3
    assert (tmp_path / "x-draws.csv").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "x.csv").exists()


def test_a_list_of_a_named_group_is_the_same_from_scores_and_from_the_register(succeed, run, county, model, tmp_path):
    """Only households of the group; scores in words and a register give the same; scores without groups say what to do."""
    asked = ("--as-of", DAY, "--model", model)
    group = ("--group", "struck")
    succeed("score", county, *asked, *group, "--out", tmp_path / "scores", "--lang", "zh")
    lists = []
    for source, more in ((tmp_path / "scores", ()), (county, asked)):
        out = tmp_path / f"{len(lists)}.parquet"
        succeed("watchlist", source, *more, *group, "--capacity", 5, "--out", out)
        lists.append(pd.read_parquet(out)["household_id"].tolist())
    found = fr.household_groups(fr.read_register(county), DAY, groups=["struck"])
    assert lists[0] == lists[1]
    assert set(lists[0]) <= set(found.loc[found["answer"] == "yes", "household_id"])
    succeed("score", county, *asked, "--out", tmp_path / "plain")
    refused = run("watchlist", tmp_path / "plain", *group, "--out", tmp_path / "none.csv", "--lang", "en")
    assert refused.exit_code == 3
    assert "score with --group struck" in refused.stderr


def test_a_second_list_of_the_day_is_refused_before_anything_is_written(run, succeed, scored, tmp_path):
    """Another seed: no file and no event; with --if-another the first is replaced, or both are kept, and it is said."""
    ledger = tmp_path / "county.ledger"
    asked = ("watchlist", scored, "--capacity", 10, "--audit", 0.3, "--ledger", ledger, "--lang", "en")
    succeed(*asked, "--out", tmp_path / "one.csv")
    assert "10 on record already" in succeed(*asked, "--out", tmp_path / "again.csv").output
    with fr.Ledger(ledger) as opened:
        head = opened.head
    refused = run(*asked, "--seed", 2, "--out", tmp_path / "two.csv")
    assert refused.exit_code == 3
    assert "another list of 2023-12-31" in refused.stderr
    assert "--if-another" in refused.stderr
    assert not list(tmp_path.glob("two*"))
    with fr.Ledger(ledger) as opened:
        assert opened.head == head
    shown = succeed(*asked, "--seed", 2, "--out", tmp_path / "two.csv", "--if-another", "replace").output
    assert "10 households, 0 of them visited; it is taken back" in shown
    with fr.Ledger(ledger) as opened:
        states = opened.state("2024-12-31")
        opened.verify()
    listed = read(tmp_path / "two.csv")
    assert set(states.loc[states["state"] == "clue", "household_id"]) <= set(listed["household_id"])
