"""A register in a database is the register in the files that were loaded into it."""

import logging
import traceback

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError, InputError, SchemaError

sqlalchemy = pytest.importorskip("sqlalchemy", reason="databases are opened with SQLAlchemy")

DAY = "2023-12-31"


def load(register, address, *, zoned=True):
    """Write a register into a database with columns of fitting types, its rows in another order."""
    engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool)
    for name, table in register.tables.items():
        frame, types = table.sample(frac=1, random_state=1), {}
        for column in frame.columns:
            dtype = frame[column].dtype
            if isinstance(dtype, pd.CategoricalDtype):
                frame[column] = frame[column].astype(object)
            elif dtype.kind == "M":
                stamp = sqlalchemy.DateTime(timezone=zoned) if column == "recorded_at" else sqlalchemy.Date()
                types[column] = stamp
                frame[column] = pd.Series(
                    [None if pd.isna(day) else day.to_pydatetime() for day in frame[column]],
                    index=frame.index, dtype=object,
                )  # fmt: skip
            elif dtype == np.float64 and column.endswith("cny"):
                types[column] = sqlalchemy.Numeric(14, 2)
        frame.to_sql(name, engine, index=False, dtype=types)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
    engine.dispose()


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    """The files of a register."""
    return fr.make_register(250, random_state=4).to_folder(tmp_path_factory.mktemp("county"), format="csv")


@pytest.fixture(scope="module")
def copy(csv, postgres):
    """The same register in PostgreSQL."""
    address = postgres.new()
    load(fr.read_register(csv), postgres.owner(address))
    return address


def hold_equal(one, other):
    """Hold rows, features and scores of two registers to be equal to the last bit."""
    pd.testing.assert_frame_equal(one.counts, other.counts)
    features = [fr.compute_features(register, DAY).sort_index() for register in (one, other)]
    pd.testing.assert_frame_equal(*features, check_exact=True)
    model = fr.load_model("demo")
    scores = [
        model.score(register, DAY, lang="zh").sort_values("household_id", ignore_index=True)
        for register in (one, other)
    ]
    pd.testing.assert_frame_equal(*scores, check_exact=True)


def test_a_copy_in_postgresql_gives_the_same_bits(csv, copy, monkeypatch):
    """Dates, numerics, booleans, times with a zone and NULLs are what the csv files say, over ADBC and from a cursor."""
    files = fr.read_register(csv)
    hold_equal(files, fr.read_register(copy))
    monkeypatch.setattr("fanpin_risk.records.read.database_rows.ARROW_DRIVERS", frozenset())
    hold_equal(files, fr.read_register(copy))


def test_a_copy_in_sqlite_gives_the_same_bits(csv, tmp_path):
    """By its address, by its file, and with an engine."""
    file = tmp_path / "county.db"
    load(fr.read_register(csv), f"sqlite:///{file}", zoned=False)
    files = fr.read_register(csv)
    for source in (file, f"sqlite:///{file}", sqlalchemy.create_engine(f"sqlite:///{file}")):
        read = fr.read_register(source)
        hold_equal(files, read)
        assert read.source == "county.db"


HOUSEHOLDS = (
    "CREATE TABLE 户信息 (户编号 text, 年度 int, 户类型 text)",
    "INSERT INTO 户信息 VALUES ('h1', 2023, '脱贫户'), ('h2', 2023, '一般农户'), ('合计', NULL, NULL), (NULL, NULL, NULL)",
)


def found(register):
    return sorted(register.problems[["source", "column", "code"]].itertuples(index=False, name=None))


def test_tables_are_known_by_their_names_as_sheets_are(postgres, files):
    """English or Chinese, views too; rows that are no data are no rows here either; the others are left alone."""
    address = postgres.new(
        *HOUSEHOLDS,
        "CREATE TABLE people (pid text, hid text, y int)",
        "INSERT INTO people VALUES ('p1', 'h1', 2023)",
        "CREATE VIEW members AS SELECT pid AS member_id, hid AS household_id, y AS 年度 FROM people",
        "CREATE MATERIALIZED VIEW 就学信息 AS SELECT pid AS 人编号, '2023' AS 学年, '小学' AS 学段, '在校' AS 就学状态 FROM people",
        "CREATE TABLE 户信息备份 AS SELECT * FROM 户信息",
        "CREATE TABLE households_old (户编号 text, 年度 int)",
    )
    register = files.read(address)
    assert register.counts["rows_kept"].to_dict() | {"households": 2, "members": 1, "enrolments": 1} == (
        register.counts["rows_kept"].to_dict()
    )
    assert found(register) == [
        ("households_old", "", "table_not_read"),
        ("户信息", "", "rows_skipped"),
        ("户信息备份", "", "table_not_read"),
    ]


def test_copies_put_aside_are_not_read(postgres, files):
    """Also where the table itself is named only much like a record table; queries read them all the same."""
    address = postgres.new(
        "CREATE TABLE t_households (户编号 text, 年度 int)",
        "INSERT INTO t_households VALUES ('h1', 2023)",
        "CREATE TABLE t_households_bak2 AS SELECT 'h2' AS 户编号, 年度 FROM t_households",
    )
    register = files.read(address)
    assert register.tables["households"]["household_id"].tolist() == ["h1"]
    assert ("t_households_bak2", "", "table_not_read") in found(register)
    asked = files.read(address, queries={"households": "t_households_bak2"})
    assert asked.tables["households"]["household_id"].tolist() == ["h2"]


def test_partitions_of_a_table_are_not_read_twice(postgres, files):
    """They are tables of their own, with names that may be those of record tables."""
    address = postgres.new(
        "CREATE TABLE households (户编号 text, 年度 int) PARTITION BY LIST (年度)",
        "CREATE TABLE households_2023 PARTITION OF households FOR VALUES IN (2023)",
        "INSERT INTO households VALUES ('h1', 2023)",
    )
    register = files.read(address)
    assert (register.counts["rows_read"]["households"], found(register)) == (1, [])


def test_comments_say_what_names_do_not(postgres, files):
    """Names in pinyin or numbers are common in systems of offices; the comments are the headers of the form."""
    address = postgres.new(
        "CREATE TABLE t_0815 (hbh text, ndu int, hlx text, zp bytea)",
        "INSERT INTO t_0815 VALUES ('h1', 2023, '脱贫户', 'photo')",
        "COMMENT ON TABLE t_0815 IS '户信息'",
        "COMMENT ON COLUMN t_0815.hbh IS '户编号'",
        "COMMENT ON COLUMN t_0815.ndu IS ' 年度 '",
        "COMMENT ON COLUMN t_0815.hlx IS '户类型'",
        "COMMENT ON COLUMN t_0815.zp IS '照片'",
    )
    register = files.read(address)
    assert register.tables["households"]["register_status"].tolist() == ["ex_poor"]
    assert found(register) == [("t_0815", "zp", "unknown_column")]


def test_queries_say_what_is_read(postgres, files, tmp_path):
    """A query, a table of another schema, several of one record table; nothing else is read then."""
    address = postgres.new(
        *HOUSEHOLDS,
        "CREATE SCHEMA gov",
        'CREATE TABLE gov."成员 2023" (人编号 text, 户编号 text, 年度 int)',
        """INSERT INTO gov."成员 2023" VALUES ('p1', 'h1', 2023)""",
        "CREATE TABLE incomes (a int)",
        "GRANT USAGE ON SCHEMA gov TO clerk",
        "GRANT SELECT ON ALL TABLES IN SCHEMA gov TO clerk",
    )
    queries = {
        "households": ["SELECT * FROM 户信息 WHERE 户编号 LIKE 'h1%';", "SELECT * FROM 户信息 WHERE 户编号 = 'h2'"],
        "家庭成员": "gov.成员 2023",
    }
    register = files.read(address, queries=queries)
    assert register.supplied == {"households", "members"}
    assert sorted(register.tables["households"]["household_id"]) == ["h1", "h2"]
    text = 'members = "gov.成员 2023"\nhouseholds = """SELECT * FROM 户信息 WHERE 年度 = 2023"""\n'
    (tmp_path / "queries.toml").write_text(text, encoding="utf-8")
    again = files.read(address, queries=tmp_path / "queries.toml")
    pd.testing.assert_frame_equal(register.tables["households"], again.tables["households"])
    with pytest.raises(FanpinError, match="queries are for databases"):
        fr.read_register(tmp_path, queries=queries)


def test_one_query_may_fill_several_tables(postgres, files):
    """As one sheet does: the rows of members with the figures of their households."""
    address = postgres.new(
        "CREATE TABLE flat (人编号 text, 户编号 text, 年度 int, 与户主关系 text, 户类型 text)",
        "INSERT INTO flat VALUES ('p1', 'h1', 2023, '户主', '脱贫户'), ('p2', 'h1', 2023, '配偶', '脱贫户')",
    )
    register = files.read(address, queries={"members": "flat"})
    assert register.tables["households"]["register_status"].tolist() == ["ex_poor"]
    assert len(register.tables["members"]) == 2


def test_lists_and_bytes_are_refused_and_said(postgres, files):
    """The row stays; the cell is not read, and the message says how to read it."""
    address = postgres.new(
        "CREATE TABLE households (户编号 text, 年度 int, 其他致贫原因 text[], 户类型 jsonb, note text[])",
        """INSERT INTO households VALUES ('h1', 2023, '{因病}', '{"a": 1}', '{x}'), ('h2', 2023, NULL, NULL, NULL)""",
    )
    register = files.read(address)
    assert len(register.tables["households"]) == 2
    assert found(register) == [
        ("households", "note", "unknown_column"),
        ("households", "其他致贫原因", "list_not_read"),
        ("households", "户类型", "value_not_read"),
    ]
    messages = " ".join(register.problems["message"])
    assert "1 cells hold lists" in messages
    assert "array_to_string" in messages


def test_whole_numbers_and_dates_of_any_type_are_ids_and_days(postgres, files):
    """An id of 19 digits is exact in a database, other than in a spreadsheet."""
    address = postgres.new(
        "CREATE TABLE households (户编号 bigint, 数据日期 timestamptz, 户类型 text)",
        "INSERT INTO households VALUES (1234567890123456789, '2023-06-30 00:00+08', '脱贫户')",
        "CREATE TABLE members (人编号 numeric(20), 户编号 numeric(20), 数据日期 date)",
        "INSERT INTO members VALUES (12345678901234567890, 1234567890123456789, '2023-06-30')",
    )
    china = files.read(f"{address}&options=-c%20TimeZone%3DAsia%2FShanghai")
    assert china.tables["households"]["household_id"].tolist() == ["1234567890123456789"]
    assert china.tables["members"]["member_id"].tolist() == ["12345678901234567890"]
    assert str(china.tables["households"]["valid_from"][0].date()) == "2023-06-30"
    assert found(china) == []
    abroad = files.read(f"{address}&options=-c%20TimeZone%3DUTC")
    assert str(abroad.tables["households"]["valid_from"][0].date()) == "2023-06-29"
    assert found(abroad) == [("households", "数据日期", "times_with_zone")]


def test_a_database_without_households_says_what_it_has(postgres):
    """The error names the tables, so that queries can be written."""
    address = postgres.new("CREATE TABLE hh (a int)", "CREATE TABLE mm (b int)", "CREATE TABLE members (人编号 text)")
    with pytest.raises(SchemaError, match=r"queries \(--queries\) that say what to read; tables there: members$"):
        fr.read_register(address)
    with pytest.raises(SchemaError, match=r"tables there: hh, mm$"):
        fr.read_register(postgres.new("CREATE TABLE hh (a int)", "CREATE TABLE mm (b int)"))


def test_tables_without_rows_are_known_as_given_and_those_that_fail_are_named(tmp_path, postgres, files):
    """As a file without rows is; a view that no longer fits its table is named, so that it can be mended."""
    address = postgres.new(*HOUSEHOLDS, "CREATE TABLE 就学信息 (人编号 text, 学年 text, 学段 text, 就学状态 text)")
    assert files.read(address).supplied == {"households", "enrolments"}
    file = tmp_path / "county.db"
    with sqlalchemy.create_engine(f"sqlite:///{file}", poolclass=sqlalchemy.NullPool).begin() as connection:
        for statement in (HOUSEHOLDS[0], HOUSEHOLDS[1], "CREATE VIEW members AS SELECT gone FROM 户信息"):
            connection.exec_driver_sql(statement)
    with pytest.raises(InputError, match=r"^county\.db, members: there is no column"):
        fr.read_register(file)


def test_progress_is_told_per_table(copy):
    """The caller hears of each table before it is read, and of the end."""
    told = []
    fr.read_register(copy, progress=lambda *step: told.append(step))
    assert told[0] == (0, 10, "disabilities")
    assert told[-1] == (10, 10, "")


def failing(address, quoted):
    """Give addresses and queries that fail, each in another way."""
    yield address.replace(quoted, "wr%2Fong"), None
    yield address.replace("/county", "/gone"), None
    yield address.replace("fanpin-pg-", "nowhere-"), None
    yield f"postgresql://clerk:{quoted}@127.0.0.1:1/county", None
    yield f"postgresql://clerk:{quoted}@host.invalid/county", None
    yield f"postgresql://clerk:{quoted}@host:port/county", None
    yield f"postgresql://clerk:{quoted}@host/county?nosuchoption=1", None
    yield f"postgresql+nosuchdriver://clerk:{quoted}@host/county", None
    yield f"nosuchkind://clerk:{quoted}@host/county", None
    yield f"postgresql:/clerk:{quoted}@host/county", None
    yield address, {"households": "gone"}
    yield address, {"households": "SELECT gone FROM pg_class"}
    yield address, {"households": "SELECT * FORM pg_class"}
    yield address, {"households": "SELECT 1/(relpages-relpages) FROM pg_class"}


@pytest.mark.filterwarnings("ignore:.*:ResourceWarning")
def test_a_password_never_appears(postgres, copy, caplog, capfd):
    """Neither in an error of any kind with all that led to it, nor in a log, a problem, a name or the output."""
    caplog.set_level(logging.DEBUG)
    said = []
    for address, queries in failing(copy, postgres.quoted):
        with pytest.raises(FanpinError) as error:
            fr.read_register(address, queries=queries)
        said += [str(error.value), repr(error.value), *traceback.format_exception(error.value)]
    register = fr.read_register(copy)
    said += [register.source, repr(register), register._repr_html_(), register.problems.to_csv()]
    said += [caplog.text, *capfd.readouterr()]
    for secret in (postgres.password, postgres.quoted, "wr/ong", "wr%2Fong"):
        assert [text for text in said if secret in text] == []
