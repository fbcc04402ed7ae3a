"""What a declaration of a record table and of its columns is made of; the tables themselves stand in `schema`."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.code_lists import Codes, Patterns
from fanpin_risk.words import Message

__all__ = ["COLUMN_UNITS", "Column", "ColumnType", "Need", "Table"]

ColumnType = Literal["id", "text", "area", "int", "number", "date", "bool", "code", "codes"]
Need = Literal["key", "required", "core", "optional"]

COLUMN_TYPES: tuple[str, ...] = ("id", "text", "area", "int", "number", "date", "bool", "code", "codes")
NEEDS: tuple[str, ...] = ("key", "required", "core", "optional")
COLUMN_UNITS: tuple[str, ...] = ("CNY", "mu", "m2", "km", "month", "person", "year")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a record table.

    Attributes
    ----------
    name : str
        English name, with its unit where it has one (``amount_cny``).
    zh : str
        Chinese header, used when writing.
    aliases : tuple of str
        Other headers met in exports, Chinese or English, without units and brackets.
    negated : tuple of str
        Headers that ask the opposite: of a column of yes and no, their yes is its no.
    type : str
        ``id`` and ``text`` are text; ``area`` a division code of digits; ``int`` and ``number`` are float64 with
        NaN for missing; ``date`` is datetime64; ``bool`` is pandas' nullable boolean; ``code`` one code of
        `codes`; ``codes`` several, stored as a text joined by ``;`` in the order of `codes`.
    need : str
        ``key`` and ``required``: a row without it is rejected. ``core``: the features lean on it, its absence
        is reported first. ``optional``: more of it makes features less often missing.
    unit : str or None
        Unit of a number, one of ``COLUMN_UNITS``.
    codes : mapping of str to tuple of str
        Code -> texts read as this code; the first is written.
    patterns : mapping of str to str
        Code -> pattern of other texts read as this code, asked where no text of `codes` fits.
    nothing : tuple of str
        Texts that say that there is nothing of the kind: the cell is empty.
    yes, no : tuple of str
        Of a column of yes and no, texts that say what is so whichever way the header asks.
    minimum, maximum : float or None
        Hard bounds, inclusive: outside them the value is refused.
    soft_minimum, soft_maximum : float or None
        Bounds outside which a value is kept but reported as a warning.
    by_place : bool
        Whether its codes say how far a place is from home: texts that are no code are read as names of places.
    month_end : bool
        A date given only by month or year means the last day of it (True) or the first (False).
    sensitive : bool
        Sensitive personal information (PIPL art. 28): its values never appear in messages.
    kept : bool
        Whether a register holds its values; what is not kept is used on reading and is then missing.
    note : str
        What a user should know about it.
    """

    name: str
    zh: str
    type: ColumnType
    aliases: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()
    need: Need = "optional"
    unit: str | None = None
    codes: Codes = field(default_factory=lambda: MappingProxyType({}))
    patterns: Patterns = field(default_factory=lambda: MappingProxyType({}))
    nothing: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    soft_minimum: float | None = None
    soft_maximum: float | None = None
    by_place: bool = False
    month_end: bool = True
    sensitive: bool = False
    kept: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        if self.type not in COLUMN_TYPES or self.need not in NEEDS:
            raise SchemaError(
                "column {column}: unknown type {type!r} or need {need!r}",
                column=self.name,
                type=self.type,
                need=self.need,
            )
        if (self.type in ("code", "codes")) != bool(self.codes):
            raise SchemaError(
                "column {column}: codes belong to types 'code' and 'codes', and are required there", column=self.name
            )
        if self.unit is not None and (self.unit not in COLUMN_UNITS or self.type not in ("int", "number")):
            raise SchemaError(
                "column {column}: unit is {unit!r}; expected one of {allowed}, of a column of type 'int' or 'number'",
                column=self.name,
                unit=self.unit,
                allowed=COLUMN_UNITS,
            )

    @property
    def headers(self) -> tuple[str, ...]:
        """All headers that mean it: its name, its Chinese header, aliases, and those that ask the opposite."""
        return (self.name, self.zh, *self.aliases, *self.negated)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One record table.

    Attributes
    ----------
    name, zh : str
        English and Chinese name; files and sheets are found by either.
    aliases : tuple of str
        Other names of files and sheets.
    columns : tuple of Column
        In writing order.
    key : tuple of str
        Columns that identify what a row is about; a later ``recorded_at`` with the same key is a correction.
        Missing parts count as a value of their own.
    time : str
        The column that says when the row was true; a row counts only once this day is past.
    latest_per : tuple of str or None
        For tables of states: of all rows known, only the newest by `time` counts per these columns.
    unique : bool
        Whether two different rows may share key and ``recorded_at`` (two bills on one day: False).
    lag_days : int
        Days after `time` at which a row without ``recorded_at`` is taken as known.
    open_ended : str or None
        The column that says when it stopped being true, if any.
    """

    name: str
    zh: str
    aliases: tuple[str, ...]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time: str
    latest_per: tuple[str, ...] | None = None
    unique: bool = True
    lag_days: int = 0
    open_ended: str | None = None

    def __post_init__(self) -> None:
        owners: dict[str, str] = {}
        for column in self.columns:
            for header in column.headers:
                owner = owners.setdefault("".join(header.split()).lower(), column.name)
                if owner != column.name:
                    raise SchemaError(
                        "table {table}: the header {header!r} is of column {first} and of column {second}; a header means "
                        "one column of a table",
                        table=self.name,
                        header=header,
                        first=owner,
                        second=column.name,
                    )

    @property
    def label(self) -> Message:
        """Its name, in either language."""
        return Message(self.name, zh=self.zh)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise SchemaError(
            "table {table} has no column {column!r}; it has {columns}", table=self.name, column=name, columns=self.names
        )

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in writing order."""
        return tuple(column.name for column in self.columns)

    @property
    def needed(self) -> tuple[str, ...]:
        """Names of the columns without which a row is rejected."""
        return tuple(column.name for column in self.columns if column.need in ("key", "required"))
