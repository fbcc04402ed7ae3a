"""Reading a register for a command."""

import shutil
from pathlib import Path

import click
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.cli.reading import check_ending, check_text_ending, own_lines, pseudonyms, read_checked
from fanpin_risk.cli.talking import Teller
from fanpin_risk.words import in_language


@pytest.mark.parametrize(
    ("lang", "rows", "files"),
    [
        ("en", " rows read = ", "1 file(s) or sheet(s) could not be read: 家庭收入.csv"),
        ("zh", "读入 ", "另有 1 个文件（工作表）未能读取：家庭收入.csv"),
    ],
)
def test_rows_are_accounted_for_and_unread_files_named(tmp_path, capsys, lang, rows, files):
    """Nobody has to search for what was passed over."""
    fr.make_register(20, random_state=1).to_folder(tmp_path / "in", headers="zh")
    (tmp_path / "in/家庭收入.csv").write_bytes(b"PK\x03\x04 no csv at all \x00\x00")
    with in_language(lang):
        read_checked(tmp_path / "in", Teller())
    told = capsys.readouterr().err
    assert rows in told
    assert files in told


@pytest.mark.parametrize(
    ("lang", "lost", "unknown"),
    [
        (
            "en",
            "土特产收入: looks like money and was not read; it is not counted in any income: 2 households, 1,700 in all",
            "of 1 households",
        ),
        (
            "zh",
            "家庭收入.csv 的“土特产收入”像是金额但未读取，未计入任何农户的收入：涉及 2 户，合计 1,700",
            "1 户有金额无法使用",
        ),
    ],
)
def test_lost_money_heads_what_is_said(tmp_path, capsys, lang, lost, unknown):
    """With the column, the households it concerns and what it comes to, and whose income is unknown."""
    (tmp_path / "户信息.csv").write_text("户编号,年度\nh1,2022\nh2,2022\n", encoding="utf-8")
    incomes = "户编号,年度,工资性收入,土特产收入\nh1,2022,1000,500\nh2,2022,不详,1200\n"
    (tmp_path / "家庭收入.csv").write_text(incomes, encoding="utf-8")
    with in_language(lang):
        read_checked(tmp_path, Teller())
    notes = [line for line in capsys.readouterr().err.splitlines() if "note:" in line or "注意" in line]
    assert lost in notes[0]
    assert unknown in notes[-1]


@pytest.mark.parametrize(
    "asked",
    [
        "train {in} --as-of 2022-12-31 --out {out}",
        "score {in} --as-of 2022-12-31 --model demo --out {out}",
        "score {in} --as-of 2022-12-31 --model demo --out {out} --workers 1",
        "explain {in} --as-of 2022-12-31 --model demo --household h1 --out {out}.txt",
        "report {in} --as-of 2022-12-31 --model demo --out {out}.html",
        "features {in} --as-of 2022-12-31 --out {out}.csv",
        "evaluate {in} --as-of 2021-12-31 --as-of 2022-12-31 --out {out}",
        "drift {in} --as-of 2022-12-31 --model demo --out {out}",
        "pack {in} --out {out} --threads 1",
    ],
    ids=lambda asked: asked.partition(" ")[0],
)
def test_too_few_households_are_an_error(asked, run, tmp_path):
    """Fewer than half were kept: nothing is written, and the three commonest reasons are named, each with one of its rows."""
    if asked.startswith("pack"):
        pytest.importorskip("duckdb", reason="duckdb is not installed: extra 'pack'")
    (tmp_path / "in").mkdir()
    rows = ["h1,2022,", *[f"h{n},soon," for n in range(2, 8)], ",2022,", ",2022,", "211221199001011232,2022,"]
    rows += ["h11,,", "h12,,", "h13,,"]
    (tmp_path / "in/户信息.csv").write_text("\n".join(["户编号,年度,户类型", *rows]), encoding="utf-8")
    (tmp_path / "in/家庭成员.csv").write_text("人编号,户编号,年度\np1,h1,2022\n", encoding="utf-8")
    places = {"in": tmp_path / "in", "out": tmp_path / "out"}
    result = run(*(word.format_map(places) for word in asked.split()), "--lang", "en")
    assert result.exit_code == 3, result.output
    assert "only 1 of 13 rows of households could be used" in result.stderr
    reasons = result.stderr.partition("Commonest reasons: ")[2]
    assert reasons.startswith("6 rows, such as 户信息.csv, row 3, valid_from: expected a date")
    assert "5 rows, such as 户信息.csv, row 9, household_id: expected a value" in reasons
    assert "1 rows, such as 户信息.csv, row 11, household_id: expected a register number, not a citizen id" in reasons
    assert "2112" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_households_without_income_are_counted(tmp_path, capsys):
    """The leading zeros of an id were lost in one file: nobody has to find out by the scores that are missing."""
    files = {
        "户信息": "户编号,年度\n001,2023\nh2,2023\nh3,2023\n",
        "收入": "户编号,年度,工资性收入\n1,2023,500\nh2,2023,600\nh3,2023,700\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    with in_language("en"):
        read_checked(tmp_path, Teller())
    assert "of 1 of 3 households no income is on record" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("check {in}", "most rows of incomes cannot be used"),
        ("score {in} --as-of 2023-12-31 --model demo --out {out}", "only 0 of 3 rows of incomes could be used"),
        ("pack {in} --out {out} --threads 1", "only 0 of 3 rows of incomes could be used"),
    ],
)
def test_incomes_of_which_hardly_a_row_can_be_used_are_an_error(asked, said, run, tmp_path):
    """Three households and no income of any: nothing is computed, and the reason is named."""
    (tmp_path / "in").mkdir()
    files = {"户信息": "年度,家庭人口数\n{},2022,2", "家庭收入": "工资性收入\n{},9000"}
    for name, text in files.items():
        header, row = text.split("\n")
        lines = [f"户编号,{header}", *(row.format(f"h{n}") for n in range(3))]
        (tmp_path / f"in/{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    places = {"in": tmp_path / "in", "out": tmp_path / "out"}
    result = run(*(word.format_map(places) for word in asked.split()), "--lang", "en")
    assert (result.exit_code, said in result.stderr) == (3, True), result.output


def test_ids_become_the_pseudonyms_of_reading(county, tmp_path):
    """A household is found by its own id in a register that was read with a key."""
    key = tmp_path / "key"
    key.write_text("sixteen bytes or more\n")
    read = read_checked(county, Teller(quiet=True), id_key=key)
    ids = fr.read_register(county).tables["households"]["household_id"]
    assert pseudonyms(tuple(ids), key) == tuple(read.tables["households"]["household_id"])


def test_endings_are_checked():
    """In capitals as well; the screen has no ending."""
    check_ending(Path("A.CSV"))
    check_text_ending(None, (".md", ".html"))
    check_text_ending(Path("a.HTML"), (".md", ".html"))
    with pytest.raises(click.UsageError, match=r"a\.txt: expected a file that ends in \.csv, \.parquet, \.xlsx"):
        check_ending(Path("b/a.txt"))
    with pytest.raises(click.UsageError, match=r"a\.txt: expected a file that ends in \.md or \.html"):
        check_text_ending(Path("a.txt"), (".md", ".html"))


def test_own_lines_are_read_where_a_file_is_named(tmp_path):
    """No file, no lines of one's own."""
    assert own_lines(None) is None
    pd.DataFrame({"area_prefix": [""], "year": [2023], "line_cny": [9000]}).to_csv(tmp_path / "l.csv", index=False)
    assert own_lines(tmp_path / "l.csv").entry("", 2023).status == "user"


def in_sqlite(folder, file):
    """Put the tables of a register into a file of SQLite."""
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="databases are opened with SQLAlchemy")
    engine = sqlalchemy.create_engine(f"sqlite:///{file}", poolclass=sqlalchemy.NullPool)
    for name, frame in fr.read_register(folder).tables.items():
        frame.astype(dict.fromkeys(frame.select_dtypes("category"), str)).to_sql(name, engine, index=False)
    return f"sqlite:///{file}"


def test_every_command_takes_an_address(county, model, succeed, tmp_path):
    """Wherever REGISTER stands, a database may stand; the results are those of the files."""
    address = in_sqlite(county, tmp_path / "county.db")
    day = ("--as-of", "2023-12-31")
    for source, out in ((county, tmp_path / "a"), (address, tmp_path / "b")):
        out.mkdir()
        succeed("check", source, "--out", out / "check")
        succeed("features", source, *day, "--out", out / "features.csv")
        succeed("score", source, *day, "--model", model, "--out", out / "scores")
        succeed("report", source, *day, "--model", model, "--out", out / "report.xlsx")
        succeed("drift", source, *day, "--model", model, "--out", out / "drift")
    for name in ("check/counts.csv", "features.csv", "scores/scores.csv", "scores/watchlist.csv"):
        one, other = (pd.read_csv(tmp_path / part / name, dtype=str) for part in "ab")
        key = one.columns[0] if "rank" not in name else "household_id"
        pd.testing.assert_frame_equal(*(f.sort_values(key, ignore_index=True) for f in (one, other)))
    household = fr.read_register(county).tables["households"]["household_id"][0]
    letters = [
        succeed("explain", source, *day, "--model", model, "--household", household).stdout
        for source in (county, address)
    ]
    assert letters[0] == letters[1]


def test_an_archive_is_a_register(county, succeed, tmp_path):
    """A zip of the folder is read as the folder."""
    shutil.make_archive(str(tmp_path / "county"), "zip", county)
    lines = [succeed("check", source).stdout for source in (county, tmp_path / "county.zip")]
    assert lines[0] == lines[1]


def test_queries_of_a_file_say_what_is_read(county, succeed, run, tmp_path):
    """With --queries; a file that is none is refused with what to write."""
    address = in_sqlite(county, tmp_path / "county.db")
    (tmp_path / "queries.toml").write_text('households = "select * from households limit 7"\n', encoding="utf-8")
    told = succeed("check", address, "--queries", tmp_path / "queries.toml").stdout
    assert "households | 7 | 7 | 0" in told
    assert "members | 0 | 0 | 0  (not given)" in told
    (tmp_path / "queries.toml").write_text("select 1", encoding="utf-8")
    failed = run("check", address, "--queries", tmp_path / "queries.toml")
    assert failed.exit_code == 3
    assert "is not a TOML file" in failed.stderr


def test_no_output_of_a_command_shows_a_password(postgres, model, run, tmp_path):
    """Neither when it fails, in whatever way, nor in what it writes."""
    address = postgres.new(
        "CREATE TABLE households (户编号 text, 年度 int)", "INSERT INTO households VALUES ('h1', 2023)"
    )
    day = ("--as-of", "2023-12-31", "--model", model)
    (tmp_path / "bad.toml").write_text('households = "select gone from households"\n', encoding="utf-8")
    commands = [
        ("check", address, "--out", tmp_path / "check"),
        ("score", address, *day, "--out", tmp_path / "scores"),
        ("report", address, *day, "--out", tmp_path / "report.html"),
        ("explain", address, *day, "--household", "h1"),
        ("check", address, "--queries", tmp_path / "bad.toml"),
        ("check", address.replace(postgres.quoted, "wr%2Fong")),
        ("check", address.replace("fanpin-pg-", "nowhere-")),
        ("check", address.replace("postgresql://", "postgresql:/")),
        ("check", address.replace("postgresql://", "nosuchkind://")),
        ("pack", address, "--out", tmp_path / "packed"),
        ("pack", address.replace("postgresql://", ""), "--out", tmp_path / "packed"),
    ]
    results = [run(*command) for command in commands]
    assert [result.exit_code for result in results[:3]] == [0, 0, 0]
    assert {result.exit_code for result in results} <= {0, 2, 3}
    said = [result.output + str(result.exception) for result in results]
    said += [file.read_text("utf-8", errors="replace") for file in tmp_path.rglob("*") if file.is_file()]
    for secret in (postgres.password, postgres.quoted, "wr/ong", "wr%2Fong"):
        assert [text for text in said if secret in text] == []
