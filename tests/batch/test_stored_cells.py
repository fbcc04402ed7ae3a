"""Cells come back from disk as the readers gave them, or as what the readers take for the same."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from fanpin_risk.batch.packing.stored_cells import (
    arrow_table,
    compact,
    open_writer,
    read_stored,
    row_groups_of,
    storable_cells,
    storable_text,
    stored_cells,
)
from fanpin_risk.records.cells.contents import TEXTS

NOON = dt.datetime.fromisoformat("2020-01-02T12:00")
MANY = [f"t{n}" for n in range(900)]


def through_disk(values, file, *, mixed):
    """Return cells after they were stored."""
    rows = arrow_table({"c0": storable_cells(values, mixed=mixed)}, None)
    with open_writer(file, rows.schema, compression="zstd") as writer:
        writer.write_table(rows)
    return stored_cells(read_stored(file)["c0"], mixed=mixed)


@pytest.mark.parametrize(
    ("values", "mixed", "wanted"),
    [
        (pd.Series(["h1", "", None, "h1"], dtype="str"), False, ["h1", "", None, "h1"]),
        (pd.Series(["h1", None], dtype="category"), False, ["h1", None]),
        (pd.Series([1, 2], dtype="category"), False, ["1", "2"]),
        (pd.Series([True, None, False], dtype=object), False, ["true", None, "false"]),
        (pd.Series([True, False]), True, ["true", "false"]),
        (pd.Series([None, None], dtype=object), False, [None, None]),
        (pd.Series([1.5, math.nan]), False, [1.5, None]),
        (pd.Series([3, 4]), False, [3, 4]),
        (pd.Series(["s", None, "x"], dtype=object), True, ["s", None, "x"]),
        (
            pd.Series([5, "x", None, 0.5, dt.date(2020, 1, 2), NOON, True], dtype=object),
            True,
            [5, "x", None, 0.5, dt.date(2020, 1, 2), NOON, "true"],
        ),
    ],
    ids=["texts", "categories", "numbered", "flags", "bool", "nothing", "numbers", "whole", "marked", "mixed"],
)
def test_cells_come_back(tmp_path, values, mixed, wanted):
    """Of every type that readers give."""
    got = through_disk(values, tmp_path / "cells.parquet", mixed=mixed)
    assert [None if pd.isna(cell) else cell for cell in got] == wanted


def test_a_slice_keeps_only_the_texts_that_are_met_in_it(tmp_path):
    """So that a partition never sees the texts of another, and no row group holds those of the whole file."""
    rows = pa.table({"c0": pa.array(MANY, pa.large_string()).dictionary_encode(), "c1": storable_text("", len(MANY))})
    some = compact(rows.slice(10, 5))
    assert some["c0"].chunk(0).dictionary.to_pylist() == MANY[10:15]
    few = rows.slice(0, 3)["c0"]
    assert stored_cells(few, mixed=False).array._pa_array.chunk(0).dictionary.to_pylist() == MANY[:3]
    with open_writer(tmp_path / "rows.parquet", rows.schema, compression="snappy") as writer:
        writer.write_table(rows, row_group_size=400)
    assert [len(group) for group in row_groups_of(tmp_path / "rows.parquet", ["c0"])] == [400, 400, 100]
    assert read_stored(tmp_path / "rows.parquet", [2])["c0"].to_pylist() == MANY[800:]


def test_later_chunks_take_the_types_of_the_first():
    """Texts as dictionaries, whatever the later chunk holds them as."""
    first = arrow_table({"c0": pd.Series(["a"], dtype="str"), "c1": storable_text("x", 1)}, None)
    later = arrow_table({"c0": storable_text("b", 2), "c1": pd.Series(["y", None], dtype=object)}, first.schema)
    assert later.schema.types == first.schema.types == [pa.large_string(), TEXTS]
    assert later["c1"].to_pylist() == ["y", None]
    assert np.array_equal(later["c0"].to_numpy(), ["b", "b"])
