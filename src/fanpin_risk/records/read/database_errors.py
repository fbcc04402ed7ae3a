"""Why a database refused, in words of our own: what drivers say may hold a password or the record of a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fanpin_risk.errors import FanpinError, InputError, MissingPackageError, install_command
from fanpin_risk.words import Message

__all__ = ["failures", "reason"]

WRONG_PASSWORD = Message(
    "user or password is not accepted; check the address, or the password in FANPIN_RISK_DATABASE_PASSWORD or where the "
    "driver looks for it"
)
NO_DATABASE = Message("the server has no database of this name")
NO_TABLE = Message("there is no table or view of this name")
NO_COLUMN = Message("there is no column of a name that the query uses")
NO_RIGHT = Message("the user may not read it; ask for the right to read")
SYNTAX = Message("the query cannot be read by the database; try it there first")
CHANGES = Message("the query would change the database; only queries that read are run")
UNREACHABLE = Message("the server cannot be reached; check host and port, and whether it runs and lets you in")
STOPPED = Message("the server stopped the query or closed the connection; try again")
BAD_VALUE = Message("a value cannot be read by the driver; cast its column to text in a query")

# First characters of the SQLSTATE (PostgreSQL, and whatever else follows the standard), the longest that fits.
BY_STATE: Mapping[str, Message] = {
    "08": UNREACHABLE,
    "22": BAD_VALUE,
    "25006": CHANGES,
    "28": WRONG_PASSWORD,
    "3D": NO_DATABASE,
    "42501": NO_RIGHT,
    "42601": SYNTAX,
    "42703": NO_COLUMN,
    "42P01": NO_TABLE,
    "3F": NO_TABLE,
    "57": STOPPED,
}
# Numbers of MySQL and MariaDB.
BY_NUMBER: Mapping[int, Message] = {
    1044: NO_RIGHT,
    1045: WRONG_PASSWORD,
    1049: NO_DATABASE,
    1054: NO_COLUMN,
    1064: SYNTAX,
    1142: NO_RIGHT,
    1143: NO_RIGHT,
    1146: NO_TABLE,
    1698: WRONG_PASSWORD,
    1792: CHANGES,
    2002: UNREACHABLE,
    2003: UNREACHABLE,
    2005: UNREACHABLE,
    2006: STOPPED,
    2013: STOPPED,
}
# What a driver says where it gives no code: SQLite, and PostgreSQL while connecting (in the language of the server).
BY_TEXT = (
    (re.compile(r"no such table", re.IGNORECASE), NO_TABLE),
    (re.compile(r"no such column", re.IGNORECASE), NO_COLUMN),
    (re.compile(r"syntax error|incomplete input|execute one statement", re.IGNORECASE), SYNTAX),
    (re.compile(r"readonly database", re.IGNORECASE), CHANGES),
    (re.compile(r"password|authentication|role \S+ does not exist|密码|口令|认证|角色", re.IGNORECASE), WRONG_PASSWORD),
    (re.compile(r"database \S+ does not exist|数据库.*不存在", re.IGNORECASE), NO_DATABASE),
    (re.compile(r"connect|resolve|timeout|timed out|refused|连接|主机", re.IGNORECASE), UNREACHABLE),
)


@contextmanager
def failures(database: str, part: str = "") -> Iterator[None]:
    """Turn what a driver raises into an error that says why in words of our own.

    Parameters
    ----------
    database : str
        What the database is called, without user and password.
    part : str
        Table or query that is being read; empty for none.

    Raises
    ------
    InputError
        In place of errors of the driver and of SQLAlchemy.
    MissingPackageError
        If the driver is not installed.
    """
    import sqlalchemy

    place = f"{database}, {part}" if part else database
    try:
        yield
    except FanpinError:
        raise
    except ModuleNotFoundError as error:
        raise _lacking(place, error.name or "") from None
    except ImportError:
        raise InputError(
            "{database}: its driver or dialect does not go with the version of SQLAlchemy; install another version of it",
            database=place,
        ) from None
    except sqlalchemy.exc.NoSuchModuleError:
        raise InputError(
            "{database}: no such kind of database is known; install its dialect of SQLAlchemy", database=place
        ) from None
    except (sqlalchemy.exc.SQLAlchemyError, OSError, ValueError, TypeError, ArithmeticError, RuntimeError) as error:
        raise InputError("{database}: {reason}", database=place, reason=reason(error)) from None


def reason(error: BaseException) -> Message:
    """Return why, from the codes of an error of a driver; of its text only known words are looked for.

    Examples
    --------
    >>> import sqlite3
    >>> reason(sqlite3.OperationalError("no such table: 张三")).shown("en")
    'there is no table or view of this name'
    """
    cause: Any = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if isinstance(state, str) and state.strip("0"):
        fitting = [start for start in BY_STATE if state.startswith(start)]
        if fitting:
            return BY_STATE[max(fitting, key=len)]
    number = cause.args[0] if cause.args else None
    if isinstance(number, int) and number in BY_NUMBER:
        return BY_NUMBER[number]
    said = next((text for pattern, text in BY_TEXT if pattern.search(str(cause))), None)
    if said is not None:
        return said
    code = f"{type(cause).__name__} {state or (number if isinstance(number, int) else '')}".strip()
    return Message("the database or its driver refused ({code})", code=code)


def _lacking(place: str, package: str) -> MissingPackageError:
    ours = package.partition(".")[0] in ("", "psycopg", "psycopg2", "psycopg_c", "psycopg_binary")
    command = install_command("database") if ours else f"python -m pip install {package.partition('.')[0].lower()}"
    return MissingPackageError(
        "{database}: its driver is not installed; install it with: {command}", database=place, command=command
    )
