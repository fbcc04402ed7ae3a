"""Answers of a database, chunk by chunk, as the texts that an export of the same rows would hold.

Whatever types the columns have, the checks then see what they see of a text file: the copy of a register in a database
is read as the files are, to the last bit. Rows come as Arrow batches where a driver gives them without changing a value
(ADBC for PostgreSQL), else row by row from a cursor on the server.

ADBC for SQLite is not used: where a column holds numbers beside texts it gives the numbers with seven digits.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.records.cells.contents import TEXTS
from fanpin_risk.records.read.addresses import begin_reading
from fanpin_risk.records.read.database_errors import failures

__all__ = ["LISTS", "OTHER", "Answer", "Reader", "text_of_cell"]

ROWS_FETCHED = 50_000  # rows fetched at a time
LISTS, OTHER = "lists", "other"  # kinds of values that no cell can hold
# Types of PostgreSQL that ADBC gives as they are; money, for one, comes a hundred times too large.
PLAIN_TYPES = frozenset(
    ("bool", "bpchar", "date", "float4", "float8", "int2", "int4", "int8", "name", "numeric", "text", "timestamp",
     "timestamptz", "varchar")
)  # fmt: skip
ARROW_DRIVERS = frozenset(("psycopg",))  # which connect as ADBC does, through libpq
ZONED_TYPE = 1184  # timestamptz, as cursors of PostgreSQL name it
ZONE_AT_END = re.compile(r"(?<=\d)[+-]\d\d(?::?\d\d){0,2}$")
FIRST_DATE, LAST_DATE = dt.date(1, 1, 1), dt.date(9999, 12, 31)


class _OtherWay(Exception):  # noqa: N818  no error: the rows are read in the other way
    """Arrow batches would not say what the database holds."""


@dataclass(slots=True)
class Answer:
    """What a database answers to a query; complete once all its chunks have been taken.

    Attributes
    ----------
    headers : list of str
    not_read : dict of int to Counter
        Position of a column -> how many values it has of each kind that no cell can hold.
    zoned : set of int
        Positions of columns with times that have a zone.
    """

    headers: list[str]
    not_read: dict[int, Counter[str]] = field(default_factory=dict)
    zoned: set[int] = field(default_factory=set)


class Reader:
    """Runs queries on a connection.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction.
    database : str
        What the database is called in messages.
    """

    def __init__(self, connection: Any, database: str) -> None:
        self.connection = connection
        self.database = database
        self._stack = ExitStack()
        self._arrow: Any = None
        self._arrow_zone = ""
        self._no_arrow = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def zone(self) -> str:
        """Name of the zone in whose days times with a zone are given; empty where it is not known."""
        if self.connection.dialect.name != "postgresql":
            return ""
        with failures(self.database):
            return str(self.connection.exec_driver_sql("SELECT current_setting('TimeZone')").scalar())

    def whole(self, query: str, part: str) -> tuple[Answer, list[Any]]:
        """Run a query and take in all rows, as Arrow batches where a driver gives them.

        Parameters
        ----------
        query : str
        part : str
            What the query is called in messages.

        Returns
        -------
        answer : Answer
        columns : list of ChunkedArray
            Texts, empty where nothing stands.

        Raises
        ------
        InputError
            If the database refuses.
        """
        arrow = self._arrow_connection()
        found = None if arrow is None else self._by_arrow(arrow, query)
        if found is None:
            answer, chunks = self.streamed(query, part)
            found = answer, list(chunks)
        answer, parts = found
        columns = list(zip(*parts, strict=True)) if parts else [()] * len(answer.headers)
        return answer, [pa.chunked_array(list(column), TEXTS) for column in columns]

    def streamed(self, query: str, part: str) -> tuple[Answer, Iterator[list[Any]]]:
        """Run a query whose rows are taken chunk by chunk from a cursor on the server.

        Parameters
        ----------
        query, part : str
            As for :meth:`whole`.

        Returns
        -------
        answer : Answer
        chunks : iterator of list of DictionaryArray
            The columns, as texts.

        Raises
        ------
        InputError
            If the database refuses, now or while chunks are taken.
        """
        with failures(self.database, part):
            # Without parameters, for else a % in a query would be taken for the place of one.
            streaming = self.connection.execution_options(
                no_parameters=True, stream_results=True, yield_per=ROWS_FETCHED
            )
            result = streaming.exec_driver_sql(query)
            answer = Answer(list(map(str, result.keys())))
            if self.connection.dialect.name == "postgresql":
                kinds = [description[1] for description in result.cursor.description]
                answer.zoned = {place for place, kind in enumerate(kinds) if kind == ZONED_TYPE}
        return answer, self._chunks(answer, result, part)

    def _chunks(self, answer: Answer, result: Any, part: str) -> Iterator[list[Any]]:
        partitions = result.partitions(ROWS_FETCHED)
        try:
            while True:
                with failures(self.database, part):
                    rows = next(partitions, None)
                if rows is None:
                    return
                columns = enumerate(zip(*rows, strict=True))
                texts = [self._texts(answer, place, cells) for place, cells in columns]
                yield [pa.array(column, pa.large_string()).cast(TEXTS) for column in texts]
        finally:
            with failures(self.database, part):
                result.close()

    @staticmethod
    def _texts(answer: Answer, place: int, cells: Sequence[Any]) -> list[str]:
        """Return cells of a column as texts; count what cannot be one."""
        zoned = place in answer.zoned
        if all(cell is None or type(cell) is str for cell in cells):
            texts = ["" if cell is None else cell for cell in cells]
        else:
            texts = []
            for cell in cells:
                text = text_of_cell(cell)
                if text is None:
                    kind = LISTS if isinstance(cell, (list, tuple, set, frozenset)) else OTHER
                    answer.not_read.setdefault(place, Counter())[kind] += 1
                elif isinstance(cell, dt.datetime) and cell.tzinfo is not None:
                    answer.zoned.add(place)
                texts.append(text or "")
        return [ZONE_AT_END.sub("", text) for text in texts] if zoned else texts

    def _by_arrow(self, arrow: Any, query: str) -> tuple[Answer, list[list[Any]]] | None:
        """Run a query over ADBC; None if it cannot, or if it would not give every value as it is."""
        import adbc_driver_manager

        try:
            with arrow.cursor() as cursor:
                cursor.execute(query)
                batches = cursor.fetch_record_batch()
                kinds = [_kind(own) for own in batches.schema]
                chunks = [[_arrow_texts(column, self._arrow_zone) for column in batch.columns] for batch in batches]
        except (_OtherWay, adbc_driver_manager.Error, pa.ArrowException, OSError):
            self._drop_arrow()  # its transaction is void now, so it is made anew for the next query
            return None
        zoned = {place for place, kind in enumerate(kinds) if kind == "timestamptz"}
        return Answer([str(name) for name in batches.schema.names], zoned=zoned), chunks

    def _arrow_connection(self) -> Any:
        """Return a connection of ADBC that sees the same state of the same database; None if there can be none."""
        if self._arrow is not None or self._no_arrow:
            return self._arrow
        self._no_arrow = True
        dialect = self.connection.dialect
        if dialect.name != "postgresql" or dialect.driver not in ARROW_DRIVERS:
            return None
        try:
            import adbc_driver_manager
            import adbc_driver_postgresql.dbapi as adbc
        except ImportError:
            return None
        import psycopg
        import sqlalchemy

        try:
            own = self.connection.connection.driver_connection.info
            address = psycopg.conninfo.make_conninfo(**own.get_parameters(), password=own.password)
            zone = str(self.connection.exec_driver_sql("SELECT current_setting('TimeZone')").scalar())
            state = self.connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar()
            arrow = self._stack.enter_context(adbc.connect(address))
            with arrow.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute(f"SET TRANSACTION SNAPSHOT '{state}'")
        except (adbc_driver_manager.Error, psycopg.Error, OSError):
            return None
        except sqlalchemy.exc.SQLAlchemyError:  # a server that gives no state of its own away
            self.connection.rollback()
            begin_reading(self.connection)
            return None
        self._arrow, self._arrow_zone, self._no_arrow = arrow, zone, False
        return arrow

    def _drop_arrow(self) -> None:
        self._arrow = None
        self._stack.close()


def text_of_cell(value: Any) -> str | None:
    """Return a value of a database as the text that an export would hold; None for what no cell can hold.

    Examples
    --------
    >>> (
    ...     text_of_cell(Decimal("1234.50")),
    ...     text_of_cell(dt.datetime(2023, 6, 30, 8, 15)),
    ...     text_of_cell(True),
    ...     text_of_cell(["a"]),
    ... )
    ('1234.50', '2023-06-30 08:15:00', 'true', None)
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value))
    if isinstance(value, Decimal):
        return "" if value.is_nan() else format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (bytes, bytearray)) and bytes(value) in (b"\0", b"\1"):  # BIT(1) of MySQL
        return str(value[0])
    return None


def _kind(own: Any) -> str:
    """Return the type that PostgreSQL gives a field; refuse one of which Arrow does not tell the value as it is."""
    kind = str((own.metadata or {}).get(b"POSTGRESQL:type", b"").decode())
    if kind not in PLAIN_TYPES and not pa.types.is_string(own.type):
        raise _OtherWay
    return kind


def _arrow_texts(column: Any, zone: str) -> Any:
    """Return a column of a batch as texts."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        _within_calendar(column)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        column = pc.local_timestamp(column.cast(pa.timestamp(kind.unit, zone)))
    return column.cast(pa.large_string()).fill_null("").cast(TEXTS)


def _within_calendar(column: Any) -> None:
    """Refuse days that Arrow cannot tell, such as infinity."""
    ends = pc.min_max(column.cast(pa.int32() if pa.types.is_date(column.type) else pa.int64()))
    first, last = ends["min"].as_py(), ends["max"].as_py()
    if first is None:
        return
    per_day = 1 if pa.types.is_date(column.type) else 86_400 * 10**6
    epoch = dt.date(1970, 1, 1)
    if first < (FIRST_DATE - epoch).days * per_day or last >= ((LAST_DATE - epoch).days + 1) * per_day:
        raise _OtherWay
