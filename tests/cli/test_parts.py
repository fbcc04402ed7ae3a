"""pack and score part by part, from the command line."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.batch.lists import watchlist_of_parts
from fanpin_risk.cli import main
from fanpin_risk.errors import InputError
from fanpin_risk.model.store import demo_model

DAY = "2024-12-31"


def run(*arguments: object):
    """Run a command; the demo model scores."""
    model = ("--model", "demo") if arguments[0] == "score" else ()
    return CliRunner().invoke(main, [str(argument) for argument in (*arguments, *model)])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Csv files of a small register of two counties."""
    register = fr.make_register(260, random_state=8)
    households = register.tables["households"]
    second = households["household_id"].isin(households["household_id"].unique()[:90])
    households["area_code"] = households["area_code"].mask(
        second, "2112" + households["area_code"].str[4:].str.replace("^..", "99", regex=True)
    )
    folder = tmp_path_factory.mktemp("parts") / "register"
    register.to_folder(folder, format="csv")
    return folder


@pytest.fixture(scope="module")
def packed(files):
    """The same, packed by the command."""
    pytest.importorskip("duckdb", reason="duckdb is not installed: extra 'pack'")
    out = files.parent / "packed"
    done = run("pack", files, "--out", out, "--lang", "en", "--threads", 1)
    assert done.exit_code == 0, done.output
    assert "260 households in 2 partitions" in done.output
    return out


def test_a_packed_register_scores_as_its_files_do(files, packed):
    """Scores, watch lists and counts are those of the files; every county has its own visits if asked for."""
    out, plain = files.parent / "scored", files.parent / "plain"
    done = run("score", packed, "--as-of", DAY, "--out", out, "--per", "county", "--capacity", 4, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "2 partitions (0 of them done before)" in done.output
    assert run("score", files, "--as-of", DAY, "--out", plain, "--lang", "en", "--quiet").exit_code == 0
    parts = pd.concat([pd.read_parquet(file) for file in sorted((out / "scores/parts").iterdir())])
    whole = pd.read_csv(plain / "scores.csv").set_index("household_id")
    parts = parts.set_index("household_id").loc[whole.index]
    assert (parts["risk"] == whole["risk"]).all()
    assert (parts["reason_1"] == whole["reason_1"].fillna("")).all()
    listed = pd.read_csv(out / "watchlist.csv")
    assert listed["rank"].tolist() == [1, 2, 3, 4] * 2
    assert listed["area_code"].astype(str).str[:6].nunique() == 2


@pytest.fixture(scope="module")
def falls(tmp_path_factory):
    """A small model of falling below the line."""
    small = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2, target="below_line", name="falls")
    register = fr.make_register(700, random_state=2)
    return fr.save_model(small.fit(register, ["2021-12-31", "2022-12-31"]), tmp_path_factory.mktemp("falls") / "model")


@pytest.fixture(scope="module")
def poor(files):
    """The register, in which some households have lost their incomes."""
    read = fr.read_register(files)
    nothing = (
        read.tables["incomes"]["household_id"]
        .astype("str")
        .isin(sorted(read.tables["incomes"]["household_id"].astype("str").unique())[:7])
    )
    tables = {**read.tables, "incomes": read.tables["incomes"][~nothing]}
    folder = files.parent / "poor"
    fr.Register(tables, supplied=read.supplied).to_folder(folder, format="csv")
    return folder


def test_who_is_below_the_line_is_listed_apart_however_it_is_scored(poor, falls):
    """In memory, by files in parts and packed: the same households, not ranked, in a file of their own that says no risk."""
    pytest.importorskip("duckdb", reason="duckdb is not installed: extra 'pack'")
    packing = CliRunner().invoke(main, ["pack", str(poor), "--out", str(poor.parent / "poor packed"), "--threads", "1"])
    assert packing.exit_code == 0, packing.output
    said, found = {}, {}
    for way, (source, more) in {
        "memory": (poor, ()),
        "parts": (poor, ("--workers", "1", "--format", "csv")),
        "packed": (poor.parent / "poor packed", ()),
    }.items():
        out = poor.parent / f"below {way}"
        asked = [
            "score",
            source,
            "--as-of",
            DAY,
            "--model",
            falls,
            "--out",
            out,
            "--lang",
            "en",
            "--capacity",
            "9999",
            *more,
        ]
        done = CliRunner().invoke(main, [str(one) for one in asked])
        assert done.exit_code == 0, done.output
        said[way] = [line.strip() for line in done.output.splitlines() if "not ranked" in line]
        found[way] = [pd.read_csv(out / name, dtype="str") for name in ("below_line.csv", "watchlist.csv")]
    below, ranked = found["memory"]
    assert len(below) > 5
    assert not {name for name in below.columns if name.startswith(("risk", "tier", "reason", "contribution"))}
    assert below["income_state"].str.contains("monitoring line").all()
    assert not set(below["household_id"]) & set(ranked["household_id"])
    scores = pd.read_csv(poor.parent / "below memory/scores.csv", dtype="str")
    assert set(scores.loc[scores["not_at_risk"].str.contains("below the line", na=False), "household_id"]) == set(
        below["household_id"]
    )
    unknown = int(scores["not_at_risk"].str.contains("nothing on record before", na=False).sum())
    assert unknown >= 5
    assert said["memory"] == [
        f"{len(below)} households are below the line already: they are not ranked, and stand in below_line.csv",
        f"{unknown} households have nothing on record to compare with the line: they are not ranked",
    ]
    for way in ("parts", "packed"):
        assert said[way] == said["memory"]
        for one, other in zip(found[way], found["memory"], strict=True):
            pd.testing.assert_frame_equal(one, other)


def test_a_forecast_of_another_event_lists_nobody_apart(files):
    """Who is below the line may be recognised as monitored all the same: no file, and nothing is said."""
    out = files.parent / "no list"
    done = run("score", files, "--as-of", DAY, "--out", out, "--lang", "en", "--workers", 1)
    assert done.exit_code == 0, done.output
    assert "below the line" not in done.output
    assert not (out / "below_line.csv").exists()


def test_a_stopped_run_goes_on_and_another_is_refused(files, packed):
    """Parts that are done are kept; results of another day are not mixed in unless told to be removed."""
    out = files.parent / "again"
    command = ("score", packed, "--as-of", DAY, "--out", out, "--lang", "en", "--reasons", 1)
    assert run(*command).exit_code == 0
    first = {file.name: file.read_bytes() for file in (out / "scores/parts").iterdir()}
    shutil.rmtree(out / "scores/records")
    (out / "scores/manifest.json").unlink()
    (out / f"scores/parts/{min(first)}").unlink()
    again = run(*command)
    assert again.exit_code == 0, again.output
    assert {file.name: file.read_bytes() for file in (out / "scores/parts").iterdir()} == first
    other = run("score", packed, "--as-of", "2023-12-31", "--out", out, "--lang", "en")
    assert other.exit_code == 3
    assert "as_of" in other.output
    assert run("score", packed, "--as-of", "2023-12-31", "--out", out, "--overwrite", "--quiet").exit_code == 0


def test_lists_that_someone_works_on_are_kept(files, packed):
    """The same run once more changes nothing and needs no leave; one with another capacity does; an edited list stays."""
    out = files.parent / "lists"
    command = ("score", packed, "--as-of", DAY, "--out", out, "--lang", "en", "--quiet")
    assert run(*command, "--capacity", 3).exit_code == 0
    first = (out / "watchlist.csv").read_bytes()
    assert run(*command, "--capacity", 3).exit_code == 0
    assert (out / "watchlist.csv").read_bytes() == first
    other = run(*command, "--capacity", 2)
    assert (other.exit_code, "already holds results of 'score'" in other.output) == (3, True)
    assert (out / "watchlist.csv").read_bytes() == first
    assert run(*command, "--capacity", 2, "--overwrite").exit_code == 0
    assert len(pd.read_csv(out / "watchlist.csv")) == 2
    (out / "watchlist.csv").write_text("visited", encoding="utf-8")
    for arguments in ((), ("--overwrite",)):
        kept = run(*command, *arguments)
        assert kept.exit_code == 3
        assert "added or changed since (watchlist.csv); they are kept" in kept.output
        assert (out / "watchlist.csv").read_text(encoding="utf-8") == "visited"


def test_a_folder_with_something_else_is_refused_before_the_work(files, packed, tmp_path):
    """Scores in memory, in parts and other files are not mixed."""
    (tmp_path / "notes.doc").write_text("mine")
    command = ("score", packed, "--as-of", DAY, "--overwrite", "--lang", "en")
    assert "notes.doc); they are kept" in run(*command, "--out", tmp_path).output
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.doc"]
    out = files.parent / "lists"
    memory = run("score", files, "--as-of", DAY, "--overwrite", "--lang", "en", "--out", out)
    assert (memory.exit_code, "they are kept" in memory.output) == (3, True)


def test_files_are_scored_part_by_part_on_request(files):
    """With workers asked for, files that were not packed are dealt into parts as well."""
    out = files.parent / "direct"
    asked = ("--workers", 1, "--all-contributions", "--format", "csv", "--quiet")
    done = run("score", files, "--as-of", DAY, "--out", out, *asked)
    assert done.exit_code == 0, done.output
    assert sorted(file.suffix for file in (out / "scores/parts").iterdir()) == [".csv", ".csv"]
    contributions = pd.concat([pd.read_parquet(file) for file in (out / "scores/contributions").iterdir()])
    assert len(contributions) == sum(len(pd.read_csv(file)) for file in (out / "scores/parts").iterdir())
    assert (out / "problems.csv").exists()
    assert len(watchlist_of_parts(out / "scores", capacity=3)) == 3
    assert len(watchlist_of_parts(out / "scores", capacity=3, per="county")) == 6


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_kind_of_the_parts_does_not_change_the_lists(files, packed, kind):
    """Lists made of csv and Excel parts are those of Parquet: missing stays missing, texts stay texts."""
    found = {}
    for each in ("parquet", kind):
        out = files.parent / f"as {each}"
        command = (
            "score",
            packed,
            "--as-of",
            DAY,
            "--out",
            out,
            "--lang",
            "en",
            "--format",
            each,
            "--quiet",
            "--overwrite",
        )
        done = run(*command)
        assert done.exit_code == 0, done.output
        found[each] = watchlist_of_parts(out / "scores", capacity=0.5)
        assert {file.suffix for file in (out / "scores/parts").iterdir()} == {f".{each}"}
    assert found["parquet"]["contribution_3"].isna().any()
    pd.testing.assert_frame_equal(found[kind], found["parquet"], rtol=1e-12, check_exact=kind == "csv")


def test_lists_of_results_that_are_not_complete_are_refused(files, packed):
    """A county of which some parts are missing, or damaged, gets no list that looks whole."""
    out = files.parent / "stopped"
    assert run("score", packed, "--as-of", DAY, "--out", out, "--quiet").exit_code == 0
    part = min((out / "scores/parts").iterdir())
    part.write_bytes(b"PAR1")
    with pytest.raises(InputError, match="cannot be read; score_register writes damaged parts again"):
        watchlist_of_parts(out / "scores")
    (out / "scores/manifest.json").unlink()
    with pytest.raises(InputError, match="holds no complete results of score_register"):
        watchlist_of_parts(out / "scores")


def test_a_register_of_which_nothing_was_kept(tmp_path):
    """Packing and scoring the files say why nothing was left, with exit code 3; a packed list has its columns all the same."""
    pytest.importorskip("duckdb", reason="duckdb is not installed: extra 'pack'")
    (tmp_path / "files").mkdir()
    (tmp_path / "files/户信息.csv").write_text("户编号,年度\n,2022\nh1,soon\n", encoding="utf-8")
    done = run("pack", tmp_path / "files", "--out", tmp_path / "packed", "--threads", 1, "--lang", "en")
    assert done.exit_code == 3, done.output
    assert "only 0 of 2 rows of households could be used" in done.output
    assert not (tmp_path / "packed").exists()
    assert fr.pack(tmp_path / "files", tmp_path / "packed", threads=1).households == 0
    asked = ("--as-of", DAY, "--out", tmp_path / "out", "--workers", 2, "--lang", "en", "--overwrite")
    done = run("score", tmp_path / "packed", *asked)
    assert done.exit_code == 0, done.output
    assert "0 households = 0 scored + 0 not on record" in done.output
    assert "2 rows were rejected on reading" in done.output
    listed = pd.read_csv(tmp_path / "out/watchlist.csv")
    assert len(listed) == 0
    assert {"rank", "household_id", "risk", "reason_3"} <= set(listed)
    done = run("score", tmp_path / "files", *asked)
    assert done.exit_code == 3, done.output
    assert "only 0 of 2 rows of households could be used" in done.output


def test_a_damaged_packed_register_is_not_taken_for_a_folder_of_files(packed, tmp_path):
    """The message says that it was packed and what to do, not that csv files are missing."""
    copy = shutil.copytree(packed, tmp_path / "packed")
    (copy / "manifest.json").write_text("{", encoding="utf-8")
    done = run("score", copy, "--as-of", DAY, "--out", tmp_path / "out", "--lang", "en")
    assert done.exit_code == 3
    assert "packed is a packed register whose manifest.json is damaged" in done.output
    assert "move the folder away" in done.output


def test_options_that_do_not_fit_are_refused(files, packed):
    """One file cannot hold parts, and what is packed has been read already."""
    one = run("score", packed, "--as-of", DAY, "--out", files.parent / "one.csv", "--lang", "en")
    assert one.exit_code == 3
    assert "the results are a folder" in one.output
    read = run("score", packed, "--as-of", DAY, "--out", files.parent / "x", "--data-date", DAY)
    assert read.exit_code == 3
    assert "a packed register has been read" in read.output
    with pytest.raises(InputError, match="holds no complete results"):
        watchlist_of_parts(files)
    assert demo_model().is_dir()


def test_a_packed_register_remembers_when_its_rows_count_as_known(tmp_path):
    """It has been read: another lag is refused on scoring, and said to differ from that of the model."""
    pytest.importorskip("duckdb", reason="duckdb is not installed: extra 'pack'")
    (tmp_path / "files").mkdir()
    (tmp_path / "files/户信息.csv").write_text("户编号,年度\nh1,2022\n", encoding="utf-8")
    done = run("pack", tmp_path / "files", "--out", tmp_path / "packed", "--threads", 1, "--known-lag-days", 7)
    assert done.exit_code == 0, done.output
    score = ("score", tmp_path / "packed", "--as-of", DAY, "--out", tmp_path / "out", "--lang", "en")
    done = run(*score, "--known-lag-days", 30)
    assert done.exit_code == 3
    assert "a packed register has been read" in done.output
    done = run(*score)
    assert done.exit_code == 0, done.output
    assert done.output.count("after 30 days when the model was trained, and after 7 days in this register") == 1


def test_packing_says_which_incomes_are_lost(tmp_path):
    """As reading does: the file that cannot be read, and of how many households incomes may stand in it."""
    pytest.importorskip("duckdb", reason="duckdb is not installed: extra 'pack'")
    files = tmp_path / "files"
    files.mkdir()
    (files / "户信息.csv").write_text(
        "户编号,年度,户类型,行政区划代码\nh1,2023,脱贫户,211282\nh2,2023,脱贫户,530328\n", encoding="utf-8"
    )
    (files / "家庭收入.xlsx").write_bytes(b"PK\x03\x04 damaged")
    told = run("pack", files, "--out", tmp_path / "packed", "--lang", "en", "--threads", 1).output
    assert "1 file(s) or sheet(s) could not be read: 家庭收入.xlsx" in told
    assert "of 2 of 2 households incomes were lost, or may be: 家庭收入.xlsx" in told
    assert run("check", files, "--lang", "en").output.count("of 2 of 2 households incomes were lost") == 1


def test_own_numbers_of_the_rules_give_the_same_in_memory_and_in_parts(files, packed, tmp_path):
    """They change what rules say and no risk; every score and the job name them, and another policy is another job."""
    own, other = tmp_path / "own.csv", tmp_path / "other.csv"
    own.write_text("name,area_prefix,valid_from,value\nincome_oldest_months,,2014-01-01,12\n", "utf-8")
    other.write_text("name,area_prefix,valid_from,value\nincome_oldest_months,,2014-01-01,13\n", "utf-8")
    asked = ("--as-of", "2024-10-31", "--lang", "en", "--quiet", "--format", "parquet")
    for source, out, policy in (
        (files, "plain", []),
        (files, "own", ["--policy", own]),
        (packed, "parts", ["--policy", own]),
    ):
        done = run("score", source, *asked, *policy, "--out", tmp_path / out)
        assert done.exit_code == 0, done.output
    plain, whole = (
        pd.read_parquet(tmp_path / name / "scores.parquet").set_index("household_id") for name in ("plain", "own")
    )
    parts = pd.concat([pd.read_parquet(file) for file in sorted((tmp_path / "parts/scores/parts").iterdir())])
    pd.testing.assert_frame_equal(parts.set_index("household_id").loc[whole.index], whole, check_exact=True)
    assert (whole["rules"] != plain["rules"]).any()
    pd.testing.assert_series_equal(whole["risk"], plain["risk"], check_exact=True)
    label = fr.policy.Policy.read(own).label
    assert set(whole["policy"]) == {label}
    assert "policy" not in plain
    assert f'"policy": "{label}"' in (tmp_path / "parts/scores/job.json").read_text("utf-8")
    refused = run("score", packed, *asked, "--policy", other, "--out", tmp_path / "parts")
    assert refused.exit_code == 3
    assert "holds results of something else (options policy: own.csv:" in refused.stderr


def test_own_numbers_reach_the_rows_of_a_list(files, packed, tmp_path):
    """Of a household that the register does not know, too; from files and packed alike."""
    (tmp_path / "own.csv").write_text(
        "name,area_prefix,valid_from,value\nincome_oldest_months,,2014-01-01,12\n", "utf-8"
    )
    ids = [*fr.read_register(files).tables["households"]["household_id"].unique()[:5], "nobody"]
    (tmp_path / "ids.txt").write_text("\n".join(map(str, ids)), "utf-8")
    found = []
    for source, out in ((files, "files"), (packed, "packed")):
        done = run(
            "score", source, "--as-of", DAY, "--policy", tmp_path / "own.csv", "--households", tmp_path / "ids.txt",
            "--out", tmp_path / out, "--quiet",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        found.append(pd.read_csv(tmp_path / out / "scores.csv", dtype="str", encoding="utf-8-sig"))
    pd.testing.assert_frame_equal(*found)
    assert found[0]["household_id"].tolist() == ids
    assert found[0]["policy"].str.startswith("own.csv:").all()


@pytest.mark.filterwarnings("ignore::fanpin_risk.errors.FanpinWarning")
def test_a_packed_register_is_learnt_from_as_its_files_are(files, packed, monkeypatch):
    """The model is the same to the bit, whatever the form; options of reading are refused; a draw is told."""
    small = fr.RiskModel(target="below_line", classifier=fr.MonotoneBoosting(max_iter=5, min_samples_leaf=5), n_folds=2)
    monkeypatch.setattr(fr, "RiskModel", small.set_params)
    days = [part for year in (2020, 2021, 2022) for part in ("--as-of", f"{year}-12-31")]
    asked = (*days, "--target", "below_line", "--lang", "en")
    for source, name in ((files, "of_files"), (packed, "of_packed")):
        done = run("train", source, *asked, "--out", files.parent / name, "--no-leak-check")
        assert done.exit_code == 0, done.output
    assert "260 households in 2 partitions, read one after the other" in done.output
    one, other = ((files.parent / name / "trees.npz").read_bytes() for name in ("of_files", "of_packed"))
    assert one == other
    checked = run("train", packed, *asked, "--out", files.parent / "checked", "--max-rows", 1000)
    assert checked.exit_code in (0, 4), checked.output
    assert "leak" in checked.output
    refused = run("train", packed, *asked, "--out", files.parent / "refused", "--data-date", DAY)
    assert refused.exit_code == 3
    assert "a packed register has been read" in refused.output


@pytest.mark.filterwarnings("ignore::fanpin_risk.errors.FanpinWarning")
def test_a_packed_register_is_evaluated_as_its_files_are(files, packed, monkeypatch):
    """All tables are the same."""
    small = fr.RiskModel(target="below_line", classifier=fr.MonotoneBoosting(max_iter=5, min_samples_leaf=5), n_folds=2)
    monkeypatch.setattr(fr, "RiskModel", small.set_params)
    days = [part for year in (2020, 2021, 2022, 2023) for part in ("--as-of", f"{year}-12-31")]
    asked = (
        *days,
        "--target",
        "below_line",
        "--baselines",
        "rules",
        "--household-folds",
        1,
        "--draws",
        20,
        "--lang",
        "en",
    )
    for source, name in ((files, "evaluated"), (packed, "evaluated_packed")):
        done = run("evaluate", source, *asked, "--out", files.parent / name, "--no-leak-check", "--delay-months", 0)
        assert done.exit_code == 0, done.output
    for file in sorted((files.parent / "evaluated").glob("*.csv")):
        assert file.read_bytes() == (files.parent / "evaluated_packed" / file.name).read_bytes(), file.name
