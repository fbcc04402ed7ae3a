"""The command screen."""

import shutil

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import split_register
from fanpin_risk.batch.layout import Manifest, write_manifest
from fanpin_risk.batch.partition_files import write_partition

DAY = "2023-12-31"


def test_screen_writes_what_the_library_answers(succeed, county, tmp_path):
    """All rows, or only what is not given, with sentences in the language of the run; counts are said."""
    register = fr.read_register(county)
    table = fr.screen(register, DAY, lang="en")
    shown = succeed("screen", county, "--as-of", DAY, "--out", tmp_path / "all.parquet", "--lang", "en").output
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "all.parquet"), table, check_dtype=False)
    failing = table[table["answer"] == "fail"]
    counts = table.groupby(["rule", "answer"]).size()["safe_housing"].reindex(["pass", "fail", "unknown"], fill_value=0)
    assert "safe house: given {:,}, not given {:,}, not known {:,}".format(*counts) in shown
    assert (
        f"{failing['household_id'].nunique():,} of {table['household_id'].nunique():,} households lack something"
        in shown
    )
    succeed("screen", county, "--as-of", DAY, "--failed", "--out", tmp_path / "failed.csv", "--lang", "zh")
    written = pd.read_csv(tmp_path / "failed.csv", dtype="str", encoding="utf-8-sig")
    assert written["household_id"].tolist() == failing["household_id"].tolist()
    assert written["says"].str.contains("无保障|未达到", regex=True).all()


def test_own_numbers_are_used_and_wrong_ones_refused(run, succeed, county, tmp_path):
    """A policy file with a mistake ends with exit code 3, names row and column, and writes nothing."""
    own = tmp_path / "policy.csv"
    own.write_text("name,area_prefix,valid_from,value\nschool_age_until,,2020-01-01,14\n", "utf-8")
    for name, extra in (("shipped", []), ("own", ["--policy", own])):
        succeed("screen", county, "--as-of", DAY, "--out", tmp_path / f"{name}.csv", *extra)
    shipped, changed = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("shipped", "own"))
    assert (changed["rule"] == "compulsory_education").sum() < (shipped["rule"] == "compulsory_education").sum()
    own.write_text("name,area_prefix,valid_from,value\nschool_age_until,,2020-01-01,young\n", "utf-8")
    result = run("screen", county, "--as-of", DAY, "--policy", own, "--out", tmp_path / "none.csv", "--lang", "en")
    assert result.exit_code == 3
    assert "policy.csv: row 2, value is young; expected 14 to 19 years" in result.stderr
    assert not (tmp_path / "none.csv").exists()


def test_groups_are_asked_instead(succeed, county, tmp_path):
    """Who belongs, in words, and how many of each are said."""
    table = fr.household_groups(fr.read_register(county), DAY)
    shown = succeed(
        "screen", county, "--as-of", DAY, "--ask", "groups", "--failed", "--out", tmp_path / "g.csv", "--lang", "zh"
    ).output
    written = pd.read_csv(tmp_path / "g.csv", dtype="str", encoding="utf-8-sig")
    assert written["rule"].tolist() == table.loc[table["answer"] == "yes", "rule"].tolist()
    assert f"整户无劳动能力：{(written['rule'] == 'no_labour').sum()}户，待查0户" in shown


def test_contradictions_are_asked(succeed, county, tmp_path):
    """With their severity, in words; those that can only be looked at are left out with --failed."""
    table = fr.contradictions(fr.read_register(county), DAY)
    out = tmp_path / "c.parquet"
    shown = succeed("screen", county, "--as-of", DAY, "--ask", "contradictions", "--out", out, "--lang", "en").output
    written = pd.read_parquet(out)
    assert written[["household_id", "rule", "severity"]].equals(
        table[["household_id", "rule", "severity"]].astype(written["rule"].dtype)
    )
    found = ((table["rule"] == "post_at_70") & (table["answer"] == "yes")).sum()
    assert f"[warning] public post at 70: {found}, not known 0" in shown


def test_without_a_table_of_monitoring_nothing_is_said_of_it(succeed, county, tmp_path):
    """Nobody is called unmonitored because the table was not given."""
    bare = shutil.copytree(county, tmp_path / "bare", ignore=shutil.ignore_patterns("monitoring.*"))
    shown = succeed("screen", bare, "--as-of", DAY, "--out", tmp_path / "all.csv", "--lang", "en").output
    assert "households lack something" in shown
    assert "not monitored" not in shown


@pytest.mark.parametrize(
    ("ask", "function", "kept"),
    [
        ("types", "monitored_type", lambda table: ~table["type_suggested"].isin(["none", "unknown"])),
        ("suspicions", "suspicions", lambda table: table["answer"] == "yes"),
        ("entitlements", "entitlements", lambda table: table["answer"] == "yes"),
        ("measures", "measures", lambda table: table["tried"] == "never"),
    ],
)
def test_other_questions_are_written_as_the_library_answers(succeed, county, tmp_path, ask, function, kept):
    """With --failed what is looked for; counts are said in both languages."""
    table = getattr(fr, function)(fr.read_register(county), DAY, lang="zh")
    expected = table[kept(table)]
    shown = succeed(
        "screen", county, "--as-of", DAY, "--ask", ask, "--failed", "--out", tmp_path / "f.csv", "--lang", "zh"
    ).output
    written = pd.read_csv(tmp_path / "f.csv", dtype="str", encoding="utf-8-sig")
    assert written["household_id"].tolist() == expected["household_id"].tolist()
    assert written["says"].tolist() == expected["says"].tolist()
    assert f"{len(expected):,}条结果" in shown
    english = succeed(
        "screen", county, "--as-of", DAY, "--ask", ask, "--out", tmp_path / "a.parquet", "--lang", "en"
    ).output
    assert "answers -> " in english
    assert "户" not in english.replace("脱贫不稳定户", "").replace("边缘易致贫户", "").replace("突发严重困难户", "")


@pytest.fixture(scope="module")
def packed_county(county, tmp_path_factory):
    """The county as a packed folder of several parts."""
    folder, read = tmp_path_factory.mktemp("packed"), fr.read_register(county)
    parts = [
        write_partition(folder, name, part.tables, part.supplied)
        for name, part in split_register(read, max_households=200)
    ]
    rows = {name: dict.fromkeys(("read", "kept", "rejected", "copies"), 0) for name in read.supplied}
    tables = tuple(name for name in fr.TABLES if name in read.supplied)
    write_manifest(folder, Manifest(tables, rows, "made up", DAY, tuple(parts)))
    assert len(parts) > 2
    return folder


@pytest.mark.parametrize("ask", ["guarantees", "types", "suspicions", "measures"])
def test_a_packed_register_is_answered_and_told_as_one_that_is_read(succeed, county, packed_county, tmp_path, ask):
    """The same rows in a folder of parts, the same counts on the screen; any register with --workers is asked so, too."""
    asked = ("--as-of", DAY, "--ask", ask, "--failed", "--lang", "en")
    shown = succeed("screen", county, *asked, "--out", tmp_path / "all.parquet").output
    whole = pd.read_parquet(tmp_path / "all.parquet")
    for source, extra in ((packed_county, ()), (county, ("--workers", 1))):
        out = tmp_path / source.name
        told = succeed("screen", source, *asked, "--out", out, *extra).output
        together = pd.concat(map(pd.read_parquet, sorted((out / "parts").iterdir())))
        together = together.sort_values("household_id", kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(together, whole)
        counts = [line for line in shown.splitlines() if line.startswith("  ") or "lack something" in line]
        assert counts
        assert [line for line in counts if line not in told] == []
        assert f"{len(whole):,} answers" in told
        assert "partitions;" in told


def test_what_cannot_be_asked_of_parts_is_refused(run, county, packed_county, tmp_path):
    """A file as the place of parts, options of reading, and a folder as the place of one table; nothing is written."""
    place = {"file": tmp_path / "a.csv", "folder": tmp_path / "a"}
    for source, out, extra, message in (
        (packed_county, place["file"], (), "give --out a folder"),
        (county, place["file"], ("--workers", 1), "give --out a folder"),
        (packed_county, place["folder"], ("--encoding", "gbk"), "a packed register has been read"),
        (county, place["folder"], (), "csv"),
    ):
        result = run("screen", source, "--as-of", DAY, "--out", out, *extra, "--lang", "en")
        assert result.exit_code != 0
        assert message in result.output
    assert list(tmp_path.iterdir()) == []


HEAD = "name,area_prefix,valid_from,value"
MISTAKES = {
    "unknown parameter": (f"{HEAD}\nschool_age_til,,2020-01-01,16\n", "row 2, name is school_age_til; expected one of school_age_until"),
    "two on one day": (
        f"{HEAD}\nschool_age_until,,2020-01-01,16\nschool_age_until,,2020/1/1,15\n",
        "row 3 holds for the name, area_prefix and valid_from of a row above it; keep one row for each",
    ),
    "last days": (
        f"{HEAD},valid_to\nschool_age_until,,2020-01-01,16,2021-12-31\n",
        "column valid_to is none of name, area_prefix, valid_from, value, status, source: an entry holds until a later valid_from",
    ),
    "out of range": (f"{HEAD}\nschool_age_until,,2020-01-01,61\n", "row 2, value is 61; expected 14 to 19 years"),
    "area": (f"{HEAD}\nschool_age_until,2112x,2020-01-01,16\n", "row 2, area_prefix is 2112x; expected the first 2, 4, 6, 9 or 12 digits"),
    "day": (f"{HEAD}\nschool_age_until,,1/7/2020,16\n", "row 2, valid_from is 1/7/2020; expected a day such as 2024-01-01"),
    "header": ("name,valid_from,value\nschool_age_until,2020-01-01,16\n", "column area_prefix is missing; expected name, area_prefix"),
    "no source": (f"{HEAD},status\nschool_age_until,,2020-01-01,16,sourced\n", "row 2, source is empty; expected where a value"),
}  # fmt: skip


@pytest.mark.parametrize("command", ["screen", "score", "evaluate", "check", "report"])
@pytest.mark.parametrize("mistake", list(MISTAKES))
def test_every_mistake_of_a_policy_is_told_by_every_command(run, county, tmp_path, command, mistake):
    """Before the work: with the file, row, column, what stands there and what was expected; nothing is written."""
    text, told = MISTAKES[mistake]
    (tmp_path / "own.csv").write_text(text, "utf-8")
    out = tmp_path / {"screen": "out.csv", "report": "out.xlsx"}.get(command, "out")
    days = (
        ["--as-of", DAY]
        if command != "evaluate"
        else [f for day in ("2021-12-31", "2022-12-31") for f in ("--as-of", day)]
    )
    model = ["--model", "demo"] if command in ("score", "report") else []
    result = run(command, county, *days, *model, "--policy", tmp_path / "own.csv", "--out", out, "--lang", "en")
    assert result.exit_code == 3
    assert f"own.csv: {told}" in result.stderr
    assert not out.exists()


def test_a_policy_of_an_office_is_read_as_it_writes_it(succeed, county, tmp_path):
    """Chinese headers, the encoding of Chinese spreadsheets, and a workbook give what a plain file gives."""
    (tmp_path / "plain.csv").write_text(f"{HEAD}\nschool_age_until,,2020-01-01,14\n", "utf-8")
    (tmp_path / "own.csv").write_text(
        "参数,区划代码,起始日期,数值,备注\nschool_age_until,,2020/1/1,14,试行\n", "gb18030"
    )
    pd.DataFrame(
        [["school_age_until", None, pd.Timestamp("2020-01-01"), 14]], columns=["参数", "区划代码", "起始日期", "数值"]
    ).to_excel(tmp_path / "own.xlsx", index=False)
    written = []
    for name in ("plain.csv", "own.csv", "own.xlsx"):
        succeed("screen", county, "--as-of", DAY, "--policy", tmp_path / name, "--out", tmp_path / f"{name}.out.csv")
        written.append((tmp_path / f"{name}.out.csv").read_bytes())
    assert written[0] == written[1] == written[2]


def test_own_measures_stand_in_place_of_those_shipped(run, succeed, county, tmp_path):
    """With their source and status; a mistake, or another question, is refused with what to do."""
    own, out = tmp_path / "own.csv", tmp_path / "m.csv"
    own.write_text("风险,劳动能力,帮扶措施,来源\n因病,有劳动能力,健康帮扶,县方案3号\n", "utf-8")
    succeed("screen", county, "--as-of", DAY, "--ask", "measures", "--measures", own, "--out", out)
    table = pd.read_csv(out, dtype="str", encoding="utf-8-sig")
    mine = (table["cause"] == "illness") & (table["labour"] == "able")
    assert table.loc[mine, ["measure", "status", "source"]].drop_duplicates().to_numpy().tolist() == [
        ["health", "user", "县方案3号"]
    ]
    assert (table.loc[~mine, "source"] != "县方案3号").all()
    wrong = ("screen", county, "--as-of", DAY, "--out", tmp_path / "none.csv", "--lang", "en")
    for extra, told in (
        (["--measures", own], "only --ask measures names measures"),
        (["--ask", "measures", "--policy", own], "no number of the rules is asked for measures"),
    ):
        result = run(*wrong, *extra)
        assert result.exit_code == 3
        assert told in result.stderr
    own.write_text("risk,labour,measure\nillness,able,cure\n", "utf-8")
    result = run(*wrong, "--ask", "measures", "--measures", own)
    assert result.exit_code == 3
    assert "own.csv: row 2, measure is cure; expected one of " in result.stderr
    assert not (tmp_path / "none.csv").exists()


def test_a_line_that_changes_within_the_year(run, succeed, county, tmp_path):
    """Rules ask by the line in force on the day: on both sides of the change; a wrong day is refused with its row."""
    lines = tmp_path / "lines.csv"
    lines.write_text("area_prefix,year,valid_from,line_cny\n,2020,,1000\n,2023,2023-12-01,50000\n", "utf-8")
    below = {}
    for day in ("2023-11-30", "2023-12-01"):
        succeed("screen", county, "--as-of", day, "--lines", lines, "--out", tmp_path / f"{day}.csv")
        table = pd.read_csv(tmp_path / f"{day}.csv", dtype="str", encoding="utf-8-sig")
        below[day] = int(((table["rule"] == "income_line") & (table["answer"] == "fail")).sum())
    assert below["2023-11-30"] * 5 < below["2023-12-01"]
    lines.write_text("area_prefix,year,valid_from,line_cny\n,2023,2024-07-01,8000\n", "utf-8")
    result = run("screen", county, "--as-of", DAY, "--lines", lines, "--out", tmp_path / "none.csv", "--lang", "en")
    assert result.exit_code == 3
    assert "lines.csv: row 2, valid_from is 2024-07-01; expected a day of the year of its row" in result.stderr
