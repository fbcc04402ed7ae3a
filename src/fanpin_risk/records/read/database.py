"""The tables, views and queries of a database as sheets."""

# ruff: noqa: S608  names of tables are quoted by SQLAlchemy
from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.headers import is_known
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.addresses import database_name, is_address, opened
from fanpin_risk.records.read.assignment import tables_named
from fanpin_risk.records.read.column_map import ColumnMap, columns_beside
from fanpin_risk.records.read.database_errors import failures
from fanpin_risk.records.read.database_rows import LISTS, OTHER, Answer, Reader
from fanpin_risk.records.read.header_rows import squeezed
from fanpin_risk.records.read.queries import is_query, read_queries
from fanpin_risk.records.sheets import Sheet, SheetHead, unique_labels
from fanpin_risk.words import Message, listed

__all__ = ["DatabasePart", "Note", "columns_of_database", "database_parts", "no_households_in", "note_columns"]

MOST_NAMED = 10  # tables in a message
# Copies that somebody put aside: they are not what holds today.
PUT_ASIDE = re.compile(
    r"(?:^|[_\s])(?:bak|backup|old|tmp|temp|copy|his|hist|history)\d*(?:$|[_\s])|备份|副本|历史|旧|临时", re.IGNORECASE
)
OF_CHINA = frozenset(("Asia/Shanghai", "PRC", "Asia/Chongqing", "Asia/Harbin", "Asia/Urumqi", "Asia/Hong_Kong"))
Found = tuple[str, str, str, Mapping[str, str]]  # name, query, source and comments
Note = tuple[int, str, Message]  # position of a column, code, and what is to be said of it
NOT_READ: Mapping[str, Message] = {
    LISTS: Message(
        "{count:,} cells hold lists, which are not read; make a text of each in a query, such as array_to_string(causes, ';')"
    ),
    OTHER: Message(
        "{count:,} cells hold something other than a text, number, day or yes/no, and were not read; cast them in a query"
    ),
}


@contextmanager
def database_parts(source: Any, queries: Any, problems: Problems) -> Iterator[tuple[list[DatabasePart], list[str]]]:
    """Open a database and say what of it is read.

    Parameters
    ----------
    source : str, path-like, sqlalchemy.URL or sqlalchemy.Engine
        See :func:`fanpin_risk.records.read.addresses.opened`.
    queries : mapping or path-like, optional
        See :func:`fanpin_risk.records.read.queries.read_queries`. Default: the tables and views that are named, or
        commented, like record tables.
    problems : Problems
        Takes what is said of tables that are not read.

    Yields
    ------
    parts : list of DatabasePart
        They can be read as long as this lasts.
    names : list of str
        What they are called; where there are none, all tables and views of the database.

    Raises
    ------
    InputError
        If the database cannot be read.
    """
    asked = None if queries is None else read_queries(queries)
    name = database_name(source)
    with opened(source) as connection, Reader(connection, name) as reader:
        with failures(name):
            found, there = _found(connection, problems, name) if asked is None else (_asked(connection, asked), [])
        yield [DatabasePart(reader, *part) for part in found], [source for _, _, source, _ in found] or there


@dataclass(slots=True)
class DatabasePart:
    """What of a database is read as one sheet: a table, a view or a query.

    Attributes
    ----------
    reader : Reader
    name : str
        By which its record table is known.
    query : str
    source : str
        What it is called in problems.
    comments : dict of str to str
        What the database says of columns.
    """

    reader: Reader
    name: str
    query: str
    source: str
    comments: Mapping[str, str]

    def whole(self) -> tuple[Sheet, list[Note]]:
        """Return all rows, counted from 1 as the database gives them, and what is to be said of columns.

        Raises
        ------
        InputError
            If the database refuses.
        """
        answer, columns = self.reader.whole(self.query, self.source)
        head = self._head(answer)
        return _sheet(head, [column.unify_dictionaries().combine_chunks() for column in columns], 1), self._notes(
            answer
        )

    def streamed(self) -> tuple[SheetHead, Generator[Sheet, None, None], Callable[[], list[Note]]]:
        """Return the head, the rows chunk by chunk, and what tells, after the last, what is to be said of columns.

        Raises
        ------
        InputError
            If the database refuses.
        """
        answer, chunks = self.reader.streamed(self.query, self.source)
        head = self._head(answer)

        def sheets() -> Generator[Sheet, None, None]:
            start = 1
            for columns in chunks:
                sheet = _sheet(head, columns, start)
                start += len(sheet.rows)
                yield sheet

        return head, sheets(), lambda: self._notes(answer)

    def _head(self, answer: Answer) -> SheetHead:
        headers = [_header(name, self.comments) for name in answer.headers]
        texts = frozenset(map(squeezed, headers))
        return SheetHead(file="", sheet=self.name, source=self.source, headers=headers, texts=texts)

    def _notes(self, answer: Answer) -> list[Note]:
        notes = []
        for place, kinds in answer.not_read.items():
            for kind, count in kinds.items():
                code = "list_not_read" if kind == LISTS else "value_not_read"
                notes.append((place, code, Message(NOT_READ[kind], count=count)))
        if answer.zoned and (zone := self.reader.zone) and zone not in OF_CHINA:
            text = Message(
                "holds times with a zone, read as days of {zone}, the zone of the connection; for another one add "
                "options=-c%20TimeZone%3DAsia/Shanghai to the address",
                zone=zone,
            )
            notes += [(place, "times_with_zone", text) for place in sorted(answer.zoned)]
        return notes


def columns_of_database(source: Any, columns: str | Path | pd.DataFrame | None) -> ColumnMap:
    """Return what is said of the columns of a database: as given, or by the file beside one that is a file.

    Parameters
    ----------
    source : str, path-like, sqlalchemy.URL or sqlalchemy.Engine
        The database.
    columns : path-like, DataFrame or None
        See :func:`fanpin_risk.records.read.column_map.columns_beside`.
    """
    is_file = isinstance(source, (str, os.PathLike)) and not is_address(source)
    if columns is None and not is_file:
        return ColumnMap()
    return columns_beside(Path(source) if is_file else Path(), columns)[0]


def note_columns(
    head: SheetHead, layouts: Iterable[tuple[Table, Layout]], notes: list[Note], problems: Problems
) -> None:
    """Report what is to be said of the columns of a sheet that are read.

    Parameters
    ----------
    head : SheetHead
    layouts : iterable of (Table, Layout)
        Which of the columns are read for which table.
    notes : list of Note
    problems : Problems
        Takes what is to be said.
    """
    of_place = {place: table.name for table, layout in layouts for place in layout.positions}
    for place, code, text in notes:
        if place in of_place:
            problems.note(table=of_place[place], source=head.source, column=head.headers[place], code=code, text=text)


def _sheet(head: SheetHead, columns: list[Any], start: int) -> Sheet:
    n = len(columns[0]) if columns else 0
    labels = unique_labels(head.headers)
    arrays = {label: pd.arrays.ArrowExtensionArray(column) for label, column in zip(labels, columns, strict=True)}
    return Sheet(head, pd.DataFrame(arrays, index=pd.RangeIndex(n)), np.arange(start, start + n))


def _header(name: str, comments: Mapping[str, str]) -> str:
    """Return the name of a column, or its comment where only this is known."""
    comment = comments.get(name, "")
    return comment if comment and not is_known(name) and is_known(comment) else name


def _asked(connection: Any, queries: list[tuple[str, str]]) -> list[Found]:
    """Return what the queries ask for."""
    parts: list[Found] = []
    several = {table for table, _ in queries if sum(table == other for other, _ in queries) > 1}
    for number, (table, text) in enumerate(queries, start=1):
        source = f"{table} ({number})" if table in several else table
        if is_query(text):
            parts.append((table, text, source, {}))
        else:
            schema, _, name = text.rpartition(".")
            parts.append((table, _select(connection, name, schema or None), text, {}))
    return parts


def _select(connection: Any, name: str, schema: str | None) -> str:
    import sqlalchemy

    quoted = connection.dialect.identifier_preparer.format_table(sqlalchemy.table(name, schema=schema))
    return f"SELECT * FROM {quoted}"


def _found(connection: Any, problems: Problems, database: str) -> tuple[list[Found], list[str]]:
    """Return the tables and views that are named, or commented, like record tables, and the names of all."""
    import sqlalchemy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sqlalchemy.exc.SAWarning)  # of types that it does not know
        inspector = sqlalchemy.inspect(connection)
        names = _relations(connection, inspector)
        comments = _comments(inspector)
        called = {name: _called(name, comments.get(name, "")) for name in names}
        clear = {table for own in called.values() for table, length in own.items() if np.isinf(length)}
        parts: list[Found] = []
        for name, own in called.items():
            exact = any(np.isinf(length) for length in own.values())
            if not own:
                continue
            if (not exact and clear & own.keys()) or PUT_ASIDE.search(name):
                problems.note(
                    table=next(iter(own)), source=name, code="table_not_read",
                    text=Message(
                        "is named much like a record table and was not read; name it in queries (--queries) to read it"
                    ),
                )  # fmt: skip
                continue
            known = tables_named(name)
            shown = name if known else comments[name]
            with failures(database, name):
                columns = {
                    str(column["name"]): str(column["comment"]).strip()
                    for column in inspector.get_columns(name)
                    if column.get("comment")
                }
            parts.append((shown, _select(connection, name, None), name, columns))
    return parts, names


def _called(name: str, comment: str) -> dict[str, float]:
    return tables_named(name) or tables_named(comment)


def _relations(connection: Any, inspector: Any) -> list[str]:
    """Return the names of tables and views in the order of the alphabet, without the partitions of other tables."""
    names = {*inspector.get_table_names(), *inspector.get_view_names()}
    if connection.dialect.name == "postgresql":
        names |= set(inspector.get_materialized_view_names())
        within = connection.exec_driver_sql(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE c.relnamespace = current_schema()::regnamespace"
        )
        names -= set(within.scalars())
    return sorted(names)


def _comments(inspector: Any) -> dict[str, str]:
    """Return what the database says of its tables and views, where it can."""
    import sqlalchemy

    try:
        said = inspector.get_multi_table_comment(kind=sqlalchemy.engine.ObjectKind.ANY)
    except NotImplementedError:
        return {}
    return {str(name): str(found["text"]).strip() for (_, name), found in said.items() if found.get("text")}


def no_households_in(database: str, names: list[str]) -> SchemaError:
    """Return the error for a database without a table of households.

    Parameters
    ----------
    database : str
        What it is called.
    names : list of str
        Its tables and views, or those that were read.
    """
    return SchemaError(
        "no households (户基本信息) found in {database}; expected a table or view named households or 户信息, or queries "
        "(--queries) that say what to read; tables there: {tables}",
        database=database,
        tables=listed(names[:MOST_NAMED]) if names else "-",
    )
