"""Frames of any library as raw rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.headers import read_heading
from fanpin_risk.records.layout import doubtful_columns, lay_out
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.sheets import unique_labels

__all__ = ["raw_rows_of"]


def raw_rows_of(table: Table, data: object) -> RawRows:
    """Return a frame of any kind as raw rows of a table.

    Parameters
    ----------
    table : Table
        The table that it holds.
    data : frame
        pandas, polars, pyarrow, anything with ``__arrow_c_stream__``, ``to_pandas`` or the DataFrame interchange, a dict
        of columns or a list of rows.

    Returns
    -------
    RawRows
        Rows are counted from 1.

    Raises
    ------
    SchemaError
        If it is nothing of the kind, or its columns have several levels.

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> raw_rows_of(TABLES["households"], {"户编号": ["h1"], "年度": [2023]}).layout.columns
    {'household_id': (0, 1.0), 'valid_from': (1, 1.0)}
    """
    frame = _to_pandas(table.name, data)
    if isinstance(frame.columns, pd.MultiIndex):
        raise SchemaError(
            "the frame of {table} has columns of several levels; join them to one header each", table=table.name
        )
    index_names = [str(name) for name in frame.index.names if name is not None]
    if index_names and all(read_heading(table, name).kind == "column" for name in index_names):
        frame = frame.reset_index()
    headers = [str(header).encode("utf-8", "replace").decode("utf-8") for header in frame.columns]
    frame = frame.set_axis(unique_labels(headers), axis=1).reset_index(drop=True)
    layout = lay_out(table, headers)
    if table.name == "incomes":
        layout.doubtful = doubtful_columns(headers, set(layout.positions))
    return RawRows(table, table.name, frame, headers, layout, np.arange(1, len(frame) + 1))


def _to_pandas(name: str, data: Any) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, (Mapping, list)):
        try:
            return pd.DataFrame(data)
        except (ValueError, TypeError) as error:
            raise SchemaError(
                "{table} cannot be read as a frame: {error}", table=name, error=type(error).__name__
            ) from error
    if hasattr(data, "__arrow_c_stream__"):
        import pyarrow as pa

        return pa.table(data).to_pandas()
    if hasattr(data, "to_pandas"):
        frame = data.to_pandas()
        if isinstance(frame, pd.DataFrame):
            return frame
    if hasattr(data, "__dataframe__"):
        from pyarrow.interchange import from_dataframe

        return from_dataframe(data).to_pandas()
    raise SchemaError(
        "{table} is a {type}; expected a frame (pandas, polars, pyarrow) or a dict of columns",
        table=name,
        type=type(data).__name__,
    )
