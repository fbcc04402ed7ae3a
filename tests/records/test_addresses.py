"""Addresses are told from paths, opened for reading only, and shown without what must stay secret."""

import sqlite3
from pathlib import Path

import pytest

from fanpin_risk.errors import InputError, MissingPackageError
from fanpin_risk.records.read.addresses import PASSWORD_VARIABLE, database_name, is_address, is_database, opened

sqlalchemy = pytest.importorskip("sqlalchemy", reason="databases are opened with SQLAlchemy")


@pytest.fixture
def county(tmp_path):
    """A file of SQLite with one table."""
    file = tmp_path / "县 a%b.db"
    connection = sqlite3.connect(file)
    connection.execute("create table households (户编号 text)")
    connection.execute("insert into households values ('h1')")
    connection.commit()
    connection.close()
    return file


def test_addresses_are_told_from_paths(county, tmp_path):
    """A Windows path and a folder with a colon are none; a file of SQLite is a database whatever it is called."""
    assert [is_address(text) for text in ("dm+dmPython://h/d", "C:\\a", "C:/a", "a:b", "//server/share")] == [True] + [
        False
    ] * 4
    assert is_database(county)
    assert is_database(str(county))
    assert is_database(sqlalchemy.make_url("sqlite://"))
    assert is_database(sqlalchemy.create_engine("sqlite://"))
    assert not is_database(tmp_path)
    assert not is_database(Path("absent"))
    assert not is_database({"households": {}})


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("postgresql://u:s3c@ret@server:5433/county?password=s3cret", "postgresql://server:5433/county"),
        ("mysql+pymysql://server/county", "mysql://server/county"),
        ("postgresql://u:s3cret@server:port/county", "postgresql://server:port/county"),
        ("dm+dmPython://clerk@server:5236/A?schema=x", "dm://server:5236/A"),
        ("postgres://[::1]:5432/county", "postgresql://[::1]:5432/county"),
        ("postgresql://clerk:s3cret/county", "postgresql://"),
        ("postgresql://clerk:20241231/county", "postgresql://"),
        ("postgresql://u:s3c/ret@server/county", "postgresql://server/county"),
        ("postgresql://u:s3c?ret@server/county", "postgresql://server/county"),
        ("sqlite:////registers/county.db", "county.db"),
    ],
)
def test_the_name_of_a_database_is_no_secret(address, name):
    """User, password, options and folders do not stand in it."""
    assert database_name(address) == name


def test_names_of_what_sqlalchemy_has(county):
    """An address or an engine of SQLAlchemy is called as its text is."""
    assert database_name(sqlalchemy.make_url("postgresql://u:s3cret@server/county")) == "postgresql://server/county"
    assert database_name(sqlalchemy.create_engine("sqlite://")) == "memory"
    assert database_name(county) == county.name


def test_nothing_can_be_changed_and_nothing_is_made(county, tmp_path):
    """SQLite would make a file that is not there; one that is there is only read."""
    for source in (county, str(county), f"sqlite:///{county.as_posix().replace('%', '%25')}"):
        with opened(source) as connection:
            assert connection.exec_driver_sql("select 户编号 from households").scalar() == "h1"
            with pytest.raises(sqlalchemy.exc.OperationalError, match="readonly"):
                connection.exec_driver_sql("delete from households")
    with pytest.raises(InputError, match=r"^gone\.db: no such database"), opened(f"sqlite:///{tmp_path}/gone.db"):
        pass
    assert not (tmp_path / "gone.db").exists()


def test_an_engine_is_used_and_left_open():
    """Who gives an engine goes on using it."""
    engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("create table t (a)")
    for _ in range(2):
        with opened(engine) as connection:
            assert connection.exec_driver_sql("select count(*) from t").scalar() == 0


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nosuchkind://u:s3cret@server/county", "no such kind of database"),
        ("postgresql://u:s3cret@server:port/county", "the address cannot be read"),
        ("sqlite+aiosqlite:///x.db", "no such database"),
        ("postgresql+asyncpg://u:s3cret@server/county", "is not installed|asynchronous"),
        ("mysql+nosuchdriver://u:s3cret@server/county", "no such kind of database"),
    ],
)
def test_addresses_that_cannot_be_opened_are_refused(address, said):
    """The message says why, without the password."""
    with pytest.raises((InputError, MissingPackageError), match=said) as error, opened(address):
        pass
    assert "s3cret" not in str(error.value)


def test_without_sqlalchemy_the_command_that_installs_it_is_named(monkeypatch):
    """As for every optional package."""
    monkeypatch.setitem(__import__("sys").modules, "sqlalchemy", None)
    with pytest.raises(MissingPackageError, match="reading a database needs sqlalchemy"), opened("sqlite:///x.db"):
        pass


def test_postgresql_sees_one_state_and_changes_nothing(postgres):
    """Rows that others write meanwhile are not seen; what would change anything is refused by the server."""
    address = postgres.new("CREATE TABLE t (a int)")
    owner = sqlalchemy.create_engine(postgres.owner(address), poolclass=sqlalchemy.NullPool)
    with opened(postgres.owner(address)) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
        with owner.begin() as other:
            other.exec_driver_sql("INSERT INTO t VALUES (1)")
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
        with pytest.raises(sqlalchemy.exc.InternalError, match="read-only"):
            connection.exec_driver_sql("DELETE FROM t")
    with opened(owner) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 1


def test_a_password_may_come_from_the_environment(postgres, monkeypatch):
    """From our variable or from that of PostgreSQL; one in the address wins."""
    address = postgres.new("CREATE TABLE t (a int)")
    bare = address.replace(f":{postgres.quoted}@", "@").replace("postgresql://", "postgres://")
    with pytest.raises(InputError, match="user or password is not accepted"), opened(bare):
        pass
    for variable in (PASSWORD_VARIABLE, "PGPASSWORD"):
        with monkeypatch.context() as patch:
            patch.setenv(variable, postgres.password)
            with opened(bare) as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong")
    with opened(address):
        pass
