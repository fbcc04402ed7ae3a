"""Addresses of databases: told from paths, opened so that nothing can be changed, and shown without a password."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fanpin_risk.errors import InputError, MissingPackageError, install_command
from fanpin_risk.records.read.database_errors import failures
from fanpin_risk.records.read.files import PASSWORD_OPTION

__all__ = ["PASSWORD_VARIABLE", "begin_reading", "database_name", "is_address", "is_database", "opened"]

PASSWORD_VARIABLE = "FANPIN_RISK_DATABASE_PASSWORD"  # noqa: S105  the name of a variable
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]*://")
HOST_AND_PORT = re.compile(r"(?:[^:\[\]]*|\[[^\[\]]*\])(?::\d{1,5})?")  # host and port
SQLITE_START = b"SQLite format 3\0"
# Drivers that are tried where an address names none, the first that is installed.
DRIVERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "postgresql": (("psycopg", "postgresql+psycopg"), ("psycopg2", "postgresql+psycopg2")),
    "dm": (("dmPython", "dm+dmPython"),),
    "mysql": (("MySQLdb", "mysql+mysqldb"), ("pymysql", "mysql+pymysql")),
    "mariadb": (("MySQLdb", "mariadb+mysqldb"), ("pymysql", "mariadb+pymysql")),
}
ALIASES = {"postgres": "postgresql", "sqlite3": "sqlite"}


def is_database(source: object) -> bool:
    """Tell whether a source is a database: an address, a file of SQLite, or what SQLAlchemy connects with.

    Examples
    --------
    >>> is_database("postgresql://server/county"), is_database("C:/county/2024"), is_database(Path("county"))
    (True, False, False)
    """
    if is_address(source):
        return True
    if isinstance(source, (str, os.PathLike)):
        return _is_sqlite(Path(source))
    return hasattr(source, "get_backend_name") or (hasattr(source, "dialect") and hasattr(source, "connect"))


def is_address(source: object) -> bool:
    """Tell whether a text is an address, such as ``postgresql://server/county``.

    Examples
    --------
    >>> is_address("sqlite:///county.db"), is_address("county.db")
    (True, False)
    """
    return isinstance(source, str) and ADDRESS.match(source) is not None


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(SQLITE_START)) == SQLITE_START
    except (OSError, ValueError):
        return False


def database_name(source: Any) -> str:
    """Return how a database is called where its address must not stand: without user, password and options.

    Examples
    --------
    >>> database_name("postgresql://clerk:secret@server:5433/county?sslmode=require")
    'postgresql://server:5433/county'
    """
    address = getattr(source, "url", source)
    if hasattr(address, "get_backend_name"):
        if address.get_backend_name() == "sqlite":
            return Path(address.database or "memory").name
        return _without_password(address.get_backend_name(), address.host or "", address.port, address.database or "")
    text = os.fspath(address)
    if not ADDRESS.match(text):
        return Path(text).name
    scheme, _, rest = text.partition("://")
    kind = scheme.partition("+")[0]
    kind = ALIASES.get(kind, kind)
    place = PASSWORD_OPTION.sub("", rest).rpartition("@")[2].partition("?")[0]
    if kind == "sqlite":
        return Path(place).name
    host, _, database = place.partition("/")
    # What stands there may be user and password without a host.
    if "@" not in rest and not HOST_AND_PORT.fullmatch(host):
        return f"{kind}://"
    return f"{kind}://{host}/{database}"


def _without_password(kind: str, host: str, port: int | None, database: str) -> str:
    return f"{kind}://{host}{f':{port}' if port else ''}/{database}"


@contextmanager
def opened(source: Any) -> Iterator[Any]:
    """Open a connection in which nothing can be changed, all of whose queries see one state of the database.

    Parameters
    ----------
    source : str, path-like, sqlalchemy.URL or sqlalchemy.Engine
        A password that an address lacks is taken from the variable `PASSWORD_VARIABLE`, else from where the driver
        looks for it (PostgreSQL: PGPASSWORD, ~/.pgpass).

    Yields
    ------
    sqlalchemy.Connection

    Raises
    ------
    InputError
        If there is no such database, or it refuses.
    MissingPackageError
        If SQLAlchemy or the driver is not installed.
    """
    sqlalchemy = _sqlalchemy()
    name = database_name(source)
    own = not hasattr(source, "connect")
    with failures(name):
        engine = _engine(sqlalchemy, source, name) if own else source
    if getattr(engine.dialect, "is_async", False):
        raise InputError(
            "{database}: the driver {driver} is asynchronous; give the address of another, or none",
            database=name, driver=engine.dialect.driver,
        )  # fmt: skip
    try:
        with failures(name):
            connection = engine.connect()
        try:
            with failures(name):
                if not own and engine.dialect.name == "postgresql":
                    connection.detach()  # for its settings change, and others may use it later
                begin_reading(connection)
            yield connection
        finally:
            with failures(name):
                connection.close()
    finally:
        if own:
            engine.dispose()


def _engine(sqlalchemy: Any, source: Any, name: str) -> Any:
    address = _address(sqlalchemy, source, name)
    if address.get_backend_name() == "sqlite":
        return sqlalchemy.create_engine(_sqlite_address(address, name), hide_parameters=True)
    given = os.environ.get(PASSWORD_VARIABLE)
    if given and not address.password:
        address = address.set(password=given)
    return sqlalchemy.create_engine(address, hide_parameters=True, poolclass=sqlalchemy.NullPool)


def _address(sqlalchemy: Any, source: Any, name: str) -> Any:
    """Return the address as SQLAlchemy has it, with a driver that is installed."""
    if hasattr(source, "get_backend_name"):
        return source
    text = os.fspath(source)
    if not ADDRESS.match(text):
        return sqlalchemy.URL.create("sqlite", database=str(Path(text).absolute()))
    address = None
    with suppress(sqlalchemy.exc.ArgumentError, ValueError):  # what they say may hold the password
        address = sqlalchemy.make_url(text)
    if address is None:
        raise InputError(
            "{database}: the address cannot be read; expected kind://user@host:port/database, with %40 for an @ in the "
            "password and so on",
            database=name.partition("://")[0],
        )
    kind = ALIASES.get(address.drivername, address.drivername)
    for package, drivername in DRIVERS.get(kind, ()):
        if find_spec(package) is not None:
            return address.set(drivername=drivername)
    return address.set(drivername=kind)


def _sqlite_address(address: Any, name: str) -> Any:
    """Return the address of a file of SQLite that is only read; without a file one would be made."""
    file = address.database or ""
    if file.startswith("file:"):
        return address
    if not _is_sqlite(Path(file)):
        file = unquote(file)  # which older SQLAlchemy leaves to us
    if not _is_sqlite(Path(file)):
        raise InputError("{database}: no such database, or no file of SQLite", database=name)
    uri = Path(file).absolute().as_uri()
    return address.set(database=uri, query={**address.query, "mode": "ro", "uri": "true"})


def begin_reading(connection: Any) -> None:
    """Begin a transaction that sees one state of the database and changes nothing, where the database can promise that."""
    kind = connection.dialect.name
    if kind == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.exec_driver_sql("SET LOCAL DateStyle TO 'ISO, YMD'")
        _read_as_texts(connection.connection.driver_connection)
    elif kind in ("mysql", "mariadb"):
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    elif kind == "sqlite":
        connection.exec_driver_sql("BEGIN")


def _read_as_texts(connection: Any) -> None:
    """Have psycopg give days and numbers as PostgreSQL writes them: exact, and beyond what Python's types can hold."""
    if type(connection).__module__.partition(".")[0] == "psycopg":
        texts = importlib.import_module("psycopg.types.string").TextLoader
        for kind in ("date", "timestamp", "timestamptz", "numeric", "float4", "float8"):
            connection.adapters.register_loader(kind, texts)


def _sqlalchemy() -> Any:
    """Return the module, or say how to install it."""
    try:
        import sqlalchemy
    except ImportError as error:
        raise MissingPackageError(
            "reading a database needs sqlalchemy, which is not installed; install it with: {command}",
            command=install_command("database"),
        ) from error
    return sqlalchemy
