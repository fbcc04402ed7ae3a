"""Why a database refused is said in words of our own."""

import sqlite3
from types import SimpleNamespace

import pytest

from fanpin_risk.errors import FanpinError, InputError, MissingPackageError
from fanpin_risk.records.read.database_errors import failures, reason

pytest.importorskip("sqlalchemy", reason="a driver's errors come through SQLAlchemy")


class DriverError(Exception):
    """As drivers raise it."""

    def __init__(self, *arguments, sqlstate=None):
        super().__init__(*arguments)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DriverError("张三", sqlstate="42P01"), "no table or view"),
        (DriverError("张三", sqlstate="42703"), "no column"),
        (DriverError("张三", sqlstate="28P01"), "user or password"),
        (DriverError("张三", sqlstate="22P02"), "cast its column to text"),
        (DriverError("张三", sqlstate="25006"), "only queries that read"),
        (DriverError("张三", sqlstate="XX000"), "refused (DriverError XX000)"),
        (DriverError(1045, "Access denied for 张三"), "user or password"),
        (DriverError(1146, "Table '张三' doesn't exist"), "no table or view"),
        (DriverError(9999, "张三"), "refused (DriverError 9999)"),
        (DriverError('connection failed: FATAL: password authentication failed for user "张三"'), "user or password"),
        (DriverError('FATAL: database "张三" does not exist'), "no database of this name"),
        (DriverError("致命错误: 用户 张三 密码认证失败"), "user or password"),
        (DriverError("connection to server at 张三 failed: Connection refused"), "cannot be reached"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "only queries that read"),
        (sqlite3.OperationalError('near "张三": syntax error'), "cannot be read by the database"),
        (OverflowError("张三"), "refused (OverflowError)"),
    ],
)
def test_the_reason_is_named_and_nothing_of_the_text(error, said):
    """What a driver says may hold the record of a person; codes and known words suffice."""
    for cause in (error, SimpleNamespace(orig=error)):
        text = reason(cause).shown("en")
        assert said in text
        assert "张三" not in text


def test_errors_are_turned_and_name_the_part():
    """The error says which database and which table, and shows no other error beside itself."""
    said = r"^mysql://server/county, 户信息: there is no table"
    with pytest.raises(InputError, match=said) as raised, failures("mysql://server/county", "户信息"):
        raise ValueError("no such table: s3cret")
    assert raised.value.__suppress_context__
    with pytest.raises(MissingPackageError, match="pip install dmpython"), failures("dm://server"):
        raise ModuleNotFoundError("No module named 'dmPython'", name="dmPython")
    with pytest.raises(MissingPackageError, match=r"psycopg\[binary\]"), failures("postgresql://server"):
        raise ModuleNotFoundError("No module named 'psycopg2'", name="psycopg2")
    with pytest.raises(InputError, match="does not go with the version"), failures("dm://server"):
        raise ImportError("cannot import name 'x'", name="sqlalchemy.sql")
    own = FanpinError("as it is")
    with pytest.raises(FanpinError) as raised, failures("x"):
        raise own
    assert raised.value is own
