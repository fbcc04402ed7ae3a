"""Values of a database become the texts that an export would hold, by whichever way they come."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from uuid import UUID

import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.records.read import database_rows
from fanpin_risk.records.read.addresses import opened
from fanpin_risk.records.read.database_rows import LISTS, OTHER, Reader, text_of_cell

sqlalchemy = pytest.importorskip("sqlalchemy", reason="databases are opened with SQLAlchemy")

ZONE = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (Decimal("NaN"), ""),
        ("  h1 ", "  h1 "),
        (False, "false"),
        (123456789012345678, "123456789012345678"),
        (0.1, "0.1"),
        (1e22, "1e+22"),
        (Decimal("1E+5"), "100000"),
        (Decimal("0.10"), "0.10"),
        (dt.date(2023, 6, 30), "2023-06-30"),
        (dt.datetime(2023, 6, 30, 23, 59, 1, tzinfo=ZONE), "2023-06-30 23:59:01"),
        (dt.time(8, 15), "08:15:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"\x01", "1"),
        (b"\x00", "0"),
        (b"photo", None),
        (memoryview(b"photo"), None),
        (["a"], None),
        ({"a": 1}, None),
        (dt.timedelta(days=1), None),
    ],
)
def test_values_as_texts(value, text):
    """None of them loses anything; what no cell can hold is said to be not read."""
    assert text_of_cell(value) == text


def answer(address, query):
    """Return the answer to a query, and its cells by header."""
    with opened(address) as connection, Reader(connection, "county") as reader:
        found, columns = reader.whole(query, "t")
    return found, {name: column.to_pylist() for name, column in zip(found.headers, columns, strict=True)}


TYPES = """CREATE TABLE t (i int, b bigint, n numeric(12,2), f float8, r real, d date, ts timestamp, tz timestamptz,
 yes boolean, c char(4), v varchar, m money, e mood, u uuid, bit bit(1), a text[], j jsonb, by bytea, iv interval)"""
ROW = """INSERT INTO t VALUES (7, 123456789012345678, 1234.50, 0.1, 0.1, '2023-06-30', '2023-06-30 12:00:00.5',
 '2023-06-30 00:30+08', true, 'ab', '张 %s :x', 3.5, 'sad', '00000000-0000-0000-0000-000000000001', B'1', '{a,b}', '{"a": 1}',
 'photo', '1 day')"""
PLAIN = {
    "i": ["7", ""],
    "b": ["123456789012345678", ""],
    "n": ["1234.50", ""],
    "f": ["0.1", ""],
    "r": ["0.1", ""],
    "d": ["2023-06-30", ""],
    "yes": ["true", ""],
    "c": ["ab  ", ""],
    "v": ["张 %s :x", ""],
}
OTHERS = {"m": ["$3.50", ""], "e": ["sad", ""], "u": ["00000000-0000-0000-0000-000000000001", ""], "bit": ["1", ""]}


@pytest.fixture(scope="module")
def types(postgres):
    """A table with a column of every type, a row of values and a row without any."""
    return postgres.new(
        "CREATE TYPE mood AS ENUM ('sad')", TYPES, ROW.replace("%", "%%"), "INSERT INTO t (i) VALUES (NULL)"
    )


@pytest.fixture(params=["adbc", "cursor"])
def by_arrow(request, monkeypatch):
    """Both ways in which rows come."""
    if request.param == "adbc":
        pytest.importorskip("adbc_driver_postgresql", reason="the rows come as Arrow batches over ADBC")
        monkeypatch.setattr(Reader, "streamed", lambda *_: pytest.fail("the rows did not come as Arrow batches"))
    else:
        monkeypatch.setattr(database_rows, "ARROW_DRIVERS", frozenset())
    return request.param == "adbc"


@pytest.mark.usefixtures("by_arrow")
def test_plain_types_are_the_same_in_both_ways(types):
    """To the last character, so that features are the same to the last bit."""
    found, cells = answer(types, f"SELECT {', '.join(PLAIN)} FROM t WHERE v IS NULL OR v LIKE '%:x'")
    assert cells == PLAIN
    assert found.not_read == {}


@pytest.mark.usefixtures("by_arrow")
def test_times_with_a_zone_are_those_of_the_connection(types):
    """Half past midnight in China is the day before in London; the address says whose days count."""
    for zone, day in (("Asia/Shanghai", "2023-06-30 00:30:00"), ("Europe/London", "2023-06-29 17:30:00")):
        found, cells = answer(f"{types}&options=-c%20TimeZone%3D{zone}", "SELECT ts, tz FROM t WHERE i = 7")
        assert found.zoned == {1}
        (ts,), (tz,) = cells.values()
        assert ts.rstrip("0") == "2023-06-30 12:00:00.5"
        assert tz.removesuffix(".000000") == day


def test_other_types_come_row_by_row(types):
    """Money would come a hundred times too large over ADBC; lists and bytes are counted, not read."""
    found, cells = answer(types, f"SELECT {', '.join(OTHERS)}, a, j, by, iv FROM t")
    assert cells == OTHERS | {name: ["", ""] for name in ("a", "j", "by", "iv")}
    assert found.not_read == {4: Counter({LISTS: 1}), **{place: Counter({OTHER: 1}) for place in (5, 6, 7)}}


def test_days_beyond_the_calendar(postgres):
    """PostgreSQL writes infinity where an end is open; no driver can hold it."""
    address = postgres.new("CREATE TABLE t (d date, ts timestamp)", "INSERT INTO t VALUES ('infinity', '-infinity')")
    assert answer(address, "SELECT * FROM t")[1] == {"d": ["infinity"], "ts": ["-infinity"]}


def test_after_a_query_that_arrow_cannot_give_the_next_one_is_given(types):
    """One odd table does not make the others slow, and all see the same state."""
    with opened(types) as connection, Reader(connection, "county") as reader:
        for query, expected in (("SELECT m FROM t", ["$3.50", ""]), ("SELECT i FROM t", ["7", ""])) * 2:
            assert reader.whole(query, "t")[1][0].to_pylist() == expected


@pytest.mark.usefixtures("by_arrow")
def test_rows_in_several_chunks(postgres, monkeypatch):
    """Rows are fetched piece by piece and none is lost."""
    monkeypatch.setattr(database_rows, "ROWS_FETCHED", 1000)
    address = postgres.new("CREATE TABLE t AS SELECT 'H' || i AS h, i / 8.0 AS x FROM generate_series(1, 2500) i")
    found = answer(address, "SELECT * FROM t")[1]
    assert sorted(found["h"], key=lambda h: int(h[1:])) == [f"H{i}" for i in range(1, 2501)]
    assert {float(x) for x in found["x"]} == {i / 8 for i in range(1, 2501)}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM gone", "no table or view"),
        ("SELECT gone FROM t", "no column"),
        ("SELECT * FORM t", "cannot be read by the database"),
        ("SELECT 1/(i-7) FROM t", "a value cannot be read"),
        ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "refused|only queries|may not|cannot be read"),
        ("SELECT * FROM pg_authid", "may not read it"),
    ],
)
def test_a_query_that_fails_is_named_and_says_why(types, query, said):
    """In words of our own: neither the query nor a value stands in the message."""
    with pytest.raises(InputError, match=rf"^county, t: .*({said})"):
        answer(types, query)


def test_sqlite_keeps_every_digit_beside_texts(tmp_path):
    """A column may hold numbers and texts; numbers come whole."""
    address = f"sqlite:///{tmp_path}/x.db"
    with sqlalchemy.create_engine(address).begin() as connection:
        connection.exec_driver_sql("create table t (a, b)")
        connection.exec_driver_sql("insert into t values (1234.5678901, 1), ('y', NULL), (x'00ff', 2)")
    found, cells = answer(address, "select * from t")
    assert cells == {"a": ["1234.5678901", "y", ""], "b": ["1", "", "2"]}
    assert found.not_read == {0: Counter({OTHER: 1})}
