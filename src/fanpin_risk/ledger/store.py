"""Where events are kept: one file of SQLite, or a database of PostgreSQL, through the same code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from fanpin_risk.errors import InputError, LedgerError, MissingPackageError, install_command
from fanpin_risk.records.read.addresses import ADDRESS, PASSWORD_VARIABLE, database_name, is_address, is_database
from fanpin_risk.records.read.database_errors import reason
from fanpin_risk.words import Message

__all__ = ["EVENT_TABLE", "Store"]

EVENT_TABLE = "fanpin_ledger_events"
VERSION_TABLE = "fanpin_ledger_version"
WAIT_SECONDS = 120  # for another writer
LOCK_NUMBER = 0x66616E70  # of PostgreSQL's advisory lock under which tables are made

DISK_FULL = Message("the disk is full; make room and record the events again")
LOCKED = Message("another program has been writing for two minutes; try again")
NOT_WRITTEN = Message(
    "the file system refused to write, or the file may not grow further; make room and record the events again"
)
DAMAGED_FILE = Message("the file is damaged; take the last copy, and compare its head with the one that was noted")
NO_RIGHT_TO_WRITE = Message("the file may only be read")
# What SQLite calls them, the beginning of a name.
BY_NAME: Mapping[str, Message] = {
    "SQLITE_FULL": DISK_FULL,
    "SQLITE_IOERR": NOT_WRITTEN,
    "SQLITE_BUSY": LOCKED,
    "SQLITE_CORRUPT": DAMAGED_FILE,
    "SQLITE_NOTADB": DAMAGED_FILE,
    "SQLITE_READONLY": NO_RIGHT_TO_WRITE,
    "SQLITE_CANTOPEN": NO_RIGHT_TO_WRITE,
}
BY_SQLSTATE: Mapping[str, Message] = {"53100": DISK_FULL, "55P03": LOCKED, "57014": LOCKED}


@cache
def _event_table() -> Any:
    """Return the table of events as SQLAlchemy has it: texts, and whole numbers that count."""
    from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

    number = BigInteger().with_variant(Integer(), "sqlite")  # the row's own number in SQLite
    table = Table(
        EVENT_TABLE,
        MetaData(),
        Column("seq", number, primary_key=True, autoincrement=False),
        *(
            Column(name, Text, nullable=name in ("as_of", "model", "list_id", "visit_id"))
            for name in (
                "household_id", "event", "from_state", "to_state", "on_day", "recorded_at", "who", "as_of", "model",
                "list_id", "visit_id", "evidence", "event_key", "prev_hash", "hash",
            )
        ),
        Column("supersedes", number),
    )  # fmt: skip
    columns = table.c
    # The state of all households on a day is read from this index alone.
    Index(
        f"{EVENT_TABLE}_states",
        *(columns[name] for name in ("household_id", "on_day", "seq", "event", "from_state", "to_state")),
    )
    Index(f"{EVENT_TABLE}_key", columns.event_key, unique=True)
    Index(f"{EVENT_TABLE}_superseded", columns.supersedes, unique=True)
    return table


def _make_events(connection: Any) -> None:
    """Make the table of events and its indexes."""
    _event_table().metadata.create_all(connection)


# How a ledger of each version becomes one of the next: the first makes the tables. Only ever added to.
MIGRATIONS: tuple[Callable[[Any], None], ...] = (_make_events,)


class Store:
    """A database with the events of one ledger.

    Parameters
    ----------
    place : path-like or str
        A file of SQLite, or an address of PostgreSQL; a password that it lacks is taken from the variable
        `PASSWORD_VARIABLE`.
    create : bool
        Whether to make a file that is not there.

    Raises
    ------
    InputError
        If the place is no ledger, or cannot be opened.
    LedgerError
        If a newer version of the program wrote it.
    MissingPackageError
        If SQLAlchemy or the driver is not installed.
    """

    def __init__(self, place: Any, *, create: bool = True) -> None:
        sqlalchemy = _module()
        self.name = database_name(place)
        self.is_file = not is_address(place) or str(place).partition(":")[0].startswith("sqlite")
        address = (
            self._file_address(sqlalchemy, place, create=create) if self.is_file else self._server(sqlalchemy, place)
        )
        with self.refusals(Message("the ledger cannot be opened")):
            self._engine = _engine_of(sqlalchemy, address)
            try:
                self._migrate()
            except BaseException:
                self._engine.dispose()
                raise

    @property
    def events(self) -> Any:
        """The table, for queries."""
        return _event_table()

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()

    @contextmanager
    def reading(self, *, forged: bool = False) -> Iterator[Any]:
        """Open a connection that sees one state of the ledger; with `forged`, texts need not be UTF-8 to be read."""
        with self.refusals(Message("the ledger cannot be read")), self._engine.connect() as connection:
            if forged and self.is_file:
                connection.connection.driver_connection.text_factory = _as_text
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Open a connection that alone may write until it is closed; nothing of it stays where an error is raised."""
        with self.refusals(Message("nothing of these events was recorded, and the ledger is whole")):
            writers = self._engine.execution_options(ledger_writes=True)
            with writers.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
                    connection.exec_driver_sql(f"LOCK TABLE {EVENT_TABLE} IN EXCLUSIVE MODE")
                yield connection

    @contextmanager
    def refusals(self, what: Message) -> Iterator[None]:
        """Turn what a driver raises into an error in words of our own: its own may hold the records of a person."""
        import sqlalchemy

        try:
            yield
        except ImportError as error:
            raise MissingPackageError(
                "{database}: its driver is not installed; install it with: {command}",
                database=self.name,
                command=install_command("database"),
            ) from error
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise LedgerError("{database}: {what}: {why}", database=self.name, what=what, why=_why(error)) from None

    def damage(self) -> bool:
        """Tell whether the file itself is damaged, its indexes among it."""
        if not self.is_file:
            return False
        with self.reading() as connection:
            return connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok"

    def _file_address(self, sqlalchemy: Any, place: Any, *, create: bool) -> Any:
        text = os.fspath(place)
        if is_address(text):
            text = sqlalchemy.make_url(text).database or ""
        path = Path(text).absolute()
        if not text or path.is_dir():
            raise InputError("{file}: expected the file of a ledger, or an address of PostgreSQL", file=self.name)
        if not path.exists():
            if not create:
                raise InputError(
                    "{file}: there is no such ledger; the first event that is recorded makes it", file=self.name
                )
            if not path.parent.is_dir():
                raise InputError("{file}: its folder does not exist; make it first", file=self.name)
            try:  # readable for its owner alone, before anything stands in it
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            except OSError as error:
                raise InputError("{file}: cannot be made: {why}", file=self.name, why=NO_RIGHT_TO_WRITE) from error
        elif path.stat().st_size and not is_database(path):
            raise InputError("{file}: is no ledger; nothing of it was changed", file=self.name)
        return sqlalchemy.URL.create("sqlite", database=str(path))

    def _server(self, sqlalchemy: Any, place: str) -> Any:
        try:
            address = sqlalchemy.make_url(place)
        except (sqlalchemy.exc.ArgumentError, ValueError):  # what they say may hold the password
            address = None
        if address is None or address.get_backend_name() not in ("postgres", "postgresql"):
            raise InputError(
                "{database}: expected the file of a ledger, or an address such as postgresql://user@host/database",
                database=ADDRESS.match(place)[0] if ADDRESS.match(place) else self.name,  # type: ignore[index]
            )
        given = os.environ.get(PASSWORD_VARIABLE)
        address = address.set(drivername="postgresql+psycopg")
        return address.set(password=given) if given and not address.password else address

    def _migrate(self) -> None:
        """Bring the tables to this version; refuse those of a newer one, and the tables of another program."""
        from sqlalchemy import inspect, text

        with self._engine.connect() as connection:
            if _version_of(connection) == len(MIGRATIONS):
                return
        with self._engine.execution_options(ledger_writes=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})")
            found = _version_of(connection)
            if found > len(MIGRATIONS):
                raise LedgerError(
                    "{database}: the ledger is of version {found}, this program knows versions up to {known}; use a newer "
                    "program",
                    database=self.name,
                    found=found,
                    known=len(MIGRATIONS),
                )
            if found == 0 and self.is_file and inspect(connection).get_table_names():
                raise InputError(
                    "{file}: is the database of another program; nothing of it was changed", file=self.name
                )
            connection.execute(text(f"CREATE TABLE IF NOT EXISTS {VERSION_TABLE} (version INTEGER NOT NULL)"))
            for number, migrate in enumerate(MIGRATIONS[found:], start=found + 1):
                migrate(connection)
                connection.execute(text(f"INSERT INTO {VERSION_TABLE} (version) VALUES (:n)"), {"n": number})  # noqa: S608


def _version_of(connection: Any) -> int:
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table(VERSION_TABLE):
        return 0
    return connection.execute(text(f"SELECT max(version) FROM {VERSION_TABLE}")).scalar() or 0  # noqa: S608


def _engine_of(sqlalchemy: Any, address: Any) -> Any:
    if address.get_backend_name() != "sqlite":
        return sqlalchemy.create_engine(address, hide_parameters=True, poolclass=sqlalchemy.NullPool)
    engine = sqlalchemy.create_engine(
        address, hide_parameters=True, poolclass=sqlalchemy.NullPool, connect_args={"timeout": WAIT_SECONDS}
    )
    sqlalchemy.event.listen(engine, "connect", _prepare_sqlite)
    sqlalchemy.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Have what was acknowledged stay after a loss of power, and readers wait for no writer."""
    connection.isolation_level = None  # transactions begin where we say so
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}").close()


def _as_text(raw: bytes) -> str:
    """Read a text that should be UTF-8; a forged byte is shown, so that the chain finds it, and hinders no reading."""
    return raw.decode("utf-8", "backslashreplace")


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("ledger_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _why(error: BaseException) -> Message:
    cause: Any = getattr(error, "orig", None) or error
    name, state = getattr(cause, "sqlite_errorname", None) or "", getattr(cause, "sqlstate", None) or ""
    said = next((text for start, text in BY_NAME.items() if name.startswith(start)), None)
    return said or BY_SQLSTATE.get(state) or reason(error)


def _module() -> Any:
    try:
        import sqlalchemy
    except ImportError as error:
        raise MissingPackageError(
            "a ledger needs sqlalchemy, which is not installed; install it with: {command}",
            command=install_command("database"),
        ) from error
    return sqlalchemy
