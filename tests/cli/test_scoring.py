"""Scoring from the command line: words for offices, and what must be said of a model."""

from functools import partial
from itertools import pairwise

import click
import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import partition_names, split_register
from fanpin_risk.batch.layout import Manifest, write_manifest
from fanpin_risk.batch.partition_files import write_partition
from fanpin_risk.cli import main
from fanpin_risk.cli.options import reading_options
from fanpin_risk.cli.scoring import EventForecast, headed, load
from fanpin_risk.model.tiers import in_words
from fanpin_risk.words import in_language

DAY = "2023-12-31"
SIX_MONTHS = EventForecast("newly_monitored", 6)

# Options of 'score' that do not depend on how it scores: how the register is read, which is done once before either way;
# where the results go; --workers, which chooses the way.
# --overwrite: tests/cli/test_overwrite.py and test_parts.py.
OF_READING = {parameter.name for parameter in click.command()(reading_options(lambda: None)).params} | {"register"}
OF_THE_PLACE = {"out", "overwrite", "workers", "quiet"}
OF_A_LIST = {"households_file"}  # whose results have other tables: tests/cli/test_household_lists.py
# All others -> a value beside the default, and the tables in which it must be seen.
SCORES = {"scores", "watchlist"}
OPTIONS = {
    "as_of": (("--as-of", "2022-12-31"), {*SCORES, "unscored"}),
    "model": (("--model", "demo"), SCORES),
    "lines_file": (("--lines", "LINES"), SCORES),
    "policy_file": (("--policy", "POLICY"), SCORES),
    "lang": (("--lang", "zh"), SCORES),
    "n_reasons": (("--reasons", "1"), SCORES),
    "groups": (("--group", "struck"), SCORES),
    "capacity": (("--capacity", "3"), {"watchlist"}),
    "per": (("--per", "township"), {"watchlist"}),
    "all_contributions": (("--all-contributions",), {"contributions"}),
    "kind": (("--format", "xlsx"), {"kinds"}),
}


def test_a_watch_list_is_shown_in_words():
    """Codes become words, columns their headers, numbers as many digits as a reader can use."""
    listed = pd.DataFrame(
        {
            "rank": [1], "household_id": ["H1"], "risk": [0.123456], "tier": ["high"], "enough_known": [False],
            "monitored": pd.array([pd.NA], dtype="boolean"), "reason_1": ["x"], "contribution_1": [0.12345], "other": [1],
        }
    )  # fmt: skip
    with in_language("zh"):
        shown = headed(listed, SIX_MONTHS)
    assert shown.iloc[0].dropna().to_dict() == {
        "序号": 1, "户编号": "H1", "6个月内返贫致贫风险": 0.1235, "风险等级": "高", "记录是否足够": "否", "原因1": "x",
        "原因贡献1": 0.12, "other": 1,
    }  # fmt: skip
    with in_language("en"):
        assert list(headed(listed, SIX_MONTHS).columns) == list(listed.columns)


def test_a_place_without_a_code_is_no_empty_cell():
    """The name stands for the code, and words for what is not known."""
    listed = pd.DataFrame(
        {
            "area": ["", "甲镇", "211282"], "risk": [0.1] * 3, "tier": ["high"] * 3, "enough_known": [True] * 3, "monitored": [False] * 3,
            "area_code": pd.Series([None, None, "211282"], dtype="str"), "area_name": pd.Series([None, "甲镇", None], dtype="str"),
        }
    )  # fmt: skip
    with in_language("zh"):
        shown = headed(listed, SIX_MONTHS)
    assert shown["地区"].tolist() == ["所在地不详", "甲镇", "211282"]
    assert shown["行政区划代码"].tolist() == ["无行政区划代码", "无行政区划代码", "211282"]
    assert shown["所在地"].fillna("").tolist() == ["所在地不详", "甲镇", ""]


def test_the_model_that_ships_goes_by_its_name(model):
    """The name stands for its folder; own lines are taken along."""
    assert load("demo").label.startswith("demo:")
    lines = fr.MonitoringLines()
    assert load(model, lines=lines).lines is lines


def test_a_register_that_lacks_a_table_of_the_model_is_told(run, county, model, tmp_path):
    """Households look alike in a table that is not there: the advice is to train on what there is, also when quiet."""
    part = tmp_path / "part"
    part.mkdir()
    for file in county.iterdir():
        if file.stem not in ("medical", "warnings"):
            (part / file.name).write_bytes(file.read_bytes())
    for source, lang, told in (
        (part, "en", "lacks tables that the model was trained with: medical."),
        (part, "zh", "缺少模型训练时所用的表：医疗费用。"),
        (county, "zh", None),
    ):
        out = tmp_path / f"{source.name}-{lang}.csv"
        asked = ("--as-of", DAY, "--model", model, "--out", out, "--lang", lang, "--quiet")
        result = run("score", source, *asked)
        assert result.exit_code == 0, result.output
        assert told in result.stderr if told else result.stderr == ""


def test_what_is_missing_of_all_that_is_asked_is_told(run, county, model, tmp_path):
    """Also of what the model does not use, and of no register that is full."""
    part = tmp_path / "part"
    part.mkdir()
    for name in ("households", "members", "incomes", "monitoring"):
        (part / f"{name}.parquet").write_bytes((county / f"{name}.parquet").read_bytes())
    for source, lang, told in (
        (part, "en", "is on record, for at least half of the households, in: health ("),
        (part, "zh", "登记不足一半：健康（"),
        (county, "en", None),
    ):
        result = run(
            "score",
            source,
            "--as-of",
            DAY,
            "--model",
            model,
            "--out",
            tmp_path / f"{source.name}-{lang}.csv",
            "--lang",
            lang,
        )
        assert result.exit_code == 0, result.output
        assert (told or "") in result.stderr
        assert ("little_known" in result.stderr) == bool(told)
    scores = pd.read_csv(tmp_path / "part-en.csv")
    assert scores["little_known"].str.startswith("health; disability").all()


def test_own_lines_are_used_and_the_basis_is_told(run, county, model, tmp_path):
    """The line of a year without one is not passed off as official; one's own lines change the scores."""
    asked = ("score", county, "--as-of", DAY, "--model", model, "--lang", "en")
    plain = run(*asked, "--out", tmp_path / "plain.csv")
    assert "the monitoring line of 2023" in plain.stderr
    lines = tmp_path / "lines.csv"
    lines.write_text("area_prefix,year,line_cny\n,2021,12000\n,2023,16000\n", "utf-8")
    own = run(*asked, "--out", tmp_path / "own.csv", "--lines", lines)
    assert own.exit_code == 0
    assert "the monitoring line of" not in own.stderr
    assert pd.read_csv(tmp_path / "own.csv")["risk"].mean() > pd.read_csv(tmp_path / "plain.csv")["risk"].mean()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_day_without_households_is_doubted(run, county, model, tmp_path, lang):
    """Nobody is on record before the first export: the day may be wrong."""
    asked = ("--as-of", "2000-01-01", "--model", model, "--out", tmp_path / "s", "--lang", lang)
    told = {
        "en": "no household is on record on 2000-01-01; check the day",
        "zh": "2000-01-01 当日没有任何在册农户，请核对日期",
    }
    assert told[lang] in run("score", county, *asked).stderr


def read_table(file):
    """Read a table that the command wrote; what is not a number becomes a text, and so does a column in which nothing is."""
    read = {".parquet": pd.read_parquet, ".csv": pd.read_csv, ".xlsx": partial(pd.read_excel, engine="calamine")}
    table = read[file.suffix](file)
    for name, dtype in table.dtypes.items():
        if not pd.api.types.is_numeric_dtype(dtype) or table[name].isna().all():
            table[name] = table[name].astype("object").where(table[name].notna(), "").astype("str")
    return table


def tables_of(out, *, in_parts, lang):
    """Return the tables of a run, however they are laid out, in words, and as one more the kinds of their files."""
    places = {
        "scores": "scores/parts/*" if in_parts else "scores.*",
        "unscored": "scores/unscored/*" if in_parts else "unscored.*",
        "contributions": "scores/contributions/*" if in_parts else "contributions.*",
        "watchlist": "watchlist.csv",
    }
    files = {table: sorted(out.glob(place)) for table, place in places.items()}
    found = {table: pd.concat(map(read_table, held), ignore_index=True) for table, held in files.items() if held}
    if in_parts:
        found["scores"] = in_words(found["scores"], lang=lang)
    for table in found.keys() - {"watchlist"}:
        found[table] = found[table].sort_values("household_id", ignore_index=True)
    found["kinds"] = pd.DataFrame({"kind": sorted({table + file.suffix for table in files for file in files[table]})})
    return found


def differing(one, other):
    """Names of the tables that are not the same."""

    def same(table):
        try:
            pd.testing.assert_frame_equal(one[table], other[table], check_exact=True, check_dtype=False)
        except AssertionError:
            return False
        return True

    return {table for table in one.keys() | other.keys() if table not in one or table not in other or not same(table)}


@pytest.fixture(scope="module")
def both_ways(succeed, county, model, tmp_path_factory):
    """Score in memory and in parts with the same options, and return the tables of both."""
    lines = tmp_path_factory.mktemp("lines") / "lines.csv"
    lines.write_text("area_prefix,year,line_cny\n,2021,12000\n,2023,16000\n", "utf-8")
    policy = lines.with_name("policy.csv")
    policy.write_text("name,area_prefix,valid_from,value\nschool_age_until,,2020-01-01,14\n", "utf-8")
    files = {"LINES": lines, "POLICY": policy}

    def score(*options):
        options = [files.get(option, option) for option in options]
        given = dict(pairwise(options))
        plain = {"--as-of": DAY, "--model": model, "--lang": "en", "--format": "csv"}
        asked = [*options, *(word for name in plain.keys() - given.keys() for word in (name, plain[name])), "--quiet"]
        found = {}
        for way, workers in (("memory", ()), ("parts", ("--workers", "1"))):
            out = tmp_path_factory.mktemp(way)
            succeed("score", county, *asked, *workers, "--out", out)
            found[way] = tables_of(out, in_parts=way == "parts", lang=given.get("--lang", plain["--lang"]))
        return found

    return score


@pytest.fixture(scope="module")
def plain(both_ways):
    return both_ways()


def test_every_option_of_score_is_tried_both_ways():
    """Whoever adds one says here in which tables it is seen, or that it is no matter of scoring."""
    options = {parameter.name for parameter in main.commands["score"].params}
    of_scoring = options - OF_READING - OF_THE_PLACE - OF_A_LIST
    assert of_scoring == OPTIONS.keys(), (
        f"{sorted(of_scoring ^ OPTIONS.keys())}: say in OPTIONS with which value each is tried and in which tables it is seen"
    )


def test_both_ways_give_the_same_tables(plain):
    """Without any option."""
    assert differing(plain["memory"], plain["parts"]) == set()
    assert plain["memory"].keys() == {"scores", "unscored", "watchlist", "kinds"}
    assert len(plain["memory"]["scores"]) > 400


@pytest.mark.parametrize("option", OPTIONS)
def test_both_ways_take_every_option(both_ways, plain, option):
    """Each gives the same values both ways, and is seen where it should be: neither way passes over it."""
    asked, seen = OPTIONS[option]
    found = both_ways(*asked)
    unlike = differing(found["memory"], found["parts"])
    assert unlike == set(), f"in these tables {option} gives other values in memory than in parts"
    for way in ("memory", "parts"):
        unseen = seen - differing(found[way], plain[way])
        assert unseen == set(), f"in these tables {option} changes nothing in {way}"


def test_contributions_in_memory_add_up_to_the_risks(succeed, county, model, tmp_path):
    """Beside one file too, with the ids of the scores: base and contributions are the log-odds, and no parts are made."""
    asked = ("--as-of", DAY, "--model", model, "--all-contributions", "--format", "xlsx", "--quiet")
    succeed("score", county, *asked, "--out", tmp_path / "s.parquet")
    scores = pd.read_parquet(tmp_path / "s.parquet")
    contributions = pd.read_parquet(tmp_path / "s/contributions.parquet")
    assert contributions["household_id"].tolist() == scores["household_id"].tolist()
    logit = contributions.drop(columns="household_id").sum(axis=1).to_numpy()
    np.testing.assert_allclose(1 / (1 + np.exp(-logit)), scores["risk"], rtol=1e-9)
    assert {file.name for file in (tmp_path / "s").iterdir()} >= {"unscored.xlsx", "watchlist.csv", "problems.csv"}
    assert not list(tmp_path.glob("s/s*"))


def test_another_format_leaves_no_older_scores(succeed, county, model, tmp_path):
    """Results that are replaced go with all their tables."""
    asked = ("--as-of", DAY, "--model", model, "--out", tmp_path / "s", "--overwrite", "--quiet")
    succeed("score", county, *asked, "--all-contributions")
    succeed("score", county, *asked, "--format", "parquet")
    assert {file.name for file in (tmp_path / "s").glob("*scored.*")} == {"unscored.parquet"}
    assert {file.name for file in (tmp_path / "s").glob("scores.*")} == {"scores.parquet"}
    assert not list((tmp_path / "s").glob("contributions.*"))


def test_lists_of_a_named_group(run, tmp_path):
    """Every list holds households of the group alone; scores hold all. In parts, packed, and of named households, too."""
    folder = fr.make_register(500, random_state=1).to_folder(tmp_path / "register")
    how = [
        "score",
        folder,
        "--model",
        "demo",
        "--as-of",
        "2024-12-31",
        "--format",
        "parquet",
        "--capacity",
        10,
        "--lang",
        "en",
    ]
    done = run(*how, "--out", tmp_path / "out", "--group", "lone_elderly", "--group", "struck")
    assert done.exit_code == 0, done.output
    found = fr.household_groups(fr.read_register(folder), "2024-12-31", groups=["lone_elderly", "struck"])
    of_group = set(found.loc[found["answer"] == "yes", "household_id"])
    scores = pd.read_parquet(tmp_path / "out" / "scores.parquet")
    assert len(scores) > len(of_group)
    for name in ("watchlist", "rule_list", "disagreements"):
        ids = pd.read_csv(tmp_path / "out" / f"{name}.csv", dtype="str")["household_id"]
        assert set(ids) <= of_group
        assert len(ids)
    by_rule = pd.read_csv(tmp_path / "out" / "rule_list.csv", dtype="str")["household_id"]
    failing = scores[
        (scores["rules"] != "") & ~scores["monitored"].fillna(False) & scores["household_id"].isin(of_group)
    ]
    listed = pd.read_csv(tmp_path / "out" / "watchlist.csv", dtype="str")["household_id"]
    assert set(failing["household_id"]) == set(by_rule) | (set(listed) & set(failing["household_id"]))
    assert f"only households of old person living alone, struck by an event: {len(of_group):,}" in done.output
    assert run(*how, "--out", tmp_path / "no", "--group", "roof").exit_code == 2
    assert set(scores["household_id"][scores["groups"] != ""]) == of_group
    lists = {
        name: (tmp_path / "out" / name).read_text("utf-8-sig")
        for name in ("watchlist.csv", "rule_list.csv", "disagreements.csv")
    }
    named = ("--group", "lone_elderly", "--group", "struck")
    names = partition_names(fr.read_register(folder).tables["households"], max_households=200)
    parts = list(split_register(fr.read_register(folder), names=names))
    assert len(parts) > 2
    written = [write_partition(tmp_path / "packed", name, part.tables, part.supplied) for name, part in parts]
    rows = {name: dict.fromkeys(("read", "kept", "rejected", "copies"), 0) for name in fr.TABLES}
    write_manifest(tmp_path / "packed", Manifest(tuple(fr.TABLES), rows, "made up", DAY, tuple(written)))
    for source, extra in ((folder, ("--workers", 1)), (tmp_path / "packed", ())):
        out = tmp_path / f"{source.name} in parts"
        shown = run("score", source, *how[2:], "--out", out, *named, *extra)
        assert shown.exit_code == 0, shown.output
        assert f"only households of old person living alone, struck by an event: {len(of_group):,}" in shown.output
        assert {name: (out / name).read_text("utf-8-sig") for name in lists} == lists
    asked = tmp_path / "asked.csv"
    scores["household_id"].iloc[:100].to_csv(asked, index=False)
    shown = run(*how, "--out", tmp_path / "asked", "--households", asked, *named)
    assert shown.exit_code == 0, shown.output
    ranked = pd.read_csv(tmp_path / "asked" / "watchlist.csv", dtype="str")["household_id"]
    assert set(ranked) <= of_group & set(scores["household_id"].iloc[:100])
    assert len(pd.read_parquet(tmp_path / "asked" / "scores.parquet")) == 100


def test_the_header_says_what_the_probability_is_of():
    """A list of a model of monitored households does not call its risk one of returning to poverty."""
    listed = pd.DataFrame({"household_id": ["a"], "risk": [0.7]})
    with in_language("zh"):
        assert list(headed(listed, EventForecast("not_eliminated", 12)).columns)[1] == "12个月内风险未消除的概率"
        assert list(headed(listed, EventForecast("newly_monitored", 12)).columns)[1] == "12个月内返贫致贫风险"
