"""Parquet files as sheets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.records.read.files import file_name
from fanpin_risk.records.sheets import Sheet, SheetHead, unique_labels

__all__ = ["damaged_parquet", "in_own_zone", "parquet_head", "read_parquet"]


def read_parquet(file: Path) -> Sheet:
    """Read a Parquet file whole.

    Parameters
    ----------
    file : Path

    Returns
    -------
    Sheet
        Rows are counted from 1.

    Raises
    ------
    UnreadableFileError
        If it is damaged.
    """
    import pyarrow.parquet as pq

    try:
        with file.open("rb") as stream, pq.ParquetFile(stream) as parquet:
            table = parquet.read()
        table.validate(full=True)
        frame = in_own_zone(table).to_pandas(date_as_object=False, ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged_parquet(error) from error
    head = parquet_head(file, [str(header) for header in frame.columns])
    return Sheet(head, frame.set_axis(unique_labels(head.headers), axis=1), np.arange(1, len(frame) + 1))


def parquet_head(file: Path, headers: list[str]) -> SheetHead:
    """Return what a Parquet file says before its rows: its columns are typed, nothing stands above or between them."""
    return SheetHead(file=file_name(file), source=file_name(file), headers=headers)


def in_own_zone(table: pa.Table) -> pa.Table:
    """Return a table with times as the clocks of their own zone show them, for the day is read from these."""
    for number, declared in enumerate(table.schema):
        if pa.types.is_timestamp(declared.type) and declared.type.tz is not None:
            table = table.set_column(number, declared.name, pc.local_timestamp(table.column(number)))
    return table


def damaged_parquet(error: Exception) -> UnreadableFileError:
    """Return the error for a file that Arrow cannot read."""
    return UnreadableFileError("is not a Parquet file, or is damaged ({error})", error=type(error).__name__)
