"""Where packing works: a folder for raw rows and the DuckDB connection in it, within the limits of memory and disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fanpin_risk.arguments import size_text
from fanpin_risk.errors import InputError, MissingPackageError, install_command
from fanpin_risk.words import Message

__all__ = ["FULL", "Workplace", "full_disk", "load_duckdb", "rows_in", "sql_text", "why_duckdb_stopped", "workplace"]

FULL = (errno.ENOSPC, errno.EDQUOT)  # of a disk, or of a user's share of it


@dataclass(slots=True)
class Workplace:
    """A folder for raw rows, and a database in it.

    Attributes
    ----------
    connection : DuckDBPyConnection
    folder : Path
    memory : int
        Bytes that DuckDB, and then the rows that are put in order, may take.
    temp_limit : int or None
        The most bytes that raw rows may take.
    most_bytes : int
        The most that was found in the folder so far.
    """

    connection: Any
    folder: Path
    memory: int
    temp_limit: int | None
    most_bytes: int = 0

    def run(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        rows: list[tuple[Any, ...]] = self.connection.execute(sql, list(parameters)).fetchall()
        return rows

    def weigh(self) -> None:
        """Refuse to go on when the raw rows outgrow the limit.

        Raises
        ------
        InputError
            If they take more than `temp_limit`.
        """
        used = sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())
        self.most_bytes = max(self.most_bytes, used)
        if self.temp_limit is not None and used > self.temp_limit:
            raise InputError(
                "the raw rows take {used} of temporary disk, more than the {limit} of temp_limit; raise it "
                "(--temp-limit), on a disk with room for it (--temp-dir)",
                used=size_text(used),
                limit=size_text(self.temp_limit),
            )


@contextmanager
def workplace(folder: Path, *, memory: int, temp_limit: int | None, threads: int | None) -> Iterator[Workplace]:
    """Open a database in a folder.

    Parameters
    ----------
    folder : Path
        There, and empty.
    memory : int
        Bytes that DuckDB may use.
    temp_limit : int or None
        Bytes that DuckDB, and likewise the raw rows, may take on disk.
    threads : int or None
        Of DuckDB; None: one per core.

    Yields
    ------
    Workplace

    Raises
    ------
    MissingPackageError
        If DuckDB is not installed.
    """
    with load_duckdb().connect(str(folder / "keys.duckdb")) as connection:
        settings: dict[str, object] = {
            "memory_limit": f"{memory}B",
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
        }
        if temp_limit is not None:
            settings["max_temp_directory_size"] = f"{temp_limit}B"
        if threads is not None:
            settings["threads"] = threads
        for name, value in settings.items():
            connection.execute(f"SET {name} = {sql_text(value)}")
        yield Workplace(connection, folder, memory, temp_limit)


def load_duckdb() -> Any:
    """Return the module, or say how to install it.

    Raises
    ------
    MissingPackageError
        If DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingPackageError(
            "packing needs duckdb, which is not installed; install it with: {command}", command=install_command("pack")
        ) from error
    return duckdb


def sql_text(value: object) -> str:
    """Return a value as it stands in SQL.

    Examples
    --------
    >>> sql_text("it's"), sql_text(True), sql_text(5)
    ("'it''s'", 'true', '5')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def rows_in(*files: Path) -> str:
    """Return the SQL of the rows of Parquet files; names of folders such as ``year=2024`` are no columns."""
    return f"read_parquet([{', '.join(sql_text(str(file)) for file in files)}], hive_partitioning = false)"


def full_disk(out: Path, temp_dir: str | Path | None) -> Message:
    """Say that a disk is full and what to do: that of `out`, or of `temp_dir` if there is one."""
    if temp_dir is None:
        return Message(
            "the disk of {out} is full; make room there, or choose a temp_dir (--temp-dir) on a larger disk",
            out=out.parent,
        )
    return Message(
        "the disk of {temp_dir} or {out} is full; make room there, or choose a temp_dir (--temp-dir) on a larger disk",
        temp_dir=temp_dir,
        out=out.parent,
    )


def why_duckdb_stopped(error: Exception, memory: str, temp_limit: str | None, disk_is_full: Message) -> Message:
    """Say why DuckDB stopped and what to do, without its own text, which may hold a cell.

    Parameters
    ----------
    error : duckdb.Error
    memory : str
        As the user gave it.
    temp_limit : str or None
        As the user gave it.
    disk_is_full : Message
        What is said of a full disk.

    Returns
    -------
    Message
    """
    kind, text = type(error).__name__, str(error)
    if kind == "OutOfMemoryException" and "max_temp_directory_size" in text:
        if temp_limit is None:  # then DuckDB allows itself what is free on the disk
            return disk_is_full
        return Message(
            "joining and sorting need more temporary disk than temp_limit={limit} allows; raise it (--temp-limit), or "
            "allow more memory (--memory), so that less is put there",
            limit=temp_limit,
        )
    if kind == "OutOfMemoryException":
        return Message(
            "memory={memory} does not suffice for joining and sorting; allow more (--memory), or fewer threads "
            "(--threads)",
            memory=memory,
        )
    if any(os.strerror(number) in text for number in FULL):
        return disk_is_full
    return Message("DuckDB stopped ({kind})", kind=kind)
