"""Which queries a register in a database is read by: given in Python, or in a file."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fanpin_risk.errors import InputError
from fanpin_risk.records.read.files import file_name, not_opened
from fanpin_risk.records.schema import TABLES

__all__ = ["is_query", "queries_of_files", "read_queries"]

QUERY = re.compile(r"(?:--[^\n]*\n|/\*.*?\*/|[\s(])*(?:select|with|values|table)\b", re.IGNORECASE | re.DOTALL)


def is_query(text: str) -> bool:
    """Tell a query from the name of a table.

    Examples
    --------
    >>> is_query("select * from hh"), is_query("gov.hh")
    (True, False)
    """
    return QUERY.match(text) is not None


def queries_of_files() -> InputError:
    """Return the error for queries that are given for a register in files."""
    return InputError("queries are for databases; this register is read from files")


def read_queries(queries: Any) -> list[tuple[str, str]]:
    """Return the record table and the query of each query.

    Parameters
    ----------
    queries : mapping or path-like
        Record table (English name, Chinese name or alias) -> query, name of a table, or a list of these; or a file of
        TOML that says the same.

    Returns
    -------
    list of (str, str)
        English name of the record table and query or name, without a semicolon at the end; in the order given.

    Raises
    ------
    InputError
        If it cannot be read, names no record table, or holds anything but texts.

    Examples
    --------
    >>> read_queries({"户信息": "select * from hh where year = 2024;", "members": ["m2023", "m2024"]})
    [('households', 'select * from hh where year = 2024'), ('members', 'm2023'), ('members', 'm2024')]
    """
    if isinstance(queries, (str, os.PathLike)):
        queries = _of_file(Path(queries))
    if not isinstance(queries, Mapping) or not queries:
        raise InputError(
            'expected queries such as {example}, got {type}', example='{"households": "select ..."}',
            type=type(queries).__name__,
        )  # fmt: skip
    found = []
    for name, given in queries.items():
        table = _table(str(name))
        several = given if isinstance(given, Sequence) and not isinstance(given, (str, bytes)) else [given]
        for text in several:
            if not isinstance(text, str) or not text.strip(" \t\r\n;"):
                raise InputError(
                    "queries: expected a query or the name of a table for {table}, got {type}",
                    table=table, type="''" if isinstance(text, str) else type(text).__name__,
                )  # fmt: skip
            found.append((table, text.strip().rstrip("; \t\r\n")))
    return found


def _table(name: str) -> str:
    wanted = name.strip().lower()
    for table in TABLES.values():
        if wanted in (table.name, table.zh.lower(), *table.aliases):
            return table.name
    raise InputError("queries: no table {name!r}; the tables are {tables}", name=name, tables=tuple(TABLES))


def _of_file(file: Path) -> Any:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InputError("{file}: {reason}", file=file_name(file), reason=not_opened(error).message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            "{file}: is not a TOML file in UTF-8; expected lines such as {example}, names that are not Latin in quotes",
            file=file_name(file), example='"户信息" = "select ..."',
        ) from error  # fmt: skip
